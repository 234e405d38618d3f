from ast import literal_eval

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import (
    CheckFailed,
    check_against,
    check_numerical_jacobian,
    check_shapes,
)
from coursekit.numbers.softmax import log_softmax, logsumexp, softmax

MATRIX = np.array([[1.0, 2.0], [3.0, 4.0]])


def f(x):
    """Function A of the course."""
    x1, x2 = x[..., 0], x[..., 1]
    return 0.06 * np.exp(2 * x1 + x2) + 0.05 * np.exp(x1 - 2 * x2) + np.exp(-x1)


def grad_f(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    return np.stack([2 * a + b - c, a - 2 * b], axis=-1)


def hessian_f(x):
    x1, x2 = x[..., 0], x[..., 1]
    a, b, c = 0.06 * np.exp(2 * x1 + x2), 0.05 * np.exp(x1 - 2 * x2), np.exp(-x1)
    rows = [[4 * a + b + c, 2 * a - 2 * b], [2 * a - 2 * b, a + 4 * b]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def g(x):
    """Function B of the course."""
    return x[..., 0] * np.exp(-(x**2).sum(axis=-1))


def grad_g(x):
    return np.exp(-(x**2).sum(axis=-1))[..., None] * (np.array([1, 0]) - 2 * x[..., :1] * x)


def cubic(x):
    return (np.abs(x) ** 3).sum(axis=-1)


def rotation(x):
    return x @ MATRIX.T


def jac_rotation(x):
    return np.broadcast_to(MATRIX, (*x.shape, 2)).copy()


def twist(x):
    return np.stack([x[..., 0] ** 2 * x[..., 1], np.sin(x[..., 0])], axis=-1)


def jac_twist(x):
    x1, x2 = x[..., 0], x[..., 1]
    rows = [[2 * x1 * x2, x1**2], [np.cos(x1), 0 * x1]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


CORRECT = {
    "A": (f, grad_f, 2),
    "gradient of A": (grad_f, hessian_f, 2),
    "B": (g, grad_g, 2),
    "linear": (rotation, jac_rotation, 2),
    "twist": (twist, jac_twist, 2),
    "cubic": (cubic, lambda x: 3 * x * np.abs(x), 3),
    "relu": (lambda x: np.maximum(x, 0).sum(axis=-1), lambda x: (x > 0).astype(int), 4),
    "one coordinate": (lambda x: np.sin(5 * x[..., 0]) + 1, lambda x: 5 * np.cos(5 * x), 1),
    "constant": (lambda x: 3.0 + 0 * x[..., 0], np.zeros_like, 2),
    "sum of squared sine and cosine": (
        lambda x: np.sin(x[..., 0]) ** 2 + np.cos(x[..., 0]) ** 2,
        np.zeros_like,
        2,
    ),
    "cancellation": (lambda x: (1e8 + x.sum(axis=-1)) - 1e8, np.ones_like, 2),
    "matrix output": (
        lambda x: x[..., :, None] * x[..., None, :],
        lambda x: (
            np.einsum("ik,...j->...ijk", np.eye(3), x) + np.einsum("jk,...i->...ijk", np.eye(3), x)
        ),
        3,
    ),
}


def diagnosis(*args, **kwargs):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(*args, **kwargs)
    return str(failure.value)


@pytest.mark.parametrize("name", CORRECT)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_correct_derivatives_pass(name, scale):
    func, jac, n = CORRECT[name]
    for seed in range(3):  # 32 points each
        assert (
            check_numerical_jacobian(
                lambda x: scale * func(x), lambda x: scale * jac(x), nD=n, seed=seed
            )
            is True
        )


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 6), st.floats(-8, 8))
def test_random_networks_pass(seed, n, power):
    rng = np.random.default_rng(seed)
    weights, out = rng.normal(size=(3, n)), rng.normal(size=(2, 3)) * 10.0**power

    def jac(x):
        return out @ ((1 / np.cosh(x @ weights.T) ** 2)[..., None] * weights)

    assert check_numerical_jacobian(lambda x: np.tanh(x @ weights.T) @ out.T, jac, n, seed=seed)


def test_the_box_of_the_course_at_1024_points():
    for seed in range(16):
        for func, jac in ((f, grad_f), (grad_f, hessian_f)):
            assert check_numerical_jacobian(func, jac, domain=(-3, 3), seed=seed)


@pytest.mark.parametrize("relative", [1e-7, 1e-5, 1e-3])
@pytest.mark.parametrize("name", ["A", "gradient of A", "B", "twist", "one coordinate"])
def test_small_mistakes_are_seen(name, relative):
    func, jac, n = CORRECT[name]
    diagnosis(func, lambda x: jac(x) * (1 + relative), n)


def test_a_domain_limits_points_and_steps():
    seen = []

    def log(x):
        seen.append(x.reshape(-1, 2))
        return np.log(x).sum(axis=-1) + np.log(np.array([1e-6, 2]) - x).sum(axis=-1)

    def grad(x):
        return 1 / x - 1 / (np.array([1e-6, 2]) - x)

    assert check_numerical_jacobian(log, grad, domain=(0, [1e-6, 2]))
    points = np.concatenate(seen)
    assert (points > 0).all()
    assert (points < [1e-6, 2]).all()


def test_points_have_both_signs_several_scales_and_never_a_zero():
    seen = []

    def record(x):
        seen.append(x)
        return 2 * x

    check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), record, nD=3)
    points = np.unique([x for x in seen if x.ndim == 1], axis=0)
    assert len(points) == 32
    assert ((points > 0).sum(axis=0) == 16).all()
    assert ((points < 0).sum(axis=0) == 16).all()
    assert np.abs(points).max() > 2
    assert np.abs(points).max(axis=1).min() < 0.03
    assert {(5, 3), (4, 6, 3)} <= {x.shape for x in seen}


