"""The estimate of the error holds."""

import numpy as np
import pytest
from derivative_examples import EPS, PAIRS

from coursekit.derivatives import numerical_jacobian


@pytest.mark.parametrize("name", PAIRS)
def test_the_estimated_error_bounds_the_error(name):
    f, jac, n = PAIRS[name]
    for x in np.random.default_rng(1).uniform(-3, 3, (200, n)):
        got, exact = numerical_jacobian(f, x, full_output=True), jac(x)
        assert (np.abs(got.value - exact) <= got.error).all()
        size = max(np.abs(exact).max(), np.abs(f(x)).max())
        assert got.error.max() <= 1e-9 * size
        assert got.status == 0
        assert got.nfev == 28 * n + 4


def smooth(seed):
    """A random composition of smooth functions, with its Jacobian by the chain rule, n = m = 4."""
    rng = np.random.default_rng(seed)
    pieces = [
        (np.sin, np.cos),
        (np.tanh, lambda y: 1 / np.cosh(y) ** 2),
        (lambda y: np.exp(-y * y), lambda y: -2 * y * np.exp(-y * y)),
        (lambda y: np.log1p(y * y), lambda y: 2 * y / (1 + y * y)),
        (lambda y: y**3 / 8, lambda y: 3 * y * y / 8),
        (lambda y: np.exp(y / 2), lambda y: np.exp(y / 2) / 2),
    ]
    depth = rng.integers(1, 4)
    layers = [(rng.normal(size=(4, 4)), pieces[rng.integers(len(pieces))]) for _ in range(depth)]
    scale = 10.0 ** rng.uniform(-12, 12)

    def f(x):
        for matrix, (piece, _) in layers:
            x = piece(x @ matrix.T / 2)
        return scale * x

    def jac(x):
        product = np.eye(4)
        for matrix, (piece, slope) in layers:
            y = matrix @ x / 2
            product = slope(y)[:, None] * (matrix @ product / 2)
            x = piece(y)
        return scale * product

    return f, jac, rng.uniform(-2, 2, 4)


def test_estimates_hold_in_over_999_of_1000_entries_and_are_not_wildly_too_large():
    low = total = 0
    errors, ratios = [], []
    for seed in range(400):
        f, jac, x = smooth(seed)
        got, exact = numerical_jacobian(f, x, full_output=True), jac(x)
        error = np.abs(got.value - exact)
        rounding = 64 * EPS * np.abs(exact).max()  # of the exact derivative
        low += np.count_nonzero(error > got.error + rounding)
        total += error.size
        errors.append(error.max() / np.abs(exact).max())
        ratios.append(np.median(got.error / np.maximum(error, EPS * np.abs(exact))))
    assert low <= total / 1000
    assert np.median(errors) < 1e-12
    assert max(errors) < 1e-8
    assert np.median(ratios) < 100
