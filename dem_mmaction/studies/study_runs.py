"""Running a study: train and test what is missing."""
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

from .catalogue import PROBES
from .runs import MIM, Run, RunError, run_all
from .study import Experiment, Study

BATCH_SIZE = 16


def run_folder(work_dir: Path, preset: str, experiment: str, seed: int) -> Path:
    """Where one training of an experiment lives; studies that share it share that."""
    return Path(work_dir) / preset / experiment / f'seed{seed}'


def result_file(folder: Path) -> Path:
    """What the tests of a training leave; there once they are finished."""
    return folder / 'test' / 'rates.json'


def trained_file(folder: Path) -> Path:
    """What a training leaves once it has ended."""
    return folder / 'trained'


def run_study(study: Study,
              preset: str,
              work_dir: Path,
              seeds: Sequence[int],
              epochs: int = 8,
              probes: Mapping[str, ProbeSpec] = PROBES,
              processes: int = 1) -> None:
    """Train and test what a study lacks.

    Finished trainings and tests are left alone, and one that was cut off goes on after
    its last epoch. On the probe it goes on with the random numbers of an undisturbed
    run; at full size with others, and without the last step of its plateau schedule,
    as MMEngine saves a checkpoint before the validation that makes the step.

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
        ValueError: Unknown preset, the study has no such, several processes for the
            probe, or ``work_dir`` has runs with other settings.
        RunError: A training or test failed; says where its log is. What was finished
            before stays.
    """
    check_preset(study, preset)
    if preset == 'probe' and processes != 1:
        raise ValueError(f'--gpus {processes}: the probe trains on one.')
    setting = (_Probe if preset == 'probe' else _Full)(
        Path(work_dir), epochs, probes, processes)
    for seed in seeds:  # one by one, so that a study that is cut off has whole tables
        _run_seed(study, setting, seed)


def _run_seed(study: Study, setting: '_Full', seed: int) -> None:
    for experiment in study.experiments:
        setting.claim(experiment, seed)
    lacking = [experiment for experiment in study.experiments
               if not result_file(setting.folder(experiment, seed)).is_file()]
    setting.prepare({experiment.videos for experiment in lacking})

    # Those that others start from come first.
    starts = {experiment.start for experiment in lacking}
    for first in (True, False):
        run_all([
            setting.training(experiment, seed) for experiment in lacking
            if (experiment.name in starts) == first
            and not trained_file(setting.folder(experiment, seed)).is_file()
        ], f'train {study.name}, seed {seed}', setting.unit, setting.parallel)
    run_all([setting.test(experiment, seed) for experiment in lacking],
            f'test {study.name}, seed {seed}', 'run', setting.parallel)


def check_preset(study: Study, preset: str) -> None:
    """Refuse a preset that is none or that the study does not have.

    Raises:
        ValueError: Names the preset and those there are.
    """
    if preset not in study.presets:
        raise ValueError(
            f"preset='{preset}' for study '{study.name}' must be one of "
            f'{study.presets}.')


@dataclass
class _Full:
    """Trainings and tests at the thesis's size."""
    work_dir: Path
    epochs: int
    probes: Mapping[str, ProbeSpec]
    processes: int

    preset = 'full'
    flags = ('--auto-scale-lr', )  # the rate is that of four GPUs
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

    def settings(self, experiment: Experiment) -> dict:
        """What the results of a run depend on, beside the code."""
        return dict(config=experiment.config, processes=self.processes)

    def claim(self, experiment: Experiment, seed: int) -> None:
        """Note the settings of a run, or refuse results of others.

        Raises:
            ValueError: The folder is of a run with other settings.
        """
        path = self.folder(experiment, seed) / 'settings.json'
        wanted = json.loads(json.dumps(self.settings(experiment)))
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(wanted, indent=1) + '\n')
            return
        found = json.loads(path.read_text())
        for key in wanted:
            if found.get(key) != wanted[key]:
                raise ValueError(
                    f'{path.parent} is of a run with {key}={found.get(key)}, not '
                    f'{wanted[key]}: take another --work-dir, or delete it.')

    def training(self, experiment: Experiment, seed: int) -> Run:
        folder = self.folder(experiment, seed)
        return Run('train.py', [self.config(experiment), '--resume', *self.flags,
                                '--cfg-options', *self.options(experiment, seed)],
                   folder, self.steps(experiment), self.processes, trained_file(folder))

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
    """The same with small networks on generated videos, each by one process."""
    preset = 'probe'
    flags = ()
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

    def settings(self, experiment: Experiment) -> dict:
        return dict(
            config=experiment.probe, options=experiment.probe_options,
            epochs=self.epochs, videos=asdict(self.probes[experiment.videos]))

    def steps(self, experiment: Experiment) -> int:
        return self.epochs * (self.probes[experiment.videos].train // BATCH_SIZE)


def _last_checkpoint(folder: Path) -> Path:
    """MMEngine notes its last checkpoint in a file of its own.

    Raises:
        RunError: It is not there.
    """
    note = folder / 'last_checkpoint'
    path = folder / Path(note.read_text().strip()).name if note.is_file() else note
    if not path.is_file():
        raise RunError(f'{path}, which a test or a fine-tuning needs, is not there: '
                       f'delete {folder} to train that network again.')
    return path
