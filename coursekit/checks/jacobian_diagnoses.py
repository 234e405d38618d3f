"""Diagnoses: what a wrong derivative has in common with the right one.

Each diagnosis is one function that looks at the `Evidence` of `jacobian_evidence` and returns a
message or None; the first in `DIAGNOSES` that speaks is what the student reads. A message names
the mistake and a place, shows both numbers there, and never the formula.
"""

from dataclasses import replace

import numpy as np

from coursekit.checks.wording import factor_text, plural, rounded_up, unlike

SAMPLES = 5  # points at which a place is tried
TERM = "is a term missing, or one too many? differentiate one term at a time."
FACTOR = "look for a constant dropped or counted twice, as in the chain rule."


def diagnose(evidence):
    """The message of the first diagnosis that applies, None if nothing is wrong."""
    if evidence.wrong.any():
        said = next(filter(None, (diagnosis(evidence) for diagnosis in DIAGNOSES)))
        return said + _lost_symmetry(evidence)
    if evidence.reason:
        finding, hint = evidence.reason
        return (
            "The check cannot decide: finite differences are unreliable here, because "
            f"{finding}.\nTry: {hint}"
        )
    return None


def _lost_symmetry(e):
    """A sentence more, if the derivative is symmetric at every point and the answer is not."""
    if len(e.shape) != 2 or e.shape[0] != e.shape[1]:
        return ""
    got, want, tol = (a.reshape(-1, *e.shape) for a in (e.got, e.want, e.tol))
    both = 2 * (tol + tol.swapaxes(1, 2))
    if e.undecided.any() or (np.abs(want - want.swapaxes(1, 2)) > both).any():
        return ""
    off = (np.abs(got - got.swapaxes(1, 2)) - both).max(axis=0)
    if (off <= 0).all():
        return ""
    i, j = map(int, np.unravel_index(off.argmax(), off.shape))
    return f"\nIt should be symmetric; yours is not: components [{i}, {j}] and [{j}, {i}] differ."


def report(e, finding, hint):
    """Finding, the entry that is furthest off, and one thing to try."""
    off = np.where(e.wrong, np.abs(e.got - e.want), -1)
    k, j = np.unravel_index(off.argmax(), off.shape)
    yours, theirs = unlike(e.got[k, j], e.want[k, j])
    return (
        f"{e.subject}: {finding}.\n"
        f"  at x = {e.x[k].tolist()}, component {list(e.labels[j])}:\n"
        f"  yours             {yours}\n"
        f"  finite difference {theirs} ± {rounded_up(e.error[k, j]):.0e}\n"
        f"Try: {hint}"
    )


def transposed(e):
    """Rows and columns are exchanged."""
    if len(e.shape) < 2 or e.shape[-1] != e.shape[-2]:
        return None
    got, want = (
        np.swapaxes(a.reshape(-1, *e.shape), -1, -2).reshape(a.shape) for a in (e.got, e.want)
    )
    if e.fits(got) and not e.fits(want):
        return report(e, "transposed", "rows belong to outputs, columns to inputs.")


def exchanged(e):
    """Components stand in each other's place."""
    bad = np.flatnonzero(e.wrong.any(axis=0))
    if not 2 <= len(bad) <= 64:
        return None
    for pick in (bad[::-1], np.roll(bad, 1), np.roll(bad, -1), _partners(e, bad)):
        got, want = e.got.copy(), e.want.copy()
        got[:, bad], want[:, bad] = e.got[:, pick], e.want[:, pick]
        if len(set(pick)) == len(bad) and e.fits(got) and not e.fits(want):
            names = "" if len(bad) == len(e.labels) else f", {_list(e.labels[j] for j in bad)}"
            finding = f"components in the wrong order{names}"
            return report(e, finding, "which coordinate does each belong to?")


def _partners(e, bad):
    """For each component the one, if any, that holds what belongs there."""
    held = np.abs(e.got[:, None, bad] - e.want[:, bad, None]) <= 2 * e.tol[:, bad, None]
    held |= e.undecided[:, bad, None]
    return bad[held.all(axis=0).argmax(axis=1)]


def imprecise(e):
    """Right, but for the last digits."""
    size = np.abs(e.want)  # largest at the point, or of the component if that is smaller
    size = np.minimum(size.max(axis=1, keepdims=True), size.max(axis=0))
    if ((np.abs(e.got - e.want) <= e.tol + 1e-5 * size) | e.undecided).all():
        hint = (
            "is something computed in float32 or by finite differences, or a constant rounded, in "
            "the derivative or in f?"
        )
        return report(e, "right to about six digits only", hint)


