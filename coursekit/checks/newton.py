"""Check runs of Newton's method with backtracking, update by update along the student's own path.

At each of its points the check asks what the next one should be, so that an early mistake is not
blamed on what follows.
"""

from itertools import pairwise

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.runs import path_of, run_of, short
from coursekit.checks.wording import plural

__all__ = ["check_newton_runs"]

HALVINGS = 34  # of t, before it falls below 1e-10


def check_newton_runs(func, step, problems):
    r"""Check that ``func`` minimizes by damped Newton steps.

    Parameters
    ----------
    func : callable
        ``func(x0, f, grad, hess, tol=, maxiter=)`` returns the pair ``path, steps``: the points,
        (k + 1, n), and the k numbers t of :math:`x_{k+1} = x_k + t\, d`. t is the first of 1, 1/2,
        1/4, ... down to 1e-10 with :math:`f(x + t d) \le f(x) + t\, g^{\mathsf T} d / 4`. It stops
        at the first point with :math:`\|g\|_2 \le` ``tol``, after ``maxiter`` updates, or where no
        such t helps. Where ``f`` is not finite, no t is accepted.
    step : callable
        ``step(g, H)`` returns d, (n,).
    problems : list of tuple
        ``(name, (f, grad, hess), x0, tol, maxiter)`` of each run.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says in which run and update what is wrong first: kind, shape, start, number of points;
        goes on or stops too early; no multiple of d, backwards, no power of 1/2, too long, too
        short; and which other rule explains every t of all runs, if one does.

    Examples
    --------
    >>> import numpy as np
    >>> def one_step(x0, f, grad, hess, tol=1e-8, maxiter=50):
    ...     return [x0, x0 - np.linalg.solve(hess(x0), grad(x0))], [1.0]
    >>> def step(g, H):
    ...     return -np.linalg.solve(H, g)
    >>> bowl = (lambda x: x @ x / 2, lambda x: x, lambda x: np.eye(2))
    >>> check_newton_runs(one_step, step, [("a bowl", bowl, [3.0, -4.0], 1e-8, 9)])
    True
    """
    explained, wrong = {}, ""
    for problem in problems:
        said = _follow(func, step, *problem, explained)
        wrong = wrong or said
    if wrong:
        names = {name for (_, name), fits in explained.items() if fits}
        if len(names) == 1:
            wrong += f" All your steps are as if {names.pop()}."
        raise CheckFailed(wrong)
    return True


def _follow(func, step, name, functions, x0, tol, maxiter, explained):
    """Follow one run; return what is wrong with a t, and note which rules explain all of them."""
    f, grad, hess = functions
    (path, steps), maxiter = run_of(func, "path, steps", x0, functions, maxiter, tol=tol)
    run = f"On {name} from {list(x0)} with tol={tol:g}, maxiter={maxiter}"
    path = path_of(run, path, steps, "steps", "updates", x0, maxiter)
    wrong = ""
    for k, (x, y) in enumerate(pairwise(path)):
        g, H = grad(x), hess(x)
        if np.linalg.norm(g) <= tol:
            raise CheckFailed(
                f"{run}: at point {k} of the path the gradient has the length "
                f"{np.linalg.norm(g):.4g}, at most tol, but "
                f"{plural(len(steps) - k, 'more update is', 'more updates are')} made."
            )
        if not np.any(y != x):
            raise CheckFailed(f"{run}: points {k} and {k + 1} of the path are the same.")
        d, move = np.asarray(step(g, H)), y - x
        t = move @ d / (d @ d)
        if np.linalg.norm(move) < 1e-6 * np.linalg.norm(d):  # lost in the rounding of x
            t = steps[k]
        elif not _along(move, d):
            raise CheckFailed(
                f"{run}: update {k}, from {short(x)} to {short(y)}, is no multiple of "
                f"{step.__name__}(g, H) = {short(d)}.{_direction(move, step, functions, path, k)}"
            )
        if t <= 0:
            raise CheckFailed(f"{run}: update {k} goes backwards, by {t:.4g} times d.")
        right, is_logged = _note(f, path[0], x, g, d, t, explained), _close(steps[k], t)
        if not wrong and not _close(t, right):
            wrong = f"{run}: update {k} from {short(x)} takes t = {t:.6g}; "
            wrong += _why_not(f, x, g @ d, d, t, right)
            if not is_logged:
                wrong += f" (But steps[{k}] is {steps[k]:.6g}: is x moved by this t?)"
        elif not wrong and not is_logged:
            raise CheckFailed(
                f"{run}: update {k} is {t:.6g} times d, but steps[{k}] is {steps[k]:.6g}."
            )
    x, left = path[-1], maxiter - len(steps)
    g = grad(x)
    if np.linalg.norm(g) > tol and left:
        d = np.asarray(step(g, hess(x)))
        t = _note(f, path[0], x, g, d, 0.0, explained)
        if t and not wrong:
            more = plural(left, "more update is", "more updates are")
            wrong = (
                f"{run}: it stops after {plural(len(steps), 'update')}, where the gradient has the "
                f"length {np.linalg.norm(g):.4g}, which is more than tol, and {more} allowed. "
                f"There d is {short(d)} and t = {t:.6g} would do: f falls from {f(x):.9g} to "
                f"{f(x + t * d):.9g}, and the rule asks for at most {f(x) + t / 4 * (g @ d):.9g}."
            )
    return wrong


