"""Pages that run their cells: what each prints in Chromium, and how it feels to use them."""

import contextlib
import http.server
import json
import math
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from live import needs_of
from live_pages import PYODIDE, serving
from live_runtime import LOCK, PINNED, pin, put
from places import ROOT, RUNS

PATIENCE = 120_000  # milliseconds, for a busy machine
CHAPTERS = {path.stem: path for path in (ROOT / "book").rglob("*.md")}
PAGES = sorted(
    CHAPTERS[run.stem].relative_to(ROOT / "book").with_suffix(".html").as_posix()
    for run in RUNS.glob("*.ipynb")
)
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
# Cells whose numbers are rounding errors, or come of runs that rounding errors steer: the
# libraries of a browser add in another order. Their words are compared, their numbers not.
ROUNDING = {
    "backpropagation": {38},
    "conditioning": {17},
    "floating-point": {34},
    "kaczmarz": {4, 30, 31},
    "landscapes": {12},
    "least-squares": {12, 18},
    "momentum": {46},
}
RUN_ALL = """async () => {
  const here = new URL(document.documentElement.dataset.content_root, location);
  const elements = [...document.querySelectorAll("div.cell:has(.cell_input)")];
  const { makeChapter } = await import(new URL("_static/live/chapter.js", here));
  const page = await makeChapter(elements, here);
  const results = [];
  for (const cell of page.cells) {
    const { passed, seconds } = await cell.run();
    const boxes = cell.element.querySelectorAll(
      ".cell_output :is(.stream, .stderr, .text_plain, .traceback) pre");
    results.push({
      passed, seconds, text: [...boxes].map((box) => box.textContent).join(""),
      needs: [...cell.element.classList].find((name) => name.startsWith("needs-")) ?? null,
    });
  }
  return { results, memory: page.interpreter.memory };
}"""


@pytest.fixture(scope="module")
def context(browser):
    """One browser's cache for all pages."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def tab(context):
    """Open a tab, and fail if a script of its page does."""
    tab, failed = context.new_page(), []
    tab.on("pageerror", lambda error: failed.append(str(error)))
    yield tab
    tab.close()
    assert failed == []


def printed(cell):
    """Return what a recorded cell printed."""
    return "".join(output.get("text", "") for output in cell.outputs)


def recorded(page):
    """Return the code cells of a page's recorded run."""
    cells = nbformat.read(RUNS / f"{Path(page).stem}.ipynb", 4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def agree(one, other, numbers=True):
    """Tell whether two printed texts have the same words, and numbers up to the last digits."""
    words = [[" ".join(part.split()) for part in NUMBER.split(text)] for text in (one, other)]
    if not numbers:
        return [w for w in words[0] if w] == [w for w in words[1] if w]
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=False)
    return words[0] == words[1] and all(
        math.isclose(float(a), float(b), rel_tol=1e-6) for a, b in pairs
    )


def test_agree():
    assert agree("x = 1.0000001 and 2", "x  = 1.0 and 2")
    assert not agree("x = 1.001", "x = 1.0")
    assert agree("x = 1.001", "x = 3", numbers=False)
    assert not agree("x = 1", "y = 1", numbers=False)


@pytest.mark.parametrize("page", PAGES)
def test_cells_print_what_was_recorded(tab, live_site, page):
    """Every cell that can run in a browser does, and prints what it printed elsewhere."""
    tab.goto(live_site + page)
    ran = tab.evaluate(RUN_ALL)
    cells, wrong = recorded(page), []
    for number, (cell, result) in enumerate(zip(cells, ran["results"], strict=True)):
        text, needs = result["text"], result["needs"]
        if needs in {"needs-tensorflow", "needs-cvxpy"}:
            as_marked = not result["passed"] and "does not run in a browser" in text
        else:
            told = needs is None  # of overflows
            numbers = number not in ROUNDING.get(Path(page).stem, ())
            as_marked = result["passed"] and (not told or agree(printed(cell), text, numbers))
        if not as_marked:
            wrong.append((number, needs, printed(cell), text))
    slowest = max(ran["results"], key=lambda result: result["seconds"])
    print(
        f"{page:36}{len(cells):4} cells "
        f"{sum(r['needs'] is None for r in ran['results']):4} in a browser "
        f"{sum(r['seconds'] for r in ran['results']):6.1f} s, slowest {slowest['seconds']:5.1f} s, "
        f"{ran['memory'] / 1e6:4.0f} MB"
    )
    assert wrong == []


