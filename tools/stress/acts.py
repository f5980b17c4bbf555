"""What happens to a training, and when."""

import os
import resource
import signal
from collections.abc import Callable
from unittest import mock

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from dem_mmaction.datasets import VideoListDataset


class At(Hook):
    """Does something once, at a moment of a training.

    Args:
        moment: A method of hooks.
        iters: Steps that the training has done then.
        act: Called with the runner.
    """

    priority = 'LOW'

    def __init__(self, moment: str, iters: int, act: Callable[[Runner], None]) -> None:
        self.iters, self.act = iters, act
        setattr(self, moment, self._moment)

    def _moment(self, runner: Runner, *args, **kwargs) -> None:
        if runner.iter == self.iters:
            self.iters = None
            self.act(runner)


def tell(number: signal.Signals) -> Callable[[Runner], None]:
    """Send this process a signal."""
    return lambda runner: os.kill(os.getpid(), number)


die = tell(signal.SIGKILL)


def die_in_next_write(runner: Runner) -> None:
    """Die with a part of the next file on the disk."""

    def cut_off(file: int) -> None:
        os.truncate(os.readlink(f'/proc/self/fd/{file}'), 99)
        die(runner)

    mock.patch('os.fsync', side_effect=cut_off).start()


def fill_the_disk(runner: Runner) -> None:
    """Let no file grow from now on, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))


def spoil_the_weights(runner: Runner) -> None:
    """Make a weight NaN, as a step with an infinite gradient does."""
    next(runner.model.parameters()).data.view(-1)[0] = torch.nan


def die_in_the_list() -> None:
    """Before a training: die with a list read in part, after a first one."""
    load, lists = VideoListDataset.load_data_list, []

    def part_of(own: VideoListDataset) -> list[dict]:
        if lists:
            tell(signal.SIGKILL)(None)
        lists.append(load(own))
        return lists[0]

    mock.patch.object(VideoListDataset, 'load_data_list', part_of).start()
