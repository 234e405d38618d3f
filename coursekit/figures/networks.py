"""An operable figure of a network: words on its edges, a path and a set of nodes.

Like those of :mod:`coursekit.figures.sliders`, it is one SVG that is complete without its script.
"""

from itertools import pairwise

import numpy as np

from coursekit.figures import svg as draw
from coursekit.figures.interactive import figure
from coursekit.figures.sliders import _alt_text, _data

__all__ = ["slide_network"]

RADIUS = 13  # of a node
EDGE = 18  # between the picture and the outermost nodes


def slide_network(frames, *, places, name, notes=None, height=230, alt=None):
    """Draw a network with words on its edges, a path and a set of nodes, for a slider's value.

    Parameters
    ----------
    frames : dict of value to (words, path, side)
        ``words`` is a dict from edges (u, v) to what stands on them, such as ``"2/5"``; all frames
        have the same edges. ``path`` is a sequence of nodes, joined by thick arrows; ``side`` a
        collection of nodes, which are shaded. Both may be empty.
    places : dict of node to (x, y)
        Any units; the picture is stretched to its frame.
    name : str
        What the value is.
    notes : dict of value to str, optional
        A line of the readout.
    height : float, optional
        Of the picture, 400 units wide.
    alt : str, optional
        Text alternative; the default counts nodes, edges and values, and has the first and last
        note.

    Returns
    -------
    Interactive
        With buttons to play and to step.

    Raises
    ------
    ValueError
        If there are no frames, their edges differ, a node has no place, all places have the same
        x or y, or the notes belong to other values.

    Examples
    --------
    >>> frames = {k: ({("s", "t"): f"{k}/2"}, ["s", "t"], {"s"}) for k in (1, 2)}
    >>> slide_network(frames, places={"s": (0, 0), "t": (1, 1)}, name="step")
    2 nodes and 1 edge, for 2 values of step from 1 to 2.
    """
    frames = dict(frames)
    if not frames:
        raise ValueError("frames is empty: pass at least one value")
    edges = list(next(iter(frames.values()))[0])
    for value, (words, path, side) in frames.items():
        if list(words) != edges:
            raise ValueError(f"frames: {value!r} has other edges than the first frame")
        lost = {node for edge in edges for node in edge} | {*path, *side}
        if lost - set(places):
            raise ValueError(f"places: no place for the nodes {sorted(lost - set(places))}")
    where = _stretched(places, height)
    arrows = [_arrow(where, *edge) for edge in edges]
    picture = f'<path class="dp-edge" d="{"".join(shaft for shaft, _ in arrows)}"/>'
    picture += f'<path class="dp-edge-tip" d="{"".join(tip for _, tip in arrows)}"/>'
    circles = {node: _circle(*place) for node, place in where.items()}
    picture += f'<path class="dp-node" d="{"".join(circles.values())}"/>'
    layers = []
    for words, path, side in frames.values():
        thick = [_arrow(where, *pair) for pair in pairwise(path)]
        drawing = ""
        if thick:
            drawing += f'<path class="dp-path dp-c1" d="{"".join(shaft for shaft, _ in thick)}"/>'
            drawing += f'<path class="dp-tip dp-c1" d="{"".join(tip for _, tip in thick)}"/>'
        if side:
            d = "".join(circle for node, circle in circles.items() if node in side)
            drawing += f'<path class="dp-node-in" d="{d}"/>'
        for (u, v), said in words.items():
            x, y = (where[u] + where[v]) / 2
            drawing += draw.text(x, y + 4.5, draw.escape(str(said)), css="dp-said")
        layers.append(draw.layer(len(layers), drawing))
    picture += "".join(layers)
    picture += "".join(
        draw.text(x, y + 5, draw.escape(str(node))) for node, (x, y) in where.items()
    )
    what = f"{len(where)} nodes and {len(edges)} edge{'s' * (len(edges) > 1)}"
    alt = alt or _alt_text(what, frames, name, notes)
    legend = []
    if any(len(path) for _, path, _ in frames.values()):
        legend.append(draw.curve_row(0, "path", "", {True}, arrow=True))
    if any(side for *_, side in frames.values()):
        swatch = f'<path class="dp-node-in" d="{_circle(22, 8, 7)}"/>'
        legend.append(draw.curve_row(0, "side of the source", "", set()).replace(
            'aria-hidden="true">', f'aria-hidden="true">{swatch}', 1))  # fmt: skip
    rows = [[""] * len(frames) for _ in legend]
    data = _data(frames, name, notes, rows, legend) | {"play": True}
    drawing = (
        f'<svg class="dp-plot" viewBox="0 0 {draw.WIDTH} {height}" role="img" '
        f'aria-label="{draw.escape(alt)}"><g aria-hidden="true">{picture}</g></svg>'
    )
    return figure(alt, drawing, data, legend)


def _stretched(places, height, margin=EDGE):
    """Return the places in units of the picture, y downwards; `margin` is left and right."""
    points = np.array([*places.values()], float)
    lo, hi = points.min(axis=0), points.max(axis=0)
    if not (hi > lo).all():
        raise ValueError("places must differ in both x and y")
    share = (points - lo) / (hi - lo) * [1, -1] + [0, 1]
    edges = np.array([margin, EDGE])
    size = np.array([draw.WIDTH, height]) - 2 * edges
    return dict(zip(places, share * size + edges, strict=True))


def _arrow(where, u, v):
    """Return the shaft and the head of an arrow between the circles of two nodes."""
    along = (where[v] - where[u]) / np.hypot(*(where[v] - where[u]))
    end, across = where[v] - RADIUS * along, 4.0 * along[::-1] * [1, -1]
    base = end - 9 * along
    shaft = draw.line(np.array([where[u] + RADIUS * along, base]))
    return shaft, draw.line(np.array([end, base + across, base - across])) + "z"


def _circle(x, y, r=RADIUS):
    x = draw.one_decimal(x - r)
    return f"M{x} {draw.one_decimal(y)}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0-{2 * r} 0z"
