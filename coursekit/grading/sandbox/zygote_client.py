"""Start a warm process, and ask it to fork, to load and to kill."""

import json
import os
import shutil
import site
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from coursekit.grading.sandbox.requirements import SandboxError

__all__ = ["ANSWER_SECONDS", "WarmProcessGone", "ZygoteClient"]

ANSWER_SECONDS = 60
START_SECONDS = 300  # TensorFlow on a slow disk


class WarmProcessGone(Exception):
    """The warm process crashed, or somebody killed it."""


class ZygoteClient:
    """The runner's end of one warm process (`coursekit.grading.sandbox.zygote`): it starts it."""

    def __init__(self, setup):
        self.lock = threading.RLock()
        self.ready = False
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        with theirs:
            self.process = subprocess.Popen(
                # -P: the working directory is no place to import from
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "coursekit.grading.sandbox.zygote",
                    str(theirs.fileno()),
                ],
                pass_fds=[theirs.fileno()],
                env=environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                start_new_session=True,  # Ctrl-C in the terminal is for the runner alone
            )
        # some libraries write to the home folder when they are imported
        self.base = tempfile.mkdtemp(prefix="coursekit-")
        self.sock.send(json.dumps({**setup, "base": self.base, "runner": os.getpid()}).encode())

    def _receive(self, seconds):
        self.sock.settimeout(seconds)
        try:
            message, descriptors, _, _ = socket.recv_fds(self.sock, 1 << 20, 8)
        except OSError as error:
            raise WarmProcessGone(str(error)) from None
        if not message:
            raise WarmProcessGone
        answer = json.loads(message)
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer, descriptors

    def wait(self):
        """Wait until the imports are done."""
        with self.lock:
            if not self.ready:
                self._receive(START_SECONDS)
                self.ready = True

    def ask(self, request, descriptors=()):
        """Send a request; return the answer and the descriptors that came with it."""
        with self.lock:
            self.wait()
            try:
                socket.send_fds(self.sock, [json.dumps(request).encode()], descriptors)
            except OSError as error:
                raise WarmProcessGone(str(error)) from None
            return self._receive(ANSWER_SECONDS)

    def close(self):
        """End the process and everything that it forked; return the end of what it had to say."""
        if self.errors.closed:
            return ""
        with self.lock:
            self.sock.close()
        try:
            self.process.wait(15 if self.ready else 0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)  # it has, if it could
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace").strip()
        self.errors.close()
        return said[-2000:]


def environment():
    """Return the environment of a warm process: clean, and one thread for each library."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),  # to find bubblewrap; a fork gets another
        "LANG": "C.UTF-8",
        "USER": "student",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(cache / "coursekit" / "matplotlib"),  # fonts are listed once
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        **{f"{name}_NUM_THREADS": "1" for name in threads},
    }
    if site.ENABLE_USER_SITE:
        environment["PYTHONUSERBASE"] = site.getuserbase()
    if "PYTHONHASHSEED" in os.environ:
        environment["PYTHONHASHSEED"] = os.environ["PYTHONHASHSEED"]
    return environment
