"""HMDB-51 (Kuehne et al., 2011): 51 classes, three splits of 70 and 30 videos each."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..lists import DatasetLists, Entry, ListError, checked, label_of, read_lines
from .base import Source, keys_in_folder, register

NUM_CLASSES = 51


@register('hmdb51')
class HMDB51(Source):
    """Reads the official ``CLASS_test_splitN.txt``, a file a class and split.

    Lines there are ``VIDEO.avi 1`` for training, ``2`` for testing, ``0`` for neither.
    Also reads ``hmdb51_splitN_train.txt`` and ``..._test.txt`` with lines
    ``CLASS/VIDEO.avi CLASS NUMBER``, whose numbers are not used: labels follow the
    alphabet, as in MMAction2's label map.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        if lists is None or not lists.is_dir():
            raise ListError(
                f'--lists {lists} is not a folder; it should have '
                'CLASS_test_split1.txt ... of the official release.'
            )
        splits = {}
        for split in (1, 2, 3):
            rows = list(self._official(lists, split)) or list(
                self._flattened(lists, split)
            )
            if not rows:
                raise ListError(f'{lists} has no CLASS_test_split{split}.txt.')
            names = sorted({name for _, _, name, _ in rows})
            if len(names) != NUM_CLASSES:
                raise ListError(
                    f'{lists}: the lists of split {split} are of '
                    f'{len(names)} classes instead of {NUM_CLASSES}.'
                )
            classes = {name: label for label, name in enumerate(names)}
            splits[f'_split{split}'] = {
                part: [
                    Entry(
                        f'{name}/{video}',
                        label_of(name, classes, where, lists),
                        keys_in_folder(name, PurePosixPath(video).stem),
                        where,
                    )
                    for own, where, name, video in rows
                    if own == part
                ]
                for part in ('train', 'test')
            }
        return checked(list(classes), splits)

    def _official(self, lists: Path, split: int) -> Iterator[tuple[str, str, str, str]]:
        end = f'_test_split{split}.txt'
        for path in sorted(lists.glob(f'*{end}')):
            for where, line in read_lines(path):
                video, _, use = line.rpartition(' ')
                if use not in ('0', '1', '2'):
                    raise ListError(
                        f"{where}: '{line}' should be 'VIDEO.avi' and 0, 1 or 2."
                    )
                if use != '0':
                    yield (
                        'train' if use == '1' else 'test',
                        where,
                        path.name.removesuffix(end),
                        video.strip(),
                    )

    def _flattened(
        self, lists: Path, split: int
    ) -> Iterator[tuple[str, str, str, str]]:
        for part in ('train', 'test'):
            path = lists / f'hmdb51_split{split}_{part}.txt'
            for where, line in read_lines(path) if path.is_file() else ():
                words = line.split()
                name, slash, video = words[0].partition('/')
                if len(words) != 3 or not slash or words[1] != name:
                    raise ListError(
                        f"{where}: '{line}' should be 'CLASS/VIDEO.avi CLASS NUMBER'."
                    )
                yield part, where, name, video
