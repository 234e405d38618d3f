"""Build a homework from its text, try it out, and hand it out.

A homework is assignments/NAME.md, a notebook kept as text; coursekit/homework/text.py says how
it is written.
"""

import hashlib
import shutil
from pathlib import Path

from coursekit.homework.nbgrader_course import nbgrader_of, require
from coursekit.homework.text import HomeworkError, cells_with_lines, points_of, to_notebook

__all__ = ["build", "copy", "homeworks", "release", "strip"]


# Build and release -------------------------------------------------------------------------


def homeworks(course="assignments"):
    """Return the sorted names of the homeworks in a course folder."""
    texts = Path(course).glob("*.md")
    return sorted(path.stem for path in texts if path.read_text("utf-8").startswith("---\n"))


def _text(name, course):
    if name not in homeworks(course):
        known = ", ".join(homeworks(course)) or "none"
        raise HomeworkError(f"no homework called {name!r} in {course}; there are: {known}.")
    return Path(course, f"{name}.md")


def build(name, course="assignments"):
    """Write the instructor's notebook, source/NAME/NAME.ipynb; return its path."""
    import nbformat

    notebook = to_notebook(_text(name, course))
    target = Path(course, "source", name, f"{name}.ipynb")
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def strip(name, course="assignments"):
    """Make the student's notebook, release/NAME/NAME.ipynb, without trying it; return its path."""
    build(name, course)
    require(nbgrader_of(course, gradebook=False).generate_assignment(name))
    return Path(course, "release", name, f"{name}.ipynb")


def release(name, course="assignments"):
    """Make and try out the student's notebook, release/NAME/NAME.ipynb; return its path.

    The instructor's notebook must run with full marks. The student's, with the hidden tests
    put back, must fail only for want of an answer and earn nothing. What passed is not tried
    again until the homework, or the library, changes. Neither submissions nor gradebook are
    touched.
    """
    import nbformat

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
    texts = [_text(name, course), Path(course, "hints", f"{name}.md")]
    texts += [Path(course, "nbgrader_config.py"), Path(course, "release", name, f"{name}.ipynb")]
    digest = hashlib.sha256()
    for path in filter(Path.exists, [*texts, *library]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def copy(name, course="assignments", folder="lab/homework"):
    """Put a copy to work on into folder/NAME/, unless there is one; return its path."""
    target = Path(folder, name, f"{name}.ipynb")
    if not target.exists():
        handed_out = Path(course, "release", name, f"{name}.ipynb")
        if not handed_out.exists():
            strip(name, course)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(handed_out, target)
    return target


def _run(notebook, name, course):
    """Run a notebook; yield of each code cell: cell, place, what it raised, points earned."""
    from nbclient import NotebookClient
    from nbgrader.utils import determine_grade

    path = _text(name, course)
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
