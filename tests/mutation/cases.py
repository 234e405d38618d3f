"""Random arguments of every function of the homework, to tell whether a mutant is another function.

``CASES[homework][function](rng)`` returns one tuple of arguments.
"""

from itertools import pairwise

import numpy as np

EITHER_SIGN = {"worst_case"}  # return vectors that are as good with the opposite sign
PROGRAMS = {"battery_program", "dual_program"}  # return arguments of linprog, in any form
PROOFS = {"certify"}  # returns vectors that are as good if they prove the same
NETWORKS = {"fold"}  # returns layers, of which those are as good that map points as ours do
EITHER_ORDER = {"witness"}  # return two vectors that may be exchanged


def _points(rng, n=2):
    lead = [(), (3,), (2, 4), (2,)][rng.integers(4)]
    return rng.normal(size=(*lead, n))


def _quadratic(rng):
    center, scale = rng.normal(size=2), rng.uniform(0.5, 2, 2)
    return lambda x: (scale * (x - center) ** 2).sum(axis=-1) / 2, lambda x: scale * (x - center)


def _minimize(rng):
    step_size, maxiter = rng.uniform(0.1, 0.9), int(rng.choice([0, 1, 7, 60, 200]))
    return rng.normal(size=2) * rng.choice([1, 1e-5]), *_quadratic(rng), step_size, maxiter


def _project(rng):
    n = rng.integers(1, 5)
    return _points(rng, n), rng.normal(size=n), rng.normal()


def _solve_qp(rng):
    n, m = rng.integers(1, 4), rng.integers(1, 5)
    root, A = rng.normal(size=(n, n)), rng.normal(size=(m, n))
    b = A @ rng.normal(size=n) + rng.choice([-2.0, 0.3], m, p=[0.1, 0.9])
    return root @ root.T + np.eye(n), 3 * rng.normal(size=n), A, b


def _system(rng, points=None):
    m, n = [(6, 3), (4, 4), (5, 1), (7, 2)][rng.integers(4)]
    A, b = rng.normal(size=(m, n)), rng.normal(size=m)
    return (A, b) if points is None else (A, b, points(rng, n))


def _solve(rng):
    A, b = _system(rng)
    kind = rng.integers(5)
    if kind == 0:  # dependent columns
        A[:, -1] = A[:, 0] + A[:, min(1, A.shape[1] - 1)]
    if kind == 1:
        A[:, -1] *= 1e-9
    return A * rng.choice([1e-14, 1.0]), b


def _weighted(rng):
    A, b = _system(rng)
    return A, b, rng.uniform(0.1, 9, len(b))


def _cross_validate(rng):
    A, b = np.vander(rng.uniform(-1, 1, 9), rng.integers(1, 3), increasing=True), rng.normal(size=9)
    return A, b, rng.permutation(np.arange(9) % rng.integers(3, 5)) - rng.integers(3)


def _conv(rng):
    kh, kw, d = rng.choice([1, 3, 5]), rng.choice([1, 3]), int(rng.choice([1, 2, 3]))
    shape, F = (*rng.integers(1, 3, 1), *rng.integers(4, 7, 2), rng.integers(1, 4)), 2
    return rng.normal(size=shape), rng.normal(size=(kh, kw, shape[3], F)), rng.normal(size=F), d


def _conv_gradients(rng):
    images, kernels, _, d = _conv(rng)
    kh, kw = map(int, kernels.shape[:2])
    return images, rng.normal(size=(*images.shape[:3], 2)), kh, kw, d


def _softmax(rng):
    x = _points(rng, 3) * rng.choice([1, 1000])
    x = x.astype(rng.choice([np.float32, np.float64]))
    mask = None if rng.random() < 0.4 else rng.random(x.shape) < 0.6
    return x, int(rng.integers(-x.ndim, x.ndim)), mask


def _logits(rng):
    z = _points(rng, 4) * rng.choice([1, 300])
    return z, rng.integers(4, size=z.shape[:-1]), rng.choice([0.0, 0.2, 1.0])


def _roots(rng):
    u, v = rng.normal(size=(2, *_points(rng).shape)) * 10.0 ** rng.integers(-6, 6, (2, 1))[0]
    return (-(u + v) / 2, u * v) if rng.random() < 0.9 else (0.0, -rng.random())


def _refine(rng):
    n = rng.integers(2, 5)
    A = rng.normal(size=(n, n)) + 3 * np.eye(n)
    tol, maxiter = rng.choice([0.0, 1e-3, 1e-15]), int(rng.integers(0, 12))
    return A, rng.normal(size=n), lambda A, b: 0.8 * np.linalg.solve(A, b), tol, maxiter


