"""Numerical derivatives with an error estimate for every entry.

Layout used throughout the course: a Jacobian has shape ``(..., outputs, inputs)``, so row j
holds the partial derivatives of output j. The gradient of a scalar function has shape ``(n,)``,
its Hessian, the Jacobian of the gradient, ``(n, n)``.
"""

from typing import NamedTuple

import numpy as np

from coursekit.derivatives.differences import (
    FINE,
    SECOND,
    Room,
    adaptive_jacobian,
    fixed_step_jacobian,
    second_differences,
)
from coursekit.derivatives.sampler import Sampler

__all__ = [
    "GOOD",
    "GOOD_WITHOUT_SOME_POINTS",
    "UNRELIABLE",
    "Derivative",
    "directional_derivative",
    "hessian_vector_product",
    "numerical_hessian",
    "numerical_jacobian",
]

SIDED = 0.02  # nearer to a bound, beside the room on the other side, only that side is used
BLOCK = 2**22  # numbers handed to f in one call, at most

GOOD = 0  #: Status: differences with different steps agree in every entry.
GOOD_WITHOUT_SOME_POINTS = 1  #: Status: they do, but f is not finite at some points, left out.
UNRELIABLE = 2  #: Status: some entries are unreliable.


class Derivative(NamedTuple):
    """A derivative and how far to trust it; what ``full_output=True`` returns."""

    value: np.ndarray  #: The Jacobian or Hessian.
    error: np.ndarray  #: Estimate of the absolute error of each entry, ``inf`` if unknown.
    nfev: int  #: Points at which f was evaluated.
    status: int  #: `GOOD` (0), `GOOD_WITHOUT_SOME_POINTS` (1) or `UNRELIABLE` (2).
    message: str  #: The status in words.