def test_the_same_call_gives_the_same_message():
    def wrong(x):
        return grad_g(x) + 0.1

    assert diagnosis(g, wrong) == diagnosis(g, wrong)
    assert diagnosis(g, wrong, seed=1) != diagnosis(g, wrong)


# Planted mistakes, each with its own diagnosis -------------------------------------------

SMOOTH = pytest.mark.parametrize(
    ("func", "jac"), [(f, grad_f), (grad_f, hessian_f), (g, grad_g), (twist, jac_twist)]
)


@SMOOTH
@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (-1, "jac_f: opposite sign."),
        (0, "jac_f: zero at every point."),
        (2, "jac_f: 2 times the derivative at every point."),
        (0.5, "jac_f: 1/2 times the derivative at every point."),
        (-2 / 3, "jac_f: -2/3 times the derivative at every point."),
        (np.pi, "jac_f: π times the derivative at every point."),
    ],
)
def test_constant_factor(func, jac, factor, words):
    message = diagnosis(func, lambda x: factor * jac(x))
    assert message.startswith(words + "\n  at x = [")
    assert "\n  yours  " in message
    assert "\n  finite difference " in message
    assert "±" in message
    assert "\nTry: " in message


@pytest.mark.parametrize(("func", "jac"), [(rotation, jac_rotation), (twist, jac_twist)])
def test_transposed(func, jac):
    message = diagnosis(func, lambda x: np.swapaxes(jac(x), -1, -2))
    assert message.startswith("jac_f: transposed.")


def test_transposed_when_the_shape_tells():
    message = diagnosis(lambda x: x[..., :2] ** 2, lambda x: np.zeros((*x.shape, 2)), nD=3)
    assert "returns shape (3, 2) for x of shape (3,), expected (2, 3)" in message
    assert "because f(x) has shape (2,)" in message
    assert "transposed" in message


@pytest.mark.parametrize(("func", "jac"), [(f, grad_f), (g, grad_g)])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([1, -1], "component [1] (the others agree): opposite sign"),
        ([0, 1], "component [0] (the others agree): zero at every point"),
        ([3, 1], "component [0] (the others agree): 3 times the derivative"),
    ],
)
def test_one_wrong_component(func, jac, change, words):
    assert words in diagnosis(func, lambda x: jac(x) * np.array(change))


def test_one_wrong_component_with_no_simple_cause():
    message = diagnosis(f, lambda x: grad_f(x) + np.stack([0 * x[..., 0], x[..., 0] - 7], axis=-1))
    assert message.startswith("jac_f, component [1] (the others agree): wrong at 32 of 32 points")


def test_several_wrong_components_are_listed():
    message = diagnosis(grad_f, lambda x: hessian_f(x) * np.array([[1, 2], [2, 1]]))
    assert message.startswith("jac_f, components [0, 1], [1, 0] (the others agree): 2 times the")
    message = diagnosis(lambda x: x**2, lambda x: np.eye(3) * 2 * x[..., None] + np.eye(3) - 1, 3)
    assert "components [0, 1], [0, 2], [1, 0], [1, 2], …" in message


