"""Kinetics-400 (Kay et al., 2017) and its subset miniKinetics (Xie et al., 2018)."""
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

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


class _Kinetics(Source):
    """Files are found by their YouTube id, in the tree's part for train or val.

    A folder whose name ends in train, val, validate or validation holds that part; a
    file in none of them serves both.
    """

    def keys(self, path: PurePath) -> Iterable[str]:
        """See :meth:`Source.keys`."""
        match = _NAME.fullmatch(path.stem)
        if match is None:
            return ()
        parts = [_PARTS[word] for folder in path.parts[:-1]
                 if (word := re.split(r'[\W_]', folder.lower())[-1]) in _PARTS]
        return (f'{parts[-1] if parts else ""}/{match[1]}', )

    @staticmethod
    def entry(part: str, youtube_id: str, label: int, where: str,
              row: dict[str, str] | None) -> Entry:
        segment = None
        if row is not None:
            try:
                segment = float(row['time_start']), float(row['time_end'])
            except ValueError:
                raise ListError(
                    f"{where}: time_start '{row['time_start']}' and time_end "
                    f"'{row['time_end']}' should be seconds.") from None
        keys = f'{part}/{youtube_id}', f'/{youtube_id}'
        return Entry(youtube_id, label, keys, where, segment)


@register('kinetics400')
class Kinetics400(_Kinetics):
    """Reads ``train.csv`` and ``val.csv``; labels follow the alphabet."""

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        paths = dict(
            train=find_list(lists, 'train.csv', 'kinetics_train.csv',
                            'kinetics-400_train.csv'),
            val=find_list(lists, 'val.csv', 'validate.csv', 'kinetics_val.csv',
                          'kinetics-400_val.csv'))
        rows = {part: list(read_csv(path, *_COLUMNS)) for part, path in paths.items()}
        names = sorted({row['label'] for _, row in rows['train']})
        classes = {name: label for label, name in enumerate(names)}
        return checked(names, {'': {
            part: [
                self.entry(part, row['youtube_id'],
                           label_of(row['label'], classes, where, paths['train']),
                           where, row) for where, row in own
            ] for part, own in rows.items()}})


@register('minikinetics')
class MiniKinetics(_Kinetics):
    """Reads ``train_ytid_list.txt`` and ``val_ytid_list.txt``, an id a line.

    The label of an id is that of any CSV beside them which has it, such as those of
    Kinetics-400, or else the name of the folder that its file is in.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        ids = {part: list(self._ids(find_list(lists, f'{part}_ytid_list.txt')))
               for part in ('train', 'val')}
        rows = {row['youtube_id']: (where, row) for path in sorted(lists.glob('*.csv'))
                for where, row in read_csv(path, *_COLUMNS)}
        folders = {}
        if any(name not in rows for own in ids.values() for _, name in own):
            folders = self._folders(videos)

        def label_name(name: str, where: str) -> str:
            if name in rows:
                return rows[name][1]['label']
            if name in folders:
                return folders[name]
            raise ListError(
                f"{where}: '{name}' has no label. Put the CSV files of Kinetics-400 "
                f'beside {lists}/train_ytid_list.txt, or the videos in folders named '
                'after their class.')

        names = sorted({label_name(name, where) for where, name in ids['train']})
        classes = {name: label for label, name in enumerate(names)}
        return checked(names, {'': {
            part: [
                self.entry(part, name, label_of(
                    label_name(name, where), classes, where, 'the training list'),
                    where, rows.get(name, (None, None))[1]) for where, name in own
            ] for part, own in ids.items()}})

    @staticmethod
    def _ids(path: Path) -> Iterator[tuple[str, str]]:
        for where, line in read_lines(path):
            if not re.fullmatch(r'[\w-]{11}', line):
                raise ListError(f"{where}: '{line}' is no YouTube id of 11 characters.")
            yield where, line

    @staticmethod
    def _folders(videos: Path | None) -> dict[str, str]:
        """The class folder of each id."""
        if videos is None:
            return {}
        return {match[1]: path.parent.name.replace('_', ' ')
                for path in videos.rglob('*.*')
                if (match := _NAME.fullmatch(path.stem)) is not None}
