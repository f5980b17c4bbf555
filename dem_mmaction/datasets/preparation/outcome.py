"""What a preparation found, and the lists made of it."""

import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .check import VideoFacts
from .files import Files, Found
from .lists import DatasetLists, Entry, ListError


@dataclass(frozen=True)
class Outcome:
    """What became of a data set.

    Attributes:
        lists: What it says it has.
        files: What the folder has.
        found: The files of the entries.
        facts: Of each entry's file, usable or not (a reason), by name; of the copies,
            where there are some.
        paths: What the lists point to, of each usable entry.
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
        """How many videos the lists have, each counted once."""
        return len({entry.name for own in self.lists.flat().values() for entry in own})

    @property
    def damaged(self) -> dict[str, str]:
        """The reasons against files, by the entry's name."""
        return {
            name: fact for name, fact in self.facts.items() if isinstance(fact, str)
        }


def list_lines(outcome: Outcome, entries: Sequence[Entry], out: Path) -> Iterator[str]:
    """``path label`` of each usable entry; paths below ``out`` relative to it."""
    for entry in entries:
        if entry.name in outcome.paths:
            path = outcome.paths[entry.name]
            if outcome.checked:
                path = path.absolute()
                if path.is_relative_to(out.absolute()):
                    path = path.relative_to(out.absolute())
            yield f'{path} {entry.label}\n'


def write_lists(outcome: Outcome, out: Path) -> None:
    """Write the lists and ``classes.txt``: all of them or none.

    Raises:
        ListError: A list would be empty.
        OSError: One cannot be written; what was there before stays.
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
    texts['classes.txt'] = ''.join(f'{name}\n' for name in outcome.lists.classes)
    write_all(out, texts)


def write_all(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files aside, then put all of them in the place of those that are there.

    A kill while they are put there leaves some missing, but none half written, and no
    old one beside a new one.

    Raises:
        OSError: One cannot be written, with its name; then the old ones stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    asides = []
    try:
        for name, text in texts.items():
            asides.append(folder / f'{name}.part')
            asides[-1].write_text(text, encoding='utf-8', errors='backslashreplace')
    except OSError as error:
        raise OSError(
            error.errno or errno.EIO, error.strerror, str(asides[-1])
        ) from error
    else:
        # Old beside new would go unseen, a missing one does not.
        for aside in asides:
            aside.with_suffix('').unlink(missing_ok=True)
        for aside in asides:
            aside.replace(aside.with_suffix(''))
    finally:
        for aside in asides:
            aside.unlink(missing_ok=True)
