"""Typical wrong answers to the homework on the KKT conditions."""

PROJECT = """
def project(p, a, b):
    mu = np.maximum(0, (p @ a - b) / (a @ a))
    return p - mu[..., None] * a, mu
"""
FILL = """
def fill(alpha):
    lo, hi = alpha.min(), alpha.min() + 1
    for _ in range(60):
        level = (lo + hi) / 2
        if np.maximum(0, level - alpha).sum() > 1:
            hi = level
        else:
            lo = level
    return np.maximum(0, level - alpha), 1 / level
"""
SOLVE = """
def solve_qp(H, c, A, b, tol=1e-9):
    for size in range(len(b) + 1):
        for active in map(list, combinations(range(len(b)), size)):
            run = solve_equality_qp(H, c, A[active], b[active])
            if run.success and (A @ run.x - b <= tol).all() and (run.lam >= -tol).all():
                mu = np.zeros(len(b))
                mu[active] = run.lam
                return run.x, mu
    raise ValueError("infeasible")
"""

BY_ROWS = """
def project(p, a, b):
    mu = np.maximum(0, (p @ a - b) / (a @ a))
    return np.array([q - m * a for q, m in zip(p, mu)]) if p.ndim > 1 else p - mu * a, mu
"""
WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "the rows of one axis": (
        "project", BY_ROWS, "project-batches", "For p of shape (2, 3, 2) project raises ValueError",
    ),
    "the second axis has one entry": (
        "project", PROJECT.replace("mu[..., None]", "(mu[:, None] if p.ndim > 1 else mu)"),
        "project-batches", "For p of shape (2, 3, 2) project raises ValueError",
    ),
    "the first of each row": (
        "project", PROJECT.replace("    return", "    if mu.ndim > 1:\n        mu[:, 1:] = 0\n"
        "    return"),
        "project-batches", "For p of shape (2, 3, 2), x[0, 2] is [2.5, -1.5]; for this point alone",
    ),
    "the sum over the first axis": (
        "project", PROJECT.replace("p @ a", "(p * a).sum(axis=0)"),
        "project-batches", "For p of shape (2, 1, 2), x has shape (2, 2, 2)",
    ),
    "a tol of its own": (
        "solve_qp", SOLVE.replace("    for size", "    tol = 1e-9\n    for size"),
        "solve_qp-awkward", "Is the tol that is given used?",
    ),
    "minus c": (
        "solve_qp", SOLVE.replace("qp(H, c, A[", "qp(H, -c, A["),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward",
        "it is the answer for -c: look at the sign of c",
    ),
    "tol on the strict side": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol).all() and (run.lam >= -tol).all()",
                                  "all(i in active or A[i] @ run.x < b[i] - tol for i in "
                                  "range(len(b))) and (run.lam > tol).all()"),
        "solve_qp-awkward solve_qp-multipliers", "Is tol used in both?",
    ),
    "mu picked by a tuple": (
        "solve_qp", SOLVE.replace("mu[active] =", "mu[tuple(active)] ="),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward",
        "mu is indexed by a list, too",
    ),
    "the library's projection": (
        "project", "from coursekit.models.projections import project_halfspace\n"
        "def project(p, a, b):\n    x = project_halfspace(p, a, b)\n"
        "    return x, ((p - x) @ a) / (a @ a)",
        "project-active project-inactive project-batches", "coursekit",
    ),
    "distance as the multiplier": (
        "project", PROJECT.replace("* a, mu", "* a, mu * np.sqrt(a @ a)"),
        "project-active", "mu is its distance from p",
    ),
    "dry vessels taken out once": (
        "fill", "def fill(alpha):\n    n = len(alpha)\n    wet = alpha < (1 + alpha.sum()) / n\n"
        "    level = (1 + alpha[wet].sum()) / wet.sum()\n"
        "    return np.maximum(0, level - alpha), 1 / level",
        "fill-water fill-multiplier", "repeat until none is",
    ),
    "no test of multipliers": (
        "solve_qp", SOLVE.replace(" and (run.lam >= -tol).all()", ""),
        "solve_qp-multipliers solve_qp-minimizer",
        "Is the sign of the multipliers tested?",
    ),
    "raise inside of the loop": (
        "solve_qp", SOLVE.replace("    raise", "        raise"),
        "solve_qp-multipliers solve_qp-minimizer solve_qp-awkward",
        "are all subsets tried before the raise?",
    ),
    "always on the boundary": (
        "project", PROJECT.replace("np.maximum(0, (p @ a - b) / (a @ a))", "(p @ a - b) / (a @ a)"),
        "project-inactive", "it is its own nearest point",
    ),
    "a taken for a unit vector": (
        "project", PROJECT.replace(" / (a @ a)", ""),
        "project-active", "It need not be",
    ),
    "length instead of its square": (
        "project", PROJECT.replace("(a @ a)", "np.sqrt(a @ a)"),
        "project-active", "which one belongs there?",
    ),
    "sign of the multiplier": (
        "project", PROJECT.replace("* a, mu", "* a, -mu"),
        "project-active", "mu is negative",
    ),
    "one point only": (
        "project", PROJECT.replace("mu[..., None]", "mu"),
        "project-batches", "For p of shape (2, 1, 2), x has shape (2, 2, 2)",
    ),
    "if instead of maximum": (
        "project", "def project(p, a, b):\n    if np.all(p @ a <= b):\n"
        "        return p, np.zeros(p.shape[:-1])\n    mu = (p @ a - b) / (a @ a)\n"
        "    return p - mu[..., None] * a, mu",
        "project-batches", "each should be treated by itself",
    ),
    "shared equally": (
        "fill", "def fill(alpha):\n    x = np.full(len(alpha), 1 / len(alpha))\n"
        "    return x, 1 / (alpha + x).min()",
        "fill-water fill-multiplier", "shared equally",
    ),
    "less than nothing": (
        "fill", "def fill(alpha):\n    level = (1 + alpha.sum()) / len(alpha)\n"
        "    return level - alpha, 1 / level",
        "fill-water fill-multiplier", "less than nothing",
    ),
    "cut off without filling up again": (
        "fill", "def fill(alpha):\n    level = (1 + alpha.sum()) / len(alpha)\n"
        "    return np.maximum(0, level - alpha), 1 / level",
        "fill-water fill-multiplier", "adds up to 2.4, not to 1",
    ),
    "the level instead of the multiplier": (
        "fill", FILL.replace("1 / level", "level"),
        "fill-multiplier", "but its reciprocal",
    ),
    "no level above 2": (
        "fill", FILL.replace("alpha.min() + 1", "2.0"),
        "fill-water fill-multiplier", "the level rise far enough",
    ),
    "sign of lam": (
        "fill", FILL.replace("1 / level", "-1 / level"),
        "fill-multiplier", "The sign of lam",
    ),
    "sorted and left so": (
        "fill", FILL.replace("def fill(alpha):", "def fill(alpha):\n    alpha = np.sort(alpha)"),
        "fill-water", "floors come in any order",
    ),
    "signs of the multipliers not tested": (
        "solve_qp", SOLVE.replace(" and (run.lam >= -tol).all()", "")
        .replace("range(len(b) + 1)", "range(len(b), -1, -1)"),
        "solve_qp-minimizer solve_qp-multipliers", "does that pass both tests?",
    ),
    "feasibility not tested": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol).all() and ", ""),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward", "violates the constraint",
    ),
    "all constraints taken for equations": (
        "solve_qp", "def solve_qp(H, c, A, b, tol=1e-9):\n"
        "    run = solve_equality_qp(H, c, A, b)\n    return run.x, run.lam",
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward", "is run.success tested",
    ),
    "bisection that stops early": (
        "fill", FILL.replace("range(60)", "range(10)"),
        "fill-water fill-multiplier", "bisect longer?",
    ),
    "success not tested": (
        "solve_qp", SOLVE.replace("run.success and ", ""),
        "solve_qp-awkward", "is run.success tested",
    ),
    "rows picked by a tuple": (
        "solve_qp", SOLVE.replace("map(list, combinations(range(len(b)), size))",
                                  "combinations(range(len(b)), size)"),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward", "picked by a list",
    ),
    "without the empty set": (
        "solve_qp", SOLVE.replace("range(len(b) + 1)", "range(1, len(b) + 1)"),
        "solve_qp-minimizer solve_qp-multipliers", "is the empty subset tried?",
    ),
    "one active constraint at most": (
        "solve_qp", SOLVE.replace("range(len(b) + 1)", "range(2)"),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward", "are all pairs tried",
    ),
    "multipliers of the active ones only": (
        "solve_qp", SOLVE.replace("return run.x, mu", "return run.x, run.lam"),
        "solve_qp-multipliers", "one entry for each constraint",
    ),
    "multipliers in front": (
        "solve_qp", SOLVE.replace("mu[active] = run.lam", "mu[: len(active)] = run.lam"),
        "solve_qp-multipliers", "with the wrong constraint",
    ),
    "nothing raised": (
        "solve_qp", SOLVE.replace('raise ValueError("infeasible")', "return run.x, run.lam"),
        "solve_qp-awkward", "should raise ValueError",
    ),
    "shortened towards the origin": (
        "project", "def project(p, a, b):\n    over = p @ a > b\n"
        "    mu = np.where(over, (p @ a - b) / (a @ a), 0)\n"
        "    return np.where(over[..., None], p * (b / (p @ a))[..., None], p), mu",
        "project-active", "not the nearest point of it",
    ),
    "b taken for positive": (
        "project", PROJECT.replace("p @ a - b", "p @ a - abs(b)"),
        "project-active", "multiplier",
    ),
    "p changed in place": (
        "project",
        PROJECT.replace("return p -", "p -=").replace("* a, mu", "* a\n    return p, mu"),
        "", "the caller's p is different",
    ),
    "x alone": (
        "project", PROJECT.replace("* a, mu", "* a"),
        "project-active project-inactive project-batches", "should return the pair (x, mu)",
    ),
    "return missing in project": (
        "project", PROJECT.replace("return p", "result = p"),
        "project-active project-inactive project-batches", "Try: is a return missing?",
    ),
    "single precision in project": (
        "project", PROJECT.replace("* a, mu", "* a, np.float32(mu)"),
        "project-active project-batches", "which keeps seven digits",
    ),
    "alpha changed in place": (
        "fill", FILL.replace("lo, hi =", "floors = alpha.copy()\n    lo, hi =").replace(
        "    return np.maximum(0, level - alpha)", "    alpha += 1\n"
        "    return np.maximum(0, level - floors)"),
        "", "the caller's alpha is different",
    ),
    "the multiplier of the first vessel": (
        "fill", FILL.replace("    return np.maximum(0, level - alpha), 1 / level",
        "    x = np.maximum(0, level - alpha)\n    return x, 1 / (alpha + x)[0]"),
        "fill-multiplier", "belongs to a wet vessel",
    ),
    "one multiplier a vessel": (
        "fill", FILL.replace("1 / level", "1 / (level + 0 * alpha)"),
        "fill-multiplier", "lam has shape (3,), expected one number",
    ),
    "as much to the lowest as it takes": (
        "fill", "def fill(alpha):\n    x = np.zeros(len(alpha))\n    x[alpha.argmin()] = 1\n"
        "    return x, 1 / (alpha.min() + 1)",
        "fill-water fill-multiplier", "its floor (0.6) lies below the surface (1.2)",
    ),
    "two wet vessels at most": (
        "fill", "def fill(alpha):\n    floors = np.sort(alpha)[:2]\n"
        "    level = min(1 + floors[0], (1 + floors.sum()) / 2)\n"
        "    x = np.where(alpha <= floors[-1], np.maximum(0, level - alpha), 0)\n"
        "    return x, 1 / level",
        "fill-water fill-multiplier", "2 of 5 vessels are wet in your answer. A vessel is dry",
    ),
    "the level of two vessels": (
        "fill", "def fill(alpha):\n    floors = np.sort(alpha)[:2]\n"
        "    level = (1 + floors.sum()) / len(floors)\n"
        "    return np.maximum(0, level - alpha), 1 / level",
        "fill-water fill-multiplier", "3 of 5 vessels are wet in your answer, and the water adds",
    ),
    "water of unequal heights": (
        "fill", "def fill(alpha):\n    x = np.where(alpha < 1, 1 / alpha, 0)\n"
        "    x = x / x.sum() if x.any() else np.full(len(alpha), 1 / len(alpha))\n"
        "    return x, 1 / (alpha + x)[alpha.argmin()]",
        "fill-water fill-multiplier", "Wet vessels should have the same surface; yours are",
    ),
    "half of lam": (
        "fill", FILL.replace("1 / level", "1 / (2 * level)"),
        "fill-multiplier", "lam is half of the right one",
    ),
    "lam by the number of wet vessels": (
        "fill", FILL.replace("1 / level", "(level > alpha).sum() / level"),
        "fill-multiplier", "lam is twice the right one",
    ),
    "the constraints taken for equations": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol)", "(np.abs(A @ run.x - b) <= tol)"),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward",
        "is A x <= b tested, or = b?",
    ),
    "tol ignored": (
        "solve_qp", SOLVE.replace("<= tol", "<= 0").replace(">= -tol", ">= 0"),
        "solve_qp-minimizer solve_qp-multipliers solve_qp-awkward", "Is tol used in both?",
    ),
    "b changed in place": (
        "solve_qp", SOLVE.replace("return run.x, mu", "b += 1\n                return run.x, mu"),
        "", "the caller's b is different",
    ),
    "multipliers of the other sign": (
        "solve_qp", SOLVE.replace("mu[active] = run.lam", "mu[active] = -run.lam"),
        "solve_qp-multipliers", "A multiplier is negative",
    ),
    "the largest sets are left out": (
        "solve_qp", SOLVE.replace("range(len(b) + 1)", "range(len(b))"),
        "solve_qp-minimizer solve_qp-multipliers", "is the subset of all constraints tried?",
    ),
    "the lowest feasible candidate, multipliers cut at 0": (
        "solve_qp", "def solve_qp(H, c, A, b, tol=1e-9):\n"
        "    best, m = (np.inf, None, None), len(b)\n"
        "    for size in range(m + 1):\n        for subset in combinations(range(m), size):\n"
        "            rows = list(subset)\n"
        "            run = solve_equality_qp(H, c, A[rows], b[rows])\n"
        "            if run.success and (A @ run.x - b <= tol).all():\n"
        "                value, mu = run.x @ H @ run.x / 2 + c @ run.x, np.zeros(m)\n"
        "                mu[rows] = np.maximum(run.lam, 0)\n"
        "                best = (value, run.x, mu) if value < best[0] else best\n"
        "    if best[1] is None:\n        raise ValueError('infeasible')\n    return best[1:]",
        "solve_qp-multipliers", "a negative multiplier was cut off to 0",
    ),
    "equality is too much": (
        "solve_qp", SOLVE.replace("<= tol)", "< tol)").replace(">= -tol)", "> -tol)"),
        "solve_qp-awkward", "x = 0 violates the second one by exactly tol, not by more",
    ),
    "the identity for H": (
        "solve_qp", SOLVE.replace("solve_equality_qp(H,", "solve_equality_qp(np.eye(len(c)),"),
        "solve_qp-minimizer solve_qp-multipliers", "on the right wall, but not the lowest point "
        "of it",
    ),
    "25 in place of a @ a": (
        "project", PROJECT.replace("(a @ a)", "25"),
        "project-active", "By what is a @ p - b divided?",
    ),
    "one sum over a whole batch": (
        "project", "def project(p, a, b):\n    mu = np.maximum(np.sum(p * a) - b, 0) / (a @ a)\n"
        "    return p - mu * a, np.full(p.shape[:-1], mu)",
        "project-batches", "together in a batch, your mu is [0.0, 0.0]; for each alone [0.28, 0.0]",
    ),
    "multipliers above tol": (
        "solve_qp", SOLVE.replace(">= -tol", "> tol"),
        "solve_qp-awkward", "Is each multiplier compared with -tol, by itself?",
    ),
    "multipliers above zero": (
        "solve_qp", SOLVE.replace("(run.lam >= -tol)", "(run.lam > -1e-9)"),
        "solve_qp-awkward", "Is each multiplier compared with -tol, by itself?",
    ),
    "the sum of the violations": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol).all()",
                                  "np.sum(np.maximum(0, A @ run.x - b)) <= tol"),
        "solve_qp-awkward", "Is each constraint looked at by itself",
    ),
    "the norm of the violations": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol).all()",
                                  "np.linalg.norm(np.maximum(0, A @ run.x - b)) <= tol"),
        "solve_qp-awkward", "Is each constraint looked at by itself",
    ),
    "the sum of the negative multipliers": (
        "solve_qp", SOLVE.replace("(run.lam >= -tol).all()",
                                  "np.minimum(run.lam, 0).sum() >= -tol"),
        "solve_qp-awkward", "neither is below -tol = -0.1",
    ),
    "ten times tol for the multipliers": (
        "solve_qp", SOLVE.replace(">= -tol", ">= -10 * tol"),
        "solve_qp-multipliers", "below -tol = -0.1, and all other subsets",
    ),
    "the distance from the walls": (
        "solve_qp", SOLVE.replace("(A @ run.x - b <= tol)",
                                  "((A @ run.x - b) / np.linalg.norm(A, axis=1) <= tol)"),
        "solve_qp-awkward", "10 x <= 0 and 10 x >= 1.6",
    ),
    "violations relative to b": (
        "solve_qp", SOLVE.replace("<= tol)", "<= tol * np.maximum(1, np.abs(b)))"),
        "solve_qp-awkward", "x <= 100 and x >= 100.24",
    ),
    "another default of tol": (
        "solve_qp", SOLVE.replace("tol=1e-9", "tol=1e-5"),
        "solve_qp-awkward", "tol is 1e-9 if the caller gives none",
    ),
    "an error without words": (
        "solve_qp", SOLVE.replace('ValueError("infeasible")', "ValueError"),
        "solve_qp-awkward", "its message is empty",
    ),
    "an error of the solver's": (
        "solve_qp", SOLVE.replace('ValueError("infeasible")', 'np.linalg.LinAlgError("singular")'),
        "solve_qp-awkward", "this one comes from a solver",
    ),
    "no axes of length 1 in solve_qp": (
        "solve_qp", SOLVE.replace("return run.x, mu", "return np.squeeze(run.x), np.squeeze(mu)"),
        "solve_qp-minimizer solve_qp-multipliers", "With one unknown, x has shape ()",
    ),
    "no axes of length 1 in project": (
        "project", PROJECT.replace("return p - mu[..., None] * a, mu",
                                   "x = p - mu[..., None] * a\n    return (x, mu) if p.ndim == 1 "
                                   "else (x, np.squeeze(mu))"),
        "project-batches", "For p of shape (2, 1, 2), mu has shape (2,)",
    ),
    "points of one coordinate without axis": (
        "project", PROJECT.replace("return p - mu[..., None] * a, mu",
                                   "x = p - mu[..., None] * a\n    return (x[..., 0] if len(a) < 2 "
                                   "and p.ndim > 1 else x), mu"),
        "project-batches", "With one coordinate, for p of shape (1, 1), x has shape (1,)",
    ),
    "a vessel alone stays dry": (
        "fill", FILL.replace("    lo, hi", "    if len(alpha) == 1:\n        "
                             "return np.zeros(1), 1 / alpha[0]\n    lo, hi"),
        "fill-water fill-multiplier", "With one vessel, of floor 0.5, it is dry in your answer",
    ),
    "equal floors taken as one": (
        "fill", "def fill(alpha):\n    floors = np.unique(alpha)\n"
        "    levels = (1 + np.cumsum(floors)) / np.arange(1, len(floors) + 1)\n"
        "    level = levels[np.flatnonzero(levels > floors).max()]\n"
        "    return np.maximum(0, level - alpha), 1 / level",
        "fill-multiplier", "With floors [0.5, 0.2, 0.5, 1.9], 3 of 4 vessels are wet",
    ),
    "SciPy's minimize": (
        "project", "def project(p, a, b):\n    from scipy.optimize import minimize\n"
        "    return p, 0 * p[..., 0]",
        "project-active project-inactive project-batches", "project uses scipy.optimize",
    ),
    "multipliers relative to the largest": (
        "solve_qp", SOLVE.replace(">= -tol", ">= -tol * np.abs(run.lam).max(initial=1)"),
        "solve_qp-multipliers", "below -tol = -0.1, and all other subsets",
    ),
    "three active constraints at most": (
        "solve_qp", SOLVE.replace("range(len(b) + 1)", "range(min(len(b), 3) + 1)"),
        "solve_qp-minimizer solve_qp-multipliers", "four walls may be active",
    ),
    "a little more than tol": (
        "solve_qp", SOLVE.replace("<= tol)", "<= 1.15 * tol)"),
        "solve_qp-awkward", "each x violates one of them by 0.11 or more",
    ),
    "five vessels at most": (
        "fill", FILL.replace("    lo, hi", "    floors, alpha = alpha, np.sort(alpha)[:5]\n"
                             "    lo, hi").replace("level - alpha), 1", "level - floors), 1"),
        "fill-water", "wet in your answer",
    ),
    "a tolerance in project": (
        "project", PROJECT.replace("np.maximum(0, (p @ a - b) / (a @ a))",
                                   "np.where(p @ a > b + 1e-4, (p @ a - b) / (a @ a), 0)"),
        "project-active", "so it moves to the boundary",
    ),
    "a multiplier on the boundary": (
        "project", PROJECT.replace(
            "    return", "    mu = np.where(abs(p @ a - b) < 1e-9, 1.0, mu)\n    return"),
        "project-inactive", "lies on the boundary",
    ),
    "a smaller default of tol": (
        "solve_qp", SOLVE.replace("tol=1e-9", "tol=1e-10"),
        "solve_qp-awkward", "less than tol, which is 1e-9",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops and lists": {
        "project": "def project(p, a, b):\n    if np.ndim(p) > 1:\n"
        "        x, mu = zip(*[project(q, a, b) for q in p])\n        return [list(x), list(mu)]\n"
        "    over = sum(u * v for u, v in zip(a, p)) - b\n"
        "    mu = max(0.0, over / sum(u * u for u in a))\n"
        "    return [[u - mu * v for u, v in zip(p, a)], mu]",
        "fill": "def fill(alpha):\n    floors = sorted(alpha.tolist())\n"
        "    while (1 + sum(floors)) / len(floors) <= floors[-1]:\n        floors.pop()\n"
        "    level = (1 + sum(floors)) / len(floors)\n"
        "    return [[max(0, level - a) for a in alpha.tolist()], 1 / level]",
    },
    "bisection": {"fill": FILL},
    "a root of SciPy's": {
        "fill": "def fill(alpha):\n    from scipy.optimize import brentq\n"
        "    level = brentq(lambda t: np.maximum(0, t - alpha).sum() - 1, alpha.min(),\n"
        "                   alpha.max() + 1, xtol=1e-14)\n"
        "    return np.maximum(0, level - alpha), 1 / level",
    },
    "einsum": {
        "project": "def project(p, a, b):\n"
        "    mu = np.clip((np.einsum('...i,i', p, a) - b) / np.dot(a, a), 0, None)\n"
        "    return p - np.einsum('...,i->...i', mu, a), mu",
    },
    "the largest sets first, by the KKT matrix": {
        "solve_qp": "def solve_qp(H, c, A, b, tol=1e-9):\n    n, m = len(c), len(b)\n"
        "    for size in range(m, -1, -1):\n        for rows in combinations(range(m), size):\n"
        "            B = A[list(rows)]\n"
        "            K = np.block([[H, B.T], [B, np.zeros((size, size))]])\n"
        "            if np.linalg.matrix_rank(K) < n + size:\n                continue\n"
        "            z = np.linalg.solve(K, np.concatenate([-c, b[list(rows)]]))\n"
        "            if max(A @ z[:n] - b) <= tol and min([0, *z[n:]]) >= -tol:\n"
        "                mu = [0.0] * m\n                for row, lam in zip(rows, z[n:]):\n"
        "                    mu[row] = lam\n                return [list(z[:n]), mu]\n"
        "    raise ValueError('infeasible')",
    },
}  # fmt: skip
