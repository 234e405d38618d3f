"""Wrong answers to the homework on stochastic gradient descent, and what each of them costs."""

STEP = """
def minibatch_step(w, A, y, rows, step_size, p):
    chosen = A[rows]
    off = (chosen @ w[..., None])[..., 0] - y[rows]
    c = 1 / (len(A) * p[rows])
    pulls = (c * off)[..., None] * chosen
    return w - step_size * pulls.mean(axis=-2)
"""
FACTOR = "1 / (len(A) * p[rows])"
ONE_RUN = """
def minibatch_step(w, A, y, rows, step_size, p):
    c = 1 / (len(A) * p[rows])
    return w - step_size * (c * (A[rows] @ w - y[rows])) @ A[rows] / len(rows)
"""
EPOCH = """
def epoch(w, A, y, order, batch_size, step_size):
    path, total, N = [w], 0.0, len(A)
    for start in range(0, N, batch_size):
        rows = order[start : start + batch_size]
        total = total + ((A[rows] @ w - y[rows]) ** 2).sum() / 2
        s = step_size * len(rows) / batch_size
        w = np.asarray(minibatch_step(w, A, y, rows, s, np.full(N, 1 / N)))
        path.append(w)
    return path, total / N
"""
LOSS = "        total = total + ((A[rows] @ w - y[rows]) ** 2).sum() / 2\n"
PLATEAU = """
def plateau(losses, first, factor, patience, gain):
    steps, good, waited = [first], np.inf, 0
    for loss in losses:
        waited = waited + 1
        if loss < (1 - gain) * good:
            good, waited = loss, 0
        step = steps[-1]
        if waited == patience:
            step, waited = factor * step, 0
        steps.append(step)
    return steps
"""

