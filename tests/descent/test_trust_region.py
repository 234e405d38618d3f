"""The trust-region subproblem against conditions, brute force and the hard case; the iteration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.constraints.least_squares import solve_ball
from coursekit.descent import newton, trust_region, trust_region_step
from coursekit.objectives import hill_and_well, polynomial10, quadratic, rosenbrock, saddle

seeds = st.integers(0, 2**32 - 1)


def symmetric(seed, n, values=None):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    values = rng.normal(size=n) if values is None else np.array(values, float)
    H = (Q * values) @ Q.T
    return (H + H.T) / 2, Q, rng


def model(d, g, H):
    return d @ g + (d @ H * d).sum(axis=-1) / 2


def assert_optimal(d, mu, g, H, radius):
    """The conditions of Moré and Sorensen, which are necessary and sufficient."""
    size = np.linalg.norm(H, 2) + mu
    length = np.linalg.norm(d)
    assert length <= radius * (1 + 1e-12)
    assert mu >= 0
    assert np.linalg.eigvalsh(H)[0] + mu >= -1e-12 * size
    residual = H @ d + mu * d + g
    assert np.linalg.norm(residual) <= 1e-11 * (size * length + np.linalg.norm(g))
    assert mu == 0 or abs(length / radius - 1) <= 1e-7


@given(seed=seeds, n=st.integers(1, 8), radius=st.floats(1e-3, 1e3), scale=st.floats(1e-6, 1e6))
def test_the_conditions_of_a_minimum_hold(seed, n, radius, scale):
    H, _, rng = symmetric(seed, n)
    H, g = scale * H, scale * rng.normal(size=n)
    assert_optimal(*trust_region_step(g, H, radius), g, H, radius)


@given(seed=seeds, radius=st.floats(0.1, 10), hard=st.booleans())
def test_no_point_of_a_fine_grid_is_better(seed, radius, hard):
    H, _, rng = symmetric(seed, 2)
    g = rng.normal(size=2)
    if hard:
        lowest = np.linalg.eigh(H)[1][:, 0]
        g = g - lowest * (lowest @ g)
    d, _ = trust_region_step(g, H, radius)
    turns = np.linspace(0, 2 * np.pi, 2001)
    circle = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    grid = (radius * np.linspace(0, 1, 41)[:, None, None]) * circle
    best = model(grid, g, H).min()
    spread = np.linalg.norm(g) * radius + np.linalg.norm(H, 2) * radius**2
    assert best - 2e-4 * spread <= model(d, g, H) <= best + 1e-12 * spread


@pytest.mark.parametrize("n", [2, 3, 10])
@pytest.mark.parametrize("radius", [2.0, 50.0])
def test_the_hard_case(n, radius):
    values = [-2, *np.linspace(-1, 3, n - 1)]
    H, Q, rng = symmetric(0, n, values)
    weights = rng.normal(size=n)
    weights[0] = 0
    g = Q @ weights
    inside = np.linalg.norm(weights[1:] / (np.array(values[1:]) + 2))
    assert inside < radius, "hard: the equation alone gives a shorter step"
    d, mu = trust_region_step(g, H, radius)
    assert mu == pytest.approx(2, rel=1e-12)
    assert np.linalg.norm(d) == pytest.approx(radius, rel=1e-7)
    along = Q[:, 0] @ d
    assert abs(along) == pytest.approx(np.sqrt(radius**2 - inside**2), rel=1e-6)
    np.testing.assert_allclose(Q[:, 1:].T @ d, -weights[1:] / (np.array(values[1:]) + 2), rtol=1e-6)


@given(k=st.integers(1, 300), radius=st.floats(1.5, 10), sign=st.sampled_from([-1, 1]))
def test_nearly_hard_cases_have_the_exact_multiplier(k, radius, sign):
    tiny = sign * 10.0**-k
    g, H = np.array([tiny, 3.0]), np.diag([-2.0, 1.0])
    d, mu = trust_region_step(g, H, radius)
    if abs(tiny) < 1e-16:
        np.testing.assert_allclose(d, [-sign * np.sqrt(radius**2 - 1), -1], rtol=1e-12)
    assert_optimal(d, mu, g, H, radius)
    assert np.sign(d[0]) == -sign, "downhill"


def test_hard_cases_with_exact_zeros():
    d, mu = trust_region_step([0, 0], [[1, 0], [0, -1]], 3)
    np.testing.assert_array_equal(abs(d), [0, 3])
    assert mu == 1
    d, mu = trust_region_step([0, 0], -np.eye(2), 3)  # every direction is lowest
    assert np.linalg.norm(d) == pytest.approx(3)
    assert mu == 1
    d, mu = trust_region_step([0, 0], np.eye(2), 3)
    assert (d.tolist(), mu) == ([0, 0], 0)
    d, mu = trust_region_step([0, 3], np.diag([0.0, 1]), 5)  # singular, and a minimum inside
    assert (d.tolist(), mu) == ([0, -3], 0)
    d, mu = trust_region_step([2, 0], np.zeros((2, 2)), 5)  # linear
    np.testing.assert_allclose(d, [-5, 0], rtol=1e-14)
    assert mu == pytest.approx(2 / 5)


@given(seed=seeds, n=st.integers(1, 6))
def test_inside_a_large_ball_it_is_the_newton_step(seed, n):
    H, _, rng = symmetric(seed, n)
    H, g = H @ H + np.eye(n), rng.normal(size=n)
    H = (H + H.T) / 2
    d, mu = trust_region_step(g, H, 1e6)
    np.testing.assert_allclose(d, np.linalg.solve(H, -g), rtol=1e-9, atol=1e-12)
    assert mu == 0
    run = newton(*(lambda f: (f, f.grad, f.hess))(quadratic(H, -g)), np.zeros(n), maxiter=1)
    np.testing.assert_allclose(d, run.x, rtol=1e-9, atol=1e-12)


@given(seed=seeds, m=st.integers(1, 8), n=st.integers(1, 5), radius=st.floats(0.01, 1))
def test_a_least_squares_problem_in_a_ball_is_the_same(seed, m, n, radius):
    rng = np.random.default_rng(seed)
    A, b = rng.normal(size=(m, n)), 10 * rng.normal(size=m)
    solution = solve_ball(A, b, radius)
    d, mu = trust_region_step(-A.T @ b, A.T @ A, radius)
    value, best = (np.linalg.norm(A @ x - b) ** 2 / 2 for x in (d, solution.x))
    assert value == pytest.approx(best, rel=1e-9)
    if solution.mu > 1e-3:
        np.testing.assert_allclose(d, solution.x, rtol=1e-6, atol=1e-9)
        assert mu == pytest.approx(2 * solution.mu, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_no_unit_is_too_small_or_too_large(scale):
    d, mu = trust_region_step([4 * scale, 0], scale * np.diag([2.0, -2]), 1)
    np.testing.assert_allclose(d, [-1, 0], atol=1e-12)
    assert mu == pytest.approx(2 * scale)
    d, _ = trust_region_step([4 * scale, 0], np.diag([2.0, -2]), scale)
    np.testing.assert_allclose(d / scale, [-1, 0], atol=1e-7)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 2], [[1, 2], [0, 1]], 1), ValueError, r"^H must be symmetric"),
        (([1, 2, 3], np.eye(2), 1), ValueError, r"^g must be one point of shape \(2,\)"),
        (([1, np.nan], np.eye(2), 1), ValueError, r"^g must be finite"),
        (([1, 2], np.eye(2), 0), ValueError, r"^radius must be above 0 and finite; got 0"),
        (([1, 2], np.eye(2), "1"), TypeError, r"^radius must be one real number"),
    ],
)
def test_a_bad_argument_of_the_step_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        trust_region_step(*arguments)


# --- The iteration ------------------------------------------------------------------------------


def run(f, x0, **options):
    return trust_region(f, f.grad, f.hess, x0, **options)


@pytest.mark.parametrize("x0", [[-1, 1], [0, 1], [0.1, 0], [0.7, 0.1]])
def test_an_indefinite_hessian_is_no_obstacle(x0):
    found = run(hill_and_well, x0)
    assert found.success
    np.testing.assert_allclose(found.x, hill_and_well.minimizers[0], atol=1e-8)


@given(x0=st.floats(-2.9, 2.6))
def test_from_anywhere_on_the_polynomial_to_a_minimum(x0):
    found = run(polynomial10, [x0], tol=1e-6)
    if found.nit:
        assert found.success
        assert polynomial10.hess(found.x)[0, 0] > 0


def test_it_ends_with_newtons_order():
    found = run(rosenbrock, [-1.2, 1])
    e = np.linalg.norm(found.path - 1, axis=1)
    assert e[-2] < 1e-3
    assert e[-1] < 10 * e[-2] ** 2
    assert found.nfev - 1 > found.nit, "some steps were rejected"
    assert found.radius > 0


def test_the_first_radius_bounds_the_first_step():
    for radius in (0.01, 0.1):
        found = run(rosenbrock, [-1.2, 1], radius=radius, maxiter=1)
        length = np.linalg.norm(found.path[1] - found.path[0])
        assert length == pytest.approx(radius, rel=1e-12)
        assert found.radius == pytest.approx(2 * radius), "the model is good so close"


def test_a_saddle_is_left():
    found = run(saddle, [1, 1e-9], maxiter=20)
    assert found.status == statuses.MAXITER
    assert (np.diff(found.path_fun) < 0).all()
    assert found.fun < -1e6


def test_a_point_where_f_is_not_finite_is_rejected():
    found = trust_region(
        lambda x: float(x[0] - np.log(x[0])),
        lambda x: 1 - 1 / x,
        lambda x: np.diag(x**-2.0),
        [0.01],
        radius=5,
    )
    assert found.success
    assert found.x[0] == pytest.approx(1)


def test_a_bad_radius_is_named():
    for radius in (0, -1, np.nan):
        with pytest.raises(ValueError, match=r"^radius must be above 0 and finite; got "):
            run(rosenbrock, [0, 0], radius=radius)
