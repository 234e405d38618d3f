"""The figures: what they draw, what they say, what they weigh, and how they behave in a browser."""

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.figures import (
    animate_descent,
    plot_contours,
    plot_gradients,
    slide_bars,
    slide_curves,
    slide_images,
    slide_paths,
    use_style,
)
from coursekit.figures.contours import contour_levels, evaluate_on_grid
from coursekit.figures.paths import _thin
from coursekit.figures.svg import INNER, Plot, apart
from coursekit.objectives import bowl, hill_and_well, parabola, rosenbrock, saddle


def descend(objective, start, step, steps):
    path = [np.array(start, float)]
    for _ in range(steps):
        path.append(path[-1] - step * objective.grad(path[-1]))
    return np.array(path)


def two_paths(steps=59):
    return animate_descent(
        rosenbrock,
        {
            "short steps": descend(rosenbrock, (-1.2, 1), 0.0005, steps),
            "long steps": descend(rosenbrock, (-1.2, 1), 0.002, steps // 2),
        },
    )


def on_a_line():
    return animate_descent(parabola(), descend(parabola(), [1.5], 0.3, 10))


def step_sizes():
    return slide_paths(bowl, {s: descend(bowl, (1, 1), s, 30) for s in (0.05, 0.15, 0.21)})


def heights():
    frames = {
        0: {"naive": [0.25, 0.75], "safe": [0.25, 0.75]},
        800: {"naive": [np.nan, np.inf], "safe": [0.25, -0.75]},
    }
    return slide_bars(frames, categories=["cat", "dog"], name="shift")


def circles(values=(-1, 0, 1), **options):
    t = np.linspace(0, 2 * np.pi, 41)
    frames = {
        c: {
            "circle": np.column_stack([np.cos(t) + c, np.sin(t)]),
            "axis": np.array([[-2.0, 0.0], [2.0, 0.0]]),
            "centre": np.array([[c, 0.0]]),
        }
        for c in values
    }
    notes = {c: f"at {c}" for c in values}
    return slide_curves(frames, name="c", notes=notes, **options)


def pictures():
    frames = {k: {"line": np.eye(4, 6, k), "grey": np.full((4, 6), k)} for k in range(3)}
    return slide_images(frames, name="shift")


def data_of(figure):
    return json.loads(unescape(re.search(r"data-player='(.*?)'", figure.html()).group(1)))


def svg_of(figure):
    """Parse the picture; fails if it is not well-formed XML."""
    return ElementTree.fromstring(
        re.search(r"<svg class=.dp-plot.*?</svg>(?=<div)", figure.body)[0]
    )


def classed(svg, name):
    return [e for e in svg.iter() if name in e.get("class", "").split()]


def points_of(line):
    return np.array([p.split(",") for p in line.get("points").split()], float)


# --- levels and sampling -------------------------------------------------------------------------


def grid(f, half=2.0):
    return evaluate_on_grid(f, ((-half, half), (-half, half)), 101)[2]


def test_levels_of_a_function_with_a_minimum_are_geometric_above_it():
    levels = contour_levels(grid(lambda p: (p**2).sum(axis=-1) + 7))
    ratios = (levels[1:] - 7) / (levels[:-1] - 7)
    np.testing.assert_allclose(ratios, ratios[0])
    assert ratios[0] > 1.2


def test_a_constant_added_to_the_function_moves_the_levels_only():
    z = grid(rosenbrock.f)
    np.testing.assert_allclose(contour_levels(z + 5e4) - 5e4, contour_levels(z), rtol=1e-9)


def test_levels_of_a_function_with_both_signs_are_symmetric_and_contain_zero():
    levels = contour_levels(grid(saddle.f))
    np.testing.assert_array_equal(levels, -levels[::-1])
    assert 0.0 in levels


def test_levels_of_a_hill_are_evenly_spaced():
    levels = contour_levels(grid(lambda p: -(p**2).sum(axis=-1)))
    np.testing.assert_allclose(np.diff(levels), np.diff(levels)[0])


def test_log_can_be_forced():
    z = grid(saddle.f)
    np.testing.assert_allclose(np.ptp(np.diff(contour_levels(z, log=False))), 0, atol=1e-12)
    assert contour_levels(z, log=True)[0] < -3.5  # geometric above the minimum, -4


@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf]), min_size=1, max_size=30),
    st.integers(1, 20),
)
def test_levels_increase_strictly_inside_the_range_of_the_finite_values(values, count):
    z = np.array([*values, 0.0, 1.0])
    levels = contour_levels(z, count)
    finite = z[np.isfinite(z)]
    assert len(levels) >= 1
    assert (finite.min() < levels).all()
    assert (levels < finite.max()).all()
    assert (np.diff(levels) > 0).all()


