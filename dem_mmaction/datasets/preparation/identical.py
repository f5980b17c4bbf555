"""Files with the same contents, which must not be both trained and validated on."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path


def identical_files(paths: Iterable[Path]) -> list[tuple[Path, ...]]:
    """Find files with the same bytes.

    Only files of one size are read. Those that are empty or cannot be read are left
    out: the check of the videos says what is wrong with them.

    Args:
        paths: Files, each once.

    Returns:
        The files of each content that several have, in the order given.
    """
    by_size = _several(paths, lambda path: path.stat().st_size)
    return [own for files in by_size for own in _several(files, _digest)]


def _several(
    paths: Iterable[Path], key: Callable[[Path], Hashable]
) -> list[tuple[Path, ...]]:
    """Groups of two or more paths of the same key."""
    found: dict[Hashable, list[Path]] = defaultdict(list)
    for path in paths:
        try:
            if path.is_file() and path.stat().st_size:
                found[key(path)].append(path)
        except OSError:
            continue
    return [tuple(own) for own in found.values() if len(own) > 1]


def _digest(path: Path) -> bytes:
    digest = hashlib.blake2b()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()
