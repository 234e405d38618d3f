"""The KKT conditions: known optima, certificates, rates, and other solvers' answers."""

import inspect
import warnings

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from coursekit import check_kkt, statuses
from coursekit.constraints.kkt import (
    Problem,
    dual_ascent,
    find_multipliers,
    kkt_residuals,
    lagrangian,
    solve_equality_qp,
)
from coursekit.derivatives import numerical_jacobian
from coursekit.objectives import quadratic

EPS = np.finfo(float).eps


def affine(a, b):
    a = np.array(a, dtype=float)
    return lambda x: x @ a - b, lambda x: a


def quadratic_program(H, c, eq=(), ineq=()):
    H, c = np.array(H, dtype=float), np.array(c, dtype=float)

    def f(x):
        return (x * (x @ H / 2 + c)).sum(axis=-1)

    rows = [[affine(a, b) for a, b in side] for side in (eq, ineq)]
    return Problem(f, lambda x: H @ x + c, len(c), *rows)


def square(*walls):
    return quadratic_program([[2.0]], [0.0], ineq=walls)


def plotted():
    """Minimize x² - 2xy + 2y² - 2x on y = x³, y >= (x - 1)⁴ + 2, in a box; minimum by hand."""
    H, c = np.array([[2.0, -2], [-2, 4]]), np.array([-2.0, 0])
    cubic = (lambda x: x[0] ** 3 - x[1], lambda x: np.array([3 * x[0] ** 2, -1]))
    quartic = (lambda x: (x[0] - 1) ** 4 + 2 - x[1], lambda x: np.array([4 * (x[0] - 1) ** 3, -1]))
    box = [affine([-1, 0], -0.5), affine([1, 0], 1.5), affine([0, -1], -1.5), affine([0, 1], 2.5)]
    problem = Problem(
        lambda x: x @ H @ x / 2 + c @ x, lambda x: H @ x + c, 2, [cubic], [quartic, *box]
    )
    x = min(r.real for r in np.roots([-1, 5, -6, 4, -3]) if abs(r.imag) < 1e-9)
    return problem, np.array([x, x**3])


def random_qp(rng, n, m, definite=True):
    """A program with a known solution; ``H`` is definite only where ``A d = 0`` if not all over."""
    A, x, lam = rng.normal(size=(m, n)), rng.normal(size=n), rng.normal(size=m)
    M = rng.normal(size=(n, n))
    H = M @ M.T + np.eye(n) - (0 if definite else 50 * A.T @ A)
    H = (H + H.T) / 2
    return H, -(H @ x + A.T @ lam), A, A @ x, x, lam


# The Lagrangian and the residuals


def test_lagrangian_takes_batches_and_either_sign():
    p = Problem(
        lambda x: x[..., 0] * x[..., 1],
        lambda x: x[::-1],
        2,
        [affine([1, 1], 2)],
        [affine([1, 0], 3)],
    )
    x = np.random.default_rng(0).normal(size=(4, 5, 2))
    got = lagrangian(x, [0.5], [-2.0], p)
    expected = x[..., 0] * x[..., 1] + 0.5 * (x.sum(axis=-1) - 2) - 2 * (x[..., 0] - 3)
    np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-14)


def test_each_residual_sees_its_own_condition_only():
    p = square(([-1], -1))  # x >= 1: the solution is x = 1, mu = 2
    names = ["stationarity", "feasibility", "dual_feasibility", "complementarity"]
    cases = [((1, 2), None), ((1, 0), 0), ((0, 0), 1), ((2, 4), 3)]
    for (x, mu), broken in cases:
        r = kkt_residuals([x], (), [mu], p)
        assert list(r) == names
        assert [name for name in names if r[name] > 0] == (
            [] if broken is None else [names[broken]]
        )
    pulls = kkt_residuals([1], (), [-2], square(([1], 1)))  # x <= 1
    assert pulls == dict.fromkeys(names, 0.0) | {"dual_feasibility": 2.0}


def test_stationarity_is_the_gradient_of_the_lagrangian():
    p, _ = plotted()
    rng = np.random.default_rng(1)
    for _ in range(20):
        x, lam, mu = rng.normal(size=2), rng.normal(size=1), rng.normal(size=5)
        slope = numerical_jacobian(lambda x, lam=lam, mu=mu: lagrangian(x, lam, mu, p), x)
        got = kkt_residuals(x, lam, mu, p)["stationarity"]
        assert got == pytest.approx(np.abs(slope).max(), rel=1e-6)


