"""Convolution: matrix, product, derivatives and pooling, against definitions and four libraries."""

import os
import warnings

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from coursekit.derivatives import numerical_jacobian
from coursekit.learning.convolution import (
    conv2d,
    conv2d_gradients,
    conv_matrix,
    max_pool,
    max_pool_gradient,
    output_size,
)

SIGNAL, WEIGHTS = np.array([1.0, 2, 4, 7, 11, 16]), np.array([2.0, 3, 5])
IMAGE = np.array([[1.0, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]])
SOBEL = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])


@st.composite
def geometries(draw):
    """Sizes that fit: (H, W), (kh, kw), stride, padding."""
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    padding, stride = draw(st.integers(0, 3)), draw(st.integers(1, 4))
    size = tuple(draw(st.integers(max(1, k - 2 * padding), 9)) for k in kernel)
    return size, kernel, stride, padding


layers = st.tuples(geometries(), st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))


def layer(geometry, channels, filters, seed, batch=(2,)):
    """Random images and kernels of that geometry, and the options of conv2d."""
    size, kernel, stride, padding = geometry
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(*batch, *size, channels))
    kernels = rng.normal(size=(*kernel, channels, filters))
    return images, kernels, {"stride": stride, "padding": padding}


def by_definition(images, kernels, *, stride, padding):
    """The sum of the docstring, written with loops over the pixels of the result."""
    kh, kw = kernels.shape[:2]
    border = [(0, 0)] * (images.ndim - 3) + [(padding, padding)] * 2 + [(0, 0)]
    images = np.pad(images, border)
    rows = range(0, images.shape[-3] - kh + 1, stride)
    columns = range(0, images.shape[-2] - kw + 1, stride)
    result = [
        [np.einsum("...ijc,ijcf->...f", images[..., p : p + kh, q : q + kw, :], kernels)
         for q in columns] for p in rows
    ]  # fmt: skip
    return np.moveaxis(np.array(result), (0, 1), (-3, -2))


def close(got, expected, dtype=np.float64, scale=None):
    """Equal up to rounding, relative to the largest entry (or to `scale`)."""
    scale = np.max(np.abs(expected), initial=0) if scale is None else scale
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=0, atol=100 * np.finfo(dtype).eps * (scale + 1))


# Sizes


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((6, 3), 4), ((5, 3, 2), 2), ((5, 3, 2, 1), 3), ((6, 3, 2), 2), ((128, 3, 2, 1), 64),
        ((224, 7, 2, 3), 112), ((227, 11, 4), 55), ((224, 11, 4), 54), ((3, 3), 1),
        ((1, 3, 5, 1), 1),
    ],
)  # fmt: skip
def test_output_size_of_known_layers(arguments, expected):
    assert output_size(*arguments) == expected


@given(geometries())
def test_output_size_counts_the_positions_of_the_kernel(geometry):
    (n, _), (width, _), stride, padding = geometry
    starts = range(-padding, n + padding - width + 1, stride)
    assert output_size(n, width, stride, padding) == len(starts)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((2, 3), ValueError, r"^kernel must be at most n \+ 2 padding = 2 wide; got 3\.$"),
        ((2, 7, 1, 2), ValueError, r"^kernel must be at most n \+ 2 padding = 6 wide; got 7\.$"),
        ((0, 3), ValueError, r"^n must be at least 1; got 0\.$"),
        ((5, 0), ValueError, r"^kernel must be at least 1; got 0\.$"),
        ((5, 3, 0), ValueError, r"^stride must be at least 1; got 0\.$"),
        ((5, 3, 1, -1), ValueError, r"^padding must be at least 0; got -1\.$"),
        ((5.0, 3), TypeError, r"^n must be an integer; got 5\.0\.$"),
        ((5, 3, 1, "same"), TypeError, "^padding must be an integer; got 'same'"),
    ],
)
def test_output_size_names_the_bad_number(arguments, error, message):
    with pytest.raises(error, match=message):
        output_size(*arguments)


# The matrix


