"""Comparisons: what a wrong value has in common with the right one.

`first_difference` compares the answers to several calls with what was expected. Its message names
a call, an entry and the simplest relation that holds between the two, such as "2 times the
expected value"; the expected number itself is never shown.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from coursekit.checks.wording import plural, unlike
from coursekit.derivatives.sampler import epsilon

LONGEST = 80  # characters of a call in a message
STEP_BY_STEP = "do this case by hand, and print each step of your code."


@dataclass(frozen=True)
class Case:
    """One call with its answer and what was expected, two arrays of one shape."""

    call: str
    ndim: int  # of its first argument
    got: np.ndarray
    want: np.ndarray
    rtol: float
    atol: np.ndarray  # of each entry
    least: float = 0.0  # normal number of the coarsest type
    rounding_is_known: bool = False  # that is what atol allows for

    @property
    def doubtful(self):
        """Entries that differ by less than the rounding of the largest one, but not of their own.

        Not those that are expected to be zero: they have no size of their own.
        """
        off = np.abs(self.got - self.want)
        return (
            self.fits(self.want)
            & (np.abs(self.want) > self.least)
            & (off > self.rtol * np.abs(self.want))
            & (not self.rounding_is_known)
        )

    def fits(self, value):
        """Whether the answer equals ``value`` within the tolerance, entry by entry."""
        tol = np.where(np.isfinite(value), self.rtol * np.abs(value) + self.atol, 0)
        both_nan = np.isnan(self.got) & np.isnan(value)
        return (self.got == value) | both_nan | (np.abs(self.got - value) <= tol)

    @property
    def wrong(self):
        """Which entries differ."""
        return ~self.fits(self.want)

    def only(self, entries):
        """Return the same call with some of its entries, in a row."""
        return replace(
            self, got=self.got[entries], want=self.want[entries], atol=self.atol[entries]
        )


@np.errstate(all="ignore")
def first_difference(name, arguments, answers, expected, rtol=None, rounding=None):
    """Return what is wrong with the answers of the function ``name``, None if nothing is.

    ``arguments``, ``answers`` and ``expected`` hold one tuple of arguments, one answer and one
    expected value a call; expected values are numbers or arrays. ``rounding(k, eps)``, if it is
    known, is how much the expected values of call k change with arguments that change by ``eps``.
    """
    calls, n, unlike = [describe_call(name, given) for given in arguments], 0, None
    for call, got, want in zip(calls, answers, expected, strict=True):
        if unlike := wrong_kind(call, got, want):
            break
        n += 1
    comparable = (values[:n] for values in (calls, arguments, answers, expected))
    if message := first_wrong_value(name, *comparable, rtol, rounding):  # comes before a wrong kind
        return message
    if unlike:
        is_batch = count_axes(arguments[n]) > count_axes(arguments[0])
        right = f"; {calls[0]} is right" if is_batch else ""
        batch = " the first axes are the batch: take sums and entries along axis=-1."
        return f"{unlike[0]}{right}.\nTry: {unlike[1]}{batch if is_batch else ''}"
    return None


def count_axes(arguments):
    """Return the number of axes of the first argument: a batch has more of them than a point."""
    return np.ndim(arguments[0]) if arguments and is_numeric(arguments[0]) else 0


# What stands in a message ------------------------------------------------------------------


def describe_call(name, arguments):
    """Return ``name(arguments)``, with long arrays by their shapes: softmax([0, 1000], 0)."""
    for limit in (6, 0):
        text = f"{name}({', '.join(_brief(a, limit) for a in arguments)})"
        if len(text) <= LONGEST:
            break
    return text


def _brief(a, limit):
    if isinstance(a, np.ndarray):
        plain = a.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
        if a.size <= limit:
            return _brief(a.tolist(), limit) if plain else f"{a.dtype}({_brief(a.tolist(), limit)})"
        return f"{'' if plain else f'{a.dtype} '}array of shape {a.shape}"
    if isinstance(a, list | tuple):
        return f"[{', '.join(_brief(x, limit) for x in a)}]"
    if isinstance(a, np.generic):
        return _brief(a.item(), limit)
    if isinstance(a, float):
        return f"{a:.8g}"
    if callable(a):
        name = getattr(a, "__name__", "<lambda>")
        return "a function" if name == "<lambda>" else name
    return repr(a) if isinstance(a, str | int | None) else type(a).__name__


# Coarse: is it a value of the right kind? --------------------------------------------------


def wrong_kind(call, got, want):
    """Return why ``got`` cannot be compared with ``want``, with a hint, or None."""
    if got is None:
        return f"{call} returns nothing (None)", "is a return missing?"
    shape = np.shape(want)
    if not is_numeric(got):
        kind = getattr(got, "dtype", type(got).__name__)
        return f"{call} returns {kind}, expected real numbers", "print what it returns."
    if np.shape(got) == shape:
        return None
    hint = "print the shape of each part of your answer."
    if len(shape) > 1 and np.shape(got) == (*shape[:-2], shape[-1], shape[-2]):
        hint = "it looks transposed."
    elif np.size(got) == np.prod(shape):
        hint = "the number of entries is right; is there an axis too many or too few?"
    return f"{call} has shape {np.shape(got)}, expected {shape}", hint


def is_numeric(value):
    """Whether it is a number, or an array or nested list of numbers, real ones or truth values."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # rows of different lengths
        return False