def test_components_wrong_each_in_its_own_way():
    message = diagnosis(f, lambda x: grad_f(x) * np.array([-1, 2]))
    assert message.startswith("jac_f, component [0]: opposite sign")


def test_gradient_with_an_absolute_value_is_right_in_one_half_only():
    def grad(x):
        decay = np.exp(-(x**2).sum(axis=-1))[..., None]
        return decay * (np.array([1, 0]) - 2 * np.abs(x[..., :1]) * x)

    assert diagnosis(g, grad).startswith("grad: right only where x[0] > 0.\n")
    assert check_numerical_jacobian(g, grad, domain=(0, 1))  # the source looked only here


def test_right_on_one_side_of_each_coordinate():
    relu = CORRECT["relu"][0]
    message = diagnosis(relu, np.ones_like)
    assert message.startswith("ones_like, component [0]: right only where x[0] > 0.\n")
    message = diagnosis(cubic, lambda x: -3 * x**2)
    assert message.startswith("jac_f, component [0]: right only where x[0] < 0.\n")


def test_right_only_near_the_origin():
    def clipped(x):
        return 2 * x * np.minimum(1, 0.2 / np.linalg.norm(x, axis=-1, keepdims=True))

    message = diagnosis(lambda x: (x**2).sum(axis=-1), clipped)
    assert message.startswith("clipped: right only where |x| < 0.")


def test_wrong_in_one_quadrant_shows_the_worst_point():
    def grad(x):
        return grad_f(x) * np.where((x < 0).all(axis=-1, keepdims=True), 1.5, 1)

    message = diagnosis(f, grad)
    assert "wrong at" in message
    assert "of 32 points" in message
    x = np.array(literal_eval(message.split("x = ")[1].split(", component")[0]))  # full digits
    component = int(message.split("component [")[1].split("]")[0])
    assert f"yours             {grad(x)[component]:.7g}" in message
    assert f"finite difference {grad_f(x)[component]:.7g} ±" in message


# What is caught before any number is compared --------------------------------------------


def unfinished(x):
    raise NotImplementedError


def broken(x):
    y = x[..., 0]
    return y[0] + 1


def overwriting(x):
    x *= 2
    return grad_f(x / 2)


@pytest.mark.parametrize(
    ("func", "jac", "words"),
    [
        (f, grad_f(np.ones(2)), "jac_f must be a function, got ndarray"),
        (None, grad_f, "f must be a function, got NoneType"),
        (f, unfinished, "unfinished is not written yet"),
        (unfinished, grad_f, "unfinished is not written yet"),
        (f, broken, "broken raises IndexError at x = ["),
        (f, broken, "return y[0] + 1"),
        (f, lambda x: None, "jac_f returns NoneType at x = ["),
        (f, lambda x: [grad_f(x), 1], "jac_f returns list at x = ["),
        (f, lambda x: grad_f(x) + 1j, "jac_f returns ndarray of complex128"),
        (f, lambda x: grad_f(x)[None], "shape (1, 2) for x of shape (2,), expected (2,)"),
        (f, lambda x: grad_f(x)[None], "an axis too many or too few"),
        (grad_f, lambda x: x, "expected (2, 2), because grad_f(x) has shape (2,)"),
        (f, lambda x: np.log(grad_f(x)), "jac_f is not finite at x = ["),
        (lambda x: np.log(-(x**2)).sum(axis=-1), lambda x: 1 / x, "Try: domain=(lo, hi)"),
        (f, overwriting, "overwriting changes its input"),
        (overwriting, grad_f, "overwriting changes its input"),
    ],
)
def test_coarse_diagnoses(func, jac, words):
    assert words in diagnosis(func, jac)


def test_a_function_that_is_not_finite_a_step_away():
    def f(x):
        return np.where(np.round(x[..., 0], 4) == x[..., 0], x[..., 0], np.nan)

    message = diagnosis(f, np.ones_like, domain=(-3, 3))
    assert "because f is not finite on both sides of x = [" in message


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda x: np.array([grad_f(x)[..., 0], grad_f(x)[..., 1]]), "(5, 2) gave shape (2, 5)"),
        (lambda x: grad_f(x) if x.ndim == 1 else grad_f(x)[0], "(5, 2) gave shape (2,), expected"),
        (lambda x: grad_f(x) if x.ndim < 3 else grad_f(x)[0], "(4, 3, 2) gave shape (3, 2)"),
        (lambda x: grad_f(x) + (x.sum() - x.sum(axis=-1, keepdims=True)), "row [0] differs"),
    ],
)
def test_right_at_single_points_only(wrong, words):
    message = diagnosis(f, wrong)
    assert words in message
    assert "works for one point but" in message


@pytest.mark.parametrize(
    ("func", "jac", "words"),
    [
        (lambda x: 1e14 + f(x), grad_f, "rounding changes f by"),
        (lambda x: 1e16 + f(x), lambda x: -grad_f(x), "rounding changes f by"),
        (lambda x: 1e16 + f(x), np.zeros_like, "rounding changes f by"),
        (
            lambda x: np.float64(np.float32(1e5 + f(x))),
            grad_f,
            "does f compute in float32, or carry a large constant",
        ),
        (
            lambda x: np.sin(1e12 * x).sum(axis=-1),
            lambda x: 1e12 * np.cos(1e12 * x),
            "f changes too much within one step",
        ),
        (
            lambda x: np.sin(1e12 * x).sum(axis=-1),
            np.zeros_like,
            "f changes too much within one step",
        ),
    ],
    ids=["constant", "and the opposite", "and zero", "float32", "fast", "fast, zero claimed"],
)
def test_says_so_when_the_differences_cannot_decide(func, jac, words):
    message = diagnosis(func, jac)
    assert message.startswith("The check cannot decide")
    assert words in message


@pytest.mark.parametrize("constant", [1e10, 1e12, 1e13])
@pytest.mark.parametrize("factor", [-1, 0, 2])
def test_a_large_constant_does_not_hide_a_wrong_derivative(constant, factor):
    diagnosis(lambda x: constant + f(x), lambda x: factor * grad_f(x))


@pytest.mark.parametrize("rate", [1e4, 1e6, 1e8])
def test_fast_functions_and_functions_in_float32_are_decided(rate):
    def right(x):
        return rate * np.cos(rate * x)

    assert check_numerical_jacobian(lambda x: np.sin(rate * x).sum(axis=-1), right)
    diagnosis(lambda x: np.sin(rate * x).sum(axis=-1), lambda x: 1.01 * right(x))
    assert check_numerical_jacobian(lambda x: np.float64(np.float32(f(x))), grad_f)


def test_a_smaller_domain_makes_a_fast_function_decidable():
    box = (1e-6, 2e-6)
    func = CORRECT["one coordinate"][0]
    assert check_numerical_jacobian(
        lambda x: func(1e6 * x), lambda x: 5e6 * np.cos(5e6 * x), 1, domain=box
    )


def test_float32_answers_are_granted_their_rounding():
    assert check_numerical_jacobian(f, lambda x: grad_f(x).astype(np.float32))
    assert check_numerical_jacobian(lambda x: f(x.astype(np.float32)), grad_f)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"n": 0}, "n must be a positive integer, got 0"),
        ({"nD": 2.0}, "n must be a positive integer, got 2.0"),
        ({"n": 3, "nD": 4}, "n and nD are two names of one number, got n=3 and nD=4"),
        ({"domain": 3}, r"domain must be \(lo, hi\)"),
        ({"domain": (0, [1, 2, 3])}, r"domain must be \(lo, hi\), each a number or 2 numbers"),
        ({"domain": (1, 1)}, "domain must be finite with lo < hi"),
        ({"domain": (0, np.inf)}, "domain must be finite with lo < hi"),
    ],
)
def test_bad_arguments_are_the_callers_fault(kwargs, message):
    with pytest.raises(ValueError, match=message):
        check_numerical_jacobian(f, grad_f, **kwargs)


# Shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(1, 9))
def test_check_shapes_accepts_vectorised_functions_of_any_size(n):
    assert check_shapes(lambda x: (x**2).sum(axis=-1), n=n) is True
    assert check_shapes(np.exp, (n,), n=n) is True
    assert check_shapes(lambda x: x[..., None] * x[..., None, :], (n, n), n=n) is True


