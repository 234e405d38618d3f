"""Typical wrong answers to the final exam, and right ones, for any of its papers."""

import re

from places import COURSE

from coursekit.homework.variants import filled

H = """
def h(x):
    return ({{p}} - {{q}}) / (np.sqrt({{k}} * x**2 + {{p}}) + np.sqrt({{k}} * x**2 + {{q}}))
"""
KAPPA = """
def kappa(x):
    return {{k}} * x**2 / np.sqrt(({{k}} * x**2 + {{p}}) * ({{k}} * x**2 + {{q}}))
"""
GRAD = """
def grad_f(x):
    u = {{c}}[0] * x[..., 0] + {{c}}[1] * x[..., 1]
    slope = {{b}} * {{slope_of_wave}}
    parts = [{{c}}[0] * slope, {{c}}[1] * slope]
    parts[{{i}}] = parts[{{i}}] + 2 * {{a}} * x[..., 0] * x[..., 1]
    parts[{{j}}] = parts[{{j}}] + {{a}} * x[..., {{i}}] ** 2
    return np.stack(parts, axis=-1)
"""
HESS = """
def hess_f(x):
    u = {{c}}[0] * x[..., 0] + {{c}}[1] * x[..., 1]
    hess = -{{b}} * np.{{wave}}(u)[..., None, None] * np.outer({{c}}, {{c}})
    hess[..., {{i}}, {{i}}] += 2 * {{a}} * x[..., {{j}}]
    hess[..., 0, 1] += 2 * {{a}} * x[..., {{i}}]
    hess[..., 1, 0] += 2 * {{a}} * x[..., {{i}}]
    return hess
"""
MODEL = """
def model_minimizer():
    x0 = np.array({{x0}})
    return x0 - np.linalg.solve(hess_f(x0), grad_f(x0))
"""
BALL = """
def heavy_ball(x0, grad, step_size, beta, tol, maxiter):
    path, before, x = [x0], x0, x0
    while len(path) <= maxiter and np.linalg.norm(grad(x)) > tol:
        x, before = x - step_size * grad(x) + beta * (x - before), x
        path.append(x)
    return path
"""
BEST = """
def best():
    low, high = np.sqrt(np.linalg.eigvalsh(H))
    s, beta = 4 / (high + low) ** 2, ((high - low) / (high + low)) ** 2
    return s, beta, len(heavy_ball(START, lambda x: H @ x - b, s, beta, 1e-6, 1000)) - 1
"""
KKT = """
def kkt_residuals(Q, c, A, d, x, mu):
    over = A @ x - d
    one = np.linalg.norm(Q @ x + c + A.T @ mu)
    return one, max(0, over.max()), max(0, -mu.min()), np.abs(mu * over).max()
"""
SOLUTION = """
def solution():
    return {{x4}}, {{mu4}}
"""
NETWORK = """
def network(X, W1, b1, w2, b2):
    z = X @ W1 + b1
    return np.where(z > 0, z, {{slope}} * z) @ w2 + b2
"""
GRADIENTS = """
def gradients(X, t, W1, b1, w2, b2):
    z = X @ W1 + b1
    error = (network(X, W1, b1, w2, b2) - t) / len(t)
    back = error[:, None] * w2 * np.where(z > 0, 1, {{slope}})
    return X.T @ back, back.sum(axis=0), error @ np.where(z > 0, z, {{slope}} * z), error.sum()
"""
LOSS = """
def loss_after_step():
    steps = gradients(X, t, W1, b1, w2, b2)
    moved = [w - 0.1 * np.asarray(g) for w, g in zip([W1, b1, w2, b2], steps)]
    return ((network(X, *moved) - t) ** 2).sum() / (2 * len(t))
"""
BOTH_H = "h-moderate h-large"
BOTH_GRAD = "grad_f-values grad_f-batches"
BOTH_BEST = "best-parameters best-updates"

