"""The check of a forward pass: right ones pass, and each wrong one is named."""

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_forward_pass
from coursekit.learning.networks import random_network

RUN = """
def run(layers, v, leak):
    on = [np.zeros((*v.shape[:-1], 0), bool)]
    for A, b in layers[:-1]:
        z = v @ A.T + b
        v = np.where(z > 0, z, leak * z)
        on.append(z > 0)
    A, b = layers[-1]
    out, on = v @ A.T + b, np.concatenate(on, axis=-1)
    return out, on
"""
V = np.random.default_rng(0).normal(size=(4, 3))
EXACT = [
    (np.array([[1.0, 1.0, 0.0], [0.0, 2.0, -1.0]]), np.array([-2.0, 1.0])),
    (np.array([[1.0, -2.0], [3.0, 1.0]]), np.array([0.5, -1.0])),
]
CASES = {
    "exact": (EXACT, np.array([1.0, 1.0, 4.0]), 0.0),
    "exact, leaky": (EXACT, np.array([1.0, 0.0, 4.0]), 0.25),
    "one layer": (random_network([3, 2], 1), V[0], 0.0),
    "one layer, leaky": (random_network([3, 2], 1), V[1], 0.3),
    "deep": (random_network([3, 5, 4, 3, 2], 7), V[2], 0.0),
    "deep, leaky": (random_network([3, 5, 4, 3, 2], 7), V[3], 0.1),
    "wide, leaky": (random_network([3, 6, 4, 1], 3), V[3], 0.6),
}


def made(code):
    names = {"np": np}
    exec(code, names)
    return names["run"]


def reversed_layers(layers, v, leak):
    out, on = made(RUN)(layers, v, leak)
    ends = np.cumsum([len(b) for _, b in layers[:-1]])
    return out, np.concatenate([on[..., :0], *np.split(on, ends, axis=-1)[::-1]], axis=-1)


RIGHT = {
    "NumPy": RUN,
    "lists": RUN.replace("return out, on", "return out.tolist(), on.tolist()"),
    "zeros and ones": RUN.replace("return out, on", "return [out, 1.0 * on]"),
}
LEAKY = "np.where(z > 0, z, leak * z)"
LAST = "v @ A.T + b, np"
WRONG = {  # code, what is said
    "raises": (RUN.replace("b, np.", "b[:, None, None] @ v, np."), "exact: run raises ValueError"),
    "order": (RUN.replace("return out, on", "return on, out"), "stand in another order: out, then"),
    "shape of out": (RUN.replace("return out,", "return out[None],"), "out has shape (1, 2)"),
    "outputs on": (RUN.replace("return out, on", "return out, np.append(on, out > 0)"),
                   "one entry for each hidden neuron, of which there are 2. Outputs"),
    "two axes": (RUN.replace("return out, on", "return out, on[None]"), "For one point it has one"),
    "no truth values": (RUN.replace("return out, on", "return out, 5 * on"), "hold True or False"),
    "float32": (RUN.replace("return out,", "return np.float32(out),"), "out has the type float32"),
    "rounded": (RUN.replace("return out,", "return out + 1e-6,"), "right to a few digits only"),
    "reversed": (RUN.replace("return out,", "return out[..., ::-1],"), "stand in reversed order"),
    "leak": (RUN.replace(LEAKY, "np.where(z > 0, z, leak * z**2)"),
             "Wrong are just the cases with a hidden layer and a leak that is not 0."),
    "all": (RUN.replace(LAST, "np.tanh(v @ A.T + b), np"), "0 of 7 cases are right"),
    "one hidden": (RUN.replace("out, on =", "v = v if len(layers) < 3 else v + 1\n    out, on ="),
                   "Wrong are just the cases with more than one hidden layer."),
    "no hidden": (RUN.replace("out, on =", "v = v if len(layers) < 2 else v + 1\n    out, on ="),
                  "Wrong are just the cases with a hidden layer."),
    "on": (RUN.replace("on.append(z > 0)", "on.append(z > 1)"), "on says that neuron "),
    "transposed batch": (RUN.replace("return out, on", "return out.T, on"), "What is the axis of"),
    "a batch of one": (RUN.replace("    return", "    if v.ndim > 1: out = out + 0 * out + "
                       "out.mean()\n    return"), "that you get for each of them alone"),
    "one point": ("""
def run(layers, v, leak):
    on = []
    for A, b in layers[:-1]:
        z = A @ v + b
        on.extend(z > 0)
        v = np.where(z > 0, z, leak * z)
    A, b = layers[-1]
    return A @ v + b, np.array(on, bool)
""", "for rows v of a batch, the products A v are v @ A.T"),
    **{words: (code, f"is as if {words}.") for words, code in {
        "the last layer had a ReLU, too": RUN.replace(LAST, "np.maximum(v @ A.T + b, 0), np"),
        "no layer had a ReLU": RUN.replace(LEAKY, "z"),
        "no layer had a bias": RUN.replace("A.T + b", "A.T"),
        "the last layer had no bias": RUN.replace(LAST, "v @ A.T, np"),
        "the biases were subtracted": RUN.replace("A.T + b", "A.T - b"),
        "the biases were added after the ReLU": RUN.replace("A.T + b\n        v", "A.T\n        v")
        .replace(LEAKY, LEAKY + " + b"),
        "leak were always 0": RUN.replace(LEAKY, "np.maximum(z, 0)"),
        "every z were multiplied by leak": RUN.replace(LEAKY, "leak * z"),
        "leak times z were added to the ReLU of each z": RUN.replace(
            LEAKY, "np.maximum(z, 0) + leak * z"),
        "max(z, leak) stood for the leaky ReLU": RUN.replace(LEAKY, "np.maximum(z, leak)"),
        "ReLU took the absolute value": RUN.replace(LEAKY, "np.abs(z)"),
        "it were the ReLU of minus z": RUN.replace(LEAKY, "np.maximum(-z, 0)"),
        "the input v went through a ReLU, too": RUN.replace(
            "    on =", "    v = np.where(v > 0, v, leak * v)\n    on ="),
        "only the first hidden layer had a ReLU": RUN.replace(
            LEAKY, f"{LEAKY} if len(on) == 1 else z"),
        "only the last hidden layer had a ReLU": RUN.replace(
            LEAKY, f"{LEAKY} if len(on) == len(layers) - 1 else z"),
        "a z of exactly 0 counted as on": RUN.replace("append(z > 0)", "append(z >= 0)"),
        "on and off were exchanged": RUN.replace("append(z > 0)", "append(z <= 0)"),
        "each neuron were on whose v is not 0": RUN.replace("append(z > 0)", "append(v != 0)"),
        "all neurons were on": RUN.replace("append(z > 0)", "append(z == z)"),
        "no neuron were on": RUN.replace("append(z > 0)", "append(z != z)"),
        "all neurons stood in reversed order": RUN.replace("return out, on",
                                                           "return out, on[..., ::-1]"),
    }.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_passes(name):
    assert check_forward_pass(made(RIGHT[name]), CASES)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_pass_is_named(name):
    code, says = WRONG[name]
    assert code != RUN
    with pytest.raises(CheckFailed) as failure:
        check_forward_pass(made(code), CASES)
    assert says in str(failure.value)


def test_layers_in_reversed_order_are_named():
    with pytest.raises(CheckFailed, match="on is as if the layers stood in reversed order"):
        check_forward_pass(reversed_layers, CASES)
