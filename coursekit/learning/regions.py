r"""The linear pieces of a network: how many, which, and along which folds they meet.

Which hidden neurons are above zero at a point is its *activation pattern*. Where the pattern is
constant the network is affine, so its folds, hyperplanes in the first layer and bent ones later,
cut the space into convex pieces. In one and two dimensions they are found exactly, by cutting
polygons; in more by linear programs.

References
----------
The course, chapter *Networks*. T. Zaslavsky, *Facing up to arrangements*, Memoirs of the AMS 154,
1975; G. Montúfar, R. Pascanu, K. Cho and Y. Bengio, *On the number of linear regions of deep neural
networks*, NIPS 2014.
"""

from itertools import pairwise
from math import comb
from typing import NamedTuple

import numpy as np

from coursekit._arguments import count, real_array
from coursekit.learning.networks import as_layers

__all__ = ["LinearRegion", "activation_patterns", "fold_lines", "linear_regions", "n_regions"]

TINY = 1e-12  # of the numbers added up: a value as small as this lies on the fold
NARROW = 1e-6  # of the largest distance of a fold from the origin: what linear programs can see


class LinearRegion(NamedTuple):
    """A piece of the plane on which a network is affine: F(v) = A @ v + b."""

    pattern: np.ndarray  # (hidden neurons,), which are above zero
    corners: np.ndarray  # (k, 2), in order around the piece
    A: np.ndarray  # (N_L, 2)
    b: np.ndarray  # (N_L,)


def n_regions(n, m):
    r"""Return in how many regions n hyperplanes in general position cut the m-dimensional space.

    .. math:: r(n, m) = \sum_{i=0}^{m} \binom{n}{i}

    General position: any k of them, k at most m, meet in dimension m - k, so that no two are
    parallel, and no m + 1 of them meet. Otherwise there are fewer regions.

    Parameters
    ----------
    n, m : int
        At least 0.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If one of them is not an integer of at least 0.

    Examples
    --------
    >>> [n_regions(n, 2) for n in range(6)]
    [1, 2, 4, 7, 11, 16]
    >>> n_regions(4, 3)
    15
    """
    n, m = count("n", n), count("m", m)
    return sum(comb(n, i) for i in range(m + 1))


def activation_patterns(layers, window=None):
    r"""Return the activation patterns that a network has on its whole input space or a box of it.

    There is one for each linear piece. (Two pieces may still have the same affine map by chance, or
    because the later weights are zero.)

    Parameters
    ----------
    layers : sequence of (A, b)
    window : array_like, shape (N_0, 2), optional
        Lower and upper end in each coordinate.

    Returns
    -------
    ndarray of bool, shape (pieces, hidden neurons)
        In lexicographic order; pieces of lower dimension are left out.

    Raises
    ------
    TypeError, ValueError
        If the layers do not fit each other, or the window is not such an array.

    Notes
    -----
    With one or two inputs, polygons are cut. With more, patterns grow by one neuron at a time, and
    those are dropped for which the largest t with :math:`\pm(g_i^\mathsf{T} v + c_i) \ge t`, a
    linear program, is not above zero. Pieces are not seen in which no ball fits of a millionth of
    the largest distance of a fold from the origin.

    Examples
    --------
    >>> from coursekit.learning.networks import random_network
    >>> len(activation_patterns(random_network([2, 10, 1])))
    56
    >>> len(activation_patterns(random_network([3, 5, 1])))
    26
    """
    layers = as_layers(layers)
    window = _window(window, layers)
    if layers[0][0].shape[1] <= 2:
        found = [pattern for pattern, *_ in _cut(layers, _whole(layers, window))]
    else:
        found = _by_linear_programs(layers, window)
    return np.unique(np.array(found, bool), axis=0)


def linear_regions(layers, window):
    """Return the linear pieces of a network of two variables inside a rectangle.

    Parameters
    ----------
    layers : sequence of (A, b)
        With two inputs.
    window : array_like, shape (2, 2)
        Lower and upper end in each coordinate.

    Returns
    -------
    list of LinearRegion
        Convex polygons that fill the rectangle, each with its pattern and its affine map.

    Raises
    ------
    TypeError, ValueError
        If the layers do not fit each other, or there are not two inputs.

    Examples
    --------
    >>> ramp = [([[1, 0]], [0]), ([[3]], [1])]
    >>> for region in linear_regions(ramp, [(-1, 1), (0, 1)]):
    ...     print(region.pattern, region.A, region.b, region.corners.tolist())
    [ True] [[3. 0.]] [1.] [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    [False] [[0. 0.]] [1.] [[-1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [-1.0, 1.0]]
    """
    layers, window = _plane(layers, window)
    A, b = layers[-1]
    return [
        LinearRegion(np.array(pattern, bool), corners[:, :2], A @ M[:, :2], A @ M[:, 2] + b)
        for pattern, corners, M in _cut(layers, _whole(layers, window))
    ]


def fold_lines(layers, window):
    """Return along which segments each hidden neuron of a network of two variables is zero.

    In the first hidden layer they are straight lines; in later layers they bend where they cross
    the folds of the layers before.

    Parameters
    ----------
    layers, window
        As of `linear_regions`.

    Returns
    -------
    list of ndarray of shape (s, 2, 2)
        For each neuron, layer after layer, both ends of its segments. A fold that lies on one of
        an earlier neuron is left out, and so is all of a neuron without a fold in the window.

    Raises
    ------
    TypeError, ValueError
        As of `linear_regions`.

    Examples
    --------
    >>> ramp = [([[1, 0]], [0]), ([[3]], [1])]
    >>> fold_lines(ramp, [(-1, 1), (0, 1)])[0].tolist()
    [[[0.0, 0.0], [0.0, 1.0]]]
    """
    layers, window = _plane(layers, window)
    folds = [[] for _, b in layers[:-1] for _ in b]
    _cut(layers, _whole(layers, window), folds)
    return [np.reshape([ends[:, :2] for ends in some], (-1, 2, 2)) for some in folds]


