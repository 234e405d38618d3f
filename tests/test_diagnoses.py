"""Every diagnosis of a wrong derivative, for several functions, and the two properties that count:
right derivatives pass, wrong ones do not.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_numerical_jacobian
from coursekit.diagnoses import number
from coursekit.failures import CheckFailed as Failure
from coursekit.points import POINTS, chosen, sample


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


DRESSES = {
    "float32": lambda jac: lambda x: jac(x).astype(np.float32),
    "list": lambda jac: lambda x: jac(x).tolist(),
    "Fortran": lambda jac: lambda x: np.asfortranarray(jac(x)),
    "read-only": lambda jac: lambda x: np.broadcast_to(jac(x), jac(x).shape),
}


@EACH
@pytest.mark.parametrize("dress", DRESSES)
def test_right_answers_pass_in_every_dress(f, jac, dress):
    assert check_numerical_jacobian(f, DRESSES[dress](jac))
    assert "2 times" in message(f, DRESSES[dress](lambda x: 2 * jac(x)))


MISTAKES = {  # what the message says, and what is done to the derivative
    "returns NoneType": lambda f, jac: lambda x: None,
    "returns str": lambda f, jac: lambda x: "3",
    "returns shape": lambda f, jac: lambda x: jac(x)[..., None],
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
    "is not finite at x = [": lambda f, jac: lambda x: jac(x) / tall(x[..., 0] > 0, jac(x)),
    "It is so unless x[0] > 0": lambda f, jac: lambda x: jac(x) / tall(x[..., 0] > 0, jac(x)),
    "changes its input": lambda f, jac: lambda x: jac(x) + (x.__imul__(2) * 0).sum(),
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


@EACH
def test_functions_that_cannot_be_checked(f, jac):
    rng = np.random.default_rng(0)
    assert "is not deterministic" in message(lambda x: f(x) + 1e-9 * rng.normal(), jac)
    assert "raises KeyError" in message(lambda x: f(x) + {}[1], jac)
    for wrong in (jac, lambda x: -jac(x), lambda x: 2 * jac(x)):
        text = message(lambda x: 1e18 + f(x), wrong)
        assert text.startswith("The check cannot decide")
        assert "rounding changes f" in text


@pytest.mark.parametrize("factor", [1.0, 1e-6, 1e6])
def test_kinks_and_jumps_at_chosen_points(factor):
    corner = [[0.0, 0.0]]
    kink = message(lambda x: factor * np.abs(x).sum(-1), lambda x: factor * x, points=corner)
    assert "has a kink near x = [0.0, 0.0] in x[0]" in kink
    step = message(lambda x: factor * np.sign(x).sum(-1), lambda x: factor * x, points=corner)
    assert "jumps near x = [0.0, 0.0] in x[0]" in step


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

INNER = [
    (np.sin, np.cos),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (lambda x: x**2, lambda x: 2 * x),
    (lambda x: np.exp(x / 2), lambda x: np.exp(x / 2) / 2),
    (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
    (lambda x: np.log1p(x**2), lambda x: 2 * x / (1 + x**2)),
]


@st.composite
def compositions(draw):
    """Two layers of smooth functions with random weights, as f and its Jacobian; n inputs."""
    n, p = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    (g, dg), (h, dh) = draw(st.sampled_from(INNER)), draw(st.sampled_from(INNER))
    A, B = rng.normal(size=(4, n)) / np.sqrt(n), rng.normal(size=(p, 4)) / 2
    scale = 10.0 ** draw(st.integers(-8, 8))

    def f(x):
        return scale * h(g(x @ A.T) @ B.T)

    def jac(x):
        inner = dg(x @ A.T)[..., None] * A
        return scale * dh(g(x @ A.T) @ B.T)[..., None] * (B @ inner)

    return f, jac, n


@settings(max_examples=60)
@given(compositions(), st.integers(0, 5), st.sampled_from([None, (-2, 2), (0.1, 3)]))
def test_no_false_alarm(case, seed, domain):
    f, jac, n = case
    assert check_numerical_jacobian(f, jac, n, seed=seed, domain=domain)


@settings(max_examples=60)
@given(compositions(), st.data())
def test_no_wrong_derivative_passes(case, data):
    f, jac, n = case
    x = sample(n, None, 0)
    shape, size = jac(x).shape[1:], np.abs(jac(x)).max(axis=(0, -1), keepdims=True)[0]
    entry = tuple(data.draw(st.integers(0, k - 1)) for k in shape)
    relative = data.draw(st.sampled_from([1e-5, 1e-2, 1.0]))
    mask = np.zeros(shape)
    mask[entry] = relative

    def shifted(x):
        return jac(x) + mask * size

    def scaled(x):
        return jac(x) * (1 + relative)

    message(f, shifted, n)
    message(f, scaled, n)


# What is shown -------------------------------------------------------------------------------


@EACH
def test_a_notebook_gets_a_table_and_a_map(f, jac):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(f, lambda x: jac(x) * (1 + tall(x[..., 0] > 0, jac(x))))
    html = failure.value._repr_html_()
    for part in ("<table>", "± 1e-", "<svg role=", "aria-label=", "<circle", "<path", "Try: "):
        assert part in html
    assert "(np." not in html
    plain = Failure("a < b\nTry: c")._repr_html_()
    assert plain == "<p><b>a &lt; b</b></p><pre>Try: c</pre>"


def test_no_map_but_for_two_coordinates():
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), lambda x: x, 3)
    assert "<svg" not in failure.value._repr_html_()


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (0.5, "1/2"), (-2.0, "-2"), (np.pi, "π"), (2 * np.pi, "2π"), (-np.pi / 2, "-π/2"),
        (1 / np.pi, "1/π"), (1 / (2 * np.pi), "1/(2π)"), (2**0.5, "√2"), (np.log(2), "log(2)"),
        (1.2345, "1.234"), (1 / np.log(10), "1/log(10)"),
    ],
)  # fmt: skip
def test_factors_have_names(factor, name):
    assert number(factor) == name


@pytest.mark.parametrize(
    ("points", "words"),
    [(3, "shape"), ([[1, 2, 3]], "shape"), ([[1, np.nan]], "finite"), ("ab", "shape")],
)
def test_points_that_make_no_sense(points, words):
    with pytest.raises(ValueError, match=f"points must .*{words}"):
        check_numerical_jacobian(saddle, saddle_slope, points=points)


def test_points_inside_the_domain():
    assert chosen([[1, 2]], 2, (0, 3)).shape == (1, 2)
    with pytest.raises(ValueError, match="inside the domain"):
        chosen([[1, 4]], 2, (0, 3))
    assert sample(2, None, 0).shape == (POINTS, 2)
    assert check_numerical_jacobian(saddle, saddle_slope, points=[[0.1, 0.2]])
    assert "not finite at x = [-1.0]" in message(
        lambda x: np.log(x[..., 0]), np.sign, 1, points=[[-1.0]]
    )
