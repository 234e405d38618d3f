"""Hostile submissions: no undeserved points, no points lost by others, no leaks, no leftovers.

Each attack of tests/hostile is graded between two perfect submissions, in the same warm processes.
The homework is tests/hostile/homework.md; what its tests hide contains the word kestrel, what its
solutions hide osprey, the course on this machine heron and the perfect submission pelican.
"""

import copy
import json
import os
import queue
import re
import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from hostile import disguise, endless, flooding, forging, leaving, spying
from patience import patience
from places import COURSE, ROOT

from coursekit.grading import runner
from coursekit.grading.grade import grade
from coursekit.grading.pages.feedback import feedback
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.grading.submissions.python_names import bound_names, imports, modules
from coursekit.homework.nbgrader_course import nbgrader_of, require
from coursekit.homework.release import build
from coursekit.homework.text import points_of, to_notebook

HOMEWORK = Path(__file__).with_name("hostile") / "homework.md"
LIMITS = {
    "cell_seconds": min(patience(2.5), 8),  # some attacks wait for 9
    "submission_seconds": patience(30),
    "memory_mb": 400,
    "processes": 40,
    "file_mb": 20,
    "output_chars": 20_000,
}
ENDLESS = {"cell_seconds": min(patience(1), 4)}  # of attacks that the end of their time stops
THREADS = 4  # loops without an end keep none busy
SECRETS = ("kestrel", "osprey", "heron", "pelican")
MODULES = (endless, forging, spying, leaving, flooding)
ATTACKS = {
    f"{module.__name__.rpartition('.')[2]}: {name}": attack
    for module in MODULES
    for name, attack in module.ATTACKS.items()
}
# What cannot be told from a right answer together; the page for instructors lists it.
TOLD = {"forging: StopIteration ends a loop of the test": {"count-all"}}
DISGUISED = list(disguise.ATTACKS)
PLACES = {"COURSE_FOLDER": "/", "OPEN_PORT": 22}  # filled in while they exist
PERFECT = {"first": "pelican = 'the answer of another'\nprint(pelican)", "last": "total"}

OWN = {"setup": "first", "double-arrays": "between", "follow-steps": "last"}  # cells behind these


def codes(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def solutions(notebook):
    return {cell.id: cell.source for cell in codes(notebook) if cell.metadata.nbgrader.solution}


def points(notebook):
    return {cell.id: points_of(cell) for cell in codes(notebook) if points_of(cell)}


NOTEBOOK = to_notebook(HOMEWORK)
POINTS = points(NOTEBOOK)


def job(student, cells, notebook=NOTEBOOK, limits=()):
    """Return the job of a submission that has these cells, and solutions where it has none."""
    answers = solutions(notebook)
    made = []
    for cell in json.loads(json.dumps(notebook))["cells"]:
        name = cell["id"]
        if name in answers:
            answer = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell["source"])
            bird = "pelican" if student == "1001" else "answer"
            cell["source"] = _placed(cells.get(name, answer.replace("osprey", bird)))
        made.append(cell)
        if notebook is NOTEBOOK and (place := OWN.get(name)) in cells:
            own = nbformat.v4.new_code_cell(_placed(cells[place]), id=place)
            made.append(json.loads(json.dumps(own)))
    return {
        "homework": "hostile" if notebook is NOTEBOOK else "of the course",
        "student": student,
        "notebook": notebook | {"cells": made},
        "names": {name: bound_names(source) for name, source in answers.items()},
        "modules": {name: modules(source) for name, source in answers.items()},
        "preload": imports([cell.source for cell in codes(notebook)]),
        "tests": "both",  # those that fail apart are run together with the attack
        "files": {},
        "limits": LIMITS | dict(limits),
        "sandbox": True,
    }


def _placed(source):
    for name, value in PLACES.items():
        source = source.replace(name, repr(value))
    return source


def scores(result, points=POINTS):
    """Return the points of each graded cell, as nbgrader counts them."""
    from nbgrader.utils import determine_grade

    cells = nbformat.from_dict(result["notebook"]["cells"])
    return {cell.id: determine_grade(cell)[0] for cell in cells if cell.id in points}


def own_text(result):
    """Return all that a submission has printed and shown in cells of its own."""
    own = {row["index"] for row in result["cells"] if row["role"] == "own"}
    cells = result["notebook"]["cells"]
    return "\n".join(json.dumps(cells[k]["outputs"]) for k in sorted(own))


