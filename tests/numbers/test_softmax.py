"""Softmax, log-softmax, log-sum-exp and cross-entropy: facts, not snapshots."""

import os
import warnings

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursekit.derivatives import numerical_jacobian
from coursekit.numbers.softmax import (
    BLOCK,
    cross_entropy,
    log_softmax,
    logsumexp,
    naive_softmax,
    softmax,
)

FUNCTIONS = [
    (softmax, scipy.special.softmax),
    (log_softmax, scipy.special.log_softmax),
    (logsumexp, scipy.special.logsumexp),
]
IDS = ["softmax", "log_softmax", "logsumexp"]
INF = np.inf

logit_vectors = arrays(
    np.float64, array_shapes(max_dims=1, max_side=40), elements=st.floats(-1e4, 1e4)
)


def tolerance(dtype):
    return 8 * float(np.finfo(dtype).eps)


# The same answers as SciPy


@pytest.mark.parametrize(("ours", "theirs"), FUNCTIONS, ids=IDS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((), -1), ((), None), ((1,), 0), ((7,), -1), ((7,), None), ((3, 1), -1), ((4, 10), -1),
        ((10, 4), 0), ((3, 33), 1), ((33, 3), 0), ((2, 3, 4), 1), ((2, 3, 4), -3),
        ((2, 3, 4), (0, 2)), ((2, 3, 4), (2, 0)), ((2, 3, 4), (-1, 1)), ((2, 3, 4), None),
        ((2, 3), ()), ((2, 3, 4, 50), (1, -1)), ((0, 3), -1), ((3, 0), 0), ((2, 0, 3), 2),
    ],
)  # fmt: skip
def test_agrees_with_scipy_and_keeps_the_float_type(ours, theirs, dtype, shape, axis):
    x = np.asarray(np.random.default_rng(1).normal(scale=5, size=shape)).astype(dtype)
    before = x.copy()
    got, expected = ours(x, axis=axis), theirs(x, axis=axis)
    assert np.shape(got) == np.shape(expected)
    assert type(got) is type(expected)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=tolerance(dtype), atol=tolerance(dtype))
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    ("shape", "axis"), [((4, 5), 0), ((2, 3, 4), (0, 2)), ((2, 3), None), ((), 0)]
)
def test_logsumexp_keepdims_as_scipy(shape, axis):
    x = np.random.default_rng(2).normal(size=shape)
    got = logsumexp(x, axis=axis, keepdims=True)
    expected = scipy.special.logsumexp(np.atleast_1d(x), axis=axis, keepdims=True)
    assert np.shape(got) == (expected.shape if shape else ())
    np.testing.assert_allclose(got, np.reshape(expected, np.shape(got)), rtol=1e-14)


@pytest.mark.parametrize(("ours", "theirs"), FUNCTIONS, ids=IDS)
@pytest.mark.parametrize(
    "x",
    [
        [-INF, 1.0], [-INF, -INF], [INF, 0.0], [INF, INF], [INF, -INF], [np.nan, 1.0],
        [np.nan, -INF], [1.0, np.nan, INF], [[-INF, -INF], [0.0, 1.0]], [1.7e308, -1.7e308],
        [-INF], [INF], [np.nan], [5e-324, 0.0],
    ],
    ids=str,
)  # fmt: skip
def test_infinities_and_nan_as_scipy_but_without_warnings(ours, theirs, x):
    with np.errstate(all="ignore"):
        expected = theirs(x, axis=-1)
    with np.errstate(all="raise"):
        got = ours(x, axis=-1)
    np.testing.assert_allclose(got, expected, rtol=1e-15)


@pytest.mark.parametrize(("ours", "theirs"), FUNCTIONS, ids=IDS)
def test_integers_and_booleans_become_float64(ours, theirs):
    for x in ([1, 2, 3], np.array([-100, 100], dtype=np.int8), np.array([True, False])):
        got = ours(x)
        assert got.dtype == np.float64
        np.testing.assert_allclose(
            got, theirs(np.asarray(x, float), axis=-1), rtol=1e-14, atol=1e-15
        )


