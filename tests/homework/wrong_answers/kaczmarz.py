"""Wrong answers to the homework on Kaczmarz' method, and what each of them costs."""

STEP = """
def row_step(x, a, low, high, relaxation=1.0):
    square = a @ a
    if square == 0:
        return x
    value = x @ a
    goal = np.clip(value, low, high)
    return x + (relaxation * (goal - value) / square)[..., None] * a
"""
GOAL = "np.clip(value, low, high)"
ROWS = """
def draw_rows(A, u):
    squares = (A**2).sum(axis=1)
    ends = np.cumsum(squares)
    return np.searchsorted(ends, u * ends[-1], side="right")
"""
RUN = """
def reconstruct(x0, A, low, high, orders, C, d, relaxation=1.0, patience=3):
    x, path, best, without = x0, [x0], 0, 0
    smallest = np.linalg.norm(C @ x - d)
    for k, order in enumerate(orders):
        for i in order:
            x = np.asarray(row_step(x, A[i], low[i], high[i], relaxation))
        path.append(x)
        misfit = np.linalg.norm(C @ x - d)
        if misfit < smallest:
            smallest, best, without = misfit, k + 1, 0
        else:
            without += 1
        if without >= patience:
            break
    return path, best
"""
INNER = "x = np.asarray(row_step(x, A[i], low[i], high[i], relaxation))"
ALL_STEPS = "row_step-equation row_step-bounds row_step-relaxation row_step-batches"
ALL_ROWS = "draw_rows-shares draw_rows-pieces draw_rows-zeros draw_rows-shapes"
ALL_RUNS = "reconstruct-sweeps reconstruct-relaxation reconstruct-stops reconstruct-best"

