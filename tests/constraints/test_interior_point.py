"""The interior point: known optima, certificates, the central path, and the answers of HiGHS."""

import numpy as np
import pytest
import scipy.sparse as sp
from linear_programs import INFEASIBLE, TEXTBOOK, UNBOUNDED, random_small, random_sparse
from scipy.optimize import linprog

from coursekit import statuses
from coursekit.constraints import interior_point as module
from coursekit.constraints.interior_point import central_point, interior_point
from coursekit.constraints.linear_programming import standard_form

MIXTURE = ([5, 3, 8], [[1, 1, 2]], [4])


def run_on(program, **options):
    form = standard_form(**program)
    return form, interior_point(form.c, form.A, form.b, **options)


def require_optimal(form, run):
    assert run.success, run.message
    assert min(run.x.min(initial=0), run.s.min(initial=0)) >= 0
    size = 1 + np.abs(run.x).max(initial=0)
    np.testing.assert_allclose(form.A @ run.x, form.b, atol=1e-8 * size)
    np.testing.assert_allclose(form.A.T @ run.y + run.s, form.c, atol=1e-7)
    assert form.b @ run.y == pytest.approx(run.fun, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("name", TEXTBOOK)
def test_textbook_programs(name):
    program, minimum = TEXTBOOK[name]
    form, run = run_on(program)
    require_optimal(form, run)
    assert run.fun + form.offset == pytest.approx(minimum, abs=1e-8 * (1 + abs(minimum)))
    assert run.message.startswith(f"Converged after {run.nit} steps: relative residuals")
    assert run.nit <= 15
    if run.nit:
        assert len(run.path) == len(run.path_gap) == run.nit + 1
        np.testing.assert_array_equal(run.path[-1], run.x)
        assert run.path_gap[-1] == pytest.approx(run.x @ run.s)


@pytest.mark.parametrize("name", INFEASIBLE)
def test_what_is_infeasible_gets_a_certificate(name):
    form, run = run_on(INFEASIBLE[name])
    assert (run.status, run.x, run.fun, run.y, run.s) == (statuses.INFEASIBLE, *[None] * 4)
    assert form.b @ run.certificate == pytest.approx(1)
    assert (form.A.T @ run.certificate).max(initial=0) <= 1e-8
    assert "Infeasible" in run.message


@pytest.mark.parametrize("name", UNBOUNDED)
def test_what_is_unbounded_gets_a_direction(name):
    form, run = run_on(UNBOUNDED[name])
    assert (run.status, run.x, run.fun, run.y, run.s) == (statuses.UNBOUNDED, *[None] * 4)
    assert form.c @ run.certificate == pytest.approx(-1)
    assert run.certificate.min() >= 0
    np.testing.assert_allclose(form.A @ run.certificate, 0, atol=1e-8)


def test_small_programs_of_every_kind_are_proved():
    kinds = set()
    for seed in range(150):
        form, run = run_on(random_small(seed))
        kinds.add(run.status)
        if run.status == statuses.CONVERGED:
            require_optimal(form, run)
        elif run.status == statuses.INFEASIBLE:
            assert (form.A.T @ run.certificate).max(initial=0) <= 1e-8
            assert form.b @ run.certificate == pytest.approx(1)
        else:
            assert run.status == statuses.UNBOUNDED
            np.testing.assert_allclose(form.A @ run.certificate, 0, atol=1e-8)
    assert kinds == {statuses.CONVERGED, statuses.INFEASIBLE, statuses.UNBOUNDED}


@pytest.mark.parametrize("seed", range(5))  # a hundred of them in benchmarks/linear_programs.py
def test_sparse_programs_of_200_variables(seed):
    program, minimum = random_sparse(seed)
    form, run = run_on(program)
    require_optimal(form, run)
    highs = linprog(**program)
    scale = max(1, abs(minimum))
    assert abs(run.fun + form.offset - minimum) <= 1e-8 * scale
    assert abs(run.fun + form.offset - highs.fun) <= 1e-8 * scale
    assert run.nit <= 20


def test_units_do_not_matter():
    program, _ = random_sparse(7, n=24, rows=(6, 5), density=0.3)
    form = standard_form(**program)
    A = form.A.toarray()
    rows, columns = np.geomspace(1e-3, 1e3, A.shape[0]), np.geomspace(1e3, 1e-3, A.shape[1])
    plain = interior_point(form.c, A, form.b)
    scaled = interior_point(1e9 * form.c * columns, rows[:, None] * A * columns, rows * form.b)
    assert scaled.fun == pytest.approx(1e9 * plain.fun, rel=1e-8)


def test_of_many_solutions_it_takes_one_in_the_middle():
    run = interior_point([1, 1, 2], [[1, 1, 2]], [4])
    assert run.x.min() > 0.1
    assert run.fun == pytest.approx(4, abs=1e-9)


def test_the_gap_of_the_last_steps_falls_faster_and_faster():
    gaps = interior_point(*MIXTURE).path_gap
    ratios = gaps[1:] / gaps[:-1]
    assert ratios[-1] < 1e-2 < ratios[0]


@pytest.mark.parametrize("mu", [1, 0.1, 0.01, 1e-3, 1e-4])
def test_the_gap_of_the_central_path_is_n_mu(mu):
    run = central_point(*MIXTURE, mu)
    assert run.success
    assert run.fun - 4 * run.y[0] == pytest.approx(3 * mu, rel=1e-9)
    np.testing.assert_allclose(run.x * run.s, mu, rtol=1e-10)


def test_the_cost_at_mu_one_and_the_end_of_the_path():
    run = central_point(*MIXTURE, 1)
    assert run.fun == pytest.approx(13.589393, abs=5e-7)
    np.testing.assert_allclose(run.x, [0.425052, 2.835659, 0.369644], atol=5e-7)
    np.testing.assert_allclose(central_point(*MIXTURE, 1e-8).x, [0, 4, 0], atol=1e-7)
    tall = central_point(*MIXTURE, 1e6).x  # the costs hardly count: the middle, by the logarithms
    np.testing.assert_allclose(tall, [4 / 3, 4 / 3, 2 / 3], rtol=1e-4)


def test_the_central_point_of_a_larger_program():
    rng = np.random.default_rng(3)
    A = rng.normal(size=(10, 25))
    b, c = A @ rng.uniform(1, 2, 25), A.T @ rng.normal(size=10) + rng.uniform(1, 2, 25)
    run = central_point(c, sp.csr_array(A), b, 0.3)
    assert run.fun - b @ run.y == pytest.approx(25 * 0.3, rel=1e-9)


def test_what_has_no_central_path_is_said():
    run = central_point([1, 1], [[1, 1]], [-1], 1, maxiter=50)
    assert not run.success
    assert run.status in (statuses.MAXITER, statuses.NO_PROGRESS)


def test_maxiter_and_a_tolerance_that_cannot_be_reached():
    run = interior_point(*MIXTURE, maxiter=2)
    assert (run.status, run.nit, run.x.shape) == (statuses.MAXITER, 2, (3,))
    assert run.message.startswith("Stopped at maxiter = 2 steps")
    program, minimum = random_sparse(1, n=30, rows=(6, 6), density=0.3)
    form, run = run_on(program, tol=0)
    assert run.status in (statuses.NO_PROGRESS, statuses.MAXITER)
    assert run.fun + form.offset == pytest.approx(minimum, rel=1e-7)


def test_a_singular_system_is_no_progress(monkeypatch):
    def singular(A, d):
        raise RuntimeError("Factor is exactly singular")

    monkeypatch.setattr(module, "_normal_solver", singular)
    run = interior_point(*MIXTURE)
    assert (run.status, run.nit) == (statuses.NO_PROGRESS, 0)
    assert run.message.startswith("No progress after 0 steps")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: interior_point([1, 2], [[1]], [1]), ValueError, r"A must have shape \(1, 2\)"),
        (lambda: interior_point([1], [[1]], [[1]]), ValueError, "b must be a vector; got"),
        (lambda: central_point(*MIXTURE, 0), ValueError, "mu must be above 0"),
        (lambda: central_point(*MIXTURE, "1"), TypeError, "mu must be one real number"),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
