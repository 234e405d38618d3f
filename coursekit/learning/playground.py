r"""Small networks that learn to tell classes apart, several at a time: points, and training.

The points of four sets lie in the square from -1.5 to 1.5. Training takes steps of Adam along the
gradient of the mean cross-entropy of *all* points, so that nothing is random but the start. The
networks of all seeds take their steps together, in one array operation each, because one small
network alone would spend its time in Python.

References
----------
The course, chapters *Networks* and *Backpropagation*. D. P. Kingma and J. Ba, *Adam*, ICLR 2015;
D. Smilkov and others, *Direct-manipulation visualization of deep networks*, 2017,
arXiv:1708.03788.
"""

import numpy as np
from scipy.special import expit

from coursekit._arguments import count, number, real_array
from coursekit.learning.networks import random_network
from coursekit.numbers.softmax import softmax

__all__ = ["POINT_SETS", "point_set", "train"]

POINT_SETS = ("blobs", "exclusive or", "ring", "spirals")
ACTIVATIONS = {  # the function of z, and its derivative from z and the value
    "relu": (lambda z: np.maximum(z, 0), lambda z, v: z > 0),
    "sigmoid": (expit, lambda z, v: v * (1 - v)),
}


def point_set(name, n=100, seed=0):
    r"""Return points of the plane in two classes.

    Parameters
    ----------
    name : str
        ``"blobs"`` (two clouds, a line can part them), ``"exclusive or"`` (opposite quadrants),
        ``"ring"`` (a disc of radius 0.5 in a ring from 0.9 to 1.4) or ``"spirals"`` (two arms of
        one turn each).
    n : int, optional
        Points of each class.
    seed : int or numpy.random.Generator, optional
        Where the random numbers come from.

    Returns
    -------
    v : ndarray, shape (2n, 2)
    labels : ndarray of int, shape (2n,)
        1 for the first n points (the disc), 0 for the others.

    Raises
    ------
    TypeError, ValueError
        If there is no set of that name, or n is not an integer of at least 1.

    Examples
    --------
    >>> v, labels = point_set("ring", 50)
    >>> bool((np.hypot(*v[labels == 1].T) <= 0.5).all())
    True
    """
    if name not in POINT_SETS:
        raise ValueError(f"name must be one of {', '.join(POINT_SETS)}; got {name!r}.")
    n, rng = count("n", n, at_least=1), np.random.default_rng(seed)
    labels = np.repeat([1, 0], n)
    side = np.where(labels, 1, -1)
    if name == "blobs":
        v = rng.normal(0, 0.25, (2 * n, 2)) + side[:, None] * [0.6, 0.4]
    elif name == "exclusive or":
        v = rng.uniform(0.1, 1.3, (2 * n, 2)) * rng.choice([-1, 1], (2 * n, 1))
        v[:, 1] *= side
    else:
        u = rng.uniform(0, 1, 2 * n)
        if name == "ring":
            radius = np.sqrt(np.where(labels, 0.25 * u, 0.81 + (1.96 - 0.81) * u))  # even in area
            angle = rng.uniform(0, 2 * np.pi, 2 * n)
        else:
            radius = 0.2 + 1.1 * u
            angle = 2 * np.pi * u + np.pi * labels + rng.normal(0, 0.08, 2 * n)
        v = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return v, labels


