"""UCF-101 (Soomro et al., 2012): 101 classes, three splits of 13,320 videos."""

from pathlib import Path, PurePosixPath

from ..lists import (
    DatasetLists,
    Entry,
    ListError,
    checked,
    find_list,
    label_of,
    read_lines,
)
from .base import Source, keys_in_folder, register


@register('ucf101')
class UCF101(Source):
    """Reads ``classInd.txt``, ``trainlist0N.txt`` and ``testlist0N.txt``.

    Labels are those of ``classInd.txt`` minus 1.
    """

    def read(self, lists: Path | None, videos: Path | None) -> DatasetLists:
        """See :meth:`Source.read`."""
        index = find_list(lists, 'classInd.txt')
        classes = {}
        for where, line in read_lines(index):
            number, _, name = line.partition(' ')
            if number != str(len(classes) + 1) or not name:
                raise ListError(
                    f"{where}: '{line}' should be '{len(classes) + 1} NAME'."
                )
            classes[name] = len(classes)
        return checked(
            list(classes),
            {
                f'_split{split}': {
                    part: [
                        self._entry(where, line, classes, index)
                        for where, line in read_lines(
                            find_list(lists, f'{part}list0{split}.txt')
                        )
                    ]
                    for part in ('train', 'test')
                }
                for split in (1, 2, 3)
            },
        )

    def _entry(
        self, where: str, line: str, classes: dict[str, int], index: Path
    ) -> Entry:
        name, _, number = line.partition(' ')
        path = PurePosixPath(name)
        if len(path.parts) != 2:
            raise ListError(
                f"{where}: '{line}' should be 'CLASS/VIDEO.avi' and, in a "
                'training list, a number.'
            )
        label = label_of(path.parts[0], classes, where, index)
        if number and number != str(label + 1):
            raise ListError(
                f"{where}: '{path.parts[0]}' has number {number} here and "
                f'{label + 1} in {index}.'
            )
        return Entry(name, label, keys_in_folder(path.parts[0], path.stem), where)
