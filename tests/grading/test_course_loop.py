"""Release, hand in, grade, give back: the whole loop.

For one homework of the course; test_assignments.py runs the answers and the stubs of every other
one, test_equivalence.py grades it.
"""

import csv
import hashlib
import os
import shutil
from pathlib import Path

import nbformat
import pytest
import stock_nbgrader
from places import COURSE
from tiny_homework import TINY
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.grading.grade import grade
from coursekit.grading.pages.feedback import feedback
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.homework.release import build
from coursekit.homework.text import HomeworkError

NAME = "gradient-descent"
WRITTEN = "start-that-does-not-move"

ANSWERS = {
    "f": "def f(x):\n    return x[..., 0] * np.exp(-(x * x).sum(-1))",
    "grad_f": "def grad_f(x):\n    e = np.exp(-(x * x).sum(-1))\n    a, b = x[..., 0], x[..., 1]\n"
    "    return np.stack([(1 - 2 * a * a) * e, -2 * a * b * e], axis=-1)",
    "minimize": """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xs = [np.array(x0)]
    while len(xs) <= maxiter and np.linalg.norm(grad_func(xs[-1])) > 1e-4:
        xs.append(xs[-1] - step_size * grad_func(xs[-1]))
    return xs[-1], xs, [f(x) for x in xs]""",
    WRITTEN: "It is a maximum. The gradient is zero there, and the test asks for nothing else.",
}
STUDENTS = {  # who: the answers given, the points that nbgrader gives by itself, the notes
    "1001": (ANSWERS, 40, f"to mark by hand: {WRITTEN}"),
    "half": ({k: ANSWERS[k] for k in ("f", "grad_f", WRITTEN)}, 18, f"to mark by hand: {WRITTEN}"),
    "empty": ({}, 0, ""),
    "wrong-sign": (
        {k: ANSWERS[k].replace("return np.stack", "return -np.stack") for k in list(ANSWERS)[:3]},
        34,
        "",
    ),
    "raises": (ANSWERS | {"minimize": "def minimize(*args, **options):\n    return 1 / 0"}, 18,
               f"to mark by hand: {WRITTEN}"),
    "syntax": (ANSWERS | {"grad_f": "def grad_f(x)\n    return x"}, 30,
               f"to mark by hand: {WRITTEN}"),
}  # fmt: skip


def graded(course, name=NAME):
    """Grade a homework, in the sandbox where there can be one; return the rows by student."""
    try:
        require_sandbox()
        sandbox = True
    except SandboxError:
        sandbox = False
    return {row.student: row for row in grade(name, course, sandbox=sandbox)}


def read(*parts):
    return nbformat.read(Path(*parts), as_version=4)


def hand_in(course, student, answers, name=NAME):
    """Fill answers into the notebook handed out, and hand it in."""
    notebook = read(course, "release", name, f"{name}.ipynb")
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    target = course / "submitted" / student / name / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return target