@pytest.mark.parametrize("f", [softmax, log_softmax])
@pytest.mark.parametrize(("shape", "axis"), [((0,), -1), ((3, 0), -1), ((0, 3), 0), ((0, 3), None)])
def test_an_empty_axis_is_an_error(f, shape, axis):
    with pytest.raises(ValueError, match=f"^x must have entries along axis {axis}"):
        f(np.zeros(shape), axis=axis)


def test_an_empty_sum_has_logarithm_minus_infinity():
    assert logsumexp([]) == -INF
    np.testing.assert_array_equal(logsumexp(np.zeros((3, 0))), [-INF] * 3)
    np.testing.assert_array_equal(logsumexp(np.zeros((0, 2)), axis=0), [-INF] * 2)
    assert logsumexp(np.zeros((0, 3)), axis=None) == -INF


@pytest.mark.parametrize("f", [softmax, log_softmax, logsumexp])
def test_bad_arguments(f):
    with pytest.raises(TypeError, match=r"^x must hold real numbers; got dtype complex128\."):
        f([1j])
    with pytest.raises(np.exceptions.AxisError):
        f([[1.0, 2.0]], axis=2)
    with pytest.raises(ValueError, match="repeated axis"):
        f(np.zeros((2, 3)), axis=(0, 0))


# Properties


@given(logit_vectors)
def test_probabilities_are_in_the_simplex_and_keep_the_order(x):
    p = softmax(x)
    assert np.all(p >= 0)
    assert abs(p.sum() - 1) <= tolerance(float) * x.size
    assert np.all(np.diff(p[np.argsort(x)]) >= 0)
    assert p[np.argmax(x)] == p.max()


@given(
    arrays(np.float64, array_shapes(max_dims=1, max_side=20), elements=st.integers(-1000, 1000)),
    st.integers(-(10**6), 10**6),
)
def test_adding_a_representable_constant_changes_nothing(x, c):
    np.testing.assert_array_equal(softmax(x + c), softmax(x))  # integers: x + c is exact
    np.testing.assert_array_equal(log_softmax(x + c), log_softmax(x))
    expected = logsumexp(x) + c
    assert abs(logsumexp(x + c) - expected) <= tolerance(float) * (abs(expected) + abs(c) + 1)


@given(logit_vectors)
def test_logsumexp_lies_between_the_maximum_and_the_maximum_plus_log_n(x):
    value, slack = logsumexp(x), tolerance(float) * (np.abs(x).max() + 1)
    assert x.max() <= value <= x.max() + np.log(x.size) + slack


@given(logit_vectors)
def test_log_softmax_is_finite_nonpositive_and_exponentiates_to_softmax(x):
    log_p = log_softmax(x)
    assert np.isfinite(log_p).all()
    assert np.all(log_p <= 0)
    np.testing.assert_allclose(np.exp(log_p), softmax(x), rtol=1e-11, atol=1e-300)


@given(arrays(np.float64, (2, 6), elements=st.floats(-50, 50)), st.floats(0, 1))
def test_logsumexp_is_convex(xy, t):
    x, y = xy
    chord = t * logsumexp(x) + (1 - t) * logsumexp(y)
    assert logsumexp(t * x + (1 - t) * y) <= chord + 1e-12


@pytest.mark.parametrize("f", [softmax, log_softmax, logsumexp])
@pytest.mark.parametrize("shape", [(3, 40), (2, 129), (2 * BLOCK + 3, 1), (BLOCK, 3), (40, 4000)])
def test_blocks_of_slices_agree_with_the_slices_one_by_one(f, shape):
    x = np.random.default_rng(9).normal(scale=10, size=shape)
    got, rows = f(x), [*range(50), *range(-50, 0)] if len(x) > 100 else range(len(x))
    for row in rows:
        np.testing.assert_allclose(got[row], f(x[row]), rtol=1e-14)
    np.testing.assert_allclose(f(x.T, axis=0).T, got, rtol=1e-14)


