r"""Linear programs from the inside: the central path, and a primal-dual method that follows it.

For :math:`\min c^\top x` where :math:`Ax = b`, :math:`x \ge 0`, with ``A`` of shape (m, n). The
barrier :math:`-\mu \sum_j \log x_j` keeps :math:`x` inside. Its minimizer satisfies, with
:math:`s = c - A^\top y`,

.. math:: Ax = b, \qquad A^\top y + s = c, \qquad x_j s_j = \mu, \qquad x, s > 0,

so that the duality gap :math:`c^\top x - b^\top y = x^\top s` is exactly :math:`n\mu`. Newton's
method for these equations, with :math:`\mu` falling from step to step, is all there is.
"""

import numpy as np
import scipy.sparse as sp

from coursekit._arguments import count, number
from coursekit.constraints.linear_programming import checked_program
from coursekit.statuses import (
    CONVERGED,
    INFEASIBLE,
    MAXITER,
    NO_PROGRESS,
    UNBOUNDED,
)

__all__ = ["central_point", "interior_point"]

_CERTIFIED = 1e-9  # slack of a certificate, in the scaled program
_KEPT = 0.9995  # of the way to the boundary
_SHIFT = 1e-13  # added to the diagonal of the normal equations, relative to it


def interior_point(c, A, b, *, tol=1e-12, maxiter=100):
    r"""Minimize :math:`c^\top x` where :math:`Ax = b`, :math:`x \ge 0`, by Mehrotra's method.

    Each iteration takes two Newton steps with one factorization. The *predictor* aims at
    :math:`\mu = 0`. How far it gets decides the next :math:`\mu`, at which the *corrector* aims,
    with the error that the linear model of :math:`x_j s_j` made in the predictor. The step ends
    a little before the first :math:`x_j` or :math:`s_j` would be 0. Two more numbers,
    :math:`\tau` and :math:`\kappa`, make the equations homogeneous (the self-dual embedding): so
    the start need not be feasible, and a program without a solution leads to a certificate.

    Parameters
    ----------
    c, A, b : array_like, shapes (n,), (m, n), (m,)
        ``A`` may be sparse, and its rows dependent.
    tol : float, optional
        Converged if the residuals of :math:`Ax = b` and :math:`A^\top y + s = c`, and the gap
        :math:`c^\top x - b^\top y`, are at most ``tol`` times the sizes of their terms, or of the
        largest entries of ``b``, of ``c``, and of both, after scaling ``A`` to entries of about 1.
    maxiter : int, optional

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``; ``fun``; ``y``, the multipliers, shape (m,); ``s``, the reduced costs; ``nit``;
        ``path`` and ``path_gap``, the points, shape (nit + 1, n), and their :math:`x^\top s`;
        ``success``, ``message``, and ``status``, one of :mod:`coursekit.statuses`:

        - ``CONVERGED``. If many points are optimal, ``x`` is one in their middle, not a corner.
        - ``INFEASIBLE``: ``x``, ``fun``, ``y``, ``s`` are None; ``certificate`` is a ``y`` with
          ``b @ y = 1`` and ``A.T @ y <= 0`` up to 1e-9, after scaling ``c``, ``A``, ``b`` to 1.
        - ``UNBOUNDED``: they are None; ``certificate`` is a ``d >= 0`` with ``c @ d = -1`` and
          ``A @ d = 0`` in the same sense. If no ``x`` is feasible, this may be reported too.
        - ``MAXITER``, ``NO_PROGRESS``: not solved; ``x``, ``y``, ``s`` have the least residuals.

    Raises
    ------
    TypeError, ValueError
        If ``tol`` is negative, a shape is wrong, or an entry is not real or not finite.

    References
    ----------
    Book chapter *Linear programming*; Mehrotra, *On the implementation of a primal-dual interior
    point method*, SIAM Journal on Optimization 2 (1992); Xu, Hung and Ye, *A simplified homogeneous
    and self-dual linear programming algorithm*, Annals of Operations Research 62 (1996).

    Examples
    --------
    >>> run = interior_point([5, 3, 8], [[1, 1, 2]], [4])
    >>> run.x.round(6), run.y.round(6)
    (array([0., 4., 0.]), array([3.]))
    """
    c, A, b = checked_program(c, A, b)
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    A = sp.csr_array(A)
    if not A.shape[1]:  # nothing to choose
        if b.any():
            return _result(INFEASIBLE, 0, certificate=b / (b @ b))
        return _result(CONVERGED, 0, x=c, fun=0.0, y=np.zeros(len(b)), s=c)
    c, A, b, x_unit, y_unit, s_unit, value_unit = _scaled(c, A, b)
    size, path, path_gap, best = abs(A), [], [], None
    x, s, y, tau, kappa = np.ones(len(c)), np.ones(len(c)), np.zeros(len(b)), 1.0, 1.0

    def result(status, **found):
        paths = {"path": np.array(path), "path_gap": np.array(path_gap)}
        return _result(status, len(path) - 1, **paths, **found)

    while True:
        path.append(x / tau * x_unit)
        path_gap.append(float(x @ s) / tau**2 * value_unit)
        cost, bound = float(c @ x), float(b @ y)
        if bound > 0 and (A.T @ y).max() <= _CERTIFIED * bound:
            return result(INFEASIBLE, certificate=y / bound * y_unit / value_unit)
        if cost < 0 and np.abs(A @ x).max(initial=0) <= -_CERTIFIED * cost:
            return result(UNBOUNDED, certificate=x / -cost * x_unit / value_unit)
        primal, dual, gap = b * tau - A @ x, c * tau - A.T @ y - s, cost - bound
        errors = (
            _relative(primal, tau + size @ x),
            _relative(dual, tau + size.T @ np.abs(y)),
            abs(gap) / (tau + abs(cost)),
        )
        if best is None or max(errors) < max(best[-1]):
            best = x / tau, y / tau, s / tau, errors
        status = CONVERGED if max(errors) <= tol else MAXITER
        if status == MAXITER and len(path) <= maxiter:
            new = _embedded_step(c, A, b, x, y, s, tau, kappa, primal, dual, gap + kappa)
            if new is not None:
                x, y, s, tau, kappa = new
                continue
            status = NO_PROGRESS
        x, y, s, errors = best
        found = {"x": x * x_unit, "y": y * y_unit, "s": s * s_unit}
        return result(status, fun=float(c @ x) * value_unit, errors=errors, **found)


