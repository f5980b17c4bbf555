import os
import signal
import subprocess
import sys
import time

from support import ROOT

# Starts a child that would sleep for minutes, says its number, and is killed.
PARENT = """
import subprocess, sys, time
from dem_mmaction.utils.processes import end_with_parent
child = subprocess.Popen(['sleep', '300'], preexec_fn=end_with_parent)
print(child.pid, flush=True)
time.sleep(300)
"""


def test_a_child_ends_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, '-c', PARENT],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
    )
    child = int(parent.stdout.readline())
    os.kill(child, 0)  # it is there
    parent.kill()
    parent.wait()
    for _ in range(100):
        try:
            with open(f'/proc/{child}/stat') as file:
                if file.read().rsplit(')', 1)[1].split()[0] == 'Z':
                    return  # ended; nobody waits for it
        except FileNotFoundError:
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    raise AssertionError('the child outlived its parent')
