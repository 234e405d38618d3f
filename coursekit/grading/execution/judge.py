"""The judge: it runs the given cells and the tests, and never a line of the student's code.

Given is every cell of the instructor's notebook but the answers, in the instructor's own version.

What the student's cells define reaches it as plain data, or as references whose calls cross to the
other process (`rpc`).
"""

import sys
import time
from contextlib import suppress

from coursekit.checks import answers
from coursekit.grading.execution import messages, shell
from coursekit.grading.execution.cells import (
    Statements,
    binds,
    for_students,
    is_code,
    marks_of,
    name_of,
    names_in,
    role,
    tests_of,
)
from coursekit.grading.execution.decoding import Decoder
from coursekit.grading.execution.job import Job, JudgeAnswer
from coursekit.grading.execution.messages import WireError
from coursekit.grading.execution.outputs import clean, failure, text, worth
from coursekit.grading.execution.outside import Outside
from coursekit.grading.execution.seeds import forward_seeds
from coursekit.grading.execution.student_process import CellTimeout, StudentProcess
from coursekit.grading.execution.written import looks_for_files, take

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
        self.plain = dict(job.get("plain", {}))  # what was not run yet
        self.unanswered = set()  # names of answers that only given cells bind
        self.shared = set()  # indices of locked cells that the student's process runs too
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
        self._note_unanswered(notebook["cells"], theirs)
        answers = {name for names in self.job["names"].values() for name in names}
        self.shared = for_students(self.shell, notebook["cells"], words, answers)
        loaded = set(sys.modules)
        self._write_files()
        for index, cell in enumerate(notebook["cells"]):
            self.where = f"cell {index}"
            self._run_plain(name_of(cell))
            if is_code(cell):
                self._grade_cell(cell, index)
        self._show_again(notebook["cells"])
        self._test_together(notebook["cells"])
        loaded = sorted(set(sys.modules) - loaded - {"__main__"})
        loaded = [name for name in loaded if name.partition(".")[0] not in self.own_modules]
        if names := [row["id"] for row in self.rows if row.get("together") == "passed"]:
            self.notes.append(f"only together: {', '.join(names)}")
        notes = [text(note) for note in self.notes]
        return {"notebook": notebook, "cells": self.rows, "notes": notes, "loaded": loaded}

    def _note(self, sentence):
        self.notes.append(f"{self.where}: {sentence}")

    def _write_files(self):
        """Write the files that belong to the homework, none of the student's."""
        given = self.job.get("given", [])
        self.own_modules = {name.partition("/")[0].removesuffix(".py") for name in given}
        if given:
            shell.write_files({name: self.job["files"][name] for name in given})

    def _note_unanswered(self, cells, theirs):
        """Note the names that given cells bind too, and that nothing of the student's mentions.

        What a given cell has put there is no answer.
        """
        given = [source for above in self.plain.values() for source in above]
        locked = [c["source"] for c in cells if is_code(c) and role(c) == "locked"]
        bound = set().union(*(binds(self.shell, source) for source in [*given, *locked]))
        names = {name for names in self.job["names"].values() for name in names} & bound
        if names:
            handed_out = {*given, *self.job.get("shown", {}).values()}
            self.unanswered = names - self.student.words(
                [source for source in theirs if source not in handed_out]
            )

    def _run_plain(self, name):
        """Run the plain cells that the source gives above a named cell; what they show is lost."""
        if name not in self.plain:
            return
        for above in list(self.plain):
            for source in self.plain.pop(above):
                left = self.end - time.monotonic()
                if left > 0:
                    self._run_ours({"source": source}, min(self.limits["cell_seconds"], left))
            if above == name:
                return

    def _grade_cell(self, cell, index):
        """Run one code cell; put its outputs into the notebook and add its row."""
        begun = time.monotonic()
        outputs, number, stopped = self._run(cell, index)
        for output in outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = number
        cell["outputs"], cell["execution_count"] = outputs, number
        if shell.CUT in "".join(output.get("text", "") for output in outputs):
            most = f"{self.limits['output_chars']:,} characters"
            self.notes.append(f"{name_of(cell) or self.where}: output cut after {most}")
        self.rows.append(
            {
                "id": name_of(cell),
                "index": index,
                "role": role(cell),
                "seconds": time.monotonic() - begun,
                "error": _error_in(outputs),
                "stopped": stopped,
            }
        )

    def _run(self, cell, index):
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
        if role(cell) == "test" and tests_of(cell, self.job) == "together":
            return [], None, False  # later
        if index in self.shared:
            self._run_theirs(cell, seconds)
        return self._run_ours(cell, seconds)

    def _run_theirs(self, cell, seconds):
        """Run a cell in the student's process."""
        key = name_of(cell)
        names = self.job["names"].get(key, [])
        for name in self.unanswered & {*names}:
            self.shell.user_ns.pop(name, None)
        names = [name for name in names if name not in self.unanswered]
        self.modules |= self.job.get("modules", {}).get(key, {})
        self.introduced += [name for name in names if name not in self.introduced]
        return self.student.run(cell["source"], seconds)

    def _run_ours(self, cell, seconds):
        """Run a cell in this process, with what the solution cells define by now."""
        limit = self.limits["output_chars"]
        try:
            with self.student.limited(seconds) as peer:
                self._update(peer)
                if looks_for_files(cell["source"]):
                    take(peer.ask("written"), self.job["files"])
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

    # A second time -----------------------------------------------------------------------------

    def _show_again(self, cells):
        """Take what own cells show from a process that has met no test.

        A function sees the arguments of hidden tests, and a later cell could print them.
        """
        tests = [row["index"] for row in self.rows if row["role"] == "test"]
        first = next((index for index in tests if cells[index]["source"].strip()), len(cells))
        late = [row["index"] for row in self.rows if row["role"] == "own" and row["index"] > first]
        late = [index for index in late if cells[index]["outputs"]]
        if late:
            self.student.forget()
        for row, seconds in self._again(max(late, default=-1)):
            if self._is_for_student(row, all_locked=False):
                outputs = self._run_theirs(cells[row["index"]], seconds)[0]
                if row["index"] in late:
                    cells[row["index"]]["outputs"] = outputs

    def _test_together(self, cells):
        """Run tests in forks of a process that runs the student's cells again."""
        tests = [row["index"] for row in self.rows if self._is_for_together(row, cells)]
        if tests:
            self.student.forget(watched=True)
        statements = Statements(self.shell, self.job, cells)
        for row, seconds in self._again(max(tests, default=-1)):
            index = row["index"]
            if index in tests:
                given = {"before": statements.before(index)}
                given["modules"] = statements.modules_before(index)
                self._run_together(cells[index], row, given, seconds)
            elif self._is_for_student(row, all_locked=True):
                self._run_theirs(cells[index], seconds)

    def _again(self, last):
        """Yield the rows of the cells up to a place, each with the seconds that are left for it."""
        for row in self.rows:
            left = self.end - time.monotonic()
            if row["index"] > last or left <= 0:
                return
            self.where = f"cell {row['index']}, repeated"
            yield row, min(self.limits["cell_seconds"], left)

    def _is_for_student(self, row, all_locked):
        """Whether the student's process runs a cell, of the locked ones all or what it needs."""
        if row["stopped"]:
            return False
        if row["role"] == "locked":
            return all_locked or row["index"] in self.shared
        return row["role"] == "own"

    def _is_for_together(self, row, cells):
        """Whether a test is run in one process with the answers: it has not given all points."""
        cell = cells[row["index"]]
        if row["role"] != "test" or not cell["source"].strip():
            return False
        marks = marks_of(cell)
        way = tests_of(cell, self.job)
        if way == "both":
            return worth(cell["outputs"], marks.get("points", 0)) < marks.get("points", 0)
        return way == "together"

    def _run_together(self, cell, row, given, seconds):
        """Run a test in one process with the answers; keep what it gives if that is more."""
        begun, points = time.monotonic(), marks_of(cell).get("points", 0)
        request = given | {"source": cell["source"], "own": self.introduced}
        request["unanswered"] = sorted(self.unanswered)
        request["uses"] = sorted(names_in(self.shell, cell["source"]))
        outputs, tampered = self.student.test(request, seconds)
        row["seconds"] += time.monotonic() - begun
        forced = tests_of(cell, self.job) == "together"
        if not forced and worth(outputs, points) <= worth(cell["outputs"], points):
            return
        if tampered and worth(outputs, points) > 0:
            outputs, row["together"] = [failure("Tampered", tampered)], "tampered"
            self.notes.append(f"tampered with: {row['id']}, {tampered}")
        elif not forced:
            row["together"] = "passed"
        cell["outputs"] = outputs
        row["error"] = _error_in(outputs)


def _error_in(outputs):
    """Return kind and message of the exception among outputs, "" if there is none."""
    error = next((o for o in outputs if o["output_type"] == "error"), None)
    return f"{error['ename']}: {error['evalue']}"[:2000] if error else ""


def serve(sock):
    """Grade the one job that comes over the socket, and send back the result."""
    outside = Outside(sock)
    job = messages.receive(sock, outside.buffer)
    try:
        message = ["result", Judge(job, outside).grade()]
    except BaseException as error:
        message = ["failed", f"the judge stopped: {type(error).__name__}: {error}"]
    messages.send(sock, message)
