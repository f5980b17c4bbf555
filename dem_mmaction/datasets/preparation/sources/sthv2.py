"""Something-Something v2 (Goyal et al., 2017): 174 classes of hand movements."""

import json
from pathlib import Path

from ..lists import DatasetLists, Entry, ListError, checked, find_list, label_of
from .base import Source, register

_FILES = dict(
    labels=('something-something-v2-labels.json', 'labels.json'),
    train=('something-something-v2-train.json', 'train.json'),
    val=('something-something-v2-validation.json', 'validation.json'),
)


@register('sthv2')
class SomethingV2(Source):
    """Reads the official JSON files; labels are the numbers of the label file."""

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        paths = {part: find_list(lists, *names) for part, names in _FILES.items()}
        data = {part: self._load(path) for part, path in paths.items()}
        try:
            classes = {name: int(label) for name, label in data['labels'].items()}
        except (AttributeError, TypeError, ValueError):
            classes = {}
        if sorted(classes.values()) != list(range(len(classes))) or not classes:
            raise ListError(
                f'{paths["labels"]} should be an object of class names and '
                'the numbers from 0 on.'
            )
        return checked(
            sorted(classes, key=classes.get),
            {
                '': {
                    part: [
                        self._entry(
                            row, f'{paths[part]}: entry {i}', classes, paths['labels']
                        )
                        for i, row in enumerate(data[part])
                    ]
                    for part in ('train', 'val')
                }
            },
        )

    @staticmethod
    def _load(path: Path) -> dict | list:
        try:
            data = json.loads(path.read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            line = getattr(error, 'lineno', 1)
            raise ListError(f'{path}:{line}: {error}') from error
        if not data or not isinstance(data, (dict, list)):
            raise ListError(f'{path}:1: nothing in it.')
        return data

    @staticmethod
    def _entry(row: dict, where: str, classes: dict[str, int], path: Path) -> Entry:
        try:
            name = str(row['id'])
            text = row['template'].replace('[', '').replace(']', '')
        except (KeyError, TypeError, AttributeError):
            raise ListError(
                f"{where}: {row} should have 'id' and 'template'."
            ) from None
        return Entry(name, label_of(text, classes, where, path), (name,), where)
