"""How an answer differs from what is expected."""

import numpy as np
import pytest
from check_examples import CASES, NUMERIC, ROWS, SQUARE, difference, norm

from coursekit.numbers.softmax import log_softmax, softmax


@NUMERIC
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y: -y, "opposite sign."),
        (lambda y: 0 * y, "zero."),
        (lambda y: 2 * y, "2 times the expected value."),
        (lambda y: -2 / 3 * y, "-2/3 times the expected value."),
        (lambda y: y / 784, "1/784 times the expected value."),
        (lambda y: np.pi * y, "3.142 times the expected value."),
        (lambda y: y + 0.5, "too large by the same amount, 0.5, everywhere."),
        (lambda y: y - 3, "too small by the same amount, 3, everywhere."),
        (lambda y: y**2, "the square of the expected value."),
        (np.sqrt, "the square root of the expected value."),
        (np.exp, "the exponential of the expected value."),
        (np.log, "the logarithm of the expected value."),
        (lambda y: y.astype(np.float32).astype(float), "right to about "),
        (lambda y: y * (1 + 1e-4 * np.sin(7 * y)), "digits only."),
    ],
)
def test_relations(right, cases, change, words):
    message = difference(lambda x: change(np.asarray(right(x))), right, cases)
    assert message.startswith(f"func: {words}") or words == "digits only."
    assert words in message
    assert ": yours " in message
    assert "\nTry: " in message
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("right", [np.sin, np.cos, lambda x: x])
def test_a_lost_sign(right):
    message = difference(lambda x: np.abs(right(x)), right, CASES)
    assert message.startswith("func: opposite sign in some entries")


@pytest.mark.parametrize("right", [np.exp, np.linalg.qr, lambda a: a @ a])
def test_transposed_matrices(right):
    def one(a):
        return right(a)[1] if isinstance(right(a), tuple) else right(a)

    message = difference(lambda a: one(a).T, one, SQUARE)
    assert message.startswith("func: transposed.")
    assert "entry [" in message
    message = difference(lambda a: one(a)[:, :1].T, lambda a: one(a)[:, :1], SQUARE)
    assert "has shape (1, 2), expected (2, 1).\nTry: it looks transposed." in message


@pytest.mark.parametrize("right", [np.sort, softmax, lambda x: x**3])
def test_reversed_order(right):
    message = difference(lambda x: right(x)[..., ::-1], right, CASES)
    assert message.startswith("func: in reversed order.")


@pytest.mark.parametrize("right", [np.mean, np.var, lambda x: (x**2).mean()])
def test_a_factor_in_each_case(right):
    cases = [(np.array([1.0, 2.5]),), (ROWS[1],), (np.arange(7.0),)]
    message = difference(lambda x: len(x) * right(x), right, cases)
    assert "off by a factor that differs from case to case, 2, then 3, then 7." in message
    assert "func([1, 2.5]): yours " in message
    assert "is it a sum where a mean is asked for" in message


@pytest.mark.parametrize("right", [np.sum, np.prod, norm])
def test_some_cases_only(right):
    def wrong(x):
        return -right(x) if x[0] < 1 else right(x)

    message = difference(wrong, right, [(row,) for row in np.abs(ROWS)])
    words = "wrong: opposite sign in 1 of 2 cases.\n  wrong([0.5, 3, 2]): yours "
    assert message.startswith(words)


@pytest.mark.parametrize("right", [softmax, np.exp, lambda x: x**2 + 1])
def test_some_entries_only(right):
    message = difference(lambda x: right(x) * np.array([1, 1, -1.0]), right, CASES)
    assert message.startswith(
        "func: opposite sign in some entries.\n  func([1, 2, 4]), entry [2]: "
    )
    message = difference(lambda x: right(x) + np.array([0, 1, 0]) * np.sin(9 * x), right, CASES[:2])
    assert message.startswith("func: wrong.\n  func([1, 2, 4]), entry [1]: yours ")
    assert message.endswith("\nTry: do this case by hand, and print each step of your code.")


@pytest.mark.parametrize("right", [softmax, norm, log_softmax])
def test_what_explains_one_case_alone_is_not_said(right):
    def wrong(x):
        return -right(x) if x[0] == 1 else right(x) + x[0] ** 2 * np.sin(9 * right(x))

    message = difference(wrong, right, CASES[:2])
    assert message.startswith("wrong: wrong.\n  wrong([")


@pytest.mark.parametrize("right", [softmax, log_softmax, norm])
def test_right_without_a_batch_only(right):
    def mixes(x):
        return right(x) if x.ndim == 1 else right(x) * np.sin(x).sum()

    message = difference(mixes, right, CASES)
    assert "for a batch, but right without one.\n  mixes([[1, 2, 4], [0.5, -3, 2]])" in message
    assert "axis=-1" in message
    message = difference(lambda x: right(x.ravel()), right, CASES)
    assert "; func([1, 2, 4]) is right.\nTry: " in message
    message = difference(lambda x: right(x if x.ndim == 1 else x @ x), right, CASES)
    assert "func raises ValueError in func([[1, 2, 4], [0.5, -3, 2]]): " in message
    assert "Try: take many points at once: print the shapes in that line" in message
    assert message.endswith("not math. For rows x of a batch, the products M x are x @ M.T.")
    message = difference(lambda x: -right(x) if x.ndim == 1 else 0 @ x, right, CASES)
    assert message.startswith("func: opposite sign.")  # first things first
    message = difference(lambda x: -right(x) if x.ndim == 1 else None, right, CASES)
    assert message.startswith("func: opposite sign.")


def test_a_call_is_described_in_one_short_line():
    def text(*arguments):
        return difference(lambda *a: None, [1.0], [arguments]).split(" returns nothing")[0]

    assert text(np.float32([0, 100]), 0) == "func(float32([0, 100]), 0)"
    assert text(np.zeros((5, 2)), None, "fro") == "func(array of shape (5, 2), None, 'fro')"
    assert text(np.zeros((5, 2), np.float32)) == "func(float32 array of shape (5, 2))"
    assert text(norm, lambda x: x, 1e-9) == "func(norm, a function, 1e-09)"
    assert text([1, (2.5, np.int64(3))], {}) == "func([1, [2.5, 3]], dict)"
    long = np.array([1.23456789, 2.3456789, 3.456789])
    assert text(*[long] * 3) == f"func({', '.join(['array of shape (3,)'] * 3)})"
    assert difference(lambda: None, [1.0], [()]).startswith("func() returns nothing")
