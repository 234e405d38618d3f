"""Gradient descent against closed forms, the counts of the syllabus, and every way it can stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit.descent import backtracking, decaying, exact_line_search, gradient_descent
from coursekit.objectives import (
    bowl,
    canyon,
    exponential_sum,
    hill_and_well,
    himmelblau,
    parabola,
    polynomial10,
    quadratic,
    rosenbrock,
    saddle,
    sine_valley,
    zigzag,
)


def descend(objective, x0, **options):
    return gradient_descent(objective.f, objective.grad, x0, **options)


# --- Closed forms on quadratics -----------------------------------------------------------------


@given(s=st.floats(0.01, 1.99), x0=st.floats(-10, 10))
def test_parabola_is_multiplied_by_one_minus_s_per_update(s, x0):
    run = descend(parabola(), [x0], step_size=s, tol=0, maxiter=20)
    k = np.arange(run.nit + 1)
    # Each update errs by rounding at the size of x_k, and the later ones shrink that by 1 - s.
    bound = 1e-15 * k * abs(x0) * (abs(1 - s) + 1e-15) ** (k - 1.0)
    assert (abs(run.path[:, 0] - x0 * (1 - s) ** k) <= bound + 1e-300).all()


@pytest.mark.parametrize(
    ("s", "x20"),
    [
        (0.01, 0.817907),
        (0.5, 9.54e-7),
        (1, 0),
        (1.5, 9.54e-7),
        (1.9, 0.121577),
        (2, 1),
        (2.1, 6.7275),
    ],
)
def test_too_small_good_and_too_large_steps_on_a_parabola(s, x20):
    run = descend(parabola(), [1], step_size=s, tol=0, maxiter=20)
    assert run.x[0] == pytest.approx(x20, rel=1e-3)


@given(b=st.floats(0.02, 5).filter(lambda b: abs(b - 1) > 0.02))
def test_exact_line_search_zigzags_by_the_closed_form(b):
    f = zigzag(b)
    run = descend(f, [b, 1], step_size=exact_line_search(np.diag([1, b])), tol=0, maxiter=10)
    k, r = np.arange(run.nit + 1), (b - 1) / (b + 1)
    expected = np.stack([b * r**k, (-r) ** k], axis=-1)
    assert run.nit == 10
    np.testing.assert_allclose(run.path, expected, rtol=1e-12, atol=1e-12 * b)
    np.testing.assert_allclose(run.path_fun, f([b, 1]) * r ** (2 * k), rtol=1e-11)


def test_zigzag_values_of_strang():
    run = descend(
        zigzag(0.1), [0.1, 1], step_size=exact_line_search([[1, 0], [0, 0.1]]), maxiter=10
    )
    np.testing.assert_allclose(run.path[1], [-0.081818, 0.818182], atol=5e-7)
    np.testing.assert_allclose(
        run.path_fun[1:4] / run.path_fun[0], [0.669421, 0.448125, 0.299985], atol=5e-7
    )
    assert run.path_fun[10] / run.path_fun[0] == pytest.approx(0.018072, abs=5e-7)
    other = descend(zigzag(10), [10, 1], step_size=exact_line_search(np.diag([1, 10])), maxiter=5)
    expected = [55, 36.8182, 24.6469, 16.4992, 11.0449, 7.39368]
    np.testing.assert_allclose(other.path_fun, expected, rtol=5e-6)


@given(hnp.arrays(float, (3, 3), elements=st.floats(-1, 1)), st.integers(0, 2**32 - 1))
def test_exact_line_search_makes_successive_gradients_orthogonal(A, seed):
    H = A @ A.T + 0.1 * np.eye(3)
    H = (H + H.T) / 2
    f = quadratic(H)
    x0 = np.random.default_rng(seed).normal(size=3)
    run = descend(f, x0, step_size=exact_line_search(H), tol=1e-6, maxiter=20)
    g = f.grad(run.path)
    norms = np.linalg.norm(g, axis=1)
    assert (abs((g[1:] * g[:-1]).sum(axis=1)) <= 1e-12 * norms[:-1] ** 2 * np.linalg.cond(H)).all()
    kappa = np.linalg.cond(H)
    bound = ((kappa - 1) / (kappa + 1)) ** 2
    assert (run.path_fun[1:] <= run.path_fun[:-1] * bound * (1 + 1e-9) + 1e-18).all()


@pytest.mark.parametrize("objective", [bowl, canyon], ids=["bowl", "canyon"])
def test_the_best_fixed_step_contracts_by_kappa_minus_one_over_kappa_plus_one(objective):
    eigenvalues, vectors = np.linalg.eigh(objective.hess([0, 0]))
    low, high = eigenvalues
    kappa = high / low
    run = descend(objective, vectors @ [1, 1], step_size=2 / (low + high), tol=0, maxiter=15)
    distance = np.linalg.norm(run.path, axis=1)
    np.testing.assert_allclose(distance[1:] / distance[:-1], (kappa - 1) / (kappa + 1), rtol=1e-12)
    run = descend(objective, [1, 0.3], step_size=2 / high * 1.001, maxiter=200)
    assert run.path_fun[-1] > run.path_fun[100], "2 / lambda_max is the limit"


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0.05, (1.21577, 9.5e-7)),
        (0.1, (0.115292, 0)),
        (1 / 6, (0.00300729, 0.000300730)),
        (0.19, (7.04e-4, 0.121577)),
        (0.2, (3.66e-4, 1.0)),
        (0.21, (1.86e-4, 6.7275)),
    ],
)
def test_twenty_updates_on_the_bowl(step, expected):
    run = descend(bowl, [10, 1], step_size=step, maxiter=20)
    np.testing.assert_allclose(run.x, expected, rtol=5e-3, atol=1e-14)


# --- Counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "x0", "counts"),
    [
        (canyon, [-5, 6], {0.1: 151, 0.35: 53, 1 / 3: 40}),
        (bowl, [10, 1], {0.05: 160, 0.1: 76, 1 / 6: 42, 0.19: 153}),
    ],
    ids=["canyon", "bowl"],
)
def test_updates_to_a_gradient_of_1e_6(objective, x0, counts):
    assert {step: descend(objective, x0, step_size=step).nit for step in counts} == counts


def test_canyon_path_and_exact_line_search():
    run = descend(canyon, [-5, 6], step_size=0.35, maxiter=4)
    np.testing.assert_allclose(
        run.path,
        [(-5, 6), (-3.95, 3.2), (-2.0425, 2.605), (-1.72138, 1.2995), (-0.82358, 1.13999)],
        atol=6e-6,
    )
    np.testing.assert_allclose(run.path_fun, [31.5, 13.48375, 5.79532, 2.50389, 1.08904], atol=5e-6)
    exact = descend(canyon, [-5, 6], step_size=exact_line_search([[3, 2], [2, 3]]), maxiter=3)
    np.testing.assert_allclose(
        exact.path[1:],
        [(-3.219512, 1.252033), (-1.561492, 1.873790), (-1.005448, 0.391008)],
        atol=6e-7,
    )
    assert descend(bowl, [10, 1], step_size=exact_line_search(np.diag([2, 10]))).nit == 32


def test_worked_example_of_the_notes():
    f = exponential_sum
    run = descend(f, [-2, 2], step_size=0.2, tol=1e-4)
    assert (run.status, run.success, run.nit, run.nfev, run.njev) == (0, True, 97, 98, 98)
    assert run.path.shape == (98, 2)
    assert run.path_fun.shape == (98,)
    np.testing.assert_allclose(run.x, [0.647527, -0.045413], atol=5e-7)
    assert np.linalg.norm(run.x - f.minimizers[0]) == pytest.approx(1.72e-4, rel=3e-3)
    first = [7.397300, 1.846538, 1.544548, 1.438566, 1.385276]
    np.testing.assert_allclose(run.path_fun[:5], first, atol=5e-7)
    distance = np.linalg.norm(run.path - f.minimizers, axis=1)
    assert distance[-1] / distance[-2] == pytest.approx(0.884287, abs=1e-3)


@pytest.mark.parametrize(
    ("x0", "counts"),
    [
        (
            (-2, 2),
            {0.01: 2045, 0.05: 405, 0.1: 200, 0.2: 97, 0.4: 41, 0.5: 3, 0.8: 2, 1.0: 2, 1.3: 2},
        ),
        (
            (0, 0),
            {
                0.05: 241,
                0.1: 119,
                0.2: 58,
                0.4: 27,
                0.5: 21,
                0.8: 11,
                1.0: 14,
                1.2: 44,
                1.3: 266,
                1.35: 8,
            },
        ),
    ],
)
def test_step_size_sweep_on_exponential_sum(x0, counts):
    for step, count in counts.items():
        run = descend(exponential_sum, x0, step_size=step, tol=1e-4, maxiter=3000)
        overflows = step >= 0.5 if x0 == (-2, 2) else step == 1.35
        assert run.status == (3 if overflows else 0), step
        assert run.nit + overflows == count, "the update that overflows is made, but not kept"


def test_step_size_sweep_on_hill_and_well():
    counts = {0.05: 225, 0.1: 111, 0.25: 42, 0.5: 19, 0.75: 11, 1.0: 19, 1.1: 31}
    for step, count in counts.items():
        run = descend(hill_and_well, [-1, 1], step_size=step, tol=1e-4)
        assert (run.status, run.nit) == (0, count)
        assert np.linalg.norm(run.x - hill_and_well.minimizers) < 2e-4
    assert descend(hill_and_well, [-1, 1], step_size=1.2, tol=1e-4).status == 1


def test_homework_run_and_its_mirror_image():
    run = descend(hill_and_well, [-1, 1], step_size=0.25, tol=1e-4)
    mirror = descend(hill_and_well, [-1, -1], step_size=0.25, tol=1e-4)
    np.testing.assert_allclose(run.path[1], [-0.966166, 0.932332], atol=5e-7)
    np.testing.assert_allclose(run.path[10], [-0.722000, 0.232222], atol=5e-7)
    np.testing.assert_allclose(run.x, [-0.707107, 0.0001068], atol=5e-7)
    assert (np.diff(run.path_fun) < 0).all()
    np.testing.assert_allclose(mirror.path, run.path * [1, -1], rtol=1e-14)


@pytest.mark.parametrize(
    ("step", "ends"),
    [
        (1e-5, {-2.7: (-2.591678, 32), -2.2: (-2.591678, 43), 1.6: (1.875371, 1127)}),
        (1e-5, {0: (-0.412173, 4082), 1.2: (-0.412173, 4460), 2.2: (1.875371, 1067)}),
        (3.9e-5, {-2.2: (-2.591678, 384)}),
        (1e-4, {-2.7: (-0.412173, 402), -2.2: (-0.412173, 404)}),
        (1e-3, {2.2: (-0.412173, 34)}),
    ],
)
def test_start_and_step_decide_which_pit_is_found(step, ends):
    for x0, (x, nit) in ends.items():
        run = descend(polynomial10, [x0], step_size=step, maxiter=5000)
        assert (run.status, run.nit) == (0, nit)
        assert run.x[0] == pytest.approx(x, abs=1e-6)


def test_a_minimum_repels_steps_beyond_two_over_its_curvature():
    run = descend(polynomial10, [-2.2], step_size=4.1e-5, maxiter=3000)
    assert run.status == 1
    assert abs(run.path[100:] + 2.59).max() < 0.1
    assert "f no longer falls: take smaller steps" in run.message


def test_creeping_along_the_flat_diagonal_of_the_sine_valley():
    run = descend(sine_valley, [1, 0.5], step_size=0.1, maxiter=1000)
    np.testing.assert_allclose(
        run.path_fun[[1, 5, 10, 20]], [0.892926, 0.017653, 0.00119723, 9.468e-4], rtol=5e-5
    )
    np.testing.assert_allclose(run.x, [0.081798, -0.081798], atol=5e-7)
    assert run.x[0] == pytest.approx((4 / 3 * 0.1 * 1000) ** -0.5, rel=0.06)


# --- When it stops ------------------------------------------------------------------------------


@given(maxiter=st.integers(0, 40))
def test_maxiter_updates_are_made_exactly(maxiter):
    run = descend(exponential_sum, [-2, 2], step_size=0.2, maxiter=maxiter)
    assert (run.status, run.nit, len(run.path), len(run.path_fun)) == (
        1,
        maxiter,
        maxiter + 1,
        maxiter + 1,
    )
    assert not run.success
    np.testing.assert_array_equal(run.path[-1], run.x)


def test_maxiter_5_from_the_notes():
    run = descend(exponential_sum, [-2, 2], step_size=0.2, maxiter=np.int64(5))
    assert run.nit == 5
    np.testing.assert_allclose(run.x, [0.041717, 1.775030], atol=5e-7)
    assert run.message.startswith("Stopped at maxiter = 5 updates: ||grad|| = ")
    assert run.message.endswith("> tol = 1e-06; raise maxiter or take larger steps.")


def test_maxiter_0_returns_the_start():
    run = descend(exponential_sum, [-2, 2], maxiter=0)
    np.testing.assert_array_equal(run.path, [[-2, 2]])
    np.testing.assert_array_equal(run.path_fun, [exponential_sum([-2, 2])])
    assert (run.nit, run.nfev, run.status) == (0, 1, 1)


def test_converged_at_the_start_even_if_no_update_is_allowed():
    run = descend(exponential_sum, exponential_sum.minimizers[0], maxiter=0)
    assert (run.status, run.nit) == (0, 0)
    assert run.message.startswith("Converged after 0 updates: ||grad|| = ")


def test_tolerance_is_an_absolute_bound_and_is_inclusive():
    run = descend(parabola(), [1], step_size=0.5, tol=0.25)
    assert run.nit == 2, "the gradients are 1, 1/2, 1/4"
    assert run.message == "Converged after 2 updates: ||grad|| = 0.25 <= tol = 0.25."
    assert descend(hill_and_well, [2.5, 2.5], tol=1e-4).nit == 0, "a plateau looks converged"
    assert descend(saddle, [1, 0], step_size=0.1).success, "and so does a saddle"


def test_result_fields_belong_together():
    run = descend(himmelblau, [0, 0], step_size=0.01, tol=1e-8)
    assert run.success
    np.testing.assert_array_equal(run.path[0], [0, 0])
    np.testing.assert_array_equal(run.path[-1], run.x)
    np.testing.assert_array_equal(himmelblau(run.path), run.path_fun)
    np.testing.assert_array_equal(himmelblau.grad(run.x), run.jac)
    assert run.fun == run.path_fun[-1]
    np.testing.assert_allclose(
        run.path[1:], run.path[:-1] - 0.01 * himmelblau.grad(run.path[:-1]), atol=1e-14
    )


def test_overflow_is_not_convergence():
    run = descend(exponential_sum, [3, 3], step_size=0.2, tol=1e-4)
    assert (run.status, run.success, run.nit, run.nfev) == (3, False, 1, 3)
    np.testing.assert_allclose(run.path[1], [-191.5, -94.24], atol=5e-2)
    assert np.isfinite(run.path).all()
    assert np.isfinite(run.path_fun).all()
    assert run.message.startswith("Not finite at iteration 2: a step of size 0.2 along ||grad|| = ")
    assert "led to f(x) = inf at x = [ 2.838e+82 -9.424e+01]" in run.message
    assert run.message.endswith("Try a smaller step_size or step_size=backtracking(f).")


def test_each_kind_of_non_finite_point_is_named():
    def halve(x):
        return x / 2

    nan_below_half = gradient_descent(
        lambda x: x[0] if x[0] > 0.5 else np.nan, halve, [1.0], step_size=0.5
    )
    assert (nan_below_half.status, nan_below_half.nit) == (3, 2)
    assert "led to f(x) = nan at x = [0.422]" in nan_below_half.message
    bad_gradient = gradient_descent(
        lambda x: x[0], lambda x: np.where(x > 0.9, 1.0, np.inf), [1.0], step_size=0.5
    )
    assert (bad_gradient.status, bad_gradient.nit, bad_gradient.nfev) == (3, 0, 2)
    assert "led to grad(x) = [inf] at x = [0.5]" in bad_gradient.message

    far = gradient_descent(lambda x: x[0], lambda x: np.full(1, 1e200), [0.0], step_size=1e200)
    assert (far.status, far.nit, far.nfev) == (3, 0, 1), "f is not asked about x = inf"
    assert "led to x = [-inf]" in far.message


@pytest.mark.parametrize("x0", [(2, 2), (3, 3), (-3, -3), (3, -3)])
def test_no_warning_escapes_a_run_that_overflows(x0):
    assert descend(exponential_sum, x0, step_size=0.2, tol=1e-4).status == 3  # warnings raise


@pytest.mark.parametrize(
    ("objective", "x0", "step", "growth"),
    [
        (bowl, [10, 1], 0.21, 1.1),
        (canyon, [-5, 6], 0.42, 1.1),
        (saddle, [1, 1e-8], 0.1, 1.2),
        (parabola(), [1], 1e6, 1e6 - 1),
        (parabola(1e-12), [1e9], 2.5e12, 1.5),
    ],
    ids=["bowl", "canyon", "saddle", "huge step", "other units"],
)
def test_running_away_is_divergence(objective, x0, step, growth):
    run = descend(objective, x0, step_size=step, tol=1e-30)
    norms = np.linalg.norm(objective.grad(run.path), axis=1)
    assert (run.status, run.success) == (2, False)
    assert np.isfinite(run.path).all()
    far = norms * 2.0**-52 >= norms[0]
    assert far.sum() == 10
    assert far[-10:].all(), "ten in a row, and the run stops there"
    assert norms[-1] / norms[-2] == pytest.approx(growth, rel=1e-6)
    assert run.message.startswith(f"Diverged: at iteration {run.nit} ||grad|| = ")
    assert "Try a smaller step_size or step_size=backtracking(f)" in run.message


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_divergence_does_not_depend_on_units(scale):
    runs = [
        descend(quadratic(u * np.diag([2, 10])), [10, 1], step_size=0.21 / u, tol=0)
        for u in (1, scale)
    ]
    assert [run.status for run in runs] == [2, 2]
    assert runs[0].nit == runs[1].nit


def test_rising_on_the_way_is_not_divergence():
    run = descend(exponential_sum, [-3, 3], step_size=0.2, tol=1e-4)
    np.testing.assert_allclose(run.path_fun[:4], [20.0885, 9.5497, 13.2866, 1.1583], atol=5e-5)
    assert (run.status, run.nit) == (0, 88)
    assert descend(exponential_sum, [0, 0], step_size=1.2, tol=1e-4).status == 0
    thrown_out = descend(polynomial10, [-2.2], step_size=1e-4)
    assert thrown_out.path_fun[2] > 1.5 * thrown_out.path_fun[0]
    assert thrown_out.status == 0


def test_escaping_from_a_saddle_is_not_divergence():
    double_well = (
        lambda x: x[1] ** 4 / 4 - x[1] ** 2 + x[0] ** 2,
        lambda x: np.array([2 * x[0], x[1] ** 3 - 2 * x[1]]),
    )
    run = gradient_descent(*double_well, [0, 1e-5], step_size=0.1)
    assert run.success
    np.testing.assert_allclose(run.x, [0, np.sqrt(2)], atol=1e-6)


def test_long_first_steps_that_decay_are_not_divergence():
    run = descend(parabola(), [1], step_size=decaying(40.5), tol=1e-3, maxiter=3000)
    assert abs(run.path).max() > 1e10
    assert run.success


def test_bouncing_between_two_points_is_not_convergence():
    run = descend(bowl, [0, 1], step_size=0.2, maxiter=50)
    np.testing.assert_allclose(run.path[:, 1], (-1.0) ** np.arange(51), rtol=1e-12)
    assert run.status == 1
    assert run.message.endswith("f no longer falls: take smaller steps or raise tol.")


def test_a_step_below_the_rounding_of_x_makes_no_progress():
    run = descend(parabola(), [1], step_size=1e-17)
    assert (run.status, run.success, run.nit, run.nfev) == (4, False, 0, 1)
    assert run.message.startswith(
        "No progress at iteration 1: the update of size 1e-17 is below the rounding of x"
    )
    assert run.message.endswith("or, if ||grad|| = 1 is small enough for you, raise tol = 1e-06.")


def test_a_tolerance_below_rounding_ends_in_no_progress():
    run = descend(exponential_sum, [-2, 2], step_size=0.2, tol=0)
    assert run.status == 4
    assert np.linalg.norm(run.jac) < 1e-15


def test_the_smallest_subnormal_is_not_zero():
    run = descend(sine_valley, [1, 1], step_size=0.1, tol=0, maxiter=5000)
    np.testing.assert_array_equal(run.x, [5e-324, 5e-324])
    assert run.status == 4, "the norm of the gradient must not underflow to 0"
    big = descend(quadratic(2.0**66 * np.eye(2)), [2.0**465] * 2, step_size=2.0**-66)
    assert (big.status, big.nit) == (0, 1), "nor overflow"


# --- Rules --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x0", "nit"), [((-2, 2), 19), ((3, 3), 20), ((-3, -3), 10), ((2, 2), 17), ((3, 0), 12)]
)
def test_backtracking_converges_where_fixed_steps_overflow(x0, nit):
    f = exponential_sum
    run = descend(f, x0, step_size=backtracking(f), tol=1e-4)
    assert (run.status, run.nit) == (0, nit)
    assert (np.diff(run.path_fun) < 0).all()


@given(
    x0=hnp.arrays(float, 2, elements=st.floats(-2, 2)),
    shrink=st.floats(0.2, 0.9),
    slope=st.floats(0.01, 0.9),
)
def test_backtracking_takes_the_first_step_that_meets_armijo(x0, shrink, slope):
    f, taken = rosenbrock, []
    search = backtracking(f, shrink=shrink, slope=slope)

    def recorded(k, x, fx, g):
        taken.append(search(k, x, fx, g))
        return taken[-1]

    def armijo(s, x, g):
        return f(x - s * g) <= f(x) - slope * s * (g @ g)

    run = descend(f, x0, step_size=recorded, maxiter=10, tol=1e-3)
    for s, x in zip(taken, run.path, strict=False):
        g = f.grad(x)
        assert armijo(s, x, g)
        assert s == 1.0 or not armijo(s / shrink, x, g)


def test_backtracking_counts_its_calls_of_f():
    calls = []

    def f(x):
        calls.append(x)
        return exponential_sum(x)

    step = backtracking(f)
    for x0 in ((3, 3), (-2, 2)):
        calls.clear()
        run = gradient_descent(f, exponential_sum.grad, x0, step_size=step, tol=1e-4)
        assert run.nfev == len(calls)
        assert run.njev == run.nit + 1


def test_backtracking_gives_up_when_the_gradient_points_the_wrong_way():
    f = exponential_sum
    run = gradient_descent(f, lambda x: -f.grad(x), [-2, 2], step_size=backtracking(f))
    assert (run.status, run.nit) == (4, 0)
    assert run.message.startswith("No progress at iteration 1: the rule found no step that decr")
    assert "check grad against f" in run.message


def test_backtracking_gives_up_when_rounding_hides_the_decrease():
    f = exponential_sum
    run = descend(f, [-2, 2], step_size=backtracking(f), tol=1e-12)
    assert run.status == 4
    assert np.linalg.norm(run.jac) < 1e-7, "about the square root of the rounding error"
    assert f(run.x) == pytest.approx(f(f.minimizers[0]), rel=1e-15)


@pytest.mark.parametrize("s0", [0.2, 0.5, 0.9])
def test_decaying_steps_creep_like_a_power(s0):
    run = descend(parabola(), [1], step_size=decaying(s0), tol=0, maxiter=2000)
    product = np.cumprod(1 - s0 / np.arange(1, 2001))
    np.testing.assert_allclose(run.path[1:, 0], product, rtol=1e-11)
    assert run.x[0] / run.path[1000, 0] == pytest.approx(0.5**s0, rel=1e-3), "k to the power -s0"


@pytest.mark.parametrize(
    ("power", "expected"), [(0, [3, 3, 3]), (0.5, [3, 1.5, 1]), (1, [3, 0.75, 1 / 3])]
)
def test_decaying_divides_by_a_power_of_the_count(power, expected):
    rule = decaying(3, power)
    np.testing.assert_allclose([rule(k, None, None, None) for k in (0, 3, 8)], expected, rtol=1e-15)


def test_a_rule_sees_iteration_point_value_and_gradient():
    seen = []

    def rule(k, x, fx, g):
        seen.append((k, x.copy(), fx, g.copy()))
        return np.float64(0.1)

    run = descend(bowl, [1, 1], step_size=rule, maxiter=3)
    assert [k for k, *_ in seen] == [0, 1, 2]
    for (_, x, fx, g), point, value in zip(seen, run.path, run.path_fun, strict=False):
        np.testing.assert_array_equal(x, point)
        assert fx == value
        np.testing.assert_array_equal(g, bowl.grad(point))


# --- Arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_dtype", "kept"), [(int, np.float64), (np.float32, np.float32), (float, np.float64)]
)
def test_the_path_keeps_a_floating_dtype(given_dtype, kept):
    for step in (0.2, backtracking(exponential_sum), lambda k, x, fx, g: np.float64(0.2)):
        run = descend(exponential_sum, np.array([-2, 2], given_dtype), step_size=step, tol=1e-3)
        assert run.success
        assert run.path.dtype == run.x.dtype == run.jac.dtype == kept


def test_a_float32_run_diverges_by_its_own_precision():
    run = descend(parabola(), np.ones(1, np.float32), step_size=2.1)
    assert (run.status, run.nit) == (2, 177)


def test_the_start_is_not_changed_and_not_shared():
    x0 = np.array([-2.0, 2.0])
    run = descend(exponential_sum, x0, step_size=0.2)
    np.testing.assert_array_equal(x0, [-2, 2])
    x0[:] = 0
    np.testing.assert_array_equal(run.path[0], [-2, 2])
    run.x[:] = 0
    assert run.path[-1].any()


def test_a_gradient_that_reuses_its_array_does_no_harm():
    work = np.empty(2)

    def grad(x):
        np.copyto(work, exponential_sum.grad(x))
        return work

    run = gradient_descent(exponential_sum, grad, [-2, 2], step_size=0.2, tol=1e-4)
    work[:] = 0
    assert run.nit == 97
    assert run.jac.any()


def test_a_function_that_writes_into_its_argument_is_stopped():
    def grad(x):
        x *= 2
        return x

    with pytest.raises(ValueError, match="read-only"):
        gradient_descent(lambda x: x @ x, grad, [1.0])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"x0": 1.0}, ValueError, r"^x0 must be one point of shape \(n,\); got shape \(\)"),
        ({"x0": [[1, 2]]}, ValueError, r"^x0 must be one point.* got shape \(1, 2\)"),
        ({"x0": np.empty(0)}, ValueError, r"^x0 must be one point.* got shape \(0,\)"),
        ({"x0": ["a", "b"]}, TypeError, r"^x0 must hold real numbers; got dtype <U1"),
        ({"x0": [1j, 0]}, TypeError, r"^x0 must hold real numbers; got dtype complex128"),
        ({"x0": [np.nan, 0]}, ValueError, r"^x0 must be finite; got \[nan,  0\.\]"),
        ({"x0": [400, 400]}, ValueError, r"^x0 must be a point .* got f\(x\) = inf at x = \[400"),
        ({"step_size": 0}, ValueError, r"^step_size must be above 0 and finite; got 0"),
        ({"step_size": -0.1}, ValueError, r"^step_size must be above 0 and finite; got -0\.1"),
        ({"step_size": np.nan}, ValueError, r"^step_size must be above 0 and finite; got nan"),
        ({"step_size": np.inf}, ValueError, r"^step_size must be above 0 and finite; got inf"),
        ({"step_size": "auto"}, TypeError, r"^step_size must be one real number; got 'auto'"),
        ({"step_size": lambda *_: -1}, ValueError, r"^step_size at iteration 0 must .*; got -1"),
        ({"step_size": lambda *_: np.inf}, ValueError, r"^step_size at iteration 0 .* got inf"),
        ({"step_size": lambda *_: None}, TypeError, r"^step_size at iteration 0 must be one real"),
        ({"tol": -1e-9}, ValueError, r"^tol must be at least 0 and finite; got -1e-09"),
        ({"tol": np.nan}, ValueError, r"^tol must be at least 0 and finite; got nan"),
        ({"tol": None}, TypeError, r"^tol must be one real number; got None"),
        ({"maxiter": -1}, ValueError, r"^maxiter must be at least 0; got -1"),
        ({"maxiter": 10.0}, TypeError, r"^maxiter must be an integer; got 10\.0"),
        ({"maxiter": True}, TypeError, r"^maxiter must be an integer; got True"),
        ({"f": lambda x: x}, TypeError, r"^f\(x\) must be one real number; got \["),
        ({"f": lambda x: None}, TypeError, r"^f\(x\) must be one real number; got None"),
        ({"f": lambda x: 1j}, TypeError, r"^f\(x\) must be one real number; got 1j"),
        ({"grad": lambda x: 1.0}, ValueError, r"^grad\(x\) must have shape \(2,\); got shape \(\)"),
        ({"grad": lambda x: x[:, None]}, ValueError, r"^grad\(x\) must .*; got shape \(2, 1\)"),
        ({"grad": lambda x: None}, TypeError, r"^grad\(x\) must hold real .* dtype object"),
        ({"grad": lambda x: x + 1j}, TypeError, r"^grad\(x\) must hold real .* dtype complex"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_named(options, error, message):
    arguments = {"f": exponential_sum.f, "grad": exponential_sum.grad, "x0": [-2, 2]} | options
    with pytest.raises(error, match=message):
        gradient_descent(**arguments)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: decaying(0), r"^s0 must be above 0 and finite; got 0"),
        (lambda: decaying(1, -1), r"^power must be at least 0 and finite; got -1"),
        (lambda: backtracking(bowl, start=0), r"^start must be above 0 and finite; got 0"),
        (lambda: backtracking(bowl, shrink=1), r"^shrink must be above 0 and below 1; got 1"),
        (lambda: backtracking(bowl, slope=np.nan), r"^slope must be above 0 and below 1; got nan"),
        (lambda: exact_line_search([1, 2]), r"^H must be a square matrix"),
        (lambda: exact_line_search([[1, 2]]), r"^H must be a square matrix"),
        (lambda: exact_line_search([[np.inf]]), r"^H must be finite"),
        (lambda: exact_line_search([[1, 2], [0, 1]]), r"^H must be symmetric"),
    ],
)
def test_a_bad_argument_of_a_rule_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_exact_line_search_needs_a_minimum_on_the_line():
    rule = exact_line_search(saddle.hess([0, 0]))
    with pytest.raises(
        ValueError, match=r"^H must have positive curvature along g; got .* = -1\.2"
    ):
        descend(saddle, [1, 2], step_size=rule)


def test_exact_line_search_survives_gradients_whose_square_underflows():
    run = descend(
        bowl, [1e-200, 2e-200], step_size=exact_line_search(np.diag([2, 10])), tol=0, maxiter=5
    )
    assert run.nit == 5
    assert (np.diff(np.linalg.norm(run.path * 1e200, axis=1)) < 0).all()


def test_backtracking_survives_a_gradient_whose_square_overflows():
    def f(x):
        return (x**4).sum()

    for start in (np.array([1e7], np.float32), np.array([1e60])):
        run = gradient_descent(f, lambda x: 4 * x**3, start, step_size=backtracking(f), tol=1e-4)
        assert run.success, run.message
