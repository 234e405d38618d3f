r"""Networks of affine maps and ReLUs: count their weights, evaluate, compose and build them.

A network is a list of layers :math:`(A_k, b_k)` with :math:`A_k` of shape (N_k, N_{k-1}) and
:math:`b_k` of shape (N_k,). It maps :math:`v_0` of shape (N_0,) by

.. math:: v_k = \mathrm{ReLU}(A_k v_{k-1} + b_k) \quad (k < L), \qquad v_L = A_L v_{L-1} + b_L .

Each such function is continuous and piecewise linear; `coursekit.learning.regions` finds its
pieces.

References
----------
The course, chapter *Networks*. I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT
Press, 2016, chapter 6.
"""

from itertools import pairwise

import numpy as np

from coursekit._arguments import count, matrix, number, point, real_array

__all__ = [
    "as_layers",
    "compose",
    "forward",
    "interpolating_network",
    "n_params",
    "on_line",
    "random_network",
]


def n_params(widths):
    r"""Return the number of weights, biases included: :math:`\sum_k N_k (N_{k-1} + 1)`.

    Parameters
    ----------
    widths : sequence of int
        :math:`N_0, \dots, N_L`, at least two, each at least 1.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If a width is not an integer of at least 1, or there are fewer than two.

    Examples
    --------
    >>> n_params([3, 4, 1]), n_params([784, 128, 10])
    (21, 101770)
    """
    widths = _widths(widths)
    return sum(n * (before + 1) for before, n in pairwise(widths))


def forward(layers, v):
    r"""Return the outputs of a network, without a ReLU on them.

    Parameters
    ----------
    layers : sequence of (A, b)
        Arrays of shapes (N_k, N_{k-1}) and (N_k,).
    v : array_like, shape (..., N_0)
        One point, or any number of them.

    Returns
    -------
    ndarray, shape (..., N_L)

    Raises
    ------
    TypeError, ValueError
        If the layers do not fit each other, or the points do not fit the first of them.

    Examples
    --------
    >>> xor = [([[1, 1], [1, 1]], [0, -1]), ([[1, -2]], [0])]
    >>> forward(xor, [[0, 0], [0, 1], [1, 0], [1, 1]]).ravel()
    array([0., 1., 1., 0.])
    """
    layers = as_layers(layers)
    v, n = real_array("v", v), layers[0][0].shape[1]
    if v.shape[-1:] != (n,):
        raise ValueError(
            f"v must have a last axis of length {n}, one for each input; got shape {v.shape}."
        )
    for A, b in layers[:-1]:
        v = np.maximum(v @ A.T + b, 0)
    A, b = layers[-1]
    return v @ A.T + b


def random_network(widths, seed=0, *, bias=0.5):
    r"""Return a network with normal weights of variance 2/N_{k-1}, and normal biases.

    Parameters
    ----------
    widths : sequence of int
        :math:`N_0, \dots, N_L`.
    seed : int or numpy.random.Generator, optional
        Where the random numbers come from.
    bias : float, optional
        Standard deviation of the biases.

    Returns
    -------
    list of (A, b)

    Raises
    ------
    TypeError, ValueError
        As of `n_params`.

    Examples
    --------
    >>> [A.shape for A, b in random_network([2, 6, 6, 1])]
    [(6, 2), (6, 6), (1, 6)]
    """
    widths, rng = _widths(widths), np.random.default_rng(seed)
    bias = number("bias", bias, at_least=0)
    return [
        (rng.normal(0, np.sqrt(2 / before), (n, before)), rng.normal(0, bias, n))
        for before, n in pairwise(widths)
    ]


