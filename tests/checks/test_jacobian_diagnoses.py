"""Every diagnosis of a wrong derivative, for several functions, and the two properties that count:
right derivatives pass, wrong ones do not.
"""

import os
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_numerical_jacobian
from coursekit.checks.failure import CheckFailed as Failure
from coursekit.checks.failure_map import MARGIN, SIZE, error_map, table, with_style
from coursekit.checks.jacobian_evidence import Evidence
from coursekit.checks.sample_points import POINTS, checked_points, draw_points
from coursekit.checks.wording import factor_text, rounded_up


def saddle(x):
    return np.sin(x[..., 0]) * x[..., 1] + x[..., 1] ** 3


def saddle_slope(x):
    a, b = x[..., 0], x[..., 1]
    return np.stack([np.cos(a) * b, np.sin(a) + 3 * b**2], axis=-1)


def bowl(x):
    return np.exp(x[..., 0] + 2 * x[..., 1]) + x[..., 0] ** 2


def bowl_slope(x):
    e = np.exp(x[..., 0] + 2 * x[..., 1])
    return np.stack([e + 2 * x[..., 0], 2 * e], axis=-1)


def swirl(x):
    a, b = x[..., 0], x[..., 1]
    return np.stack([a**2 * b, np.sin(a) + b], axis=-1)


