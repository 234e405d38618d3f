"""Check where a walk on a straight line crosses the folds of a network.

A list with wrong numbers has a cause only if one usual mistake gives it for all walks; else the
check names a neuron that changes where no number stands, or a number where none changes.
"""

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import line_of
from coursekit.checks.wording import plural, rounded_up
from coursekit.learning.networks import forward

__all__ = ["check_breakpoints"]

TINY = 1e-9  # numbers that are as close count as one


def check_breakpoints(func, walks):
    """Check that ``func`` finds where hidden neurons change between on and off along a segment.

    Parameters
    ----------
    func : callable
        ``func(layers, start, end)`` returns all t, 0 < t < 1, in increasing order, at which the
        pattern of the hidden neurons (z > 0) just before start + t (end - start) differs from that
        just after. Numbers that differ by less than 1e-9 count as one.
    walks : dict
        ``{name: (layers, start, end)}``.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong first: kind, shape, range, order, precision; and which mistake explains
        the numbers of all walks, if just one does.

    Examples
    --------
    >>> import numpy as np
    >>> ramp = [(np.array([[1.0]]), np.array([-2.0])), (np.ones((1, 1)), np.zeros(1))]
    >>> walk = ramp, np.array([0.0]), np.array([8.0])
    >>> check_breakpoints(lambda layers, start, end: [0.25], {"one fold": walk})
    True
    """
    found = {name: _returned(func, name, walk) for name, walk in walks.items()}
    expected = {name: _crossings(*walk)[0] for name, walk in walks.items()}
    wrong = [name for name in walks if not _same(found[name], expected[name])]
    if not wrong:
        return True
    as_if = [
        words
        for words, rule in MISTAKES.items()
        if all(_same(found[name], rule(*walk)) for name, walk in walks.items())
    ]
    evidence = _evidence(wrong[0], walks[wrong[0]], found[wrong[0]])
    if len(as_if) == 1:
        raise CheckFailed(
            f"{evidence}\nIn all {len(walks)} walks of this check it is as if {as_if[0]}."
        )
    raise CheckFailed(evidence + _shared(walks, wrong))


def _same(mine, t):
    return len(mine) == len(t) and np.allclose(mine, t, rtol=0, atol=TINY)


def _relu(z):
    return np.maximum(z, 0)


def _zero(low, high):
    return low / (low - high)


def _crossings(layers, start, end, between=_relu, turns=(-1, 1), zero=_zero):
    """Return t, and for each of them (hidden layer, neuron) of one that changes.

    Between two of the t found so far the next z are linear in t. ``between`` stands for the ReLU
    and ``zero`` for the part of a piece at which z is 0; neurons that turn on count if 1 is in
    ``turns``, those that turn off if -1 is.
    """
    t, v, who = np.array([0.0, 1.0]), np.stack([start, end]).astype(float), [None, None]
    for k, (A, b) in enumerate(layers[:-1]):
        z = v @ A.T + b
        i, j = np.nonzero((z[:-1] * z[1:] < 0) & np.isin(np.sign(z[1:]), turns))
        part = zero(z[i, j], z[i + 1, j])
        new = z[i] + part[:, None] * (z[i + 1] - z[i])
        if zero is _zero:
            new[np.arange(len(j)), j] = 0
        times = np.append(t, t[i] + part * (t[i + 1] - t[i]))
        order = np.argsort(times, kind="stable")
        t, v = times[order], between(np.vstack([z, new])[order])
        who = [[*who, *((k, n) for n in j)][n] for n in order]
    keep = np.append(True, np.diff(t) > TINY) & (t > TINY) & (t < 1 - TINY)
    return t[keep], [one for one, is_kept in zip(who, keep, strict=True) if is_kept]


# Usual mistakes --------------------------------------------------------------------------------


def _middles(t):
    ends = np.concatenate([[0.0], t, [1.0]])
    return (ends[1:] + ends[:-1]) / 2


def _seen(layers, start, end):
    """The t at which the slope of the outputs changes."""
    t, _ = _crossings(layers, start, end)
    v = start + np.concatenate([[0.0], t, [1.0]])[:, None] * (end - start)
    for A, b in layers[:-1]:
        v = np.maximum(v @ A.T + b, 0)
    A, b = layers[-1]
    slopes = np.diff(v @ A.T + b, axis=0) / np.diff(np.concatenate([[0.0], t, [1.0]]))[:, None]
    return t[~np.isclose(slopes[1:], slopes[:-1], rtol=1e-7, atol=1e-9).all(axis=1)]


