"""What the runner, the judge and the grading flow hand to each other: plain data, by msgpack."""

from typing import Literal, NotRequired, TypedDict

from coursekit.grading.sandbox.limits import Limits

__all__ = ["Job", "JudgeAnswer", "Result", "Row"]


class Job(TypedDict):
    """One submission to run."""

    homework: str
    student: str
    notebook: dict  # the canonical one, with all its tests
    names: dict[str, list[str]]  # solution cell: what it defines
    modules: NotRequired[dict[str, dict[str, str]]]  # solution cell: module and its import
    preload: list[str]  # statements that import what the homework needs
    files: dict[str, bytes]  # those of the submission and of the homework
    given: NotRequired[list[str]]  # which of them the homework gives
    limits: Limits
    sandbox: bool  # False: run without one


class Row(TypedDict):
    """What became of one code cell."""

    id: str | None
    index: int
    role: Literal["own", "locked", "test"]
    seconds: float
    error: str  # kind and message, "" if there was none
    stopped: bool


class JudgeAnswer(TypedDict):
    """What the judge says of a submission."""

    notebook: dict  # with outputs
    cells: list[Row]
    notes: list[str]  # for the instructor
    loaded: list[str]  # modules that the tests have imported


class Result(TypedDict):
    """What the grading keeps of a submission; without notebook if the judge did not finish."""

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
