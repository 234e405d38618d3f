"""Messages over a socket: whole ones, cut ones, and none that could fill the memory."""

import socket

import msgpack
import pytest

from coursekit.grading.execution import messages
from coursekit.grading.execution.messages import Cut, WireError


@pytest.fixture
def ends():
    """Two ends of a connection."""
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_messages_arrive_in_order_however_they_are_cut(ends):
    here, there = ends
    for message in ([1, "a"], [2, b"\xff", None], ["half \ud800", 2.5]):
        body = msgpack.packb(message, unicode_errors="surrogatepass")
        there.sendall(messages.HEAD.pack(len(body)) + body)
    buffer = bytearray()
    assert messages.receive(here, buffer) == [1, "a"]
    assert messages.receive(here, buffer) == [2, b"\xff", None]
    assert messages.receive(here, buffer) == ["half \ud800", 2.5]
    assert buffer == b""


def test_a_message_with_too_many_lists_is_refused(ends, monkeypatch):
    here, there = ends
    monkeypatch.setattr(messages, "MOST", 3)
    messages.send(there, [[], []])
    assert messages.receive(here, bytearray()) == [[], []]
    messages.send(there, [[], [], []])
    with pytest.raises(WireError, match="more than 3 lists in it"):
        messages.receive(here, bytearray())


def test_a_value_that_is_too_large_is_not_sent(ends, monkeypatch):
    monkeypatch.setattr(messages, "LONGEST", 1000)
    with pytest.raises(WireError, match="a value of 0 MB is too large to pass on"):
        messages.send(ends[1], "x" * 1001)


def test_what_is_no_message_and_a_closed_end(ends):
    here, there = ends
    there.sendall(messages.HEAD.pack(2) + b"\xc1\xc1")
    with pytest.raises(WireError, match="not a message"):
        messages.receive(here, bytearray())
    there.close()
    with pytest.raises(Cut, match="the other end is closed"):
        messages.receive(here, bytearray())


def test_a_huge_length_is_refused_before_it_is_read():
    with pytest.raises(WireError, match="a message of"):
        messages.receive(None, bytearray(messages.HEAD.pack(2**40)))
