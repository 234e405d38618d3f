"""The built book, as a reader's browser meets it: every page of ``_build/html``, served locally.

``COURSE_HTML`` names another folder to look at. What each page weighs:
``pytest tests/book/test_site.py -k weight -s -q``.
"""

import functools
import gzip
import http.server
import io
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image
from places import ROOT

from coursekit import __version__

HTML = Path(os.environ.get("COURSE_HTML", ROOT / "_build/html"))
PAGES = sorted(
    page.relative_to(HTML).as_posix()
    for page in HTML.rglob("*.html")
    if page.relative_to(HTML).parts[0] != "_static"
) or ["index.html"]
MOST_SENT = 300_000  # bytes of all that one page loads, compressed as servers do
MOST_BYTES = 1_500_000  # and unpacked
PATIENCE = 120_000  # milliseconds, for a busy machine
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
AXE_LEAVES_OUT = ("color-contrast", "region")  # one runs apart, the other is never serious
AXE_LOOKS_AT = {"exclude": [[".katex-html"]]}  # hidden from screen readers; MathML stands beside


@pytest.fixture(scope="session")
def site():
    """Serve the built book; the value is its address."""
    if not (HTML / "index.html").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"the book is not built: no {HTML / 'index.html'}; run 'make book' first"
        )

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=HTML)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Visit:
    """One page opened once, with all that it loaded and said."""

    def __init__(self, browser, site, page, theme, viewport):
        self.name, self.site, self.loaded, self.said = page, site, {}, []
        self.context = browser.new_context(color_scheme=theme, viewport=viewport)
        self.context.set_default_timeout(PATIENCE)
        self.tab = self.context.new_page()
        self.tab.on("request", lambda request: self.loaded.setdefault(request.url))
        self.tab.on("response", lambda answer: self.loaded.update({answer.url: answer}))
        self.tab.on("console", lambda message: self.said.append((message.type, message.text)))
        self.tab.on("pageerror", lambda error: self.said.append(("error", str(error))))
        self.tab.goto(site + page, wait_until="networkidle")

    def ask(self, script):
        return self.tab.evaluate(script)

    def source(self):
        """Return the Markdown of the page, empty for a page that has none."""
        path = HTML / "_sources" / self.name.replace(".html", ".md")
        return path.read_text("utf-8") if path.exists() else ""


def _visits(theme, viewport):
    """Make a fixture that opens every page in turn and closes it after its last test."""

    @pytest.fixture(scope="module", params=PAGES)
    def visit(request, browser, site):
        visit = Visit(browser, site, request.param, theme, viewport)
        yield visit
        visit.context.close()

    return visit


light = _visits("light", DESKTOP)
phone = _visits("light", PHONE)


def test_nothing_comes_from_another_place(light):
    away = [u for u in light.loaded if not u.startswith((light.site, "data:", "blob:"))]
    assert away == []


def test_everything_asked_for_is_there(light):
    failed = [u for u, answer in light.loaded.items() if answer is None or answer.status >= 400]
    assert failed == []


def test_the_console_reports_nothing(light):
    assert [text for kind, text in light.said if kind in {"error", "warning"}] == []


@functools.lru_cache(100)  # most of what pages load they share
def _sent(url, body):
    """Return how many bytes a server sends: fonts and PNG are compressed as they are."""
    packed = urldefrag(url).url.split("?")[0].endswith((".woff2", ".png"))
    return len(body) if packed else len(gzip.compress(body, 6))


def test_page_weight(light):
    parts = []
    for url, answer in list(light.loaded.items()):  # a late answer may still come in
        if answer is not None and url.startswith(light.site):
            body = answer.body()
            parts.append((_sent(url, body), len(body), url.removeprefix(light.site)))
    sent, unpacked = sum(part[0] for part in parts), sum(part[1] for part in parts)
    print(f"{light.name:<32}{sent / 1e3:6.0f} kB compressed {unpacked / 1e3:7.0f} kB unpacked")
    heaviest = sorted(parts, reverse=True)[:5]
    assert 1000 < sent <= MOST_SENT, heaviest
    assert sent < unpacked <= MOST_BYTES, heaviest


def test_page_says_what_it_is(light):
    assert light.ask("document.documentElement.lang") == "en"
    assert len(light.tab.title()) > 5
    assert light.tab.locator("h1:visible").count() == 1
    skip = light.tab.locator("#pst-skip-link a")
    assert light.tab.locator(skip.get_attribute("href")).count() == 1


