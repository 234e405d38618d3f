r"""Quasi-Newton methods: the Hessian from the gradients that were computed anyway.

A step :math:`s = x_{k+1} - x_k` changes the gradient by :math:`y = g_{k+1} - g_k \approx
\nabla^2 f\, s`. Each pair corrects a matrix :math:`B \approx (\nabla^2 f)^{-1}` so that
:math:`B y = s`. The direction :math:`-Bg` costs a product instead of a factorization, and no
Hessian is needed.

References
----------
Broyden, Fletcher, Goldfarb and Shanno, each 1970; Nocedal and Wright, *Numerical Optimization*,
2nd ed., sections 6.1 and 7.2.
"""

import math

import numpy as np

from coursekit._arguments import count
from coursekit.descent._run import counted, minimize, step_rule
from coursekit.descent.line_search import along, wolfe_rule

__all__ = ["bfgs", "lbfgs"]


def bfgs(f, grad, x0, *, step_size=None, tol=1e-6, maxiter=1000):
    r"""Minimize ``f`` by BFGS.

    .. math:: B \leftarrow \Big(I - \frac{s y^\top}{s^\top y}\Big) B
              \Big(I - \frac{y s^\top}{s^\top y}\Big) + \frac{s s^\top}{s^\top y}

    is the symmetric matrix closest to :math:`B` (in a norm that units do not change) with
    :math:`By = s`; it stays positive definite as long as :math:`s^\top y > 0`.

    Parameters
    ----------
    f, grad : callable
        A point of shape ``(n,)`` to a number and to the gradient ``(n,)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    step_size : float or callable, optional
        As of `newton`. Not given: `wolfe_step`, which tries 1 first (and a step of length 1 at
        most in the first iteration, where the scale is unknown).
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `gradient_descent`, with ``hess_inv``, the last :math:`B` (the identity before the
        first update), and ``skipped``, the number of pairs with :math:`s^\top y` not positive
        beyond its rounding, which were left out; with `wolfe_step` that is rare. ``status`` is
        one of ``CONVERGED``, ``MAXITER``, ``NON_FINITE`` and ``NO_PROGRESS`` (the line search
        found no step).

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``f`` or ``grad`` is
        not finite.

    Notes
    -----
    The first pair sets :math:`B = \frac{s^\top y}{y^\top y} I` before it corrects it. On a
    quadratic with exact line searches the directions are conjugate: the minimum is reached after
    at most ``n`` updates, and :math:`B` is the inverse of the Hessian then.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum as f
    >>> run = bfgs(f, f.grad, [-2, 2], tol=1e-4)
    >>> run.success, run.nit, run.x.round(3)
    (True, 12, array([ 0.648, -0.046]))
    """
    B = None

    def direction(g):
        return -g if B is None else -(B @ g)

    def update(s, y, sy):
        nonlocal B
        if B is None:
            B = sy / float(y @ y) * np.eye(s.size, dtype=s.dtype)
        By = B @ y
        outer = np.outer(s, By)
        B = B + (1 + float(y @ By) / sy) / sy * np.outer(s, s) - (outer + outer.T) / sy

    run = _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter)
    run.hess_inv = np.eye(run.x.size, dtype=run.x.dtype) if B is None else B
    return run


def lbfgs(f, grad, x0, *, memory=10, step_size=None, tol=1e-6, maxiter=1000):
    r"""Minimize ``f`` by BFGS from the last pairs only, without a matrix.

    :math:`-Bg` is computed from the ``memory`` last pairs by two loops, in 4 · ``memory`` · n
    operations, as if :math:`B` had been :math:`\frac{s^\top y}{y^\top y} I` before them.

    Parameters
    ----------
    f, grad, x0, step_size, tol, maxiter
        As of `bfgs`.
    memory : int, optional
        Number of pairs that are kept, at least 1.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `bfgs`, without ``hess_inv``.

    Raises
    ------
    TypeError, ValueError
        As by `bfgs`.

    References
    ----------
    Liu and Nocedal, "On the limited memory BFGS method for large scale optimization",
    Mathematical Programming 45, 1989.

    Examples
    --------
    >>> from coursekit.objectives import rosenbrock as f
    >>> lbfgs(f, f.grad, [-1.2, 1]).x.round(4)
    array([1., 1.])
    """
    memory, pairs = count("memory", memory, at_least=1), []

    def direction(g):
        d, weights = -g, []
        for s, y, sy in reversed(pairs):
            weights.append(float(s @ d) / sy)
            d = d - weights[-1] * y
        if pairs:
            _, y, sy = pairs[-1]
            d = sy / float(y @ y) * d
        for (s, y, sy), weight in zip(pairs, reversed(weights), strict=True):
            d = d + (weight - float(y @ d) / sy) * s
        return d

    def update(s, y, sy):
        pairs.append((s, y, sy))
        del pairs[:-memory]

    return _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter)


def _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter):
    """Run the loop of both: ``direction(g)`` is ``-B g``, ``update(s, y, s @ y)`` corrects B."""
    f, grad = counted(f), counted(grad)
    rule = wolfe_rule(f, grad, _start) if step_size is None else step_rule(step_size)
    before, skipped = None, 0

    def step(k, x, fx, g):
        nonlocal before, skipped
        if before is not None:
            s, y = x - before[0], g - before[1]
            sy = float(s @ y)
            if sy > np.finfo(x.dtype).eps * float(np.linalg.norm(s) * np.linalg.norm(y)):
                update(s, y, sy)
            else:
                skipped += 1
        before = x, g
        d = direction(g)
        t = rule(k, x, fx, g, d)
        return along(x, t, d)

    run = minimize(f, grad, x0, step, tol=tol, maxiter=maxiter, rule=step_size)
    run.skipped = skipped
    return run


def _start(k, g, slope, promised):
    return 1.0 if k else min(1.0, 1 / math.hypot(*g.tolist()))
