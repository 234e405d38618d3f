"""A process forked for one submission: how it is watched, interrupted and ended."""

import os
import select
import signal
import threading

from coursekit.grading.sandbox.limits import Limits
from coursekit.grading.sandbox.usage import Gauge
from coursekit.grading.sandbox.zygote_client import ANSWER_SECONDS, WarmProcessGone

SAMPLE_SECONDS = 0.1


class Child:
    """A process forked for one submission, in a sandbox, and all that it starts there.

    Attributes
    ----------
    sock : socket.socket
        Connected to the socket that the entry point in the process got.
    pid : int
        The process, as this machine numbers it.

    """

    def __init__(self, warm, zygote, sock, pid, descriptors, limits: Limits):
        self.sock, self.pid = sock, pid
        self._warm, self._zygote = warm, zygote
        self._pidfds, folders = descriptors[:2], descriptors[2:]
        self._pidfd = self._pidfds[0]
        self._gauge = Gauge(folders, zygote.process.pid)
        self._limits, self._why = limits, None
        self._lock, self._over, self._closed = threading.RLock(), threading.Event(), False
        warm._children.add(self)
        threading.Thread(target=self._watch, name="coursekit-watch", daemon=True).start()

    @property
    def peak_mb(self):
        """Most memory used at a time, in MB, as far as it was seen."""
        with self._lock:
            self._measure()
            return self._gauge.peak_mb

    def interrupt(self):
        """Raise `KeyboardInterrupt` in the process, if it still runs."""
        with self._lock:
            if not self._over.is_set():
                self._signal(signal.SIGINT)

    def ended(self):
        """Return None while the process runs, else a sentence that says why it ended."""
        with self._lock:
            if (
                self._why is None
                and not self._closed
                and select.select([self._pidfd], [], [], 0)[0]
            ):
                self._ask("status")
            return self._why

    def kill(self):
        """Kill everything inside; when this returns it is gone, and its files with it."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._stop("it was stopped")
            finally:
                self._gauge.close()
                for descriptor in self._pidfds:
                    os.close(descriptor)
                self.sock.close()
                self._warm._children.discard(self)

    def _stop(self, why):
        """Kill everything inside, once."""
        if self._over.is_set():
            return
        self._gauge.sample(self._limits)
        self._why = self.ended() or why
        self._signal(signal.SIGKILL, self._pidfds[-1])  # at once, whatever the warm process does
        self._over.set()
        self._ask("kill")

    def _ask(self, what):
        """Ask the warm process for the status, or to kill; note why the process ended."""
        try:
            answer, _ = self._zygote.ask({"do": what, "pid": self.pid})
        except WarmProcessGone:
            self._why = self._why or "the warm process that it came from ended"
            self._zygote.process.kill()  # and bubblewrap dies with it, and all inside
            self._signal(signal.SIGKILL)
            self._gauge.wait(ANSWER_SECONDS)
            return
        if self._why is None and answer["status"] is not None:
            self._why = _reason(answer["status"], self._limits)

    def _signal(self, number, pidfd=None):
        try:
            signal.pidfd_send_signal(pidfd or self._pidfd, number)
        except ProcessLookupError:
            return

    def _measure(self):
        if not self._over.is_set():
            self._gauge.sample(self._limits)

    def _watch(self):
        """Kill what uses more than its share."""
        while not self._over.wait(max(SAMPLE_SECONDS, 5 * self._gauge.seconds)):
            with self._lock:
                self._measure()
                why = self._excess()
                if why:
                    self._stop(why)

    def _excess(self):
        if self._gauge.peak_mb > self._limits["memory_mb"]:
            return f"it used more than {self._limits['memory_mb']} MB of memory"
        if self._gauge.processes > self._limits["processes"]:
            return f"it started more than {self._limits['processes']} processes"
        return None


def _reason(status, limits):
    """Return the sentence for a wait status."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"it ended by itself (exit code {code})"
    if -code == signal.SIGXCPU:
        return f"it used more than {limits['submission_seconds']} s of processor time"
    return f"it was ended by signal {-code} ({signal.Signals(-code).name})"