def test_formulas_are_finished(light):
    formulas = light.tab.locator("span.math, div.math").count()
    assert light.tab.locator(".math .katex .katex-mathml math").count() >= formulas
    assert light.tab.locator(".katex-error").count() == 0
    assert (
        light.tab.locator("script[src*=athjax], script[src*=MathJax], mjx-container").count() == 0
    )
    source = re.sub(
        r"^`{3,}\{code-cell\}.*?^`{3,}|`[^`\n]*`", "", light.source(), flags=re.S | re.M
    )
    assert formulas > 0 or "$" not in source
    raw = light.ask(
        r"""() => {
          const main = document.querySelector("main"), left = [];
          const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.parentElement.closest("pre, code, script, style, svg, .katex")) continue;
            if (/\$[^$]+\$|\\[()[\]]|\\[a-z]{3,}/.test(text.data)) left.push(text.data);
          }
          return left;
        }"""
    )
    assert raw == []


def test_pictures_say_what_they_show(light):
    silent = light.ask(
        """() => [...document.querySelectorAll("article img, article svg, article [role=img]")]
          .filter(e => !e.closest(".katex, button, summary, [aria-hidden=true]"))
          .map(e => [e.outerHTML.slice(0, 120), e.alt || e.getAttribute("aria-label") || ""])
          .filter(([, words]) => words.trim().length < 30)"""
    )
    assert silent == []


def test_figures_have_captions(light):
    assert light.tab.locator("article figure:not(:has(figcaption))").count() == 0


def test_animations_step_and_slide(light):
    calls = re.findall(r"\b(?:animate_descent|slide_paths|slide_bars)\(", light.source())
    players = light.tab.locator("descent-player")
    assert players.count() >= bool(calls)
    for player in players.all():
        readout = player.locator(".dp-readout")
        before = readout.inner_text()
        for slider in player.locator("input[type=range]").all():
            slider.focus()
            slider.press("ArrowRight")
            assert slider.input_value() == "1"
            assert readout.inner_text() != before
            slider.press("Home")
            assert readout.inner_text() == before
        buttons = player.locator("button")
        if buttons.count():
            player.get_by_role("button", name="step forward").click()
            assert slider.input_value() == "1"
            assert readout.inner_text() != before
            player.get_by_role("button", name="step back").click()
            assert readout.inner_text() == before
            player.get_by_role("button", name="play").click()
            light.tab.wait_for_function(
                "e => e.value > 0", arg=slider.element_handle(), timeout=PATIENCE
            )
            player.get_by_role("button", name="pause").click()
            slider.press("Home")


def test_folded_boxes_unfold_by_click_and_key(light):
    folds = light.tab.locator("article details.fold")
    titles = light.ask(
        """() => [...document.querySelectorAll("article details.fold")].map((box) => {
          const title = box.querySelector("summary");
          return [box.className, title.innerText.trim(), title.querySelectorAll("a").length];
        })"""
    )
    assert [title for title in titles if not title[1] or title[2]] == []  # a link leads away
    kinds = {kind: k for k, (kind, _, _) in reversed([*enumerate(titles)])}  # the first of each
    for k in kinds.values():
        box = folds.nth(k)
        title = box.locator("summary").first
        title.click()
        assert box.get_attribute("open") is not None
        title.press("Enter")
        assert box.get_attribute("open") is None


def test_folds_say_what_they_open(light):
    said = light.tab.locator("article details.fold > summary").all_text_contents()
    assert {text.strip() for text in said} & {"", "Hint", "Solution", "Code"} == set()
    codes = [text for text in said if text.startswith("Code of Figure")]
    assert len(codes) == len(set(codes))


