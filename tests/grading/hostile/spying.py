"""Submissions that look for what they should not see: tests, solutions, grades, other submissions.

The hidden tests are full of the word kestrel, the solutions of osprey; the gradebook and the
environment of the grader hold heron, every other submission holds pelican. Each attack prints what
it finds, and "looked" when it has come to its end.

ATTACKS: {description: (cells, tests that lose their points)}.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

LOOK = """
WORDS = ["kes" "trel", "os" "prey", "he" "ron", "peli" "can"]
finds = []
def tell(text):
    text = str(text).lower()
    for word in WORDS:
        at = text.find(word)
        if at >= 0:
            finds.append(text[max(0, at - 40) : at + 40])
"""
MEMORY = """
import gc, sys
for thing in gc.get_objects():
    try:
        if type(thing) in (dict, list, tuple, set) and thing is not WORDS:
            for item in list(thing.values() if type(thing) is dict else thing):
                if type(item) in (str, bytes) and item not in WORDS and "WORDS" not in str(item):
                    tell(item)
    except Exception:
        pass
print("looked", *finds)
"""
RAW_MEMORY = """
import re
pattern = re.compile("|".join(WORDS[:1] + WORDS[2:]).encode())
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        span, mode = line.split()[:2]
        first, last = (int(part, 16) for part in span.split("-"))
        if mode == "rw-p" and last - first < 2**26 and "[v" not in line:
            try:
                memory.seek(first)
                text = memory.read(last - first)
            except OSError:
                continue
            for found in pattern.finditer(text):
                near = text[max(0, found.start() - 30) : found.end() + 30]
                # the pattern itself, and the words from which it was made, lie in memory too
                if re.search(rb"[\\w ]{4,}[_ ]?" + found[0] + rb"|" + found[0] + rb"[_ ]\\w{4,}", near):
                    print("FOUND", near)
print("looked", *finds)
"""
FRAMES = """
import sys, inspect
def look(frame, depth=0):
    while frame is not None:
        for key, value in {**frame.f_globals, **frame.f_locals}.items():
            if key not in ("WORDS", "LOOK") and type(value) in (str, dict, list, tuple, bytes):
                if "WORDS" not in repr(value):
                    tell(key)
                    tell(repr(value)[:100000])
        frame = frame.f_back
"""
FILES = """
import os
seen = 0
for root in ("/work", "/root", "/home", "/srv", "/tmp", "/var", "/mnt", "/opt", "/etc", "/run",
             "/dev", "/submission", "/proc/self/cwd", "/sys"):
    for folder, folders, files in os.walk(root, onerror=lambda error: None):
        folders[:] = [name for name in folders if name not in ("lib", "lib64")]
        for name in files:
            seen += 1
            if name in ("gradebook.db",) or name.endswith((".ipynb", ".jsonl", ".msgpack")):
                print("FOUND", folder, name)
try:
    finds += ["FOUND another root"] * (set(os.listdir("/proc/1/root")) != set(os.listdir("/")))
except PermissionError:
    pass
print("looked", *finds)
"""
PROC = """
import os, glob
for pattern in ("/proc/[0-9]*/environ", "/proc/[0-9]*/cmdline", "/proc/self/mountinfo",
                "/proc/[0-9]*/task/*/comm", "/proc/keys", "/proc/net/unix", "/proc/[0-9]*/maps",
                "/proc/[0-9]*/status"):
    for path in glob.glob(pattern):
        try:
            with open(path, "rb") as file:
                tell(file.read().decode(errors="replace"))
        except OSError:
            pass
tell(dict(os.environ))
for folder in glob.glob("/proc/[0-9]*/fd/*") + glob.glob("/proc/[0-9]*/cwd"):
    try:
        tell(os.readlink(folder))
        if os.path.isdir(folder):
            tell(os.listdir(folder))
    except OSError:
        pass
print(len(glob.glob("/proc/[0-9]*")), "processes, looked", *finds)
"""
CALLBACK = """
def follow(step, x, n):
    look(sys._getframe())
    for thing in (step, step.__call__, type(step)):
        tell(repr(thing)), tell(getattr(thing, "__name__", "")), tell(vars(type(step)))
        tell([str(item) for item in getattr(thing, "__dict__", {}).items()])
    for name in ("__globals__", "__closure__", "__code__", "__defaults__", "__kwdefaults__",
                 "__dict__", "__wrapped__", "__self__", "__func__", "__module__", "gi_frame",
                 "__qualname__", "__doc__", "func_globals", "_log", "co_consts"):
        for get in (lambda: getattr(step, name), lambda: step.__getattr__(name),
                    lambda: peer_call(step, "get", (name,)), lambda: peer_call(step, "item", (name,))):
            try:
                tell(get())
            except Exception as error:
                tell(error)
    for call in (lambda: step(), lambda: step(1, 2, 3, 4, 5), lambda: step(nothing=1),
                 lambda: step("text"), lambda: step(object()), lambda: step(None),
                 lambda: peer_call(step, "iter", ()), lambda: peer_call(step, "len", ()),
                 lambda: peer_call(step, "set", ("kes" "trel_log", 1)), lambda: inspect.getsource(step),
                 lambda: inspect.signature(step), lambda: dir(step), lambda: step.__reduce_ex__(2)):
        try:
            tell(call())
        except BaseException as error:
            tell(repr(error)), tell(getattr(error, "__notes__", "")), tell(vars(error))
    for _ in range(n):
        x = step(x)
    return x
def peer_call(step, operation, args):
    peer, handle, *_ = object.__getattribute__(step, "_remote")
    return peer.call(handle, operation, args)
