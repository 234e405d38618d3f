"""Warm processes, and the walled-in forks of them in which submissions run.

A `Warm` has imported what a homework needs; each `Warm.fork` is a fresh `Child` behind walls
(see `confine`), with limits on memory, processes, files and time, that leaves nothing behind.
Linux only, with bubblewrap and user namespaces; `require_sandbox` says what is missing.
"""

import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

from coursekit.grading.sandbox import confine
from coursekit.grading.sandbox.child import ANSWER_SECONDS, Child, WarmProcessGone
from coursekit.grading.sandbox.zygote import environment

LIMITS = {
    "cell_seconds": 60,
    "submission_seconds": 600,
    "memory_mb": 2048,
    "processes": 256,
    "file_mb": 256,
    "output_chars": 1_000_000,
}
START_SECONDS = 300  # TensorFlow on a slow disk

_INSTALL = """bubblewrap is not installed, and it builds the walls around a submission.
Install it:
  Debian, Ubuntu   sudo apt install bubblewrap
  Fedora           sudo dnf install bubblewrap"""
_FORBIDDEN = """This machine does not let bubblewrap make the namespaces that the walls around a \
submission consist of:
  {error}
The reason is usually one of these:
  sysctl kernel.unprivileged_userns_clone is 0              set it to 1
  sysctl kernel.apparmor_restrict_unprivileged_userns is 1  set it to 0 (Ubuntu 24.04 and later)
  sysctl user.max_user_namespaces is 0                      set it to 10000, say
  a container forbids it                                    start it with a seccomp profile that
                                                            allows unshare, mount and pivot_root"""


class SandboxError(RuntimeError):
    """There are no walls, or no warm process; the message says what to install or to do."""


def require_sandbox():
    """Check, by starting one, that this machine can run submissions behind walls.

    Raises
    ------
    SandboxError
        It can't; the message says what to install or which setting to change.

    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        raise SandboxError(
            "Grading behind walls needs Linux: use a Linux machine, a virtual one, or WSL 2."
        )
    if shutil.which("bwrap") is None:
        raise SandboxError(_INSTALL)
    _try_sandbox()


@functools.cache
def _try_sandbox():
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    numbers = tuple(int(number) for number in re.findall(r"\d+", version))
    if numbers < (0, 8):
        raise SandboxError(f"bubblewrap 0.8 or newer is needed; this machine has {version.strip()}")
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    if release < (5, 8):
        raise SandboxError(f"Linux 5.8 or newer is needed; this is {os.uname().release}")
    try:
        holder = confine.Holder(LIMITS)
    except OSError as error:
        raise SandboxError(_FORBIDDEN.format(error=error)) from None
    holder.kill()
    holder.close()


class _Zygote:
    """The runner's side of one warm process (`coursekit.grading.sandbox.zygote`)."""

    def __init__(self, setup):
        self.lock = threading.RLock()
        self.ready = False
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        with theirs:
            self.process = subprocess.Popen(
                # -P: the working directory is no place to import from
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "coursekit.grading.sandbox.zygote",
                    str(theirs.fileno()),
                ],
                pass_fds=[theirs.fileno()],
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                start_new_session=True,  # Ctrl-C in the terminal is for the runner alone
            )
        # some libraries write to the home folder when they are imported
        self.base = tempfile.mkdtemp(prefix="coursekit-")
        self.sock.send(json.dumps({**setup, "base": self.base, "runner": os.getpid()}).encode())

    def _receive(self, seconds):
        self.sock.settimeout(seconds)
        try:
            message, descriptors, _, _ = socket.recv_fds(self.sock, 1 << 20, 8)
        except OSError as error:
            raise WarmProcessGone(str(error)) from None
        if not message:
            raise WarmProcessGone
        answer = json.loads(message)
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer, descriptors

    def wait(self):
        """Wait until the imports are done."""
        with self.lock:
            if not self.ready:
                self._receive(START_SECONDS)
                self.ready = True

    def ask(self, request, descriptors=()):
        """Send a request; return the answer and the descriptors that came with it."""
        with self.lock:
            self.wait()
            try:
                socket.send_fds(self.sock, [json.dumps(request).encode()], descriptors)
            except OSError as error:
                raise WarmProcessGone(str(error)) from None
            return self._receive(ANSWER_SECONDS)

    def close(self):
        """End the process and everything that it forked; return the end of what it had to say."""
        if self.errors.closed:
            return ""
        with self.lock:
            self.sock.close()
        try:
            self.process.wait(15 if self.ready else 0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)  # it has, if it could
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip()
        self.errors.close()
        return said[-2000:]


