"""Wrong answers to the homework on conditioning, and what each of them costs."""

ROOTS = """
def roots(b, c):
    b, c = np.asarray(b, float), np.asarray(c, float)
    far = -(b + np.copysign(np.sqrt(b**2 - c), b))
    near = np.divide(c, far, out=np.zeros_like(far), where=far != 0)
    return np.sort(np.stack([near, far], axis=-1), axis=-1)
"""
TEXTBOOK = """
def roots(b, c):
    s = np.sqrt(b**2 - c)
    return np.stack([-b - s, -b + s], axis=-1)
"""
ONE_SIGN = """
def roots(b, c):
    b, c = np.asarray(b, float), np.asarray(c, float)
    far = -b + np.sqrt(b**2 - c)
    near = np.where(far == 0, -2 * b, c / np.where(far == 0, 1, far))
    return np.sort(np.stack([near, far], axis=-1), axis=-1)
"""
REFINE = """
def refine(A, b, solve, tol=1e-15, maxiter=10):
    x = np.array(solve(A, b), dtype=float)
    errors = [backward_error(A, x, b)]
    while errors[-1] > tol and len(errors) <= maxiter:
        x = x + solve(A, b - A @ x)
        errors.append(backward_error(A, x, b))
    return x, errors
"""
OMEGA = """
def componentwise_error(A, x_hat, b):
    residual = np.abs(b - A @ x_hat)
    scale = np.abs(A) @ np.abs(x_hat) + np.abs(b)
    return np.divide(residual, scale, out=np.zeros(len(b)), where=scale > 0).max()
"""

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "the textbook formula": (
        "roots", TEXTBOOK,
        "roots-digits", "find the subtraction that cancels",
    ),
    "stable for one sign of b only": (
        "roots", ONE_SIGN,
        "roots-digits", "find the subtraction that cancels",
    ),
    "the discriminant of x^2 + bx + c": (
        "roots", ROOTS.replace("b**2 - c", "b**2 - 4 * c"),
        "roots-values roots-digits roots-batches", "roots",
    ),
    "roots with the opposite sign": (
        "roots", ROOTS.replace("far = -(", "far = ("),
        "roots-values roots-digits roots-batches", "roots",
    ),
    "the larger root first": (
        "roots", ROOTS.replace("axis=-1), axis=-1)", "axis=-1), axis=-1)[..., ::-1]"),
        "roots-values", "reversed order",
    ),
    "zero divided by zero": (
        "roots", ROOTS.replace(
            "np.divide(c, far, out=np.zeros_like(far), where=far != 0)", "c / far"),
        "roots-values", "not finite",
    ),
    "roots along the first axis": (
        "roots", ROOTS.replace("[near, far], axis=-1), axis=-1", "[near, far]), axis=0"),
        "roots-batches", "(2, 3, 4)",
    ),
    "the worst case of solving": (
        "worst_case", "def worst_case(A, size):\n    U = np.linalg.svd(A)[0]\n"
        "    return U[:, 0], size * U[:, -1]",
        "worst_case-factor", "which is not the most that is possible",
    ),
    "columns of Vt": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return V[:, -1], size * V[:, 0]",
        "worst_case-factor", "which is not the most that is possible",
    ),
    "x and dx exchanged": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return V[0], size * V[-1]",
        "worst_case-factor", "the best case",
    ),
    "size forgotten": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return V[-1], V[0]",
        "worst_case-lengths", "dx should have length 0.01",
    ),
    "normwise instead of componentwise": (
        "componentwise_error", "componentwise_error = backward_error",
        "componentwise_error-values componentwise_error-zero", "backward_error",
    ),
    "absolute value of the product": (
        "componentwise_error", OMEGA.replace("np.abs(A) @ np.abs(x_hat)", "np.abs(A @ x_hat)"),
        "componentwise_error-values", "componentwise_error",
    ),
    "b missing below": (
        "componentwise_error", OMEGA.replace(" + np.abs(b)", ""),
        "componentwise_error-values componentwise_error-zero", "componentwise_error",
    ),
    "sizes without bars": (
        "componentwise_error", OMEGA.replace("np.abs(b - A @ x_hat)", "b - A @ x_hat"),
        "componentwise_error-values", "opposite sign",
    ),
    "the largest residual over the largest sum": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    scale = np.abs(A) @ np.abs(x_hat) + np.abs(b)\n"
        "    return np.abs(b - A @ x_hat).max() / max(scale.max(), 1e-300)",
        "componentwise_error-values", "wrong in 1 of 5 cases",
    ),
    "mean instead of maximum": (
        "componentwise_error", OMEGA.replace(".max()", ".mean()"),
        "componentwise_error-values componentwise_error-zero", "1/2 times",
    ),
    "nothing done about 0 / 0": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    return (np.abs(b - A @ x_hat) / (np.abs(A) @ np.abs(x_hat) + np.abs(b))).max()",
        "componentwise_error-zero", "An equation 0 = 0 is satisfied",
    ),
    "x kept in single precision": (
        "refine", REFINE.replace("np.array(solve(A, b), dtype=float)", "solve(A, b)"),
        "refine-precision", "x is not float64",
    ),
    "single precision all the way, renamed in the end": (
        "refine", REFINE.replace("np.array(solve(A, b), dtype=float)", "solve(A, b)")
        .replace("return x,", "return x.astype(float),"),
        "refine-precision", "the last error is above 1e-15",
    ),
    "residual with the wrong sign": (
        "refine", REFINE.replace("b - A @ x)", "A @ x - b)"),
        "refine-updates refine-stops refine-precision", "Look at the signs",
    ),
    "solving for b again": (
        "refine", REFINE.replace("b - A @ x)", "b)"),
        "refine-updates refine-stops refine-precision", "for the residual, not for b",
    ),
    "the first residual again and again": (
        "refine", REFINE.replace("    while", "    r = b - A @ x\n    while")
        .replace("solve(A, b - A @ x)", "solve(A, r)"),
        "refine-updates refine-stops refine-precision", "Does each residual belong",
    ),
    "the correction instead of the corrected": (
        "refine", REFINE.replace("x = x + solve", "x = 0 * x + solve"),
        "refine-updates refine-stops refine-precision", "Does each residual belong",
    ),
    "the given solver used once only": (
        "refine", REFINE.replace("x + solve", "x + np.linalg.solve"),
        "refine-updates refine-stops", "The number of calls was 1",
    ),
    "the last error not logged": (
        "refine", REFINE.replace("return x, errors", "return x, errors[:-1]"),
        "refine-updates", "the first one included",
    ),
    "first error not logged": (
        "refine", REFINE.replace("return x, errors", "return x, errors[1:]"),
        "refine-updates", "the first one included",
    ),
    "one update too many": (
        "refine", REFINE.replace("<= maxiter", "<= maxiter + 1"),
        "refine-updates refine-stops", "The number of calls was 5",
    ),
    "never stops early": (
        "refine", REFINE.replace("errors[-1] > tol and ", ""),
        "refine-stops", "stop as soon as",
    ),
    "no refinement at all": (
        "refine", "def refine(A, b, solve, tol=1e-15, maxiter=10):\n"
        "    x = np.linalg.solve(A, b)\n    return x, [backward_error(A, x, b)]",
        "refine-updates refine-stops", "The number of calls was 0",
    ),
}  # fmt: skip
