"""Constrained problems and least squares: what the chapters of this part explain and import."""
