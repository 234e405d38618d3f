"""The simplex method: known optima, certificates, cycles, and the answers of HiGHS."""

import numpy as np
import pytest
import scipy.sparse as sp
from linear_programs import (
    BEALE,
    INFEASIBLE,
    TEXTBOOK,
    UNBOUNDED,
    klee_minty,
    random_small,
    random_sparse,
)
from scipy.optimize import linprog

from coursekit import statuses
from coursekit.constraints.linear_programming import standard_form
from coursekit.constraints.simplex import pivot, simplex

RULES = ["bland", "dantzig"]


def run_on(program, **options):
    form = standard_form(**program)
    return form, simplex(form.c, form.A, form.b, **options)


def require_optimal(form, run):
    """Feasible, feasible for the dual, and no gap: that proves it."""
    A = form.A.toarray() if sp.issparse(form.A) else form.A
    assert run.success
    assert run.x.min(initial=0) >= 0
    np.testing.assert_allclose(A @ run.x, form.b, atol=1e-9)
    assert (A.T @ run.y <= form.c + 1e-9).all()
    np.testing.assert_allclose(run.reduced, form.c - A.T @ run.y, atol=1e-9)
    assert form.b @ run.y == pytest.approx(run.fun, abs=1e-8)
    assert np.abs(run.x * run.reduced).max(initial=0) < 1e-8


def require_infeasible(form, run):
    assert (run.status, run.x, run.fun, run.y) == (statuses.INFEASIBLE, None, None, None)
    assert form.b @ run.certificate == pytest.approx(1)
    assert (form.A.T @ run.certificate).max(initial=0) <= 1e-9


def require_unbounded(form, run):
    assert (run.status, run.x, run.fun, run.y) == (statuses.UNBOUNDED, None, None, None)
    assert form.c @ run.certificate == pytest.approx(-1)
    assert run.certificate.min() >= 0
    corner = run.path[-1]
    assert corner.min() >= -1e-9
    np.testing.assert_allclose(form.A @ corner, form.b, atol=1e-9)
    np.testing.assert_allclose(form.A @ run.certificate, 0, atol=1e-9)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_programs(name, rule):
    if (name, rule) == ("Beale's cycle", "dantzig"):
        pytest.skip("it cycles, see below")
    program, minimum = TEXTBOOK[name]
    form, run = run_on(program, rule=rule)
    require_optimal(form, run)
    assert run.fun + form.offset == pytest.approx(minimum, abs=1e-9)
    assert run.message == f"Solved after {run.nit} pivots."


@pytest.mark.parametrize("name", INFEASIBLE)
def test_what_is_infeasible_gets_a_certificate(name):
    require_infeasible(*run_on(INFEASIBLE[name]))


@pytest.mark.parametrize("name", UNBOUNDED)
def test_what_is_unbounded_gets_a_direction_from_a_corner(name):
    require_unbounded(*run_on(UNBOUNDED[name]))


@pytest.mark.parametrize("rule", RULES)
def test_small_programs_of_every_kind_are_proved(rule):
    kinds = set()
    for seed in range(150):
        program = random_small(seed)
        form, run = run_on(program, rule=rule)
        kinds.add(run.status)
        if run.status == statuses.CONVERGED:
            require_optimal(form, run)
            if seed % 5 == 0:
                assert run.fun + form.offset == pytest.approx(linprog(**program).fun, abs=1e-8)
        elif run.status == statuses.INFEASIBLE:
            require_infeasible(form, run)
        else:
            require_unbounded(form, run)
    assert kinds == {statuses.CONVERGED, statuses.INFEASIBLE, statuses.UNBOUNDED}


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_sparse_program_is_proved(seed):
    program, minimum = random_sparse(seed, n=80, rows=(25, 15), density=0.1)
    form, run = run_on(program, rule="dantzig")
    require_optimal(form, run)
    assert run.fun + form.offset == pytest.approx(minimum, rel=1e-9)


