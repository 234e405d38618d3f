"""Run chapters and record what they print: the runs that nbval replays.

A recorded run keeps text alone. Pictures and HTML differ in ways that nobody can review, so
they are dropped here and left out of the comparison in ``notebooks/conftest.py``.
"""

import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

RUNS = Path(__file__).parent / "notebooks"


def text_only(output):
    """Drop every representation of an output but plain text."""
    if "data" in output:
        output["data"] = {k: v for k, v in output["data"].items() if k == "text/plain"}
        output["metadata"] = {}
    return output


def record(chapter):
    """Execute one text chapter from top to bottom and return it as a text-only notebook."""
    notebook = jupytext.read(chapter)
    here = {"metadata": {"path": str(RUNS)}}
    NotebookClient(notebook, timeout=600, resources=here, coalesce_streams=True).execute()
    kernel = {k: notebook.metadata.kernelspec[k] for k in ("display_name", "language", "name")}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {k: cell.metadata[k] for k in ("tags",) if k in cell.metadata}
        if cell.cell_type == "code":
            outputs = [text_only(output) for output in cell.outputs]
            cell.outputs = [output for output in outputs if output.get("data") != {}]
    return notebook


def main(chapters):
    """Record each chapter under its own name."""
    RUNS.mkdir(exist_ok=True)
    for chapter in map(Path, chapters):
        print(f"{chapter} ...", end=" ", flush=True)
        start = time.perf_counter()
        nbformat.write(record(chapter), RUNS / f"{chapter.stem}.ipynb")
        print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
