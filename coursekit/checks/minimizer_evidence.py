"""First and second derivatives at a point, along the directions that its constraints leave free."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_vectors import constraint, gradient_at, position_tolerance
from coursekit.derivatives import numerical_hessian, numerical_jacobian

EPS = np.finfo(float).eps


@dataclass(frozen=True)
class Constraints:
    """The active constraints at a point: first the equations, then the active inequalities."""

    pairs: tuple  # (function, gradient)
    equations: int
    inequalities: list  # numbers of the active ones in the problem
    jacobian: np.ndarray  # (active, n)
    multipliers: np.ndarray  # that balance the gradient best, (active,)

    @property
    def terms(self):
        """Size of their terms in the gradient of the Lagrangian, (n,)."""
        return np.abs(self.jacobian.T) @ np.abs(self.multipliers)

    @property
    def multiplier_sizes(self):
        """The multipliers times the length of their gradients: their terms, with a sign."""
        return self.multipliers * np.linalg.norm(self.jacobian, axis=1)

    def strongly_active(self, zero):
        """Which have a multiplier that is not zero; equations always count."""
        which = np.abs(self.multiplier_sizes) > zero
        which[: self.equations] = True
        return which

    def negative(self, g, zero):
        """Active inequalities whose multiplier would be negative, the worst first."""
        if _balanced(self.jacobian, self.equations, g, zero):
            return []
        order = np.argsort(self.multiplier_sizes[self.equations :], kind="stable")
        return [self.inequalities[k] for k in order]


@dataclass(frozen=True)
class Local:
    """Derivatives at a point, along the k directions that the active constraints leave free."""

    f: Callable
    x: np.ndarray
    x_tol: np.ndarray  # how far each coordinate may be off, (n,)
    grad: np.ndarray
    directions: np.ndarray  # eigenvectors of the reduced Hessian, (n, k)
    curvature: np.ndarray  # its eigenvalues, (k,)
    uncertainty: float  # of the eigenvalues
    slope: np.ndarray  # of f along the eigenvectors, (k,)
    slope_tol: np.ndarray  # what counts as zero there, (k,)
    relative_slope: float  # size of the slopes relative to the terms of the gradient
    constraints: Constraints
    multiplier_tol: float  # size of a multiplier that counts as zero

    def stationary(self, unseen=0.0):
        """Whether all slopes count as zero, or what they can gain is unseen in ``f``."""
        gain = (self.slope**2 / np.maximum(np.abs(self.curvature), 1e-300)).sum()
        return bool((np.abs(self.slope) <= self.slope_tol).all() or gain <= unseen)

    @property
    def strongly_active(self):
        """The constraints (function, gradient) with a multiplier that is not zero."""
        which = self.constraints.strongly_active(self.multiplier_tol)
        return tuple(self.constraints.pairs[k] for k in np.flatnonzero(which))

    @property
    def weakly_active(self):
        """Whether there are active constraints with a multiplier of zero."""
        return not self.constraints.strongly_active(self.multiplier_tol).all()

    @property
    def negative(self):
        """Active inequalities whose multiplier would be negative, the worst first."""
        return self.constraints.negative(self.grad, self.multiplier_tol)


def local_derivatives(problem, x, eps, asked):
    """Collect what the conditions need at ``x``, asked for with the relative accuracy ``asked``."""
    n, x_tol = x.size, position_tolerance(x, eps, asked)
    g, g_error, hessian = _derivatives(problem, x)
    active = _active_constraints(problem, x, x_tol, g)
    H, uncertainty = _hessian_nearby(hessian, active, x, x_tol, eps)
    terms = np.abs(H) @ np.maximum(np.abs(x), 1)
    g_error = g_error + 4 * n * eps * (terms + active.terms)

    Z = null_space(active.jacobian)
    curvature, modes = np.linalg.eigh(Z.T @ H @ Z)
    directions = Z @ modes
    slope = directions.T @ g
    delta = asked * n**0.5 * max(1, np.abs(x).max())
    size = np.linalg.norm(terms) + np.linalg.norm(active.terms) or 1.0
    multiplier_error = np.abs(H) @ x_tol + g_error + asked * active.terms
    return Local(
        f=problem.f, x=x, x_tol=x_tol, grad=g, constraints=active,
        directions=directions, curvature=curvature, uncertainty=uncertainty, slope=slope,
        slope_tol=(np.abs(curvature) + uncertainty) * delta + np.abs(directions.T) @ g_error,
        relative_slope=np.linalg.norm(slope) / size,
        multiplier_tol=np.linalg.norm(multiplier_error),
    )  # fmt: skip


def _active_constraints(problem, x, x_tol, g):
    """The active constraints at ``x``, where ``f`` has the gradient ``g``."""
    values = [constraint(pair, x, x_tol) for pair in problem.ineq]
    active = [j for j, (value, tol) in enumerate(values) if value >= -tol]
    pairs = (*problem.eq, *(problem.ineq[j] for j in active))
    A = np.array([grad(x) for _, grad in pairs], dtype=float).reshape(-1, x.size)
    multipliers = np.linalg.lstsq(A.T, -g, rcond=None)[0] if pairs else np.zeros(0)
    return Constraints(pairs, len(problem.eq), active, A, multipliers)


def _hessian_nearby(hessian, active, x, x_tol, eps):
    """The Hessian of the Lagrangian at ``x``, and its uncertainty, for ``x`` may be off."""
    n, lagrangian = x.size, (active.pairs, active.multipliers)
    H, error = hessian(x, *lagrangian)
    kink = not np.isfinite(H).all() or not np.isfinite(error).all()
    H = np.nan_to_num(H, posinf=0, neginf=0)
    uncertainty = np.linalg.norm(error) + 4 * n * eps * np.linalg.norm(H)
    for signs in (np.ones(n), (-1.0) ** np.arange(n)):
        uncertainty += np.linalg.norm(hessian(x + signs * x_tol, *lagrangian)[0] - H)
    return H, np.inf if kink or not np.isfinite(uncertainty) else uncertainty


def _derivatives(problem, x):
    """Gradient, its error, and the Hessian of the Lagrangian, a function of (x, pairs, weights)."""
    if problem.hess and not problem.constrained:
        return gradient_at(problem, x), 0.0, lambda x, *_: (problem.hess(x), 0.0)
    if problem.grad:

        def hessian(x, pairs, weights):
            def slope(x):
                terms = zip(weights, pairs, strict=True)
                return problem.grad(x) + sum(w * np.asarray(grad(x)) for w, (_, grad) in terms)

            got = numerical_jacobian(slope, x, full_output=True)
            return (got.value + got.value.T) / 2, got.error

        return gradient_at(problem, x), 0.0, hessian
    try:
        got = numerical_jacobian(problem.f, x, full_output=True)
    except ValueError:
        raise CheckFailed(
            "x lies on the edge of where f is finite: on one side f has no values.\n"
            "Try: a minimiser has room on all sides. Where does your search stop, and why?"
        ) from None
    return got.value, got.error, lambda x, *_: numerical_hessian(problem.f, x, full_output=True)[:2]


def null_space(A):
    """Orthonormal columns that span the directions without change of any constraint."""
    n = A.shape[1]
    if not len(A):
        return np.eye(n)
    length = np.linalg.norm(A, axis=1, keepdims=True)
    _, sigma, Vt = np.linalg.svd(A / np.where(length > 0, length, 1))
    return Vt[int((sigma > 1e3 * n * EPS).sum()) :].T


def _balanced(A, equations, g, zero):
    """Whether multipliers of the right sign balance the gradient as well as any do."""
    from scipy.optimize import nnls

    if len(A) == equations:
        return True
    best = g + A.T @ np.linalg.lstsq(A.T, -g, rcond=None)[0]
    both = np.concatenate([A[:equations], -A[:equations], A[equations:]])
    return nnls(both.T, -g)[1] <= np.linalg.norm(best) + zero
