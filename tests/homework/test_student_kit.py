"""What students get holds no answer and no hidden test, and leads from chapters to homework."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from itertools import chain
from pathlib import Path

import nbformat
import pytest
import yaml
from places import BOOK, COURSE, ROOT

from coursekit import __version__
from coursekit.homework.source import exams, homeworks
from coursekit.homework.text import points_of, to_notebook

sys.path += [str(BOOK / "_ext"), str(BOOK / "_kit")]
import start
import student_kit

MARKERS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
REGION = {  # of a cell, what is not handed out
    "solution": re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S),
    "tests": re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.S),
}


def squeezed(text):
    return re.sub(r"\s+", "", text)


def lines_of(text):
    """Return the lines that say enough to be recognised, without their white space."""
    lines = {squeezed(line) for line in text.splitlines()}
    return {x for x in lines if len(x) > 30 and not re.match(r"from\w|import|\w+=np\.random\.", x)}


def secrets(homework):
    """Return what no student may read of a homework: lines of tests, answers, model answers."""
    tests, answers, words = set(), set(), set()
    seen = ""
    for cell in to_notebook(COURSE / f"{homework}.md").cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution") and cell.cell_type == "markdown":
            words |= lines_of(cell.source)
            continue
        hidden = REGION["tests" if points_of(cell) else "solution"].findall(cell.source)
        (tests if points_of(cell) else answers).update(*map(lines_of, hidden))
        seen += REGION["solution"].sub("", REGION["tests"].sub("", cell.source)) + "\n"
    return tests - lines_of(seen), answers - lines_of(seen), words - lines_of(seen)


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """Make the kit, with homework that is not run; the value is the folder of its notebooks."""
    folder = tmp_path_factory.mktemp("student") / "kit"
    course = folder.with_name("course of others")
    shutil.copytree(
        COURSE, course, ignore=lambda _, names: {n for n in names if "." not in n} - {"hints"}
    )
    code = f"""
