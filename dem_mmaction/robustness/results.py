"""What a test finds, and the one file that keeps it."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from dem_mmaction.utils import write_text

from .conditions import SamplingRate


@dataclass(frozen=True)
class ConditionResult:
    """What was measured under one condition.

    Attributes:
        metrics: Every metric, by its name.
        too_short: Number of videos that are shorter than one clip.
        classes: Accuracy of each class by its label, as
            :func:`dem_mmaction.evaluation.class_accuracy` gives it; empty with metrics
            that give none.
        predictions: The class that each video is taken for, in the order of the list;
            empty with metrics that do not tell.
        ranks: The place of the true class among the scores of each video, 0 for the
            highest; likewise.
        scores: The score of the class that each video is taken for, in [0, 1];
            likewise.
    """

    metrics: Mapping[str, float]
    too_short: int = 0
    classes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    predictions: Sequence[int] = ()
    ranks: Sequence[int] = ()
    scores: Sequence[float] = ()

    @property
    def absent(self) -> list[str]:
        """Names of the classes that the test list has no video of."""
        return [own['name'] for own in self.classes.values() if not own['videos']]


@dataclass(frozen=True)
class ConditionResults:
    """What a test under several conditions has found.

    Attributes:
        reference: The key of the condition that others are compared with.
        results: The results by condition, the key being its name.
        parameters: Number of parameters of the model. None: not counted.
        labels: The label of each video, in the order of the list; empty with metrics
            that do not tell.
        multiply_adds: Those of the model on the clips of one video, under the first
            condition. None: not counted.
        classes: The names of the classes in label order; empty where they have none.
        refused: By the name of a condition that was not tested, why.
        title: What the model is called.
    """

    FILE: ClassVar[str] = 'robustness.json'
    #: The names of ``reference`` and ``results`` in the file.
    FIELDS: ClassVar[tuple[str, str]] = ('reference', 'conditions')
    WHAT: ClassVar[str] = 'under several conditions'

    reference: Hashable
    results: Mapping[Hashable, ConditionResult]
    parameters: int | None = None
    labels: Sequence[int] = ()
    multiply_adds: int | None = None
    classes: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    title: str = ''

    @staticmethod
    def key(text: str) -> Hashable:
        """The key of a condition as the file has it."""
        return text

    @property
    def clean(self) -> ConditionResult:
        """The results under the reference."""
        return self.results[self.reference]

    def delta(self, key: Hashable) -> dict[str, float] | None:
        """Each metric under a condition minus the same one under the reference.

        Returns:
            None where the reference was not tested.
        """
        own = self.results.get(self.reference)
        if own is None:
            return None
        return {
            name: value - own.metrics[name]
            for name, value in self.results[key].metrics.items()
        }

    def save(self, folder: Path) -> None:
        """Write ``FILE`` to a folder, whole or not at all."""
        reference, results = self.FIELDS
        content = {
            reference: self.reference,
            'parameters': self.parameters,
            'multiply_adds': self.multiply_adds,
            results: {str(key): self._entry(key) for key in self.results},
        }
        for name in ('title', 'refused', 'classes'):
            if value := getattr(self, name):
                content[name] = value
        if self.labels:
            content['labels'] = _line(self.labels)
        write_text(Path(folder) / self.FILE, json.dumps(content, indent=1) + '\n')

    def _entry(self, key: Hashable) -> dict[str, Any]:
        result = self.results[key]
        entry = dict(metrics=dict(result.metrics), too_short=result.too_short)
        if (delta := self.delta(key)) is not None:
            entry['delta'] = delta  # for readers other than this class
        if result.classes:
            entry['classes'] = result.classes
        for name in ('predictions', 'ranks', 'scores'):
            if value := getattr(result, name):
                entry[name] = _line(value)
        return entry

    @classmethod
    def load(cls, folder: Path) -> 'ConditionResults':
        """Read what :meth:`save` has written.

        Args:
            folder: The folder, or the file itself.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It does not hold results; names the file.
        """
        path = Path(folder)
        if path.suffix != '.json':
            path = path / cls.FILE
        reference, results = cls.FIELDS
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            return cls(
                content[reference],
                {
                    cls.key(key): ConditionResult(
                        entry['metrics'],
                        entry['too_short'],
                        entry.get('classes', {}),
                        _numbers(entry.get('predictions', '')),
                        _numbers(entry.get('ranks', '')),
                        _numbers(entry.get('scores', ''), float),
                    )
                    for key, entry in content[results].items()
                },
                content.get('parameters'),
                _numbers(content.get('labels', '')),
                content.get('multiply_adds'),
                tuple(content.get('classes', ())),
                content.get('refused', {}),
                content.get('title', ''),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                f'{path} does not hold the results of a test {cls.WHAT} '
                f'({type(error).__name__}: {error}): delete it to test again.'
            ) from error


class RateResults(ConditionResults):
    """What a test at several sub-sampling rates has found.

    The arguments are those of :class:`ConditionResults`: the rate that the model was
    trained at, and the results by rate.
    """

    FILE = 'rates.json'
    FIELDS = ('own_rate', 'rates')
    WHAT = 'at several rates'

    @staticmethod
    def key(text: str) -> int | float:
        """The rate as a number."""
        return SamplingRate(float(text)).rate

    @property
    def own_rate(self) -> int | float:
        """The rate that the model was trained at."""
        return self.reference

    @property
    def rates(self) -> Mapping[int | float, ConditionResult]:
        """The results by rate."""
        return self.results


def _line(numbers: Sequence[float]) -> str:
    """Numbers as one line, where JSON with indents would write a line each."""
    return ' '.join(map(str, numbers))


def _numbers(line: str, kind: type = int) -> tuple:
    return tuple(map(kind, line.split()))
