"""`check_minimizer`: every message, no false alarm, nothing given away."""

import re

import numpy as np
import pytest
from hidden_numbers import assume_long, shows
from hypothesis import given, settings
from hypothesis import strategies as st
from problem_examples import BOX, IN_DISK, ON_CIRCLE, linear, message, nearest, quadratics

from coursekit import objectives
from coursekit.checks import CheckFailed, check_kkt, check_minimizer
from coursekit.constraints.kkt import Problem
from coursekit.objectives import Objective, exponential_sum, hill_and_well, himmelblau, quadratic

ROOT = 0.5**0.5


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


CUBIC_WALL = Problem(  # x[1]^3 has no curvature at the wall, and its multiplier is 0
    lambda x: x[0] ** 2 + x[1] ** 3,
    lambda x: np.array([2 * x[0], 3 * x[1] ** 2]),
    2,
    ineq=[linear([0, -1], 0)],
)


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
        ([-2, 0], hill_and_well), ([0, -6], himmelblau), ([6, 0], himmelblau),
    ],
    r"not converged yet: .*is not zero(.*\n)*  a Newton step would still move x\[\d\] by .*e-0\d": [
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
    "x is a maximum: .*x minimizes -f": [
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
    r"x is no minimum, .* values can(.*\n)*  f is lower at x \+ \[": [
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


@pytest.mark.parametrize("rtol", [0, 1, -1, np.nan, "1e-3", None])
def test_nonsense_from_the_instructor(rtol):
    problem = himmelblau if rtol is not None else "himmelblau"
    with pytest.raises(ValueError, match=r"^(rtol|problem) must"):
        check_minimizer([3, 2], problem, rtol=rtol)
    with pytest.raises(
        ValueError if rtol is not None else TypeError, match=r"^(rtol|problem) must"
    ):
        check_kkt([1, 0.5], (), [1, 0, 0], BOX if rtol is not None else himmelblau, rtol=rtol)


def squares(p, weights=1.0):
    """The sum of weighted squared distances from p, as a function and as a problem."""
    p, w = np.array(p), np.array(weights)
    f = lambda x: (w * (x - p) ** 2).sum(axis=-1)  # noqa: E731
    return [f, Problem(f, lambda x: 2 * w * (x - p), len(p))]


def lennard_jones(x):
    """In joules, for a distance in metres: argon."""
    r = (3.4e-10 / x) ** 6
    return 4 * 1.65e-21 * (r**2 - r).sum(axis=-1)


SCALES = [  # problem, its minimizer, answers that are wrong in one coordinate
    *((f, [0, 1e6], [[5e-3, 1e6], [0, 1.001e6]]) for f in squares([0, 1e6], [1e12, 1])),
    *((f, [1e15, 1], [[1e15, 200], [1.1e15, 1], [1e15, 1.01]]) for f in squares([1e15, 1])),
    *((f, [1e6, 1], [[1e6, 1.01], [1e6, 0]]) for f in squares([1e6, 1])),
    *((f, [3e-9], [[1e-9], [0], [3.001e-9], [1e-8]]) for f in squares([3e-9])),
    *((f, [3e-9], [[1e-12], [1e-8], [2.9e-9]]) for f in squares([3e-9], 1e18)),
    *((f, [1e-12, 2e3], [[1e-11, 2e3], [0, 2e3]]) for f in squares([1e-12, 2e3], [1e30, 1])),
    (lennard_jones, [2 ** (1 / 6) * 3.4e-10], [[5e-10], [3.82e-10], [3.7e-10], [1e-9]]),
    (lambda x: 1 + (x / 1e-9 - 3)[..., 0] ** 2, [3e-9], [[2.9e-9], [1e-9], [1e-12]]),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "right", "wrong"), SCALES)
def test_each_coordinate_is_judged_on_its_own_scale(problem, right, wrong):
    assert check_minimizer(right, problem)
    for x in wrong:
        assert re.match(
            "x: .*not converged|x: .*far from a min", message(check_minimizer, x, problem)
        )


@given(st.floats(-30, 30), st.floats(-30, 30), st.floats(-30, 30))
@settings(max_examples=60, deadline=None)
def test_verdicts_do_not_depend_on_units(a, b, c):
    """X = (3, -1) is the minimizer of a quadratic, whatever x[0], x[1] and f are measured in."""
    unit, size = 2.0 ** np.round([a, b]), 2.0 ** np.round(c)

    def f(x):
        u = x / unit
        return size * (2 + (u[..., 0] - 3) ** 2 + 10 * (u[..., 1] + 1) ** 2 + u[..., 0] * 0)

    assert check_minimizer(unit * [3, -1], f)
    for wrong in ([3.01, -1], [3, -1.01], [-1, 3]):
        message(check_minimizer, unit * wrong, f)


def test_where_nothing_shows_a_scale_the_unit_of_x_does_or_the_check_cannot_decide():
    assert check_minimizer([1e-9], lambda x: (x**2).sum(axis=-1))
    assert check_minimizer([1e-9, -1e-9], squares([0, 0], [1, 100])[1])
    said = message(check_minimizer, [1e-10], lambda x: ((x / 1e-9) ** 2).sum(axis=-1))
    assert said.startswith("The check cannot decide: the size of x shows no scale")
    assert "far" in message(check_minimizer, [1e-3], lambda x: (x**2).sum(axis=-1))


def peano(x):
    """It rises from 0 along every straight line, and falls along a parabola."""
    return (x[..., 1] - x[..., 0] ** 2) * (x[..., 1] - 2 * x[..., 0] ** 2)


@pytest.mark.parametrize(
    "f",
    [
        peano,
        lambda x: 1 + peano(x),
        lambda x: peano(x * [1e9, 1e9]),
        lambda x: (x[..., 1] - x[..., 0] ** 2) ** 2 - x[..., 0] ** 5,
        lambda x: (x[..., 1] ** 2 - x[..., 0] ** 3) ** 2 - x[..., 0] ** 7,
        Problem(peano, lambda x: np.array([8 * x[0] ** 3 - 6 * x[0] * x[1],
                                           2 * x[1] - 3 * x[0] ** 2]), 2),
    ],
)  # fmt: skip
def test_a_curve_along_which_f_falls_is_found(f):
    assert "f is lower at x + [" in message(check_minimizer, [0, 0], f)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (x[..., 1] - x[..., 0] ** 2) ** 2 + x[..., 0] ** 6,
        lambda x: x[..., 0] ** 4 + x[..., 1] ** 6,
        lambda x: (x[..., 1] ** 2 - x[..., 0] ** 3) ** 2 + x[..., 0] ** 8,
        lambda x: np.maximum(np.abs(x).max(axis=-1) - 1, 0),  # a plateau of minima
    ],
)
def test_a_bent_valley_that_rises_is_a_minimum(f):
    assert check_minimizer([0, 0], f)


