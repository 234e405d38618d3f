"""Checks that say what is wrong with an answer, and where, but never what the answer is.

A check returns True or raises `CheckFailed`, so that ``check(...)`` and ``assert check(...)``
both work. It goes from coarse to fine and stops at the first cause.
"""

import traceback
from copy import deepcopy

import numpy as np

from coursekit.comparisons import count_axes, describe_call, first_difference, is_numeric
from coursekit.diagnoses import compare, diagnose

_SCALES = (0.03, 0.3, 1.0, 3.0)  # half widths of the boxes from which points are drawn
_POINTS = 32
_DOMAIN = "domain=(lo, hi), a box in which it is defined."
_NOT_FINITE = "look for a division by zero, an overflow, or log or sqrt of a negative number."


class CheckFailed(AssertionError):
    """An answer that did not pass a check; ``str()`` is the diagnosis.

    In a notebook the diagnosis is printed without the stack of library frames above it.
    """

    def _render_traceback_(self):
        return f"{type(self).__name__}: {self}".splitlines()


def check_numerical_jacobian(f, jac_f, nD=2, *, domain=None, seed=0):
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
        points of both signs and of sizes 0.01 to 3 are used.
    seed : int
        Seed of the 32 points. The same seed gives the same points and the same answer.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        With the first of these that applies: not callable, raises, no array, wrong shape,
        not finite, changes its input; undecidable because the finite differences are
        unreliable; transposed, opposite sign, constant factor, wrong components, right in a
        part of the domain only, wrong at a point; wrong for batches.
    ValueError
        If ``nD`` or ``domain`` make no sense.

    Notes
    -----
    The tolerance is the error that `coursekit.derivatives.jacobian_with_error` estimates at
    the point, not a constant; float32 answers are granted the rounding of float32. A point
    where that error exceeds 1 % of the derivative decides nothing, and if more than half of
    the points decide nothing the check says so instead of passing.

    It cannot see a mistake smaller than the error of the finite differences (a relative
    1e-9 or so), nor one confined to a small region between the points.

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
      finite difference 5.5592 ± 1e-08
    Try: look for a minus sign lost or added.
    """
    f_name, name = _names((f, "f"), (jac_f, "jac_f"))
    points, span = _sample(nD, domain, seed)
    with np.errstate(all="ignore"):  # the student did not choose the points
        value = [_answer(f, f_name, x) for x in points]
        for v, x in zip(value, points, strict=True):
            _require_shape(v, value[0].shape, f_name, x)
            _require_finite(v, f_name, x, _DOMAIN)
        shape = (*value[0].shape, nD)
        got = [_answer(jac_f, name, x) for x in points]
        for g, x in zip(got, points, strict=True):
            _require_shape(g, shape, name, x, f"because {f_name}(x) has shape {shape[:-1]}")
            _require_finite(g, name, x, _NOT_FINITE)
        try:
            evidence = compare(f, f_name, name, points, span, np.array(value), np.array(got))
        except Exception as error:  # f was fine at every point but not a step away from one
            raise CheckFailed(f"{f_name} has no finite differences: {error}") from None
        if message := diagnose(evidence):
            raise CheckFailed(message)
        _check_batches(jac_f, name, points, np.array(got))
    return True


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
    (name,) = _names((f, "f"))
    points, _ = _sample(nD, None, 0)
    with np.errstate(all="ignore"):
        alone = [_answer(f, name, x) for x in points]
        for value, x in zip(alone, points, strict=True):
            _require_shape(value, tuple(output), name, x)
        _check_batches(f, name, points, np.array(alone))
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
    (name,) = _names((func, "func"))
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
    given, where = deepcopy(case), describe_call(name, case)
    value = _call(func, name, given, f"in {where}", is_batch)
    for before, after in zip(case, given, strict=True):
        if isinstance(before, np.ndarray) and before.tobytes() != after.tobytes():
            raise CheckFailed(
                f"{name} changes its input: after {where} the caller's array is different.\n"
                "Try: x = 2 * x makes a new array, x *= 2 overwrites the caller's."
            )
    return value


# Where to look ---------------------------------------------------------------------------


def _sample(n, domain, seed):
    """Points (m, n) and the width of the box of each, by Latin hypercube sampling.

    Each coordinate falls once in each of m equal strata, so both signs occur equally often
    and never 0, a border or a point within a step of them.
    """
    if not isinstance(n, int | np.integer) or n < 1:
        raise ValueError(f"nD must be a positive integer, got {n!r}")
    rng = np.random.default_rng(seed)
    boxes = [(np.full(n, -s), np.full(n, s)) for s in _SCALES]
    if domain is not None:
        try:
            lo, hi = (np.broadcast_to(np.asarray(d, dtype=float), n) for d in domain)
        except (TypeError, ValueError):
            raise ValueError(
                f"domain must be (lo, hi), each a number or {n} numbers; got {domain!r}"
            ) from None
        if not (np.isfinite(lo) & np.isfinite(hi) & (lo < hi)).all():
            raise ValueError(f"domain must be finite with lo < hi, got {domain!r}")
        boxes = [(lo, hi)]
    m = _POINTS // len(boxes)
    points, spans = [], []
    for lo, hi in boxes:
        strata = rng.permuted(np.tile(np.arange(m)[:, None], n), axis=0)
        x = lo + (hi - lo) * (strata + rng.uniform(0.05, 0.95, (m, n))) / m
        # Few digits, so that the points of a message are the points that were used.
        points.append(np.round(x, 4 - int(np.floor(np.log10((hi - lo).min())))))
        spans.append(np.tile(hi - lo, (m, 1)))
    order = rng.permutation(_POINTS)
    return np.concatenate(points)[order], np.concatenate(spans)[order]


def _check_batches(func, name, points, alone):
    """``func`` on batches of ``points`` must repeat ``alone``, its answers point by point."""
    n = points.shape[1]
    a, b, c = [k for k in (5, 4, 3, 6, 7, 8) if k != n][:3]
    for lead in ((a,), (b, c)):
        rows = slice(0, int(np.prod(lead)))
        answer, expected = alone[rows], (*lead, *alone.shape[1:])
        got = _answer(func, name, points[rows].reshape(*lead, n))
        if got.shape != expected:
            hint = "take coordinates with x[..., i] and sum over axis=-1."
            if got.shape == (*alone.shape[1:], *lead):
                hint = "the axes of the batch come first: np.stack([...], axis=-1)."
            raise CheckFailed(
                f"{name} works for one point but not for a batch: input of shape {(*lead, n)} "
                f"gave shape {got.shape}, expected {expected}.\nTry: {hint}"
            )
        got = got.reshape(answer.shape)
        size = np.abs(np.nan_to_num(answer)).reshape(len(answer), -1).max(axis=1)
        close = np.isclose(got.T, answer.T, rtol=0, atol=1e-6 * size, equal_nan=True).T
        if not close.all():
            row = np.unravel_index(np.argmin(close.reshape(len(answer), -1).all(axis=1)), lead)
            raise CheckFailed(
                f"{name} works for one point but mixes the points of a batch: for an input of "
                f"shape {(*lead, n)}, row {_index(row)} differs from the answer for that row "
                "alone.\nTry: every sum, norm or maximum needs axis=-1."
            )


# Coarse: is there an answer of the right kind? -------------------------------------------


def _names(*pairs):
    for func, role in pairs:
        if not callable(func):
            raise CheckFailed(
                f"{role} must be a function, got {type(func).__name__}.\n"
                "Try: pass the function itself, without calling it."
            )
    names = (getattr(func, "__name__", role) for func, role in pairs)
    return [r if name == "<lambda>" else name for name, (_, r) in zip(names, pairs, strict=True)]


def _answer(func, name, x):
    """``func(x)`` as an array of real numbers, or why there is none."""
    given = x.copy()
    value = _call(func, name, (given,), f"at {_where(x)}", x.ndim > 1)
    if not np.array_equal(given, x):
        raise CheckFailed(
            f"{name} changes its input: after the call at {_where(x)} the caller's x is "
            "different.\nTry: x = 2 * x makes a new array, x *= 2 overwrites the caller's."
        )
    if isinstance(value, list | tuple) or np.asarray(value).dtype.kind not in "fiu":
        kind = getattr(value, "dtype", None)
        raise CheckFailed(
            f"{name} returns {type(value).__name__}{f' of {kind}' if kind else ''} at {_where(x)}, "
            "expected a NumPy array of real numbers.\n"
            "Try: is a return missing? np.stack([...], axis=-1) joins components."
        )
    return np.array(value)


def _call(func, name, args, where, is_batch):
    """``func(*args)``, or a diagnosis of what it raises."""
    try:
        return func(*args)
    except NotImplementedError:
        raise CheckFailed(f"{name} is not written yet: it raises NotImplementedError.") from None
    except Exception as error:
        hint = ""
        if is_batch and isinstance(error, TypeError | ValueError | IndexError):
            hint = (
                "\nTry: take many points at once, with x[..., i] and with np functions, not math."
            )
        line = _line(func, error) + hint
        raise CheckFailed(f"{name} raises {type(error).__name__} {where}: {error}{line}") from None


def _require_shape(value, shape, name, x, why=""):
    if value.shape == shape:
        return
    hint = "print the shape of each part of your answer."
    if len(shape) > 1 and value.shape == (*shape[:-2], shape[-1], shape[-2]):
        hint = "it looks transposed: rows are outputs, columns are inputs."
    elif value.size == np.prod(shape):
        hint = "the number of entries is right; is there an axis too many or too few?"
    raise CheckFailed(
        f"{name} returns shape {value.shape} for x of shape {x.shape}, expected {shape}"
        f"{why and f', {why}'}.\nTry: {hint}"
    )


def _require_finite(value, name, x, hint):
    if not np.isfinite(value).all():
        raise CheckFailed(f"{name} is not finite at {_where(x)}: it returns {value}.\nTry: {hint}")


def _line(func, error):
    """The line of the student's own file or cell in which ``error`` arose, if known."""
    file = getattr(getattr(func, "__code__", None), "co_filename", None)
    own = [s for s in traceback.extract_tb(error.__traceback__) if s.filename == file and s.line]
    return f"\n  line {own[-1].lineno}: {own[-1].line}" if own else ""


def _where(x):
    return f"x = {x.tolist()}" if x.ndim == 1 else f"an input of shape {x.shape}"


def _index(index):
    return f"[{', '.join(str(int(i)) for i in index)}]"
