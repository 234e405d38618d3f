"""A line search for Wolfe's conditions."""

import math

__all__ = ["wolfe_step"]


def wolfe_step(
    phi, value, slope, *, start=1.0, decrease=1e-4, curvature=0.9, slack=0.0, maxiter=40
):
    """Return ``t`` that satisfies the strong Wolfe conditions, or 0.0.

    ``phi(t)`` returns value and slope of the function along the line.
    """
    low, high, t = (0.0, value, slope), None, start
    for _ in range(maxiter):
        at_t, slope_t = phi(t)
        here = (t, at_t, slope_t)
        if not math.isfinite(at_t) or not math.isfinite(slope_t):
            high = (t, math.inf, math.nan)
        elif at_t > value + decrease * t * slope + slack or (low[0] > 0 and at_t > low[1] + slack):
            high = here
        elif abs(slope_t) <= -curvature * slope:
            return t
        else:
            if slope_t >= 0 if high is None else slope_t * (high[0] - t) >= 0:
                high = low
            before, low = low, here
        if high is None:
            t = min(max(_cubic(before, low), 2 * t), 10 * t)
        else:
            width = high[0] - low[0]
            t = _cubic(low, high) if math.isfinite(high[1]) else low[0] + 0.1 * width
            share = (t - low[0]) / width
            share = min(max(share, 0.1), 0.9) if math.isfinite(share) else 0.5
            t = low[0] + share * width
            if t == low[0] or t == high[0]:
                break
    return low[0]


def _cubic(a, b):
    """Return where the cubic through two points with slopes has its minimum (NaN: nowhere)."""
    (ta, fa, da), (tb, fb, db) = a, b
    h = tb - ta
    theta = 3 * (fa - fb) / h + da + db
    inside = theta * theta - da * db
    if not inside >= 0:
        return math.nan
    root = math.copysign(math.sqrt(inside), h)
    below = db - da + 2 * root
    return tb - h * (db + root - theta) / below if below else math.nan
