"""What of a homework a student must not see, and what of a failed test may be said.

The tests between ``### BEGIN HIDDEN TESTS`` and ``### END HIDDEN TESTS`` stay hidden after the
grading too. Of a failed test a student reads the sentence that its author wrote into it
(``assert right, "sentence"``), or that a check of `coursekit.checks` says; of any other error its
kind, and the line of the student's own that raised it. Hidden are the values of the test in such a
sentence, not its words.
"""

import ast
import builtins
import functools
import re
from itertools import groupby
from pathlib import Path

import numpy as np

from coursekit import checks
from coursekit._plain_text import plain
from coursekit.checks.against_diagnoses import STEP_BY_STEP

__all__ = ["Hidden", "released", "verdict"]

LENGTH = 12  # characters of a hidden text that must not appear together
FEW = 6  # characters beside our words, such as a shape
LETTERS = 3  # of the author's own, in a message with values filled in
GAP = "…"
CALL = re.compile(r"(\b[\w.]+)\(((?:[^()\n]|\([^()\n]*\))*)\)")
ROW = r"\[[^\[\]()]*\]"
ROWS = rf"\[(?:{ROW}|[^\[\]()])*\]"
ARRAY = re.compile(
    rf"(?:(\w+)\()?(\[(?:{ROWS}|[^\[\]()])*\])\)?|(\w+ )?array of shape (\([\d, ]*\))"
)
WORD = re.compile(r"(?<=shape )\([\d, ]*\)|[^\W\d]\w*")  # or a shape
SENTENCE = re.compile(r"[^\W\d]+[,;:]? [^\W\d]+")
A_CASE_OF_YOUR_OWN = "make a case that you can do by hand, and print each step of your code."
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
        said = [text for cell in source.cells for text in _sentences(cell)]
        texts = "\n".join([self.visible, words_of_checks(), *said])
        self.words = set(WORD.findall(texts))  # that may be said

    def leaks(self, text, own=""):
        """Whether a text has 12 characters in a row that are only in the hidden parts.

        What the student wrote is ``own``. White space and, in a second look, punctuation between
        numbers and names do not count, so that an array is found however it is printed.
        """
        return any(self._found(text, own))

    def without(self, text, own=""):
        """Return the text, with ``…`` in place of what only the hidden parts contain."""
        return _with_gaps(text, self._found(text, own))

    def said(self, message, own=""):
        """Return what a check says, with ``…`` in place of hidden values, and all of its words."""
        ours, segments, at = [character.isspace() for character in message], [], 0
        for word in WORD.finditer(message):  # a value ends where one of our words begins
            if word[0] in self.words or word[0][0] == "(":
                ours[word.start() : word.end()] = [True] * len(word[0])
                segments.append((at, word.start()))
                at = word.end()
        found = self._found(message, own, self.parts[:1], ours)
        for first, last in [*segments, (at, len(message))]:
            for k, is_hidden in enumerate(self._found(message[first:last], own), first):
                found[k] |= is_hidden
        return _with_gaps(message, found)

    def _found(self, text, own, parts=None, ours=None):
        """Return for each character of a text whether it is part of what is hidden.

        Where ``ours`` says that nearly all is words of ours, nothing is.
        """
        found = [False] * len(text)
        for norm, hidden in parts or self.parts:
            short, places = norm(text)
            wrote = None
            for k in range(len(short) - LENGTH + 1):
                window = short[k : k + LENGTH]
                first, last = places[k], places[k + LENGTH - 1]
                if window not in hidden or (ours and ours[first : last + 1].count(False) <= FEW):
                    continue
                wrote = _windows(norm(own)[0]) if wrote is None else wrote
                if window not in wrote:
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
                    part if part is not None else hidden.said(values.pop(0), own) for part in parts
                )
        if kind == "CheckFailed":
            return hidden.said(_without_arguments(message, f"{hidden.visible}\n{own}"), own)
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


def _with_gaps(text, found):
    """Return a text with ``…`` in place of the characters that are found."""
    pieces = groupby(zip(text, found, strict=True), key=lambda pair: pair[1])
    return "".join(
        GAP if hidden else "".join(character for character, _ in piece) for hidden, piece in pieces
    )


@functools.cache
def words_of_checks():
    """Return all texts in the code of `coursekit.checks`, a line each."""
    texts = []
    for path in sorted(Path(checks.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        texts += [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return "\n".join(text for text in texts if isinstance(text, str))


def _without_arguments(message, visible):
    """Return a check's message with the shapes, for the arguments of the calls that it tells of.

    No student can do a case by hand that is not shown.
    """

    def shapes(call):
        return call[0] if call[0] in visible else f"{call[1]}({_shapes(call[2])})"

    return CALL.sub(shapes, message).replace(STEP_BY_STEP, A_CASE_OF_YOUR_OWN)


def _shapes(arguments):
    """Return the arguments of a call as a message writes them: of arrays the shapes, no numbers."""
    kept = []
    for dtype, values, kind, shape in ARRAY.findall(arguments):
        if values:
            try:
                shape = np.shape(ast.literal_eval(values.replace("nan", "0").replace("inf", "0")))
            except (ValueError, SyntaxError):
                continue
        kept.append(f"{dtype + ' ' if dtype else kind}array of shape {shape}")
    rest = ARRAY.sub("", arguments).strip(", ")
    return ", ".join([*kept, GAP] if rest or not kept else kept)


def _own_line(text, own):
    """Return the last line that the student wrote among those that "line 3: ..." tells of."""
    wrote = {line.strip() for line in own.splitlines()}
    found = re.findall(r"^line \d+: (.+)$", text, re.M)
    return next((line.strip() for line in reversed(found) if line.strip() in wrote), "")


def _nodes(code):
    """Return the nodes of a cell's code, none of what is no Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return list(ast.walk(ast.parse(TransformerManager().transform_cell(code))))
    except (SyntaxError, ValueError):
        return []


def _sentences(cell):
    """Return the texts in a cell's code that are several words."""
    nodes = _nodes(cell.source) if cell.cell_type == "code" else []
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [text for text in texts if isinstance(text, str) and SENTENCE.search(text)]


def _messages(code):
    """Return the messages that a test can fail with: lists of its own words, None for a value."""
    found = []
    for node in _nodes(code):
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
