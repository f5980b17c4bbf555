"""Running a study: train and test what is missing."""
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

from .catalogue import PROBES
from .runs import MIM, Run, run_all
from .study import Experiment, Study

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
              probes: Mapping[str, ProbeSpec] = PROBES,
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
        probes: The generated videos by name.
        processes: For one training at full size: GPUs.

    Raises:
        ValueError: Unknown preset, the study has no such, or ``work_dir`` holds
            another probe.
        RunError: A training or test failed; says where its log is. What was finished
            before stays.
    """
    check_preset(study, preset)
    setting = (_Probe if preset == 'probe' else _Full)(
        Path(work_dir), epochs, probes, processes)
    lacking = [(seed, experiment) for seed, experiment in _each(study, seeds)
               if not result_file(setting.folder(experiment, seed)).is_file()]
    setting.prepare({experiment.videos for _, experiment in lacking})

    # Those that others start from come first.
    starts = {experiment.start for _, experiment in lacking}
    for first in (True, False):
        run_all([
            setting.training(experiment, seed) for seed, experiment in lacking
            if (experiment.name in starts) == first
            and not setting.is_trained(experiment, seed)
        ], f'train {study.name}', setting.unit, setting.parallel)
    run_all([setting.test(experiment, seed) for seed, experiment in lacking],
            f'test {study.name}', 'run', setting.parallel)


def check_preset(study: Study, preset: str) -> None:
    """Refuse a preset that is none or that the study does not have.

    Raises:
        ValueError: Names the preset and those there are.
    """
    if preset not in study.presets:
        raise ValueError(
            f"preset='{preset}' for study '{study.name}' must be one of "
            f'{study.presets}.')


def _each(study: Study, seeds: Sequence[int]) -> Iterator[tuple[int, Experiment]]:
    """Seeds outside, so that a study that is cut off has whole tables."""
    return ((seed, experiment) for seed in seeds for experiment in study.experiments)


@dataclass
class _Full:
    """Trainings and tests at the thesis's size."""
    work_dir: Path
    epochs: int
    probes: Mapping[str, ProbeSpec]
    processes: int

    preset = 'full'
    unit = 'run'
    parallel = 1

    def folder(self, experiment: Experiment, seed: int) -> Path:
        return run_folder(self.work_dir, self.preset, experiment.name, seed)

    def prepare(self, videos: set[str]) -> None:
        """Nothing: the data sets must be there."""

    def config(self, experiment: Experiment) -> Path:
        return MIM / 'configs' / experiment.config

    def options(self, experiment: Experiment, seed: int) -> list[str]:
        options = [f'randomness.seed={seed}']
        if experiment.start is not None:
            folder = run_folder(self.work_dir, self.preset, experiment.start, seed)
            checkpoint = _last_checkpoint(folder)
            options += ['model.backbone.init_cfg.type=Pretrained',
                        'model.backbone.init_cfg.prefix=backbone.',
                        f'model.backbone.init_cfg.checkpoint={checkpoint}']
        return options

    def is_trained(self, experiment: Experiment, seed: int) -> bool:
        """Unknown, as a plateau may end a training early: started, it ends at once."""
        return False

    def training(self, experiment: Experiment, seed: int) -> Run:
        return Run('train.py', [self.config(experiment), '--resume', '--cfg-options',
                                *self.options(experiment, seed)],
                   self.folder(experiment, seed), self.steps(experiment),
                   self.processes)

    def steps(self, experiment: Experiment) -> int:
        return 1

    def test(self, experiment: Experiment, seed: int) -> Run:
        folder = self.folder(experiment, seed)
        test_dir = result_file(folder).parent
        return Run('test_rates.py', [
            self.config(experiment), _last_checkpoint(folder), '--rates',
            *experiment.rates, '--cfg-options', *self.options(experiment, seed),
            f'test_evaluator.per_class_file={test_dir / "per_class.json"}'
        ], test_dir, processes=self.processes)


class _Probe(_Full):
    """The same with small networks on generated videos."""
    preset = 'probe'
    unit = 'iter'

    @property
    def parallel(self) -> int:
        """A GPU is faster with one process at a time."""
        return 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)

    def videos(self, name: str) -> Path:
        return self.work_dir / 'probe_videos' / name

    def prepare(self, videos: set[str]) -> None:
        for name in sorted(videos):
            generate_probe(self.videos(name), self.probes[name])

    def config(self, experiment: Experiment) -> Path:
        return MIM / 'configs' / experiment.probe

    def options(self, experiment: Experiment, seed: int) -> list[str]:
        lists = self.videos(experiment.videos)
        return super().options(experiment, seed) + [
            f'train_dataloader.dataset.ann_file={lists / "train.txt"}',
            f'train_dataloader.batch_size={BATCH_SIZE}',
            *(f'{split}_dataloader.dataset.ann_file={lists / "test.txt"}'
              for split in ('val', 'test')),
            f'train_cfg.max_epochs={self.epochs}',
            f'param_scheduler.total_steps={self.epochs}',
            'default_hooks.logger.interval=4', 'default_hooks.reseed.type=ReseedEpoch',
            *experiment.probe_options
        ]

    def is_trained(self, experiment: Experiment, seed: int) -> bool:
        checkpoint = f'epoch_{self.epochs}.pth'
        return (self.folder(experiment, seed) / checkpoint).is_file()

    def steps(self, experiment: Experiment) -> int:
        return self.epochs * (self.probes[experiment.videos].train // BATCH_SIZE)


def _last_checkpoint(folder: Path) -> str:
    """MMEngine notes its last checkpoint in a file of its own."""
    return (folder / 'last_checkpoint').read_text().strip()
