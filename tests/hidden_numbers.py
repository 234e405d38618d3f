"""Whether a message gives a number away, for the tests of messages that must not."""

import re

import numpy as np
from hypothesis import assume

DIGITS = 4  # fewer say little, and stand in a message by chance


def is_short(number):
    """Whether so few digits are all of the number."""
    return float(f"{number:.{DIGITS - 2}e}") == number


def assume_long(numbers):
    """Leave out a generated case whose answer has short numbers, which prove nothing."""
    assume(not any(map(is_short, np.ravel(numbers))))


def shows(text, number):
    """Whether ``text`` holds the number, as a whole number of at least four significant digits."""
    for found in re.findall(r"\d+\.?\d*(?:e[+-]?\d+)?", text):
        digits = len(found.partition("e")[0].replace(".", "").lstrip("0"))
        if digits >= DIGITS and float(f"{abs(number):.{digits - 1}e}") == float(found):
            return True
    return False
