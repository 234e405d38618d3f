"""Runs of Newton's method and of Marquardt's: right ones pass, others hear what is wrong first."""

import re

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_marquardt_runs, check_newton_runs
from coursekit.objectives import himmelblau

NEWTON = """
def newton(x0, f, grad, hess, tol=1e-8, maxiter=50):
    x, path, steps = x0, [x0], []
    while len(steps) < maxiter and np.linalg.norm(grad(x)) > tol:
        g = grad(x)
        d = step(g, hess(x))
        t = 1.0
        while t >= 1e-10 and not f(x + t * d) <= f(x) + t / 4 * (g @ d):
            t /= 2
        if t < 1e-10:
            break
        x = x + t * d
        path.append(x)
        steps.append(t)
    return path, steps
"""
MARQUARDT = """
def marquardt(x0, residual, jacobian, mu=0.01, tol=1e-6, maxiter=100):
    x, path, mus = x0, [x0], []
    while len(mus) < maxiter:
        r, J = residual(x), jacobian(x)
        if np.linalg.norm(J.T @ r) <= tol:
            break
        A = J.T @ J
        delta = np.linalg.solve(A + mu * np.diag(np.diag(A)), -J.T @ r)
        mus.append(mu)
        new = residual(x + delta)
        if new @ new < r @ r:
            x, mu = x + delta, mu / 10
        else:
            mu = 10 * mu
        path.append(x)
    return path, mus
"""


def step(g, H):
    values, Q = np.linalg.eigh(H)
    return -Q @ (Q.T @ g / np.maximum(np.abs(values), 0.1))


def made(code, name):
    names = {"np": np, "step": step}
    exec(code, names)
    return names[name]


HILLS = (himmelblau, himmelblau.grad, himmelblau.hess)
LOG = (
    lambda x: x[0] - np.log(x[0]) if x[0] > 0 else np.nan,
    lambda x: 1 - 1 / x,
    lambda x: np.diag(1 / x**2),
)
NO_WAY_DOWN = (lambda x: x @ x / 2, lambda x: -1.0 * x, lambda x: np.eye(2))
RUNS = [
    ("himmelblau", HILLS, [-1.8, 1.9], 1e-5, 50),
    ("himmelblau", HILLS, [0.0, 0.0], 1e-5, 3),
    ("x - log x", LOG, [6.0], 1e-5, 50),
    ("no way down", NO_WAY_DOWN, [0.6, -0.8], 1e-5, 9),
]
TIMES = np.linspace(0, 2, 6)
DECAY = (
    lambda x: x[0] * np.exp(x[1] * TIMES) - 2 * np.exp(-1.5 * TIMES) + 0.1 * np.cos(9 * TIMES),
    lambda x: np.stack([np.exp(x[1] * TIMES), x[0] * TIMES * np.exp(x[1] * TIMES)], axis=-1),
)
LOGARITHM = (
    lambda x: np.log(x) - 1 if x[0] > 0 else np.full(1, np.nan),
    lambda x: np.array([[1 / x[0]]]),
)
CONSTANT = (lambda x: np.array([3.0, 1.0]), lambda x: np.array([[1.0], [2.0]]))
TRIALS = [
    ("decay", DECAY, [1.0, -4.0], 1e-3, 1e-6, 60),
    ("decay", DECAY, [1.0, 2.0], 1e-2, 1e-6, 3),
    ("log x - 1", LOGARITHM, [30.0], 1e-3, 1e-6, 40),
    ("a constant", CONSTANT, [2.0], 1e-2, 1e-6, 5),
]


