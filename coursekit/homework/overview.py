"""What is done of each homework, read from the notebooks as they were saved; nothing runs."""

from dataclasses import astuple, dataclass
from pathlib import Path

from coursekit.homework.text import HomeworkError
from coursekit.homework.validate import form, is_check, is_paper, points_of_checks, read

__all__ = ["Row", "overview", "show"]

COLUMNS = ("homework", "answers", "checks as last run", "in words", "points")


@dataclass(frozen=True)
class Row:
    """What is done of one homework, in words."""

    homework: str
    answers: str
    checks: str
    words: str
    points: str


def overview(folder="lab/homework"):
    """Return a row for each homework in a folder.

    Parameters
    ----------
    folder : str or Path
        It holds ``NAME/NAME.ipynb``, as ``make lab`` puts them there.

    Returns
    -------
    list of Row
        Checks are counted as their outputs stand in the notebook.

    Raises
    ------
    HomeworkError
        If there is no homework in the folder.
    """
    rows = []
    for path in sorted(Path(folder).glob("*/*.ipynb")):
        if path.stem == path.parent.name:
            rows.append(_row(path))
    if not rows:
        raise HomeworkError(f"no homework in {folder}; name the folder in which your copies are.")
    return rows


def show(folder="homework"):
    """Print the overview, as the notebook ``start.ipynb`` does."""
    table = [COLUMNS, *map(astuple, overview(folder))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        words = (word.ljust(width) for word, width in zip(row, widths, strict=True))
        print("  ".join(words).rstrip())


def _row(path):
    try:
        notebook = read(path)
    except HomeworkError:
        return Row(path.stem, "cannot be read", "", "", "")
    open_ones = {finding.cell for finding in form(notebook) if finding.kind == "unanswered"}
    answers, written, passed, checks = [], [], set(), 0
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader") or {}
        if mark.get("solution"):
            kept = answers if cell.cell_type == "code" else written
            kept.append(mark["grade_id"] not in open_ones)
        elif is_check(cell):
            checks += 1
            errors = any(output.output_type == "error" for output in cell.outputs)
            if cell.execution_count and not errors:
                passed.add(mark["grade_id"])
    reached, most, _ = points_of_checks(notebook, passed)
    return Row(
        path.stem,
        f"{sum(answers)} of {len(answers)}",
        f"{len(passed)} of {checks}",
        "yes" if written and all(written) else "not yet" if written else "-",
        f"{most:g} in all" if is_paper(notebook) else f"about {reached:g} of {most:g}",
    )
