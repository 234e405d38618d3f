"""Least squares: orthogonality, minimum norm, KKT conditions, and the failures of A.T @ A."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.constraints.least_squares import (
    ball_dual_ascent,
    ridge,
    solve_ball,
    solve_gd,
    solve_qr,
    solve_svd,
)
from coursekit.derivatives import numerical_jacobian

TALL = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
B = np.array([2.0, 1.0, 3.0])
EPS = np.finfo(float).eps


def lauchli(e, dtype=float):
    return np.array([[1, 1], [e, 0], [0, e]], dtype), np.array([2, e, e], dtype)


def polynomial(degree, dtype=float):
    """Columns 1, x, ..., x^degree at 100 points of [0, 1], and the values if all weights are 1."""
    V = np.vander(np.linspace(0, 1, 100), degree + 1, increasing=True)
    return V.astype(dtype), V.sum(axis=1).astype(dtype)


def with_rank(m, n, rank, seed=0, smallest=0.1):
    rng = np.random.default_rng(seed)
    U = np.linalg.qr(rng.standard_normal((m, m)))[0][:, :rank]
    V = np.linalg.qr(rng.standard_normal((n, n)))[0][:, :rank]
    return U * np.geomspace(1, smallest, rank) @ V.T, rng.standard_normal(m)


@st.composite
def problems(draw):
    m, n = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    rank = draw(st.integers(1, min(m, n)))
    A, b = with_rank(
        m, n, rank, draw(st.integers(0, 10**6)), draw(st.sampled_from([1, 1e-2, 1e-5]))
    )
    scale = 10.0 ** draw(st.integers(-8, 8))
    return scale * A, b


# QR


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (30, 7)])
@pytest.mark.parametrize("columns", [(), (3,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_qr_agrees_with_scipy_and_keeps_float32(shape, columns, dtype):
    rng = np.random.default_rng(1)
    A = rng.standard_normal(shape).astype(dtype)
    b = rng.standard_normal((shape[0], *columns)).astype(dtype)
    before = A.copy(), b.copy()
    x = solve_qr(A, b)
    assert x.dtype == dtype
    expected = scipy.linalg.lstsq(A.astype(float), b.astype(float))[0]
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(x, expected, rtol=0, atol=100 * eps * np.abs(expected).max())
    np.testing.assert_array_equal(A, before[0])
    np.testing.assert_array_equal(b, before[1])


@given(st.integers(0, 10**6), st.sampled_from([1, 1e-3, 1e-6]))
def test_the_residual_is_orthogonal_to_the_columns(seed, smallest):
    A, b = with_rank(12, 4, 4, seed, smallest)
    x = solve_qr(A, b)
    r = A @ x - b
    size = np.linalg.norm(A, 2) * (np.linalg.norm(A, 2) * np.linalg.norm(x) + np.linalg.norm(b))
    assert np.linalg.norm(A.T @ r) <= 100 * EPS * size
    assert np.linalg.norm(r) ** 2 + np.linalg.norm(A @ x) ** 2 == pytest.approx(b @ b, rel=1e-9)


@pytest.mark.parametrize("degree", [1, 3, 5, 7, 9, 11])
def test_the_error_of_qr_is_a_modest_multiple_of_the_condition_number(degree):
    V, b = polynomial(degree)
    assert np.abs(solve_qr(V, b) - 1).max() <= 20 * EPS * np.linalg.cond(V)


@pytest.mark.parametrize("degree", [5, 7])
def test_normal_equations_square_the_condition_number(degree):
    V, b = polynomial(degree, np.float32)
    kappa = np.linalg.cond(V.astype(float))
    assert np.linalg.cond(V.astype(float).T @ V.astype(float)) == pytest.approx(kappa**2, rel=1e-3)
    with np.errstate(all="ignore"):
        inverse = np.linalg.inv(V.T @ V) @ V.T @ b
    error = np.abs(solve_qr(V, b) - 1).max()
    assert error <= 20 * np.finfo(np.float32).eps * kappa
    assert np.abs(inverse - 1).max() > 100 * error


@pytest.mark.parametrize(("e", "dtype"), [(1e-4, np.float32), (1e-8, np.float64)])
def test_lauchli_is_solved_where_its_normal_equations_are_singular(e, dtype):
    A, b = lauchli(e, dtype)
    np.testing.assert_array_equal(A.T @ A, 1)
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        np.linalg.solve(A.T @ A, A.T @ b)
    for solve in (solve_qr, solve_svd):
        np.testing.assert_allclose(solve(A, b), 1, rtol=10 * np.finfo(dtype).eps / e)


@pytest.mark.parametrize(
    ("A", "rank"),
    [(np.ones((3, 2)), 1), (np.eye(2, 3), 2), (np.zeros((2, 2)), 0), (with_rank(9, 5, 3)[0], 3)],
)
def test_dependent_columns_are_an_error_for_qr(A, rank):
    with pytest.raises(
        ValueError, match=f"^A must have full column rank, but of its {A.shape[1]} .* only {rank} "
    ):
        solve_qr(A, np.ones(len(A)))


def test_qr_refuses_in_float32_what_it_solves_in_float64():
    assert np.abs(solve_qr(*polynomial(11)) - 1).max() < 1e-6
    with pytest.raises(ValueError, match="linearly independent in float32"):
        solve_qr(*polynomial(11, np.float32))


# Minimum norm


@pytest.mark.parametrize(
    ("m", "n", "rank"), [(6, 4, 4), (4, 6, 4), (6, 4, 2), (5, 5, 1), (1, 3, 1)]
)
def test_the_identity_on_the_right_gives_the_pseudoinverse(m, n, rank):
    A, _ = with_rank(m, n, rank)
    P = solve_svd(A, np.eye(m))
    np.testing.assert_allclose(P, np.linalg.pinv(A), rtol=0, atol=1e-13)
    for left, right in (  # the four conditions of Penrose
        (A @ P @ A, A),
        (P @ A @ P, P),
        ((A @ P).T, A @ P),
        ((P @ A).T, P @ A),
    ):
        np.testing.assert_allclose(left, right, rtol=0, atol=1e-13)


@given(problems())
def test_no_minimizer_is_shorter(problem):
    A, b = problem
    x = solve_svd(A, b)
    null = scipy.linalg.null_space(A, rcond=1e-12)
    assert np.abs(null.T @ x).max(initial=0) <= 1e-9 * np.linalg.norm(x)
    gradient = A.T @ (A @ x - b)
    assert np.linalg.norm(gradient) <= 1e-9 * np.linalg.norm(A, 2) * np.linalg.norm(b)


def test_the_smallest_norm_by_hand():
    np.testing.assert_allclose(solve_svd([[1, 2, 2]], [9]), [1, 2, 2], rtol=1e-14)
    np.testing.assert_array_equal(solve_svd(np.zeros((3, 2)), np.ones(3)), [0, 0])
    np.testing.assert_array_equal(solve_svd(np.zeros((3, 2)), np.ones((3, 4))), np.zeros((2, 4)))


def test_rcond_decides_what_counts_as_zero():
    A, b = np.diag([1.0, 1e-6]), np.array([1.0, 1.0])
    np.testing.assert_allclose(solve_svd(A, b), [1, 1e6])
    np.testing.assert_array_equal(solve_svd(A, b, rcond=1e-5), [1, 0])
    assert solve_svd(np.float32(A), np.float32(b), rcond=1e-5).dtype == np.float32


@pytest.mark.parametrize("columns", [(), (3,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tall_systems_go_through_a_triangle_and_agree_with_lapack(dtype, columns):
    rng = np.random.default_rng(8)
    A, b = rng.standard_normal((500, 8)), rng.standard_normal((500, *columns))
    A[:, 7] = A[:, 0] - 2 * A[:, 1]  # rank 7
    A, b = A.astype(dtype), b.astype(dtype)
    for scale in (1, 1e-30, 1e30):
        x = solve_svd(np.multiply(scale, A, dtype=dtype), b) * dtype(scale)
        expected = np.linalg.lstsq(A.astype(float), b.astype(float), rcond=1e-6)[0]
        assert x.dtype == dtype
        assert x.shape == (8, *columns)
        np.testing.assert_allclose(x, expected, rtol=0, atol=50 * np.finfo(dtype).eps)
    normal = A.T @ A + 3 * np.eye(8)
    np.testing.assert_allclose(ridge(A, b, 3), np.linalg.solve(normal, A.T @ b), atol=1e-5)


def test_a_tall_ill_conditioned_system_keeps_its_digits():
    """A polynomial of degree 11 in 1000 points, kappa 1e8: normal equations would have kappa^2."""
    V = np.vander(np.linspace(0, 1, 1000), 12, increasing=True)
    expected = np.arange(1.0, 13)
    x = solve_svd(V, V @ expected)
    kappa = np.linalg.cond(V)
    assert kappa > 1e7
    np.testing.assert_allclose(x, expected, rtol=10 * kappa * EPS)
    assert np.linalg.norm(V @ x - V @ expected) <= 1e-14 * np.linalg.norm(V @ expected)


# Ridge


def test_ridge_by_hand():
    A, b = [[1, 0], [0, 1], [1, 1]], [1, 2, 4]
    np.testing.assert_allclose(ridge(A, b, 1), [9 / 8, 13 / 8], rtol=1e-14)
    np.testing.assert_allclose(ridge(np.eye(3), [3, -0.4, 1], 1), [1.5, -0.2, 0.5], rtol=1e-14)


@given(problems(), st.floats(1e-3, 1e3))
def test_ridge_is_least_squares_with_more_rows(problem, lam):
    A, b = problem
    n, norm = A.shape[1], np.linalg.norm(A, 2)
    lam *= norm**2
    taller = np.vstack([A, np.sqrt(lam) * np.eye(n)])
    expected = solve_qr(taller, np.concatenate([b, np.zeros(n)]))
    x = ridge(A, b, lam)
    np.testing.assert_allclose(x, expected, rtol=0, atol=1e-11 * np.linalg.norm(b) / norm)


@given(problems())
def test_the_ridge_solution_shrinks_from_the_shortest_minimizer(problem):
    A, b = problem
    scale = np.linalg.norm(A, 2) ** 2
    norms = [np.linalg.norm(ridge(A, b, lam * scale)) for lam in (0, 1e-4, 1e-2, 1, 100)]
    assert np.all(np.diff(norms) <= 1e-12 * norms[0])
    np.testing.assert_allclose(ridge(A, b, 0), solve_svd(A, b))


def test_ridge_as_scikit_learn_and_with_several_right_hand_sides():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(2)
    A, b = rng.standard_normal((20, 5)), rng.standard_normal((20, 3))
    x = ridge(A, b, 0.7)
    model = Ridge(alpha=0.7, fit_intercept=False).fit(A, b)
    np.testing.assert_allclose(x, model.coef_.T, rtol=1e-11)
    for j in range(3):
        np.testing.assert_allclose(ridge(A, b[:, j], 0.7), x[:, j], rtol=1e-12)


def test_no_square_of_a_singular_value_underflows():
    """In units of 1e-200 every square is below the smallest float."""
    expected = solve_ball(TALL, B, 1)
    tiny = solve_ball(1e-200 * TALL, 1e-200 * B, 1)
    np.testing.assert_allclose(tiny.x, expected.x, rtol=1e-14)
    np.testing.assert_allclose(ridge(1e-200 * TALL, 1e-200 * B, 0), solve_svd(TALL, B), rtol=1e-14)
    np.testing.assert_allclose(ridge(1e-200 * TALL, 1e-200 * B, 1), 0, atol=1e-300)


# Gradient descent


def test_descent_converges_below_two_over_the_largest_squared_singular_value_only():
    limit = 2 / np.linalg.norm(TALL, 2) ** 2
    run = solve_gd(TALL, B, step_size=0.99 * limit, tol=1e-12)
    assert run.success
    np.testing.assert_allclose(run.x, solve_qr(TALL, B), rtol=1e-10)
    assert solve_gd(TALL, B, step_size=1.01 * limit, maxiter=10**5).status == 2


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 10**6))
@settings(max_examples=50)
def test_descent_from_zero_finds_the_solution_of_least_norm(m, n, seed):
    A, b = with_rank(m, n, 1 + seed % min(m, n), seed, smallest=0.3)
    run = solve_gd(A, b, tol=1e-12)
    expected = solve_svd(A, b)
    assert run.success
    assert np.linalg.norm(run.x - expected) <= 1e-10 * np.linalg.norm(b)


def test_what_the_start_has_in_the_null_space_stays():
    A, b = with_rank(5, 20, 5)
    x0 = np.random.default_rng(3).standard_normal(20)
    null = x0 - solve_svd(A, A @ x0)
    run = solve_gd(A, b, x0=x0, tol=1e-12)
    assert run.success
    np.testing.assert_allclose(run.x - solve_svd(A, b), null, atol=1e-8)


def test_the_tolerance_is_relative():
    runs = [solve_gd(scale * TALL, 1e3 * B, tol=1e-8) for scale in (1e-6, 1, 1e6)]
    assert runs[0].success
    assert len({run.nit for run in runs}) == 1


def test_float32_stays_float32_and_stops_at_its_floor():
    A, b = TALL.astype(np.float32), B.astype(np.float32)
    run = solve_gd(A, b, x0=[5, -3])
    assert run.success
    assert run.path.dtype == np.float32
    V, y = polynomial(1, np.float32)
    floored = solve_gd(V, y + np.sin(9 * y), tol=1e-12)
    assert floored.status in (1, 4)
    assert np.linalg.norm(floored.jac) < 1e-4


def test_a_zero_matrix_needs_no_step():
    run = solve_gd(np.zeros((3, 2)), np.ones(3))
    assert run.success
    assert run.nit == 0


# The ball


@given(problems(), st.floats(1e-6, 10))
def test_the_ball_solution_satisfies_the_kkt_conditions(problem, fraction):
    A, b = problem
    free = np.linalg.norm(solve_svd(A, b))
    radius = fraction * free
    run = solve_ball(A, b, radius)
    assert run.success
    assert run.nit <= 20
    x, mu = run.x, run.mu
    size = np.linalg.norm(A, 2) * np.linalg.norm(b)
    assert np.linalg.norm(A.T @ (A @ x - b) + 2 * mu * x) <= 1e-9 * size
    assert np.linalg.norm(x) <= radius * (1 + 100 * EPS)
    assert mu >= 0
    if mu > 0:
        assert np.linalg.norm(x) == pytest.approx(radius, rel=1e-12)
        assert np.all(np.diff(run.path_mu) > 0)  # Newton from the left, never past
        assert np.all(np.linalg.norm(run.path, axis=1) >= radius * (1 - 1e-12))
    else:
        assert run.nit == 0
        np.testing.assert_allclose(x, solve_svd(A, b), rtol=1e-10, atol=1e-14 * free)


def test_the_worked_example():
    run = solve_ball(TALL, B, 1)
    np.testing.assert_allclose(run.x, [0.781509, 0.623894], atol=5e-7)
    assert run.mu == pytest.approx(1.579356, abs=5e-7)
    assert run.fun == pytest.approx(1.437574, abs=5e-7)
    np.testing.assert_allclose(run.path[0], [10 / 9, 13 / 9], rtol=1e-14)
    np.testing.assert_allclose(run.jac, -2 * run.mu * run.x, rtol=1e-12)
    np.testing.assert_allclose(ridge(TALL, B, 2 * run.mu), run.x, rtol=1e-13)
    scaled = run.path[0] / np.linalg.norm(run.path[0])
    assert np.sum((TALL @ scaled - B) ** 2) / 2 > run.fun + 0.1
    assert run.path.shape == (run.nit + 1, 2)
    assert run.path_fun.shape == run.path_mu.shape == (run.nit + 1,)


def test_newton_converges_quadratically():
    run = solve_ball(TALL, B, 1)
    error = np.abs(run.path_mu[:-1] - run.mu) / run.mu
    ratio = error[1:] / error[:-1] ** 2
    assert np.all(ratio < 1)


@pytest.mark.parametrize("shape", [(12, 4), (4, 12)])
def test_the_ball_as_cvxpy_and_slsqp(shape):
    import cvxpy as cp

    rng = np.random.default_rng(4)
    A, b = rng.standard_normal(shape), rng.standard_normal(shape[0])
    radius = np.linalg.norm(solve_svd(A, b)) / 2
    run = solve_ball(A, b, radius)
    x = cp.Variable(shape[1])
    cp.Problem(cp.Minimize(cp.sum_squares(A @ x - b) / 2), [cp.norm(x, 2) <= radius]).solve(
        solver=cp.CLARABEL
    )
    np.testing.assert_allclose(run.x, x.value, atol=5e-5)
    generic = scipy.optimize.minimize(
        lambda x: np.sum((A @ x - b) ** 2) / 2,
        np.zeros(shape[1]),
        jac=lambda x: A.T @ (A @ x - b),
        method="SLSQP",
        constraints={"type": "ineq", "fun": lambda x: radius**2 - x @ x, "jac": lambda x: -2 * x},
        options={"ftol": 1e-12},
    )
    np.testing.assert_allclose(run.x, generic.x, atol=1e-5)
    assert run.fun <= generic.fun * (1 + 1e-9)


def test_the_multiplier_is_the_price_of_the_bound():
    """The derivative of the optimal value by the squared radius is -mu."""

    def best(square):
        return solve_ball(TALL, B, np.sqrt(square[0])).fun

    slope = numerical_jacobian(best, np.array([1.0])).squeeze()
    assert slope == pytest.approx(-solve_ball(TALL, B, 1).mu, rel=1e-6)


@pytest.mark.parametrize("radius", [1e-12, 1e-3, 1.8, 1e12])
def test_small_and_large_balls(radius):
    run = solve_ball(TALL, B, radius)
    assert run.success
    assert np.linalg.norm(run.x) == pytest.approx(min(radius, 1.8223577185396356), rel=1e-12)
    assert ("inactive" in run.message) == (radius > 1.83)


def test_the_ball_in_float32_and_for_a_zero_matrix():
    run = solve_ball(TALL.astype(np.float32), B.astype(np.float32), 1)
    assert run.success
    assert run.x.dtype == np.float32
    np.testing.assert_allclose(run.x, solve_ball(TALL, B, 1).x, rtol=1e-5)
    zero = solve_ball(np.zeros((3, 2)), B, 1)
    assert zero.success
    np.testing.assert_array_equal(zero.x, 0)
    assert zero.fun == pytest.approx(7)


def test_too_few_newton_steps_have_a_status():
    run = solve_ball(TALL, B, 1, maxiter=1)
    assert (run.status, run.success, run.nit) == (1, False, 1)
    assert run.message.startswith("Stopped at maxiter = 1: ||x|| = 1.09 > radius = 1.")


# Dual ascent


@pytest.mark.parametrize(("step", "nit"), [(0.1, 328), (1, 26), (2, 9), (3, 32)])
def test_dual_ascent_finds_the_same_solution(step, nit):
    run = ball_dual_ascent(TALL, B, step_size=step)
    assert run.success
    assert run.nit == nit
    np.testing.assert_allclose(run.x, solve_ball(TALL, B, 1).x, atol=1e-8)
    assert run.path.shape == (nit + 1, 2)


def test_dual_ascent_needs_a_step_below_two_over_the_curvature_of_the_dual():
    best = solve_ball(TALL, B, 1)
    H = TALL.T @ TALL + 2 * best.mu * np.eye(2)
    limit = 2 / (4 * best.x @ np.linalg.solve(H, best.x))
    assert limit == pytest.approx(3.8391, abs=1e-4)
    assert ball_dual_ascent(TALL, B, step_size=0.99 * limit).success
    for step in (1.01 * limit, 4, 10, 1e6):
        run = ball_dual_ascent(TALL, B, step_size=step)
        assert (run.status, run.nit) == (1, 1000)
        assert "only step sizes below" in run.message


def test_an_inactive_bound_has_multiplier_zero():
    for solve in (solve_ball, ball_dual_ascent):
        run = solve(TALL, [0.8, 0.4, 1.2], 1)
        assert run.success
        assert run.nit == 0
        assert run.mu == 0
        np.testing.assert_allclose(run.x, [4 / 9, 5.2 / 9], rtol=1e-14)


# TensorFlow


def test_tensorflow_solves_the_normal_equations_unless_told_otherwise():
    tf = pytest.importorskip("tensorflow")
    A, b = (tf.constant(part) for part in lauchli(1e-4, np.float32))
    fast = tf.linalg.lstsq(A, b[:, None]).numpy()
    assert not np.isfinite(fast).all()
    slow = tf.linalg.lstsq(A, b[:, None], fast=False).numpy()[:, 0]
    np.testing.assert_allclose(slow, solve_qr(A.numpy(), b.numpy()), rtol=1e-2)


def test_a_trained_convolution_is_a_least_squares_fit():
    """Sobel's kernel from 64 images, by Keras and by solve_qr on the windows."""
    tf = pytest.importorskip("tensorflow")
    tf.keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).standard_normal((64, 16, 16, 1)).astype(np.float32)
    kernel = np.float32([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    targets = tf.nn.conv2d(images, kernel[:, :, None, None], 1, "VALID").numpy()
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (3, 3), axis=(1, 2))
    fitted = solve_qr(windows.reshape(-1, 9), targets.ravel())
    np.testing.assert_allclose(fitted.reshape(3, 3), kernel, atol=1e-5)
    layer = tf.keras.layers.Conv2D(1, 3, use_bias=False)
    layer.build(images.shape)
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(images) - targets) ** 2)
        (gradient,) = tape.gradient(loss, layer.trainable_variables)
        layer.trainable_variables[0].assign_sub(0.4 * gradient)
    np.testing.assert_allclose(layer.get_weights()[0][:, :, 0, 0], kernel, atol=1e-4)


