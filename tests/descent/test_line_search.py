"""Wolfe's conditions hold, for the steps of a line search on functions of every kind."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.descent import wolfe_step

FUNCTIONS = {
    "parabola": lambda t: ((t - 3) ** 2, 2 * (t - 3)),
    "far parabola": lambda t: ((t / 1e6 - 3) ** 2, 2e-6 * (t / 1e6 - 3)),
    "near parabola": lambda t: ((1e6 * t - 3) ** 2, 2e6 * (1e6 * t - 3)),
    "quartic": lambda t: ((t - 1) ** 4 - t, 4 * (t - 1) ** 3 - 1),
    "wiggle": lambda t: (
        0.1 * (t - 2) ** 2 + np.sin(3 * t) / 3 - t,
        0.2 * (t - 2) + np.cos(3 * t) - 1,
    ),
    "more 1": lambda t: (-t / (t * t + 2), (t * t - 2) / (t * t + 2) ** 2),
    "more 2": lambda t: (
        (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4,
        5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3,
    ),
    "wall": lambda t: (t - np.log(2 - t) - 3 * t, -2 + 1 / (2 - t)) if t < 2 else (np.nan, np.nan),
    "overflow": lambda t: (np.exp(10 * t) - 100 * t, 10 * np.exp(10 * t) - 100),
}


def satisfied(phi, t, decrease=1e-4, curvature=0.5):
    (value, slope), (there, slope_there) = phi(0.0), phi(t)
    return there <= value + decrease * t * slope and abs(slope_there) <= -curvature * slope


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("start", [1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3])
@pytest.mark.parametrize("curvature", [0.9, 0.5, 0.1, 0.01])
def test_the_conditions_hold(name, start, curvature):
    phi, trials = FUNCTIONS[name], []

    def watched(t):
        trials.append(t)
        with np.errstate(all="ignore"):
            return phi(t)

    t = wolfe_step(watched, *phi(0.0), start=start, curvature=curvature)
    assert satisfied(phi, t, curvature=curvature)
    assert trials[0] == start
    assert t in trials
    assert len(trials) < 30


@given(
    coefficients=st.tuples(*[st.floats(-1, 1)] * 3),
    slope=st.floats(-10, -0.1),
    start=st.floats(0.01, 100),
)
def test_the_conditions_hold_on_polynomials_that_grow(coefficients, slope, start):
    p = np.polynomial.Polynomial([0, slope, *coefficients, 0.5])
    p = p + np.polynomial.Polynomial([0, 0, 0, 0, 0, 0, 0.1])
    dp = p.deriv()

    def phi(t):
        return p(t), dp(t)

    assert satisfied(phi, wolfe_step(phi, 0.0, slope, start=start))


def test_a_start_that_will_do_is_taken_at_one_call():
    calls = []

    def phi(t):
        calls.append(t)
        return FUNCTIONS["parabola"](t)

    assert wolfe_step(phi, 9, -6, start=3.5) == 3.5
    assert calls == [3.5]


def test_on_a_parabola_the_second_trial_is_exact():
    for start in (1e-3, 10.0, 100.0):
        phi = FUNCTIONS["parabola"]
        t = wolfe_step(phi, 9, -6, start=start, curvature=1e-3, decrease=1e-4)
        assert t == pytest.approx(3, rel=1e-3)


def test_a_slope_that_is_not_that_of_phi_finds_nothing():
    assert wolfe_step(lambda t: (1 + t, 1.0), 1, -1) == 0


def test_a_slope_of_the_wrong_sign_everywhere_finds_nothing():
    assert wolfe_step(lambda t: (1 + t, -1.0), 1, -1) == 0


def test_without_a_minimum_the_farthest_finite_step_is_taken():
    t = wolfe_step(lambda t: (-t, -1.0), 0, -1)
    assert t > 1e10
    t = wolfe_step(lambda t: (-t, -1.0) if t < 100 else (-math.inf, math.nan), 0, -1)
    assert 50 < t < 100


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nothing_finite_anywhere_finds_nothing(bad):
    assert wolfe_step(lambda t: (bad, 1.0), 0, -1) == 0
    assert wolfe_step(lambda t: (-1.0, bad), 0, -1) == 0


def test_where_rounding_hides_the_decrease_the_slope_decides():
    def phi(t):  # 1e-20 (t - 1)^2 is below the rounding of 1
        return 1 + 1e-20 * (t - 1) ** 2, 2e-20 * (t - 1)

    assert wolfe_step(phi, 1.0, -2e-20, start=1.2) == 1.2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slope": 0}, r"^slope must be below 0; got 0"),
        ({"slope": 1}, r"^slope must be below 0; got 1"),
        ({"value": math.inf}, r"^value must be finite; got inf"),
        ({"start": 0}, r"^start must be above 0 and finite; got 0"),
        ({"decrease": 1}, r"^decrease must be above 0 and below 1; got 1"),
        ({"curvature": 1}, r"^curvature must be above 0\.0001 and below 1; got 1"),
        ({"curvature": 0.1, "decrease": 0.2}, r"^curvature must be above 0\.2 and below 1"),
    ],
)
def test_a_bad_argument_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        wolfe_step(**{"phi": FUNCTIONS["parabola"], "value": 9, "slope": -6} | options)
