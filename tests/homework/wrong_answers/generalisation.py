"""Wrong answers to the homework on generalisation, and what each of them costs."""

BLOCKS = """
def blocks(times, k, gap):
    test = np.zeros((k, len(times)), dtype=bool)
    for j, rows in enumerate(np.array_split(np.argsort(times), k)):
        test[j, rows] = True
    near = np.abs(times[:, None] - times) <= gap
    return ~(test @ near), test
"""
BY_ENDS = """
def blocks(times, k, gap):
    order = np.argsort(times)
    train, test = [], []
    for rows in np.array_split(order, k):
        low, high = times[rows[0]], times[rows[-1]]
        test.append((times >= low) & (times <= high))
        train.append((times < low - gap) | (times > high + gap))
    return train, test
"""
RIDGE = """
def ridge_predict(X, y, lam, Z):
    differs = np.ptp(X, axis=0) > 0
    X, Z = X[:, differs], Z[:, differs]
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    A, B = (X - mean) / deviation, (Z - mean) / deviation
    penalty = len(X) * lam * np.eye(A.shape[1])
    w = np.linalg.solve(A.T @ A + penalty, A.T @ (y - y.mean()))
    return y.mean() + B @ w
"""
PENALISED = """
def ridge_predict(X, y, lam, Z):
    differs = np.ptp(X, axis=0) > 0
    X, Z = X[:, differs], Z[:, differs]
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    A = np.column_stack([np.ones(len(X)), (X - mean) / deviation])
    B = np.column_stack([np.ones(len(Z)), (Z - mean) / deviation])
    return B @ np.linalg.solve(A.T @ A + len(X) * lam * np.eye(A.shape[1]), A.T @ y)
"""
CHOOSE = """
def choose(lams, losses):
    means = losses.mean(axis=0)
    best = np.where(means == means.min(), lams, 0).argmax()
    differences = losses - losses[:, [best]]
    error = differences.std(axis=0, ddof=1) / np.sqrt(len(losses))
    return lams[differences.mean(axis=0) <= error].max()
"""
OF_THE_BEST = """
def choose(lams, losses):
    means = losses.mean(axis=0)
    best = np.where(means == means.min(), lams, 0).argmax()
    error = losses[:, best].std(ddof=1) / np.sqrt(len(losses))
    return lams[means <= means[best] + error].max()
"""
UNBROKEN = """
def choose(lams, losses):
    order = np.argsort(lams)
    lams, losses = lams[order], losses[:, order]
    means = losses.mean(axis=0)
    best = np.flatnonzero(means == means.min())[-1]
    d = losses - losses[:, [best]]
    fine = d.mean(axis=0) <= d.std(axis=0, ddof=1) / np.sqrt(len(losses))
    j = best
    while j + 1 < len(lams) and fine[j + 1]:
        j = j + 1
    return lams[j]
"""
LEAKS = """
def leaks(protocol, X, y, train, test, X_new, y_new):
    plain = protocol(X, y, train, test)
    y_other = y.copy()
    y_other[test] = y_new
    by_labels = (np.abs(protocol(X, y_other, train, test) - plain) > 1e-9).sum()
    by_features = 0
    for i, row in enumerate(test):
        X_other = X.copy()
        X_other[test] = X_new
        X_other[row] = X[row]
        by_features += abs(protocol(X_other, y, train, test)[i] - plain[i]) > 1e-9
    return by_labels, by_features
"""
COUNTED = "by_features += abs(protocol(X_other, y, train, test)[i] - plain[i]) > 1e-9"
OTHER = "        X_other = X.copy()\n        X_other[test] = X_new\n        X_other[row] = X[row]\n"
VALUES = "ridge_predict-values"
ALL_RIDGE = "ridge_predict-values ridge_predict-constant ridge_predict-new"
ALL_BLOCKS = "blocks-test blocks-train blocks-edge"
ALL_CHOOSE = "choose-rule choose-order choose-equal"
ALL_LEAKS = "leaks-labels leaks-features leaks-rounding"

SLOW = {"study-check", "curves"}

