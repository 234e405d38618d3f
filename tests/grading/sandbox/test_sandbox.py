"""What a submission's processes see, may do and may use, tried from inside real ones."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from patience import patience

from coursekit.grading.sandbox import confine, requirements, seccomp
from coursekit.grading.sandbox.requirements import SandboxError, require_sandbox
from coursekit.grading.sandbox.warm import Warm

PLACE = Path(__file__).parent / "sandbox_roles"
PRELOAD = [f"import sys; sys.path.insert(0, {str(PLACE)!r})", "import numpy", "import roles"]
LIMITS = {"memory_mb": 400, "processes": 40, "file_mb": 20, "submission_seconds": 30}

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="needs Linux"),
    pytest.mark.skipif(
        shutil.which("bwrap") is None and "CI" not in os.environ, reason="bubblewrap is missing"
    ),
]


class Inside:
    """Evaluate Python expressions in a child."""

    def __init__(self, child):
        self.child, self.file = child, child.sock.makefile("rw")

    def send(self, code):
        self.file.write(json.dumps(code) + "\n")
        self.file.flush()

    def receive(self):
        """Return the value, or None when the child ended."""
        try:
            line = self.file.readline()
        except OSError:
            line = ""
        return json.loads(line) if line else None

    def __call__(self, code):
        self.send(code)
        return self.receive()

    def why(self):
        """Return why the child ended, once it has."""
        deadline = time.monotonic() + patience(20)
        while self.child.ended() is None:
            assert time.monotonic() < deadline, "the child did not end"
            time.sleep(0.01)
        return self.child.ended()


@pytest.fixture(scope="module")
def warm():
    with Warm("roles:python", PRELOAD, LIMITS) as made:
        yield made


@pytest.fixture
def fork(warm):
    children = []

    def new(of=warm):
        children.append(of.fork())
        children[-1].sock.settimeout(patience(30))
        return Inside(children[-1])

    yield new
    for child in children:
        child.kill()


def alive(marker):
    """Return the processes of this machine whose command line holds a text."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in command:
                found.append(int(folder.name))
    return found


def gone(pid, seconds=10):
    """Wait until a process has ended (a zombie has)."""
    deadline = time.monotonic() + patience(seconds)
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


# What it sees


def way_to_python(folder):
    """Return what must be in a folder because this Python is installed somewhere below it."""
    below = [Path(path) for path in confine._python() if Path(path).is_relative_to(folder)]
    return sorted({path.relative_to(folder).parts[0] for path in below})


def test_the_file_system_holds_the_system_and_this_python_only(fork):
    inside = fork()
    tops = {Path(path).parts[1] for path in confine._python()}
    system = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr"}
    system |= {"etc", "dev", "proc", "tmp", "home", "submission"}
    assert set(inside("os.listdir('/')")) <= system | tops
    assert inside("os.listdir('/home')") == ["student"]
    for folder in confine.WRITABLE:
        assert inside(f"os.listdir({folder!r})") == way_to_python(folder)
    assert inside("os.getcwd()") == "/submission"
    assert inside("[os.environ['HOME'], os.environ['TMPDIR']]") == ["/home/student", "/tmp"]
    assert "FileNotFoundError" in inside("open('/etc/shadow')")
    assert inside("open('/etc/passwd').read().count(chr(10))") == 1


def test_the_course_and_the_repository_are_absent(fork, tmp_path):
    (tmp_path / "gradebook.db").write_text("secret")
    repository = Path(confine.__file__).parents[3]
    inside = fork()
    assert inside(f"os.path.exists({str(tmp_path)!r})") is False
    for name in ("assignments", "tests", "pyproject.toml", ".git"):
        assert inside(f"os.path.exists({str(repository / name)!r})") is False
    assert inside(f"os.path.exists({str(Path(confine.__file__).parent)!r})") is True


def test_only_four_folders_are_writable(fork):
    inside = fork()
    for folder in confine.WRITABLE:
        assert inside(f"open({folder + '/x'!r}, 'w').write('abc')") == 3
    for path in ("/x", "/usr/x", "/etc/x", "/dev/x", "/home/x", f"{sys.prefix}/lib/x"):
        answer = inside(f"open({path!r}, 'w')")
        assert "Read-only file system" in answer or "PermissionError" in answer, path
    for path in (confine.__file__, "/proc/sys/kernel/core_pattern"):
        assert "Error: [Errno" in inside(f"open({path!r}, 'a')")
    # not even for those who own them: an instructor who is root still owns the kernel's settings
    mounts = [line.split() for line in inside("open('/proc/mounts').read()").splitlines()]
    for _, path, _, options, *_ in mounts:
        if not path.startswith(("/dev/", *confine.WRITABLE)):
            assert options.startswith("ro"), path


