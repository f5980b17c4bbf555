"""What a test finds, and the one file that keeps it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from dem_mmaction.utils import write_text

from .conditions import SamplingRate


@dataclass(frozen=True)
class ConditionResult:
    """What was measured under one condition.

    Attributes:
        metrics: Every metric of the config's evaluator, by its name.
        too_short: Number of videos that are shorter than one clip.
        classes: Accuracy of each class by its label, as
            :func:`dem_mmaction.evaluation.class_accuracy` gives it; empty with metrics
            that give none.
        predictions: The class that each video is taken for, in the order of the list;
            empty with metrics that do not tell.
    """

    metrics: Mapping[str, float]
    too_short: int = 0
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    predictions: Sequence[int] = ()

    @property
    def absent(self) -> list[str]:
        """Names of the classes that the test list has no video of."""
        return [own['name'] for own in self.classes.values() if not own['videos']]


@dataclass(frozen=True)
class RateResults:
    """What a test at several sub-sampling rates has found.

    Attributes:
        own_rate: The rate that the model was trained at.
        rates: The results by rate.
        parameters: Number of parameters of the model. None: not counted.
        labels: The label of each video, in the order of the list; empty with metrics
            that do not tell.
        multiply_adds: Those of the model on the clips of one video, at one rate. None:
            not counted.
    """

    FILE: ClassVar[str] = 'rates.json'

    own_rate: int | float
    rates: Mapping[int | float, ConditionResult]
    parameters: int | None = None
    labels: Sequence[int] = ()
    multiply_adds: int | None = None

    def delta(self, rate: float) -> dict[str, float] | None:
        """Each metric at a rate minus the same one at the model's own rate.

        Returns:
            None where the own rate was not tested.
        """
        own = self.rates.get(self.own_rate)
        if own is None:
            return None
        return {
            name: value - own.metrics[name]
            for name, value in self.rates[rate].metrics.items()
        }

    def save(self, folder: Path) -> None:
        """Write ``rates.json`` to a folder, whole or not at all."""
        rates = {}
        for rate, result in self.rates.items():
            entry = dict(metrics=dict(result.metrics), too_short=result.too_short)
            if (delta := self.delta(rate)) is not None:
                entry['delta'] = delta  # for readers other than this class
            if result.classes:
                entry['classes'] = result.classes
            if result.predictions:
                entry['predictions'] = _line(result.predictions)
            rates[str(rate)] = entry
        content = dict(
            own_rate=self.own_rate,
            parameters=self.parameters,
            multiply_adds=self.multiply_adds,
            rates=rates,
        )
        if self.labels:
            content['labels'] = _line(self.labels)
        write_text(Path(folder) / self.FILE, json.dumps(content, indent=1) + '\n')

    @classmethod
    def load(cls, folder: Path) -> 'RateResults':
        """Read what :meth:`save` has written to a folder.

        Raises:
            FileNotFoundError: There is no ``rates.json``.
            ValueError: It does not hold results; names the file.
        """
        path = Path(folder) / cls.FILE
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            rates = {
                SamplingRate(float(rate)).rate: ConditionResult(
                    entry['metrics'],
                    entry['too_short'],
                    entry.get('classes', {}),
                    _numbers(entry.get('predictions', '')),
                )
                for rate, entry in content['rates'].items()
            }
            return cls(
                content['own_rate'],
                rates,
                content.get('parameters'),
                _numbers(content.get('labels', '')),
                content.get('multiply_adds'),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                f'{path} does not hold the results of a test at several rates '
                f'({type(error).__name__}: {error}): delete it to test again.'
            ) from error


def _line(numbers: Sequence[int]) -> str:
    """Integers as one line, where JSON with indents would write a line each."""
    return ' '.join(map(str, numbers))


def _numbers(line: str) -> tuple[int, ...]:
    return tuple(map(int, line.split()))
