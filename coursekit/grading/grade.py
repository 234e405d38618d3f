"""Grade a homework: what has been handed in and not been graded yet.

Submissions become jobs (intake), jobs results (pool, runner), results grades (writer). Only this
process writes: the journal first, then nbgrader's gradebook.
"""

import warnings
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from coursekit.grading import runner, writer
from coursekit.grading.journal import Journal, only_one
from coursekit.grading.pool import run_all
from coursekit.grading.submissions import intake
from coursekit.grading.submissions.python_names import imports
from coursekit.homework.nbgrader_course import nbgrader_of, require
from coursekit.homework.release import build
from coursekit.homework.text import HomeworkError, to_notebook

__all__ = ["Row", "grade"]


@dataclass(frozen=True)
class Row:
    """What became of one submission."""

    student: str
    status: str  # "graded", "unchanged", "failed" or "unreadable"
    score: float | None = None  # late penalty taken off
    max_score: float | None = None
    seconds: float = 0.0
    note: str = ""  # what is left to do by hand, what was stopped, or why there is no score


def grade(
    homework,
    course="assignments",
    students=(),
    jobs=None,
    scheduler=None,
    force=False,
    sandbox=True,
    progress=None,
):
    """Grade what is new or has changed, write the gradebook, autograded/ and grades.csv.

    A submission is run again if it, the homework or the version of coursekit or nbgrader has
    changed. Killed at any moment and called again, it goes on where it was.

    Parameters
    ----------
    homework : str
        Name of a text in the course folder.
    course : str or Path
        The course folder.
    students : sequence of str
        Whom to grade; default: everybody who handed in.
    jobs : int, optional
        How many submissions run at once; default: one more than there are cores.
    scheduler : str, optional
        Address of a Dask scheduler whose workers run them instead.
    force : bool
        Whether to run again what is graded.
    sandbox : bool
        Whether students' code is locked in.
    progress : callable, optional
        Called with ``"total", n=...``, ``"start", student=...`` when a submission is handed to a
        worker, and ``"done", row=...``.

    Returns
    -------
    list of Row
        One a student, sorted by student. One submission that cannot be graded does not stop the
        others.

    Raises
    ------
    HomeworkError
        What keeps all of them from being graded.
    """
    with _warm_up(homework, course, sandbox and not scheduler):
        api = nbgrader_of(course)
        folder = Path(api.coursedir.root, ".coursekit")
        with only_one(folder), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader 0.9.6 is older than SQLAlchemy 2.1
            build(homework, course)
            chosen = _students(api, homework, students)
            require(api.generate_assignment(homework))
            source = intake.load_homework(homework, api.coursedir, api.config)
            with Journal(folder, homework) as journal, writer.open_gradebook(api) as gradebook:
                run = _Run(api, gradebook, journal, source, sandbox, progress)
                run.tell("total", n=len(chosen))
                new = chosen if force else [one for one in chosen if not run.is_finished(one)]
                _run_jobs(run, new, jobs, scheduler)
                writer.export(api, gradebook)
    return [run.rows[student] for student in chosen]


@contextmanager
def _warm_up(homework, course, wanted):
    """Load what a homework imports while nbgrader is loaded; in the end, end all processes."""
    try:
        if wanted:
            with suppress(HomeworkError, OSError):  # which `build` says
                cells = to_notebook(Path(course, f"{homework}.md")).cells
                codes = [cell.source for cell in cells if cell.cell_type == "code"]
                runner.warm_up(homework, imports(codes))
        yield
    finally:
        runner.close_all()


def _students(api, homework, wanted):
    """Return the sorted names of those to grade."""
    there = sorted(api.get_submitted_students(homework))
    if not there:
        coursedir = api.coursedir
        place = coursedir.format_path(coursedir.submitted_directory, "STUDENT", homework)
        example = Path(place, f"{homework}.ipynb")
        raise HomeworkError(f"nothing to grade; put the notebooks handed in at {example}.")
    if unknown := sorted({*wanted} - {*there}):
        raise HomeworkError(f"{', '.join(unknown)} handed in no {homework}; look into submitted/.")
    return [student for student in there if student in wanted] if wanted else there


