r"""Two layers that do one thing in training and another in use: dropout, batch normalization.

Samples are rows, features the last axis. A layer is :math:`y = A v + b` with one *row* of A for
each output.

References
----------
The course, chapter *Generalisation*. N. Srivastava and others, "Dropout: a simple way to prevent
neural networks from overfitting", Journal of Machine Learning Research 15, 2014. S. Ioffe and
C. Szegedy, "Batch normalization", ICML 2015.
"""

import numpy as np

from coursekit._arguments import count, matrix, number, real_array

__all__ = ["all_masks", "batch_norm", "batch_norm_gradients", "dropout", "max_norm"]


def dropout(v, keep, *, seed=0):
    r"""Set values to 0 at random, and divide the others by the probability to be kept.

    .. math:: y_i = r_i v_i / p, \qquad r_i \in \{0, 1\}, \quad P(r_i = 1) = p,

    independently, so that :math:`E y = v` and nothing needs to be done in use. (Keras asks for
    the probability to be *dropped*, :math:`1 - p`.)

    Parameters
    ----------
    v : array_like
        Any shape. Floating types stay.
    keep : float
        :math:`p`, above 0, at most 1.
    seed : int or numpy.random.Generator, optional
        Where the mask comes from. In training hand over one generator, or each step gets the same.

    Returns
    -------
    ndarray, shape of v

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Examples
    --------
    >>> dropout(np.ones(8), 0.5)
    array([0., 2., 2., 2., 0., 0., 0., 0.])
    """
    v, keep = real_array("v", v), _probability(keep)
    on = np.random.default_rng(seed).random(v.shape) < keep
    return np.where(on, v / v.dtype.type(keep), v.dtype.type(0))


def all_masks(n, keep=0.5):
    r"""List all masks of n units and their probabilities: the networks that dropout averages.

    Parameters
    ----------
    n : int
        From 1 to 20.
    keep : float, optional
        Probability of a 1, above 0, at most 1.

    Returns
    -------
    masks : ndarray, shape (2**n, n)
        Zeros and ones.
    probabilities : ndarray, shape (2**n,)
        :math:`p^k (1 - p)^{n - k}` for a mask with k ones. With the outputs of the thinned nets in
        rows, ``probabilities @ outputs`` is their mean.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Examples
    --------
    >>> masks, p = all_masks(2, keep=0.75)
    >>> masks
    array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]])
    >>> p
    array([0.0625, 0.1875, 0.1875, 0.5625])
    """
    n, keep = count("n", n, at_least=1), _probability(keep)
    if n > 20:
        raise ValueError(f"n must be at most 20, there are 2**n masks; got {n}.")
    masks = (np.arange(2**n)[:, None] >> np.arange(n)[::-1]) % 2
    on = masks.sum(axis=1)
    return masks.astype(float), keep**on * (1 - keep) ** (n - on)


