r"""Lagrange multipliers: stationary points of problems with equations, and how to find them.

The problem is to find the stationary points of :math:`f(x)` where :math:`h(x) = 0`; there are
:math:`n` variables and :math:`m` equations. With the Lagrangian
:math:`L(x, \lambda) = f(x) + \lambda^\top h(x)` and the Jacobian :math:`J` of :math:`h`, of shape
(m, n), they are the solutions of :math:`n + m` equations in as many unknowns,

.. math:: \nabla f(x) + J(x)^\top \lambda = 0, \qquad h(x) = 0 .

For a quadratic ``f`` and affine ``h`` they are one linear system: see `kkt.solve_equality_qp` and
`saddle_systems.block_elimination`.
"""

import numpy as np

from coursekit._arguments import count, number, point, real_array, symmetric
from coursekit.constraints.kkt import Problem
from coursekit.statuses import (
    CONVERGED,
    MAXITER,
    NO_PROGRESS,
    NON_FINITE,
)

__all__ = [
    "augmented_lagrangian",
    "classify_stationary_point",
    "reduced_hessian",
    "stationary_point",
]


def reduced_hessian(H, J):
    r"""Curvatures of the Lagrangian along the constraints: :math:`Z^\top H Z` with :math:`JZ = 0`.

    Parameters
    ----------
    H : array_like, shape (n, n)
        The Hessian :math:`\nabla^2_{xx} L` of the Lagrangian (not of ``f``) at a stationary point.
    J : array_like, shape (m, n)
        The Jacobian of the equations there, one gradient a row; ``m = 0`` is allowed.

    Returns
    -------
    ndarray, shape (n - m, n - m)
        In some orthonormal basis :math:`Z` of the directions that are orthogonal to all rows of
        ``J``. Its eigenvalues do not depend on the basis.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind or shape, or if the rows of ``J`` are linearly
        dependent: then multipliers are not unique, or there are none.

    Examples
    --------
    The circle :math:`x^2 + y^2 = 32` at (4, 4), where :math:`x + y` is largest:

    >>> reduced_hessian(-0.25 * np.eye(2), [[4, 4]])
    array([[-0.25]])
    """
    H = symmetric("H", H).astype(float)
    n = len(H)
    J = real_array("J", J).astype(float)
    if J.ndim != 2 or J.shape[1] != n:
        raise ValueError(f"J must have shape (m, {n}), one gradient a row; got shape {J.shape}.")
    size = np.linalg.norm(J, axis=1, keepdims=True)
    rows = J / np.where(size > 0, size, 1)  # the units of an equation do not matter
    rank = np.linalg.matrix_rank(rows) if len(J) else 0
    if rank < len(J):
        raise ValueError(
            f"J must have linearly independent rows; got rank {rank} of {len(J)} rows. Drop "
            "equations that follow from others, or describe the constraints otherwise."
        )
    Z = np.linalg.qr(rows.T, mode="complete")[0][:, rank:]
    return Z.T @ H @ Z


