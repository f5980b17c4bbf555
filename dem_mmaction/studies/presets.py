"""At which size a study is run: small networks on an instrument, or full size."""

from pathlib import Path
from typing import Any

from mmengine.config import Config

from .folders import MIM
from .instruments import INSTRUMENTS, R2P1D
from .preset import Preset
from .small_scale import SmallScale
from .study import Experiment, Study


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
        config = Config.fromfile(MIM / 'configs' / experiment.full)
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
