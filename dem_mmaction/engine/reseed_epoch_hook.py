"""The random numbers of a resumed training, as of an undisturbed one."""

import logging

import torch
from mmaction.registry import HOOKS
from mmengine.dataset import BaseDataset, ConcatDataset
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner, set_random_seed
from torch.utils.data import DataLoader

from dem_mmaction.datasets import SeedSample, WatchedLoader


@HOOKS.register_module()
class ReseedEpochHook(Hook):
    """Seed ``random``, numpy and torch before each epoch, by seed, epoch and rank.

    MMEngine's checkpoints hold no random state: after a resume, clips and augmentation
    are drawn as in the first epoch of a new run. With this hook, epochs after a resume
    are those of a run that was never cut off.

    Workers of a loader seed themselves before each sample, by seed, epoch and the index
    in the list: what they draw depends on neither their number nor that of the
    processes. MMEngine seeds workers when they are made, alike every epoch where they
    do not persist. In a data set that repeats another, an index comes several times an
    epoch, so that its workers are left as they are, and a warning says so.
    """

    priority = 'VERY_HIGH'

    def __init__(self) -> None:
        self._epoch_seed = torch.zeros((), dtype=torch.int64).share_memory_()

    def before_train(self, runner: Runner) -> None:
        """Let the workers of the loader seed themselves."""
        self.seed_samples(runner.train_dataloader)

    def seed_samples(self, loader: DataLoader | WatchedLoader) -> None:
        """Let the workers of a training loader seed themselves before each sample."""
        if not loader.num_workers:
            return
        # torch draws a seed for workers as it makes them: with workers that persist, at
        # the first epoch after each start alone.
        getattr(loader, 'loader', loader).generator = torch.Generator()
        concatenated = isinstance(loader.dataset, ConcatDataset)
        for dataset in loader.dataset.datasets if concatenated else [loader.dataset]:
            if isinstance(dataset, BaseDataset):
                steps = dataset.pipeline.transforms
                if not isinstance(steps[0] if steps else None, SeedSample):
                    steps.insert(0, SeedSample(self._epoch_seed))
            else:
                print_log(
                    f'ReseedEpochHook does not know how often {type(dataset).__name__} '
                    'takes a sample in an epoch: its workers draw other numbers after '
                    'a resume.',
                    logger='current',
                    level=logging.WARNING,
                )

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed this process for the coming epoch."""
        seed = runner.seed + 1000 * runner.epoch
        self._epoch_seed.fill_(seed)
        set_random_seed(seed + get_rank())
