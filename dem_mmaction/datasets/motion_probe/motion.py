"""Path of the shape through the frames of a probe video."""

from dataclasses import dataclass

import numpy as np

from .shapes import PROFILES
from .spec import VideoInfo

#: Smallest and largest radius of the shape, relative to the frame's short side.
RADIUS = (0.12, 0.36)

# Longest jump in periods. Together with the steps around it, it stays under half a
# period even between frames 4 apart.
_JUMP = 0.25
# Numbers of frames of movement, of rest and of occlusion. Rest and occlusion are
# shorter than a clip of 16 consecutive frames, so that every clip shows some movement.
_GO, _REST = 12, 6
_OCCLUSION = 12

# Index into (x, y, angle, size) and sign of the change that a motion makes. In image
# coordinates y points down and angles run clockwise.
_DIRECTIONS = {
    'left': (0, -1),
    'right': (0, 1),
    'up': (1, -1),
    'down': (1, 1),
    'turn_left': (2, -1),
    'turn_right': (2, 1),
    'grow': (3, 1),
    'shrink': (3, -1),
}


@dataclass(frozen=True)
class Trajectory:
    """Pose of the shape in the T frames of a video.

    Attributes:
        centre: Position (x, y) in pixels, shape (T, 2).
        angle: Clockwise rotation in radians, shape (T,).
        radius: Distance in pixels from the centre to the farthest corner, shape (T,).
        hidden: Whether the shape is occluded, bool, shape (T,).
    """

    centre: np.ndarray
    angle: np.ndarray
    radius: np.ndarray
    hidden: np.ndarray


def travel(
    profile: str, speed: float, frames: int, rng: np.random.Generator
) -> np.ndarray:
    """Distance that the shape has covered by each frame.

    It never decreases, and the mean speed is the same for every profile.

    Args:
        profile: One of ``PROFILES``.

            - ``steady``, ``occlusion``: constant speed.
            - ``accelerating``, ``decelerating``: the speed changes linearly between
              half and one and a half times the mean.
            - ``stop_and_go``: 12 frames of movement, 6 of rest, and so on, entered at a
              random point.
            - ``sudden_jump``: constant speed except for one step, in the middle half of
              the video, that is longer by a quarter of a period (or by half of the
              whole distance, where that is less).
        speed: Mean speed in periods per frame.
        frames: Number of frames T.
        rng: Source of everything that the profile leaves open.

    Returns:
        Distance in periods since the first frame, shape (T,), from 0 to
        ``speed * (frames - 1)``.

    Raises:
        ValueError: The profile is unknown.
    """
    steps = frames - 1
    pace = np.ones(steps)
    if profile in ('accelerating', 'decelerating'):
        pace = np.linspace(0.5, 1.5, steps)
        if profile == 'decelerating':
            pace = pace[::-1]
    elif profile == 'stop_and_go':
        cycle = _GO + _REST
        pace = ((np.arange(steps) + rng.integers(cycle)) % cycle < _GO) * 1.0
    elif profile == 'sudden_jump':
        total = speed * steps
        jump = min(_JUMP, total / 2)
        pace *= (total - jump) / total
        pace[rng.integers(steps // 4, steps - steps // 4)] += jump / speed
    elif profile not in PROFILES:
        raise ValueError(f'profile={profile!r}: expected one of {", ".join(PROFILES)}')
    return np.concatenate([[0.0], np.cumsum(speed * pace / pace.mean())])


def occluded(profile: str, frames: int, rng: np.random.Generator) -> np.ndarray:
    """Draw the frames in which the shape is hidden.

    The hidden stretch lasts 12 frames, or a quarter of a video shorter than 48 frames,
    and touches neither end.

    Args:
        profile: One of ``PROFILES``; all but ``'occlusion'`` show the shape throughout.
        frames: Number of frames T.
        rng: Source of the place of the hidden stretch.

    Returns:
        Whether the shape is hidden, bool, shape (T,).
    """
    hidden = np.zeros(frames, bool)
    if profile == 'occlusion':
        length = min(_OCCLUSION, frames // 4)
        start = rng.integers(1, frames - length)
        hidden[start : start + length] = True
    return hidden


def trajectory(
    info: VideoInfo, frames: int, size: tuple[int, int], rng: np.random.Generator
) -> Trajectory:
    """Move the shape along from a random pose.

    Position, angle and the logarithm of the size start uniformly distributed over their
    period and wrap around at its end. Each of them is therefore distributed alike in
    every frame of every class: only the change from frame to frame depends on the
    class.

    Args:
        info: Class, profile and speed.
        frames: Number of frames T.
        size: Width and height of the frame in pixels.
        rng: Source of the start and of everything that the profile leaves open.

    Returns:
        The pose in each frame.
    """
    phase = np.repeat(rng.random((1, 4)), frames, axis=0)
    distance = travel(info.profile, info.speed, frames, rng)
    for moved, sign in _directions(info.name):
        phase[:, moved] += sign * distance
    phase %= 1
    smallest, largest = min(size) * np.array(RADIUS)
    return Trajectory(
        centre=phase[:, :2] * size,
        angle=2 * np.pi * phase[:, 2],
        radius=smallest * (largest / smallest) ** phase[:, 3],
        hidden=occluded(info.profile, frames, rng),
    )


def _directions(name: str) -> list[tuple[int, int]]:
    """Index and sign of each motion of a class; an underscore joins two."""
    if name in _DIRECTIONS:
        return [_DIRECTIONS[name]]
    first, second = name.split('_', 1)
    return [_DIRECTIONS[first], _DIRECTIONS[second]]
