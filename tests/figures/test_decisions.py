"""Decision regions: shaded where the functions are positive, one frame for each combination."""

import json
import re
from html import unescape

import numpy as np
import pytest
from figure_examples import classed, data_of, head, svg_of

from coursekit.figures import slide_decisions

WINDOW = ((-1, 1), (-1, 1))
X = np.linspace(-1, 1, 21)
DISC = X**2 + X[:, None] ** 2
CLASSES = {"disc": ([[0, 0]], [[0.9, 0.9], [-0.9, 0]]), "half": ([[0.5, 0]], [[-0.5, 0]])}
NAMES = ("radius", "slope", "steps")


def example(**options):
    frames = {
        (r, s, k): {"disc": r**2 - DISC, "half": X + s * X[:, None]}
        for r in (0, 0.5)
        for s in (0, 1)
        for k in (0, 1)
    }
    notes = {key: {"disc": f"{key[0]}", "half": f"{key[1]}"} for key in frames}
    options = {"names": NAMES, "window": WINDOW, "notes": notes} | options
    return slide_decisions(frames, CLASSES, **options)


def rings(path):
    """Return the points of each closed ring of a path of steps."""
    found = []
    for ring in path.get("d").split("z")[:-1]:
        numbers = [
            float(x) for x in re.findall(r"-?\d*\.?\d+", ring.replace("M", " ").replace("l", " "))
        ]
        found.append(np.cumsum(np.reshape(numbers, (-1, 2)), axis=0))
    return found


def size(ring):
    x, y = ring.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_each_combination_has_its_frame_and_its_words():
    figure = example()
    assert len(classed(svg_of(figure), "dp-layer")) == 8
    data = data_of(figure)
    assert data["heads"][0] == "radius 0, slope 0, steps 0"
    assert data["heads"][-1] == "radius 0.5, slope 1, steps 1"
    assert data["rows"] == [["0"] * 4 + ["0.5"] * 4, ["0", "0", "1", "1"] * 2]
    grid = json.loads(unescape(re.search(r'data-grid="(.*?)"', figure.body)[1]))
    assert grid == {"names": list(NAMES), "values": [["0", "0.5"], ["0", "1"], ["0", "1"]]}


def test_what_is_positive_is_shaded():
    layers = classed(svg_of(example()), "dp-layer")
    side = 338  # units of a square
    shades = [classed(layer, "dp-area") for layer in layers]
    assert [len(found) for found in shades] == [1] * 4 + [2] * 4  # no disc of radius 0
    disc, half = ([*map(size, rings(path))] for path in shades[-1])
    assert disc == [pytest.approx(np.pi / 16 * side**2, rel=0.02)]
    assert half == [pytest.approx(side**2 / 2, rel=0.01)]
    left = rings(shades[0][0])[0][:, 0]
    assert left.min() == pytest.approx(side / 2, abs=1)  # x > 0 is on the right


def test_a_hole_turns_the_other_way_so_that_it_is_not_shaded():
    frames = {(0,): {"disc": DISC - 0.25}}
    figure = slide_decisions(frames, {"disc": CLASSES["disc"]}, names=("k",), window=WINDOW)
    outer, hole = rings(classed(svg_of(figure), "dp-area")[0])

    def turn(ring):
        x, y = ring.T
        return np.sign(x @ np.roll(y, -1) - y @ np.roll(x, -1))

    assert turn(outer) == -turn(hole)


def test_points_are_told_apart_by_their_form():
    figure = example()
    discs = classed(svg_of(figure), "dp-mark")
    crosses = classed(svg_of(figure), "dp-cross")
    assert [path.get("d").count("M") for path in discs] == [1, 1]
    assert [path.get("d").count("M") for path in crosses] == [2, 1]


def test_the_text_alternative_names_titles_and_values():
    assert repr(example()) == (
        "disc, half: where they are positive, for 2 values of radius from 0 to 0.5 and 2 values of "
        "slope from 0 to 1 and 2 values of steps from 0 to 1."
    )
    assert repr(example(alt="Two shapes.")) == "Two shapes."


def test_three_sliders_move_alone(show):
    page = show(example())
    sliders = page.get_by_role("slider").all()
    assert [s.get_attribute("aria-label") for s in sliders] == list(NAMES)
    sliders[1].focus()
    page.keyboard.press("ArrowRight")
    assert head(page) == "radius 0, slope 1, steps 0"
    sliders[0].focus()
    page.keyboard.press("End")
    assert head(page) == "radius 0.5, slope 1, steps 0"
    assert page.locator(".dp-layer:visible").count() == 1
    assert page.locator(".dp-value").all_inner_texts() == ["0.5", "1"]


GOOD = {(0,): {"disc": DISC}}


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        ({}, {}, "frames needs keys of 1 values"),
        ({(0, 1): {"disc": DISC}}, {}, "frames needs keys of 1 values"),
        (
            {(0, 0): {"disc": DISC}, (1, 1): {"disc": DISC}},
            {"names": ("a", "b")},
            r"every combination; \(0, 1\) is missing",
        ),
        ({(0,): {"ring": DISC}}, {}, r"frames: \(0,\) has \['ring'\], but classes has \['disc'\]"),
        ({(0,): {"disc": DISC[0]}}, {}, r"'disc' at \(0,\) must be a grid .* got shape \(21,\)"),
        ({(0,): {"disc": DISC * np.nan}}, {}, "must be a grid of finite values"),
        (GOOD, {"notes": {(0,): {}}}, r"notes: \(0,\) must have a text for each of \['disc'\]"),
        (
            GOOD,
            {"classes": {"disc": ([[0, 0, 0]], [[0, 0]])}},
            r"points of 'disc' have shape \(1, 3\), not \(k, 2\)",
        ),
    ],
)
def test_bad_frames_are_refused_with_the_reason(frames, options, message):
    options = {"names": ("k",), "window": WINDOW, "classes": {"disc": CLASSES["disc"]}} | options
    with pytest.raises(ValueError, match=message):
        slide_decisions(frames, **options)
