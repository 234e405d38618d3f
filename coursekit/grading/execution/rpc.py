"""Calls between two processes that do not trust each other.

Each end is a `Peer`. It hands out references to its own objects and calls those of the other end.
While it waits for an answer it serves the calls that come back, so that a function of the judge
may call one of the student, which calls one of the judge.
"""

import io
import time
import traceback
from collections import deque
from contextlib import nullcontext, redirect_stdout

import numpy as np

from coursekit.grading.execution import encoding, keras_models, messages
from coursekit.grading.execution.encoding import Decoder, Encoder
from coursekit.grading.execution.messages import Cut, WireError


class Remote:
    """An object at the other end. It can be called; what it computes stays there.

    Comparisons, arithmetic and conversions are not passed on: they would let the other end decide
    whether its own answer is right.
    """

    def __init__(self, peer, handle, name, kind):
        object.__setattr__(self, "_remote", (peer, handle, name, kind))
        if name:
            object.__setattr__(self, "__name__", name)

    def __call__(self, *args, **kwargs):
        """Call it there."""
        return _ask(self, "call", args, kwargs)

    def __getattr__(self, name):
        if name.startswith(("__", "_repr_", "_ipython_")):  # nor does it say how it is shown
            raise AttributeError(name)
        return _ask(self, "get", (name,))

    def __setattr__(self, name, value):
        _ask(self, "set", (name, value))

    def __repr__(self):
        _, _, name, kind = self._remote
        return f"<{kind} {name}>" if name else f"<{kind}>"

    def __array__(self, *args, **kwargs):
        raise TypeError(f"{self!r} is neither a number nor an array")


class RemoteContainer(Remote):
    """An object at the other end that has items."""

    def __len__(self):
        return _ask(self, "len")

    def __getitem__(self, key):
        return _ask(self, "item", (key,))

    def __setitem__(self, key, value):
        _ask(self, "put", (key, value))

    def __iter__(self):
        iterator = _ask(self, "iter")
        while True:
            try:
                item = _ask(iterator, "next")
            except StopIteration:
                return
            yield item


def _ask(remote, operation, args=(), kwargs=None):
    peer, handle, *_ = remote._remote
    return peer.call(handle, operation, args, kwargs or {})


