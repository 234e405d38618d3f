"""Numerical derivatives: central differences, and how far they can be trusted.

Layout used throughout the course: a Jacobian has shape ``(..., outputs, inputs)``, so row j
holds the partial derivatives of output j. The gradient of a scalar function has shape ``(n,)``,
its Hessian, the Jacobian of the gradient, ``(n, n)``.
"""

import numpy as np


def numerical_jacobian(f, x, h=None):
    r"""Jacobian of ``f`` at one point, by central differences.

    .. math:: J_{ji} \approx \frac{f_j(x + h_i e_i) - f_j(x - h_i e_i)}{2 h_i}

    The error has two parts: truncation, about :math:`\frac{h^2}{6}|f'''|`, and rounding, about
    :math:`\varepsilon |f| / h`. The default step :math:`h_i = \varepsilon^{1/3} \max(1, |x_i|)`
    balances them and leaves about ten correct digits in double precision. The quotient is
    divided by the distance between the two points really used, because :math:`x_i + h_i` is
    rounded.

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,) and returns real numbers of any shape (*outputs). If ``f``
        is vectorised over leading axes (tested at two points) it is called once on all the
        shifted points, otherwise point by point. It never receives ``x`` itself, only copies.
    x : array_like, shape (n,)
        One point. It is promoted to float64: check derivatives in float64 even if you train
        in float32. If ``f`` nevertheless returns float32, the default step uses the epsilon
        of float32 and three or four digits are left.
    h : float or array_like of shape (n,), optional
        Step, the same for every coordinate or one for each. Positive.

    Returns
    -------
    ndarray of float64, shape (*outputs, n)
        (n,) for a scalar ``f``, (m, n) for ``f`` with m outputs.

    Raises
    ------
    ValueError
        If ``x`` is not one finite point, if ``h`` is not positive or is lost when added to
        ``x``, or if ``f`` is not finite at a shifted point.
    TypeError
        If ``f`` returns something else than real numbers.

    Notes
    -----
    It breaks where ``f`` is not smooth within ``h``, and loses digits where ``f`` is large
    compared with the change looked for (``1e10 + x``) or varies on a scale far below
    ``max(1, |x_i|)``: give ``h`` then.

    References
    ----------
    J. Nocedal and S. J. Wright, *Numerical Optimization*, 2nd ed., Springer, 2006, section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: x[..., 0] ** 2 + 3 * x[..., 1]
    >>> numerical_jacobian(f, [2.0, 1.0]).round(6)
    array([4., 3.])
    >>> rotate = lambda x: np.stack([-x[..., 1], x[..., 0]], axis=-1)
    >>> numerical_jacobian(rotate, [2.0, 1.0]).round(6) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    x = _point(x)
    steps = np.diag(_step(f, x, h))
    plus, minus = np.split(_values(f, x, np.concatenate([x + steps, x - steps]))[0], 2)
    return _quotient(x, steps, plus, minus)


def jacobian_with_error(f, x, h=None):
    r"""Jacobian of ``f`` at one point with an estimate of its error.

    The Jacobian is that of `numerical_jacobian`. With D(h) the central difference, the two
    parts of its error are estimated from the five values f(x), f(x ± h e_i), f(x ± 2h e_i):

    - truncation: :math:`D(2h) - D(h) \approx 3 \cdot \frac{h^2}{6} f'''`, so its size is a
      bound with a factor 3 in hand;
    - rounding: the fourth difference of ``f`` is :math:`h^4 f''''` plus the noise of ``f``
      times :math:`\sqrt{70}`. The first is far below rounding, so the noise is *measured*;
      :math:`\varepsilon (|f| + \sum_i |J_i x_i|)`, what a stable evaluation of ``f`` must be
      granted, is its floor.

    Parameters
    ----------
    f, x, h
        As in `numerical_jacobian`; ``f`` must also be finite at ``x`` and at x ± 2h.

    Returns
    -------
    jac, truncation, rounding : ndarray of float64, each of shape (*outputs, n)
        ``jac`` is off by ``truncation + rounding`` at most, as far as five values can tell:
        an estimate, not a proof. It misleads where ``f`` has a feature narrower than ``h``.

    References
    ----------
    J. J. Moré and S. M. Wild, Estimating computational noise, *SIAM Journal on Scientific
    Computing* 33 (2011), for noise from difference tables.

    Examples
    --------
    >>> import numpy as np
    >>> jac, truncation, rounding = jacobian_with_error(np.exp, [1.0])
    >>> bool(abs(jac[0, 0] - np.e) < (truncation + rounding)[0, 0] < 1e-8)
    True
    """
    x = _point(x)
    h = _step(f, x, h)
    one, two = np.diag(h), np.diag(2 * h)
    points = np.concatenate([[x], x + one, x - one, x + two, x - two])
    values, eps = _values(f, x, points)
    centre, (plus, minus, plus2, minus2) = values[0], np.split(values[1:], 4)
    jac = _quotient(x, one, plus, minus)
    truncation = np.abs(_quotient(x, two, plus2, minus2) - jac)
    fourth = plus2 + minus2 - 4 * (plus + minus) + 6 * centre
    noise = np.abs(fourth).max(axis=0) / np.sqrt(70)
    floor = eps * (np.abs(centre) + np.abs(jac) @ np.abs(x)) + np.finfo(float).tiny
    return jac, truncation, (8 * noise + 4 * floor)[..., None] / h


def numerical_hessian(f, x, h=None):
    r"""Hessian of ``f`` at one point, from values of ``f`` alone.

    .. math:: H_{ij} \approx \frac{f(x + s_i + s_j) - f(x + s_i - s_j) - f(x - s_i + s_j)
        + f(x - s_i - s_j)}{4 h_i h_j}, \qquad s_i = h_i e_i

    Truncation is of order :math:`h^2`, rounding of order :math:`\varepsilon |f| / h^2`; the
    default step :math:`h_i = \varepsilon^{1/4} \max(1, |x_i|)` balances them and leaves about
    seven digits in double precision. With an exact gradient, ``numerical_jacobian(grad, x)``
    leaves ten, and shows by its symmetry whether that gradient is one.

    Parameters
    ----------
    f, x, h
        As in `numerical_jacobian`.

    Returns
    -------
    ndarray of float64, shape (*outputs, n, n)
        (n, n) for a scalar ``f``, one Hessian an output otherwise. Symmetric by construction,
        so its symmetry proves nothing about ``f``.

    Raises
    ------
    ValueError, TypeError
        As `numerical_jacobian`.

    Notes
    -----
    Uses 2n(n + 1) values. It breaks where the second derivatives are not continuous: it then
    returns one number for the two mixed derivatives, which may differ.

    References
    ----------
    Book chapter "Jacobian and Hessian". J. Nocedal and S. J. Wright, *Numerical Optimization*,
    2nd ed., Springer, 2006, section 8.1.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: x[..., 0] ** 3 - 2 * x[..., 0] * x[..., 1] - x[..., 1] ** 6
    >>> numerical_hessian(f, [1.0, 2.0]).round(3)
    array([[   6.,   -2.],
           [  -2., -480.]])
    """
    x = _point(x)
    steps = np.diag(_step(f, x, h, root=4))
    i, j = np.triu_indices(x.size)
    a, b = steps[i], steps[j]
    points = np.concatenate([x + s for s in (a + b, a - b, b - a, -a - b)])
    both, first, second, none = np.split(_values(f, x, points)[0], 4)
    mixed = np.moveaxis((both - first) - (second - none), 0, -1)
    width = np.diag((x + steps) - (x - steps))
    entries = mixed / (width[i] * width[j])
    hess = np.empty((*entries.shape[:-1], x.size, x.size))
    hess[..., i, j] = hess[..., j, i] = entries
    return hess


def directional_derivative(f, x, d):
    r"""Derivative of ``f`` at ``x`` along ``d``: the product Jd, without the Jacobian J.

    .. math:: Jd = \frac{d}{dt} f(x + td) \Big|_{t=0}
        \approx \frac{f(x + td) - f(x - td)}{2t}

    It is linear in ``d``; only for a unit vector is it the slope of the graph in that direction.

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,) and returns real numbers of any shape (*outputs).
    x, d : array_like, shape (n,)
        One point and one direction, of any length. The step is that of `numerical_jacobian` if
        ``d`` lies along an axis; otherwise one for all coordinates, which balances truncation
        in the smallest with rounding in the largest. It does not depend on the length of ``d``.

    Returns
    -------
    ndarray of float64, shape (*outputs)
        About ten correct digits in double precision where the coordinates of ``x`` are of
        like size, from three values of ``f`` whatever n is. Two digits are lost for every
        factor 1000 between a coordinate that is larger and one that is smaller.

    Raises
    ------
    ValueError
        If ``x`` or ``d`` is not finite or their shapes differ, or if ``f`` is not finite.
    TypeError
        If ``f`` returns something else than real numbers.

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
    x = _point(x)
    d = np.array(d, dtype=float)
    if d.shape != x.shape or not np.isfinite(d).all():
        raise ValueError(f"d must be a finite vector of the shape of x, {x.shape}; got {d}")
    length = np.abs(d).max() or 1.0  # in the largest component, so that nothing overflows
    unit = d / length
    h, move = _step(f, x, None), np.abs(unit)
    # h itself along an axis; d = 0 stays where it is
    step = np.cbrt((h * move).max() / ((move / h).max() or 1.0) ** 2) * unit
    points = np.stack([x + step, x - step])
    plus, minus = _finite(np.stack([_call(f, p) for p in points]), x, points).astype(float)
    width = (points[0] - points[1]) @ unit / (unit @ unit) if d.any() else 1.0
    return (plus - minus) / width * length


