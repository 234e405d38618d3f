"""Condition numbers and errors: definitions, closed forms and theorems, not snapshots."""

import math

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

from coursekit.numbers.conditioning import (
    backward_error,
    condition_number,
    digits_lost,
    forward_error,
    hilbert,
    perturbation_ellipse,
    relative_condition_number,
)

EPS = float(np.finfo(float).eps)
COURSE = np.array([[4.1, 2.8], [9.7, 6.6]])
NORMS = [1, 2, np.inf, "fro"]


def random_matrix(seed, shape=(4, 4)):
    return np.random.default_rng(seed).normal(size=shape)


def with_singular_values(s, seed=0):
    """Return U diag(s) Vᵀ with random orthogonal factors."""
    rng = np.random.default_rng(seed)
    U, V = (np.linalg.qr(rng.normal(size=(len(s), len(s))))[0] for _ in range(2))
    return (U * s) @ V.T


# Condition number of a matrix


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_numpy(p, seed):
    A = random_matrix(seed)
    np.testing.assert_allclose(
        condition_number(A, p), np.linalg.cond(A, None if p == 2 else p), rtol=1e-11
    )


@pytest.mark.parametrize(
    ("A", "p", "kappa"),
    [
        (COURSE, 1, 2249.4),
        (COURSE, np.inf, 2249.4),
        (COURSE, "fro", 1623),  # |A|_F² / |det A| = 162.3 / 0.1
        ([[1, 1000], [0, 1]], "fro", 1_000_002),
        ([[3, 2], [2, 3]], 2, 5),
        ([[3, 2], [2, 3]], "fro", 5.2),
        ([[1, 0], [0, -5]], 2, 5),
        ([[1, 0], [0, -5]], np.inf, 5),
        ([[2.0]], "fro", 1),
        ([[1.0], [1.0], [1.0]], 2, 1),
        ([[3, 4]], 2, 1),
    ],
)
def test_closed_forms(A, p, kappa):
    assert math.isclose(condition_number(A, p), kappa, rel_tol=2e3 * EPS * kappa)


@pytest.mark.parametrize("n", [1, 2, 3, 100])
def test_the_identity(n):
    for p in (1, 2, np.inf):
        assert condition_number(np.eye(n), p) == 1
    assert math.isclose(condition_number(np.eye(n), "fro"), n, rel_tol=1e-14)


@given(st.integers(0, 2**32 - 1))
def test_in_the_plane_frobenius_adds_the_reciprocal(seed):
    A = random_matrix(seed, (2, 2))
    kappa = condition_number(A)
    assert math.isclose(condition_number(A, "fro"), kappa + 1 / kappa, rel_tol=1e-12)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-300, 1e-160, 1e-5, 1e5, 1e160, 1e300]))