def compose(*networks):
    r"""Return one network that applies the networks one after the other, the first one first.

    The affine output of one and the affine input of the next become one affine map, so the hidden
    layers add up.

    Parameters
    ----------
    *networks : sequence of (A, b)
        At least one; the outputs of each fit the inputs of the next.

    Returns
    -------
    list of (A, b)

    Raises
    ------
    TypeError, ValueError
        If there is none, or two do not fit.

    Examples
    --------
    >>> tent = [([[1], [1]], [0, -0.5]), ([[2, -4]], [0])]
    >>> twice = compose(tent, tent)
    >>> forward(twice, [[0.25], [0.5], [0.75]]).ravel()
    array([1., 0., 1.])
    """
    if not networks:
        raise ValueError("compose: pass at least one network")
    *made, last = as_layers(networks[0])
    for network in networks[1:]:
        (A, b), *rest = as_layers(network)
        if A.shape[1] != len(last[1]):
            raise ValueError(
                f"compose: a network with {A.shape[1]} inputs follows one with {len(last[1])} "
                "outputs"
            )
        *made, last = [*made, (A @ last[0], A @ last[1] + b), *rest]
    return [*made, last]


def interpolating_network(nodes, values):
    r"""Return the network of one hidden layer that is linear between given points of the line.

    .. math:: F(x) = f_0 + s_0 (x - x_0) + \sum_{i=1}^{n-1} (s_i - s_{i-1})\, \mathrm{ReLU}(x - x_i)

    with the slopes :math:`s_i` between the nodes. The term with :math:`s_0` is a ReLU too, so that
    there are n neurons for n pieces, and F is constant on the left of the first node.

    Parameters
    ----------
    nodes : array_like, shape (n + 1,)
        Increasing, at least two.
    values : array_like, shape (n + 1,)

    Returns
    -------
    list of (A, b)
        Of widths 1, n, 1.

    Raises
    ------
    TypeError, ValueError
        If the nodes do not increase, or the shapes differ.

    Examples
    --------
    >>> network = interpolating_network([0, 1, 3], [5, 7, 1])
    >>> forward(network, [[0], [0.5], [1], [2], [3]]).ravel()
    array([5., 6., 7., 4., 1.])
    """
    nodes = point("nodes", nodes)
    if len(nodes) < 2 or not (np.diff(nodes) > 0).all():
        raise ValueError("nodes must be at least two and increase")
    values = real_array("values", values, nodes.shape)
    slopes = np.diff(values) / np.diff(nodes)
    bends = np.diff(slopes, prepend=0)
    ramps = np.ones((len(bends), 1)), -nodes[:-1]
    return [ramps, (bends[None, :], values[:1])]


def on_line(layers, start, end):
    """Return the network of one variable that is t to F(start + t * (end - start)).

    Parameters
    ----------
    layers : sequence of (A, b)
    start, end : array_like, shape (N_0,)

    Returns
    -------
    list of (A, b)

    Raises
    ------
    TypeError, ValueError
        If the layers do not fit each other, or the points do not fit the first of them.

    Examples
    --------
    >>> network = [([[1, 1]], [-1]), ([[2]], [0])]
    >>> forward(on_line(network, [0, 0], [1, 1]), [[0.5], [1]]).ravel()
    array([0., 2.])
    """
    (A, b), *rest = as_layers(layers)
    start, end = point("start", start, A.shape[1]), point("end", end, A.shape[1])
    return [(A @ (end - start)[:, None], A @ start + b), *rest]


def _widths(widths):
    widths = [count(f"widths[{i}]", n, at_least=1) for i, n in enumerate(widths)]
    if len(widths) < 2:
        raise ValueError(f"widths must be at least two, inputs and outputs; got {widths}.")
    return widths


def as_layers(layers):
    """Return the layers as pairs of floating arrays, or say which one does not fit."""
    layers = [tuple(layer) for layer in layers]
    if not layers or any(len(layer) != 2 for layer in layers):
        raise ValueError("layers must be pairs (A, b), at least one")
    made = []
    for k, (A, b) in enumerate(layers):
        A = matrix(f"layers[{k}]: A", A)
        if made and A.shape[1] != len(made[-1][1]):
            raise ValueError(
                f"layers[{k}]: A must have {len(made[-1][1])} columns, one for each output of the "
                f"layer before; got shape {A.shape}."
            )
        made.append((A, point(f"layers[{k}]: b", b, len(A))))
    return made
