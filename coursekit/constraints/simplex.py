r"""The simplex method by tableau: from corner to corner, as one does it by hand.

For :math:`\min c^\top x` where :math:`Ax = b`, :math:`x \ge 0`, with ``A`` of shape (m, n). A
tableau has one row for each basic variable and below them the reduced costs; its last column holds
the values of the basic variables and, at the bottom, minus the cost. Every pivot updates the
whole tableau, which is good to look at and wasteful for large programs: solvers for those keep a
factorization of m columns in its place.
"""

import numpy as np
import scipy.sparse as sp

from coursekit._arguments import count
from coursekit.constraints.linear_programming import checked_program
from coursekit.statuses import CONVERGED, INFEASIBLE, MAXITER, UNBOUNDED

__all__ = ["pivot", "simplex"]

_TOL = 1e-9  # relative to the terms from which a number is made
_REFRESH = 25  # pivots after which the tableau is computed anew


def simplex(c, A, b, *, rule="bland", maxiter=10_000):
    r"""Minimize :math:`c^\top x` where :math:`Ax = b`, :math:`x \ge 0`, by the simplex method.

    It starts from slack variables: those of cost 0 that occur in one row, with the sign of its
    right-hand side. Rows without one get an artificial variable, and phase 1 minimizes the sum of
    these. Phase 2 minimizes the cost. Each pivot lets a variable with a negative reduced cost
    enter the basis, and the variable leave that would be negative first.

    Parameters
    ----------
    c, A, b : array_like, shapes (n,), (m, n), (m,)
        ``A`` may be sparse, but becomes dense. Its rows may be dependent.
    rule : {"bland", "dantzig"}, optional
        Which variable enters, and leaves in a tie. Bland: the one with the lowest number, which
        never cycles. Dantzig: the one with the most negative reduced cost enters, the one of the
        highest row leaves; usually fewer pivots, but it may cycle at a degenerate corner.
    maxiter : int, optional
        Most pivots of both phases.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``; ``fun``; ``y``, the multipliers, shape (m,), which solve the dual problem;
        ``reduced``, :math:`c - A^\top y`, shape (n,); ``basis``; ``nit``, the pivots;
        ``tableaus``, a list of (phase, basis, tableau, entering, leaving), the last of which
        without a pivot; ``path``, the corners of phase 2; ``success``, ``message``, and
        ``status``, one of :mod:`coursekit.statuses`:

        - ``CONVERGED``: ``x`` and ``y`` are optimal. Other solutions may be as good if a reduced
          cost outside of the basis is 0, other multipliers if a basic variable is 0.
        - ``INFEASIBLE``: ``x``, ``fun``, ``y`` are None; ``certificate`` is a ``y`` with
          ``A.T @ y <= 0`` and ``b @ y = 1``, which no feasible ``x`` allows.
        - ``UNBOUNDED``: they are None; ``certificate`` is a ``d >= 0`` with ``A @ d = 0`` and
          ``c @ d = -1``, along which the cost falls for ever from the corner ``path[-1]``.
        - ``MAXITER``: they are None.

        Numbers below 1e-9 times the terms that they are made of count as zero: give variables
        and rows units in which their entries are of similar size.

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, an entry is not real or not finite, or there is no such rule.

    References
    ----------
    Book chapter *Linear programming*; Nocedal and Wright, *Numerical Optimization*, chapter 13.

    Examples
    --------
    >>> run = simplex([5, 3, 8], [[1, 1, 2]], [4])
    >>> run.x, run.fun, run.y, run.reduced
    (array([0., 4., 0.]), 12.0, array([3.]), array([2., 0., 2.]))
    >>> simplex([1, 1], [[1, 1]], [-1]).message
    'Infeasible: the rows combine to A.T @ y <= 0 with b @ y = 1, y in certificate.'
    """
    c, A, b = checked_program(c, A, b)
    A = A.toarray() if sp.issparse(A) else A
    if rule not in ("bland", "dantzig"):
        raise ValueError(f"rule must be 'bland' or 'dantzig'; got {rule!r}.")
    maxiter = count("maxiter", maxiter)
    (m, n), trail = A.shape, []
    rows, basis, scale = _start(c, A, b)
    missing = np.flatnonzero(basis < 0)
    kept = np.arange(m)
    if len(missing):
        basis[missing] = n + np.arange(len(missing))
        unit = np.eye(m)[:, missing]
        tableau = np.hstack([rows[:, :-1], unit, rows[:, -1:]])
        costs = np.repeat([0.0, 1.0], [n, len(missing)])
        tableau, status, _ = _phase(1, tableau, basis, costs, rule, maxiter, trail)
        if status == MAXITER:
            return _result(status, trail, n)
        rest = np.maximum(tableau[:-1, -1][basis >= n], 0).sum()
        if rest > _TOL * rows[missing, -1].sum():  # what it was at the start
            y = np.linalg.solve(np.hstack([rows[:, :-1], unit])[:, basis].T, costs[basis]) * scale
            return _result(INFEASIBLE, trail, n, certificate=y / (b @ y))
        rows, basis, kept = _without_artificial(tableau[:-1].copy(), basis, n)
        maxiter -= len(trail) - 1
    before = len(trail)
    tableau, status, entering = _phase(2, rows, basis, c, rule, maxiter, trail)
    path = np.array([_corner(basis, tableau, n) for _, basis, tableau, *_ in trail[before:]])
    if status == MAXITER:
        return _result(status, trail, n, path=path)
    if status == UNBOUNDED:
        d = np.zeros(n)
        d[entering], d[basis] = 1, np.maximum(-tableau[:-1, entering], 0)
        return _result(status, trail, n, path=path, certificate=d / -(c @ d))
    B, x, y = A[np.ix_(kept, basis)], np.zeros(n), np.zeros(m)
    x[basis] = np.maximum(np.linalg.solve(B, b[kept]), 0)  # without what the pivots rounded
    y[kept] = np.linalg.solve(B.T, c[basis])
    more = {"x": x, "fun": float(c @ x), "y": y, "reduced": c - A.T @ y}
    return _result(status, trail, n, path=path, **more)


