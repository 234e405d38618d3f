"""Is solve_ball faster than SciPy's generic solvers? ``python benchmarks/least_squares.py``.

Minimizes ||Ax - b||^2 / 2 over a ball that the unconstrained solution lies outside of, with
``solve_ball`` and with the two methods of ``scipy.optimize.minimize`` that take such a constraint,
which get the exact gradients (trust-constr the exact Hessians too). Prints best times, their ratio,
and the error of each: the largest of the relative violations of stationarity and of ||x|| = radius.
Exits with status 1 if solve_ball is slower or less accurate than either.
"""

import sys
from functools import partial
from timeit import timeit

import numpy as np
from scipy.optimize import NonlinearConstraint, minimize

from coursekit.constraints.least_squares import solve_ball, solve_svd

SHAPES = [(20, 5), (100, 20), (400, 80)]
REPEATS = 5
LIMIT = 1.0


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


def milliseconds(*functions):
    """Best time of each function; runs alternate, so that a busy moment hits all of them."""
    rounds = [[timeit(function, number=1) for function in functions] for _ in range(REPEATS)]
    return 1e3 * np.min(rounds, axis=0)


def main():
    rng = np.random.default_rng(0)
    worst, accurate = 0.0, True
    solvers = [solve_ball, slsqp, trust_constr]
    print(f"{'shape':>10}  {'solver':<12} {'time':>10} {'error':>9} {'ratio':>6}")
    for shape in SHAPES:
        A, b = rng.standard_normal(shape), rng.standard_normal(shape[0])
        radius = np.linalg.norm(solve_svd(A, b)) / 2
        calls = [partial(solver, A, b, radius) for solver in solvers]
        times = milliseconds(*calls)
        errors = [error(A, b, radius, call().x) for call in calls]
        for solver, t, e in zip(solvers, times, errors, strict=True):
            ratio = times[0] / t
            print(f"{shape!s:>10}  {solver.__name__:<12} {t:7.2f} ms {e:9.1e} {ratio:6.3f}")
        worst = max(worst, times[0] / times[1:].min())
        accurate &= errors[0] <= max(min(errors[1:]), 1e-13)
    print(f"worst ratio {worst:.2f}, limit {LIMIT}; as accurate as SciPy: {accurate}")
    return int(worst > LIMIT or not accurate)


if __name__ == "__main__":
    sys.exit(main())