# Multipliers from a point


def test_plotted_problem_and_its_prices():
    p, x = plotted()
    lam, mu = find_multipliers(x, p)
    np.testing.assert_allclose([*x, p.f(x)], [1.260893, 2.004633, 2.049915], atol=5e-7)
    np.testing.assert_allclose([*lam, *mu], [0.659152, 4.837593, 0, 0, 0, 0], atol=5e-7)
    assert max(kkt_residuals(x, lam, mu, p).values()) < 100 * EPS * np.abs(p.grad(x)).max()

    def value(shift):  # both curves stay active
        moved = scipy.optimize.root(
            lambda x: [p.eq[0][0](x), p.ineq[0][0](x)] - shift, x, tol=1e-13
        )
        return p.f(moved.x)

    np.testing.assert_allclose(numerical_jacobian(value, [0, 0]), [-lam[0], -mu[0]], rtol=1e-6)


def test_plotted_problem_as_slsqp():
    p, x = plotted()
    run = scipy.optimize.minimize(
        p.f,
        [1, 2],
        jac=p.grad,
        constraints=[{"type": "eq", "fun": h, "jac": dh} for h, dh in p.eq]
        + [{"type": "ineq", "fun": lambda x, g=g: -g(x)} for g, _ in p.ineq],
    )
    np.testing.assert_allclose(run.x, x, atol=1e-6)
    lam, mu = find_multipliers(run.x, p)
    assert max(kkt_residuals(run.x, lam, mu, p).values()) < 1e-5


@pytest.mark.parametrize(("t", "x", "mu"), [(1, 1, 0), (-1, 0, 2), (0, 0, 0)])
def test_three_cases_of_slackness(t, x, mu):
    p = quadratic_program([[2]], [-2 * t], ineq=[([-1], 0)])
    np.testing.assert_allclose(find_multipliers([x], p)[1], [mu], atol=1e-15)
    assert max(kkt_residuals([x], (), [mu], p).values()) == 0


def test_no_multipliers_without_a_constraint_qualification():
    cusp = Problem(
        lambda x: -x[0],
        lambda x: np.array([-1.0, 0]),
        2,
        ineq=[
            (lambda x: x[1] - (1 - x[0]) ** 3, lambda x: np.array([3 * (1 - x[0]) ** 2, 1])),
            affine([0, -1], 0),
        ],
    )
    point = Problem(lambda x: x[0], np.ones_like, 1, ineq=[(lambda x: x[0] ** 2, lambda x: 2 * x)])
    for p, x in ((cusp, [1.0, 0.0]), (point, [0.0])):
        _, mu = find_multipliers(x, p)
        assert kkt_residuals(x, (), mu, p)["stationarity"] == pytest.approx(1)


def test_multipliers_stay_nonnegative_and_vanish_off_the_boundary():
    p = square(([1], 1), ([-1], 2))  # -2 <= x <= 1
    for x in (1.0, 0.5, -2.0):  # at the ends only a pull would balance the gradient
        np.testing.assert_array_equal(find_multipliers([x], p)[1], [0, 0])
    np.testing.assert_array_equal(find_multipliers([3.0], square())[1], [])


def test_activity_does_not_depend_on_the_units_of_the_constraint():
    x = np.array([1 + 1e-9])  # a solver's answer
    for scale in (1e-6, 1, 1e6):
        p = square(([-scale], -scale))
        assert find_multipliers(x, p)[1] * scale == pytest.approx(2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(0, 3), st.integers(0, 8))
def test_multipliers_are_the_best_fit_even_if_gradients_are_dependent(seed, n, m, p):
    rng = np.random.default_rng(seed)
    E, G = (rng.integers(-2, 3, size=(k, n)).astype(float) for k in (m, p))
    c = rng.integers(-3, 4, size=n).astype(float)
    pairs = [[affine(a, 0) for a in side] for side in (E, G)]
    lam, mu = find_multipliers(np.zeros(n), Problem(lambda x: c @ x, lambda x: c, n, *pairs))
    rest = c + lam @ E + mu @ G  # optimality of the least squares problem
    assert (mu >= 0).all()
    assert np.abs(E @ rest).max(initial=0) < 1e-10
    assert (G @ rest).min(initial=0) > -1e-10
    assert np.abs(mu * (G @ rest)).max(initial=0) < 1e-10


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_projection_onto_a_box(seed, n):
    z = np.random.default_rng(seed).normal(scale=2, size=n)
    walls = [(-e, 0) for e in np.eye(n)] + [(e, 1) for e in np.eye(n)]
    p = quadratic_program(np.eye(n), -z, ineq=walls)
    x = np.clip(z, 0, 1)
    _, mu = find_multipliers(x, p, tol=1e-12)
    expected = np.concatenate([np.maximum(0, -z), np.maximum(0, z - 1)])
    np.testing.assert_allclose(mu, expected, atol=1e-12)


