"""What of a homework a student must not see, and what of a failed test may be said.

The tests between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS`` stay hidden after the
grading too. Of a failed test a student reads the sentence that its author wrote into it
(``assert right, "sentence"``), or that a check of `coursekit.checks` says; of any other error its
kind, and the line of the student's own that raised it.
"""

import ast
import builtins
import re
from itertools import groupby

from coursekit._plain_text import plain

__all__ = ["Hidden", "released", "verdict"]

LENGTH = 12  # characters of a hidden text that must not appear together
LETTERS = 3  # of the author's own, in a message with values filled in
GAP = "…"
CALL = re.compile(r"(\b[\w.]+)\((?:[^()\n]|\([^()\n]*\))*\)")
FROM_THE_JUDGE = (
    "CellTimeout",
    "SubmissionError",
)  # see coursekit/grading/execution/student_process.py


class Hidden:
    """The parts of an instructor's notebook that are not handed out.

    Parameters
    ----------
    source : nbformat.NotebookNode
        The instructor's notebook.
    config : traitlets.config.Config, optional
        nbgrader's settings, for other words around hidden tests.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> tests = '''# 2 points
    ... ### BEGIN HIDDEN TESTS
    ... assert f(17) == 4913, "f is not the cube."
    ... ### END HIDDEN TESTS'''
    >>> mark = {"grade_id": "f-values", "grade": True, "solution": False, "points": 2}
    >>> cells = [new_code_cell(tests, metadata={"nbgrader": mark})]
    >>> hidden = Hidden(new_notebook(cells=cells))
    >>> hidden.shown["f-values"]
    '# 2 points'
    >>> hidden.leaks("he calls f(17) ==  4913, it seems")
    True
    >>> verdict(hidden, "f-values", "AssertionError", "f is not the cube.")
    'f is not the cube.'
    >>> verdict(hidden, "f-values", "ValueError", "17 is too much")
    'ValueError'
    """

    def __init__(self, source, config=None):
        handed_out = released(source, config)
        self.shown = {_name(cell): cell.source for cell in handed_out.cells if _name(cell)}
        self.visible = "\n".join(cell.source for cell in handed_out.cells)
        self.messages, texts = {}, []
        for cell, shown in zip(source.cells, handed_out.cells, strict=True):
            if cell.source != shown.source:
                kept = set(shown.source.splitlines())
                texts += [line for line in cell.source.splitlines() if line not in kept]
            if cell.cell_type == "code":
                self.messages[_name(cell)] = _messages(cell.source)
        self.parts = [
            (norm, _windows(norm("\n".join(texts))[0]) - _windows(norm(self.visible)[0]))
            for norm in (_one_space, _dense)
        ]

    def leaks(self, text, own=""):
        """Whether a text has 12 characters in a row that are only in the hidden parts.

        What the student wrote is ``own``. White space and, in a second look, punctuation between
        numbers and names do not count, so that an array is found however it is printed.
        """
        return any(self._found(text, own))

    def without(self, text, own=""):
        """Return the text, with ``…`` in place of what only the hidden parts contain."""
        found = self._found(text, own)
        if not any(found):
            return text
        pieces = groupby(zip(text, found, strict=True), key=lambda pair: pair[1])
        return "".join(
            GAP if hidden else "".join(character for character, _ in piece)
            for hidden, piece in pieces
        )

    def _found(self, text, own):
        """Return for each character of a text whether it is part of what is hidden."""
        found = [False] * len(text)
        for norm, hidden in self.parts:
            short, places = norm(text)
            ours = None
            for k in range(len(short) - LENGTH + 1):
                window = short[k : k + LENGTH]
                if window not in hidden:
                    continue
                ours = _windows(norm(own)[0]) if ours is None else ours
                if window not in ours:
                    first, last = places[k], places[k + LENGTH - 1]
                    found[first : last + 1] = [True] * (last + 1 - first)
        return found


def released(source, config=None):
    """Return a copy of a notebook without hidden tests and mark schemes."""
    from copy import deepcopy

    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    shown = deepcopy(source)
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        shown, _ = step(config=config).preprocess(shown, {"language": "python"})
    return shown


