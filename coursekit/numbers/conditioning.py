r"""Condition numbers, and the errors that they connect.

The condition number belongs to a *problem*: how much a relative change of its data can change its
result. The backward error belongs to a computed *answer*: how far the data would have to move for
that answer to be exact. Their product bounds the forward error,

.. math:: \text{forward error} \lesssim \text{condition number} \times \text{backward error}.

Only the norms 1 and inf need the inverse itself; its columns are found as solutions. float32
matrices are treated in float32, all else in float64.

References
----------
N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM, 2002, chapters 1
and 7.
"""

import math

import numpy as np

from coursekit._arguments import count, matrix, number, real_array, real_number

__all__ = [
    "backward_error",
    "condition_number",
    "digits_lost",
    "forward_error",
    "hilbert",
    "perturbation_ellipse",
    "relative_condition_number",
]


def condition_number(A, p=2):
    r"""Condition number :math:`\kappa_p(A) = \|A\|_p \, \|A^{-1}\|_p` of a matrix.

    With the singular values :math:`\sigma_1 \ge \dots \ge \sigma_n`,

    .. math:: \kappa_2 = \frac{\sigma_1}{\sigma_n}, \qquad
              \kappa_F = \sqrt{\textstyle\sum \sigma_i^2}\, \sqrt{\textstyle\sum \sigma_i^{-2}} .

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real and finite; square unless `p` is 2 or "fro". For a rectangular matrix the
        pseudoinverse takes the place of the inverse.
    p : {2, 1, inf, "fro"}
        The norm: spectral, largest column sum, largest row sum, or Frobenius.

    Returns
    -------
    float
        At least 1; inf if `A` is exactly singular, or if the number is too large for its dtype.

    Raises
    ------
    TypeError, ValueError
        If `A` is not a real, finite, nonempty matrix, or `p` is none of the four.

    Notes
    -----
    A computed singular value has an absolute error of about :math:`\varepsilon \sigma_1`. So a
    result above :math:`1/\varepsilon` (4.5e15, in float32 8.4e6) has no correct digit: read it as
    "singular to working precision". The ratio of the largest to the smallest eigenvalue modulus
    equals :math:`\kappa_2` for normal matrices only, and can be arbitrarily smaller.

    Examples
    --------
    >>> A = [[4.1, 2.8], [9.7, 6.6]]
    >>> round(condition_number(A), 4), round(condition_number(A, "fro"), 4)
    (1622.9994, 1623.0)
    >>> condition_number([[1, 0], [0, 0]])
    inf
    """
    A = _matrix(A)
    if p in (1, np.inf):
        return _by_columns(A, p)
    if p not in (2, "fro"):
        raise ValueError(f'p must be 2, 1, inf or "fro"; got {p!r}.')
    s = np.linalg.svd(A, compute_uv=False)
    if s[-1] == 0:
        return math.inf
    with np.errstate(over="ignore"):
        ratio = s[0] / s[-1]  # inf beyond the largest number
        if p == 2:
            return float(ratio)
        # scaled by the extremes, so that no square over- or underflows
        scaled = np.linalg.norm(s / s[0]) * np.linalg.norm(s[-1] / s)
        return float(scaled * ratio)


