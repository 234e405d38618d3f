"""Diagnoses: what a wrong derivative has in common with the right one.

`compare` collects the `Evidence`; each diagnosis is one function that looks at it and returns a
message or None, and the first in `DIAGNOSES` that speaks is what the student reads. A message
names the mistake and a place, shows both numbers there, and never the formula.
"""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from coursekit.derivatives import (
    default_step,
    epsilon,
    jacobian_with_error,
    numerical_jacobian,
)


@dataclass(frozen=True)
class Evidence:
    """Both derivatives at m points, their p components in a row; ``tol`` is inf if undecided."""

    f_name: str
    noise: float | None  # of the values of f, relative; None if f varies within a step
    subject: str
    shape: tuple
    labels: list
    x: np.ndarray
    got: np.ndarray
    want: np.ndarray
    error: np.ndarray
    tol: np.ndarray

    @property
    def wrong(self):
        """Which entries, (m, p), differ by more than the tolerance."""
        return np.abs(self.got - self.want) > self.tol

    def fits(self, got):
        """Whether ``got`` agrees everywhere, with room for the error of a fitted factor."""
        return (np.abs(got - self.want) <= 2 * self.tol).all()

    def report(self, finding, hint):
        """Finding, the entry that is furthest off, and one thing to try."""
        off = np.where(self.wrong, np.abs(self.got - self.want), -1)
        k, j = np.unravel_index(off.argmax(), off.shape)
        error = 10.0 ** np.ceil(np.log10(self.error[k, j]))  # its size is all that is known
        return (
            f"{self.subject}: {finding}.\n"
            f"  at x = {self.x[k].tolist()}, component {list(self.labels[j])}:\n"
            f"  yours             {self.got[k, j]:.7g}\n"
            f"  finite difference {self.want[k, j]:.7g} ± {error:.0e}\n"
            f"Try: {hint}"
        )


def compare(f, f_name, name, points, span, value, got):
    """Evidence on ``got``, the answers at ``points``, where ``f`` has the values ``value``."""
    steps = np.minimum(default_step(points, value.dtype), span / 2000)
    parts = [jacobian_with_error(f, x, h) for x, h in zip(points, steps, strict=True)]
    want, truncation, rounding = (np.array(part) for part in zip(*parts, strict=True))
    # A step unrelated to h and 2h unmasks a function that oscillates in time with them.
    other = [numerical_jacobian(f, x, h / np.e) for x, h in zip(points, steps, strict=True)]
    truncation = np.maximum(truncation, np.abs(np.array(other) - want))
    error = truncation + rounding
    error = np.maximum(error, np.median(error, axis=0))  # one estimate may be small by luck
    tol = error + 64 * epsilon(got.dtype) * np.abs(got)
    largest = np.maximum(np.abs(want), np.abs(got)).max(axis=-1, keepdims=True)
    # A derivative of zero has no size of its own: |f| / max(1, |x|) serves as one.
    size = np.abs(value)[..., None].astype(float)
    reach = np.maximum(1, np.abs(points)).reshape(len(points), *[1] * (value.ndim - 1), -1)
    zero = (np.abs(want) <= tol) & (np.abs(got) <= 1e3 * epsilon(got.dtype) * size)
    zero &= (want == 0) | (tol <= 1e-6 * size / reach)
    tol = np.where(zero | (tol <= 0.01 * largest), tol, np.inf)
    noise = np.median(rounding, axis=0) * np.median(steps, axis=0) / 8 / np.median(size, axis=0)
    rows = (a.reshape(len(points), -1) for a in (got, want, error, tol))
    labels = list(np.ndindex(want.shape[1:]))
    rough = (
        noise.max() > 1e-5 or (np.median(truncation, axis=0) > np.median(rounding, axis=0)).any()
    )
    return Evidence(
        f_name, None if rough else noise.max(), name, want.shape[1:], labels, points, *rows
    )


def diagnose(evidence):
    """The message of the first diagnosis that applies, None if nothing is wrong."""
    if message := undecided(evidence):
        return message
    if evidence.wrong.any():
        return next(filter(None, (diagnosis(evidence) for diagnosis in DIAGNOSES)))
    return None


def undecided(e):
    """At more than half of the points the finite differences are too inaccurate."""
    if (np.isinf(e.tol).mean(axis=0) <= 0.5).all():
        return None
    if e.noise is None:
        reason = f"{e.f_name} changes too much within one step"
        hint = "domain=(lo, hi) with a smaller box, in which the steps are smaller too."
    else:
        reason = f"rounding changes {e.f_name} by {e.noise:.0e} of its size, too much for its slope"
        hint = f"does {e.f_name} compute in float32, or carry a large constant?"
    return (
        "The check cannot decide: finite differences are unreliable here, because "
        f"{reason}.\nTry: {hint}"
    )


