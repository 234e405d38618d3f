"""Check an expression by the rules of disciplined convex programming.

The expression is a text, plain data that any process may hold; nothing of it is executed. Names and
rules are those of CVXPY, which is large and slow to import, and is not needed here.
"""

import ast
import operator
from dataclasses import dataclass

import numpy as np

from coursekit.checks.failure import CheckFailed
from coursekit.models.convex_calculus import dcp_curvature

__all__ = ["check_dcp"]

LONGEST = 500  # characters of a text
SAMPLES = 200
BY_SIGN = "by sign"  # increasing where the argument is positive, decreasing where it is negative
UP, DOWN = "increasing", "decreasing"


@dataclass(frozen=True)
class Atom:
    """A function that expressions may use."""

    value: callable
    curvature: str
    sign: callable  # of the signs of its arguments: "+", "-", or "" if it isn't known
    directions: tuple  # of each argument; the last one is that of all that follow
    count: int | None = 1  # of arguments; None: one or more


def _norm(*parts):
    return np.sqrt(sum(np.square(part) for part in parts))


def _log_sum_exp(*parts):
    return np.logaddexp.reduce(np.broadcast_arrays(*parts))


def _positive(*signs):
    return "+"


def _unknown(*signs):
    return ""


def _one_is(sign):
    """The sign of a maximum ("+") or minimum ("-")."""
    other = "-" if sign == "+" else "+"
    return lambda *signs: sign if sign in signs else other if {*signs} == {other} else ""


ATOMS = {
    "abs": Atom(np.abs, "convex", _positive, (BY_SIGN,)),
    "square": Atom(np.square, "convex", _positive, (BY_SIGN,)),
    "norm": Atom(_norm, "convex", _positive, (BY_SIGN,), None),
    "pos": Atom(lambda a: np.maximum(a, 0), "convex", _positive, (UP,)),
    "maximum": Atom(
        lambda *parts: np.maximum.reduce(np.broadcast_arrays(*parts)),
        "convex", _one_is("+"), (UP,), None,
    ),
    "exp": Atom(np.exp, "convex", _positive, (UP,)),
    "log_sum_exp": Atom(_log_sum_exp, "convex", _unknown, (UP,), None),
    "inv_pos": Atom(lambda a: np.where(a > 0, 1 / a, np.nan), "convex", _positive, (DOWN,)),
    "quad_over_lin": Atom(
        lambda a, b: np.where(b > 0, a * a / b, np.nan),
        "convex", _positive, (BY_SIGN, DOWN), 2,
    ),
    "sqrt": Atom(np.sqrt, "concave", _positive, (UP,)),
    "log": Atom(np.log, "concave", _unknown, (UP,)),
    "geo_mean": Atom(
        lambda a, b: np.sqrt(np.where((a >= 0) & (b >= 0), a * b, np.nan)),
        "concave", _positive, (UP,), 2,
    ),
    "minimum": Atom(
        lambda *parts: np.minimum.reduce(np.broadcast_arrays(*parts)),
        "concave", _one_is("-"), (UP,), None,
    ),
}  # fmt: skip
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True)
class Part:
    """What is known of an expression: its curvature by the rules, its sign, its values."""

    curvature: str
    sign: str
    value: np.ndarray
    why: str = ""  # of the innermost part whose curvature the rules don't give


MINUS = Part("constant", "-", np.asarray(-1.0))


def check_dcp(expression, original, curvature, *, positive=(), name="your expression"):
    r"""Check that an expression has a curvature by the rules, and equals another one.

    Parameters
    ----------
    expression : str
        Made of the variables x and y, numbers, ``+ - * /`` and the functions abs, square, norm,
        pos, maximum, exp, log_sum_exp, inv_pos, quad_over_lin, sqrt, log, geo_mean and minimum;
        norm and log_sum_exp take their numbers one by one.
    original : str
        An expression of the same kind, of which only the values count.
    curvature : str
        "convex" or "concave", which an affine expression is, too.
    positive : iterable of str
        Variables that are known to be positive.
    name : str
        What the expression is called in messages.

    Returns
    -------
    True

    Raises
    ------
    CheckFailed
        Says what cannot be read; where the values differ from those of ``original``, and by how
        much; or which part of the expression has no curvature by the rules, and why.

    Notes
    -----
    The values are compared at 200 points of :math:`[-2, 2]^2`, or with positive variables between
    0.05 and 2.

    Examples
    --------
    >>> check_dcp("norm(1, x)", "sqrt(1 + square(x))", "convex")
    True
    >>> check_dcp("sqrt(1 + square(x))", "sqrt(1 + square(x))", "convex")
    Traceback (most recent call last):
        ...
    coursekit.checks.CheckFailed: your expression has no curvature by the rules:
      sqrt(1 + square(x)): sqrt is concave and increasing, and its argument is convex.
    """
    points = np.random.default_rng(0).uniform(-2, 2, (2, SAMPLES))
    variables = {}
    for variable, value in zip("xy", points, strict=True):
        sign = "+" if variable in positive else ""
        value = 0.05 + 1.95 * np.abs(value) / 2 if sign else value
        variables[variable] = Part("affine", sign, value)
    with np.errstate(all="ignore"):
        right = _part(_tree(original, "original"), variables).value
        tree = _tree(expression, name)
        part = _part(tree, variables)
    _compare(name, part.value, right, variables)
    if part.curvature == "unknown":
        raise CheckFailed(f"{name} has no curvature by the rules:\n  {part.why}")
    if part.curvature not in (curvature, "affine", "constant"):
        raise CheckFailed(
            f"{name} is {part.curvature} by the rules; it should be {curvature}.\n"
            "Try: look for a minus sign, or a function of the other curvature."
        )
    return True


