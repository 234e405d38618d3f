"""What `check_minimizer` accepts: a problem with its derivatives, or a plain function."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Protocol, runtime_checkable

import numpy as np

from coursekit.objectives import Objective


@runtime_checkable
class MinimizationProblem(Protocol):
    """A function to be minimized that knows its gradient, such as an Objective or a kkt.Problem.

    It may also have ``hess``; constraints ``eq`` and ``ineq``, each a sequence of pairs (function,
    gradient); ``window``, one pair (low, high) a coordinate, where the minimum lies inside; and
    ``minimizers``, all local ones, the lowest first.
    """

    n: int
    f: Callable
    grad: Callable


@dataclass(frozen=True)
class ProblemData:
    """What is known of a problem; None or empty where nothing is."""

    f: Callable
    n: int | None = None
    grad: Callable | None = None
    hess: Callable | None = None
    eq: tuple = ()
    ineq: tuple = ()
    window: tuple = ()
    minimizers: tuple = ()
    default_window: tuple = ()  # in place of ``window``, if nobody chose one

    @property
    def constrained(self):
        """Whether there are constraints."""
        return bool(self.eq or self.ineq)


def problem_data(problem):
    """Return what is known of a `MinimizationProblem` or a function.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if _is_problem(problem):
        rest = {key: getattr(problem, key, None) for key in ("hess", *_SEQUENCES)}
        rest |= {key: () if rest[key] is None else tuple(rest[key]) for key in _SEQUENCES}
        default = Objective(problem.f, problem.grad, n=problem.n).window
        if np.array_equal(rest["window"], default):
            rest |= {"window": (), "default_window": default}
        return ProblemData(problem.f, int(problem.n), problem.grad, **rest)
    if callable(problem):  # whatever other attributes it has
        return ProblemData(problem)
    raise ValueError(
        "problem must be a function, or an object with n, f and grad such as an Objective or a "
        f"Problem; got {type(problem).__name__}"
    )


_SEQUENCES = ("eq", "ineq", "window", "minimizers")


def _is_problem(problem):
    return (
        isinstance(problem, MinimizationProblem)
        and isinstance(problem.n, Integral)
        and callable(problem.f)
        and callable(problem.grad)
    )
