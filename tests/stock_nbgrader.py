"""Commands of stock nbgrader, nothing of ours, in forks of a process that has loaded it once.

nbgrader takes 3 s to load, and some tests run five of its commands.
"""

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

PRELOAD = ["nbgrader.apps.nbgraderapp", "nbgrader.converters", "nbgrader.plugins", "nbclient"]


def nbgrader(course, *arguments):
    """Run a command in a course; a second time if two kernels have picked the same port.

    Returns
    -------
    SimpleNamespace
        ``returncode``, ``stdout`` and ``stderr``.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by name
    variables = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("stdout", "stderr")]
            options = (str(course), [str(a) for a in arguments], dict(variables), files)
            process = context.Process(target=_run, args=options)
            process.start()
            process.join()
            stdout, stderr = (path.read_text("utf-8", "replace") for path in files)
        if "Address already in use" not in stderr:
            break
    return SimpleNamespace(returncode=process.exitcode, stdout=stdout, stderr=stderr)


def _run(course, arguments, variables, files):
    """In the forked process: do as the program ``nbgrader``."""
    os.environ.clear()
    os.environ.update(variables)
    for descriptor, path in enumerate(files, 1):
        path.touch()
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), descriptor)
    os.chdir(course)
    from nbgrader.apps.nbgraderapp import NbGraderApp

    sys.argv = ["nbgrader", *arguments]
    NbGraderApp.launch_instance(argv=arguments)
