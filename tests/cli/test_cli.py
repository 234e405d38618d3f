"""The command ``coursekit``: what it prints, its exit codes, and what it says when it cannot."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from places import ROOT
from tiny_homework import RIGHT, WRONG, hand_in, new_course
from typer.testing import CliRunner

from coursekit.cli import screen
from coursekit.cli.commands import app
from coursekit.grading import grade as grading
from coursekit.grading.grade import Row
from coursekit.grading.sandbox.limits import LIMITS
from coursekit.homework.text import HomeworkError


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Make a course with one homework, and stand in the folder above it."""
    folder = new_course(tmp_path / "assignments", generate=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(screen.out, "width", 200)
    return folder


def run(*arguments):
    """Run the command; return exit code, stdout, stderr."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


# Release -----------------------------------------------------------------------------------


def test_help_teaches_the_way():
    code, said, _ = run("--help")
    assert code == 0
    steps = re.findall(r"^ *(\d) (\w+)", said, re.M)
    assert [name for _, name in steps] == [
        "release", "collect", "grade", "report", "mark", "feedback", "export"
    ]  # fmt: skip
    commands = re.findall(r"coursekit (\w+) ", said)
    assert {"release", "grade", "report", "feedback", "validate"} <= set(commands)
    for command in (
        "list",
        "release",
        "copy",
        "grade",
        "report",
        "validate",
        "feedback",
        "overview",
        "import",
        "export",
        "similar",
    ):
        assert run(command, "--help")[0] == 0


def test_list_release_copy(course, tmp_path):
    assert run("list") == (0, "tiny: 10 points\n", "")
    code, said, _ = run("release", "tiny")
    assert code == 0
    assert "tiny: hand out assignments/release/tiny/tiny.ipynb" in said
    assert run("copy")[0] == 0
    assert (tmp_path / "lab/homework/tiny/tiny.ipynb").exists()


def test_overview_of_the_copies(course, tmp_path):
    assert run("overview")[0] == 1
    run("copy")
    code, said, _ = run("overview")
    assert code == 0
    table = [re.split(r"  +", line.rstrip()) for line in said.splitlines()]
    assert table[0] == ["homework", "answers", "checks as last run", "in words", "points"]
    assert table[1] == ["tiny", "0 of 1", "0 of 1", "not yet", "about 0 of 5"]


@pytest.mark.parametrize("command", ["list", "release", "copy", "grade"])
def test_a_homework_that_is_not_there(course, command):
    code, said, complaint = run(command, "none")
    assert (code, said) == (1, "")
    assert complaint == "error: no homework called 'none' in assignments; there are: tiny.\n"


@pytest.mark.parametrize("command", ["grade", "report", "feedback"])
def test_no_course(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    code, _, complaint = run(command, "tiny")
    assert code == 1
    assert complaint.startswith("error: no course here: no nbgrader_config.py; go to its folder")
    code, _, complaint = run(command, "tiny", "--course", tmp_path)
    assert code == 1
    assert "name another --course" in complaint


def test_the_course_folder_itself(course, monkeypatch):
    monkeypatch.chdir(course)
    assert run("list")[1] == "tiny: 10 points\n"


def test_typer_that_is_missing_is_named():
    code = "import sys; sys.modules['typer'] = None; import coursekit.cli.commands"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: typer is not installed; run: pip install 'coursekit[grading]'\n"


# Import ------------------------------------------------------------------------------------


def test_import_says_what_was_left_out_and_why(course):
    run("release", "tiny")
    Path("who.csv").write_text("id,lms_user_id\n1001,77\n")
    with zipfile.ZipFile("all.zip", "w") as archive:
        made = (course / "release/tiny/tiny.ipynb").read_text()
        archive.writestr("a_LATE_77_1_tiny.ipynb", made)
        archive.writestr("b_78_2_tiny.ipynb", made)
    code, said, notes = run("import", "canvas", "all.zip", "tiny", "--roster", "who.csv")
    assert code == 1
    assert "tiny: 1 new" in said.splitlines()
    assert re.search(r"^1001 +new +late, says Canvas", said, re.M)
    assert "left out: b (78): nobody has this name or number: add a row to who.csv" in notes
    assert (course / "submitted/1001/tiny/tiny.ipynb").read_text() == made
    code, _, complaint = run("import", "moodle", "none.zip", "tiny")
    assert (code, complaint) == (1, "error: [Errno 2] No such file or directory: 'none.zip'\n")
    assert run("import", "ilias", "all.zip", "tiny")[0] == 2


def test_similar_names_pairs(course):
    from test_similar import ANSWER, OTHERS, RENAMED

    run("release", "tiny")
    for student, text in [("1001", ANSWER), ("1002", RENAMED), ("1003", OTHERS[0])]:
        hand_in(course, student, {"double": text})
    (course / "submitted/1004/tiny").mkdir(parents=True)
    code, said, complaint = run("similar", "tiny", "--html", "similar.html")
    assert code == 0
    assert said.splitlines()[1].split() == ["1001", "and", "1002", "100%", "double"]
    assert said.splitlines()[-2:] == [
        "tiny: 1 pairs alike among 3 submissions", "written: similar.html"
    ]  # fmt: skip
    assert complaint.startswith("not read: 1004: no tiny.ipynb in its folder")
    assert "<mark>" in Path("similar.html").read_text()


# Grade -------------------------------------------------------------------------------------

ROWS = [
    Row("1001", "graded", 1.5, 2, 0.25, "to mark by hand: why"),
    Row("1002", "unchanged", 2, 2, 0.5),
    Row("[red]x", "unreadable", note="its notebook is a PDF\x1b[2J"),
]


@pytest.fixture
def graded(monkeypatch):
    """Put a function in the place of grade(); the value is what it was called with."""
    calls = {}

    def stand_in(homework, course, progress, **options):
        calls.update(options, homework=homework, course=str(course))
        progress("total", n=calls.get("n", len(ROWS)))
        for row in ROWS:
            if row.status == "graded":
                progress("start", student=row.student)
            progress("done", row=row)
        if "error" in calls:
            raise calls["error"]
        return ROWS

    monkeypatch.setattr(grading, "grade", stand_in)
    return calls


def test_grade_prints_a_table_and_a_summary(course, graded):
    code, said, lines = run("grade", "tiny")
    assert code == 0
    table = [line.rstrip().split(maxsplit=5) for line in said.splitlines()]
    assert table[0] == ["student", "score", "of", "status", "seconds", "note"]
    assert table[1] == ["1001", "1.5", "2", "graded", "0.2", "to mark by hand: why"]
    assert table[2] == ["1002", "2", "2", "unchanged", "0.5"]
    assert table[3] == ["[red]x", "-", "-", "unreadable", "0.0", "its notebook is a PDF"]
    assert re.fullmatch(
        r"tiny: 1 graded, 1 unchanged, 1 unreadable, in \d+\.\d s", said.splitlines()[4]
    )
    assert lines.startswith("1001: graded (1 of 3 done, ")
    assert lines.endswith("[red]x: unreadable (3 of 3 done, 1 failed)\n")
    options = {"students": (), "jobs": None, "scheduler": None, "force": False, "sandbox": True,
               "tests": None, "only": (), "read_only": ()}  # fmt: skip
    assert graded == options | {"homework": "tiny", "course": "assignments"}


def test_a_local_page_beside_the_terminal(course, graded):
    code, said, lines = run("grade", "tiny", "--serve")
    assert code == 0
    first, *rest = lines.splitlines()
    address = r"see how far it is: http://127\.0\.0\.1:\d+/[\w-]{22}/"
    assert re.fullmatch(address, first)
    code, said_without, lines = run("grade", "tiny")
    assert [line.split()[:3] for line in rest] == [line.split()[:3] for line in lines.splitlines()]
    without_seconds = [re.sub(r"in \d+\.\d s", "", text) for text in (said, said_without)]
    assert without_seconds[0] == without_seconds[1]


def test_grade_hands_its_options_on(course, graded):
    options = ["--student", "1001", "--student", "2", "--jobs", "3", "--scheduler", "tcp://h:1"]
    options += ["--read-only", "/srv/data", "--read-only", "x"]
    code, _, complaint = run("grade", "tiny", *options, "--force", "--unsafe-no-sandbox")
    assert code == 0
    assert graded["read_only"] == ("/srv/data", str(Path("x").absolute()))
    assert graded["students"] == ("1001", "2")
    assert (graded["jobs"], graded["scheduler"]) == (3, "tcp://h:1")
    assert (graded["force"], graded["sandbox"]) == (True, False)
    assert "warning: students' code ran under your account, without the sandbox" in complaint


def test_grade_prints_json_and_nothing_else(course, graded):
    code, said, lines = run("grade", "tiny", "--json")
    facts = json.loads(said)
    assert (code, lines) == (0, "")
    assert (facts["homework"], facts["sandbox"]) == ("tiny", True)
    assert facts["rows"][0] == {
        "student": "1001", "status": "graded", "score": 1.5, "max_score": 2, "seconds": 0.25,
        "note": "to mark by hand: why", "before": None,
    }  # fmt: skip


def test_a_test_graded_again_shows_who_gained_or_lost(course, graded, monkeypatch):
    rows = [
        Row("1001", "graded", 3, 5, note="to mark by hand: why", before=1),
        Row("1002", "graded", 2, 5, before=2),
        Row("1003", "graded", 0.5, 5, before=2.5),
        Row("1004", "unchanged", 0, 5),
        Row("1005", "skipped", 4, 5, note="was handed in again"),
        Row("1006", "unreadable", note="a PDF"),
    ]
    monkeypatch.setitem(globals(), "ROWS", rows)
    code, said, _ = run("grade", "tiny", "--only", "a", "--only", "b")
    assert (code, graded["only"]) == (0, ("a", "b"))
    table = [line.rstrip() for line in said.splitlines()]
    assert [line.split() for line in table[:-1]] == [
        ["student", "before", "now", "of", "note"],
        ["1001", "1", "3", "5", "to", "mark", "by", "hand:", "why"],
        ["1003", "2.5", "0.5", "5"],
        ["1005", "4", "5", "skipped:", "was", "handed", "in", "again"],
        ["1006", "-", "-", "unreadable:", "a", "PDF"],
    ]
    assert table[-1].startswith(
        "tiny, a, b: 1 gained, 1 lost, 2 as before, 2 not graded again, in "
    )


def test_a_submission_without_a_row_is_an_error(course, graded):
    graded["n"] = 5
    code, _, complaint = run("grade", "tiny")
    assert code == 1
    assert "error: 2 submissions have no result; run it again." in complaint


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "stopped; what is graded stays graded: run it again to go on"),
        (HomeworkError("x.md:3: no"), 1, "error: x.md:3: no"),
        (RuntimeError("bubblewrap is missing"), 1, "error: bubblewrap is missing"),
        (PermissionError(13, "Denied", "x"), 1, "error: [Errno 13] Denied: 'x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_one_sentence(course, graded, error, code, said):
    graded["error"] = error
    got, _, complaint = run("grade", "tiny")
    assert got == code
    assert complaint.splitlines()[-1] == said


def test_a_database_that_does_not_answer(course, graded):
    from sqlalchemy.exc import OperationalError

    graded["error"] = OperationalError("select", {}, Exception("connection refused"))
    code, _, complaint = run("grade", "tiny")
    assert code == 1
    assert "connection refused" in complaint
    assert "Background on" not in complaint


def test_a_mistake_of_ours_keeps_its_traceback(course, graded):
    graded["error"] = ZeroDivisionError("ours")
    with pytest.raises(ZeroDivisionError):
        run("grade", "tiny")


def test_progress_on_a_terminal(monkeypatch):
    from rich.console import Console

    monkeypatch.setattr(screen, "err", Console(force_terminal=True, width=100, file=sys.stdout))
    with screen.progress() as counts:
        counts("total", n=3)
        counts("start", student="1001")
        assert str(counts) == "0 of 3 done, 1 running"
        counts("done", row=ROWS[0])
        counts.begun -= 60
        assert re.fullmatch(r"1 of 3 done, 1 a minute, [12]:\d\d left", str(counts))
        counts("done", row=ROWS[2])
        counts("done", row=ROWS[1])
        assert str(counts) == "3 of 3 done, 1 failed"


def test_the_whole_way(course):
    """Release, hand in, grade, report, feedback, with nothing in the place of anything."""
    try:
        from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox

        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
    assert run("release", "tiny")[0] == 0
    for student, answer in [("1001", RIGHT), ("1002", WRONG)]:
        hand_in(course, student, {"double": answer})
    code, said, complaint = run("grade", "tiny", "--json")
    assert code == 0, complaint
    rows = {row["student"]: row for row in json.loads(said)["rows"]}
    assert (rows["1001"]["score"], rows["1002"]["score"]) == (5, 0)
    assert run("grade", "tiny", "--only", "double-text")[0] == 1
    text = (course / "tiny.md").read_text()
    mended = 'assert double("ab") in ("abab", "ababab"), "Texts can be doubled too."'
    old = 'assert double("ab") == "abab", "Texts can be doubled too."'
    (course / "tiny.md").write_text(text.replace(old, mended))
    code, said, _ = run("grade", "tiny", "--only", "double-texts")
    assert code == 0
    assert re.search(r"^1002 +0 +3 +10", said, re.M)
    assert "tiny, double-texts: 1 gained, 1 as before, in" in said
    (course / "tiny.md").write_text(text)
    assert run("grade", "tiny", "--only", "double-texts")[0] == 0
    assert "2 unchanged" in run("grade", "tiny")[1]
    code, said, _ = run("report", "tiny", "--html", "tiny.html", "--csv", "tiny.csv")
    assert code == 0
    assert "tiny: 2 graded, 0 failed, 0 unreadable, median 2.5 of 10 points" in said
    assert re.search(r"1 +double-values +The double of pi is not right. +1002", said)
    assert "1002" in Path("tiny.csv").read_text()
    assert "<svg" in Path("tiny.html").read_text()
    code, said, _ = run("feedback", "tiny")
    assert code == 0
    assert "tiny: 2 pages, such as" in said
    code, said, notes = run("export", "csv", "tiny", "tiny-grades.csv")
    assert code == 0
    assert said == (
        "tiny-grades.csv: the grades of 2 students\ntiny-grades-feedback.zip: 2 pages of feedback\n"
    )
    assert notes == ""
    assert run("export", "moodle", "tiny", "x.csv")[0] == 1
    page = (course / "feedback/1002/tiny/tiny.html").read_text()
    assert "The double of pi is not right." in page
    assert "double(pi)" not in page
    (course / "autograded/1001/tiny/tiny.ipynb").chmod(0o644)
    (course / "autograded/1001/tiny/tiny.ipynb").write_text("{")
    code, said, complaint = run("feedback", "tiny")
    assert code == 1
    assert "1001: no page: NotJSONError" in complaint
    assert "tiny: 1 pages" in said


def test_the_page_for_instructors_tells_the_limits_there_are():
    page = (ROOT / "book/instructors.md").read_text("utf-8")
    told = re.findall(r"^\| [\w ,]+ \| ([\d,]+)(?: s| MB)? \|", page, re.M)
    limits = [float(limit.replace(",", "")) for limit in told]
    assert limits == list(map(float, LIMITS.values()))
