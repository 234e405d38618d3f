"""The first use of a word of the glossary leads there, on each chapter that does not teach it."""

import re

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "glossary"
LEFT_ALONE = (
    nodes.reference, nodes.literal, nodes.math, nodes.title, nodes.caption, nodes.raw, nodes.label,
    nodes.citation_reference, nodes.literal_block, nodes.math_block, nodes.image, nodes.rubric,
)  # fmt: skip


def collect(app, env):
    """Read the glossary: {word: (id of its entry, chapters that teach it)}; say what is stale."""
    terms = {}
    if GLOSSARY not in env.found_docs:  # a book without one
        return []
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        links = [xref["reftarget"] for xref in item.findall(pending_xref)]
        labels = env.domaindata["std"]["labels"] | env.domaindata["std"]["anonlabels"]
        taught = {labels[link][0] for link in links if link in labels}
        for term in item.findall(nodes.term):
            terms[term.astext().lower()] = term["ids"][0], taught
    if terms == getattr(env, "course_terms", None):
        return []
    env.course_terms = terms
    return [name for name in env.found_docs if "/" in name]


def _pattern(terms):
    words = sorted(map(re.escape, terms), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(words)})s?(?![\w-])".replace(r"\ ", r"\s"), re.I)


class LinkTerms(SphinxPostTransform):
    """Do so in running text: not in titles, code, formulas or links."""

    default_priority = 800  # before boxes are folded, whose titles are titles no more
    formats = ("html",)

    def run(self, **kwargs):
        """Walk through the texts of the page in order."""
        page = self.env.docname
        if "/" not in page:
            return
        address = self.app.builder.get_relative_uri(page, GLOSSARY)
        left = {
            word: at
            for word, (at, taught) in getattr(self.env, "course_terms", {}).items()
            if page not in taught
        }
        for text in list(self.document.findall(nodes.Text)):
            if left and not _inside(text, LEFT_ALONE) and _inside(text, nodes.paragraph):
                _link_first_uses(text, left, address)


def _inside(node, kinds):
    while node is not None:
        if isinstance(node, kinds):
            return True
        node = node.parent
    return False


def _link_first_uses(text, left, address):
    """Replace the words of ``left`` in a text by links, and take them and their entry out of it."""
    made, rest = [], text.astext()
    while left and (found := _pattern(left).search(rest)):
        at = left[" ".join(found[1].lower().split())]
        for word in [word for word, other in left.items() if other == at]:
            del left[word]
        link = nodes.reference("", found[0], refuri=f"{address}#{at}", internal=True)
        link["classes"] = ["course-term"]
        made += [nodes.Text(rest[: found.start()]), link]
        rest = rest[found.end() :]
    if made:
        at = text.parent.index(text)
        text.parent[at : at + 1] = [*made, nodes.Text(rest)]


def setup(app):
    """Register with Sphinx."""
    app.connect("env-updated", collect)
    app.add_post_transform(LinkTerms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
