"""Check runs of Adam in which some coordinates are not seen in some steps.

The moves of a student's runs are compared with those of the formula, and with those of the usual
mistakes: one is named if it explains every move of every run.
"""

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.arrays import check_array
from coursekit.checks.failure import CheckFailed
from coursekit.checks.runs import short

__all__ = ["check_lazy_adam"]

FRESH = "the memories began with the first gradient and its square"
SETTINGS = ("alpha", "beta1", "beta2", "epsilon")
MEMORIES = {  # m and v after g, in place of the right ones
    "the factors 1 - beta1 and 1 - beta2 were missing": lambda m, v, g, a, b, k: (
        a * m + g, b * v + g**2),
    "the factor 1 - beta1 were missing": lambda m, v, g, a, b, k: (
        a * m + g, b * v + (1 - b) * g**2),
    "the factor 1 - beta2 were missing": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, b * v + g**2),
    "m and v had each other's beta": lambda m, v, g, a, b, k: (
        b * m + (1 - b) * g, a * v + (1 - a) * g**2),
    "m had beta2": lambda m, v, g, a, b, k: (
        b * m + (1 - b) * g, b * v + (1 - b) * g**2),
    "v had beta1": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, a * v + (1 - a) * g**2),
    "beta and 1 - beta were exchanged": lambda m, v, g, a, b, k: (
        (1 - a) * m + a * g, (1 - b) * v + b * g**2),
    "beta1 and 1 - beta1 were exchanged": lambda m, v, g, a, b, k: (
        (1 - a) * m + a * g, b * v + (1 - b) * g**2),
    "beta2 and 1 - beta2 were exchanged": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, (1 - b) * v + b * g**2),
    "v held the size of the gradient, not its square": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, b * v + (1 - b) * np.abs(g)),
    "v held the square of m": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, b * v + (1 - b) * (a * m + (1 - a) * g) ** 2),
    "v held the sum of all squares": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, v + g**2),
    "v never became smaller": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, np.maximum(v, b * v + (1 - b) * g**2)),
    "v held the last square alone": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, (1 - b) * g**2),
    "m were (1 - beta1) times the last gradient": lambda m, v, g, a, b, k: (
        (1 - a) * g, b * v + (1 - b) * g**2),
    "the corrected m and v were kept for the next step": lambda m, v, g, a, b, k: (
        (a * m + (1 - a) * g) / (1 - a**k), (b * v + (1 - b) * g**2) / (1 - b**k)),
    FRESH: lambda m, v, g, a, b, k: (
        np.where(k > 1, a * m + (1 - a) * g, g), np.where(k > 1, b * v + (1 - b) * g**2, g**2)),
    "each coordinate were divided by the length of all of them": lambda m, v, g, a, b, k: (
        a * m + (1 - a) * g, b * v + (1 - b) * (g**2).sum()),
}  # fmt: skip
STEPS = {  # the step from m and v, in place of the right one
    "neither memory were corrected": lambda m, v, g, a, b, k, e: m / (np.sqrt(v) + e),
    "v were not corrected": lambda m, v, g, a, b, k, e: m / (1 - a**k) / (np.sqrt(v) + e),
    "m were not corrected": lambda m, v, g, a, b, k, e: m / (np.sqrt(v / (1 - b**k)) + e),
    "1 - beta stood in place of 1 - beta^k": lambda m, v, g, a, b, k, e: (
        m / (1 - a) / (np.sqrt(v / (1 - b)) + e)),
    "k in the correction were larger by one": lambda m, v, g, a, b, k, e: (
        m / (1 - a ** (k + 1)) / (np.sqrt(v / (1 - b ** (k + 1))) + e)),
    "the corrections of m and v were exchanged": lambda m, v, g, a, b, k, e: (
        m / (1 - b**k) / (np.sqrt(v / (1 - a**k)) + e)),
    "both memories were corrected by beta1": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / (np.sqrt(v / (1 - a**k)) + e)),
    "both memories were corrected by beta2": lambda m, v, g, a, b, k, e: (
        m / (1 - b**k) / (np.sqrt(v / (1 - b**k)) + e)),
    "the corrections multiplied": lambda m, v, g, a, b, k, e: (
        m * (1 - a**k) / (np.sqrt(v * (1 - b**k)) + e)),
    "the root were taken before v is corrected": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / (np.sqrt(v) / (1 - b**k) + e)),
    "the root were missing": lambda m, v, g, a, b, k, e: m / (1 - a**k) / (v / (1 - b**k) + e),
    "epsilon stood under the root": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / np.sqrt(v / (1 - b**k) + e)),
    "the square of epsilon stood under the root": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / np.sqrt(v / (1 - b**k) + e**2)),
    "the larger one of the root and epsilon were taken": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / np.maximum(np.sqrt(v / (1 - b**k)), e)),
    "m were that of the step before": lambda m, v, g, a, b, k, e: (
        (m - (1 - a) * g) / a / (1 - a**k) / (np.sqrt(v / (1 - b**k)) + e)),
    "epsilon were added before v is corrected": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) * np.sqrt(1 - b**k) / (np.sqrt(v) + e)),
    "epsilon were missing": lambda m, v, g, a, b, k, e: m / (1 - a**k) / np.sqrt(v / (1 - b**k)),
    "epsilon were subtracted": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) / (np.sqrt(v / (1 - b**k)) - e)),
    "the gradient stood in place of m": lambda m, v, g, a, b, k, e: (
        g / (np.sqrt(v / (1 - b**k)) + e)),
    "nothing were divided by the root of v": lambda m, v, g, a, b, k, e: m / (1 - a**k),
    "m were multiplied by the root of v": lambda m, v, g, a, b, k, e: (
        m / (1 - a**k) * (np.sqrt(v / (1 - b**k)) + e)),
}  # fmt: skip
FACTORS = {  # before the step, in place of -alpha
    "the step had the opposite sign": lambda alpha: alpha,
    "alpha were missing": lambda alpha: -1.0,
}
UNSEEN = {  # what happens to coordinates that are not seen, in place of nothing
    "k counted the steps, not how often the coordinate has been seen": {"count": "steps"},
    "k counted the steps in which anything is seen": {"count": "any"},
    "the memories of a coordinate that is not seen faded": {"fades": True},
    "the memories of a coordinate that is not seen faded, and k counted the steps": {
        "fades": True, "count": "steps"},
    "a coordinate that is not seen had the gradient zero": {
        "fades": True, "moves": True, "count": "steps"},
    "a coordinate that is not seen had the gradient zero, and k counted how often it is seen": {
        "fades": True, "moves": True},
    "a coordinate that is not seen moved on by its memories": {"moves": True},
    "a coordinate that is not seen moved on by its memories, and k counted the steps": {
        "moves": True, "count": "steps"},
    "the memories began anew after a step in which a coordinate is not seen": {"anew": 0},
    "the memories, not k, began anew after a step in which a coordinate is not seen": {"anew": 1},
    "a step were left out for all if one coordinate is not seen": {"shown": "all"},
    "a step were left out for all if one coordinate is not seen, and k counted the steps": {
        "shown": "all", "count": "steps"},
    "a step in which one coordinate is seen were done for all": {"shown": "any"},
    "every coordinate were seen in every step": {"shown": "ignored"},
    "seen and not seen were exchanged": {"shown": "exchanged"},
}  # fmt: skip


