r"""The nearest point of a convex set, :math:`P(x) = \operatorname{argmin}_{z \in K} \|x - z\|_2`.

If K is closed, convex and not empty, there is exactly one, and

.. math:: (x - P(x))^\top (z - P(x)) \le 0 \quad \text{for all } z \in K,

which says that K lies behind the plane through P(x) across the way from x. It follows that
:math:`\|P(x) - P(y)\| \le \|x - y\|`: projecting never drives points apart.

Each function takes points of shape ``(..., n)``, one a row, and returns their projections in the
same shape, float32 for float32. Arguments of the wrong kind, shape or range raise ``TypeError`` or
``ValueError`` with a message that starts with the argument's name.

References
----------
Boyd and Vandenberghe, *Convex Optimization*, Cambridge University Press 2004, section 8.1.
Duchi, Shalev-Shwartz, Singer and Chandra, "Efficient projections onto the l1-ball for learning in
high dimensions", International Conference on Machine Learning 2008.
"""

import numpy as np

from coursekit._arguments import matrix, number, point, real_array, real_number

__all__ = [
    "project_affine",
    "project_ball",
    "project_box",
    "project_halfspace",
    "project_l1_ball",
    "project_semidefinite",
    "project_simplex",
]


def project_box(x, low, high):
    r"""Project onto the box :math:`\{z : l \le z \le h\}`: clip each coordinate.

    Parameters
    ----------
    x : array_like, shape (..., n)
    low, high : float or array_like of shape (n,)
        Infinite where there is no bound; ``(0, inf)`` is the nonnegative orthant.

    Examples
    --------
    >>> project_box([[2, -1], [0.5, 0]], 0, 1)
    array([[1. , 0. ],
           [0.5, 0. ]])
    """
    x = _points(x)
    low, high = (_bound(name, v, x) for name, v in (("low", low), ("high", high)))
    if not (low <= high).all():
        raise ValueError(f"low must be at most high everywhere; got {low} and {high}.")
    return np.clip(x, low, high)


