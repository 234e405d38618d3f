"""The places of an exam that differ from paper to paper, and what fills them.

A text with a cell ``:variant: NAME`` is an exam. The cell defines ``variant(rng)``, which draws the
numbers, functions and data of one paper and returns them by name::

    def variant(rng):
        return {"a": int(rng.integers(2, 9)), "f": str(rng.choice(["sin", "cos"]))}

Wherever ``{{a}}`` stands, in words or code, the paper has the number. ``{{student}}`` is whose it
is, and ``{{paper}}`` its name. The cell itself is in no notebook.
"""

import functools
import hashlib
import re

import numpy as np

__all__ = ["NOBODY", "PaperError", "draw", "filled", "is_exam"]

NOBODY = "nobody"  # whose paper stands in source/NAME and release/NAME
CELL = re.compile(r"^```\{code-cell\}.*\n:variant:.*\n((?:.*\n)*?)```$", re.M)
PLACE = re.compile(r"\{\{(\w+)\}\}")
compiled = functools.lru_cache(maxsize=1)(compile)


class PaperError(ValueError):
    """No paper can be made; the message says why, ``line`` where in the text."""

    def __init__(self, message, line):
        super().__init__(message)
        self.line = line


def is_exam(text):
    """Whether the text of a homework has a cell that draws papers."""
    return bool(re.search(r"^:variant:", text, re.M))


@functools.lru_cache(maxsize=1)
def filled(text, student=NOBODY, key=b""):
    """Return the text of one paper, line by line that of the exam, and what was drawn for it.

    Parameters
    ----------
    text : str
        Of a homework; what is no exam comes back as it is, with nothing drawn.
    student : str
        Whose paper.
    key : bytes
        It seeds the generator: the same key gives the same paper.

    Returns
    -------
    text : str
    drawn : dict
        What stands in the places, as texts by name.

    Raises
    ------
    PaperError

    Examples
    --------
    >>> exam = '''# Paper of {{student}}
    ... ```{code-cell} ipython3
    ... :variant: paper
    ... def variant(rng):
    ...     return {"a": int(rng.integers(2, 9))}
    ... ```
    ... What is 3 times {{a}}?'''
    >>> text, drawn = filled(exam, "1001", b"secret")
    >>> text.splitlines()
    ['# Paper of 1001', '', '', '', '', '', 'What is 3 times 7?']
    >>> drawn
    {'a': '7', 'student': '1001', 'paper': 'da0b2bf2'}
    """
    if not is_exam(text):
        return text, {}
    cells = [*CELL.finditer(text)]
    lines = [_line(text, found.start()) for found in re.finditer(r"^:variant:", text, re.M)]
    if len(cells) != 1 or len(lines) != 1:
        raise PaperError(
            "write one cell that begins with :variant:, and end it with ```.", lines[-1]
        )
    try:
        drawn = draw(cells[0][1], student, key)
    except ValueError as error:
        raise PaperError(str(error), lines[0]) from None
    text = CELL.sub(lambda cell: "\n" * cell[0].count("\n"), text)
    for place in PLACE.finditer(text):
        if place[1] not in drawn:
            said = f"nothing is drawn for {place[0]}; there are: {', '.join(drawn)}."
            raise PaperError(said, _line(text, place.start()))
    return PLACE.sub(lambda place: drawn[place[1]], text), drawn


def _line(text, position):
    return text.count("\n", 0, position) + 1


def draw(source, student=NOBODY, key=b""):
    """Return what code that defines ``variant(rng)`` draws for one paper, as texts by name.

    Numbers and lists are written as in Python. ``paper`` is eight digits that tell papers apart,
    and say nothing about the key.

    Raises
    ------
    ValueError
        What is wrong with the code, or with what it returns.
    """
    names = {}
    try:
        exec(compiled(source, "variant", "exec"), names)
        values = dict(names["variant"](np.random.default_rng(int.from_bytes(key))))
    except Exception as error:  # whatever the instructor's code does
        said = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"no paper can be drawn ({said}); define variant(rng) that returns a dict."
        ) from None
    for name, value in values.items():
        if not _is_plain(value):
            raise ValueError(
                f"variant returns {value!r:.60} for {name!r}; make it a text, an int or a float of "
                "Python, or a list of these, in one line."
            )
    digest = hashlib.sha256(key + repr(values).encode()).hexdigest()
    texts = {name: str(value) for name, value in values.items()}
    return texts | {"student": student, "paper": digest[:8]}


def _is_plain(value):
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return type(value) in (int, float) or (type(value) is str and "\n" not in value)
