"""Points at which a check looks: generic, of both signs and several sizes, the same every time."""

import numpy as np

SCALES = (0.03, 0.3, 1.0, 3.0)  # half widths of the boxes from which points are drawn
POINTS = 32
ROUNDS = 12  # of further points for a function that is not defined at all of the first


def coordinates(n, nD):
    """The number of coordinates, which may be given as ``nD``, as in the source course."""
    if nD is None:
        return n
    if n not in (2, nD):  # 2 is the default
        raise ValueError(f"n and nD are two names of one number, got n={n!r} and nD={nD!r}")
    return nD


def draw_points(n, domain, seed, rounds=None, count=POINTS):
    """Points (m, n), by Latin hypercube sampling.

    Each coordinate falls once in each of m equal strata, so both signs occur equally often
    and never 0, a border or a point within a step of them. Further ``rounds`` look for points
    where a function is defined: where all coordinates are positive, negative or alike in size.
    """
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"n must be a positive integer, got {n!r}")
    rng = np.random.default_rng(seed if rounds is None else (seed, rounds + 1))
    lo, hi = bounds(n, domain)
    if domain is not None:
        boxes = [(lo, hi)]
    elif rounds is None:
        boxes = [(np.full(n, -s), np.full(n, s)) for s in SCALES]
    else:
        boxes = [(np.full(n, a), np.full(n, b)) for a, b in _ELSEWHERE[rounds % len(_ELSEWHERE)]]
    m = count // len(boxes)
    points = []
    for lo, hi in boxes:
        strata = rng.permuted(np.tile(np.arange(m)[:, None], n), axis=0)
        x = lo + (hi - lo) * (strata + rng.uniform(0.05, 0.95, (m, n))) / m
        # Rounded, so that a message can print the points exactly.
        points.append(np.round(x, 4 - int(np.floor(np.log10((hi - lo).min())))))
    return np.concatenate(points)[rng.permutation(m * len(boxes))]


_ELSEWHERE = [
    [(0, s) for s in SCALES],
    [(-s, s) for s in SCALES],
    [(-s, 0) for s in SCALES],
    [(0, 10), (1, 3), (1, 2), (0, 0.1)],
]


def bounds(n, domain):
    """The corners of the domain as arrays; infinite if there is none."""
    if domain is None:
        return np.full(n, -np.inf), np.full(n, np.inf)
    try:
        lo, hi = (np.broadcast_to(np.asarray(d, dtype=float), n) for d in domain)
    except (TypeError, ValueError):
        raise ValueError(
            f"domain must be (lo, hi), each a number or {n} numbers; got {domain!r}"
        ) from None
    if not (np.isfinite(lo) & np.isfinite(hi) & (lo < hi)).all():
        raise ValueError(f"domain must be finite with lo < hi, got {domain!r}")
    return lo, hi


def checked_points(points, n, domain):
    """The points that the caller asks for, (m, n)."""
    try:
        points = np.array(points, dtype=float)
    except (TypeError, ValueError):
        points = np.array(np.nan)
    if points.ndim != 2 or points.shape[1] != n or not points.size:
        raise ValueError(f"points must have shape (m, {n}), got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("points must be finite")
    lo, hi = bounds(n, domain)
    if not ((points >= lo) & (points <= hi)).all():
        raise ValueError("points must lie in the domain")
    return points
