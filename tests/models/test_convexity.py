"""Searches for counterexamples: true witnesses, silence on convex functions, known curvatures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import objectives
from coursekit.models.convexity import (
    chord_test,
    curvature_bounds,
    hessian_test,
    line_test,
    tangent_test,
)
from coursekit.numbers.softmax import logsumexp, softmax
from coursekit.objectives import Objective, exponential_sum, quadratic, sine_valley

CONVEX = [objectives.bowl, objectives.canyon, exponential_sum, objectives.parabola()]
NOT_CONVEX = [
    objectives.hill_and_well,
    objectives.himmelblau,
    objectives.polynomial10,
    objectives.rosenbrock,
    objectives.saddle,
    sine_valley,
]


def one(f):
    """A function of one variable, for points of shape (..., 1)."""
    return lambda x: f(x[..., 0])


def all_tests(f, window=None, seed=0):
    window = f.window if window is None else window
    return {
        "chords": chord_test(f, window, seed=seed),
        "lines": line_test(f, window, seed=seed),
        "tangents": tangent_test(f, f.grad, window, seed=seed),
        "hessians": hessian_test(f.hess, window, seed=seed),
    }


@pytest.mark.parametrize("f", CONVEX, ids=repr)
@pytest.mark.parametrize("seed", range(3))
def test_convex_functions_have_no_counterexample(f, seed):
    for found in all_tests(f, seed=seed).values():
        assert found.witness is None
        assert found.amount == 0
        assert found.message.startswith(f"no counterexample found in {found.samples} ")


@pytest.mark.parametrize("f", NOT_CONVEX, ids=repr)
def test_a_witness_can_be_checked_by_hand(f):
    found = all_tests(f)
    for kind in ("chords", "lines"):
        x, y, p = found[kind].witness
        excess = f(p * x + (1 - p) * y) - (p * f(x) + (1 - p) * f(y))
        assert found[kind].amount == pytest.approx(excess, rel=1e-9)
        assert excess > 0
    x, y = found["tangents"].witness
    excess = f(x) + f.grad(x) @ (y - x) - f(y)
    assert found["tangents"].amount == pytest.approx(excess, rel=1e-9)
    assert excess > 0
    x, u = found["hessians"].witness
    assert u @ u == pytest.approx(1)
    assert u @ f.hess(x) @ u == pytest.approx(-found["hessians"].amount, rel=1e-9)
    for evidence in found.values():
        assert evidence.message.startswith("not convex")


def test_what_was_tried_is_counted():
    f = exponential_sum
    assert chord_test(f, f.window, samples=70).samples == 70
    assert tangent_test(f, f.grad, f.window, samples=70).samples == 70
    assert hessian_test(f.hess, f.window, samples=70).samples == 70
    for points, chords in ((3, 1), (4, 2), (5, 3 + 1), (9, 7 + 5 + 1)):
        found = line_test(f, f.window, lines=5, points=points)
        assert found.samples == 5 * chords
        assert found.message == f"no counterexample found in {5 * chords} chords of 5 lines"


def test_the_same_seed_gives_the_same_witness():
    first, again = (chord_test(sine_valley, [(-4, 4)] * 2, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.witness[0], again.witness[0])
    other = chord_test(sine_valley, [(-4, 4)] * 2, seed=4)
    assert other.amount != first.amount
    assert other.amount == pytest.approx(first.amount, rel=0.5)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("scale", [1e-150, 1e-3, 1, 1e3, 1e150])
def test_quadratics_are_judged_by_their_smallest_eigenvalue(n, scale):
    rng = np.random.default_rng(n)
    V, _ = np.linalg.qr(rng.normal(size=(n, n)))
    for smallest in (0.0, 0.3, -0.3):
        lam = np.append(smallest, rng.uniform(0.5, 2, n - 1)) * scale
        found = all_tests(quadratic((V * lam) @ V.T), [(-1, 2)] * n)
        for kind, evidence in found.items():
            assert (evidence.witness is None) == (smallest >= 0), kind


@pytest.mark.parametrize("shift", [0, 1e3, 1e6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_no_counterexample(shift, dtype):
    """Neither that of values, nor that of points far from 0, nor cancellation in a formula."""
    if shift * np.finfo(dtype).eps > 1e-2:
        return
    window = [(shift - 1, shift + 1)]
    square = one(lambda x: ((x - shift) ** 2).astype(dtype))
    line = one(lambda x: (3 * x + 7).astype(dtype))
    expanded = one(lambda x: (x * x - 2 * shift * x + shift**2).astype(dtype))
    for f in (square, line):
        assert chord_test(f, window).witness is None
        assert line_test(f, window).witness is None
    if shift <= 1:
        assert chord_test(expanded, window).witness is None
    assert chord_test(lambda x: -square(x), window).amount > 0.1


def test_noise_is_named_by_rtol():
    def noisy(x):
        return (x[..., 0] ** 2).round(3)

    assert chord_test(noisy, [(-1, 1)]).witness is not None
    assert chord_test(noisy, [(-1, 1)], rtol=1e-3).witness is None
    assert line_test(noisy, [(-1, 1)], rtol=1e-3).witness is None
    assert tangent_test(noisy, lambda x: 2 * x, [(-1, 1)], rtol=1e-3).witness is None


def test_a_narrow_dent_is_found_by_close_pairs_and_a_needle_by_none():
    def dented(width):
        return one(lambda x: x**2 + 3 * width**2 * np.exp(-(((x - 0.3) / width) ** 2)))

    for seed in range(3):
        assert chord_test(dented(1e-2), [(-1, 1)], seed=seed).amount > 0
        assert line_test(dented(1e-2), [(-1, 1)], seed=seed).amount > 0
        assert chord_test(dented(1e-9), [(-1, 1)], seed=seed).witness is None


def test_a_point_outside_of_the_domain_between_two_points_inside():
    f = one(lambda x: np.sqrt(x**2 - 1))  # nan between -1 and 1
    for found in (chord_test(f, [(-2, 2)]), line_test(f, [(-2, 2)])):
        x, y, p = found.witness
        assert found.amount == np.inf
        assert abs(p * x + (1 - p) * y) < 1 < min(abs(x), abs(y))
    entropy = one(lambda x: x * np.log(x))
    grad = lambda x: 1 + np.log(x)  # noqa: E731
    assert chord_test(entropy, [(-1, 2)]).witness is None
    assert line_test(entropy, [(-1, 2)]).witness is None
    found = tangent_test(entropy, grad, [(-1, 2)])
    assert found.witness is None
    assert 3000 < found.samples < 7000
    for test in (chord_test, line_test):
        with pytest.raises(
            ValueError, match=r"^f\(x\) must be finite at more points of the window"
        ):
            test(entropy, [(-2, -1)])


def test_a_subgradient_will_do_at_a_kink_and_a_wrong_gradient_is_accused():
    grid = one(np.abs)
    assert tangent_test(grid, np.sign, [(-1, 1)]).witness is None
    assert tangent_test(grid, lambda x: 2 * np.sign(x), [(-1, 1)]).amount > 0.5
    f = exponential_sum
    found = tangent_test(f, lambda x: 1.01 * f.grad(x), f.window)
    assert "or grad is wrong" in found.message


def test_log_sum_exp_and_the_unit_simplex_of_softmax():
    hess = lambda x: (  # noqa: E731
        softmax(x)[..., None] * np.eye(4) - softmax(x)[..., None] * softmax(x)[..., None, :]
    )
    f = Objective(lambda x: logsumexp(x), softmax, hess, n=4)
    assert all(found.witness is None for found in all_tests(f).values())
    assert 0.4 < curvature_bounds(hess, f.window).M <= 0.5


# Curvature


def test_corners_are_tried_so_that_monotone_curvature_is_exact():
    found = curvature_bounds(lambda x: np.exp(x)[..., None], [(-5, 1)], samples=3)
    assert (found.m, found.M) == (np.exp(-5), np.e)
    assert (found.at_m, found.at_M, found.samples) == (-5, 1, 3)
    A = exponential_sum
    found = curvature_bounds(A.hess, A.window)
    np.testing.assert_allclose(found.M, np.linalg.eigvalsh(A.hess([3, 3]))[-1], rtol=1e-12)
    assert found.at_M.tolist() == [3, 3]


@given(st.integers(0, 10**6))
def test_bounds_of_a_quadratic_are_its_eigenvalues(seed):
    M = np.random.default_rng(seed).normal(size=(3, 3))
    found = curvature_bounds(quadratic(M + M.T).hess, [(-1, 1)] * 3, samples=20)
    lam = np.linalg.eigvalsh(M + M.T)
    np.testing.assert_allclose([found.m, found.M], lam[[0, -1]], rtol=1e-12, atol=1e-12)


def test_more_samples_never_narrow_the_bounds():
    few, many = (curvature_bounds(sine_valley.hess, [(-4, 4)] * 2, samples=k) for k in (10, 4000))
    assert many.m <= few.m <= few.M <= many.M


def test_a_semidefinite_hessian_is_no_counterexample():
    A = np.random.default_rng(1).normal(size=(3, 6))
    hess = quadratic(A.T @ A).hess
    assert abs(curvature_bounds(hess, [(-1, 1)] * 6).m) < 1e-14
    assert hessian_test(hess, [(-1, 1)] * 6).witness is None
    quartic = lambda x: 12 * x[..., None] ** 2  # noqa: E731
    assert hessian_test(quartic, [(-1, 1)]).witness is None


# Bad arguments

GOOD = {"f": one(np.square), "window": [(-1, 1)]}


@pytest.mark.parametrize("test", [chord_test, line_test])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"window": (-1, 1)}, ValueError, "^window must hold a pair .* got shape .2,."),
        ({"window": [(1, -1)]}, ValueError, "^window must have low < high in each pair; got "),
        ({"window": [(0, np.inf)]}, ValueError, "^window must be finite; got "),
        ({"window": "wide"}, TypeError, "^window must hold real numbers; got "),
        ({"seed": -1}, ValueError, "^seed must be at least 0; got -1"),
        ({"rtol": -1}, ValueError, "^rtol must be at least 0 and finite; got -1"),
        ({"f": lambda x: x}, ValueError, r"^f\(x\) must have shape .* the first coordinate"),
        ({"f": lambda x: None}, TypeError, r"^f\(x\) must hold real numbers; got "),
        ({"f": lambda x: 1j * x[..., 0]}, TypeError, r"^f\(x\) must hold real numbers; got "),
    ],
)
def test_what_is_refused(test, change, error, message):
    with pytest.raises(error, match=message):
        test(**GOOD | change)


def test_counts_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^samples must be at least 1; got 0"):
        chord_test(**GOOD, samples=0)
    with pytest.raises(TypeError, match=r"^lines must be an integer; got 2\.0"):
        line_test(**GOOD, lines=2.0)
    with pytest.raises(ValueError, match=r"^points must be at least 3; got 2"):
        line_test(**GOOD, points=2)


def test_derivatives_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"^grad\(x\) must have shape \(10000, 1\); got"):
        tangent_test(GOOD["f"], lambda x: x[..., 0], GOOD["window"])
    for test in (hessian_test, curvature_bounds):
        with pytest.raises(ValueError, match=r"^hess\(x\) must have shape \(1000, 2, 2\); got"):
            test(lambda x: x, [(-1, 1)] * 2)
        with pytest.raises(ValueError, match=r"^hess\(x\) must be finite; got"):
            test(lambda x: np.full((*x.shape, 2), np.nan), [(-1, 1)] * 2)
        with pytest.raises(ValueError, match=r"^hess\(x\) must be symmetric; got .* by 1 at x = "):
            test(lambda x: np.broadcast_to([[1, 1], [0, 1]], (*x.shape, 2)), [(-1, 1)] * 2)
