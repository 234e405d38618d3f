r"""A step size that satisfies Wolfe's conditions, as quasi-Newton methods need it."""

import math

import numpy as np

from coursekit._arguments import number
from coursekit.descent._run import Stop
from coursekit.statuses import NO_PROGRESS

__all__ = ["along", "wolfe_rule", "wolfe_step"]

_MOST_TRIALS = 40


def wolfe_step(phi, value, slope, *, start=1.0, decrease=1e-4, curvature=0.5):
    r"""Return a step size where ``phi`` is lower and flat enough, the strong Wolfe conditions.

    With :math:`\varphi(t) = f(x + t d)` they are

    .. math:: \varphi(t) \le \varphi(0) + c_1 t\, \varphi'(0) \quad\text{and}\quad
              |\varphi'(t)| \le c_2 |\varphi'(0)|.

    The first forbids steps that are too long, as `backtracking` does; the second those that are
    too short, and it makes :math:`d^\top(\nabla f(x + td) - \nabla f(x)) > 0`, which BFGS divides
    by. The search goes on at least twice and at most ten times as far until an interval
    contains such steps, and then tries the minimum of the cubic through two values and slopes.

    Parameters
    ----------
    phi : callable
        ``t`` to the pair :math:`\varphi(t), \varphi'(t)`. What is not finite is too far.
    value, slope : float
        :math:`\varphi(0)` and :math:`\varphi'(0) < 0`.
    start : float, optional
        First trial.
    decrease, curvature : float, optional
        :math:`c_1` and :math:`c_2`, with :math:`0 < c_1 < c_2 < 1`; small :math:`c_2` make the
        search exact and expensive.

    Returns
    -------
    float
        The step size. Without one after forty trials, the best that satisfies the first
        condition; 0.0 if none does, because ``slope`` does not belong to ``phi``, or rounding
        hides the decrease.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Notes
    -----
    Values that differ from :math:`\varphi(0)` by a few of its rounding errors satisfy the first
    condition: there the slopes decide.

    References
    ----------
    Wolfe, "Convergence conditions for ascent methods", SIAM Review 11(2), 1969; Nocedal and Wright,
    *Numerical Optimization*, 2nd ed., algorithms 3.5 and 3.6; Hager and Zhang, "A new conjugate
    gradient method with guaranteed descent", SIAM Journal on Optimization 16(1), 2005 (rounding).

    Examples
    --------
    >>> def phi(t): return (t - 3) ** 2, 2 * (t - 3)
    >>> wolfe_step(phi, 9, -6)
    3.0
    >>> wolfe_step(phi, 9, -6, curvature=0.9)
    1.0
    """
    value, slope = number("value", value), number("slope", slope, below=0)
    t = number("start", start, above=0)
    decrease = number("decrease", decrease, above=0, below=1)
    curvature = number("curvature", curvature, above=decrease, below=1)
    rounding = 8 * math.ulp(value)
    low, high = (0.0, value, slope), None  # low has the least value that decreases enough
    for _ in range(_MOST_TRIALS):
        here = (t, *map(float, phi(t)))
        if not all(map(math.isfinite, here)):
            high = (t, math.inf, math.inf)
        elif here[1] > min(value + decrease * t * slope, low[1]) + rounding:
            high = here
        elif abs(here[2]) <= -curvature * slope:
            return t
        else:
            if here[2] * (1 if high is None else high[0] - low[0]) >= 0:
                high = low
            before, low = low, here
        if high is None:
            ahead = _cubic_minimum(before, low)
            t *= 4 if math.isnan(ahead) else min(max(2, ahead / t), 10)
        else:
            width = high[0] - low[0]
            share = (_cubic_minimum(low, high) - low[0]) / width
            share = min(max(share, 0.1), 0.9) if math.isfinite(share) else 0.1
            t = low[0] + share * width
            if t in (low[0], high[0]):
                break
    return low[0] if low[1] < value else 0.0


def _cubic_minimum(a, b):
    """Return where the cubic through two points (t, value, slope) has its minimum, or NaN."""
    (ta, fa, da), (tb, fb, db) = a, b
    h = tb - ta
    theta = 3 * (fa - fb) / h + da + db
    inside = theta * theta - da * db
    if not 0 <= inside < math.inf:
        return math.nan
    root = math.copysign(math.sqrt(inside), h)
    below = db - da + 2 * root
    return tb - h * (db + root - theta) / below if below else math.nan


def wolfe_rule(f, grad, start, curvature=0.5):
    """Return `wolfe_step` as a rule; 0 where the direction does not lead down.

    ``start(k, g, slope, promised)`` is the first trial, ``promised`` the last step size times its
    slope, 0.0 at first.
    """
    promised = 0.0

    def rule(k, x, fx, g, d):
        nonlocal promised
        slope = float(g @ d)
        if not -math.inf < slope < 0:
            return 0.0

        def phi(t):
            trial = x + t * d
            if not np.isfinite(trial).all() or not math.isfinite(value := float(f(trial))):
                return math.inf, math.inf
            return value, float(grad(trial) @ d)

        first = start(k, g, slope, promised)
        t = wolfe_step(phi, fx, slope, start=first, curvature=curvature)
        promised = t * slope
        return t

    return rule


def along(x, t, d):
    """Return ``x + t d``, or stop the run if the line search has found no ``t``."""
    if t == 0:
        raise Stop(
            NO_PROGRESS,
            "the line search found no step that decreases f enough. Check grad against f; or "
            "rounding hides the decrease, then raise tol.",
        )
    return x + t * d
