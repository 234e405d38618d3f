"""Jobs of a few cells, run without a sandbox."""

from nbformat.v4 import new_code_cell, new_notebook

from coursekit.grading.runner import run_job

LIMITS = {
    "cell_seconds": 100,
    "submission_seconds": 200,
    "memory_mb": 1024,
    "processes": 64,
    "file_mb": 16,
    "output_chars": 10_000,
}


def cell(source, kind=None, name=None):
    """Make a code cell: own, solution, locked or test."""
    marks = {
        "solution": {"solution": True, "grade": False, "locked": False},
        "locked": {"solution": False, "grade": False, "locked": True},
        "test": {"solution": False, "grade": True, "locked": True, "points": 1},
    }
    metadata = {"nbgrader": marks[kind] | {"grade_id": name}} if kind else {}
    return new_code_cell(source, metadata=metadata)


def submit(*cells, names=("f",), files=None, more=None, **limits):
    """Run a homework whose solution cells define ``names``; return errors, texts and the result.

    more: further entries of the job.
    """
    cells = [cell(*c) if isinstance(c, tuple) else cell(c) for c in cells]
    solutions = [c.metadata.nbgrader.grade_id for c in cells if _is_solution(c)]
    job = {
        "homework": "small",
        "student": "s",
        "notebook": new_notebook(cells=cells),
        "names": {name: list(names) for name in solutions},
        "preload": ["import numpy as np"],
        "files": files or {},
        "limits": LIMITS | limits,
        "sandbox": False,
        **(more or {}),
    }
    result = run_job(job)
    assert result["status"] == "ok", result["reason"]
    errors = [row["error"] for row in result["cells"]]
    texts = ["".join(o.get("text", "") for o in c["outputs"]) for c in result["notebook"]["cells"]]
    return errors, texts, result


def _is_solution(c):
    return c.metadata.get("nbgrader", {}).get("solution", False)
