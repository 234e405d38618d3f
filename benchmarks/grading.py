"""How much faster than stock nbgrader is ``coursekit grade``? ``python benchmarks/grading.py``.

Grades 30 submissions to two NumPy homeworks of the course each, and 30 to a small one with
TensorFlow, and lets ``nbgrader autograde`` grade four of each in the same minutes, as it grades one
after the other. Rates count from the first result to the last; until the first, both load
libraries. Then it grades more and looks whether time and memory grow with their number.

``--full`` grades 1000, and some submissions to the course's homework on convolutional networks,
whose own training is the limit. Exits with status 1 if an aim is missed.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import honest

from coursekit.grading import grade as grading
from coursekit.grading import pool, runner

SUBMISSIONS, STOCK = 30, 4
# Times as many submissions a minute. gradient-descent is the heaviest without TensorFlow: 19 cells
# with plots and an animation, and 700 calls between its two processes.
AIMS = {"conditioning": 10, "gradient-descent": 6, "gradients": 20}
GROWTH = 1.25  # of the time for 100 submissions, and of the memory
STYLES = [
    *["perfect", "first_half", "second_half", "untouched", "raises", "syntax_error", "chatty"],
    *["returns_nothing", "kinds_of_callables", "redefined", "answered_on_top", "modules"],
    *["from_another_program", "rearranged", "edited_tests", "pasted_cells", "remembering"],
    *["lists_for_arrays", "odd_types", "views_and_transposes"],
]

TENSORFLOW = '''\
---
kernelspec: {display_name: Python 3, name: python3}
---

```{code-cell} ipython3
:locked: setup
import numpy as np
import tensorflow as tf
```

```{code-cell} ipython3
:solution: loss
def loss(w, x, y):
    """Return the mean of (x @ w - y)^2, a tensor."""
    ### BEGIN SOLUTION
    return tf.reduce_mean((tf.linalg.matvec(x, w) - y) ** 2)
    ### END SOLUTION
```

```{code-cell} ipython3
:solution: gradient
def gradient(w, x, y):
    """Return the gradient of loss in w, by automatic differentiation."""
    ### BEGIN SOLUTION
    w = tf.Variable(w)
    with tf.GradientTape() as tape:
        value = loss(w, x, y)
    return tape.gradient(value, w)
    ### END SOLUTION
```

```{code-cell} ipython3
:tests: loss-values
:points: 2
### BEGIN HIDDEN TESTS
x, y, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, -1.0]), np.array([0.5, -0.5])
assert np.isclose(loss(w, x, y), np.mean((x @ w - y) ** 2)), "loss is not right."
### END HIDDEN TESTS
```

```{code-cell} ipython3
:tests: gradient-values
:points: 3
### BEGIN HIDDEN TESTS
for seed in range(5):
    rng = np.random.default_rng(seed)
    x, y, w = rng.normal(size=(6, 3)), rng.normal(size=6), rng.normal(size=3)
    expected = 2 * x.T @ (x @ w - y) / 6
    assert np.allclose(gradient(w, x, y), expected), "gradient is not right."
### END HIDDEN TESTS
```

```{code-cell} ipython3
:tests: gradient-tensor
:points: 1
### BEGIN HIDDEN TESTS
assert tf.is_tensor(gradient(np.ones(2), np.ones((1, 2)), np.ones(1))), "gradient is no tensor."
### END HIDDEN TESTS
```
'''


def course_of(folder, homework, count):
    """Make a course with so many submissions, copies of 20 different ones; the first is perfect."""
    folder.mkdir()
    if homework == "gradients":
        settings = (honest.COURSE / "nbgrader_config.py").read_text("utf-8")
        honest.course_of(folder, homework, TENSORFLOW, settings)
    else:
        honest.new_course(folder, homework)
    made = [*honest.drafts(homework, folder, STYLES).values()]
    for number in range(count):
        honest.hand_in(folder, homework, f"{number:04}", made[number % len(made)])
    return folder


def stock_seconds(folder, homework, count):
    """Return seconds until stock nbgrader has its first result, and for each one more."""
    course = course_of(folder, homework, count)
    programs = Path(sys.executable).parent  # nbgrader calls alembic by name
    path = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    command = [programs / "nbgrader", "autograde", homework]
    begun = time.time()
    done = subprocess.run(command, cwd=course, env=path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    graded = course.glob(f"autograded/*/{homework}/{homework}.ipynb")
    first, *_, last = sorted(path.stat().st_mtime for path in graded)
    return first - begun, (last - first) / (count - 1)


# Ours --------------------------------------------------------------------------------------


class Watch:
    """Where the time goes while a class is graded."""

    def __init__(self):
        self.begun, self.done, self.memory = time.perf_counter(), [], []
        self.spent, self.peaks, self.warm = defaultdict(float), [], 0.0
        self.threads = set()

    def __call__(self, event, **facts):
        """Note that one is done; as grade's ``progress``."""
        if event == "done":
            self.done.append(time.perf_counter() - self.begun)
            self.memory.append(resident(os.getpid()))
            if len(self.done) in (5, SUBMISSIONS):
                self.warm = max(self.warm, sum(map(resident, warm_processes())))

    def timed(self, stage, function):
        """Return the function, its time added to a stage."""

        def call(*args, **kwargs):
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[stage] += time.perf_counter() - begun

        return call

    def run_job(self, job):
        """Run a job; note where its time went."""
        result = runner.run_job(job)
        cells = {"own": 0.0, "locked": 0.0, "test": 0.0}
        for cell in result["cells"]:
            cells[cell["role"]] += cell["seconds"]
        self.spent["the student's cells"] += cells["own"]
        self.spent["locked cells and tests"] += cells["locked"] + cells["test"]
        first = threading.get_ident() not in self.threads  # which starts the warm processes
        self.threads.add(threading.get_ident())
        stage = "start of each worker" if first else "fork, sandbox"
        self.spent[stage] += result["seconds"] - sum(cells.values())
        self.peaks.append(result["peak_mb"])
        return result