# Quadratic programs with equations


def test_worked_example_schur_complement_and_inertia():
    H = np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 2]])
    A, b = np.array([[1.0, 1, 1], [1, 0, -1]]), np.array([3.0, 1])
    run = solve_equality_qp(H, np.zeros(3), A, b)
    np.testing.assert_allclose(run.x, [1.4, 1.2, 0.4], rtol=1e-14)
    np.testing.assert_allclose(run.lam, [-0.6, -1], rtol=1e-14)
    S = A @ np.linalg.solve(H, A.T)
    np.testing.assert_allclose(S, np.diag([5, 1]), atol=1e-14)
    assert run.fun == pytest.approx(b @ np.linalg.solve(S, b) / 2, rel=1e-14)
    slope = numerical_jacobian(lambda b: solve_equality_qp(H, np.zeros(3), A, b).fun, b)
    np.testing.assert_allclose(slope, -run.lam, rtol=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.data(), st.booleans())
def test_solves_the_kkt_system(seed, n, data, definite):
    m = data.draw(st.integers(0, n))
    H, c, A, b, x, lam = random_qp(np.random.default_rng(seed), n, m, definite)
    run = solve_equality_qp(H, c, A, b)
    assert (run.success, run.status) == (True, statuses.CONVERGED)
    K = np.block([[H, A.T], [A, np.zeros((m, m))]])
    tolerance = 100 * EPS * np.linalg.cond(K) * (1 + np.abs([*x, *lam]).max())
    np.testing.assert_allclose([*run.x, *run.lam], [*x, *lam], rtol=0, atol=tolerance)


def test_residuals_are_small_even_if_h_is_ill_conditioned():
    rng = np.random.default_rng(3)
    Q = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    H = (Q * np.logspace(0, -12, 8)) @ Q.T
    H = (H + H.T) / 2
    A, c, b = rng.normal(size=(3, 8)), rng.normal(size=8), rng.normal(size=3)
    run = solve_equality_qp(H, c, A, b)
    size = np.abs(run.x).max()
    assert np.abs(H @ run.x + c + A.T @ run.lam).max() < 1e3 * EPS * size
    assert np.abs(A @ run.x - b).max() < 1e3 * EPS * size


def test_keeps_digits_that_the_schur_complement_loses():
    rng = np.random.default_rng(6)
    worst = np.zeros(2)
    for _ in range(20):
        Q, A = np.linalg.qr(rng.normal(size=(8, 8)))[0], np.linalg.qr(rng.normal(size=(8, 3)))[0].T
        H = (Q * np.logspace(0, -7, 8)) @ Q.T
        H = (H + H.T) / 2
        x, lam = rng.normal(size=8), rng.normal(size=3)
        c, b = -(H @ x + A.T @ lam), A @ x
        schur = -np.linalg.solve(A @ np.linalg.solve(H, A.T), b + A @ np.linalg.solve(H, c))
        by_schur = -np.linalg.solve(H, c + A.T @ schur)
        K = np.block([[H, A.T], [A, np.zeros((3, 3))]])
        errors = [np.abs(got - x).max() for got in (solve_equality_qp(H, c, A, b).x, by_schur)]
        worst = np.maximum(worst, errors / np.linalg.cond(K))
    assert worst[0] < 20 * EPS
    assert worst[1] > 10 * worst[0]


def test_dependent_rows_give_the_shortest_multipliers():
    A = np.array([[1.0, 1], [2, 2]])
    run = solve_equality_qp(np.eye(2), [1, 0], A, [1, 2])
    one = solve_equality_qp(np.eye(2), [1, 0], A[:1], [1])
    assert (run.success, run.status) == (True, statuses.NOT_UNIQUE)
    assert "not uniquely" in run.message
    np.testing.assert_allclose(run.x, one.x, atol=1e-15)
    np.testing.assert_allclose(run.lam, np.linalg.lstsq(A.T, A[0] * one.lam[0])[0], rtol=1e-13)


