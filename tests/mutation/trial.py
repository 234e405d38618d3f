"""What a homework says to wrong answers: by its visible checks, by its hidden tests, or nothing.

Everything runs here, in one process: a trial of one answer takes milliseconds.
"""

import contextlib
import copy
import functools
import io
import re
import signal
import sys
import traceback
import warnings
from dataclasses import dataclass, field

import numpy as np
from mutation.cases import CASES, EITHER_ORDER, EITHER_SIGN, NETWORKS, PROGRAMS, PROOFS, Then
from mutation.mutate import mutants
from places import COURSE
from scipy.optimize import linprog

from coursekit.homework.text import points_of, to_notebook
from coursekit.learning.networks import forward

SECONDS = 4  # of the processor, for one cell
RANDOM = 150  # calls that an equivalent mutant answers as the reference does
TRAINED = {"build_model-accuracy"}  # takes seconds: not run here
WORDS = {  # what a message must speak of for a kind of mistake
    "nothing": "return|None|nothing",
    "in place": "chang|in place",
    "not finite": "finite|nan|inf",
    "shape": "shape|axis|axes|batch|number|transposed|pair|should return",
}


@dataclass
class Homework:
    """The cells of a homework, ready to run."""

    name: str
    cells: list = field(repr=False)

    def __post_init__(self):
        self.base, self.code = {"__name__": "homework"}, {}
        for cell in self.cells:
            self.code[cell.id] = compile(cell.source, cell.id, "exec")
        self.answers = [c.id for c in self.cells if c.metadata.nbgrader.solution]
        self.tests = [c.id for c in self.cells if points_of(c) and c.id not in TRAINED]
        self.seen = {name: {} for name in self.answers}

    def names(self, answer=None, code=None, until=None):
        """Return what the cells define, with one answer replaced, up to the cell ``until``."""
        names = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in self.base.items()}
        for cell in self.cells:
            if cell.id == until:
                break
            if cell.id in self.answers or _is_given(cell):
                exec(code if cell.id == answer else self.code[cell.id], names)
            if "train" in names:
                names["train"] = lambda model, seed: 1.0
        return names


def _is_given(cell):
    """Whether a locked cell defines what others need; those that draw are left out."""
    mark = cell.metadata.nbgrader
    is_locked = not mark.solution and not points_of(cell) and not cell.id.endswith("-check")
    return is_locked and not re.search(r"plt\.\w|animate_\w+\(|check_kkt\(", cell.source)


@functools.cache
def homework(name):
    """Return a homework by its name."""
    cells = [c for c in to_notebook(COURSE / f"{name}.md").cells if c.cell_type == "code"]
    work = Homework(name, cells)
    with _quiet():
        setup = next(cell.id for cell in cells if _is_given(cell))
        exec(work.code[setup], work.base)
        work.code[setup] = compile("", setup, "exec")  # its arrays are copied for every trial
        for answer in work.answers:
            _record(work, answer)
    return work


def _record(work, answer):
    """Note the numbers with which the visible check calls a function."""
    names = work.names(until=f"{answer}-check")
    right = names[answer]
    parameters = right.__code__.co_varnames[: right.__code__.co_argcount]

    def recorder(*args, **kwargs):
        for key, value in {**dict(zip(parameters, args, strict=False)), **kwargs}.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                work.seen[answer].setdefault(key, set()).add(
                    float(value) if isinstance(value, np.floating) else value
                )
        return right(*args, **kwargs)

    exec(work.code[f"{answer}-check"], names | {answer: recorder})


# One answer ---------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What became of one answer: "visible", "hidden", "silent" or "equivalent"."""

    homework: str
    answer: str
    kind: str
    source: str
    result: str
    message: str = ""
    lost: tuple = ()

    @property
    def fitting(self):
        """Whether the message is of the right kind, or an error of the answer's own."""
        if re.match("(own|CheckFailed: .*raises) ", self.message):
            return True
        words = WORDS.get(self.kind, "")
        return not self.message.startswith("bare ") and bool(re.search(words, self.message, re.I))


def try_answer(work, answer, source, kind="", reference=True):
    """Run the visible check of an answer; if it passes, the hidden tests; if they do, random calls.

    The latter only if `reference` is true: they ask for the values of the reference.
    """
    made = functools.partial(Outcome, work.name, answer, kind, source)
    code = compile(source, f"answer {answer}", "exec")
    with _quiet():
        names, said = None, ""
        try:
            names = work.names(answer, code, until=f"{answer}-check")
        except Exception as error:
            said = f"own {type(error).__name__}: {error}"
        said = said or _fails(work.code[f"{answer}-check"], names, answer)
        if said:
            return made("visible", said)
        names = work.names(answer, code)
        lost = tuple(test for test in work.tests if _fails(work.code[test], dict(names), answer))
        if lost:
            return made("hidden", lost=lost)
        if reference and not _agrees(work, answer, names[answer]):
            return made("silent")
        return made("equivalent")


def _fails(code, names, answer):
    """Return why a cell fails, "" if not; "own …" for errors of the answer, "bare …" for others."""
    try:
        with _limit():
            exec(code, names)
    except (Exception, _Late) as error:
        message = f"{type(error).__name__}: {error}"
        files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)}
        if isinstance(error, AssertionError):
            return message
        theirs = isinstance(error, _Late) or f"answer {answer}" in files
        return f"{'own' if theirs else 'bare'} {message}"
    return ""


