"""The recorded runs agree with the chapters, and nbval notices a changed number."""

import re
import subprocess
import sys

import jupytext
import nbformat
import pytest
from places import ROOT, RUNS

TEXTS = [p for p in (ROOT / "book").rglob("*.md") if ".ipynb_checkpoints" not in p.parts]
CHAPTERS = sorted(p for p in TEXTS if "\nkernelspec:" in p.read_text())


def printed(cell):
    """Return the text that a recorded cell printed."""
    return "".join(
        out.get("text", "") or out.get("data", {}).get("text/plain", "")
        for out in cell.get("outputs", [])
    )


def test_every_chapter_is_recorded_and_nothing_else():
    assert {p.stem for p in CHAPTERS} == {p.stem for p in RUNS.glob("*.ipynb")}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda p: p.stem)
def test_recorded_cells_are_the_chapters_cells(chapter):
    recorded = nbformat.read(RUNS / f"{chapter.stem}.ipynb", as_version=4)
    assert [(c.cell_type, c.source) for c in recorded.cells] == [
        (c.cell_type, c.source) for c in jupytext.read(chapter).cells
    ], f"{chapter.name} changed after it was recorded: run `make notebooks`"


@pytest.mark.parametrize("run", sorted(RUNS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_recorded_outputs_are_text_that_any_machine_prints(run):
    notebook = nbformat.read(run, as_version=4)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error" or "raises-exception" in cell.metadata.tags
            assert output.get("name") != "stderr", f"{run.stem} prints to stderr: {output.text}"
            assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}
        assert not re.search(r"\bat 0x[0-9a-f]{6,}|/home/|/root/|/tmp/", printed(cell))


def replay(notebook, folder):
    """Run nbval over a notebook as `make test` does; return pytest's exit code and output."""
    nbformat.write(notebook, folder / "run.ipynb")
    (folder / "conftest.py").write_text((RUNS / "conftest.py").read_text())
    options = ["--nbval", "--nbval-current-env", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", folder, folder / "run.ipynb"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return done.returncode, done.stdout + done.stderr


def opening(run):
    """Keep a recorded run up to its first cell that prints a number with a decimal point."""
    notebook = nbformat.read(run, as_version=4)
    last = next(i for i, c in enumerate(notebook.cells) if re.search(r"\d\.\d", printed(c)))
    notebook.cells = notebook.cells[: last + 1]
    return notebook


def last_of(notebook):
    """Return the number that nbval gives to the last cell."""
    return sum(cell.cell_type == "code" for cell in notebook.cells) - 1


def test_nbval_passes_on_the_recorded_number_and_fails_on_another(tmp_path):
    notebook = opening(RUNS / "gradient-descent.ipynb")
    code, log = replay(notebook, tmp_path)
    assert code == 0, log

    output = notebook.cells[-1].outputs[-1]
    text = printed(notebook.cells[-1])
    found = re.search(r"\d\.(\d)", text)
    other = str((int(found[1]) + 1) % 10)
    changed = text[: found.start(1)] + other + text[found.end(1) :]
    if "text" in output:
        notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", name="stdout", text=changed)]
    else:
        output.data["text/plain"] = changed
    code, log = replay(notebook, tmp_path)
    assert code == 1, log
    assert set(re.findall(r"^FAILED run\.ipynb::Cell (\d+)", log, re.M)) == {str(last_of(notebook))}
