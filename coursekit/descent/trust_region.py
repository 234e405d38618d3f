"""Newton's method within a trust region."""

import math

import numpy as np

from coursekit._arguments import number, point, symmetric
from coursekit.descent._run import Stop, counted, finite_matrix, minimize, rounding
from coursekit.statuses import NO_PROGRESS

__all__ = ["trust_region", "trust_region_step"]


def trust_region(f, grad, hess, x0, *, radius=1.0, tol=1e-8, maxiter=200):
    """Minimize ``f`` by the best step of the quadratic model within a radius."""
    radius = number("radius", radius, above=0)
    f, grad = counted(f), counted(grad)
    hessians = 0

    def step(k, x, fx, g):
        nonlocal radius, hessians
        hessians += 1
        H = symmetric("hess(x)", finite_matrix("hess(x)", hess(x), x), x.size)
        while True:
            d, mu = trust_region_step(g, H, radius)
            trial = x + d.astype(x.dtype)
            if (trial == x).all():
                raise Stop(NO_PROGRESS, "no step decreases f enough")
            promised = -float(g @ d + 0.5 * (d @ H @ d))
            slack = rounding(fx)
            ratio = (fx - f(trial) + slack) / (promised + slack)
            length = math.sqrt(d @ d)
            if not ratio >= 0.25:
                radius = length / 4
            elif ratio > 0.75 and mu > 0:
                radius = 2 * radius
            if ratio > 0.1:
                if promised <= slack and np.linalg.norm(grad(trial)) >= np.linalg.norm(g):
                    raise Stop(NO_PROGRESS, "the decrease is below the rounding of f")
                return trial

    run = minimize(step, f, grad, x0, tol=tol, maxiter=maxiter)
    run.nhev, run.radius = hessians, radius
    return run


def trust_region_step(g, H, radius):
    r"""Minimize :math:`g^\top d + \tfrac12 d^\top H d` over :math:`\|d\|_2 \le \rho`.

    Returns ``d`` and the multiplier ``mu``.
    """
    H = symmetric("H", H)
    g = point("g", g, len(H))
    radius = number("radius", radius, above=0)
    values, Q = np.linalg.eigh(H)
    lowest = float(values[0])
    c, above = Q.T @ g, values - lowest  # (H + mu I) d = -g, with mu = nu - lowest
    least = max(0.0, lowest)  # mu >= 0 and H + mu I >= 0
    nu = max(least, float((np.abs(c) / radius - above).max()))
    limit = radius * (1 + 8 * float(np.finfo(H.dtype).eps))
    for _ in range(100):
        z = _divide(-c, above + nu)
        norm = float(np.linalg.norm(z))
        if norm <= limit:
            break
        w = z / norm
        nu += (norm / radius - 1) / float(w @ _divide(w, above + nu))
    mu = nu - lowest
    if norm < radius and nu == 0 and lowest <= 0:  # the hard case
        z[0] += math.sqrt(radius**2 - norm**2)
    return Q @ z, mu


def _divide(a, b):
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
