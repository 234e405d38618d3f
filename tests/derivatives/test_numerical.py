import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import (
    directional_derivative,
    hessian_vector_product,
    numerical_hessian,
    numerical_jacobian,
)
from coursekit.derivatives.sampler import epsilon
from coursekit.objectives import rosenbrock

EPS, TINY = np.finfo(float).eps, np.finfo(float).tiny


def function_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    return 0.06 * np.exp(2 * x1 + x2) + 0.05 * np.exp(x1 - 2 * x2) + np.exp(-x1)


def grad_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    return np.stack([2 * a + b - c, a - 2 * b], axis=-1)


def hessian_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    rows = [[4 * a + b + c, 2 * a - 2 * b], [2 * a - 2 * b, a + 4 * b]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def function_b(x):
    return x[..., 0] * np.exp(-(x**2).sum(axis=-1))


def grad_b(x):
    return np.exp(-(x**2).sum(axis=-1))[..., None] * (np.array([1, 0]) - 2 * x[..., :1] * x)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logsumexp(x):
    return np.log(np.exp(x).sum(axis=-1))


def softmax_jacobian(x):
    s = softmax(x)
    return np.eye(x.shape[-1]) * s[..., None] - s[..., None] * s[..., None, :]


PAIRS = {
    "A": (function_a, grad_a, 2),
    "gradient of A": (grad_a, hessian_a, 2),
    "B": (function_b, grad_b, 2),
    "softmax": (softmax, softmax_jacobian, 5),
}


@pytest.mark.parametrize("name", PAIRS)
def test_matches_the_exact_derivative_at_1000_points(name):
    f, jac, n = PAIRS[name]
    for x in np.random.default_rng(0).uniform(-3, 3, (1000, n)):
        exact = jac(x)
        error = np.abs(numerical_jacobian(f, x) - exact).max()
        assert error <= 1e-11 * max(np.abs(exact).max(), np.abs(f(x)).max())


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


def test_function_a_at_the_origin():
    origin = np.zeros(2)
    np.testing.assert_allclose(numerical_jacobian(function_a, origin), [-0.83, -0.04], atol=1e-9)
    hessian = [[1.29, 0.02], [0.02, 0.26]]
    np.testing.assert_allclose(numerical_jacobian(grad_a, origin), hessian, atol=1e-9)


def test_error_falls_with_the_square_of_the_step():
    x = np.array([0.3, 0.7])
    steps = 0.1 / 2.0 ** np.arange(6)
    errors = [np.abs(numerical_jacobian(function_a, x, h) - grad_a(x)).max() for h in steps]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders[-3:], 2, atol=0.01)


def test_exact_for_quadratics_whatever_the_step():
    matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    x = np.array([0.5, -1.25])
    for h in (2.0**-10, 0.5, 4.0):
        jac = numerical_jacobian(lambda x: ((x @ matrix) * x).sum(axis=-1), x, h)
        np.testing.assert_allclose(jac, 2 * matrix @ x, rtol=1e-12)


def test_divides_by_the_step_really_taken():
    # 0.1 + 1e-10 is rounded by a relative 6e-8 of the step: a linear function shows it.
    jac = numerical_jacobian(lambda x: 1.0 * x, [0.1], 1e-10)
    np.testing.assert_allclose(jac, [[1.0]], rtol=4 * EPS)


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (lambda x: x.sum(axis=-1), (3,)),
        (lambda x: x[..., :2] * x[..., 1:], (2, 3)),
        (lambda x: x[..., :, None] * x[..., None, :2], (3, 2, 3)),
        (lambda x: float(x @ x), (3,)),
        (lambda x: [x[0] * x[1], x[2]], (2, 3)),
    ],
    ids=["scalar", "vector", "matrix", "one point only", "list"],
)
def test_layout_is_outputs_then_inputs(f, shape):
    x = np.array([1.0, 2.0, 3.0])
    jac = numerical_jacobian(f, x)
    assert jac.shape == shape
    assert jac.dtype == np.float64
    nudge = 1e-4 * np.array([1.0, -2.0, 0.5])
    change = np.asarray(f(x + nudge)) - np.asarray(f(x - nudge))
    np.testing.assert_allclose(change, 2 * jac @ nudge, rtol=1e-6, atol=1e-10)


