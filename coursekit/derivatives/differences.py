"""The machinery of `coursekit.derivatives`: sampling f, tables of differences, error estimates.

Arrays of differences have the axes (steps, coordinates, outputs), those of estimates
(combinations of neighbouring steps, coordinates, outputs).
"""

from functools import cache

import numpy as np

# Step sizes: the ratio of neighbours (no power of two, lest a period of f divide them all), how
# many, and how many neighbours are combined at most.
COARSE, FINE, SECOND = (37.0, 6, 3), (1.9, 8, 8), (1.9, 6, 6)


def epsilon(dtype):
    """Relative spacing of the numbers of ``dtype``, or of float64 if that is wider."""
    dtype = np.dtype(dtype)
    return float(np.finfo(dtype if dtype.kind in "fc" else float).eps.clip(np.finfo(float).eps))


class Sampler:
    """Values of f near x: all in one call if f is seen to be vectorised, else point by point."""

    def __init__(self, f, x):
        self.f, self.x = f, x
        self.nfev, self.nonfinite, self.vectorised = 1, 0, None
        value = self._call(x)
        self.shape, self.centre = value.shape, value.astype(x.dtype).ravel()
        self.eps = epsilon(value.dtype)
        if not np.isfinite(value).all():
            raise ValueError(f"f is not finite at x = {x.tolist()}: got {value}")

    def __call__(self, points):
        """Values at ``points`` (..., n), as (..., outputs); not finite where f fails."""
        rows = points.reshape(-1, self.x.size)
        values = None if self.vectorised is False else self._together(rows)
        self.vectorised = values is not None
        if values is None:
            values = np.stack([self._alone(row) for row in rows])
        self.nonfinite += np.count_nonzero(~np.isfinite(values).all(axis=1))
        return values.reshape(*points.shape[:-1], -1)

    def _call(self, x):
        with np.errstate(all="ignore"):  # overflow and the like show in the values
            value = np.asarray(self.f(x.copy()))
        if self.x.dtype.kind == "c" and value.dtype.kind != "c":
            raise TypeError(f"f must return complex numbers for complex x, got {value.dtype}")
        if self.x.dtype.kind == "f" and value.dtype.kind not in "fiu":
            raise TypeError(f"f must return real numbers, got an array of dtype {value.dtype}")
        return value

    def _alone(self, row):
        self.nfev += 1
        try:
            value = self._call(row)
        except (ArithmeticError, ValueError):  # outside of its domain; at x itself it is raised
            return np.full(self.centre.size, np.nan)
        if value.shape != self.shape:
            raise ValueError(
                f"f must return one shape: {self.shape} at x = {self.x.tolist()}, "
                f"but {value.shape} at {row.tolist()}"
            )
        return value.astype(self.x.dtype).ravel()

    @np.errstate(all="ignore")
    def _together(self, rows):
        """All values from one call, or None unless every row is seen to be treated by itself.

        The rows lie on both sides of x, so x is their mean: the outermost tells more.
        """
        try:
            values = self._call(np.concatenate([rows, [self.x]]))
        except Exception:  # f was written for one point at a time
            return None
        if values.shape != (len(rows) + 1, *self.shape):
            return None
        self.nfev += len(values)
        values = values.astype(self.x.dtype).reshape(len(values), -1)
        known = {-1: self.centre}
        if self.vectorised is None:
            known[0] = self._alone(rows[0])
        for k, alone in known.items():
            size = abs(alone).max(initial=0, where=np.isfinite(alone))
            same = (abs(values[k] - alone) <= 1e4 * self.eps * size) | (values[k] == alone)
            if not (same | np.isnan(values[k]) & np.isnan(alone)).all():
                return None
        return values[:-1]


