"""Reports: what gradebook and results say, as table, page and CSV."""

import csv
import json
import shutil
from dataclasses import replace

import msgpack
import numpy as np
import pytest
from places import COURSE
from tiny_homework import old_nbgrader

from coursekit.grading.pages.report import (
    Question,
    Report,
    message_of,
    read_report,
    to_csv,
    to_html,
)
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.text import HomeworkError

CONFIG = COURSE / "nbgrader_config.py"
HOSTILE = "<script>alert('x')</script>"
CELLS = {"easy": 2, "hard": 3, "why": 5}
CLASS = {  # who: points of easy, hard, why (None: not marked yet), what the tests said
    "1001": (2, 3, 5, {}),
    "1002": (2, 0, None, {"hard": "AssertionError: At x = 0.25 the slope is 17, not right."}),
    "1003": (2, 1.5, 0, {}),
    "1004": (0, 0, 0, {"easy": "NotImplementedError: ",
                       "hard": "AssertionError: At x = -3e-5 the slope is 4, not right."}),
    "=1+1": (2, 0, None, {"hard": f"ValueError: {HOSTILE} \x1b[31m"}),
}  # fmt: skip


def result(student, messages, **more):
    cells = [
        {"id": name, "index": k, "role": "test", "seconds": 0.1 * (k + 1),
         "error": messages.get(name, ""), "stopped": student == "1004" and name == "hard"}
        for k, name in enumerate(CELLS)
    ]  # fmt: skip
    own = {"id": None, "index": 9, "role": "own", "seconds": 50.0, "error": "", "stopped": False}
    facts = {"student": student, "homework": "hw", "status": "ok", "reason": "", "notes": []}
    return facts | {"cells": [*cells, own], "seconds": 1.5, "sandbox": student != "1003"} | more


def fill(book):
    book.add_assignment("hw")
    book.add_notebook("hw", "hw")
    for name, points in CELLS.items():
        kind = "markdown" if name == "why" else "code"
        book.add_grade_cell(name, "hw", "hw", max_score=points, cell_type=kind)
    for student, (*points, _) in CLASS.items():
        book.add_student(student)
        book.add_submission("hw", student)
        notebook = book.find_submission_notebook("hw", "hw", student)
        for name, score in zip(CELLS, points, strict=True):
            grade = book.find_grade(name, "hw", "hw", student)
            grade.auto_score, grade.needs_manual_grade = score, score is None
        notebook.late_submission_penalty = 1 if student == "1001" else None
    book.db.commit()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Fill a gradebook and the results of a class."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(CONFIG, course)
    results = course / ".coursekit" / "hw"
    results.mkdir(parents=True)
    with old_nbgrader(), nbgrader_of(course).gradebook as book:
        fill(book)
    for student, (*_, messages) in CLASS.items():
        packed = msgpack.packb(["fingerprint", result(student, messages)])
        (results / f"{student}.msgpack").write_bytes(packed)
    failed = result("1009", {}, status="failed", reason="the judge ended", cells=[])
    (results / "1009.msgpack").write_bytes(msgpack.packb(["fingerprint", failed]))
    (results / "1010.msgpack").write_bytes(b"\xdacut off")
    events = [
        {"event": "unreadable", "student": "1011", "reason": "its notebook is a PDF"},
        {"event": "unreadable", "student": "1002", "reason": "an empty file"},
        {"event": "result", "student": "1002"},  # handed in again
    ]
    lines = [json.dumps(event) for event in events]
    (course / ".coursekit" / "hw.jsonl").write_text("\n".join([*lines, '{"cut off']))
    page = course / "feedback" / "1004" / "hw" / "hw.html"
    page.parent.mkdir(parents=True)
    page.write_text("feedback")
    return course


@pytest.fixture(scope="module")
def report(course):
    return read_report("hw", course)


def test_scores_with_the_late_penalty(report):
    assert report.max_score == 10
    assert report.scores == {"1001": 9, "1002": 2, "1003": 3.5, "1004": 0, "=1+1": 2}
    assert report.median_score == 2