# How it feels: on one short page


PAGE = "errata-descent.html"
FIRST = ".cell-run >> nth=0"


def opened(tab, site, page=PAGE):
    """Open a page; return its first cell."""
    tab.goto(site + page)
    return tab.locator("div.cell").first


def typed(tab, cell, code):
    """Put code in the place of a cell's, by keys, and run it by keys; return its output."""
    cell.locator(".cm-content").focus()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text(code)
    tab.keyboard.press("Shift+Enter")
    return cell.locator(".cell_output")


def said(cell):
    """Wait until a cell has run; return what stands below it."""
    words = cell.locator(".cell-said")
    cell.page.wait_for_function(
        "words => !['', 'waits', 'runs'].includes(words.textContent)", arg=words.element_handle()
    )
    return words.inner_text()


@pytest.fixture(scope="module")
def page(context, live_site):
    """A page whose interpreter has started; the tests below leave its cells as they find them."""
    page = context.new_page()
    cell = opened(page, live_site)
    page.locator(FIRST).click()
    said(cell)
    yield page
    page.close()


@pytest.fixture
def cell(page):
    """Its first cell."""
    return page.locator("div.cell").first


def test_nothing_is_loaded_before_run(tab, live_folder):
    with serving(live_folder) as (site, asked):
        opened(tab, site)
        tab.wait_for_load_state("networkidle")
        assert [path for path in asked if "/_live/" in path or "codemirror" in path] == []
        tab.locator(FIRST).click()
        said(tab.locator("div.cell").first)
        assert [path for path in asked if path.endswith("/codemirror.js")] != []
        assert re.fullmatch(r"\d+ of 5\d MB", tab.locator(".live-load span").text_content())


def test_all_comes_from_the_site_and_later_from_the_cache(browser, live_folder):
    with serving(live_folder) as (site, asked), contextlib.closing(browser.new_context()) as fresh:
        tab, away = fresh.new_page(), []
        tab.set_default_timeout(PATIENCE)
        tab.on(
            "request", lambda r: r.url.startswith((site, "data:", "blob:")) or away.append(r.url)
        )
        for again in (False, True):
            asked.clear()
            cell = opened(tab, site)
            tab.locator(FIRST).click()
            said(cell)
            runtime = [path for path in asked if "/_live/pyodide-" in path]
            assert (len(runtime) == 0) == again, runtime
        assert away == []


def test_output_takes_the_place_of_the_recorded_one(page, cell):
    output = typed(page, cell, "print(6 * 7)\n[1, 2]")
    assert said(cell).endswith(" s")
    assert output.locator("pre").all_inner_texts() == ["42\n", "[1, 2]"]


def test_reset_brings_the_code_of_the_page_back(page, cell):
    typed(page, cell, "1")
    reset = cell.get_by_role("button", name=re.compile("Reset cell 1"))
    reset.click()
    assert not reset.is_visible()
    shown = "".join(cell.locator(".cell_output .stream pre").all_text_contents())
    assert shown == printed(recorded(PAGE)[0])
    code = cell.locator(".cm-line").all_text_contents()
    assert "\n".join(code).rstrip() == recorded(PAGE)[0].source


def test_an_error_is_shown_with_its_line(page, cell):
    output = typed(page, cell, "def f():\n    return 1 / 0\n\nf()")
    assert said(cell).startswith("failed, ")
    text = output.locator(".traceback").inner_text()
    assert "ZeroDivisionError: division by zero" in text
    assert "----> 2     return 1 / 0" in text
    typed(page, cell, "x = (1,")
    assert said(cell).startswith("failed, ")
    assert "SyntaxError: '(' was never closed" in output.inner_text()
    typed(page, cell, "import pandas")
    assert said(cell).startswith("failed, ")
    assert "No module named 'pandas'" in output.inner_text()
    assert "this page has NumPy, SciPy, Matplotlib" in output.inner_text()


