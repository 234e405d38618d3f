"""The sandbox of one submission: what its processes see, may do and may use.

A holder, an idle process that bubblewrap starts, owns fresh namespaces with a private view of the
file system. A process forked from a warm one enters them all at once with ``setns``, gives up every
capability and lowers its limits, and only then meets code of a submission. What isn't named in
`bubblewrap` isn't there: no home, no course, no gradebook, no network, no other process.
"""

import ctypes
import fcntl
import json
import os
import random
import shutil
import signal
import site
import socket
import subprocess
import sys
from pathlib import Path

from coursekit.grading.sandbox.limits import MEGABYTE, Limits, set_limits
from coursekit.grading.sandbox.seccomp import forbid

SUBMISSION = "/submission"  # the working directory: empty, writable, limited
HOME = "/home/student"
SHM = "/dev/shm"
WRITABLE = (SUBMISSION, HOME, "/tmp", SHM)
USER = 1000
_NOBODY = 1_879_048_199  # a user of this machine who owns nothing, above all ranges in use

_PATH = "/usr/local/bin:/usr/bin:/bin"
_IDLE = ("sh", "-c", "echo ready; exec sleep infinity >/dev/null")
_ETC = "alternatives fonts ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types"
_FILES = {
    "/etc/passwd": f"student:x:{USER}:{USER}::{HOME}:/bin/sh\n",
    "/etc/group": f"student:x:{USER}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
_USER_NAMESPACE = 0x10000000  # CLONE_NEWUSER; then NEWNS, CGROUP, UTS, IPC, PID, NET
_NAMESPACES = (
    _USER_NAMESPACE | 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000
)
_DUMPABLE, _BOUNDING_DROP, _SUBREAPER, _NO_NEW_PRIVS, _AMBIENT, _AMBIENT_CLEAR = (
    4,
    24,
    36,
    38,
    47,
    4,
)

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def prctl(option, value):
    """Call ``prctl(2)``."""
    numbers = (ctypes.c_ulong(number) for number in (value, 0, 0, 0))
    _checked(_libc.prctl(option, *numbers), f"prctl {option}")


def guard():
    """Keep other processes out of this one's memory, and adopt the orphans of its children."""
    prctl(_DUMPABLE, 0)
    prctl(_SUBREAPER, 1)


def _python():
    """Return the read-only paths of this Python: its installation, its packages and coursekit."""
    executable = Path(os.path.realpath(sys.executable)).parent.parent
    prefixes = {sys.prefix, sys.base_prefix, str(executable)}
    prefixes |= {os.path.realpath(prefix) for prefix in prefixes}
    # not the whole prefix: an environment may have been made in the folder of a course
    parts = ("bin", "lib", "lib64", "share", "etc", "pyvenv.cfg")
    paths = {f"{prefix}/{part}" for prefix in prefixes for part in parts}
    if site.ENABLE_USER_SITE:
        paths.add(site.getusersitepackages())
    paths.add(str(Path(__file__).parents[2]))  # of an editable install the package only
    inside = {path for path in paths if path.startswith(("/usr/", "/lib", "/bin/"))}
    return sorted(path for path in paths - inside if os.path.exists(path))


def nobodys_namespace():
    """For an instructor who is root: return a user namespace without root's power, or None.

    Its user 1000 is nobody on this machine, so that a submission's processes own no file, no
    setting of the kernel, and are counted. Others need none: bubblewrap makes theirs.
    """
    with open("/proc/self/uid_map") as mapped:
        if os.geteuid() != 0 or mapped.read().split() != ["0", "0", "4294967295"]:
            return None
    told, tell = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        told.close()
        try:
            _checked(_libc.unshare(_USER_NAMESPACE), "unshare")
            tell.send(b"made")
            tell.recv(1)
            with open("/proc/sys/user/max_user_namespaces", "w") as limit:
                limit.write("0")  # no further ones inside
        finally:
            os._exit(0)
    tell.close()
    try:
        if not told.recv(4):
            return None
        for kind in ("uid", "gid"):
            with open(f"/proc/{pid}/{kind}_map", "w") as mapped:
                mapped.write(f"0 0 1\n{USER} {_NOBODY} 1\n")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    except OSError:
        return None
    finally:
        told.close()
        os.waitpid(pid, 0)


def bubblewrap(limits: Limits, files, namespace=None, read_only=()):
    """Return the arguments of ``bwrap`` that make the view of one submission.

    Parameters
    ----------
    limits : Limits
        ``file_mb`` is the size of each writable folder.
    files : dict
        Path inside: open file descriptor to copy its content from.
    namespace : int, optional
        Descriptor of a user namespace to use (`nobodys_namespace`).
    read_only : sequence of (str, str)
        Further files and folders of this machine to show, and where.

    """
    arguments = [f"--unshare-{kind}" for kind in ("ipc", "pid", "net", "uts", "cgroup")]
    arguments += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    arguments += ["--cap-drop", "ALL"]
    if namespace is None:
        arguments += ["--unshare-user", "--disable-userns"]
        arguments += ["--uid", str(USER), "--gid", str(USER)]
    else:
        arguments += ["--userns", str(namespace)]
    arguments += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{name}"):
            arguments += ["--symlink", os.readlink(f"/{name}"), f"/{name}"]
        else:
            arguments += ["--ro-bind-try", f"/{name}", f"/{name}"]
    arguments += ["--perms", "0755", "--dir", "/etc"]
    for name in _ETC.split():
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for path, descriptor in files.items():
        arguments += ["--perms", "0644", "--ro-bind-data", str(descriptor), path]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for path in WRITABLE:
        size = str(limits["file_mb"] * MEGABYTE)
        arguments += ["--perms", "1777", "--size", size, "--tmpfs", path]
    binds = [*read_only, *((path, path) for path in _python())]
    # readable for others than root too, whatever the folders of the same names outside are
    for folder in sorted({str(parent) for _, path in binds for parent in Path(path).parents[:-1]}):
        if folder not in WRITABLE:
            arguments += ["--perms", "0755", "--dir", folder]
    for path, inside in binds:
        arguments += ["--ro-bind", path, inside]
    # /proc too: an instructor who is root still owns the settings of the kernel in /proc/sys
    for path in ("/proc", "/dev", "/"):
        arguments += ["--remount-ro", path]
    return arguments


class Holder:
    """The idle process that owns the namespaces of one submission, and dies with its parent.

    Attributes
    ----------
    process : subprocess.Popen
        bubblewrap's monitor, outside.
    pidfd : int
        The first process inside; when it is killed, the kernel kills all others with it.

    """

    def __init__(self, limits: Limits, namespace=None, read_only=()):
        files = {path: _memory(text.encode()) for path, text in _FILES.items()}
        told, tell = os.pipe()
        # the arguments name paths of this machine: from a file, they don't show in /proc/1/cmdline
        arguments = bubblewrap(limits, files, namespace, read_only)
        arguments += ["--info-fd", str(tell)]
        listed = _memory("\0".join(arguments).encode())
        lent = [listed, tell, *files.values()]
        try:
            self.process = subprocess.Popen(
                [shutil.which("bwrap") or "bwrap", "--args", str(listed), *_IDLE],
                env={"PATH": _PATH},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=lent if namespace is None else [*lent, namespace],
            )
        finally:
            for descriptor in lent:
                os.close(descriptor)
        with open(told, "rb", 0) as info, self.process.stdout as out, self.process.stderr as errors:
            said = b""
            while b"}" not in said and (more := info.read(4096)):
                said += more
            if not out.readline():
                message = errors.read().decode(errors="replace").strip()
                self.process.wait()
                raise OSError(f"bubblewrap did not start: {message}")
        self.pid = json.loads(said)["child-pid"]
        self.pidfd = os.pidfd_open(self.pid)

    def folders(self):
        """Return open descriptors of the sandbox's /proc and of each folder that is writable."""
        root = f"/proc/{self.pid}/root"
        return [os.open(root + path, os.O_RDONLY) for path in ("/proc", *WRITABLE)]

    def kill(self):
        """Kill everything inside."""
        try:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except ProcessLookupError:
            return  # it has ended already

    def close(self, seconds=10):
        """Wait until nothing is left inside."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.pidfd)


def _memory(content):
    """Return the descriptor of a nameless file with this content."""
    descriptor = os.memfd_create("coursekit")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def enter(pidfd):
    """Enter all namespaces of a process; children are then inside its pid namespace too."""
    if os.geteuid() == 0:
        os.setgroups([])
    _checked(_libc.setns(pidfd, _NAMESPACES), "setns")


def _drop_capabilities():
    for capability in range(64):
        if _libc.prctl(_BOUNDING_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break  # past the last one that this kernel has
    prctl(_AMBIENT, _AMBIENT_CLEAR)
    if os.getuid() != USER:  # in a namespace made for root
        os.setresgid(USER, USER, USER)
        os.setresuid(USER, USER, USER)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _checked(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _reseed():
    """Give the global random generators fresh seeds: a fork must not repeat another's numbers."""
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def confine(limits: Limits, keep, folder=None):
    """Make this freshly forked process harmless; called once, before code of a submission.

    Parameters
    ----------
    limits : Limits
    keep : list of int
        The descriptors that stay open, from now on 3, 4, ...
    folder : str, optional
        Without a sandbox: the folder that holds ``submission``, ``home`` and ``tmp``.

    """
    os.setsid()
    os.nice(5)  # the process that watches it has precedence
    null = os.open(os.devnull, os.O_RDWR)
    copies = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100) for descriptor in keep]
    for target, source in enumerate([null, null, null, *copies]):
        os.dup2(source, target, inheritable=target < 3)
    os.closerange(3 + len(keep), os.sysconf("SC_OPEN_MAX"))
    if folder is None:
        home, temporary = HOME, "/tmp"
        os.chdir(SUBMISSION)
        _drop_capabilities()
    else:
        home, temporary = f"{folder}/home", f"{folder}/tmp"
        os.chdir(f"{folder}/submission")
    os.environ["PATH"] = f"{sys.prefix}/bin:{_PATH}"
    os.environ.update(HOME=home, TMPDIR=temporary, MPLCONFIGDIR=f"{temporary}/matplotlib")
    prctl(_NO_NEW_PRIVS, 1)
    forbid()
    set_limits(limits, count_processes=folder is None)
    prctl(_DUMPABLE, 1)  # or an instructor who isn't root could not measure its memory
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _reseed()
