"""Finding things: a search that lands on sections, and the index of terms.

Sphinx's own search knows pages only, of which ours are long. Here each section is a record of its
own in ``_static/sections.js``, which ``search.js`` in the templates reads; it needs no server.
"""

import json
import re
from collections import Counter
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import clean_astext

UNREAD = (nodes.raw, nodes.math, nodes.math_block, nodes.comment, nodes.section, addnodes.toctree)
INDEXED = {"definition", "theorem", "lemma", "corollary", "proposition", "algorithm"}


class IndexBoxes(SphinxTransform):
    """Enter the titles of definitions, theorems and algorithms in the index of terms."""

    default_priority = 840  # before Sphinx collects the entries

    def apply(self, **kwargs):
        """Put an index entry in front of each box that has a title."""
        for box in list(self.document.findall(nodes.Element)):
            title = box.get("title", "").strip().removeprefix("(").removesuffix(")")
            if box.get("realtype") in INDEXED and title and box["ids"]:
                entry = ("single", title, box["ids"][0], "", None)
                box.parent.insert(box.parent.index(box), addnodes.index(entries=[entry]))


def _texts(section):
    """Return the words of a section that are read, those set in bold, and its first sentence."""
    words, terms, first = [], [], ""
    pending = list(section.children)
    while pending:
        node = pending.pop(0)
        if isinstance(node, addnodes.index):
            terms += [entry[1] for entry in node["entries"]]
        if isinstance(node, UNREAD) or node.get("nb_element") == "cell_code_output":
            continue
        if isinstance(node, nodes.strong) or "title" in node.attributes:
            terms.append(node.astext() if isinstance(node, nodes.strong) else node["title"])
        if isinstance(node, nodes.paragraph) and not first:
            first = _without_formulas(node)
        for child in node.children:
            if isinstance(child, nodes.Text):
                words.append(child.astext())
            else:
                pending.append(child)
    return " ".join(words), " ".join(terms), first


def _without_formulas(paragraph):
    words = ""
    for node in paragraph.children:
        formula = isinstance(node, nodes.math)
        cited = isinstance(node, addnodes.pending_xref) and node["refdomain"] == "cite"
        words += "…" if formula or cited else node.astext()
    return words


def _records(document):
    """Yield anchor, title, terms, first sentence and words with their counts of each section."""
    for section in document.findall(nodes.section):
        at = section.first_child_matching_class(nodes.title)
        if at is None or not section["ids"]:
            continue  # the content of a box
        title = clean_astext(section[at])
        text, terms, first = _texts(section)
        counts = Counter(re.findall(r"[^\W\d_]\w+", text.lower()))
        packed = " ".join(w if n == 1 else f"{w}:{n}" for w, n in sorted(counts.items()))
        start = re.sub(r"\s+", " ", first)[:160]
        top = isinstance(section.parent, nodes.document)
        yield "" if top else section["ids"][0], title, terms.lower(), start, packed


def write_sections(app, exception):
    """Write the records of all pages beside the search's script."""
    if exception or app.builder.name != "html":
        return
    pages = []
    for name in sorted(app.env.found_docs):
        records = list(_records(app.env.get_doctree(name)))
        pages.append([app.builder.get_target_uri(name), records])
    data = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    Path(app.outdir, "_static", "sections.js").write_text(f"window.sections = {data};\n", "utf-8")


def replace_search(app):
    """Switch Sphinx's own search off; the page ``search`` is ours."""
    app.builder.search = False


def search_page(app):
    """Return the search page for Sphinx to write."""
    return [("search", {"title": "Search"}, "search.html")]


def setup(app):
    """Register with Sphinx."""
    app.add_transform(IndexBoxes)
    app.connect("builder-inited", replace_search)
    app.connect("html-collect-pages", search_page)
    app.connect("build-finished", write_sections)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
