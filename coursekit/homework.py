"""Homework: one text file in, an nbgrader assignment out, and a class graded.

A homework is assignments/NAME.md, a notebook kept as text; coursekit/homework_text.py says how
it is written.

release  makes the student's notebook, release/NAME/NAME.ipynb, and tries it out
copy     puts a copy to work on into lab/NAME/, and never writes over one that is there
grade    grades submitted/STUDENT/NAME/NAME.ipynb; writes feedback/ and grades.csv
list     names the homeworks and their points
"""

import argparse
import os
import re
import shutil
import sys
import warnings
from pathlib import Path

from coursekit.homework_text import HomeworkError, cells_with_lines, points_of, to_notebook

__all__ = ["HomeworkError", "build", "copy", "grade", "homeworks", "main", "release", "to_notebook"]


# Build and release -------------------------------------------------------------------------


def homeworks(course="assignments"):
    """Return the sorted names of the homeworks in a course folder."""
    texts = Path(course).glob("*.md")
    return sorted(path.stem for path in texts if path.read_text("utf-8").startswith("---\n"))


def _text(name, course):
    if name not in homeworks(course):
        known = ", ".join(homeworks(course)) or "none"
        raise HomeworkError(f"no homework called {name!r} in {course}; there are: {known}.")
    return Path(course, f"{name}.md")


