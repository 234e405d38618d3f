"""An exam: papers that differ in numbers and not in difficulty, each graded against its own."""

import ast
import importlib.util
import itertools
import json
import re
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from places import COURSE
from tiny_homework import RIGHT, old_nbgrader, run_here
from typer.testing import CliRunner

from coursekit.cli.commands import app
from coursekit.grading.grade import grade
from coursekit.grading.pages.feedback import feedback
from coursekit.grading.pages.report import read_report, to_html
from coursekit.grading.trial import try_here
from coursekit.homework.overview import overview
from coursekit.homework.papers import papers_of, read_students, release_papers
from coursekit.homework.text import HomeworkError, paper_of, points_of, to_notebook
from coursekit.homework.validate import points_said
from coursekit.homework.variants import filled

TEXT = COURSE / "final.md"
FINAL = TEXT.read_text("utf-8")
CLASS = [(str(1000 + k), f"secret {k}".encode()) for k in range(200)]


@pytest.fixture(scope="module")
def drawn():
    """What is drawn for each of a class, with numbers as numbers."""

    def value(text):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text

    return [{name: value(text) for name, text in filled(FINAL, *one)[1].items()} for one in CLASS]


def answers_to(drawn):
    """Return wrong answers, right ones and wrong helpers to one paper of the final exam."""
    path = Path(__file__).with_name("wrong_answers") / "final.py"
    spec = importlib.util.spec_from_file_location("wrong_final", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.for_paper(drawn)


def stubbed(notebook):
    """Return a notebook with stubs in place of answers."""
    made = json.loads(json.dumps(notebook))
    for cell in made["cells"]:
        cell["source"] = re.sub(
            r"### BEGIN SOL.*?### END SOLUTION", "raise NotImplementedError()", cell["source"],
            flags=re.S,
        )  # fmt: skip
    return made


def code_cells(student, key):
    return [cell for cell in to_notebook(TEXT, student, key).cells if cell.cell_type == "code"]


def earned(cells, answers=()):
    """Run the cells of a paper with some answers replaced; return which tests pass."""
    names, passed = {}, set()
    for cell in cells:
        try:
            exec(compile(dict(answers).get(cell.id, cell.source), cell.id, "exec"), names)
        except Exception:
            continue
        if points_of(cell):
            passed.add(cell.id)
    return passed


# The papers of the course's exam -----------------------------------------------------------


def test_the_answers_of_every_paper_get_all_points_and_its_stubs_none(drawn):
    for student, key in CLASS:
        notebook = to_notebook(TEXT, student, key)
        both = {"answers": {"final": notebook}, "released": {"final": stubbed(notebook)}}
        assert try_here(SimpleNamespace(**both)) == [], student


def test_a_broken_answer_and_a_test_of_nothing_are_named():
    notebook = json.loads(json.dumps(to_notebook(TEXT)))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    cells["h"]["source"] = "def h(x):\n    return x"
    cells["kappa-values"]["source"] = "True"
    both = {"answers": {"final": notebook}, "released": {"final": stubbed(notebook)}}
    found = try_here(SimpleNamespace(**both))
    said = {(one.cell, one.text.partition(":")[0]) for one in found}
    assert said >= {
        ("h-moderate", "fails with the answers given"),
        ("h-large", "fails with the answers given"),
        ("kappa-values", "gives points for nothing"),
    }


QUESTIONS = ("k p q", "f x0", "H3 b3 x3", "H4 c4 A4 b4", "slope X5 t5 W5 w5")


def test_no_two_papers_share_more_than_one_question(drawn):
    assert len({paper["paper"] for paper in drawn}) == len(drawn)
    questions = [[str([paper[n] for n in names.split()]) for names in QUESTIONS] for paper in drawn]
    for one, other in itertools.combinations(questions, 2):
        assert sum(a == b for a, b in zip(one, other, strict=True)) <= 1


def numbers_in(value):
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [value] if isinstance(value, int | float) else []


def test_every_number_is_short(drawn):
    for paper in drawn:
        given = [paper[name] for names in QUESTIONS for name in names.split()]
        assert max(len(f"{number:g}") for number in numbers_in(given)) <= 5
        assert all(float(f"{number:g}") == number for number in numbers_in(given))


def test_the_formula_gives_zero_where_the_text_says_so(drawn):
    for paper in drawn:
        top = paper["k"] * np.float64(1e9) ** 2
        assert np.sqrt(top + paper["p"]) - np.sqrt(top + paper["q"]) == 0
        assert np.spacing(top) == paper["gap"]
        assert 3 <= paper["p"] - paper["q"] <= 50


def hessian(paper, x):
    """The Hessian of question 2, by central differences of the function."""

    def f(x):
        u = paper["c"][0] * x[0] + paper["c"][1] * x[1]
        return paper["a"] * x[paper["i"]] ** 2 * x[paper["j"]] + paper["b"] * getattr(
            np, paper["wave"]
        )(u)

    e, s = np.eye(2), 1e-4
    return np.array(
        [
            [
                sum(p * q * f(x + s * p * e[k] + s * q * e[j]) for p in (1, -1) for q in (1, -1))
                for j in (0, 1)
            ]
            for k in (0, 1)
        ]
    ) / (4 * s * s)


def test_every_function_is_bowl_shaped_at_its_point_and_bent_elsewhere(drawn):
    for paper in drawn:
        low, high = np.linalg.eigvalsh(hessian(paper, np.array(paper["x0"])))
        assert low > 1.9
        assert 3.9 < high / low < 8.1  # within a factor of 2
        lowest = np.linalg.eigvalsh(hessian(paper, np.array(paper["bent"])))[0]
        assert np.isclose(lowest, paper["bent_by"], atol=0.06)
        assert lowest < -1.9
    assert {paper["wave"] for paper in drawn} == {"sin", "cos"}
    assert {paper["i"] for paper in drawn} == {0, 1}


def test_every_descent_takes_about_as_many_updates(drawn):
    for paper in drawn:
        H, b, x = (np.array(paper[name], dtype=float) for name in ("H3", "b3", "x3"))
        low, high = np.linalg.eigvalsh(H)
        assert low > 1
        assert 9 < high / low < 15  # within a factor of 2
        s, beta = (2 / (low**0.5 + high**0.5)) ** 2, (1 - 2 / ((high / low) ** 0.5 + 1)) ** 2
        before, updates = x, 0
        while np.linalg.norm(H @ x - b) > 1e-6:
            x, before = x - s * (H @ x - b) + beta * (x - before), x
            updates += 1
        assert 33 <= updates <= 40
        rates = (high - low) / (high + low), beta**0.5
        assert np.allclose(rates, [paper["plain_rate"], paper["ball_rate"]], atol=6e-4)
        assert np.isclose(np.log(rates[1]) / np.log(rates[0]), paper["faster"], atol=0.06)
        assert 2.9 < paper["faster"] < 4.1


def test_every_program_has_two_active_constraints(drawn):
    from scipy.optimize import minimize

    for paper in drawn[:40]:
        H, c, A, d = (np.array(paper[name], dtype=float) for name in ("H4", "c4", "A4", "b4"))
        found = minimize(
            lambda x, H=H, c=c: x @ H @ x / 2 + c @ x,
            np.zeros(3),
            jac=lambda x, H=H, c=c: H @ x + c,
            constraints={"type": "ineq", "fun": lambda x, A=A, d=d: d - A @ x,
                         "jac": lambda x, A=A: -A},
            method="SLSQP", tol=1e-12,
        )  # fmt: skip
        assert np.allclose(found.x, paper["x4"], atol=1e-5)
    for paper in drawn:
        H, c, A, d = (np.array(paper[name], dtype=float) for name in ("H4", "c4", "A4", "b4"))
        x, mu = np.array(paper["x4"]), np.array(paper["mu4"])
        values = np.linalg.eigvalsh(H)
        assert values[0] > 0
        assert 1.6 < values[-1] / values[0] < 3.2  # within a factor of 2
        assert np.count_nonzero(H) == 9  # no unknown can be found by itself
        assert np.count_nonzero(A, axis=1).min() >= 2
        assert np.allclose(H @ x + c + mu @ A, 0)
        assert np.allclose((A @ x - d)[mu > 0], 0)
        assert (A @ x - d)[mu == 0].max() <= -1
        assert (mu > 0).sum() == 2
        assert mu[mu > 0].min() >= 2
        assert ((A @ np.linalg.solve(H, -c) > d) == (mu > 0)).all()  # which a look at that tells
        assert paper["price"] == mu[paper["row"] - 1] > 0 == mu[paper["idle"] - 1]
        assert np.isclose(paper["change"], 0.02 * paper["price"])


def test_every_network_has_one_neuron_asleep(drawn):
    for paper in drawn:
        z = np.array(paper["X5"]) @ np.array(paper["W5"]) + np.array(paper["b5"])
        share = (z > 0).mean(axis=0)
        assert np.flatnonzero(share == 0).tolist() == [paper["asleep"] - 1]
        assert (np.delete(share, paper["asleep"] - 1) < 1).all()
        assert np.abs(z).min() > 0.04
        assert 0.03 <= paper["slope"] <= 0.48


NUMBERS = ("model_minimizer", "best", "solution", "loss_after_step")  # asked for without arguments
GENERAL = {"heavy_ball-updates", "heavy_ball-stops", "kkt_residuals-equations",
           "kkt_residuals-inequalities"}  # fmt: skip


def typed(cells):
    """Return the answers of a paper, with the numbers that it asks for typed in."""
    names, answers = {}, {}
    for cell in cells:
        if not points_of(cell) and not cell.id.endswith("-check"):
            exec(cell.source, names)
        if cell.metadata.nbgrader.solution:
            answers[cell.id] = cell.source
    for name in NUMBERS:
        value = names[name]()
        value = value if isinstance(value, tuple) else (value,)
        parts = ", ".join(str(np.round(part, 6).tolist()) for part in value)
        answers[name] = f"def {name}():\n    return {parts}"
    return answers


@pytest.mark.parametrize("k", range(12))
def test_numbers_typed_in_earn_in_the_own_paper_and_nothing_in_a_neighbours(k):
    own, neighbours = code_cells(*CLASS[k]), code_cells(*CLASS[k + 1])
    answers = typed(own)
    graded = {cell.id for cell in own if points_of(cell)}
    assert earned(own, answers) == graded
    assert earned(neighbours, answers) == GENERAL  # code that holds no number of the paper


@pytest.mark.parametrize("student", [3, 77])
def test_wrong_and_right_answers_to_other_papers(student):
    cells = code_cells(*CLASS[student])
    graded = {cell.id for cell in cells if points_of(cell)}
    wrong, right, helpers = answers_to(filled(FINAL, *CLASS[student])[1])
    assert len(wrong) >= 40
    assert len(right) >= 8
    for name, (cell, answer, lost, _) in wrong.items():
        assert graded - earned(cells, {cell: answer}) == set(lost.split()), name
    for name, answers in right.items():
        assert earned(cells, answers) == graded, name
    for name, (answers, lost) in helpers.items():
        assert graded - earned(cells, answers) == set(lost.split()), name


def test_the_checks_promise_nothing(tmp_path):
    tmp_path = tmp_path / "homework" / "final"
    tmp_path.mkdir(parents=True)
    path = tmp_path / "final.ipynb"
    nbformat.write(to_notebook(TEXT), path)
    assert [row.points for row in overview(tmp_path.parent)] == ["40 in all"]
    assert "they promise no points" in points_said(path, [])
    for cell in to_notebook(TEXT).cells:
        if cell.id.endswith("-check"):
            assert "not looked at" in cell.source
            assert "np.allclose" not in cell.source


# Papers of any exam ------------------------------------------------------------------------

TINY = """\
---
kernelspec: {display_name: Python 3, name: python3}
---

```{code-cell} ipython3
:variant: paper
def variant(rng):
    return {"a": int(rng.integers(2, 10**6)), "name": str(rng.choice(["cat", "dog"]))}
```

# Tiny, for {{student}}

How much is {{a}} {{name}}s?

```{code-cell} ipython3
:locked: setup
A = {{a}}
```

```{code-cell} ipython3
:solution: double
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
:solution: times
def times(x):
    ### BEGIN SOLUTION
    return {{a}} * x
    ### END SOLUTION
```

```{code-cell} ipython3
:tests: double-values
:points: 2
### BEGIN HIDDEN TESTS
assert double(3) == 6, "The double of 3 is not right."
### END HIDDEN TESTS
```

```{code-cell} ipython3
:tests: times-values
:points: 3
### BEGIN HIDDEN TESTS
assert times(3) == 3 * {{a}}, "That is not so many times 3."
### END HIDDEN TESTS
```

+++ {"written": "why", "points": 5}

Because of {{a}}.
=== BEGIN MARK SCHEME ===
{{a}}, or {{name}}.
=== END MARK SCHEME ===
"""


def new_course(folder, text=TINY, table="id,first_name\n1001,Ada\n1002,Bob\n1003,Cy\n"):
    folder.mkdir(exist_ok=True)
    (folder / "tiny.md").write_text(text, "utf-8")
    (folder / "students.csv").write_text(table, "utf-8")
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make a course with the papers of three students."""
    course = new_course(tmp_path_factory.mktemp("exam") / "course")
    with old_nbgrader():
        release_papers("tiny", course, course / "students.csv")
    return course


@pytest.fixture
def course(made, tmp_path):
    return shutil.copytree(made, tmp_path / "course")


@pytest.fixture
def ran(monkeypatch):
    """Run submissions in this process; return whose were run."""
    ran = []

    def run_job(job):
        ran.append(job["student"])
        done = run_here(job)
        marked = [cell for cell in done["notebook"]["cells"] if cell["cell_type"] == "code"]
        errors = [next((o["ename"] for o in cell["outputs"]), "") for cell in marked]
        done["cells"] = [
            {"id": cell["id"], "index": 0, "role": "test", "seconds": 0.0, "error": error,
             "stopped": False}
            for cell, error in zip(marked, errors, strict=True)
        ]  # fmt: skip
        return done

    monkeypatch.setattr("coursekit.grading.runner.run_job", run_job)
    return ran


def paper(course, student, name="tiny"):
    return nbformat.read(course / "release" / student / name / f"{name}.ipynb", 4)


def number(notebook):
    return int(re.search(r"much is (\d+)", notebook.cells[0].source)[1])


def hand_in(course, student, notebook, answers, name="tiny"):
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in notebook.cells:
        cell.source = answers.get(cell.id, cell.source)
    target = course / "submitted" / student / name
    target.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target / f"{name}.ipynb")


def answers(notebook):
    times = f"def times(x): return x * {number(notebook)}"
    return {"double": RIGHT, "times": times, "why": "So."}


def grades(course, name="tiny", **options):
    with old_nbgrader():
        rows = grade(name, course, jobs=2, **options)
    return {row.student: row for row in rows}


def test_each_student_gets_a_paper_and_the_same_again(made, tmp_path):
    papers = [paper(made, student) for student in ("1001", "1002", "1003")]
    assert len({number(one) for one in papers}) == 3
    kept = json.loads((made / "tiny.papers.json").read_text())
    assert [one.metadata.coursekit.paper for one in papers] == list(kept["papers"].values())
    assert "1001" in papers[0].cells[0].source
    text = "".join(cell.source for one in papers for cell in one.cells)
    assert not re.search(r"variant|\{\{|BEGIN|HIDDEN|Because|2 \* x", text)
    assert kept["secret"] not in text
    again = tmp_path / "again"
    shutil.copytree(made, again, ignore=shutil.ignore_patterns("release", "source"))
    table = again / "students.csv"
    table.write_text(table.read_text() + "1004,Di\n")
    release_papers("tiny", again, table)
    assert [paper(again, student) for student in ("1001", "1002", "1003")] == papers
    assert number(paper(again, "1004")) not in {number(one) for one in papers}
    assert {*papers_of("tiny", again).made} == {"1001", "1002", "1003", "1004"}


def test_the_secret_is_for_its_owner_and_stays_out_of_the_repository(made):
    assert stat.S_IMODE((made / "tiny.papers.json").stat().st_mode) == 0o600
    assert "assignments/*.papers.json" in (COURSE.parent / ".gitignore").read_text().splitlines()


def test_another_secret_makes_other_papers():
    assert paper_of(TEXT, "1001", b"one") != paper_of(TEXT, "1001", b"other")
    assert paper_of(TEXT, "1001", b"one") == paper_of(TEXT, "1001", b"one")
    assert paper_of(COURSE / "kkt.md") == ""


def test_each_is_graded_against_the_own_paper(course, ran):
    first, second = paper(course, "1001"), paper(course, "1002")
    hand_in(course, "1001", first, answers(first))
    hand_in(course, "1002", first, answers(first))  # a neighbour's file and answers
    nobodys = nbformat.read(course / "release/tiny/tiny.ipynb", 4)
    hand_in(course, "1003", nobodys, answers(paper(course, "1003")))
    hand_in(course, "stranger", second, {})
    rows = grades(course, sandbox=False)
    assert {who: row.score for who, row in rows.items()} == {
        "1001": 5, "1002": 2, "1003": 5, "stranger": None
    }  # fmt: skip
    assert rows["1001"].note == "to mark by hand: why"
    assert "handed in the paper of 1001; graded against the own paper" in rows["1002"].note
    assert "handed in the paper of nobody; graded against the own paper" in rows["1003"].note
    assert rows["stranger"].status == "unreadable"
    assert "no paper was made for stranger: is the folder in submitted/" in rows["stranger"].note
    assert "coursekit release tiny --per-student students.csv" in rows["stranger"].note
    kept = nbformat.read(course / "autograded/1002/tiny/tiny.ipynb", 4)
    texts = {cell.id: cell.source for cell in kept.cells}
    assert texts["setup"] == f"A = {number(second)}"
    assert f"3 * {number(second)}," in texts["times-values"]
    assert texts["times"] == f"def times(x): return x * {number(first)}"
    with old_nbgrader():
        report = read_report("tiny", course)
    assert [who for who, _ in report.other_papers] == ["1002", "1003"]
    to_html(report, course / "report.html")
    assert "Another paper than the own one" in (course / "report.html").read_text()
    _, *lines = (course / "grades.csv").read_text().splitlines()
    assert {line.split(",")[0] for line in lines} == {"tiny"}


def test_graded_again_only_what_is_new(course, ran):
    for student in ("1001", "1002"):
        hand_in(course, student, paper(course, student), answers(paper(course, student)))
    assert [row.score for row in grades(course, sandbox=False).values()] == [5, 5]
    rows = grades(course, sandbox=False)
    assert [row.status for row in rows.values()] == ["unchanged", "unchanged"]
    hand_in(course, "1002", paper(course, "1002"), {})
    assert [row.score for row in grades(course, sandbox=False).values()] == [5, 0]
    assert sorted(ran) == ["1001", "1002", "1002"]
    mended = TINY.replace("is not so many", "is not quite so many")  # a test, not what is drawn
    (course / "tiny.md").write_text(mended)
    assert [row.score for row in grades(course, sandbox=False).values()] == [5, 0]
    assert len(ran) == 5


def test_one_mended_test_is_graded_again_against_the_own_paper(course, ran):
    first, second = paper(course, "1001"), paper(course, "1002")
    hand_in(course, "1001", first, answers(first))
    hand_in(course, "1002", first, answers(first))  # a neighbour's answers
    before = grades(course, sandbox=False)
    mended = TINY.replace("times(3) == 3 * {{a}}", "times(2) in (2 * {{a}}, 4)")
    (course / "tiny.md").write_text(mended)
    rows = grades(course, sandbox=False, only=["times-values"])
    assert {who: (row.before, row.score) for who, row in rows.items()} == {
        "1001": (5, 5), "1002": (2, 2)
    }  # fmt: skip
    assert rows["1002"].note == before["1002"].note
    hidden = nbformat.read(course / "autograded/1002/tiny/tiny.ipynb", 4)
    texts = {cell.id: cell.source for cell in hidden.cells}
    assert f"in (2 * {number(second)}, 4)" in texts["times-values"]
    assert {row.status for row in grades(course, sandbox=False).values()} == {"unchanged"}


def test_a_page_of_feedback_is_of_the_own_paper(course, ran):
    own, neighbours = paper(course, "1002"), paper(course, "1001")
    hand_in(course, "1002", neighbours, answers(neighbours))
    grades(course, sandbox=False)
    with old_nbgrader():
        made = feedback("tiny", course)
    said = made["1002"].read_text()
    assert "That is not so many times 3." in said
    assert f"A = {number(own)}" in re.sub("<[^>]*>", "", said)
    assert f"3 * {number(own)}" not in said


def test_a_paper_of_nobody_knows_whom(course, ran):
    for student, metadata in [("1001", {}), ("1002", {"coursekit": {"paper": "00000000"}})]:
        own = paper(course, student)
        own.metadata = metadata
        hand_in(course, student, own, answers(own))
    rows = grades(course, sandbox=False)
    assert [row.score for row in rows.values()] == [5, 5]
    assert "handed in a notebook that does not say whose paper it is" in rows["1001"].note
    assert "handed in a paper that was not made here; graded against" in rows["1002"].note


# What goes wrong ---------------------------------------------------------------------------

TABLES = [  # a table, what is said of it
    ("", r"students\.csv:1: no column id; the first line has: nothing"),
    ("name,mail\nAda,a@b.c\n", r"students\.csv:1: no column id; the first line has: name, mail"),
    ("id;name\n1;Ada\n", r"students\.csv:1: no column id; the first line has: id;name"),
    ("id\n", r"students\.csv: no students; write a line for each"),
    ("id,name\n1001,A\n1002,B\n1001,C\n", r"students\.csv:4: 1001 stands in line 2 already"),
    ("id,name\n1001,A\n,B\n", r"students\.csv:3: the id is missing"),
    ("id\n../../x\n", r"students\.csv:2: '\.\./\.\./x' cannot be the name of a folder"),
    ("id\n1001\na b\n", r"students\.csv:3: 'a b' cannot be the name of a folder; write letters"),
    ("id\n-f\n", r"students\.csv:2: '-f' cannot"),
    ("id\n.hidden\n", r"students\.csv:2: '\.hidden' cannot"),
]


@pytest.mark.parametrize(("table", "message"), TABLES)
def test_a_table_that_will_not_do(tmp_path, table, message):
    (tmp_path / "students.csv").write_text(table)
    with pytest.raises(HomeworkError, match=message):
        read_students(tmp_path / "students.csv")


def test_tables_that_will_do(tmp_path):
    path = tmp_path / "students.csv"
    with pytest.raises(HomeworkError, match=r"no file .*students\.csv; name a table"):
        read_students(path)
    path.write_bytes(
        "\ufeffid,first_name,last_name\r\n1001,Ada,\r\nj.doe@x-1, J, D\r\nÅse\r\n".encode()
    )
    assert read_students(path) == ["1001", "j.doe@x-1", "Åse"]
    path.write_bytes(b"id\n\xff\n")
    with pytest.raises(HomeworkError, match="is no CSV in UTF-8"):
        read_students(path)


DRAWS = [  # what replaces what in TINY, what is said of it
    ("int(rng.integers(2, 10**6))", "rng.integers(9)", r"tiny\.md:6: variant returns .* for 'a'"),
    ("int(rng.integers(2, 10**6))", '"a\\nb"', r"tiny\.md:6: variant returns .* in one line"),
    ("int(rng.integers(2, 10**6))", "1 / 0", r"tiny\.md:6: no paper can be drawn \(ZeroDiv"),
    ("def variant(rng)", "def draw(rng)", r"tiny\.md:6: no paper can be drawn \(KeyError: 'var"),
    ("much is {{a}}", "much is {{b}}", r"tiny\.md:13: nothing is drawn for \{\{b\}\}; there are"),
    (":variant: paper\n", ":points: 3\n:variant: paper\n", r"tiny\.md:7: write one cell that"),
    ("return {{a}} * x", "return {{a}} * * x", r"tiny\.md:32: no Python"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), DRAWS)
def test_a_text_from_which_no_paper_can_be_drawn(tmp_path, old, new, message):
    assert old in TINY
    course = new_course(tmp_path / "course", TINY.replace(old, new))
    with pytest.raises(HomeworkError, match=message):
        to_notebook(course / "tiny.md")


def test_a_paper_that_its_own_answers_do_not_pass_is_named(tmp_path):
    unfair = TINY.replace("== 3 * {{a}}", "== 3 * {{a}} and {{a}} in (3, number)")
    number = filled(TINY)[1]["a"]
    course = new_course(tmp_path / "course", unfair.replace("number", number))
    with pytest.raises(
        HomeworkError, match=r"tiny\.md: the paper of 1001: the cell 'times-values'"
    ):
        release_papers("tiny", course, course / "students.csv")
    assert not (course / "release/1001").exists()


def test_what_is_drawn_must_stay_when_papers_are_out(course):
    (course / "tiny.md").write_text(TINY.replace("10**6", "10**5"))
    message = (
        r"variant draws another paper for 1001 than was made before. If papers are out, put it"
    )
    with pytest.raises(HomeworkError, match=message):
        release_papers("tiny", course, course / "students.csv")
    hand_in(course, "1001", paper(course, "1001"), {})
    with pytest.raises(HomeworkError, match=message):
        grades(course, sandbox=False)


def test_nothing_is_graded_without_the_secret(course):
    hand_in(course, "1001", paper(course, "1001"), {})
    file = course / "tiny.papers.json"
    kept = file.read_text()
    file.write_text(kept[:50])
    with pytest.raises(HomeworkError, match=r"tiny\.papers\.json is damaged .* put it back"):
        grades(course, sandbox=False)
    file.unlink()
    with pytest.raises(HomeworkError, match=r"no papers of tiny were made: .*papers\.json is miss"):
        grades(course, sandbox=False)


def test_a_homework_has_no_papers(tmp_path):
    text = re.sub(r"```\{code-cell\} ipython3\n:variant.*?```", "", TINY, count=1, flags=re.S)
    course = new_course(tmp_path / "course", text.replace("{{a}}", "7").replace("{{name}}", "cat"))
    with pytest.raises(HomeworkError, match="tiny is the same for everybody; add a cell :variant:"):
        release_papers("tiny", course, course / "students.csv")


# The command, and the real engine ----------------------------------------------------------


def run(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def test_the_whole_way_of_the_courses_exam(tmp_path, monkeypatch):
    from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox

    try:
        require_sandbox()
    except SandboxError as error:
        pytest.skip(str(error))
    course = new_course(tmp_path / "course")
    (course / "tiny.md").unlink()
    shutil.copy(TEXT, course)
    monkeypatch.chdir(course)
    assert run("list") == (0, "final: 50 points, an exam\n")
    assert run("release", "--per-student", "students.csv")[0] == 1
    code, said = run("release", "final", "--per-student", "students.csv")
    assert code == 0, said
    assert "final: 3 papers, each tried with its answers and without; hand out each" in said
    papers = papers_of("final", course)
    for student in papers.made:
        own = to_notebook(course / "final.md", student, papers.key(student))
        given = {
            c.id: c.source for c in own.cells if c.metadata.get("nbgrader", {}).get("solution")
        }
        assert json.dumps(paper(course, student, "final")).count("YOUR CODE HERE") == 12
        hand_in(course, student, paper(course, student, "final"), given, "final")
    hand_in(course, "1003", paper(course, "1002", "final"), {}, "final")
    code, said = run("grade", "final", "--json")
    rows = {row["student"]: row for row in json.loads(said[said.index("{") :])["rows"]}
    assert [(rows[who]["score"], rows[who]["max_score"]) for who in ("1001", "1002", "1003")] == [
        (40, 50), (40, 50), (0, 50)
    ]  # fmt: skip
    assert "handed in the paper of 1002" in rows["1003"]["note"]
    code, said = run("report", "final")
    assert code == 0
    assert "Another paper than the own one" in said
    code, said = run("similar", "final")
    assert code == 0
    assert "1001 and 1002" in said
    code, said = run("feedback", "final")
    assert code == 0
    assert "final: 3 pages" in said
