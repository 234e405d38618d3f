"""Exceptions that pass between the two processes: as names of classes and plain arguments.

The receiver makes an exception of a class that both ends know. An exception that comes back to the
end that raised it is the same object again.
"""

import builtins
import traceback

import numpy as np

__all__ = ["ExceptionTable", "type_of"]

LONGEST_TEXT = 10_000
NAMING = (TypeError, NameError, AttributeError, ImportError, SyntaxError)  # they name test code
WITHOUT_NAMES = "what the tests pass to you can't be used like this"
KNOWN = ("builtins.", "numpy.", "coursekit.")


def type_of(names):
    """Return the first of these classes that is an ordinary exception both ends know."""
    for name in names:
        kind = getattr(builtins, name.removeprefix("builtins."), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind
        if name == "numpy.linalg.LinAlgError":
            return np.linalg.LinAlgError
        if name == "coursekit.checks.CheckFailed":
            from coursekit.checks import CheckFailed

            return CheckFailed
    return RuntimeError


class ExceptionTable:
    """The exceptions that this end has raised, by number, and those of the other end.

    Parameters
    ----------
    encoder, decoder : callable
        Return a fresh `Encoder` and a fresh `Decoder`.
    shows_code : bool
        Whether the other end may read names and lines of this end's code.
    """

    def __init__(self, encoder, decoder, shows_code):
        self.encoder, self.decoder, self.shows_code = encoder, decoder, shows_code
        self.raised = []

    def encode(self, error):
        """Return the node of an exception."""
        number = getattr(error, "_raised_by_other_end", None)
        if number is not None:
            return ["home", number]
        self.raised.append(error)
        text = _text(error)
        plain = self._plain_arguments(error)
        if plain is None:
            plain = [text]
        names, line = _class_names(error), _own_line(error)
        if not self.shows_code:
            names, line = [name for name in names if name.startswith(KNOWN)], ""
            if isinstance(error, NAMING):
                plain, text = [WITHOUT_NAMES], WITHOUT_NAMES
        return ["error", len(self.raised) - 1, names, plain, text[:LONGEST_TEXT], line]

    def _plain_arguments(self, error):
        """Return the encoded arguments of an exception, or None if not all are plain."""
        encode = self.encoder()
        if not all(isinstance(argument, (str, int, float)) for argument in error.args):
            return None
        try:
            return [encode(argument) for argument in error.args]
        except Exception:  # a subclass of the student's
            return None

    def decode(self, node):
        """Return the exception of a node."""
        if node[0] == "home":
            return self.raised[node[1]]
        _, number, names, args, text, line = node
        kind, decode = type_of([str(name) for name in names]), self.decoder()
        try:
            error = kind(*(decode(argument) for argument in args))
        except Exception:
            error = RuntimeError(str(text))
        if kind is RuntimeError and "builtins.RuntimeError" not in names:
            error = RuntimeError(f"{str(names[0]).rpartition('.')[2]}: {text}")
        error._raised_by_other_end = number
        if line:
            error.add_note(str(line)[:500])
        return error


def _text(error):
    try:
        return str(error)
    except Exception:  # of a class whose __str__ fails
        return ""


def _class_names(error):
    """Return the names of the classes of an exception, the most special first."""
    return [
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in type(error).__mro__
        if kind.__module__ != "builtins" or kind not in (object, BaseException)
    ]


def _own_line(error):
    """Return the last line of a cell that an exception passed through."""
    own = [
        step
        for step in traceback.extract_tb(error.__traceback__)
        if step.filename.startswith("<ipython-input") and step.line
    ]
    return f"line {own[-1].lineno}: {own[-1].line}" if own else ""
