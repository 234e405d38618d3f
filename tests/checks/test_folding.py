"""The check of a network that folds: right ones pass, and each wrong one is named."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_folding
from coursekit.checks.folding import folded

FOLD = """
def fold(normals, offsets):
    n = normals.shape[1]
    I = np.eye(n)
    layers, out, shift = [], I, np.zeros(n)
    for a, c in zip(normals, offsets):
        rows, bias = np.vstack([I, -I, a[None]]), np.append(np.zeros(2 * n), -c)
        layers.append((rows @ out, rows @ shift + bias))
        out = np.hstack([I, -I, -2 * a[:, None] / (a @ a)])
    return [*layers, (out, shift)]
"""
ROWS, C = np.array([[0.6, -0.8], [1.5, 2.0], [-0.4, 0.3]]), np.array([0.7, -1.2, 0.5])
FOLDINGS = {
    "line": (np.array([[1.0]]), np.array([2.0])),
    "plane": (ROWS[:1], C[:1]),
    "long": (ROWS[1:2], C[1:2]),
    "twice": (ROWS[:2], C[:2]),
    "thrice": (ROWS, C),
    "space": (np.array([[2.0, -1.0, 2.0], [0.3, 0.6, -0.2]]), np.array([1.5, -0.4])),
}
SHORT = FOLD.replace("zip(normals, offsets)", "zip(PART)")
UNMERGED = """
def fold(normals, offsets):
    n, layers = normals.shape[1], []
    I = np.eye(n)
    for a, c in zip(normals, offsets):
        layers.append((np.vstack([I, -I, a[None]]), np.append(np.zeros(2 * n), -c)))
        layers.append((np.hstack([I, -I, -2 * a[:, None] / (a @ a)]), np.zeros(n)))
    return layers
"""
AT_ONCE = """
def fold(normals, offsets):
    n = normals.shape[1]
    I, moves = np.eye(n), -2 * normals.T / (normals**2).sum(axis=1)
    return [(np.vstack([I, -I, normals]), np.append(np.zeros(2 * n), -offsets)),
            (np.hstack([I, -I, moves]), np.zeros(n))]
"""
SHIFTED = """
def fold(normals, offsets):
    n = normals.shape[1]
    layers, out, shift = [], np.eye(n), np.zeros(n)
    for a, c in zip(normals, offsets):
        rows = np.vstack([np.eye(n), a])
        layers.append((rows @ out, rows @ shift + np.append(np.full(n, 1e3), -c)))
        out, shift = np.column_stack([np.eye(n), -2 * a / (a @ a)]), np.full(n, -1e3)
    return [*layers, (out, shift)]
"""
MOVING = (
    FOLD.replace("zip(normals, offsets)", "moved(normals.copy(), offsets.copy())")
    + """
def moved(normals, offsets):
    for i, a in enumerate(normals):
        yield a, offsets[i]
        part = 2 * normals[i + 1 :] @ a / (a @ a)
        normals[i + 1 :] -= part[:, None] * a
        offsets[i + 1 :] -= part * offsets[i]