def test_histogram_counts_everybody_once(report):
    assert sum(count for _, _, count in report.histogram) == 5
    assert [count for _, _, count in report.histogram] == [1, 0, 2, 1, 0, 0, 0, 0, 0, 1]
    full = Report("hw", 10, {"a": 10.0, "b": 11.0, "c": 3.0})
    assert [count for _, _, count in full.histogram] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 2]


def test_difficulty_of_each_question(report):
    easy, hard, why = report.questions
    assert (easy.name, hard.name, why.name) == tuple(CELLS)
    assert easy.shares == pytest.approx((0.8, 0, 0.2))
    assert hard.shares == pytest.approx((0.2, 0.2, 0.6))
    assert why.shares == pytest.approx((1 / 3, 0, 2 / 3))  # of those that are marked
    assert Question("none", 3).shares == (0, 0, 0)
    assert Question("none", 3).typical_seconds == 0


def test_the_hardest_have_the_smallest_mean_share(report):
    easy, hard, why = report.questions
    assert (easy.mean_share, hard.mean_share) == pytest.approx((8 / 10, 4.5 / 15))
    assert why.mean_share == pytest.approx(5 / 15)  # of the three that are marked
    assert report.hardest == [hard, why, easy]
    assert Question("none", 3).mean_share is None


def class_of(points):
    """Return a report of a class: a row a student, a column a question."""
    names = [f"q{k}" for k in range(points.shape[1])]
    questions = [
        Question(name, 10, scores=list(column))
        for name, column in zip(names, points.T, strict=True)
    ]
    marks = {str(k): dict(zip(names, row, strict=True)) for k, row in enumerate(points)}
    return Report("hw", questions=questions, marks=marks)


def test_discrimination_is_the_corrected_item_total_correlation():
    points = np.random.default_rng(0).integers(0, 11, size=(40, 3)).astype(float)
    points[:, 1] = np.where(points.sum(axis=1) > 15, 10, 0)  # full or none
    report = class_of(points)
    for k, question in enumerate(report.questions):
        rest = points.sum(axis=1) - points[:, k]
        expected = np.corrcoef(points[:, k], rest)[0, 1]
        assert report.discrimination(question) == pytest.approx(expected, rel=1e-12)
    right = points[:, 1] > 0  # the same by the formula of the point-biserial correlation
    rest = points[:, 0] + points[:, 2]
    spread = np.sqrt(right.mean() * (1 - right.mean()))
    biserial = (rest[right].mean() - rest[~right].mean()) / rest.std() * spread
    assert report.discrimination(report.questions[1]) == pytest.approx(biserial, rel=1e-12)
    assert report.few == ""


def test_discrimination_that_cannot_be_told(report):
    assert [report.discrimination(question) for question in report.questions] == [None] * 3
    assert report.few == "discrimination is told from 20 marked answers on, there are 5"
    points = np.random.default_rng(0).integers(0, 11, size=(20, 3)).astype(float)
    points[:, 0] = 10
    constant = class_of(points)
    assert constant.discrimination(constant.questions[0]) is None
    assert constant.discrimination(constant.questions[1]) is not None
    fewer = class_of(points[:19])
    assert fewer.discrimination(fewer.questions[1]) is None


def test_discrimination_without_what_waits_for_marks():
    points = np.random.default_rng(0).integers(0, 11, size=(40, 3)).astype(float)
    report = class_of(points)
    report.questions[2] = replace(report.questions[2], waiting=["0"])
    report.marks["0"]["q2"] = None
    expected = np.corrcoef(points[:, 0], points[:, 1])[0, 1]
    assert report.discrimination(report.questions[0]) == pytest.approx(expected, rel=1e-12)
    rest = points[1:, 0] + points[1:, 1]
    expected = np.corrcoef(points[1:, 2], rest)[0, 1]
    assert report.discrimination(report.questions[2]) == pytest.approx(expected, rel=1e-12)


