"""A list of labelled videos, checked when it is read."""

import codecs
import logging
import os.path as osp
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mmaction.datasets import VideoDataset
from mmaction.registry import DATASETS
from mmengine.logging import print_log

from dem_mmaction.utils import read_names

from .bad_videos import at_random, sample_or_another, spread
from .isolation import IsolatedPipeline
from .memory import FramesInMemory
from .watch import Notes

_CONTROL = re.compile(r'[\x00-\x08\x0b-\x1f\x7f]')
_LABEL = re.compile(r'[+-]?[0-9]{1,9}')
# What data sets and transforms put into a sample.
_TAKEN = frozenset(
    ('filename', 'label', 'modality', 'start_index', 'sample_idx', 'array')
    + ('total_frames', 'frame_inds', 'imgs', 'video_reader', 'inputs', 'data_samples')
)

#: File beside a list that names the classes, one a line in label order.
CLASSES_FILE = 'classes.txt'


@DATASETS.register_module()
class VideoListDataset(VideoDataset):
    """MMAction2's ``VideoDataset`` with checks, class names, and fields beside labels.

    A line of the list is ``path label`` or ``path label key=value ...``:

    .. code-block:: text

        videos/00012.mp4 3
        videos/00013.mp4 0 profile=accelerating motion=varied

    A path may have blanks in it. Fields enter the results of the pipeline under their
    key as strings, for metrics that split by them (name them in ``meta_keys`` of
    ``PackActionInputs``).

    Class names are ``metainfo['classes']``, a list in label order. They are read from
    ``classes.txt`` in the folder of the list, which the preparation of a data set and
    the motion probe write; where there is none and ``metainfo`` names none either, the
    key is not there. A ``classes.txt`` with another number of names than there are
    classes is left aside with a warning.

    For a data set that fits into memory, ``in_memory`` decodes each file of the list
    once, when the data set is built. Samples then have ``array``, the frames of their
    video, (T, height, width, 3) uint8 in RGB, and ``total_frames``, T. The pipeline
    reads them by MMAction2's ``ArrayDecode`` in place of ``VideoInit`` and
    ``VideoDecode``. Entries of one file share its frames, which are read-only: before a
    step that writes into frames, as MMAction2's ``Flip`` does, there must be one that
    makes new ones, such as ``ClipWarp`` or ``Resize``. Workers share them, too, where
    they are forked.

    Args:
        ann_file: The list.
        pipeline: Data transforms.
        num_classes: Labels must lie in [0, num_classes), and there must be as many
            class names. By default None: any label from 0 on, and any number of names.
        data_prefix: ``dict(video=FOLDER)`` that paths are relative to. By default the
            folder of the list.
        metainfo: Facts about the data set. ``classes`` may be a list of names or a file
            with one a line, and takes the place of ``classes.txt``.
        in_memory: Whether frames are kept in memory, by default False. Width and height
            in pixels: they are resized before.
        **kwargs: As in ``VideoDataset``, such as ``delimiter``, which separates the
            parts of a line and is a blank by default.

    Raises:
        FileNotFoundError: There is no such list or file of class names.
        ValueError: The list is empty, a line is not of the form above (names file and
            line), ``metainfo`` has no class names or not ``num_classes`` of them, or
            ``in_memory`` is no size, or not of RGB frames counted from 0.
        VideoReadError: With ``in_memory``, a file cannot be decoded.
    """

    def __init__(
        self,
        ann_file: str,
        pipeline: list[dict | Callable],
        num_classes: int | None = None,
        data_prefix: dict | None = None,
        metainfo: Mapping[str, Any] | None = None,
        in_memory: bool | tuple[int, int] = False,
        **kwargs,
    ) -> None:
        self.in_memory = _checked_memory(in_memory, kwargs)
        self._frames: FramesInMemory | None = None
        self._replaces = False
        self._isolated: IsolatedPipeline | None = None
        folder = osp.dirname(osp.join(kwargs.get('data_root') or '', ann_file))
        if data_prefix is None:
            data_prefix = dict(video=osp.abspath(folder))
        metainfo = dict(metainfo or {})
        beside = osp.join(folder, CLASSES_FILE)
        if metainfo.get('classes') is not None:
            metainfo['classes'] = _class_names(metainfo['classes'], num_classes)
        elif osp.isfile(beside):
            try:
                metainfo['classes'] = _class_names(beside, num_classes)
            except ValueError as error:  # nobody has asked for these names
                print_log(
                    f'{error} Until then classes have no names.',
                    logger='current',
                    level=logging.WARNING,
                )
        super().__init__(
            ann_file,
            pipeline=pipeline,
            num_classes=num_classes,
            data_prefix=data_prefix,
            metainfo=metainfo,
            **kwargs,
        )

    def full_init(self) -> None:
        """Read the list, and decode its videos if they are to be in memory."""
        super().full_init()
        if self.in_memory and self._frames is None:
            paths = (
                super(VideoListDataset, self).get_data_info(index)['filename']
                for index in range(len(self))
            )
            size = None if self.in_memory is True else self.in_memory
            self._frames = FramesInMemory(paths, size)

    def guard(
        self, limit: float | None, replace: bool, notes: Notes | None = None
    ) -> None:
        """Read videos in a process that can be lost, and do without bad ones.

        Frames in memory need no such process. Steps that are put into a pipeline whose
        process has begun wait for :meth:`end_reading_process`.

        Args:
            limit: Seconds that the sample of a video may take. None: it is read in this
                process.
            replace: Whether another video takes the place of one that cannot be read:
                in training one drawn at random; with ``test_mode`` some other, which a
                metric is to leave out. See :func:`.bad_videos.sample_or_another` for
                its mark. Otherwise the error is raised.
            notes: Where a worker notes what it reads.
        """
        self._replaces = replace
        if not self.in_memory and limit is not None:
            self._isolated = IsolatedPipeline(self.pipeline, limit, notes)

    def end_reading_process(self) -> None:
        """End the process of :meth:`guard`; the next sample starts another."""
        if self._isolated is not None:
            self._isolated.close()

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        """The samples of a batch: what torch's loaders call, if there is it."""
        if self._isolated is not None:
            self._isolated.expect(map(self.get_data_info, indices))
        return [self[index] for index in indices]

    def prepare_data(self, idx: int) -> Any:
        """The sample of an index, or of another video after :meth:`guard`."""
        if not self._replaces:
            return self._sample(idx)
        others = spread(idx, len(self)) if self.test_mode else at_random(len(self))
        return sample_or_another(self._sample, idx, others)

    def _sample(self, idx: int) -> Any:
        """The sample of an index, made in this process or in the child of the guard."""
        if self._isolated is None:
            return super().prepare_data(idx)
        self._isolated.use(self.pipeline)  # a hook may have put another in its place
        return self._isolated(self.get_data_info(idx))

    def get_data_info(self, idx: int) -> dict:
        """The entry at an index, with ``array`` and ``total_frames`` from memory."""
        info = super().get_data_info(idx)
        if self._frames is not None:
            info['array'] = self._frames[info['filename']]
            info['total_frames'] = len(info['array'])
        return info

    def load_data_list(self) -> list[dict]:
        """Read the list: one dict with ``filename``, ``label`` and fields a video."""
        if not osp.isfile(self.ann_file):
            raise FileNotFoundError(
                f"No annotation list '{self.ann_file}'. Set ann_file of the dataset to "
                'a text file with one "path label" a line.'
            )
        data = [
            self._parse(line, number)
            for number, line in enumerate(self._lines(), start=1)
            if line.strip()
        ]
        if not data:
            raise ValueError(
                f"The annotation list '{self.ann_file}' is empty; it must hold one "
                '"path label" a line.'
            )
        return data

    def _lines(self) -> list[str]:
        """The lines of the list, with or without a byte order mark of UTF-8."""
        with open(self.ann_file, 'rb') as file:
            content = file.read()
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise ValueError(f"'{self.ann_file}' is UTF-16; save it as UTF-8.")
        try:
            text = content.decode('utf-8-sig')
        except UnicodeDecodeError as error:
            number = content.count(b'\n', 0, error.start) + 1
            raise ValueError(
                f'{self.ann_file}, line {number}: this is not UTF-8; save the list as '
                'UTF-8.'
            ) from None
        text = text.replace('\r\n', '\n')
        if odd := _CONTROL.search(text):
            number = text.count('\n', 0, odd.start()) + 1
            raise ValueError(
                f'{self.ann_file}, line {number}: there is the control character '
                f'{odd.group()!r}.'
            )
        return text.split('\n')  # a path may hold what str.splitlines takes for an end

    def _parse(self, line: str, number: int) -> dict:
        where = f'{self.ann_file}, line {number}'
        # From the end: a path may have blanks, as class folders of Kinetics do.
        parts, fields = line.strip().split(self.delimiter), {}
        while len(parts) > 2 and ('=' in parts[-1] or not parts[-1].strip()):
            key, is_field, value = parts.pop().partition('=')
            if not is_field:
                continue  # several blanks
            if not key.strip() or key in _TAKEN or key in fields:
                raise ValueError(
                    f"{where}: a field cannot be called '{key}', which is empty, used "
                    'by MMAction2 or there twice.'
                )
            fields[key] = value
        *path, label = parts
        path, label = self.delimiter.join(path).strip(), label.strip()
        if not path:
            raise ValueError(
                f"{where}: '{line.strip()}' is not of the form 'path label' or 'path "
                f"label key=value ...' with '{self.delimiter}' between the parts."
            )
        if not _LABEL.fullmatch(label):
            raise ValueError(f"{where}: the label '{label}' is not a number.")
        label = int(label)
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


