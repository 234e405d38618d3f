"""Sandboxed processes, forked from warm ones, in which submissions run."""
