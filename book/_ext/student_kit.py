"""What students get: chapters and homework as notebooks, without an answer or a hidden test.

    python book/_ext/student_kit.py          _build/student: start.ipynb, chapters/, homework/
    python book/_ext/student_kit.py kit      the same in a folder and a zip to hand out

`make lab` copies from the first what is not yet in lab/. The kit has homework that was tried out.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import coursekit
from coursekit.homework.release import homeworks, release, strip

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "book/_kit"), str(ROOT / "book/_ext")]

from homework_links import CHAPTERS, homework_of  # noqa: E402
from start import copy_new  # noqa: E402  (the kit's own, which has no package)
from student_notebooks import write as write_chapters  # noqa: E402

COURSE = ROOT / "assignments"
SETTINGS = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
WELCOME = """# {title}

Chapters and homework, in the order of the course. What you open here is your own copy. *Run → Run
All Cells* runs a chapter; its solutions are folded, a click opens them.

| chapter | homework |
| --- | --- |
{rows}
"""
DONE = """## What is done

Save your homework, then run this cell. It reads the notebooks as they were saved."""


def title_of(notebook):
    """Return the heading of a notebook's page."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next(line[2:] for text in texts for line in text.splitlines() if line.startswith("# "))


def _link(topic, at, titles):
    return f"[{titles[topic]}]({at}chapters/{topic}.ipynb)"


def make_student(folder, tried=False):
    """Make a folder anew; ``tried``: with homework that has been run with and without answers."""
    chapters, homework = folder / "chapters", folder / "homework"
    write_chapters(chapters)
    shutil.rmtree(homework, ignore_errors=True)
    made = {path: nbformat.read(path, 4) for path in sorted(chapters.glob("*/*.ipynb"))}
    titles = {f"{path.parent.name}/{path.stem}": title_of(made[path]) for path in made}
    there = homeworks(COURSE)
    if not there:
        print("note: no homework in assignments, so there is none in lab/ either.")
    for name in there:
        notebook = nbformat.read((release if tried else strip)(name, COURSE), 4)
        links = " and ".join(_link(topic, "../../", titles) for topic in CHAPTERS.get(name, ()))
        if links:
            notebook.cells[0].source += f"\n\nIt belongs to {links}."
        path = homework / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    for path, notebook in made.items():
        name = homework_of(f"{path.parent.name}/{path.stem}")
        if name in there:
            link = f"[{name}](../../homework/{name}/{name}.ipynb)"
            notebook.cells[0].source += f"\n\nIts homework is {link}."
            nbformat.write(notebook, path)
    nbformat.write(_start(titles, there), folder / "start.ipynb")


def _start(titles, there):
    """Return the notebook that leads to all others."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    rows = []
    for topic in filter(titles.__contains__, listed):
        name = homework_of(topic)
        link = f"[{name}](homework/{name}/{name}.ipynb)" if name in there else ""
        rows.append(f"| {_link(topic, '', titles)} | {link} |")
    text = WELCOME.format(title=SETTINGS["title"], rows="\n".join(rows))
    code = "from coursekit.homework.overview import show\n\nshow()"
    cells = [new_markdown_cell(text)]
    cells += [new_markdown_cell(DONE), new_code_cell(code)] if there else []
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_kit(place=ROOT / "_build/student-kit", tried=True):
    """Make the kit's folder and its zip, ``tried`` as above; return the path of the zip."""
    version = coursekit.__version__
    name = f"{SETTINGS['title'].lower().replace(' ', '-')}-{version}"
    kit = place / name
    shutil.rmtree(place, ignore_errors=True)
    make_student(kit / "course", tried)
    copy_new(ROOT / "book/_kit", kit)
    shutil.rmtree(kit / "__pycache__", ignore_errors=True)
    readme = (kit / "README.md").read_text("utf-8").replace("VERSION", version)
    (kit / "README.md").write_text(readme.replace("FOLDER/", f"{name}/"), "utf-8")
    pins = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    (kit / "requirements.txt").write_text("\n".join(p for p in pins if "==" in p) + "\n")
    shutil.copy(ROOT / "LICENSE", kit)
    build = ["uv", "build", "--quiet", "--wheel", "--out-dir", kit, ROOT]
    subprocess.run(build, check=True)
    (kit / ".gitignore").unlink(missing_ok=True)  # uv's
    return Path(shutil.make_archive(str(kit), "zip", kit.parent, name))


if __name__ == "__main__":
    if sys.argv[1:] == ["kit"]:
        print(f"Hand out {make_kit().relative_to(ROOT)}")
    else:
        make_student(ROOT / "_build/student")