@cache
def combinations(ratio, levels, longest):
    """All runs of up to ``longest`` neighbouring steps, one a row: weights, first and last step.

    They are in the order of their last steps, the smallest.
    Of the four matrices of weights the first extrapolates; the second and the third give how
    much that changes without the largest or without the smallest step; the fourth extrapolates
    half the gap of the one-sided derivatives, of the form c + t p(t^2), to its constant c.
    """
    t = ratio ** -np.arange(levels, dtype=float)
    s = t * t
    runs = [(k - m + 1, m) for k in range(levels) for m in range(1, min(k + 1, longest) + 1)]
    row = {run: k for k, run in enumerate(runs)}
    value, kink = np.zeros((2, len(runs), levels))
    for (j, m), k in row.items():
        w = slice(j, j + m)
        gaps = s[w, None] - s[w] + np.eye(m)
        value[k, w] = np.prod(np.where(np.eye(m), 1, -s[w] / gaps), axis=1)
        divided = 1 / np.prod(gaps, axis=1) / t[w]  # divided difference, of a function over t
        kink[k, w] = divided / divided.sum()
    pairs = [
        (row[j + 1, m - 1], row[j, m - 1])
        if m > 1
        else 2 * (row[j + 1 if j + 1 < levels else j - 1, 1],)
        for j, m in runs
    ]
    without = [value - value[list(k)] for k in zip(*pairs, strict=True)]
    first, last = np.array([(j, j + m - 1) for j, m in runs]).T
    return (value, *without, kink), first, last


def ladder(sample, index, top, ratio, levels):
    """Steps, slopes D, half the gaps of one-sided slopes, and sizes of f, for some coordinates."""
    x = sample.x
    steps = top * ratio ** -np.arange(levels, dtype=float)[:, None]
    points = np.broadcast_to(x, (2, levels, index.size, x.size)).copy()
    at = (slice(None), np.arange(index.size), index)
    points[0][at] += steps
    points[1][at] -= steps
    plus, minus = sample(points)
    # Divided by the steps really taken, for x + t is rounded.
    forward = (plus - sample.centre) / (points[0][at] - x[index])[..., None]
    backward = (sample.centre - minus) / (x[index] - points[1][at])[..., None]
    size = (abs(plus) + abs(minus)) / 2
    return steps[..., None], (forward + backward) / 2, (forward - backward) / 2, size


def estimates(steps, slope, bend, noise, rule, probe=()):
    """Every combination of ``rule`` with its error, checked against finer differences ``probe``."""
    (value, no_first, no_last, kink), _, last = combinations(*rule)
    known = np.isfinite(slope) & np.isfinite(bend)
    complete = known.all()
    if not complete:
        slope, bend, noise = (np.where(known, part, 0) for part in (slope, bend, noise))
    # One piece of memory for all that is large: asking for it again and again takes longer.
    got, error, part, trend = np.empty((4, len(value), *slope.shape[1:]))
    _combine(value, slope, got)
    np.abs(_combine(no_first, slope, error), out=error)
    np.maximum(error, np.abs(_combine(no_last, slope, part), out=part), out=error)
    error += np.abs(_combine(2 * kink, bend, part), out=part)
    error += _combine(abs(value), noise / steps, part)
    if not complete:
        uses = (value != 0) | (no_first != 0) | (no_last != 0)
        error[_combine(uses.astype(float), (~known).astype(float), part) > 0] = np.inf
    smallest = steps[last]
    np.abs(_combine(value - np.eye(len(slope))[last], slope, trend), out=trend)
    trend /= smallest  # smaller differences must be closer, but for noise
    for t, finer, spread in zip(*probe, strict=True):
        # Steps as large do not count, nor does an excess that is not a number.
        allowed = np.where(t < 0.99 * smallest, t, np.inf)
        rows = np.count_nonzero(np.isfinite(allowed).any(axis=(1, 2)))  # the first ones
        finer = np.where(np.isfinite(finer), finer, np.nan)
        excess = np.abs(np.subtract(got[:rows], finer, out=part[:rows]), out=part[:rows])
        excess -= 3 * spread / t
        excess -= trend[:rows] * allowed[:rows]
        np.fmax(error[:rows], excess, out=error[:rows])
    return got, error


def _combine(weights, parts, out):
    """Combinations of ``parts`` along their first axis, written to ``out``."""
    np.dot(weights, parts.reshape(len(parts), -1), out=out.reshape(len(out), -1))
    return out


