import os
import signal
import time

import pytest

from dem_mmaction.datasets.processes import Failure, run_in_processes


def work(task):
    if task == 'bad':
        raise ValueError('no good')
    if task == 'bug':
        raise TypeError('a bug')
    if task == 'hang':
        time.sleep(60)
    if task == 'crash':
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == 'exit':
        os._exit(3)
    return task, os.getpid()


def test_what_hangs_or_crashes_stops_nothing_else():
    tasks = ['a', 'hang', 'crash', 'b', 'bad', 'exit', *map(str, range(20))]
    started = time.monotonic()
    results = dict(run_in_processes(work, tasks, 2, 1.0, ValueError))
    assert time.monotonic() - started < 20
    assert sorted(results) == sorted(tasks)
    reasons = {
        task: result.reason
        for task, result in results.items()
        if isinstance(result, Failure)
    }
    assert reasons == dict(
        hang='took longer than 1 s',
        crash='crashed the decoder (SIGSEGV)',
        bad='no good',
        exit='ended the decoder (exit code 3)',
    )
    workers = {
        result[1] for result in results.values() if not isinstance(result, Failure)
    }
    assert os.getpid() not in workers and len(workers) <= 5


def test_other_exceptions_end_the_run():
    with pytest.raises(TypeError, match='a bug'):
        list(run_in_processes(work, ['a', 'bug', 'b'], 1, 60.0, ValueError))


def test_no_tasks():
    assert list(run_in_processes(work, [], 4, 1.0, ValueError)) == []
