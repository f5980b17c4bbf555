#!/usr/bin/env python
"""Make the figures of the documentation, the same bytes each time.

`unit` draws a (2+1)D unit with DEM and equation 3.2; `motion_probe` and `motion_dots`
show the generated videos as moving pictures.
"""

import argparse
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch
from moving_pictures import animate_dots, animate_probe

SPATIAL, TEMPORAL, POINTWISE = '#c7dcf2', '#ffd9a8', '#e6e6e6'
NODE, LINE, DILATED, REMARK = '#d5ebd0', '#333333', '#b06000', '#555555'


def draw_unit(path: Path) -> None:
    """Draw a (2+1)D unit with DEM, the equations below it, as PNG.

    Args:
        path: File to write.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        figure = Figure(figsize=(10, 6.6), dpi=160)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 100), ylim=(-8, 58))
        axes.axis('off')
        _draw_host(axes)
        _draw_variation(axes)
        _draw_compensation(axes)
        _draw_captions(axes)
        # Not which matplotlib wrote it.
        figure.savefig(path, metadata=dict(Software=None))


def _draw_host(axes: Axes) -> None:
    """Draw the two convolutions of the unit and the sum between them."""
    _box(axes, (14.5, 52), (15, 8), 'spatial conv.\n1 × d × d', SPATIAL)
    _box(axes, (30, 52), (8, 8), 'BN\nReLU', POINTWISE)
    _box(axes, (88.5, 52), (15, 8), 'temporal conv.\nt × 1 × 1', TEMPORAL)
    _arrow(axes, (2, 52), (7, 52))
    _arrow(axes, (22, 52), (26, 52))
    _arrow(axes, (34, 52), (72.5, 52))
    _node(axes, (74, 52), '+')
    _arrow(axes, (75.5, 52), (81, 52))
    _arrow(axes, (96, 52), (99.5, 52))
    axes.text(36.5, 53, '$x$', fontsize=15)
    axes.text(78, 53, '$y$', fontsize=15)
    _box(axes, (50, 22.5), (95, 44), '', '#fafafa', linestyle='--', zorder=0)


def _draw_variation(axes: Axes) -> None:
    """Draw D: from three frames of x to the difference of two motions."""
    _dot(axes, (42, 52))
    _arrow(axes, (42, 52), (42, 41.5), (10, 41.5), (10, 38))
    for y, frame in ((35, 'x_{n-1}'), (25, 'x_n'), (15, 'x_{n+1}')):
        _box(axes, (10, y), (8, 6), f'${frame}$', 'white', 15)
    for y, pair, label in ((30, 'x_{n-1}, x_n', 32), (20, 'x_n, x_{n+1}', 17.5)):
        _arrow(axes, (14, y + 4), (22, y + 1.2))
        _arrow(axes, (14, y - 4), (22, y - 1.2))
        _box(axes, (25, y), (6, 6), '$f$', TEMPORAL, 15)
        _arrow(axes, (28, y), (40, 25 + (y - 25) / 5))
        axes.text(28.8, label, f'$f({pair})$', fontsize=11)
    _box(axes, (43, 25), (6, 6), '$g$', TEMPORAL, 15)
    _arrow(axes, (46, 25), (49.5, 25))

    _arrow(axes, (6, 35), (4.5, 35), (4.5, 6), (22, 6), color=DILATED)
    _arrow(axes, (10, 12), (10, 8), (22, 8), color=DILATED)
    _box(axes, (25, 7), (6, 6), '$f$', TEMPORAL, 15)
    _arrow(axes, (28, 7), (51, 7), (51, 23.5), color=DILATED)
    _node(axes, (51, 25), '−')
    axes.text(28.8, 8, '$f(x_{n-1}, x_{n+1})$', fontsize=11)
    axes.plot([25, 25], [10, 17], ':', color=LINE)
    for x, y, text in (
        (19, 35.5, 'adjacent frames'),
        (26, 12.5, 'same weights'),
        (14, 2, 'two frames apart: dilation 2'),
    ):
        axes.text(x, y, text, fontsize=11, color=REMARK)


def _draw_compensation(axes: Axes) -> None:
    """Draw the way from D to the sum."""
    _arrow(axes, (52.5, 25), (56, 25))
    axes.text(52, 27.5, '$D_n$', fontsize=14)
    _box(axes, (60, 25), (8, 8), 'BN\nReLU-6', POINTWISE)
    _arrow(axes, (64, 25), (66.5, 25))
    _dot(axes, (68, 52))
    _arrow(axes, (68, 52), (68, 26.5))
    axes.text(68.8, 33, '$x_n$', fontsize=14)
    _node(axes, (68, 25), '×')
    axes.text(68, 20.5, 'fuse', fontsize=11, ha='center', color=REMARK)
    _arrow(axes, (69.5, 25), (72, 25))
    _box(axes, (77, 25), (10, 8), '$h$\n1 × d × d', SPATIAL)
    _arrow(axes, (82, 25), (85, 25))
    _box(axes, (90, 25), (10, 8), 'BN\n× scale', POINTWISE)
    _arrow(axes, (90, 29), (90, 46.5), (74, 46.5), (74, 50.5))


def _draw_captions(axes: Axes) -> None:
    """Write the equations, the name and what the colours mean."""
    variation = r'$D_n = g(f(x_{n-1}, x_n), f(x_n, x_{n+1})) - f(x_{n-1}, x_{n+1})$'
    total = (
        r'$y = x + \mathrm{scale} \cdot '
        r'\mathrm{BN}(h(\mathrm{ReLU6}(\mathrm{BN}(D)) \cdot x))$'
    )
    axes.text(2.5, -3, f'{variation}   (3.2)', fontsize=14, va='center')
    axes.text(2.5, -6.3, total, fontsize=14, va='center')
    axes.text(78, 38.5, 'DEM', fontsize=18, weight='bold')
    for y, color, text in (
        (9, SPATIAL, 'convolution over space'),
        (5, TEMPORAL, 'convolution over time; $f$, $g$: 2 × 1 × 1'),
    ):
        _box(axes, (60, y), (2, 2), '', color)
        axes.text(62, y, text, fontsize=11, va='center')


def _box(
    axes: Axes,
    centre: tuple[float, float],
    size: tuple[float, float],
    text: str,
    color: str,
    fontsize: float = 12,
    **style: object,
) -> None:
    """Draw a box with text in it."""
    corner = np.subtract(centre, np.divide(size, 2))
    style = dict(edgecolor=LINE, zorder=2) | style
    axes.add_patch(
        FancyBboxPatch(
            corner, *size, 'round,pad=0,rounding_size=0.8', facecolor=color, **style
        )
    )
    axes.text(*centre, text, ha='center', va='center', fontsize=fontsize, zorder=3)


def _node(axes: Axes, centre: tuple[float, float], sign: str) -> None:
    """Draw a pixel-wise operation."""
    axes.add_patch(Circle(centre, 1.5, facecolor=NODE, edgecolor=LINE, zorder=2))
    axes.text(*centre, sign, ha='center', va='center', fontsize=15, zorder=3)


def _dot(axes: Axes, centre: tuple[float, float]) -> None:
    """Draw where a line branches."""
    axes.plot(*centre, 'o', color=LINE, markersize=5, zorder=2)


def _arrow(axes: Axes, *points: tuple[float, float], color: str = LINE) -> None:
    """Draw a line along points, with a head at the last."""
    axes.plot(*zip(*points[:-1], strict=True), color=color, linewidth=1.3, zorder=1)
    style = dict(arrowstyle='-|>', color=color, linewidth=1.3, shrinkA=0, shrinkB=0)
    axes.annotate('', points[-1], points[-2], arrowprops=style, zorder=1)


FIGURES = {
    'unit': ('dem_unit.png', draw_unit),
    'motion_probe': ('motion_probe.gif', animate_probe),
    'motion_dots': ('motion_dots.gif', animate_dots),
}


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'names',
        nargs='*',
        default=list(FIGURES),
        metavar='NAME',
        help=f'of {", ".join(FIGURES)} (default: all)',
    )
    parser.add_argument(
        '--out', type=Path, default='docs/images', help='folder (default docs/images)'
    )
    args = parser.parse_args()
    if unknown := set(args.names) - set(FIGURES):
        parser.error(f'no figure {", ".join(unknown)}: there are {", ".join(FIGURES)}')
    return args


def main() -> None:
    args = parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names:
        file, make = FIGURES[name]
        make(args.out / file)
        print(args.out / file)


if __name__ == '__main__':
    main()
