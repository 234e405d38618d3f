"""`check_multipliers`: every message, no false alarm."""

import re

import numpy as np
import pytest
from hidden_numbers import assume_long, shows
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from problem_examples import BOX, CIRCLE, ON_CIRCLE, linear, message, nearest, quadratics

from coursekit.checks import CheckFailed, check_kkt, check_multipliers
from coursekit.constraints.kkt import Problem
from coursekit.constraints.lagrange import augmented_lagrangian

# nearest to (3, 4, 0) with x0 = 1, x1 = 1: multipliers 2 and 3
PINNED = nearest([3.0, 4.0, 0.0], eq=[linear([1, 0, 0], 1), linear([0, 1, 0], 1)])
# nearest to (3, 6, 2, 9) with x0 + x1 = 1, x1 + x2 = 1, 2 x3 = 2: p - x = A'lam at (0, 1, 0, 1)
CHAIN = nearest(
    [3.0, 6.0, 2.0, 9.0],
    eq=[linear([1, 1, 0, 0], 1), linear([0, 1, 1, 0], 1), linear([0, 0, 0, 2], 2)],
)
POINT, LAM = [0, 1, 0, 1], [3, 2, 4]
SIX = nearest(np.arange(2.0, 8), eq=[linear(row, 1) for row in np.eye(6)])
TWICE = nearest([3.0, 1.0], eq=[linear([1, 0], 1), linear([2, 0], 2)])  # one equation, twice
# two circles that touch at 0, where x1 has no multipliers
TOUCHING = Problem(
    lambda x: x[1],
    lambda x: np.array([0.0, 1.0]),
    2,
    eq=[(lambda x, c=c: x @ x - 2 * c * x[0], lambda x, c=c: 2 * x - [2 * c, 0]) for c in (1, -1)],
)

