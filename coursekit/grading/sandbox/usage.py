"""Measure what the processes of one submission use, from outside, through /proc."""

import os
import time

from coursekit.grading.sandbox.limits import MEGABYTE, Limits
from coursekit.grading.sandbox.processes import descendants

_PAGE = os.sysconf("SC_PAGE_SIZE")
_INODE = 1024  # memory of the kernel that an empty file takes, about


def _read(folder, name):
    """Return the text of a file in /proc; empty when its process has gone or hides it."""
    try:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 4096).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


class Gauge:
    """Memory and processes of one submission.

    Memory is what its processes hold (a page that n processes share counts 1/n in each: the pages
    of the warm process count in part) and what lies in its writable folders.

    Parameters
    ----------
    folders : list of int
        Descriptors of the sandbox's own /proc and its writable folders; none without a sandbox.
    warm : int
        The warm process, whose descendants are measured where there is no sandbox.

    Attributes
    ----------
    peak_mb : float
    processes : int

    """

    def __init__(self, folders, warm):
        self.sandboxed = bool(folders)
        self.proc = folders[0] if folders else os.open("/proc", os.O_RDONLY)
        self.folders, self.warm = folders[1:], warm
        self.peak_mb = 0.0
        self.processes = self._resident = 0
        self.seconds = 0.0

    def sample(self, limits: Limits):
        """Measure; the exact memory only while it may be more than ever, or above the limit."""
        start = time.perf_counter()
        pids = self._pids()
        self.processes = len(pids)
        if self.processes > limits["processes"]:
            return  # more of them start than can be read
        resident = sum(self._resident_bytes(pid) for pid in pids)
        files = sum(self._file_bytes(folder) for folder in self.folders)
        # the exact number takes the kernel some time
        if resident + files > min(limits["memory_mb"] * MEGABYTE, 1.05 * self._resident):
            self._resident = resident + files
            used = sum(self._shared_bytes(pid) for pid in pids) + files
            self.peak_mb = max(self.peak_mb, used / MEGABYTE)
        self.seconds = time.perf_counter() - start

    def wait(self, seconds):
        """Wait until no process is left."""
        deadline = time.monotonic() + seconds
        while self._pids() and time.monotonic() < deadline:
            time.sleep(0.001)

    def close(self):
        """Let go of the sandbox's folders."""
        while self.folders:
            os.close(self.folders.pop())
        if self.proc is not None:
            os.close(self.proc)
            self.proc = None

    def _pids(self):
        if not self.sandboxed:
            return [str(pid) for pid in descendants(self.warm)]
        names = (name for name in os.listdir(self.proc) if name.isdigit())
        return [name for name in names if int(name) > 2]  # 1 and 2 are the holder's

    def _resident_bytes(self, pid):
        fields = _read(self.proc, f"{pid}/statm").split()
        return int(fields[1]) * _PAGE if fields else 0

    def _shared_bytes(self, pid):
        kinds = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
        lines = _read(self.proc, f"{pid}/smaps_rollup").splitlines()
        sizes = [int(line.split()[1]) for line in lines if line.startswith(kinds)]
        # a process that hides counts in full
        return sum(sizes) * 1024 if sizes else self._resident_bytes(pid)

    def _file_bytes(self, folder):
        usage = os.fstatvfs(folder)
        blocks = (usage.f_blocks - usage.f_bfree) * usage.f_frsize
        return blocks + (usage.f_files - usage.f_ffree) * _INODE
