"""What wrong steps have in common: every diagnosis."""

import re

import numpy as np
import pytest
from descent_examples import descents, message, runs, walk
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_descent
from coursekit.descent import backtracking, gradient_descent
from coursekit.objectives import canyon, himmelblau, quadratic, rosenbrock


@settings(max_examples=60, deadline=None)
@given(descents(), st.floats(0.1, 10))
def test_another_step_size_is_always_noticed_and_named(case, factor):
    run, f, grad, x0, s, *_ = case
    if run.nit == 0 or abs(factor - 1) < 0.05:
        return
    said = message(run.path[:2], f, grad, x0=x0, step_size=s / factor)
    if run.path.dtype == float and np.linalg.norm(s * grad(x0)) > 1e-3 * np.linalg.norm(x0):
        given = re.search("each step is (.*) times the step size", said)[1]
        top, *bottom = given.split("/")
        if not re.search("[^0-9./]", given):  # no multiple of a constant
            assert np.isclose(float(top) / float(*bottom or [1]), factor, rtol=1e-3)


def one_by_one(f, x, s):
    x = x.copy()
    for i in range(len(x)):
        x[i] -= s * f.grad(x)[i]
    return x


UPDATES = {  # message: the update, and whether it can be told without knowing the step size
    "path: the steps go uphill": (
        lambda f, s, k, x: x[-1] + s / 90 * f.grad(x[-1]), "free",
    ),
    "each step is -0.01111 times the step size": (
        lambda f, s, k, x: x[-1] + s / 90 * f.grad(x[-1]), "known",
    ),
    "each step is 1/2 times the step size": (
        lambda f, s, k, x: x[-1] - s / 2 * f.grad(x[-1]), "known",
    ),
    r"each step is π/4 times": (
        lambda f, s, k, x: x[-1] - np.pi / 4 * s * f.grad(x[-1]), "known",
    ),
    "each step uses the gradient of the point before": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-2:][0]), "both",
    ),
    "all steps have the same length": (
        lambda f, s, k, x: x[-1] - 0.01 * f.grad(x[-1]) / np.linalg.norm(f.grad(x[-1])), "both",
    ),
    "updated one after another": (
        lambda f, s, k, x: one_by_one(f, x[-1], s), "both",
    ),
    r"coordinate \[1\] never moves": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * [1, 0], "both",
    ),
    "only one coordinate moves in each update": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * np.roll([1, 0], k), "both",
    ),
    "momentum: 9/10 times the step before": (
        lambda f, s, k, x: x[-1] - s / 4 * f.grad(x[-1]) + 0.9 * (x[-1] - x[-2:][0]), "both",
    ),
    r"the step size changes from update to update, it falls like 1/\(k \+ 1\)": (
        lambda f, s, k, x: x[-1] - s / (k + 1) * f.grad(x[-1]), "both",
    ),
    r"the step size changes from update to update, from \S+ to \S+": (
        lambda f, s, k, x: x[-1] - s * (1.5 + np.cos(k)) / 3 * f.grad(x[-1]), "both",
    ),
    "right at first, but wrong from update 7 on, where they are 1/2 times as long": (
        lambda f, s, k, x: x[-1] - s * (1 if k < 7 else 0.5) * f.grad(x[-1]), "known",
    ),
    "right at first, but wrong from update 11 on[.]": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * np.array([1 if k < 11 else 0.7, 1]), "both",
    ),
    "wrong at 1 of 20 updates, first at update 7": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * np.array([1 if k != 7 else 1.1, 1]), "both",
    ),
    "it stands still from point 5 on": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * (k < 5), "known",
    ),
    "3 points are recorded twice, first at 2 and 3": (
        lambda f, s, k, x: x[-1] - s * f.grad(x[-1]) * (k not in (2, 5, 9)), "both",
    ),
}  # fmt: skip


@runs
@pytest.mark.parametrize("text", UPDATES)
def test_what_is_wrong_with_the_updates_is_said(text, f, x0, s):
    update, told = UPDATES[text]
    path = walk(lambda k, x: update(f, s, k, x), x0)
    if told != "free":
        assert re.search(text, message(path, f, f.grad, x0=x0, step_size=s))
    if told != "known":
        assert re.search(text, message(np.array(path), f, f.grad, x0=x0))


@pytest.mark.parametrize(("n", "factor", "text"), [
    (1, -1, "the steps go uphill"), (2, 0.5, "each step is 1/2 times"), (3, 2, "is 2 times"),
])  # fmt: skip
def test_coordinates_that_need_not_move_say_nothing(n, factor, text):
    f, x0 = quadratic(np.eye(n)), np.eye(n)[0]
    path = walk(lambda k, x: x[-1] - 0.25 * factor * f.grad(x[-1]), x0)
    assert text in message(path, f, f.grad, x0=x0, step_size=0.25)


