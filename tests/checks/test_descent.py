"""`check_descent`: right paths pass; start, values and end."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from descent_examples import descents, message, runs, walk
from hypothesis import given, settings

from coursekit.checks import check_descent
from coursekit.descent import gradient_descent
from coursekit.objectives import himmelblau


def descend(f, x0, s, n=20):
    return walk(lambda k, x: x[-1] - s * f.grad(x[-1]), x0, n)


@runs
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_runs_of_the_library_pass(f, x0, s, dtype):
    run = gradient_descent(f, f.grad, np.array(x0, dtype), step_size=s, tol=1e-3, maxiter=300)
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


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (lambda g: np.abs(g).max(), "does the loop end by the largest entry of the gradient?"),
        (lambda g: g @ g, "does the loop end by the square of the norm?"),
        (lambda g: np.abs(g).sum(), "does the loop end by the sum of absolute values?"),
        (lambda g: 0.05 * np.linalg.norm(g), "does the loop end by the length of the step?"),
    ],
)
def test_what_ends_the_loop_instead_of_the_norm(size, words):
    curvatures = np.array([1.0, 1.3])
    x = [np.array([1.0, 0.5])]
    while size(curvatures * x[-1]) > 0.1:
        x.append(x[-1] - 0.05 * curvatures * x[-1])
    said = message(
        x, lambda x: (curvatures * x**2).sum(axis=-1) / 2, lambda x: curvatures * x,
        x0=[1.0, 0.5], step_size=0.05, tol=0.1,
    )  # fmt: skip
    assert words in said


def test_a_rise_of_f_is_no_end_and_no_reason_to_go_back():
    x = [np.array([0.4, -1.2]) * (-1.5) ** k for k in range(6)]
    known = {"x0": x[0], "step_size": 2.5, "tol": 1e-4, "maxiter": 5}
    bowl = (lambda x: (x**2).sum(axis=-1) / 2, lambda x: x)
    assert check_descent(x, *bowl, last=x[-1], **known)
    assert "f has risen in the last update" in message(x[:2], *bowl, **known)
    assert "is smallest there" in message(x, *bowl, last=x[0], **known)


@pytest.mark.parametrize("nonsense", [
    {"x0": [[1.0]]}, {"x0": []}, {"x0": [np.nan]}, {"step_size": 0}, {"step_size": np.inf},
    {"tol": -1}, {"tol": np.nan}, {"maxiter": -1},
])  # fmt: skip
def test_nonsense_from_the_instructor(nonsense):
    (name,) = nonsense
    with pytest.raises(ValueError, match=f"^{name} must"):
        check_descent([[1.0]], np.square, lambda x: x, **{"x0": [1.0], **nonsense})


def test_a_single_wrong_value_belongs_to_no_other_point():
    f = himmelblau
    assert f([1.0, 2.0]) == 68
    said = message([[1.0, 2.0]], f, f.grad, x0=[1, 2], step_size=0.1, values=[34.0])
    assert "values: 1/2 times f at every point" in said
    said = message([[3.0, 2.0]], f, f.grad, x0=[3, 2], step_size=0.1, values=[5.0])
    assert "values: wrong at 1 of 1 point, first at point 0" in said
