"""Do batches pay, and what does gradient_descent add? ``python benchmarks/descent.py``.

Prints the best of several runs for (1) an objective called once on 1000 points, against a Python
loop over them, and (2) an update of ``gradient_descent``, which keeps the path and checks every
iterate, against a bare loop with the same updates and values. Times are process CPU time, in turns.
Exits with status 1 if a batch is less than 20 times as fast as its loop, or if ``gradient_descent``
takes over 2.5 times as long.
"""

import sys
from functools import partial
from time import process_time
from timeit import timeit

import numpy as np

from coursekit.descent import gradient_descent
from coursekit.objectives import exponential_sum, himmelblau, rosenbrock

POINTS = 1000
UPDATES = 500
REPEATS = 7
LEAST_GAIN = 20
MOST_OVERHEAD = 2.5


def microseconds(*functions):
    """Best time of each function; runs alternate, so that a busy moment hits all of them."""
    rounds = [
        [timeit(function, timer=process_time, number=1) for function in functions]
        for _ in range(REPEATS)
    ]
    return 1e6 * np.min(rounds, axis=0)


def one_by_one(function, x):
    return np.array([function(point) for point in x])


def bare_loop(f, grad, x, step_size):
    values, g = [f(x)], grad(x)
    while np.linalg.norm(g) > 0 and len(values) <= UPDATES:
        x = x - step_size * g
        values.append(f(x))
        g = grad(x)
    return x


def gains():
    """Yield how many times faster one call is than a loop."""
    print(f"{f'{POINTS} points':<24} {'one call':>11} {'loop':>11} {'gain':>6}")
    x = np.random.default_rng(0).uniform(-2, 2, (POINTS, 2))
    for objective in (exponential_sum, rosenbrock):
        for part in ("f", "grad", "hess"):
            function = getattr(objective, part)
            np.testing.assert_allclose(function(x), one_by_one(function, x), rtol=1e-13)
            batch, loop = microseconds(partial(function, x), partial(one_by_one, function, x))
            name = f"{objective.name}.{part}"
            print(f"{name:<24} {batch:8.1f} µs {loop:8.0f} µs {loop / batch:6.0f}")
            yield loop / batch


def overheads():
    """Yield how many times longer an update of gradient_descent takes than one of a bare loop."""
    print(f"\n{f'{UPDATES} updates':<24} {'ours':>11} {'bare loop':>11} {'ratio':>6}")
    for objective, x0, step_size in ((exponential_sum, [-2, 2], 0.01), (himmelblau, [0, 0], 1e-4)):
        arguments = (objective.f, objective.grad, np.array(x0, dtype=float))
        ours = partial(gradient_descent, *arguments, step_size=step_size, tol=0, maxiter=UPDATES)
        bare = partial(bare_loop, *arguments, step_size)
        np.testing.assert_array_equal(ours().x, bare(), err_msg="not the same updates")
        t, t_bare = microseconds(ours, bare) / UPDATES
        print(f"{objective.name:<24} {t:8.1f} µs {t_bare:8.1f} µs {t / t_bare:6.2f}")
        yield t / t_bare


def main():
    gain, overhead = min(gains()), max(overheads())
    print(f"least gain {gain:.0f}, limit {LEAST_GAIN}; ", end="")
    print(f"most overhead {overhead:.2f}, limit {MOST_OVERHEAD}")
    return int(gain < LEAST_GAIN or overhead > MOST_OVERHEAD)


if __name__ == "__main__":
    sys.exit(main())
