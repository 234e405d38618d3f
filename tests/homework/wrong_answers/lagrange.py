"""Wrong answers to the homework on Lagrange multipliers, and what each of them costs."""

FARTHEST = """
def farthest(c, d, r):
    size = np.sqrt((c**2 / d).sum(axis=-1) / r)
    return c / (d * size[..., None]), -size / 2
"""
FIT = """
def constrained_fit(G, y, A, b):
    m, n = A.shape
    K = np.block([[2 * G.T @ G, A.T], [A, np.zeros((m, m))]])
    exact = np.broadcast_to(b, (*y.shape[:-1], m))
    right = np.concatenate([2 * y @ G, exact], axis=-1)
    z = np.linalg.solve(K, right[..., None])[..., 0]
    return z[..., :n], z[..., n:]
"""
ONE_FIT = """
def constrained_fit(G, y, A, b):
    m, n = A.shape
    K = np.block([[2 * G.T @ G, A.T], [A, np.zeros((m, m))]])
    z = np.linalg.solve(K, np.concatenate([2 * G.T @ y, b]))
    return z[:n], z[n:]
"""
ELIMINATED = """
def constrained_fit(G, y, A, b):
    H = 2 * G.T @ G
    V = np.linalg.solve(H, A.T)
    x = np.linalg.solve(H, (2 * y @ G)[..., None])[..., 0]
    lam = np.linalg.solve(A @ V, (x @ A.T - b)[..., None])[..., 0]
    return x - lam @ V.T, lam
"""
PROJECTED = """
def constrained_fit(G, y, A, b):
    x = np.stack([np.linalg.lstsq(G, v)[0] for v in y.reshape(-1, len(G))])
    x = x - (x @ A.T - b) @ np.linalg.pinv(A).T
    lam = -(2 * (x @ G.T - y.reshape(-1, len(G))) @ G) @ np.linalg.pinv(A)
    return x.reshape(*y.shape[:-1], -1), lam.reshape(*y.shape[:-1], -1)
"""
PENALTY = """
def constrained_fit(G, y, A, b):
    H = G.T @ G + 1e5 * A.T @ A
    right = y @ G + 1e5 * b @ A
    x = np.linalg.solve(H, right[..., None])[..., 0]
    return x, 2e5 * (x @ A.T - b)
"""
FREE = """
def constrained_fit(G, y, A, b):
    x = y @ np.linalg.pinv(G).T
    return x, -2 * (x @ G.T - y) @ G @ np.linalg.pinv(A)
"""
SHORTEST = """
def constrained_fit(G, y, A, b):
    x = np.broadcast_to(np.linalg.pinv(A) @ b, (*y.shape[:-1], A.shape[1]))
    return x, -2 * (x @ G.T - y) @ G @ np.linalg.pinv(A)
"""
MOVES = """
def sensitivities(H, J):
    m, n = J.shape
    K = np.block([[H, J.T], [J, np.zeros((m, m))]])
    moved = np.linalg.solve(K, np.eye(n + m)[:, n:])
    return moved[:n], moved[n:]
"""
PREDICT = """
def predict(value, lam, M, delta):
    return value - delta @ lam - (delta @ M * delta).sum(axis=-1) / 2
"""