def project_ball(x, radius=1.0):
    r"""Project onto the ball :math:`\{z : \|z\|_2 \le r\}`: shorten what is longer.

    Parameters
    ----------
    x : array_like, shape (..., n)
    radius : float
        Above 0.

    Examples
    --------
    >>> project_ball([[3, 4], [0.3, 0.4]]).round(12)
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    x, radius = _points(x), number("radius", radius, above=0)
    largest = np.abs(x).max(axis=-1, keepdims=True)
    scaled = x / np.where(largest > 0, largest, 1)  # its squares neither overflow nor vanish
    length = largest * np.sqrt((scaled**2).sum(axis=-1, keepdims=True))
    return np.where(length > radius, x * (radius / np.maximum(length, radius)), x)


def project_halfspace(x, a, b):
    r"""Project onto the half-space :math:`\{z : a^\top z \le b\}`: step back along ``a``.

    .. math:: P(x) = x - \max\left(0, \frac{a^\top x - b}{a^\top a}\right) a

    Parameters
    ----------
    x : array_like, shape (..., n)
    a : array_like, shape (n,)
        Not zero.
    b : float

    Examples
    --------
    >>> project_halfspace([[2, 2], [0, 0]], [1, 1], 2)
    array([[1., 1.],
           [0., 0.]])
    """
    x = _points(x)
    a, b = point("a", a, x.shape[-1]), number("b", b)
    largest = np.abs(a).max()
    if largest == 0:
        raise ValueError("a must not be zero: it is the direction across the edge.")
    a, b = a / largest, b / largest
    above = np.maximum(0, (x @ a - b) / (a @ a))
    return (x - above[..., None] * a).astype(x.dtype)


def project_affine(x, A, b):
    r"""Project onto the solutions of a linear system, :math:`\{z : A z = b\}`.

    .. math:: P(x) = x - A^+ (A x - b)

    Parameters
    ----------
    x : array_like, shape (..., n)
    A : array_like, shape (m, n)
        The rows may depend on each other.
    b : array_like, shape (m,)
        If no point solves the system, the result is the nearest of the points with the least
        residual.

    Examples
    --------
    >>> project_affine([3, 1], [[1, 1]], [2]).round(12)
    array([2., 0.])
    """
    x, A = _points(x), matrix("A", A)
    if A.shape[1] != x.shape[-1]:
        raise ValueError(f"A must have {x.shape[-1]} columns, as x has; got shape {A.shape}.")
    b = point("b", b, len(A))
    rows = x.reshape(-1, x.shape[-1])
    shift, *_ = np.linalg.lstsq(A, (rows @ A.T - b).T, rcond=None)
    return (rows - shift.T).reshape(x.shape).astype(x.dtype)


def project_simplex(x, total=1.0):
    r"""Project onto the simplex :math:`\{z : z \ge 0, \sum_i z_i = t\}`.

    .. math:: P(x)_i = \max(0, x_i - \theta), \quad \text{with } \theta \text{ so that the sum is }
        t

    In descending order, :math:`\theta = (x_1 + \dots + x_k - t) / k` for the largest k for which
    :math:`x_k > \theta`.

    Parameters
    ----------
    x : array_like, shape (..., n)
    total : float
        Above 0; with 1, the results are probabilities.

    Examples
    --------
    >>> project_simplex([[1, 1, 1], [2, 0, 0], [0.6, 0.5, -1]]).round(12)
    array([[0.33333333, 0.33333333, 0.33333333],
           [1.        , 0.        , 0.        ],
           [0.55      , 0.45      , 0.        ]])
    """
    x, total = _points(x), number("total", total, above=0)
    x = x - x.max(axis=-1, keepdims=True)  # changes theta alone, and sums lose no digits
    falling = np.flip(np.sort(x, axis=-1), axis=-1)
    k = np.arange(1, x.shape[-1] + 1, dtype=x.dtype)
    theta = (np.cumsum(falling, axis=-1) - total) / k
    last = (falling > theta).sum(axis=-1, keepdims=True) - 1
    return np.maximum(0, x - np.take_along_axis(theta, last, axis=-1)).astype(x.dtype)


def project_l1_ball(x, radius=1.0):
    r"""Project onto :math:`\{z : \|z\|_1 \le r\}`: shrink all coordinates, small ones to 0.

    Parameters
    ----------
    x : array_like, shape (..., n)
    radius : float
        Above 0.

    Notes
    -----
    Outside of the ball it is the projection of the absolute values onto the simplex, with the
    signs put back. Zeros in the result are why a bound on this norm selects variables.

    Examples
    --------
    >>> project_l1_ball([[2, -0.5], [0.3, -0.4]])
    array([[ 1. , -0. ],
           [ 0.3, -0.4]])
    """
    x, radius = _points(x), number("radius", radius, above=0)
    size = np.abs(x)
    outside = size.sum(axis=-1, keepdims=True) > radius
    return np.where(outside, np.copysign(project_simplex(size, radius), x), x)


def project_semidefinite(X):
    r"""Project symmetric matrices onto the positive semidefinite ones.

    .. math:: X = V \Lambda V^\top \mapsto V \max(\Lambda, 0)\, V^\top,

    the nearest in the Frobenius norm.

    Parameters
    ----------
    X : array_like, shape (..., n, n)
        What is not symmetric is: each is replaced by the mean of it and its transpose, which is
        its projection onto the symmetric matrices.

    Examples
    --------
    >>> project_semidefinite([[1, 2], [2, 1]]).round(12)
    array([[1.5, 1.5],
           [1.5, 1.5]])
    """
    X = real_array("X", X)
    if X.ndim < 2 or X.shape[-1] != X.shape[-2] or X.size == 0:
        raise ValueError(f"X must have shape (..., n, n); got shape {X.shape}.")
    X = X / 2 + np.swapaxes(X, -1, -2) / 2
    eigenvalues, V = np.linalg.eigh(X)
    return (V * np.maximum(eigenvalues, 0)[..., None, :]) @ np.swapaxes(V, -1, -2)


def _points(x):
    """Return ``x`` as a floating array of shape (..., n)."""
    x = real_array("x", x)
    if x.ndim == 0 or x.size == 0:
        raise ValueError(f"x must be points of shape (..., n); got shape {x.shape}.")
    return x


def _bound(name, value, x):
    """Return a bound as an array that fits ``x``: one number, or one a coordinate."""
    if np.ndim(value) == 0:
        bound = np.asarray(real_number(name, value))
    else:
        bound = real_array(name, value, x.shape[-1:], finite=False)
    if np.isnan(bound).any():
        raise ValueError(f"{name} must not be nan; got {value!r}.")
    return bound.astype(x.dtype)
