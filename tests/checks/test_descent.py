"""`check_descent`: right paths pass, and what is wrong with the others is said."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_descent
from coursekit.descent import backtracking, gradient_descent
from coursekit.objectives import canyon, exponential_sum, himmelblau, quadratic, rosenbrock

# Each with a start and a step size; the gradients there differ much in size and direction.
RUNS = [
    (exponential_sum, [-2.0, 2.0], 0.1),
    (himmelblau, [0.5, -1.0], 0.01),
    (rosenbrock, [-1.0, 1.5], 0.001),
]
runs = pytest.mark.parametrize(("f", "x0", "s"), RUNS, ids=lambda a: getattr(a, "name", None))


def walk(update, x0, n=20):
    """The points x[k + 1] = update(k, points so far), as lists of rows."""
    points = [np.array(x0)]
    for k in range(n):
        points.append(update(k, points))
    return points


def descend(f, x0, s, n=20):
    return walk(lambda k, x: x[-1] - s * f.grad(x[-1]), x0, n)


def message(*args, **options):
    with pytest.raises(CheckFailed) as caught:
        check_descent(*args, **options)
    assert len(re.findall("^Try: .*[.?]$", str(caught.value), re.M)) == 1
    return str(caught.value)


# Paths that are right ------------------------------------------------------------------------


@runs
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_runs_of_the_library_pass(f, x0, s, dtype):
    run = gradient_descent(f, f.grad, np.array(x0, dtype), step=s, tol=1e-3, maxiter=300)
    known = {"step_size": s, "tol": 1e-3, "maxiter": 300}
    assert check_descent(run, f, f.grad, x0=x0, **known) is True
    assert check_descent(run, f, f.grad, x0=x0)
    assert check_descent(list(run.path), f, f.grad, x0=x0, values=run.path_fun, last=run.x)
    stored = run.path.astype(np.float32)  # computed in one precision, recorded in another
    assert check_descent(stored, f, f.grad, x0=x0, step_size=s, values=run.path_fun)


def test_a_run_without_updates_passes():
    f = himmelblau
    assert check_descent([[3.0, 2.0]], f, f.grad, x0=[3, 2], step_size=0.1, tol=1e-9, values=[0.0])
    assert check_descent([[3.0, 2.0]] * 3, f, f.grad, x0=[3, 2])  # the gradient is zero
    assert check_descent([[1.0, 2.0]], f, f.grad, x0=[1, 2], tol=1e-9, maxiter=0)


@st.composite
def descents(draw):
    """A random run on a convex quadratic of condition up to 1e8, in either precision."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, kappa = draw(st.integers(1, 6)), 10 ** draw(st.floats(0, 8))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    scale = 10 ** rng.uniform(-4, 4)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    H = (Q * np.geomspace(1 / kappa, 1, n)) @ Q.T * scale
    H, b = (H + H.T) / 2, rng.normal(size=n) * scale
    x0, s = rng.normal(size=n) * 10 ** rng.uniform(-3, 3), rng.uniform(0.1, 1.9) / scale
    f, tol = quadratic(H, b), scale * 10 ** rng.uniform(-5, 0)

    def grad(x):
        return H.astype(x.dtype) @ x - b.astype(x.dtype)

    run = gradient_descent(f, grad, x0.astype(dtype), step=s, maxiter=30, tol=tol)
    return run, f, grad, x0, s, tol, H, rng


@settings(max_examples=150, deadline=None)
@given(descents())
def test_a_random_run_is_never_rejected(case):
    run, f, grad, x0, s, tol, *_ = case
    known = {"step_size": s, "tol": tol, "maxiter": 30}
    assert check_descent(run, f, grad, x0=x0, **known)
    assert check_descent(run.path, f, grad, x0=x0.astype(run.path.dtype))


@settings(max_examples=150, deadline=None)
@given(descents())
def test_a_point_off_by_ten_times_the_tolerance_is_always_rejected(case):
    run, f, grad, x0, s, _, H, rng = case
    if run.nit == 0:
        return
    path, eps = run.path.copy(), np.finfo(run.path.dtype).eps
    k, i = rng.integers(run.nit), rng.integers(len(x0))
    blur = 16 * eps * np.abs(grad(path[k])[i]) + 4 * eps * np.abs(path).max() * np.abs(H[i]).sum()
    tol = 16 * eps * (np.abs(path[k, i]) + np.abs(path[k + 1, i])) + s * blur
    path[k + 1, i] += 10 * tol
    assert message(path, f, grad, x0=x0, step_size=s)


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


# What is said --------------------------------------------------------------------------------


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


@runs
def test_other_mistakes_in_recording_the_path(f, x0, s):
    x, known = descend(f, x0, s), {"x0": x0, "step_size": s}
    for path, text in [
        (x[1:], "the start is missing: it begins after an update"),
        (x[1:2], "the start is missing"),
        (x[::-1], "it runs backwards"),
        ([row + 1 for row in x], "it does not begin at x0"),
        (x[5:6], "it does not begin at x0"),
        (x[::2], "every second point is missing"),
        ([x[0], *x], "a point is recorded twice, first at 0 and 1"),
        ([x[-1]] * 21, "one and the same array was appended each time"),
        ([x[-1].copy() for _ in x], "one and the same array was appended each time"),
        (np.array([x[0]] * 21), "the point never moves"),
        (np.transpose(x), "path has shape .*\nTry: it looks transposed"),
        (x[0], r"path has shape \(2,\), expected \(points, 2\)"),
        ([], "path has shape"),
        ([x[0], x[1][:1]], "path is list, not rows of 2 real numbers"),
        (f, "path is Objective, not rows"),
        (None, "path is nothing"),
        ([*x[:4], [np.nan, 1]], "not finite from point 4 on"),
    ]:
        assert re.search(text, message(path, f, f.grad, **known)), text
    assert "start is missing" in message(x[1:], f, f.grad, x0=x0)