def test_a_flat_direction_gives_the_shortest_step():
    run = solve_equality_qp(np.diag([2.0, 0]), [0, 0], [[1, 0]], [3])
    assert (run.status, run.x.tolist(), run.fun) == (statuses.NOT_UNIQUE, [3, 0], 9)
    rank_one = solve_equality_qp(np.ones((3, 3)), -np.ones(3), np.zeros((0, 3)), [])
    assert rank_one.status == statuses.NOT_UNIQUE
    np.testing.assert_allclose(rank_one.x, np.full(3, 1 / 3), rtol=1e-14)


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_infeasible_equations_are_certified(seed, n):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(2, n))
    A = np.vstack([A, A.sum(axis=0)])
    b = rng.normal(size=3)
    b[2] = b[0] + b[1] + 0.1
    run = solve_equality_qp(np.eye(n), np.zeros(n), A, b)
    assert (run.success, run.status) == (False, statuses.INFEASIBLE)
    assert run.x is run.lam is run.fun is None
    assert run.message.startswith("Infeasible")
    size = np.abs(run.certificate).max()
    assert np.abs(A.T @ run.certificate).max() < 1e3 * EPS * size * np.abs(A).max()
    assert b @ run.certificate == pytest.approx(1)


def test_consistent_dependent_equations_are_not_called_infeasible():
    rng = np.random.default_rng(4)
    for scale in (1e-8, 1, 1e8):
        for _ in range(50):
            A = rng.normal(size=(3, 5)) * scale
            A = np.vstack([A, rng.normal(size=(3, 3)) @ A])
            x = rng.normal(size=5) * rng.choice([1e-3, 1, 1e3])
            assert solve_equality_qp(np.eye(5), np.zeros(5), A, A @ x).status == statuses.NOT_UNIQUE


@pytest.mark.parametrize(
    ("H", "c"),
    [
        (np.diag([1.0, -1]), [0, 0]),  # negative curvature
        (np.diag([1.0, -1]), [0, 3]),
        (np.diag([1.0, 0]), [0, 1]),  # flat, but sloping
        (np.zeros((2, 2)), [5, -1]),  # a linear program
    ],
)
def test_unbounded_programs_are_certified(H, c):
    run = solve_equality_qp(H, c, [[1, 0]], [2])
    assert (run.success, run.status, run.x) == (False, statuses.UNBOUNDED, None)
    assert run.message.startswith("Unbounded")
    d = run.certificate
    assert abs(d[0]) < EPS
    values = [(2, 0) + s * d for s in (0, 1, 10, 100)]
    assert (np.diff([x @ H @ x / 2 + np.dot(c, x) for x in values]) < 0).all()


def test_a_slope_counts_however_large_the_entries_of_h():
    for size in (1e-10, 1, 1e10):
        run = solve_equality_qp(np.diag([size, 0]), [0, 1e-7], [[1, 0]], [0])
        assert run.status == statuses.UNBOUNDED
        np.testing.assert_allclose(run.certificate, [0, -1], atol=EPS)


def test_an_indefinite_program_that_the_constraint_tames():
    run = solve_equality_qp(np.diag([1.0, -1]), [0, 0], [[0, 1]], [3])
    assert (run.status, run.fun) == (statuses.CONVERGED, -4.5)
    np.testing.assert_allclose([*run.x, *run.lam], [0, 3, 3], atol=1e-15)


# Dual ascent


def example(kind, b):
    H = np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 2]])
    A = np.array([[1.0, 1, 1], [1, 0, -1]])  # the Schur complement is diag(5, 1)
    p = quadratic_program(H, np.zeros(3), **{kind: list(zip(A, b, strict=True))})
    return p, lambda lam, mu: -np.linalg.solve(H, A.T @ np.concatenate([lam, mu]))


def test_dual_ascent_contracts_by_the_eigenvalues_of_the_schur_complement():
    p, best = example("eq", (3, 1))
    run = dual_ascent(p, best, step_size=0.3, tol=1e-10)
    assert run.success
    np.testing.assert_allclose(run.x, [1.4, 1.2, 0.4], atol=1e-9)
    error = run.path_lam - [-0.6, -1]
    k = np.arange(20)[:, None]
    np.testing.assert_allclose(error[:20], (1 - 0.3 * np.array([5, 1])) ** k * error[0], atol=1e-13)
    assert run.path.shape == (run.nit + 1, 3)
    assert run.path_fun.shape == run.path_dual.shape == (run.nit + 1,)
    assert (run.path_dual <= 1.4 + 1e-14).all()  # weak duality
    np.testing.assert_array_equal(run.jac, p.grad(run.x))
    assert run.fun == run.path_fun[-1] == pytest.approx(1.4)


