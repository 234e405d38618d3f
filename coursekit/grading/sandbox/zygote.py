"""The warm process: it imports what a homework needs, once, and forks for each submission.

Started by `coursekit.grading.sandbox.warm.Warm`, outside the walls, it runs nothing but the import
statements of the instructor. It has one thread, so that a fork is sound; it answers one request
at a time over a socket, and ends, with all that it forked, when the other end goes away.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import site
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path

from coursekit.grading.sandbox import confine

KILL_SECONDS = 10


def environment():
    """Return the environment of a warm process: clean, and one thread for each library."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),  # to find bubblewrap; a fork gets another
        "LANG": "C.UTF-8",
        "USER": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(cache / "coursekit" / "matplotlib"),  # fonts are listed once
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        **{f"{name}_NUM_THREADS": "1" for name in threads},
    }
    if site.ENABLE_USER_SITE:
        environment["PYTHONUSERBASE"] = site.getuserbase()
    if "PYTHONHASHSEED" in os.environ:
        environment["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
    return environment


class Forked:
    """One submission's process, as its warm process sees it."""

    def __init__(self, entry, sock, limits, folder, namespace):
        self.folder, self.status, self.cpu = folder, None, 0.0
        self.holder = confine.Holder(limits, namespace) if folder is None else None
        heard, say = os.pipe()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # native threads, at rest
                first = os.fork()
            if first == 0:
                _enter_and_serve(self.holder, entry, sock, limits, folder, say)
            os.close(say)
            with open(heard) as told:
                said = told.read().split("\n")
            if folder is None:
                os.waitpid(first, 0)
            numbers = [line for line in said if line.isdecimal()]
            self.pid = int(numbers[0]) if numbers else None
            if self.pid is None or "ready" not in said or len(said) > 3:
                if self.pid is not None:
                    self.kill()
                raise OSError(f"the process did not get ready: {' '.join(said).strip()}")
        except BaseException:
            if self.holder:
                self.holder.kill()
                self.holder.close()
            raise

    def descriptors(self):
        """Return new descriptors of the process and, with walls, the holder and its folders."""
        own = os.pidfd_open(self.pid)
        return [own, os.dup(self.holder.pidfd), *self.holder.folders()] if self.holder else [own]

    def reap(self):
        """Return how the process ended, or None while it runs."""
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self.status, self.cpu = status, usage.ru_utime + usage.ru_stime
        return self.status

    def kill(self):
        """Kill everything that belongs to the submission, and wait until it is gone."""
        self.reap()
        if self.holder:
            self.holder.kill()
        deadline = time.monotonic() + KILL_SECONDS
        while True:
            if self.folder:
                _kill_all(self.pid, self.status is None)
            if self.reap() is not None and (self.holder or not descendants(os.getpid())):
                break
            if time.monotonic() > deadline:
                raise OSError(f"a process would not die within {KILL_SECONDS} s")
            time.sleep(0.0005)
        if self.holder:
            self.holder.close()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


def _enter_and_serve(holder, entry, sock, limits, folder, say):
    """In the forked process: go behind the walls and run the entry point. Never returns."""
    code = 1
    try:
        if holder:
            confine.enter(holder.pidfd)
            inner = os.fork()  # only a child is inside the new pid namespace
            if inner:
                os.write(say, b"%d\n" % inner)
                os._exit(0)  # the warm process, as subreaper, becomes its parent
        else:
            os.write(say, b"%d\n" % os.getpid())
        confine.confine(limits, [sock.detach(), say], folder)
        os.write(4, b"ready\n")
        os.close(4)
        say = None
        gc.enable()
        with socket.socket(fileno=3) as sock:
            entry(sock)
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException as error:
        if say is not None:
            for descriptor in {say, 4}:
                try:
                    os.write(descriptor, f"{type(error).__name__}: {error}\n".encode())
                except OSError:
                    continue
    finally:
        os._exit(code & 255)


def descendants(root):
    """Return the process ids of all descendants of a process, zombies included."""
    found, waiting = [], [root]
    while waiting:
        try:
            tasks = list(Path(f"/proc/{waiting.pop()}/task").iterdir())
        except OSError:
            continue  # it has just ended
        for task in tasks:
            try:
                children = [int(pid) for pid in (task / "children").read_text().split()]
            except OSError:
                continue
            found += children
            waiting += children
    return found


def _kill_all(main, alive):
    """Kill all descendants of this process, orphans included; reap all but the main one."""
    for pid in descendants(os.getpid()):
        if pid != main or alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue
        if pid != main:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                continue  # a grandchild: it comes here when its parent has gone


class Zygote:
    """Requests and answers over the socket to `Warm`."""

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
                return self.fork(theirs, self.entries[request["entry"]], request["limits"])
        if request["do"] == "load":
            return {"failed": self.load(request["statements"])}, []
        forked = self.forked[request["pid"]]
        if request["do"] == "kill":
            forked.kill()
            del self.forked[request["pid"]]
        return {"status": forked.reap(), "cpu": forked.cpu}, []

    def fork(self, theirs, entry, limits):
        """Fork a process for a submission, which talks over the socket `theirs`."""
        folder = None
        if not self.setup["sandbox"]:
            self.number += 1
            folder = f"{self.base}/{self.number}"
            for name in ("submission", "home", "tmp"):
                os.makedirs(f"{folder}/{name}")
        new = Forked(entry, theirs, limits, folder, self.namespace)
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
