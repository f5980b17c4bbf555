"""The video files of a folder, and the one of each entry of a data set."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from .lists import Entry, ListError

#: Endings, in lower case, that mark a file as a video.
SUFFIXES = frozenset(
    (
        '.3gp',
        '.avi',
        '.flv',
        '.m4v',
        '.mkv',
        '.mov',
        '.mp4',
        '.mpeg',
        '.mpg',
        '.webm',
        '.wmv',
    )
)


@dataclass(frozen=True)
class Files:
    """The video files below a folder.

    Attributes:
        paths: Everything with the suffix of a video, sorted; contents are not checked.
        loops: Folders left out because their link leads back to a folder above.
    """

    paths: tuple[Path, ...]
    loops: tuple[Path, ...]


#: A folder with this file in it holds copies, and is no place to look for originals.
MARK = '.copies'


def find_files(folder: Path) -> Files:
    """Find everything below a folder that is named like a video, following links.

    A folder named like a video is one of them, so that it can be reported. Copies that
    the preparation has made are left out.

    Args:
        folder: The folder.

    Raises:
        ListError: There is no such folder, or it cannot be read.
    """
    if not folder.is_dir():
        raise ListError(f'--videos {folder} is not a folder.')
    paths, loops = [], []
    stack = [(folder, {_identity(folder)})]
    while stack:
        here, above = stack.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            raise ListError(f'{here} cannot be read: {error.strerror}.') from error
        for entry in entries:
            path = here / entry.name
            if path.suffix.lower() in SUFFIXES:
                paths.append(path)
            elif _is_folder(entry):
                identity = _identity(path)
                if (path / MARK).is_file():
                    continue
                if identity in above:
                    loops.append(path)
                else:
                    stack.append((path, above | {identity}))
    return Files(tuple(sorted(paths)), tuple(sorted(loops)))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _is_folder(entry: os.DirEntry) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


@dataclass(frozen=True)
class Found:
    """Files of the entries of a data set.

    Attributes:
        paths: First file of each entry that has one, by the name of the entry.
        duplicates: Further files of entries with several, by the name of the entry.
    """

    paths: Mapping[str, Path]
    duplicates: Mapping[str, tuple[Path, ...]]


def match(
    entries: Iterable[Entry],
    paths: Iterable[Path],
    folder: Path,
    keys: Callable[[PurePath], Iterable[str]],
) -> Found:
    """Find the file of each entry.

    Args:
        entries: Entries to find files of.
        paths: Files to choose from.
        folder: Folder that paths are made relative to for ``keys``.
        keys: Function from a path to the keys it may be found by, see
            :meth:`Source.keys`.

    Returns:
        The files that the best key of an entry leads to.
    """
    by_key = defaultdict(list)
    for path in paths:
        for key in keys(path.relative_to(folder)):
            by_key[key].append(path)
    found, duplicates = {}, {}
    for entry in entries:
        for key in entry.keys:
            if by_key.get(key):
                found[entry.name], *others = by_key[key]
                if others:
                    duplicates[entry.name] = tuple(others)
                break
    return Found(found, duplicates)
