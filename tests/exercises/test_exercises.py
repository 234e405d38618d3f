"""The checks of the exercises: right answers pass, wrong ones are told what to look at."""

import ast
import functools
import inspect
import itertools
import re

import jupytext
import numpy as np
import pytest
from places import BOOK

from coursekit import exercises
from coursekit.descent import kaczmarz
from coursekit.exercises import answers_of, check_exercise, labels
from coursekit.learning.generalisation import kfold
from coursekit.learning.networks import interpolating_network
from coursekit.learning.pagerank import link_matrix, pagerank
from coursekit.objectives import Objective, exponential_sum

CHECKS = exercises._checks()
PAGES = {
    label: page
    for page in sorted(BOOK.glob("*/*.md"))
    for label in re.findall(r"\{exercise\}[^\n]*\n:label: (\S+)", page.read_text("utf-8"))
}


def test_every_exercise_has_a_check_and_every_check_an_exercise():
    assert sorted(PAGES) == labels()


@functools.cache
def names_of_page(page):
    """Return the names that a page binds outside of the solutions of its exercises."""
    bound, inside = set(), False
    for cell in jupytext.reads(page.read_text("utf-8"), fmt="md:myst").cells:
        if cell.cell_type != "code":
            for edge in re.findall(r"\{solution-(start|end)\}", cell.source):
                inside = edge == "start"
        elif not inside:
            code = "\n".join(x for x in cell.source.splitlines() if not x.startswith("%"))
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    bound.add(node.id)
                elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                    bound.add(node.name)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    bound |= {alias.asname or alias.name for alias in node.names}
    return bound


@pytest.mark.parametrize("label", labels())
def test_an_answer_has_a_name_of_its_own(label):
    """Else the chapter's own variable would be taken for the answer."""
    bound = names_of_page(PAGES[label])
    for parameter in inspect.signature(CHECKS[label]).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert parameter.name in bound
        else:
            assert parameter.name not in bound
            assert parameter.name in answers_of(label)


def told(capsys, label, **names):
    right = check_exercise(label, names)
    said = capsys.readouterr().out
    assert said.startswith("✓" if right else ("✗", "Not there yet"))
    return right, said


def ways_up(S, of_f=False):
    values = np.linalg.eigvalsh(S)
    return [len(S) - 1 if of_f else int((values > v).sum()) for v in values]


def least_biased(E, U, slip=""):
    from scipy.optimize import brentq

    def p(beta):
        weights = np.exp(-beta * (E - E.mean()))
        return weights / weights.sum()

    beta = brentq(lambda beta: p(beta) @ E - U, -60, 60, xtol=1e-13)
    return p(beta), -beta if slip == "sign" else beta


def line_fit(power):
    w = 1 / np.array([0.1, 0.1, 0.1, 5]) ** power
    B, d = np.column_stack([np.ones(4), np.arange(4.0)]), np.array([1, 2, 2.5, 10])
    return np.linalg.solve(B.T @ (w[:, None] * B), B.T @ (w * d))


def robust(m, M):
    a, c = np.sqrt(0.9 * m), np.sqrt(1.1 * M)
    return (2 / (c + a)) ** 2, ((c - a) / (c + a)) ** 2


def restarting(s, beta, forget=lambda g, v: g @ v > 0, none=None):
    def rule(k, x, g, v):
        if none is None and (v is None or forget(g, v)):
            v = np.zeros(2)
        v = beta * v - s * g
        return x + v, v

    return rule


def drift(beta2, large):
    squares = np.array([large**2, 1, 1])
    older = squares + beta2 * np.roll(squares, 1) + beta2**2 * np.roll(squares, 2)
    v = (1 - beta2) * older / (1 - beta2**3)
    return (np.array([-large, 1, 1]) / np.sqrt(v)).sum()


def normalize_back(x, g):
    r = np.linalg.norm(x, axis=1, keepdims=True)
    return (g - x * (x * g).sum(axis=1, keepdims=True) / r**2) / r


def newton_log(transpose):
    x, errors = np.array([1.2, 1.8]), []
    for _ in range(3):
        r = np.array([x[0] ** 2 + x[1] - 3, x[0] / 2 + x[1] ** 2 - 4.5])
        J = np.array([[2 * x[0], 1], [0.5, 2 * x[1]]])
        x = x - np.linalg.solve(J.T if transpose else J, r)
        errors.append(np.linalg.norm(x - [1, 2]))
    return errors


def binary_digits(x, n):
    digits = ""
    for _ in range(n):
        digits += str(int(2 * x))
        x = 2 * x % 1
    return digits


def close(a, b, rtol, atol):
    within = max(rtol * max(abs(a), abs(b)), atol)
    return a == b or abs(a - b) <= within < np.inf


def mean16(x):
    while len(x) > 1:
        x = x[: len(x) // 2] / np.float16(2) + x[len(x) // 2 :] / np.float16(2)
    return x[0]


def temperature_for(x, entropy, low=1e-4, high=1e4):
    for _ in range(100):
        T = np.sqrt(low * high)
        p = np.exp((x - x.max()) / T)
        p = p / p.sum()
        colder = -(p[p > 0] * np.log(p[p > 0])).sum() < entropy
        low, high = (T, high) if colder else (low, T)
    return T


def largest_eigenvalue(A, s):
    x = np.ones(len(A))
    for _ in range(60):
        x = x - s * (A @ x)
    return (1 + np.linalg.norm(A @ (x - s * (A @ x))) / np.linalg.norm(A @ x)) / s


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def suspects(f, grad, x, sign=1):
    h = 1e-5 * np.eye(len(x))
    slopes = np.array([(f(x + d) - f(x - d)) / 2e-5 for d in h])
    return np.flatnonzero(np.abs(slopes - sign * grad(x)) > 1e-4)


def box(z):
    return np.clip(z, 0, 1), np.maximum(0, -z), np.maximum(0, z - 1)


def powers(degree):
    return np.linspace(0, 1, 100)[:, None] ** np.arange(degree + 1)


TWO_STEPS = {"curvature": 3, "gain_of_one": 0.5, "first_rise": 4 / 3}


def settle(slope, x, step, tol, factor=0.5):
    while step > tol and slope(x) != 0:
        last, x = x, x - step * np.sign(slope(x))
        if slope(last) * slope(x) <= 0:
            step = step * factor
    return x


def classify(p):
    roots, pairs = p.deriv().roots(), []
    for x in np.sort(roots.real[np.abs(roots.imag) < 0.005]):
        if not pairs or x > pairs[-1][0] + 0.01:
            before, after = p.deriv()(x - 0.02), p.deriv()(x + 0.02)
            kind = "saddle" if before * after > 0 else "minimum" if after > 0 else "maximum"
            pairs.append((x, kind))
    return pairs


def safe_sinc(x):
    apart = np.where(x == 0, 1e-20, x)
    return np.sin(apart) / apart


GRID = np.random.default_rng(3)
BASIS, YK = GRID.normal(size=(9, 3)), GRID.normal(size=9)


def leave_one_out(lam):
    U, s, Vt = np.linalg.svd(BASIS, full_matrices=False)
    h = U**2 @ (s**2 / (s**2 + lam))
    r = YK - BASIS @ (Vt.T @ (s / (s**2 + lam) * (U.T @ YK)))
    return np.mean((r / (1 - h)) ** 2)


def reciprocal(a, steps=4):
    x = 2.9142 - 2 * a
    for _ in range(steps):
        x = x * (2 - a * x)
    return x


def her_jacobian(z):
    decay = np.exp(z[1] * np.linspace(0, 2, 9))
    return -np.stack([decay, z[0] * np.linspace(0, 2, 9) * decay], axis=-1)


def mismatch(residual, jacobian, z, h=1e-5):
    shifts = h * np.eye(len(z))
    columns = [(residual(z + e) - residual(z - e)) / (2 * h) for e in shifts]
    return np.abs(np.stack(columns, axis=-1) - jacobian(z)).max()


def in_units(f, scale, first=1, second=2):
    return Objective(
        lambda z: f(scale * z),
        lambda z: scale**first * f.grad(scale * z),
        lambda z: np.outer(scale, scale) ** (second / 2) * f.hess(scale * z),
    )


def screen_angle(g, window, box, arrow=lambda pixels, g: g):
    pixels = np.divide(box, np.ptp(window, axis=1))
    a, b = arrow(pixels, g), pixels * [-g[1], g[0]]
    return np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))


