"""Pairwise and compensated sums: as good as their bounds say, on every axis and in every format."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from coursekit.numbers.summation import BLOCK, compensated_sum, pairwise_sum, two_sum

SUMS = [pairwise_sum, compensated_sum]
FORMATS = [np.float16, np.float32, np.float64]


def unit_roundoff(dtype):
    return Fraction(float(np.finfo(dtype).eps)) / 2


def exact_sum(x):
    return sum((Fraction(float(v)) for v in x), Fraction(0))


def limits(x):
    """Return the bounds of the docstrings: of a pairwise and of a compensated sum."""
    u, k = unit_roundoff(x.dtype), math.ceil(math.log2(len(x)))
    sizes = exact_sum(abs(x))
    gamma = k * u / (1 - k * u)
    twice = 2 * k * u / (1 - 2 * k * u)
    return gamma * sizes, u * abs(exact_sum(x)) + twice**2 * sizes


def terms(dtype):
    """Draw numbers of very different sizes whose sums don't overflow."""
    largest = {np.float16: 400.0, np.float32: 2.0**99, np.float64: 2.0**999}[dtype]
    width = 8 * np.dtype(dtype).itemsize
    size = st.floats(-largest, largest, width=width)
    return arrays(dtype, st.integers(1, 130), elements=size)


@pytest.mark.parametrize("dtype", FORMATS)
@given(data=st.data())
def test_errors_are_within_the_bounds(dtype, data):
    x = data.draw(terms(dtype))
    for add_up, limit in zip(SUMS, limits(x), strict=True):
        got = add_up(x)
        assert got.dtype == dtype
        assert abs(Fraction(float(got)) - exact_sum(x)) <= limit


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 2, 3, 1000, 99_999])
def test_a_compensated_sum_of_positive_terms_is_as_good_as_fsum(n, seed):
    x = np.random.default_rng(seed).lognormal(sigma=3, size=n)
    assert abs(compensated_sum(x) - math.fsum(x)) <= np.spacing(math.fsum(x))


@pytest.mark.parametrize("seed", range(5))
def test_digits_that_cancel_are_kept(seed):
    rng = np.random.default_rng(seed)
    big = rng.normal(size=500) * 2.0 ** rng.integers(0, 40, 500)
    small = rng.normal(size=7)
    x = rng.permutation(np.concatenate([big, -big, small]))
    plain, kept = abs(np.sum(x) - math.fsum(x)), abs(compensated_sum(x) - math.fsum(x))
    assert kept <= np.spacing(abs(math.fsum(x)))
    assert plain > 1e-6


def test_neumaier_s_case_where_kahan_s_method_fails():
    assert compensated_sum([1.0, 1e100, 1.0, -1e100]) == 2
    assert compensated_sum([1e100, 1.0, -1e100]) == 1


def test_a_million_tenths():
    x = np.full(1_000_000, 0.1, np.float32)
    exact = float(exact_sum(x[:1]) * 1_000_000)
    off = [abs(float(s) - exact) for s in (np.cumsum(x)[-1], pairwise_sum(x), compensated_sum(x))]
    assert off[0] > 900
    assert off[1] <= 20 * 2.0**-24 * exact
    assert off[2] <= 2.0**-24 * exact


@pytest.mark.parametrize("add_up", SUMS)
@pytest.mark.parametrize("dtype", [*FORMATS, np.longdouble, ">f4"])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((1,), 0), ((2,), -1), ((3,), 0), ((7, 1), 0), ((4, 5), -1), ((4, 5), 0), ((5, 4), None),
        ((2, 3, 4), 1), ((2, 3, 4), -3), ((2, 3, 4), None), ((), None), ((0, 3), 0), ((3, 0), 0),
        ((3, 0), -1), ((0,), None), ((0, 0), 1),
    ],
)  # fmt: skip
def test_axes_and_formats_as_numpy(add_up, dtype, shape, axis):
    x = np.asarray(np.random.default_rng(0).normal(size=shape)).astype(dtype)
    before = x.copy()
    got, expected = add_up(x, axis), np.sum(x, axis)
    assert got.dtype == expected.dtype.newbyteorder("=")
    assert type(got) is type(expected)
    assert got.shape == expected.shape
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(got, expected, rtol=8 * eps, atol=8 * eps)
    np.testing.assert_array_equal(x, before)


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=9), elements=st.floats(-1e9, 1e9)))
def test_each_slice_is_summed_as_it_would_be_alone(x):
    for add_up in SUMS:
        for axis in range(x.ndim):
            alone = np.apply_along_axis(add_up, axis, x)
            for order in "CF":
                np.testing.assert_array_equal(add_up(x.copy(order), axis), alone)


@pytest.mark.parametrize("add_up", SUMS)
def test_blocks_do_not_show(add_up):
    x = np.random.default_rng(0).normal(size=(100, 3 * BLOCK // 100))
    some = [0, BLOCK // 100 - 1, BLOCK // 100, BLOCK // 100 + 1, x.shape[1] - 1]
    np.testing.assert_array_equal(add_up(x, 0)[some], [add_up(x[:, j]) for j in some])
    row = np.ones(2 * BLOCK + 1)
    assert add_up(row) == row.size


@pytest.mark.parametrize("add_up", SUMS)
def test_integers_and_booleans_are_summed_in_float64(add_up):
    for x in ([1, 2, 3], np.array([100, 100], np.int8), np.array([True, True])):
        got = add_up(x)
        assert got.dtype == np.float64
        assert got == np.sum(x)


@pytest.mark.parametrize("add_up", SUMS)
def test_infinities_and_nan_are_what_the_additions_give(add_up):
    inf, nan = np.inf, np.nan
    x = np.array([[inf, 1, 1], [-inf, 1, 1], [inf, inf, 1], [inf, 1, -inf], [nan, 1, 1], [1, 1, 1]])
    np.testing.assert_array_equal(add_up(x), [inf, -inf, inf, nan, nan, 3])
    with pytest.warns(RuntimeWarning, match="overflow encountered in add"):
        np.testing.assert_array_equal(add_up([[1.7e308, 1.7e308], [1, 2]]), [inf, 3])


@pytest.mark.parametrize("add_up", SUMS)
def test_bad_arguments(add_up):
    with pytest.raises(TypeError, match=r"^axis must be an integer; got 1\.5\."):
        add_up(np.ones((2, 2)), 1.5)
    with pytest.raises(np.exceptions.AxisError, match="axis 2 is out of bounds"):
        add_up(np.ones((2, 2)), 2)
    with pytest.raises(TypeError, match=r"^x must hold real numbers; got dtype complex128\."):
        add_up([1j])


@pytest.mark.parametrize("dtype", FORMATS)
@given(data=st.data())
def test_two_sum_is_exact(dtype, data):
    pair = data.draw(arrays(dtype, 2, elements=terms(dtype).map(lambda x: x[0])))
    s, e = two_sum(*pair)
    assert s == pair[0] + pair[1]
    assert s.dtype == e.dtype == dtype
    assert Fraction(float(s)) + Fraction(float(e)) == exact_sum(pair)
