"""Answers that are vectors: their kind, how accurate they are asked to be, and feasibility."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from problem_examples import linear, nearest

from coursekit.checks import CheckFailed
from coursekit.checks.student_vectors import (
    accuracy,
    position_tolerance,
    reach_of,
    vector,
    violation,
)

EPS = np.finfo(float).eps


@pytest.mark.parametrize("kind", [list, tuple, np.array, np.float32])
def test_vectors_are_made_float64_and_keep_their_spacing(kind):
    x, eps = vector(kind([1, 2]), "x", 2)
    assert x.dtype == float
    assert x.tolist() == [1, 2]
    assert eps == (np.finfo(np.float32).eps if kind is np.float32 else EPS)


def test_a_number_is_a_vector_of_length_one_only():
    assert vector(3, "x", 1)[0].tolist() == [3]
    with pytest.raises(CheckFailed, match=r"x has shape \(\), expected \(n,\)"):
        vector(3, "x")


@given(st.floats(1e-12, 0.99))
def test_the_accuracy_asked_is_relative_and_not_below_rounding(rtol):
    assert accuracy(rtol, EPS) == max(rtol, 4 * EPS)
    assert accuracy(None, EPS) == EPS**0.5


@pytest.mark.parametrize("rtol", [0, 1, -1e-3, "1e-3"])
def test_an_accuracy_that_makes_no_sense(rtol):
    with pytest.raises(ValueError, match="rtol must lie between 0 and 1"):
        accuracy(rtol, EPS)


@given(st.floats(1e-6, 1e6))
def test_the_tolerance_of_a_position_scales_with_each_coordinate(size):
    x = size * np.array([1.0, -1e-3])
    tol = position_tolerance(x, EPS, 1e-8, np.abs(x))
    assert tol == pytest.approx(1e-8 * np.abs(x), rel=1e-6)


def test_the_constraint_furthest_off_is_named():
    problem = nearest([0.0, 0], [linear([1, 1], 1)], [linear([1, 0], 1)])

    def said(x):
        return violation(problem, np.array(x), reach_of(problem, np.array(x), EPS, 1e-8))

    assert said([0.5, 0.5]) is None
    assert "violates eq[0]" in said([2.0, 4])
    assert "violates ineq[0]" in said([4.0, -2.5])
    assert said([1.0 + 0.9e-8, 0]) is None


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_a_bound_at_zero_is_judged_by_what_the_coordinate_does_to_f(size):
    """The nearest point to (1, -1) with x[1] >= 0, in other units: (1, 0)."""
    problem = nearest(size * np.array([1.0, -1]), ineq=[linear([0, -1], 0)])
    for off, wrong in [(-1e-9, False), (-1e-6, size >= 1)]:
        x = size * np.array([1.0, off])
        assert bool(violation(problem, x, reach_of(problem, x, EPS, EPS**0.5))) == wrong


@pytest.mark.parametrize(("value", "words"), [(np.nan, "is not defined"), (np.inf, "violates")])
def test_a_constraint_without_a_value(value, words):
    problem = nearest([0.0], ineq=[(lambda x: value, lambda x: np.array([value]))])
    x = np.ones(1)
    said = violation(problem, x, reach_of(problem, x, EPS, 1e-8))
    assert f"{words}" in said
    assert "nan" not in said
