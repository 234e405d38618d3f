import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import (
    default_step,
    directional_derivative,
    hessian_vector_product,
    jacobian_with_error,
    numerical_hessian,
    numerical_jacobian,
)
from coursekit.objectives import rosenbrock

EPS = np.finfo(float).eps


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
        assert error <= 1e-8 * max(np.abs(exact).max(), np.abs(f(x)).max())


@pytest.mark.parametrize("name", PAIRS)
def test_the_estimated_error_bounds_the_error(name):
    f, jac, n = PAIRS[name]
    for x in np.random.default_rng(1).uniform(-3, 3, (200, n)):
        got, truncation, rounding = jacobian_with_error(f, x)
        np.testing.assert_array_equal(got, numerical_jacobian(f, x))
        # Five values can look quieter than they are; a factor 2 is never exceeded.
        assert (np.abs(got - jac(x)) <= 2 * (truncation + rounding)).all()
        assert (truncation + rounding).max() <= 1e-7 * max(1, np.abs(f(x)).max())


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
    assert len(calls) <= 4
    assert (200, 100) in calls


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


@given(st.floats(-1e6, 1e6), st.floats(0.1, 10), st.floats(-8, 8))
def test_scaling_the_function_scales_the_derivative(x, slope, power):
    scale = 10.0**power
    jac, truncation, rounding = jacobian_with_error(lambda x: scale * np.tanh(slope * x), [x])
    exact = scale * slope * (1 - np.tanh(slope * x) ** 2)
    assert abs(jac[0, 0] - exact) <= 2 * (truncation + rounding)[0, 0]


def test_noise_of_the_function_enters_the_error():
    x = np.array([0.3, 0.7])
    quiet = sum(jacobian_with_error(function_a, x)[1:]).max()
    noisy = sum(jacobian_with_error(lambda x: function_a(x) + 1e6 - 1e6, x)[1:]).max()
    assert noisy > 1e3 * quiet


def test_default_step_is_relative_to_large_points_and_absolute_near_zero():
    np.testing.assert_allclose(
        default_step(np.array([0, 0.5, -200])), EPS ** (1 / 3) * np.array([1, 1, 200])
    )
    assert default_step(np.zeros(1), np.float32)[0] > 100 * default_step(np.zeros(1))[0]


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
    for function in (numerical_jacobian, jacobian_with_error):
        with pytest.raises(ValueError, match=message):
            function(function_a, x, h)


def test_a_step_for_each_coordinate():
    jac = numerical_jacobian(function_a, [0.3, 0.7], [1e-5, 1e-6])
    np.testing.assert_allclose(jac, grad_a(np.array([0.3, 0.7])), rtol=1e-8)


def test_values_that_are_not_finite_are_located():
    def f(x):
        return np.where(x[..., 1] > 2, np.nan, x[..., 0])

    with pytest.raises(
        ValueError, match=r"f is not finite at \[1.0, 2.5\]: got nan; it differs .* \[1\]$"
    ):
        numerical_jacobian(f, [1.0, 2.0], 0.5)
    with pytest.raises(ValueError, match=r"f is not finite at \[1.0, 3.0\]: got nan$"):
        jacobian_with_error(f, [1.0, 3.0])


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
    assert len(calls) <= 4
    assert (2 * 20 * 21, 20) in calls


def test_hessian_of_a_float32_function_keeps_two_digits():
    x = np.array([0.3, 0.7])
    single = numerical_hessian(lambda x: function_a(x.astype(np.float32)), x)
    np.testing.assert_allclose(single, hessian_a(x), rtol=2e-2, atol=5e-3)


def test_where_second_derivatives_jump_the_mixed_ones_differ_and_the_hessian_cannot_tell():
    def f(x):  # the classical counterexample, here divided by |x|^2 away from the origin
        u, v = x[..., 0], x[..., 1]
        return u * v * (u * u - v * v) / (u * u + v * v)

    du = lambda v: directional_derivative(f, [0.0, v[0]], [1.0, 0.0])  # noqa: E731
    dv = lambda u: directional_derivative(f, [u[0], 0.0], [0.0, 1.0])  # noqa: E731
    np.testing.assert_allclose(numerical_jacobian(du, [0.0], 1e-3), [-1], rtol=1e-4)
    np.testing.assert_allclose(numerical_jacobian(dv, [0.0], 1e-3), [1], rtol=1e-4)
    safe = lambda x: f(x) if x.any() else 0.0  # noqa: E731
    assert abs(numerical_hessian(safe, [0.0, 0.0], 1e-3)[0, 1]) < 1e-9


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


def test_directional_derivative_takes_three_values_in_any_dimension():
    calls = []

    def f(x):
        calls.append(x.shape)
        return np.sum(x**2)

    x = np.arange(1000.0)
    np.testing.assert_allclose(directional_derivative(f, x, np.ones(1000)), 999000, rtol=1e-9)
    assert calls == [(1000,)] * 3


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


def test_values_that_are_not_finite_are_located_by_both_coordinates():
    def f(x):
        return np.where((x > [1.2, 2.2]).all(axis=-1), np.inf, x[..., 0])

    with pytest.raises(ValueError, match=r"got inf; it differs .* in coordinate \[0, 1\]"):
        numerical_hessian(f, [1.0, 2.0], 0.3)
    with pytest.raises(ValueError, match=r"got inf; it differs .* in coordinate \[0, 1\]"):
        directional_derivative(f, [1.2, 2.2], [1.0, 1.0])
