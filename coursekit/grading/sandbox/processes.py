"""One submission's processes, as the warm process that forks them sees them."""

import gc
import os
import shutil
import signal
import socket
import time
import warnings
from pathlib import Path

from coursekit.grading.sandbox import confine

__all__ = ["Forked", "descendants"]

KILL_SECONDS = 10


class Forked:
    """One submission's process, as its warm process sees it."""

    def __init__(self, entry, sock, limits, folder, namespace, read_only=()):
        self.folder, self.status, self.holder = folder, None, None
        if folder is None:
            self.holder = confine.Holder(limits, namespace, read_only)
        heard, say = os.pipe()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", DeprecationWarning
                )  # no thread of a library's runs now
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
        """Return new descriptors of the process and, in a sandbox, the holder and its folders."""
        own = os.pidfd_open(self.pid)
        return [own, os.dup(self.holder.pidfd), *self.holder.folders()] if self.holder else [own]

    def reap(self):
        """Return how the process ended, or None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
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
    """In the forked process: go into the sandbox and run the entry point. Never returns."""
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
