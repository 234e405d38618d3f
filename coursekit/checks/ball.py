"""Check runs of a heavy ball that forgets its velocity, along the student's own path.

At each of its points the check asks what the next one should be, so that an early mistake is not
blamed on what follows.
"""

from itertools import pairwise

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.runs import path_of, run_of, short
from coursekit.checks.wording import plural

__all__ = ["check_ball_runs"]

ROUNDING = 1e-12  # of a value of f: two that differ by less are as good as equal


def check_ball_runs(func, problems):
    r"""Check that ``func`` minimizes by a heavy ball that forgets its velocity where f would rise.

    Parameters
    ----------
    func : callable
        ``func(x0, f, grad, step_size=, beta=, tol=, maxiter=)`` returns the pair ``path, betas``:
        the points, (k + 1, n), and the momentum of each of the k updates. With
        :math:`v = x_k - x_{k-1}`, zero at the start, :math:`x_{k+1}` is
        :math:`y = x_k + \beta v - s \nabla f(x_k)` and ``beta`` is logged if
        :math:`f(y) \le f(x_k)`; otherwise it is :math:`x_k - s \nabla f(x_k)`, and 0 is logged. It
        stops at the first point with :math:`\|\nabla f(x_k)\|_2 \le` ``tol``, or after ``maxiter``
        updates.
    problems : list of tuple
        ``(name, (f, grad), x0, step_size, beta, tol, maxiter)`` of each run. f may be nan or
        infinite at y, but neither at x0 nor after a plain step.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says in which run and update what is wrong first: kind, shape, start, number of points;
        goes on or stops too early; neither of the two steps, and which other one, if that is
        known; a velocity kept or forgotten wrongly, and which other rule explains all runs, if one
        does; a wrong entry of betas.

    Examples
    --------
    >>> import numpy as np
    >>> def lazy(x0, f, grad, step_size, beta, tol, maxiter):
    ...     return [x0], []
    >>> bowl = (lambda x: x @ x / 2, lambda x: x)
    >>> check_ball_runs(lazy, [("a bowl", bowl, [3.0, -4.0], 0.1, 0.5, 5.0, 9)])
    True
    """
    explained, wrong, log = {}, "", ""
    for problem in problems:
        with np.errstate(all="ignore"):  # of runs that go astray
            said, about_log = _follow(func, *problem, explained)
        wrong, log = wrong or said, log or about_log
    if wrong:
        names = [name for name, fits in explained.items() if fits]
        wrong += f" All your updates are as if {names[0]}." if len(names) == 1 else ""
    if wrong or log:
        raise CheckFailed(wrong or log)
    return True


def _follow(func, name, functions, x0, step_size, beta, tol, maxiter, explained):
    """Follow one run; return what is wrong with a choice, and what with the log."""
    (f, grad), settings = functions, {"step_size": step_size, "beta": beta, "tol": tol}
    (path, betas), maxiter = run_of(func, "path, betas", x0, functions, maxiter, **settings)
    run = f"On {name} from {list(x0)} with step_size={step_size:g}, beta={beta:g}, tol={tol:g}"
    run += f", maxiter={maxiter}"
    path = path_of(run, path, betas, "betas", "updates", x0, maxiter)
    wrong = log = ""
    forgot = False
    for k, (x, y) in enumerate(pairwise(path)):
        g, v = grad(x), x - path[k - 1] if k else 0 * x
        if np.linalg.norm(g) <= tol:
            raise CheckFailed(
                f"{run}: at point {k} of the path the gradient has the length "
                f"{np.linalg.norm(g):.7g}, at most tol, but "
                f"{plural(len(betas) - k, 'more update is', 'more updates are')} made."
            )
        kept, plain = x + beta * v - step_size * g, x - step_size * g
        where = f"{run}: update {k}, from {short(x)} to {short(y)}"
        is_kept = _near(y, kept, v, step_size * g)
        if not is_kept and not _near(y, plain, v, step_size * g):
            raise CheckFailed(
                f"{where}, is neither y = {short(kept)} nor the plain step to {short(plain)}."
                f"{_other_step(y, functions, path, k, step_size, beta)}"
            )
        keep, is_tie = _choice(f, x, kept)
        shows = not _near(kept, plain, v, step_size * g)  # the path shows the choice
        if shows:
            _note(explained, is_kept, functions, path, k, kept, plain, betas, forgot)
            if is_kept != keep and not is_tie and not wrong:
                wrong = f"{where}, {_why_not(f, x, kept, keep)}"
            if not np.isclose(betas[k], beta if is_kept else 0) and not log:
                log = (
                    f"{where}: the velocity is {'kept' if is_kept else 'forgotten'}, so betas[{k}] "
                    f"should be {f'beta = {beta:g}' if is_kept else '0'}; it is {betas[k]:.6g}."
                )
        forgot = forgot or not (is_kept if shows else keep)
        if not np.isfinite(f(y)):
            return wrong, log
    size, left = np.linalg.norm(grad(path[-1])), maxiter - len(betas)
    if size > tol and left:
        more = plural(left, "more update is", "more updates are")
        raise CheckFailed(
            f"{run}: it stops after {plural(len(betas), 'update')}, where the gradient has the "
            f"length {size:.7g}, which is more than tol, and {more} allowed."
        )
    return wrong, log


