"""The reverse mode: closed forms, other differentiators, shapes, cost, and what it refuses."""

import ast
import inspect
import os
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from threadpoolctl import threadpool_limits

from coursekit.derivatives import numerical_jacobian
from coursekit.learning import backpropagation
from coursekit.learning.backpropagation import (
    RULES,
    Node,
    adjoints,
    conv2d,
    relu,
    softmax_cross_entropy,
    value_and_gradients,
)

os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


# Against GradientTape


class Ours:
    """The operations of a random graph, on nodes."""

    matmul, multiply, maximum = np.matmul, np.multiply, np.maximum
    tanh, sin, exp, sqrt, square = np.tanh, np.sin, np.exp, np.sqrt, np.square
    relu, conv = staticmethod(relu), staticmethod(conv2d)
    loss = staticmethod(softmax_cross_entropy)

    @staticmethod
    def total(x, axis):
        return x.sum(axis)

    @staticmethod
    def swap(x):
        return x.T


def theirs(tf):
    class Theirs:
        matmul, multiply, maximum = tf.matmul, tf.multiply, tf.maximum
        tanh, sin, exp, sqrt, square, relu = tf.tanh, tf.sin, tf.exp, tf.sqrt, tf.square, tf.nn.relu
        total, swap = tf.reduce_sum, tf.transpose

        @staticmethod
        def conv(images, kernels):
            return tf.nn.conv2d(images, kernels, strides=1, padding="VALID")

        @staticmethod
        def loss(logits, labels):
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            return tf.reduce_mean(loss)

    return Theirs


def random_graph(seed, ops, images, kernels, A, b, c):
    """A network of random operations: of images (2, 5, 5, 1) to a cross-entropy of 4 classes."""
    rng = np.random.default_rng(seed)
    x = ops.conv(images, kernels)[:, :2, :2, 0][:, 0]  # (2, 2)
    pool = [ops.matmul(x, A), b, c * 1.0]  # (2, 4), (4,), (2, 1)
    for _ in range(12):
        x, y = (pool[k] for k in rng.integers(len(pool), size=2))
        match rng.integers(9):
            case 0:
                pool.append(x + y)
            case 1:
                pool.append(ops.multiply(x, y))
            case 2:
                pool.append(x - 2.0 * y)
            case 3:
                pool.append(x / (1.0 + ops.square(y)))
            case 4:
                pool.append(ops.tanh(x) + ops.relu(y))
            case 5:
                pool.append(ops.sin(ops.maximum(x, y)))
            case 6:
                pool.append(ops.exp(-ops.square(x)) * y)
            case 7:
                pool.append(ops.sqrt(1.0 + x**2) ** 1.5)
            case 8:
                pool.append(ops.tanh(ops.matmul(ops.matmul(pool[0], ops.swap(pool[0])), pool[0])))
    logits = sum(pool[3:], start=pool[0] + pool[2])
    return ops.loss(logits, np.array([1, 3])) + ops.total(ops.square(logits), 0)[2]


@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_have_the_gradients_of_a_gradient_tape(tf, seed):
    rng = np.random.default_rng(100 + seed)
    shapes = [(2, 5, 5, 1), (3, 3, 1, 1), (2, 4), (4,), (2, 1)]
    arrays = [0.7 * rng.standard_normal(shape) for shape in shapes]
    value, ours = value_and_gradients(lambda *x: random_graph(seed, Ours, *x), *arrays)
    variables = [tf.Variable(array) for array in arrays]
    with tf.GradientTape() as tape:
        wanted = random_graph(seed, theirs(tf), *variables)
    tapes = tape.gradient(wanted, variables, unconnected_gradients="zero")
    np.testing.assert_allclose(value, wanted.numpy(), rtol=1e-12)
    assert any(np.abs(g).max() > 1e-3 for g in ours)
    for mine, other in zip(ours, tapes, strict=True):
        other = tf.convert_to_tensor(other).numpy()
        assert np.abs(mine - other).max() <= 1e-10 * max(1, np.abs(other).max())


