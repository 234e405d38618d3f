"""The figure of a network: arrows, words, a path and a set of nodes."""

import re

import numpy as np
import pytest
from figure_examples import classed, data_of, head, network, svg_of

from coursekit.figures import slide_network

PLACES = {"s": (0, 0), "t": (1, 1)}
EDGE = {("s", "t"): "1"}


def moves(path):
    return np.array([m.split() for m in re.findall(r"M([\d. ]+)", path.get("d"))], float)


def test_edges_and_nodes_are_drawn_once_and_end_at_the_circles():
    svg = svg_of(network())
    (edges,), (tips,) = classed(svg, "dp-edge"), classed(svg, "dp-edge-tip")
    (nodes,) = (e for e in classed(svg, "dp-node"))
    assert [len(moves(e)) for e in (edges, tips, nodes)] == [3, 3, 3]
    centres = moves(nodes) + np.array([13, 0])
    np.testing.assert_allclose(centres[0], [18, 212], atol=0.06)  # s, below on the left
    np.testing.assert_allclose(centres[1], [200, 18], atol=0.06)
    starts = moves(edges)
    np.testing.assert_allclose(np.hypot(*(starts[0] - centres[0])), 13, atol=0.1)
    np.testing.assert_allclose(np.hypot(*(moves(tips)[0] - centres[1])), 13, atol=0.1)


def test_each_frame_has_its_words_path_and_side():
    layers = classed(svg_of(network()), "dp-layer")
    said = [[e.text for e in classed(layer, "dp-said")] for layer in layers]
    assert said == [["0", "0", "0"], ["1/2", "1/3", "0/1"], ["1/2", "1/3", "0/1"]]
    thick = [[len(moves(e)) for e in classed(layer, "dp-path")] for layer in layers]
    inside = [[len(moves(e)) for e in classed(layer, "dp-node-in")] for layer in layers]
    assert (thick, inside) == ([[], [2], []], [[], [], [2]])


def test_the_readout_explains_path_and_side_and_has_the_notes():
    figure = network()
    assert data_of(figure)["rows"][-1] == ["nothing", "one path", "a cut"]
    assert data_of(figure)["heads"] == ["step = 0", "step = 1", "step = end"]
    assert data_of(figure)["play"]
    assert "side of the source" in figure.body
    assert figure.body.count('class="dp-value') == len(data_of(figure)["rows"])
    assert figure.alt == "3 nodes and 3 edges, for 3 values of step from 0 to end; nothing at " + (
        "first, a cut at last."
    )


def test_without_path_and_side_the_legend_is_empty():
    figure = slide_network({1: (EDGE, (), ())}, places=PLACES, name="k")
    assert "side of the source" not in figure.body
    assert data_of(figure)["rows"] == []


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames is empty"),
        (
            {1: (EDGE, (), ()), 2: ({("t", "s"): "1"}, (), ())},
            {},
            "frames: 2 has other edges than the first frame",
        ),
        ({1: (EDGE, ["s", "a"], ())}, {}, r"places: no place for the nodes \['a'\]"),
        ({1: (EDGE, (), ())}, {"places": {"s": (0, 0), "t": (1, 0)}}, "differ in both x and y"),
        ({1: (EDGE, (), ())}, {"notes": {2: ""}}, r"notes must have the values of frames"),
    ],
)
def test_bad_networks_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_network(frames, **{"places": PLACES, "name": "k", **options})


def test_it_is_operated_by_keyboard(show):
    page = show(network())
    assert head(page) == "step = 0"
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert head(page) == "step = 1"
    assert page.locator(".dp-layer:visible .dp-said").all_text_contents() == ["1/2", "1/3", "0/1"]
    page.get_by_role("button", name="step forward").click()
    assert page.locator(".dp-value").last.inner_text() == "a cut"
