r"""Linear least squares, :math:`\min_x \tfrac12 \|Ax - b\|_2^2`, without the normal equations.

``solve_qr`` is the method of choice for a matrix of full column rank, ``solve_svd`` returns the
solution of least norm whatever the rank, ``ridge`` adds a penalty on the norm, ``solve_ball`` a
bound on it, and ``solve_gd`` iterates. None of them forms :math:`A^\top A`, whose condition number
is the square of that of :math:`A`, or an inverse.

``A`` has shape ``(m, n)``, one row an equation. Where ``b`` may be ``(m, k)``, each column is a
right-hand side of its own and the result has shape ``(n, k)``. The arithmetic is ``float32`` if
``A`` and ``b`` both are, and ``float64`` otherwise. Arguments of the wrong kind, shape or range
raise ``TypeError`` or ``ValueError`` with a message that starts with the argument's name.

``lam`` is the penalty of ridge. The multiplier of the ball, which is an inequality, is ``mu``, as
in the chapter *KKT conditions*.

References
----------
Björck, *Numerical Methods for Least Squares Problems*, SIAM 1996.
Chan, "An improved algorithm for computing the singular value decomposition", ACM Transactions on
Mathematical Software 8(1), 1982: first the QR decomposition of a tall matrix.
Goodfellow, Bengio and Courville, *Deep Learning*, section 4.5.
"""

import math

import numpy as np

from coursekit._arguments import count, matrix, number, point, real_array
from coursekit.descent import gradient_descent
from coursekit.statuses import CONVERGED, MAXITER

__all__ = ["ball_dual_ascent", "ridge", "solve_ball", "solve_gd", "solve_qr", "solve_svd"]


def solve_qr(A, b):
    r"""Least squares by :math:`A P = Q R`: solve :math:`R\, P^\top x = Q^\top b`.

    Householder reflections with column pivoting, about :math:`2mn^2` operations. The result is
    the exact solution for slightly changed data (backward stable); its relative error is about
    :math:`\epsilon\, (\kappa + \kappa^2 \|r\| / (\|A\| \|x\|))`, with the residual :math:`r`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Of full column rank, so :math:`m \ge n`.
    b : array_like, shape (m,) or (m, k)

    Returns
    -------
    ndarray, shape (n,) or (n, k)
        The unique minimizer.

    Raises
    ------
    ValueError
        Also if the columns are linearly dependent to working precision:
        :math:`|r_{jj}| \le \epsilon \max(m, n)\, |r_{11}|` for some j.

    References
    ----------
    Golub, "Numerical methods for solving linear least squares problems", Numerische Mathematik
    7, 1965; Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 20.

    Examples
    --------
    >>> solve_qr([[1, 0], [1, 1], [1, 2], [1, 3]], [1, 3, 2, 5]).round(12)
    array([1.1, 1.1])
    """
    from scipy.linalg import qr, solve_triangular

    A, b = _system(A, b)
    n = A.shape[1]
    Q, R, order = qr(A, mode="economic", pivoting=True)
    size = np.abs(np.diagonal(R))
    rank = np.count_nonzero(size > _rcond(A) * size[0])
    if rank < n:
        raise ValueError(
            f"A must have full column rank, but of its {n} columns only {rank} are linearly "
            f"independent in {A.dtype}: many x fit equally well. solve_svd returns the shortest."
        )
    x = np.empty((n, *b.shape[1:]), A.dtype)
    x[order] = solve_triangular(R, Q.T @ b)
    return x


