r"""Check an answer to a linear program, or the proof that it has none."""

from collections.abc import Mapping
from functools import cached_property
from itertools import islice, permutations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from coursekit.checks.failure import CheckFailed
from coursekit.checks.linear_program_rows import Rows, certificate, direction, units
from coursekit.checks.student_vectors import accuracy, vector
from coursekit.constraints.linear_programming import general_program

__all__ = ["check_linear_program"]

ROUGH = 1e-3  # the accuracy of an answer that was rounded
ORDERS = 120  # orders of the entries that are tried: all of them, up to five
SIGN = (
    "y is the derivative of the minimum by the right-hand sides; can the minimum rise when b_ub "
    "does?"
)
SIGN_EQ = "y is the derivative of the minimum by the right-hand sides: does it rise when b_eq does?"
SIGN_NO_POINT = (
    "b @ y must be larger than all that (A.T @ y) @ x can reach; the multipliers of A_ub are at "
    "most 0."
)
ZERO = "Does one of your conditions exclude it, or does nothing ask for"
ROUNDED = "it is off by little. Was something rounded, or stopped too early?"


def check_linear_program(x, y, program, *, d=None, rtol=None):
    r"""Check what an answer claims of a linear program, with nothing but the answer.

    The program is that of `scipy.optimize.linprog`: minimize :math:`c^\top x` where
    :math:`A_{ub} x \le b_{ub}`, :math:`A_{eq} x = b_{eq}` and :math:`l \le x \le u`. With
    :math:`A` and :math:`b` of both kinds of rows, :math:`g = A^\top y` and the reduced costs
    :math:`r = c - g`,

    ============  ====================================================================
    handed over   claim, and what proves it
    ============  ====================================================================
    ``x``, ``y``  both are optimal: ``x`` is feasible; the first entries of ``y`` are
                  at most 0, :math:`r_j \ge 0` without an upper bound and
                  :math:`r_j \le 0` without a lower one; and the gap is 0,
                  :math:`c^\top x = b^\top y + \sum_{r_j > 0} l_j r_j + \sum_{r_j < 0} u_j r_j`
    ``y``         no ``x`` is feasible: the first entries are at most 0,
                  :math:`g_j \le 0` without an upper bound, :math:`g_j \ge 0` without a
                  lower one, and
                  :math:`b^\top y > \sum_{g_j > 0} u_j g_j + \sum_{g_j < 0} l_j g_j`
    ``x``, ``d``  the cost has no minimum: ``x`` is feasible, so is :math:`x + td`
                  for every :math:`t > 0`, and :math:`c^\top d < 0`
    ============  ====================================================================

    A row counts as satisfied up to r times its terms, :math:`\sum_j |a_{ij} x_j| + |b_i|`. If all
    of these are so small that each variable could be zero, the terms are those of variables of
    their own scale: the smallest :math:`|b_i / a_{ij}|` with :math:`b_i \ne 0`, or, if there is no
    such row, that of the others in the units that bring the entries of ``A`` near 1. The same
    holds for ``y`` with the columns and ``c``. So units do not matter. A product of a multiplier
    and its slack counts as zero if one of both does, and the gap up to r times its terms.

    Parameters
    ----------
    x : array_like, shape (n,), or None
    y : array_like, shape (number of rows,), or None
        The multipliers of the rows of ``A_ub``, then of ``A_eq``: the derivatives of the minimum
        by their right-hand sides. Bounds need none.
    program : mapping
        The arguments of `linprog`: ``c``, and any of ``A_ub``, ``b_ub``, ``A_eq``, ``b_eq``,
        ``bounds`` (by default :math:`x \ge 0`). Matrices may be sparse.
    d : array_like, shape (n,), optional
    rtol : float, optional
        The accuracy r. By default :math:`\sqrt\varepsilon`: 1.5e-8, and 3.5e-4 if an answer is
        float32. For numbers printed with three digits pass 1e-3.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: no vector of numbers, wrong shape, not finite.
        Then, if the claim holds otherwise: opposite signs, wrong order; else what fails: a row or
        a bound that ``x`` or ``d`` violates, the sign of a multiplier, the variable whose reduced
        cost or combined coefficient has the wrong sign, no contradiction, a cost that does not
        fall, or the gap, with the product that is most of it, and which of ``x`` and ``y`` is
        optimal.
    TypeError, ValueError
        If ``program`` or ``rtol`` makes no sense, the lower bound of a variable is above its upper
        one (then nothing is left to prove), or ``y`` and ``d`` are both given.

    References
    ----------
    Book chapter *Linear programming*; Bertsimas and Tsitsiklis, *Introduction to Linear
    Optimization*, chapter 4.

    Examples
    --------
    >>> mixture = {"c": [5, 3, 8], "A_eq": [[1, 1, 2]], "b_eq": [4]}
    >>> check_linear_program([0, 4, 0], [3], mixture)
    True
    >>> check_linear_program(None, [-1], {"c": [1, 1], "A_eq": [[1, 1]], "b_eq": [-1]})
    True
    >>> diagonal = {"c": [-1, -1], "A_eq": [[1, -1]], "b_eq": [0]}
    >>> check_linear_program([0, 0], None, diagonal, d=[1, 1])
    True
    >>> check_linear_program([0, 0, 2], [3], mixture)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: x and y are feasible, but the gap between them is not 0.
      c @ x - what y proves: 4
      most of it: x[2] = 2 is not at its lower bound, and its reduced cost is 2
      expected  one of the two is 0
    Try: y is optimal, x is not. Which variables must be 0, by the signs of the reduced costs?
    """
    if not isinstance(program, Mapping):
        raise TypeError(
            f"program must map the names of linprog's arguments to their values; got "
            f"{type(program).__name__}."
        )
    if y is not None and d is not None:
        raise ValueError("y and d make different claims: pass one of them, and None for the other.")
    test = _Program(program)
    given, eps = {}, np.finfo(float).eps
    claim = ("x", "d") if d is not None else ("y",) if x is None else ("x", "y")
    for name in claim:
        given[name], spacing = _vector({"x": x, "y": y, "d": d}[name], name, test)
        eps = max(eps, spacing)
    test.r = accuracy(rtol, eps) + 4 * len(test.c) * np.finfo(float).eps
    with np.errstate(all="ignore"):
        fails = {"xd": test.not_unbounded, "y": test.not_infeasible, "xy": test.not_optimal}
        fails = fails["".join(claim)]
        if message := fails(**given):
            raise CheckFailed(_recognized(fails, given, test) or message)
    return True