# Polygons, and cones where they reach to infinity: rows (v, t) stand for the point v / t or, with
# t = 0, for the direction v. An affine function g, of m + 1 numbers, is above zero at a row r if
# g @ r is.


def _cut(layers, pieces, folds=None):
    """Return (pattern, corners, affine map of the last hidden layer) of each part of the pieces.

    The chords along which neuron number j cuts are added to ``folds[j]``.
    """
    parts = [((), corners, np.eye(corners.shape[1])[:-1]) for corners in pieces]
    first = 0
    for A, b in layers[:-1]:
        grown = []
        for pattern, corners, M in parts:
            G = A @ M
            G[:, -1] += b
            some = [((), corners)]
            for j, g in enumerate(G):
                chords = None if folds is None else folds[first + j]
                some = [
                    ((*signs, above), half)
                    for signs, polygon in some
                    for above, half in _halves(polygon, g, chords)
                ]
            grown += [((*pattern, *s), half, G * np.array(s)[:, None]) for s, half in some]
        parts, first = grown, first + len(b)
    return parts


def _halves(corners, g, chords=None):
    """Yield (whether g is above zero, part of the polygon) for the parts that g leaves of it."""
    z = corners @ g
    z = np.where(np.abs(z) <= TINY * (np.abs(corners) @ np.abs(g)), 0, z)
    if (z >= 0).all() or (z <= 0).all():
        yield bool((z > 0).any()), corners
        return
    above, below, chord = [], [], []
    for i, here in enumerate(corners):
        j = (i + 1) % len(corners)
        if z[i] == 0:
            chord.append(here)
        for side, inside in ((above, z[i] >= 0), (below, z[i] <= 0)):
            if inside:
                side.append(here)
        if z[i] * z[j] < 0 and (i < j or len(corners) > 2):  # two ends have one side only
            crossing = np.abs(z[j]) * here + np.abs(z[i]) * corners[j]
            crossing /= crossing[-1] or np.abs(crossing).max()
            for some in (above, below, chord):
                some.append(crossing)
    if chords is not None:
        chords.append(np.array(chord))
    yield True, np.array(above)
    yield False, np.array(below)


def _whole(layers, window):
    """Return polygons that fill the window, or all the space: its quadrants."""
    m = layers[0][0].shape[1]
    if window is None:
        rays = np.eye(m, m + 1)
        rays, origin = [*rays, *-rays, rays[0]], np.eye(m + 1)[-1]
        ends = pairwise(rays) if m == 2 else [[ray] for ray in rays[:2]]
        return [np.array([*some, origin]) for some in ends]
    if m == 1:
        return [np.c_[window[0], [1, 1]]]
    (x0, x1), (y0, y1) = window
    return [np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]])]


def _by_linear_programs(layers, window):
    """Return the patterns, grown by one neuron at a time, that some point has."""
    m = layers[0][0].shape[1]
    parts = [((), np.eye(m, m + 1), np.empty((0, m + 1)))]  # pattern, map, what is above zero
    for A, b in layers[:-1]:
        grown = []
        for pattern, M, rows in parts:
            G = A @ M
            G[:, -1] += b
            some = [((), rows)]
            for g in G:
                sides = (False, True) if g[:-1].any() else (g[-1] > 0,)
                some = [
                    ((*signs, above), more)
                    for signs, before in some
                    for above in sides
                    if _inhabited(more := np.vstack([before, g if above else -g]), window)
                ]
            grown += [((*pattern, *s), G * np.array(s)[:, None], more) for s, more in some]
        parts = grown
    return [pattern for pattern, *_ in parts]


def _inhabited(rows, window):
    """Tell whether the affine functions ``rows`` (k, m + 1) are above zero on an open set."""
    from scipy.optimize import linprog

    size = np.linalg.norm(rows[:, :-1], axis=1)
    rows = rows[size > 0] / size[size > 0, None]
    scale = np.abs(rows[:, -1]).max(initial=0) or 1  # the unit of length
    limits = np.c_[-rows[:, :-1], np.ones(len(rows))]  # t - a @ v <= c
    m = limits.shape[1] - 1
    bounds = [(None, None)] * m if window is None else [tuple(ends) for ends in window / scale]
    found = linprog(-np.eye(m + 1)[-1], limits, rows[:, -1] / scale, bounds=[*bounds, (None, 1)])
    return found.status == 0 and found.x[-1] > NARROW


def _window(window, layers):
    """Return the window as an array of shape (N_0, 2), or None."""
    if window is None:
        return None
    window = real_array("window", window, (layers[0][0].shape[1], 2))
    if not (window[:, 0] < window[:, 1]).all():
        raise ValueError(f"window must have lower ends below upper ends; got {window.tolist()}.")
    return window


def _plane(layers, window):
    """Return the network and its window if it has two inputs."""
    layers = as_layers(layers)
    if layers[0][0].shape[1] != 2:
        raise ValueError(
            f"layers: a network of the plane has 2 inputs; got {layers[0][0].shape[1]}."
        )
    return layers, _window(window, layers)
