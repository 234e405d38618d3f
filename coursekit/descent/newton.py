r"""Newton's method, for systems of equations and for minimization.

Linearized at :math:`x_k`, the system :math:`F(x) = 0` becomes :math:`J(x_k)\, d = -F(x_k)`, and
:math:`x_{k+1} = x_k + d`. A minimizer is a root of the gradient: with :math:`F = \nabla f` and
:math:`J = \nabla^2 f` the step leads to the critical point of the quadratic model. Near a root
where :math:`J` is invertible, the number of correct digits doubles with each step; where it is
singular, the error only shrinks by a constant factor; far away, nothing is promised.

`newton_root` takes full steps to any root, so with a gradient to maxima and saddles too.
`newton` shortens the steps until ``f`` falls, and refuses (or, when asked, repairs) a Hessian
whose model has no minimum.

References
----------
Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization and Nonlinear Equations*,
SIAM 1996, chapters 5 and 6; Nocedal and Wright, *Numerical Optimization*, 2nd ed., sections 3.3
to 3.5 and 11.1.
"""

import math

import numpy as np

from coursekit._arguments import number, point, real_array
from coursekit.descent._run import (
    Stop,
    better_by_gradient,
    counted,
    hessian,
    iterate,
    minimize,
    short,
    step_rule,
)
from coursekit.descent.gradient_descent import backtracking
from coursekit.statuses import (
    CONVERGED,
    NO_PROGRESS,
    NON_FINITE,
    NOT_POSITIVE_DEFINITE,
    SINGULAR,
)

__all__ = ["newton", "newton_root"]


