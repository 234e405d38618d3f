"""A copy of the built book with Pyodide beside it, as `make book LIVE=1` leaves it."""

import contextlib
import io
import os
import shutil
import sys
import threading

import pytest
from places import ROOT

sys.path.append(str(ROOT / "book/_ext"))
import live_runtime
from serve import Handler, make_server

HTML = ROOT / "_build/html"
PYODIDE = ROOT / "_build/pyodide"


@contextlib.contextmanager
def serving(folder, handler=Handler):
    """Serve a folder as `make serve` does; give the address and the list of what was asked for."""
    asked = []

    class Noted(handler):
        def log_request(self, code="-", size="-"):
            asked.append(self.path)

    with make_server(str(folder), 0, Noted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()


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
        live_runtime.put(PYODIDE, folder)
    return folder


@pytest.fixture(scope="session")
def live_site(live_folder):
    """Serve it; the value is its address."""
    with serving(live_folder) as (address, _):
        yield address