@pytest.mark.parametrize("b", [(3, 1), (-3, 1), (-3, -1), (0, 0)])
def test_dual_ascent_with_inequalities_as_slsqp(b):
    p, best = example("ineq", b)
    run = dual_ascent(p, best, step_size=0.3, tol=1e-9, mu=[0.1, 0.2])
    assert run.success
    assert max(kkt_residuals(run.x, run.lam, run.mu, p).values()) < 1e-8
    walls = [{"type": "ineq", "fun": lambda x, g=g: -g(x), "jac": lambda x, d=d: -d(x)}
             for g, d in p.ineq]  # fmt: skip
    other = scipy.optimize.minimize(p.f, np.ones(3), jac=p.grad, constraints=walls, tol=1e-12)
    np.testing.assert_allclose(run.x, other.x, atol=1e-6)


def test_dual_ascent_says_why_it_stops():
    p, best = example("eq", (3, 1))
    slow = dual_ascent(p, best, step_size=0.01, maxiter=3)
    assert (slow.status, slow.nit, slow.success) == (statuses.MAXITER, 3, False)
    assert slow.message.startswith("Stopped at maxiter = 3 updates")
    wild = dual_ascent(p, best, step_size=50.0, maxiter=1000)  # beyond 2 / 5
    assert wild.status == statuses.NON_FINITE
    assert wild.message.startswith("Not finite")
    assert np.isfinite(wild.path).all()
    contradiction = quadratic_program([[1.0]], [0.0], eq=[([1], 0), ([1], 1)])
    grows = dual_ascent(contradiction, lambda lam, mu: [-lam.sum()], step_size=0.5, maxiter=100)
    assert grows.status == statuses.MAXITER
    assert "no point may be feasible" in grows.message
    assert np.abs(grows.lam).max() > 20


def test_dual_ascent_of_a_solved_problem_makes_no_update():
    run = dual_ascent(square(([-1], -1)), lambda lam, mu: mu / 2, mu=[2.0], maxiter=0)
    assert (run.nit, run.success, run.x.tolist(), run.mu.tolist()) == (0, True, [1], [2])


# Another implementation