def check_lazy_adam(func, cases):
    r"""Check that ``func`` makes the steps of Adam for the coordinates that are seen, only.

    Parameters
    ----------
    func : callable
        ``func(x0, gradients, seen, alpha, beta1, beta2, epsilon)``, from x0 (n,), gradients (T, n)
        and the truth values seen (T, n), returns the path (T + 1, n). Each coordinate has its own
        m, v and count k, zero at the start. Where it is seen, k grows by 1,
        :math:`m \leftarrow \beta_1 m + (1 - \beta_1) g`,
        :math:`v \leftarrow \beta_2 v + (1 - \beta_2) g^2`, and it moves by
        :math:`-\alpha\, \frac{m / (1 - \beta_1^k)}{\sqrt{v / (1 - \beta_2^k)} + \varepsilon}`.
        Where not, nothing changes, whatever the gradient is, nan too.
    cases : list of tuple
        ``(x0, gradients, seen, (alpha, beta1, beta2, epsilon))`` of each run. Those in which
        everything is seen are judged first.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong with the path: kind, shape, start; or where a move is another one, and
        which mistake explains all moves, if one does.

    Examples
    --------
    >>> import numpy as np
    >>> def first_step(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    ...     return [x0, x0 - alpha * np.sign(gradients[0])]
    >>> one = np.array([[3.0, -0.01]])
    >>> check_lazy_adam(first_step, [(np.zeros(2), one, one > -1, (0.1, 0.9, 0.99, 1e-12))])
    True
    """
    with np.errstate(all="ignore"):  # of other people's mistakes
        for is_complete in (True, False):
            group = [case for case in cases if case[2].all() == is_complete]
            found = [_moves_of(func, *case) for case in group]
            _compare(group, found, is_complete)
    return True


def _moves_of(func, x0, gradients, seen, settings):
    """Return the moves of a student's run, (T, n)."""
    run = f"{_told(gradients, seen, settings)}: the path"
    path = watched(func)(x0.copy(), gradients.copy(), seen.copy(), *settings)
    if np.shape(path) == gradients.shape:
        raise CheckFailed(
            f"{run} has shape {gradients.shape}, one point too few: it should hold x0 and the "
            "point after each step."
        )
    if np.shape(path) == x0.shape and len(gradients) > 0:
        raise CheckFailed(f"{run} has shape {x0.shape}: it should hold all points, not one.")
    shape = (len(gradients) + 1, len(x0))
    if np.shape(path) == shape and np.isnan(path).any() and np.isnan(gradients).any():
        raise CheckFailed(
            f"{run} is not finite. Where a coordinate is not seen, its gradient is nan here: has "
            "that no way into m, v and x? Remember that 0 * nan is nan."
        )
    check_array(path, shape, run)
    path = np.asarray(path, dtype=float)
    if not np.array_equal(path[0], x0):
        same = len(path) > 2 and not np.ptp(path, axis=0).any()
        why = "all points are the same: was one array appended again and again?" if same else (
            f"it begins at {short(path[0])}, not at x0 = {short(x0)}."
        )  # fmt: skip
        raise CheckFailed(f"{run}: {why}")
    return np.diff(path, axis=0)