class Peer:
    """One end of a connection.

    Parameters
    ----------
    sock : socket
    allows : callable
        ``allows(object, operation)``: whether the other end may do this to an object of ours.
    handlers : dict, optional
        What else may be asked of this end: name, and a function of plain data. The end that has
        any is the student's: whatever its calls raise or print is sent back.
    on_loss : callable, optional
        ``on_loss(peer, error)`` returns what to raise when the other end is late, gone or talks
        nonsense.
    """

    def __init__(self, sock, allows, handlers=None, on_loss=None):
        self.sock, self.allows, self.handlers = sock, allows, handlers or {}
        self.on_loss = on_loss or (lambda peer, error: error)
        self.deadline = None  # on the monotonic clock; for all waiting
        self.lost = ""  # why nothing can be asked any more
        self.buffer = bytearray()
        self.ours, self.handles = [], {}  # what the other end may refer to
        self.theirs, self.models, self.raised = {}, {}, []
        self.asked = self.depth = 0  # requests so far, and those that wait for an answer

    # Asking

    def ask(self, name, *plain):
        """Ask a handler of the other end; plain data in and out."""
        return self._request(["ask", name, list(plain)], None)

    def call(self, handle, operation, args=(), kwargs=None):
        """Do something to an object of the other end."""
        encode = Encoder(self)
        encoded = [encode(args), encode(kwargs or {})]
        try:
            return self._request(["call", handle, operation, *encoded], encode.kept)
        except (StopIteration, StopAsyncIteration) as error:
            if operation == "next":
                raise
            # or it would end a loop of the caller's, like ``all(map(...))``
            raise RuntimeError(f"raised {type(error).__name__}") from None

    def _request(self, message, kept):
        if self.lost:
            raise self.on_loss(self, Cut(self.lost))
        try:
            self._patience()
            self.asked, self.depth = self.asked + 1, self.depth + 1
            number = self.asked
            try:
                self._send([number, *message])
                while (answer := self._receive())[0] != -number:
                    self._serve(answer)
                return answer[1] if kept is None else self._result(answer[1:], kept)
            except (TimeoutError, WireError) as error:
                raise self.on_loss(self, error) from None
            finally:
                self.depth -= 1
        except TimeoutError as error:  # late before it was asked
            raise self.on_loss(self, error) from None

    def _result(self, answer, kept):
        try:
            fine, node, changes, printed = answer
            changes = [(kept[k], Decoder(self, kept)(change)) for k, change in changes]
            result = Decoder(self, kept)(node) if fine else self._exception(node)
        except (TypeError, ValueError, IndexError) as error:
            raise WireError(f"not an answer: {error}") from None
        print(printed, end="")
        for thing, change in changes:
            _overwrite(thing, change)
        if not fine:
            raise result
        return result

    # Serving

    def serve(self):
        """Serve until the other end closes."""
        try:
            while True:
                self._serve(self._receive())
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
        self._send(answer)

    def _do(self, handle, operation, args, kwargs):
        """Do what is asked; return whether it went well, the result, changed arguments, prints."""
        decode, printed = Decoder(self), _Limited()
        try:
            thing, args, kwargs = self.home(handle), decode(args), decode(kwargs)
            before = [_contents(kept) for kept in decode.kept]
            if not self.allows(thing, operation):
                raise AttributeError("what the tests pass to you can only be called")
            with redirect_stdout(printed) if self.handlers else nullcontext():
                result, fine = OPERATIONS[operation](thing, *args, **kwargs), True
        except Cut:
            raise
        except BaseException as error:
            if not (self.handlers or isinstance(error, Exception)):
                raise  # the judge's own time is up
            result, fine = error, False
        encode, changes = Encoder(self, decode.kept), []
        try:
            for k, (kept, old) in enumerate(zip(decode.kept, before, strict=True)):
                if _differs(_contents(kept), old):
                    changes.append([k, Encoder(self, _others(decode.kept, k))(kept)])
            node = encode(result) if fine else self._encoded(result)
        except (Exception, KeyboardInterrupt) as error:
            return [False, self._encoded(error), [], printed.getvalue()]
        return [fine, node, changes, printed.getvalue()]

    # References

    def refer(self, value):
        """Return the reference to an object that does not cross by value."""
        if isinstance(value, Remote) and value._remote[0] is self:
            return ["o", value._remote[1]]
        if id(value) not in self.handles:
            self.handles[id(value)] = len(self.ours)
            self.ours.append(value)  # kept, so that its id stays its own
        kind = type(value)
        name, shown = getattr(value, "__name__", ""), kind.__name__
        has_items = hasattr(kind, "__getitem__") or hasattr(kind, "__iter__")
        if not self.handlers:  # what a test calls its things stays hidden
            name, shown = ("function", "function") if callable(value) else ("", "object")
        name = name[:80] if isinstance(name, str) else ""
        return ["r", self.handles[id(value)], name, shown[:80], bool(has_items)]

    def remote(self, handle, name, kind, has_items):
        """Return the proxy of an object of the other end, the same each time."""
        if handle not in self.theirs:
            kinds = (Remote, RemoteContainer)
            self.theirs[handle] = kinds[bool(has_items)](self, int(handle), str(name), str(kind))
        return self.theirs[handle]

    def home(self, handle):
        """Return the object of ours that a reference means."""
        if not (isinstance(handle, int) and 0 <= handle < len(self.ours)):
            raise WireError(f"no object {handle!r}")
        return self.ours[handle]

    def model(self, handle, architecture, weights):
        """Return a Keras model built here, the same one for the same model over there."""
        if handle[0] not in self.models:
            self.models[handle[0]] = keras_models.build(architecture)
        self.models[handle[0]].set_weights(weights)
        return self.models[handle[0]]

    # Exceptions

    def _encoded(self, error):
        known = getattr(error, "_raised_by_other_end", None)
        if known is not None:
            return ["home", known]
        self.raised.append(error)
        try:
            text = str(error)
        except Exception:
            text = ""
        encode = Encoder(self)
        try:
            plain = [encode(a) for a in error.args if isinstance(a, (str, int, float))]
        except Exception:
            plain = []
        if len(plain) != len(error.args):
            plain = [text]
        names = encoding.exception_names(error)
        line = _own_line(error) if self.handlers else ""  # the judge shows none of its code
        if not self.handlers:
            names = [
                name for name in names if name.startswith(("builtins.", "numpy.", "coursekit."))
            ]
            if isinstance(error, NAMING):
                plain, text = [UNSAID], UNSAID
        return ["error", len(self.raised) - 1, names, plain, text[:10_000], line]

    def _exception(self, node):
        if node[0] == "home":
            return self.raised[node[1]]
        _, number, names, args, text, line = node
        kind = encoding.exception_type([str(name) for name in names])
        decode = Decoder(self)
        try:
            error = kind(*(decode(a) for a in args))
        except Exception:
            error = RuntimeError(str(text))
        if kind is RuntimeError and "builtins.RuntimeError" not in names:
            error = RuntimeError(f"{str(names[0]).rpartition('.')[2]}: {text}")
        error._raised_by_other_end = number
        if line:
            error.add_note(str(line)[:500])
        return error

    # The wire

    def _send(self, message):
        self._patience()
        messages.send(self.sock, message)

    def _receive(self):
        message = messages.receive(self.sock, self.buffer, self._patience)
        if not (isinstance(message, list) and len(message) > 1 and type(message[0]) is int):
            raise WireError("not a message")
        return message

    def _patience(self):
        if self.deadline is None:
            self.sock.settimeout(None)
        elif (left := self.deadline - time.monotonic()) > 0:
            self.sock.settimeout(left)
        else:
            raise TimeoutError


