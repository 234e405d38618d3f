r"""Saddle systems: the linear equations of a quadratic problem with equations, by elimination.

Minimizing :math:`\tfrac12 x^\top H x + c^\top x` where :math:`Ax = b` leads to

.. math:: \begin{pmatrix} H & A^\top \\ A & 0 \end{pmatrix}
          \begin{pmatrix} x \\ \lambda \end{pmatrix} =
          \begin{pmatrix} -c \\ b \end{pmatrix} .

`kkt.solve_equality_qp` goes through the null space of ``A``: for small dense matrices, whatever
``H`` is. Here the other way, for large sparse ones: eliminate :math:`x` first.
"""

import numpy as np

from coursekit._arguments import real_array, symmetric
from coursekit.statuses import CONVERGED, NOT_POSITIVE_DEFINITE, SINGULAR

__all__ = ["block_elimination"]


def block_elimination(H, c, A, b):
    r"""Minimize :math:`\tfrac12 x^\top H x + c^\top x` subject to :math:`Ax = b`, by elimination.

    The first block row of the KKT system gives :math:`x = -H^{-1}(c + A^\top \lambda)`. What
    remains is a system with the Schur complement,

    .. math:: S \lambda = -(b + A H^{-1} c), \qquad S = A H^{-1} A^\top ,

    of shape (m, m). It costs a factorization of ``H``, ``m`` solutions with it, and a
    factorization of ``S``: right where ``H`` is easy (diagonal, banded, sparse) and ``m`` small.

    Parameters
    ----------
    H, A : array_like or sparse array, shapes (n, n) and (m, n)
        ``H`` is symmetric; it must be positive definite. If it is so only where ``Ax = 0``, add
        a multiple of ``A.T @ A`` to it and of ``-A.T @ b`` to ``c``, or use
        `kkt.solve_equality_qp`.
    c, b : array_like, shapes (n,) and (m,)

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``lam``, ``fun``, ``schur`` = S, ``success``, ``message`` and ``status``:
        ``CONVERGED``; ``NOT_POSITIVE_DEFINITE`` if ``H`` is not, where the other three are None;
        ``SINGULAR`` if the rows of ``A`` are dependent, where ``x``, ``lam`` and ``fun`` are.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or shape, or if ``H`` is not symmetric.

    Notes
    -----
    It loses about as many digits as the condition number of ``H`` has, even where the KKT matrix
    is well conditioned.

    References
    ----------
    Benzi, Golub and Liesen, Numerical solution of saddle point problems, *Acta Numerica* 2005,
    sections 3 and 5.

    Examples
    --------
    >>> run = block_elimination(np.eye(2), [0, 0], [[3, 4]], [5])
    >>> run.x.round(6), run.lam.round(6), run.schur
    (array([0.6, 0.8]), array([-0.2]), array([[25.]]))
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve
    from scipy.optimize import OptimizeResult

    H, A = _dense_or_sparse("H", H), _dense_or_sparse("A", A)
    n, m = H.shape[0], A.shape[0]
    if A.shape[1] != n:
        raise ValueError(f"A must have shape (m, {n}); got shape {A.shape}.")
    c, b = real_array("c", c, (n,)).astype(float), real_array("b", b, (m,)).astype(float)
    said = {
        CONVERGED: "Solved.",
        NOT_POSITIVE_DEFINITE: "H is not positive definite: add a multiple of A.T @ A to it, and "
        "of -A.T @ b to c, or use solve_equality_qp.",
        SINGULAR: "The Schur complement is singular: the rows of A are linearly dependent.",
    }

    def result(status, x=None, lam=None, fun=None, schur=None):
        return OptimizeResult(
            x=x, lam=lam, fun=fun, schur=schur,
            success=status == CONVERGED, status=status, message=said[status],
        )  # fmt: skip

    solve = _definite_solver(H)
    if solve is None:
        return result(NOT_POSITIVE_DEFINITE)
    At = (A.T if isinstance(A, np.ndarray) else A.T.toarray()).astype(float)
    S = A @ solve(At)
    S = (S + S.T) / 2
    scale = 1 / np.sqrt(np.where(np.diag(S) > 0, np.diag(S), 1))  # of the units of each equation
    try:
        factor = cho_factor(S * scale * scale[:, None], lower=True)
    except LinAlgError:
        return result(SINGULAR, schur=S)
    if np.diag(factor[0]).min(initial=1) ** 2 <= 10 * (m + n) * np.finfo(float).eps:
        return result(SINGULAR, schur=S)
    lam = -scale * cho_solve(factor, scale * (b + A @ solve(c)))
    x = -solve(c + A.T @ lam)
    return result(CONVERGED, x, lam, float(x @ (H @ x) / 2 + c @ x), S)


def _dense_or_sparse(name, M):
    """Return a matrix of numbers that are finite, sparse ones as CSC; ``H`` is symmetric."""
    from scipy.sparse import issparse

    if not issparse(M):
        if name == "H":
            return symmetric(name, M).astype(float)
        M = real_array(name, M).astype(float)
        if M.ndim != 2:
            raise ValueError(f"{name} must be a matrix; got shape {M.shape}.")
        return M
    M = M.tocsc()
    real_array(name, M.data)
    if name == "H":
        gap = abs(M - M.T).max() if M.shape[0] == M.shape[1] else np.inf
        if gap > np.sqrt(np.finfo(float).eps) * abs(M).max():
            raise ValueError(f"H must be symmetric; got shape {M.shape}, largest gap {gap:.3g}.")
    return M.astype(float)


def _definite_solver(H):
    """Return a function that solves with ``H``, or None if ``H`` is not positive definite."""
    from scipy.linalg import LinAlgError, cho_factor, cho_solve
    from scipy.sparse.linalg import splu

    if isinstance(H, np.ndarray):
        try:
            factor = cho_factor(H)
        except LinAlgError:
            return None
        return lambda right: cho_solve(factor, right)
    try:  # pivots on the diagonal only: they are positive exactly for a definite matrix
        factor = splu(
            H, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0, options={"SymmetricMode": True}
        )
    except RuntimeError:
        return None
    definite = (factor.perm_r == factor.perm_c).all() and (factor.U.diagonal() > 0).all()
    return factor.solve if definite else None
