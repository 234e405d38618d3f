"""`check_kkt`: every message, no false alarm."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problem_examples import BOX, IN_DISK, ON_CIRCLE, linear, message, nearest, quadratics

from coursekit.checks import CheckFailed, check_kkt, check_minimizer
from coursekit.constraints.kkt import Problem, solve_equality_qp

# nearest to (2, 3, 1) with x0 + x1 = 1, x2 <= 1/2, x0 <= 5, x0 >= 0: (0, 1, 1/2)
CORNER = nearest(
    [2.0, 3.0, 1.0],
    eq=[linear([1, 1, 0], 1)],
    ineq=[linear([0, 0, 1], 0.5), linear([1, 0, 0], 5), linear([-1, 0, 0], 0)],
)


# nearest to (3, 4) with x0 = 1, x1 = 1: multipliers 2 and 3
PINNED = nearest([3.0, 4.0], eq=[linear([1, 0], 1), linear([0, 1], 1)])


SIX = nearest(np.arange(2.0, 8), ineq=[linear(row, 1) for row in np.eye(6)])


X, LAM, MU = [0, 1, 0.5], [2], [0.5, 0, 0]


KKT = {
    r"x is infeasible: it violates (in)?eq\[0\]": [
        ([0, 1.1, 0.5], LAM, MU, CORNER), ([0, 1, 0.6], LAM, MU, CORNER),
        ([2, 0.5], (), [0, 0, 0], BOX), ([2, 1], [2, 3], (), PINNED),
    ],
    "x has shape": [
        ([0, 1], LAM, MU, CORNER), ([X], LAM, MU, CORNER), (1.0, (), [1, 0, 0], BOX),
    ],
    "(lam|mu) has shape .*\nTry: one multiplier for each (equation|inequality)": [
        (X, LAM, [0.5], CORNER), (X, [2, 0], MU, CORNER), ([1, 0.5], (), 1.0, BOX),
        ([1, 0.5], [1], [1, 0, 0], BOX),
    ],
    "lam and mu are exchanged": [
        (X, MU, LAM, CORNER), ([1, 0.5], [1, 0, 0], [], BOX), ([1, 1], np.zeros(0), [2, 3], PINNED),
    ],
    "(lam|mu) is (nothing|function)": [
        (X, None, MU, CORNER), (X, LAM, None, CORNER),
        (X, LAM, lambda: 0, CORNER), ([1, 1], None, (), PINNED),
    ],
    r"(x|lam|mu)\[\d\] is (nan|inf)": [
        (X, [np.nan], MU, CORNER), (X, LAM, [0.5, np.inf, 0], CORNER),
        ([np.nan, 1], [2, 3], (), PINNED),
    ],
    "^lam has the opposite sign": [
        (X, [-2], MU, CORNER), ([1, 1], [-2, -3], (), PINNED), ([-1, 0], [-0.5], (), ON_CIRCLE),
    ],
    "^mu has the opposite sign": [
        (X, LAM, [-0.5, 0, 0], CORNER), ([1, 0.5], (), [-1, 0, 0], BOX),
        ([-1, 0], (), [-0.5], IN_DISK),
    ],
    "^lam and mu have the opposite sign": [
        (X, [-2], [-0.5, 0, 0], CORNER),
        ([1, 1], [-2], [-3], nearest([3.0, 4], PINNED.eq[:1], PINNED.eq[1:])),
        ([1, 1], [-3], [-2], nearest([3.0, 4], PINNED.eq[1:], PINNED.eq[:1])),
    ],
    "multipliers are in the wrong order": [
        (X, LAM, [0, 0.5, 0], CORNER), ([1, 1], [3, 2], (), PINNED), ([1, 0.5], (), [0, 1, 0], BOX),
        (np.ones(6), (), [6, 1, 2, 3, 4, 5], SIX), (np.ones(6), (), [6, 5, 4, 3, 2, 1], SIX),
    ],
    "(is|are) 2 times what balances": [
        (X, [4], [1, 0, 0], CORNER), (X, [4], MU, CORNER), ([1, 0.5], (), [2, 0, 0], BOX),
        ([-1, 0], [1], (), ON_CIRCLE),
    ],
    "(is|are) 1/2 times what balances": [
        (X, [1], [0.25, 0, 0], CORNER), (X, LAM, [0.25, 0, 0], CORNER),
        ([1, 1], [1, 1.5], (), PINNED),
    ],
    r"dual feasibility fails: mu\[\d\] is negative": [
        (X, [1.9], [0.5, 0, -0.1], CORNER), ([1, 0.5], (), [1, -1e-6, 0], BOX),
        ([1, 0.5], (), [-0.3, 0, 0], BOX),
    ],
    r"complementarity fails: ineq\[[12]\] is inactive, but mu\[[12]\] is not zero": [
        (X, LAM, [0.5, 0.1, 0], CORNER), ([1, 0.5], (), [1, 0.2, 0], BOX),
        ([1, 0.5], (), [1, 0, 0.001], BOX),
    ],
    r"stationarity fails: component \[\d\] (.*\n)*Try: x can be right": [
        (X, [2.3], MU, CORNER), ([1, 1], [2, 2.9], (), PINNED), ([1, 0.5], (), [0, 0, 0], BOX),
    ],
    r"stationarity fails: component \[\d\] (.*\n)*Try: no multipliers balance": [
        ([0.5, 0.5, 0.5], LAM, MU, CORNER), ([1, 0.6], (), [1, 0, 0], BOX),
        ([0, 1], [0.5], (), ON_CIRCLE),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "args"), [(text, case) for text, cases in KKT.items() for case in cases]
)
def test_what_is_wrong_with_multipliers_is_said(text, args):
    assert min(map(len, KKT.values())) >= 3
    assert re.search(text, message(check_kkt, *args))


def test_right_multipliers_pass():
    assert check_kkt(X, LAM, MU, CORNER) is True
    assert check_kkt(X, 2.0, MU, CORNER)  # a number for one equation
    assert check_kkt([1, 1], [2, 3], (), PINNED)
    assert check_kkt([-1, 0], [0.5], [], ON_CIRCLE)
    assert check_kkt(np.ones(6), (), np.arange(1, 7), SIX)
    twice = nearest([3.0, 1.0], ineq=[linear([1, 0], 1)] * 2)  # not unique
    assert all(check_kkt([1, 1], (), mu, twice) for mu in ([2, 0], [0.5, 1.5], [0, 2]))
    third = nearest([1.0, 1.0], eq=[linear([1, 1], 1.111)])
    assert check_kkt([0.556, 0.556], [0.445], (), third, rtol=1e-3) is True
    assert "stationarity" in message(check_kkt, [0.5555, 0.5555], [0.446], (), third)


def test_a_degenerate_constraint_has_no_multiplier():
    line = Problem(
        lambda x: x[0], lambda x: np.ones(1), 1, eq=[(lambda x: x[0] ** 2, lambda x: 2 * x)]
    )
    assert "no multipliers balance" in message(check_kkt, [0.0], [1.0], (), line)


KINK = (lambda x: abs(x[0]) - 5, lambda x: np.array([np.sign(x[0]), 0.0]))
ROOT = (lambda x: -np.sqrt(x[0]) - 1, lambda x: np.array([-0.5 / np.sqrt(x[0]), 0]))


@pytest.mark.parametrize("extra", [KINK, ROOT])
def test_an_inactive_constraint_without_derivatives_at_x_does_not_matter(extra):
    problem = nearest([0, 2], ineq=[extra, linear([0, 1], 1)])
    assert check_kkt([0, 1], (), [0, 1], problem)
    assert "mu is 3/2 times" in message(check_kkt, [0, 1], (), [0, 1.5], problem)
    assert "complementarity fails: ineq[0]" in message(check_kkt, [0, 1], (), [1, 1], problem)


def test_an_active_kink():
    """x[0] + |x[0]| + x[1] <= 1: at x[0] = 0 its gradient jumps."""
    kink = (lambda x: abs(x[0]) + x[1] - 1, lambda x: np.array([np.sign(x[0]), 1.0]))
    assert check_kkt([0, 1], (), [1], nearest([0, 2], ineq=[kink]))
    assert "2 times" in message(check_kkt, [0, 1], (), [2], nearest([0, 2], ineq=[kink]))
    said = message(check_kkt, [0, 1], (), [1], nearest([0.5, 2], ineq=[kink]))
    assert said.startswith("The check cannot decide: component [0] of the gradient")
    edge = (lambda x: -np.sqrt(x[0]), ROOT[1])
    said = message(check_kkt, [0, 1], (), [1], nearest([-1, 1], ineq=[edge]))
    assert said.startswith("The check cannot decide: the gradient of ineq[0] is not finite")


def test_each_component_and_constraint_is_judged_on_its_own_scale():
    p = np.array([1e15, 5.0])
    free, wall = nearest(p), nearest(p, ineq=[linear([0, 1], 1)])
    assert check_kkt(p, (), (), free)
    assert "stationarity fails: component [1]" in message(check_kkt, [1e15, 200], (), (), free)
    assert check_kkt([1e15, 1], (), [4], wall)
    assert "violates ineq[0]" in message(check_kkt, [1e15, 2], (), [3], wall)
    tiny = nearest([3e-10, -1e-10], ineq=[linear([0, -1], 0)])
    assert check_kkt([3e-10, 0], (), [1e-10], tiny)
    assert "stationarity fails" in message(check_kkt, [2e-10, 0], (), [1e-10], tiny)


@pytest.mark.parametrize("problem", [None, 3, lambda x: x @ x])
def test_what_is_no_problem(problem):
    with pytest.raises(TypeError, match=r"^problem must be a Problem; got \w+\."):
        check_kkt([1.0], (), (), problem)


def test_multipliers_of_the_solver_pass():
    H, A = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 2.0]])
    run = solve_equality_qp(H, [1.0, -1.0], A, [3.0])
    problem = Problem(
        lambda x: x @ H @ x / 2 + x[0] - x[1], lambda x: H @ x + [1, -1], 2, eq=[linear(A[0], 3)]
    )
    assert check_kkt(run.x, run.lam, (), problem)
    assert check_minimizer(run.x, problem)
    assert "lam has the opposite sign" in message(check_kkt, run.x, -run.lam, (), problem)


@st.composite
def programs(draw):
    """A random convex quadratic program with its solution, by choosing the multipliers first."""
    H, x, rng = draw(quadratics())
    n, equations, inequalities = len(x), draw(st.integers(0, len(x))), draw(st.integers(0, 3))
    m = equations + inequalities
    A = rng.normal(size=(m, n)) * 10 ** rng.uniform(-2, 2, (m, 1))
    active = np.append(np.ones(equations, bool), rng.random(inequalities) < 0.5)
    b = A @ x + np.where(active, 0, 10 ** rng.uniform(-2, 1, m))
    w = np.where(active, rng.normal(size=m), 0) * 10 ** rng.uniform(-2, 2)
    w[equations:] = np.abs(w[equations:])
    c = -H @ x - w @ A
    walls = [linear(*pair) for pair in zip(A, b, strict=True)]
    problem = Problem(
        lambda x: x @ H @ x / 2 + c @ x,
        lambda x: H @ x + c,
        n,
        walls[:equations],
        walls[equations:],
    )
    return problem, x, w[:equations], w[equations:], A, H, rng


@settings(max_examples=150, deadline=None)
@given(programs(), st.sampled_from([float, np.float32]))
def test_right_multipliers_of_a_random_program_are_never_rejected(case, dtype):
    problem, *right = case[:4]
    x, lam, mu = (v.astype(dtype) for v in right)
    assert check_kkt(x, lam, mu, problem)
    assert check_minimizer(x, problem)


@settings(max_examples=150, deadline=None)
@given(programs(), st.sampled_from([float, np.float32]))
def test_multipliers_off_by_ten_times_the_tolerance_are_always_rejected(case, dtype):
    problem, x, lam, mu, A, H, rng = case
    if not len(A):
        return
    w, k = np.concatenate([lam, mu]), rng.integers(len(A))
    r = np.finfo(dtype).eps ** 0.5
    c = -H @ x - w @ A
    for _ in range(3):  # the tolerance depends on the terms, and those on the multiplier
        terms = np.abs(H @ x + c) + np.abs(w) @ np.abs(A)
        zero = r * terms + 1.1 * np.abs(H).sum(axis=1) * r * max(1, np.abs(x).max())
        wrong = np.concatenate([lam, mu])
        wrong[k] += 10 * zero.max() / np.abs(A[k]).max()
        w = wrong
    x, lam, mu = (v.astype(dtype) for v in (x, wrong[: len(lam)], wrong[len(lam) :]))
    with pytest.raises(CheckFailed):
        check_kkt(x, lam, mu, problem)