def test_no_id_is_given_twice(light):
    names = light.ask("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_numbers_begin_with_that_of_the_chapter(light):
    title = re.match(r"(\d+)\.", light.tab.locator("main h1").first.inner_text())
    numbers = light.tab.locator("article .caption-number, article .eqno").all_inner_texts()
    numbers = [text for text in numbers if re.search(r"\d", text)]
    expected = rf"\b{title[1]}\.\d+\b" if title else r"\d"
    assert [text for text in numbers if not re.search(expected, text)] == []


def _both_themes(browser, site, page, selector):
    """Return the pixels of a picture by day and by night."""
    seen = []
    for theme in ("light", "dark"):
        visit = Visit(browser, site, page, theme, DESKTOP)
        picture = visit.tab.locator(selector).first.screenshot()
        seen.append(np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")))
        visit.context.close()
    return seen


def _page_with(bitmap):
    """Return the first page that has a bitmap, or a line drawing."""
    for page in PAGES:
        pictures = re.findall(r"<img[^>]*_images/[^>]*>", (HTML / page).read_text("utf-8"))
        if any(("bitmap" in picture) == bitmap for picture in pictures):
            return page
    return pytest.fail("no page has such a picture")


def test_bitmaps_are_the_same_by_night(browser, site):
    day, night = _both_themes(browser, site, _page_with(bitmap=True), "div.cell_output img.bitmap")
    assert day.shape == night.shape
    inside = (slice(8, -8), slice(8, -8))  # the rounded corners and part of the edge are the page's
    assert (day[inside] == night[inside]).all()
    assert len(np.unique(day.reshape(-1, 3), axis=0)) > 5


def test_line_drawings_follow_the_theme(browser, site):
    drawing = "div.cell_output img:not(.bitmap)"
    day, night = _both_themes(browser, site, _page_with(bitmap=False), drawing)
    assert day.mean() > 200
    assert night.mean() < 60


@functools.cache
def _ids(path):
    return set(re.findall(r'\bid="([^"]+)"', path.read_text("utf-8")))


def test_links_lead_somewhere(light):
    broken = []
    for href in set(
        light.ask("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    ):
        url, anchor = urldefrag(urljoin(light.site + light.name, href))
        if not url.startswith(light.site):
            assert url.startswith("https://"), href
            continue
        path = HTML / unquote(url.removeprefix(light.site))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file() or (anchor and unquote(anchor) not in _ids(path)):
            broken.append(href)
    assert broken == []


MYST = r"^(?:> )*(?:`{3,}|:{3,})\{|\{[\w:]+\}`|^%|^\([\w-]+\)=$|\$\$ ?\(|\]\((?!https?:)"


def _notebook(page):
    path = HTML / "_sources" / page.replace(".html", ".ipynb")
    return nbformat.read(path, as_version=4) if path.exists() else None


def test_notebook_download(light):
    button = light.tab.locator("a.course-download[download]")
    notebook = _notebook(light.name)
    if "kernelspec:" not in light.source():
        assert button.count() == 0
        assert notebook is None
        return
    assert (HTML / light.name).parent.joinpath(button.get_attribute("href")).is_file()
    first, check, *cells = notebook.cells
    assert "pip install" in first.source
    assert __version__ in check.source
    code = [cell for cell in cells if cell.cell_type == "code"]
    exercises = light.tab.locator("article details.solution").count()
    inputs, outputs = (
        light.ask(
            f"""[...document.querySelectorAll("div.{kind}")]
            .filter((cell) => !cell.closest("details.solution")).length"""
        )
        for kind in ("cell_input", "cell_output")
    )
    assert inputs > 0
    assert len(code) == inputs + 2 * exercises  # a cell to write in, and the check
    assert sum(cell.source.startswith("check_exercise(") for cell in code) == exercises
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert re.findall(MYST, text, flags=re.M) == []
    assert text.count("<details>") == text.count("</details>")
    assert sum(bool(cell.outputs) for cell in code) == outputs
    assert len(re.findall("^<details><summary>Solution to Exercise", text, re.M)) == exercises


def test_a_downloaded_notebook_runs_by_itself(tmp_path):
    found = [notebook for page in PAGES if (notebook := _notebook(page))]
    if not found:
        pytest.skip("the book is not built: run 'make book' first")
    light = [nb for nb in found if not re.search(r"tensorflow|keras|sklearn", nbformat.writes(nb))]
    notebook = min(light or found, key=lambda nb: len(nb.cells))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    done = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": tmp_path}}
    ).execute()
    assert any(cell.get("outputs") for cell in done.cells)


def test_phone_scrolls_one_way(phone):
    assert phone.ask("document.documentElement.scrollWidth") <= PHONE["width"] + 1
    outside = phone.ask(
        """() => [...document.querySelectorAll("main *")].filter(e => {
          const box = e.getBoundingClientRect();
          if (!box.width || box.right <= innerWidth + 1) return false;
          if (e.closest(".katex-mathml, .katex svg, dialog")) return false;
          for (let up = e; up; up = up.parentElement)
            if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return false;
          return getComputedStyle(e).visibility === "visible";
        }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert outside == []


def test_phone_formulas_stay_whole_or_scroll_and_show_it(phone):
    torn = phone.ask(
        """() => [...document.querySelectorAll("article span.math:not(.breaks)")]
          .filter((formula) => formula.checkVisibility())
          .filter((formula) => {
            const parts = [...formula.querySelectorAll(".katex-html > .base")];
            const lefts = parts.map((part) => part.getBoundingClientRect().left);
            return lefts.some((left, i) => i && left < lefts[i - 1]);
          }).map((formula) => formula.querySelector("annotation")?.textContent)"""
    )
    assert torn == []
    wide = phone.ask(
        """() => [...document.querySelectorAll(".katex-display, .course-wide")]
          .filter((box) => box.scrollWidth > box.clientWidth)
          .map((box) => [box.tabIndex, getComputedStyle(box).backgroundImage])"""
    )
    assert [box for box in wide if box[0] != 0 or "gradient" not in box[1]] == []


def test_phone_letters_in_figures_are_large_enough(phone):
    phone.ask("document.querySelectorAll('details').forEach((box) => (box.open = true))")
    small = phone.ask(
        """() => {
          const small = [];
          for (const box of document.querySelectorAll(".course-wide")) {
            const least = parseFloat(box.style.getPropertyValue("--least"));
            const width = box.querySelector("img").getBoundingClientRect().width;
            if (width < least - 1) small.push([width, least]);
          }
          for (const text of document.querySelectorAll("descent-player .dp-plot text")) {
            const svg = text.closest("svg.dp-plot");
            const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
            const size = scale * parseFloat(getComputedStyle(text).fontSize);
            if (size < 9) small.push([size, text.textContent]);
          }
          return small;
        }"""
    )
    assert small == []


def test_phone_text_is_large_enough(phone):
    small = phone.ask(
        """() => {
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), small = [];
          while (texts.nextNode()) {
            const e = texts.currentNode.parentElement;
            if (!texts.currentNode.data.trim()) continue;
            if (!e.checkVisibility({visibilityProperty: true})) continue;
            if (e.closest("script, style, svg, sup, sub, .katex, .headerlink")) continue;
            const size = parseFloat(getComputedStyle(e).fontSize);
            if (size < 15) small.push([size, e.outerHTML.slice(0, 100)]);
          }
          return small;
        }"""
    )
    assert small == []


def test_phone_menu_opens_and_closes(phone):
    home = phone.tab.locator("#pst-primary-sidebar-modal nav a").first
    phone.tab.locator("button.primary-toggle:visible").first.click()
    home.wait_for(state="visible")
    phone.tab.keyboard.press("Escape")
    home.wait_for(state="hidden")


FINDS = {
    "saddle point": ("models/jacobian-hessian", "constraints/lagrange"),
    "overflow": "numbers/floating-point",
    "log-sum-exp": "numbers/softmax",
    "cross-entropy": "numbers/softmax",
    "condition number": "numbers/conditioning",
    "backward error": "numbers/conditioning",
    "Hessian": "models/jacobian-hessian",
    "quadratic model": "models/taylor",
    "line search": "descent/",
    "Armijo": "descent/",
    "slack": "constraints/",
    "ridge": "constraints/least-squares",
    "normal equations": "constraints/least-squares",
    "stride": "learning/convolution",
    "dropout": "learning/",
}


def test_search_finds_the_right_page_first_and_lands_on_sections(browser, site):
    visit = Visit(browser, site, "search.html", "light", DESKTOP)
    found = {}
    for query in FINDS:
        visit.tab.goto(site + "search.html?q=" + quote(query))
        links = visit.tab.locator("#search-results li a")
        found[query] = [link.get_attribute("href") for link in links.all()[:5]]
    visit.context.close()
    wrong = {q: found[q] for q, page in FINDS.items() if not found[q][:1][0].startswith(page)}
    assert wrong == {}
    assert sum("#" in links[0] for links in found.values()) > len(FINDS) / 2
    for links in found.values():  # chapters before errata
        errata = [link.startswith("errata") for link in links]
        assert errata == sorted(errata)


def test_search_says_when_there_is_nothing(browser, site):
    visit = Visit(browser, site, "search.html?q=zwiebelkuchen", "light", DESKTOP)
    assert "No sections found" in visit.tab.locator("#search-results").inner_text()
    visit.context.close()


def test_first_uses_of_words_lead_to_the_glossary(light):
    links = light.ask("[...document.querySelectorAll('a.course-term')].map(a => a.href)")
    assert len(links) == len(set(links))
    assert links or "kernelspec:" not in light.source() or "/" not in light.name


def test_every_page_links_to_the_index_of_terms(light):
    link = light.tab.locator(".course-terms a").get_attribute("href")
    assert link == "#" or (HTML / light.name).parent.joinpath(link).is_file()


ONE_OF_A_KIND = """() => {
  const kinds = new Set(), behind = new Map();
  const first = (kind) => !kinds.has(kind) && kinds.add(kind);
  for (const token of document.querySelectorAll("div.highlight pre span")) {
    const kind = token.closest("div.highlight").parentElement.className + token.className;
    if (!first(kind)) token.replaceWith(...token.childNodes);
  }
  for (const formula of document.querySelectorAll(".katex"))
    if (!first("formula")) formula.replaceWith("formula");
  const background = (e) => {
    if (e && !behind.has(e)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const clear = own === "rgba(0, 0, 0, 0),none,1";
      behind.set(e, (clear ? "" : own) + background(e.parentElement));
    }
    return e ? behind.get(e) : "";
  };
  for (const e of document.querySelectorAll("body *")) {
    const written = [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!written || !e.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(e);
    if (first([color, fontSize, fontWeight, background(e)].join())) e.dataset.contrast = "look";
  }
}"""  # axe would look at thousands, for most of its time


AXE_RUNS = """async ([everywhere, contrast]) => {
  const found = [];
  for (const [where, options] of [everywhere, contrast])
    found.push(...(await axe.run(where, {resultTypes: ["violations"], ...options})).violations);
  return found
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => [rule.id, rule.impact, rule.nodes.slice(0, 5).map((e) => e.html.slice(0, 150))]);
}"""


def _violations(visit):
    visit.ask(pytest.importorskip("axe_playwright_python.sync_playwright").Axe().axe_script)
    visit.ask(ONE_OF_A_KIND)
    everywhere = AXE_LOOKS_AT, {"rules": {name: {"enabled": False} for name in AXE_LEAVES_OUT}}
    contrast = AXE_LOOKS_AT | {"include": [["[data-contrast]"]]}, {"runOnly": ["color-contrast"]}
    return visit.tab.evaluate(AXE_RUNS, [everywhere, contrast])


def test_accessible_by_day(light):  # last: it changes the page
    assert light.ask("document.documentElement.dataset.theme") == "light"
    assert _violations(light) == []


def test_what_stands_beside_a_page_is_accessible_by_night(browser, site):
    visit = Visit(browser, site, "index.html", "dark", DESKTOP)
    assert _violations(visit) == []
    visit.context.close()


def test_accessible_by_night_on_a_phone(phone):
    assert phone.ask("document.documentElement.dataset.theme") == "light"
    phone.tab.emulate_media(color_scheme="dark")
    phone.tab.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert _violations(phone) == []


def test_the_index_has_the_titles_of_the_boxes():
    entries = re.findall(r"<td.*?</td>", (HTML / "genindex.html").read_text("utf-8"), re.S)
    linked = set(re.findall(r'<a href="([\w/-]+)\.html#', "".join(entries)))
    boxed = {
        path.relative_to(HTML / "_sources").with_suffix("").as_posix()
        for path in (HTML / "_sources").rglob("*.md")
        if re.search(r"\{prf:(?:definition|theorem|algorithm)\} \S", path.read_text("utf-8"))
    }
    assert len(boxed) > 20
    assert boxed | {"notation", "glossary"} <= linked


def test_formula_styles_and_fonts_are_of_the_version_that_typesets():
    katex = pytest.importorskip("sphinxcontrib.katex")
    folder = ROOT / "book/_static/katex"
    sheet = (folder / "katex.min.css").read_text("utf-8")
    assert f'"{katex.katex_version}"' in sheet
    fonts = set(re.findall(r"url\((.*?)\)", sheet))
    assert fonts == {f"fonts/{font.name}" for font in (folder / "fonts").iterdir()}
    assert all((folder / font).read_bytes().startswith(b"wOF2") for font in fonts)


BAD_PAGE = r"""---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
# A page with mistakes

Bad TeX: $\frac{1$.

```{code-cell} ipython3
import sys
print("a warning", file=sys.stderr)
```
"""


def _build(folder):
    command = ["jupyter-book", "build", folder / "book", "--path-output", folder]
    command += ["--config", folder / "_config.yml", "--toc", folder / "_toc.yml"]
    command += ["-W", "-n", "--keep-going"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, env={**os.environ, "PATH": path}
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def small_book(tmp_path):
    """Make a book with the settings and extensions of ours, and with no page yet."""
    pytest.importorskip("jupyter_book")
    for part in ("_ext", "_static", "_templates"):
        shutil.copytree(ROOT / "book" / part, tmp_path / "book" / part)
    for part in ("_config.yml", "book/references.bib"):
        shutil.copy(ROOT / part, tmp_path / part)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    return tmp_path


def test_a_chapter_that_fails_stops_the_build_and_loses_no_other(small_book):
    head = BAD_PAGE[: BAD_PAGE.index("# A page")]
    toc = "format: jb-book\nroot: index\nchapters:\n- file: late\n"
    (small_book / "_toc.yml").write_text(toc)
    good = small_book / "book/late.md"
    good.write_text(head + "# Good\n\n```{code-cell} ipython3\nprint(6 * 7)\n```\n")
    page = small_book / "book/index.md"
    page.write_text(head + "# Bad\n\nText.\n\n```{code-cell} ipython3\nlog = 1 / 0\n```\n")

    code, said = _build(small_book)
    assert code != 0
    assert re.search(r"index\.md:\d+: WARNING: this chapter does not run", said)
    assert "log = 1 / 0" in said
    assert "ZeroDivisionError" in said
    assert "late, " in said
    assert not (small_book / "_build/html/index.html").exists()

    page.write_text(page.read_text("utf-8").replace("1 / 0", "1 / 1"))
    code, said = _build(small_book)
    assert code == 0, said
    assert "1 of 1: index, " in said
    assert "Executing notebook" not in said


def test_build_refuses_mistakes_each_time_and_runs_unchanged_pages_once(small_book):
    tmp_path = small_book
    page = tmp_path / "book/index.md"
    page.write_text(BAD_PAGE)

    code, said = _build(tmp_path)
    assert code != 0
    assert "1 of 1: index, " in said
    assert "Executing notebook" not in said  # MyST-NB found it in the cache
    assert re.search(r"index.md:\d+: .*KaTeX parse error", said)
    code, said = _build(tmp_path)
    assert code != 0
    assert re.search(r"index.md:\d+: .*KaTeX parse error", said)
    assert re.search(r"index.md:\d+: .*stderr was found", said)
    assert "running" not in said
    assert "Executing notebook" not in said

    page.write_text(BAD_PAGE.replace("{1$", "{1}{2}$").replace(", file=sys.stderr", ""))
    code, said = _build(tmp_path)
    assert code == 0, said


FIGURE = """```{code-cell} ipython3
---
%stags: [hide-input]
---
from coursekit import slide_bars
slide_bars({1: {"a": [1, 2]}}, categories=["x", "y"], name="k", alt="bars")
```
"""


def test_a_figure_says_what_it_shows_and_its_code_is_folded(small_book):
    page = small_book / "book/index.md"
    head = BAD_PAGE[: BAD_PAGE.index("# A page")] + "# Figures\n\nText.\n\n"
    page.write_text(head + FIGURE % "")
    code, said = _build(small_book)
    assert code != 0
    assert "this figure has no text that says what it shows" in said

    alt = "Two bars, of which the second is twice as high as the first & that is all."
    page.write_text(head + FIGURE % f"mystnb:\n  image:\n    alt: '{alt}'\n")
    config = small_book / "_config.yml"
    settings = config.read_text("utf-8")
    config.write_text(settings.replace('url: ""', "url: https://github.com/a/b"), "utf-8")
    code, said = _build(small_book)
    assert code == 0, said
    html = (small_book / "_build/html/index.html").read_text("utf-8")
    assert f'aria-label="{alt.replace("&", "&amp;")}"' in html
    assert '<details class="fold fold-code"><summary>Code of this figure</summary>' in html
    assert "https://mybinder.org/v2/gh/a/b/main?urlpath=lab/tree/book/index.md" in html
    assert "https://colab.research.google.com/github/a/b/blob/gh-pages/_sources/index.ipynb" in html
    notebook = nbformat.read(small_book / "_build/html/_sources/index.ipynb", as_version=4)
    assert 'pip install "coursekit @ git+https://github.com/a/b"' in notebook.cells[0].source
