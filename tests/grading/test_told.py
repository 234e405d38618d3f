"""What an instructor is told when a course, or a gradebook, is not as it should be."""

import csv
import sqlite3
from contextlib import closing

from small_courses import gradebook_of, rows_of, scores, small_course
from typer.testing import CliRunner

from coursekit.cli.commands import app


def run(course, *arguments):
    return CliRunner().invoke(app, [*arguments, "--course", str(course)])


def test_an_old_gradebook_is_to_be_upgraded(tmp_path):
    course = small_course(tmp_path, "hw", "assert x == 3")
    assert scores("hw", course) == {"right": 1, "empty": 0}
    with closing(sqlite3.connect(course / "gradebook.db")) as database:
        database.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    for command in ("grade", "report", "feedback"):
        done = run(course, command, "hw", *(["--unsafe-no-sandbox"] if command == "grade" else []))
        assert done.exit_code == 1
        said = "the gradebook is of an older nbgrader; back it up, then run: nbgrader db upgrade"
        assert done.stderr.splitlines()[-1] == f"error: {said}"


def test_one_bad_homework_does_not_hide_the_others(tmp_path):
    course = small_course(tmp_path, "hw", "assert x == 3")
    text = "---\nkernelspec: {name: python3}\n---\n\n```{code-cell}\n:points\n"
    (course / "bad.md").write_text(text)
    (course / "README.md").write_text("# A course\n")
    done = run(course, "list")
    assert done.stdout == "hw: 1 points\n"
    assert done.stderr.startswith("error: bad: ")


def test_feedback_names_the_folder_that_is_configured(tmp_path):
    config = "c.CourseDirectory.feedback_directory = 'pages'\n"
    course = small_course(tmp_path, "hw", "assert x == 3", config)
    scores("hw", course)
    done = run(course, "feedback", "hw")
    assert f"{course}/pages/" in done.stdout
    assert len([*course.glob("pages/*/hw/only.html")]) == 2


def test_output_that_was_cut_is_in_the_row_and_in_the_feedback(tmp_path):
    config = "c.Coursekit.output_chars = 5000\n"
    test = "print('z' * 7000)\nassert x == 3"
    answer = "x = 3\nprint('y' * 6000)"
    course = small_course(tmp_path, "hw", test, config, answer)
    note = rows_of("hw", course)["right"].note
    assert note == ("x: output cut after 5,000 characters; test: output cut after 5,000 characters")
    run(course, "feedback", "hw")
    page = (course / "feedback" / "right" / "hw" / "only.html").read_text("utf-8")
    assert "the rest of the output is left out" in page


def test_a_warning_costs_no_points(tmp_path):
    test = "import warnings\nwarnings.warn('careful')\nassert x == 3"
    course = small_course(tmp_path, "hw", test)
    told = []
    assert scores("hw", course, told) == {"right": 1, "empty": 0}
    assert told == []


def test_scores_of_something_else_in_the_gradebook(tmp_path):
    course = small_course(tmp_path, "hw", "assert x == 3")
    scores("hw", course)
    with gradebook_of(course) as gradebook:
        gradebook.find_grade("test", "only", "hw", "right").auto_score = 0
        gradebook.db.commit()
    rows = rows_of("hw", course)
    assert (rows["right"].score, rows["right"].status) == (0, "unchanged")
    assert rows["right"].note == (
        "scores of something else are in the gradebook (test 0, here 1); look which are right, and "
        "use --force for those of here"
    )
    assert rows["empty"].note == ""
    assert rows_of("hw", course, force=True)["right"].score == 1
    assert rows_of("hw", course)["right"].note == ""


def test_marks_by_hand_after_a_resubmission(tmp_path):
    course = small_course(tmp_path, "hw", "assert x == 3")
    scores("hw", course)
    with gradebook_of(course) as gradebook:
        gradebook.find_grade("test", "only", "hw", "empty").manual_score = 0.5
        gradebook.db.commit()
    handed_in = course / "submitted" / "empty" / "hw" / "only.ipynb"
    handed_in.write_text(handed_in.read_text().replace("NotImplementedError", "ValueError"))
    rows = rows_of("hw", course)
    assert (rows["empty"].score, rows["empty"].note) == (0.5, "to mark by hand: test")
    run(course, "feedback", "hw")
    page = (course / "feedback" / "empty" / "hw" / "only.html").read_text("utf-8")
    assert "<b>0.5</b> of 1 points" in page
    assert "<td>0.5 of 1</td>" in page
    assert "marked before; waits to be looked at again" in page
    run(course, "report", "hw", "--csv", str(tmp_path / "report.csv"))
    with open(tmp_path / "report.csv", newline="") as file:
        found = {row["student"]: row for row in csv.DictReader(file)}
    assert (found["empty"]["score"], found["empty"]["test"]) == ("0.5", "0.5")
    assert found["empty"]["to_mark"] == "test"
