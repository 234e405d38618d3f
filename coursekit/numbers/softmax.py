r"""Softmax and its relatives, computed so that no legal input breaks them.

.. math::

    \operatorname{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}, \qquad
    \operatorname{logsumexp}(x) = \log \sum_j e^{x_j}

Both formulas overflow or underflow as printed. Everything here subtracts the maximum first; the
chapter *Softmax* of the course explains why that is enough, and what it does not cure.

All functions accept any real array and reduce one axis, several axes (a tuple) or all of them
(``None``); the default is the last. float16, float32, float64 and longdouble inputs keep their
type (float16 is computed in float32), integers and booleans become float64. No NumPy warning is
ever issued, and infinities and NaN behave as in :mod:`scipy.special`.

References
----------
P. Blanchard, D. J. Higham, N. J. Higham, "Accurately computing the log-sum-exp and softmax
functions", IMA Journal of Numerical Analysis 41(4), 2021.
"""

import math

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from coursekit._arguments import count, real_array

__all__ = ["cross_entropy", "log_softmax", "logsumexp", "naive_softmax", "softmax"]

BLOCK = 2**15  # numbers worked on at a time, few enough to stay in the cache from step to step
SHORT = 128  # up to this length, slices are worked on side by side, not one after another


def naive_softmax(x, axis=-1):
    r"""The textbook formula :math:`e^{x_i} / \sum_j e^{x_j}`, as printed. Do not use it.

    Above :math:`\log(\mathrm{largest\ number})` it returns NaN, just below it zeros, and far below
    zero wrong values and then NaN. It is here because the chapter shows how it fails.

    Parameters
    ----------
    x : array_like
        Logits, any shape.
    axis : int, tuple of ints or None
        The axes that sum to 1.

    Returns
    -------
    ndarray
        Same shape as `x`. NumPy's overflow and invalid-value warnings are left on.

    Examples
    --------
    >>> with np.errstate(over="ignore"):
    ...     naive_softmax([709.0, 709.0, 709.0])
    array([0., 0., 0.])
    """
    exp = np.exp(x)
    return exp / np.sum(exp, axis=axis, keepdims=True)


@np.errstate(all="ignore")  # infinities and NaN are documented results
def softmax(x, axis=-1):
    r"""Turn logits into probabilities: :math:`e^{x_i - m} / \sum_j e^{x_j - m}`, with m = max x.

    Parameters
    ----------
    x : array_like, shape (..., n)
        Logits.
    axis : int, tuple of ints or None
        The axes that sum to 1.

    Returns
    -------
    ndarray
        Probabilities, same shape as `x`.

    Raises
    ------
    ValueError
        If `axis` has length 0: no probabilities sum to 1 there.

    Notes
    -----
    The shifted exponents are at most 0, so nothing overflows, and the sum lies in [1, n]. Small
    probabilities still underflow to 0: use :func:`log_softmax` if a logarithm follows.
    An entry of -inf gets probability 0. A slice that is all -inf, or holds +inf or NaN, is NaN.

    Examples
    --------
    >>> softmax([1.0, 2.0, 3.0]).round(4)
    array([0.09  , 0.2447, 0.6652])
    >>> softmax([[709.0, 709.0], [-1000.0, -1000.0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    rows, restore = _as_rows(x, axis)
    _require_entries(rows, axis)
    result = np.empty_like(rows)
    for x, z, p in _blocks(rows, result):
        np.subtract(x, x.max(axis=0), out=z)
        np.exp(z, out=z)
        np.divide(z, z.sum(axis=0), out=p)
    return restore(result)


@np.errstate(all="ignore")
def log_softmax(x, axis=-1):
    r"""Logarithm of softmax, :math:`x_i - m - \log \sum_j e^{x_j - m}`, with m = max x.

    Parameters
    ----------
    x : array_like, shape (..., n)
        Logits.
    axis : int, tuple of ints or None
        The axes along which the exponentials of the result sum to 1.

    Returns
    -------
    ndarray
        Log-probabilities, same shape as `x`, all at most 0.

    Raises
    ------
    ValueError
        If `axis` has length 0.

    Notes
    -----
    Finite for finite logits, unless their difference itself overflows, even where
    ``log(softmax(x))`` is -inf. The largest log-probability is accurate even when it is tiny,
    because the sum leaves the maximum out (:func:`numpy.log1p` puts its 1 back).

    Examples
    --------
    >>> log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    rows, restore = _as_rows(x, axis)
    _require_entries(rows, axis)
    result = np.empty_like(rows)
    for x, z, log_p in _blocks(rows, result):
        m, log_sum = _shift(x)
        np.subtract(x, m, out=z)
        np.subtract(z, log_sum, out=log_p)
    return restore(result)


