"""`check_minimizer` and `check_kkt`: every message, no false alarm, nothing given away."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import objectives
from coursekit.checks import CheckFailed, check_kkt, check_minimizer
from coursekit.constraints.kkt import Problem, solve_equality_qp
from coursekit.objectives import Objective, exponential_sum, hill_and_well, himmelblau, quadratic

ROOT = 0.5**0.5


def message(check, *args, **options):
    with pytest.raises(CheckFailed) as caught:
        check(*args, **options)
    assert len(re.findall("^Try: .*[.?]$", str(caught.value), re.M)) == 1
    return str(caught.value)


def linear(a, b):
    """The constraint a.x - b, with its gradient."""
    return lambda x: np.dot(a, x) - b, lambda x: np.array(a, dtype=float)


def nearest(p, eq=(), ineq=()):
    """The point nearest to p that satisfies the constraints."""
    p = np.array(p)
    return Problem(lambda x: (x - p) @ (x - p) / 2, lambda x: x - p, len(p), eq, ineq)


def double_well(tilt):
    """Minima near -1 and 1, at -1 the lower one by about twice the tilt."""
    roots = np.roots([4, 0, -4, tilt]).real
    return Objective(
        name="double_well",
        f=lambda x: ((x**2 - 1) ** 2 + tilt * x)[..., 0],
        grad=lambda x: 4 * x * (x**2 - 1) + tilt,
        hess=lambda x: (12 * x**2 - 4)[..., None],
        n=1,
        window=((-2, 2),),
        minimizers=[[roots.min()], [roots.max()]],
    )


def bent(x):
    return (x[..., 0] - 1) ** 4 + x[..., 1] ** 2


CIRCLE = (lambda x: x @ x - 1, lambda x: 2 * x)
ON_CIRCLE = Problem(lambda x: x[0], lambda x: np.array([1.0, 0.0]), 2, eq=[CIRCLE])
IN_DISK = Problem(lambda x: x[0], lambda x: np.array([1.0, 0.0]), 2, ineq=[CIRCLE])
CUBIC_WALL = Problem(  # x[1]^3 has no curvature at the wall, and its multiplier is 0
    lambda x: x[0] ** 2 + x[1] ** 3,
    lambda x: np.array([2 * x[0], 3 * x[1] ** 2]),
    2,
    ineq=[linear([0, -1], 0)],
)
BOX = nearest([2.0, 0.5], ineq=[linear([1, 0], 1), linear([-1, 0], 0), linear([0, -1], 0)])

# A minimum -----------------------------------------------------------------------------------


ALL = [f for f in vars(objectives).values() if isinstance(f, Objective)]


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
def test_the_lowest_known_minimizer_passes_in_both_precisions(f):
    for x in f.minimizers:
        if f(x) > f(f.minimizers[0]) + 1e-9:
            assert "not the lowest" in message(check_minimizer, x, f)
            continue
        assert check_minimizer(x, f) is True
        assert check_minimizer(np.float32(x), f)
        assert check_minimizer(np.round(x, 3), f, rtol=5e-4)
        assert check_minimizer(x.tolist(), lambda x, f=f: f(x))


@pytest.mark.parametrize(
    ("x", "problem"),
    [
        ([0.0], lambda x: (x**4).sum(axis=-1)),
        ([3e-7], lambda x: 7 + (x**4).sum(axis=-1)),  # f cannot tell
        ([1.0, 0.0], bent),
        ([0.3, -0.3], lambda x: (x[..., 0] + x[..., 1]) ** 2),  # a valley of minima
        ([0.0, 0.0], lambda x: np.abs(x).sum(axis=-1)),  # a kink
        ([0.0, 0.0], lambda x: 0 * x[..., 0]),
        ([-1.0, 0.0], ON_CIRCLE),
        ([-1.0, 0.0], IN_DISK),
        ([0.0, 0.0], CUBIC_WALL),
        ([1.0, 0.5], BOX),
        ([1.0, 0.0], nearest([2.0, -1], ineq=BOX.ineq)),
        ([1.0, 0.5], nearest([1.0, 0.5], ineq=BOX.ineq)),  # active with multiplier 0
        ([1.0, 0.5], nearest([2.0, 0.5], ineq=[*BOX.ineq, linear([2, 0], 2)])),  # twice
        ([1.0], quadratic([[2.0]], [2.0])),
        (1.0, quadratic([[2.0]], [2.0])),
        ([1 / 3], Problem(lambda x: x @ x, lambda x: 2 * x, 1, eq=[linear([3], 1)])),
    ],
)
def test_minima_of_every_kind_pass(x, problem):
    assert check_minimizer(x, problem) is True


def test_an_objective_without_a_hessian_is_differentiated():
    f = Objective(himmelblau.f, himmelblau.grad, window=himmelblau.window)
    assert check_minimizer([3, 2], f)
    assert "not converged" in message(check_minimizer, [3.001, 2], f)


MINIMIZER = {  # message: answers that must get it
    r"x is nothing \(None\), .*\nTry: is a return missing": [
        (None, himmelblau), (None, bent), (None, BOX),
    ],
    r"x is (function|list|dict|complex128|Objective), expected a vector": [
        (lambda x: x, himmelblau), (np.array([1j, 2]), bent), ([[1, 2], [3]], bent),
        (["a", "b"], BOX), (himmelblau, himmelblau), ({"x": 1}, bent),
    ],
    r"x has shape \(.*\), expected \(": [
        ([1, 2, 3], himmelblau), ([[3, 2]], himmelblau), ([], bent), (1.0, BOX), ([[0.0]], bent),
    ],
    r"x is not finite: x\[1\] is (nan|inf)": [
        ([3, np.nan], himmelblau), ([1, np.inf], bent), ([1, np.nan], BOX),
    ],
    "x lies where f is not finite": [
        ([-1.0], lambda x: np.log(x).sum(axis=-1)), ([0.0], lambda x: (1 / x).sum(axis=-1)),
        ([1e3, 1e3], exponential_sum),
    ],
    "x lies on the edge of where f is finite": [
        ([0.0], lambda x: np.sqrt(x).sum(axis=-1)), ([1.0], lambda x: -np.sqrt(1 - x).sum(axis=-1)),
        ([2.0, 0.0], lambda x: np.sqrt(x[..., 1]) + x[..., 0] ** 2),
    ],
    r"violates eq\[0\]": [
        ([0.6, 0.5], nearest([0.0, 0], [linear([1, 1], 1)])), ([1, 1], ON_CIRCLE),
        ([0.5, 0], ON_CIRCLE),
    ],
    r"violates ineq\[\d\].*\n  yours     g\(x\) = .*\n  expected  g\(x\) <= 0": [
        ([2, 0.5], BOX), ([-0.1, 0], BOX), ([1, -1e-6], BOX), ([-1.1, 0], IN_DISK),
    ],
    "coordinates in the wrong order": [
        ([2, 3], himmelblau), (exponential_sum.minimizers[0][::-1], exponential_sum),
        ([3, 1, 2], quadratic(np.diag([1.0, 2, 5]), [1.0, 4, 15])),
        ([2, 3, 4, 5, 6, 1], quadratic(np.eye(6), np.arange(1.0, 7))),
        ([0.5, 1], BOX),
    ],
    "all coordinates have the opposite sign": [
        ([-3, -2], himmelblau), (-exponential_sum.minimizers[0], exponential_sum),
        ([-1, -2], lambda x: ((x - [1, 2]) ** 2).sum(axis=-1)),
    ],
    "on the edge of the window": [
        ([-2, 0], hill_and_well), ([0.7, 3], exponential_sum), ([6, 0], himmelblau),
    ],
    r"not converged yet: .*is not zero(.*\n)*  a Newton step would still move x by about \de-0\d": [
        ([3.001, 2], himmelblau), ([-0.7, 0.01], hill_and_well), ([1.01, 0.001], bent),
        (np.float32([3.01, 2]), himmelblau),
    ],
    "not converged yet: no multipliers balance the gradient": [
        ([np.cos(3.1), np.sin(3.1)], ON_CIRCLE), ([1, 0.51], BOX),
        ([0.501, 0.499], nearest([0.0, 0], [linear([1, 1], 1)])),
    ],
    "far from a minimum": [
        ([0, 0], hill_and_well), ([1.5, 0.5], himmelblau), ([0, 1], ON_CIRCLE),
        ([9.0, 9.0], lambda x: (x**2).sum(axis=-1)),
    ],
    r"the multiplier of ineq\[\d\] would be negative": [
        ([0, 0.5], BOX), ([1, 0], BOX), ([1, 0], IN_DISK),
        ([1, 0.5], nearest([0.5, 0.5], ineq=BOX.ineq)),
    ],
    "x is a maximum: .*x minimises -f": [
        ([ROOT, 0], hill_and_well), ([0.0], lambda x: np.cos(x).sum(axis=-1)),
        ([1, 2], lambda x: -himmelblau(x - [1, 2]) * 0 - ((x - [1, 2]) ** 2).sum(axis=-1)),
        ([0.0], double_well(0)),
    ],
    "x is a maximum along its constraints": [
        ([1, 0], ON_CIRCLE),
        ([0.5, 0.5], Problem(lambda x: -x @ x, lambda x: -2 * x, 2, [linear([1, 1], 1)])),
        ([0, 0], Problem(lambda x: x[1] - x[0] ** 2, lambda x: np.array([-2 * x[0], 1]), 2,
                         ineq=[linear([0, -1], 0)])),
    ],
    r"x is a saddle point(.*\n)*  of \d eigenvalues .*, negative: 1": [
        ([0, 0], objectives.saddle), ([0, 0], lambda x: x[..., 0] * x[..., 1]),
        ([0, 0, 0], lambda x: (x**2 * [1, 1, -1]).sum(axis=-1)),
        ([0.0, 0, 0], Problem(lambda x: x @ (x * [1, -1, 1]), lambda x: 2 * x * [1, -1, 1], 3,
                              eq=[linear([0, 0, 1], 0)])),
    ],
    r"x is no minimum, .* values can(.*\n)*  f is lower at a distance of 1e-0\d": [
        ([0.0], lambda x: (x**3).sum(axis=-1)), ([1e-9], lambda x: (x**3).sum(axis=-1)),
        ([0.0], lambda x: -(x**4).sum(axis=-1)),
        ([0, 0], lambda x: x[..., 0] ** 3 - 3 * x[..., 0] * x[..., 1] ** 2),
        ([0, 0], Problem(lambda x: x[0] ** 2 - x[1] ** 3,
                         lambda x: np.array([2 * x[0], -3 * x[1] ** 2]), 2, ineq=CUBIC_WALL.ineq)),
        ([0, 0], Problem(lambda x: x[0] ** 3, lambda x: np.array([3 * x[0] ** 2, 0]), 2,
                         eq=[(lambda x: x[1] - x[0] ** 2, lambda x: np.array([-2 * x[0], 1]))])),
    ],
    "a local minimum, but not the lowest: somewhere else f is lower by about": [
        (double_well(tilt).minimizers[1], double_well(tilt)) for tilt in (0.01, 0.1, 0.5)
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "x", "problem"), [(text, *case) for text, cases in MINIMIZER.items() for case in cases]
)
def test_what_is_wrong_with_a_minimizer_is_said(text, x, problem):
    assert min(map(len, MINIMIZER.values())) >= 3
    assert re.search(text, message(check_minimizer, x, problem))


def test_a_function_of_the_student_is_diagnosed_too():
    for f, text in [
        (lambda x: x, r"f returns shape \(2,\)"),
        (lambda x: None, "f returns NoneType"),
        (lambda x: 1 / 0, "f raises ZeroDivisionError"),
    ]:
        with pytest.raises(CheckFailed, match=text):
            check_minimizer([1.0, 2.0], f)


ROOT_WALL = Problem(
    lambda x: np.sqrt(x[0]), lambda x: 0.5 / np.sqrt(x), 1, ineq=[linear([-1.0], 0)]
)


def test_a_gradient_that_is_not_finite_is_said():
    with np.errstate(divide="ignore"):
        root = Objective(ROOT_WALL.f, ROOT_WALL.grad, n=1, window=((0, 1),))
        for check in (
            lambda: check_minimizer([0.0], ROOT_WALL),
            lambda: check_minimizer([0.0], root),
            lambda: check_kkt([0.0], (), [1.0], ROOT_WALL),
        ):
            assert "x lies where the gradient is not finite: it is [inf]" in message(check)


def test_an_order_that_has_no_derivatives_is_passed_over():
    f = lambda x: (x[..., 0] - 2) ** 2 + np.sqrt(x[..., 1] + 3)  # noqa: E731
    assert "far from a minimum" in message(check_minimizer, [-3.0, 9.0], f)


@pytest.mark.parametrize("rtol", [0, 1, -1, np.nan, "1e-3", None])
def test_nonsense_from_the_instructor(rtol):
    problem = himmelblau if rtol is not None else "himmelblau"
    with pytest.raises(ValueError, match=r"^(rtol|problem) must"):
        check_minimizer([3, 2], problem, rtol=rtol)
    with pytest.raises(ValueError, match=r"^(rtol|problem) must"):
        check_kkt([1, 0.5], (), [1, 0, 0], BOX if rtol is not None else himmelblau, rtol=rtol)


@st.composite
def quadratics(draw, condition=8):
    """A random H of condition up to 1e8 and scale 1e-4 to 1e4, and a minimiser."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, kappa = draw(st.integers(1, 6)), 10 ** draw(st.floats(0, condition))
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1, kappa, n)) @ Q.T * 10 ** rng.uniform(-4, 4) / kappa**0.5
    return (H + H.T) / 2, rng.normal(size=n) * 10 ** rng.uniform(-2, 2), rng


