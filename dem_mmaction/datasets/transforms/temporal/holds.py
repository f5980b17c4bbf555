"""Frames that are held or lost."""

import numpy as np
from mmaction.registry import TRANSFORMS

from .clip_frames import TimeMap


@TRANSFORMS.register_module()
class FreezeFrames(TimeMap):
    """Keep k frames, each held until the next one; the length stays.

    Schiappa et al., CVPR 2023 (freezing). k is ``kept`` times L, rounded to an integer
    and at least 1; the k positions are drawn without replacement, those of a smaller
    share among those of a larger one. What comes before the first one shows it, too.
    Severities: 0.4, 0.2, 0.1, 0.05 and one frame, which is share 0; 1 changes nothing.

    Args:
        kept: Share of the frames, in [0, 1].
        over: See :class:`TimeMap`.
        seed: See :class:`ClipFrames`.

    Raises:
        ValueError: The share is not in [0, 1].
    """

    def __init__(self, kept: float, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(over, seed)
        self.kept = check_share('kept', kept)

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        left = some(length, round(self.kept * length), generator)
        held = np.searchsorted(left, np.arange(length), side='right') - 1
        return left[np.maximum(held, 0)]


@TRANSFORMS.register_module()
class DropFrames(TimeMap):
    """Lose a share of the frames; each shows the nearest one that is left.

    As from a network camera whose player repeats what it has. ``lost`` times L frames,
    rounded to an integer and at most L - 1, are drawn without replacement; of two
    equally near ones the earlier shows. Severities: 0.1, 0.25, 0.5, 0.75; 0 changes
    nothing.

    Args:
        lost: Share of the frames, in [0, 1].
        over: See :class:`TimeMap`.
        seed: See :class:`ClipFrames`.

    Raises:
        ValueError: The share is not in [0, 1].
    """

    def __init__(self, lost: float, over: str = 'clip', seed: int | None = 0) -> None:
        super().__init__(over, seed)
        self.lost = check_share('lost', lost)

    def positions(self, length: int, generator: np.random.Generator) -> np.ndarray:
        """See :meth:`TimeMap.positions`."""
        left = some(length, length - round(self.lost * length), generator)
        distance = np.abs(np.arange(length)[:, None] - left)
        return left[distance.argmin(axis=1)]


def some(length: int, number: int, generator: np.random.Generator) -> np.ndarray:
    """Draw positions, at least one, in their order."""
    return np.sort(generator.permutation(length)[: max(number, 1)])


def check_share(name: str, value: float) -> float:
    """Refuse what is no share.

    Raises:
        ValueError: Names it.
    """
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f'{name}={value!r} must be a number from 0 to 1.')
    return value
