r"""Newton's method, for systems of equations and for minimization.

Linearized at :math:`x_k`, the equation :math:`F(x) = 0` becomes :math:`J(x_k)\, d = -F(x_k)`, and
:math:`x_{k+1} = x_k + d`. A minimizer is a root of the gradient: with :math:`F = \nabla f` and
:math:`J = \nabla^2 f` the step goes to the critical point of the quadratic model. Near a root
where :math:`J` is invertible the number of correct digits doubles with each step. Far from it
nothing is certain: `newton` shortens its steps until ``f`` falls, and refuses (or repairs) a
Hessian whose model has no minimum.

References
----------
Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization and Nonlinear Equations*,
SIAM 1996; Nocedal and Wright, *Numerical Optimization*, 2nd ed., chapters 3 and 11.
"""

import math

import numpy as np

from coursekit._arguments import count, number, point, real_array, symmetric
from coursekit.descent._run import (
    Stop,
    counted,
    finite_matrix,
    minimize,
    quiet,
    rounding,
    short,
    step_rule,
)
from coursekit.descent.gradient_descent import backtracking
from coursekit.statuses import (
    CONVERGED,
    MAXITER,
    NO_PROGRESS,
    NON_FINITE,
    NOT_POSITIVE_DEFINITE,
    SINGULAR,
)

__all__ = ["newton", "newton_root"]


def newton(f, grad, hess, x0, *, step_size=None, tol=1e-8, maxiter=100, repair=False):
    """Minimize ``f`` by Newton steps."""
    f, grad = counted(f), counted(grad)
    rule = step_rule(backtracking(f) if step_size is None else step_size)
    searched = getattr(step_size, "nfev", 0)
    hessians, repaired = 0, []

    def step(k, x, fx, g):
        nonlocal hessians
        hessians += 1
        H = finite_matrix("hess(x)", hess(x), x)
        H = symmetric("hess(x)", H, x.size).astype(x.dtype)
        d = _solve_positive_definite(H, -g)
        if d is None:
            lowest = float(np.linalg.eigvalsh(H)[0])
            if not repair:
                raise Stop(
                    NOT_POSITIVE_DEFINITE,
                    f"the Hessian is not positive definite (smallest eigenvalue {lowest:.3g}), so "
                    "the Newton step may lead to a maximum or a saddle. Try repair=True, "
                    "trust_region, or another start.",
                )
            d = _solve_repaired(H, -g)
            repaired.append(k)
        s = rule(k, x, fx, g, d)
        if s == 0 and f(x + d) - fx <= rounding(fx):
            after = grad(x + d)
            if np.linalg.norm(after) < np.linalg.norm(g) / 2:
                s = 1.0
        if s == 0:
            raise Stop(NO_PROGRESS, "the rule found no step that decreases f enough")
        return x + s * d

    run = minimize(step, f, grad, x0, tol=tol, maxiter=maxiter)
    run.nfev += getattr(step_size, "nfev", 0) - searched
    run.nhev, run.repaired = hessians, np.array(repaired, int)
    if repaired:
        run.message += (
            f" {len(repaired)} Hessians were repaired, the first at iteration {repaired[0]}."
        )
    return run


def newton_root(F, J, x0, *, tol=1e-8, maxiter=50):
    """Solve ``F(x) = 0``."""
    from scipy.optimize import OptimizeResult

    x = point("x0", x0).copy()
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    n, jacobians = x.size, 0
    path, residuals = [], []

    def value(x):
        x.flags.writeable = False
        return real_array("F(x)", F(x), (n,), finite=False).astype(x.dtype)

    with quiet():
        Fx = value(x)
        if not np.isfinite(Fx).all():
            raise ValueError(f"x0 must be a point where F is finite; got F(x) = {short(Fx)}.")
        while True:
            k, norm = len(path), math.hypot(*Fx.tolist())
            path.append(x)
            residuals.append(norm)
            at = f"||F|| = {norm:.3g}"
            if norm <= tol:
                status, message = (
                    CONVERGED,
                    f"Converged after {k} updates: {at} <= tol = {tol:.3g}.",
                )
                break
            if k == maxiter:
                status = MAXITER
                message = f"Stopped at maxiter = {k} updates: {at} > tol = {tol:.3g}."
                break
            jacobians += 1
            Jx = real_array("J(x)", J(x), (n, n), finite=False).astype(x.dtype)
            if not np.isfinite(Jx).all():
                status, message = NON_FINITE, f"Not finite at iteration {k + 1}: J(x)."
                break
            d = _solve_regular(Jx, -Fx)
            if d is None:
                status = SINGULAR
                message = f"Stopped at iteration {k + 1}, {at}: the Jacobian is singular."
                break
            trial = x + d
            if (trial == x).all():
                status, message = NO_PROGRESS, f"No progress at iteration {k + 1}."
                break
            if not np.isfinite(trial).all() or not np.isfinite(Ft := value(trial)).all():
                status, message = NON_FINITE, f"Not finite at iteration {k + 1}."
                break
            x, Fx = trial, Ft
    return OptimizeResult(
        x=x.copy(),
        fun=Fx,
        nit=k,
        nfev=k + 1,
        njev=jacobians,
        success=status == CONVERGED,
        status=status,
        message=message,
        path=np.array(path),
        path_fun=np.array(residuals),
    )


def _solve_positive_definite(H, b):
    """Return the solution by Cholesky's factors, or None if ``H`` is not positive definite."""
    from scipy.linalg import cho_solve, cholesky

    try:
        L = cholesky(H, lower=True)
    except np.linalg.LinAlgError:
        return None
    pivots, eps = np.diagonal(L), np.finfo(H.dtype).eps
    if (pivots**2 <= len(H) * eps * np.diagonal(H)).any():
        return None
    d = cho_solve((L, True), b)
    return d if np.isfinite(d).all() else None


def _solve_repaired(H, b):
    """Solve with the absolute values of the eigenvalues, none below sqrt(eps) of the largest."""
    values, Q = np.linalg.eigh(H)
    values = np.abs(values)
    largest = values.max()
    floor = math.sqrt(np.finfo(H.dtype).eps) * largest if largest > 0 else 1.0
    return Q @ ((Q.T @ b) / np.maximum(values, floor))


def _solve_regular(J, b):
    """Return the solution, or None if ``J`` is singular in its precision."""
    from scipy.linalg import qr, solve_triangular

    rows = np.abs(J).max(axis=1)
    if not rows.all():
        return None
    J, b = J / rows[:, None], b / rows
    columns = np.abs(J).max(axis=0)
    if not columns.all():
        return None
    Q, R, order = qr(J / columns, pivoting=True)
    size = np.abs(np.diagonal(R))
    if size[-1] <= len(J) * np.finfo(J.dtype).eps * size[0]:
        return None
    d = np.empty_like(b)
    d[order] = solve_triangular(R, Q.T @ b)
    return d / columns
