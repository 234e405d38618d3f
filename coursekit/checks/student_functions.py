"""Calls of a student's function: an answer of the right kind, or a `CheckFailed` saying why not."""

import inspect
import os
import re
import traceback
from itertools import groupby
from pathlib import Path

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.jacobian_diagnoses import one_side
from coursekit.checks.wording import plural

DOMAIN = "domain=(lo, hi), a box in which it is defined."
NOT_FINITE = "look for a division by zero, an overflow, or log or sqrt of a negative number."
ARGUMENTS = re.compile(r"(takes|missing|unexpected|multiple values).* argument")
TRUTH = "truth value of an array"
ONE_NUMBER = (
    "\nTry: an if looks at one number, and so do min and max of Python. np.where, np.maximum and "
    "np.copysign look at each number of an array."
)
LIBRARIES = (
    "site-packages",
    f"{os.sep}lib{os.sep}python",
    str(Path(__file__).parents[1]),
    "<frozen",
)
OVERWRITES = "\nTry: x = 2 * x makes a new array, x *= 2 overwrites the caller's."


def names_of(*pairs):
    """The names of functions in messages, or why one of them is none."""
    for func, role in pairs:
        if not callable(func):
            raise CheckFailed(
                f"{role} must be a function, got {type(func).__name__}.\n"
                "Try: pass the function itself, without calling it."
            )
    names = (getattr(func, "__name__", role) for func, role in pairs)
    return [r if name == "<lambda>" else name for name, (_, r) in zip(names, pairs, strict=True)]


def call(func, name, args, where, is_batch):
    """``func(*args)``, or a diagnosis of what it raises; ``where()`` says at which arguments."""
    try:
        return func(*args)
    except CheckFailed:  # that says more already
        raise
    except NotImplementedError:
        raise CheckFailed(f"{name} is not written yet: it raises NotImplementedError.") from None
    except Exception as error:
        hint = ""
        if isinstance(error, TypeError) and ARGUMENTS.search(str(error)):
            hint = "\nTry: give the function the parameters that it had when it was handed out."
        elif TRUTH in str(error):
            hint = ONE_NUMBER
        elif is_batch and isinstance(error, TypeError | ValueError | IndexError):
            hint = (
                "\nTry: take many points at once: print the shapes in that line, and use "
                "x[..., i], axis=-1, keepdims=True and np functions, not math."
            )
            if "matmul" in str(error):
                hint += " For rows x of a batch, the products M x are x @ M.T."
        line = line_of(func, error) + hint
        raise CheckFailed(
            f"{name} raises {type(error).__name__} {where()}: {error}{line}"
        ) from error


def answer(func, name, x):
    """``func(x)`` as an array of real numbers, or why there is none."""
    given = x.copy()
    value = call(func, name, (given,), lambda: f"at {place(x)}", x.ndim > 1)
    if given.tobytes() != x.tobytes():
        raise CheckFailed(
            f"{name} changes its input: after the call at {place(x)} the caller's x is "
            f"different.{OVERWRITES}"
        )
    try:
        array = np.array(value)
    except ValueError:  # a list of rows of different lengths
        array = np.array(None)
    if array.dtype.kind not in "fiu":
        kind = getattr(value, "dtype", None)
        raise CheckFailed(
            f"{name} returns {type(value).__name__}{f' of {kind}' if kind else ''} at {place(x)}, "
            "expected a NumPy array of real numbers.\n"
            "Try: is a return missing? np.stack([...], axis=-1) joins components."
        )
    return array


def same_again(func, name, points, values):
    """A second call must give the same numbers."""
    for x, value in list(zip(points, values, strict=True))[:4]:
        again = answer(func, name, x)
        if not np.array_equal(again, value, equal_nan=True):
            raise CheckFailed(
                f"{name} is not deterministic: two calls at {place(x)} return {value} and {again}."
                "\nTry: does it draw random numbers, or keep something from the last call?"
            )


def require_shape(value, shape, name, x, why=""):
    """The shape must be right, not only broadcast to the right one."""
    if value.shape == shape:
        return
    hint = "print the shape of each part of your answer."
    if len(shape) > 1 and value.shape == (*shape[:-2], shape[-1], shape[-2]):
        hint = "it looks transposed: rows are outputs, columns are inputs."
    elif value.size == np.prod(shape):
        hint = "the number of entries is right; is there an axis too many or too few?"
    elif broadcasts(value.shape, shape):
        hint = "NumPy would broadcast it silently; every entry must be there, np.stack joins them."
    raise CheckFailed(
        f"{name} returns shape {value.shape} for x of shape {x.shape}, expected {shape}"
        f"{why and f', {why}'}.\nTry: {hint}"
    )