# Arguments

SOLVERS = [
    solve_qr,
    solve_svd,
    lambda A, b: ridge(A, b, 1),
    solve_gd,
    lambda A, b: solve_ball(A, b, 1),
    ball_dual_ascent,
]
NAMES = ["qr", "svd", "ridge", "gd", "ball", "dual ascent"]


@pytest.mark.parametrize("solve", SOLVERS, ids=NAMES)
@pytest.mark.parametrize(
    ("A", "b", "error", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], ValueError, r"^A must be a nonempty matrix; got shape \(2,\)"),
        (np.zeros((0, 2)), [], ValueError, r"^A must be a nonempty matrix; got shape \(0, 2\)"),
        (TALL, [1.0, 2.0], ValueError, r"^b must have shape \(3,\).* got shape \(2,\)"),
        (TALL, 1.0, ValueError, r"^b must have shape \(3,\).* got shape \(\)"),
        (TALL, np.ones((1, 3, 1)), ValueError, r"^b must have shape"),
        (TALL * 1j, B, TypeError, "^A must hold real numbers; got dtype complex128"),
        (TALL, ["a", "b", "c"], TypeError, "^b must hold real numbers; got dtype <U1"),
        (np.full((3, 2), np.inf), B, ValueError, "^A must be finite"),
        (TALL, [1, 2, np.nan], ValueError, "^b must be finite"),
    ],
)
def test_bad_data(solve, A, b, error, message):
    with pytest.raises(error, match=message):
        solve(A, b)


