"""Lower values near an answer, along directions in which its derivatives cannot decide."""

import numpy as np
from scipy.optimize import minimize

from coursekit.checks.minimizer_evidence import null_space
from coursekit.checks.student_vectors import reach_of, violation

EPS = np.finfo(float).eps
NEARBY = (1e-3, 1e-2, 1e-1)  # distances, in units of the scales, at which values decide
AT_KINKS = (1e-6, 1e-5, 1e-4)  # and before these, where there is a kink
FAR = 0.15 * 1.25 ** np.arange(30)  # where a plateau may end
ROUNDS = 8  # in which the floor of a valley is looked for
MIXED = 50  # sums and differences of two directions, at most
FURTHER = 64  # random directions in which the end of a plateau is looked for
SHOWN = 6  # coordinates of a point in a message, at most
SEARCHED = 8  # dimensions of the undecided space in which the lowest direction is looked for


def lower_values(problem, at, eps, asked):
    """Why ``x`` is no minimum, or may be none, though no derivative shows it; None if it is one."""
    basis = _undecided(at)
    if not basis.size:
        return None
    search = _Search(problem, at, eps, asked)
    starts = _starts(basis, at)
    still = np.ones(len(starts), bool)
    for distance in (*(AT_KINKS if at.kinked.any() else ()), *NEARBY):
        values = np.array([search.value(distance * c @ basis) for c in starts])
        still &= np.abs(values - search.centre) <= search.noise
        lowest = starts[values.argmin()]
        if len(basis) > 1 and not search.is_lower(values.min()) and len(basis) <= SEARCHED:
            lowest = search.on_sphere(basis, lowest, distance)
        if search.is_lower(search.value(distance * lowest @ basis)):
            return search.found(distance * lowest @ basis)
    if still.all() and 1 < len(basis) <= SEARCHED:  # a plateau on all sides
        starts = np.concatenate([starts, _random(basis, FURTHER, 1)])
        still = np.ones(len(starts), bool)
    for c in starts[still]:
        for distance in FAR:
            if search.is_lower(search.value(distance * c @ basis, straight=True)):
                return (
                    "The check cannot decide: f does not change around x, in some direction "
                    "at least, but it is lower further away. Is x on a plateau?\n"
                    "Try: begin elsewhere, where the gradient is not zero."
                )
    return None


def _undecided(at):
    """Directions, orthonormal rows in units of the scales, that the derivatives do not decide.

    They are kinks, those without curvature, and the inside of weakly active constraints.
    """
    to_scale = at.unit / at.scale
    flat = at.directions[:, at.curvature <= at.uncertainty].T * to_scale
    rows = [np.eye(at.x.size)[at.kinked], flat]
    if at.weakly_active:
        A = np.array([grad(at.x) for _, grad in at.strongly_active]).reshape(-1, at.x.size)
        inside = null_space(A * at.unit).T
        taken = at.directions.T
        rows.append(_orthonormal(inside - (inside @ taken.T) @ taken) * to_scale)
    return _orthonormal(np.concatenate(rows))


