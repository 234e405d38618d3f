"""What does a sum that keeps its digits cost? ``python benchmarks/floating_point.py``.

Prints, for each shape and axis, the time of ``np.sum``, and that of our pairwise and compensated
sums, also in units of ``np.sum``. The compensated sum takes seven additions a number where
``np.sum`` takes one. So we also time those additions by themselves: as many, on arrays that are as
long, with nothing around them, after one copy that brings the numbers of a block side by side.

All run on one core, in turns, so that a busy moment hits all of them; times are the best of many,
in process CPU time, which counts every thread but not the wait for a busy core. Exits with status
1 if a sum of ours takes more than its limit: three times ``np.sum`` plus what its operations cost.
(For the pairwise sum: the copy and one addition a number.)

``math.fsum``, which rounds once, and a loop in Python are printed for comparison.
"""

import math
import os
import sys
from functools import partial
from time import process_time
from timeit import timeit

if hasattr(os, "sched_setaffinity"):  # before the imports: libraries count the cores they may use
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np

from coursekit.numbers.summation import BLOCK, compensated_sum, pairwise_sum

CASES = [((1000, 1000), -1), ((1000, 1000), 0), ((100_000, 10), -1), ((100, 10_000), -1)]
TYPES = [np.float64, np.float32]
ADDITIONS = {"pairwise_sum": 1, "compensated_sum": 7}  # for each number
TIMES_NUMPY = 3
REPEATS = 40


def operations(x, axis, additions):
    """Return a function that makes the same additions and copies, and nothing else."""
    terms = np.moveaxis(x, axis, 0)
    size = max(1, BLOCK // len(terms))
    blocks = [terms[:, i : i + size] for i in range(0, terms.shape[1], size)]
    a, b, out = np.ones((3, len(terms) * size), x.dtype)

    def run():
        for block in blocks:
            block.copy()
            n = len(block)
            while n > 1:
                pairs = n // 2 * block.shape[1]
                for _ in range(additions):
                    np.add(a[:pairs], b[:pairs], out=out[:pairs])
                n = (n + 1) // 2

    return run


def milliseconds(calls):
    """Best time of each call, in turns."""
    rounds = [
        [timeit(call, timer=process_time, number=1) for call in calls] for _ in range(REPEATS)
    ]
    return 1e3 * np.min(rounds, axis=0)


def loop(x):
    total = x.dtype.type(0)
    for term in x:
        total += term
    return total


def main():
    rng, missed = np.random.default_rng(0), []
    print("milliseconds; in brackets times np.sum; then the share of the limit")
    print(f"{'shape':>14} axis {'type':<8} np.sum {'pairwise_sum':>22} {'compensated_sum':>22}")
    for shape, axis in CASES:
        for dtype in TYPES:
            x = rng.normal(size=shape).astype(dtype)
            ours = (pairwise_sum, compensated_sum)
            bare = [operations(x, axis, ADDITIONS[f.__name__]) for f in ours]
            calls = [partial(np.sum, x, axis), *(partial(f, x, axis) for f in ours), *bare]
            plain, *times = milliseconds(calls)
            line = f"{shape!s:>14} {axis:>4} {dtype.__name__:<8} {plain:6.2f}"
            for f, time, cost in zip(ours, times[:2], times[2:], strict=True):
                share = time / (TIMES_NUMPY * plain + cost)
                line += f" {time:6.2f} ({time / plain:4.1f}) {share:7.0%}"
                if share > 1:
                    missed.append(f"{f.__name__} {shape} axis {axis} {dtype.__name__}")
            print(line)
    row = rng.normal(size=100_000)
    slow = milliseconds([partial(f, row) for f in (np.sum, compensated_sum, math.fsum, loop)])
    names = ("np.sum", "compensated_sum", "math.fsum", "a loop")
    print("100,000 numbers:", *(f"{n} {t:.2f}" for n, t in zip(names, slow, strict=True)))
    print(f"limit: {TIMES_NUMPY} times np.sum plus what the operations cost by themselves")
    print(f"missed: {'; '.join(missed) or 'none'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
