"""A page that shows how far a grading is, on this machine alone and as long as it runs.

Its address holds a secret, since other accounts of the machine can reach the port too.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from coursekit._plain_text import plain
from coursekit.grading.pages.report import kept_result, message_of
from coursekit.homework.nbgrader_course import coursedir_of

__all__ = ["Live", "served"]

MOST_MESSAGES = 20


class Live:
    """What is known of a grading so far; it is called as grade() calls ``progress``.

    Parameters
    ----------
    homework : str
    results : Path
        The folder in which grading keeps its results.
    """

    def __init__(self, homework, results):
        self.homework, self.results = homework, results
        self.lock, self.begun = threading.Lock(), time.monotonic()
        self.total = self.done = 0
        self.running, self.failures, self.notes = {}, [], []
        self.messages = defaultdict(list)  # question, message: students

    def __call__(self, event, n=0, student="", row=None, text=""):
        """Take note of an event."""
        with self.lock:
            if event == "total":
                self.total, self.begun = n, time.monotonic()
            elif event == "note":
                self.notes.append(plain(text))
            elif event == "start":
                self.running[student] = None
            elif event == "done":
                self.done += 1
                self.running.pop(row.student, None)
                if row.score is None:
                    self.failures.append([plain(row.student), row.status, plain(row.note)])
                else:
                    self._add_messages(row.student)

    def _add_messages(self, student):
        """Add what the tests of a submission said."""
        result = kept_result(self.results / f"{student}.msgpack")
        several = len({cell.get("part") for cell in result.get("cells", [])}) > 1
        for cell in result.get("cells", []):
            if cell["role"] == "test" and cell["error"]:
                name = f"{cell['part']}: {cell['id']}" if several else cell["id"]
                self.messages[plain(name), message_of(cell["error"])].append(plain(student))

    def state(self):
        """Return all of it as plain data."""
        with self.lock:
            common = sorted(self.messages.items(), key=lambda one: (-len(one[1]), one[0]))
            return {
                "homework": self.homework,
                "total": self.total,
                "done": self.done,
                "running": [plain(student) for student in self.running],
                "seconds": round(time.monotonic() - self.begun),
                "notes": self.notes,
                "failures": self.failures,
                "messages": [
                    [len(students), name, message, ", ".join(students[:4])]
                    for (name, message), students in common[:MOST_MESSAGES]
                ],
            }


@contextmanager
def served(homework, course):
    """Serve the page of a grading; yield its address and what grade() calls.

    Parameters
    ----------
    homework : str
    course : str or Path

    Yields
    ------
    str
        Such as ``http://127.0.0.1:40123/SECRET/``.
    Live
    """
    live = Live(homework, Path(coursedir_of(course).root, ".coursekit", homework))
    secret = secrets.token_urlsafe(16)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(live, secret))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{secret}/", live
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(live, secret):
    """Return what answers requests: the page and the state, to who knows the secret."""
    from coursekit.grading.pages.render import HERE, stylesheet, template

    script = (HERE / "live.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = template("live.html").render(
        homework=live.homework,
        script=script,
        style=stylesheet(),
        policy=f"default-src 'none'; connect-src 'self'; script-src 'sha256-{digest}'; "
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            # a page elsewhere may give its own name to this address; the secret it does not know
            if self.path == f"/{secret}/":
                self._answer("text/html; charset=utf-8", page)
            elif self.path == f"/{secret}/state":
                self._answer("application/json", json.dumps(live.state()))
            else:
                self.send_error(404)

        def _answer(self, kind, text):
            content = text.encode("utf-8", "replace")
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass  # the terminal stays as it is

    return Handler
