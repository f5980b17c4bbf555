"""What has been computed about files, kept so that a later call need not again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from ...utils import write_text


class Record:
    """Values by key in a file of JSON lines; the last line of a key counts.

    Used as a context manager, it is appended to as things are computed; what a killed
    process wrote is there, and a last line that it cut off is not.

    Args:
        path: The file, made where there is none.

    Attributes:
        known: The values by key.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = dict(self._read())
        self._file: TextIO | None = None

    def __enter__(self) -> 'Record':
        lines = (self._line(*item) for item in self.known.items())
        write_text(self.path, ''.join(lines))  # without a torn last line
        self._file = open(self.path, 'a', encoding='utf-8')
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, key: str, value: Any) -> None:
        """Keep a value, at once."""
        self.known[key] = value
        self._file.write(self._line(key, value))
        self._file.flush()

    def _read(self) -> Iterator[tuple[str, Any]]:
        if self.path.is_file():
            for line in self.path.read_text(encoding='utf-8').splitlines():
                try:
                    key, value = json.loads(line)
                except ValueError:
                    continue
                yield key, value

    @staticmethod
    def _line(key: str, value: Any) -> str:
        return json.dumps([key, value]) + '\n'


def stamp(path: Path) -> str | None:
    """A note that changes when the file does; None where there is no file.

    Paths that lead to one file on disk have the same note.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return ' '.join(
        map(str, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    )
