"""Derivatives at an answer, along what its constraints leave free; missing or not finite ones."""

import numpy as np
import pytest
from problem_examples import linear, message, nearest

from coursekit.checks import check_kkt, check_minimizer
from coursekit.checks.minimizer_evidence import local_derivatives, null_space
from coursekit.checks.problems import problem_data
from coursekit.constraints.kkt import Problem
from coursekit.objectives import Objective, himmelblau


def test_an_objective_without_a_hessian_is_differentiated():
    f = Objective(himmelblau.f, himmelblau.grad, window=himmelblau.window)
    assert check_minimizer([3, 2], f)
    assert "not converged" in message(check_minimizer, [3.001, 2], f)


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


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_the_reduced_hessian_of_a_plane(dtype):
    """The squared distance, halved, has curvature 1 in the two directions along the plane."""
    a, p, eps = np.array([1.0, 2, 2]), [3.0, 0, 0], np.finfo(dtype).eps
    problem = problem_data(nearest(p, eq=[linear(a, 1)]))
    x = p - a * (a @ p - 1) / (a @ a)
    at = local_derivatives(problem, x, eps, eps**0.5)
    assert at.curvature == pytest.approx([1, 1])
    assert a @ at.directions == pytest.approx([0, 0], abs=1e-12)
    assert at.stationary()
    assert at.constraints.multipliers == pytest.approx([(a @ p - 1) / (a @ a)])
    assert len(at.strongly_active) == 1
    assert not at.weakly_active
    assert at.negative == []


def test_multipliers_sort_the_active_inequalities():
    walls = [linear([1, 0], 1), linear([0, 1], 0), linear([-1, 0], 5)]
    x, accuracy = np.array([1.0, 0]), (np.finfo(float).eps, 1e-8)
    at = local_derivatives(problem_data(nearest([2.0, 0], ineq=walls)), x, *accuracy)
    assert at.constraints.inequalities == [0, 1]
    assert at.constraints.multipliers == pytest.approx([1, 0])
    assert (len(at.strongly_active), at.weakly_active, at.negative) == (1, True, [])
    at = local_derivatives(problem_data(nearest([2.0, -3], ineq=walls)), x, *accuracy)
    assert at.negative[0] == 1


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_null_space_of_dependent_rows(rank):
    A = np.random.default_rng(rank).normal(size=(rank, 4))
    twice = np.concatenate([A, 1e6 * A])
    Z = null_space(twice)
    assert Z.shape == (4, 4 - rank)
    np.testing.assert_allclose(Z.T @ Z, np.eye(4 - rank), atol=1e-12)
    np.testing.assert_allclose(A @ Z, 0, atol=1e-12)
