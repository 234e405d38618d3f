r"""Check that an answer is a minimizer, by the optimality conditions at the answer itself.

No reference answer is needed, so none can leak. Derivatives that are not given are estimated, each
with its error.
"""

from itertools import islice, permutations

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.minimizer_evidence import gradient_and_error, local_derivatives
from coursekit.checks.minimizer_values import lower_values
from coursekit.checks.problems import problem_data
from coursekit.checks.student_functions import answer, require_shape
from coursekit.checks.student_vectors import accuracy, reach_of, vector, violation

__all__ = ["check_minimizer"]

ORDERS = 120  # orders of the coordinates that are tried: all of them, up to five
CANDIDATES = 4  # of them, whose gradients are looked at


def check_minimizer(x, problem, *, rtol=None):
    r"""Check the first- and second-order conditions of a minimum at ``x``.

    The gradient counts as zero if a Newton step moves each coordinate by no more than

    .. math:: \delta_i = r\, s_i + \left(|H^{-1}|\, e\right)_i ,

    and if along each eigenvector :math:`v` of the Hessian, with an eigenvalue :math:`\lambda`
    known to :math:`\pm E`,

    .. math:: |v^\top \nabla f(x)| \le (|\lambda| + E)\, |v|^\top r s + |v|^\top e .

    Here :math:`s_i` is the scale of the coordinate: its own size :math:`|x_i|`; for one that may
    be zero, the distance that changes ``f`` as much as moving another coordinate by its own size
    does; and at least 1 where a move by 1 changes ``f`` no more than a hundred times as much. The
    error :math:`e` is that of the gradient and of rounding ``x`` in it. So the units of ``x`` and
    of ``f`` do not matter. Then :math:`\lambda > E` makes a minimum. With constraints all this
    holds for the Lagrangian, on the null space of the gradients of the active ones, and multipliers
    of inequalities must not be negative.

    Parameters
    ----------
    x : array_like, shape (n,)
        The answer.
    problem : Objective, kkt.Problem, other `MinimizationProblem`, or callable
        A callable maps (n,) to a number; its derivatives are estimated. An object with ``n``,
        ``f`` and ``grad`` is a problem; anything else that can be called is taken for a function,
        whatever attributes it has.
    rtol : float, optional
        The accuracy r asked of each coordinate; 5e-3, for example, if it was printed with three
        digits. By default :math:`\sqrt\varepsilon`, as far as values of ``f`` determine a
        minimizer: 1.5e-8 in float64, 3.5e-4 in float32. Then a distance that changes ``f`` by less
        than :math:`4 \varepsilon |f|` is no mistake either.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: no vector of numbers, wrong shape, not finite; ``f``
        not finite there, or on one side; infeasible, with the constraint; gradient not zero:
        coordinates in the wrong order or of opposite sign, on the edge of the window, far from a
        minimum, or not converged yet; a multiplier of an inequality negative; a maximum; a
        saddle point; lower values nearby where the Hessian is singular or ``f`` has a kink, with
        the point, if it has few coordinates, and by how much ``f`` is lower there; only a
        local minimum of an `Objective`. Or the check cannot decide: on a plateau with lower values
        further away; where ``x`` is small in units of 1, but nothing shows its scale; where the
        gradient of an active constraint is not finite. The message never says where the minimizer
        is.
    ValueError
        If ``problem`` or ``rtol`` make no sense.

    Notes
    -----
    Where :math:`|\lambda| \le E`, a multiplier is zero, or ``f`` has a kink, derivatives can't
    decide. Values of ``f`` do, at distances of 0.001 to 0.1 times the scales (from 1e-6 at kinks):
    along these directions, and from there along the floor of the valley, where ``f`` curves upwards
    across it. So it finds that :math:`(y - x^2)(y - 3x^2)` and :math:`x^3 + y^2` fall at 0, and
    that :math:`x^4 + y^2` does not; a minimum need not be strict, so :math:`y^2` has one at each
    point of its valley. Where ``f`` does not change at these distances by more than the accuracy of
    ``x`` and the rounding of ``f`` leave open, straight lines are followed up to a hundred scales:
    if ``f`` is lower there, as :math:`y^2 - x^{20}` is, the check cannot decide; if not, the
    plateau passes. That is evidence, no proof. Missed are falls that begin further away, and those
    in a narrow cusp between many undecided directions: up to eight of them are searched, of more
    some are tried.

    References
    ----------
    Nocedal and Wright, *Numerical Optimization*, theorems 2.3, 2.4, 12.5 and 12.6.

    Examples
    --------
    >>> from coursekit.objectives import himmelblau, saddle
    >>> check_minimizer([3, 2], himmelblau)
    True
    >>> check_minimizer([0, 0], saddle)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: x is a saddle point: the gradient is zero, but f curves downwards.
      of 2 eigenvalues of the Hessian, negative: 1
    Try: step along an eigenvector that belongs to a negative one, then go on downhill.
    """
    problem = problem_data(problem)
    x, eps = vector(x, "x", problem.n)
    asked = accuracy(rtol, eps)
    with np.errstate(all="ignore"):  # the student did not choose f
        value = answer(problem.f, "f", x)
        require_shape(value, (), "f", x)
        if not np.isfinite(value):
            raise CheckFailed(
                f"x lies where f is not finite: f(x) is {value}.\n"
                "Try: print x and f(x) after each step. Where does x leave the domain of f?"
            )
        if problem.constrained and (message := _violation(problem, x, eps, asked)):
            raise CheckFailed(message)
        at = local_derivatives(problem, x, eps, asked)
        unseen = 8 * eps * abs(value) if rtol is None else 0.0
        if not at.stationary(unseen):
            raise CheckFailed(_not_stationary(problem, at, eps, asked))
        found = (
            _negative_multiplier(at)
            or _curvature(at)
            or lower_values(problem, at, eps, asked)
            or _not_lowest(problem, at)
            or _without_scale(at, value, asked)
        )
        if found:
            raise CheckFailed(found)
    return True