# Each rule


POINTS = np.array([[0.3, 1.7, 2.2], [0.9, 0.4, 1.1]])
OTHERS = np.array([[1.2, 0.6, 2.5], [0.5, 2.3, 0.7]])


@pytest.mark.parametrize("ufunc", sorted(set(RULES) - {np.matmul}, key=lambda u: u.__name__))
def test_a_rule_is_the_derivative_in_each_of_its_inputs(ufunc):
    inputs, weights = [POINTS, OTHERS][: ufunc.nin], np.arange(1.0, 7).reshape(2, 3)
    for k in range(ufunc.nin):

        def func(x, k=k):
            return (ufunc(*[x if i == k else a for i, a in enumerate(inputs)]) * weights).sum()

        _, (ours,) = value_and_gradients(func, inputs[k])
        theirs = numerical_jacobian(lambda x, func=func: func(x.reshape(2, 3)), inputs[k].ravel())
        np.testing.assert_allclose(ours.ravel(), theirs, rtol=1e-8, atol=1e-9)


def test_powers_at_zero_and_of_negative_numbers():
    x = Node([-2.0, 0.0, 3.0])
    np.testing.assert_array_equal(adjoints((x**3).sum())[x], [12, 0, 27])
    np.testing.assert_array_equal(adjoints((x**1).sum())[x], [1, 1, 1])
    np.testing.assert_array_equal(adjoints((x**0).sum())[x], [0, 0, 0])


def test_ties_go_to_the_first_input_and_relu_is_flat_at_zero(tf):
    x, y = Node([1.0, 0.0]), Node([1.0, 2.0])
    found = adjoints((np.maximum(x, y) + 10 * np.minimum(x, y)).sum())
    np.testing.assert_array_equal(found[x], [11, 10])
    np.testing.assert_array_equal(found[y], [0, 1])
    zero = Node([0.0])
    assert adjoints(relu(zero).sum())[zero] == 0
    zeros = tf.Variable([0.0])
    with tf.GradientTape() as tape:
        value = tf.nn.relu(zeros)
    assert tape.gradient(value, zeros).numpy() == 0


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.integers(0, 9))
def test_what_broadcasting_repeats_is_added_up(shapes, seed):
    """The gradient of a weighted sum of a + b is the weights, summed over what is repeated."""
    a, b = (np.zeros(shape) for shape in shapes.input_shapes)
    weights = np.random.default_rng(seed).standard_normal(shapes.result_shape)
    _, ours = value_and_gradients(lambda a, b: ((a + b) * weights).sum(), a, b)
    for k, (array, mine) in enumerate(zip((a, b), ours, strict=True)):
        assert mine.shape == array.shape
        for index in np.ndindex(array.shape):
            one = [np.zeros_like(a), np.zeros_like(b)]
            one[k][index] = 1
            np.testing.assert_allclose(mine[index], (sum(one) * weights).sum(), atol=1e-12)


SHAPES = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4))]
SHAPES += [((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 2, 3), (3,)), ((3,), (5, 3, 2))]
SHAPES += [((5, 1, 3), (5, 3, 1))]


