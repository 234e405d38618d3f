"""Which libraries an answer may use."""

from dis import get_instructions
from functools import wraps
from types import CodeType, FunctionType, ModuleType

from coursekit.checks.failure import CheckFailed

__all__ = ["written_without"]


def written_without(func, *libraries):
    """Return ``func``, or a function that says which library it uses although it must not.

    Parameters
    ----------
    func : callable
        A student's function. Looked at are its code, that of the functions of the notebook which
        it calls, and what the names in it stand for.
    *libraries : str
        Names of packages, such as ``"tensorflow"``, or of a part of one, ``"scipy.optimize"``.

    Returns
    -------
    callable
        ``func`` itself if it uses none of them, or is no Python function.

    Raises
    ------
    CheckFailed
        When what is returned for another one is called.

    Examples
    --------
    >>> import math, numpy as np
    >>> def root(x):
    ...     return math.sqrt(x)
    >>> written_without(root, "numpy")(4.0)
    2.0
    >>> written_without(root, "math")(4.0)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: root uses math, which is not allowed in this part.
    Try: write what it does there yourself, or take what the function is given.
    """
    used = _library(func, libraries, set())
    if used is None:
        return func

    @wraps(func)
    def refuse(*args, **kwargs):
        raise CheckFailed(
            f"{func.__name__} uses {used}, which is not allowed in this part.\n"
            "Try: write what it does there yourself, or take what the function is given."
        )

    return refuse


def _library(func, libraries, seen):
    """Return the first library that a function uses of some, with what it uses of it, or None."""
    func = getattr(func, "__wrapped__", func)
    if not isinstance(func, FunctionType) or func in seen:
        return None
    seen.add(func)
    codes = [func.__code__]
    for code in codes:  # functions inside of it, too
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        for name in _names(code):
            value = func.__globals__.get(name)
            module = getattr(value, "__module__", None)
            origin = value.__name__ if isinstance(value, ModuleType) else module
            for found in (origin, name):  # the name in an import inside of the function
                for library in libraries if isinstance(found, str) else ():
                    if _belongs(found, library, code):
                        of_it = isinstance(value, ModuleType) or found is name
                        return library if of_it else f"{name} of {library}"
            is_theirs = getattr(value, "__globals__", None) is func.__globals__
            if is_theirs and (library := _library(value, libraries, seen)):
                return library
    return None


def _belongs(found, library, code):
    """Whether a module is ``library``, or in it, or the package of which code uses this part."""
    package, _, part = library.rpartition(".")
    is_used = found == package and part in code.co_names
    return is_used or f"{found}.".startswith(f"{library}.")


def _names(code):
    """Return the global names and imported modules of a code, without attributes such as .solve."""
    looked_up = ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME")
    return [step.argval for step in get_instructions(code) if step.opname in looked_up]
