"""What crosses between the student's process and the judge, and what does not."""

import socket
import threading
import time

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from patience import patience

from coursekit.grading.execution import messages
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.messages import Cut, WireError
from coursekit.grading.execution.remote import Remote
from coursekit.grading.execution.rpc import Peer
from coursekit.grading.execution.student_process import may
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


def test_a_huge_length_is_refused_before_it_is_read():
    with pytest.raises(WireError, match="a message of"):
        messages.receive(None, bytearray(messages.HEAD.pack(2**40)))


# Calls -------------------------------------------------------------------------------------


@pytest.fixture
def ends():
    """The judge's end, and the names that a student's end in another thread defines."""
    here, there = socket.socketpair()
    names = {}

    def name(wanted):
        return Encoder(student.objects)(names[wanted])

    student = Peer(there, lambda *anything: True, {"name": name})
    thread = threading.Thread(target=student.serve, daemon=True)
    thread.start()
    us = Peer(here, may)
    us.deadline = time.monotonic() + patience(20)

    def get(wanted):
        return Decoder(us.objects)(us.ask("name", wanted))

    yield names, get
    here.close()
    thread.join(patience(5))
    assert not thread.is_alive()
    there.close()


def test_a_function_is_called_where_it_lives(ends):
    names, get = ends
    names["f"] = lambda x, y=2: x * y
    f = get("f")
    assert isinstance(f, Remote)
    assert f(np.arange(3), y=3).tolist() == [0, 3, 6]
    assert get("f") is f


def test_changes_of_arguments_come_back(ends):
    names, get = ends

    def change(array, items, table, generator):
        array += 1
        items.append(array)
        table["new"] = items
        return generator.normal()

    names["f"] = change
    array, items, table, rng = np.zeros(2), [1], {}, np.random.default_rng(0)
    first = get("f")(array, items, table, rng)
    again = np.random.default_rng(0)
    assert first == again.normal()
    assert rng.normal() == again.normal()
    assert array.tolist() == [1, 1]
    assert items[0] == 1
    assert items[1] is array
    assert table["new"] is items


def test_what_is_returned_may_be_an_argument_itself(ends):
    names, get = ends
    names["same"], names["copy"] = (lambda x: x), (lambda x: x.copy())
    x = np.arange(3.0)
    assert get("same")(x) is x
    assert get("copy")(x) is not x


def test_a_read_only_array_stays_so(ends):
    names, get = ends

    def change(x):
        x[0] = 5

    names["f"] = change
    x = np.zeros(2)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        get("f")(x)


def test_functions_of_the_judge_are_called_back_and_their_errors_return(ends):
    names, get = ends
    names["f"] = lambda g, x: g(x) + 1
    seen = []

    def g(x):
        seen.append(x)
        if x > 1:
            raise error
        return 10 * x

    error = KeyError("too large")
    assert get("f")(g, 1) == 11
    with pytest.raises(KeyError) as caught:
        get("f")(g, 2)
    assert caught.value is error
    assert seen == [1, 2]


def test_errors_keep_their_type_and_message(ends):
    names, get = ends

    class Own(ValueError):
        pass

    def fail(error):
        raise {"own": Own("mine"), "plain": ZeroDivisionError("by 0"), "exit": SystemExit(3)}[error]

    names["f"] = fail
    with pytest.raises(ValueError, match="mine"):
        get("f")("own")
    with pytest.raises(ZeroDivisionError, match="by 0"):
        get("f")("plain")
    with pytest.raises(RuntimeError, match="SystemExit: 3"):
        get("f")("exit")


def test_objects_stay_there_and_are_read_by_attribute_and_item(ends):
    names, get = ends

    class Thing:
        size = 3

        def __getitem__(self, k):
            return 10 * k

        def __len__(self):
            return 3

        def __iter__(self):
            return (k for k in range(self.size))

        def __eq__(self, other):
            return True

        __hash__ = object.__hash__

    names["thing"] = Thing()
    thing = get("thing")
    assert (thing.size, thing[2], len(thing), list(thing)) == (3, 20, 3, [0, 1, 2])
    thing.size = 1
    assert list(thing) == [0]
    assert thing != 5  # comparisons are not passed on
    with pytest.raises(TypeError):
        thing + 1
    with pytest.raises(TypeError):
        float(thing)
    with pytest.raises(TypeError, match="neither a number nor an array"):
        np.isclose(thing, 3)


def test_the_judge_shows_nothing_but_calls(ends):
    names, get = ends
    hidden = "the hidden answer"

    def test_function(x):
        return len(hidden)

    def spy(f, what):
        return getattr(f, what)

    names["spy"] = spy
    for what in ("anything", "func_globals"):
        with pytest.raises(AttributeError, match="can only be called"):
            get("spy")(test_function, what)
    for what in ("__globals__", "__code__", "__closure__"):
        with pytest.raises(AttributeError):
            get("spy")(test_function, what)
    names["raw"] = lambda f: f._remote[0].call(f._remote[1], "get", ("__globals__",))
    with pytest.raises(AttributeError, match="can only be called"):
        get("raw")(test_function)


def test_what_a_call_prints_is_printed_by_the_judge(ends, capsys):
    names, get = ends
    names["f"] = lambda: print("hello")
    get("f")()
    assert capsys.readouterr().out == "hello\n"


def test_silence_ends_after_the_deadline(ends):
    names, get = ends
    names["f"] = time.sleep
    f = get("f")
    peer = f._remote[0]
    peer.deadline = time.monotonic() + 0.1
    with pytest.raises(TimeoutError):
        f(1)


def test_a_closed_connection_is_noticed():
    here, there = socket.socketpair()
    there.close()
    with pytest.raises(Cut):
        Peer(here, may).ask("anything")
    here.close()
