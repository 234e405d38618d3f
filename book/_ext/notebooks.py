"""The notebook of a page, for download: outputs in it, and MyST made the Markdown Jupyter knows.

Boxes become quotations, folded ones ``<details>``, references the words that the page shows.
"""

import re
from pathlib import Path

import nbformat
import yaml
from docutils.nodes import make_id
from jupyter_cache import get_cache
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx.directives.code import LiteralIncludeReader
from sphinx.util import logging

from coursekit import __version__

logger = logging.getLogger(__name__)
FENCE = re.compile(r"(`{3,}|:{3,})\{([\w:-]+)\} ?(.*)")
OPTION = re.compile(r":([\w-]+): ?(.*)")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
EXPLICIT = re.compile(r"(.*?)\s*<([^<>]+)>", re.S)

INTRODUCTION = """This notebook is the page “{title}” of *{book}*. Its outputs are those of the
page; run it anew from top to bottom, change numbers, and see what happens. It needs Jupyter, Python
3.11 to 3.13 and:

```shell
{install}
```
"""
CHECK = """from importlib.metadata import PackageNotFoundError, version

try:
    found = version("coursekit")
except PackageNotFoundError:
    raise ModuleNotFoundError("Install coursekit, as is said above.") from None
if found != "{version}":
    print(f"coursekit {{found}}: made with {version}, numbers may differ")"""


class Words:
    """What the references of one page say, in plain words."""

    def __init__(self, env, docname, works):
        self.env, self.docname, self.works, self.cited = env, docname, works, []

    def numbered(self, kind, docname, anchor):
        """Return the number of a figure, a box or an equation."""
        number = self.env.toc_fignumbers.get(docname, {}).get(kind, {}).get(anchor, ())
        return ".".join(map(str, number))

    def equation(self, label):
        """Return the number of an equation."""
        docname, _ = self.env.domaindata["math"]["objects"][label]
        return self.numbered("displaymath", docname, make_id(f"equation-{label}"))

    def box(self, label):
        """Return 'Theorem 3.1', 'Exercise 3.2' and the like."""
        exercises = getattr(self.env, "sphinx_exercise_registry", {})
        if label in self.env.proof_list:
            box = self.env.proof_list[label]
            kind = box["realtype"].title()
            number = self.numbered(box["countertype"], box["docname"], label)
        else:
            kind = exercises[label]["type"].title()
            number = self.numbered("exercise", exercises[label]["docname"], label)
        return f"{kind} {number}".strip()

    def label(self, label):
        """Return what a reference without words of its own says."""
        data = self.env.domaindata["std"]
        if label in getattr(self.env, "sphinx_exercise_registry", {}):
            return self.box(label)
        if label in self.env.proof_list:
            return self.box(label)
        docname, anchor, *title = data["labels"].get(label) or data["anonlabels"][label]
        figure = self.numbered("figure", docname, anchor)
        return f"Figure {figure}" if figure else title[0] if title else label

    def page(self, target):
        """Return the title of another page."""
        here = Path("/", self.docname).parent
        return self.env.titles[(here / target).as_posix().strip("/")].astext()

    def cite(self, keys, textual):
        """Return author and year, and note the works for the list at the end."""
        said = []
        for key in keys.replace(" ", "").split(","):
            self.cited.append(key)
            entry = self.works[key]
            names = [
                str(Text.from_latex(" ".join(person.prelast_names + person.last_names)))
                for person in entry.persons["author"]
            ]
            names = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
            year = entry.fields.get("year", "n.d.")
            said.append(f"{names} ({year})" if textual else f"{names}, {year}")
        return ", ".join(said) if textual else f"[{'; '.join(said)}]"

    def role(self, match):
        """Return the words for one role."""
        name, content = match.groups()
        explicit = EXPLICIT.fullmatch(content)
        text, target = explicit.groups() if explicit else (None, content)
        if name.startswith("cite"):
            return self.cite(target, name == "cite:t")
        if name == "eq":
            return f"({self.equation(target)})"
        if text is not None:
            return text.replace("%s", self.label(target)) if name == "numref" else text
        if name in {"ref", "numref", "prf:ref"}:
            return self.label(target)
        return self.page(target) if name == "doc" else content


