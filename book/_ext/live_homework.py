"""The page "Work here" of each homework: its notebook, to read, and to do in the browser.

``_live/homework/NAME.ipynb`` is what students are handed out, without an answer or a hidden test.
``homework/NAME.html`` shows it; ``_live/homework.js`` makes it writable when asked to.
"""

import json
import re
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.nodes import make_id
from homework_links import CHAPTERS, homework_of
from live import LOCAL
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinxcontrib import katex

from coursekit.homework.release import homeworks, strip
from coursekit.homework.validate import is_check

logger = logging.getLogger(__name__)
TITLE = re.compile(r"\A# (?:Homework: )?(.+)\n")


def _course(app):
    return Path(app.srcdir).parent / "assignments"


def _sources(app):
    """Return all that the notebooks of the course are made from."""
    return [path for kind in ("*.md", "hints/*.md", "*.py") for path in _course(app).glob(kind)]


def _place(app):
    return Path(app.outdir, "_live", "homework")


# The notebooks -----------------------------------------------------------------------------


def find_changed(app, env, added, changed, removed):
    """Let Sphinx write when a homework has changed, though no page has."""
    if app.builder.format != "html":
        return []
    made = [_place(app) / f"{name}.ipynb" for name in homeworks(_course(app))]
    newest = max((path.stat().st_mtime for path in _sources(app)), default=0)
    old = any(not path.exists() or path.stat().st_mtime < newest for path in made)
    return ["students"] if old else []


def write_notebooks(app):
    """Write the students' notebooks, and which cells each has; return them by name."""
    place, index, made = _place(app), {}, {}
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as course:  # a copy: what is released stays as it is
        for path in _sources(app):
            copy = Path(course, path.relative_to(_course(app)))
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)
        for name in homeworks(course):
            path = shutil.copyfile(strip(name, course), place / f"{name}.ipynb")
            made[name] = notebook = nbformat.read(path, 4)
            marks = [cell.metadata.get("nbgrader") for cell in notebook.cells]
            cells = [mark.grade_id for mark in marks if mark]
            index[name] = {"title": title_of(notebook), "cells": cells}
    (place / "index.json").write_text(json.dumps(index), "utf-8")
    return made


def title_of(notebook):
    """Return the heading of a homework."""
    return TITLE.match(notebook.cells[0].source)[1]


# The pages ---------------------------------------------------------------------------------


class Reader:
    """Makes HTML of Markdown as the chapters have it, and collects the headings of a page."""

    def __init__(self, app, name):
        self.app, self.name, self.headings = app, name, []
        self.markdown = MarkdownIt("commonmark").enable("table")
        self.markdown.use(dollarmath_plugin, renderer=self._formula, double_inline=True)
        self.markdown.add_render_rule("table_open", lambda *_: (
            '<div class="pst-scrollable-table-container"><table class="table">'))  # fmt: skip
        self.markdown.add_render_rule("table_close", lambda *_: "</table></div>")
        self.markdown.add_render_rule("fence", lambda _, tokens, k, *rest: self.code(
            tokens[k].content, tokens[k].info or "text"))  # fmt: skip

    def html(self, text):
        """Return the HTML of Markdown."""
        tokens = self.markdown.parse(text)
        for token, inline in pairwise(tokens):
            if token.type == "heading_open" and token.tag == "h2":
                words = self.markdown.renderInline(inline.content)
                anchor = make_id(f"part-{inline.content}")
                token.attrSet("id", anchor)
                self.headings.append((anchor, words))
        return self.markdown.renderer.render(tokens, self.markdown.options, {})

    def code(self, text, language="ipython3"):
        """Return the HTML of code."""
        shown = self.app.builder.highlighter.highlight_block(text, language)
        return f'<div class="highlight-{language} notranslate">{shown}</div>'

    def _formula(self, tex, options):
        try:
            return katex.render_latex(tex, {"displayMode": options["display_mode"]})
        except katex.KaTeXError as error:
            logger.warning("%s", error, location=f"the homework {self.name}")
            return ""


