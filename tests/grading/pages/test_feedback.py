"""Feedback pages: what stays hidden, what is said, and that nothing of a student's runs in them."""

import base64
import html
import re
import shutil

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytest.importorskip("nbgrader")

from places import COURSE
from tiny_homework import RIGHT, WRONG, hand_in, new_course, run_here

from coursekit.grading.grade import grade
from coursekit.grading.pages import sanitize
from coursekit.grading.pages.feedback import feedback, page
from coursekit.grading.pages.redact import Hidden, verdict
from coursekit.homework.source import exams, homeworks
from coursekit.homework.text import HomeworkError, to_notebook

TESTS = """\
# 4 points: cube of one number.
### BEGIN HIDDEN TESTS
secret_points = [0.3125, -1.21875, 0.4375, 17]
assert cube(17) == 4913, "The cube of a whole number is not right."
for x in secret_points:
    assert cube(x) is not None, f"cube({x}) returns nothing, but it should return a number."
    assert np.isclose(cube(x), x**3), "At " + str(x) + ", cube is " + "not right."
assert cube(2) == 8, "no percent %s here" % (secret_points,)
assert cube(3) == 27, "{} is not what was asked for".format(cube(3))
assert cube(5) == 125
why = " The sign has been lost." if cube(-2) == 8 else ""
assert cube(-2) == -8, f"A negative number is not right.{why}"
### END HIDDEN TESTS
"""
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def mark(name, **more):
    standard = {"grade_id": name, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": standard | {"schema_version": 3, "task": False} | more}


def source():
    test = mark("cube-values", grade=True, locked=True, points=4)
    stub = "def cube(x):\n    ### BEGIN SOLUTION\n    return x * x * x\n    ### END SOLUTION"
    why = "A model answer: because of the sign.\n\n=== BEGIN MARK SCHEME ===\n2 for the sign"
    why += "\n=== END MARK SCHEME ==="
    return new_notebook(
        cells=[
            new_code_cell("import numpy as np", metadata=mark("setup", locked=True)),
            new_code_cell(stub, metadata=mark("cube", solution=True)),
            new_code_cell(TESTS, metadata=test),
            new_markdown_cell(why, metadata=mark("why", grade=True, solution=True, points=2)),
        ]
    )


HIDDEN = Hidden(source())
FACTS = {"notebook": "cube", "student": "1001", "score": 0, "max_score": 6, "late_penalty": 0}


def error(kind="AssertionError", message="", traceback=()):
    lines = [*traceback, f"{kind}: {message}"]
    return new_output("error", ename=kind, evalue=message, traceback=lines)


def graded(answer="def cube(x):\n    return x", outputs=(), test=(), written="", own=()):
    """Return a page: the student's answer and its outputs, those of the test, further cells."""
    cells = source().cells
    cells[1].source, cells[1].outputs = answer, list(outputs)
    cells[2].outputs = list(test)
    cells[2].metadata.nbgrader.update(score=0, waits=False)
    cells[3].source = written
    cells[3].metadata.nbgrader.update(score=0, waits=True, comment="Say *more*.")
    notebook = nbformat.from_dict(new_notebook(cells=[*cells, *own]))
    return page(notebook, HIDDEN, FACTS)


def words(markup):
    """Return what a reader sees of a page: the text between its tags."""
    return html.unescape(
        re.sub(r"<[^>]*>", "", re.sub(r"<style>.*?</style>", "", markup, flags=re.S))
    )


def windows(text, length=12):
    text = " ".join(text.split())
    every = {text[k : k + length] for k in range(len(text) - length + 1)}
    return {window for window in every if window == window.strip()}


# What is said ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "message", "said"),
    [
        ("AssertionError", "The cube of a whole number is not right.",
         "The cube of a whole number is not right."),
        ("AssertionError", "cube(17) returns nothing, but it should return a number.",
         "cube(17) returns nothing, but it should return a number."),
        ("AssertionError", "At -1.5, cube is not right.", "At -1.5, cube is not right."),
        ("AssertionError", "\x1b[31m8\x1b[0m is not what was asked for",
         "8 is not what was asked for"),
        ("AssertionError", "no percent [0.3125, -1.21875, 0.4375, 17] here",
         "no percent … here"),
        ("AssertionError", "A negative number is not right. The sign has been lost.",
         "A negative number is not right. The sign has been lost."),
        ("AssertionError", "A negative number is not right. [0.3125, -1.21875, 0.4375, 17]",
         "A negative number is not right. …"),
        ("AssertionError", "", "This test failed; it has no message of its own."),
        ("AssertionError", "Arrays are not equal: x 0.3125, y 0.0305",
         "This test failed; it has no message of its own."),
        ("CheckFailed", "cube: opposite sign.\n  cube([0.3125, (1, 2)], n=3): yours 7\nTry: -",
         "cube: opposite sign.\n  cube(…): yours 7\nTry: -"),
        ("ValueError", "0.3125 and 0.4375 do not fit", "ValueError"),
        ("NameError", "name 'cube' is not defined", "NameError: name 'cube' is not defined"),
        ("NameError", "name 'secret_points' is not defined", "NameError"),
        ("LinAlgError", "0.3125", "LinAlgError"),
        ("CellTimeout", "it ran longer than 60 s and was stopped",
         "it ran longer than 60 s and was stopped"),
        ("Leak_0_3125", "", "An error"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_failed_test(kind, message, said):
    assert verdict(HIDDEN, "cube-values", kind, message) == said


def test_an_error_of_the_students_own_line_names_it_and_nothing_else():
    own = "def cube(x):\n    return 1 / 0  # 17?"
    lines = ["assert cube(17) == 4913", "ZeroDivisionError: x", "line 2: return 1 / 0  # 17?"]
    said = verdict(HIDDEN, "cube-values", "ZeroDivisionError", "x", lines, own)
    assert said == "ZeroDivisionError, raised in your line: return 1 / 0  # 17?"
    lines[-1] = "line 4: assert cube(17) == 4913"  # not a line of theirs, whatever it says
    assert verdict(HIDDEN, "cube-values", "ZeroDivisionError", "x", lines, own) == (
        "ZeroDivisionError"
    )


@pytest.mark.parametrize("kind", ["CheckFailed", "AssertionError"])
def test_a_check_failed_of_their_own_says_nothing(kind):
    own = f"def cube(x):\n    raise {kind}(x)"
    lines = [f"line 2: raise {kind}(x)"]
    said = verdict(HIDDEN, "cube-values", kind, "17", lines, own)
    assert said == f"{kind}, raised in your line: raise {kind}(x)"


def test_a_name_of_an_error_tells_only_what_they_wrote():
    own = "class Wrong(Exception): pass"
    assert verdict(HIDDEN, "cube-values", "Wrong", "17", (), own) == "Wrong"


def test_a_test_with_unreadable_code_has_no_message():
    cell = new_code_cell("assert (", metadata=mark("t", grade=True, locked=True, points=1))
    hidden = Hidden(new_notebook(cells=[cell]))
    assert verdict(hidden, "t", "AssertionError", "17") == (
        "This test failed; it has no message of its own."
    )


def test_page_says_points_messages_comments_and_what_waits():
    said = graded(
        test=[error(message="The cube of a whole number is not right.")],
        outputs=[new_output("stream", name="stdout", text="I print this.")],
        written="Because *I* say so: $x^2$.",
    )
    text = words(said)
    for sentence in (
        "Feedback for 1001: 0 of 6 points",
        "The cube of a whole number is not right.",
        "cube-values: 0 of 4 points",
        "# 4 points: cube of one number.",
        "waits for its marks",
        "why: – of 2 points",
        "I print this.",
        "Say more.",
    ):
        assert sentence in text
    assert "<msup>" in said
    assert "<em>I</em>" in said


FINDINGS = [
    "{name}: 0.4317 times the expected value in some entries in 2 of 4 cases.",
    "{name}: right to about 7 digits only here.",
    "{name}: too large by the same amount, 0.25, everywhere.",
    "{name}: opposite sign for a batch, but right without one.",
    "{name}: off by a factor that differs from case to case, 3, then 1.0986.",
    "{name} raises ValueError in {name}(array of shape (5, 2)): operands could not be broadcast",
    "{name} changes its input: after {name}([1, 2]) the caller's array is different.",
    "{name} returns nothing (None).\nTry: is a return missing?",
    "{name} should return the pair (x, mu); it returns an array of shape (2,).",
    "{name}(array of shape (4, 3)) has shape (1, 2), expected (2,).\nTry: it looks transposed.",
]


@pytest.mark.parametrize("homework", [*homeworks(COURSE), *exams(COURSE)])
def test_the_words_of_a_check_are_never_hidden(homework):
    notebook = to_notebook(COURSE / f"{homework}.md")
    hidden = Hidden(notebook)
    names = [c.id for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    graded = next(c.id for c in notebook.cells if "BEGIN HIDDEN" in c.source)
    for name in names:
        for finding in FINDINGS:
            message = finding.format(name=name)
            said = verdict(hidden, graded, "CheckFailed", message)
            calls = re.compile(re.escape(name) + r"\((?:[^()]|\([^()]*\))*\)")
            assert calls.sub("CALL", said) == calls.sub("CALL", message)
            cell = new_code_cell("check(f)", metadata=mark("f-check", locked=True))
            cell.outputs = [error("CheckFailed", message)]
            shown = words(page(new_notebook(cells=[cell]), hidden, FACTS))
            assert f"CheckFailed: {message}" in shown


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("cube([0.3125, 2.5])", "cube(array of shape (2,))"),
        ("cube([[1, nan], [-inf, 4]], 2)", "cube(array of shape (2, 2), …)"),
        ("cube(float32([1, 2, 3]))", "cube(float32 array of shape (3,))"),
        ("cube(bool array of shape (4, 3), -1, 7)", "cube(bool array of shape (4, 3), …)"),
        ("cube(0.3125)", "cube(…)"),
        ("cube([[1], [2, 3]])", "cube(…)"),
        ("cube([1, nan], -1, [True, False])", "cube(array of shape (2,), array of shape (2,), …)"),
        ("cube([[[1, 2]], [[3, 4]]])", "cube(array of shape (2, 1, 2))"),
        ("cube(array of shape (4, 4))", "cube(array of shape (4, 4))"),
    ],
)
def test_of_a_hidden_case_the_shapes_are_said(call, shown):
    by_hand = f"cube: wrong.\n  {call}: yours 7\nTry: do this case by hand, and print each step"
    by_hand += " of your code."
    said = verdict(HIDDEN, "cube-values", "CheckFailed", by_hand)
    assert said.startswith(f"cube: wrong.\n  {shown}: yours 7\nTry: make a case that you can do")


def test_a_line_of_their_own_is_shown_whole():
    line = "return x[np.arange(3), 0] + float(x)"
    message = f"cube raises IndexError in cube([0.3125, 2.5]): too many\n  line 2: {line}"
    said = verdict(HIDDEN, "cube-values", "CheckFailed", message, own=f"def cube(x):\n    {line}")
    assert (
        said == f"cube raises IndexError in cube(array of shape (2,)): too many\n  line 2: {line}"
    )


# What stays hidden -------------------------------------------------------------------------


def test_no_trace_of_a_test():
    frames = ["----> 1 assert cube(17) == 4913", "      2 for x in secret_points:"]
    said = graded(
        test=[
            new_output("stream", name="stdout", text="secret_points are 0.3125"),
            error("ValueError", "secret_points = [0.3125, -1.21875]", frames),
        ]
    )
    for word in ("secret_points", "0.3125", "1.21875", "4913", "HIDDEN", "model answer", "MARK"):
        assert word not in said
    assert "ValueError" in said


SEEN = "[0.3125, -1.21875, 0.4375, 17]"


@pytest.mark.parametrize(
    "printed",
    [
        SEEN,
        "[ 0.3125  -1.21875  0.4375 17. ]",
        "\n".join(["0.3125", "-1.21875", "0.4375"]),
        "assert cube(17) == 4913",
        "a\tassert   cube(17)\n== 4913",
        "x" * 30_000 + SEEN,
        "\x1b[1m0.3125, \x1b[0m-1.2\x1b[3m1875, 0.4375",
    ],
)
def test_what_they_saw_of_a_test_is_cut_out_of_what_they_print(printed):
    outputs = [
        new_output("stream", name="stdout", text=f"Up\n{printed}\nYonder"),
        new_output("execute_result", data={"text/plain": printed}),
        new_output("display_data", data={"text/html": f"<table><tr><td>{printed}</table>"}),
        error("ValueError", printed),
    ]
    said = words(graded("cube = abs", outputs=outputs))
    assert HIDDEN.leaks(printed)
    assert not HIDDEN.leaks(said)
    assert "Up" in said
    assert "Yonder" in said
    assert "…" in said


@pytest.mark.parametrize(
    "markup",
    [
        "<table><td>0.3125</td><td>-1.21875</td><td>0.4375</td></table>",
        "<table><td>" + "".join(f"&#{ord(c)};" for c in SEEN) + "</table>",
        "<table><td>" + "".join(f"<b>{c}</b>" for c in SEEN) + "</table>",
    ],
)
def test_a_table_with_what_they_saw_of_a_test_is_not_shown(markup):
    said = graded("cube = abs", [new_output("display_data", data={"text/html": markup})])
    assert "0.3125" not in words(said)
    assert "(something that only a notebook can show)" in said


def test_what_they_wrote_themselves_is_shown():
    answer = f"points = {SEEN}\nprint(points)"
    said = words(graded(answer, [new_output("stream", name="stdout", text=SEEN)]))
    assert said.count(SEEN) == 2


LINES = st.sampled_from(TESTS.splitlines())
PIECES = st.one_of(
    LINES,
    st.builds(lambda line, k, n: line[k : k + n], LINES, st.integers(0, 60), st.integers(1, 60)),
    st.text(max_size=8),
    st.sampled_from(["\n", " ", ", ", "\x1b[0m", "line 3: "]),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
MESSAGES = {
    "The cube of a whole number is not right.",
    "returns nothing, but it should return a number.",
    ", cube is not right.",
    "no percent",
    "here",
    "is not what was asked for",
    "A negative number is not right.",
    "The sign has been lost.",
}
ALLOWED = windows(" ".join(source().cells[2].source.splitlines()[0].split()))
ALLOWED |= set().union(*map(windows, MESSAGES))
SECRET = windows("\n".join(TESTS.splitlines()[2:-1])) - ALLOWED


def only_words(window):
    """Whether it is words that a check may say, and parts of such, and a few characters."""
    found = re.findall(r"[^\W\d]\w*", window)
    said = [word for word in found if any(word in known for known in HIDDEN.words)]
    return len("".join(window.split())) - sum(map(len, said)) <= 6


SECRET = {window for window in SECRET if not only_words(window)}


# a table with `"` written as `&quot;`, which only a browser shows as it is
@example(kind="AssertionError", texts=("", ') == 4913, "', "", ""))
@settings(max_examples=60)
@given(
    kind=st.sampled_from(["AssertionError", "CheckFailed", "ValueError", "NameError"]) | TEXTS,
    texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
)
def test_no_twelve_characters_of_a_hidden_test_in_any_page(kind, texts):
    printed, shown, message, written = texts
    said = graded(
        outputs=[
            new_output("stream", name="stdout", text=printed),
            new_output("execute_result", data={"text/plain": shown}),
            new_output("display_data", data={"text/html": f"<table><td>{html.escape(shown)}"}),
            error(kind, message, [printed]),
        ],
        test=[new_output("stream", name="stdout", text=shown), error(kind, message, [written])],
    )
    blocks = re.sub(r"<[^>]*>", "\0", re.sub(r"</?span[^>]*>", "", said))
    assert not windows(html.unescape(blocks)) & SECRET
    assert not windows(html.unescape(said)) & SECRET


@pytest.mark.parametrize("name", [*homeworks(COURSE), *exams(COURSE)])
def test_the_page_of_a_perfect_submission_hides_every_test(name):
    notebook = to_notebook(COURSE / f"{name}.md")
    hidden = Hidden(notebook)
    tests = [cell.source for cell in notebook.cells if "BEGIN HIDDEN" in cell.source]
    answers = "\n".join(
        cell.source for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")
    )
    for cell in notebook.cells:
        cell.metadata.get("nbgrader", {}).update(score=0)
        if cell.source in tests:
            cell.outputs = [error("ValueError", cell.source, [cell.source])]
    said = page(notebook, hidden, FACTS | {"notebook": name})
    lines = [
        line for text in tests for line in re.split(r"BEGIN HIDDEN TESTS", text)[1].splitlines()
    ]
    seen = hidden.visible + answers
    secret = [line for line in lines if len(line.strip()) >= 12 and line.strip() not in seen]
    assert len(secret) >= 10
    page_text = html.unescape(re.sub(r"<[^>]*>", "", said))
    assert [line for line in secret if line.strip() in page_text] == []


# Nothing runs ------------------------------------------------------------------------------


SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script>'
SVG += '<image href="http://evil.test/i.png"/><foreignObject><iframe src="javascript:alert(3)"/>'
SVG += "</foreignObject></svg>"
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="http://evil.test/pixel.png">',
    SVG,
    '<a href="javascript:alert(1)">click</a>',
    '<a href=" java\tscript:alert(1)">click</a>',
    "[click](javascript:alert(1))",
    "![pixel](http://evil.test/pixel.png)",
    "<iframe src='javascript:alert(1)'></iframe><object data='data:text/html,<script>alert(1)'>",
    '<meta http-equiv="refresh" content="0; url=http://evil.test/">',
    "<style>@import url(http://evil.test/a.css); body { background: url(//evil.test/b) }</style>",
    '<link rel="stylesheet" href="http://evil.test/a.css"><base href="http://evil.test/">',
    '<form action="http://evil.test/"><button autofocus onfocus="alert(1)">go</button></form>',
    '<table><tr><td style="background: url(http://evil.test/c)" onmouseover="alert(1)">1</table>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror"
    "=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "</pre></samp></code></article><script>alert(1)</script>",
    r"$\href{javascript:alert(1)}{x}$ and $\text{<img src=x onerror=alert(1)>}$",
    r"$$\require{html}\style{background:url(http://evil.test/d)}{x}$$ $\unicode{<script>}$",
    r"\begin{align}\class{x\" onload=\"alert(1)}{y} &= <script>alert(1)</script>\end{align}",
    "<template><script>alert(1)</script></template><svg><animate onbegin=alert(1) attributeName=x>",
    "<details open ontoggle=alert(1)><video src=http://evil.test/v onerror=alert(1)></details>",
    "<?xml-stylesheet href='http://evil.test/s.css'?><!--><script>alert(1)</script>-->",
]


def attacked(payload):
    """Return a page with a payload wherever a student can put one."""
    packed = base64.b64encode(payload.encode()).decode()
    bundles = [
        {"text/html": payload},
        {"text/html": f"<table><tr><td>{payload}</td></tr></table>"},
        {"image/svg+xml": payload if "<svg" in payload else f"<svg>{payload}</svg>"},
        {"image/png": packed},
        {"image/png": f'{PIXEL}" onerror="alert(1)'},
        {"text/markdown": payload, "text/latex": payload, "text/plain": payload},
        {"application/javascript": payload, "application/vnd.custom": payload},
    ]
    outputs = [new_output("display_data", data=data) for data in bundles]
    outputs += [
        new_output("stream", name="stdout", text=payload),
        error(payload, payload, [payload]),
    ]
    cell = new_markdown_cell(f"{payload}\n\n![a](attachment:a.png)")
    cell["attachments"] = {"a.png": {"image/png": payload}, payload: {payload: payload}}
    raw = nbformat.v4.new_raw_cell(payload)
    return graded(payload, outputs, [error(payload, payload, [payload])], payload, [cell, raw])


@pytest.fixture
def tab(browser):
    context = browser.new_context()
    yield context.new_page()
    context.close()


def look_at(tab, markup, folder):
    """Load a page in the browser; return all that happened that should not."""
    happened = []
    path = folder / "page.html"
    path.write_text(markup, encoding="utf-8")

    def opened(dialog):
        happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    tab.on("dialog", opened)

    def refused(request):
        if request.failure == "csp":
            happened.remove(request.url)

    tab.on("request", lambda request: happened.append(request.url))
    tab.on("requestfailed", refused)
    tab.goto(path.as_uri(), wait_until="load")
    for link in tab.locator("main a[href]:not([href^='#'])").all():
        happened.append(f"link {link.get_attribute('href')}")
    tab.wait_for_timeout(20)
    return [what for what in happened if not what.startswith((path.as_uri(), "data:image/"))]


@pytest.mark.parametrize("payload", ATTACKS)
def test_nothing_of_a_student_runs_or_loads_anything(tab, tmp_path, payload):
    markup = attacked(payload)
    assert look_at(tab, markup, tmp_path) == []
    live = (
        "script, iframe, object, embed, link, base, form, button, svg, video, [onerror], [onload]"
    )
    assert tab.locator(live).count() == 0
    assert tab.locator("[style], meta[http-equiv=refresh], style").count() == 1  # the page's own
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", markup)
    assert look_at(tab, bare, tmp_path) == []  # the first wall holds by itself


def test_the_second_wall_holds_by_itself(tab, tmp_path):
    attacks = [attack for attack in ATTACKS if "refresh" not in attack]
    markup = graded().replace("</main>", f"{''.join(attacks)}</main>")
    happened = look_at(tab, markup, tmp_path)
    assert [what for what in happened if not what.startswith("link ")] == []


def test_pictures_and_tables_of_theirs_are_shown(tab, tmp_path):
    cell = new_markdown_cell("![a](attachment:a.png) [there](https://example.org/x)")
    cell["attachments"] = {"a.png": {"image/png": PIXEL}}
    markup = graded(
        outputs=[
            new_output("display_data", data={"image/png": PIXEL, "text/plain": "<Figure>"}),
            new_output("display_data", data={"image/svg+xml": SVG.replace("onload", "data-x")}),
            new_output("display_data", data={"text/html": "<table><td colspan=2>seven</table>"}),
            new_output("display_data", data={"text/html": "<b>bold</b>"}),
        ],
        own=[cell],
    )
    assert look_at(tab, markup, tmp_path) == ["link https://example.org/x"]
    assert tab.locator("img").count() == 3
    assert tab.locator("td[colspan='2']").inner_text() == "seven"
    assert "(something that only a notebook can show)" in markup
    loaded = tab.evaluate("[...document.images].map(image => image.naturalWidth > 0)")
    assert loaded == [True, True, True]


SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_is_accessible(browser, tmp_path, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    markup = graded(
        outputs=[
            new_output("stream", name="stdout", text="printed"),
            new_output("display_data", data={"image/png": PIXEL}),
            error("ValueError", "no"),
        ],
        test=[error(message="The cube of a whole number is not right.")],
        written="# A *title*\n\n$x^2$",
    )
    markup = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", markup)  # for axe
    context = browser.new_context(color_scheme=theme, viewport={"width": 390, "height": 844})
    tab = context.new_page()
    assert look_at(tab, markup, tmp_path) == []
    found = axe.run(tab).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in SERIOUS] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 391
    context.close()


# Cleaning ----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.text() | st.sampled_from(ATTACKS))
def test_cleaned_html_holds_nothing_live(text):
    for cleaned in (sanitize.html(text), sanitize.markdown(text)):
        assert not re.search(r"<(script|iframe|style|svg|object|img|link|meta|form)\b", cleaned)
        assert not re.search(r"<[^>]*\s(on\w+|style|id|name|class)=", cleaned)


def test_long_output_is_shortened():
    text = sanitize.shortened("a" * 100_000)
    assert len(text) < 21_000
    assert "80,000 characters left out" in text


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("image/png", "not base64"),
        ("image/png", base64.b64encode(b"GIF8, not PNG").decode()),
        ("image/bmp", PIXEL),
        ("image/png", 17),
        ("image/png", "A" * 5_000_000),
        ("image/svg+xml", "<html>"),
    ],
)
def test_what_is_no_picture_is_not_shown(kind, data):
    assert sanitize.picture(kind, data) == ""


