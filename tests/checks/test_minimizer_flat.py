"""`check_minimizer` where the second derivatives do not decide: falls, minima and plateaus."""

import re

import numpy as np
import pytest
from problem_examples import message

from coursekit.checks import check_minimizer


def near(x):
    return x @ x


# At 0 the gradient is zero and the Hessian has no negative eigenvalue, but f falls.
FALLS = {
    "between two parabolas": (2, lambda x: (x[1] - x[0] ** 2) * (x[1] - 3 * x[0] ** 2)),
    "between close parabolas": (2, lambda x: (x[1] - x[0] ** 2) * (x[1] - 1.2 * x[0] ** 2)),
    "between steep parabolas": (2, lambda x: (x[1] - 5 * x[0] ** 2) * (x[1] - 6 * x[0] ** 2)),
    "between two cubics": (2, lambda x: (x[1] - x[0] ** 3) * (x[1] - 3 * x[0] ** 3)),
    "between parabolas, without a Hessian": (
        2, lambda x: (x[1] - x[0] ** 2) * (x[1] - 3 * x[0] ** 2) * near(x),
    ),
    "in a cusp": (2, lambda x: (x[1] ** 2 - x[0] ** 3) * (x[1] ** 2 - 2 * x[0] ** 3)),
    "along the bottom of a valley": (2, lambda x: (x[1] - x[0] ** 2) ** 2 + x[0] ** 5),
    "on both sides of a bent valley": (2, lambda x: (x[1] - x[0] ** 2) ** 2 - x[0] ** 6),
    "a cubic": (2, lambda x: x[0] ** 3 + x[1] ** 2),
    "a monkey saddle": (2, lambda x: x[0] ** 3 - 3 * x[0] * x[1] ** 2),
    "a degree of five": (2, lambda x: x[0] ** 5 + x[1] ** 2),
    "down in both directions": (2, lambda x: x[1] ** 2 - x[0] ** 4),
    "a saddle of fourth degree": (2, lambda x: x[0] ** 4 - x[1] ** 4),
    "a term of odd degree": (2, lambda x: x[1] ** 2 - 2 * x[0] ** 2 * x[1]),
    "between paraboloids": (
        3, lambda x: (x[2] - x[:2] @ x[:2]) * (x[2] - 3 * x[:2] @ x[:2]),
    ),
    "a product of three": (3, lambda x: x[0] * x[1] * x[2]),
    "a valley in a valley": (
        3, lambda x: (x[2] - x[1] ** 2) ** 2 + (x[1] - x[0] ** 2) ** 2 - x[0] ** 9,
    ),
    "a quartic form": (4, lambda x: (x[:2] ** 2).sum() + x[2] ** 4 - 3 * x[2] ** 2 * x[3] ** 2
                       + x[3] ** 4),
}  # fmt: skip