def _compare(group, found, is_complete):
    """Say what is wrong with the moves of some runs, if anything is."""
    right = [_run(*case[1:]) for case in group]
    if _all_close(found, right):
        return
    others = UNSEEN
    if is_complete:
        others = {name: {"factor": rule} for name, rule in FACTORS.items()}
        others |= {name: {"memory": rule} for name, rule in MEMORIES.items()}
        others |= {name: {"step": rule} for name, rule in STEPS.items()}
        others["k counted later steps, too"] = {"count": "all"}
        both = {"memory": MEMORIES[FRESH], "step": STEPS["neither memory were corrected"]}
        others[f"{FRESH}, and were not corrected"] = both
    fits = (name for name, how in others.items() if _explains(found, group, how))
    why = next(fits, None)
    at = next(k for k, moves in enumerate(found) if not _close(moves, right[k]).all())
    stays = not any(moves[1:].any() for moves in found)
    if stays and found[at][0].any() and right[at][1:].any():
        raise CheckFailed(
            f"{_told(*group[at][1:])}: all points of the path after x0 are the same. Was one array "
            "appended again and again, and changed afterwards?"
        )
    text = _first_wrong(*group[at][1:], found[at], right[at])
    if not any(moves.any() for moves in found):
        text += " Nothing moves in any step: is seen ever true in your loop?"
    elif why:
        text += f" All your moves are as if {why}."
    elif is_complete and all(_close(a[0], b[0]).all() for a, b in zip(found, right, strict=True)):
        text += " All first steps are right."
    elif not is_complete:
        text += " The runs in which everything is seen are right."
    raise CheckFailed(text)


def _first_wrong(gradients, seen, settings, moves, wanted):
    """Say which move of a run is the first wrong one."""
    t, j = np.argwhere(~_close(moves, wanted))[0]
    text = f"{_told(gradients, seen, settings)}: in step {t + 1}, coordinate {j}"
    if not seen[t, j]:
        return f"{text} is not seen, so it should stay; it moves by {moves[t, j]:.6g}."
    return (
        f"{text}, seen for the {_nth(seen[: t + 1, j].sum())} time, should move by "
        f"{wanted[t, j]:.9g}; it moves by {moves[t, j]:.9g}."
    )


def _explains(found, group, how):
    """Whether runs with some rules changed make the moves that were found."""
    return _all_close(found, [_run(*case[1:], **how) for case in group])


def _run(gradients, seen, settings, *, memory=None, step=None, factor=None, count="own", **unseen):
    """Return the moves of a run, with some rules changed."""
    memory, step = memory or _memory, step or _step
    alpha, a, b, e = settings
    scale = factor(alpha) if factor else -alpha
    shown = {
        "all": seen.all(axis=1, keepdims=True) & seen,
        "any": seen.any(axis=1, keepdims=True) | seen,
        "ignored": np.ones_like(seen),
        "exchanged": ~seen,
    }.get(unseen.get("shown"), seen)
    m, v, k = np.zeros((3, gradients.shape[1]))
    k = shown.sum(axis=0) if count == "all" else k
    moves = np.zeros_like(gradients)
    for t, (g, here) in enumerate(zip(gradients, shown, strict=True)):
        g = np.where(here, g, 0)
        k = k + {"own": here, "steps": 1, "any": here.any(), "all": 0}[count]
        fresh = memory(m, v, g, a, b, k)
        changes = here | unseen.get("fades", False)
        m, v = np.where(changes, fresh[0], m), np.where(changes, fresh[1], v)
        if "anew" in unseen:
            m, v, k = m * here, v * here, k * (here | unseen["anew"])
        moving = (here | unseen.get("moves", False)) & (k > 0)
        moves[t] = np.where(moving, scale * step(m, v, g, a, b, k, e), 0)
    return moves


def _memory(m, v, g, a, b, k):
    return a * m + (1 - a) * g, b * v + (1 - b) * g**2


def _step(m, v, g, a, b, k, e):
    return m / (1 - a**k) / (np.sqrt(v / (1 - b**k)) + e)


def _close(moves, wanted):
    return np.isclose(moves, wanted, rtol=1e-8, atol=1e-12)


def _all_close(found, wanted):
    return all(_close(a, b).all() for a, b in zip(found, wanted, strict=True))


def _told(gradients, seen, settings):
    """Name a run by its settings."""
    values = ", ".join(f"{name}={value:g}" for name, value in zip(SETTINGS, settings, strict=True))
    what = "all seen" if seen.all() else f"seen in {seen.sum()} of {seen.size} entries"
    return f"For gradients of shape {gradients.shape}, {what}, with {values}"


def _nth(count):
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(int(count), f"{count}th")
