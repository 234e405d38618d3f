r"""Local models of a function of several variables, and what they say about steps.

Around a point :math:`x_0`, with :math:`g = \nabla f(x_0)` and :math:`H = \nabla^2 f(x_0)`,

.. math:: f(x) = f(x_0) + g^\top (x - x_0) + \tfrac12 (x - x_0)^\top H (x - x_0) + O(\|x - x_0\|^3).

The value and both derivatives belong to :math:`x_0`; the chapter *Taylor models* of the course
shows what goes wrong otherwise, how far a model can be trusted, and how to test one.
"""

import numpy as np

from coursekit._arguments import number, point, points, real_array, symmetric

__all__ = ["classify_critical_point", "optimal_step", "quadratic_model"]


def quadratic_model(f, grad, hess, x0):
    r"""Return the second-order Taylor model of ``f`` around ``x0`` as a function.

    .. math:: m(x) = f(x_0) + g^\top (x - x_0) + \tfrac12 (x - x_0)^\top H (x - x_0)

    The three functions are called here, once each, at ``x0``; the model never calls them again.

    Parameters
    ----------
    f, grad, hess : callable
        One point of shape (n,) to a number, to the gradient (n,) and to the Hessian (n, n).
    x0 : array_like, shape (n,)
        The expansion point. Integers are promoted to float64.

    Returns
    -------
    callable
        ``model(x)`` takes points of shape (..., n) and returns values of shape (...), in the
        floating type to which NumPy promotes ``x``, ``x0`` and the three values.

    Raises
    ------
    TypeError, ValueError
        If ``x0`` is not one finite point, or a function returns the wrong shape or something not
        real or not finite there, or ``hess`` something not symmetric. By ``model``, if the last
        axis of its argument has not length n.

    Notes
    -----
    If the third derivatives of ``f`` are continuous, the error is :math:`O(\|x - x_0\|^3)`: it
    falls by 1000 when the distance falls by 10. For quadratic ``f`` the model is exact. Nothing
    is promised far from ``x0``; the model of a positive function may be negative.

    References
    ----------
    Nocedal and Wright, *Numerical Optimization*, 2nd ed., theorem 2.1; Goodfellow, Bengio and
    Courville, *Deep Learning*, section 4.3.1.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum as f
    >>> model = quadratic_model(f, f.grad, f.hess, [0, 2])
    >>> model([[0, 2], [0.5, 2.5]]).round(6)
    array([1.444259, 2.232692])
    >>> f([0.5, 2.5]).round(6)
    np.float64(2.594013)
    """
    x0 = point("x0", x0).copy()
    n = x0.size
    value = real_array("f(x0)", f(x0.copy()), ())
    g = real_array("grad(x0)", grad(x0.copy()), (n,))
    H = symmetric("hess(x0)", hess(x0.copy()), n)

    def model(x):
        d = points("x", x, n) - x0
        return value + d @ g + 0.5 * (d @ H * d).sum(axis=-1)

    return model


def optimal_step(g, H):
    r"""Return the step size that minimizes the quadratic model along the negative gradient.

    .. math:: s^* = \frac{g^\top g}{g^\top H g}

    Parameters
    ----------
    g : array_like, shape (n,)
        The gradient, not zero.
    H : array_like, shape (n, n)
        The Hessian. It must be positive along ``g``, not everywhere.

    Returns
    -------
    float
        The model falls by :math:`\tfrac12 s^* g^\top g` there and rises above its start beyond
        :math:`2 s^*`.

    Raises
    ------
    ValueError
        If ``g`` is zero, or if :math:`g^\top H g` is not positive beyond its rounding error,
        because the model has no minimum on that line then.
    TypeError, ValueError
        If an argument is not real, finite and of the right shape, or ``H`` not symmetric.

    Notes
    -----
    For positive definite ``H`` it lies between :math:`1/\lambda_{\max}` and
    :math:`1/\lambda_{\min}`. It is the best *single* step: used as a constant step size it may
    exceed :math:`2/\lambda_{\max}`, and then gradient descent diverges.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning*, equation 4.10.

    Examples
    --------
    >>> optimal_step([20, 10], [[2, 0], [0, 10]])
    0.2777777777777778
    """
    H = symmetric("H", H)
    g = point("g", g, len(H))
    largest = np.abs(g).max()
    if largest == 0:
        raise ValueError("g must not be zero: at a critical point there is no direction to step.")
    d = g / largest  # the quotient does not change, and its parts can't underflow
    curvature = d @ H @ d
    rounding = d.size * np.finfo(d.dtype).eps * (np.abs(d) @ np.abs(H) @ np.abs(d))
    if not curvature > rounding:
        raise ValueError(
            f"H must have positive curvature along g; got g.H.g / g.g = {curvature / (d @ d):.3g}: "
            "the quadratic has no minimum on that line."
        )
    return float(d @ d / curvature)


def classify_critical_point(H, *, tol=None):
    r"""Say from the Hessian what kind of critical point it belongs to.

    ================================= ==================
    eigenvalues of ``H``              result
    ================================= ==================
    all positive                      ``"minimum"``
    all negative                      ``"maximum"``
    some positive, some negative      ``"saddle"``
    some zero, the others of one sign ``"inconclusive"``
    ================================= ==================

    Parameters
    ----------
    H : array_like, shape (n, n)
        The Hessian at a point where the gradient is zero (which can't be checked here).
    tol : float, optional
        Eigenvalues within ``tol`` times the largest absolute eigenvalue count as zero. The
        default, n times the epsilon of the type of ``H``, covers the rounding of the eigenvalue
        solver. Give more if ``H`` itself is less accurate: 1e-6 for finite differences, say.

    Returns
    -------
    str
        ``"minimum"`` and ``"maximum"`` are local and strict. ``"inconclusive"`` means that the
        second derivatives can't tell: :math:`x^4`, :math:`-x^4` and :math:`x^3` look alike at 0.

    Raises
    ------
    TypeError, ValueError
        If ``H`` is not a finite symmetric matrix of real numbers, or ``tol`` not in [0, 1).

    References
    ----------
    Nocedal and Wright, *Numerical Optimization*, 2nd ed., theorems 2.3 and 2.4.

    Examples
    --------
    >>> classify_critical_point([[2, 0], [0, -2]])
    'saddle'
    >>> classify_critical_point([[2, 0], [0, 0]])
    'inconclusive'
    """
    H = symmetric("H", H)
    if tol is None:
        tol = len(H) * np.finfo(H.dtype).eps
    tol = number("tol", tol, at_least=0, below=1)
    eigenvalues = np.linalg.eigvalsh(H.astype(float))
    zero = tol * np.abs(eigenvalues).max()
    up, down = eigenvalues[-1] > zero, eigenvalues[0] < -zero
    if up and down:
        return "saddle"
    if (np.abs(eigenvalues) <= zero).any():
        return "inconclusive"
    return "minimum" if up else "maximum"
