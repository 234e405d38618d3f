"""Finite differences of all points, and of one."""

import numpy as np
from check_examples import EACH_SUM, diagnosis


@EACH_SUM
def test_a_derivative_that_fails_beside_the_points_can_be_checked(g, slope):
    def wrong(x):
        assert (np.round(x, 6) == x).all()
        return 2 * slope(x)

    assert "2 times the derivative" in diagnosis(
        lambda x: g(x).sum(axis=-1), wrong, points=[[1, 2]]
    )
