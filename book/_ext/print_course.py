"""Make one PDF of the built book: ``make pdf`` calls this file; it needs Chromium.

The articles of all pages become one HTML file, in the order of the table of contents, which
Chromium prints twice: the second time with the page numbers that the first one told.
"""

import posixpath
import re
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path

import pikepdf
import yaml
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOOTER = (
    '<div style="width: 100%; font: 8pt serif; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
PAPER = {
    "prefer_css_page_size": True,
    "print_background": True,
    "tagged": True,
    "outline": True,
    "display_header_footer": True,
    "header_template": "<i></i>",
    "footer_template": FOOTER,
}
STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm; }
html { font-size: 13.3px; }
body { background: white; line-height: 1.5; }
.bd-article { padding: 0 !important; }
.chapter { break-before: page; }
.bd-article h1 { margin-top: 0; }
h1, h2, h3, h4 { break-after: avoid; }
figure, .course-wide, .katex-display, tr, .cell_output > * { break-inside: avoid; }
div.highlight pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem; }
.admonition { break-inside: auto; }
.bd-article code, .bd-article table, figcaption, .admonition, .sd-summary-title,
details.fold > summary { font-size: 0.95rem; }
.headerlink, button, .dp-controls, .fold-code, .genindex-jumpbox { display: none !important; }
.course-work { display: none; }
details.fold > summary { list-style: none; }
details.fold > summary::before { content: none; }
.course-wide, .katex-display { overflow: visible; background: none; }
.course-wide img { min-width: 0; max-width: min(100%, 11cm); max-height: 11cm; }
.course-wide img.bitmap { max-width: 100%; }
descent-player { max-width: 11cm; }
a { color: inherit !important; text-decoration: none !important; }
.title-page { height: 245mm; display: flex; flex-direction: column; justify-content: center; }
.title-page h1 { font-size: 2.6rem; }
.toc-pages ol { list-style: none; padding: 0; margin: 0 0 0.8rem; }
.toc-pages li { display: flex; gap: 0.4rem; }
.toc-pages li.section { padding-left: 1.6rem; font-size: 0.92rem; }
.toc-pages li i { flex: 1; border-bottom: 1px dotted #999; margin-bottom: 0.35em; }
.toc-pages p { font-weight: 700; margin: 0 0 0.2rem; break-after: avoid; }
"""
LAST_FRAMES = """() => {
  for (const player of document.querySelectorAll("descent-player")) {
    player.show(player.last);
    const said = document.createElement("div");
    said.textContent = `The last of ${player.last + 1} frames; on the page the figure moves.`;
    said.style = "font-size: 0.85em; font-style: italic";
    player.append(said);
  }
  for (const image of document.images) image.loading = "eager";
  return Promise.all([...document.images].map((image) => image.decode().catch(() => 0)));
}"""


def pages():
    """Return the parts of the book: their captions and the names of their pages."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    parts = [
        (part["caption"], [page["file"] for page in part["chapters"]]) for part in toc["parts"]
    ]
    parts[-1][1].append("genindex")
    return [("", [toc["root"]]), *parts]


def article(name):
    """Return the article of a page, with addresses that hold in the one file of all pages."""
    text = (HTML / f"{name}.html").read_text("utf-8")
    body = re.search(r'<article class="bd-article">(.*)</article>', text, re.S)[1]
    folder = posixpath.dirname(name)

    def inside(match):
        start, address, end = match.groups()
        if re.match(r"[a-z]+:", address):
            return match[0]
        path, _, anchor = address.partition("#")
        if "homework/" in path:  # not on paper
            return start.rsplit(" ", 1)[0]
        path = posixpath.normpath(posixpath.join(folder, path)) if path else f"{name}.html"
        if path.endswith(".html"):
            return f"{start}#{path.removesuffix('.html')}--{anchor}{end}"
        return f"{start}{path}{end}"

    body = re.sub(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"]*)(")', inside, body)
    body = re.sub(r'(\sid=")([^"]*")', rf"\g<1>{name}--\2", body)
    body = body.replace("<details ", "<details open ")
    return f'<section class="chapter bd-article" id="{name}--">{body}</section>'