def test_one_call_for_all_shifted_points_of_a_vectorised_function():
    calls = []

    def f(x):
        calls.append(x.shape)
        return (x**2).sum(axis=-1)

    numerical_jacobian(f, np.arange(100.0))
    # x and one shifted point alone, then two batches, each with x as its last row
    assert calls == [(100,), (1201, 100), (100,), (1601, 100)]


@pytest.mark.parametrize(
    ("f", "jac"),
    [
        (lambda x: x - x.mean(), np.eye(3) - 1 / 3),
        (lambda x: x - x[0], np.eye(3) - np.array([1, 0, 0])),
        (lambda x: np.array([x[0] if x[1] < 1 else x[2], x[2]]), [[1, 0, 0], [0, 0, 1]]),
    ],
    ids=["mean over everything", "first entry", "branches"],
)
def test_a_function_that_mixes_rows_is_called_point_by_point(f, jac):
    np.testing.assert_allclose(numerical_jacobian(f, np.zeros(3)), jac, atol=1e-10)


def test_the_point_is_not_changed_by_a_function_that_overwrites_its_input():
    def f(x):
        x *= 2
        return x.sum(axis=-1)

    x = np.array([1.0, 2.0])
    np.testing.assert_allclose(numerical_jacobian(f, x), [2, 2], rtol=1e-9)
    np.testing.assert_array_equal(x, [1, 2])


def test_integers_and_float32_points_are_promoted():
    exact = grad_a(np.array([1.0, 2.0]))
    for x in ([1, 2], np.array([1, 2], dtype=np.float32)):
        np.testing.assert_allclose(numerical_jacobian(function_a, x), exact, rtol=1e-8)


def test_a_float32_function_keeps_three_digits():
    x = np.array([0.3, 0.7])
    single = numerical_jacobian(lambda x: function_a(x.astype(np.float32)), x)
    np.testing.assert_allclose(single, grad_a(x), rtol=1e-3)


@given(st.floats(-1e6, 1e6), st.floats(0.1, 10), st.floats(-12, 12))
def test_scaling_the_function_scales_the_derivative(x, slope, power):
    scale = 10.0**power
    got = numerical_jacobian(lambda x: scale * np.tanh(slope * x), [x], full_output=True)
    exact = scale * slope / np.cosh(np.clip(slope * x, -300, 300)) ** 2
    assert abs(got.value - exact)[0, 0] <= got.error[0, 0] + 4 * EPS * exact


def test_noise_of_the_function_enters_the_error():
    x = np.array([0.3, 0.7])
    quiet = numerical_jacobian(function_a, x, full_output=True)
    loud = numerical_jacobian(lambda x: function_a(x) + 1e6 - 1e6, x, full_output=True)
    assert loud.error.min() > 1e3 * quiet.error.max()
    assert (np.abs(loud.value - grad_a(x)) <= loud.error).all()


@pytest.mark.parametrize(
    ("x", "h", "message"),
    [
        (np.zeros((3, 2)), None, r"x must be one point.*got shape \(3, 2\).*each row"),
        (np.zeros((2, 2)), None, r"x must be one point.*got shape \(2, 2\)"),
        (1.0, None, r"x must be one point.*got shape \(\)"),
        ([], None, r"x must be one point.*got shape \(0,\)"),
        ([0.0, np.nan], None, "x must be finite"),
        ([0.0, 1.0], 0.0, "h must be positive and finite"),
        ([0.0, 1.0], -1e-6, "h must be positive and finite"),
        ([0.0, 1.0], np.inf, "h must be positive and finite"),
        ([0.0, 1.0], [1e-6] * 3, r"h must be a number or have the shape of x, \(2,\); got \(3,\)"),
        ([0.0, 1.0], 1e-17, r"h = 1e-17 is too small: x\[1\] = 1 does not change"),
    ],
)
def test_bad_arguments(x, h, message):
    for function in (numerical_jacobian, numerical_hessian):
        with pytest.raises(ValueError, match=message):
            function(function_a, x, h)


