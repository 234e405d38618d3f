"""Write grades as Moodle and Canvas import them, and pack the feedback under the names they expect.

Moodle takes a grading worksheet (``Identifier``, ``Grade``, ``Last modified (grade)`` and a column
for comments) and feedback files in folders ``Full name_NUMBER_assignsubmission_file_``. Canvas
takes a gradebook (``Student``, ``ID``, ``SIS User ID``, ``SIS Login ID``, ``Section``, a column for
the assignment with its number in brackets, a row ``Points Possible``) and feedback under the names
of its own archive of submissions.
"""

import csv
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from coursekit.grading.lms.collect import handed_in, some
from coursekit.grading.lms.roster import plain_name, read_roster
from coursekit.grading.pages.report import inert, read_report
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.text import HomeworkError

__all__ = ["Exported", "export"]

WORKSHEET = ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade",
             "Last modified (grade)", "Feedback comments")  # fmt: skip
GRADEBOOK = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
OWN = ("student", "last_name", "first_name", "email", "score", "max_score", "to_mark", "no_score")


@dataclass
class Exported:
    """What was written."""

    grades: Path
    students: int = 0
    feedback: Path | None = None
    pages: int = 0
    notes: list = field(default_factory=list)


def export(system, homework, path, course="assignments", roster=None):
    """Write the grades of a homework, and its feedback pages into a zip file beside them.

    Late penalties are taken off. Who has no score gets no grade.

    Parameters
    ----------
    system : str
        "moodle", "canvas" or "csv".
    homework : str
    path : str or Path
        The table to write; the feedback goes to ``NAME-feedback.zip`` beside ``NAME.csv``.
    course : str or Path
    roster : str or Path, optional
        The table that the system has exported: Moodle's grading worksheet, Canvas' gradebook. It is
        filled in. Default: what importing the archive of submissions has kept.

    Returns
    -------
    Exported

    Raises
    ------
    HomeworkError
        Nothing is graded, or nobody can tell who is who.
    """
    if roster and Path(roster).resolve() == Path(path).resolve():
        raise HomeworkError(f"{path} would be overwritten; name another file for the grades.")
    report = read_report(homework, course)
    api = nbgrader_of(course)
    with api.gradebook as gradebook:
        people = read_roster(gradebook, system, roster)
    kept = {
        student: one
        for student, one in handed_in(api.coursedir, homework).items()
        if one["system"] == system
    }
    done = Exported(Path(path))
    columns, rows = {"moodle": _moodle, "canvas": _canvas, "csv": _own}[system](
        report, people, kept, done
    )
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    _pack(system, report, people, kept, done)
    if report.waiting:
        done.notes.append(
            f"{len(report.waiting)} have answers that wait for marks, which their grades lack: "
            f"{some(list(report.waiting))}"
        )
    if missing := sorted({*report.not_graded} - {*report.scores}):
        done.notes.append(f"{len(missing)} have no score: {some(missing)}")
    return done


# Tables ------------------------------------------------------------------------------------


def _moodle(report, people, kept, done):
    """Return Moodle's grading worksheet."""
    if people.table:
        _require(people.table, WORKSHEET[0], WORKSHEET[3], WORKSHEET[5])
        most = {row.get("Maximum Grade") or row.get("Maximum grade") for row in people.table.rows}
        for said in sorted(most - {None, ""}):
            if _number(said) != report.max_score:
                done.notes.append(
                    f"Moodle's maximum is {said}, the homework has {report.max_score:g} points: "
                    "make them equal in the settings of the assignment"
                )
        columns = people.table.columns
    else:
        columns = WORKSHEET
    rows = []
    for student in _known(report, people, kept, done, "the grading worksheet"):
        person = people.of(student)
        number = person.number or kept[student]["number"]
        row = {
            "Identifier": f"Participant {number}",
            "Full name": inert(person.name),
            "Email address": person.email,
            "Maximum Grade": f"{report.max_score:g}",
            "Last modified (grade)": "-",
        }
        row |= person.row
        row |= {
            "Grade": f"{report.scores[student]:.10g}",
            "Feedback comments": _points(report, student),
        }
        rows.append(row)
    return columns, rows


