"""Is coursekit.numbers.softmax at least as fast as scipy.special? ``python benchmarks/softmax.py``.

Prints, for float64 arrays and the last axis, the best of several runs of both libraries and their
ratio; exits with status 1 if a ratio is above 1.1.
"""

import sys
from functools import partial
from timeit import timeit

import numpy as np
import scipy.special

import coursekit.numbers.softmax

SHAPES = [(100_000, 10), (1, 10**6)]
NAMES = ["softmax", "log_softmax", "logsumexp"]
REPEATS = 25
LIMIT = 1.1


def milliseconds(functions, x):
    """Best time of each function; runs alternate, so that a busy moment hits all of them."""
    calls = [partial(f, x, axis=-1) for f in functions]
    rounds = [[timeit(call, number=1) for call in calls] for _ in range(REPEATS)]
    return 1e3 * np.min(rounds, axis=0)


def main():
    rng = np.random.default_rng(0)
    print(f"{'shape':>14}  {'function':<12} {'coursekit':>10} {'SciPy':>10} {'ratio':>6}")
    worst = 0.0
    for shape in SHAPES:
        x = rng.normal(scale=3, size=shape)
        for name in NAMES:
            ours, theirs = getattr(coursekit.numbers.softmax, name), getattr(scipy.special, name)
            np.testing.assert_allclose(ours(x), theirs(x, axis=-1), rtol=1e-12, atol=1e-14)
            t, t_scipy = milliseconds([ours, theirs], x)
            worst = max(worst, t / t_scipy)
            print(f"{shape!s:>14}  {name:<12} {t:7.2f} ms {t_scipy:7.2f} ms {t / t_scipy:6.2f}")
    print(f"worst ratio {worst:.2f}, limit {LIMIT}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
