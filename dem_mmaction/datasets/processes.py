"""Work in processes that can be killed: decoders hang and crash."""

import faulthandler
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

import cv2

from ..utils import end_with_parent

Task = TypeVar('Task')

# Cheap to start, and what is imported already is there.
_CONTEXT = multiprocessing.get_context('fork')


@dataclass(frozen=True)
class Failure:
    """A task that gave no result.

    Attributes:
        reason: What happened, as a sentence of a report.
    """

    reason: str


def num_cores() -> int:
    """Number of cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


@contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Let OpenCV use one thread, here and in processes that are forked meanwhile.

    A forked process that inherits threads waits for them in vain.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def run_in_processes(
    function: Callable[[Task], Any],
    tasks: Iterable[Task],
    workers: int,
    limit: float,
    failures: type[Exception] | tuple[type[Exception], ...] = (),
) -> Iterator[tuple[Task, Any | Failure]]:
    """Call a function on each task in other processes.

    Args:
        function: Function of one task.
        tasks: Arguments of the calls, one each.
        workers: Number of processes that run at a time.
        limit: Seconds that a task may take. After that its process is killed; another
            process takes the place of one that was killed or has crashed.
        failures: Exceptions of the function that count as a :class:`Failure` of the
            task and let the others go on, by default none: only a process that crashed
            or was killed does.

    Yields:
        A task and its result or its :class:`Failure`, in the order in which they end.

    Raises:
        Exception: Any other exception of the function.
    """
    waiting = deque(tasks)
    work = partial(_work, function, failures)
    team = [_Worker(work) for _ in range(min(workers, len(waiting)))]
    try:
        while waiting or any(worker.busy for worker in team):
            for worker in team:
                if waiting and not worker.busy:
                    worker.take(waiting.popleft())
            ends = [worker.deadline(limit) for worker in team if worker.busy]
            wait(
                [worker.connection for worker in team if worker.busy],
                max(0.0, min(ends) - time.monotonic()),
            )
            for i, worker in enumerate(team):
                done = worker.busy and worker.outcome(limit)
                if done:
                    yield done
                    if not worker.process.is_alive():
                        team[i] = _Worker(work)
    finally:
        for worker in team:
            worker.kill()


class _Worker:
    """A process and the task that it works on."""

    def __init__(self, work: Callable[[Connection], None]) -> None:
        self.connection, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.busy = False

    def take(self, task: Any) -> None:
        self.task, self.since, self.busy = task, time.monotonic(), True
        self.connection.send(task)

    def deadline(self, limit: float) -> float:
        return self.since + limit

    def outcome(self, limit: float) -> tuple | None:
        """The task and its result or failure; None while it goes on."""
        if self.connection.poll():
            try:
                result, error = self.connection.recv()
                if error is not None:
                    raise error
            except (EOFError, ConnectionResetError):
                self.process.join()
                result = Failure(last_words(self.process.exitcode))
        elif time.monotonic() >= self.deadline(limit):
            self.kill()
            result = Failure(f'took longer than {limit:g} s')
        else:
            return None
        self.busy = False
        return self.task, result

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def last_words(code: int) -> str:
    """What a process that did not end well has done, by its exit code."""
    try:
        return f'crashed the decoder ({signal.Signals(-code).name})'
    except ValueError:
        return f'ended the decoder (exit code {code})'


def _work(
    function: Callable,
    failures: type[Exception] | tuple[type[Exception], ...],
    connection: Connection,
) -> None:
    # A process that is stuck in a decoder answers to no other signal.
    end_with_parent(signal.SIGKILL)
    faulthandler.disable()  # the task's Failure tells of a crash
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # decoders write to it past Python
    while True:
        task = connection.recv()
        try:
            answer = function(task), None
        except failures as error:
            answer = Failure(str(error)), None
        except Exception as error:
            answer = None, error
        connection.send(answer)
