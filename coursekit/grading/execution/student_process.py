"""The student's process as the judge sees it.

It is started when it is needed. If it hangs, dies or answers nonsense, it is ended; the next one
repeats the cells that went well.
"""

import re
import signal
import time
from contextlib import contextmanager

from coursekit.grading.execution import together
from coursekit.grading.execution.messages import WireError
from coursekit.grading.execution.outputs import clean, failure
from coursekit.grading.execution.remote import Remote
from coursekit.grading.execution.rpc import Peer

__all__ = ["CellTimeout", "StudentProcess", "SubmissionError", "may"]

GRACE = 2.0  # seconds for an interrupted cell to stop
SLACK = GRACE + 3.0  # seconds that the judge's own alarm comes later than the end of its waiting


class CellTimeout(BaseException):
    """A cell ran longer than it may."""


class SubmissionError(Exception):
    """The process of the submission ended, or answered nonsense."""


def may(thing, operation):
    """Whether the student's side may do this to an object of the judge.

    It may call functions and go through items, and nothing else.
    """
    if isinstance(thing, (type, Remote)):
        return False
    if operation == "call":
        return callable(thing)
    return operation in ("iter", "next", "len", "item") and not callable(thing)


class StudentProcess:
    """The process that runs the cells of one submission, replaced when it is lost.

    Parameters
    ----------
    job : Job
    outside : Outside
        Whoever starts, interrupts and kills the processes.
    end : float
        When the time of the submission is over, on the monotonic clock.
    note : callable
        Called with a sentence for the instructor.
    """

    def __init__(self, job, outside, end, note):
        self.outside, self.end, self.note = outside, end, note
        self.files, self.limits = job["files"], job["limits"]
        self.peer, self.history = None, []
        self.watched = False  # whether a process notes what its libraries hold

    def connect(self):
        """Return the connection to the process; a new one repeats what the last ran."""
        if self.peer is None:
            peer = Peer(self.outside.new_student(), may, on_loss=self._on_loss)
            peer.deadline = self.end
            peer.ask("start", self.files, self.limits["output_chars"])
            if self.watched:
                peer.ask("watch")
            self.peer = peer
            for source in self.history:
                peer.deadline = time.monotonic() + self.limits["cell_seconds"]
                peer.ask("cell", source)
        return self.peer

    def run(self, source, seconds):
        """Run a cell; return outputs, number and whether it was stopped."""
        limit = self.limits["output_chars"]
        try:
            with self.limited(seconds) as peer:
                outputs, number = peer.ask("cell", source)
                outputs = clean(outputs, limit)
                number = min(max(int(number), 0), 10**6)
            if not any(output.get("ename") == "MemoryError" for output in outputs):
                self.history.append(source)
        except CellTimeout as error:
            return [failure("CellTimeout", str(error))], None, True
        except Exception as error:
            self.drop(str(error))  # it answers nonsense
            return [failure("SubmissionError", str(error))], None, False
        return outputs, number, False

    def words(self, sources):
        """Return the names that cells use.

        The student's process looks, since reading the cells may break a process.
        """
        try:
            with self.limited(self.limits["cell_seconds"]) as peer:
                return {str(name) for name in peer.ask("uses", sources)}
        except (CellTimeout, Exception):
            return set(re.findall(r"\w+", "\n".join(sources)))

    def seed(self, kind, number):
        """Seed the generators of the process as a test seeds its own."""
        if self.peer is not None:
            self.peer.ask("seed", kind, number)

    def lend(self, name, function):
        """Let a function of the judge stand in for a name of the process; None: no longer."""
        if self.peer is not None:
            node = None if function is None else self.peer.objects.refer(function)
            self.peer.ask("lend", name, node)

    def forget(self, watched=False):
        """Let the next cell start a fresh process that repeats nothing.

        watched: it notes what its libraries hold, for tests together.
        """
        self.drop("a fresh process repeats the cells")
        self.history, self.watched = [], watched

    def test(self, request, seconds):
        """Run a test together with the cells that have run; return its outputs.

        Returns
        -------
        outputs : list of dict
        tampered : str
            Why they count for nothing; "" if they do.
        """
        limit = self.limits["output_chars"]
        try:
            with self.limited(seconds) as peer:
                report = together.ask(peer, request | {"limit": limit}, seconds)
            if report.get("alone"):
                self.drop("it has run a test")
            return together.verdict(report, limit)
        except CellTimeout as error:
            return [failure("CellTimeout", str(error))], ""
        except Exception as error:
            self.drop(str(error))
            return [failure("SubmissionError", str(error))], ""

    @contextmanager
    def limited(self, seconds):
        """Yield the connection, which waits so long; raise CellTimeout in a block far longer."""
        peer = self.connect()
        peer.deadline = time.monotonic() + seconds
        rang = []

        def stop(number, frame):
            rang.append(f"the judge was busy with it for more than {seconds:g} s")
            raise CellTimeout(rang[0])

        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds + SLACK)
        try:
            yield peer
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if rang:  # half a message may have been read
                self.drop(rang[0])

    def drop(self, reason):
        """End the process, if there is one; the next cell starts another."""
        if self.peer is not None:
            self._end(self.peer, reason)

    def _end(self, peer, reason):
        if not peer.lost:
            peer.lost = reason
            peer.sock.close()
            self.outside.kill_student()
        if self.peer is peer:
            self.peer = None

    def _on_loss(self, peer, error):
        """Return what to raise when the process is late, gone or talks nonsense."""
        if peer.lost:
            return SubmissionError(peer.lost)
        if isinstance(error, TimeoutError):
            reason, kind = "it ran longer than it may and was stopped", CellTimeout
            fine = peer.depth == 0 or (peer.depth == 1 and self._interrupted(peer))
        else:
            reason = self.outside.why() or f"the submission's process: {error}"
            kind, fine = SubmissionError, False
        if not fine:
            self._end(peer, reason)
        self.note(reason)
        return kind(reason)

    def _interrupted(self, peer):
        """Interrupt a call; return whether the process came back to serving."""
        self.outside.interrupt()
        peer.deadline = time.monotonic() + GRACE
        try:
            return peer.receive()[0] == -peer.asked
        except (TimeoutError, WireError):
            return False
