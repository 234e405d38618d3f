"""The judge's requests to the runner, which owns the processes."""

import socket

from coursekit.grading.execution import messages

__all__ = ["NoProcess", "Outside"]


class NoProcess(BaseException):
    """Nothing can be run here; no fault of the submission."""


class Outside:
    """Requests to the runner over a socket."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, bytearray()

    def _ask(self, *message):
        messages.send(self.sock, list(message))
        return messages.receive(self.sock, self.buffer)

    def new_student(self):
        """Return the socket of a fresh student's process."""
        messages.send(self.sock, ["student"])
        _, fds, _, _ = socket.recv_fds(self.sock, 1, 1)
        if not fds:
            raise NoProcess("no process could be started for the submission")
        return socket.socket(fileno=fds[0])

    def interrupt(self):
        """Interrupt the student's process."""
        self._ask("interrupt")

    def kill_student(self):
        """End it, with all that it started."""
        self._ask("kill")

    def why(self):
        """Return why it ended, if it is known."""
        return self._ask("why")[0]
