"""Derivatives at an answer that are missing or not finite."""

import numpy as np
from problem_examples import linear, message

from coursekit.checks import check_kkt, check_minimizer
from coursekit.constraints.kkt import Problem
from coursekit.objectives import Objective, himmelblau


def test_an_objective_without_a_hessian_is_differentiated():
    f = Objective("f", himmelblau.f, himmelblau.grad, None, 2, himmelblau.window, [], "", "")
    assert check_minimizer([3, 2], f)
    assert "not converged" in message(check_minimizer, [3.001, 2], f)


ROOT_WALL = Problem(
    lambda x: np.sqrt(x[0]), lambda x: 0.5 / np.sqrt(x), 1, ineq=[linear([-1.0], 0)]
)


def test_a_gradient_that_is_not_finite_is_said():
    with np.errstate(divide="ignore"):
        root = Objective("f", ROOT_WALL.f, ROOT_WALL.grad, None, 1, ((0, 1),), [], "", "")
        for check in (
            lambda: check_minimizer([0.0], ROOT_WALL),
            lambda: check_minimizer([0.0], root),
            lambda: check_kkt([0.0], (), [1.0], ROOT_WALL),
        ):
            assert "x lies where the gradient is not finite: it is [inf]" in message(check)


def test_an_order_that_has_no_derivatives_is_passed_over():
    f = lambda x: (x[..., 0] - 2) ** 2 + np.sqrt(x[..., 1] + 3)  # noqa: E731
    assert "far from a minimum" in message(check_minimizer, [-3.0, 9.0], f)
