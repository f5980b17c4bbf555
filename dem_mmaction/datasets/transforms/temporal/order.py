"""Frames in another order."""

import numpy as np
from mmaction.registry import TRANSFORMS

from ..sample_around import check_integers
from .clip_frames import TimeMap

#: What can become of the frames of a clip.
CONTROLS = ('one_frame', 'shuffled')


@TRANSFORMS.register_module()
class ReverseFrames(TimeMap):
    """Play backwards: position i of L shows L - 1 - i.

    Schiappa et al., "A Large-Scale Robustness Analysis of Video Action Recognition
    Models", CVPR 2023 (reverse sampling, there at several rates). No severities.
    """

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        return np.arange(length)[::-1]


class SegmentMap(TimeMap):
    """A map of a sequence that is cut into segments of nearly the same length.

    Args:
        segments: Number n of segments.
        over: See :class:`TimeMap`.
        seed: See :class:`ClipFrames`.

    Raises:
        ValueError: n is no integer from 1 on; in a sample, n is above L.
    """

    def __init__(self, segments: int, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(over, seed)
        check_integers(1, segments=segments)
        self.segments = segments

    def parts(self, length: int) -> list[np.ndarray]:
        """The positions of each segment; segment s begins at floor(s L / n)."""
        if self.segments > length:
            raise ValueError(
                f'{type(self).__name__}: segments={self.segments} must be at most the '
                f'{length} frames of the {self.over}.'
            )
        starts = np.arange(1, self.segments) * length // self.segments
        return np.split(np.arange(length), starts)


@TRANSFORMS.register_module()
class JumbleFrames(SegmentMap):
    """Shuffle the frames inside each of n segments; the segments stay where they are.

    Schiappa et al., CVPR 2023 (jumbling). Segment s has the positions from
    floor(s L / n) on. Severity grows as n falls: 8, 4, 2, 1 in a clip of 16 frames, 32,
    16, 8, 4, 2 in a video; n = L changes nothing.

    Arguments and errors: :class:`SegmentMap`.
    """

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        parts = self.parts(length)
        return np.concatenate([generator.permutation(part) for part in parts])


@TRANSFORMS.register_module()
class BoxJumbleFrames(SegmentMap):
    """Shuffle the order of n segments; the order inside each of them stays.

    Schiappa et al., CVPR 2023 (box jumbling), severities n = 4, 9, 16, 25, 36. Segment
    s has the positions from floor(s L / n) on; n = 1 changes nothing.

    Arguments and errors: :class:`SegmentMap`.
    """

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        parts = self.parts(length)
        return np.concatenate([parts[i] for i in generator.permutation(len(parts))])


@TRANSFORMS.register_module()
class RemoveOrder(TimeMap):
    """Take the order of their frames from clips.

    A network that still knows the classes does so by what frames show, not by motion.
    In training pipelines, too: a network that still learns the classes so.

    Args:
        control: ``'one_frame'`` repeats one frame of each clip, drawn at random, and
            ``'shuffled'`` puts the frames of each clip in a random order.
        over: See :class:`TimeMap`.
        seed: See :class:`ClipFrames`; None by default.

    Raises:
        ValueError: The control is unknown.
    """

    def __init__(
        self, control: str, over: str = 'clip', seed: int | None = None
    ) -> None:
        super().__init__(over, seed)
        if control not in CONTROLS:
            raise ValueError(
                f'control={control!r} must be one of {", ".join(CONTROLS)}.'
            )
        self.control = control

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        order = generator.permutation(length)
        return np.full(length, order[0]) if self.control == 'one_frame' else order
