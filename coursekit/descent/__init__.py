"""Descent: what the chapters of this part explain and import."""

from coursekit.descent.gradient_descent import (
    backtracking,
    decaying,
    exact_line_search,
    gradient_descent,
)

__all__ = ["backtracking", "decaying", "exact_line_search", "gradient_descent"]
