"""What lets a page run its cells: the interpreter's files in ``_live``, and marks on cells.

A page loads nothing of it before somebody presses *Run*. The scripts are those of ``book/_live``,
outside of ``_static``, since Jupyter Book loads whatever is there into each page. The interpreter
itself, Pyodide, comes from ``live_runtime`` in ``_config.yml``, or stands beside the site: see
live_runtime.py.
"""

import ast
import json
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from docutils import nodes
from live_runtime import LOCK, PINNED
from sphinx.transforms.post_transforms import SphinxPostTransform

ROOT = Path(__file__).parents[2]
# What runs in no browser, as in _live/shell.py, by the names that cells import.
LOCAL = {"tensorflow": "TensorFlow", "keras": "TensorFlow", "cvxpy": "CVXPY"}


class Names(ast.NodeVisitor):
    """Collects the names that a cell uses and makes, and what they need that is in no browser."""

    def __init__(self, needs):
        self.needs, self.made, self.found = needs, {}, None

    def visit_Import(self, node):
        for alias in node.names:
            self._bind(alias.asname or alias.name.split(".")[0], alias.name)

    def visit_ImportFrom(self, node):
        for alias in node.names:
            self._bind(alias.asname or alias.name, node.module or "")

    def _bind(self, name, module):
        self.needs.pop(name, None)
        if need := LOCAL.get(module.split(".")[0]):
            self.needs[name] = need

    def visit_FunctionDef(self, node):
        """A function fails when it is called, so it is its name that needs something."""
        inside = Names(dict(self.needs))
        for child in node.body:
            inside.visit(child)
        for child in node.decorator_list:
            self.visit(child)
        self.needs.pop(node.name, None)
        if inside.found:
            self.needs[node.name] = inside.found

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.made[node.id] = None
        elif node.id in self.needs and node.id not in self.made:
            self.found = self.found or self.needs[node.id]


def needs_of(sources):
    """Return for each cell what it needs that runs in no browser, None for the others."""
    needs, found = {}, []
    for source in sources:
        cell = Names(needs)
        cell.visit(ast.parse(source))
        for name in cell.made:
            needs.pop(name, None)
            if cell.found:  # it fails before it is made, or is made of what fails
                needs[name] = cell.found
        found.append(cell.found)
    return found


class MarkCells(SphinxPostTransform):
    """Give each cell that needs what runs in no browser a class that says so."""

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
            if need:
                cell["classes"].append(f"needs-{need.lower()}")


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
    pinned = json.loads(PINNED.read_text("utf-8"))
    config = {
        "runtime": app.config.live_runtime,
        "version": pinned["version"],
        "packages": pinned["packages"],
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
