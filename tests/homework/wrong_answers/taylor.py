"""Wrong answers to the homework on Taylor models, and what each of them costs."""

EXP = "np.exp(-(x**2).sum(axis=-1, keepdims=True))"
E1 = "np.array([1.0, 0.0])"
HESSIAN = """
def hessian_f(x):
    e = np.exp(-(x**2).sum(axis=-1))[..., None, None]
    first, identity = np.array([1.0, 0.0]), np.eye(2)
    x1, column, row = x[..., :1, None], x[..., :, None], x[..., None, :]
    return -2 * e * (first[:, None] * row + column * first + x1 * (identity - 2 * column * row))
"""
ENTRIES = """
def hessian_f(x):
    a, b = x[..., 0], x[..., 1]
    e = np.exp(-(a * a + b * b))
    mixed = e * (4 * a * a * b - 2 * b)
    first, last = e * (4 * a**3 - 6 * a), e * (4 * a * b * b - 2 * a)
    return np.stack([np.stack([first, mixed], axis=-1), np.stack([mixed, last], axis=-1)], axis=-2)
"""
MODEL = """
def taylor_series_quad_approx(x0, func, grad_func, hessian_func):
    value, gradient, hessian = func(x0), grad_func(x0), hessian_func(x0)
    def quad_func(x):
        d = x - x0
        return value + (d * gradient).sum(axis=-1) + ((d @ hessian) * d).sum(axis=-1) / 2
    return quad_func
"""
MATRICES = """
def taylor_series_quad_approx(x0, func, grad_func, hessian_func):
    value, gradient, hessian = func(x0), grad_func(x0), hessian_func(x0)
    def quad_func(x):
        column, row = (x - x0)[..., :, None], (x - x0)[..., None, :]
        terms = value + gradient[None, :] @ column + row @ hessian @ column / 2
        return terms.squeeze()
    return quad_func
"""
AT_X = MODEL.replace("        d =", "        HERE\n        d =").replace(
    "(d @ hessian)", "(d[..., None, :] @ hessian)[..., 0, :]"
)
FLAT = MODEL.replace(" + ((d @ hessian) * d).sum(axis=-1) / 2", "")
MODELS = "model-values model-coordinates"

