"""Operable figures of numbers in a machine: their places on the line, and their digits.

Like those of :mod:`coursekit.figures.sliders`, each is one SVG that is complete without its script.
"""

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import figure
from coursekit.figures.sliders import _alt_text, _data, _labels

__all__ = ["slide_digits", "slide_number_line"]

SIDE = 23  # of the box of a digit
COLUMNS = 16  # digits on a line
HEIGHTS = [34, 22, 12]  # of the strokes of each label
ROW = 20  # above the line, for each label of marks
BOXES = 3  # ways to draw a box


def slide_number_line(frames, *, name, window, notes=None, alt=None):
    """Show numbers on a line, as strokes and as marks, for the value of a slider.

    Parameters
    ----------
    frames : dict of value to dict of label to (k,) array
        The places. A label with several numbers in some frame is drawn as strokes, the first
        such label with the highest ones; one with a single number in all frames as a mark above
        the line. All frames have the same labels. What is the same in all frames is stored once.
    name : str
        What the value is.
    window : (lo, hi)
        What is shown of the line; numbers outside are left out.
    notes : dict of value to str, optional
        A line of the readout.
    alt : str, optional
        Text alternative; the default names the labels, the values and the first and last note.

    Returns
    -------
    Interactive
        Its readout tells the numbers of marks.

    Raises
    ------
    ValueError
        If there are no frames, their labels differ, the places are no vectors, there are more
        than 3 labels of strokes or 4 in all, the window is empty, or the notes belong to other
        values.

    Examples
    --------
    >>> frames = {k: {"numbers": np.arange(0, 1.01, 1 / k), "x": [0.3]} for k in (2, 4)}
    >>> slide_number_line(frames, name="k", window=(0, 1))
    numbers, x, for 2 values of k from 2 to 4.
    """
    frames, (lo, hi) = dict(frames), window
    labels = _labels(frames)
    if not lo < hi:
        raise ValueError(f"window must be (lo, hi) with lo < hi, got {window}")
    places = {label: [_vector(f[label], label, v) for v, f in frames.items()] for label in labels}
    single = [label for label in labels if all(len(p) == 1 for p in places[label])]
    strokes = [label for label in labels if label not in single]
    if len(strokes) > len(HEIGHTS) or len(labels) > draw.KINDS:
        raise ValueError(
            f"frames: at most {len(HEIGHTS)} labels of strokes and {draw.KINDS} in all can be told "
            f"apart, got {len(strokes)} and {len(labels)}"
        )
    line = ROW * (len(single) + 1) + 6
    picture, layers, rows, legend = "", [""] * len(frames), [], []
    for kind, label in enumerate(labels):
        drawings = []
        for p in places[label]:
            seen = p[(lo <= p) & (p <= hi)]
            x = [draw.one_decimal(draw.INNER * (v - lo) / (hi - lo)) for v in seen]
            if label in single:
                y = ROW * (single.index(label) + 1)
                stems = "".join(f"M{v} {y}V{line}" for v in x)
                marks = "".join(f"M{v} {y}{draw.LARGE[kind]}" for v in x)
                drawings.append(_path("dp-stroke", kind, stems) + _path("dp-ball", kind, marks))
            else:
                height = HEIGHTS[strokes.index(label)]
                d = "".join(f"M{v} {line}v{height}" for v in x)
                drawings.append(_path("dp-stroke", kind, d))
        if len(set(drawings)) == 1:
            picture += drawings[0]
        else:
            layers = [layer + drawing for layer, drawing in zip(layers, drawings, strict=True)]
        rows.append([f"{p[0]:.6g}" if label in single else "" for p in places[label]])
        if label in single:
            legend.append(draw.curve_row(kind, label, rows[-1][0], {False}))
        else:
            legend.append(_stroke_row(kind, label, height))
    picture += "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    bottom = line + HEIGHTS[0]
    ruled, words = f"M0 {line}h{draw.INNER}", ""
    for t in draw.ticks(lo, hi):
        x = draw.INNER * (t - lo) / (hi - lo)
        ruled += f"M{draw.one_decimal(x)} {bottom + 2}v4"
        words += draw.text(x, bottom + 22, draw.tick_label(t))
    drawing = f'<path class="dp-axes" d="{ruled}"/>{picture}{words}'
    alt = alt or _alt_text(", ".join(labels), frames, name, notes)
    data = _data(frames, name, notes, rows, legend)
    return figure(alt, _canvas(drawing, bottom + 28, alt, left=25), data, legend)