@pytest.mark.parametrize(("f", "x0", "s"), [
    (himmelblau, [0, 0], 0.2), (canyon, [-6, 5], 0.6), (quadratic(np.diag([3.0, 5])), [9, 9], 0.15),
])  # fmt: skip
def test_an_array_of_integers_is_recognised(f, x0, s):
    path = walk(lambda k, x: np.trunc(x[-1] - s * f.grad(x[-1])).astype(int), x0, 3)
    assert "rounded to integers" in message(path, f, f.grad, x0=x0, step_size=s)


@pytest.mark.parametrize(("f", "x0", "s"), [
    (canyon, [-6.0, 5.0], 0.1), (quadratic(np.diag([3.0, 5])), [9.0, 9.0], 0.1),
    (quadratic([[2.0, 1], [1, 4]], [1.0, 2]), [5.0, -9.0], 0.2),
])  # fmt: skip
def test_the_gradient_of_the_new_point_is_recognised(f, x0, s):
    H = np.asarray(f.hess(x0))
    shift = H @ x0 - f.grad(x0)

    def implicit(k, x):
        return np.linalg.solve(np.eye(2) + s * H, x[-1] + s * shift)

    path = walk(implicit, x0)
    assert "gradient of the new point" in message(path, f, f.grad, x0=x0, step_size=s)


@runs
def test_the_point_returned(f, x0, s):
    x, known = descend(f, x0, s), {"x0": x0, "step_size": s}
    assert check_descent(x, f, f.grad, last=x[-1], **known)
    for path, last, text in [
        (x[:-1], x[-1], "one update further than the path"),
        (x, x[-2], "point 19 of the path, which goes on to point 20"),
        (x, x[-1] + 1, "not the last point of the path"),
    ]:
        assert text in message(path, f, f.grad, last=last, **known)
    assert "last has shape" in message(x, f, f.grad, last=x, **known)
    run = SimpleNamespace(path=x)
    assert "path is SimpleNamespace" in message(run, f, f.grad, **known)


@runs
def test_the_recorded_values(f, x0, s):
    x, known = descend(f, x0, s), {"x0": x0, "step_size": s}
    v = f(np.array(x))
    other = v.copy()
    other[7] *= 1.01
    for values, text in [
        ([v[0], *v[:-1]], "each value belongs to the point before"),
        ([*v[1:], v[-1]], "each value belongs to the next point"),
        (2 * v, "2 times f at every point"),
        (-v, "-1 times f at every point"),
        (v + 3, "off by the same constant from f"),
        (other, "wrong at 1 of 21 points, first at point 7"),
        (v[1:], "20 numbers for 21 points: that of the first point is missing"),
        (v[:-1], "20 numbers for 21 points: that of the last point is missing"),
        (v[:4], "4 numbers for 21 points[.]"),
        (v[:, None], "expected one number a point, got shape"),
        ([[1.0], [1.0, 2.0]], "expected one number a point"),
    ]:
        said = message(x, lambda x: f(x), f.grad, values=values, **known)
        assert re.search(text, said), text
    assert check_descent(x, f, f.grad, values=v.astype(np.float32), **known)
    zero = message(x, lambda x: 0.0, f.grad, values=v, **known)
    assert "values: wrong at 21 of 21" in zero


@runs
def test_where_the_path_ends(f, x0, s):
    x, known = descend(f, x0, s), {"x0": x0, "step_size": s}
    norm = [np.linalg.norm(f.grad(row)) for row in x]
    k = int(np.argmin(norm[1:])) + 1
    x, low, high = x[: k + 1], norm[k], min(norm[:k])
    assert check_descent(x, f, f.grad, tol=(low + high) / 2, maxiter=k, **known)
    for tol, maxiter, text in [
        (low / 2, None, f"stopped too early, after {k} updates"),
        (low / 2, k + 5, f"stopped too early, after {k} of {k + 5} updates"),
        (low / 2, k - 1, f"{k} updates, but at most {k - 1} are allowed"),
        (None, 0, f"{k} updates, but at most 0"),
        (2 * norm[0], None, "it goes on after point 0, where it should have stopped"),
        (2 * norm[0], k, "it goes on after point 0"),
    ]:
        assert text in message(x, f, f.grad, tol=tol, maxiter=maxiter, **known)
    assert check_descent(x, f, f.grad, tol=low / 2, maxiter=k, **known)


def test_a_searched_step_is_no_constant_one():
    for f, x0 in [(himmelblau, [0.5, -1]), (rosenbrock, [-1.0, 1.5]), (canyon, [-6, 5])]:
        rule = backtracking(f, start=1.1, shrink=0.7)
        run = gradient_descent(f, f.grad, x0, step=rule, maxiter=20)
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


@pytest.mark.parametrize("nonsense", [
    {"x0": [[1.0]]}, {"x0": []}, {"x0": [np.nan]}, {"step_size": 0}, {"step_size": np.inf},
    {"tol": -1}, {"tol": np.nan}, {"maxiter": -1},
])  # fmt: skip
def test_nonsense_from_the_instructor(nonsense):
    (name,) = nonsense
    with pytest.raises(ValueError, match=f"^{name} must"):
        check_descent([[1.0]], np.square, lambda x: x, **{"x0": [1.0], **nonsense})