@pytest.mark.parametrize("loop", ["while True: pass", "while True: print('again and again')"])
def test_stop_interrupts_a_loop_and_keeps_variables(page, cell, loop):
    typed(page, cell, f"kept = 'kept'\n{loop}")
    page.wait_for_function(
        "said => said.textContent === 'runs'", arg=cell.locator(".cell-said").element_handle()
    )
    page.get_by_role("button", name="Stop").click()
    assert said(cell) == "stopped"
    assert cell.locator(".traceback").inner_text().strip() == "KeyboardInterrupt: stopped"
    assert page.locator(".live-panel [role=status]").inner_text() == "cell 1: stopped."
    output = typed(page, cell, "print(kept)")
    said(cell)
    assert output.inner_text() == "kept\n"


def test_restart_forgets_and_ends_what_runs(page, cell):
    typed(page, cell, "lost = 1\nwhile True: pass")
    page.locator(".live-panel[data-state=running]").wait_for()
    page.get_by_role("button", name="Restart").click()
    assert said(cell) == "stopped"
    output = typed(page, cell, "'lost' in globals()")
    said(cell)
    assert output.inner_text().strip() == "False"


def test_stop_while_python_loads_takes_the_cell_back(tab, live_site):
    cell = opened(tab, live_site)
    shown = cell.locator(".cell_output").inner_text()
    tab.locator(FIRST).click()
    tab.get_by_role("button", name="Stop").click()
    assert said(cell) == "stopped"
    tab.locator(".live-panel[data-state=ready]").wait_for()
    assert cell.locator(".cell_output").inner_text() == shown


def test_stop_ends_an_interpreter_that_cannot_be_interrupted(tab, live_folder):
    """Servers that send no headers of their own share no memory: the worker is ended."""
    with serving(live_folder, http.server.SimpleHTTPRequestHandler) as (site, _):
        cell = opened(tab, site)
        tab.locator(FIRST).click()
        said(cell)
        assert not tab.evaluate("crossOriginIsolated")
        typed(tab, cell, "lost = 1\nwhile True: pass")
        tab.locator(".live-panel[data-state=running]").wait_for()
        tab.get_by_role("button", name="Stop").click()
        assert said(cell) == "stopped"
        panel = tab.locator(".live-panel")
        panel.get_by_text("What cells had computed is gone").wait_for()
        output = typed(tab, cell, "lost")
        assert said(cell).startswith("failed, ")
        assert "NameError" in output.inner_text()


def test_a_flood_of_output_is_cut(page, cell):
    output = typed(page, cell, "for k in range(200_000): print('line', k)")
    said(cell)
    text = output.inner_text()
    assert text.rstrip().endswith("a cell shows its first 200,000 characters.")
    assert len(text) < 201_000


def test_what_needs_tensorflow_says_so_and_so_does_what_uses_it(page, cell):
    code = "import tensorflow as tf, math\nfrom keras.layers import Dense\nprint(math.pi)"
    assert typed(page, cell, code).locator("pre").first.inner_text() == "3.141592653589793\n"
    old = typed(page, cell, "size = 3")
    said(cell)
    for code in ("size = tf.size([1, 2])", "print(size)", "Dense(3)"):
        output = typed(page, cell, code)
        assert said(cell).startswith("failed, ")
        text = output.inner_text()
        assert (
            text.strip()
            == "This needs TensorFlow, which does not run in a browser. On your machine it does."
        )
    assert old.count() == 1


def test_numpy_says_that_a_matrix_is_singular(page, cell):
    """WebAssembly has no flags by which NumPy would notice."""
    code = """
        import numpy as np
        for f in (np.linalg.inv, np.linalg.cholesky):
            try:
                print(f(-np.ones((2, 2))))
            except np.linalg.LinAlgError as error:
                print(error)
    """
    output = typed(page, cell, textwrap.dedent(code))
    said(cell)
    assert output.inner_text() == "Singular matrix\nMatrix is not positive definite\n"


