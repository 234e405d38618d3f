"""Figures with a slider: bars, curves and images."""

import base64
import io
import re

import numpy as np
import pytest
from figure_examples import circles, classed, data_of, heights, pictures, svg_of
from PIL import Image

from coursekit.figures import slide_bars, slide_curves, slide_images


def test_bars_are_as_high_as_their_values():
    svg = svg_of(heights())
    frame, _ = classed(svg, "dp-layer")
    sizes = np.array([float(bar.get("height")) for bar in classed(frame, "dp-bar")])
    np.testing.assert_allclose(sizes / sizes[1], [1 / 3, 1, 1 / 3, 1], atol=0.002)
    assert [t.text for t in classed(frame, "dp-height")] == ["0.25", "0.75", "0.25", "0.75"]


def test_bars_that_are_not_finite_are_written_out():
    figure = heights()
    _, frame = classed(svg_of(figure), "dp-layer")
    assert [t.text for t in classed(frame, "dp-lost")] == ["nan", "inf"]
    assert len(classed(frame, "dp-bar")) == 2
    assert data_of(figure)["rows"][0] == ["cat 0.25, dog 0.75", "cat nan, dog inf"]
    assert figure.alt.endswith("not finite for shift = 800.")


def test_bars_without_any_finite_height_can_be_drawn():
    figure = slide_bars({"a": {"s": [np.nan]}}, categories=["x"], name="case")
    assert data_of(figure)["heads"] == ["case = a"]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({}, "frames is empty"),
        ({1: {"a": [1, 2]}, 2: {"b": [1, 2]}}, r"frames: 2 has the series \['b'\], but .* \['a'\]"),
        ({1: {label: [1, 2] for label in "abcde"}}, "frames: series: at most 4 .* got 5"),
        ({1: {"a": [1, 2, 3]}}, r"frames: 'a' at 1 has shape \(3,\), but there are 2 categories"),
    ],
)
def test_bad_bars_are_refused_with_the_reason(frames, message):
    with pytest.raises(ValueError, match=message):
        slide_bars(frames, categories=["x", "y"], name="k")


def test_points_are_marks_lines_are_lines_and_what_stays_is_stored_once():
    figure = circles(equal=True)
    svg = svg_of(figure)
    layers = classed(svg, "dp-layer")
    assert [len(classed(layer, "dp-path")) for layer in layers] == [1, 1, 1]
    assert [len(classed(layer, "dp-ball")) for layer in layers] == [1, 1, 1]
    assert len(classed(svg, "dp-path")) == 3 + 1  # the axis belongs to no layer
    data = data_of(figure)
    assert data["rows"] == [[""] * 3, [""] * 3, ["(-1, 0)", "(0, 0)", "(1, 0)"],
                            ["at -1", "at 0", "at 1"]]  # fmt: skip
    assert figure.body.count('class="dp-value') == len(data["rows"])
    assert figure.alt == (
        "circle, axis, centre, for 3 values of c from -1 to 1; at -1 at first, at 1 at last."
    )


def test_the_window_and_the_names_of_the_axes_are_those_given():
    svg = svg_of(circles(window=((-4, 4), (-2, 2)), axes=("p", "q")))
    texts = [e.text for e in svg.iter() if e.tag.endswith("text")]
    assert {"p", "q", "\N{MINUS SIGN}4"} <= set(texts)


def test_points_that_stand_alone_are_marks_in_picture_and_legend():
    alone = np.insert(np.array([[0, 1], [1, 0], [2, 2.0]]), [1, 2], np.nan, axis=0)
    figure = slide_curves({1: {"data": alone}}, name="k")
    (mark,) = classed(svg_of(figure), "dp-ball")
    assert mark.get("d").count("M") == 3
    assert "dp-path" not in figure.body