# Fine: how does it differ? -----------------------------------------------------------------


def first_wrong_value(name, calls, arguments, answers, expected, rtol, rounding):
    """Return in which cases and how the answers differ, or None if they agree."""
    cases = _cases(calls, arguments, answers, expected, rtol, rounding)
    right = [case for case in cases if not case.wrong.any()]
    wrong = [case for case in cases if case.wrong.any()]
    for case in wrong:
        if (broken := np.isfinite(case.want) & ~np.isfinite(case.got)).any():
            hint = "look for an overflow, a division by zero, or log or sqrt of a negative number."
            return _report(f"{name}: not finite", case, broken, hint)
    if not wrong:
        return _undecided(name, cases)
    scope = f" in {len(wrong)} of {plural(len(cases), 'case')}" if right else ""
    some = " in some entries" if any(not case.wrong.all() for case in wrong) else ""
    entries = [case.only(case.wrong) for case in wrong]
    groups = [(cases, ""), (wrong, scope), (entries, some + scope)]
    explained = ((found, where) for group, where in groups if (found := explain(group)))
    (finding, hint), where = next(explained, (("wrong", STEP_BY_STEP), scope))
    if where and finding == "zero":
        hint = STEP_BY_STEP
    if right and max(case.ndim for case in right) < min(case.ndim for case in wrong):
        some = some if where.startswith(some) else ""
        where = f"{some} for a batch, but right without one"
        hint = (
            "every sum, maximum or count must be that of one row: use axis=-1 and shape[-1], or "
            "the axis that is asked for."
        )
    return _report(f"{name}: {finding}{where}", wrong[0], wrong[0].wrong, hint)


def _undecided(name, cases):
    """Return that an entry may be right or wrong, for all of it may be rounding, or None."""
    for case in cases:
        if case.doubtful.any():
            finding = (
                f"The check cannot decide about {name}: an entry differs from what is expected, "
                "but it is so small beside the largest one that all of it may be rounding"
            )
            hint = "a reference function in place of values, or cases with entries alike in size."
            return _report(finding, case, case.doubtful, hint)
    return None


def _cases(calls, arguments, answers, expected, rtol, rounding):
    """Cases with their tolerances: rtol of an entry, and the rounding that it can have.

    That is a thousand times what rounding the arguments does to it. Where this is not known, or
    the entry is expected to be zero, it is a thousand roundings of the largest one.
    """
    arrays = [(np.asarray(g), np.asarray(w)) for g, w in zip(answers, expected, strict=True)]
    sizes = [np.abs(w[np.isfinite(w)].astype(float)).max(initial=0) for _, w in arrays]
    typical = np.quantile([size for size in sizes if size] or [1], 0.5, method="higher")
    nothing = 1e3 * epsilon(float) * typical  # smaller is zero, with the rounding of the others
    cases = []
    for k, (call, given, (g, w), size) in enumerate(
        zip(calls, arguments, arrays, sizes, strict=True)
    ):
        if not w.size:
            continue
        types = [a.dtype for a in (w, *given) if getattr(a, "dtype", None) is not None]
        floating = [dtype for dtype in types if dtype.kind == "f"]
        floating = floating or [g.dtype] * (g.dtype.kind == "f")
        eps = max((epsilon(dtype) for dtype in floating), default=0.0)
        least = max((float(np.finfo(dtype).tiny) for dtype in floating), default=0.0)
        g, w = g.astype(float), w.astype(float)
        relative = eps**0.6 if rtol is None else rtol
        atol = np.full(w.shape, 1e3 * eps * (size if size > nothing else typical))
        case = Case(call, count_axes(given), g, w, relative, atol, least)
        if rounding and case.doubtful.any() and (known := rounding(k, eps)) is not None:
            own = np.maximum(np.minimum(atol, 1e3 * known), least)
            case = replace(case, atol=np.where(w != 0, own, atol), rounding_is_known=True)
        cases.append(case)
    return cases


def _report(finding, case, entries, hint):
    """Finding, call, which of the ``entries`` is furthest off, and one thing to try."""
    off = np.nan_to_num(np.abs(case.got - case.want), nan=np.inf, posinf=np.inf)
    at = np.unravel_index(np.where(entries, off, -1).argmax(), off.shape)
    entry = f", entry {[int(i) for i in at]}" if at else ""
    yours, _ = unlike(case.got[at], case.want[at])
    return f"{finding}.\n  {case.call}{entry}: yours {yours}\nTry: {hint}"


