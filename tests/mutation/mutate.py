"""Mutants of a function: its source with one mistake in it, of every kind that a student makes.

`mutants` changes one place of the body: an operator, a constant, an axis, an order, a name, a
statement, the kind of what is returned, or an argument in place. Mutation tools know the operators
of Python, but neither axes, shapes and types of arrays nor answers that fit the visible check only.
"""

import ast
import copy

SWAPS = {  # operators that are mistaken for each other
    ast.Add: [ast.Sub, ast.Mult], ast.Sub: [ast.Add, ast.Mult], ast.Div: [ast.Mult, ast.Sub],
    ast.Mult: [ast.Div, ast.Add], ast.Pow: [ast.Mult], ast.FloorDiv: [ast.Div, ast.Mod],
    ast.Mod: [ast.FloorDiv], ast.MatMult: [ast.Mult], ast.And: [ast.Or], ast.Or: [ast.And],
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE], ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}  # fmt: skip
CALLS = {  # functions and methods, too
    "sum": "mean max prod", "mean": "sum max median", "max": "min sum mean", "min": "max mean",
    "maximum": "minimum add", "exp": "expm1 exp2 log", "log": "log2 log10 log1p", "sqrt": "square",
    "abs": "negative square", "any": "all", "all": "any", "zeros": "ones", "empty": "zeros",
    "cumsum": "cumprod", "flatnonzero": "argsort", "isfinite": "isnan", "copysign": "multiply",
    "norm": "max sum", "append": "extend", "svd": "eigh", "eye": "ones", "arange": "ones",
    "unique": "sort", "Conv2D": "Dense", "MaxPooling2D": "AveragePooling2D",
}  # fmt: skip
RETURNED = {  # what is returned instead of r: kind of mistake, expression
    "sign": ["-{r}"], "factor": ["2 * ({r})", "({r}) / 2"], "constant added": ["({r}) + 1"],
    "power": ["({r}) ** 2", "np.sqrt({r})", "np.abs({r})", "np.log({r})"],
    "imprecise": ["np.round({r}, 3)", "1.0001 * ({r})"],
    "type": ["np.float32({r})", "np.asarray({r}).astype(int)", "str({r})", "{r!n}"],
    "shape": ["np.asarray({r})[None]", "np.asarray({r})[..., None]", "np.transpose({r})",
              "np.ravel({r})", "np.mean({r}, axis=-1)"],
    "order": ["np.asarray({r})[..., ::-1]", "np.sort({r}, axis=-1)"],
    "not finite": ["({r}) * np.nan", "({r}) / 0.0"], "nothing": ["None"],
}  # fmt: skip
LOAD = ast.Load()


def mutants(source, seen=None):
    """Return ``{source: kind}`` of the mutants of the one function that a source defines.

    ``seen`` holds the values which each argument that is a number has in the visible check: an
    answer that takes such a value for granted should not pass it.
    """
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    if isinstance(function.body[0], ast.Expr) and isinstance(function.body[0].value, ast.Constant):
        del function.body[0]
    names = [a.arg for a in function.args.args]
    found, original = {}, ast.unparse(tree)
    for change, kind in [*_whole(function, names, seen or {}), *_places(function, names)]:
        change(True)
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
            compile(text, "mutant", "exec")
            found.setdefault(text, kind)
        except SyntaxError:
            pass
        change(False)
    found.pop(original, None)
    return found


def _replacing(holder, key, new):
    """A change that puts ``new`` at one place, and takes it back."""
    put = holder.__setitem__ if isinstance(holder, list) else lambda k, v: setattr(holder, k, v)
    old = holder[key] if isinstance(holder, list) else getattr(holder, key)
    return lambda on: put(key, new if on else old)


def _whole(function, names, seen):
    """Changes of the whole body: arguments changed, or taken for granted."""
    body = function.body

    def first(line):
        return _replacing(function, "body", [*ast.parse(line).body, *body])

    for name in names:
        again = f"if hasattr({name}, 'dtype'):\n        {name} *= 2"
        change = ast.parse(f"try:\n    pass\nfinally:\n    {again}").body
        change[0].body = body
        yield _replacing(function, "body", change), "in place"
        yield first(f"{name} = np.asarray({name})[..., ::-1]"), "order"
        yield first(f"{name} = np.float32({name})"), "type"
        yield first(f"{name} = np.abs({name})"), "argument"
        for value in seen.get(name, ()):
            yield first(f"{name} = {value!r}"), "hard-coded"
    for name in names[:1]:
        yield _replacing(function, "body", ast.parse(f"return {name}").body), "argument"
    for loop in ast.walk(function):  # the last line stands inside of the loop
        if isinstance(loop, ast.For | ast.While) and isinstance(body[-1], ast.Return):
            yield _replacing(loop, "body", [*loop.body, body[-1]]), "loop"


