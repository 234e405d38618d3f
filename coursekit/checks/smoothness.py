"""Why finite differences of a function fail at a point: a kink, a jump, noise, or too fast."""

from typing import NamedTuple

import numpy as np

from coursekit.checks.student_functions import call, place
from coursekit.derivatives.sampler import epsilon

STEPS = np.array(
    [1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
)  # relative to the coordinate, or to 1, or to the bound
COORDINATES = 16  # that are looked at, at most


class Along(NamedTuple):
    """How a function behaves along one coordinate, step by step; of its outputs the roughest."""

    jump: np.ndarray  # largest difference of the values at x - t, x and x + t
    gap: np.ndarray  # of the slopes to the right and to the left
    slope: np.ndarray  # the larger of the two
    noise: float
    size: float


def why_unreliable(f, f_name, x, to_bound):
    """Return a finding and a hint, from values of ``f`` no further from ``x`` than the bounds."""

    def values(x):
        return np.ravel(call(f, f_name, (x,), lambda: f"at {place(x)}", False))

    unit = np.minimum(np.maximum(1.0, np.abs(x)), 0.999 * to_bound / STEPS[0])
    try:
        found = [_along(values, x, i, unit[i]) for i in np.flatnonzero(unit)[:COORDINATES]]
    except Exception as error:
        text, hint = f"it fails beside x = {x.tolist()}: {error}", "domain=(lo, hi), where it is"
        return text, f"{hint} defined."
    if not np.isfinite([(part.size, part.jump[-1]) for part in found]).all():
        finding = f"{f_name} is not finite on both sides of x = {x.tolist()}"
        return finding, "domain=(lo, hi), a box in which it is defined."
    if found and not any(part.size or part.jump.any() for part in found):
        finding = f"{f_name} is 0 at x = {x.tolist()} and all around it"
        return finding, f"is {f_name} itself right? make it so before its derivative."
    for i, part in enumerate(found):
        where = f"near x = {x.tolist()} in x[{i}]"
        if _jumps(part):
            return f"{f_name} jumps {where}", "is there a comparison, a floor or a sign in it?"
        if _has_kink(part):
            text = f"{f_name} has a kink {where}, so it has no derivative there"
            return text, "look elsewhere, with domain= or points=."
    noise = max((part.noise / part.size if part.size else 0 for part in found), default=0)
    rough = any(part.jump[-1] > 1e-4 * max(part.size, 1e-300) for part in found)
    if noise > 1e-5 or rough:
        hint = "domain=(lo, hi) with a smaller box, in which the steps are smaller too."
        return f"{f_name} changes too much within one step", hint
    return (
        f"rounding changes {f_name} by {max(noise, epsilon(float)):.0e} of its size, "
        "too much for its slope",
        f"does {f_name} compute in float32, or carry a large constant?",
    )


def _jumps(part):
    """Whether the values differ by the same amount however small the step."""
    floor = 1e3 * part.noise + 1e-12 * part.size
    return np.ptp(part.jump[1:]) < 0.2 * part.jump[-1] and part.jump[-1] > floor


def _has_kink(part):
    """Whether the one-sided slopes differ by the same amount however small the step."""
    steady = np.abs(part.gap[1:] - part.gap[0]) < 0.1 * np.abs(part.gap[0])
    return steady.all() and np.abs(part.gap[0]) > 1e-3 * part.slope[0] > 0


def _along(f, x, i, unit):
    e = np.eye(len(x))[i] * unit
    centre = f(x.copy())
    plus, minus = (np.array([f(x + s * t * e) for t in STEPS]) for s in (1, -1))
    near = np.array([f(x + t * e) for t in 1e-13 * np.arange(1, 9)])
    noise = np.abs(np.diff(near, 3, axis=0)).max() / 8
    jump = np.abs(plus - minus)
    j = (jump[-1] + np.abs(plus + minus - 2 * centre)[-1]).argmax()
    ahead, behind = (plus - centre)[:, j] / STEPS, (centre - minus)[:, j] / STEPS
    jump = np.maximum(jump, np.maximum(np.abs(plus - centre), np.abs(minus - centre)))[:, j]
    slope = np.maximum(np.abs(ahead), np.abs(behind))
    return Along(jump, ahead - behind, slope, noise, np.abs(centre).max())
