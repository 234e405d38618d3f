"""What one submission may use: the limits, and how a process puts them on itself."""

import resource
from typing import TypedDict

__all__ = ["LIMITS", "MEGABYTE", "Limits", "set_limits"]

MEGABYTE = 1 << 20


class Limits(TypedDict):
    """What one submission may use."""

    cell_seconds: float
    submission_seconds: float
    memory_mb: float
    processes: int
    file_mb: int  # of each writable folder, and of each file
    output_chars: int  # of each cell


LIMITS: Limits = {
    "cell_seconds": 60,
    "submission_seconds": 600,
    "memory_mb": 2048,
    "processes": 256,
    "file_mb": 256,
    "output_chars": 1_000_000,
}


def set_limits(limits: Limits, count_processes):
    """Lower the limits of this process, for good.

    Parameters
    ----------
    limits : Limits
    count_processes : bool
        Whether the kernel limits their number too. It counts threads, and without a user namespace
        those of the user's other programs.
    """
    with open("/proc/self/status") as status:
        data = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
    # private writable memory, not address space: TensorFlow reserves far more than it uses
    values = {
        resource.RLIMIT_DATA: (data << 10) + limits["memory_mb"] * MEGABYTE,
        resource.RLIMIT_FSIZE: limits["file_mb"] * MEGABYTE,
        resource.RLIMIT_CPU: int(limits["submission_seconds"]) + 1,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
    }
    if count_processes:
        # twice as many, so that the gauge, which counts processes, comes first and can say why
        values[resource.RLIMIT_NPROC] = 2 * limits["processes"]
    for kind, value in values.items():
        hard = resource.getrlimit(kind)[1]
        value = int(value) if hard == resource.RLIM_INFINITY else min(int(value), hard)
        # a second between them: SIGXCPU can be told from other ends, SIGKILL can't
        later = value + (kind == resource.RLIMIT_CPU and hard != value)
        resource.setrlimit(kind, (value, later))