def _checked_memory(
    wanted: bool | Sequence[int] | None, settings: Mapping[str, Any]
) -> bool | tuple[int, int]:
    """What ``in_memory`` says, refused where it says nothing."""
    if wanted is None or wanted is False:
        return False
    size = isinstance(wanted, Sequence) and len(wanted) == 2
    if wanted is not True and not (
        size and all(isinstance(side, int) and side > 0 for side in wanted)
    ):
        raise ValueError(
            f'in_memory={wanted!r} must be (width, height) in pixels, True or False.'
        )
    for key, value in (('start_index', 0), ('modality', 'RGB')):
        if settings.get(key, value) != value:
            raise ValueError(f'{key}={settings[key]!r} cannot be with in_memory.')
    return wanted is True or tuple(wanted)


def _class_names(classes: str | Sequence[str], num_classes: int | None) -> list[str]:
    """Class names that are given as such or in a file, where blank lines are nothing.

    MMEngine would take the path of a missing file for the names.
    """
    where = 'metainfo'
    if isinstance(classes, str):
        where = f"'{classes}'"
        if '://' not in classes and not osp.isfile(classes):
            raise FileNotFoundError(
                f'No file of class names {where}. Set metainfo=dict(classes=...) of '
                'the dataset to a text file with one name a line, or to a list of '
                'names.'
            )
        classes = read_names(classes)
    if not classes:
        raise ValueError(f'{where} has no class names; it must hold one a line.')
    if num_classes is not None and len(classes) != num_classes:
        raise ValueError(
            f'{where} has {len(classes)} class names, but num_classes={num_classes}. '
            'Correct num_classes of the dataset, or give the right names by '
            'metainfo=dict(classes=...), a file or a list.'
        )
    return list(classes)
