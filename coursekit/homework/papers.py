"""The papers of an exam: one for each student, made again whenever it is needed.

``NAME.papers.json`` beside the text holds a secret and whose papers were made. A paper is drawn by
a keyed hash of the secret and the student's id: with the file it can be made again at any time,
without it nobody can tell a neighbour's. The file belongs into no repository, and into a backup.
"""

import csv
import hmac
import json
import os
import re
import secrets
import shutil
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path

from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.release import handed_out, release
from coursekit.homework.source import exams, prepare
from coursekit.homework.text import HomeworkError, paper_of, to_notebook
from coursekit.homework.variants import NOBODY

__all__ = ["HANDED_IN", "Papers", "papers_of", "read_students", "release_papers"]

HANDED_IN = "handed in"  # begins a note on a paper that is not the own one


@dataclass
class Papers:
    """The papers of one exam.

    Attributes
    ----------
    name : str
        Of the exam.
    course : Path
        Its folder.
    secret : str
    made : dict
        Student: name of the paper, for all whose papers were made.
    """

    name: str
    course: Path
    secret: str = field(repr=False)
    made: dict

    @property
    def file(self):
        """Where secret and names are kept."""
        return Path(self.course, f"{self.name}.papers.json")

    @property
    def _text(self):
        return Path(self.course, f"{self.name}.md")

    def key(self, student):
        """Return what the paper of a student is drawn by."""
        said = f"{self.name}/{student}".encode()
        return hmac.digest(bytes.fromhex(self.secret), said, "sha256")

    def add(self, students):
        """Draw papers for students, keep their names, and require all older ones as they were.

        Raises
        ------
        HomeworkError
            The text draws other papers than those that were made before.
        """
        names = {one: paper_of(self._text, one, self.key(one)) for one in [*self.made, *students]}
        if changed := [student for student in self.made if self.made[student] != names[student]]:
            raise HomeworkError(
                f"{self._text}: variant draws another paper for {changed[0]} than was made before. "
                f"If papers are out, put it back as it was; if none is, remove {self.file} and "
                "release anew."
            )
        if names != self.made:
            self.made = names
            new = self.file.with_suffix(".new")
            with open(os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
                json.dump({"secret": self.secret, "papers": names}, file, indent=1)
            os.replace(new, self.file)

    def notebook(self, student):
        """Return the instructor's notebook of a student's paper; errors as `source`."""
        if student not in self.made:
            raise HomeworkError(
                f"no paper was made for {student}: is the folder in submitted/ called by the id of "
                f"students.csv? If so, add the id there and run: coursekit release {self.name} "
                "--per-student students.csv"
            )
        return to_notebook(self._text, student, self.key(student))

    def source(self, student, common, config):
        """Return the source of a student's paper.

        Parameters
        ----------
        student : str
        common : coursekit.homework.source.Source
            That of nobody's paper, as `prepare` makes it.
        config : traitlets.config.Config
            nbgrader's.

        Raises
        ------
        HomeworkError
            No paper was made for this student.
        """
        from nbgrader.preprocessors import (
            ClearHiddenTests,
            ClearMarkScheme,
            ClearSolutions,
            ComputeChecksums,
        )

        answers = self.notebook(student)
        released = deepcopy(answers)
        for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme, ComputeChecksums):
            released, _ = step(config=config).preprocess(released, {"language": "python"})
        return replace(
            common,
            answers={self.name: _with_texts(common.answers[self.name], answers)},
            released={self.name: _with_texts(common.released[self.name], released)},
        )

    def remark(self, student, paper):
        """Return what to say of a paper that a student has handed in, "" if it is the own one."""
        if paper == self.made[student]:
            return ""
        owners = {name: f"the paper of {owner}" for owner, name in self.made.items()}
        owners[paper_of(self._text)] = f"the paper of {NOBODY}"
        owners[""] = "a notebook that does not say whose paper it is"
        what = owners.get(paper, "a paper that was not made here")
        return f"{HANDED_IN} {what}; graded against the own paper"


def _with_texts(notebook, other):
    """Return a copy of a notebook with the texts, checksums and paper of another one."""
    made = deepcopy(notebook)
    theirs = {cell.id: cell for cell in other.cells}
    for cell in made["cells"]:
        if like := theirs.get(cell["id"]):
            cell["source"] = like.source
            marks, new = cell["metadata"].get("nbgrader", {}), like.metadata.get("nbgrader", {})
            marks.update({key: new[key] for key in ("checksum",) if key in marks and key in new})
    made["metadata"]["coursekit"] = dict(other.metadata.coursekit)
    return made


