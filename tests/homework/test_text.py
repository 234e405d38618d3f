"""The text of a homework, and what can be wrong with it."""

import pytest

from coursekit.homework.release import build
from coursekit.homework.text import HomeworkError, points_of, to_notebook

SAMPLE = """\
---
kernelspec: {display_name: Python 3, name: python3}
---

# Doubling

Twice as much.

```{code-cell} ipython3
:solution: double

def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:tests: double-values
:points: 2.5
assert double(1) == 2
### BEGIN HIDDEN TESTS
assert double(3) == 6
### END HIDDEN TESTS
```

Why?

+++ {"written": "why", "points": 3}

Because.

=== BEGIN MARK SCHEME ===
All or nothing.
=== END MARK SCHEME ===
"""


def convert(text, folder):
    path = folder / "sample.md"
    path.write_text(text, encoding="utf-8")
    return to_notebook(path)


def test_cells_become_nbgrader_cells(tmp_path):
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = convert(SAMPLE, tmp_path)
    MetadataValidator().validate_nb(notebook)
    assert [cell.id for cell in notebook.cells] == ["_0", "double", "double-values", "_3", "why"]
    marks = {c.id: c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata}
    assert all(mark.schema_version == 3 and mark.task is False for mark in marks.values())
    flags = {name: (mark.solution, mark.grade, mark.locked) for name, mark in marks.items()}
    assert flags == {
        "double": (True, False, False),
        "double-values": (False, True, True),
        "why": (True, True, False),
    }
    assert [points_of(cell) for cell in notebook.cells] == [0, 0, 2.5, 0, 3]
    assert notebook.cells[1].source.startswith("def double(x):\n    ### BEGIN SOLUTION")
    assert notebook.metadata.kernelspec.name == "python3"


def test_the_same_text_gives_the_same_file(tmp_path):
    (tmp_path / "sample.md").write_text(SAMPLE)
    first = build("sample", tmp_path).read_bytes()
    assert build("sample", tmp_path).read_bytes() == first


MISTAKES = [  # what replaces what in SAMPLE, the line it is found at, the message
    (":tests: double-values", ":tests: double", 18, "'double' is taken by the cell at line 9"),
    (":tests: double-values", ":test: double-values", 18, "unknown option 'test'"),
    (":solution: double", ":solution: double\n:points: 2", 9, "a solution cell gives no points"),
    (":solution: double", ":solution: double\n:hide: true", 9, "unknown option 'hide'"),
    (":solution: double\n", "", 9, "a code cell must say what it is"),
    (":solution: double", ":solution: 2 double", 9, "'2 double' is no name"),
    (":solution: double", ":solution: double\n:locked: a", 9, "both solution and locked"),
    (":solution: double", ":solution: [double", 9, "could not be read"),
    (":solution: double", ":written: double\n:points: 1", 9, "a code cell must say what it is"),
    (":points: 2.5\n", "", 18, "'double-values' has no points"),
    (":points: 2.5", ":points: 0", 18, "points must be a number above 0, not 0"),
    (":points: 2.5", ":points: -1", 18, "points must be a number above 0, not -1"),
    (":points: 2.5", ":points: many", 18, "points must be a number above 0, not 'many'"),
    (":points: 2.5", ":points: true", 18, "points must be a number above 0, not True"),
    (":points: 2.5", ":points: .nan", 18, "points must be a number above 0, not nan"),
    ("    ### BEGIN SOLUTION\n", "", 14, "END SOLUTION without BEGIN"),
    ("    ### END SOLUTION\n", "", 13, "BEGIN SOLUTION is never closed"),
    ("return 2 * x", "### BEGIN SOLUTION", 14, "BEGIN SOLUTION twice"),
    ("    return 2 * x\n", "\n", 15, "nothing between BEGIN and END SOLUTION"),
    ("### BEGIN SOLUTION", "## BEGIN SOLUTION", 13, "'## BEGIN SOLUTION' is not one of"),
    ("### BEGIN SOLUTION", "### begin solution", 13, "'### begin solution' is not one of"),
    ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", 13, "HIDDEN TESTS does not belong"),
    ("    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "    return 2 * x", 9,
     "nothing to write for the student"),
    ("return 2 * x", "return 2 x", 14, "no Python: invalid syntax"),
    ("### BEGIN HIDDEN", "### BEGIN SOLUTION", 22, "'### BEGIN SOLUTION TESTS' is not one of"),
    ("### BEGIN HIDDEN TESTS\n", "", 23, "END HIDDEN TESTS without BEGIN"),
    ("### END HIDDEN TESTS\n", "", 22, "BEGIN HIDDEN TESTS is never closed"),
    ("assert double(1) == 2\n### BEGIN HIDDEN TESTS\nassert double(3) == 6",
     "### BEGIN HIDDEN TESTS\n# later", 18, "the tests cell is empty"),
    ("```\n\nWhy?", "\n\nWhy?", 18, "never closed"),
    ("    ### END SOLUTION\n```\n", "    ### END SOLUTION\n", 17, "close the cell above first"),
    ('{"written": "why", "points": 3}', '{"written": "why"}', 29, "'why' has no points"),
    ('{"written": "why", "points": 3}', '{"written": "why", "points": "3"}', 29, "not '3'"),
    ('{"written": "why", "points": 3}', '{"written": why}', 29, "could not be read"),
    ('{"written": "why", "points": 3}', '{"points": 3}', 29, "points for a cell without a kind"),
    ('{"written": "why", "points": 3}', '{"tests": "why", "points": 3}', 29, "holds code"),
    ("=== END MARK SCHEME ===", "=== END MARKSCHEME ===", 35, "is not one of"),
    ("=== END MARK SCHEME ===\n", "", 33, "BEGIN MARK SCHEME is never closed"),
    ("Why?", "### BEGIN SOLUTION", 27, "does not belong"),
    ("Why?", "Why?\n```{code-cel} ipython3\n1\n```", 28, "JupyterLab shows plain Markdown"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_line(tmp_path, old, new, line, message):
    assert old in SAMPLE
    with pytest.raises(HomeworkError) as caught:
        convert(SAMPLE.replace(old, new), tmp_path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'sample.md'}:{line}: ")


def test_a_homework_gives_points(tmp_path):
    with pytest.raises(HomeworkError, match=r"sample\.md:1: nothing gives points"):
        convert("---\ntitle: Reading\n---\n\nRead this.\n", tmp_path)


def test_header_is_checked(tmp_path):
    with pytest.raises(HomeworkError, match=r"sample\.md:1: .*'display_name' is a required"):
        convert(SAMPLE.replace("display_name: Python 3, ", ""), tmp_path)
    with pytest.raises(HomeworkError, match=r"sample\.md:1: Notebook metadata"):
        convert(SAMPLE.replace("{display_name", "}"), tmp_path)