def test_areas_are_shaded_and_arrows_have_heads_that_point_along_them():
    corner = np.array([[0, 0], [4, 0], [0, 4.0]])
    names = "abcd"
    frames = {
        k: {"set": corner, **{name: np.array([[0, 0], [k, 0.0]]) for name in names}} for k in (1, 2)
    }
    figure = slide_curves(
        frames, name="k", window=((0, 4), (0, 4)), areas=["set"], arrows=["a", "b"]
    )
    svg = svg_of(figure)
    assert len(classed(svg, "dp-area")) == 1  # the same in both frames, and no fifth colour
    for k, layer in enumerate(classed(svg, "dp-layer"), start=1):
        assert [tip.get("class")[-1] for tip in classed(layer, "dp-tip")] == ["1", "2"]
        start, up, down = np.cumsum(vertices(classed(layer, "dp-tip")[0].get("d")), axis=0)
        units = (np.array([[k, 0]]) / 4 * [1, -1] + [0, 1]) * svg_window(svg)
        np.testing.assert_allclose(start, units[0], atol=0.06)
        assert up[0] == down[0] < start[0]
        assert up[1] + down[1] == pytest.approx(2 * start[1], abs=0.2)
    still = slide_curves({1: {"a": np.zeros((2, 2))}}, name="k", arrows=["a"])
    assert classed(svg_of(still), "dp-tip") == []


def vertices(d):
    """Return the numbers of a path as pairs: the start, and the steps."""
    return np.array(re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", d), float)


def svg_window(svg):
    inner = next(e for e in svg.iter() if e.tag.endswith("svg") and e.get("overflow"))
    return float(inner.get("width")), float(inner.get("height"))


POINT = np.array([[0.0, 1.0]])


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames is empty"),
        ({1: {}}, {}, "frames: the first frame is empty"),
        ({1: {"a": POINT}, 2: {"b": POINT}}, {}, r"frames: 2 has the labels \['b'\], but .*'a'"),
        ({1: {"a": [1, 2]}}, {}, r"frames: 'a' at 1 has shape \(2,\), but points .* \(k, 2\)"),
        ({1: dict.fromkeys("abcde", POINT)}, {}, "frames: labels: at most 4 .* got 5"),
        ({1: {"a": POINT * np.nan}}, {}, "frames: no finite point in any frame; pass window="),
        ({1: {"a": POINT}}, {"areas": ["b"]}, r"areas must be labels of the frames, got \['b'\]"),
        ({1: {"a": POINT}}, {"arrows": "b"}, r"arrows must be labels of the frames, got \['b'\]"),
        ({1: {"a": POINT}}, {"notes": {2: ""}}, r"notes must have the values of frames, got \[2\]"),
        ({1: {"a": POINT}}, {"window": ((1, 0), (0, 1))}, "window must be .* with lo < hi, got"),
    ],
)
def test_bad_curves_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_curves(frames, name="k", **options)


def images_of(figure):
    """Return the SVG elements of all images of a figure, and their decoded pixels."""
    elements = [e for e in svg_of(figure).iter() if e.tag.endswith("image")]
    content = [base64.b64decode(e.get("href").partition(",")[2]) for e in elements]
    return elements, [np.asarray(Image.open(io.BytesIO(c))) for c in content]


def test_images_show_their_pixels_on_the_scale_of_their_title():
    figure = pictures()
    images, pixels = images_of(figure)
    assert len(images) == 6
    for e in images:
        assert float(e.get("width")) / float(e.get("height")) == pytest.approx(1.5, rel=1e-3)
    np.testing.assert_array_equal(pixels[2], 255 * np.eye(4, 6, 1))  # second frame, "line"
    assert [int(p[0, 0]) for p in pixels[1::2]] == [0, 128, 255]
    assert "line: black is 0, white is 1" in figure.body
    assert "grey: black is 0, white is 2" in figure.body
    assert figure.alt == "line, grey, for 3 values of shift from 0 to 2."


def test_ink_is_black_and_signs_have_their_colours():
    frames = {1: {"ink": [[0, 1]], "slope": [[-0.5, 0, 2]]}}
    figure = slide_images(frames, name="k", colours={"ink": "gray_r", "slope": "RdBu_r"})
    _, (ink, slope) = images_of(figure)
    assert ink.tolist() == [[255, 0]]
    (red, _, blue), middle, (most_red, _, little_blue) = slope[0].astype(int)
    assert red < blue
    assert most_red > little_blue
    assert min(middle) > 240
    assert "ink: black is 1, white is 0" in figure.body
    assert "slope: blue is \N{MINUS SIGN}2, white is 0, red is 2" in figure.body


