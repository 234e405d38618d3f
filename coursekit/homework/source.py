"""The source of a homework: nbgrader's notebooks, with the answers and the hidden tests.

They stand in ``source/NAME/*.ipynb``; a text ``NAME.md`` is one way to write them. nbgrader's own
steps make of them what students get: its header and footer, its AUTOTEST lines and whatever else
``nbgrader_config.py`` asks for are in what `prepare` returns.
"""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from coursekit.homework.nbgrader_course import LiteralNames, coursedir_of, is_course, require
from coursekit.homework.text import HomeworkError, to_notebook
from coursekit.homework.variants import is_exam

__all__ = [
    "Source",
    "build",
    "exams",
    "homeworks",
    "is_text",
    "kept",
    "points_of_source",
    "prepare",
]

SCHEMA = 3  # of nbgrader's metadata


@dataclass(frozen=True)
class Source:
    """The notebooks of one homework, as plain data.

    Attributes
    ----------
    name : str
    folder : Path
        Of the notebooks; other files in it belong to the homework too.
    answers : dict
        Name of a notebook: the instructor's, hidden tests included.
    released : dict
        Name of a notebook: what students get.
    is_text : bool
        Whether it was written as a text.
    notes : list of str
        What was done to it, for the instructor.
    """

    name: str
    folder: Path
    answers: dict
    released: dict
    is_text: bool
    notes: list


# What there is -----------------------------------------------------------------------------


def _texts(course):
    texts = Path(course).glob("*.md")
    return sorted(path.stem for path in texts if path.read_bytes().startswith(b"---\n"))


def is_text(name, course="assignments"):
    """Whether a homework is written as a text."""
    return name in _texts(course)


def exams(course="assignments"):
    """Return the sorted names of the exams: texts with a paper for each student."""
    return [
        name for name in _texts(course) if is_exam(Path(course, f"{name}.md").read_text("utf-8"))
    ]


def homeworks(course="assignments"):
    """Return the sorted names of the homeworks in a course folder: texts and source notebooks."""
    names = {*_texts(course)}
    place = Path(course, "source")
    if is_course(course) and (_has_own_folders(course) or not (names or place.exists())):
        place = _folder(coursedir_of(course), "?").parent
    names |= {path.parent.name for path in place.glob("*/*.ipynb")}
    return sorted(name for name in names - {*exams(course)} if not name.startswith("."))


def _has_own_folders(course):
    """Whether nbgrader must be asked where the source is, which takes seconds."""
    path = Path(course, "nbgrader_config.py")
    said = path.read_text("utf-8", "replace") if path.exists() else ""
    return re.search(r"^[^#\n]*(source_directory|directory_structure)", said, re.M)


def build(name, course="assignments", folder=None):
    """Write the source notebook of a text, source/NAME/NAME.ipynb; return its path.

    The notebooks of a homework that is no text are there already; then return their folder.

    Parameters
    ----------
    name : str
    course : str or Path
    folder : Path, optional
        Where the source is, if nbgrader_config.py names another place.

    Raises
    ------
    HomeworkError
        There is no such homework, or a mistake in the text.
    """
    import nbformat

    if is_text(name, course):
        notebook = to_notebook(Path(course, f"{name}.md"))
        folder = folder or Path(course, "source", name)
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        return folder / f"{name}.ipynb"
    folder = folder or _folder(coursedir_of(course), name)
    if not any(folder.glob("*.ipynb")):
        known = ", ".join(homeworks(course)) or "none"
        raise HomeworkError(f"no homework called {name!r} in {course}; there are: {known}.")
    return folder


def _folder(coursedir, name):
    return Path(coursedir.format_path(coursedir.source_directory, ".", name))


def points_of_source(name, course="assignments"):
    """Return the points of all cells of a homework, as it is written."""
    if is_text(name, course):
        cells = to_notebook(Path(course, f"{name}.md")).cells
    else:
        cells = [cell for path in sorted(build(name, course).glob("*.ipynb"))
                 for cell in _read(path)["cells"]]  # fmt: skip
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return sum(float(m.get("points") or 0) for m in marks if m.get("grade") or m.get("task"))


# What nbgrader makes of it -----------------------------------------------------------------


