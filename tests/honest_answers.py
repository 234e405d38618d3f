"""Honest answers unlike the instructor's: homework, name of the submission, cell, answer.

What is not answered here is answered as the instructor does.
"""

OTHER_ANSWERS = {
    "gradient-descent": {
        "vectorize": {
            "f": """\
@lambda g: np.vectorize(g, signature='(n)->()')
def f(x: np.ndarray) -> float:
    return x[0] * np.exp(-x @ x)""",
        },
        "closures": {
            "f": """\
def make(scale):
    def f(x):
        return x[..., 0] * np.exp(-scale * (x**2).sum(-1))
    return f
f = make(1.0)""",
            "grad_f": """\
e = np.array([1.0, 0.0])
grad_f = lambda x: np.exp(-(x**2).sum(-1, keepdims=True)) * (e - 2 * x[..., :1] * x)""",
        },
        "complex step": {
            "grad_f": """\
def grad_f(x, h=1e-30):
    return np.stack([f(x + 1j * h * e).imag / h for e in np.eye(2)], axis=-1)""",
        },
        "numerical gradient": {
            "grad_f": """\
def grad_f(x, h=1e-6):
    return np.stack([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(2)], axis=-1)""",
        },
        "recursion": {
            "minimize": """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    g = grad_func(x0)
    if maxiter == 0 or np.linalg.norm(g) <= 1e-4:
        return x0, [x0], [f(x0)]
    xt, xs, fs = minimize(x0 - step_size * g, f, grad_func, step_size, maxiter - 1)
    return xt, [x0] + xs, [f(x0)] + fs""",
        },
        "path as an array": {
            "minimize": """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xs = [x0.copy()]
    while len(xs) <= maxiter and np.linalg.norm(grad_func(xs[-1])) > 1e-4:
        xs.append(xs[-1] - step_size * grad_func(xs[-1]))
    xs = np.array(xs)
    return xs[-1], xs, np.array([f(x) for x in xs])""",
        },
        "generator and deque": {
            "minimize": """\
from collections import deque
def walk(x, g, step_size, n):
    yield x
    for _ in range(n):
        if np.linalg.norm(g(x)) <= 1e-4:
            return
        x = x - step_size * g(x)
        yield x
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xs = deque(walk(x0, grad_func, step_size, maxiter))
    return xs[-1], xs, deque(map(f, xs))""",
        },
        "method of an optimizer": {
            "minimize": """\
class Descent:
    '''With its state.'''
    runs = 0
    def run(self, x0, f, grad_func, step_size=0.25, maxiter=200):
        self.runs += 1
        self.log, self.x = [x0], x0
        while len(self.log) <= maxiter and np.linalg.norm(grad_func(self.x)) > 1e-4:
            self.x = self.x - step_size * grad_func(self.x)
            self.log.append(self.x)
        return self.x, self.log, [f(x) for x in self.log]
minimize = Descent().run""",
        },
        "same array again and again": {
            "minimize": """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xt, xs, fs = x0.copy(), [], []
    for t in range(maxiter + 1):
        xs.append(xt)
        fs.append(f(xt))
        if np.linalg.norm(grad_func(xt)) <= 1e-4 or t == maxiter:
            break
        xt -= step_size * grad_func(xt)
    return xt, xs, fs""",
        },
        "a list of three": {
            "minimize": """\
def minimize(x0, f, grad_func, step_size=0.25, maxiter=200):
    xs = [x0]
    while len(xs) <= maxiter and np.linalg.norm(grad_func(xs[-1])) > 1e-4:
        xs.append(xs[-1] - step_size * grad_func(xs[-1]))
    return [xs[-1], [list(x) for x in xs], [float(f(x)) for x in xs]]""",
        },
        "own exception": {
            "grad_f": """\
class TooHard(Exception):
    def __init__(self, a, b):
        super().__init__(a)
def grad_f(x):
    raise TooHard('I give up', 3)""",
        },
    },
    "softmax": {
        "by scipy": {
            "softmax": """\
from scipy.special import softmax as soft
def softmax(x, axis=-1, mask=None):
    x = x if mask is None else np.where(mask, x, -np.inf)
    return np.nan_to_num(soft(x, axis=axis))""",
        },
    },
    "conditioning": {
        "python numbers": {
            "componentwise_error": """\
def componentwise_error(A, x_hat, b):
    n = len(b)
    worst = 0
    for i in range(n):
        top = abs(float(b[i]) - sum(float(A[i][j]) * float(x_hat[j]) for j in range(n)))
        low = abs(float(b[i])) + sum(abs(float(A[i][j] * x_hat[j])) for j in range(n))
        worst = max(worst, top / low if low else 0)
    return worst""",
        },
    },
    "kkt": {
        "exception of its own": {
            "solve_qp": """\
class Infeasible(ValueError):
    pass
def solve_qp(H, c, A, b, tol=1e-9):
    raise Infeasible('nothing')""",
        },
    },
}
