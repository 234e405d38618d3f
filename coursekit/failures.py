"""What a failed check shows: a message, and in a notebook also a table and a map of the plane."""

from html import escape

import numpy as np

SIZE, MARGIN = 220, 24  # of the map, in pixels


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
        picture = plane(self.evidence)
        return (
            f"<p><b>{escape(finding)}</b></p>{table(self.evidence)}{picture}<p>{escape(hint)}</p>"
        )


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
        html = table(failure.evidence) + plane(failure.evidence)
        display({"text/html": html, "text/plain": "(where it is wrong)"}, raw=True)


def table(e):
    """The entries that are furthest off, at most three, one point each."""
    off = np.where(e.wrong, np.abs(e.got - e.want), -1.0)
    first, worst = off.max(axis=1), off.argmax(axis=1)
    rows = []
    for k in np.argsort(-first, kind="stable")[:3]:
        if first[k] < 0:
            break
        j = worst[k]
        cells = (
            str(e.x[k].tolist()),
            str(list(e.labels[j])),
            f"{e.got[k, j]:.7g}",
            f"{e.want[k, j]:.7g} ± {rounded_up(e.error[k, j]):.0e}",
        )
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    head = "".join(f"<th>{h}</th>" for h in ("x", "component", "yours", "finite difference"))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def rounded_up(error):
    """Power of ten above an error: its size is all that is known."""
    return 10.0 ** np.ceil(np.log10(error)) if 0 < error < np.inf else error


def plane(e):
    """Inline SVG of the points of a function of two coordinates: circle right, cross wrong."""
    if e.x.shape[1] != 2:
        return ""
    bad = e.wrong.any(axis=1)
    # Square roots spread the points near the origin.
    t = np.sign(e.x) * np.sqrt(np.abs(e.x))
    lo, width = t.min(axis=0), np.maximum(np.ptp(t, axis=0), 1e-300)
    at = MARGIN + (SIZE - 2 * MARGIN) * (t - lo) / width
    at[:, 1] = SIZE - at[:, 1]
    alt = f"Map of the plane: wrong at {bad.sum()} of {len(bad)} points, {_whereabouts(e.x, bad)}"
    marks = []
    for (u, v), wrong in zip(at, bad, strict=True):
        if wrong:
            marks.append(
                f'<path d="M{u - 4:.1f} {v - 4:.1f}l8 8m0 -8l-8 8" stroke="#c00" stroke-width="2"/>'
            )
        else:
            marks.append(f'<circle cx="{u:.1f}" cy="{v:.1f}" r="3.5" fill="none" stroke="#07a"/>')
    for axis in range(2):
        if lo[axis] < 0 < lo[axis] + width[axis]:
            zero = MARGIN + (SIZE - 2 * MARGIN) * (0 - lo[axis]) / width[axis]
            line = f"M{zero:.1f} 0V{SIZE}" if axis == 0 else f"M0 {SIZE - zero:.1f}H{SIZE}"
            marks.append(f'<path d="{line}" stroke="#888" stroke-dasharray="3 3"/>')
    return (
        f'<svg role="img" aria-label="{escape(alt)}" width="{SIZE}" height="{SIZE}" '
        f'viewBox="0 0 {SIZE} {SIZE}" xmlns="http://www.w3.org/2000/svg"><title>{escape(alt)}'
        f"</title>{''.join(marks)}</svg><p>circle: right, cross: wrong; x[0] to the right, x[1] "
        "upwards, distances from 0 drawn by their square roots</p>"
    )


def _whereabouts(x, bad):
    """The smallest box around the points that are wrong, in words."""
    lo, hi = x[bad].min(axis=0), x[bad].max(axis=0)
    return " and ".join(f"x[{i}] from {lo[i]:.3g} to {hi[i]:.3g}" for i in range(2))