def test_the_matrix_in_one_dimension_is_toeplitz_and_a_combination_of_shifts():
    matrix = conv_matrix(WEIGHTS, 6)
    column = np.zeros(4)
    column[0] = WEIGHTS[0]
    np.testing.assert_array_equal(
        matrix.toarray(), scipy.linalg.toeplitz(column, [*WEIGHTS, 0, 0, 0])
    )
    np.testing.assert_array_equal(matrix @ SIGNAL, [28, 51, 84, 127])
    shifts = [conv_matrix(unit, 6) for unit in np.eye(3)]
    combination = sum(w * shift for w, shift in zip(WEIGHTS, shifts, strict=True))
    np.testing.assert_array_equal(matrix.toarray(), combination.toarray())
    for k, shift in enumerate(shifts):
        np.testing.assert_array_equal(shift @ SIGNAL, SIGNAL[k : k + 4])


def test_stride_deletes_rows_and_padding_deletes_columns():
    full = conv_matrix(WEIGHTS, 12).toarray()
    strided = conv_matrix(WEIGHTS, 8, stride=3, padding=2)
    np.testing.assert_array_equal(strided.toarray(), full[::3, 2:-2])


def test_the_matrix_in_two_dimensions_is_block_toeplitz_with_toeplitz_blocks():
    kernel = np.arange(1.0, 10).reshape(3, 3)
    matrix = conv_matrix(kernel, 5)
    assert isinstance(matrix, scipy.sparse.csr_array)
    assert matrix.shape == (9, 25)
    assert matrix.nnz == 81
    assert set(matrix.data) == set(range(1, 10))
    blocks = matrix.toarray().reshape(3, 3, 5, 5).swapaxes(1, 2)  # block row, block column
    for p, q in np.ndindex(3, 5):
        expected = conv_matrix(kernel[q - p], 5).toarray() if 0 <= q - p < 3 else np.zeros((3, 5))
        np.testing.assert_array_equal(blocks[p, q], expected)


def test_only_nonzero_weights_are_stored():
    assert conv_matrix(SOBEL, 28).nnz == 26**2 * 6
    assert conv_matrix(np.ones((3, 3)), 28).nnz == 6084
    assert conv_matrix([0, 1, 0], 4, padding=1).nnz == 4


@given(geometries(), st.integers(0, 10**6))
def test_the_matrix_does_what_conv2d_does(geometry, seed):
    images, kernels, options = layer(geometry, 1, 1, seed, batch=())
    matrix = conv_matrix(kernels[..., 0, 0], images.shape[:2], **options)
    got = conv2d(images[..., 0], kernels[..., 0, 0], **options)
    close(got.ravel(), matrix @ images.ravel())


@given(geometries(), st.integers(0, 10**6))
def test_one_dimension_is_an_image_of_one_row(geometry, seed):
    (n, _), (width, _), stride, padding = geometry
    rng = np.random.default_rng(seed)
    v, w = rng.normal(size=n), rng.normal(size=width)
    matrix = conv_matrix(w, n, stride=stride, padding=padding)
    assert matrix.shape == (output_size(n, width, stride, padding), n)
    close(matrix @ v, conv2d(np.pad(v, padding)[None], w[None], stride=stride)[0])


@pytest.mark.parametrize(
    ("kernel", "n", "options", "error", "message"),
    [
        (
            1.0,
            5,
            {},
            ValueError,
            r"^kernel must have shape \(E,\) or \(kh, kw\); got shape \(\)\.$",
        ),
        (np.ones((1, 1, 1)), 5, {}, ValueError, r"^kernel must have .* got shape \(1, 1, 1\)\.$"),
        (
            np.ones(3),
            (5, 5),
            {},
            ValueError,
            r"^n must be one size for each axis of the kernel; got \(5, 5\)",
        ),
        (
            np.ones((3, 3)),
            (5,),
            {},
            ValueError,
            r"^n must be one size for each axis of the kernel; got \(5,\)",
        ),
        ([1j], 5, {}, TypeError, r"^kernel must hold real numbers; got dtype complex128\.$"),
        (np.ones(3), 2, {}, ValueError, r"^kernel must be at most n \+ 2 padding = 2 wide; got 3"),
        (
            np.ones((2, 3)),
            (5, 2),
            {},
            ValueError,
            r"^kernel must be at most n \+ 2 padding = 2 wide; got 3",
        ),
        (np.ones(3), 5, {"stride": 0}, ValueError, "^stride must be at least 1; got 0"),
        (np.ones(3), 5.0, {}, TypeError, r"^n must be an integer; got 5\.0\.$"),
        ([], 5, {}, ValueError, "^kernel must be at least 1; got 0"),
    ],
)
def test_conv_matrix_names_the_bad_argument(kernel, n, options, error, message):
    with pytest.raises(error, match=message):
        conv_matrix(kernel, n, **options)


