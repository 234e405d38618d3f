"""Checks that say what is wrong with an answer, and where, but never what the answer is.

A check returns True or raises `CheckFailed`, so that ``check(...)`` and ``assert check(...)``
both work. It goes from coarse to fine and stops at the first cause.
"""

from copy import deepcopy
from dataclasses import replace

import numpy as np

from coursekit.calls import (
    DOMAIN,
    NOT_FINITE,
    OVERWRITES,
    answer,
    call,
    check_batches,
    names_of,
    not_finite,
    place,
    require_finite,
    require_shape,
    same_again,
)
from coursekit.comparisons import count_axes, describe_call, first_difference, is_numeric
from coursekit.diagnoses import diagnose, report
from coursekit.evidence import compare
from coursekit.failures import CheckFailed
from coursekit.multipliers import check_kkt
from coursekit.optimality import check_minimizer
from coursekit.paths import check_descent
from coursekit.points import ROUNDS, bounds, chosen, sample

__all__ = [
    "CheckFailed",
    "check_against",
    "check_descent",
    "check_kkt",
    "check_minimizer",
    "check_numerical_jacobian",
    "check_shapes",
]

ENOUGH = 8  # points at which f is defined


def check_numerical_jacobian(f, jac_f, nD=2, *, domain=None, points=None, seed=0):
    r"""Compare the derivative ``jac_f`` with finite differences of ``f``.

    Parameters
    ----------
    f : callable
        The function, (n,) to any shape (*outputs).
    jac_f : callable
        Its derivative, vectorised over leading axes: (n,) to (*outputs, n), which is the
        gradient (n,) for a scalar ``f``; (m, n) to (m, *outputs, n), and so on.
    nD : int
        Number n of coordinates.
    domain : (lo, hi), optional
        Box in which ``f`` is smooth and finite: numbers or arrays of length n. By default
        32 points of both signs and of sizes 0.01 to 3 are used; where ``f`` is not finite at
        some of them, others are looked for.
    points : array_like, shape (m, n), optional
        Points to look at instead; ``f`` must be finite there.
    seed : int
        Seed of the points. The same seed gives the same points and the same answer.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: not callable, raises, no array, not deterministic,
        changes its input; ``f`` itself returned; wrong shape; right for batches only; not finite;
        transposed, components in the wrong order, imprecise, opposite sign, zero, constant factor,
        wrong components, a term off, right in a part of the domain only, wrong at a point;
        undecidable, because ``f`` is noisy, jumps, has a kink or changes too fast; wrong for
        batches. Where numbers were compared a notebook shows a table, and for n = 2 a map.
    ValueError
        If ``nD``, ``domain`` or ``points`` make no sense.

    Notes
    -----
    The tolerance of an entry is four times the error that `coursekit.numerical_jacobian` estimates,
    at least that of the other points, plus a relative 1e-9, or the rounding of a float32 answer.
    Entries where it exceeds 1 % of the largest one decide nothing, and if that is more than half
    of the points the check says so instead of passing. Before it fails it looks again at the
    worst points alone, for structure of ``f`` finer than the steps. If there are many entries and
    all slopes along a generic direction agree, the full derivatives at four points suffice.

    It cannot see a mistake smaller than that, nor one confined to a small region between the
    points, nor know a ripple of ``f`` below 1e-9 of its size from rounding.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: (x**2).sum(axis=-1)
    >>> check_numerical_jacobian(f, lambda x: 2 * x)
    True
    >>> check_numerical_jacobian(f, lambda x: -2 * x)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: jac_f: opposite sign.
      at x = [2.7796, 2.1635], component [0]:
      yours             -5.5592
      finite difference 5.5592 ± 1e-12
    Try: look for a minus sign lost or added.
    """
    f_name, name = names_of((f, "f"), (jac_f, "jac_f"))
    with np.errstate(all="ignore"):  # the student did not choose the points
        x, value = _where_defined(f, f_name, nD, domain, points, seed)
        same_again(f, f_name, x, value)
        got = _derivatives(jac_f, name, x, value, f_name)
        same_again(jac_f, name, x, got)
        require_finite(got, name, x, NOT_FINITE)
        got, together = np.array(got), _batch(f, x)
        vectorised = _agree(together, value)
        lo, hi = bounds(nD, domain)
        room = np.minimum(x - lo, hi - x)
        evidence = compare(f, jac_f, f_name, name, x, room, value, got, vectorised)
        if message := diagnose(evidence):
            raise CheckFailed(
                _on_batches(jac_f, name, x, evidence) or message,
                evidence if evidence.wrong.any() else None,
            )
        check_batches(jac_f, name, x, got)
    return True


