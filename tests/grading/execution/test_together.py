"""Tests in one process with the answers: what only passes there, and what tampering is seen."""

import pytest
from patience import patience
from small_jobs import submit

from coursekit.grading.runner import close_all

SOON = patience(2)
RIGHT, WRONG = "def f():\n    return int(input())", "def f():\n    return 4"
MOCK = "from unittest.mock import patch\nwith patch('builtins.input', return_value='3'):\n"
MOCK += "    assert f() == 3, 'f() is not 3.'"
VALUE = "assert f() == 3, 'f() is not 3.'"


@pytest.fixture(scope="module", autouse=True)
def _end_warm_processes():
    yield
    close_all()


def both(*cells, tests="both", **options):
    """Run cells with their tests in both ways; return errors, what rows say, and the notes."""
    errors, _, result = submit(*cells, more={"tests": tests}, **options)
    return errors, [row.get("together") for row in result["cells"]], result["notes"]


@pytest.mark.parametrize(
    ("answer", "tests", "error", "row", "note"),
    [
        (RIGHT, "both", "", "passed", ["only together: a"]),
        (WRONG, "both", "AssertionError: f() is not 3.", None, []),
        (RIGHT, "apart", "NotImplementedError: no one is there", None, []),
        (RIGHT, "together", "", None, []),
        (WRONG, "together", "AssertionError: f() is not 3.", None, []),
    ],
)
def test_a_mock(answer, tests, error, row, note):
    errors, rows, notes = both((answer, "solution", "f"), (MOCK, "test", "a"), tests=tests)
    assert error in errors[1]
    assert bool(errors[1]) == bool(error)
    assert (rows[1], notes) == (row, note)


def test_what_passes_apart_is_not_run_again():
    errors, rows, notes = both(
        ("import os\ndef f():\n    return os.getpid()", "solution", "f"),
        ("print(f())", "test", "a"),
    )
    assert (errors, rows, notes) == (["", ""], [None, None], [])


def test_each_test_meets_the_cells_above_it_and_no_other_test():
    errors, _, _ = both(
        ("g = 1\ndef f():\n    return input() and g", "solution", "f"),
        (MOCK.replace("== 3", "== 1") + "\nf.seen = g = secret = 7", "test", "a"),
        "g = 2",
        (MOCK.replace("== 3", "== 2") + "\nassert 'secret' not in globals()", "test", "b"),
        ("assert not hasattr(f, 'seen') and isinstance(f, type(lambda: 1))", "test", "c"),
        names=("f", "g"),
    )
    assert errors == [""] * 5


def test_helpers_of_visible_tests_are_there():
    errors, _, _ = both(
        (RIGHT, "solution", "f"),
        ("from unittest.mock import patch\ndef three():\n    return 3", "test", "a"),
        ("with patch('builtins.input', return_value='3'):\n    assert f() == three()", "test", "b"),
    )
    assert errors[2] != ""  # it is hidden
    errors, _, _ = submit(
        (RIGHT, "solution", "f"),
        ("from unittest.mock import patch\ndef three():\n    return 3", "test", "a"),
        ("with patch('builtins.input', return_value='3'):\n    assert f() == three()", "test", "b"),
        more={"tests": "both", "shown": {"a": "from unittest.mock import patch\ndef three():\n"
              "    return 3", "b": ""}},
    )  # fmt: skip
    assert errors == ["", "", ""]


def test_the_better_of_two_partial_marks():
    test = "points = 0.25 * (f() == 3)\npoints += 0.5 * isinstance(f, type(lambda: 1))\npoints"
    _, _, result = submit(
        ("def f():\n    return 3", "solution", "f"), (test, "test", "a"), more={"tests": "both"}
    )
    assert result["notebook"]["cells"][1]["outputs"][0]["data"]["text/plain"] == "0.75"
    assert result["notes"] == ["only together: a"]


def test_a_process_with_threads_runs_one_test_and_is_replaced():
    errors, rows, _ = both(
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True)"
         f".start()\n{RIGHT}", "solution", "f"),
        (MOCK, "test", "a"),
        (MOCK, "test", "b"),
    )  # fmt: skip
    assert errors == ["", "", ""]
    assert rows == [None, "passed", "passed"]


def test_a_test_without_end_is_stopped_and_the_next_one_runs():
    errors, rows, _ = both(
        ("def f():\n    while input():\n        pass\n    return 3", "solution", "f"),
        (MOCK, "test", "a"),
        (MOCK.replace("'3'", "''"), "test", "b"),
        cell_seconds=SOON,
    )
    assert errors[1]
    assert errors[2] == ""
    assert rows == [None, None, "passed"]


def test_what_a_test_tells_an_answer_reaches_no_cell():
    leak = "import os\ndef f(x):\n    open('leak', 'w').write(str(x))\n    return input()"
    _, texts, _ = submit(
        (leak, "solution", "f"),
        (MOCK.replace("f()", "f(4711)"), "test", "a"),
        "print(os.path.exists('leak') and open('leak').read())",
        more={"tests": "both"},
    )
    assert texts[2] == "False\n"


def test_a_name_of_python_used_for_something_else_is_no_tampering():
    errors, rows, _ = both(
        f"sum = 3\nlist = [1]\ninput_ = 5\n{RIGHT}",
        ("g = 1", "solution", "f"),
        (MOCK + "\nassert list(range(2)) == [0, 1] and sum([1, 2]) == 3", "test", "a"),
        names=("f", "g"),
    )
    assert errors[2] == ""
    assert rows[2] == "passed"


TAMPERED = {
    "numpy": "import numpy\nnumpy.isclose = numpy.allclose = lambda *a: True",
    "builtins": "import builtins\nbuiltins.isinstance = lambda *a: True",
    "testing": "import numpy.testing\nnumpy.testing.assert_allclose = lambda *a: None",
    "unittest": "import unittest\nunittest.TestCase.assertEqual = lambda *a: None",
    "transformer": "import ast\nclass No(ast.NodeTransformer):\n    def visit_Assert(self, node):\n"
    "        return ast.Pass()\nget_ipython().ast_transformers.append(No())",
    "hook": "get_ipython().input_transformers_post.append(\n"
    "    lambda lines: [line for line in lines if 'assert' not in line])",
    "shell": "get_ipython()._showtraceback = get_ipython().showtraceback = lambda *a, **b: None\n"
    "get_ipython().run_code = lambda *a, **b: None",
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_patched_interpreter_is_told(name):
    errors, rows, notes = both(
        TAMPERED[name],
        (WRONG, "solution", "f"),
        ("import numpy as np\nassert isinstance(f(), str) and np.isclose(f(), 3), 'no'\n"
         "np.testing.assert_allclose(f(), 3)", "test", "a"),
    )  # fmt: skip
    assert errors[2]
    assert rows[2] in ("tampered", None)
    if rows[2]:
        assert errors[2].startswith("Tampered: ")
        assert notes[-1].startswith("tampered with: a, ")
    assert "passed" not in rows


@pytest.mark.parametrize(
    "answer",
    [
        "class Equal:\n    def __eq__(self, other):\n        return True\ndef f():\n"
        "    return Equal()",
        "class Equal(float):\n    def __eq__(self, other):\n        return True\n"
        "    __hash__ = None\ndef f():\n    return Equal(1)",
    ],
)
def test_objects_equal_to_everything_are_told(answer):
    errors, rows, _ = both((answer, "solution", "f"), (VALUE, "test", "a"))
    assert errors[1]
    assert rows[1] != "passed"
