"""The process in which a pipeline runs, seen from its owner and from inside."""

import ctypes
import faulthandler
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import torch

from ..utils import RandomState, end_with_parent
from .handover import SharedMemory, UsedAgain, dump, receive, send
from .processes import last_words

Pipeline = Callable[[dict], Any]
# The owner's word that the memory of an answer is free.
_TAKEN = b''
# Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


@dataclass(frozen=True)
class Entry:
    """The file of an entry, and the entry as it is sent."""

    path: str
    content: bytes

    @classmethod
    def of(cls, info: dict) -> 'Entry':
        return cls(str(info.get('filename', '')), dump(info))


class LostError(Exception):
    """What happened to a child."""


class PipelineChild:
    """The process, forked from the one that is its owner.

    It is asked for several entries at once and answers one by one. Answers take turns
    in two memories, so that one is made while the one before is taken.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.owner = os.getpid()
        self.connection, theirs = Pipe()
        self.memories = SharedMemory(), SharedMemory()
        self.asked: deque[Entry] = deque()
        self._state = b''
        self._turn = 0
        self.pid = os.fork()  # workers of a loader may not use multiprocessing
        if not self.pid:
            try:
                self.connection.close()
                _serve(pipeline, theirs, self.memories, self.owner)
            finally:
                os._exit(1)
        theirs.close()

    def may_be_asked_for(self, entry: Entry) -> bool:
        """Whether it works on nothing, or on this entry with the present state."""
        return not self.asked or (
            self.asked[0] == entry and self._state == dump(RandomState.now())
        )

    def ask(self, entries: Sequence[Entry]) -> None:
        """Let it begin entries, one after the other."""
        contents = [entry.content for entry in entries]
        with self._lost():
            self.connection.send_bytes(dump((contents, RandomState.now())))
        self.asked, self._turn = deque(entries), 0

    def take(self, limit: float, pool: UsedAgain) -> Any:
        """The sample of the first entry asked for, in memory of the pool."""
        with self._lost():
            if not self.connection.poll(limit):
                self.kill()
                raise LostError(f'it took longer than {limit:g} s')
            memory = self.memories[self._turn % 2]
            result, error, state = receive(self.connection, memory, pool)
        state.restore()
        if error is not None:
            self.asked.clear()
            raise error
        self.asked.popleft()
        self._turn += 1
        if self.asked:
            self._state = dump(RandomState.now())
        if len(self.asked) > 1:
            with suppress(OSError):  # if it was lost, then with the next entry
                self.connection.send_bytes(_TAKEN)
        return result

    @contextmanager
    def _lost(self) -> Iterator[None]:
        """Say what has become of it where the connection ends."""
        try:
            yield
        except (EOFError, OSError):
            self._close()
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            raise LostError(f'it {last_words(code)}') from None

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._close()

    def _close(self) -> None:
        self.connection.close()
        for memory in self.memories:
            memory.close()


def _serve(
    pipeline: Pipeline,
    connection: Connection,
    memories: 'tuple[SharedMemory, SharedMemory]',
    owner: int,
) -> None:
    """Answer calls until the owner is gone."""
    end_with_parent(signal.SIGKILL)
    if os.getppid() != owner:
        return
    for one in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # the owner decides
    faulthandler.disable()
    _be_the_first_without_memory()
    _keep_freed_memory()
    torch.set_num_threads(1)  # the threads of the owner are not here
    while True:
        if (asked := connection.recv_bytes()) == _TAKEN:
            continue  # of entries before an error
        entries, state = pickle.loads(asked)
        state.restore()
        for turn, entry in enumerate(entries):
            try:
                result, error = pipeline(pickle.loads(entry)), None
            except Exception as raised:
                result, error = None, _portable(raised)
            if turn > 1:
                connection.recv_bytes()
            answer = result, error, RandomState.now()
            send(connection, answer, memories[turn % 2])
            del result, answer  # its memory is for the next one
            if error is not None:
                break


def _be_the_first_without_memory() -> None:
    """Let Linux end this process before others where memory runs out."""
    try:
        with open('/proc/self/oom_score_adj', 'w') as file:
            file.write('1000')
    except OSError:  # another system, or not allowed: it may end another
        return


def _keep_freed_memory() -> None:
    """Let glibc keep what a sample has freed: the next one takes as much.

    By default it gives memory back and gets it anew, page by page, or does not, by
    chance of the order of sizes. Pieces above 32 MB are given back all the same.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)  # not in other C libraries
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 << 20)
        mallopt(_M_TRIM_THRESHOLD, 512 << 20)


def _portable(error: Exception) -> Exception:
    """An exception that can be pickled, with where it was raised as its cause."""
    where = RuntimeError('in the process of the pipeline:\n' + traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever its class does while it is pickled
        return where
    error.__cause__ = where
    return _WithCause(error)


class _WithCause:
    """Pickles an exception together with its cause, which pickle leaves out."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __reduce__(self) -> tuple:
        return _with_cause, (self.error, self.error.__cause__)


def _with_cause(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
