"""Networks beside their baselines: paired differences with intervals, as tables."""

from collections.abc import Iterator, Sequence
from statistics import mean, stdev

from dem_mmaction.utils import markdown_table
from dem_mmaction.utils.statistics import Interval, t_interval

from .results import Results, mean_curve
from .study import Comparison, Row
from .tables import NOT_RUN, spread

#: How far a training is when its speed of learning is read off.
EARLY = 0.25
#: The columns of a comparison as CSV, after those that say what a row is.
CSV_HEAD = ('rate', 'quantity', 'mean', 'low', 'high', 'stdev', 'seeds')


def comparison_tables(show: Comparison, results: Results) -> str:
    """The comparison as Markdown: at the own rate, at other rates, and while learning.

    A star marks a difference of several seeds whose interval excludes 0.
    """
    rates = results.rates()
    text = f'### At the rate of the training\n\n{_own_rate(show, results)}'
    if len(rates) > 1:
        text += f'\n### At other rates\n\n{_other_rates(show, results, rates)}'
    return f'{text}\n### While learning\n\n{_learning(show, results)}'


def _own_rate(show: Comparison, results: Results) -> str:
    head = [
        *show.labels,
        'parameters',
        'M multiply-adds',
        'top-1',
        'loss',
        'top-1 minus the baseline',
    ]
    rows = []
    for row in show.rows:
        records = results.records(row.experiment)
        first = next(iter(records.values()), None)
        own = results.own_rate(row.experiment)
        rows.append(
            [
                *row.labels,
                f'{first.parameters:,}' if first else NOT_RUN,
                f'{first.multiply_adds / 1e6:.0f}' if first else NOT_RUN,
                _percent(show, row, own, results),
                spread(_loss(row, own, results), 3),
                _against(show, row, results, own),
            ]
        )
    return markdown_table(head, rows, left=len(show.labels))


def _other_rates(show: Comparison, results: Results, rates: Sequence[float]) -> str:
    """Top-1 at each rate, and what is lost on the way there against the baseline."""
    head = [*show.labels]
    for rate in rates:
        head += [f'SR {rate:g}', 'change minus that of the baseline']
    rows = []
    for row in show.rows:
        own, line = results.own_rate(row.experiment), [*row.labels]
        for rate in rates:
            at_own = rate == own
            line += [
                _percent(show, row, rate, results),
                'own rate' if at_own else _against(show, row, results, rate, own),
            ]
        rows.append(line)
    return markdown_table(head, rows, left=len(show.labels))


def _learning(show: Comparison, results: Results) -> str:
    head = [
        *show.labels,
        f'validation top-1 after {EARLY:.0%} of the steps',
        'minus the baseline',
        'steps',
        'hours a training',
    ]
    rows = []
    for row in show.rows:
        records = results.records(row.experiment)
        hours = [record.hours for record in records.values()]
        curve = mean_curve(results, row.experiment, 'top1')
        difference = early_difference(row, results)
        rows.append(
            [
                *row.labels,
                spread([100 * own for own in _early(curve)], 1),
                '' if row.baseline is None else as_text(difference, len(hours)),
                f'{max(curve):,}' if curve else NOT_RUN,
                f'{mean(hours):.2f}' if hours else NOT_RUN,
            ]
        )
    return markdown_table(head, rows, left=len(show.labels))


def early_difference(row: Row, results: Results) -> Interval | None:
    """The difference of validation top-1 early in training, paired by seed, in points.

    Its interval is over the seeds alone, which are too few for more.
    """
    if row.baseline is None:
        return None
    one, other = (
        dict(zip(results.records(name), _early(curve), strict=True))
        for name in (row.experiment, row.baseline)
        for curve in [mean_curve(results, name, 'top1')]
    )
    seeds = sorted(set(one) & set(other))
    return t_interval([100 * (one[seed] - other[seed]) for seed in seeds])


def _early(curve: dict[int, tuple[float, ...]]) -> tuple[float, ...]:
    """The values of a curve's seeds at the first step that is not before ``EARLY``."""
    if not curve:
        return ()
    return curve[min(step for step in curve if step >= EARLY * max(curve))]


def _percent(show: Comparison, row: Row, rate: float, results: Results) -> str:
    numbers = results.metric(row.experiment, rate, show.metric)
    return spread([100 * numbers[seed] for seed in sorted(numbers)], 1)


def _loss(row: Row, rate: float, results: Results) -> list[float]:
    numbers = results.metric(row.experiment, rate, 'loss')
    return [numbers[seed] for seed in sorted(numbers)]


def _against(
    show: Comparison, row: Row, results: Results, rate: float, own: float | None = None
) -> str:
    if row.baseline is None:
        return ''
    return as_text(
        results.difference(row.experiment, row.baseline, rate, own, show.metric),
        results.paired_seeds(row.experiment, row.baseline),
    )


def as_text(interval: Interval | None, seeds: int) -> str:
    """A difference in points, ``'+1.2 [0.3, 2.1] *'``.

    The star is where it excludes 0, unless it is of one seed, which says nothing of
    other trainings.
    """
    if interval is None:
        return NOT_RUN
    star = ' *' if interval.excludes_zero and seeds > 1 else ''
    return f'{interval.mean:+.1f} [{interval.low:.1f}, {interval.high:.1f}]{star}'


def comparison_rows(show: Comparison, results: Results) -> Iterator[list]:
    """A row a quantity, network and rate, in percent and points; for CSV."""
    for row in show.rows:
        own = results.own_rate(row.experiment)
        for rate in results.rates():
            numbers = results.metric(row.experiment, rate, show.metric)
            top1 = [100 * numbers[seed] for seed in sorted(numbers)]
            if not top1:
                continue
            yield [
                *row.labels,
                rate,
                'top-1',
                mean(top1),
                '',
                '',
                stdev(top1) if len(top1) > 1 else '',
                len(top1),
            ]
            if row.baseline is None:
                continue
            for quantity, start in (('difference', None), ('change', own)):
                if start == rate:
                    continue
                interval = results.difference(
                    row.experiment, row.baseline, rate, start, show.metric
                )
                if interval is not None:
                    numbers = interval.mean, interval.low, interval.high
                    seeds = results.paired_seeds(row.experiment, row.baseline)
                    yield [*row.labels, rate, quantity, *numbers, '', seeds]