def numerical_jacobian(
    f, x, h=None, *, domain=None, rtol=0.0, complex_step=False, full_output=False
):
    r"""Jacobian of ``f`` at one point, by extrapolated central differences.

    .. math:: D(t) = \frac{f(x + t e_i) - f(x - t e_i)}{2t} = \frac{\partial f}{\partial x_i}
        + c_1 t^2 + c_2 t^4 + \dots, \qquad
        \frac{\partial f}{\partial x_i} \approx \sum_{k=j}^{j+m-1} D(t_k)
        \prod_{l \ne k} \frac{t_l^2}{t_l^2 - t_k^2}

    The sum is the polynomial in :math:`t^2` through m differences, at t = 0: its truncation error
    is of order :math:`t^{2m}`, its rounding error about that of ``f`` divided by the smallest
    step. Six steps from :math:`0.45 \max(1, |x_i|)` down to :math:`10^{-8}` of that find the scale
    on which ``f`` varies with :math:`x_i` and the noise of its values. Where they leave more than
    rounding, six smaller ones follow, from :math:`0.45 |x_i|` if that is less: what shrinks with
    the step was structure of ``f``, a ripple or another unit; noise stays. Eight last steps, a
    factor 1.9 apart, start at the scale found. Of all j and m, every entry takes the best.

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,) and returns real numbers of any shape (*outputs). If ``f``
        is vectorized over leading axes (seen by comparing rows with points taken alone) it gets
        all shifted points in one call, else one by one. It receives copies of ``x`` only.
    x : array_like, shape (n,)
        One point, promoted to float64. ``f`` must be finite there.
    h : float or array_like of shape (n,), optional
        A fixed step: the plain difference D(h), for showing what steps do. Positive.
    domain : pair (lo, hi) of array_like, optional
        ``f`` is not evaluated outside. ``x`` lies inside or on a bound; there, and nearer to one
        than 2 % of the room on the other side, differences are one-sided.
    rtol : float
        Relative accuracy of the values of ``f``, such as the tolerance of an integrator; by
        default that of their type.
    complex_step : bool
        Take :math:`\mathrm{Im} f(x + i h e_j) / h` with h = 1e-100, exact to rounding where ``f``
        is analytic and its code admits complex numbers; one real derivative checks that.
    full_output : bool
        Return a `Derivative` instead of the Jacobian alone.

    Returns
    -------
    ndarray of float64, shape (*outputs, n), or Derivative
        (n,) for a scalar ``f``, (m, n) for ``f`` with m outputs.

    Raises
    ------
    ValueError
        If ``x`` is not one finite point inside ``domain``, ``h`` is not positive or is lost when
        added to ``x``, or ``f`` is not finite at ``x`` or on either side of it.
    TypeError
        If ``f`` returns something else than real numbers (with ``complex_step``, if it does not
        return complex ones).

    Notes
    -----
    The estimated error adds: the change when the largest or the smallest of the m steps is left
    out; the gap between the two one-sided derivatives, extrapolated likewise, which reveals kinks;
    and the noise of ``f``, measured where steps are so small that nothing else is left, never
    below the rounding of its values. It is checked against smaller differences and is not that of
    the very best combination, which may be lucky, but that of the second best. It is ``inf`` if
    the differences disagree by about as much as they are. Points where ``f``
    is not finite are left out, and the status says so; it is 2 unless each error is small beside
    how much ``f`` changes. A Jacobian takes 28n + 4 points, up to 13 more for each coordinate that
    needs smaller steps.

    It is an estimate, no proof. It misleads where ``f`` has structure narrower than the smallest
    step, or so small that a few roundings of ``f`` hide it; a jump or kink beyond all steps, or
    beyond a near bound, goes unseen.

    References
    ----------
    C. J. F. Ridders, Accurate computation of F'(x) and F'(x)F''(x), *Advances in Engineering
    Software* 4 (1982), 75-76, for the table with its error. W. Squire and G. Trapp, Using complex
    variables to estimate derivatives of real functions, *SIAM Review* 40 (1998), 110-112.
    J. J. Moré and S. M. Wild, Estimating computational noise, *SIAM Journal on Scientific
    Computing* 33 (2011), 1292-1314.

    Examples
    --------
    >>> import numpy as np
    >>> rotate = lambda x: np.stack([-x[..., 1], x[..., 0] ** 2], axis=-1)
    >>> numerical_jacobian(rotate, [2.0, 1.0]).round(12) + 0.0
    array([[ 0., -1.],
           [ 4.,  0.]])
    >>> got = numerical_jacobian(np.exp, [1.0], full_output=True)
    >>> bool(abs(got.value[0, 0] - np.e) < got.error[0, 0] < 1e-12), got.status
    (True, 0)
    """
    x = _point(x)
    if complex_step:
        return _complex_step(f, x) if full_output else _complex_step(f, x).value
    if not 0 <= rtol < 1:
        raise ValueError(f"rtol must be at least 0 and below 1, got {rtol!r}")
    sampler = Sampler(f, x, rtol)
    room, _ = _room(x, domain)
    count = max(1, BLOCK // (2 * FINE[1] * max(x.size, sampler.centre.size)))
    parts = []
    for index in np.split(np.arange(x.size), range(count, x.size, count)):
        if h is None:
            parts.append(adaptive_jacobian(sampler, index, room))
        else:
            parts.append(fixed_step_jacobian(sampler, index, _checked_step(h, x)))
    value, error, varies, step = (np.concatenate([p[k] for p in parts]) for k in range(4))
    # The error is small beside how much f changes over the step, or with another coordinate.
    scale = np.maximum(1, abs(x))[:, None]
    most = np.fmax(varies, abs(value) * scale).max(axis=0)
    sure = (error * step[:, None] <= 1e-3 * varies) | (error * scale <= 1e-3 * most)
    doubtful = ~sure & (most > 0)  # otherwise f is constant
    result = _result(sampler, value.T, error.T, doubtful.T, (x.size,))
    return result if full_output else result.value


def numerical_hessian(f, x, h=None, *, domain=None, full_output=False):
    r"""Hessian of ``f`` at one point, from values of ``f`` alone.

    .. math:: H_{ij} \approx \frac{f(x + s_i + s_j) - f(x + s_i - s_j) - f(x - s_i + s_j)
        + f(x - s_i - s_j)}{4 h_i h_j}, \qquad s_i = h_i e_i

    The quotient is even in the step, so six steps are extrapolated as in `numerical_jacobian`,
    which finds the largest. Rounding is of order :math:`\varepsilon |f| / h^2`: ten to twelve
    digits are left where ``f`` is smooth on the scale of ``x``. With an exact gradient,
    ``numerical_jacobian(grad, x)`` is better, and shows by its symmetry whether it is one.

    Parameters
    ----------
    f, x, h, domain, full_output
        As in `numerical_jacobian`.

    Returns
    -------
    ndarray of float64, shape (*outputs, n, n), or Derivative
        (n, n) for a scalar ``f``, one Hessian an output otherwise. Symmetric by construction,
        so its symmetry proves nothing about ``f``.

    Raises
    ------
    ValueError, TypeError
        As `numerical_jacobian`.

    Notes
    -----
    Uses 12n(n + 1) + 28n + 4 points. It breaks where second derivatives are not continuous: it
    returns one number for the two mixed ones, which may differ.

    References
    ----------
    Book chapter "Jacobian and Hessian". J. Nocedal and S. J. Wright, *Numerical Optimization*,
    2nd ed., Springer, 2006, section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: x[..., 0] ** 3 - 2 * x[..., 0] * x[..., 1] - x[..., 1] ** 6
    >>> numerical_hessian(f, [1.0, 2.0]).round(6)
    array([[   6.,   -2.],
           [  -2., -480.]])
    """
    x = _point(x)
    sampler = Sampler(f, x)
    n = x.size
    if h is None:
        room, near = _room(x, domain)
        for i in np.flatnonzero(near == 0):
            raise ValueError(f"x[{i}] = {x[i]:g} lies on a bound of domain: a Hessian needs room")
        *_, step, noise = adaptive_jacobian(sampler, np.arange(n), room)
        largest_step, noise, rule = np.minimum(step, near) / 2, noise.max(axis=0), SECOND
    else:
        largest_step, noise, rule = 2 * _checked_step(h, x), 0.0, (2.0, 2, 1)
    i, j = np.triu_indices(n)
    count = max(1, BLOCK // (4 * rule[1] * max(n, sampler.centre.size)))
    blocks = np.split(np.arange(i.size), range(count, i.size, count))
    parts = [second_differences(sampler, i[b], j[b], largest_step, noise, rule) for b in blocks]
    value, error = np.empty((2, sampler.centre.size, n, n))
    for k, full in enumerate((value, error)):
        full[:, i, j] = full[:, j, i] = np.concatenate([p[k] for p in parts]).T
    area = np.outer(largest_step, largest_step)
    doubtful = error > 1e-2 * abs(value).max(axis=(1, 2), keepdims=True)
    doubtful &= error * area > 1e6 * sampler.eps * abs(sampler.centre)[:, None, None]
    result = _result(sampler, value, error, doubtful, (n, n))
    return result if full_output else result.value


def directional_derivative(f, x, d, h=None, *, full_output=False):
    r"""Derivative of ``f`` at ``x`` along ``d``: the product Jd, without the Jacobian J.

    .. math:: Jd = \frac{d}{dt} f(x + td) \Big|_{t=0}

    It is linear in ``d``; only for a unit vector is it the slope of the graph in that direction.

    Parameters
    ----------
    f : callable
        As in `numerical_jacobian`.
    x, d : array_like, shape (n,)
        One point and one direction, of any length. The steps do not depend on that length.
    h : float, optional
        A fixed step: the plain difference :math:`(f(x + hd) - f(x - hd)) / 2h`, from 2 points.
        Its error is of order :math:`h^2`, plus the rounding of ``f`` divided by h: for ``x`` and
        ``d`` of size 1, about ten digits are left with h = 1e-5.
    full_output : bool
        Return a `Derivative`. A given ``h`` is doubled for that, to estimate the error.

    Returns
    -------
    ndarray of float64, shape (*outputs), or Derivative
        As accurate as `numerical_jacobian`, without ``h`` from 33 points whatever n is.

    Raises
    ------
    ValueError, TypeError
        As `numerical_jacobian`; also if ``d`` is not finite or not of the shape of ``x``.

    References
    ----------
    Book chapter "Jacobian and Hessian".

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: x[..., 0] ** 3 - 2 * x[..., 0] * x[..., 1] - x[..., 1] ** 6
    >>> directional_derivative(f, [1.0, 2.0], [0.6, 0.8]).round(6)
    np.float64(-155.8)
    """
    x, d = _point(x), np.array(d, dtype=float)
    if d.shape != x.shape or not np.isfinite(d).all():
        raise ValueError(f"d must be a finite vector of the shape of x, {x.shape}; got {d}")
    if h is not None:
        return _single_difference(f, x, d, h, full_output)
    Sampler(f, x)  # fails with the right x in its message
    longest = abs(d).max() or 1.0  # first, so that nothing overflows
    unit = d / longest
    length = (abs(unit) / np.maximum(1, abs(x))).max() or 1.0
    unit = unit / length  # now a step of 1 is one of max(1, |x_i|) where that is the least
    got = numerical_jacobian(lambda t: f(x + t * unit), [0.0], full_output=True)
    value, error = (part[..., 0] * length * longest for part in got[:2])
    return got._replace(value=value, error=error) if full_output else value


def _single_difference(f, x, d, h, full_output):
    """The difference with one step along ``d``."""
    h = float(_checked_step(h, np.zeros(())))
    if d.any() and (np.array_equal(x + h * d, x) or np.array_equal(x - h * d, x)):
        raise ValueError(f"h = {h:g} is too small: x does not change by h times d")
    if full_output:
        got = numerical_jacobian(lambda t: f(x + t * d), [0.0], h, full_output=True)
        return got._replace(value=got.value[..., 0], error=got.error[..., 0])
    ahead, behind = Sampler(f, x + h * d), Sampler(f, x - h * d)
    if ahead.shape != behind.shape:
        raise ValueError(f"f must return one shape, got {ahead.shape} and {behind.shape}")
    return ((ahead.centre - behind.centre) / (2 * h)).reshape(ahead.shape)[()]


def hessian_vector_product(grad, x, d, h=None):
    r"""Product Hd of the Hessian at ``x`` with ``d``, from the gradient, without forming H.

    .. math:: Hd = \frac{d}{dt} \nabla f(x + td) \Big|_{t=0}

    The curvature of ``f`` along a unit vector ``d`` is :math:`d^\top Hd`.

    Parameters
    ----------
    grad : callable
        The gradient of a scalar function: an array of shape (n,) to one of shape (n,).
    x, d : array_like, shape (n,)
        One point and one vector, of any length.
    h : float, optional
        As in `directional_derivative`: 2 gradients with it, about 30 without.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    ValueError, TypeError
        As `directional_derivative`; also if ``grad`` returns another shape than (n,).

    References
    ----------
    Book chapter "Jacobian and Hessian". B. A. Pearlmutter, Fast exact multiplication by the
    Hessian, *Neural Computation* 6 (1994), 147-160, has the version without rounding errors.

    Examples
    --------
    >>> import numpy as np
    >>> grad = lambda x: np.array([3 * x[0] ** 2 - 2 * x[1], -2 * x[0] - 6 * x[1] ** 5])
    >>> hessian_vector_product(grad, [1.0, 2.0], [1.0, 1.0]).round(6)
    array([   4., -482.])
    """
    product = directional_derivative(grad, x, d, h)
    if product.shape != np.shape(x):
        raise ValueError(
            f"grad must return the shape of x, {np.shape(x)}; got {product.shape}. "
            "Pass the gradient, not f itself."
        )
    return product


def _point(x):
    """``x`` as one finite point, in float64."""
    shape = np.shape(x)
    if len(shape) != 1 or shape[0] == 0:
        raise ValueError(
            f"x must be one point, an array of shape (n,); got shape {shape}. "
            "For a batch, call this once for each row."
        )
    x = np.array(x, dtype=float)
    if not np.isfinite(x).all():
        raise ValueError(f"x must be finite, got {x}")
    return x


def _room(x, domain):
    """How far to go from ``x`` in each coordinate, and the distance to the nearer bound."""
    if domain is None:
        return Room(np.zeros(x.shape), np.full(x.shape, np.inf)), np.full(x.shape, np.inf)
    lo, hi = (np.broadcast_to(np.asarray(bound, dtype=float), x.shape) for bound in domain)
    for i in np.flatnonzero(~((lo <= x) & (x <= hi) & (lo < hi))):
        raise ValueError(
            f"domain must have x inside: x[{i}] = {x[i]:g} is not between {lo[i]:g} and {hi[i]:g}"
        )
    # A little less, for x + t is rounded.
    near, far = 0.999 * np.sort([x - lo, hi - x], axis=0)
    sided = near < SIDED * np.minimum(far, np.maximum(1, abs(x)))
    side = np.where(sided, np.where(x - lo < hi - x, 1, -1), 0)
    return Room(side, np.where(sided, far, near)), near


def _checked_step(h, x):
    """The step given, one for each coordinate."""
    h = np.asarray(h, dtype=float)
    if h.shape not in ((), x.shape):
        raise ValueError(f"h must be a number or have the shape of x, {x.shape}; got {h.shape}")
    if not (np.isfinite(h) & (h > 0)).all():
        raise ValueError(f"h must be positive and finite, got {h}")
    h = np.broadcast_to(h, x.shape)
    for i in np.flatnonzero((x + h == x) | (x - h == x)):
        raise ValueError(f"h = {h[i]:g} is too small: x[{i}] = {x[i]:g} does not change by it")
    return h


def _result(sampler, value, error, doubtful, inputs):
    """Give the outputs their shape back and say what was met."""
    shape = (*sampler.shape, *inputs)
    doubtful = doubtful.reshape(shape)
    status, message = GOOD, "differences with different steps agree in every entry"
    if sampler.nonfinite:
        status = GOOD_WITHOUT_SOME_POINTS
        message = f"f is not finite at {sampler.nonfinite} of {sampler.nfev} points, left out"
    if doubtful.any():
        status = UNRELIABLE
        where = [tuple(map(int, k)) for k in np.argwhere(doubtful)[:3]]
        message = (
            f"{np.count_nonzero(doubtful)} of {doubtful.size} entries are unreliable, "
            f"among them {where}: f has a kink, a jump or noise there, or hardly changes at all"
        )
    return Derivative(value.reshape(shape), error.reshape(shape), sampler.nfev, status, message)


def _complex_step(f, x):
    """Jacobian from imaginary parts, checked along one direction by real differences."""
    sampler = Sampler(f, x.astype(complex))
    step = 1e-100
    jac = sampler(x + 1j * step * np.eye(x.size)).imag.T / step
    d = np.maximum(1, abs(x)) * np.cos(1 + np.arange(x.size))  # no two components alike
    real = directional_derivative(lambda x: np.real(f(x)), x, d, full_output=True)
    off = abs(jac @ d - real.value.ravel()) - real.error.ravel()
    error = 8 * sampler.eps * abs(jac) + np.finfo(float).tiny
    wrong = off > 64 * sampler.eps * (abs(jac) @ abs(d))
    error[wrong] += (2 * off[wrong] / abs(d).min())[:, None]
    doubtful = np.broadcast_to(wrong[:, None], error.shape)
    sampler.nfev += real.nfev
    return _result(sampler, jac, error, doubtful, (x.size,))