def explain(cases):
    """Return (finding, hint) for the first relation that holds in all the cases, if any."""
    return (
        same(cases, RELATIONS)
        or few_digits(cases)
        or common_factor(cases)
        or common_shift(cases)
        or factor_by_case(cases)
        or (sum(case.want.size for case in cases) > 1 and same(cases, FUNCTIONS))
    )


def same(cases, relations):
    """The answers are the same function of the expected values everywhere."""
    for finding, hint, of in relations:
        if all(case.fits(of(case.want)).all() for case in cases):
            return finding, hint
    return None


def _reversed_rows(w):
    return w[..., ::-1] if w.ndim else w


def _transposed(w):
    square = w.ndim > 1 and w.shape[-1] == w.shape[-2]
    return np.swapaxes(w, -1, -2) if square else w


RELATIONS = [  # finding, hint, what the answer is instead of the expected value w
    ("opposite sign", "look for a minus sign lost or added.", np.negative),
    ("transposed", "which index is the row, and which the column?", _transposed),
    ("in reversed order", "where does the order of the entries come from?", _reversed_rows),
]
FUNCTIONS = [  # tried last, and for more than one number: one may fit by chance
    ("the square of the expected value", "is a square root missing?", np.square),
    ("the square root of the expected value", "is there a root too many?", np.sqrt),
    ("the exponential of the expected value", "is a logarithm missing?", np.exp),
    ("the logarithm of the expected value", "is there a logarithm too many?", np.log),
]  # fmt: skip


def few_digits(cases):
    """Right but for the last digits."""
    off = np.max([np.abs(c.got - c.want).max() / np.abs(c.want).max() for c in cases])
    if off <= 1e-3 and cases[0].rtol:
        hint = "is a constant rounded, a loop stopped early, or a difference quotient used?"
        if off <= 1e-5:
            hint = "is something computed in float32, a constant rounded, or a loop stopped early?"
        return f"right to about {plural(round(-np.log10(off)), 'digit')} only", hint


def common_factor(cases):
    """The same factor everywhere; a single number may be off by any factor."""
    if all((case.got == 0).all() for case in cases):
        return "zero", "does the result of your computation reach the return?"
    factor = _factor_of_largest(max(cases, key=lambda case: np.abs(case.want).max()))
    several = sum(np.count_nonzero(case.want) for case in cases) > 1
    if (
        factor
        and (several or _simple_fraction(factor))
        and _all_times(cases, [factor] * len(cases))
    ):
        hint = "look for a constant dropped or counted twice."
        return f"{_factor_text(factor)} times the expected value", hint


def factor_by_case(cases):
    """Another factor in each case, such as the number of terms of a sum."""
    factors = [_factor_of_largest(case) for case in cases]
    for case, factor in zip(cases, factors, strict=True):
        several = np.count_nonzero(case.want) > 1 or _is_count(factor)
        if not several or abs(factor - 1) < 1e-6:  # that case is right
            return None
    if _all_times(cases, factors):
        hint = "which number differs between these cases? print each step of your code."
        one_way = min(factors) >= 1 or max(factors) <= 1  # a sum is larger than the mean each time
        if one_way and all(_is_count(factor) for factor in factors):
            hint = "is it a sum where a mean is asked for, or the other way round?"
        several = ", then ".join([*dict.fromkeys(map(_factor_text, factors))][:3])
        return f"off by a factor that differs from case to case, {several}", hint


def _factor_of_largest(case):
    """The factor of the largest entry, or 0 if there is none."""
    at = np.abs(case.want).argmax()
    factor = case.got.flat[at] / case.want.flat[at]
    return factor if np.isfinite(factor) else 0.0


def _all_times(cases, factors):
    pairs = zip(cases, factors, strict=True)
    return all(case.fits(factor * case.want).all() for case, factor in pairs)


def _is_count(factor):
    """Whether it is a whole number above 1, or one divided by such."""
    count = factor if abs(factor) > 1 else 1 / factor if factor else 0.0
    return count > 1.5 and abs(count - round(count)) < 1e-6 * count


def _simple_fraction(factor):
    """The factor as a fraction of small numbers, or None."""
    if factor == 0:
        return None
    small = abs(factor) < 1
    simple = Fraction(float(1 / factor if small else factor)).limit_denominator(12)
    simple = 1 / simple if small else simple
    close = abs(simple - factor) < 1e-6 * abs(factor)
    return simple if close and max(abs(simple.numerator), simple.denominator) < 1000 else None


def _factor_text(factor):
    return str(_simple_fraction(factor) or f"{factor:.4g}")


def common_shift(cases):
    """The same number is added everywhere."""
    want = np.concatenate([case.want.ravel() for case in cases])
    off = np.concatenate([(case.got - case.want).ravel() for case in cases])
    shift = np.median(off)
    if np.ptp(want) > 0 and all(case.fits(case.want + shift).all() for case in cases):
        sign = "large" if shift > 0 else "small"
        hint = "is a term missing, or one too many?"
        return f"too {sign} by the same amount, {abs(shift):.4g}, everywhere", hint
