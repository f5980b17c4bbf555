"""What the runs of a study have left: accuracies, accuracies by class, losses."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean

from mmengine.config import Config

from .runs import logged
from .study import Cell, ClassGains, Study
from .study_runs import result_file, run_folder

#: By experiment and seed, by rate, the metrics.
Measured = Mapping[tuple[str, int], Mapping[int, Mapping[str, float]]]


@dataclass(frozen=True)
class Tested:
    """What the test of one training has left.

    Attributes:
        folder: Working folder of the test.
        metrics: By sub-sampling rate.
        too_short: By rate, how many videos are shorter than one clip.
        classes: By rate and label, the accuracy of a class; where it was written.
    """

    folder: Path
    metrics: Mapping[int, Mapping[str, float]]
    too_short: Mapping[int, int]
    classes: Mapping[int, Mapping[str, Mapping]]

    def class_name(self, label: str) -> str:
        """From ``classes.txt`` beside the test list; by label where that is gone."""
        return self._names.get(label, f'class {label}')

    def absent(self, rate: int) -> list[str]:
        """Names of the classes that the test list has no video of."""
        return [
            self.class_name(label)
            for label, own in self.classes.get(rate, {}).items()
            if not own['videos']
        ]

    @cached_property
    def _names(self) -> dict[str, str]:
        config = next(self.folder.glob('*.py'), None)  # which MMEngine has left
        if config is None:
            return {}
        tested_on = Config.fromfile(config).test_dataloader.dataset.ann_file
        path = Path(tested_on).with_name('classes.txt')
        if not path.is_file():
            return {}
        return {str(i): name for i, name in enumerate(path.read_text().splitlines())}


@dataclass(frozen=True)
class Results:
    """The runs of a study, by experiment and seed.

    Attributes:
        folders: Of the trainings, run or not.
        tests: Of the runs that are finished.
    """

    folders: Mapping[tuple[str, int], Path]
    tests: Mapping[tuple[str, int], Tested]

    @property
    def measured(self) -> Measured:
        """The metrics alone."""
        return {run: test.metrics for run, test in self.tests.items()}

    @property
    def missing(self) -> list[str]:
        """The names of runs that are not finished."""
        return [
            f'{name}, seed {seed}'
            for name, seed in self.folders
            if (name, seed) not in self.tests
        ]


def read_results(
    study: Study, preset: str, work_dir: Path, seeds: Sequence[int]
) -> Results:
    """Read what a study's tests have left.

    Args:
        study: The study.
        preset: ``'probe'`` or ``'full'``.
        work_dir: As of :func:`run_study`.
        seeds: The trainings to read.
    """
    folders = {
        (experiment.name, seed): run_folder(work_dir, preset, experiment.name, seed)
        for experiment in study.experiments
        for seed in seeds
    }
    files = {run: result_file(folder) for run, folder in folders.items()}
    return Results(
        folders,
        {run: _read_test(file) for run, file in files.items() if file.is_file()},
    )


def _read_test(file: Path) -> Tested:
    rates = {
        int(rate): entry
        for rate, entry in json.loads(file.read_text())['rates'].items()
    }
    classes = {rate: file.with_name(f'per_class_sr{rate}.json') for rate in rates}
    return Tested(
        file.parent,
        metrics={rate: entry['metrics'] for rate, entry in rates.items()},
        too_short={rate: entry.get('too_short', 0) for rate, entry in rates.items()},
        classes={
            rate: json.loads(path.read_text())
            for rate, path in classes.items()
            if path.is_file()
        },
    )


def remarks(tests: Iterable[Tested]) -> list[str]:
    """What a reader of the numbers must know: videos too short, classes absent."""
    return list(dict.fromkeys(text for test in tests for text in _remarks(test)))


def _remarks(test: Tested) -> Iterator[str]:
    for rate, count in test.too_short.items():
        if count:
            yield (
                f'{count} test videos are shorter than one clip at SR {rate}; their '
                'clips start over.'
            )
        if absent := test.absent(rate):
            yield f'The test list has no video of {", ".join(absent)}.'


def values(cell: Cell, found: Measured) -> list[float]:
    """The measurements of a cell in percent, one a seed of which all are there."""
    numbers = []
    for seed in sorted({seed for _, seed in found}):
        runs = [found.get((name, seed), {}) for name in cell.experiments]
        own = [run.get(cell.rate, {}).get(cell.metric) for run in runs]
        if None in own:
            continue
        number = mean(own)
        if cell.minus_rate is not None:
            others = [run.get(cell.minus_rate, {}).get(cell.metric) for run in runs]
            if None in others:
                continue
            number -= mean(others)
        numbers.append(100 * number)
    return numbers


def whole_pairs(show: ClassGains, results: Results) -> list[tuple[Tested, Tested]]:
    """The tests of both networks, of each seed that has both."""
    tests = {run: test for run, test in results.tests.items() if 1 in test.classes}
    return [
        (test, tests[show.dem, seed])
        for (name, seed), test in tests.items()
        if name == show.without and (show.dem, seed) in tests
    ]


def class_gains(
    pairs: Iterable[tuple[Tested, Tested]], metric: str
) -> dict[str, float]:
    """By how many points each class gains at rate 1, the mean over the pairs.

    Args:
        pairs: The tests without and with DEM.
        metric: ``'video'`` or ``'clip'``.

    Returns:
        By class name, in label order, without the classes that are absent.
    """
    gains = defaultdict(list)
    for without, dem in pairs:
        for label, own in without.classes[1].items():
            if own['videos']:
                gains[without.class_name(label)].append(
                    100 * (dem.classes[1][label][metric] - own[metric])
                )
    # Rounded: a mean of no gain at all must not be one by its last bit.
    return {name: round(mean(points), 6) for name, points in gains.items()}


def losses(folder: Path) -> dict[str, dict[int, float]]:
    """Training and validation loss by epoch of a training, whether finished or not.

    Args:
        folder: Its working folder. A resumed training has logged to several files, of
            which the last has the say on a step that both have.

    Returns:
        ``{'training': {epoch: loss}, 'validation': {epoch: loss}}``, the training's as
        the mean of what was logged in the epoch.
    """
    steps: dict[int, tuple[int, float]] = {}
    validation: dict[int, float] = {}
    for entry in logged(folder):
        if 'epoch' in entry:
            steps[entry['step']] = entry['epoch'], entry['loss']
        elif 'loss' in entry:
            validation[entry['step']] = entry['loss']
    by_epoch = defaultdict(list)
    for epoch, loss in steps.values():
        by_epoch[epoch].append(loss)
    return dict(
        training={epoch: mean(own) for epoch, own in sorted(by_epoch.items())},
        validation=dict(sorted(validation.items())),
    )


def mean_losses(results: Results, experiment: str) -> dict[str, dict[int, float]]:
    """The :func:`losses` of an experiment, the mean over its trainings.

    Returns:
        Empty where none has begun.
    """
    runs = [
        losses(folder)
        for (name, _), folder in results.folders.items()
        if name == experiment
    ]
    runs = [run for run in runs if run['training']]
    return {
        kind: mean_curve([run[kind] for run in runs])
        for kind in ('training', 'validation')
        if runs
    }


def mean_curve(curves: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The mean of several trainings for the epochs that all of them have."""
    epochs = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {epoch: mean(curve[epoch] for curve in curves) for epoch in epochs}
