"""Tests with known verdicts, run behind a test that shared a process with the student's code.

Code that makes a wrong answer pass, by patching what a test relies on, makes most of these pass
too, or fail. Numbers, names and order differ each time.
"""

import random

__all__ = ["is_right", "make"]

MUST_FAIL = (
    "assert {a} == {b}, {said!r}",
    "assert {a} != {a}, {said!r}",
    "assert {b} <= {a}, {said!r}",
    "assert {a} in [{b}, {c}], {said!r}",
    "assert not [{a}], {said!r}",
    "assert [{a}, {b}] == [{b}, {a}], {said!r}",
    "assert {{'k': {a}}} == {{'k': {b}}}, {said!r}",
    "assert {word!r} == {word!r} + 's', {said!r}",
    "import builtins\nassert builtins.isinstance({a}, builtins.str), {said!r}",
    "import builtins\nassert builtins.issubclass(builtins.int, builtins.str), {said!r}",
    "import builtins\nassert builtins.hasattr({a}, {word!r}), {said!r}",
    "import builtins\nassert builtins.callable({a}), {said!r}",
    "import builtins\nassert builtins.all([True, False]), {said!r}",
    "import builtins\nassert builtins.any([False]), {said!r}",
    "import builtins\nassert builtins.bool(0), {said!r}",
    "import builtins\nassert builtins.len([{a}, {b}]) == 3, {said!r}",
    "import builtins\nassert builtins.abs(-{a}) == {b}, {said!r}",
    "import builtins\nassert builtins.sum([{a}, {b}]) == {c}, {said!r}",
    "import builtins\nassert builtins.sorted([{b}, {a}]) == [{b}, {a}], {said!r}",
    "import math as {word}\nassert {word}.isclose({a}, {b}), {said!r}",
    "import numpy as {word}\nassert {word}.isclose({a}, {b}), {said!r}",
    "import numpy as {word}\nassert {word}.allclose([{a}, {b}], [{b}, {a}]), {said!r}",
    "import numpy as {word}\nassert {word}.array_equal([{a}], [{b}]), {said!r}",
    "import numpy as {word}\nassert {word}.all([True, False]), {said!r}",
    "import numpy as {word}\nif {word}.abs({a}) != {b}:\n    raise AssertionError({said!r})",
    "try:\n    [][{a}]\nexcept IndexError:\n    raise AssertionError({said!r})",
    "for {word} in ({a}, {b}):\n    assert {word} != {b}, {said!r}",
    "def {word}(x):\n    assert x == {b}, {said!r}\n{word}({a})",
)
MUST_RAISE = (  # the kind that they end with
    ("raise ValueError({said!r})", "ValueError"),
    ("[][{a}]", "IndexError"),
    ("1 / ({a} - {a})", "ZeroDivisionError"),
    ("import numpy as {word}\n{word}.testing.assert_allclose([{a}], [{b}])", "AssertionError"),
    ("import numpy as {word}\n{word}.testing.assert_array_equal([{a}], [{b}])", "AssertionError"),
    ("import unittest as {word}\n{word}.TestCase().assertEqual({a}, {b})", "AssertionError"),
    ("import unittest as {word}\n{word}.TestCase().assertTrue({a} == {b})", "AssertionError"),
)
MUST_PASS = (
    "assert {a} == {a}",
    "assert {a} < {b} < {c}",
    "assert isinstance({a}, int)",
    "import numpy as {word}\n{word}.testing.assert_allclose([{a}], [{a}])",
    "import numpy as {word}\nassert not {word}.isclose({a}, {b})",
    "try:\n    raise KeyError({said!r})\nexcept KeyError:\n    pass",
)


def make(seed=None):
    """Return canary tests in a random order: pairs of code, and how it must end.

    Examples
    --------
    >>> code, end = make(0)[0]
    >>> len(end)
    2
    >>> sum(end == ["", ""] for _, end in make(0))
    6
    """
    rng = random.Random(seed)
    every = [(code, "AssertionError") for code in MUST_FAIL]
    every += [*MUST_RAISE, *((code, "") for code in MUST_PASS)]
    made = []
    for code, kind in every:
        a, b, c = sorted(rng.sample(range(2, 10**6), 3))
        word = "_" + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=12))
        said = f"{word}{b}" if "{said" in code and kind else ""
        made.append((code.format(a=a, b=b, c=c, word=word, said=said or word), [kind, said]))
    rng.shuffle(made)
    return made


def is_right(end, found):
    """Whether a canary ended as it must: its kind of exception, and its message if it has one."""
    return found[0] == end[0] and (not end[1] or found[1] == end[1])
