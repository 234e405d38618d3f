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
    "f without its minus": (
        "f", "def f(x): return x[..., 0] * np.exp((x**2).sum(axis=-1))",
        "f-values example", "should be",
    ),
    "f for one point only": (
        "f", "def f(x): return x[0] * np.exp(-(x[0] ** 2 + x[1] ** 2))",
        "f-batches", "one point but not for a batch",
    ),
    "the sign of the gradient": (
        "grad_f", f"def grad_f(x): return {EXP} * (2 * x[..., :1] * x - {E1})",
        "grad_f-values example", "grad_f: opposite sign",
    ),
    "the gradient for one point only": (
        "grad_f", "def grad_f(x): return np.exp(-(x @ x)) * np.array([1 - 2 * x[0] ** 2, "
        "-2 * x[0] * x[1]])",
        "grad_f-batches", "shape (5, 2)",
    ),
    "the sign of the Hessian": (
        "hessian_f", HESSIAN.replace("-2 * e", "2 * e"),
        "hessian_f-values example", "hessian_f: opposite sign",
    ),
    "a 2 of the chain rule forgotten": (
        "hessian_f", HESSIAN.replace("-2 * e", "-e"),
        "hessian_f-values example", "hessian_f: 1/2 times the derivative at every point",
    ),
    "one half of the product rule": (
        "hessian_f", HESSIAN.replace(" + column * first", ""),
        "hessian_f-values example", "hessian_f, components [0, 0], [1, 0] (the others agree)",
    ),
    "the diagonal alone": (
        "hessian_f", HESSIAN.replace("return ", "return identity * "),
        "hessian_f-values example", "components [0, 1], [1, 0] (the others agree): zero",
    ),
    "the identity forgotten": (
        "hessian_f", HESSIAN.replace("(identity - 2 * column * row)", "(-2 * column * row)"),
        "hessian_f-values example", "hessian_f, components [0, 0], [1, 1] (the others agree)",
    ),
    "the square of the gradient": (
        "hessian_f", "def hessian_f(x): return grad_f(x)[..., :, None] * grad_f(x)[..., None, :]",
        "hessian_f-values example", "hessian_f",
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
        "hessian_f-values example", "hessian_f: components in the wrong order, [0, 0], [1, 1]",
    ),
    "the half forgotten": (
        "taylor_series_quad_approx", MODEL.replace(" / 2", ""),
        f"{MODELS} example", "The model bends twice too much: where is the 1/2?",
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
        f"{MODELS} example", "needs the gradient and the Hessian that it is given",
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
        "taylor_series_quad_approx", MATRICES, "model-batches", None,
    ),
    "two coordinates written out": (
        "taylor_series_quad_approx", MODEL.replace(
            "((d @ hessian) * d).sum(axis=-1)",
            "(hessian[0, 0] * d[..., 0]**2 + 2 * hessian[0, 1] * d[..., 0] * d[..., 1] "
            "+ hessian[1, 1] * d[..., 1]**2)"),
        "model-coordinates", None,
    ),
    "always the same function": (
        "taylor_series_quad_approx", MODEL.replace(
            "func(x0), grad_func(x0), hessian_func(x0)", "f(x0), grad_f(x0), hessian_f(x0)"),
        MODELS, "At x0 the model should have the value",
    ),
}  # fmt: skip
