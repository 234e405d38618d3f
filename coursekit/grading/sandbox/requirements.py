"""Whether this machine can run submissions in the sandbox, and what to install or set if not."""

import functools
import os
import re
import shutil
import subprocess
import sys

from coursekit.grading.sandbox import confine
from coursekit.grading.sandbox.limits import LIMITS

__all__ = ["SandboxError", "require_sandbox"]

_INSTALL = """bubblewrap is not installed, and it makes the sandbox of a submission.
Install it:
  Debian, Ubuntu   sudo apt install bubblewrap
  Fedora           sudo dnf install bubblewrap"""
_FORBIDDEN = """This machine does not let bubblewrap make the namespaces of which the sandbox of a \
submission consists:
  {error}
The reason is usually one of these:
  sysctl kernel.unprivileged_userns_clone is 0              set it to 1
  sysctl kernel.apparmor_restrict_unprivileged_userns is 1  set it to 0 (Ubuntu 24.04 and later)
  sysctl user.max_user_namespaces is 0                      set it to 10000, say
  a container forbids it                                    start it with a seccomp profile that
                                                            allows unshare, mount and pivot_root"""


class SandboxError(RuntimeError):
    """There is no sandbox, or no warm process; the message says what to install or to do."""


def require_sandbox():
    """Check, by starting one, that this machine can run submissions in a sandbox.

    Raises
    ------
    SandboxError
        It can't; the message says what to install or which setting to change.

    """
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        raise SandboxError(
            "Grading in the sandbox needs Linux: use a Linux machine, a virtual one, or WSL 2."
        )
    if shutil.which("bwrap") is None:
        raise SandboxError(_INSTALL)
    _try_sandbox()


@functools.cache
def _try_sandbox():
    version = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    numbers = tuple(int(number) for number in re.findall(r"\d+", version))
    if numbers < (0, 8):
        raise SandboxError(f"bubblewrap 0.8 or newer is needed; this machine has {version.strip()}")
    release = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
    if release < (5, 8):
        raise SandboxError(f"Linux 5.8 or newer is needed; this is {os.uname().release}")
    try:
        holder = confine.Holder(LIMITS)
    except OSError as error:
        raise SandboxError(_FORBIDDEN.format(error=error)) from None
    holder.kill()
    holder.close()