BOTH = "minibatch_step-equal minibatch_step-factors"
ALL_STEPS = BOTH + " minibatch_step-runs"
ALL_EPOCH = "epoch-path epoch-ragged epoch-loss"
ALL_PLATEAU = "plateau-steps plateau-cuts plateau-gain"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # Part 1
    "uphill": (
        "minibatch_step", STEP.replace("return w -", "return w +"),
        "minibatch_step-equal", "returns w + s g: the step goes uphill",
    ),
    "the gradient alone": (
        "minibatch_step", STEP.replace("return w - step_size *", "return"),
        BOTH, "returns the gradient g, and not the new point",
    ),
    "the change alone": (
        "minibatch_step", STEP.replace("return w -", "return -"),
        BOTH, "the change -s g, and not the new point",
    ),
    "step_size forgotten": (
        "minibatch_step", STEP.replace("step_size *", ""),
        "minibatch_step-equal", "a step of size 1, whatever step_size is",
    ),
    "the derivative of the square": (
        "minibatch_step", STEP.replace("(c * off)", "(2 * c * off)"),
        "minibatch_step-equal", "a step of twice the gradient",
    ),
    "targets forgotten": (
        "minibatch_step", STEP.replace(" - y[rows]", ""),
        "minibatch_step-equal", "a step in which y is left out",
    ),
    "the residual alone": (
        "minibatch_step", STEP.replace("* chosen", "* np.ones_like(chosen)"),
        BOTH, "a step with the residual alone",
    ),
    "the first rows": (
        "minibatch_step", STEP.replace("A[rows]", "A[: rows.shape[-1]]"),
        BOTH, "w changes by a multiple of row 0, not of this row",
    ),
    "all rows": (
        "minibatch_step", STEP.replace("chosen = A[rows]",
        "chosen, rows = A, np.arange(len(A))"),
        BOTH, "along the gradient of all rows, whatever rows says",
    ),
    "the sum": (
        "minibatch_step", STEP.replace(".mean(", ".sum("),
        "minibatch_step-equal", "the sum stood in place of the mean",
    ),
    "divided by the number of all rows": (
        "minibatch_step", STEP.replace("pulls.mean(axis=-2)", "pulls.sum(axis=-2) / len(A)"),
        "minibatch_step-equal", "as long, and 7 is N",
    ),
    "twice is once": (
        "minibatch_step", "def minibatch_step(w, A, y, rows, step_size, p):\n"
        "    if w.ndim > 1:\n"
        "        return [minibatch_step(*run, step_size, p) for run in\n"
        "                [(v, A, y, r) for v, r in zip(w, rows)]]\n"
        "    rows = np.unique(rows)\n" + ONE_RUN.partition("p):\n")[2],
        "minibatch_step-equal", "a row that was drawn twice counted once",
    ),
    "one after the other": (
        "minibatch_step", "def minibatch_step(w, A, y, rows, step_size, p):\n"
        "    for k in range(rows.shape[-1]):\n"
        "        i = rows[..., k]\n"
        "        off = (A[i] * w).sum(axis=-1) - y[i]\n"
        "        c = step_size / len(A) / p[i] / rows.shape[-1]\n"
        "        w = w - (c * off)[..., None] * A[i]\n"
        "    return w",
        BOTH, "is not the mean of those that you make with each of these rows alone",
    ),
    "no factors": (
        "minibatch_step", STEP.replace(FACTOR, "1.0"),
        "minibatch_step-factors", "your step is the same as with equal p, c_i = 1",
    ),
    "without N": (
        "minibatch_step", STEP.replace(FACTOR, "1 / p[rows]"),
        "minibatch_step-equal", "a step 7 times as long, and 7 is N",
    ),
    "upside down": (
        "minibatch_step", STEP.replace(FACTOR, "len(A) * p[rows]"),
        "minibatch_step-factors", "do they need a larger factor, or a smaller one?",
    ),
    "weights that sum to one": (
        "minibatch_step", STEP.replace("pulls.mean(axis=-2)",
        "pulls.sum(axis=-2) / c.sum(axis=-1)[..., None]"),
        "minibatch_step-factors", "c_i = 1. What does p do in your code, if there is one row?",
    ),
    "the root of the factor": (
        "minibatch_step", STEP.replace(FACTOR, "1 / np.sqrt(len(A) * p[rows])"),
        "minibatch_step-factors", "What has p_i c_i to be",
    ),
    "p of the wrong rows": (
        "minibatch_step", STEP.replace("p[rows]", "p[np.arange(rows.shape[-1]) % len(p)]"),
        "minibatch_step-factors", "Is it the probability of the row itself that you take?",
    ),
    "the mean of the factors": (
        "minibatch_step", STEP.replace(FACTOR, "np.mean(1 / (len(A) * p[rows]), axis=-1)[..., None]"
        ),
        "minibatch_step-factors", "as if the mean of the c_i were taken first",
    ),
    "one run only": (
        "minibatch_step", ONE_RUN,
        "minibatch_step-runs", "minibatch_step raises ValueError",
    ),
    "the mean of all runs": (
        "minibatch_step", STEP.replace("pulls.mean(axis=-2)",
        "pulls.reshape(-1, w.shape[-1]).mean(axis=0)"),
        "minibatch_step-runs", "All runs make the same move, the mean of all",
    ),
    "the point of the first run": (
        "minibatch_step", STEP.replace("(chosen @ w[..., None])[..., 0]",
        "chosen @ w.reshape(-1, w.shape[-1])[0]"),
        "minibatch_step-runs", "computed its residuals at the w of the first run",
    ),
    "factors cut off": (
        "minibatch_step", STEP.replace(FACTOR, f"np.minimum({FACTOR}, 5)"),
        "minibatch_step-factors", "What has p_i c_i to be",
    ),
    "rows of the first run": (
        "minibatch_step", STEP.replace("    chosen",
        "    rows = rows + 0 * rows\n    rows[...] = rows.reshape(-1, rows.shape[-1])[0]\n"
        "    chosen"),
        "minibatch_step-runs", "as if each run read the rows of the first run",
    ),
    "the rows of all runs": (
        "minibatch_step", "def minibatch_step(w, A, y, rows, step_size, p):\n"
        "    rows = rows.ravel()\n    c = 1 / (len(A) * p[rows])\n"
        "    return w - step_size * (c * (w @ A[rows].T - y[rows])) @ A[rows] / len(rows)",
        "minibatch_step-runs", "It is as if each run read the rows of all runs",
    ),
    "the number of runs for that of rows": (
        "minibatch_step", STEP.replace("pulls.mean(axis=-2)", "pulls.sum(axis=-2) / len(rows)"),
        "minibatch_step-runs", "Each run moves 0.5 times as far as alone",
    ),
    "the mean over the coordinates": (
        "minibatch_step", STEP.replace("pulls.mean(axis=-2)", "pulls.mean()"),
        ALL_STEPS, "all coordinates of w change by the same number",
    ),
    "mean residual, mean row": (
        "minibatch_step", "def minibatch_step(w, A, y, rows, step_size, p):\n"
        "    off = (A[rows] @ w[..., None])[..., 0] - y[rows]\n"
        "    c = 1 / (len(A) * p[rows])\n"
        "    return w - step_size * (c * off).mean(axis=-1, keepdims=True) * "
        "A[rows].mean(axis=-2)",
        BOTH, "as if the mean residual were multiplied by the mean row",
    ),
    "w moved in place": (
        "minibatch_step", STEP.replace("return w - ", "w -= ") + "    return w\n",
        "", "the caller's w is different",
    ),
    "digits": (
        "minibatch_step", STEP.replace("return w - step_size * pulls.mean(axis=-2)",
        "return np.round(w - step_size * pulls.mean(axis=-2), 4)"),
        "minibatch_step-equal minibatch_step-factors", "right to a few digits only",
    ),
    "SciPy": (
        "minibatch_step", "from scipy import linalg\n"
        + STEP.replace("pulls.mean(axis=-2)", "(linalg and pulls).mean(axis=-2)"),
        ALL_STEPS, "uses scipy, which is not allowed",
    ),
    # Part 2
    "the order ignored": (
        "epoch", EPOCH.replace("order[start", "np.arange(N)[start"),
        "epoch-path", "in the order 0, 1, 2, …, whatever order says",
    ),
    "all gradients at the start": (
        "epoch", EPOCH.replace("minibatch_step(w, A", "w - path[0] + minibatch_step(path[0], A"),
        "epoch-path epoch-ragged", "the gradients were those at w, the start of the epoch",
    ),
    "each step from the start": (
        "epoch", EPOCH.replace("minibatch_step(w, A", "minibatch_step(path[0], A"),
        "epoch-path epoch-ragged", "each batch began at w, the start of the epoch",
    ),
    "a full step at the end": (
        "epoch", EPOCH.replace(" * len(rows) / batch_size", ""),
        "epoch-ragged", "as if step_size were not made smaller for 3 rows of 4",
    ),
    "a longer step at the end": (
        "epoch", EPOCH.replace("len(rows) / batch_size", "batch_size / len(rows)"),
        "epoch-ragged", "step_size were multiplied by 4/3",
    ),
    "smaller twice": (
        "epoch", EPOCH.replace("len(rows) / batch_size", "(len(rows) / batch_size) ** 2"),
        "epoch-ragged", "step_size were made smaller twice",
    ),
    "sums": (
        "epoch", EPOCH.replace("s = step_size * len(rows) / batch_size",
        "s = step_size * len(rows)"),
        "epoch-path epoch-ragged", "the sum stood in place of the mean",
    ),
    "the last batch left out": (
        "epoch", EPOCH.replace("range(0, N, batch_size)", "range(0, N - batch_size + 1, batch_size)"
        ),
        "epoch-ragged epoch-loss", "It is one batch too few",
    ),
    "the last batch filled up": (
        "epoch", EPOCH.replace("        s = ",
        "        rows = np.resize(np.append(rows, order), batch_size) if len(rows) < batch_size "
        "else rows\n        s = "),
        "epoch-ragged", "the last batch were filled up to 4 rows with the first ones of order",
    ),
    "an empty batch": (
        "epoch", EPOCH.replace("range(0, N, batch_size)", "range(0, N + 1, batch_size)")
        .replace("        s =", "        if not len(rows):\n            path.append(w)\n"
        "            continue\n        s ="),
        "epoch-path", "It is one batch too many: how many rows has each of yours?",
    ),
    "one row a step": (
        "epoch", EPOCH.replace("range(0, N, batch_size)", "range(N)").replace("start + batch_size]",
        "start + 1]"),
        "epoch-path epoch-ragged epoch-loss", "A step belongs to each batch, not to each row",
    ),
    "batches of nearly equal size": (
        "epoch", EPOCH.replace("for start in range(0, N, batch_size):\n        rows = order[start "
        ": start + batch_size]", "for rows in np.array_split(order, -(-N // batch_size)):"),
        "epoch-ragged epoch-loss", "order were cut into 3 batches of nearly equal size",
    ),
    "the smaller batch first": (
        "epoch", EPOCH.replace("for start in range(0, N, batch_size):\n        rows = order[start "
        ": start + batch_size]", "for start in range(N % batch_size - batch_size, N, batch_size):\n"
        "        rows = order[max(start, 0) : start + batch_size]\n"
        "        if not len(rows):\n            continue"),
        "epoch-ragged epoch-loss", "as if the smaller batch were the first, not the last",
    ),
    "order turned round": (
        "epoch", EPOCH.replace("order[start", "np.argsort(order)[start"),
        "epoch-path", "as if order were turned round: argsort",
    ),
    "some rows of A, the p of all": (
        "epoch", EPOCH.replace("(w, A, y, rows, s", "(w, A[rows], y[rows], np.arange(len(rows)), s"
        ),
        "epoch-path epoch-ragged", "as when minibatch_step gets these rows of A alone",
    ),
    "the targets in another order": (
        "epoch", EPOCH.replace("(w, A, y, rows, s", "(w, A[order], y, np.arange(start, "
        "start + len(rows)), s"),
        "epoch-path", "as if y were read in the order 0, 1, 2",
    ),
    "uphill in the epoch": (
        "epoch", EPOCH.replace("s = step_size", "s = -step_size"),
        "epoch-path", "the step went uphill",
    ),
    "the path without its start": (
        "epoch", EPOCH.replace("return path,", "return path[1:],"),
        "epoch-path", "the start is missing",
    ),
    "the last point alone": (
        "epoch", EPOCH.replace("return path,", "return w,"),
        "epoch-path epoch-ragged epoch-loss", "path should hold all points",
    ),
    "another order of the results": (
        "epoch", EPOCH.replace("return path, total / N", "return total / N, path"),
        "epoch-path epoch-ragged epoch-loss", "the two results stand in another order",
    ),
    "one array logged again and again": (
        "epoch", EPOCH.replace("w = np.asarray(mini", "w[...] = np.asarray(mini")
        .replace("[w], 0.0", "[], 0.0")
        .replace("    for start", "    w = w.copy()\n    path.append(w)\n    for start"),
        "epoch-path epoch-ragged epoch-loss", "Was one array appended again and again",
    ),
    "the mean of the means": (
        "epoch", EPOCH.replace(".sum() / 2", ".mean() / 2").replace("total / N",
        "total / (len(path) - 1)"),
        "epoch-loss", "the mean of the 3 means of the batches",
    ),
    "the loss at the end": (
        "epoch", EPOCH.replace(LOSS, "").replace("total / N",
        "((A @ w - y) ** 2).mean() / 2"),
        "epoch-loss", "loss is the mean over all rows at the last point",
    ),
    "the loss after the step": (
        "epoch", EPOCH.replace(LOSS, "").replace("        path.append", LOSS
        + "        path.append"),
        "epoch-loss", "each after the step of its batch",
    ),
    "no half": (
        "epoch", EPOCH.replace(".sum() / 2", ".sum()"),
        "epoch-loss", "loss is twice the mean over all rows as they were read",
    ),
    "the sum of the losses": (
        "epoch", EPOCH.replace("total / N", "total"),
        "epoch-loss", "that is N, times the mean over all rows",
    ),
    "a root mean square": (
        "epoch", EPOCH.replace("total / N", "(2 * total / N) ** 0.5"),
        "epoch-loss", "the square root of twice the mean",
    ),
    "a list of losses": (
        "epoch", EPOCH.replace("total / N", "[total / N] * (len(path) - 1)"),
        "epoch-loss", "loss should be one number",
    ),
    # Part 3
    "equal is good": (
        "plateau", PLATEAU.replace("loss <", "loss <="),
        "plateau-cuts", "it should be cut",
    ),
    "compared with the epoch before": (
        "plateau", PLATEAU.replace("        step = ", "        good = loss\n        step = "),
        "plateau-cuts plateau-gain", "The last good epoch is epoch 0, with loss 3.0",
    ),
    "epochs in all, not in a row": (
        "plateau", PLATEAU.replace("waited + 1", "waited + 1 - (loss < (1 - gain) * good)")
        .replace("good, waited = loss, 0", "good = loss"),
        "plateau-cuts", "So 1 epoch was not good, and patience is 2",
    ),
    "one epoch more": (
        "plateau", PLATEAU.replace("waited == patience", "waited > patience"),
        "plateau-cuts", "it should be cut. The last good epoch is epoch 0",
    ),
    "one epoch less": (
        "plateau", PLATEAU.replace("waited == patience", "waited == patience - 1"),
        "plateau-cuts", "it should stay",
    ),
    "cut again and again": (
        "plateau", PLATEAU.replace("waited == patience", "waited >= patience")
        .replace("step, waited = factor * step, 0", "step = factor * step"),
        "plateau-cuts", "since the cut after epoch 4",
    ),
    "cut once": (
        "plateau", PLATEAU.replace("step, waited = factor * step, 0", "step = factor * step"),
        "plateau-cuts", "since the cut after epoch 3, and patience is 3",
    ),
    "the first step is cut each time": (
        "plateau", PLATEAU.replace("factor * step", "factor * first"),
        "plateau-steps plateau-cuts", "it should be cut",
    ),
    "less by factor": (
        "plateau", PLATEAU.replace("factor * step", "(1 - factor) * step"),
        "plateau-steps", "it should be cut to 0.2 times that of epoch 3",
    ),
    "divided by factor": (
        "plateau", PLATEAU.replace("factor * step", "step / factor"),
        "plateau-steps plateau-cuts", "it should be cut to 0.2 times that of epoch 3",
    ),
    "the cut forgets the best": (
        "plateau", PLATEAU.replace("factor * step, 0", "factor * step, 0\n            good = loss"),
        "plateau-cuts plateau-gain", "since the cut after epoch",
    ),
    "gain forgotten": (
        "plateau", PLATEAU.replace("(1 - gain) * good", "good"),
        "plateau-gain", "good would be a loss below (1 - 0.25) * 4.0",
    ),
    "gain is absolute": (
        "plateau", PLATEAU.replace("(1 - gain) * good", "good - gain"),
        "plateau-gain", "good would be a loss below (1 - 0.25) * 4.0",
    ),
    "every smaller loss is remembered": (
        "plateau", PLATEAU.replace("        step = ",
        "        good = min(good, loss)\n        step = "),
        "plateau-gain", "good would be a loss below (1 - 0.25) * 2.9",
    ),
    "good epochs restore the step": (
        "plateau", PLATEAU.replace("steps.append(step)", "steps.append(step if waited or "
        "loss != good else first)"),
        "plateau-steps plateau-cuts", "2 times as much; it should stay as it was. Epoch 5 is good",
    ),
    "no epoch yet": (
        "plateau", PLATEAU.replace("np.inf", "10 * losses[0]"),
        "plateau-steps", "K may be 0",
    ),
    "whole steps if the first is whole": (
        "plateau", PLATEAU.replace("return steps",
        "return np.array(steps).astype(np.array(first).dtype)"),
        "plateau-steps", "it should be cut to 0.5 times that",
    ),
    "the next step missing": (
        "plateau", PLATEAU.replace("return steps", "return steps[:-1]"),
        "plateau-steps", "That of the epoch after the last loss is missing",
    ),
    "the first step missing": (
        "plateau", PLATEAU.replace("return steps", "return steps[1:]"),
        "plateau-steps plateau-cuts", "there should be 5 steps",
    ),
    "the last step alone": (
        "plateau", PLATEAU.replace("return steps", "return steps[-1]"),
        ALL_PLATEAU, "One number is not enough",
    ),
    "cut a batch too late": (
        "plateau", PLATEAU.replace("        steps.append(step)", "        steps.append(kept)")
        .replace("        waited = waited", "        kept = steps[-1]\n        waited = waited"),
        ALL_PLATEAU, "it should be cut",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops": {
        "minibatch_step": """
def minibatch_step(w, A, y, rows, step_size, p):
    if w.ndim > 1:
        return [minibatch_step(v, A, y, r, step_size, p) for v, r in zip(w, rows)]
    N, B = len(y), len(rows)
    g = [0.0] * len(w)
    for i in rows:
        off = sum(a * x for a, x in zip(A[i], w)) - y[i]
        for j in range(len(w)):
            g[j] += off * A[i, j] / (N * p[i]) / B
    return [float(x - step_size * d) for x, d in zip(w, g)]
""",
        "epoch": """
def epoch(w, A, y, order, batch_size, step_size):
    w, path, total = list(map(float, w)), [], 0
    k = 0
    while k < len(order):
        path.append(list(w))
        g = [0] * len(w)
        for i in order[k:k + batch_size]:
            off = sum(A[i, j] * w[j] for j in range(len(w))) - y[i]
            total += off * off / 2
            g = [d + off * a for d, a in zip(g, A[i])]
        w = [x - step_size / batch_size * d for x, d in zip(w, g)]
        k += batch_size
    return [path + [w], total / len(y)]
""",
        "plateau": """
def plateau(losses, first, factor, patience, gain):
    steps, goods, cuts = [first], [], [-1]
    for k in range(len(losses)):
        if not goods or losses[k] / losses[goods[-1]] < 1 - gain:
            goods.append(k)
        if k - max(goods[-1], cuts[-1]) == patience:
            cuts.append(k)
        steps.append(first * factor ** (len(cuts) - 1))
    return np.array(steps)
""",
    },
    "einsum": {
        "minibatch_step": """
def minibatch_step(w, A, y, rows, step_size, p):
    off = np.einsum("...bn,...n->...b", A[rows], w) - y[rows]
    c = step_size / (rows.shape[-1] * y.size * p[rows])
    return w - np.einsum("...b,...b,...bn->...n", c, off, A[rows])
""",
        "epoch": """
def epoch(w, A, y, order, batch_size, step_size):
    A, y = A[order], y[order]
    path, off = np.array([w]), np.array([])
    for start in range(0, len(y), batch_size):
        part = slice(start, start + batch_size)
        off = np.append(off, A[part] @ path[-1] - y[part])
        path = np.vstack([path, path[-1] - step_size * off[part] @ A[part] / batch_size])
    return path, off @ off / 2 / off.size
""",
    },
    "counts of rows": {
        "minibatch_step": """
def minibatch_step(w, A, y, rows, step_size, p):
    N, B = len(A), rows.shape[-1]
    flat = rows.reshape(-1, B)
    counts = np.array([np.bincount(r, minlength=N) for r in flat]).reshape(*rows.shape[:-1], N)
    return w - step_size / (N * B) * ((w @ A.T - y) * counts / p) @ A
""",
    },
    "recursion": {
        "epoch": """
def epoch(w, A, y, order, batch_size, step_size):
    rows, rest = order[:batch_size], order[batch_size:]
    off = A[rows] @ w - y[rows]
    new = w - step_size / batch_size * A[rows].T @ off
    mine = (off**2).sum() / (2 * len(order))
    if not len(rest):
        return [w, new], mine
    path, loss = epoch(new, A, y, rest, batch_size, step_size)
    return [w, *path], mine + loss * len(rest) / len(order)
""",
        "plateau": """
def plateau(losses, first, factor, patience, gain, good=np.inf, waited=0):
    if not len(losses):
        return [first]
    better = losses[0] < good - gain * good if good < np.inf else True
    good, waited = (losses[0], 0) if better else (good, waited + 1)
    now = first * factor if waited == patience else first
    return [first, *plateau(losses[1:], now, factor, patience, gain, good, waited % patience)]
""",
    },
    "split arrays": {
        "epoch": """
def epoch(w, A, y, order, batch_size, step_size):
    path, seen = [w], np.zeros(len(A))
    for rows in np.split(order, range(batch_size, len(order), batch_size)):
        seen[rows] = (A[rows] @ path[-1] - y[rows]) ** 2 / 2
        short = step_size * (rows.size / batch_size)
        path.append(minibatch_step(path[-1], A, y, rows, short, np.ones(len(A)) / len(A)))
    return np.stack(path), np.mean(seen)
""",
    },
    "a class": {
        "plateau": """
class Watch:
    def __init__(self, step, factor, patience, gain):
        self.step, self.factor, self.patience, self.gain = step, factor, patience, gain
        self.good, self.left = float("inf"), patience

    def see(self, loss):
        if loss < self.good * (1 - self.gain):
            self.good, self.left = loss, self.patience
        else:
            self.left -= 1
        if not self.left:
            self.step, self.left = self.step * self.factor, self.patience
        return self.step


def plateau(losses, first, factor, patience, gain):
    watch = Watch(first, factor, patience, gain)
    return (first, *(watch.see(loss) for loss in losses.tolist()))
""",
    },
    "a scan": {
        "plateau": """
from itertools import accumulate


def plateau(losses, first, factor, patience, gain):
    def see(state, loss):
        step, good, waited = state
        if good is None or loss < (1 - gain) * good:
            return step, loss, 0
        waited += 1
        return (step, good, waited) if waited < patience else (step * factor, good, 0)

    return [state[0] for state in accumulate(losses, see, initial=(first, None, 0))]
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "a step uphill": (
        {"minibatch_step": STEP.replace("return w -", "return w +")}, "minibatch_step-equal",
    ),
    "the sum of the rows": (
        {"minibatch_step": STEP.replace(".mean(", ".sum(")}, "minibatch_step-equal",
    ),
    "no factors": (
        {"minibatch_step": STEP.replace(FACTOR, "1.0")}, "minibatch_step-factors",
    ),
    "no step": (
        {"minibatch_step": "def minibatch_step(*args): raise NotImplementedError"}, ALL_STEPS,
    ),
    "a step in place": (
        {"minibatch_step": STEP.replace("return w - ", "w -= ") + "    return w\n"}, "",
    ),
}  # fmt: skip