def test_a_full_folder_is_an_error_and_its_size_a_limit(fork):
    inside = fork()
    write = "[open(f'{i}', 'wb').write(bytes(9 << 20)) for i in range(3)]"
    assert "No space left on device" in inside(write)
    assert "OSError" in inside("open('/tmp/large', 'wb').write(bytes(21 << 20))")
    assert inside("1 + 1") == 2


def test_no_network(fork):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), 1).close()
        inside = fork()
        assert "refused" in inside(f"socket.create_connection(('127.0.0.1', {port}), 1)")
    assert "Network is unreachable" in inside("socket.create_connection(('192.0.2.1', 80), 1)")
    assert inside("[name for _, name in socket.if_nameindex()]") == ["lo"]


def test_only_its_own_processes(fork):
    inside = fork()
    pids = inside("sorted(int(name) for name in os.listdir('/proc') if name.isdigit())")
    assert pids[:3] == [1, 2, 3]
    assert len(pids) == 3
    shown = inside("open('/proc/1/cmdline').read() + open('/proc/1/environ').read()")
    assert str(Path.home()) not in shown
    assert sys.prefix not in shown
    assert inside("os.getppid()") == 0
    # the first process there can't be killed from inside
    inside("os.kill(1, 9)")
    assert inside("1") == 1


def test_namespaces_are_its_own(fork):
    one, two = fork(), fork()
    for kind in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup"):
        code = f"os.readlink('/proc/self/ns/{kind}')"
        seen = {one(code), two(code), os.readlink(f"/proc/self/ns/{kind}")}
        # without root's power, the one user namespace that root made serves all in turn
        assert len(seen) == (2 if kind == "user" and os.geteuid() == 0 else 3), kind
    assert one("socket.gethostname()") == "sandbox"


def test_no_rights(fork):
    inside = fork()
    status = dict(
        line.split(":\t", 1) for line in inside("open('/proc/self/status').read()").splitlines()
    )
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    assert inside("[os.getuid(), os.geteuid(), os.getgid()]") == [1000, 1000, 1000]
    # one descriptor besides the standard ones, and that of the listing
    assert inside("len(os.listdir('/proc/self/fd'))") == 5
    assert inside("[os.readlink(f'/proc/self/fd/{i}') for i in (0, 1, 2)]") == ["/dev/null"] * 3


def test_forbidden_system_calls(fork):
    inside = fork()
    assert "Function not implemented" in inside("os.memfd_create('hidden')")
    libc = "__import__('ctypes').CDLL(None)"
    assert inside(f"{libc}.shmget(0, 4096, 0o1777)") == -1
    assert inside(f"{libc}.unshare(0x10000000)") == -1
    assert inside(f"{libc}.clone") is not None


def test_the_filter_is_a_valid_program_for_every_machine():
    for machine in seccomp._MACHINES:
        program = seccomp.program(machine)
        steps = [program[i : i + 8] for i in range(0, len(program), 8)]
        for i, step in enumerate(steps):
            jump = step[2]
            if step[0] in (seccomp._EQUAL, seccomp._AT_LEAST) and i > 1:
                assert i + 1 + jump == len(steps) - 1  # each refusal ends at the last step


# What it shares with others


def test_preloaded_modules_are_there(fork):
    assert fork()("'numpy' in sys.modules and 'numpy.random' in sys.modules") is True


@pytest.mark.benchmark
def test_a_fork_is_quick(fork):
    fork()
    for _ in range(50):  # on a busy machine, one of them meets a free moment
        start = time.perf_counter()
        assert fork()("1 + 1") == 2
        took = time.perf_counter() - start
        if took < 0.2:
            break
    assert took < 0.2


def test_random_numbers_differ(fork):
    code = "[random.random(), float(sys.modules['numpy'].random.random())]"
    seen = [tuple(fork()(code)) for _ in range(3)]
    assert len({first for first, _ in seen}) == len({second for _, second in seen}) == 3


