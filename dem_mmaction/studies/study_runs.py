"""Running a study: train and test what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dem_mmaction.datasets.motion_probe import ProbeSpec, generate_probe

from .catalogue import PROBES
from .probe import probe_options, probe_parallel, probe_steps
from .runs import MIM, Run, RunError, claim, run_all
from .study import Experiment, Study


def run_folder(work_dir: Path, preset: str, experiment: str, seed: int) -> Path:
    """Where one training of an experiment lives; studies that share it share that."""
    return Path(work_dir) / preset / experiment / f'seed{seed}'


def result_file(folder: Path) -> Path:
    """What the tests of a training leave; there once they are finished."""
    return folder / 'test' / 'rates.json'


def trained_file(folder: Path) -> Path:
    """What a training leaves once it has ended."""
    return folder / 'trained'


def run_study(
    study: Study,
    preset: str,
    work_dir: Path,
    seeds: Sequence[int],
    epochs: int = 8,
    probes: Mapping[str, ProbeSpec] = PROBES,
    processes: int = 1,
) -> None:
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
    for seed in seeds:  # one by one, so that a study that is cut off has whole tables
        _run_seed(
            study,
            _Probe(Path(work_dir), seed, epochs=epochs, probes=probes)
            if preset == 'probe'
            else _Full(Path(work_dir), seed, processes),
        )


def _run_seed(study: Study, preset: '_Full') -> None:
    for experiment in study.experiments:
        claim(preset.folder(experiment.name), preset.settings(experiment))
    lacking = [
        experiment
        for experiment in study.experiments
        if not result_file(preset.folder(experiment.name)).is_file()
    ]
    preset.prepare({experiment.videos for experiment in lacking})

    # Those that others start from come first.
    starts = {experiment.start for experiment in lacking}
    untrained = [
        experiment
        for experiment in lacking
        if not trained_file(preset.folder(experiment.name)).is_file()
    ]
    for first in (True, False):
        run_all(
            [
                preset.training(experiment)
                for experiment in untrained
                if (experiment.name in starts) == first
            ],
            f'train {study.name}, seed {preset.seed}',
            preset.unit,
            preset.parallel,
        )
    run_all(
        [preset.test(experiment) for experiment in lacking],
        f'test {study.name}, seed {preset.seed}',
        'run',
        preset.parallel,
    )


def check_preset(study: Study, preset: str) -> None:
    """Refuse a preset that is none or that the study does not have.

    Raises:
        ValueError: Names the preset and those there are.
    """
    if preset not in study.presets:
        raise ValueError(
            f"preset='{preset}' for study '{study.name}' must be one of "
            f'{study.presets}.'
        )


@dataclass(frozen=True)
class _Full:
    """Trainings and tests with one seed at the thesis's size."""

    work_dir: Path
    seed: int
    processes: int = 1

    preset = 'full'
    flags = ('--auto-scale-lr',)  # the rate is that of four GPUs
    unit = 'run'
    parallel = 1

    def folder(self, experiment: str) -> Path:
        return run_folder(self.work_dir, self.preset, experiment, self.seed)

    def prepare(self, videos: set[str]) -> None:
        """Nothing: the data sets must be there."""

    def config(self, experiment: Experiment) -> Path:
        return MIM / 'configs' / experiment.config

    def options(self, experiment: Experiment) -> list[str]:
        options = [f'randomness.seed={self.seed}']
        if experiment.start is not None:
            checkpoint = _last_checkpoint(self.folder(experiment.start))
            options += [
                'model.backbone.init_cfg.type=Pretrained',
                'model.backbone.init_cfg.prefix=backbone.',
                f'model.backbone.init_cfg.checkpoint={checkpoint}',
            ]
        return options

    def settings(self, experiment: Experiment) -> dict:
        """What the results of a run depend on, beside the code."""
        return dict(config=experiment.config, processes=self.processes)

    def training(self, experiment: Experiment) -> Run:
        folder = self.folder(experiment.name)
        return Run(
            'train.py',
            [
                self.config(experiment),
                '--resume',
                *self.flags,
                '--cfg-options',
                *self.options(experiment),
            ],
            folder,
            self.steps(experiment),
            self.processes,
            trained_file(folder),
        )

    def steps(self, experiment: Experiment) -> int:
        return 1

    def test(self, experiment: Experiment) -> Run:
        folder = self.folder(experiment.name)
        test_dir = result_file(folder).parent
        return Run(
            'test_rates.py',
            [
                self.config(experiment),
                _last_checkpoint(folder),
                '--rates',
                *experiment.rates,
                '--cfg-options',
                *self.options(experiment),
                f'test_evaluator.per_class_file={test_dir / "per_class.json"}',
            ],
            test_dir,
            processes=self.processes,
        )


@dataclass(frozen=True, kw_only=True)
class _Probe(_Full):
    """The same with small networks on generated videos, each by one process."""

    epochs: int
    probes: Mapping[str, ProbeSpec]

    preset = 'probe'
    flags = ()
    unit = 'iter'

    @property
    def parallel(self) -> int:
        return probe_parallel()

    def videos(self, name: str) -> Path:
        return self.work_dir / 'probe_videos' / name

    def prepare(self, videos: set[str]) -> None:
        for name in sorted(videos):
            generate_probe(self.videos(name), self.probes[name])

    def config(self, experiment: Experiment) -> Path:
        return MIM / 'configs' / experiment.probe

    def options(self, experiment: Experiment) -> list[str]:
        return [
            *super().options(experiment),
            *probe_options(self.videos(experiment.videos), self.epochs),
            'default_hooks.reseed.type=ReseedEpoch',
            *experiment.probe_options,
        ]

    def settings(self, experiment: Experiment) -> dict:
        return dict(
            config=experiment.probe,
            options=experiment.probe_options,
            epochs=self.epochs,
            videos=asdict(self.probes[experiment.videos]),
        )

    def steps(self, experiment: Experiment) -> int:
        return probe_steps(self.probes[experiment.videos], self.epochs)


def _last_checkpoint(folder: Path) -> Path:
    """MMEngine notes its last checkpoint in a file of its own.

    Raises:
        RunError: It is not there.
    """
    note = folder / 'last_checkpoint'
    path = folder / Path(note.read_text().strip()).name if note.is_file() else note
    if not path.is_file():
        raise RunError(
            f'{path}, which a test or a fine-tuning needs, is not there: '
            f'delete {folder} to train that network again.'
        )
    return path