def papers_of(name, course):
    """Return the papers of an exam that were made, None for what is no exam.

    Raises
    ------
    HomeworkError
        None were made, or the file that tells of them is broken, or the text has changed.
    """
    if name not in exams(course):
        return None
    found = Papers(name, Path(course), "", {})
    if not found.file.exists():
        raise HomeworkError(
            f"no papers of {name} were made: {found.file} is missing. Put it back, or make papers: "
            f"coursekit release {name} --per-student students.csv"
        )
    try:
        kept = json.loads(found.file.read_text("utf-8"))
        found.secret, found.made = bytes.fromhex(kept["secret"]).hex(), dict(kept["papers"])
    except (ValueError, KeyError, TypeError) as error:
        raise HomeworkError(
            f"{found.file} is damaged ({error!r:.100}); put it back from your backup."
        ) from None
    found.add([])
    return found


# The class ---------------------------------------------------------------------------------


def read_students(path):
    """Return the ids in a table of students, as ``nbgrader db student import`` takes it.

    Parameters
    ----------
    path : str or Path
        CSV with a column ``id``; other columns may hold names.

    Raises
    ------
    HomeworkError
        ``file:line: what is wrong; what to do``.
    """
    path = Path(path)
    if not path.is_file():
        raise HomeworkError(f"no file {path}; name a table of students, CSV with a column id.")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            columns = rows.fieldnames or []
            lines = [(rows.line_num, (row.get("id") or "").strip()) for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise HomeworkError(f"{path} is no CSV in UTF-8 ({error}); save it as such.") from None
    if "id" not in columns:
        has = ", ".join(columns) or "nothing"
        raise HomeworkError(
            f"{path}:1: no column id; the first line has: {has}. Write names of columns there, "
            "with commas between them."
        )
    seen = {}
    for line, student in lines:
        if not re.fullmatch(r"\w[\w.@-]*", student):
            said = f"{student!r} cannot be the name of a folder" if student else "the id is missing"
            raise HomeworkError(
                f"{path}:{line}: {said}; write letters, digits, and - _ . @ behind the first one."
            )
        if student in seen:
            raise HomeworkError(
                f"{path}:{line}: {student} stands in line {seen[student]} already; remove one."
            )
        seen[student] = line
    if not seen:
        raise HomeworkError(f"{path}: no students; write a line for each below the first.")
    return list(seen)


def release_papers(name, course, table, progress=lambda students: students):
    """Make the papers of an exam, release/STUDENT/NAME/NAME.ipynb.

    Nobody's paper, release/NAME, is tried out as every release is. Of each student's, the answers
    are run in this process, where every cell must pass, and the stubs, where every test must fail.

    Parameters
    ----------
    name : str
    course : str or Path
    table : str or Path
        See `read_students`.
    progress : callable, optional
        Passes on the students it is given, one after the other.

    Returns
    -------
    list of Path
        The notebooks, in the order of the table.

    Raises
    ------
    HomeworkError
        What is wrong with the table, the text or a paper.
    """
    import nbformat

    from coursekit.grading.trial import try_here

    students = read_students(table)
    if name not in exams(course):
        raise HomeworkError(
            f"{name} is the same for everybody; add a cell :variant: to {name}.md, or release it "
            "without --per-student."
        )
    nobodys = release(name, course)
    papers = Papers(name, Path(course), secrets.token_hex(32), {})
    if papers.file.exists():
        papers = papers_of(name, course)
    papers.add(students)
    api = nbgrader_of(course, gradebook=False)
    common, made = prepare(api, name, course), []
    for student in progress(students):
        source = papers.source(student, common, api.config)
        if mistakes := try_here(source):
            one = mistakes[0]
            raise HomeworkError(
                f"{name}.md: the paper of {student}: the cell {one.cell!r} {one.text}"
            )
        target = handed_out(api, name, course, student)
        shutil.copytree(nobodys.parent, target.parent, dirs_exist_ok=True)
        nbformat.write(nbformat.from_dict(source.released[name]), target)
        made.append(target)
    return made
