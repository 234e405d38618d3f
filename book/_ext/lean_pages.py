"""Take from the built pages what no reader gets anything from: most of their weight."""

import re
from pathlib import Path

import tinycss2

# Names, numbers, operators, punctuation and space need no colour of their own.
_PLAIN_CODE = re.compile(r'<span class="(?:n|nn|mi|mf|o|p|w)">([^<]*)</span>')
_STRING = re.compile(r'<span class="(?:s1|sa|se|si)">')  # all of one colour
_SAME = re.compile(r'(<span class="s2">[^<]*)</span><span class="s2">')
_TEX_COPY = re.compile(r'<annotation.*?</annotation>|(?<=<math) xmlns="[^"]*"', re.S)
_ASSET = re.compile(r"<(style|script)>.*?</\1>", re.S)
_FORMULA = re.compile(
    r'<span class="katex-html".*?(?=<(?!/?(?:span|svg|path)\b)|<span class="katex-mathml">)', re.S
)
# KaTeX's commonest class names, hundreds on a page, get short ones: q0, q1, ...
_KATEX_NAMES = (
    "base delimsizing frac-line mathnormal mbin mclose mfrac mopen mord mpunct mrel mspace msupsub "
    "mtight nulldelimiter pstrut reset-size6 sizing strut vlist vlist-r vlist-s vlist-t vlist-t2"
)
_SHORT = {name: f"q{i}" for i, name in enumerate(_KATEX_NAMES.split())}
_STYLED = re.compile(r'<(\w+)(?: class="([^"]*)")? style="([^"]*)"')


def lighten(app, pagename, templatename, context, doctree):
    """Say once what a page's code, formulas and figures say again and again."""
    if "body" not in context:
        return
    body = _PLAIN_CODE.sub(r"\1", context["body"])
    body = _STRING.sub('<span class="s2">', body)
    while _SAME.search(body):
        body = _SAME.sub(r"\1", body)
    body = _TEX_COPY.sub("", body)
    if "sd-tab-set" not in body:
        scripts = context["script_files"]
        context["script_files"] = [s for s in scripts if "design-tabs" not in str(s.filename)]
    seen = set()
    body = _ASSET.sub(
        lambda asset: "" if asset[0] in seen else seen.add(asset[0]) or asset[0], body
    )
    names = {}

    def name_style(tag):
        name = names.setdefault(tag[3], f"k{len(names)}")
        return f'<{tag[1]} class="{f"{tag[2]} {name}" if tag[2] else name}"'

    def name_classes(match):
        return f'class="{" ".join(_SHORT.get(name, name) for name in match[1].split())}"'

    def shorten(formula):
        return re.sub(r'class="([^"]*)"', name_classes, _STYLED.sub(name_style, formula[0]))

    body = _FORMULA.sub(shorten, body)
    rules = "".join(f".katex .katex-html .{name}{{{style}}}" for style, name in names.items())
    context["body"] = f"<style>{rules}</style>\n{body}" if rules else body


def _used(rules, words):
    """Serialize the CSS rules that can apply on a page built of these words."""
    for rule in rules:
        if rule.type == "qualified-rule":
            if re.search(r":not\([^()]*\(|\\", tinycss2.serialize(rule.prelude)):
                yield rule.serialize()  # beyond the reading below
                continue
            selectors = re.sub(r':not\([^()]*\)|"[^"]*"', "", tinycss2.serialize(rule.prelude))
            names = (set(re.findall(r"[.#]([\w\\-]+)", part)) for part in selectors.split(","))
            if any(part <= words for part in names):
                yield rule.serialize()
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            inner = "".join(_used(tinycss2.parse_rule_list(rule.content), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type != "comment" or "icense" in rule.value:
            yield rule.serialize()


def drop_unused_styles(app, exception):
    """Drop from the built style sheets the rules that no page can use."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for unused in ("scripts/fontawesome.js", "scripts/bootstrap.js"):  # see layout.html
        Path(out, "_static", unused).unlink(missing_ok=True)
    texts = [*out.rglob("*.html"), *Path(out, "_static").rglob("*.js")]
    words = set(re.findall(r"[\w-]+", " ".join(text.read_text("utf-8") for text in texts)))
    words |= set(_SHORT)
    for sheet in Path(out, "_static").rglob("*.css"):
        rules = tinycss2.parse_stylesheet(sheet.read_text("utf-8"), skip_whitespace=True)
        sheet.write_text("".join(_used(rules, words)), "utf-8")
    katex = Path(out, "_static/katex/katex.min.css")  # titles in the sidebars keep the long names
    long_name = re.compile(rf"\.({'|'.join(_SHORT)})(?![\w-])")
    both = long_name.sub(lambda m: f":is({m[0]},.{_SHORT[m[1]]})", katex.read_text("utf-8"))
    katex.write_text(both, "utf-8")


def setup(app):
    """Register with Sphinx, after whatever else writes a page."""
    app.connect("html-page-context", lighten, priority=900)
    app.connect("build-finished", drop_unused_styles, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
