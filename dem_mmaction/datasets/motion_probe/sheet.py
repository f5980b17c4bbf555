"""A picture of the probe, with a row of frames for each class."""

import os

import cv2
import numpy as np

from .render import render_video
from .spec import VideosSpec, video_info

_LABEL_WIDTH = 144
_GAP = 3


def contact_sheet(
    spec: VideosSpec,
    path: str | os.PathLike,
    split: str = 'test',
    profile: str = 'steady',
    columns: int = 8,
    stride: int = 4,
    scale: int = 2,
) -> None:
    """Save a picture with the first video of each class.

    Args:
        spec: Parameters of the videos.
        path: Picture to write; its suffix names the format, such as ``.png``.
        split: Split that the videos are taken from, default ``'test'``.
        profile: Speed profile of the videos, default ``'steady'``.
        columns: Number of frames shown of each video, default 8.
        stride: Distance between these frames in frames, default 4.
        scale: Factor by which both sides of a frame are enlarged, default 2.

    Raises:
        ValueError: The split or the profile is unknown, or the video is too short.
        OSError: The picture cannot be written.
    """
    if profile not in spec.profiles:
        known = ', '.join(spec.profiles)
        raise ValueError(f'profile={profile!r}: expected one of {known}')
    if (columns - 1) * stride >= spec.frames:
        raise ValueError(
            f'columns={columns}, stride={stride}: expected at most '
            f'the {spec.frames} frames of a video'
        )
    first, count = 0, len(spec.class_names)
    while video_info(spec, split, first).profile != profile:
        first += count

    rows = []
    for index in range(first, first + count):
        frames, info = render_video(spec, split, index)
        tiles = [_tile(f, scale) for f in frames[: columns * stride : stride]]
        rows.append(np.hstack([_label(info.name, scale * spec.size[1]), *tiles]))
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(os.fspath(path), sheet):
        raise OSError(f'cannot write the picture {os.fspath(path)}')


def _tile(frame: np.ndarray, scale: int) -> np.ndarray:
    """Enlarge a frame and set it in a white margin."""
    frame = frame.repeat(scale, 0).repeat(scale, 1)
    return np.pad(frame, ((_GAP, _GAP), (_GAP, _GAP), (0, 0)), constant_values=255)


def _label(text: str, height: int) -> np.ndarray:
    """Write a class name beside its row."""
    label = np.full((height + 2 * _GAP, _LABEL_WIDTH, 3), 255, np.uint8)
    cv2.putText(
        label,
        text,
        (_GAP, height // 2 + 2 * _GAP),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.45,
        (0, 0, 0),
        1,
        cv2.LINE_AA,
    )
    return label
