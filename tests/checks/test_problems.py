"""What counts as a problem: the protocol, and nothing that only looks like it in part."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_minimizer
from coursekit.checks.problems import MinimizationProblem, ProblemData, problem_data
from coursekit.constraints.kkt import Problem
from coursekit.objectives import himmelblau


def parabola(x):
    return ((x - 1) ** 2).sum(axis=-1)


WALL = (lambda x: 1 - x[0], lambda x: np.array([-1.0]))
ON_WALL = Problem(lambda x: x[0] ** 2, lambda x: 2 * x, 1, ineq=[WALL])


def test_objectives_and_problems_are_problems():
    for problem in (himmelblau, ON_WALL):
        assert isinstance(problem, MinimizationProblem)
    data = problem_data(himmelblau)
    assert (data.n, data.f, data.hess) == (2, himmelblau.f, himmelblau.hess)
    assert not data.constrained
    assert len(data.minimizers) == 4
    data = problem_data(ON_WALL)
    assert data.ineq == (WALL,)
    assert data.constrained
    assert data.minimizers == ()


def test_any_object_with_n_f_and_grad_is_a_problem():
    own = SimpleNamespace(n=2, f=parabola, grad=lambda x: 2 * (x - 1), window=None)
    assert check_minimizer([1, 1], own)
    with pytest.raises(CheckFailed, match=r"x has shape \(3,\), expected \(2,\)"):
        check_minimizer([1, 1, 1], own)
    with pytest.raises(CheckFailed, match="not converged yet"):
        check_minimizer([1, 1.001], own)


@dataclass
class Model:
    """A function object with attributes of its own, as a network has."""

    n: object = 7
    grad: object = None
    hess: object = None
    eq: object = "=="
    window: object = 3

    def __call__(self, x):
        return parabola(x)


@pytest.mark.parametrize("attributes", [{}, {"n": "seven"}, {"grad": [1.0]}, {"grad": np.zeros(2)}])
def test_a_function_with_such_attributes_is_a_function(attributes):
    model = Model(**attributes)
    assert problem_data(model) == ProblemData(model)
    assert check_minimizer([1, 1], model)
    with pytest.raises(CheckFailed, match=r"far from a minimum|not converged"):
        check_minimizer([1, 2], model)


def test_an_object_whose_f_cannot_be_called_is_a_function_if_it_can_be():
    model = Model(grad=lambda x: x)
    model.f = 0.25
    assert problem_data(model) == ProblemData(model)
    assert check_minimizer([1, 1], model)


@pytest.mark.parametrize("nothing", [None, 3, SimpleNamespace(n=2, f=1, grad=2)])
def test_what_is_neither_is_refused(nothing):
    with pytest.raises(ValueError, match="problem must be a function, or an object with n, f and"):
        check_minimizer([1, 1], nothing)
