"""Operable figures of the paths of an algorithm."""

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import check_kinds, figure, slider_text

__all__ = ["animate_descent", "slide_paths"]

_VERTICES = 3000  # of all lines of a figure together


def animate_descent(objective, paths, *, labels=None, max_frames=60, alt=None):
    """Animate one or several descent paths on the graph or the contours of a function.

    The figure can be stepped, played and scrubbed, and tells the iteration and the value. All
    paths share one clock, the iteration; a path that has ended waits. A path with more points
    than frames is shown at every iteration first and then at wider and wider gaps; its line
    still goes through the points between.

    Parameters
    ----------
    objective : Objective
        With ``n`` 1 (drawn as a graph) or 2 (drawn as contours).
    paths : (k + 1, n) array, or list of these, or dict of label to array
        Such as ``gradient_descent(...).path``. Points outside the window of the objective are
        reported as such.
    labels : list of str, optional
        One a path.
    max_frames : int
        At least 2.
    alt : str, optional
        Text alternative; the default tells start, number of steps and final value of each path.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If a path is empty, has another dimension than the objective or is not finite, if the
        objective has more than 2 variables, if labels and paths do not match, or if there are
        more than 4 paths.

    Examples
    --------
    >>> from coursekit.objectives import bowl
    >>> animate_descent(bowl, [[1.0, 1.0], [0.8, 0.0], [0.64, 0.0]])
    Descent on bowl: from (1, 1), 2 steps, to f = 0.4096.
    """
    if max_frames < 2:
        raise ValueError(f"max_frames must be at least 2, got {max_frames}")
    paths = _named_paths(paths, labels, objective)
    check_kinds("paths", len(paths))
    longest = max(len(path) for path in paths.values()) - 1
    frames = _thin(longest, max_frames)
    plot, axes, picture = draw.backdrop(objective)
    picture += draw.minimizers(objective, plot)
    rows, legend, outcomes = [], [], []
    for i, (label, path) in enumerate(paths.items()):
        last = len(path) - 1
        values = draw.values_at(objective, path)
        places = draw.on_plot(objective, path)
        steps = np.minimum(frames, last)
        kept = np.union1d(_vertices(plot.units(places), len(paths)), steps)
        shown = np.searchsorted(kept, steps) + 1
        marked = np.unique(shown) - 1
        picture += draw.trace(i, plot.units(places[kept]), marked, shown)
        rows.append(
            [
                _readout(values[k], out) + (f", ended at {last}" if last < frame else "")
                for frame, k, out in zip(frames, steps, plot.outside(places[steps]), strict=True)
            ]
        )
        legend.append(draw.legend_row(i, label, rows[-1][-1]))
        start = ", ".join(f"{x:.4g}" for x in path[0])
        who = f"{label}, " if len(paths) > 1 else ""
        outcomes.append(f"{who}from ({start}), {_steps(last)}, to f = {values[-1]:.4g}")
    alt = alt or f"Descent on {objective.name}: {'; '.join(outcomes)}."
    data = {
        "name": "iteration",
        "play": True,
        "heads": [f"iteration {k} of {longest}" for k in frames],
        "rows": rows,
    }
    legend.append(draw.minimizer_row(objective, plot))
    return figure(alt, plot.svg(picture, axes, alt), data, legend, frame=-1)