# The product


@given(layers)
def test_conv2d_is_its_definition(arguments):
    images, kernels, options = layer(*arguments)
    got = conv2d(images, kernels, **options)
    close(got, by_definition(images, kernels, **options))
    *_, height, width, _ = images.shape
    kh, kw, _, filters = kernels.shape
    sizes = output_size(height, kh, **options), output_size(width, kw, **options)
    assert got.shape == (2, *sizes, filters)


@given(layers)
def test_a_batch_is_its_images_one_by_one(arguments):
    images, kernels, options = layer(*arguments, batch=(2, 3))
    got = conv2d(images, kernels, **options)
    for at in np.ndindex(2, 3):
        close(got[at], conv2d(images[at], kernels, **options))
    grey = conv2d(images[0, 0, ..., 0], kernels[..., 0, 0], **options)
    close(grey, conv2d(images[..., :1], kernels[:, :, :1, :1], **options)[0, 0, ..., 0])


def test_the_kernel_is_not_flipped():
    expected = np.array([[-3, 2], [1, 0]])
    np.testing.assert_array_equal(conv2d(IMAGE, SOBEL), expected)
    np.testing.assert_array_equal(conv2d(IMAGE, SOBEL[::-1, ::-1]), -expected)
    weights = np.array([[0, 1, 2], [0, 0, 1], [0, 0, 0]])
    ramp = np.arange(25).reshape(5, 5)
    assert conv2d(ramp, weights)[0, 0] == 12
    assert conv2d(ramp, np.flip(weights))[0, 0] == 36


@given(geometries(), st.integers(0, 10**6))
def test_scipy_signal_and_ndimage_agree(geometry, seed):
    images, kernels, _ = layer(geometry, 1, 1, seed, batch=())
    v, w = images[..., 0], kernels[..., 0, 0]
    v_full = np.pad(v, [(k - 1, k - 1) for k in w.shape])  # wherever the kernel touches the image
    close(conv2d(v_full, w), scipy.signal.correlate(v, w, method="direct"))
    close(conv2d(v_full, np.flip(w)), scipy.signal.convolve(v, w, method="direct"))
    if w.shape[0] == w.shape[1] and len(w) % 2:  # then half its width keeps the size
        same = conv2d(v, w, padding=len(w) // 2)
        close(same, scipy.ndimage.correlate(v, w, mode="constant"))
        close(same, scipy.signal.correlate2d(v, w, mode="same"))


@given(layers, st.floats(-5, 5))
def test_conv2d_is_linear_in_each_argument(arguments, t):
    (images, kernels, options), other = layer(*arguments), layer(*arguments[:3], arguments[3] + 1)
    close(
        conv2d(images + t * other[0], kernels, **options),
        conv2d(images, kernels, **options) + t * conv2d(other[0], kernels, **options),
        scale=1000,
    )
    close(
        conv2d(images, kernels + t * other[1], **options),
        conv2d(images, kernels, **options) + t * conv2d(images, other[1], **options),
        scale=1000,
    )


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 3), st.integers(0, 10**6))
def test_shifted_inputs_give_shifted_outputs(down, right, stride, seed):
    """Equivariance, for shifts by multiples of the stride and an object away from the border."""
    rng = np.random.default_rng(seed)
    w, v = rng.normal(size=(3, 3)), np.zeros((40, 40))
    v[10:18, 10:18] = rng.normal(size=(8, 8))
    moved = np.roll(v, (stride * down, stride * right), axis=(0, 1))
    expected = np.roll(conv2d(v, w, stride=stride), (down, right), axis=(0, 1))
    close(conv2d(moved, w, stride=stride), expected)


