"""A pipeline in a process of its own, which a decoder may take with it.

decord 0.6.0 aborts the process on some damaged files (``std::bad_alloc``) and waits for
ever on others (dmlc/decord issues 269 and 363, open-mmlab/mmaction2 472 and 838). A
process that lives on tells which file it was.
"""

import faulthandler
import mmap
import os
import pickle
import signal
import tempfile
import time
import traceback
from collections.abc import Callable
from io import BytesIO
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch
from torch.utils.data import get_worker_info

from ..utils import RandomState, end_with_parent
from .processes import last_words
from .transforms.video_io import VideoReadError
from .watch import Notes

Pipeline = Callable[[dict], Any]


class IsolatedPipeline:
    """Calls a pipeline in a child process, one sample at a time.

    Results, exceptions and random numbers are those of a call in this process: the
    child starts each sample with the state of this process's generators and hands it
    back; after an error they stand where they stood. The child is forked at the first
    call, also inside a worker of a loader, and anew where it was lost. A file that has
    cost a child is not opened again.

    Args:
        pipeline: The pipeline; entries must have a ``filename``.
        limit: Seconds that a sample may take.
        notes: Where to note the file that is being read, if anywhere.

    Raises:
        VideoReadError: The child was lost with a file, or took too long.
    """

    def __init__(
        self, pipeline: Pipeline, limit: float, notes: Notes | None = None
    ) -> None:
        self.pipeline, self.limit, self.notes = pipeline, limit, notes
        self._child: _Child | None = None
        self._lost: dict[str, str] = {}

    def __getstate__(self) -> dict:
        # A copy, or a worker that is not forked, has a child and notes of its own.
        return {**self.__dict__, '_child': None, 'notes': None}

    def __call__(self, info: dict) -> Any:
        """The sample of an entry, see above."""
        path = str(info.get('filename', ''))
        if path in self._lost:
            raise VideoReadError(path, self._lost[path])
        if self.notes is not None:
            worker = get_worker_info()
            self.notes.write(worker.id if worker else 0, path)
        if self._child is None or self._child.owner != os.getpid():
            self._child = _Child(self.pipeline)
        try:
            return self._child.call(info, self.limit)
        except _LostError as error:
            self._child = None
            self._lost[path] = str(error)
            raise VideoReadError(path, str(error)) from None

    def close(self) -> None:
        """End the child."""
        if self._child is not None and self._child.owner == os.getpid():
            self._child.kill()
        self._child = None

    def __del__(self) -> None:
        self.close()


class _LostError(Exception):
    """What happened to a child."""


class _Child:
    """The process, forked from the one that is its owner."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.owner = os.getpid()
        self.connection, theirs = Pipe()
        self.memory = _Memory()
        self.pid = os.fork()  # workers of a loader may not use multiprocessing
        if not self.pid:
            try:
                self.connection.close()
                _serve(pipeline, theirs, self.memory, self.owner)
            finally:
                os._exit(1)
        theirs.close()

    def call(self, info: dict, limit: float) -> Any:
        end = time.monotonic() + limit
        try:
            _send(self.connection, (info, RandomState.now()))
            if not self.connection.poll(max(0.0, end - time.monotonic())):
                self.kill()
                raise _LostError(f'it took longer than {limit:g} s')
            result, error, state = _receive(self.connection, self.memory)
        except (EOFError, OSError):
            self._close()
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            raise _LostError(f'it {last_words(code)}') from None
        if error is not None:
            raise error
        state.restore()
        return result

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._close()

    def _close(self) -> None:
        self.connection.close()
        self.memory.close()


def _serve(
    pipeline: Pipeline, connection: Connection, memory: '_Memory', owner: int
) -> None:
    """Answer calls until the owner is gone."""
    end_with_parent(signal.SIGKILL)
    if os.getppid() != owner:
        return
    for one in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # the owner decides
    faulthandler.disable()
    _be_the_first_without_memory()
    torch.set_num_threads(1)  # the threads of the owner are not here
    while True:
        info, state = _receive(connection)
        state.restore()
        try:
            answer = pipeline(info), None
        except Exception as error:
            answer = None, _portable(error)
        _send(connection, (*answer, RandomState.now()), memory)
        del answer  # its memory is for the next one


def _be_the_first_without_memory() -> None:
    """Let Linux end this process before others where memory runs out."""
    try:
        with open('/proc/self/oom_score_adj', 'w') as file:
            file.write('1000')
    except OSError:  # another system, or not allowed: it may end another
        return


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


class _Pickler(pickle.Pickler):
    """Hands over the memory of tensors as that of arrays, without a copy."""

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is torch.Tensor and obj.device.type == 'cpu' and obj.is_leaf:
            try:
                return torch.from_numpy, (obj.detach().numpy(),)
            except TypeError:  # a type that numpy lacks
                return NotImplemented
        return NotImplemented


class _Memory:
    """Memory that the owner and the child share: a pipe takes milliseconds a clip."""

    def __init__(self) -> None:
        # Without a name: it is gone with the last process that has it.
        if hasattr(os, 'memfd_create'):
            self._file = os.fdopen(os.memfd_create('samples'), 'r+b', buffering=0)
        else:
            self._file = tempfile.TemporaryFile(buffering=0)
        self._bytes = np.empty(0, np.uint8)

    def take(self, size: int) -> np.ndarray:
        """The first bytes of it, (size,) uint8; it grows where it is smaller."""
        if size > len(self._bytes):
            if self._file.seek(0, os.SEEK_END) < size:
                self._file.truncate(size)
            self._bytes = np.frombuffer(mmap.mmap(self._file.fileno(), size), np.uint8)
        return self._bytes[:size]

    def close(self) -> None:
        self._file.close()


def _send(connection: Connection, obj: Any, memory: _Memory | None = None) -> None:
    """Send an object, the contents of its arrays and tensors through the memory."""
    buffers: list[pickle.PickleBuffer] = []
    file = BytesIO()
    aside = None if memory is None else buffers.append
    _Pickler(file, 5, buffer_callback=aside).dump(obj)
    raw = [buffer.raw() for buffer in buffers]
    sizes = [len(one) for one in raw]
    if sum(sizes):
        place, start = memory.take(sum(sizes)), 0
        for one, size in zip(raw, sizes, strict=True):
            place[start : start + size] = one
            start += size
    connection.send_bytes(pickle.dumps((sizes, file.getvalue()), 5))


def _receive(connection: Connection, memory: _Memory | None = None) -> Any:
    """What :func:`_send` has sent, its contents in memory of their own."""
    sizes, data = pickle.loads(connection.recv_bytes())
    buffers = []
    if sizes:
        place = memory.take(sum(sizes))
        ends = np.cumsum(sizes)
        buffers = [
            place[end - size : end].copy()
            for size, end in zip(sizes, ends, strict=True)
        ]
    return pickle.loads(data, buffers=buffers)
