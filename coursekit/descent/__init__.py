"""Descent: what the chapters of this part explain and import."""

from coursekit.descent.conjugate_gradients import conjugate_gradients
from coursekit.descent.gradient_descent import (
    backtracking,
    decaying,
    exact_line_search,
    gradient_descent,
)
from coursekit.descent.kaczmarz import kaczmarz
from coursekit.descent.line_search import wolfe_step
from coursekit.descent.momentum import (
    adagrad,
    adam,
    adamw,
    amsgrad,
    heavy_ball,
    nesterov,
    optimize,
    rmsprop,
    yogi,
)
from coursekit.descent.newton import newton, newton_root
from coursekit.descent.nonlinear_least_squares import gauss_newton, levenberg_marquardt
from coursekit.descent.quasi_newton import bfgs, lbfgs
from coursekit.descent.stochastic import (
    cosine,
    gradient_noise,
    minibatches,
    sgd,
    step_decay,
)
from coursekit.descent.tomography import phantom, ray_matrix
from coursekit.descent.trust_region import trust_region, trust_region_step

__all__ = [
    "adagrad",
    "adam",
    "adamw",
    "amsgrad",
    "backtracking",
    "bfgs",
    "conjugate_gradients",
    "cosine",
    "decaying",
    "exact_line_search",
    "gauss_newton",
    "gradient_descent",
    "gradient_noise",
    "heavy_ball",
    "kaczmarz",
    "lbfgs",
    "levenberg_marquardt",
    "minibatches",
    "nesterov",
    "newton",
    "newton_root",
    "optimize",
    "phantom",
    "ray_matrix",
    "rmsprop",
    "sgd",
    "step_decay",
    "trust_region",
    "trust_region_step",
    "wolfe_step",
    "yogi",
]