def _run_jobs(run, students, workers, scheduler):
    """Grade submissions, in parallel."""
    if not students:
        return
    if run.sandbox and not scheduler:
        from coursekit.grading.sandbox.requirements import require_sandbox

        require_sandbox()
    results = run_all(run.jobs(students), runner.run_job, workers, scheduler)
    with closing(results):
        for job, result in results:
            run.finish(job, result)


class _Run:
    """One call of grade: everything that its steps share."""

    def __init__(self, api, gradebook, journal, source, sandbox, progress):
        self.api, self.gradebook, self.journal = api, gradebook, journal
        self.source, self.sandbox = source, sandbox
        self.stage = journal.results.parent / ".stage"
        self.tell = progress or (lambda event, **facts: None)
        self.rows = {}
        self.facts = {}  # student under way: fingerprint, notes of the intake

    def is_finished(self, student):
        """Whether a submission need not be run: add its row, after writing what is unwritten."""
        mark = intake.fingerprint(self.source, student)
        last = self.journal.last(student)
        if last.get("fingerprint") != mark:
            return False
        if (result := self.journal.result(student, mark)) is None:
            return False
        if result["status"] != "ok":
            self._add(Row(student, "failed", seconds=result["seconds"], note=_failure(result)))
        elif last["event"] == "written" and self._scores(student):
            self._add(self._graded(student, "unchanged", result))
        else:
            job, notes = intake.job_of(self.source, student, self.sandbox)
            self._write(job, mark, result | {"notes": [*notes, *result["notes"]]})
        return True

    def jobs(self, students):
        """Yield the jobs of submissions; add rows for those that have none."""
        for student in students:
            try:
                mark = intake.fingerprint(self.source, student)
                job, notes = intake.job_of(self.source, student, self.sandbox)
            except intake.Unreadable as error:
                self._add(Row(student, "unreadable", note=str(error)))
                continue
            self.facts[student] = mark, notes
            self.tell("start", student=student)
            yield job

    def finish(self, job, result):
        """Keep a result and write it; an exception in its place is only told."""
        student = job["student"]
        mark, notes = self.facts.pop(student)
        if isinstance(result, Exception):
            self._add(Row(student, "failed", note=_failure_of_worker(result)))
            return
        result["notes"] = [*notes, *result["notes"]]
        self.journal.store(student, mark, result)
        if result["status"] == "ok":
            self._write(job, mark, result)
        else:
            self._add(Row(student, "failed", seconds=result["seconds"], note=_failure(result)))

    def _write(self, job, mark, result):
        student = job["student"]
        try:
            writer.write(self.api, self.gradebook, job, result, self.stage)
        except Exception as error:  # the class goes on; written again next time, without running
            note = (
                str(error) if isinstance(error, HomeworkError) else f"not written: {error!r:.300}"
            )
            self._add(Row(student, "failed", seconds=result["seconds"], note=note))
            return
        self.journal.written(student, mark)
        self._add(self._graded(student, "graded", result))

    def _scores(self, student):
        return writer.scores_of(self.gradebook, self.source.name, student)

    def _graded(self, student, status, result):
        score, most, notes = self._scores(student)
        note = "; ".join([*notes, *result["notes"]])
        return Row(student, status, score, most, result["seconds"], note)

    def _add(self, row):
        self.rows[row.student] = row
        self.tell("done", row=row)


def _failure(result):
    return f"{result['reason'] or 'the judge did not finish'}; to try again, use --force"


def _failure_of_worker(error):
    first = next(iter(str(error).splitlines()), "")
    return f"its worker failed twice ({type(error).__name__}: {first:.200}); grade again"
