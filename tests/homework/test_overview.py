"""What is done of each homework, from the notebooks as they were saved."""

import nbformat
import pytest
from tiny_homework import RIGHT, new_course

from coursekit.homework.overview import Row, overview, show
from coursekit.homework.release import copy
from coursekit.homework.text import HomeworkError


@pytest.fixture
def lab(tmp_path):
    """Make a folder with a copy of the tiny homework."""
    new_course(tmp_path / "course", generate=False)
    copy("tiny", tmp_path / "course", tmp_path / "lab")
    return tmp_path / "lab"


def save(lab, **changed):
    """Save the copy with cells changed: a text, or the outputs of a cell that was run."""
    path = lab / "tiny/tiny.ipynb"
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        found = changed.get(cell.id.replace("-", "_"))
        if isinstance(found, str):
            cell.source = found
        elif found is not None:
            cell.execution_count, cell.outputs = 1, found
    nbformat.write(notebook, path)


def test_nothing_done(lab):
    assert overview(lab) == [Row("tiny", "0 of 1", "0 of 1", "not yet", "about 0 of 5")]


def test_answered_and_checked(lab):
    save(lab, double=RIGHT)
    assert overview(lab) == [Row("tiny", "1 of 1", "0 of 1", "not yet", "about 0 of 5")]
    save(lab, double_check=[], why="Because.")
    assert overview(lab) == [Row("tiny", "1 of 1", "1 of 1", "yes", "about 5 of 5")]


def test_a_check_that_failed_does_not_count(lab):
    failed = nbformat.v4.new_output("error", ename="AssertionError", evalue="", traceback=[])
    save(lab, double=RIGHT, double_check=[failed])
    assert overview(lab)[0].checks == "0 of 1"


def test_what_cannot_be_read_and_what_is_no_homework(lab, capsys):
    (lab / "other").mkdir()
    (lab / "other/other.ipynb").write_text("{")
    (lab / "tiny/scratch.ipynb").write_text("{")
    assert [row.homework for row in overview(lab)] == ["other", "tiny"]
    assert overview(lab)[0].answers == "cannot be read"
    show(lab)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("  ")[0] == "homework"
    assert lines[1].split() == ["other", "cannot", "be", "read"]
    with pytest.raises(HomeworkError, match="no homework in"):
        overview(lab / "tiny")
