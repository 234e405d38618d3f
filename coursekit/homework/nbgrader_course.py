"""nbgrader's commands for a course folder, and what its logs say went wrong."""

import re
from pathlib import Path

from coursekit.homework.nbgrader_patches import start_quickly
from coursekit.homework.text import HomeworkError

__all__ = ["nbgrader_of", "reason_of", "require"]


def nbgrader_of(course, gradebook=True):
    """Return nbgrader's commands for a course folder, as its formgrader calls them."""
    start_quickly()
    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    if not Path(course, "nbgrader_config.py").exists():
        raise HomeworkError(f"no nbgrader_config.py in {course}; add it, or name another --course.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(Path(course).resolve())
    if not gradebook:  # this is what --no-db sets
        config.GenerateAssignment.no_database, config.SaveCells.enabled = True, False
    return NbGraderAPI(config=config, coursedir=CourseDirectory(config=config))


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