"""
HANDLES = """
def follow(step, x, n):
    peer = object.__getattribute__(step, "_remote")[0]
    for handle in [*range(-3, 30), 10**9, "0", None, [0], 0.0, True]:
        for operation, args in [("get", ("__globals__",)), ("get", ("__dict__",)), ("call", ()),
                                ("item", (0,)), ("iter", ()), ("next", ()), ("len", ()),
                                ("set", ("x", 1)), ("put", (0, 1)), ("__class__", ()), ("", ())]:
            try:
                tell(peer.call(handle, operation, args))
            except Exception as error:
                tell(repr(error))
    for _ in range(n):
        x = step(x)
    return x
"""
NETWORK = """
import socket
found = 0
for family, address in [(socket.AF_INET, ("127.0.0.1", 22)), (socket.AF_INET, ("10.0.0.1", 80)),
                        (socket.AF_INET, ("127.0.0.1", OPEN_PORT)), (socket.AF_INET6, ("::1", OPEN_PORT)),
                        (socket.AF_UNIX, "\\0hostile-heron"), (socket.AF_UNIX, "/var/run/docker.sock")]:
    with socket.socket(family) as sock:
        sock.settimeout(0.2)
        try:
            sock.connect(address)
            print("FOUND", address, sock.recv(100))
        except OSError:
            found += 1
try:
    socket.getaddrinfo("example.org", 80)
    print("FOUND a resolver")
except OSError:
    pass
print(found, "refused, looked", *finds)
"""
PTRACE = """
import ctypes, os
libc, reached = ctypes.CDLL(None, use_errno=True), []
for pid in (os.getppid(), 1, 2):
    if pid and libc.ptrace(16, pid, 0, 0) == 0:
        os.waitpid(pid, 0x40000000)
        try:
            tell(open(f"/proc/{pid}/environ").read())
        except OSError:
            pass
        libc.ptrace(17, pid, 0, 0)
print("looked", *finds)
"""
ESCAPE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
done = []
if libc.unshare(0x10000000) == 0: done.append("a user namespace")
if libc.unshare(0x20000) == 0: done.append("a mount namespace")
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0: done.append("mount")
if libc.umount2(b"/home/student", 2) == 0: done.append("umount")
if libc.chroot(b"/") == 0: done.append("chroot")
if libc.mknod(b"/tmp/disk", 0o60600, os.makedev(8, 0)) == 0: done.append("mknod")
if libc.setuid(0) == 0: done.append("root")
for kind in ("mnt", "net", "pid", "user", "ipc"):
    for pid in (1, 2):
        try:
            with open(f"/proc/{pid}/ns/{kind}") as space:
                if libc.setns(space.fileno(), 0) == 0 and os.listdir("/proc").count("1") > 1:
                    done.append(kind)
        except OSError:
            pass
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
             "/dev/mem", "/dev/kmsg", "/dev/sda", "/proc/kcore", "/sys/kernel/uevent_helper"):
    try:
        with open(path, "r+b", 0) as file:
            done.append(path)
    except OSError:
        pass
try:
    import fcntl, termios
    fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), termios.TIOCSTI, b"x")
    done.append("TIOCSTI")
except OSError:
    pass
for thing in done:
    print("FOUND", thing)
print("looked", *finds)
"""

COURSE = """
import importlib, pkgutil, os
import coursekit
for found in pkgutil.walk_packages(coursekit.__path__):
    tell(found.name)
for name in ("assignments", "gradebook", "submitted", "source", "autograded", "release", "feedback"):
    for folder in (os.path.dirname(coursekit.__file__), os.path.dirname(os.path.dirname(coursekit.__file__)),
                   COURSE_FOLDER, os.getcwd(), os.path.expanduser("~")):
        for path in (os.path.join(folder, name), os.path.join(folder, "gradebook.db")):
            if os.path.exists(path):
                print("FOUND", path)
print("looked", *finds)
"""

LAST = "print('looked', *finds)"

ATTACKS = {
    "all objects in memory": ({"last": LOOK + MEMORY}, ""),
    "all memory": ({"last": LOOK + RAW_MEMORY}, ""),
    "the frames of a cell": ({"last": LOOK + FRAMES + "look(sys._getframe())\nprint('looked', *finds)"}, ""),
    "the frames of a call": (
        {"double": LOOK + FRAMES + "def double(x):\n    look(sys._getframe())\n    return 2 * x\n"
         "", "last": LAST}, "",
    ),
    "the callback's insides": ({"follow": LOOK + FRAMES + CALLBACK, "last": LAST}, ""),
    "handles it was never given": ({"follow": LOOK + HANDLES, "last": LAST}, ""),
    "the file system": ({"first": LOOK + FILES}, ""),
    "the processes and their environment": ({"first": LOOK + PROC}, ""),
    "the course and its folders": ({"first": LOOK + COURSE}, ""),
    "the network": ({"first": LOOK + NETWORK}, ""),
    "other processes, traced": ({"first": LOOK + PTRACE}, ""),
    "ways out of the sandbox": ({"first": LOOK + ESCAPE}, ""),
    "history and outputs of the shell": (
        {"last": LOOK + "shell = get_ipython()\nfor thing in (In, Out, shell.user_ns_hidden, "
         "shell.history_manager.input_hist_raw):\n    tell([t for t in map(str, thing) if 'WORDS' not in t])\n"
         "import linecache\ntell([k for k, v in linecache.cache.items() if 'WORDS' not in str(v)])\n"
         "print('looked', *finds)"}, "",
    ),
}  # fmt: skip
