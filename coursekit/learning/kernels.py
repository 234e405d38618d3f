r"""Kernels: inner products of features that are never formed, and fits made of them.

A kernel is a symmetric function K(x, y) all of whose matrices :math:`K_{ij} = K(x_i, x_j)` are
positive semidefinite. A fit with a kernel is a sum of its values at the data,

.. math:: f(x) = \sum_i c_i K(x, x_i) , \qquad (K + \lambda I)\, c = y .

References
----------
Aronszajn, "Theory of reproducing kernels", Transactions of the AMS 68, 1950. Hofmann, Schölkopf,
Smola, "Kernel methods in machine learning", Annals of Statistics 36, 2008. Belkin, Ma, Mandal,
"To understand deep learning we need to understand kernel learning", arXiv 1802.01396, 2018.
"""

import numpy as np

from coursekit._arguments import matrix, number, point, symmetric

__all__ = ["gaussian_kernel", "kernel_ridge", "laplacian_kernel"]


def gaussian_kernel(X, Y=None, *, width=1.0):
    r"""Compute the matrix :math:`K_{ij} = \exp(-\|x_i - y_j\|^2 / 2\sigma^2)`.

    Parameters
    ----------
    X : array_like, shape (m, d)
        Points, one a row.
    Y : array_like, shape (n, d), optional
        More points; by default those of `X`.
    width : float
        The length :math:`\sigma > 0`, in the units of the points. In scikit-learn's
        ``rbf_kernel`` it is ``gamma`` = :math:`1 / 2\sigma^2`.

    Returns
    -------
    ndarray, shape (m, n)
        Entries in [0, 1]; those of points farther apart than 38 widths underflow to 0.

    Raises
    ------
    TypeError, ValueError
        If the points are not real matrices with the same number of columns, or the width is not
        above 0.

    Notes
    -----
    Differences are formed before they are squared. The expansion
    :math:`\|x\|^2 + \|y\|^2 - 2 x^{\mathsf T} y` would be a matrix product, and faster, but it
    cancels for points that are near each other and far from the origin.

    Examples
    --------
    >>> gaussian_kernel([[0.0], [1.0], [3.0]]).round(4)
    array([[1.    , 0.6065, 0.0111],
           [0.6065, 1.    , 0.1353],
           [0.0111, 0.1353, 1.    ]])
    """
    squares = _distances(X, Y, "sqeuclidean")
    width = number("width", width, above=0)
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(-squares / (2 * width**2))


def laplacian_kernel(X, Y=None, *, width=1.0):
    r"""Compute the matrix :math:`K_{ij} = \exp(-\|x_i - y_j\| / \sigma)`.

    Parameters
    ----------
    X, Y, width
        As in :func:`gaussian_kernel`. The distance is Euclidean; scikit-learn's function of the
        same name takes the 1-norm.

    Returns
    -------
    ndarray, shape (m, n)
        Entries in [0, 1].

    Raises
    ------
    TypeError, ValueError
        As :func:`gaussian_kernel`.

    Examples
    --------
    >>> laplacian_kernel([[0.0], [1.0], [3.0]]).round(4)
    array([[1.    , 0.3679, 0.0498],
           [0.3679, 1.    , 0.1353],
           [0.0498, 0.1353, 1.    ]])
    """
    distances = _distances(X, Y, "euclidean")
    width = number("width", width, above=0)
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(-distances / width)


def kernel_ridge(K, y, *, penalty=0.0):
    r"""Solve :math:`(K + \lambda I)\, c = y` for the coefficients of a fit.

    The fit has at new points Z the values ``kernel(Z, X) @ c``. It minimises
    :math:`\sum_i (f(x_i) - y_i)^2 + \lambda \|f\|_K^2` with :math:`\|f\|_K^2 = c^{\mathsf T} K c`;
    with :math:`\lambda = 0` it goes through the data.

    Parameters
    ----------
    K : array_like, shape (n, n)
        The symmetric matrix of a kernel at the data.
    y : array_like, shape (n,)
        The values to fit.
    penalty : float
        :math:`\lambda \ge 0`, added to the diagonal.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or shape; and if :math:`K + \lambda I` is not positive
        definite in this precision: because the function is no kernel, points coincide, or the
        kernel is so wide that its matrix is singular up to rounding.

    Notes
    -----
    Cholesky's factorisation, :math:`n^3/3` operations; the memory is that of `K`.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [3.0]]), np.array([1.0, 0.0, 2.0])
    >>> c = kernel_ridge(gaussian_kernel(X), y)
    >>> (gaussian_kernel(X) @ c).round(12) + 0
    array([1., 0., 2.])
    """
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    K = symmetric("K", K)
    y = point("y", y, len(K))
    penalty = number("penalty", penalty, at_least=0)
    try:
        factor = cho_factor(K + penalty * np.eye(len(K)))
    except LinAlgError:
        raise ValueError(
            f"K + penalty I must be positive definite; with penalty {penalty:.3g} and float64 "
            "rounding it is not. Raise the penalty, or take a narrower kernel; if nothing helps, "
            "look whether the function is a kernel."
        ) from None
    return cho_solve(factor, y)


def _distances(X, Y, metric):
    from scipy.spatial.distance import cdist

    X = matrix("X", X)
    Y = X if Y is None else matrix("Y", Y)
    if X.shape[1] != Y.shape[1]:
        raise ValueError(
            f"Y must have {X.shape[1]} columns, as X; got {Y.shape[1]}: one row is one point."
        )
    return cdist(X, Y, metric)