WRONG_TEMPLATES = {  # name: cell, answer, cells that lose their points, what the check says
    "as it stands": (
        "h",
        "def h(x):\n    return np.sqrt({{k}} * x**2 + {{p}}) - np.sqrt({{k}} * x**2 + {{q}})",
        "h-large",
        None,
    ),
    "the sum above the line": (
        "h",
        H.replace("({{p}} - {{q}}) /", "({{p}} + {{q}}) /"),
        BOTH_H,
        None,
    ),
    "for large x alone": (
        "h",
        "def h(x):\n    return ({{p}} - {{q}}) / (2 * np.sqrt({{k}}) * x)",
        BOTH_H,
        None,
    ),
    "in single precision": (
        "h",
        H.replace("def h(x):\n", "def h(x):\n    x = np.float32(x)\n"),
        BOTH_H,
        "has the type float32",
    ),
    "x overwritten": (
        "h",
        H.replace("def h(x):\n", "def h(x):\n    x *= 1\n    x += 0.5\n    x -= 0.25\n"),
        BOTH_H,
        "h changes its input",
    ),
    "with more digits": (
        "h",
        """
from decimal import Decimal
def h(x):
    def root(v, more):
        return ({{k}} * Decimal(v) ** 2 + more).sqrt()
    found = [root(float(v), {{p}}) - root(float(v), {{q}}) for v in x.flat]
    return np.array(found, dtype=float).reshape(x.shape)
""",
        BOTH_H,
        "h uses Decimal of decimal, which is not allowed",
    ),
    "the course's own": (
        "heavy_ball",
        """
def heavy_ball(x0, grad, step_size, beta, tol, maxiter):
    from coursekit.descent.momentum import heavy_ball as rule, optimize
    return optimize(rule(step_size, beta), None, grad, x0, tol=tol, maxiter=maxiter).path
""",
        "heavy_ball-updates heavy_ball-stops",
        "heavy_ball uses coursekit, which is not allowed",
    ),
    "one number for all": (
        "h",
        H.replace("return (", "return np.max((").rstrip() + ")",
        BOTH_H,
        "has shape ()",
    ),
    "by differences": (
        "kappa",
        "def kappa(x):\n    return np.abs(x * (h(x + 1e-6) - h(x)) / 1e-6 / h(x))",
        "kappa-values",
        None,
    ),
    "a cancelling derivative": (
        "kappa",
        "def kappa(x):\n    r, s = np.sqrt({{k}} * x**2 + {{p}}), np.sqrt({{k}} * x**2 + {{q}})\n"
        "    return np.abs({{k}} * x * (1 / r - 1 / s) * x / h(x))",
        "kappa-values",
        None,
    ),
    "negative": ("kappa", KAPPA.replace("return", "return -1 *"), "kappa-values", None),
    "always 1": ("kappa", "def kappa(x):\n    return np.ones(x.shape)", "kappa-values", None),
    "inner derivative forgotten": (
        "grad_f",
        GRAD.replace("[{{c}}[0] * slope, {{c}}[1] * slope]", "[slope, slope]"),
        BOTH_GRAD,
        None,
    ),
    "partial derivatives exchanged": (
        "grad_f",
        GRAD.replace("np.stack(parts,", "np.stack(parts[::-1],"),
        BOTH_GRAD,
        None,
    ),
    "the slope of the wave has the other sign": (
        "grad_f",
        GRAD.replace("slope = {{b}}", "slope = -{{b}}"),
        BOTH_GRAD,
        None,
    ),
    "one point only": (
        "grad_f",
        GRAD.replace("..., ", "").replace(", axis=-1", ""),
        "grad_f-batches",
        "grad_f of an array of shape",
    ),
    "the wave bends the other way": (
        "hess_f",
        HESS.replace("-{{b}} *", "{{b}} *"),
        "hess_f-values",
        None,
    ),
    "no mixed derivatives of the product": (
        "hess_f",
        re.sub(r"\n.*\[\.\.\., (0, 1|1, 0)\] \+=.*", "", HESS),
        "hess_f-values",
        None,
    ),
    "one inner derivative": (
        "hess_f",
        HESS.replace("np.outer({{c}}, {{c}})", "np.outer({{c}}, [1, 1])"),
        "hess_f-values",
        None,
    ),
    "the step": (
        "model_minimizer",
        MODEL.replace("x0 - np", "-np"),
        "model_minimizer-values",
        None,
    ),
    "the step uphill": (
        "model_minimizer",
        MODEL.replace("x0 - np", "x0 + np"),
        "model_minimizer-values",
        None,
    ),
    "one step down the gradient": (
        "model_minimizer",
        MODEL.replace("np.linalg.solve(hess_f(x0), grad_f(x0))", "0.1 * grad_f(x0)"),
        "model_minimizer-values",
        None,
    ),
    "no momentum": (
        "heavy_ball",
        BALL.replace(" + beta * (x - before)", ""),
        "heavy_ball-updates",
        None,
    ),
    "momentum backwards": (
        "heavy_ball",
        BALL.replace("+ beta", "- beta"),
        "heavy_ball-updates",
        None,
    ),
    "momentum from the gradients alone": (
        "heavy_ball",
        BALL.replace("beta * (x - before)", "beta * step_size * (before - x)"),
        "heavy_ball-updates",
        None,
    ),
    "an update at least": (
        "heavy_ball",
        BALL.replace(
            "np.linalg.norm(grad(x)) > tol", "(len(path) == 1 or np.linalg.norm(grad(x)) > tol)"
        ),
        "heavy_ball-stops",
        None,
    ),
    "one update too many": (
        "heavy_ball",
        BALL.replace("<= maxiter", "<= maxiter + 1"),
        "heavy_ball-stops",
        None,
    ),
    "equality does not stop": (
        "heavy_ball",
        BALL.replace("> tol", ">= tol"),
        "heavy_ball-stops",
        None,
    ),
    "the last point alone": (
        "heavy_ball",
        BALL.replace("return path", "return x"),
        "heavy_ball-updates heavy_ball-stops",
        "The points that heavy_ball returns has shape (3,)",
    ),
    "the step of gradient descent": (
        "best",
        BEST.replace("4 / (high + low) ** 2", "2 / (high**2 + low**2)"),
        BOTH_BEST,
        None,
    ),
    "beta not squared": (
        "best",
        BEST.replace("((high - low) / (high + low)) ** 2", "(high - low) / (high + low)"),
        BOTH_BEST,
        None,
    ),
    "eigenvalues without their roots": (
        "best",
        BEST.replace("np.sqrt(np.linalg.eigvalsh(H))", "np.linalg.eigvalsh(H)"),
        BOTH_BEST,
        None,
    ),
    "points counted": ("best", BEST.replace("1000)) - 1", "1000))"), "best-updates", None),
    "multipliers of >=": (
        "kkt_residuals",
        KKT.replace("+ A.T @ mu", "- A.T @ mu"),
        "kkt_residuals-equations",
        None,
    ),
    "complementary slackness in the sum": (
        "kkt_residuals",
        KKT.replace("np.abs(mu * over).max()", "abs(mu @ over)"),
        "kkt_residuals-equations",
        None,
    ),
    "slack counts as violation": (
        "kkt_residuals",
        KKT.replace("max(0, over.max())", "np.abs(over).max()"),
        "kkt_residuals-inequalities",
        None,
    ),
    "negative violations": (
        "kkt_residuals",
        KKT.replace("max(0, over.max())", "over.max()"),
        "kkt_residuals-inequalities",
        None,
    ),
    "the smallest multiplier itself": (
        "kkt_residuals",
        KKT.replace("max(0, -mu.min())", "min(0, mu.min())"),
        "kkt_residuals-inequalities",
        None,
    ),
    "no constraint looked at": (
        "solution",
        "def solution():\n    return np.linalg.solve(Q, -c), np.zeros(4)",
        "solution-x solution-mu",
        None,
    ),
    "negative multipliers": (
        "solution",
        SOLUTION.replace("{{mu4}}", "[-m for m in {{mu4}}]"),
        "solution-mu",
        None,
    ),
    "multipliers of the active ones": (
        "solution",
        SOLUTION.replace("{{mu4}}", "[m for m in {{mu4}} if m]"),
        "solution-mu",
        "mu has shape (2,)",
    ),
    "multipliers in another order": (
        "solution",
        SOLUTION.replace("{{mu4}}", "{{mu4}}[1:] + {{mu4}}[:1]"),
        "solution-mu",
        None,
    ),
    "x rounded": (
        "solution",
        SOLUTION.replace("{{x4}}", "[x + 0.01 for x in {{x4}}]"),
        "solution-x",
        None,
    ),
    "a ReLU": ("network", NETWORK.replace("{{slope}} * z", "0"), "network-values", None),
    "slope on the other side": (
        "network",
        NETWORK.replace("z > 0", "z < 0"),
        "network-values",
        None,
    ),
    "no bias behind": ("network", NETWORK.replace(" + b2", ""), "network-values", None),
    "the sum over the batch": (
        "gradients",
        GRADIENTS.replace(" / len(t)", ""),
        "gradients-output gradients-hidden",
        None,
    ),
    "activation not differentiated": (
        "gradients",
        GRADIENTS.replace(" * np.where(z > 0, 1, {{slope}})", ""),
        "gradients-hidden",
        None,
    ),
    "w2 before the activation": (
        "gradients",
        GRADIENTS.replace("error @ np.where(z > 0, z, {{slope}} * z)", "error @ z"),
        "gradients-output",
        None,
    ),
    "W1 and b1 exchanged": (
        "gradients",
        GRADIENTS.replace("X.T @ back, back.sum(axis=0)", "back.sum(axis=0), X.T @ back"),
        "gradients-hidden",
        "dW1 has shape (3,)",
    ),
    "before the step": (
        "loss_after_step",
        LOSS.replace("0.1 *", "0.0 *"),
        "loss_after_step-value",
        None,
    ),
    "a step uphill": (
        "loss_after_step",
        LOSS.replace("w - 0.1", "w + 0.1"),
        "loss_after_step-value",
        None,
    ),
    "the mean without the half": (
        "loss_after_step",
        LOSS.replace("(2 * len(t))", "len(t)"),
        "loss_after_step-value",
        None,
    ),
}