class Warm:
    """A process that has imported what a homework needs and forks for each submission.

    It starts at once, in the background; the first `fork` waits for it. One that crashed is
    started again by the next fork. It ends with the process that made it, whatever the cause.

    Parameters
    ----------
    roles : str or sequence of str
        What forks can be: ``"student"`` or ``"judge"``, which calls the function ``serve`` of the
        module of this name with its socket, or ``"module:function"``.
    preload : iterable of str
        Import statements, executed one by one; one that fails is skipped.
    limits : dict
        What `LIMITS` has; a missing entry is taken from there.
    sandbox : bool, default True
        False: no walls, only limits and a temporary folder. A submission can then read and write
        what the user of this process can.

    Raises
    ------
    SandboxError
        There can be no walls on this machine (`require_sandbox`).

    """

    def __init__(self, roles, preload=(), limits=None, sandbox=True):
        if sandbox:
            require_sandbox()
        self.limits = {**LIMITS, **(limits or {})}
        self.roles = [roles] if isinstance(roles, str) else list(roles)
        preload = list(preload)
        if any(":" not in role for role in self.roles):
            # the shell first: the plotting backend looks for it
            preload.insert(0, "from coursekit.grading.execution import shell; shell.prepare()")
        entries = [r if ":" in r else f"coursekit.grading.execution.{r}:serve" for r in self.roles]
        self.sandbox = sandbox
        self._setup = {"entries": entries, "preload": preload, "sandbox": sandbox}
        self._lock = threading.RLock()
        self._children = set()
        self._zygote = _Zygote(self._setup)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    @property
    def pid(self):
        """The warm process."""
        return self._zygote.process.pid

    @property
    def busy(self):
        """Whether any of its children is left."""
        return bool(self._children)

    def fork(self, role=None, limits=None):
        """Return a fresh `Child`.

        Parameters
        ----------
        role : str, optional
            One of the roles; default: the first.
        limits : dict, optional
            Its limits where they differ from those of the warm process.

        Raises
        ------
        SandboxError
            The warm process does not start, crashed twice in a row, or can't make a child.

        """
        request = {"do": "fork", "entry": self.roles.index(role) if role else 0}
        request["limits"] = self.limits | (limits or {})
        with self._lock:
            try:
                return self._fork(request)
            except WarmProcessGone:
                self._zygote.close()
                self._zygote = _Zygote(self._setup)
            try:
                return self._fork(request)
            except WarmProcessGone as error:
                said = self._zygote.close() or str(error)
                raise SandboxError(f"The warm process ended twice in a row: {said}") from None

    def load(self, statements):
        """Execute import statements, each once, for the forks to come."""
        with self._lock:
            new = [line for line in statements if line not in self._setup["preload"]]
            self._setup["preload"] += new
            try:
                for k in range(0, len(new), 200):  # in messages of a modest size
                    self._zygote.ask({"do": "load", "statements": new[k : k + 200]})
            except WarmProcessGone:
                return  # the next fork starts another one, with all statements

    def _fork(self, request):
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                answer, descriptors = self._zygote.ask(request, [theirs.fileno()])
            return Child(self, self._zygote, ours, answer["pid"], descriptors, request["limits"])
        except BaseException:
            ours.close()
            raise

    def close(self):
        """End the warm process and its children."""
        with self._lock:
            for child in list(self._children):
                child.kill()
            self._zygote.close()
