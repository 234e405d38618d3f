"""Build a homework from its text, try it out, and hand it out.

A homework is assignments/NAME.md, a notebook kept as text; coursekit/homework/text.py says how
it is written.
"""

import hashlib
import shutil
from pathlib import Path

from coursekit.homework.nbgrader_course import nbgrader_of
from coursekit.homework.source import build, homeworks, is_text, prepare
from coursekit.homework.text import HomeworkError, cells_with_lines, points_of

__all__ = ["build", "copy", "homeworks", "release", "strip"]


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
    return _handed_out(api, name, course)


def _handed_out(api, name, course):
    folder = Path(api.coursedir.format_path(api.coursedir.release_directory, ".", name))
    return folder / f"{name}.ipynb" if is_text(name, course) else folder


def release(name, course="assignments"):
    """Make and try out the student's notebook, release/NAME/NAME.ipynb; return its path.

    The instructor's notebook must run with full marks. The student's, with the hidden tests
    put back, must fail only for want of an answer and earn nothing. What passed is not tried
    again until the homework, or the library, changes. Neither submissions nor gradebook are
    touched.
    """
    import nbformat

    if not is_text(name, course):
        return strip(name, course)
    answers = nbformat.read(build(name, course), 4)
    target, tried = Path(course, "release", name, f"{name}.ipynb"), _tried(name, course)
    if target.exists() and tried.exists() and tried.read_text() == _content(name, course):
        return target

    print(f"{name}: running it with the answers ...", flush=True)
    for cell, place, failure, earned in _run(answers, name, course):
        if failure or earned < points_of(cell):
            failure = failure or f"it earns {earned:g} of {points_of(cell)} points"
            raise HomeworkError(f"{place} fails with the answers given: {failure}")
    strip(name, course)

    print(f"{name}: running it without the answers ...", flush=True)
    tests = {cell.id: cell for cell in answers.cells if points_of(cell)}
    stubs = nbformat.read(target, 4)
    stubs.cells = [tests.get(cell.id, cell) for cell in stubs.cells]
    for _, place, failure, earned in _run(stubs, name, course):
        if earned or (failure and "NotImplementedError" not in failure):
            target.unlink()
            wrong = f"fails, but not for want of an answer: {failure}"
            raise HomeworkError(f"{place} {'gives points for nothing' if earned else wrong}")
    tried.parent.mkdir(parents=True, exist_ok=True)
    tried.write_text(_content(name, course))
    return target


def _tried(name, course):
    return Path(course, ".coursekit", "released", name)


def _content(name, course):
    """Return a digest of all that decides how a release turns out, and of the notebook made."""
    library = sorted(Path(__file__).parents[1].rglob("*.py"))
    texts = [Path(course, f"{name}.md"), Path(course, "hints", f"{name}.md")]
    texts += [Path(course, "nbgrader_config.py"), Path(course, "release", name, f"{name}.ipynb")]
    digest = hashlib.sha256()
    for path in filter(Path.exists, [*texts, *library]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy(name, course="assignments", folder="lab/homework"):
    """Put a copy to work on into folder/NAME/, unless there is one; return its path."""
    target = Path(folder, name)
    api = nbgrader_of(course, gradebook=False)
    handed_out = _handed_out(api, name, course)
    made = target / handed_out.name if is_text(name, course) else target
    if not made.exists():
        if not handed_out.exists():
            strip(name, course)
        if handed_out.is_dir():
            shutil.copytree(handed_out, target)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(handed_out, target)
    return made


def _run(notebook, name, course):
    """Run a notebook; yield of each code cell: cell, place, what it raised, points earned."""
    from nbclient import NotebookClient
    from nbgrader.utils import determine_grade

    path = Path(course, f"{name}.md")
    lines = {cell.id: line for cell, line in cells_with_lines(path)}
    here = {"metadata": {"path": str(course)}}
    quiet = ["--log-level=ERROR"]
    NotebookClient(
        notebook, timeout=120, allow_errors=True, resources=here, extra_arguments=quiet
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            raised = [f"{out.ename}: {out.evalue}" for out in cell.outputs if "ename" in out]
            earned = determine_grade(cell)[0] if points_of(cell) else 0
            place = f"{path}:{lines[cell.id]}: the cell {cell.id!r}"
            yield cell, place, "".join(raised), earned
