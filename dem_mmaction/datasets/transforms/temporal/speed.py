"""Time that runs faster, slower or unevenly within a clip."""

import math

import numpy as np
from mmaction.registry import TRANSFORMS

from ...motion_probe.dots_motion import pace
from ...motion_probe.motion import travel
from .clip_frames import TimeMap

#: How the speed can vary within a clip.
SPEED_PROFILES = ('steady', 'accelerating', 'decelerating', 'stop_and_go', 'sinusoidal')

# Those that the random dots have under another name.
_OF_DOTS = dict(stop_and_go='stop_and_go', sinusoidal='surging')


@TRANSFORMS.register_module()
class ConstantSpeed(TimeMap):
    """Play at speed a: position i of L shows min(a i, L - 1).

    With N frames of which a network takes L evenly spaced ones, frame i becomes
    floor(clip(i a N / L, 0, N - 1)), as in Ganesh et al., "T-RECS", arXiv 1803.08094;
    there a is 0.2 to 3. Slowly, the network sees the first part of its clip alone;
    fast, the clip ends early and its last frame stays. Unlike a sub-sampling rate it
    needs no frames beyond the clip. a = 1 changes nothing.

    Args:
        speed: a.
        over: See :class:`TimeMap`.
        seed: Has no effect.

    Raises:
        ValueError: a is not a number above 0.
    """

    def __init__(self, speed: float, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(over, seed)
        if not isinstance(speed, (int, float)) or not 0 < speed < math.inf:
            raise ValueError(f'speed={speed!r} must be a number above 0.')
        self.speed = speed

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        return np.minimum(self.speed * np.arange(length), length - 1)


@TRANSFORMS.register_module()
class VaryingSpeed(TimeMap):
    """Let the speed vary, while the mean speed and both ends stay.

    The profiles are those of the motion probe: ``accelerating`` and ``decelerating``
    between half and one and a half times the mean speed
    (:func:`..motion_probe.motion.travel`); ``stop_and_go``, 4 frames of movement and 2
    of rest, and ``sinusoidal``, a swing of 80 % in 12 frames, both entered anywhere
    (:func:`..motion_probe.dots_motion.pace`). ``steady`` changes nothing.

    Args:
        profile: One of ``SPEED_PROFILES``.
        over: See :class:`TimeMap`.
        seed: See :class:`ClipFrames`.

    Raises:
        ValueError: The profile is unknown.
    """

    def __init__(self, profile: str, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(over, seed)
        if profile not in SPEED_PROFILES:
            raise ValueError(
                f'profile={profile!r} must be one of {", ".join(SPEED_PROFILES)}.'
            )
        self.profile = profile

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        if length == 1 or self.profile == 'steady':
            return np.arange(length)
        if self.profile not in _OF_DOTS:
            return np.minimum(travel(self.profile, 1, length, generator), length - 1)
        steps = pace(_OF_DOTS[self.profile], length - 1, generator)
        if not steps.any():  # so short a clip that it would rest throughout
            return np.arange(length)
        way = np.cumsum(steps / steps.mean())
        return np.concatenate([[0], np.minimum(way, length - 1)])
