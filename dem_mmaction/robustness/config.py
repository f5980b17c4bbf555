"""Configs whose test is one under several conditions."""

from collections.abc import Sequence
from typing import Any

from mmengine.config import Config

from .conditions import Condition, SamplingRate, find_sampling


def config_under(
    config: Config,
    conditions: Sequence[Condition | SamplingRate],
    keep_going: bool = False,
    **loop: Any,
) -> Config:
    """Make a config's test one under several conditions.

    Args:
        config: A config of any MMAction2 recognizer; changed in place and returned.
        conditions: The conditions, the model's own test first.
        keep_going: See :class:`SampleConditions`.
        **loop: Arguments of the test loop, such as its ``type``.

    Raises:
        ValueError: The test pipeline does not sample frames and decode right after it,
            or a condition cannot be with its sampling step.
    """
    pipeline = list(config.test_dataloader.dataset.pipeline)
    place = find_sampling(pipeline)
    sampling, decode, *finish = pipeline[place:]
    if 'Decode' not in decode['type']:
        raise ValueError(
            f'The test pipeline needs a decoding step right after {sampling["type"]}, '
            'so that other frames can be chosen; it has '
            f'{decode["type"]}.'
        )
    config.test_dataloader.dataset.pipeline = [
        *pipeline[:place],
        dict(
            type='SampleConditions',
            conditions={own.name: own.steps(sampling) for own in conditions},
            decode=decode,
            finish=finish,
            after={own.name: list(own.after) for own in conditions if own.after},
            keep_going=keep_going,
        ),
    ]
    fp16 = (config.get('test_cfg') or {}).get('fp16', False)
    names = [own.name for own in conditions]
    loop = {'type': 'ConditionTestLoop', **loop}
    config.test_cfg = dict(loop, conditions=names, fp16=fp16)
    return config


def config_of_condition(config: Config, condition: Condition | SamplingRate) -> Config:
    """Make a config's test one under a single condition, for ``tools/test.py``.

    Args:
        config: As in :func:`config_under`; changed in place and returned.
        condition: The condition.

    Raises:
        ValueError: As in :func:`config_under`.
    """
    pipeline = list(config.test_dataloader.dataset.pipeline)
    place = find_sampling(pipeline)
    config.test_dataloader.dataset.pipeline = [
        *pipeline[:place],
        *condition.steps(pipeline[place]),
        pipeline[place + 1],
        *condition.after,
        *pipeline[place + 2 :],
    ]
    return config
