"""What the SVG of a figure draws."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from figure_examples import circles, classed, svg_of

from coursekit.figures import animate_descent, slide_bars, slide_curves
from coursekit.figures.svg import INNER, Plot, apart
from coursekit.objectives import bowl, hill_and_well, parabola


def test_far_points_keep_their_direction():
    plot = Plot(((-1, 1), (-1, 1)), INNER)
    near, far = plot.units(np.array([[0.3, 0.4], [3e200, 4e200]])) - INNER / 2
    np.testing.assert_allclose(far / np.linalg.norm(far), near / np.linalg.norm(near))


def test_the_graph_has_gaps_where_the_function_is_not_finite():
    gap = SimpleNamespace(
        name="gap",
        n=1,
        f=lambda x: np.log(x[..., 0] ** 2 - 1),
        window=((-3, 3),),
        minimizers=np.empty((0, 1)),
    )
    graph = classed(svg_of(animate_descent(gap, [[2.0], [1.5]])), "dp-graph")[0].get("d")
    assert graph.count("M") == 2
    gap.f = lambda x: np.full(x.shape[:-1], np.nan)
    with pytest.raises(ValueError, match="objective: f is finite nowhere in its window"):
        animate_descent(gap, [[2.0]])


def test_contours_of_both_signs_are_told_apart_by_dashes():
    svg = svg_of(animate_descent(hill_and_well, [[0.5, 0.5]]))
    assert len(classed(svg, "dp-negative")) == 1
    assert len(classed(svg, "dp-contours")) == 2
    assert not classed(svg_of(animate_descent(bowl, [[0.5, 0.5]])), "dp-negative")


def test_points_closer_than_the_gap_are_left_out_but_never_the_ends():
    points = np.array([[0.0, 0], [0.1, 0], [1, 0], [1.5, 0.9], [1.6, 1.1], [1.6, 1.2]])
    assert apart(points, 1).tolist() == [0, 2, 4, 5]


def test_heights_on_narrow_bars_are_written_upright():
    values = {1: {"s": np.linspace(0.001, 0.002, 12)}}
    figure = slide_bars(values, categories=range(12), name="k")
    assert figure.body.count("rotate(-90") == 12


def extent(svg):
    """Width and height of the first circle, as drawn."""
    d = classed(classed(svg, "dp-layer")[0], "dp-path")[0].get("d")
    numbers = np.array(re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", d), float)
    return np.ptp(np.cumsum(numbers, axis=0), axis=0)


@pytest.mark.parametrize("window", [None, ((-4, 4), (-1, 1)), ((-2, 2), (-9, 9))])
def test_with_equal_units_a_circle_is_round(window):
    width, height = extent(svg_of(circles(equal=True, window=window)))
    assert width == pytest.approx(height, rel=0.02)


def test_a_background_is_drawn_beneath_the_curves():
    contours = svg_of(circles(background=bowl))
    assert classed(contours, "dp-contours")
    wide = svg_of(circles(background=bowl, window=((-5, 5), (-2, 2))))
    assert classed(wide, "dp-contours")[0].get("d") != classed(contours, "dp-contours")[0].get("d")
    assert classed(svg_of(circles(background=parabola())), "dp-graph")


def test_nan_interrupts_a_line_and_no_point_draws_nothing():
    line = np.array([[0, 0], [1, 1], [np.nan, np.nan], [2, 0], [3, 1.0]])
    figure = slide_curves({1: {"a": line}, 2: {"a": np.empty((0, 2))}}, name="k")
    first, second = classed(svg_of(figure), "dp-layer")
    assert first[0].get("d").count("M") == 2
    assert len(second) == 0
