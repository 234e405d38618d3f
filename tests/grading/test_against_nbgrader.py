"""The script that compares a course of yours with stock nbgrader."""

import against_nbgrader
from small_courses import small_course


def test_it_counts_and_names_what_differs(tmp_path, capsys):
    test = "import warnings\nwarnings.warn('careful')\nassert x == 3"
    course = small_course(tmp_path / "course", "hw", test)
    (course / "gradebook.db").write_text("which is left alone")
    count = against_nbgrader.compare(course, "hw", tmp_path / "compared")
    # stock takes a warning for a failure
    assert count == {"more": 3, "same": 2}
    said = capsys.readouterr().out
    assert "  made-perfect, only: test: nbgrader 0.0, here 1.0\n    nbgrader: stderr: " in said
    assert "hw: 2 cells same, 3 with more points than from nbgrader, 0 with fewer" in said
    assert (course / "gradebook.db").read_text() == "which is left alone"
    assert sorted(path.name for path in course.iterdir()) == [
        "gradebook.db", "nbgrader_config.py", "source", "submitted"
    ]  # fmt: skip
