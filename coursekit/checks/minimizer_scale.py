"""The scale of each coordinate of an answer: on it a mistake is judged, and steps are taken."""

import numpy as np

from coursekit.derivatives import numerical_jacobian

EPS = np.finfo(float).eps
NEAR_ONE = 100.0  # how much more than that a move by 1 may change f and be ordinary
VISIBLE = 1e-2  # a change of f, relative to its size, that shows its scale


def widest(x, window=()):
    """The largest scale a coordinate can have: half of the window, or 1 or that of all of ``x``."""
    if window:
        return np.array([(high - low) / 2 for low, high in window], dtype=float)
    return np.full(x.size, max(1.0, np.abs(x).max(initial=0)))


def change(f, x, i, distance):
    """How much ``f`` differs at most at a distance from ``x`` along a coordinate, where finite."""
    at = [x.copy(), x.copy()]
    at[0][i] += distance
    at[1][i] -= distance
    off = np.abs(np.array([_value(f, y) for y in at]) - _value(f, x))
    return off[np.isfinite(off)].max(initial=0.0)


def _value(f, x):
    """``f(x)``, NaN outside of its domain."""
    try:
        return float(f(x.copy()))
    except (ArithmeticError, ValueError):
        return np.nan


def step_units(f, x, window=(), coarse=True):
    """Units for differences, (n,), powers of two: the distance at which ``f`` is seen to change.

    That is, by a hundredth of its value; if ``coarse``, also of its changes along the other
    coordinates. They are at least ``|x_i|``, and at most what is `widest`.
    """
    widths = widest_units(x, window)
    own = [change(f, x, i, x[i]) for i in np.flatnonzero(x) if coarse]
    size = VISIBLE * max([abs(_value(f, x)), *own])
    units = widths.copy()
    for i in range(x.size if size else 0):
        distance = abs(x[i]) or 1e-10 * widths[i]
        while distance < widths[i] and change(f, x, i, distance) < size:
            distance *= 10
        units[i] = min(distance, widths[i])
    return _power_of_two(units)


def widest_units(x, window=()):
    """The largest units that `step_units` takes."""
    return _power_of_two(np.maximum(widest(x, window), np.abs(x)))


def _power_of_two(sizes):
    """The next power of two, so that nothing is rounded."""
    return 2.0 ** np.round(np.log2(sizes))


def derivative_in_units(function, x, units):
    """Derivative by differences and its error, of two sets of ``units`` the better, by entry.

    Wider steps round less, but may leave the scale of the function: they count where they agree
    with the others within the errors. None where the function is not finite on one side.
    """
    found = []
    for unit in units if (units[0] != units[1]).any() else units[:1]:
        try:
            got = numerical_jacobian(lambda u, s=unit: function(s * u), x / unit, full_output=True)
        except ValueError:
            continue
        found.append((got.value / unit, got.error / unit))
    if len(found) < 2:
        return found[0] if found else None
    (value, error), (wide, wide_error) = found
    agrees = (wide_error < error) & ~(np.abs(value - wide) > error + wide_error)
    agrees |= ~np.isfinite(error) & np.isfinite(wide_error) & np.isnan(value)
    return np.where(agrees, wide, value), np.where(agrees, wide_error, error)


def scales(f, x, g, curvature, may_be_zero, asked, window=()):
    """Scale of each coordinate, (n,), and whether anything but the unit of ``x`` shows it.

    A coordinate has its own size as its scale, also that of a Newton step. One that may be zero
    has the distance that changes ``f`` as much as moving another coordinate by its own size does.
    A scale is at least 1 if a move by 1 is nothing special: it changes ``f`` little more than that.
    """
    size, slope, curvatures = np.abs(x), np.abs(g), np.abs(curvature)
    bounds = widest(x, window)
    zero = may_be_zero & (size <= asked * bounds)
    if zero.all():
        return bounds, bool(window)
    with np.errstate(all="ignore"):
        step = np.where(curvatures > 0, slope / curvatures, 0)
    own = np.where(size > asked * bounds, size, np.maximum(size, np.minimum(step, bounds)))
    varies = max(change(f, x, i, own[i]) for i in np.flatnonzero(~zero))
    far = _distance(slope, curvatures, varies, bounds)
    zero &= size <= asked * far
    found = np.where(zero, far, own)
    found = np.where(found > 0, found, asked * bounds)
    floor = np.where(near_one(f, x, found), np.minimum(1.0, bounds), 0.0)
    return np.maximum(found, floor), True


def slopes_at_large(f, x):
    """The mean slope of f over a move by the size of each coordinate, (n,); 0 where that is 0."""
    size = np.abs(x)
    return np.array([change(f, x, i, s) / s if s else 0.0 for i, s in enumerate(size)])


def near_one(f, x, size=None):
    """Coordinates of a ``size`` below 1 for which a move by 1 is nothing special, (n,).

    It changes ``f`` by little more than moves by the sizes of the coordinates do, and so would
    the curvature at ``x``. The sizes are those of ``x`` if not given.
    """
    value, size = _value(f, x), np.abs(x) if size is None else size
    near = np.zeros(x.size, bool)
    inside = np.flatnonzero((size > 0) & (size < 1))
    most = max(
        [abs(value), *(change(f, x, i, size[i]) for i in np.flatnonzero(size) if inside.size)]
    )
    for i in inside:
        step = size[i] * np.eye(x.size)[i]
        second = abs(_value(f, x + step) - 2 * value + _value(f, x - step))
        curved = (second - 64 * EPS * abs(value)) / size[i] ** 2
        near[i] = max(curved, change(f, x, i, 1.0)) <= NEAR_ONE * most
    return near


def effective_distance(x, g, curvature, asked):
    """How far each coordinate may move to change ``f`` as much as another one by its own size.

    By the derivatives alone; at most what is `widest`, and this where no coordinate changes ``f``.
    """
    slope, curvatures, size, bounds = np.abs(g), np.abs(curvature), np.abs(x), widest(x)
    effect = (slope * size + curvatures * size**2 / 2)[size > asked * bounds]
    return _distance(slope, curvatures, effect.max(initial=0.0), bounds)


def _distance(slope, curvatures, change, bounds):
    """The distance at which ``slope`` and ``curvatures`` add up to a change of f."""
    with np.errstate(all="ignore"):
        far = 2 * change / (slope + np.sqrt(slope**2 + 2 * curvatures * change))
    return np.where(np.isfinite(far) & (far > 0), np.minimum(far, bounds), bounds)