def test_types_are_at_least_float32_and_arguments_stay_as_they_are():
    kinds = {
        (np.float16, np.float16): np.float32, (np.float32, np.float32): np.float32,
        (np.float32, np.float64): np.float64, (np.uint8, np.float32): np.float32,
        (np.int64, np.int64): np.float64, (bool, np.float64): np.float64,
        (np.longdouble, np.float32): np.longdouble,
    }  # fmt: skip
    for (a, b), expected in kinds.items():
        v, w = np.ones((2, 6, 6, 2), a), np.ones((3, 3, 2, 4), b)
        y = conv2d(v, w, padding=1)
        assert y.dtype == expected
        gradients = conv2d_gradients(v, w, np.ones(y.shape), padding=1)
        assert [gradient.dtype for gradient in gradients] == [expected, expected]
        assert max_pool(v).dtype == np.result_type(a, np.float32)
        assert v.dtype == a
        assert (v == 1).all()
        assert (w == 1).all()


def test_float32_is_as_accurate_as_float32_allows():
    rng = np.random.default_rng(1)
    v, w = rng.normal(size=(3, 20, 20, 8)), rng.normal(size=(5, 5, 8, 4))
    close(conv2d(np.float32(v), np.float32(w)), conv2d(v, w), np.float32)


def test_the_memory_is_a_small_multiple_of_the_images():
    """A matrix of all windows would hold 49 times as much as the images."""
    import tracemalloc

    images, kernels = np.ones((64, 64, 64, 4), np.float32), np.ones((7, 7, 4, 1), np.float32)
    tracemalloc.start()
    conv2d(images, kernels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * images.nbytes


def test_an_empty_batch_is_no_error():
    images, kernels = np.zeros((3, 0, 5, 5, 2)), np.ones((3, 3, 2, 4))
    upstream = conv2d(images, kernels)
    assert upstream.shape == (3, 0, 3, 3, 4)
    grad_images, grad_kernels = conv2d_gradients(images, kernels, upstream)
    assert grad_images.shape == images.shape
    np.testing.assert_array_equal(grad_kernels, np.zeros(kernels.shape))


BAD_ARRAYS = [
    (np.ones((5, 5)), np.ones(3), ValueError, r"^kernels must .* C, F\]\); got shape \(3,\)"),
    (np.ones((5, 5)), np.ones((3, 3, 2)), ValueError, r"^kernels must .* got shape \(3, 3, 2\)"),
    (
        np.ones(5), np.ones((3, 3)), ValueError,
        r"^images must have shape \(H, W\) for kernels .* \(3, 3\); got shape \(5,\)\. Batches",
    ),
    (
        np.ones((7, 5, 5)), np.ones((3, 3)), ValueError,
        r"^images must have shape \(H, W\) .* got shape \(7, 5, 5\)\. Batches need kernels "
        r"\(kh, kw, C, F\), and an axis of channels last\.$",
    ),
    (
        np.ones((5, 5)), np.ones((3, 3, 1, 1)), ValueError,
        r"^images must have shape \(\.\.\., H, W, C\) for kernels .*; got shape \(5, 5\)\.$",
    ),
    (
        np.ones((5, 5, 3)), np.ones((3, 3, 1, 2)), ValueError,
        r"^images must have 1 channels, as kernels; got 3\.$",
    ),
    (np.ones((2, 5)), np.ones((3, 3)), ValueError, "^kernel must be at most .* = 2 wide; got 3"),
    (np.ones((5, 2)), np.ones((3, 3)), ValueError, "^kernel must be at most .* = 2 wide; got 3"),
    (np.ones((5, 5)), np.ones((0, 3)), ValueError, "^kernel must be at least 1; got 0"),
    ([["a"]], np.ones((1, 1)), TypeError, "^images must hold real numbers; got dtype <U1"),
    (np.ones((5, 5)), np.ones((1, 1)) * 1j, TypeError, "^kernels must hold real numbers; got"),
]  # fmt: skip


@pytest.mark.parametrize(("images", "kernels", "error", "message"), BAD_ARRAYS)
def test_conv2d_and_its_gradients_name_the_bad_array(images, kernels, error, message):
    with pytest.raises(error, match=message):
        conv2d(images, kernels)
    with pytest.raises(error, match=message):
        conv2d_gradients(images, kernels, 0.0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"stride": 0}, ValueError, "^stride must be at least 1; got 0"),
        ({"stride": (1, 1)}, TypeError, r"^stride must be an integer; got \(1, 1\)"),
        ({"padding": -1}, ValueError, "^padding must be at least 0; got -1"),
        ({"padding": "same"}, TypeError, "^padding must be an integer; got 'same'"),
    ],
)
def test_conv2d_names_the_bad_option(options, error, message):
    with pytest.raises(error, match=message):
        conv2d(np.ones((5, 5)), np.ones((3, 3)), **options)


