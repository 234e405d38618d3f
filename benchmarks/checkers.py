"""Checks of derivatives side by side: ``python benchmarks/checkers.py``.

Gives the right derivatives of the functions in `checks` and those with planted mistakes (only such
as are seen at single points) to the check of the course and to what else is at hand, with the
tolerances of each. The others look at one point, drawn from the unit box like the lecture's. Prints
how many right ones each refuses and how many wrong ones it accepts. Exits with status 1 if the
course's check gives a false alarm, accepts more than 1 %, or accepts more than another one.
"""

import importlib
import sys
from time import process_time

import numpy as np
from checks import corpus, differs, mutations
from scipy.optimize._numdiff import approx_derivative

from coursekit.checks import check_numerical_jacobian

ACCEPTED = 0.01
SEEDS = 5  # points for each right derivative


def close(numeric, claimed):
    """The lecture's tolerances."""
    return np.allclose(numeric, claimed, atol=1e-6, rtol=1e-4)


def lecture(f, jac, x):
    h = 1e-10
    forward = (f(x + h * np.eye(x.size)) - f(x)) / h
    return close(np.moveaxis(forward, 0, -1), jac(x))


def with_scipy(f, jac, x):  # as scipy.optimize.check_grad does, for more than one output too
    return close(approx_derivative(f, x, method="2-point"), jac(x))


def with_numdifftools(f, jac, x):
    from numdifftools import Jacobian

    return close(Jacobian(f)(x).reshape(np.shape(f(x)) + x.shape), jac(x))


def with_jax(f, jac, x):
    import jax
    from jax.test_util import check_vjp

    def pulled_back(x):
        return np.asarray(f(x)), lambda up: (np.tensordot(up, jac(x), np.ndim(up)),)

    jax.config.update("jax_enable_x64", True)
    np.random.seed(0)  # noqa: NPY002 JAX draws its directions from it
    check_vjp(f, pulled_back, (x,))
    return True


CHECKERS = {  # name: check, package
    "lecture, h = 1e-10": (lecture, "numpy"),
    "SciPy": (with_scipy, "scipy"),
    "numdifftools": (with_numdifftools, "numdifftools"),
    "JAX check_vjp": (with_jax, "jax"),
}


def passes(checker, *args, **kwargs):
    """Whether a check accepts; what raises is refused."""
    with np.errstate(all="ignore"):
        try:
            return bool(checker(*args, **kwargs))
        except Exception:
            return False


def shares(right, wrong, accepts):
    """False alarms and accepted mistakes, as shares, and seconds."""
    start = process_time()
    alarms = np.mean([not accepts(case, case.jac, seed) for case in right for seed in range(SEEDS)])
    accepted = np.mean([accepts(case, jac, 0) for case, jac in wrong])
    return alarms, accepted, process_time() - start


def main():
    right = list(corpus())
    wrong = [
        (case, jac)
        for case in right
        for _, jac in mutations(case)
        if differs(case, jac, shapes=((40, 1),))
    ]
    print(f"{len(right)} right derivatives at {SEEDS} points, {len(wrong)} wrong ones")
    print(f"{'check':<20} {'false alarms':>12} {'accepted':>9} {'seconds':>8}")

    def ours(case, jac, seed):
        return passes(check_numerical_jacobian, case.f, jac, case.n, seed=seed)

    rows = {"coursekit": shares(right, wrong, ours)}
    for name, (checker, package) in CHECKERS.items():
        try:
            importlib.import_module(package)
        except ImportError:
            rows[name] = None
            continue

        def theirs(case, jac, seed, checker=checker):
            return passes(checker, case.f, jac, np.random.default_rng(seed).random(case.n))

        rows[name] = shares(right, wrong, theirs)
    for name, row in rows.items():
        if row is None:
            print(f"{name:<20} {'not installed':>12}")
        else:
            print(f"{name:<20} {row[0]:12.1%} {row[1]:9.1%} {row[2]:8.1f}")
    alarms, accepted, _ = rows["coursekit"]
    least = min(row[1] for row in rows.values() if row)
    print(f"coursekit: limit of false alarms 0, of accepted ones {ACCEPTED:.0%} and the others")
    return int(alarms > 0 or accepted > min(ACCEPTED, least))


if __name__ == "__main__":
    sys.exit(main())
