import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import default_step, jacobian_with_error, numerical_jacobian

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

    with pytest.raises(ValueError, match=r"f is not finite at \[1.0, 2.5\]: got nan; coordinate 1"):
        numerical_jacobian(f, [1.0, 2.0], 0.5)
    with pytest.raises(ValueError, match=r"f is not finite at \[1.0, 3.0\]: got nan$"):
        jacobian_with_error(f, [1.0, 3.0])


def test_complex_values_are_refused():
    with pytest.raises(TypeError, match="f must return real numbers, got an array of dtype comp"):
        numerical_jacobian(lambda x: x + 1j, [1.0])
