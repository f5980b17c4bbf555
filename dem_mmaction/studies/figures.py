"""A study's figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from dem_mmaction.robustness import draw_over_rates

#: By the name to show, training and validation loss by training step.
LossesByName = Mapping[str, Mapping[str, Mapping[int, float]]]
#: By the name to show, by rate, the accuracy of each seed.
AccuraciesByName = Mapping[str, Mapping[int, Sequence[float]]]

_GAIN, _LOSS = 'tab:blue', 'tab:orange'


def draw_gain_histogram(gains: Mapping[str, float], path: Path) -> None:
    """Draw how many classes gain how much (as Figure 4.1).

    Args:
        gains: Points by class.
        path: The PNG to write.
    """
    points = np.array(list(gains.values()))
    width = _bin_width(np.ptp(points), len(points))
    # An edge at 0, so that no bar holds both gains and losses.
    edges = width * np.arange(
        np.floor(points.min() / width), np.floor(points.max() / width) + 2
    )
    figure = Figure(figsize=(6, 3.4), layout='constrained')
    axes = figure.subplots()
    _, _, bars = axes.hist(points, edges, edgecolor='white')
    for edge, bar in zip(edges, bars, strict=False):
        bar.set_facecolor(_GAIN if edge >= 0 else _LOSS)
    axes.hist(points[points == 0], edges, color='lightgrey', edgecolor='white')
    axes.axvline(0, color='black', linewidth=0.8)
    axes.set_xlabel('gain with DEM in the top-1 of a class [points]')
    axes.set_ylabel('classes')
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.set_title(
        f'{(points > 0).sum()} of {len(points)} classes gain, {(points < 0).sum()} lose'
    )
    figure.savefig(path, dpi=120)


def _bin_width(span: float, count: int) -> float:
    """A round width that gives a bar for some classes each."""
    wanted = max(span, 1) / max(8, 2 * np.sqrt(count))
    return next(
        width
        for width in (0.5, 1, 2, 4, 5, 10, 20, 50)
        if width >= wanted or width == 50
    )


def draw_gain_ends(gains: Mapping[str, float], ends: int, path: Path) -> None:
    """Draw the classes that gain and lose most (as Figure 4.2).

    Args:
        gains: Points by class.
        ends: So many from each end; all, where there are fewer.
        path: The PNG to write.
    """
    chosen = ends_of(gains, ends)
    figure = Figure(figsize=(6.4, 1 + 0.24 * len(chosen)), layout='constrained')
    axes = figure.subplots()
    axes.barh(
        [name for name, _ in chosen],
        [value for _, value in chosen],
        color=[_GAIN if value >= 0 else _LOSS for _, value in chosen],
    )
    axes.invert_yaxis()
    axes.axvline(0, color='black', linewidth=0.8)
    axes.set_xlabel('gain with DEM in the top-1 of the class [points]')
    axes.grid(axis='x', alpha=0.3)
    figure.savefig(path, dpi=120)


def ends_of(gains: Mapping[str, float], ends: int) -> list[tuple[str, float]]:
    """The classes of both ends, best first, each once."""
    ranked = sorted(gains.items(), key=lambda item: -item[1])
    if len(ranked) <= 2 * ends:
        return ranked
    return ranked[:ends] + ranked[-ends:]


def draw_losses(panels: Sequence[tuple[str, LossesByName]], path: Path) -> None:
    """Draw training and validation loss (as Figure 4.3).

    Args:
        panels: Title of each and its curves.
        path: The PNG to write.
    """
    figure = Figure(figsize=(4.4 * len(panels), 4.4), layout='constrained')
    row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(row, panels, strict=True):
        for i, (name, kinds) in enumerate(curves.items()):
            for kind, style in (('training', '-'), ('validation', '--')):
                curve = kinds[kind]
                axes.plot(
                    list(curve),
                    list(curve.values()),
                    style,
                    color=f'C{i}',
                    marker='.',
                    label=name if kind == 'training' else None,
                )
        axes.plot([], [], '-', color='grey', label='training')
        axes.plot([], [], '--', color='grey', label='validation')
        axes.set_title(title)
        axes.set_xlabel('training step')
        axes.grid(alpha=0.3)
        axes.legend(
            fontsize='small', ncols=2, loc='upper center', bbox_to_anchor=(0.5, -0.16)
        )
    row[0].set_ylabel('cross-entropy')
    figure.savefig(path, dpi=120)


def draw_learning(
    curves: Mapping[str, Mapping[int, Sequence[float]]], path: Path
) -> None:
    """Draw validation top-1 over the steps of training.

    Args:
        curves: By the name to show, by step, the top-1 of each seed, in [0, 1]. The
            band reaches from the lowest to the highest.
        path: The PNG to write.
    """
    figure = Figure(figsize=(6.4, 4), layout='constrained')
    axes = figure.subplots()
    for i, (name, curve) in enumerate(curves.items()):
        steps, values = list(curve), 100 * np.array(list(curve.values()))
        axes.plot(steps, values.mean(axis=1), color=f'C{i % 10}', label=name)
        axes.fill_between(
            steps,
            values.min(axis=1),
            values.max(axis=1),
            color=f'C{i % 10}',
            alpha=0.1,
            linewidth=0,
        )
    axes.set_xlabel('steps of training')
    axes.set_ylabel('validation top-1 [%]')
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')
    figure.savefig(path, dpi=120)


def draw_rate_curves(
    panels: Mapping[str, AccuraciesByName], chance: float, path: Path
) -> None:
    """Draw accuracies over the sub-sampling rate, a panel a metric.

    Args:
        panels: By the title of each, its curves.
        chance: The accuracy of guessing, in [0, 1].
        path: The PNG to write.
    """
    figure = Figure(figsize=(3.6 * len(panels), 3.4), layout='constrained')
    row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, curves) in zip(row, panels.items(), strict=True):
        draw_over_rates(axes, curves, chance=chance)
        axes.set_title(title)
    row[0].set_ylabel('video top-1 [%]')
    row[0].legend(loc='center left')
    figure.savefig(path, dpi=120)