def _places(function, names):
    """Changes of one node."""
    stored = [n for n in ast.walk(function) if isinstance(n, ast.Name) and _stored(n)]
    local = [n.id for n in sorted(stored, key=lambda n: (n.lineno, n.col_offset))]
    known = list(dict.fromkeys([*names, *local]))
    for statement in function.body:
        holder = ast.Module(body=[statement], type_ignores=[])
        for parent in ast.walk(holder):
            for field, value in ast.iter_fields(parent):
                for key, node in enumerate(value) if isinstance(value, list) else [(field, value)]:
                    place = (value if isinstance(value, list) else parent), key
                    if place == (holder.body, 0):
                        place = function.body, function.body.index(statement)
                    for new, kind in _instead(node, parent, known):
                        yield _replacing(*place, new), kind


def _stored(name):
    return isinstance(name.ctx, ast.Store)


def _instead(node, parent, known):
    """What may stand in place of a node, and the kind of mistake."""
    method = globals().get(f"_{type(node).__name__}")
    if method and not (isinstance(parent, ast.arguments) or node is getattr(parent, "func", 0)):
        yield from method(node, known)
    elif method in (_Attribute, _Name):
        for name in CALLS.get(getattr(node, "attr", getattr(node, "id", "")), "").split():
            yield _with(node, "attr" if isinstance(node, ast.Attribute) else "id", name), "call"
    for swap in SWAPS.get(type(node), ()):
        yield swap(), "operator"
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Return | ast.FunctionDef):
        yield ast.Pass(), "statement"


def _with(node, field, value):
    new = copy.copy(node)
    setattr(new, field, value)
    return new


def _expression(text, **nodes):
    tree = ast.parse(text, mode="eval")

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node):
            return nodes.get(node.id, node)

    return Fill().visit(tree).body


def _BinOp(node, known):
    yield node.left, "operand"
    yield node.right, "operand"
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield ast.BinOp(node.right, node.op, node.left), "order"


def _UnaryOp(node, known):
    yield node.operand, "sign"


def _BoolOp(node, known):
    yield from ((value, "condition") for value in node.values)


def _Constant(node, known):
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value), "constant"
    elif isinstance(node.value, int | float):
        n = node.value
        values = [n + 1, n - 1, 2 * n, 0] if isinstance(n, int) else [2 * n, n + 1, 1e3 * n, 0.0]
        for value in dict.fromkeys([*values, -n]):
            yield _expression(repr(value)), "constant"


def _Name(node, known):
    if isinstance(node.ctx, ast.Load) and node.id in known:  # neighbours are taken for each other
        k = known.index(node.id)
        for other in known[max(k - 1, 0) : k] + known[k + 1 : k + 2]:
            yield ast.Name(other, ast.Load()), "name"


def _Attribute(node, known):
    if node.attr == "T":
        yield node.value, "transpose"


def _Call(node, known):
    args, keywords = node.args, node.keywords
    for k, keyword in enumerate(keywords):
        yield _with(node, "keywords", keywords[:k] + keywords[k + 1 :]), "keyword"
        if keyword.arg == "axis":
            for axis in ("None", "0", "1", "-1"):
                new = _with(keyword, "value", _expression(axis))
                yield _with(node, "keywords", [*keywords[:k], new, *keywords[k + 1 :]]), "axis"
    for k in range(len(args) - 1):
        yield _with(node, "args", [*args[:k], args[k + 1], args[k], *args[k + 2 :]]), "order"
    if getattr(node.func, "id", "") == "range":
        for new in ("range(1, n)", "range(n + 1)", "range(n - 1)", "reversed(range(n))"):
            yield _expression(new, n=args[-1]), "loop"
    if args:
        yield args[0], "call"
    if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") != "np":
        yield node.func.value, "call"


def _Subscript(node, known):
    yield node.value, "index"
    if isinstance(node.slice, ast.Slice):
        for field in ("lower", "upper"):
            yield _with(node, "slice", _with(node.slice, field, None)), "index"


def _Assign(node, known):
    target, value = node.targets[0], node.value
    if isinstance(value, ast.BinOp) and ast.dump(value.left) == ast.dump(
        _with(target, "ctx", LOAD)
    ):
        yield ast.AugAssign(target, value.op, value.right), "in place"


def _AugAssign(node, known):
    yield ast.Assign([node.target], node.value), "statement"


def _If(node, known):
    yield node.body[0], "condition"


def _For(node, known):
    for text in ("list(n)[:-1]", "list(n)[1:]", "list(n)[:1]"):
        yield _with(node, "iter", _expression(text, n=node.iter)), "loop"


def _Return(node, known):
    if node.value is None:
        return
    yield ast.Expr(node.value), "nothing"
    parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    for k, part in enumerate(parts):
        for kind, texts in RETURNED.items():
            for text in texts:
                new = _expression(text.replace("{r!n}", "np.asarray(r) != 0").format(r="r"), r=part)
                new = ast.Tuple([*parts[:k], new, *parts[k + 1 :]]) if parts[1:] else new
                yield _with(node, "value", new), kind
    if parts[1:]:
        yield _with(node, "value", parts[0]), "pair"
        yield _with(node, "value", ast.Tuple(parts[::-1])), "order"
