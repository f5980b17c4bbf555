#!/usr/bin/env python
"""Time the training loader of a config alone, with other settings of its workers.

Reads epochs of random clips from the videos of the given folders, as the pipeline of
the config makes them, and does nothing with them. Prints clips a second for the config
as it is, and how many times as fast it is with one setting changed: another number of
workers, more threads for the decoder or for OpenCV in each worker, workers that are
made anew every epoch, more batches read ahead and, with a GPU, pinned memory. The
settings take turns.
"""

import argparse
import copy
import os
import statistics
import tempfile
from pathlib import Path

import cv2
import torch
from alternating import in_turns, machine, ratio
from mmengine.config import Config
from mmengine.runner import Runner
from on_videos import clips_a_video, on_videos, parser

import dem_mmaction  # noqa: F401  registers the steps
from dem_mmaction.utils import markdown_table


def parse_args() -> argparse.Namespace:
    options = parser(__doc__)
    options.add_argument('--number', type=int, default=96, help='videos an epoch')
    options.add_argument('--workers', type=int, default=os.cpu_count())
    options.add_argument(
        '--passes', type=int, default=5, help='passes of two epochs each'
    )
    return options.parse_args()


def variants(config: Config, workers: int) -> dict[str, Config]:
    """Return the config, and copies of it with one setting changed in each."""
    config.train_dataloader.num_workers = workers
    changes = {
        'as it is': {},
        'half the workers': dict(num_workers=max(1, workers // 2)),
        'twice the workers': dict(num_workers=2 * workers),
        'workers anew every epoch': dict(persistent_workers=False),
        '4 batches ahead': dict(prefetch_factor=4),
        'decoder with 2 threads': {},
        'OpenCV with 2 threads': {},
    }
    if torch.cuda.is_available():
        changes['pinned memory'] = dict(pin_memory=True)
    made = {}
    for name, change in changes.items():
        made[name] = copy.deepcopy(config)
        made[name].train_dataloader.update(change)
    (opener,) = (
        step
        for step in made['decoder with 2 threads'].train_dataloader.dataset.pipeline
        if step['type'] == 'VideoInit'
    )
    opener.num_threads = 2
    made['OpenCV with 2 threads'].env_cfg.mp_cfg.opencv_num_threads = 2
    return made


class Epochs:
    """Reads two epochs from a training loader.

    Args:
        config: The config with the loader.
    """

    def __init__(self, config: Config) -> None:
        self.threads = config.env_cfg.mp_cfg.opencv_num_threads
        self.loader = Runner.build_dataloader(config.train_dataloader, seed=0)

    def __call__(self) -> None:
        cv2.setNumThreads(self.threads)  # workers take this over when they are made
        for _ in range(2):
            for _ in self.loader:
                pass


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = on_videos(
            args.config, args.videos, Path(folder), args.number, args.cfg_options
        )
        loader = config.train_dataloader
        clips = 2 * args.number * clips_a_video(config)
        works = {
            name: Epochs(made) for name, made in variants(config, args.workers).items()
        }
        seconds = in_turns(works, args.passes)
    base = seconds['as it is']
    print(
        f'{machine()}; {args.workers} workers, batches of {loader.batch_size} videos,'
        f' {args.number} videos, {args.passes} passes of two epochs'
    )
    rows = [
        [name, f'{clips / statistics.median(own):.0f}', ratio(base, own)]
        for name, own in seconds.items()
    ]
    print(markdown_table(['setting', 'clips/s', 'to the config'], rows), end='')


if __name__ == '__main__':
    main()
