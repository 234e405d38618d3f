"""Run one submission: a judge and a student's process, both forked from warm ones."""

import atexit
import socket
import threading
import time
from contextlib import suppress

from coursekit.grading.execution import messages
from coursekit.grading.execution.job import Job, Result
from coursekit.grading.sandbox.requirements import SandboxError
from coursekit.grading.sandbox.warm import Warm

__all__ = ["close_all", "run_job", "warm_up"]

PATIENCE = 60  # seconds that the judge may take longer than the submission
IDLE = 60  # seconds until the warm process of another homework is ended
_lock, _warm = threading.Lock(), {}  # homework: when it was last used, and its warm process


def run_job(job: Job) -> Result:
    """Run the cells and tests of one submission.

    A warm process for each homework loads the libraries once, and forks for each submission.
    """
    begun = time.monotonic()
    result = {"status": "ok", "reason": "", "cells": [], "notes": [], "peak_mb": 0.0}
    students = []
    try:
        # the judge is still there when the student's process has used up its time
        longer = {"submission_seconds": job["limits"]["submission_seconds"] + PATIENCE}
        judge = _fork(job, "judge", longer)
        try:
            kind, answer = _attend(judge, job, students)
        finally:
            for child in [*students, judge]:
                child.kill()
        result["peak_mb"] = max([judge.peak_mb, *(child.peak_mb for child in students)])
        if kind == "result":
            imports = [f"import {name}" for name in answer.pop("loaded")]
            for role in ("judge", "student"):
                _warm_for(job, role).load(imports)
            result |= answer
        else:
            result |= {"status": "failed", "reason": str(answer)}
    except (OSError, RuntimeError, messages.WireError) as error:
        result |= {"status": "failed", "reason": f"{error}"}
    same = {key: job[key] for key in ("student", "homework", "sandbox")}
    return result | same | {"seconds": time.monotonic() - begun}


def _fork(job, role, limits=None):
    warm, read_only = _warm_for(job, role), job.get("read_only", [])
    return warm.fork(role, job["limits"] | (limits or {}), read_only)


def _attend(judge, job, students):
    """Do what the judge asks for until it has a result; return its last message."""
    limit = job["limits"]["submission_seconds"] + PATIENCE
    end, buffer = time.monotonic() + limit, bytearray()
    messages.send(judge.sock, job)
    while True:
        judge.sock.settimeout(max(0.01, end - time.monotonic()))
        try:
            kind, *rest = messages.receive(judge.sock, buffer)
        except TimeoutError:
            return "failed", f"the tests did not come to an end within {limit:g} s"
        except messages.Cut:
            return "failed", f"the judge's process ended: {judge.ended() or 'unknown why'}"
        if kind == "student":
            _end(students)
            students.append(_fork(job, "student"))
            socket.send_fds(judge.sock, [b"f"], [students[-1].sock.fileno()])
            students[-1].sock.close()
            continue
        if kind in ("result", "failed"):
            return kind, rest[0]
        answer = "done"
        if kind == "interrupt":
            students[-1].interrupt()
        elif kind == "kill":
            _end(students)
        elif kind == "why":
            answer = _why(students[-1])
        messages.send(judge.sock, [answer])


def _why(child):
    """Return why a child ended; it may take a moment until that is known."""
    for _ in range(20):
        if reason := child.ended():
            return reason
        time.sleep(0.01)
    return ""


def _end(students):
    for child in students[-1:]:
        child.kill()


def warm_up(homework, preload):
    """Start the warm process of a homework in the background, while others read its submissions.

    Parameters
    ----------
    homework : str
        Its name.
    preload : list of str
        Statements that import what it needs.
    """
    with suppress(SandboxError):  # which is told when there is something to run
        _warm_for({"homework": homework, "preload": preload, "sandbox": True}, "judge")


def _warm_for(job, role):
    """Return the warm process that forks a role of a job.

    One serves all threads. Without a sandbox each thread has one a role: ending a process there
    ends all that its warm process has forked.
    """
    own = None if job["sandbox"] else (threading.get_ident(), role)
    key, now = (job["homework"], own), time.monotonic()
    with _lock:
        for other, (used, warm) in list(_warm.items()):
            if other != key and now - used > IDLE and not warm.busy:
                del _warm[other]
                warm.close()
        if key not in _warm:
            warm = Warm(("judge", "student"), job["preload"], sandbox=job["sandbox"])
        else:
            warm = _warm[key][1]
        _warm[key] = now, warm
    warm.load(job["preload"])  # what it has not loaded yet
    return warm


@atexit.register
def close_all():
    """End the warm processes."""
    with _lock:
        while _warm:
            _warm.popitem()[1][1].close()
