"""Jobs in parallel on this machine: few are made ahead, each is tried twice."""

import collections
import threading
import time

from coursekit.grading.pool import run_all


def test_few_jobs_are_made_ahead():
    made, most = [], 0
    lock, running = threading.Lock(), set()

    def jobs():
        for number in range(40):
            made.append(number)
            yield {"n": number}

    def run(job):
        nonlocal most
        with lock:
            running.add(job["n"])
            most = max(most, len(running))
        time.sleep(0.002)
        with lock:
            running.discard(job["n"])
        return job["n"] ** 2

    ended = 0
    for job, result in run_all(jobs(), run, workers=3):
        ended += 1
        assert result == job["n"] ** 2
        assert len(made) <= ended + 2 * 5
    assert ended == 40
    assert 1 <= most <= 3


def test_two_tries():
    tries = collections.Counter()

    def run(job):
        tries[job["n"]] += 1
        if tries[job["n"]] <= job["n"]:
            raise OSError("lost")
        return job["n"]

    results = {job["n"]: result for job, result in run_all([{"n": n} for n in range(4)], run)}
    assert tries == {0: 1, 1: 2, 2: 2, 3: 2}
    assert results[0] == 0
    assert results[1] == 1
    assert isinstance(results[2], OSError)
    assert isinstance(results[3], OSError)


def test_no_jobs():
    assert list(run_all([], None)) == []
