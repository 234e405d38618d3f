"""Operable figures with a slider: bars, curves or images for each of its values.

Like those of :mod:`coursekit.figures.paths`, each is one SVG that is complete without its script.
"""

import base64
import io

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import check_kinds, figure, slider_text

__all__ = ["slide_bars", "slide_curves", "slide_images"]


def slide_bars(frames, *, categories, name, alt=None):
    """Draw grouped bars for the value of a slider, with the height written on each bar.

    Parameters
    ----------
    frames : dict of value to dict of series name to heights
        All frames have the same series; heights that are NaN or infinite are written out.
    categories : list of str
        One a height.
    name : str
        What the value is.
    alt : str, optional
        Text alternative; the default names series, categories, and the values with
        non-finite heights.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If there are no frames, more than 4 series, or series or numbers of heights differ.

    Examples
    --------
    >>> frames = {0: {"safe": [0.3, 0.7]}, 800: {"safe": [0.3, np.nan]}}
    >>> slide_bars(frames, categories=["cat", "dog"], name="shift")
    Bars for 2 values of shift: safe, for cat, dog; not finite for shift = 800.
    """
    frames, categories = dict(frames), [str(category) for category in categories]
    series, heights = _heights(frames, categories)
    finite = heights[np.isfinite(heights)]
    lo, hi = min(0.0, finite.min(initial=0)), max(0.0, finite.max(initial=0))
    pad = 0.12 * (hi - lo or 1)
    plot = draw.Plot(((0, len(categories)), (lo - pad * (lo < 0), hi + pad)), 230, bottom=26)
    picture = "".join(draw.layer(i, draw.bars(plot, block)) for i, block in enumerate(heights))
    rows = [
        [", ".join(f"{c} {h:.3g}" for c, h in zip(categories, block[s], strict=True))
         for block in heights]
        for s in range(len(series))
    ]  # fmt: skip
    lost = [
        slider_text(v) for v, b in zip(frames, heights, strict=True) if not np.isfinite(b).all()
    ]
    gaps = f"; not finite for {name} = {', '.join(lost)}" if lost else ""
    alt = alt or (
        f"Bars for {len(frames)} values of {name}: "
        f"{', '.join(series)}, for {', '.join(categories)}{gaps}."
    )
    legend = [draw.legend_row(s, label, rows[s][0], bar=True) for s, label in enumerate(series)]
    data = {"name": name, "heads": [f"{name} = {slider_text(v)}" for v in frames], "rows": rows}
    return figure(alt, plot.svg(picture, plot.axes(categories=categories), alt), data, legend)


def slide_curves(
    frames,
    *,
    name,
    window=None,
    background=None,
    equal=False,
    notes=None,
    axes=("x", "y"),
    areas=(),
    arrows=(),
    alt=None,
):
    """Draw curves, points, arrows and shaded areas of the plane for the value of a slider.

    Parameters
    ----------
    frames : dict of value to dict of label to (k, 2) array
        Points are joined by a line that a row of NaN interrupts; one that stands alone is drawn
        as a mark. All frames have the same labels. What is the same in all frames is stored once.
    name : str
        What the value is.
    window : ((xlo, xhi), (ylo, yhi)), optional
        What is shown of the plane; by default everything, or the window of the background.
    background : Objective, optional
        Its graph (``n`` 1) or contours (``n`` 2) are drawn beneath.
    equal : bool
        Whether a unit is as long on both axes; the window is widened for it.
    notes : dict of value to str, optional
        A line of the readout, such as the value of a multiplier.
    axes : (str, str)
        Names of the axes.
    areas : sequence of str
        Labels whose lines bound a polygon: it is shaded, and drawn without a colour of its own.
    arrows : sequence of str
        Labels whose lines end in the head of an arrow.
    alt : str, optional
        Text alternative; the default names the labels, the values and the first and last note.

    Returns
    -------
    Interactive
        Its readout tells the coordinates of single points.

    Raises
    ------
    ValueError
        If there are no frames, their labels differ, an array is not of shape (k, 2), there are
        more than 4 labels besides the areas, an area or an arrow is no label, or the notes belong
        to other values.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 9)
    >>> frames = {a: {"parabola": np.column_stack([x, a * x**2])} for a in (1, 2)}
    >>> slide_curves(frames, name="a")
    parabola, for 2 values of a from 1 to 2.
    """
    frames = dict(frames)
    labels = _labels(frames)
    for argument, chosen in (("areas", areas), ("arrows", arrows)):
        if not set(chosen) <= set(labels):
            raise ValueError(f"{argument} must be labels of the frames, got {list(chosen)}")
    coloured = [label for label in labels if label not in areas]
    check_kinds("frames: labels", len(coloured))
    curves = {label: [_curve(f[label], label, v) for v, f in frames.items()] for label in labels}
    plot, ruled, picture = _plot_of_curves(curves, window, background, equal, axes)
    rows, legend = [], []
    layers = [""] * len(frames)
    for label, arrays in curves.items():
        if label in areas:
            drawings = [draw.area(plot, points) for points in arrays]
        else:
            kind, arrow = coloured.index(label), label in arrows
            drawings = [draw.curve(kind, plot, points, arrow) for points in arrays]
        if len(set(drawings)) == 1:
            picture += drawings[0]
        else:
            layers = [layer + drawing for layer, drawing in zip(layers, drawings, strict=True)]
        rows.append([_place(points) for points in arrays])
        if label in areas:
            legend.append(draw.area_row(label))
            continue
        lines = {len(run) > 1 for points in arrays for run in draw.runs(points)}
        legend.append(draw.curve_row(kind, label, rows[-1][0], lines, arrow))
    picture += "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    alt = alt or _alt_text(", ".join(labels), frames, name, notes)
    data = _data(frames, name, notes, rows, legend)
    return figure(alt, plot.svg(picture, ruled, alt), data, legend)


