"""Ways of working that instructors meet: each turns a notebook handed out into one handed in."""

import copy

import nbformat

from coursekit.homework.text import points_of

WORDS = "It is a saddle: größer in one direction, 更小 in another. ☂\n\n- $\\nabla f = 0$\n"


def _marks(cell):
    return cell.metadata.get("nbgrader", {})


class Draft:
    """A notebook handed out, on its way to be handed in."""

    def __init__(self, notebook, source, instead=()):
        self.notebook, self.files = copy.deepcopy(notebook), {}
        codes = [cell for cell in source.cells if cell.cell_type == "code"]
        self.code = [cell.source for cell in codes]
        self.answers = {  # solution cells of code, in order: the instructor's answer
            cell.id: "\n".join(line for line in cell.source.split("\n") if " SOLUTION" not in line)
            for cell in codes
            if _marks(cell).get("solution")
        } | dict(instead)
        self.setup = "\n\n".join(cell.source for cell in codes if cell.id in ("setup", "data"))
        self.written = [c.id for c in source.cells if c.cell_type != "code" and points_of(c)]

    def at(self, name):
        """Return the place of a cell."""
        return next(i for i, cell in enumerate(self.notebook.cells) if cell.id == name)

    def __getitem__(self, name):
        return self.notebook.cells[self.at(name)].source

    def __setitem__(self, name, text):
        self.notebook.cells[self.at(name)].source = text

    def add(self, text, after=None, kind="code"):
        """Add a cell of one's own, behind another or on top."""
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
        place = 0 if after is None else self.at(after) + 1
        cell = make[kind](text, id=f"own-{len(self.notebook.cells)}")
        self.notebook.cells.insert(place, cell)
        return cell.id

    def fill(self, *names, words=WORDS):
        """Answer these cells as the instructor does; without names all of them."""
        for name in names or self.answers:
            self[name] = self.answers[name]
        for name in self.written:
            self[name] = words

    def wrap(self, helper, call):
        """Define a helper in a cell of one's own; after each answer run NAME = call(NAME)."""
        self.fill()
        first = self.add(helper, after="setup")
        for name in self.answers:
            self.add(f"{name} = {call}({name})", after=name)
        return first


# Styles for every homework -----------------------------------------------------------------


def perfect(draft):
    draft.fill()


def untouched(draft):
    pass