def test_an_example_of_a_wrong_answer_is_a_feedback_page(report, course, tmp_path):
    page = (course / "feedback/1004/hw/hw.html").resolve()
    assert report.example("hard", ["1002", "1004"]) == ("1004", page, "question-hard")
    assert report.example("hard", ["1002"]) is None
    to_html(report, course / "reports.html")
    made = (course / "reports.html").read_text()
    assert '<a href="feedback/1004/hw/hw.html#question-hard">1004</a>' in made
    to_html(replace(report, pages={}), tmp_path / "report.html")
    made = (tmp_path / "report.html").read_text()
    assert "<a " not in made
    assert "coursekit feedback hw" in made


def test_wrong_answers_are_grouped_by_their_message(report):
    assert report.wrong_answers[0] == (
        "hard", "At x = # the slope is #, not right.", ["1002", "1004"]
    )  # fmt: skip
    assert ("easy", "NotImplementedError", ["1004"]) in report.wrong_answers


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("CheckFailed: f: 2 times the expected value.\n  f(1): yours 2",
         "f: # times the expected value."),
        ("AssertionError: ", "AssertionError"),
        ("KeyError: 'x1'", "KeyError: 'x1'"),
    ],
)  # fmt: skip
def test_messages_without_what_differs(error, message):
    assert message_of(error) == message


def test_what_is_left_to_do(report):
    assert report.waiting == {"1002": ["why"], "=1+1": ["why"]}
    assert report.stopped == [("1004", ["hard"])]
    assert report.failed == {"1009": "the judge ended"}
    assert report.unreadable == {"1011": "its notebook is a PDF"}
    assert report.unsafe == ["1003"]


def test_slow_cells_of_all_students(report):
    assert [name for name, _, _ in report.slow] == ["why", "hard", "easy"]
    assert report.slow[0][1:] == pytest.approx((0.3, 0.3))


def test_table_for_a_spreadsheet(report, tmp_path):
    to_csv(report, tmp_path / "report.csv")
    with open(tmp_path / "report.csv", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"1001", "1002", "1003", "1004", "'=1+1", "1009", "1011"}
    assert rows["1011"]["failed"] == "its notebook is a PDF"
    assert rows["1003"] == {
        "student": "1003", "score": "3.5", "max_score": "10.0", "seconds": "1.50", "to_mark": "",
        "stopped": "", "failed": "", "only_together": "", "tampered": "",
        "easy": "2.0", "hard": "1.5", "why": "0.0",
    }  # fmt: skip
    assert (rows["1002"]["to_mark"], rows["1002"]["why"]) == ("why", "")
    assert (rows["1009"]["score"], rows["1009"]["failed"]) == ("", "the judge ended")


def test_nothing_graded(course):
    with pytest.raises(HomeworkError, match="nothing of other is graded; run: coursekit grade"):
        read_report("other", course)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_by_itself(report, browser, tmp_path, theme):
    page = tmp_path / "report.html"
    to_html(report, page)
    context = browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 844})
    tab, happened = context.new_page(), []
    tab.on("request", lambda request: happened.append(request.url))
    tab.on("console", lambda message: happened.append(message.text))
    tab.on("dialog", lambda dialog: happened.append(dialog.message))
    tab.goto(page.as_uri())
    assert happened == [page.as_uri()]
    assert HOSTILE in tab.locator("main").inner_text()
    assert "5 graded, 1 failed, 1 unreadable;" in tab.locator("header").inner_text()
    assert "1 of them ran without the sandbox" in tab.locator("header").inner_text()
    label = tab.locator("svg.plot").get_attribute("aria-label")
    assert "1 from 0 to 1; 2 from 2 to 3; 1 from 3 to 4; 1 from 9 to 10;" in label
    heights = tab.evaluate(
        "[...document.querySelectorAll('.plot rect')].map(e => +e.getAttribute('height'))"
    )
    assert heights == [70, 0, 140, 70, 0, 0, 0, 0, 0, 70]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 391
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    bare = page.read_text("utf-8").replace("default-src 'none'", "default-src 'unsafe-inline'")
    page.write_text(bare)
    tab.goto(page.as_uri())
    found = axe.run(tab).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in serious] == []
    context.close()
