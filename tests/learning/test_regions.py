"""Linear pieces: the formula, two ways to count, and polygons that fit together."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit.learning.networks import compose, forward, on_line, random_network
from coursekit.learning.regions import (
    activation_patterns,
    fold_lines,
    linear_regions,
    n_regions,
)

WINDOW = [(-2.0, 2.0), (-1.0, 3.0)]
TENT = [([[1], [1]], [0, -0.5]), ([[2, -4]], [0])]


def one_layer(A, b):
    return [(A, b), (np.ones((1, len(b))), [0])]


def sampled(network, points):
    """Return the different patterns at many points: at most those that exist."""
    signs = []
    for A, b in network[:-1]:
        points = points @ np.asarray(A).T + b
        signs.append(points > 0)
        points = np.maximum(points, 0)
    return np.unique(np.concatenate(signs, axis=-1), axis=0)


def area(polygon):
    x, y = polygon.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


@given(st.integers(0, 30), st.integers(0, 8))
def test_the_formula_satisfies_the_recursion(n, m):
    assert n_regions(n + 1, m + 1) == n_regions(n, m + 1) + n_regions(n, m)
    assert n_regions(0, m) == n_regions(n, 0) == 1


@given(st.integers(0, 10), st.integers(0, 10))
def test_few_hyperplanes_make_all_patterns(n, m):
    assert n_regions(n, n + m) == 2**n


def test_known_counts():
    assert [n_regions(n, 2) for n in range(11)] == [1, 2, 4, 7, 11, 16, 22, 29, 37, 46, 56]
    assert (n_regions(5, 3), n_regions(1000, 3)) == (26, 166_667_501)
    assert n_regions(10**4, 2) == pytest.approx(10**8 / math.factorial(2), rel=1e-3)


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (7, 1), (3, 2), (4, 2), (10, 2), (3, 3), (4, 3), (5, 3), (6, 4), (2, 5)]
)
def test_random_hyperplanes_make_as_many_pieces_as_the_formula_says(n, m):
    assert len(activation_patterns(random_network([m, n, 1], seed=n))) == n_regions(n, m)


@pytest.mark.parametrize(
    ("A", "b", "pieces"),
    [
        ([[1, 1], [1, 1]], [0, -1], 3),  # parallel
        ([[1, 0], [0, 1], [1, 1]], [0, 0, 0], 6),  # through one point
        ([[1, 0], [0, 1], [1, 1]], [-1, -2, -3], 6),  # through (1, 2)
        ([[1, 2], [2, 4]], [1, 2], 2),  # one and the same
        ([[0, 0], [1, 0]], [1, 0], 2),  # no fold at all
        ([[0, 0, 0], [1, 0, 0]], [0, 1], 2),
        (np.vstack([np.eye(3), np.ones(3)]), [0, 0, 0, -1], 15),
    ],
)
def test_hyperplanes_in_special_position(A, b, pieces):
    assert len(activation_patterns(one_layer(A, b))) == pieces


@pytest.mark.parametrize(("n", "m", "pieces"), [(6, 2, 12), (5, 3, 22)])
def test_without_biases_there_are_only_central_pieces(n, m, pieces):
    central = 2 * sum(math.comb(n - 1, i) for i in range(m))
    network = random_network([m, n, 1], 3, bias=0)
    assert len(activation_patterns(network)) == central == pieces


@pytest.mark.parametrize("k", range(1, 7))
def test_tents_double(k):
    network = compose(*[TENT] * k)
    assert len(activation_patterns(network, [(0, 1)])) == 2**k
    beyond = 1 + (k > 1)  # left of 0, and right of 1, where T < 0, if there is another layer
    assert len(activation_patterns(network)) == 2**k + beyond


@given(
    st.integers(0, 10**6), st.sampled_from([[2, 3, 1], [2, 4, 3, 1], [2, 3, 3, 2, 2], [1, 5, 4, 1]])
)
def test_no_point_has_a_pattern_that_was_not_found(seed, widths):
    network = random_network(widths, seed)
    found = {p.tobytes() for p in activation_patterns(network)}
    points = 3 * np.random.default_rng(seed).standard_normal((2000, widths[0]))
    assert {p.tobytes() for p in sampled(network, points)} <= found


@pytest.mark.parametrize("window", [None, WINDOW])
@pytest.mark.parametrize("widths", [[2, 5, 1], [2, 3, 3, 1]])
def test_polygons_and_linear_programs_find_the_same(widths, window, monkeypatch):
    from coursekit.learning import regions

    for seed in range(2):
        network = random_network(widths, seed)
        cut = activation_patterns(network, window)
        box = None if window is None else np.array(window)
        solved = np.unique(np.array(regions._by_linear_programs(network, box), bool), axis=0)
        np.testing.assert_array_equal(cut, solved)


def test_in_three_dimensions_deep_networks_and_boxes_are_counted_too():
    network = random_network([3, 3, 2, 1], 1)
    everywhere = {p.tobytes() for p in activation_patterns(network)}
    inside = {p.tobytes() for p in activation_patterns(network, [(-1, 1)] * 3)}
    points = np.random.default_rng(0).uniform(-1, 1, (20_000, 3))
    assert {p.tobytes() for p in sampled(network, points)} <= inside <= everywhere


@given(st.integers(0, 10**6))
def test_the_units_do_not_matter(seed):
    network = random_network([2, 4, 3, 1], seed)
    (A, b), *rest = network
    far = [(A / 1e6, b), *rest]  # the same picture, a million times as large
    small = [(A * 1e-9, b * 1e-9), *[(W, 1e-9 * c) for W, c in rest]]
    whole = activation_patterns(network)
    np.testing.assert_array_equal(activation_patterns(far), whole)
    np.testing.assert_array_equal(activation_patterns(small), whole)


@given(st.integers(0, 10**6), st.sampled_from([[2, 4, 1], [2, 4, 4, 2], [2, 3, 3, 3, 1]]))
def test_pieces_fill_the_window_and_are_affine(seed, widths):
    network = random_network(widths, seed)
    pieces = linear_regions(network, WINDOW)
    assert sum(area(piece.corners) for piece in pieces) == pytest.approx(16, rel=1e-9)
    for pattern, corners, A, b in pieces:
        values = forward(network, corners)
        np.testing.assert_allclose(corners @ A.T + b, values, atol=1e-9)
        middle = corners.mean(axis=0)
        if area(corners) > 1e-9:
            np.testing.assert_array_equal(sampled(network, middle[None])[0], pattern)
    patterns = {piece.pattern.tobytes() for piece in pieces}
    assert len(patterns) == len(pieces) == len(activation_patterns(network, WINDOW))


@given(st.integers(0, 10**6))
def test_folds_are_where_a_neuron_is_zero(seed):
    network = random_network([2, 4, 3, 1], seed)
    (A, b), (W, c), _ = network
    folds = fold_lines(network, WINDOW)
    assert len(folds) == 7
    for j, ends in enumerate(folds):
        for t in (0, 0.3, 1):
            points = (1 - t) * ends[:, 0] + t * ends[:, 1]
            z = points @ A.T + b
            z = z[:, j] if j < 4 else (np.maximum(z, 0) @ W.T + c)[:, j - 4]
            np.testing.assert_allclose(z, 0, atol=1e-9)


def test_a_straight_fold_is_drawn_from_border_to_border():
    folds = fold_lines(one_layer([[1, 1], [1, -1]], [0, 0]), [(-1, 1), (-1, 1)])
    lengths = [np.linalg.norm(np.diff(ends, axis=1), axis=-1).sum() for ends in folds]
    np.testing.assert_allclose(lengths, 2 * math.sqrt(2))
    assert fold_lines(one_layer([[1, 0]], [5]), [(-1, 1), (-1, 1)])[0].shape == (0, 2, 2)


def test_a_fold_of_the_second_layer_bends_at_the_first():
    network = [([[1, 0]], [0]), ([[1]], [-1]), ([[1]], [0])]  # ReLU(x) = 1: the line x = 1
    _, second = fold_lines(network, [(-2, 2), (-2, 2)])
    assert sorted(second[0].tolist()) == [[1, -2], [1, 2]]
    bent = [([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [-1]), ([[1]], [0])]  # ReLU(x) + ReLU(y) = 1
    *_, fold = fold_lines(bent, [(-2, 2), (-2, 2)])
    corners = {tuple(end) for ends in fold.tolist() for end in ends}
    assert corners == {(1, -2), (1, 0), (0, 1), (-2, 1)}


def test_a_line_meets_no_more_pieces_than_there_are():
    network = random_network([2, 5, 5, 1], 2)
    line = on_line(network, [-3, -1], [3, 2])
    assert 1 < len(activation_patterns(line)) <= len(activation_patterns(network))


def test_the_steepest_piece_bounds_all_difference_quotients():
    network = random_network([2, 6, 6, 1], 0)
    steepest = max(np.linalg.norm(r.A, 2) for r in linear_regions(network, WINDOW))
    rng = np.random.default_rng(0)
    u, v = rng.uniform(*np.transpose(WINDOW), (2, 5000, 2))
    quotients = np.abs(forward(network, u) - forward(network, v))[:, 0] / np.linalg.norm(
        u - v, axis=1
    )
    assert 0.5 * steepest < quotients.max() <= steepest * (1 + 1e-12)
    assert steepest <= math.prod(np.linalg.norm(A, 2) for A, _ in network)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: n_regions(-1, 2), ValueError, "^n must be at least 0"),
        (lambda: n_regions(2, 2.5), TypeError, "^m must be an integer"),
        (
            lambda: activation_patterns(TENT, [(0, 1), (0, 1)]),
            ValueError,
            r"^window must have shape \(1, 2\); got shape \(2, 2\)",
        ),
        (
            lambda: activation_patterns(TENT, [(1, 0)]),
            ValueError,
            r"^window must have lower ends below upper ends; got \[\[1.0, 0.0\]\]",
        ),
        (
            lambda: linear_regions(TENT, [(0, 1)]),
            ValueError,
            "^layers: a network of the plane has 2 inputs; got 1",
        ),
        (lambda: fold_lines(TENT, [(0, 1)]), ValueError, "^layers: a network of the plane has 2"),
        (lambda: linear_regions([], WINDOW), ValueError, "^layers must be pairs"),
    ],
)
def test_what_does_not_fit_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
