"""The results of one or several models as tables and curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dem_mmaction.utils import markdown_table, write_text, written_aside
from dem_mmaction.utils.statistics import Interval

from .families import FAMILIES
from .measures import families_of, family_robustness, measures, severity_of
from .plot import markers
from .results import ConditionResults

if TYPE_CHECKING:  # a second at each start of a tool
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
    for family, names in _shared(models).items():
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
        name for own in _shared(models).values() for name in own
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


def draw_families(models: Sequence[ConditionResults]) -> dict[str, 'Figure']:
    """A figure a family with the accuracy of each model over the severity.

    Families of a single condition without severity share one, ``'others'``.
    """
    from matplotlib.figure import Figure

    shared = _shared(models)
    curves = {own: names for own, names in shared.items() if FAMILIES[own].axis}
    others = [n for own, names in shared.items() if own not in curves for n in names]
    if others:
        curves['others'] = others
    figures = {}
    for family, names in curves.items():
        figure = figures[family] = Figure(figsize=(4.6, 3.2), layout='constrained')
        axes = figure.subplots()
        draw_conditions(axes, models, names, joined=family in FAMILIES)
        if family in FAMILIES:
            axes.set_title(FAMILIES[family].title, fontsize='medium')
            axes.set_xlabel(FAMILIES[family].axis)
    return figures


def draw_conditions(
    axes: 'Axes',
    models: Sequence[ConditionResults],
    names: Sequence[str],
    joined: bool = True,
) -> None:
    """Draw video top-1 with intervals, the clean condition first.

    Args:
        axes: Where to draw.
        models: The models.
        names: The conditions, from left to right.
        joined: Whether they are severities of one family, joined by lines.
    """
    places = [models[0].reference, *names]
    width = 0.5 / len(models)
    for i, (results, marker) in enumerate(zip(models, markers(), strict=False)):
        shares = [measures(results, name).top1 for name in places]
        x = [
            place + width * (i - (len(models) - 1) / 2) for place in range(len(places))
        ]
        y = [100 * own.mean for own in shares]
        ends = [
            [100 * (own.mean - own.low) for own in shares],
            [100 * (own.high - own.mean) for own in shares],
        ]
        axes.errorbar(
            x,
            y,
            ends,
            fmt=f'{marker}-' if joined else marker,
            linewidth=1.2,
            capsize=2,
            label=results.title,
        )
    labels = ['clean'] + [severity_of(name) or name for name in names]
    crowded = sum(map(len, labels)) > 36
    axes.set_xticks(
        range(len(places)),
        labels,
        rotation=45 if crowded else 0,
        ha='right' if crowded else 'center',
    )
    axes.set_ylim(0, 100)
    axes.set_ylabel('video top-1 [%]')
    axes.grid(alpha=0.3)
    if len(models) > 1:
        axes.legend(fontsize='small')


def write_robustness(
    models: Sequence[ConditionResults], folder: Path
) -> tuple[str, list[Path]]:
    """Write ``robustness.md`` and ``robustness.png`` to a folder.

    Returns:
        The text of the tables, and the files.

    Raises:
        ValueError: The models cannot be compared, see :func:`check_comparable`.
    """
    from matplotlib.figure import Figure

    check_comparable(models)
    folder, text = Path(folder), robustness_text(models)
    table, picture = folder / 'robustness.md', folder / 'robustness.png'
    write_text(table, text)
    shared = _shared(models)
    columns = min(3, len(shared))
    rows = -(-len(shared) // max(columns, 1))
    if not shared:
        return text, [table]
    figure = Figure(figsize=(4.6 * columns, 3.2 * rows), layout='constrained')
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (family, names) in zip(panels, shared.items(), strict=False):
        draw_conditions(axes, models, names)
        axes.set_title(FAMILIES[family].title, fontsize='medium')
        axes.set_xlabel(FAMILIES[family].axis)
    for axes in panels[len(shared) :]:
        axes.set_visible(False)
    with written_aside(picture) as aside:
        figure.savefig(aside, dpi=90)
    return text, [table, picture]


def _shared(models: Sequence[ConditionResults]) -> Mapping[str, list[str]]:
    """The conditions that all models have, by family."""
    found = {
        family: [n for n in names if all(n in own.results for own in models)]
        for family, names in families_of(models[0]).items()
    }
    return {family: names for family, names in found.items() if names}


def percent(share: float) -> str:
    """A share in percent."""
    return f'{100 * share:.1f}'


def _ends(interval: Interval) -> str:
    return f'[{100 * interval.low:.1f}, {100 * interval.high:.1f}]'


def as_cell(own: Interval, first: Interval | None) -> str:
    """A share with its interval, and a star where that does not overlap the first."""
    apart = first is not None and (own.low > first.high or own.high < first.low)
    return f'{percent(own.mean)} {_ends(own)}{" *" if apart else ""}'
