"""Runs of gradient descent, and the messages of the check about them."""

import re

import numpy as np
import pytest
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_descent
from coursekit.descent import gradient_descent
from coursekit.objectives import exponential_sum, himmelblau, quadratic, rosenbrock

# Each with a start and a step size; the gradients there differ much in size and direction.
RUNS = [
    (exponential_sum, [-2.0, 2.0], 0.1),
    (himmelblau, [0.5, -1.0], 0.01),
    (rosenbrock, [-1.0, 1.5], 0.001),
]


runs = pytest.mark.parametrize(("f", "x0", "s"), RUNS, ids=lambda a: getattr(a, "name", None))


def walk(update, x0, n=20):
    """The points x[k + 1] = update(k, points so far), as lists of rows."""
    points = [np.array(x0)]
    for k in range(n):
        points.append(update(k, points))
    return points


def message(*args, **options):
    with pytest.raises(CheckFailed) as caught:
        check_descent(*args, **options)
    assert len(re.findall("^Try: .*[.?]$", str(caught.value), re.M)) == 1
    return str(caught.value)


@st.composite
def descents(draw):
    """A random run on a convex quadratic of condition up to 1e8, in either precision."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, kappa = draw(st.integers(1, 6)), 10 ** draw(st.floats(0, 8))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    scale = 10 ** rng.uniform(-4, 4)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1 / kappa, 1, n)) @ Q.T * scale
    H, b = (H + H.T) / 2, rng.normal(size=n) * scale
    x0, s = rng.normal(size=n) * 10 ** rng.uniform(-3, 3), rng.uniform(0.1, 1.9) / scale
    f, tol = quadratic(H, b), scale * 10 ** rng.uniform(-5, 0)

    def grad(x):
        return H.astype(x.dtype) @ x - b.astype(x.dtype)

    run = gradient_descent(f, grad, x0.astype(dtype), step_size=s, maxiter=30, tol=tol)
    return run, f, grad, x0, s, tol, H, rng
