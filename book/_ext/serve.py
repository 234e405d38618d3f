"""Serve the built book on this machine, as its pages need it that run Python.

    python serve.py [PORT [FOLDER]]

PORT is 8000 unless given, FOLDER that of this file.

Two headers let a page share memory with its interpreter, so that *Stop* interrupts a cell and its
variables stay; and what carries its version in its name is kept by the browser.
"""

import functools
import http.server
import sys
from pathlib import Path

SHARED_MEMORY = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder, with these headers."""

    def end_headers(self):
        """Add them."""
        for name, value in SHARED_MEMORY.items():
            self.send_header(name, value)
        keep = "max-age=31536000" if "/_live/pyodide-" in self.path else "no-cache"
        self.send_header("Cache-Control", keep)
        super().end_headers()

    def log_message(self, *args):
        """Be quiet."""


def make_server(folder, port, handler=Handler):
    """Return a server of a folder on this machine alone."""
    handler = functools.partial(handler, directory=folder)
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main(port="8000", folder=Path(__file__).parent):
    """Serve until Ctrl-C."""
    try:
        server = make_server(folder, int(port))
    except OSError as error:
        sys.exit(f"error: port {port} cannot be used ({error.strerror}); "
                 "name another one: make serve PORT=8001, or python serve.py 8001")  # fmt: skip
    print(f"Open http://localhost:{port}/ in a browser. Ctrl-C stops.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
