"""At which size a study is run: small networks on an instrument, or full size."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from dem_mmaction.datasets.motion_probe import generate_probe
from dem_mmaction.robustness import find_sampling

from .folders import MIM, RunFolder
from .instruments import HOSTS, INSTRUMENTS, R2P1D, Instrument
from .study import Experiment, Small, Study

_CONFIGS = MIM / 'configs'
# What a sampling step says of a clip's length and place.
_PLACE = ('clip_len', 'num_clips', 'centre', 'jitter')
# What an experiment may ask of any host's backbone.
_OF_ANY_HOST = {'dem_stages', 'dem_cfg'}


class Preset(ABC):
    """How the experiments of studies become configs and data at one size.

    Args:
        work_dir: Folder of all studies; a preset has a folder of its own in it.

    Attributes:
        name: What the command line calls it.
        text: What a reader of its numbers must know of networks and data.
        unit: What one step of its progress bar is.
        parallel: Number of trainings or tests at a time.
        processes: Number of processes of one training or test.
        folds: Divisions of the data, each with a training of its own.
    """

    name: str
    text: str
    unit: str = 'run'
    parallel: int = 1
    processes: int = 1
    folds: tuple[str, ...] = ('',)

    def __init__(self, work_dir: Path) -> None:
        self.root = Path(work_dir) / self.name

    @abstractmethod
    def has(self, experiment: Experiment) -> bool:
        """Whether there is such an experiment at this size."""

    @abstractmethod
    def rates(self, experiment: Experiment) -> tuple[float, ...]:
        """The sub-sampling rates to test it at."""

    @abstractmethod
    def config(
        self, experiment: Experiment, fold: str = '', part: str = 'test'
    ) -> Config:
        """The config of the experiment's training and of its test on a part."""

    @abstractmethod
    def settings(self, experiment: Experiment) -> dict[str, Any]:
        """What the results of a run depend on, beside the code and the seed."""

    def prepare(self, experiments: Sequence[Experiment]) -> None:
        """See that the data of experiments is there.

        Raises:
            FileNotFoundError: It is not there and cannot be made; says how to get it.
        """
        for experiment in experiments:
            for fold in self.folds:
                config = self.config(experiment, fold)
                for loader in ('train', 'val', 'test'):
                    path = Path(config[f'{loader}_dataloader'].dataset.ann_file)
                    if not path.is_file():
                        raise FileNotFoundError(
                            f"No annotation list '{path}': prepare the data set with "
                            f'tools/data/prepare.py {path.parent.name} (docs/data.md).'
                        )

    @abstractmethod
    def steps(self, experiment: Experiment) -> int:
        """Number of steps of a training, in units of the progress bar."""

    def folders(self, experiment: str, seed: int) -> Iterator[RunFolder]:
        """Where the trainings of an experiment live, one a fold."""
        return (RunFolder.of(self.root, experiment, seed, own) for own in self.folds)


