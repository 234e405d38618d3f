"""Wrong answers to the homework on convexity, and what each of them costs."""

WITNESS = """
def witness(f, H, x, tol=1e-10):
    eigenvalues, vectors = np.linalg.eigh(H)
    if eigenvalues[0] >= -tol * np.abs(eigenvalues).max():
        raise ValueError("no direction of negative curvature")
    u, value = vectors[:, 0], f(x)
    for k in range(21):
        y, z = x - u / 2**k, x + u / 2**k
        if value > (f(y) + f(z)) / 2:
            return y, z
    raise ValueError("no chord through x is below f: H is not its Hessian")
"""
FOREVER = """
def witness(f, H, x, tol=1e-10):
    eigenvalues, vectors = np.linalg.eigh(H)
    if eigenvalues[0] >= -tol * np.abs(eigenvalues).max():
        raise ValueError("no direction of negative curvature")
    u, h = vectors[:, 0], 1.0
    while f(x) <= (f(x - h * u) + f(x + h * u)) / 2:
        h /= 2
    return x - h * u, x + h * u
"""
CAPSULE = """
def project_capsule(x, p, q, radius):
    d = q - p
    t = np.clip((x - p) @ d / ((d @ d) or 1), 0, 1)
    nearest = p + t[..., None] * d
    off = x - nearest
    distance = np.linalg.norm(off, axis=-1, keepdims=True)
    return nearest + off * radius / np.maximum(distance, radius or 1e-300)
"""
LAST = "nearest + off * radius / np.maximum(distance, radius or 1e-300)"
ONE_POINT = """
def project_capsule(x, p, q, radius):
    d = q - p
    t = min(max((x - p) @ d / (d @ d), 0), 1) if d.any() else 0
    nearest = p + t * d
    distance = np.linalg.norm(x - nearest)
    if distance <= radius:
        return x
    return nearest + radius * (x - nearest) / distance
"""
REPAIR = """
def repair(name):
    return {
        "length": "norm(x, x - y, 2)",
        "exponentials": "log_sum_exp(2 * x, -y, log(3))",
        "quadratic": "square(x) + square(x - y)",
        "quotient": "quad_over_lin(x, y) + inv_pos(y)",
        "mean": "geo_mean(x, y) - square(x)",
    }[name]
"""

ALL_CAPSULE = "project_capsule-outside project_capsule-inside project_capsule-thin"
ALL_REPAIR = "repair-length repair-exponentials repair-quadratic repair-quotient repair-mean"
OUTSIDE = "project_capsule-outside"

