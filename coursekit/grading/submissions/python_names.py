"""What a text of Python binds and imports."""

import ast


def bound_names(text):
    r"""Return the names that a module of this text binds, each once, in order.

    Examples
    --------
    >>> bound_names("import os.path as p\ndef f(x): y = 1\na, *b = [z := 2 for c in 'd']")
    ['p', 'f', 'a', 'b', 'z']
    """
    found = {}

    def visit(node, here=True):  # False in a comprehension, None in a function or a class
        match node:
            case ast.Global(names=names):
                found.update(dict.fromkeys(names))
            case ast.NamedExpr(target=target) if here is not None:
                found[target.id] = None
            case ast.Name(id=name, ctx=ast.Store()) if here:
                found[name] = None
            case ast.Import() | ast.ImportFrom() if here:
                for alias in node.names:
                    found[(alias.asname or alias.name).split(".")[0]] = None
            case ast.ExceptHandler(name=str(name)) if here:
                found[name] = None
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) if here:
                found[name] = None
            case ast.MatchMapping(rest=str(name)) if here:
                found[name] = None
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if here:
                found[node.name] = None
        if isinstance(node, COMPREHENSIONS):
            here = here and False  # a walrus binds outside
        body = node.body if isinstance(node, SCOPES) else ()
        body = body if isinstance(body, list | tuple) else [body]  # of a lambda
        for child in ast.iter_child_nodes(node):
            visit(child, None if child in body else here)

    visit(ast.parse(text))
    found.pop("*", None)
    return list(found)


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def modules(text):
    r"""Return what a text imports at top level: name, and the statement.

    Examples
    --------
    >>> modules("import os.path, numpy as np\nfrom math import e")
    {'os': 'import os.path', 'np': 'import numpy as np', 'e': 'from math import e'}
    """

    def only(node, alias):
        if isinstance(node, ast.Import):
            return ast.Import([alias])
        return ast.ImportFrom(node.module, [alias], node.level)

    return {
        alias.asname or alias.name.partition(".")[0]: ast.unparse(only(node, alias))
        for node in ast.parse(text).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.name != "*"
    }


def imports(texts):
    r"""Return the import statements in texts of Python, wherever they stand, each once.

    Examples
    --------
    >>> imports(["import numpy as np", "def f():\n    import numpy as np; from math import e"])
    ['import numpy as np', 'from math import e']
    """
    found = {}
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found[ast.unparse(node)] = None
    return [line for line in found if not line.startswith("from __future__")]
