"""A course as other people write them: plain setup cells, several notebooks, old metadata.

Each question is one idiom of tests that real courses have. It is answered right, wrongly, or not
at all.
"""

import hashlib
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HOMEWORK = "week 1 (a)"
RECORDED = Path(__file__).with_name("ordinary_scores.json")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "ordinary"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError  # yours"}
c.ClearSolutions.begin_solution_delimeter = "BEGIN ANSWER"
c.ClearSolutions.end_solution_delimeter = "END ANSWER"
c.Execute.timeout = 8
"""
HELPERS = """\
def check_half(half):
    assert half(4) == 2
"""


@dataclass(frozen=True)
class Question:
    """One question: what is given above it, its answer, its test, and a wrong answer."""

    answer: str
    test: str
    wrong: str
    given: str = ""  # a plain cell
    locked: tuple = ()  # locked cells
    how: str = ""  # "together" if its test passes in one process with the answer alone
    points: int = 2


def function(head, *lines):
    return "\n".join([f"def {head}:", *(f"    {line}" for line in lines)])


MOCKS = {
    "input": Question(
        function("ask()", "return 2 * int(input('number? '))"),
        'with patch("builtins.input", side_effect=["3"]):\n    assert ask() == 6',
        function("ask()", "return 7"),
        how="together",
    ),
    "deleted-helper": Question(
        function("squares(n)", "return [k * k for k in range(1, n + 1)]")
        + "\n"
        + function("sum_of_squares(n)", "return sum(squares(n))"),
        "saved = squares\ndel squares\ntry:\n    sum_of_squares(2)\nexcept NameError:\n    pass\n"
        "else:\n    raise AssertionError('squares is not used')\nfinally:\n    squares = saved",
        function("squares(n)", "return [1, 4]") + "\n" + function("sum_of_squares(n)", "return 5"),
        how="together",
    ),
    "replaced-helper": Question(
        function("twice()", "return roll() + roll()"),
        "saved, roll = roll, lambda: 5\ntry:\n    assert twice() == 10\nfinally:\n    roll = saved",
        function("twice()", "return 4"),
        given="def roll():\n    return 2",
        how="together",
    ),
    "replaced-function-of-a-module": Question(
        function("pick(things)", "return random.choice(things)"),
        'with patch("random.choice", return_value="b") as choice:\n'
        '    assert pick(["a"]) == "b"\n    choice.assert_called_once()',
        function("pick(things)", "return things[0]"),
        how="together",
    ),
    "replaced-open": Question(
        function("read(path)", "with open(path) as file:", "    return file.read().split()"),
        'with patch("__main__.open", mock_open(read_data="a b")):\n'
        '    assert read("x.txt") == ["a", "b"]',
        function("read(path)", "return []"),
        how="together",
    ),
    "replaced-print": Question(
        function("greet(name)", "print('Hello', name)"),
        'with patch("builtins.print") as shown:\n    greet("Ada")\n'
        'shown.assert_called_once_with("Hello", "Ada")',
        function("greet(name)", "print('Hello')"),
        how="together",
    ),
    "captured-print": Question(
        function("say(name)", "print('Hello', name)"),
        "shown = io.StringIO()\nwith redirect_stdout(shown):\n    say('Ada')\n"
        "assert shown.getvalue() == 'Hello Ada\\n'",
        function("say(name)", "print('Hello')"),
        given="import io\nfrom contextlib import redirect_stdout",
    ),
    "replaced-sleep": Question(
        function("wait()", "time.sleep(40)", "return 1"),
        'with patch("time.sleep") as sleep:\n    assert wait() == 1\nsleep.assert_called_with(40)',
        function("wait()", "return 1"),
        given="import time",
        how="together",
    ),
}

ACCOUNT = """\
class Empty(Exception):
    pass

class Account:
    def __init__(self, owner, balance):
        self.owner, self.balance = owner, balance
    def take(self, amount):
        if amount > self.balance:
            raise Empty(amount)
        self.balance -= amount"""
NOT_ACCOUNT = """\
Empty = ValueError

