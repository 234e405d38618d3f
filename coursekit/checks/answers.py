"""A student's functions as the tests of a homework call them.

`watched` is for visible checks: what is returned has the right kind, and the arguments stay as they
were. `on_copies` is for hidden tests: the same, but a change of the arguments harms nobody.
`with_right` keeps a mistake in an early part from costing the points of a later one.
"""

import inspect
from contextlib import contextmanager
from functools import wraps

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import ONE_NUMBER, OVERWRITES, TRUTH, line_of
from coursekit.checks.wording import plural

__all__ = ["on_copies", "watched", "with_right"]

COUNTS = {2: "the pair", 3: "the three values"}
GONE = object()
elsewhere = []  # called with a name and its stand-in, or None when that has gone


def watched(func, returns="a number"):
    """Return ``func``, watched: each call must leave its arguments as they were.

    Parameters
    ----------
    func : callable
        A student's function.
    returns : str or None
        What it returns: "x, mu" for a pair, a tuple or list; a word without a comma for one
        number or array; None for anything else that is not None. Numbers and arrays may be of any
        shape and may be given as nested lists, of which arrays are made.

    Returns
    -------
    callable
        It raises `CheckFailed` if ``func`` returns another kind of thing, or changes an argument.

    Raises
    ------
    CheckFailed
        If ``func`` is no function.

    Examples
    --------
    >>> import numpy as np
    >>> def double(x):
    ...     x *= 2
    ...     return x
    >>> watched(double)(np.ones(2))
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: double changes its input: after a call, the caller's x is
    different.
    Try: x = 2 * x makes a new array, x *= 2 overwrites the caller's.
    """

    def call(name, args, kwargs):
        given, options = copied(args), copied(kwargs)
        try:
            value = func(*given, **options)
        except ValueError as error:
            if TRUTH not in str(error):
                raise
            line = line_of(func, error)
            raise CheckFailed(f"{name} raises ValueError: {error}{line}{ONE_NUMBER}") from error
        changed = [k for k, (a, b) in enumerate(zip(args, given, strict=True)) if not same(a, b)]
        changed += [key for key in kwargs if not same(kwargs[key], options[key])]
        if changed:
            raise CheckFailed(changes(name, _argument(func, changed[0])))
        return value

    return _wrapped(func, returns, call)


def on_copies(func, returns="a number"):
    """Return ``func``, called with copies of its arrays; parameters and errors as `watched`.

    Whatever ``func`` does to its arguments, the caller's stay as they were.

    Examples
    --------
    >>> import numpy as np
    >>> def double(x):
    ...     x *= 2
    ...     return x
    >>> x = np.ones(2)
    >>> on_copies(double)(x), x
    (array([2., 2.]), array([1., 1.]))
    """
    return _wrapped(func, returns, lambda name, args, kwargs: func(*copied(args), **copied(kwargs)))


def with_right(test, **functions):
    """Run a test of a later part: with the student's own functions, else with right ones.

    Parameters
    ----------
    test : callable
        A function of no arguments, defined in the cell of the test, that raises if it fails.
    **functions : callable
        Functions that the tested one may call, by the names that they have in the homework. While
        ``test`` runs again, they stand in for the student's.

    Raises
    ------
    AssertionError
        Or whatever ``test`` raised at first, if it fails with the right functions too.

    Examples
    --------
    >>> def double(x):  # the student's, and wrong
    ...     return x + 1
    >>> def twice_as_far(x):  # a later part, which is right
    ...     return double(double(x))
    >>> def test():
    ...     assert twice_as_far(3) == 12
    >>> with_right(test, double=lambda x: 2 * x)
    >>> twice_as_far(3)
    5
    """
    try:
        return test()
    except Exception as error:
        try:
            with _stand_ins(test.__globals__, functions):
                return test()
        except Exception:
            raise error from None


def copied(value):
    """Return a copy of the arrays in a value, in nested lists, tuples and dicts."""
    if isinstance(value, np.ndarray):
        return value.copy("K")
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    return value


