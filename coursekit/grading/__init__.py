"""Grading a class in nbgrader's course: its folders, gradebook and scores, but faster and safer.

Each submission runs in two processes, one for the student's cells and one for the tests, both
forked from a process that has already imported what the homework imports (`zygote`). Each has a
sandbox of its own, so that nothing that a submission does reaches the tests, the gradebook,
another submission or the machine.
"""
