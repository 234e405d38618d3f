"""The dial of directions: what map, polar plot and readout say is what the gradient says."""

import re

import numpy as np
import pytest
from figure_examples import classed, data_of, dial, svg_of

from coursekit.figures import slide_directions
from coursekit.objectives import Objective, bowl, canyon, hill_and_well, parabola

MINUS = "\N{MINUS SIGN}"


def numbers(path):
    """Return the vertices of a path: its start, then relative steps, summed up."""
    pairs = re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", path.get("d"))
    return np.cumsum(np.array(pairs, float), axis=0)


def read(words):
    return np.array([float(w) for w in re.findall(r"-?\d+(?:\.\d+)?", words.replace(MINUS, "-"))])


def test_the_readout_has_direction_slope_and_rise_of_each_frame():
    data = data_of(dial())
    g, x = np.array([2.0, -1.0]), np.array([1.6, -1.4])
    assert len(data["heads"]) == 36
    for k, head in enumerate(data["heads"]):
        degrees = read(head)[0]
        angle = np.radians(degrees)
        u = np.array([np.cos(angle), np.sin(angle)])
        direction, gradient, uphill, downhill, rise = (row[k] for row in data["rows"])
        assert degrees == 10 * k
        np.testing.assert_allclose(read(direction), u, atol=5.1e-4)
        np.testing.assert_allclose(read(gradient), g)
        assert bool(uphill) != bool(downhill)
        assert read(uphill or downhill)[0] == pytest.approx(u @ g, abs=5.1e-4)
        assert (u @ g > 0) == bool(uphill)
        expected = (canyon(x + 0.1 * u) - canyon(x)) / 0.1
        assert read(rise)[0] == pytest.approx(expected, abs=5.1e-4)


def test_each_value_has_its_place_in_the_legend():
    figure = dial()
    assert figure.body.count('class="dp-value') == len(data_of(figure)["rows"])


def test_the_projection_stands_at_a_right_angle_on_the_direction():
    for layer in classed(svg_of(dial()), "dp-layer"):
        (right_angle,) = classed(layer, "dp-axes")
        corner = numbers(right_angle)
        if len(corner) == 3:  # not where u is along g or across it
            legs = np.diff(corner, axis=0)
            assert abs(legs[0] @ legs[1]) < 0.15 * np.abs(legs).max()


def test_the_mark_of_each_slope_lies_on_its_circle():
    """In units of the picture both circles go through the middle, where they touch."""
    svg = svg_of(dial())
    fixed = [e for e in svg.iter() if e.get("class") in ("dp-path dp-c3", "dp-path dp-c4")][:2]
    centres, radii = [], []
    for circle in fixed:
        points = numbers(circle)
        centres.append((points.min(axis=0) + points.max(axis=0)) / 2)
        radii.append(np.ptp(points, axis=0).max() / 2)
    assert radii[0] == pytest.approx(radii[1], abs=0.2)
    np.testing.assert_allclose(np.mean(centres, axis=0), [86, 86], atol=0.2)
    for layer in classed(svg, "dp-layer"):
        (mark,) = classed(layer, "dp-ball")
        place = np.array(re.findall(r"-?[\d.]+", mark.get("d"))[:2], float)
        kind = int(mark.get("class")[-1]) - 3
        assert np.hypot(*(place - centres[kind])) == pytest.approx(radii[kind], abs=0.3)


def test_units_are_equally_long_on_both_axes_of_the_map():
    """So the arrow of a unit vector has the same length in every direction."""
    for figure in (dial(), slide_directions(bowl, (1, 1), window=((-2, 2), (0, 1)))):
        tips = [
            numbers(arrow)[-1] - numbers(arrow)[0]
            for layer in classed(svg_of(figure), "dp-layer")
            for arrow in classed(layer, "dp-path")[:1]
        ]
        lengths = np.hypot(*np.transpose(tips))
        np.testing.assert_allclose(lengths, lengths[0], atol=0.15)


def test_alt_text_names_the_extremes_and_the_level_directions():
    alt = slide_directions(hill_and_well, (-1, 1)).alt
    g = hill_and_well.grad((-1, 1))
    length, angle = np.hypot(*g), np.degrees(np.arctan2(g[1], g[0])) % 360
    found = read(alt.split("directions:")[1])
    expected = [length, angle, -length, (angle + 180) % 360, 0]
    np.testing.assert_allclose(found[:5], expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        found[5:], sorted([(angle + 90) % 360, (angle + 270) % 360]), rtol=1e-3
    )
    assert slide_directions(bowl, (1, 1), alt="As I said.").alt == "As I said."


@pytest.mark.parametrize(
    ("f", "x", "options", "message"),
    [
        (parabola(), (1,), {}, "f has 1 variables; directions in the plane need a function of 2"),
        (bowl, (1, 2, 3), {}, r"x must be one point of shape \(2,\), got shape \(3,\)"),
        (bowl, (1, 2), {"step": 0}, "step must be positive, got 0"),
        (bowl, (1, 2), {"window": ((0, 0), (0, 1))}, r"window must be .* with lo < hi"),
        (bowl, (0, 0), {}, r"f.grad\(x\) is \[0. 0.\] at \[0. 0.\]: there is no steepest"),
        (
            Objective(lambda x: x[..., 0], lambda x: np.full_like(x, np.nan)),
            (0, 0),
            {},
            r"f.grad\(x\) is \[nan nan\]",
        ),
    ],
)
def test_bad_arguments_are_refused_with_the_reason(f, x, options, message):
    with pytest.raises(ValueError, match=message):
        slide_directions(f, x, **options)


def test_the_keyboard_turns_the_dial(show):
    page = show(dial())
    page.get_by_role("slider").focus()
    for _ in range(15):
        page.keyboard.press("ArrowRight")
    assert page.locator(".dp-head").inner_text() == "direction = 150 degrees"
    assert page.locator(".dp-layer:visible").count() == 1
    assert f"{MINUS}2.232" in page.locator(".dp-readout").inner_text()
