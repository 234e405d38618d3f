r"""Nonlinear least squares, :math:`\min_x \tfrac12 \|r(x)\|_2^2`, by linear ones.

Linearized at :math:`x_k` the residuals are :math:`r + J\,\delta`. The Hessian of the objective is
:math:`J^\top J + \sum_i r_i \nabla^2 r_i`; both methods leave the second part out, so no second
derivatives are needed, and they converge fast where the residuals are small at the solution.

The results are the same in other units of ``x`` and ``r``: columns are scaled, and the tests for
convergence compare like with like. Neither method forms :math:`J^\top J` to solve with it.
"""

import math

import numpy as np

from coursekit._arguments import number, point, real_array
from coursekit.descent._run import Stop, counted, iterate, short
from coursekit.descent.trust_region import diagonal_step
from coursekit.statuses import CONVERGED, NO_PROGRESS, SINGULAR

__all__ = ["gauss_newton", "levenberg_marquardt"]


def gauss_newton(r, J, x0, *, tol=1e-8, maxiter=100):
    r"""Minimize :math:`\tfrac12 \|r(x)\|^2` by full steps, each to the best linear fit.

    :math:`x_{k+1} = x_k + \delta` with :math:`\min_\delta \|r(x_k) + J(x_k)\,\delta\|`. For linear
    residuals one step is enough. Otherwise nothing shortens it, and a step that is far too long
    for the linear model may increase the residuals without a bound: `levenberg_marquardt` then.

    Parameters
    ----------
    r : callable
        Parameters of shape ``(n,)`` to residuals, shape ``(m,)`` with :math:`m \ge n`.
    J : callable
        Parameters of shape ``(n,)`` to the Jacobian, shape ``(m, n)``.
    x0 : array_like, shape (n,)
        Start. Integers are promoted to ``float64``; the path keeps a floating dtype.
    tol : float, optional
        The run has converged when ``r`` is orthogonal to the columns of ``J``,
        :math:`|J_j^\top r| \le \text{tol}\,\|J_j\|\,\|r\|` for each, or when the last step was
        short, :math:`\|D\delta\| \le \text{tol}\,\|Dx\|` with the largest norms so far of each
        column in the diagonal matrix :math:`D`; or when the next one is too short to change ``x``.
    maxiter : int, optional
        Largest number of updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``; ``fun`` = :math:`\tfrac12\|r\|^2`, half the sum of squares; ``residuals``; ``jac``
        = :math:`J^\top r`, its gradient; ``path`` ``(nit + 1, n)`` and ``path_fun``
        ``(nit + 1,)``; ``nfev`` and ``njev`` count calls of ``r`` and ``J``. ``status`` is one of

        0. ``CONVERGED``: as said under ``tol``.
        1. ``MAXITER``: that many updates were made.
        3. ``NON_FINITE``: the Jacobian, the next point or a residual there is not finite.
        4. ``NO_PROGRESS``: the update is too small to change ``x``.
        9. ``SINGULAR``: the columns of the Jacobian are linearly dependent.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range, or a start where ``r`` is not finite.

    References
    ----------
    Björck, *Numerical Methods for Least Squares Problems*, SIAM 1996, section 9.2.

    Examples
    --------
    >>> t = np.linspace(0, 2, 9)
    >>> def r(x): return x[0] * np.exp(x[1] * t) - 2 * np.exp(-1.5 * t)
    >>> def J(x): return np.stack([np.exp(x[1] * t), x[0] * t * np.exp(x[1] * t)], axis=-1)
    >>> gauss_newton(r, J, [1.5, -1]).x.round(6)
    array([ 2. , -1.5])
    >>> lost = gauss_newton(r, J, [1, -4])
    >>> lost.success, f"{2 * lost.path_fun[1]:.1e}"
    (False, '6.6e+09')
    """

    def step(x, residuals, U, s, Vt, scale, value, cosine):
        if s.size < x.size:
            raise Stop(
                SINGULAR,
                f"the Jacobian has rank {s.size} < {x.size} at x = {short(x)}: many steps fit "
                "equally well. Try levenberg_marquardt, or fewer parameters.",
            )
        return x - Vt.T @ ((U.T @ residuals) / s) / scale

    return _least_squares(r, J, x0, step, tol, maxiter)


