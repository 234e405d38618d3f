"""Dropout, its exact averages, limits of norms, batch normalization and its gradients."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import numerical_jacobian, softmax
from coursekit.learning.layers import (
    all_masks,
    batch_norm,
    batch_norm_gradients,
    dropout,
    max_norm,
)

rng = np.random.default_rng


# --- Dropout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("keep", [0.3, 0.8, 1])
def test_kept_values_are_divided_so_that_the_mean_stays(keep, dtype):
    v = np.ones(40_000, dtype)
    out = dropout(v, keep, seed=1)
    assert out.dtype == dtype
    assert set(np.unique(out)) <= {dtype(0), dtype(1) / dtype(keep)}
    deviation = math.sqrt((1 - keep) / keep / len(v))
    assert out.mean(dtype=float) == pytest.approx(1, abs=4 * deviation + 1e-6)


def test_a_generator_goes_on():
    r = rng(0)
    first, second = dropout(np.ones(50), 0.5, seed=r), dropout(np.ones(50), 0.5, seed=r)
    assert (first != second).any()


@pytest.mark.parametrize("keep", [0.2, 0.5, 1])
def test_all_masks_have_the_moments_of_independent_units(keep):
    masks, p = all_masks(5, keep)
    assert masks.shape == (32, 5)
    assert len(np.unique(masks, axis=0)) == 32
    assert p.sum() == pytest.approx(1)
    np.testing.assert_allclose(p @ masks, keep)
    second = masks.T @ (p[:, None] * masks)
    np.testing.assert_allclose(second, keep**2 + keep * (1 - keep) * np.eye(5))


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1))
def test_the_mean_of_thinned_nets(seed, keep):
    """The scaled net is their mean after a linear layer, the geometric mean after a softmax."""
    r = rng(seed)
    A, b, v = r.normal(size=(3, 4)), r.normal(size=3), r.normal(size=4)
    masks, p = all_masks(4, keep)
    outputs, scaled = (masks * v) @ A.T + b, keep * A @ v + b
    np.testing.assert_allclose(p @ outputs, scaled, atol=1e-12)
    product = np.exp(p @ np.log(softmax(outputs)))
    np.testing.assert_allclose(product / product.sum(), softmax(scaled), atol=1e-12)


def test_the_example_of_the_chapter():
    A, b, v = np.array([[1, -2, 1, 0.5], [0, 1, -1, 2]]), np.array([0.25, 0]), [2, 0, 3.5, 1]
    masks, p = all_masks(4)
    outputs = (masks * v) @ A.T + b
    np.testing.assert_allclose(p @ outputs, [3.25, -0.75])
    np.testing.assert_allclose(p @ np.maximum(outputs, 0), [3.25, 0.5])


def test_dropout_in_linear_regression_is_a_ridge_penalty():
    r = rng(3)
    X, y, w, p = r.normal(size=(2, 4)), r.normal(size=2), r.normal(size=4), 0.7
    masks, chance = all_masks(8, p)
    errors = [np.sum((y - (m.reshape(2, 4) * X) @ w) ** 2) for m in masks]
    penalty = p * (1 - p) * np.sum(np.sum(X**2, axis=0) * w**2)
    assert chance @ errors == pytest.approx(np.sum((y - p * X @ w) ** 2) + penalty)


@pytest.mark.parametrize("keep", [0, -0.1, 1.1])
def test_what_is_no_probability(keep):
    for call in (lambda: dropout([1, 2], keep), lambda: all_masks(2, keep)):
        with pytest.raises(ValueError, match=r"keep must be (above 0|at most 1)"):
            call()
    with pytest.raises(ValueError, match="n must be at most 20"):
        all_masks(21)


# --- Limits of norms ------------------------------------------------------------------------------


def test_long_rows_are_shortened_and_others_stay():
    A = rng(0).normal(size=(6, 3)) * np.arange(6)[:, None]
    out = max_norm(A, 2.0)
    lengths = np.linalg.norm(A, axis=1)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), np.minimum(lengths, 2))
    np.testing.assert_allclose(out[lengths <= 2], A[lengths <= 2], rtol=1e-15)
    np.testing.assert_allclose(lengths[:, None] * out, np.minimum(lengths, 2)[:, None] * A)
    assert max_norm(A.astype(np.float32), 2).dtype == np.float32


# --- Batch normalization --------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(8, 3), (4, 5, 6, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_feature_gets_its_mean_and_deviation(shape, dtype):
    v = (rng(0).normal(size=shape) * [1, 10, 100] + [5, -3, 200]).astype(dtype)
    gamma, beta = np.array([1, 2, -3]), np.array([0, 7, -1])
    y, (mean, variance) = batch_norm(v, gamma, beta, epsilon=1e-7)
    over = tuple(range(v.ndim - 1))
    assert y.dtype == dtype
    np.testing.assert_allclose(y.mean(over), beta, atol=1e-4)
    np.testing.assert_allclose(y.std(over), np.abs(gamma), rtol=1e-4)
    np.testing.assert_allclose(mean, v.mean(over))
    np.testing.assert_allclose(variance, v.var(over))


def test_the_small_batch():
    y, _ = batch_norm([[1, 10], [2, 20], [3, 60]], [1, 1], [0, 0], epsilon=1e-12)
    np.testing.assert_allclose(y[:, 0], [-math.sqrt(1.5), 0, math.sqrt(1.5)])
    np.testing.assert_allclose(y[:, 1], np.array([-20, -10, 30]) / math.sqrt(1400 / 3))


def test_shifts_and_scales_are_forgotten():
    v = rng(2).normal(size=(9, 4))
    first, _ = batch_norm(v, np.ones(4), np.zeros(4), epsilon=1e-12)
    other, _ = batch_norm(v * [2, 0.5, 100, 1] + [1, 2, 3, 4], np.ones(4), np.zeros(4),
                          epsilon=1e-12)  # fmt: skip
    np.testing.assert_allclose(first, other, atol=1e-8)


def test_a_constant_feature_is_no_division_by_zero():
    y, _ = batch_norm(np.ones((4, 2)), [1, 1], [5, 6])
    np.testing.assert_allclose(y, [[5, 6]] * 4)
    grads = batch_norm_gradients(np.ones((4, 2)), [1, 1], np.ones((4, 2)))
    assert all(np.isfinite(g).all() for g in grads)


def test_given_statistics_make_a_linear_map():
    v, mean, variance = rng(1).normal(size=(5, 2)), np.array([1.0, 2]), np.array([4.0, 9])
    y, used = batch_norm(v, [1, 2], [0, 1], statistics=(mean, variance), epsilon=1e-12)
    np.testing.assert_allclose(y, (v - mean) / [2, 3] * [1, 2] + [0, 1])
    assert used[0] is mean
    single, _ = batch_norm(v[:1], [1, 2], [0, 1], statistics=(mean, variance), epsilon=1e-12)
    np.testing.assert_allclose(single, y[:1])


@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 2, 3)])
def test_gradients_agree_with_differences(shape):
    r = rng(4)
    v, g = r.normal(size=(2, *shape))
    gamma, beta = r.normal(size=(2, 3))
    found = batch_norm_gradients(v, gamma, g)
    losses = (
        lambda a: np.sum(g * batch_norm(a.reshape(shape), gamma, beta)[0]),
        lambda a: np.sum(g * batch_norm(v, a, beta)[0]),
        lambda a: np.sum(g * batch_norm(v, gamma, a)[0]),
    )
    for loss, start, grad in zip(losses, (v, gamma, beta), found, strict=True):
        differences = numerical_jacobian(loss, start.ravel())
        np.testing.assert_allclose(grad.ravel(), differences, atol=1e-8)
    np.testing.assert_allclose(found[0].sum(tuple(range(len(shape) - 1))), 0, atol=1e-12)


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"v must have shape \(\.\.\., F\), samples first"):
        batch_norm([1, 2], [1], [0])
    with pytest.raises(ValueError, match=r"gamma must have shape \(2,\); got shape \(3,\)"):
        batch_norm(np.ones((4, 2)), [1, 1, 1], [0, 0])
    with pytest.raises(ValueError, match=r"statistics must have shape \(2,\); got shape \(1,\)"):
        batch_norm(np.ones((4, 2)), [1, 1], [0, 0], statistics=([1], [1]))
    with pytest.raises(ValueError, match=r"upstream must have shape \(4, 2\); got shape \(2, 4\)"):
        batch_norm_gradients(np.ones((4, 2)), [1, 1], np.ones((2, 4)))
    with pytest.raises(ValueError, match="epsilon must be above 0"):
        batch_norm(np.ones((4, 2)), [1, 1], [0, 0], epsilon=0)