def test_a_step_for_each_coordinate():
    jac = numerical_jacobian(function_a, [0.3, 0.7], [1e-5, 1e-6])
    np.testing.assert_allclose(jac, grad_a(np.array([0.3, 0.7])), rtol=1e-8)


def test_complex_values_are_refused():
    with pytest.raises(TypeError, match="f must return real numbers, got an array of dtype comp"):
        numerical_jacobian(lambda x: x + 1j, [1.0])


# --- Second derivatives, and derivatives along a direction --------------------------------------


def worked(x):
    return x[..., 0] ** 3 - 2 * x[..., 0] * x[..., 1] - x[..., 1] ** 6


def worked_grad(x):
    u, v = x[..., 0], x[..., 1]
    return np.stack([3 * u**2 - 2 * v, -2 * u - 6 * v**5], axis=-1)


def worked_hessian(x):
    return np.array([[6 * x[0], -2], [-2, -30 * x[1] ** 4]])


@pytest.mark.parametrize(
    ("f", "hess"),
    [(function_a, hessian_a), (worked, worked_hessian), (rosenbrock, rosenbrock.hess)],
    ids=["A", "worked example", "Rosenbrock"],
)
def test_hessian_matches_the_exact_one_at_300_points(f, hess):
    for x in np.random.default_rng(2).uniform(-3, 3, (300, 2)):
        exact = hess(x)
        error = np.abs(numerical_hessian(f, x) - exact).max()
        assert error <= 1e-6 * max(np.abs(exact).max(), np.abs(f(x)).max(), 1)


def test_hessian_error_falls_with_the_square_of_the_step():
    x = np.array([0.3, 0.7])
    steps = 0.2 / 2.0 ** np.arange(6)
    errors = [np.abs(numerical_hessian(function_a, x, h) - hessian_a(x)).max() for h in steps]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders[-3:], 2, atol=0.01)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_hessian_of_a_quadratic_is_its_matrix(n, seed):
    rng = np.random.default_rng(seed)
    matrix, x = rng.normal(size=(n, n)), rng.normal(size=n)
    for f in (lambda x: ((x @ matrix) * x).sum(axis=-1), lambda x: float(x @ matrix @ x)):
        np.testing.assert_allclose(numerical_hessian(f, x, 0.5), matrix + matrix.T, atol=1e-11)


def test_hessian_is_symmetric_to_the_last_bit():
    hess = numerical_hessian(lambda x: np.sin(x).prod(axis=-1), np.arange(1.0, 8.0))
    np.testing.assert_array_equal(hess, hess.T)


def test_each_output_has_a_hessian():
    f = lambda v: np.stack([v[..., 0] * v[..., 1] + v[..., 1], 2 * v.prod(axis=-1)], axis=-1)  # noqa: E731
    exact = np.zeros((2, 3, 3))
    exact[0, 0, 1] = exact[0, 1, 0] = 1
    exact[1] = [[0, 6, 4], [6, 0, 2], [4, 2, 0]]
    np.testing.assert_allclose(numerical_hessian(f, [1.0, 2.0, 3.0]), exact, atol=1e-6)


def test_hessian_takes_one_call_for_a_vectorised_function():
    calls = []

    def f(x):
        calls.append(x.shape)
        return (x**2).sum(axis=-1)

    numerical_hessian(f, np.arange(20.0))
    assert len(calls) == 5  # two points alone, two batches for the scale and the noise
    assert calls[-1] == (12 * 20 * 21 + 1, 20)


