"""Homework: one text file in, an nbgrader assignment out."""
