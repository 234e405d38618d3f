"""First and second derivatives at a point, along what its active constraints leave free."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_vectors import constraint, gradient_at, reach
from coursekit.derivatives import numerical_hessian, numerical_jacobian
from coursekit.objectives import Objective


@dataclass(frozen=True)
class Local:
    """Derivatives at a point, along the k directions that the active constraints leave free."""

    f: Callable
    x: np.ndarray
    moves: np.ndarray  # how far each coordinate may be off, (n,)
    grad: np.ndarray
    free: np.ndarray  # eigenvectors of the reduced Hessian, (n, k)
    curvature: np.ndarray  # its eigenvalues, (k,)
    blur: float  # their uncertainty
    slope: np.ndarray  # of f along the eigenvectors, (k,)
    limit: np.ndarray  # what counts as zero there, (k,)
    share: float  # size of the slopes relative to the terms of the gradient
    negative: list  # active inequalities whose multiplier would be negative, worst first
    firm: tuple  # active constraints (function, gradient) with a multiplier that is not zero
    weak: bool  # whether there are others

    def stationary(self, unseen=0.0):
        """Whether all slopes count as zero, or what they can gain is unseen in ``f``."""
        gain = (self.slope**2 / np.maximum(np.abs(self.curvature), 1e-300)).sum()
        return bool((np.abs(self.slope) <= self.limit).all() or gain <= unseen)


def look(problem, x, eps, asked):
    """Collect what the conditions need at ``x``."""
    n, moves = x.size, reach(x, eps, asked)
    g, error, hessian = _derivatives(problem, x)
    eq, ineq = getattr(problem, "eq", ()), getattr(problem, "ineq", ())
    values = [constraint(pair, x, moves) for pair in ineq]
    active = [j for j, (value, tol) in enumerate(values) if value >= -tol]
    pairs = (*eq, *(ineq[j] for j in active))
    A = np.array([grad(x) for _, grad in pairs], dtype=float).reshape(-1, n)
    weights = np.linalg.lstsq(A.T, -g, rcond=None)[0] if pairs else np.zeros(0)

    H, doubt = hessian(x, pairs, weights)
    kink = not np.isfinite(H).all() or not np.isfinite(doubt).all()
    H = np.nan_to_num(H, posinf=0, neginf=0)
    blur = np.linalg.norm(doubt) + 4 * n * eps * np.linalg.norm(H)
    for turn in (np.ones(n), (-1.0) ** np.arange(n)):  # the Hessian differs where x may be off to
        blur += np.linalg.norm(hessian(x + turn * moves, pairs, weights)[0] - H)
    blur = np.inf if kink or not np.isfinite(blur) else blur
    terms = np.abs(H) @ np.maximum(np.abs(x), 1)
    error = error + 4 * n * eps * (terms + np.abs(A.T) @ np.abs(weights))

    Z = null_space(A)
    curvature, modes = np.linalg.eigh(Z.T @ H @ Z)
    free = Z @ modes
    slope = free.T @ g
    delta = asked * n**0.5 * max(1, np.abs(x).max())
    limit = (np.abs(curvature) + blur) * delta + np.abs(free.T) @ error
    zero = np.linalg.norm(np.abs(H) @ moves + error + asked * np.abs(A.T) @ np.abs(weights))
    push = weights * np.linalg.norm(A, axis=1)
    firm = np.abs(push) > zero
    firm[: len(eq)] = True
    size = np.linalg.norm(terms) + np.linalg.norm(np.abs(A.T) @ np.abs(weights)) or 1.0
    negative = []
    if not _balanced(A, len(eq), g, zero):
        order = np.argsort(push[len(eq) :], kind="stable")
        negative = [active[k] for k in order]
    return Local(
        f=getattr(problem, "f", problem), x=x, moves=moves, grad=g, free=free, slope=slope,
        curvature=curvature, blur=blur, limit=limit, share=np.linalg.norm(slope) / size,
        negative=negative, firm=tuple(pairs[k] for k in np.flatnonzero(firm)),
        weak=not firm.all(),
    )  # fmt: skip


def _derivatives(problem, x):
    """Gradient, its error, and the Hessian of the Lagrangian, a function of (x, pairs, weights)."""
    if isinstance(problem, Objective) and problem.hess:
        return gradient_at(problem, x), 0.0, lambda x, *_: (problem.hess(x), 0.0)
    if hasattr(problem, "grad"):

        def hessian(x, pairs, weights):
            def slope(x):
                terms = zip(weights, pairs, strict=True)
                return problem.grad(x) + sum(w * np.asarray(grad(x)) for w, (_, grad) in terms)

            got = numerical_jacobian(slope, x, full_output=True)
            return (got.value + got.value.T) / 2, got.error

        return gradient_at(problem, x), 0.0, hessian
    try:
        got = numerical_jacobian(problem, x, full_output=True)
    except ValueError:
        raise CheckFailed(
            "x lies on the edge of where f is finite: on one side f has no values.\n"
            "Try: a minimiser has room on all sides. Where does your search stop, and why?"
        ) from None
    return got.value, got.error, lambda x, *_: numerical_hessian(problem, x, full_output=True)[:2]


def null_space(A):
    """Orthonormal columns that span the directions without change of any constraint."""
    n = A.shape[1]
    if not len(A):
        return np.eye(n)
    length = np.linalg.norm(A, axis=1, keepdims=True)
    _, sigma, Vt = np.linalg.svd(A / np.where(length > 0, length, 1))
    return Vt[int((sigma > 1e3 * n * np.finfo(float).eps).sum()) :].T


def _balanced(A, equations, g, zero):
    """Whether multipliers of the right sign balance the gradient as well as any do."""
    from scipy.optimize import nnls

    if len(A) == equations:
        return True
    best = g + A.T @ np.linalg.lstsq(A.T, -g, rcond=None)[0]
    both = np.concatenate([A[:equations], -A[:equations], A[equations:]])
    return nnls(both.T, -g)[1] <= np.linalg.norm(best) + zero
