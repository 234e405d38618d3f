"""Functions with their exact derivatives."""

import numpy as np

EPS, TINY = np.finfo(float).eps, np.finfo(float).tiny


def function_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    return 0.06 * np.exp(2 * x1 + x2) + 0.05 * np.exp(x1 - 2 * x2) + np.exp(-x1)


def grad_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    return np.stack([2 * a + b - c, a - 2 * b], axis=-1)


def hessian_a(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    rows = [[4 * a + b + c, 2 * a - 2 * b], [2 * a - 2 * b, a + 4 * b]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def function_b(x):
    return x[..., 0] * np.exp(-(x**2).sum(axis=-1))


def grad_b(x):
    return np.exp(-(x**2).sum(axis=-1))[..., None] * (np.array([1, 0]) - 2 * x[..., :1] * x)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jacobian(x):
    s = softmax(x)
    return np.eye(x.shape[-1]) * s[..., None] - s[..., None] * s[..., None, :]


PAIRS = {
    "A": (function_a, grad_a, 2),
    "gradient of A": (grad_a, hessian_a, 2),
    "B": (function_b, grad_b, 2),
    "softmax": (softmax, softmax_jacobian, 5),
}
