"""Is conv2d at most twice as slow as SciPy's correlate? ``python benchmarks/convolution.py``.

Prints, for single grey images and for batches, kernels of width 3, 5 and 7, the best of several
runs of conv2d and of scipy.signal.correlate (which chooses between sums and fast Fourier
transforms) and their ratio; exits with status 1 if a ratio is above 2. Both sides have one thread,
as SciPy uses no more; times are process CPU time, in which waiting for a busy core does not count.
"""

import os
import sys
from functools import partial
from time import process_time
from timeit import timeit

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is imported

import numpy as np
import scipy.signal

from coursekit.learning.convolution import conv2d

SHAPES = [(28, 28), (64, 64), (256, 256), (100, 28, 28), (32, 64, 64)]
WIDTHS = [3, 5, 7]
REPEATS = 40
LIMIT = 2.0


def milliseconds(calls):
    """Best time of each call; runs alternate, and go on for longer if the first one is too slow."""
    rounds = []
    for repeats in (REPEATS, 10 * REPEATS):
        rounds += [
            [timeit(call, timer=process_time, number=1) for call in calls] for _ in range(repeats)
        ]
        ours, theirs = best = 1e3 * np.min(rounds, axis=0)
        if ours <= LIMIT * theirs:
            break
    return best


def main():
    rng = np.random.default_rng(0)
    print(f"{'images':>14} {'type':<8} {'kernel'} {'conv2d':>9} {'SciPy':>11} {'ratio':>6}")
    worst = 0.0
    for shape in SHAPES:
        for dtype in (np.float32, np.float64):
            for width in WIDTHS:
                images = rng.normal(size=shape).astype(dtype)
                kernel = rng.normal(size=(width, width)).astype(dtype)
                for_scipy = kernel.reshape((1,) * (images.ndim - 2) + kernel.shape)
                batch = images.ndim > 2  # then with an axis of one channel
                ours = partial(conv2d, images, kernel)
                if batch:
                    ours = partial(conv2d, images[..., None], kernel[..., None, None])
                theirs = partial(scipy.signal.correlate, images, for_scipy, mode="valid")
                tolerance = 1e3 * np.finfo(dtype).eps
                got = ours()[..., 0] if batch else ours()
                np.testing.assert_allclose(got, theirs(), rtol=tolerance, atol=tolerance)
                t, t_scipy = milliseconds([ours, theirs])
                ratio = t / t_scipy
                worst = max(worst, ratio)
                print(
                    f"{shape!s:>14} {np.dtype(dtype)!s:<8} {width} x {width} "
                    f"{t:8.3f} ms {t_scipy:7.3f} ms {ratio:6.2f}"
                )
    print(f"worst ratio {worst:.2f}, limit {LIMIT}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
