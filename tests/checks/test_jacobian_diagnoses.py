"""What a wrong derivative has in common with the right one: every diagnosis."""

import re
from ast import literal_eval

import numpy as np
import pytest
from check_examples import (
    CORRECT,
    EACH,
    EACH_SUM,
    NOISE,
    cubic,
    diagnosis,
    f,
    g,
    grad_f,
    grad_g,
    hessian_f,
    jac_rotation,
    jac_twist,
    logistic,
    rotation,
    softplus,
    swirl,
    tall,
    twist,
)

from coursekit.checks import check_numerical_jacobian

SMOOTH = pytest.mark.parametrize(
    ("func", "jac"), [(f, grad_f), (grad_f, hessian_f), (g, grad_g), (twist, jac_twist)]
)


@SMOOTH
@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (-1, "jac_f: opposite sign."),
        (0, "jac_f: zero at every point."),
        (2, "jac_f: 2 times the derivative at every point."),
        (0.5, "jac_f: 1/2 times the derivative at every point."),
        (-2 / 3, "jac_f: -2/3 times the derivative at every point."),
        (np.pi, "jac_f: π times the derivative at every point."),
    ],
)
def test_constant_factor(func, jac, factor, words):
    message = diagnosis(func, lambda x: factor * jac(x))
    assert message.startswith(words + "\n  at x = [")
    assert "\n  yours  " in message
    assert "\n  finite difference " in message
    assert "±" in message
    assert "\nTry: " in message


@pytest.mark.parametrize(("func", "jac"), [(rotation, jac_rotation), (twist, jac_twist)])
def test_transposed(func, jac):
    message = diagnosis(func, lambda x: np.swapaxes(jac(x), -1, -2))
    assert message.startswith("jac_f: transposed.")


@pytest.mark.parametrize(("func", "jac"), [(f, grad_f), (g, grad_g)])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([1, -1], "component [1] (the others agree): opposite sign"),
        ([0, 1], "component [0] (the others agree): zero at every point"),
        ([3, 1], "component [0] (the others agree): 3 times the derivative"),
    ],
)
def test_one_wrong_component(func, jac, change, words):
    assert words in diagnosis(func, lambda x: jac(x) * np.array(change))


def test_one_wrong_component_with_no_simple_cause():
    message = diagnosis(f, lambda x: grad_f(x) + np.stack([0 * x[..., 0], x[..., 0] - 7], axis=-1))
    assert message.startswith("jac_f, component [1] (the others agree): wrong at 32 of 32 points")


def test_a_hessian_that_lost_its_symmetry_is_told_so():
    def asymmetric(x):
        return hessian_f(x) + x[..., :1, None] * np.array([[0.0, 1.0], [0.0, 0.0]])

    message = diagnosis(grad_f, asymmetric)
    assert message.endswith("is not: components [0, 1] and [1, 0] differ.")
    assert "symmetric" not in diagnosis(grad_f, lambda x: 2 * hessian_f(x))


def test_several_wrong_components_are_listed():
    message = diagnosis(grad_f, lambda x: hessian_f(x) * np.array([[1, 2], [2, 1]]))
    assert message.startswith("jac_f, components [0, 1], [1, 0] (the others agree): 2 times the")
    message = diagnosis(lambda x: x**2, lambda x: np.eye(3) * 2 * x[..., None] + np.eye(3) - 1, 3)
    assert "components [0, 1], [0, 2], [1, 0], [1, 2], …" in message


def test_components_wrong_each_in_its_own_way():
    message = diagnosis(f, lambda x: grad_f(x) * np.array([-1, 2]))
    assert message.startswith("jac_f, component [0] (wrong as well: [1]): opposite sign")


