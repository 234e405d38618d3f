"""What the methods of this part share: one loop, calls that are counted, and step-size rules.

``iterate`` repeats a step until a method's own judgement says that it is done. A step that can't
be made raises `Stop`; status and message of the result come from there.
"""

import math
from copy import copy

import numpy as np

from coursekit._arguments import count, number, point, real_array, real_number, symmetric
from coursekit.statuses import (
    CONVERGED,
    MAXITER,
    NO_PROGRESS,
    NON_FINITE,
    NOT_POSITIVE_DEFINITE,
    SINGULAR,
)

__all__ = [
    "Stop", "better_by_gradient", "counted", "evaluate", "hessian", "iterate", "minimize",
    "short", "step_rule",
]  # fmt: skip

_HEADLINES = {
    CONVERGED: "Converged",
    NO_PROGRESS: "No progress",
    NON_FINITE: "Not finite",
    NOT_POSITIVE_DEFINITE: "Not positive definite",
    SINGULAR: "Singular",
}


class Stop(Exception):
    """Raised where a step can't be made: a status, and a sentence with the reason and a remedy."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def short(x):
    """Return an array as text of a few digits."""
    return np.array2string(x, precision=3, threshold=8, max_line_width=200)


def step_rule(step_size):
    """Return ``step_size``, a number or a rule, as a rule that returns a checked float."""
    if not callable(step_size):
        size = number("step_size", step_size, above=0)
        return lambda k, *state: size

    def rule(k, *state):
        return number(f"step_size at iteration {k}", step_size(k, *state), at_least=0)

    return rule


def counted(function):
    """Return ``function`` with the number of its ``calls``, each point since `forget` once.

    What a line search computed at the point that it chose is not computed again.
    """
    known = {}

    def call(x):
        key = x.tobytes()
        if key not in known:
            call.calls += 1
            x.flags.writeable = False  # what works in place must not rewrite the path
            known[key] = copy(function(x))  # what reuses its array must not rewrite it
        return known[key]

    call.calls, call.forget = 0, known.clear
    return call


def evaluate(f, grad, x):
    """Return value, gradient, its norm, and in words what is not finite ("" if all is)."""
    x.flags.writeable = False  # an f or grad that works in place must not rewrite the path
    if not np.isfinite(x).all():
        return math.nan, x, math.nan, f"x = {short(x)}"
    fx = real_number("f(x)", f(x))
    g = real_array("grad(x)", grad(x), x.shape, finite=False).astype(x.dtype)
    norm = math.hypot(*g.tolist())  # scaled inside: no overflow or underflow on the way
    not_finite = ""
    if not math.isfinite(fx):
        not_finite = f"f(x) = {fx} at x = {short(x)}"
    elif not math.isfinite(norm):
        not_finite = f"grad(x) = {short(g)} at x = {short(x)}"
    return fx, g, norm, not_finite


def hessian(hess, x):
    """Return the Hessian at ``x``, symmetric and of the type of ``x``, or stop the run."""
    H = real_array("hess(x)", hess(x), finite=False)
    if not np.isfinite(H).all():
        raise Stop(NON_FINITE, f"hess(x) is not finite at x = {short(x)}.")
    return symmetric("hess(x)", H, x.size).astype(x.dtype, copy=False)


def better_by_gradient(f, grad, fx, g, trial):
    """Say whether ``trial`` is better than a point with value ``fx`` and gradient ``g``.

    Close to a minimum the decrease of f drowns in its rounding error. There, where half of the
    digits of both values agree, the gradient decides: it must shrink to a half.
    """
    same = abs(f(trial) - fx) <= math.sqrt(np.finfo(g.dtype).eps) * abs(fx)
    return bool(same and np.linalg.norm(grad(trial)) <= np.linalg.norm(g) / 2)


def iterate(x0, evaluate, judge, step, maxiter):
    """Repeat ``step`` from ``x0`` on; return path, values, last state, status and message.

    ``evaluate(x)`` returns the state, a tuple that starts with the value for ``path_fun``, and in
    words what is not finite there. ``judge(*state)`` returns whether the run is done, and what it
    looked at. ``step(k, x, *state)`` returns the next point.
    """
    x, maxiter = point("x0", x0).copy(), count("maxiter", maxiter)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        state, not_finite = evaluate(x)
        if not_finite:
            raise ValueError(f"x0 must be a point where all values are finite; got {not_finite}.")
        path, values = [x], [state[0]]
        while True:
            k = len(path) - 1
            done, seen = judge(*state)
            if done:
                status, message = CONVERGED, f"Converged after {k} updates: {seen}."
                break
            if k == maxiter:
                status = MAXITER
                message = f"Stopped at maxiter = {k} updates: {seen}. Raise maxiter or tol."
                break
            try:
                trial = step(k, x, *state)
                if (trial == x).all():
                    raise Stop(NO_PROGRESS, "the step is below the rounding of x. Raise tol.")
                state, not_finite = evaluate(trial)
                if not_finite:
                    raise Stop(
                        NON_FINITE,
                        f"the step led to {not_finite}. Start elsewhere, or take shorter steps.",
                    )
            except Stop as stop:
                status = stop.status
                message = f"{_HEADLINES[status]} at iteration {k + 1}, {seen}: {stop}"
                break
            x = trial
            path.append(x)
            values.append(state[0])
    return np.array(path), np.array(values), status, message


def minimize(f, grad, x0, step, *, tol, maxiter, rule=None):
    """Repeat ``x = step(k, x, fx, g)`` until the gradient has at most the norm ``tol``.

    ``f`` and ``grad`` are `counted`; ``rule`` may have a counter ``nfev`` of its own. Returns the
    OptimizeResult of the run.
    """
    from scipy.optimize import OptimizeResult

    tol, before = number("tol", tol, at_least=0), getattr(rule, "nfev", 0)
    reached = None

    def state(x):
        nonlocal reached
        fx, g, norm, not_finite = evaluate(f, grad, x)
        f.forget()
        grad.forget()
        if not not_finite:
            reached = g
        return (fx, g, norm), not_finite

    def judge(fx, g, norm):
        done = norm <= tol
        return done, f"||grad|| = {norm:.3g} {'<=' if done else '>'} tol = {tol:.3g}"

    path, values, status, message = iterate(
        x0, state, judge, lambda k, x, fx, g, norm: step(k, x, fx, g), maxiter
    )
    return OptimizeResult(
        x=path[-1].copy(),
        fun=float(values[-1]),
        jac=reached,
        nit=len(path) - 1,
        nfev=f.calls + getattr(rule, "nfev", 0) - before,
        njev=grad.calls,
        success=status == CONVERGED,
        status=status,
        message=message,
        path=path,
        path_fun=values,
    )