@settings(max_examples=150, deadline=None)
@given(quadratics(), st.sampled_from([float, np.float32]))
def test_a_solution_of_a_convex_quadratic_is_never_rejected(case, dtype):
    H, x, _ = case
    b = H @ x
    solution = np.linalg.solve(H, b).astype(dtype)
    assert check_minimizer(solution, quadratic(H, b))
    assert check_minimizer(x.astype(dtype), quadratic(H, b))
    if dtype is float:
        assert check_minimizer(solution, lambda x: x @ H @ x / 2 - b @ x)


@settings(max_examples=150, deadline=None)
@given(quadratics(), st.sampled_from([float, np.float32]), st.sampled_from([None, 1e-3]))
def test_ten_times_the_tolerance_is_always_rejected(case, dtype, rtol):
    H, x, rng = case
    eps, f = np.finfo(dtype).eps, quadratic(H, H @ x)
    values, vectors = np.linalg.eigh(H)
    k = rng.integers(len(x))
    r = rtol or eps**0.5
    delta = r * len(x) ** 0.5 * max(1, np.abs(x).max())
    error = 4 * len(x) * eps * np.abs(H) @ np.maximum(np.abs(x), 1) @ np.abs(vectors[:, k])
    # the formula of the docstring, with E from the rounding of H
    blur = 4 * len(x) * eps * np.linalg.norm(H)
    off = 10 * (delta * (1 + blur / values[k]) + error / values[k])
    y = (x + off * vectors[:, k]).astype(dtype)
    if off > np.abs(x).max():  # so ill-conditioned that no digit is asked along this direction
        return
    said = message(check_minimizer, y, f, rtol=r)
    assert not re.search("|".join(re.escape(f"{abs(v):.4g}"[:6]) for v in x if v % 1), said)


# Multipliers ---------------------------------------------------------------------------------

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