@np.errstate(all="ignore")
def logsumexp(x, axis=-1, keepdims=False):
    r"""Log-sum-exp, :math:`m + \log \sum_j e^{x_j - m}`, with m = max x: a smooth maximum.

    Parameters
    ----------
    x : array_like, shape (..., n)
        Real numbers.
    axis : int, tuple of ints or None
        The axes to sum over.
    keepdims : bool
        Keep the summed axes, with length 1.

    Returns
    -------
    ndarray or scalar
        Shape of `x` without `axis`. It lies between max x and max x + log n.

    Notes
    -----
    An empty sum and a slice that is all -inf give -inf = log 0; a slice with +inf gives +inf.

    Examples
    --------
    >>> logsumexp([1000.0, 1000.0])  # 1000 + log 2
    np.float64(1000.6931471805599)
    """
    rows, restore = _as_rows(x, axis)
    result = np.full((len(rows), 1), -np.inf, rows.dtype)  # of an empty sum
    if rows.size:
        for x, _, value in _blocks(rows, result):
            m, log_sum = _shift(x)
            np.add(m, log_sum, out=value[0])
    return restore(result, keepdims=keepdims)


def cross_entropy(logits, labels, axis=-1):
    r"""Cross-entropy :math:`-\sum_i y_i \log \operatorname{softmax}(x)_i` in nats, from logits.

    Parameters
    ----------
    logits : array_like, shape (..., n)
        Scores of the n classes, along `axis`. Not probabilities.
    labels : array_like
        Either integer classes 0, ..., n-1, in the shape of `logits` without `axis`, or
        probabilities y (one-hot or not), in the shape of `logits`.
    axis : int
        The axis of the classes.

    Returns
    -------
    ndarray or scalar
        One loss for each slice, at least 0, in the float type of `logits`. Average it yourself.

    Raises
    ------
    ValueError
        If the logits have no axis, the shapes don't match, a class is out of range, or
        probabilities are negative or don't sum to 1; the message gives the position.
    TypeError
        If classes are not integers, or the axis is not one.

    Notes
    -----
    The loss stays finite where the logarithm of the softmax is -inf. Its gradient in the logits
    is softmax(x) - y. A class with y = 0 adds nothing, even if its logit is -inf.

    Examples
    --------
    >>> cross_entropy([[1.0, 2.0, 3.0], [0.0, 0.0, 1000.0]], [2, 0]).round(4)
    array([4.076e-01, 1.000e+03])
    """
    logits, labels = real_array("logits", logits, finite=False), np.asarray(labels)
    if logits.ndim == 0:
        raise ValueError("logits must have an axis of classes; got a single number.")
    axis = count("axis", axis, at_least=None)
    if logits.dtype == np.float16:  # the sum of the terms may fit where a term does not
        loss = cross_entropy(logits.astype(np.float32), labels, axis)
        return np.asarray(loss).astype(np.float16)[()]
    log_p = log_softmax(logits, axis)
    if labels.ndim == log_p.ndim:
        _require_probabilities(labels, log_p.shape, axis)
        with np.errstate(invalid="ignore"):  # 0 * inf, which np.where discards
            terms = np.where(labels == 0, 0, labels * log_p)
        return 0 - terms.sum(axis=axis, dtype=log_p.dtype)  # 0 - 0 is 0, but -(0.0) is -0.0
    log_p = np.moveaxis(log_p, axis, -1)
    _require_classes(labels, log_p.shape)
    return 0 - np.take_along_axis(log_p, labels[..., np.newaxis], axis=-1)[..., 0]