def verdict(hidden, name, kind, message, lines=(), own=""):
    """Return what a student may read about a test that failed.

    Parameters
    ----------
    hidden : Hidden
    name : str
        The name (grade_id) of the test's cell.
    kind, message : str
        The class of the exception and its text.
    lines : list of str
        The traceback; only a line that is in ``own`` is repeated.
    own : str
        The code that the student wrote.
    """
    message = plain(message).strip()
    text = plain("\n".join(map(str, lines)))
    line = _own_line(text.rpartition(f"{kind}: {message}")[2], own)  # a note behind the message
    if kind in ("AssertionError", "CheckFailed") and message and not line:
        for parts in hidden.messages.get(name, []):
            if (values := _filled(parts, message)) is not None:
                return "".join(
                    part if part is not None else hidden.without(values.pop(0), own)
                    for part in parts
                )
        if kind == "CheckFailed":
            return hidden.without(_without_arguments(message, hidden.visible), own)
    if kind in FROM_THE_JUDGE:
        return hidden.without(message, own)
    if kind == "AssertionError" and not line:
        return "This test failed; it has no message of its own."
    known = hasattr(builtins, kind) or kind in ("CheckFailed", "LinAlgError")
    known = known or (kind.isidentifier() and kind in own and not hidden.leaks(kind, own))
    said = kind if known else "An error"
    missing = re.fullmatch(r"name '(\w+)' is not defined", message)
    if kind == "NameError" and missing and missing[1] in hidden.visible + own:
        said += f": {message}"
    return f"{said}, raised in your line: {line}" if line else said


# The pieces --------------------------------------------------------------------------------


def _name(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _one_space(text):
    """Return the text with one blank for all white space, and where each character was."""
    kept = [
        (" " if character.isspace() else character, k)
        for k, character in enumerate(text)
        if not (character.isspace() and (k == 0 or text[k - 1].isspace()))
    ]
    return "".join(character for character, _ in kept), [k for _, k in kept]


def _dense(text):
    """Return the numbers and names of a text without what is between them, and their places."""
    kept = [(found[0], found.start()) for found in re.finditer(r"[\w.+\-…]", text)]
    return "".join(character for character, _ in kept), [k for _, k in kept]


def _windows(text):
    return {text[k : k + LENGTH] for k in range(len(text) - LENGTH + 1)}


def _without_arguments(message, visible):
    """Return a check's message without the arguments of the calls that it tells of."""
    return CALL.sub(lambda call: call[0] if call[0] in visible else f"{call[1]}({GAP})", message)


def _own_line(text, own):
    """Return the last line that the student wrote among those that "line 3: ..." tells of."""
    wrote = {line.strip() for line in own.splitlines()}
    found = re.findall(r"^line \d+: (.+)$", text, re.M)
    return next((line.strip() for line in reversed(found) if line.strip() in wrote), "")


def _messages(code):
    """Return the messages that a test can fail with: lists of its own words, None for a value."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        tree = ast.parse(TransformerManager().transform_cell(code))
    except (SyntaxError, ValueError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.msg is not None:
            found.append(node.msg)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found += node.exc.args[:1]
    every = [_parts(node) for node in found]
    return [parts for parts in every if _letters(parts) >= LETTERS]


def _parts(node):
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return _merged([part for value in values for part in _parts(value)])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _merged(_parts(left) + _parts(right))
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return _split(r"%[-+ #0]*\d*(?:\.\d+)?[a-z]", text)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return _split(r"\{[^{}]*\}", text)
    return [None]


def _split(placeholder, text):
    words = re.split(placeholder, text)
    return _merged([part for word in words for part in (word, None)][:-1])


def _merged(parts):
    """Join what stands side by side: words to words, values to values."""
    merged = []
    for part in parts:
        if merged and part is None and merged[-1] is None:
            continue
        if merged and None not in (part, merged[-1]):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return merged


def _letters(parts):
    return sum(character.isalpha() for part in parts if part for character in part)


def _filled(parts, message):
    """Return the values that fill a message, or None if these are other words."""
    values, at = [], 0
    for k, part in enumerate(parts):
        if part is None:
            continue
        words = plain(part).strip() if len(parts) == 1 else plain(part)
        words = words.rstrip() if k == len(parts) - 1 else words
        words = words.lstrip() if k == 0 else words
        place = len(message) - len(words) if k == len(parts) - 1 else message.find(words, at)
        if place < at or not message.startswith(words, place) or (k == 0 and place > 0):
            return None
        if k and parts[k - 1] is None:
            values.append(message[at:place])
        at = place + len(words)
    if parts[-1] is None:
        values.append(message[at:])
        at = len(message)
    return values if at == len(message) else None
