"""Evidence on a derivative: what was returned, finite differences, and how far to trust them.

All points are differentiated together; where that says "wrong" or cannot tell, the point is looked
at again alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from coursekit.checks.jacobian_differences import (
    common_shift_jacobians,
    jacobian_at,
    rounding_of_x,
    shift_unit,
)
from coursekit.checks.smoothness import why_unreliable
from coursekit.derivatives.sampler import epsilon

RESOLUTION = 1e-9  # relative accuracy that a right derivative in float64 surely has
RECHECKED = 3  # points, the worst ones, that are differentiated alone to confirm a mistake
MANY, FEW = 8, 4  # with more entries, only so many points are differentiated in full if all agree
LARGE, PAIR = 500, 2  # with more entries, only so many even if they do not


@dataclass(frozen=True)
class Claim:
    """A function and what is claimed to be its derivative, with their values at m points."""

    f: Callable
    jac_f: Callable
    f_name: str
    name: str
    points: np.ndarray  # (m, n)
    to_bound: np.ndarray  # distance of the points to the bounds of the domain, (m, n)
    value: np.ndarray  # of f, (m, *outputs)
    got: np.ndarray  # of jac_f, (m, *outputs, n)
    vectorized: bool  # whether f takes all points at once
    varies: np.ndarray  # by how much f does, (*outputs)
    domain: tuple | None = None
    rtol: float = 0.0  # of the values of f

    def at(self, rows):
        """Return the claim for some of the points."""
        keys = ("points", "to_bound", "value", "got")
        return replace(self, **{key: getattr(self, key)[rows] for key in keys})

    def by_coordinate(self, lengths):
        """Return ``lengths`` (m, n) in a shape that multiplies ``got``."""
        return lengths.reshape(len(lengths), *[1] * (self.value.ndim - 1), -1)

    @property
    def scale(self):
        """Size of the coordinates, at least 1, in a shape that multiplies ``got``."""
        return self.by_coordinate(np.maximum(1, np.abs(self.points)))

    @property
    def size(self):
        """Size of the values of f, in a shape that multiplies ``got``."""
        return np.abs(self.value)[..., None].astype(float)


@dataclass(frozen=True)
class Evidence:
    """Both derivatives at m points, their p components in a row, with error and tolerance."""

    f_name: str
    subject: str
    shape: tuple
    labels: list
    x: np.ndarray
    got: np.ndarray
    want: np.ndarray
    error: np.ndarray
    tol: np.ndarray
    undecided: np.ndarray  # entries that the differences cannot decide
    reason: tuple = ()  # why, if too many are undecided: a finding and a hint
    elsewhere: Callable | None = None  # evidence of the same claim at other points

    @property
    def wrong(self):
        """Which entries, (m, p), differ by more than the tolerance."""
        return ~self.undecided & (np.abs(self.got - self.want) > self.tol)

    def fits(self, got):
        """Whether ``got`` agrees everywhere, with room for the error of a fitted factor."""
        return ((np.abs(got - self.want) <= 2 * self.tol) | self.undecided).all()


def compare(claim):
    """Evidence on a claim."""
    entries, few = claim.got[0].size, slice(FEW)
    if entries > MANY and len(claim.points) > FEW:
        off = _off_along_a_direction(claim)
        if off.any() and entries > LARGE:
            return _in_full(claim.at(np.argsort(-off, kind="stable")[:PAIR]))
        if not off.any():
            evidence = _in_full(claim.at(slice(1) if entries > LARGE else few))
            if not evidence.wrong.any() and not evidence.reason:
                return evidence
            if entries > LARGE:
                return _in_full(claim.at(slice(PAIR)))
    return _in_full(claim)


def _off_along_a_direction(claim):
    """How far the claim is off along one generic direction, a number for each point; 0 if right."""
    k = np.arange(1.0, claim.points.shape[1] + 1)
    # None of its entries is small, and no two are alike.
    direction = ((-1) ** k * (0.5 + 0.5 * (0.618034 * k % 1)))[None]
    want, error = common_shift_jacobians(claim, direction)
    scaled = claim.got * claim.by_coordinate(shift_unit(claim.points, claim.to_bound))
    resolution = max(64 * epsilon(claim.got.dtype), RESOLUTION, claim.rtol)
    error = error + resolution * (np.abs(scaled) @ np.abs(direction.T))
    along = replace(claim, points=claim.points[:, :1] * 0, got=scaled @ direction.T)
    tol, wrong, unsure = decide(along, want, error)
    off = np.where(wrong, np.abs(along.got - want) / tol, 0) + unsure
    return off.reshape(len(off), -1).max(axis=1)


def _in_full(claim):
    """Evidence on every entry at every point."""
    m, shape = len(claim.points), claim.got.shape[1:]
    want, error, tol, unsure = _confirmed(claim)
    got, want, error, tol, unsure = (
        a.reshape(m, -1) for a in (claim.got, want, error, tol, unsure)
    )
    reason = ()
    if (unsure.mean(axis=0) > 0.5).any():
        k = unsure.any(axis=1).argmax()
        reason = why_unreliable(claim.f, claim.f_name, claim.points[k], claim.to_bound[k])
        # If most entries are undecided, only those far off count as wrong.
        unsure = unsure | (np.abs(got - want) <= 10 * tol)
    labels = list(product(*map(range, shape)))
    found = (claim.points, got, want, error, tol, unsure)
    return Evidence(claim.f_name, claim.name, shape, labels, *found, reason)


def _confirmed(claim):
    """Differences, errors, tolerances and what is undecided, after a second look where needed.

    The points furthest off and all that are undecided are looked at alone; if that does not
    confirm what is wrong, so are all that seem to be wrong.
    """
    m = len(claim.points)
    want, error = common_shift_jacobians(claim)
    tol, wrong, unsure = decide(claim, want, error)
    uncertainty = np.zeros(claim.got.shape)
    off = np.where(wrong, np.abs(claim.got - want) / tol, 0).reshape(m, -1).max(axis=1)
    undecided = unsure.reshape(m, -1).any(axis=1)
    worst = np.argsort(-off, kind="stable")
    first = np.flatnonzero(undecided | np.isin(np.arange(m), worst[:RECHECKED]))
    for again in (first, worst[RECHECKED:]):
        again = again[(off > 0)[again] | undecided[again]]
        if not again.size:
            break
        for k in again:
            want[k], error[k] = jacobian_at(claim, k, want[k], error[k])
            uncertainty[k] = rounding_of_x(claim.jac_f, claim.points[k], claim.got[k])
        undecided[again], before = False, wrong
        tol, wrong, unsure = decide(claim, want, error, uncertainty)
        if (wrong == before)[again].all():
            break
    return want, error, tol, unsure


def decide(claim, want, error, uncertainty=0.0):
    """Tolerances, what is wrong, and what cannot be decided, entry by entry.

    ``want`` are the finite differences with their ``error``; ``uncertainty`` is that of the claim.
    """
    known = np.isfinite(want) & np.isfinite(error)
    largest = np.maximum(np.abs(want), np.abs(claim.got))
    largest = np.where(np.isfinite(largest), largest, 0).max(axis=-1, keepdims=True)
    tol = _tolerance(claim, largest, np.where(known, error, np.inf), uncertainty)
    unsure = _undecidable(claim, largest, np.where(known, want, np.nan), tol)
    off = np.abs(claim.got - np.where(known, want, 0)) > tol
    return tol, off & ~unsure, unsure


def _tolerance(claim, largest, error, uncertainty):
    """How far each entry may be off, by the errors of the differences and of the claim."""
    eps = epsilon(claim.got.dtype)
    tol = 4 * np.maximum(error, np.median(error, axis=0))  # one estimate may be small by luck
    tol += max(64 * eps, RESOLUTION, claim.rtol) * np.abs(claim.got) + 8 * eps * largest
    return tol + (8 * epsilon(float) * claim.size / claim.scale + 8 * uncertainty)


def _undecidable(claim, largest, want, tol):
    """Where the tolerance is too large to tell right from wrong; ``want`` is NaN if unknown."""
    got, size, scale = np.abs(claim.got), claim.size, claim.scale
    # A derivative of zero has no size to compare with: take how much f varies.
    varies = claim.varies[..., None]
    rounding = epsilon(claim.value.dtype) * size.max(axis=0)
    flat = (varies <= 4 * rounding) & (got <= np.where(varies > 0, rounding, 0))
    flat &= tol * scale <= 1e-3 * size.max(axis=0)
    zero = (np.abs(want) <= tol) & (got <= tol) & (flat | (tol * scale <= 1e-3 * varies))
    # The claim counts in ``largest``: a huge one must not make differences that are all error
    # look precise.
    slopes = np.nan_to_num(np.abs(want)).max(axis=-1, keepdims=True)
    coarse = (tol > 0.3 * slopes) & (tol * scale > 1e-6 * np.where(varies > 0, varies, size))
    return ~zero & ((tol > 0.01 * largest) | coarse)
