"""What ``coursekit validate`` finds in a homework before it is handed in."""

import re
import subprocess
import sys

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import compute_checksum
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.homework.validate import Finding, _checksum, points_said, report, validate

BY_HAND = (
    ", and 2 more for the answer in words, which a person reads; "
    "the tests look at more than the checks"
)


def run(*arguments):
    """Run the command; return exit code, stdout, stderr."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def cell(source, name=None, kind="code", **mark):
    make = new_code_cell if kind == "code" else new_markdown_cell
    made = make(source)
    if name:
        standard = {"grade": False, "solution": False, "locked": False, "task": False}
        made.metadata["nbgrader"] = standard | {"grade_id": name, "schema_version": 3} | mark
        made.metadata["nbgrader"]["checksum"] = compute_checksum(made)
    return made


def handed_out():
    stub = "def f(x):\n    raise NotImplementedError()"
    return new_notebook(
        cells=[
            cell("import math", "setup", locked=True),
            cell(stub, "f", solution=True),
            cell('assert f(2) == 4, "f(2) is not 4."', "f-check", locked=True),
            cell("# 2 points", "f-values", grade=True, locked=True, points=2),
            cell("*YOUR ANSWER HERE*", "why", "markdown", solution=True, grade=True, points=2),
            cell("print(1)"),
        ],
        metadata={"kernelspec": {"name": "not-there", "display_name": "x", "language": "python"}},
    )


def found_in(notebook, folder, **options):
    path = folder / "hw.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    found = [(one.kind, one.cell, one.text) for one in validate(path, **options)]
    assert path.read_bytes() == before
    return found


def answered(code="def f(x):\n    return x * x"):
    notebook = handed_out()
    notebook.cells[1].source = code
    notebook.cells[4].source = "Because."
    return notebook


def test_validate_finds_what_is_unanswered(tmp_path):
    assert found_in(handed_out(), tmp_path) == [
        ("unanswered", "f", "is not answered yet."),
        ("unanswered", "f-check", "waits for an answer that is not written yet."),
        ("unanswered", "why", "has no written answer yet."),
    ]


def test_validate_of_what_is_ready(tmp_path):
    nbformat.write(answered(), tmp_path / "hw.ipynb")
    code, said, complaint = run("validate", tmp_path / "hw.ipynb")
    assert code == 0, said + complaint
    assert re.search(r"✓ +f-check +passed\.", said)
    assert "hw.ipynb: 1 check passed, ready to hand in\n" in said
    assert said.endswith(f"about 2 of 2 points{BY_HAND}\n")


def test_validate_says_what_a_check_says(tmp_path):
    nbformat.write(answered("def f(x):\n    return x"), tmp_path / "hw.ipynb")
    code, said, _ = run("validate", tmp_path / "hw.ipynb")
    assert code == 1
    assert re.search(r"✗ +f-check +f\(2\) is not 4\.", said)
    assert "hw.ipynb: 0 checks passed, 1 thing to do\n" in said
    assert said.endswith(f"about 0 of 2 points{BY_HAND}\n")


def test_the_button_shows_what_the_command_says(tmp_path):
    nbformat.write(answered("def f(x):\n    return x"), tmp_path / "hw.ipynb")
    assert report(tmp_path / "hw.ipynb").splitlines() == [
        "✗ f-check: f(2) is not 4.",
        "",
        "0 checks passed, 1 thing to do",
        f"about 0 of 2 points{BY_HAND}",
    ]
    assert report(tmp_path / "none.ipynb").startswith("error: no file")


def test_points_belong_to_the_check_above_them(tmp_path):
    notebook = answered()
    notebook.cells[5:] = [
        cell("def g(x): return 0", "g", solution=True),
        cell('assert g(1) == 1, "g(1) is not 1."', "g-check", locked=True),
        cell("# 3 points", "g-values", grade=True, locked=True, points=3),
        cell("# 4 points", "g-batches", grade=True, locked=True, points=4),
    ]
    path = tmp_path / "hw.ipynb"
    nbformat.write(notebook, path)
    found = [Finding("passed", "f-check", ""), Finding("failed", "g-check", "")]
    assert points_said(path, found).startswith("about 2 of 9 points, and 2 more for the answer")
    found[1] = Finding("passed", "g-check", "")
    assert points_said(path, found).startswith("about 9 of 9 points")
    changed = [*found, Finding("changed", "g-check", "")]  # a check that was made easier
    assert points_said(path, changed).startswith("about 2 of 9 points")
    notebook.cells = notebook.cells[:3]
    nbformat.write(notebook, path)
    assert points_said(path, found) == ""


@given(
    st.fixed_dictionaries({flag: st.booleans() for flag in ("grade", "solution", "locked")}),
    st.floats(0, 1e6) | st.integers(0, 9),
    st.sampled_from(["code", "markdown"]),
    st.text(max_size=9),
)
def test_the_checksum_is_that_of_nbgrader(flags, points, kind, source):
    """Students need no nbgrader for `coursekit validate`."""
    made = cell(source, "name", kind, points=points, **flags)
    assert _checksum(made) == compute_checksum(made)


def test_validate_needs_no_nbgrader(tmp_path):
    nbformat.write(answered(), tmp_path / "hw.ipynb")
    code = (
        "import sys; sys.modules['nbgrader'] = None; from coursekit.cli.commands import app; app()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "validate", tmp_path / "hw.ipynb"], capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()


def test_validate_names_other_errors_and_cells(tmp_path):
    notebook = answered("def f(x):\n    return 1 / 0")
    notebook.cells.append(cell("1 +"))
    found = found_in(notebook, tmp_path)
    assert found[0] == ("failed", "f-check", "ZeroDivisionError: division by zero")
    assert found[1][:2] == ("failed", "cell 7")
    assert found[1][2].startswith("SyntaxError: ")


def test_validate_notes_changed_doubled_and_missing_cells(tmp_path):
    notebook = answered()
    notebook.cells[2].source = "assert True"
    notebook.cells.append(cell("f = abs", "f", solution=True))
    notebook.metadata["coursekit"] = {"cells": ["setup", "f", "f-check", "g"]}
    found = found_in(notebook, tmp_path)
    changed = {name: text for kind, name, text in found if kind == "changed"}
    assert set(changed) == {"f-check", "f", "g"}
    assert changed["f-check"] == "was changed; it is put back as it was before grading."
    assert changed["f"].startswith("is there twice")
    assert changed["g"].startswith("is missing")


def test_validate_stops_a_cell_that_does_not_end(tmp_path):
    notebook = answered("while True: pass")
    (found,) = found_in(notebook, tmp_path, seconds=2)
    late = "ran longer than 2 s and was stopped, and what follows did not run."
    assert found == ("failed", "f", late)


def test_validate_of_a_kernel_that_dies(tmp_path):
    (found,) = found_in(answered("import os; os._exit(1)"), tmp_path)
    assert found[:2] == ("failed", "f")
    assert found[2].startswith("the kernel died here")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.ipynb", None, "no file"),
        ("hw.md", "# hw", "is no notebook; name the file that ends in .ipynb"),
        ("hw.ipynb", "{", "cannot be read as a notebook"),
        ("hw.ipynb", nbformat.writes(new_notebook(cells=[new_code_cell("1")])),
         "has lost the hidden names of its cells"),
    ],
)  # fmt: skip
def test_validate_of_something_else(tmp_path, name, content, said):
    if content is not None:
        (tmp_path / name).write_text(content)
    code, _, complaint = run("validate", tmp_path / name)
    assert code == 1
    assert complaint.startswith("error: ")
    assert said in complaint.replace("\n", "")
