"""Operable figures of a run: images at each of its stages, and curves along which they lie."""

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import check_kinds, figure
from coursekit.figures.sliders import _alt_text, _data, _labels, _png, _range, _scale, _stack

__all__ = ["slide_history"]

_WIDTH, _HEIGHT = 180, 170  # of an image, and of the plot below


def slide_history(frames, curves, *, name, axes=("x", "y"), ymax=None, notes=None, alt=None):
    """Show images for the value of a slider, and where this value is on curves below them.

    Parameters
    ----------
    frames : dict of value to dict of title to (h, w) array
        Grey images, as of `slide_images`: what is the same in all frames is stored once.
    curves : dict of label to (k, 2) array
        Point ``i`` belongs to frame ``i``; there is one a frame. Points that are not finite are
        left out.
    name : str
        What the value is.
    axes : (str, str)
        Names of the axes of the plot.
    ymax : float, optional
        Upper end of the plot; it starts at 0. By default all points fit in.
    notes : dict of value to str, optional
        A line of the readout.
    alt : str, optional
        Text alternative; the default names titles and curves and the first and last note.

    Returns
    -------
    Interactive
        Its readout tells the height of each curve.

    Raises
    ------
    ValueError
        If there are no frames or curves, titles differ, an image is not of shape (h, w), a curve
        not of shape (frames, 2), there are more than 4 curves, or the notes belong to other
        values.

    Examples
    --------
    >>> frames = {k: {"square": np.eye(4, k=k)} for k in range(3)}
    >>> slide_history(frames, {"trace": [[0, 4], [1, 0], [2, 0]]}, name="shift")
    square and trace, for 3 values of shift from 0 to 2.
    """
    frames = dict(frames)
    titles = _labels(frames)
    stacks = {title: _stack(frames, title) for title in titles}
    curves = _curves(curves, len(frames))
    width = min((draw.WIDTH - draw.GAP * (len(titles) - 1)) / len(titles), _WIDTH)
    margin = (draw.WIDTH - len(titles) * (width + draw.GAP) + draw.GAP) / 2
    layers, words, legend, rows, fixed = [""] * len(frames), "", [], [], ""
    for i, (title, stack) in enumerate(stacks.items()):
        left = margin + i * (width + draw.GAP)
        lo, hi = _range(stack, "gray")
        drawn = [
            draw.image(_png(image, lo, hi, "gray"), left, width, *image.shape) for image in stack
        ]
        if len(set(drawn)) == 1:
            fixed += drawn[0]
        else:
            layers = [layer + one for layer, one in zip(layers, drawn, strict=True)]
        words += draw.text(left + width / 2, -9, draw.escape(title))
        legend.append(draw.text_row(f"{title}: {_scale(lo, hi, 'gray')}"))
    height = max(width * stack.shape[1] / stack.shape[2] for stack in stacks.values())
    below, plot, lines = height + draw.TOP, _plot(curves, ymax), ""
    marks = [""] * len(frames)
    for kind, (label, points) in enumerate(curves.items()):
        lines += draw.curve(kind, plot, points)
        marks = [
            mark + draw.curve(kind, plot, points[k : k + 1]) for k, mark in enumerate(marks)
        ]  # fmt: skip
        rows.append([f"{y:.3g}" for y in points[:, 1]])
        legend.append(draw.curve_row(kind, label, rows[-1][0], {True, False}))
    picture = fixed + words + _inside(plot, below, lines)
    for k, (layer, mark) in enumerate(zip(layers, marks, strict=True)):
        picture += draw.layer(k, layer + _inside(plot, below, mark))
    alt = alt or _alt_text(f"{', '.join(titles)} and {', '.join(curves)}", frames, name, notes)
    data = _data(frames, name, notes, rows, legend)
    return figure(alt, _svg(picture, plot, below, axes, alt), data, legend)


def _curves(curves, count):
    """Return the curves as arrays, or say what is wrong."""
    curves = {label: np.asarray(points, float) for label, points in dict(curves).items()}
    if not curves:
        raise ValueError("curves is empty: pass at least one, with a point for each frame")
    check_kinds("curves", len(curves))
    for label, points in curves.items():
        if points.shape != (count, 2):
            raise ValueError(
                f"curves: {label!r} has shape {points.shape}, but one point of the plane for each "
                f"frame has shape ({count}, 2)"
            )
    return curves


def _plot(curves, ymax):
    """Return a plot that all curves fit in."""
    points = np.concatenate(list(curves.values()))
    points = points[np.isfinite(points).all(axis=1)]
    if not points.size:
        raise ValueError("curves: no point is finite")
    lo, hi = points[:, 0].min(), points[:, 0].max()
    pad = 0.04 * (hi - lo or 1)
    top = ymax or 1.06 * points[:, 1].max() or 1
    return draw.Plot(((lo - pad, hi + pad), (min(0, 1.06 * points[:, 1].min()), top)), _HEIGHT)


def _inside(plot, below, drawing):
    """Return a drawing in units of the plot, cut off at its frame, where it stands."""
    return (
        f'<svg x="{draw.LEFT}" y="{draw.one_decimal(below)}" width="{draw.INNER}" '
        f'height="{draw.one_decimal(plot.height)}" overflow="hidden">{drawing}</svg>'
    )


def _svg(picture, plot, below, axes, alt):
    """Return the SVG with the picture, images above and curves below, and the axes."""
    total = draw.TOP + below + plot.height + plot.bottom
    return (
        f'<svg class="dp-plot" viewBox="0 0 {draw.WIDTH} {draw.one_decimal(total)}" role="img" '
        f'aria-label="{draw.escape(alt)}">'
        f'<g transform="translate(0 {draw.TOP})" aria-hidden="true">{picture}'
        f'<g transform="translate({draw.LEFT} {draw.one_decimal(below)})">{plot.axes(*axes)}</g>'
        "</g></svg>"
    )
