"""Running a study: train and test what is missing."""
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

from .runs import MIM, Run, run_all
from .study import Experiment, Study

PRESETS = ('probe', 'full')
PROBE = ProbeSpec(train=576, test=192, frames=96, size=(40, 40))
BATCH_SIZE = 16


def run_folder(work_dir: Path, preset: str, experiment: str, seed: int) -> Path:
    """Where one training of an experiment lives; studies that share it share that."""
    return Path(work_dir) / preset / experiment / f'seed{seed}'


def result_file(folder: Path) -> Path:
    """What the tests of a training leave; there once they are finished."""
    return folder / 'test' / 'rates.json'


def run_study(study: Study,
              preset: str,
              work_dir: Path,
              seeds: Sequence[int],
              epochs: int = 8,
              spec: ProbeSpec = PROBE,
              processes: int = 1) -> None:
    """Train and test what a study lacks.

    Finished trainings and tests are left alone, and one that was cut off goes on after
    its last epoch, with the random numbers of an undisturbed run.

    Args:
        study: What to run.
        preset: ``'probe'``, small networks on generated videos, or ``'full'``, the
            configs of the thesis's experiments, whose data must be where they say.
        work_dir: Where everything goes.
        seeds: A training of every experiment for each.
        epochs: Of the probe's trainings.
        spec: The probe.
        processes: For one training at full size: GPUs.

    Raises:
        ValueError: Unknown preset, or ``work_dir`` holds another probe.
        RunError: A training or test failed; says where its log is. What was finished
            before stays.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset='{preset}' must be one of {PRESETS}.")
    work_dir = Path(work_dir)
    common, steps, parallel = [], 1, 1
    if preset == 'probe':
        lists = generate_probe(work_dir / 'probe_videos', spec)
        common = [
            f'train_dataloader.dataset.ann_file={lists["train"]}',
            f'train_dataloader.batch_size={BATCH_SIZE}',
            f'test_dataloader.dataset.ann_file={lists["test"]}',
            f'train_cfg.max_epochs={epochs}', f'param_scheduler.total_steps={epochs}',
            'default_hooks.logger.interval=4',
            'default_hooks.reseed.type=ReseedEpoch',
        ]
        steps = epochs * (spec.train // BATCH_SIZE)
        processes = 1
        parallel = 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)

    lacking = [
        (experiment, seed, run_folder(work_dir, preset, experiment.name, seed))
        for seed, experiment in _each(study, seeds)
        if not result_file(
            run_folder(work_dir, preset, experiment.name, seed)).is_file()]

    def options(experiment: Experiment, seed: int) -> list[str]:
        own = experiment.probe_options if preset == 'probe' else ()
        return ['--cfg-options', *common, *own, f'randomness.seed={seed}']

    run_all([
        Run('train.py', [_config(experiment, preset), '--resume',
                         *options(experiment, seed)], folder, steps, processes)
        for experiment, seed, folder in lacking
        if preset == 'full' or not (folder / f'epoch_{epochs}.pth').is_file()
    ], f'train {study.name}', 'iter' if preset == 'probe' else 'run', parallel)
    run_all([
        Run('test_rates.py', [
            _config(experiment, preset), _last_checkpoint(folder), '--rates',
            *experiment.rates, *options(experiment, seed)
        ], result_file(folder).parent, processes=processes)
        for experiment, seed, folder in lacking
    ], f'test {study.name}', 'run', parallel)


def _each(study: Study, seeds: Sequence[int]) -> Iterator[tuple[int, Experiment]]:
    """Seeds outside, so that a study that is cut off has whole tables."""
    return ((seed, experiment) for seed in seeds for experiment in study.experiments)


def _config(experiment: Experiment, preset: str) -> Path:
    return MIM / 'configs' / (
        experiment.probe if preset == 'probe' else experiment.config)


def _last_checkpoint(folder: Path) -> str:
    """MMEngine notes its last checkpoint in a file of its own."""
    return (folder / 'last_checkpoint').read_text().strip()
