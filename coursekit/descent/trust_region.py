r"""Newton's method in a trust region: the best step of the quadratic model within a radius.

Where the Hessian is not positive definite the model falls without a bound, but within a ball it
has a minimum, and that leads downhill. The radius follows from experience: it shrinks where the
model promised too much and grows where it kept its promise.
"""

import math

import numpy as np

from coursekit._arguments import number, point, symmetric
from coursekit.descent._run import Stop, better_by_gradient, counted, hessian, minimize, short
from coursekit.statuses import NO_PROGRESS, NON_FINITE

__all__ = ["trust_region", "trust_region_step"]


def trust_region(f, grad, hess, x0, *, radius=1.0, tol=1e-8, maxiter=200):
    r"""Minimize ``f`` by steps of `trust_region_step`, with a radius that adapts.

    The ratio :math:`\rho` of the decrease of ``f`` to that of the model decides: below 1/4 the
    radius becomes a quarter of the step, above 3/4 it doubles if it stood in the way. A step with
    :math:`\rho \le 1/10` is rejected, and a shorter one tried.

    Parameters
    ----------
    f, grad, hess : callable
        A point of shape ``(n,)`` to a number, to the gradient ``(n,)``, to the Hessian ``(n, n)``,
        which need not be positive definite.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    radius : float, optional
        The first radius, in the units of ``x``.
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``.
    maxiter : int, optional
        Largest number of updates. Rejected steps are no updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `newton`, with the last ``radius``. ``nfev - 1`` steps were tried, and ``nit`` of
        them made. ``status`` is one of ``CONVERGED``, ``MAXITER``, ``NON_FINITE`` (the Hessian or
        the gradient; a point where ``f`` is not finite is rejected) and ``NO_PROGRESS`` (no step
        that changes ``x`` decreases ``f``).

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, a Hessian that is not symmetric, or a
        start where ``f`` or ``grad`` is not finite.

    References
    ----------
    Moré and Sorensen, "Computing a trust region step", SIAM Journal on Scientific and Statistical
    Computing 4(3), 1983; Nocedal and Wright, *Numerical Optimization*, 2nd ed., chapter 4.

    Examples
    --------
    >>> from coursekit.objectives import saddle, polynomial10 as f
    >>> run = trust_region(f, f.grad, f.hess, [1.0])
    >>> run.x.round(6), run.nit, run.nfev - 1
    (array([-0.412173]), 5, 5)

    A saddle has no minimizer, but each step leads down and not to the critical point:

    >>> trust_region(saddle, saddle.grad, saddle.hess, [1, 0.5], maxiter=2).path_fun.round(3)
    array([  0.75 ,  -1.647, -11.46 ])
    """
    radius = number("radius", radius, above=0)
    f, grad = counted(f), counted(grad)
    hessians = 0

    def step(k, x, fx, g):
        nonlocal radius, hessians
        hessians += 1
        H = hessian(hess, x)
        while True:
            d, mu = trust_region_step(g, H, radius)
            trial = x + d
            if not np.isfinite(trial).all():
                raise Stop(NON_FINITE, f"the step is {short(d)}. Start elsewhere, or scale x.")
            if (trial == x).all():
                raise Stop(
                    NO_PROGRESS,
                    "no step decreases f enough. Check grad and hess against f; or rounding hides "
                    "the decrease, then raise tol.",
                )
            promised, length = -float(g @ d + d @ H @ d / 2), math.hypot(*d.tolist())
            ratio = (fx - float(f(trial))) / promised if promised > 0 else 0.0
            if ratio <= 0.1 and better_by_gradient(f, grad, fx, g, trial):
                return trial
            if not ratio >= 0.25:  # NaN too
                radius = length / 4
            elif ratio > 0.75 and mu > 0:
                radius *= 2
            if ratio > 0.1:
                return trial

    run = minimize(f, grad, x0, step, tol=tol, maxiter=maxiter)
    run.nhev, run.radius = hessians, radius
    return run


def trust_region_step(g, H, radius):
    r"""Minimize :math:`g^\top d + \tfrac12 d^\top H d` over :math:`\|d\|_2 \le \rho`.

    The minimizer is a ``d`` with :math:`(H + \mu I)\, d = -g` and a multiplier :math:`\mu \ge 0`
    for which :math:`H + \mu I` has no negative eigenvalue; :math:`\mu = 0`, or :math:`\|d\| =
    \rho`. In the eigenvectors of :math:`H` each component of :math:`d(\mu)` is explicit, and
    Newton's method solves the secular equation :math:`1/\|d(\mu)\| = 1/\rho`.

    Parameters
    ----------
    g : array_like, shape (n,)
    H : array_like, shape (n, n)
        Symmetric; any signs of the eigenvalues.
    radius : float
        The bound :math:`\rho > 0`.

    Returns
    -------
    d : ndarray, shape (n,)
        With :math:`\|d\| \le \rho` up to a few rounding errors.
    mu : float
        The multiplier.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or ``H`` not symmetric.

    Notes
    -----
    In the *hard case* ``g`` has no component along the eigenvectors of the lowest eigenvalue
    :math:`\lambda_1 < 0`, and :math:`d(-\lambda_1)` is shorter than :math:`\rho`: the rest of the
    length goes along such an eigenvector, either way. If the component is tiny but not zero,
    :math:`\mu + \lambda_1` is tiny. It is the unknown here, so that nothing cancels, and nearly
    hard cases need no treatment of their own.

    References
    ----------
    Moré and Sorensen (1983); Nocedal and Wright, *Numerical Optimization*, 2nd ed., theorem 4.1
    and section 4.3.

    Examples
    --------
    >>> d, mu = trust_region_step([4, 0], [[2, 0], [0, -2]], 1)
    >>> d, mu
    (array([-1.,  0.]), 2.0)
    >>> d, mu = trust_region_step([2, 0], [[2, 0], [0, -2]], 1)  # the hard case
    >>> d.round(6), mu
    (array([-0.5     ,  0.866025]), 2.0)
    """
    H = symmetric("H", H)
    g = point("g", g, len(H))
    radius = number("radius", radius, above=0)
    values, Q = np.linalg.eigh(H)
    d, mu = diagonal_step(Q.T @ g, values, radius)
    return Q @ d, mu


def diagonal_step(g, values, radius):
    """Return the `trust_region_step` for the Hessian ``diag(values)``, the values ascending."""
    lowest = float(values[0])
    above, eps = values - lowest, float(np.finfo(g.dtype).eps)
    # nu = mu + lowest. One component alone is as long as the radius at |g_i| / radius - above_i,
    # so the longest of them is a bound from below. 1 / ||d|| is concave in nu: from there Newton's
    # iterates rise to the solution and never pass it.
    nu = max(lowest, 0.0, float((np.abs(g) / radius - above).max()))
    while True:
        d = -_divide(g, above + nu)
        length = math.hypot(*d.tolist())
        if length <= radius * (1 + 8 * eps):
            break
        unit = d / length
        before, nu = nu, nu + (length / radius - 1) / float(unit @ _divide(unit, above + nu))
        if not nu > before:  # as close as rounding allows; NaN after an overflow
            break
    if nu == 0 > lowest:  # the hard case: d(mu) is undetermined along the first eigenvector
        d[0] = math.sqrt(max(0.0, radius**2 - length**2))
    return d, nu - lowest


def _divide(a, b):
    """Return ``a / b``, and 0 where ``b`` is 0."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
