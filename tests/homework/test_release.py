"""What a release tries out, and what a copy leaves alone."""

import pytest
from tiny_homework import TINY, new_course

from coursekit.grading import trial
from coursekit.homework.release import copy, release, strip
from coursekit.homework.text import HomeworkError

RELEASES = [  # what replaces what in TINY, what the release says
    ("return 2 * x", "return 3 * x", r"tiny\.md:25: .*'double-values' fails with the answers"),
    ('double(pi) == 2 * pi, "The double of pi is not right."', "True\n1",
     r"'double-values' fails .* it earns 1 of 2 points"),
    ("double(pi) == 2 * pi", "double", r"tiny\.md:25: .*'double-values' gives points for nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), RELEASES)
def test_release_tries_out_both_versions(tmp_path, old, new, message):
    new_course(tmp_path, TINY.replace(old, new), generate=False)
    with pytest.raises(HomeworkError, match=message):
        release("tiny", tmp_path)
    assert not list(tmp_path.glob("release/*/*.ipynb"))


def test_a_stub_may_fail_in_any_way(tmp_path):
    whole = "### BEGIN SOLUTION\ndef double(x):\n    return 2 * x\n### END SOLUTION"
    answer = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    assert answer in TINY
    made = release("tiny", new_course(tmp_path, TINY.replace(answer, whole), generate=False))
    assert "def double" not in made.read_text()


@pytest.fixture
def runs(monkeypatch):
    """Count how often a homework is tried out."""
    count, run = [], trial.try_out
    monkeypatch.setattr(trial, "try_out", lambda *given: count.append(1) or run(*given))
    return count


def test_what_was_tried_is_not_tried_again(tmp_path, runs):
    new_course(tmp_path, generate=False)
    made = release("tiny", tmp_path)
    assert len(runs) == 1
    before = made.stat().st_mtime_ns
    assert release("tiny", tmp_path) == made
    assert len(runs) == 1
    assert made.stat().st_mtime_ns == before
    (tmp_path / "tiny.md").write_text(TINY.replace("Texts can be doubled too.", "Texts, too."))
    release("tiny", tmp_path)
    assert len(runs) == 2
    made.write_text(made.read_text().replace("YOUR CODE", "CODE"))  # by somebody else
    release("tiny", tmp_path)
    assert len(runs) == 3
    assert "YOUR CODE" in made.read_text()


def test_a_copy_to_work_on_is_not_tried(tmp_path, runs):
    new_course(tmp_path, generate=False)
    assert (
        copy("tiny", tmp_path, tmp_path / "lab").read_text() == strip("tiny", tmp_path).read_text()
    )
    assert runs == []


def test_copy_is_never_written_over(tmp_path):
    new_course(tmp_path, generate=False)
    mine = copy("tiny", tmp_path, tmp_path / "lab")
    assert "raise NotImplementedError()" in mine.read_text()
    mine.write_text("my work")
    assert copy("tiny", tmp_path, tmp_path / "lab") == mine
    assert mine.read_text() == "my work"
