"""The SVG of the operable figures: axes, contours, paths and bars, in few digits.

Lengths are units of the ``viewBox``, about one CSS pixel on a phone; the style sheets
``theme.css`` and ``interactive.css`` say how each class looks in either theme. No element has an
id, so that any number of figures may stand on one page.
"""

from dataclasses import dataclass
from html import escape

import numpy as np

from coursekit.figures.contours import contour_levels, evaluate_on_grid, thinned

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 400, 50, 12, 28, 40  # of the SVG and its margins
INNER = WIDTH - LEFT - RIGHT
FAR = 1e3  # points farther than this many windows away are moved in, keeping their direction
GAP = 14  # between images
LINE = '<path class="dp-path" d="M1 8h42"/>'
HEAD = '<path class="dp-tip" d="M43 8l-11-4.5v9z"/>'
KINDS = 4  # of paths and bars: each has its colour, dash, filling and mark
LARGE = [  # marks, drawn from their middle: disc, square, triangle, diamond
    "m-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0z",
    "m-5-5h10v10h-10z",
    "m0-7l6 11h-12z",
    "m0-7l6.5 7-6.5 7-6.5-7z",
]
SMALL = [
    "m-3.3 0a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0-6.6 0z",
    "m-3-3h6v6h-6z",
    "m0-4.2l3.6 6.6h-7.2z",
    "m0-4.2l3.9 4.2-3.9 4.2-3.9-4.2z",
]


@dataclass(frozen=True)
class Plot:
    """A rectangle of the plane, ``window``, drawn ``height`` units high."""

    window: tuple
    height: float
    bottom: float = BOTTOM

    def units(self, points):
        """Return the positions of ``points`` (k, 2), in units right and down of the top left."""
        lo, hi = np.asarray(self.window, float).T
        with np.errstate(all="ignore"):  # a diverging path may overflow: it is far away anyway
            offset = (np.nan_to_num(points, nan=np.inf) - (lo + hi) / 2) / (hi - lo)
        offset = np.clip(offset, -1e300, 1e300)
        offset = offset / np.maximum(1, np.abs(offset).max(axis=1, keepdims=True) / FAR)
        return (0.5 + offset * [1, -1]) * [INNER, self.height]

    def outside(self, points):
        """Return which of ``points`` (k, 2) lie outside the window."""
        lo, hi = np.asarray(self.window, float).T
        return ~((lo <= points) & (points <= hi)).all(axis=1)

    def svg(self, drawing, axes, alt):
        """Return the SVG with ``axes`` around a ``drawing`` that is cut off at the frame."""
        height = one_decimal(self.height + TOP + self.bottom)
        return (
            f'<svg class="dp-plot" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" aria-label="{escape(alt)}">'
            f'<svg x="{LEFT}" y="{TOP}" width="{INNER}" height="{one_decimal(self.height)}" '
            f'overflow="hidden" aria-hidden="true">{drawing}</svg>'
            f'<g transform="translate({LEFT} {TOP})">{axes}</g></svg>'
        )

    def axes(self, xname="", yname="", categories=None):
        """Return frame, ticks and names; ``categories`` replace the numbers of the x axis."""
        (xlo, xhi), (ylo, yhi) = self.window
        bottom = self.height
        lines, texts = [f"M0 0h{INNER}v{one_decimal(bottom)}h-{INNER}z"], []
        if categories is None:
            xticks = [(t, tick_label(t)) for t in ticks(xlo, xhi)]
        else:
            xticks = [(i + 0.5, escape(str(c))) for i, c in enumerate(categories)]
        for t, label in xticks:
            x = one_decimal(INNER * (t - xlo) / (xhi - xlo))
            lines.append(f"M{x} {one_decimal(bottom)}v4" if categories is None else "")
            texts.append(text(x, bottom + 18, label))
        for t in ticks(ylo, yhi):
            y = bottom * (yhi - t) / (yhi - ylo)
            lines.append(f"M0 {one_decimal(y)}h-4")
            texts.append(text(-8, y + 4.5, tick_label(t), anchor="end"))
        texts.append(text(INNER / 2, bottom + 36, xname, css="dp-name"))
        texts.append(text(-8, -13, yname, anchor="end", css="dp-name"))
        return f'<path class="dp-axes" d="{"".join(lines)}"/>{"".join(texts)}'


def one_decimal(x):
    """Return ``x`` with one decimal, in as few characters as possible."""
    return f"{round(float(x), 1) + 0.0:g}"


