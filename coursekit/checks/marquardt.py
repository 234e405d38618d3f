"""Check runs of Levenberg and Marquardt's method, trial by trial along the student's own path."""

from itertools import pairwise

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.runs import path_of, run_of, short
from coursekit.checks.wording import plural

__all__ = ["check_marquardt_runs"]

ROUNDING = 1e-11  # of a sum of squares: two that differ by less are as good as equal
TESTED = "Is it this length that is compared with tol?"


def check_marquardt_runs(func, problems):
    r"""Check that ``func`` minimizes a sum of squares by Marquardt's method.

    Parameters
    ----------
    func : callable
        ``func(x0, residual, jacobian, mu=, tol=, maxiter=)`` returns the pair ``path, mus``: where
        x stands at the start and after each trial, (k + 1, n), and the mu of each trial. A trial
        goes to :math:`x + \delta` with
        :math:`(J^{\mathsf T} J + \mu D)\, \delta = -J^{\mathsf T} r`, where D is the diagonal of
        :math:`J^{\mathsf T} J`, if that makes :math:`\|r\|^2` smaller, and then divides mu by 10;
        otherwise x stays and mu is multiplied by 10. It stops as soon as
        :math:`\|J^{\mathsf T} r\|_2 \le` ``tol``, or after ``maxiter`` trials.
    problems : list of tuple
        ``(name, (residual, jacobian), x0, mu, tol, maxiter)`` of each run.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says in which run and trial what is wrong first: kind, shape, start, number of points, the
        first mu; goes on or stops too early; accepted or rejected wrongly; another delta, and which
        equation it solves, if that is known; another change of mu.

    Examples
    --------
    >>> import numpy as np
    >>> line = (lambda x: x - 3.0, lambda x: np.eye(1))
    >>> def lazy(x0, residual, jacobian, mu=0.01, tol=1e-6, maxiter=100):
    ...     return [x0], []
    >>> check_marquardt_runs(lazy, [("a line", line, [3.0], 0.01, 1e-6, 9)])
    True
    """
    for problem in problems:
        _follow(func, *problem)
    return True


def _follow(func, name, functions, x0, mu, tol, maxiter):
    """Follow one run."""
    residual, jacobian = functions
    (path, mus), maxiter = run_of(func, "path, mus", x0, functions, maxiter, mu=mu, tol=tol)
    run = f"On {name} from {list(x0)} with mu={mu:g}, tol={tol:g}, maxiter={maxiter}"
    path = path_of(run, path, mus, "mus", "trials", x0, maxiter)
    if len(mus) and not np.isclose(mus[0], mu):
        raise CheckFailed(
            f"{run}: the first trial is made with mu = {mus[0]:.4g}, not with the mu that is given."
        )
    for k, (x, y) in enumerate(pairwise(path)):
        r, J = residual(x), jacobian(x)
        slope, delta = np.linalg.norm(J.T @ r), _trial(r, J, mus[k])
        if slope <= tol:
            raise CheckFailed(
                f"{run}: before trial {k} the length of J^T r is {slope:.4g}, at most tol, but "
                f"{plural(len(mus) - k, 'more trial is', 'more trials are')} made. {TESTED}"
            )
        new = residual(x + delta)
        better = new @ new < r @ r
        if 0 < abs(new @ new - r @ r) < ROUNDING * (r @ r):  # either will do
            better = not np.array_equal(x, y)
        where = f"{run}: trial {k}, at {short(x)} with mu = {mus[k]:.4g}"
        sums = f"S is {r @ r:.7g} before it and {new @ new:.7g} after it"
        if not _equal(y, x + delta if better else x, delta):
            if np.array_equal(x, y):
                raise CheckFailed(
                    f"{where}: the trial should be accepted, for {sums}, with delta = "
                    f"{short(delta)}. Is your delta another one, or is it the comparison?"
                )
            if _equal(y, x + delta, delta):
                raise CheckFailed(f"{where}: the trial should be rejected, for {sums}.")
            raise CheckFailed(
                f"{where}: x moves to {short(y)}, which is neither x nor x + delta, for the rule "
                f"gives delta = {short(delta)}.{_other_delta(y, functions, path, k, mus[k])}"
            )
        factor = mus[k + 1] / mus[k] if k + 1 < len(mus) else (0.1 if better else 10)
        if not np.isclose(factor, 0.1 if better else 10):
            raise CheckFailed(
                f"{where}: {sums}, so it is {'accepted' if better else 'rejected'}. Then the next "
                "mu should be a tenth of this one after a success, ten times this one after a "
                f"failure; it is {factor:.4g} times this one."
            )
    slope, left = np.linalg.norm(jacobian(path[-1]).T @ residual(path[-1])), maxiter - len(mus)
    if slope > tol and left:
        more = plural(left, "more trial is", "more trials are")
        raise CheckFailed(
            f"{run}: it stops after {plural(len(mus), 'trial')}, where the length of J^T r is "
            f"{slope:.4g}, which is more than tol, and {more} allowed. {TESTED}"
        )


def _trial(r, J, mu, D=None):
    """Return the delta of a trial, for the scaling that is asked for or another one."""
    normal = J.T @ J
    A = normal + mu * (np.diag(normal.diagonal()) if D is None else D)
    try:
        return -np.linalg.solve(A, J.T @ r)
    except np.linalg.LinAlgError:
        return -np.linalg.lstsq(A, J.T @ r, rcond=None)[0]


def _other_delta(y, functions, path, k, mu):
    """Say which other equation the delta of a trial solves, if that is known."""
    residual, jacobian = functions
    x = path[k]
    r, J, eye = residual(x), jacobian(x), np.eye(len(x))
    normal, right = J.T @ J, _trial(r, J, mu)
    diagonal = normal.diagonal()
    others = [
        ("D were the identity", _trial(r, J, mu, eye)),
        ("mu were 0", _trial(r, J, 0.0)),
        ("D were all of J^T J", _trial(r, J, mu, normal)),
        ("J^T J stood for its diagonal only", -J.T @ r / (diagonal * (1 + mu))),
        ("the right-hand side had the opposite sign", -right),
        ("the right-hand side were 2 J^T r, without a 2 on the left-hand side", 2 * right),
        ("D held the square roots of the diagonal", _trial(r, J, mu, np.diag(diagonal**0.5))),
        ("D were its largest number times the identity", _trial(r, J, mu, diagonal.max() * eye)),
        ("mu were added to every entry", _trial(r, J, mu, np.ones_like(normal))),
        ("a gradient step were made, with 1/mu as its size", -J.T @ r / mu),
        ("mu had been divided by 10 before", _trial(r, J, mu / 10)),
        ("mu had been multiplied by 10 before", _trial(r, J, 10 * mu)),
    ]
    for e in range(2, 18):
        inside = f"mu had been multiplied by 10 inside of one trial, {e} times"
        others.append((inside, _trial(r, J, 10.0**e * mu)))
    for j in range(k):
        if not np.array_equal(path[j], x):
            R, K = residual(path[j]), jacobian(path[j])
            for what, pair in [("r and J", (R, K)), ("r", (R, J)), ("J", (r, K))]:
                others.append((f"{what} belonged to point {j} of the path", _trial(*pair, mu)))
    fits = [what for what, delta in others if _equal(y, x + delta, delta)]
    return f" It is as if {fits[0]}." if fits else ""


def _equal(y, wanted, delta):
    return np.allclose(y, wanted, rtol=1e-7, atol=1e-7 * np.linalg.norm(delta))
