r"""Conjugate gradients: momentum whose two numbers are computed anew at each step.

:math:`x_{k+1} = x_k + t_k d_k` with :math:`d_k = -g_k + \beta_k d_{k-1}`. Written for the points
this is the heavy ball, :math:`x_{k+1} = x_k - t_k g_k + \frac{t_k \beta_k}{t_{k-1}}
(x_k - x_{k-1})`, with a step size and a memory that need not be known in advance.
"""

import math

from coursekit.descent._run import counted, minimize, step_rule
from coursekit.descent.line_search import along, wolfe_rule

__all__ = ["conjugate_gradients"]


def conjugate_gradients(f, grad, x0, *, step_size=None, tol=1e-6, maxiter=1000):
    r"""Minimize ``f`` by nonlinear conjugate gradients, after Polak and Ribière.

    .. math:: \beta_k = \max\Big(0, \frac{g_k^\top (g_k - g_{k-1})}{g_{k-1}^\top g_{k-1}}\Big)

    Parameters
    ----------
    f, grad : callable
        A point of shape ``(n,)`` to a number and to the gradient ``(n,)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    step_size : callable, optional
        A rule, called as ``rule(k, x, fx, g, d)`` with the direction ``d``: on a quadratic
        ``exact_line_search(H)``. Not given: `wolfe_step` with ``curvature=0.1``, whose first
        trial promises the decrease of the step before.
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `gradient_descent`, with ``restarts``, the number of directions after the first that
        were the negative gradient. ``status`` is one of ``CONVERGED``, ``MAXITER``,
        ``NON_FINITE`` and ``NO_PROGRESS`` (the rule found no step).

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``f`` or ``grad`` is
        not finite.

    Notes
    -----
    On a quadratic with exact line search :math:`d_i^\top H d_j = 0` for :math:`i \ne j`: this is
    the method of Hestenes and Stiefel. It ends after as many updates as the Hessian has different
    eigenvalues, up to rounding, and after k updates the error in the norm of H has shrunk at
    least to :math:`2 \big(\tfrac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\big)^k`.

    References
    ----------
    Hestenes and Stiefel, "Methods of conjugate gradients for solving linear systems", Journal of
    Research of the National Bureau of Standards 49, 1952; Nocedal and Wright, *Numerical
    Optimization*, 2nd ed., sections 5.1 and 5.2.

    Examples
    --------
    >>> from coursekit.descent import exact_line_search
    >>> from coursekit.objectives import canyon as f
    >>> rule = exact_line_search(f.hess([0, 0]))
    >>> run = conjugate_gradients(f, f.grad, [-5, 6], step_size=rule)
    >>> run.nit, run.x.round(9) + 0.0
    (2, array([0., 0.]))
    """
    f, grad = counted(f), counted(grad)
    rule = wolfe_rule(f, grad, _start, curvature=0.1) if step_size is None else step_rule(step_size)
    d, before, restarts = None, None, 0

    def step(k, x, fx, g):
        nonlocal d, before, restarts
        beta = 0.0
        if d is not None:
            size = math.hypot(*before.tolist())
            beta = max(0.0, float((g / size) @ ((g - before) / size)))
            restarts += beta == 0
        d = -g if beta == 0 else beta * d - g
        if beta > 0 and not float(g @ d) < 0:  # after an inexact search it may lead uphill
            d, restarts = -g, restarts + 1
        before = g
        t = rule(k, x, fx, g, d)
        return along(x, t, d)

    run = minimize(f, grad, x0, step, tol=tol, maxiter=maxiter, rule=step_size)
    run.restarts = restarts
    return run


def _start(k, g, slope, promised):
    return promised / slope if promised else min(1.0, 1 / math.hypot(*g.tolist()))
