"""From a submission to a job: the student's text in the frame of the source, and nothing else.

Kind, metadata and place of every cell with a name come from the source notebook, the text of all
but the solutions too: hidden tests stand in their cells again, an edited test is as it was, a
missing one is back. Of the student's cells only text and attachments are kept.
"""

import copy
import hashlib
import importlib.metadata
import json
import re
from dataclasses import dataclass
from pathlib import Path

from coursekit.grading.execution.job import Job
from coursekit.grading.sandbox.limits import LIMITS, Limits
from coursekit.grading.submissions.notebook_file import Unreadable, read_cells
from coursekit.grading.submissions.python_names import bound_names, imports, modules
from coursekit.homework.text import HomeworkError

__all__ = ["Homework", "Unreadable", "fingerprint", "job_of", "load_homework"]

MOST_FILES = 500
LARGEST_FILES = 50_000_000  # bytes of all files that come with a notebook


@dataclass(frozen=True)
class Homework:
    """What the source of a homework says about its submissions."""

    name: str
    coursedir: object  # nbgrader's
    cells: dict  # name: cell of the source, in its order
    stubs: dict  # name: text of the cell handed out
    metadata: dict  # of the notebook
    names: dict  # name of a solution cell: what it binds
    modules: dict  # name of a solution cell: the modules it binds, and how it imports them
    preload: list  # import statements
    files: dict  # other files of the source
    ignore: list  # patterns of files that nbgrader ignores
    limits: Limits
    digest: str  # of all this

    def folder(self, student):
        """Return where a student's submission lies."""
        step = self.coursedir.submitted_directory
        return Path(self.coursedir.format_path(step, student, self.name))


# The source --------------------------------------------------------------------------------


