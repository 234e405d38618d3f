"""Some tests graded again: who gains, who loses, and that all else stays as it was."""

import msgpack
import pytest
from test_grade import ANSWERS, autograded, change, course, dump, grade_here, handed_in, ran  # noqa: F401
from tiny_homework import TINY, hand_in, run_here

from coursekit.grading.again import _needed, shortened
from coursekit.homework.text import HomeworkError

VALUES = 'assert double(pi) == 2 * pi, "The double of pi is not right."'
TEXTS = 'assert double("ab") == "abab", "Texts can be doubled too."'


def rows_of(course, **options):  # noqa: F811
    return {row.student: row for row in grade_here(course, **options)}


def mend(course, *changes):  # noqa: F811
    text = TINY
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (course / "tiny.md").write_text(text)


def grades(course, student):  # noqa: F811
    return {name: rest for name, *rest in dump(course)[student]["grades"]}


def test_who_gains_and_who_loses(course, ran):  # noqa: F811
    grade_here(course)
    ran.clear()
    # texts need not be doubled any more; and a test that nobody was asked about fails for all
    mend(course, (TEXTS, "assert double(1) == 2"), (VALUES, "assert False"))
    rows = rows_of(course, only=["double-texts"])
    assert sorted(ran) == sorted(ANSWERS)
    assert {who: (row.before, row.score) for who, row in rows.items()} == {
        "half": (2, 5), "perfect": (5, 5), "syntax": (0, 0), "untouched": (0, 0)
    }  # fmt: skip
    mend(course, (TEXTS, "assert False"))
    rows = rows_of(course, only=["double-texts"])
    assert (rows["perfect"].before, rows["perfect"].score) == (5, 2)
    assert ",perfect,,,,2.0,0.0,2.0,10.0" in (course / "grades.csv").read_text()
    assert "Texts" not in autograded(course, "half").read_text()


def test_manual_marks_comments_and_other_scores_stay(course, ran):  # noqa: F811
    grade_here(course)

    def mark(submission):
        (notebook,) = submission.notebooks
        marks = {grade.name: grade for grade in notebook.grades}
        marks["why"].manual_score, marks["why"].needs_manual_grade = 4, False
        marks["double-values"].manual_score = 1.5
        marks["double-values"].extra_credit = 0.5
        for comment in notebook.comments:
            comment.manual_comment = f"Well done: {comment.name}"

    change(course, "half", mark)
    before = dump(course)["half"]
    mend(course, (TEXTS, "assert double(1) == 2"))
    row = rows_of(course, only=["double-texts"])["half"]
    assert (row.before, row.score, row.note) == (6, 9, "")  # nothing to be looked at again
    after = dump(course)["half"]
    assert after["comments"] == before["comments"]
    changed = [pair for pair in zip(before["grades"], after["grades"], strict=True)
               if pair[0] != pair[1]]  # fmt: skip
    assert changed == [(("double-texts", 0, None, False), ("double-texts", 3, None, False))]
    # of the test itself a mark by hand stays, and is to be looked at again, as nbgrader does
    row = rows_of(course, only=["double-values"])["half"]
    assert (row.before, row.score, row.note) == (9, 9, "to mark by hand: double-values")
    assert grades(course, "half")["double-values"] == [2, 1.5, True]


def test_a_full_grading_afterwards_runs_only_if_more_has_changed(course, ran):  # noqa: F811
    grade_here(course)
    mend(course, (TEXTS, "assert double(1) == 2"))
    grade_here(course, only=["double-texts"])
    again = dump(course)
    ran.clear()
    assert {row.status for row in grade_here(course)} == {"unchanged"}
    assert ran == []
    grade_here(course, force=True)
    assert dump(course) == again  # what was put together is what a full grading gives

    mend(course, (TEXTS, "assert double(1) == 2"), (VALUES, "assert False"))
    grade_here(course, only=["double-texts"])
    ran.clear()
    assert {row.status for row in grade_here(course)} == {"graded"}
    assert sorted(ran) == sorted(ANSWERS)

    mend(course, (TEXTS, "assert True"), (VALUES, "assert True"))
    grade_here(course, only=["double-texts"])
    grade_here(course, only=["double-values"])  # now both are up to date
    ran.clear()
    assert {row.status for row in grade_here(course)} == {"unchanged"}
    assert ran == []


def test_who_has_to_be_graded_in_full_first(course, ran):  # noqa: F811
    grade_here(course, students=["half", "perfect", "syntax"])
    hand_in(course, "half", ANSWERS["perfect"][0])
    (course / "submitted/syntax/tiny/tiny.ipynb").write_text("{")
    ran.clear()
    rows = rows_of(course, only=["double-texts"])
    assert ran == ["perfect"]
    assert rows["perfect"].status == "graded"
    assert (rows["half"].status, rows["half"].score) == ("skipped", 2)
    said = "was handed in again since it was graded; run: coursekit grade tiny --student half"
    assert rows["half"].note == said
    assert rows["untouched"].status == "skipped"
    assert rows["untouched"].note.startswith("is not graded yet; run: coursekit grade tiny")
    assert rows["syntax"].status == "unreadable"


