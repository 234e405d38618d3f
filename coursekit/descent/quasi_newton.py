"""Quasi-Newton methods: BFGS and L-BFGS."""

import math

import numpy as np

from coursekit._arguments import count
from coursekit.descent._run import Stop, counted, minimize, rounding, step_rule
from coursekit.descent.line_search import wolfe_step
from coursekit.statuses import NO_PROGRESS

__all__ = ["bfgs", "lbfgs"]


def bfgs(f, grad, x0, *, step_size=None, tol=1e-6, maxiter=1000):
    """Minimize ``f`` by BFGS."""
    B = None

    def direction(g):
        return -g if B is None else -(B @ g)

    def update(s, y, sy):
        nonlocal B
        if B is None:
            B = sy / float(y @ y) * np.eye(s.size, dtype=s.dtype)
        By = B @ y
        B = (
            B
            + ((sy + float(y @ By)) / sy * np.outer(s, s) - np.outer(By, s) - np.outer(s, By)) / sy
        )
        B = (B + B.T) / 2

    return _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter)


def lbfgs(f, grad, x0, *, memory=10, step_size=None, tol=1e-6, maxiter=1000):
    """Minimize ``f`` by L-BFGS."""
    memory = count("memory", memory, at_least=1)
    pairs = []

    def direction(g):
        q, weights = -g, []
        for s, y, sy in reversed(pairs):
            weights.append(float(s @ q) / sy)
            q = q - weights[-1] * y
        if pairs:
            s, y, sy = pairs[-1]
            q = sy / float(y @ y) * q
        for (s, y, sy), weight in zip(pairs, reversed(weights), strict=True):
            q = q + (weight - float(y @ q) / sy) * s
        return q

    def update(s, y, sy):
        pairs.append((s, y, sy))
        del pairs[:-memory]

    return _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter)


def _quasi_newton(f, grad, x0, direction, update, step_size, tol, maxiter):
    f, grad = counted(f), counted(grad)
    rule = None if step_size is None else step_rule(step_size)
    last = None

    def wolfe(k, x, fx, g, d):
        slope = float(g @ d)
        if not slope < 0:
            return 0.0

        def phi(t):
            trial = x + t * d
            if not np.isfinite(trial).all():
                return math.inf, math.nan
            value = float(f(trial))
            return value, float(grad(trial) @ d) if math.isfinite(value) else math.nan

        start = 1.0 if k else min(1.0, 1 / math.hypot(*g.tolist()))
        return wolfe_step(phi, fx, slope, start=start, slack=rounding(fx))

    def step(k, x, fx, g):
        nonlocal last
        if last is not None:
            s, y = x - last[0], g - last[1]
            sy = float(s @ y)
            if sy > np.finfo(x.dtype).eps * np.linalg.norm(s) * np.linalg.norm(y):
                update(s, y, sy)
        last = x, g
        d = direction(g)
        t = (rule or wolfe)(k, x, fx, g, d)
        if t == 0:
            raise Stop(NO_PROGRESS, "the line search found no step that decreases f enough")
        return x + t * d

    run = minimize(step, f, grad, x0, tol=tol, maxiter=maxiter)
    run.nfev += getattr(step_size, "nfev", 0)
    return run
