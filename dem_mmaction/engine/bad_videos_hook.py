"""Trainings and tests that do without videos that cannot be read."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object, is_main_process
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from dem_mmaction.datasets import Notes, WatchedLoader, bad_videos_of
from dem_mmaction.utils import write_text


class TooManyBadVideosError(RuntimeError):
    """More of a list cannot be read than the user accepts."""


@HOOKS.register_module()
class BadVideosHook(Hook):
    """Replace videos that cannot be read, name each once, and stop above a share.

    In training, another video of the list is drawn in the place of a bad one. A test or
    validation leaves it out: accuracy is that of the others, and the metric says of how
    many. Each bad video is named once in the log with its reason, and in
    ``bad_videos.txt`` in the work dir: ``train``, ``val`` or ``test``, the path and the
    reason, with tabs between them.

    Every process that reads videos does so in a child, which a decoder may abort or
    hang: see :class:`dem_mmaction.datasets.IsolatedPipeline`. Loaders with workers are
    watched: see :class:`dem_mmaction.datasets.WatchedLoader`.

    It covers data sets of ``VideoListDataset``, also inside wrappers, in loops that
    iterate their loader, as all of MMEngine's but ``IterBasedTrainLoop`` do. A test
    with a metric that cannot leave videos out stops at a bad one and names it.

    Args:
        max_share: The share of the training list, 0 to 1, above which training ends
            with the list of bad videos; 0.05 by default.
        strict: Whether to stop at the first bad video instead, with its name.
        limit: Seconds that the sample of one video may take, 60 by default; the file of
            one that takes longer is bad. After 30 seconds more without a new file, a
            loader with workers gives up. None: there is no child, which loads faster,
            and no watch; a decoder that aborts or hangs takes the run with it.

    Raises:
        ValueError: ``max_share`` is not in [0, 1], or ``limit`` not above 0.
        TooManyBadVideosError: In training, as above.
    """

    FILE = 'bad_videos.txt'
    priority = 'VERY_HIGH'

    def __init__(
        self, max_share: float = 0.05, strict: bool = False, limit: float | None = 60.0
    ) -> None:
        if not 0 <= max_share <= 1:
            raise ValueError(f'max_share={max_share} must be 0 to 1.')
        if limit is not None and not limit > 0:
            raise ValueError(f'limit={limit} must be above 0 seconds, or None.')
        self.max_share, self.strict, self.limit = max_share, strict, limit
        self.found: dict[str, dict[str, str]] = dict(train={}, val={}, test={})
        self._guarded: set[int] = set()

    def before_run(self, runner: Runner) -> None:
        """Guard the data sets of the loops that will run."""
        self._read(Path(runner.work_dir) / self.FILE)
        for loop in _loops(runner):
            if id(loop) not in self._guarded:
                self._guard(loop)
                self._guarded.add(id(loop))

    def after_run(self, runner: Runner) -> None:
        """End the children of this process; another run starts its own."""
        for loop in _loops(runner):
            for dataset in _guardable(loop):
                dataset.end_reading_process()

    def _guard(self, loop: BaseLoop) -> None:
        evaluator = getattr(loop, 'evaluator', None)
        metrics = getattr(evaluator, 'metrics', ())
        able = all(getattr(own, 'leaves_out_bad_videos', False) for own in metrics)
        loader = loop.dataloader
        watched = self.limit is not None and loader.num_workers
        notes = Notes(loader.num_workers) if watched else None
        sets = _guardable(loop)
        for dataset in sets:
            dataset.guard(self.limit, able and not self.strict, notes)
        reads = any(not own.in_memory for own in sets)
        if notes is not None and reads and isinstance(loader, DataLoader):
            loop.dataloader = WatchedLoader(loader, notes, self.limit + 30)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Note the bad videos of a batch."""
        self._note(runner, 'train', data_batch)

    def before_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Note the bad videos of a batch."""
        self._note(runner, 'val', data_batch)

    def before_test_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Note the bad videos of a batch."""
        self._note(runner, 'test', data_batch)

    def after_train_epoch(self, runner: Runner) -> None:
        """Put together what the processes have found."""
        self._share(runner, 'train')

    def after_val_epoch(self, runner: Runner, metrics: Any = None) -> None:
        """Put together what the processes have found."""
        self._share(runner, 'val')

    def after_test_epoch(self, runner: Runner, metrics: Any = None) -> None:
        """Put together what the processes have found."""
        self._share(runner, 'test')

    def _share(self, runner: Runner, part: str) -> None:
        for own in all_gather_object(self.found[part]):
            self._add(runner, part, own)

    def _note(self, runner: Runner, part: str, batch: Any) -> None:
        if bad := dict(bad_videos_of(batch)):
            self._add(runner, part, bad)

    def _add(self, runner: Runner, part: str, bad: dict[str, str]) -> None:
        """Note, name and count bad videos, and end a training of too many."""
        found = self.found[part]
        fresh = {path: reason for path, reason in bad.items() if path not in found}
        if not fresh:
            return
        found.update(fresh)
        if is_main_process():
            lines = [
                f'{own}\t{path}\t{reason}\n'
                for own, videos in self.found.items()
                for path, reason in videos.items()
            ]
            write_text(Path(runner.work_dir) / self.FILE, ''.join(lines))
        what = 'replaced by another' if part == 'train' else 'left out'
        for path, reason in fresh.items():
            print_log(
                f"The video '{path}' cannot be read: {reason}. It is {what}. Bad "
                f'videos in {part} so far: {len(found)}.',
                logger='current',
                level=logging.WARNING,
            )
        if part == 'train':
            self._check_share(runner)

    def _check_share(self, runner: Runner) -> None:
        found, total = self.found['train'], len(runner.train_dataloader.dataset)
        if len(found) > self.max_share * total:
            raise TooManyBadVideosError(
                f'{len(found)} of {total} videos to train on cannot be read, more than '
                f'max_share={self.max_share:g} of BadVideosHook: '
                + '; '.join(f'{path} ({reason})' for path, reason in found.items())
            )

    def _read(self, path: Path) -> None:
        """Take over what an earlier call has found in the work dir."""
        if not path.is_file():
            return
        for line in path.read_text(encoding='utf-8').splitlines():
            part, *rest = line.split('\t', 2)
            if part in self.found and len(rest) == 2:
                self.found[part].setdefault(*rest)


def _loops(runner: Runner) -> list[BaseLoop]:
    """The loops of a run that are more than their configs."""
    loops = (runner._train_loop, runner._val_loop, runner._test_loop)
    return [loop for loop in loops if isinstance(loop, BaseLoop)]


def _guardable(loop: BaseLoop) -> list[Any]:
    """The data sets of a loop that read videos and know how to do without bad ones."""
    return [own for own in _parts(loop.dataloader.dataset) if hasattr(own, 'guard')]


def _parts(dataset: Any) -> Iterator[Any]:
    """A data set and those that it wraps."""
    yield dataset
    for name in ('datasets', 'dataset', '_dataset'):
        inner = getattr(dataset, name, ())
        for own in inner if isinstance(inner, (list, tuple)) else [inner]:
            yield from _parts(own)