SAID = {
    r"x is infeasible: it violates eq\[[02]\]": [
        ([0.1, 1, 0, 1], LAM, CHAIN), ([0, 1, 0, 0.9], LAM, CHAIN), ([0, 0], [1], ON_CIRCLE),
    ],
    r"x has shape \(\d,\), expected": [
        ([0, 1], LAM, CHAIN), ([0, 1, 0], LAM, CHAIN), ([1], [0.5], ON_CIRCLE),
    ],
    r"x has shape \(\d,\), expected \(\d,\).\nTry: is it the solution of a KKT system": [
        ([*POINT, *LAM], LAM, CHAIN), ((-1, 0, 0.5), [0.5], ON_CIRCLE),
        (np.array([1, 1, 0, 2, 3]), None, PINNED),
    ],
    "x and lam are exchanged": [
        (LAM, POINT, CHAIN), ([2, 3], np.array([1, 1, 0]), PINNED), ([0.5], [-1, 0], ON_CIRCLE),
    ],
    r"lam has shape .*\nTry: one multiplier for each equation": [
        (POINT, [3, 2], CHAIN), (POINT, [LAM], CHAIN), ([-1, 0], [1, 0], ON_CIRCLE),
    ],
    "(x|lam) is (nothing|function|list)": [
        (None, LAM, CHAIN), (POINT, None, CHAIN), (POINT, lambda: LAM, CHAIN),
        ([[1], [2, 3]], LAM, CHAIN),
    ],
    r"(x|lam)\[\d\] is (nan|inf)": [
        (POINT, [3, np.nan, 4], CHAIN), ([0, 1, np.inf, 1], LAM, CHAIN),
        ([-1, 0], [np.inf], ON_CIRCLE),
    ],
    "stationarity fails(.*\n)*Try: no multipliers balance": [
        ([1, 0, 1, 1], LAM, CHAIN), ([1, 1, 0.5], [2, 3], PINNED), ([0, 1], [0.5], ON_CIRCLE),
        ([0, 0], [1, 1], TOUCHING),
    ],
    "^lam has the opposite sign": [
        (POINT, [-3, -2, -4], CHAIN), ([-1, 0], [-0.5], ON_CIRCLE), ([1, 0], [0.5], ON_CIRCLE),
        ([1, 1], [0, -1], TWICE), ([1, 1, 0], [-2, -3], PINNED),
    ],
    "^lam is 2 times what balances": [
        (POINT, [6, 4, 8], CHAIN), ([-1, 0], [1], ON_CIRCLE), ([1, 1, 0], [4, 6], PINNED),
    ],
    "^lam is -1/2 times what balances": [
        (POINT, [-1.5, -1, -2], CHAIN), ([-1, 0], [-0.25], ON_CIRCLE),
        ([1, 1, 0], [-1, -1.5], PINNED),
    ],
    r"^lam\[[012]\] has the opposite sign, the others are right": [
        (POINT, [-3, 2, 4], CHAIN), (POINT, [3, 2, -4], CHAIN), ([1, 1, 0], [2, -3], PINNED),
    ],
    r"^lam\[[01]\] and lam\[[12]\] have the opposite sign, the others are right": [
        (POINT, [-3, -2, 4], CHAIN), (POINT, [3, -2, -4], CHAIN), (POINT, [-3, 2, -4], CHAIN),
    ],
    r"^lam\[[02]\] is 2 times what balances the gradient, the others are right": [
        (POINT, [3, 2, 8], CHAIN), (POINT, [6, 2, 4], CHAIN), ([1, 1, 0], [4, 3], PINNED),
    ],
    r"^lam\[[01]\] and lam\[2\] are 1/2 times": [
        (POINT, [3, 1, 2], CHAIN), (POINT, [1.5, 2, 2], CHAIN), (POINT, np.array([3, 1, 2]), CHAIN),
    ],
    "in the wrong order": [
        (POINT, [2, 3, 4], CHAIN), (POINT, [4, 3, 2], CHAIN), ([1, 1, 0], [3, 2], PINNED),
        (np.ones(6), [2, 3, 4, 5, 6, 1], SIX), (np.ones(6), [6, 5, 4, 3, 2, 1], SIX),
    ],
    r"^lam\[[012]\] is not right, the others are.\nTry: where does the gradient of eq\[[012]\]": [
        (POINT, [3, 2, 4.3], CHAIN), (POINT, [3, 0, 4], CHAIN), ([1, 1, 0], [2.1, 3], PINNED),
    ],
    r"^lam(\[[12]\])? is right to about 3 digits only": [
        ([1, 1, 0], [2, 3.003], PINNED), ([-1, 0], [0.4995], ON_CIRCLE),
        (POINT, [2.997, 2.002, 4.004], CHAIN), (POINT, [3, 2, 4.004], CHAIN),
    ],
    r"^lam\[[01]\] and lam\[[12]\] are not right, the others are.\nTry: .* eq\[\d\] and eq\[\d\]": [
        (POINT, [3, 2.1, 4.3], CHAIN), (POINT, [2.9, 0, 4], CHAIN), (POINT, [0, 2, 0], CHAIN),
    ],
    r"stationarity fails: component \[\d\] (.*\n)*Try: x can be right; solve": [
        (POINT, [1, 1, 1], CHAIN), (POINT, [0, 0, 0], CHAIN), ([-1, 0], [0.51], ON_CIRCLE),
        ([1, 1], [1, 1], TWICE),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "args"), [(text, case) for text, cases in SAID.items() for case in cases]
)
def test_what_is_wrong_with_multipliers_is_said(text, args):
    assert min(map(len, SAID.values())) >= 3
    assert re.search(text, message(check_multipliers, *args))


def test_right_multipliers_pass():
    assert check_multipliers(POINT, LAM, CHAIN) is True
    assert check_multipliers((1, 1, 0), np.float32([2, 3]), PINNED)
    assert check_multipliers([-1, 0], 0.5, ON_CIRCLE)  # a number for one equation
    assert check_multipliers(np.ones(6), np.arange(1, 7), SIX)
    assert all(check_multipliers([1, 1], lam, TWICE) for lam in ([2, 0], [0, 1], [-2, 2]))
    third = nearest([1.0, 1.0], eq=[linear([1, 1], 1.111)])
    assert check_multipliers([0.556, 0.556], [0.445], third, rtol=1e-3)
    assert "2 digits only" in message(check_multipliers, [0.5555, 0.5555], [0.446], third)


def test_maxima_and_saddles_pass():
    """Of x on the circle, and the axes of an ellipsoid: x'Dx has the multipliers -D."""
    assert check_multipliers([1, 0], [-0.5], ON_CIRCLE)
    D = np.array([3.0, -1.0, 7.0])
    ellipsoid = Problem(lambda x: x @ (D * x), lambda x: 2 * D * x, 3, eq=[CIRCLE])
    for x, value in zip(np.eye(3), D, strict=True):
        assert check_multipliers(x, [-value], ellipsoid)
        assert check_kkt(x, [-value], (), ellipsoid)