def inside():
    """Return the processes of submissions that are still there."""
    warm = [process.pid for _, process in runner._warm.values()]
    return [Path(f"/proc/{pid}/task/{pid}/children").read_text() for pid in warm]


def outside(mark):
    """Return what the machine holds that bears a mark."""
    mark = mark.encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        text = _content(path / "cmdline") + _content(path / "comm")
        if mark[:15] in text:  # the kernel keeps 15 characters of a name
            found.append(f"{path.name}: {text}")
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/work", "/", "/root", os.path.expanduser("~")):
        found += [f"{folder}/{name}" for name in _names(folder) if mark.decode() in name]
    for name in ("net/unix", "self/mountinfo", "keys"):
        if mark in _content(Path("/proc", name)):
            found.append(name)
    return found


def _content(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []


def ipc():
    """Return the shared memory, semaphores and queues that an attack has made."""
    lines = [_content(Path("/proc/sysvipc", name)).splitlines() for name in ("shm", "sem", "msg")]
    return [line for found in lines for line in found if line.split()[0] == b"%d" % leaving.KEY]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade all attacks, each between two perfect submissions."""
    try:
        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
    course = tmp_path_factory.mktemp("heron")
    (course / "gradebook.db").write_text("heron")
    patch = pytest.MonkeyPatch()
    patch.setenv("SECRET", "heron")
    results, waiting, lock = {}, queue.SimpleQueue(), threading.Lock()

    def work():
        last = runner.run_job(perfect)
        while not waiting.empty():
            try:
                name, attack = waiting.get_nowait()
            except queue.Empty:
                break
            result = runner.run_job(attack)
            after = runner.run_job(perfect)
            with lock:
                results[name] = last, result, after
            last = after

    listener = socket.create_server(("127.0.0.1", 0))
    PLACES.update(COURSE_FOLDER=str(course), OPEN_PORT=listener.getsockname()[1])
    perfect = job("1001", PERFECT)  # here: Python before 3.11.8 may fail to parse in two threads
    for name, (cells, _, *told) in ATTACKS.items():
        limits = ENDLESS if told == [endless.LATE] else ()
        waiting.put((name, job("1002", cells, limits=limits)))
    with listener, ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(work) for _ in range(THREADS)]:
            done.result()
    results["inside"] = inside()
    runner.close_all()
    patch.undo()
    results["left"] = outside(leaving.MARK), ipc()
    return results


def answers(name):
    cells, lost, *more = ATTACKS[name]
    return cells, set(lost.split()), (more or [""])[0]


def test_there_are_enough_attacks():
    assert len(ATTACKS) >= 40


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing(graded, name):
    _, lost, note = answers(name)
    result = graded[name][1]
    assert result["status"] == "ok", result["reason"]
    lost -= TOLD.get(name, set())
    expected = {cell: 0 if cell in lost else points for cell, points in POINTS.items()}
    errors = "\n".join(f"{row['id']}: {row['error']}" for row in result["cells"])
    assert scores(result) == expected, errors
    assert note in "\n".join(result["notes"])


@pytest.mark.parametrize("name", TOLD)
def test_what_cannot_be_told_is_gained_only_together_and_on_the_page(graded, name):
    rows = {row["id"]: row for row in graded[name][1]["cells"]}
    assert [row["together"] for cell, row in rows.items() if cell in TOLD[name]] == ["passed"]
    page = (ROOT / "book/instructors.md").read_text("utf-8")
    assert "raises `StopIteration`" in page


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_others_nothing(graded, name):
    before, _, after = graded[name]
    for result in (before, after):
        assert result["status"] == "ok", result["reason"]
        assert scores(result) == POINTS
        assert result["notes"] == []
    assert before["notebook"] == after["notebook"]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_learns_nothing(graded, name):
    text = own_text(graded[name][1])
    assert not re.search("|".join(SECRETS) + "|FOUND", text, re.IGNORECASE)
    if name.startswith("spying"):
        assert "looked" in text  # it has come to its end


@pytest.mark.parametrize("name", ATTACKS)
def test_the_result_of_an_attack_can_be_stored(graded, name):
    notebook = nbformat.from_dict(graded[name][1]["notebook"])
    nbformat.validate(notebook)
    assert len(nbformat.writes(notebook).encode()) < 5_000_000


def test_nothing_is_left_in_the_end(graded):
    assert graded["inside"] == [""]
    assert graded["left"] == ([], [])


LIES = {
    "objects equal to everything": (forging.EQUAL, "Equal()"),
    "arrays that lie": (forging.ARRAY, "np.zeros((2, 2)).view(Liar)"),
    "numbers that lie": (forging.LIAR.replace("KIND", "float"), "Liar(0)"),
    "patched numpy and checks": (forging.NUMPY + forging.PATCHED, "0.0"),
}


@pytest.mark.parametrize("homework", ["softmax", "gradient-descent"])
def test_lies_gain_nothing_in_the_course(homework, graded):
    """Give lies for all answers of a homework of the course."""
    notebook = to_notebook(COURSE / f"{homework}.md")
    try:
        for name, (first, value) in LIES.items():
            cells = {
                cell: f"{first}\n{' = '.join(bound_names(source))} = lambda *a, **more: {value}"
                for cell, source in solutions(notebook).items()
            }
            result = runner.run_job(job("1002", cells, notebook))
            assert result["status"] == "ok", result["reason"]
            assert set(scores(result, points(notebook)).values()) == {0}, name
        result = runner.run_job(job("1001", {}, notebook))
        assert scores(result, points(notebook)) == points(notebook)
    finally:
        runner.close_all()


# Through the whole grading -----------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory, graded):
    """Grade what is disguised, and two perfect submissions; return the course and the rows."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    shutil.copy(HOMEWORK, course / "small.md")
    build("small", course)
    require(nbgrader_of(course, gradebook=False).generate_assignment("small"))
    handed_out = json.loads((course / "release/small/small.ipynb").read_text())
    for name in DISGUISED:
        hand_in(course, name, handed_out, forging.UNSOLVED, disguise.ATTACKS[name])
    answers = {cell["id"]: cell["source"] for cell in job("1001", {})["notebook"]["cells"]}
    for student in ("0", "z"):  # the first and the last
        hand_in(course, student, handed_out, {name: answers[name] for name in solutions(NOTEBOOK)})
    before = listing(course)
    rows = {row.student: row for row in grade("small", course, jobs=2)}
    return course, rows, (before, listing(course))  # before another test adds feedback


def hand_in(course, student, handed_out, answers, change=lambda notebook, folder: None):
    folder = course / "submitted" / student / "small"
    folder.mkdir(parents=True)
    notebook = copy.deepcopy(handed_out)
    for cell in notebook["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    change(notebook, folder)
    (folder / "small.ipynb").write_text(json.dumps(notebook))


def listing(course):
    """Return the files of a course that grading has no business with."""
    kept = [path for path in course.rglob("*") if "autograded" not in path.parts]
    made = ("gradebook.db", "grades.csv", ".coursekit")
    return sorted(str(path) for path in kept if not any(name in path.parts for name in made))


def test_the_perfect_have_full_marks(course):
    _, rows, _ = course
    for student in ("0", "z"):
        assert (rows[student].status, rows[student].score) == ("graded", sum(POINTS.values()))


@pytest.mark.parametrize("name", DISGUISED)
def test_a_disguise_gains_nothing(course, name):
    row = course[1][name]
    assert (row.status, row.score) == ("graded", 0), row.note
    assert row.max_score == sum(POINTS.values())


def test_the_gradebook_holds_nothing_else(course):
    from nbgrader.api import Gradebook

    folder, rows, _ = course
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        assert {student.id for student in gradebook.students} == set(rows)
        for student in rows:
            notebook = gradebook.find_submission_notebook("small", "small", student)
            points = {grade.cell.name: grade.max_score for grade in notebook.grades}
            assert points == POINTS
            assert all(grade.manual_score is None for grade in notebook.grades)
            assert all(grade.extra_credit in (None, 0) for grade in notebook.grades)


def test_the_course_is_as_it_was(course):
    folder, _, (before, after) = course
    assert after == before
    assert not (folder / ".coursekit" / ".stage").exists()


@pytest.mark.parametrize("name", DISGUISED)
def test_a_page_tells_nothing_and_runs_nothing(course, pages, name):
    page = pages[name].read_text("utf-8")
    told = page if name != "inputs told" else page.replace("kestrel", "", 2)
    assert not re.search("osprey|pelican|kestrel_|root:|SQLite format", told)
    assert "<script" not in page
    assert "parent.heron" not in page or "&lt;script&gt;" in page


@pytest.fixture(scope="module")
def pages(course):
    made = feedback("small", course[0])
    assert set(made) == set(course[1])
    return made
