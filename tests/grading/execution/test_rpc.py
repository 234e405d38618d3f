"""Calls between two ends: what they change, raise, print and refuse."""

import socket
import threading
import time

import numpy as np
import pytest
from patience import patience

from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.messages import Cut
from coursekit.grading.execution.remote import Remote
from coursekit.grading.execution.rpc import Peer
from coursekit.grading.execution.student_process import may


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
