"""What a data set says it has: classes and, in each split, videos with labels."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path


class ListError(ValueError):
    """A list that cannot be read as what it should be; names file and line."""


@dataclass(frozen=True)
class Entry:
    """A line of a list: a video of a data set, or what happens at a place in it.

    Attributes:
        name: Name of the video in the data set. Entries with the same name are of one
            file, with different fields.
        label: Index into the classes; -1 where only the video's file could tell and is
            missing.
        keys: Keys to find the video's file by, best first, see :meth:`Source.keys`;
            none where the label is -1.
        where: List and line that name the video.
        segment: Start and end of the action in seconds, where the data set has them;
            the same for all entries of a video.
        fields: What else the line says, by key, without blanks and, in the key, ``=``.
    """

    name: str
    label: int
    keys: tuple[str, ...]
    where: str
    segment: tuple[float, float] | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> str:
        """What stands behind the path in a list: ``label key=value ...``."""
        fields = (f'{key}={value}' for key, value in self.fields.items())
        return ' '.join([str(self.label), *fields])


@dataclass(frozen=True)
class DatasetLists:
    """Classes and entries of a data set.

    Attributes:
        classes: Names of the classes in label order.
        splits: Entries by split (``''`` for a data set with one, or ``'_split1'`` ...)
            and then by part (``'train'``, ``'val'`` or ``'test'``).
        repeated: Entries left out because their part has listed the same before.
        identical: Entries whose files have the same contents, for each such content.
        own_classes: Names of the classes of splits whose labels mean others, by split.
    """

    classes: Sequence[str]
    splits: Mapping[str, Mapping[str, Sequence[Entry]]]
    repeated: Sequence[Entry] = ()
    own_classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    identical: Sequence[Sequence[Entry]] = ()

    def flat(self) -> dict[str, Sequence[Entry]]:
        """The entries by the stem of their list, such as ``'train_split1'``."""
        return {
            part + split: entries
            for split, parts in self.splits.items()
            for part, entries in parts.items()
        }

    def by_name(self) -> dict[str, Entry]:
        """An entry of each video by its name: lists and lines share their videos."""
        return {entry.name: entry for own in self.flat().values() for entry in own}

    def class_of(self) -> dict[str, str]:
        """The class of each video by its name; none for a video of several."""
        found: dict[str, set[str]] = {}
        for split, parts in self.splits.items():
            classes = self.own_classes.get(split, self.classes)
            for entry in chain.from_iterable(parts.values()):
                if entry.label >= 0:
                    found.setdefault(entry.name, set()).add(classes[entry.label])
        return {name: min(own) for name, own in found.items() if len(own) == 1}


def checked(
    classes: Sequence[str],
    splits: Mapping[str, Mapping[str, Sequence[Entry]]],
    own_classes: Mapping[str, Sequence[str]] = {},
) -> DatasetLists:
    """Make lists in which an entry is once in a part, a video in one part of a split.

    Args:
        classes: Names of the classes in label order.
        splits: Entries by split and part, see :class:`DatasetLists`. Of entries that a
            part repeats, with the same fields, the first is kept.
        own_classes: Names of the classes of splits whose labels mean others, by split.

    Raises:
        ListError: A video is in two parts of a split, a part is empty, or the name of a
            class is refused by :func:`check_class_name`.
    """
    for names in (classes, *own_classes.values()):
        for name in names:
            check_class_name(name)
    once, repeated = {}, []
    for split, parts in splits.items():
        once[split], seen = {}, {}
        for part, entries in parts.items():
            own = {}
            for entry in entries:
                if entry.name in seen:
                    other, where = seen[entry.name]
                    raise ListError(
                        f"{entry.where}: '{entry.name}' is in {part} and, by {where}, "
                        f'in {other}: a video must be in one of them.'
                    )
                key = entry.name, *entry.fields.items()
                if key in own:
                    repeated.append(entry)
                else:
                    own[key] = entry
            if not own:
                raise ListError(f'No videos in {part}{split}.')
            for entry in own.values():
                seen.setdefault(entry.name, (part, entry.where))
            once[split][part] = tuple(own.values())
    return DatasetLists(tuple(classes), once, tuple(repeated), dict(own_classes))


def check_class_name(name: str) -> None:
    """Refuse a class that has no line in a list or no folder of its own.

    Raises:
        ListError: Its name is empty, leads to another folder or has a control
            character, such as a line break.
    """
    place = '_'.join(name.replace('/', ' ').split())
    if place in ('', '.', '..') or any(not own.isprintable() for own in name):
        raise ListError(
            f'There is a class {name!r}: its name must be printable, and more than '
            'dots, for it is a line of classes.txt and a folder of copies.'
        )


def find_list(folder: Path | None, *names: str) -> Path:
    """Return the first of these files that a folder has.

    Raises:
        ListError: There is no such folder, or it has none of the files.
    """
    if folder is None or not folder.is_dir():
        raise ListError(
            f'--lists {folder} is not a folder; it should have {" or ".join(names)}.'
        )
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise ListError(f'{folder} has no {" or ".join(names)}.')


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield ``FILE:LINE`` and text of each line of a list that is not blank.

    Raises:
        ListError: The file cannot be read, is no text, or is empty.
    """
    try:
        text = path.read_text(encoding='utf-8-sig')
    except OSError as error:
        raise ListError(f'{path} cannot be read: {error.strerror}.') from error
    except UnicodeDecodeError as error:
        raise ListError(f'{path} is not a text file.') from error
    if not text.strip():
        raise ListError(f'{path} is empty.')
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f'{path}:{number}', line.strip()


def read_csv(path: Path, *columns: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ``FILE:LINE`` and values by column of each row of a CSV file.

    Args:
        path: The file; its first line names the columns.
        columns: Columns in which every row must have a value.

    Raises:
        ListError: The file cannot be read, lacks a column, or a row lacks a value.
    """
    rows = csv.reader((line for _, line in read_lines(path)), skipinitialspace=True)
    head = [column.strip() for column in next(rows)]
    lacking = [column for column in columns if column not in head]
    if lacking:
        raise ListError(f"{path}:1: no column '{lacking[0]}'; the columns are {head}.")
    while True:
        try:
            row = [value.strip() for value in next(rows)]
        except StopIteration:
            return
        except csv.Error as error:
            raise ListError(f'{path}:{rows.line_num}: {error}.') from error
        where = f'{path}:{rows.line_num}'
        if len(row) != len(head):
            raise ListError(f'{where}: {len(row)} values for {len(head)} columns.')
        values = dict(zip(head, row, strict=True))
        for column in columns:
            if not values[column]:
                raise ListError(f"{where}: no value for '{column}'.")
        yield where, values


def label_of(name: str, classes: Mapping[str, int], where: str, of: object) -> int:
    """Return the label of a class.

    Args:
        name: Name of the class.
        classes: Labels by class name.
        where: List and line with the name, for the message.
        of: File that names the classes, for the message.

    Raises:
        ListError: There is no such class.
    """
    if name not in classes:
        raise ListError(
            f"{where}: class '{name}' is not one of the {len(classes)} of {of}."
        )
    return classes[name]
