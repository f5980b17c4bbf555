"""A step of a pipeline, in front of all others, that seeds each sample."""

import random
from typing import Any

import numpy as np
import torch
from torch.utils.data import get_worker_info


class SeedSample:
    """Seeds the process that makes a sample for a worker, by the epoch and the sample.

    Args:
        epoch_seed: Seed of the epoch, in memory that the processes share, () int64.
    """

    def __init__(self, epoch_seed: torch.Tensor) -> None:
        self.epoch_seed = epoch_seed

    def __call__(self, info: dict[str, Any]) -> dict[str, Any]:
        """Seed, in a worker alone: the main process draws for more than this sample."""
        if get_worker_info() is not None:
            mixed = np.random.SeedSequence([int(self.epoch_seed), info['sample_idx']])
            seed = int(mixed.generate_state(1)[0])
            random.seed(seed)
            np.random.seed(seed)
            # torch.manual_seed looks for a GPU each time: 1 ms, and none draws here.
            torch.default_generator.manual_seed(seed)
        return info
