"""Grade a homework: what has been handed in and not been graded yet.

Submissions become jobs, one for each notebook (intake), jobs results (pool, runner), results
grades (writer). Only this process writes: the journal first, then nbgrader's gradebook.
"""

import warnings
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from coursekit.grading import runner, writer
from coursekit.grading.again import chosen_tests
from coursekit.grading.execution.job import Kept
from coursekit.grading.journal import Journal, only_one
from coursekit.grading.pool import run_all
from coursekit.grading.submissions import intake
from coursekit.grading.submissions.elsewhere import missed
from coursekit.grading.submissions.homework import load_homework
from coursekit.grading.submissions.python_names import imports
from coursekit.homework.nbgrader_course import folders_of, nbgrader_of
from coursekit.homework.papers import papers_of
from coursekit.homework.source import build, prepare
from coursekit.homework.text import HomeworkError, to_notebook

__all__ = ["Row", "grade"]


@dataclass(frozen=True)
class Row:
    """What became of one submission."""

    student: str
    status: str  # "graded", "unchanged", "failed", "unreadable" or "skipped"
    score: float | None = None  # late penalty taken off
    max_score: float | None = None
    seconds: float = 0.0
    note: str = ""  # what is left to do by hand, what was stopped, or why there is no score
    before: float | None = None  # score before some tests were graded again