class _Limited(io.StringIO):
    """What a call prints, up to a limit."""

    def write(self, text):
        if self.tell() < 100_000:
            super().write(text[:100_000])
        return len(text)


NAMING = (TypeError, NameError, AttributeError, ImportError, SyntaxError)  # names of a test's
UNSAID = "what the tests pass to you can't be used like this"

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


def _own_line(error):
    """Return the last line of a cell that an exception passed through."""
    own = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if step.filename.startswith("<ipython-input") and step.line
    ]
    return f"line {own[-1].lineno}: {own[-1].line}" if own else ""


def _contents(thing):
    """Return what an object that can change holds, to see later whether it did."""
    if isinstance(thing, np.ndarray):
        whole = [id(v) for v in thing.flat] if thing.dtype.kind == "O" else thing.tobytes()
        return thing.shape, thing.dtype.str, whole
    if isinstance(thing, dict):
        return list(thing.items())
    if isinstance(thing, (list, set, deque)):
        return list(thing)
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    return None


def _differs(new, old):
    if isinstance(new, list):
        same = len(new) == len(old) and all(
            a is b or (isinstance(a, tuple) and all(p is q for p, q in zip(a, b, strict=True)))
            for a, b in zip(new, old, strict=True)
        )
        return not same
    return new is not None and new != old


def _others(kept, k):
    """Return the objects the caller has, without the one that is described anew."""
    return [object() if j == k else thing for j, thing in enumerate(kept)]


def _overwrite(ours, new):
    """Do to our object what was done to its copy."""
    if type(ours) is not type(new) and not isinstance(ours, type(new)):
        raise WireError("an argument changed its type")
    if isinstance(ours, np.ndarray):
        if ours.shape == new.shape and ours.flags.writeable:
            ours[...] = new
    elif isinstance(ours, list):
        ours[:] = new
    elif isinstance(ours, deque):
        ours.clear()
        ours.extend(new)
    elif isinstance(ours, (dict, set)):
        ours.clear()
        ours.update(new)
    elif isinstance(ours, np.random.Generator):
        ours.bit_generator.state = new.bit_generator.state
