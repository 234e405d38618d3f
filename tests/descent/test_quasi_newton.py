"""BFGS and L-BFGS: conjugacy on quadratics, the secant equation, and superlinear convergence."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.descent import bfgs, exact_line_search, gradient_descent, lbfgs, newton
from coursekit.objectives import exponential_sum, himmelblau, quadratic, rosenbrock

seeds = st.integers(0, 2**32 - 1)
both = pytest.mark.parametrize("method", [bfgs, lbfgs])


def convex(seed, n, kappa):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1, kappa, n)) @ Q.T
    H = (H + H.T) / 2
    return H, quadratic(H, rng.normal(size=n)), rng.normal(size=n)


# --- Exact line search on a quadratic -----------------------------------------------------------


@given(seed=seeds, n=st.integers(1, 8), kappa=st.floats(1, 100))
def test_n_updates_are_enough_on_a_quadratic(seed, n, kappa):
    H, f, x0 = convex(seed, n, kappa)
    for method in (bfgs, lbfgs):
        run = method(f, f.grad, x0, step_size=exact_line_search(H), tol=1e-7 * kappa)
        assert run.success
        assert run.nit <= n
        assert run.skipped == 0


@given(seed=seeds, n=st.integers(2, 6))
def test_the_directions_are_conjugate_and_the_inverse_is_found(seed, n):
    H, f, x0 = convex(seed, n, 30)
    run = bfgs(f, f.grad, x0, step_size=exact_line_search(H), tol=0, maxiter=n + 1)
    assume(run.nit >= n)
    steps = np.diff(run.path[: n + 1], axis=0)
    steps = steps / np.linalg.norm(steps, axis=1)[:, None]
    products = steps @ H @ steps.T
    np.testing.assert_allclose(
        products - np.diag(np.diag(products)), 0, atol=1e-5 * np.max(products)
    )
    if run.nit > n:  # the pair of the last update comes in with the next one
        np.testing.assert_allclose(run.hess_inv @ H, np.eye(n), atol=1e-4)


def test_without_exact_steps_a_short_memory_needs_more_updates():
    _, f, x0 = convex(0, 40, 1e4)
    nits = [lbfgs(f, f.grad, x0, memory=m).nit for m in (1, 5, 100)]
    assert nits[0] > nits[1] > nits[2]


# --- The matrix ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "x0"), [(rosenbrock, [-1.2, 1]), (himmelblau, [0, 0])])
def test_the_matrix_satisfies_the_last_secant_equation_and_stays_positive_definite(f, x0):
    for maxiter in (2, 3, 5, 10):
        run = bfgs(f, f.grad, x0, maxiter=maxiter)
        B = run.hess_inv
        np.testing.assert_allclose(B, B.T, rtol=1e-12, atol=1e-15)
        assert np.linalg.eigvalsh(B)[0] > 0
        # The update from the last step would come with the next one.
        s, g = np.diff(run.path, axis=0)[-2], f.grad(run.path)
        np.testing.assert_allclose(B @ (g[-2] - g[-3]), s, rtol=1e-8, atol=1e-12)


def test_the_matrix_at_the_end_resembles_the_inverse_hessian():
    f = exponential_sum
    run = bfgs(f, f.grad, [-2, 2], tol=1e-9)
    np.testing.assert_allclose(run.hess_inv @ f.hess(run.x), np.eye(2), atol=0.05)


def test_before_the_first_update_it_is_the_identity():
    f = exponential_sum
    np.testing.assert_array_equal(bfgs(f, f.grad, [-2, 2], maxiter=0).hess_inv, np.eye(2))
    np.testing.assert_array_equal(bfgs(f, f.grad, [-2, 2], maxiter=1).hess_inv, np.eye(2))
    run = bfgs(f, f.grad, np.array([-2, 2], np.float32), maxiter=3)
    assert run.hess_inv.dtype == np.float32


@given(seed=seeds)
def test_with_memory_for_all_pairs_both_are_the_same_method(seed):
    # L-BFGS scales by the newest pair, BFGS by the first: with one pair they agree.
    _, f, x0 = convex(seed, 5, 20)
    options = {"maxiter": 2, "tol": 0}
    first, second = bfgs(f, f.grad, x0, **options), lbfgs(f, f.grad, x0, **options)
    np.testing.assert_allclose(first.path, second.path, rtol=1e-10, atol=1e-12)


# --- Convergence --------------------------------------------------------------------------------


@both
def test_convergence_is_superlinear_on_rosenbrock(method):
    run = method(rosenbrock, rosenbrock.grad, [-1.2, 1], tol=1e-10)
    e = np.linalg.norm(run.path - 1, axis=1)
    assert run.success
    assert e[-1] < 0.05 * e[-2] < 0.05**2 * 10 * e[-3]


@both
def test_it_is_between_gradient_descent_and_newton(method):
    f, x0 = exponential_sum, [-2, 2]
    nit = method(f, f.grad, x0, tol=1e-4).nit
    slow = gradient_descent(f, f.grad, x0, step_size=0.2, tol=1e-4).nit
    assert newton(f, f.grad, f.hess, x0, tol=1e-4).nit < nit < slow / 4


@both
def test_the_first_step_has_at_most_the_length_one(method):
    f = quadratic(1e6 * np.eye(2))
    run = method(f, f.grad, [3, 4], maxiter=1)
    assert np.linalg.norm(run.path[1] - run.path[0]) <= 5 * (1 + 1e-9)
    trials = []

    def watched(x):
        trials.append(x)
        return f(x)

    method(watched, f.grad, [3.0, 4.0], maxiter=1)
    assert np.linalg.norm(trials[1] - trials[0]) == pytest.approx(1, rel=1e-12)


@both
@given(k=st.integers(-8, 8))
def test_units_of_f_and_x_change_little(method, k):
    u = 10.0**k
    f = exponential_sum

    def scaled_f(y):
        return u * f(y / u)

    run = method(scaled_f, lambda y: f.grad(y / u), [-2 * u, 2 * u], tol=1e-6)
    assert run.success
    np.testing.assert_allclose(run.x / u, f.minimizers[0], atol=1e-5)
    assert run.nit < 40


# --- Steps that a rule chose --------------------------------------------------------------------


@both
def test_pairs_of_negative_curvature_are_left_out_and_counted(method):
    # A concave stretch with fixed steps: the gradient grows along the step.
    run = method(
        lambda x: float(np.cos(x[0])), lambda x: -np.sin(x), [0.3], step_size=0.5, maxiter=3
    )
    assert run.skipped > 0
    assert (np.diff(run.path_fun) < 0).all()


@both
def test_a_step_that_is_too_long_is_not_finite(method):
    f = exponential_sum
    run = method(f, f.grad, [3, 3], step_size=1.0)
    assert run.status == statuses.NON_FINITE
    assert run.message.startswith("Not finite at iteration 1, ||grad|| = ")
    assert "the step led to f(x) = inf at x = " in run.message


@pytest.mark.parametrize("bad", [0, -1])
def test_a_bad_memory_is_named(bad):
    with pytest.raises(ValueError, match=r"^memory must be at least 1; got "):
        lbfgs(rosenbrock, rosenbrock.grad, [0, 0], memory=bad)
