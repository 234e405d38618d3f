"""`check_against`: comparison with a reference, call by call."""

import numpy as np
import pytest
from check_examples import CASES, MATRIX, NUMERIC, REFERENCES, broken, difference, norm, variance
from hidden_numbers import is_short, shows
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.checks import CheckFailed, check_against
from coursekit.numbers.softmax import logsumexp, softmax


@NUMERIC
def test_what_is_right_passes(right, cases):
    assert check_against(right, right, cases) is True
    assert check_against(lambda x: right(x) * (1 + 1e-13), right, cases)
    assert check_against(right, [right(*case) for case in cases], cases)
    assert check_against(right, [np.asarray(right(*case)).tolist() for case in cases], cases)
    assert check_against(lambda *args: np.asarray(right(*args)).tolist(), right, cases)


@pytest.mark.parametrize("right", [softmax, logsumexp, np.linalg.norm])
def test_not_finite(right):
    cases = [(np.array([1.0, 2.0]),), (np.array([0.0, 1000.0]),)]
    message = difference(lambda x: right(x) * np.exp(x[1]) / np.exp(x[1]), right, cases)
    assert message.startswith("func: not finite.\n  func([0, 1000])")
    assert "yours nan\nTry: look for an overflow" in message


def test_infinities_and_nan_that_are_expected():
    cases = [(np.array([0.0, 1.0, np.inf, np.nan]),)]
    assert check_against(np.log, np.log, cases)
    message = difference(lambda x: np.nan_to_num(np.log(x)), np.log, cases)
    assert message.startswith("func: wrong in some entries.") or "func: " in message
    assert "entry [0]: yours -1.797693e+308" in message


def half_done(x):
    raise NotImplementedError


def doubling(x):
    x *= 2
    return x / 2


@pytest.mark.parametrize("right", [np.exp, softmax, lambda x: x])
@pytest.mark.parametrize(
    ("func", "words"),
    [
        (3, "func must be a function, got int"),
        (half_done, "half_done is not written yet"),
        (lambda x: 1 / 0, "func raises ZeroDivisionError in func([1, 2, 4]): division by zero"),
        (broken, "return y[0] + 1"),
        (doubling, "doubling changes its input: after doubling([1, 2, 4]) the caller's array"),
        (lambda x: None, "func([1, 2, 4]) returns nothing (None).\nTry: is a return missing?"),
        (lambda x: [[1], [2, 4]], "returns list, expected real numbers"),
        (lambda x: (1, 2), "has shape (2,), expected (3,)"),
        (lambda x: 1.5, "has shape (), expected (3,)"),
        (lambda x: x + 1j, "returns complex128, expected real numbers"),
        (lambda x: x[:2], "has shape (2,), expected (3,).\nTry: print the shape"),
        (
            lambda x: x[None],
            "has shape (1, 3), expected (3,).\nTry: the number of entries is right",
        ),
    ],
)
def test_coarse_differences(func, right, words):
    assert words in difference(func, right, CASES)


@settings(max_examples=150)
@given(
    st.lists(
        st.lists(st.floats(allow_nan=True, width=32), min_size=3, max_size=3),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.floats(), min_size=3, max_size=3),
    st.sampled_from([np.float64, np.float32, np.int64]),
)
def test_any_numbers_pass_or_get_a_diagnosis(expected, added, dtype):
    with np.errstate(all="ignore"):
        values = [np.array(row).astype(dtype) for row in expected]
    cases = [(k,) for k in range(len(values))]
    assert check_against(lambda k: values[k].copy(), values, cases)
    with np.errstate(all="ignore"):
        wrong = [value + np.array(added) for value in values]
    try:
        assert check_against(lambda k: wrong[k], values, cases)
    except CheckFailed as failure:
        assert ": yours " in str(failure)  # noqa: PT017
        assert "\nTry: " in str(failure)  # noqa: PT017


def test_truth_values():
    cases = [(1,), (-1,), (0,)]
    assert check_against(lambda n: n > 0, [True, False, False], cases)
    message = difference(lambda n: n >= 0, [True, False, False], cases)
    assert message.startswith("func: wrong in 1 of 3 cases.\n  func(0): yours 1\n")
    assert "returns str, expected real numbers" in difference(lambda n: "3", [1, 2, 3], cases)


