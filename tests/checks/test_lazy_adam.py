"""Adam in which some coordinates are not seen: right runs pass, usual mistakes are named."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_lazy_adam
from coursekit.checks.lazy_adam import MEMORIES, STEPS
from coursekit.descent import adam

LAZY = """
def lazy(x0, gradients, seen, alpha, beta1, beta2, epsilon):
    x, path = x0, [x0]
    m, v, k = np.zeros((3, len(x0)))
    for g, now in zip(gradients, seen):
        k = k + now
        count = np.maximum(k, 1)
        m = np.where(now, beta1 * m + (1 - beta1) * g, m)
        v = np.where(now, beta2 * v + (1 - beta2) * g**2, v)
        first, second = m / (1 - beta1**count), v / (1 - beta2**count)
        x = np.where(now, x - alpha * first / (np.sqrt(second) + epsilon), x)
        path.append(x)
    return path
"""


def cases():
    rng = np.random.default_rng(0)
    for T, n, share, settings in [
        (5, 3, 1.0, (0.1, 0.8, 0.97, 1e-3)),
        (6, 2, 1.0, (0.02, 0.6, 0.85, 0.3)),
        (6, 4, 0.6, (0.1, 0.8, 0.97, 1e-8)),
        (7, 3, 0.5, (0.3, 0.5, 0.8, 0.1)),
    ]:
        g, seen = rng.normal(size=(T, n)), rng.random((T, n)) < share
        yield rng.normal(size=n), g, seen, settings
    seen[:, 1] = seen[2] = False
    yield np.zeros(n), np.where(seen, g, np.nan), seen, settings


CASES = list(cases())


def made(code):
    names = {"np": np}
    exec(code, names)
    return names["lazy"]


@pytest.mark.parametrize("end", ["path", "np.array(path)", "[x.tolist() for x in path]"])
def test_a_right_run_passes(end):
    assert check_lazy_adam(made(LAZY.replace("return path", f"return {end}")), CASES)


def test_with_everything_seen_it_is_adam():
    def from_the_library(x0, gradients, seen, alpha, beta1, beta2, epsilon):
        rule, memory, path = adam(alpha, beta1, beta2, epsilon=epsilon), None, [x0]
        for k, g in enumerate(gradients):
            x, memory = rule(k, path[-1], g, memory)
            path.append(x)
        return path

    assert check_lazy_adam(from_the_library, CASES[:2])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return path", "return path[1:]", "one point too few"),
        ("return path", "return x", "it should hold all points, not one"),
        ("return path", "return [x for _ in path]", "was one array appended again and again?"),
        ("return path", "return [x0, *(x for _ in path[1:])]", "path after x0 are the same"),
        ("return path", "return [x0 for _ in path]", "Nothing moves in any step"),
        ("return path", "return [x + 1 for x in path]", "not at x0 = "),
        ("return path", "return np.array(path) * np.nan", "not finite"),
        ("return path", "return np.array(path) > 0", "all points are the same"),
        ("first / (", "1.1 * first / (", "in step 1, coordinate 0, seen for the 1st time, should"),
        ("x - alpha", "x + alpha", "the step had the opposite sign"),
        ("alpha * first", "first", "alpha were missing"),
        ("second) + epsilon", "second + epsilon)", "epsilon stood under the root"),
        ("(1 - beta2) * g**2", "g**2", "the factor 1 - beta2 were missing"),
        ("k = k + now", "k = seen.sum(axis=0)", "k counted later steps, too"),
        ("k = k + now", "k = k + 1", "k counted the steps, not how often"),
        ("k = k + now", "k = k + now.any()", "k counted the steps in which anything is seen"),
        ("x = np.where(now, x - ", "x = np.where(k > 0, x - ", "moved on by its memories."),
        ("        k = k", "        now = now if seen.all() else ~now\n        k = k",
         "seen and not seen were exchanged"),
        ("epsilon), x)", "epsilon), x + 0.1)", "is not seen, so it should stay; it moves by 0.1"),
        ("        k = k", "        m = m * now if not seen.all() else m\n        k = k",
         "The runs in which everything is seen are right."),
        ("np.where(now, beta1 * m + (1 - beta1) * g, m)", "m + now * (1 - beta1) * (g - m)",
         "Remember that 0 * nan is nan"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(old, new, says):
    some = CASES if "nan" in says else CASES[:4]
    with pytest.raises(CheckFailed) as failure:
        check_lazy_adam(made(LAZY.replace(old, new)), some)
    assert says in str(failure.value)


def test_no_two_of_the_mistakes_look_the_same():
    def run(memory, step):
        def lazy(x0, gradients, seen, alpha, beta1, beta2, epsilon):
            m = v = np.zeros(len(x0))
            path = [x0]
            for k, g in enumerate(gradients, 1):
                m, v = memory(m, v, g, beta1, beta2, k)
                path.append(path[-1] - alpha * step(m, v, g, beta1, beta2, k, epsilon))
            return path

        return lazy

    def right_memory(m, v, g, a, b, k):
        return a * m + (1 - a) * g, b * v + (1 - b) * g**2

    def right_step(m, v, g, a, b, k, e):
        return m / (1 - a**k) / (np.sqrt(v / (1 - b**k)) + e)

    assert check_lazy_adam(run(right_memory, right_step), CASES[:2])
    wrong = {name: run(memory, right_step) for name, memory in MEMORIES.items()}
    wrong |= {name: run(right_memory, step) for name, step in STEPS.items()}
    for name, lazy in wrong.items():
        with pytest.raises(CheckFailed) as failure:
            check_lazy_adam(lazy, CASES[:2])
        assert str(failure.value).endswith(f"All your moves are as if {name}.")
