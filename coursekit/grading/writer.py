"""Write results into nbgrader's gradebook and autograded/, through nbgrader's own Autograde.

The canonical notebooks of a submission are what Autograde finds as handed in; where it would
execute them, the outputs of the result are put in. Sanitising, scores, late penalties, comments
and permissions are nbgrader's own, with the preprocessors and plugins that nbgrader_config.py
names.

One submission is one transaction: a kill leaves all of it in the gradebook or none.
"""

import json
import shutil
from pathlib import Path

from coursekit.grading.execution.cells import is_code, marks_of, name_of
from coursekit.grading.execution.job import Job, Kept
from coursekit.grading.execution.outputs import worth
from coursekit.grading.submissions.homework import label_of
from coursekit.homework.nbgrader_course import LiteralNames, reason_of
from coursekit.homework.nbgrader_patches import in_one_session
from coursekit.homework.text import HomeworkError

__all__ = [
    "enrol",
    "export",
    "open_gradebook",
    "scores_of",
    "strange_scores",
    "update_penalty",
    "write",
]


def open_gradebook(api):
    """Open nbgrader's gradebook of a course, one session for all that is written.

    Parameters
    ----------
    api : nbgrader.apps.NbGraderAPI
        The course.

    Returns
    -------
    context manager of nbgrader.api.Gradebook
        Nothing is committed until ``gradebook.db().commit()`` is called.
    """
    return in_one_session(api.coursedir.db_url, api.course_id)


def write(api, gradebook, jobs: list[Job], result: Kept, stage, only=(), own_paper=False):
    """Write the result of one submission: autograded/, grades, comments and penalties.

    Parameters
    ----------
    api : nbgrader.apps.NbGraderAPI
        The course.
    gradebook : nbgrader.api.Gradebook
        From open_gradebook.
    jobs : list of Job
        From intake.jobs_of: what was handed in, sanitised.
    result : Kept
        What came of them, with status "ok": the outputs.
    stage : Path
        Folder in the course to use; removed afterwards.
    only : sequence of str
        Labels of the cells whose scores are written; default: all.
    own_paper : bool
        Whether the texts of given cells are this student's, and stay: the gradebook knows one.

    Raises
    ------
    HomeworkError
        What nbgrader says is wrong; nothing has changed in the gradebook then.
    """
    from nbgrader.converters import Autograde
    from nbgrader.utils import capture_log, temp_attrs
    from traitlets.config import Config

    class Write(LiteralNames, Autograde):
        pass

    homework, student = jobs[0]["homework"], jobs[0]["student"]
    folder = stage / student / homework
    shutil.rmtree(stage, ignore_errors=True)  # of a grading that was killed
    try:
        for name, content in jobs[0]["files"].items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        folder.mkdir(parents=True, exist_ok=True)
        for job in jobs:
            (folder / f"{job['part']}.ipynb").write_text(json.dumps(job["notebook"]), "utf-8")
        here = {
            "assignment_id": homework,
            "student_id": student,
            "submitted_directory": str(stage.relative_to(api.coursedir.root)),
        }
        with temp_attrs(api.coursedir, **here):
            app = Write(coursedir=api.coursedir, parent=api)
            app.force = app.create_student = True
            app.update_config(Config(Exporter={"optimistic_validation": True}))  # once, at the end
            if own_paper:
                app.sanitize_preprocessors = [
                    _with_own_texts(step) for step in app.sanitize_preprocessors
                ]
            app.autograde_preprocessors = [
                _paste(result) if _is_a(step, "Execute") else step
                for step in app.autograde_preprocessors
            ]
            if only:
                app.autograde_preprocessors = [
                    _saving(step, only) if _is_a(step, "SaveAutoGrades") else step
                    for step in app.autograde_preprocessors
                ]
            done = capture_log(app)
        if not done["success"]:
            raise HomeworkError(f"nbgrader: {reason_of(done)}")
        gradebook.db().commit()
    finally:
        gradebook.db().rollback()
        shutil.rmtree(stage, ignore_errors=True)


def enrol(gradebook, student):
    """Add a student of whom nothing can be graded, so that exports have a row with 0."""
    gradebook.update_or_create_student(student)
    gradebook.db().commit()


