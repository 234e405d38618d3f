"""Wrong answers to the homework on backpropagation, and what each of them costs."""

AHEAD = """
def forward(v, A, b, c):
    z = v @ A.T + b
    h = z / (1 + np.abs(z))
    return v + c * (h @ A)
"""
BACK = """
def backward(g, v, A, b, c):
    m, n = A.shape
    z = v @ A.T + b
    h = z / (1 + np.abs(z))
    slope = 1 / (1 + np.abs(z)) ** 2
    q = c * g
    delta = slope * (q @ A.T)
    rows = delta.reshape(-1, m)
    by_A = rows.T @ v.reshape(-1, n) + h.reshape(-1, m).T @ q.reshape(-1, n)
    by_b = rows.sum(axis=0)
    by_c = (g * (h @ A)).reshape(-1, n).sum(axis=0)
    return g + delta @ A, by_A, by_b, by_c
"""
TRACE = """
def trace_gradient(g, weights, slopes):
    d = len(weights)
    sizes, off, starved = np.zeros((d, 2)), np.zeros(d), np.zeros(d)
    for k in reversed(range(d)):
        delta = slopes[k] * g
        for j, x in enumerate((g, delta)):
            top = np.abs(x).max()
            if top > 0:
                sizes[k, j] = top * np.sqrt(((x / top) ** 2).mean())
        quiet = (slopes[k] == 0).all(axis=0)
        off[k] = quiet.sum()
        starved[k] = ((delta == 0).all(axis=0) & ~quiet).sum()
        g = delta @ weights[k]
    return sizes, off, starved
"""
PLAIN = TRACE.replace("top = np.abs(x).max()", "top = 1.0")
ALL_BACK = "backward-c backward-b backward-A backward-v backward-rows backward-axes"
ALL_TRACE = "trace_gradient-sizes trace_gradient-scales trace_gradient-off trace_gradient-starved"


def size_by(expression):
    """The sizes by another formula for an array x; scales come out right."""
    return TRACE.replace("top * np.sqrt(((x / top) ** 2).mean())", f"top * ({expression})")


WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "no shortcut": (
        "forward", AHEAD.replace("v + c *", "c *"), "forward-sample",
        "the shortcut, + v, is missing",
    ),
    "c around both": (
        "forward", AHEAD.replace("v + c * (h @ A)", "c * (v + h @ A)"), "forward-sample",
        "c belongs to the second term only",
    ),
    "no c": ("forward", AHEAD.replace("c * (h @ A)", "h @ A"), "forward-sample",
             "the factors c are missing"),
    "no absolute value": (
        "forward", AHEAD.replace("np.abs(z)", "z"), "forward-sample",
        "the absolute value is missing",
    ),
    "no activation": ("forward", AHEAD.replace("(h @ A)", "(z @ A)"), "forward-sample",
                      "R is missing"),
    "the length in place of the absolute value": (
        "forward", AHEAD.replace("np.abs(z)", "np.linalg.norm(z, axis=-1, keepdims=True)"),
        "forward-sample", "R is meant entry by entry",
    ),
    "the bias outside": (
        "forward", AHEAD.replace("@ A.T + b", "@ A.T").replace("(h @ A)", "((h + b) @ A)"),
        "forward-sample", "b added to R(A v)",
    ),
    "one sample only": (
        "forward", AHEAD.replace("v @ A.T + b", "A @ v + b").replace("h @ A", "A.T @ h"),
        "forward-batches", "forward raises ValueError",
    ),
    "columns for samples": (
        "forward", AHEAD.replace("v @ A.T + b", "(A @ v.T).T + b"), "forward-batches",
        "forward raises ValueError",
    ),
    "the length of the whole batch": (
        "forward", AHEAD.replace("np.abs(z))", "np.abs(z) + 0.1 * (z.size - z.shape[-1]))"),
        "forward-batches", "A sample should have the y that it has alone.",
    ),
    "another function for R": (
        "forward", AHEAD.replace("z / (1 + np.abs(z))", "np.tanh(z)"), "forward-sample",
        "tanh in place of R",
    ),
    "the logistic function for R": (
        "forward", AHEAD.replace("z / (1 + np.abs(z))", "1 / (1 + np.exp(-z))"), "forward-sample",
        "y is v + c A^T h with h = ",
    ),
    "v overwritten": (
        "forward", AHEAD.replace("return v + c * (h @ A)", "v += c * (h @ A)\n    return v"), "",
        "forward changes its input",
    ),
    "no slope": ("backward", BACK.replace("slope * (q", "1 * (q"), "backward-b",
                 "The slope of R is missing."),
    "no square in the slope": (
        "backward", BACK.replace("(1 + np.abs(z)) ** 2", "(1 + np.abs(z))"), "backward-b",
        "That is what you take for the slope of R",
    ),
    "the slope of another function": (
        "backward", BACK.replace("1 / (1 + np.abs(z)) ** 2", "1 - h**2"), "backward-b",
        "That is what you take for the slope of R",
    ),
    "the slope right for positive z": (
        "backward", BACK.replace("1 / (1 + np.abs(z)) ** 2", "(1 - h) ** 2"), "backward-b",
        "It is right where z is positive.",
    ),
    "the slope with the sign of z": (
        "backward", BACK.replace("slope = 1 /", "slope = np.sign(z) /"), "backward-b",
        "It is right where z is positive.",
    ),
    "the slope 0/0 at 0": (
        "backward", BACK.replace("slope = 1 / (1 + np.abs(z)) ** 2", "slope = h**2 / z**2"),
        "backward-b", "is not finite",
    ),
    "no b on the way back": (
        "backward", BACK.replace("@ A.T + b", "@ A.T"), "backward-c backward-b",
        "by_c is as if b were missing",
    ),
    "another function for R, and its slope": (
        "backward", BACK.replace("z / (1 + np.abs(z))", "np.tanh(z)")
        .replace("1 / (1 + np.abs(z)) ** 2", "1 - h**2"), "backward-c backward-b",
        "A small change of c_j changes y_j by",
    ),
    "the slope at h": (
        "backward", BACK.replace("(1 + np.abs(z)) ** 2", "(1 + np.abs(h)) ** 2"), "backward-b",
        "as if the slope of R were taken at h",
    ),
    "one v for all": (
        "backward", BACK.replace("return g + delta @ A",
        "return (g + delta @ A) / max(1, len(rows))"), "backward-rows backward-axes",
        "divided by the number of samples",
    ),
    "no c on the way back": ("backward", BACK.replace("q = c * g", "q = g"), "backward-b",
                             "is as if c were missing"),
    "h for the slope": ("backward", BACK.replace("delta = slope", "delta = h"), "backward-b",
                        "has h = R(z) in the place of the slope of R."),
    "A for the first time only": (
        "backward", BACK.replace(" + h.reshape(-1, m).T @ q.reshape(-1, n)", ""), "backward-A",
        "is right for the A in z = A v + b.",
    ),
    "A for the second time only": (
        "backward", BACK.replace("rows.T @ v.reshape(-1, n) + h", "h"), "backward-A",
        "is right for the A in A^T h.",
    ),
    "no c in the second part of A": (
        "backward", BACK.replace("@ q.reshape", "@ g.reshape"), "backward-A", "lacks c in the part",
    ),
    "z for h in the second part of A": (
        "backward", BACK.replace("+ h.reshape", "+ z.reshape"), "backward-A", "has z in place of h",
    ),
    "y for v in the first part of A": (
        "backward", BACK.replace("rows.T @ v.reshape", "rows.T @ (v + c * (h @ A)).reshape"),
        "backward-A", "that for the A in z is the outer product of the gradient in z with",
    ),
    "A transposed": (
        "backward", BACK.replace("    by_b =", "    by_A = by_A.T\n    by_b ="), "backward-A",
        "transposed",
    ),
    "no shortcut on the way back": ("backward", BACK.replace("return g + delta", "return delta"),
                                    "backward-v", "lacks the way over the shortcut"),
    "the shortcut alone": ("backward", BACK.replace("g + delta @ A", "g + 0 * v"), "backward-v",
                           "only the way over the shortcut is there"),
    "c in the shortcut": ("backward", BACK.replace("g + delta @ A", "q + delta @ A"), "backward-v",
                          "has c as a factor of the way over the shortcut."),
    "no slope in v": (
        "backward", BACK.replace("g + delta @ A", "g + q @ A.T @ A"), "backward-v",
        "lacks the slope of R in the way through z.",
    ),
    "no g in by_c": ("backward", BACK.replace("(g * (h @ A))", "(h @ A)"), "backward-c",
                     "lacks g: it is the derivative of y"),
    "features added in by_c": (
        "backward", BACK.replace(".reshape(-1, n).sum(axis=0)\n    return", ".sum(axis=-1)\n"
        "    return"), "backward-c", "by_c has shape (1,)",
    ),
    "another factor on the way back": (
        "backward", BACK.replace("q = c * g", "q = c + g"), "backward-b",
        "not the gradient in h times slopes that depend on z alone",
    ),
    "the product of sums": (
        "backward", BACK.replace("rows.T @ v.reshape(-1, n)",
        "np.outer(rows.sum(axis=0), v.reshape(-1, n).sum(axis=0))"),
        "backward-rows backward-axes", "The sum of products is not the product of the sums.",
    ),
    "z in by_c": ("backward", BACK.replace("(h @ A)", "(z @ A)"), "backward-c",
                  "z stands in the place of h"),
    "c in by_c": ("backward", BACK.replace("(g * (h @ A))", "(q * (h @ A))"), "backward-c",
                  "y is linear in c"),
    "everything with the opposite sign": (
        "backward", BACK.replace("return g + delta @ A, by_A, by_b, by_c",
        "return -g - delta @ A, -by_A, -by_b, -by_c"), "backward-c backward-b backward-v",
        "by_c has the opposite sign.",
    ),
    "means over the batch": (
        "backward", BACK.replace("return g", "N = len(rows)\n    return g").replace(
        "by_A, by_b, by_c", "by_A / N, by_b / N, by_c / N"), "backward-rows",
        "It is the mean over the samples.",
    ),
    "the mean in b alone": (
        "backward", BACK.replace("rows.sum(axis=0)", "rows.mean(axis=0)"), "backward-rows",
        "by_b should be the sum of what they have alone",
    ),
    "b for each sample": (
        "backward", BACK.replace("rows.sum(axis=0)", "delta"), "backward-rows backward-axes",
        "All samples share b",
    ),
    "rows only": (
        "backward", BACK.replace("rows.sum(axis=0)", "delta.sum(axis=0)"), "backward-axes",
        "by_b has shape",
    ),
    "the order of the parameters": (
        "backward", BACK.replace("return g + delta @ A, by_A, by_b, by_c",
        "return by_A, by_b, by_c, g + delta @ A"), ALL_BACK,
        "stand in another order",
    ),
    "differences": (
        "backward", BACK.replace("rows.sum(axis=0)", "rows.sum(axis=0) * (1 + 1e-7)"),
        "backward-b", "right to a few digits only",
    ),
    "norms": (
        "trace_gradient", size_by("np.sqrt(((x / top) ** 2).sum())"), "trace_gradient-sizes",
        "holds norms",
    ),
    "a mean over the samples alone": (
        "trace_gradient", size_by("np.sqrt(((x / top) ** 2).sum() / len(x))"),
        "trace_gradient-sizes", "divided by N",
    ),
    "mean absolute values": (
        "trace_gradient", size_by("np.abs(x / top).mean()"), "trace_gradient-sizes",
        "means of the absolute values",
    ),
    "means of sizes": (
        "trace_gradient", size_by("np.sqrt(((x / top) ** 2).mean(axis=1)).mean()"),
        "trace_gradient-sizes", "sizes of each",
    ),
    "slopes not passed on": (
        "trace_gradient", TRACE.replace("g = delta @", "g = g @"), "trace_gradient-sizes",
        "the slopes were not passed on",
    ),
    "the order of the sweep": (
        "trace_gradient", TRACE.replace("return sizes, off, starved",
        "return sizes[::-1], off[::-1], starved[::-1]"), "trace_gradient-sizes",
        "begins with layer d",
    ),
    "the sweep from the first layer": (
        "trace_gradient", TRACE.replace("reversed(range(d))", "range(d)"), ALL_TRACE,
        "trace_gradient raises ValueError",
    ),
    "weights before slopes": (
        "trace_gradient", TRACE.replace("delta = slopes[k] * g", "delta = g"),
        "trace_gradient-sizes trace_gradient-starved", "the size of delta_3 is",
    ),
    "the two sizes exchanged": (
        "trace_gradient", TRACE.replace("(g, delta)", "(delta, g)"), "trace_gradient-sizes",
        "the wrong order",
    ),
    "sizes before and after the weights": (
        "trace_gradient", TRACE.replace("(g, delta)", "(delta, delta @ weights[k])"),
        "trace_gradient-sizes", "those of g_k and delta_k are asked for",
    ),
    "squares that underflow": ("trace_gradient", PLAIN, "trace_gradient-scales",
                               "Divide by a number before you square."),
    "0/0 for zeros": ("trace_gradient", TRACE.replace("if top > 0:", "if top > -1:"),
                      "trace_gradient-scales", "what do you divide by?"),
    "everything divided by the largest of g": (
        "trace_gradient", TRACE.replace("d = len(weights)", "d = len(weights)\n"
        "    scale = np.abs(g).max()\n    g = g / scale")
        .replace("return sizes", "return scale * sizes"), "trace_gradient-scales", "with g = 0",
    ),
    "off for a single sample": (
        "trace_gradient", TRACE.replace("(slopes[k] == 0).all", "(slopes[k] == 0).any"),
        "trace_gradient-off", "for at least one sample",
    ),
    "off if not positive": (
        "trace_gradient", TRACE.replace("(slopes[k] == 0)", "(slopes[k] <= 0)"),
        "trace_gradient-off", "takes a negative slope for 0",
    ),
    "off if small": (
        "trace_gradient", TRACE.replace("(slopes[k] == 0)", "(np.abs(slopes[k]) < 1e-9)"),
        "trace_gradient-off", "takes a slope that is small for 0",
    ),
    "off by the sum": (
        "trace_gradient",
        TRACE.replace("(slopes[k] == 0).all(axis=0)", "slopes[k].sum(axis=0) == 0"),
        "trace_gradient-off", "takes the sum of the slopes",
    ),
    "slopes counted": (
        "trace_gradient", TRACE.replace("quiet.sum()", "(slopes[k] == 0).sum()"),
        "trace_gradient-off", "counts all slopes that are 0",
    ),
    "samples counted": (
        "trace_gradient", TRACE.replace("quiet.sum()", "(slopes[k] == 0).all(axis=1).sum()"),
        "trace_gradient-off", "counts samples, not units",
    ),
    "shares": (
        "trace_gradient", TRACE.replace("quiet.sum()", "quiet.mean()"), "trace_gradient-off",
        "holds shares",
    ),
    "starved and off": (
        "trace_gradient", TRACE.replace(" & ~quiet", ""), "trace_gradient-starved",
        "counts the units that are off, too",
    ),
    "starved by g": (
        "trace_gradient", TRACE.replace("((delta == 0)", "((g == 0)"), "trace_gradient-starved",
        "But delta_k is 0 also where",
    ),
    "starved in a sample": (
        "trace_gradient", TRACE.replace("((delta == 0).all", "((delta == 0).any"),
        "trace_gradient-starved", "for some of the samples only",
    ),
    "starved if small": (
        "trace_gradient", TRACE.replace("((delta == 0)", "((np.abs(delta) < 1e-8)"),
        "trace_gradient-starved", "takes a delta_k that is small for 0",
    ),
    "starved by the sum": (
        "trace_gradient", TRACE.replace("((delta == 0).all(axis=0)", "((delta.sum(axis=0) == 0)"),
        "trace_gradient-starved", "in which both signs may cancel",
    ),
    "weights overwritten": (
        "trace_gradient", TRACE.replace("delta = slopes[k] * g", "slopes[k] *= g\n        "
        "delta = slopes[k]"), "trace_gradient-starved", "changes its input",
    ),
    "a pair": ("trace_gradient", TRACE.replace("return sizes, off, starved", "return sizes, off"),
               ALL_TRACE, "should return the three values"),
}  # fmt: skip

