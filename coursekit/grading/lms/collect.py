"""Take what students have handed in from the archive that Moodle or Canvas makes of it.

Moodle: ``Full name_NUMBER_assignsubmission_file/PATH``, in folders or flat, with ``_`` for
the slash.
Canvas: ``lastfirst_USER_FILE_NAME``, with ``LATE_`` before the user's number where it is late.
"""

import hashlib
import json
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path, PurePosixPath

from coursekit.grading.journal import only_one
from coursekit.grading.lms.archive import Entry, open_archive
from coursekit.grading.lms.roster import read_roster
from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.source import build

__all__ = ["Collected", "Row", "collect", "handed_in"]

MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<flat>.*))?"
)
CANVAS = re.compile(r"(?P<name>.*?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<file>\d+)_(?P<path>.+)")
CANVAS_TEXT = re.compile(r"(?P<name>.*?)(_LATE)?_(?P<number>\d+)_(text|link)\.html")
NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(\.txt|\.json)?", re.I)  # as browsers save it
COPY = re.compile(r"(-\d+| ?\(\d+\))$")  # how Canvas and browsers number files of one name
PACKING = timedelta(minutes=10)  # times of files that differ by less are when they were packed
NOT_TAKEN = {"timestamp.txt", "submission_secret.txt"}  # which only nbgrader and we write
WHAT_TO_DO = {
    "moodle": "name the grading worksheet of this assignment by --roster",
    "canvas": "name the gradebook exported from Canvas by --roster",
}


@dataclass(frozen=True)
class Row:
    """What became of one submission."""

    student: str
    status: str  # "new", "replaced", "unchanged" or "older"
    note: str = ""


@dataclass
class Collected:
    """What an archive held."""

    homework: str
    rows: list = field(default_factory=list)
    left: list = field(default_factory=list)  # what was left out, and what to do
    notes: list = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    """A file of an archive, and whose it is."""

    name: str
    number: str  # of the person
    path: str  # as it was handed in
    entry: Entry
    late: bool = False
    file: str = ""  # Canvas' number of it

    @property
    def order(self):
        """What is larger for what was handed in later."""
        return int(self.file or 0), self.entry.when


def collect(system, archive, homework, course="assignments", roster=None):
    """Put the notebooks of an archive into submitted/, where grading looks for them.

    Where a student has handed in several notebooks of one name, or has handed in before, the newest
    counts. ``timestamp.txt`` holds when it was handed in, where worksheet or archive know it.

    Parameters
    ----------
    system : str
        "moodle" or "canvas".
    archive : str or Path
        The zip file of all submissions.
    homework : str
    course : str or Path
    roster : str or Path, optional
        A table of who is who; default: the gradebook alone.

    Returns
    -------
    Collected

    Raises
    ------
    HomeworkError
        Why nothing was imported.
    """
    source = Path(build(homework, course))
    parts = [source.stem] if source.is_file() else sorted(p.stem for p in source.glob("*.ipynb"))
    api = nbgrader_of(course)
    inside = Path(api.coursedir.root, ".coursekit")
    with only_one(inside), open_archive(archive) as entries, api.gradebook as gradebook:
        people = read_roster(gradebook, system, roster)
        inbox = _Inbox(system, homework, parts, api, people)
        inbox.due = _due(gradebook, homework)
        inbox.known = {student.id for student in gradebook.students}
        inbox.take(entries)
    return inbox.found


def handed_in(coursedir, homework):
    """Return what `collect` has kept of each student: number, name, files; {} if nothing."""
    path = _record(coursedir, homework)
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _record(coursedir, homework):
    return Path(coursedir.root, ".coursekit", ".handed_in", f"{homework}.json")


def _due(gradebook, homework):
    """Return when a homework is due, in UTC; None if nobody knows."""
    from nbgrader.api import MissingEntry

    with suppress(MissingEntry):
        return gradebook.find_assignment(homework).duedate
    return None


