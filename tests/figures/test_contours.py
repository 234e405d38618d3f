"""Contour levels and values on a grid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.figures.contours import contour_levels, evaluate_on_grid
from coursekit.objectives import rosenbrock, saddle


def grid(f, half=2.0):
    return evaluate_on_grid(f, ((-half, half), (-half, half)), 101)[2]


def test_levels_of_a_function_with_a_minimum_are_geometric_above_it():
    levels = contour_levels(grid(lambda p: (p**2).sum(axis=-1) + 7))
    ratios = (levels[1:] - 7) / (levels[:-1] - 7)
    np.testing.assert_allclose(ratios, ratios[0])
    assert ratios[0] > 1.2


def test_a_constant_added_to_the_function_moves_the_levels_only():
    z = grid(rosenbrock.f)
    np.testing.assert_allclose(contour_levels(z + 5e4) - 5e4, contour_levels(z), rtol=1e-9)


def test_levels_of_a_function_with_both_signs_are_symmetric_and_contain_zero():
    levels = contour_levels(grid(saddle.f))
    np.testing.assert_array_equal(levels, -levels[::-1])
    assert 0.0 in levels


def test_levels_of_a_hill_are_evenly_spaced():
    levels = contour_levels(grid(lambda p: -(p**2).sum(axis=-1)))
    np.testing.assert_allclose(np.diff(levels), np.diff(levels)[0])


def test_log_can_be_forced():
    z = grid(saddle.f)
    np.testing.assert_allclose(np.ptp(np.diff(contour_levels(z, log=False))), 0, atol=1e-12)
    assert contour_levels(z, log=True)[0] < -3.5  # geometric above the minimum, -4


@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf]), min_size=1, max_size=30),
    st.integers(1, 20),
)
def test_levels_increase_strictly_inside_the_range_of_the_finite_values(values, count):
    z = np.array([*values, 0.0, 1.0])
    levels = contour_levels(z, count)
    finite = z[np.isfinite(z)]
    assert len(levels) >= 1
    assert (finite.min() < levels).all()
    assert (levels < finite.max()).all()
    assert (np.diff(levels) > 0).all()


def test_a_constant_function_has_no_levels():
    assert contour_levels(np.full((3, 3), 2.0)).size == 0


def test_sample_refuses_a_function_of_single_points():
    with pytest.raises(ValueError, match=r"f must map .* to values of shape \(5, 5\), but gave"):
        evaluate_on_grid(lambda p: p[0] + p[1], ((0, 1), (0, 1)), 5)


def test_sample_refuses_a_function_that_is_nowhere_finite():
    with pytest.raises(ValueError, match=r"finite nowhere in the window"):
        evaluate_on_grid(lambda p: np.log(-1 - p[..., 0] ** 2), ((0, 1), (0, 1)), 5)
