"""What the book's pages need beyond settings: finished formulas, and no half-failed build."""

from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)


def _typeset(visit):
    """Wrap a KaTeX visitor: bad TeX warns with file and line, and so fails the build."""

    def visit_math(self, node):
        try:
            visit(self, node)
        except katex.KaTeXError as error:
            logger.warning("%s", error, location=node)
            raise nodes.SkipNode from None

    return visit_math


def mend_roles(app, pagename, templatename, context, doctree):
    """Docutils calls the bibliography a list, whose entries then are none: take the word back."""
    if "body" in context:
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', "<div>"
        )


def forget_failed_build(app, exception):
    """Make the next build read every page again, or what failed now would pass unread."""
    if exception or app._warncount:
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def setup(app):
    """Register the formula renderer and the rest with Sphinx."""
    app.add_html_math_renderer(
        "finished_katex",
        (_typeset(katex.html_visit_math), None),
        (_typeset(katex.html_visit_displaymath), None),
    )
    app.connect("html-page-context", mend_roles)
    app.connect("build-finished", forget_failed_build)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
