"""The tests of hidden numbers find what they look for, and nothing else."""

import pytest
from hidden_numbers import is_short, shows
from hypothesis import given
from hypothesis import strategies as st


@given(st.floats(1e-3, 1e5), st.integers(4, 12), st.sampled_from(["-", "", "x = ", "["]))
def test_a_number_is_found_however_many_digits_are_shown(number, digits, before):
    text = f"the answer is {before}{number:#.{digits}g}, they say"
    assert shows(text, number)
    assert shows(text, -number)
    assert not shows(text, 1.01 * number)


@pytest.mark.parametrize(
    "text", ["x to 2e-07", "2 of 3", "12.8241", "2.824", "x[2]", "2.8 or 82.4"]
)
def test_a_digit_is_not_a_number(text):
    assert not shows(text, 2.8251)


def test_short_numbers_are_told():
    assert is_short(0.5)
    assert is_short(-3)
    assert not is_short(0.1992)