def _componentwise_error(rng):
    A, x = rng.normal(size=(4, 4)), rng.normal(size=4)
    b = A @ x + rng.choice([0, 1e-3]) * rng.normal(size=4)
    if rng.random() < 0.3:
        A[1], b[1] = 0, 0
    return A, x, b


def _model(rng):
    def cubic(x):
        return (x @ H * x).sum(axis=-1) / 2 + (x**3).sum(axis=-1)

    n = rng.integers(1, 4)
    H = rng.normal(size=(n, n))
    H += H.T
    x0, x = rng.normal(size=n), _points(rng, n)

    def gradient(x):
        return x @ H + 3 * x**2

    def hessian(x):
        return H + 6 * x[..., None] * np.eye(n)

    return x0, cubic, gradient, hessian, Then(x)


def _matrix(rng):
    lead = [(), (3,), (2, 4), (2,)][rng.integers(4)]
    return rng.normal(size=(*lead, *rng.integers(1, 5, 2))), rng.choice([1.0, rng.uniform(0.1, 9)])


def _towns(rng):
    n, m = rng.integers(1, 4), rng.integers(1, 6)
    towns, x = rng.normal(size=(m, n)), _points(rng, n)
    towns = towns[rng.integers(m, size=m)] if rng.random() < 0.3 else towns
    at_town = rng.random((*x.shape[:-1], 1)) < 0.3
    return np.where(at_town, towns[0], x), towns, rng.uniform(0.2, 5, m)


def _hessians(rng):
    slope = _points(rng, int(rng.integers(1, 4)))
    half = rng.normal(size=(*slope.shape, slope.shape[-1]))
    return slope, half + np.swapaxes(half, -1, -2), rng.choice([0.1, rng.uniform(0.05, 2)])


def _damped_newton(rng):
    centre, edge = rng.normal(size=2), rng.choice([-np.inf, 0.0])
    x0 = np.abs(rng.normal(size=2)) * rng.choice([1e-3, 1, 6])
    tol, maxiter = rng.choice([1e-5, 0.3]), int(rng.choice([0, 1, 30]))

    def f(x):
        return np.cos(3 * (x - centre)).sum() + x @ x / 2 if x.min() > edge else np.nan

    def grad(x):
        return x - 3 * np.sin(3 * (x - centre))

    def hess(x):
        return np.diag(1 - 9 * np.cos(3 * (x - centre)))

    return x0, f, grad, hess, tol, maxiter


def _marquardt(rng):
    t, centre = rng.normal(size=5), rng.normal(size=2)
    mu, tol = rng.choice([1e-3, 1.0]), rng.choice([1e-4, 0.5])

    def residual(x):
        return x[0] * np.exp(x[1] * t) - centre[0] * np.exp(centre[1] * t) + 0.1

    def jacobian(x):
        return np.stack([np.exp(x[1] * t), x[0] * t * np.exp(x[1] * t)], axis=-1)

    return 2 * rng.normal(size=2), residual, jacobian, mu, tol, int(rng.choice([0, 1, 6]))


def _decode(rng):
    E, F = int(rng.integers(2, 9)), int(rng.integers(1, 24))
    patterns = rng.integers(2 ** (1 + E + F), size=_points(rng).shape)
    if rng.random() < 0.4:  # e is 0, or all ones
        patterns = (patterns >> (E + F) << (E + F)) + patterns % 2 ** rng.integers(F + 1)
        patterns = patterns + rng.integers(2) * ((2**E - 1) << F)
    return (patterns if rng.random() < 0.5 else int(patterns.flat[0])), E, F


def _running_sum(rng):
    x = rng.normal(size=_points(rng, 6).shape) * 10.0 ** rng.choice([0, 0, 9])
    return (x.astype(rng.choice([np.float32, np.float64])),)


def _leg(rng):
    c = rng.uniform(0.1, 9, _points(rng).shape) * 10.0 ** rng.choice([0, 200, -200])
    return c, c * rng.choice([1, -1, 0.3, 1 - 1e-9, rng.uniform(-1, 1)])


def _witness(rng):
    n, bend = rng.integers(2, 5), rng.choice([0.0, 1.0, 30.0])
    H, x0 = rng.normal(size=(n, n)), rng.normal(size=n)
    H = H + H.T if rng.random() < 0.8 else H @ H.T

    def f(x):
        return (x - x0) @ H @ (x - x0) / 2 + bend * ((x - x0) ** 2).sum() ** 2

    return f, H, x0, rng.choice([1e-10, 0.2])


