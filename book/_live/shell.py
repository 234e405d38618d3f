"""What runs the cells of a page inside Pyodide: IPython's shell, whose outputs go to the page.

``make_shell(tell, local).run(source)`` runs one cell. What it prints, displays and raises is handed
to ``tell`` as nbformat outputs, in JSON.
"""

import ast
import builtins
import codeop
import functools
import io
import json
import logging
import symtable
import sys
import time
import warnings

import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

LOCAL = {}  # what is in no browser, by the module that a cell imports; `make_shell` fills it
NEEDS = "This needs {}, which does not run in a browser. On your machine it does."
HERE = "Of packages, this page has NumPy, SciPy, Matplotlib, scikit-learn and coursekit."
MOST = 200_000  # characters that one cell may print
FAILURES = {  # of numpy.linalg, and what it says of them
    "solve": "Singular matrix",
    "inv": "Singular matrix",
    "cholesky": "Matrix is not positive definite",
    "eig": "Eigenvalues did not converge",
    "eigh": "Eigenvalues did not converge",
    "svd": "SVD did not converge",
}


class Outputs:
    """Hands outputs on: prints at most twenty times a second, or they would block the page."""

    def __init__(self, tell):
        self.tell, self.name, self.parts, self.left, self.last = tell, "", [], MOST, 0.0

    def print(self, name, text):
        if self.left <= 0 or not text:  # IPython writes nothing after each value
            return
        self.left -= len(text)
        if name != self.name:
            self.flush()
        self.name = name
        self.parts.append(text)
        if self.left <= 0:
            self.parts.append(f"\n... and more: a cell shows its first {MOST:,} characters.\n")
        if time.monotonic() - self.last > 0.05:
            self.flush()

    def flush(self):
        if self.parts:
            text, self.parts, self.last = "".join(self.parts), [], time.monotonic()
            self.tell(json.dumps({"output_type": "stream", "name": self.name, "text": text}))

    def send(self, kind, **fields):
        self.flush()
        self.tell(json.dumps({"output_type": kind} | fields, default=str))

    def show(self, kind, data, metadata):
        data = {mime: v.decode() if isinstance(v, bytes) else v for mime, v in data.items()}
        self.send(kind, data=data, metadata=metadata or {})


class Stream(io.TextIOBase):
    """Standard output or standard error."""

    encoding = "utf-8"

    def __init__(self, name, outputs):
        self.name, self.outputs = name, outputs

    def write(self, text):
        self.outputs.print(self.name, text)
        return len(text)


class Publisher(DisplayPublisher):
    """Where ``display`` sends things."""

    def publish(self, data, metadata=None, **kwargs):
        self.shell.outputs.show("display_data", data, metadata)

    def clear_output(self, wait=False):
        self.shell.outputs.send("clear_output", wait=wait)


class Hook(DisplayHook):
    """Where the value of a cell's last line goes."""

    def write_output_prompt(self):
        """Print no number."""

    def write_format_data(self, data, metadata=None):
        self.shell.outputs.show("execute_result", data, metadata)


class Absent:
    """Stands for what cannot be imported here; whoever uses it is told why."""

    def __init__(self, root):
        self._root = root

    def __getattr__(self, name):
        raise ModuleNotFoundError(NEEDS.format(LOCAL[self._root]), name=self._root)

    def __call__(self, *args, **kwargs):
        self.__getattr__("")


class ImportAbsent(ast.NodeTransformer):
    """Let a cell import what is not here, so that its other lines run: only its use fails."""

    def visit_Import(self, node):
        return [self._absent(node, alias, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node):
        return [self._absent(node, alias, node.module or "") for alias in node.names]

    @staticmethod
    def _absent(node, alias, module):
        root = module.split(".")[0]
        if root not in LOCAL:
            fields = {name: getattr(node, name) for name in node._fields} | {"names": [alias]}
            return ast.copy_location(type(node)(**fields), node)
        name = alias.asname or alias.name.split(".")[0]
        return ast.copy_location(ast.parse(f"{name} = _absent_({root!r})").body[0], node)


class Shell(InteractiveShell):
    """IPython's shell with the outputs of a kernel."""

    display_pub_class = Publisher
    displayhook_class = Hook
    kernel = True  # `coursekit.checks` shows its tables where there is one

    def run(self, source):
        """Run one cell; return whether it ended without an error."""
        self.outputs.left = MOST
        result = self.run_cell(source, store_history=True)
        self.outputs.flush()
        return result.success

    def _showtraceback(self, kind, error, lines):
        fields = {"ename": kind.__name__, "evalue": str(error), "traceback": list(map(str, lines))}
        if isinstance(error, KeyboardInterrupt):
            fields["traceback"] = ["KeyboardInterrupt: stopped"]
        elif needs := self._needs(error):
            self._lose(needs)
            fields |= {"needs": needs, "traceback": [NEEDS.format(needs)]}
        elif isinstance(error, ModuleNotFoundError):
            fields["traceback"].append(HERE)
        self.outputs.send("error", **fields)

    def _needs(self, error):
        """Return what is missing here if an error comes of that."""
        if isinstance(error, ImportError):
            return LOCAL.get((error.name or "").split(".")[0])
        return self.lost.get(error.name) if isinstance(error, NameError) else None

    def _lose(self, needs):
        """Forget what the failed cell would have made, or cells below would take an older value."""
        cell = self.transform_cell(self.history_manager.input_hist_raw[-1])
        for symbol in symtable.symtable(cell, "cell", "exec").get_symbols():
            if symbol.is_assigned():
                self.lost[symbol.get_name()] = needs
                self.user_ns.pop(symbol.get_name(), None)


def raising(function, message):
    """Let a function of numpy.linalg raise where it fails, as it does elsewhere.

    NumPy learns of a failure by the processor's floating-point flags. WebAssembly has none, so the
    rows of a result that could not be computed would be handed on as nan.
    """

    @functools.wraps(function)
    def checked(*args, **kwargs):
        result = function(*args, **kwargs)
        parts = [part for part in (result if isinstance(result, tuple) else [result]) if part.size]
        failed = any(np.isnan(part).all(axis=-1).any() for part in parts)
        if failed and all(np.isfinite(a).all() for a in args if isinstance(a, np.ndarray | list)):
            raise np.linalg.LinAlgError(message)
        return result

    return checked


def no_input(prompt=""):
    """Say why a page cannot ask."""
    raise RuntimeError("input() cannot ask anything in this page: write the value into the cell")


def make_shell(tell, local):
    """Return the one shell, with standard output, standard error and `input` in its hands."""
    LOCAL.update(local)
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # its cache is made anew
    # Matplotlib 3.8 cannot do this for axes in three dimensions.
    warnings.filterwarnings("ignore", "constrained_layout not applied")
    for name, message in FAILURES.items():
        function = raising(getattr(np.linalg, name), message)
        setattr(np.linalg, name, function)
        setattr(np.linalg._linalg, name, function)
    shell = Shell.instance(colors="NoColor")
    shell.outputs, shell.lost = Outputs(tell), {}
    shell.compile.flags &= ~codeop.PyCF_ALLOW_INCOMPLETE_INPUT  # or it would not say what is open
    shell.ast_transformers.append(ImportAbsent())
    shell.user_ns |= {"_absent_": Absent}
    shell.user_ns_hidden["_absent_"] = Absent
    sys.stdout, sys.stderr = Stream("stdout", shell.outputs), Stream("stderr", shell.outputs)
    builtins.input = no_input
    return shell