def first_half(draft):
    draft.fill(*list(draft.answers)[: len(draft.answers) // 2], words="*YOUR ANSWER HERE*")


def second_half(draft):
    draft.fill(*list(draft.answers)[len(draft.answers) // 2 :], words="")


def blanked(draft):
    for name in [*draft.answers, *draft.written]:
        draft[name] = ""


def comments_only(draft):
    for name in draft.answers:
        draft[name] = "# TODO: no time\n"


def syntax_error(draft):
    draft.fill()
    first = next(iter(draft.answers))
    draft[first] = draft.answers[first].replace("):", ")", 1)


def raises(draft):
    draft.fill()
    last = list(draft.answers)[-1]
    draft[last] = f"def {last}(*args, **options):\n    return {{}}['missing']"


def raises_at_home(draft):
    """Fail in cells of one's own; nothing else is wrong."""
    draft.fill()
    for text in ["1 / 0", "undefined_name", "def broken(:\n", "raise SystemExit",
                 "assert False, '…'", "raise KeyboardInterrupt",
                 "import no_such_module_at_all", "%no_such_magic",
                 "exec('1 +')"]:  # fmt: skip
        draft.add(text, after="setup")


def returns_nothing(draft):
    draft.fill()
    for name in list(draft.answers)[::2]:
        draft[name] = f"def {name}(*args, **options):\n    result = 1"


def chatty(draft):
    helper = """
import logging, sys, warnings
said = []
def chatty(function):
    def inner(*args, **options):
        said.append(1)
        if len(said) > 200:
            return function(*args, **options)
        print("called with", len(args), "arguments")
        warnings.warn("careful")
        logging.getLogger("student").warning("logged")
        sys.stderr.write("to stderr\\n")
        return function(*args, **options)
    return inner
"""
    draft.wrap(helper, "chatty")


def kinds_of_callables(draft):
    helper = """
from functools import partial, wraps
kinds = []
class Callable:
    weight: float = 1.0
    def __init__(self, function):
        self.function = function
    def __call__(self, *args, **options):
        return self.function(*args, **options)
    def method(self, *args, **options):
        return self(*args, **options)
def another(function):
    kinds.append(function)
    return [
        Callable(function),
        lambda *args, **options: function(*args, **options),
        partial(function),
        Callable(function).method,
        wraps(function)(lambda *args, **options: function(*args, **options)),
    ][len(kinds) % 5]
"""
    draft.wrap(helper, "another")


def redefined(draft):
    """Answer in the next cell; the answer's own cell holds a first attempt."""
    draft.fill()
    for name in draft.answers:
        draft[name] = f"def {name}(*args, **options):\n    return None"
        draft.add(draft.answers[name], after=name)


def answered_on_top(draft):
    """Answer everything in one cell on top, and empty the cells meant for it."""
    draft.fill()
    draft.add("\n\n\n".join(draft.answers.values()), after=next(iter(draft.answers)))
    for name in draft.answers:
        draft[name] = "# see above"


def lost_in_the_end(draft):
    draft.fill()
    first, *_, last = draft.answers
    draft.add(f"del {first}", after=last)


def modules(draft):
    """Keep answers in a package of one's own, which reads a file of data."""
    draft.fill()
    body = "\n\n\n".join([draft.setup, *draft.answers.values()])
    draft.files = {
        "mine/__init__.py": b"",
        "mine/answers.py": body.encode(),
        "data/numbers.csv": b"1.0,2.0\n3.0,4.5\n",
        "script.py": b"from_script = 7\n",
    }
    for name in draft.answers:
        draft[name] = f"from mine.answers import {name}"
    draft.add("table = np.loadtxt('data/numbers.csv', delimiter=',')\nassert table.sum() == 10.5\n"
              "%run script.py\nassert from_script == 7", after="setup")  # fmt: skip


def magics_and_plots(draft):
    draft.fill()
    for text in [
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2], [3, 1])\nplt.show()",
        "fig, ax = plt.subplots()\nax.imshow(np.eye(3), cmap='gray')",
        "%%time\nsum(range(1000))",
        "%timeit -n1 -r1 sum(range(10))",
        "!echo from the shell\nfiles = !ls\nprint(len(files) > 0)",
        "%%capture said\nprint('kept')",
        "%%writefile later.py\nvalue = 5",
        "import later\n%load_ext autoreload\n%autoreload 2\nlater.value",
        "from IPython.display import HTML, Markdown, clear_output, display\nclear_output()\n"
        "display(HTML('<b>bold</b>'), Markdown('*text*'), {'a': [1, 2]})\nnp.arange(3)",
        "print?\n%pwd\n%who\n_ = 3\nOut, In[-1];",
        "%config InlineBackend.figure_format = 'svg'\nplt.bar([1, 2], [2, 1]);",
        "%%javascript\nalert('hello')",
        "%%bash\necho from bash",
    ][::-1]:
        draft.add(text, after="setup")


def from_another_program(draft):
    """Save with an older minor version, another kernel, stale outputs, without ids of cells."""
    draft.fill()
    notebook = draft.notebook
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"display_name": "conda env", "language": "python", "name": "conda-dl"},
         "language_info": {"name": "python", "version": "3.7.1"}, "colab": {"provenance": []}}
    )  # fmt: skip
    for number, cell in enumerate(notebook.cells):
        cell.metadata.update({"collapsed": True, "scrolled": False, "id": f"c{number}"})
        if cell.cell_type == "code":
            cell.execution_count = 999 - number
            failed = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["old"]}
            cell.outputs = [nbformat.from_dict(failed)]
    own = draft.add("print('my own')", after="setup")
    notebook.cells[draft.at(own)].metadata.update({"tags": ["mine"], "slideshow": {"a": 1}})
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.pop("id", None)


def rearranged(draft):
    """Answer below the imports, the last one first, and in words before anything else."""
    draft.fill()
    cells = draft.notebook.cells
    for name in draft.written:
        cells.insert(0, cells.pop(draft.at(name)))
    draft.add("# My homework\n\nProudly presented. 🎉", kind="markdown")
    if "data" not in [cell.id for cell in cells]:
        for name in draft.answers:
            answer = cells.pop(draft.at(name))
            cells.insert(draft.at("setup") + 1, answer)


