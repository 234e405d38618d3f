"""Where a check of a derivative reaches its limits: rare places, bounds, noise, many entries."""

from time import process_time

import numpy as np
import pytest
from check_examples import diagnosis
from scipy.integrate import solve_ivp

from coursekit.checks import CheckFailed, check_numerical_jacobian
from coursekit.objectives import rosenbrock


def square(x):
    return (x**2).sum(axis=-1)


def near(x, share):
    """Whether the first coordinate lies in a strip that covers a share of the box (-3, 3)."""
    return np.abs(x[..., :1] - 0.4) < 3 * share


@pytest.mark.parametrize("share", [0.01, 0.0275])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_derivative_that_is_not_finite_in_a_rare_place(share, value):
    text = diagnosis(square, lambda x: np.where(near(x, share), value, 2 * x), domain=(-3, 3))
    assert "jac_f is not finite at x = [0." in text


@pytest.mark.parametrize("share", [0.01, 0.0275])
def test_a_derivative_that_is_wrong_in_a_rare_place(share):
    text = diagnosis(square, lambda x: np.where(near(x, share), 2.1, 2) * x, domain=(-3, 3))
    assert "at x = [0." in text
    assert "finite difference" in text


def test_a_right_derivative_that_changes_fast_in_a_rare_place():
    def bump(x):
        return np.exp(-(((x[..., 0] - 0.4) / 1e-3) ** 2)) + x[..., 1]

    def grad(x):
        t = (x[..., 0] - 0.4) / 1e-3
        return np.stack([-2e3 * t * np.exp(-(t**2)), np.ones_like(t)], axis=-1)

    for seed in range(8):
        assert check_numerical_jacobian(bump, grad, domain=(-3, 3), seed=seed)


@pytest.mark.parametrize("factor", [1.0001, 1.00002, 0.9999, -1.0001])
def test_a_factor_is_never_said_to_be_one(factor):
    text = diagnosis(square, lambda x: 2 * factor * x)
    assert f"jac_f: {factor} times the derivative" in text


RIPPLE = (lambda x: (x + np.sin(x)).sum(axis=-1)), (lambda x: 1 + np.cos(x))
FAST = (
    lambda x: (x**2 + np.sin(100 * x)).sum(axis=-1),
    lambda x: 2 * x + 100 * np.cos(100 * x),
)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    ("pair", "trend", "domain"),
    [(RIPPLE, np.ones_like, (1e5, 2e5)), (FAST, np.square, (800, 1200))],
)
def test_a_ripple_on_a_trend(pair, trend, domain, n):
    for seed in range(4):
        assert check_numerical_jacobian(*pair, n, domain=domain, seed=seed)
    diagnosis(pair[0], trend, n, domain=domain)


def test_small_units():
    def f(x):
        return (1 / x).sum(axis=-1)

    assert check_numerical_jacobian(f, lambda x: -1 / x**2, domain=(1e-12, 1e-11))
    text = diagnosis(f, lambda x: -1.01 / x**2, domain=(1e-12, 1e-11))
    assert "1.01 times the derivative" in text


def inside(x):
    assert ((x >= 0) & (x <= 1)).all()
    return np.abs(x - 0.5).sum(axis=-1) + np.sqrt(x + 0.1).sum(axis=-1)


def inside_grad(x):
    return np.sign(x - 0.5) + 0.5 / np.sqrt(x + 0.1)


def test_the_domain_is_not_left_on_the_second_look_either():
    assert check_numerical_jacobian(inside, inside_grad, domain=(0, 1))
    text = diagnosis(inside, lambda x: inside_grad(x) + 1e-3, domain=(0, 1))
    assert "off by the same constant" in text
    text = diagnosis(inside, inside_grad, domain=(0, 1), points=[[0.5, 0.5]])
    assert "inside has a kink near x = [0.5, 0.5]" in text


def test_points_on_the_bounds():
    corners = [[0, 1], [0, 0.5], [1, 1]]
    args = {"domain": (0, 1), "points": corners}
    assert check_numerical_jacobian(lambda x: np.exp(x).sum(axis=-1), np.exp, **args)
    text = diagnosis(lambda x: np.exp(x).sum(axis=-1), lambda x: 1.0001 * np.exp(x), **args)
    assert "1.0001 times the derivative" in text


def test_a_minimum_with_value_zero_is_an_ordinary_point():
    assert check_numerical_jacobian(rosenbrock, rosenbrock.grad, points=[[1, 1]])
    text = diagnosis(rosenbrock, lambda x: rosenbrock.grad(x) + 0.01, points=[[1, 1]])
    assert "finite difference 0" in text or "finite difference" in text
    diagnosis(rosenbrock, lambda x: rosenbrock.grad(x) + 1e-6, points=[[1, 1]])


def test_the_tolerance_of_an_integrator():
    def final(x):
        return solve_ivp(
            lambda t, y: -x[0] * y * np.cos(t), (0, 2), [x[1]], rtol=1e-8, atol=1e-10
        ).y[0, -1]

    def grad(x):
        decay = np.exp(-x[..., 0] * np.sin(2))
        return np.stack([-np.sin(2) * x[..., 1] * decay, decay], axis=-1)

    points = [[0.5, 1.0], [-1.0, 2.0], [1.5, -0.5]]
    with pytest.raises(CheckFailed, match="or in f"):
        check_numerical_jacobian(final, grad, points=points)
    assert check_numerical_jacobian(final, grad, points=points, rtol=1e-7)
    text = diagnosis(final, lambda x: 1.001 * grad(x), points=points, rtol=1e-7)
    assert "1.001 times the derivative" in text


def test_a_function_that_is_its_own_derivative_has_the_wrong_shape_only():
    assert "expected (1, 1)" in diagnosis(np.exp, np.exp, 1)
    assert "returns square itself" in diagnosis(np.square, np.square, 1)


def test_what_the_function_raises_is_reported_as_itself():
    def picky(x):
        if (np.round(x, 4) != x).any():
            raise ValueError("not a point of the grid")
        return square(x)

    text = diagnosis(picky, lambda x: 2 * x)
    assert "picky raises ValueError at x = [" in text
    assert 'raise ValueError("not a point of the grid")' in text
    assert "not finite on both sides" not in text


A = np.random.default_rng(0).normal(size=(40, 50))


def layer(x):
    return np.tanh(x @ A.T)


def layer_jacobian(x):
    return (1 - layer(x) ** 2)[..., None] * A


def one_entry(x):
    J = layer_jacobian(x)
    J[..., 3, 7] *= -1
    return J


def cubes(x):
    return (x**3).sum(axis=-1)


@pytest.mark.benchmark
@pytest.mark.parametrize(
    ("f", "jac", "n", "words", "seconds"),
    [
        (layer, layer_jacobian, 50, None, 2),
        (layer, lambda x: 1.01 * layer_jacobian(x), 50, "1.01 times the derivative", 2),
        (layer, one_entry, 50, "component [3, 7] (the others agree): opposite sign", 2),
        (cubes, lambda x: 3 * x**2, 1000, None, 10),
        (cubes, lambda x: 3.1 * x**2, 1000, "times the derivative", 10),
    ],
)
def test_many_entries_take_seconds(f, jac, n, words, seconds):
    start = process_time()
    if words is None:
        assert check_numerical_jacobian(f, jac, n)
    else:
        assert words in diagnosis(f, jac, n)
    assert process_time() - start < 3 * seconds  # for a slow machine
