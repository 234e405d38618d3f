"""Networks: what the chapters of this part explain and import."""