def _choice(f, x, kept):
    """Return whether the velocity is kept, and whether rounding decides that."""
    new, old = f(kept), f(x)
    return bool(new <= old), 0 < abs(new - old) < ROUNDING * abs(old)


def _note(explained, is_kept, functions, path, k, kept, plain, betas, forgot):
    """Note which other rules would choose as the student did, in this update too."""
    f, grad = functions
    x, v, new, old = path[k], path[k] - path[k - 1], f(kept), f(path[k])
    follows = not betas[k - 1]  # a plain step
    others = {
        "the velocity were never forgotten": True,
        "the velocity were always forgotten": False,
        "f had to fall; it is enough if it does not rise": new < old,
        "nan were good enough": not new > old,
        "the slope along the velocity decided, in place of f": grad(x) @ v <= 0,
        "f(y) were compared with f after the plain step": new <= f(plain),
        "f(y) were compared with f at the start": new <= f(path[0]),
        "f(y) were compared with the lowest f so far": new <= min(map(f, path[: k + 1])),
        "f at the point were compared with f at the one before": old <= f(path[k - 1]),
        "the opposite were done": not new <= old,
        "no velocity were kept after the first one that is forgotten": new <= old and not forgot,
        "the velocity after a plain step were zero": new <= old and not follows,
    }
    for name, keep in others.items():
        explained[name] = explained.get(name, True) and is_kept == bool(keep)
    if follows and not is_kept and f(plain) <= old and not betas[k]:
        # who has a velocity of zero logs it as kept where f falls
        explained["the velocity after a plain step were zero"] = False


def _why_not(f, x, kept, keep):
    """Say why the other step should be made."""
    new, old = f(kept), f(x)
    values = f"f(y) is {new:.9g} and f(x) {old:.9g}"
    if keep:
        return f"is the plain step, but y = {short(kept)} should be kept: {values}."
    return f"keeps the velocity and goes to y, but the plain step should be made: {values}."


def _other_step(y, functions, path, k, step_size, beta):
    """Say which other step an update is, if that is known."""
    _, grad = functions
    x, g, v = path[k], grad(path[k]), path[k] - path[k - 1] if k else 0 * path[k]
    s, size = step_size, step_size * g
    others = [
        ("no step were made", 0 * x),
        ("the gradient had the opposite sign", beta * v + size),
        ("step_size were missing", beta * v - g),
        ("the gradient were multiplied by 1 - beta", beta * v - (1 - beta) * size),
        ("beta multiplied the gradient, too", beta * (v - size)),
    ]
    if not k:
        others.append(("the first velocity were a step, not zero", -(1 + beta) * size))
    else:
        last = s * grad(path[k - 1])
        others += [
            ("the gradient were taken at x + beta v", beta * v - s * grad(x + beta * v)),
            (f"the gradient were that of point {k - 1}", beta * v - last),
            (f"the gradient were that of point {k - 1}", -last),
            ("the velocity had the opposite sign", -beta * v - size),
            ("beta were missing", v - size),
            ("1 - beta stood in place of beta", (1 - beta) * v - size),
            ("the velocity were multiplied by step_size", s * beta * v - size),
            ("the velocity were divided by step_size", beta * v / s - size),
            ("the velocity were multiplied by beta twice", beta**2 * v - size),
            ("the plain step were made from y", beta * v - 2 * size),
            ("the gradient of the plain step were that of y", -s * grad(x + beta * v - size)),
            (f"the plain step were made from point {k - 1}", -v - last),
        ]
    thrown = 0 * x  # the velocity that goes on as if each y had been kept
    for j in range(k):
        thrown = beta * thrown - s * grad(path[j])
        name = f"the velocity were still that of update {j}"
        others.append((name, beta * (path[j + 1] - path[j]) - size))
    others.append(("the velocity were that of the y which was thrown away", beta * thrown - size))
    fits = {what for what, move in others if _near(y, x + move, v, size)}
    if len(fits) == 1:
        return f" It is as if {fits.pop()}."
    A = np.stack([v, -g], axis=-1)
    a, b = np.linalg.lstsq(A, y - x, rcond=None)[0]
    is_mix = k and len(x) > 2 and _near(y, x + A @ [a, b], v, size)  # in a plane, anything is
    return f" It is x + {a:.6g} v - {b:.6g} times the gradient." if is_mix else ""


def _near(y, wanted, v, size):
    atol = 1e-8 * (np.linalg.norm(v) + np.linalg.norm(size))
    return bool(np.allclose(y, wanted, rtol=1e-13, atol=atol))
