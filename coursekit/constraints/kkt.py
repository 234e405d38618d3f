r"""Constrained minimisation: the KKT conditions, and two ways to reach them.

The problem is to minimise :math:`f(x)` subject to :math:`h_i(x) = 0` and :math:`g_j(x) \le 0`.
Its Lagrangian is

.. math:: L(x, \lambda, \mu) = f(x) + \sum_i \lambda_i h_i(x) + \sum_j \mu_j g_j(x),
          \qquad \mu_j \ge 0 .
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
    r"""Minimise ``f`` subject to :math:`h_i(x) = 0` and :math:`g_j(x) \le 0`.

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
    Minimise :math:`x^2` subject to :math:`1 - x \le 0`:

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


def lagrangian(problem, x, lam=(), mu=()):
    r"""Return :math:`L(x, \lambda, \mu) = f + \sum_i \lambda_i h_i + \sum_j \mu_j g_j`.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
        Or ``(..., n)``, if the functions of the problem are vectorised.
    lam, mu : array_like, shapes (number of equations,) and (number of inequalities,)

    Returns
    -------
    float or ndarray, shape (...)
        A negative ``mu`` is not refused here; `kkt_residuals` reports it.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> lagrangian(p, [[0.0], [1.0], [3.0]], mu=[2])
    array([2., 1., 5.])
    """
    x, lam, mu = _checked(problem, x, lam, mu, batch=True)
    pairs = zip((*lam, *mu), problem.eq + problem.ineq, strict=True)
    return sum((weight * function(x) for weight, (function, _) in pairs), problem.f(x))


def kkt_residuals(problem, x, lam=(), mu=()):
    r"""How far ``x`` with multipliers ``lam``, ``mu`` is from satisfying the KKT conditions.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
    lam, mu : array_like, shapes (number of equations,) and (number of inequalities,)

    Returns
    -------
    dict of float
        Four maxima, all zero exactly at a KKT point: ``"stationarity"``, the largest entry of
        :math:`|\nabla f + \sum_i \lambda_i \nabla h_i + \sum_j \mu_j \nabla g_j|`;
        ``"feasibility"``, :math:`|h_i|` or :math:`\max(0, g_j)`; ``"dual_feasibility"``,
        :math:`\max(0, -\mu_j)`; ``"complementarity"``, :math:`|\mu_j g_j|`.
        They are absolute: compare each with the size of the terms it is made of.

    References
    ----------
    Book chapter *KKT conditions*; Nocedal and Wright, *Numerical Optimization*, theorem 12.1.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> kkt_residuals(p, [1.0], mu=[2.0])["stationarity"]
    0.0
    >>> kkt_residuals(p, [0.0], mu=[0.0])["feasibility"]
    1.0
    """
    x, lam, mu = _checked(problem, x, lam, mu)
    h, g = _values(problem.eq, x), _values(problem.ineq, x)
    balance = lam @ _jacobian(problem.eq, x) + mu @ _jacobian(problem.ineq, x)
    return {
        "stationarity": _largest(problem.grad(x) + balance),
        "feasibility": max(_largest(h), _largest(np.maximum(0, g))),
        "dual_feasibility": _largest(np.maximum(0, -mu)),
        "complementarity": _largest(mu * g),
    }


def find_multipliers(problem, x, *, tol=1e-6):
    r"""Multipliers that fit a point best, by least squares with :math:`\mu \ge 0`.

    They minimise :math:`\|\nabla f + \sum_i \lambda_i \nabla h_i + \sum_j \mu_j \nabla g_j\|_2`
    at ``x`` over all :math:`\lambda` and all :math:`\mu \ge 0` that vanish where
    :math:`g_j` is inactive. If no multipliers make that zero, ``x`` is not a KKT point: pass
    the result to `kkt_residuals` and look.

    Parameters
    ----------
    problem : Problem
    x : array_like, shape (n,)
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
    >>> find_multipliers(p, [1.0])[1], find_multipliers(p, [3.0])[1]
    (array([2.]), array([0.]))
    """
    from scipy.optimize import nnls

    x, lam, mu = _checked(problem, x, np.zeros(len(problem.eq)), np.zeros(len(problem.ineq)))
    g, Jg, Jh = _values(problem.ineq, x), _jacobian(problem.ineq, x), _jacobian(problem.eq, x)
    active = g >= -tol * max(1.0, math.hypot(*x)) * np.linalg.norm(Jg, axis=1)
    gradients = np.concatenate([Jh, -Jh, Jg[active]])  # lam is the difference of two parts >= 0
    if len(gradients):
        parts = nnls(gradients.T, -problem.grad(x))[0]
        plus, minus, mu[active] = np.split(parts, [len(lam), 2 * len(lam)])
        lam = plus - minus
    return lam, mu