def _tree(text, name):
    """Return the syntax tree of a text, or say why there is none."""
    if not isinstance(text, str):
        raise CheckFailed(
            f'{name} should be a text, such as "square(x) + 1"; it is of type '
            f"{type(text).__name__}.\nTry: put it between quotes."
        )
    if len(text) > LONGEST:
        raise CheckFailed(f"{name} has {len(text)} characters; {LONGEST} are more than enough.")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CheckFailed(
            f"{name} cannot be read: {getattr(error, 'msg', error)}, in {text!r}.\n"
            "Try: is a bracket or a comma missing?"
        ) from None


def _part(node, variables):
    """Return what is known of a part of an expression."""
    text = ast.unparse(node)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = np.asarray(float(node.value))
        return Part("constant", "+" if value >= 0 else "-", value)
    if isinstance(node, ast.Name):
        if node.id in variables:
            return variables[node.id]
        hint = "the variables are x and y."
        if node.id in ATOMS:
            hint = f"{node.id} is a function: it needs brackets and an argument."
        raise CheckFailed(f"There is no variable {node.id!r}.\nTry: {hint}")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        part = _part(node.operand, variables)
        return part if isinstance(node.op, ast.UAdd) else _times(MINUS, part, text)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return _operation(node, text, variables)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _call(node, text, variables)
    hint = "numbers, x, y, + - * / and the functions of the table."
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        hint = "square(...) and sqrt(...) are functions; ** is not in the table."
    raise CheckFailed(f"{text} cannot be read.\nTry: {hint}")


def _operation(node, text, variables):
    """Return a sum, difference, product or quotient."""
    left, right = _part(node.left, variables), _part(node.right, variables)
    if isinstance(node.op, ast.Div):
        if right.curvature == "constant":
            return _times(Part("constant", right.sign, 1 / right.value), left, text)
        why = f"{text}: a quotient has a curvature only if the divisor is a constant."
        return _no_rule(left.value / right.value, why, left, right)
    if isinstance(node.op, ast.Mult):
        if right.curvature == "constant":
            left, right = right, left
        return _times(left, right, text)
    if isinstance(node.op, ast.Sub):
        right = _times(MINUS, right, text)
    sign = left.sign if left.sign == right.sign else ""
    found = dcp_curvature("affine", (left.curvature, UP), (right.curvature, UP))
    why = ""
    if found == "unknown":
        told = [part.curvature for part in (left, right)]
        why = left.why or right.why or f"{text}: a sum of a {told[0]} and a {told[1]} part."
    return Part(found, sign, left.value + right.value, why)


def _times(factor, part, text):
    """Return a constant times a part."""
    value = factor.value * part.value
    if factor.curvature != "constant":
        why = f"{text}: a product has a curvature only if one factor is a constant."
        return _no_rule(value, why, factor, part)
    direction = DOWN if factor.sign == "-" else UP
    found = dcp_curvature("affine", (part.curvature, direction))
    sign = "" if "" in (factor.sign, part.sign) else "+" if factor.sign == part.sign else "-"
    return Part(found, sign, value, part.why)


def _no_rule(value, why, *parts):
    """Return a part without a curvature; the first reason inside of it comes first."""
    return Part("unknown", "", value, next((part.why for part in parts if part.why), why))


def _call(node, text, variables):
    """Return a function of parts, by the rule of composition."""
    name = node.func.id
    if name not in ATOMS:
        raise CheckFailed(f"There is no function {name!r}; there are {', '.join(ATOMS)}.")
    atom, parts = ATOMS[name], [_part(arg, variables) for arg in node.args]
    if len(parts) != atom.count if atom.count else not parts:
        wanted = {1: "one argument", 2: "two arguments", None: "one argument or more"}
        raise CheckFailed(f"{name} takes {wanted[atom.count]}; {text} has {len(parts)}.")
    directions = [atom.directions[min(k, len(atom.directions) - 1)] for k in range(len(parts))]
    directions = [
        {"+": UP, "-": DOWN, "": "neither"}[part.sign] if direction == BY_SIGN else direction
        for part, direction in zip(parts, directions, strict=True)
    ]
    found = dcp_curvature(
        atom.curvature,
        *((part.curvature, d) for part, d in zip(parts, directions, strict=True)),
    )
    why = next((part.why for part in parts if part.why), "")
    if found == "unknown" and not why:
        k, part, does = next(
            (k, part, does)
            for k, (part, does) in enumerate(zip(parts, directions, strict=True))
            if dcp_curvature(atom.curvature, (part.curvature, does)) == "unknown"
        )
        does += " increasing nor decreasing (the sign is not known)" if does == "neither" else ""
        which = f"argument {ast.unparse(node.args[k])}" if len(parts) > 1 else "argument"
        why = f"{text}: {name} is {atom.curvature} and {does}, and its {which} is {part.curvature}."
    value = np.asarray(atom.value(*(part.value for part in parts)))
    return Part(found, atom.sign(*(part.sign for part in parts)), value, why)


def _compare(name, value, right, variables):
    """Refuse another function than the original."""
    value, right = (np.broadcast_to(v, variables["x"].value.shape) for v in (value, right))
    off = ~np.isclose(value, right, rtol=1e-9, atol=1e-9, equal_nan=True)
    if not off.any():
        return
    points = np.array([variables["x"].value, variables["y"].value])
    k = int((np.where(off, 0, np.inf) + np.abs(points).sum(axis=0)).argmin())  # small numbers
    x, y = points[:, k]
    where = "everywhere" if off.all() else "at some points"
    raise CheckFailed(
        f"{name} is another function {where}: at x = {x:.4g}, y = {y:.4g} it is {value[k]:.6g}, "
        f"and the original {right[k]:.6g}."
    )