def relative_condition_number(f, x, *, jac=None):
    r"""Relative condition number of a function at a point,

    .. math:: \kappa_f(x) = \frac{\|J(x)\|_2 \, \|x\|_2}{\|f(x)\|_2}, \qquad
              \text{for numbers } \left| \frac{x f'(x)}{f(x)} \right| .

    It is the factor between a small relative change of `x` and, in the worst direction, the
    relative change of `f`.

    Parameters
    ----------
    f : callable
        Number to number, or array of shape (n,) to array of shape (m,) or to a number.
    x : float or array_like, shape (n,)
        The point.
    jac : callable, optional
        Derivative, or Jacobian of shape (m, n). Default: central differences in float64, which
        leave about ten digits where `f` is smooth within a relative step of 6e-6.

    Returns
    -------
    float
        0 or larger; inf where `f` vanishes and its relative change has no bound.

    Raises
    ------
    ValueError
        If numerator and denominator both vanish (no relative change is defined there), if `f` or
        its derivative is not finite, or if `jac` returns another shape.

    References
    ----------
    Higham (2002), section 1.6.

    Examples
    --------
    >>> import numpy as np
    >>> round(relative_condition_number(lambda x: 1000 * x, 0.3), 6)
    1.0
    >>> round(relative_condition_number(np.log, 1.01, jac=lambda x: 1 / x), 3)
    100.499
    """
    from coursekit.derivatives import numerical_jacobian

    x = real_array("x", x).astype(float)
    value = real_array("f(x)", f(x), finite=False).astype(float)
    if jac is not None:
        J = real_array("jac(x)", jac(x), value.shape + x.shape, finite=False).astype(float)
    else:
        size = np.abs(x)  # a relative step: the result must not depend on the unit of x
        h = np.cbrt(np.finfo(float).eps) * np.where(size > 0, size, size.max() or 1.0)
        one = x.ndim == 0
        J = numerical_jacobian((lambda v: f(v[..., 0])) if one else f, np.atleast_1d(x), h)
        J = J.reshape(value.shape + x.shape)
    if not (np.isfinite(value).all() and np.isfinite(J).all()):
        raise ValueError(f"x must be a point where f and its derivative are finite; got {x}.")
    numerator = np.linalg.norm(J.reshape(value.size, x.size), 2) * np.linalg.norm(x)
    denominator = np.linalg.norm(value)
    if denominator > 0:
        return float(numerator / denominator)
    if numerator > 0:
        return math.inf
    raise ValueError(f"x must not make f(x) vanish together with x or J(x); got {x}.")


def forward_error(x_hat, x):
    r"""Relative forward error :math:`\|\hat x - x\|_2 / \|x\|_2`, evaluated in float64.

    Parameters
    ----------
    x_hat, x : array_like
        Computed and true solution, of the same shape.

    Returns
    -------
    float
        NaN or inf if `x_hat` is not finite.

    Raises
    ------
    ValueError
        If the shapes differ, or `x` is zero or not finite.

    Examples
    --------
    >>> forward_error([1.0, 0.5], [1.0, 0.0])
    0.5
    """
    x = real_array("x", x).astype(float)
    x_hat = real_array("x_hat", x_hat, x.shape, finite=False).astype(float)
    size = np.linalg.norm(x.ravel())
    if not 0 < size < np.inf:
        raise ValueError(
            f"x must have a norm above 0 and finite, as errors are relative; got {size}."
        )
    return float(np.linalg.norm((x_hat - x).ravel()) / size)


def backward_error(A, x_hat, b):
    r"""Normwise relative backward error of an approximate solution of :math:`Ax = b`,

    .. math:: \eta(\hat x) = \frac{\|b - A\hat x\|_2}{\|A\|_2 \|\hat x\|_2 + \|b\|_2} .

    It is the smallest :math:`\eta` for which :math:`(A + E)\hat x = b + e` with
    :math:`\|E\|_2 \le \eta \|A\|_2` and :math:`\|e\|_2 \le \eta \|b\|_2`. Then, to first order,
    the forward error is at most :math:`2 \kappa_2(A)\, \eta`.

    Parameters
    ----------
    A : array_like, shape (n, n)
    x_hat, b : array_like, shape (n,)

    Returns
    -------
    float
        Between 0 and 1; a stable solver leaves a small multiple of the unit of rounding.

    Raises
    ------
    ValueError
        If the shapes don't fit, or A, b or x_hat are not finite, or all three sizes are zero.

    Notes
    -----
    The residual is evaluated in float64: for float32 data that is exact enough, for float64 data
    a result below :math:`n\varepsilon` may as well be zero.

    References
    ----------
    J. L. Rigal and J. Gaches, "On the compatibility of a given solution with the data of a linear
    system", Journal of the ACM 14(3), 1967. Higham (2002), theorem 7.1.

    Examples
    --------
    >>> backward_error([[2.0, 0.0], [0.0, 1.0]], [1.0, 1.0], [2.0, 1.0])
    0.0
    """
    A = _matrix(A).astype(float)
    x_hat = real_array("x_hat", x_hat, A.shape[1:]).astype(float)
    b = real_array("b", b, A.shape[:1]).astype(float)
    scale = np.linalg.norm(A, 2) * np.linalg.norm(x_hat) + np.linalg.norm(b)
    if scale == 0:
        raise ValueError("b must not be zero together with A x_hat: nothing can be relative to it.")
    return float(np.linalg.norm(b - A @ x_hat) / scale)


