"""What does sgd add to a bare loop? ``python benchmarks/stochastic.py``.

One epoch of least squares with 100,000 rows and 20 unknowns, for batches of 1, 10 and 100 rows:
``sgd`` against a NumPy loop that makes the same updates and does nothing else, in turns. Prints
the best process CPU time of a step of each, then the peak of memory of runs of one and ten epochs.
Exits with status 1 if ``sgd`` takes over 1.5 times as long, or if ten epochs need over 1.2 times
the memory of one.
"""

import sys
import tracemalloc
from functools import partial
from math import ceil
from time import process_time
from timeit import timeit

import numpy as np

from coursekit.descent import sgd

ROWS, UNKNOWNS, STEP = 100_000, 20, 0.01
REPEATS = 5
MOST_OVERHEAD, MOST_MEMORY = 1.5, 1.2

RNG = np.random.default_rng(0)
A = RNG.normal(size=(ROWS, UNKNOWNS))
B = A @ np.ones(UNKNOWNS) + RNG.normal(size=ROWS)
START = np.zeros(UNKNOWNS)


def f(x):
    return np.mean((A @ x - B) ** 2) / 2


def grad(x, rows):
    some = A[rows]
    return (some @ x - B[rows]) @ some / len(some)


def ours(size, epochs=1):
    maxiter = epochs * ceil(ROWS / size)
    return sgd(f, grad, START, ROWS, batch_size=size, step_size=STEP, maxiter=maxiter).x


def bare(size):
    x, order = START, np.random.default_rng(0).permutation(ROWS)
    for start in range(0, ROWS, size):
        rows = order[start : start + size]
        some = A[rows]
        x = x - STEP * ((some @ x - B[rows]) @ some / len(some))
    f(START), f(x)
    return x


def overheads():
    """Yield how many times longer a step of sgd takes than one of the bare loop."""
    print(f"{'batch':>5} {'ours':>11} {'bare loop':>11} {'ratio':>6}")
    for size in (1, 10, 100):
        np.testing.assert_array_equal(ours(size), bare(size), err_msg="not the same updates")
        runs = partial(ours, size), partial(bare, size)
        times = [
            [timeit(run, timer=process_time, number=1) for run in runs] for _ in range(REPEATS)
        ]
        t, t_bare = 1e6 * np.min(times, axis=0) / ceil(ROWS / size)
        print(f"{size:>5} {t:8.2f} µs {t_bare:8.2f} µs {t / t_bare:6.2f}")
        yield t / t_bare


def peak(epochs):
    """Return the most memory, in MB, that a run of sgd takes beside its data."""
    tracemalloc.start()
    ours(100, epochs)
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most


def main():
    overhead = max(overheads())
    one, ten = peak(1), peak(10)
    print(f"memory: {one:.2f} MB for one epoch, {ten:.2f} MB for ten")
    print(f"most overhead {overhead:.2f}, limit {MOST_OVERHEAD}; ", end="")
    print(f"memory {ten / one:.2f} times, limit {MOST_MEMORY}")
    return int(overhead > MOST_OVERHEAD or ten > MOST_MEMORY * one)


if __name__ == "__main__":
    sys.exit(main())
