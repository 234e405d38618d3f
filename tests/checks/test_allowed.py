"""A library that is not allowed is found however it is used, and nothing else is."""

import math
from math import sqrt

import numpy as np
import pytest

from coursekit.checks import CheckFailed, written_without


def by_itself(x):
    return x**0.5


def by_module(x):
    return math.sqrt(x)


def by_name(x):
    return sqrt(x)


def by_import(x):
    import math as m

    return m.sqrt(x)


def by_import_from(x):
    from math import sqrt as root

    return root(x)


def by_helper(x):
    return by_module(x)


def inside(x):
    return max(math.sqrt(y) for y in [x])


def endless(x):
    return x if x else endless(by_itself(x))


@pytest.mark.parametrize("func", [by_module, by_name, by_import, by_import_from, by_helper, inside])
def test_a_library_is_found(func):
    what = "sqrt of math" if func is by_name else "math"
    with pytest.raises(CheckFailed, match=f"{func.__name__} uses {what}, which is not allowed"):
        written_without(func, "torch", "math")(4.0)
    assert written_without(func, "numpy", "mat") is func


def by_part(x):
    import scipy

    return scipy.optimize.nnls(x)


def by_function(x):
    from scipy.optimize import nnls

    return nnls(x)


def by_part_import(x):
    from scipy import optimize

    return optimize.nnls(x)


@pytest.mark.parametrize("func", [by_part, by_function, by_part_import])
def test_a_part_of_a_library_is_found(func):
    with pytest.raises(CheckFailed, match=f"{func.__name__} uses scipy.optimize, which"):
        written_without(func, "scipy.optimize")(4.0)
    assert written_without(func, "scipy.linalg", "scipy.opt") is func


def by_attribute(x):  # .sqrt of something else, whatever a global sqrt is
    return np.sqrt(x)


@pytest.mark.parametrize(
    "func", [by_itself, by_attribute, endless, np.sqrt, len, math.sqrt.__call__]
)
def test_others_are_returned_as_they_are(func):
    assert written_without(func, "math") is func
