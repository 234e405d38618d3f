"""What does solve_ball cost beside other solvers? ``python benchmarks/least_squares.py``.

Minimizes ||Ax - b||^2 / 2 over a ball that the unconstrained solution lies outside of, with

- ``solve_ball``;
- ``bare``: the same method, an SVD and the secular equation, without any check, path or result;
- ``trust_exact``: the solver of this very problem inside of SciPy's method trust-exact, by Cholesky
  factors of A'A + mu I, told to be as exact as it can. It is fast for tall A because it forms A'A,
  whose condition number is the square of that of A;
- ``slsqp`` and ``trust_constr``, the methods of ``scipy.optimize.minimize`` that take such a
  constraint, with exact gradients (trust-constr with exact Hessians too).

Prints the best times in process CPU time on one core, in turns, how many times as long as each
``solve_ball`` takes, and the error of each: the largest of the relative violations of stationarity
and of ||x|| = radius. Exits with status 1 if ``solve_ball`` takes over 1.2 times as long as
``bare`` and 0.05 ms more (checks, path and result take about 0.03 ms in any case), if it is slower
than a method of ``minimize``, or less accurate than any.
"""

import os
import sys
from functools import partial
from time import process_time
from timeit import timeit

if hasattr(os, "sched_setaffinity"):  # before NumPy starts its threads
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
from scipy.optimize import NonlinearConstraint, minimize
from scipy.optimize._trustregion_exact import IterativeSubproblem  # no public name leads to it

from coursekit.constraints.least_squares import solve_ball, solve_svd

SHAPES = [(20, 5), (100, 20), (400, 80), (2000, 80), (80, 400)]
SECONDS = 2
FAST, SLOW = ["solve_ball", "bare", "trust_exact"], ["slsqp", "trust_constr"]
FACTOR, FIXED = 1.2, 0.05  # ms


def bare(A, b, radius):
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    c, shift = U.T @ b, 0.0
    z = c / s
    while (norm := np.linalg.norm(z)) > radius * (1 + 1e-15):
        w = z / norm
        shift += (norm / radius - 1) / (w / (s * s + shift) @ w)
        z = s * c / (s * s + shift)
    return Vt.T @ z


def trust_exact(A, b, radius):
    g, H = -A.T @ b, A.T @ A
    subproblem = IterativeSubproblem(
        np.zeros(A.shape[1]), lambda x: 0.0, lambda x: g, lambda x: H, k_easy=1e-14, k_hard=1e-14
    )
    return subproblem.solve(radius)[0]


def slsqp(A, b, radius):
    inside = {
        "type": "ineq",
        "fun": lambda x: radius**2 - x @ x,
        "jac": lambda x: -2 * x,
    }
    return minimize(
        lambda x: np.sum((A @ x - b) ** 2) / 2,
        np.zeros(A.shape[1]),
        jac=lambda x: A.T @ (A @ x - b),
        method="SLSQP",
        constraints=inside,
        options={"ftol": 1e-14, "maxiter": 1000},
    )


def trust_constr(A, b, radius):
    H = A.T @ A
    identity = np.eye(A.shape[1])
    inside = NonlinearConstraint(
        lambda x: x @ x,
        -np.inf,
        radius**2,
        jac=lambda x: 2 * x[np.newaxis],
        hess=lambda x, v: 2 * v[0] * identity,
    )
    return minimize(
        lambda x: np.sum((A @ x - b) ** 2) / 2,
        np.zeros(A.shape[1]),
        jac=lambda x: A.T @ (A @ x - b),
        hess=lambda x: H,
        method="trust-constr",
        constraints=inside,
        options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 1000},
    )


def error(A, b, radius, x):
    """How far x is from the KKT conditions, with the multiplier that suits x best."""
    g = A.T @ (A @ x - b)
    mu = max(0.0, -(g @ x) / (2 * x @ x))
    off = np.linalg.norm(g + 2 * mu * x) / np.linalg.norm(A.T @ b)
    return max(off, abs(np.linalg.norm(x) / radius - 1))


def milliseconds(functions):
    """Best time of each function, in turns; repeated more often if they are fast."""
    slow = [timeit(function, timer=process_time, number=1) for function in functions]
    rounds = [
        [timeit(f, timer=process_time, number=1) for f in functions]
        for _ in range(max(5, int(SECONDS / sum(slow))))
    ]
    return 1e3 * np.min(rounds, axis=0)


def main():
    rng = np.random.default_rng(0)
    missed = []
    solvers = {
        "solve_ball": lambda *problem: solve_ball(*problem).x,
        "bare": bare,
        "trust_exact": trust_exact,
        "slsqp": lambda *problem: slsqp(*problem).x,
        "trust_constr": lambda *problem: trust_constr(*problem).x,
    }
    print(f"{'shape':>10}  {'solver':<12} {'time':>10} {'ratio':>7} {'error':>9}")
    for shape in SHAPES:
        A, b = rng.standard_normal(shape), rng.standard_normal(shape[0])
        problem = (A, b, np.linalg.norm(solve_svd(A, b)) / 2)
        fast = milliseconds([partial(solvers[name], *problem) for name in FAST])
        slow = milliseconds([partial(solvers[name], *problem) for name in SLOW])
        times = dict(zip(FAST + SLOW, [*fast, *slow], strict=True))
        errors = {name: error(*problem, solver(*problem)) for name, solver in solvers.items()}
        ours = times["solve_ball"]
        for name, t in times.items():
            print(f"{shape!s:>10}  {name:<12} {t:7.3f} ms {ours / t:7.3f} {errors[name]:9.1e}")
        if ours > FACTOR * times["bare"] + FIXED:
            missed.append(f"{shape} against bare")
        if ours > min(times[name] for name in SLOW):
            missed.append(f"{shape} against minimize")
        if errors["solve_ball"] > max(min(errors.values()), 1e-13):
            missed.append(f"{shape} accuracy")
    print(f"limit: {FACTOR} times bare and {FIXED} ms; missed: {', '.join(missed) or 'none'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