def _project_capsule(rng):
    n = rng.integers(1, 5)
    p, q = 2 * rng.normal(size=(2, n))
    q = p if rng.random() < 0.1 else q
    return 3 * _points(rng, n), p, q, rng.choice([0.0, 0.7, 2.0])


def _restarted_ball(rng):
    scales, edge = rng.uniform(0.5, 6, 2), rng.choice([-np.inf, -0.5])

    def f(x):
        return (scales * x**2).sum() / 2 + np.cos(x[0] - x[1]) if x[1] > edge else np.nan

    def grad(x):
        return scales * x - np.sin(x[0] - x[1]) * np.array([1.0, -1.0])

    x0 = np.abs(rng.normal(size=2)) * rng.choice([1e-3, 1, 6])
    tol, maxiter = rng.choice([1e-4, 0.3]), int(rng.choice([0, 1, 20]))
    return x0, f, grad, rng.choice([0.05, 0.2, 0.4]), rng.choice([0.0, 0.5, 0.9]), tol, maxiter


def _ball_log(rng):
    T, n = rng.integers(2, 6), rng.integers(1, 4)
    return rng.normal(size=(T + 1, n)), rng.normal(size=(T, n))


def _corrected_mean(rng):
    values = np.swapaxes(_points(rng, int(rng.integers(1, 5))), 0, -1)
    return values, rng.uniform(0, 0.99, len(values)) * (rng.random(len(values)) < 0.9)


def _lazy_adam(rng):
    T, n = rng.integers(1, 6), rng.integers(1, 4)
    g, seen = rng.normal(size=(T, n)), rng.random((T, n)) < rng.choice([1.0, 0.6])
    settings = rng.uniform(0.1, 1), *rng.uniform(0.1, 0.9, 2), rng.choice([1e-8, 0.1])
    return rng.normal(size=n), np.where(seen | (rng.random() < 0.5), g, np.nan), seen, *settings


def _farthest(rng):
    c = _points(rng, int(rng.integers(1, 5)))
    return c, rng.uniform(0.2, 5, c.shape[-1]), rng.uniform(0.1, 9)


def _constrained_fit(rng):
    k, n, m = [(6, 3, 1), (4, 4, 2), (2, 3, 2), (5, 2, 2)][rng.integers(4)]
    G, A = rng.normal(size=(k, n)), rng.normal(size=(m, n))
    return G, _points(rng, k), A, rng.normal(size=m)


def _saddle(rng):
    n = int(rng.integers(1, 5))
    half, J = rng.normal(size=(n, n)), rng.normal(size=(rng.integers(1, n + 1), n))
    return half + half.T, J


def _predict(rng):
    m = int(rng.integers(1, 4))
    half = rng.normal(size=(m, m))
    return rng.normal(), rng.normal(size=m), half + half.T, _points(rng, m)


def _row_step(rng):
    n = rng.integers(1, 5)
    a = rng.normal(size=n) * rng.choice([0.0, 1.0, 1.0, 1e-20])
    low, gap = rng.normal(), rng.choice([0.0, rng.uniform(0, 2), np.inf])
    low, high = (low, low + gap) if rng.random() < 0.6 else (-gap, low)
    low, high = min(low, high), max(low, high)
    return 2 * _points(rng, n), a, low, high, rng.choice([1.0, rng.uniform(0.1, 1.9)])


def _draw_rows(rng):
    A = rng.normal(size=rng.integers(1, 7, 2))
    A[rng.random(len(A)) < 0.3] = 0
    A[rng.integers(len(A))] = 1
    return A, (rng.random(_points(rng).shape) if rng.random() < 0.8 else rng.random())


def _reconstruct(rng):
    m, n, s, p = rng.integers(2, 6, 4)
    A, x, C = rng.normal(size=(m, n)), rng.normal(size=n), rng.normal(size=(p, n))
    low = A @ x + 0.5 * rng.normal(size=m)
    high = low + rng.choice([0, 0.3, np.inf], m)
    d, orders = C @ x + 0.5 * rng.normal(size=p), rng.integers(0, m, (rng.integers(0, 12), s))
    x0, part = 2 * rng.normal(size=n), rng.choice([1.0, 0.6])
    return x0, A, low, high, orders, C, d, part, int(rng.integers(1, 5))


def _rows(rng):
    N, n = [(6, 2), (7, 3), (5, 4), (4, 1)][rng.integers(4)]
    return rng.normal(size=(N, n)), rng.normal(size=N), rng.uniform(0.05, 0.5)


