"""Runs of a student's loop: what it returns, and whether path and log fit together."""

from functools import wraps

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.arrays import check_array
from coursekit.checks.failure import CheckFailed
from coursekit.checks.wording import plural

CALLS = 20000  # of a function that is given: more, and a loop never ends
FEWER = (10, 3, 1)  # updates that are looked at when a longer run ends in an error


def run_of(func, returns, x0, functions, maxiter, **options):
    """Return what a run returns, and its maxiter.

    That is a smaller one if a long run ends in an error or in nan, after something went wrong.
    """
    limits = [maxiter, *(fewer for fewer in FEWER if fewer < maxiter)]
    for limit in limits:
        given = [_counted(function) for function in functions]
        try:
            run = watched(func, returns)(np.array(x0), *given, **options, maxiter=limit)
        except np.linalg.LinAlgError:
            if limit == limits[-1]:
                raise
            continue
        if np.isfinite(run[0]).all():
            break
    return run, limit


def path_of(run, path, log, name, events, x0, maxiter):
    """Return the path as an array, or say what is wrong with it or with the log ``name``.

    ``events`` are what the log has a number for: "updates" or "trials".
    """
    n = len(x0)
    if (np.ndim(path), np.ndim(log)) == (1, 2):
        raise CheckFailed(f"{run}: the two results stand in another order: path, then {name}.")
    if not np.size(path):
        raise CheckFailed(
            f"{run}: path is empty. It begins with x0, even where no {events[:-1]} is made."
        )
    if np.ndim(path) != 2:
        raise CheckFailed(
            f"{run}: path should hold all points, so its shape is ({events} + 1, {n}), not "
            f"{np.shape(path)}."
        )
    check_array(path, (len(path), n), f"{run}: path")
    if np.ndim(log) != 1:
        raise CheckFailed(
            f"{run}: {name} should hold one number for each of the {events}; its shape is "
            f"{np.shape(log)}."
        )
    check_array(log, (len(log),), f"{run}: {name}")
    path = np.asarray(path, dtype=float)
    if not np.array_equal(path[0], x0):
        if len(path) > 2 and not np.ptp(path, axis=0).any():
            raise CheckFailed(
                f"{run}: all {len(path)} points of path are the same. Was one array appended again "
                "and again, and changed afterwards?"
            )
        missing = "; the start is missing" if len(path) == len(log) else ""
        raise CheckFailed(f"{run}: path begins at {short(path[0])}, not at x0{missing}.")
    if len(path) != len(log) + 1:
        repeated = " A rejected trial repeats the point." if events == "trials" else ""
        raise CheckFailed(
            f"{run}: path has {plural(len(path), 'entry', 'entries')} and {name} {len(log)}; there "
            f"should be one point more than {events}.{repeated}"
        )
    if len(log) > maxiter:
        made = plural(len(log), f"{events[:-1]} is", f"{events} are")
        raise CheckFailed(f"{run}: {made} more than maxiter allows.")
    return path


def short(x):
    """Return a point with few digits, for a message."""
    return np.round(x, 6).tolist()


def _counted(func):
    """Return ``func``, which fails when it is called too often."""
    left = iter(range(CALLS))

    @wraps(func)
    def counted(x):
        if next(left, None) is None:
            raise CheckFailed(
                f"A function that was given was called {CALLS} times: does a loop never end?"
            )
        return func(x)

    return counted