def _kind(cell):
    """Return what a cell is to a student."""
    mark = cell.metadata.get("nbgrader", {})
    if mark.get("solution"):
        return "answer" if cell.cell_type == "code" else "words"
    if cell.cell_type != "code":
        return "text"
    return "check" if is_check(cell) else "graded" if mark.get("grade") else "given"


def _shown(cell, reader):
    """Return a cell as the template wants it."""
    kind, mark = _kind(cell), cell.metadata.get("nbgrader", {})
    source = TITLE.sub("", cell.source, count=1) if cell.cell_type == "markdown" else cell.source
    convert = reader.code if cell.cell_type == "code" else reader.html
    folded = kind == "check" or cell.metadata.get("jupyter", {}).get("source_hidden")
    lines = source.count("\n") + 1
    return {
        "id": cell.id,
        "kind": kind,
        "name": mark.get("grade_id"),
        "points": f"{mark.get('points', 0):g}",
        "html": convert(source),
        "fold": f"Code of this {'check' if kind == 'check' else 'cell'}, {lines} lines"
        * bool(folded),
    }


def _needs(notebook):
    """Return what a homework imports that no browser runs."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    roots = re.findall(r"^\s*(?:import|from) (\w+)", code, re.M)
    return " and ".join(sorted({LOCAL[root] for root in roots if root in LOCAL}))


def collect_pages(app):
    """Yield the page of each homework for Sphinx to write."""
    if app.builder.format != "html":
        return
    for name, notebook in write_notebooks(app).items():
        reader = Reader(app, name)
        cells = [_shown(cell, reader) for cell in notebook.cells]
        title = f"Work here: {title_of(notebook)}"
        reader.headings.append(("hand-in", "Hand in"))
        parts = "".join(f'<li><a href="#{at}">{words}</a></li>' for at, words in reader.headings)
        points = [float(cell["points"]) for cell in cells]
        by_hand = [p for p, cell in zip(points, cells, strict=True) if cell["kind"] == "words"]
        yield f"homework/{name}", {
            "title": title,
            "pagetitle": title,
            "toc": f'<ul><li><a href="#">{title}</a><ul>{parts}</ul></li></ul>',
            "homework_name": name,
            "chapters": [(page, app.env.titles[page].astext()) for page in CHAPTERS.get(name, ())
                         if page in app.env.titles],
            "cells": cells,
            "checks": sum(cell["kind"] == "check" for cell in cells),
            "points": f"{sum(points) - sum(by_hand):g}",
            "points_by_hand": f"{sum(by_hand):g}",
            "needs": _needs(notebook),
        }, "homework.html"  # fmt: skip


# Links to them -----------------------------------------------------------------------------


class LinkToHomework(SphinxPostTransform):
    """Lead from "Now do" of a chapter, and from the students' table, to the pages."""

    default_priority = 890
    formats = ("html",)

    def run(self, **kwargs):
        """Add the links."""
        there = homeworks(_course(self.app))
        name, page = homework_of(self.env.docname), self.env.docname
        if name in there:
            self._after_the_homework(self._link(page, name, "in your browser"))
        if page == "students":
            for entry in self.document.findall(nodes.entry):
                if entry.astext() in there:
                    paragraph = entry.next_node(nodes.paragraph)
                    paragraph[:] = [self._link(page, entry.astext(), entry.astext())]

    def _link(self, page, name, words):
        address = self.app.builder.get_relative_uri(page, f"homework/{name}")
        return nodes.reference("", words, refuri=address, internal=True)

    def _after_the_homework(self, link):
        """Put the link at the end of the item of "Now do" that names the homework."""
        for section in self.document.findall(nodes.section):
            title = section.next_node(nodes.title)
            if title is None or title.astext() != "Now do":
                continue
            items = list(section.findall(nodes.list_item))
            item = next((i for i in items if "homework" in i.astext().lower()), items[0])
            words = [nodes.Text(" Do it here, "), link, nodes.Text(".")]
            item.next_node(nodes.paragraph).append(
                nodes.inline("", "", *words, classes=["course-work"])
            )


def setup(app):
    """Register with Sphinx."""
    app.connect("env-get-outdated", find_changed)
    app.connect("html-collect-pages", collect_pages)
    app.add_post_transform(LinkToHomework)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
