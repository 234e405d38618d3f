r"""A small data set of printed letters, rendered from the DejaVu fonts that come with Matplotlib.

Twelve faces (sans, mono and serif, each upright, bold, oblique and both) give each letter twelve
shapes; seeded rotations, shifts and noise make as many different images of them as one wants.
No download, no file: the same call gives the same images, and the answer to *what changes if the
letters are off-centre?* is one argument away. The chapter *Convolutional networks* uses it.

Letters are drawn without hinting and grey values are rounded to multiples of 1/255, as in any
8-bit image, so that images agree from machine to machine.

References
----------
The chapter *Convolutional networks* of the course. The fonts: https://dejavu-fonts.github.io
"""

import string
from functools import cache

import numpy as np

from coursekit._arguments import count, number

__all__ = ["FACES", "load_letters", "render_letter", "shift_images"]

FACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique",
    "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSansMono-Oblique",
    "DejaVuSansMono-BoldOblique",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "DejaVuSerif-BoldItalic",
)  # fmt: skip
EM = 7 / 12  # size of the type as a part of the size of the image
MAX_ANGLE = 10.0  # largest rotation, in degrees


def load_letters(
    n_per_class=60,
    *,
    letters=string.ascii_uppercase,
    size=24,
    faces=FACES,
    max_shift=0,
    noise=0.05,
    seed=0,
):
    r"""Return images of letters and their classes, in random order.

    Each image is a letter in one of the faces, rotated by an angle from :math:`U(-10°, 10°)`,
    shifted by whole pixels from :math:`\{-s, \dots, s\}` in each direction, plus
    :math:`N(0, \sigma^2)` in each pixel, and clipped to [0, 1].

    Parameters
    ----------
    n_per_class : int
        Images of each letter; the faces take turns.
    letters : str or sequence of str
        One character a class; class k is ``letters[k]``. The classes are equally frequent.
    size : int
        Pixels a side, at least 12. The type measures 7/12 of it.
    faces : sequence of str
        Some of :data:`FACES`. Train on some and test on the others for new shapes; for new
        positions, angles and noise only, change `seed`.
    max_shift : int
        The largest shift s, in pixels. 0 leaves the bounding box centred before the rotation.
    noise : float
        The standard deviation :math:`\sigma`.
    seed : int
        Of the random numbers.

    Returns
    -------
    images : ndarray, shape (n_per_class * len(letters), size, size), float32
        From 0 (paper) to 1 (ink), row 0 on top.
    labels : ndarray, shape (n_per_class * len(letters),), int64
        Classes 0, ..., ``len(letters) - 1``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind or out of range, a letter is missing from a face, or a
        shift would carry an upright letter out of the image.

    Notes
    -----
    Rotation is bilinear and blurs a little.

    Examples
    --------
    >>> images, labels = load_letters(3, letters="AB", seed=1)
    >>> images.shape, images.dtype, labels
    ((6, 24, 24), dtype('float32'), array([1, 0, 0, 0, 1, 1]))
    """
    n = count("n_per_class", n_per_class, at_least=1)
    shift = count("max_shift", max_shift)
    noise = number("noise", noise, at_least=0)
    letters, faces = _distinct("letters", letters), _distinct("faces", faces)
    shapes = np.array([[render_letter(k, f, size=size) for f in faces] for k in letters])
    _require_margin(shapes, shift, letters, faces)

    labels = np.repeat(np.arange(len(letters)), n)
    face = np.tile(np.arange(n) % len(faces), len(letters))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(labels))
    labels, face = labels[order].astype(np.int64), face[order]
    angles = rng.uniform(-MAX_ANGLE, MAX_ANGLE, len(labels))
    shifts = rng.integers(-shift, shift + 1, (len(labels), 2))
    images = np.array(
        [
            shift_images(_rotate(shapes[k, f], angle), *move)
            for k, f, angle, move in zip(labels, face, angles, shifts, strict=True)
        ]
    )
    images += noise * rng.standard_normal(images.shape)
    return _to_8_bit(images), labels


def render_letter(letter, face="DejaVuSans", *, size=24):
    """Return one letter, upright and centred by its bounding box.

    Parameters
    ----------
    letter : str
        One character.
    face : str
        One of :data:`FACES`.
    size : int
        Pixels a side, at least 12.

    Returns
    -------
    ndarray, shape (size, size), float32
        From 0 (paper) to 1 (ink), antialiased.

    Raises
    ------
    ValueError
        If the face is unknown or has no such letter, or the letter has no ink or is larger than
        the image.

    Examples
    --------
    >>> for row in render_letter("F")[7:17, 8:14] > 0.4:
    ...     print("".join(" #"[ink] for ink in row.astype(int)).rstrip())
    ######
    ##
    ##
    ##
    ######
    ##
    ##
    ##
    ##
    ##
    """
    if face not in FACES:
        raise ValueError(f"face must be one of coursekit.letters.FACES; got {face!r}.")
    if not isinstance(letter, str) or len(letter) != 1:
        raise ValueError(f"letter must be one character; got {letter!r}.")
    return _render(letter, face, count("size", size, at_least=12)).copy()


