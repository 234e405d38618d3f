"""Answers that are vectors: of the right kind, how accurate, and whether they are feasible."""

from numbers import Real
from typing import NamedTuple

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.minimizer_scale import near_one, widest
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
        shown = f": it is {g.tolist()}" if not np.isnan(g).any() else ""
        raise CheckFailed(
            f"x lies where the gradient is not finite{shown}.\n"
            "Try: print x after each step. Where does it reach the edge of the domain of f?"
        )
    return g


def position_tolerance(x, eps, rtol, scale):
    """How far each coordinate of an answer may be off: the accuracy asked, and rounding."""
    return rtol * scale + 4 * x.size * eps * np.abs(x)


class Reach(NamedTuple):
    """How far each coordinate of an answer may be off, (n,) each."""

    own: np.ndarray  # in units of its own size
    zero: np.ndarray  # where that is no larger, for it may be zero; else 0
    rounding: np.ndarray  # of these, in any case


@np.errstate(all="ignore")
def reach_of(problem, x, eps, rtol):
    """How far the coordinates of ``x`` may be off where constraints are concerned.

    In place of a size that is itself below the accuracy comes the distance which changes ``f`` as
    much as moving another coordinate by its size does.
    """
    size = np.where(near_one(problem.f, x), np.maximum(1.0, np.abs(x)), np.abs(x))
    slope, bounds = np.abs(np.asarray(problem.grad(x), dtype=float)), widest(x)
    large = np.abs(x) > rtol * bounds
    far = (slope * np.abs(x)).max(initial=0, where=large) / slope
    far = np.where(np.isfinite(far) & (far > 0), np.minimum(far, bounds), bounds)
    far = np.where(np.abs(x) <= rtol * far, far, 0)
    rounding = np.where(np.abs(x) <= 4 * eps * far, 64 * eps * far, 0)
    return Reach(position_tolerance(x, eps, rtol, size), rtol * far, rounding)


@np.errstate(all="ignore")
def constraint_values(problem, x, reach):
    """Of each constraint the value at ``x`` and what counts as zero, under ``eq`` and ``ineq``.

    That is its change within reach; that of zeros only if the constraint holds with zeros there.
    """
    values, at_zero = {}, np.where(reach.zero > 0, 0, x)
    for kind in ("eq", "ineq"):
        values[kind] = []
        for function, gradient in getattr(problem, kind):
            value, slope = float(function(x)), np.abs(np.asarray(gradient(x), dtype=float))
            slope = np.where(np.isfinite(slope), slope, 0)
            tol = slope @ (reach.own + reach.rounding) + np.finfo(float).tiny
            if (slope @ reach.zero) and abs(float(function(at_zero))) <= tol + 1e-6 * abs(value):
                tol += slope @ reach.zero
            values[kind].append((value, tol))
    return values


def violation(problem, x, reach):
    """Say which constraint ``x`` violates, the one furthest from it; None if it is feasible."""
    worst, message = 1.0, None
    for kind, pairs in constraint_values(problem, x, reach).items():
        name, sign = ("h", "= 0") if kind == "eq" else ("g", "<= 0")
        for k, (value, tol) in enumerate(pairs):
            if np.isnan(value):
                return (
                    f"x lies where {kind}[{k}] is not defined: it has no value there.\n"
                    "Try: put x into this constraint by hand, and print each of its terms."
                )
            off = (abs(value) if kind == "eq" else value) / tol
            if off > worst:
                worst = off
                message = (
                    f"x is infeasible: it violates {kind}[{k}].\n"
                    f"  yours     {name}(x) = {value:.3g}\n"
                    f"  expected  {name}(x) {sign}, up to {tol:.0e}\n"
                    "Try: put x into this constraint by hand. Is its sign right, was it used?"
                )
    return message
