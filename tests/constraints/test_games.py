"""Zero-sum games: known values, both guarantees, and learning to play."""

import numpy as np
import pytest
from scipy.optimize import linprog

from coursekit.constraints.games import fictitious_play, game_program, solve_game

SECOND = [[1, 0, 4], [3, -1, 2]]


def require_solution(P, x, y, value):
    P = np.asarray(P, float)
    for mixture in (x, y):
        assert mixture.min() >= 0
        assert mixture.sum() == pytest.approx(1)
    assert (x @ P).max() == pytest.approx(value, abs=1e-9)  # X pays at most that
    assert (P @ y).min() == pytest.approx(value, abs=1e-9)  # Y gets at least that


@pytest.mark.parametrize(
    ("P", "x", "y", "value"),
    [
        ([[1, 0, 2], [3, -1, 4]], [1, 0], [0, 0, 1], 2),
        (SECOND, [1 / 4, 3 / 4], [1 / 2, 0, 1 / 2], 2.5),
        ([[0, 1, -2], [-1, 0, 3], [2, -3, 0]], [1 / 2, 1 / 3, 1 / 6], [1 / 2, 1 / 3, 1 / 6], 0),
        ([[-7]], [1], [1], -7),
        ([[1, 3], [2, 0]], [1 / 2, 1 / 2], [3 / 4, 1 / 4], 1.5),
    ],
)
def test_known_games(P, x, y, value):
    found = solve_game(P)
    np.testing.assert_allclose(found[0], x, atol=1e-12)
    np.testing.assert_allclose(found[1], y, atol=1e-12)
    assert found[2] == pytest.approx(value, abs=1e-12)
    require_solution(P, *found)


@pytest.mark.parametrize("seed", range(10))
def test_random_games_agree_with_highs(seed):
    rng = np.random.default_rng(seed)
    P = rng.integers(-5, 6, tuple(rng.integers(1, 7, 2)))
    x, y, value = solve_game(P)
    require_solution(P, x, y, value)
    assert value == pytest.approx(linprog(**game_program(P)).fun, abs=1e-9)


def test_the_game_of_the_other_player_has_the_opposite_value():
    assert solve_game(-np.transpose(SECOND))[2] == pytest.approx(-2.5)


def test_fictitious_play_brackets_the_value():
    lower, upper = fictitious_play(SECOND, 100_000)
    assert (lower <= 2.5).all()
    assert (upper >= 2.5).all()
    table = {10: (2.1, 2.6), 100: (2.4, 2.54), 1000: (2.473, 2.514), 10_000: (2.4915, 2.5046)}
    for k, bracket in (table | {100_000: (2.49904, 2.50314)}).items():
        np.testing.assert_allclose((lower[k - 1], upper[k - 1]), bracket, rtol=1e-12)


@pytest.mark.parametrize("call", [solve_game, game_program, lambda P: fictitious_play(P, 1)])
def test_a_game_must_be_a_matrix(call):
    with pytest.raises(ValueError, match=r"P must be a nonempty matrix; got shape \(2,\)"):
        call([1, 2])


def test_rounds_are_counted():
    with pytest.raises(ValueError, match="rounds must be at least 1; got 0"):
        fictitious_play(SECOND, 0)
