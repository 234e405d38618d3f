"""What counts as wrong, as right, and as undecidable."""

import numpy as np
import pytest
from check_examples import CORRECT, EACH_SUM, diagnosis, f, grad_f

from coursekit.checks import check_numerical_jacobian


@pytest.mark.parametrize("relative", [1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("name", ["A", "gradient of A", "B", "twist", "one coordinate"])
def test_small_mistakes_are_seen(name, relative):
    func, jac, n = CORRECT[name]
    diagnosis(func, lambda x: jac(x) * (1 + relative), n)


@pytest.mark.parametrize("constant", [1e10, 1e12, 1e13])
@pytest.mark.parametrize("factor", [-1, 0, 2])
def test_a_large_constant_does_not_hide_a_wrong_derivative(constant, factor):
    diagnosis(lambda x: constant + f(x), lambda x: factor * grad_f(x))


@pytest.mark.parametrize("rate", [1e4, 1e6, 1e8])
def test_fast_functions_and_functions_in_float32_are_decided(rate):
    def right(x):
        return rate * np.cos(rate * x)

    assert check_numerical_jacobian(lambda x: np.sin(rate * x).sum(axis=-1), right)
    diagnosis(lambda x: np.sin(rate * x).sum(axis=-1), lambda x: 1.01 * right(x))
    assert check_numerical_jacobian(lambda x: np.float64(np.float32(f(x))), grad_f)


def test_float32_answers_are_granted_their_rounding():
    assert check_numerical_jacobian(f, lambda x: grad_f(x).astype(np.float32))
    assert check_numerical_jacobian(lambda x: f(x.astype(np.float32)), grad_f)


@EACH_SUM
def test_a_wrong_entry_that_is_small_beside_the_others_is_seen(g, slope):
    sizes = 10.0 ** np.array([8, 0, 4, 8, 2, 7])

    def f(x):
        return np.stack([(sizes * g(x)).sum(axis=-1), g(x).prod(axis=-1)], axis=-1)

    def jac(x):
        others = [np.delete(g(x), i, axis=-1).prod(axis=-1) for i in range(6)]
        return np.stack([sizes * slope(x), np.stack(others, axis=-1) * slope(x)], axis=-2)

    def wrong(x):
        value = jac(x)
        value[..., 0, 1] *= 0.99
        return value

    assert check_numerical_jacobian(f, jac, 6)
    assert "component [0, 1] (the others agree)" in diagnosis(f, wrong, 6)