def broadcasts(shape, to):
    """Whether one shape broadcasts against another."""
    try:
        np.broadcast_shapes(shape, to)
    except ValueError:
        return False
    return True


def require_finite(values, name, points, hint):
    """All values must be finite; where they are not is said if it can be told."""
    bad = np.array([not np.isfinite(value).all() for value in values])
    if not bad.any():
        return
    k = bad.argmax()
    kind = "at every point, for instance" if bad.all() else ""
    if not bad.all():
        side, some = one_side(points, bad), f"{bad.sum()} of {plural(len(bad), 'point')}"
        kind = f"{'unless ' + side if side else 'at ' + some}, such as"
    raise not_finite(name, points[k], values[k], kind, hint)


def not_finite(name, x, value, kind, hint):
    """The failure that says so of one point."""
    return CheckFailed(
        f"{name} is not finite at {place(x)}: it returns {value}.\n"
        f"  It is so {kind} this one.\nTry: {hint}"
    )


def check_batches(func, name, points, alone):
    """``func`` on batches of ``points`` must repeat ``alone``, its answers point by point."""
    n = points.shape[1]
    a, b, c = [k for k in (5, 4, 3, 6, 7, 8) if k != n][:3]
    for lead in ((a,), (b, c), (1,), (b, 1)):
        rows = np.arange(np.prod(lead)) % len(points)
        want, expected = alone[rows], (*lead, *alone.shape[1:])
        got = answer(func, name, points[rows].reshape(*lead, n))
        if got.shape != expected:
            hint = "take coordinates with x[..., i] and sum over axis=-1."
            if got.shape == (*alone.shape[1:], *lead):
                hint = "the axes of the batch come first: np.stack([...], axis=-1)."
            elif sorted(got.shape) == sorted(expected):
                hint = "the axes stand in another order: print the shape of each part."
            elif 1 in lead and got.shape == np.zeros(expected).squeeze().shape:
                hint = "keep every axis of length 1: squeeze without an axis takes them away."
            elif got.size == np.prod(expected):
                hint = (
                    "the numbers stand in one row: np.stack([...], axis=-1) makes an axis for them."
                )
            raise CheckFailed(
                f"{name} works for one point but not for a batch: input of shape {(*lead, n)} "
                f"gave shape {got.shape}, expected {expected}.\nTry: {hint}"
            )
        got = got.reshape(want.shape)
        size = np.abs(np.nan_to_num(want)).reshape(len(want), -1).max(axis=1)
        precision = 1e-6 if got.dtype != np.float32 else 1e-4
        close = np.isclose(got.T, want.T, rtol=0, atol=precision * size, equal_nan=True).T
        if not close.all():
            if not (got[~close] != 0).any():
                left = plural((~close).sum(), "entry is", "entries are")
                raise CheckFailed(
                    f"{name} works for one point but not for a batch: for an input of shape "
                    f"{(*lead, n)}, {left} 0 that should not be.\nTry: does the loop fill every "
                    "entry of an array of zeros? x[..., i] takes all points at once."
                )
            hint = "every sum, norm or maximum needs axis=-1."
            if np.allclose(np.sort(got, axis=None), np.sort(want, axis=None), rtol=precision):
                hint = (
                    "the numbers are all there, but in another order. reshape moves no axes: "
                    "np.stack([...], axis=-1) or np.moveaxis does."
                )
            row = np.unravel_index(np.argmin(close.reshape(len(want), -1).all(axis=1)), lead)
            index = f"[{', '.join(str(int(i)) for i in row)}]"
            raise CheckFailed(
                f"{name} works for one point but mixes the points of a batch: for an input of "
                f"shape {(*lead, n)}, row {index} differs from the answer for that row "
                f"alone.\nTry: {hint}"
            )


def place(x):
    """A point, or what kind of batch, in words."""
    return f"x = {x.tolist()}" if x.ndim == 1 else f"an input of shape {x.shape}"


def line_of(func, error):
    """Return the line of the student's own file or cell in which ``error`` arose, if known.

    ``func`` may belong to the check, and call the student's function, which stands elsewhere; and
    that may call a function of the check again.
    """
    code = getattr(inspect.unwrap(func), "__code__", None)
    frames = [s for s in traceback.extract_tb(error.__traceback__) if s.line]
    users = [s for s in frames if not any(part in s.filename for part in LIBRARIES)]
    files = [list(group) for _, group in groupby(users, lambda s: s.filename)]
    if len(files) > 1 and files[0][0].filename == getattr(code, "co_filename", None):
        own = files[1]
    else:
        own = [s for s in users if s.filename == getattr(code, "co_filename", None)]
    if own:
        return f"\n  line {own[-1].lineno}: {own[-1].line}"
    # If the function runs in another process, its line arrives as a note.
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith("line ")]
    return f"\n  {notes[-1]}" if notes else ""
