"""Let nbval replay the recorded runs as a person would: text is compared, pictures are not."""

import nbval.kernel
from nbval.kernel import RunningKernel, start_new_kernel
from nbval.plugin import IPyNbFile

PICTURES = ("image/svg+xml", "text/html")


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


RunningKernel.execute_cell_input = execute
nbval.kernel.start_new_kernel = start


def pytest_itemcollected(item):
    """Leave pictures out of the comparison (nbval itself leaves out PNG and JPEG)."""
    if isinstance(item.parent, IPyNbFile) and PICTURES[0] not in item.parent.skip_compare:
        item.parent.skip_compare += PICTURES
