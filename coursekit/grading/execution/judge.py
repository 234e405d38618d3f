"""The judge: it runs the locked cells and the tests, and never a line of the student's code.

What the student's cells define reaches it as plain data, or as references whose calls cross to the
other process (`rpc`).
"""

import sys
import time
from contextlib import suppress

from coursekit.checks import answers
from coursekit.grading.execution import messages, shell
from coursekit.grading.execution.cells import is_code, name_of, needed, role
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.job import Job, JudgeAnswer
from coursekit.grading.execution.messages import WireError
from coursekit.grading.execution.outputs import clean, failure, text
from coursekit.grading.execution.outside import Outside
from coursekit.grading.execution.seeds import forward_seeds
from coursekit.grading.execution.student_process import CellTimeout, StudentProcess

__all__ = ["Judge", "serve"]


class Judge:
    """Grades one submission.

    Parameters
    ----------
    job : Job
    outside : Outside
        Whoever starts, interrupts and kills the student's processes.
    """

    def __init__(self, job: Job, outside):
        self.job, self.limits = job, job["limits"]
        self.shell = shell.Shell._instance or shell.prepare()
        self.introduced, self.modules = [], {}  # what solution cells have defined so far
        self.where, self.rows, self.notes = "", [], []
        self.end = time.monotonic() + self.limits["submission_seconds"]
        self.student = StudentProcess(job, outside, self.end, self._note)
        forward_seeds(self.student.seed)
        answers.elsewhere[:] = [self.student.lend]

    def grade(self) -> JudgeAnswer:
        """Run all cells; return the notebook with outputs, one row for each code cell, notes."""
        notebook = self.job["notebook"]
        theirs = [c["source"] for c in notebook["cells"] if is_code(c) and role(c) == "own"]
        words = self.student.words(theirs)
        loaded = set(sys.modules)
        self._write_files()
        for index, cell in enumerate(notebook["cells"]):
            if is_code(cell):
                self.where = f"cell {index}"
                self._grade_cell(cell, index, words)
        self._show_again(notebook["cells"], words)
        loaded = sorted(set(sys.modules) - loaded - {"__main__"})
        notes = [text(note) for note in self.notes]
        return {"notebook": notebook, "cells": self.rows, "notes": notes, "loaded": loaded}

    def _note(self, sentence):
        self.notes.append(f"{self.where}: {sentence}")

    def _write_files(self):
        """Write the files that belong to the homework, none of the student's."""
        given = self.job.get("given", [])
        shell.write_files({name: self.job["files"][name] for name in given})
        if given:
            sys.path.append("")

    def _grade_cell(self, cell, index, words):
        """Run one code cell; put its outputs into the notebook and add its row."""
        begun = time.monotonic()
        outputs, number, stopped = self._run(cell, words)
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = number
        cell["outputs"], cell["execution_count"] = outputs, number
        error = next((o for o in outputs if o["output_type"] == "error"), None)
        self.rows.append(
            {
                "id": name_of(cell),
                "index": index,
                "role": role(cell),
                "seconds": time.monotonic() - begun,
                "error": f"{error['ename']}: {error['evalue']}"[:2000] if error else "",
                "stopped": stopped,
            }
        )

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

    def _run_theirs(self, cell, seconds):
        """Run a cell in the student's process."""
        key = name_of(cell)
        names = self.job["names"].get(key, [])
        self.modules |= self.job.get("modules", {}).get(key, {})
        self.introduced += [name for name in names if name not in self.introduced]
        return self.student.run(cell["source"], seconds)

    def _run_ours(self, cell, seconds):
        """Run a cell in this process, with what the solution cells define by now."""
        limit = self.limits["output_chars"]
        try:
            with self.student.limited(seconds) as peer:
                self._update(peer)
        except (CellTimeout, Exception) as error:
            return [failure(type(error).__name__, str(error))], None, True
        before = len(self.notes)
        with self.student.limited(seconds):
            outputs = shell.run(self.shell, cell["source"], limit)
        outputs = clean(outputs, limit)
        for output in outputs:
            if output.get("name") == "stderr":
                output["name"] = "stdout"  # a warning costs no points
        stopped = any(o["output_type"] == "error" and o["ename"] == "CellTimeout" for o in outputs)
        if stopped and len(self.notes) == before:
            self._note(f"the test ran longer than {seconds:g} s")
        return outputs, self.shell.execution_count - 1, stopped

    def _update(self, peer):
        """Take over the values of the names that solution cells define."""
        changed, gone = peer.ask("names", self.introduced)
        for name in {name for name, _ in changed} | set(gone):
            if name in self.introduced:
                self.shell.user_ns.pop(name, None)
        for name, node in changed:
            if name in self.modules:  # never the student's, whose functions could lie
                with suppress(ImportError):
                    exec(self.modules[name], self.shell.user_ns)
            elif name in self.introduced:
                try:
                    self.shell.user_ns[name] = Decoder(peer.objects)(node)
                except WireError as error:
                    self._note(f"{name} is not there: {error}"[:500])

    def _show_again(self, cells, words):
        """Take what own cells show from a process that has met no test.

        A function sees the arguments of hidden tests, and a later cell could print them.
        """
        ran = [row for row in self.rows if not row["stopped"]]
        first = next((row["index"] for row in self.rows if row["role"] == "test"), len(cells))
        late = [row for row in ran if row["role"] == "own" and row["index"] > first]
        late = [row["index"] for row in late if cells[row["index"]]["outputs"]]
        if not late:
            return
        self.student.forget()
        for row in ran:
            cell = cells[row["index"]]
            given = row["role"] == "locked" and needed(self.shell, cell["source"], words)
            if row["index"] <= late[-1] and (given or row["role"] == "own"):
                self.where = f"cell {row['index']}, repeated"
                seconds = min(self.limits["cell_seconds"], self.end - time.monotonic())
                outputs = self._run_theirs(cell, seconds)[0] if seconds > 0 else []
                if row["index"] in late:
                    cell["outputs"] = outputs


def serve(sock):
    """Grade the one job that comes over the socket, and send back the result."""
    outside = Outside(sock)
    job = messages.receive(sock, outside.buffer)
    try:
        message = ["result", Judge(job, outside).grade()]
    except BaseException as error:
        message = ["failed", f"the judge stopped: {type(error).__name__}: {error}"]
    messages.send(sock, message)
