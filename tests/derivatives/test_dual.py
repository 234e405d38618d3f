"""Dual numbers: the rules, the chain rule, nesting, kinks, and what they refuse."""

import ast
import inspect
import io
import math
import tokenize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from coursekit.derivatives import Dual, dual, dual_derivative
from coursekit.derivatives.dual import RULES
from coursekit.objectives import polynomial10

POINTS = np.random.default_rng(0).uniform(0.1, 3, 50)
OTHERS = np.random.default_rng(1).uniform(0.1, 3, 50)


def complex_step(f, x):
    return np.imag(f(x + 1e-100j)) / 1e-100


ANALYTIC = [rule for rule in RULES if rule not in (np.absolute, np.maximum, np.minimum, np.where)]


@pytest.mark.parametrize("operation", ANALYTIC, ids=lambda f: f.__name__)
def test_rules_agree_with_the_complex_step(operation):
    inputs = [POINTS, OTHERS][: operation.nin]
    for k in range(operation.nin):
        with_others = lambda t, k=k: operation(*(t if i == k else x for i, x in enumerate(inputs)))  # noqa: E731
        if operation is np.logaddexp:  # NumPy has no complex one
            exact = 1 / (1 + np.exp(inputs[1 - k] - inputs[k]))
        else:
            exact = complex_step(with_others, inputs[k])
        np.testing.assert_allclose(dual_derivative(with_others, inputs[k]), exact, rtol=1e-13)


