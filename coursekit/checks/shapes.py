"""Check that a function treats every leading axis of its input as a batch."""

import numpy as np

from coursekit.checks.sample_points import draw_points
from coursekit.checks.student_functions import answer, check_batches, names_of, require_shape

__all__ = ["check_shapes"]


def check_shapes(f, output=(), n=2):
    """Check that ``f`` treats every leading axis of its input as a batch.

    For ``n=2`` the inputs have shapes (2,), (5, 2), (4, 3, 2), (1, 2) and (4, 1, 2), and ``f`` must
    return shapes ``output``, (5, *output), (4, 3, *output) and so on, with each row of a batch
    equal to the answer for that point alone.

    Parameters
    ----------
    f : callable
        The function to check; values are compared with ``f`` itself only.
    output : tuple of int
        Shape of ``f`` at one point: () for a scalar, (n,) for a gradient, (n, n) for a Hessian.
    n : int
        Number of coordinates.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says which input shape gave which output shape and what was expected, or which row of
        a batch differs from the answer for that row alone.

    Examples
    --------
    >>> import numpy as np
    >>> check_shapes(lambda x: (x**2).sum(axis=-1))
    True
    >>> check_shapes(np.sum)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: sum works for one point but not for a batch:
    input of shape (5, 2) gave shape (), expected (5,).
    Try: take coordinates with x[..., i] and sum over axis=-1.
    """
    (name,) = names_of((f, "f"))
    points = draw_points(n, None, 0)
    with np.errstate(all="ignore"):
        alone = [answer(f, name, x) for x in points]
        for value, x in zip(alone, points, strict=True):
            require_shape(value, tuple(output), name, x)
        check_batches(f, name, points, np.array(alone))
    return True
