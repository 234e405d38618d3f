"""Floating-point numbers and the formulas that keep their digits: facts, not snapshots."""

import math
import struct
import sys
from decimal import Decimal, localcontext
from fractions import Fraction

import ml_dtypes
import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from coursekit.numbers.floating_point import (
    FRACTION,
    bits,
    log1mexp,
    quadratic_roots,
    sqrt1pm1,
    ulp_distance,
)

TYPES = {"bfloat16": ml_dtypes.bfloat16} | {f"float{k}": f"f{k // 8}" for k in (16, 32, 64)}
TYPES = {name: np.dtype(dtype) for name, dtype in TYPES.items()}


def from_pattern(pattern, name):
    dtype = TYPES[name]
    width = dtype.itemsize
    return np.array(pattern % 2 ** (8 * width), f"u{width}").view(dtype)[()]


patterns = st.tuples(st.integers(0, 2**64 - 1), st.sampled_from(sorted(TYPES)))
finite = st.floats(allow_nan=False, allow_infinity=False)


# Bits


@given(patterns)
def test_the_parts_make_up_the_number(drawn):
    x = from_pattern(*drawn)
    part = bits(x)
    assert part.value.dtype == x.dtype
    assert part.value.tobytes() == x.tobytes()
    whole = int(f"{part.sign}{part.exponent}{part.fraction}", 2)
    assert whole == drawn[0] % 2 ** (8 * x.dtype.itemsize)
    assert len(part.fraction) == FRACTION[x.dtype.name]
    if np.isnan(x):
        assert (part.kind, part.power) == ("not a number", None)
        assert part.exact.is_nan()
        assert np.isnan(part.above)
    elif np.isinf(x):
        assert (part.kind, part.power) == ("infinite", None)
        assert part.exact == Decimal(float(x))
    else:
        lead = part.kind == "normal"
        m = lead + Fraction(int(part.fraction, 2), 2 ** len(part.fraction))
        assert (-1) ** part.sign * m * Fraction(2) ** part.power == Fraction(float(x))
        assert Fraction(part.exact) == Fraction(float(x))
        smallest = ml_dtypes.finfo(x.dtype).smallest_normal
        kind = "normal" if abs(x) >= smallest else "subnormal" if x else "zero"
        assert part.kind == kind


@given(patterns)
def test_neighbours_are_one_step_away_and_between_them_is_nothing(drawn):
    x = from_pattern(*drawn)
    part = bits(x)
    if np.isfinite(x):
        assert part.below < x < part.above
        assert ulp_distance(part.below, x) == ulp_distance(x, part.above) == 1
        if np.isfinite(part.above) and x.dtype != np.float64:
            between = (float(x) + float(part.above)) / 2  # exact in float64
            assert bits(between, x.dtype).value in (x, part.above)


def test_one_tenth():
    part = bits(0.1)
    assert part.exact == Decimal("0.1000000000000000055511151231257827021181583404541015625")
    assert part.exponent == "01111111011"
    assert part.fraction == "1001100110011001100110011001100110011001100110011010"
    assert (0.1).hex() == f"0x1.{int(part.fraction, 2):013x}p{part.power}"
    assert bits(0.1, "float32").exact == Decimal("0.100000001490116119384765625")
    assert bits(0.1, np.float32) == bits(np.float32(0.1)) == bits(np.array(0.1, ">f4"))


@given(finite)
def test_doubles_as_struct_packs_them(x):
    part = bits(x)
    (packed,) = struct.unpack(">Q", struct.pack(">d", x))
    assert f"{part.sign}{part.exponent}{part.fraction}" == f"{packed:064b}"


@given(finite)
def test_other_formats_are_rounded_as_by_numpy(x):
    with np.errstate(over="ignore"):
        for name, dtype in TYPES.items():
            assert bits(x, name).value == np.float64(x).astype(dtype)


def test_what_is_printed():
    assert str(bits(0.1, "bfloat16")).splitlines() == [
        "0.100098 in bfloat16: normal",
        "sign      0",
        "exponent  01111011   2**-4",
        "fraction  1001101",
        "exact     0.10009765625",
        "below     0.0996094",
        "above     0.100586",
    ]
    assert repr(bits(-math.inf, "float16")).splitlines()[:5] == [
        "-inf in float16: infinite",
        "sign      1",
        "exponent  11111",
        "fraction  0000000000",
        "exact     -Infinity",
    ]
    smallest = str(bits(2.0**-1074)).splitlines()[4]
    assert smallest == "exact     4.94065645841246544176568792868221372365... (751 digits)"


