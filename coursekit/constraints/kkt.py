r"""Constrained minimization: the KKT conditions, and two ways to reach them.

The problem is to minimize :math:`f(x)` subject to :math:`h_i(x) = 0` and :math:`g_j(x) \le 0`.
Its Lagrangian is

.. math:: L(x, \lambda, \mu) = f(x) + \sum_i \lambda_i h_i(x) + \sum_j \mu_j g_j(x),
          \qquad \mu_j \ge 0 .

Everywhere ``lam`` are the multipliers :math:`\lambda_i` of the equations, of any sign, and ``mu``
the multipliers :math:`\mu_j \ge 0` of the inequalities.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursekit._arguments import count, number, point, points, real_array, symmetric
from coursekit.statuses import (
    CONVERGED,
    INFEASIBLE,
    MAXITER,
    NON_FINITE,
    NOT_UNIQUE,
    UNBOUNDED,
)

__all__ = [
    "Problem",
    "dual_ascent",
    "find_multipliers",
    "kkt_residuals",
    "lagrangian",
    "solve_equality_qp",
]


@dataclass(frozen=True, eq=False)
class Problem:
    r"""Minimize ``f`` subject to :math:`h_i(x) = 0` and :math:`g_j(x) \le 0`.

    Attributes
    ----------
    f, grad : callable
        Point of shape ``(n,)`` to a number and to the gradient, shape ``(n,)``.
    n : int
        Number of variables.
    eq, ineq : sequence of tuples (function, gradient)
        The :math:`h_i` and the :math:`g_j`, each with its gradient, like ``f`` and ``grad``.

    Examples
    --------
    Minimize :math:`x^2` subject to :math:`1 - x \le 0`:

    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> problem = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> len(problem.eq), len(problem.ineq)
    (0, 1)
    """

    f: Callable
    grad: Callable
    n: int
    eq: tuple = ()
    ineq: tuple = ()

    def __post_init__(self):
        for name in ("eq", "ineq"):
            pairs = tuple(getattr(self, name))
            if not all(isinstance(p, tuple) and [*map(callable, p)] == [True] * 2 for p in pairs):
                raise TypeError(f"{name} must hold tuples (function, gradient) of callables.")
            object.__setattr__(self, name, pairs)


def lagrangian(x, lam, mu, problem):
    r"""Return :math:`L(x, \lambda, \mu) = f + \sum_i \lambda_i h_i + \sum_j \mu_j g_j`.

    Parameters
    ----------
    x : array_like, shape (n,)
        Or ``(..., n)``, if the functions of the problem are vectorized.
    lam, mu : array_like, shapes (number of equations,) and (number of inequalities,)
        ``()`` where there is no such constraint.
    problem : Problem

    Returns
    -------
    float or ndarray, shape (...)
        A negative ``mu`` is not refused here; `kkt_residuals` reports it.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> lagrangian([[0.0], [1.0], [3.0]], (), [2], p)
    array([2., 1., 5.])
    """
    return _lagrangian(*_checked(x, lam, mu, problem, batch=True), problem)


def kkt_residuals(x, lam, mu, problem):
    r"""How far ``x`` with multipliers ``lam``, ``mu`` is from satisfying the KKT conditions.

    Parameters
    ----------
    x : array_like, shape (n,)
    lam, mu : array_like, shapes (number of equations,) and (number of inequalities,)
        ``()`` where there is no such constraint.
    problem : Problem

    Returns
    -------
    dict of float
        Four maxima, all zero exactly at a KKT point: ``"stationarity"``, the largest entry of
        :math:`|\nabla f + \sum_i \lambda_i \nabla h_i + \sum_j \mu_j \nabla g_j|`;
        ``"feasibility"``, :math:`|h_i|` or :math:`\max(0, g_j)`; ``"dual_feasibility"``,
        :math:`\max(0, -\mu_j)`; ``"complementarity"``, :math:`|\mu_j g_j|`, which is 0 for
        :math:`\mu_j = 0` even where :math:`g_j = -\infty`. A constraint with multiplier 0 adds
        nothing to the stationarity, even where its gradient is not finite (at a kink).
        They are absolute: compare each with the size of the terms it is made of.

    References
    ----------
    Book chapter *KKT conditions*; Nocedal and Wright, *Numerical Optimization*, theorem 12.1.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> kkt_residuals([1.0], (), [2.0], p)["stationarity"]
    0.0
    >>> kkt_residuals([0.0], (), [0.0], p)["feasibility"]
    1.0
    """
    x, lam, mu = _checked(x, lam, mu, problem)
    h, g = _values(problem.eq, x), _values(problem.ineq, x)
    forces = _weighted(lam, _jacobian(problem.eq, x)).sum(axis=0)
    forces += _weighted(mu, _jacobian(problem.ineq, x)).sum(axis=0)
    return {
        "stationarity": _largest(problem.grad(x) + forces),
        "feasibility": max(_largest(h), _largest(np.maximum(0, g))),
        "dual_feasibility": _largest(np.maximum(0, -mu)),
        "complementarity": _largest(_weighted(mu, g)),
    }


def find_multipliers(x, problem, *, tol=1e-6):
    r"""Multipliers that fit a point best, by least squares with :math:`\mu \ge 0`.

    They minimize :math:`\|\nabla f + \sum_i \lambda_i \nabla h_i + \sum_j \mu_j \nabla g_j\|_2`
    at ``x`` over all :math:`\lambda` and all :math:`\mu \ge 0` that vanish where
    :math:`g_j` is inactive. If no multipliers make that zero, ``x`` is not a KKT point: pass
    the result to `kkt_residuals` and look.

    Parameters
    ----------
    x : array_like, shape (n,)
    problem : Problem
    tol : float, optional
        :math:`g_j` counts as active if its boundary, to first order, is no farther from ``x``
        than ``tol * max(1, ||x||)``.

    Returns
    -------
    lam, mu : ndarray
        Not unique if the active gradients are linearly dependent.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> find_multipliers([1.0], p)[1], find_multipliers([3.0], p)[1]
    (array([2.]), array([0.]))
    """
    from scipy.optimize import nnls

    x, lam, mu = _checked(x, np.zeros(len(problem.eq)), np.zeros(len(problem.ineq)), problem)
    tol = number("tol", tol, at_least=0)
    g, Jg, Jh = _values(problem.ineq, x), _jacobian(problem.ineq, x), _jacobian(problem.eq, x)
    active = g >= -tol * max(1.0, math.hypot(*x)) * np.linalg.norm(Jg, axis=1)
    gradients = np.concatenate([Jh, -Jh, Jg[active]])  # lam is the difference of two parts >= 0
    if len(gradients):
        parts = nnls(gradients.T, -problem.grad(x))[0]
        plus, minus, mu[active] = np.split(parts, [len(lam), 2 * len(lam)])
        lam = plus - minus
    return lam, mu


def solve_equality_qp(H, c, A, b):
    r"""Minimize :math:`\tfrac12 x^\top H x + c^\top x` subject to :math:`Ax = b`.

    The solution and its multipliers solve the linear system of the KKT matrix,

    .. math:: \begin{pmatrix} H & A^\top \\ A & 0 \end{pmatrix}
              \begin{pmatrix} x \\ \lambda \end{pmatrix} =
              \begin{pmatrix} -c \\ b \end{pmatrix} .

    By the singular value decomposition of ``A`` every feasible point is the shortest one plus
    :math:`Zz` with :math:`AZ = 0`, and :math:`z` solves a system with :math:`Z^\top H Z`.
    (Eliminating ``x`` instead leaves the Schur complement :math:`A H^{-1} A^\top`, but needs
    ``H`` positive definite and loses digits where it is ill-conditioned.)

    Parameters
    ----------
    H, c, A, b : array_like, shapes (n, n), (n,), (m, n), (m,)
        ``H`` is symmetric; it need be positive definite only along directions with ``Ad = 0``.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``lam`` (the multipliers, shape (m,)), ``success``, ``message``, and
        ``status``, one of :mod:`coursekit.statuses`:

        - ``CONVERGED``: one minimizer, one vector of multipliers.
        - ``NOT_UNIQUE``: solved, but ``A`` has dependent rows or there are other minimizers;
          ``lam`` and the step from the shortest feasible point are the shortest possible.
        - ``INFEASIBLE``: ``x``, ``fun`` and ``lam`` are None, and ``certificate`` is a ``y``
          with ``A.T @ y = 0`` and ``b @ y = 1``, which no solution of ``Ax = b`` allows.
        - ``UNBOUNDED``: they are None, and ``certificate`` is a direction ``d`` with
          ``A @ d = 0`` along which the value falls without a bound.

        Rank and definiteness are decided relative to the largest singular value or entry, with
        the tolerance ``max(m, n) * eps``.

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, an entry is not real or not finite, or ``H`` is not symmetric up to
        half of its digits.

    References
    ----------
    Book chapter *KKT conditions*; Nocedal and Wright, *Numerical Optimization*, chapter 16.

    Examples
    --------
    >>> run = solve_equality_qp(np.eye(2), [0, 0], [[3, 4]], [5])
    >>> run.x.round(6), run.lam.round(6)
    (array([0.6, 0.8]), array([-0.2]))
    >>> solve_equality_qp(np.eye(2), [0, 0], [[1, 1], [1, 1]], [1, 2]).message
    'Infeasible: some combination of the rows of A is zero, but not that of b.'
    """
    H, c, A, b = _checked_qp(H, c, A, b)
    U, sigma, Vt = np.linalg.svd(A)
    tol = max(A.shape) * np.finfo(float).eps
    rank = int((sigma > tol * sigma.max(initial=0)).sum())
    U, W, Z = U[:, :rank], Vt[:rank], Vt[rank:].T
    d = (U.T @ b) / sigma[:rank]  # Ax = b is Wx = d with orthonormal rows, and Z spans AZ = 0
    rest = b - U @ (U.T @ b)
    if math.hypot(*rest) > 10 * tol * (math.hypot(*b) + sigma.max(initial=0) * math.hypot(*d)):
        return _qp_result(INFEASIBLE, certificate=rest / (rest @ rest))

    curvature, modes = np.linalg.eigh(Z.T @ H @ Z)
    slope = modes.T @ (Z.T @ (c + H @ (d @ W)))  # along each mode, at the shortest feasible point
    size = np.abs(H).max(initial=0)
    flat = curvature <= tol * size
    zero_slope = 10 * tol * len(c) * (np.abs(c).max() + size * np.abs(d).sum())
    falls = (curvature < -tol * size) | (flat & (np.abs(slope) > zero_slope))
    if falls.any():
        direction = (Z @ modes)[:, falls.argmax()] * -np.copysign(1, slope[falls.argmax()])
        return _qp_result(UNBOUNDED, certificate=direction)

    x = d @ W + Z @ (modes @ np.where(flat, 0, -slope / np.where(flat, 1, curvature)))
    lam = U @ (-W @ (H @ x + c) / sigma[:rank])
    status = NOT_UNIQUE if flat.any() or rank < len(A) else CONVERGED
    return _qp_result(status, x=x, lam=lam, fun=float(x @ H @ x / 2 + c @ x))


def dual_ascent(problem, minimize, *, lam=None, mu=None, step_size=0.1, tol=1e-6, maxiter=1000):
    r"""Climb the dual function: minimize the Lagrangian, then move the multipliers uphill.

    .. math:: x_k = \arg\min_x L(x, \lambda_k, \mu_k), \quad
              \lambda_{k+1} = \lambda_k + s\, h(x_k), \quad
              \mu_{k+1} = \max(0, \mu_k + s\, g(x_k)) .

    It is gradient ascent on :math:`q(\lambda, \mu) = \min_x L`, whose gradient is
    :math:`(h(x_k), g(x_k))` if the minimizer is unique, projected onto :math:`\mu \ge 0`. For a
    feasible quadratic program with positive definite ``H`` and constraints ``Ax = b`` or
    ``Ax <= b`` it converges if :math:`s < 2 / \lambda_{\max}(A H^{-1} A^\top)`.

    Parameters
    ----------
    problem : Problem
    minimize : callable
        ``minimize(lam, mu)`` returns a *global* minimizer of the Lagrangian, shape (n,).
    lam, mu : array_like, optional
        Start; zero if not given.
    step_size, tol, maxiter : float, float, int, optional
        The step size :math:`s > 0`; stop when all :math:`|h_i|` and :math:`|\max(g_j, -\mu_j)|`
        are at most ``tol``, or after ``maxiter`` updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``jac`` (gradient of ``f`` at ``x``), ``lam``, ``mu``; ``path`` of shape
        (nit + 1, n) and ``path_fun``, the points and their values; ``path_lam``, ``path_mu`` and
        ``path_dual``, the multipliers and the values of :math:`q`, each a lower bound of the
        minimum. ``status`` is one of :mod:`coursekit.statuses`: ``CONVERGED``, ``MAXITER``, or
        ``NON_FINITE`` if the next point or a value there is not finite.

    Raises
    ------
    TypeError, ValueError
        If ``step_size`` is not positive, ``tol``, ``maxiter`` or a starting ``mu`` negative, or an
        argument of the wrong kind or shape.

    References
    ----------
    Boyd and Vandenberghe, *Convex Optimization*, chapter 5.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> run = dual_ascent(p, lambda lam, mu: mu / 2, step_size=1.0)
    >>> run.nit, run.x.round(5), run.mu.round(5)
    (20, array([1.]), array([2.]))
    """
    from scipy.optimize import OptimizeResult

    step_size, tol = number("step_size", step_size, above=0), number("tol", tol, at_least=0)
    maxiter = count("maxiter", maxiter)
    lam = np.zeros(len(problem.eq)) if lam is None else lam
    mu = np.zeros(len(problem.ineq)) if mu is None else mu
    _, lam, mu = _checked(np.zeros(problem.n), lam, mu, problem)
    if (mu < 0).any():
        raise ValueError(f"mu must be at least 0; got {mu}.")
    trail = []  # of x, f(x), lam, mu and q
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite ends the run
        while True:
            x = real_array("minimize(lam, mu)", minimize(lam, mu), (problem.n,), finite=False)
            x = x.astype(float)  # a copy: minimize may return the same array again
            h, g = _values(problem.eq, x), _values(problem.ineq, x)
            fx, q = float(problem.f(x)), float(_lagrangian(x, lam, mu, problem))
            if not np.isfinite([*x, *h, *g, fx, q]).all():
                status = NON_FINITE
                break
            trail.append((x, fx, lam, mu, q))
            residual = max(_largest(h), _largest(np.maximum(g, -mu)))
            status = CONVERGED if residual <= tol else MAXITER
            if status == CONVERGED or len(trail) > maxiter:
                break
            lam, mu = lam + step_size * h, np.maximum(0, mu + step_size * g)
    if not trail:
        raise ValueError(f"minimize must lead to finite values; got {x} at the start.")
    path, path_fun, path_lam, path_mu, path_dual = map(np.array, zip(*trail, strict=True))
    nit, largest = len(path) - 1, max(_largest(path_lam[-1]), _largest(path_mu[-1]))
    return OptimizeResult(
        x=path[-1].copy(), fun=float(path_fun[-1]), jac=problem.grad(path[-1]),
        lam=path_lam[-1].copy(), mu=path_mu[-1].copy(), nit=nit, nfev=nit + 1,
        success=status == CONVERGED, status=status,
        message=_ascent_message(status, nit, residual, tol, largest),
        path=path, path_fun=path_fun, path_lam=path_lam, path_mu=path_mu, path_dual=path_dual,
    )  # fmt: skip


def _ascent_message(status, k, residual, tol, size):
    return {
        CONVERGED: f"Converged after {k} updates: residual {residual:.3g} <= tol = {tol:.3g}.",
        MAXITER: f"Stopped at maxiter = {k} updates: residual {residual:.3g} > tol = {tol:.3g}, "
        f"largest multiplier {size:.3g}. If the multipliers still grow, take smaller steps; if "
        "that does not help, no point may be feasible.",
        NON_FINITE: f"Not finite: the minimizer of the Lagrangian at iteration {k + 1}, or a "
        f"value there, after multipliers up to {size:.3g}. Take smaller steps, or L has no minimum "
        "there.",
    }[status]


def _checked(x, lam, mu, problem, batch=False):
    if not isinstance(problem, Problem):
        raise TypeError(f"problem must be a Problem; got {type(problem).__name__}.")
    x = points("x", x, problem.n) if batch else point("x", x, problem.n).astype(float)
    lam = real_array("lam", lam, (len(problem.eq),))
    mu = real_array("mu", mu, (len(problem.ineq),))
    return x, lam, mu


def _lagrangian(x, lam, mu, problem):
    pairs = zip((*lam, *mu), problem.eq + problem.ineq, strict=True)
    terms = (weight * function(x) for weight, (function, _) in pairs if weight)  # no 0 * inf
    return sum(terms, problem.f(x))


def _values(pairs, x):
    return np.array([float(function(x)) for function, _ in pairs])


def _jacobian(pairs, x):
    """Return the gradients as rows, shape (number of pairs, n)."""
    return np.array([gradient(x) for _, gradient in pairs], dtype=float).reshape(len(pairs), len(x))


def _weighted(weights, rows):
    """Return weight times row for each weight but those that are 0: 0 * inf would be NaN."""
    used = weights != 0
    return (weights[used] * rows[used].T).T


def _largest(v):
    return float(np.abs(v).max(initial=0))


def _checked_qp(H, c, A, b):
    H = symmetric("H", H).astype(float)
    n = len(H)
    c, b = real_array("c", c, (n,)).astype(float), real_array("b", b).astype(float)
    if b.ndim != 1:
        raise ValueError(f"b must have shape (m,); got shape {b.shape}.")
    return H, c, real_array("A", A, (len(b), n)).astype(float), b


def _qp_result(status, x=None, lam=None, fun=None, **more):
    from scipy.optimize import OptimizeResult

    message = {
        CONVERGED: "Solved.",
        NOT_UNIQUE: "Solved, but not uniquely: dependent rows of A, or a direction in which f is "
        "constant.",
        INFEASIBLE: "Infeasible: some combination of the rows of A is zero, but not that of b.",
        UNBOUNDED: "Unbounded: f falls without a bound along the direction in certificate.",
    }[status]
    return OptimizeResult(
        x=x, lam=lam, fun=fun, status=status, success=x is not None, message=message, **more
    )
