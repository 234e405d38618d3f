"""Check a network that folds space along hyperplanes, as one folds paper.

The network is evaluated at points; a wrong one has a cause only if one usual mistake puts the
points of all foldings where it puts them.
"""

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import line_of
from coursekit.checks.wording import plural
from coursekit.learning.networks import as_layers, forward

__all__ = ["check_folding", "folded"]

POINTS = 60  # of each folding


def check_folding(func, foldings):
    r"""Check that ``func`` builds a network that folds space, crease after crease.

    A fold turns over what lies on the side :math:`a^{\mathsf T} x > c`: each x there goes to its
    mirror image :math:`x - 2 (a^{\mathsf T} x - c)\, a / \|a\|^2`.

    Parameters
    ----------
    func : callable
        ``func(normals, offsets)`` returns layers (A, b): of one hidden layer for each crease, with
        at most 2 n + 1 neurons.
    foldings : dict
        ``{name: (normals, offsets)}``, of shapes (k, n) and (k,).

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong first: the layers, where points go, how many layers or neurons there
        are; and which mistake explains all that was seen, if just one does.

    Examples
    --------
    >>> import numpy as np
    >>> def in_half(normals, offsets):  # of the line, at 1
    ...     return [([[1.0], [-1.0], [1.0]], [0.0, 0.0, -1.0]), ([[1.0, -1.0, -2.0]], [0.0])]
    >>> check_folding(in_half, {"at 1": (np.array([[1.0]]), np.array([1.0]))})
    True
    """
    built = {}
    for name, (normals, offsets) in foldings.items():
        built[name] = _network(func, name, normals, offsets)
    points = {name: _points(*folding) for name, folding in foldings.items()}
    ends = {name: forward(layers, points[name]) for name, layers in built.items()}
    wrong = [
        name
        for name, folding in foldings.items()
        if not np.allclose(ends[name], folded(points[name], *folding), rtol=1e-9, atol=1e-9)
    ]
    if wrong:
        _explain(wrong, foldings, points, ends, len(built[wrong[0]]) - 1)
    for name, layers in built.items():
        k, n = foldings[name][0].shape
        if len(layers) != k + 1:
            raise CheckFailed(
                f"{name}: the network folds as it should, but it has "
                f"{plural(len(layers) - 1, 'hidden layer')}; one for each crease is enough, {k}."
            )
        widest = max(len(b) for _, b in layers[:-1])
        if widest > 2 * n + 1:
            raise CheckFailed(
                f"{name}: the network folds as it should, but a hidden layer has {widest} neurons; "
                f"at most {2 * n + 1} are asked for, with n = {n}."
            )
    return True


def folded(x, normals, offsets):
    """Return where points (..., n) lie after the folds."""
    return _one_by_one(_mirror)(x, normals, offsets)


def _points(normals, offsets):
    rng = np.random.default_rng(0)
    return 3 * rng.normal(size=(POINTS, normals.shape[1])) + rng.normal(size=normals.shape[1])


# Folds, and folds with a mistake in them -------------------------------------------------------


def _one_by_one(step):
    def run(x, normals, offsets):
        for a, c in zip(normals, offsets, strict=True):
            x = step(x, a, c)
        return x

    return run


def _moved(side=1.0, part=2.0, power=2, sign=-1.0, keep=None, offset=1.0):
    """Return a step: x kept by ``keep``, and moved by ``sign part relu(side s) a / |a|^power``."""

    def step(x, a, c):
        s = np.maximum(side * (x @ a - offset * c), 0)
        move = side * sign * part * s[..., None] * a / np.linalg.norm(a) ** power
        return (x if keep is None else keep(x)) + move

    return step


_mirror = _moved()


def _everywhere(x, a, c):
    return x - 2 * (x @ a - c)[..., None] * a / (a @ a)


def _unit_but_offset(x, a, c):
    unit = a / np.linalg.norm(a)
    return x - 2 * np.maximum(x @ unit - c, 0)[..., None] * unit


def _at_once(x, normals, offsets):
    moves = [_mirror(x, a, c) - x for a, c in zip(normals, offsets, strict=True)]
    return x + sum(moves)


