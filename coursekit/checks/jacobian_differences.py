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
    options = {"domain": domain, "rtol": claim.rtol, "full_output": True}
    try:
        if not unit.all():  # a point on a bound has no room on both sides
            raise ValueError
        got = numerical_jacobian(shifted, np.zeros(r), **options)
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
    try:
        got = numerical_jacobian(
            claim.f, claim.points[k], domain=claim.domain, rtol=claim.rtol, full_output=True
        )
    except Exception:
        return np.where(np.isnan(want), 0, want), np.full_like(error, np.inf)
    known = np.isfinite(got.error)  # here the rounding of x within f is measured too
    value, least = np.where(known, got.value, want), np.where(known, got.error, error)
    return value, np.where(np.isfinite(value), least, np.inf)


def rounding_of_x(jac_f, x, got):
    """How much the answer ``got`` changes if ``x`` is off by its rounding."""
    try:
        near = [np.asarray(jac_f(x * (1 + k * epsilon(float)))) for k in (-2, -1, 1, 2)]
        change = np.abs(np.array(near) - got).max(axis=0)
    except Exception:
        return 0.0
    return np.where(change <= 0.01 * np.abs(got).max(), change, 0)  # more would be a jump
