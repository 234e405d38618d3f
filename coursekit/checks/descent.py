r"""Check that a recorded path is gradient descent: its start, its steps, its values, its end."""

import numpy as np

from coursekit.checks.descent_diagnoses import Steps
from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import answer, names_of
from coursekit.checks.student_vectors import vector
from coursekit.checks.wording import factor_text, plural, unlike
from coursekit.derivatives.sampler import epsilon

__all__ = ["check_descent"]

COPY = "xt = xt - ... makes a new array; xt -= ... changes the one that is in the list already."


def check_descent(
    path, f, grad, *, x0, step_size=None, values=None, last=None, tol=None, maxiter=None,
):  # fmt: skip
    r"""Check a path for :math:`x_{k+1} = x_k - s\, \nabla f(x_k)`, row by row.

    Each step is compared with the gradient at the point that the path itself records, so that an
    early mistake is not blamed on what follows. Component i may be off by

    .. math:: 16\, \varepsilon\, \bigl( |x_k|_i + |x_{k+1}|_i \bigr) + s\, e_i ,

    where e is the rounding of the gradient: :math:`16\, \varepsilon |\nabla f|`, plus four times
    its change, estimated from two differences, as the coordinates move by
    :math:`\varepsilon \max_k |x_k|`. :math:`\varepsilon` is that of the path's own type.

    Parameters
    ----------
    path : OptimizeResult or sequence of points, shape (m + 1, n)
        Of a result, as `coursekit.gradient_descent` returns it, ``path``, ``path_fun`` and ``x``
        are taken.
    f, grad : callable
        Point (n,) to a number, and to the gradient (n,).
    x0 : array_like, shape (n,)
        Where the run should begin.
    step_size : float, optional
        The step size s; if it is not given, any constant one will do.
    values : array_like, shape (m + 1,), optional
        The recorded values of ``f``; ``path_fun`` of a result.
    last : array_like, shape (n,), optional
        The point that was returned; ``x`` of a result.
    tol : float, optional
        The run should end at the first point with :math:`\|\nabla f\|_2 \le` ``tol``.
    maxiter : int, optional
        Largest number of updates; the run may end by it before ``tol`` is met.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: no path, wrong shape, not finite; one array appended
        again and again; start missing or wrong, path backwards; a point recorded twice; steps
        uphill, of a wrong but constant factor, with the gradient of the point before or after,
        normalized, coordinate by coordinate, with momentum, of changing size, in some coordinates
        only, rounded to integers, or wrong from an update on; last point missing; values of the
        points before, of another function, or missing; stopped too early or late.
    ValueError
        If ``x0``, ``step_size``, ``tol`` or ``maxiter`` make no sense.

    References
    ----------
    Book chapter *Gradient descent*.

    Examples
    --------
    >>> f, grad = (lambda x: x @ x / 2), (lambda x: x)
    >>> check_descent([[4.0], [2.0], [1.0]], f, grad, x0=[4.0], step_size=0.5)
    True
    >>> check_descent([[4.0], [6.0], [9.0]], f, grad, x0=[4.0], step_size=0.5)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: path: the steps go uphill, along the gradient.
      at update 0: moved by 2 in [0], minus step size times gradient is -2 there
    Try: look for a minus sign lost or added.
    """
    f_name, _ = names_of((f, "f"), (grad, "grad"))
    x0 = _sensible(x0, step_size, tol, maxiter)
    if hasattr(path, "get") and "path" in path:
        values = path.get("path_fun") if values is None else values
        last = path.get("x") if last is None else last
        path = path["path"]
    with np.errstate(all="ignore"):
        x, eps = _points(path, x0.size)
        steps = Steps(x, grad, eps, step_size)
        _require_start(steps, x0, path, eps, step_size)
        if message := steps.diagnose():
            raise CheckFailed(message)
        fx = np.array([float(answer(f, f_name, row)) for row in x])
        if last is not None:
            _require_last(vector(last, "last", x0.size)[0], steps, fx, eps, f_name)
        change = (
            steps.uncertainty.sum(axis=1) * np.abs(x).max()
        )  # of f, by rounding of x and its terms
        if values is not None:
            _require_values(values, fx, change, f_name, eps)
        _require_end(steps, fx, tol, maxiter)
    return True


