r"""Sums of many floating-point numbers that keep their digits.

Each addition rounds: :math:`\operatorname{fl}(a + b) = (a + b)(1 + \delta)` with
:math:`|\delta| \le u`. One term after the other, n terms make an error of up to about
:math:`n u \sum |x_i|`. Adding in pairs makes log n of n, and adding what the roundings took makes
it as small as one rounding of the result. :math:`u = \varepsilon / 2` is the unit roundoff.

References
----------
N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM, 2002, chapter 4.
"""

import math

import numpy as np

from coursekit._arguments import count, real_array

__all__ = ["compensated_sum", "pairwise_sum", "two_sum"]

BLOCK = 2**17  # numbers added up at a time, few enough to stay in the cache from step to step


def two_sum(a, b):
    r"""Return the rounded sum of `a` and `b`, and its rounding error, which is exact.

    .. math:: a + b = s + e, \qquad s = \operatorname{fl}(a + b)

    Parameters
    ----------
    a, b : float or ndarray
        Finite, of one floating-point format; they must broadcast against each other.

    Returns
    -------
    s, e : float or ndarray
        Both in the format of `a` and `b`. If s overflows, e is NaN.

    Notes
    -----
    Six additions, and no comparison of sizes (Knuth). They prescribe an order: a compiler that
    "simplifies" them makes e zero.

    Examples
    --------
    >>> two_sum(1.0, 1e-20)
    (1.0, 1e-20)
    """
    s = a + b
    from_b = s - a  # what has arrived of b
    return s, (a - (s - from_b)) + (b - from_b)


def pairwise_sum(x, axis=-1):
    r"""Sum in pairs, then sum the sums in pairs, and so on: :math:`\lceil \log_2 n \rceil` rounds.

    With n terms, k = :math:`\lceil \log_2 n \rceil` and the unit roundoff u, the error is at most

    .. math:: \gamma_k \sum_i |x_i|, \qquad \gamma_k = \frac{k u}{1 - k u} ,

    against :math:`\gamma_{n-1} \sum |x_i|` for one term after the other.

    Parameters
    ----------
    x : array_like
        Real numbers; float16, float32, float64 and longdouble are summed in their own format,
        integers and booleans in float64.
    axis : int or None
        The axis to sum over; None for all numbers of `x`.

    Returns
    -------
    ndarray or scalar
        The shape of `x` without `axis`; an empty sum is 0.

    Notes
    -----
    ``np.sum`` does much the same along the axis whose numbers lie side by side in memory, in
    pieces of up to 128 numbers. Along another axis it adds one term after the other.

    Examples
    --------
    >>> tenths = np.full((1_000_000, 2), 0.1, np.float32)
    >>> tenths.sum(axis=0), pairwise_sum(tenths, axis=0)
    (array([100958.34, 100958.34], dtype=float32), array([100000., 100000.], dtype=float32))
    """
    return _reduced(x, axis, _halve)


def compensated_sum(x, axis=-1):
    r"""Sum as if in twice the precision: every rounding error is found, and added in the end.

    With n terms, k = :math:`\lceil \log_2 n \rceil`, the unit roundoff u and the exact sum S, the
    error is at most

    .. math:: u\, |S| + \gamma_{2k}^2 \sum_i |x_i| , \qquad \gamma_{2k} = \frac{2ku}{1 - 2ku} .

    So the result is as good as the rounded exact sum, unless the terms cancel to a fraction of
    about u of their sizes. (One term after the other in Neumaier's way: n - 1 in place of 2k.)

    Parameters
    ----------
    x : array_like
        Real numbers; float16, float32, float64 and longdouble are summed in their own format,
        integers and booleans in float64.
    axis : int or None
        The axis to sum over; None for all numbers of `x`.

    Returns
    -------
    ndarray or scalar
        The shape of `x` without `axis`; an empty sum is 0.

    Notes
    -----
    The errors are those of Neumaier's method, which takes one term after the other. Here the
    additions are made in pairs, as in :func:`pairwise_sum`: then they are operations on whole
    arrays, and the bound is smaller, too. The error of one addition is found by :func:`two_sum`.
    A sum with an infinity, a NaN or an overflow on the way is what the additions alone give.

    References
    ----------
    A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM
    54, 1974; T. Ogita, S. M. Rump, S. Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput.
    26(6), 2005.

    Examples
    --------
    >>> float(compensated_sum([1.0, 1e100, 1.0, -1e100])), sum([1.0, 1e100, 1.0, -1e100])
    (2.0, 0.0)
    """
    return _reduced(x, axis, _halve_with_errors)


def _halve(s):
    """Add up the first axis in pairs."""
    n = len(s)
    while n > 1:
        half = (n + 1) // 2  # the middle one has no partner
        s[: n - half] += s[half:n]
        n = half
    return s[0]


def _halve_with_errors(s):
    """Add up the first axis in pairs, and the rounding errors likewise."""
    n = len(s)
    spare, error, lost, errors = np.empty((4, (n + 1) // 2, *s.shape[1:]), s.dtype)
    errors[n // 2 :] = 0  # without a partner, no error
    while n > 1:
        half = (n + 1) // 2
        pairs = n - half
        first = n > len(errors)
        a, b, total, w = s[:pairs], s[half:n], spare[:pairs], lost[:pairs]
        e = (errors if first else error)[:pairs]
        np.add(a, b, out=total)  # two_sum, without new arrays
        np.subtract(total, a, out=w)
        np.subtract(total, w, out=e)
        np.subtract(b, w, out=w)
        np.subtract(a, e, out=e)
        e += w
        if not first:
            errors[:pairs] += errors[half:n]
            errors[:pairs] += e
        spare[pairs:half] = s[pairs:half]
        s, spare, n = spare, s, half
    return np.where(np.isfinite(errors[0]), s[0] + errors[0], s[0])


def _reduced(x, axis, add_up):
    """Add up one axis, or all numbers, a few sums at a time."""
    x = real_array("x", x, finite=False)
    x = x.ravel() if axis is None else x
    x = np.moveaxis(x, 0 if axis is None else count("axis", axis, at_least=None), 0)
    sums = np.zeros(math.prod(x.shape[1:]), x.dtype.newbyteorder("="))
    terms = x.reshape(len(x), sums.size)
    size = max(1, BLOCK // max(1, len(x)))
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        for start in range(0, sums.size if len(x) else 0, size):
            part = slice(start, start + size)
            sums[part] = add_up(terms[:, part].copy())  # halves of it lie side by side
    return sums.reshape(x.shape[1:])[()]
