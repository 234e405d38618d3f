"""Run a homework as its student does, and say what the visible checks say.

It needs the notebook alone: no course, no tests, no gradebook. It runs on the student's own
machine, in a kernel like JupyterLab's.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from coursekit._plain_text import plain
from coursekit.homework.text import HomeworkError

__all__ = ["Finding", "validate"]

SECONDS = 60  # that a cell may run
DEAD = "the kernel died here; did the cell end Python, or use up the memory?"
CHECK = re.compile(r"^\s*(assert|(\w+\.)?check_?\w*\()", re.M)  # in a cell that checks something


@dataclass(frozen=True)
class Finding:
    """What there is to say about one cell.

    ``kind`` is "passed", "failed", "unanswered" or "changed"; ``cell`` the name of the cell or its
    place; ``text`` a sentence.
    """

    kind: str
    cell: str
    text: str

    @property
    def good(self):
        """Whether nothing is left to do."""
        return self.kind == "passed"


def validate(notebook, seconds=SECONDS, progress=None):
    """Run a notebook and return what its visible checks say.

    Parameters
    ----------
    notebook : str or Path
        The homework, as it is to be handed in. It is not changed.
    seconds : float
        How long a cell may run.
    progress : callable, optional
        Called with the name of each cell before it runs.

    Returns
    -------
    list of Finding
        In the order of the cells. If all are good, every check passes, nothing is unanswered and
        the notebook is as it was handed out.

    Raises
    ------
    HomeworkError
        If it cannot be read as a homework, or no kernel starts.
    """
    path = Path(notebook)
    cells = _read(path)
    found = _form(cells)
    for cell, failure in _runs(cells, path.parent, seconds, progress):
        found += _said(cell, failure)
    place = {_name(cell): k for k, cell in enumerate(cells.cells)}
    return sorted(found, key=lambda finding: place.get(finding.cell, -1))


# The notebook ------------------------------------------------------------------------------


def _read(path):
    import nbformat

    if not path.exists():
        raise HomeworkError(f"no file {path}; name the notebook that you worked on.")
    if path.suffix != ".ipynb":
        raise HomeworkError(f"{path} is no notebook; name the file that ends in .ipynb.")
    try:
        notebook = nbformat.read(path, 4)
    except Exception as error:  # whatever a broken file does to nbformat
        reason = plain(error).strip().splitlines() or [type(error).__name__]
        raise HomeworkError(f"{path} cannot be read as a notebook: {reason[0]:.200}") from None
    for k, cell in enumerate(notebook.cells, 1):
        cell.metadata["place"] = k
    if not any(_mark(cell) for cell in notebook.cells):
        raise HomeworkError(
            f"{path} has lost the hidden names of its cells, by which grading finds them; "
            "copy your answers into a fresh copy."
        )
    return notebook


def _mark(cell):
    mark = cell.metadata.get("nbgrader", {})
    return mark if isinstance(mark, dict) and mark.get("grade_id") else {}


def _name(cell):
    return _mark(cell).get("grade_id") or f"cell {cell.metadata['place']}"


def _is_answer(cell):
    return bool(_mark(cell).get("solution"))


def _form(notebook):
    """Return what is wrong with the cells before they run."""
    found, seen = [], set()
    for cell in notebook.cells:
        mark, name = _mark(cell), _name(cell)
        if not mark:
            continue
        if name in seen:
            text = "is there twice; delete the copy, only one of them is graded."
            found.append(Finding("changed", name, text))
        seen.add(name)
        if _is_untouched(cell) and (_is_answer(cell) or mark.get("task")):
            words = cell.cell_type != "code"
            text = "has no written answer yet." if words else "is not answered yet."
            found.append(Finding("unanswered", name, text))
        elif not _is_answer(cell) and not mark.get("task") and _is_untouched(cell) is False:
            text = "was changed; it is put back as it was before grading."
            found.append(Finding("changed", name, text))
    for name in notebook.metadata.get("coursekit", {}).get("cells", []):
        if name not in seen:
            text = "is missing; copy it, or all your answers, from and into a fresh copy."
            found.append(Finding("changed", str(name), text))
    return found


def _is_untouched(cell):
    """Whether a cell is as it was handed out; None if nobody can tell."""
    from nbgrader.utils import compute_checksum

    handed_out = _mark(cell).get("checksum")
    return compute_checksum(cell) == handed_out if handed_out else None


# The run -----------------------------------------------------------------------------------


def _runs(notebook, folder, seconds, progress):
    """Run the code cells; yield each with why it failed, or ""."""
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=seconds,
        allow_errors=True,
        shutdown_kernel="immediate",
        kernel_name="python3",  # of this environment, whatever the notebook names
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=CRITICAL"],
    )
    client.log.setLevel("CRITICAL")
    inline = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    late = f"ran longer than {seconds:g} s and was stopped, and what follows did not run."
    try:
        with client.setup_kernel(env=inline | os.environ):
            for k, cell in enumerate(notebook.cells):
                if cell.cell_type != "code" or not cell.source.strip():
                    continue
                if progress:
                    progress(_name(cell))
                try:
                    client.execute_cell(cell, k)
                except (CellTimeoutError, DeadKernelError) as error:
                    yield cell, late if isinstance(error, CellTimeoutError) else DEAD
                    return
                yield cell, _failure(cell)
    except NoSuchKernel:
        raise HomeworkError(
            "there is no Python kernel here; install one: pip install ipykernel"
        ) from None


def _failure(cell):
    """Return the message of the exception that a cell raised, or ""."""
    raised = [output for output in cell.outputs if output.output_type == "error"]
    if not raised:
        return ""
    kind, message = plain(raised[0].ename), plain(raised[0].evalue).strip()
    is_said = kind in ("AssertionError", "CheckFailed") and message
    return message if is_said else f"{kind}: {message}".rstrip(": ")


def _said(cell, failure):
    """Return what there is to say after a cell has run."""
    mark, name = _mark(cell), _name(cell)
    is_check = mark and not _is_answer(cell) and CHECK.search(cell.source)
    if failure.startswith("NotImplementedError"):
        if _is_answer(cell) or not mark:
            return []
        return [Finding("unanswered", name, "waits for an answer that is not written yet.")]
    if failure:
        return [Finding("failed", name, failure)]
    return [Finding("passed", name, "passed.")] if is_check else []
