"""Kills and signals: a resumed training against an undisturbed one, to the bit."""

import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import acts
import torch
from forks import forked
from mmengine.hooks import Hook
from scenario import Outcome
from video_training import TEST_PIPELINE, loader, video_runner
from videos import write_list

from dem_mmaction.engine import TRY_AGAIN

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


@dataclass(frozen=True)
class Case:
    """What happens to a training once, before it is resumed.

    Attributes:
        what: The name.
        act: A hook, or what to do before the training is built.
        after: Seconds after which it gets SIGKILL.
        code: The exit code that it must end with.
    """

    what: str
    act: Hook | Callable[[], None] | None = None
    after: float | None = None
    code: int = -signal.SIGKILL


def chosen() -> list[Case]:
    """Those at chosen moments."""
    moments = [
        ('die in before_val_epoch', 4, acts.die),
        ('die in after_val_iter', 8, acts.die),
        ('die in after_val_iter', 16, acts.die),
        ('die in after_val', 4, acts.die),
        ('die_in_next_write in before_save_checkpoint', 8, acts.die_in_next_write),
        ('die_in_next_write in after_val_epoch', 4, acts.die_in_next_write),
        ('die_in_next_write in after_val_epoch', 8, acts.die_in_next_write),
        ('die in before_train_iter', 9, acts.die),
    ]
    cases = [
        Case(f'{what}, step {iters}', acts.At(what.split()[-1], iters, act))
        for what, iters, act in moments
    ]
    cases.append(Case('die in the list', acts.die_in_the_list))
    for one in (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT):
        told = acts.At('before_train_iter', 6, acts.tell(one))
        cases.append(Case(f'{one.name} in step 6', told, code=TRY_AGAIN))
    for what, moment, act in (
        ('full disk', 'before_save_checkpoint', acts.fill_the_disk),
        ('NaN', 'before_train_iter', acts.spoil_the_weights),
    ):
        cases.append(Case(f'{what} in step 8', acts.At(moment, 8, act), code=1))
    return cases


def kills(count: int = 40, seed: int = 0) -> Iterator[Outcome]:
    """Trainings to each of which something happens once, and that are resumed."""
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
                Case(f'SIGKILL after {after:.2f} s', after=after)
                for after in (rng.uniform(0, length) for _ in range(count // 2))
            ]
            for number, case in enumerate([*cases, *chosen()]):
                folder = root / f'{recipe}-{number}'
                folder.mkdir()
                work = partial(to_the_end, recipe, folder, ann_file)
                yield _one(f'{recipe}: {case.what}', case, work, folder, expected)


def _one(
    name: str, case: Case, work: Callable[..., None], folder: Path, expected: dict
) -> Outcome:
    log, after = folder / 'log', case.after
    code = forked(partial(work, case.act), log, after)
    while code == 0 and after is not None:  # it was faster than the undisturbed one
        after /= 2
        shutil.rmtree(folder)
        folder.mkdir()
        code = forked(work, log, after)
    saved = (own for own in folder.glob('*_*.pth') if '.part.' not in own.name)
    torn = [own.name for own in saved if not _is_good(own)]
    again = forked(work, log)
    equal = again == 0 and same(torch.load(folder / 'end.pth'), expected)
    left = list(folder.glob('*.part*'))
    seen = f'code {code}, torn {torn}, resumed with {again}, equal to the bit: {equal}'
    if again:
        seen += '; ' + log.read_text(errors='replace')[-300:].replace('\n', ' ')
    return Outcome(
        name,
        f'code {case.code}, nothing torn, equal to the bit',
        seen,
        lost=code not in (None, case.code) or bool(torn) or bool(left) or not equal,
        hung=code is None or again is None,
    )


def _is_good(path: Path) -> bool:
    """Whether a checkpoint can be read and its weights are finite."""
    try:
        weights = torch.load(path)['state_dict']
    except Exception:  # whatever a torn file does
        return False
    return all(own.isfinite().all() for own in weights.values())
