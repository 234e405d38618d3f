"""What a graded homework tells its instructor: points, difficult questions, wrong answers.

Points come from nbgrader's gradebook, messages and seconds from the results that grading keeps in
``.coursekit/``.
"""

import csv
import json
import os
import re
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import StatisticsError, correlation, mean, median
from urllib.parse import quote

from coursekit._plain_text import plain
from coursekit.homework.nbgrader_course import folders_of, nbgrader_of
from coursekit.homework.papers import HANDED_IN
from coursekit.homework.source import exams
from coursekit.homework.text import HomeworkError

__all__ = ["Report", "inert", "kept_result", "message_of", "read_report", "to_csv", "to_html"]

BINS = 10  # of the histogram
FEWEST = 20  # answers from which a correlation is told: its standard error is then about 0.2


@dataclass
class Question:
    """A graded cell: its points, what became of it, and the seconds its test took."""

    name: str
    points: float
    place: tuple = ("", "")  # its notebook, and its own name in it
    scores: list = field(default_factory=list)
    waiting: list = field(default_factory=list)  # students
    seconds: list = field(default_factory=list)
    messages: dict = field(default_factory=lambda: defaultdict(list))  # message: students

    @property
    def shares(self):
        """Shares of the marked answers with full, some and no points."""
        n = max(1, len(self.scores))
        full = sum(score >= self.points for score in self.scores)
        none = sum(score <= 0 for score in self.scores)
        return full / n, (len(self.scores) - full - none) / n, none / n

    @property
    def mean_share(self):
        """The mean share of its points, None as long as nothing is marked: small if difficult."""
        return mean(self.scores) / self.points if self.scores and self.points else None

    @property
    def typical_seconds(self):
        """The median of its seconds, 0 if it was never run."""
        return median(self.seconds) if self.seconds else 0.0


@dataclass
class Report:
    """All that is known of a graded homework."""

    homework: str
    max_score: float = 0.0
    scores: dict = field(default_factory=dict)  # student: score, late penalty taken off
    questions: list = field(default_factory=list)
    marks: dict = field(default_factory=dict)  # student: {question: score, None without any yet}
    seconds: dict = field(default_factory=dict)  # student
    slow: list = field(default_factory=list)  # cell, median seconds, longest seconds
    stopped: list = field(default_factory=list)  # student, cells
    failed: dict = field(default_factory=dict)  # student: reason
    unreadable: dict = field(default_factory=dict)  # student: why nothing can be graded
    unsafe: list = field(default_factory=list)  # students graded without the sandbox
    together: dict = field(default_factory=dict)  # student: cells whose points only together gave
    tampered: dict = field(default_factory=dict)  # student: cells in which a test was tampered with
    other_papers: list = field(default_factory=list)  # of an exam: student, what was handed in
    parts: set = field(default_factory=set)  # names of the notebooks
    pages: dict = field(default_factory=dict)  # (student, notebook): feedback page that is there

    def label(self, part, name):
        """Return what a cell is called: with its notebook where there are several."""
        return name if len(self.parts) < 2 else f"{part}: {name}"

    @property
    def waiting(self):
        """Students with answers to mark by hand, and which."""
        found = defaultdict(list)
        for question in self.questions:
            for student in question.waiting:
                found[student].append(question.name)
        return dict(sorted(found.items()))

    @property
    def not_graded(self):
        """Students without a result, and why."""
        return self.failed | self.unreadable

    @property
    def hardest(self):
        """The questions, those with the smallest mean share of the points first."""
        return sorted(self.questions, key=lambda q: (q.mean_share is None, q.mean_share or 0))

    def discrimination(self, question):
        """Return how well a question tells apart who has many of the other points and who few.

        It is the corrected item-total correlation [1]_: of the points of the question and those of
        all other questions; for a question with full or no points the point-biserial one. Near 1,
        who solves it is good at the rest; near 0, it tells nothing of that; below 0, look at it.

        Parameters
        ----------
        question : Question

        Returns
        -------
        float or None
            None if fewer than 20 answers are marked, or if all have the same points. A question
            that still waits for marks does not count among the others.

        References
        ----------
        .. [1] F. M. Lord and M. R. Novick, *Statistical Theories of Mental Test Scores*,
           Addison-Wesley 1968, section 15.3.
        """
        others = [one.name for one in self.questions if one is not question and not one.waiting]
        pairs = [
            (own, sum(marks.get(name) or 0 for name in others))
            for marks in self.marks.values()
            if (own := marks.get(question.name)) is not None
        ]
        if len(pairs) < FEWEST:
            return None
        with suppress(StatisticsError):  # one side is constant
            return correlation(*zip(*pairs, strict=True))

    @property
    def few(self):
        """A sentence if too few answers are marked for any correlation, else ""."""
        most = max((len(question.scores) for question in self.questions), default=0)
        if most >= FEWEST:
            return ""
        return f"discrimination is told from {FEWEST} marked answers on, there are {most}"

    def example(self, question, students):
        """Return a student and a link to the feedback on a question, None if there is none."""
        part, name = next(q.place for q in self.questions if q.name == question)
        for student in students:
            if page := self.pages.get((student, part)):
                return student, page, f"question-{name}"
        return None

    @property
    def histogram(self):
        """Counts of the scores in equal parts of the points, as (from, to, count)."""
        width = (self.max_score or 1) / BINS
        counts = Counter(min(BINS - 1, max(0, int(s / width + 1e-9))) for s in self.scores.values())
        return [(k * width, (k + 1) * width, counts[k]) for k in range(BINS)]

    @property
    def wrong_answers(self):
        """The messages of failed tests as (question, message, students), the commonest first."""
        every = [
            (question.name, message, sorted(students))
            for question in self.questions
            for message, students in question.messages.items()
        ]
        return sorted(every, key=lambda row: (-len(row[2]), row[0], row[1]))

    @property
    def median_score(self):
        """The median of the scores."""
        return median(self.scores.values()) if self.scores else 0.0