def same(a, b):
    """Whether two values, of which one was a copy of the other, still agree."""
    if isinstance(a, np.ndarray):
        return (a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return True


def changes(name, argument="input"):
    """Say that a function overwrites an argument."""
    caller = "the caller's array" if argument == "input" else f"the caller's {argument}"
    return f"{name} changes its input: after a call, {caller} is different.{OVERWRITES}"


def numbers(value):
    """Return an array of numbers, or a single one, of what may be nested lists; None if it isn't.

    Truth values count as numbers.
    """
    if value is None or isinstance(value, (str, bytes, dict, set)):
        return None
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):  # rows of different lengths, an object of another process
        return None
    return array[()] if array.dtype.kind in "biuf" else None


# The pieces --------------------------------------------------------------------------------


def _wrapped(func, returns, call):
    """Return a function that looks at what ``call(name, args, kwargs)`` returns."""
    if not callable(func):
        raise CheckFailed(
            f"What should be your function is {_kind(func)}.\nTry: has its name a new meaning, in "
            "this notebook, since you defined it?"
        )
    name = getattr(func, "__name__", "") or "your function"
    name = "your function" if name == "<lambda>" else name

    def inner(*args, **kwargs):
        value = call(name, args, kwargs)
        if value is None:
            raise CheckFailed(f"{name} returns nothing (None).\nTry: is a return missing?")
        if returns is None:
            return value
        parts = [part.strip() for part in returns.split(",")]
        return _several(name, value, parts) if len(parts) > 1 else _number(name, value)

    try:
        inner = wraps(func, updated=())(inner)
    except (AttributeError, TypeError):  # an object that can be called
        inner.__name__ = name
    inner.__name__ = name
    return inner


def _several(name, value, parts):
    """The values that were returned together, each of them numbers."""
    should = f"{name} should return {COUNTS.get(len(parts), 'the values')} ({', '.join(parts)})"
    one = isinstance(value, np.ndarray) and value.ndim < 2
    if one or isinstance(value, (str, dict, set)) or not hasattr(value, "__len__"):
        raise CheckFailed(f"{should}; it returns {_kind(value)}.")
    if len(value) != len(parts):
        what = _kind(value) if isinstance(value, np.ndarray) else plural(len(value), "value")
        raise CheckFailed(f"{should}; it returns {what}.")
    return tuple(_number(name, item, part) for item, part in zip(value, parts, strict=True))


def _number(name, value, part=""):
    """The numbers that were returned."""
    array = numbers(value)
    if array is None:
        what = f"{part}, of what {name} returns, is" if part else f"{name} returns"
        raise CheckFailed(
            f"{what} {_kind(value)}; expected real numbers.\nTry: print it, and its type."
        )
    return array


def _kind(value):
    """What kind of thing a value is, in words."""
    if value is None:
        return "nothing (None)"
    if callable(value):
        return f"a function, {getattr(value, '__name__', '')}".rstrip(", ")
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" + (
            f" of {value.dtype}" if value.dtype.kind not in "biuf" else ""
        )
    if type(value) in (list, tuple):
        return f"a {type(value).__name__} of {len(value)}, which makes no array of numbers"
    return f"a value of type {type(value).__name__}"


def _argument(func, place):
    """The name of an argument, "input" if it is not known."""
    if isinstance(place, str):
        return place
    try:
        return [*inspect.signature(func).parameters.values()][place].name
    except (ValueError, TypeError, IndexError):
        return "input"


@contextmanager
def _stand_ins(space, functions):
    """Put other functions in place of names of the notebook, for a while."""
    before = {name: space.get(name, GONE) for name in functions}
    try:
        for name, function in functions.items():
            space[name] = function
            for tell in elsewhere:
                tell(name, function)
        yield
    finally:
        for name, old in before.items():
            if old is GONE:
                space.pop(name, None)
            else:
                space[name] = old
        for name in before:
            for tell in elsewhere:
                tell(name, None)
