"""Run jobs in parallel: on all cores of this machine, or on a Dask cluster.

Jobs are made when there is room for them and results are handed over as they come, so memory does
not grow with the number of submissions.
"""

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

from coursekit.homework.text import HomeworkError

__all__ = ["run_all"]

TRIES = 2
PATIENCE = 30  # seconds until a cluster must answer


def run_all(jobs, run, workers=None, scheduler=None):
    """Run every job; yield each with its result, in the order in which they end.

    Parameters
    ----------
    jobs : iterable of dict
        Plain data; taken one by one, a few more than run at once.
    run : callable
        ``run(job) -> result``; for a cluster, a function that its workers can import.
    workers : int, optional
        How many run at once on this machine; default: one more than there are
        cores, since each waits now and then for a process to start or to end.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``, whose workers do the work.

    Yields
    ------
    job : dict
    result : dict or Exception
        What ``run`` returned, or why it could not in two tries: it raised, or its worker died.

    Examples
    --------
    >>> [result for _, result in run_all([{"n": 1}, {"n": 2}], lambda job: job["n"], workers=1)]
    [1, 2]
    """
    jobs, running = iter(jobs), {}
    with _executor(workers, scheduler) as (submit, slots):
        while True:
            for job in islice(jobs, max(0, slots() - len(running))):
                running[submit(run, job)] = job, 1
            if not running:
                return
            finished = []
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job, tries = running.pop(future)
                error = future.exception()
                if error is not None and tries < TRIES:
                    running[submit(run, job)] = job, tries + 1
                else:
                    finished.append((job, future.result() if error is None else error))
            del future
            while finished:
                yield finished.pop(0)


@contextmanager
def _executor(workers, scheduler):
    """Yield a function that submits a call, and one that says how many may be under way."""
    if scheduler:
        with _client(scheduler) as client, client.get_executor(pure=False) as executor:
            yield executor.submit, lambda: 2 * max(1, sum(client.nthreads().values()))
        return
    workers = workers or len(os.sched_getaffinity(0)) + 1
    executor = ThreadPoolExecutor(workers, "grading")
    try:
        yield executor.submit, lambda: workers + 2  # two wait, so that none idles
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _client(scheduler):
    """Connect to a Dask scheduler that has workers."""
    from distributed import Client

    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise HomeworkError(
            f"no Dask scheduler answers at {scheduler} ({error}); start `dask scheduler`."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise HomeworkError(
                f"the Dask scheduler {scheduler} has no workers; start `dask worker {scheduler}`."
            ) from None
        yield client
