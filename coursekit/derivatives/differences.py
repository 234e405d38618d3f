"""Derivatives of a sampled function from differences: with fixed steps, or with steps it finds.

Arrays of differences have the axes (steps, coordinates, outputs).
"""

from typing import NamedTuple

import numpy as np

from coursekit.derivatives.extrapolation import combinations, estimates, least_error

# Step sizes: the ratio of neighbours (no power of two, so that no period of f divides all steps),
# how many steps, and how many neighbours are combined at most.
COARSE, FINE, SECOND = (37.0, 6, 3), (1.9, 8, 8), (1.9, 6, 6)


class Differences(NamedTuple):
    """Differences of f along some coordinates, from the largest step to the smallest."""

    steps: np.ndarray  # (steps, coordinates, 1)
    slope: np.ndarray  # central differences
    half_gap: np.ndarray  # half the difference of the slopes to the right and to the left
    size: np.ndarray  # mean of |f| at the two ends


def difference_table(sampler, index, largest_step, ratio, levels):
    """Differences along the coordinates ``index``, with steps that fall by ``ratio``."""
    x = sampler.x
    steps = largest_step * ratio ** -np.arange(levels, dtype=float)[:, None]
    points = np.broadcast_to(x, (2, levels, index.size, x.size)).copy()
    at = (slice(None), np.arange(index.size), index)
    points[0][at] += steps
    points[1][at] -= steps
    plus, minus = sampler(points)
    # Divided by the steps really taken, for x + t is rounded.
    forward = (plus - sampler.centre) / (points[0][at] - x[index])[..., None]
    backward = (sampler.centre - minus) / (x[index] - points[1][at])[..., None]
    size = (abs(plus) + abs(minus)) / 2
    return Differences(steps[..., None], (forward + backward) / 2, (forward - backward) / 2, size)


# One step each -----------------------------------------------------------------------------------


@np.errstate(all="ignore")
def fixed_step_jacobian(sampler, index, step):
    """Jacobian columns from one step each, and the error by comparison with the double step."""
    table = difference_table(sampler, index, 2 * step[index], 2.0, 2)
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
    return slope[1], error, abs(slope[1]) + abs(half_gap[1])


# Steps that f decides ----------------------------------------------------------------------------


@np.errstate(all="ignore")
def adaptive_jacobian(sampler, index, scale, to_bound):
    """Jacobian columns ``index``, transposed: value, error, size of slopes, largest step, noise.

    Coarse steps find the scale on which f varies and the noise of its values; fine steps begin at
    that scale. Every entry takes the better of the two estimates. ``to_bound`` is the distance to
    the bounds of the domain, which no step exceeds.
    """
    x, scale, to_bound = abs(sampler.x[index]), scale[index], to_bound[index]
    coarse, coarse_error, largest_step, noise, probe = _coarse_estimate(
        sampler, index, scale, to_bound
    )
    # The rounding of x within f.
    argument = (abs(coarse) * x[:, None]).sum(axis=0, where=np.isfinite(coarse_error))
    argument *= sampler.eps
    table = difference_table(sampler, index, largest_step, *FINE[:2])
    rounding = _rounding(sampler, table) + argument
    all_estimates = estimates(*table[:3], np.fmax(noise, rounding), FINE, probe)
    fine, fine_error = least_error(*all_estimates, second_best=True)
    for k in np.flatnonzero((np.isinf(coarse_error) & np.isinf(fine_error)).any(axis=-1)):
        raise ValueError(
            f"f is not finite on both sides of x = {sampler.x.tolist()} in coordinate {index[k]}, "
            f"not even at a distance of {largest_step[k]:.2g}"
        )
    value, error = _better(coarse, coarse_error, fine, fine_error)
    slopes = abs(value) + np.nan_to_num(abs(table.half_gap[-1]), posinf=0)
    agree = error <= 0.3 * slopes
    agree |= error * table.steps[-1] <= 1e-3 * _typical_size(table, 0)
    error[~agree] = np.inf
    return value, error, slopes, largest_step, np.fmax(noise, argument)


def _better(coarse, coarse_error, fine, fine_error):
    """The coarse estimate where its error is less and they agree, else the fine one."""
    tighter = coarse_error < fine_error
    gap = np.where(
        tighter & (abs(coarse - fine) > coarse_error + fine_error), abs(coarse - fine), 0
    )
    use_coarse = tighter & (gap == 0)
    value = np.where(use_coarse, coarse, fine)
    return value, np.where(use_coarse, coarse_error, fine_error + gap)


def _coarse_estimate(sampler, index, scale, to_bound):
    """Value and error from the coarse steps; the largest fine step; noise; and a probe.

    The probe (steps, slopes, noise) is what the fine estimates must not contradict.
    """
    table = difference_table(sampler, index, np.minimum(0.45 * scale, to_bound), *COARSE[:2])
    # Larger differences come from structure of f, not from noise.
    noise = np.fmin(measured_noise(table), 1e-4 * _typical_size(table, abs(sampler.centre)))
    probe = table.steps, table.slope, np.fmax(noise, _rounding(sampler, table))
    values, errors = estimates(*table[:3], probe[2], COARSE, probe)
    value, error = least_error(values, errors)
    size = np.fmax(abs(sampler.centre), (abs(value) * scale[:, None]).max(axis=0))
    size[size == 0] = 1
    start = _start_of_best(errors, errors * (scale[:, None] / size), table, probe[2])
    largest_step = _smooth_up_to(value, table, probe[2], start)
    largest_step = np.minimum(np.fmin(largest_step, 1.5 * scale), to_bound)
    lost = ~(np.isfinite(table.slope) & np.isfinite(table.half_gap)).all(axis=-1).any(axis=0)
    # f is not defined on all steps; the size of x is the best guess of how far it is.
    largest_step[lost] = np.minimum(0.9 * abs(sampler.x[index]), to_bound)[lost]
    # Noise of f, from steps far below its scale: the same for all coordinates.
    noise = np.fmin(measured_noise(table, 1e-5 * largest_step[:, None]), noise)
    noise = np.broadcast_to(noise.max(axis=0), noise.shape)
    return value, error, largest_step, noise, probe


def measured_noise(table, below=np.inf):
    """Noise of f: how differences between steps under ``below``, too small for more, disagree."""
    steps, slope, half_gap, _ = table
    ratio = steps[0] / steps[1]
    jumps = np.stack([slope[-3:] - slope[-4:-1], half_gap[-3:] - half_gap[-4:-1] / ratio])
    jumps = abs(jumps) * steps[-3:]
    jumps[:, ~(np.isfinite(jumps).all(axis=0) & (steps[-4:-1] < below))] = 0
    return 2 * jumps.max(axis=(0, 1))  # twice, for few values may be close by chance


def _rounding(sampler, table):
    """Rounding of the values of f."""
    return sampler.eps * np.fmax(table.size, abs(sampler.centre))


def _typical_size(table, centre):
    """Size of f on the three smallest steps."""
    size = table.size[-3:]
    return np.fmax(np.where(np.isfinite(size), size, 0).max(axis=0), centre)


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


def _smooth_up_to(value, table, noise, start):
    """The largest step on which f still looks smooth, one a coordinate.

    Twice the first step of the best coarse combination, or more if the differences stay within a
    fifth of the answer from there down: by the law t^2 it tells where they would leave it.
    """
    known = np.isfinite(table.slope).all(axis=-1)
    off = np.where(
        known, np.nan_to_num(_deviation(value, table, noise), nan=0).max(axis=-1), np.inf
    )
    smooth = np.logical_and.accumulate(((off <= 0.2) | ~known)[::-1], axis=0)[::-1] & known
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
