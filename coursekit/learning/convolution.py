r"""Convolution as networks use it: a matrix, a fast product, its derivatives, and pooling.

Kernels are **not flipped** here: :func:`conv2d` computes the cross-correlation, as TensorFlow and
Keras do, which call it convolution all the same. The convolution of mathematics (and of
:func:`scipy.signal.convolve`) flips the kernel first: ``conv2d(v, np.flip(w, (0, 1)))``.

Arrays have the layout of TensorFlow: images (..., H, W, C) with rows downwards and channels last,
kernels (kh, kw, C, F) for F filters, results (..., H', W', F). A single grey image may go without
the axes of length 1: image (H, W), kernel (kh, kw), result (H', W'). A batch of grey images may
not, as (N, H, W) would look like one image with W channels: ``images[..., np.newaxis]``. This
holds for every function here, so what one returns the next one reads in the same way.

Stride and padding are the same in both directions. Results are at least float32: wider floats keep
their type, integers become floats.

References
----------
The course, chapter *Convolution*. G. Strang, *Linear Algebra and Learning from Data*, 2019, VII.2.
"""

import functools
import math

import numpy as np

from coursekit._arguments import count, real_array

__all__ = ["conv2d", "conv2d_gradients", "conv_matrix"]
__all__ += ["max_pool", "max_pool_gradient", "output_size"]


def output_size(n, kernel, stride=1, padding=0):
    r"""Count the outputs along one axis: :math:`\lfloor (n - E + 2P) / S \rfloor + 1`.

    Parameters
    ----------
    n : int
        Number of inputs.
    kernel, stride, padding : int
        Width E of the kernel, its step S, and the zeros P put before *and* after the inputs.

    Returns
    -------
    int
        At least 1. If S does not divide n - E + 2P, the last inputs are not used.

    Raises
    ------
    ValueError, TypeError
        If a number is not an integer, is too small, or the kernel exceeds the padded input.

    Examples
    --------
    >>> output_size(6, 3), output_size(6, 3, stride=2), output_size(6, 3, stride=2, padding=1)
    (4, 2, 3)
    """
    n, kernel = count("n", n, at_least=1), count("kernel", kernel, at_least=1)
    stride, padding = count("stride", stride, at_least=1), count("padding", padding)
    if kernel > n + 2 * padding:
        raise ValueError(
            f"kernel must be at most n + 2 padding = {n + 2 * padding} wide; got {kernel}."
        )
    return (n - kernel + 2 * padding) // stride + 1


def conv_matrix(kernel, n, *, stride=1, padding=0):
    r"""Build the sparse matrix A of a convolution: ``conv2d(v, kernel).ravel() == A @ v.ravel()``.

    In one dimension A is Toeplitz, :math:`A_{pq} = w_{q - Sp + P}`: the kernel, moved S columns
    to the right in each row. In two dimensions it is block Toeplitz with Toeplitz blocks:
    block (p, q) is the matrix of row q - Sp + P of the kernel. Use A to understand and to test;
    :func:`conv2d` does the same work without it.

    Parameters
    ----------
    kernel : array_like, shape (E,) or (kh, kw)
        The weights (cross-correlation: not flipped).
    n : int or pair of ints
        Length of the signal; or height and width of the image (one number if they are equal).
    stride, padding : int
        As in :func:`output_size`.

    Returns
    -------
    scipy.sparse.csr_array, shape (M, n) or (H' W', H W)
        Only nonzero entries are stored.

    Raises
    ------
    ValueError, TypeError
        If the kernel is not a real array with one or two axes, or the sizes do not fit it.

    Examples
    --------
    >>> conv_matrix([2, 3, 5], 5).toarray()
    array([[2., 3., 5., 0., 0.],
           [0., 2., 3., 5., 0.],
           [0., 0., 2., 3., 5.]])
    >>> conv_matrix([2, 3, 5], 5, stride=2, padding=1).toarray()
    array([[3., 5., 0., 0., 0.],
           [0., 2., 3., 5., 0.],
           [0., 0., 0., 2., 3.]])
    """
    from scipy.sparse import csr_array, kron

    kernel = _real("kernel", kernel)
    if kernel.ndim not in (1, 2):
        raise ValueError(f"kernel must have shape (E,) or (kh, kw); got shape {kernel.shape}.")
    sizes = tuple(n) if np.ndim(n) else (n,) * kernel.ndim
    if len(sizes) != kernel.ndim:
        raise ValueError(f"n must be one size for each axis of the kernel; got {n}.")
    if kernel.ndim == 1:
        matrix = _toeplitz(kernel, sizes[0], stride, padding)
    else:
        pick = np.eye(len(kernel), dtype=kernel.dtype)  # pick[i]: take the image i rows below
        blocks = [_toeplitz(row, sizes[0], stride, padding) for row in pick]
        inside = [_toeplitz(row, sizes[1], stride, padding) for row in kernel]
        matrix = sum(map(kron, blocks, inside))
    matrix = csr_array(matrix)
    matrix.eliminate_zeros()
    return matrix


