"""Diagnoses: what the steps of a path have in common if they are not those of gradient descent.

Each diagnosis looks at the `Steps` and returns a message or None. What the student reads is the
first of those that are `SIMPLE`, or else that of the `MODELS` which explains all steps, if only one
does.
"""

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.checks.student_functions import answer
from coursekit.checks.wording import factor_text, plural, unlike


class Steps:
    """The m steps of a path, beside the gradients at its points."""

    def __init__(self, x, grad, eps, step_size):
        self.x, self.grad, self.eps = x, grad, eps
        self.g = np.array([_gradient(grad, row) for row in x])
        self.d, self.G = np.diff(x, axis=0), self.g[:-1]
        self.rounding = 16 * eps * (np.abs(x[1:]) + np.abs(x[:-1]))
        change, away = np.zeros(x.shape), eps**0.5 * np.abs(x).max()
        for signs in (np.ones(x.shape[1]), (-1.0) ** np.arange(x.shape[1])):
            moved = np.array([_moved(grad, row + away * signs) for row in x])
            change = np.fmax(change, eps**0.5 * np.abs(moved - self.g))
        self.uncertainty = 16 * eps * np.abs(self.g) + 4 * np.where(np.isfinite(change), change, 0)
        self.step_size, sizes = step_size, [step_size]
        if step_size is None:  # the median is right if only some steps are wrong
            each = each_ratio(self.d, self.G)[self.d.any(axis=1)]
            sizes = [ratio(self.d, self.G), float(np.median(each)) if each.size else 0.0]
        wrong = [~self.agree(-s * self.G, s).all(axis=1) for s in sizes]
        best = int(np.argmin([rows.sum() for rows in wrong]))
        self.s, self.wrong = sizes[best], wrong[best]

    def agree(self, model, scale):
        """Which entries of the steps are those of ``model``, made with step sizes ``scale``."""
        return np.abs(self.d - model) <= self.rounding + np.abs(scale) * self.uncertainty[:-1]

    def fits(self, model, scale=None):
        """Whether all of them are, for a model that is not zero."""
        scale = self.s if scale is None else scale
        return bool(np.any(model) and self.agree(model, scale).all())

    def report(self, finding, hint, k=None):
        """Finding, the first step that is wrong, and one thing to try."""
        k = int(self.wrong.argmax()) if k is None else k
        lengths = [f"{v:.3g}" for v in np.linalg.norm([self.d[k], self.s * self.G[k]], axis=1)]
        place = f"moved by {lengths[0]}, step size times gradient is {lengths[1]} long"
        if lengths[0] == lengths[1]:  # in another direction
            i = int(np.abs(self.d[k] + self.s * self.G[k]).argmax())
            moved, step = unlike(self.d[k, i], -self.s * self.G[k, i], 3)
            place = f"moved by {moved} in [{i}], minus step size times gradient is {step} there"
        return f"path: {finding}.\n  at update {k}: {place}\nTry: {hint}"

    def diagnose(self):
        """What the wrong steps have in common, None if there are none."""
        if not self.wrong.any() and (self.s > 0 or not self.d.any()):
            return None
        first = next(filter(None, (diagnosis(self) for diagnosis in SIMPLE)), None)
        if first:
            return first
        found = [said for diagnosis in MODELS if (said := diagnosis(self))]
        if len(found) == 1:  # or else nobody knows which it is
            return found[0]
        return _changing(self) or _wrong(self)

    @property
    def one_line(self):
        """Whether all gradients are parallel, in more than one dimension."""
        G = self.G / np.maximum(np.linalg.norm(self.G, axis=1, keepdims=True), 1e-300)
        return G.shape[1] > 1 and np.linalg.matrix_rank(G, tol=1e-6) < 2


def ratio(d, G):
    """The step size that explains the steps best, by least squares."""
    size = np.linalg.norm(G)
    return float(-((d / size) * (G / size)).sum()) if size > 0 else 0.0


def each_ratio(d, G):
    """The step size of each step, by least squares."""
    size = np.linalg.norm(G, axis=1, keepdims=True)
    size = np.where(size > 0, size, 1)
    return -((d / size) * (G / size)).sum(axis=1)


def _repeated(e):
    """The same point twice."""
    still = (e.d == 0).all(axis=1) & e.wrong
    if not still.any():
        return None
    k = int(still.argmax())
    if still[k:].all() and still.sum() > 1:
        hint = "does the loop still update x there? is the gradient set to zero, or cut off?"
        return e.report(f"it stands still from point {k} on", hint, k)
    kept = np.append(True, ~still)
    if (e.wrong & ~still).any() or Steps(e.x[kept], e.grad, e.eps, e.s).wrong.any():
        return None  # it stood there for another reason
    count = f"{still.sum()} points are" if still.sum() > 1 else "a point is"
    hint = "append once in each update; is x0 recorded before the loop and in it?"
    return e.report(f"{count} recorded twice, first at {k} and {k + 1}", hint, k)


def _uphill(e):
    if e.fits(abs(e.s) * e.G):
        hint = "look for a minus sign lost or added."
        return e.report("the steps go uphill, along the gradient", hint)


def _another_step_size(e):
    """The same factor in each step."""
    c = ratio(e.d, e.G)
    if e.fits(-c * e.G, c):
        return e.report(
            f"each step is {factor_text(c / e.s)} times the step size times the gradient",
            "is the step size that is given used, and used once? is the gradient that of f?",
        )


