"""Where a check looks: generic points, the same every time."""

import numpy as np
import pytest
from check_examples import diagnosis, saddle, saddle_slope

from coursekit.checks import check_numerical_jacobian
from coursekit.checks.sample_points import POINTS, checked_points, draw_points


def test_points_have_both_signs_several_scales_and_never_a_zero():
    seen = []

    def record(x):
        seen.append(x)
        return 2 * x

    check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), record, nD=3)
    points = np.unique([x for x in seen if x.ndim == 1], axis=0)
    assert len(points) == 32
    assert ((points > 0).sum(axis=0) == 16).all()
    assert ((points < 0).sum(axis=0) == 16).all()
    assert np.abs(points).max() > 2
    assert np.abs(points).max(axis=1).min() < 0.03
    assert {(5, 3), (4, 6, 3)} <= {x.shape for x in seen}


@pytest.mark.parametrize(
    ("points", "words"),
    [(3, "shape"), ([[1, 2, 3]], "shape"), ([[1, np.nan]], "finite"), ("ab", "shape")],
)
def test_points_that_make_no_sense(points, words):
    with pytest.raises(ValueError, match=f"points must .*{words}"):
        check_numerical_jacobian(saddle, saddle_slope, points=points)


def test_points_inside_the_domain():
    assert checked_points([[1, 2]], 2, (0, 3)).shape == (1, 2)
    with pytest.raises(ValueError, match="in the domain"):
        checked_points([[1, 4]], 2, (0, 3))
    assert draw_points(2, None, 0).shape == (POINTS, 2)
    assert check_numerical_jacobian(saddle, saddle_slope, points=[[0.1, 0.2]])
    assert "not finite at x = [-1.0]" in diagnosis(
        lambda x: np.log(x[..., 0]), np.sign, 1, points=[[-1.0]]
    )
