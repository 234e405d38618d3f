r"""PageRank: the share of its time that a reader who clicks at random spends on each page.

With probability d the reader follows one of the links of the present page, each as likely as the
others; with probability 1 - d, or if there is no link, any page is next. The shares x are the
eigenvector of a matrix with the eigenvalue 1,

.. math::

    x = G x , \qquad G = d \, \bigl(S + \tfrac1n \mathbf 1 a^{\mathsf T}\bigr)
    + \tfrac{1-d}{n} \mathbf 1 \mathbf 1^{\mathsf T} ,

where :math:`S_{ij} = 1 / \text{(number of links of } j)` if j links to i, and :math:`a_j = 1` if
page j has no links. G is full, and never formed: S has one entry a link.

References
----------
Brin and Page, "The anatomy of a large-scale hypertextual web search engine", Computer Networks
and ISDN Systems 30, 1998. Langville and Meyer, *Google's PageRank and Beyond*, Princeton 2006.
"""

import math

import numpy as np

from coursekit._arguments import count, number, real_number
from coursekit.statuses import CONVERGED, MAXITER

__all__ = ["link_matrix", "pagerank"]


def link_matrix(links, n):
    r"""Build the sparse matrix S of a web: column j spreads page j over the pages it links to.

    Parameters
    ----------
    links : array_like of int, shape (m, 2)
        Pairs (from, to) of pages, which are numbered from 0. Repeated links count once.
    n : int
        Number of pages.

    Returns
    -------
    scipy.sparse.csr_array, shape (n, n)
        Columns sum to 1; the column of a page without links is zero.

    Raises
    ------
    TypeError, ValueError
        If the links are not pairs of integers from 0 to n - 1.

    Notes
    -----
    Memory and time are proportional to n + m.

    Examples
    --------
    >>> link_matrix([(0, 1), (0, 2), (1, 2)], 3).toarray()
    array([[0. , 0. , 0. ],
           [0.5, 0. , 0. ],
           [0.5, 1. , 0. ]])
    """
    from scipy.sparse import coo_array

    n = count("n", n, at_least=1)
    links = np.asarray(links)
    if links.size == 0:
        links = np.empty((0, 2), int)
    if links.dtype.kind not in "iu":
        raise TypeError(f"links must hold integers, the numbers of pages; got {links.dtype}.")
    if links.ndim != 2 or links.shape[1] != 2:
        raise ValueError(f"links must have shape (m, 2), pairs (from, to); got {links.shape}.")
    if links.size and not (links.min() >= 0 and links.max() < n):
        raise ValueError(
            f"links must be between pages 0 to {n - 1}; got {links.min()} to {links.max()}."
        )
    S = coo_array((np.ones(len(links)), (links[:, 1], links[:, 0])), (n, n)).tocsr()
    out = np.bincount(S.indices.astype(np.intp), minlength=n)  # repeated links are one entry by now
    S.data = 1 / out[S.indices]
    return S


def pagerank(S, *, damping=0.85, tol=1e-10, maxiter=1000):
    r"""Rank the pages of a web by power iteration: :math:`x_{k+1} = G x_k` from equal shares.

    Parameters
    ----------
    S : sparse array, shape (n, n)
        As :func:`link_matrix` returns it.
    damping : float
        Probability d, from 0 to 1, that the reader follows a link.
    tol : float
        Bound on the change :math:`\|x_{k+1} - x_k\|_1` at which to stop.
    maxiter : int
        Largest number of steps.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x`` of shape (n,), which sums to 1; ``nit``; ``changes`` of shape (nit,), the 1-norms of
        the changes; ``error_bound``, :math:`\tfrac{d}{1-d}` times the last of them, which bounds
        the 1-norm of the error (infinite for d = 1); ``success``, ``message``, and ``status``:

        0. ``CONVERGED``: the last change was at most ``tol``.
        1. ``MAXITER``: that many steps were made.

    Raises
    ------
    TypeError, ValueError
        If S is not a sparse square matrix with entries of at least 0 whose columns sum to 1 or
        0, or another argument is of the wrong kind or out of range.

    Notes
    -----
    A step makes differences shrink by the factor d in the 1-norm, at least, whatever the web and
    its size; so :math:`\log(\text{tol}/2) / \log d` steps are enough. A step costs one pass over
    the links. For d = 1 the iteration may go round in a circle for ever.

    Examples
    --------
    >>> run = pagerank(link_matrix([(0, 1), (0, 2), (1, 2), (2, 0), (3, 2)], 4))
    >>> run.x.round(6), run.nit
    (array([0.372527, 0.195824, 0.394149, 0.0375  ]), 47)
    """
    from scipy.optimize import OptimizeResult

    loose = _loose_pages(S)
    d = real_number("damping", damping)
    if not 0 <= d <= 1:
        raise ValueError(f"damping must be from 0 to 1; got {d:g}.")
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter, at_least=1)
    n = S.shape[0]
    x, changes = np.full(n, 1 / n), []
    while len(changes) < maxiter and not (changes and changes[-1] <= tol):
        spread = d * x[loose].sum() + (1 - d)  # of the pages without links, and of the restarts
        new = d * (S @ x) + spread / n
        changes.append(float(np.abs(new - x).sum()))
        x = new
    status = CONVERGED if changes[-1] <= tol else MAXITER
    return OptimizeResult(
        x=x,
        nit=len(changes),
        changes=np.array(changes),
        error_bound=d / (1 - d) * changes[-1] if d < 1 else math.inf,
        success=status == CONVERGED,
        status=status,
        message=f"The last of {len(changes)} steps changed the shares by {changes[-1]:.2g} "
        f"({'at most' if status == CONVERGED else 'above'} tol = {tol:.2g}).",
    )


def _loose_pages(S):
    """Return which pages have no links, or say why S is no matrix of links."""
    from scipy.sparse import issparse

    if not issparse(S):
        raise TypeError(f"S must be a sparse array, as link_matrix makes it; got {type(S)}.")
    if S.ndim != 2 or S.shape[0] != S.shape[1] or 0 in S.shape:
        raise ValueError(f"S must be a nonempty square matrix; got shape {S.shape}.")
    sums = np.asarray(S.sum(axis=0)).ravel()
    whole = np.abs(sums - 1) < 1e-12 * S.shape[0]
    if not (whole | (sums == 0)).all() or S.min() < 0:
        raise ValueError(
            "S must have entries of at least 0 and columns that sum to 1, or to 0 for a page "
            "without links. Is it transposed?"
        )
    return np.flatnonzero(~whole)