def slope_in_units(g, scale, power=2):
    step = -(scale**power) * g
    return g @ step / np.linalg.norm(step)


def gradient_from_slopes(U, slopes):
    g = np.linalg.pinv(U) @ slopes
    return g, np.abs(U @ g - slopes).max()


def normal_gradient(S, C):
    P = np.linalg.inv(S).T
    return P - P @ C.T @ P


def calm(A, b, steps, seed, first=0.25):
    """Return the mean of the iterates of Kaczmarz' method from a share of them on."""
    run = kaczmarz(A, b, tol=0, maxiter=steps, every=1, seed=seed)
    return run.path[int(first * steps) :].mean(axis=0)


def nearest(A, b, x0):
    """Return the solution of A x = b that is nearest to x0."""
    return x0 + np.linalg.pinv(A) @ (b - A @ x0)


def steps_from(r):
    q = np.linspace(np.log(0.01), np.log(r), 20_001)  # the integral of 5 exp(r^2) d(log r)
    return np.trapezoid(5 * np.exp(np.exp(2 * q)), q)


PLACE = {"gradient_from_slopes": gradient_from_slopes, "rough_place": "B"}


MAXIMUM = [[0.0], [1.0]], [[1.0, 1.0], [-1.0, -1.0]], [0.0, 0.0], [[1.0, 1.0]]


def sound_step(S, x, d):
    return d * (S @ x) + (d * x[S.sum(axis=0) == 0].sum() + 1 - d) / len(x)


def leaky_step(S, x, d):
    return d * (S @ x) + (1 - d) / len(x)


def farm_share(k, links=((0, 1), (0, 2), (1, 2), (2, 0))):
    new = range(4, 4 + k)
    pairs = [*links, *((3, page) for page in new), *((page, 3) for page in new)]
    return pagerank(link_matrix(pairs, 4 + k)).x[3]


FARM = {"farm_share": farm_share, "enough": 2}


def even_batches(N, B, rng):
    return np.array_split(rng.permutation(N), -(-N // B))


def tail_mean(path, share):
    return np.mean(path[len(path) - max(1, round(share * len(path))) :], axis=0)


def draw_weights(steps):
    weights = np.zeros(len(steps))
    for k, s in enumerate(steps):
        weights = (1 - s) * weights
        weights[k] = s
    return weights


PLATEAUS = {"noise_V": 1.0368, "new_batch": 32, "new_step": 0.027027}


LOG_ANSWER = {
    "two_curvatures": (0.5, 7),
    "largest_step": 2 / 7,
    "best_step": 2 / 7.5,
}
A0 = np.array([[4.1, 2.8], [9.7, 6.6]])
U0, S0, V0 = np.linalg.svd(A0)
BALL = np.array([[3.0, 1.0], [1.0, 2.0]])
SMALL = np.array([[1.0, 2, 5, 3], [0, 4, 1, 2], [7, 1, 2, 6], [3, 2, 1, 8]])
STOP = {"B": np.eye(2), "C": np.eye(2), "blurred": np.zeros((2, 2))}


def flat_fit(t, values):
    """The best line in the largest error, through the errors of every three points."""
    best = (0.0, 0.0, np.inf)
    for i, j, k in itertools.combinations(range(len(t)), 3):
        slope = (values[k] - values[i]) / (t[k] - t[i])
        middle = values[j] - slope * t[j] + values[i] - slope * t[i]
        error = np.abs(slope * t + middle / 2 - values).max()
        best = min(best, (slope, middle / 2, error), key=lambda line: line[2])
    return best


def least_squares_fit(t, values):
    slope, intercept = np.polyfit(t, values, 1)
    return slope, intercept, np.abs(slope * t + intercept - values).max()


CUTS = {
    "network": {("s", "a"): 3, ("s", "b"): 4, ("a", "t"): 5, ("b", "t"): 4},
    "sides": [{"s"}, {"s", "a"}, {"s", "b"}, {"s", "a", "b"}],
}

PEAK = [  # without the last ReLU
    ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]),
    ([[-1, -1, -1, -1]], [1]),
]


def lattice(upright, level, slanted):
    normals = [[1, 0]] * len(upright) + [[0, 1]] * len(level) + [[1, 1]]
    return np.array(normals, float), np.array([*upright, *level, slanted], float)


def group_folds(groups, k, rng):
    patients = rng.permutation(np.unique(groups))
    held = [np.isin(groups, some) for some in np.array_split(patients, k)]
    return [(np.flatnonzero(~h), np.flatnonzero(h)) for h in held]


def simplest_good(losses, ddof=1, root=True):
    best = losses[losses.mean(axis=1).argmin()]
    error = best.std(ddof=ddof) / (np.sqrt(len(best)) if root else 1)
    return int(np.argmax(losses.mean(axis=1) <= best.mean() + error))


def merged(A, b, gamma, beta, mean, variance, epsilon):
    scale = gamma / np.sqrt(variance + epsilon)
    return scale[:, None] * A, scale * (b - mean) + beta


