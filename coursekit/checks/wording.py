"""Numbers as the messages of the checks write them."""

from fractions import Fraction

import numpy as np

__all__ = ["factor_text", "plural", "powers_text", "rounded_up", "unlike"]


def plural(number, one, many=""):
    """Say how many: "1 update", "3 updates"; ``many`` is given where an s doesn't make it."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def powers_text(**exponents):
    """Say a product of powers: "c", "1/c", "a c^2", "a/(b c^0.5)", "1"; zeros are left out."""

    def product(sign):
        sizes = {name: sign * e for name, e in exponents.items() if sign * e > 0}
        return [name if f"{e:.2g}" == "1" else f"{name}^{e:.2g}" for name, e in sizes.items()]

    above, below = product(1), product(-1)
    bottom = f"/({' '.join(below)})" if len(below) > 1 else "".join(f"/{name}" for name in below)
    return (" ".join(above) or "1") + bottom


def unlike(a, b, digits=7):
    """Two numbers as texts with so many digits, or as many more as show that they differ."""
    while f"{a:.{digits}g}" == f"{b:.{digits}g}" and digits < 17 and a != b:
        digits += 1
    return f"{a:.{digits}g}", f"{b:.{digits}g}"


def rounded_up(error):
    """Power of ten above an error: its size is all that is known."""
    return 10.0 ** np.ceil(np.log10(error)) if 0 < error < np.inf else error


def factor_text(factor):
    """A factor by name: a fraction of small numbers, such a multiple of a constant, or digits."""
    constants = (
        ("", 1.0), ("π", np.pi), ("√2", 2**0.5), ("e", np.e), ("log(2)", np.log(2)),
        ("log(10)", np.log(10)), ("√π", np.pi**0.5),
    )  # fmt: skip
    for name, value in constants:
        for below, ratio in ((False, factor / value), (True, factor * value)):
            simple = Fraction(float(ratio)).limit_denominator(12 if not name else 6)
            small = abs(simple.numerator) <= (1000 if not name else 12)
            near = 1e-12 if not name and abs(simple) == 1 else 1e-6  # 1.0000001 is not 1
            if simple and small and abs(simple - ratio) < near * abs(ratio):
                if not name:
                    return str(simple)
                return _product(simple, name, below)
    off = abs(abs(factor) - 1)
    return f"{factor:.{max(4, 2 - int(np.floor(np.log10(off))) if off else 4)}g}"


def _product(simple, name, below):
    numerator, denominator = abs(simple.numerator), simple.denominator
    sign = "-" if simple < 0 else ""
    if below:
        return (
            f"{sign}{numerator}/{name}"
            if denominator == 1
            else f"{sign}{numerator}/({denominator}{name})"
        )
    times = name if numerator == 1 else f"{numerator}{name}"
    return f"{sign}{times}" + (f"/{denominator}" if denominator > 1 else "")
