from ast import literal_eval

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_numerical_jacobian, check_shapes

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
    points = np.array([x for x in seen if x.ndim == 1])
    assert len(points) == 32
    assert ((points > 0).sum(axis=0) == 16).all()
    assert ((points < 0).sum(axis=0) == 16).all()
    assert np.abs(points).max() > 2
    assert np.abs(points).max(axis=1).min() < 0.03
    assert [x.shape for x in seen if x.ndim > 1] == [(5, 3), (4, 6, 3)]


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
        (np.pi, "jac_f: 3.142 times the derivative at every point."),
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
        (f, lambda x: list(grad_f(x)), "jac_f returns list at x = ["),
        (f, lambda x: grad_f(x) + 1j, "jac_f returns ndarray of complex128"),
        (f, lambda x: grad_f(x)[None], "shape (1, 2) for x of shape (2,), expected (2,)"),
        (f, lambda x: grad_f(x)[None], "an axis too many or too few"),
        (grad_f, lambda x: x, "expected (2, 2), because grad_f(x) has shape (2,)"),
        (f, lambda x: np.log(grad_f(x)), "jac_f is not finite at x = ["),
        (lambda x: np.log(x).sum(axis=-1), lambda x: 1 / x, "Try: domain=(lo, hi)"),
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
    assert message.startswith("f has no finite differences: f is not finite at [")


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
        (lambda x: 1e12 + f(x), grad_f, "rounding changes f by 1e-16 of its size"),
        (
            lambda x: np.float64(np.float32(f(x))),
            grad_f,
            "does f compute in float32, or carry a large constant",
        ),
        (
            lambda x: np.sin(1e6 * x).sum(axis=-1),
            lambda x: 1e6 * np.cos(1e6 * x),
            "f changes too much within one step",
        ),
        (
            lambda x: np.sin(1e6 * x).sum(axis=-1),
            np.zeros_like,
            "f changes too much within one step",
        ),
    ],
    ids=["constant", "float32", "fast", "fast, and zero claimed"],
)
def test_says_so_when_the_differences_cannot_decide(func, jac, words):
    message = diagnosis(func, jac)
    assert message.startswith("The check cannot decide")
    assert words in message


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
        ({"nD": 0}, "nD must be a positive integer, got 0"),
        ({"nD": 2.0}, "nD must be a positive integer, got 2.0"),
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
    assert check_shapes(lambda x: (x**2).sum(axis=-1), nD=n) is True
    assert check_shapes(np.exp, (n,), nD=n) is True
    assert check_shapes(lambda x: x[..., None] * x[..., None, :], (n, n), nD=n) is True


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
    (output,) = notebook.cells[0].outputs
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