def _orthonormal(rows):
    """An orthonormal basis of what the rows span."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    _, sigma, Vt = np.linalg.svd(rows / np.where(length > 0, length, 1), full_matrices=False)
    return Vt[sigma > 1e-8]


def _starts(basis, at):
    """Unit vectors of coefficients: of both signs each direction, sums, random ones, and ``x``.

    The latter leads to the origin, near which many functions are lower than on their plateaus.
    """
    k = len(basis)
    one = np.eye(k)
    pairs = [(one[a] + sign * one[b]) for a in range(k) for b in range(a) for sign in (1, -1)]
    drawn = _random(basis, 4 * k if k > 1 else 0, 0)
    inwards = basis @ (at.x / at.scale)
    mixed = [*pairs[:MIXED], *drawn, *([inwards] if k > 1 and inwards.any() else [])]
    starts = np.array([*one, *-one, *mixed, *(-m for m in mixed)])
    return starts / np.linalg.norm(starts, axis=1, keepdims=True)


def _random(basis, number, seed):
    """Random unit vectors of coefficients."""
    drawn = np.random.default_rng(seed).normal(size=(number, len(basis)))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


class _Search:
    """Values of f near x, on the constraints and in the valleys along which f hardly rises."""

    def __init__(self, problem, at, eps, asked):
        self.problem, self.at = problem, at
        self.reach = reach_of(problem, at.x, eps, asked) if problem.constrained else None
        self.centre = float(at.f(at.x))
        curved = at.curvature > at.uncertainty
        modes = at.directions[:, curved].T * (at.unit / at.scale)
        self.modes = modes / np.linalg.norm(modes, axis=1, keepdims=True)
        # A fall that x reaches within the accuracy asked proves nothing.
        self.noise = 64 * EPS * abs(self.centre) + self._off_by_tolerance()
        reach = np.abs(at.directions.T) @ (at.x_tol / at.unit)
        self.noise += (np.abs(at.curvature) * reach**2).max(initial=0.0)
        if problem.constrained:  # x may be off its constraints
            self.noise += np.abs(at.grad) @ (at.x_tol / at.unit)
        held = at.strongly_active
        self.A = np.array([grad(at.x) for _, grad in held], dtype=float).reshape(-1, at.x.size)
        self.held = [function for function, _ in held]

    def _off_by_tolerance(self):
        """How much lower f is as far away as x may be off; at kinks, how different."""
        at, total = self.at, 0.0
        for i, step in enumerate(np.diag(at.x_tol)):
            off = np.array([float(at.f(at.x + step)), float(at.f(at.x - step))]) - self.centre
            off = np.abs(off) if at.kinked[i] else -off
            total += off[np.isfinite(off)].max(initial=0.0)
        return total

    def is_lower(self, value):
        """Whether a value is lower than that at x, beyond noise."""
        return self.centre - value > self.noise + 64 * EPS * abs(value)

    def point(self, step, straight=False):
        """The end of a step in units of the scales.

        Not straight there, but along the floor of the valley where f curves upwards across it.
        """
        straight = straight or not len(self.modes)
        z = step if straight else self._valley(step, np.linalg.norm(step))
        return self._on_constraints(z)

    def value(self, step, straight=False):
        """F at the end of a step, or infinity if that is not feasible."""
        y = self.point(step, straight)
        value = float(self.at.f(y))
        if not np.isfinite(value) or (self.reach and violation(self.problem, y, self.reach)):
            return np.inf
        return value

    def _on_constraints(self, step):
        y = self.at.x + self.at.scale * step
        scaled = self.A * self.at.scale
        for _ in range(3 if self.held else 0):  # Newton steps
            off = np.array([float(function(y)) for function in self.held])
            y = y - self.at.scale * np.linalg.lstsq(scaled, off, rcond=None)[0]
        return y

    def _valley(self, z, radius):
        """Minimize along each curved mode in turn, by parabolas, not much further than ``z``."""
        h = 0.1 * radius
        start = z
        for _ in range(ROUNDS):
            for v in self.modes:
                low, mid, high = (
                    float(self.at.f(self._on_constraints(z + t * v))) for t in (-h, 0, h)
                )
                bend = high - 2 * mid + low
                if np.isfinite(bend) and bend > 0:
                    z = z + np.clip(-(high - low) / (2 * bend), -5, 5) * h * v
            h = h / 2  # a wide parabola finds the valley, a narrow one its floor
        moved = np.linalg.norm(z - start)
        return z if moved <= 2 * radius else start

    def _off(self, y, digits):
        """A point near x, its distance from x rounded to some digits."""
        moves = [float(f"{d:.{digits}g}") for d in y - self.at.x]
        return self.at.x + moves

    def on_sphere(self, basis, start, distance):
        """The direction of the lowest value at a distance from x, searched from another one."""

        def value(c):
            return self.value(distance * (c / np.linalg.norm(c)) @ basis)

        options = {"maxfev": 40 * len(basis), "xatol": 1e-3, "fatol": 0}
        lowest = minimize(value, start, method="Nelder-Mead", options=options).x
        return lowest / np.linalg.norm(lowest)

    def found(self, step):
        """The message: f is lower, and where."""
        y = self.point(step)
        fall = self.centre - float(self.at.f(y))
        digits = next(
            (d for d in (2, 4, 6, 9) if self.is_lower(float(self.at.f(self._off(y, d))))), 17
        )
        where = f"at a distance of {np.linalg.norm(y - self.at.x):.0e}"
        if y.size <= SHOWN:
            moves = ", ".join(f"{d:.{digits}g}" for d in y - self.at.x)
            where = f"at x + [{moves}]"
        why = "though the gradient is zero: the second derivatives cannot decide here, but values"
        if self.at.kinked.any():
            why = "where f has a kink: no derivative decides here, but values"
        return (
            f"x is no minimum, {why} can.\n  f is lower {where}, by about {fall:.0e}\n"
            "Try: compare f(x) with values of f around x, in several directions, along curves, too."
        )
