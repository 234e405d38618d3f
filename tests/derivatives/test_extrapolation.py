"""The estimate of the error holds."""

import numpy as np
import pytest
from derivative_examples import EPS, PAIRS

from coursekit.derivatives import numerical_jacobian
from coursekit.derivatives.differences import COARSE, FINE, SECOND
from coursekit.derivatives.extrapolation import combinations, estimates, least_error


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


@pytest.mark.parametrize(("ratio", "levels", "longest"), [COARSE, FINE, SECOND, (2.0, 4, 3)])
def test_weights_extrapolate_even_polynomials_exactly(ratio, levels, longest):
    (value, no_first, no_last, kink), first, last = combinations(ratio, levels, longest)
    t = ratio ** -np.arange(levels, dtype=float)
    for k, (j, end) in enumerate(zip(first, last, strict=True)):
        m = end - j + 1
        assert 1 <= m <= longest
        assert not value[k, :j].any()
        assert not value[k, end + 1 :].any()
        t0 = t / t[j]
        for power in range(m):  # 1, t^2, ..., t^(2m - 2) have the values 1, 0, ..., 0 at t = 0
            assert value[k] @ t0 ** (2 * power) == pytest.approx(float(power == 0), abs=1e-10)
        assert kink[k] @ np.ones(levels) == pytest.approx(1)  # the constant of c + t p(t^2)
        for power in range(m - 1):
            assert kink[k] @ t0 ** (2 * power + 1) == pytest.approx(0, abs=1e-9)
        for without in (no_first, no_last):  # no change of what is constant
            assert without[k].sum() == pytest.approx(0, abs=1e-10)


def test_the_least_error_and_the_second_best():
    value, error = np.array([[1.0, 10], [2, 20], [3, 30]]), np.array([[0.3, 3], [0.1, 5], [0.2, 4]])
    got, least = least_error(value, error)
    assert (got.tolist(), least.tolist()) == ([2, 10], [0.1, 3])
    got, second = least_error(value, error, second_best=True)
    assert (got.tolist(), second.tolist()) == ([2, 10], [0.2, 4])


def test_differences_that_are_not_finite_are_of_no_use():
    steps = 2.0 ** -np.arange(4.0)[:, None, None]
    slope = 3 + steps**2
    slope[0] = np.nan
    got, error = estimates(steps, slope, 0 * slope, 0 * slope, (2.0, 4, 2))
    first = combinations(2.0, 4, 2)[1]
    assert np.isinf(error[first == 0]).all()
    assert np.isfinite(error[first > 0]).all()
    assert got[-1].item() == pytest.approx(3, rel=1e-14)  # from the last two steps
