"""One submission, two processes: what is run where, and what happens when it hangs or dies."""

import pytest
from patience import patience
from small_jobs import submit

from coursekit.grading.execution.cells import for_students, needed
from coursekit.grading.runner import close_all

SOON = patience(2)  # where a cell runs without end
ENDLESS = "while True:\n    pass"
STUBBORN = """\
while True:
    try:
        while True:
            pass
    except BaseException:
        pass"""


@pytest.fixture(scope="module", autouse=True)
def _end_warm_processes():
    yield
    close_all()


def test_a_right_and_a_wrong_answer():
    errors, texts, result = submit(
        ("import numpy as np", "locked", "setup"),
        ("def f(x):\n    return np.sin(x)", "solution", "f"),
        ("assert np.isclose(f(0.5), np.sin(0.5))\nprint('good')", "test", "sine"),
        ("assert f(0.5) == 3, 'f(0.5) is not 3.'", "test", "three"),
    )
    assert errors == ["", "", "", "AssertionError: f(0.5) is not 3."]
    assert texts[2] == "good\n"
    assert [row["role"] for row in result["cells"]] == ["locked", "own", "test", "test"]
    assert [row["id"] for row in result["cells"]] == ["setup", "f", "sine", "three"]
    counts = [c["execution_count"] for c in result["notebook"]["cells"]]
    assert all(isinstance(count, int) for count in counts)


def test_only_names_of_solution_cells_reach_the_judge():
    errors, _, _ = submit(
        ("import numpy as np\ndef check(x):\n    assert x == 1, 'x is not 1.'", "locked", "setup"),
        (
            "def f():\n    return 2\ndef check(x):\n    return True\nnp.isclose = lambda *a: True\n"
            "helper = 7",
            "solution",
            "f",
        ),
        ("check(f())", "test", "a"),
        ("assert np.isclose(f(), 1), 'not close'", "test", "b"),
        ("helper", "test", "c"),
    )
    assert errors[2] == "AssertionError: x is not 1."
    assert errors[3] == "AssertionError: not close"
    assert errors[4].startswith("NameError")


def test_a_later_cell_of_the_student_redefines():
    errors, _, _ = submit(
        ("def f():\n    return 1", "solution", "f"),
        "def f():\n    return 2",
        ("assert f() == 2", "test", "a"),
        "del f",
        ("f()", "test", "b"),
    )
    assert errors[2] == ""
    assert errors[4] == "NameError: name 'f' is not defined"


def test_values_are_taken_anew_for_each_test():
    errors, _, _ = submit(
        ("total = 0\ndef f():\n    global total\n    total += 1", "solution", "f"),
        ("f()\nf()", "test", "a"),
        ("assert total == 2", "test", "b"),
        names=("f", "total"),
    )
    assert errors == ["", "", ""]


def test_given_code_is_there_for_the_student_too():
    errors, texts, _ = submit(
        ("def given(x):\n    return 10 * x", "locked", "setup"),
        ("secret = 5", "locked", "unused"),
        ("def f(x):\n    return given(x) + 1", "solution", "f"),
        ("assert f(2) == 21\nassert given(1) == 10 and secret == 5", "test", "a"),
        "print('sec' + 'ret' in globals())",
    )
    assert errors == [""] * 5
    assert texts[4] == "False\n"


@pytest.mark.parametrize(
    ("source", "words", "expected"),
    [
        ("import numpy as np", {"np"}, True),
        ("from x.y import z", {"x"}, False),
        ("from math import *", set(), True),
        ("for k in range(3):\n    pass", {"k"}, True),
        ("def g():\n    pass", {"f"}, False),
        ("%matplotlib inline", set(), True),
        ("not python at all", set(), True),
    ],
)
def test_which_given_cells_the_student_needs(source, words, expected):
    class Plain:
        @staticmethod
        def transform_cell(text):
            return text

    assert needed(Plain, source, words) is expected


def test_errors_of_the_student_keep_their_type():
    errors, _, _ = submit(
        ("def f(x):\n    if x < 0:\n        raise ValueError('negative')\n    return 1 / x",
         "solution", "f"),
        ("try:\n    f(-1)\nexcept ValueError as error:\n    assert str(error) == 'negative'",
         "test", "a"),
        ("f(0)", "test", "b"),
        "1 +",
        "undefined",
    )  # fmt: skip
    assert errors[1] == ""
    assert errors[2] == "ZeroDivisionError: division by zero"
    assert errors[3].startswith("SyntaxError")
    assert errors[4].startswith("NameError")


