"""Data outside of the course: shown to the sandbox when the course names it, else told."""

from types import SimpleNamespace

import pytest
from small_courses import rows_of, small_course
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.grading.submissions.elsewhere import missed, read_only_paths
from coursekit.homework.text import HomeworkError

TEST = "assert x == 3 and table == '1,2'"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "points.csv").write_text("1,2")
    for place in (tmp_path, folder):
        place.chmod(0o755)
    return folder


@pytest.fixture
def course(data, tmp_path):
    try:
        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
    given = f"table = open('{data}/points.csv').read()"
    return small_course(tmp_path / "course", "hw", TEST, given=given)


def points(rows):
    return {student: row.score for student, row in rows.items()}


def test_a_path_that_is_not_shown_is_named(course, data):
    told = []
    rows = rows_of("hw", course, told, sandbox=True)
    assert points(rows) == {"right": 0, "empty": 0}
    said = (
        f"{data}/points.csv is on this machine, but not in the sandbox: name it, or its folder, in "
        "c.Coursekit.read_only of nbgrader_config.py, or by --read-only"
    )
    assert rows["right"].note == said
    assert any(note.endswith(f"points.csv'; {said}") for note in told)
    refused = CliRunner().invoke(app, ["release", "hw", "--course", str(course)])
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_a_path_that_the_course_names_is_there_and_read_only(course, data):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.Coursekit.read_only = ['../data']\n")
    told = []
    assert points(rows_of("hw", course, told, sandbox=True)) == {"right": 1, "empty": 0}
    assert told == []
    assert CliRunner().invoke(app, ["release", "hw", "--course", str(course)]).exit_code == 0


def test_a_path_that_the_command_names(course, data):
    test = f"{TEST}\ntry:\n    open('{data}/points.csv', 'a')\nexcept OSError:\n    pass\n"
    test += f"else:\n    raise AssertionError('written')\nimport os\nassert os.listdir('{data}')"
    other, given = course.parent / "other", f"table = open('{data}/points.csv').read()"
    small_course(other, "hw", test, given=given)
    run = ["grade", "hw", "--course", str(other), "--read-only", str(data)]
    done = CliRunner().invoke(app, [*run, "--json"])
    assert done.exit_code == 0, done.output
    assert '"score": 1.0' in done.stdout
    assert (data / "points.csv").read_text() == "1,2"


def test_in_the_home_folder(monkeypatch, tmp_path, data):
    monkeypatch.setenv("HOME", str(tmp_path))
    coursedir = of(tmp_path / "course")
    place = str(data)
    for named in ("~/data", place, "../data"):
        assert read_only_paths([named], coursedir) == [
            [place, place],
            [place, "/home/student/data"],
        ]
    homework = SimpleNamespace(coursedir=coursedir, read_only=[])
    (said,) = missed(["FileNotFoundError: /home/student/data/points.csv not found."], homework)
    assert said.startswith("~/data/points.csv is on this machine, but not in the sandbox")


def of(folder):
    """Return a course folder as nbgrader knows it."""
    steps = ("source", "submitted", "autograded", "feedback")
    names = {f"{step}_directory": step for step in steps}
    url = f"sqlite:///{folder}/gradebook.db"
    return SimpleNamespace(root=str(folder), db_url=url, **names)


@pytest.mark.parametrize("secret", [".", "..", "/", "source", "source/hw/x", "gradebook.db"])
def test_what_students_must_not_read_is_refused(tmp_path, secret):
    course = tmp_path / "course"
    (course / "source" / "hw" / "x").mkdir(parents=True)
    (course / "gradebook.db").touch()
    with pytest.raises(HomeworkError, match=r"read-only .* would show .* to students' code"):
        read_only_paths([secret], of(course))


def test_what_is_no_path_is_refused(tmp_path):
    with pytest.raises(HomeworkError, match=r"read-only data: there is no .*/data on this machine"):
        read_only_paths(["data"], of(tmp_path / "course"))
    with pytest.raises(HomeworkError, match=r"is a list of paths, such as \['data'\]"):
        read_only_paths("data", of(tmp_path / "course"))
    with pytest.raises(HomeworkError, match="the sandbox has a folder of its own there"):
        read_only_paths(["/tmp"], of("/srv/course"))


def test_missed_paths(tmp_path, data):
    homework = SimpleNamespace(coursedir=of(tmp_path / "course"), read_only=[])
    path = f"{data}/points.csv"
    for error in (
        f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'",
        f"FileNotFoundError: {path} not found.",
        f"PermissionError: [Errno 13] Permission denied: '{path}'",
    ):
        assert missed([error, error], homework)[0].startswith(f"{path} is on this machine, but not")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "gradebook.db").touch()
    for error in (
        f"ValueError: {path}",  # nothing was opened
        "FileNotFoundError: [Errno 2] No such file or directory: '/no/such/file'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/etc/passwd'",
        f"FileNotFoundError: '{tmp_path}/course/gradebook.db'",
        f"FileNotFoundError: '{'/x' * 400}'",
    ):
        assert missed([error], homework) == []
    homework.read_only = [[str(data), str(data)]]
    assert missed([f"PermissionError: '{path}'"], homework) == [
        f"{path} is on this machine, and shown read-only, but not readable for everybody"
    ]