def solve_svd(A, b, rcond=None):
    r"""Least-squares solution of least norm, :math:`x = A^+ b = V \Sigma^+ U^\top b`.

    Among all minimizers of :math:`\|Ax - b\|_2` it is the one with the smallest
    :math:`\|x\|_2`; it exists and is unique for every matrix, of any shape and rank.

    Parameters
    ----------
    A : array_like, shape (m, n)
    b : array_like, shape (m,) or (m, k)
    rcond : float, optional
        Singular values up to ``rcond`` times the largest count as zero. Default
        :math:`\epsilon \max(m, n)`; where noise is larger than rounding, give the noise level.

    Returns
    -------
    ndarray, shape (n,) or (n, k)

    Notes
    -----
    The solution jumps when a singular value crosses the threshold: with ``rcond`` far below the
    noise it explodes, far above it loses detail. :func:`ridge` changes smoothly.

    References
    ----------
    Moore 1920; Penrose 1955; Golub and Kahan 1965.

    Examples
    --------
    >>> solve_svd([[1, 2, 2]], [9]).round(12)
    array([1., 2., 2.])
    >>> solve_svd([[1, 1], [1, 1]], [1, 3]).round(12)  # rank 1, inconsistent
    array([1., 1.])
    """
    A, b = _system(A, b)
    if rcond is not None:
        rcond = number("rcond", rcond, at_least=0, below=1)
    c, s, Vt = _svd(A, b, rcond)
    return Vt.T @ _filtered(c, s)


def ridge(A, b, lam):
    r"""Minimize :math:`\|Ax - b\|_2^2 + \lambda \|x\|_2^2`, the ridge (Tikhonov) problem.

    On paper :math:`x = (A^\top A + \lambda I)^{-1} A^\top b`; computed from the SVD as
    :math:`\sum_i \frac{\sigma_i}{\sigma_i^2 + \lambda} (u_i^\top b)\, v_i`. Small singular values
    are damped, large ones hardly changed, and :math:`\|x\|` falls as :math:`\lambda` grows.

    Parameters
    ----------
    A : array_like, shape (m, n)
    b : array_like, shape (m,) or (m, k)
    lam : float
        The penalty, at least 0; with 0 the result is that of :func:`solve_svd`. No half stands
        before either term; scikit-learn's ``Ridge(alpha=lam, fit_intercept=False)`` is the same.

    Returns
    -------
    ndarray, shape (n,) or (n, k)

    References
    ----------
    Hoerl and Kennard, "Ridge regression", Technometrics 12, 1970.

    Examples
    --------
    >>> ridge([[1, 0], [0, 1], [1, 1]], [1, 2, 4], 1).round(12)
    array([1.125, 1.625])
    """
    A, b = _system(A, b)
    lam = number("lam", lam, at_least=0)
    c, s, Vt = _svd(A, b, None if lam == 0 else 0)
    return Vt.T @ _filtered(c, s, lam)


def solve_gd(A, b, *, x0=None, step_size=None, tol=1e-6, maxiter=10_000):
    r"""Gradient descent: :math:`x \leftarrow x - s\, A^\top (Ax - b)`, two products a step.

    It converges for :math:`0 < s < 2/\sigma_1^2`, with :math:`\kappa(A)^2` in the number of
    steps. From a start in the row space of ``A``, such as 0, the limit is :math:`A^+ b`.

    Parameters
    ----------
    A : array_like, shape (m, n)
    b : array_like, shape (m,)
    x0 : array_like, shape (n,), optional
        Start; default 0.
    step_size : float or rule, optional
        As in :func:`coursekit.descent.gradient_descent`; default :math:`1/\sigma_1^2`.
    tol : float, optional
        Relative: stop when :math:`\|A^\top(Ax - b)\|_2 \le \text{tol}\; \sigma_1 \|b\|_2`. The
        rounding floor of the left-hand side is some :math:`\epsilon\,\sigma_1(\sigma_1\|x\| +
        \|b\|)`: ask for less and the run ends with status 1 or 4.
    maxiter : int, optional

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of :func:`coursekit.descent.gradient_descent`, statuses included.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning*, algorithm 4.1.

    Examples
    --------
    >>> run = solve_gd([[1, 0], [1, 1], [1, 2], [1, 3]], [1, 3, 2, 5])
    >>> run.success, run.x.round(4)
    (True, array([1.1, 1.1]))
    """
    A, b = _system(A, b, columns=False)
    n = A.shape[1]
    x0 = np.zeros(n) if x0 is None else point("x0", x0, n)
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    norm = float(np.linalg.norm(A, 2))
    if step_size is None:
        step_size = 1 / norm**2 if norm else 1.0

    def f(x):
        r = A @ x - b
        return r @ r / 2

    tol *= norm * float(np.linalg.norm(b))
    return gradient_descent(
        f,
        lambda x: A.T @ (A @ x - b),
        x0.astype(A.dtype),
        step_size=step_size,
        tol=tol,
        maxiter=maxiter,
    )