def slide_paths(objective, paths, *, name="step size", alt=None):
    """Draw the whole path for the value of a slider.

    Parameters
    ----------
    objective : Objective
        With ``n`` 1 or 2.
    paths : dict of value to (k + 1, n) array
        The slider runs through the values in the order of the dict.
    name : str
        What the value is.
    alt : str, optional
        Text alternative; the default tells the outcome for each value, or of
        the first and the last of many.

    Returns
    -------
    Interactive
        Its readout tells the number of steps, the final value, and whether the path diverged,
        that is, ended higher than it began.

    Raises
    ------
    ValueError
        As :func:`animate_descent`.

    Examples
    --------
    >>> from coursekit.objectives import parabola
    >>> slide_paths(parabola(), {0.5: [[1.0], [0.5]], 3: [[1.0], [-2.0]]})
    Descent on parabola(1) for 2 values of step size: 0.5: 1 step, f = 0.125;
    3: 1 step, diverged, f = 2.
    """
    if not isinstance(paths, dict):
        raise ValueError(f"paths must be a dict of value to path, got {type(paths).__name__}")
    paths = _named_paths(paths, None, objective)
    plot, axes, picture = draw.backdrop(objective)
    picture += draw.minimizers(objective, plot)
    row = []
    for i, path in enumerate(paths.values()):
        values, places = draw.values_at(objective, path), draw.on_plot(objective, path)
        last = len(path) - 1
        points = plot.units(places)
        points = points[_vertices(points, len(paths))]
        picture += draw.layer(i, draw.trace(0, points, draw.apart(points, 4)))
        if values[-1] <= values[0]:
            readout = _readout(values[-1], plot.outside(places[-1:])[0])
        else:
            readout = f"diverged, f = {values[-1]:.4g}"
        row.append(f"{_steps(last)}, {readout}")
    outcomes = [f"{slider_text(value)}: {text}" for value, text in zip(paths, row, strict=True)]
    outcomes = "; ".join(outcomes if len(outcomes) < 6 else [outcomes[0], "...", outcomes[-1]])
    alt = alt or f"Descent on {objective.name} for {len(paths)} values of {name}: {outcomes}."
    legend = [draw.legend_row(0, "", row[0]), draw.minimizer_row(objective, plot)]
    data = {"name": name, "heads": [f"{name} = {slider_text(v)}" for v in paths], "rows": [row]}
    return figure(alt, plot.svg(picture, axes, alt), data, legend)


def _thin(last, count):
    """Return at most ``count`` of 0, ..., last: all at first, then at wider and wider gaps."""
    if last < count:
        return np.arange(last + 1)
    j = np.arange(count)
    return np.maximum(np.rint(last * (j / (count - 1)) ** 2).astype(int), j)


def _vertices(points, lines):
    """Return which of ``points`` one of ``lines`` lines of a figure goes through."""
    kept = _thin(len(points) - 1, max(_VERTICES // lines, 2))
    return kept[draw.apart(points[kept], 0.5)]


def _readout(value, outside):
    return f"{'outside the picture, ' if outside else ''}f = {value:.4g}"


def _steps(count):
    return f"{count} step{'s' * (count != 1)}"


def _named_paths(paths, labels, objective):
    """Return the paths as a dict of label to (k + 1, n) float array, or say what is wrong."""
    if objective.n > 2:
        raise ValueError(
            f"objective has {objective.n} variables; only functions of 1 or 2 can be drawn"
        )
    if hasattr(paths, "path"):
        raise ValueError("paths: pass result.path, not the result itself")
    if not isinstance(paths, dict):
        paths = [paths] if len(paths) and np.ndim(paths[0]) < 2 else list(paths)
        paths = {f"path {i + 1}" if i or paths[1:] else "path": p for i, p in enumerate(paths)}
    if not paths:
        raise ValueError("paths is empty: pass at least one path")
    if labels is not None:
        if len(labels) != len(paths) or len(set(labels)) != len(labels):
            raise ValueError(
                f"labels must be {len(paths)} different names, one a path; got {list(labels)}"
            )
        paths = dict(zip(labels, paths.values(), strict=True))
    return {label: _checked(label, path, objective.n) for label, path in paths.items()}


def _checked(label, path, n):
    try:
        path = np.asarray(path, float)
    except (TypeError, ValueError):
        raise ValueError(
            f"paths: {label!r} is not an array of numbers; pass result.path, not the result itself"
        ) from None
    if path.ndim != 2 or path.shape[1] != n or not len(path):
        raise ValueError(
            f"paths: {label!r} has shape {path.shape}, but the path of a function of {n} "
            f"variable{'s' * (n > 1)} has shape (steps + 1, {n})"
        )
    bad = np.flatnonzero(~np.isfinite(path).all(axis=1))
    if bad.size:
        raise ValueError(
            f"paths: {label!r} is not finite at iteration {bad[0]}; cut it there: path[:{bad[0]}]"
        )
    return path
