"""Steps that f decides, and steps that are given."""

import math

import numpy as np
import pytest
from derivative_examples import EPS, function_a, grad_a, hessian_a

from coursekit.derivatives import (
    numerical_hessian,
    numerical_jacobian,
)


def test_error_falls_with_the_square_of_the_step():
    x = np.array([0.3, 0.7])
    steps = 0.1 / 2.0 ** np.arange(6)
    errors = [np.abs(numerical_jacobian(function_a, x, h) - grad_a(x)).max() for h in steps]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders[-3:], 2, atol=0.01)


def test_exact_for_quadratics_whatever_the_step():
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    x = np.array([0.5, -1.25])
    for h in (2.0**-10, 0.5, 4.0):
        jac = numerical_jacobian(lambda x: ((x @ matrix) * x).sum(axis=-1), x, h)
        np.testing.assert_allclose(jac, 2 * matrix @ x, rtol=1e-12)


def test_divides_by_the_step_really_taken():
    # 0.1 + 1e-10 is rounded by a relative 6e-8 of the step: a linear function shows it.
    jac = numerical_jacobian(lambda x: 1.0 * x, [0.1], 1e-10)
    np.testing.assert_allclose(jac, [[1.0]], rtol=4 * EPS)


def test_noise_of_the_function_enters_the_error():
    x = np.array([0.3, 0.7])
    quiet = numerical_jacobian(function_a, x, full_output=True)
    loud = numerical_jacobian(lambda x: function_a(x) + 1e6 - 1e6, x, full_output=True)
    assert loud.error.min() > 1e3 * quiet.error.max()
    assert (np.abs(loud.value - grad_a(x)) <= loud.error).all()


def test_a_step_for_each_coordinate():
    jac = numerical_jacobian(function_a, [0.3, 0.7], [1e-5, 1e-6])
    np.testing.assert_allclose(jac, grad_a(np.array([0.3, 0.7])), rtol=1e-8)


def test_hessian_error_falls_with_the_square_of_the_step():
    x = np.array([0.3, 0.7])
    steps = 0.2 / 2.0 ** np.arange(6)
    errors = [np.abs(numerical_hessian(function_a, x, h) - hessian_a(x)).max() for h in steps]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders[-3:], 2, atol=0.01)


@pytest.mark.parametrize("distance", [0, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_or_jump_near_the_point_enlarges_the_error(distance, side):
    x = np.array([0.7, -0.2])
    place = x + side * distance
    for f, slopes in (
        (lambda x: np.abs(x - place).sum(axis=-1) + np.sin(x).sum(axis=-1), [-side]),
        (lambda x: np.sin(x).sum(axis=-1) + (x > place).sum(axis=-1), [0]),
    ):
        got = numerical_jacobian(f, x, full_output=True)
        for slope in slopes if distance else (-1, 1):  # both one-sided derivatives
            assert (np.abs(got.value - np.cos(x) - slope) <= got.error + 1e-15).all() or (
                slope == 0 and distance == 0
            )
        assert got.status == 2 or got.error.max() <= 2e-3
        if distance == 0:
            assert got.error.min() > 0.5
            assert got.status == 2
            assert "kink" in got.message


def test_noise_does_not_pass_for_structure():
    def f(x):
        y = np.sin(43758.5453 * np.sin(1e12 * x.sum(axis=-1)))  # no step resolves it
        return np.sin(x).sum(axis=-1) + 1e-8 * y

    low = 0
    for x in np.random.default_rng(4).uniform(-2, 2, (100, 3)):
        got = numerical_jacobian(f, x, full_output=True)
        low += np.count_nonzero(np.abs(got.value - np.cos(x)) > got.error)
        assert np.abs(got.value - np.cos(x)).max() < 1e-5
    assert low <= 1


def test_points_where_f_is_not_finite_are_left_out_and_reported():
    x = np.array([0.4, 3.0, 1e-9])
    for f in (np.log, lambda x: np.array([math.log(t) for t in x])):  # nan, an exception
        got = numerical_jacobian(f, x, full_output=True)
        np.testing.assert_allclose(np.diag(got.value), 1 / x, rtol=1e-9)
        assert got.status == 1
        assert got.message.startswith("f is not finite at ")


def test_a_domain_is_not_left():
    lo, hi = np.array([0.0, 1.0]), np.array([1e-6, 2.0])
    seen = []

    def f(x):
        seen.append(np.reshape(x, (-1, 2)))
        return np.exp(x).sum(axis=-1)

    x = np.array([5e-7, 1.99])
    np.testing.assert_allclose(numerical_jacobian(f, x, domain=(lo, hi)), np.exp(x), rtol=1e-7)
    np.testing.assert_allclose(
        numerical_hessian(f, x - np.array([0, 0.5]), domain=(lo, hi)).diagonal()[1],
        np.exp(1.49),
        rtol=1e-8,
    )
    points = np.concatenate(seen)
    assert (points > lo).all()
    assert (points < hi).all()
    with pytest.raises(ValueError, match=r"domain must have x inside: x\[0\] = -1 is not between"):
        numerical_jacobian(f, [-1.0, 1.5], domain=(lo, hi))


def test_a_fixed_step_has_an_error_estimate_too():
    x = np.array([0.3, -1.0, 2.0])
    for h in (1e-1, 1e-3, 1e-5, 1e-10):
        got = numerical_jacobian(np.exp, x, h, full_output=True)
        assert (np.abs(got.value - np.diag(np.exp(x))) <= got.error).all()
        hess = numerical_hessian(lambda x: np.exp(x).sum(axis=-1), x, h, full_output=True)
        assert (np.abs(hess.value - np.diag(np.exp(x))) <= hess.error).all()