FUNCTIONS = {
    "composition of three": lambda np, x: np.exp(np.sin(x * x)),
    "quotient": lambda np, x: (x**3 - 2 * x) / (1 + x * x),
    "powers": lambda np, x: 2**x - x**0.5 + (x + 1) ** -3,
    "softplus": lambda np, x: np.log1p(np.exp(3 * x)) / 3,
    "tanh of log": lambda np, x: 1 - np.tanh(2 - np.log(x)) * np.cos(x),
    "negative": lambda np, x: -np.sqrt(x) * np.expm1(-x),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_agrees_with_the_complex_step(name):
    def f(x):
        return FUNCTIONS[name](np, x)

    exact = complex_step(f, POINTS)
    np.testing.assert_allclose(dual_derivative(f, POINTS), exact, rtol=1e-13, atol=1e-14)


UNARY = [np.sin, np.cos, np.tanh, lambda t: np.exp(-t * t), lambda t: t * t, lambda t: 1 / (2 + t)]
BINARY = [np.add, np.subtract, np.multiply, lambda a, b: a / (3 + np.sin(b))]
EXPRESSIONS = st.recursive(
    st.one_of(st.just(lambda x: x), st.floats(-2, 2).map(lambda c: lambda x: c + 0 * x)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(UNARY), inner).map(lambda p: lambda x: p[0](p[1](x))),
        st.tuples(st.sampled_from(BINARY), inner, inner).map(
            lambda p: lambda x: p[0](p[1](x), p[2](x))
        ),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, st.floats(-1, 1))
def test_random_compositions_agree_with_the_complex_step(f, x):
    with np.errstate(all="ignore"):  # a denominator may vanish
        exact = complex_step(f, x)
        found = dual_derivative(f, x)
    if np.isfinite(exact) and abs(exact) < 1e6:
        assert found == pytest.approx(exact, rel=1e-9, abs=1e-9)


def test_agrees_with_gradient_tape():
    tf = pytest.importorskip("tensorflow")
    for name, f in FUNCTIONS.items():
        at = tf.constant(POINTS)
        with tf.GradientTape() as tape:
            tape.watch(at)
            y = f(tf.math, at)
        found = dual_derivative(lambda x, f=f: f(np, x), POINTS)
        np.testing.assert_allclose(found, tape.gradient(y, at), rtol=1e-12, err_msg=name)


KINKS = {  # by tf, by np, and the slopes at -1, 0, 1
    "max(x, 0)": ("maximum(x, 0.)", "maximum(x, 0)", [0, 1, 1]),
    "max(0, x)": ("maximum(0., x)", "maximum(0, x)", [0, 0, 1]),
    "min(x, 0)": ("minimum(x, 0.)", "minimum(x, 0)", [1, 1, 0]),
    "min(0, x)": ("minimum(0., x)", "minimum(0, x)", [1, 0, 0]),
    "|x|": ("abs(x)", "abs(x)", [-1, 0, 1]),
    "root": ("sqrt(x * x)", "sqrt(x * x)", [-1, np.nan, 1]),
    "branch": ("where(x > 0., x, 0.1 * x)", "where(x > 0, x, 0.1 * x)", [0.1, 0.1, 1]),
    "not taken": ("where(x > 0., log(x), 0.)", "where(x > 0, log(x), 0)", [0, np.nan, 1]),
}


@pytest.mark.parametrize("name", KINKS)
def test_the_convention_at_a_kink(name):
    _, code, slopes = KINKS[name]
    with np.errstate(all="ignore"):
        found = dual_derivative(lambda x: eval(f"np.{code}".replace(" log", " np.log"),
                                               {"np": np, "x": x}), [-1, 0, 1])  # fmt: skip
    np.testing.assert_array_equal(found, slopes)


def test_the_conventions_are_those_of_gradient_tape():
    tf = pytest.importorskip("tensorflow")
    for name, (code, _, slopes) in KINKS.items():
        x = tf.constant([-1.0, 0.0, 1.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = eval(f"tf.{code}".replace(" log", " tf.math.log"), {"tf": tf, "x": x})
        np.testing.assert_allclose(tape.gradient(y, x), slopes, rtol=1e-6, err_msg=name)


# Nesting


def nth(f, n):
    return f if n == 0 else nth(lambda t: dual_derivative(f, t), n - 1)


@pytest.mark.parametrize("n", range(5))
def test_higher_derivatives_by_nesting(n):
    turned = [np.sin, np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x)][n % 4]
    np.testing.assert_allclose(nth(np.sin, n)(POINTS), turned(POINTS), rtol=1e-12)
    np.testing.assert_allclose(nth(lambda x: np.exp(2 * x), n)(0.3), 2**n * np.exp(0.6), rtol=1e-13)
    power = math.perm(5, n) * POINTS ** (5 - n)
    np.testing.assert_allclose(nth(lambda x: x**5, n)(POINTS), power, rtol=1e-12)
    geometric = math.factorial(n) / (1 - 0.5) ** (n + 1)
    assert nth(lambda x: 1 / (1 - x), n)(0.5) == pytest.approx(geometric, rel=1e-13)


def test_slopes_of_nested_derivatives_are_not_mixed():
    """d/dx (x d/dy (x + y)) = 1; one number for both slopes would give 2."""
    assert dual_derivative(lambda x: x * dual_derivative(lambda y: x + y, 1.0), 1.0) == 1
    inner = lambda x: dual_derivative(lambda y: x**2 * y**3, x)  # noqa: E731  3 x⁴
    assert dual_derivative(inner, 2.0) == pytest.approx(12 * 8)


def test_a_polynomial_of_numpy():
    p = Polynomial([72, 240, 392, 140, -196, -256, 122, 62, -28, -4, 2])
    for x in (-2.5, 0.0, 1.3):
        found = dual_derivative(p, x)
        assert found == pytest.approx(polynomial10.grad([x])[0], rel=1e-12)


def test_second_derivatives_of_a_linear_function_are_zero():
    second = nth(lambda x: 3 * x + 1, 2)
    np.testing.assert_array_equal(second([1.0, 2.0]), [0, 0])
    assert nth(lambda x: x, 2)(1.0) == 0


# Shapes, types, and programs with branches


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_one_evaluation_for_all_points(shape):
    calls = []

    def f(x):
        calls.append(x)
        return x * np.sin(x)

    x = np.random.default_rng(2).normal(size=shape)
    found = dual_derivative(f, x)
    assert len(calls) == 1
    assert np.shape(found) == shape
    np.testing.assert_allclose(found, np.sin(x) + x * np.cos(x))


def test_a_gradient_has_one_slope_for_each_variable():
    x, y = Dual(2.0, [1, 0]), Dual(3.0, [0, 1])
    out = np.exp(x * y) + y
    np.testing.assert_allclose(out.slope, [3 * np.exp(6), 2 * np.exp(6) + 1])
    along = np.exp(Dual(2.0, 0.6) * Dual(3.0, 0.8)) + Dual(3.0, 0.8)  # a directional derivative
    assert along.slope == pytest.approx(out.slope @ [0.6, 0.8])


def test_types_stay_and_integers_become_float64():
    def f(x):
        return x**3 / 2 - 2 * np.sqrt(x) + np.maximum(x, 1) * np.where(x > 2, x, 1)

    for kind in (np.float32, np.float64):
        assert dual_derivative(f, np.array([1, 3], kind)).dtype == kind
        assert dual_derivative(f, kind(3)).dtype == kind
    assert dual_derivative(f, 3) == dual_derivative(f, 3.0)
    assert dual_derivative(lambda x: x**-2, 2) == -0.25


def test_programs_with_branches_and_loops():
    def root(a):  # Newton's method for the square root
        x = a
        while abs(x * x - a) > 1e-15 * a:
            x = (x + a / x) / 2
        return x

    assert dual_derivative(root, 2.0) == pytest.approx(0.5 / 2**0.5, rel=1e-14)
    assert dual_derivative(lambda x: max(x, 0), -1.0) == 0
    assert dual_derivative(lambda x: x if x > 0 else 0.1 * x, -1.0) == 0.1
    assert dual_derivative(lambda x: np.sign(x) * np.floor(x), 1.5) == 0


def test_a_constant_has_the_derivative_zero():
    assert dual_derivative(lambda x: 3, 1.0) == 0
    np.testing.assert_array_equal(dual_derivative(lambda x: [3, 4], [1.0, 2.0]), [0, 0])


def test_powers_at_zero():
    np.testing.assert_array_equal(dual_derivative(lambda x: x**0, [0.0, 2.0]), [0, 0])
    np.testing.assert_array_equal(dual_derivative(lambda x: x**1, [0.0, 2.0]), [1, 1])
    with np.errstate(divide="ignore"):
        assert dual_derivative(np.sqrt, 0.0) == np.inf


def test_where_inside_the_root_avoids_the_nan_of_where_outside():
    def safe(x):
        return np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), 0)

    np.testing.assert_array_equal(dual_derivative(safe, [-1, 0, 4]), [0, 0, 0.25])


