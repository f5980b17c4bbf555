"""Kills and signals: a resumed training against an undisturbed one, to the bit."""

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from forks import forked
from mmengine.hooks import Hook
from scenario import Outcome
from video_training import TEST_PIPELINE, loader, video_runner
from videos import write_list

from dem_mmaction.datasets import VideoListDataset

HOOKS = [
    dict(type='BadVideosHook', max_share=0.5),
    dict(type='ReseedEpochHook'),
    dict(type='MakeUpValidationHook'),
    dict(type='SaveOnSignalHook'),
    dict(type='NonFiniteLossHook'),
]
#: The headline's recipe: a plateau on the validation loss, four clips a video, two
#: accumulations, workers; and the probe's: one clip, a one-cycle schedule, no workers.
RECIPES = dict(headline=(4, 2), probe=(1, 0))


def training(recipe: str, folder: Path, ann_file: Path, resume: bool, act=None):
    """A runner of a recipe in small."""
    clips, workers = RECIPES[recipe]
    train = loader(ann_file, workers=workers)
    train['dataset']['pipeline'] = [
        dict(step, num_clips=clips) if step['type'] == 'SampleFrames' else step
        for step in train['dataset']['pipeline']
    ]
    plateau = dict(type='ReduceOnPlateauLR', monitor='loss', rule='less', patience=0)
    cycle = dict(
        type='OneCycleLR', eta_max=0.1, by_epoch=True, convert_to_iter_based=True
    )
    return video_runner(
        folder,
        train,
        val=loader(ann_file, TEST_PIPELINE),
        epochs=4,
        optim_wrapper=dict(
            optimizer=dict(type='Adam', lr=0.1, betas=(0.9, 0.99)),
            accumulative_counts=2 if recipe == 'headline' else 1,
        ),
        param_scheduler=plateau if recipe == 'headline' else cycle,
        default_hooks=dict(
            checkpoint=dict(
                type='CheckpointHook',
                interval=1,
                max_keep_ckpts=3,
                save_best='video/top1',
                rule='greater',
            )
        ),
        custom_hooks=[*HOOKS, *([act] if act else [])],
        resume=resume,
    )


def to_the_end(recipe: str, folder: Path, ann_file: Path, act=None) -> None:
    """Train, or go on, and leave the end of it in ``end.pth``.

    Args:
        act: A hook of the training, or what to do before it is built.
    """
    if act is not None and not isinstance(act, Hook):
        act()
        act = None
    runner = training(
        recipe, folder, ann_file, (folder / 'last_checkpoint').exists(), act
    )
    runner.train()
    hub, sampler = runner.message_hub, runner.train_dataloader.sampler
    sampler.set_epoch(runner.epoch)  # as a next epoch would begin
    end = dict(
        weights=dict(runner.model.state_dict()),
        optimizer=runner.optim_wrapper.state_dict(),
        schedule=[own.state_dict() for own in runner.param_schedulers],
        losses=hub.get_scalar('val/loss').data[0].tolist(),
        best=hub.get_info('best_score'),
        best_file=Path(hub.get_info('best_ckpt')).name,
        steps=(runner.epoch, runner.iter),
        sampler=list(sampler),
    )
    torch.save(end, folder / 'end.pth')


def same(a: object, b: object) -> bool:
    """Whether two nested values are equal to the bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


class At(Hook):
    """Does something once, at a moment of a training."""

    priority = 'LOW'

    def __init__(self, moment: str, iters: int, act: Callable[[], None]) -> None:
        self.iters, self.act = iters, act
        setattr(self, moment, self._moment)

    def _moment(self, runner, *args, **kwargs) -> None:
        if runner.iter == self.iters:
            self.iters = None
            self.act()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_in_next_write() -> None:
    """Die with a part of the next file on the disk."""

    def cut_off(file: int) -> None:
        os.truncate(os.readlink(f'/proc/self/fd/{file}'), 99)
        die()

    mock.patch('os.fsync', side_effect=cut_off).start()


def die_in_the_list() -> None:
    """Die with a list read in part, after a first one."""
    load, lists = VideoListDataset.load_data_list, []

    def part_of(own: VideoListDataset) -> list[dict]:
        if lists:
            die()
        lists.append(load(own))
        return lists[0]

    mock.patch.object(VideoListDataset, 'load_data_list', part_of).start()


def kills(count: int = 40, seed: int = 0) -> Iterator[Outcome]:
    """Trainings that are killed once each, and resumed."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        ann_file = write_list(root / 'videos', 9, bad=(3,))
        for recipe in RECIPES:
            whole = root / f'{recipe}-whole'
            whole.mkdir()
            start = time.monotonic()
            code = forked(
                partial(to_the_end, recipe, whole, ann_file), root / 'log', limit=300
            )
            if code:
                raise RuntimeError((root / 'log').read_text()[-3000:])
            length = time.monotonic() - start
            expected = torch.load(whole / 'end.pth')
            cases = [
                (f'SIGKILL after {after:.2f} s', None, after)
                for after in (rng.uniform(0, length) for _ in range(count // 2))
            ]
            for moment, iters, act in (
                ('before_val_epoch', 4, die),
                ('after_val_iter', 8, die),
                ('after_val_iter', 16, die),
                ('after_val', 4, die),
                ('before_save_checkpoint', 8, die_in_next_write),
                ('after_val_epoch', 4, die_in_next_write),
                ('after_val_epoch', 8, die_in_next_write),
                ('before_train_iter', 9, die),
            ):
                cases.append(
                    (
                        f'{act.__name__} in {moment}, step {iters}',
                        At(moment, iters, act),
                        None,
                    )
                )
            cases.append((die_in_the_list.__name__, die_in_the_list, None))
            for one in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
                tell = At(
                    'before_train_iter', 6, lambda one=one: os.kill(os.getpid(), one)
                )
                cases.append((f'{one.name} in step 6', tell, None))
            for number, (what, act, after) in enumerate(cases):
                folder = root / f'{recipe}-{number}'
                folder.mkdir()
                yield _one(
                    f'{recipe}: {what}', recipe, folder, ann_file, act, after, expected
                )


def _one(name, recipe, folder, ann_file, act, after, expected) -> Outcome:
    log = folder / 'log'
    work = lambda own=None: to_the_end(recipe, folder, ann_file, own)  # noqa: E731
    code = forked(lambda: work(act), log, after)
    while code == 0 and after is not None:  # it was faster than the undisturbed one
        after /= 2
        shutil.rmtree(folder)
        folder.mkdir()
        code = forked(work, log, after)
    told = 'SIG' in name and after is None
    wanted = 75 if told else -signal.SIGKILL
    hung = code is None
    lost = not hung and code != wanted
    torn = [own.name for own in folder.glob('*.pth') if not _readable(own)]
    torn = [own for own in torn if '.part.' not in own]
    again = forked(work, log)
    hung |= again is None
    equal = again == 0 and same(torch.load(folder / 'end.pth'), expected)
    left = [own.name for own in folder.glob('*.part*')]
    seen = f'code {code}, torn {torn}, resumed with {again}, equal to the bit: {equal}'
    if again:
        seen += '; ' + log.read_text(errors='replace')[-300:].replace('\n', ' ')
    return Outcome(
        name,
        f'code {wanted}, nothing torn, equal to the bit',
        seen,
        lost=lost or bool(torn) or bool(left) or not equal,
        hung=hung,
    )


def _readable(path: Path) -> bool:
    try:
        torch.load(path)
    except Exception:  # whatever a torn file does
        return False
    return True