def solve_ball(A, b, radius, *, maxiter=100):
    r"""Minimize :math:`\tfrac12\|Ax - b\|_2^2` subject to :math:`\|x\|_2 \le \rho`.

    If :math:`\|A^+ b\| \le \rho`, that is the answer. Otherwise the constraint is active:
    :math:`(A^\top A + 2\mu I)\, x(\mu) = A^\top b` with the one :math:`\mu > 0` for
    which :math:`\|x(\mu)\| = \rho`. One SVD makes :math:`x(\mu)` explicit, and Newton's
    method solves :math:`1/\|x(\mu)\| = 1/\rho`. The left-hand side is increasing and concave,
    so Newton's iterates rise from 0 towards the root and never pass it: no bracket is needed.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Any shape and rank. Singular values below the default ``rcond`` of :func:`solve_svd`
        count as zero.
    b : array_like, shape (m,)
    radius : float
        The bound :math:`\rho > 0`.
    maxiter : int, optional
        Largest number of Newton steps; five to ten are usual.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x`` with :math:`\|x\| \le \rho` up to a few rounding errors; ``mu``, the multiplier
        of the Lagrangian :math:`f(x) + \mu(x^\top x - \rho^2)`; ``fun``, and ``jac``
        :math:`= A^\top(Ax - b) = -2\mu x`. ``path`` holds the ``nit + 1`` points
        :math:`x(\mu_k)`, ``path_fun`` their values and ``path_mu`` their :math:`\mu_k`.
        ``status``: ``CONVERGED`` or ``MAXITER``.

    Raises
    ------
    ValueError
        Also for ``radius`` 0: the only feasible point is 0, and it has no multiplier.

    References
    ----------
    Reinsch, "Smoothing by spline functions II", Numerische Mathematik 16, 1971; Nocedal and
    Wright, *Numerical Optimization*, section 4.3.

    Examples
    --------
    >>> solution = solve_ball([[2, 0], [0, 1], [1, 1]], [2, 1, 3], 1)
    >>> solution.x.round(6), round(solution.mu, 6)
    (array([0.781509, 0.623894]), 1.579356)
    """
    A, b = _system(A, b, columns=False)
    radius = number("radius", radius, above=0)
    maxiter = count("maxiter", maxiter)
    c, s, Vt = _svd(A, b)
    t, c = s / s[:1], c / s[:1]  # so that no square underflows
    limit = radius * (1 + 8 * float(np.finfo(A.dtype).eps))
    shift, z = 0.0, _filtered(c, t)
    shifts, points, norm = [shift], [z], math.sqrt(z @ z)
    while norm > limit and len(shifts) <= maxiter:
        w = z / norm
        shift += float((norm / radius - 1) / (w / (t * t + shift) @ w))
        z = _filtered(c, t, shift)
        norm = math.sqrt(z @ z)
        shifts.append(shift)
        points.append(z)
    solved = bool(norm <= limit)
    mus = np.array(shifts) * float(s[:1].sum()) ** 2 / 2
    if not solved:
        message = f"Stopped at maxiter = {maxiter}: ||x|| = {norm:.3g} > radius = {radius:.3g}."
    elif shift == 0:
        message = f"Solved: ||x|| = {norm:.3g} <= radius = {radius:.3g}, the bound is inactive."
    else:
        message = f"Solved: ||x|| = radius = {radius:.3g} with multiplier {mus[-1]:.3g}."
    return _result(A, b, np.array(points) @ Vt, mus, solved, message)