class _Inbox:
    """One archive: everything that its steps share."""

    def __init__(self, system, homework, parts, api, people):
        self.system, self.homework, self.parts = system, homework, parts
        self.coursedir, self.people = api.coursedir, people
        self.zone = api.config.Exchange.get("timezone", "UTC")
        self.found, self.due, self.known = Collected(homework), None, set()
        self.record = handed_in(self.coursedir, homework)
        self.incoming = Path(api.coursedir.root, ".coursekit", ".incoming")

    def take(self, entries):
        """Put what is in the archive where it belongs."""
        sent = [file for entry in entries if (file := self._parsed(entry))]
        self.has_times = self.system == "moodle" and _differ([one.entry.when for one in sent])
        people, unknown = {}, {}
        for file in sent:
            key = file.number, file.name
            if key not in people and key not in unknown:
                person, why = self.people.find(*key)
                if person:
                    people[key] = person
                else:
                    unknown[key] = why
        for (number, name), why in sorted(unknown.items()):
            table = self.people.table
            do = f"add a row to {table.path}" if table else WHAT_TO_DO[self.system]
            do += ", or put the student into the gradebook"
            self.found.left.append((f"{name} ({number})", f"{why}: {do}"))
        mine = {}
        for file in sent:
            if person := people.get((file.number, file.name)):
                mine.setdefault(person.student, (person, []))[1].append(file)
        for student in sorted(mine):
            self._take_one(*mine[student])
        self._write_record()
        self._note(people)

    def _parsed(self, entry):
        """Return whose file it is; None, and a row of what is left, if nobody can tell."""
        if self.system == "moodle":
            parts = PurePosixPath(entry.path).parts
            for k, part in enumerate(parts):
                if not (found := MOODLE.fullmatch(part)):
                    continue
                if found["kind"] != "file":
                    self.found.left.append((entry.path, "is a text, no file"))
                    return None
                path = "/".join([*filter(None, [found["flat"]]), *parts[k + 1 :]])
                return _File(found["name"], found["number"], path, entry)
        else:
            name = PurePosixPath(entry.path).name
            if name.startswith(("anon_", "LATE_anon_")):
                self.found.left.append((name, "is anonymous: end that in Canvas, download again"))
                return None
            if found := CANVAS.fullmatch(name):
                late = bool(found["late"])
                return _File(found["name"], found["number"], found["path"], entry, late,
                             found["file"])  # fmt: skip
            if CANVAS_TEXT.fullmatch(name):
                self.found.left.append((name, "is a text or a link, no file"))
                return None
        self.found.left.append((entry.path, f"is not as {self.system.capitalize()} names files"))
        return None

    def _take_one(self, person, files):
        """Put what one student has handed in into submitted/."""
        student = person.student
        chosen, notes = self._notebooks(student, files)
        if not chosen:
            return
        new = self.incoming / student
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        try:
            chosen = {part: file for part, file in chosen.items()
                      if self._copy(file, new, f"{part}.ipynb", student)}  # fmt: skip
            if not chosen:
                return
            for file in files:
                if not NOTEBOOK.fullmatch(file.path):
                    self._copy_other(file, new, student)
            self._put(person, chosen, new, notes)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _notebooks(self, student, files):
        """Return the newest file for each notebook of the homework, and notes."""
        candidates, notes = {}, []
        for file in files:
            if not (found := NOTEBOOK.fullmatch(PurePosixPath(file.path).name)):
                continue
            part, fits = self._part(found["stem"])
            if part is None:
                wanted = ", ".join(f"{name}.ipynb" for name in self.parts)
                self.found.left.append((f"{student}: {file.path}", f"is none of {wanted}"))
            else:
                candidates.setdefault(part, []).append((fits, file.order, file))
        chosen = {}
        for part, found in candidates.items():
            found.sort(key=lambda one: one[:2])
            chosen[part] = found[-1][2]
            if len(found) > 1:
                others = ", ".join(one[2].path for one in found[:-1])
                notes.append(f"{len(found)} notebooks: {chosen[part].path} taken, not {others}")
        if not candidates:
            there = ", ".join(sorted({file.path for file in files}))
            self.found.left.append((student, f"no notebook, but {there}; ask for the .ipynb file"))
        return chosen, notes

    def _part(self, stem):
        """Return which notebook of the homework a file is, and whether its name says so."""
        name, before = stem, None
        while name != before:
            if name in self.parts:
                return name, True
            name, before = COPY.sub("", name), name
        return (self.parts[0], False) if len(self.parts) == 1 else (None, False)

    def _copy_other(self, file, new, student):
        """Copy a file that lies beside the notebook."""
        name = PurePosixPath(file.path)
        if name.name in NOT_TAKEN:
            self.found.left.append((f"{student}: {file.path}", "is not for students to write"))
        else:
            self._copy(file, new, file.path, student)

    def _copy(self, file, new, name, student):
        """Copy a file of the archive; return whether it is there."""
        target = new / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if why := file.entry.copy(target):
                target.unlink(missing_ok=True)
        except OSError as error:  # a name that is too long, say
            why = f"cannot be written: {error.strerror}"
        if why:
            self.found.left.append((f"{student}: {file.path}", why))
        return not why

    # Into submitted/ ---------------------------------------------------------------------------

    def _put(self, person, chosen, new, notes):
        """Move a new submission into its place, unless one is there that is as new."""
        student, newest = person.student, max(chosen.values(), key=lambda file: file.order)
        when = _worksheet_time(person.row) or (newest.entry.when if self.has_times else None)
        notes += self._late(newest, when)
        kept = {
            "system": self.system,
            "number": newest.number,
            "name": newest.name,
            "late": newest.late,
            "files": {part: file.file for part, file in chosen.items()},
            "order": max((int(f.file or 0) for f in chosen.values()), default=0)
            or (when.timestamp() if when else 0),
            "digest": _digest(new),
        }
        step = self.coursedir.submitted_directory
        place = Path(self.coursedir.format_path(step, student, self.homework))
        status = self._status(kept, place, student)
        if status in ("new", "replaced"):
            if when:
                (new / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} {self.zone}\n")
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                before = place.with_name(f".{place.name}.before")
                shutil.rmtree(before, ignore_errors=True)
                os.replace(place, before)
                os.replace(new, place)
                shutil.rmtree(before)
            else:
                os.replace(new, place)
            self.record[student] = kept
        self.found.rows.append(Row(student, status, "; ".join(notes)))

    def _status(self, kept, place, student):
        if not place.exists():
            return "new"
        before = self.record.get(student, {})
        if kept["digest"] in (before.get("digest"), _digest(place)):
            self.record[student] = kept
            return "unchanged"
        is_known = kept["order"] and before.get("system") == self.system
        return "older" if is_known and kept["order"] < before["order"] else "replaced"

    def _late(self, newest, when):
        """Return a note if a submission is late."""
        if newest.late:
            return ["late, says Canvas"]
        if when and self.due:
            from nbgrader.utils import parse_utc

            after = parse_utc(f"{when:%Y-%m-%d %H:%M:%S} {self.zone}") - self.due
            if after > timedelta(0):
                return [f"late by {after}"]
        return []

    def _write_record(self):
        path = _record(self.coursedir, self.homework)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(self.record, indent=1), "utf-8")
        os.replace(new, path)

    def _note(self, people):
        """Say what concerns all."""
        here = {person.student: person for person in people.values()}
        has_worksheet = any(_worksheet_time(person.row) for person in here.values())
        if here and not (self.has_times or has_worksheet):
            said = (
                "the archive does not tell when files were handed in: no timestamp.txt is written"
            )
            advice = "; with the grading worksheet as --roster it is"
            self.found.notes.append(said + (advice if self.system == "moodle" else ""))
        if self.known and (new := sorted({*here} - self.known)):
            self.found.notes.append(f"{len(new)} were not in the gradebook: {some(new)}")


def some(names):
    """Return the first few names."""
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if names[10:] else "")


def _differ(times):
    """Whether the times of files can be those when they were handed in."""
    return bool(times) and max(times) - min(times) > PACKING


def _worksheet_time(row):
    """Return when a submission was last changed, by Moodle's grading worksheet, or None."""
    import dateutil.parser

    said = row.get("Last modified (submission)", "").strip(" -")
    try:
        return dateutil.parser.parse(said).replace(tzinfo=None) if said else None
    except (ValueError, OverflowError):
        return None


def _digest(folder):
    """Return a digest of the files of a submission, but of what we have added."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in NOT_TAKEN:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(repr((path.relative_to(folder).as_posix(), content)).encode())
    return digest.hexdigest()
