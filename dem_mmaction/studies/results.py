"""What the runs of a study have left: accuracies, accuracies by class, losses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from dem_mmaction.robustness import RateResults

from .folders import RunFolder
from .study import Cell, ClassGains, RateCurves, Study

#: A training: the name of its experiment and its seed.
Run = tuple[str, int]


@dataclass(frozen=True)
class Results:
    """The runs of a study.

    Attributes:
        folders: The folder of each training, run or not.
        tests: What the finished tests have found.
    """

    folders: Mapping[Run, RunFolder]
    tests: Mapping[Run, RateResults]

    @property
    def missing(self) -> list[str]:
        """The names of runs that are not finished."""
        return [
            f'{name}, seed {seed}'
            for name, seed in self.folders
            if (name, seed) not in self.tests
        ]

    def metric(self, run: Run, rate: int, name: str) -> float | None:
        """A metric of a run's test at a rate; None where it was not measured."""
        test = self.tests.get(run)
        if test is None or rate not in test.rates:
            return None
        return test.rates[rate].metrics.get(name)


def read_results(study: Study, root: Path, seeds: Sequence[int]) -> Results:
    """Read what a study's tests have left.

    Args:
        study: The study.
        root: The folder of its preset.
        seeds: The trainings to read.

    Raises:
        ValueError: A file of results is damaged; names it.
    """
    folders = {
        (experiment.name, seed): RunFolder.of(root, experiment.name, seed)
        for experiment in study.experiments
        for seed in seeds
    }
    tests = {
        run: folder.results() for run, folder in folders.items() if folder.is_tested
    }
    return Results(folders, tests)


def remarks(tests: Iterable[RateResults]) -> list[str]:
    """What a reader of the numbers must know: videos too short, classes absent."""
    return list(dict.fromkeys(text for test in tests for text in _remarks(test)))


def _remarks(test: RateResults) -> Iterator[str]:
    for rate, own in test.rates.items():
        if own.too_short:
            yield (
                f'{own.too_short} test videos are shorter than one clip at SR {rate}; '
                'their clips repeat frames.'
            )
        if own.absent:
            yield f'The test list has no video of {", ".join(own.absent)}.'


def values(cell: Cell, results: Results) -> list[float]:
    """The measurements of a cell in percent, one a seed of which all are there."""
    numbers = []
    for seed in sorted({seed for _, seed in results.tests}):
        number = _mean_metric(cell, cell.rate, seed, results)
        if number is not None and cell.minus_rate is not None:
            other = _mean_metric(cell, cell.minus_rate, seed, results)
            number = None if other is None else number - other
        if number is not None:
            numbers.append(100 * number)
    return numbers


def _mean_metric(cell: Cell, rate: int, seed: int, results: Results) -> float | None:
    """The mean over a cell's experiments; None unless all were measured."""
    own = [results.metric((name, seed), rate, cell.metric) for name in cell.experiments]
    return None if None in own else mean(own)


def rate_curves(
    show: RateCurves, metric: str, results: Results
) -> dict[str, dict[int, list[float]]]:
    """A metric of networks over the rate.

    Returns:
        By the name to show, by rate, the metric of each seed, in [0, 1].
    """
    return {
        shown: {
            rate: [
                test.rates[rate].metrics[metric]
                for (own, _), test in results.tests.items()
                if own == name and rate in test.rates
            ]
            for rate in show.rates
        }
        for shown, name in show.networks.items()
    }


def whole_pairs(
    show: ClassGains, results: Results
) -> list[tuple[RateResults, RateResults]]:
    """The tests of both networks at rate 1, of each seed that has both."""
    tests = {
        run: test
        for run, test in results.tests.items()
        if 1 in test.rates and test.rates[1].classes
    }
    return [
        (test, tests[show.dem, seed])
        for (name, seed), test in tests.items()
        if name == show.without and (show.dem, seed) in tests
    ]


def class_gains(
    pairs: Iterable[tuple[RateResults, RateResults]], metric: str
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
        for label, own in without.rates[1].classes.items():
            if own['videos']:
                other = dem.rates[1].classes[label]
                gains[own['name']].append(100 * (other[metric] - own[metric]))
    # Rounded: a mean of no gain at all must not be one by its last bit.
    return {name: round(mean(points), 6) for name, points in gains.items()}


def losses(folder: RunFolder) -> dict[str, dict[int, float]]:
    """Training and validation loss by epoch of a training, whether finished or not.

    Args:
        folder: The folder of the training. A resumed training has logged to several
            files, of which the last counts for a step that both have.

    Returns:
        ``{'training': {epoch: loss}, 'validation': {epoch: loss}}``, the training's as
        the mean of what was logged in the epoch.
    """
    steps: dict[int, tuple[int, float]] = {}
    validation: dict[int, float] = {}
    for entry in folder.logged():
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
