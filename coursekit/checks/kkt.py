r"""Check the multipliers of a constrained problem, condition by condition."""

from fractions import Fraction
from itertools import islice, permutations

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_vectors import (
    accuracy,
    constraint,
    gradient_at,
    position_tolerance,
    vector,
    violation,
)
from coursekit.constraints.kkt import Problem, find_multipliers
from coursekit.derivatives import numerical_jacobian

__all__ = ["check_kkt"]

ORDERS = 120  # orders of the multipliers that are tried: all of them, up to five
SIGN = (
    "at the minimum grad f + sum lam[i] grad h[i] + sum mu[j] grad g[j] = 0, with mu >= 0; on "
    "which side of the equation did you put each term?"
)


def check_kkt(x, lam, mu, problem, *, rtol=None):
    r"""Check the four conditions of Karush, Kuhn and Tucker, for minimization and g(x) <= 0.

    .. math:: \nabla f + \sum_i \lambda_i \nabla h_i + \sum_j \mu_j \nabla g_j = 0, \quad
              h_i = 0,\ g_j \le 0, \quad \mu_j \ge 0, \quad \mu_j g_j = 0 .

    A component of the first counts as zero up to the relative accuracy r of its terms, plus the
    change when ``x`` moves by :math:`\delta = r \max(1, \|x\|_\infty)`, by the Hessian of the
    Lagrangian. :math:`h_i` and :math:`g_j` count as zero up to their own change, a multiplier up
    to what the first equation can't tell from zero.

    Parameters
    ----------
    x : array_like, shape (n,)
    lam, mu : array_like, shapes (number of equations,) and (number of inequalities,)
        ``()`` where there is no such constraint.
    problem : kkt.Problem
    rtol : float, optional
        The accuracy r. By default :math:`\sqrt\varepsilon`: 1.5e-8, and 3.5e-4 if one of the three
        is float32. For numbers printed with three digits pass 1e-3.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: no vector of numbers, wrong shape, not finite; ``x``
        violates a constraint, and by how much. Then, if one of the other conditions fails but holds
        for other multipliers: opposite signs, wrong order, or a simple factor such as 1/2;
        else the condition that fails: a negative ``mu``, a multiplier of an inactive inequality,
        or the component that is not balanced, and whether any multipliers could balance it.
    ValueError
        If ``problem`` is no `Problem` or ``rtol`` makes no sense.

    References
    ----------
    Book chapter *KKT conditions*; Nocedal and Wright, *Numerical Optimization*, theorem 12.1.

    Examples
    --------
    >>> wall = (lambda x: 1 - x[..., 0], lambda x: np.array([-1.0]))
    >>> p = Problem(lambda x: x[..., 0] ** 2, lambda x: 2 * x, 1, ineq=[wall])
    >>> check_kkt([1.0], (), [2.0], p)
    True
    >>> check_kkt([3.0], (), [6.0], p)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: complementarity fails: ineq[0] is inactive, but mu[0] is not zero.
      yours     mu[0] = 6, g(x) = -2
      expected  one of the two is 0
    Try: is this constraint active at the minimum? if it is not, its multiplier is 0.
    """
    if not isinstance(problem, Problem):
        raise ValueError(f"problem must be a Problem, got {type(problem).__name__}")
    x, eps = vector(x, "x", problem.n)
    lam, mu, eps = _multipliers(lam, mu, problem, eps)
    asked = accuracy(rtol, eps)
    with np.errstate(all="ignore"):  # the student did not choose the problem
        x_tol = position_tolerance(x, eps, asked)
        if message := violation(problem, x, x_tol):
            raise CheckFailed(message)
        test = _Conditions(problem, x, x_tol, asked)
        if message := test.fails(lam, mu):
            raise CheckFailed(_recognized(test, lam, mu) or message)
    return True


def _multipliers(lam, mu, problem, eps):
    """Both vectors, or why they are none."""
    sizes = {"lam": len(problem.eq), "mu": len(problem.ineq)}
    given = {"lam": lam, "mu": mu}
    shapes = {name: np.shape(v) for name, v in given.items() if isinstance(v, list | np.ndarray)}
    swapped = shapes == {"lam": (sizes["mu"],), "mu": (sizes["lam"],)}
    if swapped and sizes["lam"] != sizes["mu"]:
        raise CheckFailed(
            f"lam and mu are exchanged: lam has shape {shapes['lam']}, mu {shapes['mu']}.\n"
            "Try: lam belongs to the equations, mu to the inequalities."
        )
    out = []
    for name, of in (("lam", "equation"), ("mu", "inequality")):
        try:
            value, spacing = vector(given[name], name, sizes[name])
        except CheckFailed as failure:
            if "has shape" not in str(failure):
                raise
            finding = str(failure).splitlines()[0]
            raise CheckFailed(
                f"{finding}\nTry: one multiplier for each {of}, in the order of the constraints; "
                "that of an inactive one is 0."
            ) from None
        out.append(value)
        eps = max(eps, spacing)
    return *out, eps