@pytest.mark.parametrize(("f", "x0", "s"), [
    (himmelblau, [0, 0], 0.2), (canyon, [-6, 5], 0.6), (quadratic(np.diag([3.0, 5])), [9, 9], 0.15),
])  # fmt: skip
def test_an_array_of_integers_is_recognized(f, x0, s):
    path = walk(lambda k, x: np.trunc(x[-1] - s * f.grad(x[-1])).astype(int), x0, 3)
    assert "rounded to integers" in message(path, f, f.grad, x0=x0, step_size=s)


@pytest.mark.parametrize(("f", "x0", "s"), [
    (canyon, [-6.0, 5.0], 0.1), (quadratic(np.diag([3.0, 5])), [9.0, 9.0], 0.1),
    (quadratic([[2.0, 1], [1, 4]], [1.0, 2]), [5.0, -9.0], 0.2),
])  # fmt: skip
def test_the_gradient_of_the_new_point_is_recognized(f, x0, s):
    H = np.asarray(f.hess(x0))
    shift = H @ x0 - f.grad(x0)

    def implicit(k, x):
        return np.linalg.solve(np.eye(2) + s * H, x[-1] + s * shift)

    path = walk(implicit, x0)
    assert "gradient of the new point" in message(path, f, f.grad, x0=x0, step_size=s)


def test_a_searched_step_is_no_constant_one():
    for f, x0 in [(himmelblau, [0.5, -1]), (rosenbrock, [-1.0, 1.5]), (canyon, [-6, 5])]:
        rule = backtracking(f, start=1.1, shrink=0.7)
        run = gradient_descent(f, f.grad, x0, step_size=rule, maxiter=20)
        assert "the step size changes" in message(run, f, f.grad, x0=x0)


def test_a_gradient_that_is_wrong_or_ends_is_no_excuse():
    x = [[4.0], [2.0], [1.0]]
    f = np.square
    with pytest.raises(CheckFailed, match=r"grad returns shape \(\) for x of shape"):
        check_descent(x, f, lambda x: x[0], x0=[4.0])
    with pytest.raises(CheckFailed, match="grad must be a function"):
        check_descent(x, f, None, x0=[4.0])

    def root(x):  # its gradient ends at 0, next to the last point
        return np.sqrt(x) * 0 + np.where(x > 0.999999999, x, np.nan)

    assert check_descent(x, lambda x: x[0], root, x0=[4.0], step_size=0.5)

    def log_slope(x):
        if x[0] > 4:
            raise ValueError("outside")
        return x

    assert check_descent(x, lambda x: x[0], log_slope, x0=[4.0], step_size=0.5)


def momentum(share):
    return lambda k, x: x[-1] - 0.5 * x[-1] + share * (x[-1] - x[-2:][0])


@pytest.mark.parametrize(("share", "n", "words"), [
    (0.5, 3, "right at first, but wrong from update 1 on"),  # or the gradient of the point before
    (0.5, 7, "wrong at 5 of 7 updates, first at update 1"),  # it comes to a stop for a while
    (0.9, 3, "the steps carry momentum: 9/10"),
])  # fmt: skip
def test_what_could_be_one_or_the_other_is_said_without_a_cause(share, n, words):
    bowl = quadratic(np.eye(2))
    path = walk(momentum(share), np.array([3.0, 4.0]), n)
    assert words in message(path, bowl, bowl.grad, x0=[3.0, 4.0], step_size=0.5)


def test_steps_of_the_right_length_in_another_direction():
    bowl = quadratic(np.eye(2))
    path = [[3.0, 4.0], [5.0, 5.5]]
    said = message(path, bowl, bowl.grad, x0=[3.0, 4.0], step_size=0.5)
    assert "moved by 2 in [0], minus step size times gradient is -1.5 there" in said


def test_a_division_by_zero_is_no_divergence():
    bowl = quadratic(np.eye(2))
    path = [[1.0, 0.0], [0.5, 0.0], [0.0, 0.0], [np.nan, np.nan]]
    said = message(path, bowl, bowl.grad, x0=[1.0, 0.0])
    assert "not finite from point 3 on" in said
    assert "look for a division by zero" in said
    said = message([[1.0, 0.0], [-1e9, 0.0], [np.inf, 0.0]], bowl, bowl.grad, x0=[1.0, 0.0])
    assert "take a smaller step size" in said


@pytest.mark.parametrize(("short", "hint"), [
    (1, "how often does the loop run? maxiter counts updates"), (3, "what ends the loop?"),
])  # fmt: skip
def test_one_update_too_few_is_counted(short, hint):
    bowl = quadratic(np.eye(2))
    path = walk(lambda k, x: x[-1] / 2, np.array([3.0, 4.0]), 8 - short)
    said = message(path, bowl, bowl.grad, x0=[3.0, 4.0], step_size=0.5, tol=1e-4, maxiter=8)
    assert f"stopped too early, after {8 - short} of 8 updates" in said
    assert hint in said
