"""The notebook of a page, for download and for `make lab`: MyST made the Markdown Jupyter knows.

Boxes become quotations, folded ones ``<details>``, references the words that the page shows.
"""

import re
import textwrap
from pathlib import Path

import nbformat
import yaml
from docutils.nodes import make_id
from jupyter_cache import get_cache
from myst_nb.core.read import create_nb_reader
from nbformat.v4 import new_code_cell, new_markdown_cell
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx.directives.code import LiteralIncludeReader
from sphinx.util import logging

from coursekit import __version__
from coursekit.exercises import answers_of

logger = logging.getLogger(__name__)
FENCE = re.compile(r"(`{3,}|:{3,})\{([\w:-]+)\} ?(.*)")
OPTION = re.compile(r":([\w-]+): ?(.*)")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
EXPLICIT = re.compile(r"(.*?)\s*<([^<>]+)>", re.S)
FORMULA = re.compile(r"\$\$.+?\$\$|(?<!\$)\$(?![\s$])[^$]*?\n[^$]*?(?<!\s)\$(?!\$)", re.S)
EDGE = re.compile(r"^(`{3,}|:{3,})\{solution-(start|end)\} ?(.*)\n(?:.*\n)*?\1[ \t]*$", re.M)

INTRODUCTION = """This notebook is the page “{title}” of *{book}*. Its outputs are those of the
page; run it anew from top to bottom, change numbers, and see what happens. It needs Jupyter, Python
3.11 to 3.13 and:

```shell
{install}
```
"""
OWN = """This is your copy of the page “{title}” of *{book}*. *Run → Run All Cells* runs it, or
Shift+Enter one cell; change numbers, and see what happens. Solutions are folded: a click opens
them."""
CHECK = """from importlib.metadata import PackageNotFoundError, version

try:
    found = version("coursekit")
except PackageNotFoundError:
    raise ModuleNotFoundError("Install coursekit, as is said above.") from None
if found != "{version}":
    print(f"coursekit {{found}}: made with {version}, numbers may differ")"""


class Words:
    """What the references of one page say, in plain words."""

    def __init__(self, env, docname, works, figures):
        self.env, self.docname, self.works, self.cited = env, docname, works, []
        self.figures = figures

    def numbered(self, kind, docname, anchor):
        """Return the number of a box or an equation."""
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
        if label in self.figures:
            return f"Figure {self.figures[label]}"
        _, _, *title = data["labels"].get(label) or data["anonlabels"][label]
        return title[0] if title else label

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
    # JupyterLab takes formulas out before it sees a quotation, with the > of all lines but one.
    body = FORMULA.sub(lambda match: " ".join(match[0].split()), body)
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
    figure = _figure(cell)
    if not figure:
        return []
    number = words.figures.get(figure.get("name", ""))
    text = f"*{f'Figure {number}. ' if number else ''}{_inline(figure['caption'], words)}*"
    return [new_markdown_cell(text)]


def _cells(notebook, words):
    """Yield the cells for Jupyter.

    The code of figures is folded. A solution is one folded text, with its code and what that
    prints, so that nothing of it shows after *Run All*; in front of it stand a cell to write in
    and the exercise's check.
    """
    solution, inside = "", []
    for cell in notebook.cells:
        if cell.cell_type == "code" and solution:
            inside.append(_shown(cell))
        elif cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            captions = _caption(cell, words)
            cell.metadata = {"tags": tags} if tags else {}
            if "hide-input" in tags:
                cell.metadata["jupyter"] = {"source_hidden": True}
            yield cell
            yield from captions
        else:
            text, *edges = EDGE.split(cell.source)
            text, out = plain(text, words), []
            (inside if solution else out).append(text)
            for _, edge, target, rest in zip(*[iter(edges)] * 4, strict=True):
                if edge == "start":
                    yield from _text(out)
                    label = target.strip()
                    yield from _exercise(label, words)
                    solution, inside, out = f"Solution to {words.box(label)}", [], []
                    inside.append(plain(rest, words))
                else:
                    yield from _text([_fold(solution, "\n\n".join(inside))])
                    solution, out = "", [plain(rest, words)]
            yield from _text(out)


def _text(parts):
    text = re.sub(r"\n{3,}", "\n\n", "\n\n".join(parts)).strip()
    return [new_markdown_cell(text)] if text else []


def _shown(cell):
    """Return a code cell and what it printed as text."""
    printed = [out.get("text") or out.get("data", {}).get("text/plain") for out in cell.outputs]
    printed = "\n".join(text.rstrip() for text in printed if text)
    out = f"\n\n```text\n{printed}\n```" if printed else ""
    return f"```python\n{cell.source}\n```{out}"


