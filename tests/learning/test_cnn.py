"""Training by ``train``: seeds decide, networks learn, and arguments are checked."""

import os
import warnings

import numpy as np
import pytest

from coursekit.learning.cnn import train
from coursekit.learning.layers import batch_norm, batch_norm_gradients


@pytest.fixture(scope="module")
def keras():
    """Load TensorFlow without its messages about the machine."""
    for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings(action="ignore"):
        return pytest.importorskip("keras")


@pytest.fixture
def make(keras):
    """Return a maker of networks with all that has a state: dropout, moves, running averages."""

    def make():
        return keras.Sequential(
            [
                keras.Input((4, 4, 1)),
                keras.layers.RandomTranslation(0.25, 0.25, fill_mode="constant"),
                keras.layers.Conv2D(3, 3),
                keras.layers.BatchNormalization(),
                keras.layers.ReLU(),
                keras.layers.Flatten(),
                keras.layers.Dropout(0.2),
                keras.layers.Dense(2),
            ]
        )

    return make


def weights(network):
    return np.concatenate([w.ravel() for w in network.get_weights()])


def bars(n):
    """Return n images of an upright (0) or a flat (1) bar, in any place."""
    rng = np.random.default_rng(0)
    images, labels = np.zeros((n, 4, 4)), rng.integers(2, size=n)
    for image, label, place in zip(images, labels, rng.integers(4, size=n), strict=True):
        (image.T if label == 0 else image)[place] = 1
    return images, labels


def test_a_seed_gives_the_same_network_in_any_company(make):
    alone, *_ = train(make, *bars(20), [3], epochs=2, batch=8)
    *_, last = train(make, *bars(20), [1, 2, 3], epochs=2, batch=8)
    np.testing.assert_allclose(weights(last), weights(alone), rtol=0, atol=1e-5)


def test_seeds_give_different_networks(make):
    first, second = train(make, *bars(20), [0, 1], epochs=1, batch=10)
    assert np.abs(weights(first) - weights(second)).max() > 0.1


def test_networks_learn_what_is_asked(keras):
    def make():
        layers = keras.layers
        return keras.Sequential(
            [
                keras.Input((4, 4, 1)),
                layers.Conv2D(8, 4, padding="same", activation="relu"),
                layers.GlobalMaxPooling2D(),
                layers.Dense(2),
            ]
        )

    images, labels = bars(200)
    for network in train(make, images, labels, range(3), epochs=20, batch=20, step_size=2e-2):
        logits = network(images[..., None], training=False).numpy()
        assert np.mean(logits.argmax(axis=1) == labels) > 0.95


def test_steps_are_those_of_keras(keras):
    def make():
        layers = [keras.Input((1, 3, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
        return keras.Sequential(layers)

    images = np.random.default_rng(0).normal(size=(6, 1, 3))
    labels = np.arange(6) % 4
    (ours,) = train(make, images, labels, [5], epochs=4, batch=6, step_size=0.1)
    keras.utils.set_random_seed(5)
    theirs = make()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    theirs.compile(keras.optimizers.Adam(0.1), loss)
    for _ in range(4):
        theirs.train_on_batch(images[..., None], labels)
    np.testing.assert_allclose(weights(ours), weights(theirs), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.zeros(6)}, r"images must have shape \(N, H, W\) or \(N, H, W, C\); got sh"),
        ({"labels": [0, 1]}, r"labels must have shape \(20,\), one class for each image; got sha"),
        ({"epochs": 0}, "epochs must be at least 1; got 0"),
        ({"batch": 0}, "batch must be at least 1; got 0"),
        ({"batch": 21}, "batch must be at most 20, the number of images; got 21"),
        ({"step_size": 0}, "step_size must be above 0 and finite; got 0"),
    ],
)
def test_wrong_arguments(keras, change, message):
    images, labels = bars(20)
    with pytest.raises(ValueError, match=message):
        train(
            **{"make": None, "images": images, "labels": labels, "seeds": [0]}
            | {"batch": 10}
            | change
        )


def test_our_batch_normalization_agrees(keras):
    import tensorflow as tf

    r = np.random.default_rng(6)
    v, g = r.normal(size=(2, 4, 3, 3, 2)).astype(np.float32)
    gamma, beta = np.array([2, -0.5], np.float32), np.array([1, 3], np.float32)
    layer = keras.layers.BatchNormalization()
    layer.build(v.shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    x = tf.constant(v)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
        loss = tf.reduce_sum(y * g)
    theirs = tape.gradient(loss, [x, layer.gamma.value, layer.beta.value])
    ours, (mean, _) = batch_norm(v, gamma, beta)
    np.testing.assert_allclose(ours, y, atol=1e-6)
    np.testing.assert_allclose(0.01 * mean, layer.moving_mean, rtol=1e-4, atol=1e-7)
    for ours, their in zip(batch_norm_gradients(v, gamma, g), theirs, strict=True):
        np.testing.assert_allclose(ours, their, atol=1e-5)
