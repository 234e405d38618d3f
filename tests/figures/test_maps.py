"""Maps of kinds: their colours, what they count, and what they refuse."""

import base64
import io
import itertools
import re

import numpy as np
import pytest
from figure_examples import classed, contrast, data_of, svg_of
from PIL import Image

from coursekit.figures import slide_maps

CUT = np.array([[0, 1, 1, -1], [2, 2, 1, -1]])


def maps():
    return slide_maps({1: {"cut": CUT}, 2: {"cut": CUT[::-1]}}, kinds=["a", "b", "c"], name="k")


def images_of(figure):
    found = re.findall(r"base64,([^\"]*)", figure.body)
    return [Image.open(io.BytesIO(base64.b64decode(code))) for code in found]


def colours_of(figure):
    return re.findall(r"fill:(#[0-9a-f]{6})", figure.body)


def rgb(colour):
    return "rgb({}, {}, {})".format(*bytes.fromhex(colour[1:]))


def test_each_kind_has_its_colour_and_none_shows_the_page():
    figure = maps()
    colours = [tuple(bytes.fromhex(c[1:])) for c in colours_of(figure)]
    first, second = (np.array(image.convert("RGBA")) for image in images_of(figure))
    for number, colour in enumerate(colours):
        assert (first[number == CUT] == (*colour, 255)).all()
    assert (first[CUT == -1][:, 3] == 0).all()
    np.testing.assert_array_equal(second, first[::-1])


def test_the_colours_are_told_apart_without_colour():
    kinds = ["a", "b", "c", "d"]
    shades = [rgb(c) for c in colours_of(slide_maps({1: {"a": [[0]]}}, kinds=kinds, name="k"))]
    assert all(contrast(*pair) > 1.9 for pair in itertools.pairwise(shades))


def test_the_readout_counts_each_kind_of_each_map():
    frames = {k: {"left": np.full((2, 5), k), "right": np.eye(2, 5, dtype=int)} for k in (-1, 1)}
    figure = slide_maps(frames, kinds=["off", "on"], name="k", notes={-1: "none", 1: "all"})
    assert data_of(figure)["rows"] == [
        ["left 0 %, right 80 %", "left 0 %, right 80 %"],
        ["left 0 %, right 20 %", "left 100 %, right 20 %"],
        ["none", "all"],
    ]
    assert data_of(figure)["heads"] == ["k = -1", "k = 1"]
    assert len(images_of(figure)) == 3  # the map that stays is stored once
    assert figure.alt == "left, right, for 2 values of k from -1 to 1: off, on."


def test_the_figure_is_light_the_same_each_time_and_whole_without_its_script():
    html = maps().html()
    assert html == maps().html()
    assert len(html) < 15_000
    assert not re.search(r"\bsrc=| id=|\bhref=(?!.data:image/png)|url\(|@import", html)
    svg = svg_of(maps())
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == maps().alt
    shown, hidden = classed(svg, "dp-layer")
    assert (shown.get("style"), hidden.get("style")) == (None, "display:none")


def test_the_slider_moves_by_key(show):
    page = show(maps())
    page.get_by_role("slider").press("ArrowRight")
    assert page.locator(".dp-head").inner_text() == "k = 2"


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "pass at least one map and one kind"),
        ({1: {"a": CUT}}, {"kinds": []}, "pass at least one map and one kind"),
        ({1: {"a": CUT}}, {"kinds": list("abcde")}, "kinds: at most 4 can be told apart"),
        ({1: {"a": CUT}, 2: {"b": CUT}}, {}, r"frames: 2 has the titles \['b'\], but the first"),
        ({1: {"a": [1, 2]}}, {}, r"frames: 'a' at 1 has shape \(2,\); a map has shape \(h, w\)"),
        ({1: {"a": [[1]]}, 2: {"a": [[1, 2]]}}, {}, r"frames: 'a' at 2 has shape \(1, 2\)"),
        ({1: {"a": [[3]]}}, {}, "frames: 'a' at 1 must hold integers from -1 to 2"),
        ({1: {"a": [[0.5]]}}, {}, "must hold integers"),
        (
            {1: {"a": CUT}},
            {"notes": {2: "two"}},
            r"notes must have the values of frames, got \[2\]",
        ),
    ],
)
def test_what_is_wrong_is_said(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_maps(frames, **({"kinds": ["a", "b", "c"], "name": "k"} | options))
