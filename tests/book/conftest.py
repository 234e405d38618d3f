"""A copy of the built book with Pyodide beside it, as `make book LIVE=1` leaves it."""

import contextlib
import io
import os
import shutil

import pytest
from live_pages import HTML, PYODIDE, serving
from live_runtime import put


@pytest.fixture(scope="session")
def live_folder(tmp_path_factory):
    """Return a copy of the built book with the interpreter beside it."""
    for path, how in ((HTML / "_live", "make book"), (PYODIDE, "make _build/pyodide")):
        if not path.exists():
            said = f"{path} is not there; run '{how}' first"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(said)
    folder = tmp_path_factory.mktemp("live") / "html"
    shutil.copytree(HTML, folder, copy_function=os.link, ignore=shutil.ignore_patterns("_live"))
    shutil.copytree(HTML / "_live", folder / "_live")
    with contextlib.redirect_stdout(io.StringIO()):
        put(PYODIDE, folder)
    return folder


@pytest.fixture(scope="session")
def live_site(live_folder):
    """Serve it; the value is its address."""
    with serving(live_folder) as (address, _):
        yield address
