"""Runs of a heavy ball that forgets, and settings found in a log: right ones pass."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_ball_log, check_ball_runs
from coursekit.objectives import himmelblau

BALL = """
def ball(x0, f, grad, step_size, beta, tol, maxiter):
    x, v, path, betas = x0, 0 * x0, [x0], []
    while len(betas) < maxiter and np.linalg.norm(grad(x)) > tol:
        plain = x - step_size * grad(x)
        y = plain + beta * v
        kept = f(y) <= f(x)
        new = y if kept else plain
        x, v = new, new - x
        path.append(x)
        betas.append(beta if kept else 0)
    return path, betas
"""
HILLS = (himmelblau, himmelblau.grad)
LOG = (lambda x: x[0] - np.log(x[0]) if x[0] > 0 else np.nan, lambda x: 1 - 1 / x)
LEVEL = (lambda x: 7.0, lambda x: np.array([0.5, -1.0]))
RUNS = [
    ("himmelblau", HILLS, [-0.5, 3.5], 0.01, 0.9, 1e-3, 60),
    ("himmelblau", HILLS, [4.5, 1.0], 0.006, 0.7, 1e-3, 80),
    ("himmelblau", HILLS, [4.5, 1.0], 0.006, 0.7, 1e-3, 3),
    ("x - log x", LOG, [20.0], 0.8, 0.9, 1e-2, 40),
    ("a level", LEVEL, [1.0, 2.0], 0.25, 0.75, 1e-3, 4),
]


def made(code, name="ball"):
    names = {"np": np}
    exec(code, names)
    return names[name]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return path, betas", "return np.array(path), np.array(betas)"),
        ("beta if kept else 0", "beta if kept or len(betas) == 0 else 0"),
        ("beta if kept else 0", "beta if kept and len(betas) else 0"),
    ],
)
def test_a_right_run_passes(old, new):
    assert check_ball_runs(made(BALL), RUNS)
    assert check_ball_runs(made(BALL.replace(old, new)), RUNS)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return path, betas", "return x, betas", "path should hold all points"),
        ("return path, betas", "return path, betas[1:]", "one point more than updates"),
        ("beta if kept else 0", "kept", "so betas[1] should be beta = 0.9; it is 1"),
        ("beta if kept else 0", "beta", "is forgotten, so betas[4] should be 0; it is 0.9"),
        ("< maxiter", "<= maxiter", "4 updates are more than maxiter allows"),
        ("> tol:", "> tol / 1000:", "at most tol, but "),
        ("> tol:", "> 1000 * tol:", "it stops after"),
        ("plain = x -", "plain = x +", "as if the gradient had the opposite sign"),
        ("- step_size * grad(x)", "- grad(x)", "as if step_size were missing"),
        ("y = plain +", "y = plain -", "as if the velocity had the opposite sign"),
        ("+ beta * v", "+ beta**2 * v", "the velocity were multiplied by beta twice"),
        ("+ beta * v", "+ (1 - beta) * v", "as if 1 - beta stood in place of beta"),
        ("+ beta * v", "+ v", "as if beta were missing"),
        ("+ beta * v", "+ beta * v / step_size", "the velocity were divided by step_size"),
        ("+ beta * v", "* 1.01 + beta * v", "is neither y = "),
        ("v, path, betas = x0, 0 * x0,", "v, path, betas = x0, -step_size * grad(x0),",
         "the first velocity were a step, not zero"),
        ("y if kept else plain", "y if kept else x", "as if no step were made"),
        ("y if kept else plain", "y if kept else plain + y - x", "is neither y = "),
        ("grad(x)\n", "grad(path[-2] if betas else x)\n", "the gradient were that of point 0"),
        ("x, v = new, new - x", "x, v = new, y - x", "that of the y which was thrown away"),
        ("f(y) <= f(x)", "f(y) > f(x)", "as if the opposite were done"),
        ("f(y) <= f(x)", "f(y) <= f(x) or len(betas) == 7", "keeps the velocity and goes to y"),
    ],
)  # fmt: skip
def test_what_is_wrong_first_is_said(old, new, says):
    with pytest.raises(CheckFailed) as failure:
        check_ball_runs(made(BALL.replace(old, new)), RUNS)
    assert says in str(failure.value)


# After a plain step f would fall along the velocity from before it, too
STALE = ("himmelblau", HILLS, [-1.6, -0.7], 0.012, 0.9, 1e-3, 30)
LONG = (lambda x: 3.0 + 2 * x[0] ** 2, lambda x: 4.0 * x)
LONG_RUNS = [("long", LONG, [0.5], 0.6, beta, 1e-3, 5) for beta in (0.05, 0.3)]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("True", "the velocity were never forgotten"),
        ("False", "the velocity were always forgotten"),
        ("f(y) < f(x)", "f had to fall"),
        ("not f(y) > f(x)", "nan were good enough"),
        ("grad(x) @ v <= 0", "the slope along the velocity decided"),
        ("f(y) <= f(plain)", "f(y) were compared with f after the plain step"),
        ("f(y) <= f(x0)", "f(y) were compared with f at the start"),
        ("f(y) <= min(map(f, path))", "f(y) were compared with the lowest f so far"),
        ("not betas or f(x) <= f(path[-2])", "f at the point were compared with f at the one"),
    ],
)
def test_another_rule_is_named_if_it_explains_all_runs(rule, says):
    code = BALL.replace("f(y) <= f(x)", rule)
    runs = LONG_RUNS + RUNS[1:] if "min" in rule or "x0" in rule else RUNS
    with pytest.raises(CheckFailed) as failure:
        check_ball_runs(made(code), runs)
    assert f"All your updates are as if {says}" in str(failure.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("new, new - x", "new, (new - x) * kept", "the velocity after a plain step were zero"),
        ("new, new - x", "new, new - x if kept else v", "the velocity were still that of update 1"),
        ("betas.append(beta if kept else 0)", "beta = beta if kept else 0\n        "
         "betas.append(beta)", "no velocity were kept after the first one that is forgotten"),
    ],
)  # fmt: skip
def test_another_velocity_after_a_plain_step_is_named(old, new, says):
    with pytest.raises(CheckFailed) as failure:
        check_ball_runs(made(BALL.replace(old, new)), [*RUNS, STALE])
    assert f"as if {says}" in str(failure.value)


# The log -----------------------------------------------------------------------------------

FIND = """
def find(path, gradients):
    moves = np.diff(path, axis=0)
    v = np.vstack([0 * moves[:1], moves[:-1]])
    A = np.stack([-gradients.ravel(), v.ravel()], axis=-1)
    return np.linalg.lstsq(A, moves.ravel(), rcond=None)[0]