def test_integers_must_agree_exactly():
    cases = [(5000,), (6000,)]
    assert check_against(lambda n: n, [5000, 6000], cases)
    assert check_against(lambda n: float(n), [5000, 6000], cases)
    message = difference(lambda n: n + 1, [5000, 6000], cases)
    assert message.startswith("func: too large by the same amount, 1, everywhere.")


@pytest.mark.parametrize("right", [softmax, norm, variance])
def test_tolerance_follows_the_coarsest_type(right):
    message = difference(lambda x: right(x.astype(np.float32)), right, CASES)
    assert message == difference(lambda x: right(x.astype(np.float32)).astype(float), right, CASES)
    assert "right to about" in message
    singles = [(np.float32(x),) for (x,) in CASES]
    assert check_against(lambda x: right(x).astype(float), lambda x: right(np.float64(x)), singles)
    assert check_against(right, lambda x: right(x) * (1 + 1e-6), CASES, rtol=1e-5)
    difference(right, lambda x: right(x) * (1 + 1e-4), CASES, rtol=1e-5)


def test_a_result_of_zero_is_granted_the_rounding_of_the_others():
    cases = [(0.0,), (1.0,), (2.0,), (np.pi,)]
    assert check_against(lambda x: np.sin(x) + 1e-17, np.sin, cases)
    assert check_against(lambda x: 1e20 * np.sin(x), lambda x: 1e20 * np.sin(x + 1e-17), cases)
    assert "func: wrong in 1 of 4" in difference(lambda x: np.sin(x) + (x == 0), np.sin, cases)
    assert check_against(lambda x: x[:0], lambda x: x[:0], CASES)


def test_an_entry_may_be_off_by_its_own_rounding_only():
    def parts(x):
        return np.array([x[0], x[1]])

    right = (np.array([1e15, 1.0]),)
    difference(lambda x: parts(x) * [1, 200], parts, [right])
    difference(lambda x: parts(x) * [1, 1.001], parts, [right])
    assert check_against(lambda x: parts(x) * (1 + 1e-15), parts, [right])
    said = difference(lambda: np.array([1e15, 200.0]), [np.array([1e15, 1.0])], [()])
    assert said.startswith("The check cannot decide about func: an entry differs")
    said = difference(lambda x: x * (1.0, 200)[x == 1], [1e15, 1.0], [(1e15,), (1.0,)])
    assert said.startswith("The check cannot decide about func")
    difference(lambda: np.array([1e15, 500.0]), [np.array([1e15, 1.0])], [()])


def test_cancellation_is_granted_the_rounding_of_the_arguments():
    """The two orders of a sum differ by rounding, all that is left where the terms cancel."""
    x = np.random.default_rng(0).normal(size=(20, 50)) * 1e6
    x[1:, -1] = -x[1:, :-1].sum(axis=1) + 1e-5
    assert check_against(lambda x: np.cumsum(x, axis=-1)[..., -1], lambda x: x.sum(axis=-1), [(x,)])
    difference(lambda x: x.sum(axis=-1) + 1e-3, lambda x: x.sum(axis=-1), [(x,)])


def test_the_expected_number_is_never_shown():
    def wrong(x):
        return np.sin(5 * x)

    for right, cases in REFERENCES:
        message = difference(wrong, right, cases)
        for number in np.concatenate([np.ravel(right(*case)) for case in cases]):
            assert is_short(number) or not shows(message, number)


def test_functions_as_arguments_and_copies_for_each_call():
    def descend(x, grad):
        x -= grad(x)
        return x

    message = difference(descend, [np.zeros(2)], [(np.ones(2), lambda x: x)])
    assert message.startswith("descend changes its input: after descend([1, 1], a function) ")
    cases = [(np.random.default_rng(0),)]
    assert check_against(lambda rng: rng.normal(), lambda rng: rng.normal(), cases)


@pytest.mark.parametrize(
    ("reference", "cases", "message"),
    [
        (
            np.exp,
            [np.ones(2)],
            r"cases\[0\] must be a tuple of arguments, got ndarray; write \(x,\)",
        ),
        ([1.0], [(1,), (2,)], "reference has 1 values for 2 cases"),
        ([1.0, "2"], [(1,), (2,)], "must hold real numbers or arrays, got str for cases.1."),
        (np.linalg.qr, [(MATRIX,)], "must hold real numbers or arrays, got QRResult for cases.0."),
        ([], [], "reference has 0 values for 0 cases"),
    ],
)
def test_cases_that_make_no_sense(reference, cases, message):
    with pytest.raises(ValueError, match=message):
        check_against(np.exp, reference, cases)