def _sensible(x0, step_size, tol, maxiter):
    """The start, or what the instructor got wrong."""
    x0 = np.array(x0, dtype=float)
    if x0.ndim != 1 or x0.size == 0 or not np.isfinite(x0).all():
        raise ValueError(f"x0 must be one finite point of shape (n,); got {x0.tolist()}")
    if step_size is not None and not 0 < step_size < np.inf:
        raise ValueError(f"step_size must be positive and finite; got {step_size!r}")
    if tol is not None and not 0 <= tol < np.inf:
        raise ValueError(f"tol must be at least 0 and finite; got {tol!r}")
    if maxiter is not None and maxiter < 0:
        raise ValueError(f"maxiter must be at least 0; got {maxiter!r}")
    return x0


def _points(path, n):
    """The path in float64, with the spacing of its own type."""
    if path is None:
        raise CheckFailed("path is nothing (None), expected all points.\nTry: is a return missing?")
    try:
        x = np.array(path)
    except ValueError:  # rows of different lengths
        x = np.array(None)
    if x.dtype.kind not in "iuf":
        kind = type(path).__name__
        raise CheckFailed(
            f"path is {kind}, not rows of {n} real numbers each.\nTry: print each entry's shape."
        )
    if x.ndim != 2 or x.shape[1] != n or not len(x):
        hint = "one row a point: append the whole point in each update."
        if x.ndim == 2 and x.shape[0] == n:
            hint = "it looks transposed: one row a point, not one row a coordinate."
        raise CheckFailed(f"path has shape {x.shape}, expected (points, {n}).\nTry: {hint}")
    bad = ~np.isfinite(x).all(axis=1)
    if bad.any():
        k = int(bad.argmax())
        size = np.abs(x[:k]).max(initial=0, axis=1) if k else np.zeros(1)
        hint = "look for a division by zero in this update, or for a gradient that is not finite."
        if k and size[-1] > 1e3 * max(size[0], 1):
            hint = "does the run diverge? take a smaller step size."
        raise CheckFailed(f"path is not finite from point {k} on: {x[k].tolist()}.\nTry: {hint}")
    return x.astype(float), epsilon(x.dtype)


def _close(a, b, eps):
    """Whether two points agree, up to rounding."""
    return np.abs(a - b).max() <= 16 * eps * max(np.abs(a).max(), np.abs(b).max())


def _require_start(steps, x0, path, eps, step_size):
    """The first row is x0, and the rows are not one and the same."""
    x = steps.x
    begins, still = _close(x[0], x0, eps), len(x) > 1 and not steps.d.any() and steps.g[0].any()
    shared = isinstance(path, list | tuple) and len({id(row) for row in path}) < len(path)
    if still and (shared or not begins):
        raise CheckFailed(f"path: one and the same array was appended each time.\nTry: {COPY}")
    if still:
        raise CheckFailed(
            "path: the point never moves, although the gradient is not zero.\n"
            "Try: does the next update read the new point, under the name it was given?"
        )
    if begins:
        return
    finding, hint = "it does not begin at x0", "is x0 recorded first, or changed in place before?"
    more = Steps(np.vstack([x0, x]), steps.grad, eps, step_size)
    if _close(x[-1], x0, eps):
        finding, hint = "it runs backwards: x0 is the last point", "append puts new points last."
    elif not more.diagnose() and (len(x) > 1 or step_size):
        finding, hint = "the start is missing: it begins after an update", "record x0, then loop."
    raise CheckFailed(f"path: {finding}.\n  first point: {x[0].tolist()}\nTry: {hint}")


def _require_last(last, steps, fx, eps, name):
    """The point returned is the last one of the path."""
    x = steps.x
    if _close(x[-1], last, eps):
        return
    finding, hint = "not the last point of the path", "return the point that was appended last."
    rows = [k for k in range(len(x)) if _close(x[k], last, eps)]
    more = Steps(np.vstack([x, last]), steps.grad, eps, steps.s)
    if rows:
        finding = f"point {rows[-1]} of the path, which goes on to point {len(x) - 1}"
        if fx.argmin() in rows and fx.argmin() < len(x) - 1:
            finding += f"; {name} is smallest there"
    elif steps.s and not more.wrong[-1]:
        finding = "one update further than the path"
        hint = "append after each update, the last one too."
    raise CheckFailed(f"last: the point returned is {finding}.\nTry: {hint}")


