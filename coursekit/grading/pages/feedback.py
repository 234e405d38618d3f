"""Feedback pages: feedback/STUDENT/HOMEWORK/HOMEWORK.html, where nbgrader puts its own.

A page shows the points, the message of each test that failed, the instructor's comments, and the
student's own cells with what they printed. It shows nothing of the hidden tests, and nothing that
a student wrote or printed runs in it or loads anything.
"""

import base64
import hashlib
import logging
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

from nbconvert.exporters import Exporter
from nbgrader.api import Grade
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import GetGrades
from traitlets import Any, Dict, List

from coursekit._plain_text import plain
from coursekit.grading.pages import sanitize
from coursekit.grading.pages.redact import Hidden, verdict
from coursekit.grading.pages.render import stylesheet, template
from coursekit.homework.nbgrader_course import LiteralNames, nbgrader_of
from coursekit.homework.papers import papers_of
from coursekit.homework.source import kept
from coursekit.homework.text import HomeworkError

__all__ = ["feedback", "page", "template"]

PICTURES = ("image/png", "image/jpeg", "image/gif", "image/svg+xml")
MOST_OUTPUTS = 100  # of a cell


def feedback(homework, course="assignments"):
    """Write the feedback page of every graded submission.

    Parameters
    ----------
    homework : str
    course : str or Path

    Returns
    -------
    dict
        For each student the path of the page, of its folder where the homework has several
        notebooks, or a sentence (str) why there is none.

    Raises
    ------
    HomeworkError
        If there is no such homework, or nothing of it is graded.
    """
    api = nbgrader_of(course)
    folder = api.coursedir
    sources = kept(api, homework)
    folder.assignment_id, folder.student_id = homework, "*"
    pages = Pages(coursedir=folder, parent=api)
    pages.log = logging.getLogger("coursekit.feedback")
    pages.log.setLevel(logging.CRITICAL)  # what goes wrong is in `failed`
    pages.hidden = {name: Hidden(source, api.config) for name, source in sources.items()}
    pages.papers = papers_of(homework, course)
    with api.gradebook as gradebook:
        gradebook.db.query(Grade).first()  # or every page would say that the tables are too old
    try:
        pages.start()
    except NbGraderException as error:
        if not pages.failed:
            wanted = "nothing of it is graded yet; grade it first"
            reason = wanted if "No notebooks were matched" in str(error) else error
            raise HomeworkError(f"{homework}: {reason}") from None
    return pages.made | pages.failed


