"""What crosses between the student's process and the judge by value, and what does not."""

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.messages import WireError
from coursekit.objectives import Objective, himmelblau


class NoReferences:
    def refer(self, value):
        raise AssertionError(f"{value!r} was to cross by value")

    remote = home = model = refer


def through(value):
    """Encode, pack, unpack, decode."""
    node = Encoder(NoReferences())(value)
    return Decoder(NoReferences())(msgpack.unpackb(msgpack.packb(node), strict_map_key=False))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.complex_numbers(allow_nan=False)
    | st.text()
    | st.binary()
)
hashable = scalars | st.tuples(scalars, scalars) | st.frozensets(scalars, max_size=3)
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(hashable, inner) | st.sets(hashable)
    ),
)


@given(values)
@settings(max_examples=300, deadline=None)
def test_plain_values_cross_unchanged(value):
    back = through(value)
    assert back == value
    assert type(back) is type(value)


@given(
    npst.arrays(
        npst.scalar_dtypes(),
        npst.array_shapes(min_dims=0, max_dims=3, min_side=0),
    )
)
@settings(max_examples=200, deadline=None)
def test_arrays_cross_bit_by_bit(array):
    back = through(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.1), np.int8(-3), np.bool_(True), np.complex64(1j), slice(1, None, 2),
        range(3, 9),
        ..., np.dtype("f4"), float, np.float32, np.datetime64("2020-01-01"),
        ValueError, 10**40, -(2**63),
    ],
    ids=repr,
)  # fmt: skip
def test_other_plain_values_cross_unchanged(value):
    back = through(value)
    assert back == value
    assert type(back) is type(value)


def test_layout_and_writing_are_kept():
    back = through(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert back.flags.f_contiguous
    frozen = np.arange(3)
    frozen.flags.writeable = False
    assert not through(frozen).flags.writeable


def test_the_same_list_twice_is_the_same_list_twice():
    x = np.zeros(2)
    first, second, third = through([x, x, x.copy()])
    assert first is second
    assert third is not first
    loop = []
    loop.append(loop)
    back = through(loop)
    assert back[0] is back


def test_generators_continue_where_they_were():
    rng = np.random.default_rng(3)
    rng.normal(size=5)
    assert np.array_equal(through(rng).normal(size=4), rng.normal(size=4))


def test_dataclasses_of_the_course_arrive_as_such():
    class Plain(NoReferences):
        def refer(self, value):
            return ["r", 0, "f", "function", False]

        def remote(self, *node):
            return np.sum

    node = Encoder(Plain())(himmelblau)
    back = Decoder(Plain())(node)
    assert isinstance(back, Objective)
    assert back.name == himmelblau.name


class Liar(np.ndarray):
    def __eq__(self, other):
        return True

    def tobytes(self, *args):
        return b"lie"


class AlwaysOne(float):
    def __float__(self):
        return 1.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Pretender(list):
    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.arange(3.0).view(Liar), np.arange(3.0)),
        (AlwaysOne(0.5), 0.5),
        (Pretender(), []),
        (type("S", (str,), {"__str__": lambda self: "x"})("y"), "y"),
        (type("D", (dict,), {"items": lambda self: [(1, 2)]})(), {}),
    ],
    ids=["array", "float", "list", "str", "dict"],
)
def test_a_subclass_brings_its_numbers_and_none_of_its_tricks(value, expected):
    back = through(value)
    assert type(back) is type(expected)
    assert np.array_equal(back, expected) if isinstance(expected, np.ndarray) else back == expected


@pytest.mark.parametrize(
    "node",
    [
        ["a", "<f8", [3], "C", True, b"12345678"],
        ["a", "O", [1], "C", True, b"12345678"],
        ["a", "|V8", [1], "C", True, b"12345678"],
        ["n", "O", b"12345678"],
        ["m", 5],
        ["x", 0],
        ["D", "os", "system", []],
        ["D", "coursekit.objectives", "Objective.__init__", []],
        ["D", "coursekit.objectives", "np", []],
        ["g", "SeedSequence", {}],
        ["y", "numpy.load"],
        ["y", "eval"],
        ["I", "9" * 60_000],
        ["d", [[["l", []], 1]]],
        ["__init__", None],
        ["nothing", 1],
        [],
        [3],
        {},
        ["l", 7],
    ],
    ids=repr,
)
def test_nonsense_is_refused(node):
    with pytest.raises((WireError, AttributeError, KeyError)) as caught:
        Decoder(NoReferences())(node)
    assert caught.type is WireError


def test_deep_nesting_is_refused():
    node = None
    for _ in range(3000):
        node = ["l", [node]]
    with pytest.raises(WireError, match="deeply"):
        Decoder(NoReferences())(node)
