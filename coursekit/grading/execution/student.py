"""The student's process: it runs the student's cells and serves calls of what they define.

It holds no test, no solution and no score. Whatever code does here, it can only change its own
answers.
"""

import ast
import hashlib
import os
import re
import signal
import types

import msgpack
import numpy as np

from coursekit.grading.execution import messages, shell, tampering, together
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.encoding import Encoder
from coursekit.grading.execution.outputs import packable
from coursekit.grading.execution.rpc import Peer
from coursekit.grading.execution.written import written

ASYNC = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as in a notebook
WORD = re.compile(r"\w+")
GONE = object()
LARGEST = messages.LONGEST // 4  # bytes of the value of one name


class Student:
    """The names of one submission, and the shell in which its cells run."""

    def __init__(self, sock):
        self.shell = shell.Shell._instance or shell.prepare()
        self.told = {}  # what the judge knows of each name
        self.limit = 1_000_000
        handlers = {"start": self.start, "uses": self.uses, "cell": self.cell}
        handlers |= {"names": self.names, "seed": seed, "lend": self.lend}
        handlers |= {"watch": self.watch, "together": self.together}
        handlers |= {"written": lambda: written(self.given)}
        self.given = set()  # names of the files that came with the submission
        self.loaded = {}  # functions and classes of the libraries, before any cell has run
        self.replaced = {}  # names for which a function of the judge stands in
        self.peer = Peer(sock, lambda thing, operation: True, handlers)

    def start(self, files, limit):
        """Write the files that came with the submission."""
        self.limit, self.given = limit, {*files}
        shell.write_files(files)
        return True

    def watch(self):
        """Remember what the libraries hold, before any cell of the student's has run."""
        self.loaded = tampering.snapshot()
        return True

    def together(self):
        """Run a test in a fork of this process."""
        return together.serve(self.peer, self.shell, self.loaded)

    def cell(self, source):
        """Run a cell; return its outputs and its number."""
        try:
            outputs = shell.run(self.shell, source, self.limit)
        except BaseException as error:  # an interrupt in the shell's own code
            text = f"{type(error).__name__}: {error}"
            outputs = [_error(type(error).__name__, str(error), [text])]
        return [packable(outputs), self.shell.execution_count - 1]

    def lend(self, name, node):
        """Let a function of the judge stand in for a name, or none any more."""
        space = self.shell.user_ns
        if node is not None:
            self.replaced.setdefault(name, space.get(name, GONE))
            space[name] = Decoder(self.peer.objects)(node)
        elif name in self.replaced:
            space[name] = self.replaced.pop(name)
            if space[name] is GONE:
                del space[name]
        return True

    def uses(self, sources):
        """Return the names that cells use, as far as their code and its texts tell."""
        found = set()
        for source in sources:
            try:
                waiting = [compile(self.shell.transform_cell(source), "<cell>", "exec", ASYNC)]
            except Exception:
                found.update(WORD.findall(source))
                continue
            while waiting:
                code = waiting.pop()
                found.update(code.co_names)
                for constant in code.co_consts[1:]:  # the first may be a docstring
                    if isinstance(constant, types.CodeType):
                        waiting.append(constant)
                    elif isinstance(constant, str):  # of a magic, say
                        found.update(WORD.findall(constant))
                waiting += [c for c in code.co_consts[:1] if isinstance(c, types.CodeType)]
        return sorted(found)

    def names(self, wanted):
        """Return the values of names that are new or changed, and the names that are gone."""
        space, changed, gone = self.shell.user_ns, [], []
        for name in wanted:
            if name not in space:
                if self.told.pop(name, None) is not None:
                    gone.append(name)
                continue
            value = space[name]
            try:  # of a module only that it is there: the judge imports its own
                is_module = isinstance(value, types.ModuleType)
                node = ["module"] if is_module else Encoder(self.peer.objects)(value)
                packed = msgpack.packb(node, unicode_errors="surrogatepass")
                if len(packed) > LARGEST:  # it stays here
                    packed = msgpack.packb(node := self.peer.objects.refer(value))
                digest = hashlib.sha256(packed)
            except Exception:  # a class that answers no question
                continue
            if digest.digest() != self.told.get(name):
                self.told[name] = digest.digest()
                changed.append([name, node])
        return [changed, gone]


def seed(kind, number):
    """Seed a generator, as a test has just done at the other end."""
    import random

    if kind in ("numpy", "all"):
        np.random.seed(number)  # noqa: NPY002  (what the test has called)
    if kind in ("random", "all"):
        random.seed(number)
    if kind in ("tensorflow", "all"):
        import tensorflow as tf

        tf.random.set_seed(number)
    if kind == "all":
        import keras

        keras.utils.set_random_seed(number)
    return True


def _error(name, value, traceback):
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}


def serve(sock):
    """Serve the judge until it hangs up."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    student = Student(sock)
    try:
        while True:
            try:
                student.peer.serve()
                break
            except KeyboardInterrupt:
                continue  # it came between two requests
    finally:
        os._exit(0)  # or Python would run the student's exit handlers
