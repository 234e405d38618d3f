"""From a submission to its jobs: one for each notebook, and nothing that was not asked for."""

import hashlib

from coursekit.grading.execution.job import Job
from coursekit.grading.submissions.canonical import canonical
from coursekit.grading.submissions.files import find, other_files
from coursekit.grading.submissions.notebook_file import Unreadable, read_cells
from coursekit.grading.submissions.notebook_file import paper_in as _paper_in

__all__ = ["Unreadable", "fingerprint", "handed_in", "job_of", "jobs_of", "paper_in"]


def fingerprint(homework, student):
    """Return a digest of all that the grades of a submission depend on."""
    return hashlib.sha256(f"{homework.digest} {handed_in(homework, student)}".encode()).hexdigest()


def handed_in(homework, student):
    """Return a digest of what a student has handed in."""
    digest = hashlib.sha256()
    folder = homework.folder(student)
    for path in [*find(folder, homework.ignore), *sorted(folder.glob("*.ipynb"))]:
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


def jobs_of(homework, student, sandbox=True) -> tuple[list[Job], list[str]]:
    """Return what workers need to grade a submission, and notes for the instructor.

    Parameters
    ----------
    homework : coursekit.grading.submissions.homework.Homework
    student : str
        Name of the folder in submitted/.
    sandbox : bool
        Whether the jobs ask for one.

    Returns
    -------
    jobs : list of Job
        One for each notebook that was handed in.
    notes : list of str
        What was left out.

    Raises
    ------
    Unreadable
        Why there is nothing to grade.
    """
    folder = homework.folder(student)
    notebooks, notes = _notebooks(homework, folder)
    files, links = other_files(folder, homework.ignore)
    _check_timestamp(files)
    notes += [f"{link} is a link out of its folder and was left out" for link in links]
    files |= homework.files
    jobs = [job_of(homework, student, name, notebooks[name], files, sandbox) for name in notebooks]
    return jobs, notes


def job_of(homework, student, name, notebook, files, sandbox=True) -> Job:
    """Return what a worker needs to run one notebook.

    Parameters
    ----------
    homework : coursekit.grading.submissions.homework.Homework
    student : str
    name : str
        Of the notebook.
    notebook : dict
        From canonical.
    files : dict
        Name of a file beside it: its content.
    sandbox : bool
    """
    source = homework.notebooks[name]
    return {
        "homework": homework.name,
        "student": student,
        "part": name,
        "notebook": notebook,
        "names": source.names,
        "modules": source.modules,
        "plain": source.plain,
        "shown": source.shown,
        "tests": homework.tests,
        "preload": homework.preload,
        "files": files,
        "given": sorted(homework.files),
        "limits": homework.limits,
        "read_only": homework.read_only,
        "sandbox": sandbox,
    }


def paper_in(homework, student):
    """Return the name of the paper of an exam that a student has handed in."""
    (name,) = homework.notebooks
    return _paper_in(_notebook_in(homework.folder(student), name, only=True))


def _notebooks(homework, folder):
    """Return the notebooks to grade, by name, and what is missing; at least one."""
    found, notes, reasons = {}, [], {}
    for name, source in homework.notebooks.items():
        try:
            path = _notebook_in(folder, name, only=len(homework.notebooks) == 1)
            found[name] = canonical(source, read_cells(path))
            if path.stem != name:
                notes.append(f"{path.name} was taken for {name}.ipynb")
        except Unreadable as error:
            reasons[name] = str(error)
    if not found:
        raise Unreadable("; ".join(dict.fromkeys(reasons.values())))
    return found, [*notes, *(f"0 for {name}.ipynb: {why}" for name, why in reasons.items())]


def _notebook_in(folder, name, only):
    """Return the path of a notebook, a file in the folder; the ``only`` one may be renamed."""
    path = folder / f"{name}.ipynb"
    try:
        if not path.exists():
            others = sorted(folder.glob("*.ipynb"))
            if only and len(others) == 1:
                path = others[0]
            else:
                there = ", ".join(sorted(found.name for found in folder.iterdir()))
                said = f", but {there}; rename it" if there else ", which is empty"
                raise Unreadable(f"no {name}.ipynb in its folder{said}")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise Unreadable(f"{path.name} is a link out of its folder; hand in the file itself")
        if not path.is_file():
            raise Unreadable(f"{path.name} is no file")
    except (OSError, RuntimeError) as error:  # no right to look into the folder; links in a circle
        raise Unreadable(f"its folder cannot be read: {error}") from None
    return path


def _check_timestamp(files):
    """Refuse a timestamp.txt that nbgrader would stop at."""
    from nbgrader.utils import parse_utc

    text = files.get("timestamp.txt", b"").decode("utf-8", "replace").strip()
    try:
        parse_utc(text) if text else None
    except (ValueError, OverflowError):
        raise Unreadable(f"its timestamp.txt holds no date, but {text!r:.60}; correct it") from None
