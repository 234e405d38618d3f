"""The judge: it runs the locked cells and the tests, and never a line of the student's code.

What the student's cells define reaches it as plain data, or as references whose calls cross to the
other process (`rpc`). If the student's process hangs or dies, it gets a new one, repeats the
cells that went well, and goes on.
"""

import ast
import re
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress

from coursekit.grading.execution import messages, shell
from coursekit.grading.execution.encoding import Decoder
from coursekit.grading.execution.messages import WireError
from coursekit.grading.execution.outputs import clean, failure, text
from coursekit.grading.execution.rpc import Peer, Remote

GRACE = 2.0  # seconds for an interrupted cell to stop
SLACK = GRACE + 3.0  # seconds that the judge's own alarm comes later than the end of its waiting
INERT = (type, Remote)


class CellTimeout(BaseException):
    """A cell ran longer than it may."""


class NoProcess(BaseException):
    """Nothing can be run here; no fault of the submission."""


class SubmissionError(Exception):
    """The process of the submission ended, or answered nonsense."""


class Judge:
    """Grades one submission.

    Parameters
    ----------
    job : dict
        As in `coursekit.grading.runner.run_job`.
    outside : Outside
        Whoever starts, interrupts and kills the student's processes.
    """

    def __init__(self, job, outside):
        self.job, self.outside, self.limits = job, outside, job["limits"]
        self.shell = shell.Shell._instance or shell.prepare()
        self.student, self.history, self.introduced, self.notes = None, [], [], []
        self.end = time.monotonic() + self.limits["submission_seconds"]
        self.where, self.rows, self.modules = "", [], {}
        _mirror_seeds(self)

    def grade(self):
        """Run all cells; return the notebook with outputs, one row for each code cell, notes."""
        notebook = self.job["notebook"]
        theirs = [c["source"] for c in notebook["cells"] if is_code(c) and role(c) == "own"]
        words = self._words(theirs)
        loaded = set(sys.modules)
        self._write_files()
        for index, cell in enumerate(notebook["cells"]):
            if not is_code(cell):
                continue
            self.where = f"cell {index}"
            begun = time.monotonic()
            outputs, number, stopped = self._run(cell, words)
            for output in outputs:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = number
            cell["outputs"], cell["execution_count"] = outputs, number
            error = next((o for o in outputs if o["output_type"] == "error"), None)
            self.rows.append(
                {
                    "id": cell["metadata"].get("nbgrader", {}).get("grade_id"),
                    "index": index,
                    "role": role(cell),
                    "seconds": time.monotonic() - begun,
                    "error": f"{error['ename']}: {error['evalue']}"[:2000] if error else "",
                    "stopped": stopped,
                }
            )
        self._show_again(notebook["cells"], words)
        loaded = sorted(set(sys.modules) - loaded - {"__main__"})
        notes = [text(note) for note in self.notes]
        return {"notebook": notebook, "cells": self.rows, "notes": notes, "loaded": loaded}

    def _words(self, sources):
        """Return the names that own cells use; their own process looks, it may break on it."""
        seconds = self.limits["cell_seconds"]
        try:
            student = self._process()
            student.deadline = time.monotonic() + seconds
            with self._alarm(seconds):
                return {str(name) for name in student.ask("uses", sources)}
        except (CellTimeout, Exception):
            return set(re.findall(r"\w+", "\n".join(sources)))

    def _show_again(self, notebook, words):
        """Take what own cells show from a process that has met no test.

        A function sees the arguments of hidden tests, and a later cell could print them.
        """
        ran = [row for row in self.rows if not row["stopped"]]
        first = next((row["index"] for row in self.rows if row["role"] == "test"), len(notebook))
        late = [row for row in ran if row["role"] == "own" and row["index"] > first]
        late = [row["index"] for row in late if notebook[row["index"]]["outputs"]]
        if not late:
            return
        if self.student is not None:
            self._drop(self.student, "a fresh process repeats the cells")
        self.history = []
        for row in ran:
            cell = notebook[row["index"]]
            given = row["role"] == "locked" and needed(self.shell, cell["source"], words)
            if row["index"] <= late[-1] and (given or row["role"] == "own"):
                self.where = f"cell {row['index']}, repeated"
                seconds = min(self.limits["cell_seconds"], self.end - time.monotonic())
                outputs = self._run_theirs(cell, seconds)[0] if seconds > 0 else []
                if row["index"] in late:
                    cell["outputs"] = outputs

    def _write_files(self):
        """Write the files that belong to the homework, none of the student's."""
        given = self.job.get("given", [])
        shell.write_files({name: self.job["files"][name] for name in given})
        if given:
            sys.path.append("")

    def _run(self, cell, words):
        """Run one code cell where it belongs; return outputs, number and whether it was stopped."""
        if not cell["source"].strip():
            return [], None, False
        left = self.end - time.monotonic()
        if left <= 0:
            spent = f"not run: the submission has used up its {self.limits['submission_seconds']} s"
            return [failure("CellTimeout", spent)], None, True
        seconds = min(self.limits["cell_seconds"], left)
        if role(cell) == "own":
            return self._run_theirs(cell, seconds)
        if role(cell) == "locked" and needed(self.shell, cell["source"], words):
            self._run_theirs(cell, seconds)
        return self._run_ours(cell, seconds)

    # The student's cells

    def _run_theirs(self, cell, seconds):
        source, died = cell["source"], False
        key = cell["metadata"].get("nbgrader", {}).get("grade_id")
        names = self.job["names"].get(key, [])
        self.modules |= self.job.get("modules", {}).get(key, {})
        self.introduced += [name for name in names if name not in self.introduced]
        try:
            student = self._process()
            student.deadline = time.monotonic() + seconds
            with self._alarm(seconds):
                outputs, number = student.ask("cell", source)
                outputs = clean(outputs, self.limits["output_chars"])
                number = min(max(int(number), 0), 10**6)
            if not any(output.get("ename") == "MemoryError" for output in outputs):
                self.history.append(source)
        except CellTimeout as error:
            outputs, number, died = [failure("CellTimeout", str(error))], None, True
        except Exception as error:
            if self.student is not None:  # it answers nonsense
                self._drop(self.student, str(error))
            outputs, number = [failure("SubmissionError", str(error))], None
        return outputs, number, died

    def _process(self):
        """Return the connection to the student's process; a new one repeats what the last ran."""
        if self.student is None:
            sock = self.outside.new_student()
            student = Peer(sock, may, on_loss=self._on_loss)
            student.deadline = self.end
            student.ask("start", self.job["files"], self.limits["output_chars"])
            self.student = student
            for source in self.history:
                student.deadline = time.monotonic() + self.limits["cell_seconds"]
                student.ask("cell", source)
        return self.student

    def _update(self):
        """Take over the values of the names that solution cells define."""
        changed, gone = self.student.ask("names", self.introduced)
        for name in {name for name, _ in changed} | set(gone):
            if name in self.introduced:
                self.shell.user_ns.pop(name, None)
        for name, node in changed:
            if name in self.modules:  # never the student's, whose functions could lie
                with suppress(ImportError):
                    exec(self.modules[name], self.shell.user_ns)
            elif name in self.introduced:
                try:
                    self.shell.user_ns[name] = Decoder(self.student)(node)
                except WireError as error:
                    self.notes.append(f"{self.where}: {name} is not there: {error}"[:500])

    def _on_loss(self, student, error):
        """Return what to raise when the student's process is late, gone or talks nonsense."""
        if student.lost:
            return SubmissionError(student.lost)
        if isinstance(error, TimeoutError):
            reason, kind = "it ran longer than it may and was stopped", CellTimeout
            fine = student.depth == 0 or (student.depth == 1 and self._interrupted(student))
        else:
            reason = self.outside.why() or f"the submission's process: {error}"
            kind, fine = SubmissionError, False
        if not fine:
            self._drop(student, reason)
        self.notes.append(f"{self.where}: {reason}")
        return kind(reason)

    def _drop(self, student, reason):
        """End a student's process; the next cell starts another."""
        if not student.lost:
            student.lost = reason
            student.sock.close()
            self.outside.kill_student()
        if self.student is student:
            self.student = None

    @contextmanager
    def _alarm(self, seconds):
        """Raise CellTimeout when a block goes on long after the end of all waiting."""
        rang = []

        def stop(number, frame):
            rang.append(f"the judge was busy with it for more than {seconds:g} s")
            raise CellTimeout(rang[0])

        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds + SLACK)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            if rang and self.student is not None:  # half a message may have been read
                self._drop(self.student, rang[0])

    def _interrupted(self, student):
        """Interrupt a call; return whether the process came back to serving."""
        self.outside.interrupt()
        student.deadline = time.monotonic() + GRACE
        try:
            return student._receive()[0] == -student.asked
        except (TimeoutError, WireError):
            return False

    # The judge's cells

    def _run_ours(self, cell, seconds):
        try:
            self._process().deadline = time.monotonic() + seconds
            with self._alarm(seconds):
                self._update()
        except (CellTimeout, Exception) as error:
            return [failure(type(error).__name__, str(error))], None, True
        self.student.deadline = time.monotonic() + seconds
        before = len(self.notes)
        with self._alarm(seconds):
            outputs = shell.run(self.shell, cell["source"], self.limits["output_chars"])
        outputs = clean(outputs, self.limits["output_chars"])
        for output in outputs:
            if output.get("name") == "stderr":
                output["name"] = "stdout"  # a warning costs no points
        stopped = any(o["output_type"] == "error" and o["ename"] == "CellTimeout" for o in outputs)
        if stopped and len(self.notes) == before:
            self.notes.append(f"{self.where}: the test ran longer than {seconds:g} s")
        return outputs, self.shell.execution_count - 1, stopped

    def forward_seed(self, kind, number):
        """Seed the student's generators as a test seeds its own."""
        if self.student is not None:
            self.student.ask("seed", kind, number)