@pytest.mark.parametrize(
    ("func", "output", "words"),
    [
        (np.sum, (), "input of shape (5, 2) gave shape (), expected (5,)"),
        (lambda x: x[0] ** 2 + x[1], (), "input of shape (5, 2) gave shape (2,), expected (5,)"),
        (grad_f, (), "grad_f returns shape (2,) for x of shape (2,), expected ()"),
        (f, (2,), "f returns shape () for x of shape (2,), expected (2,)"),
        (lambda x: (x**2).sum(axis=1) if x.ndim == 2 else np.sum(x**2), (), "input of shape (4, 3"),
        (lambda x: np.stack([x[..., 0], x[..., 1]]), (2,), "Try: the axes of the batch come first"),
        (lambda x: x / np.linalg.norm(x), (2,), "for an input of shape (5, 2), row [0] differs"),
        (lambda x: x[0] @ x[1], (), "f raises ValueError at x = ["),
        (lambda x: float(f(x)), (), "f raises TypeError at an input of shape (5, 2)"),
        (3, (), "f must be a function, got int"),
        (overwriting, (2,), "overwriting changes its input"),
    ],
)
def test_check_shapes_says_what_came_out(func, output, words):
    with pytest.raises(CheckFailed) as failure:
        check_shapes(func, output)
    assert words in str(failure.value)


def test_check_shapes_names_the_row():
    def last_row_shifted(x):
        y = x.sum(axis=-1)
        return y + (np.arange(y.shape[-1]) == 2) if y.ndim == 2 else y

    with pytest.raises(CheckFailed, match=r"\(4, 3, 2\), row \[0, 2\] differs"):
        check_shapes(last_row_shifted)


# Against a reference ---------------------------------------------------------------------

ROWS = np.array([[1.0, 2.0, 4.0], [0.5, -3.0, 2.0]])
POINTS = [(ROWS[0],), (ROWS[1],), (ROWS,)]  # two points, one batch
SQUARE = [(MATRIX,), (MATRIX @ MATRIX,), (MATRIX - 3,)]


def norm(x):
    return np.sqrt((x**2).sum(axis=-1))


def variance(x):
    return ((x - x.mean(axis=-1, keepdims=True)) ** 2).mean(axis=-1)


def difference(func, reference, cases, **options):
    with pytest.raises(CheckFailed) as failure:
        check_against(func, reference, cases, **options)
    return str(failure.value)


def logistic(x):
    return 1 / (1 + np.exp(-x))


REFERENCES = [(softmax, POINTS), (norm, POINTS), (variance, POINTS), (logistic, SQUARE)]
NUMERIC = pytest.mark.parametrize(("right", "cases"), REFERENCES)


@NUMERIC
def test_what_is_right_passes(right, cases):
    assert check_against(right, right, cases) is True
    assert check_against(lambda x: right(x) * (1 + 1e-13), right, cases)
    assert check_against(right, [right(*case) for case in cases], cases)
    assert check_against(right, [np.asarray(right(*case)).tolist() for case in cases], cases)


@NUMERIC
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y: -y, "opposite sign."),
        (lambda y: 0 * y, "zero."),
        (lambda y: 2 * y, "2 times the expected value."),
        (lambda y: -2 / 3 * y, "-2/3 times the expected value."),
        (lambda y: y / 784, "1/784 times the expected value."),
        (lambda y: np.pi * y, "3.142 times the expected value."),
        (lambda y: y + 0.5, "too large by the same amount, 0.5, everywhere."),
        (lambda y: y - 3, "too small by the same amount, 3, everywhere."),
        (lambda y: y**2, "the square of the expected value."),
        (np.sqrt, "the square root of the expected value."),
        (np.exp, "the exponential of the expected value."),
        (np.log, "the logarithm of the expected value."),
        (lambda y: y.astype(np.float32).astype(float), "right to about "),
        (lambda y: y * (1 + 1e-4 * np.sin(7 * y)), "digits only."),
    ],
)
def test_relations(right, cases, change, words):
    message = difference(lambda x: change(np.asarray(right(x))), right, cases)
    assert message.startswith(f"func: {words}") or words == "digits only."
    assert words in message
    assert ": yours " in message
    assert "\nTry: " in message
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("right", [np.sin, np.cos, lambda x: x])
def test_a_lost_sign(right):
    message = difference(lambda x: np.abs(right(x)), right, POINTS)
    assert message.startswith("func: opposite sign in some entries")


