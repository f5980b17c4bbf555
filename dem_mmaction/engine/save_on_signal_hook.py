"""A training that is told to end leaves a checkpoint, and goes on from there."""

import functools
import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.util import Finalize
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from mmaction.registry import HOOKS
from mmengine.dist import all_gather_object, all_reduce, get_rank, get_world_size
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import EpochBasedTrainLoop, Runner
from torch.utils.data import BatchSampler, DataLoader

from dem_mmaction.utils import RandomState, write_text

#: The exit code of a training that was told to end and has left a checkpoint:
#: EX_TEMPFAIL of sysexits.h, "try again". ``tools/slurm_train.sh`` requeues the job.
TRY_AGAIN = 75

#: What a checkpoint inside an epoch has: the steps done, and those of an epoch.
STEPS_OF_EPOCH = 'steps_of_epoch'
_KEY = 'random_state'
_NAME = 'iter_{}.pth'
_GRACE = 60
_SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


@HOOKS.register_module()
class SaveOnSignalHook(Hook):
    """Write a checkpoint on a signal, end with code 75, and resume inside an epoch.

    The signals are SIGTERM (a batch system that ends a job), SIGUSR1 (Slurm's warning
    before it, ``sbatch --signal=USR1@120``) and SIGINT (Ctrl-C; a second one ends the
    training at once). The step at hand is finished, with all of its accumulations, and
    in all processes. A validation is broken off: its epoch has a checkpoint already.

    The checkpoint ``iter_N.pth`` has the random state of every process beside what
    MMEngine saves. A training that is resumed from it leaves out the batches that the
    epoch has had and goes on with the next: with :class:`ReseedEpochHook`, to the bit
    as if it had not been told to end. The checkpoint is deleted after that epoch.

    Args:
        interval: Steps of the optimizer after which several processes ask each other
            whether one was told, 10 by default: on GPUs each time is a wait for the
            device. A single process ends after the step at hand.

    Raises:
        ValueError: ``interval`` is below 1.
        ValueError: On resume inside an epoch, where the epoch has another length now.
        SystemExit: With code 75, in training, once the checkpoint is written.
    """

    priority = 'LOWEST'  # after the hooks that step and log

    def __init__(self, interval: int = 10) -> None:
        if interval < 1:
            raise ValueError(f'interval={interval} must be at least 1.')
        self.interval = interval
        self.told: signal.Signals | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._loaders: list[DataLoader] = []
        self._to_restore: list[dict] | None = None
        self._place: tuple[int, int] | None = None  # steps done, steps of an epoch
        self._done_before = 0
        self._to_save: list[dict] | None = None
        self._spent: Path | None = None

    def before_train(self, runner: Runner) -> None:
        """Listen, and find the place in the epoch after a resume."""
        for one in _SIGNALS:
            self._before[one] = signal.signal(one, self._note)
        loaders = [runner.train_dataloader]
        if runner.val_loop is not None:
            loaders.append(runner.val_dataloader)
        self._loaders = [getattr(one, 'loader', one) for one in loaders]
        for loader in self._loaders:  # without WatchedLoader
            loader.worker_init_fn = _Deaf(loader.worker_init_fn)
        _end_workers_at_exit()
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            self._find_place(runner)

    def after_run(self, runner: Runner) -> None:
        """Listen no longer, and let the workers end."""
        # Those of a loader that is garbage in a cycle would get no word of its end:
        # the queue is closed first, and torch waits for each of them in vain.
        for loader in self._loaders:
            loader._iterator = None
        for one, handler in self._before.items():
            signal.signal(one, handler)
        self._before.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.told is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.told = signal.Signals(number)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Keep the place and the random states until the training goes on."""
        self._to_restore = checkpoint.get(_KEY)
        self._place = checkpoint.get(STEPS_OF_EPOCH)

    def _find_place(self, runner: Runner) -> None:
        loader, loop = runner.train_dataloader, runner.train_loop
        if self._place is None:
            return  # that of an epoch; epochs may have another length now
        done, steps = self._place
        if steps != len(loader):
            raise ValueError(
                f'The checkpoint was written after {done} of {steps} steps of epoch '
                f'{loop.epoch + 1}; an epoch has {len(loader)} steps here. Resume with '
                'the list, the batch size and the number of processes of before.'
            )
        self._done_before = done
        self._spent = Path(runner.work_dir) / _NAME.format(loop.iter)
        batches = loader.batch_sampler
        batches.sampler = _Rest(batches, done * loader.batch_size, self._restore)
        print_log(
            f'Epoch {loop.epoch + 1} goes on after {done} of {len(loader)} steps.',
            logger='current',
        )

    def _restore(self) -> None:
        """Draw what an undisturbed run draws next."""
        states, rank = self._to_restore or [], get_rank()
        if rank < len(states):
            RandomState.from_tensors(states[rank]['cpu']).restore()
            if 'cuda' in states[rank]:
                torch.cuda.set_rng_state(states[rank]['cuda'].cpu())
        self._to_restore = None

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict | None = None,
    ) -> None:
        """End between two steps if any process was told to."""
        steps = runner.iter + 1
        updates, rest = divmod(steps, _accumulated(runner))
        alone = get_world_size() == 1
        if rest or (updates % self.interval and not alone) or not self._any_told():
            return
        place = self._done_before + batch_idx + 1, len(runner.train_dataloader)
        if place[0] < place[1]:
            self._place = place
            self._end(runner, _NAME.format(steps), epoch=runner.epoch, iter=steps)
        # Otherwise the epoch is over, and its own checkpoint comes next.

    def after_train_epoch(self, runner: Runner) -> None:
        """End after the checkpoint of an epoch; this hook comes last."""
        self._place, self._done_before = None, 0
        if self._spent is not None and get_rank() == 0:
            self._spent.unlink(missing_ok=True)
            self._spent = None
        if self._any_told():
            self._end_of_epoch(runner, runner.epoch + 1)

    def after_val_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
    ) -> None:
        """Break off a validation in training, which a resume makes up for."""
        if self._before and self.told is not None:
            self._end_of_epoch(runner, runner.epoch)

    def _any_told(self) -> bool:
        told = torch.tensor(int(self.told is not None))
        if get_world_size() > 1:
            all_reduce(told, 'max')
        return bool(told)

    def _end_of_epoch(self, runner: Runner, epoch: int) -> None:
        name = f'epoch_{epoch}.pth'
        if (Path(runner.work_dir) / name).is_file():
            self._end(runner, name)
        self._end(runner, name, epoch=epoch, iter=runner.iter)

    def _end(self, runner: Runner, name: str, **meta: int) -> None:
        """End the training, with a checkpoint if there is its meta information."""
        if meta:
            own = dict(cpu=RandomState.now().as_tensors())
            if torch.cuda.is_available():
                own['cuda'] = torch.cuda.get_rng_state()
            self._to_save = [own]
            if get_world_size() > 1 and 'epoch' not in name:
                self._to_save = all_gather_object(own)
            runner.save_checkpoint(runner.work_dir, name, meta=meta)
            if get_rank() == 0:
                path = Path(runner.work_dir) / name
                write_text(path.with_name('last_checkpoint'), str(path))
        told = self.told or signal.SIGTERM  # another process was told
        print_log(
            f'{told.name}: training ends, {name} is written. --resume goes on from '
            f'there. Exit code {TRY_AGAIN}.',
            logger='current',
            level=logging.WARNING,
        )
        sys.exit(TRY_AGAIN)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Add the random states and the place to a checkpoint inside an epoch."""
        if self._to_save is not None:
            checkpoint[_KEY], self._to_save = self._to_save, None
            if self._place is not None:
                checkpoint[STEPS_OF_EPOCH] = self._place