def _from_start(layers, start, end):
    """The zeros of each neuron's affine function, as it is at the start."""
    zeros, now, ahead = [], start, end - start
    for A, b in layers[:-1]:
        z, slope = A @ now + b, A @ ahead
        with np.errstate(all="ignore"):
            zeros.append(-z / slope)
        now, ahead = np.maximum(z, 0), slope * (z > 0)
    t = np.sort(np.concatenate([np.zeros(0), *zeros]))
    t = t[(t > 0) & (t < 1)]
    return t[np.append(True, np.diff(t) > TINY)[: len(t)]]


def _anywhere(layers, start, end):
    """Zeros on each piece between the t found so far, and beyond its ends."""
    t = np.array([0.0, 1.0])
    for k in range(1, len(layers)):
        z = forward(layers[:k], start + t[:, None] * (end - start))
        with np.errstate(all="ignore"):
            part = z[:-1] / (z[:-1] - z[1:])
        new = t[:-1, None] + part * np.diff(t)[:, None]
        t = np.sort(np.append(t, new[np.isfinite(new) & (new > TINY) & (new < 1 - TINY)]))
        t = t[np.append(True, np.diff(t) > TINY)]
    return t[1:-1]


def _chords(layers, start, end):
    """Zeros as if each z were linear from the start to the end."""
    zeros, ends = [np.zeros(0)], np.stack([start, end])
    for k in range(1, len(layers)):
        z = forward(layers[:k], ends)
        z = z[:, np.sign(z).prod(axis=0) < 0]
        zeros.append(z[0] / (z[0] - z[1]))
    t = np.sort(np.concatenate(zeros))
    return t[np.append(True, np.diff(t) > TINY)[: len(t)]]


def _last_only(layers, start, end):
    t, who = _crossings(layers, start, end)
    return t[[k == len(layers) - 2 for k, _ in who]]


def _without_bias(layers, start, end):
    return _crossings([(A, 0 * b) for A, b in layers], start, end)[0]


MISTAKES = {  # it is as if …
    "only the first hidden layer counted": lambda layers, *ends: _crossings(
        [*layers[:1], *layers[-1:]] if len(layers) > 1 else layers, *ends
    )[0],
    "the last hidden layer did not count": lambda layers, *ends: _crossings(layers[:-1], *ends)[0],
    "only the last hidden layer counted": _last_only,
    "the zero of a z counted even outside of the piece for which it was computed": _anywhere,
    "each z were linear all the way from start to end": _chords,
    "the zeros of the outputs counted, too": lambda layers, *ends: _crossings(
        [*layers, layers[-1]], *ends
    )[0],
    "the layers had no ReLU, so that no fold bends": lambda *walk: _crossings(
        *walk, between=lambda z: z
    )[0],
    "each neuron stayed the affine function which it is at the start": _from_start,
    "no layer had a bias": _without_bias,
    "only neurons that turn on counted": lambda *walk: _crossings(*walk, turns=(1,))[0],
    "only neurons that turn off counted": lambda *walk: _crossings(*walk, turns=(-1,))[0],
    "only those t counted at which the slope of the output changes": _seen,
    "the zero of a z were counted from the other end of its piece": lambda *walk: _crossings(
        *walk, zero=lambda low, high: high / (high - low)
    )[0],
    "the middle of the piece stood for the zero of a z": lambda *walk: _crossings(
        *walk, zero=lambda low, high: 0.5 + 0 * low
    )[0],
    "t ran from the end to the start": lambda layers, start, end: _crossings(layers, end, start)[0],
    "the start were 0": lambda layers, start, end: _crossings(layers, 0 * start, end)[0],
    "the walk went from start to start + end": lambda layers, start, end: _crossings(
        layers, start, start + end
    )[0],
    "it were the middles of the pieces": lambda *walk: _middles(_crossings(*walk)[0]),
    "none were ever found": lambda *walk: np.zeros(0),
}


# What is returned, and evidence ------------------------------------------------------------------


