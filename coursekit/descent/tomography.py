r"""A small tomography: the matrix of straight rays through a picture, and a picture to look at.

The scanner measures, along each ray, the integral of a density. With a picture of constant pixels
that integral is :math:`\sum_j a_{ij} x_j`, where :math:`a_{ij}` is the length of ray :math:`i`
inside pixel :math:`j`. A ray meets few of the pixels, so the matrix is sparse.
"""

import numpy as np

from coursekit._arguments import count, real_array

__all__ = ["phantom", "ray_matrix"]

# density, half axes, centre, and angle in degrees of ellipses in the square [-1, 1] x [-1, 1]
_ELLIPSES = np.array([
    [1.0, 0.72, 0.92, 0.0, 0.0, 0],
    [-0.7, 0.64, 0.84, 0.0, 0.0, 0],
    [-0.2, 0.15, 0.36, 0.24, 0.08, -16],
    [-0.2, 0.18, 0.42, -0.26, 0.08, 16],
    [0.3, 0.24, 0.16, 0.0, -0.5, 0],
    [0.5, 0.09, 0.09, 0.02, 0.52, 0],
])  # fmt: skip
_FINE = 4  # points a side at which a pixel is sampled


def ray_matrix(size, angles, rays):
    r"""Return the lengths of parallel rays in the pixels of a square picture.

    The picture is the square :math:`[-1, 1]^2` of ``size`` × ``size`` pixels. For an angle
    :math:`\theta` the rays are the lines :math:`x \cos\theta + y \sin\theta = s`, for the
    middles :math:`s` of ``rays`` equal parts of :math:`[-1, 1]`. So what lies in the disc of
    radius 1 is seen from all sides, and the corners of the picture are not.

    Parameters
    ----------
    size : int
        Pixels a side.
    angles : array_like, shape (k,)
        Angles of the normals of the rays, in radians.
    rays : int
        Rays for each angle.

    Returns
    -------
    scipy.sparse.csr_array, shape (k * rays, size * size)
        Row ``k * rays + i`` belongs to ray ``i`` of angle ``k``. The columns are the pixels of
        ``picture.ravel()`` for a picture whose first row is its upper edge.

    Raises
    ------
    TypeError, ValueError
        If ``size`` or ``rays`` is no integer of at least 1, or ``angles`` no array of finite
        numbers of shape (k,).

    Notes
    -----
    The ray is cut at all lines of the grid; between two cuts it is in one pixel, that of the
    middle between them. A ray along a line of the grid counts for the pixels of one side.

    References
    ----------
    Siddon, "Fast calculation of the exact radiological path for a three-dimensional CT array",
    Medical Physics 12, 1985.

    Examples
    --------
    One ray from top to bottom, through the middle of 3 × 3 pixels of side 2/3.

    >>> ray_matrix(3, [0.0], 1).toarray().round(3).reshape(3, 3)
    array([[0.   , 0.667, 0.   ],
           [0.   , 0.667, 0.   ],
           [0.   , 0.667, 0.   ]])
    """
    from scipy.sparse import csr_array

    size, rays = count("size", size, at_least=1), count("rays", rays, at_least=1)
    angles = real_array("angles", angles)
    if angles.ndim != 1 or not angles.size:
        raise ValueError(f"angles must have shape (k,), k > 0; got shape {angles.shape}.")
    grid = np.linspace(-1, 1, size + 1)
    middles = (2 * np.arange(rays) + 1) / rays - 1
    rows, columns, lengths = [], [], []
    for k, angle in enumerate(angles.tolist()):
        normal = np.array([np.cos(angle), np.sin(angle)])
        along = np.array([-normal[1], normal[0]])
        start = middles[:, None] * normal  # (rays, 2)
        cuts = np.full((rays, 2), [-2.0, 2.0])  # beyond the square
        for axis in (0, 1):
            if abs(along[axis]) > 1e-12:  # else this line crosses none of that direction
                crossed = (grid - start[:, axis, None]) / along[axis]
                cuts = np.hstack([cuts, np.clip(crossed, -2, 2)])
        cuts.sort(axis=1)
        middle = (cuts[:, 1:] + cuts[:, :-1]) / 2
        at = start[:, None, :] + middle[:, :, None] * along
        pixel = np.floor((at + 1) * (size / 2)).astype(int)  # (rays, pieces, 2)
        length = np.diff(cuts, axis=1)
        inside = ((pixel >= 0) & (pixel < size)).all(axis=2) & (length > 1e-12)
        ray = np.nonzero(inside)[0]
        rows.append(k * rays + ray)
        columns.append((size - 1 - pixel[inside, 1]) * size + pixel[inside, 0])
        lengths.append(length[inside])
    data = np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns))
    return csr_array(data, shape=(len(angles) * rays, size * size))


def phantom(size):
    """Return a picture of a head: a skull, two dark chambers, and a bright spot.

    Parameters
    ----------
    size : int
        Pixels a side.

    Returns
    -------
    ndarray, shape (size, size)
        Densities from 0 to 1; the first row is the upper edge. Each pixel is the mean of 4 × 4
        points in it.

    Raises
    ------
    TypeError, ValueError
        If ``size`` is no integer of at least 1.

    References
    ----------
    A sum of ellipses, after Shepp and Logan, "The Fourier reconstruction of a head section",
    IEEE Transactions on Nuclear Science 21, 1974.

    Examples
    --------
    >>> phantom(32).shape, float(phantom(32).max())
    ((32, 32), 1.0)
    """
    size = count("size", size, at_least=1)
    fine = size * _FINE
    t = (2 * np.arange(fine) + 1) / fine - 1
    x, y = t[None, :], -t[:, None]
    picture = np.zeros((fine, fine))
    for density, a, b, x0, y0, degrees in _ELLIPSES.tolist():
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        u = c * (x - x0) + s * (y - y0)
        v = c * (y - y0) - s * (x - x0)
        picture += density * ((u / a) ** 2 + (v / b) ** 2 <= 1)
    return picture.reshape(size, _FINE, size, _FINE).mean(axis=(1, 3))
