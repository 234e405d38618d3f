r"""Convex or not? Searches for a counterexample, and the range of the curvature.

A function is convex if its graph lies below every chord, which for smooth functions means: above
every tangent; or, with :math:`\nabla^2 f(x) \succeq 0` everywhere, never curved downwards. Each
statement is about infinitely many points. A program can *refute* it at one of them, and it says by
how much; it can't prove it by trying. So `chord_test`, `line_test`, `tangent_test` and
`hessian_test` return a *witness* or the words "no counterexample found in N samples".

A proof needs rules, such as those of :mod:`coursekit.models.convex_calculus`.

Points have shape ``(..., n)``, as in :mod:`coursekit.objectives`. A window holds one pair
``(low, high)`` a coordinate; the tests draw points from it, and know nothing about the outside.

References
----------
Boyd and Vandenberghe, *Convex Optimization*, Cambridge University Press 2004, chapter 3.
"""

from typing import NamedTuple

import numpy as np

from coursekit._arguments import count, number, real_array

__all__ = [
    "Curvatures",
    "Evidence",
    "chord_test",
    "curvature_bounds",
    "hessian_test",
    "line_test",
    "tangent_test",
]


class Evidence(NamedTuple):
    """What a search for a counterexample found."""

    amount: float  #: By how much the inequality fails at the witness; 0 if there is none.
    witness: tuple | None  #: Where it fails, or None.
    samples: int  #: How many inequalities were tried.
    message: str  #: The result in words.


class Curvatures(NamedTuple):
    r"""The range of the eigenvalues of a Hessian over a window, seen from inside."""

    m: float  #: The smallest eigenvalue found: the true constant is at most this.
    M: float  #: The largest one found: the true constant is at least this.
    at_m: np.ndarray  #: Where the smallest was found, shape (n,).
    at_M: np.ndarray  #: Where the largest was found, shape (n,).
    samples: int  #: Points tried.


def chord_test(f, window, *, samples=10_000, seed=0, rtol=None):
    r"""Search for a chord that lies below the graph of ``f``.

    .. math:: f(p x + (1 - p) y) \le p f(x) + (1 - p) f(y), \qquad 0 \le p \le 1

    Parameters
    ----------
    f : callable
        Points of shape (k, n) to values of shape (k,). Where a value is not finite, the point is
        taken to lie outside of the domain of ``f``.
    window : array_like, shape (n, 2)
    samples : int
        Chords to try. Their lengths differ: a third is shorter than a hundredth of the window, so
        that small dents are seen, too.
    seed : int
    rtol : float, optional
        Violations up to ``rtol`` times the largest absolute value of ``f`` are taken for rounding.
        Default: 64 times the epsilon of the type of the values, and more for a window that is
        narrow beside its distance from 0. Give more if ``f`` is less accurate.

    Returns
    -------
    Evidence
        Its witness is ``(x, y, p)``, the chord that is violated most; ``amount`` is infinite if a
        point between two points of the domain lies outside. Only chords with both ends in the
        domain count.

    Raises
    ------
    TypeError, ValueError
        If ``f`` does not return one real number a point, no chord has both its ends in the
        domain, or an argument is of the wrong kind, shape or range.

    Notes
    -----
    "No counterexample" is no proof: a dent that no chord of the sample crosses stays hidden. A
    violation within the rounding of ``f`` is not told from convexity.

    Examples
    --------
    >>> double_well = lambda x: (x[..., 0]**2 - 1)**2
    >>> chord_test(double_well, [(-2, 2)]).amount > 0.9
    True
    >>> chord_test(double_well, [(1, 2)]).message
    'no counterexample found in 10000 chords'
    """
    window, samples, rng = _sampling(window, samples, seed)
    x, y = _pairs(window, samples, rng)
    p = rng.uniform(size=samples)
    z = p[:, None] * x + (1 - p)[:, None] * y
    values, size, rtol = _values(f, np.stack([x, y, z]), window, rtol)
    fx, fy, fz = values
    inside = np.isfinite(fx) & np.isfinite(fy)
    with np.errstate(invalid="ignore"):  # inf - inf, outside of the domain
        excess = np.where(inside, fz - (p * fx + (1 - p) * fy), -np.inf)

    def words(i, amount):
        return (
            f"not convex: {amount:.3g} above the chord from x = {_text(x[i])} to y = {_text(y[i])}"
            f" at p = {p[i]:.3g}"
        )

    return _evidence(excess, rtol * size, "chords", words, lambda i: (x[i], y[i], float(p[i])))


