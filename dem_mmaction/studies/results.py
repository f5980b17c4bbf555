"""What the records of a study say: accuracies, differences, gains, losses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np

from dem_mmaction.utils.statistics import Interval, mean_interval, t_interval

from .convergence import have_converged
from .preset import Preset
from .records import Part, RunRecord, record_path
from .study import Cell, Study

#: A training: the name of its experiment and its seed.
Run = tuple[str, int]


@dataclass(frozen=True)
class Results:
    """The records of a study.

    Attributes:
        runs: The record of each training that has one.
        missing: The trainings that have none.
        part: The part of the data whose tests are reported.
    """

    runs: Mapping[Run, RunRecord]
    missing: Sequence[Run]
    part: str

    def tests(self, experiment: str) -> dict[int, Part]:
        """The tests of an experiment by seed."""
        return {
            seed: record.parts[self.part]
            for seed, record in self.records(experiment).items()
        }

    def records(self, experiment: str) -> dict[int, RunRecord]:
        """The records of an experiment by seed."""
        return {
            seed: record
            for (name, seed), record in self.runs.items()
            if name == experiment
        }

    def metric(self, experiment: str, rate: float, name: str) -> dict[int, float]:
        """A metric of an experiment's tests at a rate, by seed."""
        return {
            seed: part.rates[rate].metrics[name]
            for seed, part in self.tests(experiment).items()
            if rate in part.rates and name in part.rates[rate].metrics
        }

    def own_rate(self, experiment: str) -> float:
        """The sub-sampling rate of an experiment's training; 1 while it is not run."""
        records = list(self.records(experiment).values())
        return records[0].own_rate if records else 1

    def rates(self) -> list[float]:
        """The sub-sampling rates of the tests, of all experiments."""
        return sorted(
            {
                rate
                for record in self.runs.values()
                for rate in record.parts[self.part].rates
            }
        )

    def paired_seeds(self, experiment: str, baseline: str) -> int:
        """Number of seeds of which both experiments have a record."""
        return len(set(self.records(experiment)) & set(self.records(baseline)))

    def difference(
        self,
        experiment: str,
        baseline: str,
        rate: float,
        own: float | None = None,
        metric: str = 'video/top1',
    ) -> Interval | None:
        """By how many points an experiment is better than another, paired by seed.

        The interval of ``'video/top1'`` is over seeds and videos, or over seeds and
        folds where there are several, see :func:`mean_interval`: videos of one fold
        share the people that were left out, and the network. That of another metric is
        over seeds alone.

        Args:
            experiment: The one.
            baseline: The other.
            rate: Sub-sampling rate of the test.
            own: Compare what is lost from this rate to ``rate`` instead: the
                difference at ``rate`` minus that at ``own``.
            metric: The accuracy.

        Returns:
            The interval; None where no seed has both, or too few have for one.
        """
        if metric != 'video/top1':
            return t_interval(
                self._differences(experiment, baseline, rate, own, metric)
            )
        one, other = self.tests(experiment), self.tests(baseline)
        rows = []
        for seed in sorted(set(one) & set(other)):
            both = one[seed], other[seed]
            if all({rate, own} - {None} <= set(part.rates) for part in both):
                row = np.subtract(*(100.0 * part.rates[rate].right for part in both))
                if own is not None:
                    row -= np.subtract(*(100.0 * p.rates[own].right for p in both))
                rows.append(_by_fold(row, one[seed].folds))
        return mean_interval(np.array(rows)) if rows else None

    def _differences(
        self,
        experiment: str,
        baseline: str,
        rate: float,
        own: float | None,
        metric: str,
    ) -> list[float]:
        """The differences of a metric in points, one a seed that has both."""
        found = []
        for at in (rate,) if own is None else (rate, own):
            one, other = (self.metric(e, at, metric) for e in (experiment, baseline))
            found.append({s: 100 * (one[s] - other[s]) for s in set(one) & set(other)})
        first, *rest = found
        seeds = sorted(set.intersection(*map(set, found)))
        return [first[s] - sum(late[s] for late in rest) for s in seeds]


def _by_fold(values: np.ndarray, folds: Sequence[int]) -> np.ndarray:
    """The means of the folds; without folds the values of the videos as they are."""
    if not folds:
        return values
    parts = np.split(values, np.cumsum(folds)[:-1])
    return np.array([part.mean() for part in parts])


