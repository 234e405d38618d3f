"""Who is who: the students of a course, by the numbers and names that Moodle and Canvas use.

They come from nbgrader's gradebook, and from a table that the system itself exports: Moodle's
grading worksheet of the assignment, Canvas' gradebook, or a table as ``nbgrader db student import``
takes it.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path

from coursekit.homework.text import HomeworkError

__all__ = ["Person", "Roster", "Table", "plain_name", "read_roster"]

KEYS = ("ID number", "Username", "SIS Login ID", "SIS User ID", "Email address", "email", "ID")


@dataclass(frozen=True)
class Person:
    """One student."""

    student: str  # nbgrader's name
    first: str = ""
    last: str = ""
    full: str = ""  # where first and last name are not known apart
    email: str = ""
    number: str = ""  # of the system: Moodle's participant, Canvas' user
    row: dict = field(default_factory=dict, hash=False)  # of the table

    @property
    def name(self):
        """The full name, as Moodle shows it; the student's name in nbgrader if there is none."""
        return self.full or f"{self.first} {self.last}".strip() or self.student

    @property
    def sortable(self):
        """The full name, as Canvas shows it."""
        return f"{self.last}, {self.first}" if self.last and self.first else self.name


@dataclass(frozen=True)
class Table:
    """A table that a system has exported."""

    path: Path
    columns: list
    rows: list  # of dict


@dataclass(frozen=True)
class Roster:
    """The students of a course.

    Attributes
    ----------
    people : list of Person
    table : Table or None
    """

    people: list
    table: Table | None = None

    def find(self, number, name):
        """Return who it is by the system's number, else by the name.

        Returns
        -------
        Person or None
        why : str
            Why it is None.
        """
        if number and (found := [one for one in self.people if one.number == number]):
            return found[0], ""
        for part in [name, *_ends(name)]:
            key = plain_name(part)
            found = [one for one in self.people if key and key in _names(one)]
            if len(found) == 1:
                return found[0], ""
            if found:
                who = ", ".join(one.student for one in found)
                return None, f"{len(found)} students have this name: {who}"
        return None, "nobody has this name or number"

    def of(self, student):
        """Return a student by nbgrader's name, with nothing but that if unknown."""
        return next((one for one in self.people if one.student == student), Person(student))


def plain_name(name):
    """Return a name without accents, case, blanks and signs.

    Examples
    --------
    >>> plain_name("Zoë O'Brien-Weiß") == plain_name("zoe obrienweiss")
    True
    """
    flat = unicodedata.normalize("NFKD", name).casefold()
    flat = unicodedata.normalize("NFKD", flat).translate(LETTERS)
    return "".join(letter for letter in flat if letter.isalnum())


LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def _names(person):
    """Return how the name of a person may be written."""
    whole = plain_name(person.full)
    first, last = plain_name(person.first), plain_name(person.last)
    return {whole, first + last, last + first} - {""}


def _ends(name):
    """Return what follows each hyphen: Moodle puts a group and a hyphen before a name."""
    return [name[found.end() :] for found in re.finditer("-", name)]


def read_roster(gradebook, system, path=None):
    """Return the students of a gradebook and of a table.

    A row of the table is the student of the gradebook whose name in nbgrader, e-mail address or
    number it has; else a new one, called as the first of its columns ID number, Username, SIS Login
    ID, SIS User ID, Email address and ID says.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
    system : str
        "moodle", "canvas" or "csv".
    path : str or Path, optional
        The table.

    Returns
    -------
    Roster

    Raises
    ------
    HomeworkError
        What is wrong with the table.
    """
    people = {
        one.id: Person(
            one.id,
            one.first_name or "",
            one.last_name or "",
            email=one.email or "",
            # Moodle numbers its participants anew for each assignment
            number="" if system == "moodle" else one.lms_user_id or "",
        )
        for one in gradebook.students
    }
    if path is None:
        return Roster(list(people.values()))
    table = _read_table(path)
    known = {key.casefold(): one.student for one in people.values()
             for key in (one.student, one.email, one.number) if key}  # fmt: skip
    for line, row in enumerate(table.rows, 2):
        if one := _person(row, known, f"{path}:{line}"):
            old = people.get(one.student, one)
            better = {key: value for key in ("first", "last", "full", "email", "number", "row")
                      if (value := getattr(one, key))}  # fmt: skip
            people[one.student] = replace(old, **better)
    return Roster(list(people.values()), table)


def _read_table(path):
    """Read a CSV file, be it separated by commas, semicolons or tabs."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise HomeworkError(f"{path} is no text in UTF-8; save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=mark, restkey="", restval="")
    columns = [name or "" for name in rows.fieldnames or []]
    if not {"id", "ID", "Identifier", *KEYS} & {*columns}:
        known = ", ".join(["Identifier", "id", *KEYS])
        raise HomeworkError(
            f"{path} names no students: of {known} it has no column, but "
            f"{', '.join(columns) or 'none at all'}; export it from Moodle or Canvas in English."
        )
    return Table(Path(path), columns, [{name: row[name] or "" for name in columns} for row in rows])


def _person(row, known, where):
    """Return who a row of a table is, None for one that is no student's."""
    value = {key: text.strip() for key, text in row.items()}
    canvas = "Student" in value
    if canvas and value["Student"].startswith(("Points Possible", "Student, Test")):
        return None
    number = re.sub(r"\D", "", value.get("Identifier", "")) or value.get("lms_user_id", "")
    number = value.get("ID", "") if canvas else number
    email = value.get("Email address") or value.get("email") or ""
    keys = [value.get("id", ""), *(value.get(key, "") for key in KEYS)]
    keys = [key for key in [*keys, email.partition("@")[0], number] if key]
    if not keys:
        return None
    student = next((known[key.casefold()] for key in keys if key.casefold() in known), keys[0])
    if "/" in student or student.startswith("."):
        raise HomeworkError(f"{where}: {student!r} can be no name of a folder; change it.")
    last, comma, first = value.get("Student", "").partition(", ")
    return Person(
        student,
        value.get("First name") or value.get("first_name") or (first if comma else ""),
        value.get("Last name") or value.get("Surname") or value.get("last_name")
        or (last if comma else ""),
        value.get("Full name") or ("" if comma else last),
        email,
        number,
        row,
    )  # fmt: skip