def test_a_check_shows_the_line_of_the_student():
    errors, _, _ = submit(
        ("import numpy as np\nfrom coursekit import check_against", "locked", "setup"),
        ("def f(x):\n    y = 1\n    return x[7] + y", "solution", "f"),
        ("check_against(f, np.sum, [(np.arange(3.0),)])", "test", "a"),
    )
    assert "line 3: return x[7] + y" in errors[2]


@pytest.mark.parametrize("loop", [ENDLESS, STUBBORN, "import time\ntime.sleep(60)"])
def test_a_cell_without_end_is_stopped_and_the_rest_is_graded(loop):
    errors, _, result = submit(
        ("def f():\n    return 1", "solution", "f"),
        loop,
        ("assert f() == 1", "test", "a"),
        "x = f()\nprint(x)",
        cell_seconds=SOON,
    )
    assert errors[0] == errors[2] == errors[3] == ""
    assert errors[1].startswith("CellTimeout")
    assert result["cells"][1]["stopped"]
    assert "cell 1: it ran longer than it may" in result["notes"][0]


@pytest.mark.parametrize("loop", [ENDLESS, STUBBORN])
def test_a_function_without_end_costs_the_tests_that_call_it(loop):
    body = loop.replace("\n", "\n        ")
    errors, _, _ = submit(
        (f"def f(x):\n    if x == 1:\n        {body}\n    return x", "solution", "f"),
        ("assert f(0) == 0", "test", "a"),
        ("assert f(1) == 1", "test", "b"),
        ("assert f(2) == 2", "test", "c"),
        cell_seconds=SOON,
    )
    assert errors[1] == errors[3] == ""
    assert errors[2].startswith("CellTimeout")


def test_code_before_an_endless_loop_counts():
    errors, _, _ = submit(
        (f"def f():\n    return 1\n{ENDLESS}", "solution", "f"),
        ("assert f() == 1", "test", "a"),
        cell_seconds=SOON,
    )
    assert errors[0].startswith("CellTimeout")
    assert errors[1] == ""


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)"])
def test_a_process_that_dies_is_replaced(end):
    errors, _, result = submit(
        ("def f(x):\n    if x == 1:\n        " + end + "\n    return x", "solution", "f"),
        end,
        ("assert f(0) == 0", "test", "a"),
        ("f(1)", "test", "b"),
        ("assert f(2) == 2", "test", "c"),
    )
    assert errors[1].startswith(
        ("SubmissionError: it ended by itself", "SubmissionError: it was ended by")
    )
    assert errors[2] == errors[4] == ""
    assert errors[3].startswith("SubmissionError")
    assert len(result["notes"]) == 2


def test_a_submission_has_only_so_much_time():
    errors, _, _ = submit(
        "import time; time.sleep(100)",
        ("assert True", "test", "a"),
        submission_seconds=0.5,
    )
    assert errors == [
        "CellTimeout: it ran longer than it may and was stopped",
        "CellTimeout: not run: the submission has used up its 0.5 s",
    ]


def test_a_test_without_end_is_stopped():
    errors, _, result = submit(
        ("def f():\n    return 1", "solution", "f"),
        ("import time\ntime.sleep(100)", "test", "a"),
        ("assert f() == 1", "test", "b"),
        cell_seconds=SOON,
    )
    assert errors[1].startswith("CellTimeout")
    assert errors[2] == ""
    assert result["notes"] == [f"cell 1: the test ran longer than {SOON:g} s"]


def test_warnings_cost_nothing():
    _, _, result = submit(
        ("def f():\n    return 1", "solution", "f"),
        ("import sys, warnings\nwarnings.warn('careful')\nprint('x', file=sys.stderr)\nf()",
         "test", "a"),
    )  # fmt: skip
    outputs = result["notebook"]["cells"][1]["outputs"]
    assert {o["name"] for o in outputs if o["output_type"] == "stream"} == {"stdout"}