def test_images_without_channels_in_a_layer_with_no_channels():
    assert (conv2d(np.ones((5, 5, 0)), np.ones((3, 3, 0, 2))) == np.zeros((3, 3, 2))).all()


# Its derivatives


@given(layers)
def test_the_gradients_are_the_adjoints(arguments):
    """<conv2d(v, w), g> = <v, grad_v> = <w, grad_w>: conv2d is linear in v and in w."""
    images, kernels, options = layer(*arguments)
    y = conv2d(images, kernels, **options)
    g = np.random.default_rng(arguments[3] + 1).normal(size=y.shape)
    grad_images, grad_kernels = conv2d_gradients(images, kernels, g, **options)
    close(np.vdot(images, grad_images), np.vdot(y, g), scale=100)
    close(np.vdot(kernels, grad_kernels), np.vdot(y, g), scale=100)


@given(geometries(), st.integers(0, 10**6))
def test_the_gradient_in_the_image_is_the_transposed_matrix(geometry, seed):
    images, kernels, options = layer(geometry, 1, 1, seed, batch=())
    v, w = images[..., 0], kernels[..., 0, 0]
    matrix = conv_matrix(w, v.shape, **options)
    g = np.random.default_rng(seed + 1).normal(size=conv2d(v, w, **options).shape)
    close(conv2d_gradients(v, w, g, **options)[0].ravel(), matrix.T @ g.ravel())


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_the_gradients_are_those_of_finite_differences(stride, padding):
    geometry = ((5, 4), (3, 2), stride, padding)
    images, kernels, options = layer(geometry, 2, 3, 7)
    target = np.random.default_rng(8).normal(size=conv2d(images, kernels, **options).shape)

    def loss(images, kernels):
        return 0.5 * ((conv2d(images, kernels, **options) - target) ** 2).sum()

    gradients = conv2d_gradients(
        images, kernels, conv2d(images, kernels, **options) - target, **options
    )
    flat = numerical_jacobian(lambda v: loss(v.reshape(images.shape), kernels), images.ravel())
    np.testing.assert_allclose(gradients[0].ravel(), flat, rtol=1e-7, atol=1e-7)
    flat = numerical_jacobian(lambda w: loss(images, w.reshape(kernels.shape)), kernels.ravel())
    np.testing.assert_allclose(gradients[1].ravel(), flat, rtol=1e-7, atol=1e-7)


def test_the_gradients_are_a_full_convolution_and_a_correlation():
    rng = np.random.default_rng(9)
    v, w, g = (rng.normal(size=shape) for shape in ((7, 6), (3, 2), (5, 5)))
    grad_v, grad_w = conv2d_gradients(v, w, g)
    close(grad_v, scipy.signal.convolve2d(g, w, "full"))
    close(grad_w, scipy.signal.correlate2d(v, g, "valid"))


def test_the_gradients_of_the_worked_example():
    residual = conv2d(SIGNAL[None], WEIGHTS[None]) - [10, 20, 40, 60]
    grad_signal, grad_weights = conv2d_gradients(SIGNAL[None], WEIGHTS[None], residual)
    np.testing.assert_array_equal(residual, [[18, 31, 44, 67]])
    np.testing.assert_array_equal(grad_weights, [[725, 1205, 1845]])
    np.testing.assert_array_equal(grad_signal, [[36, 116, 271, 421, 421, 335]])


