"""Run the stages of `make test`, each even if one before it failed, and sum up at the end.

- ``make test``: everything.
- ``make test ONLY=tests/numbers``: a folder or a file.
- ``make test ONLY=softmax``: a topic, or a module: tests, doctests, homework, recorded run.
- ``make test ONLY=replays``: a stage.
- ``make test FAST=1``: neither browser nor grading, homework, benchmarks, replays.
- ``make test RANDOM=1``: property tests search anew, and the tests run in a shuffled order.
- ``make test COVERAGE=1``: says which lines of the library no test runs; takes half as long again.
"""

import argparse
import difflib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from places import ROOT, RUNS

PYTEST = [os.path.relpath(sys.executable, ROOT), "-m", "pytest"]
# Files side by side, those with most tests or cells first; a file by itself stays in order.
TESTS = [*PYTEST, "--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile"]
LIBRARY = ["--doctest-modules", "-m", "not benchmark"]
COVERAGE = ["--cov", "--cov-report=term"]
REPLAY = [*TESTS, "--nbval", "--nbval-current-env", "-W", "default"]
SLOW = ["tests/grading", "tests/homework", "tests/cli", "tests/book/test_site.py"]
HOMEWORK = ["tests/homework", "tests/book/test_chapters.py", "tests/book/test_recorded_runs.py"]
# Workers side by side would wait for each other's threads.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
REPEAT = """
A property test that failed printed a line `@reproduce_failure(...)`: put it above the test and run
`make test ONLY=<its file>`. A failure by order alone: the head says `--random-order-seed=<number>`.
"""


def timed():
    """Return the files with tests that measure time: pytest takes 15 s to read all others."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    files = [path for path in files if "mark.benchmark" in path.read_text("utf-8")]
    return [str(path.relative_to(ROOT)) for path in files]


def stages():
    """Return every stage's commands by its name, in order."""
    return {
        "lint": [["ruff", "check"], ["ruff", "format", "--check"], ["lint-imports", "--no-logo"]],
        "book": [["make", "book"]],
        "tests": [[*TESTS, *LIBRARY, "tests", "coursekit"]],
        "benchmarks": [[*PYTEST, "-m", "benchmark", *timed()]],  # alone: they measure time
        "replays": [[*REPLAY, "tests/notebooks"]],
    }


def fast():
    """Return the stages that daily work waits for."""
    ignored = [f"--ignore={path}" for path in SLOW]
    quick = ["--doctest-modules", "-m", "not browser and not benchmark"]
    tests = [*TESTS, *quick, *ignored, "tests", "coursekit"]
    return {"lint": stages()["lint"], "tests": [tests]}


def at(path):
    """Return the stages that test a folder or a file."""
    if path.suffix == ".ipynb" or path == RUNS:
        return {"replays": [[*REPLAY, str(path.relative_to(ROOT))]]}
    options = LIBRARY if path.is_dir() else ["--doctest-modules"]
    return {"tests": [[*TESTS, *options, str(path.relative_to(ROOT))]]}


def about(topic):
    """Return the stages that test one topic, or one module of the library."""
    module = topic.replace("-", "_")
    files = [*(ROOT / "tests").rglob(f"test_{module}*.py")]
    files += [*(ROOT / "coursekit").rglob(f"{module}.py")]
    recorded = RUNS / f"{topic.replace('_', '-')}.ipynb"
    if not files and not recorded.exists():
        return None
    places = [str(path.relative_to(ROOT)) for path in files] + HOMEWORK
    words = f"{module} or {topic.replace('_', '-')}"
    wanted = {"tests": [[*TESTS, *LIBRARY, "-k", words, *places]]}
    return wanted | (at(recorded) if recorded.exists() else {})


def only(what):
    """Return the stages of what ONLY names; end with a message that says what it can name."""
    if what in stages():
        return {what: stages()[what]}
    path = Path(what) if Path(what).is_absolute() else ROOT / what
    if path.exists() and path.resolve().is_relative_to(ROOT):
        inside = path.resolve().relative_to(ROOT)
        parts = set(inside.parts)
        if parts & {"tests", "coursekit"} and "wrong_answers" not in parts:
            return at(path.resolve())
        what = path.stem  # a chapter, a homework, wrong answers: their topic
    topics = sorted({path.stem for path in RUNS.glob("*.ipynb")})
    near = difflib.get_close_matches(what, [*topics, *stages()], n=1)
    return about(what) or sys.exit(
        f"error: ONLY={what} names nothing that can be tested here."
        + (f" Did you mean ONLY={near[0]}?" if near else "")
        + f"\n  a stage: {', '.join(stages())}"
        + "\n  a folder or a file in tests/ or coursekit/, such as tests/numbers"
        + f"\n  a topic: {', '.join(topics)}"
    )


def run(name, commands):
    """Run the commands of one stage up to the first that fails; return seconds and success."""
    print(f"\n== {name}", flush=True)
    start = time.perf_counter()
    settings = os.environ | (ONE_THREAD if name in {"tests", "replays"} else {})
    passed = all(
        subprocess.run(command, cwd=ROOT, env=settings).returncode == 0 for command in commands
    )
    return time.perf_counter() - start, passed


def main():
    """Run what was asked for; return 1 if a stage failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--random", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    asked = parser.parse_args()
    if asked.only and asked.fast:
        sys.exit("error: ONLY says what to run, FAST what to leave out: use one of them.")
    wanted = only(asked.only) if asked.only else fast() if asked.fast else stages()
    if asked.random:
        os.environ["HYPOTHESIS_PROFILE"] = "random"
        for command in wanted.get("tests", []):
            command += ["--random-order"]
    if asked.coverage:
        for command in wanted.get("tests", []):
            command += COVERAGE
    done = {name: run(name, commands) for name, commands in wanted.items()}
    print(f"\n{'stage':<12}{'result':<10}{'seconds':>7}   this stage alone")
    for name, (seconds, passed) in done.items():
        alone = f"make test ONLY={name}"
        if asked.only or asked.fast:
            alone = "; ".join(map(shlex.join, wanted[name]))
        print(f"{name:<12}{'passed' if passed else 'FAILED':<10}{seconds:7.0f}   {alone}")
    passed = all(passed for _, passed in done.values())
    if asked.random and not passed:
        print(REPEAT)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
