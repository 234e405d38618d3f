"""Numerical derivatives with an error estimate for every entry."""

from coursekit.derivatives.numerical import (
    Derivative,
    directional_derivative,
    hessian_vector_product,
    numerical_hessian,
    numerical_jacobian,
)

__all__ = [
    "Derivative",
    "directional_derivative",
    "hessian_vector_product",
    "numerical_hessian",
    "numerical_jacobian",
]