@pytest.mark.parametrize("right", [np.exp, np.linalg.qr, lambda a: a @ a])
def test_transposed_matrices(right):
    def one(a):
        return right(a)[1] if isinstance(right(a), tuple) else right(a)

    message = difference(lambda a: one(a).T, one, SQUARE)
    assert message.startswith("func: transposed.")
    assert "entry [" in message
    message = difference(lambda a: one(a)[:, :1].T, lambda a: one(a)[:, :1], SQUARE)
    assert "has shape (1, 2), expected (2, 1).\nTry: it looks transposed." in message


@pytest.mark.parametrize("right", [np.sort, softmax, lambda x: x**3])
def test_reversed_order(right):
    message = difference(lambda x: right(x)[..., ::-1], right, POINTS)
    assert message.startswith("func: in reversed order.")


@pytest.mark.parametrize("right", [np.mean, np.var, lambda x: (x**2).mean()])
def test_a_factor_in_each_case(right):
    cases = [(np.array([1.0, 2.5]),), (ROWS[1],), (np.arange(7.0),)]
    message = difference(lambda x: len(x) * right(x), right, cases)
    assert "off by a factor that differs from case to case, 2, then 3, then 7." in message
    assert "func([1, 2.5]): yours " in message
    assert "is it a sum where a mean is asked for" in message


@pytest.mark.parametrize("right", [np.sum, np.prod, norm])
def test_some_cases_only(right):
    def wrong(x):
        return -right(x) if x[0] < 1 else right(x)

    message = difference(wrong, right, [(row,) for row in np.abs(ROWS)])
    words = "wrong: opposite sign in 1 of 2 cases.\n  wrong([0.5, 3, 2]): yours "
    assert message.startswith(words)


@pytest.mark.parametrize("right", [softmax, np.exp, lambda x: x**2 + 1])
def test_some_entries_only(right):
    message = difference(lambda x: right(x) * np.array([1, 1, -1.0]), right, POINTS)
    assert message.startswith(
        "func: opposite sign in some entries.\n  func([1, 2, 4]), entry [2]: "
    )
    message = difference(
        lambda x: right(x) + np.array([0, 1, 0]) * np.sin(9 * x), right, POINTS[:2]
    )
    assert message.startswith("func: wrong.\n  func([1, 2, 4]), entry [1]: yours ")
    assert message.endswith("\nTry: do this case by hand, and print each step of your code.")


@pytest.mark.parametrize("right", [softmax, norm, log_softmax])
def test_one_case_is_explained_if_nothing_explains_all(right):
    def wrong(x):
        return -right(x) if x[0] == 1 else right(x) + x[0] ** 2 * np.sin(9 * right(x))

    message = difference(wrong, right, POINTS[:2])
    assert message.startswith("wrong: opposite sign here.\n  wrong([1, 2, 4])")


@pytest.mark.parametrize("right", [softmax, log_softmax, norm])
def test_right_without_a_batch_only(right):
    def mixes(x):
        return right(x) if x.ndim == 1 else right(x) * np.sin(x).sum()

    message = difference(mixes, right, POINTS)
    assert "for a batch, but right without one.\n  mixes([[1, 2, 4], [0.5, -3, 2]])" in message
    assert "axis=-1" in message
    message = difference(lambda x: right(x.ravel()), right, POINTS)
    assert "; func([1, 2, 4]) is right.\nTry: " in message
    message = difference(lambda x: right(x if x.ndim == 1 else x @ x), right, POINTS)
    assert "func raises ValueError in func([[1, 2, 4], [0.5, -3, 2]]): " in message
    assert message.endswith("Try: take many points at once, with x[..., i] and with np functions, "
                            "not math.")  # fmt: skip
    message = difference(lambda x: -right(x) if x.ndim == 1 else 0 @ x, right, POINTS)
    assert message.startswith("func: opposite sign.")  # first things first
    message = difference(lambda x: -right(x) if x.ndim == 1 else None, right, POINTS)
    assert message.startswith("func: opposite sign.")


@pytest.mark.parametrize("right", [softmax, logsumexp, np.linalg.norm])
def test_not_finite(right):
    cases = [(np.array([1.0, 2.0]),), (np.array([0.0, 1000.0]),)]
    message = difference(lambda x: right(x) * np.exp(x[1]) / np.exp(x[1]), right, cases)
    assert message.startswith("func: not finite.\n  func([0, 1000])")
    assert "yours nan\nTry: look for an overflow" in message


