"""Derivatives of a sampled function from differences: with fixed steps, or with steps it finds.

Arrays of differences have the axes (steps, coordinates, outputs).
"""

from typing import NamedTuple

import numpy as np

from coursekit.derivatives.extrapolation import combinations, estimates, least_error

# Step sizes: the ratio of neighbours (not whole, so that neither a period nor a rounding unit of f
# divides all steps), how many steps, and how many neighbours are combined at most.
COARSE, FINE, SECOND = (36.6, 6, 3), (1.9, 8, 8), (1.9, 6, 6)
LARGEST = 0.45  # of the first coarse step, beside 1 or |x|


class Room(NamedTuple):
    """How far f may be evaluated from x, one entry a coordinate."""

    side: np.ndarray  # 0 for both sides; 1 or -1 if only one has room to speak of
    length: np.ndarray  # that no step exceeds


class Differences(NamedTuple):
    """Differences of f along some coordinates, from the largest step to the smallest."""

    steps: np.ndarray  # (steps, coordinates, 1)
    slope: np.ndarray  # central differences, or one-sided ones of second order
    half_gap: np.ndarray  # half the difference of the slopes to the right and to the left
    size: np.ndarray  # mean of |f| at the two ends, whose rounding counts


def difference_table(sampler, index, largest_step, rule, side=0):
    """Differences along the coordinates ``index``, with the steps of ``rule``.

    Where ``side`` is not 0, f is taken at a step and half a step on that side only. Its quotients
    have all powers of the step, not the even ones; the square of the ratio makes up for that.
    """
    x, (ratio, levels, _) = sampler.x, rule
    side = np.broadcast_to(side, index.shape)
    # The coarse steps have to reach as far down on one side.
    ratio = np.where((side != 0) & (rule != COARSE), ratio**2, ratio)
    steps = largest_step * ratio ** -np.arange(levels, dtype=float)[:, None]
    points = np.broadcast_to(x, (2, levels, index.size, x.size)).copy()
    at = (slice(None), np.arange(index.size), index)
    points[0][at] += np.where(side, side, 1) * steps
    points[1][at] += np.where(side, side / 2, -1) * steps
    ends = sampler(points)
    # Divided by the steps really taken, for x + t is rounded.
    taken = (points[:, :, np.arange(index.size), index] - x[index])[..., None]
    far, near = (ends - sampler.centre) / taken
    side = side[:, None] != 0
    slope = np.where(side, 2 * near - far, (far + near) / 2)
    half_gap = np.where(side, 0, (far - near) / 2)
    size = abs(ends).mean(axis=0)
    # One-sided differences have larger weights.
    size = np.where(side, 8 * np.fmax(size, abs(sampler.centre)), size)
    return Differences(steps[..., None], slope, half_gap, size)


# One step each -----------------------------------------------------------------------------------


@np.errstate(all="ignore")
def fixed_step_jacobian(sampler, index, step):
    """Jacobian columns from one step each, and the error by comparison with the double step."""
    table = difference_table(sampler, index, 2 * step[index], (2.0, 2, 1))
    steps, slope, half_gap, size = table
    for k in np.flatnonzero(~np.isfinite(slope[1]).all(axis=-1)):
        i = index[k]
        raise ValueError(
            f"f is not finite at a distance of h = {step[i]:g} from x = {sampler.x.tolist()} "
            f"in coordinate {i}"
        )
    error = abs(slope[0] - slope[1]) + abs(2 * half_gap[1] - half_gap[0])
    error += sampler.eps * np.fmax(size[1], abs(sampler.centre)) / steps[1]
    error = np.nan_to_num(error, nan=np.inf, posinf=np.inf)
    varies = (abs(slope[1]) + abs(half_gap[1])) * steps[1]
    return slope[1], error, varies, step[index]


# Steps that f decides ----------------------------------------------------------------------------


