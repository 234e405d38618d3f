r"""Check the multipliers of a constrained problem, condition by condition."""

from fractions import Fraction
from itertools import islice, permutations

import numpy as np
from scipy.optimize import nnls

from coursekit.checks.failure import CheckFailed
from coursekit.checks.minimizer_scale import (
    derivative_in_units,
    effective_distance,
    near_one,
    slopes_at_large,
    step_units,
    widest_units,
)
from coursekit.checks.student_vectors import (
    accuracy,
    constraint_values,
    gradient_at,
    position_tolerance,
    reach_of,
    vector,
    violation,
)
from coursekit.constraints.kkt import Problem

__all__ = ["check_kkt"]

EPS = np.finfo(float).eps
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
    change when each :math:`x_i` moves by r times its own scale (see `check_minimizer`), by the
    Hessian of the Lagrangian, plus rounding. :math:`h_i` and :math:`g_j` count as zero up to their
    own change, a multiplier up to what no component of the first equation can tell from zero. A
    multiplier of zero takes its constraint out, whatever derivatives that has.

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
        or the component that is not balanced, and whether any multipliers could balance it. Or
        the check cannot decide, where the gradient of an active constraint jumps.
    TypeError, ValueError
        If ``problem`` is no `Problem`; if ``rtol`` makes no sense.

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
        raise TypeError(f"problem must be a Problem; got {type(problem).__name__}.")
    x, eps = vector(x, "x", problem.n)
    lam, mu, eps = _multipliers(lam, mu, problem, eps)
    asked = accuracy(rtol, eps)
    with np.errstate(all="ignore"):  # the student did not choose the problem
        reach = reach_of(problem, x, eps, asked)
        if message := violation(problem, x, reach):
            raise CheckFailed(message)
        test = Conditions(problem, x, eps, asked, reach)
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


