"""The playground: point sets are what they say, and training follows the gradient."""

import numpy as np
import pytest

from coursekit.learning import playground
from coursekit.learning.networks import forward, random_network
from coursekit.learning.playground import POINT_SETS, point_set, train
from coursekit.numbers.softmax import cross_entropy


def accuracy(network, v, labels):
    return np.mean((forward(network, v)[:, 0] > 0) == labels)


def loss(network, v, labels, function):
    for A, b in network[:-1]:
        v = function(v @ A.T + b)
    A, b = network[-1]
    outputs = v @ A.T + b
    if outputs.shape[1] == 1:
        return np.logaddexp(0, np.where(labels, -1, 1) * outputs[:, 0]).mean()
    return np.mean([cross_entropy(z, y) for z, y in zip(outputs, labels, strict=True)])


@pytest.mark.parametrize("name", POINT_SETS)
def test_a_set_has_two_classes_of_equal_size_in_its_square(name):
    v, labels = point_set(name, 200)
    assert v.shape == (400, 2)
    assert labels.tolist() == [1] * 200 + [0] * 200
    assert np.abs(v).max() < 1.7
    np.testing.assert_array_equal(v, point_set(name, 200, seed=0)[0])
    assert (v != point_set(name, 200, seed=1)[0]).any()


def test_sets_are_what_they_are_called():
    v, labels = point_set("ring", 300)
    radius = np.hypot(*v.T)
    assert radius[labels == 1].max() <= 0.5 < 0.9 <= radius[labels == 0].min()
    assert radius.max() <= 1.4
    assert np.mean(radius[labels == 1] ** 2) == pytest.approx(0.125, rel=0.1)  # even in area
    v, labels = point_set("exclusive or", 300)
    np.testing.assert_array_equal(v.prod(axis=1) > 0, labels == 1)
    v, labels = point_set("blobs", 300)
    assert np.mean((v @ [0.6, 0.4] > 0) == labels) > 0.99
    v, labels = point_set("spirals", 300)
    turned = v * np.where(labels, -1, 1)[:, None]  # one arm is the other, turned by half a turn
    angle = np.arctan2(*turned.T[::-1]) % (2 * np.pi)
    gap = (angle - 2 * np.pi * (np.hypot(*v.T) - 0.2) / 1.1 + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(gap).max() < 0.4


@pytest.mark.parametrize("activation", playground.ACTIVATIONS)
@pytest.mark.parametrize("widths", [[2, 1], [2, 4, 1], [2, 4, 3, 3]])
def test_the_gradient_is_that_of_the_loss(widths, activation):
    v, labels = point_set("ring", 10)
    function, _ = playground.ACTIVATIONS[activation]
    network = random_network(widths, 1)
    layers = [(A[None].copy(), b[None].copy()) for A, b in network]
    slopes = [(np.empty_like(A), np.empty_like(b)) for A, b in layers]
    targets = playground._targets(labels, (1, 20), widths[-1])
    playground._gradient(layers, v[None], targets, playground.ACTIVATIONS[activation], slopes)
    for k, pair in enumerate(network):
        for part, array in enumerate(pair):
            for at in np.ndindex(array.shape):
                values = []
                for h in (1e-6, -1e-6):
                    moved = [[x.copy() for x in layer] for layer in network]
                    moved[k][part][at] += h
                    values.append(loss(moved, v, labels, function))
                quotient = (values[0] - values[1]) / 2e-6
                assert slopes[k][part][0][at] == pytest.approx(quotient, abs=1e-8)


def test_the_first_step_of_adam_has_the_step_size_in_each_coordinate():
    v, labels = point_set("blobs", 20)
    [(start, after)] = train([2, 3, 1], v, labels, [0, 1], step_size=0.125)
    for before, now in zip(start, after, strict=True):
        for x, y in zip(before, now, strict=True):
            moved = np.abs(x - y)[np.abs(x - y) > 0]  # a dead neuron does not move
            np.testing.assert_allclose(moved, 0.125, rtol=0.02)  # up to epsilon


def test_it_starts_at_random_network_and_keeps_what_is_asked_for():
    v, labels = point_set("ring", 20)
    runs = train([2, 4, 1], v, labels, [0, 10, 20], seeds=[7, 8])
    for seed, run in zip([7, 8], runs, strict=True):
        for (A, b), (W, c) in zip(run[0], random_network([2, 4, 1], seed), strict=True):
            np.testing.assert_array_equal(A, W)
            np.testing.assert_array_equal(b, c)
        losses = [loss(n, v, labels, lambda z: np.maximum(z, 0)) for n in run]
        assert losses[0] > losses[1] > losses[2]


def test_a_seed_gives_the_same_network_in_any_company():
    v, labels = point_set("ring", 20)
    [alone] = train([2, 4, 1], v, labels, [50], seeds=[3])
    *_, last = train([2, 4, 1], v, labels, [50, 20], seeds=[1, 2, 3])
    for (A, b), (W, c) in zip(alone[0], last[0], strict=True):
        np.testing.assert_allclose(A, W, atol=1e-9)
        np.testing.assert_allclose(b, c, atol=1e-9)


def test_each_seed_may_have_its_own_points():
    sets = [point_set(name, 20) for name in ("blobs", "ring")]
    v, labels = (np.array(part) for part in zip(*sets, strict=True))
    runs = train([2, 6, 1], v, labels, [50], seeds=[4, 5])
    for run, some, seed in zip(runs, sets, (4, 5), strict=True):
        [alone] = train([2, 6, 1], *some, [50], seeds=[seed])
        for (A, b), (W, c) in zip(run[0], alone[0], strict=True):
            np.testing.assert_allclose(A, W, atol=1e-9)
            np.testing.assert_allclose(b, c, atol=1e-9)


def test_three_folds_can_close_a_polygon_and_two_cannot():
    v, labels = point_set("ring", 60)
    best = {}
    for width in (2, 3):
        runs = train([2, width, 1], v, labels, [1500], seeds=range(6))
        best[width] = max(accuracy(run[0], v, labels) for run in runs)
    assert best[2] < 0.95 < best[3] == 1


def test_classes_beyond_two_are_learned_from_logits():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 20)
    v = rng.normal(0, 0.2, (60, 2)) + np.array([[0, 0], [1, 0], [0, 1]])[labels]
    [(network,)] = train([2, 8, 3], v, labels, [300])
    assert np.mean(forward(network, v).argmax(axis=1) == labels) > 0.95


