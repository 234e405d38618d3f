"""Values of f near a point: how often it is called, and what it may return."""

import numpy as np
import pytest
from derivative_examples import EPS

from coursekit.derivatives import directional_derivative, numerical_hessian, numerical_jacobian
from coursekit.derivatives.sampler import epsilon


def test_one_call_for_all_shifted_points_of_a_vectorized_function():
    calls = []

    def f(x):
        calls.append(x.shape)
        return (x**2).sum(axis=-1)

    numerical_jacobian(f, np.arange(100.0))
    # x and one shifted point alone, then two batches, each with x as its last row
    assert calls == [(100,), (1201, 100), (100,), (1601, 100)]


@pytest.mark.parametrize(
    ("f", "jac"),
    [
        (lambda x: x - x.mean(), np.eye(3) - 1 / 3),
        (lambda x: x - x[0], np.eye(3) - np.array([1, 0, 0])),
        (lambda x: np.array([x[0] if x[1] < 1 else x[2], x[2]]), [[1, 0, 0], [0, 0, 1]]),
    ],
    ids=["mean over everything", "first entry", "branches"],
)
def test_a_function_that_mixes_rows_is_called_point_by_point(f, jac):
    np.testing.assert_allclose(numerical_jacobian(f, np.zeros(3)), jac, atol=1e-10)


def test_the_point_is_not_changed_by_a_function_that_overwrites_its_input():
    def f(x):
        x *= 2
        return x.sum(axis=-1)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numerical_jacobian(f, x), [2, 2], rtol=1e-9)
    np.testing.assert_array_equal(x, [1, 2])


def test_complex_values_are_refused():
    with pytest.raises(TypeError, match="f must return real numbers, got an array of dtype comp"):
        numerical_jacobian(lambda x: x + 1j, [1.0])


def test_hessian_takes_one_call_for_a_vectorized_function():
    calls = []

    def f(x):
        calls.append(x.shape)
        return (x**2).sum(axis=-1)

    numerical_hessian(f, np.arange(20.0))
    assert len(calls) == 5  # two points alone, two batches for the scale and the noise
    assert calls[-1] == (12 * 20 * 21 + 1, 20)


def test_directional_derivative_takes_33_values_in_any_dimension():
    calls = []

    def f(x):
        calls.append(x.size // 1000)
        return (x**2).sum(axis=-1)

    x = np.arange(1000.0)
    np.testing.assert_allclose(directional_derivative(f, x, np.ones(1000)), 999000, rtol=1e-12)
    assert sum(calls) == 33


def test_shapes_on_both_sides_must_agree():
    with pytest.raises(ValueError, match=r"f must return one shape, got \(2,\) and \(3,\)"):
        directional_derivative(lambda x: np.zeros(2 if x[0] > 0 else 3), [0.0], [1.0], 0.1)


def test_a_changing_shape_is_refused():
    def f(x):
        return np.zeros(2 if x[0] > 1 else 3)

    with pytest.raises(
        ValueError, match=r"f must return one shape: \(3,\) at x = \[1.0, 2.0\], but"
    ):
        numerical_jacobian(f, [1.0, 2.0])


def test_epsilon_of_a_type():
    assert epsilon(np.float32) == np.finfo(np.float32).eps
    assert epsilon(np.int64) == epsilon(np.float64) == epsilon(np.complex128) == EPS
