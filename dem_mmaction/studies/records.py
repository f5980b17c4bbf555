"""What is kept of a training and its tests: one small file, from which reports come."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from dem_mmaction.robustness import RateResults
from dem_mmaction.utils import write_text

from .folders import RunFolder

#: The parts of a data set on which trained networks are measured.
PARTS = ('val', 'test')
# A mean over classes: that of several folds is not the mean of theirs.
_OF_ONE_FOLD = 'video/mean_class'


@dataclass(frozen=True)
class Curve:
    """How a training went, by evaluation on the validation part.

    Attributes:
        step: Number of training steps before each evaluation.
        lr: Learning rate of the last of them.
        training_loss: Mean of the training losses that were logged since the evaluation
            before.
        loss: Validation loss.
        top1: Validation top-1 of videos, in [0, 1].
    """

    step: Sequence[int] = ()
    lr: Sequence[float] = ()
    training_loss: Sequence[float] = ()
    loss: Sequence[float] = ()
    top1: Sequence[float] = ()


@dataclass(frozen=True)
class Measured:
    """A test at one sub-sampling rate.

    Attributes:
        metrics: Every metric of the config's evaluator, by its name.
        right: Whether each video's class was found, in the order of the list.
        too_short: Number of videos that are shorter than one clip.
    """

    metrics: Mapping[str, float]
    right: np.ndarray = field(compare=False)
    too_short: int = 0


@dataclass(frozen=True)
class Part:
    """The tests on one part of the data.

    Attributes:
        labels: The label of each video, in the order of the list.
        rates: What was measured, by sub-sampling rate.
        classes: Names of the classes in label order.
        folds: Number of videos of each fold, in the order of the list. Empty where
            there is but one.
    """

    labels: Sequence[int]
    rates: Mapping[float, Measured]
    classes: Sequence[str] = ()
    folds: Sequence[int] = ()

    def class_accuracy(self, rate: float) -> dict[str, float]:
        """Top-1 of each class that has a video, by its name."""
        right, labels = self.rates[rate].right, np.asarray(self.labels)
        return {
            name: float(right[labels == label].mean())
            for label, name in enumerate(self.classes)
            if (labels == label).any()
        }

    @property
    def absent(self) -> list[str]:
        """Names of the classes that have no video."""
        labels = set(self.labels)
        return [own for label, own in enumerate(self.classes) if label not in labels]


@dataclass(frozen=True)
class RunRecord:
    """One training of an experiment: with one seed, on all folds.

    Attributes:
        settings: What the result depends on, beside the code and the seed.
        own_rate: The sub-sampling rate of the training.
        parameters: Number of parameters of the network.
        multiply_adds: Those of the network on the clips of one video.
        commit: The commit of the code, where it is known.
        hours: Time that the steps of the training took, in hours.
        curves: How the training went, one curve a fold.
        parts: The tests by part of the data: ``'val'``, ``'test'``.
    """

    settings: Mapping[str, Any]
    own_rate: float
    parameters: int
    multiply_adds: int
    commit: str
    hours: float
    curves: Sequence[Curve]
    parts: Mapping[str, Part]

    def save(self, path: Path) -> None:
        """Write the record as JSON, whole or not at all."""
        content = asdict(self)
        for part in content['parts'].values():
            part['labels'] = ' '.join(map(str, part['labels']))
            if not part['folds']:
                del part['folds']
            for measured in part['rates'].values():
                measured['right'] = ''.join('01'[int(own)] for own in measured['right'])
        write_text(path, json.dumps(content, indent=1) + '\n')

    @classmethod
    def load(cls, path: Path) -> 'RunRecord':
        """Read what :meth:`save` has written.

        Raises:
            ValueError: The file does not hold a record; names it.
        """
        try:
            content = json.loads(Path(path).read_text(encoding='utf-8'))
            content['curves'] = [Curve(**own) for own in content['curves']]
            content['parts'] = {
                name: Part(
                    tuple(map(int, own['labels'].split())),
                    {
                        _number(rate): Measured(
                            measured['metrics'],
                            np.array(list(measured['right'])) == '1',
                            measured['too_short'],
                        )
                        for rate, measured in own['rates'].items()
                    },
                    own['classes'],
                    own.get('folds', ()),
                )
                for name, own in content['parts'].items()
            }
            return cls(**content)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValueError(
                f'{path} does not hold the record of a training '
                f'({type(error).__name__}: {error}): delete it, and run the study '
                'again to write it from the working folders.'
            ) from error


def record_path(folder: Path, preset: str, experiment: str, seed: int) -> Path:
    """The file of a record in the folder of all records."""
    return Path(folder) / preset / f'{experiment}_seed{seed}.json'


def make_record(
    folders: Sequence[RunFolder], settings: Mapping[str, Any], commit: str
) -> RunRecord:
    """Make the record of a training from what it has left in its working folders.

    It has every part of the data that the training was tested on, at whatever time.

    Args:
        folders: The folder of the training on each fold, tested on one part at least.
        settings: See :class:`RunRecord`.
        commit: See :class:`RunRecord`.
    """
    tests = {
        part: [folder.results(part) for folder in folders]
        for part in PARTS
        if all(folder.is_tested(part) for folder in folders)
    }
    first = next(iter(tests.values()))[0]
    return RunRecord(
        settings,
        first.own_rate,
        first.parameters,
        first.multiply_adds,
        commit,
        round(sum(_hours(folder) for folder in folders), 4),
        [read_curve(folder) for folder in folders],
        {part: _merged(own) for part, own in tests.items()},
    )


def _merged(tests: Sequence[RateResults]) -> Part:
    """The tests of all folds as one, of all their videos."""
    labels = [label for test in tests for label in test.labels]
    sizes = [len(test.labels) for test in tests]
    rates = {}
    for rate in tests[0].rates:
        own = [test.rates[rate] for test in tests]
        predictions = [label for result in own for label in result.predictions]
        names = set.intersection(*(set(result.metrics) for result in own))
        rates[rate] = Measured(
            {
                name: round(
                    float(np.average([r.metrics[name] for r in own], weights=sizes)), 6
                )
                for name in own[0].metrics
                if name in names and (len(own) == 1 or name != _OF_ONE_FOLD)
            },
            np.array(predictions) == np.array(labels),
            sum(result.too_short for result in own),
        )
    classes = next(iter(tests[0].rates.values())).classes
    names = [own['name'] for own in classes.values()]
    return Part(labels, rates, names, sizes if len(sizes) > 1 else ())


def read_curve(folder: RunFolder) -> Curve:
    """Read how a training has gone, whether it is finished or not.

    A resumed training has logged to several files, of which the last counts for a step
    that both have.

    Args:
        folder: The folder of the training.
    """
    training: dict[int, dict] = {}
    validation: dict[int, dict] = {}  # by epoch
    for entry in folder.logged():
        if 'epoch' in entry:
            training[entry['step']] = entry
        elif 'video/top1' in entry:
            validation[entry['step']] = entry
    by_epoch = defaultdict(list)
    for step in sorted(training):
        by_epoch[training[step]['epoch']].append(training[step])
    points = defaultdict(list)
    since: list[dict] = []  # the evaluation before
    for epoch in sorted(by_epoch):
        since += by_epoch[epoch]
        if epoch not in validation:
            continue
        points['step'].append(since[-1]['step'])
        points['lr'].append(float(f'{since[-1]["lr"]:.4g}'))
        points['training_loss'].append(round(mean(own['loss'] for own in since), 5))
        points['loss'].append(round(validation[epoch]['loss'], 5))
        points['top1'].append(round(validation[epoch]['video/top1'], 5))
        since = []
    return Curve(**points)


def _hours(folder: RunFolder) -> float:
    """Time of the steps of a training, from the times that it has logged."""
    logged = {own['step']: own['time'] for own in folder.logged() if 'epoch' in own}
    return max(logged, default=0) * mean(logged.values()) / 3600 if logged else 0.0


def _number(text: str) -> float:
    """A rate, an integer where it is one."""
    value = float(text)
    return int(value) if value.is_integer() else value