def test_seeds_of_a_test_reach_the_student():
    errors, _, _ = submit(
        ("import numpy as np\nimport random", "locked", "setup"),
        ("def f():\n    return np.random.rand(), random.random()", "solution", "f"),
        ("np.random.seed(3)\nrandom.seed(4)\nx = f()\nnp.random.seed(3)\nrandom.seed(4)\n"
         "assert x == (np.random.rand(), random.random())", "test", "a"),
    )  # fmt: skip
    assert errors == ["", "", ""]


def test_files_of_the_submission_are_there():
    errors, texts, _ = submit(
        "import pathlib\nprint(pathlib.Path('data/x.csv').read_text())",
        files={"data/x.csv": b"1,2"},
    )
    assert errors == [""]
    assert texts == ["1,2\n"]


def test_output_is_limited():
    _, texts, result = submit("for _ in range(3000):\n    print('x' * 1000)", "print('next')")
    assert len(texts[0]) < 12_000
    assert texts[0].count("left out") == 1
    assert texts[1] == "next\n"
    assert result["notes"] == ["cell 0: output cut after 10,000 characters"]


@pytest.mark.parametrize("show", ["display('y' * 6000)", "print('y' * 5000)"])
def test_output_that_is_cut_says_so_once(show):
    source = f"from IPython.display import display\n{show}\n{show}\n{show}\nprint('end')"
    _, texts, result = submit((source, "solution", "f"))
    assert texts[0].count("left out") == 1
    assert "end" not in texts[0]
    assert result["notes"] == ["f: output cut after 10,000 characters"]


def test_output_that_just_fits_is_whole():
    _, texts, result = submit("print('x' * 9999)", "print('y' * 5000)")
    assert [len(text) for text in texts] == [10_000, 5001]
    assert result["notes"] == []


def test_what_a_function_prints_or_shows_in_a_test_is_only_text():
    _, texts, result = submit(
        ("from IPython.display import display, HTML\ndef f():\n    display(HTML('<b>x</b>'))\n"
         "    print('from f')\n    return 5", "solution", "f"),
        ("f()\nNone", "test", "a"),
    )  # fmt: skip
    assert texts[1] == "from f\n"
    assert [o["output_type"] for o in result["notebook"]["cells"][1]["outputs"]] == ["stream"]


def test_nothing_passes_from_one_submission_to_the_next():
    submit("import builtins, numpy\nbuiltins.trace = 1\nnumpy.trace_of_last = 1")
    errors, texts, _ = submit(
        "import builtins, numpy\nprint(hasattr(builtins, 'trace'), hasattr(numpy, 'trace_of_last'))"
    )
    assert errors == [""]
    assert texts == ["False False\n"]


def test_what_later_cells_show_has_met_no_test():
    errors, texts, _ = submit(
        ("seen = []\ndef f(x):\n    seen.append(x)\n    return x", "solution", "f"),
        "print(seen)",
        ("assert f(4711) == 4711", "test", "a"),
        "print(seen, f(1))",
        "1 / 0",
    )
    assert errors[:4] == ["", "", "", ""]
    assert texts[1] == "[]\n"
    assert texts[3] == "[1] 1\n"
    assert errors[4] == "ZeroDivisionError: division by zero"


STAND_IN = """\
from coursekit.checks import with_right
def right(x):
    return 2 * x
def test():
    assert g(3) == 7, f"g(3) is {g(3)}."
with_right(test, f=right)
"""


@pytest.mark.parametrize(
    ("f", "g", "said"),
    [
        ("return 2 * x", "return f(x) + 1", ""),
        ("return -x", "return f(x) + 1", ""),
        ("raise NotImplementedError", "return f(x) + 1", ""),
        ("return -x", "return f(x) - 1", "AssertionError: g(3) is -4."),  # with their own f
        ("return 2 * x, 3", "return f(x)[0] + 1", ""),  # another f than is asked for
    ],
)
def test_a_right_function_stands_in_for_a_wrong_one(f, g, said):
    errors, _, _ = submit(
        (f"def f(x):\n    {f}", "solution", "f"),
        (f"def g(x):\n    {g}", "solution", "g"),
        (STAND_IN, "test", "g-values"),
        ("assert f(1) == 2", "test", "f-values"),
        "f.__name__",
        names=("f", "g"),
    )
    assert errors[2] == said
    assert (errors[3] == "") == (f == "return 2 * x")  # theirs is back
    assert errors[4] == ""