def _violation(problem, x, eps, asked):
    """Which constraint x violates."""
    return violation(problem, x, reach_of(problem, x, eps, asked))


# What can be wrong --------------------------------------------------------------------------


def _not_stationary(problem, at, eps, asked):
    """Why the gradient is not zero, and how far it is from that."""
    what, zero = "the gradient", "the gradient is not zero"
    if problem.constrained:
        what = "what the active constraints leave of the gradient"
        zero = "no multipliers balance the gradient"
    shown = (
        f"  {what}: {at.relative_slope:.0e} of the size of its terms\n"
        f"  asked: each coordinate to {asked:.0e} of its size, with a zero gradient within rounding"
    )
    if finding := _rearranged(problem, at, eps, asked):
        return f"{finding}\n{shown}\nTry: print the answer entry by entry, with the name of each."
    if edge := _edge(problem, at):
        return (
            f"x: {zero}: {edge}.\n{shown}\n"
            "Try: is x the best point of a grid, or clipped? The minimum is free."
        )
    if at.convex:
        step = at.newton_step
        i = int(np.abs(step / at.scale).argmax())
        if abs(step[i]) < 0.1 * at.scale[i]:
            return (
                f"x: not converged yet: {zero}.\n{shown}\n"
                f"  a Newton step would still move x[{i}] by about {abs(step[i]):.0e}\n"
                "Try: more steps, or a smaller tolerance in the test that stops them."
            )
    return (
        f"x: {zero}, and x is far from a minimum.\n{shown}\n"
        "Try: check_numerical_jacobian(f, grad) for your gradient; then, does each step lower f?"
    )


def _edge(problem, at):
    """Where x lies on the edge of the window, if that can explain why it is no minimum.

    A grid or a clipped run ends there. In a window that nobody chose, it must be the best point.
    """
    for i, (low, high) in enumerate(problem.window or problem.default_window):
        for edge, outwards in ((low, -1), (high, 1)):
            falls = at.grad[i] * outwards < 0
            if abs(at.x[i] - edge) <= at.x_tol[i] and (problem.window or falls):
                return f"x[{i}] lies on the edge of the window from {low:g} to {high:g}"
    return None


