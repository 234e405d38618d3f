"""The recurrent network: closed forms, parity, and its gradients against differences."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import numerical_jacobian
from coursekit.learning.recurrent import recurrent, recurrent_gradients

HALVE = ([[1.0]], [[0.5]], [0.0], [[1.0]])
PARITY = ([[-1.0], [1.0]], [[1.0, 1.0], [-1.0, -1.0]], [0.0, 0.0], [[1.0, 1.0]])


def random_weights(rng, D=3, H=4, K=2):
    shapes = (H, D), (H, H), (H,), (K, H)
    return tuple(rng.normal(size=shape) / 2 for shape in shapes)


def test_a_geometric_sum():
    inputs = np.array([[1.0], [2.0], [3.0], [-4.0]])
    outputs, states = recurrent(inputs, HALVE, activation="identity")
    sums = [sum(0.5 ** (t - s) * inputs[s, 0] for s in range(t + 1)) for t in range(4)]
    assert np.allclose(outputs[:, 0], sums, rtol=1e-15)
    assert np.array_equal(states[1:], outputs)
    assert states[0, 0] == 0


def test_relu_cuts_and_the_first_state_counts():
    outputs, states = recurrent([[-3.0], [2.0]], HALVE, state=[4.0])
    assert np.array_equal(states.ravel(), [4, 0, 2])
    assert np.array_equal(outputs.ravel(), [0, 2])


@pytest.mark.parametrize("length", [1, 2, 7, 10])
def test_parity_of_every_string(length):
    strings = np.array([*itertools.product([0, 1], repeat=length)])
    outputs, _ = recurrent(strings[..., None], PARITY)
    assert np.array_equal(outputs[..., 0], np.cumsum(strings, axis=1) % 2)


def test_parity_of_a_long_string():
    bits = np.random.default_rng(0).integers(2, size=(1000, 1))
    outputs, _ = recurrent(bits, PARITY)
    assert np.array_equal(outputs, np.cumsum(bits, axis=0) % 2)


@given(st.integers(0, 1000), st.sampled_from(["relu", "tanh", "identity"]))
def test_a_batch_is_its_sequences_one_by_one(seed, activation):
    rng = np.random.default_rng(seed)
    weights, inputs = random_weights(rng), rng.normal(size=(2, 3, 5, 3))
    outputs, states = recurrent(inputs, weights, activation=activation)
    assert outputs.shape == (2, 3, 5, 2)
    assert states.shape == (2, 3, 6, 4)
    one, one_states = recurrent(inputs[1, 2], weights, activation=activation)
    assert np.allclose(outputs[1, 2], one, rtol=1e-12, atol=1e-12)
    assert np.allclose(states[1, 2], one_states, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "tanh", "identity"])
def test_gradients_are_those_of_differences(activation):
    rng = np.random.default_rng(1)
    weights, inputs = random_weights(rng), rng.normal(size=(2, 5, 3))
    state, target = rng.normal(size=4), rng.normal(size=(2, 5, 2))

    def loss(k, value):
        changed = [value if i == k else w for i, w in enumerate([*weights, state])]
        outputs, _ = recurrent(inputs, changed[:4], activation=activation, state=changed[4])
        return 0.5 * np.sum((outputs - target) ** 2)

    outputs, _ = recurrent(inputs, weights, activation=activation, state=state)
    gradients, deltas = recurrent_gradients(
        inputs, weights, outputs - target, activation=activation, state=state
    )
    for k, (gradient, weight) in enumerate(
        zip([*gradients, deltas[:, 0].sum(axis=0)], [*weights, state], strict=True)
    ):
        flat = numerical_jacobian(
            lambda z, k=k, w=weight: np.apply_along_axis(
                lambda row: loss(k, row.reshape(w.shape)), -1, z
            ),
            weight.ravel(),
        )
        assert gradient.shape == weight.shape
        assert np.allclose(gradient.ravel(), flat, rtol=1e-6, atol=1e-8)


def test_the_gradient_by_hand():
    gradients, deltas = recurrent_gradients([[1], [2], [3]], HALVE, [[0], [0], [4.25]])
    assert gradients[1].item() == 12.75  # 4.25 * 2.5 + 2.125 * 1, exact in binary
    assert gradients[0].item() == 4.25 * 3 + 2.125 * 2 + 1.0625
    assert gradients[2].item() == 4.25 + 2.125 + 1.0625
    assert gradients[3].item() == 4.25**2
    assert np.array_equal(deltas.ravel(), [0.53125, 1.0625, 2.125, 4.25])


@pytest.mark.parametrize("rho", [0.9, 1.0, 1.1])
def test_an_orthogonal_recurrence_scales_gradients_by_a_power(rho):
    rng, T = np.random.default_rng(2), 30
    Q = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    weights = np.eye(5), rho * Q, np.zeros(5), np.eye(5)
    upstream = np.zeros((T, 5))
    upstream[-1] = rng.normal(size=5)
    _, deltas = recurrent_gradients(
        rng.normal(size=(T, 5)), weights, upstream, activation="identity"
    )
    ratio = np.linalg.norm(deltas[0]) / np.linalg.norm(deltas[-1])
    assert np.isclose(ratio, rho**T, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"weights": HALVE[:3]}, ValueError, r"^weights must be \(A_in, A_rec, b, A_out\); got 3"),
        (
            {"weights": ([[1, 1]], *HALVE[1:])},
            ValueError,
            r"^inputs must have shape \(\.\.\., T, 2",
        ),
        ({"weights": ([1], *HALVE[1:])}, ValueError, r"^A_in must have shape \(1, D\)"),
        ({"weights": (HALVE[0], [[1, 2]], *HALVE[2:])}, ValueError, r"^A_rec must have shape \(1,"),
        ({"weights": (*HALVE[:2], [[0.0]], HALVE[3])}, ValueError, r"^b must have shape \(H,\)"),
        ({"weights": (*HALVE[:3], [[1, 2]])}, ValueError, r"^A_out must have shape \(K, 1\)"),
        ({"inputs": [1.0, 2.0, 3.0]}, ValueError, r"^inputs must have shape \(\.\.\., T, 1\)"),
        ({"activation": "gelu"}, ValueError, r"^activation must be one of .*got 'gelu'"),
        ({"state": [0.0, 1.0]}, ValueError, r"^state must have shape \(1,\)"),
        ({"upstream": [[1.0]]}, ValueError, r"^upstream must have shape \(3, 1\)"),
    ],
)
def test_what_does_not_fit_is_named(change, error, said):
    good = {"inputs": [[1.0], [2.0], [3.0]], "weights": HALVE, "upstream": np.ones((3, 1))}
    with pytest.raises(error, match=said):
        recurrent_gradients(**good | change)
