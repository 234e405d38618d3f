"""Make what students wrote and printed fit to be shown: in a page, and in a terminal.

Nothing that passes through here can run, load or hide anything: text is escaped, HTML keeps its
tables and loses the rest (nh3), pictures become ``<img>`` elements with their data inside,
formulas become MathML.
"""

import base64
import binascii
import functools
import re
from html import escape, unescape

__all__ = ["code", "html", "markdown", "picture", "seen", "shortened"]

LONGEST = 20_000  # characters of one output
LARGEST = 4_000_000  # bytes of one picture


def _words(text):
    return set(text.split())


TAGS = _words(
    "p br hr div span h1 h2 h3 h4 h5 h6 blockquote pre code em strong b i u s del sub sup "
    "ul ol li dl dt dd table caption thead tbody tfoot tr th td"
)
CELLS = {"colspan", "rowspan"}
NEVER = _words(
    "script style svg math iframe object embed template noscript textarea title select option "
    "audio video canvas form button noembed noframes xmp plaintext"
)
MATHML = _words(
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup "
    "msubsup munder mover munderover mtable mtr mtd"
)
PICTURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8"}


def shortened(text, longest=LONGEST):
    """Return the text, its middle left out if it is too long."""
    if len(text) <= longest:
        return text
    left_out = f"\n… {len(text) - longest:,} characters left out …\n"
    return text[: longest // 2] + left_out + text[-(longest // 2) :]


def html(text):
    """Return HTML with its text and tables only.

    Examples
    --------
    >>> html('<table onclick="x()"><tr><td>1<script>x()</script></td></tr></table>')
    '<table><tbody><tr><td>1</td></tr></tbody></table>'
    """
    import nh3

    return nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags=NEVER,
        attributes={"th": CELLS, "td": CELLS, "code": set()},
        url_schemes=set(),
        link_rel=None,
    )


def seen(text):
    """Return what a reader sees of HTML: each text by itself, and then all of them in one.

    Examples
    --------
    >>> seen("<td>1</td><td>2 &lt; <b>3</b>4</td>").splitlines()
    ['1  2 <  3 4', '12 < 34']
    """
    import nh3

    apart, together = (
        unescape(nh3.clean(markup, tags=set(), clean_content_tags=NEVER)).strip()
        for markup in (text.replace("<", " <"), text)
    )
    return f"{apart}\n{together}"


def picture(kind, data):
    """Return the ``data:`` address of a picture, or "" for what is none.

    An SVG is shown as an image, in which browsers run no script and load nothing.
    """
    if isinstance(data, list):
        data = "".join(map(str, data))
    if not isinstance(data, str) or len(data) > LARGEST:
        return ""
    if kind == "image/svg+xml":
        packed = base64.b64encode(data.encode("utf-8", "replace")).decode("ascii")
        return f"data:{kind};base64,{packed}" if "<svg" in data else ""
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not raw.startswith(PICTURES.get(kind, b"\0no picture")):
        return ""
    return f"data:{kind};base64,{base64.b64encode(raw).decode('ascii')}"


def markdown(text, attachments=None):
    r"""Return the HTML of a Markdown cell, formulas as MathML.

    Examples
    --------
    >>> markdown("*Why?* <img src=x onerror=alert(1)> [here](javascript:alert(1))")
    '<p><em>Why?</em>  [here](javascript:alert(1))</p>\n'
    """
    import nh3

    images = {
        f"attachment:{name}": picture(kind, data)
        for name, kinds in (attachments or {}).items()
        for kind, data in kinds.items()
    }

    def keep(tag, attribute, value):
        if (tag, attribute) == ("img", "src"):
            return images.get(value) or (value if _is_picture(value) else None)
        if (tag, attribute) == ("a", "href"):
            return value if re.match(r"https?://", value, re.I) else None
        return value

    cleaned = nh3.clean(
        _markdown().render(text),
        tags=TAGS | MATHML | {"img", "a"},
        clean_content_tags=NEVER - {"math"},
        attributes={
            "th": CELLS,
            "td": CELLS,
            "img": {"src", "alt"},
            "a": {"href"},
            "math": {"display"},
            "mo": {"stretchy", "fence"},
            "mspace": {"width"},
            "mi": {"mathvariant"},
        },
        url_schemes={"http", "https", "data", "attachment"},
        attribute_filter=keep,
        link_rel="noopener noreferrer nofollow",
    )
    return re.sub(r'<img(?![^>]*\ssrc=")[^>]*>', "", cleaned)


def _is_picture(address):
    found = re.fullmatch(r"data:(image/(?:png|jpeg|gif));base64,([A-Za-z0-9+/=]+)", address)
    return bool(found and picture(found[1], found[2]))


@functools.cache
def _markdown():
    from markdown_it import MarkdownIt
    from mdit_py_plugins.amsmath import amsmath_plugin
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    reader.use(dollarmath_plugin, renderer=_formula, double_inline=True)
    return reader.use(amsmath_plugin, renderer=lambda tex: _formula(tex, {"display_mode": True}))


def _formula(tex, options):
    from latex2mathml.converter import convert

    display = "block" if options.get("display_mode") else "inline"
    table = re.sub(r"(\\(?:begin|end))\{(?:align(?:ed|at)?|gather(?:ed)?|split)\*?\}",
                   r"\1{matrix}", tex)  # fmt: skip
    try:
        return convert(table, display=display)
    except Exception:  # not TeX: show it as it is written
        return f"<code>{escape(tex)}</code>"


def code(text):
    """Return Python code as HTML, its kinds of words marked."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter

    return highlight(text, _python(), HtmlFormatter(nowrap=True))


@functools.cache
def _python():
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name("ipython3")
