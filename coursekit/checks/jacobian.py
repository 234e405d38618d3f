"""Compare a derivative with finite differences, and say what is wrong with it and where."""

from dataclasses import replace
from functools import partial

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.jacobian_diagnoses import diagnose, report
from coursekit.checks.jacobian_evidence import FEW, Claim, compare
from coursekit.checks.jacobian_scan import rare_places
from coursekit.checks.sample_points import (
    ROUNDS,
    bounds,
    checked_points,
    coordinates,
    draw_points,
)
from coursekit.checks.student_functions import (
    DOMAIN,
    NOT_FINITE,
    answer,
    check_batches,
    names_of,
    not_finite,
    place,
    require_finite,
    require_shape,
    same_again,
)
from coursekit.checks.wording import plural
from coursekit.derivatives import numerical_jacobian

__all__ = ["check_numerical_jacobian"]

ENOUGH = 8  # points at which f is defined


def check_numerical_jacobian(f, jac_f, n=2, *, nD=None, domain=None, points=None, seed=0, rtol=0.0):
    r"""Compare the derivative ``jac_f`` with finite differences of ``f``.

    Parameters
    ----------
    f : callable
        The function, (n,) to any shape (*outputs).
    jac_f : callable
        Its derivative, vectorized over leading axes: (n,) to (*outputs, n), which is the
        gradient (n,) for a scalar ``f``; (m, n) to (m, *outputs, n), and so on.
    n : int
        Number of coordinates.
    nD : int, optional
        The name of ``n`` in the source course.
    domain : (lo, hi), optional
        Box in which ``f`` is smooth and finite: numbers or arrays of length n. By default
        32 points of both signs and of sizes 0.01 to 3 are used; where ``f`` is not finite at
        some of them, others are looked for.
    points : array_like, shape (m, n), optional
        Points to look at instead, on the bounds of the domain too; ``f`` must be finite there.
    seed : int
        Seed of the points. The same seed gives the same points and the same answer.
    rtol : float
        Relative accuracy of the values of ``f``, such as the tolerance of an integrator; by
        default that of their type.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: not callable, raises, no array, not deterministic,
        changes its input; ``f`` itself returned; wrong shape; right for batches only; not finite;
        transposed, components in the wrong order, imprecise, opposite sign, zero, constant factor,
        wrong components, a term off, right in a part of the domain only, a factor that depends on
        x, wrong at a point, and beside them that a symmetric derivative is not; undecidable,
        because ``f`` is noisy, jumps, has a kink or changes too fast; wrong for batches. Where
        numbers were compared a notebook shows a table, and for n = 2 a map.
    ValueError
        If ``n``, ``domain`` or ``points`` make no sense, or ``n`` and ``nD`` disagree.

    Notes
    -----
    The tolerance of an entry is four times the error that `coursekit.numerical_jacobian` estimates,
    at least that of the other points, plus a relative 1e-9, or the rounding of a float32 answer.
    Entries where it exceeds 1 % of the largest one decide nothing, and if that is more than half
    of the points the check says so instead of passing. Before it fails it looks again at the
    worst points alone. If there are many entries and all slopes along a generic direction agree,
    the full derivatives at four points suffice; with more than 500 entries, at one or two.

    Last, a thousand further points of the domain are scanned in one batch, for values that are not
    finite and slopes along one direction that differ; the worst are looked at closely. It cannot
    see a mistake smaller than the tolerance, nor one confined to less than a few thousandths of
    the domain.

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
    n = coordinates(n, nD)
    f_name, name = names_of((f, "f"), (jac_f, "jac_f"))
    with np.errstate(all="ignore"):  # the student did not choose the points
        x, value = _where_defined(f, f_name, n, domain, points, seed)
        same_again(f, f_name, x, value)
        got = _claimed_derivatives(f, jac_f, name, x, value, f_name)
        same_again(jac_f, name, x, got)
        require_finite(got, name, x, NOT_FINITE)
        got = np.array(got)
        lo, hi = bounds(n, domain)
        to_bound = np.minimum(x - lo, hi - x)
        vectorized = _agree(_batch(f, x), value)
        varies = np.ptp(np.concatenate([value, _values_beside(f, x, to_bound)]), axis=0)
        box = None if domain is None else (lo, hi)
        claim = Claim(
            f, jac_f, f_name, name, x, to_bound, value, got, vectorized, varies, box, rtol
        )
        evidence = replace(compare(claim), elsewhere=partial(_elsewhere, claim))
        _decide(evidence, jac_f, name, x)
        check_batches(jac_f, name, x, got)
        if points is None:
            _scan(claim, seed)
    return True


def _decide(evidence, jac_f, name, x):
    """Raise what the evidence says, if anything is wrong."""
    if message := diagnose(evidence):
        raise CheckFailed(
            _on_batches(jac_f, name, x, evidence) or message,
            evidence if evidence.wrong.any() else None,
        )


def _values_beside(f, points, to_bound):
    """Values of ``f`` a little beside the first few points, as far as it is defined there."""
    values = []
    for x, room in zip(points[:FEW], to_bound[:FEW], strict=True):
        for sign in (1, -1):
            value = _batch(f, x + sign * 0.1 * np.minimum(np.maximum(1, np.abs(x)), room))
            if value is not None and value.dtype.kind in "fiu" and np.isfinite(value).all():
                values.append(value)
    shape = np.shape(values[0]) if values else np.shape(_batch(f, points[0]))
    return np.array([value for value in values if value.shape == shape]).reshape(-1, *shape)


def _elsewhere(claim, x):
    """Evidence of a claim at other points, which must be in its domain."""
    value = np.array([answer(claim.f, claim.f_name, row) for row in x])
    got = np.array([answer(claim.jac_f, claim.name, row) for row in x])
    to_bound = np.inf * np.ones(x.shape) if claim.domain is None else _to_bound(x, claim.domain)
    return compare(replace(claim, points=x, to_bound=np.abs(to_bound), value=value, got=got))


def _scan(claim, seed):
    """Look for rare places where the derivative is wrong, and at the worst of them closely."""
    n, shape = claim.points.shape[1], claim.got.shape[1:]
    lost, suspect = rare_places(claim.f, claim.jac_f, shape, n, claim.domain, seed, claim.rtol)
    if len(lost):
        alone = [answer(claim.jac_f, claim.name, x) for x in lost[:FEW]]
        require_finite(alone, claim.name, lost[:FEW], NOT_FINITE)
    if not len(suspect):
        return
    x = suspect[:FEW]
    evidence = _elsewhere(claim, x)
    if evidence.wrong.any():
        _decide(evidence, claim.jac_f, claim.name, x)


def _to_bound(x, domain):
    return np.minimum(x - domain[0], domain[1] - x)


def _where_defined(f, f_name, n, domain, points, seed):
    """Points at which ``f`` is finite, and its values there."""
    tries = [draw_points(n, domain, seed) if points is None else checked_points(points, n, domain)]
    found, values, bad = _finite(f, f_name, tries[0])
    if bad and points is None:
        for k in range(ROUNDS if found else 4 * ROUNDS):
            if len(found) >= len(tries[0]):
                break
            tries.append(draw_points(n, domain, seed, k))
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
        kind = f"at {len(others)} of {plural(len(points), 'point')}, such as"
        bad = not_finite(f_name, *others[0], kind, DOMAIN)
    return found, values, bad


def _claimed_derivatives(f, jac_f, name, points, value, f_name):
    """The answers at each point alone, of the right shape."""
    shape = (*value.shape[1:], points.shape[1])
    got = []
    for x, v in zip(points, value, strict=True):
        try:
            got.append(answer(jac_f, name, x))
            if np.array_equal(got[-1], v) and not _is_derivative(f, got[-1], shape, x):
                raise CheckFailed(
                    f"{name} returns {f_name} itself at {place(x)}, not its derivative.\n"
                    "Try: is the right function returned, and passed?"
                )
            why = f"because {f_name}(x) has shape {shape[:-1]}"
            require_shape(got[-1], shape, name, x, why)
        except CheckFailed as failure:
            batch = None if "changes its input" in str(failure) else _batch(jac_f, points)
            if batch is not None and batch.shape == (len(points), *shape):
                raise CheckFailed(
                    f"{name} works for a batch, but not for one point. {failure}", failure.evidence
                ) from None
            raise
    return got


def _is_derivative(f, got, shape, x):
    """Whether a function such as exp is its own derivative, so that only the shape is wrong."""
    if got.size != np.prod(shape):
        return False
    try:
        return np.allclose(got.reshape(shape), numerical_jacobian(f, x), rtol=1e-6, atol=0)
    except Exception:
        return False


def _batch(func, points):
    """``func`` of all points at once, or None."""
    try:
        return np.asarray(func(points.copy()))
    except Exception:
        return None


def _agree(batch, value):
    """Whether the values of a batch are those of its points."""
    if batch is None or batch.shape != value.shape:
        return False
    return np.allclose(batch, value, rtol=0, atol=1e-6 * np.abs(value).max(initial=0))


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