"""
)
BENT = "-2 * a[:, None] / (a @ a)"


def made(code):
    names = {"np": np}
    exec(code, names)
    return names["fold"]


RIGHT = {
    "arrays": FOLD,
    "lists": FOLD.replace("[*layers, (out, shift)]",
                          "[[A.tolist(), b.tolist()] for A, b in [*layers, (out, shift)]]"),
    "the other sign inside": FOLD.replace("[I, -I, a", "[-I, I, a").replace("([I, -I, -2",
                                                                          "([-I, I, -2"),
}  # fmt: skip
WRONG = {  # code, what is said
    "raises": (FOLD.replace("(a @ a)", "(a @ np.ones(9))"), "fold raises ValueError"),
    "no list": (FOLD.replace("[*layers, (out, shift)]", "3"), "what is returned is no network"),
    "shapes": (FOLD.replace("(out, shift)]", "(out.T, shift)]"), "inputs) and (outputs,) that fit"),
    "outputs": (FOLD.replace("(out, shift)]", "(out[:1], shift[:1])]"),
                "the network has 2 inputs and 1 output; points have 2 coordinates"),
    "float32": (FOLD.replace("(out, shift)]", "(np.float32(out), shift)]"), "of type float32"),
    "rounded": (FOLD.replace("-2 *", "-2.00001 *"), "right to a few digits only"),
    "layers": (FOLD.replace("(out, shift)]", "(np.vstack([out, -out]), np.zeros(2 * n)), "
               "(np.hstack([I, -I]), shift)]"), "has 2 hidden layers; one for each crease is"),
    "neurons": (FOLD.replace("-I, a[None]", "-I, a[None], a[None]").replace("-c)", "[-c, -c])")
                .replace(BENT, f"{BENT} / 2, {BENT} / 2"), "a hidden layer has 4 neurons; at most"),
    "far": (SHIFTED, "Right are all points that are near, wrong are some with large coordinates"),
    "moving": (MOVING, "if each crease moved with the paper; it stands where it stands in space."),
    "unmerged": (UNMERGED, "For 2 creases your network has 3 hidden layers; a ReLU follows"),
    "stays": (FOLD.replace("-2 * a[:, None]", "-2.5 * a[:, None]"),
              "Points that stay are right, and those that should be turned over are not."),
    **{words: (code, f"points go where they go if {words}.") for words, code in {
        "the other side were turned over": FOLD.replace("-I, a[", "-I, -a[").replace("-c)", "c)")
        .replace("-2 *", "2 *"),
        "they were put onto the crease, not behind it": FOLD.replace("-2 *", "-1 *"),
        "the move were twice as long": FOLD.replace("-2 *", "-4 *"),
        "the move had the opposite sign": FOLD.replace("-2 *", "2 *"),
        "nothing were divided by the square of the length of a": FOLD.replace(" / (a @ a)", ""),
        "it were divided by the length of a, not by its square": FOLD.replace("(a @ a)",
                                                                              "np.sqrt(a @ a)"),
        "a were divided by its length, and c not": FOLD.replace(
            "        rows,", "        a = a / np.linalg.norm(a)\n        rows,"),
        "c had the opposite sign": FOLD.replace("-c)", "c)"),
        "c were 0": FOLD.replace("-c)", "0)"),
        "negative coordinates were lost": FOLD.replace("([I, -I, -2", "([I, 0 * I, -2"),
        "each coordinate lost its sign": FOLD.replace("([I, -I, -2", "([I, I, -2"),
        "x itself got lost, and only the move were left": FOLD.replace("([I, -I, -2",
                                                                       "([0 * I, 0 * I, -2"),
        "the folds came in reversed order": SHORT.replace("PART", "normals[::-1], offsets[::-1]"),
        "only the first fold were made": SHORT.replace("PART", "normals[:1], offsets[:1]"),
        "only the last fold were made": SHORT.replace("PART", "normals[-1:], offsets[-1:]"),
        "each fold were made from where the point lies at first, and the moves added": AT_ONCE,
        "nothing were folded": FOLD.replace("-2 *", "0 *"),
        "all went to 0": FOLD.replace("(out, shift)]", "(0 * out, shift)]"),
    }.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_passes(name):
    assert check_folding(made(RIGHT[name]), FOLDINGS)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_network_is_told(name):
    code, says = WRONG[name]
    assert code != FOLD
    with pytest.raises(CheckFailed) as failure:
        check_folding(made(code), FOLDINGS)
    assert says in str(failure.value)


def test_folding_paper_keeps_what_stays_and_never_stretches():
    rng = np.random.default_rng(0)
    x, y = 3 * rng.normal(size=(2, 50, 2))
    fx, fy = folded(x, ROWS, C), folded(y, ROWS, C)
    assert (np.linalg.norm(fx - fy, axis=1) <= np.linalg.norm(x - y, axis=1) + 1e-12).all()
    once = folded(x, *FOLDINGS["plane"])
    assert (once @ ROWS[0] <= C[0] + 1e-12).all()
    assert np.allclose(folded(once, *FOLDINGS["plane"]), once)
