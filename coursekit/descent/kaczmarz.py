r"""Kaczmarz' method: solve a linear system by one equation, or one block of them, at a time.

An equation :math:`a_i^\top x = b_i` is a hyperplane. A step projects the iterate onto it,

.. math:: x_{k+1} = x_k + \frac{b_i - a_i^\top x_k}{\|a_i\|^2}\, a_i,

and a block step onto all points that satisfy the equations of a block. It is stochastic gradient
descent on :math:`\tfrac12 (a_i^\top x - b_i)^2` with the step size :math:`1 / \|a_i\|^2`.

References
----------
Kaczmarz, "Angenäherte Auflösung von Systemen linearer Gleichungen", Bulletin International de
l'Académie Polonaise des Sciences et des Lettres A 35, 1937; Strohmer and Vershynin, "A randomized
Kaczmarz algorithm with exponential convergence", Journal of Fourier Analysis and Applications 15,
2009; Needell and Tropp, "Paved with good intentions: analysis of a randomized block Kaczmarz
method", Linear Algebra and its Applications 441, 2014.
"""

import itertools
import math

import numpy as np

from coursekit._arguments import count, matrix, number, point, real_array
from coursekit.statuses import CONVERGED, MAXITER

__all__ = ["kaczmarz"]


def kaczmarz(
    A,
    b,
    x0=None,
    *,
    order="random",
    block_size=1,
    relaxation=1.0,
    tol=None,
    maxiter=10_000,
    every=None,
    seed=0,
):
    r"""Solve :math:`Ax = b` by projections onto one row, or one block of rows, after the other.

    If the system has solutions, every projection comes closer to all of them, and from ``x0`` = 0
    the iterates tend to the one of least norm. If it has none, they come near the least squares
    solution and then wander about. Where ``A`` is ill conditioned and ``b`` has noise, they often
    come near the truth and leave it again: then ``tol`` is what stops them in time.

    Parameters
    ----------
    A : array_like or SciPy sparse array, shape (m, n)
        The matrix. Rows that are zero are never used.
    b : array_like, shape (m,)
        The right side.
    x0 : array_like, shape (n,), optional
        Start; by default zero.
    order : {"random", "cyclic"}, optional
        ``"cyclic"`` takes the blocks from the first to the last, again and again. ``"random"``
        draws each one independently, with a probability in proportion to the sum of its squared
        entries.
    block_size : int, optional
        Rows of a block, 1 to ``m``; they stand together in ``A``, and the last block may be
        smaller.
    relaxation : float, optional
        Fraction of the way that a step goes, in (0, 2). Below 1 the noise of ``b`` is damped.
    tol : float, optional
        Bound on :math:`\|Ax - b\|_2`: absolute, in the units of ``b``. For data with noise,
        pass the norm of the noise (discrepancy principle): a better fit would fit the noise. By
        default :math:`\sqrt\varepsilon\, \|b\|_2`.
    maxiter : int, optional
        Largest number of updates.
    every : int, optional
        Updates between two looks, at which the residual is computed; by default a sweep, that is,
        as many as there are blocks. A look is also taken at the start and at the end.
    seed : int or numpy.random.Generator, optional
        Where the random order comes from.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``path`` of shape ``(looks, n)``, ``path_fun`` with the norms of the residual and
        ``path_nit`` with the number of updates made, all at the looks; ``x``, ``fun`` and ``nit``
        belong to the last. ``rows`` counts the rows used, and ``sweeps`` is ``rows / m``. A look
        costs about as much as half a sweep and is not counted. ``status`` is one of

        0. ``CONVERGED``: at a look the residual was at most ``tol``.
        1. ``MAXITER``: that many updates were made.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a matrix of zeros. The message
        starts with the argument's name.

    Notes
    -----
    A row step costs two passes over the entries of the row that are not zero, so a sweep costs as
    much as one product with ``A`` and one with its transpose: one iteration of gradient descent,
    conjugate gradients or ``scipy.sparse.linalg.lsqr``. Rows are scaled to norm 1 in a copy.
    Blocks are kept as dense factors of a singular value decomposition; singular values below
    :math:`\varepsilon \max(\text{shape})` times the largest count as zero.

    Examples
    --------
    >>> A, x = np.array([[3.0, 4.0], [0.0, 5.0], [1.0, 1.0]]), np.array([2.0, -1.0])
    >>> run = kaczmarz(A, A @ x)
    >>> run.x.round(6), run.status, run.sweeps < 60
    (array([ 2., -1.]), 0, True)
    >>> kaczmarz(A, A @ x, order="cyclic", block_size=2, maxiter=1).x.round(6)
    array([ 2., -1.])
    """
    from scipy.optimize import OptimizeResult

    A, b, x = _system(A, b, x0)
    m = len(b)
    if order not in ("random", "cyclic"):
        raise ValueError(f"order must be 'random' or 'cyclic'; got {order!r}.")
    size = count("block_size", block_size, at_least=1)
    if size > m:
        raise ValueError(f"block_size must be at most m = {m}; got {size}.")
    relaxation = number("relaxation", relaxation, above=0, below=2)
    if tol is None:
        tol = math.sqrt(np.finfo(x.dtype).eps) * _norm(b)
    tol = number("tol", tol, at_least=0)
    steps, sizes, weights = _projections(A, b, size, relaxation)
    maxiter = count("maxiter", maxiter)
    every = len(steps) if every is None else count("every", every, at_least=1)
    rng, rows, k = np.random.default_rng(seed), 0, 0
    shares = weights / weights.sum()

    path, norms, updates = [x.copy()], [_norm(A @ x - b)], [0]
    while norms[-1] > tol and k < maxiter:
        draws = min(every, maxiter - k)
        if order == "random":
            picks = rng.choice(len(steps), size=draws, p=shares)
        else:
            picks = np.arange(k, k + draws) % len(steps)
        for i in picks.tolist():
            steps[i](x)
        k, rows = k + draws, rows + int(sizes[picks].sum())
        path.append(x.copy())
        norms.append(_norm(A @ x - b))
        updates.append(k)

    status = CONVERGED if norms[-1] <= tol else MAXITER
    return OptimizeResult(
        x=x,
        fun=norms[-1],
        nit=k,
        rows=rows,
        sweeps=rows / m,
        success=status == CONVERGED,
        status=status,
        message=_message(status, k, norms, tol),
        path=np.array(path),
        path_fun=np.array(norms),
        path_nit=np.array(updates),
    )