def test_a_factor_changes_nothing(seed, factor):
    A = random_matrix(seed, (3, 3))
    for p in NORMS:
        assert math.isclose(condition_number(factor * A, p), condition_number(A, p), rel_tol=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_properties_of_the_spectral_condition_number(seed, n):
    A, B = random_matrix(seed, (n, n)), random_matrix(seed + 1, (n, n))
    Q = np.linalg.qr(B)[0]
    kappa = condition_number(A)
    slack = 1 + 1e2 * n * EPS * kappa
    assert kappa >= 1
    assert kappa / slack <= condition_number(Q @ A) <= kappa * slack
    product = kappa * condition_number(B)
    assert condition_number(A @ B) <= product * (1 + 1e3 * EPS * product)
    assert kappa <= condition_number(A, "fro") * (1 + 1e-12) <= n * kappa * (1 + 1e-11)
    moduli = np.abs(np.linalg.eigvals(A))
    assert moduli.max() / moduli.min() <= kappa * (slack + 1e-6)


def test_normal_matrices_have_the_eigenvalue_ratio():
    S = random_matrix(3)
    S = S + S.T
    moduli = np.abs(np.linalg.eigvalsh(S))
    assert math.isclose(condition_number(S), moduli.max() / moduli.min(), rel_tol=1e-12)


def test_forming_the_normal_equations_squares_it():
    A = random_matrix(4, (20, 5))
    assert math.isclose(condition_number(A.T @ A), condition_number(A) ** 2, rel_tol=1e-10)


def test_the_distance_to_the_nearest_singular_matrix_is_its_reciprocal():
    """Eckart and Young: no change smaller than sigma_n makes A singular, and one of it does."""
    A = random_matrix(5)
    U, s, Vt = np.linalg.svd(A)
    E = -s[-1] * np.outer(U[:, -1], Vt[-1])
    distance = np.linalg.norm(E, 2) / np.linalg.norm(A, 2)
    assert math.isclose(distance, 1 / condition_number(A), rel_tol=1e-12)
    assert condition_number(A + E) > 1e14
    assert condition_number(A + 0.999 * E) < 1e5


@pytest.mark.parametrize("p", NORMS)
def test_exactly_singular(p):
    assert condition_number([[1, 0], [0, 0]], p) == math.inf
    assert condition_number(np.zeros((3, 3)), p) == math.inf


def test_a_ratio_beyond_the_largest_number_is_infinite():
    for p in NORMS:
        assert condition_number([[1e300, 0], [0, 1e-300]], p) == math.inf


def test_float32_stays_float32():
    single = condition_number(COURSE.astype(np.float32))
    double = condition_number(COURSE)
    assert EPS < abs(single / double - 1) < double * np.finfo(np.float32).eps
    assert condition_number(np.eye(2, dtype=np.float16)) == 1


@pytest.mark.parametrize(
    ("A", "p", "error", "message"),
    [
        ([1, 2], 2, ValueError, r"^A must be a nonempty matrix; got shape \(2,\)"),
        (np.zeros((0, 2)), 2, ValueError, r"^A must be a nonempty matrix; got shape \(0, 2\)"),
        ([[1, np.nan]], 2, ValueError, "^A must be finite"),
        ([[1j]], 2, TypeError, "^A must hold real numbers; got dtype complex128"),
        (np.ones((3, 2)), 1, ValueError, r"^A must be square for p = 1; got shape \(3, 2\)"),
        (np.ones((3, 2)), np.inf, ValueError, "^A must be square for p = inf"),
        (np.eye(2), 3, ValueError, '^p must be 2, 1, inf or "fro"; got 3'),
    ],
)
def test_bad_matrices(A, p, error, message):
    with pytest.raises(error, match=message):
        condition_number(A, p)


# The theorems


@given(st.integers(0, 2**32 - 1))
def test_no_change_is_amplified_beyond_the_condition_number(seed):
    rng = np.random.default_rng(seed)
    A, b, change = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
    x, dx = np.linalg.solve(A, b), np.linalg.solve(A, change)
    ratio = np.linalg.norm(dx) / np.linalg.norm(x) * np.linalg.norm(b) / np.linalg.norm(change)
    assert ratio <= condition_number(A) * (1 + 1e-6)


@pytest.mark.parametrize("A", [COURSE, random_matrix(6), hilbert(5)], ids=["2x2", "4x4", "hilbert"])
def test_the_bound_is_attained_along_the_singular_vectors(A):
    U = np.linalg.svd(A)[0]
    x, dx = np.linalg.solve(A, U[:, 0]), np.linalg.solve(A, U[:, -1])
    kappa = condition_number(A)
    ratio = np.linalg.norm(dx) / np.linalg.norm(x)
    assert math.isclose(ratio, kappa, rel_tol=100 * EPS * kappa)
    solve = lambda b: np.linalg.solve(A, b)  # noqa: E731
    inverse = lambda b: np.linalg.solve(A, np.eye(len(A)))  # noqa: E731
    at = relative_condition_number(solve, U[:, 0], jac=inverse)
    assert math.isclose(at, kappa, rel_tol=100 * EPS * kappa)


@pytest.mark.parametrize("n", range(2, 13))
def test_a_stable_solver_has_a_tiny_backward_error_whatever_the_condition(n):
    H = hilbert(n)
    b = H @ np.ones(n)
    x = np.linalg.solve(H, b)
    assert backward_error(H, x, b) < 2 * EPS
    assert forward_error(x, np.ones(n)) <= 4 * condition_number(H) * EPS


@given(st.integers(0, 2**32 - 1), st.floats(-14, -1))
def test_the_backward_error_is_the_smallest_change_of_the_data(seed, digits):
    """Rigal and Gaches: a change of this size exists, and none that is smaller."""
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    b = A @ x
    x_hat = x * (1 + 10**digits * rng.normal(size=3))
    eta, r = backward_error(A, x_hat, b), b - A @ x_hat
    norm_A, size = np.linalg.norm(A, 2), np.linalg.norm(x_hat)
    share = norm_A * size / (norm_A * size + np.linalg.norm(b))
    E = share * np.outer(r, x_hat) / size**2
    e = -(1 - share) * r
    assert np.linalg.norm((A + E) @ x_hat - b - e) <= 20 * EPS * norm_A * size
    assert math.isclose(np.linalg.norm(E, 2), eta * norm_A, rel_tol=1e-9)
    assert math.isclose(np.linalg.norm(e), eta * np.linalg.norm(b), rel_tol=1e-9)


def test_elimination_without_pivoting_is_unstable_on_a_good_problem():
    A, b = np.array([[1e-20, 1.0], [1.0, 1.0]]), np.array([1.0, 2.0])
    y = (b[1] - b[0] / A[0, 0]) / (A[1, 1] - A[0, 1] / A[0, 0])
    x_hat = np.array([(b[0] - y) / A[0, 0], y])
    assert condition_number(A) < 2.7
    assert backward_error(A, x_hat, b) > 0.1
    assert backward_error(A, np.linalg.solve(A, b), b) <= EPS


# Errors


def test_backward_error_by_hand():
    # residual (0, 1), |A| = 2, |x| = 1, |b| = 1
    assert math.isclose(backward_error(np.diag([2, 1]), [0.5, 0], [1, 1]), 1 / (1 + math.sqrt(2)))
    assert backward_error(COURSE, np.zeros(2), [1.0, 2.0]) == 1


def test_backward_error_of_single_precision_is_that_of_single_precision():
    A = random_matrix(7, (50, 50)).astype(np.float32)
    b = A.sum(axis=1)
    u = float(np.finfo(np.float32).eps)
    assert u / 1000 < backward_error(A, np.linalg.solve(A, b), b) < 50 * u


@pytest.mark.parametrize(
    ("A", "x", "b", "message"),
    [
        (COURSE, [1, 0, 0], [1, 0], r"^x_hat must have shape \(2,\); got shape \(3,\)"),
        (COURSE, [1, 0], [[1, 0]], "^b must have shape"),
        (COURSE, [1, np.nan], [1, 0], "^(x_hat|b) must be finite"),
        (COURSE, [1, 0], [1, np.inf], "^(x_hat|b) must be finite"),
        (COURSE, [0, 0], [0, 0], "^b must not be zero together with A x_hat"),
    ],
)
def test_bad_systems(A, x, b, message):
    with pytest.raises(ValueError, match=message):
        backward_error(A, x, b)


def test_forward_error():
    assert forward_error([3.0, 4.0], [3.0, 4.0]) == 0
    assert math.isclose(forward_error([[3.0, 0.0]], [[0.0, 4.0]]), 5 / 4)
    assert forward_error(2.5, -2) == 2.25
    assert math.isnan(forward_error([np.nan, 1], [1, 1]))
    assert forward_error(np.float32(0.1), 0.1) > 1e-9  # compared in float64


@pytest.mark.parametrize(
    ("x_hat", "x", "message"),
    [
        ([1, 2], [1], r"^x_hat must have shape \(1,\); got shape \(2,\)"),
        ([1, 2], [0, 0], "^x must (be finite|have a norm above 0)"),
        ([1, 2], [0, np.inf], "^x must (be finite|have a norm above 0)"),
    ],
)
def test_bad_forward_errors(x_hat, x, message):
    with pytest.raises(ValueError, match=message):
        forward_error(x_hat, x)


def test_digits_lost():
    assert [digits_lost(k) for k in (0, 0.5, 1, 1000, math.inf)] == [0, 0, 0, 3, math.inf]
    for bad in (-1, math.nan):
        with pytest.raises(ValueError, match=r"^kappa must be at least 0; got"):
            digits_lost(bad)


# Functions


@pytest.mark.parametrize(
    ("f", "x", "kappa"),
    [
        (lambda x: 1000 * x, 0.3, 1),
        (lambda x: 1e-9 * x, 1e-7, 1),
        (np.exp, 10, 10),
        (np.sqrt, 7, 0.5),
        (np.sqrt, 1e-12, 0.5),
        (np.log, 1.01, 1 / math.log(1.01)),
        (math.log, 1.01, 1 / math.log(1.01)),  # not vectorized
        (lambda x: x - 1, 1.01, 101),
        (np.cos, 0, 0),
        (lambda x: x**-3, -2, 3),
    ],
)
def test_functions_of_one_number(f, x, kappa):
    assert math.isclose(relative_condition_number(f, x), kappa, rel_tol=1e-6, abs_tol=1e-9)


def test_near_a_pole_the_derivative_is_worth_giving():
    exact = 1.57 / (math.sin(1.57) * math.cos(1.57))  # 1971.55
    given = relative_condition_number(np.tan, 1.57, jac=lambda x: 1 / np.cos(x) ** 2)
    assert math.isclose(given, exact, rel_tol=1e-12)
    assert 1e-5 < abs(relative_condition_number(np.tan, 1.57) / exact - 1) < 1e-3


def test_functions_of_several_numbers():
    add = lambda x: x.sum(axis=-1)  # noqa: E731
    a, b = 1.0, -0.99
    expected = math.sqrt(2) * math.hypot(a, b) / (a + b)
    assert math.isclose(relative_condition_number(add, [a, b]), expected, rel_tol=1e-6)
    times = lambda x: x @ COURSE.T  # noqa: E731
    at = np.array([1.0, 0.0])
    expected = np.linalg.norm(COURSE, 2) / np.linalg.norm(COURSE[:, 0])
    assert math.isclose(relative_condition_number(times, at), expected, rel_tol=1e-6)


def test_functions_that_vanish():
    assert relative_condition_number(lambda x: x - 1, 1.0) == math.inf
    with pytest.raises(ValueError, match=r"^x must not make f\(x\) vanish together with x or J"):
        relative_condition_number(lambda x: 3 * x, 0.0)


def test_a_transposed_jacobian_is_refused():
    A = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"^jac\(x\) must have shape \(2, 3\); got shape \(3, 2\)"):
        relative_condition_number(lambda x: A @ x, np.ones(3), jac=lambda x: A.T)


