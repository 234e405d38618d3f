"""Kernels: their definition, what they agree with, and fits that solve what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.learning.kernels import gaussian_kernel, kernel_ridge, laplacian_kernel

KERNELS = [gaussian_kernel, laplacian_kernel]


@given(st.integers(0, 1000), st.sampled_from(KERNELS), st.floats(0.1, 10))
def test_the_matrix_is_symmetric_with_ones_and_positive_semidefinite(seed, kernel, width):
    X = np.random.default_rng(seed).normal(size=(12, 3))
    K = kernel(X, width=width)
    assert np.array_equal(K, K.T)
    assert np.array_equal(np.diag(K), np.ones(12))
    assert np.linalg.eigvalsh(K)[0] > -12 * np.finfo(float).eps * 12


@pytest.mark.parametrize("kernel", KERNELS)
def test_only_distances_in_widths_count(kernel):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(4, 2)), rng.normal(size=(5, 2))
    K = kernel(X, Y, width=0.7)
    assert K.shape == (4, 5)
    assert np.allclose(kernel(3 * X, 3 * Y, width=2.1), K, rtol=1e-12)
    far = np.array([1024.0, -4096.0])
    assert np.allclose(kernel(X + far, Y + far, width=0.7), K, rtol=1e-11)


def test_scikit_learn_says_the_same_where_it_is_the_same():
    from sklearn.metrics.pairwise import laplacian_kernel as in_one_norm
    from sklearn.metrics.pairwise import rbf_kernel

    X = np.random.default_rng(0).normal(size=(6, 1))
    assert np.allclose(gaussian_kernel(X, width=0.5), rbf_kernel(X, gamma=2), rtol=1e-12)
    assert np.allclose(laplacian_kernel(X, width=0.5), in_one_norm(X, gamma=2), rtol=1e-12)


def test_far_from_the_origin_nothing_cancels():
    X = 2.0**27 + np.array([[0.0], [1.0], [2.0]])
    assert np.array_equal(gaussian_kernel(X), gaussian_kernel([[0.0], [1.0], [2.0]]))


def test_far_apart_is_zero_without_a_warning():
    assert gaussian_kernel([[0.0]], [[40.0]])[0, 0] == 0
    assert laplacian_kernel([[0.0]], [[1e308]], width=1e-10)[0, 0] == 0


def test_on_a_line_the_laplacian_matrix_has_a_tridiagonal_inverse():
    x = np.sort(np.random.default_rng(1).uniform(0, 5, size=(9, 1)), axis=0)
    inverse = np.linalg.solve(laplacian_kernel(x), np.eye(9))
    outside = np.abs(np.subtract.outer(range(9), range(9))) > 1
    assert np.abs(inverse[outside]).max() < 1e-12 * np.abs(inverse).max()


@pytest.mark.parametrize("kernel", KERNELS)
def test_without_a_penalty_the_fit_goes_through_the_data(kernel):
    rng = np.random.default_rng(2)
    X, y = rng.uniform(0, 10, size=(8, 1)), rng.normal(size=8)
    K = kernel(X)
    assert np.allclose(K @ kernel_ridge(K, y), y, rtol=1e-8)


def test_the_fit_minimises_misfit_and_norm():
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(10, 2)), rng.normal(size=10)
    K = gaussian_kernel(X)

    def objective(c):
        return np.sum((K @ c - y) ** 2) + 0.3 * c @ K @ c

    c = kernel_ridge(K, y, penalty=0.3)
    for _ in range(20):
        assert objective(c + 1e-2 * rng.normal(size=10)) > objective(c)


def test_the_fit_is_that_of_scikit_learn():
    from sklearn.kernel_ridge import KernelRidge

    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(15, 2)), rng.normal(size=15)
    theirs = KernelRidge(alpha=0.1, kernel="rbf", gamma=0.5).fit(X, y)
    ours = kernel_ridge(gaussian_kernel(X), y, penalty=0.1)
    assert np.allclose(ours, theirs.dual_coef_, rtol=1e-9)


def test_with_all_features_it_is_ridge_regression():
    """The linear kernel: X (X'X + lambda)^-1 X'y = K (K + lambda)^-1 y."""
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(9, 3)), rng.normal(size=9)
    weights = np.linalg.solve(X.T @ X + 0.2 * np.eye(3), X.T @ y)
    assert np.allclose(X.T @ kernel_ridge(X @ X.T, y, penalty=0.2), weights, rtol=1e-10)


@pytest.mark.parametrize(
    "K",
    [
        -((np.arange(4)[:, None] - np.arange(4)) ** 2.0),  # no kernel
        np.ones((3, 3)),  # all points coincide
        gaussian_kernel(np.linspace(0, 1, 40)[:, None], width=5),  # singular up to rounding
    ],
)
def test_what_is_not_positive_definite_is_refused(K):
    with pytest.raises(ValueError, match=r"^K \+ penalty I must be positive definite; with pen"):
        kernel_ridge(K, np.ones(len(K)))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: gaussian_kernel([1.0, 2.0]), r"^X must be a nonempty matrix"),
        (lambda: laplacian_kernel([[1.0]], [2.0]), r"^Y must be a nonempty matrix"),
        (lambda: gaussian_kernel([[1.0, 2.0]], [[1.0]]), r"^Y must have 2 columns, as X; got 1"),
        (lambda: gaussian_kernel([[1.0]], width=0), r"^width must be above 0"),
        (lambda: kernel_ridge([[1.0, 0.5]], [1.0]), r"^K must be a square matrix"),
        (lambda: kernel_ridge([[1.0]], [1.0, 2.0]), r"^y must be one point of shape \(1,\)"),
        (lambda: kernel_ridge([[1.0]], [1.0], penalty=-1), r"^penalty must be at least 0"),
    ],
)
def test_what_does_not_fit_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
