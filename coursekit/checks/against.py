"""Compare a function with a reference, call by call."""

from copy import deepcopy
from functools import partial

import numpy as np

from coursekit.checks.against_diagnoses import (
    count_axes,
    describe_call,
    first_difference,
    is_numeric,
)
from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import OVERWRITES, call, names_of

__all__ = ["check_against"]

SIGNS = 4  # how often the arguments are changed to see how much rounding matters


def check_against(func, reference, cases, *, rtol=None):
    r"""Compare ``func`` with a reference, call by call, and say how it differs.

    Parameters
    ----------
    func : callable
        The function to check.
    reference : callable or list
        A function that is right, or the expected values, one a case: numbers or arrays.
    cases : list of tuple
        The arguments of each call, such as ``[(x, 0), (x, 1)]``: single points first, then
        batches. Each call gets copies.
    rtol : float, optional
        Relative tolerance. By default :math:`\varepsilon^{0.6}`: 4e-10 in float64, and 7e-5 if
        the expected value or an argument is float32. An entry may also be off by a
        thousand times what a change of the arguments by :math:`\varepsilon` does to it, and one
        that is expected to be zero by :math:`1000\,\varepsilon` times the largest entry. Integers
        must agree exactly.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong, and in which cases: not callable, raises, changes its input, returns
        nothing, wrong kind or shape; not finite; opposite sign, transposed, reversed, imprecise,
        a constant factor, a constant added, another factor in each case, or the square, square
        root, exponential or logarithm of what is expected; else just wrong. The check cannot
        decide about an entry that is so small beside the largest one that all of it may be
        rounding, if ``reference`` is a list. The message shows the answer at one entry, never the
        expected number.
    ValueError
        If the cases are no tuples or not as many as the expected values, or those no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_against(np.mean, np.median, [([1.0, 2.0, 3.0],), ([4.0, 6.0],)])
    True
    >>> check_against(np.sum, np.mean, [([1.0, 2.0, 3.0],), ([4.0, 6.0],)])
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: sum: off by a factor that differs from case to case, 3, then 2.
      sum([1, 2, 3]): yours 6
    Try: is it a sum where a mean is asked for, or the other way round?
    """
    (name,) = names_of((func, "func"))
    with np.errstate(all="ignore"):
        expected = _expected(reference, cases)
        answers, failed = [], None
        for case in cases:
            try:
                is_batch = count_axes(case) > count_axes(cases[0])
                answers.append(_value_of(func, name, case, is_batch))
            except CheckFailed as error:  # values that are wrong before it come first
                failed = error
                break
    done = len(answers)
    rounding = partial(_rounding, reference, cases) if callable(reference) else None
    if message := first_difference(name, cases[:done], answers, expected[:done], rtol, rounding):
        raise CheckFailed(message)
    if failed:
        raise failed
    return True


def _expected(reference, cases):
    """What is expected of each call."""
    for k, case in enumerate(cases):
        if not isinstance(case, tuple):
            kind = type(case).__name__
            raise ValueError(f"cases[{k}] must be a tuple of arguments, got {kind}; write (x,)")
    if callable(reference):
        reference = [reference(*deepcopy(case)) for case in cases]
    if not 0 < len(reference) == len(cases):
        raise ValueError(f"reference has {len(reference)} values for {len(cases)} cases")
    for k, want in enumerate(reference):
        if isinstance(want, tuple) or not is_numeric(want):
            kind = f"{type(want).__name__} for cases[{k}]"
            raise ValueError(f"reference must hold real numbers or arrays, got {kind}")
    return reference


def _rounding(reference, cases, k, eps):
    """How much the expected values of a case change with its arguments, or None if they cannot.

    The largest change over some signs, when every floating argument changes by ``eps`` of itself.
    """
    rng, change = np.random.default_rng(0), None
    want = np.asarray(reference(*deepcopy(cases[k])), dtype=float)
    for _ in range(SIGNS):
        case = tuple(_shaken(argument, eps, rng) for argument in deepcopy(cases[k]))
        if all(a is b for a, b in zip(case, cases[k], strict=True)):
            return None
        try:
            got = np.asarray(reference(*case), dtype=float)
        except (ArithmeticError, ValueError):  # outside of its domain
            continue
        if got.shape == want.shape:
            off = np.nan_to_num(np.abs(got - want), nan=0, posinf=0)
            change = off if change is None else np.maximum(change, off)
    return change


def _shaken(argument, eps, rng):
    """A floating argument with each number changed by ``eps`` of itself; others as they are.

    A zero changes by ``eps`` of the largest number beside it, or of 1 if that is less.
    """
    try:
        array = np.asarray(argument)
    except ValueError:  # rows of different lengths
        return argument
    if array.dtype.kind != "f":
        return argument
    size = np.abs(array)
    size = np.where(size > 0, size, min(1.0, size.max(initial=0) or 1.0))
    shaken = (array + eps * size * rng.choice([-1.0, 1.0], array.shape)).astype(array.dtype)
    return shaken.tolist() if isinstance(argument, list) else shaken[()]


def _value_of(func, name, case, is_batch):
    """``func(*case)``, or why there is none."""
    given = deepcopy(case)
    value = call(func, name, given, lambda: f"in {describe_call(name, case)}", is_batch)
    for before, after in zip(case, given, strict=True):
        if isinstance(before, np.ndarray) and before.tobytes() != after.tobytes():
            where = describe_call(name, case)
            raise CheckFailed(
                f"{name} changes its input: after {where} the caller's array is different."
                f"{OVERWRITES}"
            )
    return value