def _integers(e):
    ends = e.x[:-1] - e.s * e.G
    whole = (e.x == np.trunc(e.x)).all()
    if whole and any((f(ends) == e.x[1:]).all() for f in (np.trunc, np.round, np.floor)):
        return e.report(
            "the points are rounded to integers",
            "an array of integers stays one when its entries are set: begin with floats.",
        )


def _another_gradient(e):
    """The gradient belongs to the point before, or to the new one."""
    before = np.vstack([e.G[:1], e.G[:-1]])
    for finding, G, hint in (
        ("uses the gradient of the point before", before, "compute the gradient in each update."),
        ("uses the gradient of the new point", e.g[1:], "which point is the gradient taken at?"),
    ):
        c = ratio(e.d, G)
        same = e.step_size is None or abs(c / e.s - 1) < 1e-3  # another size is another mistake
        if len(e.d) > 2 and c > 0 and same and e.fits(-c * G, c):
            return e.report(f"each step {finding}", hint)


def _normalized(e):
    length = np.linalg.norm(e.G, axis=1, keepdims=True)
    unit = e.G / np.where(length > 0, length, 1)
    c = ratio(e.d, unit)
    if len(e.d) > 1 and e.fits(-c * unit, c / np.where(length > 0, length, 1)):
        return e.report(
            "all steps have the same length: the gradient is divided by its norm",
            "the step gets shorter by itself as the gradient does; don't divide.",
        )


def _one_by_one(e):
    """Each coordinate is updated with the new values of those before it."""
    n, s = e.x.shape[1], ratio(e.d[:, :1], e.G[:, :1])
    model = np.empty(e.d.shape)
    for k, row in enumerate(e.x[:-1]):
        y = row.copy()
        for i in range(n):
            y[i] -= s * _gradient(e.grad, y)[i]
        model[k] = y - row
    if n > 1 and e.fits(model, s):
        return e.report(
            "the coordinates are updated one after another, with new values in the gradient",
            "compute the whole gradient first, then move all coordinates at once.",
        )


def _fewer_coordinates(e):
    """Some coordinates stay where they are."""
    stays = (e.d == 0) & (np.abs(e.s * e.G) > e.rounding + e.s * e.uncertainty[:-1])
    if stays.all(axis=0).any() and not stays.all():
        j = int(stays.all(axis=0).argmax())
        return e.report(
            f"coordinate [{j}] never moves", "is x[0] or the like updated instead of x as a whole?"
        )
    if stays.any(axis=1).mean() > 0.5 and (np.count_nonzero(e.d, axis=1) == 1).all():
        return e.report(
            "only one coordinate moves in each update",
            "x - step_size * gradient moves all of them.",
        )


def _momentum(e):
    """A multiple of the step before is added."""
    if len(e.d) < 3:  # too few for a fit with two unknown numbers
        return None
    before = np.vstack([0 * e.d[:1], e.d[:-1]])
    a, b = np.linalg.lstsq(
        np.stack([-e.G.ravel(), before.ravel()], axis=1), e.d.ravel(), rcond=None
    )[0]
    if abs(b) > 1e-6 and e.fits(-a * e.G + b * before, abs(a) + abs(e.s)):
        return e.report(
            f"the steps carry momentum: {factor_text(b)} times the step before is added",
            "plain gradient descent forgets the step before.",
        )


def _left_out(e):
    """Two updates lie between one point and the next."""
    halfway = e.x[:-1] - e.s * e.G
    second = np.array([_gradient(e.grad, row) for row in halfway])
    if e.fits(-e.s * (e.G + second), 2 * e.s):
        return e.report(
            "every second point is missing", "append in each update, not in every other."
        )


def _changing(e):
    """Steps along the gradient, of another size each."""
    c, k = each_ratio(e.d, e.G), int(e.wrong.argmax())
    if e.wrong.sum() < 2 or (c <= 0).any() or not e.fits(-c[:, None] * e.G, c[:, None]):
        return None
    if k > 1 and e.wrong[k:].all():
        return None  # right at first
    decays = np.allclose(c * np.arange(1, len(c) + 1), c[0], rtol=1e-6)
    if e.one_line and not decays:
        return None  # any steps along one line are multiples of the gradient
    how = "it falls like 1/(k + 1)" if decays else f"from {c.min():.3g} to {c.max():.3g}"
    return e.report(
        f"the step size changes from update to update, {how}",
        "it should be the same number each time: is it changed in the loop, or searched for?",
    )


def _wrong(e):
    """Nothing simpler explains it."""
    k, count = int(e.wrong.argmax()), int(e.wrong.sum())
    hint = "print x, the gradient and the new x in this update, and compare by hand."
    if count > 1 and e.wrong[k:].all() and k:
        c = ratio(e.d[k:], e.G[k:])
        same = e.agree(-c * e.G, c)[k:].all()
        then = f", where they are {factor_text(c / e.s)} times as long" if same else ""
        return e.report(f"the updates are right at first, but wrong from update {k} on{then}", hint)
    return e.report(f"wrong at {count} of {plural(len(e.d), 'update')}, first at update {k}", hint)


SIMPLE = (_fewer_coordinates, _repeated, _uphill, _another_step_size, _integers)
MODELS = (_another_gradient, _normalized, _one_by_one, _momentum, _left_out)


def _gradient(grad, row):
    """The gradient at a point, or a diagnosis of it."""
    g = answer(grad, "grad", row)
    if g.shape != row.shape:
        raise CheckFailed(f"grad returns shape {g.shape} for x of shape {row.shape}.")
    return g.astype(float)


def _moved(grad, row):
    """The gradient near a point of the path, where it may have none."""
    try:
        return _gradient(grad, row)
    except CheckFailed:
        return np.full(row.shape, np.nan)
