"""Accuracy over the sub-sampling rate, as a picture."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a second at each start of a tool
    from matplotlib.axes import Axes


def draw_over_rates(
    axes: 'Axes',
    curves: Mapping[str, Mapping[float, Sequence[float]]],
    own_rate: float | None = None,
    chance: float | None = None,
) -> None:
    """Draw accuracies over the rate, the mean as a line and the seeds as a band.

    Args:
        axes: Where to draw.
        curves: By the name to show, by rate, the accuracy of each seed, in [0, 1]. The
            band reaches from the lowest to the highest.
        own_rate: A rate to mark as that of the training.
        chance: The accuracy of guessing, in [0, 1], drawn as a dotted line.
    """
    rates = sorted({rate for curve in curves.values() for rate in curve})
    places = {rate: place for place, rate in enumerate(rates)}
    for (name, curve), marker in zip(curves.items(), markers(), strict=False):
        own = sorted(rate for rate in curve if len(curve[rate]))
        x = [places[rate] for rate in own]
        (line,) = axes.plot(
            x, [100 * mean(curve[rate]) for rate in own], marker=marker, label=name
        )
        axes.fill_between(
            x,
            [100 * min(curve[rate]) for rate in own],
            [100 * max(curve[rate]) for rate in own],
            color=line.get_color(),
            alpha=0.15,
            linewidth=0,
        )
    if chance is not None:
        axes.axhline(100 * chance, color='grey', linestyle=':')
        axes.annotate(
            'chance',
            (len(rates) - 1, 100 * chance),
            color='grey',
            xytext=(0, 3),
            textcoords='offset points',
            ha='right',
        )
    labels = [f'{rate} (own)' if rate == own_rate else str(rate) for rate in rates]
    axes.set_xticks(range(len(rates)), labels)
    axes.set_xlabel('sub-sampling rate of the test clips')
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)


def markers() -> str:
    """More than there will be curves; told apart without colour."""
    return 'os^Dv<>pP*X' * 3
