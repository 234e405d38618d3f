r"""First weights of a network, and what they do to values and gradients over its depth.

Weights of a dense layer have shape (outputs, inputs), those of a convolution (kh, kw, C, F). Their
*fan-in* is the number of inputs of one output, n or kh kw C; their *fan-out* that of the outputs
which one input reaches, m or kh kw F.

References
----------
The course, chapter *Backpropagation*. X. Glorot and Y. Bengio, AISTATS 2010. K. He et al., ICCV
2015. A. Saxe, J. McClelland and S. Ganguli, ICLR 2014. B. Hanin and D. Rolnick, NeurIPS 2018.
"""

import math
from typing import NamedTuple

import numpy as np

from coursekit._arguments import count, matrix, number, point

__all__ = ["ACTIVATIONS", "DepthNorms", "depth_norms", "fans", "glorot", "he", "orthogonal"]


def _sigmoid(z):
    return 0.5 + 0.5 * np.tanh(z / 2)  # does not overflow


#: Functions of an entry, and their slopes.
ACTIVATIONS = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * _sigmoid(-z)),
    "linear": (lambda z: z, np.ones_like),
}


def fans(shape):
    """Count the inputs of an output, and the outputs of an input.

    Parameters
    ----------
    shape : (int, int) or (int, int, int, int)
        Of dense weights (outputs, inputs), or of kernels (kh, kw, C, F).

    Returns
    -------
    fan_in, fan_out : int

    Raises
    ------
    TypeError, ValueError
        If the shape has other than 2 or 4 entries, or one that is no integer of at least 1.

    Examples
    --------
    >>> fans((4, 3)), fans((3, 3, 64, 128))
    ((3, 4), (576, 1152))
    """
    shape = [count("shape", n, at_least=1) for n in np.atleast_1d(np.asarray(shape, object))]
    if len(shape) not in (2, 4):
        raise ValueError(
            f"shape must be (outputs, inputs) or (kh, kw, C, F); got {len(shape)} entries."
        )
    if len(shape) == 2:
        return shape[1], shape[0]
    area = shape[0] * shape[1]
    return area * shape[2], area * shape[3]


def he(shape, rng):
    r"""Draw normal weights of variance 2/fan-in: ReLU layers keep the mean square on average.

    Parameters
    ----------
    shape : tuple of int
        As in `fans`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError, ValueError
        As `fans`.

    Examples
    --------
    >>> he((400, 300), np.random.default_rng(0)).var().round(4)  # 2/300
    np.float64(0.0067)
    """
    return math.sqrt(2 / fans(shape)[0]) * rng.standard_normal(shape)


def glorot(shape, rng):
    r"""Draw normal weights of variance 2/(fan-in + fan-out), for layers that are nearly linear.

    Parameters
    ----------
    shape : tuple of int
        As in `fans`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError, ValueError
        As `fans`.

    Examples
    --------
    >>> glorot((400, 300), np.random.default_rng(0)).var().round(5)  # 2/700
    np.float64(0.00286)
    """
    return math.sqrt(2 / sum(fans(shape))) * rng.standard_normal(shape)


def orthogonal(shape, rng, gain=1.0):
    r"""Draw a matrix with orthonormal rows or columns, whichever are fewer, times a gain.

    Every such matrix is equally likely: the signs of R in a QR decomposition of a Gaussian matrix
    are put into Q (Mezzadri 2007).

    Parameters
    ----------
    shape : (int, int)
        Outputs and inputs.
    rng : numpy.random.Generator
    gain : float
        All singular values; √2 keeps the mean square through ReLU on average.

    Returns
    -------
    ndarray, shape `shape`

    Raises
    ------
    TypeError, ValueError
        As `fans`; and for a shape of 4 entries or a gain that is not above 0.

    Examples
    --------
    >>> Q = orthogonal((2, 5), np.random.default_rng(0))
    >>> np.allclose(Q @ Q.T, np.eye(2))
    True
    """
    gain = number("gain", gain, above=0)
    n, m = fans(shape)
    if np.shape(shape) != (2,):
        raise ValueError("shape must be (outputs, inputs) for orthogonal weights; got 4 entries.")
    Q, R = np.linalg.qr(rng.standard_normal((max(m, n), min(m, n))))
    Q *= gain * np.sign(np.diag(R))
    return Q if m >= n else Q.T


