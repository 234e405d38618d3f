"""The figure of a computation: words at nodes and on edges, and arrows in both directions."""

import re

import numpy as np
import pytest
from figure_examples import classed, computation, data_of, head, svg_of

from coursekit.figures import slide_graph

PLACES = {"s": (0, 0), "t": (1, 1)}
EDGES = [("s", "t")]


def moves(path):
    return np.array([m.split() for m in re.findall(r"M([\d. ]+)", path.get("d"))], float)


def test_edges_and_nodes_are_drawn_once():
    svg = svg_of(computation())
    (edges,), (tips,), (nodes,) = (classed(svg, f"dp-{n}") for n in ("edge", "edge-tip", "node"))
    assert [len(moves(e)) for e in (edges, tips, nodes)] == [3, 3, 3]
    centres = moves(nodes) + np.array([13, 0])
    np.testing.assert_allclose(centres, [[40, 176], [200, 18], [360, 176]], atol=0.06)


def test_each_frame_has_its_words_at_their_places():
    layers = classed(svg_of(computation()), "dp-layer")
    said = [{e.text: (e.get("x"), e.get("y")) for e in classed(layer, "dp-said")}
            for layer in layers]  # fmt: skip
    assert said[0] == {"3": ("40", "204"), "6": ("120", "101.5")}
    assert said[1]["7"] == ("40", "220")  # under the 3
    assert list(said[1]) == ["3", "7", "9", "1", "6"]


def test_an_arrow_may_run_against_its_edge():
    forward, back = classed(svg_of(computation()), "dp-layer")
    (thick,), (against,) = classed(forward, "dp-path"), classed(back, "dp-path")
    assert len(moves(thick)) == 2
    start = moves(against)[0]
    assert np.hypot(*(start - [360, 176])) == pytest.approx(13, abs=0.1)  # leaves F
    assert data_of(computation())["rows"] == [["values", "adjoints"]]
    assert computation().alt == (
        "3 nodes and 3 edges, for 2 values of sweep from forward to back; values at first, "
        "adjoints at last."
    )


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames is empty"),
        ({1: ({}, [])}, {"edges": [("s", "a")]}, r"places: no place for the nodes \['a'\]"),
        ({1: ({"a": "1"}, [])}, {}, "1 has words at 'a', no node and no edge"),
        ({1: ({("t", "s"): "1"}, [])}, {}, "no node and no edge"),
        ({1: ({}, [("s", "s")])}, {}, "1 has an arrow from 's' to 's', no edge"),
        ({1: ({}, [])}, {"places": {"s": (0, 0), "t": (1, 0)}}, "differ in both x and y"),
        ({1: ({}, [])}, {"notes": {2: ""}}, "notes must have the values of frames"),
    ],
)
def test_bad_graphs_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_graph(frames, **{"edges": EDGES, "places": PLACES, "name": "k", **options})


def test_it_is_operated_by_keyboard(show):
    page = show(computation())
    assert head(page) == "sweep = forward"
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert head(page) == "sweep = back"
    assert "7" in page.locator(".dp-layer:visible .dp-said").all_text_contents()