def test_points_and_multipliers_as_cvxpy():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its import, and of its dependencies
        cp = pytest.importorskip("cvxpy")
    rng = np.random.default_rng(5)
    H, c, A, b, x, lam = random_qp(rng, 5, 2)
    z = cp.Variable(5)
    rows, walls = A @ z == b, z <= x + np.array([1, 1, 1, -0.1, -0.2])
    goal = cp.Minimize(cp.quad_form(z, H) / 2 + c @ z)
    precise = {"solver": cp.CLARABEL, "tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}
    cp.Problem(goal, [rows]).solve(**precise)
    run = solve_equality_qp(H, c, A, b)
    np.testing.assert_allclose(run.x, z.value, atol=1e-6)
    np.testing.assert_allclose(run.lam, rows.dual_value, atol=1e-6)

    cp.Problem(goal, [rows, walls]).solve(**precise)
    p = quadratic_program(
        H, c, zip(A, b, strict=True), zip(np.eye(5), walls.args[1].value, strict=True)
    )
    lam, mu = find_multipliers(z.value, p)
    assert max(kkt_residuals(z.value, lam, mu, p).values()) < 1e-5
    np.testing.assert_allclose(mu, walls.dual_value, atol=1e-4)
    assert (mu[3:] > 0).any()


# Bad arguments


def test_problem_wants_pairs():
    for bad in ([np.sin], (np.sin, np.cos), [(1, 2)], [(np.sin, np.cos, np.tan)]):
        with pytest.raises(TypeError, match=r"^eq must hold tuples \(function, gradient\)"):
            Problem(np.sum, np.ones_like, 2, eq=bad)
        with pytest.raises(TypeError, match=r"^ineq must hold tuples"):
            Problem(np.sum, np.ones_like, 2, ineq=bad)


def test_a_multiplier_of_zero_complements_an_infinite_slack():
    never = Problem(np.sum, np.ones_like, 2, ineq=[(lambda x: -np.inf, np.ones_like)])
    assert kkt_residuals([1, 2], (), [0.0], never)["complementarity"] == 0
    assert kkt_residuals([1, 2], (), [1e-300], never)["complementarity"] == np.inf
    assert kkt_residuals([1, 2], (), [0.0], never)["feasibility"] == 0
    assert lagrangian([1, 2], (), [0.0], never) == 3
    assert lagrangian([1, 2], (), [1.0], never) == -np.inf


@pytest.mark.parametrize("slope", [np.nan, np.inf])
def test_a_constraint_with_multiplier_zero_may_have_a_kink(slope):
    """x^2 + y^2 with x = 1 and sqrt|y| - 1 <= 0, which has no gradient at y = 0."""
    wall = (lambda x: x[0] - 1, lambda x: np.array([1.0, 0.0]))
    kinked = (lambda x: np.sqrt(np.abs(x[1])) - 1, lambda x: np.array([0.0, slope]))
    p = Problem(lambda x: x @ x, lambda x: 2 * x, 2, eq=[wall], ineq=[kinked])
    assert set(kkt_residuals([1, 0], [-2], [0], p).values()) == {0.0}
    assert not kkt_residuals([1, 0], [-2], [1], p)["stationarity"] < np.inf


def test_the_arguments_come_in_one_order_in_residuals_lagrangian_and_check():
    def order(function):
        return list(inspect.signature(function).parameters)[:4]

    assert order(kkt_residuals) == order(lagrangian) == order(check_kkt)
    assert order(check_kkt) == ["x", "lam", "mu", "problem"]


def test_a_matrix_that_is_symmetric_up_to_rounding_is_accepted():
    H = np.array([[2.0, 1 + 1e-12], [1, 3]])
    expected = solve_equality_qp((H + H.T) / 2, [1, 1], [[1, 1]], [1])
    np.testing.assert_array_equal(solve_equality_qp(H, [1, 1], [[1, 1]], [1]).x, expected.x)
    f = quadratic(H)
    np.testing.assert_array_equal(f.hess([0.0, 0.0]), (H + H.T) / 2)


@pytest.mark.parametrize(
    ("x", "lam", "mu", "message"),
    [
        ([1.0, 2], [], [0], r"^x must be one point of shape \(1,\); got shape \(2,\)"),
        (1.0, [], [0], "^x must be one point"),
        ([[1.0]], [], [0], "^x must be one point"),
        ([1.0], [1], [0], r"^lam must have shape \(0,\); got shape \(1,\)"),
        ([1.0], [], [], r"^mu must have shape \(1,\); got shape \(0,\)"),
        ([1.0], [], 1.0, "^mu must have shape"),
    ],
)
def test_shapes_of_points_and_multipliers(x, lam, mu, message):
    p = square(([-1], -1))
    with pytest.raises(ValueError, match=message):
        kkt_residuals(x, lam, mu, p)


@pytest.mark.parametrize(
    ("H", "c", "A", "b", "message"),
    [
        (np.eye(2), [0], [[1, 1]], [1], r"^c must have shape \(2,\); got shape \(1,\)"),
        (np.eye(2), [0, 0], [1, 1], [1], r"^A must have shape \(1, 2\); got shape \(2,\)"),
        (np.eye(2), [0, 0], [[1, 1]], 1, r"^b must have shape \(m,\); got shape \(\)"),
        (np.zeros((0, 0)), [], np.zeros((0, 0)), [], "^H must be a square matrix; got shape"),
        (np.eye(2), [0, np.nan], [[1, 1]], [1], "^c must be finite"),
        ([[1, 1], [0, 1]], [0, 0], [[1, 1]], [1], "^H must be symmetric"),
    ],
)
def test_bad_programs(H, c, A, b, message):
    with pytest.raises(ValueError, match=message):
        solve_equality_qp(H, c, A, b)


def test_bad_arguments_of_dual_ascent():
    p = square(([-1], -1))
    for step_size in (0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match=r"^step_size must be above 0 and finite; got"):
            dual_ascent(p, lambda lam, mu: mu, step_size=step_size)
    with pytest.raises(ValueError, match=r"^maxiter must be at least 0; got -1"):
        dual_ascent(p, lambda lam, mu: mu, maxiter=-1)
    with pytest.raises(ValueError, match=r"^mu must be at least 0; got"):
        dual_ascent(p, lambda lam, mu: mu / 2, mu=[-1])
    with pytest.raises(ValueError, match=r"^minimize must lead to finite values"):
        dual_ascent(p, lambda lam, mu: [np.inf])
    with pytest.raises(
        ValueError, match=r"^minimize\(lam, mu\) must have shape \(1,\); got shape \(2,\)"
    ):
        dual_ascent(p, lambda lam, mu: [1.0, 2.0])
