"""Submissions that end processes, or leave something behind for those that come later.

ATTACKS: {description: (cells, tests that lose their points, what the instructor is told)}. Whatever is left carries the word
`MARK`, so that a test can look for it.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

from hostile.endless import LATE

MARK = "hostile-mark-5d1f"
KEY = 0x5D1F
DOUBLE = "double-values double-arrays"
COUNT = "count-words count-all count-some"

DAEMON = f"""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(3, 100)
        import ctypes
        ctypes.CDLL(None).prctl(15, b"{MARK[:15]}", 0, 0, 0)
        while True:
            time.sleep(1)
    os._exit(0)
"""
PLANTS = f"""
import os, sys
code = "import builtins; builtins.planted = '{MARK}'"
home, site = os.path.expanduser("~"), os.path.dirname(os.__file__) + "/site-packages"
for folder, name in [("/tmp", "{MARK}"), ("/dev/shm", "{MARK}"), ("/var/tmp", "{MARK}"),
                     ("/work", "{MARK}"), ("/submission", "{MARK}"), ("/root", "{MARK}"),
                     (".", "numpy.py"), (".", "sitecustomize.py"), (site, "{MARK}.pth"),
                     (site, "sitecustomize.py"), (home, ".bashrc"), (home, ".pythonrc"),
                     (home + "/.ipython/profile_default/startup", "00.py"),
                     (home + "/.jupyter", "jupyter_config.py"), (home + "/.config/pip", "pip.conf"),
                     (home + "/.local/lib/python3.11/site-packages", "usercustomize.py"),
                     (os.path.dirname(np.__file__) + "/__pycache__", "__init__.cpython-311.pyc"),
                     ("/etc", "ld.so.preload"), ("/usr/lib", "{MARK}"), ("/", "{MARK}")]:
    try:
        os.makedirs(folder, exist_ok=True)
        with open(f"{{folder}}/{{name}}", "w") as file:
            file.write(code)
    except OSError:
        pass
os.environ["LD_PRELOAD"] = "/tmp/{MARK}"
os.environ["PYTHONSTARTUP"] = "/tmp/{MARK}"
"""
SEEN = f"""
import builtins, os, subprocess
assert not hasattr(builtins, "planted"), "planted"
assert not os.path.exists("/tmp/{MARK}") and not os.path.exists("/dev/shm/{MARK}"), "a file"
"""
KEYS = f"""
import ctypes
libc, name = ctypes.CDLL(None, use_errno=True), b"{MARK}"
RING = {{-3: "session", -4: "user", -5: "user session", -2: "process", -1: "thread"}}
for ring in RING:
    found = libc.syscall(250, 10, ring, b"user", name, 0)
    if found > 0:
        print("FOUND a key of an earlier submission in the", RING[ring], "keyring")
    libc.syscall(248, b"user", name, b"answers", 7, ring)
"""
SHARED = f"""
import ctypes, socket, subprocess
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory("{MARK}", create=True, size=1000)
libc = ctypes.CDLL(None)
libc.shmget({KEY}, 4096, 0o1666)
libc.semget({KEY}, 1, 0o1666)
libc.msgget({KEY}, 0o1666)
doors = [socket.socket(socket.AF_UNIX), socket.socket(socket.AF_INET)]
doors[0].bind("\\0{MARK}")
doors[1].bind(("127.0.0.1", 45871))
for door in doors:
    door.listen()
"""
FAREWELL = f"""
import atexit, os, signal, threading, time, weakref
def farewell(*anything):
    for folder in ("/tmp", "/dev/shm", "/submission"):
        open(f"{{folder}}/{MARK}", "w").close()
    os.system("sleep 1000 &")
class Bomb:
    def __del__(self):
        farewell()
