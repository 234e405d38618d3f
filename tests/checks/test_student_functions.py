"""Calls of a student's function: what is said before any number is compared."""

import linecache
import math

import numpy as np
import pytest
from check_examples import EACH, NOISE, broken, diagnosis, f, grad_f, overwriting

from coursekit.checks import CheckFailed, check_against, check_numerical_jacobian, check_shapes


def test_transposed_when_the_shape_tells():
    message = diagnosis(lambda x: x[..., :2] ** 2, lambda x: np.zeros((*x.shape, 2)), nD=3)
    assert "returns shape (3, 2) for x of shape (3,), expected (2, 3)" in message
    assert "because f(x) has shape (2,)" in message
    assert "transposed" in message


def unfinished(x):
    raise NotImplementedError


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


FAULTS = {  # of f, and what is said
    "f is not deterministic": lambda f: lambda x: f(x) + 1e-9 * NOISE.normal(),
    "f changes its input": lambda f: lambda x: f(x) + 0 * x.__imul__(2).sum(),
    "f raises KeyError at x = [": lambda f: lambda x: f(x) + {}[1],
    ': lambda f: lambda x: f(x) + int("3.5")': lambda f: lambda x: f(x) + int("3.5"),
    "f returns NoneType": lambda f: lambda x: None,
    "f returns shape": lambda f: lambda x: f(x) if x[0] > 0 else np.zeros(3),
    "f is not finite at x = [": lambda f: lambda x: f(x) * np.inf,
    "It is so at 32 of 32 points": lambda f: lambda x: f(x) * np.nan,
}


@EACH
@pytest.mark.parametrize("words", FAULTS)
def test_each_fault_of_the_function_is_named(f, jac, words):
    assert words in diagnosis(FAULTS[words](f), jac)


LOG = [
    (np.log, lambda x: 1 / x),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    (lambda x: np.log(1 - x), lambda x: -1 / (1 - x)),
    (np.arccosh, lambda x: 1 / np.sqrt(x**2 - 1)),
]


@pytest.mark.parametrize(("g", "slope"), LOG, ids=["log", "sqrt", "log(1 - x)", "arccosh"])
@pytest.mark.parametrize("n", [1, 2, 8])
def test_the_domain_of_definition_is_found(g, slope, n):
    assert check_numerical_jacobian(lambda x: g(x).sum(axis=-1), slope, n)
    assert "2 times" in diagnosis(lambda x: g(x).sum(axis=-1), lambda x: 2 * slope(x), n)


def test_math_functions_work_point_by_point():
    def f(x):
        return math.log(x[0]) * x[1]

    def jac(x):
        return np.stack([x[..., 1] / x[..., 0], np.log(x[..., 0])], axis=-1)

    assert check_numerical_jacobian(f, jac)


@pytest.mark.parametrize(
    ("func", "hint"),
    [
        (lambda: 1, "give the function the parameters that it had"),
        (lambda x, y: 1, "give the function the parameters that it had"),
        (lambda x: np.array([math.sin(v) for v in x]), "take many points at once"),
    ],
)
def test_another_parameter_list_is_no_matter_of_batches(func, hint):
    def wrapped(x):
        return np.sin(x) if x.ndim == 1 else func(x)

    with pytest.raises(CheckFailed, match=hint):
        check_shapes(wrapped, (2,))


def test_axes_of_a_batch_in_another_order():
    with pytest.raises(CheckFailed, match=r"gave shape \(3, 4, 2\).*\n.*axes stand in another ord"):
        check_shapes(lambda x: 2 * (np.swapaxes(x, 0, 1) if x.ndim == 3 else x), (2,))


def test_the_line_is_that_of_the_student_not_of_the_wrapper_in_the_check():
    space = {}
    source = "def loss(A, x):\n    return ((A @ x) ** 2).sum(axis=-1)\n"
    linecache.cache["<answer>"] = (len(source), None, source.splitlines(True), "<answer>")
    exec(compile(source, "<answer>", "exec"), space)  # as in a cell of its own

    def loss_at(x):
        return space["loss"](np.ones((3, 2)), x)

    with pytest.raises(CheckFailed) as failed:
        check_against(loss_at, [12.0, np.array([12.0] * 4)], [(np.ones(2),), (np.ones((4, 2)),)])
    assert "line 2: return ((A @ x) ** 2).sum(axis=-1)" in str(failed.value)
    assert str(failed.value).endswith("the products M x are x @ M.T.")
