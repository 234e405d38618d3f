"""A test in one process with the student's code: in a fork that holds this test and no other.

The process has run the student's cells and knows nothing of tests. Then it gets a channel that did
not exist before, forks, and the fork is told the test over it. Where threads are left, which no
fork has, there is none: the process itself runs the test, and is ended.
"""

import builtins
import os
import socket
import time

from coursekit.grading.execution import canaries, messages, shell, tampering
from coursekit.grading.execution.messages import WireError
from coursekit.grading.execution.outputs import clean, packable

__all__ = ["Alone", "ask", "serve", "verdict"]


class Alone(Exception):
    """The process has run the test itself, and has ended."""


# The judge's end ---------------------------------------------------------------------------


def ask(peer, request, seconds):
    """Let the process at the other end run a test; return what it reports.

    Parameters
    ----------
    peer : coursekit.grading.execution.rpc.Peer
    request : dict
        ``before``, statements that are run first; ``modules``, names of modules, and how they are
        imported where the answers have them; ``source``, the test; ``own``, the names that the
        answers define; ``unanswered``, those of which nothing is the student's; ``uses``, the
        names in the test; ``limit``, of the outputs' characters.
    seconds : float

    Returns
    -------
    dict
    """
    report, ends = {}, canaries.make()

    def talk(peer):
        peer.receive()  # it is ready to take the channel
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(peer.sock, [b"t"], [theirs.fileno()])
            end = time.monotonic() + seconds
            ours.settimeout(seconds)
            messages.send(ours, request | {"canaries": [code for code, _ in ends]})
            said = messages.receive(
                ours, bytearray(), lambda: ours.settimeout(max(0.01, end - time.monotonic()))
            )
        if not isinstance(said, dict):
            raise WireError("not a report")
        report.update(said)
        if said.get("alone"):
            raise Alone

    try:
        peer.ask("together", meanwhile=talk)
    except Alone:
        report["alone"] = True
    report["ends"] = [end for _, end in ends]
    return report


def verdict(report, limit):
    """Return the outputs of a test, and why they count for nothing, "" if they do."""
    outputs = clean(report.get("outputs", []), limit)
    shown = [output for output in outputs if output["output_type"] == "execute_result"]
    outputs = [output for output in outputs if output not in shown[:-1]]  # the test's own is last
    for output in outputs:
        if output.get("name") == "stderr":
            output["name"] = "stdout"  # a warning costs no points
    found = report.get("canaries", [])
    wrong = [
        end
        for end, ended in zip(report["ends"], found, strict=False)
        if not canaries.is_right(end, ended)
    ]
    if changed := [str(name) for name in report.get("changed", [])]:
        return outputs, f"the submission replaces {', '.join(changed[:3])}"
    if lies := [str(name) for name in report.get("lies", [])]:
        return outputs, f"objects of {', '.join(lies[:3])} are equal to everything"
    if wrong or len(found) != len(report["ends"]):
        count = len(wrong) or "some"
        return outputs, f"{count} of {len(report['ends'])} tests with known verdicts went wrong"
    return outputs, ""


# The student's end -------------------------------------------------------------------------


def serve(peer, own_shell, before):
    """Take the channel, fork, and run the test that comes over it; never returns in the fork."""
    peer.send([0, "ready"])
    _, channels, _, _ = socket.recv_fds(peer.sock, 1, 1)
    alone = len(os.listdir("/proc/self/task")) > 1
    if not alone and (child := os.fork()):
        os.close(channels[0])
        os.waitpid(child, 0)
        return True
    try:
        with socket.socket(fileno=channels[0]) as channel:
            request = messages.receive(channel, bytearray())
            messages.send(channel, _run(request, own_shell, before) | {"alone": alone})
    finally:
        os._exit(0)


def _run(request, own_shell, before):
    """Run a test and the canaries; return what is reported."""
    space, own = own_shell.user_ns, set(request["own"])
    changed = tampering.replaced(before)
    for called in own_shell.events.callbacks.values():  # what a cell has asked to be called later
        called[:] = [f for f in called if str(f.__module__).startswith(("matplotlib", "IPython"))]
    for name in request["uses"]:  # a list called sum, say, is not the test's sum
        if name in space and name not in own and hasattr(builtins, name):
            del space[name]
    for name in request["unanswered"]:
        space.pop(name, None)
    modules = [line for name, line in request["modules"].items() if name in space]
    for statement in [*modules, *request["before"]]:
        shell.run(own_shell, statement, 1000)
    outputs = shell.run(own_shell, request["source"], request["limit"])
    found = [_end(shell.run(own_shell, code, 1000)) for code in request["canaries"]]
    lies = tampering.liars(space)
    return {"outputs": packable(outputs), "canaries": found, "changed": changed, "lies": lies}


def _end(outputs):
    """Return kind and message of the exception among outputs."""
    errors = [output for output in outputs if output["output_type"] == "error"]
    return [errors[0]["ename"], errors[0]["evalue"]] if errors else ["", ""]