def load_homework(name, coursedir, config):
    """Read the source and the released notebook of a homework.

    Parameters
    ----------
    name : str
        Its name.
    coursedir : nbgrader.coursedir.CourseDirectory
        The course.
    config : traitlets.config.Config
        nbgrader's; ``Execute.timeout`` limits each cell.

    Returns
    -------
    Homework
    """

    def place(step, *parts):
        return Path(coursedir.format_path(step, ".", name), *parts)

    def notebook(step):  # as nbformat wrote it just now
        notebook = json.loads(place(step, f"{name}.ipynb").read_text("utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        return notebook

    source, handed_out = map(notebook, (coursedir.source_directory, coursedir.release_directory))
    codes = [cell for cell in source["cells"] if cell["cell_type"] == "code"]
    ignore = [*coursedir.ignore, "*.ipynb"]
    files, links = _other_files(place(coursedir.source_directory), ignore)
    if links:
        raise HomeworkError(f"{links[0]} in the source of {name} is a link; put the file there.")
    students_own = config.Autograde.get("exclude_overwriting", {}).get(name, [])
    limits = LIMITS | _own_limits(config)
    timeout = config.Execute.get("timeout", LIMITS["cell_seconds"])
    limit = timeout if timeout and timeout > 0 else limits["submission_seconds"]
    facts = {
        "name": name,
        "cells": {key: cell for cell in source["cells"] if (key := _name(cell))},
        "stubs": {_name(cell): cell["source"] for cell in handed_out["cells"]},
        "metadata": source["metadata"],
        "names": {_name(cell): bound_names(cell["source"]) for cell in codes if _is_solution(cell)},
        "modules": {_name(cell): modules(cell["source"]) for cell in codes if _is_solution(cell)},
        "preload": imports([cell["source"] for cell in codes]),
        "files": {key: files[key] for key in files if key not in students_own},
        "limits": limits | {"cell_seconds": limit},
    }
    versions = [importlib.metadata.version(package) for package in ("coursekit", "nbgrader")]
    digest = hashlib.sha256(repr([facts, versions]).encode()).hexdigest()
    return Homework(**facts, coursedir=coursedir, ignore=ignore, digest=digest)


def _own_limits(config):
    """Return the limits that nbgrader_config.py sets, as in c.Coursekit.memory_mb = 4096."""
    own = dict(config.Coursekit)
    for name, value in own.items():
        if name not in LIMITS or name == "cell_seconds":
            known = ", ".join(key for key in LIMITS if key != "cell_seconds")
            raise HomeworkError(f"c.Coursekit.{name} is no limit; there are: {known}.")
        if type(value) not in (int, float) or not 0 < value < 1e12:
            raise HomeworkError(f"c.Coursekit.{name} must be a number above 0, not {value!r}.")
    return own


# The submission ----------------------------------------------------------------------------


def fingerprint(homework, student):
    """Return a digest of all that the grades of a submission depend on."""
    digest = hashlib.sha256(homework.digest.encode())
    folder = homework.folder(student)
    for path in [*_find(folder, homework.ignore), folder / f"{homework.name}.ipynb"]:
        digest.update(repr(path.relative_to(folder).as_posix()).encode())
        try:
            if path.is_symlink():
                digest.update(repr(path.readlink()).encode())
            elif path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            digest.update(repr(error.errno).encode())
    return digest.hexdigest()


def job_of(homework, student, sandbox=True) -> tuple[Job, list[str]]:
    """Return what a worker needs to grade a submission, and notes for the instructor.

    Parameters
    ----------
    homework : Homework
        See load_homework.
    student : str
        Name of the folder in submitted/.
    sandbox : bool
        Whether the job asks for one.

    Returns
    -------
    job : Job
    notes : list of str
        What was left out.

    Raises
    ------
    Unreadable
        Why there is nothing to grade.
    """
    folder = homework.folder(student)
    cells = read_cells(_notebook_in(folder, homework.name))
    files, links = _other_files(folder, homework.ignore)
    _check_timestamp(files)
    job: Job = {
        "homework": homework.name,
        "student": student,
        "notebook": _canonical(homework, cells),
        "names": homework.names,
        "modules": homework.modules,
        "preload": homework.preload,
        "files": files | homework.files,
        "given": sorted(homework.files),
        "limits": homework.limits,
        "sandbox": sandbox,
    }
    return job, [f"{link} is a link out of its folder and was left out" for link in links]


def _notebook_in(folder, name):
    """Return the path of a submission's notebook, which must be a file in its folder."""
    path = folder / f"{name}.ipynb"
    try:
        if not path.exists():
            there = ", ".join(sorted(found.name for found in folder.iterdir())) or "nothing"
            raise Unreadable(f"no {name}.ipynb in its folder, but {there}; rename it")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unreadable(f"{name}.ipynb is a link out of its folder; hand in the file itself")
        if not path.is_file():
            raise Unreadable(f"{name}.ipynb is no file")
    except (OSError, RuntimeError) as error:  # no right to look into the folder; links in a circle
        raise Unreadable(f"its folder cannot be read: {error}") from None
    return path


def _find(folder, ignore):
    """Return the other files of a folder, sorted, as nbgrader finds them."""
    from nbgrader.utils import find_all_files

    return sorted(map(Path, find_all_files(str(folder), ignore)))


def _other_files(folder, ignore):
    """Read the files beside the notebook; return them, and which are links out of the folder."""
    found, links, total = {}, [], 0
    paths = _find(folder, ignore)
    if len(paths) > MOST_FILES:
        raise Unreadable(f"{len(paths)} files in its folder; at most {MOST_FILES} are graded")
    for path in paths:
        name = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
        try:
            real = path.resolve()
            if not real.is_relative_to(folder.resolve()):
                links.append(name)
            elif real.is_file():
                total += real.stat().st_size
                if total > LARGEST_FILES:
                    limit = f"at most {LARGEST_FILES / 1e6:.0f} MB are graded"
                    raise Unreadable(f"the files in its folder are too large, {name} too; {limit}")
                found[name] = real.read_bytes()
        except (OSError, RuntimeError) as error:
            if not path.is_symlink():
                raise Unreadable(f"its file {name} cannot be read: {error}") from None
            links.append(name)  # which may lead in a circle
    return found, links


def _check_timestamp(files):
    """Refuse a timestamp.txt that nbgrader would stop at."""
    from nbgrader.utils import parse_utc

    text = files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()
    try:
        parse_utc(text) if text else None
    except (ValueError, OverflowError):
        raise Unreadable(f"its timestamp.txt holds no date, but {text!r:.60}; correct it") from None


# The canonical notebook --------------------------------------------------------------------


def _canonical(homework, cells):
    """Return the job's notebook: the student's order, with all that the source prescribes."""
    places = _places(homework, cells)
    order = [places.get(number, cell) for number, cell in enumerate(cells)]
    before = None
    for name in homework.cells:  # what is missing goes behind the cell before it
        if name not in places.values():
            order.insert(order.index(before) + 1 if before else 0, name)
        before = name
    texts = {name: cells[number] for number, name in places.items()}
    taken = {cell["id"] for cell in homework.cells.values()}
    notebook = [
        _named_cell(homework, item, texts.get(item))
        if isinstance(item, str)
        else _own_cell(item, number, taken)
        for number, item in enumerate(order)
    ]
    metadata = copy.deepcopy(homework.metadata)
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": notebook}


def _places(homework, cells):
    """Return at which place each named cell stands: its last copy, as nbgrader has it.

    Cells whose metadata was lost are known by their id, which the source has made the same.
    """
    places = {cell.name: number for number, cell in enumerate(cells) if cell.name in homework.cells}
    others = [number for number, cell in enumerate(cells) if cell.name not in homework.cells]
    ids = {cells[number].id: number for number in others}
    for name, cell in homework.cells.items():
        if name not in places and cell["id"] in ids:
            places[name] = ids[cell["id"]]
    if not any(cell.source.strip() for cell in cells):
        raise Unreadable("its notebook is empty; hand in the one you worked on")
    found = [homework.cells[name] for name in places]
    if not any(_points(cell) or _is_solution(cell) for cell in found):
        raise Unreadable(
            "it has lost the marks of its graded cells; copy the answers into a fresh copy"
        )
    return {number: name for name, number in places.items()}


def _named_cell(homework, name, written):
    """Return a cell of the source, with the student's text if it is a solution."""
    frame = homework.cells[name]
    is_code = frame["cell_type"] == "code"
    metadata = copy.deepcopy(frame["metadata"])
    cell = _new_cell(frame["cell_type"], frame["id"], frame["source"], metadata)
    if not _is_solution(frame):
        return cell
    if written is not None:
        cell["source"] = written.source
        if written.attachments and not is_code:
            cell["attachments"] = written.attachments
    elif is_code and not _points(frame):
        # Not the stub, which could undo an answer that the student has put elsewhere.
        cell["source"] = "# This cell was missing from the submission."
    else:
        cell["source"] = homework.stubs[name]
    return cell


def _own_cell(written, number, taken):
    """Return a cell of the student's own: text and attachments, no metadata."""
    name = written.id
    if not re.fullmatch("[A-Za-z0-9_-]{1,64}", name or "") or name in taken:
        name = next(key for i in range(len(taken) + 1) if (key := f"own-{number + i}") not in taken)
    taken.add(name)
    cell = _new_cell(written.kind, name, written.source, {})
    if written.attachments and written.kind != "code":
        cell["attachments"] = written.attachments
    return cell


def _new_cell(kind, key, source, metadata):
    cell = {"cell_type": kind, "id": key, "metadata": metadata, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _name(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _points(cell):
    return cell["metadata"].get("nbgrader", {}).get("points", 0)


def _is_solution(cell):
    return cell["metadata"].get("nbgrader", {}).get("solution", False)
