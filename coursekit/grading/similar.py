"""Pairs of submissions that are alike beyond what the notebook handed out gives.

Winnowing [1]_ of the tokens of each answer, with all names folded into one, and all numbers: what
is renamed, laid out anew, commented otherwise or has the numbers of another paper has the same
fingerprints. Those that the notebook handed out has, and those that many of the class have, do not
count; the others count the more the rarer they are.

References
----------
.. [1] S. Schleimer, D. S. Wilkerson and A. Aiken, *Winnowing: Local Algorithms for Document
   Fingerprinting*, SIGMOD 2003.
"""

import hashlib
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from coursekit.grading.execution.cells import is_code, marks_of, name_of, role
from coursekit.grading.submissions import intake
from coursekit.grading.submissions.homework import load_homework
from coursekit.homework.nbgrader_course import folders_of, nbgrader_of
from coursekit.homework.source import prepare
from coursekit.homework.text import HomeworkError

__all__ = ["Pair", "Similar", "read_similar", "to_html", "winnow"]

LENGTH = 10  # tokens of a fingerprint
WINDOW = 6  # fingerprints of which one is kept: 15 equal tokens have one in common
FEWEST = 4  # fingerprints that a pair must have in common
SHARE = 0.5  # of the rarer of the two, by weight, that must be in common
MOST_PAIRS = 50
LONGEST = 100_000  # characters of an answer that are compared
OWN = "cells of their own"


@dataclass(frozen=True)
class Cell:
    """An answer, and where its fingerprints stand."""

    source: str
    spans: list  # of each token: start, end
    prints: dict  # fingerprint: first tokens


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes
    ----------
    students : tuple of str
    share : float
        The weight of the fingerprints in common, of those of the submission with less of it.
    weight : float
        That weight itself: by it pairs are sorted.
    cells : list of tuple
        Name of a cell, and the texts of the two as lists of (text, whether it is alike).
    """

    students: tuple
    share: float
    weight: float
    cells: list


@dataclass
class Similar:
    """What was found in a homework."""

    homework: str
    n: int = 0  # submissions
    n_pairs: int = 0  # alike; those with most in common are in `pairs`
    pairs: list = field(default_factory=list)
    unreadable: dict = field(default_factory=dict)  # student: why


def read_similar(homework, course="assignments"):
    """Look for pairs of submissions that are alike.

    Parameters
    ----------
    homework : str
    course : str or Path

    Returns
    -------
    Similar
        At most 50 pairs, those with most in common first.

    Raises
    ------
    HomeworkError
        There is no such homework, or fewer than two submissions can be read.
    """
    api = nbgrader_of(course, gradebook=False)
    source = prepare(api, homework, course)
    asked = load_homework(source, api.coursedir, api.config)
    found, answers = Similar(homework), {}
    for student in sorted(folders_of(api.coursedir, api.coursedir.submitted_directory, homework)):
        try:
            jobs, _ = intake.jobs_of(asked, student)
        except intake.Unreadable as error:
            found.unreadable[student] = str(error)
        else:
            answers[student] = _answers(jobs)
    if len(answers) < 2:
        raise HomeworkError(f"fewer than two submissions of {homework} can be read.")
    found.n = len(answers)
    given = [cell for notebook in source.released.values() for cell in notebook["cells"]]
    every = pairs_of(answers, given)
    found.n_pairs, found.pairs = len(every), every[:MOST_PAIRS]
    return found


def _answers(jobs):
    """Return the text of each answer; all cells of the student's own are one."""
    found = {}
    for job in jobs:
        part = f"{job['part']}: " if len(jobs) > 1 else ""
        for cell in job["notebook"]["cells"]:
            marks = marks_of(cell)
            if is_code(cell) and role(cell) == "own":
                name = (name_of(cell) or OWN), True
            elif not is_code(cell) and marks.get("solution"):
                name = name_of(cell), False
            else:
                continue
            key = f"{part}{name[0]}", name[1]
            found[key] = f"{found[key]}\n\n{cell['source']}" if key in found else cell["source"]
    return found


