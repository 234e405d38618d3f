"""The same points as stock nbgrader for honest work, and fairer ones where nbgrader is unfair.

What nbgrader gives is recorded in tests/honest_scores.json (see honest.py); one test runs it
again for a few. Every homework is graded for 9 of its honest submissions, so that each style is
graded for several homeworks. All of them take some minutes:
``python tests/test_equivalence.py [HOMEWORK ...]``.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import honest
import pytest
from patience import patience

from coursekit.grading.grade import grade
from coursekit.homework.release import homeworks

HOMEWORKS = homeworks(honest.COURSE)
CHANGED = "changed since it was recorded; run python tests/honest.py"


def graded(folder, homework, names):
    """Grade submissions of ours; return drafts, rows and points by name."""
    course = honest.new_course(folder, homework)
    made = honest.drafts(homework, course, names)
    for name, draft in made.items():
        honest.hand_in(course, homework, name, draft)
    rows = {row.student: row for row in grade(homework, course)}
    return made, rows, honest.points(course, homework)


def differences(homework, made, points):
    """Return where ours differ from the recorded points of stock nbgrader."""
    kept = honest.recorded(homework)
    for name, draft in made.items():
        assert kept.get(name, {}).get("of") == honest.digest(draft), (
            f"{homework}, {name}: {CHANGED}"
        )
    return {
        (name, cell): (points[name].get(cell), score)
        for name in made
        for cell, score in kept[name]["points"].items()
        if points[name].get(cell, "absent") != score
    }


# Honest work -------------------------------------------------------------------------------


def some(homework):
    """Return 9 submissions or more: what only this homework has, and some of the styles."""
    start = (4 * HOMEWORKS.index(homework) + 13) % len(honest.STYLES)
    styles = [*honest.STYLES][start:] + [*honest.STYLES][:start]
    others = honest.OTHER_ANSWERS.get(homework, {})
    return [*dict.fromkeys(["perfect", *others, *styles])][: max(9, len(others) + 4)]


def test_every_style_is_tried_for_several_homeworks():
    tried = [name for homework in HOMEWORKS for name in some(homework)]
    assert min(tried.count(name) for name in honest.STYLES) >= 2


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_same_points_as_nbgrader(homework, tmp_path):
    made, rows, points = graded(tmp_path, homework, some(homework))
    assert len(made) >= 9
    assert {row.status for row in rows.values()} == {"graded"}
    assert differences(homework, made, points) == {}
    perfect = rows["perfect"]
    by_hand = [name for name, score in points["perfect"].items() if score is None]
    assert (perfect.score, perfect.max_score) == (40, 50)
    assert perfect.note == f"to mark by hand: {', '.join(by_hand)}"
    by_hand = [row for row in rows.values() if "to mark by hand" in row.note]
    assert len(by_hand) == sum(None in points[name].values() for name in made) > 0


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_the_record_is_complete_and_tells_good_from_bad(homework):
    kept = honest.recorded(homework)
    assert kept.keys() == {*honest.names(homework)}, CHANGED
    totals = {
        name: sum(score or 0 for score in entry["points"].values()) for name, entry in kept.items()
    }
    assert totals["perfect"] == 40
    assert totals["untouched"] == totals["blanked"] == totals["comments_only"] == 0
    assert len({*totals.values()}) >= 5


def test_nbgrader_still_gives_what_is_recorded(tmp_path):
    homework, names = "softmax", ["overwrites_arguments"]
    course = honest.new_course(tmp_path, homework)
    made = honest.drafts(homework, course, names)
    for name, draft in made.items():
        honest.hand_in(course, homework, name, draft)
    done = honest.autograde(course, homework)
    assert done.returncode == 0, done.stderr
    assert differences(homework, made, honest.points(course, homework)) == {}


# Where nbgrader is unfair ------------------------------------------------------------------


@pytest.fixture(scope="module")
def fair(tmp_path_factory):
    """Grade what nbgrader treats unfairly, with settings of nbgrader's own."""
    course = honest.new_course(tmp_path_factory.mktemp("fair"), honest.UNFAIR_TO, plain=True)
    made = honest.drafts(honest.UNFAIR_TO, course, ["perfect", *honest.UNFAIR])
    for name, draft in made.items():
        honest.hand_in(course, honest.UNFAIR_TO, name, draft)
    rows = {row.student: row for row in grade(honest.UNFAIR_TO, course)}
    return course, made, rows, honest.points(course, honest.UNFAIR_TO)


