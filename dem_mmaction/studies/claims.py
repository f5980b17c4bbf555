"""What is said of networks, and whether the measurements bear it out."""

from collections.abc import Iterator

from dem_mmaction.utils import markdown_table
from dem_mmaction.utils.statistics import Interval

from .comparison import as_text
from .results import Results
from .study import Claim, Claims
from .tables import NOT_RUN

#: The columns of claims as CSV.
CSV_HEAD = (
    'claim',
    'network',
    'against',
    'rate',
    'seeds',
    'mean',
    'low',
    'high',
    'verdict',
)


def verdict(interval: Interval | None, seeds: int) -> str:
    """What an interval of a difference says of the claim that there is a gain.

    Args:
        interval: The interval.
        seeds: Number of seeds that it is made of. That of one says nothing of others.

    Returns:
        ``'holds'`` or ``'fails'``, where the interval lies above or below 0; ``'not
        decided'`` where it holds 0 or there is but one seed; ``'not run'`` where there
        is no interval.
    """
    if interval is None:
        return NOT_RUN
    if seeds < 2 or not interval.excludes_zero:
        return 'not decided'
    return 'holds' if interval.mean > 0 else 'fails'


def claims_table(show: Claims, results: Results) -> str:
    """The claims as Markdown, a row for each rate that a claim is about."""
    rows = [
        [
            claim.text,
            claim.experiment,
            claim.baseline,
            f'{rate:g}',
            str(seeds),
            as_text(interval, seeds),
            verdict(interval, seeds),
        ]
        for claim, rate, seeds, interval in _measured(show, results)
    ]
    head = [
        'claim',
        'network',
        'against',
        'SR',
        'seeds',
        'difference in points',
        'verdict',
    ]
    return markdown_table(head, rows, left=3)


def claims_rows(show: Claims, results: Results) -> Iterator[list]:
    """The claims as rows for CSV, in points."""
    for claim, rate, seeds, interval in _measured(show, results):
        numbers = ('', '', '')
        if interval is not None:
            numbers = interval.mean, interval.low, interval.high
        yield [
            claim.text,
            claim.experiment,
            claim.baseline,
            rate,
            seeds,
            *numbers,
            verdict(interval, seeds),
        ]


def _measured(
    show: Claims, results: Results
) -> Iterator[tuple[Claim, float, int, Interval | None]]:
    """Each claim at each rate that it is about, with its seeds and the difference."""
    for claim in show.claims:
        own = results.own_rate(claim.baseline)
        rates = (
            [rate for rate in results.rates() if rate != own]
            if claim.at_other_rates
            else [own]
        )
        start = own if claim.at_other_rates else None
        pair = claim.experiment, claim.baseline
        seeds = results.paired_seeds(*pair)
        for rate in rates:
            yield claim, rate, seeds, results.difference(*pair, rate, start)
