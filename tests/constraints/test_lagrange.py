"""Stationary points of problems with equations: closed forms, inertia, rates, SciPy's answers."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

from coursekit import statuses
from coursekit.constraints.kkt import Problem, kkt_residuals, solve_equality_qp
from coursekit.constraints.lagrange import (
    augmented_lagrangian,
    classify_stationary_point,
    reduced_hessian,
    stationary_point,
)
from coursekit.derivatives import numerical_jacobian
from coursekit.objectives import rosenbrock

EPS = np.finfo(float).eps
SEEDS = st.integers(0, 2**32 - 1)


def affine(a, b):
    a = np.array(a, dtype=float)
    return lambda x: x @ a - b, lambda x: a


def sum_on_circle():
    """The sum of x and y where x² + y² = 32: 8 at (4, 4), -8 at (-4, -4)."""
    circle = (lambda x: x @ x / 2 - 16, lambda x: x)
    return Problem(lambda x: x.sum(), np.ones_like, 2, eq=[circle])


def circle_hess(x, lam):
    return lam[0] * np.eye(2)


def distance_to_ellipse(point):
    """Squared distance from a point to x² / 4 + y² = 1, and the Hessian of its Lagrangian."""
    point, D = np.array(point, float), np.diag([0.25, 1])
    ellipse = (lambda x: x @ D @ x - 1, lambda x: 2 * D @ x)
    problem = Problem(
        lambda x: (x - point) @ (x - point), lambda x: 2 * (x - point), 2, eq=[ellipse]
    )
    return problem, lambda x, lam: 2 * np.eye(2) + 2 * lam[0] * D


def products(sign=1):
    """Products xy + yz where x + 2y = 6 and x = 3z: the maximum is 6, at (3, 1.5, 1)."""
    return Problem(
        lambda x: sign * x[1] * (x[0] + x[2]),
        lambda x: sign * np.array([x[1], x[0] + x[2], x[1]]),
        3,
        eq=[affine([1, 2, 0], 6), affine([1, 0, -3], 0)],
    )


# The second-order test


def random_pair(seed, n, m):
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(n, n))
    return M + M.T, rng.normal(size=(m, n)), rng


@given(SEEDS, st.integers(1, 6), st.integers(0, 6))
def test_inertia_of_the_bordered_matrix(seed, n, m):
    m = min(m, n)
    H, J, _ = random_pair(seed, n, m)
    bordered = np.linalg.eigvalsh(np.block([[np.zeros((m, m)), J], [J.T, H]]))
    curvature = np.linalg.eigvalsh(reduced_hessian(H, J))
    assert (bordered > 0).sum() == m + (curvature > 0).sum()
    assert (bordered < 0).sum() == m + (curvature < 0).sum()


@given(SEEDS, st.integers(2, 5), st.integers(1, 3))
def test_signs_of_the_bordered_minors(seed, n, m):
    """The textbook test: minima have minors of sign (-1)^m, those of maxima alternate."""
    m = min(m, n - 1)
    H, J, _ = random_pair(seed, n, m)
    size = 20 * np.linalg.norm(H, 2)
    for shift, kind in ((size, "minimum"), (-size, "maximum")):
        moved = H + shift * np.eye(n)
        K = np.block([[np.zeros((m, m)), J], [J.T, moved]])
        signs = [np.linalg.slogdet(K[:k, :k])[0] for k in range(2 * m + 1, n + m + 1)]
        wanted = [(-1) ** m * (1 if shift > 0 else (-1) ** (k - 2 * m))
                  for k in range(2 * m + 1, n + m + 1)]  # fmt: skip
        assert signs == wanted
        assert classify_stationary_point(moved, J) == kind


@given(SEEDS, st.integers(2, 5), st.integers(1, 4))
def test_curvatures_do_not_depend_on_units_or_order_of_the_equations(seed, n, m):
    m = min(m, n - 1)
    H, J, rng = random_pair(seed, n, m)
    units = 10.0 ** rng.uniform(-9, 9, size=(m, 1))
    same = reduced_hessian(H, (units * J)[rng.permutation(m)])
    np.testing.assert_allclose(
        np.linalg.eigvalsh(same), np.linalg.eigvalsh(reduced_hessian(H, J)),
        atol=1e-9 * np.linalg.norm(H, 2) * np.linalg.cond(J),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("H", "J", "kind"),
    [
        (np.diag([1, -1]), [[0, 1]], "minimum"),
        (np.diag([1, -1]), [[1, 0]], "maximum"),
        (np.diag([1, -1]), [[1, 1]], "inconclusive"),
        (np.diag([1, -1, 5]), [[0, 0, 1]], "saddle"),
        (np.diag([1, 0, 5]), [[0, 0, 1]], "inconclusive"),
        (np.diag([1, -1]), np.eye(2), "isolated"),
        (np.diag([1, -1]), np.zeros((0, 2)), "saddle"),
        (1e-30 * np.eye(3), [[1, 2, 3]], "minimum"),
    ],
)
def test_cases(H, J, kind):
    assert classify_stationary_point(H, J) == kind


def test_tolerance_for_inexact_hessians():
    H = np.diag([1.0, 1e-7])
    assert classify_stationary_point(H, [[1, 0]]) == "minimum"
    assert classify_stationary_point(H, [[1, 0]], tol=1e-6) == "inconclusive"


def test_dependent_rows_have_no_unique_multipliers():
    for rows in ([[1, 2], [2, 4]], [[0, 0]], np.ones((3, 2))):
        with pytest.raises(ValueError, match=r"^J must have linearly independent rows; got rank"):
            reduced_hessian(np.eye(2), rows)
    with pytest.raises(ValueError, match=r"^J must have shape \(m, 2\), one gradient a row; got"):
        reduced_hessian(np.eye(2), [1, 2])


# Newton's method on the Lagrangian


@pytest.mark.parametrize(("start", "sign"), [([3, 5], 1), ([5, -1], 1), ([-1, -7], -1)])
def test_both_ends_of_the_circle(start, sign):
    run = stationary_point(sum_on_circle(), circle_hess, start)
    np.testing.assert_allclose(run.x, [4 * sign, 4 * sign], rtol=1e-9)
    np.testing.assert_allclose([*run.lam, run.fun], [-sign / 4, 8 * sign], rtol=1e-9)
    assert run.kind == ("maximum" if sign > 0 else "minimum")
    assert max(kkt_residuals(run.x, run.lam, (), sum_on_circle()).values()) <= 1e-10
    assert run.path.shape == (run.nit + 1, 2)
    assert run.path_lam.shape == (run.nit + 1, 1)
    assert run.path_residual.shape == (run.nit + 1,)


def test_the_four_normals_from_a_point_to_an_ellipse():
    problem, hess = distance_to_ellipse([0.2, 1.3])
    found = {}
    for t in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        run = stationary_point(problem, hess, [2 * np.cos(t), np.sin(t)])
        if run.success:
            found[tuple(run.x.round(6))] = run.kind
    assert sorted(found.values()) == ["maximum", "maximum", "minimum", "minimum"]
    grid = np.linspace(0, 2 * np.pi, 100_001)
    values = (2 * np.cos(grid) - 0.2) ** 2 + (np.sin(grid) - 1.3) ** 2
    low = (values[1:-1] < values[2:]) & (values[1:-1] < values[:-2])
    high = (values[1:-1] > values[2:]) & (values[1:-1] > values[:-2])
    for mask, kind in ((low, "minimum"), (high, "maximum")):
        scanned = sorted((2 * np.cos(a), np.sin(a)) for a in grid[1:-1][mask])
        solved = sorted(x for x, name in found.items() if name == kind)
        np.testing.assert_allclose(solved, scanned, atol=1e-4)


@given(SEEDS, st.integers(2, 6), st.integers(1, 3))
def test_a_quadratic_problem_takes_one_step(seed, n, m):
    m = min(m, n - 1)
    rng = np.random.default_rng(seed)
    A, M = rng.normal(size=(m, n)), rng.normal(size=(n, n))
    H, c, b = M @ M.T + np.eye(n), rng.normal(size=n), rng.normal(size=m)
    problem = Problem(
        lambda x: x @ H @ x / 2 + c @ x, lambda x: H @ x + c, n,
        eq=[affine(a, right) for a, right in zip(A, b, strict=True)],
    )  # fmt: skip
    run = stationary_point(problem, lambda x, lam: H, rng.normal(size=n), tol=1e-8)
    qp = solve_equality_qp(H, c, A, b)
    assert run.nit <= 1
    assert run.kind == "minimum"
    np.testing.assert_allclose(run.x, qp.x, rtol=1e-6, atol=1e-6 * np.abs(qp.x).max())


def test_newton_converges_quadratically():
    problem, hess = distance_to_ellipse([0.2, 1.3])
    run = stationary_point(problem, hess, [0.1, 0.9])
    error = np.linalg.norm(run.path - run.x, axis=1)
    error = error[(error > 1e-12) & (error < 0.3)]
    assert len(error) >= 3
    assert (error[1:] < 5 * error[:-1] ** 2).all()


def test_multipliers_are_sensitivities():
    def value(c):
        circle = (lambda x: x @ x / 2 - c[0], lambda x: x)
        problem = Problem(lambda x: x.sum(), np.ones_like, 2, eq=[circle])
        return stationary_point(problem, circle_hess, [4, 4], tol=1e-13).fun

    lam = stationary_point(sum_on_circle(), circle_hess, [3, 5]).lam
    np.testing.assert_allclose(numerical_jacobian(value, [16.0]), -lam, rtol=1e-7)


def test_where_there_are_no_multipliers_no_run_succeeds():
    squared = (lambda x: (x @ x / 2 - 16) ** 2, lambda x: 2 * (x @ x / 2 - 16) * x)
    problem = Problem(lambda x: x.sum(), np.ones_like, 2, eq=[squared])

    def hess(x, lam):
        return lam[0] * (2 * (x @ x / 2 - 16) * np.eye(2) + 2 * np.outer(x, x))

    run = stationary_point(problem, hess, [3, 5])
    assert not run.success
    assert run.kind is None
    assert abs(run.lam[0]) > 1e3


def test_dependent_gradients_leave_the_kind_open():
    """With x + y = 2 said twice the multipliers of one balance are given, so a run can arrive."""
    line = affine([1, 1], 2)
    problem = Problem(lambda x: x @ x / 2, lambda x: x, 2, eq=[line, line])
    run = stationary_point(problem, lambda x, lam: np.eye(2), [1, 1])
    assert run.success
    assert run.nit == 0
    assert run.kind is None
    away = stationary_point(problem, lambda x, lam: np.eye(2), [3, 5])
    assert away.status == statuses.SINGULAR


# The augmented Lagrangian


def test_penalties_make_a_maximum_of_an_unbounded_function():
    run = augmented_lagrangian(products(-1), [0, 0, 0], tol=1e-8)
    assert run.success
    np.testing.assert_allclose(run.x, [3, 1.5, 1], atol=1e-7)
    np.testing.assert_allclose(run.lam, [2, -0.5], atol=1e-6)
    assert run.fun == pytest.approx(-6, abs=1e-7)
    weak = augmented_lagrangian(products(-1), [0, 0, 0], penalty=0.1, tol=1e-8)
    assert weak.success
    assert weak.penalty > 0.1
    np.testing.assert_allclose(weak.x, run.x, atol=1e-6)


@given(SEEDS, st.integers(2, 5), st.integers(1, 3), st.floats(0.5, 50))
def test_rate_of_the_multipliers(seed, n, m, rho):
    r"""On a quadratic :math:`\lambda_{k+1} - \lambda = (I + \rho S)^{-1} (\lambda_k - \lambda)`."""
    m = min(m, n - 1)
    rng = np.random.default_rng(seed)
    A = np.linalg.qr(rng.normal(size=(n, m)))[0].T  # S has eigenvalues from 0.3 to 1
    M = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H, c, b = M @ np.diag(np.linspace(1, 3, n)) @ M.T, rng.normal(size=n), rng.normal(size=m)
    H = (H + H.T) / 2
    problem = Problem(
        lambda x: x @ H @ x / 2 + c @ x, lambda x: H @ x + c, n,
        eq=[affine(a, right) for a, right in zip(A, b, strict=True)],
    )  # fmt: skip
    run = augmented_lagrangian(problem, np.zeros(n), penalty=rho, tol=1e-7)
    S = A @ np.linalg.solve(H, A.T)
    error = run.path_lam - solve_equality_qp(H, c, A, b).lam
    for k in range(run.nit):
        rho = run.path_penalty[k + 1]  # the error of each minimization enters times its square
        I_rho_S = np.eye(m) + rho * S
        np.testing.assert_allclose(I_rho_S @ error[k + 1], error[k], atol=1e-6 * (1 + rho) ** 2)
    assert run.success


@pytest.mark.parametrize("start", [[-1.5, 1], [3, 3], [0.1, -1]])
def test_rosenbrock_on_a_circle_as_slsqp(start):
    circle = (lambda x: x @ x - 2, lambda x: 2 * x)
    problem = Problem(rosenbrock, rosenbrock.grad, 2, eq=[circle])
    run = augmented_lagrangian(problem, start, tol=1e-8)
    assert run.success
    other = scipy.optimize.minimize(
        rosenbrock, run.x + 0.05, jac=rosenbrock.grad, options={"ftol": 1e-14},
        constraints={"type": "eq", "fun": circle[0], "jac": circle[1]},
    )  # fmt: skip
    np.testing.assert_allclose(run.x, other.x, atol=1e-5)
    residuals = kkt_residuals(run.x, run.lam, (), problem)
    assert max(residuals.values()) <= 1e-8
    assert run.path.shape == (run.nit + 1, 2)
    assert run.path_h[-1] == pytest.approx(abs(circle[0](run.x)))


def test_endings_of_the_augmented_lagrangian():
    line = affine([1, 0], 1)
    unbounded = Problem(lambda x: -x @ x, lambda x: -2 * x, 2, eq=[line])
    run = augmented_lagrangian(unbounded, [0, 1])
    assert run.status == statuses.NON_FINITE
    assert run.message.startswith("Not finite: no minimum was found even with penalty 1e+12.")
    nowhere = Problem(
        lambda x: x @ x, lambda x: 2 * x, 2, eq=[affine([1, 1], 1), affine([1, 1], 2)]
    )
    run = augmented_lagrangian(nowhere, [0, 0])
    assert run.status == statuses.NO_PROGRESS
    assert "Perhaps no point is feasible" in run.message
    np.testing.assert_allclose(run.x.sum(), 1.5, atol=1e-3)  # least squares
    run = augmented_lagrangian(products(-1), [0, 0, 0], maxiter=2)
    assert (run.status, run.nit) == (statuses.MAXITER, 2)
    assert run.message.startswith("Stopped at maxiter after 2 updates: residual ")
    good = augmented_lagrangian(products(-1), [0, 0, 0])
    assert good.message.startswith("Converged after ")
    from_solution = augmented_lagrangian(products(-1), good.x, lam=good.lam)
    assert from_solution.nit <= 1


# Arguments


def test_what_is_refused():
    walled = Problem(lambda x: x @ x, lambda x: 2 * x, 2, ineq=[affine([1, 0], 1)])
    for call in (lambda p: stationary_point(p, circle_hess, [1, 1]),
                 lambda p: augmented_lagrangian(p, [1, 1])):  # fmt: skip
        with pytest.raises(ValueError, match=r"^problem must have equations only; got 1 ineq"):
            call(walled)
        with pytest.raises(TypeError, match=r"^problem must be a Problem; got str"):
            call("f")
    p = sum_on_circle()
    with pytest.raises(ValueError, match=r"^lam must have shape \(1,\); got shape \(2,\)"):
        stationary_point(p, circle_hess, [1, 1], lam=[1, 2])
    with pytest.raises(ValueError, match=r"^hess\(x, lam\) must have shape \(2, 2\); got"):
        stationary_point(p, lambda x, lam: 1.0, [3, 5])
    with pytest.raises(ValueError, match=r"^x0 must be one point of shape \(2,\); got shape"):
        augmented_lagrangian(p, [1, 1, 1])
    wrong = Problem(lambda x: x.sum(), lambda x: 1.0, 2, eq=p.eq)
    with pytest.raises(ValueError, match=r"^grad\(x\) must have shape \(2,\); got shape \(\)"):
        stationary_point(wrong, circle_hess, [3, 5])