def test_hessian_of_a_float32_function_keeps_two_digits():
    x = np.array([0.3, 0.7])
    single = numerical_hessian(lambda x: function_a(x.astype(np.float32)), x)
    np.testing.assert_allclose(single, hessian_a(x), rtol=2e-2, atol=5e-3)


def test_where_second_derivatives_jump_the_mixed_ones_differ_and_the_hessian_cannot_tell():
    def f(x):  # the classical counterexample, here divided by |x|^2 away from the origin
        u, v = x[..., 0], x[..., 1]
        q = u * u + v * v
        return u * v * (u * u - v * v) / np.where(q > 0, q, 1)

    du = lambda v: directional_derivative(f, [0.0, v[0]], [1.0, 0.0])  # noqa: E731
    dv = lambda u: directional_derivative(f, [u[0], 0.0], [0.0, 1.0])  # noqa: E731
    np.testing.assert_allclose(numerical_jacobian(du, [0.0], 1e-3), [-1], rtol=1e-4)
    np.testing.assert_allclose(numerical_jacobian(dv, [0.0], 1e-3), [1], rtol=1e-4)
    assert abs(numerical_hessian(f, [0.0, 0.0], 1e-3)[0, 1]) < 1e-9


def test_directional_derivative_along_an_axis_is_a_column_of_the_jacobian():
    x = np.array([0.3, -200.0, 0.7])
    f = lambda x: np.sin(x)[..., :2] * x[..., 1:]  # noqa: E731
    jac = numerical_jacobian(f, x)
    for i in range(3):
        column = directional_derivative(f, x, np.eye(3)[i])
        np.testing.assert_allclose(column, jac[:, i], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("large", "error"), [(1, 1e-10), (1e3, 1e-8), (1e6, 1e-6)])
def test_directional_derivative_survives_coordinates_of_unequal_size(large, error):
    slope = directional_derivative(lambda x: np.sin(x[1]) + x[0] / large, [large, 0.3], [1, 1])
    assert abs(slope - np.cos(0.3) - 1 / large) < error


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-200, 200))
def test_directional_derivative_is_linear_in_the_direction(u, v, power):
    x, d = np.array([0.3, 0.7]), np.array([u, v])
    slope = directional_derivative(function_a, x, d)
    np.testing.assert_allclose(slope, grad_a(x) @ d, rtol=1e-8, atol=1e-8 * np.abs(d).max())
    scaled = directional_derivative(function_a, x, 2.0 ** round(power) * d)
    if np.abs(d).max() > 1e-100:  # no subnormal numbers
        np.testing.assert_allclose(scaled, 2.0 ** round(power) * slope, rtol=1e-12)