def test_input_says_that_it_cannot_ask(page, cell):
    output = typed(page, cell, "input('n = ')")
    said(cell)
    assert "input() cannot ask anything in this page" in output.inner_text()


def test_the_keyboard_alone_is_enough(tab, live_site):
    cell = opened(tab, live_site)
    tab.locator(FIRST).focus()
    tab.keyboard.press("Enter")
    said(cell)
    editor = cell.locator(".cm-content")
    editor.focus()
    tab.keyboard.press("Tab")
    assert editor.inner_text().startswith("    ")
    tab.keyboard.press("Control+z")
    assert not editor.inner_text().startswith("    ")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.tagName") == "BUTTON"
    assert tab.evaluate("document.activeElement.closest('.cell-bar') !== null")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_that_runs_is_accessible(page, cell, theme):
    typed(page, cell, "# words and numbers\ndef f(x):\n    return 'text', 1.5, x\n\nf(None)\n1 / 0")
    said(cell)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.wait_for_timeout(500)  # colours take their time
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    found = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    assert [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found] == []


@pytest.fixture
def figure(tab, live_site):
    """Open a page and return what runs its first cell that shows something, and those above."""

    def find(selector):
        tab.goto(live_site + "numbers/softmax.html")
        cells = "[...document.querySelectorAll('div.cell')]"
        first = tab.evaluate(f"{cells}.findIndex(e => e.querySelector('.cell_output {selector}'))")
        cell = tab.locator("div.cell").nth(first)
        return cell, cell.locator(selector).first

    return find


def run_with_all_above(cell):
    """Run a cell too early, then all above it, then itself."""
    cell.locator("summary").click()
    cell.locator(".cell-run").click()
    assert said(cell).startswith("failed, ")
    assert cell.locator(".cell-note").inner_text().startswith("Cells above have not run: press")
    cell.get_by_role("button", name=re.compile("Run all cells above")).click()
    cell.page.locator(".live-panel[data-state=ready]").wait_for()
    cell.locator(".cell-run").click()
    cell.page.locator(".live-panel[data-state=ready]").wait_for()
    assert re.fullmatch(r"[\d.]+ s", said(cell))


def test_a_figure_that_moves_does_so_after_a_run(figure):
    cell, player = figure("descent-player")
    label = player.locator("[role=img]").first.get_attribute("aria-label")
    run_with_all_above(cell)
    slider, before = player.locator("input").first, player.locator(".dp-readout").inner_text()
    slider.focus()
    slider.press("ArrowRight")
    assert player.locator(".dp-readout").inner_text() != before
    assert player.locator("[role=img]").first.get_attribute("aria-label") == label