def test_infinities_and_nan_that_are_expected():
    cases = [(np.array([0.0, 1.0, np.inf, np.nan]),)]
    assert check_against(np.log, np.log, cases)
    message = difference(lambda x: np.nan_to_num(np.log(x)), np.log, cases)
    assert message.startswith("func: wrong in some entries.") or "func: " in message
    assert "entry [0]: yours -1.797693e+308" in message


def half_done(x):
    raise NotImplementedError


def doubling(x):
    x *= 2
    return x / 2


@pytest.mark.parametrize("right", [np.exp, softmax, lambda x: x])
@pytest.mark.parametrize(
    ("func", "words"),
    [
        (3, "func must be a function, got int"),
        (half_done, "half_done is not written yet"),
        (lambda x: 1 / 0, "func raises ZeroDivisionError in func([1, 2, 4]): division by zero"),
        (broken, "return y[0] + 1"),
        (doubling, "doubling changes its input: after doubling([1, 2, 4]) the caller's array"),
        (lambda x: None, "func([1, 2, 4]) returns nothing (None).\nTry: is a return missing?"),
        (
            lambda x: [1, 2, 4],
            "returns list, expected a NumPy array.\nTry: the array has shape (3,)",
        ),
        (lambda x: (1, 2), "returns tuple, expected a NumPy array"),
        (lambda x: 1.5, "has shape (), expected (3,)"),
        (lambda x: x + 1j, "returns complex128, expected real numbers"),
        (lambda x: x[:2], "has shape (2,), expected (3,).\nTry: print the shape"),
        (
            lambda x: x[None],
            "has shape (1, 3), expected (3,).\nTry: the number of entries is right",
        ),
    ],
)
def test_coarse_differences(func, right, words):
    assert words in difference(func, right, POINTS)


@settings(max_examples=150)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=True, width=32), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.floats(), min_size=3, max_size=3),
    st.sampled_from([np.float64, np.float32, np.int64]),
)
def test_any_numbers_pass_or_get_a_diagnosis(expected, added, dtype):
    with np.errstate(all="ignore"):
        values = [np.array(row).astype(dtype) for row in expected]
    cases = [(k,) for k in range(len(values))]
    assert check_against(lambda k: values[k].copy(), values, cases)
    with np.errstate(all="ignore"):
        wrong = [value + np.array(added) for value in values]
    try:
        assert check_against(lambda k: wrong[k], values, cases)
    except CheckFailed as failure:
        assert ": yours " in str(failure)  # noqa: PT017
        assert "\nTry: " in str(failure)  # noqa: PT017


def test_truth_values():
    cases = [(1,), (-1,), (0,)]
    assert check_against(lambda n: n > 0, [True, False, False], cases)
    message = difference(lambda n: n >= 0, [True, False, False], cases)
    assert message.startswith("func: wrong in 1 of 3 cases.\n  func(0): yours 1\n")
    assert "returns str, expected real numbers" in difference(lambda n: "3", [1, 2, 3], cases)


def test_integers_must_agree_exactly():
    cases = [(5000,), (6000,)]
    assert check_against(lambda n: n, [5000, 6000], cases)
    assert check_against(lambda n: float(n), [5000, 6000], cases)
    message = difference(lambda n: n + 1, [5000, 6000], cases)
    assert message.startswith("func: too large by the same amount, 1, everywhere.")


@pytest.mark.parametrize("right", [softmax, norm, variance])
def test_tolerance_follows_the_coarsest_type(right):
    assert check_against(lambda x: right(x.astype(np.float32)), right, POINTS)
    message = difference(lambda x: right(x.astype(np.float32)).astype(float), right, POINTS)
    assert "right to about" in message
    singles = [(np.float32(x),) for (x,) in POINTS]
    assert check_against(lambda x: right(x).astype(float), lambda x: right(np.float64(x)), singles)
    assert check_against(right, lambda x: right(x) * (1 + 1e-6), POINTS, rtol=1e-5)
    difference(right, lambda x: right(x) * (1 + 1e-4), POINTS, rtol=1e-5)


