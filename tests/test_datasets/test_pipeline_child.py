import os
import platform
import resource
import signal
import time

import numpy as np
import pytest

from dem_mmaction.datasets import IsolatedPipeline


def pid_of_the_process(info):
    return os.getpid()


def test_a_child_does_not_outlive_its_owner():
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        child = IsolatedPipeline(pid_of_the_process, 5)(dict(filename='good'))
        os.write(writing, str(child).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    child = int(os.read(reading, 20))
    for _ in range(50):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail('it is still there')


def large_frames(info):
    frames = [np.ones(20 << 20, np.uint8) for _ in range(3)]
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    return dict(bytes=sum(own.nbytes for own in frames), faults=faults)


@pytest.mark.skipif(
    platform.libc_ver()[0] != 'glibc', reason='other C libraries have their own ways'
)
def test_the_child_keeps_the_memory_of_a_sample_for_the_next():
    isolated = IsolatedPipeline(large_frames, 20)
    samples = [isolated(dict(filename='a')) for _ in range(5)]
    pages = samples[0]['bytes'] / resource.getpagesize()
    assert samples[-1]['faults'] - samples[1]['faults'] < pages / 10
