"""Warm processes, and the sandboxed forks of them in which submissions run.

A `Warm` has imported what a homework needs; each `Warm.fork` is a fresh `Child` in a sandbox
(see `confine`), with limits on memory, processes, files and time, that leaves nothing behind.
Linux only, with bubblewrap and user namespaces; `require_sandbox` says what is missing.
"""

import socket
import threading

from coursekit.grading.sandbox.child import Child
from coursekit.grading.sandbox.limits import LIMITS, Limits
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.grading.sandbox.zygote_client import WarmProcessGone, ZygoteClient

__all__ = ["Warm"]


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
    limits : Limits
        A missing entry is taken from `LIMITS`.
    sandbox : bool, default True
        False: only limits and a temporary folder. A submission can then read and write
        what the user of this process can.

    Raises
    ------
    SandboxError
        There can be no sandbox on this machine (`require_sandbox`).

    """

    def __init__(self, roles, preload=(), limits: Limits | None = None, sandbox=True):
        if sandbox:
            require_sandbox()
        self.limits = {**LIMITS, **(limits or {})}
        self.roles = [roles] if isinstance(roles, str) else list(roles)
        preload = list(preload)
        if any(":" not in role for role in self.roles):
            # the shell first: the plotting backend looks for it
            preload.insert(0, "from coursekit.grading.execution import shell; shell.prepare()")
            preload.append(
                "from coursekit.grading.execution import canaries, shell; "
                "shell.rehearse(code for code, _ in canaries.make())"
            )
        entries = [r if ":" in r else f"coursekit.grading.execution.{r}:serve" for r in self.roles]
        self.sandbox = sandbox
        self._setup = {"entries": entries, "preload": preload, "sandbox": sandbox}
        self._lock = threading.RLock()
        self._children = set()
        self._zygote = ZygoteClient(self._setup)

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

    def fork(self, role=None, limits: Limits | None = None, read_only=()):
        """Return a fresh `Child`.

        Parameters
        ----------
        role : str, optional
            One of the roles; default: the first.
        limits : Limits, optional
            Its limits where they differ from those of the warm process.
        read_only : sequence of (str, str)
            Files and folders of this machine that its sandbox shows too, and where.

        Raises
        ------
        SandboxError
            The warm process does not start, crashed twice in a row, or can't make a child.

        """
        request = {"do": "fork", "entry": self.roles.index(role) if role else 0}
        request |= {"limits": self.limits | (limits or {}), "read_only": list(read_only)}
        with self._lock:
            try:
                return self._fork(request)
            except WarmProcessGone:
                self._zygote.close()
                self._zygote = ZygoteClient(self._setup)
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