def test_a_result_of_an_older_version_is_not_built_on(course, ran):  # noqa: F811
    grade_here(course, students=["half"])
    path = course / ".coursekit/tiny/half.msgpack"
    fingerprint, result = msgpack.unpackb(path.read_bytes())
    del result["handed_in"]
    path.write_bytes(msgpack.packb([fingerprint, result]))
    (row,) = grade_here(course, students=["half"], only=["double-texts"])
    assert row.note.startswith("has no full grading of this version that came to its end; run:")


def test_a_wrong_name_lists_those_there_are(course, ran):  # noqa: F811
    said = "no test called why in tiny; there are: double-values, double-texts."
    with pytest.raises(HomeworkError, match=said):
        grade_here(course, only=["double-values", "why"])
    assert ran == []


def test_a_kill_before_the_gradebook_has_it(course, ran, monkeypatch):  # noqa: F811
    grade_here(course)
    change(course, "half", lambda one: setattr(one.notebooks[0].grades[0], "manual_score", 1))
    mend(course, (TEXTS, "assert double(1) == 2"))

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("coursekit.grading.writer.write", killed)
        with pytest.raises(KeyboardInterrupt):
            grade_here(course, students=["half"], only=["double-texts"])
    ran.clear()
    before = dump(course)["half"]
    rows = rows_of(course, students=["half"])
    assert ran == []  # the result was kept
    assert rows["half"].status == "graded"
    after = dump(course)["half"]
    assert after["grades"] != before["grades"]
    assert [g[2:] for g in after["grades"]] == [g[2:] for g in before["grades"]]  # nothing by hand


# What runs ---------------------------------------------------------------------------------


def cell(kind, name, source):
    marks = {
        "test": {"grade": True, "solution": False, "points": 1},
        "answer": {"grade": False, "solution": True},
        "locked": {"grade": False, "solution": False, "locked": True},
    }[kind]
    return {"cell_type": "code", "source": source, "id": name,
            "metadata": {"nbgrader": marks | {"grade_id": name}}}  # fmt: skip


CELLS = [
    cell("locked", "setup", "import math"),
    cell("answer", "f", "def f(x): return x"),
    cell("test", "first", "from math import pi\nassert f(pi)"),
    cell("test", "second", "def helper(y): return y + pi\nx = 1"),
    cell("test", "third", "x = 2\nassert helper(x)"),
    cell("answer", "g", "def g(x): return x"),
    cell("test", "fourth", "assert g(1)"),
    cell("answer", "h", "def h(x): return x"),
]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ("first", ["setup", "f", "first"]),
        ("third", ["setup", "f", "first", "second", "third"]),  # helper, and its pi
        ("fourth", ["setup", "f", "g", "fourth"]),
    ],
)
def test_only_what_a_test_needs_runs(chosen, left):
    job = {"notebook": {"cells": CELLS}}
    made = shortened(job, [chosen])["notebook"]["cells"]
    assert [one["id"] for one in made if one["source"]] == left
    assert made[-1]["id"] == chosen
    assert CELLS[2]["source"]  # the job itself is as it was


def test_a_name_that_a_test_binds_itself_needs_no_other_test():
    cells = [cell("test", "a", "x = 1"), cell("test", "b", "x = 2\nassert x")]
    assert _needed(cells, {1}) == {1}


def test_notes_follow_the_tests(course, monkeypatch):  # noqa: F811
    """A note on a test that is graded again goes, or is replaced; others stay."""
    said = {"n": 0}

    def run_job(job):
        said["n"] += 1
        made = run_here(job)
        cells = job["notebook"]["cells"]
        rows = [
            {"id": c["id"], "index": k, "role": "test" if c["id"].startswith("double-") else "own",
             "seconds": 0.1, "error": "", "stopped": False}
            for k, c in enumerate(cells) if c["cell_type"] == "code"
        ]  # fmt: skip
        places = {row["id"]: row for row in rows}
        notes = []
        if said["n"] == 1:
            notes = [f"cell {places['double-texts']['index']}: the test ran longer than 1 s",
                     f"cell {places['double']['index']}: slow",
                     "only together: double-texts"]  # fmt: skip
            places["double-texts"]["together"] = "passed"
        else:
            notes = [f"tampered with: double-texts, run {said['n']}"]
        return made | {"cells": rows, "notes": notes}

    monkeypatch.setattr("coursekit.grading.runner.run_job", run_job)
    (row,) = grade_here(course, students=["perfect"])
    assert row.note.count(";") == 3
    (row,) = grade_here(course, students=["perfect"], only=["double-texts"])
    waits = "to mark by hand: why"
    assert row.note == f"{waits}; cell 2: slow; tampered with: double-texts, run 2"