def test_pixels_that_no_window_reads_have_gradient_zero():
    grad_images, _ = conv2d_gradients(np.ones((6, 6)), np.ones((3, 3)), np.ones((2, 2)), stride=2)
    assert (grad_images[:5, :5] > 0).all()
    assert (grad_images[5] == 0).all()
    assert (grad_images[:, 5] == 0).all()


@pytest.mark.parametrize("upstream", [np.ones((4, 3)), np.ones(9), 1.0, np.ones((3, 3, 1))])
def test_the_upstream_gradient_has_the_shape_of_the_result(upstream):
    with pytest.raises(
        ValueError, match=r"^upstream must have the shape \(3, 3\) that conv2d returns; got shape"
    ):
        conv2d_gradients(np.ones((5, 5)), np.ones((3, 3)), upstream)
    with pytest.raises(TypeError, match=r"^upstream must hold real numbers"):
        conv2d_gradients(np.ones((5, 5)), np.ones((3, 3)), "a")


# Pooling


def test_max_pool_of_known_images():
    np.testing.assert_array_equal(max_pool(IMAGE), [[2, 3], [2, 2]])
    np.testing.assert_array_equal(max_pool(IMAGE, 3, 1), [[3, 3], [3, 3]])
    np.testing.assert_array_equal(max_pool(IMAGE[:3]), [[2, 3]])  # the odd row is dropped
    signs = np.resize([1.0, -1.0], (4, 8))
    np.testing.assert_array_equal(max_pool(signs), np.ones((2, 4)))
    np.testing.assert_array_equal(max_pool([[np.nan, 1], [2, 3]]), [[np.nan]])


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_max_pool_is_the_maximum_filter_subsampled(size, stride, seed):
    v = np.random.default_rng(seed).normal(size=(2, 9, 8, 3))
    corner = -(size // 2)  # the filter's windows are centred, ours begin at their pixel
    filtered = scipy.ndimage.maximum_filter(
        v, size=(1, size, size, 1), origin=(0, corner, corner, 0)
    )
    valid = filtered[:, : 9 - size + 1 : stride, : 8 - size + 1 : stride]
    np.testing.assert_array_equal(max_pool(v, size, stride), valid)
    np.testing.assert_array_equal(max_pool(v[0, ..., 0], size, stride), valid[0, ..., 0])


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 10**6))
def test_the_gradient_of_max_pool_is_that_of_finite_differences(size, stride, seed):
    rng = np.random.default_rng(seed)
    v = rng.permutation(60).reshape(5, 6, 2) / 10  # no ties, and gaps far above the step
    g = rng.normal(size=max_pool(v, size, stride).shape)
    flat = numerical_jacobian(
        lambda v: np.vdot(max_pool(v.reshape(5, 6, 2), size, stride), g), v.ravel(), h=1e-3
    )
    gradient = max_pool_gradient(v, g, size, stride)
    np.testing.assert_allclose(gradient.ravel(), flat, atol=1e-9)
    one = max_pool_gradient(v[..., 0], g[..., 0], size, stride)
    np.testing.assert_array_equal(one, gradient[..., 0])


def test_at_a_tie_the_first_largest_pixel_gets_the_gradient():
    np.testing.assert_array_equal(max_pool_gradient(np.ones((2, 4)), [[3, 5]])[0], [3, 0, 5, 0])


@pytest.mark.parametrize(
    ("images", "arguments", "error", "message"),
    [
        (
            np.ones(4),
            (),
            ValueError,
            r"^images must have shape \(H, W\) or .*; got shape \(4,\)\.$",
        ),
        (
            np.ones((4, 3)),
            (4,),
            ValueError,
            "^size must be at most 3 for images of 4 x 3 pixels; got 4",
        ),
        (
            np.ones((1, 4, 1)),
            (),
            ValueError,
            "^size must be at most 1 for images of 1 x 4 pixels; got 2",
        ),
        (np.ones((4, 4)), (0,), ValueError, "^size must be at least 1; got 0"),
        (np.ones((4, 4)), (2, 0), ValueError, "^stride must be at least 1; got 0"),
        (np.ones((4, 4)), (2.0,), TypeError, r"^size must be an integer; got 2\.0"),
        ([["a"]], (1,), TypeError, "^images must hold real numbers; got dtype <U1"),
    ],
)
def test_pooling_names_the_bad_argument(images, arguments, error, message):
    with pytest.raises(error, match=message):
        max_pool(images, *arguments)
    with pytest.raises(error, match=message):
        max_pool_gradient(images, 0.0, *arguments)


