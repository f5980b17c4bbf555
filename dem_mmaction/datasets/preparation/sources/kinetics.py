"""Kinetics-400 (Kay et al., 2017) and its subset miniKinetics (Xie et al., 2018)."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from ..files import find_files
from ..lists import (
    DatasetLists,
    Entry,
    ListError,
    checked,
    find_list,
    label_of,
    read_csv,
    read_lines,
)
from .base import Source, register

# ID or ID_SSSSSS_EEEEEE, where the seconds are those of the cut.
_NAME = re.compile(r'([\w-]{11})(_\d{6}_\d{6})?')
_PARTS = dict(train='train', val='val', validate='val', validation='val')
_COLUMNS = ('label', 'youtube_id', 'time_start', 'time_end')


def _part(folder: str) -> str | None:
    """The part for which a folder is named, as ``kinetics_val`` is for ``val``."""
    return _PARTS.get(re.split(r'[\W_]', folder.lower())[-1])


class _Kinetics(Source):
    """Finds files by their YouTube id, in the folder of their part.

    A folder whose name ends in train, val, validate or validation holds that part; a
    file in none of them serves both.
    """

    def keys(self, path: PurePath) -> Iterable[str]:
        """See :meth:`Source.keys`."""
        match = _NAME.fullmatch(path.stem)
        if match is None:
            return ()
        parts = [part for folder in path.parts[:-1] if (part := _part(folder))]
        return (f'{parts[-1] if parts else ""}/{match[1]}',)

    @staticmethod
    def entry(
        part: str, youtube_id: str, label: int, where: str, row: dict[str, str] | None
    ) -> Entry:
        segment = None
        if row is not None:
            try:
                segment = float(row['time_start']), float(row['time_end'])
            except ValueError:
                raise ListError(
                    f"{where}: time_start '{row['time_start']}' and time_end "
                    f"'{row['time_end']}' should be seconds."
                ) from None
        keys = f'{part}/{youtube_id}', f'/{youtube_id}'
        return Entry(youtube_id, label, keys, where, segment)


@register('kinetics400')
class Kinetics400(_Kinetics):
    """Reads ``train.csv`` and ``val.csv``; labels follow the alphabet."""

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        paths = dict(
            train=find_list(
                lists, 'train.csv', 'kinetics_train.csv', 'kinetics-400_train.csv'
            ),
            val=find_list(
                lists,
                'val.csv',
                'validate.csv',
                'kinetics_val.csv',
                'kinetics-400_val.csv',
            ),
        )
        rows = {part: list(read_csv(path, *_COLUMNS)) for part, path in paths.items()}
        names = sorted({row['label'] for _, row in rows['train']})
        classes = {name: label for label, name in enumerate(names)}
        return checked(
            names,
            {
                '': {
                    part: [
                        self.entry(
                            part,
                            row['youtube_id'],
                            label_of(row['label'], classes, where, paths['train']),
                            where,
                            row,
                        )
                        for where, row in own
                    ]
                    for part, own in rows.items()
                }
            },
        )


@register('minikinetics')
class MiniKinetics(_Kinetics):
    """Reads ``train_ytid_list.txt`` and ``val_ytid_list.txt``, an id a line.

    The label of an id is that of any CSV beside them which has it, such as those of
    Kinetics-400, or else the name of the folder that its file is in.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        ids = {
            part: list(self._ids(find_list(lists, f'{part}_ytid_list.txt')))
            for part in ('train', 'val')
        }
        rows = self._rows(lists)
        names = {name: row['label'] for name, (_, row) in rows.items()}
        if any(name not in names for own in ids.values() for _, name in own):
            names = self._folders(videos) | names
        known = sorted({names[name] for _, name in ids['train'] if name in names})
        if not known:
            raise ListError(
                f'{lists}: none of the ids has a label. Put the CSV files of '
                'Kinetics-400 beside train_ytid_list.txt, or the videos in folders '
                'named after their class.'
            )
        classes = {name: label for label, name in enumerate(known)}

        def entry(part: str, name: str, where: str) -> Entry:
            if name not in names:  # and its file in no class folder: a missing video
                return Entry(name, -1, (), where)
            label = label_of(names[name], classes, where, 'the training list')
            return self.entry(part, name, label, where, rows.get(name, (None, None))[1])

        return checked(
            known,
            {
                '': {
                    part: [entry(part, name, where) for where, name in own]
                    for part, own in ids.items()
                }
            },
        )

    @staticmethod
    def _rows(lists: Path) -> dict[str, tuple[str, dict[str, str]]]:
        """Place and row of each id in the CSV files that have labels."""
        rows = {}
        for path in sorted(lists.glob('*.csv')):
            if 'label' not in next(read_lines(path))[1]:
                continue  # the test list has none
            for where, row in read_csv(path, *_COLUMNS):
                other, known = rows.setdefault(row['youtube_id'], (where, row))
                if known['label'] != row['label']:
                    raise ListError(
                        f"{where}: '{row['youtube_id']}' is '{row['label']}' here and "
                        f"'{known['label']}' in {other}."
                    )
        return rows

    @staticmethod
    def _ids(path: Path) -> Iterator[tuple[str, str]]:
        for where, line in read_lines(path):
            if not re.fullmatch(r'[\w-]{11}', line):
                raise ListError(f"{where}: '{line}' is no YouTube id of 11 characters.")
            yield where, line

    @staticmethod
    def _folders(videos: Path | None) -> dict[str, str]:
        """Class of each id by the name of the folder of its file."""
        names = {}
        for path in find_files(videos).paths if videos is not None else ():
            match = _NAME.fullmatch(path.stem)
            folder = path.parent
            if match is not None and folder != videos and not _part(folder.name):
                names[match[1]] = folder.name.replace('_', ' ')
        return names
