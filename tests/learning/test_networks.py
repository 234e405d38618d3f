"""Networks: weights by the formula and by Keras, values by hand, what composition promises."""

import os
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.learning.networks import (
    compose,
    forward,
    interpolating_network,
    n_params,
    on_line,
    random_network,
)

BY_HAND = [
    ([[1, 0, -1], [0, 1, 1], [1, 1, 0], [-1, 1, -1]], [0, -2, 0.5, -1]),
    ([[1, -2, 1, 0.5]], [0.25]),
]
WIDTHS = st.lists(st.integers(1, 5), min_size=2, max_size=4)


@pytest.fixture(scope="module")
def keras():
    """Load TensorFlow without its messages about the machine."""
    for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings(action="ignore"):
        return pytest.importorskip("keras")


@pytest.mark.parametrize("widths", [[3, 4, 1], [784, 128, 10], [9216, 4096, 4096, 1000], [5, 1]])
def test_keras_counts_the_same_weights(widths, keras):
    with keras.StatelessScope(initialize_variables=False):  # the memory is never taken
        dense = [keras.layers.Dense(n, activation="relu") for n in widths[1:]]
        model = keras.Sequential([keras.Input((widths[0],)), *dense])
    assert n_params(widths) == model.count_params()


def test_keras_computes_the_same_outputs(keras):
    network = random_network([3, 5, 4, 2], 1)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dense(4, activation="relu"),
            keras.layers.Dense(2),
        ]
    )
    model.set_weights([part for A, b in network for part in (A.T, b)])
    v = np.random.default_rng(0).standard_normal((20, 3))
    theirs = model(v.astype(np.float32)).numpy()
    np.testing.assert_allclose(forward(network, v), theirs, rtol=1e-4, atol=1e-5)


def test_values_by_hand():
    assert forward(BY_HAND, [1, 2, -1]).tolist() == [6.25]
    assert forward(BY_HAND, [0, 3, 2]).tolist() == [-2.25]


def test_a_network_without_hidden_layers_is_affine():
    np.testing.assert_array_equal(forward([([[2, 3]], [-7])], [[1, 1], [-5, 0]]), [[-2], [-17]])


@pytest.mark.parametrize("shape", [(), (7,), (2, 3)])
def test_points_may_have_any_number_of_axes(shape):
    network = random_network([3, 4, 2])
    v = np.random.default_rng(0).standard_normal((*shape, 3))
    values = forward(network, v)
    assert values.shape == (*shape, 2)
    for at in np.ndindex(shape):
        np.testing.assert_allclose(values[at], forward(network, v[at]), rtol=1e-13)


def test_float32_stays():
    network = [(A.astype(np.float32), b.astype(np.float32)) for A, b in random_network([2, 3, 1])]
    assert forward(network, np.ones(2, np.float32)).dtype == np.float32


@given(WIDTHS, st.integers(0, 99))
def test_scaling_a_network_without_biases_scales_its_values(widths, seed):
    network = random_network(widths, seed, bias=0)
    v = np.random.default_rng(seed).standard_normal((5, widths[0]))
    np.testing.assert_allclose(forward(network, 3 * v), 3 * forward(network, v), atol=1e-12)


@given(WIDTHS, WIDTHS, st.integers(0, 99))
def test_compose_is_one_after_the_other(first, second, seed):
    second = [first[-1], *second[1:]]
    one, other = random_network(first, seed), random_network(second, seed + 1)
    v = np.random.default_rng(seed).standard_normal((5, first[0]))
    both = compose(one, other)
    np.testing.assert_allclose(forward(both, v), forward(other, forward(one, v)), atol=1e-10)
    assert [len(b) for _, b in both] == [*first[1:-1], *second[1:]]


def test_composing_one_network_changes_nothing():
    np.testing.assert_array_equal(
        forward(compose(BY_HAND), [1, 2, -1]), forward(BY_HAND, [1, 2, -1])
    )


def test_the_tent_map_has_its_closed_form():
    tent = [([[1], [1]], [0, -0.5]), ([[2, -4]], [0])]
    x = np.linspace(0, 1, 101)[:, None]
    expected = x
    for k in range(1, 6):
        expected = 1 - np.abs(2 * expected - 1)
        np.testing.assert_allclose(forward(compose(*[tent] * k), x), expected, atol=1e-13)


