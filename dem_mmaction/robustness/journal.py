"""What a test has found so far, on disk, so that a call that was cut off goes on."""

import json
from collections.abc import Iterator
from pathlib import Path

from mmengine import dist

_STEM = 'robustness.journal'


class Journal:
    """A line of JSON for each batch, in a file for each process.

    A line is written and flushed at once: of a batch there is all or nothing. A line
    that a kill has torn is left out, and written over.

    Args:
        folder: Where the files are.

    Attributes:
        found: The lines of earlier calls, the same in all processes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        # Read by one: another process may have begun to write before a second reader.
        found = [list(self._read()) if dist.is_main_process() else None]
        dist.broadcast_object_list(found)
        self.found: list[dict] = found[0]
        self._own: list[dict] = []
        path = self.folder / f'{_STEM}.{dist.get_rank()}.jsonl'
        self._file = open(path, 'ab')
        self._file.truncate(_whole(path))

    def _read(self) -> Iterator[dict]:
        for path in sorted(self.folder.glob(f'{_STEM}.*.jsonl')):
            for line in path.read_bytes()[: _whole(path)].splitlines():
                yield json.loads(line)

    def write(self, entry: dict) -> None:
        """Add a line."""
        self._own.append(entry)
        self._file.write((json.dumps(entry) + '\n').encode())
        self._file.flush()

    def gather(self) -> list[dict]:
        """All lines, of earlier calls and of all processes of this one."""
        return self.found + sum(dist.all_gather_object(self._own), [])

    def close(self) -> None:
        """Close the file of this process."""
        self._file.close()

    @staticmethod
    def remove(folder: Path) -> None:
        """Delete the files, once the results are written."""
        for path in Path(folder).glob(f'{_STEM}.*.jsonl'):
            path.unlink()


def _whole(path: Path) -> int:
    """The number of bytes of a file up to its last line break."""
    return path.read_bytes().rfind(b'\n') + 1
