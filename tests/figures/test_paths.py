"""Figures of the paths of an algorithm."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from figure_examples import classed, data_of, descend, on_a_line, step_sizes, svg_of
from hypothesis import given
from hypothesis import strategies as st

from coursekit.figures import animate_descent, slide_paths
from coursekit.figures.paths import _thin
from coursekit.figures.svg import INNER
from coursekit.objectives import bowl, rosenbrock, saddle


def points_of(line):
    return np.array([p.split(",") for p in line.get("points").split()], float)


def test_default_text_alternative_tells_start_steps_and_outcome():
    path = descend(bowl, (1, 0.5), 0.1, 12)
    figure = animate_descent(bowl, path)
    assert figure.alt == f"Descent on bowl: from (1, 0.5), 12 steps, to f = {bowl(path[-1]):.4g}."


def test_many_long_paths_stay_within_the_weight_limit():
    paths = [descend(rosenbrock, (-1.2, y), 0.001, 5000) for y in np.linspace(-0.5, 2.5, 4)]
    assert len(animate_descent(rosenbrock, paths).html().encode()) < 150_000
    steps = {s: descend(rosenbrock, (-1.2, 1), s, 5000) for s in np.linspace(1e-4, 2e-3, 20)}
    assert len(slide_paths(rosenbrock, steps).html().encode()) < 150_000


@given(st.integers(0, 10**6), st.integers(2, 200))
def test_frames_start_at_the_first_and_end_at_the_last_iteration(last, count):
    frames = _thin(last, count)
    assert (frames[0], frames[-1]) == (0, last)
    assert len(frames) == min(last + 1, count)
    assert (np.diff(frames) >= 1).all()


def test_readouts_are_iteration_and_value_with_four_digits():
    path = descend(bowl, (1, 1), 0.08, 300)
    data = data_of(animate_descent(bowl, path, max_frames=40))
    frames = [int(re.fullmatch(r"iteration (\d+) of 300", head)[1]) for head in data["heads"]]
    assert len(frames) == 40
    assert (frames[0], frames[-1]) == (0, 300)
    assert data["rows"] == [[f"f = {v:.4g}" for v in bowl.f(path[frames])]]


def test_line_goes_through_all_points_and_frames_end_on_theirs():
    path = descend(bowl, (1.5, 1), 0.15, 200)
    figure = animate_descent(bowl, path, max_frames=25)
    (trace,) = classed(svg_of(figure), "dp-trace")
    drawn = points_of(trace[0])
    (xlo, xhi), (ylo, yhi) = bowl.window
    height = INNER * (yhi - ylo) / (xhi - xlo)
    expected = (path - [xlo, yhi]) / [xhi - xlo, ylo - yhi] * [INNER, height]
    nearest = np.abs(expected[:, None] - drawn).max(axis=2).min(axis=1)
    assert nearest.max() < 0.56  # half a pixel, and rounding
    frames = [int(head.split()[1]) for head in data_of(figure)["heads"]]
    ends = [int(n) - 1 for n in trace.get("data-n").split()]
    np.testing.assert_allclose(drawn[ends], expected[frames], atol=0.051)
    assert len(classed(trace, "dp-mark")) == 24
    x, y = drawn[-1]
    assert classed(trace, "dp-ball")[0].get("style") == f"transform:translate({x:g}px,{y:g}px)"


def test_shorter_paths_wait_at_their_end():
    long, short = descend(bowl, (1, 1), 0.05, 20), descend(bowl, (1, 1), 0.15, 5)
    figure = animate_descent(bowl, [long, short])
    data = data_of(figure)
    end = f"f = {bowl(short[-1]):.4g}"
    assert data["rows"][1][5] == end
    assert data["rows"][1][6:] == [f"{end}, ended at 5"] * 15
    _, trace = classed(svg_of(figure), "dp-trace")
    assert trace.get("data-n").split() == [*map(str, range(1, 7)), *["6"] * 15]


def test_paths_differ_in_class_and_are_named_in_the_legend():
    figure = animate_descent(bowl, [[[1, 1]], [[0, 1]], [[1, 0]]], labels=["a", "b", "c"])
    assert re.findall(r"dp-row.*?dp-(c\d).*?<span>(.*?)</span>", figure.body) == [
        ("c1", "a"),
        ("c2", "b"),
        ("c3", "c"),
    ]
    assert "minimiser" in figure.body
    assert "minimiser" not in animate_descent(saddle, [[1, 1]]).body


def test_points_outside_the_window_are_told_and_stay_drawable():
    path = descend(saddle, (0.5, 0.1), 0.4, 1200)
    assert np.abs(path[-1]).max() > 1e300
    figure = animate_descent(saddle, path)
    row = data_of(figure)["rows"][0]
    assert row[0] == "f = 0.24"
    assert row[-1] == "outside the picture, f = -inf"
    drawn = points_of(classed(svg_of(figure), "dp-path")[0])
    assert np.isfinite(drawn).all()
    assert np.abs(drawn).max() < 1e6  # renderers keep single precision


def test_in_one_dimension_the_points_sit_on_the_graph():
    figure = on_a_line()
    svg = svg_of(figure)
    graph = classed(svg, "dp-graph")[0].get("d")
    steps = np.array(re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", graph), float)
    graph = np.cumsum(steps, axis=0)
    points = points_of(classed(svg, "dp-path")[0])
    assert len(points) == 11
    np.testing.assert_allclose(np.interp(points[:, 0], *graph.T), points[:, 1], atol=0.3)


@pytest.mark.parametrize(
    ("paths", "options", "message"),
    [
        ([], {}, "paths is empty"),
        ({}, {}, "paths is empty"),
        (np.empty((0, 2)), {}, "paths is empty"),
        ([np.empty((0, 2))], {}, r"paths: 'path' has shape \(0, 2\)"),
        (
            [[1.0, 2.0, 3.0]],
            {},
            r"'path' has shape \(1, 3\).*2 variables has shape \(steps \+ 1, 2\)",
        ),
        ([1.0, 2.0], {}, r"'path' has shape \(2,\)"),
        ({"a": [[0, 0]], "b": [[0], [1]]}, {}, r"'b' has shape \(2, 1\)"),
        ({"x": [[0, 0]], "message": "done"}, {}, r"'message' is not an array.*pass result\.path"),
        (
            [[0, 0], [np.nan, 1]],
            {},
            r"'path' is not finite at iteration 1; cut it there: path\[:1\]",
        ),
        ([[0, 0], [1]], {}, "'path' is not an array of numbers"),
        ([[0, 0]], {"labels": ["a", "b"]}, "labels must be 1 different names"),
        ([[[0, 0]], [[1, 1]]], {"labels": ["a", "a"]}, "labels must be 2 different names"),
        ([[[0, 0]]] * 5, {}, "paths: at most 4 can be told apart in one figure, got 5"),
        ([[0, 0]], {"max_frames": 1}, "max_frames must be at least 2, got 1"),
    ],
)
def test_bad_paths_are_refused_with_the_reason(paths, options, message):
    with pytest.raises(ValueError, match=message):
        animate_descent(bowl, paths, **options)


def test_functions_of_three_variables_cannot_be_drawn():
    with pytest.raises(ValueError, match="objective has 3 variables; only functions of 1 or 2"):
        animate_descent(SimpleNamespace(n=3), [[0, 0, 0]])


def test_slide_paths_tells_the_outcome_of_each_value():
    figure = step_sizes()
    data = data_of(figure)
    assert data["heads"] == ["step size = 0.05", "step size = 0.15", "step size = 0.21"]
    assert "play" not in data
    slow, fast, lost = data["rows"][0]
    end = bowl(descend(bowl, (1, 1), 0.05, 30)[-1])
    assert slow == f"30 steps, f = {end:.4g}"
    assert "diverged" not in fast
    assert re.fullmatch(r"30 steps, diverged, f = \d+(\.\d+)?", lost)
    fall = slide_paths(saddle, {0.4: descend(saddle, (0.5, 0.1), 0.4, 30)})
    assert data_of(fall)["rows"][0][0].startswith("30 steps, outside the picture, f = -")


def test_slide_paths_shows_the_first_value_without_the_script():
    layers = classed(svg_of(step_sizes()), "dp-layer")
    assert [layer.get("style") for layer in layers] == [None, "display:none", "display:none"]


def test_slide_paths_needs_values():
    with pytest.raises(ValueError, match="paths must be a dict of value to path, got list"):
        slide_paths(bowl, [[[0, 0]]])
    with pytest.raises(ValueError, match="paths is empty"):
        slide_paths(bowl, {})