def transposed(e):
    """Rows and columns are exchanged."""
    if len(e.shape) < 2 or e.shape[-1] != e.shape[-2]:
        return None
    swapped = np.swapaxes(e.got.reshape(-1, *e.shape), -1, -2).reshape(e.got.shape)
    if e.fits(swapped):
        return e.report("transposed", "rows belong to outputs, columns to inputs.")


def exchanged(e):
    """The components of a gradient stand in the opposite order."""
    if len(e.shape) == 1 and e.shape[0] > 1 and e.fits(e.got[:, ::-1]):
        return e.report("components in the wrong order", "which coordinate does each belong to?")


def imprecise(e):
    """Right, but for the last digits."""
    size = np.abs(e.want).max(axis=1, keepdims=True)
    if (np.abs(e.got - e.want) <= e.tol + 1e-5 * size).all():
        hint = "is something computed in float32, or a constant rounded?"
        return e.report("right to about six digits only", hint)


def constant_factor(e):
    """The same factor is missing everywhere, -1 and 0 among them."""
    best = (np.abs(e.want) / e.tol).argmax()
    want, got, tol = (a.flat[best] for a in (e.want, e.got, e.tol))
    if (e.got == 0).all():
        return e.report("zero at every point", "which of your terms depend on this coordinate?")
    factor = got / want if abs(want) > 100 * tol else 0
    if factor == 0 or abs(factor - 1) < 1e-6 or not e.fits(e.got / factor):
        return None
    if abs(factor + 1) < 1e-6:
        return e.report("opposite sign", "look for a minus sign lost or added.")
    simple = Fraction(float(factor)).limit_denominator(12)
    number = str(simple) if abs(simple - factor) < 1e-6 * abs(factor) else f"{factor:.4g}"
    return e.report(
        f"{number} times the derivative at every point",
        "look for a constant dropped or counted twice, as in the chain rule.",
    )


def part_of_domain(e):
    """Right on one side of a line x[i] = c, or of a circle around the origin."""
    bad = e.wrong.any(axis=1)
    features = [(f"x[{i}]", t) for i, t in enumerate(e.x.T)]
    features.append(("|x|", np.linalg.norm(e.x, axis=1)))
    for label, t in features:
        for sign, symbol in ((1, ">"), (-1, "<")):
            edge = _edge(sign * t, bad)
            if edge is not None:
                return e.report(
                    f"right only where {label} {symbol} {sign * edge + 0.0:.2g}",
                    "what changes there: abs, sqrt, a power, an if, or a term that is small?",
                )


def _edge(t, bad):
    """Bound above which no point is bad while most others are: 0 if it serves; or None."""
    last = t[bad].max()
    beyond = t[t > last]
    if len(beyond) < 4 or bad.sum() < 4:
        return None
    for c in (0.0, (last + beyond.min()) / 2):
        if last < c < beyond.max() and bad[t <= c].mean() >= 0.75 and (t > c).sum() >= 4:
            return c


def wrong_components(e):
    """Some components agree everywhere, others do not."""
    j = e.wrong.any(axis=0)
    if j.all():
        return None
    labels = _restrict(e, j).labels
    names = ", ".join(str(list(label)) for label in labels[:4]) + (", …" if len(labels) > 4 else "")
    subject = f"{e.subject}, component{'s' * (len(labels) > 1)} {names} (the others agree)"
    part = replace(_restrict(e, j), subject=subject)
    return constant_factor(part) or part_of_domain(part) or worst_point(part)


def single_component(e):
    """A component that is simply wrong by itself, each in its own way."""
    for j in np.flatnonzero(e.wrong.any(axis=0)):
        part = _restrict(e, [j])
        part = replace(part, subject=f"{e.subject}, component {list(part.labels[0])}")
        if message := constant_factor(part) or part_of_domain(part):
            return message
    return None


def _restrict(e, columns):
    arrays = {key: getattr(e, key)[:, columns] for key in ("got", "want", "error", "tol")}
    labels = [e.labels[j] for j in np.arange(len(e.labels))[columns]]
    return replace(e, labels=labels, **arrays)


def worst_point(e):
    """Nothing simpler explains it."""
    count = e.wrong.any(axis=1).sum()
    return e.report(
        f"wrong at {count} of {len(e.x)} points, most of all here",
        "differentiate one term at a time and compare each with numerical_jacobian at this x.",
    )


DIAGNOSES = (
    transposed,
    exchanged,
    imprecise,
    constant_factor,
    wrong_components,
    part_of_domain,
    single_component,
    worst_point,
)
