"""The interface of a data set, and the registry of those that there are."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath

from ..check import VideoFacts
from ..lists import DatasetLists, Entry

#: Data sets by their name on the command line.
SOURCES: dict[str, type['Source']] = {}


def register(name: str) -> Callable[[type['Source']], type['Source']]:
    """Make a data set known by its name on the command line."""

    def add(source: type[Source]) -> type[Source]:
        SOURCES[name] = source
        source.name = name
        return source

    return add


class Source(ABC):
    """How a data set lists its videos and names their files.

    Attributes:
        name: Name on the command line, set by :func:`register`.
    """

    name: str

    @abstractmethod
    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """Read the official lists.

        Args:
            lists: Folder of the lists; ``folder`` reads a CSV file instead.
            videos: Folder of the videos. None: there are none.

        Raises:
            ListError: A list is missing or cannot be read; names file and line.
        """

    def keys(self, path: PurePath) -> Iterable[str]:
        """Keys that entries may find a file by.

        By default its name without suffix, alone and with the name of its folder, both
        in lower case.

        Args:
            path: Path of the file, relative to the folder of the videos.
        """
        stem = path.stem.lower()
        return stem, f'{path.parent.name.lower()}/{stem}'

    def check(self, entry: Entry, facts: VideoFacts) -> None:  # noqa: B027  an option
        """Compare what a list says with what its video holds; by default not at all.

        Args:
            entry: An entry whose video can be used.
            facts: What the original video holds.

        Raises:
            ListError: They do not fit; names file and line.
        """


def keys_in_folder(folder: str, stem: str) -> tuple[str, str]:
    """Keys of an entry whose file lies in a folder of that name or in any other."""
    return f'{folder}/{stem}'.lower(), stem.lower()
