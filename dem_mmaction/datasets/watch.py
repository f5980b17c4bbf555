"""A loader that does not wait for ever, and says for what."""

import mmap
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import DataLoader

#: Seconds between two looks at the workers.
_LOOK = 1.0
_NOTE = np.dtype([('time', 'f8'), ('pid', 'i8'), ('path', 'S1000')])


class WorkerLostError(RuntimeError):
    """A worker of a loader ended or stands still; names it and its last file."""


class Notes:
    """What each worker of a loader reads, in memory that its processes share.

    Args:
        workers: Number of workers.
    """

    def __init__(self, workers: int) -> None:
        memory = mmap.mmap(-1, max(1, workers) * _NOTE.itemsize)
        self._notes = np.frombuffer(memory, _NOTE)

    def write(self, worker: int, path: str) -> None:
        """Note what this process, a worker, begins to read."""
        own = self._notes[worker : worker + 1]
        own['path'] = path.encode(errors='replace')
        own['pid'], own['time'] = os.getpid(), time.monotonic()

    @property
    def newest(self) -> float:
        """Time of the last note, by ``time.monotonic``; 0 before the first."""
        return float(self._notes['time'].max())

    def kill(self) -> None:
        """Kill the workers, which are children of this process."""
        for pid in filter(None, self._notes['pid']):
            if _state(pid) != 'gone':
                os.kill(int(pid), signal.SIGKILL)

    def __str__(self) -> str:
        now = time.monotonic()
        lines = []
        for worker, note in enumerate(self._notes):
            if note['pid']:
                pid = int(note['pid'])
                lines.append(
                    f'worker {worker} (process {pid}, {_state(pid)}) began '
                    f"'{note['path'].decode(errors='replace')}' "
                    f'{now - note["time"]:.0f} s ago'
                )
        return '; '.join(lines) or 'no worker has begun a file'


class WatchedLoader:
    """A loader whose workers are watched; in all else the loader.

    torch's own ``timeout`` counts the seconds of a batch, names nothing, and does not
    end the wait for the memory of a batch whose worker was stopped after it had sent
    it. Here time counts from the last file that any worker has begun: however long a
    batch takes, one that goes on is waited for. Workers that do not are killed.

    Args:
        loader: A loader with workers.
        notes: What its workers note.
        patience: Seconds without a new file, while a batch is waited for, after which
            it ends.

    Attributes:
        loader: The loader.

    Raises:
        WorkerLostError: In iteration; see above.
    """

    def __init__(self, loader: DataLoader, notes: Notes, patience: float) -> None:
        self.loader, self._notes, self._patience = loader, notes, patience

    def __getattr__(self, name: str) -> Any:
        if name == 'loader':  # of a copy that is being made
            raise AttributeError(name)
        return getattr(self.loader, name)

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[Any]:
        batches = iter(self.loader)
        watch = _Watch(self._notes, self._patience)
        try:
            while True:
                watch.since = time.monotonic()
                try:
                    batch = next(batches)
                except StopIteration:
                    return
                except (RuntimeError, EOFError, OSError) as error:
                    error = _end_of_worker(error)
                    said = watch.said or f'{str(error).rstrip(".")}: {self._notes}'
                    if watch.said is None and 'DataLoader worker' not in said:
                        raise
                    raise WorkerLostError(
                        f'{said}. Stopped processes (kill -STOP), a lack of memory and '
                        'file systems that hang do this; --resume goes on from the '
                        'last checkpoint.'
                    ) from error
                watch.since = None
                yield batch
        finally:
            watch.end()


class _Watch:
    """A thread that kills workers while their loader waits for nothing.

    Attributes:
        since: When the loader has begun to wait. None: it does not.
        said: What the workers did when they were killed. None: they were not.
    """

    def __init__(self, notes: Notes, patience: float) -> None:
        self.notes, self.patience = notes, patience
        self.since: float | None = None
        self.said: str | None = None
        self._over = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._over.wait(min(_LOOK, self.patience)):
            since = self.since
            if since is None:
                continue
            if time.monotonic() > self.patience + max(since, self.notes.newest):
                said = f'No worker has begun a file for {self.patience:g} s'
                self.said = f'{said}: {self.notes}'
                self.notes.kill()
                return

    def end(self) -> None:
        self._over.set()


def _end_of_worker(error: Exception) -> Exception:
    """What torch says of a worker whose connection broke, if it ended; else the error.

    The connection can break before the signal of the end arrives, at which torch's
    handler raises, wherever the process is by then.
    """
    if isinstance(error, EOFError | OSError):
        try:
            time.sleep(_LOOK)
        except RuntimeError as ended:
            return ended
    return error


def _state(pid: int) -> str:
    """What Linux says of a process."""
    try:
        # The name in parentheses may hold blanks; the state stands behind it.
        code = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except OSError:
        return 'gone'
    return dict(T='stopped', D='waiting for a disk', Z='gone').get(code, 'running')