def conv2d(images, kernels, *, stride=1, padding=0):
    r"""Convolve images with kernels (cross-correlation: the kernel is not flipped).

    .. math::

        y_{pqf} = \sum_{i,j,c} w_{ijcf} \, v_{Sp+i-P,\; Sq+j-P,\; c}

    Parameters
    ----------
    images : array_like, shape (..., H, W, C), or (H, W) if `kernels` has shape (kh, kw)
        One image or any batch of them; or one grey image.
    kernels : array_like, shape (kh, kw, C, F) or (kh, kw)
        F filters over C channels; or one filter for one grey image.
    stride, padding : int
        Step S of the kernel and width P of the border of zeros, the same in both directions.

    Returns
    -------
    ndarray, shape (..., H', W', F) or (H', W')
        With H' = ``output_size(H, kh, stride, padding)``, W' likewise.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit each other, or an array is not real.

    Notes
    -----
    For each entry (i, j) of the kernel, the slice of the padded images that it reads is multiplied
    by the C x F matrix of its weights: a sum of kh kw shifted images. For kernels wider than 10
    or so use :func:`scipy.signal.fftconvolve`, whose work does not grow with their size.

    Examples
    --------
    >>> image = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]]
    >>> conv2d(image, [[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    array([[-3.,  2.],
           [ 1.,  0.]])
    >>> conv2d(np.ones((5, 8, 8, 3)), np.ones((3, 3, 3, 16)), stride=2, padding=1).shape
    (5, 4, 4, 16)
    """
    batch, weights, grid, shape = _prepared(images, kernels, stride, padding)
    multiply = np.multiply if weights.shape[2] == 1 else np.matmul  # pixels times (C, F)
    result = np.zeros(grid, batch.dtype)
    for i, j in np.ndindex(weights.shape[:2]):
        read = _read_by(i, j, grid[1:3], stride)
        result += multiply(batch[:, *read], weights[i, j])
    return result.reshape(shape)


