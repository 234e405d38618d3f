"""Local models of functions: what the chapters of this part explain and import."""