def line_test(f, window, *, lines=100, points=129, seed=0, rtol=None):
    r"""Search for a line along which ``f`` is not convex.

    A function of n variables is convex if and only if :math:`t \mapsto f(x + t u)` is convex for
    every point and direction. On each line, ``f`` is taken at equally spaced points, and every
    middle value is compared with the mean of its two neighbours 1, 2, 4, ... points away.

    Parameters
    ----------
    f, window, seed, rtol
        As for `chord_test`.
    lines : int
        How many segments to try, each between two random points of the window.
    points : int
        How many points on each, at least 3.

    Returns
    -------
    Evidence
        As that of `chord_test`, with p = 0.5 in the witness.

    Examples
    --------
    >>> saddle = lambda x: x[..., 0] * x[..., 1]
    >>> line_test(saddle, [(-1, 1), (-1, 1)]).amount > 0.4
    True
    """
    window, lines, rng = _sampling(window, lines, seed, "lines")
    points = count("points", points, at_least=3)
    ends = rng.uniform(*window.T, (2, lines, len(window)))
    t = np.linspace(0, 1, points)[:, None, None]
    places = ends[0] + t * (ends[1] - ends[0])  # (points, lines, n)
    values, size, rtol = _values(f, places, window, rtol)
    strides = 2 ** np.arange(int(np.log2((points - 1) // 2)) + 1)
    mids = [(i, h) for h in strides for i in range(h, points - h)]
    i, h = np.transpose(mids)
    with np.errstate(invalid="ignore"):
        mean = values[i - h] / 2 + values[i + h] / 2
        excess = np.where(np.isfinite(mean), values[i] - mean, -np.inf)  # (len(mids), lines)

    def chord(k):
        (i, h), line = mids[k // lines], k % lines
        return places[i - h, line], places[i + h, line], 0.5

    def words(k, amount):
        x, y, _ = chord(k)
        return f"not convex: {amount:.3g} above the middle of x = {_text(x)} and y = {_text(y)}"

    return _evidence(excess.ravel(), rtol * size, f"chords of {lines} lines", words, chord)


def tangent_test(f, grad, window, *, samples=10_000, seed=0, rtol=None):
    r"""Search for a tangent that lies above the graph of ``f`` somewhere.

    .. math:: f(y) \ge f(x) + \nabla f(x)^\top (y - x)

    Parameters
    ----------
    f, window, samples, seed, rtol
        As for `chord_test`; ``rtol`` is relative to the largest absolute value of ``f`` or of its
        tangents.
    grad : callable
        Points (k, n) to gradients (k, n). At a kink of a convex function any subgradient will do.

    Returns
    -------
    Evidence
        Its witness is ``(x, y)``: the tangent at ``x`` passes above the graph at ``y``. A wrong
        ``grad`` has such a witness, too, so compare it with differences before you accuse ``f``.

    Examples
    --------
    >>> import math
    >>> cosine = lambda x: np.cos(x[..., 0])
    >>> tangent_test(cosine, lambda x: -np.sin(x), [(-math.pi, math.pi)]).amount > 2
    True
    >>> tangent_test(lambda x: abs(x[..., 0]), np.sign, [(-1, 1)]).message
    'no counterexample found in 10000 tangents'
    """
    window, samples, rng = _sampling(window, samples, seed)
    x, y = _pairs(window, samples, rng)
    (fx, fy), size, rtol = _values(f, np.stack([x, y]), window, rtol)
    with np.errstate(all="ignore"):
        g = real_array("grad(x)", grad(x), x.shape, finite=False)
        rise = (g * (y - x)).sum(axis=-1)
        inside = np.isfinite(fx) & np.isfinite(rise)
        excess = np.where(inside, fx + rise - fy, -np.inf)
    size = max(size, np.abs(rise[inside]).max(initial=0))

    def words(i, amount):
        return (
            f"not convex, or grad is wrong: the tangent at x = {_text(x[i])} is {amount:.3g} above"
            f" f at y = {_text(y[i])}"
        )

    return _evidence(excess, rtol * size, "tangents", words, lambda i: (x[i], y[i]))


def hessian_test(hess, window, *, samples=1000, seed=0):
    r"""Search for a point where the Hessian has a negative eigenvalue.

    Parameters
    ----------
    hess : callable
        Points (k, n) to symmetric matrices (k, n, n).
    window, samples, seed
        As for `curvature_bounds`.

    Returns
    -------
    Evidence
        Its witness is ``(x, u)``: at ``x`` the curvature in the direction of the unit vector
        ``u`` is ``-amount``. Eigenvalues within n times epsilon times the largest absolute one
        count as zero.

    Examples
    --------
    >>> from coursekit.objectives import bowl, rosenbrock
    >>> hessian_test(bowl.hess, bowl.window).message
    'no counterexample found in 1000 Hessians'
    >>> hessian_test(rosenbrock.hess, rosenbrock.window).amount > 900
    True
    """
    bounds = curvature_bounds(hess, window, samples=samples, seed=seed)
    n = bounds.at_m.size
    if bounds.m >= -n * np.finfo(float).eps * max(abs(bounds.m), abs(bounds.M)):
        return Evidence(0.0, None, bounds.samples, _none(bounds.samples, "Hessians"))
    _, vectors = np.linalg.eigh(_hessians(hess, bounds.at_m[None])[0])
    words = f"not convex: curvature {bounds.m:.3g} at x = {_text(bounds.at_m)}"
    return Evidence(-bounds.m, (bounds.at_m, vectors[:, 0]), bounds.samples, words)


def curvature_bounds(hess, window, *, samples=1000, seed=0):
    r"""Find the smallest and the largest curvature of a function over a window.

    Strong convexity with the constants :math:`0 < m \le M` means
    :math:`m I \preceq \nabla^2 f(x) \preceq M I` for all x of the window.

    Parameters
    ----------
    hess : callable
        Points (k, n) to symmetric matrices (k, n, n).
    window : array_like, shape (n, 2)
    samples : int
        How many points: the corners of the window, if it has fewer, and random points.
    seed : int

    Returns
    -------
    Curvatures
        The true m is at most the one found, the true M at least.

    Raises
    ------
    TypeError, ValueError
        If ``hess`` returns something not real, finite and symmetric, or of another shape, or an
        argument is of the wrong kind, shape or range.

    Examples
    --------
    >>> exp_hess = lambda x: np.exp(x)[..., None]
    >>> found = curvature_bounds(exp_hess, [(-5, 0)])
    >>> round(found.m, 6), found.M
    (0.006738, 1.0)
    """
    window, samples, rng = _sampling(window, samples, seed)
    n = len(window)
    x = rng.uniform(*window.T, (samples, n))
    if n < 30 and 2**n < samples:
        x[: 2**n] = np.stack(np.meshgrid(*window), axis=-1).reshape(-1, n)
    eigenvalues = np.linalg.eigvalsh(_hessians(hess, x))
    low, high = eigenvalues[:, 0].argmin(), eigenvalues[:, -1].argmax()
    m, M = float(eigenvalues[low, 0]), float(eigenvalues[high, -1])
    return Curvatures(m, M, x[low], x[high], samples)


def _sampling(window, samples, seed, name="samples"):
    """Return the window as an array, the number of samples, and the generator to draw with."""
    window = real_array("window", window)
    if window.ndim != 2 or window.shape[1:] != (2,) or not len(window):
        raise ValueError(
            f"window must hold a pair (low, high) a coordinate, shape (n, 2); "
            f"got shape {window.shape}."
        )
    if not (window[:, 0] < window[:, 1]).all():
        raise ValueError(f"window must have low < high in each pair; got {window.tolist()}.")
    samples = count(name, samples, at_least=1)
    return window.astype(float), samples, np.random.default_rng(count("seed", seed))


def _pairs(window, samples, rng):
    """Draw ends of chords, both (samples, n), as far apart as the window or as its thousandth."""
    x, far = rng.uniform(*window.T, (2, samples, len(window)))
    return x, x + 10 ** -rng.uniform(0, 3, (samples, 1)) * (far - x)


def _values(f, places, window, rtol):
    """Return f at places (..., n), infinite outside of its domain, their size, and ``rtol``."""
    shape, n = places.shape[:-1], places.shape[-1]
    with np.errstate(all="ignore"):  # outside of its domain f may divide by zero
        values = real_array("f(x)", f(places.reshape(-1, n)), finite=False)
    if values.shape != (places.size // n,):
        raise ValueError(
            f"f(x) must have shape {(places.size // n,)} for points of shape "
            f"{(places.size // n, n)}; got shape {values.shape}. x[..., 0] is the first coordinate."
        )
    if rtol is None:  # points are rounded like values, and f varies by its size over the window
        far = (np.abs(window).max(axis=1) / np.ptp(window, axis=1)).max()
        rtol = 64 * np.finfo(values.dtype).eps * max(1.0, far)
    rtol = number("rtol", rtol, at_least=0)
    values = np.where(np.isfinite(values), values, np.inf).astype(float).reshape(shape)
    return values, np.abs(values[np.isfinite(values)]).max(initial=0), rtol


def _hessians(hess, x):
    """Return the Hessians at points (k, n), or say what is wrong with them."""
    H = real_array("hess(x)", hess(x), (*x.shape, x.shape[1])).astype(float)
    mirrored = np.swapaxes(H, 1, 2)
    gap = np.abs(H - mirrored).max(axis=(1, 2))
    if (gap > np.sqrt(np.finfo(float).eps) * np.abs(H).max(axis=(1, 2))).any():
        raise ValueError(
            f"hess(x) must be symmetric; got mirrored entries that differ by {gap.max():.3g} "
            f"at x = {_text(x[gap.argmax()])}."
        )
    return H / 2 + mirrored / 2


def _evidence(excess, rounding, what, words, witness):
    """Return the largest excess as evidence, if it is more than rounding."""
    tried = int(np.count_nonzero(excess > -np.inf))
    if not tried:
        raise ValueError("f(x) must be finite at more points of the window; there is none to try.")
    worst = int(excess.argmax())
    if excess[worst] <= rounding:
        return Evidence(0.0, None, tried, _none(tried, what))
    return Evidence(float(excess[worst]), witness(worst), tried, words(worst, excess[worst]))


def _none(tried, what):
    return f"no counterexample found in {tried} {what}"


def _text(x):
    return "(" + ", ".join(f"{v:.4g}" for v in x) + ")"