"""


def logs(digits):
    found = []
    for seed, (T, n, s, beta) in enumerate([(6, 3, 0.1, 0.6), (4, 2, 0.2, 0.3)]):
        rng = np.random.default_rng(seed)
        x, v, path, slopes = rng.normal(size=n), np.zeros(n), [], []
        for _ in range(T):
            path.append(x)
            slopes.append(np.arange(1, n + 1) * x + np.sin(x[::-1]))
            v = beta * v - s * slopes[-1]
            x = x + v
        found.append((np.round([*path, x], digits), np.round(slopes, digits)))
    return found


@pytest.mark.parametrize("digits", [15, 1])
@pytest.mark.parametrize("kind", ["", ".tolist()"])
def test_the_right_pair_passes(digits, kind):
    assert check_ball_log(made(FIND.replace("None)[0]", f"None)[0]{kind}"), "find"), logs(digits))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("rcond=None)[0]", "rcond=None)[0][:1]", "the pair has shape (1,)"),
        ("rcond=None)[0]", "rcond=None)[0][::-1]", "the two stood in another order"),
        ("rcond=None)[0]", "rcond=None)[0] * [-1, 1]", "the step size had the opposite sign"),
        ("rcond=None)[0]", "rcond=None)[0] * [1, -1]", "beta had the opposite sign"),
        ("rcond=None)[0]", "rcond=None)[0] * -1", "both had the opposite sign"),
        ("rcond=None)[0]", "rcond=None)[0] + [0, 1]", "1 + beta stood in place of beta"),
        ("rcond=None)[0]", "rcond=None)[0] * 1.01", "There S is "),
        ("0 * moves[:1]", "path[:1]", "in the first update the velocity were x_0, not 0"),
        ("0 * moves[:1]", "moves[:1]", "the velocity in the first update were the first move"),
        ("np.vstack([0 * moves[:1], moves[:-1]])", "path[:-1]", "the points stood in place"),
        ("    A =", "    v = 0 * v\n    A =", "the velocity were left out"),
        ("    A =", "    gradients, v, moves = gradients[1:], v[1:], moves[1:]\n    A =",
         "the first update were left out"),
        ("    A =", "    gradients, v, moves = gradients[1:], v[:-1], moves[:-1]\n    A =",
         "the gradient were that of the point after"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pair(old, new, says):
    with pytest.raises(CheckFailed) as failure:
        check_ball_log(made(FIND.replace(old, new), "find"), logs(1))
    assert says in str(failure.value)