def best(value, error, second_best=False):
    """The estimate with the least error, and that error or (overwriting it) the second best."""
    k = error.argmin(axis=0)[None]
    value = np.take_along_axis(value, k, 0)[0]
    if second_best:
        np.put_along_axis(error, k, np.inf, 0)
        return value, error.min(axis=0)
    return value, np.take_along_axis(error, k, 0)[0]


def measured_noise(steps, slope, bend, below=np.inf):
    """Noise of f: how differences between steps under ``below``, too small for more, disagree."""
    ratio = steps[0] / steps[1]
    jumps = np.stack([slope[-3:] - slope[-4:-1], bend[-3:] - bend[-4:-1] / ratio])
    jumps = abs(jumps) * steps[-3:]
    jumps[:, ~(np.isfinite(jumps).all(axis=0) & (steps[-4:-1] < below))] = 0
    return 2 * jumps.max(axis=(0, 1))  # a few values may be lucky


@np.errstate(all="ignore")
def adaptive(sample, index, scale, room):
    """Jacobian columns ``index``, transposed: value, error, size of the slopes, scale, noise."""
    x, centre = abs(sample.x[index]), abs(sample.centre)
    scale, room = scale[index], room[index]
    a, a_error, top, noise, probe = _coarsely(sample, index, scale, room)
    # The rounding of x within f.
    argument = sample.eps * (abs(a) * x[:, None]).sum(axis=0, where=np.isfinite(a_error))
    steps, slope, bend, size = ladder(sample, index, top, *FINE[:2])
    floor = sample.eps * np.fmax(size, centre) + argument
    b, b_error = best(
        *estimates(steps, slope, bend, np.fmax(noise, floor), FINE, probe), second_best=True
    )
    for k in np.flatnonzero((np.isinf(a_error) & np.isinf(b_error)).any(axis=-1)):
        raise ValueError(
            f"f is not finite on both sides of x = {sample.x.tolist()} in coordinate {index[k]}, "
            f"not even at a distance of {top[k]:.2g}"
        )
    tighter = a_error < b_error
    gap = np.where(tighter & (abs(a - b) > a_error + b_error), abs(a - b), 0)
    value = np.where(tighter & (gap == 0), a, b)
    error = np.where(tighter & (gap == 0), a_error, b_error + gap)
    slopes = abs(value) + np.nan_to_num(abs(bend[-1]), posinf=0)
    agree = (error <= 0.3 * slopes) | (error * steps[-1] <= 1e-3 * _typical(size, 0))
    error[~agree] = np.inf
    return value, error, slopes, top, np.fmax(noise, argument)


def _coarsely(sample, index, scale, room):
    """Estimates from the coarse steps with errors; the fine steps' first; noise; what to probe."""
    centre = abs(sample.centre)
    coarse = ladder(sample, index, np.minimum(0.45 * scale, room), *COARSE[:2])
    steps, slope, bend, size = coarse
    noise = measured_noise(steps, slope, bend)
    noise = np.fmin(noise, 1e-4 * _typical(size, centre))  # more must be structure
    probe = steps, slope, np.fmax(noise, sample.eps * np.fmax(size, centre))
    first = estimates(steps, slope, bend, probe[2], COARSE, probe)
    a, a_error = best(*first)
    top = np.minimum(_reach(a, first[1], coarse, probe[2], scale, centre), room)
    lost = ~(np.isfinite(slope) & np.isfinite(bend)).all(axis=-1).any(axis=0)
    top[lost] = np.minimum(0.9 * abs(sample.x[index]), room)[lost]  # only x tells where f ends
    # Noise of f on steps far below its scale; it is f that is noisy, not a coordinate.
    noise = np.fmin(measured_noise(steps, slope, bend, 1e-5 * top[:, None]), noise)
    noise = np.broadcast_to(noise.max(axis=0), noise.shape)
    return a, a_error, top, noise, probe


def _typical(size, centre):
    """Size of f on the three smallest steps."""
    return np.fmax(np.where(np.isfinite(size[-3:]), size[-3:], 0).max(axis=0), centre)