import sys, pathlib
sys.path.append({str(BOOK / "_ext")!r})
import student_kit
student_kit.COURSE = pathlib.Path({str(course)!r})
student_kit.make_kit(pathlib.Path({str(folder)!r}), tried=False)"""
    programs = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}  # uv
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | programs)
    return next(folder.glob("*/course"))


def text_of(path):
    notebook = nbformat.read(path, 4)
    return "\n".join(cell.source for cell in notebook.cells)


def test_no_answer_and_no_hidden_test_is_handed_out(kit):
    notebooks = sorted(kit.rglob("*.ipynb"))
    assert len(notebooks) == 1 + len(homeworks(COURSE)) + len(list(kit.glob("chapters/*/*")))
    everything = {path: text_of(path) for path in notebooks}
    assert [path.name for path, text in everything.items() if MARKERS.search(text)] == []
    lines = {path: lines_of(text) for path, text in everything.items()}
    for homework in homeworks(COURSE):
        tests, answers, words = secrets(homework)
        assert tests
        assert answers
        assert words
        own = lines[kit / "homework" / homework / f"{homework}.ipynb"]
        assert answers & own == set()
        for found in lines.values():
            assert (tests | words) & found == set()


def test_no_exam_is_handed_out(kit):
    assert exams(COURSE) == ["final"]
    assert not (kit / "homework" / "final").exists()
    asked = set()
    for cell in to_notebook(COURSE / "final.md").cells:
        asked |= lines_of(cell.source)
    everywhere = set()  # what homework says in the same words, of how to hand in
    for homework in homeworks(COURSE):
        everywhere |= lines_of((COURSE / f"{homework}.md").read_text("utf-8"))
    for path in kit.rglob("*.ipynb"):
        assert (asked - everywhere) & lines_of(text_of(path)) == set(), path.name
    assert not re.search(r"\bfinal\.ipynb", text_of(kit / "start.ipynb"))


def test_the_wheel_holds_no_hidden_test(kit):
    library = set()
    for path in (ROOT / "coursekit").rglob("*.py"):
        library |= lines_of(path.read_text("utf-8"))
    for homework in [*homeworks(COURSE), *exams(COURSE)]:
        tests, _, words = secrets(homework)
        assert (tests | words) & library == set()


@pytest.mark.parametrize("homework", homeworks(COURSE))
def test_hints_hold_no_answer(homework):
    hints = squeezed((COURSE / "hints" / f"{homework}.md").read_text("utf-8"))
    for cell in to_notebook(COURSE / f"{homework}.md").cells:
        for body in REGION["solution"].findall(cell.source):
            for line in body.splitlines():
                code = squeezed(line).removeprefix("return")
                assert len(code) < 18 or code not in hints, f"{cell.id}: {line}"


WITHOUT = {"learning/beyond"}  # chapters that have no homework


def test_every_homework_belongs_to_chapters_and_every_chapter_to_one(kit):
    assert sorted(student_kit.CHAPTERS) == homeworks(COURSE)
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    listed = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    topics = [topic for topic in listed if "/" in topic]
    assert sorted(chain(*student_kit.CHAPTERS.values())) == sorted({*topics} - WITHOUT)


def test_every_link_leads_to_a_notebook(kit):
    said = text_of(kit / "start.ipynb")
    assert (
        "| [Gradient descent](chapters/descent/gradient-descent.ipynb) | [gradient-descent]("
        in said
    )
    count = 0
    for path in kit.rglob("*.ipynb"):
        for target in re.findall(r"\]\(([\w./-]+\.ipynb)\)", text_of(path)):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
            count += 1
    pages = sum(map(len, student_kit.CHAPTERS.values()))
    assert count == pages * 4 + len(WITHOUT)  # from start to both, there and back


def test_chapters_have_no_outputs_and_folded_solutions(kit):
    for path in kit.glob("chapters/*/*.ipynb"):
        notebook = nbformat.read(path, 4)
        assert not any(cell.get("outputs") for cell in notebook.cells)
        checks = [k for k, cell in enumerate(notebook.cells) if "check_exercise(" in cell.source]
        exercises = text_of(path).count("<details><summary>Solution to Exercise")
        assert len(checks) == exercises > 0
        for k in checks:
            write, solution = notebook.cells[k - 1], notebook.cells[k + 1]
            assert re.match(r"# Exercise \d+\.\d+: your answer\. (Set|Define) ", write.source)
            assert solution.source.startswith("<details><summary>Solution to Exercise")
        assert "pip install" not in text_of(path)


def test_no_formula_in_a_quotation_holds_its_mark(kit):
    for path in kit.glob("chapters/*/*.ipynb"):
        text = re.sub(r"```.*?```", "", text_of(path), flags=re.S)
        formulas = re.findall(r"\$\$(.+?)\$\$", text, re.S)
        assert [formula for formula in formulas if "\n>" in formula] == []
        assert re.findall(r"^> [^$\n]*\$[^$\n]+\n> [^$\n]*\S\$(?= |\.|,)", text, re.M) == []


def test_a_copy_is_never_written_over(tmp_path):
    source, lab = tmp_path / "course", tmp_path / "lab"
    for name in ("a/one.txt", "two.txt"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("new")
    (lab / "a").mkdir(parents=True)
    (lab / "a/one.txt").write_text("mine")
    start.copy_new(source, lab)
    assert (lab / "a/one.txt").read_text() == "mine"
    assert (lab / "two.txt").read_text() == "new"


def test_without_homework_there_are_chapters(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(student_kit, "COURSE", tmp_path)

    def chapter(folder):
        (folder / "numbers").mkdir(parents=True)
        cells = [nbformat.v4.new_markdown_cell("# Softmax")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "numbers/softmax.ipynb")

    monkeypatch.setattr(student_kit, "write_chapters", chapter)
    student_kit.make_student(tmp_path / "student")
    assert "no homework in assignments" in capsys.readouterr().out
    said = text_of(tmp_path / "student/start.ipynb")
    assert "[Softmax](chapters/numbers/softmax.ipynb)" in said
    assert "homework/" not in said


def test_start_refuses_an_unsuitable_python(monkeypatch, tmp_path):
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13"):
        start.install()


def test_the_button_has_the_version_of_the_library():
    package = json.loads((ROOT / "coursekit/labextension/package.json").read_text())
    assert package["version"] == __version__
    place = package["jupyterlab"]["_build"]["load"]
    assert (ROOT / "coursekit/labextension" / place).exists()


def test_a_kit_is_complete_and_tells_nothing(kit):
    with zipfile.ZipFile(next(kit.parent.parent.glob("*.zip"))) as packed:
        names = packed.namelist()
        wheel = next(name for name in names if name.endswith(".whl"))
        with packed.open(wheel) as file, zipfile.ZipFile(file) as library:
            inside = library.namelist()
            held = "".join(library.read(n).decode() for n in inside if n.endswith((".py", ".md")))
        held += "".join(packed.read(n).decode() for n in names if n.endswith((".ipynb", ".md")))
    top = names[0].split("/")[0]
    wanted = {"start.py", "Makefile", "README.md", "requirements.txt", "LICENSE"}
    assert {f"{top}/{name}" for name in wanted} <= set(names)
    assert any(name.endswith("labextensions/coursekit/static/button.js") for name in inside)
    assert not any("assignments" in name or name.endswith("wrong_answers") for name in inside)
    assert not any("papers.json" in name or "/final/" in name for name in names)
    for homework in [*homeworks(COURSE), *exams(COURSE)]:
        tests, _, words = secrets(homework)
        assert (tests | words) & lines_of(held) == set()
