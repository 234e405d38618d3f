"""Nonlinear least squares: Gauss-Newton and Levenberg-Marquardt."""

import math

import numpy as np

from coursekit._arguments import count, number, point, real_array
from coursekit.descent._run import counted, quiet, short
from coursekit.statuses import CONVERGED, MAXITER, NO_PROGRESS, NON_FINITE, SINGULAR

__all__ = ["gauss_newton", "levenberg_marquardt"]


def gauss_newton(r, J, x0, *, tol=1e-8, maxiter=100):
    """Minimize half the sum of squares of ``r``."""
    from coursekit.descent._run import Stop

    def step(x, residual, Jx, norm, value):
        scale = np.linalg.norm(Jx, axis=0)
        if not scale.all():
            raise Stop(SINGULAR, "a column of the Jacobian is zero")
        d, rank = _solve(Jx / scale, -residual)
        if rank < x.size:
            raise Stop(SINGULAR, f"the Jacobian has rank {rank}")
        return x + d / scale

    return _least_squares(r, J, x0, step, tol, maxiter)


def levenberg_marquardt(r, J, x0, *, mu0=0.01, tol=1e-8, maxiter=100):
    """Minimize half the sum of squares of ``r``."""
    from coursekit.descent._run import Stop

    mu, scale = number("mu0", mu0, above=0), 0.0

    def step(x, residual, Jx, norm, value):
        nonlocal mu, scale
        scale = np.maximum(scale, np.linalg.norm(Jx, axis=0))
        D = np.where(scale > 0, scale, 1.0)
        n = x.size
        b = np.concatenate([-residual, np.zeros(n)])
        while True:
            d, _ = _solve(np.concatenate([Jx, math.sqrt(mu) * np.diag(D)]), b)
            trial = x + d
            if (trial == x).all():
                raise Stop(NO_PROGRESS, "the step is below the rounding of x")
            if np.linalg.norm(value(trial)) < norm:
                mu = max(mu / 10, 1e-300)
                return trial
            mu *= 10

    return _least_squares(r, J, x0, step, tol, maxiter)


def _solve(A, b):
    from scipy.linalg import qr, solve_triangular

    Q, R, order = qr(A, mode="economic", pivoting=True)
    size = np.abs(np.diagonal(R))
    rank = int(np.count_nonzero(size > max(A.shape) * np.finfo(A.dtype).eps * size[0]))
    d = np.zeros(A.shape[1], A.dtype)
    if rank == A.shape[1]:
        d[order] = solve_triangular(R, Q.T @ b)
    return d, rank


def _least_squares(r, J, x0, step, tol, maxiter):
    from scipy.optimize import OptimizeResult

    from coursekit.descent._run import Stop

    x = point("x0", x0).copy()
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    r = counted(r)
    jacobians = 0
    m = None

    def value(x):
        v = real_array("r(x)", r(x), None if m is None else (m,), finite=False).astype(x.dtype)
        return v if np.isfinite(v).all() else np.full_like(v, np.inf)

    with quiet():
        residual = value(x)
        m = residual.size
        if not np.isfinite(residual).all():
            raise ValueError(f"x0 must be a point where r is finite; got x0 = {short(x)}.")
        path, values, moved = [x], [float(residual @ residual) / 2], math.inf
        while True:
            k, norm = len(path) - 1, math.hypot(*residual.tolist())
            jacobians += 1
            Jx = real_array("J(x)", J(x), (m, x.size), finite=False).astype(x.dtype)
            g = Jx.T @ residual
            size = np.linalg.norm(Jx, axis=0) * norm
            cosine = float(np.max(np.abs(g) / np.where(size > 0, size, 1.0)))
            if cosine <= tol or moved <= tol:
                status, message = CONVERGED, f"Converged after {k} updates."
                break
            if k == maxiter:
                status, message = MAXITER, f"Stopped at maxiter = {k} updates."
                break
            try:
                trial = step(x, residual, Jx, norm, value)
                new = value(trial)
                if not np.isfinite(new).all():
                    raise Stop(NON_FINITE, f"the step led to r(x) = {short(new)}")
            except Stop as stop:
                status, message = stop.status, f"Stopped at iteration {k + 1}: {stop}"
                break
            moved = float(np.linalg.norm(trial - x) / np.linalg.norm(trial))
            x, residual = trial, new
            path.append(x)
            values.append(float(residual @ residual) / 2)
            r.forget()
    return OptimizeResult(
        x=x.copy(), fun=values[-1], jac=g, residual=residual, nit=k, nfev=r.calls, njev=jacobians,
        success=status == CONVERGED, status=status, message=message,
        path=np.array(path), path_fun=np.array(values),
    )  # fmt: skip
