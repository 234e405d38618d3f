"""A look at many more points, for places so rare that those of the check miss them."""

import numpy as np

from coursekit.checks.sample_points import draw_points

POINTS, NUMBERS = 1024, 2**17  # points, and entries of the derivatives there, at most
STEP = 1e-4  # of the differences along one direction, beside 1 or |x|


def rare_places(f, jac_f, shape, n, domain, seed, rtol):
    """Points where ``jac_f`` is not finite, and those where it seems wrong, the worst first.

    ``f`` and ``jac_f`` take one batch each: at every point the derivative along one generic
    direction is compared with two differences, which is enough to suspect a point, not to judge it.
    """
    count = max(32, int(min(POINTS, NUMBERS // max(1, np.prod(shape)))))
    x = draw_points(n, domain, seed + 1, count=count)
    k = np.arange(1.0, n + 1)
    step = STEP * ((-1) ** k * (0.5 + 0.5 * (0.618034 * k % 1))) * np.maximum(1, np.abs(x))
    if domain is not None:
        lo, hi = (np.asarray(bound, dtype=float) for bound in domain)
        room = np.minimum(x - lo, hi - x) / np.abs(2 * step)
        step *= np.minimum(1, 0.999 * room.min(axis=1))[:, None]
    try:
        got = np.asarray(jac_f(x.copy()), dtype=float)
        values = np.asarray(f(np.stack([x - 2 * step, x - step, x, x + step, x + 2 * step])))
    except Exception:  # not for batches of this kind
        return x[:0], x[:0]
    if got.shape != (len(x), *shape) or values.shape != (5, len(x), *shape[:-1]):
        return x[:0], x[:0]
    values = values.astype(float).reshape(5, len(x), -1)
    defined = np.isfinite(values).all(axis=(0, 2))
    lost = ~np.isfinite(got).reshape(len(x), -1).all(axis=1)
    one, two = (values[3] - values[1]) / 2, (values[4] - values[0]) / 4
    along = np.einsum("k...i,ki->k...", got, step).reshape(one.shape)
    size = np.abs(values).max(axis=0)
    tol = 4 * np.abs(one - two) + (1e-13 + 8 * rtol) * size + 1e-6 * np.abs(one)
    tol += 1e-9 * np.abs(got * step.reshape(len(x), *[1] * (len(shape) - 1), n)).sum(
        axis=-1
    ).reshape(one.shape)
    off = np.where(defined[:, None], np.abs(along - one) / tol, 0).max(axis=1)
    suspect = np.argsort(-off, kind="stable")
    return x[lost & defined], x[suspect[off[suspect] > 1]]