def Account(owner, balance):
    return {}"""
OBJECTS = {
    "isinstance": Question(
        ACCOUNT,
        "a = Account('Ada', 3)\nassert isinstance(a, Account)\nassert isinstance(Account, type)\n"
        "a.take(2)\nassert a.balance == 1\ntry:\n    a.take(2)\nexcept Empty:\n    pass\n"
        "else:\n    assert False, 'nothing raised'",
        NOT_ACCOUNT,
        how="together",
    ),
    "subclass": Question(
        "class Animal:\n    sound = '?'\n    def speak(self):\n        return self.sound",
        "class Cow(Animal):\n    sound = 'moo'\nassert Cow().speak() == 'moo'",
        "class Animal:\n    def speak(self):\n        return ''",
        how="together",
    ),
    "own-objects": Question(
        "class Person:\n    def __init__(self, name, age):\n        self.name = name\n"
        "        self.age = age\nmarie = Person('Marie', 36)\nricharded = Person('Richard', 40)",
        "assert marie.name == 'Marie' and marie.age + 4 == richarded.age",
        "class Person:\n    name, age = '', 0\nmarie = richarded = Person()",
    ),
    "source": Question(
        function("total(x)", '"""Add."""', "s = 0", "for y in x:", "    s += y", "return s"),
        "import inspect\nassert 'sum(' not in inspect.getsource(total)\n"
        "assert total([1, 2]) == 3 and total.__doc__ == 'Add.'",
        function("total(x)", "return sum(x)"),
        how="together",
    ),
    "signature": Question(
        function("area(width, height=1)", "return width * height"),
        "import inspect\nassert list(inspect.signature(area).parameters) == ['width', 'height']\n"
        "assert area.__code__.co_argcount == 2\nassert area.__defaults__ == (1,)",
        function("area(*sides)", "return 1"),
        how="together",
    ),
    "object-of-the-test": Question(
        function("middle(point)", "return (point.x + point.y) / 2"),
        "class Point:\n    x, y = 1, 3\nassert middle(Point()) == 2",
        function("middle(point)", "return 0"),
        how="together",
    ),
    "next": Question(
        function("count()", "n = 0", "while True:", "    yield n", "    n += 1"),
        "c = count()\nassert next(c) == 0\nassert [next(c), next(c)] == [1, 2]",
        function("count()", "return iter([1, 2, 3])"),
    ),
    "changed-in-place": Question(
        "stock['pears'] = 3\nstock.pop('figs')",
        "assert stock == {'apples': 2, 'pears': 3}",
        "stock['pears'] = 4",
        given="stock = {'apples': 2, 'figs': 1}",
    ),
    "filled": Question(
        function("fill(x)", "x[:] = 7"),
        "x = np.zeros(3)\nfill(x)\nassert np.all(x == 7)",
        function("fill(x)", "x = 7"),
    ),
}

VALUES = {
    "fraction": Question(
        "half = Fraction(1, 2)",
        "assert half + half == 1 and isinstance(half, Fraction)",
        "half = 0.25",
        given="from fractions import Fraction\nfrom decimal import Decimal",
    ),
    "decimal": Question(
        "price = Decimal('0.10')",
        "assert price * 3 == Decimal('0.30')",
        "price = Decimal(1) / 10 * 2",
    ),
    "date": Question(
        "day = datetime.date(2024, 2, 28) + datetime.timedelta(days=1)",
        "assert day == datetime.date(2024, 2, 29) and day.weekday() == 3",
        "day = datetime.date(2024, 3, 1)",
        given="import datetime",
    ),
    "path": Question(
        "place = Path('data') / 'points.csv'",
        "assert isinstance(place, Path) and place.suffix == '.csv'\nassert place.exists()",
        "place = 'data/points.csv'",
        given="from pathlib import Path",
    ),
    "range": Question(
        "even = range(0, 10, 2)", "assert even == range(0, 10, 2) and 4 in even", "even = [0, 2]"
    ),
    "record": Question(
        "Point = namedtuple('Point', 'x y')\np = Point(1, 2)",
        "assert p.x == 1 and p == (1, 2)\nassert Point(3, 4).y == 4",
        "Point = None\np = (2, 1)",
        given="from collections import namedtuple",
    ),
    "dataclass": Question(
        "@dataclass\nclass City:\n    name: str\n    people: int = 0",
        "assert City('Bonn', 3) == City('Bonn', 3)\nassert City('Ulm').people == 0",
        "City = dict",
        given="from dataclasses import dataclass\nimport enum",
        how="together",
    ),
    "enum": Question(
        "class Colour(enum.Enum):\n    RED = 1\n    BLUE = 2",
        "assert Colour.RED.value == 1 and Colour(2) is Colour.BLUE and len(Colour) == 2",
        "class Colour:\n    RED = 1",
    ),
    "figure": Question(
        "fig, ax = plt.subplots()\nax.plot([1, 2], [3, 4])\nax.set_xlabel('x')",
        "assert ax.get_xlabel() == 'x' and len(ax.lines) == 1\n"
        "assert list(ax.lines[0].get_ydata()) == [3, 4]\nassert isinstance(fig, plt.Figure)",
        "fig, ax = plt.subplots()",
        given="import matplotlib.pyplot as plt",
        how="together",
    ),
    "large": Question(
        "grid = np.ones((5000, 2500))",
        "assert grid.shape == (5000, 2500) and grid.sum() == 12_500_000",
        "grid = np.ones((5000, 2500)) + 1",
    ),
    "partial": Question(
        "words = ['a', 'b']",
        "points = 0\npoints += words[:1] == ['a']\npoints += isinstance(words, list)\npoints",
        "words = 3",
    ),
}

FILES = {
    "written-file": Question(
        "with open('result.txt', 'w') as file:\n    file.write('42')",
        "with open('result.txt') as file:\n    assert file.read() == '42'",
        "with open('result.txt', 'w') as file:\n    file.write('41')",
    ),
    "given-file": Question(
        "points = np.loadtxt('data/points.csv', delimiter=',')",
        "assert points.shape == (2, 2) and points[1, 1] == 4",
        "points = np.zeros((2, 2))",
    ),
    "file-of-an-earlier-cell": Question(
        "lines = open('out/log.txt').read().split()",
        "assert lines == ['one', 'two']",
        "lines = []",
        given="import os\nos.makedirs('out', exist_ok=True)\n"
        "with open('out/log.txt', 'w') as file:\n    file.write('one two')",
    ),
    "helper-module": Question(
        function("half(x)", "return x / 2"),
        "from tests import check_half\ncheck_half(half)",
        function("half(x)", "return x"),
    ),
    "given-array": Question(
        "mean = table[:, 1].mean()",
        "assert np.isclose(mean, 3)",
        "mean = table[:, 0].mean()",
        locked=("import numpy as lib", "table = lib.array([[1.0, 2.0], [3.0, 4.0]])"),
    ),
    "given-name": Question(
        "level = 3",
        "assert level > 0",
        "level = -1",
        given="level = 1",
    ),
}
NOTEBOOKS = {"1. mocks": MOCKS, "2 öbjects [a+b]": OBJECTS, "values": VALUES, "files": FILES}
SCHEMA = {"1. mocks": 1, "2 öbjects [a+b]": 2, "values": 0, "files": 3}
KERNELS = {"1. mocks": "python", "2 öbjects [a+b]": "xpython", "values": "Python [Root]",
           "files": "python3"}  # fmt: skip
QUESTIONS = {name: one for questions in NOTEBOOKS.values() for name, one in questions.items()}


# The notebooks -----------------------------------------------------------------------------


def mark(schema, name, **more):
    """Return nbgrader's metadata of a cell, in one of its schemas."""
    marks = {"grade_id": name, "grade": False, "solution": False, "locked": False} | more
    if schema:
        marks["schema_version"] = schema
    if schema == 3:
        marks["task"] = False
    if "points" in marks and schema == 0:
        marks["points"] = str(marks["points"])
    return {"nbgrader": marks}