def central_point(c, A, b, mu, *, tol=1e-12, maxiter=100):
    r"""The minimizer of :math:`c^\top x - \mu \sum_j \log x_j` where :math:`Ax = b`.

    Parameters
    ----------
    c, A, b : array_like, shapes (n,), (m, n), (m,)
        There must be an :math:`x > 0` with :math:`Ax = b` and a ``y`` with :math:`A^\top y < c`;
        then there is one minimizer.
    mu : float
        Weight of the barrier, positive.
    tol, maxiter : float, int, optional
        Stop if the residuals are at most ``tol`` times the sizes of their terms, and every
        :math:`x_j s_j` is :math:`\mu (1 \pm` ``tol`` :math:`)`; or after ``maxiter`` Newton steps.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun`` (:math:`c^\top x`, without the barrier), ``y``, ``s``, ``nit``, ``success``,
        ``status`` (``CONVERGED``, ``MAXITER`` or ``NO_PROGRESS``) and ``message``.

    Raises
    ------
    TypeError, ValueError
        If ``mu`` is not positive, or as in `interior_point`.

    Examples
    --------
    >>> run = central_point([5, 3, 8], [[1, 1, 2]], [4], 1)
    >>> run.x.round(6), round(run.fun - 4 * run.y[0], 9)
    (array([0.425052, 2.835659, 0.369644]), np.float64(3.0))
    """
    c, A, b = checked_program(c, A, b)
    mu = number("mu", mu, above=0)
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    A, nit = sp.csr_array(A), 0
    x, y, s = _start(c, A, b)
    size = abs(A)
    while True:
        primal, dual = b - A @ x, c - A.T @ y - s
        errors = (
            _relative(primal, np.abs(b) + size @ x),
            _relative(dual, np.abs(c) + size.T @ np.abs(y) + s),
            _relative(x * s - mu, [mu]),
        )
        status = CONVERGED if max(errors) <= tol else MAXITER
        if status == CONVERGED or nit == maxiter:
            break
        step = _newton(A, x, s, primal, dual)(mu - x * s)
        if step is None:
            status = NO_PROGRESS
            break
        length = min(1.0, 0.9 * _room(x, step[0]), 0.9 * _room(s, step[2]))
        x, y, s = (v + length * d for v, d in zip((x, y, s), step, strict=True))
        nit += 1
    return _result(status, nit, x=x, fun=float(c @ x), y=y, s=s, errors=errors)


def _start(c, A, b):
    """Mehrotra's start: the shortest solutions, moved inside by as much as they are outside."""
    solve = _normal_solver(A, np.ones(A.shape[1]))
    x, y = A.T @ solve(b), solve(A @ c)
    s = c - A.T @ y
    x = x + max(-1.5 * x.min(), 0)
    s = s + max(-1.5 * s.min(), 0)
    product = x @ s
    x, s = (
        v + (product / (2 * other.sum()) if product > 0 else max(np.abs(v).max(), 1))
        for v, other in ((x, s), (s, x))
    )
    return x, y, s


def _scaled(c, A, b):
    """Return the program with entries of about 1, and the units of its x, y, s and cost."""
    row, column, entries = np.ones(A.shape[0]), np.ones(A.shape[1]), sp.coo_array(A)
    i, j = entries.coords
    for _ in range(20):
        for scale, index in ((row, i), (column, j)):
            largest = np.zeros(len(scale))
            np.maximum.at(largest, index, np.abs(entries.data) * row[i] * column[j])
            scale /= np.sqrt(_or_one(largest))
    A = sp.csr_array((entries.data * row[i] * column[j], (i, j)), shape=A.shape)
    c, b = c * column, b * row
    of_c, of_b = _or_one(np.abs(c).max()), _or_one(np.abs(b).max(initial=0))
    return c / of_c, A, b / of_b, column * of_b, row * of_c, of_c / column, float(of_b * of_c)


