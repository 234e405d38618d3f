"""Linear programs: textbook ones with known optima, and random ones; arguments of `linprog`."""

import numpy as np
import scipy.sparse as sp

FREE = (None, None)


def _fit(points, values):
    """The line with the smallest largest error: slope, intercept, error."""
    t, f, one = np.array(points, float), np.array(values, float), np.ones(len(points))
    rows = np.block([[np.c_[t, one, -one]], [np.c_[-t, -one, -one]]])
    return {"c": [0, 0, 1], "A_ub": rows, "b_ub": [*f, *-f], "bounds": FREE}


def _median(values):
    """The sum of the distances of x from the values: x, then one distance for each."""
    n = len(values)
    rows = np.block([[np.ones((n, 1)), -np.eye(n)], [-np.ones((n, 1)), -np.eye(n)]])
    values = np.array(values, float)
    return {
        "c": [0] + [1] * n, "A_ub": rows, "b_ub": [*values, *-values],
        "bounds": [FREE] + [(0, None)] * n,
    }  # fmt: skip


def _assignment(costs):
    costs = np.array(costs, float)
    n = len(costs)
    each = np.vstack([np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))])
    return {"c": costs.ravel(), "A_eq": each, "b_eq": np.ones(2 * n)}


def klee_minty(n):
    i = np.arange(n)
    rows = np.tril(2.0 ** (i[:, None] - i + 1), -1) + np.eye(n)
    return {"c": -(2.0 ** (n - 1 - i)), "A_ub": rows, "b_ub": 5.0 ** (i + 1)}


BEALE = {
    "c": [-3 / 4, 20, -1 / 2, 6],
    "A_ub": [[1 / 4, -8, -1, 9], [1 / 2, -12, -1 / 2, 3], [0, 0, 1, 0]],
    "b_ub": [0, 0, 1],
}

TEXTBOOK = {  # name: program, minimum
    "mixture": ({"c": [5, 3, 8], "A_eq": [[1, 1, 2]], "b_eq": [4]}, 12),
    "glass works": (
        {"c": [-3, -5], "A_ub": [[0, 2], [3, 2]], "b_ub": [12, 18], "bounds": [(0, 4), (0, None)]},
        -36,
    ),
    "polygon": (
        {"c": [-3, -2], "A_ub": [[1, 1], [1, 3]], "b_ub": [4, 9], "bounds": [(0, 3), (0, None)]},
        -11,
    ),
    "degenerate polygon": (
        {"c": [-3, -2], "A_ub": [[1, 1], [1, 3], [1, 0]], "b_ub": [4, 6, 3]},
        -11,
    ),
    "paints": (
        {"c": [-5, -4], "A_ub": [[6, 4], [1, 2], [-1, 1], [0, 1]], "b_ub": [24, 6, 1, 2]},
        -21,
    ),
    "three resources": (
        {"c": [-10, -12, -12], "A_ub": [[1, 2, 2], [2, 1, 2], [2, 2, 1]], "b_ub": [20] * 3},
        -136,
    ),
    "Beale's cycle": (BEALE, -1.25),
    "Klee and Minty's cube": (klee_minty(4), -625),
    "assignment": (_assignment([[4, 1, 3], [2, 0, 5], [3, 2, 2]]), 5),
    "Chebyshev line": (_fit([-1, 0, 1], [1, 0, 1]), 0.5),
    "median": (_median([1, 2, 10]), 9),
    "dependent rows": (
        {"c": [1, 2, 3], "A_eq": [[1, 1, 1], [2, 2, 2], [1, 0, -1]], "b_eq": [3, 6, 1]},
        5,
    ),
    "bounds alone": ({"c": [1, -2, 3], "bounds": [(-1, 4), (-1, 5), (2, 2)]}, -5),
    "all fixed": (
        {"c": [1, 2], "A_eq": [[1, 1]], "b_eq": [3], "bounds": [(1, 1), (2, 2)]},
        5,
    ),
    "no cost": ({"c": [0, 0], "A_ub": [[1, 1]], "b_ub": [1]}, 0),
    "cost zero": ({"c": [1, 1], "A_ub": [[-1, 1]], "b_ub": [2]}, 0),
    "from above": (
        {"c": [-1, 1], "A_ub": [[0, -1]], "b_ub": [3], "bounds": [(None, 7), FREE]},
        -10,
    ),
}

