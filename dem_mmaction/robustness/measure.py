"""The test under many conditions, for any MMAction2 recognizer."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine import dist
from mmengine.config import Config
from mmengine.runner import Runner
from mmengine.runner import runner as runner_module

from dem_mmaction.utils import claim_folder, locked

from .conditions import CLEAN, Condition, SamplingRate, find_sampling
from .config import config_under
from .journal import Journal
from .results import ConditionResults
from .robustness_loop import RobustnessTestLoop

#: What a folder of results was made with.
SETTINGS = 'robustness.settings.json'
# Keys of a data loader that do not change what is found.
_HOW = ('num_workers', 'persistent_workers', 'prefetch_factor', 'pin_memory')


def measure_robustness(
    config: Config,
    conditions: Sequence[Condition | SamplingRate],
    folder: Path,
    refused: dict[str, str] | None = None,
    title: str = '',
    **settings: Any,
) -> ConditionResults:
    """Test a recognizer under many conditions in one pass over the videos.

    A call that was cut off goes on where it was, and ends with the same file. Where the
    file is there already, it is read.

    Args:
        config: Its config, ``load_from`` naming the checkpoint; changed in place.
        conditions: The conditions; the clean one is added where it is missing.
        folder: Folder for the results and for what is found on the way.
        refused: Conditions that are left out for a reason that is known already.
        title: What the model is called; by default the name of the folder.
        **settings: Whatever else the results depend on, such as the seed of the
            conditions.

    Returns:
        The results, the same in every process.

    Raises:
        ValueError: The folder has results made with other settings, or the pipeline
            does not fit, see :func:`config_under`.
        FolderInUseError: Another call is writing to the folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    launcher = config.get('launcher') or 'none'
    if launcher != 'none' and not dist.is_distributed():
        # As the runner does, but before it is asked whether this process is the first.
        dist_cfg = (config.get('env_cfg') or {}).get('dist_cfg') or {}
        runner_module.init_dist(launcher, **dist_cfg)
    refused = dict(refused or {})
    conditions = _possible(config, conditions, refused)
    settings = _settings(config, conditions, settings)
    if not dist.is_main_process():
        return _measure(config, conditions, folder, refused, title)
    with locked(folder):
        claim_folder(folder / SETTINGS, settings)
        return _measure(config, conditions, folder, refused, title)


def _measure(
    config: Config,
    conditions: Sequence[Condition | SamplingRate],
    folder: Path,
    refused: dict[str, str],
    title: str,
) -> ConditionResults:
    done = folder / ConditionResults.FILE
    there = [done.is_file()]
    dist.broadcast_object_list(there)  # one answer for all
    if there[0]:
        return ConditionResults.load(done)
    runner = robustness_runner(config, conditions, folder)
    loop = runner.test_loop
    runner.test()
    loop.journal.close()
    results = ConditionResults(
        CLEAN.name,
        loop.results,
        sum(parameter.numel() for parameter in runner.model.parameters()),
        loop.labels,
        loop.multiply_adds,
        loop.classes,
        {**refused, **loop.refused},
        title or folder.name,
    )
    if dist.is_main_process():
        results.save(folder)
        Journal.remove(folder)
    return results


def robustness_runner(
    config: Config, conditions: Sequence[Condition | SamplingRate], folder: Path
) -> Runner:
    """A runner whose test is one under many conditions.

    Args:
        config: See :func:`measure_robustness`; changed in place.
        conditions: The conditions, the clean one first.
        folder: Folder of the journal.
    """
    config = config_under(
        config,
        conditions,
        keep_going=True,
        type=RobustnessTestLoop.__name__,
        folder=str(folder),
        frames={own.name: own.frames for own in conditions if own.frames},
    )
    config.test_evaluator = []
    config.resume = False  # the checkpoint is of a training that may have said so
    return Runner.from_cfg(config)


def _possible(
    config: Config,
    conditions: Sequence[Condition | SamplingRate],
    refused: dict[str, str],
) -> list[Condition | SamplingRate]:
    """The clean condition and those that the sampling step can have; notes others."""
    pipeline = config.test_dataloader.dataset.pipeline
    sampling = pipeline[find_sampling(pipeline)]
    found = {CLEAN.name: CLEAN}
    for condition in conditions:
        try:
            condition.steps(sampling)
        except ValueError as error:
            refused[condition.name] = str(error)
        else:
            found.setdefault(condition.name, condition)
    return list(found.values())


def _settings(
    config: Config, conditions: Sequence[Condition | SamplingRate], others: dict
) -> dict[str, Any]:
    """What the results depend on."""
    loader = {k: v for k, v in config.test_dataloader.items() if k not in _HOW}
    tested = json.dumps([config.model, loader], sort_keys=True, default=str)
    checkpoint = Path(str(config.load_from))
    if checkpoint.is_file():
        with open(checkpoint, 'rb') as file:
            weights = hashlib.file_digest(file, 'sha256').hexdigest()[:16]
    else:  # an address
        weights = str(config.load_from)
    return dict(
        model_and_data=hashlib.sha256(tested.encode()).hexdigest()[:16],
        weights=weights,
        conditions=[own.name for own in conditions],
        **others,
    )