def edited_tests(draft):
    """Change and empty cells that are not one's own."""
    draft.fill(next(iter(draft.answers)))
    for cell in draft.notebook.cells:
        if cell.cell_type == "code" and _marks(cell).get("locked") and cell.id != "setup":
            cell.source = "" if points_of(cell) else "assert True"


def pasted_cells(draft):
    """Paste a copy of each answer below it, as JupyterLab does: with its name in nbgrader."""
    for name in draft.answers:
        draft[name] = draft.answers[name].replace("return", "return None #")
        again = copy.deepcopy(draft.notebook.cells[draft.at(name)])
        again.id, again.source = f"{name}-copy", draft.answers[name]
        draft.notebook.cells.insert(draft.at(name) + 1, again)


def remembering(draft):
    helper = """
CALLS = {}
def remembering(function):
    kept = {}
    def inner(*args, **options):
        global CALLS
        CALLS[function.__name__] = CALLS.get(function.__name__, 0) + 1
        key = repr((args, options)) if not any(map(callable, args)) else None
        if key is None or len(key) > 300:
            return function(*args, **options)
        if key not in kept:
            kept[key] = function(*args, **options)
        return kept[key]
    return inner
"""
    draft.wrap(helper, "remembering")


def overwrites_arguments(draft):
    helper = """
def careless(function):
    def inner(*args, **options):
        result = function(*args, **options)
        for value in args:
            if isinstance(value, np.ndarray) and value.dtype == float:
                value *= 2
                value[..., :1] = 7
            elif isinstance(value, list):
                value.append(value[0])
        return result
    return inner
"""
    draft.wrap(helper, "careless")


def lists_for_arrays(draft):
    helper = """
def as_lists(value):
    if isinstance(value, (tuple, list)):
        return [as_lists(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
def listing(function):
    return lambda *args, **options: as_lists(function(*args, **options))
"""
    draft.wrap(helper, "listing")


def odd_types(draft):
    helper = """
from collections import deque, namedtuple
Result = namedtuple("Result", "first second")
def odd(value):
    if isinstance(value, tuple):
        value = [odd(item) for item in value]
        return Result(*value) if len(value) == 2 else (*value,)
    if isinstance(value, list):
        return [odd(item) for item in value]
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return np.asmatrix(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return np.ma.masked_array(value)
    if isinstance(value, (float, np.floating)):
        return np.array(value)
    return value
def typed(function):
    return lambda *args, **options: odd(function(*args, **options))
"""
    draft.wrap(helper, "typed")


def single_precision(draft):
    helper = """
def to_single(value):
    if isinstance(value, (tuple, list)):
        return type(value)(to_single(item) for item in value)
    if isinstance(value, (float, np.ndarray, np.floating)):
        return np.float32(value)
    return value
def rough(function):
    return lambda *args, **options: to_single(function(*args, **options))
"""
    draft.wrap(helper, "rough")


def views_and_transposes(draft):
    helper = """
class Mine(np.ndarray):
    pass
def view(value):
    if isinstance(value, (tuple, list)):
        return type(value)(view(item) for item in value)
    if isinstance(value, np.ndarray) and value.ndim > 1:
        return np.asfortranarray(value)[::1]
    if isinstance(value, np.ndarray) and value.ndim == 1:
        wide = np.zeros((len(value), 3), value.dtype)
        wide[:, 1] = value
        return wide[:, 1].view(Mine)
    return value
def viewing(function):
    return lambda *args, **options: view(function(*args, **options))
"""
    draft.wrap(helper, "viewing")


