"""Problems with known minimizers, and the messages of the checks about them."""

import re

import numpy as np
import pytest
from hypothesis import strategies as st

from coursekit.checks import CheckFailed
from coursekit.constraints.kkt import Problem


def message(check, *args, **options):
    with pytest.raises(CheckFailed) as caught:
        check(*args, **options)
    assert len(re.findall("^Try: .*[.?]$", str(caught.value), re.M)) == 1
    return str(caught.value)


def linear(a, b):
    """The constraint a.x - b, with its gradient."""
    return lambda x: np.dot(a, x) - b, lambda x: np.array(a, dtype=float)


def nearest(p, eq=(), ineq=()):
    """The point nearest to p that satisfies the constraints."""
    p = np.array(p)
    return Problem(lambda x: (x - p) @ (x - p) / 2, lambda x: x - p, len(p), eq, ineq)


CIRCLE = (lambda x: x @ x - 1, lambda x: 2 * x)


ON_CIRCLE = Problem(lambda x: x[0], lambda x: np.array([1.0, 0.0]), 2, eq=[CIRCLE])


IN_DISK = Problem(lambda x: x[0], lambda x: np.array([1.0, 0.0]), 2, ineq=[CIRCLE])


BOX = nearest([2.0, 0.5], ineq=[linear([1, 0], 1), linear([-1, 0], 0), linear([0, -1], 0)])


@st.composite
def quadratics(draw, condition=8):
    """A random H of condition up to 1e8 and scale 1e-4 to 1e4, and a minimizer."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, kappa = draw(st.integers(1, 6)), 10 ** draw(st.floats(0, condition))
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1, kappa, n)) @ Q.T * 10 ** rng.uniform(-4, 4) / kappa**0.5
    return (H + H.T) / 2, rng.normal(size=n) * 10 ** rng.uniform(-2, 2), rng
