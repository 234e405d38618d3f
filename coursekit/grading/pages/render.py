"""The templates of the pages, which escape what is put into them."""

from pathlib import Path

from coursekit.grading.pages import sanitize

__all__ = ["stylesheet", "template"]

HERE = Path(__file__).parent / "templates"


def template(name):
    """Return one of the templates in templates/, which escape what is put into them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(html=_safe(sanitize.html), markdown=_safe(sanitize.markdown))
    environment.filters.update(code=_safe(sanitize.code), number="{:.4g}".format)
    return environment.get_template(name)


def stylesheet():
    """Return the style of the pages."""
    return (HERE / "page.css").read_text("utf-8")


def _safe(convert):
    from markupsafe import Markup

    return lambda *args: Markup(convert(*args))