def levenberg_marquardt(r, J, x0, *, mu0=0.01, tol=1e-8, maxiter=100):
    r"""Minimize :math:`\tfrac12 \|r(x)\|^2` by damped steps, none of which increases it.

    .. math:: (J^\top J + \mu D^2)\, \delta = -J^\top r

    is a short step downhill for large :math:`\mu`, and that of `gauss_newton` for :math:`\mu = 0`.
    :math:`D` is diagonal, with the largest norm so far of each column of :math:`J`. The damping
    follows from a trust region: :math:`\delta` minimizes the linear model within :math:`\|D
    \delta\| \le \rho`, and :math:`\rho` adapts as in `trust_region`. Failure makes :math:`\rho`
    smaller and :math:`\mu` larger; near a solution :math:`\mu` becomes 0.

    Parameters
    ----------
    r, J, x0, tol
        As of `gauss_newton`, but ``m`` may be less than ``n`` and the columns of ``J`` dependent.
        The run has also converged when the steps within :math:`\rho \le \text{tol}\,\|Dx\|` are
        rejected where the residuals are orthogonal to the columns up to :math:`\sqrt{\text{tol}}`:
        rounding hides what is left to gain.
    mu0 : float, optional
        The damping of the first step, relative to :math:`J^\top J` with columns of norm 1.
    maxiter : int, optional
        Largest number of updates. Rejected steps are no updates.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of `gauss_newton`, without ``SINGULAR``; a step to where a residual is not finite is
        rejected. ``nfev - 1`` steps were tried, and ``nit`` of them made; ``path_mu`` of shape
        ``(nit,)`` holds their dampings.

    Raises
    ------
    TypeError, ValueError
        As by `gauss_newton`.

    References
    ----------
    Levenberg (1944); Marquardt (1963); Moré, "The Levenberg-Marquardt algorithm: implementation
    and theory", in *Numerical Analysis*, Lecture Notes in Mathematics 630, Springer 1978.

    Examples
    --------
    Where `gauss_newton` is lost, 7 trials are enough:

    >>> t = np.linspace(0, 2, 9)
    >>> def r(x): return x[0] * np.exp(x[1] * t) - 2 * np.exp(-1.5 * t)
    >>> def J(x): return np.stack([np.exp(x[1] * t), x[0] * t * np.exp(x[1] * t)], axis=-1)
    >>> run = levenberg_marquardt(r, J, [1, -4])
    >>> run.x.round(6), run.nfev - 1
    (array([ 2. , -1.5]), 7)
    """
    mu, tol = number("mu0", mu0, above=0), number("tol", tol, at_least=0)
    radius, mus = None, []

    def step(x, residuals, U, s, Vt, scale, value, cosine):
        nonlocal mu, radius
        norm, c, squares = math.hypot(*residuals.tolist()), s * (U.T @ residuals), s * s
        if radius is None:
            radius = float(np.linalg.norm(c / (squares + mu)))
        rejected = False
        while True:
            z, mu = diagonal_step(c[::-1], squares[::-1], radius)
            z = z[::-1]
            trial = x + Vt.T @ z / scale
            if (trial == x).all():
                if not rejected:
                    return trial
                raise Stop(
                    NO_PROGRESS,
                    "no step reduces the residuals. Check J against r; or rounding hides the "
                    "reduction, then raise tol.",
                )
            length, after = math.hypot(*z.tolist()), math.hypot(*value(trial).tolist()) / norm
            promised = math.hypot(*(s * z / norm).tolist()) ** 2 + 2 * mu * (length / norm) ** 2
            ratio = (1 - after) * (1 + after) / promised if promised > 0 else 0.0
            if not ratio >= 0.25:  # NaN too
                radius = length / 4
            elif ratio > 0.75 or mu == 0:
                radius = 2 * length
            if ratio > 1e-4:
                mus.append(mu)
                return trial
            if radius <= tol * np.linalg.norm(scale * x) and cosine <= math.sqrt(tol):
                raise Stop(CONVERGED, "no step longer than tol times x reduces the residuals.")
            rejected = True

    run = _least_squares(r, J, x0, step, tol, maxiter)
    run.path_mu = np.array(mus[: run.nit])
    return run


def _least_squares(r, J, x0, step, tol, maxiter):
    """Run the loop of both: ``step`` gets the SVD of the Jacobian with scaled columns."""
    from scipy.optimize import OptimizeResult

    n, tol = point("x0", x0).size, number("tol", tol, at_least=0)
    m, jacobians, scale, moved, last = None, 0, 0.0, math.inf, None
    r = counted(r)

    def value(x):
        return real_array("r(x)", r(x), m and (m,), finite=False).astype(x.dtype)

    def evaluate(x):
        nonlocal m, jacobians, scale, last
        x.flags.writeable = False
        if not np.isfinite(x).all():
            return (), f"x = {short(x)}"
        residuals = value(x)
        r.forget()
        if residuals.ndim != 1 or residuals.size == 0:
            raise ValueError(f"r(x) must have shape (m,); got shape {residuals.shape}.")
        m = residuals.size
        norm = math.hypot(*residuals.tolist())
        if not math.isfinite(norm):
            return (), f"r(x) = {short(residuals)} at x = {short(x)}"
        Jx = real_array("J(x)", J(x), (m, n), finite=False).astype(x.dtype)
        jacobians += 1
        if not np.isfinite(Jx).all():
            return (), f"J(x) at x = {short(x)}"
        sizes = np.linalg.norm(Jx, axis=0)
        scale = np.maximum(scale, sizes)
        g = Jx.T @ residuals
        cosine = float(np.max(np.abs(g) / np.where(sizes * norm > 0, sizes * norm, 1)))
        last = residuals, g
        return (norm * norm / 2, residuals, Jx, cosine), ""

    def judge(half, residuals, Jx, cosine):
        seen = f"sum of squares {2 * half:.3g}, cosine {cosine:.3g} of r and J, tol = {tol:.3g}"
        if moved <= tol < cosine:
            return True, f"{seen}, last step {moved:.3g}"
        return cosine <= tol, seen

    def scaled(k, x, half, residuals, Jx, cosine):
        nonlocal moved
        D = np.where(scale > 0, scale, 1).astype(x.dtype)
        U, s, Vt = np.linalg.svd(Jx / D, full_matrices=False)
        rank = np.count_nonzero(s > max(m, n) * np.finfo(s.dtype).eps * s[0])
        trial = step(x, residuals, U[:, :rank], s[:rank], Vt[:rank], D, value, cosine)
        size = float(np.linalg.norm(D * trial))
        moved = float(np.linalg.norm(D * (trial - x))) / size if size > 0 else math.inf
        if moved < tol and (trial == x).all():
            raise Stop(CONVERGED, "the step is below the rounding of x.")
        return trial

    path, halves, status, message = iterate(x0, evaluate, judge, scaled, maxiter)
    residuals, g = last
    return OptimizeResult(
        x=path[-1].copy(),
        fun=float(halves[-1]),
        jac=g,
        residuals=residuals,
        nit=len(path) - 1,
        nfev=r.calls,
        njev=jacobians,
        success=status == CONVERGED,
        status=status,
        message=message,
        path=path,
        path_fun=halves,
    )