def prepare(api, name, course, step=None):
    """Let nbgrader make the students' notebooks; return them, and those with the answers.

    Parameters
    ----------
    api : nbgrader.apps.NbGraderAPI
        From nbgrader_of: with a gradebook the cells are written into it.
    name : str
    course : str or Path
    step : str, optional
        The folder for what is made; default: one inside ``.coursekit``, so that a release that
        is out is left alone.

    Raises
    ------
    HomeworkError
        What nbgrader says is wrong, or what cannot be graded here.
    """
    coursedir = api.coursedir
    folder = _folder(coursedir, name)
    build(name, course, folder)
    notebooks = {path.stem: _read(path) for path in sorted(folder.glob("*.ipynb"))}
    for path, notebook in notebooks.items():
        _require_python(notebook, f"{path}.ipynb")
    inside = Path(coursedir.root, ".coursekit")
    source_step, notes = coursedir.source_directory, []
    if old := [path for path, notebook in notebooks.items() if _is_old(notebook)]:
        source_step = ".coursekit/.upgraded"
        folder = _upgrade(folder, Path(coursedir.format_path(source_step, ".", name)))
        notes = [f"{', '.join(old)}: nbgrader's metadata is of an old schema; a copy was upgraded, "
                 "as `nbgrader update` does"]  # fmt: skip
    step = step or ".coursekit/.release"
    answers = _generate(api, name, source_step, step)
    place = Path(coursedir.format_path(step, ".", name))
    released = {path: _plain(_read(place / f"{path}.ipynb")) for path in answers}
    source = Source(name, folder, answers, released, is_text(name, course), notes)
    _keep(source, inside)
    return source


def _generate(api, name, source_step, step):
    """Run nbgrader's generate_assignment; return its notebooks before anything is cleared."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
    from nbgrader.utils import capture_log, temp_attrs
    from traitlets.utils.importstring import import_item

    answers = {}

    class Generate(LiteralNames, GenerateAssignment):
        _input_directory, _output_directory = source_step, step

    def keep(notebook, resources):
        answers[resources["nbgrader"]["notebook"]] = _plain(json.loads(json.dumps(notebook)))
        return notebook, resources

    with temp_attrs(api.coursedir, assignment_id=name):
        app = Generate(coursedir=api.coursedir, parent=api)
        app.force = app.create_assignment = True
        steps = [import_item(s) if isinstance(s, str) else s for s in app.preprocessors]
        clearing = (ClearSolutions, ClearHiddenTests, ClearMarkScheme)
        first = next((k for k, s in enumerate(steps) if s in clearing), len(steps))
        app.preprocessors = [*steps[:first], keep, *steps[first:]]
        require(capture_log(app))
    return answers


def _read(path):
    """Return a notebook as plain data, in nbformat 4."""
    import nbformat

    try:
        return json.loads(json.dumps(nbformat.read(path, 4)))
    except Exception as error:  # whatever a broken file does to nbformat
        raise HomeworkError(f"{path} cannot be read as a notebook: {error!s:.200}") from None


def _plain(notebook):
    """Return a notebook with texts in one piece, an id for every cell, and no outputs."""
    taken = set()
    for number, cell in enumerate(notebook["cells"]):
        cell["source"] = "".join(cell["source"])
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        key = cell.get("id")
        if not key or key in taken:
            names = (f"source-{number}{'-' * i}" for i in range(number + 2))
            key = next(name for name in names if name not in taken)
        taken.add(key)
        cell["id"] = key
        marks = cell["metadata"].get("nbgrader", {})
        if not any(marks.get(kind) for kind in ("grade", "solution", "locked", "task")):
            cell["metadata"].pop("nbgrader", None)  # a plain cell
    return notebook


def _require_python(notebook, path):
    """Refuse a notebook of another language, by name."""
    kernel = notebook["metadata"].get("kernelspec", {})
    language = notebook["metadata"].get("language_info", {}).get("name") or kernel.get("language")
    said = str(language or kernel.get("name") or "python")
    if "py" not in said.lower():
        raise HomeworkError(
            f"{path} is a notebook of {said}; coursekit grades Python only: use nbgrader autograde."
        )


# Old metadata ------------------------------------------------------------------------------


def _is_old(notebook):
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"]
             if "nbgrader" in cell["metadata"]]  # fmt: skip
    return any(m.get("schema_version", 0) < SCHEMA for m in marks)


def _upgrade(folder, target):
    """Copy a source with its notebooks in the newest schema; return the copy's folder."""
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    for path in target.glob("*.ipynb"):
        notebook = MetadataValidator().upgrade_notebook_metadata(nbformat.read(path, 4))
        nbformat.write(notebook, path)
    return target


# Kept for the pages ------------------------------------------------------------------------


def _keep(source, inside):
    """Keep the notebooks with the answers, for the pages of feedback."""
    folder = inside / ".source" / source.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, notebook in source.answers.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), "utf-8")


def kept(api, name):
    """Return the instructor's notebooks, by name: as the last release or grading had them.

    Raises
    ------
    HomeworkError
        There are none.
    """
    import nbformat

    coursedir = api.coursedir
    source = _folder(coursedir, name)
    for folder in (Path(coursedir.root, ".coursekit", ".source", name), source):
        if found := sorted(folder.glob("*.ipynb")):
            return {path.stem: nbformat.read(path, 4) for path in found}
    raise HomeworkError(f"no homework called {name!r}: {source} is missing; release it first")
