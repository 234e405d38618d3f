"""Contour levels that suit a function, for the static and the moving figures alike."""

import numpy as np

__all__ = ["contour_levels", "evaluate_on_grid", "thinned"]


def evaluate_on_grid(f, window, n):
    r"""Values of ``f`` on an :math:`n \times n` grid of a window, from one call.

    Parameters
    ----------
    f : callable
        Function of two variables; points have shape (..., 2).
    window : ((xlo, xhi), (ylo, yhi))
    n : int
        Points a side.

    Returns
    -------
    x, y : (n,) float arrays
    z : (n, n) float array
        ``z[i, j]`` is :math:`f(x_j, y_i)`; it may hold NaN and infinities, but not only these.

    Raises
    ------
    ValueError
        If ``f`` does not map (n, n, 2) to (n, n), or is finite nowhere on the grid.

    Examples
    --------
    >>> x, y, z = evaluate_on_grid(lambda p: p[..., 0] + 10 * p[..., 1], ((0, 1), (0, 2)), 2)
    >>> z
    array([[ 0.,  1.],
           [20., 21.]])
    """
    x, y = (np.linspace(*side, n) for side in window)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    with np.errstate(all="ignore"):  # a function may be undefined in parts of the window
        z = np.asarray(f(points), float)
    if z.shape != (n, n):
        raise ValueError(
            f"f must map points of shape ({n}, {n}, 2) to values of shape ({n}, {n}), "
            f"but gave {z.shape}; write it with x[..., 0] and x[..., 1]"
        )
    if not np.isfinite(z).any():
        raise ValueError(f"f is finite nowhere in the window {window}; choose another window")
    return x, y, z


def contour_levels(z, count=12, log=None):
    r"""Choose contour levels for the values ``z``.

    With ``log=None`` the levels are symmetric about 0 and geometric in :math:`|f|` if both signs
    are about equally strong (largest and smallest value within a factor 3), else geometric in
    :math:`f - \min f`, the choice that shows the neighbourhood of a minimum; they are evenly
    spaced if more than half of the window lies in the upper half of the range of values.
    ``log=True`` asks for the geometric levels in any case, ``log=False`` for evenly spaced ones.

    Parameters
    ----------
    z : array
        Sampled values; non-finite ones are left out.
    count : int
        Number of levels, about.
    log : bool, optional

    Returns
    -------
    (m,) float array
        Increasing, strictly inside the range of ``z``; empty if ``z`` is constant.

    Examples
    --------
    >>> contour_levels(np.array([0.0, 1.0, 2.0, 4.0]), 3, log=False)
    array([1., 2., 3.])
    >>> contour_levels(np.linspace(0, 1, 101) ** 2, 3).round(3)
    array([0.   , 0.005, 0.073])
    """
    values = z[np.isfinite(z)]
    lo, mid, hi = values.min(), np.median(values), values.max()
    if lo == hi:
        return np.empty(0)
    if log is None and lo < 0 < hi and max(hi, -lo) / 3 <= min(hi, -lo):
        positive = np.geomspace(max(hi, -lo) / 20, 0.9 * max(hi, -lo), max(count // 2, 1))
        levels = np.concatenate([-positive[::-1], [0.0], positive])
    elif log is False or (log is None and mid - lo > hi - mid):
        levels = np.linspace(lo, hi, count + 2)[1:-1]
    else:
        rise = values[values > lo] - lo
        lowest = min(np.quantile(rise, 0.01), (hi - lo) / 10)
        levels = lo + np.geomspace(lowest, hi - lo, count + 1)[:-1]
    return np.unique(levels[(lo < levels) & (levels < hi)])  # rounding may merge some


def thinned(path, size=(1.0, 1.0), tolerance=0.3):
    """Drop the points that a line does not need.

    Parameters
    ----------
    path : matplotlib.path.Path
    size : (float, float)
        Pixels a unit of x and of y.
    tolerance : float
        How far, in pixels, the line may move.

    Returns
    -------
    matplotlib.path.Path

    Examples
    --------
    >>> from matplotlib.path import Path
    >>> arc = np.linspace(0, np.pi, 1000)
    >>> half_circle = Path(100 * np.stack([np.cos(arc), np.sin(arc)], axis=-1))
    >>> len(thinned(half_circle).vertices) < 100
    True
    """
    from matplotlib.path import Path

    pieces, whole = [], Path(path.vertices, path.codes)
    whole.should_simplify = False  # to_polygons would do so by itself, as if the units were pixels
    for vertices in whole.to_polygons(closed_only=False):
        line = Path(vertices * size)
        line.should_simplify, line.simplify_threshold = True, tolerance
        pieces.append(Path(line.cleaned(simplify=True).vertices[:-1] / size))  # the last says stop
    return Path.make_compound_path(*pieces)
