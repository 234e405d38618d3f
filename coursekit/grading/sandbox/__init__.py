"""Walled-in processes, forked from warm ones, in which submissions run."""
