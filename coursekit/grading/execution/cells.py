"""Which process runs a code cell, by its nbgrader metadata and the names it binds."""

import ast
import functools

__all__ = [
    "Statements",
    "binds",
    "for_students",
    "is_code",
    "is_test",
    "marks_of",
    "name_of",
    "names_in",
    "needed",
    "role",
    "tests_of",
]


def is_code(cell):
    """Whether it is a code cell."""
    return cell["cell_type"] == "code"


def is_test(cell):
    """Whether it is a code cell that gives points by running."""
    return is_code(cell) and role(cell) == "test"


def marks_of(cell):
    """Return what nbgrader says of a cell; {} for one that it knows nothing of."""
    marks = cell["metadata"].get("nbgrader", {})
    kinds = ("grade", "solution", "locked", "task")
    return marks if any(marks.get(kind) for kind in kinds) else {}


def name_of(cell):
    """Return the name of a cell, nbgrader's grade_id; None for one that nbgrader leaves alone."""
    return marks_of(cell).get("grade_id")


def role(cell):
    """Return what a code cell is: "own" (the student's), "locked" (given) or "test"."""
    marks = marks_of(cell)
    if not marks or marks.get("solution"):
        return "own"
    return "test" if marks.get("grade") else "locked"


def tests_of(cell, job):
    """Return how a test runs: as a tag of its cell says, or as the course has it."""
    tags = {f"tests-{way}": way for way in ("apart", "together", "both")}
    found = [tags[tag] for tag in cell["metadata"].get("tags", []) if tag in tags]
    return found[0] if found else job.get("tests", "apart")


def for_students(shell, cells, words, answers):
    """Return the indices of the locked cells that the student's process runs too.

    Those that bind a name which the student's cells use, or which such a cell uses; and those that
    do something that can be seen elsewhere, write a file, say, unless they look at an answer.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    cells : list of dict
    words : set of str
        Names that the student's cells use.
    answers : set of str
        Names that solution cells define.
    """
    locked = {
        k: cell["source"]
        for k, cell in enumerate(cells)
        if is_code(cell) and role(cell) == "locked"
    }
    chosen = {
        k
        for k, source in locked.items()
        if needed(shell, source, words) or _acts(shell, source, answers)
    }
    waiting = list(chosen)
    while waiting:
        words = names_in(shell, locked[waiting.pop()])
        more = {k for k, s in locked.items() if k not in chosen and _gives(shell, s) & words}
        chosen |= more
        waiting += more
    return chosen


@functools.cache
def _tree(shell, source):
    """Return the tree of a cell's code, None for what is no Python."""
    try:
        return ast.parse(shell.transform_cell(source))
    except SyntaxError:
        return None


@functools.cache
def names_in(shell, source):
    """Return the names in a cell's code."""
    tree = _tree(shell, source)
    nodes = ast.walk(tree) if tree else ()
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


@functools.cache
def _gives(shell, source):
    """Return the names that a cell gives to others: of its functions no local ones."""
    tree = _tree(shell, source)
    waiting, found = [*tree.body] if tree else [], set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= _bound(node)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
    return found


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
SCOPES += (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _acts(shell, source, answers):
    """Whether a cell does more than to bind names, and looks at no answer."""
    tree = _tree(shell, source)
    return (
        tree is not None and not names_in(shell, source) & answers and any(map(_is_act, tree.body))
    )


def _is_act(node):
    if isinstance(node, ast.Assign):
        return not all(isinstance(target, ast.Name | ast.Tuple) for target in node.targets)
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return not isinstance(node, BINDING)


BINDING = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
BINDING += (ast.AnnAssign, ast.Assert, ast.Pass)


def needed(shell, source, words):
    """Whether the student's cells mention a name that a locked cell binds."""
    bound = binds(shell, source)
    return "*" in bound or "get_ipython" in source or bool(bound & words)


@functools.cache
def binds(shell, source):
    """Return the names that a cell's code binds anywhere; "*" if nobody can tell."""
    tree = _tree(shell, source)
    if tree is None:
        return {"*"}
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return bound


class Statements:
    """Imports and functions that the instructor gives, to be run again before a test.

    A test that shares a process with the answers gets its helpers from here, as they were given:
    the student's cells may have bound their names to something else. Of the tests above, only what
    students can read is among them.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell
    job : coursekit.grading.execution.job.Job
    cells : list of dict
    """

    def __init__(self, shell, job, cells):
        self.shell, self.cells = shell, cells
        self.plain, self.shown = job.get("plain", {}), job.get("shown", {})
        self.modules = job.get("modules", {})  # that an answer imports: never the student's
        modules = {name for one in self.modules.values() for name in one}
        self.answers = {name for names in job["names"].values() for name in names} - modules

    def before(self, index):
        """Return the statements given above a cell."""
        found = []
        for cell in self.cells[: index + 1]:
            name = name_of(cell)
            for source in self.plain.get(name, []):
                found += self._statements(source)
            if is_code(cell) and role(cell) == "locked":
                found += self._statements(cell["source"])
            elif cell is not self.cells[index] and is_code(cell) and role(cell) == "test":
                found += self._statements(self.shown.get(name, ""))
        return list(dict.fromkeys(found))

    def modules_before(self, index):
        """Return the modules that answers above a cell import: name, and statement."""
        names = [name_of(cell) for cell in self.cells[:index]]
        return {k: v for name in names for k, v in self.modules.get(name, {}).items()}

    def _statements(self, source):
        tree = _tree(self.shell, source)
        kept = [node for node in tree.body if isinstance(node, AGAIN)] if tree else []
        return [ast.unparse(node) for node in kept if not self.answers & _bound(node)]


AGAIN = (ast.Import, ast.ImportFrom, ast.FunctionDef)


def _bound(node):
    """Return the names that an import or a definition binds."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
