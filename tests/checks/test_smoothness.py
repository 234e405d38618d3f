"""Why differences fail: kinks, jumps, noise, and functions that change too fast."""

import numpy as np
import pytest
from check_examples import CORRECT, EACH, EACH_SUM, diagnosis, f, grad_f

from coursekit.checks import check_numerical_jacobian


def test_a_function_that_is_not_finite_a_step_away():
    def f(x):
        return np.where(np.round(x[..., 0], 4) == x[..., 0], x[..., 0], np.nan)

    message = diagnosis(f, np.ones_like, domain=(-3, 3))
    assert "because f is not finite on both sides of x = [" in message


@pytest.mark.parametrize(
    ("func", "jac", "words"),
    [
        (lambda x: 1e14 + f(x), grad_f, "rounding changes f by"),
        (lambda x: 1e16 + f(x), lambda x: -grad_f(x), "rounding changes f by"),
        (lambda x: 1e16 + f(x), np.zeros_like, "rounding changes f by"),
        (
            lambda x: np.float64(np.float32(1e5 + f(x))),
            grad_f,
            "does f compute in float32, or carry a large constant",
        ),
        (
            lambda x: np.sin(1e16 * x).sum(axis=-1),
            lambda x: 1e16 * np.cos(1e16 * x),
            "f changes too much within one step",
        ),
        (
            lambda x: np.sin(1e16 * x).sum(axis=-1),
            np.zeros_like,
            "f changes too much within one step",
        ),
    ],
    ids=["constant", "and the opposite", "and zero", "float32", "fast", "fast, zero claimed"],
)
def test_says_so_when_the_differences_cannot_decide(func, jac, words):
    message = diagnosis(func, jac)
    assert message.startswith("The check cannot decide")
    assert words in message


def test_a_smaller_domain_makes_a_fast_function_decidable():
    box = (1e-6, 2e-6)
    func = CORRECT["one coordinate"][0]
    assert check_numerical_jacobian(
        lambda x: func(1e6 * x), lambda x: 5e6 * np.cos(5e6 * x), 1, domain=box
    )


@EACH
def test_functions_that_cannot_be_checked(f, jac):
    for wrong in (jac, lambda x: -jac(x), lambda x: 2 * jac(x)):
        text = diagnosis(lambda x: 1e18 + f(x), wrong)
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

    text = diagnosis(f, slope, domain=(-3, 3))
    assert text.startswith("The check cannot decide")
    assert "it fails beside x = [" in text


@pytest.mark.parametrize("factor", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize(
    ("g", "words"),
    [(g, "has a kink") for g in KINKS] + [(g, "jumps") for g in JUMPS],
)
def test_kinks_and_jumps_at_chosen_points(g, words, factor):
    text = diagnosis(
        lambda x: factor * g(x).sum(axis=-1), lambda x: factor * x, points=[[0.0, 0.0]]
    )
    assert text.startswith("The check cannot decide")
    assert f"{words} near x = [0.0, 0.0] in x[0]" in text


@pytest.mark.parametrize("near", [1e-10, -1e-10])
@pytest.mark.parametrize("factor", [1.0, 1e-6, 1e6])
def test_beside_a_kink_the_slope_is_that_of_its_side(near, factor):
    def f(x):
        return factor * np.abs(x).sum(axis=-1)

    assert check_numerical_jacobian(f, lambda x: factor * np.sign(x), points=[[near, near]])
    text = diagnosis(f, lambda x: -factor * np.sign(x), points=[[near, near]])
    assert "opposite sign" in text


def test_a_function_that_is_zero_is_named():
    text = diagnosis(lambda x: np.zeros(x.shape[:-1]), lambda x: 2 * x)
    assert "because f is 0 at x = [" in text
    assert "Try: is f itself right?" in text
