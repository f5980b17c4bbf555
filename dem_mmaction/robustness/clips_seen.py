"""What a network saw of videos that it takes for another class when time runs oddly."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from mmaction.registry import DATASETS
from mmengine.config import Config

from dem_mmaction.pages import Picture, moving
from dem_mmaction.utils import pixels

from .conditions import CLEAN
from .config import config_under
from .families import condition_named
from .measures import class_name, most_flipped
from .results import ConditionResults

# Frames a second of the picture, and the height of its clips in pixels.
_FPS, _HEIGHT, _GAP = 8, 96, 4


@dataclass(frozen=True)
class Source:
    """Where clips come from.

    Attributes:
        config: The config that was tested, as it was before the test.
        over: See :class:`..datasets.transforms.TimeMap`.
        seed: The same.
    """

    config: Config
    over: str = 'clip'
    seed: int = 0


def flipped_clips(
    results: ConditionResults, source: Source, number: int
) -> list[Picture]:
    """The videos that flip under most conditions, clean and under one of these.

    Args:
        results: The results of the model.
        source: Where the clips come from.
        number: Of videos.
    """
    return list(_pictures(results, source, most_flipped(results, number)))


def _pictures(
    results: ConditionResults, source: Source, videos: list[int]
) -> Iterator[Picture]:
    for video in videos:
        name = _surest(results, video)
        config = copy.deepcopy(source.config)
        conditions = [CLEAN, condition_named(name, source.over, source.seed)]
        config_under(config, conditions)
        dataset_cfg = config.test_dataloader.dataset
        chosen = dataset_cfg.get('indices')
        place = chosen[video] if isinstance(chosen, (list, tuple)) else video
        # Of this video alone: a data set may keep in memory all that it has.
        dataset = DATASETS.build(dict(dataset_cfg, indices=[place]))
        sample = dataset[0]['clips']
        clean, other = (pixels(sample[own]['inputs']) for own in ('clean', name))
        said = [_said(results, own, video) for own in ('clean', name)]
        label = class_name(results, results.labels[video])
        caption = f'{label}: clean {said[0]}; {name} {said[1]}'
        yield moving(_beside(clean, other), f'Two clips of {caption}', caption, _FPS)


def _surest(results: ConditionResults, video: int) -> str:
    """The flipping condition under which the network is surest of the other class."""
    clean = results.clean.predictions[video]
    flips = {
        name: own.scores[video]
        for name, own in results.results.items()
        if own.predictions[video] != clean
    }
    return max(flips, key=flips.get)


def _said(results: ConditionResults, name: str, video: int) -> str:
    own = results.results[name]
    return f'{class_name(results, own.predictions[video])} ({own.scores[video]:.2f})'


def _beside(clean: np.ndarray, other: np.ndarray) -> list[np.ndarray]:
    """Both clips side by side, enlarged; the shorter one holds its last frame."""
    scale = max(1, round(_HEIGHT / clean.shape[1]))
    frames = []
    for i in range(max(len(clean), len(other))):
        pair = [own[min(i, len(own) - 1)] for own in (clean, other)]
        pair = [own.repeat(scale, 0).repeat(scale, 1) for own in pair]
        gap = np.full((len(pair[0]), _GAP, 3), 128, np.uint8)
        frames.append(np.concatenate([pair[0], gap, pair[1]], axis=1))
    return frames