@pytest.mark.parametrize("length", [BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7])
def test_a_slice_longer_than_a_block(length):
    """Twice the ramp 0, -1, -2, ...: the sum of its exponentials is 2 / (1 - 1/e)."""
    x = 1000 - np.abs(np.arange(length) - length // 2 + 0.5) + 0.5
    total = 2 / -np.expm1(-1.0)
    assert logsumexp(x) == pytest.approx(1000 + np.log(total), rel=1e-15)
    np.testing.assert_allclose(softmax(x)[length // 2], 1 / total, rtol=1e-14)
    np.testing.assert_allclose(log_softmax(x), x - 1000 - np.log(total), rtol=1e-14)
    x[[0, -1]] = np.inf, np.nan
    assert np.isnan(softmax(x)).all()
    assert np.isnan(logsumexp(x))


def test_equal_maxima_in_different_blocks_are_all_counted():
    x = np.full(3 * BLOCK, -np.inf)
    x[:: BLOCK - 1] = 5.0
    count = len(x[:: BLOCK - 1])
    assert logsumexp(x) == pytest.approx(5 + np.log(count), rel=1e-15)
    np.testing.assert_allclose(softmax(x), np.where(x == 5, 1 / count, 0), rtol=1e-15)


@pytest.mark.parametrize("shape", [(200_000, 10), (2, 10**6)])
def test_the_memory_is_that_of_the_result_and_two_blocks(shape):
    import tracemalloc

    x = np.zeros(shape)
    copy = 8 * max(BLOCK, shape[1])  # of a block; a longer slice is a block of its own
    for f, result in ((softmax, x.nbytes), (log_softmax, x.nbytes), (logsumexp, 8 * len(x))):
        tracemalloc.start()
        f(x)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < result + 2 * copy + 8 * 8 * BLOCK


# Closed forms


def test_equal_inputs_give_equal_shares_whatever_their_size():
    for dtype, sizes in ((np.float32, [0, 88, 1e4, 3e38]), (np.float64, [0, 709, -1e3, 1e308])):
        for c in sizes:
            np.testing.assert_array_equal(softmax(np.full(4, c, dtype)), [0.25] * 4)


def test_two_logits_are_the_logistic_function():
    d = np.linspace(-40, 40, 81)
    x = np.stack([np.zeros_like(d), d], axis=-1)
    np.testing.assert_allclose(softmax(x)[:, 1], scipy.special.expit(d), rtol=1e-14)
    np.testing.assert_allclose(log_softmax(x)[:, 1], -np.logaddexp(0, -d), rtol=1e-13)


def test_logs_of_small_integers():
    logs = np.log([1.0, 2.0, 5.0])
    np.testing.assert_allclose(softmax(logs), np.array([1, 2, 5]) / 8, rtol=1e-15)
    assert logsumexp(logs) == pytest.approx(np.log(8), rel=1e-15)
    assert logsumexp(np.zeros(1000)) == pytest.approx(np.log(1000), rel=1e-15)


def test_a_tiny_loss_keeps_its_digits():
    """log(1 + e^-40) is 4.2e-18; a sum that contains the 1 would lose it."""
    for f in (lambda x: -log_softmax(x)[0], lambda x: cross_entropy(x, 0), logsumexp):
        assert f(np.array([0.0, -40.0])) == pytest.approx(np.exp(-40), rel=1e-14)


def test_float16_is_summed_in_a_wider_type():
    """100000 equal float16 logits: the sum of exponentials, 1e5, is beyond float16."""
    x = np.zeros(100_000, np.float16)
    np.testing.assert_array_equal(softmax(x), np.float16(1e-5))
    assert logsumexp(x) == np.float16(np.log(1e5))


def test_the_textbook_formula_agrees_where_nothing_overflows_and_fails_where_documented():
    x = np.random.default_rng(3).normal(size=(5, 4))
    np.testing.assert_allclose(naive_softmax(x, axis=0), softmax(x, axis=0), rtol=1e-14)
    assert naive_softmax(np.float32([0, 1])).dtype == np.float32
    with np.errstate(over="ignore", invalid="ignore"):
        np.testing.assert_array_equal(naive_softmax([709.0] * 3), [0, 0, 0])
        assert np.isnan(naive_softmax([710.0] * 3)).all()
        assert np.isnan(naive_softmax([-746.0] * 3)).all()
    with np.errstate(invalid="ignore"), pytest.warns(RuntimeWarning, match="overflow"):
        naive_softmax([0.0, 710.0])


# Derivatives


def test_the_jacobian_of_softmax_is_diag_p_minus_ppt():
    for x in np.random.default_rng(4).normal(scale=2, size=(5, 6)):
        p = softmax(x)
        jacobian = np.diag(p) - np.outer(p, p)
        np.testing.assert_allclose(numerical_jacobian(softmax, x), jacobian, atol=1e-9)
        eigenvalues = np.linalg.eigvalsh(jacobian)
        assert eigenvalues.min() >= -1e-15
        assert eigenvalues.max() <= 0.5
        np.testing.assert_allclose(jacobian.sum(axis=1), 0, atol=1e-15)


def test_the_gradient_of_logsumexp_is_softmax_and_of_cross_entropy_p_minus_y():
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=5), softmax(rng.normal(size=5))
    gradient = numerical_jacobian(logsumexp, x)
    np.testing.assert_allclose(gradient, softmax(x), atol=1e-9)
    gradient = numerical_jacobian(lambda x: cross_entropy(x, np.broadcast_to(y, x.shape)), x)
    np.testing.assert_allclose(gradient, softmax(x) - y, atol=1e-9)


# Cross-entropy


def test_cross_entropy_of_classes_equals_that_of_one_hot_rows_on_every_axis():
    rng = np.random.default_rng(6)
    x, classes = rng.normal(scale=4, size=(3, 4, 5)), rng.integers(5, size=(3, 4))
    expected = -np.log(np.take_along_axis(softmax(x), classes[..., None], axis=-1))[..., 0]
    one_hot = np.eye(5)[classes]
    for axis in (-1, 1, 0):
        logits, rows = np.moveaxis(x, -1, axis), np.moveaxis(one_hot, -1, axis)
        for labels in (classes, rows, rows.astype(int), rows.astype(bool)):
            loss = cross_entropy(logits, labels, axis=axis)
            np.testing.assert_allclose(loss, expected, rtol=1e-12)


def test_cross_entropy_is_at_least_the_entropy_with_equality_at_p():
    rng = np.random.default_rng(7)
    p, logits = softmax(rng.normal(size=(50, 6))), rng.normal(size=(50, 6))
    entropy = scipy.special.entr(p).sum(axis=-1)
    assert np.all(cross_entropy(logits, p) >= entropy)
    np.testing.assert_allclose(cross_entropy(np.log(p), p), entropy, rtol=1e-13)


def test_cross_entropy_is_finite_where_the_log_of_softmax_is_not():
    assert cross_entropy([-12345.0, -67890.0, -99999999.0], 2) == 99987654.0
    assert cross_entropy(np.float32([0, 200]), 0) == np.float32(200)
    assert cross_entropy([0.0, 1000.0], [1.0, 0.0]) == 1000


def test_a_class_of_probability_zero_costs_nothing():
    assert cross_entropy([0.0, 0.0, -INF], [0.5, 0.5, 0.0]) == pytest.approx(np.log(2))
    assert cross_entropy([0.0, -INF], 1) == INF


def test_a_perfect_prediction_costs_plus_zero():
    for labels in (1, [0.0, 1.0]):
        loss = cross_entropy([-1000.0, 1000.0], labels)
        assert loss == 0
        assert not np.signbit(loss)


def test_cross_entropy_types_and_scalars():
    assert isinstance(cross_entropy([1.0, 2.0], 0), np.float64)
    for dtype in (np.float16, np.float32, np.float64):
        logits = np.zeros((2, 4), dtype)
        for labels in ([0, 3], np.full((2, 4), 0.25), np.full((2, 4), 0.25, np.float32)):
            assert cross_entropy(logits, labels).dtype == dtype


@pytest.mark.parametrize(
    ("labels", "axis", "error", "message"),
    [
        ([0, 3], -1, ValueError, r"^labels\[1\] must be a class from 0 to 2; got 3\.$"),
        ([-1, 0], -1, ValueError, r"^labels\[0\] must be a class from 0 to 2; got -1\.$"),
        ([0, 1, 2], 0, ValueError, r"^labels\[2\] must be a class from 0 to 1; got 2\.$"),
        ([0.0, 1.0], -1, TypeError, "^labels must hold integer classes; got dtype float64"),
        (
            [0, 1, 2],
            -1,
            ValueError,
            r"^labels must be classes of shape \(2,\) or .*; got shape \(3,\)",
        ),
        (1, -1, ValueError, r"^labels must be classes of shape \(2,\) or .*; got shape \(\)"),
        ([[1, 0]], -1, ValueError, r"^labels must have shape \(2, 3\); got shape \(1, 2\)"),
        (
            [[1, 0, 0], [0, 2, -1]],
            -1,
            ValueError,
            r"^labels\[1, 2\] must be a probability, at least 0; got -1",
        ),
        (
            [[1, 0, 0], [0, np.nan, 1]],
            -1,
            ValueError,
            r"^labels\[1, 1\] must be a probability, at least 0; got nan",
        ),
        (
            [[1, 0, 0], [0.5, 0.3, 0]],
            -1,
            ValueError,
            r"^labels must sum to 1 along axis -1 at \[1\]; got 0\.8",
        ),
        (
            [[1, 0, 0], [0, 1, 0]],
            0,
            ValueError,
            r"^labels must sum to 1 along axis 0 at \[2\]; got 0",
        ),
        ([["a"] * 3] * 2, -1, TypeError, "^labels must hold real numbers; got dtype <U1"),
    ],
)
def test_cross_entropy_names_the_bad_label(labels, axis, error, message):
    with pytest.raises(error, match=message):
        cross_entropy(np.zeros((2, 3)), labels, axis=axis)


def test_cross_entropy_of_one_slice_names_its_bad_label_without_a_position():
    with pytest.raises(ValueError, match=r"^labels must be a class from 0 to 2; got 3\.$"):
        cross_entropy(np.zeros(3), 3)
    with pytest.raises(ValueError, match=r"^labels must sum to 1 along axis -1; got 0\.5"):
        cross_entropy(np.zeros(3), [0.5, 0, 0])


def test_agrees_with_tensorflow():
    for name, value in {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}.items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings(action="ignore"):
        tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(8)
    x, classes = rng.normal(scale=30, size=(20, 7)), rng.integers(7, size=20)
    pairs = [
        (softmax(x), tf.nn.softmax(x)),
        (log_softmax(x), tf.nn.log_softmax(x)),
        (logsumexp(x), tf.reduce_logsumexp(x, axis=-1)),
        (cross_entropy(x, classes), tf.nn.sparse_softmax_cross_entropy_with_logits(classes, x)),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12, atol=1e-14)


def test_cross_entropy_of_float16_is_computed_in_float32():
    loss = cross_entropy(np.array([0, 60000, -60000], np.float16), np.array([0, 0.5, 0.5]))
    assert loss.dtype == np.float16
    assert loss == 60000


def test_cross_entropy_needs_one_axis_of_classes():
    with pytest.raises(ValueError, match="logits must have an axis of classes"):
        cross_entropy(3.0, 1)
    for axis in (None, (1,)):
        with pytest.raises(TypeError):
            cross_entropy(np.zeros((2, 3)), np.array([0, 1]), axis=axis)
