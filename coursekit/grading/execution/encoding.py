"""Values of one process as they are sent to the other: plain data, and references.

Numbers, strings, containers and arrays cross by value, rebuilt from their numbers by the receiver,
so nothing that a class of the student's overrides comes with them. Everything else crosses as a
reference, whose calls come back over the wire. Nothing is ever unpickled.

A value is encoded as nested lists ``[tag, ...]``, packed by msgpack. Objects that can change keep
their identity: the same list twice is the same list twice at the other end, and what a call does
to its arguments is done to the caller's objects too.
"""

import datetime
import pathlib
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np

from coursekit.grading.execution import tables

__all__ = ["KINDS", "PLAIN", "TYPES", "Encoder"]

PLAIN = (type(None), bool, float, str, bytes)
KINDS = "biufcUSmM"  # of arrays that hold plain numbers or text
TYPES = {
    **{kind.__name__: kind for kind in (bool, int, float, complex, str, bytes, list, dict)},
    **{kind.__name__: kind for kind in (tuple, set, frozenset, object)},
}


class Encoder:
    """Encode the values of one message.

    ``known`` are objects that the other end holds already, by identity: the arguments of the call
    that is answered.
    """

    def __init__(self, references, known=()):
        self.references = references
        self.seen = {id(thing): ["x", k] for k, thing in enumerate(known)}
        self.kept = []  # in the order in which the decoder meets them

    def __call__(self, value):
        """Return the node of a value."""
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else ["I", hex(value)]
        if id(value) in self.seen:
            return self.seen[id(value)]
        for base, encode in ENCODERS:
            if isinstance(value, base):
                node = encode(self, value)
                if node is not None:
                    return node
        return self.references.refer(value)

    def keep(self, value):
        """Remember an object that keeps its identity."""
        self.seen[id(value)] = ["m", len(self.kept)]
        self.kept.append(value)


def _integer(encode, value):
    return encode(int.__int__(value)) if type(value) is not bool else value


def _scalar(encode, value):
    if value.dtype.kind not in KINDS:
        return None
    return ["n", value.dtype.str, value.tobytes()]


def _array(encode, value):
    value_ = np.ndarray.view(value, np.ndarray)  # whatever a subclass pretends to be
    if value_.dtype.kind in KINDS:
        encode.keep(value)
        order = "F" if value_.flags.fnc and value_.ndim > 1 else "C"
        plain = [value_.dtype.str, list(value_.shape), order, bool(value_.flags.writeable)]
        return ["a", *plain, value_.tobytes(order)]
    if value_.dtype.kind == "O":
        encode.keep(value)
        return ["A", list(value_.shape), [encode(item) for item in value_.ravel().tolist()]]
    return None


def _list(encode, value):
    encode.keep(value)
    return ["l", [encode(item) for item in list.__iter__(value)]]


def _deque(encode, value):
    encode.keep(value)
    return ["q", value.maxlen, [encode(item) for item in list(deque.__iter__(value))]]


def _dict(encode, value):
    encode.keep(value)
    tag = "O" if type(value).__name__ == "OptimizeResult" else "d"
    return [tag, [[encode(key), encode(item)] for key, item in list(dict.items(value))]]


def _set(encode, value):
    encode.keep(value)
    return ["s", [encode(item) for item in list(set.__iter__(value))]]


def _tuple(encode, value):
    items = [encode(item) for item in tuple.__iter__(value)]
    fields = getattr(type(value), "_fields", None)
    if isinstance(fields, tuple) and len(fields) == len(items):
        return ["T", type(value).__name__, [str(field) for field in fields], items]
    return ["t", items]


def _generator(encode, value):
    encode.keep(value)
    return ["g", type(value.bit_generator).__name__, encode(value.bit_generator.state)]