@np.errstate(all="ignore")
def adaptive_jacobian(sampler, index, room):
    """Jacobian columns ``index``, transposed: value, error, how much f varies, largest step, noise.

    Coarse steps find the scale on which f varies and the noise of its values; fine steps begin at
    that scale. Every entry takes the better of the two estimates.
    """
    x, side = abs(sampler.x[index]), room.side[index]
    coarse, coarse_error, largest_step, noise, probe = _coarse_estimate(sampler, index, room)
    # The rounding of x within f.
    argument = (abs(coarse) * x[:, None]).sum(axis=0, where=np.isfinite(coarse_error))
    argument *= sampler.eps
    table = difference_table(sampler, index, largest_step, FINE, side)
    rounding = _rounding(sampler, table) + argument
    all_estimates = estimates(*table[:3], np.fmax(noise, rounding), FINE, probe)
    fine, fine_error = least_error(*all_estimates, second_best=True)
    for k in np.flatnonzero((np.isinf(coarse_error) & np.isinf(fine_error)).any(axis=-1)):
        what, raised = "is not finite", sampler.raised
        if raised is not None:
            what = f"raises {type(raised).__name__} ({raised}) or {what}"
        raise ValueError(
            f"f {what} on both sides of x = {sampler.x.tolist()} in coordinate {index[k]}, "
            f"not even at a distance of {largest_step[k]:.2g}"
        ) from raised
    value, error = _better(coarse, coarse_error, fine, fine_error)
    # By how much f changes within the largest step; curvature counts as far as all steps see it.
    curved = (abs(table.half_gap) * (table.steps[0] / table.steps)).min(
        axis=0, initial=np.inf, where=np.isfinite(table.half_gap)
    )
    slopes = abs(value) + np.nan_to_num(curved, posinf=0)
    agree = error <= 0.3 * slopes
    agree |= np.fmax(noise, rounding[-1]) <= 1e-3 * _typical_size(table, 0).max(axis=0)
    error[~agree | ((value == 0) & (coarse == 0) & np.isinf(coarse_error))] = np.inf
    varies = slopes * largest_step[:, None]
    return value, error, varies, largest_step, np.fmax(noise, argument)


def _better(coarse, coarse_error, fine, fine_error):
    """The coarse estimate where its error is less and they agree, else the fine one."""
    tighter = coarse_error < fine_error
    gap = np.where(
        tighter & (abs(coarse - fine) > coarse_error + fine_error), abs(coarse - fine), 0
    )
    use_coarse = tighter & (gap == 0)
    value = np.where(use_coarse, coarse, fine)
    return value, np.where(use_coarse, coarse_error, fine_error + gap)