def _require_values(values, fx, change, name, eps):
    """The recorded values are those of f at the points of the path."""
    try:
        v = np.array(values)
    except ValueError:
        v = np.array(None)
    if v.dtype.kind not in "iuf" or v.ndim != 1:
        raise CheckFailed(
            f"values: expected one number a point, got shape {v.shape} of {v.dtype}.\n"
            f"Try: append {name}(x), a number, once in each update."
        )
    tol = 16 * max(epsilon(v.dtype), eps) * np.abs(fx).max() + change

    if len(v) != len(fx):
        where = ""
        if _within(v, fx[1:], tol[1:]):
            where = ": that of the first point is missing"
        elif _within(v, fx[:-1], tol[:-1]):
            where = ": that of the last point is missing"
        raise CheckFailed(
            f"values: {plural(len(v), 'number')} for {plural(len(fx), 'point')}{where}.\n"
            "Try: append the point and its value side by side, x0 included."
        )
    if _within(v, fx, tol):
        return
    finding, hint = _wrong_values(v, fx, tol, name)
    k = int((~(np.abs(v - fx) <= tol)).argmax())
    yours, there = unlike(v[k], fx[k])
    raise CheckFailed(
        f"values: {finding}.\n  at point {k}: yours {yours}, {name} there {there}\nTry: {hint}"
    )


def _within(a, b, tol):
    """Whether two series are of one length and agree."""
    return len(a) == len(b) and bool((np.abs(a - b) <= tol).all())


def _wrong_values(v, fx, tol, name):
    """What the values ``v`` have in common with those of f, ``fx``, and a hint."""
    if len(v) > 1 and _within(v[1:], fx[:-1], tol[1:]):
        return "each value belongs to the point before", "move first, then compute f."
    if len(v) > 1 and _within(v[:-1], fx[1:], tol[:-1]):
        return "each value belongs to the next point", "compute f before the update."
    hint = f"is it {name} that is recorded, at the point that is recorded?"
    c = float(v @ fx / (fx @ fx)) if fx.any() else 0.0
    if c and _within(v / c, fx, 2 * tol):
        return f"{factor_text(c)} times {name} at every point", hint
    if len(v) > 1 and _within(v - (v - fx).mean(), fx, 2 * tol):
        return f"off by the same constant from {name} at every point", hint
    wrong = ~(np.abs(v - fx) <= tol)
    return (
        f"wrong at {wrong.sum()} of {plural(len(fx), 'point')}, first at point {wrong.argmax()}",
        hint,
    )


def _ended_by(steps, fx, tol):
    """Which other sizes are at most tol at the end, and only there, in words."""
    size, norm = np.abs(steps.g), np.linalg.norm(steps.g, axis=1)
    others = {
        "the largest entry of the gradient": size.max(axis=1),
        "the square of the norm": norm**2,
        "the sum of absolute values": size.sum(axis=1),
        "the root of the mean square of its entries": norm / steps.g.shape[1] ** 0.5,
        "the length of the step": steps.s * norm,
        "the change of f": np.append(np.inf, np.abs(np.diff(fx))),
    }
    ended = [name for name, v in others.items() if v[-1] <= tol and (v[:-1] > tol).all()]
    *others, last = ended or [""]
    return f"{', '.join(others)} or {last}" if others else last


def _require_end(steps, fx, tol, maxiter):
    """The run ends where it should."""
    m, norm = len(steps.d), np.linalg.norm(steps.g, axis=1)
    near = np.linalg.norm(
        steps.uncertainty, axis=1
    )  # uncertainty of the norms: within it of tol both are right
    if maxiter is not None and m > maxiter:
        raise CheckFailed(
            f"path: {plural(m, 'update')}, but at most "
            f"{plural(maxiter, 'is', 'are')} allowed.\n"
            "Try: range(maxiter) counts updates; the start is none of them."
        )
    if tol is None:
        return
    if norm[-1] > tol + near[-1] and m != maxiter:
        made = plural(m, "update") if maxiter is None else f"{m} of {plural(maxiter, 'update')}"
        hint = "what ends the loop? compare the norm of the gradient itself with tol."
        if by := _ended_by(steps, fx, tol):
            hint = f"does the loop end by {by}? it should be the norm of the gradient."
        elif m and fx[-1] > fx[-2]:
            hint = "f has risen in the last update, which is no reason to stop."
        elif maxiter is not None and m == maxiter - 1:
            hint = "how often does the loop run? maxiter counts updates; the start is none of them."
        raise CheckFailed(
            f"path: stopped too early, after {made}.\n"
            f"  norm of the gradient {norm[-1]:.2e}, tol {tol:.2e}\n"
            f"Try: {hint}"
        )
    early = np.flatnonzero((norm + near)[:-1] < tol)
    if early.size:
        k, by = int(early[0]), _ended_by(steps, fx, tol)
        hint = f"does the loop end by {by}? it should be the norm of the gradient."
        hint = hint if by else "test the norm of the gradient at each point, before the update."
        raise CheckFailed(
            f"path: it goes on after point {k}, where it should have stopped.\n"
            f"  norm of the gradient {norm[k]:.2e} there, tol {tol:.2e}\n"
            f"Try: {hint}"
        )