def notebook(name, plainest=False):
    """Return the source notebook of some questions; the plainest one suits stock nbgrader too."""
    schema = 3 if plainest else SCHEMA[name]
    cells = [
        new_markdown_cell("# A course"),
        new_code_cell("%matplotlib inline\nimport random\nimport numpy as np"),
        new_code_cell("from unittest.mock import mock_open, patch"),
    ]
    for key, one in NOTEBOOKS[name].items():
        cells.append(new_markdown_cell(f"## {key}"))
        if one.given:
            cells.append(new_code_cell(one.given))
        for number, code in enumerate(one.locked):
            cells.append(new_code_cell(code, metadata=mark(schema, f"{key}-{number}", locked=True)))
        answer = f"### BEGIN ANSWER\n{one.answer}\n### END ANSWER"
        cells.append(new_code_cell(answer, metadata=mark(schema, key, solution=True)))
        marks = mark(schema, f"{key}-test", grade=True, locked=True, points=one.points)
        cells.append(new_code_cell(one.test, metadata=marks))
    kernel = {
        "name": "python3" if plainest else KERNELS[name],
        "display_name": "Python",
        "language": "python",
    }
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    made.nbformat_minor = 4
    for cell in made.cells:
        del cell["id"]
    return made


def new_course(folder, plainest=False, homework=HOMEWORK):
    """Make a course of one homework with all questions; return its folder."""
    folder = Path(folder)
    source = folder / "source" / homework
    (source / "data").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    (source / "data" / "points.csv").write_text("1,2\n3,4\n")
    (source / "tests.py").write_text(HELPERS)
    for name in NOTEBOOKS:
        nbformat.write(notebook(name, plainest), source / f"{name}.ipynb")
    return folder


