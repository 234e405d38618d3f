"""Figures of numbers in a machine: places on a line, and digits in boxes."""

import re

import numpy as np
import pytest
from figure_examples import classed, data_of, digits, head, places, svg_of

from coursekit.figures import slide_digits, slide_number_line
from coursekit.figures.svg import INNER


def across(path):
    """Return where the strokes of a path stand, in shares of the line."""
    return np.array(re.findall(r"M([\d.]+) ", path.get("d")), float) / INNER


def test_strokes_stand_where_the_numbers_are():
    svg = svg_of(places())
    coarse, fine = classed(svg, "dp-layer")
    (few,), (many,) = classed(coarse, "dp-stroke"), classed(fine, "dp-stroke")
    np.testing.assert_allclose(across(few), np.arange(0, 2.1, 0.5) / 2, atol=2e-4)
    np.testing.assert_allclose(across(many), np.arange(0, 2.1, 0.25) / 2, atol=2e-4)
    highs, stem = (e for e in classed(svg, "dp-stroke") if e not in (few, many))
    np.testing.assert_allclose(across(highs), [0, 0.25, 0.5, 0.75], atol=2e-4)
    np.testing.assert_allclose(across(stem), [0.65], atol=2e-4)
    heights = [float(re.search(r"v(\d+)", e.get("d"))[1]) for e in (highs, few)]
    assert heights[0] > heights[1]


def test_the_readout_of_a_line_has_marks_and_notes():
    figure = places()
    assert data_of(figure)["rows"] == [["", ""], ["", ""], ["1.3", "1.3"], ["coarse", "fine"]]
    assert figure.body.count('class="dp-value') == 4
    assert figure.alt == "halves, parts, x, for 2 values of k from 2 to 4; coarse at first, " + (
        "fine at last."
    )


def test_numbers_outside_of_the_window_are_left_out():
    figure = slide_number_line({1: {"x": [5.0], "y": [0.5, 7.0]}}, name="k", window=(0, 1))
    assert classed(svg_of(figure), "dp-ball") == []
    (strokes,) = classed(svg_of(figure), "dp-stroke")
    assert strokes.get("d").count("M") == 1
    assert data_of(figure)["rows"][0] == ["5"]


def test_each_digit_stands_in_its_box():
    svg = svg_of(digits())
    assert {k: len(classed(svg, f"dp-box{k}")) for k in (1, 2, 3)} == {1: 1, 2: 1, 3: 2}
    layers = classed(svg, "dp-layer")
    assert len(layers) == 8
    for n, layer in enumerate(layers):
        lines = [e for e in layer.iter() if e.tag.endswith("text")]
        assert "".join(e.text for e in lines) == f"0{n:03b}{n:018b}"
        for e in lines:
            middles = np.array(e.get("x").split(), float)
            assert len(middles) == len(e.text) <= 16
            np.testing.assert_allclose(middles, 23 * (np.arange(len(middles)) + 0.5))
    assert data_of(digits())["rows"][0][5] == "it is 5"


TWO = {"a": [1.0, 2.0]}


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames is empty"),
        ({1: TWO}, {"window": (1, 1)}, r"window must be \(lo, hi\) with lo < hi, got \(1, 1\)"),
        ({1: {"a": np.eye(2)}}, {}, r"frames: 'a' at 1 has shape \(2, 2\); places on a line"),
        ({1: {key: [1, 2] for key in "abcd"}}, {}, "at most 3 labels of strokes .* got 4 and 4"),
        ({1: {key: [1] for key in "abcde"}}, {}, "and 4 in all can be told apart, got 0 and 5"),
        ({1: TWO}, {"notes": {2: ""}}, r"notes must have the values of frames, got \[2\]"),
    ],
)
def test_bad_lines_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_number_line(frames, **{"name": "k", "window": (0, 1), **options})


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({}, "frames is empty"),
        ({1: {"a": ("1 1", "")}, 2: {"b": ("1 1", "")}}, r"frames: 2 has the labels \['b'\]"),
        (
            {1: {"a": ("1 01", "")}, 2: {"a": ("10 1", "")}},
            r"parts of 'a' at 2 have the lengths \[2, 1\], in the first frame \[1, 2\]",
        ),
        ({1: {"a": ("1 0 1 0", "")}}, "frames: 'a' has 4 parts; at most 3 are told"),
    ],
)
def test_bad_digits_are_refused_with_the_reason(frames, message):
    with pytest.raises(ValueError, match=message):
        slide_digits(frames, name="k")


def test_both_are_operated_by_keyboard(show):
    page = show(places(), digits())
    for nth, heads in ((0, ["k = 2", "k = 4"]), (1, ["n = 0", "n = 1"])):
        assert head(page, nth) == heads[0]
        page.get_by_role("slider").nth(nth).focus()
        page.keyboard.press("ArrowRight")
        assert head(page, nth) == heads[1]
    figure = page.locator("descent-player").nth(1)
    assert figure.locator(".dp-layer:visible text").all_text_contents() == [
        "0001000000000000",
        "000001",
    ]
    assert figure.locator(".dp-value").first.inner_text() == "it is 1"