RIGHT_TEMPLATES = {
    "the usual way": {
        "h": H,
        "kappa": KAPPA,
        "grad_f": GRAD,
        "hess_f": HESS,
        "model_minimizer": MODEL,
        "heavy_ball": BALL,
        "best": BEST,
        "kkt_residuals": KKT,
        "solution": SOLUTION,
        "network": NETWORK,
        "gradients": GRADIENTS,
        "loss_after_step": LOSS,
    },
    "by hypotenuses": {
        "h": """
def h(x):
    r = {{k}} ** 0.5 * x
    return ({{p}} - {{q}}) / (np.hypot(r, {{p}} ** 0.5) + np.hypot(r, {{q}} ** 0.5))
""",
        "kappa": """
def kappa(x):
    r = {{k}} ** 0.5 * x
    return r / np.hypot(r, {{p}} ** 0.5) * (r / np.hypot(r, {{q}} ** 0.5))
""",
    },
    "by expm1 and log1p": {
        "h": """
def h(x):
    under = {{k}} * x * x + {{q}}
    return np.sqrt(under) * np.expm1(np.log1p(({{p}} - {{q}}) / under) / 2)
""",
        "kappa": """
def kappa(x):
    return 1 / np.sqrt((1 + {{p}} / {{k}} / x**2) * (1 + {{q}} / {{k}} / x**2))
""",
    },
    "lists and loops": {
        "h": """
def h(x):
    def one(v):
        top = {{p}} - {{q}}
        return top / (({{k}} * v * v + {{p}}) ** 0.5 + ({{k}} * v * v + {{q}}) ** 0.5)
    def walk(v):
        return [walk(w) for w in v] if isinstance(v, list) else one(v)
    return walk(x.tolist())
""",
        "grad_f": """
def grad_f(x):
    if x.ndim > 1:
        return [grad_f(row) for row in x]
    u = {{c}}[0] * x[0] + {{c}}[1] * x[1]
    g = [{{b}} * {{slope_of_wave}} * k for k in {{c}}]
    g[{{i}}] += 2 * {{a}} * x[0] * x[1]
    g[{{j}}] += {{a}} * x[{{i}}] ** 2
    return g
""",
        "hess_f": """
def hess_f(x):
    if x.ndim > 1:
        return [hess_f(row) for row in x]
    u = {{c}}[0] * x[0] + {{c}}[1] * x[1]
    rows = [[-{{b}} * np.{{wave}}(u) * k * l for l in {{c}}] for k in {{c}}]
    rows[{{i}}][{{i}}] += 2 * {{a}} * x[{{j}}]
    for k in (0, 1):
        rows[k][1 - k] += 2 * {{a}} * x[{{i}}]
    return rows
""",
        "model_minimizer": """
def model_minimizer():
    (r, s), (_, t) = hess_f(np.array({{x0}}))
    g, k = grad_f(np.array({{x0}}))
    det = r * t - s * s
    return [{{x0}}[0] - (t * g - s * k) / det, {{x0}}[1] - (r * k - s * g) / det]
""",
        "kkt_residuals": """
def kkt_residuals(Q, c, A, d, x, mu):
    n, m, total = len(x), len(mu), 0
    for i in range(n):
        row = sum(Q[i, j] * x[j] for j in range(n)) + sum(A[j, i] * mu[j] for j in range(m))
        total += (row + c[i]) ** 2
    over = [sum(A[i, j] * x[j] for j in range(n)) - d[i] for i in range(m)]
    slack = max(abs(v * o) for v, o in zip(mu, over))
    return [total**0.5, max([0.0] + over), max([0.0] + [-v for v in mu]), slack]
""",
        "network": """
def network(X, W1, b1, w2, b2):
    y = []
    for x in X:
        total = b2
        for j in range(len(w2)):
            z = sum(x[i] * W1[i, j] for i in range(len(x))) + b1[j]
            total += w2[j] * (z if z > 0 else {{slope}} * z)
        y.append(total)
    return y
""",
    },
    "by complex steps": {
        "grad_f": """
def grad_f(x):
    def f(x):
        u = {{c}}[0] * x[..., 0] + {{c}}[1] * x[..., 1]
        return {{a}} * x[..., {{i}}] ** 2 * x[..., {{j}}] + {{b}} * np.{{wave}}(u)
    return np.stack([f(x + 1e-30j * e).imag / 1e-30 for e in np.eye(2)], axis=-1)
""",
        "hess_f": GRAD.replace("def grad_f", "def slopes")
        + """
def hess_f(x):
    return np.stack([slopes(x + 1e-30j * e).imag / 1e-30 for e in np.eye(2)], axis=-1)
""",
    },
    "recursion, and an array of points": {
        "heavy_ball": """
def heavy_ball(x0, grad, step_size, beta, tol, maxiter):
    def go(x, before, left):
        if not left or np.linalg.norm(g := grad(x)) <= tol:
            return [x]
        return [x, *go(x - step_size * g + beta * (x - before), x, left - 1)]
    return np.array(go(x0, x0, maxiter))
""",
    },
    "a velocity": {
        "heavy_ball": """
def heavy_ball(x0, grad, step_size, beta, tol, maxiter):
    x, v, path = x0.copy(), np.zeros(x0.shape), [x0.copy()]
    for _ in range(maxiter):
        g = grad(x)
        if (g @ g) ** 0.5 <= tol:
            break
        v *= beta
        v -= step_size * g
        x += v
        path.append(x.copy())
    return path
""",
        "best": """
def best():
    a, s, d = H[0, 0], H[0, 1], H[1, 1]
    middle, root = (a + d) / 2, np.sqrt((a - d) ** 2 / 4 + s * s)
    ratio = np.sqrt((middle + root) / (middle - root))
    beta = ((ratio - 1) / (ratio + 1)) ** 2
    step = (1 + np.sqrt(beta)) ** 2 / (middle + root)
    x, v, n = START, 0, 0
    while np.linalg.norm(g := H @ x - b) > 1e-6:
        v = beta * v - step * g
        x, n = x + v, n + 1
    return [step, beta, n]
""",
    },
    "every pair of constraints": {
        "solution": """
def solution():
    from itertools import combinations
    for pair in map(list, combinations(range(4), 2)):
        K = np.block([[Q, A[pair].T], [A[pair], np.zeros((2, 2))]])
        try:
            z = np.linalg.solve(K, np.append(-c, d[pair]))
        except np.linalg.LinAlgError:
            continue
        mu = np.zeros(4)
        mu[pair] = z[3:]
        if (A @ z[:3] <= d + 1e-9).all() and (mu >= -1e-9).all():
            return z[:3], mu
""",
    },
    "by einsum, and weights and biases in one array": {
        "network": """
def network(X, W1, b1, w2, b2):
    z = np.einsum('mp,pn->mn', X, W1) + b1
    return np.einsum('mn,n->m', z * ({{slope}} + (1 - {{slope}}) * (z > 0)), w2) + b2
""",
        "gradients": """
def gradients(X, t, W1, b1, w2, b2):
    one = np.ones((len(X), 1))
    z = np.hstack([X, one]) @ np.vstack([W1, b1])
    on = np.heaviside(z, 0) * (1 - {{slope}}) + {{slope}}
    e = ((z * on) @ w2 + b2 - t) / X.shape[0]
    both = np.hstack([X, one]).T @ (np.outer(e, w2) * on)
    last = np.hstack([z * on, one]).T @ e
    return both[:-1], both[-1], last[:-1], last[-1]
""",
    },
}
HELPERS_TEMPLATES = {
    "gradient and Hessian": (
        {"grad_f": "def grad_f(x):\n    return 0 * x", "hess_f": "def hess_f(x):\n    return None"},
        f"{BOTH_GRAD} hess_f-values",
    ),
    "heavy ball": (
        {"heavy_ball": BALL.replace("+ beta", "- beta").replace("<= maxiter", "< maxiter")},
        "heavy_ball-updates heavy_ball-stops",
    ),
    "residuals and network": (
        {
            "kkt_residuals": "def kkt_residuals(*given):\n    return [1, 1, 1, 1]",
            "network": NETWORK.replace("z > 0", "z < 0"),
        },
        "kkt_residuals-equations kkt_residuals-inequalities network-values",
    ),
}


def for_paper(drawn):
    """Return wrong answers, right ones and wrong helpers, with the numbers of one paper."""

    def fill(thing):
        if isinstance(thing, dict):
            return {key: fill(value) for key, value in thing.items()}
        if isinstance(thing, tuple):
            return tuple(map(fill, thing))
        return thing and re.sub(r"\{\{(\w+)\}\}", lambda place: drawn[place[1]], thing)

    return fill(WRONG_TEMPLATES), fill(RIGHT_TEMPLATES), fill(HELPERS_TEMPLATES)


NOBODYS = filled((COURSE / "final.md").read_text("utf-8"))[1]
WRONG, RIGHT, WRONG_HELPERS = for_paper(NOBODYS)