def _type(encode, value):
    if value in TYPES.values():
        return ["y", value.__name__]
    if issubclass(value, np.generic) and value.__module__ == "numpy":
        return ["y", f"numpy.{value.__name__}"]
    if any(value is kind for kind, _ in STANDARD) or value is pathlib.Path:
        return ["y", f"standard.{value.__name__}"]
    if issubclass(value, BaseException) and value.__module__ == "builtins":
        return ["y", f"exception.{value.__name__}"]
    return None


def _dataclass(encode, value):
    """Return the fields of one of the course's own dataclasses, which both ends have."""
    kind = type(value)
    if not (kind.__module__.startswith("coursekit.") and hasattr(kind, "__dataclass_fields__")):
        return None
    encode.keep(value)
    fields = [[name, encode(getattr(value, name))] for name in kind.__dataclass_fields__]
    return ["D", kind.__module__, kind.__qualname__, fields]


def _tensor(encode, value):
    return ["f", encode(np.asarray(value))]


def _model(encode, value):
    """Return a Keras model as its architecture and its weights."""
    try:
        architecture = value.to_json()
    except Exception:  # layers of the student's own
        return None
    handle = encode.references.refer(value)
    return ["K", handle, architecture, [encode(np.asarray(w)) for w in value.get_weights()]]


def _delta(value):
    return [value.days, value.seconds, value.microseconds]


STANDARD = (  # classes of the standard library, and of what numbers or text a value is made again
    (Fraction, lambda value: [value.numerator, value.denominator]),
    (Decimal, lambda value: [Decimal.__str__(value)]),
    (datetime.datetime, lambda value: [datetime.datetime.isoformat(value)]),
    (datetime.date, lambda value: [datetime.date.isoformat(value)]),
    (datetime.time, lambda value: [datetime.time.isoformat(value)]),
    (datetime.timedelta, _delta),
    (pathlib.PurePath, lambda value: [pathlib.PurePath.__str__(value)]),
)


def _standard(encode, value):
    """Return a value of the standard library as the numbers or the text that it is made of."""
    kind, parts = next(pair for pair in STANDARD if isinstance(value, pair[0]))
    return ["v", kind.__name__, [encode(part) for part in parts(value)]]


class _Late(type):
    """A class of a library that is loaded only if someone loaded it."""

    def __instancecheck__(cls, value):
        return any(
            f"{base.__module__}.{base.__name__}" in cls.names for base in type(value).__mro__
        )


class _Tensor(metaclass=_Late):
    names = (
        "tensorflow.python.framework.ops.EagerTensor",
        "tensorflow.python.framework.tensor.Tensor",
    )


class _Model(metaclass=_Late):
    names = ("keras.src.models.model.Model",)


class _Table(metaclass=_Late):
    names = ("pandas.DataFrame", "pandas.core.frame.DataFrame")
    names += ("pandas.Series", "pandas.core.series.Series")


ENCODERS = (
    (int, _integer),
    (np.generic, _scalar),
    (float, lambda encode, value: float.__float__(value)),
    (complex, lambda encode, value: ["c", value.real, value.imag]),
    (str, lambda encode, value: str.__str__(value)),
    (bytes, lambda encode, value: bytes.__getitem__(value, slice(None))),
    (np.ndarray, _array),
    (list, _list),
    (tuple, _tuple),
    (deque, _deque),
    (dict, _dict),
    (set, _set),
    (frozenset, lambda encode, value: ["z", [encode(v) for v in frozenset.__iter__(value)]]),
    (slice, lambda encode, value: ["i", *map(encode, (value.start, value.stop, value.step))]),
    (range, lambda encode, value: ["R", value.start, value.stop, value.step]),
    (tuple(kind for kind, _ in STANDARD), _standard),
    (type(...), lambda encode, value: ["e"]),
    (np.dtype, lambda encode, value: ["p", value.str] if value.kind in KINDS else None),
    (np.random.Generator, _generator),
    (type, _type),
    (_Tensor, _tensor),
    (_Model, _model),
    (_Table, tables.describe),
    (object, _dataclass),
)