bomb = Bomb()
atexit.register(farewell)
weakref.finalize(bomb, farewell)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, farewell)
os.register_at_fork(after_in_child=farewell)
"""


def double(line, before="import os"):
    return {"double": f"{before}\ndef double(x):\n    {line}"}


def cell(text):
    return {"double": text}


ATTACKS = {
    "os._exit in a cell": (cell("import os\nos._exit(0)"), DOUBLE),
    "os._exit in a test": (double("os._exit(0)"), DOUBLE),
    "os._exit in a callback": (
        {"follow": "import os\ndef follow(step, x, n):\n    step(x)\n    os._exit(7)"}, "follow-steps",
    ),
    "os._exit in a thread": (
        cell("import os, threading, time\n"
             "called = threading.Event()\n"
             "threading.Thread(target=lambda: (called.wait(), os._exit(1)), daemon=True).start()\n"
             "def double(x):\n    called.set()\n    time.sleep(9)\n    return 2 * x"), DOUBLE,
    ),
    "sys.exit in a cell": (cell("import sys\nsys.exit()"), DOUBLE),
    "exit and quit": (cell("exit()\nquit()"), DOUBLE),
    "os.abort": (double("os.abort()"), DOUBLE),
    "a segmentation fault": (double("ctypes.string_at(0)", "import ctypes"), DOUBLE),
    "kills its parent": (double("os.kill(os.getppid(), 9)"), DOUBLE),
    "kills the first process": (
        cell("import os\nfor pid in (1, 2):\n    try:\n        os.kill(pid, 9)\n"
             "    except OSError:\n        pass\nimport time\ntime.sleep(0.3)"), DOUBLE,
    ),
    "kills all it can": (
        cell("import os, time\nfor number in (15, 2, 1, 9):\n    try:\n        os.kill(-1, number)\n"
             "    except OSError:\n        pass\ntime.sleep(0.3)"), DOUBLE,
    ),
    "stops all it can": (
        cell("import os, signal, time\nos.kill(-1, signal.SIGSTOP)\ntime.sleep(0.2)"), DOUBLE,
    ),
    "closes its socket": (double("os.closerange(0, 100)"), DOUBLE),
    "exec of another program": (double("os.execv('/bin/sleep', ['sleep', '1000'])"), DOUBLE, LATE),
    "the shell taken away": (
        cell("shell = get_ipython()\nshell.reset()\ndel type(shell).run_cell\n"
             "import sys\nsys.stdout = sys.stderr = sys.modules = None"), DOUBLE,
    ),
    "a daemon": ({"first": DAEMON}, ""),
    "a daemon from a test": (
        {"double": "def double(x):\n" + "".join(f"    {line}\n" for line in DAEMON.splitlines())
         + "    return 2 * x"}, "",
    ),
    "subprocesses that go on": (
        {"first": "import subprocess\nfor k in range(5):\n    subprocess.Popen("
         f"['sh', '-c', 'trap : 1 2 15; : {MARK}; while :; do sleep 1; done'], start_new_session=True)"},
        "",
    ),
    "files for the next": ({"first": SEEN + PLANTS}, ""),
    "files for the next, once more": ({"first": SEEN + PLANTS}, ""),
    "keys in the kernel": ({"first": KEYS}, ""),
    "keys in the kernel, once more": ({"first": KEYS}, ""),
    "shared memory and sockets": ({"first": SHARED}, ""),
    "shared memory and sockets, once more": ({"first": SHARED}, ""),
    "code that runs at the end": ({"first": FAREWELL}, ""),
    "code that runs at the end of a kill": (
        {"first": FAREWELL, "double": "while True:\n    try:\n        while True: pass\n"
         "    except BaseException: pass"}, DOUBLE, LATE,
    ),
    "patched modules for the next": (
        {"last": "import builtins, sys\nimport numpy\nnumpy.isclose = numpy.array_equal = print\n"
         "builtins.abs = builtins.isinstance = print\nsys.modules['coursekit.checks'] = None\n"
         "get_ipython().ast_transformers.append(None)"}, "",
    ),
}  # fmt: skip