def resident(pid):
    """Return MB of memory of a process, what it shares counted in part."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(text.split("\nPss:")[1].split()[0]) / 1024


def warm_processes():
    """Return the warm processes of this one."""
    found = subprocess.run(["ps", "--ppid", f"{os.getpid()}", "-o", "pid=,args="],
                           capture_output=True, text=True).stdout  # fmt: skip
    return [int(line.split()[0]) for line in found.splitlines() if "zygote" in line]


def grade(course, homework):
    """Grade a class as ``coursekit grade`` does; return the watch."""
    watch = Watch()
    kept = grading.writer.write, grading.run_all
    grading.writer.write = watch.timed("writing", grading.writer.write)
    grading.run_all = lambda jobs, run, *rest: pool.run_all(jobs, watch.run_job, *rest)
    try:
        rows = grading.grade(homework, course, progress=watch)
    finally:
        grading.writer.write, grading.run_all = kept
    assert {row.status for row in rows} == {"graded"}, rows
    return watch


# Report ------------------------------------------------------------------------------------


def compare(folder, homework, stock=STOCK, ours=SUBMISSIONS):
    """Measure both, print a line and where our time goes; return the ratio."""
    start, seconds = stock_seconds(folder / f"{homework}-stock", homework, stock)
    watch = grade(course_of(folder / homework, homework, ours), homework)
    rates = 60 / seconds, 60 * (ours - 1) / (watch.done[-1] - watch.done[0])
    ratio = rates[1] / rates[0]
    workers = len(os.sched_getaffinity(0)) + 1
    print(
        f"{homework:>17}: nbgrader {rates[0]:6.1f} a minute (of {stock}), "
        f"coursekit {rates[1]:6.1f} (of {ours}), ratio {ratio:.1f}"
    )
    busy = sum(watch.spent.values()) - watch.spent["writing"]
    parts = {stage: spent / ours for stage, spent in watch.spent.items()}
    print("    seconds a submission: " + ", ".join(f"{k} {v:.2f}" for k, v in parts.items()))
    print(
        f"    {workers} workers, idle {max(0, 1 - busy / workers / watch.done[-1]):.0%}, the first "
        f"result after {watch.done[0]:.1f} s (nbgrader: {start:.1f} s)\n"
        f"    memory: grader {watch.memory[-1]:.0f} MB, the warm process {watch.warm:.0f} MB, "
        f"a submission at most {max(watch.peaks):.0f} MB\n",
        flush=True,
    )
    return ratio


def growth(folder, homework, count):
    """Grade many; print time and memory for each part; return how much both have grown."""
    watch = grade(course_of(folder / "many", homework, count), homework)
    parts = np.array_split(np.arange(count), 10 if count >= 1000 else 4)
    print(f"{homework}, {count} submissions:  after   s for 100   MB of the grader")
    times, memory = [], []
    for part in parts:
        begun = watch.done[part[0] - 1] if part[0] else 0.0
        times.append((watch.done[part[-1]] - begun) / len(part) * 100)
        memory.append(watch.memory[part[-1]])
        print(f"{part[-1] + 1:>35} {times[-1]:>11.1f} {memory[-1]:>18.0f}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"    processor time of all warm processes {children.ru_utime + children.ru_stime:.0f} s")
    half = len(times) // 2  # the first part starts the warm processes
    slower = np.median(times[half:]) / np.median(times[1 : half + 1])
    return slower, memory[-1] / memory[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="grade 1000 submissions, and the CNN")
    full = parser.parse_args().full
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for homework, aim in AIMS.items():
            ratio = compare(folder, homework)
            if ratio < aim:
                missed.append(f"{homework}: ratio {ratio:.1f}, limit {aim}")
        if full:
            compare(folder, "cnn", stock=2, ours=4)
        count = 1000 if full else 100
        for what, factor in zip(
            ("time", "memory"), growth(folder, "conditioning", count), strict=True
        ):
            if factor > GROWTH:
                missed.append(f"{what} grew {factor:.2f} times, limit {GROWTH}")
    print("; ".join(missed) or f"limits kept: ratios {[*AIMS.values()]}, growth {GROWTH}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