def _rearranged(problem, at, eps, asked):
    """Whether the coordinates are right but for their order or sign.

    Values of f choose the candidates, gradients one of these; only that one costs a Hessian.
    """
    x, n = at.x, at.x.size
    wrong_order = "x: coordinates in the wrong order"
    orders = permutations(range(n)) if n <= 5 else (np.roll(range(n), k) for k in range(n))
    tries = [("x: all coordinates have the opposite sign", -x), (wrong_order, x[::-1])]
    tries += [(wrong_order, x[list(order)]) for order in islice(orders, 1, ORDERS)]
    lower = []
    for k, (_, y) in enumerate(tries):
        value = at.f(y)
        if value < at.f(x) or (problem.constrained and np.isfinite(value)):
            lower.append((float(value), k))
    flattest = []
    for _, k in sorted(lower):
        if len(flattest) == CANDIDATES:
            break
        if problem.constrained and _violation(problem, tries[k][1], eps, asked):
            continue
        try:
            g, _ = gradient_and_error(problem, tries[k][1])
        except CheckFailed:  # f has no derivatives there
            continue
        flattest.append((float(np.linalg.norm(g * at.unit)), k))
    if not flattest:
        return None
    _, k = flattest[0] if problem.constrained else min(flattest)
    finding, y = tries[k]
    try:
        other = local_derivatives(problem, y, eps, asked)
    except CheckFailed:
        return None
    if other.stationary() and other.convex and not other.negative:
        return f"{finding}: the first-order conditions would hold otherwise."
    return None


def _negative_multiplier(at):
    """An inequality that holds x back from lower values in the inside."""
    if at.negative:
        return (
            f"x: the multiplier of ineq[{at.negative[0]}] would be negative: it is active, but f "
            "falls from its boundary into the inside.\n"
            "Try: solve again without this constraint; or was f maximised, or the sign of the "
            "constraint turned?"
        )


def _curvature(at):
    """A maximum or a saddle point."""
    down = int((at.curvature < -at.uncertainty).sum())
    total = at.curvature.size
    if not down:
        return None
    if down < total or at.strongly_active:
        kind = "a maximum along its constraints" if down == total else "a saddle point"
        of = (
            "the Lagrangian's Hessian, along the active constraints"
            if at.strongly_active
            else "the Hessian"
        )
        return (
            f"x is {kind}: the gradient is zero, but f curves downwards.\n"
            f"  of {total} eigenvalue{'s' * (total > 1)} of {of}, negative: {down}\n"
            "Try: step along an eigenvector that belongs to a negative one, then go on downhill."
        )
    return (
        "x is a maximum: the gradient is zero, but f falls in every direction; x minimizes -f.\n"
        "Try: look for a lost or an added minus sign, in f or in the direction of the steps."
    )


def _not_lowest(problem, at):
    """Whether a local minimum is the lowest one, if the problem knows them all."""
    if not problem.minimizers:
        return None
    value, low = float(at.f(at.x)), float(at.f(problem.minimizers[0]))
    unseen = (at.slope_tol**2 / np.maximum(np.abs(at.curvature), 1e-300)).sum()
    if value - low > 4 * unseen + 64 * np.finfo(float).eps * (abs(value) + abs(low)):
        return (
            "x is a local minimum, but not the lowest: somewhere else f is lower by about "
            f"{value - low:.0e}.\nTry: begin from other starts, far apart, and keep the lowest."
        )
    return None


def _without_scale(at, value, asked):
    """Whether x is small only in units of 1, and f says nothing of the kind."""
    if at.scale_is_shown or at.gain <= asked * max(1.0, abs(value)):
        return None
    return (
        "The check cannot decide: the size of x shows no scale, and in units of 1 x could be "
        f"right, but f(x) = {value:.1e} may still fall by more than that accuracy allows.\n"
        "Try: more steps; or measure x and f in units in which they are about 1."
    )