@pytest.mark.parametrize("size", [1e-12, 1e-3, 1e9])
def test_units_do_not_matter(size):
    """f, each equation and each coordinate in other units."""
    units = np.array([1.0, 1e-6, 1e3, 1e2])
    p, x = np.array([3.0, 6.0, 2.0, 9.0]) * units, np.array(POINT) * units
    rows = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 2]]) / units
    problem = Problem(
        lambda x: size * (((x - p) / units) ** 2).sum() / 2,
        lambda x: size * (x - p) / units**2,
        4,
        eq=[linear(rows[0], 1), linear(1e5 * rows[1], 1e5), linear(rows[2], 2)],
    )
    lam = size * np.array([3, 2e-5, 4])
    assert check_multipliers(x, lam, problem)
    for k in range(3):
        off = lam * np.where(np.arange(3) == k, 1.1, 1)
        assert f"lam[{k}] is not right, the others are" in message(
            check_multipliers, x, off, problem
        )


def test_a_solver_passes():
    problem = Problem(
        lambda x: x[0] * x[1] + x[2] ** 2,
        lambda x: np.array([x[1], x[0], 2 * x[2]]),
        3,
        eq=[
            (lambda x: x @ x - 3, lambda x: 2 * x),
            (lambda x: x[0] - 2 * x[2], lambda x: np.array([1.0, 0.0, -2.0])),
        ],
    )
    run = augmented_lagrangian(problem, [1.0, -1.0, 0.5], tol=1e-11)
    assert check_multipliers(run.x, run.lam, problem, rtol=1e-7)
    flipped = run.lam * [1, -1]
    assert "lam[1] has the opposite sign" in message(
        check_multipliers, run.x, flipped, problem, rtol=1e-7
    )


@pytest.mark.parametrize("problem", [None, 3, lambda x: x @ x])
def test_what_is_no_problem(problem):
    with pytest.raises(TypeError, match=r"^problem must be a Problem; got \w+\."):
        check_multipliers([1.0], (), problem)


@pytest.mark.parametrize("problem", [BOX, nearest([1.0]), nearest([1.0], PINNED.eq, BOX.ineq)])
def test_problems_without_equations_or_with_inequalities(problem):
    with pytest.raises(ValueError, match=r"got \d equations and \d ineq.*check_kkt"):
        check_multipliers([1.0], [1.0], problem)


@pytest.mark.parametrize("rtol", [0, 1, -1e-3, "small"])
def test_what_is_no_accuracy(rtol):
    with pytest.raises(ValueError, match=r"^rtol must lie between 0 and 1"):
        check_multipliers([-1, 0], [0.5], ON_CIRCLE, rtol=rtol)


def test_a_kink_is_not_decided():
    bent = Problem(
        lambda x: abs(x[0]) + x[1],
        lambda x: np.array([np.sign(x[0]), 1.0]),
        2,
        eq=[linear([1, 1], 0)],
    )
    assert "cannot decide: component" in message(check_multipliers, [0, 0], [-1], bent)


@st.composite
def programs(draw):
    """A random quadratic program with equations, by choosing the multipliers first."""
    H, x, rng = draw(quadratics())
    n, m = len(x), draw(st.integers(1, len(x)))
    A = np.linalg.qr(rng.normal(size=(n, n)))[0][:m] * 10 ** rng.uniform(-2, 2, (m, 1))
    b, lam = A @ x, rng.uniform(0.5, 2, m) * rng.choice([-1, 1], m) * 10 ** rng.uniform(-2, 2)
    c = -H @ x - lam @ A
    walls = [linear(*pair) for pair in zip(A, b, strict=True)]
    return Problem(lambda x: x @ H @ x / 2 + c @ x, lambda x: H @ x + c, n, walls), x, lam, rng


@settings(max_examples=40, deadline=None)
@given(programs(), st.sampled_from([float, np.float32]))
def test_right_multipliers_of_a_random_program_are_never_rejected(case, dtype):
    problem, x, lam, _ = case
    assert check_multipliers(x.astype(dtype), lam.astype(dtype), problem)


@settings(max_examples=40, deadline=None)
@given(programs(), st.floats(1.3, 1.4), st.booleans())
def test_the_wrong_multiplier_is_named_and_the_right_one_never_shown(case, factor, down):
    problem, x, lam, rng = case
    assume_long(lam)
    k, m = rng.integers(lam.size), lam.size
    wrong = lam * np.where(np.arange(m) == k, factor if not down else 1 / factor, 1)
    try:
        check_multipliers(x, wrong, problem)
    except CheckFailed as failure:
        said = str(failure)
    else:
        assume(False)  # no component shows it beside the others
    assume("times" not in said)
    named = re.findall(r"lam\[(\d)\]", said.splitlines()[0])
    assert named in ([str(k)], []) if m == 1 else named == [str(k)]
    assert not shows(said, lam[k])
