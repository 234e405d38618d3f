"""Kaczmarz' method against projections, known rates, pseudoinverses and LSQR."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.linalg import lsqr

from coursekit.descent import kaczmarz, phantom, ray_matrix
from coursekit.statuses import CONVERGED, MAXITER

norm = np.linalg.norm


def built(m, sigma, rng):
    """Return a matrix (m, n) with the singular values sigma."""
    U = np.linalg.qr(rng.normal(size=(m, len(sigma))))[0]
    V = np.linalg.qr(rng.normal(size=(len(sigma), len(sigma))))[0]
    return U * sigma @ V.T


def fan(n=40):
    angle = np.arange(n) * np.pi / n
    return np.column_stack([np.cos(angle), np.sin(angle)])


def noisy_40_by_2():
    rng = np.random.default_rng(7)
    A = built(40, np.array([8.6, 1]), rng)
    return A, A @ [1, -1] + 0.1 * rng.normal(size=40)


# --- One step -----------------------------------------------------------------------------------


@given(seed=st.integers(0, 10**6), size=st.integers(1, 4))
def test_a_step_is_the_projection_onto_the_equations_of_its_block(seed, size):
    rng = np.random.default_rng(seed)
    A, b, x0 = rng.normal(size=(4, 6)), rng.normal(size=4), rng.normal(size=6)
    x = kaczmarz(A, b, x0, order="cyclic", block_size=size, maxiter=1).x
    B = A[:size]
    np.testing.assert_allclose(B @ x, b[:size], rtol=0, atol=1e-9)
    # what is left of the way is orthogonal to the set: the move lies in the row space of B
    np.testing.assert_allclose(x - x0, np.linalg.pinv(B) @ (B @ (x - x0)), rtol=0, atol=1e-9)


@given(relaxation=st.floats(0.01, 1.99))
def test_relaxation_goes_that_fraction_of_the_way(relaxation):
    a, b, x0 = np.array([[3.0, 4.0]]), [10.0], np.array([1.0, -1.0])
    full = kaczmarz(a, b, x0, maxiter=1).x - x0
    part = kaczmarz(a, b, x0, relaxation=relaxation, maxiter=1).x - x0
    np.testing.assert_allclose(part, relaxation * full, rtol=1e-13)


def test_dependent_rows_in_a_block_are_no_trouble():
    A = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]])
    run = kaczmarz(A, A @ [1.0, 1.0, 1.0], order="cyclic", block_size=3)
    assert (run.status, run.nit, run.rows) == (CONVERGED, 1, 3)
    np.testing.assert_allclose(run.x, np.linalg.pinv(A) @ (A @ np.ones(3)), rtol=1e-13)


# --- Rates --------------------------------------------------------------------------------------


def test_the_fan_in_order_shrinks_by_a_known_factor_a_sweep():
    run = kaczmarz(fan(), np.zeros(40), [0, 1], order="cyclic", tol=0, maxiter=400)
    factor = np.cos(np.pi / 40) ** 39
    assert run.path_fun[1] / run.path_fun[0] == pytest.approx(factor, rel=1e-12)
    # the first step of each later sweep is one of the 40 equal turns, not a start on the line
    assert norm(run.x) == pytest.approx(factor * np.cos(np.pi / 40) ** 360, rel=1e-10)


def test_the_fan_in_random_order_halves_the_expected_square_each_step():
    squares = [
        norm(kaczmarz(fan(), np.zeros(40), [0, 1], tol=0, maxiter=4, seed=s).x) ** 2
        for s in range(1500)
    ]
    assert np.mean(squares) == pytest.approx(2.0**-4, rel=0.2)


@pytest.mark.parametrize("n", [4, 7])
def test_orthonormal_rows_give_the_rate_one_minus_one_over_n(n):
    """From (1, ..., 1) each step on the identity removes one of the coordinates that are left."""
    runs = [
        kaczmarz(np.eye(n), np.zeros(n), np.ones(n), tol=0, maxiter=3, every=1, seed=s)
        for s in range(1500)
    ]
    mean = np.mean([norm(run.path, axis=1) ** 2 / n for run in runs], axis=0)
    np.testing.assert_allclose(mean, (1 - 1 / n) ** np.arange(4), rtol=0.2)


def test_the_expected_error_keeps_the_bound_of_strohmer_and_vershynin():
    A = built(30, np.geomspace(5, 1, 4), np.random.default_rng(3))
    low, kappa = np.linalg.svd(A)[2][-1], norm(A)  # its smallest singular value is 1
    errors = np.mean(
        [
            norm(kaczmarz(A, A @ low, 2 * low, tol=0, maxiter=40, every=10, seed=s).path - low,
                 axis=1) ** 2
            for s in range(400)
        ],
        axis=0,
    )  # fmt: skip
    bound = (1 - 1 / kappa**2) ** np.array([0, 10, 20, 30, 40])
    assert (errors <= bound * 1.02).all()
    assert errors[1] > (1 - 3 / kappa**2) ** 10  # from there the bound is nearly sharp


# --- Where it goes ------------------------------------------------------------------------------


def test_the_distance_never_grows_if_there_is_a_solution():
    A = noisy_40_by_2()[0]
    run = kaczmarz(A, A @ [1, -1], [5, 5], tol=0, maxiter=400, every=1)
    assert (np.diff(norm(run.path - [1, -1], axis=1)) < 1e-14).all()
    assert (np.diff(run.path_fun) > 0).any()  # the residual may


def test_known_distances_of_the_noisy_example():
    A, b = noisy_40_by_2()
    best = np.linalg.lstsq(A, b, rcond=None)[0]
    run = kaczmarz(A, b, [5, 5], tol=0, maxiter=4000, every=10)
    at = np.searchsorted(run.path_nit, [0, 10, 40, 200, 1000, 4000])
    said = [7.2737, 6.1805, 2.0623, 0.3573, 0.1022, 0.1838]
    np.testing.assert_allclose(norm(run.path[at] - best, axis=1), said, rtol=0, atol=6e-5)


def test_known_decay_of_the_slow_example():
    rng = np.random.default_rng(1)
    U, V = (np.linalg.qr(rng.normal(size=size))[0] for size in ((100, 10), (10, 10)))
    A = U * np.geomspace(400, 1, 10) @ V.T
    run = kaczmarz(A, A @ np.ones(10), tol=0, maxiter=10_000)
    assert norm(run.x - 1) ** 2 / 10 == pytest.approx(0.318040, abs=5e-7)


@pytest.mark.parametrize("order", ["random", "cyclic"])
@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("kind", [np.array, csr_array])
def test_from_zero_a_wide_system_gives_the_solution_of_least_norm(order, size, kind):
    rng = np.random.default_rng(0)
    A = np.where(rng.random((5, 20)) < 0.5, rng.normal(size=(5, 20)), 0)
    b = rng.normal(size=5)
    run = kaczmarz(kind(A), b, order=order, block_size=size, tol=1e-12)
    assert run.success
    assert run.fun <= 1e-12
    np.testing.assert_allclose(run.x, np.linalg.pinv(A) @ b, rtol=0, atol=1e-11)


@pytest.mark.parametrize("size", [1, 7])
def test_sparse_and_dense_take_the_same_steps(size):
    A = ray_matrix(8, np.arange(6) / 2, 9)
    b = A @ phantom(8).ravel()
    runs = [kaczmarz(M, b, block_size=size, tol=0, maxiter=60) for M in (A, A.toarray())]
    np.testing.assert_allclose(runs[0].path, runs[1].path, rtol=0, atol=1e-12)


def test_in_random_order_the_noise_is_weighed_as_least_squares_does():
    """Two equations x = 0 and 10 x = 10: short steps lead to the mean with weights 1 and 100."""
    A, b = np.array([[1.0], [10.0]]), np.array([0.0, 10.0])
    options = {"relaxation": 0.01, "tol": 0, "maxiter": 6000, "every": 1}
    random = kaczmarz(A, b, **options).path[2000:].mean()
    cyclic = kaczmarz(A, b, order="cyclic", **options).path[2000:].mean()
    assert random == pytest.approx(100 / 101, abs=0.005)
    assert cyclic == pytest.approx(1 / 2, abs=0.005)


# --- Tomography: semi-convergence ---------------------------------------------------------------


@pytest.fixture(scope="module")
def scan():
    A = ray_matrix(32, np.arange(36) * np.pi / 36, 32)
    clean = A @ phantom(32).ravel()
    noise = np.random.default_rng(0).normal(size=len(clean)) * 0.05 * np.sqrt(np.mean(clean**2))
    return A, clean + noise, norm(noise)


def far(x):
    truth = phantom(32).ravel()
    return norm(x - truth, axis=-1) / norm(truth)


def test_the_error_falls_and_rises_while_the_residual_falls(scan):
    A, b, _ = scan
    run = kaczmarz(A, b, relaxation=0.3, tol=0, maxiter=60 * len(b))
    errors = far(run.path)
    assert 4 <= errors.argmin() <= 15
    assert errors[-1] > 1.25 * errors.min()
    assert run.path_fun[-1] < 0.8 * run.path_fun[errors.argmin()]


def test_the_discrepancy_principle_stops_near_the_best(scan):
    A, b, noise = scan
    run = kaczmarz(A, b, tol=noise, maxiter=60 * len(b))
    assert run.success
    assert run.sweeps < 10
    assert far(run.x) < 1.1 * 0.27  # the best of that run
    assert run.path_fun[-1] <= noise < run.path_fun[-2]


def test_at_equal_row_operations_lsqr_is_ahead_but_not_at_first(scan):
    A, b, _ = scan
    clean = A @ phantom(32).ravel()
    run = kaczmarz(A, clean, tol=0, maxiter=20 * len(b))
    for sweeps in (1, 2):
        assert far(run.path[sweeps]) < far(lsqr(A, clean, iter_lim=sweeps)[0])
    assert far(lsqr(A, clean, atol=0, btol=0, conlim=0, iter_lim=20)[0]) < far(run.path[20])


# --- Bookkeeping --------------------------------------------------------------------------------


def test_what_is_counted_and_kept():
    A, b = noisy_40_by_2()
    run = kaczmarz(A, b, tol=0, maxiter=100, every=30)
    assert run.path_nit.tolist() == [0, 30, 60, 90, 100]
    assert (run.path.shape, run.path_fun.shape) == ((5, 2), (5,))
    assert (run.nit, run.rows, run.sweeps, run.status) == (100, 100, 2.5, MAXITER)
    np.testing.assert_allclose(run.path_fun, norm(run.path @ A.T - b, axis=1), rtol=1e-12)
    assert run.fun == run.path_fun[-1]
    assert (run.x == run.path[-1]).all()
    assert "no x may satisfy all" in kaczmarz(A, b, tol=0, maxiter=4000).message
    assert "raise maxiter" in kaczmarz(A, b, tol=0, maxiter=0).message


def test_a_ragged_block_counts_its_rows():
    A = np.random.default_rng(0).normal(size=(7, 20))
    run = kaczmarz(A, A @ np.ones(20), order="cyclic", block_size=3, tol=0, maxiter=6)
    assert (run.nit, run.rows, run.sweeps, run.path_nit.tolist()) == (6, 14, 2.0, [0, 3, 6])


def test_zero_rows_are_left_out():
    A = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    for kind in (np.array, csr_array):
        run = kaczmarz(kind(A), [5, 2, 2], order="cyclic", tol=0, maxiter=40)
        np.testing.assert_allclose(run.x, [1, 1], rtol=1e-5)
        assert run.rows == 40
        assert run.fun == pytest.approx(5)


def test_a_start_at_a_solution_is_done():
    run = kaczmarz(np.eye(3), np.ones(3), np.ones(3))
    assert (run.nit, run.success, run.message[:25]) == (0, True, "Converged after 0 updates")


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_scaling_the_system_changes_nothing(scale):
    A, b = noisy_40_by_2()
    runs = [kaczmarz(s * A, s * b, tol=0, maxiter=200) for s in (1.0, scale)]
    np.testing.assert_allclose(runs[0].x, runs[1].x, rtol=1e-10)


def test_float32_stays_and_the_arguments_are_not_changed():
    A, b = (v.astype(np.float32) for v in noisy_40_by_2())
    x0, copies = np.ones(2, np.float32), (A.copy(), b.copy())
    run = kaczmarz(A, b, x0)
    assert run.path.dtype == np.float32
    assert (x0 == 1).all()
    assert (copies[0] == A).all()
    assert (copies[1] == b).all()
    assert kaczmarz([[1, 2]], [3]).x.dtype == np.float64


def test_the_same_seed_takes_the_same_way():
    A, b = noisy_40_by_2()
    runs = [kaczmarz(A, b, maxiter=50, seed=s).x for s in (1, 1, 2, np.random.default_rng(1))]
    assert (runs[0] == runs[1]).all()
    assert (runs[0] == runs[3]).all()
    assert (runs[0] != runs[2]).any()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"A": [1, 2]}, ValueError, "^A must be a nonempty matrix; got shape"),
        ({"A": np.zeros((2, 3))}, ValueError, "^A must have a row that is not zero"),
        ({"A": csr_array((2, 3))}, ValueError, "^A must have a row that is not zero"),
        ({"A": csr_array((0, 3))}, ValueError, "^A must be a nonempty matrix; got shape"),
        ({"A": csr_array([[1, 2j]])}, TypeError, "^A must hold real numbers"),
        ({"A": csr_array([[1.0, np.nan]])}, ValueError, "^A must be finite"),
        ({"b": [1, 2, 3]}, ValueError, r"^b must be one point of shape \(2,\)"),
        ({"x0": [1, 2]}, ValueError, r"^x0 must be one point of shape \(3,\)"),
        ({"order": "shuffled"}, ValueError, "^order must be 'random' or 'cyclic'; got 'shuf"),
        ({"block_size": 0}, ValueError, "^block_size must be at least 1"),
        ({"block_size": 3}, ValueError, "^block_size must be at most m = 2; got 3"),
        ({"relaxation": 2}, ValueError, "^relaxation must be above 0 and below 2"),
        ({"tol": -1}, ValueError, "^tol must be at least 0"),
        ({"maxiter": 2.5}, TypeError, "^maxiter must be an integer"),
        ({"every": 0}, ValueError, "^every must be at least 1"),
    ],
)
def test_refused_arguments(change, error, message):
    arguments = {"A": np.arange(6.0).reshape(2, 3), "b": [1, 2]} | change
    with pytest.raises(error, match=message):
        kaczmarz(**arguments)