def test_directional_derivative_takes_33_values_in_any_dimension():
    calls = []

    def f(x):
        calls.append(x.size // 1000)
        return (x**2).sum(axis=-1)

    x = np.arange(1000.0)
    np.testing.assert_allclose(directional_derivative(f, x, np.ones(1000)), 999000, rtol=1e-12)
    assert sum(calls) == 33


def test_a_given_step_takes_two_points_and_errs_by_its_square():
    calls = []

    def f(x):
        calls.append(x.shape)
        return function_a(x)

    x, d = np.array([0.3, 0.7]), np.array([1.0, -2.0])
    slope, steps = grad_a(x) @ d, 0.1 / 2.0 ** np.arange(6)
    errors = [abs(directional_derivative(f, x, d, h) - slope) for h in steps]
    assert calls == 2 * len(steps) * [(2,)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders[-3:], 2, atol=0.01)
    assert abs(directional_derivative(f, x, d, 1e-5) - slope) < 1e-9
    along = directional_derivative(np.sin, x, [1.0, 0.0], 0.1)
    np.testing.assert_allclose(along, numerical_jacobian(np.sin, x, 0.1)[:, 0], rtol=1e-13)
    assert directional_derivative(f, x, [0, 0], 0.1) == 0


@pytest.mark.parametrize("h", [1e-1, 1e-3, 1e-5, 1e-9])
def test_the_error_of_a_given_step_is_estimated_on_demand(h):
    x, d = np.array([0.3, 0.7]), np.array([1.0, -2.0])
    got = directional_derivative(grad_a, x, d, h, full_output=True)
    assert (np.abs(got.value - hessian_a(x) @ d) <= got.error).all()
    np.testing.assert_allclose(got.value, hessian_vector_product(grad_a, x, d, h), rtol=1e-14)


def test_a_hessian_vector_product_costs_two_gradients():
    calls, n = [], 10_000

    def grad(x):  # of the sum of cosh(x[i + 1] - x[i])
        calls.append(x.shape)
        pull = np.sinh(np.diff(x))
        return np.pad(pull, (1, 0)) - np.pad(pull, (0, 1))

    x, d = np.linspace(0, 1, n), np.sin(np.arange(n))
    stretch = np.cosh(np.diff(x)) * np.diff(d)
    exact = np.pad(stretch, (1, 0)) - np.pad(stretch, (0, 1))
    got = hessian_vector_product(grad, x, d, 1e-5)
    assert calls == [(n,), (n,)]
    np.testing.assert_allclose(got, exact, rtol=0, atol=1e-9)
    np.testing.assert_allclose(hessian_vector_product(grad, x, d), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("h", "message"),
    [
        (0.0, "h must be positive and finite"),
        (np.nan, "h must be positive and finite"),
        ([1e-5, 1e-5], r"h must be a number or have the shape of x, \(\); got \(2,\)"),
        (1e-20, "h = 1e-20 is too small: x does not change by h times d"),
        (2.0, r"f is not finite at x = \[-1.7, 0.7\]"),
    ],
)
def test_bad_steps_along_a_direction(h, message):
    for function in (directional_derivative, hessian_vector_product):
        with pytest.raises(ValueError, match=message):
            function(np.log, [0.3, 0.7], [1.0, 0.0], h)


def test_shapes_on_both_sides_must_agree():
    with pytest.raises(ValueError, match=r"f must return one shape, got \(2,\) and \(3,\)"):
        directional_derivative(lambda x: np.zeros(2 if x[0] > 0 else 3), [0.0], [1.0], 0.1)


@pytest.mark.parametrize("x", [[1.0, 2.0], [-1.2, 1.0], [0.0, 0.0]])
def test_hessian_vector_product_is_the_product(x):
    x = np.array(x)
    for d in ([1.0, 1.0], [0.6, 0.8], [3e5, -1e5], [0.0, 0.0]):
        exact = rosenbrock.hess(x) @ d
        got = hessian_vector_product(rosenbrock.grad, x, d)
        np.testing.assert_allclose(got, exact, atol=1e-7 * np.abs(d).max() * 1000)


def test_curvature_lies_between_the_extreme_eigenvalues():
    x = np.array([1.0, 2.0])
    eigenvalues, q = np.linalg.eigh(worked_hessian(x))
    for angle in np.linspace(0, np.pi, 37):
        d = np.array([np.cos(angle), np.sin(angle)])
        curvature = d @ hessian_vector_product(worked_grad, x, d)
        weights = (q.T @ d) ** 2
        np.testing.assert_allclose(weights.sum(), 1, rtol=1e-14)
        np.testing.assert_allclose(curvature, weights @ eigenvalues, rtol=1e-8, atol=1e-6)
        assert eigenvalues[0] - 1e-6 <= curvature <= eigenvalues[1] + 1e-6


def test_zero_direction_has_zero_derivative():
    assert directional_derivative(function_a, [0.3, 0.7], [0, 0]) == 0
    np.testing.assert_array_equal(hessian_vector_product(grad_a, [0.3, 0.7], [0, 0]), [0, 0])


@pytest.mark.parametrize("d", [[1.0], [1.0, 0.0, 0.0], [[1.0, 0.0]], 1.0, [1.0, np.nan]])
def test_bad_directions(d):
    for function, f in ((directional_derivative, function_a), (hessian_vector_product, grad_a)):
        with pytest.raises(
            ValueError, match=r"d must be a finite vector of the shape of x, \(2,\)"
        ):
            function(f, [0.3, 0.7], d)


def test_a_function_is_no_gradient():
    with pytest.raises(ValueError, match=r"grad must return the shape of x, \(2,\); got \(\)"):
        hessian_vector_product(function_a, [0.3, 0.7], [1.0, 0.0])


def test_bad_points_of_the_hessian():
    with pytest.raises(ValueError, match="x must be one point"):
        numerical_hessian(function_a, np.zeros((3, 2)))
    with pytest.raises(ValueError, match="h must be positive"):
        numerical_hessian(function_a, np.zeros(2), 0.0)


# --- Error estimates, scales and domains ---------------------------------------------------------


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


@pytest.mark.parametrize("dtype", ["returned", "hidden"])
def test_a_float32_function_is_differentiated_to_its_own_limits(dtype):
    def f(x):
        value = np.tanh(x.astype(np.float32)).sum(axis=-1)
        return value if dtype == "returned" else value.astype(float)

    low = 0
    for x in np.random.default_rng(3).uniform(-2, 2, (200, 5)):
        got, exact = numerical_jacobian(f, x, full_output=True), 1 / np.cosh(x) ** 2
        low += np.count_nonzero(np.abs(got.value - exact) > got.error)
        assert got.error.max() < 1e-2
        assert np.abs(got.value - exact).max() < 1e-4
    assert low <= 1


@pytest.mark.parametrize(
    ("f", "slope", "x", "rtol"),
    [
        (np.log, lambda x: 1 / x, [1e-8, 1e-10, 1e8], 1e-9),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x), [1e-8, 1e-4, 1e8], 1e-9),
        (np.sin, np.cos, [1e-8, 3.3e5, 1e8], 1e-8),
        (np.exp, np.exp, [1e-8, -1e-8, 0.0], 1e-12),
        (lambda x: 1e12 * np.tanh(x), lambda x: 1e12 / np.cosh(x) ** 2, [0.1, -1.0, 2.0], 1e-11),
        (lambda x: 1e-12 * np.tanh(x), lambda x: 1e-12 / np.cosh(x) ** 2, [0.1, -1.0, 2.0], 1e-11),
        (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x), [0.1, -1.0, 2.0], 1e-9),
        (lambda x: np.sin(128 * np.pi * x), lambda x: 128 * np.pi + 0 * x, [0, 0.5, 2], 1e-9),
        (lambda x: np.exp(x), np.exp, [400.0, -300.0, 700.0], 1e-9),
    ],
    ids=["log", "sqrt", "sin", "exp", "1e12", "1e-12", "fast", "periods", "overflow"],
)  # fmt: skip
def test_points_and_functions_of_all_sizes(f, slope, x, rtol):
    x = np.array(x, dtype=float)
    got = numerical_jacobian(f, x, full_output=True)
    np.testing.assert_allclose(np.diag(got.value), slope(x), rtol=rtol)
    assert (np.abs(np.diag(got.value) - slope(x)) <= np.diag(got.error)).all()
    assert got.status < 2


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), st.floats(-1e3, 1e3))
def test_constant_and_linear_functions_are_exact_to_rounding(a, b):
    a, x = np.array(a), np.array([0.1, -30.0, 1e-3])
    got = numerical_jacobian(lambda x: x @ a + b, x, full_output=True)
    size = np.abs(a * np.maximum(1, np.abs(x))).sum() + abs(b)
    assert (np.abs(got.value - a) * np.maximum(1, np.abs(x)) <= 8 * EPS * size + TINY).all()
    np.testing.assert_array_equal(numerical_jacobian(lambda x: b + 0 * x[..., 0], x), 0)


