"""Grades as Moodle and Canvas import them, feedback under the names that they expect."""

import csv
import re
import shutil
import zipfile

import pytest
from lms_archives import CANVAS_GRADEBOOK, CLASS, WORKSHEET, notebook, pack
from tiny_homework import new_course, old_nbgrader

from coursekit.grading.lms.collect import collect
from coursekit.grading.lms.export import export
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.text import HomeworkError

POINTS = {  # of each question; None: waits
    "anna": (2, 3, 5),
    "brien": (2, 0, None),
    "chen": (0.1, 0.2, 0),
}
ARCHIVES = {  # what the system has sent: name of a file: whose it is
    "moodle": {
        "Anna Müller_71_assignsubmission_file_/tiny.ipynb": "anna",
        "Seán OBrien-Weiß_72_assignsubmission_file_/tiny.ipynb": "brien",
    },
    "canvas": {
        "mülleranna_1001_9001_tiny.ipynb": "anna",
        "obrienweißseán_LATE_1002_9002_tiny-1.ipynb": "brien",
    },
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Make a course in which three students have points, and two a page of feedback."""
    course = new_course(tmp_path_factory.mktemp("export") / "course", generate=False)
    with old_nbgrader(), nbgrader_of(course).gradebook as book:
        book.add_assignment("tiny")
        book.add_notebook("tiny", "tiny")
        for name, points in [("double-values", 2), ("double-texts", 3), ("why", 5)]:
            book.add_grade_cell(name, "tiny", "tiny", max_score=points, cell_type="code")
        for student, (first, last, email, number) in CLASS.items():
            more = {"first_name": first, "last_name": last, "email": email, "lms_user_id": number}
            book.add_student(student, **more)
        for student, points in POINTS.items():
            book.add_submission("tiny", student)
            submitted = book.find_submission_notebook("tiny", "tiny", student)
            for score, name in zip(points, ("double-values", "double-texts", "why"), strict=True):
                grade = book.find_grade(name, "tiny", "tiny", student)
                grade.auto_score, grade.needs_manual_grade = score, score is None
            submitted.late_submission_penalty = 0.5 if student == "anna" else None
        book.db.commit()
    (course / ".coursekit").mkdir()
    unreadable = '{"event": "unreadable", "student": "zoe", "reason": "=a PDF"}\n'
    (course / ".coursekit/tiny.jsonl").write_text(unreadable)
    for student in ("anna", "brien"):
        page = course / "feedback" / student / "tiny" / "tiny.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"feedback for {student}")
    return course


@pytest.fixture
def course(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "course")


def came(course, system):
    """Import what the system has sent."""
    files = {name: notebook(who) for name, who in ARCHIVES[system].items()}
    with old_nbgrader():
        return collect(system, pack(course / "x.zip", files), "tiny", course)


def write(course, system, **options):
    with old_nbgrader():
        return export(system, "tiny", course / "grades.csv", course, **options)


def table(done):
    with open(done.grades, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def pages(done):
    with zipfile.ZipFile(done.feedback) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_moodle_after_its_archive_was_imported(course):
    came(course, "moodle")
    done = write(course, "moodle")
    rows = table(done)
    assert rows[0] == {
        "Identifier": "Participant 71", "Full name": "Anna Müller",
        "Email address": "anna.mueller@uni.example", "Grade": "9.5", "Maximum Grade": "10",
        "Last modified (grade)": "-",
        "Feedback comments": "double-values: 2 of 2; double-texts: 3 of 3; why: 5 of 5",
    }  # fmt: skip
    assert [(row["Identifier"], row["Grade"]) for row in rows[1:]] == [("Participant 72", "2")]
    assert rows[1]["Feedback comments"].endswith("why: waits of 5")
    assert pages(done) == {
        "Anna Müller_71_assignsubmission_file_/tiny.html": "feedback for anna",
        "Seán OBrien-Weiß_72_assignsubmission_file_/tiny.html": "feedback for brien",
    }
    assert done.feedback.name == "grades-feedback.zip"
    assert done.notes == [
        "1 are unknown there and left out: chen",
        "1 have answers that wait for marks, which their grades lack: brien",
        "1 have no score: zoe",
    ]


def test_moodles_own_worksheet_is_filled_in(course):
    worksheet = course / "worksheet.csv"
    worksheet.write_text(WORKSHEET.replace("10.00", "100.00"), "utf-8-sig")
    done = write(course, "moodle", roster=worksheet)
    first, second = table(done)
    assert list(first) == WORKSHEET.splitlines()[0].split(",")
    assert (first["Identifier"], first["ID number"], first["Grade"]) == (
        "Participant 71", "anna", "9.5"
    )  # fmt: skip
    assert first["Last modified (submission)"] == "Thursday, 31 January 2030, 11:20 AM"
    assert (second["Email address"], second["Grade"]) == ("chen@uni.example", "0.3")
    assert pages(done) == {"Anna Müller_71_assignsubmission_file_/tiny.html": "feedback for anna"}
    assert (
        "Moodle's maximum is 100.00, the homework has 10 points: make them equal in the"
        in (done.notes[0])
    )
    assert "no feedback packed for 1, without their number: brien" in done.notes


def test_moodle_can_tell_the_folders_and_rows_apart(course):
    """What its importer looks for: a number between underscores, and "Participant NUMBER"."""
    came(course, "moodle")
    done = write(course, "moodle")
    for name in pages(done):
        _, number, kind, plugin, rest = name.split("/")[0].split("_", 4)
        assert (number.isdigit(), kind, plugin, rest) == (True, "assignsubmission", "file", "")
    for row in table(done):
        assert re.fullmatch(r"Participant \d+", row["Identifier"])


def test_canvas_after_its_archive_was_imported(course):
    came(course, "canvas")
    done = write(course, "canvas")
    points, anna, brien, chen = table(done)
    assert list(points) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "tiny"]
    assert (points["Student"], points["tiny"]) == ("    Points Possible", "10")
    assert anna == {"Student": "Müller, Anna", "ID": "1001", "SIS User ID": "", "Section": "",
                    "SIS Login ID": "anna", "tiny": "9.5"}  # fmt: skip
    assert (brien["ID"], brien["tiny"], chen["ID"], chen["tiny"]) == ("1002", "2", "1003", "0.3")
    assert pages(done) == {
        "mülleranna_1001_9001_tiny.html": "feedback for anna",
        "obrienweißseán_LATE_1002_9002_tiny.html": "feedback for brien",
    }
    assert done.notes[0].startswith("Canvas will ask which assignment 'tiny' is; with its exported")


def test_canvas_finds_user_and_file_in_the_names_of_feedback(course):
    """What its importer looks for: the first two numbers between underscores, LATE left out."""
    came(course, "canvas")
    numbers = [re.findall(r"(?<=_)\d+(?=_)", name)[:2] for name in pages(write(course, "canvas"))]
    assert numbers == [["1001", "9001"], ["1002", "9002"]]


def test_canvas_own_gradebook_gives_the_column(course):
    (course / "gradebook.csv").write_text(CANVAS_GRADEBOOK)
    done = write(course, "canvas", roster=course / "gradebook.csv")
    points, anna, brien, chen = table(done)
    assert list(points)[-1] == "Tiny (4711)"
    assert points["Tiny (4711)"] == "10"
    assert anna == {"Student": "Müller, Anna", "ID": "501", "SIS User ID": "u1", "Section": "A",
                    "SIS Login ID": "anna", "Tiny (4711)": "9.5"}  # fmt: skip
    assert brien["ID"] == "1002"  # not in the table, but the gradebook has the number
    assert (chen["ID"], chen["Tiny (4711)"]) == ("502", "0.3")
    assert "no feedback packed for 2, not in an imported archive: anna, brien" in done.notes


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        ("Homework 1: tiny (1),Homework 2 (2)", "Homework 1: tiny (1)"),
        ("tiny (1),tiny steps (2)", "tiny (1)"),
        ("tiny steps (1),tiny house (2)", None),
        ("other (1)", None),
        ("tiny", None),  # no number: not a column of an assignment
    ],
)
def test_which_column_of_canvas(course, titles, found):
    head = "Student,ID,SIS User ID,SIS Login ID,Section"
    (course / "g.csv").write_text(f'{head},{titles}\n"Müller, Anna",501,u1,anna,A\n')
    if found:
        assert list(table(write(course, "canvas", roster=course / "g.csv"))[0])[-1] == found
    else:
        known = ", ".join(t for t in titles.split(",") if "(" in t) or "none"
        with pytest.raises(HomeworkError, match=f"is called 'tiny'; there are: {re.escape(known)}"):
            write(course, "canvas", roster=course / "g.csv")


def test_a_table_for_a_spreadsheet(course):
    done = write(course, "csv")
    rows = {row["student"]: row for row in table(done)}
    assert rows["anna"] == {
        "student": "anna", "last_name": "Müller", "first_name": "Anna",
        "email": "anna.mueller@uni.example", "score": "9.5", "max_score": "10.0", "to_mark": "",
        "no_score": "",
    }  # fmt: skip
    assert (rows["brien"]["score"], rows["brien"]["to_mark"]) == ("2.0", "why")
    assert (rows["zoe"]["score"], rows["zoe"]["no_score"]) == ("", "'=a PDF")  # no formula
    assert pages(done) == {
        "anna/tiny.html": "feedback for anna", "brien/tiny.html": "feedback for brien"
    }  # fmt: skip


def test_nobody_knows_the_numbers_of_moodle(course):
    said = "nobody can tell the students' numbers there; name the grading worksheet by --roster"
    with pytest.raises(HomeworkError, match=said):
        write(course, "moodle")
    came(course, "canvas")  # whose numbers are others
    with pytest.raises(HomeworkError, match=said):
        write(course, "moodle")


def test_a_table_of_the_other_system(course):
    (course / "g.csv").write_text(CANVAS_GRADEBOOK)
    with pytest.raises(HomeworkError, match="has no column Identifier, Grade, Last modified"):
        write(course, "moodle", roster=course / "g.csv")
    (course / "w.csv").write_text(WORKSHEET)
    with pytest.raises(HomeworkError, match="has no column Student, ID, Section; it has: Ident"):
        write(course, "canvas", roster=course / "w.csv")


def test_the_table_of_the_system_is_not_overwritten(course):
    (course / "grades.csv").write_text(WORKSHEET)
    with pytest.raises(HomeworkError, match="would be overwritten; name another file"):
        write(course, "moodle", roster=course / "grades.csv")


def test_no_feedback_yet(course):
    shutil.rmtree(course / "feedback")
    done = write(course, "csv")
    assert done.feedback is None
    assert "no feedback to pack; run: coursekit feedback tiny" in done.notes