def modern_python(draft):
    draft.fill()
    for text in [
        "import asyncio\nasync def wait():\n    await asyncio.sleep(0.001)\n    return 3\n"
        "await wait()",
        "from dataclasses import dataclass, field\nfrom enum import Enum\n@dataclass(frozen=True)\n"
        "class Point:\n    x: float = 0.0\n    tags: list[str] = field(default_factory=list)\n"
        "class Colour(Enum):\n    RED = 1\nPoint(1.0), Colour.RED",
        "def count(n: int) -> 'Iterator[int]':\n    yield from range(n)\n"
        "match [*count(3)]:\n    case [0, *rest]:\n        print(f'{rest=}')",
        "import random, threading\nrandom.seed(1)\nnp.random.seed(2)\n"
        "np.random.rand(3), random.random()\n"
        "t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()",
        "größe = 'ünïcödé 🎈'\nprint(größe, 'Привет', '数学')\nλ = lambda x: x\nλ(größe)",
        "np.set_printoptions(precision=2)\nimport os\nos.environ['MINE'] = '1'\n"
        "os.makedirs('new', exist_ok=True)\n"
        "open('new/file.txt', 'w').write('text')\nos.getcwd()",
        "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\nfact(300)",
        "with open('results.txt', 'w') as file:\n    print('saved', file=file)\n"
        "len(open('results.txt').read())",
    ][::-1]:  # fmt: skip
        draft.add(text, after="setup")
    draft.add("Some *thoughts* of mine, $x^2$", after="setup", kind="markdown")


STYLES = {
    style.__name__: style
    for style in [
        perfect, untouched, first_half, second_half, blanked, comments_only, syntax_error, raises,
        raises_at_home, returns_nothing, chatty, kinds_of_callables, redefined, answered_on_top,
        lost_in_the_end, modules, magics_and_plots, from_another_program, rearranged, edited_tests,
        pasted_cells, remembering, overwrites_arguments, lists_for_arrays, odd_types,
        single_precision, views_and_transposes, modern_python,
    ]
}  # fmt: skip


# Where nbgrader is unfair ------------------------------------------------------------------


def forgets_tests(draft):
    """Delete cells that are not one's own."""
    draft.fill()
    cells = draft.notebook.cells
    draft.notebook.cells = [c for c in cells if c.id not in ("softmax-values", "logsumexp-check")]


def odd_metadata(draft):
    """Lose metadata, or have it from another version, an editor, a script."""
    draft.fill()
    marks = [c.metadata for c in draft.notebook.cells if "nbgrader" in c.metadata]
    marks[0].nbgrader = {}
    marks[1].nbgrader.schema_version = 1
    marks[2].nbgrader = "gone"
    marks[3].nbgrader.points = 1000
    marks[4].nbgrader.grade_id = 5
    del marks[5].nbgrader["grade_id"]


def careless_names(draft):
    """Use names of built-in functions for one's own data, which hidden tests call too."""
    draft.add("len, np, zip, max, list, print = range(6)")
    draft.fill()
    for name in draft.answers:
        draft[name] = f"import numpy as np\n{draft.answers[name]}"


def a_name_of_the_tests(draft):
    """Call a helper ``single``, as a hidden test calls its data."""
    draft.fill()
    draft.add("def single(array):\n    return array * 1.0", after="setup")
    for name in draft.answers:
        draft.add(f"def {name}(*args, f={name}, **options):\n"
                  "    return single(f(*args, **options))", after=name)  # fmt: skip


def planted_tag(draft):
    """Tag the tests as cells to skip, and answer nothing."""
    for cell in draft.notebook.cells:
        if cell.cell_type == "code" and points_of(cell):
            cell.metadata["tags"] = ["skip-execution"]


def planted_number(draft):
    """Make every later cell end in a number, and answer nothing."""
    draft.add(
        "import ast\nclass Plant(ast.NodeTransformer):\n"
        "    def visit_Module(self, node):\n        node.body = ast.parse('1').body\n"
        "        return node\nget_ipython().ast_transformers.append(Plant())"
    )


UNFAIR = {  # to whoever hands in this, or to the class: submission, what it deserves
    "a warning": (chatty, "everything"),
    "a deleted test": (forgets_tests, "everything"),
    "a copied cell": (pasted_cells, "everything"),
    "odd metadata": (odd_metadata, "everything"),
    "names that tests need": (careless_names, "everything"),
    "a name that tests use": (a_name_of_the_tests, "everything"),
    "a planted tag": (planted_tag, "nothing"),
    "a planted number": (planted_number, "nothing"),
}
