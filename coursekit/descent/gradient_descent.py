r"""Gradient descent that stops for a stated reason, and rules that choose its step size.

The iteration is :math:`x_{k+1} = x_k - s_k \nabla f(x_k)`, with a step size :math:`s_k` that is
fixed or comes from a rule, ``rule(k, x, fx, g)``: ``decaying``, ``backtracking``,
``exact_line_search``, or your own. Methods that go in another direction than :math:`-g`, such as
`newton`, call it as ``rule(k, x, fx, g, d)``; these three take both.
"""

import math

import numpy as np

from coursekit._arguments import count, number, point, symmetric
from coursekit.descent._run import evaluate, step_rule
from coursekit.models.taylor import optimal_step
from coursekit.statuses import CONVERGED, DIVERGED, MAXITER, NO_PROGRESS, NON_FINITE

__all__ = ["backtracking", "decaying", "exact_line_search", "gradient_descent"]

# A run has diverged when this many iterates in a row have a gradient 1/eps times the first one.
# On a parabola x is then so far out that neighbouring floats lie as far apart as the start and the
# minimizer.
_DIVERGED_AFTER = 10


def gradient_descent(f, grad, x0, *, step_size=0.1, tol=1e-6, maxiter=1000):
    r"""Minimize ``f`` by :math:`x_{k+1} = x_k - s_k \nabla f(x_k)`, keeping the whole path.

    The run stops at the first iterate with :math:`\|\nabla f(x_k)\|_2 \le` ``tol``, or for one of
    the other reasons under ``status``. It does not raise for a run that goes wrong (a rule may:
    ``exact_line_search`` does where the quadratic has no minimum on the line).

    Parameters
    ----------
    f : callable
        Point of shape ``(n,)`` to a number.
    grad : callable
        Point of shape ``(n,)`` to the gradient, shape ``(n,)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype
        (``float32`` stays ``float32``). It is copied, never changed.
    step_size : float or callable, optional
        A number, or a rule ``rule(k, x, fx, g)`` that returns the step size of update ``k`` =
        0, 1, … from the point, the value and the gradient; 0 says that it found none.
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``path`` of shape ``(nit + 1, n)`` holds every iterate from ``x0`` on, all finite, and
        ``path_fun`` of shape ``(nit + 1,)`` the value at each; ``x``, ``fun`` and ``jac`` belong
        to the last.
        ``nfev`` and ``njev`` count calls of ``f`` (those of ``backtracking`` too) and ``grad``.
        ``success`` is ``status == CONVERGED``; ``message`` says what happened, where, and what to
        do. The names are those of :mod:`coursekit.statuses`:

        0. ``CONVERGED``: the gradient is small. This may be a saddle or a plateau.
        1. ``MAXITER``: that many updates were made.
        2. ``DIVERGED``: the gradient was at least ``1/eps`` times as large as at the start for ten
           iterates in a row. Runs that rise and come back, as zigzags, long steps and escapes
           from saddles do, are not flagged: they would have to rise by a factor of 4.5e15
           (8.4e6 in ``float32``).
        3. ``NON_FINITE``: the next point, its value or its gradient is not finite, and is left out
           of the path.
        4. ``NO_PROGRESS``: the update is too small to change ``x``, or the rule found no step size.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, a start where ``f`` or ``grad`` is not
        finite, or a rule that returns no step size. The message starts with the argument's name.

    Notes
    -----
    NumPy's warnings about overflow, invalid values and division by zero are off inside: what they
    announce ends the run with status 3.

    References
    ----------
    Cauchy (1847); Boyd and Vandenberghe, *Convex Optimization*, section 9.3.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum as f
    >>> run = gradient_descent(f, f.grad, [-2, 2], step_size=0.2, tol=1e-4)
    >>> run.nit, run.path.shape, run.x.round(3)
    (97, (98, 2), array([ 0.648, -0.045]))
    >>> gradient_descent(f, f.grad, [3, 3], step_size=0.2).status
    3
    """
    from scipy.optimize import OptimizeResult

    x, rule = point("x0", x0).copy(), step_rule(step_size)
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    searched = getattr(step_size, "nfev", 0)

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        fx, g, norm, not_finite = evaluate(f, grad, x)
        if not_finite:
            raise ValueError(f"x0 must be a point where f and grad are finite; got {not_finite}.")
        path, values = [x], [fx]
        first, s, far, eps = norm, 0.0, 0, float(np.finfo(x.dtype).eps)
        while True:
            k = len(path) - 1
            far = far + 1 if norm * eps >= first else 0  # iterates in a row
            if norm <= tol:
                status = CONVERGED
                break
            if far == _DIVERGED_AFTER:
                status = DIVERGED
                break
            if k == maxiter:
                status = MAXITER
                break
            s = rule(k, x, fx, g)
            trial = x - s * g
            if (trial == x).all():
                status = NO_PROGRESS
                break
            *evaluated, not_finite = evaluate(f, grad, trial)
            if not_finite:
                status = NON_FINITE
                break
            x, (fx, g, norm) = trial, evaluated
            path.append(x)
            values.append(fx)

    calls = len(path) + bool(status == NON_FINITE and np.isfinite(trial).all())
    return OptimizeResult(
        x=x.copy(),
        fun=fx,
        jac=g,
        nit=k,
        nfev=calls + getattr(step_size, "nfev", 0) - searched,
        njev=calls,
        success=status == CONVERGED,
        status=status,
        message=_message(status, k, s, norm, first, tol, not_finite, values),
        path=np.array(path),
        path_fun=np.array(values),
    )


