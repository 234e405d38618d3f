"""What has been graded, kept so that a kill at any moment loses nothing that was finished.

``.coursekit/HOMEWORK.jsonl`` gets one line when a result has come, and one when nbgrader's
gradebook has it; the result itself lies in ``.coursekit/HOMEWORK/STUDENT.msgpack``, written before
its line. Every line is on the disk before the next step. A line cut off by a kill does not count.
"""

import json
import os
from contextlib import contextmanager
from pathlib import Path

import msgpack

from coursekit.homework.text import HomeworkError

__all__ = ["Journal", "only_one"]


class Journal:
    """The journal of one homework.

    Parameters
    ----------
    folder : str or Path
        ``.coursekit`` of the course; made if need be.
    homework : str
        Its name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Journal(folder, "hw") as journal:
    ...     journal.store("1001", "abc", {"status": "ok"})
    ...     journal.last("1001")["event"], journal.result("1001", "abc")
    ('result', {'status': 'ok'})
    """

    def __init__(self, folder, homework):
        self.results = Path(folder, homework)
        self.results.mkdir(parents=True, exist_ok=True)
        self._file = open(Path(folder, f"{homework}.jsonl"), "a+b")  # noqa: SIM115
        self._file.seek(0)
        lines = self._file.read().split(b"\n")
        if torn := lines.pop():
            self._file.truncate(self._file.tell() - len(torn))
        self._last = {}
        for line in lines:
            record = json.loads(line)
            self._last[record["student"]] = record

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._file.close()

    def last(self, student):
        """Return the last record of a student: event, fingerprint and more; or {}."""
        return self._last.get(student, {})

    def store(self, student, fingerprint, result):
        """Keep a result, then note that it is there."""
        path = self._path(student)
        with open(path.with_suffix(".new"), "wb") as file:
            file.write(msgpack.packb([fingerprint, result], unicode_errors="surrogatepass"))
            _to_disk(file)
        os.replace(path.with_suffix(".new"), path)
        self._note(event="result", student=student, fingerprint=fingerprint)

    def result(self, student, fingerprint):
        """Return the result kept for this very submission, or None."""
        try:
            content = self._path(student).read_bytes()
            kept, result = msgpack.unpackb(content, unicode_errors="surrogatepass")
        except (OSError, ValueError, msgpack.UnpackException):
            return None
        return result if kept == fingerprint else None

    def unreadable(self, student, reason):
        """Note that there is nothing to grade, once for each reason."""
        if self.last(student).get("reason") != reason:
            self._note(event="unreadable", student=student, reason=reason)

    def written(self, student, fingerprint):
        """Note that the gradebook has the result."""
        self._note(event="written", student=student, fingerprint=fingerprint)

    def _path(self, student):
        return self.results / f"{student}.msgpack"

    def _note(self, **record):
        self._file.write(json.dumps(record).encode() + b"\n")
        _to_disk(self._file)
        self._last[record["student"]] = record


def _to_disk(file):
    file.flush()
    os.fsync(file.fileno())


@contextmanager
def only_one(folder):
    """Refuse to start while another process grades the same course.

    Parameters
    ----------
    folder : str or Path
        ``.coursekit`` of the course; made if need be.

    Raises
    ------
    HomeworkError
        Which process it is.
    """
    import fcntl

    Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder, ".lock"), "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # ends with the process
        except BlockingIOError:
            file.seek(0)
            other = file.read().strip() or "unknown"
            raise HomeworkError(
                f"this course is being graded already, by process {other}; wait until it has ended."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
