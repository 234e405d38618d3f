"""Numerical derivatives: exactness, cost, errors and messages."""

import numpy as np
import pytest
from derivative_examples import (
    EPS,
    PAIRS,
    TINY,
    function_a,
    grad_a,
    hessian_a,
    softmax,
    softmax_jacobian,
)
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import (
    GOOD,
    GOOD_WITHOUT_SOME_POINTS,
    UNRELIABLE,
    directional_derivative,
    hessian_vector_product,
    numerical_hessian,
    numerical_jacobian,
)
from coursekit.objectives import rosenbrock


def logsumexp(x):
    return np.log(np.exp(x).sum(axis=-1))


@pytest.mark.parametrize("name", PAIRS)
def test_matches_the_exact_derivative_at_1000_points(name):
    f, jac, n = PAIRS[name]
    for x in np.random.default_rng(0).uniform(-3, 3, (1000, n)):
        exact = jac(x)
        error = np.abs(numerical_jacobian(f, x) - exact).max()
        assert error <= 1e-11 * max(np.abs(exact).max(), np.abs(f(x)).max())


def test_function_a_at_the_origin():
    origin = np.zeros(2)
    np.testing.assert_allclose(numerical_jacobian(function_a, origin), [-0.83, -0.04], atol=1e-9)
    hessian = [[1.29, 0.02], [0.02, 0.26]]
    np.testing.assert_allclose(numerical_jacobian(grad_a, origin), hessian, atol=1e-9)


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
    np.testing.assert_allclose(hessian_vector_product(grad, x, d), exact, rtol=0, atol=1e-10)


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


@pytest.mark.parametrize(
    ("f", "x", "status"),
    [
        (np.sin, 1.0, GOOD),
        (lambda x: np.log(x), 0.3, GOOD_WITHOUT_SOME_POINTS),
        (np.abs, 0.0, UNRELIABLE),
    ],
)
def test_the_status_says_how_far_to_trust(f, x, status):
    got = numerical_jacobian(lambda x: f(x).sum(axis=-1), [x], full_output=True)
    assert got.status == status
