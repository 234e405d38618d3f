"""The same answer written in other ways, each as right as the first."""

import ast

PLAIN = "_plain"  # what the answer itself is called
OTHERS = {
    "nested lists": """
def _listed(value):
    if isinstance(value, (tuple, list)):
        return [_listed(item) for item in value]
    if callable(value):
        return lambda *args: _listed(value(*args))
    return np.asarray(value).tolist()

def {name}(*args, **kwargs):
    return _listed({plain}(*args, **kwargs))
""",
    "an object that can be called": """
class Answer:
    def __call__(self, *args, **kwargs):
        return {plain}(*args, **kwargs)

{name} = Answer()
""",
    "a method": """
class Answer:
    def answer(self, *args, **kwargs):
        return {plain}(*args, **kwargs)

{name} = Answer().answer
""",
    "a partial function": """
import functools
{name} = functools.partial({plain})
""",
    "its own copies, changed in place": """
def {name}(*args, **kwargs):
    args = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    value = {plain}(*[np.array(a) if isinstance(a, np.ndarray) else a for a in args], **kwargs)
    for arg in args:
        if isinstance(arg, np.ndarray):
            arg[...] = 0
    return value
""",
    "arrays in another order of memory": """
def _turned(value):
    if isinstance(value, tuple):
        return tuple(map(_turned, value))
    return np.asfortranarray(value)[()] if isinstance(value, np.ndarray) else value

def {name}(*args, **kwargs):
    return _turned({plain}(*args, **kwargs))
""",
}


def rewritten(source):
    """Return ``{description: source}`` of the one function that a source defines."""
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    name, plain = function.name, f"{PLAIN}_{function.name}"
    function.name = plain
    text = ast.unparse(tree)
    return {what: text + code.format(name=name, plain=plain) for what, code in OTHERS.items()}