def read_results(
    study: Study,
    preset: Preset,
    seeds: Sequence[int],
    records: Path,
    part: str = 'test',
) -> Results:
    """Read the records of a study.

    Args:
        study: The study.
        preset: The size at which it was run.
        seeds: The trainings to read.
        records: Folder of the records.
        part: The part of the data whose tests are reported.

    Raises:
        ValueError: A record is damaged; names it.
    """
    runs, missing = {}, []
    for experiment in study.experiments:
        for seed in seeds if preset.has(experiment) else ():
            path = record_path(records, preset.name, experiment.name, seed)
            record = RunRecord.load(path) if path.is_file() else None
            if record is None or part not in record.parts:
                missing.append((experiment.name, seed))
            else:
                runs[experiment.name, seed] = record
    return Results(runs, missing, part)


def remarks(results: Results) -> list[str]:
    """What a reader of the numbers must know.

    Trainings that have not come to their end, videos too short, classes absent, runs
    that are missing, and where the others come from.
    """
    lines = []
    for record in results.runs.values():
        part = record.parts[results.part]
        for rate, own in part.rates.items():
            if own.too_short:
                lines.append(
                    f'{own.too_short} test videos are shorter than one clip at SR '
                    f'{rate:g}; their clips repeat frames.'
                )
        if part.absent:
            lines.append(f'The list has no video of {", ".join(part.absent)}.')
    open_ends = [
        f'{name}, seed {seed}'
        for (name, seed), record in results.runs.items()
        if record.curves and not have_converged(record.curves)
    ]
    if open_ends:
        lines.append(f'Not trained to the end: {"; ".join(open_ends)}.')
    if results.missing:
        names = '; '.join(f'{name}, seed {seed}' for name, seed in results.missing)
        lines.append(f'Not run: {names}.')
    if results.runs:
        hours = sum(record.hours for record in results.runs.values())
        commits = sorted({record.commit for record in results.runs.values()})
        count = len(results.runs)
        trainings = '1 training' if count == 1 else f'{count} trainings'
        lines.append(f'{trainings}, {hours:.1f} hours, at commit {", ".join(commits)}.')
    return list(dict.fromkeys(lines))


def values(cell: Cell, results: Results) -> list[float]:
    """The measurements of a cell in percent, one a seed of which all are there."""
    by_seed = _mean_metric(cell, cell.rate, results)
    if cell.minus_rate is not None:
        other = _mean_metric(cell, cell.minus_rate, results)
        by_seed = {
            seed: own - other[seed] for seed, own in by_seed.items() if seed in other
        }
    return [100 * by_seed[seed] for seed in sorted(by_seed)]


def _mean_metric(cell: Cell, rate: float, results: Results) -> dict[int, float]:
    """The mean over a cell's experiments, of the seeds that all of them have."""
    own = [results.metric(name, rate, cell.metric) for name in cell.experiments]
    shared = set.intersection(*map(set, own))
    return {seed: mean(numbers[seed] for numbers in own) for seed in shared}


def class_gains(results: Results, without: str, dem: str) -> dict[str, float]:
    """By how many points each class gains at rate 1, the mean over the seeds.

    Args:
        results: The records.
        without: The experiment without DEM.
        dem: The experiment with DEM.

    Returns:
        By class name, in label order, without the classes that are absent.
    """
    one, other = results.tests(without), results.tests(dem)
    pairs = [
        (one[seed].class_accuracy(1), other[seed].class_accuracy(1))
        for seed in sorted(set(one) & set(other))
    ]
    names = pairs[0][0] if pairs else {}
    # Rounded: a mean of no gain at all must not be one by its last bit.
    return {
        name: round(mean(100 * (gained[name] - own[name]) for own, gained in pairs), 6)
        for name in names
    }


def mean_curve(
    results: Results, experiment: str, name: str
) -> dict[int, tuple[float, ...]]:
    """A quantity of the trainings of an experiment over their steps.

    Args:
        results: The records.
        experiment: Its name.
        name: A field of :class:`~.records.Curve`, such as ``'top1'``.

    Returns:
        By step, the value of each seed, the mean over its folds.
    """
    curves = [record.curves for record in results.records(experiment).values()]
    steps = min((fold.step for folds in curves for fold in folds), key=len, default=())
    return {
        step: tuple(mean(getattr(fold, name)[i] for fold in folds) for folds in curves)
        for i, step in enumerate(steps)
    }
