"""First weights: their moments, and what theory says of values and Jacobians over depth."""

import os

import numpy as np
import pytest

from coursekit.derivatives import numerical_jacobian
from coursekit.learning.initialization import (
    ACTIVATIONS,
    depth_norms,
    fans,
    glorot,
    he,
    orthogonal,
)

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def test_fans_are_those_of_keras():
    keras = pytest.importorskip("keras")
    from keras.src.initializers.random_initializers import compute_fans

    assert keras
    assert fans((4, 3)) == compute_fans((3, 4))  # Keras stores the transpose
    assert fans((3, 5, 64, 128)) == compute_fans((3, 5, 64, 128))


@pytest.mark.parametrize("shape", [(400, 300), (3, 3, 64, 128)])
def test_variances(shape):
    fan_in, fan_out = fans(shape)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        W = he(shape, rng)
        error = 5 * np.sqrt(2 / W.size)  # five standard errors of a variance
        assert W.shape == shape
        assert abs(W.var() * fan_in / 2 - 1) < error
        assert abs(glorot(shape, rng).var() * (fan_in + fan_out) / 2 - 1) < error


@pytest.mark.parametrize("shape", [(7, 7), (3, 8), (8, 3)])
def test_orthogonal_weights_have_one_singular_value(shape):
    Q = orthogonal(shape, np.random.default_rng(0), gain=2**0.5)
    assert Q.shape == shape
    np.testing.assert_allclose(np.linalg.svd(Q, compute_uv=False), 2**0.5, rtol=1e-14)


def test_orthogonal_weights_prefer_no_direction():
    rng = np.random.default_rng(0)
    traces = [np.trace(orthogonal((3, 3), rng)) for _ in range(2000)]
    assert abs(np.mean(traces)) < 5 / np.sqrt(2000)  # mean 0, variance 1 for Haar measure
    assert abs(np.var(traces) - 1) < 0.2


def test_the_mean_square_is_multiplied_by_half_of_c():
    """E[M_k] = (c/2)^k for weights of variance c/n; Hanin and Rolnick 2018."""
    n, depth, nets = 40, 6, 1500
    for c in (1.0, 2.0, 3.0):
        rng = np.random.default_rng(0)
        found = [
            depth_norms(
                np.sqrt(c / n) * rng.standard_normal((depth, n, n)), np.ones(n)
            ).mean_squares[-1]
            for _ in range(nets)
        ]
        spread = np.std(found) / np.sqrt(nets)
        assert abs(np.mean(found) - (c / 2) ** depth) < 5 * spread


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("shortcut", [None, 0.7])
def test_jacobians_are_those_of_differences(activation, shortcut):
    rng = np.random.default_rng(0)
    weights, v0 = rng.standard_normal((4, 5, 5)), rng.standard_normal(5)

    def network(v):
        for W in weights:
            v = ACTIVATIONS[activation][0](v @ W.T)
        return v

    def with_shortcut(v):
        for W in weights:
            v = v + shortcut * ACTIVATIONS[activation][0](v @ W.T)
        return v

    func = network if shortcut is None else with_shortcut
    norms = depth_norms(weights, v0, activation=activation, shortcut=shortcut)
    J = numerical_jacobian(func, v0)
    np.testing.assert_allclose(norms.jacobians[-1], np.linalg.norm(J) / np.sqrt(5), rtol=1e-6)
    np.testing.assert_allclose(norms.mean_squares[-1], np.mean(func(v0) ** 2), rtol=1e-12)
    assert norms.jacobians[0] == 1
    assert norms.mean_squares.shape == norms.jacobians.shape == (5,)


def test_orthogonal_linear_layers_change_nothing_at_any_depth():
    rng = np.random.default_rng(0)
    norms = depth_norms([orthogonal((20, 20), rng) for _ in range(200)], np.ones(20),
                        activation="linear")  # fmt: skip
    np.testing.assert_allclose(norms.jacobians, 1, rtol=1e-12)
    np.testing.assert_allclose(norms.mean_squares, 1, rtol=1e-12)


def test_float32_overflows_to_inf_without_a_warning_and_widths_may_change():
    weights = [np.full((3, 2), 1e30, np.float32), np.full((2, 3), 1e30, np.float32)]
    norms = depth_norms(weights, np.ones(2, np.float32))
    assert np.isfinite(norms.mean_squares[1])
    assert norms.mean_squares[2] == np.inf


def test_sigmoids_of_large_numbers_do_not_overflow():
    f, slope = ACTIVATIONS["sigmoid"]
    z = np.array([-1000.0, 0.0, 1000.0])
    np.testing.assert_allclose(f(z), [0, 0.5, 1], atol=1e-15)
    np.testing.assert_allclose(slope(z), [0, 0.25, 0], atol=1e-15)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fans((3,)), ValueError, r"\(kh, kw, C, F\); got 1 entries"),
        (lambda: fans((3, 0)), ValueError, "shape must be at least 1; got 0"),
        (lambda: fans((3, 2.5)), TypeError, "shape must be an integer; got 2.5"),
        (lambda: orthogonal((3, 3, 1, 1), RNG), ValueError, "got 4 entries"),
        (lambda: orthogonal((3, 3), RNG, gain=0), ValueError, "gain must be above 0"),
        (lambda: depth_norms([], [1]), ValueError, "at least one layer"),
        (lambda: depth_norms([np.eye(2)], [1]), ValueError, r"weights\[0\] must have shape \(m, 1"),
        (
            lambda: depth_norms([np.ones((3, 2))], [1, 1], shortcut=1),
            ValueError,
            r"weights\[0\] must have shape \(2, 2\); got shape \(3, 2\)",
        ),
        (
            lambda: depth_norms([np.eye(2)], [1, 1], activation="ReLU"),
            ValueError,
            "one of 'relu', 'tanh', 'sigmoid', 'linear'; got 'ReLU'",
        ),
        (lambda: depth_norms([[1]], [1]), ValueError, r"weights\[0\] must be a nonempty matrix"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
