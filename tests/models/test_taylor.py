"""Taylor models: orders of convergence, the best step against a search, and kinds of points."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursekit import objectives
from coursekit.checks import check_numerical_jacobian, check_shapes
from coursekit.derivatives import numerical_jacobian
from coursekit.models.taylor import classify_critical_point, optimal_step, quadratic_model
from coursekit.objectives import bowl, exponential_sum, hill_and_well, quadratic, rosenbrock

EXAMPLES = [(exponential_sum, [0.0, 2.0]), (hill_and_well, [-1.0, 1.0])]  # of the source


def model_of(f, x0):
    return quadratic_model(f, f.grad, f.hess, x0)


def order_of(model, f, x0, u, sizes):
    """The slope of log |model - f| against log distance along the unit vector ``u``."""
    points = np.asarray(x0) + sizes[:, None] * u
    return np.polyfit(np.log(sizes), np.log(np.abs(model(points) - f(points))), 1)[0]


# The quadratic model


@pytest.mark.parametrize(("f", "x0"), EXAMPLES)
def test_the_error_is_of_third_order_in_every_direction_that_has_a_third_derivative(f, x0):
    model, sizes = model_of(f, x0), np.logspace(-1, -3, 9)
    orders = [
        order_of(model, f, x0, [np.cos(t), np.sin(t)], sizes / 10) for t in np.linspace(0.2, 3.3, 7)
    ]
    assert np.min(orders) > 2.9
    diagonal = order_of(model, f, x0, np.full(2, np.sqrt(0.5)), sizes)
    assert diagonal == pytest.approx(3, abs=0.1)


def test_where_the_third_derivative_vanishes_the_error_is_of_fourth_order():
    f = np.cos
    model = quadratic_model(
        lambda x: f(x[0]), lambda x: -np.sin(x), lambda x: -np.cos(x)[:, None], [0.0]
    )
    sizes = np.logspace(-0.5, -1.5, 9)
    assert order_of(model, lambda x: f(x[..., 0]), [0.0], [1.0], sizes) == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(("f", "x0"), EXAMPLES)
def test_the_model_has_the_value_gradient_and_hessian_of_the_function(f, x0):
    model, x0 = model_of(f, x0), np.array(x0)
    assert model(x0) == f(x0)
    np.testing.assert_allclose(numerical_jacobian(model, x0), f.grad(x0), rtol=0, atol=1e-9)
    H = f.hess(x0)
    check_numerical_jacobian(model, lambda x: f.grad(x0) + (x - x0) @ H)
    check_numerical_jacobian(lambda x: f.grad(x0) + (x - x0) @ H, lambda x: 0 * x[..., None] + H)


def test_the_published_examples():
    model = model_of(exponential_sum, [0, 2])
    assert model([0.5, 2.5]) == pytest.approx(2.232692, abs=5e-7)
    assert model_of(hill_and_well, [-1, 1])([-0.5, 1.5]) == pytest.approx(0, abs=1e-15)


@given(
    arrays(float, (3, 3), elements=st.floats(-10, 10)),
    arrays(float, (3, 3), elements=st.floats(-10, 10)),
)
def test_the_model_of_a_quadratic_is_the_quadratic(a, points):
    f = quadratic(a + a.T, a[0])
    np.testing.assert_allclose(model_of(f, points[0])(points), f(points), rtol=0, atol=1e-9)


def test_the_minimizer_of_the_model_is_the_newton_step():
    f, x = exponential_sum, np.array([0.0, 2.0])
    target = x - np.linalg.solve(f.hess(x), f.grad(x))
    found = scipy.optimize.minimize(model_of(f, x), x, tol=1e-10)
    np.testing.assert_allclose(found.x, target, atol=1e-6)


def test_the_model_takes_batches_of_any_rank_and_one_variable():
    check_shapes(model_of(rosenbrock, [1.0, 2.0]))
    parabola = objectives.parabola(4.0)
    model = model_of(parabola, [1.0])
    np.testing.assert_allclose(model([[0.0], [3.0]]), [0, 18], atol=1e-15)
    assert model([2.0]) == pytest.approx(8)


def test_the_functions_are_called_once_each_and_only_at_the_expansion_point():
    x0, seen = np.array([1.0, 2.0]), []

    def spy(func):
        return lambda x: (seen.append(x), func(x))[1]

    model = quadratic_model(spy(bowl.f), spy(bowl.grad), spy(bowl.hess), x0)
    x0[:] = 99  # the caller's array is not the model's
    assert model([1.0, 2.0]) == bowl([1.0, 2.0])
    np.testing.assert_array_equal(seen, [[1.0, 2.0]] * 3)


def test_float32_stays_float32():
    model = model_of(bowl, np.float32([1, 2]))
    assert model(np.zeros((4, 2), np.float32)).dtype == np.float32
    assert model_of(bowl, [1, 2])([0, 0]).dtype == np.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x0": [[1.0, 2.0]]}, r"^x0 must be one point .* got shape \(1, 2\)"),
        ({"x0": []}, "^x0 must be one point"),
        ({"x0": [np.inf]}, "^x0 must be finite"),
        ({"f": lambda x: x}, r"^f\(x0\) must have shape \(\); got shape \(2,\)"),
        ({"f": lambda x: np.nan}, r"^f\(x0\) must be finite; got nan"),
        ({"grad": lambda x: x[:1]}, r"^grad\(x0\) must have shape \(2,\); got shape \(1,\)"),
        (
            {"hess": lambda x: x},
            r"^hess\(x0\) must be a matrix of shape \(2, 2\); got shape \(2,\)",
        ),
        ({"hess": lambda x: np.array([[1, 2], [3, 4]])}, r"^hess\(x0\) must be symmetric; .* by 1"),
    ],
)
def test_a_bad_argument_of_the_model_is_named(change, message):
    arguments = {"f": bowl.f, "grad": bowl.grad, "hess": bowl.hess, "x0": [1.0, 2.0]} | change
    with pytest.raises(ValueError, match=message):
        quadratic_model(**arguments)


def test_a_point_of_another_dimension_is_named():
    with pytest.raises(ValueError, match=r"^x must have a last axis of length 2, .* \(2, 3\)"):
        model_of(bowl, [1, 2])(np.zeros((2, 3)))


# The best step


def random_spd(seed):
    rng = np.random.default_rng(seed)
    M = rng.normal(size=(4, 4))
    return M @ M.T + 0.1 * np.eye(4), rng.normal(size=4)


@pytest.mark.parametrize("seed", range(5))
def test_the_best_step_beats_a_search_and_lies_between_the_inverse_eigenvalues(seed):
    H, g = random_spd(seed)
    s = optimal_step(g, H)
    low, *_, high = np.linalg.eigvalsh(H)
    assert 1 / high <= s <= 1 / low
    found = scipy.optimize.minimize_scalar(
        lambda t: -t * g @ g + t * t * (g @ H @ g) / 2, bounds=(0, 2 / low), options={"xatol": 1e-9}
    )
    assert found.x == pytest.approx(s, rel=1e-6)
    assert found.fun == pytest.approx(-s * g @ g / 2, rel=1e-12)


def test_the_best_step_along_an_eigenvector_is_the_inverse_eigenvalue():
    H, _ = random_spd(0)
    eigenvalues, vectors = np.linalg.eigh(H)
    for value, v in zip(eigenvalues, vectors.T, strict=True):
        assert optimal_step(v, H) == pytest.approx(1 / value, rel=1e-12)


def test_beyond_twice_the_best_step_the_model_is_above_its_start():
    g, H = bowl.grad([10, 1]), bowl.hess([10, 1])
    s = optimal_step(g, H)
    assert s == pytest.approx(5 / 18, rel=1e-15)
    start = np.array([10, 1])
    assert bowl(start - 1.99 * s * g) < bowl(start) < bowl(start - 2.01 * s * g)
    assert bowl(start - 2 * s * g) == pytest.approx(bowl(start), rel=1e-14)


@given(st.floats(-300, 300))
def test_the_best_step_does_not_depend_on_the_size_of_the_gradient(exponent):
    scaled = np.array([20.0, 10.0]) * 10.0**exponent
    assert optimal_step(scaled, bowl.hess([0, 0])) == pytest.approx(5 / 18, rel=1e-14)


@pytest.mark.parametrize("g", [[1.0, 1.0], [0.1, 0.1], [0.0, 3.0]])
def test_without_positive_curvature_there_is_no_best_step(g):
    """x^2 - y^2: the curvature is zero along (1, 1) and negative along (0, 1)."""
    with pytest.raises(ValueError, match=r"^H must have positive curvature along g"):
        optimal_step(g, np.diag([2.0, -2.0]))


def test_curvature_that_is_only_rounding_error_is_not_positive():
    v = np.array([1 / 3, 1 / 7, -1 / 11])
    H = np.eye(3) - np.outer(v, v) / (v @ v)  # singular along v
    assert abs(v @ H @ v) < 1e-16
    with pytest.raises(ValueError, match=r"^H must have positive curvature along g"):
        optimal_step(v, H)


@pytest.mark.parametrize(
    ("g", "H", "message"),
    [
        ([0, 0], np.eye(2), "^g must not be zero"),
        ([1, 2, 3], np.eye(2), r"^g must be one point of shape \(2,\); got shape \(3,\)"),
        ([1, np.inf], np.eye(2), "^g must be finite"),
        ([1, 1], np.ones(2), r"^H must be a square matrix; got shape \(2,\)"),
        ([1, 1], np.ones((2, 3)), "^H must be a square matrix"),
        ([], np.ones((0, 0)), "^H must be a square matrix"),
        ([1, 1], [[1, 2], [0, 1]], "^H must be symmetric; got mirrored entries that differ by 2"),
        ([1, 1], [[1, np.nan], [np.nan, 1]], "^H must be finite"),
    ],
)
def test_a_bad_argument_of_the_best_step_is_named(g, H, message):
    with pytest.raises(ValueError, match=message):
        optimal_step(g, H)


# Kinds of critical points


@pytest.mark.parametrize(
    ("eigenvalues", "kind"),
    [
        ([1, 2, 3], "minimum"),
        ([-1, -2, -3], "maximum"),
        ([-1, 2, 3], "saddle"),
        ([-1, 0, 3], "saddle"),
        ([0, 2, 3], "inconclusive"),
        ([-2, -3, 0], "inconclusive"),
        ([0, 0, 0], "inconclusive"),
    ],
)
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_kinds_in_any_basis_and_on_any_scale(eigenvalues, kind, scale):
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    H = scale * (Q * eigenvalues) @ Q.T
    assert classify_critical_point((H + H.T) / 2) == kind


def test_kinds_of_the_critical_points_of_the_course():
    for f in (exponential_sum, hill_and_well, rosenbrock, objectives.himmelblau):
        for x in f.minimizers:
            assert classify_critical_point(f.hess(x)) == "minimum"
    assert classify_critical_point(hill_and_well.hess([np.sqrt(0.5), 0])) == "maximum"
    assert classify_critical_point(objectives.saddle.hess([0, 0])) == "saddle"
    assert classify_critical_point([[0.0]]) == "inconclusive"  # x^3, x^4 and -x^4 at 0


def test_the_tolerance_is_relative_and_can_be_raised_for_an_inexact_hessian():
    H = np.diag([1e6, 1e-3])
    assert classify_critical_point(H) == "minimum"
    assert classify_critical_point(H, tol=1e-6) == "inconclusive"
    assert classify_critical_point(np.diag([1e6, -1e-3]), tol=1e-6) == "inconclusive"


def test_float32_has_its_own_tolerance():
    H = np.diag([1.0, 1e-8])
    assert classify_critical_point(H) == "minimum"
    assert classify_critical_point(H.astype(np.float32)) == "inconclusive"


def test_a_bad_argument_of_the_classification_is_named():
    with pytest.raises(ValueError, match=r"^H must be symmetric"):
        classify_critical_point([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"^H must be a square matrix"):
        classify_critical_point([1, 2])
    for tol in (-1, 1, np.nan):
        with pytest.raises(ValueError, match=r"^tol must be at least 0 and below 1"):
            classify_critical_point(np.eye(2), tol=tol)