MISTAKES = {  # points go where they go if …
    "the other side were turned over": _one_by_one(_moved(side=-1.0)),
    "both sides were exchanged with their mirror images": _one_by_one(_everywhere),
    "they were put onto the crease, not behind it": _one_by_one(_moved(part=1.0)),
    "the move were twice as long": _one_by_one(_moved(part=4.0)),
    "the move had the opposite sign": _one_by_one(_moved(sign=1.0)),
    "nothing were divided by the square of the length of a": _one_by_one(_moved(power=0)),
    "it were divided by the length of a, not by its square": _one_by_one(_moved(power=1)),
    "a were divided by its length, and c not": _one_by_one(_unit_but_offset),
    "c had the opposite sign": _one_by_one(_moved(offset=-1.0)),
    "c were 0": _one_by_one(_moved(offset=0.0)),
    "negative coordinates were lost": _one_by_one(_moved(keep=lambda x: np.maximum(x, 0))),
    "each coordinate lost its sign": _one_by_one(_moved(keep=np.abs)),
    "negative coordinates were counted twice, with the wrong sign": _one_by_one(
        _moved(keep=lambda x: np.maximum(x, 0) - 2 * np.minimum(x, 0))
    ),
    "x itself got lost, and only the move were left": _one_by_one(_moved(keep=lambda x: 0 * x)),
    "the folds came in reversed order": lambda x, normals, offsets: folded(
        x, normals[::-1], offsets[::-1]
    ),
    "each fold were made from where the point lies at first, and the moves added": _at_once,
    "only the first fold were made": lambda x, normals, offsets: folded(
        x, normals[:1], offsets[:1]
    ),
    "only the last fold were made": lambda x, normals, offsets: folded(
        x, normals[-1:], offsets[-1:]
    ),
    "nothing were folded": lambda x, normals, offsets: x,
    "all went to 0": lambda x, normals, offsets: 0 * x,
}


# What is returned ------------------------------------------------------------------------------


def _network(func, name, normals, offsets):
    """Return the layers that were built, or say why they are no network of n inputs and outputs."""
    try:
        value = watched(func, None)(normals, offsets)
    except (IndexError, ValueError, TypeError) as error:
        kind, line = type(error).__name__, line_of(func, error)
        raise CheckFailed(f"{name}: {func.__name__} raises {kind}: {error}{line}") from error
    try:
        value = [tuple(layer) for layer in value]
        layers = as_layers(value)
    except (TypeError, ValueError) as error:
        said = str(error).rstrip(".")
        raise CheckFailed(
            f"{name}: what is returned is no network, a list of pairs (A, b) of shapes (outputs, "
            f"inputs) and (outputs,) that fit each other: {said}."
        ) from None
    n = normals.shape[1]
    if (layers[0][0].shape[1], len(layers[-1][1])) != (n, n):
        raise CheckFailed(
            f"{name}: the network has {plural(layers[0][0].shape[1], 'input')} and "
            f"{plural(len(layers[-1][1]), 'output')}; points have {plural(n, 'coordinate')} before "
            "and after."
        )
    low = [dtype for layer in value for dtype in map(_dtype, layer) if dtype in ("f2", "f4")]
    if low:
        raise CheckFailed(f"{name}: the network has numbers of type {low[0]}, with too few digits.")
    return layers


def _dtype(array):
    return np.asarray(array).dtype


def _explain(wrong, foldings, points, ends, hidden):
    """Say which point goes to a wrong place, and why if one mistake explains all of them."""
    name = wrong[0]
    normals, offsets = foldings[name]
    x, mine, right = points[name], ends[name], folded(points[name], normals, offsets)
    off = ~np.isclose(mine, right, rtol=1e-9, atol=1e-9).all(axis=1)
    k = int(np.argmax(off))
    turned = ~np.isclose(x, right).all(axis=1)
    said = (
        f"{name}: the network takes x = {x[k].round(3).tolist()} to {mine[k].round(3).tolist()}; "
        f"it should go to {right[k].round(3).tolist()}."
    )
    if np.allclose(mine, right, rtol=1e-4, atol=1e-4):
        raise CheckFailed(
            f"{name}: the network is right to a few digits only: is something rounded, or float32?"
        )
    as_if = [
        words
        for words, rule in MISTAKES.items()
        if all(np.allclose(ends[key], rule(points[key], *foldings[key])) for key in foldings)
    ]
    if len(as_if) == 1:
        raise CheckFailed(
            f"{said}\nIn all {len(foldings)} foldings points go where they go if {as_if[0]}."
        )
    if len(normals) == 1 and (off == turned).all():
        said += " Points that stay are right, and those that should be turned over are not."
    elif len(normals) == 1 and (off == ~turned).all():
        said += " Points that should be turned over are right, and those that should stay are not."
    elif len(normals) == 1 and (off == (x < 0).any(axis=1)).all():
        said += " Wrong are just the points with a negative coordinate."
    else:
        said += f" {(~off).sum()} of {len(x)} points are right."
    is_wrong = np.array([key in wrong for key in foldings])
    several = np.array([len(folding[0]) > 1 for folding in foldings.values()])
    if (is_wrong == several).all():
        made = plural(hidden, "hidden layer")
        said += (
            f"\nWith one crease all is right, with more it is not. For {len(normals)} creases your "
            f"network has {made}; a ReLU follows after each of them."
        )
    else:
        count = plural(len(foldings), "folding is", "foldings are")
        said += f"\n{(~is_wrong).sum()} of {count} right."
    raise CheckFailed(said)