def test_the_upstream_gradient_has_the_shape_of_the_pooled_images():
    for shape in ((4, 4), (4, 4, 1)):
        with pytest.raises(
            ValueError, match=r"^upstream must have .* max_pool returns; got shape \(3, 3\)"
        ):
            max_pool_gradient(np.ones(shape), np.ones((3, 3)))


def test_what_conv2d_returns_max_pool_reads_in_the_same_way():
    """Pooling never mixes images, channels, or rows of different images."""
    rng = np.random.default_rng(12)
    images, kernels = rng.normal(size=(4, 8, 8, 1)), rng.normal(size=(3, 3, 1, 2))
    pooled = max_pool(conv2d(images, kernels))
    assert pooled.shape == (4, 3, 3, 2)
    for n, f in np.ndindex(4, 2):
        alone = max_pool(conv2d(images[n, ..., 0], kernels[..., 0, f]))
        np.testing.assert_allclose(pooled[n, ..., f], alone, rtol=1e-13)
        with_channels = max_pool(conv2d(images[n], kernels))
        np.testing.assert_allclose(pooled[n], with_channels, rtol=1e-13)
    gradient = max_pool_gradient(conv2d(images, kernels), np.ones(pooled.shape))
    assert (gradient.sum(axis=(1, 2)) == 9).all()  # nine windows an image and filter
    with pytest.raises(ValueError, match=r"^images must have shape \(H, W\) for kernels"):
        max_pool(conv2d(images[..., 0], kernels[..., 0, 0]))


# TensorFlow


@pytest.fixture(scope="module")
def tf():
    for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings(action="ignore"):
        return pytest.importorskip("tensorflow")


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 5)])
def test_tensorflow_computes_the_same_with_the_same_gradients(tf, kernel, stride, padding):
    images, kernels, options = layer(((9, 8), kernel, stride, padding), 2, 4, 10, batch=(3,))
    v, w = tf.Variable(images), tf.Variable(kernels)
    with tf.GradientTape() as tape:
        border = [[0, 0], [padding, padding], [padding, padding], [0, 0]]
        y = tf.nn.conv2d(v, w, stride, border)
        loss = tf.reduce_sum(y**3)
    result = conv2d(images, kernels, **options)
    close(result, y.numpy())
    gradients = conv2d_gradients(images, kernels, 3 * result**2, **options)
    for ours, theirs in zip(gradients, tape.gradient(loss, [v, w]), strict=True):
        close(ours, theirs.numpy())


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (3, 3), (2, 1)])
def test_tensorflow_pools_the_same_with_the_same_gradient_ties_included(tf, size, stride):
    images = np.random.default_rng(11).integers(4, size=(2, 7, 8, 3)).astype(float)
    v = tf.Variable(images)
    with tf.GradientTape() as tape:
        y = tf.nn.max_pool2d(v, size, stride, "VALID")
        loss = tf.reduce_sum(y**2)
    result = max_pool(images, size, stride)
    np.testing.assert_array_equal(result, y.numpy())
    gradient = max_pool_gradient(images, 2 * result, size, stride)
    np.testing.assert_array_equal(gradient, tape.gradient(loss, v).numpy())


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_the_layouts_are_those_of_keras(tf, lead):
    """Keras wants one axis of images; ours may have none, as here, or more."""
    rng = np.random.default_rng(13)
    images, kernels = rng.normal(size=(*lead, 8, 7, 3)), rng.normal(size=(3, 3, 3, 4))
    layer = tf.keras.layers.Conv2D(4, 3, use_bias=False, dtype="float64")
    layer.build((None, 8, 7, 3))
    layer.set_weights([kernels])
    pool = tf.keras.layers.MaxPooling2D(2, dtype="float64")
    expected = pool(layer(images.reshape(-1, 8, 7, 3))).numpy()
    close(max_pool(conv2d(images, kernels)), expected.reshape(*lead, 3, 2, 4))
