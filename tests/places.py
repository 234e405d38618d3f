"""Where the parts of the course lie, for every test that reads them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
COURSE = ROOT / "assignments"
RUNS = ROOT / "tests" / "notebooks"