def _or_one(sizes):
    return np.where(sizes > 0, sizes, 1.0)


def _embedded_step(c, A, b, x, y, s, tau, kappa, primal, dual, gap):
    """Return the next x, y, s, tau, kappa, or None if there is no step.

    With A of shape (m, n), the equations of the embedding are A x = b tau, A.T y + s = c tau and
    b y - c x = kappa. As they are homogeneous, x / tau and y / tau are solutions if tau > 0 at the
    end, and y or x a certificate if kappa > 0.
    """
    d = x / s
    try:
        solve = _normal_solver(A, d)
    except RuntimeError:  # singular: entries of d beyond the range of the numbers
        return None
    q = solve(b + A @ (d * c))
    v = d * (A.T @ q - c)

    def step(share, change, tau_change):
        """Remove a share of the residuals, and change x * s and tau * kappa."""
        p = solve(share * primal + A @ (d * share * dual - change / s))
        u = change / s - d * (share * dual - A.T @ p)
        dtau = share * gap + c @ u - b @ p + tau_change / tau
        dtau /= kappa / tau - c @ v + b @ q
        dx, dy = u + dtau * v, p + dtau * q
        ds = share * dual - A.T @ dy + dtau * c
        return dx, dy, ds, dtau, (tau_change - kappa * dtau) / tau

    def room(dx, dy, ds, dtau, dkappa):
        inside, along = np.hstack([x, s, tau, kappa]), np.hstack([dx, ds, dtau, dkappa])
        return _room(inside, along) if np.isfinite(along).all() else 0.0

    predictor = step(1, -x * s, -tau * kappa)
    dx, _, ds, dtau, dkappa = predictor
    centre = (1 - min(1, room(*predictor))) ** 3
    mu = centre * (x @ s + tau * kappa) / (len(x) + 1)
    corrector = step(1 - centre, mu - x * s - dx * ds, mu - tau * kappa - dtau * dkappa)
    length = min(1, _KEPT * room(*corrector))
    if length < 1e-8:
        return None
    return tuple(v + length * d for v, d in zip((x, y, s, tau, kappa), corrector, strict=True))


def _newton(A, x, s, primal, dual):
    """Return the Newton step as a function of the change that x * s should make."""
    d = x / s
    try:
        solve = _normal_solver(A, d)
    except RuntimeError:  # singular: entries of d beyond the range of the numbers
        return lambda change: None

    def step(change):
        dy = solve(primal + A @ (d * dual - change / s))
        ds = dual - A.T @ dy
        dx = change / s - d * ds
        return (dx, dy, ds) if np.isfinite([*dx, *dy, *ds]).all() else None

    return step


def _normal_solver(A, d):
    """Return the solver of A diag(d) A.T y = r; a tiny diagonal makes dependent rows harmless."""
    from scipy.sparse.linalg import splu

    if not A.shape[0]:
        return lambda r: r
    M = (A * d) @ A.T
    diagonal = M.diagonal()
    diagonal = np.where(diagonal > 0, diagonal, 1)
    shifted = sp.csc_array(M + sp.diags_array(_SHIFT * diagonal))
    factor = splu(shifted, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})

    def solve(r):
        y = factor.solve(r)
        for _ in range(2):  # the residual is that of M itself
            y = y + factor.solve(r - M @ y)
        return y

    return solve


def _room(v, step):
    """Return how many steps fit until the first entry of v is 0."""
    falls = step < 0
    return float((v[falls] / -step[falls]).min(initial=np.inf))


def _relative(residual, terms):
    largest = np.max(terms, initial=0)
    return float(np.abs(residual).max(initial=0) / (largest or 1))


def _result(status, nit, x=None, fun=None, y=None, s=None, errors=(0, 0, 0), **more):
    from scipy.optimize import OptimizeResult

    worst = f"relative residuals {errors[0]:.1e} and {errors[1]:.1e}, {errors[2]:.1e}"
    message = {
        CONVERGED: f"Converged after {nit} steps: {worst}.",
        INFEASIBLE: "Infeasible: A.T @ y <= 0 with b @ y = 1, y in certificate, up to rounding.",
        UNBOUNDED: "Unbounded: A @ d = 0 with c @ d = -1, d in certificate, up to rounding.",
        MAXITER: f"Stopped at maxiter = {nit} steps: {worst}.",
        NO_PROGRESS: f"No progress after {nit} steps: {worst}.",
    }[status]
    return OptimizeResult(
        x=x, fun=fun, y=y, s=s, nit=nit, status=status, success=status == CONVERGED,
        message=message, **more,
    )  # fmt: skip
