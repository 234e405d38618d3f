"""Projections: onto the set, idempotent, the nearest point, as CVXPY."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.models import projections as project

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its import, and of its dependencies
    import cvxpy as cp

RNG = np.random.default_rng(0)
N = 4
a, A = RNG.normal(size=N), RNG.normal(size=(2, N))
LOW, HIGH = np.array([-1, -np.inf, 0, -0.5]), np.array([1, 0.2, np.inf, -0.5])
SETS = {  # the projection, CVXPY's constraints, how far a point is outside
    "box": (
        lambda x: project.project_box(x, LOW, HIGH),
        lambda z: [z[[0, 2, 3]] >= LOW[[0, 2, 3]], z[[0, 1, 3]] <= HIGH[[0, 1, 3]]],
        lambda z: np.maximum(LOW - z, z - HIGH).max(axis=-1),
    ),
    "ball": (
        lambda x: project.project_ball(x, 1.5),
        lambda z: [cp.norm(z) <= 1.5],
        lambda z: np.linalg.norm(z, axis=-1) - 1.5,
    ),
    "half-space": (
        lambda x: project.project_halfspace(x, a, 0.3),
        lambda z: [a @ z <= 0.3],
        lambda z: z @ a - 0.3,
    ),
    "affine": (
        lambda x: project.project_affine(x, A, [1, 2]),
        lambda z: [A @ z == [1, 2]],
        lambda z: np.abs(z @ A.T - [1, 2]).max(axis=-1),
    ),
    "simplex": (
        lambda x: project.project_simplex(x, 2),
        lambda z: [cp.sum(z) == 2, z >= 0],
        lambda z: np.maximum(np.abs(z.sum(axis=-1) - 2), -z.min(axis=-1)),
    ),
    "l1 ball": (
        lambda x: project.project_l1_ball(x, 1.5),
        lambda z: [cp.norm1(z) <= 1.5],
        lambda z: np.abs(z).sum(axis=-1) - 1.5,
    ),
}
SETS = [pytest.param(*value, id=key) for key, value in SETS.items()]


@pytest.mark.parametrize(("P", "constraints", "outside"), SETS)
def test_the_result_is_in_the_set_and_stays(P, constraints, outside):
    x = 3 * np.random.default_rng(1).normal(size=(200, N))
    z = P(x)
    assert z.shape == x.shape
    assert outside(z).max() < 1e-13
    np.testing.assert_allclose(P(z), z, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("P", "constraints", "outside"), SETS)
def test_it_is_the_nearest_point_by_the_inequality_of_the_module(P, constraints, outside):
    x, y = 3 * np.random.default_rng(2).normal(size=(2, 300, N))
    gap = ((x - P(x)) * (P(y) - P(x))).sum(axis=-1)
    assert gap.max() < 1e-12
    apart, before = np.linalg.norm(P(x) - P(y), axis=-1), np.linalg.norm(x - y, axis=-1)
    assert (apart <= before + 1e-12).all()


@pytest.mark.parametrize(("P", "constraints", "outside"), SETS)
def test_as_cvxpy(P, constraints, outside):
    z = cp.Variable(N)
    given_x = cp.Parameter(N)
    problem = cp.Problem(cp.Minimize(cp.sum_squares(z - given_x)), constraints(z))
    for x in 2 * np.random.default_rng(3).normal(size=(5, N)):
        given_x.value = x
        problem.solve(solver=cp.CLARABEL)
        np.testing.assert_allclose(P(x), z.value, atol=1e-4)
        assert ((P(x) - x) ** 2).sum() <= problem.value + 1e-7


@pytest.mark.parametrize(("P", "constraints", "outside"), SETS)
@pytest.mark.parametrize("shape", [(N,), (2, 3, N)])
def test_batches_and_types(P, constraints, outside, shape):
    x = 2 * np.random.default_rng(4).normal(size=shape)
    rows = [P(row) for row in x.reshape(-1, N)]
    np.testing.assert_allclose(P(x), np.reshape(rows, shape), rtol=1e-12, atol=1e-13)
    single = P(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, P(x), atol=1e-5)
    assert P(np.arange(N)).dtype == np.float64


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(1e-3, 1e3))
def test_the_simplex_gives_a_distribution_from_any_numbers(x, total):
    z = project.project_simplex(x, total)
    assert (z >= 0).all()
    assert z.sum() == pytest.approx(total, rel=1e-9)
    order = np.argsort(x)
    assert (np.diff(z[order]) >= -1e-12).all()  # it keeps the order


def test_the_simplex_does_not_move_with_a_constant_and_keeps_digits_far_away():
    x = np.array([0.3, -0.2, 0.1])
    np.testing.assert_allclose(
        project.project_simplex(x + 1e8), project.project_simplex(x), atol=1e-7
    )
    np.testing.assert_allclose(project.project_simplex([1e200, 0]), [1, 0])


def test_the_ball_neither_overflows_nor_divides_by_zero():
    np.testing.assert_allclose(project.project_ball([3e200, 4e200]), [0.6, 0.8])
    np.testing.assert_array_equal(project.project_ball([0, 0]), [0, 0])
    np.testing.assert_array_equal(project.project_ball([3e-200, 4e-200]), [3e-200, 4e-200])


def test_semidefinite_matrices():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(20, 3, 3))
    Z = project.project_semidefinite(X)
    assert np.linalg.eigvalsh(Z).min() > -1e-14
    S = (X + np.swapaxes(X, -1, -2)) / 2
    np.testing.assert_allclose(np.trace((Z - S) @ Z, axis1=-2, axis2=-1), 0, atol=1e-13)
    assert np.linalg.eigvalsh(Z - S).min() > -1e-14  # the multiplier is semidefinite, too
    np.testing.assert_allclose(project.project_semidefinite(Z), Z, atol=1e-13)
    variable = cp.Variable((3, 3), PSD=True)
    cp.Problem(cp.Minimize(cp.sum_squares(variable - S[0]))).solve(solver=cp.CLARABEL)
    np.testing.assert_allclose(Z[0], variable.value, atol=1e-4)


def test_dependent_rows_are_no_trouble():
    z = project.project_affine([3, 1], [[1, 1], [2, 2]], [2, 4])
    np.testing.assert_allclose(z, [2, 0], atol=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: project.project_ball(1.0), ValueError, "^x must be points of shape"),
        (lambda: project.project_ball([]), ValueError, "^x must be points of shape"),
        (lambda: project.project_ball([1, np.nan]), ValueError, "^x must be finite; got"),
        (lambda: project.project_ball([1, 2], 0), ValueError, "^radius must be above 0 and"),
        (lambda: project.project_l1_ball([1, 2], -1), ValueError, "^radius must be above 0 and"),
        (lambda: project.project_simplex([1, 2], 0), ValueError, "^total must be above 0 and"),
        (lambda: project.project_box([1], 2, 1), ValueError, "^low must be at most high"),
        (lambda: project.project_box([1], np.nan, 1), ValueError, "^low must not be nan"),
        (lambda: project.project_box([1], 0, [1, 2]), ValueError, r"^high must have shape \(1,\)"),
        (lambda: project.project_box([1], "a", 1), TypeError, "^low must be one real number"),
        (lambda: project.project_halfspace([1], [0], 1), ValueError, "^a must not be zero"),
        (lambda: project.project_halfspace([1], [1, 1], 1), ValueError, "^a must be one point"),
        (lambda: project.project_affine([1], [[1, 1]], [1]), ValueError, "^A must have 1 columns"),
        (lambda: project.project_affine([1], [[1]], [1, 2]), ValueError, "^b must be one point"),
        (lambda: project.project_semidefinite([1]), ValueError, "^X must have shape"),
        (lambda: project.project_semidefinite([[1, 2]]), ValueError, "^X must have shape"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
