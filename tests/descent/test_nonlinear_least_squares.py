"""Gauss-Newton and Levenberg-Marquardt: the fit of the syllabus, SciPy, ranks, units, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from more_garbow_hillstrom import PROBLEMS
from scipy.optimize import least_squares

from coursekit import statuses
from coursekit.constraints.least_squares import solve_svd
from coursekit.descent import gauss_newton, levenberg_marquardt, newton

T = np.linspace(0, 2, 9)
BOTH = {"gauss_newton": gauss_newton, "levenberg_marquardt": levenberg_marquardt}
both = pytest.mark.parametrize("method", BOTH)
seeds = st.integers(0, 2**32 - 1)


def decay(a, b, t=T):
    """Residuals and Jacobian of the fit of x[0] exp(x[1] t) to a exp(b t)."""
    y = a * np.exp(b * t)

    def J(x):
        e = np.exp(x[1] * t)
        return np.stack([e, x[0] * t * e], axis=-1)

    return lambda x: x[0] * np.exp(x[1] * t) - y, J


FIT = decay(2, -1.5)


# --- The fit of the syllabus --------------------------------------------------------------------


def test_gauss_newton_is_lost_where_levenberg_marquardt_is_exact():
    lost = gauss_newton(*FIT, [1, -4])
    assert not lost.success
    np.testing.assert_allclose(lost.path[1], [1.950599, 5.300606], atol=6e-7)
    np.testing.assert_allclose(2 * lost.path_fun[:2], [3.375082, 6.6106e9], rtol=1e-5)
    run = levenberg_marquardt(*FIT, [1, -4])
    assert run.success
    assert run.nfev - 1 <= 8
    np.testing.assert_allclose(run.x, [2, -1.5], rtol=1e-10)
    assert run.fun < 1e-20
    assert (np.diff(run.path_fun) < 0).all()


def test_a_false_limit_of_gauss_newton():
    lost = gauss_newton(*FIT, [0.1, 1])
    assert lost.status == statuses.SINGULAR
    assert lost.x[1] < -5000
    assert lost.message.startswith("Singular at iteration 13, sum of squares 7.08, cosine ")
    assert "the Jacobian has rank 1 < 2 at x = [" in lost.message
    assert lost.message.endswith("Try levenberg_marquardt, or fewer parameters.")
    run = levenberg_marquardt(*FIT, [0.1, 1])
    assert run.success
    assert run.nfev - 1 <= 8
    np.testing.assert_allclose(run.x, [2, -1.5], rtol=1e-10)


def test_the_step_of_gauss_newton_solves_the_problem_of_the_syllabus():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 2)), rng.normal(size=6)
    run = gauss_newton(lambda w: y - X @ w, lambda w: -X, [0.0, 0.0])
    assert (run.status, run.nit) == (0, 1)
    np.testing.assert_allclose(run.x, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-12)


# --- Against other methods ----------------------------------------------------------------------


@both
@given(seed=seeds, m=st.integers(1, 12), n=st.integers(1, 5))
def test_a_linear_problem_is_solved(method, seed, m, n):
    rng = np.random.default_rng(seed)
    A, b, x0 = rng.normal(size=(m + n, n)), rng.normal(size=m + n), rng.normal(size=n)
    run = BOTH[method](lambda x: A @ x - b, lambda x: A, x0)
    assert run.success
    assert run.nit <= (1 if method == "gauss_newton" else 10)
    np.testing.assert_allclose(run.x, solve_svd(A, b), rtol=1e-6, atol=1e-6)


@given(
    a=st.floats(0.5, 3),
    b=st.floats(-2, -0.5),
    x0=st.tuples(st.floats(0.1, 4), st.floats(-4, 1)),
    noise=st.floats(0, 0.05),
    seed=seeds,
)
def test_the_minimum_is_that_of_scipy(a, b, x0, noise, seed):
    r, J = decay(a, b)
    errors = noise * np.random.default_rng(seed).normal(size=T.size)
    run = levenberg_marquardt(lambda x: r(x) + errors, J, x0)
    usual = least_squares(lambda x: r(x) + errors, x0, J, method="lm", xtol=1e-12, ftol=1e-15)
    assert run.success
    # Either may end far away, where the exponential has died out; never is ours the worse one.
    assert run.fun <= usual.cost * (1 + 1e-8) + 1e-18 or run.fun == pytest.approx(usual.cost)
    if usual.cost == pytest.approx(run.fun, abs=1e-12):
        np.testing.assert_allclose(run.x, usual.x, rtol=1e-5, atol=1e-5)


def test_close_to_a_zero_residual_the_order_is_two():
    run = gauss_newton(*FIT, [1.5, -1])
    e = np.linalg.norm(run.path - [2, -1.5], axis=1)
    e = e[e > 1e-12]
    assert np.log(e[-1] / e[-2]) / np.log(e[-2] / e[-3]) > 1.6


def test_with_large_residuals_it_is_only_linear_and_newton_is_not():
    t, y = np.array([0.0, 1, 2]), np.array([1.0, -3, 4])

    def r(x):
        return np.exp(x[0] * t) - y

    def J(x):
        return (t * np.exp(x[0] * t))[:, None]

    run = gauss_newton(r, J, [0.5])
    e = abs(run.path[:-3, 0] - run.x[0])
    factors = e[3:] / e[2:-1]
    assert run.success
    np.testing.assert_allclose(factors, 0.255, rtol=0.02)
    direct = newton(
        lambda x: float(r(x) @ r(x)) / 2,
        lambda x: J(x).T @ r(x),
        lambda x: J(x).T @ J(x) + (t * t * np.exp(x[0] * t)) @ r(x),
        [0.5],
    )
    assert direct.nit < run.nit / 2
    np.testing.assert_allclose(direct.x, run.x, rtol=1e-7)


# --- The damping --------------------------------------------------------------------------------


def test_each_step_solves_the_damped_equations():
    r, J = FIT
    run = levenberg_marquardt(r, J, [1, -4])
    D = 0
    for x, after, mu in zip(run.path, run.path[1:], run.path_mu, strict=False):
        Jx = J(x)
        D = np.maximum(D, np.linalg.norm(Jx, axis=0))
        left = (Jx.T @ Jx + mu * np.diag(D**2)) @ (after - x)
        np.testing.assert_allclose(left, -Jx.T @ r(x), rtol=1e-6, atol=1e-12)
    assert run.path_mu.shape == (run.nit,)
    assert run.path_mu[0] > 0
    assert run.path_mu[-1] == 0, "near the solution it is Gauss-Newton"


def test_the_first_damping_is_the_one_that_was_given():
    for mu0 in (1e-3, 1, 100):
        run = levenberg_marquardt(*FIT, [1.8, -1.2], mu0=mu0, maxiter=1)
        assert run.path_mu[0] == pytest.approx(mu0, rel=1e-6)


@given(k=st.tuples(st.integers(-40, 40), st.integers(-40, 40), st.integers(-40, 40)))
def test_units_do_not_matter(k):
    r, J = FIT
    unit, units = 2.0 ** k[0], 2.0 ** np.array(k[1:])
    for method in (gauss_newton, levenberg_marquardt):
        start = np.array([1.5, -1.0])
        usual = method(r, J, start)
        other = method(
            lambda z: unit * r(z * units), lambda z: unit * J(z * units) * units, start / units
        )
        assert (other.nit, other.nfev) == (usual.nit, usual.nfev)
        np.testing.assert_allclose(other.path * units, usual.path, rtol=1e-9)


@pytest.mark.parametrize("m", [1, 2])
def test_fewer_residuals_than_parameters(m):
    A = np.array([[1.0, 2, 3], [0, 1, 1]])[:m]
    b = np.array([6.0, 2])[:m]
    run = levenberg_marquardt(lambda x: A @ x - b, lambda x: A, [1, 0, 0])
    assert run.success
    np.testing.assert_allclose(A @ run.x, b, rtol=1e-7)
    assert gauss_newton(lambda x: A @ x - b, lambda x: A, [1, 0, 0]).status == statuses.SINGULAR


def test_a_parameter_without_an_effect_is_left_alone():
    r, J = FIT

    def wide(x):
        return np.column_stack([J(x), np.zeros(T.size)])

    run = levenberg_marquardt(r, wide, [1, -4, 7])
    assert run.success
    np.testing.assert_allclose(run.x, [2, -1.5, 7], rtol=1e-8)


# --- Results and ends ---------------------------------------------------------------------------


@both
def test_fields_belong_together(method):
    r, J = FIT
    run = BOTH[method](r, J, [1.5, -1])
    assert run.success
    assert run.message.startswith(f"Converged after {run.nit} updates: sum of squares ")
    assert run.path.shape == (run.nit + 1, 2)
    np.testing.assert_array_equal(run.path[-1], run.x)
    np.testing.assert_array_equal(run.residuals, r(run.x))
    np.testing.assert_allclose(run.jac, J(run.x).T @ r(run.x), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(run.path_fun, [r(x) @ r(x) / 2 for x in run.path], rtol=1e-12)
    assert run.fun == run.path_fun[-1]
    assert run.njev == run.nit + 1


@both
def test_calls_are_counted(method):
    calls = {"r": 0, "J": 0}

    def counting(name, function):
        def call(x):
            calls[name] += 1
            return function(x)

        return call

    run = BOTH[method](counting("r", FIT[0]), counting("J", FIT[1]), [0.1, 1], maxiter=6)
    assert (run.nfev, run.njev) == (calls["r"], calls["J"])


@both
def test_maxiter_is_said(method):
    run = BOTH[method](*FIT, [1.5, -1], maxiter=1)
    assert (run.status, run.nit, run.success) == (statuses.MAXITER, 1, False)
    assert run.message.startswith("Stopped at maxiter = 1 updates: sum of squares ")
    assert "of r and J, tol = 1e-08. Raise maxiter or tol." in run.message
    assert BOTH[method](*FIT, [2, -1.5], maxiter=0).success, "r is zero"


def test_a_step_to_where_r_is_not_finite():
    lost = gauss_newton(*FIT, [1, -4])
    assert lost.status == statuses.NON_FINITE
    assert lost.message.startswith("Not finite at iteration 6, sum of squares 7.53, cosine ")
    assert "the step led to r(x) = [" in lost.message
    assert np.isfinite(lost.path).all()

    def r(x):
        return np.array([np.log(x[0]) + 3, 0.0])

    def J(x):
        return np.array([[1 / x[0]], [0.0]])

    assert gauss_newton(r, J, [5.0]).status == statuses.NON_FINITE, "the logarithm of -34"
    run = levenberg_marquardt(r, J, [5.0], mu0=1e-12)
    assert run.success, "rejected, and a shorter one tried"
    assert run.x[0] == pytest.approx(np.exp(-3))


@both
def test_a_jacobian_that_is_not_finite_is_named(method):
    r, J = FIT
    run = BOTH[method](r, lambda x: J(x) if x[0] == 1.5 else np.full((9, 2), np.nan), [1.5, -1])
    assert (run.status, run.nit) == (statuses.NON_FINITE, 0)
    assert "the step led to J(x) at x = [" in run.message


@both
def test_a_start_that_only_rounding_keeps_from_the_solution_has_converged(method):
    r, J = FIT
    run = BOTH[method](lambda x: r(x) + 1e-200 * np.arange(9), J, [2, -1.5])
    assert (run.success, run.nit) == (True, 0)
    assert run.message.startswith("Converged at iteration 1, ")
    assert run.message.endswith("the step is below the rounding of x.")
    run = BOTH[method](lambda x: r(x) + 1e-200 * np.arange(9), J, [2, -1.5], tol=0)
    assert run.status == statuses.NO_PROGRESS


def test_where_rounding_hides_the_rest_it_has_converged_too():
    problem = PROBLEMS["trigonometric"]  # to a minimum where the Jacobian is nearly singular
    run = levenberg_marquardt(problem.r, problem.J, problem.x0)
    assert run.success
    assert run.message.startswith(f"Converged at iteration {run.nit + 1}, sum of squares 2.8e-05,")
    assert run.message.endswith("no step longer than tol times x reduces the residuals.")
    assert np.linalg.norm(run.jac) < 1e-8


def test_a_wrong_jacobian_is_no_progress():
    r, J = FIT
    run = levenberg_marquardt(r, lambda x: -J(x), [1.5, -1])
    assert (run.status, run.nit) == (statuses.NO_PROGRESS, 0)
    assert "no step reduces the residuals. Check J against r" in run.message


@both
def test_single_precision_is_kept(method):
    x0 = np.array([1.5, -1], np.float32)
    run = BOTH[method](*FIT, x0, tol=1e-5)
    assert run.success
    assert run.path.dtype == run.x.dtype == run.jac.dtype == np.float32


@both
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x0": 1.0}, ValueError, r"^x0 must be one point of shape \(n,\)"),
        ({"x0": [np.nan, 0]}, ValueError, r"^x0 must be finite"),
        ({"x0": [1, 1000]}, ValueError, r"^x0 must be a point where all values are finite; got r"),
        ({"r": lambda x: 1.0}, ValueError, r"^r\(x\) must have shape \(m,\); got shape \(\)"),
        ({"r": lambda x: np.ones(0)}, ValueError, r"^r\(x\) must have shape \(m,\); got shape"),
        ({"r": lambda x: None}, TypeError, r"^r\(x\) must hold real numbers"),
        ({"J": lambda x: np.ones((2, 9))}, ValueError, r"^J\(x\) must have shape \(9, 2\); got"),
        ({"J": lambda x: 1j * np.ones((9, 2))}, TypeError, r"^J\(x\) must hold real numbers"),
        ({"tol": -1}, ValueError, r"^tol must be at least 0"),
        ({"maxiter": 2.5}, TypeError, r"^maxiter must be an integer"),
    ],
)
def test_a_bad_argument_is_named(method, options, error, message):
    arguments = {"r": FIT[0], "J": FIT[1], "x0": [1.5, -1]} | options
    with pytest.raises(error, match=message):
        BOTH[method](**arguments)


@pytest.mark.parametrize("bad", [0, -1, np.nan])
def test_a_bad_damping_is_named(bad):
    with pytest.raises(ValueError, match=r"^mu0 must be above 0 and finite; got "):
        levenberg_marquardt(*FIT, [1, -4], mu0=bad)
