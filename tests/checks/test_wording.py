"""Numbers in messages."""

import numpy as np
import pytest

from coursekit.checks.wording import factor_text, plural, powers_text, rounded_up


@pytest.mark.parametrize(
    ("error", "shown"), [(0.0, 0.0), (np.inf, np.inf), (2e-13, 1e-12), (1e-12, 1e-12), (3.0, 10.0)]
)
def test_errors_are_rounded_up(error, shown):
    assert rounded_up(error) == pytest.approx(shown, rel=1e-12)


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (0.5, "1/2"), (-2.0, "-2"), (np.pi, "π"), (2 * np.pi, "2π"), (-np.pi / 2, "-π/2"),
        (1 / np.pi, "1/π"), (1 / (2 * np.pi), "1/(2π)"), (2**0.5, "√2"), (np.log(2), "log(2)"),
        (1.2345, "1.234"), (1 / np.log(10), "1/log(10)"),
        (1.0, "1"), (-1.0, "-1"), (1.0001, "1.0001"), (1.00000012, "1.00000012"),
        (0.9999, "0.9999"),
    ],
)  # fmt: skip
def test_factors_have_names(factor, name):
    assert factor_text(factor) == name


def test_how_many():
    assert [plural(n, "update") for n in (0, 1, 2)] == ["0 updates", "1 update", "2 updates"]
    assert plural(1, "trial is", "trials are") == "1 trial is"
    assert plural(7, "trial is", "trials are") == "7 trials are"


@pytest.mark.parametrize(
    ("exponents", "name"),
    [
        ({"c": 1}, "c"), ({"c": -1.0}, "1/c"), ({"c": 2}, "c^2"), ({"a": 1, "c": -2}, "a/c^2"),
        ({"a": -1, "b": 0, "c": -0.5}, "1/(a c^0.5)"), ({"a": 1, "c": 1}, "a c"), ({"a": 0}, "1"),
        ({"c": 0.99999}, "c"), ({"c": -1.00001, "a": 2}, "a^2/c"),
    ],
)  # fmt: skip
def test_powers_have_names(exponents, name):
    assert powers_text(**exponents) == name
