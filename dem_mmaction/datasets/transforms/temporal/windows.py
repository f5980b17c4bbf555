"""Another number of frames, or frames from another part of the video."""

import numpy as np
from mmaction.registry import TRANSFORMS

from ..sample_around import check_integers
from .clip_frames import ClipFrames, frames_at
from .holds import check_share


@TRANSFORMS.register_module()
class TakeFrames(ClipFrames):
    """Take n frames evenly spaced from the span of each sequence.

    The protocol of frame flexible networks (Zhang et al., "Frame Flexible Network",
    CVPR 2023): the span stays and the number of frames changes, n of 2 to 20. The
    sequence of L frames is cut into n equal parts, and each shows its middle: position
    (i + 1/2) L / n - 1/2. n = L changes nothing.

    Required keys: ``frame_inds``, ``clip_len``, ``num_clips``. Changed: ``frame_inds``
    and ``clip_len``, or ``num_clips`` for networks of single frames.

    Args:
        number: n.
        seed: Has no effect.

    Raises:
        ValueError: n is no integer from 1 on.
    """

    def __init__(self, number: int, seed: int | None = 0) -> None:
        super().__init__(seed)
        check_integers(1, number=number)
        self.number = number

    def transform(self, results: dict) -> dict:
        """Choose the frames."""
        sequences = self.sequences(results)
        length = sequences.shape[1]
        middles = (np.arange(self.number) + 0.5) * length / self.number - 0.5
        places = np.clip(middles, 0, length - 1)
        return self.replace(
            results, np.stack([frames_at(row, places) for row in sequences])
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(number={self.number})'


@TRANSFORMS.register_module()
class CoverWindow(ClipFrames):
    """Look at a window of the video, at every s-th frame of it.

    The window covers a share c of the video, W = c N frames rounded to an integer and
    at least 1. It lies around the middle of the model's own clip, as far as the video
    reaches. The L frames that the network takes lie evenly over the window, at
    positions floor(i W / L), and each shows the last of every s-th frame of the window:
    s floor(position / s). Coverage and stride are so free of each other, and of L.

    The grid of "Understanding Aliasing of Human Activity" (Mi3-Lab, infoRates): c of
    0.1, 0.25, 0.5, 0.75, 1 and s of 1, 2, 4, 8, 16.

    Required keys: ``frame_inds``, ``clip_len``, ``num_clips``, ``total_frames``.
    Changed: ``frame_inds``.

    Args:
        coverage: c, in [0, 1].
        stride: s, default 1.
        seed: Has no effect.

    Raises:
        ValueError: A value is outside its range.
    """

    def __init__(self, coverage: float, stride: int = 1, seed: int | None = 0) -> None:
        super().__init__(seed)
        check_integers(1, stride=stride)
        self.coverage = check_share('coverage', coverage)
        self.stride = stride

    def transform(self, results: dict) -> dict:
        """Choose the frames."""
        sequences, total = self.sequences(results), results['total_frames']
        window = max(round(self.coverage * total), 1)
        places = np.arange(sequences.shape[1]) * window // sequences.shape[1]
        places -= places % self.stride
        middles = (sequences.min(axis=1) + sequences.max(axis=1) + 1) / 2
        starts = np.clip(np.floor(middles - window / 2), 0, total - window)
        return self.replace(results, starts[:, None] + places)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(coverage={self.coverage}, stride={self.stride})'