def conv2d_gradients(images, kernels, upstream, *, stride=1, padding=0):
    r"""Gradients of a scalar loss in the arguments of :func:`conv2d`, from that in its result.

    With :math:`y = A v`, A the matrix of the kernel, and :math:`g = \partial\ell/\partial y`,

    .. math::

        \frac{\partial\ell}{\partial v} = A^{\mathsf T} g , \qquad
        \frac{\partial\ell}{\partial w_{ij}} = \sum_{p,q} g_{pq} \, v_{Sp+i-P,\; Sq+j-P}

    For S = 1 the first is the full convolution of g with the kernel (flipped, this time), the
    second the cross-correlation of the images with g.

    Parameters
    ----------
    images, kernels, stride, padding
        As given to :func:`conv2d`.
    upstream : array_like, shape of the result of conv2d
        Gradient g of the loss in that result.

    Returns
    -------
    grad_images : ndarray, shape of `images`
    grad_kernels : ndarray, shape of `kernels`
        Summed over all images, as they share the kernels.

    Raises
    ------
    ValueError, TypeError
        As :func:`conv2d`; and if `upstream` has another shape than its result.

    Examples
    --------
    >>> signal, target = np.array([[1, 2, 4, 7, 11, 16]]), [[10, 20, 40, 60]]
    >>> residual = conv2d(signal, [[2, 3, 5]]) - target  # gradient of half its squared norm
    >>> grad_signal, grad_kernel = conv2d_gradients(signal, [[2, 3, 5]], residual)
    >>> grad_kernel
    array([[ 725., 1205., 1845.]])
    >>> grad_signal
    array([[ 36., 116., 271., 421., 421., 335.]])
    """
    batch, weights, grid, shape = _prepared(images, kernels, stride, padding)
    g = _as_upstream(upstream, shape, batch.dtype, "conv2d").reshape(grid)
    grad_batch, grad_weights = np.zeros_like(batch), np.zeros_like(weights)
    for i, j in np.ndindex(weights.shape[:2]):
        read = _read_by(i, j, grid[1:3], stride)
        grad_weights[i, j] = np.tensordot(batch[:, *read], g, axes=([0, 1, 2], [0, 1, 2]))
        grad_batch[:, *read] += np.tensordot(g, weights[i, j], axes=(-1, -1))
    grad_images = _inside(grad_batch, padding).reshape(np.shape(images))
    return grad_images, grad_weights.reshape(np.shape(kernels))


def max_pool(images, size=2, stride=None):
    r"""Keep the largest pixel of each square window, in each channel by itself.

    Parameters
    ----------
    images : array_like, shape (..., H, W, C) or (H, W)
        One image or any batch of them; or one grey image.
    size : int
        Height and width of the windows.
    stride : int, optional
        Step from window to window; default `size`, so that windows do not overlap.

    Returns
    -------
    ndarray, shape (..., H', W', C) or (H', W')
        With H' = ``output_size(H, size, stride)``: what is left beyond the last whole window is
        dropped. A window with a NaN gives NaN.

    Raises
    ------
    ValueError, TypeError
        If `images` is not a real array with at least two axes, or the window does not fit it.

    Examples
    --------
    >>> max_pool([[1, 2, 0, 1], [0, 1, 3, 1], [2, 1, 0, 0], [1, 0, 1, 2]])
    array([[2., 3.],
           [2., 2.]])
    """
    stack, reads = _pool_windows(images, size, stride)
    result = functools.reduce(np.maximum, (stack[read] for read in reads))
    return result[..., 0] if np.ndim(images) == 2 else result


def max_pool_gradient(images, upstream, size=2, stride=None):
    r"""Gradient of a scalar loss in the images of :func:`max_pool`, from that in its result.

    Each window hands its entry of `upstream` to its largest pixel; at a tie (a corner of the
    function) to the first of them, row by row.

    Parameters
    ----------
    images, size, stride
        As given to :func:`max_pool`.
    upstream : array_like, shape of the result of max_pool
        Gradient of the loss in that result.

    Returns
    -------
    ndarray, shape of `images`

    Raises
    ------
    ValueError, TypeError
        As :func:`max_pool`; and if `upstream` has another shape than its result.

    Examples
    --------
    >>> max_pool_gradient([[1, 2, 0, 1], [0, 1, 3, 1]], [[10, 20]])
    array([[ 0., 10.,  0.,  0.],
           [ 0.,  0., 20.,  0.]])
    """
    stack, reads = _pool_windows(images, size, stride)
    pixels = [stack[read] for read in reads]
    shape = pixels[0].shape
    g = _as_upstream(upstream, shape[: np.ndim(images)], stack.dtype, "max_pool").reshape(shape)
    winner = np.argmax(pixels, axis=0)
    gradient = np.zeros_like(stack)
    for t, read in enumerate(reads):
        gradient[read] += np.where(winner == t, g, 0)
    return gradient.reshape(np.shape(images))