@pytest.mark.parametrize("name", honest.UNFAIR)
def test_nobody_gets_more_or_less_than_earned(fair, name):
    _, made, rows, points = fair
    kept = honest.recorded("unfair").get(name, {})
    assert kept.get("of") == honest.digest(made[name]), CHANGED
    deserved = honest.UNFAIR[name][1]
    earned = {cell: score for cell, score in points[name].items() if score is not None}
    best = {cell: score for cell, score in points["perfect"].items() if score is not None}
    assert sum(best.values()) == 40
    assert rows[name].status == "graded"
    if deserved == "everything":
        assert {cell: earned[cell] for cell in best} == best
    else:
        assert not any(earned.values())
    theirs = kept["points"]
    assert theirs is None or any(theirs[cell] != earned[cell] for cell in best)


def test_one_copied_cell_ends_nbgraders_run_and_not_ours(fair):
    _, _, rows, _ = fair
    assert honest.recorded("unfair")["a copied cell"]["next"] is None
    assert {row.status for row in rows.values()} == {"graded"}


# What an instructor does next --------------------------------------------------------------


def nbgrader(course, *arguments):
    done = honest.nbgrader(course, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_feedback_and_export_of_nbgrader(fair):
    course, _, rows, _ = fair
    nbgrader(course, "generate_feedback", honest.UNFAIR_TO, "--student=odd metadata")
    (page,) = course.glob(f"feedback/*/{honest.UNFAIR_TO}/*.html")
    assert "cross_entropy_grad" in page.read_text("utf-8")
    nbgrader(course, "export", "--to=all.csv")
    lines = (course / "all.csv").read_text("utf-8").splitlines()[1:]
    assert len(lines) == len(rows)


@pytest.fixture(scope="module")
def formgrader(fair):
    """Start a Jupyter server with nbgrader's formgrader; return how to fetch a page."""
    course, *_ = fair
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *[sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"],
            *[
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=",
            ],
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        ],
        cwd=course,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(course), "JUPYTER_DATA_DIR": str(course)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def fetch(path):
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}{path}", timeout=patience(60)
        ) as answer:
            return answer.read().decode()

    try:
        for _ in range(round(patience(300))):
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                fetch("/api")
                break
            time.sleep(0.1)
        yield fetch
    finally:
        server.terminate()
        server.wait()


def test_formgrader_opens_the_result(fair, formgrader):
    _, made, _, points = fair
    homework = honest.UNFAIR_TO
    listed = json.loads(formgrader(f"/formgrader/api/submissions/{homework}"))
    scores = {entry["student"]: entry["code_score"] for entry in listed}
    assert scores == {name: sum(score or 0 for score in points[name].values()) for name in made}
    assert all(entry["autograded"] for entry in listed)
    notebooks = json.loads(formgrader(f"/formgrader/api/submitted_notebooks/{homework}/{homework}"))
    for entry in notebooks[:2]:
        page = formgrader(f"/formgrader/submissions/{entry['id']}/")
        assert re.search(r'<input class="score', page)
        assert "cross_entropy_grad" in page


# Everything --------------------------------------------------------------------------------


def main():
    wrong = 0
    for homework in sys.argv[1:] or HOMEWORKS:
        with tempfile.TemporaryDirectory() as folder:
            made, rows, points = graded(folder, homework, None)
            found = differences(homework, made, points)
            found |= {row.student: row for row in rows.values() if row.status != "graded"}
            print(f"{homework}: {len(made)} submissions, {len(found)} differences", flush=True)
            for place, values in found.items():
                print(f"  {place}: {values}")
            wrong += len(found)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