def test_functions_that_are_not_finite():
    with pytest.raises(
        ValueError, match=r"^x must be a point where f and its derivative are finite"
    ):
        relative_condition_number(lambda x: math.nan, 1.0, jac=lambda x: 1)


# Hilbert matrices and ellipses


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_hilbert_as_scipy(n):
    np.testing.assert_allclose(hilbert(n), scipy.linalg.hilbert(n), rtol=EPS)
    if n < 12:
        assert np.linalg.eigvalsh(hilbert(n)).min() > 0


@pytest.mark.parametrize(("n", "kappa"), [(2, 19.281470067903967), (3, 524.0567775860644)])
def test_condition_of_hilbert_matrices(n, kappa):
    assert math.isclose(condition_number(hilbert(n)), kappa, rel_tol=1e-11)
    growth = condition_number(hilbert(9)) / condition_number(hilbert(8))
    assert abs(math.log(growth) - 3.5) < 0.1


def test_hilbert_of_nothing():
    with pytest.raises(ValueError, match=r"^n must be at least 1; got 0\."):
        hilbert(0)
    with pytest.raises(TypeError):
        hilbert(2.5)


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_the_ellipse_holds_all_changes_of_one_size(seed, radius):
    A = random_matrix(seed, (2, 2))
    ring = perturbation_ellipse(A, radius, n=400)
    kappa = condition_number(A)
    np.testing.assert_allclose(
        np.linalg.norm(ring @ A.T, axis=1), radius, rtol=1e-13 * max(kappa, 10)
    )
    lengths = np.linalg.norm(ring, axis=1)
    assert math.isclose(lengths.max() / lengths.min(), kappa, rel_tol=1e-8)
    np.testing.assert_array_equal(ring[0], ring[-1])
    assert ring.shape == (401, 2)


@pytest.mark.parametrize(
    ("A", "radius", "message"),
    [
        (np.eye(3), 1, r"^A must have shape \(2, 2\); got shape \(3, 3\)"),
        ([[1, 2], [2, 4]], 1, "^A must not be singular"),
        (np.eye(2), 0, "^radius must be above 0 and finite; got 0"),
        (np.eye(2), math.inf, "^radius must be above 0 and finite; got inf"),
    ],
)
def test_bad_ellipses(A, radius, message):
    with pytest.raises(ValueError, match=message):
        perturbation_ellipse(A, radius)


def test_a_prescribed_condition_number():
    for kappa in (1.0, 400.0, 1e8):
        A = with_singular_values(np.geomspace(1, 1 / kappa, 6))
        assert math.isclose(condition_number(A), kappa, rel_tol=1e2 * EPS * kappa)
