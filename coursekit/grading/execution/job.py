"""What the runner, the judge and the grading flow hand to each other: plain data, by msgpack."""

from typing import Literal, NotRequired, TypedDict

from coursekit.grading.sandbox.limits import Limits

__all__ = ["Job", "JudgeAnswer", "Kept", "Result", "Row"]


class Job(TypedDict):
    """One notebook of a submission to run."""

    homework: str
    student: str
    part: NotRequired[str]  # name of the notebook
    notebook: dict  # the canonical one, with all its tests
    names: dict[str, list[str]]  # solution cell: what it defines
    modules: NotRequired[dict[str, dict[str, str]]]  # solution cell: module and its import
    plain: NotRequired[dict[str, list[str]]]  # named cell: the plain code cells given above it
    shown: NotRequired[dict[str, str]]  # named code cell: its text as it is handed out
    tests: NotRequired[Literal["apart", "together", "both"]]  # how they run; default: apart
    preload: list[str]  # statements that import what the homework needs
    files: dict[str, bytes]  # those of the submission and of the homework
    given: NotRequired[list[str]]  # which of them the homework gives
    read_only: NotRequired[list[tuple[str, str]]]  # what the sandbox shows too, and where
    limits: Limits
    sandbox: bool  # False: run without one


class Row(TypedDict):
    """What became of one code cell."""

    id: str | None
    index: int
    part: NotRequired[str]  # name of its notebook
    role: Literal["own", "locked", "test"]
    seconds: float
    error: str  # kind and message, "" if there was none
    together: NotRequired[Literal["passed", "tampered"]]  # where the test has run with the answers
    stopped: bool


class JudgeAnswer(TypedDict):
    """What the judge says of a submission."""

    notebook: dict  # with outputs
    cells: list[Row]
    notes: list[str]  # for the instructor
    loaded: list[str]  # modules that the tests have imported


class Kept(TypedDict):
    """What the grading keeps of a submission: what came of its jobs, together."""

    homework: str
    student: str
    status: Literal["ok", "failed"]
    reason: str
    notebooks: dict[str, dict]  # by name, with outputs
    cells: list[Row]  # each with the name of its notebook, as "part"
    notes: list[str]
    seconds: float
    peak_mb: float
    sandbox: bool
    handed_in: str  # digest of the submission
    asked: dict[str, str]  # digests of what the homework asked, as Homework.asked
    only: NotRequired[list[str]]  # labels of the tests that were graded again, last


class Result(TypedDict):
    """What came of a job; without notebook if the judge did not finish."""

    homework: str
    student: str
    status: Literal["ok", "failed"]
    reason: str  # why it failed
    notebook: NotRequired[dict]
    cells: list[Row]
    notes: list[str]
    seconds: float
    peak_mb: float
    sandbox: bool
