"""Run notebook cells in this process, as a kernel does: magics, plots, displays, last values."""

import builtins
import inspect
import io
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

OURS = ("coursekit", "IPython", "msgpack", "numpy", "traitlets")  # what runs the cells needs them
CUT = "\n... the rest of the output is left out ...\n"


class Recorder:
    """The outputs of one cell, as a notebook stores them, up to a number of characters."""

    def __init__(self, limit):
        self.outputs, self.left, self.is_cut = [], limit, False

    def write(self, name, text):
        """Add text to a stream, joining what belongs together."""
        if self.is_cut or not text:
            return
        if len(text) > self.left:
            text, self.is_cut = text[: self.left] + CUT, True
        self.left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "text": [text]})

    def add(self, output_type, data, **more):
        """Add a display, a value or an error."""
        size = len(str(data))
        if output_type == "error" or (size <= self.left and not self.is_cut):
            self.outputs.append({"output_type": output_type, **data, **more})
            self.left = max(0, self.left - size)
        else:
            self.left = 0
            self.write("stdout", CUT)  # once

    def failed(self):
        """Whether an error is among the outputs: a test without one passes."""
        return any(output["output_type"] == "error" for output in self.outputs)

    def finished(self):
        """Return the outputs, the text of each stream in one piece."""
        for output in self.outputs:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return self.outputs


class _Stream(io.TextIOBase):
    """stdout or stderr of a cell."""

    def __init__(self, recorder, name):
        self.recorder, self.name_ = recorder, name

    def write(self, text):
        self.recorder.write(self.name_, str(text))
        return len(text)

    def isatty(self):
        return False

    @property
    def encoding(self):
        return "utf-8"


class _Publisher(DisplayPublisher):
    def publish(self, data, metadata=None, **ignored):
        recorder = self.shell.recorder
        if recorder is not None:
            recorder.add("display_data", {"data": _plain(data), "metadata": metadata or {}})

    def clear_output(self, wait=False):
        if self.shell.recorder is not None:
            self.shell.recorder.outputs.clear()


class _Hook(DisplayHook):
    def start_displayhook(self):
        pass

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        recorder = self.shell.recorder
        if recorder is not None:
            recorder.add(
                "execute_result",
                {"data": _plain(format_dict), "metadata": md_dict or {}},
                execution_count=self.prompt_count,
            )

    def finish_displayhook(self):
        pass


def _plain(data):
    """Return a bundle with binary data in base64, as notebooks store it."""
    from base64 import b64encode

    def text(value):
        return b64encode(value).decode() if isinstance(value, bytes) else value

    return {kind: text(value) for kind, value in data.items()}


class _Compiler(CachingCompiler):
    def get_code_name(self, raw_code, transformed_code, number):
        name = super().get_code_name(raw_code, transformed_code, number)
        # or a traceback would look for it among all modules, several times for each line
        inspect.modulesbyfile |= dict.fromkeys([name, os.path.abspath(name)], "__main__")
        return name


class Shell(InteractiveShell):
    """IPython without a terminal, a history or a kernel."""

    recorder = None

    def _format_exception_for_storage(self, *args, **options):
        """Keep no second traceback: there is no history."""

    def _showtraceback(self, etype, evalue, stb):
        try:
            text = str(evalue)
        except Exception:
            text = ""
        error = {"ename": etype.__name__, "evalue": text[:100_000], "traceback": stb}
        if self.recorder is not None:
            self.recorder.add("error", error)

    def init_virtualenv(self):
        """Leave the path alone."""

    def enable_gui(self, gui=None):
        """Do without one: plots are pictures."""

    def ask_exit(self):
        """Go on: exit() ends no notebook."""


def prepare():
    """Make the shell of this process; before matplotlib is imported, which looks for it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.display_page = True
    Shell.clear_instance()
    parts = {"display_pub_class": _Publisher, "displayhook_class": _Hook}
    shell = Shell.instance(config=config, compiler_class=_Compiler, user_ns={}, **parts)
    shell.system = shell.system_piped
    shell.user_ns["__name__"] = "__main__"
    builtins.input = _no_input
    return shell


def rehearse(codes):
    """Make the tracebacks of code that fails, so that forks find loaded and parsed what it takes.

    Those of the canaries take 0.1 s otherwise, most of it for the files of two libraries.
    """
    for code in codes:
        try:
            exec(compile(code, "<rehearsal>", "exec"), {})
        except Exception:
            Shell._instance.InteractiveTB.structured_traceback(*sys.exc_info())


def write_files(files):
    """Write files into the working directory, from which modules are imported first."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if "" not in sys.path:
        sys.path.insert(0, "")
    for name in files:  # a module of this name that something else has loaded
        first = name.partition("/")[0].removesuffix(".py")
        if name.endswith(".py") and first not in {*sys.stdlib_module_names, *OURS}:
            for loaded in [key for key in sys.modules if key.partition(".")[0] == first]:
                del sys.modules[loaded]


def _no_input(prompt=""):
    raise StdinNotImplementedError("no one is there to answer input()")


def run(shell, source, limit=1_000_000):
    """Run one cell in a shell; return its outputs."""
    shell.recorder = recorder = Recorder(limit)
    out, err = _Stream(recorder, "stdout"), _Stream(recorder, "stderr")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            result = shell.run_cell(source, store_history=True)
            error = result.error_before_exec or result.error_in_exec
            if error is not None and not recorder.failed():  # IPython only printed it
                shell._showtraceback(type(error), error, traceback.format_exception(error))
    finally:
        shell.recorder = None
    return recorder.finished()
