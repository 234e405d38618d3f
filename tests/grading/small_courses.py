"""A course with one question, and what grading says of it."""

import nbformat
import ordinary
from nbformat.v4 import new_code_cell, new_notebook

from coursekit.grading.grade import grade
from coursekit.homework.nbgrader_patches import start_quickly


def small_course(folder, homework, test, config="", answer="x = 3", given="import math"):
    """Make a course with one question, and hand in a right and an empty answer."""
    source = folder / "source" / homework
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{config}")
    marks = ordinary.mark
    cells = [
        new_code_cell(given),
        new_code_cell(
            f"### BEGIN SOLUTION\n{answer}\n### END SOLUTION", metadata=marks(3, "x", solution=True)
        ),
        new_code_cell(test, metadata=marks(3, "test", grade=True, locked=True, points=1)),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, source / "only.ipynb")
    for student, text in [("right", answer), ("empty", "raise NotImplementedError()")]:
        notebook.cells[1].source = text
        target = folder / "submitted" / student / homework
        target.mkdir(parents=True)
        nbformat.write(notebook, target / "only.ipynb")
    return folder


def rows_of(homework, course, told=(), sandbox=False, **options):
    """Grade; return the rows by student, and add what is told to a list."""

    def progress(event, **facts):
        if event == "note":
            told.append(facts["text"])

    progress = progress if told == [] else None
    rows = grade(homework, course, sandbox=sandbox, progress=progress, **options)
    return {row.student: row for row in rows}


def gradebook_of(course):
    """Open the gradebook of a course, as nbgrader's own programs do."""
    start_quickly()  # or a new one asks the program alembic
    from nbgrader.api import Gradebook

    return Gradebook(f"sqlite:///{course}/gradebook.db", "default_course")


def scores(homework, course, told=()):
    """Grade without a sandbox; return the scores."""
    return {student: row.score for student, row in rows_of(homework, course, told).items()}