def pairs_of(answers, given):
    """Return the pairs that are alike, those with most in common first; 50 of them with cells.

    Parameters
    ----------
    answers : dict
        Student: {(name of a cell, whether it is code): text}.
    given : list of dict
        The cells of the notebook handed out.

    Returns
    -------
    list of Pair
    """
    known = {
        key
        for cell in given
        for key, _ in _grams(_tokens(cell["source"], is_code(cell)))
    }  # fmt: skip
    cells = {
        (student, name): _cell(source, code, known)
        for student, texts in answers.items()
        for (name, code), source in texts.items()
    }
    holders = defaultdict(set)  # fingerprint of a cell: who has it
    for (student, name), cell in cells.items():
        for key in cell.prints:
            holders[name, key].add(student)
    n = len(answers)
    weights = {place: math.log((n + 1) / len(who)) for place, who in holders.items()
               if len(who) <= max(3, n // 4)}  # fmt: skip
    total, common, count = Counter(), Counter(), Counter()
    for place, weight in weights.items():
        for student in holders[place]:
            total[student] += weight
        for pair in combinations(sorted(holders[place]), 2):
            common[pair] += weight
            count[pair] += 1
    found = []
    for pair, weight in common.items():
        share = weight / min(total[student] for student in pair)
        if count[pair] >= FEWEST and share >= SHARE:
            found.append(Pair(pair, share, weight, []))
    found.sort(key=lambda one: (-one.weight, one.students))
    for one in found[:MOST_PAIRS]:
        one.cells.extend(_side_by_side(one.students, cells, weights))
    return found


# Fingerprints ------------------------------------------------------------------------------


def _tokens(source, code):
    """Return the tokens of a text, each with its place: of code with folded names, or words."""
    if not code:
        return [(found[0].casefold(), *found.span()) for found in re.finditer(r"\w+", source)]
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Literal, Name, Text

    found = []
    for start, kind, text in PythonLexer().get_tokens_unprocessed(source):
        end = start + len(text)
        if kind in Comment or kind in Text or kind in Literal.String.Doc:
            continue
        if kind in Name and kind not in Name.Builtin:
            found.append(("name", start, end))
        elif kind in Literal.Number:
            found.append(("number", start, end))
        elif kind not in Literal.String:
            found.append((text, start, end))
        elif found and found[-1][0] == "text":
            found[-1] = "text", found[-1][1], end  # quotes and content are one token
        else:
            found.append(("text", start, end))
    return found


def _grams(tokens):
    """Yield each run of ten tokens as a number, with its place."""
    words = [word for word, *_ in tokens]
    for k in range(len(words) - LENGTH + 1):
        run = "\0".join(words[k : k + LENGTH]).encode()
        yield int.from_bytes(hashlib.blake2b(run, digest_size=8).digest()), k


def winnow(grams):
    """Return which of many numbers are kept: of each window the least, of equals the last.

    Parameters
    ----------
    grams : list of (int, int)
        Numbers, and their places.

    Returns
    -------
    dict
        Number: its places. Two texts that share 15 tokens in a row share one of them.

    Examples
    --------
    >>> winnow([(n, k) for k, n in enumerate([9, 4, 7, 8, 4, 6, 5, 3])])
    {4: [4], 3: [7]}
    """
    kept = {}
    for k in range(max(1, len(grams) - WINDOW + 1)):
        window = grams[k : k + WINDOW]
        if window:
            number, place = min(window, key=lambda one: (one[0], -one[1]))
            if (places := kept.setdefault(number, [])) and places[-1] == place:
                continue  # the window before has kept it
            places.append(place)
    return kept


def _cell(source, code, known):
    source = source[:LONGEST]
    tokens = _tokens(source, code)
    prints = winnow(list(_grams(tokens)))
    spans = [(start, end) for _, start, end in tokens]
    return Cell(source, spans, {key: at for key, at in prints.items() if key not in known})


# Shown -------------------------------------------------------------------------------------


def _side_by_side(students, cells, weights):
    """Return the cells of a pair that have anything in common, what is alike marked."""
    first, second = students
    names = [name for who, name in cells if who == first and (second, name) in cells]
    found = []
    for name in names:
        two = cells[first, name], cells[second, name]
        common = {k for k in {*two[0].prints} & {*two[1].prints} if (name, k) in weights}
        if common:
            found.append((name, *(_marked(cell, common) for cell in two)))
    return found


def _marked(cell, common):
    """Return a text in pieces: (text, whether it is alike)."""
    alike = bytearray(len(cell.source))
    for key in common:
        for k in cell.prints[key]:
            start, end = cell.spans[k][0], cell.spans[k + LENGTH - 1][1]
            alike[start:end] = b"\1" * (end - start)
    pieces, at = [], 0
    while at < len(alike):
        end = alike.find(1 - alike[at], at)
        end = len(alike) if end < 0 else end
        pieces.append((cell.source[at:end], bool(alike[at])))
        at = end
    return pieces


def to_html(found, path):
    """Write a page with the pairs side by side, which loads nothing."""
    from coursekit.grading.pages.render import stylesheet, template

    text = template("similar.html").render(found=found, style=stylesheet())
    Path(path).write_text(text, encoding="utf-8", errors="replace")
