"""What a homework asks of its submissions: its cells, files, limits and way of testing."""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from coursekit.grading.execution.cells import is_test, marks_of, name_of
from coursekit.grading.sandbox.limits import LIMITS, Limits
from coursekit.grading.submissions.elsewhere import read_only_paths
from coursekit.grading.submissions.files import other_files
from coursekit.grading.submissions.python_names import (
    bound_names,
    changed_names,
    imports,
    modules,
)
from coursekit.homework.text import HomeworkError

__all__ = ["Homework", "Notebook", "label_of", "load_homework"]

FORMAT = 3  # of what is kept of a result
TESTS = ("apart", "together", "both")  # how tests may run


@dataclass(frozen=True)
class Notebook:
    """What the source of one notebook says about what is handed in."""

    cells: dict  # name: cell of the source, in its order
    stubs: dict  # name: text of the cell handed out
    metadata: dict  # of the notebook
    names: dict  # name of a solution cell: what it binds or changes
    modules: dict  # name of a solution cell: the modules it binds, and how it imports them
    shown: dict  # name of a code cell: its text as it is handed out
    plain: dict  # name: the plain code cells given between the named cell before and this one


@dataclass(frozen=True)
class Homework:
    """What the source of a homework says about its submissions."""

    name: str
    coursedir: object  # nbgrader's
    notebooks: dict  # name: Notebook
    preload: list  # import statements
    files: dict  # other files of the source
    ignore: list  # patterns of files that nbgrader ignores
    limits: Limits
    read_only: list  # what the sandbox shows of this machine, and where
    tests: str  # "apart", "together" or "both"
    notes: list  # for the instructor
    digest: str  # of all this
    asked: dict  # the same in pieces: digest of each test by its label, and "" for all the rest

    def folder(self, student):
        """Return where a student's submission lies."""
        step = self.coursedir.submitted_directory
        return Path(self.coursedir.format_path(step, student, self.name))


def load_homework(source, coursedir, config, tests=None, read_only=()):
    """Return what the source of a homework says about its submissions.

    Parameters
    ----------
    source : coursekit.homework.source.Source
    coursedir : nbgrader.coursedir.CourseDirectory
        The course.
    config : traitlets.config.Config
        nbgrader's; ``Execute.timeout`` limits each cell, ``Coursekit`` holds settings of ours.
    tests : str, optional
        How tests run: "apart", "together" or "both"; default: as the configuration says.
    read_only : sequence of str
        Files and folders that the sandbox shows beside those that the configuration names.

    Returns
    -------
    Homework
    """
    ignore = [*coursedir.ignore, "*.ipynb"]
    files, links = other_files(source.folder, ignore)
    if links:
        raise HomeworkError(
            f"{links[0]} in the source of {source.name} is a link; put the file there."
        )
    students_own = config.Autograde.get("exclude_overwriting", {}).get(source.name, [])
    limits = LIMITS | _own_limits(config)
    timeout = config.Execute.get("timeout", LIMITS["cell_seconds"])
    limit = timeout if timeout and timeout > 0 else limits["submission_seconds"]
    notebooks = {
        name: _notebook(notebook, source.released[name])
        for name, notebook in source.answers.items()
    }
    texts = [c["source"] for n in source.answers.values() for c in n["cells"] if _is_code(c)]
    own = {name.partition("/")[0].removesuffix(".py") for name in files}
    facts = {
        "name": source.name,
        "notebooks": notebooks,
        "preload": imports(texts, without=own),
        "files": {key: files[key] for key in files if key not in students_own},
        "limits": limits | {"cell_seconds": limit},
        "read_only": [
            *read_only_paths(config.Coursekit.get("read_only", []), coursedir),
            *read_only_paths(read_only, coursedir),
        ],
        "tests": _known(tests) if tests else _tests(config, source.is_text),
    }
    versions = [importlib.metadata.version(package) for package in ("coursekit", "nbgrader")]
    digest = _digest([FORMAT, facts, versions])
    more = {"coursedir": coursedir, "ignore": ignore, "notes": source.notes, "digest": digest}
    return Homework(**facts, **more, asked=_asked(facts, versions))


def label_of(part, name):
    """Return what a cell of a homework is called: its notebook's name, and its own."""
    return f"{part}: {name}"


def _asked(facts, versions):
    """Return a digest of each test, and of all the rest, which decides on the other scores."""
    found, rest = {}, []
    for part, notebook in facts["notebooks"].items():
        tests = {name for name, cell in notebook.cells.items() if is_test(cell)}
        for name in tests:
            texts = [notebook.cells[name], notebook.stubs[name], notebook.shown.get(name)]
            found[label_of(part, name)] = _digest(texts)
        pieces = (notebook.cells, notebook.stubs, notebook.shown)
        rest.append([part, [_without(piece, tests) for piece in pieces]])
        rest.append([notebook.metadata, notebook.names, notebook.modules, notebook.plain])
    rest += [facts[key] for key in ("name", "files", "limits", "tests")]
    return found | {"": _digest([FORMAT, rest, versions])}


def _without(piece, names):
    return [(name, None if name in names else value) for name, value in piece.items()]


def _digest(facts):
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()


def _is_code(cell):
    return cell["cell_type"] == "code"


def _notebook(source, handed_out):
    solutions = [c for c in source["cells"] if _is_code(c) and marks_of(c).get("solution")]
    texts = [cell["source"] for cell in source["cells"] if _is_code(cell)]
    imported = {name for text in texts for name in modules(text)}
    names = {
        name_of(cell): [
            *(bound := bound_names(cell["source"])),
            *(n for n in changed_names(cell["source"]) if n not in imported and n not in bound),
        ]
        for cell in solutions
    }
    return Notebook(
        cells={key: cell for cell in source["cells"] if (key := name_of(cell))},
        stubs={name_of(cell): cell["source"] for cell in handed_out["cells"]},
        shown={
            name_of(cell): cell["source"]
            for cell in handed_out["cells"]
            if _is_code(cell) and name_of(cell)
        },
        metadata=source["metadata"],
        names=names,
        modules={name_of(cell): modules(cell["source"]) for cell in solutions},
        plain=_plain_cells(handed_out["cells"]),
    )


def _plain_cells(cells):
    """Return the plain code cells by the next cell that has a name; none behind the last."""
    found, waiting = {}, []
    for cell in cells:
        if name := name_of(cell):
            if waiting:
                found[name] = waiting
            waiting = []
        elif _is_code(cell) and cell["source"].strip():
            waiting.append(cell["source"])
    return found


# Settings of ours --------------------------------------------------------------------------


def _tests(config, is_text):
    """Return how tests run: as nbgrader_config.py says, else together where apart fails."""
    return _known(config.Coursekit.get("tests", "apart" if is_text else "both"))


def _known(tests):
    if tests not in TESTS:
        raise HomeworkError(f"tests run {', '.join(TESTS[:-1])} or {TESTS[-1]}, not {tests!r}.")
    return tests


OTHERS = ("tests", "read_only")  # settings that are no limits


def _own_limits(config):
    """Return the limits that nbgrader_config.py sets, as in c.Coursekit.memory_mb = 4096."""
    own = {name: value for name, value in config.Coursekit.items() if name not in OTHERS}
    for name, value in own.items():
        if name not in LIMITS or name == "cell_seconds":
            known = ", ".join(key for key in LIMITS if key != "cell_seconds")
            raise HomeworkError(f"c.Coursekit.{name} is no limit; there are: {known}.")
        if type(value) not in (int, float) or not 0 < value < 1e12:
            raise HomeworkError(f"c.Coursekit.{name} must be a number above 0, not {value!r}.")
    return own
