"""Time-outs of the tests: longer where others use the machine too, so that a busy one stays green.

COURSEKIT_PATIENCE=5 makes all of them at least five times as long, for a slow machine.
"""

import os

MOST = 4  # times as long; beyond it a test that hangs takes too much of the day


def patience(seconds):
    """Return a time-out that takes these seconds on a machine that does nothing else."""
    busy = os.getloadavg()[0] / len(os.sched_getaffinity(0))
    return seconds * max(1.0, min(busy, MOST), float(os.environ.get("COURSEKIT_PATIENCE", 1)))
