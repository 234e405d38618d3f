"""What of an answer's files reaches the judge's folder: data, and nothing outside it."""

import pytest

from coursekit.grading.execution.written import take


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("../up.txt", b"1"),
        ("/tmp/coursekit-up.txt", b"1"),
        ("a/../../up.txt", b"1"),
        ("module.py", b"1"),
        ("numbers.pkl", b"1"),
        ("array.npy", b"1"),
        ("given.txt", b"1"),
        ("text.txt", "no bytes"),
        ("nul\0.txt", b"1"),
        (7, b"1"),
    ],
)
def test_what_is_not_taken(tmp_path, monkeypatch, name, content):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    take([[name, content], ["fine.txt", b"2"]], {"given.txt"})
    assert [path.name for path in tmp_path.rglob("*.*")] == ["fine.txt"]
    monkeypatch.undo()
