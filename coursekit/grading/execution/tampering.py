"""What code of a submission has done to the libraries that a test relies on.

It looks at a process from inside, so that code made against it can deceive it; what it finds is
what works against stock nbgrader.
"""

import sys
import types

__all__ = ["liars", "replaced", "snapshot"]

KINDS = (types.FunctionType, types.BuiltinFunctionType, type)
IGNORED = ("__main__", "matplotlib", "PIL", "tensorflow", "keras")  # they replace their own


def snapshot():
    """Return the functions and classes of all loaded modules, by module and name."""
    found = {}
    for name, module in list(sys.modules.items()):
        if isinstance(module, types.ModuleType) and not name.startswith(IGNORED):
            space = vars(module)
            found[name] = {key: thing for key, thing in list(space.items()) if _is_call(thing, key)}
    return found


def _is_call(thing, key):
    return (isinstance(thing, KINDS) or type(thing).__name__ == "ufunc") and key != "input"


def replaced(before):
    """Return the names of functions and classes that are not what they were in a snapshot.

    Examples
    --------
    >>> import math
    >>> before, isclose = snapshot(), math.isclose
    >>> math.isclose = lambda a, b: True
    >>> replaced(before)
    ['math.isclose']
    >>> math.isclose = isclose
    >>> replaced(before)
    []
    """
    found = []
    for name, things in before.items():
        space = vars(sys.modules[name]) if name in sys.modules else {}
        found += [
            f"{name}.{key}"
            for key, thing in things.items()
            if key in space and space[key] is not thing
        ]
    return sorted(found)


class _Unique:
    """Equal to nothing but itself."""


def liars(space):
    """Return the names of classes of the notebook whose objects are equal to everything.

    Examples
    --------
    >>> class Yes:
    ...     __module__ = "__main__"
    ...     def __eq__(self, other): return True
    >>> liars({"Yes": Yes})
    ['Yes']
    """
    return sorted({kind.__name__ for kind in _classes(space) if _lies(kind)})


def _classes(space):
    """Return the classes of the notebook that define comparisons."""
    waiting, found = [object], {}
    while waiting:
        for kind in type.__subclasses__(waiting.pop()):
            if id(kind) not in found and kind is not type:  # TensorFlow alone has thousands
                found[id(kind)] = kind
                waiting.append(kind)
    own = [kind for kind in found.values() if getattr(kind, "__module__", "") == "__main__"]
    return [kind for kind in own if {"__eq__", "__ne__"} & set(vars(kind))]


def _lies(kind):
    for arguments in ((), ((),)):  # an array wants a shape
        try:
            thing = kind.__new__(kind, *arguments)
            equal = bool(thing == _Unique())
            return equal or ("__ne__" in vars(kind) and not bool(thing != _Unique()))
        except Exception:
            continue
    return False
