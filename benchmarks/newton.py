"""How many evaluations do the methods of descent need? ``python benchmarks/newton.py``.

Thirty functions of Moré, Garbow and Hillstrom, from their standard starts, by our methods and by
SciPy's with the same derivatives:

- ``newton`` (damped, repaired) beside Newton-CG, the line-search method with Hessians of SciPy;
- ``trust_region`` beside trust-exact, both with the exact subproblem and the first radius 1;
- ``bfgs`` beside BFGS, and ``lbfgs`` beside L-BFGS-B, both with 10 pairs, and each with its own
  line search (ours asks for half the slope, SciPy's for nine tenths);
- ``levenberg_marquardt`` beside MINPACK's, by ``least_squares(method="lm")``;
- ``newton_root`` on those with as many equations as unknowns, beside MINPACK's hybr. That one
  updates its Jacobian by Broyden's formula, which is another method: it is shown without a limit.

All minimizers stop at the first iterate whose gradient has a norm up to 1e-6; for SciPy's a
callback sees to that, and their own tests are off. Least squares stop by MINPACK's tests for
``xtol`` and ``gtol``, 1e-8, and systems where the norm is up to 1e-8. An iteration is a change of
the iterate: rejected steps of trust regions are evaluations only.

Prints the evaluations of f (or of the residuals) for each function, ``-`` where a method failed,
and then the medians over all functions, where a failure counts as infinite. Exits with status 1 if
a median of ours is over 1.1 times that of SciPy, or if ours solve fewer functions.
"""

import os
import sys
from functools import partial
from pathlib import Path

if __name__ == "__main__" and hasattr(os, "sched_setaffinity"):  # before NumPy starts its threads
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np
from scipy.optimize import least_squares, minimize, root

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from more_garbow_hillstrom import PROBLEMS

from coursekit.descent import bfgs, lbfgs, levenberg_marquardt, newton, newton_root, trust_region

LIMIT = 1.1
GRADIENT, RELATIVE, SYSTEM = 1e-6, 1e-8, 1e-8
MOST = 5000
FAILED = {"iterations": np.inf, "values": np.inf, "slopes": np.inf}


def counts(solved, iterations, values, slopes):
    """Counts of one run; ``slopes`` are gradients or Jacobians."""
    return dict(zip(FAILED, (iterations, values, slopes), strict=True)) if solved else FAILED


def ours(method, problem, **options):
    functions = problem.f, problem.grad, problem.hess
    functions = functions[:2] if method in (bfgs, lbfgs) else functions
    run = method(*functions, problem.x0, tol=GRADIENT, maxiter=MOST, **options)
    return counts(run.success, run.nit, run.nfev, run.njev)


def scipys(method, problem, **options):
    def reached(x):
        return np.linalg.norm(problem.grad(x)) <= GRADIENT

    def stop(intermediate_result):
        if reached(intermediate_result.x):
            raise StopIteration

    hess = problem.hess if method in ("Newton-CG", "trust-exact") else None
    run = minimize(
        problem.f,
        problem.x0,
        method=method,
        jac=problem.grad,
        hess=hess,
        callback=stop,
        options={"maxiter": MOST, **options},
    )
    iterations = run.njev - 1 if method == "trust-exact" else run.nit
    return counts(reached(run.x), iterations, run.nfev, run.njev)


def our_fit(problem):
    run = levenberg_marquardt(problem.r, problem.J, problem.x0, tol=RELATIVE, maxiter=MOST)
    return counts(run.success, run.nit, run.nfev, run.njev)


def scipys_fit(problem):
    run = least_squares(
        problem.r,
        problem.x0,
        problem.J,
        method="lm",
        xtol=RELATIVE,
        gtol=RELATIVE,
        ftol=np.finfo(float).eps,
        max_nfev=MOST,
    )
    return counts(run.success, run.njev, run.nfev, run.njev)