class Conditions:
    """The conditions at a feasible ``x``, for any multipliers."""

    def __init__(self, problem, x, eps, asked, reach):
        self.problem, self.x, self.eps, self.asked = problem, x, eps, asked
        self.g = gradient_at(problem, x)
        values = constraint_values(problem, x, reach)["ineq"]
        self.value = np.array([value for value, _ in values])
        self.active = np.array([value >= -tol for value, tol in values], dtype=bool)
        self.Jh = self._gradients(problem.eq, "eq", np.ones(len(problem.eq), bool))
        self.Jg = self._gradients(problem.ineq, "ineq", self.active)
        self.rounding = 8 * eps * slopes_at_large(problem.f, x)
        slopes = [problem.grad, *(grad for _, grad in (*problem.eq, *problem.ineq))]
        self.unit, self.least = step_units(problem.f, x), near_one(problem.f, x).astype(float)
        second = [self._second_derivatives(slope) for slope in slopes]
        self.H, self.error = (np.array([part[k] for part in second]) for k in (0, 1))

    def _gradients(self, pairs, kind, needed):
        """Gradients of constraints, zero where one is neither finite nor needed."""
        J = np.array([grad(self.x) for _, grad in pairs], dtype=float).reshape(-1, self.x.size)
        lost = ~np.isfinite(J).all(axis=1)
        if (lost & needed).any():
            k = int((lost & needed).argmax())
            raise CheckFailed(
                f"The check cannot decide: the gradient of {kind}[{k}] is not finite at x.\n"
                "Try: look at this constraint by hand, from both sides."
            )
        return np.where(lost[:, None], 0, J)

    def _second_derivatives(self, slope):
        """Second derivatives from a gradient, and their errors; infinite where it jumps."""
        n = self.x.size
        got = derivative_in_units(slope, self.x, (self.unit, widest_units(self.x)))
        if got is None:  # not finite beside x
            return np.zeros((n, n)), np.full((n, n), np.inf)
        jumps = ~(np.isfinite(got[0]) & np.isfinite(got[1]))
        return np.where(jumps, 0, got[0]), np.where(jumps, np.inf, got[1])

    def balance(self, lam, mu):
        """Gradient of the Lagrangian, the size of its terms, what counts as zero, and jumps.

        A multiplier of zero takes its constraint out, whatever its derivatives are. Jumps are
        components that a move of ``x`` within its accuracy changes nobody knows how much.
        """
        weights = np.concatenate([[1.0], lam, mu])
        used = weights != 0
        J = np.concatenate([self.g[None], self.Jh, self.Jg])[used]
        rest, terms = weights[used] @ J, np.abs(weights[used]) @ np.abs(J)
        H = np.tensordot(weights[used], self.H[used], 1)
        error = np.tensordot(np.abs(weights[used]), self.error[used], 1)
        jumps = np.isinf(error)
        H, error = np.where(jumps, 0, np.abs(H)), np.where(jumps, 0, error)
        scale = self._scale(rest, np.diag(H))
        x_tol = position_tolerance(self.x, self.eps, self.asked, scale)
        zero = self.asked * terms + (H + error) @ x_tol + self.rounding
        for row in np.abs(np.concatenate([self.Jh, self.Jg[self.active]])):
            # The rounding of this multiplier, which the largest term beside it sets.
            largest = (terms * scale)[row > 0].max(initial=0.0)
            zero += 8 * self.eps * row * largest / ((row * scale).max() or 1.0)
        return rest, terms, zero, jumps.any(axis=1)

    def terms(self, name, multipliers):
        """What the multipliers ``lam`` or ``mu`` add to the gradient of the Lagrangian."""
        used = multipliers != 0
        return multipliers[used] @ (self.Jh if name == "lam" else self.Jg)[used]

    def _scale(self, rest, curvatures):
        """The size of each coordinate; of one that may be zero, that of its effect on f."""
        size, step = np.abs(self.x), np.abs(rest) / curvatures
        far = effective_distance(self.x, self.g, curvatures, self.asked)
        landing = np.abs(self.x - np.copysign(step, rest))
        zero = (size <= self.asked * far) & ~(landing > 1e-6 * step + self.asked * EPS * far)
        own = np.maximum(size, np.where(np.isfinite(step), np.minimum(step, far), 0))
        return np.maximum(
            self.least, np.where(zero, far, np.where(size <= self.asked * far, own, size))
        )

    def fails(self, lam, mu):
        """Which condition fails, and how; None if none does."""
        rest, terms, zero, jumps = self.balance(lam, mu)
        # The largest multiplier that no component tells from zero; 0 if there is no gradient.
        least = np.where(self.Jg == 0, np.inf, zero / np.abs(self.Jg)).min(axis=1, initial=np.inf)
        least[np.isinf(least)] = 0
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
        wrong = np.abs(rest) > zero
        if wrong.any() and not (wrong & ~jumps).any():
            i = int(wrong.argmax())
            return (
                f"The check cannot decide: component [{i}] of the gradient of the Lagrangian jumps "
                f"at x, where some gradient has a kink.\n  yours     {rest[i]:.1e}\n"
                "Try: look at this component on both sides of x."
            )
        if wrong.any():
            i = int(np.argmax(np.where(wrong & ~jumps, np.abs(rest) / zero, -1)))
            return (
                f"stationarity fails: component [{i}] of the gradient of the Lagrangian is not "
                f"zero.\n  yours     {rest[i]:.1e}, the sum of terms up to {terms[i]:.1e}\n"
                f"  expected  0, up to {zero[i]:.0e}\nTry: {self._hint()}"
            )
        return None

    def _hint(self):
        """Whether x or the multipliers are at fault."""
        lam, mu = self._multipliers()
        rest, _, zero, _ = self.balance(lam, mu)
        if (np.abs(rest) <= zero).all():
            return "x can be right; solve for the multipliers again, with all terms of f."
        return "no multipliers balance the gradient at this x: look for the mistake in x first."

    def _multipliers(self):
        """Those that fit x best, with each component in units of what counts as zero there."""
        mu = np.zeros(len(self.Jg))
        J = np.concatenate([self.Jh, -self.Jh, self.Jg[self.active]])
        if not len(J):
            return np.zeros(0), mu
        size = np.abs(self.g) + np.abs(J).max(axis=0)
        unit = 1 / np.where(size > 0, size, 1)
        parts = nnls((J * unit).T, -self.g * unit)[0]
        plus, minus, mu[self.active] = np.split(parts, [len(self.Jh), 2 * len(self.Jh)])
        return plus - minus, mu


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
    terms = sum(test.terms(k, given[k]) for k in names)
    rest = test.g + test.terms("lam", given["lam"]) + test.terms("mu", given["mu"]) - terms
    if not terms.any() or not rest.any():
        return None
    ratio = -(terms @ terms) / (terms @ rest) if terms @ rest else np.inf
    simple = Fraction(float(ratio)).limit_denominator(4) if np.isfinite(ratio) else Fraction(0)
    if not 0 < abs(simple.numerator) <= 4:
        return None
    other = [v / float(simple) if k in names else v for k, v in given.items()]
    return None if test.fails(*other) else str(simple)