def constant_factor(e):
    """The same factor is missing everywhere, -1 and 0 among them."""
    sure = np.where(e.undecided, 0, np.abs(e.want) / e.tol)
    best = sure.argmax()
    want, got, tol = (a.flat[best] for a in (e.want, e.got, e.tol))
    if (e.got == 0).all():
        return report(e, "zero at every point", "which of your terms depend on this coordinate?")
    factor = got / want if abs(want) > 100 * tol else 0
    # The factor is as uncertain as the entry it was taken from.
    slack = max(1e-6, 2 * tol / abs(want)) if factor else 0
    if factor == 0 or abs(factor - 1) < slack or not e.fits(e.got / factor):
        return None
    if abs(factor + 1) < slack:
        return report(e, "opposite sign", "look for a minus sign lost or added.")
    return report(e, f"{factor_text(factor)} times the derivative at every point", FACTOR)


def factor_of_x(e):
    """The same factor in all components, another one at each point."""
    size = np.where(e.undecided | (np.abs(e.want) <= 100 * e.tol), 0, np.abs(e.want))
    several = np.count_nonzero(size, axis=1) > 1
    if several.sum() < 4 or e.wrong.any(axis=1)[several].mean() < 0.75:
        return None
    best, rows = size.argmax(axis=1), np.arange(len(size))
    factor = np.where(several, e.got[rows, best], 1) / np.where(several, e.want[rows, best], 1)
    if (factor == 0).any() or not e.fits(e.got / factor[:, None]):
        return None
    finding = "all components are off by one and the same factor, which depends on x"
    hint = "which factor do all of them share? is it lost, or there twice?"
    lengths = np.linalg.norm(e.got, axis=1)
    if len(e.shape) == 1 and np.ptp(lengths) < 1e-6 * lengths.max():
        finding += f"; yours has the length {lengths[0]:.4g} at every point"
        hint = "is it divided by its own length?"
    return report(e, finding, hint)


def part_of_domain(e):
    """Right on one side of a line x[i] = c, or of a circle around the origin."""
    side = one_side(e.x, e.wrong.any(axis=1))
    if side:
        hint = "what changes there: abs, sqrt, a power, an if, or a term that is small?"
        return report(e, f"right only where {side}", hint)


def one_side(x, bad):
    """A half space or ball, in words, that holds no bad point while most others are bad."""
    features = [(f"x[{i}]", t) for i, t in enumerate(x.T)]
    features.append(("|x|", np.linalg.norm(x, axis=1)))
    for label, t in features:
        for sign, symbol in ((1, ">"), (-1, "<")):
            edge = _edge(sign * t, bad)
            if edge is not None:
                return f"{label} {symbol} {sign * edge + 0.0:.2g}"
    return None


def _edge(t, bad):
    """Bound above which no point is bad while most others are: 0 if it serves; or None."""
    last = t[bad].max()
    beyond = t[t > last]
    if len(beyond) < 4 or bad.sum() < 4:
        return None
    for c in (0.0, (last + beyond.min()) / 2):
        if last < c < beyond.max() and bad[t <= c].mean() >= 0.75 and (t > c).sum() >= 4:
            return c


def missing_term(e):
    """What is off is the same everywhere, or a multiple of a simple term."""
    if (np.count_nonzero(~e.undecided, axis=0) < min(8, len(e.x))).any():
        return None  # too few points to fit a term to
    off = np.where(e.undecided, 0, e.got - e.want)
    for name, term in _terms(e.x, off.shape[1] == e.x.shape[1]):
        term = np.broadcast_to(np.where(e.undecided, 0, term), off.shape)
        size = (term**2).sum(axis=0)
        factor = (off * term).sum(axis=0) / np.where(size > 0, size, 1)
        # With fewer than four points almost any term fits.
        if len(e.x) >= 4 and e.fits(e.got - factor * term) and e.fits(e.got - off):
            return report(e, f"off by {name} at every point", TERM)
    return None


def _terms(x, own):
    yield "the same constant", np.ones((len(x), 1))
    if own:
        yield "a multiple of x", x
        yield "a multiple of the square of x", x**2
    for i in range(min(x.shape[1], 20)):
        for text, of in _SHAPES:
            yield f"a multiple of {text.format(f'x[{i}]')}", of(x[:, i : i + 1])


