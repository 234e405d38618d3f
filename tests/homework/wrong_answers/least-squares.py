"""Typical wrong answers to the homework on least squares."""

QR = """
def solve(A, b):
    Q, R = np.linalg.qr(A)
    if np.abs(np.diag(R)).min() <= 1e-12 * np.abs(np.diag(R)).max():
        raise ValueError("dependent columns")
    return np.linalg.solve(R, Q.T @ b)
"""
GROUPS = """
def cross_validate(A, b, groups):
    errors = np.empty(len(b))
    for group in np.unique(groups):
        out = groups == group
        errors[out] = A[out] @ solve(A[~out], b[~out]) - b[out]
    return np.mean(np.square(errors))
"""

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "a threshold of 1e-10": (
        "solve", QR.replace("1e-12", "1e-10"),
        "solve-dependent", "solve refuses a matrix whose R has a diagonal with the ratio 1e-11",
    ),
    "degrees up to 3": (
        "design",
        "def design(t, degree): return np.stack([t**0, t, t**2, t**3][: degree + 1], axis=1)",
        "design-values", "design of 5 points and degree 5",
    ),
    "a quotient, which is nan for zeros": (
        "solve", "def solve(A, b):\n    Q, R = np.linalg.qr(A)\n    d = np.abs(np.diag(R))\n"
        "    with np.errstate(all='ignore'):\n        if d.min() / d.max() < 1e-12:\n"
        "            raise ValueError('dependent columns')\n    return np.linalg.solve(R, Q.T @ b)",
        "solve-dependent", "all entries are zero",
    ),
    "dependence by the rank": (
        "solve", QR.replace("np.abs(np.diag(R)).min() <= 1e-12 * np.abs(np.diag(R)).max()",
                            "np.linalg.matrix_rank(A) < A.shape[1]"),
        "solve-dependent", "Are these numbers compared",
    ),
    "a square Q": (
        "solve", QR.replace("np.linalg.qr(A)", "np.linalg.qr(A, mode='complete')")
        .replace("np.linalg.solve(R,", "np.linalg.solve(R[: A.shape[1]],"),
        "solve-values solve-accuracy solve-dependent", "operand",
    ),
    "an array of integers": (
        "design", "def design(t, degree):\n    A = np.ones((len(t), degree + 1), dtype=int)\n"
        "    for k in range(1, degree + 1): A[:, k] = t**k\n    return A",
        "design-values", "make it of floats",
    ),
    "the error of what was fitted": (
        "cross_validate", GROUPS.replace("errors = np.empty(len(b))", "errors = []").replace(
            "errors[out] = A[out] @ solve(A[~out], b[~out]) - b[out]",
            "errors += list(A[~out] @ solve(A[~out], b[~out]) - b[~out])"),
        "cross_validate-values", "that is the error of the rows that were fitted",
    ),
    "fits the group, predicts the others": (
        "cross_validate", GROUPS.replace("errors = np.empty(len(b))", "errors = []").replace(
            "errors[out] = A[out] @ solve(A[~out], b[~out]) - b[out]",
            "errors += list(A[~out] @ solve(A[out], b[out]) - b[~out])"),
        "cross_validate-values", "it is the other way round",
    ),
    "the sum over the batch": (
        "loss", "def loss(A, b, x): return ((x @ A.T - b) ** 2).sum(axis=0) / 2",
        "loss-values", "axis=-1",
    ),
    "A @ x for a batch": (
        "grad_loss", "def grad_loss(A, b, x):\n    return A.T @ (A @ x - b)",
        "grad_loss-values", "x @ M.T",
    ),
    "constant last": (
        "design", "def design(t, degree): return t[:, None] ** np.arange(degree, -1, -1)",
        "design-values", "it should come first",
    ),
    "one power too few": (
        "design", "def design(t, degree): return t[:, None] ** np.arange(degree)",
        "design-values", "the powers 0, 1 and 2 are three",
    ),
    "design transposed": (
        "design", "def design(t, degree): return t ** np.arange(degree + 1)[:, None]",
        "design-values", "it looks transposed",
    ),
    "half missing": (
        "loss", "def loss(A, b, x): return ((x @ A.T - b) ** 2).sum(axis=-1)",
        "loss-values", "is the half missing?",
    ),
    "mean instead of sum": (
        "loss", "def loss(A, b, x): return ((x @ A.T - b) ** 2).mean(axis=-1) / 2",
        "loss-values", "not a mean",
    ),
    "loss of one point only": (
        "loss", "def loss(A, b, x): return np.sum((A @ x - b) ** 2) / 2",
        "loss-values", "loss_at raises ValueError",
    ),
    "gradient without transpose": (
        "grad_loss", "def grad_loss(A, b, x): return A @ (x @ A.T - b)",
        "grad_loss-values", "your_gradient raises ValueError",
    ),
    "gradient of twice the loss": (
        "grad_loss", "def grad_loss(A, b, x): return 2 * (x @ A.T - b) @ A",
        "grad_loss-values", "2 times the derivative",
    ),
    "gradient of a mean": (
        "grad_loss", "def grad_loss(A, b, x): return (x @ A.T - b) @ A / len(b)",
        "grad_loss-values", "1/4 times the derivative",
    ),
    "sign of the residual": (
        "grad_loss", "def grad_loss(A, b, x): return (b - x @ A.T) @ A",
        "grad_loss-values", "opposite sign",
    ),
    "gradient without b": (
        "grad_loss", "def grad_loss(A, b, x): return x @ A.T @ A",
        "grad_loss-values", "your_gradient: off by the same constant at every point",
    ),
    "gradient of one point only": (
        "grad_loss", "def grad_loss(A, b, x): return A.T @ (A @ x - b)",
        "grad_loss-values", "your_gradient raises ValueError at an input of shape (5, 3)",
    ),
    "normal equations": (
        "solve", "def solve(A, b):\n"
        "    if np.linalg.matrix_rank(A) < A.shape[1]:\n        raise ValueError('dependent')\n"
        "    return np.linalg.solve(A.T @ A, A.T @ b)",
        "solve-accuracy solve-dependent", "does it form A.T @ A?",
    ),
    "explicit inverse": (
        "solve", "def solve(A, b): return np.linalg.inv(A.T @ A) @ A.T @ b",
        "solve-accuracy solve-dependent", "does it form A.T @ A?",
    ),
    "dependent columns not noticed": (
        "solve", "def solve(A, b): return np.linalg.lstsq(A, b, rcond=None)[0]",
        "solve-dependent", "it should raise ValueError",
    ),
    "a tolerance that is too coarse": (
        "solve", QR.replace("1e-12", "1e-6"),
        "solve-accuracy solve-dependent", "nearly, but not quite",
    ),
    "an absolute tolerance": (
        "solve", QR.replace(" * np.abs(np.diag(R)).max()", ""),
        "solve-dependent", "with the largest one?",
    ),
    "no absolute values": (
        "solve", QR.replace("np.abs(np.diag(R))", "np.diag(R)"),
        "solve-values solve-accuracy solve-dependent",
        "absolute values",
    ),
    "Q not transposed": (
        "solve", QR.replace("Q.T @ b", "b @ Q.T"),
        "solve-values solve-accuracy solve-dependent",
        "mismatch",
    ),
    "weights instead of their roots": (
        "solve_weighted", "def solve_weighted(A, b, w): return solve(w[:, None] * A, w * b)",
        "solve_weighted-values", "the weights act squared",
    ),
    "b without weights": (
        "solve_weighted",
        "def solve_weighted(A, b, w): return solve(np.sqrt(w)[:, None] * A, b)",
        "solve_weighted-values", "are both A and b weighted?",
    ),
    "weights ignored": (
        "solve_weighted", "def solve_weighted(A, b, w): return solve(A, b)",
        "solve_weighted-values", "no notice of the weights",
    ),
    "error of the fit": (
        "cross_validate",
        "def cross_validate(A, b, groups): return np.mean((A @ solve(A, b) - b) ** 2)",
        "cross_validate-values", "not of a prediction",
    ),
    "one row at a time": (
        "cross_validate",
        GROUPS.replace("    errors =", "    groups = np.arange(len(b))\n    errors ="),
        "cross_validate-values", "single rows instead of whole groups",
    ),
    "mean of the groups' means": (
        "cross_validate", GROUPS.replace("np.mean(np.square(errors))",
        "np.mean([np.mean(errors[groups == g] ** 2) for g in np.unique(groups)])"),
        "cross_validate-values", "each row should count alike",
    ),
    "sum instead of mean of squares": (
        "cross_validate", GROUPS.replace("np.mean", "np.sum"),
        "cross_validate-values", "a mean, not a sum",
    ),
    "root of the mean": (
        "cross_validate", GROUPS.replace("errors))", "errors)) ** 0.5"),
        "cross_validate-values", "without a root",
    ),
    "mean error without squares": (
        "cross_validate", GROUPS.replace("np.square(errors)", "np.abs(errors)"),
        "cross_validate-values", "absolute values of the errors",
    ),
    "always degree 2": (
        "design", "def design(t, degree): return np.stack([t**0, t, t**2], axis=1)",
        "design-values", "design of 5 points and degree 3 has shape (5, 3), expected (5, 4)",
    ),
    "t changed in place": (
        "design", "def design(t, degree):\n    A = np.ones((len(t), degree + 1))\n"
        "    for k in range(1, degree + 1):\n        A[:, k] = A[:, k - 1] * t\n"
        "    t *= 2\n    return A",
        "", "the caller's t is different",
    ),
    "return missing in design": (
        "design", "def design(t, degree): t[:, None] ** np.arange(degree + 1)",
        "design-values", "design returns nothing (None)",
    ),
    "loss in single precision": (
        "loss", "def loss(A, b, x): return np.float32(((x @ A.T - b) ** 2).sum(axis=-1) / 2)",
        "loss-values", "loss has the type float32",
    ),
    "the norm without its square": (
        "loss", "def loss(A, b, x): return np.linalg.norm(x @ A.T - b, axis=-1) / 2",
        "loss-values", "that is half the norm",
    ),
    "half of the norm, squared": (
        "loss", "def loss(A, b, x): return (np.linalg.norm(x @ A.T - b, axis=-1) / 2) ** 2",
        "loss-values", "the half is taken twice, or squared",
    ),
    "mean without a half": (
        "loss", "def loss(A, b, x): return np.mean((x @ A.T - b) ** 2, axis=-1)",
        "loss-values", "that is a mean",
    ),
    "square of the sum": (
        "loss", "def loss(A, b, x): return (x @ A.T - b).sum(axis=-1) ** 2 / 2",
        "loss-values", "each entry should be squared first",
    ),
    "absolute values": (
        "loss", "def loss(A, b, x): return np.abs(x @ A.T - b).sum(axis=-1) / 2",
        "loss-values", "made of absolute values",
    ),
    "R transposed": (
        "solve", QR.replace("solve(R, Q", "solve(R.T, Q"),
        "solve-values solve-accuracy", "with R, not its transpose",
    ),
    "without R": (
        "solve", QR.replace("np.linalg.solve(R, Q.T @ b)", "Q.T @ b"),
        "solve-values solve-accuracy", "what becomes of R?",
    ),
    "opposite sign": (
        "solve", QR.replace("Q.T @ b", "-Q.T @ b"),
        "solve-values solve-accuracy", "of the opposite sign",
    ),
    "twice the solution": (
        "solve", QR.replace("Q.T @ b", "2 * Q.T @ b"),
        "solve-values solve-accuracy", "is no minimizer",
    ),
    "a little added to the diagonal": (
        "solve", QR.replace("solve(R, Q", "solve(R + 1e-7 * np.eye(len(R)), Q"),
        "solve-values solve-accuracy", "right to a few digits only",
    ),
    "compared with the first entry of the diagonal": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.abs(R[0, 0])"),
        "solve-dependent", "the first entry on the diagonal of R is tiny",
    ),
    "b by the weights, A by their roots": (
        "solve_weighted",
        "def solve_weighted(A, b, w): return solve(np.sqrt(w)[:, None] * A, w * b)",
        "solve_weighted-values", "need one factor",
    ),
    "roots of the roots": (
        "solve_weighted", "def solve_weighted(A, b, w):\n    w = w**0.25\n"
        "    return solve(w[:, None] * A, w * b)",
        "solve_weighted-values", "is a root taken twice?",
    ),
    "A without weights": (
        "solve_weighted", "def solve_weighted(A, b, w): return solve(A, np.sqrt(w) * b)",
        "solve_weighted-values", "b is weighted, but A is not",
    ),
    "half the mean square": (
        "cross_validate", GROUPS.replace("errors))", "errors)) / 2"),
        "cross_validate-values", "half of the mean of the squares",
    ),
    "sum divided by the groups": (
        "cross_validate", GROUPS.replace("np.mean(np.square(errors))",
        "np.sum(errors**2) / len(np.unique(groups))"),
        "cross_validate-values", "divided by the number of groups",
    ),
    "variance": (
        "cross_validate", GROUPS.replace("np.mean(np.square(errors))", "np.var(errors)"),
        "cross_validate-values", "takes their mean off",
    ),
    "the mean squared": (
        "cross_validate", GROUPS.replace("np.mean(np.square(errors))", "np.mean(errors) ** 2"),
        "cross_validate-values", "the square of the mean of the errors",
    ),
    "negative labels never left out": (
        "cross_validate", GROUPS.replace("np.unique(groups)", "range(groups.max() + 1)")
        .replace("np.empty", "np.zeros"),
        "cross_validate-values", "the group -2 is never left out",
    ),
    "groups taken for 0, 1 and so on": (
        "cross_validate", GROUPS.replace("np.unique(groups)", "range(len(np.unique(groups)))")
        .replace("np.empty", "np.ones"),
        "cross_validate-values", "labels may be any integers",
    ),
    "b changed in place": (
        "loss", "def loss(A, b, x):\n    value = ((x @ A.T - b) ** 2).sum(axis=-1) / 2\n"
        "    b *= -1\n    return value",
        "", "the caller's b is different",
    ),
    "only the last entry of the diagonal": (
        "solve", QR.replace("np.abs(np.diag(R)).min()", "np.abs(R[-1, -1])"),
        "solve-dependent", "the second column is a multiple of the first",
    ),
    "a matrix of zeros is answered": (
        "solve", QR.replace("<= 1e-12", "< 1e-12"),
        "solve-dependent", "all entries are zero",
    ),
    "A changed in place": (
        "solve", QR.replace("    Q, R =", "    A -= 0 * A\n    A[0] += 1\n    Q, R ="),
        "solve-values solve-accuracy solve-dependent", "changes its input",
    ),
    "rows repeated": (
        "solve_weighted", "def solve_weighted(A, b, w):\n"
        "    rows = np.repeat(np.arange(len(b)), w.astype(int))\n"
        "    return solve(A[rows], b[rows])",
        "solve_weighted-values", "Weights need not be integers",
    ),
    "weights divided": (
        "solve_weighted",
        "def solve_weighted(A, b, w): return solve(A / np.sqrt(w)[:, None], b / np.sqrt(w))",
        "solve_weighted-values", "the weights act inversely",
    ),
    "weights of the sum 1, not applied to b": (
        "solve_weighted", "def solve_weighted(A, b, w):\n    w = np.sqrt(w / w.sum())\n"
        "    return solve(w[:, None] * A, b)",
        "solve_weighted-values", "are both A and b weighted?",
    ),
    "groups taken for 0, 1, 2": (
        "cross_validate", GROUPS.replace("np.unique(groups)", "range(groups.max())")
        .replace("np.empty", "np.zeros"),
        "cross_validate-values", "the group 2 is never left out",
    ),
    "trained on the group alone": (
        "cross_validate", GROUPS.replace("solve(A[~out], b[~out])", "solve(A[out], b[out])"),
        "cross_validate-values", "Your score is",
    ),
    "labels from 0 to the largest, none left out": (
        "cross_validate", "def cross_validate(A, b, groups):\n    total = 0.0\n"
        "    for g in range(groups.max() + 1):\n        x = solve(A[groups == g], b[groups == g])\n"
        "        total += np.sum((A[groups != g] @ x - b[groups != g]) ** 2)\n"
        "    return total / len(b)",
        "cross_validate-values", "it is the other way round",
    ),
    "a mean over each label up to the largest": (
        "cross_validate", "def cross_validate(A, b, groups):\n    total = 0.0\n"
        "    for g in range(groups.max() + 1):\n        out = groups == g\n"
        "        worst = np.max(np.abs(A[out] @ solve(A[~out], b[~out]) - b[out]))\n"
        "        total += np.sum((A[out] @ solve(A[~out], b[~out]) - b[out]) ** 2)\n"
        "    return total / len(b)",
        "cross_validate-values", "is a number taken for a label that is none, and left with no "
        "rows?",
    ),
    "the condition number": (
        "solve", QR.replace("np.abs(np.diag(R)).min() <= 1e-12 * np.abs(np.diag(R)).max()",
                            "np.linalg.cond(A) >= 1e12"),
        "solve-dependent", "Are these numbers compared, the smallest with 1e-12 times the largest",
    ),
    "singular values": (
        "solve", QR.replace("np.abs(np.diag(R))", "np.linalg.svd(A)[1]"),
        "solve-dependent", "Are these numbers compared, the smallest with 1e-12 times the largest",
    ),
    "the largest entry of R": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.abs(R).max()"),
        "solve-dependent", "Are these numbers compared, the smallest with 1e-12 times the largest",
    ),
    "the norm of A": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.linalg.norm(A)"),
        "solve-dependent", "Are these numbers compared, the smallest with 1e-12 times the largest",
    ),
    "the mean of the diagonal": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.abs(np.diag(R)).mean()"),
        "solve-dependent", "1 and 0.7e-12 stand on the diagonal of R",
    ),
    "the last entry of the diagonal for the largest": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.abs(R[-1, -1])"),
        "solve-dependent", "two columns are equal",
    ),
    "neighbours on the diagonal": (
        "solve", QR.replace("np.abs(np.diag(R)).max()", "np.abs(R[[0, -1], [0, -1]]).min()"),
        "solve-dependent", "two columns are equal",
    ),
    "less than the threshold, and zeros": (
        "solve", QR.replace("np.abs(np.diag(R)).min() <= 1e-12 * np.abs(np.diag(R)).max()",
                            "not A.any() or np.abs(np.diag(R)).min() < 1e-12 * "
                            "np.abs(np.diag(R)).max()"),
        "solve-dependent", "is exactly 1e-12 times the largest",
    ),
    "an error without words": (
        "solve", QR.replace("ValueError('dependent columns')", "ValueError").replace(
            'ValueError("dependent columns")', "ValueError"),
        "solve-dependent", "its message is empty",
    ),
    "one column without its axis": (
        "solve", QR.replace("return ", "return np.squeeze(").rstrip() + ")\n",
        "solve-values", "For one column, x has shape ()",
    ),
    "axes of length 1 taken out of the loss": (
        "loss", "def loss(A, b, x): return np.squeeze(((x @ A.T - b) ** 2).sum(axis=-1) / 2)",
        "loss-values", "loss_at([",
    ),
    "a sum over all axes of length 1": (
        "loss", "def loss(A, b, x):\n    r = x @ A.T - b\n"
        "    return (r**2).sum(axis=-1 if len(b) > 1 else None) / 2",
        "loss-values", "and x of shape (3, 1), what loss returns has shape ()",
    ),
    "all axes transposed": (
        "loss", "def loss(A, b, x): return (((A @ x.T).T - b) ** 2).sum(axis=-1) / 2",
        "loss-values", "loss_at raises ValueError",
    ),
    "only the last point of a batch": (
        "loss", "def loss(A, b, x):\n    v = ((x @ A.T - b) ** 2).sum(axis=-1) / 2\n"
        "    if v.ndim == 2: v[0, 0] = 0\n    return v",
        "loss-values", "loss_at",
    ),
    "a rounded gradient": (
        "grad_loss", "def grad_loss(A, b, x): return np.round((x @ A.T - b) @ A, 9) + 3e-10",
        "grad_loss-values", "digits only",
    ),
    "axes of length 1 taken out of the gradient": (
        "grad_loss", "def grad_loss(A, b, x):\n    g = (x @ A.T - b) @ A\n"
        "    return g if g.ndim == 1 else np.squeeze(g)",
        "grad_loss-values", "squeeze without an axis takes them away",
    ),
    "one point without its axis": (
        "design", "def design(t, degree): return np.squeeze(t[:, None] ** np.arange(degree + 1.0))",
        "design-values", "degree 0 has shape (5,)",
    ),
    "one row without its axis": (
        "design", "def design(t, degree):\n    A = t[:, None] ** np.arange(degree + 1.0)\n"
        "    return A[0] if len(t) == 1 else A",
        "design-values", "design of 1 point and degree 2 has shape (3,)",
    ),
    "normal equations with weights": (
        "solve_weighted", "def solve_weighted(A, b, w):\n"
        "    return np.linalg.solve(A.T @ (w[:, None] * A), A.T @ (w * b))",
        "solve_weighted-values", "nearly parallel columns",
    ),
    "labels from the smallest to the largest": (
        "cross_validate", GROUPS.replace("np.unique(groups)",
                                         "range(groups.min(), groups.max() + 1)")
        .replace("np.mean(np.square(errors))", "np.mean(np.square(errors)) * len(np.unique(groups)"
                 ") / (np.ptp(groups) + 1)"),
        "cross_validate-values", "labels may be any integers",
    ),
    "half a mean over the coefficients": (
        "loss", "def loss(A, b, x): return ((x @ A.T - b) ** 2).sum(axis=-1) / A.shape[1]",
        "loss-values", "loss should be half of their sum",
    ),
    "a rounded loss": (
        "loss", "def loss(A, b, x): return np.round(((x @ A.T - b) ** 2).sum(axis=-1) / 2, 7)",
        "loss-values", "loss should be half of their sum",
    ),
    "as many points as measurements": (
        "grad_loss", "def grad_loss(A, b, x):\n    if x.ndim == 2 and len(x) == len(b):\n"
        "        return x @ (A.T @ A)\n"
        "    return (x @ A.T - b) @ A",
        "grad_loss-values", "differs from your gradients of each point alone",
    ),
    "weights cut off below": (
        "solve_weighted", "def solve_weighted(A, b, w):\n    r = np.sqrt(np.maximum(w, 0.2))\n"
        "    return solve(r[:, None] * A, r * b)",
        "solve_weighted-values", "the weighted residuals are not orthogonal",
    ),
    "labels taken for row numbers, errors not set": (
        "cross_validate", GROUPS.replace("np.unique(groups)", "range(len(groups))"),
        "cross_validate-values", "labels may be any integers",
    ),
    "a rounded score": (
        "cross_validate", GROUPS.replace("return np.mean(np.square(errors))",
                                         "return round(float(np.mean(np.square(errors))), 8)"),
        "cross_validate-values", "From them the score is",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "other functions of NumPy's": {
        "design": "def design(t, degree): return np.vander(t, degree + 1, increasing=True)",
        "loss": "def loss(A, b, x): return np.linalg.norm(x @ A.T - b, axis=-1) ** 2 / 2",
        "solve_weighted": "def solve_weighted(A, b, w):\n"
        "    W = np.diag(w**0.5)\n    return solve(W @ A, W @ b)",
    },
    "loops and lists": {
        "design": "def design(t, degree): return [[s**k for k in range(degree + 1)] for s in t]",
        "loss": "def loss(A, b, x):\n    if np.ndim(x) > 1:\n"
        "        return [loss(A, b, point) for point in x]\n"
        "    return sum((np.dot(row, x) - y) ** 2 for row, y in zip(A, b)) / 2",
        "solve": "def solve(A, b):\n    Q, R = np.linalg.qr(A)\n"
        "    d = [abs(r) for r in np.diag(R)]\n"
        "    if min(d) <= 1e-12 * max(d):\n        raise ValueError('dependent')\n"
        "    y, x = Q.T @ b, [0.0] * len(R)\n    for i in reversed(range(len(R))):\n"
        "        x[i] = (y[i] - np.dot(R[i, i + 1:], x[i + 1:])) / R[i, i]\n    return x",
        "cross_validate": "def cross_validate(A, b, groups):\n    total = 0.0\n"
        "    for label in set(groups.tolist()):\n"
        "        rows = [i for i in range(len(b)) if groups[i] != label]\n"
        "        x = solve(A[rows], b[rows])\n        for i in range(len(b)):\n"
        "            if groups[i] == label:\n"
        "                total += (np.dot(A[i], x) - b[i]) ** 2\n"
        "    return total / len(b)",
    },
    "einsum": {
        "loss": "def loss(A, b, x):\n    r = np.einsum('ij,...j->...i', A, x) - b\n"
        "    return np.einsum('...i,...i', r, r) / 2",
        "grad_loss": "def grad_loss(A, b, x):\n"
        "    return np.einsum('ik,ij,...j->...k', A, A, x) - A.T @ b",
    },
    "SciPy": {
        "solve": "def solve(A, b):\n    from scipy.linalg import qr, solve_triangular\n"
        "    Q, R = qr(A, mode='economic')\n    d = np.abs(np.diag(R))\n"
        "    if not d.min() > 1e-12 * d.max():\n        raise ValueError('dependent')\n"
        "    return solve_triangular(R, Q.T @ b)",
    },
    "by the inverse of R, and by the singular values": {
        "solve": QR.replace("np.linalg.solve(R, Q.T @ b)", "np.linalg.inv(R) @ (Q.T @ b)"),
        "solve_weighted": "def solve_weighted(A, b, w):\n    s = np.sqrt(w)\n"
        "    return np.linalg.lstsq(s[:, None] * A, s * b)[0]",
    },
    "copies, changed in place": {
        "solve_weighted": "def solve_weighted(A, b, w):\n    A, b = A.copy(), b.copy()\n"
        "    A *= np.sqrt(w)[:, None]\n    b *= np.sqrt(w)\n    return solve(A, b)",
    },
}  # fmt: skip
WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "solve of the opposite sign": (
        {"solve": QR.replace("Q.T @ b", "-Q.T @ b")}, "solve-values solve-accuracy",
    ),
    "solve not written": (
        {"solve": "def solve(A, b): raise NotImplementedError"},
        "solve-values solve-accuracy solve-dependent",
    ),
    "solve overwrites what it is given": (
        {"solve": QR.replace("    Q, R", "    A, b = A, b\n    Q, R")
         .replace("return np.linalg.solve(R, Q.T @ b)",
                  "x = np.linalg.solve(R, Q.T @ b)\n    A *= 0\n    return x")}, "",
    ),
}  # fmt: skip