def test_a_drawing_keeps_its_words_unless_the_code_changed(tab, figure):
    cell, image = figure("img")
    words, caption = image.get_attribute("alt"), cell.locator("figcaption").inner_text()
    run_with_all_above(cell)
    assert image.get_attribute("src").startswith("data:image/svg+xml")
    assert image.get_attribute("alt") == words
    assert cell.locator("figcaption").inner_text() == caption
    typed(tab, cell, "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    said(cell)
    assert image.get_attribute("alt") == "Figure that the changed code drew"


def test_an_exercise_is_answered_and_checked(tab, live_site):
    tab.goto(live_site + "numbers/softmax.html")
    box = tab.locator("#ex-softmax-log")
    box.get_by_role("button", name=re.compile(r"Answer Exercise 2\.\d+ .*here")).click()
    cell = box.locator("div.cell")
    assert "# Your answer." in cell.locator(".cm-content").inner_text()
    cell.get_by_role("button", name=re.compile("Run your answer")).click()
    said(cell)
    assert "Not there yet: " in cell.locator(".cell_output").inner_text()


def test_without_an_interpreter_the_page_says_what_is_missing(tab, live_folder, tmp_path):
    folder = tmp_path / "html"
    shutil.copytree(live_folder, folder, ignore=shutil.ignore_patterns("pyodide-*"))
    config = folder / "_live/config.json"
    away = "http://127.0.0.1:9/pyodide/"  # where nothing listens
    config.write_text(
        json.dumps(json.loads(config.read_text("utf-8")) | {"runtime": away}), "utf-8"
    )
    with serving(folder) as (site, _):
        opened(tab, site)
        tab.locator(FIRST).click()
        panel = tab.locator(".live-panel")
        panel.get_by_text(f"Python could not be loaded from {away}").wait_for()
        assert "make book LIVE=1" in panel.inner_text()


def test_a_page_opened_as_a_file_says_that_it_needs_a_server(tab, live_folder):
    tab.goto((live_folder / PAGE).as_uri())
    tab.locator(FIRST).click()
    tab.get_by_text("A browser runs Python only in a page from a server").wait_for()


def test_a_copy_of_the_site_serves_itself(live_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        command = [sys.executable, live_folder / "serve.py", str(port)]
        refused = subprocess.run(command, capture_output=True, text=True)
        assert refused.returncode == 1
        assert re.search(r"port \d+ cannot be used .*python serve.py 8001", refused.stderr)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert f"http://localhost:{port}/" in server.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{PAGE}") as answer:
                assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
                assert b"live/start.js" in answer.read()
        finally:
            server.kill()  # what runs in the background may ignore Ctrl-C


# What stands behind


def test_needs_follow_names():
    cells = {
        "import numpy as np, tensorflow as tf": None,
        "from keras import layers\nx = 1": None,
        "def f(x):\n    return tf.exp(x)\n\ndef g(tf):\n    return tf": None,
        "y = g(1)": None,
        "y = f(1)\nx = 2": "TensorFlow",
        "z = [x for _ in y]": "TensorFlow",
        "x = 3": None,
        "print(x)": None,
        "for y in range(3): print(y)": None,
        "import cvxpy as cp": None,
        "cp.Variable()": "CVXPY",
        "with warnings.catch_warnings(record=True) as said: pass": "flags",
    }
    assert needs_of(cells) == list(cells.values())


def test_needs_reads_magics():
    assert needs_of(["%matplotlib inline\nimport keras", "keras.Model()"]) == [None, "TensorFlow"]


def test_sizes_that_texts_name(live_folder):
    config = json.loads((live_folder / "_live/config.json").read_text("utf-8"))
    start = round(config["bytes"] / 1e6, -1)
    beside = sum(path.stat().st_size for path in live_folder.glob("_live/pyodide-*/*")) / 1e6
    for page in ("book/index.md", "book/instructors.md", "book/_templates/homework.html"):
        said = re.findall(r"about\s+(\d+) MB", (ROOT / page).read_text("utf-8"))
        assert said == [f"{start:.0f}"], page
    assert f"{beside:.0f} MB more" in (ROOT / "README.md").read_text("utf-8")


def test_pinned_files_are_those_of_the_release(tmp_path, monkeypatch):
    for name in ("PINNED", "LOCK"):
        monkeypatch.setattr(
            f"live_runtime.{name}", tmp_path / {"PINNED": PINNED, "LOCK": LOCK}[name].name
        )
    pin(PYODIDE)
    for path in (PINNED, LOCK):
        assert (tmp_path / path.name).read_text("utf-8") == path.read_text("utf-8")


def test_what_is_not_pyodide_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"holds no release of Pyodide: there is no pyodide-lock"):
        put(tmp_path, tmp_path)
    (tmp_path / "_live").mkdir()
    (tmp_path / LOCK.name).write_text("{}", "utf-8")
    with pytest.raises(SystemExit, match=r"pyodide.mjs is missing, which is part of Pyodide 0"):
        put(tmp_path, tmp_path)
    (tmp_path / "pyodide.mjs").write_text("changed", "utf-8")
    with pytest.raises(SystemExit, match=r"pyodide.mjs is not that of Pyodide 0"):
        put(tmp_path, tmp_path)