@pytest.mark.parametrize("solve", SOLVERS[3:], ids=NAMES[3:])
def test_the_iterations_take_one_right_hand_side(solve):
    with pytest.raises(ValueError, match=r"^b must have shape \(3,\), one entry a row"):
        solve(TALL, B[:, None])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: solve_svd(TALL, B, rcond=1), ValueError, "^rcond must be at least 0 and below 1"),
        (lambda: solve_svd(TALL, B, rcond="1"), TypeError, "^rcond must be one real number"),
        (lambda: ridge(TALL, B, -1), ValueError, "^lam must be at least 0 and finite; got -1"),
        (lambda: ridge(TALL, B, np.inf), ValueError, "^lam must be at least 0 and finite"),
        (lambda: ridge(TALL, B, [1, 2]), TypeError, "^lam must be one real number"),
        (lambda: solve_gd(TALL, B, x0=[1, 2, 3]), ValueError, r"^x0 must be one point of shape"),
        (lambda: solve_gd(TALL, B, x0=[1j, 2]), TypeError, "^x0 must hold real numbers"),
        (lambda: solve_gd(TALL, B, tol=-1), ValueError, "^tol must be at least 0 and finite"),
        (
            lambda: solve_gd(TALL, B, step_size=0),
            ValueError,
            "^step_size must be above 0 and finite; got 0",
        ),
        (lambda: solve_ball(TALL, B, 0), ValueError, "^radius must be above 0 and finite"),
        (lambda: solve_ball(TALL, B, -1), ValueError, "^radius must be above 0 and finite"),
        (lambda: solve_ball(TALL, B, np.nan), ValueError, "^radius must be above 0 and finite"),
        (lambda: solve_ball(TALL, B, "1"), TypeError, "^radius must be one real number"),
        (lambda: solve_ball(TALL, B, 1, maxiter=-1), ValueError, "^maxiter must be at least 0"),
        (lambda: ball_dual_ascent(TALL, B, step_size=-1), ValueError, "^step_size must be above 0"),
        (lambda: ball_dual_ascent(TALL, B, maxiter=1.5), TypeError, "^maxiter must be an integer"),
    ],
)
def test_bad_options(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("kind", [int, bool, np.float16])
def test_other_numbers_become_float64(kind):
    A = np.array([[1, 0], [1, 1], [0, 1]]).astype(kind)
    x = solve_qr(A, np.float32([1, 2, 1]))
    assert x.dtype == np.float64
    np.testing.assert_allclose(x, 1, rtol=1e-14)
