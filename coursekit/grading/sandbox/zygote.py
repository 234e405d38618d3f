"""The warm process: it imports what a homework needs, once, and forks for each submission.

Started by `ZygoteClient`, outside the sandbox, it runs nothing but the import
statements of the instructor. It has one thread, so that a fork is sound; it answers one request
at a time over a socket, and ends, with all that it forked, when the other end goes away.
"""

import gc
import importlib
import json
import os
import select
import shutil
import socket
import subprocess
import sys

from coursekit.grading.sandbox import confine
from coursekit.grading.sandbox.processes import Forked


class Zygote:
    """Requests and answers over the socket to `ZygoteClient`."""

    def __init__(self, sock, setup, base):
        self.sock, self.setup, self.base = sock, setup, base
        self.entries, self.forked, self.number = [], {}, 0
        self.namespace = confine.nobodys_namespace() if setup["sandbox"] else None

    def preload(self):
        """Import what the homework imports; return the statements that failed."""
        failed = self.load(self.setup["preload"])
        if "numpy" in sys.modules:
            importlib.import_module("numpy.random")  # or NumPy loads it at its first use
        for entry in self.setup["entries"]:
            module, name = entry.split(":")
            self.entries.append(getattr(importlib.import_module(module), name))
        return failed

    def load(self, statements):
        """Execute import statements; return those that failed."""
        failed = []
        for statement in statements:
            try:
                exec(compile(statement, "<preload>", "exec"), {"__name__": "preload"})
            except Exception:
                failed.append(statement)
        gc.collect()
        gc.freeze()  # the collector of a child then leaves the shared pages alone
        gc.disable()
        gc.set_threshold(20_000, 20, 20)  # of the children, which are short
        return failed

    def answer(self, request, descriptors):
        """Do what is asked; return the answer and the descriptors that go with it."""
        if request["do"] == "fork":
            with socket.socket(fileno=descriptors[0]) as theirs:
                return self.fork(theirs, self.entries[request["entry"]], request)
        if request["do"] == "load":
            return {"failed": self.load(request["statements"])}, []
        forked = self.forked[request["pid"]]
        if request["do"] == "kill":
            forked.kill()
            del self.forked[request["pid"]]
        return {"status": forked.reap()}, []

    def fork(self, theirs, entry, request):
        """Fork a process for a submission, which talks over the socket `theirs`."""
        folder = None
        if not self.setup["sandbox"]:
            self.number += 1
            folder = f"{self.base}/{self.number}"
            for name in ("submission", "home", "tmp"):
                os.makedirs(f"{folder}/{name}")
        limits, read_only = request["limits"], request["read_only"]
        new = Forked(entry, theirs, limits, folder, self.namespace, read_only)
        self.forked[new.pid] = new
        return {"pid": new.pid}, new.descriptors()

    def loop(self):
        """Answer until the other end goes away."""
        while os.getppid() == self.setup["runner"]:
            if not select.select([self.sock], [], [], 1)[0]:
                continue
            message, descriptors, _, _ = socket.recv_fds(self.sock, 1 << 16, 4)
            if not message:
                return
            try:
                reply, sent = self.answer(json.loads(message), descriptors)
            except (OSError, subprocess.SubprocessError) as error:
                reply, sent = {"error": str(error)}, []
            try:
                socket.send_fds(self.sock, [json.dumps(reply).encode()], sent)
            except OSError:
                return
            finally:
                for descriptor in sent:
                    os.close(descriptor)


def main():
    """Import, say so, and serve."""
    confine.guard()
    sock = socket.socket(fileno=int(sys.argv[1]))
    setup = json.loads(sock.recv(1 << 20))
    base = os.environ["HOME"] = setup["base"]
    zygote = Zygote(sock, setup, base)
    try:
        failed = zygote.preload()
        sock.send(json.dumps({"ready": True, "failed": failed}).encode())
        zygote.loop()
    except (OSError, ImportError, AttributeError) as error:
        sock.send(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    finally:
        for forked in zygote.forked.values():
            forked.kill()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
