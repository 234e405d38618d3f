"""What a text of Python binds and imports."""

import ast


def _tree(text):
    """Return the tree of a cell's code, magics included; an empty one for what is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(text))
    except (SyntaxError, ValueError):
        return ast.parse("")


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

    visit(_tree(text))
    found.pop("*", None)
    return list(found)


SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def changed_names(text):
    r"""Return the names whose objects the top level of a text changes in place.

    Examples
    --------
    >>> changed_names("a[0] = 1\nb.x = 2\ndel c['k']\nd.append(3)\nprint(e)\ndef f(g): g.y = 1")
    ['a', 'b', 'c', 'd']
    """
    found, waiting = {}, [*_tree(text).body]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, SCOPES):
            continue
        place = None
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            place = node.value
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            place = node.value.func if isinstance(node.value.func, ast.Attribute) else None
        while isinstance(place, ast.Subscript | ast.Attribute):
            place = place.value
        if isinstance(place, ast.Name):
            found[place.id] = None
        waiting = [*ast.iter_child_nodes(node), *waiting]
    return list(found)


def used_names(text):
    r"""Return the names that a text reads, each once.

    Examples
    --------
    >>> sorted(used_names("a = f(b)\ndef g(x): return x + c"))
    ['b', 'c', 'f', 'x']
    """
    nodes = (node for node in ast.walk(_tree(text)) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Load)}


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
        for node in _tree(text).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.name != "*"
    }


def imports(texts, without=()):
    r"""Return the import statements in texts of Python, wherever they stand, each once.

    Those of modules ``without`` are left out: files that come with a notebook.

    Examples
    --------
    >>> imports(["import numpy as np", "def f():\n    import numpy as np; from math import e"])
    ['import numpy as np', 'from math import e']
    """
    found = {}
    for text in texts:
        for node in ast.walk(_tree(text)):
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                named = [node.module]
            else:
                continue
            if not {name.partition(".")[0] for name in named} & {*without, "__future__"}:
                found[ast.unparse(node)] = None
    return list(found)