def _vector(value, name, test):
    """The vector, or why it is none."""
    n = test.A.shape[0] if name == "y" else len(test.c)
    try:
        return vector(value, name, n)
    except CheckFailed as failure:
        if name != "y" or "has shape" not in str(failure):
            raise
        raise CheckFailed(
            f"{str(failure).splitlines()[0]}\nTry: one multiplier for each row of A_ub, then one "
            "for each row of A_eq; bounds have none here."
        ) from None


class _Program:
    """A program in the form of `linprog`, and whether an answer proves what it claims."""

    r = None  # the accuracy

    def __init__(self, program):
        c, A_ub, b_ub, A_eq, b_eq, low, high = general_program(**program)
        if (low > high).any():
            j = int((low > high).argmax())
            raise ValueError(
                f"the lower bound of x[{j}], {low[j]:g}, is above its upper bound, {high[j]:g}: "
                "no x is feasible, and no y is needed to prove it."
            )
        self.given, self.c, self.low, self.high = program, c, low, high
        self.ub = len(b_ub)
        self.A = sp.csr_array(sp.vstack([sp.csr_array(A_ub), sp.csr_array(A_eq)]))
        self.b = np.concatenate([b_ub, b_eq])
        self.has_low, self.has_high = np.isfinite(low), np.isfinite(high)
        self.y_units, self.x_units = units(self.A)

    def of_x(self, moves=False):
        """The rows and bounds of x; those of a direction if ``moves``."""
        n, m, eye = len(self.c), len(self.b), sp.eye_array(len(self.c), format="csr")
        A = sp.vstack([self.A, eye, eye])
        rhs = np.concatenate([self.b, *(np.where(np.isfinite(v), v, 0) for v in self.bounds)])
        is_eq = np.arange(m) >= self.ub
        most = np.concatenate([np.ones(m, bool), np.zeros(n, bool), self.has_high])
        least = np.concatenate([is_eq, self.has_low, np.zeros(n, bool)])
        return Rows(A, rhs * (not moves), least, most, self.x_units)

    def of_y(self, homogeneous=False):
        """The columns and signs of y: of g = A.T @ y against c, or against 0."""
        m = len(self.b)
        A = sp.vstack([self.A.T, sp.eye_array(m)])
        rhs = np.concatenate([self.c * (not homogeneous), np.zeros(m)])
        most = np.concatenate([~self.has_high, np.arange(m) < self.ub])
        least = np.concatenate([~self.has_low, np.zeros(m, bool)])
        return Rows(A, rhs, least, most, self.y_units)

    @property
    def bounds(self):
        return self.low, self.high

    # The three claims -----------------------------------------------------------------------

    def not_optimal(self, x, y):
        """Why x and y are not both optimal; None if they are."""
        return self._infeasible(x) or self._dual_infeasible(y) or self._gap(x, y)

    def not_infeasible(self, y):
        """Why y is no certificate of infeasibility; None if it is one."""
        n = len(self.c)
        no = "y is no certificate that the program is infeasible"
        hint = "multiply the rows by y and add them: is the sum impossible for all x in the bounds?"
        if self.can_be_satisfied:
            hint = "the program has feasible points, so no y will do. Did x get lost?"
        if not y.any():
            if not self.can_be_satisfied:
                one = certificate(self.A, self.b, self.ub, self.bounds)
                hint = f"y = {_shown(one)} is one. {ZERO} b @ y > 0?"
            return f"{no}: all entries are 0.\nTry: {hint}"
        columns = self.of_y(homogeneous=True)
        g, tol = (self.A.T @ y), columns.zero(y, self.r)
        if worst := columns.violated(y, self.r):
            i = worst.index
            if i >= n:
                return f"{no}: {self._sign(i - n, y)}\nTry: {hint}"
            side = "upper" if g[i] > 0 else "lower"
            return (
                f"{no}: in the sum of the rows x[{i}], which has no {side} bound, has the wrong "
                f"sign.\n  yours     (A.T @ y)[{i}] = {g[i]:.3g}\n"
                f"  expected  {self._range(i)}, up to {tol[i]:.0e}\nTry: {hint}"
            )
        ends = np.where(g > 0, self.high, self.low)
        reach = np.where(np.isfinite(ends), ends, 0) * g
        left, right = reach.sum(), self.b @ y
        size = np.abs(reach).sum() + np.abs(self.b) @ np.abs(y)
        if right - left > self.r * size:
            return None
        return (
            f"{no}: the sum of the rows can be satisfied.\n"
            f"  yours     b @ y = {right:.3g}, and A.T @ y @ x reaches {left:.3g} in the bounds\n"
            f"  expected  b @ y is larger\nTry: {hint}"
        )

    def not_unbounded(self, x, d):
        """Why x and d do not prove that there is no minimum; None if they do."""
        if message := self._infeasible(x):
            return message
        no = "d is no direction in which the cost falls for ever"
        if not d.any():
            one = direction(self.c, self.A, self.ub, self.bounds)
            falls = one is not None and self.c @ one < 0
            hint = f"d = {_shown(one)} is one. {ZERO} c @ d < 0?" if falls else "print c @ d."
            return f"{no}: all entries are 0.\nTry: {hint}"
        rows = self.of_x(moves=True)
        if worst := rows.violated(d, self.r):
            name, value, expected = self._row(worst.index, d, "d", np.zeros(len(rows.rhs)))
            return (
                f"{no}: it leaves the feasible set at {name}.\n  yours     {value}\n"
                f"  expected  {expected}, up to {worst.tol:.0e}\n"
                "Try: put x + t d into this constraint, for a large t."
            )
        fall, size = self.c @ d, np.abs(self.c) @ np.abs(d)
        if fall < -self.r * size:
            return None
        return (
            f"{no}: the cost does not fall.\n  yours     c @ d = {fall:.3g}\n"
            "  expected  c @ d < 0\nTry: is the sign of c that of a minimization?"
        )

    # What can be wrong ----------------------------------------------------------------------

    def _infeasible(self, x):
        rows = self.of_x()
        if not (worst := rows.violated(x, self.r)):
            return None
        name, value, expected = self._row(worst.index, x, "x", rows.rhs)
        hint = "put x into this constraint by hand. Is its sign right, was it used?"
        return (
            f"x is infeasible: it violates {name}.\n  yours     {value}\n"
            f"  expected  {expected}, up to {worst.tol:.0e}\n"
            f"Try: {ROUNDED if not rows.violated(x, ROUGH) else hint}"
        )

    def _dual_infeasible(self, y):
        columns, n = self.of_y(), len(self.c)
        if not (worst := columns.violated(y, self.r)):
            return None
        i = worst.index
        if i >= n:
            return f"y is not dual feasible: {self._sign(i - n, y)}\nTry: {SIGN}"
        r = (self.c - self.A.T @ y)[i]
        side = "upper" if r < 0 else "lower"
        hint = "write this row of A.T @ y by hand, with the signs of y."
        return (
            f"y is not dual feasible: the reduced cost of x[{i}], which has no {side} bound, has "
            f"the wrong sign.\n  yours     (c - A.T @ y)[{i}] = {r:.3g}\n"
            f"  expected  {self._range(i, reduced=True)}, up to {worst.tol:.0e}\n"
            f"Try: {ROUNDED if not columns.violated(y, ROUGH) else hint}"
        )

    def _gap(self, x, y):
        n, m = len(self.c), len(self.b)
        x_zero, y_zero = self.of_x().zero(x, self.r), self.of_y().zero(y, self.r)
        r = self.c - self.A.T @ y
        slack = np.concatenate([self.b - self.A @ x, x - self.low, self.high - x])
        weight = np.concatenate([-y, np.maximum(r, 0), np.maximum(-r, 0)])
        unseen = np.concatenate([y_zero[n:], y_zero[:n], y_zero[:n]])
        counts = (slack > x_zero) & (weight > unseen) & np.isfinite(slack)
        counts[self.ub : m] = False
        parts = np.where(counts, slack * weight, 0)
        ends = np.where(r > 0, self.low, self.high)
        ends = np.where(np.isfinite(ends), ends, 0)
        size = np.abs(self.c) @ np.abs(x) + np.abs(self.b) @ np.abs(y) + np.abs(ends) @ np.abs(r)
        if (gap := parts.sum()) <= self.r * size:
            return None
        k = int(parts.argmax())
        if k < m:
            most = f"A_ub[{k}] has the slack {slack[k]:.3g}, and y[{k}] = {y[k]:.3g}"
        else:
            side, j = ("lower", k - m) if k < m + n else ("upper", k - m - n)
            away = f"x[{j}] = {x[j]:.3g} is not at its {side} bound"
            most = f"{away}, and its reduced cost is {r[j]:.3g}"
        return (
            "x and y are feasible, but the gap between them is not 0.\n"
            f"  c @ x - what y proves: {gap:.3g}\n  most of it: {most}\n"
            f"  expected  one of the two is 0\nTry: {self._fault(x, gap, size)}"
        )

    def _fault(self, x, gap, size):
        """Which of the two is optimal."""
        small, cost = max(self.r, 1e-7) * size, self.c @ x
        if self.lowest.status:
            return "look at this constraint: which of the two is wrong?"
        if abs(cost - self.lowest.fun) <= small:
            return "x is optimal, y is not. Which multipliers must be 0, by the slacks of x?"
        if self.highest.status == 0 and abs(cost + self.highest.fun) <= small:
            return "x maximizes the cost; it should be minimized. What is the sign of c?"
        if abs(cost - gap - self.lowest.fun) <= small:
            return (
                "y is optimal, x is not. Which variables must be 0, by the signs of the reduced "
                "costs?"
                if self._plain()
                else "y is optimal, x is not. Where must x lie, by the signs of the multipliers?"
            )
        return "neither x nor y is optimal: which constraints hold with equality at your x?"

    def _plain(self):
        return not self.low.any() and not self.has_high.any()

    # Words ----------------------------------------------------------------------------------

    def _row(self, i, v, name, rhs):
        """A constraint of x or d by name, its value, and what it should be."""
        m, n = len(self.b), len(self.c)
        if i < m:
            kind, k = ("A_ub", i) if i < self.ub else ("A_eq", i - self.ub)
            relation = "at most" if i < self.ub else "equal to"
            value = f"({kind} @ {name})[{k}] = {(self.A @ v)[i]:.6g}"
            return f"{kind}[{k}]", value, f"{relation} {rhs[i]:.6g}"
        side, j = ("lower", i - m) if i < m + n else ("upper", i - m - n)
        relation = "at least" if side == "lower" else "at most"
        return (
            f"the {side} bound of x[{j}]",
            f"{name}[{j}] = {v[j]:.6g}",
            f"{relation} {rhs[i]:.6g}",
        )

    def _sign(self, i, y):
        return (
            f"the multiplier of A_ub[{i}] is positive.\n  yours     y[{i}] = {y[i]:.3g}\n"
            f"  expected  y[{i}] <= 0"
        )

    def _range(self, j, reduced=False):
        """What the combined coefficient of x[j] should be, or its reduced cost."""
        if not self.has_low[j] and not self.has_high[j]:
            return "0"
        return "at least 0" if self.has_low[j] == reduced else "at most 0"

    @cached_property
    def lowest(self):
        return self._solved(1)

    @cached_property
    def highest(self):
        return self._solved(-1)

    @cached_property
    def can_be_satisfied(self):
        return self._solved(0).status == 0

    def _solved(self, factor):
        return linprog(**{**self.given, "c": factor * self.c}, method="highs")


