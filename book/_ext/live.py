"""What lets a page run its cells: the interpreter's files in ``_live``, and marks on cells.

A page loads nothing of it before somebody presses *Run*. The scripts are those of ``book/_live``,
outside of ``_static``, since Jupyter Book loads whatever is there into each page. The interpreter
itself, Pyodide, comes from ``live_runtime`` in ``_config.yml``, or stands beside the site: see
live_runtime.py.
"""

import ast
import json
import re
import shutil
import subprocess
import symtable
import sys
import textwrap
from html import escape
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from docutils import nodes
from IPython.core.inputtransformer2 import TransformerManager
from live_runtime import LOCK, PINNED, beside
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node

import coursekit
from coursekit.exercises import answers_of

ROOT = Path(coursekit.__file__).parents[1]
# What runs in no browser, by the module that is imported; ml_dtypes comes with TensorFlow.
LOCAL = dict.fromkeys(("tensorflow", "keras", "ml_dtypes"), "TensorFlow") | {"cvxpy": "CVXPY"}
# NumPy warns and raises by the processor's floating-point flags; WebAssembly has none.
FLAGS = re.compile(r"record=True|FloatingPointError")


def _used(table):
    """Return the global names that code uses, in its functions as well."""
    module = table.get_type() == "module"
    used = {
        s.get_name() for s in table.get_symbols() if s.is_referenced() and (module or s.is_global())
    }
    return used.union(*map(_used, table.get_children()))


def _imported(statement):
    """Yield the names that an import binds, each with what it needs that is in no browser."""
    for alias in statement.names:
        module = getattr(statement, "module", None) or alias.name
        yield alias.asname or alias.name.split(".")[0], LOCAL.get(module.split(".")[0])


def needs_of(sources):
    """Return for each cell what it needs that is in no browser, None for the others.

    A function needs what its code uses, and a cell what it uses outside of functions. What a cell
    makes that fails is missing below.
    """
    needs, found = {}, []
    for source in sources:
        need = None
        source = TransformerManager().transform_cell(source)  # magics are no Python
        for statement in ast.parse(source).body:
            table = symtable.symtable(ast.unparse(statement), "cell", "exec")
            made = {s.get_name() for s in table.get_symbols() if s.is_assigned()}
            # An assignment uses before it makes; a loop makes its variables first.
            used = _used(table) - (set() if isinstance(statement, ast.Assign) else made)
            missing = next((needs[name] for name in sorted(used) if needs.get(name)), None)
            if isinstance(statement, ast.Import | ast.ImportFrom):
                needs.update(_imported(statement))
            elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
                needs[statement.name] = missing
            else:
                need = need or missing
                needs.update(dict.fromkeys(made))
        if need:
            symbols = symtable.symtable(source, "cell", "exec").get_symbols()
            needs.update({s.get_name(): need for s in symbols if s.is_assigned()})
        found.append(need or ("flags" if FLAGS.search(source) else None))
    return found


EXERCISES = exercise_node, exercise_enumerable_node
ANSWER = """{words}
from coursekit.exercises import check_exercise



check_exercise("{label}");  # keep this line
"""


def _answer(label):
    """Return what the cell starts with in which a reader answers an exercise."""
    words = textwrap.wrap(f"Your answer. {answers_of(label)}", 66)
    return ANSWER.format(words="\n".join(f"# {line}" for line in words), label=label)


class MarkCells(SphinxPostTransform):
    """Mark each cell that needs what is in no browser; give each exercise a cell to answer in."""

    default_priority = 880  # while the cells hold their code
    formats = ("html",)

    def run(self, **kwargs):
        cells = [
            cell
            for cell in self.document.findall(nodes.container)
            if cell.get("nb_element") == "cell_code"
        ]
        code = [next(cell.findall(nodes.literal_block)).astext() for cell in cells]
        for cell, need in zip(cells, needs_of(code), strict=True):
            tags = [tag for tag in cell["cell_metadata"].get("tags", []) if tag[:6] == "needs-"]
            cell["classes"] += [f"needs-{need.lower()}"] if need else tags
        for node in self.document.findall(lambda node: isinstance(node, EXERCISES)):
            html = f'<template class="answer">{escape(_answer(node["label"]))}</template>'
            node.append(nodes.raw("", html, format="html"))


def offer(app, pagename, templatename, context, doctree):
    """Tell the page's template that it has cells."""
    context["live"] = doctree is not None and "kernelspec" in app.env.metadata[pagename]


def _wheel_of(name, folder):
    """Pack an installed pure package as a wheel."""
    package = distribution(name)
    path = folder / f"{name.replace('-', '_')}-{package.version}-py3-none-any.whl"
    with ZipFile(path, "w", ZIP_DEFLATED) as wheel:
        for file in package.files:
            if file.suffix not in {".pyc", ""} and ".." not in file.parts:
                wheel.write(file.locate(), file.as_posix())


def write_files(app, exception):
    """Write what the interpreter loads of ours, and where it finds the rest."""
    if exception or app.builder.name != "html":
        return
    folder, scripts = Path(app.outdir, "_live"), Path(app.outdir, "_static/live")
    folder.mkdir(exist_ok=True)
    scripts.mkdir(exist_ok=True)
    for path in filter(Path.is_file, (ROOT / "book/_live").iterdir()):
        shutil.copy(path, scripts)
    for old in folder.glob("*.whl"):
        old.unlink()
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    _wheel_of("lazy-loader", folder)
    wheels = sorted(folder.glob("*.whl"))
    pinned, here = json.loads(PINNED.read_text("utf-8")), beside(app.outdir)
    config = {
        "runtime": f"{here.name}/" if here.is_dir() else app.config.live_runtime,
        "packages": pinned["packages"],
        "local": LOCAL,
        "wheels": [path.name for path in wheels],
        "bytes": sum(pinned["at start"].values()) + sum(path.stat().st_size for path in wheels),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
    (folder / LOCK.name).write_bytes(LOCK.read_bytes())


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("live_runtime", "", "html")
    app.add_post_transform(MarkCells)
    app.connect("html-page-context", offer)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
