"""Submissions that do not come to an end, or use more than their share.

ATTACKS: {description: (cells, tests that lose their points, what the instructor is told)}.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

STUBBORN = """
def follow(step, x, n):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
"""
DEAF = """
import signal
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
"""
DOUBLE = "double-values double-arrays"
FOLLOW = "follow-steps"
COUNT = "count-words count-all count-some"
LATE = "it ran longer than it may"


def double(*lines, before=""):
    return {"double": before + "\ndef double(x):\n" + "".join(f"    {line}\n" for line in lines)}


def follow(*lines, before=""):
    return {"follow": double(*lines, before=before)["double"].replace("double(x)", "follow(*a)")}


ATTACKS = {
    "a loop in a cell": ({"double": "while True:\n    pass"}, DOUBLE, LATE),
    "a loop in a cell that ends no other": ({"between": "while True:\n    pass"}, "", LATE),
    "a loop in a test": (double("while True:", "    pass"), DOUBLE, LATE),
    "a loop that catches everything": ({"follow": STUBBORN}, FOLLOW, LATE),
    "a loop that ignores every signal": (
        follow("while True:", "    pass", before=DEAF), FOLLOW, LATE,
    ),
    "a power that takes years": ({"count": "10**10**8"}, COUNT, LATE),
    "a regular expression that takes years": (
        follow("re.match('(a+)+$', 'a' * 60 + 'b')", before="import re"), FOLLOW, LATE,
    ),
    "a loop in the second call alone": (
        double("calls.append(x)", "while len(calls) > 1:", "    pass", "return 2 * x",
               before="calls = []"), DOUBLE, LATE,
    ),
    "sleep": ({"primes": "import time\ntime.sleep(1000)"}, "primes-values primes-close", LATE),
    "a sleep that begins again": (
        follow("while True:", "    try:", "        time.sleep(1000)", "    except BaseException:",
               "        pass", before="import time"), FOLLOW, LATE,
    ),
    "stops itself": (
        {"double": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"}, DOUBLE, LATE,
    ),
    "waits for a lock for ever": (
        {"count": "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"},
        COUNT, LATE,
    ),
    "recursion": (double("return double(x)"), DOUBLE, ""),
    "recursion without the limit": (
        double("return [double(x)]", before="import sys\nsys.setrecursionlimit(10**9)"), DOUBLE, "",
    ),
    "recursion through the test": (
        {"follow": "def follow(step, x, n):\n    return follow(lambda y: follow(step, y, n), x, n)"},
        "follow-steps", "",
    ),
    "a callback that is called for ever": (
        {"follow": "def follow(step, x, n):\n    while True:\n        x = step(x)"}, FOLLOW, LATE,
    ),
    "an iterator without an end": (
        {"count": "import itertools\ndef count(words):\n    return itertools.count()"}, COUNT, "",
    ),
    "one large array": (double("return np.ones(10**9)"), DOUBLE, ""),
    "memory in small pieces": (
        {"double": "hoard = []\nwhile True:\n    hoard.append(bytearray(10**6))"}, DOUBLE, "",
    ),
    "memory in another process": (
        {"double": "import subprocess, sys\n"
         "hog = subprocess.Popen([sys.executable, '-c', 'x = [bytes(50 * 10**6) * 2 for _ in range(6)]; '\n"
         "    'import time; time.sleep(99)'])\n"
         "hog.wait()"},
        DOUBLE, "",
    ),
    "memory in files without a name": (
        {"double": "import os\nfiles = []\nwhile len(files) < 60:\n"
         "    files.append(os.memfd_create('x'))\n    os.write(files[-1], bytes(10**7))\n"
         "import time\ntime.sleep(0.5)"},
        DOUBLE, "",
    ),
    "memory in shared segments": (
        {"double": "import ctypes, time\nlibc = ctypes.CDLL(None)\nlibc.shmat.restype = ctypes.c_void_p\n"
         "libc.shmdt.argtypes = [ctypes.c_void_p]\n"
         "for k in range(60):\n"
         "    place = libc.shmat(libc.shmget(0, 10**7, 0o1600), None, 0)\n"
         "    assert place and place != 2**64 - 1, 'no shared segment'\n"
         "    ctypes.memset(place, 1, 10**7)\n    libc.shmdt(place)\ntime.sleep(0.5)"},
        DOUBLE, "",
    ),
    "a fork bomb": (
        {"double": "import os, time\nfor k in range(7):\n    try:\n        os.fork()\n"
         "    except OSError:\n        pass\ntime.sleep(99)"}, DOUBLE, "",
    ),
    "a thread bomb": (
        {"double": "import threading, time\nfor k in range(500):\n"
         "    threading.Thread(target=time.sleep, args=(99,)).start()"},
        DOUBLE, "",
    ),
    "a full disk": (
        {"double": "with open('/tmp/full', 'wb') as file:\n    while True:\n"
         "        file.write(bytes(10**6))"},
        DOUBLE, "",
    ),
    "many small files": (
        {"double": "for k in range(10**7):\n    open(f'/dev/shm/{k}', 'w').close()"}, DOUBLE, "",
    ),
}  # fmt: skip
