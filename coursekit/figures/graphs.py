"""An operable figure of a computation: what stands in its nodes and on its edges, step by step.

Like those of :mod:`coursekit.figures.sliders`, it is one SVG that is complete without its script.
"""

from coursekit.figures import svg as draw
from coursekit.figures.interactive import figure
from coursekit.figures.networks import RADIUS, _arrow, _circle, _stretched
from coursekit.figures.sliders import _alt_text, _data

__all__ = ["slide_graph"]

BELOW = 18  # from a node's circle to the next line of its words
MARGIN = 40  # left and right, for half of these words


def slide_graph(frames, *, edges, places, name, notes=None, height=230, alt=None):
    """Draw a graph with words at its nodes and on its edges, and thick arrows, for a value.

    Parameters
    ----------
    frames : dict of value to (words, arrows)
        ``words`` is a dict from nodes, and from edges (u, v), to what stands there: a string, at a
        node also two of them, one under the other. ``arrows`` is a collection of pairs of nodes
        which thick arrows join: along an edge, or against it.
    edges : sequence of (node, node)
        Thin arrows, the same in all frames.
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
        If there are no frames, a node has no place, words or arrows belong to no edge, all places
        have the same x or y, or the notes belong to other values.

    Examples
    --------
    >>> frames = {1: ({"x": "3"}, []), 2: ({"x": "3", "y": ("9", "1")}, [("x", "y")])}
    >>> slide_graph(frames, edges=[("x", "y")], places={"x": (0, 0), "y": (1, 1)}, name="step")
    2 nodes and 1 edge, for 2 values of step from 1 to 2.
    """
    frames, edges = dict(frames), [tuple(edge) for edge in edges]
    if not frames:
        raise ValueError("frames is empty: pass at least one value")
    if lost := {node for edge in edges for node in edge} - set(places):
        raise ValueError(f"places: no place for the nodes {sorted(lost)}")
    for value, (words, arrows) in frames.items():
        for key in words:
            if key not in places and key not in edges:
                raise ValueError(f"frames: {value!r} has words at {key!r}, no node and no edge")
        for u, v in arrows:
            if (u, v) not in edges and (v, u) not in edges:
                raise ValueError(f"frames: {value!r} has an arrow from {u!r} to {v!r}, no edge")
    where = _stretched(places, height - 2 * BELOW, MARGIN)
    shafts, tips = (
        zip(*(_arrow(where, *edge) for edge in edges), strict=True) if edges else ("", "")
    )
    picture = f'<path class="dp-edge" d="{"".join(shafts)}"/>'
    picture += f'<path class="dp-edge-tip" d="{"".join(tips)}"/>'
    picture += f'<path class="dp-node" d="{"".join(_circle(*p) for p in where.values())}"/>'
    for k, (words, arrows) in enumerate(frames.values()):
        picture += draw.layer(k, _thick(where, arrows) + _said(where, words))
    picture += "".join(
        draw.text(x, y + 5, draw.escape(str(node))) for node, (x, y) in where.items()
    )
    what = f"{len(where)} nodes and {len(edges)} edge{'s' * (len(edges) != 1)}"
    alt = alt or _alt_text(what, frames, name, notes)
    data = _data(frames, name, notes, [], legend := []) | {"play": True}
    drawing = (
        f'<svg class="dp-plot" viewBox="0 0 {draw.WIDTH} {height}" role="img" '
        f'aria-label="{draw.escape(alt)}"><g aria-hidden="true">{picture}</g></svg>'
    )
    return figure(alt, drawing, data, legend)


def _thick(where, arrows):
    drawn = [_arrow(where, u, v) for u, v in arrows]
    if not drawn:
        return ""
    return (
        f'<path class="dp-path dp-c1" d="{"".join(shaft for shaft, _ in drawn)}"/>'
        f'<path class="dp-tip dp-c1" d="{"".join(tip for _, tip in drawn)}"/>'
    )


def _said(where, words):
    """Return the words: on the middle of an edge, and under a node line by line."""
    drawing = ""
    for key, said in words.items():
        lines = [said] if isinstance(said, str) else said
        if key in where:
            x, y = where[key] + [0, RADIUS + BELOW - 3]
        else:
            x, y = (where[key[0]] + where[key[1]]) / 2 + [0, 4.5]
        for k, line in enumerate(lines):
            drawing += draw.text(x, y + k * (BELOW - 2), draw.escape(line), css="dp-said")
    return drawing