SOLVED, NOT_UNIQUE, INFEASIBLE, UNBOUNDED = range(4)


def solve_equality_qp(H, c, A, b):
    r"""Minimise :math:`\tfrac12 x^\top H x + c^\top x` subject to :math:`Ax = b`.

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
        ``status``:

        0. solved: one minimiser, one vector of multipliers.
        1. solved, but ``A`` has dependent rows or there are other minimisers; ``lam`` and the
           step from the shortest feasible point are the shortest possible.
        2. infeasible: ``x``, ``fun`` and ``lam`` are None, and ``certificate`` is a ``y``
           with ``A.T @ y = 0`` and ``b @ y = 1``, which no solution of ``Ax = b`` allows.
        3. unbounded below: they are None, and ``certificate`` is a direction ``d`` with
           ``A @ d = 0`` along which the value falls for ever.

        Rank and definiteness are decided relative to the largest singular value or entry, with
        the tolerance ``max(m, n) * eps``.

    Raises
    ------
    ValueError
        If a shape is wrong, an entry is not finite, or ``H`` is not symmetric.

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
    push = 10 * tol * len(c) * (np.abs(c).max() + size * np.abs(d).sum())
    falls = (curvature < -tol * size) | (flat & (np.abs(slope) > push))
    if falls.any():
        direction = (Z @ modes)[:, falls.argmax()] * -np.copysign(1, slope[falls.argmax()])
        return _qp_result(UNBOUNDED, certificate=direction)

    x = d @ W + Z @ (modes @ np.where(flat, 0, -slope / np.where(flat, 1, curvature)))
    lam = U @ (-W @ (H @ x + c) / sigma[:rank])
    status = NOT_UNIQUE if flat.any() or rank < len(A) else SOLVED
    return _qp_result(status, x=x, lam=lam, fun=float(x @ H @ x / 2 + c @ x))


def dual_ascent(problem, minimise, *, lam=None, mu=None, step=0.1, tol=1e-6, maxiter=1000):
    r"""Climb the dual function: minimise the Lagrangian, then let violations raise the prices.

    .. math:: x_k = \arg\min_x L(x, \lambda_k, \mu_k), \quad
              \lambda_{k+1} = \lambda_k + s\, h(x_k), \quad
              \mu_{k+1} = \max(0, \mu_k + s\, g(x_k)) .

    It is gradient ascent on :math:`q(\lambda, \mu) = \min_x L`, whose gradient is
    :math:`(h(x_k), g(x_k))` if the minimiser is unique, projected onto :math:`\mu \ge 0`. For a
    feasible quadratic program with positive definite ``H`` and constraints ``Ax = b`` or
    ``Ax <= b`` it converges if :math:`s < 2 / \lambda_{\max}(A H^{-1} A^\top)`.

    Parameters
    ----------
    problem : Problem
    minimise : callable
        ``minimise(lam, mu)`` returns a *global* minimiser of the Lagrangian, shape (n,).
    lam, mu : array_like, optional
        Start; zero if not given.
    step, tol, maxiter : float, float, int, optional
        The step size :math:`s > 0`; stop when all :math:`|h_i|` and :math:`|\max(g_j, -\mu_j)|`
        are at most ``tol``, or after ``maxiter`` updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``jac`` (gradient of ``f`` at ``x``), ``lam``, ``mu``; ``path`` of shape
        (nit + 1, n) and ``path_fun``, the points and their values; ``path_multipliers`` and
        ``path_dual``, the values of :math:`q`, each a lower bound of the minimum. ``status``:
        0 converged; 1 ``maxiter`` updates were made; 2 the next point is not finite.

    Raises
    ------
    ValueError
        If ``step`` is not positive, ``maxiter`` or a starting ``mu`` negative, or a shape wrong.

    References
    ----------
    Boyd and Vandenberghe, *Convex Optimization*, chapter 5.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> run = dual_ascent(p, lambda lam, mu: mu / 2, step=1.0)
    >>> run.nit, run.x.round(5), run.mu.round(5)
    (20, array([1.]), array([2.]))
    """
    from scipy.optimize import OptimizeResult

    if not 0 < step < math.inf or maxiter < 0:
        raise ValueError(f"step must be positive and maxiter >= 0; got {step}, {maxiter}.")
    lam = np.zeros(len(problem.eq)) if lam is None else np.array(lam, dtype=float)
    mu = np.zeros(len(problem.ineq)) if mu is None else np.array(mu, dtype=float)
    if (mu < 0).any():
        raise ValueError(f"mu must not be negative; got {mu}.")
    trail = []  # of x, f(x), the multipliers and q
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite ends the run
        while True:
            x, lam, mu = _checked(problem, minimise(lam, mu), lam, mu)
            h, g = _values(problem.eq, x), _values(problem.ineq, x)
            fx, q = float(problem.f(x)), float(lagrangian(problem, x, lam, mu))
            if not np.isfinite([*x, *h, *g, fx, q]).all():
                status = 2
                break
            trail.append((x, fx, np.concatenate([lam, mu]), q))
            residual = max(_largest(h), _largest(np.maximum(g, -mu)))
            status = 0 if residual <= tol else 1
            if status == 0 or len(trail) > maxiter:
                break
            lam, mu = lam + step * h, np.maximum(0, mu + step * g)
    if not trail:
        raise ValueError(f"minimise must lead to finite values; at the start it gave {x}.")
    path, path_fun, multipliers, dual = (np.array(column) for column in zip(*trail, strict=True))
    lam, mu = np.split(multipliers[-1], [len(lam)])
    return OptimizeResult(
        x=path[-1].copy(), fun=float(path_fun[-1]), jac=problem.grad(path[-1]), lam=lam, mu=mu,
        nit=len(path) - 1, nfev=len(path), success=status == 0, status=status,
        message=_ascent_message(status, len(path) - 1, residual, tol, _largest(multipliers[-1])),
        path=path, path_fun=path_fun, path_multipliers=multipliers, path_dual=dual,
    )  # fmt: skip


def _ascent_message(status, k, residual, tol, size):
    return (
        f"Converged after {k} updates: residual {residual:.3g} <= tol = {tol:.3g}.",
        f"Stopped at maxiter = {k} updates: residual {residual:.3g} > tol = {tol:.3g}, largest "
        f"multiplier {size:.3g}. If the multipliers still grow, take smaller steps; if that does "
        "not help, no point may be feasible.",
        f"Not finite: the minimiser of the Lagrangian at iteration {k + 1}, or a value there, "
        f"after multipliers up to {size:.3g}. Take smaller steps, or L has no minimum there.",
    )[status]


def _checked(problem, x, lam, mu, batch=False):
    x, lam, mu = (np.array(v, dtype=float) for v in (x, lam, mu))
    if x.shape[-1:] != (problem.n,) or (x.ndim > 1 and not batch):
        raise ValueError(f"x must be one point of shape ({problem.n},); got shape {x.shape}.")
    if lam.shape != (len(problem.eq),):
        raise ValueError(f"lam must have shape ({len(problem.eq)},); got shape {lam.shape}.")
    if mu.shape != (len(problem.ineq),):
        raise ValueError(f"mu must have shape ({len(problem.ineq)},); got shape {mu.shape}.")
    return x, lam, mu


def _values(pairs, x):
    return np.array([float(function(x)) for function, _ in pairs])


def _jacobian(pairs, x):
    """Return the gradients as rows, shape (number of pairs, n)."""
    return np.array([gradient(x) for _, gradient in pairs], dtype=float).reshape(len(pairs), len(x))


def _largest(v):
    return float(np.abs(v).max(initial=0))


def _checked_qp(H, c, A, b):
    H, c, A, b = (np.array(v, dtype=float) for v in (H, c, A, b))
    n = c.shape[0] if c.ndim == 1 else 0
    if not n or H.shape != (n, n) or A.shape != (*b.shape, n) or b.ndim != 1:
        raise ValueError(
            "H, c, A, b must have shapes (n, n), (n,), (m, n), (m,); got "
            f"{H.shape}, {c.shape}, {A.shape}, {b.shape}."
        )
    if not all(np.isfinite(v).all() for v in (H, c, A, b)):
        raise ValueError("H, c, A and b must be finite.")
    if not np.array_equal(H, H.T):
        raise ValueError("H must be symmetric; (H + H.T) / 2 is, and gives the same f.")
    return H, c, A, b


def _qp_result(status, x=None, lam=None, fun=None, **more):
    from scipy.optimize import OptimizeResult

    message = (
        "Solved.",
        "Solved, but not uniquely: dependent rows of A, or a direction in which f is constant.",
        "Infeasible: some combination of the rows of A is zero, but not that of b.",
        "Unbounded: f falls for ever along the direction in certificate.",
    )[status]
    return OptimizeResult(
        x=x, lam=lam, fun=fun, status=status, success=status < INFEASIBLE, message=message, **more
    )
