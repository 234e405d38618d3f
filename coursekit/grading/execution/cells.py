"""Which process runs a code cell, by its nbgrader metadata and the names it binds."""

import ast

__all__ = ["is_code", "name_of", "needed", "role"]


def is_code(cell):
    """Whether it is a code cell."""
    return cell["cell_type"] == "code"


def name_of(cell):
    """Return the name of a cell, nbgrader's grade_id; None for a cell of the student's own."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def role(cell):
    """Return what a code cell is: "own" (the student's), "locked" (given) or "test"."""
    marks = cell["metadata"].get("nbgrader", {})
    if not marks or marks.get("solution"):
        return "own"
    return "test" if marks.get("grade") else "locked"


def needed(shell, source, words):
    """Whether the student's cells mention a name that a locked cell binds."""
    try:
        tree = ast.parse(shell.transform_cell(source))
    except SyntaxError:
        return True
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).partition(".")[0])
    return "*" in bound or "get_ipython" in source or bool(bound & words)
