"""Where the trainings of studies live, and what they leave behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dem_mmaction.robustness import RateResults
from dem_mmaction.utils import logged_scalars

#: The folder of configs/ and tools/, in a clone as in an installed package.
MIM = Path(__file__).resolve().parents[1] / '.mim'


@dataclass(frozen=True)
class RunFolder:
    """The folder of one training of an experiment and of its test.

    Attributes:
        path: The working folder of the training.
    """

    path: Path

    @classmethod
    def of(cls, root: Path, experiment: str, seed: int, fold: str = '') -> 'RunFolder':
        """The folder of an experiment's training; studies that share it share that."""
        return cls(Path(root) / experiment / f'seed{seed}' / fold)

    @property
    def settings(self) -> Path:
        """The record of what the run depends on."""
        return self.path / 'settings.json'

    @property
    def trained(self) -> Path:
        """A file that is there once the training has ended."""
        return self.path / 'trained'

    def test(self, part: str) -> Path:
        """The working folder of the test on a part of the data."""
        return self.path / part

    def is_tested(self, part: str) -> bool:
        """Whether the test on a part has ended."""
        return (self.test(part) / RateResults.FILE).is_file()

    def results(self, part: str) -> RateResults:
        """What a test has found; see :meth:`RateResults.load` for errors."""
        return RateResults.load(self.test(part))

    def last_checkpoint(self) -> Path:
        """The checkpoint that MMEngine has noted as its last.

        Raises:
            FileNotFoundError: It is not there.
        """
        note = self.path / 'last_checkpoint'
        named = Path(note.read_text().strip()).name if note.is_file() else note.name
        checkpoint = self.path / named
        if checkpoint == note or not checkpoint.is_file():
            raise FileNotFoundError(
                f'{checkpoint}, which a test or a fine-tuning needs, is not there: '
                f'delete {self.path} to train that network again.'
            )
        return checkpoint

    def logged(self) -> Iterator[dict[str, float]]:
        """What the training has logged, in the order of time.

        Entries of training iterations have the ``epoch``, those of validations none;
        both have the ``step``, which is the epoch for a validation.
        """
        yield from logged_scalars(self.path)