def test_gradient_with_an_absolute_value_is_right_in_one_half_only():
    def grad(x):
        decay = np.exp(-(x**2).sum(axis=-1))[..., None]
        return decay * (np.array([1, 0]) - 2 * np.abs(x[..., :1]) * x)

    assert diagnosis(g, grad).startswith("grad: right only where x[0] > 0.\n")
    assert check_numerical_jacobian(g, grad, domain=(0, 1))  # the source looked only here


def test_right_on_one_side_of_each_coordinate():
    relu = CORRECT["relu"][0]
    message = diagnosis(relu, np.ones_like)
    others = "component [0] (wrong as well: [1])"
    assert message.startswith(f"ones_like, {others}: right only where x[0] > 0.\n")
    message = diagnosis(cubic, lambda x: -3 * x**2)
    assert message.startswith(f"jac_f, {others}: right only where x[0] < 0.\n")


def test_right_only_near_the_origin():
    def clipped(x):
        return 2 * x * np.minimum(1, 0.2 / np.linalg.norm(x, axis=-1, keepdims=True))

    message = diagnosis(lambda x: (x**2).sum(axis=-1), clipped)
    assert message.startswith("clipped: right only where |x| < 0.")


def test_wrong_in_one_quadrant_shows_the_worst_point():
    def grad(x):
        return grad_f(x) * np.where((x < 0).all(axis=-1, keepdims=True), 1.5, 1)

    message = diagnosis(f, grad)
    assert "wrong at" in message
    assert "of 32 points" in message
    x = np.array(literal_eval(message.split("x = ")[1].split(", component")[0]))  # full digits
    component = int(message.split("component [")[1].split("]")[0])
    assert f"yours             {grad(x)[component]:.7g}" in message
    assert f"finite difference {grad_f(x)[component]:.7g} ±" in message


def test_where_a_wrong_derivative_is_right_is_said():
    def one_inner_derivative(x):
        e = np.exp(-(x**2).sum(axis=-1))
        inner = -2 * x[..., 0] * x.sum(axis=-1) * e
        return np.stack([e + inner, inner], axis=-1)

    message = diagnosis(lambda x: x[..., 0] * np.exp(-(x**2).sum(axis=-1)), one_inner_derivative)
    assert "here; right where x[0] = 0 and where x[1] = 0 (component [0] only)." in message

    def skewed(x):
        return 2 * x * (1 + np.array([1, 2]) * ((x**2).sum(axis=-1, keepdims=True) - 1) ** 2)

    assert "here; right where |x| = 1." in diagnosis(lambda x: (x**2).sum(axis=-1), skewed)


def test_a_gradient_of_one_length_is_told():
    def unit(x):
        return x / np.linalg.norm(x, axis=-1, keepdims=True)

    message = diagnosis(lambda x: (x**2).sum(axis=-1), unit)
    assert "yours has the length 1 at every point" in message
    assert message.endswith("is it divided by its own length?")


def test_a_component_that_is_zero_names_the_others_that_are_wrong():
    def wrong(x):
        return np.stack([0 * x[..., 0], x[..., 1] ** 4 + 3 * np.sin(x[..., 0])], axis=-1)

    message = diagnosis(lambda x: (x**2).sum(axis=-1), wrong)
    assert "component [0] (wrong as well: [1]): zero at every point" in message


def test_numbers_in_another_order_are_told_from_a_sum():
    def reshaped(x):
        return np.array([2 * x[..., 0], 2 * x[..., 1]]).reshape(x.shape)

    message = diagnosis(lambda x: (x**2).sum(axis=-1), reshaped)
    assert message.endswith("np.stack([...], axis=-1) or np.moveaxis does.")


def test_components_in_the_wrong_order_are_named():
    for function, right in [(f, grad_f), (lambda x: x[..., 0] * np.exp(x[..., 1]), None)]:
        if right is None:

            def right(x):
                return np.stack([np.exp(x[..., 1]), x[..., 0] * np.exp(x[..., 1])], axis=-1)

        message = diagnosis(function, lambda x, right=right: right(x)[..., ::-1])
        assert "components in the wrong order" in message


