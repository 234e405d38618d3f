"""Check runs of Kaczmarz' method that stop by equations put aside, sweep by sweep.

At each of the student's own points the check asks where the next sweep should lead to, so that an
early mistake is not blamed on what follows; when to stop is judged only if all sweeps are right.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from coursekit.checks.answers import watched
from coursekit.checks.arrays import check_array
from coursekit.checks.failure import CheckFailed
from coursekit.checks.runs import short
from coursekit.checks.wording import plural

__all__ = ["check_sweeps"]

norm = np.linalg.norm


@dataclass
class Run:
    """What a run was given, and what it returned."""

    name: str
    x0: np.ndarray
    A: np.ndarray
    low: np.ndarray
    high: np.ndarray
    orders: np.ndarray
    C: np.ndarray
    d: np.ndarray
    relaxation: float
    patience: int
    step: object
    path: np.ndarray = None
    best: float = 0.0

    def lead(self, x, rows, low=None, high=None, relaxation=None):
        """Return where the steps with some rows lead to, one after the other."""
        low, high = self.low if low is None else low, self.high if high is None else high
        part = self.relaxation if relaxation is None else relaxation
        for i in rows:
            x = np.asarray(self.step(x, self.A[i], low[i], high[i], part))
        return x

    def misfits(self, path, order=2):
        return norm(path @ self.C.T - self.d, ord=order, axis=1)

    def whole(self):
        """Return the path of all sweeps."""
        path = [self.x0]
        for rows in self.orders:
            path.append(self.lead(path[-1], rows))
        return np.array(path)


def check_sweeps(func, step, problems):
    r"""Check that ``func`` sweeps over rows and stops by the misfit of equations put aside.

    Parameters
    ----------
    func : callable
        ``func(x0, A, low, high, orders, C, d, relaxation, patience)`` returns the pair ``path,
        best``: x at the start and after each sweep, (sweeps + 1, n), and the number of the first
        smallest misfit :math:`e_k = \|C x_k - d\|_2`. It stops after ``patience`` sweeps in a row
        with :math:`e_k \ge \min_{j<k} e_j`, or at the end of ``orders``, (K, s).
    step : callable
        ``step(x, a, low, high, relaxation)`` returns the x after one row.
    problems : dict
        ``{name: arguments}`` of each run, without defaults.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what is wrong first: kind, shape, start; the first sweep that does not end where its
        steps lead to; in which run too many or too few sweeps are made; ``best``. And which other
        rule explains all that was seen, if just one does.

    Examples
    --------
    >>> import numpy as np
    >>> def halfway(x, a, low, high, relaxation):
    ...     return (x + low) / 2
    >>> def one_sweep(x0, A, low, high, orders, C, d, relaxation, patience):
    ...     return [x0, halfway(x0, A[0], low[0], high[0], relaxation)], 1
    >>> ones, order = np.ones((1, 1)), np.zeros((1, 1), int)
    >>> problem = (np.array([4.0]), ones, [2.0], [2.0], order, ones, [1.0], 1.0, 3)
    >>> check_sweeps(one_sweep, halfway, {"one sweep": problem})
    True
    """
    runs = []
    for name, problem in problems.items():
        run = Run(name, *problem, step)
        run.path, run.best = _returned(func, run, problem)
        _follow(run)
        runs.append(run)
    _judge_stops(runs)
    _judge_bests(runs)
    return True


def _returned(func, run, problem):
    """Return path and best of a run, after a look at what kind of things they are."""
    try:
        path, best = watched(func, "path, best")(*problem)
    except (IndexError, ValueError, TypeError) as error:
        raise CheckFailed(f"{run.name}: {type(error).__name__}: {error}") from error
    name, sweeps, n = run.name, len(run.orders), len(run.x0)
    if (np.ndim(path), np.ndim(best)) == (0, 2):
        raise CheckFailed(f"{name}: the two results stand in another order: path, then best.")
    if not np.size(path):
        raise CheckFailed(f"{name}: path is empty. It begins with x0, even without a sweep.")
    if np.ndim(path) != 2:
        raise CheckFailed(
            f"{name}: path should hold the points x0, x1, ..., so its shape is (sweeps + 1, {n}), "
            f"not {np.shape(path)}."
        )
    if not np.isfinite(path).all() and not np.isfinite([run.low, run.high]).all():
        first = int(np.argmin(np.isfinite(path).all(axis=1)))
        raise CheckFailed(
            f"{name}: point {first} of path is not finite: {short(path[first])}. Is a step made to "
            "an infinite bound?"
        )
    check_array(path, (len(path), n), f"{name}: path")
    if np.ndim(best) != 0:
        raise CheckFailed(
            f"{name}: best should be one number, which numbers a point of path; its shape is "
            f"{np.shape(best)}."
        )
    path = np.asarray(path, dtype=float)
    if not np.array_equal(path[0], run.x0):
        if len(path) > 2 and not np.ptp(path, axis=0).any():
            raise CheckFailed(
                f"{name}: all {len(path)} points of path are the same. Was one array appended "
                "again and again, and changed afterwards?"
            )
        if np.allclose(path[0], run.x0, rtol=1e-5):
            raise CheckFailed(f"{name}: path begins at x0, but rounded. Is something float32?")
        raise CheckFailed(f"{name}: path begins at {short(path[0])}, not at x0 = {short(run.x0)}.")
    if len(path) > sweeps + 1:
        raise CheckFailed(
            f"{name}: path has {len(path)} points, but orders has {plural(sweeps, 'row')}: there "
            f"are at most {plural(sweeps, 'sweep')}. Path has one point for each sweep, not for "
            "each step, and x0."
        )
    return path, float(best)


def _follow(run):
    """Say what is wrong with the first sweep that is wrong."""
    pairs = [(k, x, y, run.orders[k]) for k, (x, y) in enumerate(pairwise(run.path))]
    wrong = [k for k, x, y, rows in pairs if not _close(y, run.lead(x, rows))]
    if not wrong:
        return
    others = _other_sweeps(run)
    with np.errstate(all="ignore"):
        named = {
            words
            for words, lead in others
            if all(_close(y, lead(k, x, rows)) for k, x, y, rows in pairs)
        }
    k, x, y, rows = pairs[wrong[0]]
    said = (
        f"{run.name}: the sweep from point {k} of path, {short(x)}, to point {k + 1} should make "
        f"the steps with the rows {rows.tolist()}; it ends at {short(y)}, which is not where they "
        f"lead to from there. {len(pairs) - len(wrong)} of "
        f"{plural(len(pairs), 'sweep is', 'sweeps are')} right."
    )
    if len(named) == 1:
        raise CheckFailed(f"{said} All sweeps are as if {named.pop()}.")
    raise CheckFailed(f"{said}\nTry: make the steps one by one, and print x after each.")


def _other_sweeps(run):
    """Return usual confusions: in words, and where they lead to from x with the rows of sweep k."""
    orders, low, high, path = run.orders, run.low, run.high, run.path
    e = run.misfits(path)

    def moves(x, rows):
        return [run.lead(x, [i]) - x for i in rows]

    def aside(x, rows):
        for i in rows:
            j = i % len(run.C)
            x = np.asarray(run.step(x, run.C[j], run.d[j], run.d[j], run.relaxation))
        return x

    def rolled(shift):
        return {"low": np.roll(low, shift), "high": np.roll(high, shift)}

    def by_place(x, rows):
        for j, i in enumerate(rows):
            x = np.asarray(run.step(x, run.A[i], low[j], high[j], run.relaxation))
        return x

    return [
        ("its rows were taken in reversed order", lambda k, x, rows: run.lead(x, rows[::-1])),
        (
            "all rows of A were taken, from the first to the last, whatever orders says",
            lambda k, x, rows: run.lead(x, range(len(run.A))),
        ),
        (
            "the first rows of A were taken, whatever orders says",
            lambda k, x, rows: run.lead(x, range(len(rows))),
        ),
        ("its rows were sorted", lambda k, x, rows: run.lead(x, sorted(rows))),
        (
            "its rows were sorted",
            lambda k, x, rows: run.lead(x, sorted({*rows.tolist()})),
        ),
        (
            "each of its rows were taken only once, when it comes first",
            lambda k, x, rows: run.lead(x, [*dict.fromkeys(rows.tolist())]),
        ),
        ("the first row of orders were used always", lambda k, x, rows: run.lead(x, orders[0])),
        (
            "the row of orders after its own were used",
            lambda k, x, rows: run.lead(x, orders[min(k + 1, len(orders) - 1)]),
        ),
        (
            "the row of orders before its own were used",
            lambda k, x, rows: run.lead(x, orders[k - 1]),
        ),
        (
            "all steps of a sweep began at the same point, and their moves were added",
            lambda k, x, rows: x + np.sum(moves(x, rows), axis=0),
        ),
        (
            "all steps of a sweep began at the same point, and their moves were averaged",
            lambda k, x, rows: x + np.mean(moves(x, rows), axis=0),
        ),
        ("only its first step were made", lambda k, x, rows: run.lead(x, rows[:1])),
        ("only its last step were made", lambda k, x, rows: run.lead(x, rows[-1:])),
        ("its first step were missing", lambda k, x, rows: run.lead(x, rows[1:])),
        ("its last step were missing", lambda k, x, rows: run.lead(x, rows[:-1])),
        (
            "all rows of orders were used in one sweep",
            lambda k, x, rows: run.lead(x, orders.ravel()),
        ),
        ("each step began at x0", lambda k, x, rows: run.lead(run.x0, rows[-1:])),
        ("each sweep began at x0 again", lambda k, x, rows: run.lead(run.x0, rows)),
        (
            "each sweep began at the best point so far",
            lambda k, x, rows: run.lead(path[np.argmin(e[: k + 1])], rows),
        ),
        (
            "the columns of orders were used, and not its rows",
            lambda k, x, rows: run.lead(x, orders[:, k % len(rows)]),
        ),
        ("it were made twice", lambda k, x, rows: run.lead(run.lead(x, rows), rows)),
        (
            "relaxation were 1, and not handed on to the steps",
            lambda k, x, rows: run.lead(x, rows, relaxation=1.0),
        ),
        (
            "low were an equation, and high did not count",
            lambda k, x, rows: run.lead(x, rows, high=low),
        ),
        (
            "high were an equation, and low did not count",
            lambda k, x, rows: run.lead(x, rows, low=high),
        ),
        (
            "the bounds belonged to the row before",
            lambda k, x, rows: run.lead(x, rows, **rolled(1)),
        ),
        (
            "the bounds belonged to the row after",
            lambda k, x, rows: run.lead(x, rows, **rolled(-1)),
        ),
        (
            "the bounds had the number of the step in the sweep, not that of the row",
            lambda k, x, rows: by_place(x, rows),
        ),
        ("the steps were made with C and d", lambda k, x, rows: aside(x, rows)),
        ("x did not move", lambda k, x, rows: x),
    ]


def _close(y, wanted):
    return np.allclose(y, wanted, rtol=1e-8, atol=1e-9)


# When to stop, and which point is the best ---------------------------------------------------


def _sweeps_until(e, patience, is_new, in_a_row=True):
    """Return after how many sweeps a rule stops, of all their misfits ``e``."""
    without = 0
    for k in range(1, len(e)):
        if not is_new(e, k):
            without += 1
        elif in_a_row:
            without = 0
        if without >= patience:
            return k
    return len(e) - 1


def _judge_stops(runs):
    """Say in which run too few or too many sweeps are made, and which other rule explains all."""
    wholes = [run.whole() for run in runs]
    right = [_right_count(run.misfits(whole), run) for run, whole in zip(runs, wholes, strict=True)]
    made = [len(run.path) - 1 for run in runs]
    if made == right:
        return
    counts = [_other_counts(run, whole) for run, whole in zip(runs, wholes, strict=True)]
    named = [words for words in counts[0] if made == [count[words] for count in counts]]
    k = next(k for k in range(len(runs)) if made[k] != right[k])
    run, e = runs[k], runs[k].misfits(runs[k].path)
    if made[k] > right[k]:
        first = int(np.argmin(e[: right[k] + 1]))
        why = (
            f"after {plural(right[k], 'sweep')} none of the last {run.patience} has brought a new "
            f"smallest misfit, for the smallest is that of point {first}; but "
            f"{plural(made[k] - right[k], 'more is', 'more are')} made"
        )
    else:
        since = made[k] - int(np.argmin(e))
        none = (
            f"the last {since} brought no new smallest misfit" if since else "the last is smallest"
        )
        why = (
            f"it stops after {plural(made[k], 'sweep')}, though {none}, patience is "
            f"{run.patience}, and orders has {plural(len(run.orders), 'row')}"
        )
    said = f"{run.name}: the misfits |C x - d| of your points are {_shown(e)}: {why}."
    if len(named) == 1:
        raise CheckFailed(f"{said} In all runs of this check it is as if {named[0]}.")
    raise CheckFailed(
        f"{said}\nTry: print your misfits, and since when none is a new smallest one."
    )


def _right_count(e, run):
    return _sweeps_until(e, run.patience, lambda e, k: e[k] < min(e[:k]))


def _other_counts(run, whole):
    """Return how many sweeps other rules make."""
    e, P, last = run.misfits(whole), run.patience, len(run.orders)

    def new(e, k):
        return e[k] < min(e[:k])

    def until(is_new, patience=P, e=e, **options):
        return _sweeps_until(e, patience, is_new, **options)

    def of(values):
        return until(new, e=values)

    right = until(new)
    is_early, used = right - np.argmin(e[: right + 1]) >= P, norm(whole @ run.A.T - run.low, axis=1)
    return {
        "a misfit were compared with the one before it, not with the smallest so far": until(
            lambda e, k: e[k] < e[k - 1]
        ),
        "a misfit were compared with the one before it, and an equal one were good enough": until(
            lambda e, k: e[k] <= e[k - 1]
        ),
        "a misfit that is equal to the smallest one were a new one": until(
            lambda e, k: e[k] <= min(e[:k])
        ),
        "the misfit of the start did not count": until(lambda e, k: k == 1 or e[k] < min(e[1:k])),
        "a misfit were compared with that of the start only": until(lambda e, k: e[k] < e[0]),
        "sweeps without a new smallest misfit were counted in all, not in a row": until(
            new, in_a_row=False
        ),
        "a misfit were compared with the one patience sweeps before it": next(
            (k for k in range(P, len(e)) if e[k] >= e[k - P]), last
        ),
        "one sweep more than patience were allowed": until(new, P + 1),
        "one sweep less than patience were allowed": until(new, max(P - 1, 1)),
        "patience were always 1": until(new, 1),
        "patience were always 3": until(new, 3),
        "it never stopped before the end of orders": last,
        "it made as many sweeps as patience says, whatever the misfits": min(P, last),
        "path ended at the best point; it should hold all points": int(np.argmin(e[: right + 1])),
        "the last point were missing in path": max(0, right - 1),
        "the point after which it stops were missing in path": right - is_early,
        "the last row of orders were never used": of(e[:-1]) if last else 0,
        "the misfit of a point were looked at one sweep later": of(np.append(e[:1], e[:-1])),
        "the misfit were the largest entry of |C x - d|": of(run.misfits(whole, np.inf)),
        "the misfit were the sum of |C x - d|": of(run.misfits(whole, 1)),
        "the misfit were that of A, low and high, and not that of C and d": of(used),
        "d were missing in the misfit": of(norm(whole @ run.C.T, axis=1)),
    }


def _judge_bests(runs):
    """Say in which run best is wrong, and which other number it is in all of them."""
    right = [int(np.argmin(run.misfits(run.path))) for run in runs]
    found = [run.best for run in runs]
    if found == right:
        return
    others = [_other_bests(run, number) for run, number in zip(runs, right, strict=True)]
    named = [
        words
        for words in others[0]
        if all(np.isclose(a, b[words]) for a, b in zip(found, others, strict=True))
    ]
    run = runs[next(k for k in range(len(runs)) if found[k] != right[k])]
    e = _shown(run.misfits(run.path))
    said = f"{run.name}: the misfits |C x - d| of your points are {e}, and best is {run.best:.6g}. "
    said += "It should number the first point of the smallest misfit; x0 is number 0."
    if len(named) == 1:
        said += f" In all runs of this check it is {named[0]}."
    raise CheckFailed(said)


def _shown(e):
    """Return misfits with six digits, or with as many as tell them apart."""
    differ = [len(set(np.round(e, digits))) for digits in range(5, 13)]
    return ", ".join(map(str, np.round(e, 5 + differ.index(differ[-1])).tolist()))


def _other_bests(run, right):
    """Return other numbers that may be taken for that of the best point."""
    path, e = run.path, run.misfits(run.path)
    last = len(path) - 1
    return {
        "the number of the last point": last,
        "the last one of several points that fit equally well": last - int(np.argmin(e[::-1])),
        "larger by 1": right + 1,
        "smaller by 1": right - 1,
        "smaller by 1, if it is not that of the start": max(0, right - 1),
        "that of the best point after the start": 1 + int(np.argmin(e[1:])) if last else 0,
        "counted from the end": right - last - 1,
        "that of the largest misfit": int(np.argmax(e)),
        "the smallest misfit itself, not its number": e.min(),
        "that of the point that fits A and low best": int(
            np.argmin(norm(path @ run.A.T - run.low, axis=1))
        ),
        "that of the smallest largest entry of |C x - d|": int(
            np.argmin(run.misfits(path, np.inf))
        ),
        "that of the smallest |C x|": int(np.argmin(norm(path @ run.C.T, axis=1))),
        "patience less than the number of the last point, though orders may end before": max(
            0, last - run.patience
        ),
    }
