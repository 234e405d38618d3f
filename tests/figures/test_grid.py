"""Figures with two sliders: each pair of values has its frame, its words and its place."""

import json
import re
from html import unescape

import pytest
from figure_examples import classed, data_of, grid, head, svg_of

from coursekit.figures import slide_grid


def test_frames_are_the_pairs_those_with_the_same_first_value_together():
    figure = grid()
    assert len(classed(svg_of(figure), "dp-layer")) == 6
    data = data_of(figure)
    assert data["heads"][:4] == [f"slope, height = {v}" for v in ("1, 0", "1, 3", "1, 5", "2, 0")]
    assert data["rows"][-1] == ["1 and 0", "1 and 3", "1 and 5", "2 and 0", "2 and 3", "2 and 5"]
    packed = re.search(r'data-grid="(.*?)"', figure.body)[1]
    assert json.loads(unescape(packed)) == {
        "names": ["slope", "height"],
        "values": [["1", "2"], ["0", "3", "5"]],
    }


def test_the_order_of_the_frames_does_not_matter():
    frames = {(a, b): {"line": [[0, b], [1, a + b]]} for a in (1, 2) for b in (0, 3)}
    names = ("a", "b")
    swapped = {pair: frames[pair] for pair in [(1, 0), (2, 0), (1, 3), (2, 3)]}
    assert slide_grid(frames, names=names).body == slide_grid(swapped, names=names).body


def test_each_slider_has_its_name_and_moves_alone(show):
    page = show(grid())
    slope, height = page.get_by_role("slider").all()
    assert [s.get_attribute("aria-label") for s in (slope, height)] == ["slope", "height"]
    assert page.locator(".dp-controls").inner_text().split() == ["slope", "height"]
    height.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert head(page) == "slope, height = 1, 5"
    slope.focus()
    page.keyboard.press("ArrowRight")
    assert head(page) == "slope, height = 2, 5"
    assert [s.get_attribute("aria-valuetext") for s in (slope, height)] == ["2", "5"]
    height.focus()
    page.keyboard.press("Home")
    assert head(page) == "slope, height = 2, 0"
    assert page.locator(".dp-layer:visible").count() == 1
    assert page.locator(".dp-value").last.inner_text() == "2 and 0"


LINE = {"line": [[0, 1], [1, 2]]}


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames is empty: pass at least one pair of values"),
        ({(1, 1): LINE, (2, 2): LINE}, {}, r"every pair of values; \(1, 2\) is missing"),
        ({(1, 1): LINE}, {"notes": {(1, 2): ""}}, r"notes must have the values of frames, got"),
        ({(1, 1): {"line": [1, 2]}}, {}, r"'line' at '1, 1' has shape \(2,\)"),
    ],
)
def test_bad_pairs_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_grid(frames, names=("a", "b"), **options)
