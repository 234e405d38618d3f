"""Read whatever was handed in as a notebook: its cells as plain data, or why there are none.

A notebook is only read for what the student wrote: kind, id, name, text and attachments of each
cell. Outputs are left out before the rest is parsed, so 60 MB of them cost 0.7 s and no memory.
"""

import json
import mmap
import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Cell", "Unreadable", "cells_of", "paper_in", "read_cells"]

LARGEST_FILE = 500_000_000  # bytes of a notebook
LARGEST_TEXT = 20_000_000  # bytes of it without outputs
MOST_CELLS = 5_000
OUTPUTS = re.compile(rb'(?<!\\)"outputs"\s*:\s*\[')
BRACKET = re.compile(rb'(?:[^"\[\]]++|"(?:[^"\\]++|\\.)*+")*+([\[\]])', re.S)  # strings skipped
KNOWN = {  # first bytes: what such a file is
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a compressed archive",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"<": "a web page",
}


class Unreadable(ValueError):
    """A submission cannot be graded; the message says why, in words its author understands."""


@dataclass
class Cell:
    """What a student wrote in one cell."""

    kind: str  # "code", "markdown" or "raw"
    id: str | None  # nbformat's
    name: str | None  # nbgrader's grade_id
    source: str
    attachments: dict = field(default_factory=dict)


def read_cells(path):
    """Return the cells of a notebook file, of any version of nbformat.

    Parameters
    ----------
    path : str or Path
        The file; it may hold anything at all.

    Returns
    -------
    list of Cell

    Raises
    ------
    Unreadable
        What the file is instead of a notebook.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "a.ipynb")
    ...     _ = path.write_text('{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1"}]}')
    ...     read_cells(path)
    [Cell(kind='code', id=None, name=None, source='1', attachments={})]
    """
    return cells_of(_parse(_text_without_outputs(Path(path))))


def cells_of(notebook):
    """Return the cells of a notebook, given as plain data; see `read_cells`."""
    if not isinstance(notebook, dict):
        raise Unreadable("its notebook is JSON, but not a notebook; save it from JupyterLab again")
    cells = _current(notebook).get("cells")
    if not isinstance(cells, list):
        raise Unreadable("its notebook has no list of cells; save it from JupyterLab again")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"its notebook has {len(cells)} cells; at most {MOST_CELLS} are graded")
    return [_cell(cell) for cell in cells if isinstance(cell, dict)]


def paper_in(path):
    """Return the name of the paper of an exam that a notebook file is, "" if it doesn't tell."""
    notebook = _parse(_text_without_outputs(Path(path)))
    for key in ("metadata", "coursekit", "paper"):
        notebook = notebook.get(key) if isinstance(notebook, dict) else None
    return _if_text(notebook) or ""


# From bytes to JSON ------------------------------------------------------------------------


def _text_without_outputs(path):
    """Return the bytes of a notebook with every list of outputs empty."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size > LARGEST_FILE:
                limit = f"at most {LARGEST_FILE / 1e6:.0f} MB are read; clear its outputs"
                raise Unreadable(f"its notebook has {size / 1e6:.0f} MB; {limit}")
            if size == 0:
                raise Unreadable("its notebook is an empty file; hand it in again")
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                text = _cut_outputs(content)
    except OSError as error:
        raise Unreadable(f"its notebook cannot be read: {error.strerror}") from None
    if len(text) > LARGEST_TEXT:
        limit = f"at most {LARGEST_TEXT / 1e6:.0f} MB are graded"
        raise Unreadable(f"its notebook has {len(text) / 1e6:.0f} MB without outputs; {limit}")
    return text


def _cut_outputs(content):
    """Copy JSON with nothing between the brackets of each list called outputs.

    Within a string of JSON a quote is escaped, so ``"outputs": [`` can only be a key.
    """
    kept, start = [], 0
    while key := OUTPUTS.search(content, start):
        kept.append(content[start : key.end()])
        depth, start = 1, key.end()
        while depth and (bracket := BRACKET.match(content, start)):
            depth += 1 if bracket[1] == b"[" else -1
            start = bracket.end()
        if depth:  # cut off in the middle: the parser says where
            start = len(content)
        else:
            start -= 1
    kept.append(content[start:])
    return b"".join(kept)


def _parse(text):
    """Return the JSON of a file, or say what else it holds."""
    for start, what in KNOWN.items():
        if text.lstrip()[:8].startswith(start):
            raise Unreadable(f"its notebook is {what}; hand in the .ipynb file itself")
    if not text.strip(b" \t\r\n\0"):
        raise Unreadable("its notebook holds nothing but blanks; hand it in again")
    try:
        return json.loads(text)  # finds out whether it is UTF-8, UTF-16 or UTF-32
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} is {text[error.start]:#04x}"
        raise Unreadable(f"its notebook is no text in UTF-8 ({place}); save it again") from None
    except RecursionError:
        raise Unreadable("its notebook is nested too deeply for a notebook") from None
    except ValueError as error:
        raise Unreadable(f"its notebook is not valid JSON: {error}; save it again") from None


# From JSON to cells ------------------------------------------------------------------------


def _current(notebook):
    """Return a notebook in nbformat 4, upgraded if it is older."""
    version = notebook.get("nbformat", 4)
    if version == 4 and isinstance(version, int):
        return notebook
    if type(version) is not int or not 1 <= version <= 3:
        raise Unreadable(f"its notebook is of format {version!r:.40}; save it in format 4")
    import nbformat

    try:
        for sheet in notebook.get("worksheets", []):
            for cell in sheet.get("cells", []):
                cell.setdefault("metadata", {})
                if cell.get("cell_type") == "code":
                    cell.update(outputs=[], language="python", prompt_number=None, collapsed=False)
                    cell["input"] = _joined(cell.get("input"))
                else:
                    cell["source"] = _joined(cell.get("source"))
        notebook = nbformat.from_dict({**notebook, "metadata": {}, "nbformat_minor": 0})
        return nbformat.convert(notebook, 4)
    except Exception as error:  # whatever a broken notebook does to nbformat
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        raise Unreadable(f"its notebook of format {version} is broken ({reason:.200})") from None


def _cell(cell):
    """Return what the student wrote in one cell; everything may be missing or of a wrong type."""
    kind = cell.get("cell_type")
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    attachments = cell.get("attachments")
    return Cell(
        kind=kind if kind in ("code", "markdown") else "raw",
        id=_if_text(cell.get("id")),
        name=_if_text(name),
        source=_joined(cell.get("source", cell.get("input"))),
        attachments=_attachments(attachments) if isinstance(attachments, dict) else {},
    )


def _attachments(found):
    """Return those attachments that are pictures as nbformat keeps them: name, type, base64."""
    return {
        _clean(name): {
            _clean(kind): _joined(data)
            for kind, data in parts.items()
            if isinstance(data, str | list)
        }
        for name, parts in found.items()
        if isinstance(parts, dict)
    }


def _if_text(value):
    return _clean(value) if isinstance(value, str) else None


def _joined(text):
    """Return the text of a cell, which may be a list of lines, as one string."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return _clean(text) if isinstance(text, str) else ""


def _clean(text):
    """Return text that can be written: half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
