"""The notebook that is graded: the student's text in the frame of the source.

Kind, metadata and place of every cell with a name come from the source notebook, the text of all
but the solutions too: hidden tests stand in their cells again, an edited test is as it was, a
missing one is back. Of the student's cells only text and attachments are kept.
"""

import copy
import re

from coursekit.grading.execution.cells import marks_of
from coursekit.grading.submissions.notebook_file import Unreadable

__all__ = ["canonical"]


def canonical(source, cells):
    """Return a job's notebook: the student's order, with all that the source prescribes.

    Parameters
    ----------
    source : coursekit.grading.submissions.homework.Notebook
    cells : list of coursekit.grading.submissions.notebook_file.Cell
        What was handed in.
    """
    places = _places(source, cells)
    order = [places.get(number, cell) for number, cell in enumerate(cells)]
    before = None
    for name in source.cells:  # what is missing goes behind the cell before it
        if name not in places.values():
            order.insert(order.index(before) + 1 if before else 0, name)
        before = name
    texts = {name: cells[number] for number, name in places.items()}
    taken = {cell["id"] for cell in source.cells.values()}
    notebook = [
        _named_cell(source, item, texts.get(item))
        if isinstance(item, str)
        else _own_cell(item, number, taken)
        for number, item in enumerate(order)
    ]
    metadata = copy.deepcopy(source.metadata)
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": notebook}


def _places(source, cells):
    """Return at which place each named cell stands: its last copy, as nbgrader has it.

    Cells whose metadata was lost are known by their id, which the source has made the same.
    """
    places = {cell.name: number for number, cell in enumerate(cells) if cell.name in source.cells}
    others = [number for number, cell in enumerate(cells) if cell.name not in source.cells]
    ids = {cells[number].id: number for number in others}
    for name, cell in source.cells.items():
        if name not in places and cell["id"] in ids:
            places[name] = ids[cell["id"]]
    if not any(cell.source.strip() for cell in cells):
        raise Unreadable("its notebook is empty; hand in the one you worked on")
    if any(map(_counts, source.cells.values())) and not any(
        _counts(source.cells[name]) for name in places
    ):
        raise Unreadable(
            "it has lost the marks of its graded cells; copy the answers into a fresh copy"
        )
    return {number: name for name, number in places.items()}


def _counts(cell):
    return bool(marks_of(cell).get("points") or marks_of(cell).get("solution"))


def _named_cell(source, name, written):
    """Return a cell of the source, with the student's text if it is a solution."""
    frame = source.cells[name]
    marks, is_code = marks_of(frame), frame["cell_type"] == "code"
    metadata = copy.deepcopy(frame["metadata"])
    cell = _new_cell(frame["cell_type"], frame["id"], frame["source"], metadata)
    if not (marks.get("solution") or marks.get("task")):
        return cell
    if written is not None:
        cell["source"] = written.source
        if written.attachments and not is_code:
            cell["attachments"] = written.attachments
    elif is_code and not marks.get("points"):
        # Not the stub, which could undo an answer that the student has put elsewhere.
        cell["source"] = "# This cell was missing from the submission."
    else:
        cell["source"] = source.stubs.get(name, "")
    return cell


def _own_cell(written, number, taken):
    """Return a cell of the student's own: text and attachments, no metadata."""
    name = written.id
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", name or "") or name in taken:
        name = next(key for i in range(len(taken) + 1) if (key := f"own-{number + i}") not in taken)
    taken.add(name)
    cell = _new_cell(written.kind, name, written.source, {})
    if written.attachments and written.kind != "code":
        cell["attachments"] = written.attachments
    return cell


def _new_cell(kind, key, source, metadata):
    cell = {"cell_type": kind, "id": key, "metadata": metadata, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})
