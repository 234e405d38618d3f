"""The rendered letters: what a data set promises, and where it says no."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursekit import letters
from coursekit.letters import FACES, load_letters, render_letter, shift_images


@pytest.fixture
def upright(monkeypatch):
    """No letter is rotated."""
    monkeypatch.setattr(letters, "MAX_ANGLE", 0.0)


def box(image):
    rows, cols = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], cols[0], cols[-1]


# The data set


def test_shapes_types_range_and_balance():
    images, labels = load_letters(7, letters="XYZ", size=20)
    assert images.shape == (21, 20, 20)
    assert images.dtype == np.float32
    assert labels.dtype == np.int64
    assert images.min() == 0
    assert 0.9 < images.max() <= 1
    assert np.bincount(labels).tolist() == [7, 7, 7]


def test_default_is_the_alphabet_in_twelve_faces(upright):
    images, labels = load_letters(12, noise=0)
    assert sorted(set(labels)) == list(range(26))
    assert len(FACES) == 12
    for k in range(26):  # every face once
        assert len({image.tobytes() for image in images[labels == k]}) == 12
    assert len({image.tobytes() for image in images}) == 26 * 12  # no two letters look the same


def test_labels_name_the_letters(upright):
    images, labels = load_letters(1, letters="QB", faces=FACES[:1], noise=0)
    for image, k in zip(images, labels, strict=True):
        np.testing.assert_array_equal(image, render_letter("QB"[k]))


def test_a_nearest_neighbour_recognises_unseen_samples():
    images, labels = load_letters(24, letters="ABCDEF", seed=1)
    fresh, truth = load_letters(12, letters="ABCDEF", seed=2)
    a, b = images.reshape(len(images), -1), fresh.reshape(len(fresh), -1)
    square = (a**2).sum(axis=1) - 2 * b @ a.T  # less |b|^2, the same for all a
    assert np.mean(labels[square.argmin(axis=1)] == truth) > 0.9


def test_seed_decides_everything_and_global_random_state_nothing():
    first = load_letters(5, letters="AB", max_shift=2, seed=3)
    np.random.seed(0)  # noqa: NPY002
    again = load_letters(5, letters="AB", max_shift=2, seed=3)
    other = load_letters(5, letters="AB", max_shift=2, seed=4)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_another_process_gets_the_same_images():
    code = (
        "import hashlib; from coursekit.letters import load_letters;"
        "print(hashlib.sha256(load_letters(3, max_shift=3)[0].tobytes()).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    here = hashlib.sha256(load_letters(3, max_shift=3)[0].tobytes()).hexdigest()
    assert run.stdout.strip() == here


def test_grey_values_are_those_of_an_8_bit_image():
    images, _ = load_letters(4)
    steps = images.astype(float) * 255
    np.testing.assert_allclose(steps, np.rint(steps), rtol=0, atol=255 * np.finfo(np.float32).eps)


def test_faces_take_turns(upright):
    some = FACES[4:6]
    images, labels = load_letters(5, letters="A", faces=some, noise=0)
    assert labels.sum() == 0
    counts = [sum(np.array_equal(i, render_letter("A", f)) for i in images) for f in some]
    assert counts == [3, 2]


def test_shifts_reach_both_ends_and_no_further(upright):
    images, _ = load_letters(400, letters="A", faces=FACES[:1], max_shift=3, noise=0)
    centre = box(render_letter("A"))
    moves = np.array([np.subtract(box(image), centre) for image in images])
    np.testing.assert_array_equal(moves[:, 0], moves[:, 1])  # nothing is cut off
    np.testing.assert_array_equal(moves[:, 2], moves[:, 3])
    for axis in (0, 2):
        assert set(moves[:, axis]) == set(range(-3, 4))


def test_noise_has_the_standard_deviation_asked_for():
    clean, _ = load_letters(100, letters="I", noise=0, seed=1)
    noisy, _ = load_letters(100, letters="I", noise=0.1, seed=1)
    blank = clean == 0  # half of the noise is clipped there: its mean square is sigma^2 / 2
    assert np.mean(noisy[blank].astype(float) ** 2) == pytest.approx(0.005, rel=0.05)


def test_a_rotation_turns_about_the_centre_and_loses_little_ink(monkeypatch):
    monkeypatch.setattr(letters, "MAX_ANGLE", 180.0)
    upright = render_letter("O").astype(float)
    images, _ = load_letters(60, letters="O", faces=FACES[:1], noise=0)
    np.testing.assert_allclose(images.sum(axis=(1, 2)), upright.sum(), rtol=0.02)
    grid = np.arange(24) - 11.5
    for axis in (1, 2):
        centre = (images.sum(axis=axis) * grid).sum(axis=1) / images.sum(axis=(1, 2))
        assert np.abs(centre).max() < 1


def test_rotation_angles_fill_their_range():
    bar, _ = load_letters(200, letters="I", faces=FACES[:1], noise=0, seed=5)
    y, x = np.mgrid[:24, :24] - 11.5
    xx, xy, yy = ((bar * m).sum(axis=(1, 2)) for m in (x * x, x * y, y * y))
    angle = np.rad2deg(np.arctan2(2 * xy, yy - xx) / 2)  # of the principal axis
    assert 8 < angle.max() < 11
    assert -11 < angle.min() < -8


# One letter


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("size", [12, 17, 24, 40])
def test_letters_are_centred_and_fit(face, size):
    for letter in "AMQWij":
        image = render_letter(letter, face, size=size)
        top, bottom, left, right = box(image)
        assert image.shape == (size, size)
        assert 0 <= (size - 1 - bottom) - top <= 1
        assert 0 <= (size - 1 - right) - left <= 1


def test_ink_grows_with_the_square_of_the_size():
    small, large = (render_letter("B", size=size).sum() for size in (24, 96))
    assert large / small == pytest.approx(16, rel=0.02)


def test_bold_has_more_ink_and_ink_is_one():
    assert render_letter("T", "DejaVuSans-Bold").sum() > 1.3 * render_letter("T").sum()
    assert render_letter("T", size=48).max() == 1  # ink is 1, paper 0
    assert render_letter("T", size=48)[0, 0] == 0


def test_row_0_is_on_top():
    ink = render_letter("T", size=48)
    top, bottom, _, _ = box(ink)
    assert ink[top : top + 3].sum() > 3 * ink[bottom - 2 : bottom + 1].sum()


def test_the_cache_cannot_be_written_to():
    image = render_letter("K")
    before = image.copy()
    image[:] = 7
    np.testing.assert_array_equal(render_letter("K"), before)


# Shifts


@given(
    arrays(np.uint8, array_shapes(min_dims=2, max_dims=4, max_side=5), elements=st.integers(1, 9)),
    st.integers(-7, 7),
    st.integers(-7, 7),
)
def test_shifts_agree_with_scipy(images, down, right):
    from scipy.ndimage import shift

    before = images.copy()
    zeros = (0,) * (images.ndim - 2)
    expected = shift(images, (*zeros, down, right), order=0, prefilter=False)
    got = shift_images(images, down, right)
    assert got.dtype == images.dtype
    np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(images, before)


def test_a_shift_there_and_back_restores_what_stayed_inside():
    image = render_letter("R")
    np.testing.assert_array_equal(shift_images(shift_images(image, 4, -3), -4, 3), image)


# Bad arguments


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_per_class": 0}, "n_per_class must be at least 1; got 0"),
        ({"max_shift": -1}, "max_shift must be at least 0; got -1"),
        (
            {"max_shift": 4},
            "max_shift must be at most 3, the distance of 'M' in .* to the edge; got 4",
        ),
        ({"noise": -0.1}, "noise must be at least 0 and finite; got -0.1"),
        ({"noise": np.inf}, "noise must be at least 0 and finite; got inf"),
        ({"letters": ""}, "letters must be different and at least one"),
        ({"letters": "ABA"}, "letters must be different and at least one"),
        ({"letters": ["AB"]}, "letter must be one character; got 'AB'"),
        ({"letters": "A "}, "letter must be a visible character; got ' '"),
        ({"letters": "\u4e00"}, "letter must be in DejaVuSans; got '\u4e00'"),
        ({"letters": "A\u2031", "size": 12}, "letter must fit into 12 x 12 pixels; got '\u2031'"),
        ({"faces": []}, "faces must be different and at least one"),
        ({"faces": ["Arial"]}, "face must be one of coursekit.letters.FACES; got 'Arial'"),
        ({"size": 11}, "size must be at least 12; got 11"),
    ],
    ids=str,
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_letters(**{"n_per_class": 2, **arguments})


def test_only_images_can_be_shifted():
    with pytest.raises(ValueError, match=r"images must have shape \(..., height, width\)"):
        shift_images([1, 2, 3], 0, 1)
    with pytest.raises(TypeError, match=r"^down must be an integer; got 0\.5"):
        shift_images(np.zeros((2, 2)), 0.5, 0)
    with pytest.raises(TypeError, match=r"^n_per_class must be an integer; got 2\.0"):
        load_letters(2.0)
