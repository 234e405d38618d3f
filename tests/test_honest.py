"""What stock nbgrader gives is recorded only if the perfect submission has full points."""

from types import SimpleNamespace

import honest
import pytest
from places import COURSE

from coursekit.homework.text import to_notebook


def test_full_points_are_those_of_the_tests():
    draft = SimpleNamespace(notebook=to_notebook(COURSE / "kkt.md"))
    full = honest.full_points(draft)
    assert sum(full.values()) == 40
    assert full["solve_qp-awkward"] == 4
    assert "what-a-multiplier-is-worth" not in full  # a person marks it


@pytest.mark.parametrize("points", [0.0, None, 3.0])
def test_nothing_is_recorded_if_the_perfect_submission_has_lost_points(points):
    with pytest.raises(RuntimeError, match=f"kkt: the perfect .*: b has {points} of 4$"):
        honest.require_full_points("kkt", {"a": 5.0, "b": points, "why": None}, {"a": 5, "b": 4})


def test_full_points_may_be_recorded():
    honest.require_full_points("kkt", {"a": 5.0, "b": 4.0, "why": None}, {"a": 5, "b": 4})
    for homework in honest.homeworks(COURSE):
        draft = SimpleNamespace(notebook=to_notebook(COURSE / f"{homework}.md"))
        perfect = honest.recorded(homework)["perfect"]["points"]
        honest.require_full_points(homework, perfect, honest.full_points(draft))