def shift_images(images, down, right):
    """Shift images by whole pixels; what leaves is lost, and zeros (paper) come in.

    Unlike :func:`numpy.roll`, which brings on the left what leaves on the right.

    Parameters
    ----------
    images : array_like, shape (..., height, width)
        One image or many.
    down, right : int
        Pixels; negative is up and left.

    Returns
    -------
    ndarray
        Shape and type of `images`.

    Raises
    ------
    ValueError
        If `images` has fewer than two axes.

    Examples
    --------
    >>> shift_images([[1, 2], [3, 4]], 0, 1)
    array([[0, 1],
           [0, 3]])
    """
    images = np.asarray(images)
    if images.ndim < 2:
        raise ValueError(f"images must have shape (..., height, width); got shape {images.shape}.")
    (to_row, from_row), (to_col, from_col) = _overlap("down", down), _overlap("right", right)
    shifted = np.zeros_like(images)
    shifted[..., to_row, to_col] = images[..., from_row, from_col]
    return shifted


def _overlap(name, shift):
    """Where a shifted axis lands, and where it comes from, as slices."""
    shift = count(name, shift, at_least=None)
    if shift >= 0:
        return slice(shift, None), slice(None, -shift or None)
    return slice(None, shift), slice(-shift, None)


@cache
def _render(letter, face, size):
    import matplotlib
    from matplotlib.ft2font import FT2Font

    try:
        from matplotlib.ft2font import LoadFlags

        unhinted = LoadFlags.NO_HINTING
    except ImportError:  # Matplotlib before 3.10
        from matplotlib.ft2font import LOAD_NO_HINTING as unhinted

    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/{face}.ttf")
    if font.get_char_index(ord(letter)) == 0:
        raise ValueError(f"letter must be in {face}; got {letter!r}. Take another letter or face.")
    font.set_size(EM * size, 72)  # points are pixels at 72 dots an inch
    font.set_text(letter, 0.0, flags=unhinted)
    font.draw_glyphs_to_bitmap(antialiased=True)
    ink = np.asarray(font.get_image(), dtype=float) / 255
    (top, bottom), (left, right) = _box(ink, letter)
    ink = ink[top:bottom, left:right]
    height, width = ink.shape
    if max(height, width) > size:
        raise ValueError(
            f"letter must fit into {size} x {size} pixels; got {letter!r}, which needs "
            f"{height} x {width}."
        )
    image = np.zeros((size, size))
    top, left = (size - height) // 2, (size - width) // 2
    image[top : top + height, left : left + width] = ink
    return _to_8_bit(image)


def _box(ink, letter):
    """The rows and the columns that have ink, each as (first, last + 1)."""
    if not ink.any():
        raise ValueError(f"letter must be a visible character; got {letter!r}.")
    used = [np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0)]
    return [(index[0], index[-1] + 1) for index in used]


def _rotate(image, degrees):
    """Rotate about the centre, bilinearly, with zeros from outside."""
    from scipy.ndimage import affine_transform

    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    rotation = np.array([[cos, -sin], [sin, cos]])
    centre = (np.array(image.shape) - 1) / 2
    return affine_transform(
        image.astype(float), rotation, offset=centre - rotation @ centre, order=1
    )


def _to_8_bit(images):
    return (np.rint(np.clip(images, 0, 1) * 255) / 255).astype(np.float32)


def _require_margin(shapes, shift, letters, faces):
    """Check that no shift carries ink over an edge; `shapes` is (letter, face, size, size)."""
    for k, f in np.ndindex(shapes.shape[:2]):
        size = shapes.shape[-1]
        box = _box(shapes[k, f], letters[k])
        margin = min(min(first, size - end) for first, end in box)
        if shift > margin:
            raise ValueError(
                f"max_shift must be at most {margin}, the distance of {letters[k]!r} in {faces[f]} "
                f"to the edge; got {shift}. Take a smaller shift or a larger size than {size}."
            )


def _distinct(name, values):
    values = tuple(values)
    if not values or len(set(values)) < len(values):
        raise ValueError(f"{name} must be different and at least one; got {values}.")
    return values