@given(st.integers(1, 8), st.integers(0, 99))
def test_interpolation_meets_the_nodes_and_is_linear_between(n, seed):
    rng = np.random.default_rng(seed)
    nodes = np.cumsum(rng.uniform(0.1, 1, n + 1)) - 2
    values = rng.standard_normal(n + 1)
    network = interpolating_network(nodes, values)
    x = np.linspace(nodes[0], nodes[-1], 50)
    np.testing.assert_allclose(
        forward(network, x[:, None])[:, 0], np.interp(x, nodes, values), atol=1e-12
    )
    assert forward(network, [nodes[0] - 9])[0] == values[0]
    assert [len(b) for _, b in network] == [n, 1]


def test_interpolation_of_a_sine_converges_with_order_two():
    x = np.linspace(0, 1, 3001)
    errors = []
    for n in (16, 32, 64):
        nodes = np.linspace(0, 1, n + 1)
        network = interpolating_network(nodes, np.sin(2 * np.pi * nodes))
        errors.append(np.abs(forward(network, x[:, None])[:, 0] - np.sin(2 * np.pi * x)).max())
    np.testing.assert_allclose(np.log2(np.divide(errors[:-1], errors[1:])), 2, atol=0.05)
    assert errors[-1] == pytest.approx((2 * np.pi) ** 2 / 8 / 64**2, rel=0.01)  # h²/8 max |f''|


def test_on_a_line():
    network, start, end = random_network([3, 6, 5, 2], 4), [1, 0, 2], [0, -1, 3]
    line = on_line(network, start, end)
    for t in (0, 0.3, 1, 2):
        point = np.add(start, t * np.subtract(end, start))
        np.testing.assert_allclose(forward(line, [t]), forward(network, point), rtol=1e-12)


def test_random_weights_keep_the_size_of_the_values():
    (A, b), _ = random_network([200, 500, 1], 0, bias=0.25)
    assert A.var() == pytest.approx(2 / 200, rel=0.02)
    assert b.std() == pytest.approx(0.25, rel=0.1)
    v = np.random.default_rng(1).standard_normal(200)
    after = np.maximum(A @ v, 0)
    assert np.mean(after**2) == pytest.approx(np.mean(v**2), rel=0.2)


def test_a_seed_gives_the_same_network():
    one, same, other = (random_network([2, 3, 1], seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one[0][0], same[0][0])
    assert (one[0][0] != other[0][0]).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: n_params([3]), ValueError, r"^widths must be at least two, inputs and outputs"),
        (lambda: n_params([3, 0]), ValueError, r"^widths\[1\] must be at least 1; got 0"),
        (lambda: n_params([3, 1.5]), TypeError, r"^widths\[1\] must be an integer; got 1.5"),
        (lambda: random_network([2, 1], bias=-1), ValueError, "^bias must be at least 0"),
        (lambda: forward([], [1]), ValueError, r"^layers must be pairs \(A, b\), at least one"),
        (lambda: forward([([[1]],)], [1]), ValueError, "^layers must be pairs"),
        (lambda: forward([([1], [1])], [1]), ValueError, r"^layers\[0\]: A must be a nonempty mat"),
        (lambda: forward([([[1]], [1, 2])], [1]), ValueError, r"^layers\[0\]: b must be one point"),
        (
            lambda: forward([([[1], [2]], [0, 0]), ([[1, 2, 3]], [0])], [1]),
            ValueError,
            r"^layers\[1\]: A must have 2 columns, .*; got shape \(1, 3\)",
        ),
        (lambda: forward(BY_HAND, [1, 2]), ValueError, "^v must have a last axis of length 3"),
        (lambda: forward(BY_HAND, ["a"]), TypeError, "^v must hold real numbers"),
        (compose, ValueError, "^compose: pass at least one network"),
        (
            lambda: compose(BY_HAND, BY_HAND),
            ValueError,
            "^compose: a network with 3 inputs follows one with 1 outputs",
        ),
        (
            lambda: interpolating_network([0, 0], [1, 2]),
            ValueError,
            "^nodes must be at least two and increase",
        ),
        (lambda: interpolating_network([0], [1]), ValueError, "^nodes must be at least two"),
        (lambda: interpolating_network([0, 1], [1]), ValueError, r"^values must have shape \(2,\)"),
        (lambda: on_line(BY_HAND, [1], [1, 2, 3]), ValueError, r"^start must be one point of shap"),
        (lambda: on_line(BY_HAND, [1, 2, 3], [1]), ValueError, r"^end must be one point of shape"),
    ],
)
def test_what_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