@pytest.mark.parametrize(
    ("x", "f"),
    [
        ([50.0], lambda x: np.tanh(x[..., 0]) ** 2),
        ([-1.0], lambda x: (1 - np.maximum(0, x[..., 0])) ** 2),
        ([50.0, 50.0], lambda x: (np.tanh(x) ** 2).sum(axis=-1)),
        ([2.5, 1.0], lambda x: np.floor(np.abs(x[..., 0])) + (x[..., 1] - 1) ** 2),
    ],
)
def test_a_plateau_above_lower_values_is_not_decided(x, f):
    assert message(check_minimizer, x, f).startswith("The check cannot decide: f does not change")


def lasso(x):
    return np.abs(x[..., 0]) + (x[..., 1] - 1) ** 2


@pytest.mark.parametrize(
    ("f", "right", "wrong"),
    [
        (lasso, [[0, 1], [1e-9, 1]], [[0, 1.01], [0.01, 1], [0, 0]]),
        (lambda x: np.abs(x).sum(axis=-1), [[0.0], [1e-9]], [[0.1]]),
        (lambda x: np.abs(x[..., 0] + x[..., 1]) + (x[..., 0] - x[..., 1] - 2) ** 2,
         [[1, -1]], [[0.9, -0.9], [0.9999, -0.9999], [0, 0]]),
        (lambda x: (np.abs(x) + 2 * x)[..., 0], [], [[0.0]]),
        (lambda x: np.abs(x[..., 0] - x[..., 1]) + 0.1 * x.sum(axis=-1), [], [[0, 0]]),
        (lambda x: np.abs(x).max(axis=-1), [[0, 0, 0]], [[0, 0, 1]]),
    ],
)  # fmt: skip
def test_kinks_are_decided_by_values(f, right, wrong):
    assert all(check_minimizer(x, f) for x in right)
    assert all("nan" not in message(check_minimizer, x, f) for x in wrong)


