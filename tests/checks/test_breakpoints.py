"""The check of breakpoints: right walks pass, and each wrong one is named."""

from itertools import pairwise

import numpy as np
import pytest

from coursekit.checks import CheckFailed, check_breakpoints
from coursekit.checks.breakpoints import MISTAKES, _crossings
from coursekit.learning.networks import compose, on_line, random_network
from coursekit.learning.regions import activation_patterns

RNG = np.random.default_rng(5)


def ends(n):
    return 3 * RNG.normal(size=n), 3 * RNG.normal(size=n)


TENT = [(np.array([[1.0], [1.0]]), np.array([0.0, -0.5])), (np.array([[2.0, -4.0]]), np.zeros(1))]
PAIRS = [
    (np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]), np.array([-1.0, -2.0, 1.0])),
    (np.array([[0.0, 1.0, 0.0]]), np.array([-0.25])),
]
WALKS = {
    "one": (random_network([3, 6, 1], 0), *ends(3)),
    "two": (random_network([2, 6, 5, 2], 1), *ends(2)),
    "three": (random_network([4, 5, 6, 4, 1], 2), *ends(4)),
    "pairs": (PAIRS, np.array([0.0, 1.0]), np.array([4.0, 4.0])),
    "tents": (compose(TENT, TENT, TENT), np.array([-0.2]), np.array([1.1])),
    "one layer": (random_network([2, 1], 3), *ends(2)),
}


def right(layers, start, end):
    return _crossings(layers, start, end)[0]


def by_bisection(layers, start, end):
    """Cut [0, 1] in many parts, and bisect where the pattern changes: slow, and independent."""

    def pattern(t):
        v, on = start + t * (end - start), []
        for A, b in layers[:-1]:
            v = np.maximum(A @ v + b, 0)
            on += [*(v > 0)]
        return on

    grid, found = np.linspace(0, 1, 1999)[1:-1], []
    for low, high in pairwise(grid):
        before = pattern(low)
        if pattern(high) != before:
            while high - low > 1e-12:
                middle = (low + high) / 2
                low, high = (middle, high) if pattern(middle) == before else (low, middle)
            found.append(high)
    return found


def test_right_passes():
    assert check_breakpoints(right, WALKS)
    assert check_breakpoints(lambda *walk: right(*walk).tolist(), WALKS)
    assert check_breakpoints(by_bisection, WALKS)


@pytest.mark.parametrize("seed", range(8))
def test_there_are_as_many_pieces_as_patterns(seed):
    network = random_network([3, 5, 4, 3, 1], seed)
    start, end = np.random.default_rng(seed).normal(size=(2, 3))
    pieces = activation_patterns(on_line(network, start, end), [(0, 1)])
    assert len(right(network, start, end)) + 1 == len(pieces)


@pytest.mark.parametrize("words", MISTAKES)
def test_a_mistake_is_named(words):
    with pytest.raises(CheckFailed) as failure:
        check_breakpoints(MISTAKES[words], WALKS)
    assert f"In all 6 walks of this check it is as if {words}." in str(failure.value)


def raises(*walk):
    raise ZeroDivisionError("division by zero")


def extra(layers, start, end):
    return np.sort([*right(layers, start, end), 0.123456])


def one_less(layers, start, end):
    return right(layers, start, end)[1:] if len(layers) > 3 else right(layers, start, end)


def deep_wrong(layers, start, end):
    return right(layers, start, end)[1:] if len(layers) > 2 else right(layers, start, end)


@pytest.mark.parametrize(
    ("func", "says"),
    [
        (raises, "one: raises raises ZeroDivisionError: division by zero"),
        (lambda *walk: len(right(*walk)), "is it how many?"),
        (lambda layers, p, q: p + right(layers, p, q)[:, None] * (q - p), "is it the points?"),
        (lambda *walk: right(*walk)[None, None], "the t should have one axis"),
        (lambda *walk: np.append(right(*walk), np.nan), "one of the t is nan"),
        (lambda *walk: np.float32(right(*walk)), "the type float32"),
        (lambda layers, p, q: right(layers, p, q) * np.linalg.norm(q - p), "distances from the"),
        (lambda *walk: [0, *right(*walk)], "0 is among the t; they lie between 0 and 1, without"),
        (lambda *walk: [0, *right(*walk), 1], "t = 0 and t = 1 are no breakpoints"),
        (lambda *walk: [*right(*walk), 1.5], "1.5 is among the t; they lie between 0 and 1."),
        (lambda *walk: right(*walk)[::-1], "the t do not increase"),
        (lambda *walk: np.repeat(right(*walk), 2), "stands there more than once"),
        (lambda *walk: right(*walk) + 0.9e-6, "they are right to 1e-06 only"),
        (extra, "At your t = 0.123456 no hidden neuron changes"),
        (one_less, "Wrong are just the walks through networks with more than two hidden layers"),
        (deep_wrong, "Wrong are just the walks through networks with more than one hidden layer"),
        (lambda *walk: right(*walk)[2:], "You miss 2, all in hidden layer 1."),
    ],
)
def test_a_wrong_walk_is_told(func, says):
    with pytest.raises(CheckFailed) as failure:
        check_breakpoints(func, WALKS)
    assert says in str(failure.value)


def test_breakpoints_near_each_other_are_told():
    near = [(np.array([[1.0], [1.0]]), np.array([-1.0, -1.004])), (np.ones((1, 2)), np.zeros(1))]
    walk = near, np.array([0.0]), np.array([2.0])
    with pytest.raises(CheckFailed, match=r"It is only 0\.002 away from another one"):
        check_breakpoints(lambda *walk: [0.5], {"near": walk, "one": WALKS["one"]})
