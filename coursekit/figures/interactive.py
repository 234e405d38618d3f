"""Operable figures: one SVG, a little data and a small script; no network, no widget, no kernel.

Each function returns an :class:`Interactive`, which a notebook shows by itself. The picture is
complete without the script; the script (``interactive.js``) adds the controls.
"""

import json
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from coursekit.figures import svg as draw

__all__ = ["Interactive", "check_kinds", "figure", "slider_text"]


@dataclass(frozen=True)
class Interactive:
    """A figure that a notebook shows as HTML; ``alt`` says in words what it shows."""

    alt: str
    body: str

    def html(self):
        """Return the figure as a self-contained piece of HTML, with its style and script."""
        style, script = _assets()
        return f"<style>{style}</style>\n{self.body}\n<script>{script}</script>"

    def _repr_html_(self):
        return self.html()

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html(), "text/plain": self.alt}

    def __repr__(self):
        return self.alt


@cache
def _assets():
    folder = files("coursekit.figures")
    names = ("theme.css", "interactive.css", "interactive.js")
    theme, style, script = [(folder / name).read_text("utf-8") for name in names]
    return theme + style, script


def figure(alt, svg, data, legend, frame=0):
    """Return the figure; without the script it shows the texts of ``frame``."""
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    packed = packed.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;")
    body = (
        f"<descent-player data-player='{packed}'>{svg}"
        f'<div class="dp-readout" aria-live="polite">'
        f'<div class="dp-head">{escape(data["heads"][frame])}</div>{"".join(legend)}</div>'
        "</descent-player>"
    )
    return Interactive(alt, body)


def slider_text(value):
    """Return the value of a slider as text."""
    return value if isinstance(value, str) else f"{value:.6g}"


def check_kinds(argument, count):
    """Refuse more paths, bars or curves than can be told apart."""
    if count > draw.KINDS:
        raise ValueError(
            f"{argument}: at most {draw.KINDS} can be told apart in one figure, got {count}"
        )