def slide_images(frames, *, name, notes=None, colours=None, windows=None, play=False, alt=None):
    """Show images, side by side, for the value of a slider.

    Parameters
    ----------
    frames : dict of value to dict of title to (h, w) array
        All frames have the same titles. The colours of a title run from the lowest to the highest
        finite value that it has in any frame; the legend tells both. NaN is left out: the page
        shows through. What is the same in all frames is stored once.
    name : str
        What the value is.
    notes : dict of value to str, optional
        A line of the readout.
    colours : dict of title to str, optional
        ``"gray"`` (black to white, the default), ``"gray_r"`` (white to black, for ink) or
        ``"RdBu_r"`` (blue to red, white at 0, for signed numbers).
    windows : dict of value to dict of title to (row, column, rows, columns), optional
        Pixels around which a line is drawn.
    play : bool
        Whether there are buttons to play and to step.
    alt : str, optional
        Text alternative; the default names the titles, the values and the first and last note.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If there are no frames, their titles differ, an array is not of shape (h, w), the notes
        or windows belong to other values, or colours or windows to other titles.

    Examples
    --------
    >>> frames = {k: {"square": np.eye(4, k=k)} for k in range(3)}
    >>> slide_images(frames, name="shift")
    square, for 3 values of shift from 0 to 2.
    """
    frames, colours = dict(frames), dict(colours or {})
    titles = _labels(frames)
    windows = _windows(windows, frames, titles)
    _require_colours(colours, titles)
    stacks = {title: _stack(frames, title) for title in titles}
    width = min((draw.WIDTH - draw.GAP * (len(titles) - 1)) / len(titles), 220)
    margin = (draw.WIDTH - len(titles) * (width + draw.GAP) + draw.GAP) / 2
    height = max(width * s.shape[1] / s.shape[2] for s in stacks.values())
    layers, picture, words, legend = [""] * len(frames), "", "", []
    for i, (title, stack) in enumerate(stacks.items()):
        left = margin + i * (width + draw.GAP)
        shape, colour = stack.shape[1:], colours.get(title, "gray")
        lo, hi = _range(stack, colour)
        pictures = [draw.image(_png(image, lo, hi, colour), left, width, *shape) for image in stack]
        if len(set(pictures)) == 1:
            picture += pictures[0]
        else:
            layers = [layer + drawn for layer, drawn in zip(layers, pictures, strict=True)]
        for k, frame in enumerate(windows):
            if title in frame:
                layers[k] += draw.outline(frame[title], left, width / shape[1])
        words += draw.text(left + width / 2, -9, draw.escape(title))
        legend.append(draw.text_row(f"{title}: {_scale(lo, hi, colour)}"))
    picture += "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    alt = alt or _alt_text(", ".join(titles), frames, name, notes)
    data = _data(frames, name, notes, [], legend)
    if play:
        data["play"] = True
    return figure(alt, draw.gallery(picture, words, height, alt), data, legend)


def _labels(frames):
    """Return the labels that all frames share, or say what is wrong."""
    if not frames:
        raise ValueError("frames is empty: pass at least one value")
    labels = list(next(iter(frames.values())))
    if not labels:
        raise ValueError("frames: the first frame is empty")
    for value, frame in frames.items():
        if list(frame) != labels:
            raise ValueError(
                f"frames: {value!r} has the labels {list(frame)}, but the first frame has {labels}"
            )
    return labels


