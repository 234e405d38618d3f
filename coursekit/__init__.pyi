from . import checks, derivatives, descent, figures, letters, objectives, statuses
from .checks import (
    CheckFailed,
    check_against,
    check_dcp,
    check_descent,
    check_gradient_flow,
    check_kkt,
    check_linear_program,
    check_minimizer,
    check_multipliers,
    check_numerical_jacobian,
    check_shapes,
)
from .constraints.kkt import kkt_residuals
from .constraints.lagrange import (
    augmented_lagrangian,
    classify_stationary_point,
    stationary_point,
)
from .constraints.linear_programming import standard_form
from .constraints.simplex import simplex
from .derivatives import Derivative, dual_derivative, numerical_hessian, numerical_jacobian
from .descent.conjugate_gradients import conjugate_gradients
from .descent.gradient_descent import gradient_descent
from .descent.kaczmarz import kaczmarz
from .descent.momentum import adam, heavy_ball, optimize
from .descent.newton import newton, newton_root
from .descent.nonlinear_least_squares import gauss_newton, levenberg_marquardt
from .descent.quasi_newton import bfgs, lbfgs
from .descent.stochastic import minibatches, sgd
from .descent.trust_region import trust_region
from .figures import (
    animate_descent,
    plot_contours,
    plot_gradients,
    slide_bars,
    slide_curves,
    slide_digits,
    slide_directions,
    slide_graph,
    slide_grid,
    slide_history,
    slide_images,
    slide_maps,
    slide_network,
    slide_number_line,
    slide_paths,
)
from .learning.backpropagation import value_and_gradients
from .learning.convolution import conv2d, max_pool
from .learning.pagerank import pagerank
from .learning.recurrent import recurrent
from .letters import load_letters
from .models.convexity import chord_test, curvature_bounds, hessian_test, tangent_test
from .models.taylor import classify_critical_point, optimal_step, quadratic_model
from .numbers.conditioning import condition_number
from .numbers.floating_point import bits, quadratic_roots, ulp_distance
from .numbers.softmax import cross_entropy, log_softmax, logsumexp, softmax
from .numbers.summation import compensated_sum, pairwise_sum