def test_by_hand():
    form, run = run_on(TEXTBOOK["polygon"][0])
    first, second, last = run.tableaus
    assert (first[0], first[3], first[4]) == (2, 0, 4)  # x1 enters, the third slack leaves
    assert (second[3], second[4]) == (1, 2)
    np.testing.assert_array_equal(pivot(first[2], 2, 0), second[2])
    expected = [[0, 1, 1, 0, -1, 1], [0, 0, -3, 1, 2, 3], [1, 0, 0, 0, 1, 3], [0, 0, 2, 0, 1, 11]]
    np.testing.assert_allclose(last[2], expected, atol=1e-15)
    np.testing.assert_array_equal(last[1], [1, 3, 0])
    np.testing.assert_array_equal(run.basis, [1, 3, 0])
    np.testing.assert_array_equal([form.restore(z) for z in run.path], [[0, 0], [3, 0], [3, 1]])
    np.testing.assert_allclose(run.y, [-2, 0, -1])


def test_dantzig_cycles_where_bland_does_not():
    _, cycle = run_on(BEALE, rule="dantzig", maxiter=600)
    assert (cycle.status, cycle.nit, cycle.x) == (statuses.MAXITER, 600, None)
    assert "the rule cycles" in cycle.message
    bases = [sorted(basis) for _, basis, *_ in cycle.tableaus]
    assert bases[:6] == bases[6:12]
    assert len({tuple(basis) for basis in bases}) == 6
    np.testing.assert_array_equal(cycle.path, np.broadcast_to(cycle.path[0], cycle.path.shape))
    _, run = run_on(BEALE)
    assert run.success
    assert len({tuple(sorted(basis)) for _, basis, *_ in run.tableaus}) == run.nit + 1


@pytest.mark.parametrize("n", [2, 3, 5, 7])
def test_dantzig_visits_all_corners_of_the_cube(n):
    _, run = run_on(klee_minty(n), rule="dantzig")
    assert run.nit == 2**n - 1
    assert run.fun == -(5.0**n)
    assert len({tuple(x) for x in run.path}) == 2**n


def test_the_cost_never_rises():
    for seed in range(40):
        form, run = run_on(random_small(seed))
        costs = run.path @ form.c
        assert (np.diff(costs) <= 1e-9).all()


def test_units_do_not_matter():
    program, _ = random_sparse(7, n=24, rows=(6, 5), density=0.3)
    form = standard_form(**program)
    A = form.A.toarray()
    plain = simplex(form.c, A, form.b)
    rows, columns = np.geomspace(1e-2, 1e2, A.shape[0]), np.geomspace(1e2, 1e-2, A.shape[1])
    scaled = simplex(
        1e9 * form.c * columns, 1e-4 * rows[:, None] * A * columns, 1e-4 * rows * form.b
    )
    assert scaled.fun == pytest.approx(1e9 * plain.fun, rel=1e-9)


def test_phase_one_counts_for_maxiter_and_ends_with_a_message():
    run = simplex([5, 3, 8], [[1, 1, 2]], [4], maxiter=0)
    assert (run.status, run.nit, len(run.path)) == (statuses.MAXITER, 0, 0)
    run = simplex([5, 3, 8], [[1, 1, 2]], [4], maxiter=1)
    assert (run.status, run.nit, len(run.path)) == (statuses.MAXITER, 1, 1)
    assert simplex([5, 3, 8], [[1, 1, 2]], [4], maxiter=2).success


def test_a_program_of_no_variables():
    assert simplex([], np.zeros((1, 0)), [0]).fun == 0
    infeasible = simplex([], np.zeros((2, 0)), [0, 2])
    assert [0, 2] @ infeasible.certificate == 1


@pytest.mark.parametrize(
    ("args", "options", "error", "message"),
    [
        (([1, 2], [[1, 1]], [1]), {"rule": "best"}, ValueError, "rule must be 'bland' or 'dan"),
        (([1, 2], [[1, 1]], [1, 2]), {}, ValueError, r"A must have shape \(2, 2\); got"),
        (([1, 2], [[1, 1]], 1), {}, ValueError, r"b must be a vector; got shape \(\)"),
        (([[1, 2]], [[1, 1]], [1]), {}, ValueError, "c must be a vector"),
    ],
)
def test_wrong_arguments_are_named(args, options, error, message):
    with pytest.raises(error, match=message):
        simplex(*args, **options)
