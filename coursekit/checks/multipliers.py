r"""Check the multipliers of a problem with equations: which of them is wrong, and how."""

from fractions import Fraction
from itertools import islice, permutations

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.kkt import ORDERS, Conditions
from coursekit.checks.student_vectors import accuracy, reach_of, vector, violation
from coursekit.constraints.kkt import Problem

__all__ = ["check_multipliers"]

NONE = np.zeros(0)  # multipliers of the inequalities, of which there are none


def check_multipliers(x, lam, problem, *, rtol=None):
    r"""Check that ``x`` is stationary among the points with h = 0, with these multipliers.

    .. math:: \nabla f(x) + \sum_i \lambda_i \nabla h_i(x) = 0, \qquad h_i(x) = 0 .

    Minima, maxima and saddles pass. What counts as zero is as for `check_kkt`; a multiplier counts
    as right up to what this leaves of it, :math:`|(J^\top)^+|\, t` with the tolerances t of the
    components and the Jacobian J of h, shape (m, n).

    Parameters
    ----------
    x : array_like, shape (n,)
    lam : array_like, shape (m,)
        In the order of ``problem.eq``.
    problem : kkt.Problem
        With equations only.
    rtol : float, optional
        The accuracy asked. By default :math:`\sqrt\varepsilon`: 1.5e-8, and 3.5e-4 if ``x`` or
        ``lam`` is float32. For numbers printed with three digits pass 1e-3.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: no vector of numbers, wrong shape, ``x`` and ``lam``
        exchanged or in one vector, not finite; ``x`` violates an equation, and by how much; no
        multipliers balance the gradient at ``x``; only the first digits right, opposite sign, or a
        simple factor such as 1/2, of all or of some multipliers; wrong order; which multipliers are
        wrong. Or the check cannot decide, where a gradient jumps. The message never says what they
        should be.
    TypeError, ValueError
        If ``problem`` is no `Problem`, has an inequality, or no equation; if ``rtol`` makes no
        sense.

    Notes
    -----
    Where the gradients of the equations are linearly dependent, multipliers are not unique, and
    none of them alone is right or wrong: all that balance the gradient pass.

    References
    ----------
    Book chapter *Lagrange multipliers*; Nocedal and Wright, *Numerical Optimization*, section 12.3.

    Examples
    --------
    The point of the line :math:`3x_1 + 4x_2 = 5` nearest to the origin:

    >>> line = (lambda x: 3 * x[0] + 4 * x[1] - 5, lambda x: np.array([3.0, 4.0]))
    >>> p = Problem(lambda x: x @ x, lambda x: 2 * x, 2, eq=[line])
    >>> check_multipliers([0.6, 0.8], [-0.4], p)
    True
    >>> check_multipliers([0.6, 0.8], [0.4], p)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: lam has the opposite sign.
    Try: at x, grad f + sum lam[i] grad eq[i] = 0; on which side of it did you put each term?
    """
    if not isinstance(problem, Problem):
        raise TypeError(f"problem must be a Problem; got {type(problem).__name__}.")
    if problem.ineq or not problem.eq:
        got = f"{len(problem.eq)} equations and {len(problem.ineq)} inequalities"
        raise ValueError(
            f"problem must have equations only; got {got}. For inequalities there is check_kkt."
        )
    x, lam, eps = _both(x, lam, problem)
    asked = accuracy(rtol, eps)
    with np.errstate(all="ignore"):  # the student did not choose the problem
        reach = reach_of(problem, x, eps, asked)
        if message := violation(problem, x, reach):
            raise CheckFailed(message)
        at = Conditions(problem, x, eps, asked, reach)
        if message := at.fails(lam, NONE):
            raise CheckFailed(_diagnosis(at, lam) or message)
    return True


def _both(x, lam, problem):
    """Both vectors and the coarser spacing, or why they are none."""
    n, m = problem.n, len(problem.eq)
    if n != m and _shape(x) == (m,) and _shape(lam) == (n,):
        raise CheckFailed(
            f"x and lam are exchanged: x has shape ({m},), lam ({n},).\n"
            "Try: there is one multiplier for each equation."
        )
    if _shape(x) == (n + m,):
        raise CheckFailed(
            f"x has shape ({n + m},), expected ({n},).\n"
            "Try: is it the solution of a KKT system? Then x is a part of it, and lam another."
        )
    x, eps = vector(x, "x", n)
    try:
        lam, spacing = vector(lam, "lam", m)
    except CheckFailed as failure:
        if "has shape" not in str(failure):
            raise
        raise CheckFailed(
            f"{str(failure).splitlines()[0]}\n"
            "Try: one multiplier for each equation, in the order of the problem."
        ) from None
    return x, lam, max(eps, spacing)


