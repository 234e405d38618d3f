r"""A recurrent network: a state that is carried from one input of a sequence to the next.

.. math::

    h_t = R(A_{\rm in} v_t + A_{\rm rec} h_{t-1} + b), \qquad w_t = A_{\rm out} h_t ,
    \qquad t = 1, \dots, T

The weights are the same at every time, so the network takes sequences of any length. Unrolled in
time it is a network of T layers that share their weights.

Arrays have the time before the features: inputs (..., T, D), states (..., T + 1, H) from
:math:`h_0` to :math:`h_T`, outputs (..., T, K). The weights are a tuple of four arrays,
``(A_in, A_rec, b, A_out)``, of the shapes (H, D), (H, H), (H,) and (K, H).

References
----------
Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78,
1990. Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2013.
"""

import numpy as np

from coursekit._arguments import real_array

__all__ = ["recurrent", "recurrent_gradients"]

ACTIVATIONS = {  # R, and its derivative from the value h = R(z)
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(h.dtype)),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "identity": (lambda z: z, np.ones_like),
}


def recurrent(inputs, weights, *, activation="relu", state=None):
    r"""Run a recurrent network over sequences.

    Parameters
    ----------
    inputs : array_like, shape (..., T, D)
        One sequence of T vectors, or any batch of sequences of equal length.
    weights : tuple of four array_like
        ``(A_in, A_rec, b, A_out)``, of shapes (H, D), (H, H), (H,) and (K, H).
    activation : {"relu", "tanh", "identity"}
        The function R, applied to each entry.
    state : array_like, shape (H,), optional
        The first state :math:`h_0`; by default zero.

    Returns
    -------
    outputs : ndarray, shape (..., T, K)
    states : ndarray, shape (..., T + 1, H)
        From :math:`h_0` to :math:`h_T`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, or a shape does not fit the others; if the
        activation has another name.

    Notes
    -----
    Time and memory grow in proportion to T. With ReLU or the identity the states grow like the
    powers of the spectral radius of ``A_rec`` and overflow if that is large.

    Examples
    --------
    The state of this one is half of the state before, plus the input:

    >>> weights = [[1]], [[0.5]], [0], [[1]]
    >>> outputs, states = recurrent([[1], [2], [3]], weights)
    >>> states.ravel()
    array([0.  , 1.  , 2.5 , 4.25])
    """
    inputs, (A_in, A_rec, b, A_out), (R, _) = _prepared(inputs, weights, activation)
    T = inputs.shape[-2]
    states = np.zeros((*inputs.shape[:-2], T + 1, len(b)), np.result_type(inputs, A_in, A_rec, b))
    if state is not None:
        states[..., 0, :] = real_array("state", state, b.shape)
    driven = inputs @ A_in.T + b
    for t in range(T):
        states[..., t + 1, :] = R(driven[..., t, :] + states[..., t, :] @ A_rec.T)
    return states[..., 1:, :] @ A_out.T, states


def recurrent_gradients(inputs, weights, upstream, *, activation="relu", state=None):
    r"""Gradients of a scalar loss in the weights and states, by backpropagation through time.

    With the gradient :math:`g_t` of the loss in the output :math:`w_t`, the gradients in the
    states follow from the last one to the first,

    .. math::

        \delta_t = A_{\rm out}^{\mathsf T} g_t + A_{\rm rec}^{\mathsf T} z_{t+1} ,
        \qquad z_t = R'(\cdot) \odot \delta_t ,

    and every weight collects from all times:

    .. math::

        \frac{\partial\ell}{\partial A_{\rm rec}} = \sum_t z_t h_{t-1}^{\mathsf T} , \qquad
        \frac{\partial\ell}{\partial A_{\rm in}} = \sum_t z_t v_t^{\mathsf T} , \qquad
        \frac{\partial\ell}{\partial b} = \sum_t z_t .

    Parameters
    ----------
    inputs, weights, activation, state
        As given to :func:`recurrent`.
    upstream : array_like, shape (..., T, K)
        The gradients :math:`g_t`; zero at times whose output does not count.

    Returns
    -------
    gradients : tuple of four ndarrays
        In the order and the shapes of the weights, summed over the batch.
    deltas : ndarray, shape (..., T + 1, H)
        The gradients in the states, from :math:`h_0` to :math:`h_T`.

    Raises
    ------
    TypeError, ValueError
        As :func:`recurrent`; and if `upstream` has another shape than its outputs.

    Notes
    -----
    The cost is about twice that of the forward run. All states are kept, so the memory grows
    with T. At a corner of ReLU the derivative is taken as 0.

    Examples
    --------
    Half the square of the last state, 4.25, changes with the weight 0.5 like this:

    >>> weights = [[1]], [[0.5]], [0], [[1]]
    >>> gradients, deltas = recurrent_gradients([[1], [2], [3]], weights, [[0], [0], [4.25]])
    >>> gradients[1]
    array([[12.75]])
    >>> deltas.ravel()
    array([0.53125, 1.0625 , 2.125  , 4.25   ])
    """
    outputs, states = recurrent(inputs, weights, activation=activation, state=state)
    inputs, (_, A_rec, b, A_out), (_, derivative) = _prepared(inputs, weights, activation)
    upstream = real_array("upstream", upstream, outputs.shape)
    deltas = np.zeros_like(states)
    deltas[..., 1:, :] = upstream @ A_out
    z = np.zeros_like(states[..., 1:, :])
    for t in reversed(range(inputs.shape[-2])):
        slope = derivative(states[..., t + 1, :])
        z[..., t, :] = slope * deltas[..., t + 1, :]
        deltas[..., t, :] += z[..., t, :] @ A_rec
    gradients = (
        _outer_sum(z, inputs),
        _outer_sum(z, states[..., :-1, :]),
        z.reshape(-1, len(b)).sum(axis=0),
        _outer_sum(upstream, states[..., 1:, :]),
    )
    return gradients, deltas


def _outer_sum(left, right):
    """Sum the outer products of two arrays of vectors over all their leading axes."""
    return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


def _prepared(inputs, weights, activation):
    """Return the checked inputs, weights, and the activation with its derivative."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {list(ACTIVATIONS)}; got {activation!r}.")
    weights = tuple(weights)
    if len(weights) != 4:
        raise ValueError(f"weights must be (A_in, A_rec, b, A_out); got {len(weights)} of them.")
    names = ("A_in", "A_rec", "b", "A_out")
    A_in, A_rec, b, A_out = (real_array(n, w) for n, w in zip(names, weights, strict=True))
    inputs = real_array("inputs", inputs)
    if b.ndim != 1 or not b.size:
        raise ValueError(f"b must have shape (H,), one entry a neuron; got shape {b.shape}.")
    if A_in.ndim != 2 or len(A_in) != b.size:
        raise ValueError(f"A_in must have shape ({b.size}, D), as b; got shape {A_in.shape}.")
    if A_rec.shape != (b.size, b.size):
        raise ValueError(f"A_rec must have shape {(b.size, b.size)}; got shape {A_rec.shape}.")
    if A_out.ndim != 2 or A_out.shape[1] != b.size:
        raise ValueError(f"A_out must have shape (K, {b.size}); got shape {A_out.shape}.")
    if inputs.ndim < 2 or inputs.shape[-1] != A_in.shape[1]:
        raise ValueError(
            f"inputs must have shape (..., T, {A_in.shape[1]}), as A_in has that many columns; "
            f"got shape {inputs.shape}."
        )
    return inputs, (A_in, A_rec, b, A_out), ACTIVATIONS[activation]