def ball_dual_ascent(A, b, radius=1.0, *, step_size=1.0, tol=1e-8, maxiter=1000):
    r"""The problem of :func:`solve_ball` by gradient ascent on the multiplier.

    From :math:`\mu = 0`: minimize the Lagrangian :math:`f(x) + \mu(x^\top x - \rho^2)`
    over :math:`x`, then :math:`\mu \leftarrow \max(0, \mu + s\,(x^\top x - \rho^2))`, since
    :math:`x^\top x - \rho^2` is the derivative of the dual function. It converges only for small
    :math:`s`, and then linearly; it is here to be understood, :func:`solve_ball` to be used.

    Parameters
    ----------
    A, b, radius
        As in :func:`solve_ball`.
    step_size : float, optional
        The step size :math:`s > 0`.
    tol : float, optional
        Stop when :math:`|x^\top x - \rho^2| \le \text{tol}\;\rho^2`, or when :math:`\mu = 0`
        and :math:`x` is in the ball.
    maxiter : int, optional
        Largest number of updates of :math:`\mu`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        As of :func:`solve_ball`.

    References
    ----------
    Goodfellow, Bengio and Courville, *Deep Learning*, section 4.5.

    Examples
    --------
    >>> run = ball_dual_ascent([[2, 0], [0, 1], [1, 1]], [2, 1, 3])
    >>> run.nit, run.path_mu[:3].round(4)
    (26, array([0.    , 2.321 , 2.0261]))
    """
    A, b = _system(A, b, columns=False)
    radius = number("radius", radius, above=0)
    step_size = number("step_size", step_size, above=0)
    tol, maxiter = number("tol", tol, at_least=0), count("maxiter", maxiter)
    c, s, Vt = _svd(A, b)
    mus, points = [0.0], [_filtered(c, s)]
    while True:
        z, mu = points[-1], mus[-1]
        slope = float(z @ z) - radius**2
        solved = abs(slope) <= tol * radius**2 or (mu == 0 and slope < 0)
        if solved or len(points) > maxiter:
            break
        mus.append(max(0.0, mu + step_size * slope))
        points.append(_filtered(c, s, 2 * mus[-1]))
    if solved:
        message = f"Solved after {len(points) - 1} updates with multiplier {mu:.3g}."
    else:
        bound = 1 / (2 * float(z / (s * s + 2 * mu) @ z))
        message = (
            f"Stopped at maxiter = {maxiter}: ||x||^2 - radius^2 = {slope:.3g}. Near this point "
            f"only step sizes below {bound:.3g} converge; step_size = {step_size:.3g}."
        )
    return _result(A, b, np.array(points) @ Vt, np.array(mus), solved, message)


def _result(A, b, path, mus, solved, message):
    from scipy.optimize import OptimizeResult

    x = path[-1].copy()
    residuals = path @ A.T - b
    values = (residuals * residuals).sum(axis=1) / 2
    return OptimizeResult(
        x=x,
        fun=float(values[-1]),
        jac=A.T @ (A @ x - b),
        mu=float(mus[-1]),
        nit=len(path) - 1,
        nfev=len(path),
        success=solved,
        status=CONVERGED if solved else MAXITER,
        message=message,
        path=path,
        path_fun=values,
        path_mu=mus,
    )


def _rcond(A):
    return max(A.shape) * float(np.finfo(A.dtype).eps)


def _svd(A, b, rcond=None):
    """Return ``U.T @ b``, the singular values and ``V.T``, without the values that count as 0."""
    rcond, n = _rcond(A) if rcond is None else rcond, A.shape[1]
    if len(A) > n + 100:  # the triangle of A = QR has the same s and V, and far fewer rows
        R = np.linalg.qr(np.column_stack([A, b]), mode="r")
        A, b = R[:n, :n], R[:n, n:].reshape(n, *b.shape[1:])
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rank = np.count_nonzero(s > rcond * s[0])
    return U[:, :rank].T @ b, s[:rank], Vt[:rank]


def _filtered(c, s, shift=0.0):
    """Return ``s / (s**2 + shift) * c``, written so that no square underflows."""
    return (c.T / (s + shift / s)).T


def _system(A, b, columns=True):
    """Return checked ``A`` and ``b`` in their working precision."""
    A, b = matrix("A", A), real_array("b", b)
    if b.ndim not in ((1, 2) if columns else (1,)) or len(b) != len(A):
        shapes = f"({len(A)},)" + (f" or ({len(A)}, k)" if columns else "")
        raise ValueError(f"b must have shape {shapes}, one entry a row of A; got shape {b.shape}.")
    dtype = np.float32 if A.dtype == b.dtype == np.float32 else np.float64
    return A.astype(dtype, copy=False), b.astype(dtype, copy=False)
