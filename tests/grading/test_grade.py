"""A class graded: nothing lost, nothing run twice, nbgrader's gradebook as nbgrader leaves it.

Most of these tests run the cells in this process, which takes no time; the processes and the
sandbox have tests of their own.
"""

import collections
import contextlib
import json
import multiprocessing
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
import stock_nbgrader
from patience import patience
from tiny_homework import TINY, hand_in, new_course, old_nbgrader, run_here

from coursekit.grading.grade import Row, grade
from coursekit.grading.journal import only_one
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.text import HomeworkError

WAITING = "to mark by hand: why"
ANSWERS = {  # student: answers, score before any is marked by hand, note
    "half": ({"double": "def double(x): return x + 1 * (x + 0)", "why": "So."}, 2.0, WAITING),
    "perfect": ({"double": "def double(x): return x + x", "why": "Because."}, 5.0, WAITING),
    "syntax": ({"double": "def double(x) return", "why": "?"}, 0.0, WAITING),
    "untouched": ({}, 0.0, ""),
}
GRADED = [Row(who, "graded", score, 10.0, 1.0, note) for who, (_, score, note) in ANSWERS.items()]


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Make a course in which four students have handed in, nothing graded."""
    course = new_course(tmp_path_factory.mktemp("class"))
    for student, (answers, _, _) in ANSWERS.items():
        hand_in(course, student, answers)
    return course


@pytest.fixture
def course(handed_in, tmp_path):
    return Path(shutil.copytree(handed_in, tmp_path / "course"))


@pytest.fixture
def ran(monkeypatch):
    """Run cells in this process; return the students whose submissions were run."""
    ran = []

    def run_job(job):
        ran.append(job["student"])
        return run_here(job)

    monkeypatch.setattr("coursekit.grading.runner.run_job", run_job)
    return ran


def grade_here(course, **options):
    return grade("tiny", course, sandbox=False, jobs=2, **options)


@contextlib.contextmanager
def gradebook_of(course):
    with old_nbgrader(), nbgrader_of(course).gradebook as gradebook:
        yield gradebook


def dump(course):
    """Return all that the gradebook says of the submissions."""
    with gradebook_of(course) as gradebook:
        found = {}
        for submission in gradebook.assignment_submissions("tiny"):
            (notebook,) = submission.notebooks
            found[submission.student.id] = {
                "timestamp": submission.timestamp,
                "penalty": notebook.late_submission_penalty,
                "grades": sorted(
                    (g.name, g.auto_score, g.manual_score, g.needs_manual_grade)
                    for g in notebook.grades
                ),
                "comments": sorted(
                    (c.name, c.auto_comment or "", c.manual_comment or "")
                    for c in notebook.comments
                ),
            }
        return found


def change(course, student, do):
    """Do something to a submission in the gradebook, as formgrader would."""
    with gradebook_of(course) as gradebook:
        do(gradebook.find_submission("tiny", student))
        gradebook.db.commit()


def autograded(course, student):
    return course / "autograded" / student / "tiny" / "tiny.ipynb"


# The rows and the gradebook ----------------------------------------------------------------


def test_rows_and_what_happens_when(course, ran):
    told = []
    rows = grade_here(course, progress=lambda event, **facts: told.append((event, facts)))
    assert rows == GRADED
    assert sorted(ran) == sorted(ANSWERS)
    assert told[0] == ("total", {"n": 4})
    events = collections.Counter(event for event, _ in told)
    assert events == {"total": 1, "start": 4, "done": 4}
    assert {facts["row"] for event, facts in told if event == "done"} == {*GRADED}
    scores = (course / "grades.csv").read_text()
    assert ",perfect,,,,5.0,0.0,5.0,10.0" in scores
    assert autograded(course, "half").stat().st_mode & 0o777 == 0o444
    assert not (course / ".coursekit" / ".stage").exists()


def test_same_gradebook_and_notebooks_as_nbgrader(course, ran, tmp_path):
    stock = Path(shutil.copytree(course, tmp_path / "stock"))
    nbgrader(stock, "autograde", "tiny")
    grade_here(course)
    assert dump(course) == dump(stock)
    for student in ANSWERS:
        ours, theirs = (nbformat.read(autograded(c, student), 4) for c in (course, stock))
        for mine, its in zip(ours.cells, theirs.cells, strict=True):
            assert (mine.id, mine.source, mine.cell_type) == (its.id, its.source, its.cell_type)
            marks = dict(its.metadata.get("nbgrader", {}))
            marks.pop("cell_type", None)
            assert dict(mine.metadata.get("nbgrader", {})) == marks
            assert len(mine.get("outputs", [])) == len(its.get("outputs", []))


def nbgrader(course, *arguments):
    """Run a command of nbgrader, which must go well."""
    done = stock_nbgrader.nbgrader(course, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nbgraders_feedback_and_export(course, ran):
    grade_here(course)
    nbgrader(course, "generate_feedback", "tiny")
    page = (course / "feedback" / "half" / "tiny" / "tiny.html").read_text()
    assert "Texts can be doubled too." in page
    (course / "grades.csv").unlink()
    nbgrader(course, "export")
    assert ",half,,,,2.0,0.0,2.0,10.0" in (course / "grades.csv").read_text()


def test_a_warning_costs_nothing(course, monkeypatch):
    def run_job(job):
        result = run_here(job)
        for cell in result["notebook"]["cells"]:
            warning = {"output_type": "stream", "name": "stderr", "text": "Warning: odd"}
            cell.get("outputs", []).insert(0, warning)
        return result

    monkeypatch.setattr("coursekit.grading.runner.run_job", run_job)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("c.IgnorePattern.enabled = True", ""))
    assert grade_here(course) == GRADED


def test_preprocessors_named_in_words(course, ran):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(
            "\nc.Autograde.autograde_preprocessors = ["
            "'nbgrader.preprocessors.Execute', 'nbgrader.preprocessors.SaveAutoGrades']\n"
        )
    assert grade_here(course) == GRADED


def test_only_some_students(course, ran):
    assert [row.student for row in grade_here(course, students=["syntax", "half"])] == [
        "half",
        "syntax",
    ]
    assert sorted(ran) == ["half", "syntax"]
    with pytest.raises(HomeworkError, match="nobody handed in no tiny; look into submitted/"):
        grade_here(course, students=["nobody"])


def test_odd_names_of_students(course, ran):
    for student in ("a[1]*", "größer 2"):
        hand_in(course, student, ANSWERS["perfect"][0])
    rows = {row.student: row for row in grade_here(course)}
    assert rows["größer 2"].score == 5
    assert rows["a[1]*"].score == 5  # which nbgrader takes for a pattern


def test_nothing_to_grade(course):
    shutil.rmtree(course / "submitted")
    with pytest.raises(HomeworkError, match="nothing to grade; put the notebooks handed in at"):
        grade_here(course)
    with pytest.raises(HomeworkError, match="no homework called 'small'"):
        grade("small", course)


def test_cells_keep_their_names_once_handed_in(course, ran):
    grade_here(course)
    (course / "tiny.md").write_text(TINY.replace("double-texts", "double-strings"))
    with pytest.raises(HomeworkError, match="Cannot add or remove cells for notebook"):
        grade_here(course)


def test_files_come_along(course, ran, tmp_path):
    (tmp_path / "secret").write_text("secret")
    folder = hand_in(course, "half", ANSWERS["half"][0], notes="mine")
    (folder / "stolen").symlink_to(tmp_path / "secret")
    (row,) = grade_here(course, students=["half"])
    assert row.note == f"{WAITING}; stolen is a link out of its folder and was left out"
    there = sorted(path.name for path in autograded(course, "half").parent.iterdir())
    assert there == ["notes.txt", "tiny.ipynb"]


# What fails --------------------------------------------------------------------------------


def test_one_bad_submission_does_not_stop_the_class(course, monkeypatch):
    (course / "submitted" / "bad" / "tiny").mkdir(parents=True)
    (course / "submitted" / "bad" / "tiny" / "tiny.ipynb").write_text("{")
    hand_in(course, "crash", {})
    hand_in(course, "stuck", {})
    tried = collections.Counter()

    def run_job(job):
        tried[job["student"]] += 1
        if job["student"] == "crash":
            raise RuntimeError("no more memory\nat all")
        if job["student"] == "stuck":
            return run_here(job) | {"status": "failed", "reason": "the judge ran too long"}
        return run_here(job)

    monkeypatch.setattr("coursekit.grading.runner.run_job", run_job)
    for again in (False, True):
        rows = {row.student: row for row in grade_here(course)}
        assert rows["bad"].status == "unreadable"
        assert rows["bad"].note.startswith("its notebook is not valid JSON")
        assert rows["crash"].status == rows["stuck"].status == "failed"
        assert rows["crash"].note == (
            "its worker failed twice (RuntimeError: no more memory); grade again"
        )
        assert rows["stuck"].note == "the judge ran too long; to try again, use --force"
        assert rows["stuck"].score is None
        assert rows["perfect"].status == ("unchanged" if again else "graded")
    assert tried["crash"] == 4  # tried again; what only was stuck has a result
    assert tried["stuck"] == tried["perfect"] == 1
    assert {*dump(course)} == {*ANSWERS}


def test_nbgrader_fails_for_one(course, ran, monkeypatch):
    from nbgrader.preprocessors import SaveAutoGrades

    original = SaveAutoGrades._add_comment

    def add_comment(self, cell, resources):
        original(self, cell, resources)
        if self.student_id == "half":
            raise RuntimeError("no comment")

    with monkeypatch.context() as patch:
        patch.setattr(SaveAutoGrades, "_add_comment", add_comment)
        rows = {row.student: row for row in grade_here(course)}
    reason = "nbgrader: RuntimeError: no comment"
    assert rows["half"] == Row("half", "failed", seconds=1.0, note=reason)
    assert rows["perfect"].status == "graded"
    assert "half" not in dump(course)  # nothing of it: neither student nor a part of the grades
    rows = {row.student: row for row in grade_here(course)}
    assert rows["half"] == GRADED[0]
    assert ran.count("half") == 1


def test_timestamp_that_is_no_date(course, ran):
    hand_in(course, "half", {}, timestamp="tomorrow, I promise")
    (row,) = grade_here(course, students=["half"])
    assert row.status == "unreadable"
    assert "timestamp.txt holds no date" in row.note


# Graded again ------------------------------------------------------------------------------


def test_only_what_has_changed_is_run_again(course, ran):
    grade_here(course)
    ran.clear()
    kept = autograded(course, "perfect").stat()
    hand_in(course, "half", ANSWERS["perfect"][0])
    rows = {row.student: row for row in grade_here(course)}
    assert ran == ["half"]
    assert rows["half"].score == 5
    assert rows["perfect"] == Row("perfect", "unchanged", 5.0, 10.0, 1.0, WAITING)
    assert autograded(course, "perfect").stat() == kept

    ran.clear()
    assert {row.status for row in grade_here(course, force=True)} == {"graded"}
    assert sorted(ran) == sorted(ANSWERS)

    ran.clear()
    (course / "tiny.md").write_text(TINY.replace('"abab"', '"abab" or True'))
    assert {row.student: row.score for row in grade_here(course)}["syntax"] == 0
    assert sorted(ran) == sorted(ANSWERS)

    ran.clear()
    (course / "tiny.md").touch()
    grade_here(course)
    assert ran == []


def test_a_new_gradebook_is_filled_without_running(course, ran):
    grade_here(course)
    before = dump(course)
    (course / "gradebook.db").unlink()
    shutil.rmtree(course / "autograded")
    ran.clear()
    assert grade_here(course) == GRADED
    assert dump(course) == before
    assert autograded(course, "half").exists()
    assert ran == []


def test_marks_and_comments_by_hand_survive(course, ran):
    grade_here(course)

    def mark(submission):
        (notebook,) = submission.notebooks
        grades = {grade.name: grade for grade in notebook.grades}
        grades["why"].manual_score, grades["why"].needs_manual_grade = 4, False
        grades["double-texts"].manual_score = 1.5
        grades["double-values"].extra_credit = 0.5
        for comment in notebook.comments:
            comment.manual_comment = f"Well done: {comment.name}"

    change(course, "half", mark)
    rows = {row.student: row for row in grade_here(course)}
    assert (rows["half"].status, rows["half"].score) == ("unchanged", 8)
    assert rows["half"].note == ""
    rows = {row.student: row for row in grade_here(course, force=True)}
    # As nbgrader does: marks stay, and are to be looked at again.
    assert rows["half"].score == 8
    assert rows["half"].note == "to mark by hand: double-texts, why"
    grades = {name: rest for name, *rest in dump(course)["half"]["grades"]}
    assert grades["why"] == [None, 4, True]
    assert grades["double-texts"] == [0, 1.5, True]
    comments = {name: manual for name, _, manual in dump(course)["half"]["comments"]}
    assert comments == {"double": "Well done: double", "why": "Well done: why"}


PENALTY = """
from nbgrader.plugins import BasePlugin

