"""The command ``coursekit``: hand out a homework, grade it, report, give feedback."""

import json
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

try:
    import typer

    from coursekit.cli import screen
except ModuleNotFoundError as missing:
    sys.exit(f"error: {missing.name} is not installed; run: pip install 'coursekit[grading]'")

from coursekit.homework import release as releases
from coursekit.homework import source as sources
from coursekit.homework.nbgrader_course import is_course
from coursekit.homework.text import HomeworkError

__all__ = ["app"]

KNOWN = (HomeworkError, RuntimeError, OSError)  # what has a message for the reader

HELP = """\
Hand out a homework, grade a class, give feedback.

An nbgrader course: its folders, gradebook and scores; what students wrote runs in a sandbox. \
The way of a homework, step by step:

[bold]1 release[/]    make the students' notebook, in release/
             [cyan]coursekit release softmax[/]
[bold]2 collect[/]    put each at submitted/STUDENT/softmax/softmax.ipynb, or
             [cyan]coursekit import moodle submissions.zip softmax[/]
[bold]3 grade[/]      again at any time: only what is new runs
             [cyan]coursekit grade softmax[/]
[bold]4 report[/]     what was difficult, what waits for its marks
             [cyan]coursekit report softmax --html softmax.html[/]
[bold]5 mark[/]       the written answers, by hand, in nbgrader's formgrader
             [cyan]jupyter lab[/], then Nbgrader → Formgrader
[bold]6 feedback[/]   a page for each student, without the hidden tests
             [cyan]coursekit feedback softmax[/]
[bold]7 export[/]     grades and feedback, for Moodle, Canvas or a spreadsheet
             [cyan]coursekit export moodle softmax grades.csv[/]

Of an exam each student gets a paper: [cyan]coursekit release final --per-student students.csv[/]; \
the rest of the way is the same.

Run it in the course folder (it has nbgrader_config.py) or the folder above its assignments/. \
Students check their work with [cyan]coursekit validate softmax.ipynb[/], \
and see what is done of all with [cyan]coursekit overview[/]
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Homework = Annotated[str, typer.Argument(help="Name of the homework.", metavar="HOMEWORK")]
Every = Annotated[
    str, typer.Argument(help="Name of the homework; default: all.", metavar="[HOMEWORK]")
]
Course = Annotated[
    Path | None,
    typer.Option(help="Course folder; default: this folder or its assignments/.", metavar="DIR"),
]


# What the commands share -------------------------------------------------------------------


@contextmanager
def _told(interrupted="stopped"):
    """Say what went wrong in one sentence, and leave with the right code."""
    try:
        yield
    except KeyboardInterrupt:
        screen.complain(interrupted, "")
        raise typer.Exit(130) from None
    except typer.Exit:
        raise
    except Exception as error:
        if not (isinstance(error, KNOWN) or type(error).__module__.startswith("sqlalchemy")):
            raise  # a mistake of ours: whoever reports it needs the traceback
        said = str(error).split("\n(Background on")[0]
        if "no such column" in said or "no such table" in said:
            said = (
                "the gradebook is of an older nbgrader; back it up, then run: nbgrader db upgrade"
            )
        screen.complain(said)
        raise typer.Exit(1) from None


def _course(course):
    """Return the course folder: the one named, this one, or its assignments/."""
    if course is not None:
        if not is_course(course):
            raise HomeworkError(f"no nbgrader_config.py in {course}; name another --course.")
        return course
    for folder in (Path("."), Path("assignments")):
        if is_course(folder):
            return folder
    raise HomeworkError("no course here: no nbgrader_config.py; go to its folder, or use --course.")


def _names(homework, course):
    """Return the homework named, or all there are."""
    if homework and sources.is_text(homework, course):
        return [homework]
    names = sources.homeworks(course)
    if not names:
        raise HomeworkError(
            f"no homework in {course}; it should hold notebooks such as source/NAME/NAME.ipynb, "
            "or texts such as NAME.md."
        )
    if homework and homework not in names:
        known = ", ".join(names) or "none"
        raise HomeworkError(f"no homework called {homework!r} in {course}; there are: {known}.")
    return [homework] if homework else names


# Release -----------------------------------------------------------------------------------


@app.command("list")
def list_(homework: Every = "", course: Course = None):
    """Name the homeworks and their points."""
    with _told():
        folder = _course(course)
        exams = [] if homework else sources.exams(folder)
        known = sources.homeworks(folder) if exams else _names(homework, folder)
        for name in [*known, *exams]:
            try:
                points = sources.points_of_source(name, folder)
                screen.say(f"{name}: {points:g} points{', an exam' * (name in exams)}")
            except HomeworkError as error:  # which concerns this one
                screen.complain(f"{name}: {error}")


@app.command()
def release(
    homework: Every = "",
    per_student: Annotated[
        Path | None,
        typer.Option(
            help="Of an exam: make a paper for each student in this table, CSV with a column id.",
            metavar="CSV",
        ),
    ] = None,
    course: Course = None,
):
    """Make and try out the students' notebook.

    It goes to release/. Submissions and gradebook are not touched.
    """
    with _told("stopped; run it again: papers that are made stay the same"):
        folder = _course(course)
        if per_student:
            from coursekit.homework.papers import release_papers

            if not homework:
                raise HomeworkError("whose papers? Name the exam, before --per-student.")
            _names(homework, folder)
            paths = release_papers(homework, folder, per_student, screen.track)
            screen.say(
                f"{homework}: {len(paths)} papers, each tried with its answers and without; hand "
                f"out each to its student, such as {paths[0]}"
            )
            return
        for name in _names(homework, folder):
            path = releases.release(name, folder)
            screen.say(f"{name}: hand out {path}")


@app.command()
def copy(homework: Every = "", course: Course = None):
    """Put a copy to work on into lab/homework/, never over one that is there."""
    with _told():
        folder = _course(course)
        lab = folder.resolve().parent / "lab" / "homework"
        for name in _names(homework, folder):
            path = releases.copy(name, folder, lab)
            screen.say(f"{name}: yours to work on, {path}")


# Grade -------------------------------------------------------------------------------------


@contextmanager
def _page(homework, folder, wanted):
    """Yield what keeps the local page up to date; nothing where none is wanted."""
    if not wanted:
        yield lambda event, **facts: None
        return
    from coursekit.grading.pages.live import served

    with served(homework, folder) as (address, live):
        screen.complain(address, "see how far it is: ")
        yield live


@app.command()
def grade(
    homework: Homework,
    student: Annotated[
        list[str] | None, typer.Option(help="Only this one; may be repeated.", metavar="ID")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Submissions at once; default: cores + 1.", min=1)
    ] = None,
    course: Course = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler to run on, tcp://HOST:8786.", metavar="URL")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run again what is graded.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
    tests: Annotated[
        str | None,
        typer.Option(
            help="Where tests run: apart from students' code, together with it, or both: together "
            "what fails apart.",
            metavar="apart|together|both",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this test, again for everybody, after it was mended; may be repeated.",
            metavar="CELL",
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Show on a local page how far it is, too.")
    ] = False,
    read_only: Annotated[
        list[str] | None,
        typer.Option(help="Show this path to students' code; may be repeated.", metavar="PATH"),
    ] = None,
    unsafe: Annotated[
        bool,
        typer.Option("--unsafe-no-sandbox", help="Run students' code under your own account."),
    ] = False,
):
    """Grade what is new in submitted/.

    Stopped at any moment and run again, it goes on where it was.

    The exit code is 0 when every submission has a result, be it that it cannot be graded.

    A test that you have mended: --only runs the answers and this test, leaves all other scores and
    what you marked by hand as they are, and says who gained or lost.

    Example: coursekit grade softmax --jobs 4
    """
    with _told("stopped; what is graded stays graded: run it again to go on"):
        folder = _course(course)
        _names(homework, folder)
        from coursekit.grading.grade import grade as run

        begun = time.monotonic()
        with screen.progress(quiet=as_json) as progress, _page(homework, folder, serve) as page:

            def tell(event, **facts):
                progress(event, **facts)
                page(event, **facts)

            rows = run(
                homework,
                folder,
                students=tuple(student or ()),
                jobs=jobs,
                scheduler=scheduler,
                force=force,
                sandbox=not unsafe,
                tests=tests,
                only=tuple(only or ()),
                read_only=tuple(str(Path(path).absolute()) for path in read_only or ()),
                progress=tell,
            )
        seconds = time.monotonic() - begun
    facts = {"homework": homework, "sandbox": not unsafe, "seconds": round(seconds, 3)}
    if as_json:
        typer.echo(json.dumps(facts | {"rows": [asdict(row) for row in rows]}, indent=1))
    elif only:
        screen.show_changes(rows, facts, only)
    else:
        screen.show_grades(rows, facts)
    if len(rows) < progress.total:
        screen.complain(f"{progress.total - len(rows)} submissions have no result; run it again.")
        raise typer.Exit(1)


# From and to a learning management system ----------------------------------------------------

Roster = Annotated[
    Path | None,
    typer.Option(
        help="Who is who: the grading worksheet of Moodle, or the gradebook that Canvas exports.",
        metavar="FILE.csv",
    ),
]


@app.command("import")
def import_(
    system: Annotated[Literal["moodle", "canvas"], typer.Argument(help="Where it comes from.")],
    archive: Annotated[
        Path, typer.Argument(help="All submissions, as downloaded.", metavar="FILE.zip")
    ],
    homework: Homework,
    roster: Roster = None,
    course: Course = None,
):
    """Put what Moodle or Canvas has collected into submitted/.

    Of several submissions the newest counts; run it again at any time, only what is new is
    replaced. What cannot be told is named and left out; the exit code is then 1.

    Example: coursekit import moodle submissions.zip softmax --roster worksheet.csv
    """
    with _told():
        from coursekit.grading.lms.collect import collect

        folder = _course(course)
        _names(homework, folder)
        found = collect(system, archive, homework, folder, roster)
    screen.show_collected(found)
    raise typer.Exit(1 if found.left else 0)


@app.command()
def export(
    system: Annotated[
        Literal["moodle", "canvas", "csv"], typer.Argument(help="For whom; csv: a spreadsheet.")
    ],
    homework: Homework,
    path: Annotated[Path, typer.Argument(help="The table to write.", metavar="FILE.csv")],
    roster: Roster = None,
    course: Course = None,
):
    """Write the grades as Moodle or Canvas import them.

    The feedback pages, if there are any, go into a zip file beside it, under the names that the
    system expects.

    Example: coursekit export canvas softmax grades.csv --roster gradebook.csv
    """
    with _told():
        from coursekit.grading.lms.export import export as write

        screen.show_exported(write(system, homework, path, _course(course), roster))


# Report and feedback -----------------------------------------------------------------------


@app.command()
def report(
    homework: Homework,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots.", metavar="FILE")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a row a student.", metavar="FILE")] = None,
    course: Course = None,
):
    """Say how a homework went, and what is left to do."""
    with _told():
        from coursekit.grading.pages import report as reports

        found = reports.read_report(homework, _course(course))
        screen.show_report(found)
        for path, write in [(html, reports.to_html), (csv, reports.to_csv)]:
            if path:
                write(found, path)
                screen.say(f"written: {path}")


@app.command()
def similar(
    homework: Homework,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with the pairs side by side.", metavar="FILE")
    ] = None,
    course: Course = None,
):
    """Name submissions that are alike, beyond what the notebook gives.

    Names, layout and comments do not count, nor does what many of the class have. That two are
    alike does not tell why.
    """
    with _told():
        from coursekit.grading import similar as similars

        found = similars.read_similar(homework, _course(course))
        screen.show_similar(found)
        if html:
            similars.to_html(found, html)
            screen.say(f"written: {html}")


@app.command()
def feedback(homework: Homework, course: Course = None):
    """Write a page for each student, without the tests."""
    with _told():
        from coursekit.grading.pages.feedback import feedback as write

        folder = _course(course)
        pages = write(homework, folder)
        missing = {student: why for student, why in pages.items() if isinstance(why, str)}
        for student, why in missing.items():
            screen.complain(f"{student}: {why}")
        made = len(pages) - len(missing)
        example = next((path for path in pages.values() if not isinstance(path, str)), folder)
        screen.say(f"{homework}: {made} pages, such as {example}")
        if missing:
            raise typer.Exit(1)


# For students ------------------------------------------------------------------------------


@app.command()
def validate(
    notebook: Annotated[Path, typer.Argument(help="The homework, NAME.ipynb.")],
):
    """Run a homework and say what its checks say.

    It needs the notebook alone. Nothing is changed or sent. The exit code is 0 when every check
    passes and every answer is there.
    """
    from rich.status import Status

    with _told():
        from coursekit.homework.validate import validate as run

        with Status("starting Python", console=screen.err) as status:
            found = run(notebook, progress=lambda name: status.update(f"running {name}"))
    good = screen.show_findings(found, notebook)
    raise typer.Exit(0 if good else 1)


@app.command()
def overview(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Where your copies are; default: lab/homework.", metavar="[FOLDER]"),
    ] = None,
):
    """Say of each homework what is done.

    Nothing runs: it reads the notebooks as they were saved.
    """
    with _told():
        from coursekit.homework.overview import overview as read

        screen.show_overview(read(folder or Path("lab", "homework")))


if __name__ == "__main__":
    app()
