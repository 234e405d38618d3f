"""Figures of a run: images above, curves with the place on them below."""

import re

import numpy as np
import pytest
from figure_examples import classed, data_of, svg_of

from coursekit.figures import slide_history

FRAMES = {k: {"truth": np.eye(4), "found": np.eye(4, k=k)} for k in range(3)}
CURVES = {"error": [[0, 4.0], [1, 1], [2, 2]], "residual": [[0, 3.0], [1, 2], [2, 1]]}


def test_images_and_marks_belong_to_their_frames_and_curves_to_all():
    svg = svg_of(slide_history(FRAMES, CURVES, name="sweeps"))
    layers = classed(svg, "dp-layer")
    assert len(layers) == 3  # one a frame: the script counts them
    assert [len(layer.findall(".//{*}image")) for layer in layers] == [1, 1, 1]
    assert [len(classed(layer, "dp-ball")) for layer in layers] == [2, 2, 2]
    assert [len(classed(layer, "dp-path")) for layer in layers] == [0, 0, 0]
    assert len(svg.findall(".//{*}image")) == 3 + 1  # the truth is stored once


def test_the_mark_is_on_its_curve():
    svg = svg_of(slide_history(FRAMES, CURVES, name="sweeps"))
    error = classed(svg, "dp-path")[0].get("d")
    x, y, dx, dy = map(float, re.findall(r"-?[\d.]+", error)[:4])
    mark = classed(classed(svg, "dp-layer")[1], "dp-ball")[0].get("d")
    at = [float(n) for n in re.findall(r"-?[\d.]+", mark)[:2]]
    np.testing.assert_allclose(at, [x + dx, y + dy], atol=0.11)


def test_the_readout_has_the_heights_and_the_notes():
    notes = {0: "start", 1: "best", 2: "too late"}
    figure = slide_history(FRAMES, CURVES, name="sweeps", notes=notes)
    data = data_of(figure)
    assert data["heads"] == ["sweeps = 0", "sweeps = 1", "sweeps = 2"]
    assert data["rows"] == [["4", "1", "2"], ["3", "2", "1"], [*notes.values()]]
    assert figure.alt == (
        "truth, found and error, residual, for 3 values of sweeps from 0 to 2; start at first, "
        "too late at last."
    )


def test_points_that_are_not_finite_are_left_out():
    curves = {"error": [[-np.inf, 4.0], [0, 1], [1, 2]]}
    svg = svg_of(slide_history(FRAMES, curves, name="sweeps"))
    assert [len(classed(layer, "dp-ball")) for layer in classed(svg, "dp-layer")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("frames", "curves", "message"),
    [
        ({}, CURVES, "frames is empty"),
        (FRAMES, {}, "curves is empty"),
        (FRAMES, {"e": [[0, 1]]}, r"curves: 'e' has shape \(1, 2\), but .* has shape \(3, 2\)"),
        (FRAMES, {"e": np.full((3, 2), np.nan)}, "curves: no point is finite"),
        (FRAMES, {c: CURVES["error"] for c in "abcde"}, "curves: at most 4 .* got 5"),
    ],
)
def test_what_can_not_be_drawn_is_refused_with_the_reason(frames, curves, message):
    with pytest.raises(ValueError, match=message):
        slide_history(frames, curves, name="k")


def test_the_slider_moves_image_and_mark(show):
    page = show(slide_history(FRAMES, CURVES, name="sweeps"))
    page.get_by_role("slider").press("ArrowRight")
    shown = page.evaluate(
        """() => [...document.querySelectorAll(".dp-layer")]
            .filter(layer => layer.style.display !== "none")
            .map(layer => [layer.querySelectorAll("image").length,
                           layer.querySelectorAll(".dp-ball").length])"""
    )
    assert shown == [[1, 2]]