def decaying(s0, power=1.0):
    r"""Return the rule :math:`s_k = s_0 / (k + 1)^p`: long steps first, short ones to settle.

    For :math:`\tfrac12 < p \le 1` the step sizes have an infinite sum and a finite sum of
    squares, which is what gradients with noise need. Without noise they are slow: on curvature
    :math:`\lambda`, :math:`p = 1` converges like :math:`k^{-s_0 \lambda}`.

    Parameters
    ----------
    s0 : float
        First step size, positive.
    power : float, optional
        The exponent :math:`p \ge 0`.

    References
    ----------
    Robbins and Monro (1951).

    Examples
    --------
    >>> rule = decaying(0.5)
    >>> [rule(k, None, None, None) for k in (0, 1, 4)]
    [0.5, 0.25, 0.1]
    """
    s0, power = number("s0", s0, above=0), number("power", power, at_least=0)

    def rule(k, x, fx, g, d=None):
        return s0 / (k + 1) ** power

    return rule


def backtracking(f, *, start=1.0, shrink=0.5, slope=0.25):
    r"""Return the rule that shortens the step until ``f`` falls enough.

    Of ``start``, ``start * shrink``, ``start * shrink**2``, … it takes the first step size
    :math:`s` that satisfies Armijo's condition

    .. math:: f(x - s g) \le f(x) - c\, s\, \|g\|_2^2, \qquad c = \text{slope},

    which asks for the fraction :math:`c` of the decrease that the tangent promises. In another
    direction :math:`d` it is :math:`f(x + s d) \le f(x) + c\, s\, g^\top d`. A value that
    overflows or is NaN fails the condition, so the step is shortened. The rule returns 0 when
    ``x - s * g`` rounds to ``x`` before any step passed: ``g`` is not the gradient of ``f``, or
    the decrease is below the rounding of ``f``. It does so too where ``d`` leads uphill.

    Parameters
    ----------
    f : callable
        The function that is minimized; each trial costs one call, counted in ``rule.nfev``.
    start : float, optional
        First trial, positive.
    shrink : float, optional
        Factor between trials, in (0, 1).
    slope : float, optional
        The fraction :math:`c`, in (0, 1). Exact steps on a quadratic achieve 1/2, so larger
        values rule them out.

    References
    ----------
    Armijo (1966); Boyd and Vandenberghe, *Convex Optimization*, section 9.2.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum as f
    >>> run = gradient_descent(f, f.grad, [3, 3], step_size=backtracking(f), tol=1e-4)
    >>> run.success, run.nit
    (True, 20)
    """
    start = number("start", start, above=0)
    shrink = number("shrink", shrink, above=0, below=1)
    slope = number("slope", slope, above=0, below=1)

    def rule(k, x, fx, g, d=None):
        s, norm = start, math.hypot(*g.tolist())
        d, fall = (-g, norm) if d is None else (d, -float(g / norm @ d))
        while fall > 0 and ((trial := x + s * d) != x).any():
            rule.nfev += 1
            if f(trial) <= fx - slope * (s * fall) * norm:
                return s
            s *= shrink
        return 0.0

    rule.nfev = 0
    return rule


