"""What a failed check raises: a message, and in a notebook also a table and a map of the plane."""

from html import escape

from coursekit.checks.failure_map import error_map, table, with_style


class CheckFailed(AssertionError):
    """An answer that did not pass a check; ``str()`` is the diagnosis.

    In a notebook the diagnosis is printed without the stack of library frames above it, and
    where numbers were compared a table of them, with a map for two coordinates, precedes it.
    """

    __module__ = "coursekit.checks"  # where it is imported from

    def __init__(self, message, evidence=None):
        super().__init__(message)
        self.evidence = evidence
        self.shown = False  # a kernel may ask twice

    def _render_traceback_(self):
        _show_in_notebook(self)
        return f"{type(self).__name__}: {self}".splitlines()

    def _repr_html_(self):
        finding, *rest = str(self).splitlines()
        if self.evidence is None:
            return f"<p><b>{escape(finding)}</b></p><pre>{escape(chr(10).join(rest))}</pre>"
        hint = next((line for line in rest if line.startswith("Try: ")), "")
        shown = table(self.evidence) + error_map(self.evidence)
        return with_style(f"<p><b>{escape(finding)}</b></p>{shown}<p>{escape(hint)}</p>")


def _show_in_notebook(failure):
    """Display the table and the map above the error, which stays plain text for every grader."""
    if failure.evidence is None or failure.shown:
        return
    failure.shown = True
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return
    if getattr(get_ipython(), "kernel", None) is not None:
        html = with_style(table(failure.evidence) + error_map(failure.evidence))
        display({"text/html": html, "text/plain": "(where it is wrong)"}, raw=True)