POINT, NUMBER, BOTH = "farthest-point", "farthest-multiplier", "farthest-point farthest-multiplier"
FIT_X, FIT_LAM, FEW = (
    "constrained_fit-point", "constrained_fit-multipliers", "constrained_fit-few",
)  # fmt: skip
ALL_FIT = f"{FIT_X} {FIT_LAM} {FEW}"
FIT_BATCHES = "constrained_fit-batches"
BOTH_MOVES = "sensitivities-X sensitivities-M"
BOTH_TERMS = "predict-slope predict-curvature"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # 1: by hand
    "the sign of the other convention": (
        "farthest", FARTHEST.replace("-size / 2", "size / 2"), NUMBER, "lam has the opposite sign",
    ),
    "the minimum": (
        "farthest", FARTHEST.replace("return c", "return -c").replace("-size / 2", "size / 2"),
        POINT, "Which of the two candidates is the maximum?",
    ),
    "twice the multiplier": (
        "farthest", FARTHEST.replace("-size / 2", "-size"), NUMBER, "lam is 2 times what balances",
    ),
    "the multiplier of another equation": (
        "farthest", FARTHEST.replace("-size / 2", "-size / 2 / r"), NUMBER,
        "lam is 1/r times what balances the gradient",
    ),
    "a multiplier without r": (
        "farthest", FARTHEST.replace("-size / 2", "-size * r**0.5 / 2"), NUMBER,
        "lam is r^0.5 times what balances the gradient",
    ),
    "the best value for the multiplier": (
        "farthest", FARTHEST.replace("-size / 2", "size * r"), NUMBER,
        "lam is -2 times r times what balances",
    ),
    "the reciprocal of the multiplier": (
        "farthest", FARTHEST.replace("-size / 2", "-1 / (2 * size)"), NUMBER,
        "Put your x into one of the balances and solve it for lam",
    ),
    "the direction of c": (
        "farthest", "def farthest(c, d, r):\n"
        "    size = np.sqrt((d * c**2).sum(axis=-1) / r)\n"
        "    return c / size[..., None], -size / 2",
        BOTH, "x has the direction of the vector with the entries c, in each case",
    ),
    "times the weights": (
        "farthest", FARTHEST.replace("c / (d * size[..., None])", "c * d / size[..., None]"),
        POINT, "Which way does d_i go when the balance is solved",
    ),
    "the root of the weights": (
        "farthest", FARTHEST.replace("(d * size", "(d**0.5 * size"), POINT,
        "with the entries c_i / sqrt(d_i)",
    ),
    "the Euclidean length": (
        "farthest", "def farthest(c, d, r):\n"
        "    x = c / d\n"
        "    size = np.linalg.norm(x, axis=-1) / np.sqrt(r)\n"
        "    return x / size[..., None], -size / 2",
        POINT, "It is sum x_i^2 that is r in your answers",
    ),
    "r left out": (
        "farthest", FARTHEST.replace(" / r)", ")"), POINT, "It is 1 in your answers, whatever r is",
    ),
    "r for its root": (
        "farthest", FARTHEST.replace("-1) / r)", "-1)) / r"),
        POINT, "It is r^2 in your answers: which root belongs where?",
    ),
    "no root": (
        "farthest", FARTHEST.replace("np.sqrt(", "("), POINT,
        "put that into the equation, and solve it for the number",
    ),
    "weights lost in the length": (
        "farthest", FARTHEST.replace("(c**2 / d)", "(c**2)"), POINT,
        "put that into the equation, and solve it for the number",
    ),
    "the first balance decides": (
        "farthest", FARTHEST.replace("-size / 2", "-c[..., 0] / (2 * d[0] * (c / (d * size"
                                     "[..., None]))[..., 0])"),
        NUMBER, "An entry of c is 0, so x_i is 0, too: is it divided by?",
    ),
    "one sum for the batch": (
        "farthest", FARTHEST.replace(".sum(axis=-1)", ".sum()").replace("size[..., None]", "size"),
        "farthest-batches", "lam, one number for each c, has shape ()",
    ),
    "the sum over the batch": (
        "farthest", FARTHEST.replace("axis=-1", "axis=0").replace("size[..., None]", "size"),
        "farthest-batches", "lam, one number for each c, has shape (3,)",
    ),
    "no axis for the numbers of the batch": (
        "farthest", FARTHEST.replace("size[..., None]", "size"),
        "farthest-batches", "For a batch of c of shape (4, 3), farthest raises ValueError",
    ),
    "c squared in place": (
        "farthest", FARTHEST.replace("    size", "    c /= d\n    size")
        .replace("(c**2 / d)", "(c**2 * d)").replace("c / (d * size", "c / (size"),
        "", "farthest changes its input",
    ),
    "the multiplier first": (
        "farthest", FARTHEST.replace("return c / (d * size[..., None]), -size / 2",
                                     "return -size / 2, c / (d * size[..., None])"),
        BOTH + " farthest-batches", "x, which comes first, has shape ()",
    ),
    "the multiplier left out": (
        "farthest", FARTHEST.replace(", -size / 2", ""), BOTH + " farthest-batches",
        "farthest should return the pair (x, lam)",
    ),
    "single precision": (
        "farthest", FARTHEST.replace("c / (d * size[..., None])",
                                     "(c / (d * size[..., None])).astype(np.float32)"),
        POINT, "has the type float32",
    ),
    # 2: by a matrix
    "no factor 2": (
        "constrained_fit", FIT.replace("2 * ", ""), FIT_LAM, "lam is 1/2 times what balances",
    ),
    "2 in the matrix only": (
        "constrained_fit", FIT.replace("2 * y", "y"), FIT_X, "the best fit to 0.5 times y",
    ),
    "2 on the right side only": (
        "constrained_fit", FIT.replace("2 * G", "G"), f"{FIT_X} {FIT_LAM}",
        "the best fit to 2 times y",
    ),
    "y on the wrong side": (
        "constrained_fit", FIT.replace("[2 * y @ G", "[-2 * y @ G"), FIT_X,
        "the best fit to -1 times y",
    ),
    "b on the wrong side": (
        "constrained_fit", FIT.replace("(b, ", "(-b, "), FIT_X,
        "A x is -1 times b, in each case",
    ),
    "the Lagrangian with a minus": (
        "constrained_fit", FIT.replace("z[..., n:]", "-z[..., n:]"), FIT_LAM,
        "lam has the opposite sign",
    ),
    "a minus in the matrix": (
        "constrained_fit", FIT.replace(", A.T]", ", -A.T]"), FIT_LAM, "lam has the opposite sign",
    ),
    "multipliers in reverse": (
        "constrained_fit", FIT.replace("z[..., n:]", "z[..., n:][..., ::-1]"), FIT_LAM,
        "lam: the multipliers are in the wrong order",
    ),
    "the unknowns cut off in the wrong place": (
        "constrained_fit", FIT.replace("z[..., :n], z[..., n:]", "z[..., m:], z[..., :m]"),
        ALL_FIT, "x is not feasible: A x is",
    ),
    "block elimination": (
        "constrained_fit", ELIMINATED, FEW, "Here G^T G is singular",
    ),
    "the projection of the free fit": (
        "constrained_fit", PROJECTED, ALL_FIT, "Nearest in x is not nearest in G x",
    ),
    "a penalty": (
        "constrained_fit", PENALTY, ALL_FIT,
        "Is it an equation of your system, or a penalty?",
    ),
    "equations as measurements": (
        "constrained_fit", PENALTY.replace("1e5 * ", "").replace("2e5", "2"), ALL_FIT,
        "each equation counts as 1 measurement. The equations must hold exactly",
    ),
    "a small penalty": (
        "constrained_fit", PENALTY.replace("1e5", "50").replace("2e5", "100"), ALL_FIT,
        "each equation counts as 50 measurements",
    ),
    "the fit without equations": (
        "constrained_fit", FREE, ALL_FIT, "x is the best fit without the equations",
    ),
    "the equations without measurements": (
        "constrained_fit", SHORTEST, ALL_FIT, "The measurements y don't come in",
    ),
    "G and its transpose exchanged": (
        "constrained_fit", FIT.replace("G.T @ G", "G @ G.T"),
        ALL_FIT + " " + FIT_BATCHES, "constrained_fit raises ValueError",
    ),
    "A not transposed": (
        "constrained_fit", FIT.replace("A.T]", "A]"),
        ALL_FIT + " " + FIT_BATCHES, "The KKT matrix has n + m = 4 rows, in blocks of 3 and 1",
    ),
    "zeros for A": (
        "constrained_fit", FIT.replace("A.T]", "0 * A.T]"), ALL_FIT + " " + FIT_BATCHES, "raises",
    ),
    "one y only": (
        "constrained_fit", ONE_FIT, FIT_BATCHES, "Does b come as often as there are y?",
    ),
    "a batch taken for columns": (
        "constrained_fit", FIT.replace("np.linalg.solve(K, right[..., None])[..., 0]",
                                       "np.linalg.solve(K, right)"),
        FIT_BATCHES, "which axes does np.linalg.solve take for those of one right side?",
    ),
    "a batch taken for columns if there are as many": (
        "constrained_fit", FIT.replace("np.linalg.solve(K, right[..., None])[..., 0]",
                                       "np.linalg.solve(K, right if right.shape == K.shape else "
                                       "right[..., None]).reshape(right.shape)"),
        FIT_BATCHES, "There are as many y as K has rows",
    ),
    "a batch flattened": (
        "constrained_fit", ONE_FIT.replace("y, b])", "y.T, np.tile(b[:, None], (1, len(y)))])"
                                           " if y.ndim > 1 else np.concatenate([2 * G.T @ y, b])")
        .replace("z[:n], z[n:]", "z[:n].T, z[n:].T"),
        FIT_BATCHES, "For a batch of y of shape (2, 3, 6)",
    ),
    "everything in one vector": (
        "constrained_fit", FIT.replace("z[..., :n], z[..., n:]", "z"), ALL_FIT + " " + FIT_BATCHES,
        "constrained_fit should return the pair (x, lam)",
    ),
    "a regularized matrix": (
        "constrained_fit", FIT.replace("    exact", "    K = K + 1e-7 * np.eye(n + m)\n    exact"),
        ALL_FIT, "A x = b holds only roughly",
    ),
    "a regularized matrix, a little": (
        "constrained_fit", FIT.replace("2 * G.T @ G,", "2 * (G.T @ G + 1e-8 * np.eye(n)),"),
        "constrained_fit-point constrained_fit-few", "right to a few digits only",
    ),
    "no multipliers if there is no choice": (
        "constrained_fit", FIT.replace("    z = np", "    if m == n:\n"
        "        x = np.linalg.solve(A, exact[..., None])[..., 0]\n"
        "        return x, 0 * x\n    z = np"),
        "constrained_fit-multipliers",
        "For G of shape (7, 2) and A of shape (2, 2), x is right, but",
    ),
    "y doubled in place": (
        "constrained_fit", FIT.replace("    exact", "    y *= 2\n    exact")
        .replace("2 * y @ G", "y @ G"),
        "", "constrained_fit changes its input",
    ),
    # 3: how the solution moves
    "delta on the wrong side": (
        "sensitivities", MOVES.replace("K, np.eye", "K, -np.eye"), "sensitivities-X",
        "J X = -1 times the identity",
    ),
    "the multipliers with the other sign": (
        "sensitivities", MOVES.replace(", moved[n:]", ", -moved[n:]"), "sensitivities-M",
        "M has the opposite sign",
    ),
    "half of the Hessian": (
        "sensitivities", MOVES.replace("[[H,", "[[H / 2,"), "sensitivities-M",
        "M is 0.5 times what balances",
    ),
    "the shortest step": (
        "sensitivities", "def sensitivities(H, J):\n"
        "    X = np.linalg.pinv(J)\n"
        "    return X, -np.linalg.pinv(J.T) @ H @ X",
        BOTH_MOVES, "x must be balanced after it has moved, too: where does H come in?",
    ),
    "multipliers that stay": (
        "sensitivities", MOVES.replace("moved[n:]", "0 * moved[n:]"), "sensitivities-M",
        "do the multipliers stay when x moves?",
    ),
    "the Hessian eliminated": (
        "sensitivities", "def sensitivities(H, J):\n"
        "    V = np.linalg.solve(H, J.T)\n"
        "    M = -np.linalg.inv(J @ V)\n"
        "    return -V @ M, M",
        BOTH_MOVES, "Only the KKT matrix as a whole is regular",
    ),
    "transposed": (
        "sensitivities", MOVES.replace("moved[:n]", "moved[:n].T"), "sensitivities-X",
        "it looks transposed",
    ),
    "the identity above": (
        "sensitivities", MOVES.replace("np.eye(n + m)[:, n:]", "np.eye(n + m)[:, :m]"),
        BOTH_MOVES, "J X = 0 times the identity",
    ),
    "all of the inverse": (
        "sensitivities", MOVES.replace("np.eye(n + m)[:, n:]", "np.eye(n + m)"), BOTH_MOVES,
        "X, which comes first, has shape (4, 6), expected (4, 2)",
    ),
    "a vector of ones": (
        "sensitivities", MOVES.replace("np.eye(n + m)[:, n:]",
                                       "np.append(np.zeros(n), np.ones(m))"),
        BOTH_MOVES, "X, which comes first, has shape (4,), expected (4, 2)",
    ),
    "ones in every row": (
        "sensitivities", MOVES.replace("np.eye(n + m)[:, n:]",
                                       "np.vstack([np.zeros((n, m)), np.ones((m, m))])"),
        BOTH_MOVES, "that says what J X is",
    ),
    "J where its transpose belongs": (
        "sensitivities", MOVES.replace("[H, J.T]", "[H, J]"), BOTH_MOVES,
        "For H of shape (4, 4) and J of shape (2, 4), sensitivities raises ValueError",
    ),
    "the pair exchanged": (
        "sensitivities", MOVES.replace("moved[:n], moved[n:]", "moved[n:], moved[:n]"),
        BOTH_MOVES, "X, which comes first, has shape (2, 2), expected (4, 2)",
    ),
    "the Hessian overwritten": (
        "sensitivities", MOVES.replace("    K =", "    H += H.T\n    H /= 2\n    H *= 1.5\n    K =")
        .replace("[[H,", "[[H / 1.5,"),
        "", "sensitivities changes its input",
    ),
    # 4: the best value
    "the slope is lam": (
        "predict", PREDICT.replace("- delta @ lam", "+ delta @ lam"), "predict-slope",
        "1 times the product of lam and delta",
    ),
    "the curvature is M": (
        "predict", PREDICT.replace("- (delta", "+ (delta"), "predict-curvature",
        "The slope of v is not lam: what is its derivative?",
    ),
    "no half": (
        "predict", PREDICT.replace(" / 2", ""), "predict-curvature",
        "Which factor has it in a Taylor polynomial?",
    ),
    "first order only": (
        "predict", "def predict(value, lam, M, delta):\n    return value - delta @ lam",
        "predict-curvature", "where is the term of second order, with M?",
    ),
    "no value": (
        "predict", PREDICT.replace("value - delta", "-delta"), "predict-slope", "what is v(0)?",
    ),
    "second order only": (
        "predict", PREDICT.replace("- delta @ lam ", ""), "predict-slope",
        "where is the term with lam?",
    ),
    "the diagonal of M": (
        "predict", PREDICT.replace("(delta @ M * delta)", "(delta**2 * np.diag(M))"),
        "predict-curvature", "takes the diagonal of M alone",
    ),
    "one delta only": (
        "predict", "def predict(value, lam, M, delta):\n"
        "    return value - lam @ delta - delta @ M @ delta / 2",
        "predict-batches", "predict raises ValueError",
    ),
    "the whole batch summed": (
        "predict", PREDICT.replace(".sum(axis=-1)", ".sum()"), "predict-batches",
        "are those of each delta alone",
    ),
    "lam changed by M first": (
        "predict", "def predict(value, lam, M, delta):\n"
        "    return value - (delta * (lam + delta @ M)).sum(axis=-1)",
        "predict-curvature", "The term of second order is -1 delta^T M delta",
    ),
    "an entry 0 decides for all": (
        "farthest", FARTHEST.replace(
            "    return", "    if np.any(c == 0):\n"
            "        size = np.full(np.shape(size), np.sqrt((c**2 / d).sum() / r))\n    return", 1),
        "farthest-batches", "of which some have an entry 0",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops and lists": {
        "farthest": """
def farthest(c, d, r):
    if c.ndim > 1:
        pairs = [farthest(one, d, r) for one in c]
        return [x for x, _ in pairs], [lam for _, lam in pairs]
    total = 0.0
    for ci, di in zip(c, d):
        total += ci * ci / di
    lam = -0.5 * (total / r) ** 0.5
    return [float(-ci / (2 * lam * di)) for ci, di in zip(c, d)], float(lam)
""",
        "constrained_fit": """
def constrained_fit(G, y, A, b):
    if y.ndim > 1:
        pairs = [constrained_fit(G, one, A, b) for one in y]
        return [x for x, _ in pairs], [lam for _, lam in pairs]
    m, n = A.shape
    K, right = np.zeros((n + m, n + m)), np.zeros(n + m)
    for i in range(n):
        for j in range(n):
            K[i, j] = 2 * sum(G[:, i] * G[:, j])
        for j in range(m):
            K[i, n + j] = K[n + j, i] = A[j, i]
        right[i] = 2 * sum(G[:, i] * y)
    right[n:] = b
    z = np.linalg.solve(K, right)
    return list(z[:n]), list(z[n:])
""",
        "sensitivities": """
def sensitivities(H, J):
    m, n = len(J), len(H)
    K = np.vstack([np.hstack([H, J.T]), np.hstack([J, np.zeros((m, m))])])
    columns = []
    for j in range(m):
        unit = [0.0] * (n + m)
        unit[n + j] = 1.0
        columns.append(np.linalg.solve(K, unit))
    return [list(row) for row in zip(*(z[:n] for z in columns))], [
        list(row) for row in zip(*(z[n:] for z in columns))
    ]
""",
        "predict": """
def predict(value, lam, M, delta):
    if delta.ndim > 1:
        return [predict(value, lam, M, one) for one in delta]
    total = value
    for i in range(len(lam)):
        total -= lam[i] * delta[i]
        for j in range(len(lam)):
            total -= 0.5 * M[i, j] * delta[i] * delta[j]
    return total
""",
    },
    "other coordinates": {
        "farthest": """
def farthest(c, d, r):
    root = np.sqrt(d)
    u = c / root  # x = y / root, and y lies on a ball
    length = np.linalg.norm(u, axis=-1, keepdims=True)
    return np.sqrt(r) * u / length / root, (-length / np.sqrt(4 * r)).squeeze(-1)
""",
        "predict": """
def predict(value, lam, M, delta):
    moved = lam + 0.5 * np.einsum("ij,...j->...i", M, delta)
    return value - np.einsum("...i,...i", moved, delta)
""",
    },
    "by the null space": {
        "constrained_fit": """
def constrained_fit(G, y, A, b):
    m = len(A)
    Q, R = np.linalg.qr(A.T, mode="complete")
    Y, Z, R = Q[:, :m], Q[:, m:], R[:m]
    start = Y @ np.linalg.solve(R.T, b)
    rest = y - start @ G.T
    x = start + 0 * rest[..., :1]
    if Z.shape[1]:
        x = x + np.einsum("ij,...j->...i", Z @ np.linalg.pinv(G @ Z), rest)
    slope = 2 * (x @ G.T - y) @ G
    return x, -np.linalg.solve(R, (slope @ Y)[..., None])[..., 0]
""",
        "sensitivities": """
def sensitivities(H, J):
    m, n = J.shape
    Q, R = np.linalg.qr(J.T, mode="complete")
    Y, Z = Q[:, :m], Q[:, m:]
    P = Y @ np.linalg.inv(R[:m]).T
    if m < n:
        X = P - Z @ np.linalg.solve(Z.T @ H @ Z, Z.T @ H @ P)
    else:
        X = P
    return X, -P.T @ H @ X
""",
    },
    "by the inverse of the matrix": {
        "constrained_fit": """
def constrained_fit(G, y, A, b):
    m, n = A.shape
    K = np.zeros((m + n, m + n))  # the multipliers come first
    K[:m, m:], K[m:, :m], K[m:, m:] = A, A.T, 2 * G.T @ G
    inverse = np.linalg.inv(K)
    z = np.concatenate([np.zeros((*y.shape[:-1], m)) + b, 2 * y @ G], axis=-1) @ inverse
    return [z[..., m:], z[..., :m]]
""",
        "sensitivities": """
def sensitivities(H, J):
    m, n = J.shape
    inverse = np.linalg.inv(np.r_[np.c_[H, J.T], np.c_[J, np.zeros((m, m))]])
    return inverse[n:, :n].T, inverse[n:, n:]
""",
    },
    "with classes": {
        "constrained_fit": """
class Saddle:
    def __init__(self, H, A):
        self.n = len(H)
        corner = np.zeros((len(A), len(A)))
        self.K = np.block([[H, A.T], [A, corner]])

    def solve(self, above, below):
        right = np.concatenate([above, below], axis=0)
        z = np.linalg.solve(self.K, right)
        return z[: self.n], z[self.n :]

def constrained_fit(G, y, A, b):
    flat = y.reshape(-1, len(G)).T
    below = np.tile(b.reshape(-1, 1), flat.shape[1])
    x, lam = Saddle(2 * G.T @ G, A).solve(2 * G.T @ flat, below)
    return x.T.reshape(y.shape[:-1] + (-1,)), lam.T.reshape(y.shape[:-1] + (-1,))
""",
        "sensitivities": """
class Saddle:
    def __init__(self, H, A):
        self.n = len(H)
        self.K = np.block([[H, A.T], [A, np.zeros((len(A), len(A)))]])

def sensitivities(H, J):
    system = Saddle(H, J)
    right = np.zeros((len(system.K), len(J)))
    right[system.n :] = np.identity(len(J))
    return tuple(np.split(np.linalg.solve(system.K, right), [system.n]))
""",
    },
    "by recursion and vectorize": {
        "farthest": """
def farthest(c, d, r):
    if c.ndim > 2:
        parts = [farthest(part, d, r) for part in c]
        return np.stack([x for x, _ in parts]), np.stack([lam for _, lam in parts])
    weights = np.diag(1 / d)
    best = np.sqrt(r * (c @ weights * c).sum(-1))
    x = (r * c @ weights).T / best
    return x.T, -best / (2 * r)
""",
        "predict": """
def predict(value, lam, M, delta):
    return np.vectorize(
        lambda step: value - step @ lam - step @ M @ step / 2, signature="(m)->()"
    )(delta)
""",
    },
    "multipliers from the balance by least squares": {
        "constrained_fit": """
def constrained_fit(G, y, A, b):
    m, n = A.shape
    K = np.block([[2 * G.T @ G, A.T], [A, np.zeros((m, m))]])
    several = np.atleast_2d(y.reshape(-1, len(G)))
    found = []
    for one in several:
        x = np.linalg.lstsq(K, np.append(2 * G.T @ one, b), rcond=None)[0][:n]
        lam = np.linalg.lstsq(A.T, 2 * G.T @ (one - G @ x), rcond=None)[0]
        found.append((x, lam))
    x, lam = (np.array(part) for part in zip(*found))
    return x.reshape(*y.shape[:-1], n), lam.reshape(*y.shape[:-1], m)
""",
    },
}  # fmt: skip
