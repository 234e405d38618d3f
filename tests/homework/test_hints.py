"""Hints in steps: in the file of a homework, in its notebook, and asked for."""

import nbformat
import pytest
from places import COURSE
from tiny_homework import TINY, new_course

from coursekit.homework.hints import STEPS, hints, read_hints
from coursekit.homework.release import homeworks, release
from coursekit.homework.text import HomeworkError, to_notebook

HINTS = (
    "# Hints\n\n## double\n\nA nudge.\n\n---\n\nA `pointer`,\nof 'two' lines.\n\n---\n\nA case.\n"
)


def course(folder, text=HINTS):
    new_course(folder, generate=False)
    (folder / "hints").mkdir(exist_ok=True)
    (folder / "hints/tiny.md").write_text(text)
    return folder


def test_one_step_more_each_time_and_then_all(capsys):
    hint = hints({"f": ["one", "two\nlines"], "g": ["three"]})
    steps = ["Hint 1 of 2 for f:\n  one\n", "Hint 2 of 2 for f:\n  two\n  lines\n"]
    for expected in [*steps, "".join(steps), "".join(steps)]:
        assert hint("f") is None
        assert capsys.readouterr().out == expected
    for name in ("", "h"):
        hint(name)
        assert capsys.readouterr().out == 'There are hints for f, g: hint("f").\n'

    def g():
        raise NotImplementedError

    hint(g)
    assert capsys.readouterr().out.startswith("Hint 1 of 1 for g:")


def test_the_notebook_has_them_in_a_locked_folded_cell(tmp_path, capsys):
    notebook = nbformat.read(release("tiny", course(tmp_path)), 4)
    ids = [cell.id for cell in notebook.cells]
    at = ids.index("hints")
    assert ids[at - 2] == "setup"
    assert '`hint("double")`' in notebook.cells[at - 1].source
    cell = notebook.cells[at]
    assert cell.metadata.jupyter.source_hidden
    assert (cell.metadata.nbgrader.locked, cell.metadata.nbgrader.grade) == (True, False)
    assert "hints" in notebook.metadata.coursekit["cells"]
    names = {}
    exec(cell.source, names)
    names["hint"]("double")
    names["hint"]("double")
    out = capsys.readouterr().out
    assert out.endswith("Hint 2 of 3 for double:\n  A `pointer`,\n  of 'two' lines.\n")


def test_without_a_file_nothing_changes(tmp_path):
    new_course(tmp_path, generate=False)
    assert "hints" not in [cell.id for cell in to_notebook(tmp_path / "tiny.md").cells]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("## double", "## triple", r"no answer is called 'triple'; there are \['double'\]"),
        ("---\n\nA case.", "", r"'double' has 2 hints; write 3, with --- between them"),
        ("A nudge.", "", r"'double' has 3 hints; write 3"),
        ("## double", "double", r"no hints for 'double'; add ## double"),
    ],
)
def test_a_mistake_in_the_file_is_said(tmp_path, old, new, message):
    with pytest.raises(HomeworkError, match=r"hints/tiny\.md: " + message):
        to_notebook(course(tmp_path, HINTS.replace(old, new)) / "tiny.md")


def test_a_name_that_is_taken(tmp_path):
    (course(tmp_path) / "tiny.md").write_text(TINY.replace(":locked: setup", ":locked: hints"))
    with pytest.raises(HomeworkError, match="the name 'hints' is taken"):
        to_notebook(tmp_path / "tiny.md")


@pytest.mark.parametrize("homework", homeworks(COURSE))
def test_every_answer_has_its_steps(homework):
    cells = to_notebook(COURSE / f"{homework}.md").cells
    answers = [
        cell.id
        for cell in cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]
    found = read_hints(COURSE / "hints" / f"{homework}.md", answers)
    assert list(found) == answers
    for steps in found.values():
        assert len(steps) == STEPS
        assert steps[-1].startswith("A smaller case")
        assert all(len(line) <= 110 for step in steps for line in step.splitlines())