@pytest.mark.parametrize("old", ["return path, steps", "t = 1.0"])
def test_a_right_run_of_newtons_method_passes(old):
    others = {"return path, steps": "return np.array(path), np.array(steps)", "t = 1.0": "t = 1"}
    assert check_newton_runs(made(NEWTON, "newton"), step, RUNS)
    assert check_newton_runs(made(NEWTON.replace(old, others[old]), "newton"), step, RUNS)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return path, steps", "return steps, path", "stand in another order: path, then steps"),
        ("return path, steps", "return x, steps", "path should hold all points"),
        ("return path, steps", "return [], steps", "It begins with x0, even where no update"),
        ("return path, steps", "return path, sum(steps)", "one number for each of the updates"),
        ("return path, steps", "return path[1:], steps", "the start is missing"),
        ("return path, steps", "return path[:1] * 9, steps", "path has 9 entries"),
        ("return path, steps", "return path, steps[:-1]", "one point more than updates."),
        ("return path, steps", "return [x for _ in path], steps", "appended again and again"),
        ("append(t)", "append([t])", "one number for each of the updates"),
        ("append(t)", "append(1.0)", "but steps[0] is 1"),
        ("len(steps) < maxiter", "len(steps) <= maxiter", "4 updates are more than maxiter"),
        ("> tol:", "> tol / 1000:", "at most tol, but 1 more update is made"),
        ("> tol:", "> 1000 * tol:", "it stops after"),
        ("d = step(g, hess(x))", "d = -g", "It has the direction of minus the gradient"),
        (
            "d = step(g, hess(x))",
            "d = -np.linalg.solve(hess(x), g)",
            "There d is [0.333333, 0.846154]",
        ),
        ("hess(x))", "hess(x0))", "is no multiple of step(g, H)"),
        ("x = x + t * d", "x = x - t * d", "goes backwards"),
        ("x = x + t * d", "x = x + d", "is x moved by this t?"),
        ("t = 1.0", "t = 2.0", "t should be at most 1"),
        ("t /= 2", "t *= 0.9", "t should be 1, 1/2, 1/4 and so on"),
        ("not f(x + t * d) <=", "f(x + t * d) >", "but there f is nan"),
        ("f(x) + t / 4 * (g @ d)", "f(x) + 1e-4 * t * (g @ d)", "the rule asks for at most"),
        ("t / 4 * (g @ d)", "t * (g @ d)", "as if the slope counted in full"),
        ("t / 4 * (g @ d)", "(g @ d) / 4", "as if t were missing before the slope"),
        ("t / 4 * (g @ d)", "-t / 4 * (g @ d)", None),
        ("        if t < 1e-10:\n            break\n", "", "a t below 1e-10 is given up"),
        ("t = 1.0", "t = 1.0\n        while True:\n            f(x)", "does a loop never end?"),
    ],
)
def test_a_wrong_run_of_newtons_method_hears_why(old, new, says):
    assert old in NEWTON
    with pytest.raises(CheckFailed, match=re.escape(says) if says else "takes t = "):
        check_newton_runs(made(NEWTON.replace(old, new), "newton"), step, RUNS)


def test_a_run_that_ends_in_an_error_is_looked_at_from_its_start():
    code = NEWTON.replace(
        "x + t * d\n", "x - t * d\n        if steps: np.linalg.inv(0 * hess(x))\n"
    )
    with pytest.raises(CheckFailed, match="update 0 goes backwards"):
        check_newton_runs(made(code, "newton"), step, RUNS[:1])
    code = NEWTON.replace("x, path", "np.linalg.inv(np.zeros((2, 2))); x, path")
    with pytest.raises(np.linalg.LinAlgError):
        check_newton_runs(made(code, "newton"), step, RUNS[:1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return path, mus", "return np.array(path), np.array(mus)"),
        ("new @ new < r @ r", "(new**2).sum() < (r**2).sum()"),
        (
            "np.linalg.solve(A + mu * np.diag(np.diag(A)), -J.T @ r)",
            "np.linalg.lstsq(np.vstack([J, np.sqrt(mu * np.diag(np.diag(A)))]), "
            "-np.append(r, 0 * x), rcond=None)[0]",
        ),
    ],
)
def test_a_right_run_of_marquardts_method_passes(old, new):
    assert old in MARQUARDT
    assert check_marquardt_runs(made(MARQUARDT.replace(old, new), "marquardt"), TRIALS)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return path, mus", "return mus, path", "stand in another order: path, then mus"),
        ("return path, mus", "return path[:2], mus", "A rejected trial repeats the point"),
        ("mus.append(mu)", "mus.append(mu / 2)", "not with the mu that is given"),
        ("len(mus) < maxiter", "len(mus) <= maxiter", "4 trials are more than maxiter"),
        ("<= tol", "<= tol / 1e6", "more trials are made"),
        ("<= tol", "<= 1e6 * tol", "more trials are allowed"),
        ("new @ new < r @ r", "True", "the trial should be rejected"),
        ("new @ new < r @ r", "new @ new <= r @ r", "the trial should be rejected"),
        ("new @ new < r @ r", "new @ new < r @ r / 2", "the trial should be accepted"),
        ("new @ new < r @ r", "not new @ new >= r @ r", "the trial should be rejected"),
        ("mu / 10", "mu / 2", "it is 0.5 times this one"),
        ("10 * mu", "mu", "ten times this one after a failure; it is 1 times"),
        ("np.diag(np.diag(A))", "np.eye(len(x))", "as if D were the identity"),
        ("A + mu * np.diag(np.diag(A))", "A", "Is your delta another one"),
        ("-J.T @ r)", "-2 * J.T @ r)", "without a 2 on the left-hand side"),
        ("r, J = residual(x), jacobian(x)", "r, J = residual(x), jacobian(path[0])",
         "as if J belonged to point 0"),
        ("np.diag(np.diag(A))", "np.diag([1.0, 2.0][: len(x)])", "neither x nor x + delta"),
    ],
)  # fmt: skip
def test_a_wrong_run_of_marquardts_method_hears_why(old, new, says):
    assert old in MARQUARDT
    with pytest.raises(CheckFailed, match=re.escape(says)):
        check_marquardt_runs(made(MARQUARDT.replace(old, new), "marquardt"), TRIALS)
