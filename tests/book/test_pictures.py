"""What a figure is allowed to look like, and what it must say: bitmaps, colours, words."""

import re
import sys

import pytest
from places import BOOK, ROOT

sys.path.insert(0, str(BOOK / "_ext"))
pictures = pytest.importorskip("pictures", reason="the book's packages are not installed")

# Ink is 1 (gray_r), a photograph's light is 1 (gray), a quantity with a sign is blue to red.
COLOUR_MAPS = {"gray", "gray_r", "RdBu_r"}
PAGES = sorted(path for path in BOOK.rglob("*.md") if ".ipynb_checkpoints" not in path.parts)


@pytest.fixture
def saved(tmp_path):
    """Return a function that draws and saves an SVG."""
    plt = pytest.importorskip("matplotlib.pyplot")

    def save(draw, **options):
        fig, ax = plt.subplots(**options)
        draw(ax)
        path = tmp_path / "figure.svg"
        with plt.rc_context({"svg.fonttype": "none"}):
            fig.savefig(path)
        plt.close(fig)
        return path

    return save


@pytest.mark.parametrize(
    ("draw", "bitmap"),
    [
        (lambda ax: ax.imshow([[0, 1], [1, 0]]), True),
        (lambda ax: ax.pcolormesh([[0, 1], [1, 0]]), True),
        (lambda ax: ax.plot([0, 1], [1, 0]), False),
        (lambda ax: ax.fill_between([0, 1], [1, 0]), False),
        (lambda ax: ax.contour([[0, 1], [1, 0]]), False),
    ],
)
def test_bitmaps_are_told_from_line_drawings(saved, draw, bitmap):
    assert pictures.is_bitmap(saved(draw)) == bitmap


def test_a_png_is_a_bitmap(tmp_path):
    assert pictures.is_bitmap(tmp_path / "photograph.png")


def test_the_least_width_makes_the_smallest_letters_nine_pixels(saved):
    path = saved(lambda ax: ax.tick_params(labelsize=6), figsize=(5, 3))
    assert pictures.least_width(path) == 5 * 72 * 9 / 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_colour_maps_are_those_of_the_course(page):
    used = set(re.findall(r"\bcmap=\"(\w+)\"|\bcolormaps\[\"(\w+)\"\]", page.read_text("utf-8")))
    assert {name for pair in used for name in pair if name} - COLOUR_MAPS == set()
