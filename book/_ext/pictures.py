"""What figures need beyond drawing: bitmaps told from line drawings, and words for all of them."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
SHORTEST = 30  # characters of a text that says what a figure shows
SMALLEST = 9  # pixels of a letter as drawn; a figure that a phone would shrink further scrolls
LABEL = re.compile(r'(<svg\b[^>]*\brole="img"[^>]*\baria-label=")([^"]*)')


def is_bitmap(path):
    """Tell whether a picture has colours that mean something: pixels or a mesh of them."""
    if path.suffix != ".svg":
        return True
    return re.search(r"<image\b|id=\"QuadMesh", path.read_text("utf-8")) is not None


def least_width(path):
    """Return how wide, in pixels, an SVG must be shown for its smallest letters to be read."""
    if path.suffix != ".svg":
        return 0
    text = path.read_text("utf-8")
    width = re.search(r'viewBox="0 0 ([\d.]+)', text)
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:[\w.]+ )*?([\d.]+)px", text)]
    return round(float(width[1]) * SMALLEST / min(sizes)) if width and sizes else 0


class DescribePictures(SphinxPostTransform):
    """Mark bitmaps, which the dark theme leaves as they are, and put every alt text in place."""

    default_priority = 890  # when MyST-NB has chosen among the forms of an output
    formats = ("html",)

    def run(self, **kwargs):
        """Do so in each cell; a figure without words is a warning, and so fails the build."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code":
                continue
            alt = cell["cell_metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            for image in list(cell.findall(nodes.image)):
                path = Path(self.app.srcdir, image["uri"])
                if is_bitmap(path):
                    image["classes"].append("bitmap")
                start = f'<div class="course-wide" style="--least: {least_width(path)}px">'
                box = [nodes.raw("", html, format="html") for html in (start, "</div>")]
                at = image.parent.index(image)
                image.parent[at : at + 1] = [box[0], image, box[1]]
                self._check(image.get("alt", ""), cell)
            for html in cell.findall(nodes.raw):
                words = LABEL.search(html.astext())
                if words is None:
                    continue
                if alt:
                    before, after = html.astext()[: words.start(2)], html.astext()[words.end(2) :]
                    html.children = [nodes.Text(before + escape(alt) + after)]
                self._check(alt or words[2], cell)

    def _check(self, words, cell):
        if len(words) < SHORTEST:
            logger.warning(
                "this figure has no text that says what it shows; give one of at least %d "
                "characters in the cell's metadata: mystnb: image: alt: ...",
                SHORTEST,
                location=cell,
            )


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(DescribePictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
