"""Does ``coursekit grade`` give your course the points of ``nbgrader autograde``?

``python tests/against_nbgrader.py COURSE [HOMEWORK ...]`` copies a course into a temporary
folder and hands in, for each homework, a perfect submission (the source with its answers), an empty
one (what is released) and a half one (every other answer), beside what lies in ``submitted/``.
Stock nbgrader grades them, which runs them without a sandbox, and so does coursekit; the scores
that the tests get are compared cell by cell.

Exits with status 1 if a cell has fewer points than from nbgrader.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import nbformat
from stock_nbgrader import nbgrader

from coursekit.grading.grade import grade
from coursekit.homework.nbgrader_course import coursedir_of, folders_of, nbgrader_of
from coursekit.homework.source import build, homeworks

NOT_COPIED = ("submitted", "release", "autograded", "feedback", "gradebook.db", ".*", "_build")


def copy_of(course, folder):
    """Copy a course without what was made of it; its configuration names the new folder."""
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    here = Path(folder).resolve()
    with open(folder / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write("\nc = get_config()\n")
        config.write(f"c.CourseDirectory.root = {str(here)!r}\n")
        config.write(f"c.CourseDirectory.db_url = 'sqlite:///{here}/gradebook.db'\n")
    return here


def run(course, *arguments):
    """Run a command of stock nbgrader; return whether it went well, and print why if not."""
    done = nbgrader(course, *arguments)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if "ERROR" in line]
        print(f"  nbgrader {arguments[0]}: {(errors or ['failed'])[-1][-300:]}")
    return done.returncode == 0


# Submissions -------------------------------------------------------------------------------


def hand_in(course, stock, homework):
    """Put perfect, empty, half and the course's own submissions into a copy of the course."""
    folder = coursedir_of(stock)
    place = {
        step: Path(folder.format_path(getattr(folder, f"{step}_directory"), ".", homework))
        for step in ("source", "release")
    }
    for student, step in [("made-perfect", "source"), ("made-empty", "release"),
                          ("made-half", "release")]:  # fmt: skip
        target = Path(folder.format_path(folder.submitted_directory, student, homework))
        shutil.copytree(place[step], target)
        if student == "made-half":
            for path in target.glob("*.ipynb"):
                answer_half(path, place["source"] / path.name)
    own = coursedir_of(course)
    for student, given in folders_of(own, own.submitted_directory, homework).items():
        target = Path(folder.format_path(folder.submitted_directory, student, homework))
        shutil.copytree(given, target, dirs_exist_ok=True)


def answer_half(path, source):
    """Answer every other solution cell of a released notebook as its source does."""
    handed_out, answers = nbformat.read(path, 4), nbformat.read(source, 4)
    texts = {name: cell.source for cell in answers.cells if (name := solution(cell))}
    for number, cell in enumerate(filter(solution, handed_out.cells)):
        if number % 2 == 0:
            cell.source = texts[solution(cell)]
    nbformat.write(handed_out, path)


def solution(cell):
    """Return the name of a code cell with an answer, or None."""
    marks = cell.metadata.get("nbgrader", {})
    return marks.get("grade_id") if marks.get("solution") and cell.cell_type == "code" else None


# Scores ------------------------------------------------------------------------------------


def scores(course, homework):
    """Return the scores of the tests in a gradebook, by student, notebook and cell."""
    with nbgrader_of(course).gradebook as gradebook:
        return {
            (submission.student.id, part.name, found.name): found.auto_score
            for submission in gradebook.assignment_submissions(homework)
            for part in submission.notebooks
            for found in part.grades
            if found.auto_score is not None
        }


def said(course, homework, student, part, name):
    """Return what a test says in a graded notebook: kind and message of its error."""
    folder = coursedir_of(course)
    place = Path(folder.format_path(folder.autograded_directory, student, homework))
    if not (path := place / f"{part}.ipynb").exists():
        return "not graded"
    for cell in nbformat.read(path, 4).cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == name:
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    return f"{output.ename}: {output.evalue}"[:120]
                if output.get("name") == "stderr":
                    return f"stderr: {output.text.strip()[-100:]}"
    return "no error"


def compare(course, homework, place):
    """Grade a homework by both; print and return how many cells are the same, more, fewer."""
    place.mkdir()
    stock = copy_of(course, place / "stock")
    build(homework, stock)
    folder = coursedir_of(stock)
    source = folder.format_path(folder.source_directory, ".", homework)
    run(stock, "update", source)  # metadata of older schemas
    if not run(stock, "generate_assignment", homework, "--create", "--force"):
        return Counter()
    hand_in(course, stock, homework)
    ours = copy_of(course, place / "ours")
    shutil.copytree(stock / folder.submitted_directory, ours / folder.submitted_directory)
    run(stock, "autograde", homework, "--create", "--force")
    rows = grade(homework, ours, progress=told)
    for row in rows:
        if row.score is None:
            print(f"  {row.student}: {row.status}, {row.note}")
    theirs, found = scores(stock, homework), scores(ours, homework)
    count = Counter()
    for key in sorted({*theirs, *found}):
        there, here = theirs.get(key), found.get(key)
        if there is None:
            kind = "not graded by nbgrader"
        else:
            kind = "same" if there == here else "more" if (here or 0) > there else "fewer"
        count[kind] += 1
        if kind != "same":
            student, part, name = key
            print(f"  {student}, {part}: {name}: nbgrader {there}, here {here}")
            print(f"    nbgrader: {said(stock, homework, *key)}")
            print(f"    here: {said(ours, homework, *key)}")
    together = sum("only together" in row.note for row in rows)
    print(
        f"{homework}: {count['same']} cells same, {count['more']} with more points than from "
        f"nbgrader, {count['fewer']} with fewer, {count['not graded by nbgrader']} that it left; "
        f"{together} submissions need tests together"
    )
    return count


def told(event, text="", **facts):
    """Print what concerns the course, as grade's ``progress``."""
    if event == "note":
        print(f"  {text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("course", type=Path)
    parser.add_argument("homework", nargs="*", help="default: all")
    given = parser.parse_args()
    count = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for k, homework in enumerate(given.homework or homeworks(given.course)):
            count += compare(given.course, homework, Path(folder, str(k)))
    return 1 if count["fewer"] else 0


if __name__ == "__main__":
    sys.exit(main())
