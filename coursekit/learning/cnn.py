r"""Train small networks of Keras that differ in their seed alone, quickly.

A statement about a network needs several seeds, and a chapter trains dozens. Keras' own ``fit``
compiles its step anew for each of them, and returns to Python after each batch, which on images of
a few hundred pixels costs more than the arithmetic. Here a whole epoch is compiled, once for all
seeds.

References
----------
The course, chapter *Convolutional networks*. D. P. Kingma and J. Ba, *Adam*, ICLR 2015.
"""

import numpy as np

from coursekit._arguments import count, number, real_array

__all__ = ["train"]


def train(make, images, labels, seeds, *, epochs=8, batch=32, step_size=3e-3):
    r"""Train one network for each seed, with Adam on the cross-entropy of its logits.

    The seed decides the first weights, what layers such as dropout draw, and the order of the
    images, which is drawn anew for each epoch. The images that do not fill a last batch are left
    out of that epoch.

    Parameters
    ----------
    make : callable
        ``make()`` returns a new ``keras.Model`` from images to logits of shape (N, K), without a
        softmax at its end.
    images : array_like, shape (N, H, W) or (N, H, W, C)
        Grey images get an axis of one channel. Converted to ``keras.config.floatx()``.
    labels : array_like of int, shape (N,)
        The class of each image, from 0 to K - 1.
    seeds : iterable of int
        At least 0.
    epochs : int
        How often each image is used, at least 1.
    batch : int
        Images in each step, from 1 to N.
    step_size : float
        Of Adam, above 0.

    Returns
    -------
    list of keras.Model
        The trained networks, one for each seed; a seed gives the same network in any company.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range.

    Notes
    -----
    ``keras.utils.set_random_seed``, the only way to seed the layers that `make` creates, also seeds
    the global generators of Python, NumPy and TensorFlow. Whether two runs agree to the last bit
    depends on ``tf.config.experimental.enable_op_determinism``.

    Examples
    --------
    >>> import keras, numpy as np
    >>> def make():
    ...     layers = [keras.Input((1, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    ...     return keras.Sequential(layers)
    >>> images = np.array([[[0, 1]], [[1, 0]]])  # ink on the right, or on the left
    >>> networks = train(make, images, [0, 1], seeds=range(3), epochs=50, batch=2, step_size=0.1)
    >>> [network(images[..., None]).numpy().argmax(axis=1).tolist() for network in networks]
    [[0, 1], [0, 1], [0, 1]]
    """
    import keras
    import tensorflow as tf

    images = real_array("images", images)
    if images.ndim not in (3, 4):
        raise ValueError(
            f"images must have shape (N, H, W) or (N, H, W, C); got shape {images.shape}."
        )
    images = images[..., np.newaxis] if images.ndim == 3 else images
    if np.shape(labels) != (len(images),):
        raise ValueError(
            f"labels must have shape ({len(images)},), one class for each image; got shape "
            f"{np.shape(labels)}."
        )
    epochs, batch = count("epochs", epochs, at_least=1), count("batch", batch, at_least=1)
    if batch > len(images):
        raise ValueError(f"batch must be at most {len(images)}, the number of images; got {batch}.")
    step_size = number("step_size", step_size, above=0)

    model, adam = make(), keras.optimizers.Adam(step_size)
    adam.build(model.trainable_variables)
    fresh = [variable.numpy() for variable in adam.variables]
    steps = len(images) // batch
    data = tf.constant(images, keras.config.floatx()), tf.constant(labels, tf.int64)
    one_epoch = tf.function(_epoch(model, adam)).get_concrete_function(
        *data, tf.TensorSpec((steps, batch), tf.int64)
    )
    trained = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        network, rng = make(), np.random.default_rng(seed)
        _assign(model.variables, network.variables)
        _assign(adam.variables, fresh)
        for _ in range(epochs):
            order = rng.permutation(len(images))[: steps * batch]
            one_epoch(*data, tf.constant(order.reshape(steps, batch)))
        _assign(network.variables, model.variables)
        trained.append(network)
    return trained


def _epoch(model, adam):
    """Return the function that takes one step for each row of `order`, indices of images."""
    import tensorflow as tf

    loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits

    def epoch(images, labels, order):
        for some in order:
            x, y = tf.gather(images, some), tf.gather(labels, some)
            with tf.GradientTape() as tape:
                logits = model(x, training=True)
                loss = tf.reduce_mean(loss_of(y, logits))
            weights = model.trainable_variables
            adam.apply(tape.gradient(loss, weights), weights)

    return epoch


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