def classify_stationary_point(H, J, *, tol=None):
    r"""Say what kind of stationary point it is, from the curvature along the constraints.

    =================================== ==================
    eigenvalues of `reduced_hessian`    result
    =================================== ==================
    all positive                        ``"minimum"``
    all negative                        ``"maximum"``
    some positive, some negative        ``"saddle"``
    some zero, the others of one sign   ``"inconclusive"``
    there are none, m = n               ``"isolated"``
    =================================== ==================

    It is the bordered Hessian test: if the eigenvalues are :math:`p` positive and :math:`q`
    negative ones, the bordered matrix :math:`\begin{pmatrix} 0 & J \\ J^\top & H \end{pmatrix}`
    has :math:`m + p` positive and :math:`m + q` negative ones.

    Parameters
    ----------
    H, J : array_like, shapes (n, n) and (m, n)
        As of `reduced_hessian`.
    tol : float, optional
        Eigenvalues within ``tol`` times the norm of ``H`` count as zero; n times the machine
        epsilon if not given. Give more if ``H`` itself is less accurate.

    Returns
    -------
    str
        ``"minimum"`` and ``"maximum"`` are strict and local, among the points with ``h = 0``. An
        ``"isolated"`` point is the only one of them nearby, and so both.

    Raises
    ------
    TypeError, ValueError
        As of `reduced_hessian`, or if ``tol`` is not in [0, 1).

    References
    ----------
    Nocedal and Wright, *Numerical Optimization*, theorems 12.5, 12.6 and 16.3.

    Examples
    --------
    >>> classify_stationary_point(-0.25 * np.eye(2), [[4, 4]])
    'maximum'
    >>> classify_stationary_point([[0, 1, 0], [1, 0, 1], [0, 1, 0]], [[1, 2, 0], [1, 0, -3]])
    'maximum'
    """
    reduced = reduced_hessian(H, J)
    tol = len(H) * np.finfo(float).eps if tol is None else number("tol", tol, at_least=0, below=1)
    if not reduced.size:
        return "isolated"
    curvature = np.linalg.eigvalsh(reduced)
    zero = tol * np.linalg.norm(H, 2)
    up, down = curvature[-1] > zero, curvature[0] < -zero
    if up and down:
        return "saddle"
    if (np.abs(curvature) <= zero).any():
        return "inconclusive"
    return "minimum" if up else "maximum"


def stationary_point(problem, hess, x0, *, lam=None, tol=1e-10, maxiter=50):
    r"""Find a stationary point of a problem with equations, by Newton's method.

    Each step solves the linear system of the *KKT matrix*,

    .. math:: \begin{pmatrix} \nabla^2_{xx} L & J^\top \\ J & 0 \end{pmatrix}
              \begin{pmatrix} d \\ \lambda_{k+1} \end{pmatrix} =
              \begin{pmatrix} -\nabla f \\ -h \end{pmatrix}, \qquad x_{k+1} = x_k + d .

    It goes to whatever is near: a minimum, a maximum or neither. Look at ``kind``.

    Parameters
    ----------
    problem : Problem
        Without inequalities.
    hess : callable
        ``hess(x, lam)`` returns the Hessian of the Lagrangian in ``x``, shape (n, n).
    x0 : array_like, shape (n,)
    lam : array_like, shape (m,), optional
        First multipliers; by default those that balance the gradients at ``x0`` best.
    tol : float, optional
        Bound on the norm of all :math:`n + m` residuals together: absolute.
    maxiter : int, optional

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``lam``, ``nit``, ``path`` of shape (nit + 1, n), ``path_lam``,
        ``path_residual``; ``status`` and ``message`` as of `newton_root`, and ``kind`` as of
        `classify_stationary_point`, None if the run did not succeed or the rows of ``J``
        are linearly dependent.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range.

    Examples
    --------
    The highest point of :math:`x + y` on :math:`x^2 + y^2 = 32`:

    >>> circle = (lambda x: x @ x / 2 - 16, lambda x: x)
    >>> p = Problem(lambda x: x.sum(), np.ones_like, 2, eq=[circle])
    >>> run = stationary_point(p, lambda x, lam: lam[0] * np.eye(2), [3, 5])
    >>> run.x.round(6), run.lam.round(6), run.kind
    (array([4., 4.]), array([-0.25]), 'maximum')
    """
    from coursekit.descent.newton import newton_root

    _require_equations(problem)
    n, m = problem.n, len(problem.eq)
    x0 = point("x0", x0, n).astype(float)
    if lam is None:
        lam = np.linalg.lstsq(_jacobian(problem, x0).T, -_gradient(problem, x0))[0]
    lam = real_array("lam", lam, (m,))

    def residuals(z):
        x, lam = z[:n], z[n:]
        slope = _gradient_of_L(problem, x, lam)
        return np.concatenate([slope, _values(problem, x)])

    def matrix(z):
        x, lam = z[:n], z[n:]
        H, J = hess(x, lam), _jacobian(problem, x)
        H = real_array("hess(x, lam)", H, (n, n), finite=False)
        return np.block([[H, J.T], [J, np.zeros((m, m))]])

    run = newton_root(residuals, matrix, np.concatenate([x0, lam]), tol=tol, maxiter=maxiter)
    run.path, run.path_lam = run.path[:, :n], run.path[:, n:]
    run.path_residual = run.pop("path_fun")
    run.x, run.lam = run.path[-1].copy(), run.path_lam[-1].copy()
    run.fun, run.kind = float(problem.f(run.x)), None
    if run.success:
        try:
            run.kind = classify_stationary_point(hess(run.x, run.lam), _jacobian(problem, run.x))
        except ValueError:  # dependent gradients
            run.kind = None
    return run