def grade(
    homework,
    course="assignments",
    students=(),
    jobs=None,
    scheduler=None,
    force=False,
    sandbox=True,
    tests=None,
    only=(),
    read_only=(),
    progress=None,
):
    """Grade what is new or has changed, write the gradebook, autograded/ and grades.csv.

    A submission is run again if it, the homework or the version of coursekit or nbgrader has
    changed. Killed at any moment and called again, it goes on where it was.

    Parameters
    ----------
    homework : str
        Name of a text in the course folder, or of a folder of source notebooks.
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
    tests : str, optional
        Where tests run: "apart" from the student's code, "together" with it, or "both", which is
        together what fails apart; default: as the course says.
    only : sequence of str
        Names of tests to grade again for everybody; all other scores, and what was marked by hand,
        stay as they are. Default: grade in full.
    read_only : sequence of str
        Files and folders of this machine that the sandbox shows, beside those that the course
        names.
    progress : callable, optional
        Called with ``"total", n=...``, ``"note", text=...`` on what concerns all, ``"start",
        student=...`` when a submission is handed to a worker, and ``"done", row=...``.

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
            chosen = _students(api.coursedir, homework, students)
            made = prepare(api, homework, course)
            source = load_homework(made, api.coursedir, api.config, tests, read_only)
            papers = papers_of(homework, course)
            with Journal(folder, homework) as journal, writer.open_gradebook(api) as gradebook:
                run = _Run(api, gradebook, journal, source, sandbox, progress)
                run.again = chosen_tests(source, only) if only else None
                run.exam = papers and (papers, made, (tests, read_only))
                run.tell("total", n=len(chosen))
                for note in [*source.notes, *_tried(made, api, folder, source)]:
                    run.tell("note", text=note)
                every = force or only
                new = chosen if every else [one for one in chosen if not run.is_finished(one)]
                _run_jobs(run, new, jobs, scheduler)
                writer.export(api, gradebook)
                if not (students or only):
                    for note in _without_score(api.coursedir, gradebook, homework, chosen):
                        run.tell("note", text=note)
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


def _students(coursedir, homework, wanted):
    """Return the sorted names of those to grade."""
    there = sorted(folders_of(coursedir, coursedir.submitted_directory, homework))
    if not there:
        place = coursedir.format_path(coursedir.submitted_directory, "STUDENT", homework)
        example = Path(place, f"{homework}.ipynb")
        raise HomeworkError(f"nothing to grade; put the notebooks handed in at {example}.")
    if unknown := sorted({*wanted} - {*there}):
        raise HomeworkError(f"{', '.join(unknown)} handed in no {homework}; look into submitted/.")
    return [student for student in there if student in wanted] if wanted else there


def _tried(made, api, folder, homework):
    """Mark the reference answers, once for each version of a source; return what goes wrong."""
    done = folder / ".tried" / made.name
    if made.is_text or (done.exists() and done.read_text() == homework.digest):
        return []  # a text was tried when it was released
    from coursekit.grading.trial import try_out

    mistakes, _ = try_out(homework, made)
    done.parent.mkdir(exist_ok=True)
    done.write_text(homework.digest)
    return [f"{one.part}.ipynb: the cell {one.cell!r} {one.text}" for one in mistakes]


def _without_score(coursedir, gradebook, homework, handed_in):
    """Return sentences on who handed in nothing, and on what lies in a wrong place."""
    notes = []
    if missing := sorted({student.id for student in gradebook.students} - {*handed_in}):
        notes.append(f"{len(missing)} of the gradebook handed in nothing: {_some(missing)}")
    step = coursedir.submitted_directory
    turned = Path(coursedir.format_path(step, homework, "?")).parent
    if homework not in handed_in and (inside := sorted(turned.glob("*/*.ipynb"))):
        who = _some(sorted({path.parent.name for path in inside}))
        notes.append(f"{turned} holds folders of students ({who}): swap the two levels")
    loose = sorted({p.parent.name for p in Path(turned.parent).glob("*/*.ipynb")})
    if loose:
        notes.append(f"notebooks without a folder {homework} around them: {_some(loose)}")
    return notes


def _some(names):
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if names[10:] else "")


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


@dataclass
class _UnderWay:
    """A submission whose jobs are running."""

    mark: str  # its fingerprint
    handed_in: str  # digest of it alone
    jobs: list
    running: int  # jobs to wait for
    notes: list  # of the intake
    results: dict = field(default_factory=dict)  # name of a notebook: result, or exception


class _Run:
    """One call of grade: everything that its steps share."""

    def __init__(self, api, gradebook, journal, source, sandbox, progress):
        self.api, self.gradebook, self.journal = api, gradebook, journal
        self.source, self.sandbox = source, sandbox
        self.stage = journal.results.parent / ".stage"
        self.tell = progress or (lambda event, **facts: None)
        self.rows = {}
        self.under_way = {}  # student: _UnderWay
        self.again = None  # some tests, where only they are to be graded
        self.exam = None  # papers, nobody's paper, options of load_homework

    def _mark(self, student):
        """Return the fingerprint of a submission; an exam's holds the name of the paper, too."""
        paper = self.exam[0].made.get(student, "") if self.exam else ""
        source = replace(self.source, digest=self.source.digest + paper)
        return intake.fingerprint(source, student)

    def _jobs_of(self, student):
        """Return the jobs of a submission, and notes; those of an exam are of the own paper."""
        if not self.exam:
            return intake.jobs_of(self.source, student, self.sandbox)
        papers, made, options = self.exam
        try:
            own = papers.source(student, made, self.api.config)
        except HomeworkError as error:
            raise intake.Unreadable(str(error)) from None
        source = load_homework(own, self.api.coursedir, self.api.config, *options)
        jobs, notes = intake.jobs_of(source, student, self.sandbox)
        if remark := papers.remark(student, intake.paper_in(source, student)):
            notes = [remark, *notes]
        return jobs, notes

    def is_finished(self, student):
        """Whether a submission need not be run: add its row, after writing what is unwritten."""
        mark = self._mark(student)
        last = self.journal.last(student)
        if last.get("fingerprint") != mark:
            return False
        if (result := self.journal.result(student, mark)) is None:
            return False
        if result["status"] != "ok":
            self._add(Row(student, "failed", seconds=result["seconds"], note=_failure(result)))
        elif last["event"] == "written" and self._scores(student):
            self._add(self._unchanged(student, result))
        else:
            jobs, _ = self._jobs_of(student)
            self._write(jobs, mark, result)
        return True

    def jobs(self, students):
        """Yield the jobs of submissions; add rows for those that have none."""
        for student in students:
            try:
                mark = self._mark(student)
                jobs, notes = self._jobs_of(student)
            except intake.Unreadable as error:
                writer.enrol(self.gradebook, student)
                self.journal.unreadable(student, str(error))
                self._add(Row(student, "unreadable", note=str(error)))
                continue
            running = jobs
            if self.again:
                if why := self._why_not_again(student):
                    self._skip(student, why)
                    continue
                running = self.again.jobs(jobs)
                if not running:
                    self._add(self._graded(student, "unchanged", {"seconds": 0.0, "notes": []}))
                    continue
            handed_in = intake.handed_in(self.source, student)
            self.under_way[student] = _UnderWay(mark, handed_in, jobs, len(running), notes)
            self.tell("start", student=student)
            yield from running

    def finish(self, job, result):
        """Keep a result; if it is the submission's last one, write them."""
        student = job["student"]
        mine = self.under_way[student]
        mine.results[job["part"]] = result
        if len(mine.results) < mine.running:
            return
        del self.under_way[student]
        if errors := [one for one in mine.results.values() if isinstance(one, Exception)]:
            self._add(Row(student, "failed", note=_failure_of_worker(errors[0])))
            return
        kept = _kept(mine.results, several=len(mine.jobs) > 1)
        told = missed([row["error"] for row in kept["cells"]], self.source)
        kept["notes"] = [*mine.notes, *kept["notes"], *told]
        kept |= {"handed_in": mine.handed_in, "asked": self.source.asked}
        if self.again:
            self._finish_again(student, mine, kept)
            return
        self.journal.store(student, mine.mark, kept)
        if kept["status"] == "ok":
            self._write(mine.jobs, mine.mark, kept)
        else:
            self._add(Row(student, "failed", seconds=kept["seconds"], note=_failure(kept)))

    # Some tests again ----------------------------------------------------------------------

    def _kept_before(self, student):
        return self.journal.result(student, self.journal.last(student).get("fingerprint"))

    def _why_not_again(self, student):
        """Return why no single test of a submission can be graded again, "" if it can."""
        if not self._scores(student):
            return "is not graded yet"
        return self.again.why_not(student, self._kept_before(student))

    def _skip(self, student, why):
        score, most, _ = self._scores(student) or (None, None, [])
        note = f"{why}; run: coursekit grade {self.source.name} --student {student}"
        self._add(Row(student, "skipped", score, most, note=note))

    def _finish_again(self, student, mine, new):
        """Keep and write the results of some tests, among those that were there."""
        if new["status"] != "ok":
            self._add(Row(student, "failed", seconds=new["seconds"], note=_failure(new)))
            return
        kept = self.again.merged(self._kept_before(student), mine.jobs, new)
        # without any other change to the homework, this is what a full grading gives
        is_full = kept["asked"] == self.source.asked
        mark = mine.mark if is_full else self.journal.last(student)["fingerprint"]
        self.journal.store(student, mark, kept)
        self._write(mine.jobs, mark, kept, seconds=new["seconds"])

    # Written -------------------------------------------------------------------------------

    def _write(self, jobs, mark, result, seconds=None):
        student = result["student"]
        before, *_ = self._scores(student) or [None]
        only = result.get("only", []) if before is not None else []
        result = result | ({} if seconds is None else {"seconds": seconds})
        try:
            exam = bool(self.exam)
            writer.write(self.api, self.gradebook, jobs, result, self.stage, only, exam)
        except Exception as error:  # the class goes on; written again next time, without running
            note = (
                str(error) if isinstance(error, HomeworkError) else f"not written: {error!r:.300}"
            )
            self._add(Row(student, "failed", seconds=result["seconds"], note=note))
            return
        self.journal.written(student, mark)
        row = self._graded(student, "graded", result)
        self._add(replace(row, before=before) if self.again else row)

    def _scores(self, student):
        return writer.scores_of(self.gradebook, self.source.name, student)

    def _graded(self, student, status, result):
        score, most, notes = self._scores(student)
        note = "; ".join([*notes, *result["notes"]])
        return Row(student, status, score, most, result["seconds"], note)

    def _unchanged(self, student, result):
        """Return the row of what need not be run; late penalties are worked out anew."""
        notes = writer.update_penalty(self.api, self.gradebook, self.source.name, student)
        notes += writer.strange_scores(self.gradebook, self.source.name, student, result)
        return self._graded(student, "unchanged", result | {"notes": [*result["notes"], *notes]})

    def _add(self, row):
        self.rows[row.student] = row
        self.tell("done", row=row)


def _kept(results, several) -> Kept:
    """Return what is kept of a submission: the results of its notebooks, in one."""
    rows = [row | {"part": part} for part, one in results.items() for row in one["cells"]]
    first = next(iter(results.values()))
    return {
        "status": "ok" if all(one["status"] == "ok" for one in results.values()) else "failed",
        "reason": "; ".join(one["reason"] for one in results.values() if one["reason"]),
        "notebooks": {part: one.get("notebook") for part, one in results.items()},
        "cells": rows,
        "notes": [
            f"{part}: {note}" if several else note
            for part, one in results.items()
            for note in one["notes"]
        ],
        "seconds": sum(one["seconds"] for one in results.values()),
        "peak_mb": max(one["peak_mb"] for one in results.values()),
        **{key: first[key] for key in ("homework", "student", "sandbox")},
    }


def _failure(result):
    return f"{result['reason'] or 'the judge did not finish'}; to try again, use --force"


def _failure_of_worker(error):
    first = next(iter(str(error).splitlines()), "")
    return f"its worker failed twice ({type(error).__name__}: {first:.200}); grade again"