def test_six_digits_are_called_imprecise():
    for slope in (1.0, 1e6):
        message = diagnosis(
            lambda x, slope=slope: slope * f(x),
            lambda x, slope=slope: slope * grad_f(x) * (1 + 1e-6 * np.sin(1e3 * x)),
        )
        assert "right to about six digits only" in message


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
    "by one and the same factor, which depends on x": lambda f, jac: (
        lambda x: jac(x) * (2 + tall(np.sin(3 * x[..., 0]) * x[..., 1], jac(x)))
    ),
}


@EACH
@pytest.mark.parametrize("words", MISTAKES)
def test_each_mistake_is_named(f, jac, words):
    text = diagnosis(f, MISTAKES[words](f, jac))
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
    assert f"{where} (the others agree): opposite sign" in diagnosis(f, wrong)


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
    assert "components in the wrong order, [0], [2]" in diagnosis(f, lambda x: jac(x)[..., pick], n)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_transposed_and_f_itself(n):
    A = np.random.default_rng(n).normal(size=(n, n))

    def f(x):
        return np.tanh(x @ A.T)

    def jac(x):
        return (1 - f(x) ** 2)[..., None] * A

    assert ": transposed" in diagnosis(f, lambda x: np.swapaxes(jac(x), -1, -2), n)
    assert "returns f itself" in diagnosis(f, f, n)


@EACH_SUM
def test_several_wrong_components_are_named(g, slope):
    def one_cause(x):
        return slope(x) * np.array([1, 2, 1, 2])

    def two_causes(x):
        return slope(x) * np.array([1, -1, 1, 0])

    f = lambda x: g(x).sum(axis=-1)  # noqa: E731
    both = "components [1], [3] (the others agree): 2 times the derivative at every point"
    assert both in diagnosis(f, one_cause, 4)
    both = "components [1], [3] (the others agree), component [1]: opposite sign"
    assert both in diagnosis(f, two_causes, 4)


def test_too_small_a_domain_of_definition_is_said():
    def f(x):
        return np.where((x > 0.2) & (x < 0.204), x, np.nan).sum(axis=-1)

    assert "points tried, too few" in diagnosis(f, np.ones_like, 1)


@pytest.mark.parametrize("shift", [18, 19, 20])
def test_a_derivative_that_cancels_is_imprecise(shift):
    """Found by the next test: 1 + tanh is a slope of softplus, but not where it is tiny."""

    def f(x):
        return softplus(x - shift).sum(axis=-1)

    assert check_numerical_jacobian(f, lambda x: logistic(x - shift), domain=(-2, 0))
    text = diagnosis(f, lambda x: (1 + np.tanh((x - shift) / 2)) / 2, domain=(-2, 0))
    assert "right to about six digits only" in text


@pytest.mark.parametrize(("h", "words"), [
    (1e-5, "right to about six digits only"), (1e-4, "right to about six digits only"),
    (1e-2, "close everywhere, off by less than 1e-03"),
])  # fmt: skip
def test_a_hessian_by_differences_is_close_and_the_numbers_shown_differ(h, words):
    def slope(x):
        return np.exp(-(x**2).sum(-1, keepdims=True)) * ([1.0, 0.0] - 2 * x[..., :1] * x)

    def central(x):
        return np.stack([(slope(x + h * e) - slope(x - h * e)) / (2 * h) for e in np.eye(2)], -1)

    text = diagnosis(slope, central)
    assert "transposed" not in text
    yours, theirs = re.search(r"yours +(\S+)\n +finite difference (\S+) ±", text).groups()
    assert yours != theirs
    forward = diagnosis(
        slope, lambda x: np.stack([(slope(x + 1e-4 * e) - slope(x)) * 1e4 for e in np.eye(2)], -1)
    )
    assert "close everywhere, off by less than" in forward
    assert "is it an approximation" in forward