def augmented_lagrangian(problem, x0, *, lam=None, penalty=10.0, tol=1e-6, maxiter=50):
    r"""Minimize ``f`` where ``h = 0`` by unconstrained minimizations and updates of multipliers.

    .. math:: x_{k+1} = \arg\min_x \; f(x) + \lambda_k^\top h(x) + \tfrac{\rho}{2} \|h(x)\|^2,
              \qquad \lambda_{k+1} = \lambda_k + \rho\, h(x_{k+1}) .

    The minimizations are by `bfgs`, each from the last point. :math:`\rho` becomes ten times as
    large whenever :math:`\|h\|` has not fallen to a quarter, or a minimization has failed.

    Parameters
    ----------
    problem : Problem
        Without inequalities.
    x0 : array_like, shape (n,)
    lam : array_like, shape (m,), optional
        First multipliers; zero if not given.
    penalty : float, optional
        The first :math:`\rho > 0`.
    tol : float, optional
        Bound on the largest residual, of stationarity and of feasibility: absolute.
    maxiter : int, optional
        Largest number of updates of the multipliers.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``lam``, ``penalty``, the last :math:`\rho`; ``nit``, and ``nfev``, the
        calls of ``f`` of all minimizations; ``path`` of shape (nit + 1, n), ``path_lam``,
        ``path_h`` and ``path_penalty``, of shape (nit + 1,), with the norms of :math:`h` and
        the :math:`\rho` that led there. ``status`` is ``CONVERGED``, ``MAXITER``,
        ``NO_PROGRESS`` if the residual has not fallen in five updates, or ``NON_FINITE`` if
        the minimization fails even with :math:`\rho = 10^{12}`.

    Raises
    ------
    TypeError, ValueError
        For an argument of the wrong kind, shape or range.

    Notes
    -----
    Near a minimizer that passes the second-order test :math:`\rho` need only be large enough;
    then the error of the multipliers shrinks by a constant factor, which is about
    :math:`1 / (1 + \rho s)` in the example of one equation with Schur complement :math:`s`.

    References
    ----------
    Hestenes, Multiplier and gradient methods, 1969; Nocedal and Wright, *Numerical
    Optimization*, section 17.3.

    Examples
    --------
    >>> line = (lambda x: 3 * x[0] + 4 * x[1] - 5, lambda x: np.array([3.0, 4]))
    >>> p = Problem(lambda x: x @ x, lambda x: 2 * x, 2, eq=[line])
    >>> run = augmented_lagrangian(p, [0, 0])
    >>> run.x.round(6), run.lam.round(6), run.success
    (array([0.6, 0.8]), array([-0.4]), True)
    """
    from scipy.optimize import OptimizeResult

    from coursekit.descent.quasi_newton import bfgs

    _require_equations(problem)
    x, m = point("x0", x0, problem.n).astype(float), len(problem.eq)
    lam = real_array("lam", np.zeros(m) if lam is None else lam, (m,)).astype(float)
    rho, tol = number("penalty", penalty, above=0), number("tol", tol, at_least=0)
    maxiter = count("maxiter", maxiter)
    trail = [(x, lam, np.linalg.norm(_values(problem, x)), rho)]
    nfev, best, idle, status = 0, np.inf, 0, MAXITER
    for _ in range(maxiter):

        def L(x, lam=lam, rho=rho):
            h = _values(problem, x)
            return float(problem.f(x)) + lam @ h + rho / 2 * h @ h

        def grad(x, lam=lam, rho=rho):
            return _gradient_of_L(problem, x, lam + rho * _values(problem, x))

        with np.errstate(over="ignore", invalid="ignore"):
            run = bfgs(L, grad, x, tol=tol / 2)
        nfev += run.nfev
        if not _balanced(problem, run, lam, rho):  # no minimum there: punish harder
            if rho >= 1e12:
                status = NON_FINITE
                break
            rho *= 10
            continue
        x, h = run.x, _values(problem, run.x)
        lam = lam + rho * h
        trail.append((x, lam, np.linalg.norm(h), rho))
        residual = max(_largest(run.jac), _largest(h))
        idle = 0 if residual < best else idle + 1
        best = min(best, residual)
        if residual <= tol or idle == 5:
            status = CONVERGED if residual <= tol else NO_PROGRESS
            break
        if len(trail) > 2 and trail[-1][2] > trail[-2][2] / 4:
            rho = min(10 * rho, 1e12)
    path, path_lam, path_h, path_penalty = map(np.array, zip(*trail, strict=True))
    return OptimizeResult(
        x=x.copy(), fun=float(problem.f(x)), lam=lam.copy(), penalty=float(path_penalty[-1]),
        nit=len(path) - 1, nfev=nfev, status=status, success=status == CONVERGED,
        message=_message(status, len(path) - 1, best, tol, rho),
        path=path, path_lam=path_lam, path_h=path_h, path_penalty=path_penalty,
    )  # fmt: skip


