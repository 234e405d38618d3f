"""Hints in steps: a nudge, a pointer, a smaller case worked out.

They stand in ``assignments/hints/NAME.md``, under a heading for each answer of the homework, one
step from the next by a line ``---``::

    ## f
    Which axis holds the coordinates?

    ---

    Sum over the last axis ...

The release puts them into a locked, folded cell of the notebook, which defines ``hint``: so they
are there wherever the notebook is, and asking for them leaves no trace.
"""

import re
import textwrap

__all__ = ["STEPS", "hint_cell", "hints", "read_hints"]

STEPS = 3
HEADING = re.compile(r"^## +(\S+) *$", re.M)
INTRODUCTION = """**Hints.** `hint("{first}")` in a cell of your own gives a nudge; asked again, a
pointer; asked once more, a smaller case worked out. There are hints for {names}. They cost
nothing, and nobody is told."""


def hints(steps):
    """Return the function ``hint`` of a homework.

    Parameters
    ----------
    steps : dict
        For each answer the list of its hints, the gentlest first.

    Returns
    -------
    callable
        ``hint(name)`` prints the next hint for an answer, and after the last one all of them.
        ``hint()`` says for which answers there are any.

    Examples
    --------
    >>> hint = hints({"f": ["Look at the axis.", "Sum over the last one."]})
    >>> hint("f")
    Hint 1 of 2 for f:
      Look at the axis.
    >>> hint("g")
    There are hints for f: hint("f").
    """
    given = dict.fromkeys(steps, 0)

    def hint(name=""):
        """Print the next hint for an answer, such as hint("f"); it costs nothing."""
        name = getattr(name, "__name__", name)  # hint(f) is meant as hint("f")
        if name not in steps:
            print(f'There are hints for {", ".join(steps)}: hint("{next(iter(steps))}").')
            return
        count = len(steps[name])
        numbers = [given[name]] if given[name] < count else range(count)
        for number in numbers:
            print(f"Hint {number + 1} of {count} for {name}:")
            print(textwrap.indent(steps[name][number], "  "))
        given[name] += 1

    return hint


def read_hints(path, answers):
    """Return the hints in a file, a list for each name of an answer.

    Parameters
    ----------
    path : Path
    answers : list of str
        The names that may have hints, and of which each must.

    Raises
    ------
    ValueError
        ``file: what is wrong; what to do``.
    """
    _, *parts = HEADING.split(path.read_text(encoding="utf-8"))
    found = {}
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        steps = [step.strip() for step in re.split(r"^---$", text, flags=re.M)]
        if name not in answers:
            raise ValueError(f"{path}: no answer is called {name!r}; there are {answers}.")
        if len(steps) != STEPS or not all(steps):
            raise ValueError(
                f"{path}: {name!r} has {len(steps)} hints; write {STEPS}, with --- between them."
            )
        found[name] = steps
    if missing := [name for name in answers if name not in found]:
        raise ValueError(f"{path}: no hints for {missing[0]!r}; add ## {missing[0]}.")
    return found


def hint_cell(steps):
    """Return what stands in the notebook: a sentence for the student, and the code of the cell."""
    names = [f"`{name}`" for name in steps]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[:-1] else names)
    lines = ["from coursekit.homework.hints import hints", "", "hint = hints({"]
    for name, texts in steps.items():
        lines.append(f"    {name!r}: [")
        for text in texts:
            lines += [f"        {line!r}" for line in text.splitlines(keepends=True)]
            lines[-1] += ","
        lines.append("    ],")
    return INTRODUCTION.format(first=next(iter(steps)), names=listed), "\n".join([*lines, "})"])