WRONG = {  # name: cell, answer, cells that lose their points, what the check says
    "the largest eigenvalue": (
        "witness", WITNESS.replace("vectors[:, 0]", "vectors[:, -1]"),
        "witness-chord witness-direction witness-length",
        "the first chord that is tried has the direction of the largest eigenvalue",
    ),
    "a row of the eigenvectors": (
        "witness", WITNESS.replace("vectors[:, 0]", "vectors[0]"),
        "witness-chord witness-direction witness-length",
        "has the direction of a row of the matrix of eigenvectors",
    ),
    "the largest eigenvalue in size": (
        "witness", WITNESS.replace("vectors[:, 0]", "vectors[:, np.abs(eigenvalues).argmax()]"),
        "witness-chord witness-direction witness-length",
        "the first chord that is tried has the direction of the largest eigenvalue",
    ),
    "any negative eigenvalue": (
        "witness", WITNESS.replace("vectors[:, 0]", "vectors[:, (eigenvalues < 0).sum() - 1]"),
        "witness-direction", "negative, but in another direction it is lower",
    ),
    "eigenvalues in no order": (
        "witness", WITNESS.replace("np.linalg.eigh(H)", "np.linalg.eig(H)")
        .replace("eigenvalues[0]", "eigenvalues.min()"),
        "witness-chord witness-direction witness-length",
        "has the direction of the largest eigenvalue",
    ),
    "a vector of another length": (
        "witness", WITNESS.replace("vectors[:, 0]", "2 * vectors[:, 0]"),
        "witness-length", "but the distance from x to y is 2",
    ),
    "always the longest chord": (
        "witness", WITNESS.replace("value > (f(y) + f(z)) / 2", "True"),
        "witness-chord witness-length witness-none", "f(x) is below the mean of f(y) and f(z)",
    ),
    "always a short chord": (
        "witness", WITNESS.replace("range(21)", "range(10, 21)"),
        "witness-length", "a longer chord, h = 1, is a witness already",
    ),
    "equal is enough": (
        "witness", WITNESS.replace("value > (f", "value >= (f"),
        "witness-length", "f(x) is equal to the mean of f(y) and f(z)",
    ),
    "thirds": (
        "witness", WITNESS.replace("2**k", "3**k"),
        "witness-length", "the distance from x to y is",
    ),
    "below the mean": (
        "witness", WITNESS.replace("value > (f", "value < (f"),
        "witness-chord witness-direction witness-length witness-none",
        "Is that chord tried, and returned?",
    ),
    "the sum for the mean": (
        "witness", WITNESS.replace("(f(y) + f(z)) / 2", "f(y) + f(z)"),
        "witness-chord witness-direction witness-length",
        "Is that chord tried, and returned?",
    ),
    "one end only": (
        "witness", WITNESS.replace("(f(y) + f(z)) / 2", "f(z)"),
        "witness-chord witness-direction witness-length",
        "f(x) is below the mean of f(y) and f(z)",
    ),
    "x at one end": (
        "witness", WITNESS.replace("x - u / 2**k, x + u / 2**k", "x, x + u / 2**k"),
        "witness-chord witness-direction witness-length",
        "should be in the middle of y and z",
    ),
    "a value below zero is negative": (
        "witness", WITNESS.replace("-tol * np.abs(eigenvalues).max()", "0"),
        "witness-none", "none is negative beyond rounding, so witness should raise",
    ),
    "an absolute tolerance": (
        "witness", WITNESS.replace(" * np.abs(eigenvalues).max()", ""),
        "witness-none",
        "It never asked for a value of f",
    ),
    "the tolerance of the default": (
        "witness", WITNESS.replace("-tol *", "-1e-10 *"),
        "witness-none", "with tol = 0.6",
    ),
    "equal to the tolerance": (
        "witness", WITNESS.replace("eigenvalues[0] >= -tol", "eigenvalues[0] > -tol"),
        "witness-none",
        "The eigenvalues of H are 0, 0: none is negative beyond rounding",
    ),
    "None where there is none": (
        "witness", WITNESS.replace('raise ValueError("no direction of negative curvature")',
                                   "return None"),
        "witness-none", "there is no witness, so raise a ValueError. witness returns None.",
    ),
    "another exception": (
        "witness", WITNESS.replace('ValueError("no dir', 'ArithmeticError("no dir'),
        "witness-none", "so witness should raise a ValueError; it raises ArithmeticError: no dir",
    ),
    "a loop that never ends": (
        "witness", FOREVER, "witness-none", "The last h is 2^-20: does the loop end there?",
    ),
    "one halving fewer": (
        "witness", WITNESS.replace("range(21)", "range(20)"),
        "witness-length", "a function that needs h = 2^-20, the last one: there is a witness",
    ),
    "one halving more": (
        "witness", WITNESS.replace("range(21)", "range(22)"),
        "", "would need h = 2^-21",
    ),
    "x moved": (
        "witness", WITNESS.replace("return y, z", "x *= 2\n            return y, z"),
        "", "witness changes its input",
    ),
    "the two points in one array of four numbers": (
        "witness", WITNESS.replace("return y, z", "return np.concatenate([y, z])"),
        "witness-chord witness-direction witness-length",
        "witness should return the pair (y, z); it returns an array of shape (4,)",
    ),
    "the nearest point of the segment": (
        "project_capsule", CAPSULE.replace(LAST, "nearest"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "are nearest points of the segment",
    ),
    "the whole line": (
        "project_capsule", CAPSULE.replace("np.clip(", "(").replace(", 0, 1)", ")"),
        OUTSIDE, "are nearest to the whole line through p and q",
    ),
    "no end at q": (
        "project_capsule", CAPSULE.replace(", 0, 1)", ", 0, None)"),
        OUTSIDE, "the segment ends at q",
    ),
    "no end at p": (
        "project_capsule", CAPSULE.replace(", 0, 1)", ", None, 1)"),
        OUTSIDE, "the segment begins at p",
    ),
    "the boundary": (
        "project_capsule", CAPSULE.replace(LAST, "nearest + off * radius / np.where(distance > 0,"
                                           " distance, 1)"),
        "project_capsule-inside", "points in the capsule stay where they are",
    ),
    "no unit vector": (
        "project_capsule", CAPSULE.replace(LAST, "nearest + off * radius"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "the vector from the segment to x has not the length 1",
    ),
    "from x": (
        "project_capsule", CAPSULE.replace(LAST, "np.where(distance > radius, x - radius * off / "
                                           "np.where(distance > 0, distance, 1), x)"),
        "project_capsule-outside project_capsule-thin", "are measured from x",
    ),
    "not divided by the square of the length": (
        "project_capsule", CAPSULE.replace(" / ((d @ d) or 1)", ""),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "by what is the scalar product with q - p divided",
    ),
    "divided by the length only": (
        "project_capsule", CAPSULE.replace("(d @ d)", "np.linalg.norm(d)"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "by what is the scalar product with q - p divided",
    ),
    "the disk around p": (
        "project_capsule", CAPSULE.replace("p + t[..., None] * d", "p + 0 * t[..., None] * d"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "are those of the disk around p",
    ),
    "flat ends": (
        "project_capsule", CAPSULE.replace("    return", "    e = (t <= 0) | (t >= 1)\n"
                                           "    off = np.where(e[..., None], 0, off)\n    return"),
        ALL_CAPSULE, "beyond the ends are the ends: the capsule is round there",
    ),
    "t between 0 and 1 along a vector of length 1": (
        "project_capsule", CAPSULE.replace("d = q - p\n", "d = q - p\n"
                                           "    d = d / (np.sqrt(d @ d) or 1)\n"),
        ALL_CAPSULE, "are those of a segment of length 1",
    ),
    "two disks": (
        "project_capsule", CAPSULE.replace("t = np.clip(", "t = np.round(np.clip(")
        .replace(", 0, 1)", ", 0, 1))"),
        "project_capsule-outside project_capsule-thin",
        "are those of two disks",
    ),
    "squared distance": (
        "project_capsule", CAPSULE.replace("keepdims=True)", "keepdims=True) ** 2"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "use the squared distance",
    ),
    "divided by zero where p is q": (
        "project_capsule", CAPSULE.replace("((d @ d) or 1)", "(d @ d)"),
        "project_capsule-thin", "p = q, so the capsule is a disk: the result is not finite",
    ),
    "divided by zero on the segment": (
        "project_capsule", CAPSULE.replace(LAST, "np.where(distance > radius, "
                                           "nearest + off * radius / distance, nearest + off)")
        .replace("distance > radius", "distance >= radius"),
        "project_capsule-thin", "The radius is 0, and x is on the segment: the result is not fin",
    ),
    "a small number added": (
        "project_capsule", CAPSULE.replace("((d @ d) or 1)", "(d @ d + 1e-12)"),
        "project_capsule-thin", "is a small number taken for 0, or added?",
    ),
    "one point only": (
        "project_capsule", ONE_POINT, "project_capsule-batches",
        "min and max of Python. np.where, np.maximum and np.copysign look at each number",
    ),
    "one decision for the batch": (
        "project_capsule", CAPSULE.replace("    return", "    if (distance <= radius).all():\n"
                                           "        return x\n    return")
        .replace(LAST, "nearest + radius * off / np.where(distance > 0, distance, 1)"),
        "project_capsule-batches", "have other projections than alone",
    ),
    "x moved in place": (
        "project_capsule", CAPSULE.replace("off = x - nearest", "x -= nearest\n    off = x"),
        "", "project_capsule changes its input",
    ),
    "away from q": (
        "project_capsule", CAPSULE.replace("d = q - p", "d = p - q"),
        "project_capsule-outside project_capsule-inside project_capsule-thin",
        "a segment that leads from p away from q",
    ),
    "nothing rewritten": (
        "repair", "def repair(name):\n    return FUNCTIONS[name][0]", ALL_REPAIR,
        "square(x) + square(x - y) + 4): sqrt is concave and increasing, and its argument is",
    ),
    "the square of the length": (
        "repair", REPAIR.replace("norm(x, x - y, 2)", "square(x) + square(x - y) + 4"),
        "repair-length", 'repair("length") is another function',
    ),
    "4 for 2": (
        "repair", REPAIR.replace("x - y, 2)", "x - y, 4)"),
        "repair-length", 'repair("length") is another function everywhere',
    ),
    "3 for its logarithm": (
        "repair", REPAIR.replace("log(3))", "3)"),
        "repair-exponentials", 'repair("exponentials") is another function everywhere',
    ),
    "a product left": (
        "repair", REPAIR.replace("square(x) + square(x - y)",
                                 "square(x) + x * x - 2 * x * y + square(y)"),
        "repair-quadratic", "x * x: a product has a curvature only if one factor is a constant",
    ),
    "a difference of squares": (
        "repair", REPAIR.replace("square(x) + square(x - y)",
                                 "3 * square(x) + 2 * square(y) - square(x + y)"),
        "repair-quadratic", "a sum of a convex and a concave part",
    ),
    "a quotient left": (
        "repair", REPAIR.replace("+ inv_pos(y)", "+ 1 / y"),
        "repair-quotient", "1 / y: a quotient has a curvature only if the divisor is a constant",
    ),
    "one added under the square": (
        "repair", REPAIR.replace("quad_over_lin(x, y) + inv_pos(y)", "quad_over_lin(x + 1, y)"),
        "repair-quotient", 'repair("quotient") is another function',
    ),
    "the root of a product": (
        "repair", REPAIR.replace("geo_mean(x, y)", "sqrt(x) * sqrt(y)"),
        "repair-mean", "sqrt(x) * sqrt(y): a product has a curvature only if",
    ),
    "the opposite of the mean": (
        "repair", REPAIR.replace("geo_mean(x, y) - square(x)", "square(x) - geo_mean(x, y)"),
        "repair-mean", 'repair("mean") is another function',
    ),
    "a power": (
        "repair", REPAIR.replace("square(x) + square(x - y)", "x**2 + (x - y)**2"),
        "repair-quadratic", "square(...) and sqrt(...) are functions; ** is not in the table",
    ),
    "a function that is not there": (
        "repair", REPAIR.replace("norm(", "hypot("),
        "repair-length", "There is no function 'hypot'; there are abs, square",
    ),
    "a bracket missing": (
        "repair", REPAIR.replace("log(3))", "log(3)"),
        "repair-exponentials", "cannot be read: '(' was never closed",
    ),
    "the same for all": (
        "repair", 'def repair(name):\n    return "norm(x, x - y, 2)"',
        "repair-exponentials repair-quadratic repair-quotient repair-mean",
        "repair returns the same for each name",
    ),
    "a number": (
        "repair", "def repair(name):\n    return 2.0", ALL_REPAIR, "repair returns the same",
    ),
    "not returned": (
        "repair", REPAIR.replace("return ", ""), ALL_REPAIR, "repair returns nothing (None)",
    ),
    "a point on the segment decides for all": (
        "project_capsule", CAPSULE.replace(LAST, "x if np.any(distance == 0) else " + LAST),
        "project_capsule-batches", "in a batch with a point on the segment and another",
    ),
}  # fmt: skip

RIGHT = {  # description: answers that are as good as ours
    "lists and loops": {
        "witness": """
def witness(f, H, x, tol=1e-10):
    values, vectors = np.linalg.eig(H)
    values, vectors = values.real, vectors.real
    if values.min() >= -tol * abs(values).max():
        raise ValueError("none")
    u = vectors[:, values.argmin()]
    u = u / np.sqrt(sum(u * u))
    h = 1.0
    while h >= 2.0**-20:
        if f(x) - 0.5 * f(x + h * u) > 0.5 * f(x - h * u):
            return [list(x + h * u), list(x - h * u)]
        h = h / 2
    raise ValueError("none")
""",
        "project_capsule": """
def project_capsule(x, p, q, radius):
    if x.ndim > 1:
        return [project_capsule(point, p, q, radius) for point in x]
    length = sum((b - a) ** 2 for a, b in zip(p, q))
    t = sum((c - a) * (b - a) for a, b, c in zip(p, q, x)) / length if length else 0
    t = max(0, min(1, t))
    foot = [a + t * (b - a) for a, b in zip(p, q)]
    far = sum((c - a) ** 2 for a, c in zip(foot, x)) ** 0.5
    if far <= radius:
        return list(x)
    return [a + radius * (c - a) / far for a, c in zip(foot, x)]
""",
        "repair": REPAIR,
    },
    "an iterator of lengths": {
        "witness": """
class Chord:
    def __init__(self, x, u, h):
        self.ends = np.array([x - h * u, x + h * u])

    def mean(self, f):
        return sum(f(end) for end in self.ends) / 2

def witness(f, H, x, tol=1e-10):
    w, V = np.linalg.eigh(H)
    if w.min() / (np.abs(w).max() or 1) >= -tol:
        raise ValueError("convex here")
    chords = (Chord(x, -V.T[0], h) for h in np.logspace(0, -20, 21, base=2))
    found = next((c.ends for c in chords if c.mean(f) < f(x)), None)
    if found is None:
        raise ValueError("no chord")
    return found
""",
    },
    "by recursion": {
        "witness": """
def witness(f, H, x, tol=1e-10):
    w, V = np.linalg.eigh(H)
    if not w[0] < -tol * max(abs(w)):
        raise ValueError("convex here")

    def halve(h, left):
        if not left:
            raise ValueError("no chord")
        d = h * V[:, 0]
        return (x + d, x - d) if f(x + d) + f(x - d) < 2 * f(x) else halve(h / 2, left - 1)

    return halve(1.0, 21)
""",
    },
    "by einsum and where": {
        "project_capsule": """
def project_capsule(x, p, q, radius):
    d = q - p
    with np.errstate(all="ignore"):
        t = np.nan_to_num(np.einsum("...i,i", x - p, d) / np.einsum("i,i", d, d))
        foot = p + np.einsum("...,i->...i", np.minimum(np.maximum(t, 0), 1), d)
        far = np.sqrt(np.einsum("...i,...i", x - foot, x - foot))[..., np.newaxis]
        return np.where(far <= radius, x, foot + radius / far * (x - foot))
""",
    },
    "with the library's projections": {
        "project_capsule": """
from coursekit.models.projections import project_ball

def project_capsule(x, p, q, radius):
    d = q - p
    square = (d**2).sum()
    t = ((x - p) * d).sum(axis=-1, keepdims=True) / (square if square > 0 else 1)
    foot = p + d * np.clip(t, 0, 1)
    if radius == 0:
        return foot
    return foot + project_ball(x - foot, radius)
""",
    },
    "other expressions": {
        "repair": """
def repair(name):
    match name:
        case "length":
            return "2 * norm(1, x / 2, 0.5 * (y - x))"
        case "exponentials":
            return "log_sum_exp(log_sum_exp(2 * x, -y), log(3))"
        case "quadratic":
            return "2 * square(x - y / 2) + square(y) / 2"
        case "quotient":
            return "quad_over_lin(norm(x, 1), y)"
    return "-square(x) + geo_mean(y, x)"
""",
    },
    "expressions over several lines": {
        "repair": REPAIR.replace('"norm(x, x - y, 2)"', '"""\n  norm(\n    x, x - y, 2)\n"""'),
    },
}  # fmt: skip
