r"""Thirty least-squares problems of Moré, Garbow and Hillstrom, with Jacobians and known minima.

Each is a residual vector :math:`r(x)` with its Jacobian; what is minimized is
:math:`f(x) = \sum_i r_i(x)^2`. All of it is written with functions that also take complex numbers,
so that `Problem.hess` is exact: column :math:`j` is the imaginary part of
:math:`\nabla f(x + i h e_j) / h` for a tiny :math:`h`.

``minima`` are the values of the local minima that are known, rounded as published; a problem from
its start may lead to any of them.

References
----------
Moré, Garbow and Hillstrom, "Testing unconstrained optimization software", ACM Transactions on
Mathematical Software 7(1), 1981: the numbers are those of section 3 there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["PROBLEMS", "Problem"]


@dataclass(frozen=True, eq=False)
class Problem:
    """Residuals ``r`` (n,) -> (m,), their Jacobian ``J`` (n,) -> (m, n), and a start."""

    name: str
    r: Callable
    J: Callable
    x0: np.ndarray
    minima: tuple

    def f(self, x):
        """Return the sum of the squares."""
        r = self.r(x)
        return float(r @ r)

    def grad(self, x):
        """Return the gradient of `f`."""
        return 2 * (self.J(x).T @ self.r(x))

    def hess(self, x):
        """Return the Hessian of `f`, by complex steps of the gradient."""
        tiny = 1e-30
        H = np.stack([self.grad(x + 1j * tiny * e).imag for e in np.eye(x.size)]) / tiny
        return (H + H.T) / 2


PROBLEMS = {}


def problem(name, x0, *minima):
    """Enter the pair ``(r, J)`` that the decorated function returns."""

    def enter(make):
        x0_ = np.array(x0, float)
        r, J = make(x0_.size)
        PROBLEMS[name] = Problem(name, r, J, x0_, minima)
        return make

    return enter


def rows(*entries):
    """Return a matrix from rows of numbers, real or complex."""
    return np.array(entries)


def columns(*entries):
    """Return a matrix from columns, each a vector or one number for all rows."""
    return np.stack(np.broadcast_arrays(*entries), axis=-1)


# --- Two variables ------------------------------------------------------------------------------


@problem("rosenbrock", [-1.2, 1], 0)
def _(n):
    def r(x):
        return np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]])

    return r, lambda x: rows([-20 * x[0], 10], [-1, 0])


@problem("freudenstein_roth", [0.5, -2], 0, 48.9842)
def _(n):
    def r(x):
        a, b = x
        return np.array([-13 + a + ((5 - b) * b - 2) * b, -29 + a + ((b + 1) * b - 14) * b])

    return r, lambda x: rows([1, 10 * x[1] - 3 * x[1] ** 2 - 2], [1, 3 * x[1] ** 2 + 2 * x[1] - 14])


@problem("powell_badly_scaled", [0, 1], 0)
def _(n):
    def r(x):
        return np.array([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])

    return r, lambda x: rows([1e4 * x[1], 1e4 * x[0]], [-np.exp(-x[0]), -np.exp(-x[1])])


@problem("brown_badly_scaled", [1, 1], 0)
def _(n):
    def r(x):
        return np.array([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])

    return r, lambda x: rows([1, 0], [0, 1], [x[1], x[0]])


@problem("beale", [1, 1], 0)
def _(n):
    k, y = np.arange(1, 4), np.array([1.5, 2.25, 2.625])
    return (
        lambda x: y - x[0] * (1 - x[1] ** k),
        lambda x: columns(x[1] ** k - 1, x[0] * k * x[1] ** (k - 1)),
    )


@problem("jennrich_sampson", [0.3, 0.4], 124.362)
def _(n):
    k = np.arange(1, 11)
    return (
        lambda x: 2 + 2 * k - np.exp(k * x[0]) - np.exp(k * x[1]),
        lambda x: columns(-k * np.exp(k * x[0]), -k * np.exp(k * x[1])),
    )


# --- Three variables ----------------------------------------------------------------------------


@problem("helical_valley", [-1, 0, 0], 0)
def _(n):
    def r(x):
        a, b, c = x
        turn = np.arctan(b / a) / (2 * np.pi) + (0.5 if a.real < 0 else 0)
        return np.array([10 * (c - 10 * turn), 10 * (np.sqrt(a * a + b * b) - 1), c])

    def J(x):
        a, b, _ = x
        square = a * a + b * b
        radius, t = np.sqrt(square), 50 / np.pi / square
        return rows([t * b, -t * a, 10], [10 * a / radius, 10 * b / radius, 0], [0, 0, 1])

    return r, J


@problem("bard", [1, 1, 1], 8.21487e-3, 17.4286)
def _(n):
    y = np.array(
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]
    )
    u = np.arange(1, 16)
    v = 16 - u
    w = np.minimum(u, v)

    def J(x):
        below = (v * x[1] + w * x[2]) ** 2
        return columns(-1, u * v / below, u * w / below)

    return lambda x: y - (x[0] + u / (v * x[1] + w * x[2])), J


@problem("gaussian", [0.4, 1, 0], 1.12793e-8)
def _(n):
    half = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
    y = np.array([*half, 0.3989, *reversed(half)])
    t = (8 - np.arange(1, 16)) / 2

    def bell(x):
        return np.exp(-x[1] * (t - x[2]) ** 2 / 2)

    def J(x):
        e, d = bell(x), t - x[2]
        return columns(e, -x[0] * e * d * d / 2, x[0] * x[1] * e * d)

    return lambda x: x[0] * bell(x) - y, J


@problem("meyer", [0.02, 4000, 250], 87.9458)
def _(n):
    y = np.array(
        [
            34780,
            28610,
            23650,
            19630,
            16370,
            13720,
            11540,
            9744,
            8261,
            7030,
            6005,
            5147,
            4427,
            3820,
            3307,
            2872,
        ]
    )
    t = 45 + 5 * np.arange(1, 17)

    def J(x):
        e, d = np.exp(x[1] / (t + x[2])), t + x[2]
        return columns(e, x[0] * e / d, -x[0] * x[1] * e / d**2)

    return lambda x: x[0] * np.exp(x[1] / (t + x[2])) - y, J


@problem("box", [0, 10, 20], 0)
def _(n):
    t = 0.1 * np.arange(1, 11)
    return (
        lambda x: np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t)),
        lambda x: columns(
            -t * np.exp(-t * x[0]), t * np.exp(-t * x[1]), np.exp(-10 * t) - np.exp(-t)
        ),
    )


# --- Four to eleven variables -------------------------------------------------------------------


def _powell_singular(n):
    a = np.arange(0, n, 4)

    def r(x):
        out = np.empty(n, x.dtype)
        out[a] = x[a] + 10 * x[a + 1]
        out[a + 1] = np.sqrt(5) * (x[a + 2] - x[a + 3])
        out[a + 2] = (x[a + 1] - 2 * x[a + 2]) ** 2
        out[a + 3] = np.sqrt(10) * (x[a] - x[a + 3]) ** 2
        return out

    def J(x):
        out = np.zeros((n, n), x.dtype)
        out[a, a], out[a, a + 1] = 1, 10
        out[a + 1, a + 2], out[a + 1, a + 3] = np.sqrt(5), -np.sqrt(5)
        inner, outer = 2 * (x[a + 1] - 2 * x[a + 2]), 2 * np.sqrt(10) * (x[a] - x[a + 3])
        out[a + 2, a + 1], out[a + 2, a + 2] = inner, -2 * inner
        out[a + 3, a], out[a + 3, a + 3] = outer, -outer
        return out

    return r, J


problem("powell_singular", [3, -1, 0, 1], 0)(_powell_singular)


@problem("wood", [-3, -1, -3, -1], 0)
def _(n):
    s, t = np.sqrt(90), np.sqrt(10)

    def r(x):
        a, b, c, d = x
        return np.array(
            [10 * (b - a * a), 1 - a, s * (d - c * c), 1 - c, t * (b + d - 2), (b - d) / t]
        )

    return r, lambda x: rows(
        [-20 * x[0], 10, 0, 0],
        [-1, 0, 0, 0],
        [0, 0, -2 * s * x[2], s],
        [0, 0, -1, 0],
        [0, t, 0, t],
        [0, 1 / t, 0, -1 / t],
    )


@problem("kowalik_osborne", [0.25, 0.39, 0.415, 0.39], 3.07505e-4, 1.02734e-3)
def _(n):
    y = np.array(
        [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
    )
    u = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])

    def r(x):
        return y - x[0] * (u * u + u * x[1]) / (u * u + u * x[2] + x[3])

    def J(x):
        top, below = u * u + u * x[1], u * u + u * x[2] + x[3]
        share = x[0] * top / below**2
        return columns(-top / below, -x[0] * u / below, share * u, share)

    return r, J


@problem("brown_dennis", [25, 5, -5, -1], 85822.2)
def _(n):
    t = np.arange(1, 21) / 5

    def parts(x):
        return x[0] + t * x[1] - np.exp(t), x[2] + x[3] * np.sin(t) - np.cos(t)

    def J(x):
        a, b = parts(x)
        return 2 * columns(a, a * t, b, b * np.sin(t))

    def r(x):
        a, b = parts(x)
        return a * a + b * b

    return r, J


@problem("osborne_1", [0.5, 1.5, -1, 0.01, 0.02], 5.46489e-5)
def _(n):
    y = np.array(
        [
            0.844,
            0.908,
            0.932,
            0.936,
            0.925,
            0.908,
            0.881,
            0.850,
            0.818,
            0.784,
            0.751,
            0.718,
            0.685,
            0.658,
            0.628,
            0.603,
            0.580,
            0.558,
            0.538,
            0.522,
            0.506,
            0.490,
            0.478,
            0.467,
            0.457,
            0.448,
            0.438,
            0.431,
            0.424,
            0.420,
            0.414,
            0.411,
            0.406,
        ]
    )
    t = 10 * np.arange(33)

    def J(x):
        a, b = np.exp(-t * x[3]), np.exp(-t * x[4])
        return columns(-1, -a, -b, x[1] * t * a, x[2] * t * b)

    return lambda x: y - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4])), J


@problem("biggs_exp6", [1, 2, 1, 1, 1, 1], 0, 5.65565e-3, 0.306366)
def _(n):
    t = 0.1 * np.arange(1, 14)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)

    def r(x):
        return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y

    def J(x):
        a, b, c = np.exp(-t * x[0]), np.exp(-t * x[1]), np.exp(-t * x[4])
        return columns(-t * x[2] * a, t * x[3] * b, a, -b, -t * x[5] * c, c)

    return r, J


@problem("osborne_2", [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.01377e-2)
def _(n):
    y = np.array(
        [
            1.366,
            1.191,
            1.112,
            1.013,
            0.991,
            0.885,
            0.831,
            0.847,
            0.786,
            0.725,
            0.746,
            0.679,
            0.608,
            0.655,
            0.616,
            0.606,
            0.602,
            0.626,
            0.651,
            0.724,
            0.649,
            0.649,
            0.694,
            0.644,
            0.624,
            0.661,
            0.612,
            0.558,
            0.533,
            0.495,
            0.500,
            0.423,
            0.395,
            0.375,
            0.372,
            0.391,
            0.396,
            0.405,
            0.428,
            0.429,
            0.523,
            0.562,
            0.607,
            0.653,
            0.672,
            0.708,
            0.633,
            0.668,
            0.645,
            0.632,
            0.591,
            0.559,
            0.597,
            0.625,
            0.739,
            0.710,
            0.729,
            0.720,
            0.636,
            0.581,
            0.428,
            0.292,
            0.162,
            0.098,
            0.054,
        ]
    )
    t = np.arange(65) / 10

    def parts(x):
        bells = [np.exp(-x[4 + i] * (t - x[7 + i]) ** 2) for i in (1, 2, 3)]
        return np.exp(-t * x[4]), *bells

    def r(x):
        return y - sum(x[i] * part for i, part in enumerate(parts(x)))

    def J(x):
        first, *bells = parts(x)
        d = [t - x[7 + i] for i in (1, 2, 3)]
        return columns(
            -first,
            *(-bell for bell in bells),
            t * x[0] * first,
            *(x[i + 1] * d[i] ** 2 * bells[i] for i in range(3)),
            *(-2 * x[i + 1] * x[5 + i] * d[i] * bells[i] for i in range(3)),
        )

    return r, J


@problem("watson", np.zeros(6), 2.28767e-3)
def _(n):
    t, j = np.arange(1, 30)[:, None] / 29, np.arange(n)
    powers, slopes = t**j, j * t ** np.maximum(j - 1, 0)

    def r(x):
        return np.concatenate([slopes @ x - (powers @ x) ** 2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])

    def J(x):
        last = np.zeros((2, n), x.dtype)
        last[0, 0], last[1, 0], last[1, 1] = 1, -2 * x[0], 1
        return np.concatenate([slopes - 2 * (powers @ x)[:, None] * powers, last])

    return r, J


# --- Any number of variables --------------------------------------------------------------------


@problem("extended_rosenbrock", np.tile([-1.2, 1], 5), 0)
def _(n):
    a = np.arange(0, n, 2)

    def r(x):
        out = np.empty(n, x.dtype)
        out[a], out[a + 1] = 10 * (x[a + 1] - x[a] ** 2), 1 - x[a]
        return out

    def J(x):
        out = np.zeros((n, n), x.dtype)
        out[a, a], out[a, a + 1], out[a + 1, a] = -20 * x[a], 10, -1
        return out

    return r, J


problem("extended_powell_singular", np.tile([3, -1, 0, 1], 3), 0)(_powell_singular)


@problem("penalty_1", np.arange(1, 11), 7.08765e-5)
def _(n):
    small = np.sqrt(1e-5)
    return (
        lambda x: np.append(small * (x - 1), x @ x - 0.25),
        lambda x: np.concatenate([small * np.eye(n), 2 * x[None]]),
    )


@problem("penalty_2", np.full(10, 0.5), 2.93660e-4)
def _(n):
    small, i = np.sqrt(1e-5), np.arange(2, n + 1)
    y, falling = np.exp(i / 10) + np.exp((i - 1) / 10), np.arange(n, 0, -1)

    def r(x):
        e = np.exp(x / 10)
        return np.concatenate(
            [
                [x[0] - 0.2],
                small * (e[1:] + e[:-1] - y),
                small * (e[1:] - np.exp(-0.1)),
                [falling @ (x * x) - 1],
            ]
        )

    def J(x):
        e = small / 10 * np.diag(np.exp(x / 10))
        return np.concatenate([np.eye(1, n), e[1:] + e[:-1], e[1:], [2 * falling * x]])

    return r, J


@problem("variably_dimensioned", 1 - np.arange(1, 11) / 10, 0)
def _(n):
    j = np.arange(1, n + 1)

    def r(x):
        total = j @ (x - 1)
        return np.concatenate([x - 1, [total, total**2]])

    return r, lambda x: np.concatenate([np.eye(n), [j, 2 * (j @ (x - 1)) * j]])


@problem("trigonometric", np.full(10, 0.1), 0, 2.79506e-5)
def _(n):
    i = np.arange(1, n + 1)

    def r(x):
        return n - np.cos(x).sum() + i * (1 - np.cos(x)) - np.sin(x)

    return r, lambda x: np.tile(np.sin(x), (n, 1)) + np.diag(i * np.sin(x) - np.cos(x))


@problem("brown_almost_linear", np.full(10, 0.5), 0, 1)
def _(n):
    def r(x):
        return np.append(x[:-1] + x.sum() - (n + 1), x.prod() - 1)

    def J(x):
        others = [np.delete(x, j).prod() for j in range(n)]
        return np.concatenate([(np.eye(n) + 1)[:-1], [others]])

    return r, J


@problem("discrete_boundary_value", np.arange(1, 11) / 11 * (np.arange(1, 11) / 11 - 1), 0)
def _(n):
    h = 1 / (n + 1)
    t = h * np.arange(1, n + 1)
    second = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return (
        lambda x: second @ x + h * h / 2 * (x + t + 1) ** 3,
        lambda x: second + np.diag(1.5 * h * h * (x + t + 1) ** 2),
    )


@problem("discrete_integral", np.arange(1, 11) / 11 * (np.arange(1, 11) / 11 - 1), 0)
def _(n):
    h = 1 / (n + 1)
    t = h * np.arange(1, n + 1)
    kernel = h / 2 * np.minimum.outer(t, t) * (1 - np.maximum.outer(t, t))
    return (
        lambda x: x + kernel @ (x + t + 1) ** 3,
        lambda x: np.eye(n) + kernel * (3 * (x + t + 1) ** 2),
    )


@problem("broyden_tridiagonal", np.full(10, -1.0), 0)
def _(n):
    beside = np.eye(n, k=-1) + 2 * np.eye(n, k=1)
    return (
        lambda x: (3 - 2 * x) * x - beside @ x + 1,
        lambda x: np.diag(3 - 4 * x) - beside,
    )


@problem("broyden_banded", np.full(10, -1.0), 0)
def _(n):
    beside = sum(np.eye(n, k=k) for k in (-5, -4, -3, -2, -1, 1))
    return (
        lambda x: x * (2 + 5 * x * x) + 1 - beside @ (x * (1 + x)),
        lambda x: np.diag(2 + 15 * x * x) - beside * (1 + 2 * x),
    )