# What the student's process may do to objects of the judge ---------------------------------


def may(thing, operation):
    """Whether the student's side may do this: call functions, and go through items."""
    if isinstance(thing, INERT):
        return False
    if operation == "call":
        return callable(thing)
    return operation in ("iter", "next", "len", "item") and not callable(thing)


# Cells -------------------------------------------------------------------------------------


def is_code(cell):
    """Whether it is a code cell."""
    return cell["cell_type"] == "code"


def role(cell):
    """Return who runs a code cell: "own" and "locked" and "test", see the job."""
    marks = cell["metadata"].get("nbgrader", {})
    if not marks or marks.get("solution"):
        return "own"
    return "test" if marks.get("grade") else "locked"


def needed(shell, source, words):
    """Whether the student's cells mention a name that a locked cell binds."""
    try:
        tree = ast.parse(shell.transform_cell(source))
    except SyntaxError:
        return True
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return "*" in bound or "get_ipython" in source or bool(bound & words)


def _mirror_seeds(judge):
    """Let the seeds of tests reach the student's process, where the answers draw."""
    import random

    import numpy as np

    places = [(np.random, "seed", "numpy"), (random, "seed", "random")]
    if "tensorflow" in sys.modules:
        places.append((sys.modules["tensorflow"].random, "set_seed", "tensorflow"))
    if "keras" in sys.modules:
        places.append((sys.modules["keras"].utils, "set_random_seed", "all"))
    for module, name, kind in places:
        setattr(module, name, _Seed(getattr(module, name), kind, judge))


class _Seed:
    def __init__(self, function, kind, judge):
        self.function, self.kind, self.judge = function, kind, judge

    def __call__(self, *args, **kwargs):
        result = self.function(*args, **kwargs)
        values = [*args, *kwargs.values()]
        if len(values) == 1 and isinstance(values[0], int):
            self.judge.forward_seed(self.kind, values[0])
        return result


# The way to whoever started this process ---------------------------------------------------


class Outside:
    """Requests to the runner, which owns the processes."""

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


def serve(sock):
    """Grade the one job that comes over the socket, and send back the result."""
    outside = Outside(sock)
    job = messages.receive(sock, outside.buffer)
    try:
        message = ["result", Judge(job, outside).grade()]
    except BaseException as error:
        message = ["failed", f"the judge stopped: {type(error).__name__}: {error}"]
    messages.send(sock, message)