def ticks(lo, hi):
    """Return a few round numbers in ``[lo, hi]``."""
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(lo, hi)
    slack = 1e-9 * (hi - lo)
    return values[(lo - slack <= values) & (values <= hi + slack)]


def tick_label(t, digits=6):
    """Return a tick's number with a true minus sign."""
    return f"{t + 0.0:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def text(x, y, words, anchor="middle", css=""):
    """Return a line of (escaped) text, or nothing if it has no words."""
    css = f' class="{css}"' if css else ""
    where = f'x="{one_decimal(x)}" y="{one_decimal(y)}" text-anchor="{anchor}"'
    return f"<text{css} {where}>{words}</text>" if words else ""


def line(points):
    """Return the path data of a line through ``points``: absolute start, then relative steps."""
    tenths = np.rint(np.asarray(points) * 10).astype(int)
    steps = np.diff(tenths, axis=0)
    steps = steps[steps.any(axis=1)] / 10
    moves = "".join(f"l{dx:g} {dy:g}" for dx, dy in steps).replace(" -", "-")
    return "M{:g} {:g}".format(*tenths[0] / 10) + moves


def backdrop(objective):
    """Return the plot of an objective, its axes, and its graph (n = 1) or contours (n = 2)."""
    if objective.n == 1:
        (window,) = objective.window
        _, y = graph(objective, window)
        y = y[np.isfinite(y)]
        if not y.size:
            raise ValueError(f"objective: f is finite nowhere in its window {objective.window}")
        pad = 0.06 * (np.ptp(y) or 1)
        plot = Plot((window, (y.min() - pad, y.max() + pad)), 250)
        return plot, plot.axes("x", "f"), beneath(objective, plot)
    plot = plot_of_window(objective.window)
    names = "x\N{SUBSCRIPT ONE}", "x\N{SUBSCRIPT TWO}"
    return plot, plot.axes(*names), beneath(objective, plot)


def plot_of_window(window, equal=False):
    """Return a plot of ``window`` in its own proportions, as far as they fit a page.

    With ``equal`` the window grows where they do not fit, so that units are equally long.
    """
    (xlo, xhi), (ylo, yhi) = window
    if not (xlo < xhi and ylo < yhi):
        raise ValueError(f"window must be ((xlo, xhi), (ylo, yhi)) with lo < hi, got {window}")
    ratio = (yhi - ylo) / (xhi - xlo)
    fits = np.clip(ratio, 0.4, 1)
    if equal:
        x, y = max(ratio, 1), max(0.4 / ratio, 1)
        (xlo, xhi), (ylo, yhi) = (
            ((lo + hi) / 2 - k * (hi - lo) / 2, (lo + hi) / 2 + k * (hi - lo) / 2)
            for (lo, hi), k in zip(window, (x, y), strict=True)
        )
    return Plot(((xlo, xhi), (ylo, yhi)), fits * INNER)


def beneath(objective, plot):
    """Return the graph (n = 1) or the contours (n = 2) of an objective in ``plot``."""
    if objective.n == 2:
        return _contours(plot, objective)
    x, y = graph(objective, plot.window[0])
    lines = "".join(line(plot.units(run)) for run in runs(np.column_stack([x, y])))
    return f'<path class="dp-graph" d="{lines}"/>'


def graph(objective, window, n=241):
    """Return x and f(x), both (n,); f is NaN or infinite where it is not defined."""
    x = np.linspace(*window, n)
    with np.errstate(all="ignore"):  # the graph has gaps where f is not finite
        return x, np.asarray(objective.f(x[:, None]), float)


def runs(points):
    """Return ``points`` (k, 2) in pieces without interruption by what is not finite."""
    good = np.flatnonzero(np.isfinite(points).all(axis=1))
    pieces = np.split(good, np.flatnonzero(np.diff(good) > 1) + 1)
    return [points[piece] for piece in pieces if piece.size]


def _contours(plot, objective, n=121):
    from contourpy import contour_generator
    from matplotlib.path import Path

    x, y, z = evaluate_on_grid(objective.f, plot.window, n)
    generator = contour_generator(x, y, np.ma.masked_invalid(z))
    lines = {"": [], " dp-negative": []}
    for level in contour_levels(z):
        for piece in generator.lines(level):
            vertices = thinned(Path(plot.units(piece)), tolerance=0.3).vertices
            lines[" dp-negative" if level < 0 else ""].append(line(vertices))
    return "".join(
        f'<path class="dp-contours{css}" d="{"".join(d)}"/>' for css, d in lines.items() if d
    )


