r"""Floating-point numbers taken apart, and formulas that lose none of their digits.

A floating-point number is :math:`\pm m \cdot 2^p` with a *significand* m of a fixed number of bits.
Rounding a real number to the nearest one changes it by a factor :math:`1 + \delta` with
:math:`|\delta| \le u`. This *unit roundoff* u is half of the machine epsilon ``np.finfo(...).eps``:

==========  ========  ========  =====================
format      exponent  fraction  unit roundoff
==========  ========  ========  =====================
float16     5 bits    10 bits   :math:`2^{-11}`
bfloat16    8 bits    7 bits    :math:`2^{-8}`
float32     8 bits    23 bits   :math:`2^{-24}`
float64     11 bits   52 bits   :math:`2^{-53}`
==========  ========  ========  =====================

bfloat16 is a type of the package ``ml_dtypes``, which comes with TensorFlow.

References
----------
N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., SIAM, 2002, chapters 1
and 2.
"""

import math
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from coursekit._arguments import real_array, real_number

__all__ = [
    "Bits",
    "bits",
    "log1mexp",
    "quadratic_roots",
    "sqrt1pm1",
    "ulp_distance",
]

FRACTION = {"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}  # bits of the fraction


class Bits(NamedTuple):
    r"""A floating-point number taken apart. Printed, it shows one part a line.

    A finite number is :math:`(-1)^{\mathrm{sign}} \cdot m \cdot 2^{\mathrm{power}}`, where the
    binary digits of m are 1.fraction, or 0.fraction for zero and subnormal numbers.
    """

    value: np.generic  #: The number, in its format.
    sign: int  #: 0 for plus, 1 for minus.
    exponent: str  #: The stored bits of the exponent: `power` plus a constant.
    fraction: str  #: The bits of the significand behind the point.
    power: int | None  #: The power of two; None for infinities and NaN.
    exact: Decimal  #: The same number in decimal digits, all of them.
    below: np.generic  #: The next smaller number of the format.
    above: np.generic  #: The next larger number of the format.

    @property
    def kind(self):
        """Say what the bits stand for: a number is "normal", "subnormal", "zero" or none."""
        some = "1" in self.fraction
        if "0" not in self.exponent:
            return "not a number" if some else "infinite"
        if "1" not in self.exponent:
            return "subnormal" if some else "zero"
        return "normal"

    def __repr__(self):
        digits = str(self.exact)
        if len(digits) > 70:
            digits = f"{digits[:40]}... ({len(self.exact.as_tuple().digits)} digits)"
        power = "" if self.power is None else f"   2**{self.power}"
        return "\n".join(
            [
                f"{self.value!s} in {self.value.dtype.name}: {self.kind}",
                f"sign      {self.sign}",
                f"exponent  {self.exponent}{power}",
                f"fraction  {self.fraction}",
                f"exact     {digits}",
                f"below     {self.below!s}",
                f"above     {self.above!s}",
            ]
        )


def bits(x, dtype=None):
    """Take a floating-point number apart: its bits, its exact value and its neighbours.

    Parameters
    ----------
    x : float
        A Python number, or a NumPy scalar; infinities and NaN, too.
    dtype : {"float16", "bfloat16", "float32", "float64"}, optional
        The format to which `x` is rounded first. Default: that of `x`, and float64 for Python
        numbers and integers.

    Returns
    -------
    Bits
        With the fields `value`, `sign`, `exponent`, `fraction`, `power`, `exact`, `below` and
        `above`.

    Raises
    ------
    TypeError
        If `x` is not one real number.
    ValueError
        If the format is none of the four.
    ImportError
        If bfloat16 is asked for and ``ml_dtypes`` is not installed.

    Examples
    --------
    >>> bits(0.1, "float32")
    0.1 in float32: normal
    sign      0
    exponent  01111011   2**-4
    fraction  10011001100110011001101
    exact     0.100000001490116119384765625
    below     0.099999994
    above     0.10000001
    >>> bits(0.375).exact, bits(5e-324).kind
    (Decimal('0.375'), 'subnormal')
    """
    given = getattr(x, "dtype", None)
    if given is None or given.name != "bfloat16":
        real_number("x", x)
    elif np.shape(x):
        raise TypeError(f"x must be one real number; got an array of shape {np.shape(x)}.")
    if dtype is None:
        dtype = given if given is not None and given.kind not in "iu" else np.float64
    with np.errstate(over="ignore", under="ignore"):  # too large is inf in a smaller format
        value = np.asarray(x).astype(_format(dtype))[()]
        up, down = value.dtype.type(np.inf), value.dtype.type(-np.inf)
        below, above = np.nextafter(value, down), np.nextafter(value, up)
    width, fraction = 8 * value.dtype.itemsize, FRACTION[value.dtype.name]
    pattern = f"{int(value.view(f'u{value.dtype.itemsize}')):0{width}b}"
    exponent = pattern[1:-fraction]
    stored, bias = int(exponent, 2), 2 ** (len(exponent) - 1) - 1
    return Bits(
        value=value,
        sign=int(pattern[0]),
        exponent=exponent,
        fraction=pattern[-fraction:],
        power=max(stored, 1) - bias if "0" in exponent else None,
        exact=Decimal(float(value)),
        below=below,
        above=above,
    )


def ulp_distance(x, y):
    """Count the steps from one floating-point number to the next that lead from `x` to `y`.

    The numbers of a format stand in a row, and so do their bit patterns: without the sign,
    a pattern read as an integer counts the numbers from 0. The distance is a difference of two
    such integers. It is 0 for equal numbers, 1 for neighbours, and the natural unit of a rounding
    error: the *unit in the last place*, or ulp.

    Parameters
    ----------
    x, y : float or array_like
        They must broadcast against each other. Different formats are combined as in NumPy's
        arithmetic: a Python number takes that of the other, float32 and float64 give float64.

    Returns
    -------
    int, or ndarray of uint64
        At least 0. From the largest finite number to infinity it is 1, and from 0 to -0 it is 0.

    Raises
    ------
    TypeError
        If one does not hold real numbers in a format that :func:`bits` knows.
    ValueError
        If one holds NaN, which has no place in the row, or the shapes don't broadcast.

    Examples
    --------
    >>> ulp_distance(0.1 + 0.2, 0.3)
    1
    >>> ulp_distance(np.float32([1, 2]), np.float32([1 + 2**-22, -2])).tolist()
    [2, 2147483648]
    """
    x, y = (value if np.isscalar(value) else np.asarray(value) for value in (x, y))
    for name, value in (("x", x), ("y", y)):
        if getattr(value, "dtype", np.dtype(float)).name != "bfloat16":
            real_array(name, value, finite=False)
    common = np.result_type(x, y)
    common = _format(common if common.kind not in "biu" else np.float64)
    places = []
    for name, value in (("x", x), ("y", y)):
        value = np.asarray(value).astype(common)
        if np.isnan(value).any():
            raise ValueError(f"{name} must not be NaN, which has no neighbours.")
        pattern = value.view(f"u{common.itemsize}").astype(np.uint64)
        zero = np.uint64(1 << 8 * common.itemsize - 1)  # the bit of the sign, and the place of 0
        size = pattern & (zero - np.uint64(1))
        places.append(np.where(pattern & zero, zero - size, zero + size))
    distance = np.maximum(*places) - np.minimum(*places)
    return distance if distance.shape else int(distance)


def quadratic_roots(a, b, c):
    r"""Both real roots of :math:`a x^2 + b x + c`, without cancellation.

    With :math:`q = -\tfrac12 \bigl(b + \operatorname{sign}(b) \sqrt{b^2 - 4ac}\bigr)` they are

    .. math:: x_1 = \frac{q}{a}, \qquad x_2 = \frac{c}{q} .

    In q two numbers of one sign are added. The discriminant may cancel, so it is computed from
    exact products.

    Parameters
    ----------
    a, b, c : float or array_like
        Finite, a not 0; they must broadcast against each other. Computed in float64.

    Returns
    -------
    ndarray, shape (..., 2)
        The roots in increasing order, a double root twice; each is off by at most 4 units in the
        last place. A root too large for float64 is infinite, one too small has fewer digits.

    Raises
    ------
    TypeError, ValueError
        If one is not real and finite, if a is 0, or if there are no real roots.

    Notes
    -----
    Powers of two are taken out first, so that neither :math:`b^2` nor :math:`4ac` overflows.

    Examples
    --------
    >>> quadratic_roots(1.0, 1e8, 1.0)
    array([-1.e+08, -1.e-08])
    """
    a, b, c = (real_array(name, v) for name, v in (("a", a), ("b", b), ("c", c)))
    (a, i), (b, j), (c, k) = (np.frexp(v.astype(float)) for v in np.broadcast_arrays(a, b, c))
    if not a.all():
        raise ValueError("a must not be 0: without x**2 the equation has one root.")
    j = np.where(b == 0, (i + k) // 2, j)
    k = np.where(c == 0, 2 * j - i, k)
    shift = i + k - 2 * j  # 4ac / b^2 is about 2**shift
    c, shift = np.where(shift % 2, 2 * c, c), shift - shift % 2
    k = shift + 2 * j - i
    grow = np.maximum(shift, 0) // 2
    b, j, shift = np.ldexp(b, -grow), j + grow, shift - 2 * grow
    squared, left = _two_product(b, b)
    product, right = _two_product(4 * a, c)
    discriminant = squared - np.ldexp(product, shift)
    discriminant = discriminant + (left - np.ldexp(right, shift))
    if (discriminant < 0).any():
        at = [int(n) for n in np.argwhere(discriminant < 0)[0]]
        raise ValueError(f"b**2 - 4*a*c must be at least 0; got less{f' at {at}' if at else ''}.")
    q = -(b + np.copysign(np.sqrt(discriminant), b)) / 2
    with np.errstate(over="ignore", under="ignore"):
        first = np.ldexp(q / a, j - i)
        second = np.ldexp(np.divide(c, q, out=np.zeros_like(q), where=q != 0), k - j)
    return np.sort(np.stack([first, second], axis=-1), axis=-1) + 0.0  # no -0


def log1mexp(x):
    r"""Compute :math:`\log(1 - e^x)` for x < 0: the logarithm of a complementary probability.

    Near 0 the difference cancels, and ``expm1`` computes it; far below 0 it is nearly 1, and
    ``log1p`` takes the logarithm. In between, at :math:`-\log 2`, both are good (Mächler).

    Parameters
    ----------
    x : float or array_like
        At most 0, for example a logarithm of a probability; -inf and NaN, too.

    Returns
    -------
    ndarray or scalar
        In the format of `x`, with a relative error of a few units in the last place; -inf at 0.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers, or one above 0.

    Examples
    --------
    >>> log1mexp([-1e-20, -50.0])
    array([-4.60517019e+01, -1.92874985e-22])
    """
    x = real_array("x", x, finite=False)
    if (x > 0).any():
        raise ValueError(f"x must be at most 0; got {np.nanmax(x)}.")
    with np.errstate(divide="ignore", under="ignore"):
        near, far = np.log(-np.expm1(x)), np.log1p(-np.exp(x))
    return np.where(x > -math.log(2), near, far)[()]


def sqrt1pm1(x):
    r"""Compute :math:`\sqrt{1 + x} - 1` as :math:`x / (\sqrt{1 + x} + 1)`: no difference is taken.

    Parameters
    ----------
    x : float or array_like
        At least -1; infinity and NaN, too.

    Returns
    -------
    ndarray or scalar
        In the format of `x`, with a relative error of a few units in the last place.

    Raises
    ------
    TypeError, ValueError
        If `x` does not hold real numbers, or one below -1.

    Examples
    --------
    >>> float(sqrt1pm1(1e-20))
    5e-21
    """
    x = real_array("x", x, finite=False)
    if (x < -1).any():
        raise ValueError(f"x must be at least -1; got {np.nanmin(x)}.")
    root = np.sqrt(1 + x)
    with np.errstate(invalid="ignore"):  # infinity over infinity
        return np.where(np.isposinf(x), x, x / (root + 1))[()]


def _format(dtype):
    """Return the dtype of one of the four formats, from its name or the like."""
    if isinstance(dtype, str) and dtype == "bfloat16":
        try:
            from ml_dtypes import bfloat16 as dtype
        except ImportError:
            raise ImportError(
                "bfloat16 needs the package ml_dtypes, which comes with TensorFlow. "
                "Try: pip install ml_dtypes",
                name="ml_dtypes",
            ) from None
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.name not in FRACTION:
        known = ", ".join(f'"{name}"' for name in FRACTION)
        raise ValueError(f"dtype must be one of {known}; got {dtype!r}.")
    return found.newbyteorder("=") if found.kind == "f" else found


def _two_product(a, b):
    """Return the rounded product, and its rounding error (Dekker); for sizes far from the ends."""

    def halves(x):  # of 26 bits: their products are exact
        high = (2**27 + 1) * x
        high = high - (high - x)
        return high, x - high

    (ah, al), (bh, bl), product = halves(a), halves(b), a * b
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl
