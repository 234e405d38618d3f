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
    "the textbook formula for arrays": (
        "roots", ROOTS.replace("    far", "    if b.ndim:\n        s = np.sqrt(b**2 - c)\n"
                               "        return np.stack([-b - s, -b + s], -1)\n    far"),
        "roots-batches", "has other roots in an array than alone",
    ),
    "the first equation decides": (
        "roots", ROOTS.replace("    far", "    if b.ndim and b.flat[0] == 0:\n"
                               "        s = np.sqrt(abs(c))\n"
                               "        return np.stack([-s, s], axis=-1)\n    far"),
        "roots-batches", "does the first equation decide for all?",
    ),
    "a double root counted once": (
        "roots", ROOTS.replace(
            "    near", "    if b.ndim == 0 and b != 0 and b * b == c:\n"
            "        return [-b]\n    near"),
        "roots-values", "has shape (1,), expected (2,)",
    ),
    "a length that is right to eight digits": (
        "worst_case", "def worst_case(A, size):\n    Vt = np.linalg.svd(A)[2]\n"
        "    return (1 + 5e-9) * Vt[-1], size * Vt[0]",
        "worst_case-lengths", "x should have length 1",
    ),
    "0 = 0 by the row of A alone": (
        "componentwise_error", OMEGA.replace("where=scale > 0", "where=A.any(axis=1) | (b != 0)"),
        "componentwise_error-zero", "although its row is not 0",
    ),
    "stops on the componentwise error": (
        "refine", REFINE.replace("errors[-1] > tol", "componentwise_error(A, x, b) > tol"),
        "refine-stops", "it was called 3 times. Stop as soon as",
    ),
    "the x of the smallest error": (
        "refine", REFINE.replace("    errors = ", "    xs = [x]\n    errors = ")
        .replace("        errors.", "        xs.append(x)\n        errors.")
        .replace("return x,", "return xs[int(np.argmin(errors))],"),
        "refine-updates", "the one that you return is",
    ),
    "the first x as solve returns it": (
        "refine", REFINE.replace("np.array(solve(A, b), dtype=float)", "solve(A, b)")
        .replace("x + solve", "np.asarray(x, float) + solve"),
        "refine-precision", "x is float32, not float64",
    ),
    "another default of maxiter": (
        "refine", REFINE.replace("maxiter=10", "maxiter=20"), "refine-stops",
        "Without tol and maxiter there are 10 updates",
    ),
    "another default of tol": (
        "refine", REFINE.replace("tol=1e-15", "tol=1e-12"), "refine-stops",
        "the last error is above 1e-15",
    ),
    "a guard against division by zero": (
        "roots", ROOTS.replace("np.divide(c, far, out=np.zeros_like(far), where=far != 0)",
                               "c / (far + 1e-16)"),
        "roots-digits", "Is a small number added to what is divided by",
    ),
    "a small root taken for zero": (
        "roots", ROOTS.replace("where=far != 0", "where=np.abs(far) > 1e-8"),
        "roots-digits", "a small number taken for 0?",
    ),
    "stops where the error does not fall": (
        "refine", REFINE.replace(
            "        errors.append(backward_error(A, x, b))",
            "        errors.append(backward_error(A, x, b))\n"
            "        if errors[-1] >= errors[-2]: break"),
        "refine-stops", "which is no reason to stop",
    ),
    "goes on where the error equals tol": (
        "refine", REFINE.replace("errors[-1] > tol", "errors[-1] >= tol"),
        "refine-stops", "The error is at most tol if it equals tol",
    ),
    "a small number below": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    r = np.abs(b - A @ x_hat)\n"
        "    return np.max(r / (np.abs(A) @ np.abs(x_hat) + np.abs(b) + 1e-10))",
        "componentwise_error-values", "Is a small number added below",
    ),
    "equations with b_i = 0 left out": (
        "componentwise_error", OMEGA.replace("where=scale > 0", "where=b != 0"),
        "componentwise_error-values", "It reads 0 = 0 only if A x is 0 there",
    ),
    "norms below": (
        "componentwise_error",
        OMEGA.replace("np.abs(A) @ np.abs(x_hat)",
        "np.linalg.norm(A, axis=1) * np.linalg.norm(x_hat)"),
        "componentwise_error-values componentwise_error-zero", "Norms stand below in place of",
    ),
    "products that are not added up": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    low = np.abs(A) * np.abs(x_hat) + np.abs(b)[:, None]\n"
        "    return np.max(np.abs(b - A @ x_hat)[:, None] / np.where(low > 0, low, 1))",
        "componentwise_error-values", "are not added up",
    ),
    "always one update": (
        "refine", REFINE.replace("while errors[-1] > tol and",
        "while (len(errors) < 2 or errors[-1] > tol) and"),
        "refine-stops", "If the first x satisfies tol",
    ),
    "x from the right, dx from the left": (
        "worst_case", "def worst_case(A, size):\n    U, _, Vt = np.linalg.svd(A)\n"
        "    return Vt[-1], size * U[:, 0]",
        "worst_case-factor", "It is a left singular vector",
    ),
    "eigenvectors of A": (
        "worst_case", "def worst_case(A, size):\n    w, V = np.linalg.eig(A)\n"
        "    order = np.argsort(np.abs(w))\n"
        "    V = np.real(V) / np.linalg.norm(np.real(V), axis=0)\n"
        "    return V[:, order[0]], size * V[:, order[-1]]",
        "worst_case-factor", "It is an eigenvector of A",
    ),
    "the second vector for the last": (
        "worst_case", "def worst_case(A, size):\n    Vt = np.linalg.svd(A)[2]\n"
        "    return Vt[1], size * Vt[0]",
        "worst_case-factor", "It is row 1 of Vt",
    ),
    "an if for arrays": (
        "roots", "def roots(b, c):\n    s = np.sqrt(np.asarray(b)**2 - c)\n"
        "    far = -b - s if b > 0 else -b + s\n"
        "    near = c / far if far else far\n"
        "    return np.sort(np.stack([near, far], axis=-1), axis=-1)",
        "roots-batches", "an if looks at one number",
    ),
    "the textbook formula": (
        "roots", TEXTBOOK,
        "roots-digits", "find the subtraction that cancels",
    ),
    "stable only where the roots are far apart": (
        "roots", """
def roots(b, c):
    b, c = np.asarray(b, dtype=float), np.asarray(c, dtype=float)
    s = np.sqrt(b**2 - c)
    low, high = -b - s, -b + s
    far = b**2 > 1e8 * np.abs(c)
    with np.errstate(all="ignore"):
        return np.stack([np.where(far & (b < 0), c / high, low),
                         np.where(far & (b > 0), c / low, high)], axis=-1)
""",
        "roots-digits", "from which b on is the subtraction that cancels avoided?",
    ),
    "stable for one sign of b only": (
        "roots", ONE_SIGN,
        "roots-digits", "find the subtraction that cancels",
    ),
    "the discriminant of x^2 + bx + c": (
        "roots", ROOTS.replace("b**2 - c", "b**2 - 4 * c"),
        "roots-values roots-digits",
        "The discriminant is that of x^2 + bx + c",
    ),
    "the roots of x^2 + bx + c": (
        "roots", ROOTS.replace("np.asarray(b, float)", "np.asarray(b, float) / 2"),
        "roots-values roots-digits", "Those are the roots of x^2 + bx + c",
    ),
    "roots with the opposite sign": (
        "roots", ROOTS.replace("far = -(", "far = ("),
        "roots-values roots-digits", "roots",
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
    "roots of the course's library": (
        "roots", "def roots(b, c):\n    from coursekit.numbers import floating_point\n"
        "    return floating_point.quadratic_roots(1, 2 * np.asarray(b, float), c)",
        "roots-values roots-digits roots-batches", "roots uses coursekit, which is not allowed",
    ),
    "roots along the first axis": (
        "roots", ROOTS.replace("[near, far], axis=-1), axis=-1", "[near, far]), axis=0"),
        "roots-batches", "for b and c of shape (2, 4) has shape (2, 2, 4), expected (2, 4, 2)",
    ),
    "one far root of 0 for all": (
        "roots", ROOTS.replace("    near =", "    if np.any(far == 0):\n"
        "        return np.zeros((*far.shape, 2))\n    near ="),
        "roots-batches", "roots",
    ),
    "the worst case of solving": (
        "worst_case", "def worst_case(A, size):\n    U = np.linalg.svd(A)[0]\n"
        "    return U[:, 0], size * U[:, -1]",
        "worst_case-factor", "They are left singular vectors",
    ),
    "columns of Vt": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return V[:, -1], size * V[:, 0]",
        "worst_case-factor", "They are columns of Vt",
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
        "componentwise_error-values componentwise_error-zero", "the backward error of the chapter",
    ),
    "absolute value of the product": (
        "componentwise_error", OMEGA.replace("np.abs(A) @ np.abs(x_hat)", "np.abs(A @ x_hat)"),
        "componentwise_error-values", "should have |A| times |x|, not |A x|",
    ),
    "b missing below": (
        "componentwise_error", OMEGA.replace(" + np.abs(b)", ""),
        "componentwise_error-values", "|b| is left out below",
    ),
    "sizes without bars": (
        "componentwise_error", OMEGA.replace("np.abs(b - A @ x_hat)", "b - A @ x_hat"),
        "componentwise_error-values", "The residual has no bars",
    ),
    "the largest residual over the largest sum": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    scale = np.abs(A) @ np.abs(x_hat) + np.abs(b)\n"
        "    return np.abs(b - A @ x_hat).max() / max(scale.max(), 1e-300)",
        "componentwise_error-values", "the largest residual divided by the largest sum",
    ),
    "mean instead of maximum": (
        "componentwise_error", OMEGA.replace(".max()", ".mean()"),
        "componentwise_error-values componentwise_error-zero", "That is the mean of the quotients",
    ),
    "nothing done about 0 / 0": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    return (np.abs(b - A @ x_hat) / (np.abs(A) @ np.abs(x_hat) + np.abs(b))).max()",
        "componentwise_error-zero", "such a quotient counts as 0: the result should be 0, not nan",
    ),
    "x kept in single precision": (
        "refine", REFINE.replace("np.array(solve(A, b), dtype=float)", "solve(A, b)"),
        "refine-precision", "x is float32, not float64",
    ),
    "single precision all the way, renamed in the end": (
        "refine", REFINE.replace("np.array(solve(A, b), dtype=float)", "solve(A, b)")
        .replace("return x,", "return x.astype(float),"),
        "refine-precision", "Your x is rounded to float32 on the way",
    ),
    "the residual in single precision": (
        "refine", REFINE.replace(
            "b - A @ x)", "np.float32(b) - np.float32(A) @ np.float32(x))"),
        "refine-precision", "the residual that you give to solve is float32",
    ),
    "b in single precision": (
        "refine", REFINE.replace("    x = np", "    b = b.astype(np.float32)\n    x = np"),
        "refine-precision", "the b that you give to solve is float32",
    ),
    "the log in single precision": (
        "refine", REFINE.replace("return x, errors", "return x, np.float32(errors)"),
        "", "The errors that you log are rounded to float32",
    ),
    "the correction subtracted": (
        "refine", REFINE.replace("x + solve", "x - solve"),
        "refine-updates refine-stops refine-precision", "is the correction added?",
    ),
    "two signs": (
        "refine", REFINE.replace("x + solve(A, b - A @ x)", "x - solve(A, A @ x - b)"),
        "refine-updates", "Two signs are wrong and make up for each other",
    ),
    "an error equal to the tolerance is not enough": (
        "refine", REFINE.replace("> tol", ">= tol"), "refine-stops", "if it equals tol",
    ),
    "residual with the wrong sign": (
        "refine", REFINE.replace("b - A @ x)", "A @ x - b)"),
        "refine-updates refine-stops refine-precision", "Look at the signs",
    ),
    "solving for b again": (
        "refine", REFINE.replace("b - A @ x)", "b)"),
        "refine-updates refine-stops refine-precision",
        "[8.0, 8.0]. Each update solves for b again, not for the residual",
    ),
    "the first residual again and again": (
        "refine", REFINE.replace("    while", "    r = b - A @ x\n    while")
        .replace("solve(A, b - A @ x)", "solve(A, r)"),
        "refine-updates refine-stops refine-precision", "does it belong to the newest x?",
    ),
    "the correction instead of the corrected": (
        "refine", REFINE.replace("x = x + solve", "x = 0 * x + solve"),
        "refine-updates refine-stops refine-precision", "d corrects x: it is added to x",
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
        "refine-stops", "With tol=0.142 and the backward errors above, solve should be",
    ),
    "no refinement at all": (
        "refine", "def refine(A, b, solve, tol=1e-15, maxiter=10):\n"
        "    x = np.linalg.solve(A, b)\n    return x, [backward_error(A, x, b)]",
        "refine-updates refine-stops", "refine never calls solve",
    ),
    # What was not noticed, or not by its name
    "roots in single precision": (
        "roots", ROOTS.replace("return ", "return np.float32(").rstrip() + ")\n",
        "roots-digits", "What roots returns for numbers b and c has the type float32",
    ),
    "computed in single precision": (
        "roots", ROOTS.replace("np.asarray(b, float)", "np.float32(b)")
        .replace("np.asarray(c, float)", "np.float32(c)"),
        "roots-digits", "has the type float32, which keeps seven digits or fewer",
    ),
    "a float32 list": (
        "roots", ROOTS.replace("return ", "return np.float32(").rstrip() + ").tolist()\n",
        "roots-digits", "right to about 8 digits only",
    ),
    "the sum of the roots for the closer one": (
        "roots", ROOTS.replace("np.divide(c, far, out=np.zeros_like(far), where=far != 0)",
                               "-2 * b - far"),
        "roots-digits", "closer to 0 has",
    ),
    "b overwritten": (
        "roots", "def roots(b, c):\n    b *= -1.0\n    s = np.copysign(np.sqrt(b * b - c), b)\n"
        "    far = b + s\n    near = np.divide(c, far, out=np.zeros_like(far), where=far != 0)\n"
        "    return np.sort(np.stack([near, far], axis=-1), axis=-1)\n",
        "", "roots changes its input: after a call, the caller's b is different",
    ),
    "roots printed": (
        "roots", ROOTS.replace("return ", "print(").rstrip() + ")\n",
        "roots-values roots-digits roots-batches",
        "roots returns nothing (None).\nTry: is a return missing?",
    ),
    "a dict of roots": (
        "roots", ROOTS.replace("return np.sort", "return dict(roots=np.sort").rstrip() + ")\n",
        "roots-values roots-digits roots-batches", "returns a value of type dict",
    ),
    "only x": (
        "worst_case", "def worst_case(A, size):\n    return np.linalg.svd(A)[2][-1]",
        "worst_case-factor worst_case-lengths",
        "worst_case should return the pair (x, dx); it returns an array of shape (2,).",
    ),
    "only for two rows": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return V[1], size * V[0]",
        "worst_case-factor", "The reason is x: A makes it",
    ),
    "some change": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    e = np.zeros(len(A))\n    e[0] = size\n    return V[-1], e",
        "worst_case-factor", "The reason is dx: A stretches it",
    ),
    "the length of x is size as well": (
        "worst_case", "def worst_case(A, size):\n    V = np.linalg.svd(A)[2]\n"
        "    return size * V[-1], size * V[0]",
        "worst_case-lengths", "x should have length 1; it has 0.01",
    ),
    "A scaled in place": (
        "worst_case", "def worst_case(A, size):\n    A /= np.abs(A).max()\n"
        "    V = np.linalg.svd(A)[2]\n    return V[-1], size * V[0]",
        "", "worst_case changes its input: after a call, the caller's A",
    ),
    "the residual in place of b": (
        "componentwise_error", OMEGA.replace("residual = np.abs(b - A @ x_hat)",
                                             "size = np.abs(b)\n    b -= A @ x_hat\n"
                                             "    residual = np.abs(b)").replace(
                                                 "+ np.abs(b)", "+ size"),
        "", "componentwise_error changes its input",
    ),
    "the bars around x forgotten": (
        "componentwise_error", OMEGA.replace("np.abs(x_hat)", "x_hat"),
        "componentwise_error-values", "The bars around x are missing below",
    ),
    "the bars around A forgotten": (
        "componentwise_error", OMEGA.replace("np.abs(A)", "A"),
        "componentwise_error-values", "The bars around A are missing below",
    ),
    "a small number added below": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    scale = np.abs(A) @ np.abs(x_hat) + np.abs(b)\n"
        "    return (np.abs(b - A @ x_hat) / (scale + 1e-14)).max()",
        "componentwise_error-values", "Is a small number added below",
    ),
    "all quotients": (
        "componentwise_error", OMEGA.replace(".max()", ""),
        "componentwise_error-values componentwise_error-zero",
        "What componentwise_error returns has shape (2,), expected one number",
    ),
    "rows of 0 = 0 left out, and nothing left": (
        "componentwise_error", "def componentwise_error(A, x_hat, b):\n"
        "    scale = np.abs(A) @ np.abs(x_hat) + np.abs(b)\n    k = scale > 0\n"
        "    return (np.abs(b - A @ x_hat)[k] / scale[k]).max()",
        "componentwise_error-zero", "Both equations read 0 = 0: componentwise_error raises",
    ),
    "b overwritten by the residual": (
        "refine", REFINE.replace("x = np.array(solve(A, b), dtype=float)",
                                 "x, kept = np.array(solve(A, b), dtype=float), b.copy()")
        .replace("backward_error(A, x, b)", "backward_error(A, x, kept)")
        .replace("x = x + solve(A, b - A @ x)",
                 "b[...] = kept - A @ x\n        x = x + solve(A, b)"),
        "", "refine changes its input: after a call, the caller's b is different",
    ),
    "x alone": (
        "refine", REFINE.replace("return x, errors", "return x"),
        "refine-updates refine-stops refine-precision",
        "refine should return the pair (x, errors)",
    ),
    "maxiter never looked at": (
        "refine", REFINE.replace("len(errors) <= maxiter", "len(errors) <= 3"),
        "refine-updates refine-stops", "With maxiter=0, solve should be called once",
    ),
    "the tolerance of the default": (
        "refine", REFINE.replace("errors[-1] > tol", "errors[-1] > 1e-15"),
        "refine-stops", "With tol=0.14",
    ),
    "stops one error late": (
        "refine", REFINE.replace("errors[-1] > tol", "errors[-2:][0] > tol"),
        "refine-stops", "With tol=0.14",
    ),
    "eigenvectors by eigh": (
        "worst_case", "def worst_case(A, size):\n    values, vectors = np.linalg.eigh(A)\n"
        "    order = np.argsort(np.abs(values))\n"
        "    return vectors[:, order[0]], size * vectors[:, order[-1]]",
        "worst_case-factor", "an eigenvector of a symmetric matrix, which A is not",
    ),
    "no bars around b": (
        "componentwise_error", OMEGA.replace("np.abs(b)\n", "b\n"
        "").replace("scale > 0", "scale != 0"),
        "componentwise_error-values", "The bars around b are missing below",
    ),
    "columns summed in place of rows": (
        "componentwise_error", OMEGA.replace("np.abs(A) @", "np.abs(A).T @"),
        "componentwise_error-values", "|A| is transposed",
    ),
    "no log for a good start": (
        "refine", REFINE.replace("    while", "    if errors[0] <= tol:\n        return x, []\n"
        "    while"),
        "refine-updates", "that of errors 0",
    ),
    "one case for the whole array": (
        "roots", "def roots(b, c):\n    b, c = np.asarray(b, float), np.asarray(c, float)\n"
        "    s = np.sqrt(b * b - c)\n    if np.any(b == 0):\n"
        "        return np.stack([-s, s], axis=-1)\n    far = -(b + np.copysign(s, b))\n"
        "    return np.sort(np.stack([c / far, far], axis=-1), axis=-1)",
        "roots-batches", "is one decision made for the whole array?",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "lists and loops": {
        "roots": """
def roots(b, c):
    if np.ndim(b):
        return [roots(u, v) for u, v in zip(b, c)]
    s = (b * b - c) ** 0.5
    far = -b - s if b > 0 else -b + s
    return sorted([far, c / far if far else 0.0])
""",
        "worst_case": "def worst_case(A, size):\n    V = np.linalg.svd(A)[2].tolist()\n"
        "    return [V[-1], [size * v for v in V[0]]]",
        "componentwise_error": """
def componentwise_error(A, x_hat, b):
    worst = 0
    for row, right in zip(A, b):
        low = abs(right) + sum(abs(a * x) for a, x in zip(row, x_hat))
        if low:
            worst = max(worst, abs(right - sum(a * x for a, x in zip(row, x_hat))) / low)
    return worst
""",
        "refine": REFINE.replace("return x, errors", "return [x.tolist(), errors]"),
    },
    "eigenvectors": {
        "worst_case": "def worst_case(A, size):\n    vectors = np.linalg.eigh(A.T @ A)[1]\n"
        "    return vectors[:, 0], -size * vectors[:, -1]",
    },
    "an array of errors": {
        "refine": REFINE.replace("return x, errors", "return x, np.array(errors)"),
    },
    "a residual rounded for the solver": {
        "refine": REFINE.replace("b - A @ x)", "np.float32(b - A @ x))"),
    },
    "by where and an error state": {
        "componentwise_error": """
def componentwise_error(A, x_hat, b):
    with np.errstate(all="ignore"):
        q = abs(b - A @ x_hat) / (abs(A) @ abs(x_hat) + abs(b))
    return np.nanmax(np.where(np.isnan(q), 0, q))
""",
    },
}  # fmt: skip
