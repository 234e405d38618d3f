"""Run the chapters that changed side by side, before Sphinx reads its first page.

MyST-NB would run one chapter after another while it reads. Here the cache that it looks into is
filled first, by its own reader and with its own settings, so that it finds every chapter there.
"""

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
from sphinx.errors import SphinxError
from sphinx.util import logging

logger = logging.getLogger(__name__)

# Kernels side by side would wait for each other's threads: cnn takes 47 s of CPU with, 41 without.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


class ChapterFailed(SphinxError):
    """A cell of a chapter raised an exception or took too long."""

    category = "Chapters that do not run"


def _unrun(env, docnames, cache):
    """Return the notebooks among the pages that the cache does not know, by name."""
    found = {}
    for name in docnames:
        path = env.doc2path(name)
        text = Path(path).read_text("utf-8")
        reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
        if reader is None:
            continue
        notebook = reader.read(text)
        try:
            cache.match_cache_notebook(notebook)
        except KeyError:
            found[name] = notebook
    return found


def _work(notebook):
    """Return what sorts chapters by their time: networks, then the number of cells."""
    return any("tensorflow" in cell.source for cell in notebook.cells), len(notebook.cells)


def _run(notebook, folder, timeout, allow_errors):
    """Execute one notebook, in a folder of its own unless one is named."""
    for attempts_left in (2, 1, 0):
        try:
            with tempfile.TemporaryDirectory() as empty:
                return single_nb_execution(
                    notebook, cwd=folder or empty, timeout=timeout, allow_errors=allow_errors
                )
        except RuntimeError:  # no kernel: two that start at once may have taken the same port
            if not attempts_left:
                raise


def _line_of_failure(notebook):
    """Return the line of the page on which the failed cell begins, None after a time-out."""
    lines = notebook.metadata.get("source_map", [])
    for line, cell in zip(lines, notebook.cells, strict=False):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return line + 1
    return None


def run_changed(app, env, docnames):
    """Execute what the cache lacks on all cores; each chapter is kept as soon as it is done."""
    settings = env.mystnb_config
    if settings.execution_mode != "cache":
        return
    cache = get_cache(settings.execution_cache_path)
    chapters = _unrun(env, docnames, cache)
    if not chapters:
        return
    # The longest first, or the others would wait for it at the end.
    order = sorted(chapters, key=lambda name: _work(chapters[name]), reverse=True)
    workers = min(os.cpu_count() or 1, len(order))
    logger.info("running %d chapters, %d at a time ...", len(order), workers)
    threads = ONE_THREAD if workers > 1 else {}
    failed = []
    with ProcessPoolExecutor(workers, None, os.environ.update, (threads,)) as pool:
        running = {}
        for name in order:
            folder = None if settings.execution_in_temp else str(Path(env.doc2path(name)).parent)
            limits = settings.execution_timeout, settings.execution_allow_errors
            running[pool.submit(_run, chapters[name], folder, *limits)] = name
        try:
            for number, future in enumerate(as_completed(running), 1):
                name, result = running[future], future.result()
                logger.info("  %2d of %d: %s, %.0f s", number, len(order), name, result.time)
                if result.err:
                    place = name, _line_of_failure(result.nb)
                    logger.warning("this chapter does not run: %s", result.err, location=place)
                    failed.append(name)
                    continue
                bundle = CacheBundleIn(
                    result.nb, env.doc2path(name), data={"execution_seconds": result.time}
                )
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    if failed:
        raise ChapterFailed(f"{', '.join(failed)}: see above. The chapters that ran are kept.")


def setup(app):
    """Register with Sphinx."""
    app.connect("env-before-read-docs", run_changed)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
