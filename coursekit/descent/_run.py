"""What the iterations of this part share: counted calls, one loop, one kind of result.

A method is a function ``step(k, x, fx, g)`` that returns the next point or raises `Stop`;
``minimize`` calls it until the gradient is small. Functions are `counted`: what a line search
computed at the point that it chose is remembered and not computed again.
"""

import math

import numpy as np

from coursekit._arguments import count, number, point, real_array, real_number
from coursekit.statuses import CONVERGED, MAXITER, NO_PROGRESS, NON_FINITE

__all__ = [
    "Stop",
    "counted",
    "evaluate",
    "finite_matrix",
    "minimize",
    "quiet",
    "rounding",
    "short",
    "step_rule",
]


class Stop(Exception):  # noqa: N818
    """Raised by a step that can't be made; ``status`` says why, the text says what and what to do."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def quiet():
    """Return a context without NumPy's warnings: what they announce ends a run with a status."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore")


def short(x):
    """Return the point as text of a few digits."""
    return np.array2string(x, precision=3, threshold=8)


def rounding(fx):
    """Return the size of the differences between values near ``fx`` that mean nothing."""
    return 8 * np.finfo(float).eps * abs(fx)


def step_rule(step_size):
    """Return ``step_size``, a number or a rule, as a rule that returns a checked float."""
    if not callable(step_size):
        size = number("step_size", step_size, above=0)
        return lambda k, *_: size

    def rule(k, *state):
        return number(f"step_size at iteration {k}", step_size(k, *state), at_least=0)

    return rule


def counted(function):
    """Return ``function`` with the number of its ``calls``, each point of an iteration once."""
    known = {}

    def call(x):
        key = x.tobytes()
        if key not in known:
            call.calls += 1
            x.flags.writeable = False  # what works in place must not rewrite the path
            known[key] = function(x)
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


def finite_matrix(name, value, x):
    """Return the square matrix at the point ``x``; what is not finite stops the run."""
    n = x.size
    value = real_array(name, value, (n, n), finite=False)
    if not np.isfinite(value).all():
        raise Stop(NON_FINITE, f"{name} is not finite at x = {short(x)}")
    return value


def minimize(step, f, grad, x0, *, tol, maxiter):
    """Repeat ``x = step(k, x, fx, g)`` until the norm of the gradient is at most ``tol``.

    ``f`` and ``grad`` are `counted`. Returns an OptimizeResult with ``nfev`` and ``njev``.
    """
    from scipy.optimize import OptimizeResult

    x = point("x0", x0).copy()
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    with quiet():
        fx, g, norm, not_finite = evaluate(f, grad, x)
        if not_finite:
            raise ValueError(f"x0 must be a point where f and grad are finite; got {not_finite}.")
        path, values = [x], [fx]
        while True:
            k, at = len(path) - 1, f"||grad|| = {norm:.3g}"
            if norm <= tol:
                status = CONVERGED
                message = f"Converged after {k} updates: {at} <= tol = {tol:.3g}."
                break
            if k == maxiter:
                status = MAXITER
                message = (
                    f"Stopped at maxiter = {k} updates: {at} > tol = {tol:.3g}; raise maxiter, "
                    "or start elsewhere."
                )
                break
            try:
                trial = step(k, x, fx, g)
                if (trial == x).all():
                    raise Stop(NO_PROGRESS, "the step is below the rounding of x")
                *evaluated, not_finite = evaluate(f, grad, trial)
                if not_finite:
                    raise Stop(NON_FINITE, f"the step led to {not_finite}")
            except Stop as stop:
                status = stop.status
                message = _stopped(status, k, str(stop), at, tol)
                break
            x, (fx, g, norm) = trial, evaluated
            path.append(x)
            values.append(fx)
            f.forget()
            grad.forget()
    return OptimizeResult(
        x=x.copy(),
        fun=fx,
        jac=g,
        nit=k,
        nfev=f.calls,
        njev=grad.calls,
        success=status == CONVERGED,
        status=status,
        message=message,
        path=np.array(path),
        path_fun=np.array(values),
    )


def _stopped(status, k, reason, at, tol):
    if status == NO_PROGRESS:
        return (
            f"No progress at iteration {k + 1}: {reason}; if {at} is small enough for you, "
            f"raise tol = {tol:.3g}."
        )
    if status == NON_FINITE:
        return f"Not finite at iteration {k + 1}: {reason}."
    return f"Stopped at iteration {k + 1}, {at}: {reason}"
