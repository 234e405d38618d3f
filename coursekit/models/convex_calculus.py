r"""What follows about a convex function from its parts: conjugates, and the rule of DCP.

Searching for a counterexample (:mod:`coursekit.models.convexity`) can't prove that a function is
convex. Rules can: `dcp_curvature` is that of disciplined convex programming, which finds the
curvature of an expression from that of its parts, and may find none.

References
----------
Boyd and Vandenberghe, *Convex Optimization*, Cambridge University Press 2004, sections 3.2, 3.3.
Grant, Boyd and Ye, "Disciplined convex programming", in *Global Optimization: From Theory to
Implementation*, Springer 2006.
"""

import numpy as np

from coursekit._arguments import point, real_array

__all__ = ["conjugate", "dcp_curvature"]


def conjugate(x, values, slopes):
    r"""Conjugate of a function on a grid: for each slope, how far its line can be raised.

    .. math:: f^*(s) = \max_x \; s x - f(x)

    So :math:`s x - f^*(s)` is the highest line of slope s that stays below f. The conjugate of the
    conjugate is the largest convex function below f: f itself if that is convex.

    Parameters
    ----------
    x : array_like, shape (k,)
        Increasing.
    values : array_like, shape (k,)
        Of f; infinite outside of its domain.
    slopes : array_like, shape (q,)
        In any order.

    Returns
    -------
    conjugate, maximizers : ndarray, shape (q,)
        The values, and the x at which the line touches. Where that is the first or the last x,
        the grid was too short for the slope, unless f ends there.

    Raises
    ------
    TypeError, ValueError
        If ``x`` does not increase, ``values`` have another length, are NaN or minus infinity, or
        are nowhere finite, or an argument is of the wrong kind or shape.

    Notes
    -----
    Exact for the function that is given on the grid alone, so never above the true conjugate;
    below by at most :math:`h^2/8 \cdot \max f''` where the spacing is h. The maximizers are
    corners of the lower convex hull, and the slopes are sorted in among its edges: about
    :math:`k + q \log k` operations (Lucet, "Faster than the fast Legendre transform", Numerical
    Algorithms 16, 1997).

    Examples
    --------
    >>> x = np.linspace(-5, 5, 1001)
    >>> values, maximizers = conjugate(x, x**2 / 2, [-1, 0, 2])
    >>> values.round(6) + 0.0, maximizers.round(6) + 0.0
    (array([0.5, 0. , 2. ]), array([-1.,  0.,  2.]))
    """
    x, slopes = point("x", x), point("slopes", slopes)
    values = real_array("values", values, x.shape, finite=False)
    if not (np.diff(x) > 0).all():
        k = (np.diff(x) <= 0).argmax()
        raise ValueError(f"x must increase; got {x[k]:.6g} and then {x[k + 1]:.6g}.")
    if np.isnan(values).any() or (values == -np.inf).any() or not np.isfinite(values).any():
        raise ValueError(
            "values must be finite somewhere, and inf outside of the domain, neither nan nor -inf; "
            f"got {np.isnan(values).sum()} nan and {np.isfinite(values).sum()} finite values."
        )
    inside = np.isfinite(values)
    corners, heights = _lower_hull(x[inside], values[inside])
    at = np.searchsorted(np.diff(heights) / np.diff(corners), slopes)
    return slopes * corners[at] - heights[at], corners[at]


def dcp_curvature(outer, *arguments):
    r"""Find the curvature of a composition by the rule of disciplined convex programming.

    ``h(g_1(x), ..., g_k(x))`` is convex if h is convex and each argument is affine, or convex
    where h increases, or concave where h decreases; and with all signs turned it is concave. That
    is enough, not necessary: "unknown" means that the rule can't tell.

    Parameters
    ----------
    outer : str
        Curvature of h: "affine", "convex", "concave" or "unknown".
    *arguments : pair (inner, direction)
        Curvature of each argument, "constant" too, and what h does when that argument grows:
        "increasing", "decreasing" or "neither".

    Returns
    -------
    str
        "constant", "affine", "convex", "concave" or "unknown".

    Raises
    ------
    ValueError
        If there is no argument, or a word is none of these.

    Notes
    -----
    A sum is affine and increasing in each argument, a difference decreasing in the second. The
    direction may depend on the sign of the argument: a square increases where that is at least 0.

    Examples
    --------
    >>> dcp_curvature("convex", ("convex", "increasing"))  # exp(x^2)
    'convex'
    >>> dcp_curvature("concave", ("convex", "increasing"))  # sqrt(1 + x^2)
    'unknown'
    >>> dcp_curvature("affine", ("convex", "increasing"), ("convex", "decreasing"))  # x^2 - |x|
    'unknown'
    """
    curvatures = ("affine", "convex", "concave", "unknown")
    _word("outer", outer, curvatures)
    if not arguments:
        raise ValueError("arguments is empty: pass a pair (curvature, direction) for each.")
    for inner, direction in arguments:
        _word("inner", inner, ("constant", *curvatures))
        _word("direction", direction, ("increasing", "decreasing", "neither"))
    if all(inner == "constant" for inner, _ in arguments):
        return "constant"

    def bends(way, other):
        fits = {(way, "increasing"), (other, "decreasing")}
        return outer in ("affine", way) and all(
            inner in ("constant", "affine") or (inner, direction) in fits
            for inner, direction in arguments
        )

    convex = bends("convex", "concave")
    concave = bends("concave", "convex")
    if convex and concave:
        return "affine"
    return "convex" if convex else "concave" if concave else "unknown"


def _word(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}; got {value!r}.")


def _lower_hull(x, values):
    """Return the corners of the lower convex hull of points, from left to right."""
    hull = []
    for a, b in zip(x.tolist(), values.tolist(), strict=True):
        while len(hull) > 1:
            (a0, b0), (a1, b1) = hull[-2:]
            if (b1 - b0) * (a - a1) < (b - b1) * (a1 - a0):
                break
            hull.pop()  # it lies on or above the line from its neighbour to the new point
        hull.append((a, b))
    return np.transpose(hull)
