"""The benchmarks run, and what they claim holds: each exits with 1 if a ratio misses its limit."""

import subprocess
import sys

import pytest
from places import ROOT

pytestmark = pytest.mark.benchmark
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
MINUTES = {"grading", "mutants"}  # `make bench`
BENCHMARKS = [path for path in BENCHMARKS if path.stem not in MINUTES]


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda path: path.stem)
def test_claims_about_speed(benchmark):
    done = subprocess.run([sys.executable, benchmark], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "limit" in done.stdout
