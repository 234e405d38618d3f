"""nbgrader's settings: this folder is the course, one text file a homework."""

from pathlib import Path

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "deep-learning-numerics"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# What a student finds in place of an answer.
c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE: replace the next line.\nraise NotImplementedError()"
}
c.ClearSolutions.text_stub = "*YOUR ANSWER HERE*"

c.Execute.extra_arguments = ["--log-level=ERROR"]  # of the kernel

# Seconds that one cell may run before it is stopped and fails; TensorFlow alone takes 10 to load.
c.Execute.timeout = 60

# nbgrader gives no points where anything was written to stderr: a warning must not cost marks.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = r"\A"


def forget_copies(notebook, resources):
    """Treat the pasted copy of a graded cell as a cell of the student's own.

    DeduplicateIds leaves empty metadata behind, for which CheckCellMetadata stops the grading
    of the whole class (nbgrader 0.9.6).
    """
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
    return notebook, resources


c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    forget_copies,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