def _agrees(work, answer, func):
    """Whether a function gives the values of the reference for random arguments."""
    draw = CASES[work.name].get(answer)
    if draw is None:
        return True
    right = work.names()[answer]
    for seed in range(0, RANDOM, 5 if answer in PROGRAMS | PROOFS else 1):  # these take solvers
        theirs, ours = (_call(f, draw(np.random.default_rng(seed))) for f in (func, right))
        if answer in EITHER_SIGN:
            theirs, ours = ((_upwards(value), args) for value, args in (theirs, ours))
        if answer in EITHER_ORDER:
            theirs, ours = ((_in_order(value), args) for value, args in (theirs, ours))
        if answer in PROGRAMS:
            theirs, ours = ((_minima(value), args) for value, args in (theirs, ours))
        if answer in NETWORKS:
            theirs, ours = ((_outputs(value), args) for value, args in (theirs, ours))
        if answer in PROOFS:
            theirs, ours = ((_proven(value, args), args) for value, args in (theirs, ours))
        if not _same(theirs, ours):
            return False
    return True


def _call(func, args):
    """Return the value of a call, and its arguments as they are then."""
    *args, then = args if isinstance(args[-1], Then) else (*args, None)
    try:
        with _limit():
            value = func(*args)
            value = value if then is None else value(*then)
    except (Exception, _Late) as error:
        return "raises", "ValueError" if isinstance(error, ValueError) else "another error"
    return value, [a for a in [*args, *(then or ())] if isinstance(a, np.ndarray)]


def _upwards(value):
    """Return vectors with the sign that makes their largest entry positive."""
    if not isinstance(value, tuple | list):
        return value
    return tuple(v * np.sign(np.ravel(v)[np.abs(v).argmax()]) for v in map(np.asarray, value))


def _minima(program):
    """Return the cost of a program, and the minima of other costs where it is feasible."""
    if not isinstance(program, dict):
        return program
    c = np.asarray(program["c"], dtype=float)
    others = np.random.default_rng(0).normal(size=(3, len(c)))
    rows = {k: program.get(k) for k in ("A_ub", "b_ub", "A_eq", "b_eq")}
    box = np.vstack([np.eye(len(c)), -np.eye(len(c))])
    inside = {
        "A_ub": box if rows["A_ub"] is None else np.vstack([rows["A_ub"], box]),
        "b_ub": np.append([] if rows["b_ub"] is None else rows["b_ub"], np.full(len(box), 50)),
    }
    bounds = program.get("bounds", (0, None))
    runs = [linprog(other, **{**rows, **inside}, bounds=bounds) for other in others]
    return c, [np.nan if run.status else run.fun for run in runs]


def _proven(value, args):
    """Return what is None in a triple, and the value of the minimum if there is one."""
    if not isinstance(value, tuple | list) or len(value) != 3:
        return value
    x, y, _ = value
    return [v is None for v in value], args[0] @ x if x is not None and y is not None else 0


def _outputs(layers):
    """Return the outputs of a network at some points, and how many neurons its layers have."""
    try:
        points = 3 * np.random.default_rng(0).normal(size=(20, np.shape(layers[0][0])[1]))
        return forward(layers, points), [len(b) for _, b in layers]
    except (TypeError, ValueError, IndexError):
        return layers


def _in_order(value):
    """Return vectors in the order of their numbers."""
    if not isinstance(value, tuple | list):
        return value
    return tuple(sorted(value, key=lambda vector: np.round(vector, 6).tolist()))


def _same(theirs, ours):
    """Whether a value agrees with the reference's; a tuple may be a list, an array too."""
    if isinstance(ours, str) or isinstance(theirs, str):
        return isinstance(theirs, str) and theirs == ours
    if isinstance(ours, tuple | list):
        sized = isinstance(theirs, tuple | list) or getattr(theirs, "ndim", 0)
        return sized and len(theirs) == len(ours) and all(map(_same, theirs, ours))
    try:
        u, v = np.asarray(theirs), np.asarray(ours)
    except ValueError:
        return False
    rtol, atol = 1e-8 if v.dtype != np.float32 else 1e-4, 1e-9 * np.abs(v).max(initial=0)
    return (u.shape, u.dtype.kind in "fiub") == (v.shape, True) and np.allclose(
        u, v, rtol=rtol, atol=atol, equal_nan=True
    )


class _Late(BaseException):
    """A cell ran too long."""


@contextlib.contextmanager
def _limit():
    def late(*_):
        raise _Late(f"it ran longer than {SECONDS} s: does a loop never end?")

    old = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


@contextlib.contextmanager
def _quiet():
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


# All mutants --------------------------------------------------------------------------------


def try_mutants(name, every=1):
    """Yield the outcomes of the mutants of a homework, or of every so many of them."""
    work = homework(name)
    for answer in work.answers:
        cell = next(cell for cell in work.cells if cell.id == answer)
        made = mutants(cell.source, copy.deepcopy(work.seen[answer]))
        for source, kind in list(made.items())[::every]:
            yield try_answer(work, answer, source, kind)
