"""The results of one or several models as tables and curves."""

from collections.abc import Sequence
from pathlib import Path

from dem_mmaction.utils import markdown_table, write_text, written_aside
from dem_mmaction.utils.statistics import Interval

from .curves import draw_all
from .families import FAMILIES
from .measures import family_robustness, measures, shared_families
from .results import ConditionResults

#: The columns of a model's table after the condition.
HEAD = (
    'video top-1',
    '95 % interval',
    'Delta',
    '95 % interval of Delta',
    'relative robustness',
    'flips',
    'video top-5',
    'mean class',
    'clip top-1',
    'clip top-5',
)
_METRICS = ('video/top5', 'video/mean_class', 'clip/top1', 'clip/top5')


def condition_rows(results: ConditionResults) -> list[list[str]]:
    """A row a condition with its name and the columns ``HEAD``, in percent."""
    rows = []
    for name, own in results.results.items():
        found, clean = measures(results, name), name == results.reference
        metrics = [
            percent(own.metrics[key]) if key in own.metrics else '' for key in _METRICS
        ]
        rows.append(
            [
                name,
                percent(found.top1.mean),
                _ends(found.top1),
                '' if clean else f'{100 * found.delta.mean:+.1f}',
                '' if clean else _ends(found.delta),
                percent(found.relative.mean) if found.relative else '',
                '' if clean else percent(found.flips.mean),
                *metrics,
            ]
        )
    return rows


def family_rows(models: Sequence[ConditionResults]) -> list[list[str]]:
    """A row a family, its relative robustness for each model.

    A star marks a model whose interval does not overlap that of the first model.
    """
    rows = []
    for family, names in shared_families(models).items():
        cells, first = [], None
        for results in models:
            own = family_robustness(results, names)
            cells.append('' if own is None else as_cell(own, first))
            first = first or own
        rows.append([FAMILIES[family].title, len(names), *cells])
    return rows


def comparison_rows(models: Sequence[ConditionResults]) -> list[list[str]]:
    """A row a condition that all models have, video top-1 of each with its interval.

    A star marks a model whose interval does not overlap that of the first model.
    """
    names = [models[0].reference] + [
        name for own in shared_families(models).values() for name in own
    ]
    rows = []
    for name in names:
        first, cells = None, []
        for results in models:
            own = measures(results, name).top1
            cells.append(as_cell(own, first))
            first = first or own
        rows.append([name, *cells])
    return rows


def check_comparable(models: Sequence[ConditionResults]) -> None:
    """Refuse models that were not tested on the same videos and classes.

    Raises:
        ValueError: Two differ; names them and what differs.
    """
    first = models[0]
    for other in models[1:]:
        where = f"'{first.title}' and '{other.title}'"
        if first.classes != other.classes:
            raise ValueError(
                f'{where} have different lists of classes ({len(first.classes)} and '
                f'{len(other.classes)} names): test both on the same list of videos.'
            )
        if tuple(first.labels) != tuple(other.labels):
            raise ValueError(
                f'{where} were tested on different videos ({len(first.labels)} and '
                f'{len(other.labels)}, or in another order): test both on the same '
                'list.'
            )


def robustness_text(models: Sequence[ConditionResults]) -> str:
    """Tables of one model or of several side by side, as Markdown."""
    titles = [own.title for own in models]
    text = '## Relative robustness\n\n'
    text += (
        'Video top-1 under a condition over clean video top-1, the mean over the '
        'severities of a family, in percent, with its 95 % interval over videos.'
    )
    if len(models) > 1:
        text += (
            f' A star marks intervals that do not overlap that of {titles[0]}.\n\n'
            f'{markdown_table(["family", "conditions", *titles], family_rows(models))}'
            '\n## Video top-1\n\n'
            f'{markdown_table(["condition", *titles], comparison_rows(models))}'
        )
    else:
        table = markdown_table(
            ['family', 'conditions', 'relative robustness'], family_rows(models)
        )
        text += f'\n\n{table}\n## Conditions\n\nIn percent, Delta in points.\n\n'
        text += markdown_table(['condition', *HEAD], condition_rows(models[0]))
    for results in models:
        text += notes(results)
    return text


def notes(results: ConditionResults) -> str:
    """What was not tested and why, and which clips repeat frames."""
    text = ''
    if results.refused:
        rows = results.refused.items()
        text += f'\n## Not tested: {results.title}\n\n'
        text += markdown_table(['condition', 'why'], rows, left=2)
    short = {
        name: own.too_short for name, own in results.results.items() if own.too_short
    }
    if short:
        listed = ', '.join(f'{name} ({count})' for name, count in short.items())
        text += (
            f'\nIn {results.title}, videos shorter than one clip, whose clips repeat '
            f'frames: {listed}.\n'
        )
    return text


def write_robustness(
    models: Sequence[ConditionResults], folder: Path
) -> tuple[str, list[Path]]:
    """Write ``robustness.md`` and ``robustness.png`` to a folder.

    Returns:
        The text of the tables, and the files.

    Raises:
        ValueError: The models cannot be compared, see :func:`check_comparable`.
    """
    check_comparable(models)
    folder, text = Path(folder), robustness_text(models)
    table, picture = folder / 'robustness.md', folder / 'robustness.png'
    write_text(table, text)
    figure = draw_all(models)
    if figure is None:
        return text, [table]
    with written_aside(picture) as aside:
        figure.savefig(aside, dpi=90)
    return text, [table, picture]


def percent(share: float) -> str:
    """A share in percent."""
    return f'{100 * share:.1f}'


def _ends(interval: Interval) -> str:
    return f'[{100 * interval.low:.1f}, {100 * interval.high:.1f}]'


def as_cell(own: Interval, first: Interval | None) -> str:
    """A share with its interval, and a star where that does not overlap the first."""
    apart = first is not None and (own.low > first.high or own.high < first.low)
    return f'{percent(own.mean)} {_ends(own)}{" *" if apart else ""}'