@pytest.mark.parametrize("x", ["0.1", None, 1j, True, [0.1], np.ones(2, ml_dtypes.bfloat16)])
def test_what_is_no_number(x):
    with pytest.raises(TypeError, match=r"^x must be one real number; got "):
        bits(x)


@pytest.mark.parametrize("dtype", ["float128", "f3", "int32", complex, "single precision"])
def test_what_is_no_format(dtype):
    with pytest.raises(ValueError, match=r'^dtype must be one of "float16", "bfloat16", .*; got '):
        bits(0.1, dtype)


def test_without_ml_dtypes(monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(ImportError, match=r"^bfloat16 needs the package ml_dtypes, which comes"):
        bits(0.1, "bfloat16")
    assert bits(0.1, "float16").kind == "normal"


# Distances


@given(patterns, st.integers(-40, 40))
def test_distance_counts_the_steps(drawn, steps):
    x = from_pattern(*drawn)
    if np.isnan(x):
        return
    y, goal, taken = x, x.dtype.type(math.copysign(math.inf, steps)), 0
    with np.errstate(all="ignore"):
        while taken < abs(steps) and y != goal:
            y, taken = np.nextafter(y, goal), taken + 1
    assert ulp_distance(x, y) == ulp_distance(y, x) == taken


@given(*[st.floats(allow_nan=False)] * 3)
def test_distance_is_additive_between(x, y, z):
    x, y, z = sorted([x, y, z])
    assert ulp_distance(x, z) == ulp_distance(x, y) + ulp_distance(y, z)
    assert (ulp_distance(x, y) == 0) == (x == y)


def test_distances_of_arrays_and_formats():
    got = ulp_distance(np.float32([[1], [2]]), np.float32([1, 1 + 2**-23, 0, -0.0]))
    assert got.dtype == np.uint64
    assert got.tolist() == [[0, 1, 127 << 23, 127 << 23], [1 << 23, (1 << 23) - 1] + 2 * [1 << 30]]
    largest = np.finfo(float).max
    assert ulp_distance(largest, math.inf) == 1
    assert ulp_distance(-largest, largest) == 2**64 - 2**53 - 2  # finite numbers, but the two zeros
    assert ulp_distance(np.float32(0.1), 0.1) == 0  # a Python number takes the other's format
    assert ulp_distance(np.float32(0.1), np.float64(0.1)) == abs(
        int(np.float64(np.float32(0.1)).view(np.int64)) - int(np.float64(0.1).view(np.int64))
    )
    assert ulp_distance(2, [2, 4]).tolist() == [0, 2**52]
    assert ulp_distance(np.array(1.0, ">f8"), 1.0) == 0


def test_bad_distances():
    with pytest.raises(ValueError, match=r"^y must not be NaN, which has no neighbours"):
        ulp_distance(1.0, [1.0, math.nan])
    with pytest.raises(TypeError, match=r"^x must hold real numbers; got dtype complex128\."):
        ulp_distance(1j, 1.0)
    with pytest.raises(ValueError, match=r"^dtype must be one of"):
        ulp_distance(np.longdouble(1), 1.0)


# Quadratic equations


def exact_roots(a, b, c):
    """Return the roots as decimal numbers, in increasing order."""
    with localcontext(prec=80, Emin=-9999, Emax=9999):
        a, b, c = Decimal(a), Decimal(b), Decimal(c)
        root = (b * b - 4 * a * c).sqrt()  # of an exact number: it has at most 330 digits ...
        q = -(b + root.copy_sign(b)) / 2
        return sorted([q / a, c / q if q else Decimal(0)])


coefficients = st.tuples(
    st.integers(-(2**53), 2**53).filter(bool),
    st.integers(-(2**53), 2**53),
    st.integers(-(2**53), 2**53),
    *[st.integers(-300, 200)] * 3,
).map(lambda t: [math.ldexp(m, p) for m, p in zip(t[:3], t[3:], strict=True)])


def within(got, exact, ulps=4):
    return all(
        abs(Decimal(float(g)) - e) <= ulps * Decimal(float(np.spacing(abs(float(g)))))
        for g, e in zip(got, exact, strict=True)
    )


@given(coefficients)
def test_roots_of_all_sizes(abc):
    a, b, c = map(Fraction, abc)
    if b * b - 4 * a * c < 0:
        with pytest.raises(ValueError, match=r"^b\*\*2 - 4\*a\*c must be at least 0"):
            quadratic_roots(*abc)
    else:
        got = quadratic_roots(*abc)
        if np.isfinite(got).all():
            assert within(got, exact_roots(*abc))


@given(st.integers(-(2**26), 2**26), st.integers(-(2**26), 2**26), st.integers(-400, 400))
def test_nearly_equal_and_equal_roots(u, v, power):
    scale = 2.0**power
    got = quadratic_roots(scale, -scale * (u + v), scale * (u * v))  # all exact
    np.testing.assert_allclose(got, sorted([u, v]), rtol=1e-15)


def test_roots_by_hand():
    np.testing.assert_array_equal(quadratic_roots(1, -3, 2), [1, 2])
    np.testing.assert_array_equal(quadratic_roots(-2, 0, 8), [-2, 2])
    np.testing.assert_array_equal(quadratic_roots(1, 4, 0), [-4, 0])
    np.testing.assert_array_equal(quadratic_roots(1, 0, 0), [0, 0])
    np.testing.assert_array_equal(quadratic_roots(1, 1e200, 1), [-1e200, -1e-200])
    np.testing.assert_allclose(quadratic_roots(1e-300, 0, -1e-300), [-1, 1], rtol=1e-15)
    np.testing.assert_array_equal(quadratic_roots(5e-324, 1e200, 0), [-np.inf, 0])
    assert not np.signbit(quadratic_roots(1, 0, 0)).any()


def test_roots_of_batches():
    a, b = np.array([[1.0], [2.0]]), np.array([-5.0, 0.0, 5.0])
    got = quadratic_roots(a, b, -3)
    assert got.shape == (2, 3, 2)
    for i in range(2):
        for j in range(3):
            np.testing.assert_array_equal(got[i, j], quadratic_roots(a[i, 0], b[j], -3))
    residual = a[..., None] * got**2 + b[:, None] * got - 3
    np.testing.assert_allclose(residual, 0, atol=1e-14)


def test_equations_without_two_roots():
    with pytest.raises(ValueError, match=r"^a must not be 0: without x"):
        quadratic_roots([1, 0], 1, 1)
    with pytest.raises(ValueError, match=r"must be at least 0; got less at \[1\]\."):
        quadratic_roots([1, 1], 1, [0, 1])
    with pytest.raises(ValueError, match=r"must be at least 0; got less\."):
        quadratic_roots(1, 1, 1)


# Relatives of log1p and expm1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log1mexp_near_its_ends_and_in_the_middle(dtype):
    sizes = np.concatenate([np.geomspace(1e-30, 80, 400), np.log(2) + np.linspace(-1e-3, 1e-3, 41)])
    x = -sizes.astype(dtype)
    with localcontext(prec=60):
        exact = [(1 - Decimal(float(v)).exp()).ln() for v in x]
    got = log1mexp(x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, np.array(exact, float), rtol=4 * np.finfo(dtype).eps)


def test_log1mexp_at_its_ends():
    np.testing.assert_array_equal(log1mexp([0.0, -np.inf]), [-np.inf, 0])
    assert np.isnan(log1mexp(np.nan))
    assert log1mexp(-math.log(2)) == pytest.approx(-math.log(2), rel=1e-15)
    with pytest.raises(ValueError, match=r"^x must be at most 0; got 0\.5\."):
        log1mexp([-1.0, 0.5, np.nan])


@given(st.floats(-745, -1e-300))
def test_log1mexp_undoes_itself(x):
    back = log1mexp(log1mexp(x))
    if -30 < x < -1e-12:
        assert back == pytest.approx(x, rel=1e-12)


@given(st.floats(-1, 1e300))
def test_sqrt1pm1_is_exact_to_a_few_places(x):
    with localcontext(prec=700):
        exact = (1 + Decimal(x)).sqrt() - 1
        got = Decimal(float(sqrt1pm1(x)))
        assert abs(got - exact) <= 3 * Decimal(float(np.spacing(abs(float(got)))))


def test_sqrt1pm1_at_its_ends():
    np.testing.assert_array_equal(sqrt1pm1([-1.0, 0.0, 3.0, np.inf]), [-1, 0, 1, np.inf])
    assert np.isnan(sqrt1pm1(np.nan))
    assert sqrt1pm1(np.float32(1e-10)).dtype == np.float32
    np.testing.assert_allclose(sqrt1pm1(1e-9), scipy.special.powm1(1 + 1e-9, 0.5), rtol=1e-6)
    with pytest.raises(ValueError, match=r"^x must be at least -1; got -2\.0\."):
        sqrt1pm1([-1.0, -2.0, np.nan])