def _coarse_estimate(sampler, index, room):
    """Value and error from the coarse steps; the largest fine step; noise; and a probe.

    The probe (steps, slopes, noise) is what the fine estimates must not contradict.
    """
    x, side, length = abs(sampler.x[index]), room.side[index], room.length[index]
    scale = np.minimum(np.maximum(1, x), length / LARGEST)
    table = difference_table(sampler, index, LARGEST * scale, COARSE, side)
    coarse = _combined(sampler, table, scale)
    deep = np.flatnonzero(~coarse.settled.all(axis=-1))
    if deep.size:
        # What f does lies below these steps, or is noise. Go on from the last but one of them, or
        # from |x| if that is less.
        near = (x > 0) & (LARGEST * x < table.steps[-2, :, 0])
        largest = np.where(near, LARGEST * x, table.steps[-2, :, 0])[deep]
        below = difference_table(sampler, index[deep], largest, COARSE, side[deep])
        found = _combined(sampler, below, np.where(near, x, scale)[deep])
        # Noise is the same there; what has become less was structure of f.
        use = ~coarse.settled[deep] & found.resolved & ~(found.noise >= coarse.noise[deep] / 20)
        error = coarse.error[deep]
        gap = abs(found.value - coarse.value[deep])
        use &= (found.error < error) | (gap > found.error + error) | np.isnan(error)
        at = use.any(axis=-1)
        use |= at[:, None] & ~np.isfinite(error)  # f is not defined on the larger steps
        deep, use = deep[at], use[at]
        for part, new in zip(
            (*table, coarse.spread, coarse.errors),
            (*below, found.spread, found.errors),
            strict=True,
        ):
            part[:, deep] = new[:, at]
        for part, new in zip(coarse[:3], found[:3], strict=True):
            part[deep] = np.where(use, new[at], part[deep])
    largest_step = _largest_step(sampler, index, table, coarse)
    surely = measured_noise(sampler, table, below=1e-5 * largest_step[:, None])
    noise, value, error = _common(coarse.noise, surely), coarse.value, coarse.error
    probe = table.steps, table.slope, np.fmax(coarse.spread, noise)
    low = (noise > 20 * coarse.noise).any(axis=-1)  # by chance, or the noise of some outputs
    if low.any():
        value, error = value.copy(), error.copy()
        part = [a[:, low] for a in (*table[:3], probe[2])]
        value[low], error[low] = least_error(*estimates(*part, COARSE, (part[0], part[1], part[3])))
    error[(value == 0) & _staircase(sampler, table)] = np.inf
    return value, error, np.minimum(largest_step, length), noise, probe


def _staircase(sampler, table):
    """Whether f changes on both sides with some step, but not at all with the next, as it should.

    Then it is rounded to multiples of something, and zero is no derivative.
    """
    steps, slope, half_gap, _ = table
    flat = (slope == 0) & (half_gap == 0)
    both = (abs(slope) != abs(half_gap))[:-1] & ~flat[:-1] & flat[1:]
    expected = abs(slope[:-1]) * steps[1:] + abs(half_gap[:-1]) * steps[1:] ** 2 / steps[:-1]
    return (both & (expected > 100 * _rounding(sampler, table)[1:])).any(axis=0)


class Coarse(NamedTuple):
    """The best combination of coarse steps, with what it rests on; (coordinates, outputs)."""

    value: np.ndarray
    error: np.ndarray
    noise: np.ndarray  # of f
    errors: np.ndarray  # of all combinations, (combinations, coordinates, outputs)
    spread: np.ndarray  # noise and rounding at each step, (steps, coordinates, outputs)
    settled: np.ndarray  # whether f has nothing to show below the last step
    resolved: np.ndarray  # whether two steps agree, and those below them but for rounding


def _combined(sampler, table, scale):
    """The best combination of the coarse steps of ``table``, if f varies on ``scale``."""
    slopes = abs(table.slope) + abs(table.half_gap)
    # The rounding of the values, and of the terms in f that vary with x as much as f does.
    terms = (sampler.eps * scale)[:, None] * slopes
    rounding = _rounding(sampler, table) + terms
    explained, steady = _neighbours(table, rounding)
    flat = slopes[-1] == 0
    settled = explained[-1] | steady[-1] | flat
    alike = np.where(explained[-1] & ~flat, 50 * rounding, np.where(steady[-1], 0, np.inf))
    noise = measured_noise(sampler, table, alike)
    quiet = np.logical_and.accumulate((explained | steady)[::-1], axis=0)[::-1]
    resolved = (steady & quiet).any(axis=0)
    spread = np.fmax(noise, rounding)
    values, errors = estimates(*table[:3], spread, COARSE, (table.steps, table.slope, spread))
    value, error = least_error(values, errors)
    return Coarse(value, error, noise, errors, spread, settled, resolved)


def _common(noise, surely):
    """Noise of f, the same for all coordinates: from those where it is surely noise, if any."""
    known = np.isfinite(surely)
    noise = np.where(known.any(axis=0), np.where(known, surely, 0), np.nan_to_num(noise))
    return np.broadcast_to(noise.max(axis=0), noise.shape)


