"""Functions whose own scale is far from that of x: ripples, units, offsets, bounds."""

import numpy as np
import pytest

from coursekit.derivatives import GOOD, UNRELIABLE, numerical_jacobian


def derivative(f, x, **options):
    """Value, error and status of the derivative of a function of one number."""
    got = numerical_jacobian(lambda x: f(x[..., 0]), [x], full_output=True, **options)
    return got.value[0], got.error[0], got.status


def griewank(x):
    i = np.sqrt(np.arange(1, x.shape[-1] + 1))
    return (x**2).sum(axis=-1) / 4000 - np.cos(x / i).prod(axis=-1) + 1


def griewank_gradient(x):
    i = np.sqrt(np.arange(1, x.size + 1))
    others = np.array([np.delete(np.cos(x / i), k).prod() for k in range(x.size)])
    return x / 2000 + np.sin(x / i) / i * others


RIPPLES = [  # f, its derivative, where, relative error allowed
    (lambda x: x + np.sin(x), lambda x: 1 + np.cos(x), 2e4, 1e-9),
    (lambda x: x + np.sin(x), lambda x: 1 + np.cos(x), 1e5, 1e-8),
    (lambda x: x + np.sin(x), lambda x: 1 + np.cos(x), 2e10, 1e-4),
    (lambda x: x**2 + np.sin(100 * x), lambda x: 2 * x + 100 * np.cos(100 * x), 1000.3, 1e-9),
    (lambda x: x + 1e-6 * np.sin(1e6 * x), lambda x: 1 + np.cos(1e6 * x), 0.3, 1e-6),
    (lambda x: x + 1e-10 * np.sin(1e9 * x), lambda x: 1 + 0.1 * np.cos(1e9 * x), 0.3, 1e-4),
    (
        lambda x: x**2 - 10 * np.cos(2 * np.pi * x),
        lambda x: 2 * x + 20 * np.pi * np.sin(2 * np.pi * x),
        1e4 + 0.2,
        1e-6,
    ),
]


@pytest.mark.parametrize(("f", "slope", "x", "rtol"), RIPPLES)
def test_a_ripple_on_a_trend_is_no_noise(f, slope, x, rtol):
    value, error, _ = derivative(f, x)
    assert value == pytest.approx(slope(x), rel=rtol, abs=rtol)
    assert abs(value - slope(x)) <= error


@pytest.mark.parametrize("size", [500, 1e4, 1e5])
def test_griewank(size):
    for x in np.random.default_rng(0).uniform(-size, size, (20, 3)):
        got, exact = numerical_jacobian(griewank, x, full_output=True), griewank_gradient(x)
        np.testing.assert_allclose(got.value, exact, rtol=0, atol=1e-5 * max(1, size / 1e4))
        assert (np.abs(got.value - exact) <= got.error).all()


def test_every_point_of_a_box_near_1e5():
    for x in np.random.default_rng(1).uniform(1e5, 2e5, 100):
        value, error, status = derivative(lambda x: x + np.sin(x), x)
        assert abs(value - 1 - np.cos(x)) <= error <= 1e-3
        assert status == GOOD or 1 + np.cos(x) < 0.05  # a slope that nearly vanishes


def lennard_jones(r, depth=1.65e-21, diameter=3.4e-10):
    return 4 * depth * ((diameter / r) ** 12 - (diameter / r) ** 6)


def lennard_jones_slope(r, depth=1.65e-21, diameter=3.4e-10):
    return 4 * depth * (-12 * (diameter / r) ** 12 + 6 * (diameter / r) ** 6) / r


UNITS = [
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-12),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-7),
    (lambda x: 1 / x, lambda x: -1 / x**2, 1e-25),
    (lambda x: np.exp(-((x / 1e-9) ** 2)), lambda x: -2e18 * x * np.exp(-((x / 1e-9) ** 2)), 1e-9),
    (lambda x: np.exp(-((x / 1e-9) ** 2)), lambda x: -2e18 * x * np.exp(-((x / 1e-9) ** 2)), 1e-12),
    (lennard_jones, lennard_jones_slope, 4e-10),
    (lennard_jones, lennard_jones_slope, 3.4e-10),
    (lambda x: np.sin(x / 1e-9), lambda x: 1e9 * np.cos(x / 1e-9), 0.0),
    (np.log, lambda x: 1 / x, 1e-12),
    (np.exp, np.exp, 1e-15),  # no scale of x, but of f
]


@pytest.mark.parametrize(("f", "slope", "x"), UNITS)
def test_units_do_not_matter(f, slope, x):
    value, error, status = derivative(f, x)
    assert value == pytest.approx(slope(x), rel=1e-8)
    assert abs(value - slope(x)) <= error <= 1e-3 * abs(value)
    assert status < UNRELIABLE


def test_coordinates_in_different_units():
    got = numerical_jacobian(
        lambda x: np.stack([1 / x[..., 0], np.sin(x[..., 1])], axis=-1), [1e-12, 0.4]
    )
    np.testing.assert_allclose(got, [[-1e24, 0], [0, np.cos(0.4)]], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("factor", [1, 3])
def test_a_sine_far_from_zero(factor):
    value, error, _ = derivative(lambda x: np.sin(factor * x), 1e10)
    assert value == pytest.approx(factor * np.cos(factor * 1e10), abs=1e-5)
    assert abs(value - factor * np.cos(factor * 1e10)) <= error < 1e-3


def test_a_large_constant_is_said_to_leave_few_digits():
    value, error, status = derivative(lambda x: 1e14 + np.sin(x), 0.3)
    assert abs(value - np.cos(0.3)) <= error
    assert status == UNRELIABLE


def test_what_no_step_resolves_is_unreliable():
    value, error, status = derivative(lambda x: np.sin(1e18 * x), 0.3)
    assert status == UNRELIABLE
    assert error == np.inf or abs(value - 1e18 * np.cos(3e17)) <= error


EDGES = [
    (np.exp, np.exp, 0, 1),
    (lambda x: np.sin(5 * x), lambda x: 5 * np.cos(5 * x), -1, 2),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x), 0.1, 1),
    (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2, -2, -1),
]


@pytest.mark.parametrize("distance", [0, 1e-15, 1e-9, 1e-4, 1e-2, 0.1])
@pytest.mark.parametrize(("f", "slope", "lo", "hi"), EDGES)
def test_on_and_near_a_bound_no_digits_are_lost(f, slope, lo, hi, distance):
    def inside(x):
        assert ((lo <= x) & (x <= hi)).all()
        return f(x)

    for x in (lo + distance, hi - distance):
        value, error, status = derivative(inside, x, domain=(lo, hi))
        assert value == pytest.approx(slope(x), rel=1e-9)
        assert abs(value - slope(x)) <= 2 * error + 1e-13 * abs(value)
        assert status == GOOD


def test_the_accuracy_of_the_values_can_be_given():
    def f(x):
        return np.sin(x) * (1 + 1e-8 * np.sin(1e6 * x))

    finest, _, _ = derivative(f, 0.3)
    value, error, _ = derivative(f, 0.3, rtol=1e-8)
    assert abs(finest - np.cos(0.3)) > 1e-4
    assert abs(value - np.cos(0.3)) <= error < 1e-5
    with pytest.raises(ValueError, match="rtol must be at least 0 and below 1, got -1"):
        derivative(f, 0.3, rtol=-1)


def test_what_f_raises_on_both_sides_is_said():
    def f(x):
        if x[0] != 0.5:
            raise ValueError("only one half will do")
        return x[0]

    with pytest.raises(ValueError, match=r"f raises ValueError \(only one half will do\)"):
        numerical_jacobian(f, [0.5])
