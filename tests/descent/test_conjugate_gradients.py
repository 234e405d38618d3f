"""Conjugate gradients: conjugacy, the end after as many steps as eigenvalues, and restarts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.linalg import cg

from coursekit import statuses
from coursekit.descent import (
    conjugate_gradients,
    exact_line_search,
    gradient_descent,
    heavy_ball,
    optimize,
)
from coursekit.objectives import exponential_sum, himmelblau, quadratic, rosenbrock

seeds = st.integers(0, 2**32 - 1)


def convex(seed, eigenvalues):
    rng = np.random.default_rng(seed)
    n = len(eigenvalues)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * eigenvalues) @ Q.T
    H = (H + H.T) / 2
    return H, quadratic(H, rng.normal(size=n)), rng.normal(size=n)


def exact(H, f, x0, **options):
    return conjugate_gradients(f, f.grad, x0, step_size=exact_line_search(H), **options)


@given(seed=seeds, n=st.integers(1, 8), kappa=st.floats(1, 100))
def test_n_updates_are_enough_on_a_quadratic(seed, n, kappa):
    H, f, x0 = convex(seed, np.geomspace(1, kappa, n))
    run = exact(H, f, x0, tol=1e-8 * kappa)
    assert run.success
    assert run.nit <= n
    assert run.njev == run.nit + 1


@given(seed=seeds, n=st.integers(2, 6))
def test_the_directions_are_conjugate_and_the_gradients_orthogonal(seed, n):
    H, f, x0 = convex(seed, np.geomspace(1, 30, n))
    run = exact(H, f, x0, tol=1e-7)
    steps = np.diff(run.path, axis=0)
    steps = steps / np.linalg.norm(steps, axis=1)[:, None]
    products = steps @ H @ steps.T
    assert np.abs(products - np.diag(np.diag(products))).max() < 1e-5 * products.max()
    g = f.grad(run.path[:-1])
    g = g / np.linalg.norm(g, axis=1)[:, None]
    assert np.abs(g @ g.T - np.eye(len(g))).max() < 1e-5


def test_three_different_eigenvalues_need_three_updates():
    H, f, x0 = convex(0, np.repeat([1.0, 10.0, 1000.0], 20))
    assert exact(H, f, x0, tol=1e-6).nit == 3


@given(seed=seeds, kappa=st.floats(2, 1e4))
def test_the_bound_and_the_heavy_ball_that_knows_the_curvatures(seed, kappa):
    n, k = 30, 15
    H, f, x0 = convex(seed, np.linspace(1, kappa, n))
    minimizer = np.linalg.solve(H, -f.grad(np.zeros(n)))
    height = f(minimizer)
    root = math.sqrt(kappa)
    run = exact(H, f, x0, tol=0, maxiter=k)
    factor = 2 * ((root - 1) / (root + 1)) ** k
    assert run.fun - height <= factor**2 * (f(x0) - height) + 1e-9 * kappa
    rule = heavy_ball(4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2)
    ball = optimize(f, f.grad, x0, rule, tol=0, maxiter=k)
    # Of all methods whose steps are combinations of the gradients, this one has the lowest value.
    assert run.fun <= ball.fun + 1e-9 * kappa


def test_it_is_the_method_of_scipy():
    H, f, x0 = convex(1, np.geomspace(1, 100, 12))
    iterates = []
    cg(H, -f.grad(np.zeros(12)), x0=x0, rtol=1e-12, maxiter=8, callback=iterates.append)
    run = exact(H, f, x0, tol=0, maxiter=8)
    np.testing.assert_allclose(run.path[8], iterates[-1], rtol=1e-8)


@given(seed=seeds)
def test_it_is_a_heavy_ball_with_numbers_of_its_own(seed):
    H, f, x0 = convex(seed, np.geomspace(1, 20, 5))
    path = exact(H, f, x0, tol=0, maxiter=3).path
    for k in (1, 2):
        plane = np.stack([f.grad(path[k]), path[k] - path[k - 1]], axis=1)
        _, residual, *_ = np.linalg.lstsq(plane, path[k + 1] - path[k], rcond=None)
        assert residual.sum() < 1e-18 * max(1, np.abs(path).max()) ** 2


@pytest.mark.parametrize(
    ("f", "x0"), [(exponential_sum, [-2, 2]), (rosenbrock, [-1.2, 1]), (himmelblau, [0, 0])]
)
def test_without_a_quadratic_it_converges_too(f, x0):
    run = conjugate_gradients(f, f.grad, x0, tol=1e-7)
    assert run.success
    assert min(np.linalg.norm(run.x - m) for m in f.minimizers) < 1e-6
    assert (np.diff(run.path_fun) <= 0).all()
    plain = gradient_descent(f, f.grad, x0, step_size=1e-3, tol=1e-7, maxiter=400)
    assert run.njev < 400
    assert run.fun < plain.fun + 1e-9


def test_a_wrong_gradient_ends_the_run():
    f = exponential_sum
    run = conjugate_gradients(f, lambda x: -f.grad(x), [-2, 2])
    assert run.status == statuses.NO_PROGRESS
    assert "Check grad against f" in run.message


def test_a_direction_that_leads_uphill_is_replaced():
    _, f, x0 = convex(3, np.array([1.0, 5.0, 40.0]))
    sizes = iter([1e-4, 0.04, 0.08, 0.02, 0.01, 0.01, 0.01, 0.01])
    run = conjugate_gradients(
        f, f.grad, x0, step_size=lambda k, x, fx, g, d: next(sizes), tol=0, maxiter=8
    )
    assert run.restarts > 0
    for x, after in zip(run.path, run.path[1:], strict=False):
        assert f.grad(x) @ (after - x) < 0


def test_maxiter_and_floating_type():
    run = conjugate_gradients(
        rosenbrock, rosenbrock.grad, np.array([-1.2, 1], np.float32), maxiter=3
    )
    assert run.status == statuses.MAXITER
    assert run.path.dtype == np.float32
    assert run.path.shape == (4, 2)
