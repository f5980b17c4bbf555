"""Studies with small networks, on an instrument."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from dem_mmaction.datasets.motion_probe import generate_probe
from dem_mmaction.robustness import find_sampling

from .folders import MIM
from .instruments import HOSTS, INSTRUMENTS, R2P1D, Instrument
from .preset import Preset
from .study import Experiment, RatesOfInstrument, Small

# What a sampling step says of a clip's length and place.
_PLACE = ('clip_len', 'num_clips', 'centre', 'jitter')
# What an experiment may ask of any host's backbone.
_OF_ANY_HOST = {'dem_stages', 'dem_cfg'}


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

    def _host(self, small: Small) -> str:
        return small.host or self.host

    def _fits(self, small: Small) -> bool:
        """Whether the host can be what the experiment makes of the thesis's network."""
        host = self._host(small)
        if host not in self.instrument.hosts:
            return False
        stages = small.backbone.get('dem_stages') or ()
        return host == R2P1D or (
            set(stages) <= set(HOSTS[host])
            and set(small.backbone) <= _OF_ANY_HOST
            and not small.changes
            and not small.transfer
        )

    def _small(self, experiment: Experiment) -> Small:
        """An experiment in small, with the rates of the instrument filled in."""
        small = experiment.small
        return replace(
            small,
            changes=_filled(small.changes, self.instrument.rates),
            sampling=_filled(small.sampling, self.instrument.rates),
        )

    def rates(self, experiment: Experiment) -> tuple[float, ...]:
        return self.instrument.rates

    def earlier(self, experiment: Experiment) -> 'SmallScale | None':
        host = self._host(experiment.small)
        if host not in self.instrument.learned_before:
            return None
        return SmallScale(
            self.root.parent,
            INSTRUMENTS[self.instrument.learned_before[host]],
            self.epochs,
            self.parallel,
            self.host,
        )

    def prepare(self, experiments: Sequence[Experiment]) -> None:
        """Make the videos that are generated, and see that the others are there."""
        for name, spec in self.instrument.videos.items():
            generate_probe(self._generated(name), spec)
        super().prepare(experiments)

    def _generated(self, name: str) -> Path:
        return self.root.parent / 'videos' / name

    def _base(self, small: Small) -> Config:
        name = self.instrument.config_of(self._host(small))
        return Config.fromfile(
            MIM / 'configs' / (self.instrument.transfer if small.transfer else name)
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
        small = self._small(experiment)
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
        prefixes = ['cls_head'] if self._start(experiment) else ['']
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
        own = {key: own for key, own in asdict(self._small(experiment)).items() if own}
        start = self._start(experiment)
        return dict(own, start=start, epochs=config.train_cfg.max_epochs)

    def _start(self, experiment: Experiment) -> str | None:
        """The experiment, or the preset, whose weights the backbone starts from."""
        earlier = self.earlier(experiment)
        return experiment.start or (earlier and earlier.name)

    def steps(self, experiment: Experiment) -> int:
        config = self.config(experiment, self.folds[0])
        loader = config.train_dataloader
        with open(loader.dataset.ann_file, encoding='utf-8') as file:
            videos = sum(1 for line in file if line.strip())
        return config.train_cfg.max_epochs * (videos // loader.batch_size)


def _filled(values: Mapping[str, Any], rates: Sequence[float]) -> dict[str, Any]:
    """Values, with the rates of an instrument where they are asked for."""
    filled = dict(values)
    for key, own in values.items():
        if isinstance(own, Mapping):
            filled[key] = _filled(own, rates)
        elif isinstance(own, RatesOfInstrument):
            filled[key] = own.of(rates)
    return filled
