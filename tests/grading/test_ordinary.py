"""A course that was not written for us gets the points that stock nbgrader gives.

What nbgrader gives is recorded in ordinary_scores.json: ``python tests/grading/ordinary.py``.
"""

import csv
import json

import nbformat
import ordinary
import pytest
from ordinary import ANSWERS, HOMEWORK, QUESTIONS
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.grading.grade import grade
from coursekit.grading.pages.feedback import feedback
from coursekit.grading.pages.report import read_report, to_csv
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.homework.text import HomeworkError

# Points for nothing: a name that a given cell has set is no answer.
FAIRER = {("empty", "given-name"): 0.0}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade right, wrong and empty answers to all questions; return course, rows, points."""
    try:
        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
    course = ordinary.new_course(tmp_path_factory.mktemp("ordinary"))
    for student, answer in ANSWERS.items():
        ordinary.hand_in(course, student, answer)
    told = []
    made = grade(HOMEWORK, course, progress=lambda event, **facts: told.append((event, facts)))
    rows = {row.student: row for row in made}
    assert {row.status for row in rows.values()} == {"graded"}, rows
    rows["told"] = [facts["text"] for event, facts in told if event == "note"]
    return course, rows, ordinary.grades(course)


@pytest.fixture(scope="module")
def recorded():
    kept = json.loads(ordinary.RECORDED.read_text("utf-8"))
    assert kept["of"] == ordinary.digest(), (
        "changed since it was recorded; run python tests/grading/ordinary.py"
    )
    return kept["points"]


@pytest.fixture(scope="module")
def report(graded):
    return read_report(HOMEWORK, graded[0])


@pytest.mark.parametrize("student", ANSWERS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_same_points_as_nbgrader(graded, recorded, student, name):
    expected = FAIRER.get((student, name), recorded[student][name])
    assert graded[2][student][name] == expected
    if (student, name) not in FAIRER:
        assert expected == (QUESTIONS[name].points if student == "right" else 0)


@pytest.mark.parametrize("name", QUESTIONS)
def test_where_a_test_must_run_together(report, name):
    cells = {cell.partition(": ")[2] for cell in report.together.get("right", [])}
    assert (f"{name}-test" in cells) == (QUESTIONS[name].how == "together")


def test_nobody_else_depends_on_it(report):
    assert report.together.keys() == {"right"}
    assert report.tampered == {}


def test_the_row_says_so(graded, report, tmp_path):
    _, rows, _ = graded
    assert "1. mocks: only together: input-test, deleted-helper-test" in rows["right"].note
    assert "only together" not in rows["wrong"].note + rows["empty"].note
    to_csv(report, tmp_path / "report.csv")
    with open(tmp_path / "report.csv", newline="") as file:
        found = {row["student"]: row for row in csv.DictReader(file)}
    assert "1. mocks: input-test" in found["right"]["only_together"]
    assert found["right"]["values: date-test"] == "2.0"


def test_old_metadata_is_upgraded_in_a_copy_and_said(graded):
    course, rows, _ = graded
    (said,) = rows["told"]
    assert said.startswith("1. mocks, 2 öbjects [a+b], values: nbgrader's metadata is of an old")
    for name, schema in ordinary.SCHEMA.items():
        source = nbformat.read(course / "source" / HOMEWORK / f"{name}.ipynb", 4)
        marks = [c.metadata.nbgrader for c in source.cells if "nbgrader" in c.metadata]
        assert {mark.get("schema_version", 0) for mark in marks} == {schema}


def test_release_leaves_out_answers_in_all_notebooks(graded):
    course, _, _ = graded
    assert not (course / "release").exists()  # which grading leaves alone
    run = CliRunner().invoke(app, ["list", "--course", str(course)])
    assert run.stdout == f"{HOMEWORK}: {2 * len(QUESTIONS)} points\n"


def test_feedback_of_several_notebooks(graded):
    course, _, _ = graded
    pages = feedback(HOMEWORK, course)
    assert pages == {who: course / "feedback" / who / HOMEWORK for who in ANSWERS}
    for student, folder in pages.items():
        assert sorted(path.stem for path in folder.glob("*.html")) == sorted(ordinary.NOTEBOOKS)
        said = (folder / "1. mocks.html").read_text("utf-8")
        most = 2 * len(ordinary.MOCKS)
        assert f"<b>{most if student == 'right' else 0}</b> of {most} points" in said


def test_graded_again_is_unchanged(graded):
    course, rows, _ = graded
    for row in grade(HOMEWORK, course):
        assert (row.status, row.score) == ("unchanged", rows[row.student].score)


# What is refused, by name ------------------------------------------------------------------


def course_of(folder, change):
    """Make a course of one small notebook, after ``change(notebook)``."""
    course = ordinary.new_course(folder)
    for path in course.glob("source/*/*.ipynb"):
        if path.stem != "files":
            path.unlink()
    notebook = nbformat.read(path.with_name("files.ipynb"), 4)
    change(notebook)
    nbformat.write(notebook, path.with_name("files.ipynb"))
    ordinary.hand_in(course, "right", ANSWERS["right"])
    return course


@pytest.mark.parametrize("language", ["R", "julia", "octave"])
def test_another_language_is_refused(tmp_path, language):
    kernel = {"name": language, "display_name": language, "language": language}
    course = course_of(tmp_path, lambda notebook: notebook.metadata.update(kernelspec=kernel))
    with pytest.raises(HomeworkError, match=f"files.ipynb is a notebook of {language}; coursekit"):
        grade(HOMEWORK, course, sandbox=False)


def test_settings_of_ours_are_checked(tmp_path):
    course = course_of(tmp_path, lambda notebook: None)
    with pytest.raises(HomeworkError, match="tests run apart, together or both, not 'alone'"):
        grade(HOMEWORK, course, sandbox=False, tests="alone")


def test_no_such_homework(tmp_path):
    course = course_of(tmp_path, lambda notebook: None)
    with pytest.raises(HomeworkError, match=r"no homework called 'x' in .*; there are: week 1"):
        grade("x", course)
