"""A list of labelled videos, checked when it is read."""

import os.path as osp
from collections.abc import Callable

from mmaction.datasets import VideoDataset
from mmaction.registry import DATASETS


@DATASETS.register_module()
class VideoListDataset(VideoDataset):
    """MMAction2's ``VideoDataset`` with checks, and fields beside the label.

    A line of the list is ``path label`` or ``path label key=value ...``:

    .. code-block:: text

        videos/00012.mp4 3
        videos/00013.mp4 0 profile=accelerating motion=varied

    A path may have blanks in it. Fields enter the results of the pipeline under their
    key as strings, for metrics that split by them (name them in ``meta_keys`` of
    ``PackActionInputs``).

    Args:
        ann_file: The list.
        pipeline: Data transforms.
        num_classes: Labels must lie in [0, num_classes). None: any from 0 on.
        data_prefix: ``dict(video=FOLDER)`` that paths are relative to. By default the
            folder of the list.
        delimiter: Between the parts of a line.
        **kwargs: As in ``VideoDataset``.

    Raises:
        FileNotFoundError: No such list.
        ValueError: The list is empty, or a line is not of the form above; names file
            and line.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: list[dict | Callable],
        num_classes: int | None = None,
        data_prefix: dict | None = None,
        **kwargs,
    ) -> None:
        if data_prefix is None:
            folder = osp.dirname(osp.join(kwargs.get('data_root') or '', ann_file))
            data_prefix = dict(video=osp.abspath(folder))
        super().__init__(
            ann_file,
            pipeline=pipeline,
            num_classes=num_classes,
            data_prefix=data_prefix,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Read the list: one dict with ``filename``, ``label`` and fields a video."""
        if not osp.isfile(self.ann_file):
            raise FileNotFoundError(
                f"No annotation list '{self.ann_file}'. Set ann_file of the dataset to "
                'a text file with one "path label" a line.'
            )
        with open(self.ann_file, encoding='utf-8') as file:
            lines = file.read().splitlines()
        data = [
            self._parse(line, number)
            for number, line in enumerate(lines, start=1)
            if line.strip()
        ]
        if not data:
            raise ValueError(
                f"The annotation list '{self.ann_file}' is empty; it must hold one "
                '"path label" a line.'
            )
        return data

    def _parse(self, line: str, number: int) -> dict:
        where = f'{self.ann_file}, line {number}'
        # From the end: a path may have blanks, as class folders of Kinetics do.
        parts, fields = line.strip().split(self.delimiter), {}
        while '=' in parts[-1] and len(parts) > 2:
            key, value = parts.pop().split('=', 1)
            fields[key] = value
        *path, label = parts
        path = self.delimiter.join(path)
        if not path:
            raise ValueError(
                f"{where}: '{line.strip()}' is not of the form 'path label' or 'path "
                f"label key=value ...' with '{self.delimiter}' between the parts."
            )
        try:
            label = int(label)
        except ValueError:
            raise ValueError(f"{where}: the label '{label}' is not a number.") from None
        if label < 0 or (self.num_classes is not None and label >= self.num_classes):
            accepted = (
                '0 or more'
                if self.num_classes is None
                else f'0 to {self.num_classes - 1} (num_classes={self.num_classes})'
            )
            raise ValueError(f'{where}: label {label} must be {accepted}.')
        return dict(
            filename=osp.join(self.data_prefix['video'], path), label=label, **fields
        )