RIGHT = {
    "sample by sample, in lists": {
        "forward": """
def forward(v, A, b, c):
    if v.ndim > 1:
        return [forward(sample, A, b, c) for sample in v]
    out = []
    h = [(A[i] @ v + b[i]) / (1 + abs(A[i] @ v + b[i])) for i in range(len(A))]
    for j in range(len(v)):
        out.append(v[j] + c[j] * sum(A[i, j] * h[i] for i in range(len(A))))
    return out
""",
        "backward": """
def backward(g, v, A, b, c):
    if v.ndim > 1:
        parts = [backward(x, y, A, b, c) for x, y in zip(g, v)]
        total = [sum(np.array(part[j]) for part in parts).tolist() for j in (1, 2, 3)]
        return [[part[0] for part in parts], *total]
    z = A @ v + b
    h = z / (1 + abs(z))
    delta = A @ (c * g) * (1 - abs(h)) ** 2
    by_A = np.outer(delta, v) + np.outer(h, c * g)
    return [(g + A.T @ delta).tolist(), by_A.tolist(), delta.tolist(), (g * (A.T @ h)).tolist()]
""",
        "trace_gradient": """
def trace_gradient(g, weights, slopes):
    if not weights:
        return [], [], []
    delta = g * slopes[-1]
    sizes, off, starved = trace_gradient(delta @ weights[-1], weights[:-1], slopes[:-1])

    def size(x):
        numbers = [abs(float(t)) for t in x.ravel()]
        top = max(numbers) or 1.0
        return top * (sum((t / top) ** 2 for t in numbers) / len(numbers)) ** 0.5

    n_off = n_starved = 0
    for s, d in zip(slopes[-1].T, delta.T):
        if not s.any():
            n_off += 1
        elif not d.any():
            n_starved += 1
    return [*sizes, [size(g), size(delta)]], [*off, n_off], [*starved, n_starved]
""",
    },
    "einsum": {
        "forward": """
def forward(v, A, b, c):
    z = np.einsum("ij,...j->...i", A, v) + b
    return v + np.einsum("j,ij,...i->...j", c, A, np.sign(z) * (1 - 1 / (1 + np.abs(z))))
""",
        "backward": """
def backward(g, v, A, b, c):
    g, shape, v = np.atleast_2d(g), v.shape, np.atleast_2d(v)
    z = np.einsum("ij,...j->...i", A, v) + b
    h = z / (1 + np.abs(z))
    delta = np.einsum("ij,j,...j->...i", A, c, g) * (1 - np.abs(h)) ** 2
    by_v = g + np.einsum("ij,...i->...j", A, delta)
    g, v, h, delta = (x.reshape(-1, x.shape[-1]) for x in (g, v, h, delta))
    by_A = np.einsum("si,sj->ij", delta, v) + np.einsum("si,j,sj->ij", h, c, g)
    return by_v.reshape(shape), by_A, np.einsum("si->i", delta), np.einsum("sj,ij,si->j", g, A, h)
""",
    },
    "a class that remembers": {
        "backward": """
class Layer:
    def __init__(self, A, b, c):
        self.A, self.b, self.c = A, b, c

    def ahead(self, v):
        self.v, self.z = v, np.matmul(v, self.A.T) + self.b
        self.bottom = 1 + abs(self.z)
        self.back = (self.z / self.bottom) @ self.A
        return v + self.c * self.back

    def gradients(self, g):
        axes = tuple(range(g.ndim - 1))
        pull = self.c * g
        down = (pull @ self.A.T) / self.bottom / self.bottom
        A1 = (down[..., :, None] * self.v[..., None, :]).sum(axis=axes)
        A2 = ((self.z / self.bottom)[..., :, None] * pull[..., None, :]).sum(axis=axes)
        return {"v": g + down @ self.A, "A": A1 + A2, "b": down.sum(axis=axes),
                "c": (g * self.back).sum(axis=axes)}


def backward(g, v, A, b, c):
    layer = Layer(A, b, c)
    layer.ahead(v)
    return tuple(layer.gradients(g).values())
""",
    },
    "the way forward is called": {
        "backward": """
def backward(g, v, A, b, c):
    n, m = A.shape[1], len(A)
    G, V = g.reshape(-1, n), v.reshape(-1, n)
    branch = np.asarray(forward(V, A, b, np.ones(n))) - V
    Z = V @ A.T + b
    D = (G * c) @ A.T * (1 / (1 + np.abs(Z)) - Z * np.sign(Z) / (1 + np.abs(Z)) ** 2)
    H = Z / (1 + np.abs(Z))
    by_A = np.vstack([D, H]).T @ np.vstack([V, G * c])
    return (G + D @ A).reshape(v.shape), by_A, D.sum(0), (G * branch).sum(0)
""",
    },
    "one matrix with all samples in columns": {
        "forward": """
def forward(v, A, b, c):
    V = np.reshape(v, (-1, A.shape[1])).T
    Z = A @ V + b[:, None]
    return (V + np.diag(c) @ A.T @ np.where(Z < 0, Z / (1 - Z), Z / (1 + Z))).T.reshape(v.shape)
""",
        "trace_gradient": """
def trace_gradient(g, weights, slopes):
    with np.errstate(all="ignore"):
        shift = np.exp2(np.floor(np.log2(np.abs(g).max()))) if g.any() else 1.0
    G, out = (g / shift).T, []
    for A, S in zip(reversed(weights), reversed(slopes)):
        D = S.T * G
        silent, off = ~D.any(axis=1), ~S.any(axis=0)
        sizes = [np.sqrt(np.vdot(x, x) / x.size) * shift for x in (G, D)]
        out.insert(0, (*sizes, np.count_nonzero(off), np.count_nonzero(silent & ~off)))
        G = A.T @ D
    table = np.array(out)
    return table[:, :2], table[:, 2].astype(int), table[:, 3]
""",
    },
    "all gradients first": {
        "trace_gradient": """
def trace_gradient(g, weights, slopes):
    gs = [g]
    for A, s in list(zip(weights, slopes))[:0:-1]:
        gs.insert(0, (gs[0] * s) @ A)
    deltas = [s * x for s, x in zip(slopes, gs)]
    def rms(x):
        return np.hypot.reduce(np.abs(x), axis=None) / np.sqrt(x.size)
    off = np.array([np.all(s == 0, 0).sum() for s in slopes])
    none = np.array([np.all(d == 0, 0).sum() for d in deltas])
    return {"sizes": 0, "s": [[rms(x), rms(d)] for x, d in zip(gs, deltas)]}["s"], off, none - off
""",
    },
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points, and no others
    "backward calls a wrong forward": (
        {"forward": AHEAD.replace("np.abs(z)", "z"),
         "backward": RIGHT["the way forward is called"]["backward"]}, "forward-sample",
    ),
    "backward calls a forward that is missing": (
        {"forward": "def forward(v, A, b, c):\n    raise NotImplementedError()",
         "backward": RIGHT["the way forward is called"]["backward"]},
        "forward-sample forward-batches",
    ),
}  # fmt: skip
