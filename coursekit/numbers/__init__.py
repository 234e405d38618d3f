"""Numbers in a machine: what the chapters of this part explain and import."""