def headings(body):
    """Return anchor and title (HTML) of the page and of each of its sections."""
    found = re.findall(
        r'<section[^>]* id="([^"]*)">\s*(?:<span id="[^"]*"></span>)*<h([12])>(.*?)</h\2>',
        body,
        re.S,
    )
    return [
        (int(level), anchor, re.sub(r'<a class="headerlink".*?</a>', "", title, flags=re.S))
        for anchor, level, title in found
    ]


def contents(articles, numbers):
    """Return the table of contents; ``numbers`` has the page of each anchor."""
    made = []
    for caption, names in pages():
        made.append(f"<p>{escape(caption)}</p><ol>")
        for name in (name for name in names if name in articles):
            found = headings(articles[name]) or [(1, f"{name}--", "Index of terms")]
            for level, anchor, title in found:
                css = ' class="section"' if level == 2 else ""
                number = numbers.get(anchor, "")
                made.append(
                    f'<li{css}><a href="#{anchor}">{title}</a><i></i><span>{number}</span></li>'
                )
        made.append("</ol>")
    return f'<nav class="toc-pages chapter"><h1>Contents</h1>{"".join(made)}</nav>'


def document(articles, numbers):
    """Return the whole book as HTML."""
    head = (HTML / "index.html").read_text("utf-8")
    sheets = dict.fromkeys(re.findall(r'<link[^>]*href="([^"]*\.css[^"]*)"', head))
    links = "".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in sheets)
    index = re.sub(
        r'(<a href="#)([^"]*)(">.*?</a>)',
        lambda m: f"{m[0]}, {numbers[m[2]]}" if m[2] in numbers else m[0],
        articles.get("genindex", ""),
        flags=re.S,
    )
    settings = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    title, author = escape(settings["title"]), escape(settings["author"])
    body = "".join(index if name == "genindex" else text for name, text in articles.items())
    return (
        f'<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
        f"<title>{title}</title>{links}<style>{STYLE}</style><body>"
        f'<div class="title-page"><h1>{title}</h1><p>{author}</p>'
        "<p>Made from the online book, where the figures move and the notebooks of all pages are; "
        "there, too, is the code of the figures, which is left out here.</p></div>"
        f"{contents(articles, numbers)}{body}</body></html>"
    )


def page_numbers(path):
    """Return on which page each anchor of the PDF lies."""
    with pikepdf.open(path) as pdf:
        order = {page.obj.objgen: number for number, page in enumerate(pdf.pages, 1)}
        return {
            name.removeprefix("/"): order[place[0].objgen] for name, place in pdf.Root.Dests.items()
        }


def print_pages(articles, path):
    """Print the articles of some pages, with their contents, as one PDF."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        sys.exit("error: make pdf needs Chromium; on Debian: apt install chromium")
    with (
        sync_playwright() as playwright,
        tempfile.NamedTemporaryFile("w", suffix=".html", dir=HTML, encoding="utf-8") as file,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        numbers = {}
        for _ in range(2):
            file.seek(0)
            file.truncate()
            file.write(document(articles, numbers))
            file.flush()
            tab = browser.new_page()
            tab.goto(Path(file.name).as_uri(), timeout=120_000)
            tab.evaluate(LAST_FRAMES)
            tab.pdf(path=path, **PAPER)
            tab.close()
            numbers = page_numbers(path)
        browser.close()
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:  # half the size
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return len(pdf.pages)


def main(path):
    """Print all pages."""
    articles = {name: article(name) for _, names in pages() for name in names}
    print(f"{print_pages(articles, path)} pages: {path}")


if __name__ == "__main__":
    main(ROOT / "_build" / "the-numerics-of-deep-learning.pdf")
