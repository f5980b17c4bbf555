"""A user's own videos: in folders named after their class, or listed in a CSV file."""

import os
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath

from ..files import SUFFIXES, find_files
from ..identical import identical_files
from ..lists import DatasetLists, Entry, ListError, checked, label_of, read_csv
from .base import Source, register

_PARTS = dict(
    train='train',
    training='train',
    val='val',
    valid='val',
    validation='val',
    test='val',
)


@register('folder')
class Folder(Source):
    """Folders ``CLASS/VIDEO``, or ``train/CLASS/VIDEO`` and ``val/CLASS/VIDEO``.

    With ``--lists FILE.csv`` that file is read in their place: columns ``path``,
    relative to the videos, ``label``, a class name, and perhaps ``split``, train or
    val. Where no split is given a part of each class is drawn for validation: files
    with the same contents go to the same part, and train where their classes differ.

    Args:
        val_fraction: Part of each class to draw, above 0 and below 1, default 0.2.
        seed: Seed of the draw, default 0.

    Raises:
        ListError: ``val_fraction`` is outside its range.
    """

    def __init__(self, val_fraction: float = 0.2, seed: int = 0) -> None:
        if not 0 < val_fraction < 1:
            raise ListError(f'--val-fraction {val_fraction} must be between 0 and 1.')
        self.val_fraction = val_fraction
        self.seed = seed

    def keys(self, path: PurePath) -> Iterable[str]:
        """See :meth:`Source.keys`."""
        return (path.as_posix(),)

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        rows = list(self._from_csv(lists) if lists else self._from_folders(videos))
        if not rows:
            raise ListError(
                f'{lists or videos} has no videos'
                + ('.' if lists else f' ({", ".join(sorted(SUFFIXES))}).')
            )
        names = sorted({name for _, _, name, _ in rows})
        classes = {name: label for label, name in enumerate(names)}
        entries = [
            (part, Entry(path, label_of(name, classes, where, where), (path,), where))
            for path, where, name, part in rows
        ]
        identical = _identical([entry for _, entry in entries], videos)
        parts = {part for part, _ in entries}
        if parts == {''}:
            drawn = self._draw([entry for _, entry in entries], identical)
            return replace(checked(names, {'': drawn}), identical=identical)
        if parts != {'train', 'val'}:
            raise ListError(
                f'{lists or videos}: there is a split for some videos or one part '
                f'alone ({sorted(parts)}); give train and val for all, or none.'
            )
        given = {
            part: [entry for own, entry in entries if own == part]
            for part in ('train', 'val')
        }
        return replace(checked(names, {'': given}), identical=identical)

    def _draw(
        self, entries: Sequence[Entry], identical: Sequence[Sequence[Entry]]
    ) -> dict[str, list[Entry]]:
        """Take a part of each class for validation, at least one and never all.

        Args:
            entries: All videos.
            identical: Those with the same contents as others, which are drawn as one.
        """
        copies = {own[0].name: {entry.name for entry in own} for own in identical}
        further = {entry.name for own in identical for entry in own[1:]}
        mixed = {
            entry.name
            for own in identical
            if len({entry.label for entry in own}) > 1
            for entry in own
        }
        by_class = defaultdict(list)
        for entry in entries:
            by_class[entry.label].append(entry)
        val = set()
        for label, own in sorted(by_class.items()):
            if len(own) < 2:
                raise ListError(
                    f"{own[0].where}: '{own[0].name}' is the only video of its class; "
                    'there must be two to train and to validate.'
                )
            names = sorted(entry.name for entry in own)
            units = [
                copies.get(name, {name})
                for name in names
                if name not in further | mixed
            ]
            most = len(units) - (not mixed & set(names))  # one stays in training
            if most < 1:  # of one content alone; the report says so
                units, most = [{name} for name in names], len(names) - 1
            count = min(most, max(1, round(self.val_fraction * len(units))))
            val.update(*random.Random(f'{self.seed} {label}').sample(units, count))
        return {
            part: [
                e
                for own in by_class.values()
                for e in own
                if (e.name in val) == (part == 'val')
            ]
            for part in ('train', 'val')
        }

    def _from_folders(self, videos: Path | None) -> Iterable[tuple]:
        if videos is None:
            raise ListError('A folder of videos needs --videos.')
        empty = _empty_folders(videos)
        if empty:
            raise ListError(
                f'{videos}: nothing is in {", ".join(empty)}; delete the folder or put '
                'the videos of the class there.'
            )
        for path in find_files(videos).paths:
            own = path.relative_to(videos)
            folders = list(own.parts[:-1])
            part = _PARTS.get(folders[0].lower(), '') if len(folders) > 1 else ''
            if part:
                folders.pop(0)
            if len(folders) != 1:
                raise ListError(
                    f'{path}: videos should lie in CLASS/, or in '
                    f'train/CLASS/ and val/CLASS/, of {videos}.'
                )
            yield own.as_posix(), str(path), folders[0], part

    def _from_csv(self, path: Path) -> Iterable[tuple]:
        if not path.is_file():
            raise ListError(f'--lists {path} is no CSV file.')
        for where, row in read_csv(path, 'path', 'label'):
            split = row.get('split', '').lower()
            if split and split not in _PARTS:
                raise ListError(f"{where}: split '{split}' should be train or val.")
            video = PurePosixPath(row['path']).as_posix()  # without ./
            yield video, where, row['label'], _PARTS.get(split, '')


def _identical(entries: Sequence[Entry], videos: Path | None) -> list[list[Entry]]:
    """Entries whose files have the same contents."""
    if videos is None:
        return []
    by_path = {videos / entry.name: entry for entry in entries}
    return [[by_path[path] for path in own] for own in identical_files(by_path)]


def _empty_folders(videos: Path) -> list[str]:
    """Folders with nothing in them, which a copy that failed may have left."""
    if not videos.is_dir():
        return []
    found = [*videos.iterdir(), *videos.glob('*/*')]
    return sorted(
        path.relative_to(videos).as_posix()
        for path in found
        if path.is_dir()
        and path.suffix.lower() not in SUFFIXES  # the check reports those
        and os.access(path, os.R_OK)
        and not any(path.iterdir())
    )