@pytest.mark.parametrize("distance", [0, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_kink_or_jump_near_the_point_enlarges_the_error(distance, side):
    x = np.array([0.7, -0.2])
    place = x + side * distance
    for f, slopes in (
        (lambda x: np.abs(x - place).sum(axis=-1) + np.sin(x).sum(axis=-1), [-side]),
        (lambda x: np.sin(x).sum(axis=-1) + (x > place).sum(axis=-1), [0]),
    ):
        got = numerical_jacobian(f, x, full_output=True)
        for slope in slopes if distance else (-1, 1):  # both one-sided derivatives
            assert (np.abs(got.value - np.cos(x) - slope) <= got.error + 1e-15).all() or (
                slope == 0 and distance == 0
            )
        assert (got.status == 2) == (got.error.max() > 1e-3)
        if distance < 1e-8:
            assert got.error.min() > 0.5
            assert got.status == 2
            assert "kink" in got.message


def test_noise_does_not_pass_for_structure():
    def f(x):
        y = np.sin(43758.5453 * np.sin(1e9 * x.sum(axis=-1)))
        return np.sin(x).sum(axis=-1) + 1e-8 * y

    low = 0
    for x in np.random.default_rng(4).uniform(-2, 2, (100, 3)):
        got = numerical_jacobian(f, x, full_output=True)
        low += np.count_nonzero(np.abs(got.value - np.cos(x)) > got.error)
        assert np.abs(got.value - np.cos(x)).max() < 1e-6
    assert low <= 1


def test_points_where_f_is_not_finite_are_left_out_and_reported():
    x = np.array([0.4, 3.0, 1e-9])
    for f in (np.log, lambda x: np.array([math.log(t) for t in x])):  # nan, an exception
        got = numerical_jacobian(f, x, full_output=True)
        np.testing.assert_allclose(np.diag(got.value), 1 / x, rtol=1e-9)
        assert got.status == 1
        assert got.message.startswith("f is not finite at ")


def test_a_domain_is_not_left():
    lo, hi = np.array([0.0, 1.0]), np.array([1e-6, 2.0])
    seen = []

    def f(x):
        seen.append(np.reshape(x, (-1, 2)))
        return np.exp(x).sum(axis=-1)

    x = np.array([5e-7, 1.99])
    np.testing.assert_allclose(numerical_jacobian(f, x, domain=(lo, hi)), np.exp(x), rtol=1e-7)
    np.testing.assert_allclose(
        numerical_hessian(f, x - np.array([0, 0.5]), domain=(lo, 2)).diagonal()[1],
        np.exp(1.49),
        rtol=1e-8,
    )
    points = np.concatenate(seen)
    assert (points > lo).all()
    assert (points < hi).all()
    with pytest.raises(ValueError, match=r"domain must have x inside: x\[0\] = 0 is not between"):
        numerical_jacobian(f, [0.0, 1.5], domain=(lo, hi))


@pytest.mark.parametrize(
    ("f", "x", "h", "message"),
    [
        (np.log, [-1.0], None, r"f is not finite at x = \[-1.0\]: got \[nan\]"),
        (np.sqrt, [0.0, 1.0], None, r"not finite on both sides of x = \[0.0, 1.0\] in coord.* 0,"),
        (np.log, [1.0], 2.0, r"f is not finite at a distance of h = 2 from x = \[1.0\] in coord"),
    ],
)
def test_no_answer_where_f_is_not_finite(f, x, h, message):
    with pytest.raises(ValueError, match=message):
        numerical_jacobian(f, x, h)


def test_no_hessian_where_f_is_not_finite():
    def f(x):
        return np.where((x > [1.2, 2.2]).all(axis=-1), np.inf, x[..., 0])

    with pytest.raises(ValueError, match=r"not finite around .* coordinates 0 and 1 move"):
        numerical_hessian(f, [1.0, 2.0], 0.3)
    with pytest.raises(ValueError, match=r"f is not finite at x = \[-1.0, 1.0\]: got nan"):
        directional_derivative(lambda x: np.log(x).sum(axis=-1), [-1.0, 1.0], [1.0, 1.0])


def test_a_changing_shape_is_refused():
    def f(x):
        return np.zeros(2 if x[0] > 1 else 3)

    with pytest.raises(
        ValueError, match=r"f must return one shape: \(3,\) at x = \[1.0, 2.0\], but"
    ):
        numerical_jacobian(f, [1.0, 2.0])


def test_complex_step_is_exact_to_rounding_and_notices_where_it_does_not_apply():
    x = np.array([0.3, -1.0, 2.0])
    weights = np.arange(6.0).reshape(2, 3)
    got = numerical_jacobian(
        lambda x: np.exp(x) @ weights.T, x, complex_step=True, full_output=True
    )
    np.testing.assert_allclose(got.value, weights * np.exp(x), rtol=4 * EPS)
    assert (np.abs(got.value - weights * np.exp(x)) <= got.error).all()
    assert got.status == 0
    np.testing.assert_allclose(
        numerical_jacobian(lambda x: x**3, [1e-8], complex_step=True), [[3e-16]], rtol=4 * EPS
    )
    got = numerical_jacobian(lambda x: np.abs(x) + 0j, x, complex_step=True, full_output=True)
    assert got.status == 2
    assert (np.abs(got.value - np.diag(np.sign(x))) <= got.error).all()
    with pytest.raises(TypeError, match="f must return complex numbers for complex x, got float64"):
        numerical_jacobian(lambda x: np.abs(x).sum(axis=-1), x, complex_step=True)


def test_a_thousand_coordinates():
    x = np.random.default_rng(5).normal(size=1000)
    got = numerical_jacobian(lambda x: (x**3).sum(axis=-1), x, full_output=True)
    np.testing.assert_allclose(got.value, 3 * x**2, rtol=0, atol=1e-10)
    assert (np.abs(got.value - 3 * x**2) <= got.error).all()
    assert got.nfev <= 30 * x.size


def test_a_fixed_step_has_an_error_estimate_too():
    x = np.array([0.3, -1.0, 2.0])
    for h in (1e-1, 1e-3, 1e-5, 1e-10):
        got = numerical_jacobian(np.exp, x, h, full_output=True)
        assert (np.abs(got.value - np.diag(np.exp(x))) <= got.error).all()
        hess = numerical_hessian(lambda x: np.exp(x).sum(axis=-1), x, h, full_output=True)
        assert (np.abs(hess.value - np.diag(np.exp(x))) <= hess.error).all()


def test_the_error_of_the_hessian_is_estimated():
    low = total = 0
    for x in np.random.default_rng(6).uniform(-2, 2, (100, 4)):
        got, exact = numerical_hessian(logsumexp, x, full_output=True), softmax_jacobian(x)
        low += np.count_nonzero(np.abs(got.value - exact) > got.error)
        total += exact.size
        assert np.abs(got.value - exact).max() < 1e-9
        assert got.status == 0
    assert low <= total / 1000
    for x in np.random.default_rng(7).uniform(-2, 2, (100, 3)):  # also where the slope vanishes
        got = numerical_hessian(lambda x: np.sin(50 * x).sum(axis=-1), x, full_output=True)
        np.testing.assert_allclose(got.value, np.diag(-2500 * np.sin(50 * x)), atol=1e-4)
    corner = numerical_hessian(lambda x: np.abs(x).sum(axis=-1), [0.0, 1.0], full_output=True)
    assert corner.status == 2


def test_agrees_with_scipy():
    from scipy.differentiate import jacobian

    x = np.array([0.3, -1.0, 2.0])
    theirs = jacobian(lambda z: softmax(np.moveaxis(z, 0, -1)).T.swapaxes(1, -1), x)
    np.testing.assert_allclose(numerical_jacobian(softmax, x), theirs.df, rtol=0, atol=1e-10)


def test_epsilon_of_a_type():
    assert epsilon(np.float32) == np.finfo(np.float32).eps
    assert epsilon(np.int64) == epsilon(np.float64) == epsilon(np.complex128) == EPS