def exact_line_search(H):
    r"""Return the rule that minimizes a quadratic along the gradient.

    On :math:`f(x) = \tfrac12 x^\top H x - b^\top x` the best step size is
    :math:`s = g^\top g / g^\top H g`; successive gradients are then orthogonal, and ``f - f*``
    shrinks at least by :math:`\left(\frac{\kappa - 1}{\kappa + 1}\right)^2` per update. Each
    step size is computed by `coursekit.models.taylor.optimal_step`.

    Parameters
    ----------
    H : array_like, shape (n, n)
        The Hessian; where mirrored entries differ by no more than half of the digits, their mean
        is taken.

    Raises
    ------
    TypeError, ValueError
        If ``H`` is not a finite symmetric matrix of real numbers.
    ValueError
        By the rule, where :math:`g^\top H g` is not positive beyond its rounding error: ``f`` has
        no minimum along that gradient.

    References
    ----------
    Boyd and Vandenberghe, *Convex Optimization*, section 9.3; Strang, *Linear Algebra and
    Learning from Data*, section VI.4.

    Examples
    --------
    >>> from coursekit.objectives import zigzag
    >>> f = zigzag(0.1)
    >>> rule = exact_line_search(f.hess([0, 0]))
    >>> gradient_descent(f, f.grad, [0.1, 1], step_size=rule, maxiter=2).path.round(4)
    array([[ 0.1   ,  1.    ],
           [-0.0818,  0.8182],
           [ 0.0669,  0.6694]])
    """
    H = symmetric("H", H)

    def rule(k, x, fx, g, d=None):
        if d is None:
            return optimal_step(g, H)
        largest = np.abs(d).max()
        u = d / largest  # so that no square underflows
        return optimal_step(u, H) * -float(g @ u / (u @ u)) / largest

    return rule


def _message(status, k, s, norm, first, tol, not_finite, values):
    """Say what happened, at which iteration, and what to do."""
    at = f"||grad|| = {norm:.3g}"
    if status == CONVERGED:
        return f"Converged after {k} updates: {at} <= tol = {tol:.3g}."
    if status == MAXITER:
        half = (k + 1) // 2
        if half and min(values[half:]) >= min(values[:half]):
            advice = "f no longer falls: take smaller steps or raise tol"
        else:
            advice = "raise maxiter or take larger steps"
        return f"Stopped at maxiter = {k} updates: {at} > tol = {tol:.3g}; {advice}."
    if status == DIVERGED:
        return (
            f"Diverged: at iteration {k} {at}, against {first:.3g} at the start. Try a smaller "
            "step_size or step_size=backtracking(f); if that diverges too, f has no minimum there."
        )
    if status == NON_FINITE:
        return (
            f"Not finite at iteration {k + 1}: a step of size {s:.3g} along {at} led to "
            f"{not_finite}. Try a smaller step_size or step_size=backtracking(f)."
        )
    reason = (
        f"the update of size {s * norm:.3g} is below the rounding of x, so take larger steps"
        if s > 0
        else "the rule found no step that decreases f enough, so check grad against f"
    )
    return (
        f"No progress at iteration {k + 1}: {reason}; or, if {at} is small enough for you, "
        f"raise tol = {tol:.3g}."
    )