def pivot(tableau, row, column):
    """Return the tableau after a pivot: ``column`` becomes the unit vector of ``row``.

    Parameters
    ----------
    tableau : ndarray, shape (m + 1, n + 1)
    row, column : int
        Where the pivot stands; it must not be zero.

    Returns
    -------
    ndarray, shape (m + 1, n + 1)

    Examples
    --------
    >>> pivot(np.array([[2.0, 4, 8], [-3, 0, 0]]), 0, 0)
    array([[ 1.,  2.,  4.],
           [ 0.,  6., 12.]])
    """
    new = tableau - np.outer(tableau[:, column] / tableau[row, column], tableau[row])
    new[row] = tableau[row] / tableau[row, column]
    new[:, column] = np.arange(len(tableau)) == row
    return new


def _start(c, A, b):
    """Return rows with b >= 0, the slack columns that are basic, or -1, and the row factors."""
    scale = np.where(b < 0, -1.0, 1.0)
    rows, basis = np.column_stack([A, b]) * scale[:, None], np.full(len(b), -1)
    for j in np.flatnonzero((c == 0) & ((A != 0).sum(axis=0) == 1)):
        i = np.flatnonzero(A[:, j])[0]
        if basis[i] < 0 and rows[i, j] > 0:
            basis[i] = j
            scale[i] /= rows[i, j]
            rows[i] /= rows[i, j]
    return rows, basis, scale


def _phase(phase, rows, basis, costs, rule, maxiter, trail):
    """Pivot until no reduced cost is negative; changes ``basis`` and adds to ``trail``."""
    bottom = np.append(costs, 0.0) - costs[basis] @ rows
    tableau, before = np.vstack([rows, bottom]), len(trail)
    size = np.abs(rows[:, :-1]).max(axis=0, initial=0)
    cost_size = np.abs(costs) + np.abs(costs).max(initial=0) * size
    while True:
        body, values = tableau[:-1, :-1], tableau[:-1, -1]
        terms = cost_size + np.abs(costs[basis]) @ np.abs(body)
        negative = np.flatnonzero(tableau[-1, :-1] < -_TOL * terms)
        trail.append((phase, basis.copy(), tableau, None, None))
        if not len(negative):
            return tableau, CONVERGED, None
        steepest = negative[tableau[-1, negative].argmin()]
        entering = int(negative[0] if rule == "bland" else steepest)
        column = body[:, entering]
        rising = np.flatnonzero(column > _TOL * np.abs(column).max(initial=size[entering]))
        if not len(rising):
            return tableau, UNBOUNDED, entering
        if len(trail) - before > maxiter:
            return tableau, MAXITER, None
        values = np.maximum(values, 0)
        fall = (values[rising] / column[rising]).min() * column[rising]
        noise = _TOL * fall + np.finfo(float).eps * values.max()
        ties = rising[values[rising] - fall <= noise]
        row = ties[basis[ties].argmin() if rule == "bland" else 0]
        trail[-1] = (phase, basis.copy(), tableau, entering, int(basis[row]))
        tableau = pivot(tableau, row, entering)
        basis[row] = entering
        if (len(trail) - before) % _REFRESH == 0:  # without what the pivots rounded
            tableau[:-1] = np.linalg.solve(rows[:, basis], rows)
            tableau[-1] = np.append(costs, 0.0) - costs[basis] @ tableau[:-1]


def _without_artificial(rows, basis, n):
    """Pivot artificial variables, all of them 0, out of the basis; drop rows that are 0 then."""
    kept, size = [], np.abs(rows[:, :n]).max(initial=0)
    rows[basis >= n, -1] = 0  # but for rounding
    for i in range(len(rows)):
        if basis[i] >= n:
            large = np.flatnonzero(np.abs(rows[i, :n]) > _TOL * size)
            if not len(large):
                continue  # this equation follows from the others
            j = large[np.abs(rows[i, large]).argmax()]
            rows, basis[i] = pivot(rows, i, j), j
        kept.append(i)
    return np.delete(rows[kept], np.s_[n:-1], axis=1), basis[kept], np.array(kept, dtype=int)


def _corner(basis, tableau, n):
    x = np.zeros(n)
    x[basis] = tableau[:-1, -1]
    return x


def _result(status, trail, n, path=None, x=None, fun=None, y=None, **more):
    from scipy.optimize import OptimizeResult

    nit = sum(entering is not None for *_, entering, _ in trail)
    message = {
        CONVERGED: f"Solved after {nit} pivots.",
        INFEASIBLE: "Infeasible: the rows combine to A.T @ y <= 0 with b @ y = 1, y in "
        "certificate.",
        UNBOUNDED: "Unbounded: the cost falls for ever along the direction in certificate.",
        MAXITER: f"Stopped at maxiter = {nit} pivots. If corners repeat, the rule cycles: "
        "take 'bland'.",
    }[status]
    return OptimizeResult(
        x=x, fun=fun, y=y, basis=trail[-1][1], nit=nit, tableaus=trail,
        path=np.zeros((0, n)) if path is None else path,
        status=status, success=status == CONVERGED, message=message, **more,
    )  # fmt: skip