def _neighbours(table, rounding):
    """For each two steps, whether their differences agree up to ``rounding``; or at all.

    Noise that is more than rounding grows like 1/t in the differences, however small the step;
    those of a smooth f differ by less with the third power of the step once that is below its
    scale.
    """
    steps, slope, half_gap, _ = table
    slopes = (abs(slope) + abs(half_gap))[1:]
    change = abs(slope[1:] - slope[:-1]) + abs(half_gap[1:] - half_gap[:-1] / COARSE[0])
    jumps = change * steps[1:]
    explained = jumps <= 50 * np.minimum(rounding[1:], rounding[:-1])
    falling = np.concatenate([jumps[:1] < 0, jumps[1:] <= jumps[:-1] / 500])
    steady = (change <= 0.1 * slopes) & explained | (change <= 0.02 * slopes) & falling
    return explained, steady & (slopes > 0)


def measured_noise(sampler, table, alike=np.inf, below=np.inf):
    """Noise of f: how differences between steps under ``below``, too small for more, disagree.

    Of the last three jumps the last counts, and those before as long as they are ``alike`` at most.
    """
    steps, slope, half_gap, _ = table
    jumps = np.fmax(abs(slope[1:] - slope[:-1]), abs(half_gap[1:] - half_gap[:-1] / COARSE[0]))
    jumps = (jumps * steps[1:])[-3:]
    alike = np.broadcast_to(alike, slope.shape)[-3:]
    noise, rounding = np.zeros(slope.shape[1:]), _rounding(sampler, table)[-3:]
    started, going = np.zeros((2, *noise.shape), dtype=bool)
    for k in (2, 1, 0):
        take = np.isfinite(jumps[k]) & (steps[k - 4] < below)
        take &= ~started | (going & (jumps[k] <= alike[k]))
        going = take
        noise = np.where(take, np.fmax(np.fmax(jumps[k], rounding[k]), noise), noise)
        started |= take & (abs(slope) + abs(half_gap) > 0)[k - 3]  # f changes within this step
    known = (noise > 0) & (started | np.isinf(below))
    return 2 * np.where(known, noise, np.nan)  # twice, for few values may be close by chance


def _rounding(sampler, table):
    """Rounding of the values of f."""
    return sampler.eps * np.fmax(table.size, abs(sampler.centre))


def _typical_size(table, centre):
    """Size of f on the three smallest steps."""
    size = table.size[-3:]
    return np.fmax(np.where(np.isfinite(size), size, 0).max(axis=0), centre)


def _largest_step(sampler, index, table, coarse):
    """The largest fine step, one a coordinate."""
    largest, value, errors = table.steps[0, :, 0], coarse.value, coarse.errors
    size = np.fmax(abs(sampler.centre), (abs(value) * largest[:, None]).max(axis=0))
    size[size == 0] = 1
    start = _start_of_best(errors, errors * (largest[:, None] / size), table, coarse.spread)
    step = np.fmin(_smooth_up_to(coarse, table, start), 3.3 * largest)
    known = (np.isfinite(table.slope) & np.isfinite(table.half_gap)).all(axis=-1)
    first = table.steps[known.argmax(axis=0), np.arange(index.size), 0]
    # f is not defined on all steps; the size of x is the best guess of how far it is.
    x = 0.9 * abs(sampler.x[index])
    guess = ~known.all(axis=0) & (step >= first) & (x > first) & (x < COARSE[0] * first)
    return np.where(guess, x, step)


