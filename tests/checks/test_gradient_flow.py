"""Gradients that reach the first layer pass; others hear if they vanish, explode or are cut."""

import re

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_gradient_flow
from coursekit.learning.backpropagation import Node, adjoints, relu
from coursekit.learning.initialization import he, orthogonal


def flow(draw, depth=30, width=32, samples=64, activation=relu, shortcut=None, dtype=float):
    """Outputs of all layers of a random network, and the gradient of half their square in them."""
    rng = np.random.default_rng(0)
    layers = [Node(rng.standard_normal((samples, width)).astype(dtype))]
    for _ in range(depth):
        branch = activation(layers[-1] @ draw((width, width), rng).T.astype(dtype))
        layers.append(branch if shortcut is None else layers[-1] + shortcut * branch)
    found = adjoints((layers[-1] * layers[-1]).sum() * 0.5)
    return [v.value for v in layers[1:]], [found[v] for v in layers[1:]]


def gaussian(variance):
    return lambda shape, rng: np.sqrt(variance / shape[1]) * rng.standard_normal(shape)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    "options",
    [
        {"draw": he},
        {"draw": he, "shortcut": 30**-0.5},
        {"draw": orthogonal, "activation": lambda z: z, "depth": 100},
        {"draw": lambda *a: orthogonal(*a, gain=2**0.5)},
        {"draw": orthogonal, "activation": np.tanh, "depth": 5},
        {"draw": he, "depth": 2, "samples": 10},
        {"draw": he, "dtype": np.float32},
    ],
)
def test_a_gradient_that_gets_through_passes(options):
    assert check_gradient_flow(*flow(**options))


def test_scaling_the_loss_and_unequal_widths_change_nothing():
    values, gradients = flow(he)
    assert check_gradient_flow(values, [1e-300 * g for g in gradients])
    wide = [np.tile(v, 9) for v in values[:3]] + values[3:]
    assert check_gradient_flow(wide, [np.tile(g, 9) for g in gradients[:3]] + gradients[3:])


def test_a_few_dead_units_are_no_fault():
    values, gradients = flow(he)
    values[3] = values[3] * (np.arange(32) >= 24)
    assert check_gradient_flow(values, gradients)


def said(values, gradients, **options):
    with pytest.raises(CheckFailed) as failed:
        check_gradient_flow(values, gradients, **options)
    return str(failed.value)


@pytest.mark.parametrize(
    ("options", "first", "how"),
    [
        ({"draw": gaussian(1)}, "vanishes", "0.7"),
        ({"draw": he, "activation": sigmoid}, "vanishes", "0.3"),
        ({"draw": gaussian(8)}, "explodes", "2"),
        ({"draw": he, "shortcut": 1.0}, "explodes", "1."),
    ],
)
def test_what_a_layer_does_again_and_again_is_told(options, first, how):
    message = said(*flow(**options))
    assert message.startswith(f"the gradient {first} on its way back to layer 1.")
    assert re.search(rf", {re.escape(how)}\d* times as much for each layer", message)
    assert "slopes of its activation" in message or first == "explodes"


def test_one_layer_that_differs_is_named():
    def one_is_off(shape, rng, drawn=[]):  # noqa: B006
        drawn.append(0)
        return he(shape, rng) * (1e-5 if len(drawn) == 12 else 1)

    message = said(*flow(one_is_off))
    assert "vanishes" in message
    assert "most of it between layers 12 and 11\nTry: what is different in layer 12?" in message


def test_what_is_large_only_in_the_middle_is_seen():
    values, gradients = flow(he, depth=5)
    gradients[2] = 1e6 * gradients[2]
    assert "explodes on its way back to layer 3" in said(values, gradients)


def test_overflow_of_values_and_of_gradients():
    with np.errstate(all="ignore"):
        message = said(*flow(gaussian(2e5), dtype=np.float32))
    assert re.match(r"the values overflow: those of layer \d+ are not finite\. In layer", message)
    values, gradients = flow(he, depth=4)
    assert "layer 1 are not finite.\n" in said([values[0] * np.nan, *values[1:]], gradients)
    gradients[1] = np.full_like(gradients[1], np.inf)
    gradients[0] = np.full_like(gradients[1], np.nan)
    message = said(values, gradients)
    assert message.startswith("the gradient explodes: in layer 2 it is not finite. In layer 3 its")
    gradients[3] = gradients[0]
    assert "explodes: in layer 4 it is not finite.\n" in said(values, gradients)


def test_dead_units():
    values, gradients = flow(he, depth=4)
    half = [v.copy() for v in values]
    half[1][:, :29] = 0
    message = said(half, gradients)
    assert message.startswith(
        "layer 2: 29 of 32 units are dead, that is 0 for each of the 64 sampl"
    )
    assert "No gradient" not in message
    message = said(*flow(lambda shape, rng: np.zeros(shape), depth=4))
    assert message.startswith("layer 1: 32 of 32 units are dead")
    assert "No gradient gets through." in message


def test_a_gradient_of_exactly_zero():
    options = {"depth": 60, "dtype": np.float32}
    message = said(*flow(gaussian(0.1), activation=sigmoid, **options))
    assert re.search(r"gradient vanishes: it has .*, and below that it is 0, as float32", message)
    message = said(*flow(gaussian(0.002), activation=np.tanh, **options))
    assert re.search(r"values vanish: they have .*, and after that they are 0, as float32", message)
    values, gradients = flow(he, depth=4)
    cut = [np.zeros_like(g) if k < 2 else g for k, g in enumerate(gradients)]
    message = said(values, cut)
    assert message.startswith("the way back is cut between layers 3 and 2: the gradient has the si")
    assert "the gradient is 0 in layer 4, the last one" in said(values, [0 * g for g in gradients])


V = np.ones((10, 3))


@pytest.mark.parametrize(
    ("values", "gradients", "message"),
    [
        (len, [V, V], "values is builtin_function_or_method, expected a list"),
        ([V, V], 3.0, "gradients is float, expected a list with an array for each layer"),
        ([V, V], [None, V], "gradients[0] is None, expected an array.\nTry: a tape returns None"),
        ([V, V], [V, "a"], "gradients[1] has dtype"),
        ([V, V], [V, [[1], [2, 3]]], "gradients[1] has dtype object, expected real numbers"),
        ([V, V[0]], [V, V], "values[1] has shape (3,), expected (N, n): samples and units"),
        ([V, V], [V, np.ones((2, 4, 4, 3))], "gradients[1] has shape (2, 4, 4, 3), expected (N"),
        ([V, V], [V], "values has 2 layers and gradients 1; expected the same number, at least 2"),
        ([V], [V], "expected the same number, at least 2"),
        ([V, V], [V, V.T], "layer 2: its values have shape (10, 3), the gradient (3, 10)."),
        ([V[:9], V[:9]], [V[:9], V[:9]], "layer 1 has 9 samples, expected at least 10"),
    ],
)
def test_what_cannot_be_judged(values, gradients, message):
    assert message in said(values, gradients)


def test_the_factor_decides_and_is_checked():
    values, gradients = flow(gaussian(1), depth=10)
    assert check_gradient_flow(values, gradients)
    assert "vanishes" in said(values, gradients, factor=3)
    with pytest.raises(ValueError, match="factor must be above 1"):
        check_gradient_flow(values, gradients, factor=1)
