"""Grading a class: nbgrader's course, folders, gradebook and scores, with other hands.

Each submission runs in two processes, one for the student's cells and one for the tests, both
forked from a process that has already imported what the homework imports (`zygote`), each behind
walls of its own (`sandbox`), so that grades are fast, and nothing that a submission does reaches
the tests, the gradebook, another submission or the machine.
"""