def read_report(homework, course="assignments"):
    """Read gradebook and results.

    Parameters
    ----------
    homework : str
    course : str or Path

    Returns
    -------
    Report

    Raises
    ------
    HomeworkError
        If nothing of the homework is graded.
    """
    api = nbgrader_of(course)
    report = Report(homework)
    with api.gradebook as gradebook:
        _add_grades(report, gradebook)
    if not report.scores:
        raise HomeworkError(f"nothing of {homework} is graded; run: coursekit grade {homework}")
    folder = Path(api.coursedir.root, ".coursekit", homework)
    _add_results(report, folder)
    _add_unreadable(report, folder.with_name(f"{homework}.jsonl"))
    _add_pages(report, api.coursedir)
    if homework in exams(course):
        _add_other_papers(report, folder)
    return report


# Reading -----------------------------------------------------------------------------------


def _add_grades(report, gradebook):
    """Add the points of every graded cell, in three queries for the whole class."""
    from nbgrader.api import (
        Assignment,
        BaseCell,
        Grade,
        Notebook,
        SubmittedAssignment,
        SubmittedNotebook,
    )

    query = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.score,
            Grade.max_score,
            Grade.needs_manual_grade,
        )
        .select_from(Grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(Notebook, BaseCell.notebook_id == Notebook.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == report.homework)
        .order_by(SubmittedAssignment.student_id)
    )
    questions = {}
    for student, part, name, score, points, waits in query:
        report.parts.add(part)
        name = part, name
        question = questions.setdefault(name, Question(name, points, name))
        if waits:
            question.waiting.append(student)
        else:
            question.scores.append(score)
        report.marks.setdefault(student, {})[name] = None if waits and not score else score
        report.scores[student] = report.scores.get(student, 0.0) + score
    late = (
        gradebook.db.query(
            SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .where(Assignment.name == report.homework)
    )
    for student, penalty in late:
        if student in report.scores:
            report.scores[student] = max(0.0, report.scores[student] - (penalty or 0.0))
    report.questions = list(questions.values())
    for question in report.questions:
        question.name = report.label(*question.name)
    report.marks = {
        student: {report.label(*name): score for name, score in marks.items()}
        for student, marks in report.marks.items()
    }
    report.max_score = sum(question.points for question in report.questions)


def _add_results(report, folder):
    """Add messages and seconds from the results that grading has kept."""
    questions = {question.name: question for question in report.questions}
    times, places = defaultdict(list), {}
    for path in sorted(folder.glob("*.msgpack")):
        if not (result := kept_result(path)):
            continue
        student = result["student"]
        report.seconds[student] = result["seconds"]
        if not result["sandbox"]:
            report.unsafe.append(student)
        if result["status"] != "ok":
            report.failed[student] = plain(result["reason"])
            continue
        stopped = []
        for cell in result["cells"]:
            name = report.label(cell.get("part"), cell["id"] or f"cell {cell['index']}")
            if kind := cell.get("together"):
                place = report.together if kind == "passed" else report.tampered
                place.setdefault(student, []).append(name)
            if cell["stopped"]:
                stopped.append(name)
            if not cell["id"]:
                continue  # of one student alone
            places.setdefault(name, (cell.get("part") or "", cell["index"]))
            times[name].append(cell["seconds"])
            if question := questions.get(name):
                question.seconds.append(cell["seconds"])
                if cell["error"]:
                    question.messages[message_of(cell["error"])].append(student)
        if stopped:
            report.stopped.append((student, stopped))
    slow = [(name, median(values), max(values)) for name, values in times.items()]
    report.slow = sorted(slow, key=lambda row: -row[1])
    report.questions.sort(key=lambda question: places.get(question.name, ("~", 0)))


def _add_unreadable(report, journal):
    """Add those of whom nothing could be graded, by the journal of the grading."""
    lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
    last = {}
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue  # cut off
        last[record["student"]] = record
    for student, record in last.items():
        if record["event"] == "unreadable":
            report.unreadable[student] = plain(record["reason"])


def _add_pages(report, coursedir):
    """Add the feedback pages that there are."""
    folders = folders_of(coursedir, coursedir.feedback_directory, report.homework)
    for student, folder in folders.items():
        for page in folder.glob("*.html"):
            report.pages[student, page.stem] = page.resolve()


def kept_result(path):
    """Return a result that grading has kept, {} if it is not there or was cut off."""
    import msgpack

    try:
        return msgpack.unpackb(path.read_bytes(), unicode_errors="surrogatepass")[1]
    except (OSError, ValueError, msgpack.UnpackException):
        return {}  # grading will run it again


def _add_other_papers(report, folder):
    """Add who has handed in another paper than the own one."""
    for path in sorted(folder.glob("*.msgpack")):
        if result := kept_result(path):
            notes = [plain(note) for note in result["notes"] if note.startswith(HANDED_IN)]
            report.other_papers += [(result["student"], [note]) for note in notes]


def message_of(error):
    """Return what wrong answers of one kind have in common: a message without its numbers."""
    kind, _, said = plain(error).partition(": ")
    first = (said.strip().splitlines() or [""])[0]
    is_said = kind in ("AssertionError", "CheckFailed") and first
    text = first if is_said else f"{kind}: {first}".removesuffix(": ")
    return re.sub(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)", "#", text)[:300]


# Writing -----------------------------------------------------------------------------------


def to_csv(report, path):
    """Write one row a student: score, seconds, what is left to do, and every question's points."""
    names = [question.name for question in report.questions]
    stopped = {student: " ".join(cells) for student, cells in report.stopped}
    waiting, together, tampered = (
        {student: " ".join(cells) for student, cells in found.items()}
        for found in (report.waiting, report.together, report.tampered)
    )
    students = sorted({*report.scores, *report.not_graded})
    columns = (waiting, stopped, report.not_graded, together, tampered)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        fixed = ["student", "score", "max_score", "seconds", "to_mark", "stopped", "failed"]
        fixed += ["only_together", "tampered"]
        writer.writerow([*fixed, *map(inert, names)])
        for student in students:
            seconds = report.seconds.get(student)
            row = [
                inert(student),
                report.scores.get(student, ""),
                report.max_score,
                "" if seconds is None else f"{seconds:.2f}",
                *(inert(who.get(student, "")) for who in columns),
            ]
            marks = report.marks.get(student, {})
            writer.writerow([*row, *("" if marks.get(n) is None else marks[n] for n in names)])


def inert(text):
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def to_html(report, path):
    """Write a page with plots that needs nothing else, day or night."""
    from coursekit.grading.pages.render import stylesheet, template

    def example(question, students):
        if found := report.example(question, students):
            student, page, label = found
            near = Path(os.path.relpath(page, Path(path).resolve().parent)).as_posix()
            return {"student": student, "link": f"{quote(near)}#{quote(label)}"}
        return None

    text = template("report.html").render(
        report=report,
        most=max(count for _, _, count in report.histogram) or 1,
        example=example,
        style=stylesheet(),
    )
    Path(path).write_text(text, encoding="utf-8", errors="replace")
