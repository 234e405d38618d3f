"""Functions with derivatives or references, and the messages of the checks about them."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_against, check_numerical_jacobian
from coursekit.checks.jacobian_evidence import Evidence
from coursekit.numbers.softmax import softmax

MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


def f(x):
    """Function A of the course."""
    x1, x2 = x[..., 0], x[..., 1]
    return 0.06 * np.exp(2 * x1 + x2) + 0.05 * np.exp(x1 - 2 * x2) + np.exp(-x1)


def grad_f(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    return np.stack([2 * a + b - c, a - 2 * b], axis=-1)


def hessian_f(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    rows = [[4 * a + b + c, 2 * a - 2 * b], [2 * a - 2 * b, a + 4 * b]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def g(x):
    """Function B of the course."""
    return x[..., 0] * np.exp(-(x**2).sum(axis=-1))


def grad_g(x):
    return np.exp(-(x**2).sum(axis=-1))[..., None] * (np.array([1, 0]) - 2 * x[..., :1] * x)


def cubic(x):
    return (np.abs(x) ** 3).sum(axis=-1)


def rotation(x):
    return x @ MATRIX.T


def jac_rotation(x):
    return np.broadcast_to(MATRIX, (*x.shape, 2)).copy()


def twist(x):
    return np.stack([x[..., 0] ** 2 * x[..., 1], np.sin(x[..., 0])], axis=-1)


def jac_twist(x):
    x1, x2 = x[..., 0], x[..., 1]
    rows = [[2 * x1 * x2, x1**2], [np.cos(x1), 0 * x1]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


CORRECT = {
    "A": (f, grad_f, 2),
    "gradient of A": (grad_f, hessian_f, 2),
    "B": (g, grad_g, 2),
    "linear": (rotation, jac_rotation, 2),
    "twist": (twist, jac_twist, 2),
    "cubic": (cubic, lambda x: 3 * x * np.abs(x), 3),
    "relu": (lambda x: np.maximum(x, 0).sum(axis=-1), lambda x: (x > 0).astype(int), 4),
    "one coordinate": (lambda x: np.sin(5 * x[..., 0]) + 1, lambda x: 5 * np.cos(5 * x), 1),
    "constant": (lambda x: 3.0 + 0 * x[..., 0], np.zeros_like, 2),
    "sum of squared sine and cosine": (
        lambda x: np.sin(x[..., 0]) ** 2 + np.cos(x[..., 0]) ** 2,
        np.zeros_like,
        2,
    ),
    "cancellation": (lambda x: (1e8 + x.sum(axis=-1)) - 1e8, np.ones_like, 2),
    "matrix output": (
        lambda x: x[..., :, None] * x[..., None, :],
        lambda x: (
            np.einsum("ik,...j->...ijk", np.eye(3), x) + np.einsum("jk,...i->...ijk", np.eye(3), x)
        ),
        3,
    ),
}


def diagnosis(*args, **kwargs):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(*args, **kwargs)
    return str(failure.value)


def broken(x):
    y = x[..., 0]
    return y[0] + 1


def overwriting(x):
    x *= 2
    return grad_f(x / 2)


ROWS = np.array([[1.0, 2.0, 4.0], [0.5, -3.0, 2.0]])


CASES = [(ROWS[0],), (ROWS[1],), (ROWS,)]  # two points, one batch


SQUARE = [(MATRIX,), (MATRIX @ MATRIX,), (MATRIX - 3,)]


def norm(x):
    return np.sqrt((x**2).sum(axis=-1))


def variance(x):
    return ((x - x.mean(axis=-1, keepdims=True)) ** 2).mean(axis=-1)


def difference(func, reference, cases, **options):
    with pytest.raises(CheckFailed) as failure:
        check_against(func, reference, cases, **options)
    return str(failure.value)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


REFERENCES = [(softmax, CASES), (norm, CASES), (variance, CASES), (sigmoid, SQUARE)]


NUMERIC = pytest.mark.parametrize(("right", "cases"), REFERENCES)


def saddle(x):
    return np.sin(x[..., 0]) * x[..., 1] + x[..., 1] ** 3


def saddle_slope(x):
    a, b = x[..., 0], x[..., 1]
    return np.stack([np.cos(a) * b, np.sin(a) + 3 * b**2], axis=-1)


def bowl(x):
    return np.exp(x[..., 0] + 2 * x[..., 1]) + x[..., 0] ** 2


def bowl_slope(x):
    e = np.exp(x[..., 0] + 2 * x[..., 1])
    return np.stack([e + 2 * x[..., 0], 2 * e], axis=-1)


def swirl(x):
    a, b = x[..., 0], x[..., 1]
    return np.stack([a**2 * b, np.sin(a) + b], axis=-1)


def swirl_slope(x):
    a, b = x[..., 0], x[..., 1]
    rows = [[2 * a * b, a**2], [np.cos(a), 1 + 0 * a]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


PAIRS = [(saddle, saddle_slope), (bowl, bowl_slope), (swirl, swirl_slope)]


EACH = pytest.mark.parametrize(("f", "jac"), PAIRS, ids=["saddle", "bowl", "swirl"])


def tall(x, like):
    """A number for each point, shaped to multiply the derivative ``like``."""
    return x.reshape(*x.shape, *[1] * (like.ndim - x.ndim))


NOISE = np.random.default_rng(0)


FUNCTIONS = [np.sin, np.exp, lambda x: 1 / (1 + x**2)]


SLOPES = [np.cos, np.exp, lambda x: -2 * x / (1 + x**2) ** 2]


EACH_SUM = pytest.mark.parametrize(
    ("g", "slope"), list(zip(FUNCTIONS, SLOPES, strict=True)), ids=["sin", "exp", "rational"]
)


def softplus(x):
    return np.logaddexp(0, x)


def logistic(x):
    return np.exp(-softplus(-x))


def evidence(x, off, error=1e-12):
    """Two components at the points ``x``; the first is off by ``off``."""
    x, off = np.array(x, dtype=float), np.array(off, dtype=float)
    want = np.stack([x.sum(axis=1), 2 + 0 * off], axis=1)
    got = want + np.stack([off, 0 * off], axis=1)
    error, tol = np.full_like(want, error), np.full_like(want, 1e-9)
    return Evidence("f", "jac_f", (2,), [(0,), (1,)], x, got, want, error, tol, tol > 1)


CORNERS = [[-1, -1], [4, -1], [-1, 4], [4, 4], [0.25, 1]]
