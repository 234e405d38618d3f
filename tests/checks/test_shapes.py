"""`check_shapes`: leading axes are a batch."""

import numpy as np
import pytest
from check_examples import f, grad_f, overwriting

from coursekit.checks import CheckFailed, check_shapes


@pytest.mark.parametrize("n", range(1, 9))
def test_check_shapes_accepts_vectorized_functions_of_any_size(n):
    assert check_shapes(lambda x: (x**2).sum(axis=-1), n=n) is True
    assert check_shapes(np.exp, (n,), n=n) is True
    assert check_shapes(lambda x: x[..., None] * x[..., None, :], (n, n), n=n) is True


@pytest.mark.parametrize(
    ("func", "output", "words"),
    [
        (np.sum, (), "input of shape (5, 2) gave shape (), expected (5,)"),
        (lambda x: x[0] ** 2 + x[1], (), "input of shape (5, 2) gave shape (2,), expected (5,)"),
        (grad_f, (), "grad_f returns shape (2,) for x of shape (2,), expected ()"),
        (f, (2,), "f returns shape () for x of shape (2,), expected (2,)"),
        (lambda x: (x**2).sum(axis=1) if x.ndim == 2 else np.sum(x**2), (), "input of shape (4, 3"),
        (lambda x: np.stack([x[..., 0], x[..., 1]]), (2,), "Try: the axes of the batch come first"),
        (lambda x: x / np.linalg.norm(x), (2,), "for an input of shape (5, 2), row [0] differs"),
        (lambda x: x[0] @ x[1], (), "f raises ValueError at x = ["),
        (lambda x: float(f(x)), (), "f raises TypeError at an input of shape (5, 2)"),
        (3, (), "f must be a function, got int"),
        (overwriting, (2,), "overwriting changes its input"),
    ],
)
def test_check_shapes_says_what_came_out(func, output, words):
    with pytest.raises(CheckFailed) as failure:
        check_shapes(func, output)
    assert words in str(failure.value)


def test_check_shapes_names_the_row():
    def last_row_shifted(x):
        y = x.sum(axis=-1)
        return y + (np.arange(y.shape[-1]) == 2) if y.ndim == 2 else y

    with pytest.raises(CheckFailed, match=r"\(4, 3, 2\), row \[0, 2\] differs"):
        check_shapes(last_row_shifted)
