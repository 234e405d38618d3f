"""The pages "Work here": a homework read, done, saved, exported and graded, in a real browser.

Most tests put a small interpreter of their own in the place of Pyodide, which takes 10 s to start.
"""

import copy
import functools
import html
import json
import os
import re
import shutil
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from bs4 import BeautifulSoup
from honest import hand_in, new_course, points
from honest_styles import Draft
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell
from places import COURSE, ROOT
from serve import make_server  # conftest.py names its folder
from test_course_loop import ANSWERS, graded

from coursekit.grading.pages.feedback import feedback
from coursekit.homework.release import homeworks, strip
from coursekit.homework.text import to_notebook

HTML = Path(os.environ.get("COURSE_HTML", ROOT / "_build/html"))
NAMES = homeworks(COURSE)
NAME = "gradient-descent"
WRITTEN = "start-that-does-not-move"  # the answer in words
WAIT = 120_000  # milliseconds, for a busy machine
pytestmark = pytest.mark.skipif(
    not (HTML / "homework").exists(), reason="the book is not built: make book"
)

# Answers as the real one does, by what a cell says: "# print: x", "# raise: Kind: words".
FAKE = """
export class Interpreter extends EventTarget {
  async start() { this.dispatchEvent(new CustomEvent("state", { detail: { state: "ready" } })); }
  async run(code, onOutput, onBegin = () => {}) {
    onBegin();
    (window.ran ??= []).push(code);
    const [, text] = code.match(/# print: (.*)/) ?? [];
    const [, ename, evalue] = code.match(/# raise: (\\w+): (.*)/) ?? [];
    if (text) onOutput({ output_type: "stream", name: "stdout", text });
    const traceback = [`${ename}: ${evalue}`];
    if (ename) onOutput({ output_type: "error", ename, evalue, traceback });
    return { passed: !ename, stopped: false, seconds: 0 };
  }
  stop() {}
  restart() {}
}
"""


# What was handed out -----------------------------------------------------------------------


@functools.cache
def source(name):
    return to_notebook(COURSE / f"{name}.md")


@functools.cache
def _release(name):
    return nbformat.read(HTML / "_live/homework" / f"{name}.ipynb", 4)


def release(name):
    return copy.deepcopy(_release(name))


def draft(name):
    return Draft(release(name), source(name))


def cells_of(notebook):
    """Return what of the cells must stay the same through the browser."""
    return [{**cell, "outputs": None, "execution_count": None} for cell in notebook.cells]


