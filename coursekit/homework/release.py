"""Build a homework from its text, try it out, and hand it out.

A homework is assignments/NAME.md, a notebook kept as text; coursekit/homework/text.py says how
it is written.
"""

import hashlib
import shutil
from pathlib import Path

from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.source import build, homeworks, is_text, prepare
from coursekit.homework.text import HomeworkError, cells_with_lines

__all__ = ["build", "copy", "handed_out", "homeworks", "release", "strip"]


# Build and release -------------------------------------------------------------------------


def strip(name, course="assignments"):
    """Make the students' notebooks, release/NAME/*.ipynb, without trying them.

    Returns
    -------
    Path
        The notebook of a text, and the folder of other homework.
    """
    api = nbgrader_of(course, gradebook=False)
    prepare(api, name, course, api.coursedir.release_directory)
    return handed_out(api, name, course)


def handed_out(api, name, course, student="."):
    """Return where the students' notebook is, or the one student's paper; as `strip`."""
    folder = Path(api.coursedir.format_path(api.coursedir.release_directory, student, name))
    if folder.is_relative_to(Path(course).resolve()):  # as the course was named
        folder = Path(course, folder.relative_to(Path(course).resolve()))
    return folder / f"{name}.ipynb" if is_text(name, course) else folder


def release(name, course="assignments"):
    """Make and try out the students' notebooks, release/NAME/*.ipynb; return as `strip`.

    The instructor's notebooks must get full marks, and the students', with the hidden tests put
    back, none: both are marked as submissions are. What passed is not tried again until the
    homework, or the library, changes. Neither submissions nor gradebook are touched.

    Raises
    ------
    HomeworkError
        Every cell that does not mark as it should, and why.
    """
    from coursekit.grading import runner, trial
    from coursekit.grading.submissions.homework import load_homework

    api = nbgrader_of(course, gradebook=False)
    target, tried = handed_out(api, name, course), _tried(name, course)
    build(name, course)
    if target.exists() and tried.exists() and tried.read_text() == _content(api, name, course):
        return target
    source = prepare(api, name, course)
    if trial.can_try():
        print(f"{name}: running it with the answers, and without ...", flush=True)
        try:
            homework = load_homework(source, api.coursedir, api.config)
            mistakes, together = trial.try_out(homework, source)
        finally:
            runner.close_all()
        if mistakes:
            lines = _lines(name, course)
            raise HomeworkError("\n".join(_said(one, lines, source) for one in mistakes))
        if together:
            print(f"{name}: tests that pass only together with the answers: {', '.join(together)}")
    else:
        print(f"{name}: not tried out, which needs Linux", flush=True)
    strip(name, course)
    tried.parent.mkdir(parents=True, exist_ok=True)
    tried.write_text(_content(api, name, course))
    return target


def _lines(name, course):
    """Return where each cell of a text begins; {} for a homework that is none."""
    if not is_text(name, course):
        return {}
    return {cell.id: line for cell, line in cells_with_lines(Path(course, f"{name}.md"))}


def _said(mistake, lines, source):
    place = f"{source.folder / mistake.part}.ipynb"
    if mistake.cell in lines:
        place = f"{source.name}.md:{lines[mistake.cell]}"
    return f"{place}: the cell {mistake.cell!r} {mistake.text}"


def _tried(name, course):
    return Path(course, ".coursekit", "released", name)


def _content(api, name, course):
    """Return a digest of all that decides how a release turns out, and of the notebooks made."""
    coursedir = api.coursedir
    library = sorted(Path(__file__).parents[1].rglob("*.py"))
    texts = [Path(course, f"{name}.md"), Path(course, "hints", f"{name}.md")]
    texts += [Path(course, "nbgrader_config.py")]
    for step in (coursedir.source_directory, coursedir.release_directory):
        folder = Path(coursedir.format_path(step, ".", name))
        texts += sorted(path for path in folder.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in filter(Path.exists, [*texts, *library]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy(name, course="assignments", folder="lab/homework"):
    """Put a copy to work on into folder/NAME/, unless there is one; return its path."""
    target = Path(folder, name)
    api = nbgrader_of(course, gradebook=False)
    given = handed_out(api, name, course)
    made = target / given.name if is_text(name, course) else target
    if not made.exists():
        if not given.exists():
            strip(name, course)
        if given.is_dir():
            shutil.copytree(given, target)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(given, target)
    return made
