"""The same grades from a Dask cluster of separate worker processes, one of them killed midway."""

import os
import shutil
import signal
from pathlib import Path

import honest
import pytest

from coursekit.grading.grade import grade
from coursekit.homework.text import HomeworkError

pytest.importorskip("distributed")

NAME = "softmax"
STYLES = ["perfect", "syntax_error", "modules", "kinds_of_callables"]


def copy_of(course, folder):
    """Return a copy of a course in which nothing is graded."""
    return Path(shutil.copytree(course, folder / "course"))


def facts(rows):
    """Return of each row what does not depend on how fast it was."""
    return [(row.student, row.status, row.score, row.max_score, row.note) for row in rows]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a course with two submissions of each style, and one that is none."""
    folder = honest.new_course(tmp_path_factory.mktemp("course"), NAME)
    for name, draft in honest.drafts(NAME, folder, STYLES).items():
        for number in (1, 2):
            honest.hand_in(folder, NAME, f"{name}-{number}", draft)
    (folder / "submitted" / "broken" / NAME).mkdir(parents=True)
    (folder / "submitted" / "broken" / NAME / f"{NAME}.ipynb").write_text("{")
    return folder


@pytest.fixture(scope="module")
def local(course, tmp_path_factory):
    """Grade that course on this machine: rows, and points by student and cell."""
    here = copy_of(course, tmp_path_factory.mktemp("local"))
    return facts(grade(NAME, here)), honest.points(here, NAME)


@pytest.fixture(scope="module", autouse=True)
def scratch(tmp_path_factory):
    """Let Dask keep its files where pytest keeps those of the tests."""
    import dask

    with dask.config.set({"temporary-directory": str(tmp_path_factory.mktemp("dask"))}):
        yield


@pytest.fixture(scope="module")
def cluster(scratch):
    """Start a scheduler and two workers, each a process of its own."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster


def test_a_cluster_gives_the_same_gradebook(course, local, cluster, tmp_path):
    there = copy_of(course, tmp_path)
    rows = grade(NAME, there, scheduler=cluster.scheduler_address)
    assert len(rows) == 2 * len(STYLES) + 1
    assert (facts(rows), honest.points(there, NAME)) == local
    assert {row.status for row in rows} == {"graded", "unreadable"}


def test_a_worker_that_is_killed_costs_nothing(course, local, cluster, tmp_path):
    from distributed import Client

    there = copy_of(course, tmp_path)
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        victim, survivor = client.run(os.getpid).values()
    assert os.getpid() not in (victim, survivor)
    done = []

    def kill_midway(event, **facts):
        if event == "done":
            done.append(facts["row"].student)
            if len(done) == 3:
                os.kill(victim, signal.SIGKILL)

    rows = grade(NAME, there, scheduler=cluster.scheduler_address, progress=kill_midway)
    assert len(done) == len({*done}) == len(rows)
    assert (facts(rows), honest.points(there, NAME)) == local
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)
    assert {row.status for row in grade(NAME, there, scheduler=cluster.scheduler_address)} == {
        "unchanged",
        "unreadable",
    }


def test_no_scheduler_at_the_address(course, tmp_path, monkeypatch):
    monkeypatch.setattr("coursekit.grading.pool.PATIENCE", 1)
    there = copy_of(course, tmp_path)
    with pytest.raises(HomeworkError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1 "):
        grade(NAME, there, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(HomeworkError, match="no Dask scheduler answers at nonsense"):
        grade(NAME, there, scheduler="nonsense://1")


def test_a_scheduler_without_workers(course, tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("coursekit.grading.pool.PATIENCE", 1)
    there = copy_of(course, tmp_path)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(HomeworkError, match="has no workers; start `dask worker "),
    ):
        grade(NAME, there, scheduler=empty.scheduler_address)
