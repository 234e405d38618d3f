"""A student's functions as tests call them: watched, on copies, with right ones beside them."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, on_copies, watched, with_right


def scale(x, factor=1.0):
    x *= factor
    return x


def pair(p, a):
    return [p @ a, p.tolist()]


@pytest.mark.parametrize("call", [watched, on_copies])
def test_what_is_right_is_returned_as_arrays(call):
    x, a = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    mu, point = call(pair, "mu, point")(x, a=a)
    assert mu == 11
    assert isinstance(point, np.ndarray)
    assert np.array_equal(call(lambda x: [[1, 2], x.tolist()])(x), [[1, 2], [1, 2]])
    assert call(lambda x: True)(x)
    assert call(pair, "mu, point").__name__ == "pair"
    assert callable(call(lambda x: np.exp, None)(x))
    assert call(np.float32)(3).dtype == np.float32


@pytest.mark.parametrize("call", [watched, on_copies])
@pytest.mark.parametrize(
    ("func", "returns", "words"),
    [
        (3, "a number", "What should be your function is a value of type int."),
        (lambda x: None, "a number", "your function returns nothing (None).\nTry: is a return"),
        (lambda x: None, "x, mu", "your function returns nothing (None)."),
        (lambda x: None, None, "your function returns nothing (None)."),
        (lambda x: np.exp, "a number", "returns a function, exp; expected real numbers"),
        (lambda x: [[1], [2, 3]], "a number", "a list of 2, which makes no array of numbers"),
        (lambda x: "one", "a number", "returns a value of type str; expected real numbers"),
        (lambda x: x + 1j, "a number", "returns an array of shape (2,) of complex128"),
        (lambda x: x, "x, mu", "should return the pair (x, mu); it returns an array of shape (2"),
        (
            lambda x: np.ones((3, 1)),
            "x, mu",
            "the pair (x, mu); it returns an array of shape (3, 1).",
        ),
        (lambda x: 1.0, "x, mu", "the pair (x, mu); it returns a value of type float."),
        (lambda x: (1, 2, 3), "x, mu", "the pair (x, mu); it returns 3 values."),
        (lambda x: (1, 2), "x, y, z", "the three values (x, y, z); it returns 2 values."),
        (lambda x: {"x": 1, "mu": 2}, "x, mu", "it returns a value of type dict."),
        (lambda x: (x, None), "x, mu", "mu, of what your function returns, is nothing (None)"),
    ],
)
def test_what_is_of_another_kind_is_named(call, func, returns, words):
    with pytest.raises(CheckFailed) as raised:
        call(func, returns)(np.ones(2))
    assert words in str(raised.value)


def last_of(rows):
    rows[-1] += 1
    return rows[0]


@pytest.mark.parametrize(
    ("func", "args", "options", "words"),
    [
        (scale, (np.ones(3),), {"factor": 2}, "scale changes its input: after a call, the caller"),
        (scale, (np.ones(3),), {"factor": 2}, "the caller's x is different.\nTry: x = 2 * x"),
        (scale, (), {"x": np.ones(3), "factor": 2.0}, "the caller's x is different"),
        (np.ndarray.sort, (np.array([2, 1]),), {}, "returns nothing|changes its input"),
        (last_of, ([1, np.zeros(2)],), {}, "last_of changes its input"),
        (lambda rows: rows.append(1) or 1, ([1],), {}, "your function changes its input"),
    ],
)
def test_a_change_of_an_argument_is_named_or_harmless(func, args, options, words):
    with pytest.raises(CheckFailed) as raised:
        watched(func)(*args, **options)
    assert any(word in str(raised.value) for word in words.split("|"))
    kept = repr((args, options))
    if func is not np.ndarray.sort:
        on_copies(func)(*args, **options)
    assert repr((args, options)) == kept


def test_errors_of_the_function_come_through():
    with pytest.raises(ZeroDivisionError):
        on_copies(lambda x: 1 / 0)(1)
    with pytest.raises(NotImplementedError):
        watched(_stub)(1)


def _stub(x):
    raise NotImplementedError


def first(x):
    return -x


def test_a_right_function_stands_in_only_while_it_is_needed():
    def test():
        seen.append(first(2))
        assert first(2) == 2, "first(2) is not 2."

    seen = []
    with_right(test, first=abs)
    assert seen == [-2, 2]
    assert first(2) == -2
    with pytest.raises(AssertionError, match="not 2"):
        with_right(test, first=lambda x: 7)
    assert first(2) == -2
    with_right(test, first=abs, never_defined=abs)
    assert "never_defined" not in globals()


def test_an_if_about_an_array_is_named_with_its_line():
    def halve(x):
        return x / 2 if x > 0 else x

    assert watched(halve)(3.0) == 1.5
    with pytest.raises(CheckFailed) as failed:
        watched(halve)(np.ones(2))
    said = str(failed.value)
    assert said.startswith("halve raises ValueError: The truth value of an array")
    assert "return x / 2 if x > 0 else x" in said
    assert "an if looks at one number" in said
    with pytest.raises(ValueError, match="another"):
        watched(lambda x: (_ for _ in ()).throw(ValueError("another")))(1.0)