def _reach(value, errors, coarse, noise, scale, centre):
    """The largest step on which f still looks smooth, one a coordinate.

    Twice the first step of the best coarse combination, or more if the differences stay within a
    fifth of the answer from there down: by the law t^2 it tells where they would leave it.
    """
    steps, slope, bend, _ = coarse
    size = np.fmax(centre, (abs(value) * scale[:, None]).max(axis=0))
    size[size == 0] = 1
    score = (errors * (scale[:, None] / size)).max(axis=-1)
    least = score.min(axis=0)
    known = np.isfinite(slope).all(axis=-1)
    start = np.where(score <= 2 * least, combinations(*COARSE)[1][:, None], 0).max(axis=0)
    start = np.where(np.isfinite(least), start, known.argmax(axis=0))
    strange = np.fmax(errors.min(axis=0), abs(bend[-1] - bend[-2] / COARSE[0]))
    rough = strange > np.fmax(0.05 * (abs(slope[-1]) + abs(bend[-1])), 3 * noise[-1] / steps[-1])
    # If nothing agrees, look as closely as possible.
    start = np.where(rough.any(axis=-1), len(steps) - 1, start)
    off = np.fmax(abs(slope - value) - 3 * noise / steps, 0)
    turn = abs(bend[:-1] - COARSE[0] * bend[1:]) - 3 * COARSE[0] ** 2 * noise[:-1] / steps[:-1]
    off[:-1] = np.fmax(off[:-1], turn)
    off /= abs(value) + abs(bend)
    off = np.where(known, np.nan_to_num(off, nan=0).max(axis=-1), np.inf)
    smooth = np.logical_and.accumulate(((off <= 0.2) | ~known)[::-1], axis=0)[::-1] & known
    end = np.where(smooth.any(axis=0), smooth.argmax(axis=0), start)
    at = np.arange(end.size)
    longer = np.sqrt(0.2 / np.clip(off[end, at], 0.002, 0.2))
    return np.fmin(np.fmax(2 * steps[start, at, 0], longer * steps[end, at, 0]), 1.5 * scale)


@np.errstate(all="ignore")
def fixed(sample, index, step):
    """Jacobian columns from one step each, and the error by comparison with the double step."""
    steps, slope, bend, size = ladder(sample, index, 2 * step[index], 2.0, 2)
    for k in np.flatnonzero(~np.isfinite(slope[1]).all(axis=-1)):
        i = index[k]
        raise ValueError(
            f"f is not finite at a distance of h = {step[i]:g} from x = {sample.x.tolist()} "
            f"in coordinate {i}"
        )
    error = abs(slope[0] - slope[1]) + abs(2 * bend[1] - bend[0])
    error += sample.eps * np.fmax(size[1], abs(sample.centre)) / steps[1]
    error = np.nan_to_num(error, nan=np.inf, posinf=np.inf)
    return slope[1], error, abs(slope[1]) + abs(bend[1])


@np.errstate(all="ignore")
def second(sample, i, j, top, noise, rule):
    """Second derivatives for the pairs (i, j) of coordinates, with errors, (pairs, outputs)."""
    ratio, levels, _ = rule
    x, pair = sample.x, np.arange(i.size)
    steps = ratio ** -np.arange(levels, dtype=float)[:, None]
    points = np.broadcast_to(x, (4, levels, i.size, x.size)).copy()
    for k, (a, b) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)]):
        points[k][:, pair, i] += a * steps * top[i]
        points[k][:, pair, j] += b * steps * top[j]
    values = sample(points)
    area = (4 * steps**2 * top[i] * top[j])[..., None]
    quotient = ((values[0] - values[1]) - (values[2] - values[3])) / area
    spread = 4 * np.fmax(noise, sample.eps * abs(values).max(axis=0))
    if levels == 2:  # the given step, and its double to estimate the error
        value, error = quotient[1], abs(quotient[0] - quotient[1]) + spread[1] / area[1]
        error = np.where(np.isfinite(error), error, np.inf)
    else:
        value, error = best(
            *estimates(area, quotient, 0 * quotient, spread, rule), second_best=True
        )
    lost = ~np.isfinite(value) | (np.isinf(error) if levels > 2 else False)
    for k in np.flatnonzero(lost.any(axis=-1)):
        raise ValueError(
            f"f is not finite around x = {x.tolist()}, where coordinates {i[k]} and {j[k]} move"
        )
    return value, error
