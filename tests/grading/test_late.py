"""Late penalties: nbgrader's plugin, extensions of one student, and both changed afterwards."""

import csv

import pytest
from small_courses import gradebook_of, rows_of, small_course
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.grading.pages.report import read_report

PLUGIN = """\
from nbgrader.plugins import LateSubmissionPlugin


class HalfADay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * total_seconds_late / 86400
"""
CONFIG = f"exec({PLUGIN!r})\nc.AssignLatePenalties.plugin_class = HalfADay\n"


@pytest.fixture
def course(tmp_path):
    """One submission is a day late, another in time, with one point each."""
    course = small_course(tmp_path, "hw", "assert x == 3", CONFIG)
    for student, day in [("right", 2), ("empty", 1)]:
        place = course / "submitted" / student / "hw"
        place.joinpath("timestamp.txt").write_text(f"2024-03-0{day} 12:00:00 UTC")
    (course / "submitted" / "empty").rename(course / "submitted" / "in-time")
    content = (course / "submitted" / "right" / "hw" / "only.ipynb").read_bytes()
    (course / "submitted" / "in-time" / "hw" / "only.ipynb").write_bytes(content)
    with gradebook_of(course) as gradebook:
        gradebook.update_or_create_assignment("hw", duedate="2024-03-01 12:00:00 UTC")
    return course


def scores(course, **options):
    return {s: (row.score, row.status) for s, row in rows_of("hw", course, **options).items()}


def exported(course):
    with open(course / "grades.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_the_plugin_and_an_extension(course):
    assert scores(course) == {"right": (0.5, "graded"), "in-time": (1, "graded")}
    with gradebook_of(course) as gradebook:
        gradebook.grant_extension("hw", "right", hours=12)
    row = rows_of("hw", course)["right"]
    assert (row.score, row.status) == (0.75, "unchanged")
    assert "late: 0.25 points taken off; late penalty worked out anew: 0.25, was 0.5" in row.note
    with gradebook_of(course) as gradebook:
        gradebook.grant_extension("hw", "right", days=1)
    assert scores(course) == {"right": (1, "unchanged"), "in-time": (1, "unchanged")}
    assert exported(course) == {"right": 1, "in-time": 1}
    assert read_report("hw", course).scores == {"right": 1, "in-time": 1}
    assert scores(course, force=True)["right"] == (1, "graded")  # which keeps it
    assert rows_of("hw", course)["right"].note == ""


def test_another_deadline_for_all(course):
    assert scores(course)["right"] == (0.5, "graded")
    with gradebook_of(course) as gradebook:
        gradebook.update_or_create_assignment("hw", duedate="2024-02-29 12:00:00 UTC")
    assert scores(course) == {"right": (0, "unchanged"), "in-time": (0.5, "unchanged")}
    done = CliRunner().invoke(app, ["feedback", "hw", "--course", str(course)])
    assert done.exit_code == 0
    page = (course / "feedback" / "right" / "hw" / "only.html").read_text("utf-8")
    assert "<b>0</b> of 1 points, 1 taken off for being late" in page


def test_a_penalty_is_taken_from_the_marks_that_are_there(course):
    assert scores(course)["right"] == (0.5, "graded")
    with gradebook_of(course) as gradebook:
        gradebook.find_grade("test", "only", "hw", "right").manual_score = 0
        gradebook.db.commit()
    assert scores(course)["right"] == (0, "unchanged")
    assert exported(course)["right"] == 0