def test_a_result_of_zero_is_granted_the_rounding_of_the_others():
    cases = [(0.0,), (1.0,), (2.0,), (np.pi,)]
    assert check_against(lambda x: np.sin(x) + 1e-17, np.sin, cases)
    assert check_against(lambda x: 1e20 * np.sin(x), lambda x: 1e20 * np.sin(x + 1e-17), cases)
    assert "func: wrong in 1 of 4" in difference(lambda x: np.sin(x) + (x == 0), np.sin, cases)
    assert check_against(lambda x: x[:0], lambda x: x[:0], POINTS)


def test_the_expected_number_is_never_shown():
    def wrong(x):
        return np.sin(5 * x)

    for right, cases in REFERENCES:
        message = difference(wrong, right, cases)
        for number in np.ravel([np.ravel(right(*case))[:1] for case in cases]):
            assert f"{number:.4g}" not in message


def test_a_call_is_described_in_one_short_line():
    def text(*arguments):
        return difference(lambda *a: None, [1.0], [arguments]).split(" returns nothing")[0]

    assert text(np.float32([0, 100]), 0) == "func(float32([0, 100]), 0)"
    assert text(np.zeros((5, 2)), None, "fro") == "func(array of shape (5, 2), None, 'fro')"
    assert text(np.zeros((5, 2), np.float32)) == "func(float32 array of shape (5, 2))"
    assert text(norm, lambda x: x, 1e-9) == "func(norm, a function, 1e-09)"
    assert text([1, (2.5, np.int64(3))], {}) == "func([1, [2.5, 3]], dict)"
    long = np.array([1.23456789, 2.3456789, 3.456789])
    assert text(*[long] * 3) == f"func({', '.join(['array of shape (3,)'] * 3)})"
    assert difference(lambda: None, [1.0], [()]).startswith("func() returns nothing")


def test_functions_as_arguments_and_copies_for_each_call():
    def descend(x, grad):
        x -= grad(x)
        return x

    message = difference(descend, [np.zeros(2)], [(np.ones(2), lambda x: x)])
    assert message.startswith("descend changes its input: after descend([1, 1], a function) ")
    cases = [(np.random.default_rng(0),)]
    assert check_against(lambda rng: rng.normal(), lambda rng: rng.normal(), cases)


@pytest.mark.parametrize(
    ("reference", "cases", "message"),
    [
        (
            np.exp,
            [np.ones(2)],
            r"cases\[0\] must be a tuple of arguments, got ndarray; write \(x,\)",
        ),
        ([1.0], [(1,), (2,)], "reference has 1 values for 2 cases"),
        ([1.0, "2"], [(1,), (2,)], "must hold real numbers or arrays, got str for cases.1."),
        (np.linalg.qr, [(MATRIX,)], "must hold real numbers or arrays, got QRResult for cases.0."),
        ([], [], "reference has 0 values for 0 cases"),
    ],
)
def test_cases_that_make_no_sense(reference, cases, message):
    with pytest.raises(ValueError, match=message):
        check_against(np.exp, reference, cases)


# In a notebook ---------------------------------------------------------------------------


def test_a_notebook_shows_the_diagnosis_alone_and_fails():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    source = (
        "from coursekit import check_numerical_jacobian\n"
        "assert check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), lambda x: -2 * x)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, allow_errors=True).execute()
    table, output = notebook.cells[0].outputs
    assert "<svg" in table.data["text/html"]
    assert output.output_type == "error"
    assert output.ename == "CheckFailed"
    assert output.traceback[0] == "CheckFailed: jac_f: opposite sign."
    assert output.traceback[-1].startswith("Try: ")
    assert len(output.traceback) == 5


def test_render_traceback_holds_the_message_lines():
    assert CheckFailed("a\nb")._render_traceback_() == ["CheckFailed: a", "b"]
    assert issubclass(CheckFailed, AssertionError)


def test_components_in_the_wrong_order_are_named():
    for function, right in [(f, grad_f), (lambda x: x[..., 0] * np.exp(x[..., 1]), None)]:
        if right is None:

            def right(x):
                return np.stack([np.exp(x[..., 1]), x[..., 0] * np.exp(x[..., 1])], axis=-1)

        message = diagnosis(function, lambda x, right=right: right(x)[..., ::-1])
        assert "components in the wrong order" in message


def test_six_digits_are_called_imprecise():
    for slope in (1.0, 1e6):
        message = diagnosis(
            lambda x, slope=slope: slope * f(x),
            lambda x, slope=slope: slope * grad_f(x) * (1 + 1e-6 * np.sin(1e3 * x)),
        )
        assert "right to about six digits only" in message