def max_norm(A, limit):
    r"""Shorten each row of A that is longer than the limit; a row has the weights of one output.

    Parameters
    ----------
    A : array_like, shape (outputs, inputs)
    limit : float
        Largest 2-norm of a row, above 0.

    Returns
    -------
    ndarray, shape of A
        The nearest matrix with such rows, in the Frobenius norm.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or range.

    Notes
    -----
    Keras stores the transpose, inputs by outputs: there it is ``MaxNorm(limit, axis=0)``.

    Examples
    --------
    >>> max_norm([[3, 4], [0.3, 0.4]], 1)
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    A, limit = matrix("A", A), number("limit", limit, above=0)
    lengths = np.linalg.norm(A, axis=1, keepdims=True)
    return A * (limit / np.maximum(lengths, limit))


def batch_norm(v, gamma, beta, *, statistics=None, epsilon=1e-3):
    r"""Give each feature the mean :math:`\beta` and nearly the standard deviation :math:`\gamma`.

    .. math::

        \hat v_{ij} = \frac{v_{ij} - \mu_j}{\sqrt{\sigma_j^2 + \epsilon}}, \qquad
        y_{ij} = \gamma_j \hat v_{ij} + \beta_j

    Mean and variance (divided by the number of values, not one less) are taken over all axes but
    the last: over the batch, and in images over the pixels too.

    Parameters
    ----------
    v : array_like, shape (..., F)
        Floating types stay.
    gamma, beta : array_like, shape (F,)
        Scale and shift of each feature.
    statistics : (mean, variance), optional
        Both of shape (F,), to be used in place of those of the batch: running averages, in use.
    epsilon : float, optional
        Above 0; without it a feature that is constant in a batch would be 0/0.

    Returns
    -------
    y : ndarray, shape (..., F)
    statistics : (ndarray, ndarray)
        The mean and the variance that were used.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range.

    Examples
    --------
    >>> y, (mean, variance) = batch_norm([[1, 10], [2, 20], [3, 60]], [1, 1], [0, 0], epsilon=1e-12)
    >>> y.round(4)
    array([[-1.2247, -0.9258],
           [ 0.    , -0.4629],
           [ 1.2247,  1.3887]])
    >>> mean, variance.round(3)
    (array([ 2., 30.]), array([  0.667, 466.667]))
    """
    v, gamma, epsilon = _normalized_arguments(v, gamma, epsilon)
    beta = real_array("beta", beta, gamma.shape).astype(v.dtype)
    if statistics is None:
        over = tuple(range(v.ndim - 1))
        statistics = v.mean(axis=over), v.var(axis=over)
    mean, variance = (real_array("statistics", part, gamma.shape) for part in statistics)
    scaled = (v - mean) / np.sqrt(variance + epsilon)
    return (gamma * scaled + beta).astype(v.dtype), (mean, variance)


def batch_norm_gradients(v, gamma, upstream, *, epsilon=1e-3):
    r"""Gradients of a scalar loss through :func:`batch_norm` in training.

    Mean and variance depend on every value of the batch. With :math:`g = \partial\ell/\partial y`
    and bars for means over the batch,

    .. math::

        \frac{\partial\ell}{\partial v_{ij}} = \frac{\gamma_j}{\sqrt{\sigma_j^2 + \epsilon}}
        \Bigl( g_{ij} - \bar g_j - \hat v_{ij}\, \overline{(g \hat v)}_j \Bigr), \qquad
        \frac{\partial\ell}{\partial\gamma_j} = \sum_i g_{ij} \hat v_{ij}, \qquad
        \frac{\partial\ell}{\partial\beta_j} = \sum_i g_{ij} .

    Parameters
    ----------
    v, gamma, epsilon
        As given to `batch_norm`.
    upstream : array_like, shape of v
        Gradient g of the loss in the result.

    Returns
    -------
    grad_v : ndarray, shape of v
        Its sum over the batch is 0: moving all values of a feature changes nothing.
    grad_gamma, grad_beta : ndarray, shape (F,)

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range.

    Examples
    --------
    >>> grad_v, grad_gamma, grad_beta = batch_norm_gradients([[1], [2], [3]], [1], [[1], [0], [0]])
    >>> grad_v.ravel().round(4), grad_gamma.round(4), grad_beta
    (array([ 0.2049, -0.4079,  0.2031]), array([-1.2238]), array([1.]))
    """
    v, gamma, epsilon = _normalized_arguments(v, gamma, epsilon)
    g = real_array("upstream", upstream, v.shape).astype(v.dtype)
    over = tuple(range(v.ndim - 1))
    deviation = np.sqrt(v.var(axis=over) + epsilon)
    scaled = (v - v.mean(axis=over)) / deviation
    pull = g - g.mean(axis=over) - scaled * (g * scaled).mean(axis=over)
    grads = gamma / deviation * pull, (g * scaled).sum(axis=over), g.sum(axis=over)
    return tuple(grad.astype(v.dtype) for grad in grads)


def _normalized_arguments(v, gamma, epsilon):
    v = real_array("v", v)
    if v.ndim < 2 or v.size == 0:
        raise ValueError(f"v must have shape (..., F), samples first; got shape {v.shape}.")
    gamma = real_array("gamma", gamma, v.shape[-1:]).astype(v.dtype)
    return v, gamma, number("epsilon", epsilon, above=0)


def _probability(keep):
    keep = number("keep", keep, above=0)
    if keep > 1:
        raise ValueError(f"keep must be at most 1; got {keep}.")
    return keep