def _toeplitz(kernel, n, stride, padding):
    """Diagonals of weights, less the rows that the stride skips and the columns of the padding."""
    from scipy.sparse import diags_array

    output_size(n, len(kernel), stride, padding)  # raises if a size does not fit
    total = n + 2 * padding
    shape = (total - len(kernel) + 1, total)
    full = diags_array(kernel[:, None], offsets=range(len(kernel)), shape=shape, format="csr")
    return full[::stride, padding : padding + n]


def _prepared(images, kernels, stride, padding):
    """Padded (N, H, W, C), kernels (kh, kw, C, F); the result's shape so, and as it was asked."""
    images, kernels = _real("images", images), _real("kernels", kernels)
    if kernels.ndim not in (2, 4):
        raise ValueError(f"kernels must have shape (kh, kw[, C, F]); got shape {kernels.shape}.")
    plain = kernels.ndim == 2
    if images.ndim != 2 if plain else images.ndim < 3:
        layout = "(H, W)" if plain else "(..., H, W, C)"
        hint = " Batches need kernels (kh, kw, C, F), and an axis of channels last."
        raise ValueError(
            f"images must have shape {layout} for kernels of shape {kernels.shape}; got shape "
            f"{images.shape}.{hint if plain else ''}"
        )
    if plain:
        images, kernels = images[..., None], kernels[..., None, None]
    *lead, height, width, channels = images.shape
    if channels != kernels.shape[2]:
        raise ValueError(
            f"images must have {kernels.shape[2]} channels, as kernels; got {channels}."
        )
    rows = output_size(height, kernels.shape[0], stride, padding)
    columns = output_size(width, kernels.shape[1], stride, padding)
    n, border, dtype = math.prod(lead), 2 * padding, np.result_type(images, kernels)
    padded = np.zeros((n, height + border, width + border, channels), dtype)
    _inside(padded, padding)[:] = images.reshape(n, height, width, channels)
    grid = (n, rows, columns, kernels.shape[3])
    shape = grid[1:3] if plain else (*lead, *grid[1:])
    return padded, kernels.astype(dtype, copy=False), grid, shape


def _inside(padded, padding):
    return padded[:, padding : -padding or None, padding : -padding or None]


def _read_by(i, j, grid, stride):
    """Slices of rows and columns: the pixels that entry (i, j) of a kernel reads."""
    rows, columns = (stride * (n - 1) + 1 for n in grid)
    return slice(i, i + rows, stride), slice(j, j + columns, stride)


def _pool_windows(images, size, stride):
    """Images (..., H, W, C), and for each pixel of the windows the index that reads it."""
    images, size = _real("images", images), count("size", size, at_least=1)
    if images.ndim < 2:
        raise ValueError(
            f"images must have shape (H, W) or (..., H, W, C); got shape {images.shape}."
        )
    if images.ndim == 2:
        images = images[..., None]
    height, width = images.shape[-3:-1]
    if size > min(height, width):
        raise ValueError(
            f"size must be at most {min(height, width)} for images of {height} x {width} pixels; "
            f"got {size}."
        )
    stride = size if stride is None else stride
    grid = [output_size(n, size, stride) for n in (height, width)]
    reads = [_read_by(i, j, grid, stride) for i, j in np.ndindex(size, size)]
    return images, [(..., *read, slice(None)) for read in reads]


def _as_upstream(upstream, shape, dtype, name):
    upstream = _real("upstream", upstream)
    if upstream.shape != shape:
        raise ValueError(
            f"upstream must have the shape {shape} that {name} returns; got shape {upstream.shape}."
        )
    return upstream.astype(dtype, copy=False)


def _real(name, x):
    """`x` as an array of at least float32, for 8-bit images float32; NaN and infinities pass."""
    array = real_array(name, x, finite=False)
    return array.astype(np.result_type(np.asarray(x), np.float32), copy=False)