V, Y = point_set("blobs", 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: point_set("moon"), ValueError, "^name must be one of blobs, .*; got 'moon'"),
        (lambda: point_set("ring", 0), ValueError, "^n must be at least 1"),
        (lambda: train([2], V, Y, [1]), ValueError, "^widths must be at least two"),
        (lambda: train([2, 1], V, Y, [1], seeds=[]), ValueError, "^seeds is empty"),
        (lambda: train([2, 1], V, Y, [-1]), ValueError, r"^steps\[0\] must be at least 0; got -1"),
        (lambda: train([2, 1], V, Y, [1.5]), TypeError, r"^steps\[0\] must be an integer"),
        (lambda: train([2, 1], V, Y, [1], step_size=0), ValueError, "^step_size must be above 0"),
        (
            lambda: train([2, 1], V, Y, [1], activation="tanh"),
            ValueError,
            "^activation must be one of relu, sigmoid; got 'tanh'",
        ),
        (
            lambda: train([3, 1], V, Y, [1]),
            ValueError,
            r"^v must have shape \(M, 3\), or \(M, 3\) for each of 1 seeds; got shape \(1, 6, 2\)",
        ),
        (lambda: train([2, 1], V, Y[:5], [1]), ValueError, "^labels must be integers, one for"),
        (lambda: train([2, 1], V, Y + 0.5, [1]), ValueError, "^labels must be integers, one for"),
        (lambda: train([2, 1], V, Y + 1, [1]), ValueError, "^labels must be from 0 to 1; got 2"),
        (lambda: train([2, 3], V, Y - 1, [1]), ValueError, "^labels must be from 0 to 2; got -1"),
    ],
)
def test_what_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
