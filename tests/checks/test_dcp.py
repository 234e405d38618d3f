"""`check_dcp`: the curvature that CVXPY finds, the values of NumPy, and every message."""

import re
from contextlib import suppress

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_dcp
from coursekit.checks.dcp import ATOMS

CVXPY = {
    "norm": lambda *parts: cp.norm(cp.hstack(parts)),
    "log_sum_exp": lambda *parts: cp.log_sum_exp(cp.hstack(parts)),
    "geo_mean": lambda a, b: cp.geo_mean(cp.hstack([a, b])),
    "maximum": lambda *parts: cp.maximum(*parts, parts[0]),
    "minimum": lambda *parts: cp.minimum(*parts, parts[0]),
}
NAMES = {name: CVXPY.get(name) or getattr(cp, name) for name in ATOMS}

leaves = st.sampled_from(["x", "y", "2", "0.5", "(-3)", "1"])


def larger(parts):
    by_count = {1: st.tuples(parts), 2: st.tuples(parts, parts), None: st.tuples(parts, parts)}
    calls = st.one_of(
        [
            by_count[atom.count].map(lambda args, name=name: f"{name}({', '.join(args)})")
            for name, atom in ATOMS.items()
        ]
    )
    operations = st.tuples(parts, st.sampled_from("+-*/"), parts)
    return st.one_of(calls, operations.map(lambda p: f"({p[0]} {p[1]} {p[2]})"))


def curvature_of(text, positive):
    """Return what the check says of a text: its curvature, and whether it is affine."""
    found = []
    for curvature in ("convex", "concave"):
        with suppress(CheckFailed):
            found += [curvature] * check_dcp(text, text, curvature, positive=positive)
    return found


@settings(max_examples=60)
@given(st.recursive(leaves, larger, max_leaves=5), st.sampled_from(["", "x", "xy"]))
def test_the_curvature_is_that_of_cvxpy(text, positive):
    variables = {name: cp.Variable(pos=name in positive, name=name) for name in "xy"}
    try:
        theirs = eval(text, NAMES | variables)
        convex, concave = (
            (theirs.is_convex(), theirs.is_concave())
            if isinstance(theirs, cp.Expression)
            else (True, True)
        )
    except (ValueError, ZeroDivisionError, cp.error.DCPError):
        return
    ours = curvature_of(text, positive)
    assert ("convex" in ours) <= convex  # never more than what CVXPY can prove
    assert ("concave" in ours) <= concave


@pytest.mark.parametrize(
    ("text", "positive", "curvatures"),
    [
        ("square(x) + abs(y)", "", ["convex"]),
        ("square(x) - abs(y)", "", []),
        ("1 - square(x) - exp(y)", "", ["concave"]),
        ("3 * x - y / 2 + 1", "", ["convex", "concave"]),
        ("sqrt(1 + square(x))", "", []),
        ("norm(1, x, x - y)", "", ["convex"]),
        ("square(square(x) + 1)", "", ["convex"]),
        ("square(square(x) - 1)", "", []),
        ("square(-square(x) - 1)", "", ["convex"]),
        ("exp(square(x)) - log(y)", "y", ["convex"]),
        ("quad_over_lin(x, y)", "y", ["convex"]),
        ("quad_over_lin(x, sqrt(y))", "y", ["convex"]),
        ("quad_over_lin(x, square(y))", "y", []),
        ("inv_pos(sqrt(x))", "x", ["convex"]),
        ("inv_pos(square(x))", "x", []),
        ("log_sum_exp(2 * x, -y, log(3))", "", ["convex"]),
        ("maximum(square(x), 1 - y)", "", ["convex"]),
        ("minimum(sqrt(x), 1 - y)", "x", ["concave"]),
        ("minimum(square(x), 1)", "", []),
        ("geo_mean(x, y) - square(x)", "xy", ["concave"]),
        ("x * y", "xy", []),
        ("square(x) / y", "xy", []),
        ("2 * square(x) / (-4)", "", ["concave"]),
        ("abs(maximum(square(x), -1))", "", ["convex"]),
        ("abs(maximum(-1, -2) * square(x))", "", ["convex"]),
        ("abs(minimum(square(x), -1))", "", []),
        ("pos(+x)", "", ["convex"]),
    ],
)
def test_curvatures(text, positive, curvatures):
    assert curvature_of(text, positive) == curvatures


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("norm(3, x)", "sqrt(9 + x * x)"),
        ("log_sum_exp(x, y)", "log(exp(x) + exp(y))"),
        ("maximum(x, y)", "(x + y + abs(x - y)) / 2"),
        ("-minimum(-x, -y)", "(x + y + abs(x - y)) / 2"),
        ("pos(x)", "(x + abs(x)) / 2"),
        ("square(x - y)", "x * x - 2 * x * y + y * y"),
        ("quad_over_lin(x + 1, y) + inv_pos(y)", "((x + 1) * (x + 1) + 1) / y"),
    ],
)
def test_another_form_of_the_same_function(text, other):
    assert check_dcp(text, other, "convex", positive="y")