def newton(f, grad, hess, x0, *, step_size=None, tol=1e-8, maxiter=100, repair=False):
    r"""Minimize ``f`` by :math:`x_{k+1} = x_k + s_k d_k` with :math:`\nabla^2 f(x_k)\, d_k = -g_k`.

    :math:`d_k` minimizes the quadratic model at :math:`x_k`, which has a minimum only where the
    Hessian is positive definite. Cholesky's factorization finds out, and solves the system.

    Parameters
    ----------
    f, grad, hess : callable
        A point of shape ``(n,)`` to a number, to the gradient ``(n,)``, to the Hessian ``(n, n)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    step_size : float or callable, optional
        1.0 is the pure method, other numbers damp it. A rule is called as ``rule(k, x, fx, g, d)``
        with the direction ``d``. Not given: ``backtracking(f)``, which tries 1, 1/2, 1/4, ….
    tol : float, optional
        Bound on the norm of the gradient: absolute, in units of ``f`` per unit of ``x``, as in
        `gradient_descent`.
    maxiter : int, optional
        Largest number of updates.
    repair : bool, optional
        Whether a Hessian that is not positive definite is replaced: its eigenvalues by their
        absolute values, and those below :math:`\sqrt\varepsilon` times the largest by that. The
        step then leads away from maxima and saddles.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``jac``, ``path`` ``(nit + 1, n)``, ``path_fun`` ``(nit + 1,)``, and the
        counts ``nit``, ``nfev``, ``njev``, ``nhev``, as of `gradient_descent`. ``repaired`` holds
        the iterations whose Hessian was repaired; the message says how many. ``status`` is one of

        0. ``CONVERGED``: the gradient is small.
        1. ``MAXITER``: that many updates were made.
        3. ``NON_FINITE``: the Hessian, the next point, its value or its gradient is not finite.
        4. ``NO_PROGRESS``: the rule found no step size, or the update is too small to change
           ``x``. Close to a minimum, where rounding hides the decrease of ``f``, full steps are
           taken as long as they halve the gradient.
        8. ``NOT_POSITIVE_DEFINITE``: the model at the last point has no minimum.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, a Hessian that is not symmetric, or a
        start where ``f`` or ``grad`` is not finite. The message starts with the argument's name.

    Notes
    -----
    An update costs :math:`n^3/3` operations beside the calls. Pure steps, and those of
    backtracking, do not depend on the units: with :math:`x = Ay` the path is the same in ``y``.
    What counts as not positive definite depends on the scale of no coordinate either: a pivot up
    to :math:`n\varepsilon` times its diagonal entry. Repaired steps do depend on the units.

    References
    ----------
    Boyd and Vandenberghe, *Convex Optimization*, section 9.5; Nocedal and Wright, *Numerical
    Optimization*, 2nd ed., section 3.4. Absolute eigenvalues: Greenstadt, "On the relative
    efficiencies of gradient methods", Mathematics of Computation 21, 1967.

    Examples
    --------
    >>> from coursekit.objectives import exponential_sum, polynomial10
    >>> f = exponential_sum
    >>> newton(f, f.grad, f.hess, [-2, 2]).nit
    6
    >>> f = polynomial10
    >>> run = newton(f, f.grad, f.hess, [1.0])
    >>> run.status, run.success
    (8, False)
    >>> run = newton(f, f.grad, f.hess, [1.0], repair=True)
    >>> run.x.round(6), run.repaired
    (array([-0.412173]), array([0, 1]))
    """
    f, grad = counted(f), counted(grad)
    rule = step_rule(backtracking(f) if step_size is None else step_size)
    hessians, repaired = 0, []

    def step(k, x, fx, g):
        nonlocal hessians
        hessians += 1
        H = hessian(hess, x)
        d = _solve_positive_definite(H, -g)
        if d is None and repair:
            repaired.append(k)
            d = _solve_repaired(H, -g)
        if d is None:
            raise Stop(
                NOT_POSITIVE_DEFINITE,
                f"the smallest eigenvalue of the Hessian is {np.linalg.eigvalsh(H)[0]:.3g}, so the "
                "quadratic model has no minimum. Try repair=True, trust_region, or another start.",
            )
        if not np.isfinite(d).all():
            raise Stop(NON_FINITE, f"the step is {short(d)}. Start elsewhere, or scale x.")
        s = rule(k, x, fx, g, d)
        if step_size is None and s > 0 and not f(x + s * d) < fx:  # a tie, by rounding
            s = 0.0
        if s == 0 and better_by_gradient(f, grad, fx, g, x + d):
            s = 1.0
        if s == 0:
            raise Stop(
                NO_PROGRESS,
                "the rule found no step that decreases f enough. Check grad and hess against f; or "
                "rounding hides the decrease, then raise tol.",
            )
        return x + s * d

    run = minimize(f, grad, x0, step, tol=tol, maxiter=maxiter, rule=step_size)
    run.nhev, run.repaired = hessians, np.array(repaired, int)
    if repaired:
        first = repaired[0] + 1
        run.message += f" Repaired Hessians: {len(repaired)}, the first at iteration {first}."
    return run


