"""One call at a time for a folder."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUseError(ValueError):
    """Another process is writing to a folder."""


@contextmanager
def locked(folder: Path, patience: int = 5) -> Iterator[None]:
    """Keep a second call out of a folder while this one writes to it.

    Args:
        folder: A folder that is there.
        patience: Seconds to wait for another call, default 5: one that was killed lets
            go of the folder in a moment.

    Raises:
        FolderInUseError: Another call holds the folder.
    """
    with open(folder / '.lock', 'w') as lock:
        for left in range(patience, -1, -1):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise FolderInUseError(
                        f'Another call is writing to {folder}: wait for its end, or '
                        'name another folder.'
                    ) from None
                time.sleep(1)
        try:
            yield
        finally:
            # Children forked meanwhile hold the file open, and with it the lock.
            fcntl.flock(lock, fcntl.LOCK_UN)
