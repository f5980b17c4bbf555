"""What a data set must tell, and those that there are."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath

from ..lists import DatasetLists

SOURCES: dict[str, type['Source']] = {}


def register(name: str) -> Callable[[type['Source']], type['Source']]:
    """Make a data set known by its name on the command line."""

    def add(source: type[Source]) -> type[Source]:
        SOURCES[name] = source
        source.name = name
        return source

    return add


class Source(ABC):
    """How a data set lists its videos and names their files."""

    name: str  # on the command line, see `register`

    @abstractmethod
    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """Read its official lists.

        Args:
            lists: Where they are.
            videos: Where the videos are, if they are there.

        Raises:
            ListError: A list is missing or cannot be read; names file and line.
        """

    def keys(self, path: PurePath) -> Iterable[str]:
        """What a file may be found by: its name, and that with its folder's.

        Args:
            path: Relative to the folder of the videos.
        """
        stem = path.stem.lower()
        return stem, f'{path.parent.name.lower()}/{stem}'


def keys_in_folder(folder: str, stem: str) -> tuple[str, str]:
    """The keys of an entry whose file lies in a folder, or in none."""
    return f'{folder}/{stem}'.lower(), stem.lower()