def test_no_state_passes_on(fork):
    one = fork()
    for folder in confine.WRITABLE:
        assert one(f"open({folder + '/note'!r}, 'w').write('for the next')") == 12
    assert one("setattr(sys.modules['builtins'], 'abs', lambda x: 42)") is None
    assert one("os.environ.update(NOTE='x')") is None
    two = fork()  # while the first still lives
    assert two("[abs(-1), os.environ.get('NOTE')]") == [1, None]
    for folder in confine.WRITABLE:
        assert two(f"os.listdir({folder!r})") == way_to_python(folder)
    one.child.kill()
    assert fork()("os.listdir('/submission')") == []


# How it ends


def test_nothing_is_left_after_kill(fork):
    marker = f"leftover-{os.getpid()}"
    inside = fork()
    script = (
        f"trap '' TERM HUP INT; (trap '' TERM; sleep 1000; : {marker}) & sleep 1000; : {marker}"
    )
    assert inside(f"subprocess.Popen(['setsid', '-f', 'sh', '-c', {script!r}]).wait()") == 0
    deadline = time.monotonic() + patience(20)
    while len(alive(marker)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(alive(marker)) >= 2  # a shell that has not become its `sleep` yet is a third
    inside.child.kill()
    assert alive(marker) == []
    assert not Path(f"/proc/{inside.child.pid}").exists()
    assert inside.child.ended() == "it was stopped"
    inside.child.kill()


def test_kill_ends_one_that_ignores_signals(fork):
    inside = fork()
    ignored = "[signal.signal(s, signal.SIG_IGN) for s in (2, 15)]"
    inside.send(f"{ignored} and tell('ready') or time.sleep(100)")
    assert inside.receive() == "ready"
    inside.child.interrupt()
    inside.child.kill()
    assert gone(inside.child.pid)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os._exit(3)", "it ended by itself (exit code 3)"),
        ("os.kill(os.getpid(), 9)", "it was ended by signal 9 (SIGKILL)"),
        ("__import__('ctypes').string_at(0)", "it was ended by signal 11 (SIGSEGV)"),
        ("sys.modules['roles'].stop(4)", "it ended by itself (exit code 4)"),
    ],
)
def test_why_it_ended(fork, code, why):
    inside = fork()
    assert inside.child.ended() is None
    assert inside(code) is None
    assert inside.why() == why
    inside.child.kill()
    assert inside.child.ended() == why


def test_interrupt(fork):
    inside = fork()
    inside.send("tell('asleep') or time.sleep(100)")
    assert inside.receive() == "asleep"
    inside.child.interrupt()
    assert inside.receive().startswith("KeyboardInterrupt")
    assert inside("1") == 1


def test_too_much_memory_at_once_is_an_error(fork):
    inside = fork()
    assert "MemoryError" in inside("bytearray(10**9)")
    assert inside("len(bytearray(10**8))") == 10**8
    assert inside.child.peak_mb < LIMITS["memory_mb"]


@pytest.mark.parametrize(
    "code",
    [
        "[os.fork() or sys.modules['roles'].fill(30) for i in range(20)] and time.sleep(100)",
        "sys.modules['roles'].share(600)",
    ],
    ids=["many processes", "shared memory"],
)
def test_too_much_memory_in_all(fork, code):
    inside = fork()
    assert inside(code) is None
    assert inside.why() == "it used more than 400 MB of memory"
    assert inside.child.peak_mb > 400
    inside.child.kill()


def test_files_count_as_memory(fork):
    with Warm("roles:python", PRELOAD, LIMITS | {"memory_mb": 50, "file_mb": 100}) as small:
        inside = fork(small)
        assert inside("sys.modules['roles'].write(80)") is None
        assert inside.why() == "it used more than 50 MB of memory"


def test_a_fork_bomb_is_stopped(fork):
    inside = fork()
    inside.send("[os.fork() for i in range(8)] and time.sleep(100)")
    assert inside.why() == "it started more than 40 processes"
    pid = inside.child.pid
    inside.child.kill()
    assert not Path(f"/proc/{pid}").exists()


def test_processor_time_is_limited(fork):
    with Warm("roles:python", PRELOAD, LIMITS | {"submission_seconds": 0.2}) as short:
        inside = fork(short)
        assert inside("sys.modules['roles'].spin()") is None
        assert inside.why() == "it used more than 0.2 s of processor time"


# The warm process


