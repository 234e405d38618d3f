"""The text of a homework: what each cell is, and the nbgrader notebook made from it.

Plain Markdown is what the student reads. Each code cell says first what it is, and its name,
which nbgrader shows::

    :solution: f           the student writes this; the answer stands between the lines
                           ### BEGIN SOLUTION and ### END SOLUTION
    :tests: f-values       locked, gives points; the lines between ### BEGIN HIDDEN TESTS
    :points: 5             and ### END HIDDEN TESTS are not handed out
    :checks: f-shapes      locked, visible, gives no points: it teaches
    :locked: setup         locked, given code

A written answer is the Markdown below ``+++ {"written": "why", "points": 10}``: the model answer
and, between ``=== BEGIN MARK SCHEME ===`` and ``=== END MARK SCHEME ===``, how to mark it. The
student gets an empty cell instead, to be marked by hand in nbgrader's formgrader.

Hints stand beside the text, in ``hints/NAME.md``: coursekit/homework/hints.py says how. A
cell ``:variant: NAME`` makes it an exam with a paper for each student: see variants.py beside this.
"""

import ast
import re
from pathlib import Path

from coursekit.homework.hints import hint_cell, read_hints
from coursekit.homework.variants import NOBODY, PaperError, filled

__all__ = ["HomeworkError", "cells_with_lines", "paper_of", "points_of", "to_notebook"]

KINDS = {  # kind of cell: what nbgrader calls it
    "solution": {"solution": True, "grade": False, "locked": False},
    "tests": {"solution": False, "grade": True, "locked": True},
    "checks": {"solution": False, "grade": False, "locked": True},
    "locked": {"solution": False, "grade": False, "locked": True},
    "written": {"solution": True, "grade": True, "locked": False},
}
REGIONS = {"solution": "SOLUTION", "tests": "HIDDEN TESTS", "written": "MARK SCHEME"}
MARKERS = {
    f"{fence} {edge} {region}{tail}": (edge, region)
    for region, fence, tail in [
        ("SOLUTION", "###", ""),
        ("HIDDEN TESTS", "###", ""),
        ("MARK SCHEME", "===", " ==="),
    ]
    for edge in ("BEGIN", "END")
}
ALMOST = re.compile(r"\b(begin|end)\W+(solution|hidden|mark)|^\s*(##+|==+) *(begin|end)\b", re.I)


class HomeworkError(ValueError):
    """A homework cannot be built, released or graded; the message says where and what to do."""


def to_notebook(path, student=NOBODY, key=b""):
    """Return the instructor's notebook of a homework, with nbgrader metadata (schema 3).

    Parameters
    ----------
    path : str or Path
        The text file.
    student : str
        Whose paper of an exam.
    key : bytes
        It decides what is drawn for that paper.

    Returns
    -------
    nbformat.NotebookNode
        Answers and hidden tests included. Ids are the names of the cells, so that the same
        text always gives the same notebook.

    Raises
    ------
    HomeworkError
        ``file:line: what is wrong; what to do``, for the first mistake in the text.
    """
    from nbformat.v4 import new_notebook

    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [cell for cell, _ in cells_with_lines(Path(path), student, key)]
    names = [cell.id for cell in cells if "nbgrader" in cell.metadata]  # to see which are deleted
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    metadata["coursekit"] = {"cells": names}
    if paper := paper_of(path, student, key):
        metadata["coursekit"]["paper"] = paper
    return new_notebook(cells=cells, metadata=metadata)


def paper_of(path, student=NOBODY, key=b""):
    """Return the name of a paper of an exam, "" for what is no exam."""
    return _paper(Path(path), student, key)[1].get("paper", "")


def _paper(path, student, key):
    """Return the text of one paper, and what is drawn for it; {} for what is no exam."""
    text = path.read_text(encoding="utf-8")
    try:
        return filled(text, student, key)
    except PaperError as error:
        raise HomeworkError(f"{path}:{error.line}: {error}") from None


def cells_with_lines(path, student=NOBODY, key=b""):
    """Return the converted cells of a text file, each with the line where it starts."""
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook
    from nbformat import ValidationError

    text, _ = _paper(path, student, key)
    try:
        notebook = myst_to_notebook(text, add_source_map=True)
    except (MystMetadataParsingError, ValidationError) as error:  # the latter from the header
        message = str(error).split("\n\n")[0]
        line = re.search(r"at line (\d+)", message)
        raise HomeworkError(f"{path}:{line[1] if line else 1}: {message}") from None

    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines = {}
    for number, cell in enumerate(notebook.cells):
        start = max(1, notebook.metadata.source_map[number])
        body = text.find("\n" + cell.source, line_starts[start - 1]) + 1
        first = text.count("\n", 0, body) + 1

        def mistake(message, row=None, start=start, first=first):
            return HomeworkError(f"{path}:{start if row is None else first + row}: {message}")

        kind = next((kind for kind in KINDS if kind in cell.metadata), None)
        _set_metadata(cell, kind, mistake)
        if cell.cell_type == "code" and not re.match(r"\s*```", text[body + len(cell.source) :]):
            raise mistake("this code cell is never closed; add a line ``` where it ends.")
        _check_text(cell, kind, mistake)
        cell["id"] = cell.metadata.get("nbgrader", {}).get("grade_id", f"_{number}")
        if cell.id in lines:
            taken = f"the name {cell.id!r} is taken by the cell at line {lines[cell.id]}"
            raise mistake(f"{taken}; give every cell a name of its own.")
        lines[cell.id] = start
    if not any(map(points_of, notebook.cells)):
        raise HomeworkError(f"{path}:1: nothing gives points; add a tests or a written cell.")
    cells = list(zip(notebook.cells, lines.values(), strict=True))
    return _with_hints(cells, path.parent / "hints" / path.name)