def test_what_is_no_number_is_left_out_and_infinities_end_the_scale():
    image = [[np.nan, 0, 1, np.inf, -np.inf]]
    for colour, bands in (("gray", 2), ("RdBu_r", 4)):
        figure = slide_images({1: {"a": image}}, name="k", colours={"a": colour})
        (pixels,) = images_of(figure)[1]
        assert pixels.shape[2] == bands
        assert pixels[0, :, -1].tolist() == [0, 255, 255, 255, 255]
        assert pixels[0, 3].tolist() == pixels[0, 2].tolist()


def test_an_image_that_stays_is_stored_once():
    figure = slide_images(
        {k: {"same": np.eye(2), "new": np.eye(2, k=k)} for k in range(2)}, name="k"
    )
    assert len(images_of(figure)[0]) == 3


def test_a_window_is_drawn_around_its_pixels():
    frames = {k: {"image": np.eye(4, 8), "result": np.eye(2, 8, k)} for k in range(2)}
    windows = {0: {"image": (1, 2, 2, 3)}, 1: {"image": (0, 0, 4, 8), "result": (1, 5, 1, 1)}}
    svg = svg_of(slide_images(frames, name="k", windows=windows))
    first, second = classed(svg, "dp-layer")
    (box,), boxes = classed(first, "dp-window"), classed(second, "dp-window")
    image = next(e for e in svg.iter() if e.tag.endswith("image"))
    pixel = float(image.get("width")) / 8
    at = [float(box.get(key)) for key in ("y", "x", "height", "width")]
    np.testing.assert_allclose(at, np.multiply([1, 2, 2, 3], pixel), atol=0.1)
    assert len(boxes) == 2
    assert float(boxes[1].get("x")) > 200 + 4 * pixel  # in the second image


def test_images_play_if_asked_to(show):
    page = show(slide_images({k: {"a": np.eye(3, k=k)} for k in range(3)}, name="k", play=True))
    page.get_by_role("button", name="step forward").click()
    assert page.locator(".dp-head").inner_text() == "k = 1"
    page.get_by_role("button", name="play").click()
    page.clock.run_for(5000)
    assert page.locator(".dp-head").inner_text() == "k = 2"


IMAGE = {1: {"a": np.eye(2)}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colours": {"b": "gray"}}, r"colours: 'b' is none of the titles \['a'\]"),
        ({"colours": {"a": "jet"}}, "colours: 'a' must have 'gray', .* got 'jet'"),
        ({"windows": {2: {}}}, r"windows must have the values of frames, got \[2\]"),
        ({"windows": {1: {"b": (0, 0, 1, 1)}}}, r"windows: 1 has \['b'\], but the titles are"),
    ],
)
def test_bad_colours_and_windows_are_refused_with_the_reason(options, message):
    with pytest.raises(ValueError, match=message):
        slide_images(IMAGE, name="k", **options)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({1: {"a": [1, 2]}}, r"frames: 'a' at 1 has shape \(2,\); an image has shape \(h, w\)"),
        ({1: {"a": [[1]]}, 2: {"a": [[1, 2]]}}, r"frames: 'a' at 2 has shape \(1, 2\)"),
        ({1: {"a": [[np.nan]]}}, "frames: 'a' has no finite value in any frame"),
    ],
)
def test_bad_images_are_refused_with_the_reason(frames, message):
    with pytest.raises(ValueError, match=message):
        slide_images(frames, name="k")


def test_the_readout_follows_the_slider(show):
    page = show(circles())
    page.get_by_role("slider").press("End")
    assert page.locator(".dp-value").all_inner_texts() == ["", "", "(1, 0)", "at 1"]
    assert page.locator(".dp-layer:visible").count() == 1
