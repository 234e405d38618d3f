"""Wrong answers to the homework on gradients, and what each of them costs."""

RAYLEIGH = """
def grad_rayleigh(x, A):
    square = (x * x).sum(axis=-1, keepdims=True)
    quotient = (x @ A * x).sum(axis=-1, keepdims=True) / square
    return (x @ (A + A.T) - 2 * quotient * x) / square
"""
RATE = """
def grad_coding_rate(X, c):
    T = np.swapaxes(X, -1, -2)
    M = np.eye(X.shape[-1]) + c * T @ X
    return np.swapaxes(np.linalg.solve(M, c * T), -1, -2)
"""
DISTANCE = """
def grad_total_distance(x, towns, weights):
    steps = x[..., None, :] - towns
    lengths = np.linalg.norm(steps, axis=-1, keepdims=True)
    units = np.divide(steps, lengths, out=np.zeros_like(steps), where=lengths > 0)
    return (weights[:, None] * units).sum(axis=-2)
"""
SLOPE = """
def steepest_slope(x, towns, weights):
    at_town = (x[..., None, :] == towns).all(axis=-1)
    gradient = grad_total_distance(x, towns, weights)
    return at_town @ weights - np.linalg.norm(gradient, axis=-1)
"""
DIVIDE = "np.divide(steps, lengths, out=np.zeros_like(steps), where=lengths > 0)"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "equal towns taken as one": (
        "grad_total_distance", DISTANCE.replace("    steps =", "    towns = towns[np.sort("
        "np.unique(towns, axis=0, return_index=True)[1])]\n    steps ="),
        "grad_total_distance-kink", "Two of these towns stand at the same place",
    ),
    "no slope above zero": (
        "steepest_slope", SLOPE.replace("at_town @ weights - np.linalg.norm(gradient, axis=-1)",
        "np.minimum(0, at_town @ weights - np.linalg.norm(gradient, axis=-1))"),
        "steepest_slope-values", "where f rises in every direction the smallest is positive",
    ),
    "the inverse alone": (
        "grad_coding_rate", "def grad_coding_rate(X, c):\n    return c * np.linalg.inv("
        "np.eye(X.shape[-1]) + c * np.swapaxes(X, -1, -2) @ X)",
        "grad_coding_rate-values grad_coding_rate-constant grad_coding_rate-batches",
        "Which factor is missing?",
    ),
    "a town hit if one coordinate agrees": (
        "grad_total_distance",
        DISTANCE.replace("where=lengths > 0", "where=(steps != 0).all(axis=-1, keepdims=True)"),
        "grad_total_distance-kink", "one of its coordinates agrees, the other does not",
    ),
    # Part 1
    "A taken for symmetric": (
        "grad_rayleigh", RAYLEIGH.replace("x @ (A + A.T)", "2 * x @ A"),
        "grad_rayleigh-transpose", "right for a symmetric A, but not for this one",
    ),
    "A taken for symmetric, from the left": (
        "grad_rayleigh", RAYLEIGH.replace("x @ (A + A.T)", "2 * x @ A.T"),
        "grad_rayleigh-transpose", "did A and its transpose become one?",
    ),
    "half of the numerator's gradient": (
        "grad_rayleigh", RAYLEIGH.replace("x @ (A + A.T)", "x @ A"),
        "grad_rayleigh-values grad_rayleigh-transpose", "x stands twice in the numerator",
    ),
    "the numerator alone": (
        "grad_rayleigh", "def grad_rayleigh(x, A): return x @ (A + A.T)",
        "grad_rayleigh-values", "the gradient of the numerator alone",
    ),
    "the numerator, divided": (
        "grad_rayleigh", RAYLEIGH.replace(" - 2 * quotient * x", ""),
        "grad_rayleigh-values", "off by a multiple of x",
    ),
    "the sign in the quotient rule": (
        "grad_rayleigh", RAYLEIGH.replace("- 2 *", "+ 2 *"),
        "grad_rayleigh-values", "What does the denominator contribute?",
    ),
    "the 2 of the denominator": (
        "grad_rayleigh", RAYLEIGH.replace("- 2 *", "-"),
        "grad_rayleigh-values", "off by a multiple of x",
    ),
    "divided once too little": (
        "grad_rayleigh", RAYLEIGH.replace("* x) / square", "* x)"),
        "grad_rayleigh-values", "How often does |x|^2 divide?",
    ),
    "divided by the norm": (
        "grad_rayleigh", RAYLEIGH.replace("* x) / square", "* x) / np.sqrt(square)"),
        "grad_rayleigh-values", "the right direction, but another length",
    ),
    "opposite sign of the quotient": (
        "grad_rayleigh", RAYLEIGH.replace("return (", "return -("),
        "grad_rayleigh-values", "opposite sign",
    ),
    "grad_rayleigh of one point only": (
        "grad_rayleigh",
        "def grad_rayleigh(x, A): return ((A + A.T) @ x - 2 * (x @ A @ x) / (x @ x) * x) / (x @ x)",
        "grad_rayleigh-batches", "take many points at once",
    ),
    "the quotient of the whole batch": (
        "grad_rayleigh", RAYLEIGH.replace("square = (x * x).sum(axis=-1, keepdims=True)",
        "square = (x * x).sum()"),
        "grad_rayleigh-batches", "mixes the points of a batch",
    ),
    "rayleigh itself": (
        "grad_rayleigh", "def grad_rayleigh(x, A): return rayleigh(x, A)",
        "grad_rayleigh-values grad_rayleigh-transpose grad_rayleigh-batches", "has shape ()",
    ),
    "A made symmetric in place": (
        "grad_rayleigh", RAYLEIGH.replace("    square", "    A += A.T.copy()\n    square", 1)
        .replace("x @ (A + A.T)", "x @ A").replace("(x @ A * x)", "0.5 * (x @ A * x)"),
        "", "the caller's A is different",
    ),
    "x normalized in place": (
        "grad_rayleigh", RAYLEIGH.replace("    quotient", "    x /= np.sqrt(square)\n    quotient")
        .replace("keepdims=True) / square", "keepdims=True)")
        .replace(" / square\n", " / np.sqrt(square)\n"),
        "", "the caller's x is different",
    ),
    "in single precision": (
        "grad_rayleigh", RAYLEIGH.replace("    square",
        "    x = x.astype(np.float32)\n    A = A.astype(np.float32)\n    square", 1),
        "grad_rayleigh-values grad_rayleigh-transpose grad_rayleigh-batches",
        "has the type float32",
    ),
    "by finite differences": (
        "grad_rayleigh", "def grad_rayleigh(x, A):\n    h = 1e-6\n    E = h * np.eye(x.shape[-1])\n"
        "    x = x[..., None, :]\n    return (rayleigh(x + E, A) - rayleigh(x - E, A)) / (2 * h)",
        "grad_rayleigh-values grad_rayleigh-transpose", "by finite differences",
    ),
    "by the library": (
        "grad_rayleigh",
        "def grad_rayleigh(x, A): return numerical_jacobian(lambda x: rayleigh(x, A), x)",
        "grad_rayleigh-values grad_rayleigh-transpose grad_rayleigh-batches",
        "uses numerical_jacobian of coursekit, which is not allowed",
    ),
    # Part 2
    "the inverse forgotten": (
        "grad_coding_rate", "def grad_coding_rate(X, c): return c * X",
        "grad_coding_rate-values", "so yours is linear in X",
    ),
    "the I forgotten": (
        "grad_coding_rate",
        "def grad_coding_rate(X, c): return np.swapaxes(np.linalg.pinv(X), -1, -2)",
        "grad_coding_rate-values", "where is the I?",
    ),
    "the 1/2 forgotten": (
        "grad_coding_rate", RATE.replace("return ", "return 2 * "),
        "grad_coding_rate-values", "2 times the derivative",
    ),
    "X counted once": (
        "grad_coding_rate", RATE.replace("return ", "return 0.5 * "),
        "grad_coding_rate-values", "1/2 times the derivative",
    ),
    "the chain rule without c": (
        "grad_coding_rate", RATE.replace("c * T)", "T)"),
        "grad_coding_rate-constant", "It is 1/c times what it should be",
    ),
    "c squared": (
        "grad_coding_rate", RATE.replace("c * T)", "c * c * T)"),
        "grad_coding_rate-constant", "It is c times what it should be",
    ),
    "c left out of M": (
        "grad_coding_rate", RATE.replace("c * T @ X", "T @ X"),
        "grad_coding_rate-constant", "but not for c = 0.3",
    ),
    "transposed": (
        "grad_coding_rate", RATE.replace("np.swapaxes(np.linalg.solve(M, c * T), -1, -2)",
        "np.linalg.solve(M, c * T)"),
        "grad_coding_rate-values grad_coding_rate-constant grad_coding_rate-batches",
        "it looks transposed",
    ),
    "the products for square X only": (
        "grad_coding_rate",
        "def grad_coding_rate(X, c):\n    T = np.swapaxes(X, -1, -2)\n"
        "    M = np.eye(X.shape[-1]) + c * T @ X\n"
        "    return c * np.linalg.solve(M, X)",
        "grad_coding_rate-values grad_coding_rate-constant grad_coding_rate-batches",
        "For X of shape (3, 2), grad_coding_rate raises ValueError",
    ),
    "one matrix only": (
        "grad_coding_rate", RATE.replace("np.swapaxes(X, -1, -2)", "X.T").replace(
        "np.swapaxes(np.linalg.solve(M, c * T), -1, -2)", "np.linalg.solve(M, c * T).T"),
        "grad_coding_rate-batches", "not for a batch",
    ),
    "M in place of its inverse": (
        "grad_coding_rate",
        "def grad_coding_rate(X, c):\n    T = np.swapaxes(X, -1, -2)\n"
        "    M = np.eye(X.shape[-1]) + c * T @ X\n"
        "    return c * X @ M",
        "grad_coding_rate-values", "Does M stand where its inverse belongs?",
    ),
    "the logarithm kept": (
        "grad_coding_rate", RATE.replace("return ", "return coding_rate(X, c)[..., None, None] * "),
        "grad_coding_rate-values", "the right direction, but another length",
    ),
    # Part 3
    "weights forgotten": (
        "grad_total_distance", DISTANCE.replace("weights[:, None] * units", "units"),
        "grad_total_distance-values", "The weights are not used",
    ),
    "the squares of the distances": (
        "grad_total_distance", "def grad_total_distance(x, towns, weights):\n"
        "    return (2 * weights[:, None] * (x[..., None, :] - towns)).sum(axis=-2)",
        "grad_total_distance-values grad_total_distance-kink", "of the squares of the distances",
    ),
    "half the squares of the distances": (
        "grad_total_distance", "def grad_total_distance(x, towns, weights):\n"
        "    return (weights[:, None] * (x[..., None, :] - towns)).sum(axis=-2)",
        "grad_total_distance-values grad_total_distance-kink", "how long is each of your terms?",
    ),
    "the sum normalized": (
        "grad_total_distance", DISTANCE.replace("steps = x",
        "sums = (weights[:, None] * (x[..., None, :] - towns)).sum(axis=-2)\n"
        "    return sums / np.linalg.norm(sums, axis=-1, keepdims=True)\n    steps = x"),
        "grad_total_distance-values grad_total_distance-kink", "the same length, 1, at every point",
    ),
    "signs of the coordinates": (
        "grad_total_distance", DISTANCE.replace(DIVIDE, "np.sign(steps)"),
        "grad_total_distance-values grad_total_distance-kink",
        "over the coordinates, not of the distance",
    ),
    "divided by the squared distance": (
        "grad_total_distance", DISTANCE.replace(DIVIDE, DIVIDE.replace("steps, lengths,",
        "steps, lengths**2,")),
        "grad_total_distance-values grad_total_distance-kink", "by what is x - a divided?",
    ),
    "towards the towns": (
        "grad_total_distance", DISTANCE.replace("x[..., None, :] - towns",
        "towns - x[..., None, :]"),
        "grad_total_distance-values", "opposite sign",
    ),
    "0/0 at a town": (
        "grad_total_distance", DISTANCE.replace(DIVIDE, "steps / lengths"),
        "grad_total_distance-kink", "which number is 0/0?",
    ),
    "a small number below": (
        "grad_total_distance", DISTANCE.replace(DIVIDE, "steps / (lengths + 1e-12)"),
        "grad_total_distance-kink", "Is a small number added to the distance",
    ),
    "a tolerance for the kink": (
        "grad_total_distance", DISTANCE.replace("where=lengths > 0", "where=lengths > 1e-8"),
        "grad_total_distance-kink", "yours is 0 times as long",
    ),
    "nothing at all at a town": (
        "grad_total_distance", DISTANCE.replace("return ", "return (lengths > 0).all(axis=-2) * "),
        "grad_total_distance-kink", "your whole gradient is zero",
    ),
    "something else at a town": (
        "grad_total_distance", DISTANCE.replace("np.zeros_like(steps)", "np.ones_like(steps)"),
        "grad_total_distance-kink", "which should count as 0",
    ),
    "one point only": (
        "grad_total_distance", DISTANCE.replace("x[..., None, :]", "x"),
        "grad_total_distance-batches", "grad_total_distance",
    ),
    "the mean over the towns": (
        "grad_total_distance", DISTANCE.replace(".sum(axis=-2)", ".mean(axis=-2)"),
        "grad_total_distance-values grad_total_distance-kink", "1/3 times the derivative",
    ),
    # Part 4
    "the slope of the other terms": (
        "steepest_slope", SLOPE.replace("at_town @ weights - np", "-np"),
        "steepest_slope-values", "does the term of the town itself rise?",
    ),
    "the steepest way up": (
        "steepest_slope", SLOPE.replace("weights - np", "weights + np"),
        "steepest_slope-values", "the steepest slopes upwards",
    ),
    "minus the steepest way up": (
        "steepest_slope", SLOPE.replace("at_town @ weights", "-(at_town @ weights)"),
        "steepest_slope-values", "the way down is not as steep as the way up",
    ),
    "the length of the gradient": (
        "steepest_slope", SLOPE.replace("at_town @ weights - np", "np"),
        "steepest_slope-values", "a slope downwards is negative",
    ),
    "zero at every town": (
        "steepest_slope", SLOPE.replace("at_town @ weights - np",
        "at_town.any(axis=-1) * 0.0 - ~at_town.any(axis=-1) * np"),
        "steepest_slope-values", "At points that are no towns you are right",
    ),
    "the weight of one town": (
        "steepest_slope", SLOPE.replace("at_town @ weights", "(at_town * weights).max(axis=-1)"),
        "steepest_slope-values", "Do both of them count?",
    ),
    "a weight of 1 at towns": (
        "steepest_slope", SLOPE.replace("at_town @ weights", "at_town.sum(axis=-1)"),
        "steepest_slope-values", "the smallest slope is",
    ),
    "one equal coordinate is enough": (
        "steepest_slope", SLOPE.replace(".all(", ".any("),
        "steepest_slope-values", "all coordinates must be equal",
    ),
    "a town if it is close": (
        "steepest_slope", SLOPE.replace("(x[..., None, :] == towns)",
        "np.isclose(x[..., None, :], towns)"),
        "steepest_slope-values", "a kink is at the town itself only",
    ),
    "the towns of one point only": (
        "steepest_slope", SLOPE.replace("x[..., None, :] ==", "x =="),
        "steepest_slope-batches", "steepest_slope",
    ),
    "no denominators, as if |x| were 1": (
        "grad_rayleigh", "def grad_rayleigh(x, A):\n"
        "    r = (x @ A * x).sum(axis=-1, keepdims=True)\n"
        "    return x @ (A + A.T) - 2 * r * x",
        "grad_rayleigh-values", "Where |x| = 1 your gradient is right, and elsewhere it is not",
    ),
    "a town of one member skipped for all": (
        "grad_total_distance", "def grad_total_distance(x, towns, weights):\n"
        "    g = np.zeros(x.shape)\n"
        "    for a, w in zip(towns, weights):\n"
        "        length = np.linalg.norm(x - a, axis=-1, keepdims=True)\n"
        "        if not np.any(length == 0):\n            g = g + w * (x - a) / length\n"
        "    return g",
        "grad_total_distance-kink", "does the rule for towns reach the member at that town alone?",
    ),
    "M without I, solved with": (
        "grad_coding_rate", RATE.replace("np.eye(X.shape[-1]) + ", ""),
        "grad_coding_rate-values grad_coding_rate-constant grad_coding_rate-batches",
        "Which term of M makes it invertible whatever X is",
    ),
    "a column without its axis": (
        "grad_coding_rate", RATE.replace("return np.swapaxes(np.linalg.solve(M, c * T), -1, -2)",
        "G = np.swapaxes(np.linalg.solve(M, c * T), -1, -2)\n"
        "    return G if G.ndim > 2 else np.squeeze(G)"),
        "grad_coding_rate-values", "For X of shape (2, 1), what grad_coding_rate returns has",
    ),
    "axes of length 1 taken out of a batch": (
        "grad_rayleigh", RAYLEIGH.replace("return (x @ (A + A.T) - 2 * quotient * x) / square",
        "g = (x @ (A + A.T) - 2 * quotient * x) / square\n"
        "    return g if x.ndim < 3 else np.squeeze(g)"),
        "grad_rayleigh-batches", "squeeze without an axis takes them away",
    ),
    "divided by x": (
        "grad_rayleigh", RAYLEIGH.replace("quotient * x) / square",
        "quotient * x) / square * np.where(x == 0, np.nan, 1)"),
        "grad_rayleigh-values", "which is not 0",
    ),
    "one number for one coordinate": (
        "grad_rayleigh", RAYLEIGH.replace(
        "    square", "    if x.shape == (1,): return 0.0\n    square", 1),
        "grad_rayleigh-values", "With one coordinate, what grad_rayleigh",
    ),
    "a town hit if the sums agree": (
        "grad_total_distance", DISTANCE.replace("where=lengths > 0",
        "where=(np.abs(steps.sum(axis=-1, keepdims=True)) > 0)"),
        "grad_total_distance-kink", "A town is hit if all coordinates agree",
    ),
    "a town hit if all its numbers occur": (
        "grad_total_distance", DISTANCE.replace("where=lengths > 0",
        "where=(np.sort(x[..., None, :], axis=-1) != np.sort(towns, axis=-1))"
        ".any(axis=-1, keepdims=True)"),
        "grad_total_distance-kink", "A town is hit if all coordinates agree",
    ),
    "a town hit if it is nearer than rounding": (
        "grad_total_distance", DISTANCE.replace("where=lengths > 0",
        "where=lengths > np.finfo(float).eps"),
        "grad_total_distance-kink", "5e-25 away from a town",
    ),
    "no gradient at the only town": (
        "grad_total_distance", DISTANCE.replace("    steps", "    if len(towns) == 1 and "
        "np.array_equal(x, towns[0]): return np.zeros(0)\n    steps", 1),
        "grad_total_distance-kink", "At the only town",
    ),
    "one coordinate without its axis": (
        "grad_total_distance", DISTANCE.replace("return (weights[:, None] * units).sum(axis=-2)",
        "g = (weights[:, None] * units).sum(axis=-2)\n    return g[..., 0] if x.ndim > 1 and "
        "x.shape[-1] == 1 else g"),
        "grad_total_distance-batches", "what grad_total_distance returns has shape",
    ),
    "a town of the same length": (
        "steepest_slope", SLOPE.replace("(x[..., None, :] == towns).all(axis=-1)",
        "np.isclose(np.linalg.norm(x, axis=-1)[..., None], np.linalg.norm(towns, axis=-1), "
        "rtol=1e-15, atol=0)"),
        "steepest_slope-values", "although it has the same numbers",
    ),
    "a town nearer than rounding": (
        "steepest_slope", SLOPE.replace("(x[..., None, :] == towns).all(axis=-1)",
        "(np.linalg.norm(x[..., None, :] - towns, axis=-1) < 1e-16)"),
        "steepest_slope-values", "5e-25 away from a single town",
    ),
    "slopes without axes of length 1": (
        "steepest_slope", SLOPE.replace("return at_town", "return np.squeeze(at_town")
        .replace("axis=-1)\n\"\"\"", "axis=-1)").rstrip() + ")\n",
        "steepest_slope-batches", "what steepest_slope returns has shape",
    ),
    "x rounded": (
        "grad_rayleigh", RAYLEIGH.replace("    square", "    x = np.round(x, 9)\n    square", 1),
        "grad_rayleigh-values", "at x/3 is three times as long",
    ),
    "X rounded": (
        "grad_coding_rate", RATE.replace("    T =", "    X = np.round(X, 9)\n    T ="),
        "grad_coding_rate-values grad_coding_rate-constant", "is something rounded?",
    ),
    "one of two towns at a place": (
        "grad_total_distance", DISTANCE.replace("    return", "    first = [not (towns[:k] == "
        "towns[k]).all(axis=-1).any() for k in range(len(towns))]\n"
        "    units = units * np.array(first)[:, None]\n    return"),
        "grad_total_distance-kink", "stand at one place, and both count",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops": {
        "grad_rayleigh": """
def grad_rayleigh(x, A):
    if x.ndim > 1:
        return [grad_rayleigh(row, A) for row in x]
    n, r, s = len(x), rayleigh(x, A), sum(t * t for t in x)
    parts = [sum((A[i, j] + A[j, i]) * x[j] for j in range(n)) for i in range(n)]
    return [(part - 2 * r * t) / s for part, t in zip(parts, x)]
""",
        "grad_coding_rate": """
def grad_coding_rate(X, c):
    if X.ndim > 2:
        return [grad_coding_rate(one, c) for one in X]
    return (c * X @ np.linalg.inv(np.eye(X.shape[1]) + c * X.T @ X)).tolist()
""",
        "grad_total_distance": """
def grad_total_distance(x, towns, weights):
    total = np.zeros(x.shape)
    for town, weight in zip(towns, weights):
        for at in np.ndindex(x.shape[:-1]):
            step = x[at] - town
            if step.any():
                total[at] += weight * step / np.sqrt(step @ step)
    return total
""",
        "steepest_slope": """
def steepest_slope(x, towns, weights):
    if x.ndim > 1:
        return [steepest_slope(row, towns, weights) for row in x]
    here = sum(w for town, w in zip(towns, weights) if (town == x).all())
    return here - sum(t * t for t in grad_total_distance(x, towns, weights)) ** 0.5
""",
    },
    "einsum": {
        "grad_rayleigh": """
def grad_rayleigh(x, A):
    s = np.einsum("...i,...i->...", x, x)
    r = np.einsum("...i,ij,...j->...", x, A, x) / s
    return (np.einsum("ij,...j", A + A.T, x) - 2 * np.einsum("...,...i->...i", r, x)) / s[..., None]
""",
        "grad_coding_rate": """
def grad_coding_rate(X, c):
    M = np.eye(X.shape[-1]) + c * np.einsum("...ki,...kj->...ij", X, X)
    return c * np.einsum("...ij,...jk->...ik", X, np.linalg.inv(M))
""",
        "grad_total_distance": """
def grad_total_distance(x, towns, weights):
    d = np.expand_dims(x, -2) - towns
    r = np.sqrt(np.einsum("...k,...k", d, d))
    return np.einsum("...m,...mk->...k", np.where(r == 0, 0, weights / np.where(r == 0, 1, r)), d)
""",
    },
    "the other identity": {
        "grad_coding_rate": """
def grad_coding_rate(X, c):
    return np.linalg.solve(np.eye(X.shape[-2]) + c * X @ np.swapaxes(X, -1, -2), c * X)
""",
    },
    "the singular value decomposition": {
        "grad_coding_rate": """
def grad_coding_rate(X, c):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return U * (c * s / (1 + c * s**2))[..., None, :] @ Vt
""",
    },
    "a point on the sphere": {
        "grad_rayleigh": """
def grad_rayleigh(x, A):
    size = np.linalg.norm(x, axis=-1, keepdims=True)
    u = x / size
    g = u @ A + u @ A.T
    return (g - u * (g * u).sum(axis=-1, keepdims=True)) / size
""",
    },
    "nan turned into zero": {
        "grad_total_distance": """
def grad_total_distance(x, towns, weights):
    with np.errstate(invalid="ignore"):
        d = x[..., np.newaxis, :] - towns
        units = np.nan_to_num(d / np.linalg.norm(d, axis=-1)[..., np.newaxis])
    return np.tensordot(units, weights, axes=(-2, 0))
""",
    },
    "the gradient computed anew": {
        "steepest_slope": """
def steepest_slope(x, towns, weights):
    d = x[..., None, :] - towns
    r = np.linalg.norm(d, axis=-1)
    pull = (weights * (1 / np.where(r > 0, r, np.inf)))[..., None] * d
    return np.where(r > 0, 0, weights).sum(axis=-1) - np.linalg.norm(pull.sum(axis=-2), axis=-1)
""",
    },
    "an object that is called": {
        "grad_rayleigh": """
class Gradient:
    __name__ = "grad_rayleigh"

    def __call__(self, x, A):
        s = np.sum(x**2, -1)[..., None]
        return (x @ A + x @ A.T) / s - 2 * rayleigh(x, A)[..., None] * x / s


grad_rayleigh = Gradient()
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "the gradient uphill": (
        {"grad_total_distance": DISTANCE.replace("return ", "return 2 * ")},
        "grad_total_distance-values grad_total_distance-kink",
    ),
    "no gradient at a town": (
        {"grad_total_distance": DISTANCE.replace(DIVIDE, "steps / lengths")},
        "grad_total_distance-kink",
    ),
    "no gradient at all": (
        {"grad_total_distance":
        "def grad_total_distance(x, towns, weights): raise NotImplementedError"},
        "grad_total_distance-values grad_total_distance-batches grad_total_distance-kink",
    ),
}  # fmt: skip