def slide_digits(frames, *, name, parts=(), notes=None, alt=None):
    """Show words made of digits, in boxes, for the value of a slider.

    Parameters
    ----------
    frames : dict of value to dict of label to (digits, words)
        The digits of a label are a string, with spaces between its parts; all frames have as many
        in each. The words stand in the readout.
    name : str
        What the value is.
    parts : sequence of str, optional
        What the parts of the digits are called; the readout says how each is drawn.
    notes : dict of value to str, optional
        A line of the readout.
    alt : str, optional
        Text alternative; the default names the labels, the values and the first and last note.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If there are no frames, their labels or the lengths of the parts of a label differ, there
        are more than 3 parts, or the notes belong to other values.

    Examples
    --------
    >>> frames = {n: {"bits": (f"{n:04b} {15 - n:04b}", f"{n} and {15 - n}")} for n in range(9)}
    >>> slide_digits(frames, name="n")
    bits, for 9 values of n from 0 to 8.
    """
    frames = dict(frames)
    labels = _labels(frames)
    picture, layers, rows, legend, y = "", [""] * len(frames), [], [], 0
    for label in labels:
        digits = [frame[label][0].split() for frame in frames.values()]
        lengths = [len(part) for part in digits[0]]
        for value, other in zip(frames, digits, strict=True):
            if [len(part) for part in other] != lengths:
                raise ValueError(
                    f"frames: the parts of {label!r} at {value!r} have the lengths "
                    f"{[len(part) for part in other]}, in the first frame {lengths}"
                )
        if len(lengths) > BOXES:
            raise ValueError(
                f"frames: {label!r} has {len(lengths)} parts; at most {BOXES} are told"
            )
        y += 20
        picture += draw.text(0, y - 6, draw.escape(str(label)), "start")
        kinds = np.repeat(np.arange(len(lengths)), lengths)
        for start in range(0, len(kinds), COLUMNS):
            part = slice(start, start + COLUMNS)
            picture += _boxes(kinds[part], y)
            layers = [
                layer + _spaced("".join(d)[part], y + SIDE / 2 + 5)
                for layer, d in zip(layers, digits, strict=True)
            ]
            y += SIDE
        y += 6
        rows.append([frame[label][1] for frame in frames.values()])
        legend.append(draw.text_row(f"{label} ", rows[-1][0]))
    for kind, part in enumerate(parts):
        legend.append(_box_row(kind, part))
    picture += "".join(draw.layer(i, layer) for i, layer in enumerate(layers))
    alt = alt or _alt_text(", ".join(labels), frames, name, notes)
    data = _data(frames, name, notes, rows, legend)
    return figure(alt, _canvas(picture, y, alt, left=16), data, legend)


def _canvas(drawing, height, alt, left):
    """Return an SVG without axes."""
    return (
        f'<svg class="dp-plot" viewBox="0 0 {draw.WIDTH} {draw.one_decimal(height)}" '
        f'role="img" aria-label="{draw.escape(alt)}">'
        f'<g transform="translate({left} 0)" aria-hidden="true">{drawing}</g></svg>'
    )


def _path(css, kind, d):
    return f'<path class="{css} {draw.style(kind)}" d="{d}"/>' if d else ""


def _boxes(kinds, y):
    """Return a row of boxes; those of one kind are one path."""
    paths = ""
    for kind in np.unique(kinds):
        d = "".join(
            f"M{SIDE * i} {y}h{SIDE}v{SIDE}h-{SIDE}z" for i in np.flatnonzero(kinds == kind)
        )
        paths += f'<path class="dp-box dp-box{kind + 1}" d="{d}"/>'
    return paths


def _spaced(digits, y):
    """Return one line of text with a digit in the middle of each box."""
    x = " ".join(draw.one_decimal(SIDE * (i + 0.5)) for i in range(len(digits)))
    return f'<text x="{x}" y="{draw.one_decimal(y)}" text-anchor="middle">{digits}</text>'


def _stroke_row(kind, label, height):
    sample = "".join(f"M{x} 1v{draw.one_decimal(14 * height / HEIGHTS[0])}" for x in (8, 22, 36))
    return draw.curve_row(kind, label, "", set()).replace(
        'aria-hidden="true">', f'aria-hidden="true"><path class="dp-stroke" d="{sample}"/>', 1
    )


def _box_row(kind, label):
    return (
        '<div class="dp-row"><svg viewBox="0 0 44 16" aria-hidden="true">'
        f'<path class="dp-box dp-box{kind + 1}" d="M14 1h14v14h-14z"/></svg>'
        f"<span>{draw.escape(str(label))}</span></div>"
    )


def _vector(numbers, label, value):
    numbers = np.asarray(numbers, float)
    if numbers.ndim != 1:
        raise ValueError(
            f"frames: {label!r} at {value!r} has shape {numbers.shape}; places on a line have "
            "shape (k,)"
        )
    return numbers
