"""Paths of the dots through the frames of a video."""

from dataclasses import dataclass

import numpy as np

from .dots import CYCLES, DOT_PROFILES, DotsSpec
from .spec import VideoInfo

# Step in (x, y) of a direction; y points down.
_STEPS = dict(left=(-1, 0), right=(1, 0), up=(0, -1), down=(0, 1))

# Profiles in frames and relative to the mean speed, which they all keep.
_SURGE, _SURGE_PERIOD = 0.8, 12
_GO, _REST = 4, 2
_JUMP, _JUMP_SHARE = 4.0, 1 / 8


@dataclass(frozen=True)
class Drift:
    """Common motion of the dots in the T frames of a video.

    Attributes:
        stretch: Number of the stretch that a frame belongs to, from 0, int, shape (T,).
        step: Way (x, y) of the drifting dots since the frame before, in periods, shape
            (T, 2). It is 0 in the first frame of a stretch, whose dots are new.
    """

    stretch: np.ndarray
    step: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Whether a frame is the first of its stretch, bool, shape (T,)."""
        return np.diff(self.stretch, prepend=-1) > 0


def pace(profile: str, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Speed in the steps of one stretch, relative to the mean speed of the video.

    Each profile is entered at a random point, and is as likely as its reverse: a
    stretch must not show which of its ends comes first, not even when a clip cuts it
    off.

    Args:
        profile: One of ``DOT_PROFILES``.

            - ``steady``: constant speed.
            - ``changing``: each stretch has its own constant speed, half to one and a
              half times the mean.
            - ``surging``: the speed swings by 80 % about the mean within 12 frames.
            - ``stop_and_go``: 4 frames of movement, 2 of rest, and so on.
            - ``sudden_jump``: one step in eight, drawn at random, is four times as long
              as the mean, the others 4/7 as long.
        steps: Number of steps.
        rng: Source of everything that the profile leaves open.

    Returns:
        Relative speed, shape (steps,), of expectation 1.

    Raises:
        ValueError: The profile is unknown.
    """
    frame = np.arange(steps)
    if profile == 'steady':
        return np.ones(steps)
    if profile == 'changing':
        return np.full(steps, rng.uniform(0.5, 1.5))
    if profile == 'surging':
        phase = frame / _SURGE_PERIOD + rng.random()
        return 1 + _SURGE * np.sin(2 * np.pi * phase)
    if profile == 'stop_and_go':
        cycle = _GO + _REST
        return ((frame + rng.integers(cycle)) % cycle < _GO) * (cycle / _GO)
    if profile == 'sudden_jump':
        other = (1 - _JUMP * _JUMP_SHARE) / (1 - _JUMP_SHARE)
        return np.where(rng.random(steps) < _JUMP_SHARE, _JUMP, other)
    raise ValueError(f'profile={profile!r}: expected one of {", ".join(DOT_PROFILES)}')


def drift(info: VideoInfo, spec: DotsSpec, rng: np.random.Generator) -> Drift:
    """Draw the stretches of a video and the motion in each.

    The class has a say in the signs of the steps and in nothing else: with the same
    random numbers, the videos of all classes have the same stretches, axes and speeds.

    Args:
        info: Class, profile and speed.
        spec: Number of frames and their number in a stretch.
        rng: Source of everything else.

    Returns:
        The common motion.
    """
    cycle = CYCLES[info.name]
    number = rng.integers(2)  # either axis may come first
    stretch = np.empty(spec.frames, int)
    step = np.zeros((spec.frames, 2))
    # The video starts somewhere in its first stretch.
    start, end = 0, rng.integers(1, _dwell(spec, rng), endpoint=True)
    while start < spec.frames:
        end = min(end, spec.frames)
        stretch[start:end] = number
        speed = info.speed * pace(info.profile, end - start - 1, rng)
        step[start + 1 : end] = np.outer(speed, _STEPS[cycle[number % 2]])
        start, end = end, end + _dwell(spec, rng)
        number += 1
    return Drift(stretch - stretch[0], step)


def _dwell(spec: DotsSpec, rng: np.random.Generator) -> int:
    """Draw the number of frames of a stretch."""
    return rng.integers(*spec.dwell, endpoint=True)


def dot_paths(
    drifting: Drift, coherence: float, spec: DotsSpec, rng: np.random.Generator
) -> np.ndarray:
    """Move the dots.

    In every frame all dots are independent and uniformly distributed.

    Args:
        drifting: The common motion.
        coherence: Probability of a dot to take part in it for a whole stretch; the
            others are somewhere else in every frame.
        spec: Number of dots, and how often a drifting one is drawn anew.
        rng: Source of the rest.

    Returns:
        Position (x, y) in periods, in [0, 1), shape (T, dots, 2).
    """
    frames = len(drifting.stretch)
    member = rng.random((drifting.stretch[-1] + 1, spec.dots)) < coherence
    stays = rng.random((frames, spec.dots)) >= spec.redraw
    stays &= member[drifting.stretch] & ~drifting.starts[:, None]
    path = rng.random((frames, spec.dots, 2))
    for t in range(1, frames):
        moved = path[t - 1] + drifting.step[t]
        path[t] = np.where(stays[t, :, None], moved, path[t])
    return path % 1
