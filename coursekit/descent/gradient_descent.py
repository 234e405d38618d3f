r"""Gradient descent that stops for a stated reason, and rules that choose its step size.

The iteration is :math:`x_{k+1} = x_k - s_k \nabla f(x_k)`, with a step size :math:`s_k` that is
fixed or comes from a rule ``step(k, x, fx, g)``: ``decaying``, ``backtracking``,
``exact_line_search``, or your own.
"""

import math
import operator

import numpy as np

__all__ = ["backtracking", "decaying", "exact_line_search", "gradient_descent"]

CONVERGED, MAXITER, DIVERGED, NON_FINITE, NO_PROGRESS = range(5)

# A run has diverged when this many iterates in a row have a gradient 1/eps times the first one.
# On a parabola x is then so far out that neighbouring floats lie as far apart as the start and the
# minimiser.
_LOST_FOR = 10


def gradient_descent(f, grad, x0, *, step=0.1, tol=1e-6, maxiter=1000):
    r"""Minimise ``f`` by :math:`x_{k+1} = x_k - s_k \nabla f(x_k)`, keeping the whole path.

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
    step : float or callable, optional
        The step size, or a rule ``step(k, x, fx, g)`` that returns the one of update ``k`` =
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
        ``success`` is ``status == 0``; ``message`` says what happened, where, and what to do:

        0. converged: the gradient is small. This may be a saddle or a plateau.
        1. ``maxiter`` updates were made.
        2. diverged: the gradient was at least ``1/eps`` times as large as at the start for ten
           iterates in a row. Runs that rise and come back, as zigzags, long steps and escapes
           from saddles do, are not flagged: they would have to rise by a factor of 4.5e15
           (8.4e6 in ``float32``).
        3. the next point, its value or its gradient is not finite, and is left out of the path.
        4. no progress: the update is too small to change ``x``, or the rule found no step.

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
    >>> run = gradient_descent(f, f.grad, [-2, 2], step=0.2, tol=1e-4)
    >>> run.nit, run.path.shape, run.x.round(3)
    (97, (98, 2), array([ 0.648, -0.045]))
    >>> gradient_descent(f, f.grad, [3, 3], step=0.2).status
    3
    """
    from scipy.optimize import OptimizeResult

    x, rule = _start(x0), _rule(step)
    tol, maxiter = check_limits(tol, maxiter)
    searched = getattr(step, "nfev", 0)

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        fx, g, norm, culprit = _evaluate(f, grad, x)
        if culprit:
            raise ValueError(f"x0 must be a point where f and grad are finite; got {culprit}.")
        path, values = [x], [fx]
        first, s, lost, eps = norm, 0.0, 0, float(np.finfo(x.dtype).eps)
        while True:
            k = len(path) - 1
            lost = lost + 1 if norm * eps >= first else 0
            if norm <= tol:
                status = CONVERGED
                break
            if lost == _LOST_FOR:
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
            *evaluated, culprit = _evaluate(f, grad, trial)
            if culprit:
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
        nfev=calls + getattr(step, "nfev", 0) - searched,
        njev=calls,
        success=status == CONVERGED,
        status=status,
        message=_message(status, k, s, norm, first, tol, culprit, values),
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
    check_inside("s0", s0, np.inf)
    if not 0 <= check_number("power must be", power) < np.inf:
        raise ValueError(f"power must be at least 0 and finite; got {power!r}.")

    def rule(k, x, fx, g):
        return s0 / (k + 1) ** power

    return rule


def backtracking(f, *, start=1.0, shrink=0.5, slope=0.25):
    r"""Return the rule that shortens the step until ``f`` falls enough.

    Of ``start``, ``start * shrink``, ``start * shrink**2``, … it takes the first step size
    :math:`s` that satisfies Armijo's condition

    .. math:: f(x - s g) \le f(x) - c\, s\, \|g\|_2^2, \qquad c = \text{slope},

    which asks for the fraction :math:`c` of the decrease that the tangent promises. A value that
    overflows or is NaN fails the condition, so the step is shortened. The rule returns 0 when
    ``x - s * g`` rounds to ``x`` before any step passed: ``g`` is not the gradient of ``f``, or
    the decrease is below the rounding of ``f``.

    Parameters
    ----------
    f : callable
        The function that is minimised; each trial costs one call, counted in ``rule.nfev``.
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
    >>> run = gradient_descent(f, f.grad, [3, 3], step=backtracking(f), tol=1e-4)
    >>> run.success, run.nit
    (True, 20)
    """
    check_inside("start", start, np.inf)
    check_inside("shrink", shrink, 1)
    check_inside("slope", slope, 1)

    def rule(k, x, fx, g):
        s, norm = start, math.hypot(*g.tolist())
        while ((trial := x - s * g) != x).any():
            rule.nfev += 1
            if f(trial) <= fx - slope * (s * norm) * norm:
                return s
            s *= shrink
        return 0.0

    rule.nfev = 0
    return rule