def _curve(points, label, value):
    points = np.asarray(points, float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(
            f"frames: {label!r} at {value!r} has shape {points.shape}, but points of the plane "
            "have shape (k, 2)"
        )
    return points


def _plot_of_curves(curves, window, background, equal, names):
    """Return the plot, its axes, and what is drawn beneath the curves."""
    if background is not None and window is None:
        return draw.backdrop(background)
    if window is None:
        everything = np.concatenate([points for arrays in curves.values() for points in arrays])
        everything = everything[np.isfinite(everything).all(axis=1)]
        if not len(everything):
            raise ValueError("frames: no finite point in any frame; pass window=")
        lo, hi = everything.min(axis=0), everything.max(axis=0)
        pad = 0.06 * np.where(hi > lo, hi - lo, 1)
        window = np.stack([lo - pad, hi + pad], axis=1)
    plot = draw.plot_of_window(window, equal)
    return plot, plot.axes(*names), draw.beneath(background, plot) if background else ""


def _place(points):
    return f"({points[0, 0]:.4g}, {points[0, 1]:.4g})" if len(points) == 1 else ""


def _stack(frames, title):
    images = [np.asarray(frame[title], float) for frame in frames.values()]
    for value, image in zip(frames, images, strict=True):
        if image.ndim != 2 or image.shape != images[0].shape or not image.size:
            raise ValueError(
                f"frames: {title!r} at {value!r} has shape {image.shape}; an image has shape "
                f"(h, w), the same in all frames"
            )
    if not np.isfinite(images).any():
        raise ValueError(f"frames: {title!r} has no finite value in any frame")
    return np.array(images)


def _windows(windows, frames, titles):
    """Return the windows of each frame, or say what is wrong."""
    if windows is None:
        return [{}] * len(frames)
    if list(windows) != list(frames):
        raise ValueError(f"windows must have the values of frames, got {list(windows)}")
    for value, frame in windows.items():
        if not set(frame) <= set(titles):
            raise ValueError(f"windows: {value!r} has {list(frame)}, but the titles are {titles}")
    return list(windows.values())


def _require_colours(colours, titles):
    for title, colour in colours.items():
        if title not in titles:
            raise ValueError(f"colours: {title!r} is none of the titles {titles}")
        if colour not in ("gray", "gray_r", "RdBu_r"):
            raise ValueError(
                f"colours: {title!r} must have 'gray', 'gray_r' or 'RdBu_r', got {colour!r}"
            )


def _range(stack, colour):
    finite = stack[np.isfinite(stack)]
    if colour == "RdBu_r":
        largest = np.abs(finite).max()
        return -largest, largest
    return finite.min(), finite.max()


def _scale(lo, hi, colour):
    """Say in words which number the ends of a scale stand for."""
    if colour == "RdBu_r":
        return f"blue is {draw.tick_label(lo, 3)}, white is 0, red is {hi:.3g}"
    dark, light = (lo, hi) if colour == "gray" else (hi, lo)
    return f"black is {draw.tick_label(dark, 3)}, white is {draw.tick_label(light, 3)}"


def _png(image, lo, hi, colour):
    """Return an image as base64 of a PNG: grey, or with colours or holes if it needs them."""
    from PIL import Image

    # Infinities are at the ends of the scale, what is no number is in its middle until it is cut.
    scaled = np.nan_to_num((np.clip(image, lo, hi) - lo) / ((hi - lo) or 1), nan=0.5)
    grey = np.rint(255 * (1 - scaled if colour == "gray_r" else scaled)).astype(np.uint8)
    picture = Image.fromarray(grey)
    if colour == "RdBu_r":
        from matplotlib import colormaps

        picture = Image.fromarray(colormaps[colour](grey, bytes=True)[..., :3].copy())
    if np.isnan(image).any():
        picture.putalpha(Image.fromarray(np.where(np.isnan(image), 0, 255).astype(np.uint8)))
    file = io.BytesIO()
    picture.save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _data(frames, name, notes, rows, legend):
    """Return what the script needs; a row for the notes is added to ``legend``."""
    if notes is not None:
        if list(notes) != list(frames):
            raise ValueError(f"notes must have the values of frames, got {list(notes)}")
        rows = [*rows, list(notes.values())]
        legend.append(draw.text_row("", rows[-1][0]))
    return {"name": name, "heads": [f"{name} = {slider_text(v)}" for v in frames], "rows": rows}


def _alt_text(what, frames, name, notes):
    values = list(frames)
    span = f"from {slider_text(values[0])} to {slider_text(values[-1])}"
    text = f"{what}, for {len(values)} values of {name} {span}"
    if notes:
        texts = list(notes.values())
        text += f"; {texts[0]} at first, {texts[-1]} at last"
    return f"{text}."


def _heights(frames, categories):
    """Return the names of the series and the heights, shape (frames, series, categories)."""
    if not frames:
        raise ValueError("frames is empty: pass at least one value with its heights")
    series = list(next(iter(frames.values())))
    if not series or not categories:
        raise ValueError("frames: pass at least one series and one category")
    check_kinds("frames: series", len(series))
    for value, frame in frames.items():
        if list(frame) != series:
            raise ValueError(
                f"frames: {value!r} has the series {list(frame)}, but the first frame has {series}"
            )
        for label, heights in frame.items():
            if np.shape(heights) != (len(categories),):
                raise ValueError(
                    f"frames: {label!r} at {value!r} has shape {np.shape(heights)}, but there are "
                    f"{len(categories)} categories"
                )
    heights = [[np.asarray(h, float) for h in frame.values()] for frame in frames.values()]
    return series, np.array(heights)
