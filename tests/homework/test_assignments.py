"""The text of a homework, what can be wrong with it, and every homework, right and wrong."""

import functools
import importlib.util
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from places import COURSE

from coursekit.homework.release import build, homeworks
from coursekit.homework.text import HomeworkError, points_of, to_notebook

WRONG_ANSWERS = Path(__file__).with_name("wrong_answers")

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


# The text ----------------------------------------------------------------------------------


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


def test_homeworks_are_found():
    assert homeworks(COURSE) == sorted(path.stem for path in COURSE.glob("*.md"))
    assert homeworks(Path(__file__).parent) == []


# Every homework ----------------------------------------------------------------------------

HOMEWORKS = homeworks(COURSE)


@functools.cache
def cells_of(homework):
    return to_notebook(COURSE / f"{homework}.md").cells


def code_cells(homework):
    return [cell for cell in cells_of(homework) if cell.cell_type == "code"]


@functools.cache
def wrong_answers(homework):
    """Return the module tests/wrong_answers/HOMEWORK.py.

    Its WRONG is {description: (cell, answer, "tests that lose their points", words)}. The words
    stand in the message of the visible check below the cell; None: that check passes.
    Its SLOW, if any, names cells that run for those wrong answers alone whose points, or whose
    visible check, they are.
    """
    path = WRONG_ANSWERS / f"{homework}.py"
    spec = importlib.util.spec_from_file_location(f"wrong_{homework}".replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(homework, answers=None, skip=()):
    """Run a homework with some answers replaced; return what failed, and the points by cell."""
    names, failures, points = {}, {}, {}
    with warnings.catch_warnings():
        if answers:  # whoever gets it wrong may cause warnings, which stop nothing in a notebook
            warnings.simplefilter("ignore")
        for cell in code_cells(homework):
            if cell.id in skip:
                continue
            source = (answers or {}).get(cell.id, cell.source)
            try:
                exec(compile(source, cell.id, "exec"), names)
            except Exception as error:
                failures[cell.id] = f"{type(error).__name__}: {error}"
            if points_of(cell):
                points[cell.id] = 0 if cell.id in failures else points_of(cell)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    return failures, points


def stub(source):
    """Return what nbgrader hands out for a solution cell."""
    return re.sub(
        r"### BEGIN.*?### END SOLUTION", "raise NotImplementedError()", source, flags=re.S
    )


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_points_are_those_of_the_text(homework):
    cells = cells_of(homework)
    rows = re.findall(r"^\| (\d+) \| .* \| (\d+) \|$", cells[0].source, re.M)
    part, total = "0", dict.fromkeys([number for number, _ in rows], 0)
    for cell in cells:
        part = [part, *re.findall(r"^## (\d+)\.", cell.source, re.M)][-1]
        if points_of(cell):
            total[part] += points_of(cell)
            if cell.cell_type == "code":
                assert cell.source.startswith(f"# {points_of(cell)} points: ")
    assert total == {number: int(points) for number, points in rows}
    assert f"**{sum(total.values())} points**" in cells[0].source


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_hidden_tests_are_hidden(homework):
    for cell in code_cells(homework):
        if points_of(cell):
            visible = re.sub(r"### BEGIN HIDDEN.*END HIDDEN TESTS", "", cell.source, flags=re.S)
            assert all(line.startswith("#") for line in visible.strip().splitlines())


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_answers_get_full_marks_and_cause_no_warning(homework):
    failures, points = run(homework)
    assert failures == {}
    assert points == {cell.id: points_of(cell) for cell in code_cells(homework) if points_of(cell)}
    assert any(points_of(cell) for cell in cells_of(homework) if cell.cell_type == "markdown")


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_without_answers_there_is_nothing_but_not_implemented(homework):
    cells = code_cells(homework)
    solutions = {c.id: stub(c.source) for c in cells if c.metadata.nbgrader.solution}
    failures, points = run(homework, solutions)
    assert sum(points.values()) == 0
    checks = {cell.id for cell in cells if cell.id.endswith("-check")}
    assert failures.keys() >= checks | points.keys()
    assert all("NotImplementedError" in failure for failure in failures.values())


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_every_graded_cell_catches_a_wrong_answer(homework):
    wrong = wrong_answers(homework).WRONG
    assert len(wrong) >= 4
    graded = {cell.id for cell in code_cells(homework) if points_of(cell)}
    assert {tests for _, _, lost, _ in wrong.values() for tests in lost.split()} == graded


def test_wrong_answers_belong_to_a_homework():
    assert {path.stem for path in WRONG_ANSWERS.glob("*.py")} == set(HOMEWORKS)


@pytest.mark.parametrize(
    ("homework", "name"),
    [
        (homework, name)
        for homework in HOMEWORKS
        if (WRONG_ANSWERS / f"{homework}.py").exists()
        for name in wrong_answers(homework).WRONG
    ],
)
def test_a_wrong_answer_loses_its_points_and_no_others(homework, name):
    module = wrong_answers(homework)
    cell, answer, lost, says = module.WRONG[name]
    check = f"{cell}-check"
    slow = getattr(module, "SLOW", set())
    failures, points = run(homework, {cell: answer}, skip=slow - {check, *lost.split()})
    assert {name for name, score in points.items() if not score} == set(lost.split())
    if says is None:  # beyond the visible check
        assert check not in failures
    else:
        assert says in failures[check]
    for tests in lost.split():  # a sentence of ours, or what the answer itself raised
        ours = re.match("AssertionError|CheckFailed(?!.* raises )", failures[tests])
        assert not ours or failures[tests].endswith((".", "?")), failures[tests]


# The numbers in a text ---------------------------------------------------------------------


def test_first_update_of_gradient_descent_is_the_closed_form():
    gradient = np.exp(-2) * (np.array([1, 0]) - 2 * -1 * np.array([-1, 1]))
    assert np.allclose(np.array([-1, 1]) - 0.25 * gradient, [-0.96616618, 0.93233236], atol=1e-8)


def test_answer_in_words_on_taylor_models():
    from coursekit.models.taylor import quadratic_model
    from coursekit.objectives import hill_and_well as f

    x0, minimum = np.array([-0.5, 0.5]), f.minimizers[0]
    assert np.allclose(np.linalg.eigvalsh(f.hess(x0)), [0.232, 1.588], atol=5e-4)
    point = x0 - np.linalg.solve(f.hess(x0), f.grad(x0))
    assert np.allclose(point, -1)
    distances = np.linalg.norm([point - minimum, x0 - minimum, point - x0], axis=1)
    assert np.allclose(distances, [1.042, 0.541, 1.58], atol=2e-3)
    assert np.allclose([f(point), f(x0)], [-0.135, -0.303], atol=5e-4)

    x0 = np.array([-1.0, 0.0])
    x = x0 + np.outer([0.1, 0.01, 0.001], [0, 1])
    errors = np.abs(quadratic_model(f, f.grad, f.hess, x0)(x) - f(x))
    assert np.allclose(errors, [1.8e-5, 1.8e-9, 1.8e-13], rtol=0.03, atol=0)
    assert np.allclose(errors[:2], np.exp(-1) * np.array([0.1, 0.01]) ** 4 / 2, rtol=0.01, atol=0)


def test_answer_in_words_on_softmax():
    lost = np.exp(np.float32([-103.9, -104]))
    assert lost[0] > 0
    assert lost[1] == 0
    assert np.exp(-745.1) > 0
    assert np.exp(-745.2) == 0
    assert np.allclose(-np.log(np.float32(1e-12)), 27.6, atol=0.05)
