"""What passes between the student's process and the judge: plain data, and references.

Numbers, strings, containers and arrays cross by value, rebuilt from their numbers by the receiver,
so nothing that a class of the student's overrides comes with them. Everything else crosses as a
reference, whose calls come back over the wire. Nothing is ever unpickled.

A value is encoded as nested lists ``[tag, ...]``, packed by msgpack. Objects that can change keep
their identity: the same list twice is the same list twice at the other end, and what a call does
to its arguments is done to the caller's objects too.
"""

import sys
from collections import deque

import numpy as np

from coursekit.grading.execution.messages import WireError

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
    (type(...), lambda encode, value: ["e"]),
    (np.dtype, lambda encode, value: ["p", value.str] if value.kind in KINDS else None),
    (np.random.Generator, _generator),
    (type, _type),
    (_Tensor, _tensor),
    (_Model, _model),
    (object, _dataclass),
)


class Decoder:
    """Decode the values of one message; ``known`` as for `Encoder`."""

    def __init__(self, references, known=()):
        self.references, self.known, self.kept = references, list(known), []

    def __call__(self, node):
        """Return the value of a node."""
        if type(node) in PLAIN or type(node) is int:
            return node
        try:
            if len(tag := str(node[0])) != 1:  # nothing but the methods below
                raise WireError(f"a value of kind {tag!r:.40}")
            return getattr(self, f"_{tag}")(*node[1:])
        except (WireError, MemoryError):
            raise
        except RecursionError:
            raise WireError("a value nested too deeply") from None
        except Exception as error:
            raise WireError(f"not a value: {type(error).__name__}: {error}") from None

    def _I(self, text):
        if len(text) > 50_000:
            raise WireError("an integer with too many digits")
        return int(text, 16)

    def _c(self, real, imag):
        return complex(real, imag)

    def _x(self, k):
        return self.known[k]

    def _m(self, k):
        return self.kept[k]

    def _n(self, dtype, data):
        return _numbers(dtype, data)[0]

    def _a(self, dtype, shape, order, writeable, data):
        array = _numbers(dtype, data).reshape(shape, order=order).copy("K")
        array.flags.writeable = writeable
        self.kept.append(array)
        return array

    def _A(self, shape, items):
        array = np.empty(len(items), dtype=object)
        array = array.reshape(shape)
        self.kept.append(array)
        array.ravel()[:] = [None] * len(items)
        for k, item in enumerate(items):
            array.reshape(-1)[k] = self(item)
        return array

    def _l(self, items):
        made = []
        self.kept.append(made)
        made.extend(self(item) for item in items)
        return made

    def _q(self, longest, items):
        made = deque(maxlen=longest)
        self.kept.append(made)
        made.extend(self(item) for item in items)
        return made

    def _d(self, items):
        made = {}
        self.kept.append(made)
        made.update((self(key), self(item)) for key, item in items)
        return made

    def _O(self, items):
        from scipy.optimize import OptimizeResult

        made = OptimizeResult()
        self.kept.append(made)
        made.update((str(key), self(item)) for key, item in items)
        return made

    def _s(self, items):
        made = set()
        self.kept.append(made)
        made.update(self(item) for item in items)
        return made

    def _z(self, items):
        return frozenset(self(item) for item in items)

    def _t(self, items):
        return tuple(self(item) for item in items)

    def _T(self, name, fields, items):
        from collections import namedtuple

        name = name if name.isidentifier() else "Record"
        return namedtuple(name, fields, rename=True)(*(self(item) for item in items))

    def _i(self, start, stop, step):
        return slice(self(start), self(stop), self(step))

    def _R(self, start, stop, step):
        return range(start, stop, step)

    def _e(self):
        return ...

    def _p(self, dtype):
        return _dtype(dtype)

    def _y(self, name):
        kind, _, last = name.rpartition(".")
        made = getattr(np, last) if kind == "numpy" else None
        if isinstance(made, type) and issubclass(made, np.generic):
            return made
        if kind == "exception":
            return exception_type([last])
        return TYPES[name]

    def _g(self, name, state):
        if name not in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
            raise WireError(f"a generator {name!r}")
        made = np.random.Generator(getattr(np.random, name)(0))
        self.kept.append(made)
        state = self(state)
        for place, end in (("pos", 625), ("buffer_pos", 5)):  # NumPy would read beyond the end
            if not 0 <= {**state, **state["state"]}.get(place, 0) < end:
                raise WireError(f"a generator at place {place}")
        made.bit_generator.state = state
        return made

    def _D(self, module, name, fields):
        if not module.startswith("coursekit."):
            raise WireError(f"an object of {module}")
        if module not in sys.modules:
            raise WireError(f"an object of {module}, which no test uses")
        kind = getattr(sys.modules[module], name)
        if not (isinstance(kind, type) and "__dataclass_fields__" in vars(kind)):
            raise WireError(f"{module}.{name} is no dataclass")
        place = len(self.kept)
        self.kept.append(None)
        made = kind(**{str(field): self(item) for field, item in fields})
        self.kept[place] = made
        return made

    def _f(self, array):
        array = self(array)
        tensorflow = sys.modules.get("tensorflow")
        return array if tensorflow is None else tensorflow.constant(array)

    def _K(self, handle, architecture, weights):
        if "keras" not in sys.modules:
            raise WireError("a Keras model, in a homework without")
        weights = [self(w) for w in weights]
        return self.references.model(tuple(handle[1:]), architecture, weights)

    def _r(self, *node):
        return self.references.remote(*node)

    def _o(self, handle):
        return self.references.home(handle)


def _numbers(dtype, data):
    """Return the items of an array; a byte that is no truth value becomes one."""
    dtype = _dtype(dtype)
    return np.frombuffer(data, np.uint8) != 0 if dtype.kind == "b" else np.frombuffer(data, dtype)


def _dtype(text):
    dtype = np.dtype(text)
    if dtype.kind not in KINDS:
        raise WireError(f"an array of {text!r}")
    return dtype


# Exceptions --------------------------------------------------------------------------------


def exception_type(names):
    """Return the first of these classes that is an ordinary exception both ends know."""
    for name in names:
        kind = getattr(__import__("builtins"), name.removeprefix("builtins."), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind
        if name == "numpy.linalg.LinAlgError":
            return np.linalg.LinAlgError
        if name == "coursekit.checks.CheckFailed":
            from coursekit.checks import CheckFailed

            return CheckFailed
    return RuntimeError


def exception_names(error):
    """Return the names of the classes of an exception, the most special first."""
    return [
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in type(error).__mro__
        if kind.__module__ != "builtins" or kind not in (object, BaseException)
    ]