WRONG = {  # description: cell, answer, tests that lose their points, what the check says
    "a batch of one without its axis": (
        "f", "def f(x):\n    return np.squeeze(x[..., 0] * np.exp(-(x**2).sum(axis=-1)))",
        "f-batches", "keep every axis of length 1",
    ),
    "one axis of length 1 dropped": (
        "grad_f", f"def grad_f(x):\n    g = {EXP} * ({E1} - 2 * x[..., :1] * x)\n"
        "    return g[:, 0] if g.ndim == 3 and g.shape[1] == 1 else g",
        "grad_f-batches", "keep every axis of length 1",
    ),
    "central differences": (
        "grad_f", "def grad_f(x):\n    h = 1e-6 * np.eye(2)\n"
        "    return np.stack([(f(x + d) - f(x - d)) / 2e-6 for d in h], axis=-1)",
        "grad_f-values", "right to about six digits only",
    ),
    "three coordinates at most": (
        "taylor_series_quad_approx", MODEL.replace(
            "d = x - x0", "d = (x - x0) * (np.arange(len(x0)) < 3)"),
        "model-coordinates", "With five coordinates and x of shape (5,)",
    ),
    "joined in one row": (
        "grad_f", "def grad_f(x):\n    u, v = x[..., 0], x[..., 1]\n"
        "    e = np.exp(-(u**2 + v**2))\n"
        "    parts = [np.atleast_1d(e * (1 - 2 * u * u)), np.atleast_1d(-2 * u * v * e)]\n"
        "    return np.concatenate(parts, axis=-1)",
        "grad_f-batches", "makes an axis for them",
    ),
    "x in the quadratic term": (
        "taylor_series_quad_approx", MODEL.replace("((d @ hessian) * d)", "((x @ hessian) * x)"),
        f"{MODELS} example", "is the quadratic term made of x in place of d?",
    ),
    "one of two outer products": (
        "hessian_f", HESSIAN.replace("first[:, None] * row + column * first", "2 * column * first"),
        "hessian_f-values", "It should be symmetric; yours is not",
    ),
    "the exponential forgotten": (
        "hessian_f", HESSIAN.replace("-2 * e *", "-2 *"),
        "hessian_f-values", "one and the same factor, which depends on x",
    ),
    "f without its minus": (
        "f", "def f(x): return x[..., 0] * np.exp((x**2).sum(axis=-1))",
        "f-values", "where is the minus?",
    ),
    "f with the second coordinate as its factor": (
        "f", "def f(x): return x[..., 1] * np.exp(-(x**2).sum(axis=-1))",
        "f-values", "f(1, 0) is 0: is the factor the first coordinate?",
    ),
    "f with the norm, not its square": (
        "f", "def f(x): return x[..., 0] * np.exp(-np.linalg.norm(x, axis=-1))",
        "f-values", "is the norm squared?",
    ),
    "f with the minus before one square": (
        "f", "def f(x): return x[..., 0] * np.exp(-x[..., 0] ** 2 + x[..., 1] ** 2)",
        "f-values", "does the minus cover both squares?",
    ),
    "f with one square": (
        "f", "def f(x): return x[..., 0] * np.exp(-x[..., 0] ** 2)",
        "f-values", "is the second square there?",
    ),
    "f with the square of the sum": (
        "f", "def f(x): return x[..., 0] * np.exp(-(x.sum(axis=-1) ** 2))",
        "f-values", "the squares are added, not the coordinates",
    ),
    "f without its factor": (
        "f", "def f(x): return np.exp(-(x**2).sum(axis=-1))",
        "f-values", "where is the factor?",
    ),
    "f with half of the exponent": (
        "f", "def f(x): return x[..., 0] * np.exp(-(x**2).sum(axis=-1) / 2)",
        "f-values", "The exponent is twice, or half,",
    ),
    "f for one point only": (
        "f", "def f(x): return x[0] * np.exp(-(x[0] ** 2 + x[1] ** 2))",
        "f-batches", "one point but not for a batch",
    ),
    "the sign of the gradient": (
        "grad_f", f"def grad_f(x): return {EXP} * (2 * x[..., :1] * x - {E1})",
        "grad_f-values", "grad_f: opposite sign",
    ),
    "the gradient for one point only": (
        "grad_f", "def grad_f(x): return np.exp(-(x @ x)) * np.array([1 - 2 * x[0] ** 2, "
        "-2 * x[0] * x[1]])",
        "grad_f-batches", "shape (5, 2)",
    ),
    "the sign of the Hessian": (
        "hessian_f", HESSIAN.replace("-2 * e", "2 * e"),
        "hessian_f-values", "hessian_f: opposite sign",
    ),
    "a 2 of the chain rule forgotten": (
        "hessian_f", HESSIAN.replace("-2 * e", "-e"),
        "hessian_f-values", "hessian_f: 1/2 times the derivative at every point",
    ),
    "one half of the product rule": (
        "hessian_f", HESSIAN.replace(" + column * first", ""),
        "hessian_f-values", "hessian_f, components [0, 0], [1, 0] (the others agree)",
    ),
    "the diagonal alone": (
        "hessian_f", HESSIAN.replace("return ", "return identity * "),
        "hessian_f-values", "components [0, 1], [1, 0] (the others agree): zero",
    ),
    "the identity forgotten": (
        "hessian_f", HESSIAN.replace("(identity - 2 * column * row)", "(-2 * column * row)"),
        "hessian_f-values", "hessian_f, components [0, 0], [1, 1] (the others agree)",
    ),
    "the square of the gradient": (
        "hessian_f", "def hessian_f(x): return grad_f(x)[..., :, None] * grad_f(x)[..., None, :]",
        "hessian_f-values", "the outer product of the gradient with itself",
    ),
    "the Hessian for one point only": (
        "hessian_f", HESSIAN.replace("first[:, None] * row + column * first",
                                     "np.outer(first, x) + np.outer(x, first)"),
        "hessian_f-batches", "hessian_f",
    ),
    "the batch behind the matrix": (
        "hessian_f", ENTRIES.replace("np.stack([np.stack([first, mixed], axis=-1), np.stack([mixed,"
                                     " last], axis=-1)], axis=-2)",
                                     "np.array([[first, mixed], [mixed, last]])"),
        "hessian_f-batches", "works for one point but not for a batch",
    ),
    "the entries in another order": (
        "hessian_f", ENTRIES.replace("first, last = e * (4 * a**3", "last, first = e * (4 * a**3"),
        "hessian_f-values", "hessian_f: components in the wrong order, [0, 0], [1, 1]",
    ),
    "the half forgotten": (
        "taylor_series_quad_approx", MODEL.replace(" / 2", ""),
        f"{MODELS} example", "The model bends 2 times as much as q, along every line: where is",
    ),
    "the tangent plane": (
        "taylor_series_quad_approx", FLAT, f"{MODELS} example", "The model is flat",
    ),
    "derivatives at the moving point": (
        "taylor_series_quad_approx",
        AT_X.replace("HERE", "gradient, hessian = grad_func(x), hessian_func(x)"),
        f"{MODELS} example", "at another point than x0",
    ),
    "the Hessian at the moving point": (
        "taylor_series_quad_approx",
        AT_X.replace("HERE", "hessian = hessian_func(x)"),
        f"{MODELS} example", "at another point than x0",
    ),
    "the difference the wrong way round": (
        "taylor_series_quad_approx", MODEL.replace("d = x - x0", "d = x0 - x"),
        f"{MODELS} example", "The slope at x0 has the wrong sign",
    ),
    "x instead of the difference": (
        "taylor_series_quad_approx", MODEL.replace("d = x - x0", "d = x"),
        "model-values model-coordinates example", "At x0 the model should have the value",
    ),
    "the value at x0 forgotten": (
        "taylor_series_quad_approx", MODEL.replace("return value + ", "return "),
        f"{MODELS} example", "At x0 the model should have the value",
    ),
    "the diagonal of the Hessian only": (
        "taylor_series_quad_approx", MODEL.replace("(d @ hessian)", "(d * np.diag(hessian))"),
        f"{MODELS} example", "The curvature of the model is not right",
    ),
    "f itself": (
        "taylor_series_quad_approx", "def taylor_series_quad_approx(x0, func, grad_func, "
        "hessian_func): return func",
        f"{MODELS} example", "The model calls func at another point than x0",
    ),
    "a number instead of a function": (
        "taylor_series_quad_approx", MODEL.replace("return quad_func", "return quad_func(x0)"),
        f"{MODELS} model-batches example", "should return a function of x",
    ),
    "the model of one point only": (
        "taylor_series_quad_approx", MODEL.replace("((d @ hessian) * d).sum(axis=-1)",
                                                   "(d @ hessian @ d)"),
        "model-batches", "quad_func raises ValueError at an input of shape (5, 2)",
    ),
    "sums over the whole batch": (
        "taylor_series_quad_approx", MODEL.replace("axis=-1", "axis=None"),
        "model-batches", "quad_func works for one point but not for a batch",
    ),
    "every axis of length one squeezed": (
        "taylor_series_quad_approx", MATRICES, "model-batches",
        "keep every axis of length 1",
    ),
    "two coordinates written out": (
        "taylor_series_quad_approx", MODEL.replace(
            "((d @ hessian) * d).sum(axis=-1)",
            "(hessian[0, 0] * d[..., 0]**2 + 2 * hessian[0, 1] * d[..., 0] * d[..., 1] "
            "+ hessian[1, 1] * d[..., 1]**2)"),
        "model-coordinates", "With three coordinates the model is not right: at x0 + [0. 0. 1.]",
    ),
    "always the same function": (
        "taylor_series_quad_approx", MODEL.replace(
            "func(x0), grad_func(x0), hessian_func(x0)", "f(x0), grad_f(x0), hessian_f(x0)"),
        MODELS, "The model never calls func, which it is given",
    ),
    # What was not noticed, or not by its name
    "f overwrites x": (
        "f", "def f(x):\n    x1 = x[..., 0].copy()\n    x *= x\n"
        "    return x1 * np.exp(-x.sum(axis=-1))",
        "", "f changes its input: after a call, the caller's x is different",
    ),
    "grad_f overwrites x": (
        "grad_f", f"def grad_f(x):\n    e = {EXP}\n    first = 2 * x[..., :1].copy()\n"
        f"    x *= first\n    return e * ({E1} - x)",
        "", "grad_f changes its input",
    ),
    "hessian_f overwrites x": (
        "hessian_f", HESSIAN + "_right = hessian_f\ndef hessian_f(x):\n    h = _right(x)\n"
        "    x *= 0\n    return h\n",
        "", "hessian_f changes its input",
    ),
    "the model overwrites x": (
        "taylor_series_quad_approx", MODEL.replace("d = x - x0", "d = x\n        d -= x0"),
        "", "quad_func changes its input: after a call, the caller's x is different",
    ),
    "the model keeps x0 elsewhere": (
        "taylor_series_quad_approx", MODEL.replace("    def quad", "    x0 *= -1\n    def quad")
        .replace("d = x - x0", "d = x + x0"),
        "", "taylor_series_quad_approx changes its input: after a call, the caller's",
    ),
    "f prints": (
        "f", "def f(x): print(x[..., 0] * np.exp(-(x**2).sum(axis=-1)))",
        "f-values f-batches", "f returns nothing (None).\nTry: is a return missing?",
    ),
    "f in single precision": (
        "f", "def f(x):\n    x = np.float32(x)\n"
        "    return x[..., 0] * np.exp(-(x**2).sum(axis=-1))",
        "f-values", "f(1, 0) has the type float32",
    ),
    "a gradient of zeros": (
        "grad_f", "def grad_f(x): return np.zeros(x.shape)",
        "grad_f-values grad_f-batches", "zero at every point",
    ),
    "a Hessian by coarse differences": (
        "hessian_f", "def hessian_f(x, h=1e-5):\n    return np.stack([(grad_f(x + h * e) - "
        "grad_f(x - h * e)) / (2 * h) for e in np.eye(2)], axis=-1)",
        "hessian_f-values", "right to about six digits only",
    ),
    "a Hessian by one-sided differences": (
        "hessian_f", "def hessian_f(x, h=1e-4):\n    return np.stack([(grad_f(x + h * e) - "
        "grad_f(x)) / h for e in np.eye(2)], axis=-1)",
        "hessian_f-values", "close everywhere, off by less than",
    ),
    "only the upper half of the Hessian": (
        "hessian_f", HESSIAN.replace("return ", "return np.triu(np.ones((2, 2))) * "),
        "hessian_f-values", "component [1, 0] (the others agree): zero",
    ),
    "the trace of the Hessian": (
        "taylor_series_quad_approx", MODEL.replace("((d @ hessian) * d).sum(axis=-1)",
                                                   "np.trace(hessian) * (d**2).sum(axis=-1)"),
        f"{MODELS} example", "The curvature of the model is not right: along [",
    ),
    "half of the Hessian again": (
        "taylor_series_quad_approx", MODEL.replace("/ 2", "/ 4"),
        f"{MODELS} example", "The model bends 0.5 times as much as q, along every line: look for",
    ),
    "the curvature subtracted": (
        "taylor_series_quad_approx", MODEL.replace("+ ((d", "- ((d"),
        f"{MODELS} example", "The model bends the wrong way",
    ),
    "the gradient forgotten": (
        "taylor_series_quad_approx", MODEL.replace(" + (d * gradient).sum(axis=-1)", ""),
        f"{MODELS} example", "The slope of the model at x0 is not right: along [1. 0.] it is 0",
    ),
    "one number for each coordinate": (
        "taylor_series_quad_approx", MODEL.replace("        return", "        return 0 * x + "),
        f"{MODELS} model-batches example", "The model of one point has shape (2,), expected one",
    ),
    "x0 in single precision": (
        "taylor_series_quad_approx", MODEL.replace("    def quad", "    x0 = np.float32(x0)\n"
                                                   "    def quad"),
        "model-coordinates", "rounded to float32?",
    ),
    "the Hessian in single precision": (
        "taylor_series_quad_approx", MODEL.replace("hessian_func(x0)\n", "np.float32("
                                                   "hessian_func(x0))\n"),
        f"{MODELS} example", "rounded to float32?",
    ),
    "everything at a point in single precision": (
        "taylor_series_quad_approx", MODEL.replace("    value, ", "    x0 = np.float32(x0)\n"
                                                   "    value, "),
        "model-coordinates", "Is x0 rounded?",
    ),
    "the model forgotten": (
        "taylor_series_quad_approx", MODEL.replace("    return quad_func", ""),
        f"{MODELS} model-batches example", "taylor_series_quad_approx returns nothing (None)",
    ),
    "reshaped, not stacked": (
        "hessian_f", "def hessian_f(x):\n    a, b = x[..., 0], x[..., 1]\n"
        "    e = np.exp(-a * a - b * b)\n"
        "    mixed = e * (4 * a * a * b - 2 * b)\n"
        "    rows = [[e * (4 * a**3 - 6 * a), mixed], [mixed, e * (4 * a * b * b - 2 * a)]]\n"
        "    return np.array(rows).reshape(*x.shape, 2)",
        "hessian_f-batches", "the numbers are all there, but in another order",
    ),
    "the exponential taken for a constant": (
        "hessian_f", "def hessian_f(x):\n    a, b = x[..., 0], x[..., 1]\n"
        "    e = np.exp(-a * a - b * b)\n"
        "    rows = [[-4 * a * e, 0 * a], [-2 * b * e, -2 * a * e]]\n"
        "    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))",
        "hessian_f-values", "(wrong as well: [0, 0], [1, 0], [1, 1]): zero at every point",
    ),
}  # fmt: skip