def _start_of_best(errors, scores, table, noise):
    """First step, one a coordinate, of the best coarse combinations; the last if nothing agrees.

    ``scores`` are the errors relative to the size of f, so that outputs can be compared.
    """
    steps, slope, half_gap, _ = table
    score = scores.max(axis=-1)
    least = score.min(axis=0)
    start = np.where(score <= 2 * least, combinations(*COARSE)[1][:, None], 0).max(axis=0)
    known = np.isfinite(slope).all(axis=-1)
    start = np.where(np.isfinite(least), start, known.argmax(axis=0))
    unexplained = np.fmax(errors.min(axis=0), abs(half_gap[-1] - half_gap[-2] / COARSE[0]))
    slopes = abs(slope[-1]) + abs(half_gap[-1])
    rough = unexplained > np.fmax(0.05 * slopes, 3 * noise[-1] / steps[-1])
    return np.where(rough.any(axis=-1), len(steps) - 1, start)


def _smooth_up_to(coarse, table, start):
    """The largest step on which f still looks smooth, one a coordinate.

    Twice the first step of the best coarse combination, or more if the differences stay within a
    fifth of the answer from there down and come closer with the step, as those of a smooth f do:
    by the law t^2 it tells where they would leave it.
    """
    known = np.isfinite(table.slope).all(axis=-1)
    off = np.nan_to_num(_deviation(coarse.value, table, coarse.spread), nan=0)
    smooth = off <= 0.2
    floor = 4 * coarse.error / (abs(coarse.value) + abs(table.half_gap[1:]))
    smooth[:-1] &= off[1:] <= np.fmax(off[:-1] / 30, floor)
    smooth, off = smooth.all(axis=-1) | ~known, off.max(axis=-1)
    smooth = np.logical_and.accumulate(smooth[::-1], axis=0)[::-1] & known
    end = np.where(smooth.any(axis=0), smooth.argmax(axis=0), start)
    at = np.arange(end.size)
    longer = np.sqrt(0.2 / np.clip(off[end, at], 0.002, 0.2))
    return np.fmax(2 * table.steps[start, at, 0], longer * table.steps[end, at, 0])


def _deviation(value, table, noise):
    """How far slopes are from ``value``, and half gaps from proportional to the step; relative."""
    steps, slope, half_gap, _ = table
    off = np.fmax(abs(slope - value) - 3 * noise / steps, 0)
    nonlinear = abs(half_gap[:-1] - COARSE[0] * half_gap[1:])
    off[:-1] = np.fmax(off[:-1], nonlinear - 3 * COARSE[0] ** 2 * noise[:-1] / steps[:-1])
    return off / (abs(value) + abs(half_gap))


# Second derivatives ------------------------------------------------------------------------------


@np.errstate(all="ignore")
def second_differences(sampler, i, j, largest_step, noise, rule):
    """Second derivatives for the pairs (i, j) of coordinates, with errors, (pairs, outputs)."""
    ratio, levels, _ = rule
    x, pair = sampler.x, np.arange(i.size)
    steps = ratio ** -np.arange(levels, dtype=float)[:, None]
    points = np.broadcast_to(x, (4, levels, i.size, x.size)).copy()
    for k, (a, b) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)]):
        points[k][:, pair, i] += a * steps * largest_step[i]
        points[k][:, pair, j] += b * steps * largest_step[j]
    values = sampler(points)
    area = (4 * steps**2 * largest_step[i] * largest_step[j])[..., None]
    quotient = ((values[0] - values[1]) - (values[2] - values[3])) / area
    spread = 4 * np.fmax(noise, sampler.eps * abs(values).max(axis=0))
    if levels == 2:  # the given step, and its double to estimate the error
        value, error = quotient[1], abs(quotient[0] - quotient[1]) + spread[1] / area[1]
        error = np.where(np.isfinite(error), error, np.inf)
    else:
        all_estimates = estimates(area, quotient, 0 * quotient, spread, rule)
        value, error = least_error(*all_estimates, second_best=True)
    lost = ~np.isfinite(value) | (np.isinf(error) if levels > 2 else False)
    for k in np.flatnonzero(lost.any(axis=-1)):
        raise ValueError(
            f"f is not finite around x = {x.tolist()}, where coordinates {i[k]} and {j[k]} move"
        )
    return value, error
