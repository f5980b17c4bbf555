"""Samples from one process to another, their contents through memory of both.

A pipe takes milliseconds for a clip, and so does a copy that pickle makes of a tensor.
"""

import mmap
import os
import pickle
import tempfile
import weakref
from collections.abc import Callable
from io import BytesIO
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import torch

# Bytes from which on the making of memory takes longer than looking for some.
_LARGE = 1 << 16


class _Pickler(pickle.Pickler):
    """Hands over the memory of tensors as that of arrays, without a copy."""

    def reducer_override(self, obj: Any) -> Any:
        if type(obj) is torch.Tensor and obj.device.type == 'cpu' and obj.is_leaf:
            try:
                return torch.from_numpy, (obj.detach().numpy(),)
            except TypeError:  # a type that numpy lacks
                return NotImplemented
        return NotImplemented


class SharedMemory:
    """Memory of a process and of those forked from it afterwards."""

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


class UsedAgain:
    """Memory of a process that is used again once nobody has it.

    New memory is made page by page as it is written to: two milliseconds for the clips
    of a video. A process keeps as much as it has had at one time, in at most 64 pieces;
    beyond them memory is new each time.
    """

    _MOST = 64

    def __init__(self) -> None:
        self._all: list[tuple[np.ndarray, weakref.ref]] = []

    def take(self, size: int) -> np.ndarray:
        """Some memory, (size,) uint8, for as long as the array or a view of it is."""
        free = [i for i, (_, taken) in enumerate(self._all) if taken() is None]
        fits = [i for i in free if len(self._all[i][0]) >= size]
        place = next(iter([*fits, *free]), len(self._all))
        memory = self._all[place][0] if fits else np.empty(size, np.uint8)
        # numpy lets views of it hold this array, since its own memory is no array.
        array = np.frombuffer(memory.data, np.uint8, size)
        if place < self._MOST:
            self._all[place : place + 1] = [(memory, weakref.ref(array))]
        return array


def dump(obj: Any, aside: Callable | None = None) -> bytes:
    """Pickle an object.

    Args:
        obj: The object.
        aside: Takes the contents of arrays and tensors, as pickle's
            ``buffer_callback``. By default None: they are in the bytes.
    """
    file = BytesIO()
    _Pickler(file, 5, buffer_callback=aside).dump(obj)
    return file.getvalue()


def send(connection: Connection, obj: Any, memory: SharedMemory) -> None:
    """Send an object, the contents of its arrays and tensors through the memory."""
    buffers: list[pickle.PickleBuffer] = []
    data = dump(obj, buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    sizes = [len(one) for one in raw]
    if sum(sizes):
        place, start = memory.take(sum(sizes)), 0
        for one, size in zip(raw, sizes, strict=True):
            place[start : start + size] = one
            start += size
    connection.send_bytes(pickle.dumps((sizes, data), 5))


def receive(connection: Connection, memory: SharedMemory, pool: UsedAgain) -> Any:
    """What :func:`send` has sent.

    Large contents are put into memory of the pool, each by itself, so that nobody who
    keeps a label keeps a clip with it.
    """
    sizes, data = pickle.loads(connection.recv_bytes())
    buffers, start, sent = [], 0, memory.take(sum(sizes))
    for size in sizes:
        place = pool.take(size) if size >= _LARGE else np.empty(size, np.uint8)
        place[:] = sent[start : start + size]
        buffers.append(place)
        start += size
    return pickle.loads(data, buffers=buffers)
