"""Numerical derivatives with an error estimate for every entry; exact ones by dual numbers."""

from coursekit.derivatives.dual import Dual, dual_derivative
from coursekit.derivatives.numerical import (
    GOOD,
    GOOD_WITHOUT_SOME_POINTS,
    UNRELIABLE,
    Derivative,
    directional_derivative,
    hessian_vector_product,
    numerical_hessian,
    numerical_jacobian,
)

__all__ = [
    "GOOD",
    "GOOD_WITHOUT_SOME_POINTS",
    "UNRELIABLE",
    "Derivative",
    "Dual",
    "directional_derivative",
    "dual_derivative",
    "hessian_vector_product",
    "numerical_hessian",
    "numerical_jacobian",
]
