"""Block elimination: the same answers as the null space, sparse as dense, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array, diags_array, eye_array

from coursekit import statuses
from coursekit.constraints.kkt import solve_equality_qp
from coursekit.constraints.saddle_systems import block_elimination

H3 = np.array([[2.0, -1, 0], [-1, 2, -1], [0, -1, 2]])
A3 = np.array([[1.0, 1, 1], [1, 0, -1]])


def random_system(seed, n, m):
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(n, n))
    return M @ M.T + np.eye(n), rng.normal(size=n), rng.normal(size=(m, n)), rng.normal(size=m)


def test_example_by_hand():
    run = block_elimination(H3, np.zeros(3), A3, [3, 1])
    np.testing.assert_allclose(run.schur, np.diag([5, 1]), atol=1e-14)
    np.testing.assert_allclose([*run.x, *run.lam, run.fun], [1.4, 1.2, 0.4, -0.6, -1, 1.4])
    assert (run.success, run.status, run.message) == (True, statuses.CONVERGED, "Solved.")


@pytest.mark.parametrize("form", [np.asarray, csr_array])
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 7), m=st.integers(0, 4))
def test_same_as_null_space_and_as_one_system(form, seed, n, m):
    m = min(m, n)
    H, c, A, b = random_system(seed, n, m)
    run = block_elimination(form(H), c, form(A), b)
    K = np.block([[H, A.T], [A, np.zeros((m, m))]])
    np.testing.assert_allclose(
        K @ [*run.x, *run.lam], [*-c, *b],
        atol=1e-11 * np.linalg.cond(H) * (1 + np.abs([*run.x, *run.lam]).max()) * np.abs(K).max(),
    )  # fmt: skip
    if m:
        other = solve_equality_qp(H, c, A, b)
        tol = 1e-13 * np.linalg.cond(K) * np.linalg.cond(H)
        np.testing.assert_allclose(run.x, other.x, atol=tol * (1 + np.abs(other.x).max()))
        assert run.fun == pytest.approx(other.fun, rel=1e-6, abs=tol * (1 + abs(other.fun)))


def test_large_and_sparse():
    """Of n² / 2 entries 3n are there: minus the second derivative, with the area prescribed."""
    n = 20_000
    step = 1 / (n + 1)
    H = diags_array([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], offsets=[-1, 0, 1]) / step
    A = csr_array(np.full((1, n), step))
    run = block_elimination(H, np.zeros(n), A, [1.0])
    x = np.linspace(0, 1, n + 2)[1:-1]
    np.testing.assert_allclose(run.x, 6 * x * (1 - x), atol=1e-6)
    assert run.lam[0] == pytest.approx(-12, rel=1e-6)


@pytest.mark.parametrize("form", [np.asarray, csr_array])
@pytest.mark.parametrize("H", [np.diag([1.0, -1]), np.diag([1.0, 0]), [[0.0, 1], [1, 0]]])
def test_what_is_not_positive_definite(form, H):
    run = block_elimination(form(np.array(H)), [0, 0], form([[0.0, 1]]), [1])
    assert run.status == statuses.NOT_POSITIVE_DEFINITE
    assert not run.success
    assert run.x is run.lam is run.fun is run.schur is None
    assert run.message.startswith("H is not positive definite: add a multiple of A.T @ A")


def test_the_remedy_changes_nothing_but_the_multipliers():
    H, A, b = np.diag([1.0, -1]), np.array([[0.0, 1]]), np.array([1.0])
    run = block_elimination(H + 3 * A.T @ A, -3 * A.T @ b, A, b)
    exact = solve_equality_qp(H, [0, 0], A, b)
    np.testing.assert_allclose(run.x, exact.x, atol=1e-14)
    np.testing.assert_allclose(run.lam, exact.lam, atol=1e-14)  # here not even these: Ax = b


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_dependent_rows(form):
    for rows in ([[1.0, 1, 0], [2, 2, 0]], [[0.0, 0, 0]], [[1.0, 2, 3], [3, 2, 1], [4, 4, 4]]):
        run = block_elimination(form(H3), np.zeros(3), form(np.array(rows)), np.ones(len(rows)))
        assert run.status == statuses.SINGULAR
        assert run.message.startswith("The Schur complement is singular")
        assert run.x is None
        assert run.schur.shape == (len(rows), len(rows))


def test_units_of_the_equations_do_not_make_it_singular():
    units = np.array([1e-9, 1e9])
    run = block_elimination(H3, np.zeros(3), units[:, None] * A3, units * [3, 1])
    np.testing.assert_allclose(run.x, [1.4, 1.2, 0.4], rtol=1e-12)
    np.testing.assert_allclose(run.lam * units, [-0.6, -1], rtol=1e-12)


def test_it_loses_the_digits_of_an_ill_conditioned_block():
    delta = 1e-10
    H, A = np.array([[1, 1], [1, 1 + delta]]), np.array([[1.0, 0]])
    assert np.linalg.cond(np.block([[H, A.T], [A, np.zeros((1, 1))]])) < 20
    run = block_elimination(H, [0.3, 0.7], A, [0.1])
    exact = np.array([0.1, -0.8 / (1 + delta)])  # the second row: x1 + (1 + delta) x2 = -0.7
    null_space = solve_equality_qp(H, [0.3, 0.7], A, [0.1])
    assert np.abs(null_space.x - exact).max() < 1e-14
    assert 1e-12 < np.abs(run.x - exact).max() < 1e-4


def test_what_is_refused():
    good = (np.eye(2), [0, 0], [[1, 0]], [1])
    for change, message in (
        ({0: [[1, 2], [0, 1]]}, r"^H must be symmetric; got mirrored entries"),
        ({0: csr_array([[1.0, 2], [0, 1]])}, r"^H must be symmetric; got shape \(2, 2\), largest"),
        ({0: csr_array([[1.0, 2, 0], [0, 1, 0]])}, r"^H must be symmetric; got shape \(2, 3\)"),
        ({1: [0, 0, 0]}, r"^c must have shape \(2,\); got shape \(3,\)"),
        ({2: [1, 0]}, r"^A must be a matrix; got shape \(2,\)"),
        ({2: [[1, 0, 0]]}, r"^A must have shape \(m, 2\); got shape \(1, 3\)"),
        ({2: eye_array(3)}, r"^A must have shape \(m, 2\); got shape \(3, 3\)"),
        ({2: csr_array([[np.nan, 1]])}, r"^A must be finite; got "),
        ({3: [1, 2]}, r"^b must have shape \(1,\); got shape \(2,\)"),
    ):
        arguments = [change.get(i, value) for i, value in enumerate(good)]
        with pytest.raises(ValueError, match=message):
            block_elimination(*arguments)