def build(name, course="assignments"):
    """Write the instructor's notebook, source/NAME/NAME.ipynb; return its path."""
    import nbformat

    notebook = to_notebook(_text(name, course))
    target = Path(course, "source", name, f"{name}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def release(name, course="assignments"):
    """Make and try out the student's notebook, release/NAME/NAME.ipynb; return its path.

    The instructor's notebook must run with full marks. The student's, with the hidden tests
    put back, must fail only for want of an answer and earn nothing. Neither submissions nor
    gradebook are touched.
    """
    import nbformat

    answers = nbformat.read(build(name, course), 4)
    print(f"{name}: running it with the answers ...", flush=True)
    for cell, place, failure, earned in _run(answers, name, course):
        if failure or earned < points_of(cell):
            failure = failure or f"it earns {earned:g} of {points_of(cell)} points"
            raise HomeworkError(f"{place} fails with the answers given: {failure}")
    _require(_nbgrader(course, gradebook=False).generate_assignment(name))

    print(f"{name}: running it without the answers ...", flush=True)
    target = Path(course, "release", name, f"{name}.ipynb")
    tests = {cell.id: cell for cell in answers.cells if points_of(cell)}
    stubs = nbformat.read(target, 4)
    stubs.cells = [tests.get(cell.id, cell) for cell in stubs.cells]
    for _, place, failure, earned in _run(stubs, name, course):
        if earned or (failure and "NotImplementedError" not in failure):
            target.unlink()
            wrong = f"fails, but not for want of an answer: {failure}"
            raise HomeworkError(f"{place} {'gives points for nothing' if earned else wrong}")
    return target


def copy(name, course="assignments", folder="lab"):
    """Put a copy to work on into folder/NAME/, unless there is one; return its path."""
    target = Path(folder, name, f"{name}.ipynb")
    if not target.exists():
        handed_out = Path(course, "release", name, f"{name}.ipynb")
        if not handed_out.exists():
            release(name, course)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(handed_out, target)
    return target


def _run(notebook, name, course):
    """Run a notebook; yield of each code cell: cell, place, what it raised, points earned."""
    from nbclient import NotebookClient
    from nbgrader.utils import determine_grade

    path = _text(name, course)
    lines = {cell.id: line for cell, line in cells_with_lines(path)}
    here = {"metadata": {"path": str(course)}}
    quiet = ["--log-level=ERROR"]
    NotebookClient(
        notebook, timeout=120, allow_errors=True, resources=here, extra_arguments=quiet
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            raised = [f"{out.ename}: {out.evalue}" for out in cell.outputs if "ename" in out]
            earned = determine_grade(cell)[0] if points_of(cell) else 0
            place = f"{path}:{lines[cell.id]}: the cell {cell.id!r}"
            yield cell, place, "".join(raised), earned


def _nbgrader(course, gradebook=True):
    """Return nbgrader's commands for a course folder, as its formgrader calls them."""
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    if not Path(course, "nbgrader_config.py").exists():
        raise HomeworkError(f"no nbgrader_config.py in {course}; add it, or name another --course.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    if not gradebook:  # this is what --no-db sets
        config.GenerateAssignment.no_database, config.SaveCells.enabled = True, False
    # nbgrader calls alembic, which stands beside this Python, activated or not.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return NbGraderAPI(config=config, coursedir=CourseDirectory(config=config))


def _require(done):
    """Raise for a command of nbgrader that failed."""
    if not done["success"]:
        raise HomeworkError(f"nbgrader: {_reason(done)}")


def _reason(done):
    """Return the line of nbgrader's log that tells most: the last exception, or an error."""
    if "KeyboardInterrupt" in done["error"]:  # which nbgrader has caught
        raise KeyboardInterrupt
    log = done.get("log", "") + done["error"]
    exceptions = re.findall(r"^(?!.*NbGrader)\s*[\w.]+(?:Error|Exception): .*", log, re.M)
    return [*exceptions[-1:], *re.findall(r"ERROR\] (.*)", log), log][0].strip()


# Grade -------------------------------------------------------------------------------------


def grade(name, course="assignments"):
    """Grade what is new in submitted/, write feedback/ and grades.csv, return the scores.

    One submission that cannot be graded does not stop the others.

    Returns
    -------
    list of (student, score, max_score, note)
        The note names the cells that wait for a mark by hand; for a submission that could not
        be graded it says why, and both scores are None.
    """
    build(name, course)
    students = sorted(path.parent.name for path in Path(course).glob(f"submitted/[!.]*/{name}/"))
    if not students:
        wanted = Path(course, "submitted", "STUDENT", name, f"{name}.ipynb")
        raise HomeworkError(f"nothing to grade; put the notebooks handed in at {wanted}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader 0.9.6 is older than SQLAlchemy 2.1
        api = _nbgrader(course)
        failed = _autograde(name, course, api, students)
        if len(failed) < len(students):
            _require(api.generate_feedback(name))
        return _scores(name, api, students, failed)


def _autograde(name, course, api, students):
    """Grade the submissions that are new; return why any could not be graded."""
    new, failed = [student for student in students if not _is_graded(course, name, student)], {}
    if new:
        _require(api.generate_assignment(name))
    for number, student in enumerate(new, 1):
        print(f"{name}: grading {student}, {number} of {len(new)} ...", flush=True)
        failed[student] = _unfit(name, course, student)
        if not failed[student] and not (done := api.autograde(name, student))["success"]:
            failed[student] = _reason(done)
    return {student: reason for student, reason in failed.items() if reason}


def _is_graded(course, name, student):
    """Whether the graded notebook is newer than the submission and the homework.

    nbgrader compares nothing but timestamp.txt; without one, what is handed in again counts as
    graded. Copying keeps the time of the last change (mtime), but not the time of the copy (ctime).
    """
    graded, submitted = (
        Path(course, step, student, name, f"{name}.ipynb") for step in ("autograded", "submitted")
    )
    if not (graded.exists() and submitted.exists()):
        return False
    newest = max(submitted.stat().st_ctime, _text(name, course).stat().st_mtime)
    return graded.stat().st_mtime > newest and _was_run(graded)


def _was_run(notebook):
    """Whether it was graded to the end: nbgrader writes it a first time before it runs."""
    import nbformat

    try:
        cells = nbformat.read(notebook, 4).cells
    except (ValueError, OSError):  # cut off while it was written
        return False
    return any(cell.get("execution_count") for cell in cells)


def _unfit(name, course, student):
    """Return why a submission cannot be graded at all, in words its author understands, or ""."""
    import nbformat

    folder = Path(course, "submitted", student, name)
    if not (folder / f"{name}.ipynb").exists():
        there = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        return f"no {name}.ipynb in its folder, but {there}; rename it"
    try:
        cells = nbformat.read(folder / f"{name}.ipynb", 4).cells
    except Exception:  # nbgrader says what is wrong with it
        return ""
    wanted = {cell.id for cell in to_notebook(_text(name, course)).cells if points_of(cell)}
    if wanted.isdisjoint(cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells):
        return "it has lost the marks of its graded cells; copy the answers into a fresh copy"
    return ""


def _scores(name, api, students, failed):
    """Write grades.csv with every homework; return the scores of this one."""
    from nbgrader.plugins import CsvExportPlugin

    rows = []
    with api.gradebook as gradebook:
        CsvExportPlugin(to=str(Path(api.coursedir.root, "grades.csv"))).export(gradebook)
        for student in students:
            if student in failed:
                rows.append((student, None, None, f"not graded: {failed[student]}"))
                continue
            submission = gradebook.find_submission(name, student)
            grades = [grade for part in submission.notebooks for grade in part.grades]
            waiting = ", ".join(grade.name for grade in grades if grade.needs_manual_grade)
            note = f"to mark by hand: {waiting}" if waiting else ""
            rows.append((student, submission.score, submission.max_score, note))
    return rows


# Command line ------------------------------------------------------------------------------


def main(arguments=None):
    """Run one command; return the exit code: 1 if anything could not be done, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m coursekit.homework",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["list", "release", "copy", "grade"])
    parser.add_argument("name", nargs="?", metavar="NAME", help="default: every homework")
    parser.add_argument("--course", default="assignments", help="folder (default: %(default)s)")
    args = parser.parse_args(arguments)
    names = [args.name] if args.name else homeworks(args.course)
    if not names:
        parser.error(f"no homework in {args.course}; it should hold files such as NAME.md")
    complete = True
    for name in names:
        try:
            complete &= _command(args.command, name, args.course)
        except HomeworkError as error:
            print(f"error: {error}", file=sys.stderr)
            complete = False
        except KeyboardInterrupt:
            print("stopped; run it again: what is graded stays graded", file=sys.stderr)
            return 130
    return 0 if complete else 1


def _command(command, name, course):
    """Run one command for one homework; return whether all of it could be done."""
    if command == "list":
        points = sum(map(points_of, to_notebook(_text(name, course)).cells))
        print(f"{name}: {points:g} points")
    elif command == "release":
        print(f"{name}: hand out {release(name, course)}")
    elif command == "copy":
        print(f"{name}: yours to work on, {copy(name, course)}")
    else:
        rows = grade(name, course)
        width = max(len(row[0]) for row in [("student",), *rows])
        print(f"{'student':{width}} {'score':>8} {'of':>6}")
        for student, score, most, note in rows:
            scores = f"{'-':>8} {'-':>6}" if score is None else f"{score:8g} {most:6g}"
            print(f"{student:{width}} {scores}  {note}".rstrip())
        return all(score is not None for _, score, _, _ in rows)
    return True


if __name__ == "__main__":
    sys.exit(main())
