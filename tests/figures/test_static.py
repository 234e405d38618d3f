"""Contour and gradient plots, and the style."""

import subprocess
import sys

import numpy as np
import pytest

from coursekit.figures import plot_arrows, plot_contours, plot_gradients, plot_set, use_style
from coursekit.objectives import bowl, parabola, rosenbrock, saddle


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


def test_a_set_is_shaded_up_to_its_boundary(ax):
    window = ((-2, 2), (-2, 2))
    plot_set([lambda x: bowl.f(x) - 1, lambda x: -x[..., 0]], ax, window=window, n=401)
    (shaded,) = ax.collections[0].get_paths()
    corners = shaded.vertices
    values = np.stack([bowl.f(corners) - 1, -corners[:, 0]])
    np.testing.assert_allclose(values.max(axis=0), 0, atol=0.02)
    assert shaded.contains_point((0.5, 0)) != shaded.contains_point((-0.5, 0))
    assert shaded.contains_point((0.5, 0))


def test_an_empty_set_is_drawn_without_shade_and_no_constraint_is_refused(ax):
    plot_set([lambda x: bowl.f(x) + 1], ax, window=((-1, 1), (-1, 1)))
    assert all(len(c.get_facecolor()) == 0 for c in ax.collections)
    with pytest.raises(ValueError, match="constraints is empty"):
        plot_set([], ax, window=((-1, 1), (-1, 1)))


def test_arrows_end_where_they_should_and_have_their_names_beyond(ax):
    ax.set(xlim=(0, 4), ylim=(0, 4))
    plot_arrows([1, 2], {"up": [0, 1.5]}, ax)
    arrow, name = ax.texts
    assert (arrow.xy, tuple(arrow.get_position())) == (pytest.approx((1, 3.5)), (1, 2))
    assert arrow.arrowprops["arrowstyle"] == "-|>"
    assert (name.get_text(), name.xyann) == ("up", pytest.approx((0, 13)))
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 4), (0, 4))
    with pytest.raises(ValueError, match=r"far must have shape \(2,\), got \(3,\)"):
        plot_arrows([0, 0], {"far": [1, 2, 3]}, ax)


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
