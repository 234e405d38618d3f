"""Typical wrong answers to the homework on least squares."""

QR = """
def solve(A, b):
    Q, R = np.linalg.qr(A)
    if np.abs(np.diag(R)).min() <= 1e-12 * np.abs(np.diag(R)).max():
        raise ValueError("dependent columns")
    return np.linalg.solve(R, Q.T @ b)
"""
LOOP = """
def leave_one_out(A, b):
    errors = []
    for i in range(len(b)):
        keep = np.arange(len(b)) != i
        errors.append(A[i] @ solve(A[keep], b[keep]) - b[i])
    return np.mean(np.square(errors))
"""

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
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
        "design-values", "design is transposed",
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
        "loss-values", "your_loss raises ValueError at an input of shape (5, 2)",
    ),
    "gradient without transpose": (
        "grad_loss", "def grad_loss(A, b, x): return A @ (x @ A.T - b)",
        "grad_loss-values", "your_gradient raises ValueError",
    ),
    "gradient of twice the loss": (
        "grad_loss", "def grad_loss(A, b, x): return 2 * (x @ A.T - b) @ A",
        "grad_loss-values", "2 times the derivative",
    ),
    "sign of the residual": (
        "grad_loss", "def grad_loss(A, b, x): return (b - x @ A.T) @ A",
        "grad_loss-values", "opposite sign",
    ),
    "gradient without b": (
        "grad_loss", "def grad_loss(A, b, x): return x @ A.T @ A",
        "grad_loss-values", "your_gradient: wrong at 32 of 32 points",
    ),
    "gradient of one point only": (
        "grad_loss", "def grad_loss(A, b, x): return A.T @ (A @ x - b)",
        "grad_loss-values", "your_gradient raises ValueError at an input of shape (5, 3)",
    ),
    "normal equations": (
        "solve", "def solve(A, b):\n"
        "    if np.linalg.matrix_rank(A) < A.shape[1]:\n        raise ValueError('dependent')\n"
        "    return np.linalg.solve(A.T @ A, A.T @ b)",
        "solve-accuracy", "does it form A.T @ A?",
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
    "Q not transposed": (
        "solve", QR.replace("Q.T @ b", "b @ Q.T"),
        "solve-values solve-accuracy solve-dependent solve_weighted-values", "mismatch",
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
        "leave_one_out", "def leave_one_out(A, b): return np.mean((A @ solve(A, b) - b) ** 2)",
        "leave_one_out-values", "not of a prediction",
    ),
    "sum instead of mean of squares": (
        "leave_one_out", LOOP.replace("np.mean", "np.sum"),
        "leave_one_out-values", "a mean, not a sum",
    ),
    "root of the mean": (
        "leave_one_out", LOOP.replace("errors))", "errors)) ** 0.5"),
        "leave_one_out-values", "without a root",
    ),
    "mean error without squares": (
        "leave_one_out", LOOP.replace("np.square(errors)", "np.abs(errors)"),
        "leave_one_out-values", "the score should be 13.5",
    ),
}  # fmt: skip