def _literal(text, options, env, docname):
    """Return the code that a ``literalinclude`` shows."""
    path = Path(env.doc2path(docname)).parent / text
    options = {k: int(v) if k in {"dedent", "tab-width"} else v for k, v in options.items()}
    options = {k: v.strip('"') if isinstance(v, str) else v for k, v in options.items()}
    code, _ = LiteralIncludeReader(str(path), options, env.config).read()
    return f"```python\n{code.rstrip()}\n```"


def _quote(title, body):
    lines = f"**{title}**\n\n{body.strip()}".splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _fold(title, body):
    return f"<details><summary>{title}</summary>\n\n{body.strip()}\n\n</details>"


def _box(name, title, options, body, words):
    """Return one directive as Markdown; ``body`` is Markdown already."""
    label = options.get("label")
    if name == "prf:proof":
        return _quote("Proof.", body)
    if name.startswith("prf:") or name == "exercise":
        head = words.box(label) if label else name.removeprefix("prf:").title()
        return _quote(head + (f" ({title})" if title else ""), body)
    if name == "solution":
        return _fold(f"Solution to {words.box(title)}", body)
    title = title if name == "admonition" else name.title()
    folded = name == "hint" or "dropdown" in options.get("class", "")
    return _fold(title, body) if folded else _quote(title, body)


def plain(source, words):
    """Return MyST Markdown as plain Markdown."""
    lines, out = source.splitlines(), []
    while lines:
        line = lines.pop(0)
        fence = FENCE.fullmatch(line.strip())
        if fence is None:
            if line.startswith("```"):  # code that is only shown
                out.append(line)
                while lines and not lines[0].startswith("```"):
                    out.append(lines.pop(0))
                out.append(lines.pop(0) if lines else "```")
            elif not re.match(r"%|\([\w-]+\)=$|\+\+\+", line):
                out.append(line)
            continue
        marks, name, title = fence.groups()
        inside = []
        while lines and lines[0].strip() != marks:
            inside.append(lines.pop(0))
        if lines:
            lines.pop(0)
        options = {}
        while inside and (option := OPTION.fullmatch(inside[0].strip())):
            options[option[1]] = option[2]
            inside.pop(0)
        if name == "literalinclude":
            out.append(_literal(title, options, words.env, words.docname))
        elif name == "math":
            number = rf" \tag{{{words.equation(options['label'])}}}" if "label" in options else ""
            out += ["$$", *inside, number, "$$"]
        else:
            body = plain("\n".join(inside), words)
            out.append(_box(name, ROLE.sub(words.role, title), options, body, words))
    return _inline("\n".join(out), words)


def _inline(text, words):
    text = re.sub(
        r"^\$\$[ \t]*\(([\w:-]+)\)[ \t]*$",
        lambda m: rf"\tag{{{words.equation(m[1])}}}" + "\n$$",
        text,
        flags=re.M,
    )
    text = ROLE.sub(words.role, text)
    return re.sub(r"\[([^]]+)\]\((?!https?:)[\w/.#-]+\)", r"\1", text)  # to other pages


def _caption(cell, words):
    """Return the line under a figure, which only the page shows of itself."""
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    if "caption" not in figure:
        return []
    name = figure.get("name", "")
    number = words.numbered("figure", words.docname, make_id(name))
    text = f"*{f'Figure {number}. ' if number else ''}{_inline(figure['caption'], words)}*"
    return [nbformat.v4.new_markdown_cell(text)]


def _cells(notebook, words):
    """Yield the cells for Jupyter; those of a solution and the code of figures are folded."""
    solution = ""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            captions = _caption(cell, words)
            cell.metadata = {"tags": tags} if tags else {}
            if solution or "hide-input" in tags:
                cell.metadata["jupyter"] = {"source_hidden": True}
                if solution:
                    cell.metadata["jupyter"]["outputs_hidden"] = True
            yield cell
            yield from captions
            continue
        parts = re.split(r"^(`{3,}|:{3,})\{solution-(start|end)\} ?(.*)\n(?:.*\n)*?\1[ \t]*$",
                         cell.source, flags=re.M)  # fmt: skip
        text = plain(parts[0], words)
        out = [_fold(solution, text) if solution and text.strip() else text]
        for _, edge, target, rest in zip(*[iter(parts[1:])] * 4, strict=True):
            solution = f"Solution to {words.box(target.strip())}" if edge == "start" else ""
            text = plain(rest, words)
            if solution:
                text = _fold(solution, text or "See the cells below.")
            out.append(text)
        text = re.sub(r"\n{3,}", "\n\n", "\n\n".join(out)).strip()
        if text:
            yield nbformat.v4.new_markdown_cell(text)


