"""`check_linear_program`: programs with known optima, HiGHS, certificates, and every message."""

import re
from ast import literal_eval

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_programs import FREE, INFEASIBLE, TEXTBOOK, UNBOUNDED, random_small, random_sparse
from problem_examples import message
from scipy.optimize import linprog

from coursekit.checks import CheckFailed, check_linear_program
from coursekit.constraints.interior_point import interior_point
from coursekit.constraints.linear_programming import general_program, standard_form
from coursekit.constraints.simplex import simplex
from coursekit.statuses import CONVERGED
from coursekit.statuses import INFEASIBLE as NO_POINT
from coursekit.statuses import UNBOUNDED as NO_MINIMUM

# maximize 3 x0 + 2 x1 where x0 + x1 <= 4, x0 + 3 x1 <= 9, 0 <= x0 <= 3: (3, 1), prices 2 and 0
POLYGON = TEXTBOOK["polygon"][0]
# x0 is bounded, x1 free, x2 >= -1
MIXED = {
    "c": [-1, 1, 4], "A_ub": [[1, 1, 0]], "b_ub": [3], "A_eq": [[0, 1, 1]], "b_eq": [0],
    "bounds": [(0, 2), FREE, (-1, None)],
}  # fmt: skip
# rows that contradict each other only within the bounds: x0 + x1 >= 8, x0 - x1 = 0, x <= 3
NARROW = {
    "c": [0, 0], "A_ub": [[-1, -1]], "b_ub": [-8], "A_eq": [[1, -1]], "b_eq": [0],
    "bounds": (0, 3),
}  # fmt: skip
# x0 + x1 >= 8 and x0 - x1 = 4, but x0 <= 5
APART = {
    "c": [0, 0], "A_ub": [[-1, -1]], "b_ub": [-8], "A_eq": [[1, -1]], "b_eq": [4],
    "bounds": [(0, 5), (0, None)],
}  # fmt: skip
DIAGONAL = UNBOUNDED["a diagonal"]
DIET = INFEASIBLE["two equations"]
CORNER = {"c": [1, 1], "A_ub": [[-1, 0], [0, -1]], "b_ub": [-2, -5], "bounds": FREE}  # (2, 5)


def solved(program):
    """Optimal x and y by HiGHS."""
    run = linprog(**program)
    return run.x, np.concatenate([run.ineqlin.marginals, run.eqlin.marginals])


def in_original(program, run):
    """What the simplex method or an interior point says, in the variables of the program."""
    form = standard_form(**program)
    *_, b_ub, _, b_eq, _, _ = general_program(**program)
    rows = len(b_ub) + len(b_eq)
    if run.status == CONVERGED:
        return (form.restore(run.x), run.y[:rows]), {}
    if run.status == NO_POINT:
        return (None, run.certificate[:rows]), {}
    direction = form.restore(run.certificate) - form.restore(0 * run.certificate)
    return (form.restore(run.path[-1]), None), {"d": direction}


@pytest.mark.parametrize("name", TEXTBOOK)
def test_optima_of_highs_and_of_the_house_pass(name):
    program, minimum = TEXTBOOK[name]
    x, y = solved(program)
    assert np.isclose(np.dot(program["c"], x), minimum)
    assert check_linear_program(x, y, program) is True
    form = standard_form(**program)
    methods = [] if name == "all fixed" else [simplex, interior_point]  # nothing to restore
    for method in methods[: 1 if name == "no cost" else 2]:  # nothing shows the scale of y
        answer, options = in_original(program, method(form.c, form.A, form.b))
        assert check_linear_program(*answer, program, **options)


@pytest.mark.parametrize("name", [n for n in INFEASIBLE if n != "crossed bounds"])
def test_certificates_of_infeasibility_pass(name):
    program = INFEASIBLE[name]
    form = standard_form(**program)
    for method in (simplex, interior_point):
        answer, options = in_original(program, method(form.c, form.A, form.b))
        assert not options
        assert check_linear_program(*answer, program)
        assert check_linear_program(None, 1e-6 * np.array(answer[1]), program)
    said = message(check_linear_program, None, np.zeros(len(answer[1])), program)
    shown = literal_eval(re.search(r"y = (\[.*\]) is one", said)[1])
    assert check_linear_program(None, shown, program, rtol=1e-3)