class DepthNorms(NamedTuple):
    """Values and Jacobians after 0, 1, ..., d layers; each (d + 1,)."""

    mean_squares: np.ndarray  # |v_k|^2 / n_k
    jacobians: np.ndarray  # the Frobenius norm of the derivative of v_k by v_0, over sqrt(n_0)


def depth_norms(weights, v, *, activation="relu", shortcut=None):
    r"""Measure how layers without biases scale values and derivatives.

    A plain layer is :math:`v_k = R(W_k v_{k-1})`; with a shortcut and the scale s it is
    :math:`v_k = v_{k-1} + s\,R(W_k v_{k-1})`. The Jacobian of :math:`v_k` by :math:`v_0` is the
    product of the factors :math:`D_k W_k` or :math:`I + s D_k W_k`, with the slopes of R in the
    diagonal :math:`D_k`.

    Parameters
    ----------
    weights : sequence of (n_k, n_{k-1}) array_like
        Of layers 1, 2, ..., d. Square if there is a shortcut.
    v : array_like, shape (n_0,)
        The input.
    activation : {"relu", "tanh", "sigmoid", "linear"}
    shortcut : float, optional
        The scale s of the branch, at least 0; without it the layers are plain.

    Returns
    -------
    DepthNorms
        ``mean_squares`` and ``jacobians``, each (d + 1,), from the input on. What overflows is
        inf or NaN, without a warning.

    Raises
    ------
    TypeError, ValueError
        If there are no weights, shapes do not fit, or an argument is of the wrong kind.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> norms = depth_norms([he((64, 64), rng) for _ in range(50)], np.ones(64))
    >>> bool(0.01 < norms.jacobians[-1] < 100)
    True
    >>> depth_norms([np.eye(2) / 2] * 3, [3, 4]).mean_squares  # 12.5, and a quarter each time
    array([12.5      ,  3.125    ,  0.78125  ,  0.1953125])
    """
    if activation not in ACTIVATIONS:
        known = ", ".join(map(repr, ACTIVATIONS))
        raise ValueError(f"activation must be one of {known}; got {activation!r}.")
    scale = None if shortcut is None else number("shortcut", shortcut, at_least=0)
    weights = [matrix(f"weights[{k}]", W) for k, W in enumerate(weights)]
    if not weights:
        raise ValueError("weights must hold at least one layer; got none.")
    v = point("v", v)
    R, slope = ACTIVATIONS[activation]
    J = np.eye(v.size, dtype=v.dtype)
    squares, sizes = [_mean_square(v)], [1.0]
    with np.errstate(all="ignore"):
        for k, W in enumerate(weights):
            if W.shape[1] != v.size or (scale is not None and W.shape[0] != v.size):
                wanted = f"(m, {v.size})" if scale is None else f"({v.size}, {v.size})"
                raise ValueError(f"weights[{k}] must have shape {wanted}; got shape {W.shape}.")
            z = W @ v
            change = slope(z)[:, None] * (W @ J)
            if scale is None:
                v, J = R(z), change
            else:
                v, J = v + scale * R(z), J + scale * change
            squares.append(_mean_square(v))
            sizes.append(np.linalg.norm(J) / math.sqrt(J.shape[1]))
    return DepthNorms(np.array(squares), np.array(sizes))


def _mean_square(v):
    """In float64, where the squares of a float32 fit."""
    return np.mean(v.astype(np.float64) ** 2)
