"""The checks of the homework tell mutants of the reference answers from right answers.

Here runs a fixed sample; ``python benchmarks/mutants.py`` tries all of them.
"""

import ast

import pytest
from mutation.cases import CASES
from mutation.mutate import mutants
from mutation.rewrite import rewritten
from mutation.trial import Homework, Outcome, homework, try_answer, try_mutants
from places import COURSE
from tiny_homework import TINY

from coursekit.homework.release import homeworks
from coursekit.homework.text import to_notebook

HOMEWORKS = homeworks(COURSE)
SAMPLE = 9  # every so many mutants
LEAST = 40  # mutants of each answer


def sources(name):
    return {c.id: c.source for c in homework(name).cells if c.id in homework(name).answers}


@pytest.mark.parametrize("name", HOMEWORKS)
def test_every_answer_has_many_mutants_and_random_arguments(name):
    for answer, source in sources(name).items():
        assert len(mutants(source)) >= LEAST
        assert answer in CASES[name] or answer == "build_model"


@pytest.mark.parametrize("name", HOMEWORKS)
def test_no_mutant_passes_the_visible_check_of_its_part(name):
    silent, unfitting = [], []
    for outcome in try_mutants(name, every=SAMPLE):
        if outcome.result in ("hidden", "silent"):
            silent.append(outcome)
        elif outcome.result == "visible" and not outcome.fitting:
            unfitting.append(outcome)
    assert silent == []
    assert unfitting == []


@pytest.mark.parametrize("name", HOMEWORKS)
def test_the_reference_in_other_words_gets_all_points(name):
    work = homework(name)
    for answer, source in sources(name).items():
        for what, other in rewritten(source).items() if answer != "build_model" else ():
            outcome = try_answer(work, answer, other, reference=False)
            assert outcome.result == "equivalent", (answer, what, outcome.message, outcome.lost)


# The generator itself ----------------------------------------------------------------------


def test_a_mutant_has_one_mistake():
    made = mutants("def f(x, n):\n    '''Sum.'''\n    y = x + n\n    return y.sum(axis=0)")
    kinds = {text.partition(":\n    ")[2].replace("\n    ", "; "): k for text, k in made.items()}
    for body, kind in {
        "y = x - n; return y.sum(axis=0)": "operator",
        "y = n; return y.sum(axis=0)": "operand",
        "x = np.float32(x); y = x + n; return y.sum(axis=0)": "type",
        "x += n; return y.sum(axis=0)": None,
        "y = x + n; return y.sum(axis=-1)": "axis",
        "y = x + n; return y.sum(axis=1)": "axis",
        "y = x + n; return y.sum()": "keyword",
        "y = x + n; return y.mean(axis=0)": "call",
        "y = x + n; return y": "call",
        "y = x + n; y.sum(axis=0)": "nothing",
        "y = x + n; return 2 * y.sum(axis=0)": "factor",
        "y = n + n; return y.sum(axis=0)": "name",
        "pass; return y.sum(axis=0)": "statement",
    }.items():
        assert kinds.get(body) == kind
    assert "n = 3" in "".join(mutants("def f(n):\n    return n", {"n": {3}}))
    assert "x += n" in "".join(mutants("def f(x, n):\n    x = x + n\n    return x"))
    assert all(ast.parse(text) for text in made)


BLIND = TINY.replace("assert double(0) == 0", "assert double(0) is not None")


@pytest.mark.parametrize(
    ("text", "answer", "result"),
    [
        (TINY, "return 2 * x", "equivalent"),
        (TINY, "return x + x", "equivalent"),
        (TINY, "return x + 1", "visible"),
        (TINY, "return 3 * x", "hidden"),
        (BLIND, "return x", "hidden"),
        (BLIND, "return 2 * x if x != 7 else 0", "silent"),
        (TINY, "while True: pass", "visible"),
        (TINY, "x.y()", "visible"),
    ],
)
def test_what_becomes_of_an_answer(tmp_path, monkeypatch, text, answer, result):
    monkeypatch.setitem(CASES, "tiny", {"double": lambda rng: (int(rng.integers(10)),)})
    monkeypatch.setattr("mutation.trial.SECONDS", 0.2)
    path = tmp_path / "tiny.md"
    path.write_text(text)
    cells = [c for c in to_notebook(path).cells if c.cell_type == "code"]
    outcome = try_answer(Homework("tiny", cells), "double", f"def double(x):\n    {answer}")
    assert outcome.result == result
    assert (outcome.result == "hidden") == bool(outcome.lost)
    assert (outcome.result == "visible") == bool(outcome.message)


@pytest.mark.parametrize(
    ("kind", "message", "fits"),
    [
        ("nothing", "AssertionError: f returns nothing (None).", True),
        ("nothing", "AssertionError: f is wrong.", False),
        ("in place", "CheckFailed: f changes its input.", True),
        ("shape", "CheckFailed: the sign of f.", False),
        ("sign", "CheckFailed: f is wrong.", True),
        ("sign", "bare TypeError: 'int' object is not subscriptable", False),
        ("shape", "own IndexError: too many indices", True),
        ("shape", "CheckFailed: f raises IndexError in f(3)", True),
    ],
)
def test_a_message_fits_the_kind_of_mistake(kind, message, fits):
    assert Outcome("tiny", "f", kind, "", "visible", message).fitting == fits
