"""A site that runs its cells: served as `make serve` does, and what was asked for noted."""

import contextlib
import threading

from places import ROOT
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