def _minibatch_step(rng):
    A, y, step_size = _rows(rng)
    w, p = _points(rng, A.shape[1]), rng.dirichlet(2 * np.ones(len(A)))
    return w, A, y, rng.integers(len(A), size=(*w.shape[:-1], rng.integers(1, 5))), step_size, p


def _epoch(rng):
    A, y, step_size = _rows(rng)
    w, order = rng.normal(size=A.shape[1]), rng.permutation(len(A))
    return w, A, y, order, int(rng.integers(1, 9)), step_size


def _layer(rng):
    m, n = map(int, rng.integers(1, 5, 2))
    return _points(rng, n), rng.normal(size=(m, n)), rng.normal(size=m), rng.normal(size=n)


def _layer_back(rng):
    v, A, b, c = _layer(rng)
    return rng.normal(size=v.shape), v, A, b, c


def _deep(rng):
    widths, N = rng.integers(1, 6, rng.integers(2, 6)), rng.integers(1, 5)
    weights = [rng.normal(size=(n, before)) for before, n in pairwise(widths)]
    slopes = [rng.normal(size=(N, n)) * (rng.random((N, n)) < 0.5) for n in widths[1:]]
    g = rng.normal(size=(N, widths[-1])) * (rng.random((N, widths[-1])) < 0.6)
    return rng.choice([1.0, 1e-200]) * g, weights, slopes


def _plateau(rng):
    losses = np.round(rng.uniform(1, 4, rng.integers(0, 12)), 1) * rng.choice([0.01, 1, 100])
    factor, patience = rng.uniform(0.1, 0.9), int(rng.integers(1, 5))
    return losses, rng.uniform(0.1, 2), factor, patience, rng.choice([0.0, 0.02, 0.3])


def _network(rng):
    n = int(rng.integers(1, 4))
    widths = [n, *rng.integers(1, 6, rng.integers(0, 4)), rng.integers(1, 3)]
    return [(rng.normal(size=(q, p)), rng.normal(size=q)) for p, q in pairwise(widths)], n


def _forward_pass(rng):
    layers, n = _network(rng)
    return layers, _points(rng, n), rng.choice([0.0, 0.3])


def _breakpoints(rng):
    layers, n = _network(rng)
    return layers, *2 * rng.normal(size=(2, n))


def _fold(rng):
    k, n = rng.integers(1, 4, 2)
    return rng.normal(size=(k, n)), rng.normal(size=k)


class Then(tuple):
    """The arguments of the function that is returned: called at once."""

    def __new__(cls, *args):
        return super().__new__(cls, args)


def _battery(rng):
    prices = rng.normal(3, 3, rng.integers(1, 6))
    capacity = rng.uniform(1, 9)
    return prices, *rng.uniform([0.3, 1], [0.95, 5]), capacity, rng.uniform(0.1, 1) * capacity, 0.3


def _program(rng):
    """Small programs of every kind: with a minimum, infeasible, unbounded."""
    n, (k, m) = rng.integers(1, 5), [(0, 2), (1, 1), (3, 0), (2, 2)][rng.integers(4)]
    A_ub, A_eq = rng.normal(size=(k, n)), rng.normal(size=(m, n))
    return (
        rng.normal(size=n),
        A_ub,
        rng.normal(size=k),
        A_eq,
        rng.normal(size=m),
        rng.random(n) < 0.4,
    )


def _blocks(rng):
    N = int(rng.integers(2, 10))
    times = rng.permutation(np.cumsum(rng.integers(1, 5, N))) / 2 - 3
    return times, int(rng.integers(2, N + 1)), rng.choice([0.0, 0.5, 1.5, 2.0])


def _ridge_predict(rng):
    N, n, M = rng.integers(1, 9), rng.integers(1, 5), rng.integers(1, 5)
    X, Z = rng.normal(size=(N, n)), rng.normal(size=(M, n)) + 1
    if rng.random() < 0.2:
        X[:, 0] = rng.choice([0.1, 2.0])
    return X * 10.0 ** rng.integers(-9, 9), rng.normal(size=N), rng.uniform(0.1, 2), Z


def _choose(rng):
    k, L = rng.integers(2, 7), rng.integers(1, 7)
    place = rng.permutation(L)
    losses = rng.integers(4, 40, (k, 1)) + (place - L / 2) ** 2 / 4 + rng.integers(-4, 5, (k, L))
    return 2.0**place, np.round(losses)


