"""Let nbval replay the recorded runs as a person would: text is compared, pictures are not.

When a whole page has run, its quick cells run again, from the last to the first, and have to print
the same: nothing later on a page may break what a reader tries anew. ``AGAIN=600 make test
ONLY=replays`` does so with the slow ones, too.
"""

import os
import time

import nbval.kernel
import pytest
from nbval.kernel import RunningKernel, start_new_kernel
from nbval.plugin import IPyNbCell, IPyNbFile

PICTURES = ("image/svg+xml", "text/html")
QUICK = float(os.environ.get("AGAIN", "0.2"))  # seconds


def execute(kernel, source, allow_stdin=None):
    """Run a cell that is kept in the history: only there IPython heeds a final semicolon.

    nbval 0.11 keeps none; ``pyproject.toml`` bounds its version for this.
    """
    return kernel.kc.execute(source, allow_stdin=allow_stdin, stop_on_error=False)


def start(*args, **kwargs):
    """Start a kernel, again if it dies: two that start at once may take the same port."""
    for attempts_left in (2, 1, 0):
        try:
            return start_new_kernel(*args, **kwargs)
        except RuntimeError:
            if not attempts_left:
                raise


class CellAgain(IPyNbCell):
    """A cell of a page that has run to its end."""

    first = None

    def runtest(self):
        """Run the cell and compare what it prints, unless that takes too long."""
        if self.first.seconds > QUICK:
            pytest.skip(f"again only what takes at most {QUICK} s")
        super().runtest()


def collect(file, once=IPyNbFile.collect):
    """Yield the cells of a page in order, then all of them again in reverse order."""
    cells = list(once(file))
    yield from cells
    for cell in reversed(cells):
        values = {key: getattr(cell, key) for key in ("cell_num", "cell", "options")}
        again = CellAgain.from_parent(file, name=f"{cell.name} again", **values)
        again.first = cell
        yield again


def timed(cell, run=IPyNbCell.runtest):
    """Run a cell and note how long it takes."""
    cell.seconds, start = float("inf"), time.perf_counter()
    run(cell)
    cell.seconds = time.perf_counter() - start


IPyNbCell.runtest = timed
IPyNbFile.collect = collect
RunningKernel.execute_cell_input = execute
nbval.kernel.start_new_kernel = start


def pytest_itemcollected(item):
    """Leave pictures out of the comparison (nbval itself leaves out PNG and JPEG)."""
    if isinstance(item.parent, IPyNbFile) and PICTURES[0] not in item.parent.skip_compare:
        item.parent.skip_compare += PICTURES