@pytest.mark.parametrize("shapes", SHAPES)
def test_products_of_matrices_vectors_and_batches(shapes):
    """The product is linear in each factor, so its gradient has a closed form by unit arrays."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(shape) for shape in shapes)
    weights = rng.standard_normal(np.shape(a @ b))
    _, (by_a, by_b) = value_and_gradients(lambda a, b: (a @ b * weights).sum(), a, b)
    assert (by_a.shape, by_b.shape) == shapes
    for index in np.ndindex(a.shape):
        unit = np.zeros_like(a)
        unit[index] = 1
        np.testing.assert_allclose(by_a[index], (unit @ b * weights).sum(), atol=1e-12)
    for index in np.ndindex(b.shape):
        unit = np.zeros_like(b)
        unit[index] = 1
        np.testing.assert_allclose(by_b[index], (a @ unit * weights).sum(), atol=1e-12)


@pytest.mark.parametrize(
    ("axis", "keepdims"), [(None, False), (None, True), (0, False), (-1, True), ((0, 2), False)]
)
def test_sums_and_means_over_axes(axis, keepdims):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    weights = np.random.default_rng(1).standard_normal(x.sum(axis, keepdims=keepdims).shape)
    spread = weights if keepdims or axis is None else np.expand_dims(weights, axis)
    spread = np.broadcast_to(spread, x.shape)
    _, (by_sum,) = value_and_gradients(lambda x: (x.sum(axis, keepdims) * weights).sum(), x)
    value, (by_mean,) = value_and_gradients(lambda x: (x.mean(axis, keepdims) * weights).sum(), x)
    np.testing.assert_allclose(by_sum, spread, rtol=1e-14)
    np.testing.assert_allclose(by_mean, spread * weights.size / x.size, rtol=1e-14)
    assert np.isclose(value, (x.mean(axis, keepdims=keepdims) * weights).sum())


def test_entries_shapes_and_axes():
    x = Node(np.arange(24.0).reshape(2, 3, 4))
    weights = np.random.default_rng(0).standard_normal((4, 2, 3))
    found = adjoints((x.transpose(2, 0, 1) * weights).sum())[x]
    np.testing.assert_array_equal(found, weights.transpose(1, 2, 0))
    assert x.T.value.shape == (4, 3, 2)
    np.testing.assert_array_equal(adjoints((x.T * weights.swapaxes(1, 2)).sum())[x], found)
    flat = x.reshape(4, 6)[[0, 0, 2], 1]  # an entry twice
    wanted = np.zeros(24)
    wanted[[1, 13]] = [2, 1]
    np.testing.assert_array_equal(adjoints(flat.sum())[x].ravel(), wanted)
    assert [float(row.value) for row in Node([1.0, 2.0])] == [1, 2]


def test_cross_entropy_by_classes_and_by_probabilities():
    logits, classes = np.random.default_rng(0).standard_normal((5, 3)), [0, 2, 1, 1, 2]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for labels in (classes, np.eye(3)[classes]):
        value, (ours,) = value_and_gradients(
            lambda z, y=labels: softmax_cross_entropy(z, y), logits
        )
        np.testing.assert_allclose(ours, (p - np.eye(3)[classes]) / 5, atol=1e-15)
        assert np.isclose(value, softmax_cross_entropy(logits, labels))
    with pytest.raises(ValueError, match="label"):
        softmax_cross_entropy(Node(logits), [3, 0, 0, 0, 0])


def test_a_convolution_with_stride_and_padding_of_batches():
    rng = np.random.default_rng(0)
    images, kernels = rng.standard_normal((2, 6, 5, 3)), rng.standard_normal((3, 2, 3, 4))
    weights = rng.standard_normal(conv2d(images, kernels, 2, 1).shape)

    def func(images, kernels):
        return (conv2d(images, kernels, 2, 1) * weights).sum()

    value, both = value_and_gradients(func, images, kernels)
    _, (alone,) = value_and_gradients(lambda k: func(images, k), kernels)
    np.testing.assert_array_equal(alone, both[1])
    for array, mine in zip((images, kernels), both, strict=True):  # bilinear: Euler's formula
        np.testing.assert_allclose((array * mine).sum(), value, rtol=1e-12)
    step = rng.standard_normal(kernels.shape)
    moved = func(images, kernels + step) - value
    np.testing.assert_allclose((both[1] * step).sum(), moved, rtol=1e-10)


# The sweep


def test_the_sweep_counts_paths_by_using_each_edge_once():
    x = start = Node(1.0)
    for _ in range(60):
        x = x + x
    assert adjoints(x)[start] == 2.0**60


def test_a_graph_may_be_deeper_than_python_recurses():
    x = start = Node(0.5)
    for _ in range(20_000):
        x = x + 1e-3
    assert adjoints(x)[start] == 1


def test_a_sweep_can_be_repeated_and_begin_in_the_middle():
    x = Node([1.0, 2.0])
    y = (x * x).sum()
    z = np.exp(y)
    assert adjoints(z)[y] == z.value
    np.testing.assert_allclose(adjoints(z)[x], 2 * x.value * z.value, rtol=1e-15)
    np.testing.assert_array_equal(adjoints(y)[x], adjoints(y)[x])
    assert z not in adjoints(y)


def test_what_the_output_does_not_depend_on_has_the_gradient_zero():
    value, (by_x, by_y) = value_and_gradients(lambda x, y: (3 * x).sum(), [1, 2], [[1.0]])
    assert type(value) is float
    np.testing.assert_array_equal(by_x, [3, 3])
    np.testing.assert_array_equal(by_y, [[0]])


def test_gradients_share_no_memory():
    _, (by_x, by_y) = value_and_gradients(lambda x, y: (x + y).sum(), [1, 2], [3, 4])
    by_x += 1
    np.testing.assert_array_equal(by_y, [1, 1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_keep_their_type(dtype):
    x, w = np.ones((2, 3), dtype), np.ones((4, 3), dtype)
    _, gradients = value_and_gradients(
        lambda x, w: softmax_cross_entropy(relu(2 * x @ w.T).mean(0, True) / 3, [1]), x, w
    )
    assert [g.dtype for g in gradients] == [dtype, dtype]


def test_comparisons_give_arrays():
    x = Node([1.0, -1.0])
    assert (x > 0).tolist() == [True, False]
    np.testing.assert_array_equal(adjoints((x * (x > 0)).sum())[x], [1, 0])


def test_the_whole_gradient_costs_at_most_five_evaluations():
    """Of a network: two products for each one forward, so about three; measured in turns.

    Arrays are so large that arithmetic counts, not Python; on one core, as waiting threads count.
    """
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((512, 512)) / 20 for _ in range(4)]
    x = rng.standard_normal((512, 512))

    def loss(*weights):
        v = x
        for W in weights:
            v = np.tanh(v @ W.T)
        return (v * v).sum()

    def seconds(run):
        start = process_time()
        run()
        return process_time() - start

    plain, swept = [], []
    with threadpool_limits(1):
        for _ in range(7):
            plain.append(seconds(lambda: loss(*weights)))
            swept.append(seconds(lambda: value_and_gradients(loss, *weights)))
    assert min(swept) < 5 * min(plain)


def test_the_engine_can_be_held_in_the_head():
    """At most 150 lines, documentation and blank lines apart."""
    source = inspect.getsource(backpropagation)
    lines = {n + 1 for n, x in enumerate(source.splitlines()) if x.strip() and x.strip()[0] != "#"}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    assert len(lines) <= 150


# What is refused


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: adjoints(3.0), TypeError, r"output must be a Node; got float\. Is it a const"),
        (lambda x: adjoints(x), ValueError, r"of shape \(\); got shape \(2,\)\. Take a sum"),
        (lambda x: np.arctan(x), TypeError, "arctan has no rule here.*see RULES"),
        (lambda x: np.add.reduce(x), TypeError, r"add has no rule here.*x\.sum\(\)"),
        (lambda x: x.__iadd__(1), TypeError, r"Write x = x \+ 1, not x \+= 1"),
        (lambda x: np.where([True, False], x, 0), TypeError, "np.where has no rule here"),
        (lambda x: np.array(x), TypeError, "a Node is no array.*take its value"),
        (lambda x: Node("a"), TypeError, "value must hold real numbers"),
        (lambda x: Node([1j]), TypeError, "value must hold real numbers"),
        (lambda x: value_and_gradients(lambda x: 1.0, [1]), TypeError, "Is it a constant"),
    ],
)
def test_what_has_no_derivative_here_says_so(call, error, message):
    with pytest.raises(error, match=message):
        call(Node([1.0, 2.0]))
