"""Decision regions with sliders: where functions are positive, beside the points of two classes."""

import json

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import Interactive, figure, slider_text

__all__ = ["slide_decisions"]

DISC = "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
CROSS = "m-4-4l8 8m0-8l-8 8"


def slide_decisions(frames, classes, *, names, window, notes=None, alt=None):
    """Show side by side, two in a row, where functions are positive, for the values of sliders.

    Parameters
    ----------
    frames : dict of tuple of values to dict of title to (h, w) array
        One value for each slider, in all combinations. The array holds the values of a function on
        an even grid over the window: row 0 is the lowest y, column 0 the lowest x. Where they are
        positive, the square is shaded. All frames have the same titles.
    classes : dict of title to (inside, outside)
        Points of shapes (k, 2): discs should lie in the shade, crosses outside of it.
    names : sequence of str
        What the values of each slider are.
    window : ((xlo, xhi), (ylo, yhi))
        What is shown of the plane.
    notes : dict of tuple of values to dict of title to str, optional
        What the readout says of each function.
    alt : str, optional
        Text alternative; the default names titles and values.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If there are no frames, a combination of values is missing, titles or notes differ, or an
        array has the wrong shape.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 21)
    >>> frames = {(a, b): {"half": a * x + b * x[:, None]} for a in (1, 2) for b in (0, 1)}
    >>> classes = {"half": ([[0.5, 0.5]], [[-0.5, -0.5]])}
    >>> slide_decisions(frames, classes, names=("a", "b"), window=((-1, 1), (-1, 1)))
    half: where they are positive, for 2 values of a from 1 to 2 and 2 values of b from 0 to 1.
    """
    frames = dict(frames)
    values = _values(frames, names)
    titles = list(classes)
    keys = [()]
    for some in values:
        keys = [(*key, value) for key in keys for value in some]
    if missing := [key for key in keys if key not in frames]:
        raise ValueError(f"frames must have every combination; {missing[0]} is missing")
    for key in keys:
        if list(frames[key]) != titles:
            raise ValueError(f"frames: {key} has {list(frames[key])}, but classes has {titles}")
        if notes is not None and list(notes.get(key, ())) != titles:
            raise ValueError(f"notes: {key} must have a text for each of {titles}")
    plot = draw.Plot(window, draw.INNER)
    width = (draw.WIDTH - draw.GAP) / 2
    places = [(i % 2 * (width + draw.GAP), i // 2 * (width + draw.TOP)) for i in range(len(titles))]
    layers = [
        "".join(
            _square(_shade(plot, frames[key][title], title, key), place, width)
            for title, place in zip(titles, places, strict=True)
        )
        for key in keys
    ]
    picture = "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    words = ""
    for title, (x, y) in zip(titles, places, strict=True):
        picture += _square(_points(plot, *classes[title], title), (x, y), width)
        words += draw.text(x + width / 2, y - 9, draw.escape(title))
    texts = [[slider_text(value) for value in some] for some in values]
    alt = alt or f"{', '.join(titles)}: where they are positive, for {_spans(names, texts)}."
    rows = [[(notes or {}).get(key, {}).get(t, "") for key in keys] for t in titles]
    legend = [_row(t, row[0]) for t, row in zip(titles, rows, strict=True)] if notes else []
    heads = [
        ", ".join(f"{name} {slider_text(v)}" for name, v in zip(names, key, strict=True))
        for key in keys
    ]
    data = {"name": ", ".join(names), "heads": heads, "rows": rows if notes else []}
    height = places[-1][1] + width + 1
    flat = figure(alt, draw.gallery(picture, words, height, alt), data, legend)
    grid = json.dumps({"names": list(names), "values": texts}, ensure_ascii=False)
    start = "<descent-player "
    body = flat.body.replace(start, f'{start}data-grid="{draw.escape(grid)}" ', 1)
    return Interactive(alt, body)


def _values(frames, names):
    """Return the values of each slider, in the order in which they come."""
    if not frames or any(len(key) != len(names) for key in frames):
        raise ValueError(f"frames needs keys of {len(names)} values, one for each of {names}")
    return [list(dict.fromkeys(some)) for some in zip(*frames, strict=True)]


def _spans(names, texts):
    return " and ".join(
        f"{len(some)} values of {name} from {some[0]} to {some[-1]}"
        for name, some in zip(names, texts, strict=True)
    )


def _shade(plot, z, title, key):
    """Return the shaded part of a square: where the function is positive."""
    from contourpy import FillType, contour_generator
    from matplotlib.path import Path

    from coursekit.figures.contours import thinned

    z = np.asarray(z, float)
    if z.ndim != 2 or min(z.shape) < 2 or not np.isfinite(z).all():
        raise ValueError(
            f"frames: {title!r} at {key} must be a grid of finite values, shape (h, w); got shape "
            f"{z.shape}"
        )
    x, y = (np.linspace(lo, hi, n) for (lo, hi), n in zip(plot.window, z.shape[::-1], strict=True))
    top = z.max()
    if top <= 0:
        return ""
    polygons, offsets = contour_generator(x, y, z, fill_type=FillType.OuterOffset).filled(0, top)
    d = ""
    for points, ends in zip(polygons, offsets, strict=True):
        for ring in np.split(plot.units(points), ends[1:-1]):
            d += draw.line(thinned(Path(ring), tolerance=0.7).vertices) + "z"
    return f'<path class="dp-area" d="{d}"/>'


def _points(plot, inside, outside, title):
    drawn = ""
    for css, mark, points in (
        ("dp-mark dp-c1", DISC, inside),
        ("dp-cross dp-c2", CROSS, outside),
    ):
        points = np.asarray(points, float)
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"classes: points of {title!r} have shape {points.shape}, not (k, 2)")
        places = plot.units(points)
        d = "".join(f"M{draw.one_decimal(x)} {draw.one_decimal(y)}{mark}" for x, y in places)
        drawn += f'<path class="{css}" d="{d}"/>'
    return drawn


def _square(drawing, place, width):
    """Return a drawing, in units of a plot, as a square of the picture with a frame around it."""
    x, y = map(draw.one_decimal, place)
    side = draw.one_decimal(width)
    return (
        f'<svg x="{x}" y="{y}" width="{side}" height="{side}" '
        f'viewBox="0 0 {draw.INNER} {draw.INNER}"><path class="dp-axes" '
        f'd="M0 0h{draw.INNER}v{draw.INNER}h-{draw.INNER}z"/>{drawing}</svg>'
    )


def _row(title, value):
    return (
        f'<div class="dp-row"><span>{draw.escape(title)}</span> '
        f'<span class="dp-value">{draw.escape(value)}</span></div>'
    )