def _balanced(problem, run, lam, rho):
    """Say whether a run has found a minimum: its gradient is small against what it is made of."""
    if run.status == CONVERGED:
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        weights = lam + rho * _values(problem, run.x)
        parts = _gradient(problem, run.x), weights @ _jacobian(problem, run.x)
    return bool(_largest(run.jac) <= 1e-3 * max(map(_largest, parts)) < np.inf)


def _message(status, k, residual, tol, rho):
    seen = f"residual {residual:.3g} {'<=' if status == CONVERGED else '>'} tol = {tol:.3g}"
    return {
        CONVERGED: f"Converged after {k} updates: {seen}.",
        MAXITER: f"Stopped at maxiter after {k} updates: {seen}, penalty {rho:.3g}.",
        NO_PROGRESS: f"No progress after {k} updates: {seen}, penalty {rho:.3g}. Perhaps no point "
        "is feasible, or tol is below the rounding of the gradient.",
        NON_FINITE: f"Not finite: no minimum was found even with penalty {rho:.3g}. Start nearer, "
        "or see whether f has a minimum on the constraints.",
    }[status]


def _require_equations(problem):
    if not isinstance(problem, Problem):
        raise TypeError(f"problem must be a Problem; got {type(problem).__name__}.")
    if problem.ineq:
        raise ValueError(f"problem must have equations only; got {len(problem.ineq)} inequalities.")


def _values(problem, x):
    return np.array([float(function(x)) for function, _ in problem.eq])


def _gradient(problem, x):
    return real_array("grad(x)", problem.grad(x), (problem.n,), finite=False).astype(float)


def _jacobian(problem, x):
    """Return the gradients of the equations as rows, shape (m, n)."""
    rows = [real_array("gradient of eq", g(x), (problem.n,), finite=False) for _, g in problem.eq]
    return np.array(rows, dtype=float).reshape(len(rows), problem.n)


def _gradient_of_L(problem, x, lam):
    return _gradient(problem, x) + lam @ _jacobian(problem, x)


def _largest(v):
    return float(np.abs(v).max(initial=0))