def _exercise(label, words):
    """Return a cell to write in, and the check of an exercise."""
    write = textwrap.wrap(f"{words.box(label)}: your answer. {answers_of(label)}", 80)
    write = "\n".join(f"# {line}" for line in write)
    return [
        new_code_cell(write),
        new_code_cell(f'check_exercise("{label}");'),
    ]


def _install(code, url):
    extra = "[tensorflow]" if re.search(r"\b(tensorflow|keras)\b", code) else ""
    others = {"sklearn": "scikit-learn", "cvxpy": "cvxpy", "networkx": "networkx"}
    needed = "".join(f" {package}" for name, package in others.items() if f"import {name}" in code
                     or f"from {name}" in code)  # fmt: skip
    place = f'"coursekit{extra} @ git+{url}"' if url else f'".{extra}"'
    where = "" if url else "# in the folder of the course\n"
    return f"{where}pip install {place}{needed}"


def _complete(app, pagename, notebook, is_download):
    """Return the notebook of a page from the one that MyST-NB reads, to download or for the lab."""
    words = Words(app.env, pagename, _works(app), _figures(app))
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    head = (INTRODUCTION if is_download else OWN).format(
        title=app.env.titles[pagename].astext(),
        book=app.config.html_title,
        install=_install(code, _repository(app)["url"].removesuffix("/")),
    )
    body = list(_cells(notebook, words))
    setup = [CHECK.format(version=__version__)] if is_download else []
    if any(cell.source.startswith("check_exercise(") for cell in body):
        setup.append("from coursekit.exercises import check_exercise")
    cells = [new_markdown_cell(head), new_code_cell("\n\n".join(setup)), *body]
    if words.cited:
        works = [words.works[key] for key in dict.fromkeys(words.cited)]
        entries = "\n".join(f"- {_entry(work)}" for work in works)
        cells.append(new_markdown_cell(f"## References\n\n{entries}"))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # the same at each build
    return nbformat.v4.new_notebook(cells=cells, metadata={
        key: notebook.metadata[key] for key in ("kernelspec", "language_info")
        if key in notebook.metadata})  # fmt: skip


def _chapters(env):
    return sorted(name for name in env.found_docs if "kernelspec" in env.metadata[name])


def _source(env, pagename):
    """Return the notebook of a page as it is written, without outputs."""
    path = env.doc2path(pagename)
    text = Path(path).read_text("utf-8")
    return create_nb_reader(path, env.myst_config, env.mystnb_config, text).read(text)


def figures(env):
    """Return the number of each figure by its label.

    Sphinx numbers them as well, but only once the cells that draw them have run.
    """
    found = {}
    for pagename in _chapters(env):
        chapter = env.toc_secnumbers.get(pagename, {}).get("", ())[:1]
        drawn = [_figure(cell) for cell in _source(env, pagename).cells]
        for number, figure in enumerate(filter(None, drawn), 1):
            found[figure.get("name", "")] = ".".join(map(str, [*chapter, number]))
    return found


def _figure(cell):
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    return figure if "caption" in figure else {}


def offer_notebook(app, pagename, templatename, context, doctree):
    """Write the page's notebook, where the download button finds it, and add launch links."""
    if doctree is None or pagename not in _chapters(app.env):
        return
    run = Path(app.outdir).parent / "jupyter_execute" / f"{pagename}.ipynb"
    cache = get_cache(app.env.mystnb_config.execution_cache_path)
    _, notebook = cache.merge_match_into_notebook(nbformat.read(run, as_version=4))
    context["ipynb_source"] = f"{pagename}.ipynb"
    repository = _repository(app)
    if url := repository["url"].removesuffix("/"):
        context["launch_links"] = _launch(url, repository["branch"], pagename)
    made = _complete(app, pagename, notebook, is_download=True)
    _write(made, app.outdir, "_sources", context["ipynb_source"])


def write_notebooks(app, exception):
    """Write the notebooks of all chapters, without outputs: coursekit's kit and `make lab`.

    That is all that the builder ``dummy`` is for; see student_notebooks.py.
    """
    if exception or app.builder.name != "dummy":
        return
    for pagename in _chapters(app.env):
        made = _complete(app, pagename, _source(app.env, pagename), is_download=False)
        _write(made, app.outdir, f"{pagename}.ipynb")


def _write(notebook, *place):
    path = Path(*place)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def _works(app):
    if not hasattr(app, "course_works"):
        app.course_works = parse_file(Path(app.srcdir, "references.bib")).entries
    return app.course_works


def _figures(app):
    if not hasattr(app, "course_figures"):
        app.course_figures = figures(app.env)
    return app.course_figures


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
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
