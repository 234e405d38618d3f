"""nbgrader's commands for a course folder, and what its logs say went wrong."""

import glob
import os
import re
from pathlib import Path

from coursekit.homework.nbgrader_patches import start_quickly
from coursekit.homework.text import HomeworkError

__all__ = [
    "LiteralNames",
    "coursedir_of",
    "folders_of",
    "is_course",
    "nbgrader_of",
    "reason_of",
    "require",
]

CONFIG = "nbgrader_config.py"


def is_course(folder):
    """Whether a folder is a course: with nbgrader's configuration, or notebooks in source/."""
    has_notebooks = any(Path(folder).glob("source/*/*.ipynb"))
    return has_notebooks or Path(folder, CONFIG).exists()


def nbgrader_of(course, gradebook=True):
    """Return nbgrader's commands for a course folder, as its formgrader calls them."""
    start_quickly()
    from nbgrader.apps import NbGraderAPI

    config = _config(course)
    if not gradebook:  # this is what --no-db sets
        config.GenerateAssignment.no_database, config.SaveCells.enabled = True, False
    return NbGraderAPI(config=config, coursedir=_course_directory()(config=config))


def coursedir_of(course):
    """Return nbgrader's folders of a course, as its configuration names them."""
    return _course_directory()(config=_config(course))


def _config(course):
    """Return nbgrader's configuration of a course folder."""
    from traitlets.config import Config, PyFileConfigLoader

    if not is_course(course):
        raise HomeworkError(f"no {CONFIG} in {course}; add it, or name another --course.")
    config = Config()
    if Path(course, CONFIG).exists():
        start_quickly()
        config = PyFileConfigLoader(CONFIG, path=str(course)).load_config()
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(Path(course).resolve())
    return config


def _course_directory():
    start_quickly()
    from nbgrader.coursedir import CourseDirectory
    from traitlets import validate

    class AnyName(CourseDirectory):
        """nbgrader's own, but homework may be called C++ too."""

        @validate("assignment_id")
        def _validate_assignment_id(self, proposal):
            return proposal["value"].strip()

    return AnyName


def folders_of(coursedir, step, homework):
    """Return the folders of a homework in one of nbgrader's steps, by student, sorted."""
    shape = Path(coursedir.root, coursedir.directory_structure).as_posix()
    parts = re.split(r"(\{\w+\})", shape)
    values = {"{nbgrader_step}": step, "{assignment_id}": homework}
    pattern = "".join("*" if p == "{student_id}" else glob.escape(values.get(p, p)) for p in parts)
    who = "".join(
        "([^/]+)" if part == "{student_id}" else re.escape(values.get(part, part)) for part in parts
    )
    found = {}
    for path in sorted(glob.glob(pattern)):
        if os.path.isdir(path) and (name := re.fullmatch(who, path)):
            found[name[1]] = Path(path)
    return found


class LiteralNames:
    """Lets a command of nbgrader take names of homework and students as names, not as patterns."""

    def init_notebooks(self):
        """Find the notebooks to convert."""
        folder, step = self.coursedir, self._input_directory
        who, homework = folder.student_id, folder.assignment_id
        if who == "*":
            places = map(str, folders_of(folder, step, homework).values())
        else:
            places = [folder.format_path(step, who, homework)]
        found = {place: sorted(glob.glob(f"{glob.escape(place)}/*.ipynb")) for place in places}
        self.assignments = {place: paths for place, paths in found.items() if paths}
        self.notebooks = []
        if not self.assignments:
            from nbgrader.converters.base import NbGraderException

            said = f"No notebooks were matched by '{folder.format_path(step, who, homework)}'"
            self.log.error(said)
            raise NbGraderException(said)


def require(done):
    """Raise for a command of nbgrader that failed."""
    if not done["success"]:
        raise HomeworkError(f"nbgrader: {reason_of(done)}")


def reason_of(done):
    """Return the line of nbgrader's log that tells most: the last exception, or an error."""
    if "KeyboardInterrupt" in done["error"]:  # which nbgrader has caught
        raise KeyboardInterrupt
    log = done.get("log", "") + done["error"]
    exceptions = re.findall(r"^(?!.*NbGrader)\s*[\w.]+(?:Error|Exception): .*", log, re.M)
    return [*exceptions[-1:], *re.findall(r"ERROR\] (.*)", log), log][0].strip()