@pytest.mark.parametrize("name", UNBOUNDED)
def test_directions_of_unbounded_programs_pass(name):
    program = UNBOUNDED[name]
    form = standard_form(**program)
    answer, options = in_original(program, simplex(form.c, form.A, form.b))
    assert check_linear_program(*answer, program, **options)
    still = {"d": np.zeros(len(answer[0]))}
    said = message(check_linear_program, *answer, program, **still)
    shown = literal_eval(re.search(r"d = (\[.*\]) is one", said)[1])
    assert check_linear_program(*answer, program, d=shown, rtol=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000))
def test_every_small_program_has_an_answer_that_passes(seed):
    program = random_small(seed)
    form = standard_form(**program)
    run = simplex(form.c, form.A, form.b)
    assert run.status in (CONVERGED, NO_POINT, NO_MINIMUM)
    answer, options = in_original(program, run)
    assert check_linear_program(*answer, program, **options)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.integers(-6, 6))
def test_no_point_but_an_optimal_one_passes(seed, exponent):
    program = random_small(seed)
    run = linprog(**program)
    if run.status:
        return
    x, y = solved(program)
    rng = np.random.default_rng(seed)
    c = np.array(program["c"], float)
    for other in (x + rng.normal(size=len(x)), x + 1e-5 * rng.normal(size=len(x)), 0 * x, -x):
        try:
            passes = check_linear_program(other, y, program)
        except CheckFailed:
            continue
        assert passes
        assert np.isclose(c @ other, run.fun, rtol=1e-6, atol=1e-6)
    scaled = {**program, "c": c * 10.0**exponent}  # other units of the cost
    assert check_linear_program(x, y * 10.0**exponent, scaled)


def test_large_sparse_programs_pass_and_their_neighbours_do_not():
    program, minimum = random_sparse(3)
    x, y = solved(program)
    assert np.isclose(program["c"] @ x, minimum)
    assert check_linear_program(x, y, program)
    j = int(np.argmax(np.abs(x)))
    x[j] *= 1 + 1e-5
    assert re.match("x is infeasible|x and y are feasible", message(
        check_linear_program, x, y, program))  # fmt: skip


@pytest.mark.parametrize("units", [(1e9, 1), (1e-9, 1e4), (1e3, 1e-12)])
def test_units_do_not_matter(units):
    of_x, of_row = units
    scale = np.array([of_x, 1.0])
    program = {
        "c": np.array([-3, -2]) * scale, "A_ub": np.array([[1, 1], [1, 3]]) * scale * of_row,
        "b_ub": np.array([4, 9]) * of_row, "bounds": [(0, 3 / of_x), (0, None)],
    }  # fmt: skip
    x, y = np.array([3, 1]) / scale, np.array([-2, 0]) / of_row
    assert check_linear_program(x, y, program)
    for k in range(2):
        other = x.copy()
        other[k] *= 1 + 1e-6
        assert "infeasible" in message(check_linear_program, other, y, program)
        other[k] = x[k] * (1 - 1e-6)
        assert "gap" in message(check_linear_program, other, y, program)
    assert check_linear_program(x * (1 - 1e-10), y, program)  # rounding of a solver
    assert check_linear_program(x + np.array([0, 1e-12]), y * (1 + 1e-10), program)


def test_zeros_need_not_be_exact_but_a_small_number_is_not_zero():
    mixture = TEXTBOOK["mixture"][0]
    assert check_linear_program([1e-10, 4, -1e-10], [3], mixture)
    assert "lower bound of x[2]" in message(check_linear_program, [0, 4, -1e-6], [3], mixture)
    tiny = {"c": [1, 1], "A_eq": [[1, 0], [0, 1]], "b_eq": [1e6, 1e-6]}
    assert check_linear_program([1e6, 1e-6], [1, 1], tiny)
    assert "A_eq[1]" in message(check_linear_program, [1e6, 1.1e-6], [1, 1], tiny)
    balance = {"c": [1, 2, 3], "A_eq": [[1, -1, 0], [1, 1, 1]], "b_eq": [0, 1]}  # (1/2, 1/2, 0)
    assert check_linear_program([0.5, 0.5, 0], [-0.5, 1.5], balance)
    assert "A_eq[0]" in message(check_linear_program, [0.6, 0.4, 0], [-0.5, 1.5], balance)
    dear = {**balance, "c": [3, 2, 1]}
    assert check_linear_program([1e-17, 3e-17, 1], [0, 1], dear)  # no row has a size of its own