def _returned(func, name, walk):
    """Return the numbers of a walk, after a look at what kind of things they are."""
    layers, start, end = walk
    try:
        t = watched(func)(layers, start, end)
    except (IndexError, ValueError, TypeError, ZeroDivisionError) as error:
        kind, line = type(error).__name__, line_of(func, error)
        raise CheckFailed(f"{name}: {func.__name__} raises {kind}: {error}{line}") from error
    t = np.asarray(t)
    if t.ndim != 1:
        hint = "."
        if t.ndim == 2 and _points_of(t, walk):
            hint = "; is it the points? The numbers t are asked for."
        elif t.ndim == 0:
            hint = "; is it how many? The numbers t are asked for, also if there is one."
        raise CheckFailed(f"{name}: the t should have one axis; their shape is {t.shape}{hint}")
    if not np.isfinite(t).all():
        raise CheckFailed(f"{name}: one of the t is {t[~np.isfinite(t)][0]}, which is no number.")
    if t.dtype in (np.float32, np.float16):
        raise CheckFailed(f"{name}: the t have the type {t.dtype}, which keeps too few digits.")
    right, length = _crossings(*walk)[0], np.linalg.norm(end - start)
    if len(t) and _same(t, right * length) and not _same(t, right):
        raise CheckFailed(
            f"{name}: the numbers are distances from the start. At the end, t is 1; the distance "
            f"is {length:.4g}."
        )
    on_end = np.abs(t * (1 - t)) <= TINY
    if on_end.any():
        both = " t = 0 and t = 1 are no breakpoints." if {0.0, 1.0} <= {*t.round(12)} else ""
        raise CheckFailed(
            f"{name}: {t[on_end][0]:.6g} is among the t; they lie between 0 and 1, without these."
            f"{both}"
        )
    if ((t < 0) | (t > 1)).any():
        outside = t[(t < 0) | (t > 1)][0]
        raise CheckFailed(f"{name}: {outside:.6g} is among the t; they lie between 0 and 1.")
    if (np.diff(t) < -TINY).any():
        raise CheckFailed(f"{name}: the t do not increase: {t.round(6).tolist()[:8]}.")
    if (np.diff(t) <= TINY).any():
        k = int(np.argmin(np.diff(t)))
        raise CheckFailed(
            f"{name}: t = {t[k]:.6g} stands there more than once. Numbers that differ by less than "
            "1e-9 count as one."
        )
    return t.astype(float)


def _points_of(rows, walk):
    """Whether the rows are the points of the walk at its t."""
    t = _crossings(*walk)[0][:, None]
    points = walk[1] + t * (walk[2] - walk[1])
    return rows.shape == points.shape and np.allclose(rows, points)


def _evidence(name, walk, mine):
    """Say where in a walk the numbers are wrong."""
    t, who = _crossings(*walk)
    off = np.abs(mine - t).max() if len(mine) == len(t) else np.inf
    if len(mine) == len(t) and off < 1e-2 * min(np.diff(np.concatenate([[0], t, [1]]))):
        return (
            f"{name}: the number of the t is right, but they are right to {rounded_up(off):.0e} "
            "only. They can be computed: along a piece each z is linear in t."
        )
    counted = f"there should be {len(t)} t, and you have {len(mine)}"
    nearest = np.abs(np.subtract.outer(t, mine)).min(axis=1, initial=np.inf)
    missing = np.flatnonzero(nearest > TINY)
    extra = np.flatnonzero(np.abs(np.subtract.outer(mine, t)).min(axis=1, initial=np.inf) > TINY)
    said = f"{name}: {counted}."
    if len(missing):
        at, (k, j) = t[missing[0]], who[missing[0]]
        low, high = max([0.0, *mine[mine < at]]), min([1.0, *mine[mine > at]])
        said += (
            f" Between {low:.6g} and {high:.6g} you have none, but there a hidden neuron changes, "
            f"number {j} of hidden layer {k + 1}."
        )
        apart = np.abs(np.delete(t, missing[0]) - at).min(initial=1)
        if apart < 0.01:
            said += f" It is only {apart:.1g} away from another one."
        layer = {who[m][0] for m in missing}
        if len(missing) > 1:
            said += f" You miss {len(missing)}" + (
                f", all in hidden layer {layer.pop() + 1}." if len(layer) == 1 else "."
            )
    if len(extra):
        said += f" At your t = {mine[extra[0]]:.6g} no hidden neuron changes."
    return said


def _shared(walks, wrong):
    """Say what the wrong walks share, if nothing but that tells them from the right ones."""
    is_wrong = np.array([name in wrong for name in walks])
    hidden = np.array([len(walk[0]) - 1 for walk in walks.values()])
    inputs = np.array([len(walk[1]) for walk in walks.values()])
    for words, those in [
        ("more than one hidden layer", hidden > 1),
        ("more than two hidden layers", hidden > 2),
        ("more than one input", inputs > 1),
    ]:
        if (is_wrong == those).all():
            return f"\nWrong are just the walks through networks with {words}."
    return f"\n{(~is_wrong).sum()} of {plural(len(walks), 'walk is', 'walks are')} right."