class _Deaf:
    """Starts a worker that a signal to all processes does not end at once.

    It lives on for :data:`_GRACE` seconds, in which the main process ends its step.

    Args:
        start: What starts it beside, if anything.
    """

    def __init__(self, start: Callable[[int], None] | None) -> None:
        self.start = start

    def __call__(self, worker: int) -> None:
        for one in (signal.SIGUSR1, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *args: signal.alarm(_GRACE))
        if self.start is not None:
            self.start(worker)


@functools.cache
def _end_workers_at_exit() -> None:
    """Let the exit of this process not wait for workers that outlive SIGTERM."""
    # Before multiprocessing asks them to end and waits, in its own children, too.
    Finalize(None, kill_workers, exitpriority=100)


def kill_workers() -> None:
    """Kill what multiprocessing would ask by SIGTERM to end, and wait for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # torch takes it for an accident
    for child in multiprocessing.active_children():
        if child.daemon:
            child.kill()


class _Rest:
    """A sampler that leaves out its first indices the first time.

    Args:
        owner: The batch sampler that has it, and gets its own one back.
        left_out: How many.
        begin: Called as the indices are asked for: after torch has drawn its seed.
    """

    def __init__(
        self, owner: BatchSampler, left_out: int, begin: Callable[[], None]
    ) -> None:
        self._owner, self._left_out, self._begin = owner, left_out, begin
        self._sampler = owner.sampler

    def __iter__(self) -> Iterator[int]:
        self._owner.sampler = self._sampler
        self._begin()
        return islice(self._sampler, self._left_out, None)

    def __len__(self) -> int:
        return len(self._sampler)


def _accumulated(runner: Runner) -> int:
    """Over how many batches a step of the optimizer goes."""
    return getattr(runner.optim_wrapper, '_accumulative_counts', 1)