# The browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site():
    """Serve the built book as `make serve` does; the value is its address."""
    with make_server(HTML, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Work:
    """A page "Work here" in a window of its own."""

    def __init__(self, browser, site, name=NAME, fake=True, start=True, **options):
        self.name, self.address, self.said = name, f"{site}homework/{name}.html", []
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.context.set_default_timeout(WAIT)
        if fake:
            self.context.route("**/_static/live/engine.js", lambda route: route.fulfill(
                body=FAKE, content_type="text/javascript"))  # fmt: skip
        self.tab = self.context.new_page()
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.goto(self.address)
        if start:
            self.start()

    def start(self, tab=None):
        tab = tab or self.tab
        tab.click("#work-start")
        tab.wait_for_selector("#work-files button")

    def button(self, name, nth=0):
        return self.tab.get_by_role("button", name=name, exact=True).nth(nth)

    def cell(self, name):
        return self.tab.locator(f'[data-cell="{name}"]')

    def text_of(self, name):
        return "\n".join(self.cell(name).locator(".cm-line").all_inner_texts())

    def write(self, name, text):
        """Type over what stands in a cell."""
        cell = self.cell(name)
        if cell.locator("textarea").count():
            cell.locator("textarea").fill(text)
        else:
            cell.locator(".cm-content").click()
            self.tab.keyboard.press("Control+a")
            self.tab.keyboard.insert_text(text)

    def state(self, name):
        """Return how a cell ended, when it has."""
        said = self.cell(name).locator(".cell-said")
        self.tab.wait_for_function(
            "said => !['', 'waits', 'runs'].includes(said.textContent)", arg=said.element_handle()
        )
        return said.inner_text()

    def count(self):
        return self.tab.locator(".work-count").inner_text()

    def told(self):
        return self.tab.locator("#work-files .work-said").inner_text()

    def choose(self, path):
        """Import a file."""
        with self.tab.expect_file_chooser() as chooser:
            self.button("Import").click()
        before = self.told()
        chooser.value.set_files(path)
        self.tab.wait_for_function(
            "before => document.querySelector('.work-said').innerText !== before", arg=before
        )
        return self.told()

    def save(self, path, button=None):
        """Export to a file, and read it."""
        with self.tab.expect_download() as download:
            (button or self.button("Export")).click()
        assert download.value.suggested_filename == f"{self.name}.ipynb"
        download.value.save_as(path)
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        return notebook

    def close(self):
        self.context.close()
        assert self.said == []


@pytest.fixture
def work(browser, site):
    work = Work(browser, site)
    yield work
    work.close()


@pytest.fixture(scope="module")
def module(browser, site):
    """Call functions of notebook.js."""
    tab = browser.new_page()
    tab.goto(site + "search.html")

    def call(body, *arguments):
        script = f"([notebook, ...args]) => import('/_static/live/notebook.js').then({body})"
        return tab.evaluate(script, [None, *arguments])

    yield call
    tab.close()


# Before Start ------------------------------------------------------------------------------


def test_every_homework_but_the_exam_has_its_page():
    assert len(NAMES) > 15
    assert sorted(page.stem for page in (HTML / "homework").glob("*.html")) == NAMES
    made = sorted(path.stem for path in (HTML / "_live/homework").glob("*.ipynb"))
    assert made == NAMES
    assert list(json.loads((HTML / "_live/homework/index.json").read_text("utf-8"))) == NAMES


def test_the_notebooks_are_those_that_are_handed_out(tmp_path):
    shutil.copy(COURSE / f"{NAME}.md", tmp_path)
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    (tmp_path / "hints").mkdir()
    shutil.copy(COURSE / "hints" / f"{NAME}.md", tmp_path / "hints")
    handed_out = strip(NAME, tmp_path).read_bytes()
    assert (HTML / "_live/homework" / f"{NAME}.ipynb").read_bytes() == handed_out


@pytest.mark.parametrize("name", NAMES)
def test_the_page_holds_the_whole_notebook(name):
    page = BeautifulSoup((HTML / "homework" / f"{name}.html").read_text("utf-8"), "html.parser")
    shown = {cell["data-cell"]: cell for cell in page.select("#work [data-cell]")}
    notebook = release(name)
    assert list(shown) == [cell.id for cell in notebook.cells]
    for cell in notebook.cells:
        text = shown[cell.id].get_text()
        if cell.cell_type == "code":
            pre = shown[cell.id].select_one("div.highlight pre")
            assert pre.get_text().strip("\n") == cell.source.strip("\n")
        else:  # the words between formulas and marks
            for words in re.findall(r"[\w ,]{12,}", re.sub(r"\$[^$]*\$|^#.*", "\n", cell.source)):
                assert words.strip() in " ".join(text.split())
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# Homework: ")
    assert page.h1.get_text() == f"Work here: {title}"


def test_it_can_be_read_without_a_script(browser, site):
    work = Work(browser, site, start=False, java_script_enabled=False)
    assert work.tab.locator("#work h2:visible").count() > 4
    assert work.cell("f").locator("pre").is_visible()
    assert work.tab.locator("#work .katex").first.is_visible()
    check = work.cell("f-check").locator("details")
    check.locator("summary").click()
    assert "def check_f():" in check.inner_text()
    assert not work.button("Start").is_enabled()
    assert "Without JavaScript" in work.tab.locator("#work noscript").inner_text()
    work.close()


def test_nothing_is_loaded_before_start(browser, site):
    work = Work(browser, site, start=False)
    loaded = work.tab.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [url for url in loaded if not url.startswith(site)] == []
    scripts = [url for url in loaded if url.split("?")[0].endswith((".js", ".ipynb", ".json"))]
    assert [url for url in scripts if "/live/" in url or "/_live/" in url] == []
    work.start()
    loaded = work.tab.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert any(url.endswith("/_static/live/homework.js") for url in loaded)
    assert any(url.endswith(f"/_live/homework/{NAME}.ipynb") for url in loaded)
    work.close()


def test_from_a_file_it_says_how_to_open_it(browser, site):
    work = Work(browser, site, start=False)
    work.tab.goto((HTML / "homework" / f"{NAME}.html").as_uri())
    work.button("Start").click()
    work.tab.get_by_text("make serve").wait_for()
    assert work.button("Start").is_enabled()
    work.close()


def test_what_needs_tensorflow_says_so():
    for name in NAMES:
        page = (HTML / "homework" / f"{name}.html").read_text("utf-8")
        code = "\n".join(cell.source for cell in release(name).cells if cell.cell_type == "code")
        needs = bool(re.search(r"^\s*(import|from) (tensorflow|keras|cvxpy)", code, re.M))
        assert ("Needs TensorFlow" in page) == needs
        assert ("<code>make lab</code>" in page) == needs


def test_chapters_and_the_students_page_lead_here():
    table = (HTML / "students.html").read_text("utf-8")
    assert set(re.findall(r'href="homework/([\w-]+)\.html"', table)) == set(NAMES)
    linked = set()
    for page in HTML.glob("*/*.html"):
        text = page.read_text("utf-8")
        linked |= set(re.findall(r'Do it here, <a [^>]*href="\.\./homework/([\w-]+)\.html"', text))
    assert linked == set(NAMES)


# The file ----------------------------------------------------------------------------------

UNTOUCHED = "(n) => JSON.stringify(n.toNotebook(args[0], n.untouched(args[0])))"
THROUGH = """(n) => {
  const [release, index, name, text] = args;
  const { work, notes } = n.fromNotebook(text, "mine.ipynb", name, release, index);
  return [JSON.stringify(n.toNotebook(release, work)), notes];
}"""


def raw(name):
    return json.loads((HTML / "_live/homework" / f"{name}.ipynb").read_text("utf-8"))


def through(module, name, notebook):
    """Import a notebook and export it again."""
    index = json.loads((HTML / "_live/homework/index.json").read_text("utf-8"))
    text = nbformat.writes(notebook)
    out, notes = module(THROUGH, raw(name), index, name, text)
    made = nbformat.reads(out, 4)
    nbformat.validate(made)
    return made, notes


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_export_is_the_release(module, name):
    made = nbformat.reads(module(UNTOUCHED, raw(name)), 4)
    nbformat.validate(made)
    assert made == release(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_of_jupyterlab_comes_through(module, name):
    one = draft(name)
    one.fill()
    for text, after, kind in [
        ("import math", None, "code"),
        ("def helper(x):\n    return x\n", "setup", "code"),
        ("*Notes* with $x^2$ and größer\n", one.written[0], "markdown"),
        ("hint()", list(one.answers)[-1], "code"),
    ]:
        one.add(text, after, kind)
    notebook = one.notebook
    notebook.cells.append(new_raw_cell("left over", id="raw"))
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":  # as it was run
            cell.execution_count = number + 1
            cell.outputs = [new_output("stream", text="done\n")]
    made, notes = through(module, name, notebook)
    assert notes == []
    assert cells_of(made) == cells_of(notebook)
    assert made.metadata == release(name).metadata
    assert all(cell.outputs == [] for cell in made.cells if cell.cell_type == "code")
    again, _ = through(module, name, made)
    assert again == made


def test_cells_that_cannot_be_changed_are_put_back_and_it_says_so(module):
    one = draft(NAME)
    one["f-check"] = "print('passed')"
    one["f-values"] = "# 50 points"
    del one.notebook.cells[one.at("grad_f-check")]
    made, notes = through(module, NAME, one.notebook)
    assert made == release(NAME)
    assert notes == [
        "2 cells that you cannot change differed: here they are as handed out.",
        "Missing were grad_f-check: here they are as handed out.",
    ]


def test_a_changed_text_is_kept_below_the_one_handed_out(module):
    one = draft(NAME)
    text = next(cell for cell in one.notebook.cells if cell.source.startswith("## 2."))
    text.source += "\n\nMy sketch: the product rule."
    made, _ = through(module, NAME, one.notebook)
    at = one.notebook.cells.index(text)
    assert made.cells[at] == release(NAME).cells[at]
    assert made.cells[at + 1].source == text.source
    assert len(made.cells) == len(release(NAME).cells) + 1


def test_of_two_cells_with_one_name_the_lower_one_is_the_answer(module):
    """As nbgrader's DeduplicateIds does."""
    one = draft(NAME)
    first = copy.deepcopy(one.notebook.cells[one.at("f")])
    first.id, first.source = "pasted", "def f(x):\n    return 1"
    one.notebook.cells.insert(one.at("f"), first)
    one.notebook.cells[one.at("f")].source = "def f(x):\n    return 2"
    made, notes = through(module, NAME, one.notebook)
    marks = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in made.cells]
    at = marks.index("f")
    assert marks.count("f") == 1
    assert made.cells[at].source.endswith("return 2")
    assert made.cells[at - 1].source.endswith("return 1")
    assert "only the lower one is graded" in notes[0]


def test_pictures_in_a_written_answer_come_through(module):
    one = draft(NAME)
    cell = one.notebook.cells[one.at(WRITTEN)]
    cell.source = "![sketch](attachment:a.png)"
    cell.attachments = {"a.png": {"image/png": "iVBORw0KGgo="}}
    made, _ = through(module, NAME, one.notebook)
    assert cells_of(made) == cells_of(one.notebook)


def test_cells_without_ids_and_with_the_same_ids_are_read(module):
    """As older programs write them: nbformat 4.4, and copies of files put together."""
    one = draft(NAME)
    one.fill()
    one.add("mine = 1", after="setup")
    one.add("mine = 2", after="f")
    old = copy.deepcopy(one.notebook)
    old.nbformat_minor = 4
    for cell in old.cells:
        del cell["id"]
    made, notes = through(module, NAME, old)
    assert notes == []
    assert [cell.source for cell in made.cells] == [cell.source for cell in one.notebook.cells]
    assert len({cell.id for cell in made.cells}) == len(made.cells)


# Refused -----------------------------------------------------------------------------------


def _text(change):
    notebook = release(NAME)
    return nbformat.writes(change(notebook) or notebook)


def _forget(notebook):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def _rename(notebook):
    notebook.cells[0].source = "# Problem set 1"
    for cell in notebook.cells:
        if mark := cell.metadata.get("nbgrader"):
            mark.grade_id = f"other-{mark.grade_id}"


REFUSED = {
    "{": "{file} is not a notebook. Choose gradient-descent.ipynb: the file that you exported here",
    "[1, 2]": "{file} is not a notebook. Choose gradient-descent.ipynb",
    '{"worksheets": []}': "{file} is a notebook of an old format. Open and save it in JupyterLab",
    "another homework": "{file} is the homework “a quadratic model”, not “gradient descent”. "
    "Import it on the page “Work here: a quadratic model”.",
    "a chapter": "{file}, “Softmax”, is a notebook, but no homework. Choose gradient-descent.ipynb",
    "no names": "{file} is this homework, but its cells have lost the hidden names",
    "another course": "{file}, “Problem set 1”, is a homework, but none of this course",
    "an exam": "{file} is the paper of an exam, which is written in JupyterLab, not here.",
}


def _refused(kind):
    if kind == "another homework":
        return nbformat.writes(release("taylor"))
    if kind == "a chapter":
        return (HTML / "_sources/numbers/softmax.ipynb").read_text("utf-8")
    if kind == "no names":
        return _text(_forget)
    if kind == "another course":
        return _text(_rename)
    if kind == "an exam":
        return _text(lambda notebook: notebook.metadata.update(coursekit={"paper": 7}))
    return kind


def test_what_is_not_this_homework_is_refused_with_a_reason(work, tmp_path):
    work.write("f", "mine = 1")
    for number, (kind, words) in enumerate(REFUSED.items()):
        path = tmp_path / f"file-{number}.ipynb"
        path.write_text(_refused(kind), "utf-8")
        told = work.choose(path)
        assert words.format(file=path.name) in told
    assert work.text_of("f") == "mine = 1"
    assert work.tab.locator(".work-copies, #work-files details").count() == 0


# In the page -------------------------------------------------------------------------------


def test_what_is_written_is_there_after_a_reload(work, tmp_path):
    work.write("f", "def f(x):\n    return 1")
    work.write(WRITTEN, "A saddle.")
    work.button("Add a cell below f").click()
    work.tab.keyboard.insert_text("f(0)")
    assert "Saved in this browser: " in work.tab.locator(".work-saved").inner_text()
    work.tab.reload()
    assert (
        "is saved in this browser. Start brings it back." in work.tab.locator("#work").inner_text()
    )
    work.start()
    assert work.text_of("f") == "def f(x):\n    return 1"
    assert work.cell(WRITTEN).locator("textarea").input_value() == "A saddle."
    assert work.text_of("own-1") == "f(0)"
    made = work.save(tmp_path / "a.ipynb")
    one = draft(NAME)
    one["f"], one[WRITTEN] = "def f(x):\n    return 1", "A saddle."
    one.notebook.cells.insert(one.at("f") + 1, new_code_cell("f(0)", id="own-1"))
    assert made == one.notebook


def test_an_untouched_page_exports_the_release(work, tmp_path):
    assert work.save(tmp_path / "a.ipynb") == release(NAME)
    assert work.save(tmp_path / "b.ipynb", work.button("Export", 1)) == release(NAME)


def test_import_shows_the_notebook_and_says_what_it_found(work, tmp_path):
    one = draft(NAME)
    one.fill()
    one["f-check"] = "pass"
    own = one.add("x = 5", after="f")
    one.notebook.cells.append(new_markdown_cell("Remember: signs.", id="note"))
    path = tmp_path / "from JupyterLab.ipynb"
    nbformat.write(one.notebook, path)
    told = work.choose(path)
    assert "from JupyterLab.ipynb is imported. Answers: 4. Cells of your own: 2." in told
    assert "1 cell that you cannot change differed" in told
    assert work.text_of("f") == one["f"]
    assert work.text_of(own) == "x = 5"
    assert work.cell("note").locator("textarea").input_value() == "Remember: signs."
    one["f-check"] = next(cell.source for cell in release(NAME).cells if cell.id == "f-check")
    assert cells_of(work.save(tmp_path / "a.ipynb")) == cells_of(one.notebook)


def test_start_again_keeps_a_copy_that_comes_back(work, tmp_path):
    work.button("Start again").click()
    assert work.told() == "Nothing is written yet."
    work.write("f", "first = 1")
    work.button("Add a cell below f").click()
    work.tab.keyboard.insert_text("more = 2")
    first = work.save(tmp_path / "first.ipynb")
    work.button("Start again").click()
    assert "kept as a copy" in work.told()
    assert work.save(tmp_path / "a.ipynb") == release(NAME)
    work.write("f", "second = 1")

    work.tab.reload()
    work.start()
    copies = work.tab.locator("#work-files details")
    copies.locator("summary").click()
    assert "Copies kept in this browser (1;" in copies.inner_text()
    assert work.save(tmp_path / "b.ipynb", copies.get_by_role("button", name="Export")) == first
    copies.get_by_role("button", name="Bring back").click()
    assert work.text_of("f") == "first = 1"
    assert work.save(tmp_path / "c.ipynb") == first
    assert copies.locator("li").count() == 2  # the second try is kept as well
    copies.get_by_role("button", name="Bring back").first.click()
    assert work.text_of("f") == "second = 1"
    for number in range(8):
        work.write("f", f"try = {number}")
        work.button("Start again").click()
    assert copies.locator("li").count() == 5


def test_a_cell_of_ones_own_comes_and_goes(work, tmp_path):
    work.button("Add a cell below setup").click()
    work.button("Remove your cell own-1").click()
    assert work.cell("own-1").count() == 0
    work.button("Add a cell below setup").click()
    work.tab.keyboard.insert_text("x = 1")
    questions = []
    work.tab.once("dialog", lambda box: (questions.append(box.message), box.dismiss()))
    work.button("Remove your cell own-1").click()
    assert work.text_of("own-1") == "x = 1"
    work.tab.once("dialog", lambda box: box.accept())
    work.button("Remove your cell own-1").click()
    assert work.cell("own-1").count() == 0
    assert questions == ["Remove this cell and what is written in it?"]
    assert work.save(tmp_path / "a.ipynb") == release(NAME)


def test_answers_to_parts_that_are_no_more_stay(work, tmp_path):
    """As when the instructor renames a part between two visits."""
    work.write("f", "mine = 1")
    work.tab.evaluate(
        f"""() => {{
          const key = "homework:{NAME}", saved = JSON.parse(localStorage.getItem(key));
          saved.work.answers.old_part = {{ source: "old = 2" }};
          const cell = {{ cell_type: "raw", id: "own-7", metadata: {{}}, source: "own = 3" }};
          saved.work.own.push({{ after: "gone", cell }});
          delete saved.work.answers.minimize;
          localStorage.setItem(key, JSON.stringify(saved));
        }}"""
    )
    work.tab.reload()
    work.start()
    made = work.save(tmp_path / "a.ipynb")
    assert [cell.source for cell in made.cells[-2:]] == ["own = 3", "old_part\nold = 2"]
    made.cells = made.cells[:-2]
    one = draft(NAME)
    one["f"] = "mine = 1"
    assert made == one.notebook


def test_where_nothing_can_be_saved_it_says_so(browser, site, tmp_path):
    work = Work(browser, site, start=False)
    work.tab.evaluate("void (Storage.prototype.setItem = () => { throw new Error('full'); })")
    work.start()
    work.write("f", "mine = 1")
    saved = work.tab.locator(".work-saved").inner_text()
    assert saved.startswith("Not saved: ")
    assert "Export your work" in saved
    work.button("Start again").click()
    assert "Nothing is changed" in work.told()
    assert work.text_of("f") == "mine = 1"
    assert "mine = 1" in [cell.source for cell in work.save(tmp_path / "a.ipynb").cells]
    work.close()


def test_two_tabs_do_not_write_over_each_other(work):
    other = work.context.new_page()
    other.goto(work.address)
    work.start(other)
    for tab in (work.tab, other):
        tab.get_by_text("This homework is open in another tab as well.").wait_for()
    work.write("f", "first = 1")
    other.get_by_text("Another tab has saved this homework.").wait_for()
    other.locator('[data-cell="grad_f"] .cm-content').click()
    other.keyboard.insert_text("second = 2")
    saved = work.tab.evaluate(f"JSON.parse(localStorage.getItem('homework:{NAME}')).work.answers")
    assert saved["f"]["source"] == "first = 1"
    assert "second" not in saved["grad_f"]["source"]
    other.get_by_role("button", name="Show here what is saved").click()
    lines = other.locator('[data-cell="f"] .cm-line')
    assert lines.all_inner_texts() == ["first = 1"]
    assert other.locator("#work-files details li").count() == 1  # what was written here
    assert "second" in json.dumps(other.evaluate(f"localStorage.getItem('homework:{NAME}:copies')"))


def test_a_run_takes_along_what_is_new_above(work):
    work.write("f", "# raise: SyntaxError: no")
    work.button("Run f").click()
    assert work.state("f") == "failed, 0.0 s"
    assert "SyntaxError: no" in work.cell("f").locator(".cell_output").inner_text()
    work.write("f", "right = 1")
    work.button("Check f-check").click()
    assert work.state("f-check") == "✓ passed"
    cells = {cell.id: cell.source for cell in release(NAME).cells}
    first = [cells["setup"], cells["hints"], "# raise: SyntaxError: no"]
    assert work.tab.evaluate("ran") == [*first, "right = 1", cells["f-check"]]
    assert work.count() == "1 of 4 visible checks pass"
    work.button("Check f-check").click()  # nothing above has changed
    assert work.tab.evaluate("ran")[5:] == [cells["f-check"]]
    work.write("f", "wrong = 1")
    assert work.state("f-check") == "changed since it ran"
    assert work.count() == "0 of 4 visible checks pass"
    work.button("Run all").click()
    assert work.state("run-check") == "✓ passed"
    assert work.tab.evaluate("ran[6]") == "%reset -s -f"
    inert = [
        cell.id for cell in release(NAME).cells if cell.id in cells and "# " in cell.source[:2]
    ]
    assert set(inert) & {"f-values", "run"}
    assert not {cells["f-values"], cells["run"]} & set(work.tab.evaluate("ran"))
    assert work.count() == "4 of 4 visible checks pass"


def test_only_with_the_keyboard(work):
    keyboard = work.tab.keyboard
    focused = "document.activeElement.textContent"
    assert work.tab.evaluate(focused) == "Export"  # where Start was
    for _ in range(60):
        keyboard.press("Tab")
        if "cm-content" in work.tab.evaluate("document.activeElement.className"):
            break
    keyboard.press("Control+a")
    keyboard.press("Tab")
    keyboard.insert_text("# print: written by keys")
    keyboard.press("Shift+Enter")
    assert work.state("f") == "0.0 s"
    assert work.cell("f").locator(".cell_output").inner_text().strip() == "written by keys"
    keyboard.press("Escape")
    keyboard.press("Tab")
    assert work.tab.evaluate(focused) == "Run"
    keyboard.press("Tab")
    keyboard.press("Enter")  # adds a cell, and goes there
    keyboard.insert_text("# print: here")
    keyboard.press("Control+Enter")
    assert work.state("own-1") == "0.0 s"
    for _ in range(3):
        keyboard.press("Escape")
        keyboard.press("Tab")
    keyboard.press("Shift+Tab")
    assert work.tab.evaluate(focused) == "Remove"
    work.tab.once("dialog", lambda box: box.accept())
    keyboard.press("Space")
    assert work.tab.evaluate(focused) == "+ cell"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible_while_it_is_worked_on(browser, site, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    work = Work(browser, site, color_scheme=theme)
    work.write("f", "# print: some output")
    work.button("Add a cell below f").click()
    work.tab.keyboard.insert_text("# raise: ValueError: an error")
    work.button("Run your cell own-1").click()
    work.button("Check f-check").click()
    work.state("f-check")
    work.button("Start again").click()
    work.tab.locator("#work-files summary").click()
    work.button("Import")  # with a warning on the page:
    work.tab.evaluate("document.querySelector('.work-said').className += ' work-warning'")
    work.button("Check f-check").click()
    work.state("f-check")
    assert work.tab.evaluate("document.documentElement.dataset.theme") == theme
    options = {"resultTypes": ["violations"]}
    look = {"include": [["#work"], [".live-panel"]], "exclude": [[".katex-html"]]}
    found = axe.run(work.tab, look, options).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    assert [(rule["id"], rule["nodes"][0]["html"][:150]) for rule in serious] == []
    work.close()


# With Pyodide ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def done(browser, live_site, tmp_path_factory):
    """Do the homework in the browser; the value is what was seen on the way, and the file."""
    seen, folder = {}, tmp_path_factory.mktemp("browser")
    work = Work(browser, live_site, fake=False)
    work.write("f", ANSWERS["f"].replace("-(x * x)", "(x * x)"))
    work.button("Check f-check").click()
    seen["wrong"] = work.state("f-check"), work.cell("f-check").locator(".cell_output").inner_text()
    work.button("Check grad_f-check").click()
    seen["unanswered"] = work.state("grad_f-check")
    work.button("Add a cell below f").click()
    work.tab.keyboard.insert_text('hint("f")')
    work.tab.keyboard.press("Shift+Enter")
    work.state("own-1")
    seen["hint"] = work.cell("own-1").locator(".cell_output").inner_text()
    work.write("own-1", "while True: pass")
    work.tab.keyboard.press("Shift+Enter")
    work.tab.wait_for_selector(".live-panel[data-state=running]")
    work.button("Stop").click()
    seen["stopped"] = work.state("own-1")
    work.write("own-1", "f(np.zeros(2))")
    for name, text in ANSWERS.items():
        work.write(name, text)
    work.button("Run all").click()
    seen["first"] = work.state("f-check")
    seen["last"] = work.state("animation")
    seen["value"] = work.cell("own-1").locator(".cell_output").inner_text()
    seen["run"] = work.cell("run-check").locator(".cell_output").inner_text()
    seen["count"] = work.count()
    seen["figure"] = work.cell("animation").locator("descent-player").count()
    seen["notebook"] = work.save(folder / f"{NAME}.ipynb")
    work.close()
    return seen, folder / f"{NAME}.ipynb"


def test_a_student_sees_what_is_wrong_and_what_passes(done):
    seen, _ = done
    assert seen["wrong"][0] == "✗ failed"
    assert seen["wrong"][1].startswith("f has the other sign in the exponent")
    assert seen["unanswered"] == "waits for an answer that is not written yet"
    assert seen["hint"].startswith("Hint 1 of 3 for f:")
    assert seen["stopped"] == "stopped"
    assert seen["first"] == "✓ passed"
    assert seen["last"].endswith(" s")
    assert "0.0" in seen["value"]
    assert seen["run"].count("from (-1.0, ") == 2
    assert seen["count"] == "4 of 4 visible checks pass"
    assert seen["figure"] == 1


def test_what_the_browser_made_is_graded_as_what_jupyterlab_made(done, tmp_path):
    """The whole loop, for a right, a half and a wrong notebook of both kinds."""
    course = new_course(tmp_path, NAME)
    wrong = {"grad_f": ANSWERS["grad_f"].replace("np.stack", "-np.stack")}
    for who, answers in {"right": ANSWERS, "half": {"f": ANSWERS["f"]}, "wrong": wrong}.items():
        one = draft(NAME)
        one.add("f(np.zeros(2))", after="f")
        for name in ANSWERS:
            one[name] = answers.get(name, one[name])
        browser = copy.deepcopy(done[0]["notebook"])
        for cell in browser.cells:
            if cell.id in ANSWERS:
                cell.source = one[cell.id]
        hand_in(course, NAME, f"{who}-jupyterlab", one)
        made = SimpleNamespace(notebook=browser, files={})
        hand_in(course, NAME, f"{who}-browser", made)
    shutil.copy(done[1], course / "submitted/right-browser" / NAME / f"{NAME}.ipynb")
    rows = graded(course)
    assert {row.status for row in rows.values()} == {"graded"}
    table = points(course, NAME)
    for who, score in {"right": 40, "half": 8, "wrong": 4}.items():
        assert table[f"{who}-browser"] == table[f"{who}-jupyterlab"]
        assert rows[f"{who}-browser"].score == rows[f"{who}-jupyterlab"].score == score
        assert rows[f"{who}-browser"].note == rows[f"{who}-jupyterlab"].note
    feedback(NAME, course)
    page = course / "feedback/right-browser" / NAME / f"{NAME}.html"
    assert "It is a maximum." in page.read_text("utf-8")


# What is not in the site -------------------------------------------------------------------

SECRET = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.S)
LONG = 25  # characters of a line that says something
# Lines of hidden tests and solutions that stand elsewhere for reasons of their own: in chapters,
# in given cells of other homework, in the library that students have anyway.
ELSEWHERE = {
    "except Exception as error:",
    "generator = np.random.default_rng(1)",
    "generator = np.random.default_rng(3)",
    "generator = np.random.default_rng(seed)",
    "rng = np.random.default_rng(5)",
    "rng = np.random.default_rng(seed)",
    "M = np.random.default_rng(n).normal(size=(n, n))",
    "with tf.GradientTape() as tape:",
    "from coursekit.objectives import hill_and_well",
    "asked.append(np.array(x))",
    "a, b = x[..., 0], x[..., 1]",
    "unit = a / np.linalg.norm(a)",
    "r, J = residual(x), jacobian(x)",
    "for k in range(1, len(layers)):",
    "moves = np.diff(path, axis=0)",
    "before = np.vstack([0 * moves[:1], moves[:-1]])",
}


def secrets(name):
    """Return the long lines that only the instructor's notebook has."""
    known = "\n".join(cell.source for cell in release(name).cells)
    texts = []
    for cell in source(name).cells:
        texts += [text for _, text in SECRET.findall(cell.source)]
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution"):
            texts.append(cell.source)  # the model answer, and how it is marked
    lines = {line.strip() for text in texts for line in text.splitlines()}
    return {line for line in lines if len(line) >= LONG and line not in known}


def texts_of_the_site():
    """Yield name and text of every file in which there are words; of the wheels, each of theirs."""
    for path in sorted(path for path in HTML.rglob("*") if path.is_file()):
        name = path.relative_to(HTML).as_posix()
        if path.suffix == ".html":
            yield name, html.unescape(re.sub(r"<[^>]*>", "", path.read_text("utf-8")))
        elif path.suffix == ".ipynb":
            yield name, "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
        elif path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                for file in wheel.namelist():
                    yield f"{name}/{file}", wheel.read(file).decode("utf-8", "replace")
        elif path.suffix in {".js", ".json", ".md", ".py", ".txt", ".css"}:
            yield name, path.read_text("utf-8")


def test_hidden_tests_and_solutions_are_nowhere_in_the_site():
    hidden = {name: secrets(name) for name in NAMES}
    assert min(map(len, hidden.values())) > 20
    every = set().union(*hidden.values())
    found, own = {}, {}
    for place, text in texts_of_the_site():
        for line in every & {line.strip() for line in text.splitlines()}:
            found.setdefault(line, place)
        name = Path(place).stem
        if "homework/" in place and name in hidden:  # also in the middle of a line
            own |= {line: place for line in hidden[name] if line in text}
    assert own == {}
    assert {line: place for line, place in found.items() if line not in ELSEWHERE} == {}
    assert set(found) == ELSEWHERE  # no exception without its reason
