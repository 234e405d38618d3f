"""What figures need beyond drawing: bitmaps told from line drawings, and words for all of them."""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)
SHORTEST = 30  # characters of a text that says what a figure shows
LABEL = re.compile(r'(<svg\b[^>]*\brole="img"[^>]*\baria-label=")([^"]*)')


def is_bitmap(path):
    """Tell whether a picture has colours that mean something: pixels or a mesh of them."""
    if path.suffix != ".svg":
        return True
    return re.search(r"<image\b|id=\"QuadMesh", path.read_text("utf-8")) is not None


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
            for image in cell.findall(nodes.image):
                if is_bitmap(Path(self.app.srcdir, image["uri"])):
                    image["classes"].append("bitmap")
                self._check(image.get("alt", ""), cell)
            for html in cell.findall(nodes.raw):
                words = LABEL.search(html.astext())
                if words is None:
                    continue
                if alt:
                    text = LABEL.sub(lambda m: m[1] + escape(alt), html.astext(), count=1)
                    html.children = [nodes.Text(text)]
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