def scores_of(gradebook, homework, student):
    """Return score, late penalty taken off, maximum and notes, or None if there are none."""
    from nbgrader.api import MissingEntry

    try:
        submission = gradebook.find_submission(homework, student)
    except MissingEntry:
        return None
    grades = [grade for part in submission.notebooks for grade in part.grades]
    waiting = [grade.name for grade in grades if grade.needs_manual_grade]
    penalty = submission.late_submission_penalty or 0
    notes = [f"to mark by hand: {', '.join(waiting)}"] if waiting else []
    notes += [f"late: {penalty:g} points taken off"] if penalty else []
    return max(0.0, submission.score - penalty), submission.max_score, notes


def strange_scores(gradebook, homework, student, result):
    """Return a note on the tests whose scores are no longer those that a result has given."""
    submission = gradebook.find_submission(homework, student)
    there = {
        (part.name, g.name): g.auto_score for part in submission.notebooks for g in part.grades
    }
    changed = []
    for part, notebook in result["notebooks"].items():
        for cell in notebook["cells"]:
            marks = marks_of(cell)
            if is_code(cell) and marks.get("grade") and not marks.get("solution"):
                now = there.get((part, name_of(cell)))
                here = worth(cell["outputs"], marks["points"])
                if now is not None and now != here:
                    changed.append(f"{name_of(cell)} {now:g}, here {here:g}")
    if not changed:
        return []
    return [
        f"scores of something else are in the gradebook ({', '.join(changed)}); look which are "
        "right, and use --force for those of here"
    ]


def update_penalty(api, gradebook, homework, student):
    """Let nbgrader work out the late penalty anew, by its plugin; return a note if it changes."""
    from nbformat.v4 import new_notebook
    from nbgrader.converters import Autograde

    submission = gradebook.find_submission(homework, student)
    before = submission.late_submission_penalty or 0
    if not (before or submission.total_seconds_late):
        return []
    app = Autograde(coursedir=api.coursedir, parent=api)
    facts = {"assignment": homework, "student": student, "db_url": api.coursedir.db_url}
    steps = [s for s in app.autograde_preprocessors if _is_a(s, "AssignLatePenalties")]
    for step in map(_class_of, steps):
        for name in [part.name for part in submission.notebooks]:
            resources = {"nbgrader": facts | {"notebook": name}}
            step(parent=app).preprocess(new_notebook(), resources)
    gradebook.db().commit()
    now = gradebook.find_submission(homework, student).late_submission_penalty or 0
    return [f"late penalty worked out anew: {now:g}, was {before:g}"] if now != before else []


def export(api, gradebook):
    """Write grades.csv, as ``nbgrader export`` does."""
    from nbgrader.plugins import CsvExportPlugin

    CsvExportPlugin(to=str(Path(api.coursedir.root, "grades.csv"))).export(gradebook)


def _is_a(step, name):
    """Whether a preprocessor, perhaps named in words, is one of nbgrader's, or made from it."""
    from nbgrader import preprocessors

    step = _class_of(step)
    return isinstance(step, type) and issubclass(step, getattr(preprocessors, name))


def _class_of(step):
    """Return a preprocessor, which may be named in words."""
    from traitlets.utils.importstring import import_item

    return import_item(step) if isinstance(step, str) else step


def _saving(step, only):
    """Return the preprocessor that writes scores, made to write those of some cells alone."""

    class Some(_class_of(step)):
        def preprocess_cell(self, cell, resources, cell_index):
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if label_of(self.notebook_id, name) not in only:
                return cell, resources
            return super().preprocess_cell(cell, resources, cell_index)

    return Some


def _with_own_texts(step):
    """Return a preprocessor that overwrites marks of cells, as OverwriteCells does, but no text."""
    from nbgrader.preprocessors import OverwriteCells

    if not _is_a(step, "OverwriteCells"):
        return step

    class OverwriteMarks(OverwriteCells):
        def preprocess_cell(self, cell, resources, cell_index):
            text = cell.source
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
            cell.source = text
            return cell, resources

    return OverwriteMarks


def _paste(result):
    """Return a preprocessor that puts in the outputs of a result instead of running anything."""

    def paste(notebook, resources):
        import nbformat
        from nbgrader.utils import is_grade

        cells = result["notebooks"][resources["nbgrader"]["notebook"]]["cells"]
        ran = {cell["id"]: cell for cell in cells}
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            outputs = nbformat.from_dict(ran[cell.id]["outputs"])
            if is_grade(cell):  # a warning, which nbgrader takes for a failure, costs no points
                outputs = [output for output in outputs if output.get("name") != "stderr"]
            cell.outputs, cell.execution_count = outputs, ran[cell.id]["execution_count"]
        return notebook, resources

    return paste
