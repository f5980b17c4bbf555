"""At which size a study is run: small networks on generated videos, or full size."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import torch
from mmengine.config import Config

from dem_mmaction.datasets.motion_probe import generate_probe
from dem_mmaction.robustness import find_sampling

from .folders import MIM, RunFolder
from .study import Experiment, Study

_BATCH_SIZE = 16  # of the probe
_CONFIGS = MIM / 'configs'


class Preset(ABC):
    """How the experiments of studies become configs and data at one size.

    Args:
        work_dir: Folder of all studies; a preset has a folder of its own in it.

    Attributes:
        name: What the command line calls it.
        comparable: Whether its data are the thesis's, so that a difference to the
            thesis's numbers means something.
        unit: What one step of its progress bar is.
        parallel: Number of trainings or tests at a time.
        processes: Number of processes of one training or test.
    """

    name: ClassVar[str]
    comparable: ClassVar[bool] = True
    unit: ClassVar[str] = 'run'
    parallel: int = 1
    processes: int = 1

    def __init__(self, work_dir: Path) -> None:
        self.root = Path(work_dir) / self.name

    @classmethod
    @abstractmethod
    def has(cls, experiment: Experiment) -> bool:
        """Whether there is such an experiment at this size."""

    @abstractmethod
    def config(self, experiment: Experiment) -> Config:
        """The config of the experiment's training and test."""

    @abstractmethod
    def settings(self, experiment: Experiment) -> dict[str, Any]:
        """What the results of a run depend on, beside the code and the seed."""

    @abstractmethod
    def describe(self, study: Study) -> str:
        """What a reader of the study's numbers must know of networks and data."""

    @abstractmethod
    def prepare(self, experiments: Iterable[Experiment]) -> None:
        """Make the data of experiments that is not there yet."""

    @abstractmethod
    def steps(self, experiment: Experiment) -> int:
        """Number of steps of a training, in units of the progress bar."""

    def folder(self, experiment: str, seed: int) -> RunFolder:
        """Where one training of an experiment lives."""
        return RunFolder.of(self.root, experiment, seed)


class Probe(Preset):
    """Small networks on generated videos, one process each: minutes on a CPU.

    Args:
        work_dir: Folder of all studies.
        epochs: Number of epochs of a training, one clip a video.
    """

    name = 'probe'
    comparable = False
    unit = 'iter'

    def __init__(self, work_dir: Path, epochs: int = 8) -> None:
        super().__init__(work_dir)
        self.epochs = epochs
        # A GPU is faster with one.
        self.parallel = 1 if torch.cuda.is_available() else min(2, os.cpu_count() or 1)

    @classmethod
    def has(cls, experiment: Experiment) -> bool:
        return True

    def describe(self, study: Study) -> str:
        return f'Small networks on generated videos. {study.on_probe}'.strip()

    def prepare(self, experiments: Iterable[Experiment]) -> None:
        videos = {own.probe.videos.name: own.probe.videos for own in experiments}
        for name in sorted(videos):
            generate_probe(self._videos(name), videos[name].spec)

    def _videos(self, name: str) -> Path:
        return self.root.parent / 'probe_videos' / name

    def config(self, experiment: Experiment) -> Config:
        own = experiment.probe
        config = Config.fromfile(_CONFIGS / own.config)
        videos = self._videos(own.videos.name)
        for split, part in (('train', 'train'), ('val', 'test'), ('test', 'test')):
            dataset = config[f'{split}_dataloader'].dataset
            dataset.ann_file = str(videos / f'{part}.txt')
            sampling = find_sampling(dataset.pipeline)
            dataset.pipeline[sampling].frame_interval = own.rate
        config.merge_from_dict(
            dict(
                train_dataloader=dict(batch_size=_BATCH_SIZE),
                train_cfg=dict(max_epochs=self.epochs),
                default_hooks=dict(logger=dict(interval=4)),
                custom_hooks=[dict(type='ReseedEpochHook')],
            )
        )
        config.merge_from_dict(dict(own.changes))
        return config

    def settings(self, experiment: Experiment) -> dict[str, Any]:
        return dict(
            asdict(experiment.probe), start=experiment.start, epochs=self.epochs
        )

    def steps(self, experiment: Experiment) -> int:
        return self.epochs * (experiment.probe.videos.spec.train // _BATCH_SIZE)


class FullSize(Preset):
    """The configs of the thesis's experiments, whose data must be where they say.

    Args:
        work_dir: Folder of all studies.
        processes: Number of processes of a training, one a GPU.
    """

    name = 'full'

    def __init__(self, work_dir: Path, processes: int = 1) -> None:
        super().__init__(work_dir)
        self.processes = processes

    @classmethod
    def has(cls, experiment: Experiment) -> bool:
        return experiment.full is not None

    def describe(self, study: Study) -> str:
        return 'Full size.'

    def prepare(self, experiments: Iterable[Experiment]) -> None:
        """Nothing: the data sets must be there."""

    def steps(self, experiment: Experiment) -> int:
        return 1

    def config(self, experiment: Experiment) -> Config:
        config = Config.fromfile(_CONFIGS / experiment.full)
        config.auto_scale_lr.enable = True  # the rate in there is that of four GPUs
        return config

    def settings(self, experiment: Experiment) -> dict[str, Any]:
        return dict(
            config=experiment.full, start=experiment.start, processes=self.processes
        )


def presets_of(study: Study) -> dict[str, type[Preset]]:
    """The presets that have all of a study's experiments, by name, the largest last."""
    return {
        preset.name: preset
        for preset in (Probe, FullSize)
        if all(map(preset.has, study.experiments))
    }


def choose_preset(
    study: Study, name: str | None, work_dir: Path, processes: int = 1
) -> Preset:
    """The preset of a name for a study, with its usual options.

    Args:
        study: The study.
        name: ``'probe'`` or ``'full'``. None: the largest that the study has.
        work_dir: Folder of all studies.
        processes: Number of processes of one training at full size.

    Raises:
        ValueError: The study has no such preset, or the probe is asked for several
            processes.
    """
    presets = presets_of(study)
    name = name or list(presets)[-1]
    if name not in presets:
        raise ValueError(
            f"--preset {name}: study '{study.name}' has {' and '.join(presets)}."
        )
    if presets[name] is FullSize:
        return FullSize(work_dir, processes)
    if processes != 1:
        raise ValueError(f'--gpus {processes}: the probe trains on one.')
    return Probe(work_dir)
