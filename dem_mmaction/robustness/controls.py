"""Trainings of a config on clips without the order of their frames."""

import copy
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from mmengine.config import Config
from mmengine.runner import Runner

from dem_mmaction.datasets.transforms import CONTROLS
from dem_mmaction.utils import markdown_table

from .conditions import find_sampling

#: What a network trains and is tested on: clips as they are, and the controls.
CLIPS = ('as_they_are', *CONTROLS)

_METRICS = ('video/top1', 'clip/top1')
# Of the normal distribution, for an interval of 95 %.
_QUANTILE = 1.96


def config_of_control(config: Config, clips: str) -> Config:
    """Make a copy of a config that trains and tests on clips of a control.

    Args:
        config: Config of a recognizer whose pipelines choose frames with
            ``SampleFrames``.
        clips: One of ``CLIPS``.

    Raises:
        ValueError: ``clips`` is unknown, or a pipeline has no ``SampleFrames``.
    """
    if clips not in CLIPS:
        raise ValueError(f'clips={clips!r} must be one of {", ".join(CLIPS)}.')
    config = copy.deepcopy(config)
    if clips in CONTROLS:
        for split in ('train', 'val', 'test'):
            pipeline = config[f'{split}_dataloader'].dataset.pipeline
            place = find_sampling(pipeline)
            pipeline.insert(place + 1, dict(type='RemoveOrder', control=clips))
    return config


def train_and_test(config: Config, clips: str, seed: int, folder: Path) -> dict:
    """Train a network on clips of a control and test it on such clips.

    Args:
        config: Its config.
        clips: One of ``CLIPS``.
        seed: Seed of the training and of the test.
        folder: Folder for the logs and checkpoints.

    Returns:
        The metrics of the test, and under ``'videos'`` the number of its videos.
    """
    config = config_of_control(config, clips)
    config.work_dir = str(folder)
    config.randomness = dict(seed=seed)
    config.experiment_name = f'{clips}_seed{seed}'  # MMEngine asks for one a run
    runner = Runner.from_cfg(config)
    runner.train()
    return dict(runner.test(), videos=len(runner.test_dataloader.dataset))


def controls_table(results: Mapping[str, Sequence[dict]], num_classes: int) -> str:
    """Write accuracies in percent as a Markdown table.

    The last row is what guessing gives, with the interval that 95 % of all guesses at
    so many videos lie in.

    Args:
        results: By the kind of clips, what :func:`train_and_test` returned for each
            seed.
        num_classes: Number of classes, equally frequent.
    """
    rows = [
        (clips, *(f'{100 * mean(run[name] for run in runs):.1f}' for name in _METRICS))
        for clips, runs in results.items()
    ]
    runs = next(iter(results.values()))
    chance = 1 / num_classes
    videos = sum(run['videos'] for run in runs)
    spread = _QUANTILE * math.sqrt(chance * (1 - chance) / videos)
    rows.append(('guessing', f'{100 * chance:.1f} ± {100 * spread:.1f}', ''))
    return markdown_table(('clips', *_METRICS), rows)
