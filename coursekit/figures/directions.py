"""The dial of directions: a point on a contour map beside a polar plot of the slopes there.

Like the figures of :mod:`coursekit.figures.paths`, it is one SVG that is complete without its
script.
"""

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import figure

__all__ = ["slide_directions"]

_SIDE = 172  # of the two square panels
_MAP, _POLAR = f"translate(28 {draw.TOP})", f"translate({draw.WIDTH - _SIDE - 4} {draw.TOP})"
_NAMES = "x\N{SUBSCRIPT ONE}", "x\N{SUBSCRIPT TWO}"
_DEGREES = range(0, 360, 10)
_ROOM = 1.38  # the polar plot is wider than the largest slope by this factor
_HALO = "paint-order:stroke;stroke:var(--dp-paper);stroke-width:4px"  # words on lines


class _Panel(draw.Plot):
    """A square plot of the plane, as wide as it is high."""

    def units(self, points):
        return super().units(points) * [self.height / draw.INNER, 1]


def slide_directions(f, x, *, window=None, step=0.1, alt=None):
    r"""Turn a direction at a point and read the slope: a contour map beside a polar plot.

    The map shows the direction :math:`u` as an arrow of length 1, the gradient :math:`g` as an
    arrow of its own length, and the projection of :math:`g` on the line of :math:`u`. The polar
    plot shows :math:`|u^\top g|` over all directions: two circles that touch, one for slopes
    uphill, one for slopes downhill.

    Parameters
    ----------
    f : Objective
        Of two variables, with ``grad``.
    x : array_like, shape (2,)
        The point.
    window : ((xlo, xhi), (ylo, yhi)), optional
        What is shown of the plane, widened to a square; default: the window of ``f``.
    step : float
        How far to go along ``u`` for the rise that the readout sets beside the slope.
    alt : str, optional
        Text alternative; the default tells the point, the extreme slopes and where they are.

    Returns
    -------
    Interactive

    Raises
    ------
    ValueError
        If ``f`` has not two variables, ``x`` is not one point, ``step`` is not positive, or the
        gradient at ``x`` is zero or not finite, so that there is no steepest direction.

    Examples
    --------
    >>> from coursekit.objectives import saddle
    >>> slide_directions(saddle, [1, 0])
    Slopes of saddle at (1, 0) in all directions: the largest, 2, at 0 degrees,
    the smallest, -2, at 180 degrees, and 0 at 90 and 270 degrees.
    """
    x, g = _point_and_gradient(f, x)
    if not step > 0:
        raise ValueError(f"step must be positive, got {step}")
    chart = _Panel(_square(f.window if window is None else window), _SIDE)
    polar = _Panel(((-_ROOM * np.hypot(*g), _ROOM * np.hypot(*g)),) * 2, _SIDE)
    angles = np.radians(_DEGREES)
    u = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    slopes = u @ g
    rises = (f(x + step * u) - f(x)) / step
    on_map = draw.beneath(f, chart) + draw.curve(1, chart, np.array([x, x + g]), arrow=True)
    picture = _panels(on_map, _circles(polar, g)) + "".join(
        draw.layer(i, _panels(_on_map(chart, x, g, u[i]), _on_polar(polar, slopes[i], u[i])))
        for i in range(len(u))
    )
    rows = [
        [f"({_short(a)}, {_short(b)})" for a, b in u],
        [f"({_short(g[0])}, {_short(g[1])})"] * len(u),
        [_short(slope) if slope > 0 else "" for slope in slopes],
        [_short(slope) if slope <= 0 else "" for slope in slopes],
        [_short(rise) for rise in rises],
    ]
    legend = [
        draw.curve_row(0, "direction u", rows[0][0], {True}, arrow=True),
        draw.curve_row(1, "gradient", rows[1][0], {True}, arrow=True),
        draw.curve_row(2, "slope along u, uphill", rows[2][0], {True, False}),
        draw.curve_row(3, "slope along u, downhill", rows[3][0], {True, False}),
        draw.text_row(f"rise over {step:g} along u, divided by {step:g}:", rows[4][0]),
    ]
    heads = [f"direction = {degrees} degrees" for degrees in _DEGREES]
    data = {"name": "direction in degrees", "play": True, "heads": heads, "rows": rows}
    alt = alt or _alt_text(f, x, g)
    svg = (
        f'<svg class="dp-plot" viewBox="0 0 {draw.WIDTH} {_SIDE + draw.TOP + draw.BOTTOM}" '
        f'role="img" aria-label="{draw.escape(alt)}"><g aria-hidden="true">{picture}</g>'
        f"{_axes(chart)}</svg>"
    )
    return figure(alt, svg, data, legend)


def _point_and_gradient(f, x):
    if f.n != 2:
        raise ValueError(f"f has {f.n} variables; directions in the plane need a function of 2")
    x = np.asarray(x, float)
    if x.shape != (2,):
        raise ValueError(f"x must be one point of shape (2,), got shape {x.shape}")
    g = np.asarray(f.grad(x), float)
    if not np.isfinite(g).all() or not g.any():
        raise ValueError(f"f.grad(x) is {g} at {x}: there is no steepest direction")
    return x, g


