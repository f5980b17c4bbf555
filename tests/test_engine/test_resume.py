"""Kills, signals and resumes, compared to the bit with an undisturbed run."""

import multiprocessing
import os
import signal
import time
from unittest import mock

import pytest
import torch
from mmengine.hooks import Hook
from support import ROOT, run_tool
from video_training import TEST_PIPELINE, loader, video_runner
from videos import write_list

from dem_mmaction.engine import TRY_AGAIN, SaveOnSignalHook
from dem_mmaction.engine.save_on_signal_hook import _Deaf, kill_workers

HOOKS = [
    dict(type='BadVideosHook', max_share=0.5),
    dict(type='ReseedEpochHook'),
    dict(type='MakeUpValidationHook'),
    dict(type='SaveOnSignalHook'),
]
PLATEAU = dict(type='ReduceOnPlateauLR', monitor='loss', rule='less', patience=0)


class Killed(Exception):
    """In the place of a SIGKILL: nothing that comes later is done."""


class At(Hook):
    """Does something once, at a moment of a training."""

    priority = 'LOW'

    def __init__(self, moment, iters, act):
        self.iters, self.act = iters, act
        setattr(self, moment, self.moment)

    def moment(self, runner, *args, **kwargs):
        if runner.iter == self.iters:
            self.iters = None
            self.act()


def kill():
    raise Killed


def train_until_killed(own):
    """Train, and leave what a SIGKILL leaves: no worker."""
    with pytest.raises(Killed):
        own.train()
    own.train_dataloader._iterator = None


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    return write_list(tmp_path_factory.mktemp('videos'), 9, bad=(3,))


def runner(folder, videos, workers, act=None, **kwargs):
    """The recipe of the headline in small: a plateau, accumulation, several clips."""
    own = video_runner(
        folder,
        loader(videos, workers=workers),
        val=loader(videos, TEST_PIPELINE),
        epochs=3,
        optim_wrapper=dict(
            optimizer=dict(type='Adam', lr=0.1, betas=(0.9, 0.99)),
            accumulative_counts=2,
        ),
        param_scheduler=PLATEAU,
        default_hooks=dict(
            checkpoint=dict(
                type='CheckpointHook',
                interval=1,
                save_best='video/top1',
                rule='greater',
            )
        ),
        custom_hooks=[*HOOKS, *([act] if act else [])],
        **kwargs,
    )
    return own


def state(own):
    """All that a training has at its end."""
    hub = own.message_hub
    return dict(
        weights={k: v.tolist() for k, v in own.model.state_dict().items()},
        optimizer=torch.utils._pytree.tree_map(
            lambda v: v.tolist() if torch.is_tensor(v) else v,
            own.optim_wrapper.state_dict(),
        ),
        schedule=[one.state_dict() for one in own.param_schedulers],
        loss=hub.get_scalar('val/loss').data[0].tolist(),
        best=hub.get_info('best_score'),
        steps=(own.epoch, own.iter),
    )


@pytest.fixture(scope='module')
def whole(videos, tmp_path_factory):
    """The end of an undisturbed run, by the number of workers."""
    found = {}

    def run(workers):
        if workers not in found:
            own = runner(tmp_path_factory.mktemp('whole'), videos, workers)
            own.train()
            found[workers] = state(own)
        return found[workers]

    return run


@pytest.mark.parametrize(
    'moment, iters, workers',
    [
        ('before_val_epoch', 4, 0),
        ('after_val_iter', 8, 0),
        ('after_val_iter', 12, 0),  # of the last epoch
        ('after_val', 4, 0),
        ('before_train_iter', 9, 2),
        ('before_save_checkpoint', 8, 0),
    ],
)
def test_after_a_kill(videos, whole, tmp_path, moment, iters, workers):
    train_until_killed(runner(tmp_path, videos, workers, At(moment, iters, kill)))
    before = multiprocessing.active_children()
    resumed = runner(tmp_path, videos, workers, resume=True)
    resumed.train()
    # Not left to the collection of garbage, where each would be waited for.
    assert set(multiprocessing.active_children()) <= set(before)
    assert state(resumed) == whole(workers)
    assert not list(tmp_path.glob('*.part*'))