# At 0 the Hessian is singular, and f is nowhere near lower.
MINIMA = {
    "fourth degree in one direction": (2, lambda x: x[0] ** 4 + x[1] ** 2),
    "fourth degree": (2, lambda x: (x**4).sum()),
    "sixth degree": (2, lambda x: x[0] ** 6 + x[1] ** 2),
    "a flat valley": (2, lambda x: x[1] ** 2),
    "a flat valley that bends": (2, lambda x: (x[1] - x[0] ** 2) ** 2),
    "a bent valley that rises": (2, lambda x: (x[1] - x[0] ** 2) ** 2 + x[0] ** 6),
    "parabolas that do not cross": (
        2, lambda x: x[1] ** 2 - 1.9 * x[1] * x[0] ** 2 + x[0] ** 4,
    ),
    "a cross of valleys": (2, lambda x: x[0] ** 2 * x[1] ** 2),
    "a positive quartic form": (2, lambda x: x[0] ** 4 - x[0] ** 2 * x[1] ** 2 + x[1] ** 4),
    "half of a parabola": (2, lambda x: max(0.0, x[0]) ** 2 + x[1] ** 2),
    "a wide floor": (2, lambda x: max(0.0, abs(x[0]) - 1) ** 2 + x[1] ** 2),
    "a constant": (2, lambda x: 3.0),
    "fourth degree in one of three": (3, lambda x: x[0] ** 2 + x[1] ** 4 + x[2] ** 2),
    "a bent bowl": (3, lambda x: (x[2] - x[:2] @ x[:2]) ** 2 + near(x) ** 2),
    "two bent valleys": (4, lambda x: (x[0] - x[1] ** 2) ** 2 + (x[2] - x[3] ** 2) ** 2),
    "Powell's singular function": (
        4, lambda x: (x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4
        + 10 * (x[0] - x[3]) ** 4,
    ),
}  # fmt: skip

# Around 0 f is constant, or as good as constant, and lower further away.
PLATEAUS = {
    "a table": (2, lambda x: -max(0.0, near(x) - 0.04)),
    "a round table": (2, lambda x: -(max(0.0, near(x) - 0.04) ** 2)),
    "the edge of a table": (2, lambda x: -(max(0.0, x[0] - 1) ** 2)),
    "a valley that ends": (2, lambda x: -(max(0.0, x[0] - 0.5) ** 3) + x[1] ** 2),
    "a hole in the plane": (2, lambda x: 1 - np.exp(-near(x - 6))),
    "a hole in another direction": (3, lambda x: 1 - np.exp(-near(x - [6, -5, 7]))),
    "a hole in four dimensions": (4, lambda x: 1 - np.exp(-near(x - [4, 3, -4, 2]))),
    "steps": (2, lambda x: float(np.floor(near(x - [1.2, 0.3])))),
    "a degree of twenty": (2, lambda x: x[1] ** 2 - x[0] ** 20),
    "a saturated tanh": (2, lambda x: np.tanh(x[0] + 30) + x[1] ** 2),
    "a saturated logistic function": (3, lambda x: 1 / (1 + np.exp(-x.sum() - 60))),
    "falls between axes": (2, lambda x: -max(0.0, x[0] * x[1] - 4)),
    "a ring": (2, lambda x: max(0.0, 1 - near(x - 1)) - max(0.0, near(x - 1) - 4)),
}


def in_other_coordinates(n, f):
    """The same function around another point, turned."""
    turn = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))[0]
    x0 = np.arange(1.0, n + 1)
    return x0, lambda x: f(turn @ (x - x0))


def with_more_coordinates(n, f):
    """The same function with a term of second degree in one more coordinate."""
    return np.zeros(n + 1), lambda x: f(x[:n]) + x[n] ** 2


def as_it_is(n, f):
    return np.zeros(n), f


@pytest.mark.parametrize("form", [as_it_is, in_other_coordinates, with_more_coordinates])
@pytest.mark.parametrize("name", FALLS)
def test_a_fall_is_found_and_shown(name, form):
    x, f = form(*FALLS[name])
    said = message(check_minimizer, x, f)
    moves, fall = re.search(r"f is lower at x \+ \[(.*)\], by about (.*)\n", said).groups()
    moves = np.array(moves.split(", "), dtype=float)
    assert np.linalg.norm(moves) <= 0.2 * max(1, np.abs(x).max())
    fallen = f(x) - f(x + moves)
    assert fallen > 0
    assert float(fall) == pytest.approx(fallen, rel=0.6)


@pytest.mark.parametrize("form", [as_it_is, in_other_coordinates, with_more_coordinates])
@pytest.mark.parametrize("name", MINIMA)
def test_a_minimum_is_one_strict_or_not(name, form):
    x, f = form(*MINIMA[name])
    assert check_minimizer(x, f)


@pytest.mark.parametrize("form", [as_it_is, with_more_coordinates])
@pytest.mark.parametrize("name", PLATEAUS)
def test_a_plateau_with_lower_values_further_away_is_not_decided(name, form):
    x, f = form(*PLATEAUS[name])
    assert message(check_minimizer, x, f).startswith("The check cannot decide: f does not change")


def test_of_many_coordinates_the_distance_is_shown():
    said = message(
        check_minimizer, np.zeros(10), lambda x: (x**4).sum() - 3 * x[0] ** 2 * x[1] ** 2
    )
    assert "f is lower at a distance of 1e-03, by about" in said
