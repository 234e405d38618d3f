"""The table and the map of the plane that a notebook shows above a failed check."""

from html import escape

import numpy as np

from coursekit.checks.wording import rounded_up

__all__ = ["plane", "table"]

SIZE, MARGIN = 220, 24  # of the map, in pixels


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