WRONG = {  # description: cell, answer, tests that lose their points, words of the visible check
    # Part 1
    "rows as they stand": (
        "blocks", BLOCKS.replace("np.argsort(times)", "np.arange(len(times))"),
        "blocks-test", "in the order in which they stand, not in that of their times",
    ),
    "places for an order": (
        "blocks", BLOCKS.replace("    for j", "    order = np.argsort(times)\n    for j").replace(
            "np.argsort(times), k", "np.arange(len(times)), k").replace(
            "test[j, rows]", "test[j, np.isin(order, rows)]"),
        "blocks-test", "np.argsort(times) were the place of each row in time",
    ),
    "dealt in turn": (
        "blocks", BLOCKS.replace("np.array_split(np.argsort(times), k)",
                                 "[np.argsort(times)[j::k] for j in range(k)]"),
        "blocks-test", "the rows were dealt in turn, not cut into blocks",
    ),
    "larger blocks last": (
        "blocks", BLOCKS.replace("np.array_split(np.argsort(times), k)",
                                 "np.array_split(np.argsort(-times), k)[::-1]"),
        "blocks-test", "the larger blocks came last",
    ),
    "latest first": (
        "blocks", BLOCKS.replace("np.argsort(times)", "np.argsort(-times)"),
        "blocks-test", "the latest rows made the first block",
    ),
    "rows left over": (
        "blocks", BLOCKS.replace("np.array_split(np.argsort(times), k)",
            "np.argsort(times)[: len(times) // k * k].reshape(k, -1)"),
        "blocks-test", "those that are left over when N is divided by k",
    ),
    "rest in the last block": (
        "blocks", BLOCKS.replace("np.array_split(np.argsort(times), k)",
            "np.split(np.argsort(times), np.arange(1, k) * (len(times) // k))"),
        "blocks-test", "left over when N is divided by k all belonged to the last block",
    ),
    "stretches of time": (
        "blocks", BLOCKS.replace("np.array_split(np.argsort(times), k)",
            "[np.flatnonzero(np.digitize(times, np.linspace(times.min(), times.max(), k + 1)[1:-1])"
            " == j) for j in range(k)]"),
        "blocks-test", "stretches of time of equal length",
    ),
    "gap itself is enough": (
        "blocks", BLOCKS.replace("<= gap", "< gap").replace("~(test @ near)",
                                                            "~(test @ near) & ~test"),
        "blocks-edge", "a row trained whose distance is exactly gap",
    ),
    "near without equality": (
        "blocks", BLOCKS.replace("<= gap", "< gap"),
        "blocks-edge", "so that with gap=0 the tested rows train, too",
    ),
    "no gap": (
        "blocks", BLOCKS.replace("~(test @ near)", "~test"),
        "blocks-train blocks-edge", "gap did not count",
    ),
    "gap in rows": (
        "blocks", BLOCKS.replace("    near", "    place = np.argsort(np.argsort(times))\n    near")
        .replace("times[:, None] - times", "place[:, None] - place"),
        "blocks-train", "gap counted rows, and not time",
    ),
    "gap before only": (
        "blocks", BY_ENDS.replace("high + gap", "high"),
        "blocks-train blocks-edge", "gap counted before the block only",
    ),
    "gap after only": (
        "blocks", BY_ENDS.replace("low - gap", "low"),
        "blocks-train blocks-edge", "gap counted after the block only",
    ),
    "the past only": (
        "blocks", BY_ENDS.replace(" | (times > high + gap)", ""),
        "blocks-train blocks-edge", "only rows before the block trained",
    ),
    "equal at the ends": (
        "blocks", BY_ENDS.replace("times < low", "times <= low").replace("times > high",
                                                                       "times >= high"),
        "blocks-edge", "so that with gap=0 the ends of a block train, too",
    ),
    "far from one": (
        "blocks", BLOCKS.replace("~(test @ near)", "test @ ~near"),
        "blocks-train blocks-edge", "far from one time of the block, and not from each",
    ),
    "from the middle": (
        "blocks", BY_ENDS.replace("(times < low - gap) | (times > high + gap)",
            "(abs(times - times[rows].mean()) > gap) & ~test[-1]"),
        "blocks-train blocks-edge", "measured from the mean of the times of the block",
    ),
    "near trains": (
        "blocks", BLOCKS.replace("~(test @ near)", "(test @ near)"),
        "blocks-train blocks-edge", "train held what is too near",
    ),
    "test first": (
        "blocks", BLOCKS.replace("~(test @ near), test", "test, ~(test @ near)"),
        "blocks-test blocks-train", "train and test stood in the other order",
    ),
    "sorted columns": (
        "blocks", BLOCKS.replace("    test =", "    times = np.sort(times)\n    test ="),
        ALL_BLOCKS, "the columns belonged to the sorted times",
    ),
    "numbers of rows": (
        "blocks", BLOCKS.replace("return ~(test @ near), test",
            "return [[np.flatnonzero(m).tolist() for m in part] for part in (~(test @ near), test)]"
        ), ALL_BLOCKS, "one truth value for each of the 11 rows",
    ),
    "folds in columns": (
        "blocks", BLOCKS.replace("~(test @ near), test", "(~(test @ near)).T, test.T"),
        ALL_BLOCKS, "it looks transposed",
    ),
    "a pair for each fold": (
        "blocks", BLOCKS.replace("~(test @ near), test", "list(zip(~(test @ near), test))"),
        ALL_BLOCKS, "Both hold all 3 folds, with one truth value for each of the 11 rows",
    ),
    "test parts only": (
        "blocks", BLOCKS.replace("return ~(test @ near), test", "return test"),
        ALL_BLOCKS, "blocks should return the pair (train, test)",
    ),
    "times sorted in place": (
        "blocks", BLOCKS.replace("    near", "    times -= times.min()\n    near"),
        "", "the caller's times is different",
    ),
    # Part 2
    "new rows by themselves": (
        "ridge_predict", RIDGE.replace("(Z - mean) / deviation",
                                       "(Z - Z.mean(axis=0)) / Z.std(axis=0)"),
        "ridge_predict-values ridge_predict-new",
        "the new rows were standardised with their own means and deviations",
    ),
    "all rows together": (
        "ridge_predict", RIDGE.replace("X.mean(axis=0), X.std(axis=0)",
            "np.vstack([X, Z]).mean(axis=0), np.vstack([X, Z]).std(axis=0)"),
        "ridge_predict-values ridge_predict-new", "those of training and new rows together",
    ),
    "nothing standardised": (
        "ridge_predict", RIDGE.replace("X.std(axis=0)", "1.0"),
        "ridge_predict-values ridge_predict-new",
        "features were not divided by their deviations",
    ),
    "new rows not divided": (
        "ridge_predict", RIDGE.replace("B = (X - mean) / deviation, (Z - mean) / deviation",
            "B = (X - mean) / deviation, (Z - mean)").replace("(Z - mean) / deviation", "Z - mean"),
        "ridge_predict-values ridge_predict-new", "the new rows were not divided by the deviations",
    ),
    "new rows as they are": (
        "ridge_predict", RIDGE.replace(", (Z - mean) / deviation", ", Z"),
        "ridge_predict-values ridge_predict-new", "the new rows were not standardised",
    ),
    "N - 1": (
        "ridge_predict", RIDGE.replace("X.std(axis=0)", "X.std(axis=0, ddof=1)"),
        VALUES, "the deviation had N - 1 in the denominator",
    ),
    "divided by the variance": (
        "ridge_predict", RIDGE.replace("X.std(axis=0)", "X.var(axis=0)"),
        "ridge_predict-values ridge_predict-new", "features were divided by the variance",
    ),
    "one deviation for all": (
        "ridge_predict", RIDGE.replace("X.mean(axis=0), X.std(axis=0)", "X.mean(), X.std()"),
        "ridge_predict-values ridge_predict-new", "all features had one mean and one deviation",
    ),
    "sum of squares": (
        "ridge_predict", RIDGE.replace("len(X) * lam", "lam"),
        VALUES, "the squares were added up, with no 1/N before the sum",
    ),
    "lambda over N": (
        "ridge_predict", RIDGE.replace("len(X) * lam", "lam / len(X)"),
        VALUES, "the penalty were divided by N once more",
    ),
    "half of the squares": (
        "ridge_predict", RIDGE.replace("len(X) * lam", "2 * len(X) * lam"),
        VALUES, "lambda counted twice",
    ),
    "number of features": (
        "ridge_predict", RIDGE.replace("len(X) * lam", "X.shape[1] * lam"),
        VALUES, "by the number of features, not by that of the training rows",
    ),
    "length of a column": (
        "ridge_predict", RIDGE.replace("X.std(axis=0)", "X.std(axis=0) * len(X) ** 0.5"),
        VALUES, "the root of the sum of squares, not of their mean",
    ),
    "root of lambda": (
        "ridge_predict", RIDGE.replace("len(X) * lam", "len(X) * np.sqrt(lam)"),
        VALUES, "the root of lambda stood in place of lambda",
    ),
    "lambda everywhere": (
        "ridge_predict", RIDGE.replace(" * np.eye(A.shape[1])", "").replace(
            "np.linalg.solve(A.T @ A + penalty, A.T @ (y - y.mean()))",
            "np.linalg.lstsq(A.T @ A + penalty, A.T @ (y - y.mean()))[0]"),
        VALUES, "lambda were added to every entry of the matrix",
    ),
    "no penalty": (
        "ridge_predict", RIDGE.replace("np.linalg.solve(A.T @ A + penalty, A.T @ (y - y.mean()))",
                                       "np.linalg.lstsq(A, y - y.mean())[0]"),
        VALUES, "there were no penalty",
    ),
    "penalised constant": (
        "ridge_predict", PENALISED, "ridge_predict-values ridge_predict-constant",
        "the constant were penalised, too",
    ),
    "no constant": (
        "ridge_predict", RIDGE.replace("y.mean() + B", "B"),
        "ridge_predict-values ridge_predict-constant",
        "the constant were missing in the predictions",
    ),
    "divided by a deviation of 0": (
        "ridge_predict", RIDGE.replace("np.ptp(X, axis=0) > 0", "slice(None)"),
        "ridge_predict-constant", "exactly 2 in all training rows: what ridge_predict returns is n",
    ),
    "a deviation that is not 0 by rounding": (
        "ridge_predict", RIDGE.replace("np.ptp(X, axis=0) > 0", "X.std(axis=0) > 0"),
        "ridge_predict-constant", "where the computed deviation is 1e-17",
    ),
    "small features left out": (
        "ridge_predict", RIDGE.replace("np.ptp(X, axis=0) > 0", "X.std(axis=0) > 1e-8"),
        "ridge_predict-new", "is a small number taken for 0, or added?",
    ),
    "a small number added": (
        "ridge_predict", RIDGE.replace("X.std(axis=0)", "X.std(axis=0) + 1e-8"),
        "ridge_predict-new", "added to the deviations?",
    ),
    "predictions for the training rows": (
        "ridge_predict", RIDGE.replace("B @ w", "A @ w"),
        ALL_RIDGE, "your 8 are as many as there are training rows?",
    ),
    "weights": (
        "ridge_predict", RIDGE.replace("y.mean() + B @ w", "w"),
        ALL_RIDGE, "as many as there are features; are they weights?",
    ),
    "the caller's targets centred": (
        "ridge_predict", RIDGE.replace("    return y.mean() + B @ w",
            "    middle = y.mean()\n    y -= middle\n    return middle + B @ w"),
        "", "the caller's y is different",
    ),
    "scikit-learn": (
        "ridge_predict", "from sklearn.linear_model import Ridge\n"
        "def ridge_predict(X, y, lam, Z):\n"
        "    return Ridge(alpha=len(X) * lam).fit(X, y).predict(Z)\n",
        ALL_RIDGE, "uses Ridge of sklearn, which is not allowed",
    ),
    # Part 3
    "the smallest mean": (
        "choose", CHOOSE.replace("lams[differences.mean(axis=0) <= error].max()", "lams[best]"),
        "choose-rule choose-equal", "the standard error did not count",
    ),
    "the error of the best one": (
        "choose", OF_THE_BEST, "choose-rule choose-equal",
        "that of the losses of the best penalty, not that of the differences",
    ),
    "k in the denominator": (
        "choose", CHOOSE.replace(", ddof=1", ""),
        "choose-rule choose-equal", "the deviation had k in the denominator, not k - 1",
    ),
    "no root of k": (
        "choose", CHOOSE.replace(" / np.sqrt(len(losses))", ""),
        "choose-rule", "the deviation were not divided by the root of k",
    ),
    "divided by k": (
        "choose", CHOOSE.replace("np.sqrt(len(losses))", "len(losses)"),
        "choose-rule choose-equal", "the deviation were divided by k, not by its root",
    ),
    "number of penalties for folds": (
        "choose", CHOOSE.replace("np.sqrt(len(losses))", "np.sqrt(len(lams))"),
        "choose-rule", "divided by the root of the number of penalties",
    ),
    "the rule of the page, with NumPy's own deviation": (
        "choose", OF_THE_BEST.replace("ddof=1", ""), "choose-rule choose-equal",
        "not that of the differences and the deviation had k in the denominator",
    ),
    "relative differences": (
        "choose", CHOOSE.replace("losses[:, [best]]\n", "losses[:, [best]]\n"
                                 "    differences = differences / losses[:, [best]]\n"),
        "choose-rule", "of 18 cases are wrong",
    ),
    "the smallest loss of each fold": (
        "choose", CHOOSE.replace("losses[:, [best]]", "losses.min(axis=1, keepdims=True)")
        .replace("<= error].max()", "<= error].max(initial=lams[best])"),
        "choose-rule choose-equal",
        "differences were taken from the smallest loss of each fold",
    ),
    "the smallest penalty": (
        "choose", CHOOSE.replace("error].max()", "error].min()"),
        "choose-rule choose-equal", "the smallest penalty were taken, not the largest",
    ),
    "the last of the list": (
        "choose", CHOOSE.replace("error].max()", "error][-1]"),
        "choose-order", "the last one in the list were taken, not the largest",
    ),
    "less than its error": (
        "choose", CHOOSE.replace("<= error].max()", "< error].max(initial=lams[best])"),
        "choose-equal", "m equal to s were not good enough",
    ),
    "the first of the best": (
        "choose", CHOOSE.replace("np.where(means == means.min(), lams, 0).argmax()",
                                 "means.argmin()"),
        "choose-equal", "of several best ones the first in the list were taken",
    ),
    "up to a gap": (
        "choose", UNBROKEN, "choose-rule",
        "all penalties between it and the best one had to be good enough, too",
    ),
    "the place": (
        "choose", CHOOSE.replace("return lams[differences.mean(axis=0) <= error].max()",
            "return np.where(differences.mean(axis=0) <= error, lams, 0).argmax()"),
        ALL_CHOOSE, "its place in lams were returned, not the penalty",
    ),
    "means of the penalties": (
        "choose", CHOOSE.replace("axis=0", "axis=1"),
        ALL_CHOOSE, "each row belongs to a fold",
    ),
    "the largest loss": (
        "choose", CHOOSE.replace("means == means.min()", "means == means.max()"),
        "choose-rule choose-equal", "if the largest mean is taken for the best",
    ),
    "losses changed in place": (
        "choose", CHOOSE.replace("    means", "    losses -= losses.min()\n    means", 1),
        "", "the caller's losses is different",
    ),
    # Part 4
    "all test rows replaced": (
        "leaks", LEAKS.replace("        X_other[row] = X[row]\n", ""),
        "leaks-features", "the features of the row itself were replaced, too",
    ),
    "one row replaced": (
        "leaks", LEAKS.replace(OTHER, "        X_other = X.copy()\n"
                               "        X_other[row] = X_new[i]\n"),
        "leaks-features", "only the features of the row itself were replaced",
    ),
    "all predictions counted": (
        "leaks", LEAKS.replace(COUNTED,
            "by_features += (np.abs(protocol(X_other, y, train, test) - plain) > 1e-9).sum()"),
        "leaks-features", "all predictions were counted each time",
    ),
    "any prediction": (
        "leaks", LEAKS.replace(COUNTED,
            "by_features += (np.abs(protocol(X_other, y, train, test) - plain) > 1e-9).any()"),
        "leaks-features", "by_features counted how often any prediction changes",
    ),
    "one copy for all": (
        "leaks", LEAKS.replace("        X_other = X.copy()\n        X_other[test] = X_new\n", "")
        .replace("    by_features = 0", "    by_features, X_other = 0, X.copy()\n"
                 "    X_other[test] = X_new"),
        "leaks-features", "rows whose features have stayed once were not replaced any more",
    ),
    "labels stay replaced": (
        "leaks", LEAKS.replace("protocol(X_other, y, train", "protocol(X_other, y_other, train"),
        "leaks-features", "y_new stayed in y while the features were replaced",
    ),
    "features with labels": (
        "leaks", LEAKS.replace("    by_labels", "    X_all = X.copy()\n    X_all[test] = X_new\n"
                               "    by_labels", 1).replace("protocol(X, y_other",
                                                           "protocol(X_all, y_other"),
        "leaks-labels", "the features were replaced with the labels",
    ),
    "labels of the first rows": (
        "leaks", LEAKS.replace("y_other[test] = y_new", "y_other[: len(test)] = y_new"),
        "leaks-labels leaks-rounding", "the labels of the first rows, not those of the test rows",
    ),
    "test rows sorted": (
        "leaks", LEAKS.replace("y_other[test]", "y_other[np.sort(test)]"),
        "leaks-labels", "in the order of the row numbers, not in that of test",
    ),
    "sorted features": (
        "leaks", LEAKS.replace("X_other[test]", "X_other[np.sort(test)]"),
        "leaks-features", "in the order of the row numbers, not in that of test",
    ),
    "the prediction of a row number": (
        "leaks", LEAKS.replace("test)[i] - plain[i]", "test)[row] - plain[row]"),
        ALL_LEAKS, "test holds row numbers of X and y; predictions",
    ),
    "zeros for new features": (
        "leaks", LEAKS.replace("X_other[test] = X_new", "X_other[test] = 0"),
        "leaks-features", "the features of the other test rows were set to 0, and not to X_new",
    ),
    "one row alone": (
        "leaks", LEAKS.replace("test)[i] - plain[i]", "test[i : i + 1])[0] - plain[i]"),
        "leaks-features", "the protocol were asked for the one row alone",
    ),
    "NumPy's tolerance": (
        "leaks", LEAKS.replace("(np.abs(protocol(X, y_other, train, test) - plain) > 1e-9)",
                               "(~np.isclose(protocol(X, y_other, train, test), plain))"),
        "leaks-rounding", "by_labels left out small changes",
    ),
    "the first new rows": (
        "leaks", LEAKS.replace("X_other[test] = X_new\n        X_other[row] = X[row]",
                               "X_other[np.delete(test, i)] = X_new[:-1]"),
        "leaks-features", "the other test rows got the first rows of X_new, not theirs",
    ),
    "the features of a row number": (
        "leaks", LEAKS.replace("X_other[row] = X[row]", "X_other[row] = X[i]"),
        "leaks-features", "got those of another row number",
    ),
    "true or false": (
        "leaks", LEAKS.replace("return by_labels, by_features",
                               "return by_labels > 0, by_features > 0"),
        "leaks-labels leaks-features", "only said whether any prediction changes",
    ),
    "rounding counts": (
        "leaks", LEAKS.replace("> 1e-9", "> 0"),
        "leaks-rounding", "counted changes by rounding",
    ),
    "a coarse tolerance": (
        "leaks", LEAKS.replace("> 1e-9", "> 1e-3"),
        "leaks-rounding", "left out small changes",
    ),
    "signs kept": (
        "leaks", LEAKS.replace("np.abs(protocol(X, y_other, train, test) - plain)",
                               "(protocol(X, y_other, train, test) - plain)"),
        "leaks-labels", "the differences for by_labels kept their sign",
    ),
    "features first": (
        "leaks", LEAKS.replace("return by_labels, by_features", "return by_features, by_labels"),
        "leaks-labels leaks-features", "the two numbers stood in the other order",
    ),
    "shares": (
        "leaks", LEAKS.replace("return by_labels, by_features",
                               "return by_labels / len(test), by_features / len(test)"),
        "leaks-labels leaks-features", "were a share, not a number",
    ),
    "what stays": (
        "leaks", LEAKS.replace("plain) > 1e-9", "plain) <= 1e-9"),
        "leaks-labels leaks-rounding", "by_labels counted the predictions that stay",
    ),
    "the caller's features replaced": (
        "leaks", LEAKS.replace("X_other = X.copy()", "X_other = X"),
        "leaks-features", "the caller's X is different",
    ),
    "the caller's labels replaced": (
        "leaks", LEAKS.replace("y_other = y.copy()", "y_other = y"),
        "leaks-features", "the caller's y is different",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "lists and loops": {
        "blocks": """
def blocks(times, k, gap):
    N = len(times)
    order = sorted(range(N), key=lambda i: times[i])
    sizes = [N // k + (j < N % k) for j in range(k)]
    train, test, start = [], [], 0
    for size in sizes:
        block = order[start : start + size]
        start += size
        test.append([i in block for i in range(N)])
        train.append([all(abs(times[i] - times[m]) > gap for m in block) for i in range(N)])
    return [train, test]
""",
        "ridge_predict": """
def ridge_predict(X, y, lam, Z):
    N, n = X.shape
    columns, new = [], []
    for j in range(n):
        if max(X[:, j]) == min(X[:, j]):
            continue
        mu = sum(X[:, j]) / N
        sigma = (sum((X[:, j] - mu) ** 2) / N) ** 0.5
        columns.append((X[:, j] - mu) / sigma)
        new.append((Z[:, j] - mu) / sigma)
    c = sum(y) / N
    if not columns:
        return [c] * len(Z)
    A, B = np.array(columns).T, np.array(new).T
    w = np.linalg.inv(A.T @ A / N + lam * np.eye(len(columns))) @ (A.T @ (y - c) / N)
    return (c + B @ w).tolist()
""",
        "choose": """
def choose(lams, losses):
    k, L = losses.shape
    means = [sum(losses[:, j]) / k for j in range(L)]
    best = max((j for j in range(L) if means[j] == min(means)), key=lambda j: lams[j])
    chosen = lams[best]
    for j in range(L):
        d = [losses[i, j] - losses[i, best] for i in range(k)]
        m = sum(d) / k
        s = (sum((v - m) ** 2 for v in d) / (k - 1)) ** 0.5 / k**0.5
        if m <= s and lams[j] > chosen:
            chosen = lams[j]
    return float(chosen)
""",
        "leaks": """
def leaks(protocol, X, y, train, test, X_new, y_new):
    M, before = len(test), list(protocol(X, y, train, test))
    labels = list(y)
    for i in range(M):
        labels[test[i]] = y_new[i]
    after = protocol(X, np.array(labels), train, test)
    first = len([1 for a, b in zip(before, after) if abs(a - b) > 1e-9])
    second = 0
    for i in range(M):
        Z = np.array(X)
        for j in range(M):
            if j != i:
                Z[test[j]] = X_new[j]
        if abs(protocol(Z, y, train, test)[i] - before[i]) > 1e-9:
            second = second + 1
    return [first, second]
""",
    },
    "by the ends of the blocks": {"blocks": BY_ENDS},
    "zeros and ones": {
        "blocks": BLOCKS.replace("return ~(test @ near), test",
                                 "return 1 - (test @ near), 1.0 * test"),
    },
    "ranks": {
        "blocks": """
def blocks(times, k, gap):
    rank = (times[:, None] > times).sum(axis=1)
    size, rest = divmod(len(times), k)
    fold = np.where(rank < rest * (size + 1), rank // (size + 1), (rank - rest) // size)
    test = fold == np.arange(k)[:, None]
    far = np.abs(times - times[:, None])
    return np.array([far[:, held].min(axis=1) > gap for held in test]), test
""",
    },
    "a constant that is not penalised": {
        "ridge_predict": """
def ridge_predict(X, y, lam, Z):
    N, n = X.shape
    same = (X == X[0]).all(axis=0)
    mu, sigma = X.mean(0), np.where(same, 1.0, X.std(0))
    A = np.c_[np.where(same, 0, (X - mu) / sigma), np.ones(N)]
    B = np.c_[np.where(same, 0, (Z - mu) / sigma), np.ones(len(Z))]
    D = np.diag([np.sqrt(N * lam)] * n + [0.0])[:n]
    rows, targets = np.vstack([A, D]), np.append(y, np.zeros(n))
    return B @ np.linalg.lstsq(rows, targets, rcond=None)[0]
""",
    },
    "singular values, and an infinite deviation": {
        "ridge_predict": """
def ridge_predict(X, y, lam, Z):
    deviation = np.where(X.max(axis=0) > X.min(axis=0), np.std(X, axis=0), np.inf)
    scale = lambda rows: (rows - np.mean(X, axis=0)) / deviation
    U, s, Vt = np.linalg.svd(scale(X), full_matrices=False)
    return y.mean() + scale(Z) @ Vt.T @ (s / (s**2 + lam * len(X)) * (U.T @ (y - y.mean())))
""",
    },
    "in the space of the rows, with einsum": {
        "ridge_predict": """
def ridge_predict(X, y, lam, Z):
    keep = ~(X == X[:1]).all(axis=0)
    m, s = np.einsum("ij->j", X[:, keep]) / len(X), X[:, keep].std(axis=0)
    A, B = (X[:, keep] - m) / s, (Z[:, keep] - m) / s
    kernel = np.einsum("ij,kj->ik", A, A) + lam * len(X) * np.eye(len(X))
    return np.einsum("mj,ij,i->m", B, A, np.linalg.solve(kernel, y - y.mean())) + np.mean(y)
""",
    },
    "a class": {
        "ridge_predict": """
class Scaler:
    def __init__(self, X):
        self.varies = np.array([len(set(column)) > 1 for column in X.T])
        self.mean, self.std = np.mean(X, 0), np.std(X, 0)

    def __call__(self, X):
        return ((X - self.mean)[:, self.varies]) / self.std[self.varies]

def ridge_predict(X, y, lam, Z):
    scaler, (spread, middle) = Scaler(X), ((y.std() or 1.0), y.mean())
    A, t = scaler(X), (y - middle) / spread
    w = np.linalg.solve(A.T @ A / len(A) + lam * np.identity(A.shape[1]), A.T @ t / len(A))
    return middle + spread * (scaler(Z) @ w)
""",
    },
    "sorted from the largest": {
        "choose": """
def choose(lams, losses):
    order = np.argsort(-lams)
    table = losses[:, order]
    best = table.mean(axis=0).argmin()  # the first is the largest
    for lam, column in zip(lams[order], table.T):
        d = column - table[:, best]
        if np.mean(d) <= np.sqrt(np.var(d, ddof=1) / d.size):
            return lam
""",
    },
    "a dictionary": {
        "choose": """
def choose(lams, losses):
    columns = {lam: losses[:, j] for j, lam in enumerate(lams)}
    best = min(columns, key=lambda lam: (np.mean(columns[lam]), -lam))
    def good(lam):
        d = columns[lam] - columns[best]
        k = len(d)
        return d.sum() / k <= np.sqrt(np.sum((d - d.mean())**2) / (k * (k - 1)))
    return max(filter(good, columns))
""",
    },
    "all at once": {
        "leaks": """
def leaks(protocol, X, y, train, test, X_new, y_new):
    old = np.asarray(protocol(X.copy(), y.copy(), train, test), float)
    labels = np.asarray(protocol(X, np.put_along_axis(z := y.copy(), test, y_new, 0) or z,
                                 train, test), float)
    new = np.tile(X, (len(test), 1, 1))
    new[:, test] = X_new
    new[np.arange(len(test)), test] = X[test]
    own = np.diag([protocol(Z, y, train, test) for Z in new])
    return np.count_nonzero(abs(labels - old) > 1e-9), int(np.sum(abs(own - old) > 1e-9))
""",
    },
    "by recursion": {
        "leaks": """
def leaks(protocol, X, y, train, test, X_new, y_new):
    plain, mask = protocol(X, y, train, test), np.isin(np.arange(len(y)), test)
    other = np.zeros(len(y))
    other[test] = y_new
    first = sum(abs(a - b) > 1e-9
                for a, b in zip(plain, protocol(X, np.where(mask, other, y), train, test)))

    def count(i):
        if i == len(test):
            return 0
        rows = np.delete(np.arange(len(test)), i)
        Z = X + 0.0
        Z[test[rows]] = X_new[rows]
        return int(abs(protocol(Z, y, train, test)[i] - plain[i]) > 1e-9) + count(i + 1)

    return int(first), count(0)
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "no blocks": (
        {"blocks": "def blocks(times, k, gap): raise NotImplementedError"}, ALL_BLOCKS,
    ),
    "rows as they stand, and a leak": (
        {"blocks": BLOCKS.replace("np.argsort(times)", "np.arange(len(times))"),
         "ridge_predict": RIDGE.replace("len(X) * lam", "lam")},
        "blocks-test " + VALUES,
    ),
    "no fit": (
        {"ridge_predict": "def ridge_predict(X, y, lam, Z): raise NotImplementedError"}, ALL_RIDGE,
    ),
}  # fmt: skip
