"""Checks that say what is wrong with an answer, and where, but never what the answer is.

A check returns True or raises `CheckFailed`, so that ``check(...)`` and ``assert check(...)``
both work. It goes from coarse to fine and stops at the first cause.
"""

from coursekit.checks.against import check_against
from coursekit.checks.allowed import written_without
from coursekit.checks.answers import on_copies, watched, with_right
from coursekit.checks.arrays import check_array
from coursekit.checks.ball import check_ball_runs
from coursekit.checks.ball_log import check_ball_log
from coursekit.checks.breakpoints import check_breakpoints
from coursekit.checks.dcp import check_dcp
from coursekit.checks.descent import check_descent
from coursekit.checks.failure import CheckFailed
from coursekit.checks.folding import check_folding
from coursekit.checks.forward_pass import check_forward_pass
from coursekit.checks.gradient_flow import check_gradient_flow
from coursekit.checks.jacobian import check_numerical_jacobian
from coursekit.checks.kkt import check_kkt
from coursekit.checks.lazy_adam import check_lazy_adam
from coursekit.checks.linear_program import check_linear_program
from coursekit.checks.marquardt import check_marquardt_runs
from coursekit.checks.minimizer import check_minimizer
from coursekit.checks.multipliers import check_multipliers
from coursekit.checks.newton import check_newton_runs
from coursekit.checks.problems import MinimizationProblem
from coursekit.checks.shapes import check_shapes
from coursekit.checks.sweeps import check_sweeps

__all__ = [
    "CheckFailed",
    "MinimizationProblem",
    "check_against",
    "check_array",
    "check_ball_log",
    "check_ball_runs",
    "check_breakpoints",
    "check_dcp",
    "check_descent",
    "check_folding",
    "check_forward_pass",
    "check_gradient_flow",
    "check_kkt",
    "check_lazy_adam",
    "check_linear_program",
    "check_marquardt_runs",
    "check_minimizer",
    "check_multipliers",
    "check_newton_runs",
    "check_numerical_jacobian",
    "check_shapes",
    "check_sweeps",
    "on_copies",
    "watched",
    "with_right",
    "written_without",
]
