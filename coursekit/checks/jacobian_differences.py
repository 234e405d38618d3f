"""Finite differences for a check: of all points by one common shift, or of one point alone."""

import numpy as np

from coursekit.derivatives import numerical_jacobian
from coursekit.derivatives.sampler import epsilon


def shift_unit(points, to_bound):
    """How far a shift of 1 goes in each coordinate of each point."""
    return np.minimum(np.maximum(1, np.abs(points)), to_bound)


def common_shift_jacobians(claim, directions=None):
    """Jacobians at all points (m, *outputs, n), with errors, from one common shift.

    With ``directions`` (r, n) slopes (m, *outputs, r) along them, in units of the shift.
    """
    points, (m, n) = claim.points, claim.points.shape
    unit = shift_unit(points, claim.to_bound)

    def shifted(t):
        x = points + (t if directions is None else t @ directions)[..., None, :] * unit
        if claim.vectorized:
            values = claim.f(x.reshape(-1, n))
        else:
            values = np.stack([np.asarray(claim.f(row)) for row in x.reshape(-1, n)])
        return values.reshape(*x.shape[:-1], *values.shape[1:])

    r = n if directions is None else len(directions)
    domain = (-1, 1) if np.isfinite(claim.to_bound).any() else None
    try:
        got = numerical_jacobian(shifted, np.zeros(r), domain=domain, full_output=True)
    except Exception:  # f is not defined on both sides of some point
        return np.full((2, m, *claim.value.shape[1:], r), np.nan)
    if directions is not None:
        return got.value, got.error
    unit = claim.by_coordinate(unit)
    slopes, error = got.value / unit, got.error / unit
    terms = np.abs(slopes) * claim.by_coordinate(np.abs(points))
    rounding = epsilon(claim.value.dtype) * terms.sum(axis=-1, keepdims=True)  # of x within f
    return slopes, error + 64 * rounding / unit


def jacobian_at(claim, k, want, error):
    """The Jacobian at point ``k`` alone; of it and ``want`` what is known better, with error."""
    f, x, to_bound = claim.f, claim.points[k], claim.to_bound[k]
    varies = np.ptp(claim.value, axis=0)
    domain = (x - to_bound, x + to_bound) if np.isfinite(to_bound).all() else None
    try:
        got = numerical_jacobian(f, x, domain=domain, full_output=True)
        fine = _finer_structure(f, x, to_bound, got, varies)
    except Exception:
        return np.where(np.isnan(want), 0, want), np.full_like(error, np.inf)
    known = np.isfinite(got.error)  # here the rounding of x within f is measured too
    value, least = np.where(known, got.value, want), np.where(known, got.error, error)
    return value, np.where(fine | ~np.isfinite(value), np.inf, least)


def _finer_structure(f, x, to_bound, jacobian, varies):
    """Where ``f`` is smooth on a scale so fine that the differences took it for noise.

    There the quotients with three neighbouring steps agree, but not with the slope; or the
    smallest steps change ``f`` much more than the slope explains.
    """
    slope, error, _, _, _ = jacobian
    fine = np.zeros(slope.shape, dtype=bool)
    shifts = 0.3 * np.diag(shift_unit(x, to_bound))
    changes = [(f(x + d) != f(x)) & (f(x - d) != f(x)) for d in shifts]
    for i in range(len(x)):
        t, rise, noise = _fine_rises(f, x, i)
        quotient = rise / t
        near = 0.02 * np.abs(quotient)
        steady = np.abs(np.diff(quotient, axis=0)) <= near[1:]
        steady = steady[:-1] & steady[1:] & (noise[2:] <= near[2:])
        off = np.abs(quotient - slope[..., i]) > error[..., i] + 5 * near + noise
        settled = (steady & off[2:]).any(axis=0) & ~_last(steady & ~off[2:], steady)
        unexplained = np.abs(rise - slope[..., i] * t)[-3:].max(axis=0)
        leap = unexplained > 1e-5 * varies + (noise * t)[-1]
        flat = (slope[..., i] == 0) & changes[i]  # f is piecewise constant
        fine[..., i] = leap | flat | settled
    return fine


def _fine_rises(f, x, i):
    """Lengths t of fine intervals around x_i, rises of f over them, and rounding divided by t."""
    steps = 1e-3 * 4.0 ** -np.arange(15)
    points = np.tile(x, (2, len(steps), 1))
    points[0, :, i] += steps * max(1, abs(x[i]))
    points[1, :, i] -= steps * max(1, abs(x[i]))
    plus, minus = (np.array([f(p.copy()) for p in side], dtype=float) for side in points)
    t = (points[0, :, i] - points[1, :, i]).reshape(-1, *[1] * (plus.ndim - 1))
    size = np.abs(plus) + np.abs(minus)
    rise = plus - minus
    return t, rise, 8 * epsilon(float) * (size + np.abs(x[i] * (rise / t))) / t


def _last(which, among):
    """Whether the last of ``among`` along the first axis is one of ``which``."""
    last = among.shape[0] - 1 - among[::-1].argmax(axis=0)
    return np.take_along_axis(which, last[None], 0)[0] & among.any(axis=0)


def rounding_of_x(jac_f, x, got):
    """How much the answer ``got`` changes if ``x`` is off by its rounding."""
    try:
        near = [np.asarray(jac_f(x * (1 + k * epsilon(float)))) for k in (-2, -1, 1, 2)]
        change = np.abs(np.array(near) - got).max(axis=0)
    except Exception:
        return 0.0
    return np.where(change <= 0.01 * np.abs(got).max(), change, 0)  # more would be a jump