def _as_rows(x, axis):
    """View `x` as a float matrix, one slice to reduce a row, with the way back."""
    x = real_array("x", x, finite=False)
    result_type = x.dtype
    work_type = np.float32 if result_type == np.float16 else result_type
    shape, x = x.shape, np.atleast_1d(x).astype(work_type, copy=False)
    axes = normalize_axis_tuple(range(x.ndim) if axis is None else axis, x.ndim)
    kept = x.ndim - len(axes)
    last = tuple(range(kept, x.ndim))
    moved = np.moveaxis(x, axes, last)
    rows = moved.reshape(math.prod(moved.shape[:kept]), math.prod(moved.shape[kept:]))

    def restore(rows, keepdims=None):
        rows = rows.astype(result_type, copy=False)
        if keepdims is None:  # same shape as x
            return np.moveaxis(rows.reshape(moved.shape), last, axes).reshape(shape)[()]
        values = rows.reshape(moved.shape[:kept])
        return (np.expand_dims(values, axes) if keepdims and shape else values)[()]

    return rows, restore


def _blocks(rows, result):
    """Yield a few rows at a time as columns x, where to put numbers of that shape, and the result.

    Short slices are copied so that they lie side by side; x itself may be overwritten then.
    """
    length = rows.shape[1]
    size = max(512, BLOCK // length)  # loops over fewer columns cost more than the cache saves
    for start in range(0, len(rows), size):
        x, part = rows[start : start + size].T, result[start : start + size].T
        z = x.copy("C") if length <= SHORT else part
        yield x if z is part else z, z, part


def _shift(x):
    """For each column: its maximum m, and log(sum(exp(x - m)))."""
    m, rest, ones = x.max(axis=0), 0, -1
    for piece in np.array_split(x, 1 + (x.size - 1) // BLOCK):
        exp = piece - m
        np.exp(exp, out=exp)
        top = np.floor(exp)  # 1 at the maximum, 0 elsewhere
        exp -= top
        rest += exp.sum(axis=0)
        ones += top.sum(axis=0)
    log_sum = np.log1p(rest + ones)  # log1p adds the one that is missing
    log_sum[np.isinf(m)] = 0  # infinity minus infinity
    return m, log_sum


def _require_entries(rows, axis):
    if rows.shape[-1] == 0:
        raise ValueError(f"x must have entries along axis {axis}, to sum to 1; got none.")


def _require_classes(labels, shape):
    if labels.shape != shape[:-1]:
        raise ValueError(
            f"labels must be classes of shape {shape[:-1]} or probabilities of the shape of "
            f"logits, {shape}; got shape {labels.shape}."
        )
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must hold integer classes; got dtype {labels.dtype}.")
    for at in _first((labels < 0) | (labels >= shape[-1])):
        where = f"labels{list(at) or ''}"
        raise ValueError(f"{where} must be a class from 0 to {shape[-1] - 1}; got {labels[at]}.")


def _require_probabilities(y, shape, axis):
    real_array("labels", y, shape, finite=False)
    for at in _first(~(y >= 0)):
        raise ValueError(f"labels{list(at)} must be a probability, at least 0; got {y[at]}.")
    total = y.sum(axis=axis, dtype=np.float64)
    eps = np.finfo(y.dtype).eps if y.dtype.kind == "f" else 0
    for at in _first(~(np.abs(total - 1) <= 1e-6 + shape[axis] * eps)):
        where = f"along axis {axis}" + (f" at {list(at)}" if at else "")
        raise ValueError(f"labels must sum to 1 {where}; got {total[at]:.6g}.")


def _first(bad):
    """The first position where `bad` holds, if any, as a list of at most one index."""
    return [tuple(int(i) for i in at) for at in np.argwhere(bad)[:1]]