CASES = {  # label: what the chapter gives, a right answer, wrong answers with words of the message
    "ex-fp-binary": (
        {},
        {"binary_digits": binary_digits},
        [
            ({"binary_digits": lambda x, n: binary_digits(x, n)[::-1]}, "digit 1 behind the point"),
            ({"binary_digits": lambda x, n: binary_digits(x, n + 1)}, "the text has 5 digits"),
            ({"binary_digits": lambda x, n: [*binary_digits(x, n)]}, "a text, not list"),
        ],
    ),
    "ex-fp-standstill": (
        {},
        {"stops_at": lambda step, F: 2.0 ** (np.ceil(np.log2(step)) + F + 1)},
        [
            ({"stops_at": lambda step, F: 2.0 ** (F + 1)}, "the step 0.1 it is 16777216"),
            ({"stops_at": lambda step, F: step * 2.0 ** (F + 1)}, "the step 0.1 it is 1677721.6"),
        ],
    ),
    "ex-fp-close": (
        {},
        {"close": close, "fooled": (1e-13, 2e-13)},
        [
            ({"close": lambda a, b, r, t: np.isclose(a, b, r, t), "fooled": (0, 1e-13)},
             "close(2.0, 1.0, 0.5, 0.0) should be True"),
            ({"close": lambda a, b, r, t: abs(a - b) <= max(r * max(abs(a), abs(b)), t),
              "fooled": (0, 1e-13)}, "close(inf, inf"),
            ({"close": close, "fooled": (1.0, 1.0 + 1e-13)}, "rtol=1e-6 is enough"),
            ({"close": close, "fooled": (0.0, 1e-11)}, "differs by 1e-11"),
        ],
    ),
    "ex-fp-step": (
        {},
        {"exact_steps": [2**-27, 3 * 2**-30, 2**-53]},
        [
            ({"exact_steps": [2**-27]}, "2.7939677"),
            ({"exact_steps": [2**-27, 1e-8]}, "1e-08 is no multiple"),
            ({"exact_steps": [0.5]}, "not one of the five"),
        ],
    ),
    "ex-fp-mean": (
        {},
        {"mean16": mean16},
        [
            ({"mean16": lambda x: x.sum() / np.float16(len(x))}, "For 32768 losses it is inf"),
            ({"mean16": lambda x: x.astype(float).mean()}, "should be float16, not float64"),
            ({"mean16": lambda x: x[0]}, "the mean is"),
            ({"mean16": lambda x: np.divide(x, 2, out=x)[0]}, "It changes the array"),
        ],
    ),
    "ex-softmax-log": ({}, {"clip": 1e-7}, [({"clip": 1e-6}, "13.8155")]),
    "ex-softmax-reach": (
        {},
        {"reach": lambda n: np.log(np.finfo(float).max / n)},
        [({"reach": lambda n: np.log(np.finfo(float).max)}, "too large")],
    ),
    "ex-softmax-batch": (
        {},
        {"rows": [[0, -1], [-800, -801]], "apart": 745},
        [
            ({"rows": [[0, -1], [-100, -101]], "apart": 745}, "this batch works"),
            ({"rows": [[0, -1], [-800, -801]], "apart": 88}, "smallest positive"),
        ],
    ),
    "ex-softmax-temperature": (
        {},
        {"temperature_for": temperature_for},
        [({"temperature_for": lambda x, h: temperature_for(x, h / np.log2(np.e))}, "nats")],
    ),
    "ex-conditioning-variance": (
        {},
        {"variance": lambda x: ((x - x.mean()) ** 2).mean()},
        [({"variance": lambda x: (x**2).mean() - x.mean() ** 2}, "huge numbers")],
    ),
    "ex-conditioning-cosine": (
        {},
        {"one_minus_cos": lambda x: 2 * np.sin(x / 2) ** 2},
        [({"one_minus_cos": lambda x: 1 - np.cos(x)}, "not 15 digits")],
    ),
    "ex-conditioning-distance": (
        {},
        {"E": S0[1] * np.outer(U0[:, 1], V0[1]), "change": 2.8 * 9.7 / 6.6 - 4.1},
        [
            ({"E": S0[0] * np.outer(U0[:, 0], V0[0]), "change": 0.0}, "smaller E"),
            ({"E": S0[1] * np.outer(U0[:, 1], V0[1]), "change": -0.015}, "det is not 0"),
        ],
    ),
    "ex-conditioning-polynomial": (
        {},
        {"two_degrees": (11, 19)},
        [({"two_degrees": (9, 19)}, "digits are left"), ({"two_degrees": (11, 20)}, "smaller")],
    ),
    "ex-derivative-log": (
        {},
        TWO_STEPS,
        [
            (TWO_STEPS | {"curvature": 1.5}, "0.1 gains 0.1925; the log says 0.185"),
            (TWO_STEPS | {"gain_of_one": 2}, "how much does the curvature take"),
            (TWO_STEPS | {"first_rise": 2 / 3}, "gains 0.667, not 0"),
        ],
    ),
    "ex-derivative-settle": (
        {},
        {"settle": settle},
        [
            ({"settle": lambda slope, x, step, tol: x}, "it ends at 1, not 0.25"),
            ({"settle": lambda *given: settle(*given, factor=1)}, "has not ended"),
        ],
    ),
    "ex-derivative-classify": (
        {},
        {"classify": classify},
        [
            ({"classify": lambda p: classify(p)[1:]}, "5 different critical points; yours: max"),
            ({"classify": lambda p: [(x, "minimum") for x, _ in classify(p)]}, "both sides"),
            ({"classify": lambda p: [(x + 1, k) for x, k in classify(p)]}, "There is a minimum"),
        ],
    ),
    "ex-derivative-nan": (
        {},
        {"safe_sinc": safe_sinc},
        [
            ({"safe_sinc": lambda x: x}, "Its values at"),
            ({"safe_sinc": lambda x: np.where(x == 0, 1, np.sin(x) / x)}, "who divides by 0"),
            ({"safe_sinc": lambda x: 1 + 0 * x}, "Its values at"),
        ],
    ),
    "ex-derivative-rule": (
        {},
        {"reveals": -0.5, "by_a": lambda a, b: a / np.hypot(a, b),
         "by_b": lambda a, b: b / np.hypot(a, b)},
        [
            ({"reveals": 1, "by_a": np.add, "by_b": np.add}, "and so does the right one"),
            ({"reveals": 2, "by_a": lambda a, b: 2 * a / np.hypot(a, b), "by_b": np.add}, "by_a"),
        ],
    ),
    "ex-gradient-screen": (
        {},
        {"screen_angle": screen_angle},
        [
            ({"screen_angle": lambda g, w, b: screen_angle(g, w, b, np.multiply)}, "angles='xy'"),
            ({"screen_angle": lambda *a: np.radians(screen_angle(*a))}, "in radians"),
            ({"screen_angle": lambda g, w, b: 90.0}, "pixels is a unit"),
        ],
    ),
    "ex-gradient-units": (
        {},
        {"slope_in_units": slope_in_units},
        [
            ({"slope_in_units": lambda g, s: slope_in_units(g, s, 1)}, "turn it back into x"),
            ({"slope_in_units": lambda g, s: -slope_in_units(g, s)}, "negative slope"),
            ({"slope_in_units": lambda g, s: -np.linalg.norm(g)}, "It gives"),
        ],
    ),
    "ex-gradient-slopes": (
        {},
        PLACE,
        [
            (PLACE | {"rough_place": "A"}, "predict the third"),
            (PLACE | {"gradient_from_slopes": lambda U, s: (s[:2], 0.0)}, "does not fit best"),
            (
                PLACE | {"gradient_from_slopes": lambda U, s: (gradient_from_slopes(U, s)[0], 1)},
                "largest difference",
            ),
        ],
    ),
    "ex-gradient-normal": (
        {},
        {"normal_gradient": normal_gradient},
        [
            ({"normal_gradient": lambda S, C: normal_gradient(S, C).T}, "transpose"),
            ({"normal_gradient": lambda S, C: normal_gradient(S, C.T)}, "symmetric C only"),
            ({"normal_gradient": lambda S, C: -normal_gradient(S, C)}, "not what differences"),
        ],
    ),
    "ex-gradient-plateau": (
        {},
        {"steps_from": steps_from, "hours": 2.1},
        [
            ({"steps_from": lambda r: 0.2 * steps_from(r), "hours": 2.1}, "the descent took"),
            ({"steps_from": steps_from, "hours": 7515}, "microseconds"),
        ],
    ),
    "ex-kaczmarz-log": (
        {},
        {"unknowns": 499, "steps_needed": 9183},
        [
            ({"unknowns": 250, "steps_needed": 9183}, "would leave"),
            ({"unknowns": 499, "steps_needed": 4600}, "the squared error is"),
        ],
    ),
    "ex-kaczmarz-units": (
        {},
        {"cyclic_moves": False, "factor_random": 1 - 1 / 1_000_003},
        [
            ({"cyclic_moves": True, "factor_random": 0.75}, "by hand"),
            ({"cyclic_moves": False, "factor_random": 0.75}, "before the conversion"),
            ({"cyclic_moves": False, "factor_random": 1 - 1e-3}, "What is |A|_F"),
        ],
    ),
    "ex-kaczmarz-average": (
        {},
        {"calm": calm},
        [
            ({"calm": lambda A, b, steps, s: calm(A, b, steps, s, 1)}, "as far as one iterate"),
            ({"calm": lambda A, b, *_: np.linalg.pinv(A) @ b}, "depend on the seed"),
            ({"calm": lambda A, b, *_: 0.0}, "one point"),
        ],
    ),
    "ex-kaczmarz-stop": (
        {},
        {"stop_at": 6, "sigma_if_12": 0.25},
        [
            ({"stop_at": 5, "sigma_if_12": 0.25}, "is it that of the noise"),
            ({"stop_at": 50, "sigma_if_12": 0.25}, "An earlier sweep"),
            ({"stop_at": 6, "sigma_if_12": 0.3}, "has the norm 6.00"),
        ],
    ),
    "ex-kaczmarz-wide": (
        {},
        {"limit": nearest},
        [
            ({"limit": lambda A, b, x0: np.linalg.pinv(A) @ b}, "the limit from 0"),
            ({"limit": lambda A, b, x0: x0}, "The residual is"),
            (
                {"limit": lambda A, b, x0: 2 * nearest(A, b, x0) - np.linalg.pinv(A) @ b},
                "nearer to x0",
            ),
        ],
    ),
    "ex-jh-newton": (
        {},
        {"newton_log": newton_log},
        [({"newton_log": lambda t: newton_log(True)}, "should square each time")],
    ),
    "ex-jh-trace": (
        {"ramp": np.linspace(0, 2, 5)},
        {"found": 2 * np.cosh(np.full(4, 0.5)).sum() * np.array([1, 1.01, 0.99, 1.02, 1])},
        [({"found": [9.0] * 5}, "its own seed"), ({"found": [1, 2, 3, 4, 5]}, "off the trace")],
    ),
    "ex-jh-undecided": (
        {},
        {"origin": ("minimum", "saddle")},
        [({"origin": ("saddle", "saddle")}, "Function 1")],
    ),
    "ex-jh-kink": (
        {},
        {"z_here": np.array([0.2, 0, 1, -1]), "chord_slope": 0.5},
        [({"z_here": np.array([0.2, 0, 1, -1]), "chord_slope": 1}, "on one side")],
    ),
    "ex-taylor-lse": (
        {},
        {"hessian": lambda x: np.diag(softmax(x)) - np.outer(softmax(x), softmax(x))},
        [({"hessian": lambda x: np.diag(softmax(x))}, "student's")],
    ),
    "ex-taylor-rate": (
        {},
        {"from_log": 8.0, "largest_eigenvalue": largest_eigenvalue},
        [({"from_log": 4.0, "largest_eigenvalue": largest_eigenvalue}, "a factor of -0.20")],
    ),
    "ex-taylor-noise": ({}, {"best_h": 0.0114}, [({"best_h": 6e-6}, "rounding")]),
    "ex-taylor-complex": (
        {},
        {"by_complex_step": exponential_sum.grad(np.array([0.3, 0.7]))},
        [({"by_complex_step": np.zeros(2)}, "imaginary")],
    ),
    "ex-convexity-average": (
        {},
        {"above_chord": 2.16, "largest_ensemble": 0.15},
        [
            ({"above_chord": 2.31, "largest_ensemble": 0.15}, "not above 0"),
            ({"above_chord": -2.16, "largest_ensemble": 0.15}, "is positive"),
            ({"above_chord": 2.13, "largest_ensemble": 0.15}, "the mean of the two"),
            ({"above_chord": 2.16, "largest_ensemble": 0.18}, "promises less"),
            ({"above_chord": 2.16, "largest_ensemble": 2.31}, "below its chords"),
        ],
    ),
    "ex-convexity-impostor": (
        {},
        {"impostor": lambda t: np.sqrt(np.abs(t)), "his_witness": (0, 2, 0.5)},
        [
            ({"impostor": lambda t: -(t**2), "his_witness": (-1, 1, 0.5)}, "fails his test for"),
            ({"impostor": np.square, "his_witness": (-1, 1, 0.5)}, "-1 above the chord"),
            ({"impostor": np.arctan, "his_witness": (0, 2, 1)}, "no function fails"),
            ({"impostor": np.arctan, "his_witness": (0, 9, 0.5)}, "in [-2, 2]"),
        ],
    ),
    "ex-convexity-dcp": (
        {},
        {
            "dcp_words": ["convex", "unknown", "convex", "unknown", "unknown", "convex"],
            "convex_anyway": (2, 4),
        },
        [
            ({"dcp_words": ["convex"], "convex_anyway": ()}, "six expressions"),
            ({"dcp_words": ["bent"] * 6, "convex_anyway": ()}, "no such word"),
            ({"dcp_words": ["convex"] * 6, "convex_anyway": ()}, "Expression 2"),
            (
                {
                    "dcp_words": ["convex", "unknown", "convex", "unknown", "unknown", "convex"],
                    "convex_anyway": (2, 4, 5),
                },
                "at -1, 0 and 1",
            ),
        ],
    ),
    "ex-convexity-constants": (
        {},
        {"constants": lambda A, lam: (lam, lam + np.linalg.norm(A, 2) ** 2 / 4)},
        [
            ({"constants": lambda A, lam: (lam, lam + np.linalg.norm(A, 2) ** 2)}, "A smaller M"),
            ({"constants": lambda A, lam: (lam, lam + np.linalg.norm(A, 2) / 4)}, "too small"),
            ({"constants": lambda A, lam: (lam + 1, 99)}, "does not bend"),
            ({"constants": lambda A, lam: (0, lam + np.linalg.norm(A, 2) ** 2 / 4)}, "larger m"),
        ],
    ),
    "ex-convexity-reach": (
        {},
        {"safe_slopes": (np.exp(-2), np.exp(2))},
        [
            ({"safe_slopes": (-2, 2)}, "No tangent"),
            ({"safe_slopes": (0.01, 7)}, "lowest slope"),
            ({"safe_slopes": (0.14, 20)}, "highest slope"),
            ({"safe_slopes": (0.5, 2)}, "below 0.5"),
            ({"safe_slopes": (0.1354, 2)}, "above 2"),
        ],
    ),
    "gd-exercise-bug": ({}, {"result": (1e-9, 0)}, [({"result": (-0.1, 0.2)}, "same point")]),
    "gd-exercise-log": (
        {},
        LOG_ANSWER,
        [
            (LOG_ANSWER | {"two_curvatures": (7, 0.5)}, "two_curvatures[0]"),
            (LOG_ANSWER | {"best_step": 0.1}, "in size"),
        ],
    ),
    "gd-exercise-zero": (
        {},
        {"suspects": suspects},
        [({"suspects": lambda f, g, x: suspects(f, g, x, -1)}, "wrong components are")],
    ),
    "gd-exercise-closed-form": (
        {},
        {"my_minimizer": [np.log(2) + np.log(5 / 6) / 4, np.log(5 / 6) / 4]},
        [({"my_minimizer": [0.6, 0]}, "not zero")],
    ),
    "mo-exercise-log": (
        {},
        {"log_beta": 0.64, "log_product": 0.5, "log_steps": 31},
        [
            ({"log_beta": 0.64, "log_product": 0.4, "log_steps": 31}, "leads to 0.6000"),
            ({"log_beta": 0.8, "log_product": 0.5, "log_steps": 31}, "third point is -0.1500"),
            ({"log_beta": 0.64, "log_product": 0.5, "log_steps": 16}, "is 2.81e-02"),
        ],
    ),
    "mo-exercise-robust": (
        {},
        {"robust": robust},
        [
            ({"robust": lambda m, M: robust(m / 0.9, M / 1.1)}, "has the radius 1."),
            ({"robust": lambda m, M: (1 / M, 0.5)}, "can be promised"),
        ],
    ),
    "mo-exercise-overtakes": (
        {},
        {"overtakes": 21},
        [({"overtakes": 5}, "still above"), ({"overtakes": 22}, "below already")],
    ),
    "mo-exercise-restart": (
        {},
        {"restarting": restarting},
        [
            ({"restarting": lambda s, b: restarting(s, b, lambda g, v: False)}, "is uphill"),
            ({"restarting": lambda s, b: restarting(s, b, lambda g, v: True)}, "is downhill"),
            ({"restarting": lambda s, b: restarting(s, b, lambda g, v: g @ v > 0, 0)}, "is None"),
        ],
    ),
    "mo-exercise-drift": (
        {},
        {"drift": drift},
        [
            ({"drift": lambda b, c: -drift(b, c)}, "drift(0.1, 3) should be 0.681"),
            ({"drift": lambda b, c: drift(b, 3)}, "drift(0.1, 10) should be"),
        ],
    ),
    "nt-exercise-log": (
        {},
        {"growth_order": 6, "stretch": 5},
        [
            ({"growth_order": 5, "stretch": 4}, "by 0.750"),
            ({"growth_order": 6, "stretch": 6}, "leaves -0.20"),
        ],
    ),
    "nt-exercise-cycle": (
        {},
        {"cycle_start": 5**-0.5, "cycle_growth": -6},
        [
            ({"cycle_start": 0.5, "cycle_growth": 6}, "to -1"),
            ({"cycle_start": -(5**-0.5), "cycle_growth": 6}, "positive"),
            ({"cycle_start": 5**-0.5, "cycle_growth": 36}, "1e-6 beside"),
        ],
    ),
    "nt-exercise-reciprocal": (
        {},
        {"reciprocal": reciprocal},
        [
            ({"reciprocal": lambda a: reciprocal(a, 3)}, "relative error"),
            ({"reciprocal": lambda a: 1 / a}, "unsupported operand type(s) for /"),
            ({"reciprocal": lambda a: a**-1}, "unsupported operand type(s) for **"),
        ],
    ),
    "nt-exercise-sign": (
        {},
        {"her_jacobian": her_jacobian, "mismatch": mismatch},
        [
            ({"her_jacobian": lambda z: -her_jacobian(z), "mismatch": mismatch}, "d(-model)"),
            ({"her_jacobian": lambda z: her_jacobian(z).T, "mismatch": mismatch}, "(9, 2)"),
            (
                {
                    "her_jacobian": her_jacobian,
                    "mismatch": lambda r, J, z: mismatch(r, lambda z: -J(z), z),
                },
                "should give 0.0",
            ),
        ],
    ),
    "nt-exercise-units": (
        {},
        {"in_units": in_units},
        [
            ({"in_units": lambda f, s: in_units(f, 1 / s)}, "at scale * z"),
            ({"in_units": lambda f, s: in_units(f, s, 0)}, "multiplied by [1. 1.]"),
            ({"in_units": lambda f, s: in_units(f, s, 1, 1)}, "differentiate twice"),
        ],
    ),
    "land-exercise-survive": (
        {},
        {"held": [3, 2, 1, 0]},
        [({"held": [0, 1, 2, 3]}, "larger step"), ({"held": [3, 2, 2, 0]}, "Step number 3")],
    ),
    "land-exercise-schedule": (
        {},
        {"s0_lambda": 0.2, "steps": 1.3e10},
        [({"s0_lambda": 0.5, "steps": 1e6}, "0.316"), ({"s0_lambda": 0.2, "steps": 1e6}, "power")],
    ),
    "land-exercise-ends": (
        {},
        {"found_ends": [[3, 2], [-2.81, 3.13], [-3.78, -3.28], [3.58, -1.85]]},
        [({"found_ends": [[3, 2], [3, 2.0]]}, "missing"), ({"found_ends": [[0, 0]]}, "no minimum")],
    ),
    "land-exercise-log": (
        {},
        {"creeping_step": 0.001, "dead_step": 3.0},
        [({"creeping_step": 3, "dead_step": 0.001}, "first layer")],
    ),
    "ex-lagrange-signs": (
        {},
        {"sigma": 0.2, "rise": 0.0404},
        [
            ({"sigma": 5, "rise": 0.04}, "the forces would be -10 and -0.4"),
            ({"sigma": 0.2, "rise": -0.04}, "away from the origin"),
            ({"sigma": 0.2, "rise": 0.4}, "what makes 0.4 of it"),
        ],
    ),
    "ex-lagrange-eigen": (
        {},
        {"ways_up": ways_up},
        [
            ({"ways_up": lambda S: ways_up(S, of_f=True)}, "the Hessian of L"),
            ({"ways_up": lambda S: ways_up(S)[::-1]}, "nothing rises"),
            ({"ways_up": lambda S: ways_up(S)[1:]}, "your list has 1 numbers"),
        ],
    ),
    "ex-lagrange-entropy": (
        {},
        {"least_biased": least_biased},
        [
            ({"least_biased": lambda E, U: least_biased(E, U, "sign")}, "p is right and falls"),
            ({"least_biased": lambda E, U: least_biased(E, E.mean())}, "is prescribed"),
            ({"least_biased": lambda E, U: (np.ones(5), 0)}, "no probabilities"),
        ],
    ),
    "ex-lagrange-log": (
        {},
        {"schur": 0.2, "updates": 5},
        [
            ({"schur": 0.05, "updates": 5}, "Each update would divide |h| by 6"),
            ({"schur": 0.2, "updates": 4}, "is still 9.2e-10"),
            ({"schur": 0.2, "updates": 7}, "Fewer are enough"),
        ],
    ),
    "ex-lagrange-weights": (
        {},
        {"line_fit": line_fit(2)},
        [
            ({"line_fit": line_fit(0)}, "same weight"),
            ({"line_fit": line_fit(4)}, "squares already"),
            ({"line_fit": line_fit(2)[::-1]}, "not 0"),
        ],
    ),
    "ex-sgd-jumps": (
        {},
        {"wanted": (2, 3), "safe_step": 0.16},
        [
            ({"wanted": (3, 2), "safe_step": 0.16}, "If row 1 wants 3"),
            ({"wanted": (2, 2), "safe_step": 0.16}, "If row 2 wants 2"),
            ({"wanted": (2, 3), "safe_step": 0.444}, "the larger one is 1"),
        ],
    ),
    "ex-sgd-ragged": (
        {},
        {"noisier": 111, "even_batches": even_batches},
        [
            ({"noisier": 100, "even_batches": even_batches}, "with replacement"),
            ({"noisier": 10, "even_batches": even_batches}, "0.00901 V"),
            ({"noisier": 111, "even_batches": lambda N, B, rng: np.split(
                rng.permutation(N), range(B, N, B))}, "the sizes are [100, "),
            ({"noisier": 111, "even_batches": lambda N, B, rng: np.array_split(
                rng.permutation(N), N // B)}, "too large, or too many"),
            ({"noisier": 111, "even_batches": lambda N, B, rng: np.array_split(
                rng.integers(N, size=N), -(-N // B))}, "missing or come twice"),
            ({"noisier": 111, "even_batches": lambda N, B, rng: np.array_split(
                np.arange(N), -(-N // B))}, "drawn from rng"),
        ],
    ),
    "ex-sgd-plateaus": (
        {},
        PLATEAUS,
        [
            (PLATEAUS | {"noise_V": 1.0}, "would be at 0.0589"),
            (PLATEAUS | {"new_batch": 16}, "plateau at 0.0424"),
            (PLATEAUS | {"new_step": 0.025}, "plateau at 0.0288"),
            (PLATEAUS | {"new_step": 1.5}, "diverge"),
        ],
    ),
    "ex-sgd-tail": (
        {},
        {"tail_mean": tail_mean, "good_share": 0.005},
        [
            ({"tail_mean": tail_mean, "good_share": 0.5}, "have not arrived"),
            ({"tail_mean": tail_mean, "good_share": 0.3}, "one of the five"),
            ({"tail_mean": lambda path, share: tail_mean(path[::-1], share),
              "good_share": 0.005}, "the last 6"),
            ({"tail_mean": lambda path, share: path[-1].mean(), "good_share": 0.005}, "has shape"),
        ],
    ),
    "ex-sgd-weights": (
        {},
        {"draw_weights": draw_weights},
        [
            ({"draw_weights": lambda steps: np.full(len(steps), 1 / len(steps))}, "another mean"),
            ({"draw_weights": lambda steps: np.asarray(steps)}, "add up to 2.45"),
            ({"draw_weights": lambda steps: [1.0]}, "should be 6 weights"),
        ],
    ),
    "ex-kkt-box": (
        {},
        {"project_box": box},
        [({"project_box": lambda z: (box(z)[0], box(z)[2], box(z)[1])}, "signs")],
    ),
    "ex-kkt-reports": ({}, {"ada": -2.0, "ben": 0}, [({"ada": -2, "ben": 2}, "negative")]),
    "ex-kkt-disc": (
        {},
        {"disc_point": (-1, -1), "disc_mu": 0.5},
        [({"disc_point": (1, 1), "disc_mu": 0.5}, "lowest")],
    ),
    "ex-kkt-penalty": (
        {},
        {"errors": [1 / 11, 1 / 101, 1 / 1001]},
        [({"errors": [0.1, 0.01, 0.001]}, "the slope in x1")],
    ),
    "ex-lp-certificate": (
        {},
        {"witness": (-2, 1)},
        [({"witness": (2, -1)}, "has a positive coefficient"), ({"witness": (-1, 0)}, "no contra")],
    ),
    "ex-lp-log": (
        {},
        {"n_variables": 25, "mu_needed": 4e-8},
        [
            ({"n_variables": 1.25, "mu_needed": 4e-8}, "is n times mu"),
            ({"n_variables": 25, "mu_needed": 1e-6}, "still above"),
            ({"n_variables": 25, "mu_needed": 1e-9}, "larger mu"),
        ],
    ),
    "ex-lp-cut": (
        CUTS,
        {"narrow": ("s", "b"), "new_capacity": 3},
        [
            ({"narrow": ("s", "t"), "new_capacity": 1}, "no pipe"),
            ({"narrow": ("s", "b"), "new_capacity": 4}, "reduce it"),
            ({"narrow": ("a", "t"), "new_capacity": 1}, "Another cut"),
            ({"narrow": ("s", "b"), "new_capacity": 0}, "larger capacity"),
        ],
    ),
    "ex-lp-game": (
        {},
        {"premium_x": (1 / 2, 1 / 3, 1 / 6)},
        [
            ({"premium_x": (1 / 3, 1 / 3, 1 / 3)}, "Y can get 0.333, by column 3"),
            ({"premium_x": (1 / 2, 1 / 3, 1 / 3)}, "the sum 1"),
        ],
    ),
    "ex-lp-line": (
        {},
        {"flat_fit": flat_fit},
        [
            ({"flat_fit": lambda t, f: (*np.polyfit(t, f, 1), 0.0)}, "you say 0"),
            ({"flat_fit": least_squares_fit}, "largest error of 0.5"),
        ],
    ),
    "ls-exercise-digits": (
        {"powers": powers},
        {"single": 5, "double": 11},
        [({"single": 3, "double": 11}, "should be left")],
    ),
    "ls-exercise-projection": (
        {"AA": BALL, "Ab": BALL @ [3.0, -1.0]},
        {"projected": None},
        [({"projected": np.array([3.0, -1]) / 10**0.5}, "no multiple")],
    ),
    "ls-exercise-logs": (
        {"powers": powers},
        {"direction": np.linalg.svd(powers(6))[2][-1]},
        [({"direction": np.eye(7)[0]}, "moves the curve")],
    ),
    "ls-exercise-loo": (
        {"basis": BASIS, "yk": YK},
        {"leave_one_out": leave_one_out},
        [({"leave_one_out": lambda lam: 9 * leave_one_out(lam)}, "each point in turn")],
    ),
    "ex-beyond-maximum": (
        {},
        {"max_weights": MAXIMUM},
        [
            ({"max_weights": (*MAXIMUM[:3], [[0.0, 1.0]])}, "After the inputs"),
            ({"max_weights": (*MAXIMUM[:3], [[1.0, 0.0]])}, "must be the first input"),
            ({"max_weights": ([[1.0]], [[1.0]], [0.0], [[1.0]])}, "Two neurons"),
            ({"max_weights": (*MAXIMUM[:3], np.eye(2))}, "One output a time"),
        ],
    ),
    "ex-beyond-log": (
        {},
        {"growth": 1.1, "overflow_at": 931},
        [
            ({"growth": 2.594, "overflow_at": 931}, "of ten steps"),
            ({"growth": 1.2, "overflow_at": 931}, "6.192, not 2.594"),
            ({"growth": 1.1, "overflow_at": 7447}, "float64 ends"),
            ({"growth": 1.1, "overflow_at": 400}, "10 to the power 16.6"),
        ],
    ),
    "ex-beyond-kernel": (
        {},
        {"are_kernels": {"min", "slow", "cosine"}},
        [
            ({"are_kernels": {"min", "max"}}, "max: a matrix"),
            ({"are_kernels": ["min", "slow"]}, "cosine: is its lowest"),
            ({"are_kernels": {"minimum"}}, "The names are"),
        ],
    ),
    "ex-beyond-leak": (
        {},
        {"loose_share": 0.25, "sound_step": sound_step},
        [
            ({"loose_share": 0.2125, "sound_step": sound_step}, "times 0.85"),
            ({"loose_share": 0.3, "sound_step": sound_step}, "0.85 times what"),
            ({"loose_share": 0.25, "sound_step": lambda S, x, d: 1.0}, "one share a page"),
            ({"loose_share": 0.25, "sound_step": leaky_step}, "The sum after a step is 0"),
            (
                {
                    "loose_share": 0.25,
                    "sound_step": lambda S, x, d: leaky_step(S, x, d) / leaky_step(S, x, d).sum(),
                },
                "some shares are not right",
            ),
        ],
    ),
    "ex-beyond-farm": (
        {},
        FARM,
        [
            (FARM | {"farm_share": lambda k: farm_share(k, ((3, 2),))}, "farm_share(1) is"),
            (FARM | {"enough": 1}, "another page is still first"),
            (FARM | {"enough": 3}, "Fewer are enough"),
        ],
    ),
    "ex-bp-half": (
        {},
        {"layers_left": 42},
        [
            ({"layers_left": 21}, "Or are the entries 1"),
            ({"layers_left": 58}, "From entries of 1/16"),
            ({"layers_left": 149}, "half of D is off"),
        ],
    ),
    "ex-bp-normalize": (
        {},
        {"normalize_back": normalize_back},
        [
            ({"normalize_back": lambda x, g: g / np.linalg.norm(x, axis=1)[:, None]}, "orthogonal"),
            ({"normalize_back": lambda x, g: normalize_back(x, g)[0]}, "shape is (4,)"),
            ({"normalize_back": lambda x, g: 2 * normalize_back(x, g)}, "its length is not"),
            ({"normalize_back": lambda x, g: normalize_back(x, g[::-1])}, "some entries differ"),
        ],
    ),
    "ex-bp-checkpoint": (
        {},
        {"most_stored": 19, "evaluations": 190},
        [
            ({"most_stored": 10, "evaluations": 200}, "are stored, too"),
            ({"most_stored": 100, "evaluations": 200}, "Ten starts"),
            ({"most_stored": 20, "evaluations": 100}, "What is recomputed"),
            ({"most_stored": 20, "evaluations": 1000}, "once more"),
        ],
    ),
    "ex-bp-springs": (
        {},
        {"spring_gradient": lambda p: -np.arange(len(p), 0, -1) / p**2},
        [
            ({"spring_gradient": lambda p: np.arange(len(p), 0, -1) / p**2}, "the sign"),
            ({"spring_gradient": lambda p: np.arange(len(p), 0, -1) / p}, "the lengthenings"),
            ({"spring_gradient": lambda p: -1 / p**2}, "it gives"),
            ({"spring_gradient": lambda p: -1.0}, "its shape is ()"),
        ],
    ),
    "ex-bp-leaky": (
        {},
        {"leaky_variance": lambda a, fan_in: 2 / ((1 + a * a) * fan_in)},
        [
            ({"leaky_variance": lambda a, fan_in: 1 / fan_in}, "it is a ReLU"),
            ({"leaky_variance": lambda a, fan_in: 2 / fan_in}, "the layer is linear"),
            ({"leaky_variance": lambda a, fan_in: 2 / ((1 + abs(a)) * fan_in)}, "negative side"),
            ({"leaky_variance": lambda a, fan_in: 2 / ((1 + a * abs(a)) * fan_in)}, "negative a"),
        ],
    ),
    "ex-cnn-log": (
        {},
        {"layer_kind": "augmentation", "missing_argument": "training=False"},
        [({"layer_kind": "Dropout", "missing_argument": "training"}, "off by default")],
    ),
    "ex-cnn-vgg": ({}, {"shares": (0.11, 0.143)}, [({"shares": (0.5, 0.5)}, "too much")]),
    "ex-cnn-faces": (
        {},
        {"same_face": 0.99, "new_faces": 0.7},
        [({"same_face": 0.7, "new_faces": 0.99}, "exchanged")],
    ),
    "ex-cnn-bypass": (
        {},
        {"without_first": 0.12, "without_second": 0.8},
        [({"without_first": 0.9, "without_second": 0.9}, "Equal")],
    ),
    "ex-networks-summary": (
        {},
        {"torn_widths": [4, 10, 5, 1]},
        [
            ({"torn_widths": [10, 5, 1]}, "four widths"),
            ({"torn_widths": [5, 10, 5, 1]}, "[60, 55, 6] weights"),
        ],
    ),
    "ex-networks-pyramid": (
        {},
        {
            "pyramid": [
                ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]),
                ([[-1, -1, -1, -1]], [1]),
                ([[1]], [0]),
            ]
        },
        [
            ({"pyramid": PEAK}, "negative"),
            ({"pyramid": [*PEAK[:-1], ([[-1, -1, -1, -1]], [0])]}, "it is 0"),
            ({"pyramid": [*PEAK[:-1], ([[-2, -2, -2, -2]], [1]), ([[1]], [0])]}, "largest error"),
        ],
    ),
    "ex-networks-silent": (
        {},
        {"silent": [1, 3], "linear": [2]},
        [
            ({"silent": [1], "linear": [2]}, "corner"),
            ({"silent": [1, 2, 3], "linear": [2]}, "never zero"),
            ({"silent": [1, 3, 4], "linear": [2]}, "largest value"),
            ({"silent": [1, 3], "linear": []}, "smallest value"),
        ],
    ),
    "ex-networks-lattice": (
        {},
        {"lattice": lattice([-1, -2, -3], [-1, -2, -3, -4], -2.5)},
        [
            ({"lattice": lattice([-1, -2, -3], [-1, -2, -3, -4], -3)}, "pieces, not 28"),
            ({"lattice": lattice([0, -2, -3], [-1, -2, -3, -4], -2.5)}, "different from zero"),
            ({"lattice": (np.eye(2), [1, 2])}, "shape"),
            ({"lattice": lattice([-1, -2], [-1, -2, -3, -4, -5], -2)}, "pieces, not 28"),
        ],
    ),
    "ex-networks-triple": (
        {},
        {"triple": interpolating_network([0, 1 / 3, 2 / 3, 1], [0, 1, 0, 1])},
        [
            ({"triple": interpolating_network([0, 0.5, 1], [0, 1, 0])}, "2 neurons"),
            ({"triple": interpolating_network([0, 0.3, 0.6, 1], [0, 1, 0.5, 1])}, "not 9"),
        ],
    ),
    "ex-convolution-sign": (
        {},
        {"smooth_like": lambda v, w: np.convolve(v, w)[: len(v)]},
        [({"smooth_like": lambda v, w: np.convolve(v, w[::-1])[: len(v)]}, "it gives")],
    ),
    "ex-convolution-sizes": (
        {},
        {"sizes": [208, 224, 240, 256]},
        [({"sizes": [200, 208]}, "200 does not"), ({"sizes": [224]}, "in common")],
    ),
    "ex-convolution-stop": (
        STOP,
        {"restored": np.full((2, 2), 1.09e-3)},
        [({"restored": np.ones((2, 2))}, "go on"), ({"restored": np.zeros((2, 2))}, "earlier")],
    ),
    "ex-convolution-pool": (
        {"small": SMALL},
        {"pool_gradient": np.array(
            [[0, 0, 20, 0], [0, 10, 0, 0], [30, 0, 0, 0], [0, 0, 0, 40.0]])},
        [({"pool_gradient": np.kron([[2.5, 5], [7.5, 10]], np.ones((2, 2)))}, "another pixel")],
    ),
    "ex-gen-log": (
        {},
        {"causes": ["underfits", "overfits", "dropout", "leak"]},
        [
            ({"causes": ["overfits", "underfits", "dropout", "leak"]}, "A: how much better"),
            ({"causes": ["underfits", "leak", "dropout", "overfits"]}, "B: what happened"),
            ({"causes": ["underfits", "overfits", "leak", "dropout"]}, "C: what makes"),
            ({"causes": ["underfits", "overfits", "dropout", "dropout"]}, "D: what do"),
            ({"causes": ["noise"]}, "Four words"),
        ],
    ),
    "ex-gen-optimism": (
        {},
        {"noise_variance": 0.25, "coefficients": 6},
        [
            ({"noise_variance": 0.2125, "coefficients": 6}, "some was fitted"),
            ({"noise_variance": 0.5, "coefficients": 6}, "free of p"),
            ({"noise_variance": 0.25, "coefficients": 12}, "the training error"),
        ],
    ),
    "ex-gen-groups": (
        {},
        {"group_folds": group_folds},
        [
            ({"group_folds": lambda groups, k, rng: kfold(len(groups), k, seed=rng)}, "in both"),
            ({"group_folds": lambda groups, k, rng: group_folds(groups, k + 1, rng)}, "4 pairs"),
            ({"group_folds": lambda groups, k, rng: 3 * group_folds(groups, k, rng)[:1]},
             "exactly one"),
            ({"group_folds": lambda groups, k, rng: [
                (t[:-1], h) for t, h in group_folds(groups, k, rng)]}, "not all rows"),
            ({"group_folds": lambda groups, k, rng: group_folds(
                groups, k, np.random.default_rng(0))}, "same way"),
        ],
    ),
    "ex-gen-one-se": (
        {},
        {"simplest_good": simplest_good},
        [
            ({"simplest_good": lambda a: int(a.mean(axis=1).argmin())}, "none simpler"),
            ({"simplest_good": lambda a: simplest_good(a, ddof=0)}, "K - 1"),
            ({"simplest_good": lambda a: simplest_good(a, root=False)}, "the root of K"),
        ],
    ),
    "ex-gen-fold": (
        {},
        {"merged": merged},
        [
            ({"merged": lambda A, b, g, be, m, v, e: (merged(A, b, g, be, m, v, e)[0], b)},
             "two layers make"),
            ({"merged": lambda A, b, g, be, m, v, e: (A, merged(A, b, g, be, m, v, e)[1])},
             "one factor"),
            ({"merged": lambda A, b, g, be, m, v, e: merged(A, b, g, be, m, v, 0)}, "two layers"),
            ({"merged": lambda A, b, *_: A}, "It returns A_new"),
        ],
    ),
}  # fmt: skip


def ball():
    """Return the minimizer on the circle for BALL, by projected gradient descent."""
    x = np.zeros(2)
    for _ in range(2000):
        x = x - 0.1 * (BALL @ x - BALL @ [3.0, -1.0])
        x = x / max(1, np.linalg.norm(x))
    return x


CASES["ls-exercise-projection"][1]["projected"] = ball()


@pytest.mark.parametrize("label", labels())
def test_a_right_answer_passes_and_a_wrong_one_is_told_why(label, capsys):
    given, right, wrong = CASES[label]
    assert told(capsys, label, **given, **right) == (True, "✓ This is right.\n")
    for answer, words in wrong:
        passed, said = told(capsys, label, **given, **answer)
        assert not passed
        assert words in said


@pytest.mark.parametrize("label", labels())
def test_without_an_answer_nothing_is_raised(label, capsys):
    given, right, _ = CASES[label]
    passed, said = told(capsys, label, **given)
    assert not passed
    assert said.startswith(f"Not there yet: {', '.join(right)}. Write it above and run that")
    if given:
        assert "Run the cells of the chapter first" in told(capsys, label)[1]


def test_what_an_answer_raises_is_said(capsys):
    assert told(capsys, "ex-softmax-reach", reach=lambda: 1)[1].startswith("✗ TypeError: ")
    assert not check_exercise("nothing", {})
    assert capsys.readouterr().out == "No exercise is called 'nothing'.\n"