SLOW = {"scan-check"}

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # Part 1
    "away from the slab": (
        "row_step", STEP.replace("(goal - value)", "(value - goal)"),
        "row_step-equation", "the move had the opposite sign",
    ),
    "nothing divided": (
        "row_step", STEP.replace(" / square", ""),
        "row_step-equation", "nothing were divided by the square of the length of a",
    ),
    "divided by the length": (
        "row_step", STEP.replace(" / square", " / square**0.5"),
        "row_step-equation", "divided by the length of a, not by its square",
    ),
    "divided by the sum": (
        "row_step", STEP.replace("/ square", "/ a.sum()"),
        "row_step-equation", "as if it were divided by the sum of a",
    ),
    "divided by the number of coordinates": (
        "row_step", STEP.replace("/ square", "/ len(a)"),
        "row_step-equation", "as if it were divided by how many numbers a has",
    ),
    "a batch without relaxation": (
        "row_step", STEP.replace("    square =", "    if x.ndim > 1:\n        return np.array("
        "[row_step(y, a, low, high) for y in x])\n    square ="),
        "row_step-batches", "new points are those that you get for each point alone",
    ),
    "half of the way": (
        "row_step", STEP.replace(" / square", " / square / 2"),
        "row_step-equation", "the move is 0.5 times as long as it should be",
    ),
    "no relaxation": (
        "row_step", STEP.replace("relaxation * (", "("),
        "row_step-relaxation", "as if relaxation were always 1",
    ),
    "divided by relaxation": (
        "row_step", STEP.replace("relaxation * (goal - value)", "(goal - value) / relaxation"),
        "row_step-relaxation", "as if it were divided by relaxation",
    ),
    "two minus relaxation": (
        "row_step", STEP.replace("relaxation * (", "(2 - relaxation) * ("),
        "row_step-relaxation", "1 minus relaxation, or 2 minus it",
    ),
    "the middle of the bounds": (
        "row_step", STEP.replace(GOAL, "(low + high) / 2"),
        "row_step-bounds", "the middle between low and high, from everywhere",
    ),
    "the middle, from outside": (
        "row_step", STEP.replace(GOAL, "np.where((value < low) | (value > high), (low + high) / 2,"
        " value)"),
        "row_step-bounds", "the middle between low and high, from outside",
    ),
    "to low always": (
        "row_step", STEP.replace(GOAL, "low + 0 * value"),
        "row_step-bounds", "as if it always went to low",
    ),
    "to low from both sides": (
        "row_step", STEP.replace(GOAL, "np.where((value < low) | (value > high), low, value)"),
        "row_step-bounds", "as if it went to low from both sides",
    ),
    "the nearer bound, even from inside": (
        "row_step", STEP.replace(GOAL, "np.where(abs(value - low) < abs(value - high), low, high)"),
        "row_step-bounds", "the nearer of the two bounds even from between them",
    ),
    "the bound further away": (
        "row_step", STEP.replace(GOAL, "np.where(value < low, high, np.where(value > high, low,"
        " value))"),
        "row_step-bounds", "the bound that is further away",
    ),
    "high forgotten": (
        "row_step", STEP.replace(GOAL, "np.maximum(value, low)"),
        "row_step-equation row_step-bounds row_step-relaxation", "the bound high did not count",
    ),
    "low forgotten": (
        "row_step", STEP.replace(GOAL, "np.minimum(value, high)"),
        "row_step-equation row_step-bounds row_step-relaxation", "the bound low did not count",
    ),
    "bounds for the coordinates": (
        "row_step", "def row_step(x, a, low, high, relaxation=1.0):\n"
        "    return x + relaxation * (np.clip(x, low, high) - x)",
        "row_step-equation row_step-bounds row_step-zero",
        "each coordinate of x is brought between the bounds",
    ),
    "products not added": (
        "row_step", "def row_step(x, a, low, high, relaxation=1.0):\n"
        "    return x + relaxation * (np.clip(a * x, low, high) - a * x) * a / max(a @ a, 1e-300)",
        "row_step-equation row_step-bounds", "the sum of the products",
    ),
    "relaxation of the bound": (
        "row_step", STEP.replace("relaxation * (goal - value)", "(relaxation * goal - value)"),
        "row_step-relaxation", "relaxation stood before the bound only",
    ),
    "the move alone": (
        "row_step", STEP.replace("return x + (", "return ("),
        "row_step-equation row_step-bounds row_step-relaxation",
        "Does x reach the return?",
    ),
    "the row forgotten": (
        "row_step", STEP.replace("[..., None] * a", "[..., None]"),
        "row_step-equation", "the same number",
    ),
    "a small number in the divisor": (
        "row_step", STEP.replace("    if square == 0:\n        return x\n", "")
        .replace("/ square", "/ (square + 1e-12)"),
        "row_step-equation", "a.x",
    ),
    "short rows taken for zero": (
        "row_step", STEP.replace("square == 0", "square < 1e-12"),
        "row_step-equation", "Wrong are just the cases in which a is very short",
    ),
    "any zero in the row": (
        "row_step", STEP.replace("square == 0", "(a == 0).any()"),
        "row_step-equation", "Wrong are just the cases in which a coordinate of a is zero",
    ),
    "bounds not divided": (
        "row_step", "def row_step(x, a, low, high, relaxation=1.0):\n"
        "    unit = a / (np.linalg.norm(a) or 1)\n"
        "    move = np.clip(x @ unit, low, high) - x @ unit\n"
        "    return x + relaxation * move[..., None] * unit",
        "row_step-equation row_step-bounds",
        "the row were divided by its length, and the bounds were not",
    ),
    "one comparison for all": (
        "row_step", STEP.replace("    goal =", "    if low <= value <= high:\n        return x\n"
        "    goal =").replace(GOAL, "low if value < low else high"),
        "row_step-batches", "raises ValueError: The truth value of an array",
    ),
    "zero rows divide": (
        "row_step", STEP.replace("    if square == 0:\n        return x\n", ""),
        "row_step-zero", "row_step divides by zero",
    ),
    "a zero row gives zeros": (
        "row_step", STEP.replace("return x\n", "return 0 * x\n"),
        "row_step-zero", "x should stay as it is",
    ),
    "one point only": (
        "row_step", STEP.replace("x @ a", "a @ x"),
        "row_step-batches", "row_step raises ValueError",
    ),
    "one number for the batch": (
        "row_step", STEP.replace("value = x @ a", "value = np.sum(x * a)"),
        "row_step-batches", "all points make the same move",
    ),
    "one mean for the batch": (
        "row_step", STEP.replace("relaxation * (goal - value)",
        "relaxation * np.mean(goal - value)"),
        "row_step-batches", "all points make the same move",
    ),
    "whole batch inside or outside": (
        "row_step", STEP.replace("    goal =", "    if np.all((low <= value) & (value <= high)):\n"
        "        return x\n    goal =").replace(GOAL, "low if np.any(value < low) else high"),
        "row_step-batches", "new points are those that you get for each point alone",
    ),
    "x changed in place": (
        "row_step", STEP.replace("return x + (", "x += (").rstrip() + "\n    return x\n",
        "", "changes its input",
    ),
    "float32": (
        "row_step", STEP.replace("return x + (", "return np.float32(1) * x.astype(np.float32) + (")
        .replace("* a\n", "* a.astype(np.float32)\n"),
        "row_step-equation row_step-bounds row_step-relaxation", "few digits only",
    ),
    "the library": (
        "row_step", "from coursekit.descent import kaczmarz\n"
        "def row_step(x, a, low, high, relaxation=1.0):\n"
        "    beta = np.clip(a @ x, low, high)\n"
        "    return kaczmarz(a[None], [beta], x, relaxation=relaxation, tol=0, maxiter=1).x",
        f"{ALL_STEPS} row_step-zero", "uses kaczmarz of coursekit, which is not allowed",
    ),
    # Part 2
    "all rows alike": (
        "draw_rows", "def draw_rows(A, u):\n    return np.floor(u * len(A)).astype(int)",
        "draw_rows-shares draw_rows-zeros", "all rows had the same probability",
    ),
    "lengths": (
        "draw_rows", ROWS.replace("(A**2).sum(axis=1)", "np.linalg.norm(A, axis=1)"),
        "draw_rows-shares", "the length of a row, not its square",
    ),
    "absolute entries": (
        "draw_rows", ROWS.replace("(A**2)", "np.abs(A)"),
        "draw_rows-shares", "the sum of the absolute entries",
    ),
    "the square of the sum": (
        "draw_rows", ROWS.replace("(A**2).sum(axis=1)", "A.sum(axis=1) ** 2"),
        "draw_rows-shares", "the square of the sum of a row",
    ),
    "columns": (
        "draw_rows", ROWS.replace("axis=1", "axis=0"),
        "draw_rows-shares draw_rows-zeros", "columns stood in place of rows",
    ),
    "from the end": (
        "draw_rows", ROWS.replace("squares = (A**2)", "squares = (A[::-1] ** 2)")
        .replace("return ", "return len(A) - 1 - "),
        "draw_rows-pieces", "the pieces began with that of the last row",
    ),
    "the long rows first": (
        "draw_rows", ROWS.replace("    ends =", "    by = np.argsort(-squares, kind='stable')[::-1]"
        "\n    squares = squares[by]\n    ends =").replace("return ", "return by[")
        .replace('"right")', '"right")]'),
        "draw_rows-pieces", "the pieces stand in another order",
    ),
    "counted from one": (
        "draw_rows", ROWS.replace("return ", "return 1 + "),
        "draw_rows-shares draw_rows-pieces draw_rows-zeros", "1 too large: rows are counted from 0",
    ),
    "the row before the cut": (
        "draw_rows", ROWS.replace('"right"', '"left"'),
        "draw_rows-pieces draw_rows-zeros", "at equality the row after it is drawn",
    ),
    "not divided by the sum": (
        "draw_rows", ROWS.replace("u * ends[-1]", "u"),
        "draw_rows-shares draw_rows-pieces", "the squares were never divided by their sum",
    ),
    "each share alone": (
        "draw_rows", ROWS.replace("ends = np.cumsum(squares)", "ends = squares / squares.sum()")
        .replace("u * ends[-1]", "u"),
        "draw_rows-shares draw_rows-pieces draw_rows-zeros", "draw_rows gives row",
    ),
    "its own random numbers": (
        "draw_rows", "def draw_rows(A, u):\n    p = (A**2).sum(axis=1)\n"
        "    return np.random.choice(len(A), size=np.shape(u), p=p / p.sum())",
        "draw_rows-shares draw_rows-pieces draw_rows-zeros draw_rows-shapes",
        "draw no other random numbers",
    ),
    "a seed of its own": (
        "draw_rows", "def draw_rows(A, u):\n    p = (A**2).sum(axis=1)\n"
        "    rng = np.random.default_rng(0)\n"
        "    return rng.choice(len(A), size=np.shape(u), p=p / p.sum())",
        "draw_rows-shares draw_rows-pieces draw_rows-shapes",
        "The row should depend on this u alone",
    ),
    "the last u falls to a row of zeros": (
        "draw_rows", "def draw_rows(A, u):\n    p = (A**2).sum(axis=1) / (A**2).sum()\n"
        "    rows = np.searchsorted(np.cumsum(p), u, side='right')\n"
        "    return np.minimum(rows, len(A) - 1)",
        "draw_rows-zeros", "should never be drawn",
    ),
    "the last u begins anew": (
        "draw_rows", "def draw_rows(A, u):\n    p = (A**2).sum(axis=1) / (A**2).sum()\n"
        "    return np.argmax(np.asarray(u)[..., None] < np.cumsum(p), axis=-1)",
        "draw_rows-zeros", "the largest u below 1",
    ),
    "the long rows first, equal ones in order": (
        "draw_rows", "def draw_rows(A, u):\n    squares = (A**2).sum(axis=1)\n"
        "    order = np.argsort(-squares, kind='stable')\n    ends = np.cumsum(squares[order])\n"
        "    return order[np.searchsorted(ends, np.asarray(u) * ends[-1], side='right')]",
        "draw_rows-pieces", "the pieces stand in another order",
    ),
    "the last u falls out": (
        "draw_rows", ROWS.replace("np.cumsum(squares)", "np.cumsum(squares / squares.sum())")
        .replace("u * ends[-1]", "u"),
        "draw_rows-zeros", "there is none, for they are counted from 0 to",
    ),
    "the last u gives a row of zeros": (
        "draw_rows", ROWS.replace("np.cumsum(squares)", "np.cumsum(squares / squares.sum())")
        .replace("return np.searchsorted(ends, u * ends[-1], side=\"right\")",
                 "return np.minimum(np.searchsorted(ends, u, side='right'), len(A) - 1)"),
        "draw_rows-zeros", "should never be drawn",
    ),
    "a loop with <=": (
        "draw_rows", """
def draw_rows(A, u):
    p = np.cumsum((A**2).sum(axis=1)) / (A**2).sum()
    rows = [next((i for i in range(len(A)) if one <= p[i]), len(A) - 1) for one in np.ravel(u)]
    return np.array(rows).reshape(np.shape(u)).astype(int)
""",
        "draw_rows-pieces draw_rows-zeros", "at equality the row after it is drawn",
    ),
    "one axis": (
        "draw_rows", ROWS.replace("return np.searchsorted(ends, u * ends[-1], side=\"right\")",
        "return np.array([np.searchsorted(ends, v * ends[-1], side='right') for v in np.ravel(u)])"
        ".astype(int)"),
        "draw_rows-shapes", "has shape (1,), expected one number",
    ),
    "floating rows": (
        "draw_rows", ROWS.replace("return np", "return 1.0 * np"),
        "draw_rows-shapes", "Row numbers are integers",
    ),
    "one for each row": (
        "draw_rows", "def draw_rows(A, u):\n    return np.argsort(-(A**2).sum(axis=1))",
        ALL_ROWS, "as many as there are rows",
    ),
    # Part 3
    "simultaneous steps": (
        "reconstruct", RUN.replace("        for i in order:\n            " + INNER,
        "        x = x + sum(np.asarray(row_step(x, A[i], low[i], high[i], relaxation)) - x"
        " for i in order)"),
        "reconstruct-sweeps", "all steps of a sweep began at the same point, and their moves were",
    ),
    "reversed rows": (
        "reconstruct", RUN.replace("for i in order:", "for i in order[::-1]:"),
        "reconstruct-sweeps", "its rows were taken in reversed order",
    ),
    "all rows in their order": (
        "reconstruct", RUN.replace("for i in order:", "for i in range(len(A)):"),
        "reconstruct-sweeps reconstruct-relaxation reconstruct-stops",
        "all rows of A were taken, from the first to the last",
    ),
    "positions for numbers": (
        "reconstruct", RUN.replace("for i in order:", "for i in range(len(order)):"),
        "reconstruct-sweeps reconstruct-stops", "the first rows of A were taken",
    ),
    "always the first order": (
        "reconstruct", RUN.replace("for i in order:", "for i in orders[0]:"),
        "reconstruct-sweeps reconstruct-stops", "the first row of orders were used always",
    ),
    "all sweeps in one": (
        "reconstruct", RUN.replace("enumerate(orders)", "enumerate([orders.ravel()])"),
        ALL_RUNS, "all rows of orders were used in one sweep",
    ),
    "each step from the start": (
        "reconstruct", RUN.replace("row_step(x,", "row_step(x0,"),
        "reconstruct-sweeps", "each step began at x0",
    ),
    "from the start each time": (
        "reconstruct", RUN.replace("        for i in order:", "        x = x0\n"
        "        for i in order:"),
        "reconstruct-sweeps", "each sweep began at x0 again",
    ),
    "relaxation kept": (
        "reconstruct", RUN.replace(", high[i], relaxation)", ", high[i])"),
        "reconstruct-relaxation", "relaxation were 1, and not handed on",
    ),
    "low alone": (
        "reconstruct", RUN.replace("high[i]", "low[i]"),
        "reconstruct-sweeps", "low were an equation, and high did not count",
    ),
    "bounds of the position": (
        "reconstruct", RUN.replace("for i in order:", "for j, i in enumerate(order):")
        .replace("low[i], high[i]", "low[j], high[j]"),
        "reconstruct-sweeps reconstruct-stops",
        "the number of the step in the sweep, not that of the row",
    ),
    "steps with the rows put aside": (
        "reconstruct", RUN.replace("A[i], low[i], high[i]", "C[i % len(C)], d[i % len(C)], "
        "d[i % len(C)]"),
        "reconstruct-sweeps reconstruct-relaxation reconstruct-stops",
        "the steps were made with C and d",
    ),
    "back to the best point": (
        "reconstruct", RUN.replace("        for i in order:", "        x = path[best]\n"
        "        for i in order:"),
        "reconstruct-sweeps", "each sweep began at the best point so far",
    ),
    "columns of orders": (
        "reconstruct", RUN.replace("enumerate(orders)", "enumerate(orders.T)"),
        "reconstruct-sweeps reconstruct-relaxation reconstruct-stops", "the columns of orders",
    ),
    "each step in the path": (
        "reconstruct", RUN.replace("        path.append(x)\n", "")
        .replace(INNER, INNER + "\n            path.append(x)"),
        "reconstruct-sweeps", "Path has one point for each sweep, not for each step",
    ),
    "path without the start": (
        "reconstruct", RUN.replace("return path, best", "return path[1:], best"),
        "reconstruct-sweeps", "path begins at",
    ),
    "only the best point": (
        "reconstruct", RUN.replace("return path, best", "return path[best], best"),
        ALL_RUNS, "path should hold the points",
    ),
    "path up to the best": (
        "reconstruct", RUN.replace("return path, best", "return path[: best + 1], best"),
        "reconstruct-stops", "path ended at the best point",
    ),
    "stops at the first rise": (
        "reconstruct", RUN.replace("without >= patience", "without >= 1"),
        "reconstruct-stops", "as if patience were always 1",
    ),
    "one more than patience": (
        "reconstruct", RUN.replace("without >= patience", "without > patience"),
        "reconstruct-stops", "one sweep more than patience were allowed",
    ),
    "compared with the one patience sweeps before": (
        "reconstruct", RUN.replace("        if without >= patience:", "        e = [np.linalg.norm("
        "C @ p - d) for p in path]\n        if len(e) > patience and e[-1] >= e[-1 - patience]:"),
        "reconstruct-stops", "a misfit were compared with the one patience sweeps before it",
    ),
    "one sweep less": (
        "reconstruct", RUN.replace("enumerate(orders)", "enumerate(orders[:-1])"),
        "reconstruct-stops", "the last row of orders were never used",
    ),
    "stops before it appends": (
        "reconstruct", RUN.replace("        path.append(x)\n", "")
        .replace("            break\n", "            break\n        path.append(x)\n"),
        "reconstruct-stops", "the point after which it stops were missing in path",
    ),
    "the misfit before the sweep": (
        "reconstruct", RUN.replace("        for i in order:\n            " + INNER
        + "\n        path.append(x)\n        misfit = np.linalg.norm(C @ x - d)\n",
        "        misfit = np.linalg.norm(C @ x - d)\n        for i in order:\n            " + INNER
        + "\n        path.append(x)\n"),
        "reconstruct-stops reconstruct-best", "looked at one sweep later",
    ),
    "never stops": (
        "reconstruct", RUN.replace("        if without >= patience:\n            break\n", ""),
        "reconstruct-stops", "it never stopped before the end of orders",
    ),
    "counted in all": (
        "reconstruct", RUN.replace("k + 1, 0", "k + 1, without"),
        "reconstruct-stops", "were counted in all, not in a row",
    ),
    "compared with the one before": (
        "reconstruct", RUN.replace("        if misfit < smallest:\n            smallest, best, "
        "without = misfit, k + 1, 0\n", "        fell, last = misfit < last, misfit\n"
        "        if misfit < smallest:\n            smallest, best = misfit, k + 1\n"
        "        if fell:\n            without = 0\n")
        .replace("    for k,", "    last = smallest\n    for k,"),
        "reconstruct-stops", "compared with the one before it, not with the smallest so far",
    ),
    "equal is new": (
        "reconstruct", RUN.replace("misfit < smallest", "misfit <= smallest"),
        "reconstruct-stops reconstruct-best", "equal to the smallest one were a new one",
    ),
    "the start does not count": (
        "reconstruct", RUN.replace("smallest = np.linalg.norm(C @ x - d)", "smallest = np.inf"),
        "reconstruct-stops reconstruct-best", "the misfit of the start did not count",
    ),
    "residual of the rows used": (
        "reconstruct", RUN.replace("C @ x - d", "A @ x - low"),
        "reconstruct-stops reconstruct-best", "that of A, low and high, and not that of C and d",
    ),
    "the largest entry": (
        "reconstruct", RUN.replace("C @ x - d)", "C @ x - d, np.inf)"),
        "reconstruct-best", "the misfit were the largest entry",
    ),
    "the sum of the entries": (
        "reconstruct", RUN.replace("C @ x - d)", "C @ x - d, 1)"),
        "reconstruct-best", "the misfit were the sum of",
    ),
    "d forgotten": (
        "reconstruct", RUN.replace("C @ x - d)", "C @ x)"),
        "reconstruct-best", "d were missing in the misfit",
    ),
    "the number of the last": (
        "reconstruct", RUN.replace("return path, best", "return path, len(path) - 1"),
        "reconstruct-best", "the number of the last point",
    ),
    "best counted from the first sweep": (
        "reconstruct", RUN.replace("k + 1, 0", "k, 0"),
        "reconstruct-best", "smaller by 1, if it is not that of the start",
    ),
    "the smallest misfit for its number": (
        "reconstruct", RUN.replace("return path, best", "return path, smallest"),
        "reconstruct-best", "the smallest misfit itself, not its number",
    ),
    "the last of equal ones": (
        "reconstruct", RUN.replace("return path, best", "e = [np.linalg.norm(C @ p - d) for p in "
        "path]\n    return path, max(k for k in range(len(e)) if e[k] == min(e))"),
        "reconstruct-best", "the last one of several points that fit equally well",
    ),
    "two results exchanged": (
        "reconstruct", RUN.replace("return path, best", "return best, path"),
        ALL_RUNS, "another order: path, then best",
    ),
    "the best point for its number": (
        "reconstruct", RUN.replace("return path, best", "return path, path[best]"),
        "reconstruct-best", "best should be one number",
    ),
    "x0 moved in place": (
        "reconstruct", RUN.replace("x = np.asarray(row_step(", "x[:] = np.asarray(row_step(")
        .replace("path.append(x)", "path.append(x.copy())").replace("[x0], 0, 0", "[x0.copy()], 0,"
        " 0"),
        "", "the caller's x0 is different",
    ),
    "one array again and again": (
        "reconstruct", RUN.replace("x = np.asarray(row_step(", "x[:] = np.asarray(row_step(")
        .replace("x, path, best, without = x0, [x0], 0, 0",
                 "x = x0.copy()\n    path, best, without = [x], 0, 0"),
        "reconstruct-sweeps reconstruct-stops reconstruct-relaxation reconstruct-best",
        "Was one array appended again and again",
    ),
    "no path without sweeps": (
        "reconstruct", RUN.replace("patience=3):\n", "patience=3):\n    if not len(orders):\n"
                                   "        return [], 0\n", 1),
        "reconstruct-sweeps", "path is empty. It begins with x0",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops": {
        "row_step": """
def row_step(x, a, low, high, relaxation=1.0):
    if x.ndim > 1:
        return [row_step(point, a, low, high, relaxation) for point in x]
    value = sum(ai * xi for ai, xi in zip(a, x))
    length2 = sum(ai**2 for ai in a)
    if length2 == 0 or low <= value <= high:
        return list(x)
    goal = low if value < low else high
    return [xi + relaxation * (goal - value) * ai / length2 for ai, xi in zip(a, x)]
""",
        "draw_rows": """
def draw_rows(A, u):
    if np.ndim(u) > 0:
        return np.array([draw_rows(A, v) for v in u], dtype=int).reshape(np.shape(u))
    squares = [float(a @ a) for a in A]
    total, running, last = sum(squares), 0.0, None
    for i, square in enumerate(squares):
        running += square
        if square > 0:
            last = i
        if u < running / total:
            return i
    return last
""",
        "reconstruct": """
def reconstruct(x0, A, low, high, orders, C, d, relaxation=1.0, patience=3):
    path, errors = [x0.tolist()], [sum((C @ x0 - d) ** 2)]
    k = 0
    while k < len(orders) and not (len(errors) > patience
                                   and min(errors[:-patience]) <= min(errors[-patience:])):
        x = np.array(path[-1])
        for i in orders[k]:
            x = np.array(row_step(x, A[i], low[i], high[i], relaxation))
        path.append(x.tolist())
        errors.append(sum((C @ x - d) ** 2))
        k += 1
    return [path, errors.index(min(errors))]
""",
    },
    "lengths and einsum": {
        "row_step": """
def row_step(x, a, low, high, relaxation=1.0):
    length = np.linalg.norm(a)
    if not length > 0:
        return x.copy()
    unit = a / length
    along = np.einsum("...i,i->...", x, unit)
    below = np.maximum(low / length - along, 0)
    above = np.maximum(along - high / length, 0)
    return x + relaxation * np.multiply.outer(below - above, unit)
""",
        "draw_rows": """
def draw_rows(A, u):
    p = np.linalg.norm(A, axis=1) ** 2 / np.linalg.norm(A) ** 2
    cuts = np.cumsum(p)
    rows = (np.asarray(u)[..., None] >= cuts).sum(axis=-1)
    return np.minimum(rows, np.flatnonzero(p)[-1])
""",
        "reconstruct": RUN.replace("[x0], 0, 0", "x0[None], 0, 0")
        .replace("path.append(x)", "path = np.vstack([path, x])"),
    },
    "masks": {
        "row_step": """
def row_step(x, a, low, high, relaxation=1.0):
    new = np.array(x, dtype=float)
    value = new @ a
    for bound, out in ((low, value < low), (high, value > high)):
        if np.any(out) and np.any(a):
            part = relaxation * (bound - value[out]) / (a @ a)
            new[out] += part[..., None] * a
    return new
""",
        "draw_rows": """
def draw_rows(A, u):
    there = np.flatnonzero((A != 0).any(axis=1))
    weights = np.square(A[there]).sum(axis=1)
    ends = np.cumsum(weights / weights.sum())
    ends[-1] = 1.0
    return there[np.digitize(u, ends)]
""",
    },
    "quotients of matrices": {
        "row_step": """
def row_step(x, a, low, high, relaxation=1.0):
    along = x @ a
    move = np.where(along < low, low - along, np.where(along > high, high - along, 0.0))
    square = a.dot(a)
    return x + relaxation * np.outer(move, a / (square or 1.0)).reshape(x.shape)
""",
        "draw_rows": """
def draw_rows(A, u):
    B = A / np.sqrt((A**2).sum())
    ends = np.cumsum(np.diag(B @ B.T))
    ends[ends == ends[-1]] = 1.0
    flat = np.ravel(u)
    rows = [int(np.argmax(v < ends)) for v in flat]
    return np.array(rows, dtype=int).reshape(np.shape(u))
""",
    },
    "recursion": {
        "reconstruct": """
def reconstruct(x0, A, low, high, orders, C, d, relaxation=1.0, patience=3):
    def onwards(path, errors):
        k, best = len(path) - 1, int(np.argmin(errors))
        if k == len(orders) or k - best >= patience:
            return path, best
        x = path[-1]
        for i in orders[k]:
            x = row_step(x, A[i], low[i], high[i], relaxation)
        return onwards([*path, x], [*errors, np.sum((C @ x - d) ** 2)])
    return onwards([x0], [np.sum((C @ x0 - d) ** 2)])
""",
    },
    "steps of its own": {
        "reconstruct": """
def reconstruct(x0, A, low, high, orders, C, d, relaxation=1.0, patience=3):
    x = x0.copy()
    path = np.full((len(orders) + 1, len(x)), np.nan)
    path[0] = x
    e = np.full(len(orders) + 1, np.inf)
    e[0] = np.sqrt(((C @ x - d) ** 2).sum())
    done = 0
    while done < len(orders) and done - e[: done + 1].argmin() < patience:
        for a, lo, hi in zip(A[orders[done]], low[orders[done]], high[orders[done]]):
            along = a @ x
            x += relaxation * (min(max(along, lo), hi) - along) / (a @ a) * a
        done += 1
        path[done] = x
        e[done] = np.sqrt(((C @ x - d) ** 2).sum())
    return path[: done + 1], np.argmin(e)
""",
    },
    "an object that is called": {
        "reconstruct": RUN.replace("def reconstruct(",
        "class Run:\n  __name__ = 'reconstruct'\n  def __call__(self, ")
        .replace("\n    ", "\n      ") + "\nreconstruct = Run()\n",
    },
    "a generator": {
        "reconstruct": """
def points(x, A, low, high, orders, relaxation):
    yield x
    for order in orders:
        for i in order:
            x = np.asarray(row_step(x, A[i], low[i], high[i], relaxation=relaxation))
        yield x

def reconstruct(x0, A, low, high, orders, C, d, relaxation=1.0, patience=3):
    path, record = [], []
    for x in points(x0, A, low, high, orders, relaxation):
        path.append(x)
        record.append((float(np.linalg.norm(C @ x - d)), len(record)))
        if len(record) - 1 - min(record)[1] == patience:
            break
    return tuple(path), min(record)[1]
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "a step away": (
        {"row_step": STEP.replace("(goal - value)", "(value - goal)")}, "row_step-equation",
    ),
    "a step without relaxation": (
        {"row_step": STEP.replace("relaxation * (", "(")}, "row_step-relaxation",
    ),
    "a step in place": (
        {"row_step": STEP.replace("return x + (", "x += (").rstrip() + "\n    return x\n"}, "",
    ),
    "no step": (
        {"row_step": "def row_step(x, a, low, high, relaxation=1.0): raise NotImplementedError"},
        f"{ALL_STEPS} row_step-zero",
    ),
    "no rows": (
        {"draw_rows": "def draw_rows(A, u): raise NotImplementedError"}, ALL_ROWS,
    ),
}  # fmt: skip
