"""Honest submissions to every homework of the course, and what nbgrader itself gives for them.

``python tests/honest.py`` grades them with ``nbgrader autograde``, stock nbgrader and nothing of
ours, and records the points of each cell in tests/honest_scores.json. It grades those alone whose
answers or tests have changed since (2 s each, with TensorFlow 10 to 25).
"""

import argparse
import hashlib
import json
import re
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from honest_answers import OTHER_ANSWERS
from honest_styles import STYLES, UNFAIR, Draft
from places import COURSE
from stock_nbgrader import nbgrader

from coursekit.homework.nbgrader_course import nbgrader_of, require
from coursekit.homework.release import build, homeworks

RECORDED = Path(__file__).with_name("honest_scores.json")
UNFAIR_TO = "softmax"

# Training a network takes ten seconds or more: few of the submissions do.
TOO_SLOW = {"cnn": {"build_model": "def build_model():\n    raise NotImplementedError()"}}
PATIENT = {"perfect", "kinds_of_callables"}


# Submissions -------------------------------------------------------------------------------


def drafts(homework, course, only=None):
    """Return the submissions to a homework that was released: name and Draft."""
    source, released = (
        nbformat.read(Path(course, step, homework, f"{homework}.ipynb"), 4)
        for step in ("source", "release")
    )
    made = {}
    for name in only or names(homework):
        slow = {} if name in PATIENT else TOO_SLOW.get(homework, {})
        made[name] = draft = Draft(released, source, slow)
        if name in STYLES:
            STYLES[name](draft)
        elif name in UNFAIR:
            UNFAIR[name][0](draft)
        else:
            draft.fill()
            for cell, answer in OTHER_ANSWERS[homework][name].items():
                draft[cell] = answer
    return made


def names(homework):
    """Return the names of the submissions to a homework."""
    return [*STYLES, *OTHER_ANSWERS.get(homework, {})]


def digest(draft):
    """Return a digest of all that the points of a submission depend on."""
    parts = [[c.cell_type, c.source, c.metadata] for c in draft.notebook.cells if _counts(c)]
    text = json.dumps([parts, draft.code, {k: v.hex() for k, v in draft.files.items()}])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _counts(cell):
    return cell.cell_type == "code" or "nbgrader" in cell.metadata


# Courses -----------------------------------------------------------------------------------


def new_course(folder, homework, plain=False):
    """Make a course of one homework, released by nbgrader; plain: with nbgrader's own settings."""
    text = (COURSE / f"{homework}.md").read_text("utf-8")
    settings = (COURSE / "nbgrader_config.py").read_text("utf-8")
    if plain:
        settings = f"c = get_config()\nc.CourseDirectory.root = {str(folder)!r}\n"
    return course_of(folder, homework, text, settings)


def course_of(folder, homework, text, settings):
    """Make a course of one homework with this text, released by nbgrader."""
    Path(folder, "nbgrader_config.py").write_text(settings, "utf-8")
    Path(folder, f"{homework}.md").write_text(text, "utf-8")
    build(homework, folder)
    require(nbgrader_of(folder).generate_assignment(homework))
    return Path(folder)


def hand_in(course, homework, student, draft):
    """Put a submission where nbgrader looks for it."""
    folder = Path(course, "submitted", student, homework)
    for name, content in draft.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{homework}.ipynb").write_text(json.dumps(draft.notebook), "utf-8")


def autograde(course, homework, *options):
    """Run stock nbgrader on a class."""
    return nbgrader(course, "autograde", homework, *options)


def points(course, homework):
    """Return the gradebook: student, and the points of each cell, None where a person marks."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in sorted(notebook.grades, key=lambda grade: grade.name)
            }
            for submission in gradebook.assignment_submissions(homework)
        }


# Record ------------------------------------------------------------------------------------


def recorded(group):
    """Return what is recorded of a homework, or of "unfair": submission, digest and points."""
    table = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    return table.get(group, {})


def record(homework):
    """Return what stock nbgrader gives for each submission to a homework.

    Where its run stops, as it does on a busy machine, it is asked again next time.
    """
    with tempfile.TemporaryDirectory() as folder:
        course, kept = new_course(folder, homework), recorded(homework)
        made = drafts(homework, course)
        found = {name: kept[name] for name in made if name in kept}
        new = [name for name in made if found.get(name, {}).get("of") != digest(made[name])]
        for name in new:
            hand_in(course, homework, name, made[name])
        said = autograde(course, homework).stderr if new else ""
        scores = points(course, homework) if new else {}
        stopped = re.findall(r"processing assignment '.*' for student '(.*)'", said)
        for name in {*new} - {*stopped}:
            found[name] = {"of": digest(made[name]), "points": scores[name]}
        if "perfect" in {*new} - {*stopped}:
            require_full_points(homework, scores["perfect"], full_points(made["perfect"]))
        print(f"{homework}: {len(new)} of {len(made)} graded, not", stopped, flush=True)
        return found


def full_points(draft):
    """Return the points of the cells that nbgrader tests, by name."""
    marks = (cell.metadata.get("nbgrader", {}) for cell in draft.notebook.cells)
    return {m["grade_id"]: m["points"] for m in marks if m.get("grade") and not m.get("solution")}


def require_full_points(homework, perfect, full):
    """Refuse to record a homework whose perfect submission has lost points.

    Then something other than the submissions went wrong, such as an environment that was installed
    anew meanwhile, and the points of the others are worth nothing either.
    """
    less = {name: (perfect.get(name), of) for name, of in full.items() if perfect.get(name) != of}
    if less:
        raise RuntimeError(
            f"{homework}: the perfect submission has not full points, so nothing is recorded: "
            + ", ".join(f"{name} has {points} of {of}" for name, (points, of) in less.items())
        )


def record_unfair(name):
    """Return what nbgrader, with its own settings, gives for a submission and for the next one.

    None: the run for the class has ended before.
    """
    with tempfile.TemporaryDirectory() as folder:
        course = new_course(folder, UNFAIR_TO, plain=True)
        made = drafts(UNFAIR_TO, course, [name, "perfect"])
        kept = recorded("unfair").get(name, {})
        if kept.get("of") == digest(made[name]):
            return kept
        hand_in(course, UNFAIR_TO, "1", made[name])
        hand_in(course, UNFAIR_TO, "2", made["perfect"])
        autograde(course, UNFAIR_TO)
        graded = {path.parts[-3] for path in course.glob(f"autograded/*/{UNFAIR_TO}/*.ipynb")}
        found = points(course, UNFAIR_TO)
        scores = {student: found[student] if student in graded else None for student in "12"}
        return {"of": digest(made[name]), "points": scores["1"], "next": scores["2"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", nargs="*", default=[*homeworks(COURSE), "unfair"])
    wanted = parser.parse_args().group
    with ProcessPoolExecutor(2) as pool:
        if "unfair" in wanted:
            write("unfair", dict(zip(UNFAIR, pool.map(record_unfair, UNFAIR), strict=True)))
        groups = [name for name in wanted if name != "unfair"]
        for name, found in zip(groups, pool.map(record, groups), strict=True):
            write(name, found)


def write(group, found):
    """Write what was found into the table."""
    table = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}
    text = json.dumps(table | {group: found}, indent=1, sort_keys=True)
    RECORDED.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