def test_a_constant_function_has_no_levels():
    assert contour_levels(np.full((3, 3), 2.0)).size == 0


def test_sample_refuses_a_function_of_single_points():
    with pytest.raises(ValueError, match=r"f must map .* to values of shape \(5, 5\), but gave"):
        evaluate_on_grid(lambda p: p[0] + p[1], ((0, 1), (0, 1)), 5)


def test_sample_refuses_a_function_that_is_nowhere_finite():
    with pytest.raises(ValueError, match=r"finite nowhere in the window"):
        evaluate_on_grid(lambda p: np.log(-1 - p[..., 0] ** 2), ((0, 1), (0, 1)), 5)


# --- Matplotlib ----------------------------------------------------------------------------------


@pytest.fixture
def ax():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    with matplotlib.rc_context():
        yield plt.figure().add_subplot()
    plt.close("all")


def test_plot_contours_calls_the_function_once_on_a_grid(ax):
    shapes = []

    def f(points):
        shapes.append(points.shape)
        return bowl.f(points)

    assert plot_contours(f, ax, window=((-1, 2), (-3, 1)), n=33) is ax
    assert shapes == [(33, 33, 2)]
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 2), (-3, 1))


def test_plot_contours_takes_the_window_of_the_objective(ax):
    plot_contours(rosenbrock, ax)
    assert (ax.get_xlim(), ax.get_ylim()) == tuple(map(tuple, rosenbrock.window))


def test_contours_lie_on_their_level(ax):
    plot_contours(bowl, ax, levels=[1.0, 2.0], n=401)
    for level, path in zip([1.0, 2.0], ax.collections[0].get_paths(), strict=True):
        np.testing.assert_allclose(bowl.f(path.vertices), level, rtol=1e-3)


def test_contours_below_zero_are_dashed(ax):
    plot_contours(saddle, ax)
    contours = ax.collections[0]
    dashed = [style[1] is not None for style in contours.get_linestyle()]
    assert dashed == [level < 0 for level in contours.levels]


def test_functions_with_holes_and_constant_functions_can_be_drawn(ax):
    window = ((-1, 1), (-1, 1))
    plot_contours(lambda p: np.log(p[..., 0]) + p[..., 1], ax, window=window)
    plot_contours(lambda p: 0 * p[..., 0], ax, window=window)


@pytest.mark.parametrize(
    ("f", "window", "message"),
    [
        (np.sum, None, "window is missing"),
        (parabola(), None, r"window must be \(\(xlo, xhi\), \(ylo, yhi\)\).*two variables"),
        (bowl, (0, 1), r"window must be .* got shape \(2,\)"),
    ],
)
def test_plot_contours_says_what_is_wrong_with_the_window(ax, f, window, message):
    with pytest.raises(ValueError, match=message):
        plot_contours(f, ax, window=window)


def test_arrows_are_parallel_to_the_gradients_and_as_long_as_the_root_of_their_norm(ax):
    plot_gradients(bowl, ax=ax, n=7)
    arrows = ax.collections[-1]
    g = bowl.grad(arrows.get_offsets())
    drawn = np.column_stack([arrows.U, arrows.V])
    assert len(drawn) == 48  # all but the middle one, where the gradient is zero
    np.testing.assert_allclose(drawn * np.sqrt(np.linalg.norm(g, axis=1))[:, None], g, rtol=1e-12)
    assert ax.get_aspect() == 1
    assert arrows.angles == "xy"  # with equal aspect: perpendicular to the contours


def test_plot_gradients_takes_plain_functions(ax):
    plot_gradients(bowl.f, bowl.grad, ax, window=((0, 1), (0, 1)), n=3)
    assert len(ax.collections[-1].U) == 9


def test_plot_gradients_says_what_is_wrong_with_the_gradient(ax):
    with pytest.raises(ValueError, match="grad is missing"):
        plot_gradients(bowl.f, ax=ax, window=bowl.window)
    with pytest.raises(ValueError, match=r"grad must map points of shape \(11, 11, 2\)"):
        plot_gradients(bowl, bowl.f, ax)