def digits_lost(kappa):
    r"""Decimal digits that a problem may cost: :math:`\log_{10} \kappa`, and never less than 0.

    Parameters
    ----------
    kappa : float
        A condition number, 0 or larger. (That of a function may lie below 1.)

    Returns
    -------
    float
        inf for a singular problem.

    Raises
    ------
    ValueError
        If `kappa` is negative or NaN.

    Examples
    --------
    >>> round(digits_lost(1623), 2)
    3.21
    """
    kappa = real_number("kappa", kappa)
    if not kappa >= 0:
        raise ValueError(f"kappa must be at least 0; got {kappa}.")
    return math.log10(max(kappa, 1))


def hilbert(n):
    r"""Hilbert matrix, :math:`H_{ij} = 1 / (i + j - 1)` for :math:`i, j = 1, \dots, n`.

    Symmetric positive definite, with :math:`\kappa_2` about :math:`e^{3.5 n}`: a standard
    example of an ill-conditioned matrix. The entries are rounded, so from n = 12 on the stored
    matrix is singular to working precision.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    ndarray of float64, shape (n, n)

    Examples
    --------
    >>> hilbert(2)
    array([[1.        , 0.5       ],
           [0.5       , 0.33333333]])
    """
    k = np.arange(count("n", n, at_least=1))
    return 1 / (1 + k[:, None] + k)


def perturbation_ellipse(A, radius, n=80):
    r"""Changes :math:`\delta x` with :math:`\|A\, \delta x\|_2` = radius: an ellipse, for 2 × 2.

    If the right-hand side of :math:`Ax = b` moves by at most `radius`, then the solution stays
    within this ellipse around it. Its half-axes are radius / :math:`\sigma_i` along the right
    singular vectors, so their ratio is :math:`\kappa_2(A)`.

    Parameters
    ----------
    A : array_like, shape (2, 2)
        Not singular.
    radius : float
        Positive.
    n : int
        Number of sides of the polygon.

    Returns
    -------
    ndarray, shape (n + 1, 2)
        Points on the ellipse around the origin; the last repeats the first.

    Raises
    ------
    ValueError
        If `A` is not 2 × 2 or is singular to working precision, or `radius` is not positive.

    Examples
    --------
    >>> ring = perturbation_ellipse([[1.0, 0.0], [0.0, 0.1]], 0.5)
    >>> abs(ring).max(axis=0).round(3)
    array([0.5, 5. ])
    """
    A = _matrix(A)
    if A.shape != (2, 2):
        raise ValueError(f"A must have shape (2, 2); got shape {A.shape}.")
    radius, n = number("radius", radius, above=0), count("n", n, at_least=3)
    _, s, Vt = np.linalg.svd(A)
    if s[1] <= 2 * np.finfo(A.dtype).eps * s[0]:
        raise ValueError("A must not be singular: the ellipse would have an infinite half-axis.")
    angle = np.linspace(0, 2 * np.pi, n + 1)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    ring[-1] = ring[0]
    return radius * (ring / s) @ Vt


def _matrix(A):
    """Return `A` as a matrix in float32 or float64."""
    A = matrix("A", A)
    return A if A.dtype == np.float32 else A.astype(float)


def _by_columns(A, p):
    """Condition number in the norm 1 or inf: the columns of the inverse are n solutions."""
    if A.shape[0] != A.shape[1]:
        raise ValueError(f"A must be square for p = {p}; got shape {A.shape}.")
    A = np.ldexp(A, -np.frexp(np.abs(A).max())[1])  # exact, and entries of size 1
    try:
        columns = np.linalg.solve(A, np.eye(len(A), dtype=A.dtype))
    except np.linalg.LinAlgError:
        return math.inf
    with np.errstate(over="ignore"):
        kappa = float(np.linalg.norm(A, p) * np.linalg.norm(columns, p))
    return kappa if math.isfinite(kappa) else math.inf
