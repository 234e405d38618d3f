"""Validation of arguments: the rules one by one, and that all topics keep to them."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursekit import _arguments, statuses
from coursekit.constraints import games, kkt, lagrange, least_squares, networks
from coursekit.constraints.interior_point import central_point, interior_point
from coursekit.constraints.kkt import Problem
from coursekit.constraints.linear_programming import corners, standard_form
from coursekit.constraints.saddle_systems import block_elimination
from coursekit.constraints.simplex import simplex
from coursekit.derivatives import Dual, dual_derivative, numerical_jacobian
from coursekit.descent import (
    adagrad,
    adam,
    adamw,
    amsgrad,
    backtracking,
    bfgs,
    conjugate_gradients,
    cosine,
    decaying,
    exact_line_search,
    gauss_newton,
    gradient_descent,
    gradient_noise,
    heavy_ball,
    kaczmarz,
    lbfgs,
    levenberg_marquardt,
    minibatches,
    nesterov,
    newton,
    newton_root,
    optimize,
    phantom,
    ray_matrix,
    rmsprop,
    sgd,
    step_decay,
    trust_region,
    trust_region_step,
    wolfe_step,
    yogi,
)
from coursekit.learning import backpropagation, convolution, initialization, kernels
from coursekit.learning.pagerank import link_matrix, pagerank
from coursekit.learning.recurrent import recurrent
from coursekit.letters import load_letters, render_letter, shift_images
from coursekit.models import convex_calculus, convexity, projections, taylor
from coursekit.numbers import conditioning, floating_point, softmax, summation
from coursekit.objectives import (
    Objective,
    bowl,
    exponential_sum,
    himmelblau,
    parabola,
    quadratic,
    rosenbrock,
    zigzag,
)

# The rules


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.uint8(2), np.array(2.0)])
def test_a_number_becomes_a_float(value):
    assert type(_arguments.number("s", value)) is float
    assert _arguments.number("s", value) == 2


@pytest.mark.parametrize("value", [True, np.True_, None, "2", 2j, [2], np.ones(1), Fraction(2)])
def test_what_is_no_number(value):
    with pytest.raises(TypeError, match=r"^s must be one real number; got "):
        _arguments.number("s", value)


@pytest.mark.parametrize(
    ("limits", "value", "message"),
    [
        ({}, math.nan, "^s must be finite; got nan"),
        ({}, -math.inf, "^s must be finite; got -inf"),
        ({"above": 0}, 0, "^s must be above 0 and finite; got 0"),
        ({"at_least": 0}, -1e-300, "^s must be at least 0 and finite; got -1e-300"),
        ({"at_least": 0, "below": 1}, 1, "^s must be at least 0 and below 1; got 1"),
        ({"above": 0, "below": 1}, np.float64(0), r"^s must be above 0 and below 1; got 0\.0"),
    ],
)
def test_a_number_out_of_range(limits, value, message):
    with pytest.raises(ValueError, match=message):
        _arguments.number("s", value, **limits)


@given(st.integers(0, 2**70))
def test_a_count_becomes_an_int(value):
    assert _arguments.count("k", value) == value
    assert type(_arguments.count("k", np.int8(5))) is int
    assert _arguments.count("k", -3, at_least=None) == -3


@pytest.mark.parametrize("value", [2.0, np.float64(2), True, np.True_, None, "2", [2], 2j])
def test_what_is_no_count(value):
    with pytest.raises(TypeError, match=r"^k must be an integer; got "):
        _arguments.count("k", value)


def test_a_count_that_is_too_small():
    with pytest.raises(ValueError, match=r"^k must be at least 1; got 0\."):
        _arguments.count("k", 0, at_least=1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_floating_types_stay(dtype):
    value = np.ones((2, 2), dtype)
    for check in (_arguments.real_array, _arguments.matrix, _arguments.symmetric):
        assert check("A", value) is value
    assert _arguments.point("x", value[0]).dtype == dtype


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_integers_and_booleans_become_float64(dtype):
    array = _arguments.real_array("A", np.array([0, 1], dtype))
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, [0, 1])


NO_ARRAYS = [
    (None, TypeError, "got dtype object"),
    ("text", TypeError, "got dtype <U4"),
    ([1, 2j], TypeError, "got dtype complex128"),
    ([Fraction(1, 2)], TypeError, "got dtype object"),
    ([[1, 2], [3]], ValueError, "got rows of different lengths"),
]


@pytest.mark.parametrize(("value", "error", "got"), NO_ARRAYS)
@pytest.mark.parametrize("check", ["real_array", "point", "matrix", "symmetric"])
def test_what_is_no_real_array(check, value, error, got):
    with pytest.raises(error, match=f"^A must .*; {got}"):
        getattr(_arguments, check)("A", value)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite(bad):
    for check in (_arguments.real_array, _arguments.matrix, _arguments.symmetric):
        with pytest.raises(ValueError, match=rf"^A must be finite; got .*{bad}"):
            check("A", [[1, bad], [bad, 1]])
    with pytest.raises(ValueError, match=r"^x must be finite; got "):
        _arguments.point("x", [1, bad])
    assert np.isnan(_arguments.real_array("A", np.nan, finite=False))


def test_shapes_are_named():
    with pytest.raises(ValueError, match=r"^A must have shape \(2,\); got shape \(1, 2\)"):
        _arguments.real_array("A", [[1, 2]], (2,))
    for bad in (1.0, [], [[1, 2]]):
        with pytest.raises(ValueError, match=r"^x must be one point of shape \(n,\); got shape"):
            _arguments.point("x", bad)
    with pytest.raises(ValueError, match=r"^x must be one point of shape \(3,\); got shape \(2,\)"):
        _arguments.point("x", [1, 2], 3)
    for bad in (1.0, [1, 2], [[]], np.ones((1, 1, 1))):
        with pytest.raises(ValueError, match=r"^A must be a nonempty matrix; got shape"):
            _arguments.matrix("A", bad)
    for bad in (1.0, [1, 2], [[1, 2]], np.ones((0, 0))):
        with pytest.raises(ValueError, match=r"^H must be a square matrix; got shape"):
            _arguments.symmetric("H", bad)
    with pytest.raises(ValueError, match=r"^H must be a matrix of shape \(3, 3\); got shape"):
        _arguments.symmetric("H", np.eye(2), 3)
    with pytest.raises(ValueError, match=r"^x must have a last axis of length 3"):
        _arguments.points("x", np.ones((3, 2)), 3)


def test_points_may_be_complex_or_infinite():
    assert _arguments.points("x", [[1, 2]], 2).dtype == np.float64
    assert _arguments.points("x", [1 + 1e-20j, np.inf], 2).dtype == np.complex128


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-30, 1, 1e30])
def test_symmetric_up_to_half_of_the_digits(dtype, scale):
    eps = np.finfo(dtype).eps
    H = scale * np.array([[4, 1], [1, 3]], dtype)
    slightly, clearly = H.copy(), H.copy()
    slightly[0, 1] += 2 * np.sqrt(eps) * scale  # of 4 allowed
    clearly[0, 1] += 8 * np.sqrt(eps) * scale
    got = _arguments.symmetric("H", slightly)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, got.T)
    x = np.array([3, -2], dtype)
    np.testing.assert_allclose(x @ got @ x, x @ slightly @ x, rtol=8 * eps)
    with pytest.raises(ValueError, match=r"^H must be symmetric; got mirrored entries that differ"):
        _arguments.symmetric("H", clearly)


def test_symmetric_neither_overflows_nor_rounds_what_is_symmetric():
    big = np.array([[1, 1.7e308], [-1.7e308, 1]])
    with pytest.raises(ValueError, match=r"^H must be symmetric; got .* differ by inf"):
        _arguments.symmetric("H", big)
    tiny = np.full((2, 2), np.nextafter(0, 1))
    np.testing.assert_array_equal(_arguments.symmetric("H", tiny), tiny)
    zero = np.zeros((3, 3))
    assert _arguments.symmetric("H", zero) is zero


@given(st.integers(0, 2**32 - 1), st.sampled_from([himmelblau, rosenbrock, exponential_sum]))
def test_a_hessian_from_differences_will_do_everywhere(seed, f):
    x = np.random.default_rng(seed).uniform(-1, 1, 2)
    H, exact = numerical_jacobian(f.grad, x), f.hess(x)
    model = taylor.quadratic_model(f, f.grad, lambda x: H, x)
    assert model(x) == f(x)
    kind = taylor.classify_critical_point(H, tol=1e-6)
    assert kind == taylor.classify_critical_point(exact, tol=1e-6)
    np.testing.assert_allclose(quadratic(H).hess(x), exact, rtol=1e-6, atol=1e-6)
    run = kkt.solve_equality_qp(H + 1e4 * np.eye(2), [1, 1], [[1, 0]], [0])
    assert run.status == statuses.CONVERGED
    g = f.grad(x)
    if g @ exact @ g > 1e-3 * (g @ g):
        s = exact_line_search(H)(0, x, f(x), g)
        assert s == taylor.optimal_step(g, H)
        assert s == pytest.approx(g @ g / (g @ exact @ g), rel=1e-6)


# All topics agree

SQUARE = Problem(lambda x: x @ x, lambda x: 2 * x, 2, ineq=[(np.sum, np.ones_like)])
LINE = Problem(lambda x: x @ x, lambda x: 2 * x, 2, eq=[(lambda x: x.sum() - 1, np.ones_like)])
A, B, H = [[2.0, 0], [0, 1], [1, 1]], [2.0, 1, 3], np.eye(2)
WINDOW = [(-1, 1), (-1, 1)]
LOGITS = np.ones((2, 3))
WEB = link_matrix([(0, 1), (1, 0)], 2)

# Calls with one argument left open, by the kind of thing that the argument must be.
NEWTON = (bowl, bowl.grad, bowl.hess)
FIT = (lambda x: x - 1, lambda x: np.eye(2))
SAMPLES = (bowl, lambda x, rows: bowl.grad(x), [1, 1])
NUMBERS = {
    "step_size of gradient_descent": lambda v: gradient_descent(
        bowl, bowl.grad, [1, 1], step_size=v
    ),
    "tol of gradient_descent": lambda v: gradient_descent(bowl, bowl.grad, [1, 1], tol=v),
    "s0 of decaying": decaying,
    "power of decaying": lambda v: decaying(1, v),
    "start of backtracking": lambda v: backtracking(bowl, start=v),
    "shrink of backtracking": lambda v: backtracking(bowl, shrink=v),
    "slope of backtracking": lambda v: backtracking(bowl, slope=v),
    "step_size of newton": lambda v: newton(*NEWTON, [1, 1], step_size=v),
    "tol of newton": lambda v: newton(*NEWTON, [1, 1], tol=v),
    "tol of newton_root": lambda v: newton_root(*FIT, [1, 1], tol=v),
    "radius of trust_region": lambda v: trust_region(*NEWTON, [1, 1], radius=v),
    "tol of trust_region": lambda v: trust_region(*NEWTON, [1, 1], tol=v),
    "radius of trust_region_step": lambda v: trust_region_step([1, 1], H, v),
    "tol of gauss_newton": lambda v: gauss_newton(*FIT, [1, 1], tol=v),
    "tol of levenberg_marquardt": lambda v: levenberg_marquardt(*FIT, [1, 1], tol=v),
    "mu0 of levenberg_marquardt": lambda v: levenberg_marquardt(*FIT, [1, 1], mu0=v),
    "step_size of bfgs": lambda v: bfgs(*NEWTON[:2], [1, 1], step_size=v),
    "tol of bfgs": lambda v: bfgs(*NEWTON[:2], [1, 1], tol=v),
    "tol of lbfgs": lambda v: lbfgs(*NEWTON[:2], [1, 1], tol=v),
    "step_size of sgd": lambda v: sgd(*SAMPLES, 3, step_size=v),
    "tol of sgd": lambda v: sgd(*SAMPLES, 3, tol=v),
    "s0 of cosine": lambda v: cosine(v, 9),
    "s0 of step_decay": lambda v: step_decay(v, 9),
    "factor of step_decay": lambda v: step_decay(1, 9, v),
    "step_size of heavy_ball": heavy_ball,
    "beta of heavy_ball": lambda v: heavy_ball(0.1, v),
    "step_size of nesterov": nesterov,
    "beta of nesterov": lambda v: nesterov(0.1, v),
    "step_size of adagrad": adagrad,
    "start of adagrad": lambda v: adagrad(start=v),
    "epsilon of adagrad": lambda v: adagrad(epsilon=v),
    "beta of rmsprop": lambda v: rmsprop(0.1, v),
    "epsilon of rmsprop": lambda v: rmsprop(epsilon=v),
    "step_size of adam": adam,
    "beta1 of adam": lambda v: adam(beta1=v),
    "beta2 of adam": lambda v: adam(beta2=v),
    "epsilon of adam": lambda v: adam(epsilon=v),
    "weight_decay of adamw": lambda v: adamw(weight_decay=v),
    "beta1 of amsgrad": lambda v: amsgrad(beta1=v),
    "beta2 of yogi": lambda v: yogi(beta2=v),
    "tol of optimize": lambda v: optimize(*NEWTON[:2], [1, 1], adam(), tol=v),
    "tol of conjugate_gradients": lambda v: conjugate_gradients(*NEWTON[:2], [1, 1], tol=v),
    "start of wolfe_step": lambda v: wolfe_step(lambda t: (0, 0), 1, -1, start=v),
    "decrease of wolfe_step": lambda v: wolfe_step(lambda t: (0, 0), 1, -1, decrease=v),
    "curvature of wolfe_step": lambda v: wolfe_step(lambda t: (0, 0), 1, -1, curvature=v),
    "relaxation of kaczmarz": lambda v: kaczmarz(A, B, relaxation=v),
    "tol of kaczmarz": lambda v: kaczmarz(A, B, tol=v),
    "tol of classify_critical_point": lambda v: taylor.classify_critical_point(H, tol=v),
    "rcond of solve_svd": lambda v: least_squares.solve_svd(A, B, v),
    "lam of ridge": lambda v: least_squares.ridge(A, B, v),
    "step_size of solve_gd": lambda v: least_squares.solve_gd(A, B, step_size=v),
    "tol of solve_gd": lambda v: least_squares.solve_gd(A, B, tol=v),
    "radius of solve_ball": lambda v: least_squares.solve_ball(A, B, v),
    "radius of ball_dual_ascent": lambda v: least_squares.ball_dual_ascent(A, B, v),
    "step_size of ball_dual_ascent": lambda v: least_squares.ball_dual_ascent(A, B, step_size=v),
    "tol of ball_dual_ascent": lambda v: least_squares.ball_dual_ascent(A, B, tol=v),
    "step_size of dual_ascent": lambda v: kkt.dual_ascent(SQUARE, lambda *_: B, step_size=v),
    "tol of dual_ascent": lambda v: kkt.dual_ascent(SQUARE, lambda *_: B, tol=v),
    "tol of find_multipliers": lambda v: kkt.find_multipliers([1, 1], SQUARE, tol=v),
    "tol of stationary_point": lambda v: lagrange.stationary_point(
        LINE, lambda *_: H, B[:2], tol=v
    ),
    "tol of classify_stationary_point": lambda v: lagrange.classify_stationary_point(H, H, tol=v),
    "penalty of augmented_lagrangian": lambda v: lagrange.augmented_lagrangian(
        LINE, [1, 1], penalty=v
    ),
    "tol of augmented_lagrangian": lambda v: lagrange.augmented_lagrangian(LINE, [1, 1], tol=v),
    "tol of interior_point": lambda v: interior_point([1, 2], [[1, 1]], [1], tol=v),
    "mu of central_point": lambda v: central_point([1, 2], [[1, 1]], [1], v),
    "tol of central_point": lambda v: central_point([1, 2], [[1, 1]], [1], 1, tol=v),
    "radius of perturbation_ellipse": lambda v: conditioning.perturbation_ellipse(H, v),
    "kappa of digits_lost": conditioning.digits_lost,
    "b of zigzag": zigzag,
    "curvature of parabola": parabola,
    "noise of load_letters": lambda v: load_letters(1, noise=v),
    "width of gaussian_kernel": lambda v: kernels.gaussian_kernel(H, width=v),
    "width of laplacian_kernel": lambda v: kernels.laplacian_kernel(H, width=v),
    "penalty of kernel_ridge": lambda v: kernels.kernel_ridge(H, [1, 1], penalty=v),
    "damping of pagerank": lambda v: pagerank(WEB, damping=v),
    "tol of pagerank": lambda v: pagerank(WEB, tol=v),
    "rtol of chord_test": lambda v: convexity.chord_test(bowl, WINDOW, rtol=v),
    "rtol of line_test": lambda v: convexity.line_test(bowl, WINDOW, rtol=v),
    "rtol of tangent_test": lambda v: convexity.tangent_test(bowl, bowl.grad, WINDOW, rtol=v),
    "radius of project_ball": lambda v: projections.project_ball([1, 1], v),
    "radius of project_l1_ball": lambda v: projections.project_l1_ball([1, 1], v),
    "gain of orthogonal": lambda v: initialization.orthogonal(
        (2, 2), np.random.default_rng(0), gain=v
    ),
    "shortcut of depth_norms": lambda v: initialization.depth_norms([H], [1, 1], shortcut=v),
    "total of project_simplex": lambda v: projections.project_simplex([1, 1], v),
}
COUNTS = {
    "maxiter of gradient_descent": lambda v: gradient_descent(bowl, bowl.grad, [1, 1], maxiter=v),
    "maxiter of newton": lambda v: newton(*NEWTON, [1, 1], maxiter=v),
    "maxiter of newton_root": lambda v: newton_root(*FIT, [1, 1], maxiter=v),
    "maxiter of trust_region": lambda v: trust_region(*NEWTON, [1, 1], maxiter=v),
    "maxiter of gauss_newton": lambda v: gauss_newton(*FIT, [1, 1], maxiter=v),
    "maxiter of levenberg_marquardt": lambda v: levenberg_marquardt(*FIT, [1, 1], maxiter=v),
    "maxiter of bfgs": lambda v: bfgs(*NEWTON[:2], [1, 1], maxiter=v),
    "maxiter of lbfgs": lambda v: lbfgs(*NEWTON[:2], [1, 1], maxiter=v),
    "maxiter of optimize": lambda v: optimize(*NEWTON[:2], [1, 1], adam(), maxiter=v),
    "maxiter of conjugate_gradients": lambda v: conjugate_gradients(*NEWTON[:2], [1, 1], maxiter=v),
    "memory of lbfgs": lambda v: lbfgs(*NEWTON[:2], [1, 1], memory=v),
    "samples of minibatches": lambda v: minibatches(v, 1),
    "batch_size of minibatches": lambda v: minibatches(9, v),
    "samples of sgd": lambda v: sgd(*SAMPLES, v),
    "batch_size of sgd": lambda v: sgd(*SAMPLES, 9, batch_size=v),
    "maxiter of sgd": lambda v: sgd(*SAMPLES, 9, maxiter=v),
    "every of sgd": lambda v: sgd(*SAMPLES, 9, every=v),
    "average_from of sgd": lambda v: sgd(*SAMPLES, 9, average_from=v),
    "average_every of sgd": lambda v: sgd(*SAMPLES, 9, average_every=v),
    "maxiter of cosine": lambda v: cosine(1, v),
    "every of step_decay": lambda v: step_decay(1, v),
    "samples of gradient_noise": lambda v: gradient_noise(np.eye(2), v),
    "block_size of kaczmarz": lambda v: kaczmarz(A, B, block_size=v),
    "maxiter of kaczmarz": lambda v: kaczmarz(A, B, maxiter=v),
    "every of kaczmarz": lambda v: kaczmarz(A, B, every=v),
    "size of phantom": phantom,
    "size of ray_matrix": lambda v: ray_matrix(v, [0], 1),
    "rays of ray_matrix": lambda v: ray_matrix(1, [0], v),
    "maxiter of solve_gd": lambda v: least_squares.solve_gd(A, B, maxiter=v),
    "maxiter of solve_ball": lambda v: least_squares.solve_ball(A, B, 1, maxiter=v),
    "maxiter of ball_dual_ascent": lambda v: least_squares.ball_dual_ascent(A, B, maxiter=v),
    "maxiter of dual_ascent": lambda v: kkt.dual_ascent(SQUARE, lambda *_: B, maxiter=v),
    "maxiter of stationary_point": lambda v: lagrange.stationary_point(
        LINE, lambda *_: H, [1, 2], maxiter=v
    ),
    "maxiter of augmented_lagrangian": lambda v: lagrange.augmented_lagrangian(
        LINE, [1, 1], maxiter=v
    ),
    "n of incidence_matrix": lambda v: networks.incidence_matrix([], v),
    "ground of solve_network": lambda v: networks.solve_network([[0, 1]], [1], [1, 0], ground=v),
    "maxiter of simplex": lambda v: simplex([1, 2], [[1, 1]], [1], maxiter=v),
    "maxiter of interior_point": lambda v: interior_point([1, 2], [[1, 1]], [1], maxiter=v),
    "maxiter of central_point": lambda v: central_point([1, 2], [[1, 1]], [1], 1, maxiter=v),
    "rounds of fictitious_play": lambda v: games.fictitious_play(H, v),
    "n of hilbert": conditioning.hilbert,
    "n of perturbation_ellipse": lambda v: conditioning.perturbation_ellipse(H, 1, v),
    "n of output_size": lambda v: convolution.output_size(v, 1),
    "kernel of output_size": lambda v: convolution.output_size(5, v),
    "stride of output_size": lambda v: convolution.output_size(5, 1, v),
    "padding of output_size": lambda v: convolution.output_size(5, 1, 1, v),
    "n of conv_matrix": lambda v: convolution.conv_matrix([1], v),
    "stride of conv_matrix": lambda v: convolution.conv_matrix([1], 3, stride=v),
    "padding of conv_matrix": lambda v: convolution.conv_matrix([1], 3, padding=v),
    "shape of fans": lambda v: initialization.fans((3, v)),
    "stride of conv2d": lambda v: convolution.conv2d(LOGITS, [[1]], stride=v),
    "padding of conv2d": lambda v: convolution.conv2d(LOGITS, [[1]], padding=v),
    "size of max_pool": lambda v: convolution.max_pool(LOGITS, v),
    "stride of max_pool": lambda v: convolution.max_pool(LOGITS, 1, v),
    "n_per_class of load_letters": load_letters,
    "max_shift of load_letters": lambda v: load_letters(1, max_shift=v),
    "size of render_letter": lambda v: render_letter("A", size=v),
    "n of Objective": lambda v: Objective(bowl.f, bowl.grad, n=v),
    "n of link_matrix": lambda v: link_matrix([(0, 0)], v),
    "maxiter of pagerank": lambda v: pagerank(WEB, maxiter=v),
    "samples of chord_test": lambda v: convexity.chord_test(bowl, WINDOW, samples=v),
    "seed of chord_test": lambda v: convexity.chord_test(bowl, WINDOW, seed=v),
    "lines of line_test": lambda v: convexity.line_test(bowl, WINDOW, lines=v),
    "points of line_test": lambda v: convexity.line_test(bowl, WINDOW, points=v),
    "samples of tangent_test": lambda v: convexity.tangent_test(bowl, bowl.grad, WINDOW, samples=v),
    "samples of hessian_test": lambda v: convexity.hessian_test(bowl.hess, WINDOW, samples=v),
    "seed of curvature_bounds": lambda v: convexity.curvature_bounds(bowl.hess, WINDOW, seed=v),
}
ARRAYS = {  # vectors of length 2; where None means that there is none, another wrong thing is tried
    "x0 of gradient_descent": lambda v: gradient_descent(bowl, bowl.grad, v),
    "x0 of optimize": lambda v: optimize(*NEWTON[:2], v, adam()),
    "x0 of conjugate_gradients": lambda v: conjugate_gradients(*NEWTON[:2], v),
    "x0 of newton": lambda v: newton(*NEWTON, v),
    "x0 of newton_root": lambda v: newton_root(*FIT, v),
    "x0 of trust_region": lambda v: trust_region(*NEWTON, v),
    "x0 of gauss_newton": lambda v: gauss_newton(*FIT, v),
    "x0 of levenberg_marquardt": lambda v: levenberg_marquardt(*FIT, v),
    "x0 of bfgs": lambda v: bfgs(*NEWTON[:2], v),
    "x0 of lbfgs": lambda v: lbfgs(*NEWTON[:2], v),
    "x0 of sgd": lambda v: sgd(*SAMPLES[:2], v, 3),
    "b of kaczmarz": lambda v: kaczmarz(H, v),
    "x0 of kaczmarz": lambda v: kaczmarz(H, [1, 1], v if v is not None else "none"),
    "v of depth_norms": lambda v: initialization.depth_norms([H], v).jacobians,
    "g of trust_region_step": lambda v: trust_region_step(v, H, 1),
    "x0 of quadratic_model": lambda v: taylor.quadratic_model(bowl, bowl.grad, bowl.hess, v),
    "g of optimal_step": lambda v: taylor.optimal_step(v, H),
    "x0 of solve_gd": lambda v: least_squares.solve_gd(A, B, x0=v if v is not None else "none"),
    "x of kkt_residuals": lambda v: kkt.kkt_residuals(v, (), [0], SQUARE),
    "x of find_multipliers": lambda v: kkt.find_multipliers(v, SQUARE),
    "x0 of stationary_point": lambda v: lagrange.stationary_point(LINE, lambda *_: H, v),
    "x0 of augmented_lagrangian": lambda v: lagrange.augmented_lagrangian(LINE, v),
    "c of block_elimination": lambda v: block_elimination(H, v, [[1, 0]], [0]),
    "b of block_elimination": lambda v: block_elimination(H, [0, 0], H, v),
    "conductances of graph_laplacian": lambda v: (
        networks.graph_laplacian([[0, 1], [1, 0]], v, 2).data
    ),
    "sources of solve_network": lambda v: networks.solve_network([[0, 1]], [1], v),
    "c of solve_equality_qp": lambda v: kkt.solve_equality_qp(H, v, [[1, 0]], [0]),
    "b of solve_equality_qp": lambda v: kkt.solve_equality_qp(H, [0, 0], H, v),
    "c of standard_form": lambda v: standard_form(v).c,
    "b_ub of standard_form": lambda v: standard_form([1, 1], H, v).b,
    "b_eq of standard_form": lambda v: standard_form([1, 1], A_eq=H, b_eq=v).b,
    "z of restore": lambda v: standard_form([1, 1]).restore(v),
    "b of corners": lambda v: corners(H, v),
    "c of simplex": lambda v: simplex(v if v is not None else "none", [[1, 1]], [1]).x,
    "b of simplex": lambda v: simplex([1, 1], H, v).x,
    "c of interior_point": lambda v: interior_point(v if v is not None else "x", [[1, 1]], [1]),
    "b of interior_point": lambda v: interior_point([1, 1], H, v),
    "b of central_point": lambda v: central_point([1, 1], H, v, 1),
    "b of quadratic": lambda v: quadratic(H, v if v is not None else "none"),
    "b of solve_qr": lambda v: least_squares.solve_qr(H, v),
    "b of solve_svd": lambda v: least_squares.solve_svd(H, v),
    "b of ridge": lambda v: least_squares.ridge(H, v, 1),
    "b of solve_ball": lambda v: least_squares.solve_ball(H, v, 1),
    "x of forward_error": lambda v: conditioning.forward_error([1, 1], v),
    "x_hat of backward_error": lambda v: conditioning.backward_error(H, v, [1, 1]),
    "b of backward_error": lambda v: conditioning.backward_error(H, [1, 1], v),
    "x of relative_condition_number": lambda v: conditioning.relative_condition_number(np.exp, v),
    "a of quadratic_roots": lambda v: floating_point.quadratic_roots(v, 2, 0),
    "b of quadratic_roots": lambda v: floating_point.quadratic_roots(1, v, 0),
    "c of quadratic_roots": lambda v: floating_point.quadratic_roots(1, 4, v),
    "y of kernel_ridge": lambda v: kernels.kernel_ridge(H, v),
    "b of recurrent": lambda v: recurrent(H, (H, H, v, H))[0],
    "slopes of conjugate": lambda v: convex_calculus.conjugate([0, 1], [0, 1], v),
    "x of project_box": lambda v: projections.project_box(v, 0, 1),
    "x of project_ball": projections.project_ball,
    "a of project_halfspace": lambda v: projections.project_halfspace([1, 1], v, 1),
    "b of project_affine": lambda v: projections.project_affine([1, 1], H, v),
    "x of project_simplex": projections.project_simplex,
    "x of project_l1_ball": projections.project_l1_ball,
}
MATRICES = {
    "H of exact_line_search": exact_line_search,
    "A of kaczmarz": lambda v: kaczmarz(v, [1, 1]),
    "X of gaussian_kernel": kernels.gaussian_kernel,
    "Y of laplacian_kernel": lambda v: kernels.laplacian_kernel(H, v if v is not None else "none"),
    "K of kernel_ridge": lambda v: kernels.kernel_ridge(v, [1, 1]),
    "A_rec of recurrent": lambda v: recurrent(H, (H, v, [0, 0], H)),
    "inputs of recurrent": lambda v: recurrent(v, (H, H, [0, 0], H)),
    "H of trust_region_step": lambda v: trust_region_step([1, 1], v, 1),
    "H of optimal_step": lambda v: taylor.optimal_step([1, 1], v),
    "H of classify_critical_point": taylor.classify_critical_point,
    "H of quadratic": quadratic,
    "H of reduced_hessian": lambda v: lagrange.reduced_hessian(v, [[1, 0]]),
    "J of reduced_hessian": lambda v: lagrange.reduced_hessian(H, v),
    "H of block_elimination": lambda v: block_elimination(v, [0, 0], [[1, 0]], [0]),
    "A of block_elimination": lambda v: block_elimination(H, [0, 0], v, [0, 0]),
    "H of solve_equality_qp": lambda v: kkt.solve_equality_qp(v, [0, 0], [[1, 0]], [0]),
    "A of solve_qr": lambda v: least_squares.solve_qr(v, [1, 1]),
    "A of solve_svd": lambda v: least_squares.solve_svd(v, [1, 1]),
    "A of ridge": lambda v: least_squares.ridge(v, [1, 1], 1),
    "A of solve_gd": lambda v: least_squares.solve_gd(v, [1, 1]),
    "A of solve_ball": lambda v: least_squares.solve_ball(v, [1, 1], 1),
    "A of ball_dual_ascent": lambda v: least_squares.ball_dual_ascent(v, [1, 1]),
    "A of condition_number": conditioning.condition_number,
    "A of backward_error": lambda v: conditioning.backward_error(v, [1, 1], [1, 1]),
    "A of perturbation_ellipse": lambda v: conditioning.perturbation_ellipse(v, 1),
    "A of corners": lambda v: corners(v, [1, 1]),
    "A of simplex": lambda v: simplex([1, 1], v, [1, 1]).x,
    "A of interior_point": lambda v: interior_point([1, 1], v, [1, 1]),
    "A of central_point": lambda v: central_point([1, 1], v, [1, 1], 1),
    "A_ub of standard_form": lambda v: standard_form([1, 1], v, [1, 1]).b,
    "P of solve_game": games.solve_game,
    "P of fictitious_play": lambda v: games.fictitious_play(v, 1),
    "A of project_affine": lambda v: projections.project_affine([1, 1], v, [1, 1]),
    "X of project_semidefinite": projections.project_semidefinite,
}
SYMMETRIC = {key: call for key, call in MATRICES.items() if key.startswith("H")}
NOT_FINITE_ALLOWED = {  # here infinities and NaN are data
    "x of softmax": softmax.softmax,
    "x of log_softmax": softmax.log_softmax,
    "x of logsumexp": softmax.logsumexp,
    "x of pairwise_sum": summation.pairwise_sum,
    "x of compensated_sum": summation.compensated_sum,
    "x of ulp_distance": lambda v: floating_point.ulp_distance(v, 1.0),
    "y of ulp_distance": lambda v: floating_point.ulp_distance(1.0, v),
    "x of log1mexp": floating_point.log1mexp,
    "x of sqrt1pm1": floating_point.sqrt1pm1,
    "logits of cross_entropy": lambda v: softmax.cross_entropy(v, np.zeros(np.shape(v)[:-1], int)),
    "images of conv2d": lambda v: convolution.conv2d(v, [[1]]),
    "images of max_pool": lambda v: convolution.max_pool(v, 1),
    "kernels of conv2d": lambda v: convolution.conv2d(np.ones((3, 3)), v),
    "value of Node": backpropagation.Node,
    "x of dual_derivative": lambda v: dual_derivative(np.exp, v),
    "value of Dual": Dual,
    "slope of Dual": lambda v: Dual([1, 1], v),
}


def cases(calls):
    return [pytest.param(key.split()[0], call, id=key) for key, call in calls.items()]


def raises(error, name, call, value):
    with pytest.raises(error, match=rf"^{name} must [^;]*; got ") as caught:
        call(value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", ["text", 1j, [1, 2], True, np.True_], ids=repr)
@pytest.mark.parametrize(("name", "call"), cases(NUMBERS))
def test_a_wrong_kind_of_number_is_a_type_error(name, call, value):
    raises(TypeError, name, call, value)


@pytest.mark.parametrize("value", [-1, np.nan])
@pytest.mark.parametrize(("name", "call"), cases(NUMBERS))
def test_a_number_out_of_range_is_a_value_error(name, call, value):
    if call is NUMBERS["curvature of parabola"] and value == -1:
        assert call(value).minimizers.size == 0
    else:
        raises(ValueError, name, call, value)


@pytest.mark.parametrize("value", ["text", 1j, [1.5], True, 2.0, np.float64(2)], ids=repr)
@pytest.mark.parametrize(("name", "call"), cases(COUNTS))
def test_a_wrong_kind_of_count_is_a_type_error(name, call, value):
    raises(TypeError, name, call, value)


@pytest.mark.parametrize(("name", "call"), cases(COUNTS))
def test_a_negative_count_is_a_value_error(name, call):
    raises(ValueError, name, call, -1)


@pytest.mark.parametrize("value", [["a", "b"], [1, 2j], None], ids=repr)
@pytest.mark.parametrize(("name", "call"), cases(ARRAYS | MATRICES))
def test_a_wrong_dtype_is_a_type_error(name, call, value):
    raises(TypeError, name, call, value)


@pytest.mark.parametrize("value", [["a", "b"], [1, 2j]], ids=repr)
@pytest.mark.parametrize(("name", "call"), cases(NOT_FINITE_ALLOWED))
def test_a_wrong_dtype_is_a_type_error_where_nan_is_data(name, call, value):
    raises(TypeError, name, call, value)


@pytest.mark.parametrize(("name", "call"), cases(ARRAYS))
def test_a_vector_that_is_not_finite_is_a_value_error(name, call):
    raises(ValueError, name, call, [1, np.nan])
    raises(ValueError, name, call, [np.inf, 1])


@pytest.mark.parametrize(("name", "call"), cases(MATRICES))
def test_a_matrix_that_is_not_finite_or_has_no_two_axes_is_a_value_error(name, call):
    raises(ValueError, name, call, [[1, np.nan], [np.nan, 1]])
    raises(ValueError, name, call, [1, 2])
    raises(ValueError, name, call, np.ones((0, 0)))


@pytest.mark.parametrize(("name", "call"), cases(SYMMETRIC))
def test_one_tolerance_of_symmetry(name, call):
    call([[2, 1], [1 + 1e-8, 3]])
    raises(ValueError, name, call, [[2, 1], [1.001, 3]])
    raises(ValueError, name, call, [[1, 2]])


@pytest.mark.parametrize("call", [*ARRAYS.values()], ids=[*ARRAYS])
def test_booleans_in_arrays_are_zeros_and_ones(call):
    same = np.array([True, True]), np.array([1.0, 1.0])
    first, second = map(call, same)
    if isinstance(first, dict):
        first, second = first.values(), second.values()
    if isinstance(first, np.ndarray | float):
        first, second = [first], [second]
    if not callable(first):  # a model or an objective: that it was made will do
        for one, other in zip(first, second, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("call", [*MATRICES.values()], ids=[*MATRICES])
def test_a_matrix_of_booleans_is_one_of_zeros_and_ones(call):
    call(np.eye(2, dtype=bool))


def test_shifts_may_be_negative_but_not_fractions():
    np.testing.assert_array_equal(shift_images([[1, 2]], 0, -1), [[2, 0]])
    for arguments, name in (((0.5, 0), "down"), ((0, True), "right")):
        with pytest.raises(TypeError, match=rf"^{name} must be an integer; got "):
            shift_images(np.eye(2), *arguments)
