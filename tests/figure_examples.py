"""Figures of every kind, and what is read from them."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import numpy as np

from coursekit.figures import (
    animate_descent,
    slide_bars,
    slide_curves,
    slide_digits,
    slide_directions,
    slide_graph,
    slide_grid,
    slide_images,
    slide_network,
    slide_number_line,
    slide_paths,
)
from coursekit.objectives import bowl, canyon, parabola


def descend(objective, start, step, steps):
    path = [np.array(start, float)]
    for _ in range(steps):
        path.append(path[-1] - step * objective.grad(path[-1]))
    return np.array(path)


def on_a_line():
    return animate_descent(parabola(), descend(parabola(), [1.5], 0.3, 10))


def step_sizes():
    return slide_paths(bowl, {s: descend(bowl, (1, 1), s, 30) for s in (0.05, 0.15, 0.21)})


def heights():
    frames = {
        0: {"naive": [0.25, 0.75], "safe": [0.25, 0.75]},
        800: {"naive": [np.nan, np.inf], "safe": [0.25, -0.75]},
    }
    return slide_bars(frames, categories=["cat", "dog"], name="shift")


def circles(values=(-1, 0, 1), **options):
    t = np.linspace(0, 2 * np.pi, 41)
    frames = {
        c: {
            "circle": np.column_stack([np.cos(t) + c, np.sin(t)]),
            "axis": np.array([[-2.0, 0.0], [2.0, 0.0]]),
            "centre": np.array([[c, 0.0]]),
        }
        for c in values
    }
    notes = {c: f"at {c}" for c in values}
    return slide_curves(frames, name="c", notes=notes, **options)


def pictures():
    frames = {k: {"line": np.eye(4, 6, k), "grey": np.full((4, 6), k)} for k in range(3)}
    return slide_images(frames, name="shift")


def places():
    frames = {
        k: {"halves": np.arange(0, 2, 0.5), "parts": np.arange(0, 3, 1 / k), "x": [1.3]}
        for k in (2, 4)
    }
    notes = {2: "coarse", 4: "fine"}
    return slide_number_line(frames, name="k", window=(0, 2), notes=notes)


def grid():
    pairs = [(a, b) for a in (1, 2) for b in (0, 3, 5)]
    return slide_grid(
        {(a, b): {"line": [[0, b], [1, a + b]]} for a, b in pairs},
        names=("slope", "height"),
        notes={(a, b): f"{a} and {b}" for a, b in pairs},
    )


def digits():
    frames = {n: {"whole": (f"0 {n:03b} {n:018b}", f"it is {n}")} for n in range(8)}
    return slide_digits(
        frames, name="n", parts=["sign", "high", "low"], notes={n: "" for n in frames}
    )


def network():
    words = {("s", "a"): "1/2", ("a", "t"): "1/3", ("s", "t"): "0/1"}
    frames = {
        0: (dict.fromkeys(words, "0"), (), ()),
        1: (words, ["s", "a", "t"], ()),
        "end": (words, [], {"s", "a"}),
    }
    notes = {0: "nothing", 1: "one path", "end": "a cut"}
    places = {"s": (0, 0), "a": (1, 1), "t": (2, 0)}
    return slide_network(frames, places=places, name="step", notes=notes)


def computation():
    edges = [("x", "y"), ("y", "F"), ("x", "F")]
    frames = {
        "forward": ({"x": "3", ("x", "y"): "6"}, [("x", "y"), ("x", "F")]),
        "back": ({"x": ("3", "7"), "y": ("9", "1"), ("x", "y"): "6"}, [("F", "y")]),
    }
    places = {"x": (0, 0), "y": (1, 1), "F": (2, 0)}
    notes = {"forward": "values", "back": "adjoints"}
    return slide_graph(frames, edges=edges, places=places, name="sweep", notes=notes)


def dial():
    return slide_directions(canyon, (1.6, -1.4), window=((-1, 4), (-3.5, 1.5)))


def data_of(figure):
    return json.loads(unescape(re.search(r"data-player='(.*?)'", figure.html()).group(1)))


def svg_of(figure):
    """Parse the picture; fails if it is not well-formed XML."""
    return ElementTree.fromstring(
        re.search(r"<svg class=.dp-plot.*?</svg>(?=<div)", figure.body)[0]
    )


def classed(svg, name):
    return [e for e in svg.iter() if name in e.get("class", "").split()]


def head(page, nth=0):
    return page.locator(".dp-head").nth(nth).inner_text()


def luminance(colour):
    channels = np.array(re.findall(r"[\d.]+", colour)[:3], float) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(a, b):
    darker, lighter = sorted([luminance(a), luminance(b)])
    return (lighter + 0.05) / (darker + 0.05)


# A page in each theme, and the options of the browser.
THEMES = {
    "plain": {},
    "plain, dark system": {"color_scheme": "dark"},
    "book, dark": {"html": "<html lang=en data-theme=dark>"},
    "book, light, dark system": {"html": "<html lang=en data-theme=light>", "color_scheme": "dark"},
    "lab, dark": {"html": "<html lang=en><body data-jp-theme-light=false>"},
    "lab, light, dark system": {
        "html": "<html lang=en><body data-jp-theme-light=true>",
        "color_scheme": "dark",
    },
}
