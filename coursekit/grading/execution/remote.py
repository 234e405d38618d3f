"""Proxies of the other end's objects, and the table of what each end may refer to."""

from coursekit.grading.execution import keras_models
from coursekit.grading.execution.messages import WireError

__all__ = ["ObjectTable", "Remote", "RemoteContainer", "RemoteIterator"]

LONGEST_NAME = 80


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
        if name.startswith(("__", "_repr_", "_ipython_")):  # nor is it asked how it is shown
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


class RemoteIterator(RemoteContainer):
    """An iterator at the other end."""

    def __iter__(self):
        return self

    def __next__(self):
        return _ask(self, "next")


KINDS = (Remote, RemoteContainer, RemoteIterator)  # by number, as references name them


def _ask(remote, operation, args=(), kwargs=None):
    peer, handle, *_ = remote._remote
    return peer.call(handle, operation, args, kwargs or {})


class ObjectTable:
    """The objects of this end that the other one may refer to, and the proxies of its own.

    Parameters
    ----------
    peer : Peer
        The connection that the proxies use.
    shows_names : bool
        Whether the other end may read what this end calls its objects.
    """

    def __init__(self, peer, shows_names):
        self.peer, self.shows_names = peer, shows_names
        self.ours, self.handles = [], {}
        self.theirs, self.models = {}, {}

    def refer(self, value):
        """Return the reference to an object that does not cross by value."""
        if isinstance(value, Remote) and value._remote[0] is self.peer:
            return ["o", value._remote[1]]
        if id(value) not in self.handles:
            self.handles[id(value)] = len(self.ours)
            self.ours.append(value)  # kept, so that its id stays its own
        kind = type(value)
        name, shown = getattr(value, "__name__", ""), kind.__name__
        number = int(hasattr(kind, "__getitem__") or hasattr(kind, "__iter__"))
        number += int(number and hasattr(kind, "__next__"))
        if not self.shows_names:
            name, shown = ("function", "function") if callable(value) else ("", "object")
        name = name[:LONGEST_NAME] if isinstance(name, str) else ""
        return ["r", self.handles[id(value)], name, shown[:LONGEST_NAME], number]

    def home(self, handle):
        """Return the object of ours that a reference means."""
        if not (isinstance(handle, int) and 0 <= handle < len(self.ours)):
            raise WireError(f"no object {handle!r}")
        return self.ours[handle]

    def remote(self, handle, name, kind, number):
        """Return the proxy of an object of the other end, the same each time."""
        if handle not in self.theirs:
            self.theirs[handle] = KINDS[number](self.peer, int(handle), str(name), str(kind))
        return self.theirs[handle]

    def model(self, handle, architecture, weights):
        """Return a Keras model built here, the same one for the same model over there."""
        if handle[0] not in self.models:
            self.models[handle[0]] = keras_models.build(architecture)
        self.models[handle[0]].set_weights(weights)
        return self.models[handle[0]]
