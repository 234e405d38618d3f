"""Every homework of the course, with right and with wrong answers."""

import functools
import importlib.util
import itertools
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from places import BOOK, COURSE
from scipy.optimize import linprog

from coursekit.derivatives import numerical_hessian
from coursekit.homework.source import exams, homeworks
from coursekit.homework.text import points_of, to_notebook

WRONG_ANSWERS = Path(__file__).with_name("wrong_answers")


def test_homeworks_are_found():
    texts = {path.stem for path in COURSE.glob("*.md")}
    assert homeworks(COURSE) == sorted(texts - {"final"})
    assert exams(COURSE) == ["final"]
    assert homeworks(Path(__file__).parent) == exams(Path(__file__).parent) == []


# Every homework ----------------------------------------------------------------------------

HOMEWORKS = [*homeworks(COURSE), *exams(COURSE)]


@functools.cache
def cells_of(homework):
    return to_notebook(COURSE / f"{homework}.md").cells


def code_cells(homework):
    return [cell for cell in cells_of(homework) if cell.cell_type == "code"]


@functools.cache
def wrong_answers(homework):
    """Return the module tests/wrong_answers/HOMEWORK.py.

    Its WRONG is {description: (cell, answer, "tests that lose their points", words)}. The words
    stand in the message of the visible check below the cell; None: that check passes.
    Its RIGHT, if any, is {description: {cell: answer}}: answers unlike ours that are as good. Its
    WRONG_HELPERS, if any, is {description: ({cell: answer}, "tests that lose their points")}.
    Its SLOW, if any, names cells that run for those wrong answers alone whose points, or whose
    visible check, they are.
    """
    path = WRONG_ANSWERS / f"{homework}.py"
    spec = importlib.util.spec_from_file_location(f"wrong_{homework}".replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


compiled = functools.cache(functools.partial(compile, mode="exec"))


def run(homework, answers=None, skip=()):
    """Run a homework with some answers replaced; return what failed, and the points by cell."""
    names, failures, points = {}, {}, {}
    with warnings.catch_warnings():
        if answers:  # whoever gets it wrong may cause warnings, which stop nothing in a notebook
            warnings.simplefilter("ignore")
        for cell in code_cells(homework):
            if cell.id in skip:
                continue
            source = (answers or {}).get(cell.id, cell.source)
            try:
                exec(compiled(source, cell.id), names)
            except Exception as error:
                failures[cell.id] = f"{type(error).__name__}: {error}"
            if points_of(cell):
                points[cell.id] = 0 if cell.id in failures else points_of(cell)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    return failures, points


SLIPS = [
    r"\?\.",  # two marks at the end of a sentence
    r"(?<![.\[(])\.\.(?![.\])])",
    r"[,;:][.,;?]",
    r"[a-z] [.,;?](?= |$)",
    r"(?<![\w.,/^*+-])(?<!\d )1 (?:(?:more|other) )?"
    r"(?!(?:is|was|has|does|times|plus|minus|begins|ends)\b)[a-z]+s\b",
    r"\b(?:[2-9]|\d\d+) (?:more )?(?:update|trial|point|value|case|step|eigenvalue)\b",
    r"[a-z]\^-?1\b",
    r"(?<![\w.,(])-0 [a-z]",
    r"\b(?:a|the) (?:a|the)\b|\b(?!nan|inf|that\b)(\w\w+) \1\b",
    r"\bTry: [^\n]*\nTry: ",
]


def slips(message):
    """Return what is wrong with the wording of a message: marks, plurals, powers, repetition."""
    return [found[0] for slip in SLIPS for found in re.finditer(slip, message)]


@pytest.mark.parametrize(
    ("message", "slip"),
    [
        ("What is the bias, if E is 3?.", "?."), ("f is wrong..", ".."), ("f is wrong,.", ",."),
        ("it makes 1 updates here", "1 updates"), ("1 more trials are made", "1 more trials"),
        ("3 update of 4", "3 update"), ("c^1 times", "c^1"), ("it has -0 correct digits", "-0 c"),
        ("look at the the sign", "the the"), ("is it 1 , or", None),
        ("x[..., 0] is 1, 1/2, 1/4, ...", None), ("1 is the shape of 1 point of 21 points", None),
        ("exponent 1.5e-01 bits, of x^-12", None),
    ],
)  # fmt: skip
def test_slips_are_found(message, slip):
    assert slips(message) == ([slip] if slip else [])


def tried_before(homework, answer):
    """Return the checks and tests above a cell, which no answer in it can change."""
    above = itertools.takewhile(lambda cell: cell.id != answer, code_cells(homework))
    return {cell.id for cell in above if points_of(cell) or cell.id.endswith("-check")}


def stub(source):
    """Return what nbgrader hands out for a solution cell."""
    return re.sub(
        r"### BEGIN.*?### END SOLUTION", "raise NotImplementedError()", source, flags=re.S
    )


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_points_are_those_of_the_text(homework):
    cells = cells_of(homework)
    rows = re.findall(r"^\| (\d+) \| .* \| (\d+) \|$", cells[0].source, re.M)
    part, total = "0", dict.fromkeys([number for number, _ in rows], 0)
    for cell in cells:
        part = [part, *re.findall(r"^## (\d+)\.", cell.source, re.M)][-1]
        if points_of(cell):
            total[part] += points_of(cell)
            if cell.cell_type == "code":
                points = "1 point" if points_of(cell) == 1 else f"{points_of(cell)} points"
                assert cell.source.startswith(f"# {points}: ")
    assert total == {number: int(points) for number, points in rows}
    assert f"**{sum(total.values())} points**" in cells[0].source


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_hidden_tests_are_hidden(homework):
    for cell in code_cells(homework):
        if points_of(cell):
            visible = re.sub(r"### BEGIN HIDDEN.*END HIDDEN TESTS", "", cell.source, flags=re.S)
            assert all(line.startswith("#") for line in visible.strip().splitlines())


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_answers_get_full_marks_and_cause_no_warning(homework):
    failures, points = run(homework)
    assert failures == {}
    assert points == {cell.id: points_of(cell) for cell in code_cells(homework) if points_of(cell)}
    assert any(points_of(cell) for cell in cells_of(homework) if cell.cell_type == "markdown")


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_without_answers_there_is_nothing_but_not_implemented(homework):
    cells = code_cells(homework)
    solutions = {c.id: stub(c.source) for c in cells if c.metadata.nbgrader.solution}
    failures, points = run(homework, solutions)
    assert sum(points.values()) == 0
    checks = {cell.id for cell in cells if cell.id.endswith("-check")}
    assert failures.keys() >= checks | points.keys()
    assert all("NotImplementedError" in failure for failure in failures.values())


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_every_graded_cell_catches_a_wrong_answer(homework):
    wrong = wrong_answers(homework).WRONG
    assert len(wrong) >= 4
    graded = {cell.id for cell in code_cells(homework) if points_of(cell)}
    assert {tests for _, _, lost, _ in wrong.values() for tests in lost.split()} == graded


def test_wrong_answers_belong_to_a_homework():
    assert {path.stem for path in WRONG_ANSWERS.glob("*.py")} == set(HOMEWORKS)


@pytest.mark.parametrize(
    ("homework", "name"),
    [
        (homework, name)
        for homework in HOMEWORKS
        if (WRONG_ANSWERS / f"{homework}.py").exists()
        for name in wrong_answers(homework).WRONG
    ],
)
def test_a_wrong_answer_loses_its_points_and_no_others(homework, name):
    module = wrong_answers(homework)
    cell, answer, lost, says = module.WRONG[name]
    check = f"{cell}-check"
    skip = tried_before(homework, cell) | getattr(module, "SLOW", set())
    failures, points = run(homework, {cell: answer}, skip=skip - {check, *lost.split()})
    assert {name for name, score in points.items() if not score} == set(lost.split())
    if says is None:  # beyond the visible check
        assert check not in failures
    else:
        assert says in failures[check]
    assert [slip for said in failures.values() for slip in slips(said)] == []
    for tests in lost.split():  # a sentence of ours, or what the answer itself raised
        ours = re.match("AssertionError|CheckFailed(?!.* raises )", failures[tests])
        assert not ours or failures[tests].endswith((".", "?")), failures[tests]


@pytest.mark.parametrize(
    ("homework", "name"),
    [(hw, name) for hw in HOMEWORKS for name in getattr(wrong_answers(hw), "RIGHT", {})],
)
def test_a_right_answer_passes_every_check_and_gets_all_points(homework, name):
    module = wrong_answers(homework)
    answers = module.RIGHT[name]
    assert answers.keys() <= {cell.id for cell in code_cells(homework)}
    failures, points = run(homework, answers, skip=getattr(module, "SLOW", set()) - {*answers})
    assert failures == {}
    assert all(points.values())


@pytest.mark.parametrize(
    ("homework", "name"),
    [(hw, name) for hw in HOMEWORKS for name in getattr(wrong_answers(hw), "WRONG_HELPERS", {})],
)
def test_a_wrong_helper_costs_the_points_of_its_own_part(homework, name):
    module = wrong_answers(homework)
    answers, lost = module.WRONG_HELPERS[name]
    _, points = run(homework, answers, skip=getattr(module, "SLOW", set()))
    assert {name for name, score in points.items() if not score} == set(lost.split())


# What the guides quote ----------------------------------------------------------------------


def words_of(text):
    return set(re.findall(r"[a-z]{4,}", text))


@functools.cache
def said_to(homework, name):
    """Return what the visible check says to a wrong answer."""
    cell, answer, *_ = wrong_answers(homework).WRONG[name]
    others = {cell.id for cell in code_cells(homework) if points_of(cell)}
    others |= {cell.id for cell in code_cells(homework) if cell.id.endswith("-check")}
    failures, _ = run(homework, {cell: answer}, skip=others - {f"{cell}-check"})
    return " ".join(failures[f"{cell}-check"].split())


def messages_near(quote):
    """Return what visible checks say to the wrong answers whose words stand in a quote.

    First to those that share most words with it.
    """
    found = [
        (len(words_of(says) & words_of(quote)), homework, name)
        for homework in HOMEWORKS
        for name, (_, _, _, says) in wrong_answers(homework).WRONG.items()
        if says
    ]
    return (said_to(*where) for shared, *where in sorted(found, reverse=True) if shared)


def quotes():
    plan = (BOOK / "instructors.md").read_text("utf-8").split("\n## ")[2]
    lines = re.findall(r"^- \*\*Check.*?(?=\n\n|\Z)", plan, re.M | re.S)
    said = [quote for line in lines for quote in re.findall(r"`([^`]+ [^`]+)`", line)]
    said += re.findall(r"```text\n(.*?)```", (BOOK / "students.md").read_text("utf-8"), re.S)
    return [" ".join(quote.split()) for quote in said]


@pytest.mark.parametrize("quote", quotes())
def test_the_guides_quote_what_checks_say(quote):
    assert any(quote in message for message in messages_near(quote))


def test_there_are_quotes():
    assert len(quotes()) > 20


# The numbers in a text ---------------------------------------------------------------------


def test_first_update_of_gradient_descent_is_the_closed_form():
    gradient = np.exp(-2) * (np.array([1, 0]) - 2 * -1 * np.array([-1, 1]))
    assert np.allclose(np.array([-1, 1]) - 0.25 * gradient, [-0.96616618, 0.93233236], atol=1e-8)


def test_answer_in_words_on_floating_point_numbers():
    names = {}
    for name in ("setup", "descend"):
        exec(next(c.source for c in code_cells("floating-point") if c.id == name), names)
    descend, half = names["descend"], np.float16
    for dtype in (np.float64, np.float32):
        updates, w = descend(dtype)
        assert updates == 757
        assert abs(w - 2.9990) < 5e-5
    assert descend(half) == (2000, 2.90234375)
    assert descend(half, maxiter=287)[1] < 2.90234375 == descend(half, maxiter=288)[1]
    assert np.spacing(half(2.90234375)) == 2.0**-9
    assert half(0.01) * (half(2.90234375) - half(3)) == -(2.0**-10)
    assert descend(half, step_size=0.1) == (2000, 2.9921875)
    assert descend(half, tol=0.1)[0] == 287
    w, updates = np.float32(1), 0
    while abs(half(w) - half(3)) > 1e-3:
        w, updates = w - np.float32(0.01) * np.float32(half(w) - half(3)), updates + 1
    assert 700 < updates < 800
    assert abs(w - 3) < 1e-3


def test_answer_in_words_on_convexity():
    names = {}
    for name in ("setup", "witness", "search"):
        exec(next(c.source for c in code_cells("convexity") if c.id == name), names)
    search, f, center = names["search"], names["second"], names["CENTER"]
    assert all(search(g, seed=seed) < 0 for g in (names["first"], f) for seed in range(20))
    hessian = numerical_hessian(f, center)
    assert np.allclose(hessian, names["HESSIAN"], atol=1e-4)
    y, z = names["witness"](f, names["HESSIAN"], center)
    assert sorted([y[0], z[0]]) == [0.384375, 0.415625]
    assert y[1] == z[1] == -0.3
    assert np.allclose([(f(y) + f(z)) / 2, f(center)], [0.251129, 0.2512], atol=5e-7)
    assert np.isclose(f(center) - (f(y) + f(z)) / 2, 7e-5, atol=5e-6)


def test_answer_in_words_on_taylor_models():
    from coursekit.models.taylor import quadratic_model
    from coursekit.objectives import hill_and_well as f

    x0, minimum = np.array([-0.5, 0.5]), f.minimizers[0]
    assert np.allclose(np.linalg.eigvalsh(f.hess(x0)), [0.232, 1.588], atol=5e-4)
    point = x0 - np.linalg.solve(f.hess(x0), f.grad(x0))
    assert np.allclose(point, -1)
    distances = np.linalg.norm([point - minimum, x0 - minimum, point - x0], axis=1)
    assert np.allclose(distances, [1.042, 0.541, 1.58], atol=2e-3)
    assert np.allclose([f(point), f(x0)], [-0.135, -0.303], atol=5e-4)

    x0 = np.array([-1.0, 0.0])
    x = x0 + np.outer([0.1, 0.01, 0.001], [0, 1])
    errors = np.abs(quadratic_model(f, f.grad, f.hess, x0)(x) - f(x))
    assert np.allclose(errors, [1.8e-5, 1.8e-9, 1.8e-13], rtol=0.03, atol=0)
    assert np.allclose(errors[:2], np.exp(-1) * np.array([0.1, 0.01]) ** 4 / 2, rtol=0.01, atol=0)


def test_answer_in_words_on_softmax():
    lost = np.exp(np.float32([-103.9, -104]))
    assert lost[0] > 0
    assert lost[1] == 0
    assert np.exp(-745.1) > 0
    assert np.exp(-745.2) == 0
    assert np.allclose(-np.log(np.float32(1e-12)), 27.6, atol=0.05)


def answers_of(homework):
    """Return what the given cells and the model answers of a homework define."""
    names = {}
    for cell in code_cells(homework):
        if not points_of(cell) and not cell.id.endswith("-check"):
            exec(compile(cell.source, cell.id, "exec"), names)
    return names


def test_answer_in_words_on_gradients():
    names = answers_of("gradients")
    gradient, slopes = names["grad_total_distance"], names["steepest_slope"]
    towns = np.array([[1.0, 2.0], [4.0, 6.0], [-5.0, 10.0], [6.0, 0.0], [0.0, -5.0]])
    equal, other = np.ones(5), np.array([1.0, 2.0, 1.0, 1.0, 1.0])
    found = slopes(towns, towns, equal)
    assert np.allclose(found[0], 0.178, atol=5e-4)
    assert max(found[1:]) < 0
    assert np.allclose(max(slopes(towns, towns, other)), -0.733, atol=5e-4)
    assert np.allclose(np.linalg.norm(gradient(towns[0], towns, equal)), 0.822, atol=5e-4)

    def descend(weights, step_size):
        path = [np.array([2.0, 1.0])]
        while np.linalg.norm(g := gradient(path[-1], towns, weights)) > 1e-4 and len(path) < 3001:
            path.append(path[-1] - step_size * g)
        return np.array(path)

    for step_size, near in [(0.1, 0.2), (0.01, 0.02)]:
        path = descend(equal, step_size)
        lengths = np.linalg.norm(gradient(path, towns, equal), axis=1)
        assert len(path) == 3001
        assert np.linalg.norm(path[-200:] - towns[0], axis=1).max() < near
        assert 0.177 < lengths[-200:].min() < lengths[-200:].max() < 1.84
    path = descend(other, 0.1)
    assert 250 < len(path) < 270
    assert np.allclose(path[-1], [2.483, 3.482], atol=1e-3)
    f, ahead = names["total_distance"], 1e-5 * np.eye(2)
    right, left = f(towns[0] + ahead, towns, equal), f(towns[0] - ahead, towns, equal)
    centred = (right - left) / 2e-5
    assert np.allclose(centred, gradient(towns[0], towns, equal), rtol=0, atol=1e-9)
    here = f(towns[0], towns, equal)
    assert np.allclose((right - here) / 1e-5 - (here - left) / 1e-5, 2, atol=1e-4)


def test_answer_in_words_on_newton():
    from coursekit.objectives import himmelblau as f

    run = answers_of("newton")["damped_newton"]

    def plain(x):
        for _ in range(50):
            x = x - np.linalg.solve(f.hess(x), f.grad(x))
        return x, np.linalg.eigvalsh(f.hess(x))

    for start, end, values, damped in [
        ([0.0, 0.0], [-0.271, -0.923], [-45.6, -16.1], [3.584, -1.848]),
        ([-3.0, -1.0], [-3.073, -0.081], [-39.7, 72.4], [-3.779, -3.283]),
        ([1.0, 1.0], [-3.779, -3.283], [70.7, 133.8], [3.0, 2.0]),
    ]:
        x, eigenvalues = plain(np.array(start))
        assert np.allclose(x, end, atol=6e-4)
        assert np.allclose(eigenvalues, values, atol=0.06)
        path, _ = run(np.array(start), f, f.grad, f.hess)
        assert np.allclose(path[-1], damped, atol=6e-4)
    assert np.allclose(
        np.linalg.norm([[3, 2], [3.584428, -1.848127]], axis=1), [3.61, 4.03], atol=6e-3
    )
    assert np.linalg.norm(f.minimizers, axis=1).argmin() == 0


def test_answer_in_words_on_linear_programs():
    names, T = answers_of("linear-programming"), 6
    prices, start = np.array([20.0, 12, 16, 30, 26, 34]), 1.0
    program = names["battery_program"](prices, 0.8, 3.0, 5.0, start, 2.0)
    best = linprog(**program)
    assert np.allclose(best.x.reshape(3, T)[0], [0, 3, 2, 0, 0, 0])
    assert np.allclose(best.x.reshape(3, T)[1], [0, 0, 0, 1, 0, 3])
    assert np.allclose(best.x[2 * T + 2], 5)
    assert np.isclose(best.fun, -56)
    worth = -best.eqlin.marginals
    assert np.allclose(worth, [20, 20, 20, 28, 28, 28])
    for more in (0.1, -0.1):  # on both sides: the worth is unique
        for t in range(T):
            other = {**program, "b_eq": program["b_eq"] + more * (np.arange(T) == t)}
            assert np.isclose(best.fun - linprog(**other).fun, more * worth[t])
    assert (np.flatnonzero(prices < 0.8 * worth - 1e-9) == [1]).all()
    assert (np.flatnonzero(prices - 2 > worth + 1e-9) == [5]).all()
    is_tie = np.isclose(prices, 0.8 * worth) | np.isclose(prices - 2, worth)
    assert (np.flatnonzero(is_tie) == [2, 3]).all()


def test_answer_in_words_on_momentum():
    names = answers_of("momentum")
    f, slope, run = names["bent"], names["bent_slope"], names["restarted_ball"]
    x = np.linspace(-2.1, 4, 25)[:, None]  # beside the kinks of the slope
    assert np.allclose((f(x + 1e-5) - f(x - 1e-5)) / 2e-5, slope(x)[:, 0], rtol=1e-6)
    s, beta = 4 / 49, 25 / 49
    ball = [np.array([3.0]), np.array([3.0])]
    for _ in range(3000):
        ball.append(ball[-1] + beta * (ball[-1] - ball[-2]) - s * slope(ball[-1]))
    late = np.sort(np.ravel(ball[-3:]))
    assert np.allclose(late, np.sort(np.ravel(ball[298:301])), atol=1e-3)
    assert np.allclose(late, [-1.793, 0.416, 2.349], atol=5e-4)
    cycle = late[[0, 2, 1]]
    assert np.allclose(f(cycle[:, None]), [57.9, 69.6, 3.1], atol=0.05)
    products = slope(cycle) / cycle
    assert np.allclose(products, [36, 21.1, 36], atol=0.01)
    assert np.allclose(slope(cycle[1]), 49.57, atol=0.01)
    factors = [np.array([[1 + beta - c * s, -beta], [1, 0]]) for c in products]
    radii = np.abs(np.linalg.eigvals([*factors, factors[2] @ factors[1] @ factors[0]])).max(axis=1)
    assert np.allclose(radii, [5 / 7, 5 / 7, 5 / 7, 1], atol=1e-6)

    x, updates = np.array([3.0]), 0
    while abs(x[0]) > 1e-6:
        x, updates = x - 2 / 37 * slope(x), updates + 1
    assert 240 < updates < 260

    def values(step_size):
        path, _ = run(np.array([3.0]), f, slope, step_size, beta, 1e-8, 1000)
        return f(np.array(path))

    high, low = values(s), values(0.05)
    assert np.allclose(high[:2], [109.5, 157.6], atol=0.05)
    assert {0, 3, 4} <= {*np.flatnonzero(np.diff(high) > 0)}
    assert len(low) == 36
    assert (np.diff(low) < 0).all()


def test_answer_in_words_on_lagrange_multipliers():
    names = answers_of("lagrange")
    fit, (G, y, A, b) = names["constrained_fit"], (names[key] for key in "GyAb")

    def value(x):
        return ((G @ x - y) ** 2).sum()

    x, lam = fit(G, y, A, b)
    _, M = names["sensitivities"](2 * G.T @ G, A)
    assert np.allclose([value(x), *lam], [565.65, -7.10, -134.49], atol=5e-3)
    for sign, predicted in [(-1, [498.41, 501.14]), (1, [632.90, 635.63])]:
        delta = np.array([0, sign * 0.5])
        second = names["predict"](value(x), lam, M, delta)
        assert np.allclose([value(x) - lam @ delta, second], predicted, atol=5e-3)
        assert np.isclose(value(fit(G, y, A, b + delta)[0]), second, rtol=1e-10)
    scale = np.array([1, 10])
    other, tenths = fit(G, y, scale[:, None] * A, scale * b)
    assert np.allclose(other, x)
    assert np.allclose(tenths, [-7.10, -13.45], atol=5e-3)
    A, b = np.vstack([A, A[0] + A[1]]), np.append(b, b[0] + b[1])
    K = np.block([[2 * G.T @ G, A.T], [A, np.zeros((3, 3))]])
    assert np.linalg.matrix_rank(K) == 6 < len(K)
    for s in (0, 640):
        z = np.concatenate([x, lam + s, [-s]])
        assert np.allclose(K @ z, [*(2 * G.T @ y), *b], rtol=1e-9)


def test_answer_in_words_on_kaczmarz():
    names, norm, found = answers_of("kaczmarz"), np.linalg.norm, {}
    for width in (0, 1, 3):
        A, low, high, C, d, truth = names["scan"](width)
        orders = names["draw_rows"](A, np.random.default_rng(1).random((60, len(A))))
        path, best = names["reconstruct"](np.zeros(256), A, low, high, orders, C, d, 1.0, 60)
        assert len(path) == 61
        error = norm(path - truth, axis=1) / norm(truth)
        misfit, residual = norm(path @ C.T - d, axis=1), norm(path @ A.T - (low + high) / 2, axis=1)
        inside = (low - 1e-9 <= path @ A.T) & (path @ A.T <= high + 1e-9)
        found[width] = error, misfit, best, inside.all(axis=1)
        if width == 0:
            assert (error.argmin(), best) == (7, 15)
            assert np.allclose(error[[7, 15, 60]], [0.222, 0.240, 0.336], atol=6e-4)
            assert np.allclose(residual[[1, 8]], [1.03, 0.37], atol=6e-3)
            assert 0.295 < residual[8:].min() < residual[8:].max() < 0.395
            assert np.allclose(norm(A @ truth - low), 0.427, atol=6e-4)
            assert np.allclose([misfit[15], norm(d - C @ truth)], [0.323, 0.2125], atol=6e-4)
            parts = norm([norm(C @ (path[15] - truth)), norm(d - C @ truth)])
            assert np.allclose(parts, misfit[15], rtol=0.15)
    error, misfit, best, _ = found[1]
    assert np.allclose([error.min(), error[60]], [0.209, 0.214], atol=6e-4)
    assert np.allclose([misfit[best], found[3][1][-1]], [0.388, 0.595], atol=6e-4)
    error, _, _, satisfied = found[3]
    assert satisfied[30:].all()
    assert np.allclose(error[30:], 0.328, atol=6e-4)
    assert np.allclose(found[0][0][50], 0.325, atol=6e-4)
    A, low, high, _, _, truth = names["scan"](3)
    assert np.isclose(((low <= A @ truth) & (A @ truth <= high)).mean(), 0.997, atol=6e-4)


def test_answer_in_words_on_generalisation():
    names = answers_of("generalisation")
    lams, ridge_predict, losses_of = (names[k] for k in ("LAMS", "ridge_predict", "losses_of"))
    times, X, y = names["year"](3)
    whole = np.full((1, 160), True)
    shuffled, block, apart = (
        names["shuffled"](160, 8),
        *(names["blocks"](times, 8, g) for g in (0, 8)),
    )
    tables = [losses_of(X, y, *folds) for folds in ((whole, whole), shuffled, block, apart)]
    assert [names["choose"](lams, table) for table in tables[1:]] == [1e-3, 1, 1]
    years = [names["year"](seed)[1:] for seed in range(100, 120)]
    new = [[np.mean((b - ridge_predict(X, y, lam, A)) ** 2) for lam in lams] for A, b in years]
    learn, shuffle, block, apart, other = (np.mean(table, axis=0) for table in [*tables, new])
    assert np.allclose(
        [learn[0], learn[-1], shuffle[0], other[0]], [0.21, 2.34, 0.28, 11.3], rtol=0.03
    )
    assert np.allclose([shuffle[1], other[1]], [0.28, 10.7], rtol=0.03)
    assert np.allclose([block[0], apart[0]], [3.33, 5.83], rtol=3e-3)
    assert apart.argmin() == 6
    assert other.argmin() == 5
    assert np.allclose(
        [shuffle[6], apart[6], other[6], other[5]], [1.01, 2.62, 3.05, 2.65], atol=6e-3
    )
    assert shuffle[6] < apart[6] < other[6]
    assert names["blocks"](times, 8, 8)[0].sum(axis=1).mean() == 126
    found = {
        "a": (1.16, 0, 10), "b": (1.21, 0, 0), "c": (0.79, 10, 10), "d": (0.90, 10, 10),
    }  # fmt: skip
    for name, (loss, *numbers) in found.items():
        protocol = names[f"protocol_{name}"]
        assert np.isclose(names["relative_loss"](protocol), loss, atol=6e-3)
        assert [*names["leaks_of"](protocol)] == numbers


def test_answer_in_words_on_stochastic_gradient_descent():
    names = answers_of("stochastic")
    last_points, rms, lengths = names["last_points"], names["rms"], names["LENGTHS"]
    A, y, best = names["FEATURES"], names["TARGETS"], names["BEST"]
    each = (A @ best - y)[:, None] * A
    assert np.allclose(each.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(np.linalg.norm(each, axis=1), lengths)
    variance = (lengths**2).mean()
    assert np.allclose(variance, 2.83, atol=6e-3)
    assert np.allclose(0.2 * np.sqrt(variance / 4), 0.17, atol=5e-3)
    assert np.allclose(np.linalg.eigvalsh(A.T @ A / 60), [0.65, 1.0], atol=5e-3)
    found = [rms(last_points(0.2, 4, steps)) for steps in (1, 10, 100, 1000, 4000)]
    assert np.allclose(found, [0.18, 0.31, 0.34, 0.35, 0.33], atol=6e-3)
    smaller = [rms(last_points(0.05, 4, 1000)), rms(last_points(0.2, 16, 1000))]
    assert np.allclose(smaller, 0.16, atol=5e-3)
    assert np.allclose(rms(last_points(0.2, 4, 1000, names["LOUD"])), 0.20, atol=6e-3)
    assert np.allclose((lengths**2 / (60**2 * names["LOUD"])).sum(), 1.16, atol=6e-3)
    w, losses, _ = names["train"](0.2, 8, 60, 0)
    found = [losses[-1], names["full_loss"](w), losses[0]]
    assert np.allclose(found, [0.787, 0.750, 1.83], atol=[6e-4, 6e-4, 6e-3])


def test_answer_in_words_on_networks():
    names = answers_of("networks")
    walk, strip, shapes = names["breakpoints"], names["strip"], names["SHAPES"]
    start, end = names["START"], names["END"]
    for k in range(1, 9):
        layers = strip(k)
        t = walk(layers, np.array([0.0]), np.array([1.0]))
        assert np.allclose(t, np.arange(1, 2**k) / 2**k, rtol=0, atol=1e-12)
        neurons = sum(len(b) for _, b in layers[:-1])
        assert neurons == 3 * k
        assert (2**k > neurons + 1) == (k >= 4)
    assert [sum(widths[1:-1]) for widths in shapes] == [48, 48, 48]
    pieces = [
        [len(walk(names["random_network"](widths, seed), start, end)) + 1 for seed in range(20)]
        for widths in shapes
    ]
    assert np.allclose(np.mean(pieces, axis=1), [44.6, 44.3, 43.6], atol=0.051)
    assert np.max(pieces, axis=1).tolist() == [47, 52, 58]
    identity = [(np.array([[1.0], [-1.0]]), np.zeros(2)), (np.array([[1.0, -1.0]]), np.zeros(1))]
    assert np.allclose(walk(identity, np.array([-1.0]), np.array([1.0])), [0.5])


def test_answer_in_words_on_backpropagation():
    names = answers_of("backpropagation")
    trace, tables = names["trace_gradient"], {}
    for name in ("north", "east", "south"):
        g, weights, slopes = names["network"](name)
        tables[name] = *map(np.array, trace(g, weights, slopes)), slopes
    sizes, _, _, slopes = tables["north"]
    assert np.allclose(sizes[4], [0.26, 8e-11], rtol=0.03, atol=0)
    assert (np.delete(sizes[:, 1] / sizes[:, 0], 4) > 0.6).all()
    assert np.allclose(sizes[:-1, 0] / sizes[1:, 1], 1, atol=0.3)
    assert np.isclose(np.median(slopes[4]), 4 * np.exp(-24), rtol=0.3, atol=0)
    sizes, *_ = tables["east"]
    assert (sizes[:, 1] > 0.85 * sizes[:, 0]).all()
    assert np.allclose(sizes[:-1, 0] / sizes[1:, 1], 1 / 3, atol=0.07)
    assert np.isclose(sizes[0, 0], 9e-6, rtol=0.05, atol=0)
    sizes, off, starved, slopes = tables["south"]
    assert np.allclose(sizes[6], [1, 0], atol=0.05)
    assert not sizes[:6].any()
    assert (off[6], sum(off[:6]), sum(starved[:6])) == (32, 10, 6 * 32 - 10)
    assert 13 <= min(off[7:]) <= max(off[7:]) <= 20
    assert all(np.ptp(slope, axis=0).max() == 0 for slope in slopes[7:])

    source = next(c.source for c in code_cells("backpropagation") if c.id == "networks")
    shortcut = source.replace("v, slope = (", "new, slope = (")
    shortcut = shortcut.replace("weights.append", "v = v + new\n        weights.append")
    exec(shortcut, names)
    for name, dead in [("north", 5), ("east", None), ("south", 7)]:
        g, weights, slopes = names["network"](name)
        deltas = {}
        for k in range(12, 0, -1):
            delta = slopes[k - 1] * g
            deltas[k] = np.sqrt(np.mean(delta**2))
            g = g + delta @ weights[k - 1]
        assert np.sqrt(np.mean(g**2)) > 1
        assert min(size for k, size in deltas.items() if k != dead) > 0.4
        assert name != "north" or 0 < deltas[dead] < 1e-6 * deltas[4]
        assert name != "south" or deltas[dead] == 0
