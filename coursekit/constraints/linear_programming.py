r"""Linear programs: the standard form, the way to it and back, and its corners.

A linear program minimizes a linear cost where linear equations and inequalities hold. Both solvers
of this part, `coursekit.constraints.simplex` and `coursekit.constraints.interior_point`, ask for it
in standard form,

.. math:: \min_x\; c^\top x \quad\text{where}\quad Ax = b,\; x \ge 0,

with ``A`` of shape (m, n). Its dual is :math:`\max_y b^\top y` where :math:`A^\top y \le c`.
Feasible ``x`` and ``y`` satisfy :math:`b^\top y \le c^\top x`: the difference is the duality gap.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy.sparse as sp

from coursekit._arguments import matrix, point, real_array, real_number

__all__ = ["StandardForm", "checked_program", "corners", "general_program", "standard_form"]


@dataclass(frozen=True, eq=False)
class StandardForm:
    r"""A program :math:`\min c^\top z`, :math:`Az = b`, :math:`z \ge 0`, and the way back.

    Attributes
    ----------
    c, A, b : ndarray, shapes (n,), (m, n), (m,)
        ``A`` is sparse if a matrix of the original program was. The rows are those of ``A_ub``,
        then those of ``A_eq``, then one for each variable with two different bounds.
    T, shift : ndarray, shapes (number of original variables, n) and (number of them,)
        The original variables are :math:`x = Tz + \text{shift}`; ``T`` is sparse if ``A`` is.
    offset : float
        The original cost is :math:`c^\top z + \text{offset}`.
    """

    c: np.ndarray
    A: np.ndarray
    b: np.ndarray
    T: np.ndarray
    shift: np.ndarray
    offset: float

    def restore(self, z):
        """Return the original variables that belong to ``z``, shape (n,).

        Examples
        --------
        >>> standard_form([1, 1], bounds=[(2, None), (None, 5)]).restore([1, 1])
        array([3., 4.])
        """
        return self.T @ point("z", z, len(self.c)) + self.shift


def standard_form(c, A_ub=None, b_ub=None, A_eq=None, b_eq=None, bounds=(0, None)):
    r"""Write any linear program in standard form.

    Minimize :math:`c^\top x` where :math:`A_{ub} x \le b_{ub}`, :math:`A_{eq} x = b_{eq}` and
    :math:`l \le x \le u`. The arguments are those of `scipy.optimize.linprog`. Each inequality
    gets a slack variable. A variable with a finite lower bound is counted from there, one with
    only an upper bound downwards from that, a free one is the difference of two, and one with
    :math:`l = u` becomes a constant.

    Parameters
    ----------
    c : array_like, shape (n,)
    A_ub, b_ub, A_eq, b_eq : array_like, optional
        Matrices, perhaps sparse, of n columns, and vectors of as many entries as they have rows.
    bounds : sequence, optional
        A pair ``(l, u)`` for each variable, or one for all; None is no bound.

    Returns
    -------
    StandardForm
        If ``y`` are the multipliers of its rows, their first entries are those of the rows of
        ``A_ub`` (at most 0) and of ``A_eq``, the derivatives of the minimum by ``b_ub``, ``b_eq``.

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, an entry is not real or not finite, or a bound is NaN or infinite on
        the wrong side. A lower bound above the upper one is an empty set, which solvers find.

    Examples
    --------
    Maximize :math:`3x_1 + 2x_2` where :math:`x_1 + x_2 \le 4`, :math:`0 \le x_1 \le 3`, and
    :math:`x_2` is free:

    >>> form = standard_form([-3, -2], [[1, 1]], [4], bounds=[(0, 3), (None, None)])
    >>> form.A
    array([[ 1.,  1., -1.,  1.,  0.],
           [ 1.,  0.,  0.,  0.,  1.]])
    >>> form.b, form.c
    (array([4., 3.]), array([-3., -2.,  2.,  0.,  0.]))
    """
    c, A_ub, b_ub, A_eq, b_eq, low, high = general_program(c, A_ub, b_ub, A_eq, b_eq, bounds)
    fixed, above = low == high, np.isfinite(low)
    up, down = ~fixed & (above | np.isinf(high)), ~fixed & ~above  # directions; free ones have both
    owner = np.concatenate([np.flatnonzero(up), np.flatnonzero(down)])
    sign = np.repeat([1.0, -1.0], [up.sum(), down.sum()])
    order = np.argsort(owner, kind="stable")
    owner, sign = owner[order], sign[order]
    T = sp.csr_array((sign, (owner, np.arange(len(owner)))), shape=(len(c), len(owner)))
    shift = np.where(above, low, np.where(np.isinf(high), 0.0, high))

    ranged = np.flatnonzero(above & np.isfinite(high) & ~fixed)
    spans = sp.csr_array((np.ones(len(ranged)), (np.arange(len(ranged)), ranged)),
                         shape=(len(ranged), len(c)))  # fmt: skip
    rows = sp.vstack([A_ub, A_eq, spans]) @ T
    slack = sp.block_diag([sp.eye_array(len(b_ub)), sp.csr_array((len(b_eq), 0)),
                           sp.eye_array(len(ranged))])  # fmt: skip
    A = sp.hstack([rows, slack], format="csr")
    b = np.concatenate([b_ub - A_ub @ shift, b_eq - A_eq @ shift, (high - low)[ranged]])
    T.resize((len(c), A.shape[1]))
    costs = T.T @ c
    if not any(map(sp.issparse, (A_ub, A_eq))):
        A, T = A.toarray(), T.toarray()
    return StandardForm(costs, A, b, T, shift, float(c @ shift))


def corners(A, b):
    r"""All corners of :math:`\{x : Ax = b,\ x \ge 0\}`, by trying every choice of m columns.

    A corner is a basic feasible solution: m independent columns, and zeros elsewhere. There are
    :math:`\binom{n}{m}` choices, so this is for small programs only.

    Parameters
    ----------
    A, b : array_like, shapes (m, n) and (m,)
        With independent rows; otherwise there is none.

    Returns
    -------
    ndarray, shape (number of corners, n)
        Each corner once, even if several choices of columns give it.

    Examples
    --------
    >>> corners([[1, 1, 2]], [4])
    array([[4., 0., 0.],
           [0., 4., 0.],
           [0., 0., 2.]])
    """
    _, A, b = checked_program(None, A, b)
    A = A.toarray() if sp.issparse(A) else A
    m, n = A.shape
    eps, found = np.finfo(float).eps, []
    for chosen in combinations(range(n), m):
        B = A[:, chosen]
        if m and np.linalg.matrix_rank(B) < m:
            continue
        x = np.zeros(n)
        x[list(chosen)] = np.linalg.solve(B, b)
        small = 100 * n * eps * np.abs(x).max(initial=0)
        if x.min(initial=0) >= -small:
            x[x <= small] = 0
            if not any(np.abs(x - other).max() <= small for other in found):
                found.append(x)
    return np.array(found).reshape(-1, n)


def checked_program(c, A, b):
    """Return ``c``, ``A``, ``b`` of a standard form as floats, ``A`` perhaps sparse.

    Parameters
    ----------
    c : array_like, shape (n,), or None
        None if there is no cost: then n is that of ``A``.
    A, b : array_like, shapes (m, n) and (m,)

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, or an entry is not real or not finite.

    Examples
    --------
    >>> checked_program([1, 2], [[1, 1]], [3])
    (array([1., 2.]), array([[1., 1.]]), array([3.]))
    """
    b = _vector("b", b)
    if c is None:
        n = A.shape[1] if sp.issparse(A) else matrix("A", A).shape[1]
        return c, _matrix("A", A, (len(b), n)), b
    c = _vector("c", c)
    return c, _matrix("A", A, (len(b), len(c))), b


def general_program(c, A_ub=None, b_ub=None, A_eq=None, b_eq=None, bounds=(0, None)):
    """Return the arguments of `scipy.optimize.linprog` as floats, the matrices perhaps sparse.

    Parameters and errors are those of `standard_form`.

    Returns
    -------
    c, A_ub, b_ub, A_eq, b_eq, low, high : ndarray
        A matrix without rows where none is given, and the bounds of each variable, perhaps
        infinite.

    Examples
    --------
    >>> _, A_ub, _, _, b_eq, low, high = general_program([1], [[2]], [3], bounds=(None, 5))
    >>> A_ub, b_eq, low, high
    (array([[2.]]), array([], dtype=float64), array([-inf]), array([5.]))
    """
    c = point("c", c).astype(float)
    sides = *_side("ub", A_ub, b_ub, len(c)), *_side("eq", A_eq, b_eq, len(c))
    return c, *sides, *_bounds(bounds, len(c))


def _vector(name, value):
    array = real_array(name, value).astype(float)
    if array.ndim != 1:
        raise ValueError(f"{name} must be a vector; got shape {array.shape}.")
    return array


def _matrix(name, value, shape):
    if not sp.issparse(value):
        return real_array(name, value, shape).astype(float)
    if value.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got shape {value.shape}.")
    sparse = sp.csr_array(value)
    sparse.data = real_array(name, sparse.data).astype(float)
    return sparse


def _side(kind, A, b, n):
    """Return the rows of one kind, none if both are None."""
    if A is None and b is None:
        return np.zeros((0, n)), np.zeros(0)
    b = _vector(f"b_{kind}", b)
    return _matrix(f"A_{kind}", A, (len(b), n)), b


def _bounds(bounds, n):
    pairs = np.array(bounds, dtype=object)
    if pairs.shape not in ((2,), (n, 2)):
        raise ValueError(
            f"bounds must be a pair, or one for each of the {n} variables; got shape {pairs.shape}."
        )
    pairs = np.broadcast_to(pairs, (n, 2))
    low, high = (
        np.array([none if v is None else real_number("bounds", v) for v in side])
        for none, side in zip((-np.inf, np.inf), pairs.T, strict=True)
    )
    wrong = np.isnan(low) | np.isnan(high) | (low == np.inf) | (high == -np.inf)
    if wrong.any():
        i = wrong.argmax()
        raise ValueError(
            f"bounds must be numbers, with infinity only as a lower bound of -inf or an upper "
            f"bound of inf; got ({low[i]}, {high[i]})."
        )
    return low, high