def _system(A, b, x0):
    """Return the checked system and start, of one floating type; a sparse matrix as CSR."""
    from scipy.sparse import csr_array, issparse

    if issparse(A):
        A = csr_array(A, copy=True)
        A.data = real_array("A", A.data)
        A.sum_duplicates()
        if 0 in A.shape:
            raise ValueError(f"A must be a nonempty matrix; got shape {A.shape}.")
    else:
        A = matrix("A", A)
    m, n = A.shape
    b = point("b", b, m)
    x = np.zeros(n, A.dtype) if x0 is None else point("x0", x0, n)
    dtype = np.result_type(A.dtype, b.dtype, x.dtype)
    return A.astype(dtype), b.astype(dtype), x.astype(dtype)  # copies, all three


def _norm(x):
    """Return the length of a vector whose squares may overflow or underflow."""
    largest = float(np.abs(x).max())
    return largest * float(np.linalg.norm(x / largest)) if largest > 0 else 0.0


def _projections(A, b, size, relaxation):
    """Return for each block: a function that moves x in place, rows, squared Frobenius norm."""
    rows = _entries(A)
    largest = max(float(np.abs(a).max(initial=0)) for _, a in rows)
    if not largest > 0:
        raise ValueError("A must have a row that is not zero; all its entries are 0.")
    steps, sizes, weights = [], [], []
    for first in range(0, len(rows), size):
        block, beta = rows[first : first + size], b[first : first + size]
        weight = sum(float(np.sum((a / largest) ** 2)) for _, a in block)  # no overflow
        if weight > 0:
            if size == 1:
                steps.append(_row_step(*block[0], float(beta[0]), relaxation))
            else:
                steps.append(_block_step(block, beta, relaxation, A.shape[1]))
            sizes.append(len(block))
            weights.append(weight)
    return steps, np.array(sizes), np.array(weights)


def _entries(A):
    """Return for each row which columns it uses, and its entries there."""
    if isinstance(A, np.ndarray):
        return [(slice(None), a) for a in A]
    cuts = A.indptr.tolist()
    pieces = [slice(low, high) for low, high in itertools.pairwise(cuts)]
    return [(A.indices[piece], A.data[piece]) for piece in pieces]


def _row_step(columns, a, beta, relaxation):
    norm = math.hypot(*a.tolist())  # no overflow or underflow on the way
    a, beta = a / norm, beta / norm

    def step(x):
        x[columns] += (relaxation * (beta - a @ x[columns])) * a

    return step


def _block_step(block, beta, relaxation, n):
    M = np.zeros((len(block), n), beta.dtype)
    for row, (columns, a) in zip(M, block, strict=True):
        row[columns] = a
    used = np.flatnonzero(M.any(axis=0))
    M = M[:, used]
    U, sigma, Vt = np.linalg.svd(M, full_matrices=False)
    kept = sigma > np.finfo(M.dtype).eps * max(M.shape) * sigma[0]
    U, V = U[:, kept] / sigma[kept], Vt[kept].T

    def step(x):
        x[used] += relaxation * (V @ ((beta - M @ x[used]) @ U))

    return step


def _message(status, k, norms, tol):
    """Say what happened, at which update, and what to do."""
    at = f"||Ax - b|| = {norms[-1]:.3g}"
    if status == CONVERGED:
        return f"Converged after {k} updates: {at} <= tol = {tol:.3g}."
    half = (len(norms) + 1) // 2
    if len(norms) > 1 and min(norms[half:]) >= min(norms[:half]):
        advice = "it no longer falls: no x may satisfy all equations; pass tol, the noise of b"
    else:
        advice = "raise maxiter or tol"
    return f"Stopped at maxiter = {k} updates: {at} > tol = {tol:.3g}; {advice}."