def test_a_picture_in_pieces_is_one():
    assert sanitize.picture("image/png", [PIXEL[:10] + "\n", PIXEL[10:]]).endswith(PIXEL)


def test_a_formula_that_is_none_stays_readable():
    assert "<code>\\begin{x</code>" in sanitize.markdown(
        r"$\begin{x$"
    ) or "begin" in sanitize.markdown(r"$\begin{x$")


# The whole way -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory):
    """Grade a class of two."""
    course = new_course(tmp_path_factory.mktemp("course"))
    for student, answer in [("right", RIGHT), ("wrong", WRONG)]:
        time = "2026-01-02 03:04:05 UTC"
        folder = hand_in(course, student, {"double": answer}, timestamp=time)
        (folder / "mine.csv").write_text("1, 2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coursekit.grading.runner.run_job", run_here)
        grade("tiny", course, sandbox=False)
    return course


def test_pages_of_a_class(graded_course):
    pages = feedback("tiny", graded_course)
    assert set(pages) == {"right", "wrong"}
    for student, path in pages.items():
        assert path == graded_course / "feedback" / student / "tiny" / "tiny.html"
        said = path.read_text("utf-8")
        assert ("The double of pi is not right." in said) == (student == "wrong")
        assert "double(pi)" not in said
    assert (graded_course / "feedback/right/tiny/timestamp.txt").exists()
    assert not list(graded_course.glob("feedback/*/*/*.csv"))
    assert feedback("tiny", graded_course) == pages  # again, over what is there


def test_feedback_of_nothing(graded_course, tmp_path):
    with pytest.raises(HomeworkError, match="no homework called 'none'"):
        feedback("none", graded_course)
    course = tmp_path / "course"
    shutil.copytree(graded_course, course, ignore=shutil.ignore_patterns("autograded"))
    with pytest.raises(HomeworkError, match="nothing of it is graded yet"):
        feedback("tiny", course)


def test_one_page_that_cannot_be_written_stops_no_other(graded_course, tmp_path):
    course = tmp_path / "course"
    shutil.copytree(graded_course, course)
    broken = course / "autograded/right/tiny/tiny.ipynb"
    broken.chmod(0o644)
    broken.write_text("{")
    pages = feedback("tiny", course)
    assert pages["right"].startswith("no page: NotJSONError")
    assert pages["wrong"].exists()