def _where_defined(f, f_name, n, domain, points, seed):
    """Points at which ``f`` is finite, and its values there."""
    tries = [chosen(points, n, domain)] if points is not None else [sample(n, domain, seed)]
    found, values, bad = _finite(f, f_name, tries[0])
    if bad and points is None:
        for k in range(ROUNDS if found else 4 * ROUNDS):
            if len(found) >= len(tries[0]):
                break
            tries.append(sample(n, domain, seed, k))
            more, more_values, _ = _finite(f, f_name, tries[-1])
            found, values = found + more, values + more_values
    total, wanted = sum(map(len, tries)), len(tries[0])
    if bad and (points is not None or not found):
        raise bad
    if len(found) < min(ENOUGH, wanted):
        raise CheckFailed(
            f"{f_name} is finite at only {len(found)} of the {total} points tried, too few to "
            f"decide.\nTry: {DOMAIN}"
        )
    found, values = found[:wanted], values[:wanted]
    for v, x in zip(values, found, strict=True):
        require_shape(v, values[0].shape, f_name, x)
    return np.array(found), np.array(values)


def _finite(f, f_name, points):
    """The points where ``f`` is finite, its values, and what is wrong at the first other one."""
    found, values, others, bad = [], [], [], None
    for x in points:
        try:
            value = answer(f, f_name, x)
        except CheckFailed as failure:
            if not isinstance(failure.__cause__, ArithmeticError | ValueError):
                raise
            bad = bad or failure
            continue
        if np.isfinite(value).all():
            found.append(x)
            values.append(value)
        else:
            others.append((x, value))
    if others and not bad:
        kind = f"at {len(others)} of {len(points)} points, such as"
        bad = not_finite(f_name, *others[0], kind, DOMAIN)
    return found, values, bad


def _derivatives(jac_f, name, points, value, f_name):
    """The answers at each point alone, of the right shape."""
    shape = (*value.shape[1:], points.shape[1])
    got = []
    for x, v in zip(points, value, strict=True):
        try:
            got.append(answer(jac_f, name, x))
            if got[-1].shape == v.shape and np.array_equal(got[-1], v):
                raise CheckFailed(
                    f"{name} returns {f_name} itself at {place(x)}, not its derivative.\n"
                    "Try: is the right function returned, and passed?"
                )
            why = f"because {f_name}(x) has shape {shape[:-1]}"
            require_shape(got[-1], shape, name, x, why)
        except CheckFailed as failure:
            batch = _batch(jac_f, points)
            if batch is not None and batch.shape == (len(points), *shape):
                raise CheckFailed(
                    f"{name} works for a batch, but not for one point. {failure}", failure.evidence
                ) from None
            raise
    return got


def _batch(func, points):
    """``func`` of all points at once, or None."""
    try:
        return np.asarray(func(points.copy()))
    except Exception:
        return None


def _agree(together, value):
    """Whether the values of a batch are those of its points."""
    if together is None or together.shape != value.shape:
        return False
    return np.allclose(together, value, rtol=0, atol=1e-6 * np.abs(value).max(initial=0))


def _on_batches(jac_f, name, points, e):
    """The message if ``jac_f`` is right for a batch and wrong for one point."""
    batch = _batch(jac_f, points)
    if batch is None or batch.shape != (len(points), *e.shape) or not e.wrong.any():
        return None
    batch = batch.reshape(len(points), -1)[: len(e.x)]
    if e.fits(batch) and (np.abs(batch - e.got) > 8 * e.tol).any():
        e = replace(e, subject=name)
        hint = "axis=-1 is the axis of the coordinates whatever the shape; axis=1 is not."
        return report(e, "right for a batch, wrong for one point alone", hint)
    return None