def train(widths, v, labels, steps, *, seeds=(0,), step_size=0.02, activation="relu"):
    r"""Train one network for each seed and return them as they are after given numbers of steps.

    With one output F the class 1 has the probability :math:`1 / (1 + e^{-F})`; with more, the
    outputs are logits of a softmax. The loss is the mean of :math:`-\log` of the probability of the
    right class.

    Parameters
    ----------
    widths : sequence of int
        :math:`N_0, \dots, N_L`.
    v : array_like, shape (M, N_0) or (seeds, M, N_0)
        The same points for all networks, or its own for each.
    labels : array_like of int, shape (M,) or (seeds, M)
        From 0 to :math:`N_L - 1`, or 0 and 1 if there is one output.
    steps : sequence of int
        After how many steps; 0 is the start.
    seeds : sequence of int, optional
        Of `random_network`, which gives the start.
    step_size : float, optional
        Of Adam, above 0.
    activation : {"relu", "sigmoid"}, optional
        Of the hidden neurons.

    Returns
    -------
    list of list of network
        ``[i][j]`` belongs to seed i and ``steps[j]``; a network is a list of (A, b).

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, or shapes do not fit.

    Examples
    --------
    >>> from coursekit.learning.networks import forward
    >>> v, labels = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> [(_, trained)] = train([2, 8, 1], v, labels, [0, 300])
    >>> (forward(trained, v).ravel() > 0).astype(int)
    array([0, 1, 1, 0])
    """
    seeds = list(seeds)
    starts = [random_network(widths, seed) for seed in seeds]
    if not starts:
        raise ValueError("seeds is empty: pass at least one")
    v = _points(v, starts)
    targets = _targets(labels, v.shape[:2], len(starts[0][-1][1]))
    steps = [count(f"steps[{i}]", k) for i, k in enumerate(steps)]
    step_size = number("step_size", step_size, above=0)
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}; got {activation!r}.")

    weights = np.array([np.concatenate([x.ravel() for layer in net for x in layer])
                        for net in starts])  # fmt: skip
    slope = np.empty_like(weights)
    layers, slopes = _views(weights, starts[0]), _views(slope, starts[0])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    kept = {0: weights.copy()}
    for k in range(1, max(steps, default=0) + 1):
        _gradient(layers, v, targets, ACTIVATIONS[activation], slopes)
        mean += 0.1 * (slope - mean)
        square += 0.001 * (slope**2 - square)
        size = step_size * np.sqrt(1 - 0.999**k) / (1 - 0.9**k)
        weights -= size * mean / (np.sqrt(square) + 1e-8)
        if k in steps:
            kept[k] = weights.copy()
    return [
        [[(A[i], b[i]) for A, b in _views(kept[k], starts[0])] for k in steps]
        for i in range(len(seeds))
    ]


def _gradient(layers, v, targets, functions, slopes):
    """Write the gradient of the mean loss into ``slopes``: backpropagation, the next chapter."""
    function, derivative = functions
    values, sums = [v], []
    for A, b in layers[:-1]:
        sums.append(values[-1] @ A.swapaxes(1, 2) + b[:, None])
        values.append(function(sums[-1]))
    A, b = layers[-1]
    outputs = values[-1] @ A.swapaxes(1, 2) + b[:, None]
    chances = expit(outputs) if outputs.shape[-1] == 1 else softmax(outputs, axis=-1)
    error = (chances - targets) / v.shape[1]  # of the loss, in the outputs
    for k in range(len(layers) - 1, -1, -1):
        slopes[k][0][...] = error.swapaxes(1, 2) @ values[k]
        slopes[k][1][...] = error.sum(axis=1)
        if k:
            error = (error @ layers[k][0]) * derivative(sums[k - 1], values[k])


def _views(flat, network):
    """Return the layers whose numbers stand one after the other in the rows of ``flat``."""
    made, at = [], 0
    for layer in network:
        pair = []
        for like in layer:
            pair.append(flat[:, at : at + like.size].reshape(-1, *like.shape))
            at += like.size
        made.append(tuple(pair))
    return made


def _points(v, networks):
    """Return the points as an array of shape (networks, M, N_0)."""
    v, n = real_array("v", v), networks[0][0][0].shape[1]
    if v.ndim == 2:
        v = np.broadcast_to(v, (len(networks), *v.shape))
    if v.ndim != 3 or v.shape[0] != len(networks) or v.shape[2] != n or not v.size:
        raise ValueError(
            f"v must have shape (M, {n}), or (M, {n}) for each of {len(networks)} seeds; got shape "
            f"{v.shape}."
        )
    return v


def _targets(labels, shape, outputs):
    """Return the probabilities to reach, shape (networks, M, outputs)."""
    labels, classes = np.asarray(labels), max(outputs, 2)
    if labels.dtype.kind not in "iub" or labels.shape not in (shape, shape[1:]):
        raise ValueError(
            f"labels must be integers, one for each of {shape[1]} points; got {labels.dtype} of "
            f"shape {labels.shape}."
        )
    if not ((labels >= 0) & (labels < classes)).all():
        wrong = labels[(labels < 0) | (labels >= classes)]
        raise ValueError(f"labels must be from 0 to {classes - 1}; got {wrong[0]}.")
    labels = np.broadcast_to(labels, shape).astype(int)
    return labels[..., None].astype(float) if outputs == 1 else np.eye(outputs)[labels]
