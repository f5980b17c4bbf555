"""D and the compensation over the frames of clips: moving, as a sheet, as curves."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from dem_mmaction.pages import write_moving
from dem_mmaction.utils import written_aside

from .clips import SeenClip
from .traces import Trace

# Pixels of the height of a frame in the moving picture, and its frames a second.
_HEIGHT, _FPS = 160, 4
_COLUMNS = 8

#: By rate, a clip and the trace of one DEM while the network saw it.
Seen = Mapping[float, tuple[SeenClip, Trace]]


def write_maps(seen: Seen, folder: Path) -> list[Path]:
    """Write the pictures of one DEM and one video.

    All rates share one scale of colours for D and one for the compensation, so that
    brightness can be compared between them.

    Args:
        seen: By rate, the clip and the trace.
        folder: Where to write; made if it is not there.

    Returns:
        The files: a moving WebP with the frames, D and the compensation side by side,
        a row a rate; a PNG with eight frames of each; and a PNG with the size of both
        in each frame beside the difference between frames.
    """
    name = next(iter(seen.values()))[1].name
    folder.mkdir(parents=True, exist_ok=True)
    rows = _coloured(seen)
    paths = [folder / f'{name}{end}' for end in ('.webp', '_sheet.png', '_curves.png')]
    write_moving(_side_by_side(rows), paths[0], _FPS)
    _write_sheet(seen, rows, paths[1])
    _write_curves(seen, paths[2])
    return paths


def _coloured(seen: Seen) -> dict[float, dict[str, np.ndarray]]:
    """By rate: the frames and both maps as frames, (T, H, W, 3) uint8."""
    from matplotlib import colormaps

    maps = {rate: own.maps() for rate, (_, own) in seen.items()}
    tops = {
        kind: max(float(np.quantile(own[kind], 0.995)) for own in maps.values())
        for kind in ('D', 'compensation')
    }
    rows = {}
    for rate, (clip, _) in seen.items():
        frames = clip.frames
        size = frames.shape[2], frames.shape[1]
        rows[rate] = dict(frames=frames)
        for kind, values in maps[rate].items():
            scaled = np.asarray(values) / max(tops[kind], 1e-12)
            times = np.arange(len(frames)) * len(scaled) // len(frames)
            rows[rate][kind] = np.stack(
                [
                    (255 * colormaps['magma'](cv2.resize(one, size))[..., :3]).astype(
                        np.uint8
                    )
                    for one in scaled.clip(0, 1)[times]
                ]
            )
    return rows


def _side_by_side(rows: Mapping[float, Mapping[str, np.ndarray]]) -> list[np.ndarray]:
    """The frames of the moving picture: a row a rate, with its name."""
    strips = []
    for rate, parts in rows.items():
        frames = np.concatenate(list(parts.values()), axis=2)
        factor = _HEIGHT / frames.shape[1]
        size = round(frames.shape[2] * factor), _HEIGHT
        titles = [f'rate {rate:g}', *list(parts)[1:]]
        strips.append(
            [
                _titled(cv2.resize(f, size, interpolation=cv2.INTER_CUBIC), titles)
                for f in frames
            ]
        )
    return [np.concatenate(own, axis=0) for own in zip(*strips, strict=True)]


def _titled(image: np.ndarray, titles: Sequence[str]) -> np.ndarray:
    width = image.shape[1] // len(titles)
    for i, title in enumerate(titles):
        place = (i * width + 4, 14)
        for colour, thickness in ((0, 3), (255, 1)):
            cv2.putText(
                image,
                title,
                place,
                cv2.FONT_HERSHEY_SIMPLEX,
                0.42,
                (colour,) * 3,
                thickness,
                cv2.LINE_AA,
            )
    return image


def _write_sheet(
    seen: Seen, rows: Mapping[float, Mapping[str, np.ndarray]], path: Path
) -> None:
    from matplotlib.figure import Figure

    kinds = [(rate, kind) for rate, parts in rows.items() for kind in parts]
    height, width = rows[1]['frames'].shape[1:3]
    size = 1 + _COLUMNS * 1.2 * width / height, 1.2 * len(kinds)
    figure = Figure(figsize=size, layout='constrained')
    panels = figure.subplots(len(kinds), squeeze=False)[:, 0]
    step = width + max(1, width // 24)  # white pixels stand between two frames
    for (rate, kind), axes in zip(kinds, panels, strict=True):
        clip, own = seen[rate]
        frames = rows[rate][kind]
        shown = np.linspace(0, len(frames) - 1, _COLUMNS).round().astype(int)
        strip = np.full((height, step * _COLUMNS, 3), 255, np.uint8)
        for place, i in enumerate(shown):
            strip[:, place * step : place * step + width] = frames[i]
        axes.imshow(strip)
        times = [f'{clip.seconds[i]:.2f} s' for i in shown]
        if kind == 'frames':
            centres = np.arange(_COLUMNS) * step + width / 2
            axes.set_xticks(centres, times, fontsize='small')
            axes.xaxis.tick_top()
        else:
            axes.set_xticks([])
        axes.set_yticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_ylabel(f'rate {rate:g}' if kind == 'frames' else kind)
    figure.suptitle(f'{own.name} ({own.stage})', fontsize='medium')
    with written_aside(path) as aside:
        figure.savefig(aside, dpi=90)


def _write_curves(seen: Seen, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 6), layout='constrained')
    difference, *sizes = panels = figure.subplots(3, 1, sharex=True)
    for rate, (clip, own) in seen.items():
        frames = clip.frames.astype(np.float32)
        moved = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
        difference.plot(np.arange(1, len(frames)), moved, label=f'rate {rate:g}')
        for axes, values in zip(sizes, own.over_time().values(), strict=True):
            axes.plot(np.arange(len(values)) * len(frames) / len(values), values)
    difference.set(title=f'{own.name} ({own.stage})', ylabel='difference of frames')
    difference.legend(fontsize='small')
    for axes, kind in zip(sizes, own.over_time(), strict=True):
        axes.set_ylabel(f'{kind} / x')
    for axes in panels:
        axes.set_ylim(0, None)
        axes.grid(alpha=0.3)
    sizes[-1].set_xlabel('frame of the clip')
    with written_aside(path) as aside:
        figure.savefig(aside, dpi=100)
