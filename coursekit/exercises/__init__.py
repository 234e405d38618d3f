"""Checks of the exercises in the chapters, called from the notebooks: ``check_exercise(label)``.

A check is a function called like the label of its exercise. Its parameters are the names that
the student defines, its keyword-only ones the names of the chapter that it needs, and its
docstring is what the notebook says in the cell to write in. Solutions stand folded in the
notebook, so a check need not hide them: it says what to look at.
"""

import inspect
from importlib import import_module

__all__ = ["answers_of", "check_exercise", "labels"]

PARTS = ("numbers", "models", "descent", "constraints", "learning")


def _checks():
    """Return every check by the label of its exercise."""
    found = {}
    for part in PARTS:
        module = import_module(f"coursekit.exercises.{part}")
        for name, value in vars(module).items():
            if inspect.isfunction(value) and value.__module__ == module.__name__ and name[0] != "_":
                found[name.replace("_", "-")] = value
    return found


def labels():
    """Return the labels of the exercises that have a check."""
    return sorted(_checks())


def answers_of(label):
    """Return what to write for an exercise: a sentence, empty for an exercise without a check."""
    check = _checks().get(label)
    return " ".join(inspect.getdoc(check).split()) if check else ""


def check_exercise(label, names=None):
    """Say whether the answer to an exercise of a chapter is right; it never raises.

    Parameters
    ----------
    label : str
        Of the exercise, as its notebook has it.
    names : dict, optional
        Where the answers are; default: the variables of the notebook.

    Returns
    -------
    bool
        Whether it is right.

    Examples
    --------
    >>> check_exercise("gd-exercise-bug", {})
    Not there yet: result. Write it above and run that, then check again.
    False
    >>> check_exercise("gd-exercise-bug", {"result": [-1.4, 1.0]})
    ✗ The second coordinate has not moved from 1: does the loop update it?
    False
    >>> check_exercise("gd-exercise-bug", {"result": [1e-12, 0.0]})
    ✓ This is right.
    True
    """
    names = inspect.currentframe().f_back.f_globals if names is None else names
    check = _checks().get(label)
    if check is None:
        print(f"No exercise is called {label!r}.")
        return False
    parameters = inspect.signature(check).parameters.values()
    if missing := [p.name for p in parameters if p.name not in names]:
        given = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.name in missing]
        wanted = ", ".join(given or missing)
        where = "Run the cells of the chapter first." if given else (
            "Write it above and run that, then check again."
        )  # fmt: skip
        print(f"Not there yet: {wanted}. {where}")
        return False
    try:
        check(**{p.name: names[p.name] for p in parameters})
    except AssertionError as error:
        print(f"✗ {error}")
        return False
    except Exception as error:  # the student's function may raise anything
        print(f"✗ {type(error).__name__}: {error}")
        return False
    print("✓ This is right.")
    return True