_SHAPES = [
    ("{}", lambda t: t),
    ("{}**2", np.square),
    ("{}**3", lambda t: t**3),
    ("sin({})", np.sin),
    ("cos({})", np.cos),
    ("exp({})", np.exp),
    ("exp(-{})", lambda t: np.exp(-t)),
    ("1/{}", lambda t: 1 / t),
]


def wrong_components(e):
    """Some components agree everywhere, others do not."""
    j = e.wrong.any(axis=0)
    if j.all():
        return None
    part = _restrict(e, j)
    names, plural = _list(part.labels), "s" * (len(part.labels) > 1)
    part = replace(part, subject=f"{e.subject}, component{plural} {names} (the others agree)")
    return next(filter(None, (diagnosis(part) for diagnosis in _FINER)))


def single_component(e):
    """A component that is simply wrong by itself, each in its own way."""
    bad = np.flatnonzero(e.wrong.any(axis=0))
    for j in bad:
        part = _restrict(e, [j])
        others = [e.labels[k] for k in bad if k != j]
        named = not others or "the others agree" in e.subject  # the wrong ones stand there
        others = "" if named else f" (wrong as well: {_list(others)})"
        part = replace(part, subject=f"{e.subject}, component {list(part.labels[0])}{others}")
        if message := constant_factor(part) or part_of_domain(part) or missing_term(part):
            return message
    return None


def _list(labels):
    labels = [str(list(label)) for label in labels]
    return ", ".join(labels[:4]) + (", …" if len(labels) > 4 else "")


def _restrict(e, columns):
    keys = ("got", "want", "error", "tol", "undecided")
    arrays = {key: getattr(e, key)[:, columns] for key in keys}
    labels = [e.labels[j] for j in np.arange(len(e.labels))[columns]]
    return replace(e, labels=labels, **arrays)


def near(e):
    """Close to the right one everywhere, as an approximation is."""
    off = np.where(e.undecided, 0, np.abs(e.got - e.want)).max(axis=0)
    size = np.where(e.undecided, 0, np.abs(e.want)).max(axis=0)
    if (off <= 1e-2 * size).all():
        share = rounded_up((off / np.where(size > 0, size, 1)).max())
        hint = "is it an approximation, such as a finite difference? the formula has no step h."
        return report(e, f"close everywhere, off by less than {share:.0e} of the largest", hint)


def worst_point(e):
    """Nothing simpler explains it: say where it is right, if there are such places."""
    count = e.wrong.any(axis=1).sum()
    finding = f"wrong at {count} of {plural(len(e.x), 'point')}, most of all here"
    hint = "differentiate one term at a time and compare each with numerical_jacobian at this x."
    if places := _right_places(e):
        finding += f"; right where {' and where '.join(places)}"
        hint = "which of your terms vanish or make no difference there? are they the wrong ones?"
    return report(e, finding, hint)


def _right_places(e):
    """Coordinate planes, and the unit sphere, where a derivative is right that is wrong beside."""
    if e.elsewhere is None or not 2 <= e.x.shape[1] <= 6:
        return []
    some = e.x[np.abs(e.x).min(axis=1) > 0][:SAMPLES]
    tries = [(f"x[{i}] = 0", some * (np.arange(e.x.shape[1]) != i)) for i in range(e.x.shape[1])]
    tries.append(("|x| = 1", some / np.linalg.norm(some, axis=1, keepdims=True)))
    places = []
    for place, x in tries:
        try:
            there = e.elsewhere(x)
        except Exception:  # outside of the domain
            continue
        columns = [there.labels.index(label) for label in e.labels]
        unsure, wrong = (a[:, columns].any(axis=0) for a in (there.undecided, there.wrong))
        right = ~(unsure | wrong)
        shown = right & (np.abs(there.want[:, columns]) > there.tol[:, columns]).any(axis=0)
        if len(some) > 2 and shown.any():  # not where both are 0
            labels = [label for label, fits in zip(e.labels, shown, strict=True) if fits]
            part = "" if right.all() else f" (component {_list(labels)} only)"
            places.append(place + part)
    return places


_FINER = (constant_factor, missing_term, part_of_domain, single_component, near, worst_point)
DIAGNOSES = (
    imprecise,
    transposed,
    exchanged,
    constant_factor,
    wrong_components,
    missing_term,
    part_of_domain,
    factor_of_x,
    single_component,
    near,
    worst_point,
)