def _shape(value):
    """The shape of a list or an array, else None."""
    try:
        return np.shape(value) if isinstance(value, list | tuple | np.ndarray) else None
    except ValueError:  # rows of different lengths
        return None


def _diagnosis(at, lam):
    """What is wrong with multipliers at a feasible point; None if nothing more is known."""

    def balances(other):
        return at.fails(other, NONE) is None

    right, off = _unique(at)
    if right is None:
        return _opposite("lam") if balances(-lam) else None
    if not balances(right):
        return None  # x is at fault, or a gradient jumps
    wrong = np.abs(lam - right) > off
    others = np.flatnonzero(~wrong & (np.abs(lam) > off))
    every = not others.size
    whose = "lam" if every else _names(np.flatnonzero(wrong))
    many, alone = not every and wrong.sum() > 1, "" if every else ", the others are right"
    error = (np.abs(lam - right)[wrong] / np.abs(right)[wrong]).max(initial=0)
    if error < 0.01:
        return (
            f"{whose} {'are' if many else 'is'} right to about {-np.log10(error):.0f} digits only"
            f"{alone}.\nTry: is something rounded? For printed numbers pass rtol to the check."
        )
    factor = _simple(lam, right, wrong)
    if factor and balances(np.where(wrong, lam / float(factor), lam)):
        if factor == -1:
            return _opposite(whose, many, alone)
        return (
            f"{whose} {'are' if many else 'is'} {factor} times what balances the gradient{alone}.\n"
            "Try: look for a constant dropped or counted twice, in a gradient or in an equation "
            "that you multiplied."
        )
    if _reordered(lam, balances):
        return (
            "lam: the multipliers are in the wrong order.\n"
            "Try: which equation does each belong to? the order is that of the problem."
        )
    if every or not balances(np.where(wrong, right, lam)):
        return None
    return (
        f"{whose} {'are' if many else 'is'} not right, the others are.\n"
        f"Try: where does the gradient of {_names(np.flatnonzero(wrong), 'eq')} come in? Compare "
        "these components of your equations with grad f + sum lam[i] grad eq[i] = 0."
    )


def _opposite(whose, many=False, alone=""):
    return (
        f"{whose} {'have' if many else 'has'} the opposite sign{alone}.\n"
        "Try: at x, grad f + sum lam[i] grad eq[i] = 0; on which side of it did you put each term?"
    )


def _unique(at):
    """The multipliers that fit x best, and how much each may be off; None if not unique."""
    size = np.abs(at.g) + np.abs(at.Jh).max(axis=0)
    unit = 1 / np.where(size > 0, size, 1)
    J = at.Jh * unit
    length = np.linalg.norm(J, axis=1)
    if (length == 0).any() or np.linalg.matrix_rank(J / length[:, None]) < len(J):
        return None, None
    fit = np.linalg.pinv((J / length[:, None]).T) / length[:, None]
    right = -fit @ (at.g * unit)
    return right, np.abs(fit) @ (at.balance(right, NONE)[2] * unit)


def _simple(lam, right, wrong):
    """The simple factor that the largest wrong multiplier has too much; None if there is none."""
    k = int(np.argmax(np.where(wrong, np.abs(right), -1)))
    ratio = float(lam[k] / right[k])
    factor = Fraction(ratio).limit_denominator(4) if np.isfinite(ratio) else Fraction(0)
    return factor if 0 < abs(factor.numerator) <= 4 else None


def _reordered(lam, balances):
    """Whether another order balances the gradient."""
    n = lam.size
    orders = permutations(range(n)) if n <= 5 else (np.roll(range(n), k) for k in range(n))
    tries = (range(n)[::-1], *islice(orders, 1, ORDERS))
    return n > 1 and any(balances(lam[list(order)]) for order in tries)


def _names(which, name="lam"):
    """The entries of a vector, in words."""
    names = [f"{name}[{k}]" for k in which]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