class _Conditions:
    """The conditions at a feasible ``x``, for any multipliers."""

    def __init__(self, problem, x, x_tol, asked):
        self.problem, self.x, self.x_tol, self.asked = problem, x, x_tol, asked
        self.g = gradient_at(problem, x)
        self.Jh, self.Jg = (
            np.array([grad(x) for _, grad in pairs], dtype=float).reshape(-1, x.size)
            for pairs in (problem.eq, problem.ineq)
        )
        slopes = [problem.grad, *(grad for _, grad in (*problem.eq, *problem.ineq))]
        slope_derivatives = [numerical_jacobian(slope, x, full_output=True) for slope in slopes]
        self.H, self.error = (
            np.array([derivative[k] for derivative in slope_derivatives]) for k in (0, 1)
        )
        values = [constraint(pair, x, x_tol) for pair in problem.ineq]
        self.value = np.array([value for value, _ in values])
        self.active = np.array([value >= -tol for value, tol in values], dtype=bool)

    def balance(self, lam, mu):
        """Gradient of the Lagrangian, the size of its terms, and what counts as zero."""
        terms = np.abs(self.g) + np.abs(lam) @ np.abs(self.Jh) + np.abs(mu) @ np.abs(self.Jg)
        weights = np.concatenate([[1.0], lam, mu])
        H = np.abs(np.tensordot(weights, self.H, 1)) + np.tensordot(np.abs(weights), self.error, 1)
        return self.g + lam @ self.Jh + mu @ self.Jg, terms, self.asked * terms + H @ self.x_tol

    def fails(self, lam, mu):
        """Which condition fails, and how; None if none does."""
        rest, terms, zero = self.balance(lam, mu)
        with np.errstate(divide="ignore"):
            least = zero.max() / np.abs(self.Jg).max(axis=1, initial=0)
        if (mu < -least).any():
            j = int(np.argmin(mu + least))
            return (
                f"dual feasibility fails: mu[{j}] is negative.\n"
                f"  yours     mu[{j}] = {mu[j]:.3g}\n  expected  mu[{j}] >= 0\n"
                f"Try: f would fall on leaving ineq[{j}] into the inside; is it active at all?"
            )
        idle = ~self.active & (np.abs(mu) > least)
        if idle.any():
            j = int(np.argmax(np.where(idle, np.abs(mu * self.value), -1)))
            return (
                f"complementarity fails: ineq[{j}] is inactive, but mu[{j}] is not zero.\n"
                f"  yours     mu[{j}] = {mu[j]:.3g}, g(x) = {self.value[j]:.3g}\n"
                "  expected  one of the two is 0\n"
                "Try: is this constraint active at the minimum? if it is not, its multiplier is 0."
            )
        if not (np.abs(rest) <= zero).all():
            i = int(np.argmax(np.abs(rest) / zero))
            return (
                f"stationarity fails: component [{i}] of the gradient of the Lagrangian is not "
                f"zero.\n  yours     {rest[i]:.1e}, the sum of terms up to {terms[i]:.1e}\n"
                f"  expected  0, up to {zero[i]:.0e}\nTry: {self._hint()}"
            )
        return None

    def _hint(self):
        """Whether x or the multipliers are at fault."""
        lam, mu = find_multipliers(self.x, self.problem, tol=self.x_tol.max())
        rest, _, zero = self.balance(lam, mu)
        if (np.abs(rest) <= zero).all():
            return "x can be right; solve for the multipliers again, with all terms of f."
        return "no multipliers balance the gradient at this x: look for the mistake in x first."


def _recognized(test, lam, mu):
    """What turns the multipliers into ones that satisfy all conditions."""
    both = (("lam", "mu"), ("lam",), ("mu",))
    given = {"lam": lam, "mu": mu}
    groups = [names for names in both if all(given[name].any() for name in names)]
    for names in sorted(groups, key=len):
        if not test.fails(*(-given[k] if k in names else given[k] for k in given)):
            what = " and ".join(names)
            return f"{what} {_have(names)} the opposite sign.\nTry: {SIGN}"
    for name in ("mu", "lam"):
        n = given[name].size
        orders = permutations(range(n)) if n <= 5 else (np.roll(range(n), k) for k in range(n))
        for order in (range(n)[::-1], *islice(orders, 1, ORDERS)):
            other = given | {name: given[name][list(order)]}
            if n > 1 and not test.fails(*other.values()):
                return (
                    f"{name}: the multipliers are in the wrong order.\n"
                    "Try: which constraint does each belong to? the order is that of the problem."
                )
    for names in groups:
        if factor := _simple_factor(test, given, names):
            return (
                f"{' and '.join(names)} {_have(names, 'are', 'is')} {factor} times what balances "
                "the gradient.\nTry: look for a constant dropped or counted twice, as the 1/2 of a "
                "square or the length of a gradient."
            )
    return None


def _have(names, many="have", one="has"):
    return many if len(names) > 1 else one


def _simple_factor(test, given, names):
    """A simple factor that these multipliers have too much, as text."""
    part = {k: v if k in names else 0 * v for k, v in given.items()}
    terms = part["lam"] @ test.Jh + part["mu"] @ test.Jg
    rest = test.g + given["lam"] @ test.Jh + given["mu"] @ test.Jg - terms
    if not terms.any() or not rest.any():
        return None
    ratio = -(terms @ terms) / (terms @ rest) if terms @ rest else np.inf
    simple = Fraction(float(ratio)).limit_denominator(4) if np.isfinite(ratio) else Fraction(0)
    if not 0 < abs(simple.numerator) <= 4:
        return None
    other = [v / float(simple) if k in names else v for k, v in given.items()]
    return None if test.fails(*other) else str(simple)
