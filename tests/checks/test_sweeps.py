"""The check of sweeps over rows: right runs pass, and each wrong one is named."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_sweeps

RUN = """
def run(x0, A, low, high, orders, C, d, relaxation, patience):
    x, path = x0, [x0]
    misfits = [np.linalg.norm(C @ x - d)]
    for order in orders:
        for i in order:
            x = step(x, A[i], low[i], high[i], relaxation)
        path.append(x)
        misfits.append(np.linalg.norm(C @ x - d))
        if len(misfits) - 1 - np.argmin(misfits) >= patience:
            break
    return path, np.argmin(misfits)
"""


def step(x, a, low, high, relaxation):
    value = a @ x
    return x + relaxation * (np.clip(value, low, high) - value) / (a @ a) * a


def random_run(relaxation, patience):
    rng = np.random.default_rng(2)
    A, x, C = rng.normal(size=(6, 3)), rng.normal(size=3), rng.normal(size=(4, 3))
    low = A @ x + 0.3 * rng.normal(size=6)
    high = low + np.array([0, 0.5, 0, 0, np.inf, 0])
    d, orders = C @ x + 0.3 * rng.normal(size=4), rng.integers(0, 6, (8, 5))
    return rng.normal(size=3) * 4, A, low, high, orders, C, d, relaxation, patience


def made_up(misfits, patience):
    """A run of one step a sweep, with these misfits."""
    size, (first, *rest) = len(misfits) - 1, map(float, misfits)
    rows, goal, orders = np.tile([0.0, 2.0], (size, 1)), 2 * np.array(rest), np.arange(size)
    C, d = np.array([[0.0, 1.0]]), np.zeros(1)
    return np.array([1.5, first]), rows, goal, goal, orders[:, None], C, d, 1.0, patience


LONG = [9, 7, 8, 6, 7, 7, 5, 8, 7, 6, 4, 3, 2]
PROBLEMS = {
    "random": random_run(1.0, 20),
    "relaxed": random_run(0.5, 20),
    **{f"long, {patience}": made_up(LONG, patience) for patience in (1, 2, 3, 4)},
    "start": made_up([2, 5, 4, 3, 6, 1, 7], 3),
    "start, 5": made_up([2, 5, 4, 3, 6, 1, 7], 5),
    "equal": made_up([8, 4, 4, 4, 4, 3, 4], 2),
    "equal, 4": made_up([8, 4, 4, 4, 4, 3, 4], 4),
    "all": made_up([7, 6, 5, 4, 4], 3),
    "none": (*random_run(1.0, 3)[:4], np.zeros((0, 5), int), *random_run(1.0, 3)[5:]),
}


def made(code):
    names = {"np": np, "step": step}
    exec(code, names)
    return names["run"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return path, np.argmin(misfits)", "return [np.array(path), int(np.argmin(misfits))]"),
        ("np.linalg.norm(C @ x - d)", "sum((C @ x - d) ** 2)"),
        ("path.append(x)", "path = np.vstack([path, x])"),
    ],
)
def test_right_runs(old, new):
    assert check_sweeps(made(RUN), step, PROBLEMS)
    assert check_sweeps(made(RUN.replace(old, new)), step, PROBLEMS)


STEP = "x = step(x, A[i], low[i], high[i], relaxation)"
RULE = "len(misfits) - 1 - np.argmin(misfits) >= patience"
END = "return path, np.argmin(misfits)"
LOOP = f"        for i in order:\n            {STEP}\n"
SAME = "all steps of a sweep began at the same point"
WRONG = [  # what stands in place of what, and words of the message
    (END, "return np.argmin(misfits), path", "another order"),
    (END, "return x, np.argmin(misfits)", "path should hold the points"),
    (END, "return path, x", "best should be one number"),
    (END, "return np.zeros((0, 3)), 0", "path is empty"),
    (END, "return [path[-1]] * len(path), 0", "appended again and again"),
    (END, "return path[1:], 0", "path begins at ["),
    (END, "return np.float32(path), 0", "seven digits or fewer"),
    ("[x0]", "[x0 * (1 + 1e-7)]", "path begins at x0, but rounded"),
    (STEP, f"{STEP}; path.append(x)", "one point for each sweep, not for each step"),
    ("in order:", "in order[::-1]:", "reversed order"),
    ("in order:", "in range(len(A)):", "from the first to the last, whatever orders says"),
    ("in order:", "in range(len(order)):", "the first rows of A"),
    ("in order:", "in sorted(order):", "its rows were sorted."),
    ("in order:", "in sorted({*order.tolist()}):", "its rows were sorted"),
    ("in order:", "in dict.fromkeys(order.tolist()):", "only once, when it comes first"),
    ("in order:", "in orders[0]:", "the first row of orders were used always"),
    ("in order:", "in orders[min(len(path), len(orders) - 1)]:", "after its own"),
    ("in order:", "in orders[len(path) - 2]:", "before its own"),
    ("in order:", "in order[:1]:", "only its first step"),
    ("in order:", "in order[-1:]:", "only its last step"),
    ("in order:", "in order[1:]:", "its first step were missing"),
    ("in order:", "in order[:-1]:", "its last step were missing"),
    ("in order:", "in [*order, *order]:", "made twice"),
    ("in order:", "in order[2:3]:", "make the steps one by one"),
    (LOOP, LOOP.replace("step(x,", "step(path[-1],"), "only its last step"),
    (LOOP, f"        x = x0\n{LOOP}", "began at x0 again"),
    (
        LOOP,
        "        x = x + sum(step(x, A[i], low[i], high[i], relaxation) - x for i in order)\n",
        f"{SAME}, and their moves were added",
    ),
    (
        LOOP,
        "        x = np.mean([step(x, A[i], low[i], high[i], relaxation) for i in order], 0)\n",
        f"{SAME}, and their moves were averaged",
    ),
    ("relaxation)\n", "1.0)\n", "relaxation were 1"),
    ("high[i]", "low[i]", "low were an equation"),
    ("low[i], high[i]", "high[i], high[i]", "Is a step made to an infinite bound?"),
    ("low[i], high[i]", "low[i - 1], high[i - 1]", "the row before"),
    ("low[i], high[i]", "np.roll(low, -1)[i], np.roll(high, -1)[i]", "the row after"),
    (LOOP, LOOP.replace("i in order", "j, i in enumerate(order)").replace(
        "low[i], high[i]", "low[j], high[j]"), "the number of the step in the sweep"),
    ("A[i], low[i], high[i]", "C[i % 4], d[i % 4], d[i % 4]", "made with C and d"),
    (LOOP, "", "x did not move"),
    (RULE, "len(path) > 4", "brought no new smallest misfit, patience is 20"),
    (RULE, "misfits[-1] >= misfits[-2] and " + RULE, "more are made"),
    (RULE, RULE.replace(">=", ">"), "one sweep more than patience"),
    (RULE, RULE.replace("patience", "max(1, patience - 1)"), "one sweep less than patience"),
    (RULE, RULE.replace("patience", "1"), "patience were always 1"),
    (RULE, RULE.replace("patience", "3"), "patience were always 3"),
    (RULE, "False", "it never stopped"),
    (RULE, f"{RULE} and [path.pop()]", "the point after which it stops were missing"),
    ("in orders:", "in orders[:-1]:", "the last row of orders were never used"),
    ("in orders:", "in [orders.ravel()]:", "all rows of orders were used in one sweep"),
    ("step(x,", "step(x0,", "each step began at x0"),
    (RULE, "len(misfits) - 2 - np.argmin([misfits[0], *misfits[:-1]]) + 1 >= patience",
     "looked at one sweep later"),
    (RULE, "len(path) > patience and misfits[-1] >= misfits[-1 - patience]",
     "with the one patience sweeps before it"),
    (LOOP, f"        x = path[np.argmin(misfits)]\n{LOOP}", "began at the best point so far"),
    ("in order:", "in orders[:, (len(path) - 1) % 5]:", "the columns of orders"),
    (RULE, "len(path) > patience", "as many sweeps as patience says"),
    (RULE, "np.argmin(misfits[::-1]) >= patience", "equal to the smallest one were a new one"),
    (RULE, "len(misfits) - 2 - np.argmin(misfits[1:]) >= patience", "start did not count"),
    (RULE, "sum(misfits[k] >= min(misfits[:k]) for k in range(1, len(misfits))) >= patience",
     "counted in all, not in a row"),
    (RULE, "len(misfits) > patience and all(np.diff(misfits)[-patience:] >= 0)",
     "compared with the one before it, not with the smallest"),
    (RULE, "len(misfits) > patience and all(np.diff(misfits)[-patience:] > 0)",
     "an equal one were good enough"),
    (RULE, "len(misfits) > patience and min(misfits[-patience:]) >= misfits[0]",
     "that of the start only"),
    (END, "return path[: np.argmin(misfits) + 1], np.argmin(misfits)", "path ended at the best"),
    (END, "return path[:-1] or path, np.argmin(misfits)", "the last point were missing"),
    (END, "return path, len(path) - 1", "the number of the last point"),
    (END, "return path, len(path) - 1 - np.argmin(misfits[::-1])", "fit equally well"),
    (END, "return path, np.argmin(misfits) + 1", "larger by 1"),
    (END, "return path, np.argmin(misfits) - 1", "is smaller by 1."),
    (END, "return path, max(0, np.argmin(misfits) - 1)", "smaller by 1, if it is not"),
    (END, "return path, 1 + np.argmin(misfits[1:]) if len(path) > 1 else 0", "after the start"),
    (END, "return path, np.argmin(misfits) - len(path)", "counted from the end"),
    (END, "return path, np.argmax(misfits)", "the largest misfit"),
    (END, "return path, min(misfits)", "the smallest misfit itself"),
    (END, "return path, max(0, len(path) - 1 - patience)", "patience less than"),
    (END, "return path, 0", "It should number the first point of the smallest misfit"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[words for *_, words in WRONG])
def test_wrong_runs_are_named(old, new, words):
    assert old in RUN
    with pytest.raises(CheckFailed) as failure, np.errstate(invalid="ignore"):
        check_sweeps(made(RUN.replace(old, new)), step, PROBLEMS)
    assert words in str(failure.value)


def test_high_for_both_bounds_is_named():
    x0, A, low, *rest = random_run(1.0, 20)
    problem = {"random": (x0, A, low, low + np.arange(6) % 2, *rest[1:])}
    with pytest.raises(CheckFailed, match="high were an equation"):
        check_sweeps(made(RUN.replace("low[i]", "high[i]")), step, problem)


def test_misfits_are_shown_with_the_digits_that_differ():
    problem = {"near": made_up([3, 1, 1 - 1e-9, 2], 3)}
    with pytest.raises(CheckFailed, match=r"are 3\.0, 1\.0, 0\.999999999, 2\.0, and best is 1"):
        check_sweeps(made(RUN.replace(END, "return path, 1")), step, problem)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("norm(C @ x - d, np.inf)", "the largest entry of"),
        ("norm(C @ x - d, 1)", "the sum of"),
        ("norm(A @ x - low)", "that of A, low and high"),
        ("norm(C @ x)", "d were missing"),
    ],
)
def test_another_misfit_is_named(new, words):
    rng = np.random.default_rng(0)
    problems = dict(PROBLEMS)
    for k in range(6):  # where the norms disagree when to stop
        x0, A, low, _, _, C, d, *_ = random_run(1.0, 3)
        d = 2 * rng.normal(size=4)
        problems[f"more, {k}"] = x0, A, low, low, rng.integers(0, 6, (15, 3)), C, d, 1.0, 1 + k % 3
    assert check_sweeps(made(RUN), step, problems)
    with pytest.raises(CheckFailed) as failure:
        check_sweeps(made(RUN.replace("norm(C @ x - d)", new)), step, problems)
    assert words in str(failure.value)
