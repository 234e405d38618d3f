"""The table and the map of the plane that a notebook shows above a failed check.

Colours and marks are those of the operable figures, read from their style sheet ``theme.css``.
"""

from functools import cache
from html import escape
from importlib.resources import files

import numpy as np

from coursekit.checks.wording import rounded_up, unlike

__all__ = ["error_map", "table", "with_style"]

SIZE, MARGIN = 220, 24  # of the map, in pixels


def with_style(html):
    """Return a piece of HTML with the colours of the theme, light or dark, of its page."""
    return f"<style>{_theme()}</style><check-map>{html}</check-map>"


@cache
def _theme():
    return (files("coursekit") / "figures" / "theme.css").read_text("utf-8")


def table(e):
    """The entries that are furthest off, at most three, one point each."""
    off = np.where(e.wrong, np.abs(e.got - e.want), -1.0)
    first, worst = off.max(axis=1), off.argmax(axis=1)
    rows = []
    for k in np.argsort(-first, kind="stable")[:3]:
        if first[k] < 0:
            break
        j = worst[k]
        yours, theirs = unlike(e.got[k, j], e.want[k, j])
        cells = (
            str(e.x[k].tolist()),
            str(list(e.labels[j])),
            yours,
            f"{theirs} ± {rounded_up(e.error[k, j]):.0e}",
        )
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    head = "".join(f"<th>{h}</th>" for h in ("x", "component", "yours", "finite difference"))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def error_map(e):
    """Inline SVG of the points of a function of two coordinates: circle right, cross wrong."""
    if e.x.shape[1] != 2:
        return ""
    wrong = e.wrong.any(axis=1)
    points, zero = _places(e.x)
    axes = [f"M0 0h{SIZE}v{SIZE}h-{SIZE}z"]
    axes += [f"M{zero[0]:.1f} 0V{SIZE}"] * bool(np.isfinite(zero[0]))
    axes += [f"M0 {zero[1]:.1f}H{SIZE}"] * bool(np.isfinite(zero[1]))
    frame, *zeros = (f'<path class="dp-axes{{}}" fill="none" d="{d}"/>' for d in axes)
    marks = "".join(map(_point_mark, points, wrong))
    drawing = frame.format("") + "".join(line.format(" dp-negative") for line in zeros) + marks
    alt = escape(
        f"Map of the plane: wrong at {wrong.sum()} of {len(wrong)} points, "
        f"{_whereabouts(e.x, wrong)}"
    )
    return (
        f'<svg class="dp-plot" role="img" aria-label="{alt}" style="max-width:{SIZE}px" '
        f'viewBox="-1 -1 {SIZE + 2} {SIZE + 2}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{alt}</title>{drawing}</svg><p>circle: right, cross: wrong; x[0] to the right, "
        "x[1] upwards, distances from 0 drawn by their square roots</p>"
    )


def _places(x):
    """Where points are drawn, in pixels, and where the zeros of x[0] and x[1], NaN if nowhere."""
    # Square roots spread the points near the origin.
    t = np.sign(x) * np.sqrt(np.abs(x))
    lo, width = t.min(axis=0), np.maximum(np.ptp(t, axis=0), 1e-300)
    at = MARGIN + (SIZE - 2 * MARGIN) * (t - lo) / width
    zero = MARGIN + (SIZE - 2 * MARGIN) * (0 - lo) / width
    zero = np.where((lo < 0) & (lo + width > 0), zero, np.nan)
    at[:, 1], zero[1] = SIZE - at[:, 1], SIZE - zero[1]
    return at, zero


def _point_mark(place, wrong):
    u, v = place
    if wrong:
        return (
            '<path class="dp-c2 dp-cross" stroke="currentColor" '
            f'd="M{u - 4:.1f} {v - 4:.1f}l8 8m0 -8l-8 8"/>'
        )
    return (
        '<circle class="dp-c1 dp-start" fill="none" stroke="currentColor" '
        f'cx="{u:.1f}" cy="{v:.1f}" r="3.5"/>'
    )


def _whereabouts(x, wrong):
    """The smallest box around the points that are wrong, in words."""
    lo, hi = x[wrong].min(axis=0), x[wrong].max(axis=0)
    return " and ".join(f"x[{i}] from {lo[i]:.3g} to {hi[i]:.3g}" for i in range(2))