class Marks(GetGrades):
    """Points and comments of the gradebook, and which cells wait for their marks."""

    def preprocess(self, nb, resources):
        """Add them; a penalty takes no more than there is, whatever the marks are now."""
        nb, resources = super().preprocess(nb, resources)
        resources["nbgrader"]["score"] = max(0.0, resources["nbgrader"]["score"])
        return nb, resources

    def _get_score(self, cell, resources):
        mark = cell.metadata.nbgrader
        grade = self.gradebook.find_grade(
            mark["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        mark.update(score=grade.score, points=grade.max_score, waits=grade.needs_manual_grade)


class Pages(LiteralNames, GenerateFeedback):
    """nbgrader's own command, with another page and without the files of the submission."""

    preprocessors = List([Marks])
    hidden = Dict()  # of each notebook
    papers = Any()  # of an exam
    made = Dict()
    failed = Dict()

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.exporter_class = PageExporter

    def init_destination(self, assignment_id, student_id):
        """Make every page anew: marks and comments may have changed."""
        return student_id not in self.coursedir.student_id_exclude.split(",")

    def init_assignment(self, assignment_id, student_id):
        """Copy what tells nbgrader's release_feedback which submission a page belongs to."""
        target = Path(self._format_dest(assignment_id, student_id))
        target.mkdir(parents=True, exist_ok=True)
        for name in ("timestamp.txt", "submission_secret.txt"):
            stamp = Path(self._format_source(assignment_id, student_id), name)
            if stamp.exists():
                (target / name).unlink(missing_ok=True)
                shutil.copy(stamp, target)

    def convert_single_notebook(self, notebook_filename):
        """Write one page; remember which could not be written, and why."""
        path = Path(notebook_filename)
        student = self._student(path)
        if path.stem not in self.hidden:
            return  # not part of the homework
        try:
            if self.papers:
                own = self.papers.notebook(student)
                self.hidden = {path.stem: Hidden(own, self.parent.config)}
            super().convert_single_notebook(notebook_filename)
        except Exception as error:
            self.failed[student] = f"no page: {type(error).__name__}: {error}".splitlines()[0]
            raise
        target = self._format_dest(self.coursedir.assignment_id, student)
        several = len(self.hidden) > 1
        self.made[student] = Path(target) if several else Path(target, f"{path.stem}.html")

    def _student(self, path):
        return self.init_single_notebook_resources(str(path))["nbgrader"]["student"]

    def write_single_notebook(self, output, resources):
        """Put the page in its place in one step."""
        facts = resources["nbgrader"]
        target = Path(self._format_dest(facts["assignment"], facts["student"]))
        new = target / f".{facts['notebook']}.new"
        new.write_text(output, encoding="utf-8", errors="replace")
        os.replace(new, target / f"{facts['notebook']}.html")


class PageExporter(Exporter):
    """Exports a graded notebook as its feedback page."""

    file_extension = ".html"

    def from_notebook_node(self, nb, resources=None, **kwargs):
        """Return the page, and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        facts = resources["nbgrader"]
        return page(nb, self.parent.hidden[facts["notebook"]], facts), resources


# A page ------------------------------------------------------------------------------------


def page(notebook, hidden, facts):
    """Return the HTML of a graded notebook, its points in the metadata as `Marks` leaves them.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    hidden : Hidden
        What must not be shown.
    facts : dict
        notebook, student, score, max_score, late_penalty.
    """
    own = "\n".join(cell.source for cell in notebook.cells if _is_own(cell))
    cells = [_shown(cell, hidden, own, k) for k, cell in enumerate(notebook.cells, 1)]
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return template("feedback.html").render(
        facts=facts,
        cells=cells,
        questions=[cell for cell in cells if cell.points is not None],
        style=style,
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'",
    )


def _is_own(cell):
    mark = cell.metadata.get("nbgrader", {})
    return not mark or bool(mark.get("solution")) or not (mark.get("locked") or mark.get("grade"))


def _shown(cell, hidden, own, number):
    """Return what a page says of one cell."""
    mark = cell.metadata.get("nbgrader", {})
    graded = bool(mark.get("grade") or mark.get("task"))
    name = mark.get("grade_id", "") if mark else ""
    is_own, outputs = _is_own(cell), cell.get("outputs", [])
    is_test = graded and not is_own and cell.cell_type == "code"
    shown = SimpleNamespace(
        kind=cell.cell_type,
        label=f"question-{name}" if graded else f"cell-{number}",
        name=name,
        own=is_own,
        source=cell.source if is_own else hidden.shown.get(name, hidden.without(cell.source, own)),
        attachments=cell.get("attachments", {}) if is_own else {},
        score=mark.get("score") or 0,
        points=mark.get("points") if graded else None,
        waits=bool(mark.get("waits")) and graded,
        comment=mark.get("comment") or "",
        said="",
        outputs=[],
    )
    if is_test:
        shown.said = _verdict(outputs, hidden, name, own)
    else:
        every = [_output(output, hidden, own, is_own) for output in outputs[:MOST_OUTPUTS]]
        shown.outputs = [output for output in every if output]
    return shown


def _verdict(outputs, hidden, name, own):
    """Return what the student reads about a test, "" if it raised nothing."""
    for output in outputs:
        if output.output_type == "error":
            kind, message = str(output.get("ename", "")), str(output.get("evalue", ""))
            return verdict(hidden, name, kind, message, output.get("traceback", []), own)
    return ""


def _output(output, hidden, own, is_own):
    """Return one output as (kind, content), nothing in it that runs, None for an empty one."""

    def text(content):
        return hidden.without(sanitize.shortened(plain(_joined(content))), own)

    if output.output_type == "stream":
        return ("text", text(output.text))
    if output.output_type == "error":
        trace = "\n".join(map(str, output.get("traceback", []))) if is_own else ""
        if not trace:  # what a visible check says
            said = plain(f"{output.get('ename')}: {output.get('evalue')}")
            return ("error", hidden.said(sanitize.shortened(said), own))
        return ("error", text(trace))
    data = output.get("data", {})
    for kind in PICTURES:
        if kind in data and (address := sanitize.picture(kind, data[kind])):
            return ("picture", address)
    markup = _joined(data.get("text/html", ""))
    short_table = "<table" in markup and len(markup) < sanitize.LONGEST
    if short_table and not hidden.leaks(f"{markup}\n{sanitize.seen(markup)}", own):
        return ("html", markup)
    if markup and "text/plain" not in data:
        return ("text", text("(something that only a notebook can show)"))
    return ("text", text(data["text/plain"])) if "text/plain" in data else None


def _joined(text):
    return "".join(map(str, text)) if isinstance(text, list) else str(text)
