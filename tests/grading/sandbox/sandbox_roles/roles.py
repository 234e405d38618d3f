"""An entry point for forked processes: it evaluates what it is sent."""

import json
import mmap
import os
import random  # noqa: F401  the expressions use these
import signal  # noqa: F401
import socket  # noqa: F401
import subprocess  # noqa: F401
import sys
import time


def python(sock):
    """Evaluate one expression a line, answer with its value or its error."""
    with sock.makefile() as lines:

        def tell(value):  # not through a buffer, which an interrupted flush would send twice
            sock.sendall(json.dumps(value, default=repr).encode() + b"\n")

        names = globals() | {"tell": tell}
        for line in lines:
            try:
                answer = eval(json.loads(line), names)
            except (Exception, KeyboardInterrupt) as error:
                answer = f"{type(error).__name__}: {error}"
            tell(answer)


def stop(code):
    """Leave as a cell does that calls sys.exit."""
    sys.exit(code)


def fill(megabytes):
    """Hold memory."""
    held = bytearray(b"1" * (megabytes << 20))
    time.sleep(100)
    return len(held)


def share(megabytes):
    """Hold memory that would not count as this process's data."""
    held = mmap.mmap(-1, megabytes << 20)
    for start in range(0, megabytes << 20, 1 << 20):
        held[start : start + (1 << 20)] = b"1" * (1 << 20)
        time.sleep(0.002)
    time.sleep(100)


def write(megabytes):
    """Put memory into files."""
    for i in range(megabytes):
        with open(f"{i}", "wb") as file:
            file.write(bytes(1 << 20))
    time.sleep(100)
    return os.listdir()


def spin():
    """Use processor time."""
    while True:
        pass


def gradient():
    """Return the derivative of x² at 3."""
    import tensorflow as tf

    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    return float(tape.gradient(y, x))
