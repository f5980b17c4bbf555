"""Accuracy over the severity of conditions, as pictures."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .families import FAMILIES
from .measures import measures, severity_of, shared_families
from .plot import markers
from .results import ConditionResults

if TYPE_CHECKING:  # a second at each start of a tool
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 4.6, 3.2


def draw_families(models: Sequence[ConditionResults]) -> dict[str, 'Figure']:
    """A figure a family with the accuracy of each model over the severity.

    Families of a single condition without severity share one, ``'others'``.
    """
    from matplotlib.figure import Figure

    figures = {}
    for family, names in _panels(models).items():
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout='constrained')
        axes = figure.subplots()
        _draw(axes, models, family, names)
        if len(models) > 1:
            axes.legend(fontsize='small')
        figures[family] = figure
    return figures


def draw_all(models: Sequence[ConditionResults]) -> 'Figure | None':
    """All families in one figure with one legend; None where there is no condition."""
    from matplotlib.figure import Figure

    panels = _panels(models)
    if not panels:
        return None
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(_WIDTH * columns, _HEIGHT * rows), layout='constrained')
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (family, names) in zip(places, panels.items(), strict=False):
        _draw(axes, models, family, names)
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    if len(models) > 1:
        shown = places[0].get_legend_handles_labels()
        figure.legend(*shown, loc='outside upper center', ncols=min(len(models), 6))
    return figure


def _panels(models: Sequence[ConditionResults]) -> dict[str, list[str]]:
    """The conditions by panel, those without severity in the last one."""
    shared = shared_families(models)
    panels = {own: names for own, names in shared.items() if FAMILIES[own].axis}
    others = [n for own, names in shared.items() if own not in panels for n in names]
    return {**panels, 'others': others} if others else panels


def _draw(
    axes: 'Axes', models: Sequence[ConditionResults], family: str, names: Sequence[str]
) -> None:
    """Draw video top-1 with intervals, the clean condition first."""
    known = FAMILIES.get(family)  # severities of one family are joined by lines
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
            fmt=f'{marker}-' if known else marker,
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
    axes.set_title(known.title if known else 'other conditions', fontsize='medium')
    axes.set_xlabel(known.axis if known else '')
    axes.grid(alpha=0.3)
