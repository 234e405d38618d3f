"""Notebooks and folders handed in that are not what they claim to be.

ATTACKS: {description: function(notebook, folder)}; it changes a notebook that answers nothing,
or puts something beside it. None of them deserves a point.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

import copy
import os

MARK = "<script>parent.heron()</script>"
FAKE = """
class Fake:
    def __getattr__(self, name): return lambda *anything, **more: True
    __path__ = []
import sys
sys.modules[__name__] = Fake()
"""


def tests(notebook):
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def marks(notebook):
    return [cell["metadata"]["nbgrader"] for cell in tests(notebook)]


def solution(notebook, name):
    return next(cell for cell in notebook["cells"] if cell["id"] == name)


def own(source):
    return {
        "cell_type": "code", "id": "own", "metadata": {}, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def more_points(notebook, folder):
    for mark in marks(notebook):
        mark["points"] = 100


def fewer_points(notebook, folder):
    for mark in marks(notebook):
        mark["points"] = 1e-9


def no_grade(notebook, folder):
    for mark in marks(notebook):
        mark["grade"] = False


def solutions(notebook, folder):
    for mark in marks(notebook):
        mark.update(solution=True, locked=False)


def no_locks(notebook, folder):
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["locked"] = False
            cell["source"] = "pass"


def tasks(notebook, folder):
    for mark in marks(notebook):
        mark.update(task=True, grade=False)


def old_schema(notebook, folder):
    for mark in marks(notebook):
        mark["schema_version"] = 1


def swapped(notebook, folder):
    names = [mark["grade_id"] for mark in marks(notebook)]
    for mark, name in zip(marks(notebook), reversed(names), strict=True):
        mark["grade_id"] = name


def one_name(notebook, folder):
    for mark in marks(notebook):
        mark["grade_id"] = "double-values"


def tags(notebook, folder):
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception", "nbgrader-skip"]
        cell["metadata"]["deletable"] = cell["metadata"]["editable"] = True


def edited(notebook, folder):
    for cell in tests(notebook):
        cell["source"] = "100"


def deleted(notebook, folder):
    gone = tests(notebook)
    notebook["cells"] = [cell for cell in notebook["cells"] if cell not in gone]


def duplicated(notebook, folder):
    for cell in tests(notebook):
        twin = copy.deepcopy(cell) | {"source": "pass", "id": cell["id"] + "2"}
        notebook["cells"] += [twin]


def reversed_order(notebook, folder):
    notebook["cells"].reverse()


def markdown(notebook, folder):
    for cell in tests(notebook):
        cell["cell_type"] = "markdown"
        cell.pop("outputs")
        cell.pop("execution_count")


def raw(notebook, folder):
    markdown(notebook, folder)
    for cell in tests(notebook):
        cell["cell_type"] = "raw"


def planted(notebook, folder):
    for cell in tests(notebook):
        cell["outputs"] = [
            {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {},
             "execution_count": 1},
        ]  # fmt: skip
        cell["execution_count"] = 1
        cell["metadata"]["nbgrader"].update(score=5, points=5, checksum="0" * 32)


def bonus(notebook, folder):
    mark = {"grade": True, "solution": False, "locked": False, "task": False, "points": 50}
    mark |= {"grade_id": "bonus", "schema_version": 3}
    notebook["cells"] += [own("50") | {"metadata": {"nbgrader": mark}}]


def solved_by_tests(notebook, folder):
    """Turn each wrong answer into a test cell, so that no one runs it or puts it back."""
    for name in ("double", "count", "primes", "follow"):
        solution(notebook, name)["metadata"]["nbgrader"].update(grade=True, points=9)


def another_kernel(notebook, folder):
    notebook["metadata"]["kernelspec"] = {"name": "bash", "display_name": "sh", "language": "bash"}
    notebook["metadata"]["language_info"] = {"name": "bash"}


def modules(notebook, folder):
    """Modules named like those that the tests import."""
    names = (
        "numpy coursekit scipy math sitecustomize usercustomize msgpack json re nbgrader inspect"
    )
    for name in names.split():
        (folder / f"{name}.py").write_text(FAKE)
    (folder / "coursekit").mkdir()
    for name in ("__init__", "checks"):
        (folder / "coursekit" / f"{name}.py").write_text(FAKE)


def settings(notebook, folder):
    """Settings of Python, IPython, Jupyter, nbgrader and pytest."""
    startup = folder / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text(FAKE)
    names = "nbgrader_config.py jupyter_config.py conftest.py .pythonrc pyvenv.cfg evil.pth"
    for name in names.split():
        (folder / name).write_text("import os; os.abort()")


def links(notebook, folder):
    """Links to what lies outside."""
    course = folder.parents[2]
    for name, target in {
        "gradebook": course / "gradebook.db",
        "source": course / "source",
        "neighbour": course / "submitted" / "perfect-1",
        "passwd": "/etc/passwd",
        "circle": folder,
    }.items():
        os.symlink(target, folder / name)
    look = "import os\nfor name in sorted(os.listdir('.')):\n    print(name)\n    print(open(name).read())"
    notebook["cells"] += [own(look)]


def script(notebook, folder):
    """Code for the browser of whoever reads the page."""
    notebook["cells"] += [
        own(f"from IPython.display import HTML, Javascript, display\ndisplay(HTML({MARK!r}))\n"
            f"display(Javascript('parent.heron()'))\nprint({MARK!r})\nraise ValueError({MARK!r})"),
        {"cell_type": "markdown", "id": "html", "metadata": {}, "source": MARK},
    ]  # fmt: skip


def no_unicode(notebook, folder):
    solution(notebook, "double")["source"] = (
        "def double(x):\n    print('\\ud800')\n    raise ValueError('\\udfff')"
    )


def broken_outputs(notebook, folder):
    solution(notebook, "double")["source"] = (
        "get_ipython().display_pub.publish({'text/plain': 5, 'image/png': b'x', 7: 7})\n"
        "def double(x): pass"
    )


def exits(notebook, folder):
    solution(notebook, "count")["source"] = "import os\ndef count(words):\n    os._exit(0)"


def inputs_told(notebook, folder):
    """Tell the test's inputs on in exceptions, in prints and in a cell that runs later."""
    solution(notebook, "double")["source"] = (
        "seen = []\ndef double(x):\n    seen.append(x)\n    print(x)\n"
        "    raise AssertionError(f'The double of kes' f'trel {x} is wrong.')"
    )
    notebook["cells"] += [own("print(seen)")]


ATTACKS = {
    "more points": more_points,
    "fewer points": fewer_points,
    "tests that are no tests": no_grade,
    "tests that are solutions": solutions,
    "nothing locked": no_locks,
    "tests that are tasks": tasks,
    "an old schema": old_schema,
    "names of tests swapped": swapped,
    "one name for all tests": one_name,
    "tags": tags,
    "tests edited": edited,
    "tests deleted": deleted,
    "tests twice": duplicated,
    "cells in another order": reversed_order,
    "tests in Markdown": markdown,
    "tests in raw cells": raw,
    "outputs and scores planted": planted,
    "a bonus": bonus,
    "answers that are tests": solved_by_tests,
    "another kernel": another_kernel,
    "modules beside the notebook": modules,
    "settings beside the notebook": settings,
    "links to the gradebook": links,
    "a script in the page": script,
    "text that is no Unicode": no_unicode,
    "outputs that no notebook can hold": broken_outputs,
    "a test that ends the process": exits,
    "inputs told": inputs_told,
}
