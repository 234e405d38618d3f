"""Folded boxes and folded code as ``<details>``: they open by click or key, without a script."""

from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.locale import admonitionlabels
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node


def _details(node, summary, content, classes):
    """Put ``content`` behind a line ``summary`` (inline nodes), in the place of ``node``."""
    anchor = f' id="{escape(node["ids"][0])}"' if node["ids"] else ""
    start = f'<details class="fold {" ".join(classes)}"{anchor}><summary>'
    pieces = [(start, summary), ("</summary>", content), ("</details>", [])]
    made = []
    for html, children in pieces:
        made += [nodes.raw("", html, format="html"), *children]
    at = node.parent.index(node)
    node.parent[at : at + 1] = made  # replace_self would hand on the classes, and write them twice


def _plain(title):
    """Return the inline nodes of a title without its links: a click shall open the box."""
    title = title.deepcopy()
    for link in list(title.findall(nodes.reference)):
        link.replace_self(link.children)
    return title.children


class FoldBoxes(SphinxPostTransform):
    """Fold what has the class ``dropdown``, and the code of cells tagged ``hide-input``."""

    default_priority = 900  # when numbers and titles are in place
    formats = ("html",)

    def run(self, **kwargs):
        """Do so, and say in words for screen readers which exercise a hint belongs to."""
        numbers = self.env.toc_fignumbers.get(self.env.docname, {})
        exercise = ""
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, exercise_enumerable_node | exercise_node):
                number = numbers.get("exercise", {}).get(node["ids"][0], ())
                exercise = f"Exercise {'.'.join(map(str, number))}".strip()
            if isinstance(node, HideCodeCellNode):
                words = self._figure_of(node, numbers)
                content = node.children
                _details(node, [nodes.Text(words)], content, ["fold-code"])
            elif "dropdown" in node.get("classes", ()) and node.parent is not None:
                self._fold(node, exercise)

    def _fold(self, node, exercise):
        kind = node.tagname
        if isinstance(node.children[0], nodes.title):
            title, content = _plain(node.children[0]), node.children[1:]
        else:
            title, content = [nodes.Text(admonitionlabels[kind])], node.children
        if kind == "hint" and exercise:
            unseen = f'<span class="unseen"> for {exercise}</span>'
            title = [*title, nodes.raw("", unseen, format="html")]
        classes = ["admonition", *dict.fromkeys([kind.removesuffix("_node"), *node["classes"]])]
        _details(node, title, content, [c for c in classes if c not in {"dropdown", "toggle"}])

    @staticmethod
    def _figure_of(node, numbers):
        cell = node.parent
        for figure in cell.findall(nodes.figure):
            for name in figure["ids"]:
                if name in numbers.get("figure", {}):
                    return f"Code of Figure {'.'.join(map(str, numbers['figure'][name]))}"
        drawn = any("<svg" in html.astext() for html in cell.findall(nodes.raw))
        drawn = drawn or any(True for _ in cell.findall(nodes.image))
        return "Code of this figure" if drawn else "Code of this cell"


class DropRepeatedIds(SphinxPostTransform):
    """Boxes of sphinx-proof and sphinx-exercise all give their content one and the same id."""

    default_priority = 901
    formats = ("html",)

    def run(self, **kwargs):
        """Drop these ids, to which nothing links."""
        repeated = {"proof-content", "exercise-content", "solution-content", "proof"}
        for node in self.document.findall(nodes.Element):
            if "ids" in node:
                node["ids"] = [name for name in node["ids"] if name not in repeated]


def setup(app):
    """Register with Sphinx."""
    app.add_post_transform(FoldBoxes)
    app.add_post_transform(DropRepeatedIds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