def _with_hints(cells, path):
    """Put the hints of a homework, if it has any, below its first code cell."""
    if not path.exists():
        return cells
    from nbformat.v4 import new_code_cell, new_markdown_cell

    if any(cell.id == "hints" for cell, _ in cells):
        raise HomeworkError(f"{path}: the name 'hints' is taken by a cell; rename it.")
    answers = [cell.id for cell, _ in cells if cell.cell_type == "code" and _is_answer(cell)]
    try:
        text, code = hint_cell(read_hints(path, answers))
    except ValueError as error:
        raise HomeworkError(str(error)) from None
    marks = {"schema_version": 3, "task": False, "grade_id": "hints"} | KINDS["locked"]
    folded = {"nbgrader": marks, "jupyter": {"source_hidden": True}}
    made = [
        new_markdown_cell(text, id="_hints", metadata={}),
        new_code_cell(code, id="hints", metadata=folded),
    ]
    at = next(k for k, (cell, _) in enumerate(cells, 1) if cell.cell_type == "code")
    return [*cells[:at], *((cell, 1) for cell in made), *cells[at:]]


def _is_answer(cell):
    return cell.metadata.get("nbgrader", {}).get("solution")


def points_of(cell):
    """Return how many points a converted cell gives, 0 for most."""
    return cell.metadata.get("nbgrader", {}).get("points", 0)


def _set_metadata(cell, kind, mistake):
    """Replace the options of a cell by nbgrader's metadata."""
    options, cell.metadata = cell.metadata, {}
    if unknown := [option for option in options if option not in (*KINDS, "points")]:
        raise mistake(f"unknown option {unknown[0]!r}; use one of {', '.join(KINDS)}, or points.")
    if len(options) > 1 + ("points" in options):
        raise mistake(f"a cell cannot be both {' and '.join(options)}; keep one of them.")
    points = options.get("points")
    if kind is None:
        if points is not None:
            raise mistake("points for a cell without a kind; add for example :tests: NAME.")
        return
    name = str(options[kind])
    if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]{,63}", name):
        raise mistake(f"{name!r} is no name; use a letter, then letters, digits, - and _.")
    if not KINDS[kind]["grade"] and points is not None:
        raise mistake(f"a {kind} cell gives no points; move them to the tests of {name!r}.")
    if KINDS[kind]["grade"] and points is None:
        raise mistake(f"the {kind} cell {name!r} has no points; say how many it gives.")
    if KINDS[kind]["grade"] and (type(points) not in (int, float) or not 0 < points < 1e6):
        raise mistake(f"points must be a number above 0, not {points!r}.")
    marks = {"schema_version": 3, "task": False, "grade_id": name} | KINDS[kind]
    cell.metadata["nbgrader"] = marks | ({"points": points} if points else {})


def _check_text(cell, kind, mistake):
    """Check that the text of a cell suits its kind, and that its markers pair up."""
    is_code = cell.cell_type == "code"
    if is_code and kind in (None, "written"):
        raise mistake("a code cell must say what it is; add for example :locked: NAME.")
    if not is_code and kind not in (None, "written"):
        raise mistake(f"a {kind} cell holds code; write it as a {{code-cell}}.")
    lines = cell.source.split("\n")
    for row, line in enumerate(lines):
        if line.startswith("```" if is_code else "```{"):
            message = "close the cell above first" if is_code else "JupyterLab shows plain Markdown"
            raise mistake(f"{line!r} is not allowed here; {message}.", row)
    regions = _count_regions(lines, REGIONS.get(kind), mistake)
    if is_code:
        try:
            statements = ast.parse(cell.source).body
        except SyntaxError as error:
            raise mistake(f"no Python: {error.msg}; correct it.", error.lineno - 1) from None
        if not statements:
            raise mistake(f"the {kind} cell is empty; write some code, or remove it.")
    if kind == "tests" and not regions:
        raise mistake(
            "students would see these tests; add ### BEGIN HIDDEN TESTS and ### END HIDDEN TESTS."
        )
    if kind == "solution" and not regions:
        raise mistake("nothing to write for the student; add ### BEGIN SOLUTION, ### END SOLUTION.")


def _count_regions(lines, allowed, mistake):
    """Check the markers of one cell; return how many regions they enclose."""
    opened, count = None, 0
    for row, line in enumerate(lines):
        if line.strip() not in MARKERS:
            if ALMOST.search(line):
                raise mistake(f"{line.strip()!r} is not one of {', '.join(MARKERS)}.", row)
            continue
        edge, region = MARKERS[line.strip()]
        if region != allowed:
            raise mistake(f"{edge} {region} does not belong in this kind of cell.", row)
        if edge == "BEGIN" and opened is not None:
            raise mistake(f"BEGIN {region} twice; put END {region} before it.", row)
        if edge == "END" and opened is None:
            raise mistake(f"END {region} without BEGIN; add BEGIN {region} above.", row)
        if edge == "END" and not "".join(lines[opened + 1 : row]).strip():
            raise mistake(f"nothing between BEGIN and END {region}; fill it in.", row)
        opened, count = (row, count) if edge == "BEGIN" else (None, count + 1)
    if opened is not None:
        raise mistake(f"BEGIN {allowed} is never closed; add END {allowed}.", opened)
    return count
