"""Rays through a picture: chords of the square, moments, and the shape of the phantom."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.descent import phantom, ray_matrix


def chord(angle, s):
    """Return the length of the line x cos + y sin = s in the square, from its corners' shadow."""
    c, d = sorted((abs(np.cos(angle)), abs(np.sin(angle))))
    outer, inner = d + c, d - c  # the chord is constant up to inner, then falls to 0 at outer
    full = 2 / d
    return full if abs(s) <= inner else full * max(outer - abs(s), 0) / (outer - inner)


@given(angle=st.floats(-7, 7), size=st.integers(1, 9), rays=st.integers(1, 8))
def test_the_lengths_of_a_ray_add_up_to_its_chord(angle, size, rays):
    sums = ray_matrix(size, [angle], rays).sum(axis=1)
    wanted = [chord(angle, (2 * i + 1) / rays - 1) for i in range(rays)]
    np.testing.assert_allclose(sums, wanted, rtol=0, atol=1e-8)


def test_upright_and_level_rays_see_columns_and_rows():
    picture = np.arange(9.0).reshape(3, 3)
    A = ray_matrix(3, [0, np.pi / 2], 3)
    wanted = np.concatenate([picture.sum(axis=0), picture.sum(axis=1)[::-1]]) * 2 / 3
    np.testing.assert_allclose(A @ picture.ravel(), wanted, rtol=1e-12)


def test_a_diagonal_ray_sees_the_diagonal():
    A = ray_matrix(4, [np.pi / 4], 1).toarray().reshape(4, 4)  # from upper left to lower right
    np.testing.assert_allclose(A, np.eye(4) * np.sqrt(2) / 2, rtol=0, atol=1e-12)


def test_opposite_directions_measure_the_same():
    angles = np.array([0.3, 1.1, 2.6])
    A, B = ray_matrix(8, angles, 6), ray_matrix(8, angles + np.pi, 6)
    flipped = B.toarray().reshape(3, 6, 64)[:, ::-1].reshape(18, 64)
    np.testing.assert_allclose(A.toarray(), flipped, rtol=0, atol=1e-12)


def test_a_disc_casts_the_shadow_of_a_disc():
    t = (2 * np.arange(200) + 1) / 200 - 1
    disc = (t[:, None] ** 2 + t**2 <= 0.25).astype(float)
    shadow = ray_matrix(200, [0.7], 21) @ disc.ravel()
    s = (2 * np.arange(21) + 1) / 21 - 1
    np.testing.assert_allclose(shadow, 2 * np.sqrt(np.maximum(0.25 - s**2, 0)), rtol=0, atol=0.03)


def test_the_matrix_of_the_page_is_sparse_and_has_full_rank():
    A = ray_matrix(32, np.arange(36) * np.pi / 36, 32)
    assert A.shape == (1152, 1024)
    assert A.nnz / 1152 / 1024 < 0.04
    assert np.linalg.matrix_rank(A.toarray()) == 1024


def test_the_phantom_has_its_parts_at_every_size():
    for size in (32, 64):
        picture = phantom(size)
        assert picture.min() == 0
        assert picture.max() == pytest.approx(1)
        assert picture[0, 0] == 0
        assert picture[size // 2, size // 2] == pytest.approx(0.3)
        assert picture[size // 4, size // 2] > 0.6  # the bright spot is above the middle
    coarse = phantom(64).reshape(32, 2, 32, 2).mean(axis=(1, 3))
    assert np.abs(coarse - phantom(32)).max() < 0.15


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, [0], 1), ValueError, "^size must be at least 1"),
        ((2, [0], 1.5), TypeError, "^rays must be an integer"),
        ((2, 0.5, 1), ValueError, r"^angles must have shape \(k,\), k > 0; got shape \(\)"),
        ((2, [], 1), ValueError, r"^angles must have shape \(k,\), k > 0; got shape \(0,\)"),
        ((2, ["x"], 1), TypeError, "^angles must hold real numbers"),
    ],
)
def test_refused_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        ray_matrix(*arguments)
    with pytest.raises(TypeError, match=r"^size must be an integer"):
        phantom("big")
