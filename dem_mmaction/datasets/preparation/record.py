"""What has been computed about files, kept so that a later call need not again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO


class Record:
    """A file of JSON lines, one a key, the last of a key counts.

    Used as a context manager, it is appended to as things are computed; what a killed
    process wrote is there, and a last line that it cut off is not.

    Args:
        path: The file, made where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = dict(self._read())
        self._file: TextIO | None = None

    def __enter__(self) -> 'Record':
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_name(self.path.name + '.part')
        with open(aside, 'w', encoding='utf-8') as file:  # without a torn last line
            file.writelines(self._line(*item) for item in self.known.items())
        aside.replace(self.path)
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
