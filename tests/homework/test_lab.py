"""JupyterLab as a student has it: the button Validate, a folded solution, no instructor's menu."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from patience import patience
from places import ROOT

from coursekit.homework.release import copy

WRONG = "def f(x):\n    return -x[..., 0] * np.exp(-(x**2).sum(axis=-1))"
CHAPTER = (
    "# A chapter\n\n<details><summary>Solution to Exercise 1.1</summary>\n\n`42`\n\n</details>"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab with the settings of `make lab`; the value is its address and folder."""
    pytest.importorskip("jupyterlab")
    folder = tmp_path_factory.mktemp("lab")
    settings = tmp_path_factory.mktemp("settings") / "labconfig"
    settings.mkdir()
    recipe = (ROOT / "Makefile").read_text()
    unneeded = re.search(r"^NOT_FOR_STUDENTS := (.*)$", recipe, re.M)[1].split()
    disabled = {"disabledExtensions": dict.fromkeys(unneeded, True)}
    (settings / "page_config.json").write_text(json.dumps(disabled))
    copy("gradient-descent", ROOT / "assignments", folder / "homework")
    path = folder / "homework/gradient-descent/gradient-descent.ipynb"
    notebook = nbformat.read(path, 4)
    next(cell for cell in notebook.cells if cell.id == "f").source = WRONG
    nbformat.write(notebook, path)
    cells = [nbformat.v4.new_markdown_cell(CHAPTER)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    chapter = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(chapter, folder / "chapter.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
    command += [f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=t", "--allow-root"]
    places = {"JUPYTER_CONFIG_PATH": str(settings.parent)}
    places["JUPYTERLAB_WORKSPACES_DIR"] = str(settings.parent)  # with no tabs of another day
    server = subprocess.Popen(
        command,
        env=os.environ | places,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(round(2 * patience(60))):
            try:
                urllib.request.urlopen(f"{address}/api?token=t").close()
                break
            except OSError:
                time.sleep(0.5)
        yield address, folder
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def page(lab, browser):
    """Open the homework; the value is the tab."""
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(1000 * patience(60))
    page.goto(f"{lab[0]}/lab/tree/homework/gradient-descent/gradient-descent.ipynb?token=t")
    page.locator("h1:visible", has_text="Homework: gradient descent").wait_for()
    page.get_by_text("Validate", exact=True).wait_for()
    yield page
    page.close()


def test_there_is_one_button_and_no_menu_of_an_instructor(page):
    menus = page.locator(".lm-MenuBar-itemLabel").all_inner_texts()
    assert "Kernel" in menus
    assert "Nbgrader" not in menus
    assert page.get_by_text("Create Assignment").count() == 0
    assert page.get_by_text("Validate", exact=True).count() == 1


def test_validate_says_what_the_checks_say(page):
    page.get_by_text("Validate", exact=True).click()
    said = page.locator("pre.coursekit-validate")
    said.wait_for()
    page.wait_for_function(
        "!document.querySelector('pre.coursekit-validate').textContent.startsWith('Running')"
    )
    text = said.inner_text()
    assert "✗ f-check: f(1, 0) should be 1/e" in text
    assert "· minimize: is not answered yet." in text
    assert "about 0 of 40 points, and 10 more for the answer in words" in text
    page.locator(".jp-Dialog button", has_text="Ok").click()


def test_a_solution_is_folded_until_it_is_asked_for(lab, browser):
    page = browser.new_page()
    page.set_default_timeout(1000 * patience(60))
    page.goto(f"{lab[0]}/lab/tree/chapter.ipynb?token=t")
    answer = page.locator("details code", has_text="42")
    answer.wait_for(state="attached")
    assert not answer.is_visible()
    assert not page.get_by_text("Validate", exact=True).filter(visible=True).count()  # no homework
    page.locator("summary").click()
    answer.wait_for(state="visible")
    page.close()
