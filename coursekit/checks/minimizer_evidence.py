"""First and second derivatives at a point, along the directions that its constraints leave free."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.minimizer_scale import (
    derivative_in_units,
    scales,
    step_units,
    widest,
    widest_units,
)
from coursekit.checks.student_vectors import (
    constraint_values,
    gradient_at,
    position_tolerance,
    reach_of,
)
from coursekit.derivatives import numerical_hessian

EPS = np.finfo(float).eps
JUMP = 4  # errors of differences where second derivatives are not certain, in estimated ones


@dataclass(frozen=True)
class Constraints:
    """The active constraints at a point: first the equations, then the active inequalities."""

    pairs: tuple  # (function, gradient)
    equations: int
    inequalities: list  # numbers of the active ones in the problem
    jacobian: np.ndarray  # (active, n), in units of the scales
    multipliers: np.ndarray  # that balance the gradient best, (active,)

    @property
    def terms(self):
        """Size of their terms in the gradient of the Lagrangian, (n,)."""
        return np.abs(self.jacobian.T) @ np.abs(self.multipliers)

    @property
    def multiplier_sizes(self):
        """The multipliers times the length of their gradients: their terms, with a sign."""
        return self.multipliers * np.linalg.norm(self.jacobian, axis=1)

    def strongly_active(self, zero):
        """Which have a multiplier that is not zero; equations always count."""
        which = np.abs(self.multiplier_sizes) > zero
        which[: self.equations] = True
        return which

    def negative(self, g, zero):
        """Active inequalities whose multiplier would be negative, the worst first."""
        if _balanced(self.jacobian, self.equations, g, zero):
            return []
        order = np.argsort(self.multiplier_sizes[self.equations :], kind="stable")
        return [self.inequalities[k] for k in order]


@dataclass(frozen=True)
class Local:
    """Derivatives at a point, along the k directions that the active constraints leave free.

    The derivatives are in ``unit`` of each coordinate. Kinked coordinates, along which ``f`` or an
    active constraint has no derivative, count as held.
    """

    f: Callable
    x: np.ndarray
    scale: np.ndarray  # of each coordinate, (n,)
    scale_is_shown: bool  # else its unit is all that shows what is small
    x_tol: np.ndarray  # how far each coordinate may be off, (n,)
    unit: np.ndarray  # of each coordinate, (n,)
    kinked: np.ndarray  # (n,)
    grad: np.ndarray
    grad_error: np.ndarray
    directions: np.ndarray  # eigenvectors of the reduced Hessian, (n, k)
    curvature: np.ndarray  # its eigenvalues, (k,)
    uncertainty: float  # of the eigenvalues
    slope: np.ndarray  # of f along the eigenvectors, (k,)
    slope_tol: np.ndarray  # what counts as zero there, (k,)
    relative_slope: float  # size of the slopes relative to the terms of the gradient
    constraints: Constraints
    multiplier_tol: float  # size of a multiplier that counts as zero

    @property
    def gain(self):
        """About twice what a Newton step would lower ``f`` by."""
        return (self.slope**2 / np.maximum(np.abs(self.curvature), 1e-300)).sum()

    def stationary(self, unseen=0.0):
        """Whether the gradient counts as zero, or what a step can gain is unseen in ``f``."""
        if self.gain <= unseen:
            return True
        return bool((np.abs(self.slope) <= self.slope_tol).all() and self._every_coordinate_is_near)

    @property
    def _every_coordinate_is_near(self):
        """Whether a Newton step moves no coordinate by more than its own tolerance.

        Where the curvature is not certain nobody knows how far it moves.
        """
        curved = self.curvature > self.uncertainty
        V, curvature = self.directions[:, curved], self.curvature[curved]
        step = V @ (self.slope[curved] / curvature)
        error = np.abs(V) @ ((np.abs(V.T) @ self.grad_error) / curvature)
        unsure = (np.abs(self.directions[:, ~curved]) > 1e-8).any(axis=1)
        return (unsure | (np.abs(step) <= self.x_tol / self.unit + error)).all()

    @property
    def convex(self):
        """Whether ``f`` certainly curves upwards along all free directions."""
        return bool((self.curvature > self.uncertainty).all())

    @property
    def newton_step(self):
        """The step to the minimizer of the quadratic model."""
        return -self.unit * (self.directions @ (self.slope / self.curvature))

    @property
    def strongly_active(self):
        """The constraints (function, gradient) with a multiplier that is not zero."""
        which = self.constraints.strongly_active(self.multiplier_tol)
        return tuple(self.constraints.pairs[k] for k in np.flatnonzero(which))

    @property
    def weakly_active(self):
        """Whether there are active constraints with a multiplier of zero."""
        return not self.constraints.strongly_active(self.multiplier_tol).all()

    @property
    def negative(self):
        """Active inequalities whose multiplier would be negative, the worst first."""
        return self.constraints.negative(self.grad, self.multiplier_tol)


def local_derivatives(problem, x, eps, asked):
    """Collect what the conditions need at ``x``, asked for with the relative accuracy ``asked``."""
    n = x.size
    g, g_error, hessian = _derivatives(problem, x)
    active = _active_constraints(problem, x, eps, asked, g)
    H, H_error = hessian(x, active)
    reach = asked * np.where(np.abs(x) > asked * widest(x, problem.window), np.abs(x),
                             widest(x, problem.window))  # fmt: skip
    nearby = [
        np.abs(hessian(x + signs * reach, active)[0] - H)
        for signs in (np.ones(n), (-1.0) ** np.arange(n))
    ]
    spread = H_error + nearby[0] + nearby[1]
    # Where second derivatives jump, two differences show a little less than their error.
    g_error = g_error * np.where(np.diag(spread) < np.abs(np.diag(H)), 1, JUMP)
    kinked = ~np.isfinite(g_error) | ~np.isfinite(spread).all(axis=0)
    pair = np.outer(~kinked, ~kinked)
    H, spread = np.where(pair, H, 0), np.where(pair, spread, 0)
    raw = _Raw(np.where(kinked, 0, g), np.where(kinked, 0, g_error), H, spread, active, kinked)
    may_be_zero = _may_be_zero(problem, x, eps, asked, raw, reach)
    balance = raw.g + active.jacobian.T @ active.multipliers
    scale, shown = scales(
        problem.f, x, balance, np.diag(H), may_be_zero, asked, problem.window
    )  # fmt: skip
    x_tol = position_tolerance(x, eps, asked, scale)
    if not problem.constrained:
        kinked |= _kink_within(problem.f, x, x_tol, raw)
    return _in_units(problem.f, x, x_tol, scale, shown, raw, eps, asked)


class _Raw(NamedTuple):
    """Derivatives in the units of ``x``; zero along kinked coordinates."""

    g: np.ndarray
    g_error: np.ndarray
    H: np.ndarray  # of the Lagrangian
    spread: np.ndarray  # the error of H, and its changes as far as x may be off
    active: Constraints
    kinked: np.ndarray


def _in_units(f, x, x_tol, scale, scale_is_shown, raw, eps, asked):
    """All that is asked of a point, in units that make the curvatures of all coordinates alike."""
    n, unit = x.size, _curvature_units(raw, scale)
    smooth = np.where(raw.kinked, 0.0, unit)
    g, A, pair = raw.g * smooth, raw.active.jacobian * smooth, np.outer(smooth, smooth)
    H, spread, tol = raw.H * pair, raw.spread * pair, x_tol / unit
    active = replace(raw.active, jacobian=A, multipliers=_multipliers(A, g))
    terms = np.abs(H) @ (scale / unit)
    g_error = raw.g_error * smooth + spread @ tol + 4 * n * eps * (terms + active.terms)
    Z = null_space(np.concatenate([A, np.eye(n)[raw.kinked]]))
    curvature, modes = np.linalg.eigh(Z.T @ H @ Z)
    directions = Z @ modes
    uncertainty = np.linalg.norm(spread) + 4 * n * eps * np.linalg.norm(H)
    slope, size = directions.T @ g, np.abs(directions.T)
    return Local(
        f=f, x=x, x_tol=x_tol, scale=scale, scale_is_shown=scale_is_shown, unit=unit,
        kinked=raw.kinked, grad=g, grad_error=g_error, constraints=active,
        directions=directions, curvature=curvature, uncertainty=uncertainty, slope=slope,
        slope_tol=(np.abs(curvature) + uncertainty) * (size @ tol) + size @ g_error,
        relative_slope=np.linalg.norm(slope)
        / (np.linalg.norm(terms) + np.linalg.norm(active.terms) or 1.0),
        multiplier_tol=np.linalg.norm(np.abs(H) @ tol + asked * active.terms + g_error),
    )  # fmt: skip


def _curvature_units(raw, scale):
    """The distance along each coordinate that changes f by 1, or such a multiple of its scale."""
    bend, unsure = np.abs(np.diag(raw.H)), 10 * np.diag(raw.spread)
    largest = np.where(bend > unsure, bend * scale**2, 0).max() or 1.0
    return 1 / np.sqrt(np.where(bend > unsure, bend, largest / scale**2))


def _may_be_zero(problem, x, eps, asked, raw, reach):
    """Coordinates that are small, and in whose place a zero would do for the gradient."""
    bounds = widest(x, problem.window)
    small = np.abs(x) <= asked * bounds
    if not small.any():
        return small
    z, (A, w) = np.where(small, 0, x), (raw.active.jacobian, raw.active.multipliers)
    g, error = raw.g, raw.g_error
    if (z != x).any():
        try:
            g, error, _ = _derivatives(problem, z)
        except CheckFailed:
            return np.zeros(x.size, bool)
        A = _jacobian(raw.active.pairs, z)
    curvature = np.abs(raw.H)
    others = curvature - np.diag(np.diag(curvature))
    zero = 1e-6 * np.abs(raw.g + raw.active.jacobian.T @ w) + error + raw.spread @ reach
    zero += others @ reach + 4 * x.size * eps * curvature @ np.abs(x) + EPS * curvature @ bounds
    zero += asked * raw.active.terms
    return small & ((np.abs(g + A.T @ w) <= zero) | raw.kinked)


def _kink_within(f, x, x_tol, raw):
    """Coordinates with a kink as near as ``x`` may be off: the bend of f grows with the step.

    Where f is smooth it grows with its square.
    """
    found = raw.kinked.copy()
    for i in np.flatnonzero(~found):
        step = 2 * x_tol[i] * np.eye(x.size)[i]
        short, long = (f(x + t * step) - 2 * f(x) + f(x - t * step) for t in (1, 4))
        least = max(64 * EPS * abs(f(x)), 0.5 * abs(raw.g[i]) * step[i])
        found[i] = short > least and long < 8 * short
    return found


def _jacobian(pairs, x):
    """The gradients of active constraints, (active, n)."""
    A = np.array([grad(x) for _, grad in pairs], dtype=float).reshape(-1, x.size)
    if not np.isfinite(A).all():
        raise CheckFailed(
            "The check cannot decide: the gradient of an active constraint is not finite at x.\n"
            "Try: look at this constraint by hand, from both sides."
        )
    return A


def _multipliers(A, g):
    """The multipliers that balance the gradient ``g`` best."""
    return np.linalg.lstsq(A.T, -g, rcond=None)[0] if len(A) else np.zeros(0)


def _active_constraints(problem, x, eps, asked, g):
    """The active constraints at ``x``, where ``f`` has the gradient ``g``."""
    active = []
    if problem.constrained:
        values = constraint_values(problem, x, reach_of(problem, x, eps, asked))
        active = [j for j, (value, tol) in enumerate(values["ineq"]) if value >= -tol]
    pairs = (*problem.eq, *(problem.ineq[j] for j in active))
    A = _jacobian(pairs, x)
    unit = step_units(problem.f, x, problem.window) if pairs else 1.0
    multipliers = _multipliers(A * unit, g * unit)
    return Constraints(pairs, len(problem.eq), active, A, multipliers)


def gradient_and_error(problem, x):
    """The gradient at ``x`` and its error, or why there is none."""
    return _derivatives(problem, x)[:2]


def _derivatives(problem, x):
    """Gradient, its error, and the Hessian of the Lagrangian: (x, active) to value and error."""
    n, nowhere = x.size, np.zeros(x.size)
    if problem.hess and not problem.constrained:
        return (
            gradient_at(problem, x), nowhere,
            lambda x, _: (np.asarray(problem.hess(x), float), np.zeros((n, n))),
        )  # fmt: skip
    unit = step_units(problem.f, x, problem.window)
    area = np.outer(unit, unit)
    unknown = np.full((2, n, n), np.nan)

    def hessian_of_gradients(x, active):
        terms = [t for t in zip(active.multipliers, active.pairs, strict=True) if t[0]]

        def slope(x):
            return problem.grad(x) + sum(w * np.asarray(grad(x)) for w, (_, grad) in terms)

        got = derivative_in_units(slope, x, (unit, widest_units(x, problem.window)))
        if got is None:  # some gradient is not finite beside x
            return unknown
        return (got[0] + got[0].T) / 2, np.maximum(got[1], got[1].T)

    def hessian_of_values(x, _):
        try:
            got = numerical_hessian(lambda u: problem.f(unit * u), x / unit, full_output=True)
        except ValueError:
            return unknown
        return got.value / area, got.error / area

    if problem.grad:
        return gradient_at(problem, x), nowhere, hessian_of_gradients
    fine = step_units(problem.f, x, problem.window, coarse=False)
    got = derivative_in_units(problem.f, x, (fine, unit))
    if got is None:
        raise CheckFailed(
            "x lies on the edge of where f is finite: on one side f has no values.\n"
            "Try: a minimizer has room on all sides. Where does your search stop, and why?"
        )
    return *got, hessian_of_values


def null_space(A):
    """Orthonormal columns that span the directions without change of any constraint."""
    n = A.shape[1]
    if not len(A):
        return np.eye(n)
    length = np.linalg.norm(A, axis=1, keepdims=True)
    _, sigma, Vt = np.linalg.svd(A / np.where(length > 0, length, 1))
    return Vt[int((sigma > 1e3 * n * EPS).sum()) :].T


def _balanced(A, equations, g, zero):
    """Whether multipliers of the right sign balance the gradient as well as any do."""
    from scipy.optimize import nnls

    if len(A) == equations:
        return True
    best = g + A.T @ np.linalg.lstsq(A.T, -g, rcond=None)[0]
    both = np.concatenate([A[:equations], -A[:equations], A[equations:]])
    return nnls(both.T, -g)[1] <= np.linalg.norm(best) + zero
