"""Run a homework as its student does, and say what the visible checks say.

It needs the notebook alone: no course, no tests, no gradebook, no nbgrader. It runs on the
student's own machine, in a kernel like JupyterLab's.
"""

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from coursekit._plain_text import plain
from coursekit.homework.text import HomeworkError

__all__ = ["Finding", "points_said", "report", "validate"]

SIGNS = {"passed": "✓", "failed": "✗", "unanswered": "·", "changed": "!"}
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
    cells = read(path)
    found = form(cells)
    for cell, failure in _runs(cells, path.parent, seconds, progress):
        found += _said(cell, failure)
    place = {_name(cell): k for k, cell in enumerate(cells.cells)}
    return sorted(found, key=lambda finding: place.get(finding.cell, -1))


def report(notebook):
    """Return in plain text what ``coursekit validate`` shows; for the button of JupyterLab.

    Parameters
    ----------
    notebook : str or Path

    Returns
    -------
    str
        A line for each finding, and the sum.
    """
    try:
        found = validate(notebook)
    except HomeworkError as error:
        return f"error: {error}"
    lines = [f"{SIGNS[one.kind]} {one.cell}: {one.text}" for one in found]
    return "\n".join([*lines, "", summary(found), points_said(notebook, found)])


def summary(found):
    """Return how many checks passed, and what is left to do."""
    passed = sum(finding.good for finding in found)
    left = len(found) - passed
    things = "1 thing" if left == 1 else f"{left} things"
    checks = "1 check" if passed == 1 else f"{passed} checks"
    return f"{checks} passed, {f'{things} to do' if left else 'ready to hand in'}"


# Points ------------------------------------------------------------------------------------


def points_said(notebook, found):
    """Return a sentence on the points that the checks promise.

    Each cell with points counts for the visible check above it: as many points as it gives if that
    check passes, else none. The tests behind them look at more, so this is no more than a guess.

    Parameters
    ----------
    notebook : str or Path
    found : list of Finding
        What `validate` said about it.

    Returns
    -------
    str
        Empty for a homework without points; of an exam that its checks promise none.
    """
    if is_paper(cells := read(Path(notebook))):
        return "the checks of an exam look at the form of answers only: they promise no points"
    passed = {one.cell for one in found if one.good} - {one.cell for one in found if not one.good}
    reached, most, by_hand = points_of_checks(cells, passed)
    if not most:
        return ""
    words = f", and {by_hand:g} more for the answer in words, which a person reads" * bool(by_hand)
    return f"about {reached:g} of {most:g} points{words}; the tests look at more than the checks"


def points_of_checks(notebook, passed):
    """Return the points below checks that passed, of all, and how many are given by hand."""
    reached, most, by_hand, check = 0, 0, 0, None
    for cell in notebook.cells:
        mark = _mark(cell)
        check = _name(cell) if is_check(cell) else check
        if mark.get("grade") and mark.get("solution"):
            by_hand += mark.get("points", 0)
        elif mark.get("grade"):
            most += mark.get("points", 0)
            reached += mark.get("points", 0) * (check in passed)
    return reached, most, by_hand


# The notebook ------------------------------------------------------------------------------


def read(path):
    """Return the notebook of a homework; raise HomeworkError for anything else."""
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
        points = _mark(cell).get("points")
        if isinstance(points, str):  # as in nbgrader's oldest schema
            _mark(cell)["points"] = float(points) if points.replace(".", "", 1).isdecimal() else 0
    if not any(_mark(cell) for cell in notebook.cells):
        raise HomeworkError(
            f"{path} has lost the hidden names of its cells, by which grading finds them; "
            "copy your answers into a fresh copy."
        )
    return notebook


def is_paper(notebook):
    """Whether a notebook is the paper of an exam."""
    ours = notebook.metadata.get("coursekit")
    return isinstance(ours, dict) and "paper" in ours


def _mark(cell):
    mark = cell.metadata.get("nbgrader", {})
    return mark if isinstance(mark, dict) and mark.get("grade_id") else {}


def _name(cell):
    return _mark(cell).get("grade_id") or f"cell {cell.metadata['place']}"


def _is_answer(cell):
    return bool(_mark(cell).get("solution"))


def form(notebook):
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
    handed_out = _mark(cell).get("checksum")
    return _checksum(cell) == handed_out if handed_out else None


def _checksum(cell):
    """Return what ``nbgrader.utils.compute_checksum`` does, without an installed nbgrader."""
    mark = _mark(cell)
    grade, solution = mark.get("grade", False), mark.get("solution", False)
    locked = not solution and (grade or mark.get("locked", False))
    parts = [cell.source, cell.cell_type, grade, solution, bool(locked), mark["grade_id"]]
    parts += [float(mark.get("points", 0))] if grade else []
    return hashlib.md5("".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()


def is_check(cell):
    """Whether a cell is a visible check."""
    mark = _mark(cell)
    given = mark and not mark.get("solution") and cell.cell_type == "code"
    return bool(given and CHECK.search(cell.source))


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
    if failure.startswith("NotImplementedError"):
        if _is_answer(cell) or not mark:
            return []
        return [Finding("unanswered", name, "waits for an answer that is not written yet.")]
    if failure:
        return [Finding("failed", name, failure)]
    return [Finding("passed", name, "passed.")] if is_check(cell) else []


if __name__ == "__main__":  # as the button of JupyterLab calls it
    print(report(sys.argv[1]))
