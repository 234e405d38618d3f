"""What the command line shows: tables, progress, one sentence for what went wrong."""

import time
from contextlib import contextmanager
from urllib.parse import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coursekit._plain_text import plain

__all__ = [
    "complain",
    "progress",
    "say",
    "show_changes",
    "show_collected",
    "show_exported",
    "show_findings",
    "show_grades",
    "show_overview",
    "show_report",
    "show_similar",
    "track",
]

STATUSES = ("graded", "unchanged", "failed", "unreadable", "skipped")
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def say(text):
    """Print a line; nothing in it is markup or steers the terminal."""
    out.print(Text(plain(text)), soft_wrap=True)


def complain(text, kind="error: "):
    """Print a line to stderr, as an error unless another kind is named."""
    err.print(Text(f"{kind}{plain(text)}"), soft_wrap=True)


def _table(*columns, title=None):
    """Return an empty table; columns of numbers begin with >."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        right = name.startswith(">")
        overflow = "fold" if name in ("note", "message", "says") else "ellipsis"
        table.add_column(name.lstrip(">"), justify="right" if right else "left", overflow=overflow)
    return table


def _add(table, *values, style=None):
    """Add a row; nothing in it is markup or steers the terminal."""
    cells = (value if isinstance(value, Text) else Text(plain(value)) for value in values)
    table.add_row(*cells, style=style)


def _line(text):
    return " ".join(text.split())


# Grades ---------------------------------------------------------------------------------


def show_grades(rows, facts):
    """Print what became of each submission, and of all."""
    table = _table("student", ">score", ">of", "status", ">seconds", "note")
    for row in rows:
        score, most = ("-", "-") if row.score is None else (f"{row.score:g}", f"{row.max_score:g}")
        style = "yellow" if row.score is None else "dim" if row.status == "unchanged" else None
        _add(table, row.student, score, most, row.status, f"{row.seconds:.1f}", _line(row.note),
             style=style)  # fmt: skip
    out.print(table)
    count = {status: sum(row.status == status for row in rows) for status in STATUSES}
    parts = [f"{n} {status}" for status, n in count.items() if n]
    say(f"{facts['homework']}: {', '.join(parts)}, in {facts['seconds']:.1f} s")
    _warn(facts)


def _warn(facts):
    if not facts["sandbox"]:
        complain("students' code ran under your account, without the sandbox", "warning: ")


def show_changes(rows, facts, tests):
    """Print who gained or lost when some tests were graded again, and of whom they were not."""
    kinds = {"gained": [], "lost": [], "as before": [], "not graded again": []}
    for row in rows:
        if row.status not in ("graded", "unchanged"):
            kind = "not graded again"
        else:
            change = 0 if row.before is None else row.score - row.before
            kind = "gained" if change > 0 else "lost" if change < 0 else "as before"
        kinds[kind].append(row)
    table = _table("student", ">before", ">now", ">of", "note")
    for row in [*kinds["gained"], *kinds["lost"]]:
        _add(table, row.student, f"{row.before:g}", f"{row.score:g}", f"{row.max_score:g}",
             _line(row.note))  # fmt: skip
    for row in kinds["not graded again"]:
        now = ("-", "-") if row.score is None else (f"{row.score:g}", f"{row.max_score:g}")
        _add(table, row.student, "", *now, f"{row.status}: {_line(row.note)}", style="yellow")
    if table.row_count:
        out.print(table)
    parts = [f"{len(found)} {kind}" for kind, found in kinds.items() if found]
    names = ", ".join(dict.fromkeys(tests))
    say(f"{facts['homework']}, {names}: {', '.join(parts)}, in {facts['seconds']:.1f} s")
    _warn(facts)


class _Counts:
    """What is done, running and failed; called by grade()."""

    def __init__(self, draw):
        self.draw, self.begun = draw, time.monotonic()
        self.total = self.done = self.failed = self.ran = 0
        self.running = {}

    def __call__(self, event, n=0, student="", row=None, text=""):
        if event == "note":
            complain(text, "note: ")
        if event == "total":
            self.total, self.begun = n, time.monotonic()
        elif event == "start":
            self.running[student] = None
        elif event == "done":
            self.done += 1
            self.failed += row.score is None
            if self.running.pop(row.student, self) is None:
                self.ran += 1
        self.draw(self, event, row)

    @property
    def rate(self):
        """Submissions run a minute."""
        return 60 * self.ran / max(time.monotonic() - self.begun, 1e-9)

    @property
    def left(self):
        """Seconds until all are done, None as long as nobody knows."""
        return 60 * (self.total - self.done) / self.rate if self.ran else None

    def __str__(self):
        parts = [f"{self.done} of {self.total} done"]
        parts += [f"{len(self.running)} running"] if self.running else []
        parts += [f"{self.failed} failed"] if self.failed else []
        if self.left is not None and self.done < self.total:
            minutes, seconds = divmod(round(self.left), 60)
            parts += [f"{self.rate:.0f} a minute", f"{minutes}:{seconds:02d} left"]
        return ", ".join(parts)


@contextmanager
def progress(quiet=False):
    """Yield what grade() calls: a live line on a terminal, else a line for each submission."""
    if quiet or not err.is_terminal:

        def line(counts, event, row):
            if event == "done" and not quiet and row.status != "unchanged":
                complain(f"{row.student}: {row.status} ({counts})", "")

        yield _Counts(line)
        return
    from rich.progress import BarColumn, Progress, TextColumn

    shown = [BarColumn(), TextColumn("{task.description}", markup=False)]
    with Progress(*shown, console=err, transient=True) as bar:
        task = bar.add_task("")
        yield _Counts(
            lambda counts, event, row: bar.update(
                task, total=counts.total, completed=counts.done, description=str(counts)
            )
        )


def track(items):
    """Pass on items; on a terminal a line shows how many are done."""
    from rich.progress import track as bar

    yield from bar(items, "making papers", console=err, transient=True, disable=not err.is_terminal)


# From and to a learning management system ------------------------------------------------


def show_collected(found):
    """Print what an archive of submissions held: all that needs a look, and how many of each."""
    table = _table("student", "status", "note")
    for row in found.rows:
        if row.note or row.status in ("replaced", "older"):
            _add(table, row.student, row.status, _line(row.note))
    if table.row_count:
        out.print(table)
    kinds = ("new", "replaced", "unchanged", "older")
    count = {kind: sum(row.status == kind for row in found.rows) for kind in kinds}
    parts = [f"{n} {kind}" for kind, n in count.items() if n] or ["nothing"]
    say(f"{found.homework}: {', '.join(parts)}")
    for note in found.notes:
        complain(note, "note: ")
    for what, why in found.left:
        complain(f"{what}: {why}", "left out: ")


def show_exported(done):
    """Print what was written."""
    say(f"{done.grades}: the grades of {done.students} students")
    if done.feedback:
        say(f"{done.feedback}: {done.pages} pages of feedback")
    for note in done.notes:
        complain(note, "note: ")


# Reports ---------------------------------------------------------------------------------


def show_report(found):
    """Print a report: histogram and tables."""
    n, most = len(found.scores), found.max_score
    half = f"median {found.median_score:g} of {most:g} points"
    others = f"{len(found.failed)} failed, {len(found.unreadable)} unreadable"
    out.print(Text(f"{found.homework}: {n} graded, {others}, {half}\n"))
    tallest = max(count for _, _, count in found.histogram) or 1
    for low, high, count in found.histogram:
        bar = "█" * round(40 * count / tallest)
        out.print(Text(f"{low:6.3g} to {high:<6.3g} {bar} {count or ''}"))
    for title, columns, rows in _sections(found):
        if rows:
            out.print()
            table = _table(*columns, title=title)
            for row in rows:
                _add(table, *row)
            out.print(table)
    if found.unsafe:
        complain(f"{len(found.unsafe)} submissions ran without the sandbox", "warning: ")


def _sections(found):
    """Yield the tables of a report: title, columns, rows."""
    yield (
        f"Questions, the hardest first; discr.: {found.few or 'discrimination'}",
        (
            "question",
            ">points",
            ">mean",
            ">discr.",
            ">full",
            ">some",
            ">none",
            ">to mark",
            ">seconds",
        ),
        [
            (
                q.name,
                f"{q.points:g}",
                "-" if q.mean_share is None else f"{q.mean_share:.0%}",
                "-" if (r := found.discrimination(q)) is None else f"{round(r, 2) + 0.0:.2f}",
                *(f"{share:.0%}" if q.scores else "-" for share in q.shares),
                len(q.waiting) or "",
                f"{q.typical_seconds:.2f}" if q.seconds else "-",
            )
            for q in found.hardest
        ],
    )
    wrong = [
        (len(students), name, message, _linked(students, found.example(name, students)))
        for name, message, students in found.wrong_answers[:15]
    ]
    columns = (">students", "question", "message", "who")
    yield ("The commonest wrong answers (# is a number)", columns, wrong)
    slow = [(name, f"{usual:.2f}", f"{most:.2f}") for name, usual, most in found.slow[:5]]
    yield ("The slowest cells", ("cell", ">median seconds", ">longest"), slow)
    for title, rows in [
        ("To mark by hand", found.waiting.items()),
        ("Stopped", found.stopped),
        ("Points only together with the student's code", found.together.items()),
        ("Tampered with", found.tampered.items()),
        ("Another paper than the own one", found.other_papers),
    ]:
        yield title, ("student", "cells"), [(student, ", ".join(cells)) for student, cells in rows]
    yield (
        "Not graded",
        ("student", "note"),
        [(who, _line(why)) for who, why in found.not_graded.items()],
    )


def show_similar(found):
    """Print the pairs of submissions that are alike."""
    table = _table("students", ">in common", "cells")
    for pair in found.pairs:
        names = ", ".join(name for name, *_ in pair.cells)
        _add(table, " and ".join(pair.students), f"{pair.share:.0%}", names)
    if found.pairs:
        out.print(table)
    shown = f", {len(found.pairs)} shown" if found.n_pairs > len(found.pairs) else ""
    say(f"{found.homework}: {found.n_pairs} pairs alike among {found.n} submissions{shown}")
    for student, why in found.unreadable.items():
        complain(f"{student}: {_line(why)}", "not read: ")


def _linked(students, example):
    """Return some students, one of them a link to the feedback, for terminals that show links."""
    text = Text(plain(_some(students)))
    if example:
        student, page, label = example
        if student in students[:4]:
            start = text.plain.find(plain(student))
            text.stylize(f"link {page.as_uri()}#{quote(label)}", start, start + len(plain(student)))
    return text


def _some(students):
    return ", ".join(students[:4]) + (" …" if len(students) > 4 else "")


# What a student sees -----------------------------------------------------------------------


def show_findings(found, notebook):
    """Print what the visible checks say; return whether nothing is left to do."""
    from coursekit.homework.validate import SIGNS, points_said, summary

    table = _table("", "cell", "says")
    table.show_header = False
    for finding in found:
        _add(table, SIGNS[finding.kind], finding.cell, finding.text)
    out.print(table)
    say(f"{notebook.name}: {summary(found)}")
    if points := points_said(notebook, found):
        say(points)
    return all(finding.good for finding in found)


def show_overview(rows):
    """Print what is done of each homework."""
    table = _table("homework", "answers", "checks as last run", "in words", "points")
    for row in rows:
        _add(table, row.homework, row.answers, row.checks, row.words, row.points)
    out.print(table)
