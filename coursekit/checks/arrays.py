"""What an answer must be before numbers are compared: its shape, finite, in double precision."""

import numpy as np

from coursekit.checks.failure import CheckFailed

__all__ = ["check_array"]


def check_array(array, shape, name):
    """Check that an answer has a shape, and numbers in ``float64`` that are finite.

    Parameters
    ----------
    array : array_like
        Of real numbers.
    shape : tuple of int
        The expected shape, ``()`` for one number.
    name : str
        What the array is called in messages, such as ``"x"`` or ``"the gradient"``.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says which of the three it is not, and for numbers that are not finite where the first is.

    Examples
    --------
    >>> check_array([1.0, 2.0], (2,), "x")
    True
    >>> check_array([[1.0], [2.0]], (2,), "x")
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: x has shape (2, 1), expected (2,).
    Try: the number of entries is right; is there an axis too many or too few?
    """
    array = np.asarray(array)
    if array.shape != tuple(shape):
        hint = "print the shape of each part of your answer."
        if array.ndim > 1 and array.shape[::-1] == tuple(shape):
            hint = "it looks transposed."
        elif sorted(array.shape) == sorted(shape):
            hint = "the axes stand in another order than asked for."
        elif array.size == np.prod(shape):
            hint = "the number of entries is right; is there an axis too many or too few?"
        wanted = f"expected {tuple(shape)}" if shape else "expected one number, of shape ()"
        raise CheckFailed(f"{name} has shape {array.shape}, {wanted}.\nTry: {hint}")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        at = f" at index {place if len(place) > 1 else place[0]}" if place else ""
        bad = array[tuple(place)]
        raise CheckFailed(
            f"{name} is not finite: it is {bad}{at}.\n"
            "Try: look for a division by zero, an overflow, or numbers that were never set."
        )
    if array.dtype in (np.float32, np.float16):
        raise CheckFailed(
            f"{name} has the type {array.dtype}, which keeps seven digits or fewer.\n"
            "Try: leave out what turns numbers into this type; NumPy computes in float64 by itself."
        )
    return True