def curve(kind, plot, points, arrow=False):
    """Return lines through the runs of ``points`` (k, 2), and marks on those that stand alone.

    With ``arrow`` each line has a head at its end.
    """
    lines, marks, tips = "", "", ""
    for run in runs(points):
        places = plot.units(run)
        if len(run) > 1:
            lines += line(places)
            tips += _tip(*places[-2:]) if arrow else ""
        else:
            x, y = places[0]
            marks += f"M{one_decimal(x)} {one_decimal(y)}{LARGE[kind % KINDS]}"
    drawn = (("dp-path", lines), ("dp-ball", marks), ("dp-tip", tips))
    return "".join(f'<path class="{css} {style(kind)}" d="{d}"/>' for css, d in drawn if d)


def _tip(before, end):
    """Return the head of an arrow that ends at ``end``, in units; none if it has no length."""
    length = np.hypot(*(end - before))
    if not length:
        return ""
    along = (end - before) / length
    base, across = end - 11 * along, 4.5 * along[::-1] * [1, -1]
    return line([end, base + across, base - across]) + "z"


def area(plot, points):
    """Return the polygons of the runs of ``points`` (k, 2), shaded."""
    d = "".join(line(plot.units(run)) + "z" for run in runs(points))
    return f'<path class="dp-area" d="{d}"/>' if d else ""


def image(png, left, width, rows, columns):
    """Return a picture, ``width`` units wide, given as base64 of a PNG of rows × columns."""
    return (
        f'<image x="{one_decimal(left)}" width="{one_decimal(width)}" '
        f'height="{one_decimal(width * rows / columns)}" href="data:image/png;base64,{png}"/>'
    )


def outline(window, left, pixel):
    """Return a line around a window (row, column, rows, columns) of an image at ``left``."""
    row, column, rows, columns = (pixel * n for n in window)
    box = (
        f'x="{one_decimal(left + column)}" y="{one_decimal(row)}" '
        f'width="{one_decimal(columns)}" height="{one_decimal(rows)}"'
    )
    return f'<rect class="dp-around" {box}/><rect class="dp-window" {box}/>'


def gallery(pictures, words, height, alt):
    """Return the SVG with ``pictures`` under a line of ``words``."""
    return (
        f'<svg class="dp-plot" viewBox="0 0 {WIDTH} {one_decimal(height + TOP)}" '
        f'role="img" aria-label="{escape(alt)}">'
        f'<g transform="translate(0 {TOP})" aria-hidden="true">{pictures}{words}</g></svg>'
    )


def minimizers(objective, plot):
    """Return a cross on every minimizer in the window."""
    points = plot.units(on_plot(objective, objective.minimizers))
    d = "".join(f"M{one_decimal(x - 5)} {one_decimal(y - 5)}l10 10m0-10l-10 10" for x, y in points)
    return f'<path class="dp-minimizer" d="{d}"/>' if d else ""


def on_plot(objective, points):
    """Return where ``points`` (k, n) are drawn: themselves, or (x, f(x)) if n = 1."""
    return points if objective.n == 2 else np.column_stack([points, values_at(objective, points)])


def values_at(objective, points):
    """Return f at ``points`` (k, n); a diverging path may well overflow."""
    with np.errstate(all="ignore"):
        return np.asarray(objective.f(points), float).reshape(len(points))


def trace(kind, points, marked, shown=None):
    """Return a path: a hollow mark at its start, marks on its iterates, a large one at its end.

    ``marked`` are the numbers of the points that get a mark; the first is always marked. If the
    path is to grow, ``shown`` tells how many points each frame shows; frame k brings mark k.
    """
    large, small = LARGE[kind % KINDS], SMALL[kind % KINDS]
    places = [f"{one_decimal(x)},{one_decimal(y)}" for x, y in points]
    dots = f'<path class="dp-start" d="M{places[0]}{large}"/>'
    dots += "".join(f'<path class="dp-mark" d="M{places[i]}{small}"/>' for i in marked if i)
    x, y = places[-1].split(",")
    grows = "" if shown is None else f' data-n="{" ".join(map(str, shown))}"'
    return (
        f'<g class="{"dp-trace " if grows else ""}{style(kind)}"{grows}>'
        f'<polyline class="dp-path" points="{" ".join(places)}"/>{dots}'
        f'<path class="dp-ball" style="transform:translate({x}px,{y}px)" d="M0 0{large}"/></g>'
    )


