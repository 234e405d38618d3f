import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_array


@pytest.mark.parametrize(
    ("array", "shape"),
    [(2.0, ()), ([1, 2], (2,)), (np.zeros((2, 3)), (2, 3)), ([], (0,)), (np.float64(3), ())],
)
def test_what_it_should_be(array, shape):
    assert check_array(array, shape, "x")


@pytest.mark.parametrize(
    ("array", "shape", "says"),
    [
        (
            np.zeros((2, 3)),
            (3, 2),
            "x has shape (2, 3), expected (3, 2).\nTry: it looks transposed",
        ),
        (np.zeros((2, 1)), (2,), "an axis too many or too few"),
        (np.zeros((2, 3, 4)), (3, 2, 4), "the axes stand in another order"),
        (np.zeros(1), (), "x has shape (1,), expected one number, of shape ()."),
        (np.zeros(3), (2,), "print the shape"),
        ([1.0, np.nan], (2,), "x is not finite: it is nan at index 1."),
        ([[1.0, 0], [np.inf, 0]], (2, 2), "it is inf at index [1, 0]"),
        (np.inf, (), "x is not finite: it is inf."),
        (np.float32([1, 2]), (2,), "x has the type float32, which keeps seven digits"),
    ],
)
def test_what_it_is_not_is_said(array, shape, says):
    with pytest.raises(CheckFailed) as raised:
        check_array(array, shape, "x")
    assert says in str(raised.value)