def _canvas(report, people, kept, done):
    """Return Canvas' gradebook with the column of the assignment."""
    if people.table:
        _require(people.table, *GRADEBOOK[:2], GRADEBOOK[4])
        end = people.table.columns.index("Section") + 1
        columns, title = people.table.columns[:end], _title(people.table, report.homework)
    else:
        columns, title = list(GRADEBOOK), report.homework
        done.notes.append(
            f"Canvas will ask which assignment {title!r} is; with its exported gradebook as "
            "--roster the column has its number"
        )
    rows = [{columns[0]: "    Points Possible", title: f"{report.max_score:g}"}]
    for student in _known(report, people, kept, done, "the exported gradebook"):
        person = people.of(student)
        row = {
            "Student": inert(person.sortable),
            "ID": person.number or kept[student]["number"],
            "SIS Login ID": student,
        }
        rows.append(row | person.row | {title: f"{report.scores[student]:.10g}"})
    return [*columns, title], rows


def _title(table, homework):
    """Return the column of the assignment that is called as the homework, or like it."""
    titles = [name for name in table.columns[table.columns.index("Section") + 1 :]
              if re.fullmatch(r".+ \(\d+\)", name)]  # fmt: skip
    names = {title: plain_name(re.sub(r" \(\d+\)$", "", title)) for title in titles}
    wanted = plain_name(homework)
    for found in (
        [title for title in titles if names[title] == wanted],
        [title for title in titles if wanted in names[title]],
    ):
        if len(found) == 1:
            return found[0]
    known = ", ".join(titles) or "none"
    raise HomeworkError(
        f"{table.path}: no assignment, or more than one, is called {homework!r}; there are: "
        f"{known}. Rename its column in a copy of the table, and leave the number in brackets."
    )


def _own(report, people, kept, done):
    """Return a table for a spreadsheet."""
    rows = []
    for student in sorted({*report.scores, *report.not_graded}):
        person = people.of(student)
        rows.append(
            {
                "student": inert(student),
                "last_name": inert(person.last),
                "first_name": inert(person.first),
                "email": inert(person.email),
                "score": report.scores.get(student, ""),
                "max_score": report.max_score,
                "to_mark": inert(" ".join(report.waiting.get(student, []))),
                "no_score": inert(report.not_graded.get(student, "")),
            }
        )
    done.students = len(rows)
    return OWN, rows


def _require(table, *names):
    if missing := [name for name in names if name not in table.columns]:
        raise HomeworkError(
            f"{table.path} has no column {', '.join(missing)}; it has: {', '.join(table.columns)}."
        )


def _known(report, people, kept, done, table):
    """Return the students with a score whom the system knows, and say who is not among them."""
    known = [s for s in sorted(report.scores) if people.of(s).number or s in kept]
    unknown = sorted({*report.scores} - {*known})
    if not known:
        raise HomeworkError(
            f"nobody can tell the students' numbers there; name {table} by --roster, or import the "
            "archive of submissions first."
        )
    if unknown:
        done.notes.append(f"{len(unknown)} are unknown there and left out: {some(unknown)}")
    done.students = len(known)
    return known


def _points(report, student):
    """Return what a student reads beside the grade: the points of each question."""
    marks, points = report.marks[student], {q.name: q.points for q in report.questions}
    return "; ".join(
        f"{name}: {'waits' if score is None else f'{score:g}'} of {points[name]:g}"
        for name, score in sorted(marks.items(), key=lambda one: [*points].index(one[0]))
    )


def _number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


# Feedback ----------------------------------------------------------------------------------


def _pack(system, report, people, kept, done):
    """Write the feedback pages of those who have a grade into a zip file."""
    if not report.pages:
        done.notes.append(f"no feedback to pack; run: coursekit feedback {report.homework}")
        return
    names, lost = {}, set()
    for (student, part), page in sorted(report.pages.items()):
        if student not in report.scores:
            continue
        if name := _name_of_page(system, people.of(student), part, kept.get(student)):
            names[name] = page
        else:
            lost.add(student)
    if lost:
        said = "without their number" if system == "moodle" else "not in an imported archive"
        done.notes.append(f"no feedback packed for {len(lost)}, {said}: {some(sorted(lost))}")
    if names:
        done.feedback = done.grades.with_name(f"{done.grades.stem}-feedback.zip")
        with zipfile.ZipFile(done.feedback, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, page in names.items():
                archive.write(page, name)
        done.pages = len(names)


def _name_of_page(system, person, part, kept):
    """Return how a system knows whose a feedback page is, None if it cannot."""
    if system == "csv":
        return f"{person.student}/{part}.html"
    number = person.number or (kept or {}).get("number")
    if system == "moodle":
        name = re.sub(r'[_/\\:*?"<>|]', " ", (kept or {}).get("name") or person.name)
        return number and f"{name}_{number}_assignsubmission_file_/{part}.html"
    if not kept or not (file := kept["files"].get(part)):
        return None
    late = "_LATE" if kept["late"] else ""
    return f"{kept['name']}{late}_{number}_{file}_{part}.html"