class SmallScale(Preset):
    """Small networks on an instrument, one process each: minutes on a CPU.

    Trainings of one seed are paired: they see the same clips in the same order, and
    layers of the same name and shape start with the same values.

    Args:
        work_dir: Folder of all studies.
        instrument: The data set.
        epochs: Number of epochs of a training; by default the config's.
        parallel: Number of trainings or tests at a time, by default one a core, at most
            two.
        host: The network that carries DEM, for experiments that name none.

    Raises:
        ValueError: The instrument has no such host.
    """

    unit = 'iter'

    def __init__(
        self,
        work_dir: Path,
        instrument: Instrument,
        epochs: int | None = None,
        parallel: int | None = None,
        host: str = R2P1D,
    ) -> None:
        instrument.config_of(host)  # refuses others
        self.name = instrument.name if host == R2P1D else f'{instrument.name}_{host}'
        super().__init__(work_dir)
        self.instrument = instrument
        self.host = host
        on = '' if host == R2P1D else f' ({host})'
        self.text = f'Small networks{on}. {instrument.text}'
        self.folds = instrument.folds
        self.epochs = epochs
        # A GPU is faster with one.
        one = torch.cuda.is_available()
        self.parallel = parallel or (1 if one else min(2, os.cpu_count() or 1))

    def has(self, experiment: Experiment) -> bool:
        small = experiment.small
        return (
            small is not None
            and small.rate in self.instrument.rates
            and not (small.transfer and self.instrument.transfer is None)
            and self._fits(small)
        )

    def _fits(self, small: Small) -> bool:
        """Whether the host can be what the experiment makes of the thesis's network."""
        host = small.host or self.host
        if host not in self.instrument.hosts:
            return False
        stages = small.backbone.get('dem_stages') or ()
        return host == R2P1D or (
            set(stages) <= set(HOSTS[host])
            and set(small.backbone) <= _OF_ANY_HOST
            and not small.changes
            and not small.transfer
        )

    def rates(self, experiment: Experiment) -> tuple[float, ...]:
        return self.instrument.rates

    def prepare(self, experiments: Sequence[Experiment]) -> None:
        """Make the videos that are generated, and see that the others are there."""
        for name, spec in self.instrument.videos.items():
            generate_probe(self._generated(name), spec)
        super().prepare(experiments)

    def _generated(self, name: str) -> Path:
        return self.root.parent / 'videos' / name

    def _base(self, small: Small) -> Config:
        name = self.instrument.config_of(small.host or self.host)
        return Config.fromfile(
            _CONFIGS / (self.instrument.transfer if small.transfer else name)
        )

    def _list(self, ann_file: str, part: str, fold: str) -> str:
        """The list of another part and fold, beside one that a config names."""
        path = Path(ann_file)
        _, *rest = path.stem.split('_')
        name = '_'.join([part, *([fold] if fold else rest)]) + path.suffix
        generated = path.parent.name in self.instrument.videos
        folder = self._generated(path.parent.name) if generated else path.parent
        return str(folder / name)

    def config(
        self, experiment: Experiment, fold: str = '', part: str = 'test'
    ) -> Config:
        small = experiment.small
        config = self._base(small)
        for loader, own in (('train', 'train'), ('val', 'val'), ('test', part)):
            dataset = config[f'{loader}_dataloader'].dataset
            dataset.ann_file = self._list(dataset.ann_file, own, fold)
            sampling = find_sampling(dataset.pipeline)
            dataset.pipeline[sampling].frame_interval = small.rate
            if small.sampling and loader == 'train':
                step = dataset.pipeline[sampling]
                kept = {key: step[key] for key in _PLACE if key in step}
                dataset.pipeline[sampling] = dict(small.sampling, **kept)
        prefixes = ['cls_head'] if experiment.start else ['']
        config.merge_from_dict(
            dict(
                model=dict(backbone=dict(small.backbone)),
                default_hooks=dict(logger=dict(interval=10)),
                custom_hooks=[dict(type='PairedStartHook', prefixes=prefixes)],
            )
        )
        if self.epochs is not None:
            config.train_cfg.max_epochs = self.epochs
        config.merge_from_dict(dict(small.changes))
        return config

    def settings(self, experiment: Experiment) -> dict[str, Any]:
        config = self.config(experiment)
        # What is left out stays out, so that records outlive a field that comes later.
        own = {key: own for key, own in asdict(experiment.small).items() if own}
        return dict(own, start=experiment.start, epochs=config.train_cfg.max_epochs)

    def steps(self, experiment: Experiment) -> int:
        config = self.config(experiment, self.folds[0])
        loader = config.train_dataloader
        with open(loader.dataset.ann_file, encoding='utf-8') as file:
            videos = sum(1 for line in file if line.strip())
        return config.train_cfg.max_epochs * (videos // loader.batch_size)


class FullSize(Preset):
    """The configs of the thesis's experiments, whose data must be where they say.

    Args:
        work_dir: Folder of all studies.
        processes: Number of processes of a training, one a GPU.
    """

    name = 'full'
    text = 'Full size.'

    def __init__(self, work_dir: Path, processes: int = 1) -> None:
        super().__init__(work_dir)
        self.processes = processes

    def has(self, experiment: Experiment) -> bool:
        return experiment.full is not None

    def rates(self, experiment: Experiment) -> tuple[float, ...]:
        return experiment.rates

    def steps(self, experiment: Experiment) -> int:
        return 1

    def config(
        self, experiment: Experiment, fold: str = '', part: str = 'test'
    ) -> Config:
        config = Config.fromfile(_CONFIGS / experiment.full)
        config.auto_scale_lr.enable = True  # the rate in there is that of four GPUs
        return config

    def settings(self, experiment: Experiment) -> dict[str, Any]:
        return dict(
            config=experiment.full, start=experiment.start, processes=self.processes
        )


def presets_of(study: Study) -> list[str]:
    """The names of the presets that a study can be run at, full size last."""
    if study.instruments:
        return list(study.instruments)
    names = list(INSTRUMENTS)
    if study.full or all(own.full is not None for own in study.experiments):
        names.append(FullSize.name)
    return names


def choose_preset(
    study: Study,
    name: str | None,
    work_dir: Path,
    processes: int = 1,
    parallel: int | None = None,
    host: str | None = None,
) -> Preset:
    """The preset of a name for a study, with its usual options.

    Args:
        study: The study.
        name: The name of an instrument, or ``'full'``. None: full size, where the study
            has that, or the probe.
        work_dir: Folder of all studies.
        processes: Number of processes of one training at full size.
        parallel: Number of small trainings at a time; by default one a core.
        host: The network that carries DEM, in small. None for R(2+1)D.

    Raises:
        ValueError: The study has no such preset or host, or small networks are asked
            for several processes.
    """
    names = presets_of(study)
    name = name or (FullSize.name if FullSize.name in names else names[0])
    if name not in names:
        raise ValueError(
            f"--preset {name}: study '{study.name}' has {', '.join(names)}."
        )
    if host is not None and any(
        own.small and own.small.host for own in study.experiments
    ):
        raise ValueError(
            f"--host {host}: study '{study.name}' names its hosts itself; choose some "
            'of its networks by --only.'
        )
    if name == FullSize.name:
        if host is not None:
            raise ValueError(f'--host {host}: at full size, configs/hosts has configs.')
        return FullSize(work_dir, processes)
    if processes != 1:
        raise ValueError(f'--gpus {processes}: small networks train on one.')
    return SmallScale(
        work_dir, INSTRUMENTS[name], parallel=parallel, host=host or R2P1D
    )
