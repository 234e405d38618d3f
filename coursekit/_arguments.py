r"""Validation of arguments: one rule and one style of message for all topics.

===============  ==================================================================================
``number``       one finite real number, in a range; returned as a float
``count``        one integer, at least a bound; returned as an int
``real_array``   an array of finite real numbers, of a given shape if there is one
``point``        one point: a nonempty ``real_array`` of shape (n,)
``points``       one point or a batch of them, last axis n; may be complex or not finite
``matrix``       a nonempty ``real_array`` of shape (m, n)
``symmetric``    a square ``matrix``, equal to its transpose up to half of its digits
===============  ==================================================================================

The wrong kind of thing (text, None, complex numbers, 2.5 for a count) raises ``TypeError``; the
wrong shape, a value out of range, infinities and NaN raise ``ValueError``. The message is the name
of the argument, the rule, and what was given: ``"tol must be at least 0 and finite; got -1."``

As in NumPy's arithmetic, an array of booleans holds zeros and ones. A single boolean is neither a
number nor a count: where one number is asked for, ``True`` is nearly always a flag in the wrong
place. Arrays keep their floating type; integers and booleans become ``float64``. What comes back
may be the array that was given: copy it before you write into it.
"""

import math
import operator

import numpy as np


def real_number(name, value):
    """Return ``value`` as a float, infinite or NaN perhaps, if it is one real number."""
    array = np.asarray(value) if np.isscalar(value) or hasattr(value, "__array__") else None
    if array is None or array.shape != () or array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be one real number; got {_short(value)}.")
    return float(array)


def number(name, value, *, above=-math.inf, at_least=-math.inf, below=math.inf):
    """Return ``value`` as a finite float if it is one real number in the range."""
    found = real_number(name, value)
    if not (above < found < below and at_least <= found):  # NaN too fails this
        low = f"above {above} and " if above > -math.inf else ""
        low = f"at least {at_least} and " if at_least > -math.inf else low
        high = f"below {below}" if below < math.inf else "finite"
        raise ValueError(f"{name} must be {low}{high}; got {_short(value)}.")
    return found


def count(name, value, *, at_least=0):
    """Return ``value`` as an int if it is one integer of at least ``at_least`` (None: any)."""
    try:
        found = operator.index(None if isinstance(value, bool | np.bool_) else value)
    except TypeError:
        raise TypeError(f"{name} must be an integer; got {_short(value)}.") from None
    if at_least is not None and found < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {found}.")
    return found


def real_array(name, value, shape=None, *, finite=True):
    """Return ``value`` as a floating array, of exactly ``shape`` if that is given."""
    array = _array(name, value, "biuf", "real")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got shape {array.shape}.")
    if finite and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; got {_short(array)}.")
    return array


def point(name, value, n=None):
    """Return ``value`` as a floating array of shape (n,); any n but 0 if ``n`` is None."""
    array = real_array(name, value, finite=False)
    if array.ndim != 1 or array.size == 0 or n not in (None, array.size):
        shape = "(n,)" if n is None else f"({n},)"
        raise ValueError(f"{name} must be one point of shape {shape}; got shape {array.shape}.")
    return real_array(name, array)


def points(name, value, n):
    """Return ``value`` as a floating or complex array whose last axis has length ``n``."""
    array = _array(name, value, "biufc", "real or complex")
    if array.shape[-1:] != (n,):
        raise ValueError(
            f"{name} must have a last axis of length {n}, the coordinate axis; got shape "
            f"{array.shape}. Stack the coordinates with np.stack([...], axis=-1)."
        )
    return array


def matrix(name, value):
    """Return ``value`` as a floating array of shape (m, n), neither of them 0."""
    array = real_array(name, value, finite=False)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must be a nonempty matrix; got shape {array.shape}.")
    return real_array(name, array)


def symmetric(name, value, n=None):
    r"""Return ``value`` as a matrix that equals its transpose exactly.

    Mirrored entries may differ by :math:`\sqrt\varepsilon` times the largest entry, as they do in
    Hessians from finite differences; then both become their mean. The value of
    :math:`x^\top H x` is the same with either.
    """
    H = real_array(name, value, finite=False)
    if H.ndim != 2 or H.shape[0] != H.shape[1] or H.size == 0 or n not in (None, len(H)):
        wanted = "a square matrix" if n is None else f"a matrix of shape ({n}, {n})"
        raise ValueError(f"{name} must be {wanted}; got shape {H.shape}.")
    H = real_array(name, H)
    with np.errstate(over="ignore"):
        gap = np.abs(H - H.T).max()
    if gap > math.sqrt(np.finfo(H.dtype).eps) * np.abs(H).max():
        raise ValueError(
            f"{name} must be symmetric; got mirrored entries that differ by {gap:.3g}. If only "
            f"x.T @ {name} @ x counts, ({name} + {name}.T) / 2 is the same."
        )
    return H if gap == 0 else H / 2 + H.T / 2


def _array(name, value, kinds, wanted):
    """Return ``value`` as an array of one of the kinds, integers and booleans as float64."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array; got rows of different lengths.") from None
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name} must hold {wanted} numbers; got dtype {array.dtype}.")
    return array if array.dtype.kind in "fc" else array.astype(float)


def _short(value):
    """``repr`` of a value, of large arrays the corners."""
    if isinstance(value, np.ndarray) and value.shape:
        return np.array2string(value, precision=3, threshold=8, separator=", ")
    return repr(value.item() if isinstance(value, np.generic | np.ndarray) else value)