def check_shapes(f, output=(), nD=2):
    """Check that ``f`` treats every leading axis of its input as a batch.

    For ``nD=2`` the inputs have shapes (2,), (5, 2) and (4, 3, 2), and ``f`` must return
    shapes ``output``, (5, *output) and (4, 3, *output), with each row of a batch equal to the
    answer for that point alone.

    Parameters
    ----------
    f : callable
        The function to check; values are compared with ``f`` itself only.
    output : tuple of int
        Shape of ``f`` at one point: () for a scalar, (n,) for a gradient, (n, n) for a Hessian.
    nD : int
        Number of coordinates.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says which input shape gave which output shape and what was expected, or which row of
        a batch differs from the answer for that row alone.

    Examples
    --------
    >>> import numpy as np
    >>> check_shapes(lambda x: (x**2).sum(axis=-1))
    True
    >>> check_shapes(np.sum)
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: sum works for one point but not for a batch:
    input of shape (5, 2) gave shape (), expected (5,).
    Try: take coordinates with x[..., i] and sum over axis=-1.
    """
    (name,) = names_of((f, "f"))
    points = sample(nD, None, 0)
    with np.errstate(all="ignore"):
        alone = [answer(f, name, x) for x in points]
        for value, x in zip(alone, points, strict=True):
            require_shape(value, tuple(output), name, x)
        check_batches(f, name, points, np.array(alone))
    return True


def check_against(func, reference, cases, *, rtol=None):
    r"""Compare ``func`` with a reference, call by call, and say how it differs.

    Parameters
    ----------
    func : callable
        The function to check.
    reference : callable or list
        A function that is right, or the expected values, one a case: numbers or arrays.
    cases : list of tuple
        The arguments of each call, such as ``[(x, 0), (x, 1)]``: single points first, then
        batches. Each call gets copies.
    rtol : float, optional
        Relative tolerance. By default :math:`\varepsilon^{0.6}`: 4e-10 in float64, and 7e-5 if
        the answer, the expected value or an argument is float32. An entry may also be off by
        :math:`1000\,\varepsilon` times the largest one. Integers must agree exactly.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong, and in which cases: not callable, raises, changes its input, returns
        nothing, wrong kind or shape; not finite; opposite sign, transposed, reversed, imprecise,
        a constant factor, a constant added, another factor in each case, or the square, square
        root, exponential or logarithm of what is expected; else just wrong. The message shows the
        answer at one entry, never the expected number.
    ValueError
        If the cases are no tuples or not as many as the expected values, or those no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_against(np.mean, np.median, [([1.0, 2.0, 3.0],), ([4.0, 6.0],)])
    True
    >>> check_against(np.sum, np.mean, [([1.0, 2.0, 3.0],), ([4.0, 6.0],)])
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: sum: off by a factor that differs from case to case, 3, then 2.
      sum([1, 2, 3]): yours 6
    Try: is it a sum where a mean is asked for, or the other way round?
    """
    (name,) = names_of((func, "func"))
    with np.errstate(all="ignore"):
        expected = _expected(reference, cases)
        answers, failed = [], None
        for case in cases:
            try:
                is_batch = count_axes(case) > count_axes(cases[0])
                answers.append(_result(func, name, case, is_batch))
            except CheckFailed as error:  # values that are wrong before it come first
                failed = error
                break
    done = len(answers)
    if message := first_difference(name, cases[:done], answers, expected[:done], rtol):
        raise CheckFailed(message)
    if failed:
        raise failed
    return True


def _expected(reference, cases):
    """What is expected of each call."""
    for k, case in enumerate(cases):
        if not isinstance(case, tuple):
            kind = type(case).__name__
            raise ValueError(f"cases[{k}] must be a tuple of arguments, got {kind}; write (x,)")
    if callable(reference):
        reference = [reference(*deepcopy(case)) for case in cases]
    if not 0 < len(reference) == len(cases):
        raise ValueError(f"reference has {len(reference)} values for {len(cases)} cases")
    for k, want in enumerate(reference):
        if isinstance(want, tuple) or not is_numeric(want):
            kind = f"{type(want).__name__} for cases[{k}]"
            raise ValueError(f"reference must hold real numbers or arrays, got {kind}")
    return reference


def _result(func, name, case, is_batch):
    """``func(*case)``, or why there is none."""
    given = deepcopy(case)
    value = call(func, name, given, lambda: f"in {describe_call(name, case)}", is_batch)
    for before, after in zip(case, given, strict=True):
        if isinstance(before, np.ndarray) and before.tobytes() != after.tobytes():
            where = describe_call(name, case)
            raise CheckFailed(
                f"{name} changes its input: after {where} the caller's array is different."
                f"{OVERWRITES}"
            )
    return value
