"""Time-outs of the tests: longer where others use the machine too, so that a busy one stays green.

COURSEKIT_PATIENCE=3 makes all of them three times as long instead.
"""

import os

MOST = 4  # times as long; beyond it a test that hangs takes too much of the day


def patience(seconds):
    """Return a time-out that takes these seconds on a machine that does nothing else."""
    busy = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return seconds * float(os.environ.get("COURSEKIT_PATIENCE") or max(1.0, min(busy, MOST)))
