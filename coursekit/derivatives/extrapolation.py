"""Extrapolation of difference quotients to step zero, with an estimate of the error.

Differences have the axes (steps, coordinates, outputs), estimates the axes (runs of neighbouring
steps, coordinates, outputs).
"""

from functools import cache

import numpy as np


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
        apart = s[w, None] - s[w] + np.eye(m)
        value[k, w] = np.prod(np.where(np.eye(m), 1, -s[w] / apart), axis=1)
        divided = 1 / np.prod(apart, axis=1) / t[w]  # divided difference, of a function over t
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


def estimates(steps, slope, half_gap, noise, rule, probe=()):
    """Every combination of ``rule`` with its error, checked against finer differences ``probe``."""
    (value, no_first, no_last, kink), _, last = combinations(*rule)
    known = np.isfinite(slope) & np.isfinite(half_gap)
    complete = known.all()
    if not complete:
        slope, half_gap, noise = (np.where(known, part, 0) for part in (slope, half_gap, noise))
    # One allocation for all large arrays; repeated ones take longer.
    got, error, part, trend = np.empty((4, len(value), *slope.shape[1:]))
    _combine(value, slope, got)
    np.abs(_combine(no_first, slope, error), out=error)
    np.maximum(error, np.abs(_combine(no_last, slope, part), out=part), out=error)
    error += np.abs(_combine(2 * kink, half_gap, part), out=part)
    error += _combine(abs(value), noise / steps, part)
    if not complete:
        uses = (value != 0) | (no_first != 0) | (no_last != 0)
        error[_combine(uses.astype(float), (~known).astype(float), part) > 0] = np.inf
    smallest = steps[last]
    np.abs(_combine(value - np.eye(len(slope))[last], slope, trend), out=trend)
    trend /= smallest  # smaller differences must be closer, but for noise
    for t, finer, spread in zip(*probe, strict=True):
        # Only steps that are smaller count, and only finite differences.
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


def least_error(value, error, second_best=False):
    """The estimate with the least error, and that error or (overwriting it) the second best."""
    k = error.argmin(axis=0)[None]
    value = np.take_along_axis(value, k, 0)[0]
    if second_best:
        np.put_along_axis(error, k, np.inf, 0)
        return value, error.min(axis=0)
    return value, np.take_along_axis(error, k, 0)[0]