def newton_root(F, J, x0, *, tol=1e-8, maxiter=50):
    r"""Solve ``F(x) = 0`` by full Newton steps, :math:`J(x_k)\,(x_{k+1} - x_k) = -F(x_k)`.

    Parameters
    ----------
    F : callable
        Point of shape ``(n,)`` to the values of the n equations, shape ``(n,)``.
    J : callable
        Point of shape ``(n,)`` to the Jacobian, shape ``(n, n)``, one row an equation.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    tol : float, optional
        Bound on the norm of ``F(x)``: absolute, in the units of ``F``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun`` = ``F(x)``, ``jac``, the Jacobian that was evaluated last, ``path`` of shape
        ``(nit + 1, n)``, and ``path_fun`` of shape ``(nit + 1,)`` with the norms of ``F``;
        ``nfev`` and ``njev`` count calls. ``status`` is one of

        0. ``CONVERGED``: ``F`` is small.
        1. ``MAXITER``: that many updates were made.
        3. ``NON_FINITE``: the Jacobian, the next point or ``F`` there is not finite.
        4. ``NO_PROGRESS``: the update is too small to change ``x``.
        9. ``SINGULAR``: the linearized system has no unique solution.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``F`` is not finite.

    Notes
    -----
    Rows and columns are scaled before a QR decomposition with pivoting decides whether the
    Jacobian is singular, so that units don't matter. Nothing shortens a step: from a bad start
    the run may leave every bound, or go around in a cycle.

    Examples
    --------
    The square root of 4, from a start that is a third off and from one on the other side:

    >>> def F(x): return x**2 - 4
    >>> def J(x): return np.diag(2 * x)
    >>> newton_root(F, J, [2.5]).path.ravel().round(9)
    array([2.5       , 2.05      , 2.00060976, 2.00000009, 2.        ])
    >>> newton_root(F, J, [-1]).x
    array([-2.])

    A gradient is zero at maxima too:

    >>> from coursekit.objectives import polynomial10 as f
    >>> newton_root(f.grad, f.hess, [1.0]).x.round(6)
    array([1.230737])
    """
    from scipy.optimize import OptimizeResult

    n, tol = point("x0", x0).size, number("tol", tol, at_least=0)
    values, jacobians = [], []

    def evaluate(x):
        x.flags.writeable = False
        if not np.isfinite(x).all():
            return (), f"x = {short(x)}"
        Fx = real_array("F(x)", F(x), (n,), finite=False).astype(x.dtype)
        values.append(Fx)
        norm = math.hypot(*Fx.tolist())
        return (norm, Fx), "" if math.isfinite(norm) else f"F(x) = {short(Fx)} at x = {short(x)}"

    def judge(norm, Fx):
        done = norm <= tol
        return done, f"||F|| = {norm:.3g} {'<=' if done else '>'} tol = {tol:.3g}"

    def step(k, x, norm, Fx):
        Jx = real_array("J(x)", J(x), (n, n), finite=False).astype(x.dtype)
        jacobians.append(Jx)
        if not np.isfinite(Jx).all():
            raise Stop(NON_FINITE, f"J(x) is not finite at x = {short(x)}.")
        d = _solve_regular(Jx, -Fx)
        if d is None:
            raise Stop(
                SINGULAR, f"the Jacobian has no inverse at x = {short(x)}. Try another start."
            )
        return x + d

    path, norms, status, message = iterate(x0, evaluate, judge, step, maxiter)
    return OptimizeResult(
        x=path[-1].copy(),
        fun=values[len(path) - 1],
        jac=jacobians[-1] if jacobians else None,
        nit=len(path) - 1,
        nfev=len(values),
        njev=len(jacobians),
        success=status == CONVERGED,
        status=status,
        message=message,
        path=path,
        path_fun=norms,
    )


def _solve_positive_definite(H, b):
    """Return the solution of ``H d = b``, or None if ``H`` is not numerically positive definite."""
    from scipy.linalg import cho_solve, cholesky

    try:
        L = cholesky(H, lower=True)
    except np.linalg.LinAlgError:
        return None
    # The square of a pivot is what its diagonal entry had left, up to n roundings of that entry.
    rounding = len(H) * np.finfo(H.dtype).eps * np.diagonal(H)
    return cho_solve((L, True), b) if (np.diagonal(L) ** 2 > rounding).all() else None


def _solve_repaired(H, b):
    """Solve with the absolute eigenvalues of ``H``, none below sqrt(eps) of the largest."""
    values, Q = np.linalg.eigh(H)
    values = np.abs(values)
    floor = math.sqrt(np.finfo(H.dtype).eps) * values.max()
    return Q @ ((Q.T @ b) / (np.maximum(values, floor) if floor > 0 else 1))


def _solve_regular(J, b):
    """Return the solution of ``J d = b``, or None if ``J`` is numerically singular."""
    from scipy.linalg import qr, solve_triangular

    rows = np.abs(J).max(axis=1)
    J, b = J / rows[:, np.newaxis], b / rows
    columns = np.abs(J).max(axis=0)
    J = J / columns
    if not np.isfinite(J).all():  # a row or a column was zero
        return None
    Q, R, order = qr(J, pivoting=True)
    size = np.abs(np.diagonal(R))
    if size[-1] <= len(J) * np.finfo(J.dtype).eps * size[0]:
        return None
    d = np.empty_like(b)
    d[order] = solve_triangular(R, Q.T @ b)
    return d / columns