def test_a_killed_warm_process_is_started_again(fork):
    with Warm("roles:python", PRELOAD, LIMITS) as mortal:
        inside = fork(mortal)
        os.kill(mortal.pid, signal.SIGKILL)
        assert inside.receive() is None
        assert gone(inside.child.pid)
        assert "warm process" in inside.why()
        inside.child.kill()
        assert fork(mortal)("1 + 1") == 2


def test_a_warm_process_that_always_crashes_is_an_error():
    with (
        Warm("roles:python", [*PRELOAD, "import os; os._exit(9)"], LIMITS) as broken,
        pytest.raises(SandboxError, match="ended twice in a row"),
    ):
        broken.fork()


def test_an_import_that_fails_is_skipped_but_the_entry_point_must_exist(fork):
    with Warm("roles:python", ["import no_such_module", *PRELOAD], LIMITS) as warm:
        assert fork(warm)("'numpy' in sys.modules") is True
    with Warm("roles:nothing", PRELOAD) as warm, pytest.raises(SandboxError, match="nothing"):
        warm.fork()


@pytest.mark.parametrize("sandbox", [True, False])
def test_all_dies_with_the_runner(sandbox):
    code = f"""
import os, sys
from coursekit.grading.sandbox.warm import Warm
warm = Warm("roles:python", {PRELOAD!r}, {LIMITS!r}, sandbox={sandbox})
child = warm.fork()
print(warm.pid, child.pid, flush=True)
sys.stdin.read()
"""
    runner = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with runner:
        pids = [int(pid) for pid in runner.stdout.readline().split()]
        assert not any(gone(pid, 0.05) for pid in pids)
        runner.kill()
    assert all(gone(pid) for pid in pids)


def test_close_ends_its_children():
    warm = Warm("roles:python", PRELOAD, LIMITS)
    child, pid = warm.fork(), warm.pid
    warm.close()
    assert child.ended() == "it was stopped"
    assert gone(pid)
    assert gone(child.pid)


# Without a sandbox, and where there can be none


def test_without_a_sandbox(fork, tmp_path):
    with Warm("roles:python", PRELOAD, LIMITS, sandbox=False) as open_air:
        inside = fork(open_air)
        folder = inside("os.getcwd()")
        assert os.listdir(folder) == []
        assert "MemoryError" in inside("bytearray(10**9)")
        marker = f"leftover-open-{os.getpid()}"
        script = f"trap '' TERM; sleep 1000; : {marker}"
        assert inside(f"subprocess.Popen(['setsid', '-f', 'sh', '-c', {script!r}]).wait()") == 0
        inside.child.kill()
        assert alive(marker) == []
        assert not os.path.exists(folder)
        inside = fork(open_air)
        inside.send("[os.fork() for i in range(8)] and time.sleep(100)")
        assert inside.why() == "it started more than 40 processes"


def test_no_bubblewrap(monkeypatch):
    monkeypatch.setattr(requirements.shutil, "which", lambda name: None)
    with pytest.raises(SandboxError, match="sudo apt install bubblewrap"):
        Warm("student")
    monkeypatch.setattr(requirements.sys, "platform", "darwin")
    with pytest.raises(SandboxError, match="needs Linux"):
        require_sandbox()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo bubblewrap 0.6.1", "0.8 or newer is needed; this machine has bubblewrap 0.6.1"),
        (
            'test "$1" = --version && echo bubblewrap 0.9.0 && exit\n'
            "echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1",
            "Permission denied[^$]*kernel.apparmor_restrict_unprivileged_userns",
        ),
    ],
)
def test_bubblewrap_that_does_not_work(monkeypatch, tmp_path, script, message):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    requirements._try_sandbox.cache_clear()
    with pytest.raises(SandboxError, match=message):
        require_sandbox()
    requirements._try_sandbox.cache_clear()


def test_tensorflow_computes_after_the_fork(fork):
    pytest.importorskip("tensorflow")
    limits = LIMITS | {"memory_mb": 1024, "processes": 256}
    with Warm("roles:python", [*PRELOAD, "import tensorflow"], limits) as heavy:
        inside = fork(heavy)
        assert inside("sys.modules['roles'].gradient()") == 6.0
        draw = "float(sys.modules['tensorflow'].random.uniform([]))"
        assert inside(draw) != fork(heavy)(draw)
        assert inside.child.peak_mb < 1024