def our_root(problem):
    run = newton_root(problem.r, problem.J, problem.x0, tol=SYSTEM, maxiter=MOST)
    return counts(run.success, run.nit, run.nfev, run.njev)


def scipys_root(problem):
    class Reached(Exception):
        pass

    jacobians, values = [], []

    def F(x):
        values.append(problem.r(x))
        if np.linalg.norm(values[-1]) <= SYSTEM:
            raise Reached
        return values[-1]

    def J(x):
        jacobians.append(problem.J(x))
        return jacobians[-1]

    try:
        root(F, problem.x0, jac=J, method="hybr", options={"xtol": 1e-14, "maxfev": MOST})
    except Reached:
        return counts(True, len(values) - 1, len(values), len(jacobians))
    return FAILED


PAIRS = {
    "newton": (
        partial(ours, newton, repair=True),
        partial(scipys, "Newton-CG", xtol=0),
        "Newton-CG",
    ),
    "trust_region": (
        partial(ours, trust_region),
        partial(scipys, "trust-exact", gtol=0, initial_trust_radius=1.0),
        "trust-exact",
    ),
    "bfgs": (partial(ours, bfgs), partial(scipys, "BFGS", gtol=0), "BFGS"),
    "lbfgs": (
        partial(ours, lbfgs),
        partial(scipys, "L-BFGS-B", gtol=0, ftol=0, maxfun=MOST, maxcor=10),
        "L-BFGS-B",
    ),
    "levenberg_marquardt": (our_fit, scipys_fit, "lm"),
    "newton_root": (our_root, scipys_root, "hybr"),
}


def compare(name):
    """Counts of both on each function, as two lists."""
    problems = PROBLEMS.values()
    if name == "newton_root":
        problems = [p for p in problems if p.r(p.x0).size == p.x0.size]
    with np.errstate(all="ignore"):
        return [[solve(problem) for problem in problems] for solve in PAIRS[name][:2]]


def medians(runs):
    """Median of each count, a failure being infinite, and the number of functions solved."""
    solved = sum(np.isfinite(run["values"]) for run in runs)
    return {key: float(np.median([run[key] for run in runs])) for key in FAILED}, solved


def main():
    import warnings

    warnings.simplefilter("ignore")  # SciPy's, about what the table shows
    results = {name: compare(name) for name in PAIRS}
    print("evaluations, ours and SciPy's\n")
    print(f"{'':<25}" + "".join(f"{PAIRS[name][2]:>13}" for name in PAIRS))
    seen = dict.fromkeys(PAIRS, 0)
    for title, problem in PROBLEMS.items():
        line = f"{title:<25}"
        for name, (first, second) in results.items():
            if name == "newton_root" and problem.r(problem.x0).size != problem.x0.size:
                continue
            pair = [runs[seen[name]]["values"] for runs in (first, second)]
            seen[name] += 1
            line += "".join(f"{v:.0f}".rjust(w) if v < np.inf else "-".rjust(w)
                            for v, w in zip(pair, (7, 6), strict=True))  # fmt: skip
        print(line)
    missed = []
    print(f"\n{'median':<33} {'iterations':>10} {'values':>8} {'gradients':>10} {'solved':>7}")
    for name, (first, second) in results.items():
        (mine, solved), (theirs, solved_there) = medians(first), medians(second)
        for label, row, number in ((name, mine, solved), (PAIRS[name][2], theirs, solved_there)):
            print(
                f"{label:<33} {row['iterations']:>10.1f} {row['values']:>8.1f} "
                f"{row['slopes']:>10.1f} {number:>7}"
            )
        if name != "newton_root":
            missed += [f"{name}: {key}" for key in mine if not mine[key] <= LIMIT * theirs[key]]
            missed += [f"{name}: solved"] if solved < solved_there else []
    print(f"limit: {LIMIT} times SciPy's medians; missed: {', '.join(missed) or 'none'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