def _install(code, url):
    extra = "[tensorflow]" if re.search(r"\b(tensorflow|keras)\b", code) else ""
    others = {"sklearn": "scikit-learn", "cvxpy": "cvxpy", "networkx": "networkx"}
    needed = "".join(f" {package}" for name, package in others.items() if f"import {name}" in code
                     or f"from {name}" in code)  # fmt: skip
    place = f'"coursekit{extra} @ git+{url}"' if url else f'".{extra}"'
    where = "" if url else "# in the folder of the course\n"
    return f"{where}pip install {place}{needed}"


def offer_notebook(app, pagename, templatename, context, doctree):
    """Write the page's notebook, where the download button finds it, and add launch links."""
    if doctree is None or "kernelspec" not in app.env.metadata[pagename]:
        return
    run = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    cache = get_cache(app.env.mystnb_config.execution_cache_path)
    _, notebook = cache.merge_match_into_notebook(nbformat.read(run, as_version=4))
    words = Words(app.env, pagename, _works(app))
    repository = _repository(app)
    url = repository["url"].removesuffix("/")
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    head = INTRODUCTION.format(
        title=app.env.titles[pagename].astext(),
        book=app.config.html_title,
        install=_install(code, url),
    )
    cells = [
        nbformat.v4.new_markdown_cell(head),
        nbformat.v4.new_code_cell(CHECK.format(version=__version__)),
        *_cells(notebook, words),
    ]
    if words.cited:
        works = [words.works[key] for key in dict.fromkeys(words.cited)]
        entries = "\n".join(f"- {_entry(work)}" for work in works)
        cells.append(nbformat.v4.new_markdown_cell(f"## References\n\n{entries}"))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # the same at each build
    made = nbformat.v4.new_notebook(cells=cells, metadata={
        key: notebook.metadata[key] for key in ("kernelspec", "language_info")
        if key in notebook.metadata})  # fmt: skip
    context["ipynb_source"] = f"{pagename}.ipynb"
    if url:
        context["launch_links"] = _launch(url, repository["branch"], pagename)
    path = Path(app.outdir, "_sources", context["ipynb_source"])
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def _works(app):
    if not hasattr(app, "course_works"):
        app.course_works = parse_file(Path(app.srcdir, "references.bib")).entries
    return app.course_works


def _entry(work):
    names = [
        " ".join(p.first_names + p.middle_names + p.last_names) for p in work.persons["author"]
    ]
    fields = work.fields
    place = fields.get("journal") or fields.get("booktitle") or fields.get("publisher")
    parts = [", ".join(names), f"*{fields['title']}*", place or fields.get("howpublished")]
    text = ". ".join(filter(None, [*parts, fields.get("year")]))
    link = fields.get("url") or ("doi" in fields and f"https://doi.org/{fields['doi']}")
    return f"{Text.from_latex(text)}. {link or ''}".rstrip()


def _repository(app):
    """Return where the course is published, as the settings of the book say."""
    settings = yaml.safe_load(Path(app.srcdir).parent.joinpath("_config.yml").read_text("utf-8"))
    return settings["repository"]


def _launch(url, branch, pagename):
    """Return where the notebook opens: Colab takes it from the published site, Binder the page."""
    place = url.removeprefix("https://github.com/")
    return [
        ("Colab", f"https://colab.research.google.com/github/{place}/blob/gh-pages/_sources/"
                  f"{pagename}.ipynb"),
        ("Binder", f"https://mybinder.org/v2/gh/{place}/{branch}?urlpath=lab/tree/book/"
                   f"{pagename}.md"),
    ]  # fmt: skip


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", offer_notebook)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