def test_slopes_far_out_neither_overflow_nor_cancel():
    far = np.array([-800.0, -40.0, 0.0, 40.0, 800.0])
    found = dual_derivative(lambda x: np.logaddexp(0, x), far)
    np.testing.assert_allclose(found, [0, np.exp(-40), 0.5, 1, 1], rtol=1e-13, atol=1e-300)


def test_a_rule_can_be_added(monkeypatch):
    monkeypatch.setitem(RULES, np.arctan, (lambda a: 1 / (1 + a**2),))
    assert dual_derivative(np.arctan, 2.0) == 0.2


# What they refuse, and how long they are


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (np.arctan, "arctan"),
        (np.sum, "sum"),
        (np.add.reduce, "add"),
        (lambda x: np.add(x, x, out=np.zeros(1)), "add"),
        (lambda x: np.exp(x, where=True), "exp"),
        (lambda x: np.stack([x, x]), "stack"),
    ],
)
def test_what_has_no_rule_is_named(f, name):
    with pytest.raises(TypeError, match=rf"^no rule for np\.{name} with these arguments: see dual"):
        dual_derivative(f, [1.0])


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"^f\(x\) must hold real numbers; got dtype object"):
        dual_derivative(lambda x: [x, x], 1.0)
    with pytest.raises(TypeError, match=r"^x must hold real numbers; got dtype complex128"):
        dual_derivative(np.exp, 1j)
    with pytest.raises(TypeError, match="real number, not Dual"):
        dual_derivative(math.sin, 1.0)


def test_it_says_value_and_slope():
    assert repr(3 * Dual(2.0, 1.0)) == "Dual(6.0, 3.0)"


def test_the_module_has_at_most_60_lines_of_code():
    source = inspect.getsource(dual)
    described = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(
            node
        ):
            described |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    code = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            code |= set(range(token.start[0], token.end[0] + 1))
    assert len(code - described) <= 60
