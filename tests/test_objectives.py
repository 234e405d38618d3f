"""Every objective: exact derivatives, known minimizers, shapes, and what it says when misused."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from coursekit import check_minimizer, gradient_descent
from coursekit import objectives as ob

ALL = [
    ob.exponential_sum,
    ob.hill_and_well,
    ob.quadratic([[4, 1, 0], [1, 3, -1], [0, -1, 2]], [1, 2, 3]),
    ob.zigzag(0.1),
    ob.parabola(4.0),
    ob.bowl,
    ob.canyon,
    ob.saddle,
    ob.rosenbrock,
    ob.himmelblau,
    ob.sine_valley,
    ob.polynomial10,
]
ALL_WITH_MINIMIZERS = [objective for objective in ALL if objective is not ob.saddle]
every_objective = pytest.mark.parametrize("objective", ALL, ids=lambda objective: objective.name)


def points(objective, shape, seed=0):
    low, high = np.transpose(objective.window)
    return np.random.default_rng(seed).uniform(low, high, (*shape, objective.n))


def complex_step(f, x, n):
    """Derivatives of f along each coordinate, exact to rounding: no difference is taken."""
    h = 1e-100
    return np.stack([f(x + 1j * h * e).imag / h for e in np.eye(n)], axis=-1)


@every_objective
def test_gradient_is_the_derivative_of_f(objective):
    x = points(objective, (200,))
    expected = complex_step(objective.f, x, objective.n)
    np.testing.assert_allclose(
        objective.grad(x), expected, rtol=1e-11, atol=1e-13 * abs(expected).max()
    )


@every_objective
def test_hessian_is_the_derivative_of_the_gradient(objective):
    x = points(objective, (200,))
    expected = complex_step(objective.grad, x, objective.n)
    hess = objective.hess(x)
    np.testing.assert_allclose(hess, expected, rtol=1e-11, atol=1e-13 * abs(expected).max())
    np.testing.assert_array_equal(hess, np.swapaxes(hess, -1, -2))


@every_objective
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (0,)])
def test_shapes_follow_the_batch(objective, shape):
    n, x = objective.n, points(objective, shape)
    assert np.shape(objective.f(x)) == shape
    assert objective.grad(x).shape == (*shape, n)
    assert objective.hess(x).shape == (*shape, n, n)
    np.testing.assert_array_equal(objective(x), objective.f(x))


@every_objective
def test_a_batched_row_equals_the_single_point(objective):
    x = points(objective, (4, 3))
    for function in (objective.f, objective.grad, objective.hess):
        batched = function(x)
        scale = abs(batched).max()
        for index in np.ndindex(4, 3):
            np.testing.assert_allclose(
                batched[index], function(x[index]), rtol=1e-13, atol=1e-15 * scale
            )


@every_objective
def test_one_point_gives_a_numpy_scalar(objective):
    assert type(objective(points(objective, ()))) is np.float64


@every_objective
@pytest.mark.parametrize(
    ("given_dtype", "kept"),
    [(int, float), (bool, float), (np.float32, np.float32), (complex, complex)],
)
def test_integers_are_promoted_and_floating_dtypes_kept(objective, given_dtype, kept):
    for x in (np.ones(objective.n, given_dtype), np.ones((2, objective.n), given_dtype)):
        for function in (objective.f, objective.grad, objective.hess):
            assert function(x).dtype == kept


@every_objective
def test_arguments_are_not_changed_and_results_are_writable(objective):
    x = points(objective, (3,))
    before = x.copy()
    for function in (objective.f, objective.grad, objective.hess):
        function(x)[...] = 7.0
    np.testing.assert_array_equal(x, before)
    assert not np.any(objective.hess(x) == 7.0)


@pytest.mark.parametrize("objective", ALL_WITH_MINIMIZERS, ids=lambda objective: objective.name)
def test_known_minimizers_are_minimizers_to_full_precision(objective):
    assert objective.minimizers.shape == (len(objective.minimizers), objective.n)
    for x in objective.minimizers:
        hess = objective.hess(x)
        newton_step = np.linalg.pinv(hess) @ objective.grad(x)
        assert abs(newton_step).max() <= 4e-15 * max(1, abs(x).max())
        if objective is not ob.sine_valley:
            assert np.linalg.eigvalsh(hess)[0] > 0
    values = objective(objective.minimizers)
    assert (np.diff(values) >= -1e-20).all(), "the lowest comes first"
    assert values[0] <= objective(points(objective, (2000,), seed=1)).min()


@every_objective
def test_minimizers_lie_inside_the_window(objective):
    low, high = np.transpose(objective.window)
    assert len(objective.window) == objective.n
    assert (low < high).all()
    assert ((low < objective.minimizers) & (objective.minimizers < high)).all()


@every_objective
def test_says_what_it_is_and_where_it_comes_from(objective):
    assert repr(objective) == f"Objective({objective.name!r}, n={objective.n})"
    assert any(character.isdigit() for character in objective.source), "a year or a chapter"
    assert objective.formula.count("{") == objective.formula.count("}")


def test_fields_and_minimizers_cannot_be_overwritten():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ob.bowl.name = "dish"
    with pytest.raises(ValueError, match="read-only"):
        ob.bowl.minimizers[0] = 1.0


@every_objective
def test_a_wrong_last_axis_is_named(objective):
    for x in (1.0, np.ones(objective.n + 1), np.ones((objective.n, 4))):
        for function in (objective.f, objective.grad, objective.hess):
            with pytest.raises(
                ValueError, match=f"^x must have a last axis of length {objective.n}"
            ):
                function(x)


# --- Closed forms -------------------------------------------------------------------------------


def test_exponential_sum_at_the_origin_and_at_its_minimizer():
    f = ob.exponential_sum
    assert f([0, 0]) == pytest.approx(1.11, rel=1e-15)
    np.testing.assert_allclose(f.grad([0, 0]), [-0.83, -0.04], rtol=1e-14)
    (x,) = f.minimizers
    np.testing.assert_allclose(x, [0.6475667914, -0.0455803892], atol=5e-11)
    assert f(x) == pytest.approx(0.8 * (6 / 5) ** 0.25, rel=1e-15)
    b = 0.05 * np.exp(x[0] - 2 * x[1])
    np.testing.assert_allclose(f.hess(x), b * np.array([[14, 2], [2, 6]]), rtol=1e-14)
    low, high = np.linalg.eigvalsh(f.hess(x))
    assert high / low == pytest.approx((3 + np.sqrt(5)) / 2, rel=1e-13)
    assert 2 / high == pytest.approx(1.320389, abs=5e-7)


@given(hnp.arrays(float, (2, 2), elements=st.floats(-3, 3)))
def test_exponential_sum_is_strictly_convex_on_its_window(ends):
    f = ob.exponential_sum
    assert np.linalg.eigvalsh(f.hess(ends)).min() > 0
    assert f(ends.mean(axis=0)) <= f(ends).mean() * (1 + 1e-15)


def test_hill_and_well_has_a_well_a_hill_and_a_plateau():
    f = ob.hill_and_well
    (well,) = f.minimizers
    np.testing.assert_allclose(well, [-1 / np.sqrt(2), 0], rtol=1e-15)
    assert f(well) == pytest.approx(-np.exp(-0.5) / np.sqrt(2), rel=1e-15)
    assert f(-well) == -f(well)
    np.testing.assert_allclose(f.hess(well), -f.hess(-well), rtol=1e-15)
    np.testing.assert_allclose(np.diag(f.hess(well)), [1.715528, 0.857764], atol=5e-7)
    assert np.linalg.norm(f.grad([2.5, 2.5])) == pytest.approx(6.33e-5, rel=1e-3)


def test_eigenvalues_of_the_named_quadratics():
    origin = np.zeros(2)
    np.testing.assert_array_equal(np.linalg.eigvalsh(ob.bowl.hess(origin)), [2, 10])
    np.testing.assert_allclose(np.linalg.eigvalsh(ob.canyon.hess(origin)), [1, 5], rtol=1e-14)
    np.testing.assert_array_equal(np.linalg.eigvalsh(ob.saddle.hess(origin)), [-2, 2])
    assert (ob.bowl([10, 1]), ob.canyon([-5, 6]), ob.saddle([3, 1])) == (105, 31.5, 8)
    assert len(ob.saddle.minimizers) == 0


def test_rosenbrock_hessian_at_its_minimizer():
    hess = ob.rosenbrock.hess([1, 1])
    np.testing.assert_array_equal(hess, [[802, -400], [-400, 200]])
    assert np.linalg.cond(hess) == pytest.approx(2508.01, abs=5e-3)


def test_himmelblau_vanishes_at_four_points():
    expected = [[-3.779310253, -3.283185991], [-2.805118087, 3.131312518], [3, 2]]
    expected.append([3.584428340, -1.848126527])
    found = ob.himmelblau.minimizers
    np.testing.assert_allclose(found[np.argsort(found[:, 0])], expected, atol=5e-10)
    assert ob.himmelblau(found).max() < 1e-26
    assert ob.himmelblau([3, 2]) == 0


def test_sine_valley_is_flat_along_one_diagonal():
    np.testing.assert_array_equal(ob.sine_valley.hess([0, 0]), [[2, 2], [2, 2]])
    t = np.linspace(-1, 1, 9)
    along = ob.sine_valley(np.stack([t, -t], axis=-1))
    np.testing.assert_allclose(along, 2 * t * (t - np.sin(t)), atol=1e-15)
    assert ob.sine_valley([1, 1]) == pytest.approx(3.682942, abs=5e-7)


def test_polynomial10_critical_points():
    p = ob.polynomial10
    x = [-2.591677628, -2.024310054, -0.412172684, 1.230736772, 1.875370704]
    curvatures = [49989.632, -12163.303, 464.41710, -1272.7236, 1825.4138]
    at = np.reshape(x, (-1, 1))
    np.testing.assert_allclose(
        p(at), [465.460385, 1899.532342, 27.710577, 581.369328, 471.370397], atol=5e-7
    )
    np.testing.assert_allclose(p.hess(at)[:, 0, 0], curvatures, rtol=1e-6)
    np.testing.assert_allclose(p.grad(at)[:, 0], 0, atol=5e-10 * max(curvatures))
    np.testing.assert_allclose(p.minimizers[:, 0], [x[2], x[0], x[4]], atol=5e-10)
    assert (p([0.0]), p([3]), p([-3])) == (72, 10206, 11898)


# --- Quadratics ---------------------------------------------------------------------------------

small = st.floats(-3, 3, allow_subnormal=False)


@given(A=hnp.arrays(float, (3, 3), elements=small), b=hnp.arrays(float, 3, elements=small))
def test_a_positive_definite_quadratic_is_lowest_at_its_minimizer(A, b):
    H = A @ A.T + np.eye(3)
    H = (H + H.T) / 2
    f = ob.quadratic(H, b)
    (x,) = f.minimizers
    np.testing.assert_allclose(f.grad(x), 0, atol=1e-12 * (1 + abs(b).max()))
    moves = np.concatenate([np.eye(3), -np.eye(3)])
    assert (f(x + moves) > f(x)).all()


@pytest.mark.parametrize("H", [[[1, 1], [1, 1]], [[1, 2], [2, 1]], [[-1, 0], [0, -1]], [[0]]])
def test_no_minimizer_unless_positive_definite(H):
    assert ob.quadratic(H).minimizers.shape == (0, len(H))


@pytest.mark.parametrize(
    ("H", "b", "message"),
    [
        ([1, 2], None, r"^H must be a square matrix; got shape \(2,\)"),
        ([[1, 2]], None, r"^H must be a square matrix; got shape \(1, 2\)"),
        (np.empty((0, 0)), None, r"^H must be a square matrix; got shape \(0, 0\)"),
        ([[1, 2], [0, 1]], None, r"^H must be symmetric; .* \(H \+ H.T\) / 2"),
        ([[np.nan]], None, "^H must be finite"),
        ([[1]], [np.inf], "^b must be finite"),
        ([[1]], [1, 2], r"^b must have shape \(1,\); got shape \(2,\)"),
    ],
)
def test_quadratic_names_a_bad_argument(H, b, message):
    with pytest.raises(ValueError, match=message):
        ob.quadratic(H, b)


@pytest.mark.parametrize("b", [0, -1, np.inf, np.nan])
def test_zigzag_needs_a_positive_curvature(b):
    with pytest.raises(ValueError, match=r"^b must be above 0 and finite"):
        ob.zigzag(b)


@given(st.floats(0.01, 10))
def test_the_zigzag_window_holds_the_level_set_of_the_start(b):
    f = ob.zigzag(b)
    half = np.array([high for _, high in f.window])
    assert (f(np.diag(half)) > f([b, 1])).all()
    assert np.linalg.cond(f.hess([0, 0])) == pytest.approx(max(b, 1 / b))


# Two lines


def test_a_function_and_its_gradient_make_an_objective():
    f = ob.Objective(lambda x: (x**2).sum(axis=-1), lambda x: 2 * x)
    assert f(np.array([3.0, 4.0])) == 25
    assert (f.n, f.hess, f.window) == (2, None, ((-3, 3), (-3, 3)))
    assert (f.name, f.source, f.formula) == ("f", "", "")
    assert f.minimizers.shape == (0, 2)
    assert not f.minimizers.flags.writeable
    assert repr(f) == "Objective('f', n=2)"
    run = gradient_descent(f, f.grad, [1, 2], step_size=0.5)
    assert run.success
    assert check_minimizer(run.x, f)
    assert len(ob.Objective(f.f, f.grad, n=5).window) == 5


def test_fields_of_an_objective_that_do_not_fit():
    f, grad = ob.bowl.f, ob.bowl.grad
    for fields, error, message in (
        ({"f": 1}, TypeError, "^f must be a function; got 1"),
        ({"grad": None}, TypeError, "^grad must be a function; got None"),
        ({"hess": np.eye(2)}, TypeError, "^hess must be a function; got array"),
        ({"n": 2.0}, TypeError, r"^n must be an integer; got 2\.0"),
        ({"n": 0}, ValueError, "^n must be at least 1; got 0"),
        ({"minimizers": [1, 2]}, ValueError, r"^minimizers must have shape \(k, 2\), .* \(2,\)"),
        ({"minimizers": [[1, 2, 3]]}, ValueError, r"^minimizers must have shape \(k, 2\)"),
        ({"minimizers": [[1, np.nan]]}, ValueError, "^minimizers must be finite"),
        (
            {"window": (-1, 1)},
            ValueError,
            r"^window must hold 2 pairs .*; got \(-1, 1\)",
        ),
    ):
        with pytest.raises(error, match=message):
            ob.Objective(**({"f": f, "grad": grad} | fields))


def test_options_of_quadratic():
    f = ob.quadratic([[1]], name="mine", window=((0, 1),))
    assert (f.name, f.window) == ("mine", ((0, 1),))
    assert ob.quadratic(np.eye(3)).window == ((-3, 3),) * 3
