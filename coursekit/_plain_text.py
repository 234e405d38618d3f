"""Text from elsewhere, made fit for a terminal."""

import re

__all__ = ["plain"]


ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text):
    r"""Return the text without colours and without characters that steer a terminal.

    Examples
    --------
    >>> plain("\x1b[31mred\x1b[0m \x1b]0;title\x07alert\x07")
    'red alert'
    """
    return CONTROLS.sub("", ESCAPES.sub("", str(text)))
