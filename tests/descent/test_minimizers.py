"""What newton, trust_region, bfgs and lbfgs have in common: results, counts, messages, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.descent import bfgs, exact_line_search, gradient_descent, lbfgs, newton, trust_region
from coursekit.objectives import (
    exponential_sum,
    hill_and_well,
    himmelblau,
    polynomial10,
    quadratic,
    rosenbrock,
    sine_valley,
)

METHODS = {"newton": newton, "trust_region": trust_region, "bfgs": bfgs, "lbfgs": lbfgs}
methods = pytest.mark.parametrize("method", METHODS)
with_hessians = pytest.mark.parametrize("method", ["newton", "trust_region"])


def run(method, f, x0, *, grad=None, hess=None, **options):
    functions = [f, grad or f.grad] + [hess or f.hess] * (method in ("newton", "trust_region"))
    return METHODS[method](*functions, x0, **options)


def spd(seed, n, kappa=100.0):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1, kappa, n)) @ Q.T
    return (H + H.T) / 2, rng


# --- What they find -----------------------------------------------------------------------------


@methods
@pytest.mark.parametrize(
    ("f", "x0"),
    [
        (exponential_sum, [-2, 2]),
        (rosenbrock, [-1.2, 1]),
        (himmelblau, [1, 1]),
        (hill_and_well, [-0.8, 0.3]),
        (polynomial10, [-2.7]),
        (sine_valley, [1, -0.5]),
    ],
    ids=lambda a: getattr(a, "name", None),
)
def test_a_known_minimizer_is_found(method, f, x0):
    options = {"repair": True} if method == "newton" else {}
    found = run(method, f, x0, tol=1e-7, **options)
    assert (found.status, found.success) == (statuses.CONVERGED, True)
    assert found.message.startswith(f"Converged after {found.nit} updates: ||grad|| = ")
    assert "<= tol = 1e-07." in found.message
    if f is not sine_valley:  # its Hessian is singular at the minimizer
        distance = np.linalg.norm(found.x - f.minimizers, axis=-1).min()
        assert distance < 1e-6 * (1 + np.linalg.norm(found.x))


@methods
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 8), kappa=st.floats(1, 1e6))
def test_a_convex_quadratic_is_solved(method, seed, n, kappa):
    H, rng = spd(seed, n, kappa)
    b = rng.normal(size=n)
    f = quadratic(H, b)
    found = run(method, f, rng.normal(size=n), tol=1e-8 * kappa)
    assert found.success, found.message
    assert np.linalg.norm(H @ found.x - b) <= 1e-8 * kappa * (1 + 1e-6)


@methods
def test_values_never_rise(method):
    found = run(method, rosenbrock, [-1.2, 1])
    assert (np.diff(found.path_fun) < 0).all()


# --- The result ---------------------------------------------------------------------------------


@methods
def test_fields_belong_together(method):
    f = himmelblau
    found = run(method, f, [1, 1])
    assert found.path.shape == (found.nit + 1, 2)
    assert found.path_fun.shape == (found.nit + 1,)
    np.testing.assert_array_equal(found.path[0], [1, 1])
    np.testing.assert_array_equal(found.path[-1], found.x)
    np.testing.assert_array_equal(f(found.path), found.path_fun)
    np.testing.assert_array_equal(f.grad(found.x), found.jac)
    assert found.fun == found.path_fun[-1]


@methods
@pytest.mark.parametrize("maxiter", [3, 100])
def test_calls_are_counted_and_no_point_is_asked_for_twice(method, maxiter):
    calls = {"f": [], "grad": [], "hess": []}

    def recorded(name):
        def call(x):
            calls[name].append(x.tolist())
            return getattr(rosenbrock, name)(x)

        return call

    f = recorded("f")
    found = run(method, f, [-1.2, 1], grad=recorded("grad"), hess=recorded("hess"), maxiter=maxiter)
    assert (found.nfev, found.njev) == (len(calls["f"]), len(calls["grad"]))
    assert len(set(map(tuple, calls["f"]))) == found.nfev
    assert len(set(map(tuple, calls["grad"]))) == found.njev
    if method in ("newton", "trust_region"):
        assert found.nhev == len(calls["hess"]) == found.nit
        assert found.njev == found.nit + 1


@methods
def test_maxiter_updates_are_made_and_that_is_said(method):
    for maxiter in (0, 1, 4):
        found = run(method, rosenbrock, [-1.2, 1], maxiter=maxiter)
        assert (found.status, found.nit, found.success) == (statuses.MAXITER, maxiter, False)
        assert found.message.startswith(f"Stopped at maxiter = {maxiter} updates: ||grad|| = ")
        assert found.message.endswith(". Raise maxiter or tol.")


@methods
def test_a_start_at_the_minimizer_needs_no_update(method):
    found = run(method, exponential_sum, exponential_sum.minimizers[0], maxiter=0)
    assert (found.status, found.nit, found.nfev, found.njev) == (statuses.CONVERGED, 0, 1, 1)


@methods
@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_the_path_keeps_a_floating_dtype(method, dtype):
    found = run(method, exponential_sum, np.array([-2, 2], dtype), tol=1e-3)
    assert found.success
    kept = np.float32 if dtype == np.float32 else np.float64
    assert found.path.dtype == found.x.dtype == found.jac.dtype == kept


@methods
def test_the_start_is_not_changed_and_not_shared(method):
    x0 = np.array([-2.0, 2.0])
    found = run(method, exponential_sum, x0)
    np.testing.assert_array_equal(x0, [-2, 2])
    x0[:] = 0
    np.testing.assert_array_equal(found.path[0], [-2, 2])
    found.x[:] = 0
    assert found.path[-1].any()


@methods
def test_a_function_that_writes_into_its_argument_is_stopped(method):
    def grad(x):
        x *= 2
        return x

    with pytest.raises(ValueError, match="read-only"):
        run(method, lambda x: float(x @ x), [1.0], grad=grad, hess=lambda x: np.eye(1))


@methods
def test_a_gradient_that_reuses_its_array_does_no_harm(method):
    work = np.empty(2)

    def grad(x):
        np.copyto(work, rosenbrock.grad(x))
        return work

    usual = run(method, rosenbrock, [-1.2, 1])
    found = run(method, rosenbrock.f, [-1.2, 1], grad=grad, hess=rosenbrock.hess)
    np.testing.assert_array_equal(found.path, usual.path)


# --- Trouble ------------------------------------------------------------------------------------


@methods
@pytest.mark.parametrize("x0", [(2, 2), (3, 3), (-3, -3), (3, -3)])
def test_overflow_on_the_way_is_survived(method, x0):
    found = run(method, exponential_sum, x0, tol=1e-4)  # gradient descent ends with status 3
    assert found.success, found.message


@methods
def test_a_wrong_gradient_is_no_progress(method):
    f = exponential_sum
    found = run(method, f.f, [-2, 2], grad=lambda x: -f.grad(x), hess=f.hess)
    assert (found.status, found.nit) == (statuses.NO_PROGRESS, 0)
    assert found.message.startswith("No progress at iteration 1, ||grad|| = ")
    assert "Check grad" in found.message


@methods
@pytest.mark.parametrize("f", [exponential_sum, polynomial10], ids=lambda f: f.name)
def test_a_tolerance_below_rounding_ends_with_no_progress(method, f):
    x0 = [-2, 2] if f.n == 2 else [-2.2]
    options = {"repair": True} if method == "newton" else {}
    found = run(method, f, x0, tol=0, **options)
    assert found.status == statuses.NO_PROGRESS or found.jac.tolist() == [0] * f.n
    assert np.linalg.norm(found.jac) < 1e-3
    distance = np.linalg.norm(found.x - f.minimizers, axis=-1).min()
    assert distance < 1e-7 * np.linalg.norm(found.x)


@methods
def test_a_gradient_that_is_not_finite_is_named(method):
    found = run(
        method,
        lambda x: float(2 * x[0] ** 2),
        [1.0],
        grad=lambda x: np.where(x > 0.9, 4 * x, np.nan),
        hess=lambda x: 4 * np.eye(1),
    )
    if method in ("newton", "trust_region"):
        assert (found.status, found.nit) == (statuses.NON_FINITE, 0)
        assert "Not finite at iteration 1, " in found.message
        assert "the step led to grad(x) = [nan] at x = [0.]" in found.message
    else:  # their line search shortens the step
        assert found.status == statuses.NO_PROGRESS
        assert found.x[0] > 0.9


@methods
@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e300])
def test_extreme_units_end_with_a_status(method, scale):
    f = quadratic(scale * np.array([[2, 1], [1, 2]]), [scale, 0])
    found = run(method, f, [1.0, 1.0], tol=1e-6 * scale)
    if method in ("newton", "trust_region"):
        assert found.success, found.message
        np.testing.assert_allclose(found.x, f.minimizers[0], rtol=1e-6)
    assert np.isfinite(found.path).all()


@with_hessians
def test_a_hessian_that_is_not_finite_is_named(method):
    found = run(method, exponential_sum, [-2, 2], hess=lambda x: np.full((2, 2), np.nan))
    assert (found.status, found.nit) == (statuses.NON_FINITE, 0)
    assert found.message.endswith("hess(x) is not finite at x = [-2.  2.].")


@methods
def test_a_function_without_a_minimum_ends(method):
    options = {"repair": True} if method == "newton" else {}
    found = run(
        method,
        lambda x: float(-x[0]),
        [0.0],
        grad=lambda x: np.array([-1.0]),
        hess=lambda x: np.zeros((1, 1)),
        maxiter=300,
        **options,
    )
    assert not found.success
    assert np.isfinite(found.path).all()
    assert found.fun < -100


@methods
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x0": 1.0}, ValueError, r"^x0 must be one point of shape \(n,\); got shape \(\)"),
        ({"x0": [np.nan, 0]}, ValueError, r"^x0 must be finite; got \[nan,  0\.\]"),
        ({"x0": [400, 400]}, ValueError, r"^x0 must be a point where all values are finite; got f"),
        ({"tol": -1e-9}, ValueError, r"^tol must be at least 0 and finite; got -1e-09"),
        ({"tol": None}, TypeError, r"^tol must be one real number; got None"),
        ({"maxiter": -1}, ValueError, r"^maxiter must be at least 0; got -1"),
        ({"maxiter": 10.0}, TypeError, r"^maxiter must be an integer; got 10\.0"),
        ({"f": lambda x: x}, TypeError, r"^f\(x\) must be one real number; got \["),
        ({"grad": lambda x: 1.0}, ValueError, r"^grad\(x\) must have shape \(2,\); got shape \(\)"),
        ({"grad": lambda x: x + 1j}, TypeError, r"^grad\(x\) must hold real .* dtype complex"),
    ],
)
def test_a_bad_argument_is_named(method, options, error, message):
    f = exponential_sum
    arguments = {"f": f.f, "grad": f.grad, "hess": f.hess, "x0": [-2, 2]} | options
    with pytest.raises(error, match=message):
        run(method, **arguments)


@with_hessians
@pytest.mark.parametrize(
    ("hess", "error", "message"),
    [
        (lambda x: np.ones(2), ValueError, r"^hess\(x\) must be a matrix of shape \(2, 2\)"),
        (lambda x: np.eye(3), ValueError, r"^hess\(x\) must be a matrix of shape \(2, 2\)"),
        (lambda x: [[1, 2], [0, 1]], ValueError, r"^hess\(x\) must be symmetric"),
        (lambda x: None, TypeError, r"^hess\(x\) must hold real numbers"),
    ],
)
def test_a_bad_hessian_is_named(method, hess, error, message):
    with pytest.raises(error, match=message):
        run(method, exponential_sum, [-2, 2], hess=hess)


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs"])
@pytest.mark.parametrize(
    ("step_size", "error", "message"),
    [
        (0, ValueError, r"^step_size must be above 0 and finite; got 0"),
        ("auto", TypeError, r"^step_size must be one real number; got 'auto'"),
        (lambda *_: -1, ValueError, r"^step_size at iteration 0 must .*; got -1"),
        (lambda *_: None, TypeError, r"^step_size at iteration 0 must be one real"),
    ],
)
def test_a_bad_step_size_is_named(method, step_size, error, message):
    with pytest.raises(error, match=message):
        run(method, exponential_sum, [-2, 2], step_size=step_size)


@pytest.mark.parametrize("method", ["newton", "bfgs", "lbfgs"])
def test_a_rule_sees_iteration_point_value_gradient_and_direction(method):
    seen = []

    def rule(k, x, fx, g, d):
        seen.append((k, x, fx, g, d))
        return 0.5

    f = exponential_sum
    found = run(method, f, [-2, 2], step_size=rule, maxiter=3)
    assert [k for k, *_ in seen] == [0, 1, 2]
    for (_, x, fx, g, d), point, after, value in zip(
        seen, found.path, found.path[1:], found.path_fun, strict=False
    ):
        np.testing.assert_array_equal(x, point)
        np.testing.assert_array_equal(g, f.grad(point))
        np.testing.assert_allclose(after, x + 0.5 * d, rtol=1e-15)
        assert fx == value
        assert g @ d < 0


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6))
def test_exact_line_search_along_any_direction(seed, n):
    H, rng = spd(seed, n)
    f, x, d = quadratic(H, rng.normal(size=n)), rng.normal(size=n), rng.normal(size=n)
    if f.grad(x) @ d > 0:
        d = -d
    rule = exact_line_search(H)
    s = rule(0, x, f(x), f.grad(x), d)
    assert abs(f.grad(x + s * d) @ d) <= 1e-10 * np.linalg.norm(f.grad(x)) * np.linalg.norm(d)
    g = f.grad(x)
    assert rule(0, x, f(x), g, -g) == pytest.approx(rule(0, x, f(x), g), rel=1e-12)


def test_the_counts_of_the_syllabus():
    f = exponential_sum
    assert gradient_descent(f, f.grad, [-2, 2], step_size=0.2, tol=1e-4).nit == 97
    assert newton(f, f.grad, f.hess, [-2, 2], step_size=1.0).nit == 6
    assert newton(rosenbrock, rosenbrock.grad, rosenbrock.hess, [-1.2, 1], step_size=1.0).nit == 6