def style(kind):
    """Return the class that sets colour, dash and filling of the path or bar number ``kind``."""
    return f"dp-c{kind % KINDS + 1}"


def layer(frame, drawing):
    """Return what frame ``frame`` alone shows; without the script, the first frame is shown."""
    hidden = ' style="display:none"' if frame else ""
    return f'<g class="dp-layer"{hidden}>{drawing}</g>'


def bars(plot, block):
    """Return the bars of heights ``block`` (series, categories), each with its height in words."""
    ylo, yhi = plot.window[1]
    scale, zero = plot.height / (yhi - ylo), plot.height * yhi / (yhi - ylo)
    slot = INNER / block.shape[1]
    width = 0.84 * slot / len(block)
    out = []
    for s, heights in enumerate(block):
        out.append(f'<g class="{style(s)}">')
        for c, height in enumerate(heights):
            middle = slot * (c + 0.08) + width * (s + 0.5)
            finite = np.isfinite(height)
            tip = zero - scale * height if finite else zero
            if finite:
                size = f'width="{one_decimal(width - 4)}" height="{one_decimal(abs(tip - zero))}"'
                at = f'x="{one_decimal(middle - width / 2 + 2)}" y="{one_decimal(min(tip, zero))}"'
                out.append(f'<rect class="dp-bar" {at} {size}/>')
            words = f"{height:.3g}".replace("-", "\N{MINUS SIGN}")
            css = "dp-height" if finite else "dp-height dp-lost"
            if 7 * len(words) > width + 4:  # too narrow to write across
                rotation = f"rotate(-90 {one_decimal(middle)} {one_decimal(tip)})"
                sideways = text(middle + 6, tip + 4, words, "start", css)
                out.append(f'<g transform="{rotation}">{sideways}</g>')
            else:
                out.append(text(middle, tip + 15 if tip > zero else tip - 6, words, css=css))
        out.append("</g>")
    out.append(f'<path class="dp-axes" d="M0 {one_decimal(zero)}h{INNER}"/>')
    return "".join(out)


def legend_row(kind, label, value, bar=False):
    """Return a line of the legend: a sample of the line (or bar), its label and its value."""
    if bar:
        swatch = '<rect class="dp-bar" x="14" y="2" width="16" height="12"/>'
        return _row(kind, swatch, label, value, " dp-unseen")
    return _row(kind, LINE + _mark(kind), label, value)


def curve_row(kind, label, value, lines, arrow=False):
    """Return a line of the legend; ``lines`` has True if there are lines, False if marks."""
    swatch = LINE * (True in lines) + _mark(kind) * (False in lines)
    return _row(kind, swatch + HEAD * arrow, label, value)


def area_row(label):
    """Return the line of the legend that explains a shaded area."""
    return _row(0, '<rect class="dp-area" x="1" y="1" width="42" height="14"/>', label, "")


def text_row(label, value=None):
    """Return a line of the legend in words; ``value``, if any, changes with the frame."""
    value = "" if value is None else f'<span class="dp-value">{escape(value)}</span>'
    return f'<div class="dp-row">{escape(label)}{value}</div>'


def _mark(kind):
    return f'<path class="dp-ball" d="M22 8{LARGE[kind % KINDS]}"/>'


def _row(kind, swatch, label, value, css=""):
    label = f"<span>{escape(str(label))}</span>" if label else ""
    return (
        f'<div class="dp-row"><svg class="{style(kind)}" viewBox="0 0 44 16" aria-hidden="true">'
        f"{swatch}</svg>{label} "
        f'<span class="dp-value{css}">{escape(value)}</span></div>'
    )


def minimizer_row(objective, plot):
    """Return the line of the legend that explains the crosses, if the window has any."""
    count = int((~plot.outside(on_plot(objective, objective.minimizers))).sum())
    cross = '<path class="dp-minimizer" d="M17 3l10 10m0-10l-10 10"/>'
    return (
        f'<div class="dp-row"><svg viewBox="0 0 44 16" aria-hidden="true">{cross}</svg>'
        f"<span>minimiser{'s' * (count > 1)}</span></div>"
    ) * (count > 0)


def apart(points, gap):
    """Return which of ``points`` to draw: the first, the last, and those ``gap`` away from the
    one drawn before.
    """
    kept = [0]
    for i, point in enumerate(points):
        if np.abs(point - points[kept[-1]]).max() >= gap:
            kept.append(i)
    return np.union1d(kept, len(points) - 1)
