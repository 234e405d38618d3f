"""Evidence on a derivative: what was returned, finite differences, and how far to trust them.

All points are differentiated together, as one function of a common shift; where that says "wrong"
or cannot tell, `coursekit.derivatives.numerical_jacobian` looks again at the point alone.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from coursekit.derivatives import numerical_jacobian
from coursekit.derivatives.sampler import epsilon

RESOLUTION = 1e-9  # of an entry: more cannot be asked of a right derivative in float64
ASKED = 3  # points that are far off and looked at alone before a derivative counts as wrong
MANY, FEW = 8, 4  # entries above which only so many points are looked at in full, if all is right


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
    open: np.ndarray  # entries that the differences cannot decide
    reason: tuple = ()  # why, if too many are open: a finding and a hint

    @property
    def wrong(self):
        """Which entries, (m, p), differ by more than the tolerance."""
        return ~self.open & (np.abs(self.got - self.want) > self.tol)

    def fits(self, got):
        """Whether ``got`` agrees everywhere, with room for the error of a fitted factor."""
        return ((np.abs(got - self.want) <= 2 * self.tol) | self.open).all()


def compare(f, jac_f, f_name, name, points, room, value, got, vectorised):
    """Evidence on ``got``, the answers at ``points``, where ``f`` has the values ``value``."""
    many = got[0].size > MANY and len(points) > FEW
    if many and _screened(f, points, room, value, got, vectorised):
        few = (a[:FEW] for a in (points, room, value, got))
        evidence = _in_full(f, jac_f, f_name, name, *few, vectorised)
        if not evidence.wrong.any() and not evidence.reason:
            return evidence
    return _in_full(f, jac_f, f_name, name, points, room, value, got, vectorised)


def _in_full(f, jac_f, f_name, name, points, room, value, got, vectorised):
    """Evidence on every entry at every point."""
    want, error = together(f, points, room, value, vectorised)
    tol, wrong, unsure = judge(points, value, got, want, error)
    blur = np.zeros(got.shape)
    far = np.where(wrong, np.abs(got - want) / tol, 0).reshape(len(points), -1).max(axis=1)
    doubted = unsure.reshape(len(points), -1).any(axis=1)
    worst = np.argsort(-far, kind="stable")
    rounds = [np.flatnonzero(doubted | np.isin(np.arange(len(points)), worst[:ASKED]))]
    rounds += [worst[ASKED:]]  # all of them, unless the first round confirms what is wrong
    for again in rounds:
        again = again[(far > 0)[again] | doubted[again]]
        if not again.size:
            break
        for k in again:
            spread = np.ptp(value, axis=0)
            want[k], error[k] = alone(f, points[k], room[k], want[k], error[k], spread)
            blur[k] = blurred(jac_f, points[k], got[k])
        doubted[again], before = False, wrong
        tol, wrong, unsure = judge(points, value, got, want, error, blur)
        if (wrong == before)[again].all():
            break
    rows = [a.reshape(len(points), -1) for a in (got, want, error, tol, unsure)]
    reason = ()
    if (rows[4].mean(axis=0) > 0.5).any():
        k = unsure.reshape(len(points), -1).any(axis=1).argmax()
        reason = character(f, f_name, points[k])
        # Where most is in doubt, only what is far off counts as wrong.
        rows[4] |= np.abs(rows[0] - rows[1]) <= 10 * rows[3]
    labels = list(product(*map(range, want.shape[1:])))
    return Evidence(f_name, name, want.shape[1:], labels, points, *rows, reason)


def _screened(f, points, room, value, got, vectorised):
    """Whether ``got`` is right along one generic direction at every point."""
    n = points.shape[1]
    k = np.arange(1.0, n + 1)
    turn = ((-1) ** k * (0.5 + 0.5 * (0.618034 * k % 1)))[None]  # none small, no two alike
    reach = _reach(points, room)
    want, error = together(f, points, room, value, vectorised, turn)
    scaled = got * reach.reshape(len(points), *[1] * (value.ndim - 1), n)
    grant = max(64 * epsilon(got.dtype), RESOLUTION) * (np.abs(scaled) @ np.abs(turn.T))
    _, wrong, unsure = judge(points[:, :1] * 0, value, scaled @ turn.T, want, error + grant)
    return not (wrong | unsure).any()


def _reach(points, room):
    """How far a shift of 1 goes in each coordinate of each point."""
    return np.minimum(np.maximum(1, np.abs(points)), room)


def together(f, points, room, value, vectorised, turn=None):
    """Jacobians at all points (m, *outputs, n), with errors, from one common shift.

    With ``turn`` (r, n) slopes (m, *outputs, r) along its rows, in units of the reach.
    """
    m, n = points.shape
    reach = _reach(points, room)

    def shifted(t):
        x = points + (t if turn is None else t @ turn)[..., None, :] * reach
        if vectorised:
            values = f(x.reshape(-1, n))
        else:
            values = np.stack([np.asarray(f(row)) for row in x.reshape(-1, n)])
        return values.reshape(*x.shape[:-1], *values.shape[1:])

    # Relative to the point the shift is at most 0.999, where room ends.
    r = n if turn is None else len(turn)
    domain = (-1, 1) if np.isfinite(room).any() else None
    try:
        got = numerical_jacobian(shifted, np.zeros(r), domain=domain, full_output=True)
    except Exception:  # f is not defined on both sides of some point
        return np.full((2, m, *value.shape[1:], r), np.nan)
    if turn is not None:
        return got.value, got.error
    reach = reach.reshape(m, *[1] * (value.ndim - 1), n)
    slopes, error = got.value / reach, got.error / reach
    rounding = (np.abs(slopes) * np.abs(points).reshape(reach.shape)).sum(axis=-1, keepdims=True)
    error += 64 * epsilon(value.dtype) * rounding / reach  # of x within f
    return slopes, error


def alone(f, x, room, want, error, varies):
    """A second opinion on one point, and the better of the two."""
    domain = (x - room, x + room) if np.isfinite(room).all() else None
    try:
        got = numerical_jacobian(f, x, domain=domain, full_output=True)
        fine = _finest(f, x, room, got.value, got.error, varies)
    except Exception:
        return np.where(np.isnan(want), 0, want), np.full_like(error, np.inf)
    known = np.isfinite(got.error)  # it knows the rounding of x, which the shift hides
    value, least = np.where(known, got.value, want), np.where(known, got.error, error)
    return value, np.where(fine | ~np.isfinite(value), np.inf, least)


def _finest(f, x, room, slope, error, varies):
    """Where ``f`` is smooth on a scale so fine that the differences took it for noise.

    There the quotients with three neighbouring steps agree, but not with ``slope``; or the
    smallest steps change ``f`` much more than ``slope`` explains.
    """
    steps = 1e-3 * 4.0 ** -np.arange(15)
    fine = np.zeros(slope.shape, dtype=bool)
    away = [(f(x + d) != f(x)) & (f(x - d) != f(x)) for d in 0.3 * np.diag(_reach(x, room))]
    for i in range(len(x)):
        points = np.tile(x, (2, len(steps), 1))
        points[0, :, i] += steps * max(1, abs(x[i]))
        points[1, :, i] -= steps * max(1, abs(x[i]))
        plus, minus = (np.array([f(p.copy()) for p in side], dtype=float) for side in points)
        t = (points[0, :, i] - points[1, :, i]).reshape(-1, *[1] * (plus.ndim - 1))
        quotient, size = (plus - minus) / t, np.abs(plus) + np.abs(minus)
        noise = 8 * epsilon(float) * (size + np.abs(x[i] * quotient)) / t
        near = 0.02 * np.abs(quotient)
        steady = np.abs(np.diff(quotient, axis=0)) <= near[1:]
        steady = steady[:-1] & steady[1:] & (noise[2:] <= near[2:])
        off = np.abs(quotient - slope[..., i]) > error[..., i] + 5 * near + noise
        unexplained = np.abs(plus - minus - slope[..., i] * t)[-3:].max(axis=0)
        leap = unexplained > 1e-5 * varies + (noise * t)[-1]
        flat = (slope[..., i] == 0) & away[i]  # a stair, seen from one of its steps
        fine[..., i] = (
            leap | flat | (steady & off[2:]).any(axis=0) & ~_last(steady & ~off[2:], steady)
        )
    return fine


def _last(which, among):
    """Whether the last of ``among`` along the first axis is one of ``which``."""
    last = among.shape[0] - 1 - among[::-1].argmax(axis=0)
    return np.take_along_axis(which, last[None], 0)[0] & among.any(axis=0)


def blurred(jac_f, x, got):
    """How much the answer ``got`` changes if ``x`` is off by its rounding."""
    try:
        near = [np.asarray(jac_f(x * (1 + k * epsilon(float)))) for k in (-2, -1, 1, 2)]
        change = np.abs(np.array(near) - got).max(axis=0)
    except Exception:
        return 0.0
    return np.where(change <= 0.01 * np.abs(got).max(), change, 0)  # more would be a jump


def judge(points, value, got, want, error, blur=0.0):
    """Tolerances, what is wrong, and what cannot be decided, entry by entry."""
    m = len(points)
    slope = np.maximum(np.abs(want), np.abs(got))
    largest = np.where(np.isfinite(slope), slope, 0).max(axis=-1, keepdims=True)
    size = np.abs(value)[..., None].astype(float)
    reach = np.maximum(1, np.abs(points)).reshape(m, *[1] * (value.ndim - 1), -1)
    eps = epsilon(got.dtype)
    known = np.isfinite(want) & np.isfinite(error)
    error = np.where(known, error, np.inf)
    tol = 4 * np.maximum(error, np.median(error, axis=0))  # one estimate may be small by luck
    tol += max(64 * eps, RESOLUTION) * np.abs(got) + 8 * eps * largest
    tol += 8 * epsilon(float) * size / reach + 8 * blur
    # A derivative of zero has no size of its own: what f varies between the points serves as one.
    varies = np.ptp(value, axis=0)[..., None] if m > 1 else size
    rounding = epsilon(value.dtype) * size.max(axis=0)
    flat = (varies <= 4 * rounding) & (np.abs(got) <= np.where(varies > 0, rounding, 0))
    zero = known & (np.abs(want) <= tol) & (np.abs(got) <= tol)
    flat &= tol * reach <= 1e-3 * size.max(axis=0)
    zero &= flat | (tol * reach <= 1e-3 * varies)
    off = np.abs(got - np.where(known, want, 0)) > tol
    unsure = ~zero & (tol > 0.01 * largest)
    # Nor does a claim that is huge make differences good that are all error.
    slopes = np.where(known, np.abs(want), 0).max(axis=-1, keepdims=True)
    unsure |= (
        ~zero & (tol > 0.3 * slopes) & (tol * reach > 1e-6 * np.where(varies > 0, varies, size))
    )
    return tol, off & ~unsure, unsure


def character(f, f_name, x):
    """Why finite differences of ``f`` at ``x`` fail: a kink, a jump, noise, or too fast."""
    steps = np.array([1e-3, 1e-4, 1e-5, 1e-6, 1e-7])
    try:
        found = [_along(f, x, i, steps) for i in range(min(len(x), 16))]
    except Exception as error:
        return f"it fails beside x = {x.tolist()}: {error}", "domain=(lo, hi), where it is defined."
    if not np.isfinite([part[-1] for part in found] + [part[0][-1] for part in found]).all():
        finding = f"{f_name} is not finite on both sides of x = {x.tolist()}"
        return finding, "domain=(lo, hi), a box in which it is defined."
    for i, (jump, gap, slope, noise, size) in enumerate(found):
        where = f"near x = {x.tolist()} in x[{i}]"
        floor = 1e3 * noise + 1e-12 * size
        if np.ptp(jump[1:]) < 0.2 * jump[-1] and jump[-1] > floor:
            return f"{f_name} jumps {where}", "is there a comparison, a floor or a sign in it?"
        steady = np.abs(gap[1:] - gap[0]) < 0.1 * np.abs(gap[0])
        if steady.all() and np.abs(gap[0]) > 1e-3 * slope[0] > 0:
            text = f"{f_name} has a kink {where}, so it has no derivative there"
            return text, "look elsewhere, with domain= or points=."
    noise = max(noise / size if size else 0 for *_, noise, size in found)
    rough = any(jump[-1] > 1e-4 * max(size, 1e-300) for jump, *_, size in found)
    if noise > 1e-5 or rough:
        hint = "domain=(lo, hi) with a smaller box, in which the steps are smaller too."
        return f"{f_name} changes too much within one step", hint
    text = f"rounding changes {f_name} by {max(noise, epsilon(float)):.0e} of its size"
    return (
        f"{text}, too much for its slope",
        f"does {f_name} compute in float32, or carry a large constant?",
    )


def _along(f, x, i, steps):
    """Jumps, gaps of the one-sided slopes, slopes, noise and size of f along coordinate i."""
    e = np.eye(len(x))[i] * max(1.0, abs(x[i]))
    centre = np.ravel(f(x.copy()))
    plus, minus = (np.array([np.ravel(f(x + s * t * e)) for t in steps]) for s in (1, -1))
    near = np.array([np.ravel(f(x + t * e)) for t in 1e-13 * np.arange(1, 9)])
    noise = np.abs(np.diff(near, 3, axis=0)).max() / 8
    jump = np.abs(plus - minus)
    j = (jump[-1] + np.abs(plus + minus - 2 * centre)[-1]).argmax()
    ahead, behind = (plus - centre)[:, j] / steps, (centre - minus)[:, j] / steps
    jump = np.maximum(jump, np.maximum(np.abs(plus - centre), np.abs(minus - centre)))[:, j]
    size = np.abs(centre).max()
    return jump, ahead - behind, np.maximum(np.abs(ahead), np.abs(behind)), noise, size
