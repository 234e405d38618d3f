"""Numerical derivatives with an error estimate for every entry."""

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
    "directional_derivative",
    "hessian_vector_product",
    "numerical_hessian",
    "numerical_jacobian",
]