def _recognized(fails, given, test):
    """What turns the answer into one that proves its claim."""
    for name, v in given.items():
        signs = [(f"{name} has the opposite sign", -v)]
        if name == "y" and 0 < test.ub < len(v):
            flipped = np.where(np.arange(len(v)) < test.ub, -v, v)
            signs.append(("y has the opposite sign at the rows of A_ub", flipped))
        for finding, other in signs:
            if v.any() and not fails(**{**given, name: other}):
                hint = "look for a lost or an added minus sign."
                if name == "y":
                    hint = SIGN if test.ub else SIGN_EQ
                    hint = hint if "x" in given else SIGN_NO_POINT
                return f"{finding}: the claim would hold otherwise.\nTry: {hint}"
    for name, v in given.items():
        if len(set(v[v != 0])) < 2:  # rather another corner, or another row
            continue
        n = len(v)
        orders = permutations(range(n)) if n <= 5 else (np.roll(range(n), k) for k in range(n))
        for order in (range(n)[::-1], *islice(orders, 1, ORDERS)):
            other = v[list(order)]
            if (other != v).any() and not fails(**{**given, name: other}):
                return (
                    f"{name} has its entries in the wrong order: the claim would hold otherwise.\n"
                    "Try: print them one by one, with the name of each."
                )
    return None


def _shown(v):
    """Return a vector with few digits, for a message."""
    return (np.array([float(f"{entry:.4g}") for entry in v]) + 0.0).tolist()
