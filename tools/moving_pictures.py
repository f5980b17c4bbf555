"""The generated videos as moving pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dem_mmaction.datasets.motion_probe import (
    CLASSES,
    CYCLES,
    DotsSpec,
    ProbeSpec,
    VideosSpec,
    render_video,
    video_info,
)

# One period in as many frames as are shown: the last leads over to the first.
PROBE = ProbeSpec(frames=49, size=(80, 80), speed=(1 / 48, 1 / 48))
PROFILES = ('steady', 'accelerating', 'stop_and_go')

DOTS = dict(frames=48, size=(80, 80), dots=30, dwell=(8, 8), speed=(1 / 50, 1 / 50))
COHERENCES = (1.0, 0.5)


def animate_probe(path: Path) -> None:
    """Draw a video of each class, a row for each of three speed profiles, as GIF.

    Args:
        path: File to write.
    """
    rows = {
        profile: _videos(PROBE, profile)[:, : PROBE.frames - 1] for profile in PROFILES
    }
    _write_gif(path, _table(CLASSES, rows), colours=128, duration=40)


def animate_dots(path: Path) -> None:
    """Draw a video of each class, a row for each of two coherences, as GIF.

    Args:
        path: File to write.
    """
    rows = {
        f'{share:.0%}': _videos(DotsSpec(**DOTS, coherence=(share, share)), 'steady')
        for share in COHERENCES
    }
    _write_gif(path, _table(list(CYCLES), rows), colours=8, duration=80)


def _videos(spec: VideosSpec, profile: str) -> np.ndarray:
    """Draw the first test video of each class with a speed profile.

    Returns:
        RGB, uint8, (classes, T, H, W, 3).
    """
    first, count = 0, len(spec.class_names)
    while video_info(spec, 'test', first).profile != profile:
        first += count
    drawn = [render_video(spec, 'test', first + label)[0] for label in range(count)]
    return np.stack(drawn)


def _table(names: Sequence[str], rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Set videos in rows and columns with their names.

    Args:
        names: Names of the columns.
        rows: By the name of each row, its videos, uint8, (columns, T, side, side, 3).

    Returns:
        RGB frames, uint8, (T, H, W, 3).
    """
    _, length, side, _, _ = next(iter(rows.values())).shape
    gap, left, top = 4, 92, 20
    width, height = left + len(names) * (side + gap), top + len(rows) * (side + gap)
    sheet = Image.new('RGB', (width, height), 'white')
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for column, name in enumerate(names):
        centre = left + column * (side + gap) + side // 2
        draw.text((centre, top // 2), name.replace('_', ' '), 'black', font, 'mm')
    for row, name in enumerate(rows):
        middle = top + row * (side + gap) + side // 2
        draw.text((left - 6, middle), name.replace('_', ' '), 'black', font, 'rm')

    frames = np.repeat(np.asarray(sheet)[None], length, axis=0)
    for row, videos in enumerate(rows.values()):
        for column, video in enumerate(videos):
            y, x = top + row * (side + gap), left + column * (side + gap)
            frames[:, y : y + side, x : x + side] = video
    return frames


def _write_gif(path: Path, frames: np.ndarray, colours: int, duration: int) -> None:
    """Write frames, uint8, (T, H, W, 3), that go on for ever.

    Args:
        path: File to write.
        frames: The frames.
        colours: Number of colours.
        duration: Of a frame, in ms.
    """
    # A pixel stays as it is while only noise changes it: noise would take most of the
    # file.
    calm = frames.astype(int)
    for t in range(1, len(calm)):
        same = np.abs(calm[t] - calm[t - 1]).max(-1, keepdims=True) < 16
        calm[t] = np.where(same, calm[t - 1], calm[t])
    images = [Image.fromarray(frame) for frame in calm.astype(np.uint8)]
    # One palette for all of them, which doesn't forget what is small and bright.
    whole = Image.fromarray(np.concatenate(calm[::6]).astype(np.uint8))
    palette = whole.quantize(colours, Image.Quantize.MAXCOVERAGE)
    first, *others = (
        image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images
    )
    first.save(path, save_all=True, append_images=others, duration=duration, loop=0)