def test_a_geometric_mean():
    assert check_dcp("geo_mean(x, y)", "sqrt(x * y)", "concave", positive="xy")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, 'E should be a text, such as "square(x) + 1"; it is of type NoneType.'),
        ("x" * 501, "E has 501 characters; 500 are more than enough."),
        ("square(x", "E cannot be read: '(' was never closed, in 'square(x'."),
        ("squared(x)", "There is no function 'squared'; there are abs, square, norm,"),
        ("z + x", "There is no variable 'z'.\nTry: the variables are x and y."),
        ("abs", "There is no variable 'abs'.\nTry: abs is a function: it needs brackets"),
        ("x**2", "x ** 2 cannot be read.\nTry: square(...) and sqrt(...) are functions"),
        ("x if 1 else y", "x if 1 else y cannot be read.\nTry: numbers, x, y, + - * / and"),
        ("x.real", "x.real cannot be read."),
        ("abs(x=1)", "abs(x=1) cannot be read."),
        ("'x'", "'x' cannot be read."),
        ("True", "True cannot be read."),
        ("abs(x, y)", "abs takes one argument; abs(x, y) has 2."),
        ("geo_mean(x)", "geo_mean takes two arguments; geo_mean(x) has 1."),
        ("norm()", "norm takes one argument or more; norm() has 0."),
        (
            "square(x) + 1",
            "E is another function everywhere: at x = -0.0446, y = -0.09365 it is 1.00199",
        ),
        ("pos(x) * pos(x)", "E is another function at some points: at x = -"),
        ("x * x", "E has no curvature by the rules:\n  x * x: a product has a curvature only"),
        ("square(square(x)) / square(x)", ": a quotient has a curvature only if the divisor is"),
        (
            "2 * square(x) - exp(log(square(x)))",
            "log(square(x)): log is concave and increasing, and its argument is convex.",
        ),
        ("abs(x) + square(x) - abs(x)", "abs(x) + square(x) - abs(x): a sum of a convex and a con"),
        (
            "square(square(x) + 1) - square(square(x)) - norm(square(x) - 1 + 1) - 1",
            "a sum of a convex and a concave part",
        ),
        (
            "norm(y, abs(x) - 1) + square(x) - norm(abs(x) - 1, y)",
            "norm(y, abs(x) - 1): norm is convex and neither increasing nor decreasing (the "
            "sign is not known), and its argument abs(x) - 1 is convex.",
        ),
        ("-(-square(x))", None),
    ],
)
def test_messages(text, message):
    if message is None:
        assert check_dcp(text, "square(x)", "convex", name="E")
        return
    with pytest.raises(CheckFailed, match=re.escape(message)):
        check_dcp(text, "square(x)", "convex", name="E")


def test_the_other_curvature():
    with pytest.raises(CheckFailed, match="E is convex by the rules; it should be concave"):
        check_dcp("square(x)", "x * x", "concave", name="E")


def test_nothing_is_executed():
    for text in ("print(1)", "__import__('os')", "(lambda: 1)()", "[].append(x)", "open(1)"):
        with pytest.raises(CheckFailed, match=r"no function|cannot be read"):
            check_dcp(text, "x", "convex")


def test_values_of_the_functions():
    assert np.isclose(ATOMS["norm"].value(3.0, 4.0), 5)
    assert np.isclose(ATOMS["log_sum_exp"].value(np.log(2), np.log(3)), np.log(5))
    assert np.isnan(ATOMS["inv_pos"].value(-1.0))
