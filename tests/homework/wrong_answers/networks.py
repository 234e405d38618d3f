"""Wrong answers to the homework on networks, and what each of them costs."""

PASS = """
def forward_pass(layers, v, leak=0.0):
    on = [np.zeros((*v.shape[:-1], 0), dtype=bool)]
    for A, b in layers[:-1]:
        z = v @ A.T + b
        on.append(z > 0)
        v = np.where(z > 0, z, leak * z)
    A, b = layers[-1]
    return v @ A.T + b, np.concatenate(on, axis=-1)
"""
LEAKY = "np.where(z > 0, z, leak * z)"
OUT = "return v @ A.T + b,"
ONE_POINT = """
def forward_pass(layers, v, leak=0.0):
    on = []
    for A, b in layers[:-1]:
        z = A @ v + b
        on.extend(z > 0)
        v = np.maximum(z, leak * z)
    A, b = layers[-1]
    return A @ v + b, np.array(on, dtype=bool)
"""
WIDEST = """
def widest(n_in, n_out, depth, budget):
    w = 0
    while size(n_in, n_out, depth, w + 1) <= budget:
        w += 1
    return w

def size(n_in, n_out, depth, w):
    widths = [n_in] + [w] * depth + [n_out]
    return sum(n * (m + 1) for m, n in zip(widths, widths[1:]))
"""
WALK = """
def breakpoints(layers, start, end):
    t = np.array([0.0, 1.0])
    v = np.array([start, end])
    for A, b in layers[:-1]:
        z = v @ A.T + b
        i, j = np.nonzero((z[:-1] > 0) & (z[1:] < 0) | (z[:-1] < 0) & (z[1:] > 0))
        s = z[i, j] / (z[i, j] - z[i + 1, j])
        new = t[i] + s * (t[i + 1] - t[i])
        points = np.concatenate([z, z[i] + s[:, None] * (z[i + 1] - z[i])])
        t, first = np.unique(np.append(t, new), return_index=True)
        v = np.maximum(points[first], 0)
    t = t[(t > 1e-9) & (t < 1 - 1e-9)]
    return t[np.append(True, np.diff(t) > 1e-9)[: len(t)]]
"""
LAST = "return t[np.append(True, np.diff(t) > 1e-9)[: len(t)]]"
INSIDE = "    t = t[(t > 1e-9) & (t < 1 - 1e-9)]\n"
GRID = """
def breakpoints(layers, start, end):
    t = np.linspace(0, 1, 10001)
    _, on = forward_pass(layers, start + t[:, None] * (end - start))
    change = np.flatnonzero((on[1:] != on[:-1]).any(axis=1))
    return (t[change] + t[change + 1]) / 2
"""
BISECT = """
def breakpoints(layers, start, end):
    def pattern(t):
        return forward_pass(layers, start + t * (end - start))[1]
    grid, found = np.linspace(1e-9, 1 - 1e-9, 101), []
    for low, high in zip(grid, grid[1:]):
        before = pattern(low)
        if (before != pattern(high)).any():
            while high - low > 1e-13:
                middle = (low + high) / 2
                if (pattern(middle) != before).any():
                    high = middle
                else:
                    low = middle
            found.append(high)
    return np.array(found)
"""
ANYWHERE = """
def breakpoints(layers, start, end):
    t = np.array([0.0, 1.0])
    for k in range(1, len(layers)):
        z, _ = forward_pass(layers[:k], start + t[:, None] * (end - start))
        more = []
        for n in range(len(t) - 1):
            for low, high in zip(z[n], z[n + 1]):
                if low != high:
                    more.append(t[n] + (t[n + 1] - t[n]) * low / (low - high))
        more = [s for s in more if 1e-9 < s < 1 - 1e-9]
        t = np.sort([*t, *more])
        t = t[np.append(True, np.diff(t) > 1e-9)]
    return t[1:-1]
"""
CHORDS = """
def breakpoints(layers, start, end):
    found = []
    for k in range(1, len(layers)):
        z, y = forward_pass(layers[:k], np.array([start, end]))[0]
        found += [a / (a - b) for a, b in zip(z, y) if a * b < 0]
    found = np.sort(found)
    return found[np.append(True, np.diff(found) > 1e-9)[: len(found)]]
"""
LAST_ONLY = (
    WALK.replace("def breakpoints", "def walk")
    + """
def breakpoints(layers, start, end):
    t, before = walk(layers, start, end), walk(layers[:-1], start, end)
    return [s for s in t if not np.isclose(s, before, rtol=0, atol=1e-9).any()]
"""
)
AT_START = """
def breakpoints(layers, start, end):
    found, now, slope = [], start, end - start
    for A, b in layers[:-1]:
        z, dz = A @ now + b, A @ slope
        found += [-p / q for p, q in zip(z, dz) if q != 0 and 0 < -p / q < 1]
        now, slope = np.maximum(z, 0), dz * (z > 0)
    found = np.sort(found)
    return found[np.append(True, np.diff(found) > 1e-9)[: len(found)]]
"""
SLOPES = """
def breakpoints(layers, start, end):
    t = full(layers, start, end)
    edges = np.concatenate([[0.0], t, [1.0]])
    out = forward_pass(layers, start + edges[:, None] * (end - start))[0]
    slope = np.diff(out, axis=0) / np.diff(edges)[:, None]
    return t[[not np.allclose(p, q, rtol=1e-7, atol=1e-9) for p, q in zip(slope, slope[1:])]]
""" + WALK.replace("def breakpoints", "def full")
FOLD = """
def fold(normals, offsets):
    n = normals.shape[1]
    I = np.eye(n)
    layers, out, shift = [], I, np.zeros(n)
    for a, c in zip(normals, offsets):
        rows, bias = np.vstack([I, -I, a[None]]), np.append(np.zeros(2 * n), -c)
        layers.append((rows @ out, rows @ shift + bias))
        out = np.hstack([I, -I, -2 * a[:, None] / (a @ a)])
    layers.append((out, shift))
    return layers
"""
OUT_OF_FOLD = "np.hstack([I, -I, -2 * a[:, None] / (a @ a)])"
UNMERGED = """
def fold(normals, offsets):
    n = normals.shape[1]
    I, layers = np.eye(n), []
    for a, c in zip(normals, offsets):
        layers.append((np.vstack([I, -I, a[None]]), np.append(np.zeros(2 * n), -c)))
        layers.append((np.hstack([I, -I, -2 * a[:, None] / (a @ a)]), np.zeros(n)))
    return layers
"""
TWO_LAYERS = """
def fold(normals, offsets):
    n = normals.shape[1]
    I, layers, out = np.eye(n), [], np.eye(n)
    for a, c in zip(normals, offsets):
        layers.append((np.vstack([I, -I, a[None]]) @ out, np.append(np.zeros(2 * n), -c)))
        moved = np.hstack([I, -I, -2 * a[:, None] / (a @ a)])
        layers.append((np.vstack([moved, -moved]), np.zeros(2 * n)))
        out = np.hstack([I, -I])
    return [*layers, (out, np.zeros(n))]
"""
AT_ONCE = """
def fold(normals, offsets):
    n = normals.shape[1]
    I = np.eye(n)
    moves = -2 * normals.T / (normals**2).sum(axis=1)
    return [(np.vstack([I, -I, normals]), np.append(np.zeros(2 * n), -offsets)),
            (np.hstack([I, -I, moves]), np.zeros(n))]
"""
ALL_PASS = "forward_pass-out forward_pass-leak forward_pass-on forward_pass-batches"
ALL_WALKS = "breakpoints-one breakpoints-deep breakpoints-many breakpoints-special"
ALL_FOLDS = "fold-one fold-everywhere fold-lengths fold-several"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    # Part 1
    "a ReLU on the outputs": (
        "forward_pass", PASS.replace(OUT, "return np.maximum(v @ A.T + b, 0),"),
        "forward_pass-out", "out is as if the last layer had a ReLU, too",
    ),
    "the leaky ReLU on the outputs": (
        "forward_pass", PASS.replace(OUT, "z = v @ A.T + b\n    return np.maximum(z, leak * z),"),
        "forward_pass-out", "out is as if the last layer had a leaky ReLU, too",
    ),
    "no ReLU at all": (
        "forward_pass", PASS.replace(LEAKY, "z"),
        "forward_pass-out forward_pass-leak forward_pass-on",
        "out is as if no layer had a ReLU",
    ),
    "no biases": (
        "forward_pass", PASS.replace("A.T + b", "A.T"),
        "forward_pass-out forward_pass-on", "out is as if no layer had a bias",
    ),
    "no bias of the outputs": (
        "forward_pass", PASS.replace(OUT, "return v @ A.T,"),
        "forward_pass-out", "out is as if the last layer had no bias",
    ),
    "biases subtracted": (
        "forward_pass", PASS.replace("A.T + b", "A.T - b"),
        "forward_pass-out forward_pass-on", "out is as if the biases were subtracted",
    ),
    "biases after the ReLU": (
        "forward_pass", PASS.replace("A.T + b\n        on", "A.T\n        on")
        .replace("leak * z)", "leak * z) + b"),
        "forward_pass-out forward_pass-on",
        "out is as if the biases were added after the ReLU",
    ),
    "no leak": (
        "forward_pass", PASS.replace(LEAKY, "np.maximum(z, 0)"),
        "forward_pass-leak", "out is as if leak were always 0",
    ),
    "leak for the value": (
        "forward_pass", PASS.replace(LEAKY, "np.where(z > 0, z, leak)"),
        "forward_pass-leak", "leak stood for the value where z is not above 0",
    ),
    "the larger of z and leak": (
        "forward_pass", PASS.replace(LEAKY, "np.maximum(z, leak)"),
        "forward_pass-leak", "max(z, leak) stood for the leaky ReLU",
    ),
    "a leak upwards": (
        "forward_pass", PASS.replace("leak * z)", "-leak * z)"),
        "forward_pass-leak", "the values where z is not above 0 had the opposite sign",
    ),
    "the smaller one": (
        "forward_pass", PASS.replace(LEAKY, "np.minimum(z, leak * z)"),
        "forward_pass-out forward_pass-leak forward_pass-on",
        "the z above 0 were multiplied by leak, and the others not",
    ),
    "leak on the wrong side": (
        "forward_pass", PASS.replace(LEAKY, "np.where(z > 0, leak * z, z)"),
        "forward_pass-out forward_pass-leak forward_pass-on",
        "the z above 0 were multiplied by leak, and the others not",
    ),
    "a default leak": (
        "forward_pass", PASS.replace("leak=0.0", "leak=0.01"),
        "forward_pass-leak", "Without leak, forward_pass should do what it does with leak=0.0",
    ),
    "zero is on": (
        "forward_pass", PASS.replace("on.append(z > 0)", "on.append(z >= 0)"),
        "forward_pass-on", "on is as if a z of exactly 0 counted as on",
    ),
    "on where v is not 0": (
        "forward_pass", PASS.replace("        on.append(z > 0)\n", "").replace("leak * z)\n",
        "leak * z)\n        on.append(v != 0)\n"),
        "forward_pass-on", "on is as if each neuron were on whose v is not 0",
    ),
    "who is off": (
        "forward_pass", PASS.replace("on.append(z > 0)", "on.append(z <= 0)"),
        "forward_pass-on", "on is as if on and off were exchanged",
    ),
    "the last layer first": (
        "forward_pass", PASS.replace("concatenate(on,", "concatenate(on[::-1],"),
        "forward_pass-on", "on is as if the layers stood in reversed order",
    ),
    "outputs among the neurons": (
        "forward_pass", PASS.replace("    return", "    on.append(v @ A.T + b > 0)\n    return"),
        "forward_pass-on", "Outputs are no neurons",
    ),
    "only the last hidden layer": (
        "forward_pass", PASS.replace("np.concatenate(on, axis=-1)", "on[-1]"),
        "forward_pass-on", "one entry for each hidden neuron, of which there are 9",
    ),
    "how many are on": (
        "forward_pass", PASS.replace("np.concatenate(on, axis=-1)", "np.concatenate(on, axis=-1)"
        ".sum(axis=-1)"),
        "forward_pass-on", "on has shape (), expected (3,)",
    ),
    "on, out": (
        "forward_pass", PASS.replace(OUT + " np.concatenate(on, axis=-1)",
        "return np.concatenate(on, axis=-1), v @ A.T + b"),
        "forward_pass-out forward_pass-leak forward_pass-on",
        "the two results stand in another order: out, then on",
    ),
    "the outputs alone": (
        "forward_pass", PASS.replace(", np.concatenate(on, axis=-1)", ""),
        ALL_PASS, "forward_pass should return the pair (out, on)",
    ),
    "one point only": (
        "forward_pass", ONE_POINT, "forward_pass-batches", "for rows v of a batch",
    ),
    "neurons of a batch one below the other": (
        "forward_pass", PASS.replace("(on, axis=-1)", "(on[1:] or on, axis=0)"),
        "forward_pass-batches", "with v of shape (4, 3): forward_pass raises ValueError",
    ),
    "fails without hidden layers": (
        "forward_pass", PASS.replace("on = [np.zeros((*v.shape[:-1], 0), dtype=bool)]", "on = []"),
        "forward_pass-out forward_pass-batches",
        "so without a neuron: forward_pass raises ValueError",
    ),
    "v changed in place": (
        "forward_pass", PASS.replace("    for A", "    v *= 1.5\n    v /= 1.5 + 1e-9\n    for A"),
        "", "the caller's v is different",
    ),
    "float32": (
        "forward_pass", PASS.replace(OUT, "return np.float32(v @ A.T + b),"),
        "forward_pass-out forward_pass-leak", "out has the type float32",
    ),
    # Part 2
    "weights without biases": (
        "widest", WIDEST.replace("(m + 1)", "m"),
        "widest-width widest-limits", "as if no bias were counted",
    ),
    "no biases of the outputs": (
        "widest", WIDEST.replace("(widths, widths[1:]))", "(widths, widths[1:])) - n_out"),
        "widest-width widest-limits", "as if the biases of the outputs were not counted",
    ),
    "biases of the inputs": (
        "widest", WIDEST.replace("(widths, widths[1:]))", "(widths, widths[1:])) + n_in"),
        "widest-width widest-limits", "as if the inputs had biases, too",
    ),
    "one bias a layer": (
        "widest", WIDEST.replace("n * (m + 1)", "n * m + 1"),
        "widest-width widest-limits", "as if each layer had a single bias",
    ),
    "depth counts all layers": (
        "widest", WIDEST.replace("[w] * depth", "[w] * (depth - 1)"),
        "widest-width widest-limits", "as if there were one hidden layer less",
    ),
    "one hidden layer too many": (
        "widest", WIDEST.replace("[w] * depth", "[w] * (depth + 1)"),
        "widest-width widest-limits", "as if there were one hidden layer more",
    ),
    "one hidden layer": (
        "widest", WIDEST.replace("[w] * depth", "[w]"),
        "widest-width widest-limits", "as if there were one hidden layer only",
    ),
    "less than the budget": (
        "widest", WIDEST.replace("<= budget", "< budget"),
        "widest-limits", "as if exactly budget weights were too many",
    ),
    "one too wide": (
        "widest", WIDEST.replace("return w\n", "return w + 1\n"),
        "widest-width widest-limits", "as if the first width were returned that is too large",
    ),
    "one too narrow": (
        "widest", WIDEST.replace("return w\n", "return max(w - 1, 0)\n"),
        "widest-width widest-limits", "as if the largest width were not tried",
    ),
    "at most a thousand": (
        "widest", WIDEST.replace("while size", "while w < 1000 and size"),
        "widest-width", "With more hidden layers all is right; with one it is not",
    ),
    "never 0": (
        "widest", WIDEST.replace("return w\n", "return max(w, 1)\n"),
        "widest-limits", "as if at least 1 were returned, even where no width fits",
    ),
    "budget by the widths": (
        "widest", "def widest(n_in, n_out, depth, budget): return budget // (n_in + n_out + depth)",
        "widest-width widest-limits", "2 cases are right, of 13",
    ),
    "not rounded": (
        "widest", "def widest(n_in, n_out, depth, budget):\n    return (budget - n_out) / "
        "(n_in + 1 + n_out)",
        "widest-width widest-limits", "it should be a whole number, 0 or more",
    ),
    # Part 3
    "the first layer only": (
        "breakpoints", WALK.replace("in layers[:-1]:", "in layers[:1] if layers[1:] else []:"),
        "breakpoints-deep breakpoints-many", "it is as if only the first hidden layer counted",
    ),
    "the last hidden layer forgotten": (
        "breakpoints", WALK.replace("in layers[:-1]:", "in layers[:-2]:"),
        ALL_WALKS, "it is as if the last hidden layer did not count",
    ),
    "outputs, too": (
        "breakpoints", WALK.replace("in layers[:-1]:", "in layers:"),
        "breakpoints-deep breakpoints-special",
        "it is as if the zeros of the outputs counted, too",
    ),
    "straight folds": (
        "breakpoints", WALK.replace("np.maximum(points[first], 0)", "points[first]"),
        "breakpoints-deep breakpoints-many", "the layers had no ReLU, so that no fold bends",
    ),
    "the pattern of the start": (
        "breakpoints", AT_START, "breakpoints-deep breakpoints-many",
        "each neuron stayed the affine function which it is at the start",
    ),
    "walk without biases": (
        "breakpoints", WALK.replace("@ A.T + b", "@ A.T"),
        ALL_WALKS, "it is as if no layer had a bias",
    ),
    "only where the slope changes": (
        "breakpoints", SLOPES, "breakpoints-special",
        "only those t counted at which the slope of the output changes",
    ),
    "from the end": (
        "breakpoints", WALK.replace(LAST, "return 1 - t[::-1]"),
        ALL_WALKS.replace(" breakpoints-many", ""), "it is as if t ran from the end to the start",
    ),
    "the rest of the piece": (
        "breakpoints", WALK.replace("s = z[i, j] / (z[i, j] - z[i + 1, j])",
        "s = z[i + 1, j] / (z[i + 1, j] - z[i, j])"),
        "breakpoints-one breakpoints-deep breakpoints-special",
        "as if the zero of a z were counted from the other end of its piece",
    ),
    "the middle of the piece": (
        "breakpoints", WALK.replace("s = z[i, j] / (z[i, j] - z[i + 1, j])", "s = 0.5 + 0 * j"),
        "breakpoints-one breakpoints-deep breakpoints-special",
        "as if the middle of the piece stood for the zero of a z",
    ),
    "to start + end": (
        "breakpoints", WALK.replace("[start, end]", "[start, start + end]"),
        "breakpoints-one breakpoints-deep breakpoints-special",
        "it is as if the walk went from start to start + end",
    ),
    "distances": (
        "breakpoints", WALK.replace(LAST, "return t * np.linalg.norm(end - start)"),
        "breakpoints-one breakpoints-deep breakpoints-special", "the numbers are distances",
    ),
    "points of the plane": (
        "breakpoints", WALK.replace(LAST, "return start + t[:, None] * (end - start)"),
        ALL_WALKS.replace(" breakpoints-many", ""), "is it the points? The numbers t are asked for",
    ),
    "how many": (
        "breakpoints", WALK.replace(LAST, "return len(t) + 1"),
        ALL_WALKS, "is it how many? The numbers t are asked for",
    ),
    "0 and 1 among them": (
        "breakpoints", WALK.replace(INSIDE, ""),
        "breakpoints-special", "t = 0 and t = 1 are no breakpoints",
    ),
    "one twice": (
        "breakpoints", WALK.replace(LAST, "return np.sort(np.append(t, t[:1]))"),
        "breakpoints-special", "stands there more than once",
    ),
    "falling": (
        "breakpoints", WALK.replace(LAST, LAST + "[::-1]"),
        "breakpoints-many", "the t do not increase",
    ),
    "the middles of the pieces": (
        "breakpoints", WALK.replace(LAST, "t = np.concatenate([[0], t[np.append(True, np.diff(t) "
        "> 1e-9)[: len(t)]], [1]])\n    return (t[1:] + t[:-1]) / 2"),
        ALL_WALKS, "it were the middles of the pieces",
    ),
    "a grid": (
        "breakpoints", GRID,
        ALL_WALKS, "the number of the t is right, but they are right to",
    ),
    "a coarse grid, then bisection": (
        "breakpoints", BISECT, "breakpoints-deep breakpoints-many breakpoints-special", "Between",
    ),
    "turning on": (
        "breakpoints", WALK.replace("(z[:-1] > 0) & (z[1:] < 0) | ", ""),
        "breakpoints-one breakpoints-deep breakpoints-many",
        "it is as if only neurons that turn on counted",
    ),
    "zeros beyond a piece": (
        "breakpoints", ANYWHERE, "breakpoints-deep",
        "the zero of a z counted even outside of the piece",
    ),
    "from end to end at once": (
        "breakpoints", CHORDS, "breakpoints-deep breakpoints-many",
        "as if each z were linear all the way from start to end",
    ),
    "the last hidden layer only": (
        "breakpoints", LAST_ONLY, "breakpoints-deep breakpoints-many",
        "as if only the last hidden layer counted",
    ),
    "never a breakpoint": (
        "breakpoints", "def breakpoints(layers, start, end): return []", ALL_WALKS,
        "as if none were ever found",
    ),
    "the library": (
        "breakpoints", "def breakpoints(layers, start, end):\n"
        "    from coursekit.learning.regions import activation_patterns\n    return []",
        ALL_WALKS, "uses coursekit, which is not allowed",
    ),
    # Part 4
    "the other side": (
        "fold", FOLD.replace("-I, a[None]", "-I, -a[None]").replace("2 * n), -c)", "2 * n), c)")
        .replace("-2 * a", "2 * a"),
        ALL_FOLDS.replace("fold-lengths ", ""),
        "points go where they go if the other side were turned over",
    ),
    "flattened": (
        "fold", FOLD.replace("-2 * a", "-a"),
        ALL_FOLDS.replace("fold-lengths ", ""), "they were put onto the crease, not behind it",
    ),
    "moved the wrong way": (
        "fold", FOLD.replace("-2 * a", "2 * a"),
        ALL_FOLDS.replace("fold-lengths ", ""), "the move had the opposite sign",
    ),
    "no square of the length": (
        "fold", FOLD.replace(" / (a @ a)", ""),
        "fold-lengths", "nothing were divided by the square of the length of a",
    ),
    "the length once": (
        "fold", FOLD.replace("(a @ a)", "np.linalg.norm(a)"),
        "fold-lengths", "it were divided by the length of a, not by its square",
    ),
    "a of length 1, c as it was": (
        "fold", FOLD.replace("        rows,", "        a = a / np.linalg.norm(a)\n        rows,"),
        "fold-lengths", "a were divided by its length, and c not",
    ),
    "c with the wrong sign": (
        "fold", FOLD.replace("-c)", "c)"),
        ALL_FOLDS.replace("fold-lengths ", ""), "c had the opposite sign",
    ),
    "no c": (
        "fold", FOLD.replace("-c)", "0)"),
        ALL_FOLDS.replace("fold-lengths ", ""), "points go where they go if c were 0",
    ),
    "negative coordinates lost": (
        "fold", FOLD.replace("np.hstack([I, -I,", "np.hstack([I, 0 * I,"),
        "fold-everywhere fold-several", "negative coordinates were lost",
    ),
    "coordinates without a sign": (
        "fold", FOLD.replace("np.hstack([I, -I,", "np.hstack([I, I,"),
        "fold-everywhere fold-several", "each coordinate lost its sign",
    ),
    "the move alone": (
        "fold", FOLD.replace("np.hstack([I, -I,", "np.hstack([0 * I, 0 * I,"),
        ALL_FOLDS.replace("fold-lengths ", ""), "x itself got lost, and only the move were left",
    ),
    "the last fold first": (
        "fold", FOLD.replace("zip(normals, offsets)", "zip(normals[::-1], offsets[::-1])"),
        "fold-several", "the folds came in reversed order",
    ),
    "one hidden layer for all folds": (
        "fold", AT_ONCE, "fold-several fold-size",
        "each fold were made from where the point lies at first, and the moves added",
    ),
    "the first fold only": (
        "fold", FOLD.replace("zip(normals, offsets)", "zip(normals[:1], offsets[:1])"),
        "fold-several fold-size", "only the first fold were made",
    ),
    "affine maps with a ReLU between": (
        "fold", UNMERGED, "fold-several fold-size",
        "all is right, with more it is not. For 2 creases your network has 3 hidden layers",
    ),
    "two layers for each fold": (
        "fold", TWO_LAYERS, "fold-size", "one for each crease is enough",
    ),
    "too many neurons": (
        "fold", FOLD.replace("-I, a[None]", "-I, a[None], I").replace("np.zeros(2 * n), -c)",
        "np.zeros(2 * n), np.append(-c, np.zeros(n)))").replace("(a @ a)]", "(a @ a), 0 * I]"),
        "fold-size", "at most 3 are asked for, with n = 1",
    ),
    "arrays without pairs": (
        "fold", FOLD.replace("return layers", "return [A for A, b in layers]"),
        ALL_FOLDS + " fold-size", "what is returned is no network, a list of pairs (A, b)",
    ),
    "matrices transposed": (
        "fold", FOLD.replace("return layers", "return [(A.T, b) for A, b in layers]"),
        ALL_FOLDS + " fold-size", "what is returned is no network, a list of pairs (A, b)",
    ),
    "a point for the network": (
        "fold", FOLD.replace("return layers", "return normals[0]"),
        ALL_FOLDS + " fold-size", "what is returned is no network, a list of pairs (A, b)",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "loops and lists": {
        "forward_pass": """
def forward_pass(layers, v, leak=0.0):
    if v.ndim > 1:
        both = [forward_pass(layers, one, leak) for one in v]
        return [out for out, _ in both], [on for _, on in both]
    v, on = [float(x) for x in v], []
    for k, (A, b) in enumerate(layers):
        z = [sum(a * x for a, x in zip(row, v)) + c for row, c in zip(A, b)]
        if k == len(layers) - 1:
            return z, on
        on += [bool(x > 0) for x in z]
        v = [x if x > 0 else leak * x for x in z]
""",
        "widest": """
def widest(n_in, n_out, depth, budget):
    best = 0
    for w in range(1, 100_002):
        weights = n_in * w + w + n_out * w + n_out
        for _ in range(depth - 1):
            weights += w * w + w
        if weights > budget:
            break
        best = w
    return best
""",
        "breakpoints": """
def breakpoints(layers, start, end):
    ts = [0.0, 1.0]
    for k in range(1, len(layers)):
        zs = [forward_pass(layers[:k], start + t * (end - start))[0] for t in ts]
        more = []
        for t, u, z, y in zip(ts, ts[1:], zs, zs[1:]):
            for p, q in zip(z, y):
                if p < 0 < q or q < 0 < p:
                    more.append(t + (u - t) * p / (p - q))
        ts = sorted([*ts, *more])
    found = []
    for t in ts:
        if 1e-9 < t < 1 - 1e-9 and (not found or t - found[-1] > 1e-9):
            found.append(t)
    return found
""",
        "fold": """
def fold(normals, offsets):
    k, n = normals.shape
    out = [[float(i == j) for j in range(n)] for i in range(n)]
    layers = []
    for a, c in zip(normals.tolist(), offsets.tolist()):
        rows = [row for row in out] + [[-x for x in row] for row in out]
        rows.append([sum(a[i] * out[i][j] for i in range(n)) for j in range(len(out[0]))])
        layers.append([rows, [0.0] * (2 * n) + [-c]])
        square = sum(x * x for x in a)
        out = [[float(i == j) for j in range(n)] + [-float(i == j) for j in range(n)]
               + [-2 * a[i] / square] for i in range(n)]
    layers.append([out, [0.0] * n])
    return layers
""",
    },
    "einsum, and a formula": {
        "forward_pass": """
def forward_pass(layers, v, leak=0.0):
    patterns = np.zeros((*v.shape[:-1], 0))
    for k, (A, b) in enumerate(layers):
        v = np.einsum("ij,...j->...i", A, v) + b
        if k + 1 < len(layers):
            patterns = np.concatenate([patterns, 1.0 * (v > 0)], axis=-1)
            v = np.maximum(v, leak * v)
    return v, patterns
""",
        "widest": """
def widest(n_in, n_out, depth, budget):
    import math
    a, b, c = depth - 1, n_in + depth + n_out, n_out - budget
    if a == 0:
        return max(-c // b, 0)
    return max(int((math.isqrt(max(b * b - 4 * a * c, 0)) - b) // (2 * a)), 0)
""",
    },
    "recursion": {
        "forward_pass": """
def forward_pass(layers, v, leak=0.0):
    (A, b), *rest = layers
    z = v @ A.T + b
    if not rest:
        return z, np.zeros((*z.shape[:-1], 0), bool)
    out, on = forward_pass(rest, z * np.where(z > 0, 1.0, leak), leak)
    return out, np.concatenate([z > 0, on], axis=-1)
""",
        "breakpoints": """
def breakpoints(layers, start, end):
    def walk(rest, low, high, p, q):
        if len(rest) < 2:
            return []
        (A, b), *later = rest
        z, y = A @ p + b, A @ q + b
        cuts = [u / (u - w) for u, w in zip(z, y) if u * w < 0]
        cuts = [0.0, *sorted(cuts), 1.0]
        found = []
        for s, r in zip(cuts, cuts[1:]):
            if r - s < 1e-12:
                continue
            from_t, to_t = low + s * (high - low), low + r * (high - low)
            ends = [np.maximum(z + x * (y - z), 0) for x in (s, r)]
            found += [from_t, *walk(later, from_t, to_t, *ends)]
        return found
    found = np.unique(np.round(walk(layers, 0.0, 1.0, start, end), 11))
    found = found[(found > 1e-9) & (found < 1 - 1e-9)]
    return [t for k, t in enumerate(found) if k == 0 or t - found[k - 1] > 1e-9]
""",
    },
    "piece by piece": {
        "breakpoints": """
def breakpoints(layers, start, end):
    found, t = [], 0.0
    while True:
        v, slope, ahead = start + t * (end - start), end - start, 1.0
        for A, b in layers[:-1]:
            z, dz = A @ v + b, A @ slope
            size = 1e-11 * (1 + np.abs(dz))
            on = np.where(np.abs(z) > size, z > 0, dz > 0)
            with np.errstate(all="ignore"):
                step = -z / dz
            step = step[np.isfinite(step) & (step > 1e-9)]
            ahead = min([ahead, *step])
            v, slope = np.where(on, z, 0), np.where(on, dz, 0)
        t = t + ahead
        if t >= 1 - 1e-9:
            break
        before = pattern(layers, start + (t - 1e-8) * (end - start))
        after = pattern(layers, start + (t + 1e-8) * (end - start))
        if (before != after).any():
            found.append(t)
    return found

def pattern(layers, v):
    return np.asarray(forward_pass(layers, v)[1])
""",
    },
    "a class": {
        "forward_pass": """
class Network:
    def __init__(self, layers, leak):
        self.layers, self.leak, self.on = layers, leak, []

    def __call__(self, v):
        last = len(self.layers) - 1
        for k, (A, b) in enumerate(self.layers):
            v = np.tensordot(v, A, axes=(-1, 1)) + b
            if k < last:
                self.on.append(v > 0)
                v = np.maximum(v, 0) + self.leak * np.minimum(v, 0)
        return v

def forward_pass(layers, v, leak=0.0):
    run = Network(layers, leak)
    out = run(v)
    empty = np.zeros((*np.shape(v)[:-1], 0), dtype=bool)
    return out, np.concatenate([empty] + run.on, axis=-1)
""",
        "widest": """
def widest(n_in, n_out, depth, budget):
    low, high = 0, budget
    while low < high:
        w = (low + high + 1) // 2
        if w * (n_in + 1) + (depth - 1) * w * (w + 1) + n_out * (w + 1) <= budget:
            low = w
        else:
            high = w - 1
    return low
""",
    },
    "a walk without forward_pass": {"breakpoints": WALK},
    "units and fewer neurons": {
        "fold": """
def fold(normals, offsets):
    # In an orthonormal basis with a first, only the other coordinates need both signs:
    # s = a.x - c becomes -|s| = -relu(s) - relu(-s).
    k, n = normals.shape
    layers, M, d = [], np.eye(n), np.zeros(n)
    for a, c in zip(normals, offsets):
        r = np.linalg.norm(a)
        Q = np.linalg.qr(np.column_stack([a / r, np.eye(n)]))[0][:, :n]
        if Q[:, 0] @ a < 0:
            Q[:, 0] *= -1
        U = Q[:, 1:].T
        rows = np.vstack([Q[:, :1].T, -Q[:, :1].T, U, -U])
        bias = np.zeros(2 * n)
        bias[:2] = -c / r, c / r
        layers.append((rows @ M, rows @ d + bias))
        M = np.hstack([-Q[:, :1], -Q[:, :1], U.T, -U.T])
        d = Q[:, 0] * c / r
    return tuple(layers) + ((M, d),)
""",
    },
    "mirror matrices": {
        "fold": """
def fold(normals, offsets):
    layers = []
    for i, (a, c) in enumerate(zip(normals, offsets)):
        one = np.identity(a.size)
        first = np.concatenate((one, -one, [a])), np.concatenate((np.zeros(2 * a.size), [-c]))
        H = one - 2 * np.outer(a, a) / np.sum(a**2)
        x = np.concatenate((one, -one, np.zeros((a.size, 1))), axis=1)
        last = x + np.outer((H - one) @ a / (a @ a), np.eye(2 * a.size + 1)[-1])
        if i:
            A, b = layers.pop()
            first = first[0] @ A, first[0] @ b + first[1]
        layers += [first, (last, np.zeros(a.size))]
    return layers
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "a ReLU on the outputs": (
        {"forward_pass": PASS.replace(OUT, "return np.maximum(v @ A.T + b, 0),")},
        "forward_pass-out",
    ),
    "no biases": (
        {"forward_pass": PASS.replace("A.T + b", "A.T")}, "forward_pass-out forward_pass-on",
    ),
    "no forward pass": (
        {"forward_pass": "def forward_pass(layers, v, leak=0.0): raise NotImplementedError"},
        ALL_PASS,
    ),
    "one point, and a walk by batches": (
        {"forward_pass": ONE_POINT}, "forward_pass-batches",
    ),
}  # fmt: skip
