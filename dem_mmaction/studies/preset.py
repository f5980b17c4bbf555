"""What a study needs to know to be run at one size."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from .folders import RunFolder
from .study import Experiment


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

    def earlier(self, experiment: Experiment) -> 'Preset | None':
        """The preset on which it is trained before, to start from those weights."""
        return None

    def folders(self, experiment: str, seed: int) -> Iterator[RunFolder]:
        """Where the trainings of an experiment live, one a fold."""
        return (RunFolder.of(self.root, experiment, seed, own) for own in self.folds)
