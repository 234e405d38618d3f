"""Answers that are vectors: of the right kind, how accurate, and whether they are feasible."""

from numbers import Real

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.derivatives.sampler import epsilon


def vector(value, name, n=None):
    """Return a student's vector in float64 and the spacing of its own type, or say what it is.

    Any length but 0 will do if ``n`` is None; a number will do for ``n`` = 1.
    """
    try:
        array = np.array(None if callable(value) else value)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.size == 0 and n == 0:
        return np.zeros(0), epsilon(float)
    if array.dtype.kind not in "iuf":
        if value is None:
            kind, hint = "nothing (None)", "is a return missing?"
        else:
            kind = getattr(value, "dtype", type(value).__name__)
            hint = "if it is the result of a run, pass its x; if a function, call it."
        raise CheckFailed(f"{name} is {kind}, expected a vector of real numbers.\nTry: {hint}")
    if array.shape == () and n == 1:
        array = array.reshape(1)
    if array.ndim != 1 or array.size == 0 or n not in (None, array.size):
        hint = "print its shape: it needs one axis, and one entry for each coordinate."
        if array.size == n:
            hint = "the number of entries is right; is there an axis too many?"
        wanted = "(n,)" if n is None else f"({n},)"
        raise CheckFailed(f"{name} has shape {array.shape}, expected {wanted}.\nTry: {hint}")
    if not np.isfinite(array).all():
        k = int((~np.isfinite(array)).argmax())
        raise CheckFailed(
            f"{name} is not finite: {name}[{k}] is {array[k]}.\n"
            "Try: did the run diverge? take smaller steps, and look for a division by zero."
        )
    return array.astype(float), epsilon(array.dtype)


def accuracy(rtol, eps):
    """Return the relative accuracy asked for: half of the digits, if nothing is said."""
    if rtol is None:
        return eps**0.5
    if not isinstance(rtol, Real) or not 0 < rtol < 1:
        raise ValueError(f"rtol must lie between 0 and 1, for it is relative; got {rtol!r}")
    return max(float(rtol), 4 * eps)


def gradient_at(problem, x):
    """The gradient of the problem, or why there is none."""
    g = np.asarray(problem.grad(x), dtype=float)
    if not np.isfinite(g).all():
        raise CheckFailed(
            f"x lies where the gradient is not finite: it is {g.tolist()}.\n"
            "Try: print x after each step. Where does it reach the edge of the domain of f?"
        )
    return g


def position_tolerance(x, eps, rtol):
    """How far each coordinate of an answer may be off: the accuracy asked, and rounding."""
    return rtol * max(1.0, np.abs(x).max()) + 4 * x.size * eps * np.abs(x)


def constraint(pair, x, x_tol):
    """Value of a constraint at ``x``, and what counts as zero: its change under ``x_tol``."""
    function, gradient = pair
    slope = np.asarray(gradient(x), dtype=float)
    return float(function(x)), float(np.abs(slope) @ x_tol) + np.finfo(float).tiny


def violation(problem, x, x_tol):
    """Say which constraint ``x`` violates, the one furthest from it; None if it is feasible."""
    worst, message = 1.0, None
    for kind, sign in (("eq", "= 0"), ("ineq", "<= 0")):
        for k, pair in enumerate(getattr(problem, kind)):
            value, tol = constraint(pair, x, x_tol)
            off = (abs(value) if kind == "eq" else value) / tol
            if not off <= worst:
                name, worst = "h" if kind == "eq" else "g", off
                message = (
                    f"x is infeasible: it violates {kind}[{k}].\n"
                    f"  yours     {name}(x) = {value:.3g}\n"
                    f"  expected  {name}(x) {sign}, up to {tol:.0e}\n"
                    "Try: put x into this constraint by hand. Is its sign right, was it used?"
                )
    return message