LOOPS = """        if np.ndim(x) > 1:
            return np.array([quad_func(row) for row in x])
        d = x - x0"""
EXTRAPOLATED = """
def hessian_f(x):
    def central(h):
        return np.stack([(np.asarray(grad_f(x + h * e)) - grad_f(x - h * e)) / (2 * h)
                         for e in np.eye(2)], axis=-1)
    a, b, c = central(4e-3), central(2e-3), central(1e-3)
    a, b = (4 * b - a) / 3, (4 * c - b) / 3
    return (16 * b - a) / 15
"""
RIGHT = {  # description: answers that are as good as ours
    "nested lists": {
        "f": "def f(x): return (x[..., 0] * np.exp(-(x**2).sum(axis=-1))).tolist()",
        "grad_f": f"def grad_f(x): return ({EXP} * ({E1} - 2 * x[..., :1] * x)).tolist()",
        "hessian_f": ENTRIES.rstrip().replace("return ", "return (") + ").tolist()\n",
        "taylor_series_quad_approx": MODEL.replace("        return value", "        return (value")
        .replace("axis=-1) / 2", "axis=-1) / 2).tolist()")
        .replace("func(x0), grad_func(x0), hessian_func(x0)",
                 "func(x0), np.array(grad_func(x0)), np.array(hessian_func(x0))"),
    },
    "einsum": {
        "taylor_series_quad_approx": MODEL.replace(
            "((d @ hessian) * d).sum(axis=-1)", "np.einsum('...i,ij,...j->...', d, hessian, d)"),
    },
    "loops": {"taylor_series_quad_approx": MODEL.replace("        d = x - x0", LOOPS)},
    "derivatives asked for with each point": {
        "taylor_series_quad_approx": AT_X.replace(
            "HERE", "gradient, hessian = grad_func(x0), hessian_func(x0)"),
    },
    "extrapolated differences": {"hessian_f": EXTRAPOLATED},
}  # fmt: skip

WRONG_HELPERS = {  # description: answers, cells that lose their points
    "f, grad_f and hessian_f of the opposite sign": (
        {"f": "def f(x): return -x[..., 0] * np.exp(-(x**2).sum(axis=-1))",
         "grad_f": f"def grad_f(x): return {EXP} * (2 * x[..., :1] * x - {E1})",
         "hessian_f": HESSIAN.replace("-2 * e", "2 * e")},
        "f-values grad_f-values hessian_f-values",
    ),
    "f that overwrites x": ({"f": WRONG["f overwrites x"][1]}, ""),
}  # fmt: skip
