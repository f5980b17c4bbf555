"""One call at a time for a folder."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .lists import ListError


@contextmanager
def locked(folder: Path, patience: int = 5) -> Iterator[None]:
    """Keep a second call out of a folder while this one writes to it.

    Args:
        folder: A folder that is there.
        patience: Seconds to wait for another call, default 5: one that was killed lets
            go of the folder in a moment.

    Raises:
        ListError: Another call holds the folder.
    """
    with open(folder / '.lock', 'w') as lock:
        for left in range(patience, -1, -1):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not left:
                    raise ListError(f'Another call is writing to {folder}.') from None
                time.sleep(1)
        yield
