"""What every training on generated videos has in common."""

import os
from pathlib import Path

import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec

BATCH_SIZE = 16


def probe_options(videos: Path, epochs: int) -> list[str]:
    """What to change in a config of ``configs/probe/``, as ``--cfg-options`` takes it.

    Args:
        videos: Folder of the generated videos.
        epochs: Of the training, one clip a video.
    """
    return [
        f'train_dataloader.dataset.ann_file={videos / "train.txt"}',
        f'train_dataloader.batch_size={BATCH_SIZE}',
        *(
            f'{split}_dataloader.dataset.ann_file={videos / "test.txt"}'
            for split in ('val', 'test')
        ),
        f'train_cfg.max_epochs={epochs}',
        f'param_scheduler.total_steps={epochs}',
        'default_hooks.logger.interval=4',
    ]


def probe_steps(spec: ProbeSpec, epochs: int) -> int:
    """Iterations of a training."""
    return epochs * (spec.train // BATCH_SIZE)


def probe_parallel() -> int:
    """Processes at a time; a GPU is faster with one."""
    return 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)
