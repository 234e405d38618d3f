"""Data that a course keeps elsewhere on its machine, and that the sandbox shows read-only."""

import os
import re
from pathlib import Path

from coursekit.grading.sandbox.confine import HOME, WRITABLE
from coursekit.homework.text import HomeworkError

__all__ = ["missed", "read_only_paths"]

KINDS = ("FileNotFoundError", "PermissionError", "NotADirectoryError")
PATH = re.compile(r"""['"]([/~][^'"\n]{1,1000})['"]|(?:^|\s)([/~][^\s'"]{1,1000})""")
MOST = 3  # paths in a note
SYSTEM = ("bin", "boot", "dev", "etc", "lib", "proc", "run", "sbin", "sys", "usr")


def read_only_paths(paths, coursedir):
    """Return the files and folders to show, each with its place in the sandbox.

    That is the same place. What is in the instructor's home folder is in that of the sandbox too,
    where ``~/data`` leads to.

    Parameters
    ----------
    paths : sequence of str
        A relative one is in the course folder.
    coursedir : nbgrader.coursedir.CourseDirectory

    Raises
    ------
    HomeworkError
        There is no such path, or students' code could read there what it must not.
    """
    if isinstance(paths, str):
        raise HomeworkError(f"c.Coursekit.read_only is a list of paths, such as [{paths!r}].")
    found = []
    for path in map(str, paths):
        place = os.path.normpath(Path(coursedir.root, os.path.expanduser(path)))
        _check(path, Path(place).resolve(), coursedir)
        if place in (*WRITABLE, "/proc", "/dev"):
            raise HomeworkError(f"read-only {path}: the sandbox has a folder of its own there.")
        found.append([place, place])
        if Path(place).is_relative_to(Path.home()):
            found.append([place, str(Path(HOME, Path(place).relative_to(Path.home())))])
    return found


def _check(path, real, coursedir):
    if not real.exists():
        raise HomeworkError(f"read-only {path}: there is no {real} on this machine.")
    steps = ("source", "submitted", "autograded", "feedback")
    names = [getattr(coursedir, f"{step}_directory") for step in steps]
    names += [".coursekit", coursedir.db_url.partition(":///")[2] or "gradebook.db"]
    for name in names:
        secret = Path(coursedir.root, name).resolve()
        if real.is_relative_to(secret) or secret.is_relative_to(real):
            raise HomeworkError(
                f"read-only {path} would show {secret} to students' code; name a folder of data."
            )


def missed(errors, homework):
    """Return sentences on files of this machine that cells did not find in the sandbox.

    Parameters
    ----------
    errors : sequence of str
        Kind and message of what cells raised.
    homework : coursekit.grading.submissions.homework.Homework
    """
    found = {}
    for error in errors:
        kind, _, said = error.partition(": ")
        if kind in KINDS:
            for quoted, bare in PATH.findall(said):
                path = os.path.normpath((quoted or bare).rstrip(".,:;"))
                if path.startswith(f"{HOME}/"):
                    path = "~" + path.removeprefix(HOME)
                if path not in found and _may_be_shown(path, homework.coursedir):
                    found[path] = _advice(path, homework.read_only)
    return [f"{path} is on this machine, {advice}" for path, advice in [*found.items()][:MOST]]


def _may_be_shown(path, coursedir):
    """Whether a path is there, and neither the system's nor the course's own."""
    try:
        real = Path(path).expanduser().resolve()
        _check(path, real, coursedir)
    except (HomeworkError, OSError, RuntimeError, ValueError):
        return False
    return real.parts[1:2] and real.parts[1] not in SYSTEM


def _advice(path, read_only):
    shown = os.path.expanduser(path)
    if any(Path(shown).is_relative_to(place) for place, _ in read_only):
        return "and shown read-only, but not readable for everybody"
    return (
        "but not in the sandbox: name it, or its folder, in c.Coursekit.read_only of "
        "nbgrader_config.py, or by --read-only"
    )
