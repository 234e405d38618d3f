"""A tiny homework with a cell of each kind, a course of it, and submissions to it."""

import json
import shutil
import warnings
from contextlib import contextmanager
from pathlib import Path

import nbformat
from places import COURSE

from coursekit.homework.nbgrader_course import nbgrader_of, require
from coursekit.homework.release import build

TINY = """\
---
kernelspec: {display_name: Python 3, name: python3}
---

# Tiny

```{code-cell} ipython3
:locked: setup
import math
```

```{code-cell} ipython3
:solution: double
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:checks: double-check
assert double(0) == 0
```

```{code-cell} ipython3
:tests: double-values
:points: 2
### BEGIN HIDDEN TESTS
from math import pi
assert double(pi) == 2 * pi, "The double of pi is not right."
### END HIDDEN TESTS
```

```{code-cell} ipython3
:tests: double-texts
:points: 3
### BEGIN HIDDEN TESTS
assert double("ab") == "abab", "Texts can be doubled too."
### END HIDDEN TESTS
```

+++ {"written": "why", "points": 5}

Because.
=== BEGIN MARK SCHEME ===
Anything.
=== END MARK SCHEME ===
"""
NAMES = ["setup", "double", "double-check", "double-values", "double-texts", "why"]
RIGHT, WRONG = "def double(x): return x + x", "def double(x): return 3 * x"


@contextmanager
def old_nbgrader():
    """Ignore the warnings of nbgrader 0.9.6, which is older than SQLAlchemy 2.1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def new_course(folder, text=TINY, generate=True, gradebook=True):
    """Make a course of this homework in a folder; return the folder.

    generate: with release/, and unless ``gradebook`` is False with a gradebook.
    """
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    (folder / "tiny.md").write_text(text)
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    if generate:
        build("tiny", folder)
        with old_nbgrader():
            require(nbgrader_of(folder, gradebook).generate_assignment("tiny"))
    return folder


def hand_in(course, student, answers, **texts):
    """Hand in the notebook with these answers, and files NAME.txt; return the folder."""
    notebook = nbformat.read(course / "release" / "tiny" / "tiny.ipynb", 4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    folder = course / "submitted" / student / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / "tiny.ipynb")
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def run_here(job):
    """Do as runner.run_job, with no process, no sandbox and no kernel."""
    notebook, names = json.loads(json.dumps(job["notebook"])), {}
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = count = count + 1
            try:
                exec(cell["source"], names)
            except Exception as error:
                raised = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
                cell["outputs"] = [{"output_type": "error"} | raised]
    more = {"cells": [], "notes": [], "seconds": 1.0, "peak_mb": 1.0, "sandbox": False}
    same = {key: job[key] for key in ("homework", "student")}
    return {"status": "ok", "reason": "", "notebook": notebook} | same | more