def exact_line_search(H):
    r"""Return the rule that minimises a quadratic along the gradient.

    On :math:`f(x) = \tfrac12 x^\top H x - b^\top x` the best step size is
    :math:`s = g^\top g / g^\top H g`; successive gradients are then orthogonal, and ``f - f*``
    shrinks at least by :math:`\left(\frac{\kappa - 1}{\kappa + 1}\right)^2` per update.

    Parameters
    ----------
    H : array_like, shape (n, n)
        The Hessian.

    Raises
    ------
    ValueError
        By the rule, where :math:`g^\top H g \le 0`: ``f`` has no minimum along that gradient.

    References
    ----------
    Boyd and Vandenberghe, *Convex Optimization*, section 9.3; Strang, *Linear Algebra and
    Learning from Data*, section VI.4.

    Examples
    --------
    >>> from coursekit.objectives import zigzag
    >>> f = zigzag(0.1)
    >>> rule = exact_line_search(f.hess([0, 0]))
    >>> gradient_descent(f, f.grad, [0.1, 1], step=rule, maxiter=2).path.round(4)
    array([[ 0.1   ,  1.    ],
           [-0.0818,  0.8182],
           [ 0.0669,  0.6694]])
    """
    H = np.array(H, dtype=float)
    if H.ndim != 2 or not np.isfinite(H).all() or not np.array_equal(H, H.T):
        raise ValueError("H must be a finite symmetric matrix: it is the Hessian of a quadratic.")

    def rule(k, x, fx, g):
        d = g / np.abs(g).max()  # the quotient does not change, and its parts can't underflow
        curvature = d @ H @ d
        if not curvature > 0:
            raise ValueError(
                f"H must be positive definite along the gradient: at iteration {k} "
                f"g.H.g / max|g|^2 = {curvature:.3g}, so f has no minimum on that line."
            )
        return d @ d / curvature

    return rule


def check_number(what, value):
    """Return ``value`` as a float if it is one real number."""
    array = np.asarray(value)
    if array.shape != () or array.dtype.kind not in "iuf":
        raise TypeError(f"{what} one real number; got {value!r}.")
    return float(array)


def check_inside(name, value, high):
    """Raise unless ``value`` is one real number strictly between 0 and ``high``."""
    value = check_number(f"{name} must be", value)
    if not 0 < value < high:
        raise ValueError(f"{name} must lie strictly between 0 and {high}; got {value!r}.")


def _start(x0):
    """Return a floating copy of the start."""
    x = np.array(x0)
    if x.dtype.kind not in "iuf":
        raise TypeError(f"x0 must hold real numbers; got dtype {x.dtype}.")
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x0 must be one point, an array of shape (n,); got shape {x.shape}.")
    if not np.isfinite(x).all():
        raise ValueError(f"x0 must be finite; got {x}.")
    return x if x.dtype.kind == "f" else x.astype(float)


def _rule(step):
    """Return ``step``, a number or a rule, as a rule that returns a checked float."""
    if not callable(step):
        size = check_number("step must be a rule step(k, x, fx, g) or", step)
        check_inside("step", size, np.inf)
        return lambda k, x, fx, g: size

    def rule(k, x, fx, g):
        size = check_number(f"step must return, at iteration {k},", step(k, x, fx, g))
        if not 0 <= size < np.inf:
            raise ValueError(f"step must return a finite size >= 0; at iteration {k}: {size}.")
        return size

    return rule


def check_limits(tol, maxiter):
    """Return ``tol`` as a float and ``maxiter`` as an int if they can end a run."""
    tol = check_number("tol must be", tol)
    if not 0 <= tol < np.inf:
        raise ValueError(f"tol must be at least 0 and finite; got {tol}.")
    if isinstance(maxiter, bool) or not hasattr(maxiter, "__index__"):
        raise TypeError(f"maxiter must be an integer; got {maxiter!r}.")
    if maxiter < 0:
        raise ValueError(f"maxiter must be at least 0; got {maxiter}.")
    return tol, operator.index(maxiter)


def _evaluate(f, grad, x):
    """Return value, gradient, its norm, and in words what is not finite ("" if all is)."""
    x.flags.writeable = False  # an f or grad that works in place must not rewrite the path
    if not np.isfinite(x).all():
        return math.nan, x, math.nan, f"x = {_short(x)}"
    fx = check_number("f must return, for one point,", f(x))
    g = np.array(grad(x))
    if g.dtype.kind not in "iuf":
        raise TypeError(f"grad must return real numbers; got dtype {g.dtype}.")
    if g.shape != x.shape:
        raise ValueError(f"grad must return the shape of x, {x.shape}; got shape {g.shape}.")
    g = g.astype(x.dtype, copy=False)
    norm = math.hypot(*g.tolist())  # scaled inside: no overflow or underflow on the way
    culprit = ""
    if not math.isfinite(fx):
        culprit = f"f(x) = {fx} at x = {_short(x)}"
    elif not math.isfinite(norm):
        culprit = f"grad(x) = {_short(g)} at x = {_short(x)}"
    return fx, g, norm, culprit


def _short(x):
    return np.array2string(x, precision=3, threshold=8)


def _message(status, k, s, norm, first, tol, culprit, values):
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
            "step or step=backtracking(f); if that diverges too, f has no minimum there."
        )
    if status == NON_FINITE:
        return (
            f"Not finite at iteration {k + 1}: a step of size {s:.3g} along {at} led to {culprit}. "
            "Try a smaller step or step=backtracking(f)."
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
