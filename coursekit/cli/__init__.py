"""The command ``coursekit``."""