def test_constraints_without_derivatives_at_x_do_not_matter_where_they_are_inactive():
    kink = (lambda x: abs(x[0]) - 5, lambda x: np.array([np.sign(x[0]), 0.0]))
    root = (lambda x: -np.sqrt(x[0]) - 1, lambda x: np.array([-0.5 / np.sqrt(x[0]), 0]))
    for extra in (kink, root):
        assert check_minimizer([0, 1], nearest([0, 2], ineq=[extra, linear([0, 1], 1)]))
    edge = (lambda x: -np.sqrt(x[0]), root[1])
    said = message(check_minimizer, [0, 1], nearest([-1, 1], ineq=[edge]))
    assert "the gradient of an active constraint is not finite" in said


class Counted:
    """A function that counts the points it is asked for, one by one or many at once."""

    def __init__(self, f):
        self.f, self.nfev = f, 0

    def __call__(self, x):
        self.nfev += int(np.prod(x.shape[:-1]))
        return self.f(x)


@pytest.mark.parametrize("n", [1, 2, 5, 8, 20])
@pytest.mark.parametrize("change", [lambda b: b + 7 * (b == 1), lambda b: b[::-1], lambda b: 0 * b])
def test_a_wrong_answer_costs_at_most_fifty_right_ones(n, change):
    """Measured: hardly more than one."""
    b = np.arange(1.0, n + 1)
    f = squares(b, b)[0]
    right, wrong = Counted(f), Counted(f)
    assert check_minimizer(b, right)
    if not np.array_equal(change(b), b):
        message(check_minimizer, change(b), wrong)
    assert wrong.nfev <= 50 * right.nfev


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([3, 1], "on the edge of the window from -3 to 3"),  # f falls outwards: best of a grid
        ([-3, 1], "far from a minimum"),  # f falls inwards, and nobody chose this window
    ],
)
def test_the_edge_of_a_window_that_nobody_chose(x, words):
    f = Objective(*(squares([5, 1])[0], squares([5, 1])[1].grad))
    assert words in message(check_minimizer, x, f)


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
    assume_long(x)
    eps, f = np.finfo(dtype).eps, quadratic(H, H @ x)
    values, vectors = np.linalg.eigh(H)
    k = rng.integers(len(x))
    r = rtol or eps**0.5
    delta = r * len(x) ** 0.5 * max(1, np.abs(x).max())
    error = 4 * len(x) * eps * np.abs(H) @ np.maximum(np.abs(x), 1) @ np.abs(vectors[:, k])
    # the formula of the docstring, with E from the rounding of H
    uncertainty = 4 * len(x) * eps * np.linalg.norm(H)
    off = 10 * (delta * (1 + uncertainty / values[k]) + error / values[k])
    y = (x + off * vectors[:, k]).astype(dtype)
    if off > np.abs(x).max():  # so ill-conditioned that no digit is asked along this direction
        return
    said = message(check_minimizer, y, f, rtol=r)
    assert not any(shows(said, v) for v in x)
