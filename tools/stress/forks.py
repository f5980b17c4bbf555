"""Work in forked processes that are killed, or that must end in their time."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import torch

# The fork of a process that has had a pool of threads waits for them in vain.
torch.set_num_threads(1)


def forked(
    work: Callable[[], None], log: Path, kill_after: float | None = None, limit=120.0
) -> int | None:
    """Run work in a fork of this process.

    Args:
        work: What to do.
        log: A file for what it prints.
        kill_after: Seconds after which it gets SIGKILL.
        limit: Seconds after which it counts as hung.

    Returns:
        Its exit code, negative for a signal; None if it hung and was killed.
    """
    pid = os.fork()
    if not pid:
        code = 1
        try:
            stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(stream, 1), os.dup2(stream, 2)
            work()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    end = time.monotonic() + (limit if kill_after is None else kill_after)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None if kill_after is None else -signal.SIGKILL
        time.sleep(0.005)
