"""A course that was not written for us gets the points that stock nbgrader gives.

What nbgrader gives is recorded in ordinary_scores.json: ``python tests/grading/ordinary.py``.
"""

import csv
import gc
import json
import shutil

import nbformat
import ordinary
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from ordinary import ANSWERS, HOMEWORK, QUESTIONS
from small_courses import scores, small_course
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


@pytest.mark.parametrize("start", [0, 1])
def test_some_tests_graded_again_give_the_same_points(graded, tmp_path, start):
    """Half of the tests run without the other half, apart or together as before."""
    course = shutil.copytree(graded[0], tmp_path / "course")
    only = [f"{name}-test" for name in list(QUESTIONS)[start::2]]
    rows = {row.student: row for row in grade(HOMEWORK, course, only=only)}
    assert ordinary.grades(course) == graded[2]
    for who, row in rows.items():
        assert (row.status, row.before, row.score) == ("graded", row.score, graded[1][who].score)
        assert sorted(row.note.split("; ")) == sorted(graded[1][who].note.split("; "))


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


# Small courses -----------------------------------------------------------------------------


@pytest.mark.parametrize("homework", ["hw+1", "[x] über 2.5", "week 1 (a)"])
def test_any_name_of_a_homework(tmp_path, homework):
    course = small_course(tmp_path, homework, "assert x == 3")
    assert scores(homework, course) == {"right": 1, "empty": 0}
    assert scores(homework, course) == {"right": 1, "empty": 0}  # unchanged
    assert sorted(feedback(homework, course)) == ["empty", "right"]
    assert read_report(homework, course).scores == {"right": 1, "empty": 0}


AUTOTESTS = """\
python3:
    setup: ""
    hash: '{{snippet}}'
    dispatch: "type({{snippet}})"
    normalize: "str({{snippet}})"
    check: 'assert {{snippet}} == "{{value}}", "{{message}}"'
    success: ""
    templates:
        default:
            - test: "{{snippet}}"
              fail: "it is not what it should be"
"""


@pytest.mark.filterwarnings(  # nbgrader leaves the sockets of AUTOTEST's kernel open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_header_and_autotest_are_nbgraders(tmp_path):
    config = "c.IncludeHeaderFooter.header = 'header.ipynb'\n"
    test = "### AUTOTEST x"
    course = small_course(tmp_path, "auto", test, config)
    header = new_notebook(cells=[new_code_cell("level = 3")])
    nbformat.write(header, course / "header.ipynb")
    (course / "autotests.yml").write_text(AUTOTESTS)
    told = []
    assert scores("auto", course, told) == {"right": 1, "empty": 0}
    assert told == []
    graded = nbformat.read(course / "autograded/right/auto/only.ipynb", 4)
    assert "AUTOTEST" not in graded.cells[-1].source
    assert "it is not what it should be" in graded.cells[-1].source
    gc.collect()


def test_reference_answers_are_marked_before_the_first_student(tmp_path):
    course = small_course(tmp_path, "hw", "assert y == 3")
    told = []
    scores("hw", course, told)
    assert told == [
        "only.ipynb: the cell 'test' fails with the answers given: "
        "NameError: name 'y' is not defined"
    ]
    again = []
    scores("hw", course, again)
    assert again == []
    run = CliRunner().invoke(app, ["release", "hw", "--course", str(course)])
    assert run.exit_code == 1
    assert "only.ipynb: the cell 'test' fails with the answers given: NameError" in run.stderr


def test_points_for_nothing_are_told(tmp_path):
    course = small_course(tmp_path, "hw", "assert True")
    told = []
    scores("hw", course, told)
    assert told == ["only.ipynb: the cell 'test' gives points for nothing"]


def test_who_has_no_score_and_why(tmp_path):
    course = small_course(tmp_path, "hw", "assert x == 3")
    submitted = course / "submitted"
    scores("hw", course)
    (submitted / "renamed" / "hw").mkdir(parents=True)
    (submitted / "renamed" / "hw" / "only.txt").write_text("{}")
    (submitted / "hw" / "turned").mkdir(parents=True)
    (submitted / "hw" / "turned" / "only.ipynb").write_text("{}")
    (submitted / "loose").mkdir()
    (submitted / "loose" / "only.ipynb").write_text("{}")
    (submitted / "empty").rename(course / "away")
    told = []
    assert scores("hw", course, told) == {"right": 1, "renamed": None}
    assert told == [
        "1 of the gradebook handed in nothing: empty",
        f"{submitted / 'hw'} holds folders of students (turned): swap the two levels",
        "notebooks without a folder hw around them: loose",
    ]
    with open(course / "grades.csv", newline="") as file:
        exported = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert exported == {"right": "1.0", "empty": "0.0", "renamed": "0.0"}
    assert read_report("hw", course).unreadable == {
        "renamed": "no only.ipynb in its folder, but only.txt; rename it"
    }


def test_the_exchange_from_release_to_feedback(tmp_path, monkeypatch):
    """Use nbgrader's exchange around our grading: what it fetches is our page."""
    from stock_nbgrader import nbgrader

    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = f"c.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'c'\n"
    config += f"c.Exchange.cache = {str(tmp_path / 'cache')!r}\n"
    course = small_course(tmp_path / "course", "hw", "assert x == 3", config)
    for path in course.glob("submitted/*"):
        path.rename(tmp_path / path.name)
    student = tmp_path / "student"
    student.mkdir()
    (student / "nbgrader_config.py").write_text(f"c = get_config()\n{config}")

    def run(folder, *arguments):
        done = nbgrader(folder, *arguments)
        assert done.returncode == 0, done.stderr

    assert CliRunner().invoke(app, ["release", "hw", "--course", str(course)]).exit_code == 0
    nbgrader(course, "generate_assignment", "hw", "--force")
    run(course, "release_assignment", "hw")
    run(student, "fetch_assignment", "hw")
    (student / "hw" / "only.ipynb").write_bytes((tmp_path / "right/hw/only.ipynb").read_bytes())
    run(student, "submit", "hw")
    run(course, "collect", "hw")
    (score,) = scores("hw", course).values()
    assert score == 1
    feedback("hw", course)
    run(course, "release_feedback", "hw")
    run(student, "fetch_feedback", "hw")
    (page,) = student.glob("hw/feedback/*/only.html")
    assert "<b>1</b> of 1 points" in page.read_text("utf-8")


def test_a_student_validates_old_notebooks_too(tmp_path):
    course = ordinary.new_course(tmp_path)
    ordinary.hand_in(course, "right", ANSWERS["right"])
    path = course / "submitted" / "right" / HOMEWORK / "values.ipynb"
    run = CliRunner().invoke(app, ["validate", str(path)])
    assert f"of {2 * len(ordinary.VALUES)} points" in run.stdout
    assert "✓ range-test passed." in " ".join(run.stdout.split())