def hand_in(course, student, answer, plainest=False, homework=HOMEWORK):
    """Hand in the notebooks with an answer to each question: ``answer(name, question)``."""
    target = Path(course, "submitted", student, homework)
    target.mkdir(parents=True)
    for name, questions in NOTEBOOKS.items():
        handed_out = notebook(name, plainest)
        for cell in handed_out.cells:
            key = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if key in questions:
                cell.source = answer(key, questions[key])
        nbformat.write(handed_out, target / f"{name}.ipynb")


ANSWERS = {
    "right": lambda name, question: question.answer,
    "wrong": lambda name, question: question.wrong,
    "empty": lambda name, question: "raise NotImplementedError  # yours",
}


def grades(course, homework=HOMEWORK):
    """Return the gradebook: student, and the points of each question."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                re.sub("-test$", "", grade.name): grade.auto_score
                for part in submission.notebooks
                for grade in part.grades
            }
            for submission in gradebook.assignment_submissions(homework)
        }


# What stock nbgrader gives -----------------------------------------------------------------


def digest():
    """Return a digest of all questions and answers."""
    return hashlib.sha256(repr([CONFIG, HELPERS, NOTEBOOKS]).encode()).hexdigest()[:16]


def record():
    """Grade the course with stock nbgrader, its metadata updated, and write what it gives."""
    from stock_nbgrader import nbgrader

    with tempfile.TemporaryDirectory() as folder:
        course = new_course(folder, plainest=True)
        for student, answer in ANSWERS.items():
            hand_in(course, student, answer, plainest=True)
        for command in ("generate_assignment", "autograde"):
            done = nbgrader(course, command, HOMEWORK)
            print(done.stderr[-3000:], file=sys.stderr)
        facts = {"of": digest(), "points": grades(course)}
    RECORDED.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    record()