def swirl_slope(x):
    a, b = x[..., 0], x[..., 1]
    rows = [[2 * a * b, a**2], [np.cos(a), 1 + 0 * a]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


PAIRS = [(saddle, saddle_slope), (bowl, bowl_slope), (swirl, swirl_slope)]
EACH = pytest.mark.parametrize(("f", "jac"), PAIRS, ids=["saddle", "bowl", "swirl"])


def message(f, jac, n=2, **options):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(f, jac, n, **options)
    return str(failure.value)


def tall(x, like):
    """A number for each point, shaped to multiply the derivative ``like``."""
    return x.reshape(*x.shape, *[1] * (like.ndim - x.ndim))


CONTAINERS = {
    "float32": lambda jac: lambda x: jac(x).astype(np.float32),
    "list": lambda jac: lambda x: jac(x).tolist(),
    "Fortran": lambda jac: lambda x: np.asfortranarray(jac(x)),
    "read-only": lambda jac: lambda x: np.broadcast_to(jac(x), jac(x).shape),
}


@EACH
@pytest.mark.parametrize("container", CONTAINERS)
def test_right_answers_pass_in_every_container(f, jac, container):
    assert check_numerical_jacobian(f, CONTAINERS[container](jac))
    assert "2 times" in message(f, CONTAINERS[container](lambda x: 2 * jac(x)))


NOISE = np.random.default_rng(0)
MISTAKES = {  # what the message says, and what is done to the derivative
    "returns NoneType": lambda f, jac: lambda x: None,
    "returns str": lambda f, jac: lambda x: "3",
    "for x of shape (2,), expected (2,": lambda f, jac: lambda x: jac(x)[..., None],
    "NumPy would broadcast it silently": lambda f, jac: lambda x: jac(x)[..., :1],
    "opposite sign": lambda f, jac: lambda x: -jac(x),
    "zero at every point": lambda f, jac: lambda x: 0 * jac(x),
    ": 2 times the derivative": lambda f, jac: lambda x: 2 * jac(x),
    ": 1/2 times the derivative": lambda f, jac: lambda x: jac(x) / 2,
    ": π times the derivative": lambda f, jac: lambda x: np.pi * jac(x),
    "right to about six digits": lambda f, jac: lambda x: jac(x) * (1 + 1e-6 * np.sin(99 * jac(x))),
    "off by the same constant": lambda f, jac: lambda x: jac(x) + 0.5,
    "off by a multiple of x[1]": lambda f, jac: lambda x: jac(x) + 3 * tall(x[..., 1], jac(x)),
    "right only where x[0] > 0": lambda f, jac: (
        lambda x: jac(x) * (1 + tall(x[..., 0] < 0, jac(x)) * (1 + jac(x) ** 2))
    ),
    "works for one point but not for a batch": lambda f, jac: (
        lambda x: jac(x) if x.ndim == 1 else jac(x)[0]
    ),
    "works for one point but mixes": lambda f, jac: lambda x: jac(x) * (1 + (x.ndim == 3)),
    "works for a batch, but not for one point": lambda f, jac: (
        lambda x: jac(x) if x.ndim > 1 else jac(x)[None]
    ),
    "right for a batch, wrong for one point": lambda f, jac: lambda x: jac(x) * (1 + (x.ndim < 2)),
    "It is so at every point": lambda f, jac: lambda x: jac(x) * np.nan,
    "It is so at 1 of 32 points": lambda f, jac: (
        lambda x: jac(x) / tall(np.abs(np.abs(x).sum(axis=-1) - 1) > 0.25, jac(x))
    ),
    "It is so unless x[0] > 0": lambda f, jac: lambda x: jac(x) / tall(x[..., 0] > 0, jac(x)),
    "changes its input": lambda f, jac: lambda x: jac(x) + (x.__imul__(2) * 0).sum(),
    "itself at x = [": lambda f, jac: lambda x: f(x),
    "jac_f is not deterministic": lambda f, jac: lambda x: jac(x) + 1e-9 * NOISE.normal(),
    "raises ZeroDivisionError": lambda f, jac: lambda x: jac(x) / (1 // 0),
    "line ": lambda f, jac: lambda x: jac(x).reshape(7),
    "wrong at 32 of 32 points": lambda f, jac: (
        lambda x: jac(x) * (2 + tall(np.sin(3 * x[..., 0]) * x[..., 1], jac(x)))
    ),
}


@EACH
@pytest.mark.parametrize("words", MISTAKES)
def test_each_mistake_is_named(f, jac, words):
    text = message(f, MISTAKES[words](f, jac))
    assert words in text
    if "finite difference" in text:
        assert text.count("\n") == 4
        assert "yours" in text


@EACH
def test_one_component_is_named(f, jac):
    def wrong(x):
        value = jac(x)
        value[..., 1] *= -1 if value.ndim == x.ndim else np.array([1, -1])
        return value

    where = "component [1]" if f is not swirl else "component [1, 1]"
    assert f"{where} (the others agree): opposite sign" in message(f, wrong)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_two_exchanged_components_are_named(n):
    pick = np.arange(n)
    pick[[0, 2]] = 2, 0
    powers = np.arange(n) + 2.0

    def f(x):
        return np.exp(np.tanh(x) * powers / 4).sum(axis=-1)

    def jac(x):
        return np.exp(np.tanh(x) * powers / 4) * (1 - np.tanh(x) ** 2) * powers / 4

    assert check_numerical_jacobian(f, jac, n)
    assert "components in the wrong order, [0], [2]" in message(f, lambda x: jac(x)[..., pick], n)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_transposed_and_f_itself(n):
    A = np.random.default_rng(n).normal(size=(n, n))

    def f(x):
        return np.tanh(x @ A.T)

    def jac(x):
        return (1 - f(x) ** 2)[..., None] * A

    assert ": transposed" in message(f, lambda x: np.swapaxes(jac(x), -1, -2), n)
    assert "returns f itself" in message(f, f, n)


FUNCTIONS = [np.sin, np.exp, lambda x: 1 / (1 + x**2)]
SLOPES = [np.cos, np.exp, lambda x: -2 * x / (1 + x**2) ** 2]
EACH_SUM = pytest.mark.parametrize(
    ("g", "slope"), list(zip(FUNCTIONS, SLOPES, strict=True)), ids=["sin", "exp", "rational"]
)


@EACH_SUM
def test_several_wrong_components_are_named(g, slope):
    def one_cause(x):
        return slope(x) * np.array([1, 2, 1, 2])

    def two_causes(x):
        return slope(x) * np.array([1, -1, 1, 0])

    f = lambda x: g(x).sum(axis=-1)  # noqa: E731
    both = "components [1], [3] (the others agree): 2 times the derivative at every point"
    assert both in message(f, one_cause, 4)
    both = "components [1], [3] (the others agree), component [1]: opposite sign"
    assert both in message(f, two_causes, 4)


FAULTS = {  # of f, and what is said
    "f is not deterministic": lambda f: lambda x: f(x) + 1e-9 * NOISE.normal(),
    "f changes its input": lambda f: lambda x: f(x) + 0 * x.__imul__(2).sum(),
    "f raises KeyError at x = [": lambda f: lambda x: f(x) + {}[1],
    ': lambda f: lambda x: f(x) + int("3.5")': lambda f: lambda x: f(x) + int("3.5"),
    "f returns NoneType": lambda f: lambda x: None,
    "f returns shape": lambda f: lambda x: f(x) if x[0] > 0 else np.zeros(3),
    "f is not finite at x = [": lambda f: lambda x: f(x) * np.inf,
    "It is so at 32 of 32 points": lambda f: lambda x: f(x) * np.nan,
}


@EACH
@pytest.mark.parametrize("words", FAULTS)
def test_each_fault_of_the_function_is_named(f, jac, words):
    assert words in message(FAULTS[words](f), jac)


@EACH
def test_functions_that_cannot_be_checked(f, jac):
    for wrong in (jac, lambda x: -jac(x), lambda x: 2 * jac(x)):
        text = message(lambda x: 1e18 + f(x), wrong)
        assert text.startswith("The check cannot decide")
        assert "rounding changes f" in text


KINKS = [np.abs, lambda x: np.maximum(x, 0), lambda x: np.sin(x) + np.hypot(x, 0) * np.exp(x)]
JUMPS = [np.sign, np.floor, lambda x: np.exp(x) * (x > 0)]


@EACH_SUM
def test_a_function_that_fails_beside_the_points_cannot_be_checked(g, slope):
    def f(x):
        if (np.round(x, 4) != x).any():
            raise ValueError("not a point of the grid")
        return g(x).sum(axis=-1)

    text = message(f, slope, domain=(-3, 3))
    assert text.startswith("The check cannot decide")
    assert "it fails beside x = [" in text


@EACH_SUM
def test_a_derivative_that_fails_beside_the_points_can_be_checked(g, slope):
    def wrong(x):
        assert (np.round(x, 6) == x).all()
        return 2 * slope(x)

    assert "2 times the derivative" in message(lambda x: g(x).sum(axis=-1), wrong, points=[[1, 2]])


@EACH_SUM
def test_a_wrong_entry_that_is_small_beside_the_others_is_seen(g, slope):
    sizes = 10.0 ** np.array([8, 0, 4, 8, 2, 7])

    def f(x):
        return np.stack([(sizes * g(x)).sum(axis=-1), g(x).prod(axis=-1)], axis=-1)

    def jac(x):
        others = [np.delete(g(x), i, axis=-1).prod(axis=-1) for i in range(6)]
        return np.stack([sizes * slope(x), np.stack(others, axis=-1) * slope(x)], axis=-2)

    def wrong(x):
        value = jac(x)
        value[..., 0, 1] *= 0.99
        return value

    assert check_numerical_jacobian(f, jac, 6)
    assert "component [0, 1] (the others agree)" in message(f, wrong, 6)


@pytest.mark.parametrize("factor", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("near", [0.0, 1e-10])
@pytest.mark.parametrize(
    ("g", "words"),
    [(g, "has a kink") for g in KINKS] + [(g, "jumps") for g in JUMPS],
)
def test_kinks_and_jumps_at_or_near_chosen_points(g, words, near, factor):
    text = message(
        lambda x: factor * g(x).sum(axis=-1), lambda x: factor * x, points=[[near, near]]
    )
    assert text.startswith("The check cannot decide")
    assert f"{words} near x = [{near}, {near}] in x[0]" in text


LOG = [
    (np.log, lambda x: 1 / x),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    (lambda x: np.log(1 - x), lambda x: -1 / (1 - x)),
    (np.arccosh, lambda x: 1 / np.sqrt(x**2 - 1)),
]


@pytest.mark.parametrize(("g", "slope"), LOG, ids=["log", "sqrt", "log(1 - x)", "arccosh"])
@pytest.mark.parametrize("n", [1, 2, 8])
def test_the_domain_of_definition_is_found(g, slope, n):
    assert check_numerical_jacobian(lambda x: g(x).sum(axis=-1), slope, n)
    assert "2 times" in message(lambda x: g(x).sum(axis=-1), lambda x: 2 * slope(x), n)


def test_too_small_a_domain_of_definition_is_said():
    def f(x):
        return np.where((x > 0.2) & (x < 0.204), x, np.nan).sum(axis=-1)

    assert "points tried, too few" in message(f, np.ones_like, 1)


def test_math_functions_work_point_by_point():
    import math

    def f(x):
        return math.log(x[0]) * x[1]

    def jac(x):
        return np.stack([x[..., 1] / x[..., 0], np.log(x[..., 0])], axis=-1)

    assert check_numerical_jacobian(f, jac)


# The two properties --------------------------------------------------------------------------


def softplus(x):
    return np.logaddexp(0, x)


def logistic(x):
    return np.exp(-softplus(-x))


INNER = [
    (np.sin, np.cos),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (lambda x: x**2, lambda x: 2 * x),
    (lambda x: np.exp(np.sin(x)), lambda x: np.cos(x) * np.exp(np.sin(x))),
    (softplus, logistic),
    (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    (lambda x: np.log1p(x**2), lambda x: 2 * x / (1 + x**2)),
]


@st.composite
def compositions(draw):
    """One to three layers of smooth functions, random weights: f, its Jacobian, n inputs."""
    n, p = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    pieces = draw(st.lists(st.sampled_from(INNER), min_size=1, max_size=3))
    sizes = [n, *[4] * (len(pieces) - 1), p]
    layers = [
        (rng.normal(size=(rows, columns)) / np.sqrt(columns), piece)
        for rows, columns, piece in zip(sizes[1:], sizes, pieces, strict=False)
    ]
    scale = 10.0 ** draw(st.integers(-8, 8))

    def f(x):
        for weights, (g, _) in layers:
            x = g(x @ weights.T)
        return scale * x

    def jac(x):
        product = scale * np.eye(n)
        for weights, (g, slope) in layers:
            x = x @ weights.T
            product = slope(x)[..., None] * (weights @ product)
            x = g(x)
        return product

    return f, jac, n


MUTATIONS = {  # of the derivative J at x, of size s, at one entry (one number in ``mask``)
    "shifted": lambda J, x, s, mask, r: J + r * s * mask,
    "scaled": lambda J, x, s, mask, r: J * (1 + r * mask),
    "all scaled": lambda J, x, s, mask, r: J * (1 + r),
    "a term too many": lambda J, x, s, mask, r: J + r * s * mask * np.sin(tall(x[..., 0], J)),
    "in one half": lambda J, x, s, mask, r: J * (1 + r * mask * tall(x[..., -1] > 0, J)),
    "wrong order": lambda J, x, s, mask, r: J[..., ::-1],
    "rows in the wrong order": lambda J, x, s, mask, r: np.roll(J, 1, axis=-2),
}
# 10,000 of each: EXAMPLES=10000 python -m pytest tests/checks/test_jacobian.py -k property
EXAMPLES = int(os.environ.get("EXAMPLES", 300))


@pytest.mark.parametrize("shift", [18, 19, 20])
def test_a_derivative_that_cancels_is_imprecise(shift):
    """Found by the next test: 1 + tanh is a slope of softplus, but not where it is tiny."""

    def f(x):
        return softplus(x - shift).sum(axis=-1)

    assert check_numerical_jacobian(f, lambda x: logistic(x - shift), domain=(-2, 0))
    text = message(f, lambda x: (1 + np.tanh((x - shift) / 2)) / 2, domain=(-2, 0))
    assert "right to about six digits only" in text


@settings(max_examples=EXAMPLES)
@given(compositions(), st.integers(0, 5), st.sampled_from([None, (-2, 2), (0.1, 3)]))
def test_property_no_false_alarm(case, seed, domain):
    f, jac, n = case
    assert check_numerical_jacobian(f, jac, n, seed=seed, domain=domain)


@settings(max_examples=EXAMPLES)
@given(compositions(), st.sampled_from([None, (-2, 2), (0.1, 3)]), st.data())
def test_property_no_wrong_derivative_passes(case, domain, data):
    f, jac, n = case
    x = draw_points(n, domain, 0)
    right = jac(x)
    size = np.abs(right).max(axis=(0, -1), keepdims=True)[0]
    mask = np.zeros(right.shape[1:])
    mask[tuple(data.draw(st.integers(0, k - 1)) for k in mask.shape)] = 1
    mutation = MUTATIONS[data.draw(st.sampled_from(list(MUTATIONS)))]
    relative = data.draw(st.sampled_from([1e-5, 1e-2, -1.0, -2.0]))

    def wrong(x):
        return mutation(jac(x), x, size, mask, relative)

    # To be seen is what is off by a millionth of the largest slope of that output at any point.
    if (np.abs(wrong(x) - right) > 1e-6 * size).any():
        message(f, wrong, n, domain=domain)


# What is shown -------------------------------------------------------------------------------


def evidence(x, off, error=1e-12):
    """Two components at the points ``x``; the first is off by ``off``."""
    x, off = np.array(x, dtype=float), np.array(off, dtype=float)
    want = np.stack([x.sum(axis=1), 2 + 0 * off], axis=1)
    got = want + np.stack([off, 0 * off], axis=1)
    error, tol = np.full_like(want, error), np.full_like(want, 1e-9)
    return Evidence("f", "jac_f", (2,), [(0,), (1,)], x, got, want, error, tol, tol > 1)


CORNERS = [[-1, -1], [4, -1], [-1, 4], [4, 4], [0.25, 1]]


def test_the_table_holds_the_worst_points_and_no_more_than_three():
    html = ElementTree.fromstring(table(evidence(CORNERS, [0, 1, -3, 2, 0.5], 2e-13)))
    rows = [[cell.text for cell in row] for row in html.iter("tr")]
    assert rows == [
        ["x", "component", "yours", "finite difference"],
        ["[-1.0, 4.0]", "[0]", "0", "3 ± 1e-12"],
        ["[4.0, 4.0]", "[0]", "10", "8 ± 1e-12"],
        ["[4.0, -1.0]", "[0]", "4", "3 ± 1e-12"],
    ]
    html = ElementTree.fromstring(table(evidence(CORNERS, [0, 0, 0, 0, 1], np.inf)))
    rows = [[cell.text for cell in row] for row in html.iter("tr")]
    assert rows[1:] == [["[0.25, 1.0]", "[0]", "2.25", "1.25 ± inf"]]


def test_the_map_has_a_cross_where_it_is_wrong_and_a_circle_elsewhere():
    html = error_map(evidence(CORNERS, [1, 0, 0, 1, 0]))
    svg = ElementTree.fromstring(html[: html.index("</svg>") + 6])
    name = "{http://www.w3.org/2000/svg}"
    said = "Map of the plane: wrong at 2 of 5 points, x[0] from -1 to 4 and x[1] from -1 to 4"
    assert svg.get("aria-label") == svg.find(f"{name}title").text == said
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(f"{name}circle")]
    # Square roots: -1 to 2 fill the width but for the margins, upwards is up.
    low, high = MARGIN, SIZE - MARGIN
    unit = (high - low) / 3
    expected = [(high, high), (low, low), (low + 1.5 * unit, high - 2 * unit)]
    np.testing.assert_allclose(circles, expected, atol=0.05)
    paths = [path.get("d") for path in svg.iter(f"{name}path")]
    crosses = [d for d in paths if "l8 8m0 -8l-8 8" in d]
    assert crosses[0].startswith(f"M{low - 4:.1f} {high - 4:.1f}l")
    assert crosses[1].startswith(f"M{high - 4:.1f} {low - 4:.1f}l")
    frame, *axes = [d for d in paths if d not in crosses]
    assert frame == f"M0 0h{SIZE}v{SIZE}h-{SIZE}z"
    assert axes == [f"M{low + unit:.1f} 0V{SIZE}", f"M0 {high - unit:.1f}H{SIZE}"]
    assert html.endswith("distances from 0 drawn by their square roots</p>")


def test_the_map_has_axes_only_where_there_is_a_zero_and_survives_a_single_point():
    html = error_map(evidence([[1, -1], [2, 1]], [1, 1]))
    assert html.count("dp-axes dp-negative") == 1
    assert html.count("<circle") == 0
    html = error_map(evidence([[1, 2]], [1]))
    assert "nan" not in html
    assert "wrong at 1 of 1 points, x[0] from 1 to 1 and x[1] from 2 to 2" in html
    x = [[1, 2, 3]]
    assert error_map(replace(evidence([[1, 2]], [1]), x=np.array(x))) == ""


@pytest.mark.parametrize(
    ("error", "shown"), [(0.0, 0.0), (np.inf, np.inf), (2e-13, 1e-12), (1e-12, 1e-12), (3.0, 10.0)]
)
def test_errors_are_rounded_up(error, shown):
    assert rounded_up(error) == pytest.approx(shown, rel=1e-12)


def test_what_is_shown_is_escaped():
    plain = Failure("a < b\n1 & 2\nTry: <c>")._repr_html_()
    assert plain == "<p><b>a &lt; b</b></p><pre>1 &amp; 2\nTry: &lt;c&gt;</pre>"
    html = Failure("<b>\nmore\nTry: x < 1", evidence(CORNERS, [1, 0, 0, 0, 0]))._repr_html_()
    assert "<check-map><p><b>&lt;b&gt;</b></p><table><thead>" in html
    assert html.endswith("</p><p>Try: x &lt; 1</p></check-map>")
    assert "more" not in html  # the table says it


@EACH
def test_a_failure_holds_a_table_and_a_map(f, jac):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(f, lambda x: jac(x) * (1 + tall(x[..., 0] > 0, jac(x))))
    html = failure.value._repr_html_()
    assert html.count("<tr>") == 4
    assert html.count("<circle") == 16
    assert html.count("l8 8m0 -8l-8 8") == 16
    assert "right only where x[0] &lt; 0" in html
    assert "np." not in html


def test_no_map_but_for_two_coordinates():
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), lambda x: x, 3)
    html = failure.value._repr_html_()
    assert "<table>" in html
    assert "<svg" not in html


@pytest.fixture
def shell():
    """A real IPython shell, as a notebook has."""
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell")
    config = pytest.importorskip("traitlets.config").Config()
    config.HistoryManager.enabled = False
    yield interactiveshell.InteractiveShell.instance(config=config)
    interactiveshell.InteractiveShell.clear_instance()


def test_a_kernel_displays_the_table_once(shell):
    from IPython.utils.capture import capture_output

    failure = Failure("wrong\nTry: again", evidence(CORNERS, [1, 0, 0, 0, 0]))
    with capture_output() as nothing:  # a terminal has no kernel
        Failure("wrong", failure.evidence)._render_traceback_()
    assert nothing.outputs == []
    shell.kernel = object()
    with capture_output() as caught:
        lines = failure._render_traceback_()
        assert lines == failure._render_traceback_() == ["CheckFailed: wrong", "Try: again"]
        Failure("no numbers")._render_traceback_()
    (output,) = caught.outputs
    html = with_style(table(failure.evidence) + error_map(failure.evidence))
    assert output.data == {"text/html": html, "text/plain": "(where it is wrong)"}


def test_no_kernel_or_no_ipython_shows_the_message_alone(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "IPython", None)
    failure = Failure("wrong\nTry: again", evidence(CORNERS, [1, 0, 0, 0, 0]))
    assert failure._render_traceback_() == ["CheckFailed: wrong", "Try: again"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (0.5, "1/2"), (-2.0, "-2"), (np.pi, "π"), (2 * np.pi, "2π"), (-np.pi / 2, "-π/2"),
        (1 / np.pi, "1/π"), (1 / (2 * np.pi), "1/(2π)"), (2**0.5, "√2"), (np.log(2), "log(2)"),
        (1.2345, "1.234"), (1 / np.log(10), "1/log(10)"),
    ],
)  # fmt: skip
def test_factors_have_names(factor, name):
    assert factor_text(factor) == name


@pytest.mark.parametrize(
    ("points", "words"),
    [(3, "shape"), ([[1, 2, 3]], "shape"), ([[1, np.nan]], "finite"), ("ab", "shape")],
)
def test_points_that_make_no_sense(points, words):
    with pytest.raises(ValueError, match=f"points must .*{words}"):
        check_numerical_jacobian(saddle, saddle_slope, points=points)


def test_points_inside_the_domain():
    assert checked_points([[1, 2]], 2, (0, 3)).shape == (1, 2)
    with pytest.raises(ValueError, match="inside the domain"):
        checked_points([[1, 4]], 2, (0, 3))
    assert draw_points(2, None, 0).shape == (POINTS, 2)
    assert check_numerical_jacobian(saddle, saddle_slope, points=[[0.1, 0.2]])
    assert "not finite at x = [-1.0]" in message(
        lambda x: np.log(x[..., 0]), np.sign, 1, points=[[-1.0]]
    )