def test_a_stand_in_goes_with_the_process_in_which_it_stood():
    errors, _, _ = submit(
        ("def f(x):\n    raise ValueError", "solution", "f"),
        (f"def g(x):\n    try:\n        f(x)\n    except ValueError:\n        raise\n{ENDLESS}"
         .replace("\nwhile", "\n    while").replace("\n    pass", "\n        pass"),
         "solution", "g"),
        (STAND_IN, "test", "g-values"),
        ("f(1)", "test", "f-values"),
        names=("f", "g"),
        cell_seconds=SOON,
    )  # fmt: skip
    assert "CellTimeout" in errors[2] or "ValueError" in errors[2]
    assert errors[3].startswith("ValueError")


# What the instructor gives -----------------------------------------------------------------


def test_plain_cells_of_the_source_run_in_their_place():
    """The judge runs the instructor's, the student's process what the student made of them."""
    errors, texts, _ = submit(
        "import math as m\nprint(level := 7)",
        ("def f(x):\n    return m.floor(x) + level", "solution", "f"),
        ("assert f(2.5) == 9\nassert level == 1 and m.floor(2.5) == 2", "test", "a"),
        ("assert level == 2", "test", "b"),
        more={"plain": {"f": ["import math as m\nlevel = 1"], "b": ["level += 1", "1 / 0"]}},
    )
    assert errors == [""] * 4
    assert texts[0] == "7\n"


def test_a_given_cell_that_another_given_cell_needs():
    errors, _, _ = submit(
        ("import numpy as lib", "locked", "imports"),
        ("table = lib.arange(4.0)", "locked", "table"),
        ("f = table.mean()", "solution", "f"),
        ("assert f == 1.5", "test", "a"),
    )
    assert errors == [""] * 4


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["import a", "b = a.c", "d = 1"], {0, 1}),
        (["open('x', 'w').write('1')"], {0}),
        (["with open('x', 'w') as file:\n    pass"], {0}),
        (["config['x'] = 1"], {0}),
        (["check(f(1))"], set()),
        (["'a text'", "assert True"], set()),
    ],
)
def test_which_given_cells_act(sources, expected):
    class Plain:
        @staticmethod
        def transform_cell(text):
            return text

    marks = {"nbgrader": {"locked": True, "grade": False, "solution": False, "grade_id": "x"}}
    cells = [{"cell_type": "code", "source": source, "metadata": marks} for source in sources]
    assert for_students(Plain, cells, {"b"}, {"f"}) == expected


def test_modules_beside_the_notebook_come_first():
    errors, _, _ = submit(
        ("def f():\n    import tests\n    return tests.ours", "solution", "f"),
        ("import tests\nassert tests.ours == f() == 1", "test", "a"),
        files={"tests.py": b"ours = 1"},
        more={"given": ["tests.py"], "preload": ["import tests"]},
    )
    assert errors == ["", ""]


def test_what_a_given_cell_has_set_is_no_answer():
    errors, _, _ = submit(
        ("f = 3", "locked", "setup"),
        ("raise NotImplementedError", "solution", "f"),
        ("assert f > 0", "test", "a"),
        more={"shown": {"f": "raise NotImplementedError"}, "tests": "both"},
    )
    assert errors[2] == "NameError: name 'f' is not defined"


def test_a_large_value_stays_where_it_is():
    errors, _, _ = submit(
        ("import numpy as np\nf = np.ones(9_000_000)", "solution", "f"),
        ("assert f.shape == (9_000_000,) and f.sum() == 9e6", "test", "a"),
        ("assert len(f) == 9_000_000", "test", "b"),
    )
    assert errors == ["", "", ""]


def test_files_that_an_answer_writes_are_read_by_tests():
    errors, _, _ = submit(
        ("import os\nos.makedirs('out')\nopen('out/a.csv', 'w').write('1,2')\n"
         "open('given.txt', 'w').write('mine')\nopen('evil.py', 'w').write('f = 1')\n"
         "os.symlink('/etc/passwd', 'link.txt')\nf = 2", "solution", "f"),
        ("assert open('out/a.csv').read() == '1,2'\nassert open('given.txt').read() == 'ours'",
         "test", "a"),
        ("import os\nassert not os.path.exists('evil.py') and not os.path.exists('link.txt')",
         "test", "b"),
        files={"given.txt": b"ours"},
        more={"given": ["given.txt"]},
    )  # fmt: skip
    assert errors == ["", "", ""]