class Hourly(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * total_seconds_late / 3600

c.AssignLatePenalties.plugin_class = Hourly
"""


@pytest.mark.parametrize("config", [PENALTY, "c.LateSubmissionPlugin.penalty_method = 'zero'"])
def test_late_penalty_is_nbgraders(course, ran, tmp_path, config):
    shutil.rmtree(course / "submitted" / "untouched")
    for student, hour in [("perfect", 14), ("half", 11), ("syntax", 23)]:
        folder = course / "submitted" / student / "tiny"
        (folder / "timestamp.txt").write_text(f"2030-01-31 {hour}:00:00 UTC\n")
    with (course / "nbgrader_config.py").open("a") as file:
        file.write(config)
    stock = Path(shutil.copytree(course, tmp_path / "stock"))
    for folder in (course, stock):
        with gradebook_of(folder) as gradebook:
            gradebook.update_or_create_assignment("tiny", duedate=datetime(2030, 1, 31, 12))
    nbgrader(stock, "autograde", "tiny")
    rows = {row.student: row for row in grade_here(course)}
    assert dump(course) == dump(stock)
    assert dump(course)["half"]["timestamp"] == datetime(2030, 1, 31, 11)
    off = 1 if config == PENALTY else 5
    assert rows["perfect"].score == 5 - off
    assert rows["perfect"].note == f"{WAITING}; late: {off} points taken off"
    assert rows["half"].score == 2
    assert rows["syntax"].score == 0


# Killed ------------------------------------------------------------------------------------

MOMENTS = [  # what it is about to do, and for which time, when it is killed
    ("coursekit.grading.journal.os.replace", 1),
    ("coursekit.grading.journal.os.replace", 3),
    ("coursekit.grading.journal.Journal._note", 1),
    ("coursekit.grading.journal.Journal.written", 1),
    ("coursekit.grading.journal.Journal.written", 4),
    ("nbgrader.converters.autograde.Autograde.init_assignment", 2),
    ("nbgrader.converters.base.BaseConverter.write_single_notebook", 4),
    ("nbgrader.preprocessors.SaveAutoGrades._add_comment", 3),
    ("nbgrader.converters.base.BaseConverter.set_permissions", 2),
    ("sqlalchemy.orm.Session.commit", 3),
    ("nbgrader.preprocessors.SaveCells._create_notebook", 1),
    ("coursekit.grading.writer.export", 1),
]


def killed_before(target, count, course, ran):
    """Grade in this process, which is killed when it calls a function for the n-th time."""
    from unittest import mock

    from traitlets.utils.importstring import import_item

    owner, name = target.rsplit(".", 1)
    owner = import_item(owner)
    original, left = getattr(owner, name), [count]

    def dying(*arguments, **options):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    def run_job(job):
        with ran.open("a") as file:
            file.write(f"{job['student']}\n")
        return run_here(job)

    with (
        mock.patch("coursekit.grading.runner.run_job", run_job),
        mock.patch.object(owner, name, dying),
    ):
        grade_here(course)


@pytest.fixture(scope="module")
def unbroken(handed_in, tmp_path_factory):
    """Return the gradebook of a grading that nothing interrupts."""
    course = Path(shutil.copytree(handed_in, tmp_path_factory.mktemp("unbroken") / "course"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coursekit.grading.runner.run_job", run_here)
        grade_here(course)
    return dump(course)


@pytest.mark.parametrize(("target", "count"), MOMENTS)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_kill(course, ran, unbroken, tmp_path, target, count):
    before = tmp_path / "ran.txt"
    before.touch()
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=killed_before, args=(target, count, course, before))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    journal = course / ".coursekit" / "tiny.jsonl"
    lines = journal.read_text().splitlines() if journal.exists() else []
    finished = {json.loads(line)["student"] for line in lines}

    rows = grade_here(course)
    assert [(row.student, row.score, row.note) for row in rows] == [
        (row.student, row.score, row.note) for row in GRADED
    ]
    assert dump(course) == unbroken
    assert sorted(ran) == sorted({*ANSWERS} - finished)
    assert finished <= {*before.read_text().split()}
    for student in ANSWERS:
        assert nbformat.read(autograded(course, student), 4).cells[1].execution_count
        assert autograded(course, student).stat().st_mode & 0o777 == 0o444
    assert {row.status for row in grade_here(course)} == {"unchanged"}


def test_only_one_at_a_time(course, ran):
    folder = course / ".coursekit"
    said = f"this course is being graded already, by process {os.getpid()}; wait until"
    with only_one(folder), pytest.raises(HomeworkError, match=said):
        grade_here(course)
    assert ran == []
    assert grade_here(course) == GRADED


# PostgreSQL --------------------------------------------------------------------------------


@pytest.fixture
def postgres():
    """Start a PostgreSQL server that only this test can reach; return its address."""
    pytest.importorskip("psycopg")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (places and str(places[-1]))
    if not initdb:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL server here: apt install postgresql")
        pytest.skip("no PostgreSQL server here: apt install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # short, for the socket
    someone = {}
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        account = pwd.getpwnam("nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        someone = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def call(*arguments):
        log = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
        done = subprocess.run(arguments, cwd=folder, timeout=patience(100), **log, **someone)
        assert done.returncode == 0, done.stdout + done.stderr

    pg_ctl = str(Path(os.path.realpath(initdb)).with_name("pg_ctl"))
    data = str(folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        call(initdb, "-D", data, "-A", "trust", "-U", "course", "--no-sync", "-E", "UTF8")
        call(pg_ctl, "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://course@/postgres?host={folder}"
        finally:
            call(pg_ctl, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_postgresql(course, ran, unbroken, postgres):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {postgres!r}\n")
    (course / "gradebook.db").unlink()
    assert grade_here(course) == GRADED
    assert not (course / "gradebook.db").exists()
    assert dump(course) == unbroken
    assert {row.status for row in grade_here(course)} == {"unchanged"}
    assert grade_here(course, force=True) == GRADED
    nbgrader(course, "generate_feedback", "tiny")
    nbgrader(course, "export")
    assert ",perfect,,,,5.0,0.0,5.0,10.0" in (course / "grades.csv").read_text()