@pytest.mark.parametrize(
    'moment, iters, workers, saved',
    [
        ('before_train_iter', 0, 0, 'iter_2.pth'),  # a step has two accumulations
        ('before_train_iter', 5, 2, 'iter_6.pth'),
        ('after_train_iter', 5, 0, 'iter_6.pth'),
        ('after_train_iter', 7, 0, 'epoch_2.pth'),
        ('after_val_iter', 8, 0, 'epoch_2.pth'),
    ],
)
def test_after_a_signal(videos, whole, tmp_path, capsys, moment, iters, workers, saved):
    def tell():
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.getsignal(signal.SIGUSR1)
    try:
        with pytest.raises(SystemExit) as ended:
            runner(tmp_path, videos, workers, At(moment, iters, tell)).train()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert ended.value.code == TRY_AGAIN == 75
    assert f'SIGUSR1: training ends, {saved} is written' in capsys.readouterr().out
    assert (tmp_path / 'last_checkpoint').read_text().endswith(saved)
    resumed = runner(tmp_path, videos, workers, resume=True)
    resumed.train()
    assert state(resumed) == whole(workers)
    assert not list(tmp_path.glob('iter_*.pth'))
    assert signal.getsignal(signal.SIGUSR1) == before


RANKS = """
import os, signal, sys
from mmengine.dist import get_rank
sys.path.insert(0, {tests!r})
import dem_mmaction
from dem_mmaction.engine import SaveOnSignalHook
from small_training import small_runner
from test_resume import At

folder, step = sys.argv[1], int(sys.argv[2])
own = small_runner(
    folder, SaveOnSignalHook(interval=3), dict(type='ConstantLR', factor=1.0), 2,
    lr=0.1, steps=16, launcher='pytorch', resume=step == 0, randomness=dict(seed=3))
tell = At('before_train_iter', step, lambda: os.kill(os.getpid(), signal.SIGUSR1))
if step and get_rank() == 1:
    own.register_hook(tell)
own.train()
weight = own.model.module.weight.item()
print(f'rank {{get_rank()}} weight {{weight!r}}', flush=True)
"""


def test_several_processes_end_together(tmp_path):
    script = tmp_path / 'ranks.py'
    script.write_text(RANKS.format(tests=str(ROOT / 'tests/test_engine')))

    def run(folder, step, fails=False):
        call = script, tmp_path / folder, step
        return run_tool(*call, cwd=tmp_path, ranks=2, fails=fails)

    def weights(said):
        return sorted(line for line in said.splitlines() if line.startswith('rank '))

    whole = weights(run('whole', 99))
    assert len(whole) == 2
    # Rank 1 is told in step 13, in the second epoch of 8: they ask each other after
    # every third step, and so after the 15th.
    said = run('told', 12, fails=True)
    assert 'training ends, iter_15.pth is written' in said and not weights(said)
    assert (tmp_path / 'told/last_checkpoint').read_text().endswith('iter_15.pth')
    assert weights(run('told', 0)) == whole


def test_a_wrong_interval_is_refused():
    with pytest.raises(ValueError, match='interval=0 must be at least 1'):
        SaveOnSignalHook(interval=0)


def test_another_length_of_the_epoch_is_refused(videos, tmp_path):
    def tell():
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit):
            runner(tmp_path, videos, 0, At('before_train_iter', 4, tell)).train()
    finally:
        signal.signal(signal.SIGTERM, before)
    short = write_list(tmp_path / 'short', 4)
    with pytest.raises(
        ValueError, match='after 2 of 4 steps of epoch 2; an epoch has 2'
    ):
        runner(tmp_path, short, 0, resume=True).train()


def test_workers_outlive_a_signal_but_not_the_process():
    def work(ready):
        _Deaf(None)(0)
        ready.set()
        while True:
            time.sleep(0.1)

    context = multiprocessing.get_context('fork')
    ready, handler = context.Event(), signal.getsignal(signal.SIGCHLD)
    worker = context.Process(target=work, args=(ready,), daemon=True)
    worker.start()
    ready.wait()
    worker.terminate()
    worker.join(0.5)
    assert worker.is_alive()
    try:
        # Not those of the tests before.
        with mock.patch('multiprocessing.active_children', return_value=[worker]):
            kill_workers()
    finally:
        signal.signal(signal.SIGCHLD, handler)
    worker.join(5)
    assert worker.exitcode == -signal.SIGKILL


def test_the_end_of_an_epoch_goes_on_with_any_length(videos, tmp_path):
    train_until_killed(runner(tmp_path, videos, 0, At('before_val_epoch', 4, kill)))
    longer, validated = write_list(tmp_path / 'longer', 12), []
    note = At('before_val_epoch', 4, lambda: validated.append('epoch 1'))
    again = runner(tmp_path, longer, 0, note, resume=True)
    again.train()
    assert validated == ['epoch 1']  # made up for, before any step
    assert again.iter == 4 + 6 * (again.max_epochs - 1)