def _square(window):
    """Return the smallest square window around ``window``, with the same middle."""
    (xlo, xhi), (ylo, yhi) = window
    if not (xlo < xhi and ylo < yhi):
        raise ValueError(f"window must be ((xlo, xhi), (ylo, yhi)) with lo < hi, got {window}")
    half = max(xhi - xlo, yhi - ylo) / 2
    return tuple(((lo + hi) / 2 - half, (lo + hi) / 2 + half) for lo, hi in window)


def _short(value):
    return draw.tick_label(round(float(value), 3), 4)


def _alt_text(f, x, g):
    length, uphill = np.hypot(*g), np.degrees(np.arctan2(g[1], g[0])) % 360
    level, downhill, other = ((uphill + turn) % 360 for turn in (90, 180, 270))
    return (
        f"Slopes of {f.name} at ({x[0]:.4g}, {x[1]:.4g}) in all directions: the largest, "
        f"{length:.4g}, at {uphill:.4g} degrees, the smallest, {-length:.4g}, at {downhill:.4g} "
        f"degrees, and 0 at {min(level, other):.4g} and {max(level, other):.4g} degrees."
    )


def _panels(on_map, on_polar):
    """Return the drawings of the two panels in their places; the map is cut off at its frame."""
    return (
        f'<g transform="{_MAP}"><svg width="{_SIDE}" height="{_SIDE}" overflow="hidden">'
        f'{on_map}</svg></g><g transform="{_POLAR}">{on_polar}</g>'
    )


def _on_map(chart, x, g, u):
    """Return the direction, and the right angle by which the gradient is projected on it."""
    right_angle = draw.line(chart.units(np.array([x + g, x + (u @ g) * u, x])))
    arrow = draw.curve(0, chart, np.array([x, x + u]), arrow=True)
    return f'<path class="dp-axes" d="{right_angle}"/>{arrow}'


def _on_polar(polar, slope, u):
    """Return the ray to the slope of one direction, with a mark at its end."""
    end, gap = abs(slope) * u, [np.nan, np.nan]
    return draw.curve(2 if slope > 0 else 3, polar, np.array([[0, 0], end, gap, end]))


def _circles(polar, g):
    """Return the polar plot: rings, spokes, and a circle of slopes for each sign."""
    length, arc = np.hypot(*g), np.radians(np.arange(0, 361, 10))
    circle = np.stack([np.cos(arc), np.sin(arc)], axis=-1)
    rings = draw.ticks(0, length)[1:]
    rings = rings[1::2] if len(rings) > 3 else rings
    rim = 1.05 * length
    grid = [r * circle for r in rings]
    grid += [np.array([[-rim, 0], [rim, 0]]), np.array([[0, -rim], [0, rim]])]
    lines = "".join(draw.line(polar.units(points)) for points in grid)
    slopes = [g / 2 + length / 2 * circle, -g / 2 - length / 2 * circle]
    curves = "".join(draw.curve(2 + k, polar, points) for k, points in enumerate(slopes))
    level = np.array([-g[1], g[0]]) / length  # where no circle of slopes is in the way
    level = level * np.copysign(1, level[1])
    names = [(draw.tick_label(r, 3), r * level, (0, 4)) for r in rings]
    names += [("0°", [rim, 0], (13, 5)), ("90°", [0, rim], (3, -6))]
    names += [("180°", [-rim, 0], (-17, 5)), ("270°", [0, -rim], (3, 16))]
    words = ""
    for name, place, aside in names:
        words += draw.text(*(polar.units(np.array([place]))[0] + aside), name)
    return f'<path class="dp-axes" d="{lines}"/>{curves}<g style="{_HALO}">{words}</g>'


def _axes(chart):
    """Return frame, ticks and names of the map."""
    lines, words = [f"M0 0h{_SIDE}v{_SIDE}h-{_SIDE}z"], []
    for axis, (lo, hi) in enumerate(chart.window):
        for t in draw.ticks(lo, hi):
            along, label = _SIDE * (t - lo) / (hi - lo), draw.tick_label(t)
            if axis == 0:
                lines.append(f"M{draw.one_decimal(along)} {_SIDE}v4")
                words.append(draw.text(along, _SIDE + 18, label))
            else:
                lines.append(f"M0 {draw.one_decimal(_SIDE - along)}h-4")
                words.append(draw.text(-7, _SIDE - along + 4.5, label, "end"))
    words.append(draw.text(_SIDE / 2, _SIDE + 34, _NAMES[0], css="dp-name"))
    words.append(draw.text(-7, -12, _NAMES[1], "end", "dp-name"))
    path = f'<path class="dp-axes" d="{"".join(lines)}"/>'
    return f'<g transform="{_MAP}">{path}{"".join(words)}</g>'