def _note(f, x0, x, g, d, t, explained):
    """Return the t that the rule takes at a point; note which rules like it would take ``t``."""
    value, slope, norm = f(x), g @ d, np.linalg.norm
    sizes = 0.5 ** np.arange(HALVINGS)
    values = [f(x + s * d) for s in sizes]

    def first(bound):
        pairs = zip(sizes, values, strict=True)
        return next((s for s, v in pairs if -np.inf < v <= value + bound(s)), 0.0)

    less = "the slope counted for less than 1/4, or not at all"
    full = "the slope counted in full, or for 1/2, not for 1/4"
    length = "a length stood in place of the slope"
    right = first(lambda s: s / 4 * slope)
    others = [
        (less, first(lambda s: -1e-15 * abs(value))),
        (less, first(lambda s: s / 10 * slope)),
        (less, first(lambda s: s / 10000 * slope)),
        ("t were missing before the slope", first(lambda s: slope / 4)),
        (full, first(lambda s: s * slope)),
        (full, first(lambda s: s / 2 * slope)),
        (length, first(lambda s: -s / 4 * (g @ g))),
        (length, first(lambda s: -s / 4 * (d @ d))),
        (length, first(lambda s: -s / 4 * norm(g))),
        (length, first(lambda s: -s / 4 * norm(d))),
        ("the slope had the wrong sign", first(lambda s: -s / 4 * slope)),
        ("t were divided by 2 once too often", right / 2),
        ("t were always 1", 1.0),
        ("f(x0) stood in place of f(x)", first(lambda s: f(x0) - value + s / 4 * slope)),
    ]
    for k, (name, size) in enumerate(others):
        explained[k, name] = explained.get((k, name), True) and _close(t, size)
    return right


def _why_not(f, x, slope, d, t, right):
    """Say why a t is not the first that the rule accepts."""
    value, bound = f(x + t * d), f(x) + t / 4 * slope
    if t > 1.000001:
        return "t should be at most 1."
    if not np.isclose(np.log2(t), np.round(np.log2(t)), atol=1e-6):
        return "t should be 1, 1/2, 1/4 and so on."
    if not np.isfinite(value):
        return f"but there f is {value}."
    if t < 1e-10 and not right:
        return "but a t below 1e-10 is given up: it should stop, without an update."
    if value > bound:
        return f"but f is {value:.9g} there, and the rule asks for at most {bound:.9g}."
    return (
        f"but t = {2 * t:.6g} would do: f is {f(x + 2 * t * d):.9g} there, and the rule asks for "
        f"at most {f(x) + t / 2 * slope:.9g}."
    )


def _direction(move, step, functions, path, k):
    """Say whose direction an update has that is no multiple of the step at its point."""
    _, grad, hess = functions
    g, H = grad(path[k]), hess(path[k])
    others = {"minus the gradient": -g}
    if np.linalg.cond(H) < 1e12:
        others["the step without a shift, or with another `least`"] = -np.linalg.solve(H, g)
    if k:
        others["the step of the point before"] = step(grad(path[k - 1]), hess(path[k - 1]))
    fits = [what for what, e in others.items() if len(g) > 1 and _along(move, np.asarray(e))]
    return f" It has the direction of {fits[0]}." if fits else ""


def _along(move, d):
    """Whether a move is a multiple of a direction."""
    t = move @ d / (d @ d)
    return np.allclose(move, t * d, rtol=1e-7, atol=1e-9 * np.linalg.norm(move))


def _close(t, size):
    return bool(np.isclose(t, size, rtol=1e-6, atol=0))