def hessian_vector_product(grad, x, d):
    r"""Product Hd of the Hessian at ``x`` with ``d``, from the gradient, without forming H.

    .. math:: Hd = \frac{d}{dt} \nabla f(x + td) \Big|_{t=0}

    The curvature of ``f`` along a unit vector ``d`` is :math:`d^\top Hd`.

    Parameters
    ----------
    grad : callable
        The gradient of a scalar function: an array of shape (n,) to one of shape (n,).
    x, d : array_like, shape (n,)
        One point and one vector, of any length.

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
    product = directional_derivative(grad, x, d)
    if product.shape != np.shape(x):
        raise ValueError(
            f"grad must return the shape of x, {np.shape(x)}; got {product.shape}. "
            "Pass the gradient, not f itself."
        )
    return product


def default_step(x, dtype=float, root=3):
    """Step of a central difference at ``x`` when ``f`` returns ``dtype``, one a coordinate."""
    return epsilon(dtype) ** (1 / root) * np.maximum(1, np.abs(x))


def epsilon(dtype):
    """Relative spacing of the numbers of ``dtype``, or of float64 if that is wider."""
    dtype = np.dtype(dtype)
    return float(np.finfo(dtype if dtype.kind == "f" else float).eps.clip(np.finfo(float).eps))


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


def _step(f, x, h, root=3):
    """The step for each coordinate, the default or the one given, shape (n,)."""
    if h is None:
        return default_step(x, np.asarray(f(x.copy())).dtype, root)
    h = np.asarray(h, dtype=float)
    if h.shape not in ((), x.shape):
        raise ValueError(f"h must be a number or have the shape of x, {x.shape}; got {h.shape}")
    if not (np.isfinite(h) & (h > 0)).all():
        raise ValueError(f"h must be positive and finite, got {h}")
    h = np.broadcast_to(h, x.shape)
    for i in np.flatnonzero((x + h == x) | (x - h == x)):
        raise ValueError(f"h = {h[i]:g} is too small: x[{i}] = {x[i]:g} does not change by it")
    return h


def _values(f, x, points):
    """``f`` at each row of ``points``, and the epsilon of the numbers that ``f`` returns."""
    first, last = _call(f, points[0]), _call(f, points[-1])
    values = _batched(f, points, first, last)
    if values is None:
        values = np.stack([first, *(_call(f, p) for p in points[1:-1]), last])
    return _finite(values, x, points).astype(float), epsilon(values.dtype)


def _finite(values, x, points):
    """``values``, one for each of the ``points`` near ``x``, if all of them are finite."""
    for k in np.flatnonzero(~np.isfinite(values).reshape(len(points), -1).all(axis=1)):
        moved = np.flatnonzero(points[k] != x).tolist()
        where = f"; it differs from x = {x.tolist()} in coordinate {moved}" if moved else ""
        raise ValueError(f"f is not finite at {points[k].tolist()}: got {values[k]}{where}")
    return values


def _batched(f, points, first, last):
    """All values from one call, or None unless ``f`` is seen to treat every row by itself.

    The last row tells: unlike x itself it is not the mean of the points, so a function that
    mixes rows (a sum over all of them, say) gives itself away.
    """
    try:
        values = _call(f, points)
    except Exception:  # f was written for one point at a time
        return None
    if values.shape != points.shape[:1] + first.shape:
        return None
    ends = np.stack([first, last])
    return values if np.allclose(values[[0, -1]], ends, rtol=1e-9, atol=0) else None


def _call(f, x):
    value = np.asarray(f(x.copy()))
    if value.dtype.kind not in "fiu":
        raise TypeError(f"f must return real numbers, got an array of dtype {value.dtype}")
    return value


def _quotient(x, steps, plus, minus):
    """Central difference over the distance really used, in the layout (*outputs, inputs)."""
    width = np.diag((x + steps) - (x - steps))
    return np.moveaxis(plus - minus, 0, -1) / width