def fingerprints(course):
    """Digests of what a release must not touch."""
    files = [course / "gradebook.db", *(course / "submitted").rglob("*.*")]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def run(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def nbgrader(course, *arguments):
    """Run a command of nbgrader, which must go well."""
    done = stock_nbgrader.nbgrader(course, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def csv_scores(course):
    """Return the scores in the exported table, of those whom we expect there."""
    with open(course / "grades.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["student_id"] in STUDENTS]
    assert {float(row["max_score"]) for row in rows} == {50}
    return {row["student_id"]: float(row["score"]) for row in rows}


def edit(path, change):
    notebook = read(path)
    change(notebook.cells, next(i for i, cell in enumerate(notebook.cells) if cell.id == "f"))
    nbformat.write(notebook, path)


def paste_again(cells, at):
    """Copy a cell as JupyterLab does: with its nbgrader id."""
    cells.insert(at, nbformat.from_dict({**cells[at], "id": "pasted"}))


def make_old(cells, at):
    """Claim an older version of nbgrader's metadata: `nbgrader autograde` stops there."""
    cells[at].metadata.nbgrader.schema_version = 1


def forget_metadata(cells, at):
    """Drop nbgrader's metadata and the ids of cells, as an export may."""
    for number, cell in enumerate(cells):
        cell.metadata.pop("nbgrader", None)
        cell.id = f"cell-{number}"


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Copy the course, release its homework, grade the class; some submissions are no good."""
    folder = tmp_path_factory.mktemp("course")
    for path in [COURSE / f"{NAME}.md", COURSE / "nbgrader_config.py"]:
        shutil.copy(path, folder)
    (folder / "gradebook.db").write_bytes(b"no database: whoever opens it fails")
    (folder / "submitted" / "early").mkdir(parents=True)
    (folder / "submitted" / "early" / "notes.txt").write_text("mine")
    before = fingerprints(folder)
    assert run("release", NAME, "--course", folder)[0] == 0
    assert fingerprints(folder) == before
    (folder / "gradebook.db").unlink()
    for student, (answers, _, _) in STUDENTS.items():
        path = hand_in(folder, student, answers)
        if student == "1001":
            edit(path, paste_again)
        if student == "half":
            edit(path, make_old)
    hand_in(folder, "unreadable", {}).write_text("{")
    edit(hand_in(folder, "exported", ANSWERS), forget_metadata)
    misnamed = hand_in(folder, "misnamed", ANSWERS)
    misnamed.rename(misnamed.with_name(f"{NAME} (1).ipynb"))
    rows = graded(folder)
    feedback(NAME, folder)
    return folder, rows


@pytest.fixture(scope="module")
def course(loop):
    return loop[0]


@pytest.fixture(scope="module")
def rows(loop):
    return loop[1]


def test_release_keeps_nothing_back_but_answers(course):
    source = {cell.id: cell for cell in read(course, "source", NAME, f"{NAME}.ipynb").cells}
    handed_out = read(course, "release", NAME, f"{NAME}.ipynb").cells
    assert [cell.id for cell in handed_out] == list(source)
    for cell in handed_out:
        mark = cell.metadata.get("nbgrader")
        assert not any(word in cell.source for word in ("BEGIN ", "END ", "hidden"))
        if mark is None or not (mark.solution or mark.grade):
            assert cell.source == source[cell.id].source
        if mark and mark.solution:
            assert cell.metadata.deletable is False
            stub = "NotImplementedError()" if cell.cell_type == "code" else "*YOUR ANSWER HERE*"
            assert cell.source.endswith(stub)
        elif mark:
            assert cell.metadata.deletable is False
            assert cell.metadata.editable is False
        if cell.cell_type == "code":
            assert cell.outputs == []


def test_scores(course):
    assert csv_scores(course) == {student: row[1] for student, row in STUDENTS.items()}


def test_rows_say_what_is_left_to_do(rows):
    assert len(rows) == len(STUDENTS) + 3
    for student, (_, score, note) in STUDENTS.items():
        row = rows[student]
        assert (row.status, row.score, row.max_score, row.note) == ("graded", score, 50, note)
    for student, reason in [
        ("unreadable", "its notebook is not valid JSON"),
        ("exported", "copy the answers into a fresh copy"),
    ]:
        assert (rows[student].status, rows[student].score) == ("unreadable", None)
        assert reason in rows[student].note
    assert (rows["misnamed"].status, rows["misnamed"].score) == ("graded", 40)
    assert f"{NAME} (1).ipynb was taken for {NAME}.ipynb" in rows["misnamed"].note


@pytest.mark.parametrize(
    ("student", "sentence"),
    [
        ("wrong-sign", "The partial derivative by x1 at (0.3, -0.7) is not right."),
        ("wrong-sign", "opposite sign"),
        ("raises", "ZeroDivisionError"),
        ("syntax", "SyntaxError"),
        ("empty", "No response."),
    ],
)
def test_feedback_says_what_is_wrong(course, student, sentence):
    page = (course / "feedback" / student / NAME / f"{NAME}.html").read_text()
    assert sentence in page


def test_animation_shows_the_path_of_the_student(course):
    cells = {c.id: c for c in read(course, "autograded", "1001", NAME, f"{NAME}.ipynb").cells}
    (output,) = cells["animation"].outputs
    assert output.data["text/plain"].startswith("Descent on your f: from (-1, 1), 42 steps")
    assert "<svg" in output.data["text/html"]


def test_grade_again_grades_what_is_new(course):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        mark = gradebook.find_grade(WRITTEN, NAME, NAME, "1001")
        mark.manual_score, mark.needs_manual_grade = 8, False
        gradebook.db.commit()
    kept = course / "autograded" / "1001" / NAME / f"{NAME}.ipynb"
    before = kept.stat().st_mtime_ns
    # Handed in again, and copied with the time of an old change.
    os.utime(hand_in(course, "empty", ANSWERS), (0, 0))
    for student in ("unreadable", "exported", "misnamed"):
        shutil.rmtree(course / "submitted" / student)

    rows = graded(course)
    assert {*rows} == {*STUDENTS}
    assert [row.student for row in rows.values() if row.status == "graded"] == ["empty"]
    assert (rows["1001"].score, rows["1001"].note) == (48, "")
    assert kept.stat().st_mtime_ns == before
    assert (rows["empty"].score, rows["empty"].note) == (40, f"to mark by hand: {WRITTEN}")
    assert rows["wrong-sign"].score == 34


def test_cells_keep_their_names_once_handed_in(course):
    text = course / f"{NAME}.md"
    kept = text.read_text()
    text.write_text(kept.replace(":tests: run", ":tests: both-runs"))
    with pytest.raises(HomeworkError, match="Cannot add or remove cells for notebook"):
        graded(course)
    text.write_text(kept)


def test_nothing_to_grade(tmp_path):
    (tmp_path / "tiny.md").write_text(TINY)
    with pytest.raises(HomeworkError, match=r"no nbgrader_config\.py in"):
        graded(tmp_path, "tiny")
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    with pytest.raises(HomeworkError, match="nothing to grade; put the notebooks handed in at"):
        graded(tmp_path, "tiny")
    (tmp_path / "submitted" / "somebody" / "tiny").mkdir(parents=True)
    row = graded(tmp_path, "tiny")["somebody"]
    assert (row.status, row.score, row.max_score) == ("unreadable", None, None)
    assert "no tiny.ipynb in its folder, which is empty" in row.note


def test_nbgraders_own_commands_give_the_same_scores(course, tmp_path):
    for file in ("nbgrader_config.py", f"{NAME}.md"):
        shutil.copy(course / file, tmp_path)
    build(NAME, tmp_path)
    nbgrader(tmp_path, "generate_assignment", NAME)
    some = ("1001", "wrong-sign")  # test_equivalence.py compares all kinds of answers
    for student in some:
        hand_in(tmp_path, student, STUDENTS[student][0])
    nbgrader(tmp_path, "autograde", NAME)
    nbgrader(tmp_path, "generate_feedback", NAME)
    nbgrader(tmp_path, "export")
    assert csv_scores(tmp_path) == {student: STUDENTS[student][1] for student in some}
    pages = {page.parts[-3] for page in tmp_path.glob(f"feedback/*/{NAME}/{NAME}.html")}
    assert pages == set(some)
