"""What a preparation found, and the lists made of it."""

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ...utils import written_aside
from .check import VideoFacts
from .files import Files, Found
from .lists import DatasetLists, Entry, ListError


@dataclass(frozen=True)
class Outcome:
    """What became of a data set.

    Attributes:
        lists: Classes and entries of the official lists.
        files: Video files in the folder.
        found: Files of the entries.
        facts: Facts about the file of each entry, or the reason against it, by the name
            of the entry; about the copies where copies were made.
        paths: Path that the lists give for each usable entry, by its name.
        checked: Whether files were looked at.
    """

    lists: DatasetLists
    files: Files = Files((), ())
    found: Found = field(default_factory=lambda: Found({}, {}))
    facts: Mapping[str, VideoFacts | str] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)
    checked: bool = True

    @property
    def expected(self) -> int:
        """Number of videos in the lists, each counted once."""
        return len(self.lists.by_name())

    @property
    def damaged(self) -> dict[str, str]:
        """Reasons against files, by the name of the entry."""
        return {
            name: fact for name, fact in self.facts.items() if isinstance(fact, str)
        }


def list_lines(outcome: Outcome, entries: Sequence[Entry], out: Path) -> Iterator[str]:
    """``path label key=value ...`` of each usable entry.

    Paths below ``out`` are relative to it.
    """
    for entry in entries:
        if entry.name in outcome.paths:
            path = outcome.paths[entry.name]
            if outcome.checked:
                path = path.absolute()
                if path.is_relative_to(out.absolute()):
                    path = path.relative_to(out.absolute())
            yield f'{path} {entry.content}\n'


def write_lists(outcome: Outcome, out: Path) -> None:
    """Write the lists and the names of the classes: all of them or none.

    Names are in ``classes.txt``, those of a split with classes of its own in
    ``classes_SPLIT.txt``.

    Raises:
        ListError: A list would be empty.
        OSError: A file cannot be written; the old ones stay.
    """
    texts = {
        f'{stem}.txt': ''.join(list_lines(outcome, entries, out))
        for stem, entries in outcome.lists.flat().items()
    }
    empty = [name for name, text in texts.items() if not text]
    if empty:
        raise ListError(
            f'No usable video for {", ".join(empty)}: of {outcome.expected:,} videos '
            f'{len(outcome.found.paths):,} were found, {len(outcome.damaged):,} of '
            f'them damaged. No list is written; {out / "report.md"} has the reasons.'
        )
    named = {'': outcome.lists.classes, **outcome.lists.own_classes}
    for split, classes in named.items():
        texts[f'classes{split}.txt'] = ''.join(f'{name}\n' for name in classes)
    write_all(out, texts)


def write_all(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files aside, then put all of them in the place of those that are there.

    A kill while they are put there leaves some missing, but none half written, and no
    old one beside a new one.

    Args:
        folder: The folder, made where there is none.
        texts: Text of each file by its name.

    Raises:
        OSError: A file cannot be written, with its name; then the old ones stay.
    """
    with ExitStack() as stack:  # the files take their places when all are written
        for name, text in texts.items():
            aside = stack.enter_context(written_aside(folder / name))
            try:
                aside.write_text(text, encoding='utf-8', errors='backslashreplace')
            except OSError as error:
                number = error.errno or errno.EIO
                raise OSError(number, error.strerror, str(folder / name)) from error
        # Old beside new would go unseen, a missing one does not.
        for name in texts:
            (folder / name).unlink(missing_ok=True)