def test_style_makes_svg_deterministic(ax, tmp_path):
    import matplotlib.pyplot as plt

    use_style()
    for name in "ab":
        fig, axes = plt.subplots()
        plot_contours(saddle, axes)
        fig.savefig(tmp_path / f"{name}.svg", metadata={"Date": None})
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    cycle = plt.rcParams["axes.prop_cycle"].by_key()
    assert len({str(dash) for dash in cycle["linestyle"]}) == len(set(cycle["color"])) == 5


def test_style_gives_notebooks_svg_without_a_date():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    drawing = "from coursekit.figures import use_style\nuse_style()\n{}plt.plot([1, 2]);"
    cells = [drawing.format("import matplotlib.pyplot as plt\n"), "plt.plot([1, 2]);"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    first, second = (cell.outputs[-1].data["image/svg+xml"] for cell in notebook.cells)
    assert first == second
    assert "<dc:date>" not in first
    assert "Matplotlib v" not in first


def test_importing_the_figures_does_not_import_matplotlib():
    code = "import sys, coursekit.figures; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the operable figures: structure -------------------------------------------------------------

FIGURES = [two_paths, on_a_line, step_sizes, heights, circles, pictures]


@pytest.mark.parametrize("make", FIGURES)
def test_figures_are_self_contained_deterministic_and_light(make):
    figure = make()
    html = figure.html()
    assert html == make().html() == figure._repr_html_()
    assert len(html.encode()) < 40_000
    assert " id=" not in html
    assert set(re.findall(r"https?://[^\"' ]*", html)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bsrc=|\bhref=(?!.data:)|url\(|@import", html)


@pytest.mark.parametrize("make", FIGURES)
def test_figures_have_a_text_alternative_of_one_line(make):
    figure = make()
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == repr(figure) == svg_of(figure).get("aria-label")
    assert 30 < len(figure.alt) < 400
    assert "\n" not in figure.alt
    assert svg_of(figure).get("role") == "img"


def test_a_given_text_alternative_is_kept_and_escaped():
    alt = "Steps < 1 & 'quotes' \"kept\""
    figure = animate_descent(bowl, [[1, 1], [0, 0]], alt=alt, labels=["<b>'x'&"])
    assert svg_of(figure).get("aria-label") == figure.alt == alt
    assert "<b>" not in figure.html()


def test_default_text_alternative_tells_start_steps_and_outcome():
    path = descend(bowl, (1, 0.5), 0.1, 12)
    figure = animate_descent(bowl, path)
    assert figure.alt == f"Descent on bowl: from (1, 0.5), 12 steps, to f = {bowl(path[-1]):.4g}."


def test_many_long_paths_stay_within_the_weight_limit():
    paths = [descend(rosenbrock, (-1.2, y), 0.001, 5000) for y in np.linspace(-0.5, 2.5, 4)]
    assert len(animate_descent(rosenbrock, paths).html().encode()) < 150_000
    steps = {s: descend(rosenbrock, (-1.2, 1), s, 5000) for s in np.linspace(1e-4, 2e-3, 20)}
    assert len(slide_paths(rosenbrock, steps).html().encode()) < 150_000


# --- animate_descent -----------------------------------------------------------------------------


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


def test_far_points_keep_their_direction():
    plot = Plot(((-1, 1), (-1, 1)), INNER)
    near, far = plot.units(np.array([[0.3, 0.4], [3e200, 4e200]])) - INNER / 2
    np.testing.assert_allclose(far / np.linalg.norm(far), near / np.linalg.norm(near))


def test_in_one_dimension_the_points_sit_on_the_graph():
    figure = on_a_line()
    svg = svg_of(figure)
    graph = classed(svg, "dp-graph")[0].get("d")
    steps = np.array(re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", graph), float)
    graph = np.cumsum(steps, axis=0)
    points = points_of(classed(svg, "dp-path")[0])
    assert len(points) == 11
    np.testing.assert_allclose(np.interp(points[:, 0], *graph.T), points[:, 1], atol=0.3)


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


# --- sliders -------------------------------------------------------------------------------------


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


def test_points_closer_than_the_gap_are_left_out_but_never_the_ends():
    points = np.array([[0.0, 0], [0.1, 0], [1, 0], [1.5, 0.9], [1.6, 1.1], [1.6, 1.2]])
    assert apart(points, 1).tolist() == [0, 2, 4, 5]


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


def test_heights_on_narrow_bars_are_written_upright():
    values = {1: {"s": np.linspace(0.001, 0.002, 12)}}
    figure = slide_bars(values, categories=range(12), name="k")
    assert figure.body.count("rotate(-90") == 12


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


# --- slide_curves and slide_images ---------------------------------------------------------------


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


def extent(svg):
    """Width and height of the first circle, as drawn."""
    d = classed(classed(svg, "dp-layer")[0], "dp-path")[0].get("d")
    numbers = np.array(re.findall(r"(-?[\d.]+)[ ]?(-?[\d.]+)", d), float)
    return np.ptp(np.cumsum(numbers, axis=0), axis=0)


@pytest.mark.parametrize("window", [None, ((-4, 4), (-1, 1)), ((-2, 2), (-9, 9))])
def test_with_equal_units_a_circle_is_round(window):
    width, height = extent(svg_of(circles(equal=True, window=window)))
    assert width == pytest.approx(height, rel=0.02)


def test_the_window_and_the_names_of_the_axes_are_those_given():
    svg = svg_of(circles(window=((-4, 4), (-2, 2)), axes=("p", "q")))
    texts = [e.text for e in svg.iter() if e.tag.endswith("text")]
    assert {"p", "q", "\N{MINUS SIGN}4"} <= set(texts)


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


def test_points_that_stand_alone_are_marks_in_picture_and_legend():
    alone = np.insert(np.array([[0, 1], [1, 0], [2, 2.0]]), [1, 2], np.nan, axis=0)
    figure = slide_curves({1: {"data": alone}}, name="k")
    (mark,) = classed(svg_of(figure), "dp-ball")
    assert mark.get("d").count("M") == 3
    assert "dp-path" not in figure.body


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
        ({1: {"a": POINT}}, {"notes": {2: ""}}, r"notes must have the values of frames, got \[2\]"),
        ({1: {"a": POINT}}, {"window": ((1, 0), (0, 1))}, "window must be .* with lo < hi, got"),
    ],
)
def test_bad_curves_are_refused_with_the_reason(frames, options, message):
    with pytest.raises(ValueError, match=message):
        slide_curves(frames, name="k", **options)


def test_images_show_their_pixels_on_the_scale_of_their_title():
    import base64
    import io

    from PIL import Image

    figure = pictures()
    images = [e for e in svg_of(figure).iter() if e.tag.endswith("image")]
    assert len(images) == 6
    for e in images:
        assert float(e.get("width")) / float(e.get("height")) == pytest.approx(1.5, rel=1e-3)
    content = [e.get("href").partition(",")[2] for e in images]
    pixels = [np.asarray(Image.open(io.BytesIO(base64.b64decode(c)))) for c in content]
    np.testing.assert_array_equal(pixels[2], 255 * np.eye(4, 6, 1))  # second frame, "line"
    assert [int(p[0, 0]) for p in pixels[1::2]] == [0, 128, 255]
    assert "line: black is 0, white is 1" in figure.body
    assert "grey: black is 0, white is 2" in figure.body
    assert figure.alt == "line, grey, for 3 values of shift from 0 to 2."


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


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture
def show(browser, tmp_path):
    """Return a function that opens figures as one page; errors and requests fail the test."""
    pages, errors, requests = [], [], []

    def open_page(*figures, html="<html lang=en>", body="{}", **options):
        file = tmp_path / "page.html"
        inside = body.replace("{}", "\n".join(figure.html() for figure in figures))
        head = (
            "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title>"
        )
        file.write_text(f"<!doctype html>{html}{head}<main><h1>t</h1>{inside}</main>", "utf-8")
        page = browser.new_page(**options)
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.clock.install(time="2000-01-01")
        page.goto(file.as_uri())
        page.clock.pause_at("2000-01-02")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors
    assert [url for url in requests if not url.startswith("file:")] == []


def head(page, nth=0):
    return page.locator(".dp-head").nth(nth).inner_text()


def test_step_buttons_move_one_frame_and_update_value_and_line(show):
    figure = two_paths()
    page = show(figure)
    assert head(page) == "iteration 0 of 59"
    page.get_by_role("button", name="step forward").click()
    page.get_by_role("button", name="step forward").click()
    assert head(page) == "iteration 2 of 59"
    values = page.locator(".dp-value").all_inner_texts()
    assert values == [row[2] for row in data_of(figure)["rows"]]
    assert len(page.locator("polyline").first.get_attribute("points").split()) == 3
    assert page.locator(".dp-trace").first.locator(".dp-mark:visible").count() == 2
    page.get_by_role("button", name="step back").click()
    assert head(page) == "iteration 1 of 59"
    for _ in range(3):
        page.get_by_role("button", name="step back").click()
    assert head(page) == "iteration 0 of 59"


def test_nothing_moves_until_play_and_pause_stops_it(show):
    page = show(two_paths())
    page.clock.run_for(5000)
    assert head(page) == "iteration 0 of 59"
    page.get_by_role("button", name="play").click()
    assert page.locator(".dp-readout").get_attribute("aria-live") == "off"
    page.clock.run_for(1000)
    page.get_by_role("button", name="pause").click()
    moved = head(page)
    assert moved != "iteration 0 of 59"
    assert page.locator(".dp-readout").get_attribute("aria-live") == "polite"
    page.clock.run_for(5000)
    assert head(page) == moved


def test_play_stops_at_the_end_and_starts_over(show):
    page = show(two_paths())
    page.get_by_role("button", name="play").click()
    page.clock.run_for(20_000)
    assert head(page) == "iteration 59 of 59"
    page.get_by_role("button", name="play").click()
    assert head(page) == "iteration 0 of 59"


def test_keyboard_alone_operates_everything_and_leaves_again(show):
    page = show(two_paths(), body="{}<a href=#>after</a>")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert head(page) == "iteration 1 of 59"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowRight")
    assert head(page) == "iteration 2 of 59"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert head(page) == "iteration 0 of 59"
    page.keyboard.press("End")
    assert head(page) == "iteration 59 of 59"
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "iteration 59 of 59"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.clock.run_for(400)
    page.keyboard.press("Space")
    assert head(page) not in ("iteration 0 of 59", "iteration 59 of 59")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "A"


def test_reduced_motion_plays_frame_by_frame_and_slowly(show):
    page = show(two_paths(), reduced_motion="reduce")
    page.get_by_role("button", name="play").click()
    page.clock.run_for(900)
    assert head(page) == "iteration 0 of 59"
    page.clock.run_for(200)
    assert head(page) == "iteration 1 of 59"
    ball = page.locator(".dp-trace .dp-ball").first
    assert ball.evaluate("e => parseFloat(getComputedStyle(e).transitionDuration)") == 0


def test_motion_is_smooth_where_it_is_welcome(show):
    page = show(two_paths(), reduced_motion="no-preference")
    page.get_by_role("button", name="play").click()
    ball = page.locator(".dp-trace .dp-ball").first
    assert ball.evaluate("e => parseFloat(getComputedStyle(e).transitionDuration)") > 0


def test_figures_on_one_page_do_not_interfere(show):
    page = show(two_paths(), on_a_line(), step_sizes(), heights())
    page.get_by_role("button", name="step forward").nth(1).click()
    page.get_by_role("slider").nth(3).press("ArrowRight")
    assert [head(page, i) for i in range(4)] == [
        "iteration 0 of 59",
        "iteration 1 of 10",
        "step size = 0.05",
        "shift = 800",
    ]


def test_sliders_show_one_layer_at_a_time(show):
    page = show(step_sizes())
    assert page.locator(".dp-layer:visible").count() == 1
    page.get_by_role("slider").press("End")
    assert page.locator(".dp-layer:visible").count() == 1
    assert "diverged" in page.locator(".dp-value").inner_text()
    assert page.get_by_role("button").count() == 0


def test_without_the_script_the_whole_path_is_shown_and_no_dead_control(show):
    page = show(two_paths(), java_script_enabled=False)
    assert page.get_by_role("button").count() == 0
    assert page.locator(".dp-head").inner_text() == "iteration 59 of 59"
    assert len(page.locator("polyline").first.get_attribute("points").split()) == 60
    assert page.get_by_role("img").bounding_box()["height"] > 100


def test_output_inserted_by_a_notebook_works(show):
    """JupyterLab sets innerHTML in a loose element and makes the scripts anew."""
    page = show()
    insert = """html => {
      const host = document.createElement("div");
      host.innerHTML = html;
      for (const old of host.querySelectorAll("script")) {
        const fresh = document.createElement("script");
        fresh.textContent = old.textContent;
        old.replaceWith(fresh);
      }
      document.body.append(host);
    }"""
    for _ in range(2):
        page.evaluate(insert, on_a_line().html())
    page.get_by_role("button", name="step forward").nth(1).click()
    assert [head(page, i) for i in range(2)] == ["iteration 0 of 10", "iteration 1 of 10"]
    # JupyterLab's own keys look for this mark on the focused element first, then on its parents.
    marked = "button[data-lm-suppress-shortcuts], input[data-lm-suppress-shortcuts]"
    assert page.locator(marked).count() == 8
    page.evaluate("document.body.prepend(document.querySelectorAll('descent-player')[1])")
    assert page.get_by_role("slider").count() == 2  # moved, not started again


def luminance(colour):
    channels = np.array(re.findall(r"[\d.]+", colour)[:3], float) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    darker, lighter = sorted([luminance(a), luminance(b)])
    return (lighter + 0.05) / (darker + 0.05)


THEMES = {
    "plain": {},
    "plain, dark system": {"color_scheme": "dark"},
    "book, dark": {"html": "<html lang=en data-theme=dark>"},
    "book, light, dark system": {"html": "<html lang=en data-theme=light>", "color_scheme": "dark"},
    "lab, dark": {"html": "<html lang=en><body data-jp-theme-light=false>"},
    "lab, light, dark system": {
        "html": "<html lang=en><body data-jp-theme-light=true>",
        "color_scheme": "dark",
    },
}


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_contrast_in_every_theme(show, theme):
    paths = [descend(bowl, (x, 1), 0.05, 3) for x in (-1, -0.5, 0.5, 1)]
    page = show(animate_descent(bowl, paths), heights(), **THEMES[theme])

    def colours(selector, name):
        read = "(all, name) => all.map(e => getComputedStyle(e).getPropertyValue(name))"
        found = page.locator(selector).evaluate_all(read, name)
        assert found
        return found

    paper = colours("descent-player", "background-color")[0]
    assert (luminance(paper) < 0.1) == (theme in ("plain, dark system", "book, dark", "lab, dark"))
    for text in colours(".dp-plot text", "fill") + colours(".dp-row span, .dp-head", "color"):
        assert contrast(text, paper) >= 4.5
    shapes = ".dp-contours, .dp-axes, .dp-path, .dp-minimizer, .dp-bar, .dp-start"
    for line in colours(shapes, "stroke") + colours("button", "border-top-color"):
        assert contrast(line, paper) >= 3
    for fill in colours(".dp-mark, .dp-ball", "fill") + colours("button svg", "fill"):
        assert contrast(fill, paper) >= 3


def test_dark_book_theme_does_not_put_a_light_card_under_the_figure(show):
    theme = pytest.importorskip("pydata_sphinx_theme")
    static = Path(theme.__file__).parent / "theme/pydata_sphinx_theme/static/styles"
    sheet = (static / "pydata-sphinx-theme.css").as_uri()
    page = show(
        on_a_line(),
        html="<html lang=en data-theme=dark>",
        body=f"<link rel=stylesheet href={sheet}><div class=bd-content><div class='cell_output "
        "docutils container'><div class='output text_html'>{}</div></div></div>",
    )
    card = page.locator(".text_html").evaluate("e => getComputedStyle(e).backgroundColor")
    assert card == "rgba(0, 0, 0, 0)"
    paper = page.locator("descent-player").evaluate("e => getComputedStyle(e).backgroundColor")
    assert luminance(paper) < 0.05


@pytest.mark.parametrize("make", FIGURES)
def test_a_phone_shows_everything_large_enough(show, make):
    page = show(make(), viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in page.locator("button, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 32
    scale = page.locator(".dp-plot").bounding_box()["width"] / 400
    read = "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    assert min(page.locator(".dp-plot text").evaluate_all(read)) * scale >= 10.5


def test_axe_finds_nothing(show):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = show(*(make() for make in FIGURES))
    page.clock.resume()
    violations = axe.Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in violations] == []
