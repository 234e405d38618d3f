"""Mark the instructor's own answers, and the notebooks handed out, as a student's are marked."""

import contextlib
import io
import sys
import warnings
from dataclasses import dataclass

from coursekit.grading.execution.cells import is_code, marks_of, name_of
from coursekit.grading.execution.outputs import worth
from coursekit.grading.pool import run_all
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.grading.submissions.canonical import canonical
from coursekit.grading.submissions.elsewhere import missed
from coursekit.grading.submissions.intake import job_of
from coursekit.grading.submissions.notebook_file import cells_of
from coursekit.homework.text import HomeworkError

__all__ = ["Mistake", "can_try", "try_here", "try_out"]

ANSWERS, STUBS = "the answers", "the notebook handed out"


@dataclass(frozen=True)
class Mistake:
    """A cell that does not mark as it should: with the answers all points, without them none."""

    part: str  # name of the notebook
    cell: str
    text: str


def can_try():
    """Whether homework can be tried out on this machine."""
    return sys.platform == "linux"


def try_out(homework, source):
    """Run a homework with its answers and without them, as submissions are run.

    Parameters
    ----------
    homework : coursekit.grading.submissions.homework.Homework
    source : coursekit.homework.source.Source
        What it was loaded from.

    Returns
    -------
    mistakes : list of Mistake
    together : list of str
        Cells whose tests pass the answers only in one process with them.

    Raises
    ------
    HomeworkError
        A notebook did not come to an end.
    """
    from coursekit.grading import runner

    jobs = list(_jobs(homework, source))
    mistakes, together = [], []
    results = [(jobs.index(job), job, result) for job, result in run_all(jobs, runner.run_job, 2)]
    for _, job, result in sorted(results, key=lambda one: one[0]):
        if isinstance(result, Exception) or result["status"] != "ok":
            reason = result if isinstance(result, Exception) else result["reason"]
            raise HomeworkError(f"{job['part']}.ipynb with {job['student']}: {reason}")
        if job["student"] == STUBS:
            mistakes += _look_at_stubs(job["part"], result)
        else:
            mistakes += _look_at_answers(job["part"], result, homework, source.is_text)
            together += [row["id"] for row in result["cells"] if row.get("together")]
    return mistakes, together


def _jobs(homework, source):
    try:
        require_sandbox()
        sandbox = True
    except SandboxError:
        sandbox = False  # what runs is the instructor's own
    for name, notebook in homework.notebooks.items():
        for student, made in [(ANSWERS, source.answers), (STUBS, source.released)]:
            cells = canonical(notebook, cells_of(made[name]))
            yield job_of(homework, student, name, cells, homework.files, sandbox)


def _look_at_answers(part, result, homework, every_cell):
    """Yield what fails with the answers given: tests, or every cell that does."""
    for row in result["cells"]:
        absent = missed([row["error"]], homework)
        if row["role"] != "test" and not every_cell and not absent:
            continue
        cell = result["notebook"]["cells"][row["index"]]
        most = marks_of(cell).get("points", 0) if row["role"] == "test" else 0
        earned = worth(cell["outputs"], most)
        if row["error"] or earned < most:
            said = row["error"] or f"it earns {earned:g} of {most:g} points"
            said = "; ".join([f"fails with the answers given: {said}", *absent])
            yield Mistake(part, row["id"] or cell["id"], said)


def _look_at_stubs(part, result):
    """Yield what gives points without an answer."""
    for cell in result["notebook"]["cells"]:
        marks = marks_of(cell)
        is_test = is_code(cell) and marks.get("grade") and not marks.get("solution")
        if is_test and worth(cell["outputs"], marks["points"]) > 0:
            yield Mistake(part, name_of(cell), "gives points for nothing")


# Many papers -------------------------------------------------------------------------------


def try_here(source):
    """Run a homework with its answers and without them, in this process and in milliseconds.

    Parameters
    ----------
    source : coursekit.homework.source.Source

    Returns
    -------
    list of Mistake
        Cells that raise with the answers, and tests that pass without them.
    """
    mistakes = []
    for part, notebook in source.answers.items():
        for name, said in _raised(notebook):
            if said:
                mistakes.append(Mistake(part, name, f"fails with the answers given: {said}"))
        frame = {cell["id"]: cell for cell in source.released[part]["cells"]}
        stubs = [
            frame[cell["id"]] if marks_of(cell).get("solution") else cell
            for cell in notebook["cells"]
        ]
        tests = {cell["id"] for cell in stubs if marks_of(cell).get("grade")}
        for name, said in _raised(notebook | {"cells": stubs}):
            if name in tests and not said:
                mistakes.append(Mistake(part, name, "gives points for nothing"))
    return mistakes


def _raised(notebook):
    """Run the code cells of a notebook; yield the id of each, and what it raised."""
    names = {}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for cell in filter(is_code, notebook["cells"]):
            said = ""
            try:
                exec(compile(cell["source"], cell["id"], "exec"), names)
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
            yield cell["id"], said
