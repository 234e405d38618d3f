"""Newton's method: its order, its invariance, where it goes wrong, and what is said then."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit import statuses
from coursekit.descent import backtracking, gradient_descent, newton, newton_root
from coursekit.objectives import (
    bowl,
    exponential_sum,
    hill_and_well,
    himmelblau,
    polynomial10,
    quadratic,
    rosenbrock,
    saddle,
    sine_valley,
)


def minimize(f, x0, **options):
    return newton(f, f.grad, f.hess, x0, **options)


def critical(f, x0, **options):
    return newton_root(f.grad, f.hess, x0, **options)


def root_of_square(x):
    """sqrt(1 + x^2): convex, but full Newton steps give x -> -x^3."""
    return float(np.sqrt(1 + x @ x))


def hyperbola(x0, **options):
    return newton(
        root_of_square,
        lambda x: x / np.sqrt(1 + x * x),
        lambda x: np.diag((1 + x * x) ** -1.5),
        [x0],
        **options,
    )


# --- The values of the syllabus -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("x0", "errors"),
    [
        ([0, 0], [0.649169, 1.50e-1, 1.79e-2, 3.07e-4, 8.81e-8]),
        ([-2, 2], [3.345745, 1.80, 0.700, 1.70e-2, 1.76e-4, 1.97e-8]),
    ],
)
def test_errors_on_exponential_sum(x0, errors):
    f = exponential_sum
    run = minimize(f, x0, step_size=1.0)
    assert run.nit == len(errors)
    distance = np.linalg.norm(run.path - f.minimizers, axis=1)
    np.testing.assert_allclose(distance[:-1], errors, rtol=5e-3)
    assert distance[-1] < 1e-14


def test_where_fixed_steps_overflow_twelve_newton_steps_are_enough():
    run = minimize(exponential_sum, [3, 3], step_size=1.0, tol=1e-12)
    assert (run.status, run.nit) == (0, 12)
    distance = np.linalg.norm(run.path - exponential_sum.minimizers, axis=1)
    assert (distance[1:8] > 0.1 * distance[:7]).all(), "first slow"
    assert distance[-2] < distance[-3] ** 1.9, "then quadratic"


def test_rosenbrock_in_six_steps_that_are_not_monotone():
    run = minimize(rosenbrock, [-1.2, 1], step_size=1.0)
    assert (run.status, run.nit) == (0, 6)
    np.testing.assert_allclose(
        run.path[1:5],
        [(-1.175281, 1.380674), (0.763115, -3.175034), (0.763430, 0.582825), (0.999995, 0.944027)],
        atol=6e-7,
    )
    np.testing.assert_allclose(
        run.path_fun[1:5], [4.731884, 1411.845, 0.0559655, 0.313189], rtol=1e-5
    )
    damped = minimize(rosenbrock, [-1.2, 1])
    assert damped.success
    assert (np.diff(damped.path_fun) < 0).all()


@pytest.mark.parametrize(
    ("x0", "x", "nit"),
    [
        (1.0, 1.230737, 4),
        (1.3, 1.230737, 3),
        (1.5, 1.230737, 6),
        (0.5, -2.024310, 8),
        (-2.2, -2.024310, 3),
        (0, -0.412173, 4),
        (-1, -0.412173, 6),
        (1.7, 1.875371, 5),
        (2.4, 1.875371, 6),
        (-2.7, -2.591678, 5),
        (-2.4, -2.591678, 18),
    ],
)
def test_any_critical_point_of_the_polynomial(x0, x, nit):
    f = polynomial10
    run = critical(f, [x0], tol=1e-6)
    assert (run.status, run.nit) == (0, nit)
    assert run.x[0] == pytest.approx(x, abs=6e-7)
    is_minimum = f.hess(run.x)[0, 0] > 0
    refused = minimize(f, [x0], step_size=1.0, tol=1e-6)
    if is_minimum:
        np.testing.assert_allclose(refused.path, run.path, rtol=1e-9)
    else:
        assert refused.status == statuses.NOT_POSITIVE_DEFINITE
    repaired = minimize(f, [x0], repair=True, tol=1e-6)
    assert repaired.success
    assert f.hess(repaired.x)[0, 0] > 0


def test_running_away_from_an_indefinite_hessian():
    f = hill_and_well
    run = critical(f, [-1, 1], maxiter=3)
    expected = [(-1.25, 1.75), (-1.3535, 2.0314), (-1.4416, 2.2629)]
    np.testing.assert_allclose(run.path[1:], expected, atol=5e-5)
    np.testing.assert_allclose(
        critical(f, [0, 1], maxiter=3).path[1:], [(0, 1.5), (0, 1.8333), (0, 2.1061)], atol=5e-5
    )
    np.testing.assert_allclose(
        minimize(f, [-0.8, 0.3]).path[1:4],
        [(-0.674944, -0.081867), (-0.706902, 0.001462), (-0.707107, 0)],
        atol=6e-7,
    )
    for x0 in ([-1, 1], [0, 1]):
        assert minimize(f, x0).status == statuses.NOT_POSITIVE_DEFINITE
        np.testing.assert_allclose(minimize(f, x0, repair=True).x, f.minimizers[0], atol=1e-8)


@pytest.mark.parametrize(
    ("x0", "path"),
    [(0.5, [-0.125, 0.001953, -7.5e-9]), (1.5, [-3.375, 38.44, -56815, 1.8e14])],
)
def test_pure_newton_may_diverge_on_a_convex_function(x0, path):
    run = hyperbola(x0, step_size=1.0)
    np.testing.assert_allclose(run.path[1 : len(path) + 1, 0], path, rtol=2e-2)
    np.testing.assert_allclose(run.path[1:4, 0], -(run.path[:3, 0] ** 3), rtol=1e-12)
    assert run.status == (0 if x0 < 1 else statuses.NOT_POSITIVE_DEFINITE), "the Hessian underflows"
    assert hyperbola(1.1, step_size=1.0).status == statuses.NON_FINITE
    assert hyperbola(1.0, step_size=1.0, maxiter=9).path[:, 0].tolist() == [1, -1] * 5


@pytest.mark.parametrize(
    ("slope", "path"),
    [(0.25, [0.28125, -0.0222473, 1.1e-5]), (0.1, [-0.9375, -0.0567627, 0.00018289])],
)
def test_backtracking_tames_it(slope, path):
    rule = backtracking(root_of_square, slope=slope)
    run = hyperbola(1.5, step_size=rule)
    np.testing.assert_allclose(run.path[1:4, 0], path, rtol=2e-3)
    assert run.success
    if slope == 0.25:
        np.testing.assert_array_equal(hyperbola(1.5).path, run.path)


def test_square_root_of_four():
    def F(x):
        return x * x - 4

    def J(x):
        return np.diag(2 * x)

    path = newton_root(F, J, [2.5]).path[:, 0]
    np.testing.assert_allclose(path[1:-1] - 2, (path[:-2] - 2) ** 2 / (2 * path[:-2]), rtol=1e-6)
    assert path[3] == pytest.approx(2.0000000929, abs=5e-11)
    far = newton_root(F, J, [0.1])
    expected = [20.05, 10.124751, 5.259911, 3.010190, 2.169505, 2.006622, 2.000011]
    np.testing.assert_allclose(far.path[1:8, 0], expected, atol=6e-7)


def test_the_other_values():
    np.testing.assert_allclose(minimize(bowl, [10, 1]).path, [(10, 1), (0, 0)], atol=1e-14)
    damped = minimize(bowl, [10, 1], step_size=0.5, maxiter=1)
    np.testing.assert_allclose(damped.x, [5, 0.5], rtol=1e-15)
    np.testing.assert_allclose(critical(saddle, [1, 0.5]).x, [0, 0], atol=1e-14)
    away = minimize(saddle, [1, 0.5], repair=True, step_size=1.0, maxiter=1)
    np.testing.assert_allclose(away.x, [0, 1], atol=1e-14)
    diverges = gradient_descent(bowl, bowl.grad, [10, 1], step_size=0.25, maxiter=4)
    np.testing.assert_allclose(
        diverges.path_fun, [105, 36.25, 31.5625, 58.515625, 128.535], atol=5e-4
    )


# --- Order, invariance --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x0"), [(exponential_sum, [0, 0]), (himmelblau, [3.4, 2.4]), (hill_and_well, [-0.8, 0.3])]
)
def test_the_order_is_two(f, x0):
    run = minimize(f, x0, step_size=1.0)
    limit = f.minimizers[np.linalg.norm(f.minimizers - run.x, axis=1).argmin()]
    e = np.linalg.norm(run.path - limit, axis=1)
    e = e[(e < 0.3) & (e > 1e-11)]
    order = np.log(e[2:] / e[1:-1]) / np.log(e[1:-1] / e[:-2])
    assert order.size
    assert order[-1] > 1.8


def test_the_order_is_one_where_the_hessian_is_singular():
    quartic = newton(
        lambda x: float(x[0] ** 4),
        lambda x: 4 * x**3,
        lambda x: np.diag(12 * x * x),
        [1.0],
        maxiter=10,
        tol=0,
    )
    np.testing.assert_allclose(quartic.path[:, 0], (2 / 3) ** np.arange(11), rtol=1e-12)
    valley = minimize(sine_valley, [1, 0.5], step_size=1.0, maxiter=30, tol=0)
    x = valley.path[[1, 2, 3, 6, 11], 0]
    np.testing.assert_allclose(x, [0.167166, 0.225974, 0.149315, 0.0442011, 0.00582022], rtol=5e-6)
    assert valley.path[20, 0] / valley.path[19, 0] == pytest.approx(2 / 3, abs=1e-3)


@given(
    A=hnp.arrays(float, (2, 2), elements=st.floats(-2, 2)),
    shift=hnp.arrays(float, 2, elements=st.floats(-2, 2)),
    pure=st.booleans(),
)
def test_newton_does_not_depend_on_the_coordinates(A, shift, pure):
    assume(abs(np.linalg.det(A)) > 0.1)
    f, x0 = exponential_sum, np.array([-2.0, 2.0])
    options = {"maxiter": 5, "step_size": 1.0 if pure else None}
    usual = minimize(f, x0, **options)
    other = newton(
        lambda y: f(A @ y + shift),
        lambda y: A.T @ f.grad(A @ y + shift),
        lambda y: A.T @ f.hess(A @ y + shift) @ A,
        np.linalg.solve(A, x0 - shift),
        tol=0,
        **options,
    )
    back = other.path @ A.T + shift
    n = min(len(back), len(usual.path))
    np.testing.assert_allclose(back[:n], usual.path[:n], atol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8))
def test_one_step_on_a_quadratic(seed, n):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n, n))
    H = A @ A.T + np.eye(n)
    f = quadratic((H + H.T) / 2, rng.normal(size=n))
    run = minimize(f, rng.normal(size=n), tol=1e-10 * np.linalg.norm(H))
    assert run.nit <= 1
    np.testing.assert_allclose(run.x, f.minimizers[0], rtol=1e-8, atol=1e-8)


@given(k=st.integers(-60, 60))
def test_badly_scaled_coordinates_are_not_singular(k):
    scale = np.array([1.0, 2.0**k])
    f = quadratic(np.array([[2, 1], [1, 2]]) * np.outer(scale, scale))
    run = minimize(f, 1 / scale, tol=0, maxiter=1)
    assert run.status == statuses.MAXITER
    assert (abs(run.x * scale) <= 1e-15).all()
    root = newton_root(f.grad, f.hess, 1 / scale, tol=0, maxiter=1)
    assert (abs(root.x * scale) <= 1e-15).all()


# --- Hessians that are not positive definite ----------------------------------------------------


@pytest.mark.parametrize(
    ("H", "smallest"),
    [
        (np.diag([1.0, -2]), "-2"),
        (np.diag([1.0, 0]), "0"),
        (np.zeros((2, 2)), "0"),
        (np.ones((2, 2)), ""),
        (np.array([[1, 1], [1, 1 + 2e-16]]), ""),
    ],
)
def test_a_model_without_a_minimum_is_refused_with_its_smallest_eigenvalue(H, smallest):
    f = quadratic(H, [1, 1])
    run = newton(f, f.grad, lambda x: H, [1.0, 2.0])
    assert (run.status, run.success, run.nit) == (statuses.NOT_POSITIVE_DEFINITE, False, 0)
    assert run.message.startswith("Not positive definite at iteration 1, ||grad|| = ")
    assert f"the smallest eigenvalue of the Hessian is {smallest}" in run.message
    assert run.message.endswith("Try repair=True, trust_region, or another start.")
    assert run.repaired.size == 0


def test_a_repair_is_reported():
    run = minimize(polynomial10, [1.0], repair=True)
    assert run.repaired.tolist() == [0, 1]
    assert run.message.endswith(" Repaired Hessians: 2, the first at iteration 1.")
    run = minimize(exponential_sum, [-2, 2], repair=True)
    assert run.repaired.tolist() == []
    assert "epair" not in run.message
    np.testing.assert_array_equal(run.path, minimize(exponential_sum, [-2, 2]).path)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_a_repaired_step_is_that_of_the_absolute_eigenvalues(seed, n):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    values = rng.uniform(0.5, 2, n) * rng.choice([-1, 1], n)
    values[0] = -abs(values[0])
    H, b = (Q * values) @ Q.T, rng.normal(size=n)
    f, x0 = quadratic((H + H.T) / 2, b), rng.normal(size=n)
    run = minimize(f, x0, repair=True, step_size=1.0, maxiter=1)
    d = run.path[1] - run.path[0]
    expected = -(Q / abs(values)) @ Q.T @ f.grad(x0)
    np.testing.assert_allclose(d, expected, rtol=1e-9, atol=1e-9)
    assert f.grad(x0) @ d < 0


def test_a_flat_direction_is_not_divided_by_zero():
    f = quadratic(np.diag([1.0, 0]), [0, 1])  # falls for ever in the second coordinate
    run = minimize(f, [1.0, 0.0], repair=True, step_size=1.0, maxiter=1)
    np.testing.assert_allclose(run.x, [0, 2.0**26], rtol=1e-12)
    f = quadratic(np.zeros((1, 1)), [1.0])
    assert minimize(f, [0.0], repair=True, maxiter=1).x.tolist() == [1], "a gradient step"


def test_no_tolerance_hides_that_the_step_is_not_finite():
    tiny = np.nextafter(0, 1)
    run = newton(lambda x: float(x[0]), lambda x: np.ones(1), lambda x: np.array([[tiny]]), [1.0])
    assert (run.status, run.nit) == (statuses.NON_FINITE, 0)
    assert "the step is [-inf]. Start elsewhere, or scale x." in run.message


def test_a_rule_that_evaluates_is_counted():
    f = exponential_sum
    rule = backtracking(f)
    for _ in range(2):
        run = minimize(f, [-2, 2], step_size=rule)
        assert run.nfev == 2 * minimize(f, [-2, 2]).nfev - 1


# --- Systems ------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8))
def test_a_linear_system_needs_one_step(seed, n):
    rng = np.random.default_rng(seed)
    A, b = rng.normal(size=(n, n)), rng.normal(size=n)
    assume(np.linalg.cond(A) < 1e6)
    run = newton_root(lambda x: A @ x - b, lambda x: A, rng.normal(size=n), tol=1e-8)
    assert (run.status, run.nit, run.nfev, run.njev) == (0, 1, 2, 1)
    np.testing.assert_allclose(A @ run.x, b, atol=1e-8)


def test_a_root_of_the_gradient_is_a_pure_newton_run():
    f = exponential_sum
    run, pure = critical(f, [-2, 2]), minimize(f, [-2, 2], step_size=1.0)
    assert run.message == "Converged after 6 updates: ||F|| = " + run.message.split("= ", 1)[1]
    np.testing.assert_allclose(run.path, pure.path, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run.path_fun, np.linalg.norm(f.grad(run.path), axis=1), rtol=1e-12)
    np.testing.assert_array_equal(run.fun, f.grad(run.x))
    np.testing.assert_array_equal(run.jac, f.hess(run.path[-2]))


@pytest.mark.parametrize(
    "J",
    [np.zeros((2, 2)), np.ones((2, 2)), np.diag([1.0, 0]), np.array([[1, 2], [2, 4 + 1e-15]])],
)
def test_a_singular_jacobian_ends_the_run(J):
    run = newton_root(lambda x: x - 1, lambda x: J, [0.0, 0.0])
    assert (run.status, run.success, run.nit) == (statuses.SINGULAR, False, 0)
    assert run.message.startswith("Singular at iteration 1, ||F|| = 1.41 > tol = 1e-08: the Jac")
    assert run.message.endswith("has no inverse at x = [0. 0.]. Try another start.")


def test_the_other_ends_of_a_search_for_a_root():
    run = newton_root(lambda x: x * x + 1, lambda x: np.diag(2 * x), [0.7], maxiter=20)
    assert (run.status, run.nit) == (statuses.MAXITER, 20), "there is no real root"
    assert run.message.startswith("Stopped at maxiter = 20 updates: ||F|| = ")
    run = newton_root(lambda x: x * x - 2, lambda x: np.diag(2 * x), [1.0], tol=0)
    assert run.status == statuses.NO_PROGRESS or run.fun[0] == 0 or run.status == statuses.MAXITER
    assert run.x[0] == pytest.approx(np.sqrt(2), rel=4e-16)
    run = newton_root(np.arctan, lambda x: np.diag(1 / (1 + x * x)), [1.5])
    assert run.status in (statuses.NON_FINITE, statuses.SINGULAR)
    assert np.isfinite(run.path).all()
    run = newton_root(np.log, lambda x: np.diag(1 / x), [4.0])
    assert run.status == statuses.NON_FINITE
    assert "the step led to F(x) = [nan] at x = [-1.545]" in run.message
    run = newton_root(lambda x: x - 1, lambda x: np.full((1, 1), np.nan), [0.0])
    assert run.status == statuses.NON_FINITE
    assert run.message.endswith("J(x) is not finite at x = [0.].")
    run = newton_root(lambda x: x, lambda x: np.eye(1), [0.0])
    assert (run.nit, run.jac, run.success) == (0, None, True)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x0": [[1.0]]}, ValueError, r"^x0 must be one point"),
        ({"x0": [np.inf, 0]}, ValueError, r"^x0 must be finite"),
        ({"F": lambda x: x * np.nan}, ValueError, r"^x0 must be a point where all values are fin"),
        ({"F": lambda x: x[:1]}, ValueError, r"^F\(x\) must have shape \(2,\); got shape \(1,\)"),
        ({"J": lambda x: np.eye(3)}, ValueError, r"^J\(x\) must have shape \(2, 2\); got shape"),
        ({"J": lambda x: None}, TypeError, r"^J\(x\) must hold real numbers"),
        ({"tol": -1}, ValueError, r"^tol must be at least 0"),
        ({"maxiter": 1.5}, TypeError, r"^maxiter must be an integer"),
    ],
)
def test_a_bad_argument_of_newton_root_is_named(options, error, message):
    arguments = {"F": lambda x: x - 1, "J": lambda x: np.eye(2), "x0": [0.0, 0.0]} | options
    with pytest.raises(error, match=message):
        newton_root(**arguments)


def test_roots_keep_single_precision():
    run = newton_root(
        lambda x: x * x - 2, lambda x: np.diag(2 * x), np.ones(1, np.float32), tol=1e-6
    )
    assert run.success
    assert run.path.dtype == run.fun.dtype == np.float32