INFEASIBLE = {
    "a negative sum": {"c": [1, 1], "A_eq": [[1, 1]], "b_eq": [-1]},
    "two equations": {"c": [1, 2, 0], "A_eq": [[2, 1, 3], [3, 2, 4]], "b_eq": [5, 12]},
    "contradiction": {"c": [1, 1], "A_eq": [[1, 1], [1, 1]], "b_eq": [1, 2], "bounds": FREE},
    "crossed bounds": {"c": [1], "bounds": (2, 1)},
    "all fixed": {"c": [1], "A_eq": [[1]], "b_eq": [3], "bounds": (1, 1)},
    "a row of zeros": {"c": [1, 1], "A_eq": [[0, 0], [1, 1]], "b_eq": [1, 1]},
    "XOR": {
        "c": [0, 0, 0], "b_ub": [-1] * 4, "bounds": FREE,
        "A_ub": [[0, 0, -1], [0, -1, 1], [-1, 0, 1], [1, 1, -1]],
    },
}  # fmt: skip
UNBOUNDED = {
    "a diagonal": {"c": [-1, -1], "A_eq": [[1, -1]], "b_eq": [0]},
    "a free variable": {"c": [1, 1], "A_ub": [[1, 1]], "b_ub": [4], "bounds": FREE},
    "no rows": {"c": [1, -1]},
    "downwards": {"c": [2], "bounds": (None, 5)},
}


def random_sparse(seed, n=200, rows=(60, 40), density=0.05):
    """A feasible and bounded program whose variables have none, one or two bounds.

    It is made from a primal and a dual solution that satisfy complementary slackness, so that the
    minimum is known up to rounding. Returns the program and its minimum.
    """
    rng = np.random.default_rng(seed)
    m = sum(rows)
    A = sp.random_array(
        (m, n), density=density, rng=rng, format="csr",
        data_sampler=lambda size: rng.normal(size=size),
    )  # fmt: skip
    kind, where = rng.integers(0, 4, n), rng.random(n)  # from below, both, from above, free
    ends = np.sort(rng.normal(size=(2, n)), axis=0) + np.array([[0], [1]])
    low = np.where(kind <= 1, ends[0], -np.inf)
    high = np.where((kind == 1) | (kind == 2), ends[1], np.inf)
    at_low, at_high = (kind <= 1) & (where < 0.4), np.isin(kind, (1, 2)) & (where > 0.6)
    x = np.select([at_low, at_high], ends, ends.mean(axis=0))
    tight = rng.random(rows[0]) < 0.5
    y = rng.normal(size=m)
    y[: rows[0]] = np.where(tight, -np.abs(y[: rows[0]]), 0)
    push = rng.exponential(size=n) * (1.0 * at_low - 1.0 * at_high)
    b, c = A @ x, A.T @ y + push
    b[: rows[0]] += np.where(tight, 0, rng.exponential(size=rows[0]))
    program = {
        "c": c, "A_ub": A[: rows[0]], "b_ub": b[: rows[0]],
        "A_eq": A[rows[0] :], "b_eq": b[rows[0] :], "bounds": np.column_stack([low, high]),
    }  # fmt: skip
    return program, float(c @ x)


def random_small(seed):
    """A program of few variables with small whole numbers: feasible, infeasible or unbounded."""
    rng = np.random.default_rng(seed)
    n, ub, eq = int(rng.integers(1, 7)), int(rng.integers(0, 4)), int(rng.integers(0, 3))
    A, b = rng.integers(-2, 3, (ub + eq, n)), rng.integers(-3, 4, ub + eq)
    kinds = [(0, None), FREE, (-1, 2), (None, 1), (1, 1)]
    return {
        "c": rng.integers(-3, 4, n), "A_ub": A[:ub], "b_ub": b[:ub], "A_eq": A[ub:],
        "b_eq": b[ub:], "bounds": [kinds[k] for k in rng.integers(0, 5, n)],
    }  # fmt: skip
