"""Finite differences of all points, and of one."""

import numpy as np
import pytest
from check_examples import EACH_SUM, diagnosis

from coursekit.checks.jacobian_differences import (
    common_shift_jacobians,
    jacobian_at,
    rounding_of_x,
    shift_unit,
)
from coursekit.checks.jacobian_evidence import Claim


@EACH_SUM
def test_a_derivative_that_fails_beside_the_points_can_be_checked(g, slope):
    def wrong(x):
        assert (np.round(x, 6) == x).all()
        return 2 * slope(x)

    assert "2 times the derivative" in diagnosis(
        lambda x: g(x).sum(axis=-1), wrong, points=[[1, 2]]
    )


def claim(f, points, vectorized=True, bound=np.inf):
    points = np.array(points, dtype=float)
    value = np.array([f(x) for x in points])
    to_bound = np.full(points.shape, bound)
    got = np.zeros((*value.shape, points.shape[1]))
    varies = np.ptp(value, axis=0)
    return Claim(f, None, "f", "jac_f", points, to_bound, value, got, vectorized, varies)


POINTS = [[0.5, -2.0], [3.0, 0.25], [-1.0, 40.0]]


@EACH_SUM
@pytest.mark.parametrize("vectorized", [True, False])
def test_one_shift_differentiates_all_points(g, slope, vectorized):
    a = claim(lambda x: g(x / 8).sum(axis=-1), POINTS, vectorized)
    want, error = common_shift_jacobians(a)
    exact = slope(a.points / 8) / 8
    assert (np.abs(want - exact) <= error).all()
    assert (error <= 1e-6 * np.abs(exact).max()).all()


@EACH_SUM
def test_slopes_along_a_direction_are_in_units_of_the_shift(g, slope):
    a = claim(lambda x: g(x / 8).sum(axis=-1), POINTS)
    direction = np.array([[0.6, -0.8]])
    want, error = common_shift_jacobians(a, direction)
    unit = shift_unit(a.points, a.to_bound)
    exact = (slope(a.points / 8) / 8 * unit) @ direction.T
    assert (np.abs(want - exact) <= error).all()


@EACH_SUM
def test_a_point_alone_agrees_with_the_exact_slope(g, slope):
    a = claim(lambda x: g(x).sum(axis=-1), POINTS)
    unknown = np.full(2, np.nan), np.full(2, np.inf)
    for k, x in enumerate(a.points):
        want, error = jacobian_at(a, k, *unknown)
        assert (np.abs(want - slope(x)) <= error).all()
        assert np.isfinite(error).all()


def test_shifts_stay_inside_the_domain():
    assert shift_unit(np.array([[0.5, -7.0]]), np.array([[0.1, 100.0]])).tolist() == [[0.1, 7.0]]


def test_the_rounding_of_x_is_that_of_its_last_digit():
    change = rounding_of_x(lambda x: 1e8 * x, np.array([3.0]), np.array([3e8]))
    assert change == pytest.approx(2 * np.finfo(float).eps * 3e8, rel=0.5)
    assert rounding_of_x(lambda x: 1 // 0, np.array([3.0]), np.array([3.0])) == 0
