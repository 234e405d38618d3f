"""Calls between two processes that do not trust each other.

Each end is a `Peer`. While it waits for an answer it serves the calls that come back, so that a
function of the judge may call one of the student, which calls one of the judge.
"""

import io
import time
from contextlib import nullcontext, redirect_stdout

from coursekit.grading.execution import messages
from coursekit.grading.execution.arguments import contents, differs, overwrite
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.exceptions import ExceptionTable
from coursekit.grading.execution.messages import Cut, WireError
from coursekit.grading.execution.remote import ObjectTable

__all__ = ["Peer"]

LONGEST_PRINT = 100_000  # characters that one call may print

OPERATIONS = {
    "call": lambda thing, /, *args, **kwargs: thing(*args, **kwargs),
    "get": getattr,
    "set": setattr,
    "len": len,
    "item": lambda thing, key: thing[key],
    "put": lambda thing, key, value: thing.__setitem__(key, value),
    "iter": iter,
    "next": next,
}


class Connection:
    """Messages over a socket, all of which must have come before a deadline.

    Parameters
    ----------
    sock : socket
    """

    def __init__(self, sock):
        self.sock, self.buffer = sock, bytearray()
        self.deadline = None  # on the monotonic clock; for all waiting

    def send(self, message):
        """Send a message."""
        self.set_timeout()
        messages.send(self.sock, message)

    def receive(self):
        """Return the next message, a list that begins with a number."""
        message = messages.receive(self.sock, self.buffer, self.set_timeout)
        if not (isinstance(message, list) and len(message) > 1 and type(message[0]) is int):
            raise WireError("not a message")
        return message

    def set_timeout(self):
        """Let the socket wait until the deadline; raise TimeoutError if that is over."""
        if self.deadline is None:
            self.sock.settimeout(None)
        elif (left := self.deadline - time.monotonic()) > 0:
            self.sock.settimeout(left)
        else:
            raise TimeoutError


class Peer(Connection):
    """One end of a connection over which objects are called.

    Parameters
    ----------
    sock : socket
    allows : callable
        ``allows(object, operation)``: whether the other end may do this to an object of ours.
    handlers : dict, optional
        What else may be asked of this end: name, and a function of plain data. The end that has
        any is the student's: whatever its calls raise or print is sent back, with names and lines
        of its code. The judge's end keeps both to itself.
    on_loss : callable, optional
        ``on_loss(peer, error)`` returns what to raise when the other end is late, gone or talks
        nonsense.
    """

    def __init__(self, sock, allows, handlers=None, on_loss=None):
        super().__init__(sock)
        self.allows, self.handlers = allows, handlers or {}
        self.is_student = bool(handlers)
        self.on_loss = on_loss or (lambda peer, error: error)
        self.lost = ""  # why nothing can be asked any more
        self.objects = ObjectTable(self, shows_names=self.is_student)
        self.exceptions = ExceptionTable(
            lambda: Encoder(self.objects), lambda: Decoder(self.objects), self.is_student
        )
        self.asked = self.depth = 0  # requests so far, and those that wait for an answer

    # Asking

    def ask(self, name, *plain, meanwhile=None):
        """Ask a handler of the other end; plain data in and out.

        ``meanwhile(peer)`` is called between the request and the wait for its answer.
        """
        return self._request(["ask", name, list(plain)], None, meanwhile)

    def call(self, handle, operation, args=(), kwargs=None):
        """Do something to an object of the other end."""
        encode = Encoder(self.objects)
        encoded = [encode(args), encode(kwargs or {})]
        try:
            return self._request(["call", handle, operation, *encoded], encode.kept)
        except (StopIteration, StopAsyncIteration) as error:
            if operation == "next":
                raise
            # or it would end a loop of the caller's, like ``all(map(...))``
            raise RuntimeError(f"raised {type(error).__name__}") from None

    def _request(self, message, kept, meanwhile=None):
        """Send a request and return its answer; ``kept`` are the arguments of a call."""
        if self.lost:
            raise self.on_loss(self, Cut(self.lost))
        try:
            self.set_timeout()
            self.asked, self.depth = self.asked + 1, self.depth + 1
            number = self.asked
            try:
                self.send([number, *message])
                if meanwhile:
                    meanwhile(self)
                while (answer := self.receive())[0] != -number:
                    self._serve(answer)
                return answer[1] if kept is None else self._result(answer[1:], kept)
            except (TimeoutError, WireError) as error:
                raise self.on_loss(self, error) from None
            finally:
                self.depth -= 1
        except TimeoutError as error:  # late before it was asked
            raise self.on_loss(self, error) from None

    def _result(self, answer, kept):
        """Return or raise what a call has, print what it printed, change the arguments."""
        try:
            fine, node, changes, printed = answer
            changes = [(kept[k], Decoder(self.objects, kept)(change)) for k, change in changes]
            result = Decoder(self.objects, kept)(node) if fine else self.exceptions.decode(node)
        except (TypeError, ValueError, IndexError) as error:
            raise WireError(f"not an answer: {error}") from None
        print(printed, end="")
        for thing, change in changes:
            overwrite(thing, change)
        if not fine:
            raise result
        return result

    # Serving

    def serve(self):
        """Serve until the other end closes."""
        try:
            while True:
                self._serve(self.receive())
        except Cut:
            return

    def _serve(self, message):
        try:
            number, kind, *rest = message
            if kind == "ask":
                name, plain = rest
                answer = [-number, self.handlers[name](*plain)]
            elif kind == "call":
                answer = [-number, *self._do(*rest)]
            else:
                raise WireError(f"a message of kind {kind!r}")
        except (TypeError, ValueError, KeyError) as error:
            raise WireError(f"not a request: {error}") from None
        self.send(answer)

    def _do(self, handle, operation, args, kwargs):
        """Do what is asked; return whether it went well, the result, changed arguments, prints."""
        decode, printed = Decoder(self.objects), _LimitedText()
        try:
            thing, args, kwargs = self.objects.home(handle), decode(args), decode(kwargs)
            before = [contents(kept) for kept in decode.kept]
            if not self.allows(thing, operation):
                raise AttributeError("what the tests pass to you can only be called")
            with redirect_stdout(printed) if self.is_student else nullcontext():
                result, fine = OPERATIONS[operation](thing, *args, **kwargs), True
        except Cut:
            raise
        except BaseException as error:
            if not (self.is_student or isinstance(error, Exception)):
                raise  # the judge's own time is up
            result, fine = error, False
        try:
            encode = Encoder(self.objects, decode.kept)
            changes = self._changes(decode.kept, before)
            node = encode(result) if fine else self.exceptions.encode(result)
        except (Exception, KeyboardInterrupt) as error:
            return [False, self.exceptions.encode(error), [], printed.getvalue()]
        return [fine, node, changes, printed.getvalue()]

    def _changes(self, kept, before):
        """Return the arguments that have changed: place, and the object described anew."""
        changes = []
        for k, (thing, old) in enumerate(zip(kept, before, strict=True)):
            if differs(contents(thing), old):
                others = [object() if j == k else other for j, other in enumerate(kept)]
                changes.append([k, Encoder(self.objects, others)(thing)])
        return changes


class _LimitedText(io.StringIO):
    """What a call prints, up to a limit."""

    def write(self, text):
        if self.tell() < LONGEST_PRINT:
            super().write(text[:LONGEST_PRINT])
        return len(text)