def test_the_accuracy_can_be_said():
    rough = [3.001, 0.999]
    assert "infeasible" in message(check_linear_program, rough, [-2, 0], POLYGON)
    assert check_linear_program(rough, [-2, 0], POLYGON, rtol=1e-3)
    mixture = {"c": [5, 3, 8], "A_eq": [[1, 1, 3]], "b_eq": [4]}
    off = 4 / 3 + 1e-6
    assert check_linear_program(np.float32([0, 0, off]), np.float32([8 / 3]), mixture)
    assert "A_eq[0]" in message(check_linear_program, [0, 0, off], [8 / 3], mixture)


def test_lists_and_empty_multipliers_pass():
    assert check_linear_program([3, 1], [-2, 0], POLYGON)
    assert check_linear_program((2, 1, -1), (-2, 3), FREE_LAST)
    assert check_linear_program([-1, 5, 2], (), TEXTBOOK["bounds alone"][0])


FREE_LAST = {**MIXED, "c": [-2, 1, 4]}  # minimum at (2, 1, -1), multipliers -2 and 3
FAILURES = {
    r"^(x|y|d) is nothing \(None\)": [
        ([3, 1], None, POLYGON), (None, None, POLYGON), (None, None, DIAGONAL, [1, 1]),
    ],
    r"^x has shape .* expected \(2,\)": [
        ([3, 1, 0], [-2, 0], POLYGON), ([[3, 1]], [0, 0], POLYGON),
    ],
    r"^y has shape .*\nTry: one multiplier for each row of A_ub": [
        ([3, 1], [-2, 0, -1], POLYGON), (None, [-2], DIET),
    ],
    r"^(x|d)\[\d\] is not|^(x|d) is not finite": [
        ([3, np.nan], [-2, 0], POLYGON), ([0, 0], None, DIAGONAL, [np.inf, 1]),
    ],
    r"^x is infeasible: it violates A_ub\[1\]\.\n  yours     \(A_ub @ x\)\[1\] = 10.5\n"
    r"  expected  at most 9": [([0, 3.5], [-2, 0], POLYGON)],
    r"^x is infeasible: it violates A_eq\[0\]": [([2, 1, 1], [-2, 3], MIXED),
                                                 ([1, 0], None, DIAGONAL, [1, 1])],
    r"^x is infeasible: it violates the upper bound of x\[0\]": [([3.5, 0.5], [-2, 0], POLYGON)],
    r"^x is infeasible: it violates the lower bound of x\[1\]": [([3, -1], [-2, 0], POLYGON)],
    r"^y has the opposite sign: ": [
        ([3, 1], [2, 0], POLYGON), (None, [2, -1], DIET), ([2, 5], [1, 1], CORNER),
    ],
    r"^y has the opposite sign at the rows of A_ub": [([2, 1, -1], [2, 3], FREE_LAST),
                                                      (None, [1, 1], APART)],
    r"^y has the opposite sign: .*\nTry: b @ y must be larger": [(None, [2, -1], DIET)],
    r"^y has the opposite sign: .*\nTry: .* when b_eq does": [
        ([0, 4, 0], [-3], TEXTBOOK["mixture"][0]),
    ],
    r"^x is infeasible(.*\n)*Try: it is off by little": [([3.0001, 1.0001], [-2, 0], POLYGON)],
    r"^y is not dual feasible: the reduced(.*\n)*Try: it is off by little": [
        ([3, 1], [-1.9999, 0], POLYGON),
    ],
    r"^d has the opposite sign": [([0, 0], None, DIAGONAL, [-1, -1])],
    r"^x has the opposite sign": [([-2, -5], [-1, -1], CORNER)],
    r"^x has its entries in the wrong order": [([1, 3], [-2, 0], POLYGON),
                                               ([5, 2], [-1, -1], CORNER)],
    r"^y has its entries in the wrong order": [
        ([2, 5], [-4, -3], {**CORNER, "c": [3, 4]}), (None, [1, -2], DIET),
    ],
    r"^y is not dual feasible: the multiplier of A_ub\[1\] is positive": [
        ([3, 1], [-2, 0.1], POLYGON),
    ],
    r"^y is not dual feasible: the reduced cost of x\[1\], which has no upper bound": [
        ([3, 1], [-1, 0], POLYGON),
    ],
    r"^y is not dual feasible: .*x\[1\], which has no (upper|lower) bound(.*\n)*"
    r"  expected  0, up": [([2, 1, -1], [-2, 2], FREE_LAST)],
    r"^y is not dual feasible: .*x\[0\], which has no lower bound(.*\n)*  expected  at most 0": [
        ([7, -3], [-1], {**TEXTBOOK["from above"][0], "c": [1, 1]}),
    ],
    r"the gap .* is not 0(.*\n)*.*A_ub\[1\] has the slack 3(.*\n)*Try: x is optimal, y is not": [
        ([3, 1], [0, -3], POLYGON),
    ],
    r"the gap .* is not 0(.*\n)*.*x\[2\] = 2 is not at its lower(.*\n)*Try: y is optimal, x is": [
        ([0, 0, 2], [3], TEXTBOOK["mixture"][0]),
    ],
    r"the gap .* is not 0(.*\n)*.*not at its upper bound(.*\n)*Try: y is optimal.*Where must x": [
        ([2, 2], [-2, 0], POLYGON),
    ],
    r"the gap .* is not 0(.*\n)*Try: x maximizes the cost": [([0, 0], [-3, 0], POLYGON),
                                                             ([0, 0, 2], [3], {
        "c": [5, 3, 18], "A_eq": [[1, 1, 2]], "b_eq": [4]})],
    r"the gap .* is not 0(.*\n)*Try: neither x nor y": [([1, 1], [-3, 0], POLYGON)],
    r"^y is no certificate .*: all entries are 0.\nTry: y = \[.*\] is one. .* b @ y > 0\?": [
        (None, [0, 0], DIET), (None, [0, 0], NARROW),
        (None, [0, 0], INFEASIBLE["contradiction"]),
    ],
    r"^y is no certificate .*the multiplier of A_ub\[0\] is positive": [(None, [1, 5], NARROW)],
    r"^y is no certificate .*x\[\d\], which has no upper bound": [(None, [-1, 1], DIET)],
    r"^y is no certificate .*x\[0\], which has no (upper|lower) bound": [
        (None, [1, 1], INFEASIBLE["contradiction"]),
    ],
    r"^y is no certificate .*the sum of the rows can be satisfied(.*\n)*Try: multiply": [
        (None, [-0.1, 5], NARROW), (None, [0, -1], DIET),
    ],
    r"^y is no certificate (.*\n)*Try: the program has feasible points": [
        (None, [-2, 0], POLYGON), (None, [0, 0], POLYGON),
    ],
    r"^d is no direction .*all entries are 0.\nTry: d = \[1.0, 1.0\] is one. .* c @ d < 0\?": [
        ([0, 0], None, DIAGONAL, [0, 0]),
    ],
    r"^d is no direction .*all entries are 0.\nTry: print": [([3, 1], None, POLYGON, [0, 0])],
    r"^d is no direction .*leaves the feasible set at A_eq\[0\]": [
        ([0, 0], None, DIAGONAL, [2, 1]),
    ],
    r"^d is no direction .*at the upper bound of x\[0\](.*\n)*.*at most 0": [
        ([1], None, {"c": [-1], "bounds": (0, 3)}, [1]),
    ],
    r"^d is no direction .*the cost does not fall": [
        ([1, 1], None, {**DIAGONAL, "c": [1, -1]}, [1, 1]),
    ],}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "case"), [(text, case) for text, cases in FAILURES.items() for case in cases]
)
def test_what_is_wrong_is_said(text, case):
    x, y, program, *d = case
    assert re.search(text, message(check_linear_program, x, y, program, d=d[0] if d else None))


def test_a_program_that_makes_no_sense_is_refused():
    with pytest.raises(TypeError, match="program must map"):
        check_linear_program([1], [1], ([1], [[1]], [1]))
    with pytest.raises(ValueError, match=r"lower bound of x\[0\], 2, is above its upper bound, 1"):
        check_linear_program(None, (), INFEASIBLE["crossed bounds"])
    with pytest.raises(ValueError, match="y and d make different claims"):
        check_linear_program([0, 0], [1], DIAGONAL, d=[1, 1])
    with pytest.raises(ValueError, match="A_ub must have shape"):
        check_linear_program([1], [1], {"c": [1], "A_ub": [[1, 2]], "b_ub": [1]})
    with pytest.raises(ValueError, match="rtol must lie between 0 and 1"):
        check_linear_program([3, 1], [-2, 0], POLYGON, rtol=2)