def _leaks(rng):
    N, M = 9, rng.integers(1, 6)
    rows, w = rng.permutation(N), rng.normal(size=3) * (rng.random(3) < 0.5)

    def protocol(X, y, train, test):
        each = np.where(X[test, 0] > 0, y[test], 0) * w[0] + X[test, 1]
        return each + w[1] * np.roll(X[test, 0], 1) + w[2] * y.sum() + y[train].mean()

    new = rng.normal(size=(M, 2)), np.round(rng.normal(size=M))
    return protocol, rng.normal(size=(N, 2)), rng.normal(size=N), rows[M:], rows[:M], *new


CASES = {
    "gradients": {
        "grad_rayleigh": lambda rng: (_points(rng, 3), rng.normal(size=(3, 3))),
        "grad_coding_rate": _matrix,
        "grad_total_distance": _towns,
        "steepest_slope": _towns,
    },
    "generalisation": {
        "blocks": _blocks,
        "ridge_predict": _ridge_predict,
        "choose": _choose,
        "leaks": _leaks,
    },
    "convexity": {
        "witness": _witness,
        "project_capsule": _project_capsule,
        "repair": lambda rng: (
            ["length", "exponentials", "quadratic", "quotient", "mean"][rng.integers(5)],
        ),
    },
    "floating-point": {"decode": _decode, "running_sum": _running_sum, "leg": _leg},
    "gradient-descent": {
        "f": lambda rng: (_points(rng),),
        "grad_f": lambda rng: (_points(rng),),
        "minimize": _minimize,
    },
    "kkt": {
        "project": _project,
        "fill": lambda rng: (rng.uniform(0.05, rng.choice([0.5, 5]), rng.integers(1, 7)),),
        "solve_qp": _solve_qp,
    },
    "lagrange": {
        "farthest": _farthest,
        "constrained_fit": _constrained_fit,
        "sensitivities": _saddle,
        "predict": _predict,
    },
    "least-squares": {
        "design": lambda rng: (rng.normal(size=rng.integers(1, 6)), int(rng.integers(0, 6))),
        "loss": lambda rng: _system(rng, _points),
        "grad_loss": lambda rng: _system(rng, _points),
        "solve": _solve,
        "solve_weighted": _weighted,
        "cross_validate": _cross_validate,
    },
    "cnn": {
        "conv_same": _conv,
        "avg_pool": lambda rng: (rng.normal(size=(2, *rng.integers(3, 8, 2), 2)),
                                 int(rng.integers(1, 4))),
        "conv_same_gradients": _conv_gradients,
        "count_weights": lambda rng: (
            int(rng.integers(1, 5)),
            [tuple(map(int, rng.integers(1, 8, 2))) for _ in range(rng.integers(4))],
        ),
    },
    "softmax": {
        "softmax": _softmax,
        "logsumexp": lambda rng: _softmax(rng)[:2],
        "cross_entropy": _logits,
        "cross_entropy_grad": _logits,
    },
    "conditioning": {
        "roots": _roots,
        "worst_case": lambda rng: (rng.normal(size=(3, 3)), rng.uniform(0.01, 2)),
        "componentwise_error": _componentwise_error,
        "refine": _refine,
    },
    "momentum": {
        "restarted_ball": _restarted_ball,
        "read_log": _ball_log,
        "corrected_mean": _corrected_mean,
        "lazy_adam": _lazy_adam,
    },
    "newton": {
        "newton_step": _hessians,
        "damped_newton": _damped_newton,
        "peak_jacobian": lambda rng: (_points(rng, 3) + np.array([0, 0, 4]), rng.normal(size=5)),
        "marquardt": _marquardt,
    },
    "networks": {
        "forward_pass": _forward_pass,
        "widest": lambda rng: (*map(int, rng.integers(1, [20, 9, 5, 3000])),),
        "breakpoints": _breakpoints,
        "fold": _fold,
    },
    "linear-programming": {
        "battery_program": _battery,
        "dual_program": _program,
        "certify": _program,
    },
    "kaczmarz": {
        "row_step": _row_step,
        "draw_rows": _draw_rows,
        "reconstruct": _reconstruct,
    },
    "backpropagation": {
        "forward": _layer,
        "backward": _layer_back,
        "trace_gradient": _deep,
    },
    "stochastic": {
        "minibatch_step": _minibatch_step,
        "epoch": _epoch,
        "plateau": _plateau,
    },
    "taylor": {
        "f": lambda rng: (_points(rng),),
        "grad_f": lambda rng: (_points(rng),),
        "hessian_f": lambda rng: (_points(rng),),
        "taylor_series_quad_approx": _model,
    },
}  # fmt: skip
