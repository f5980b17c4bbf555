"""Random Temporal Skipping, the training-side rival of DEM."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


@TRANSFORMS.register_module()
class RandomTemporalSkipping(BaseTransform):
    """Sample a clip whose frames are a random number of frames apart.

    The interval is drawn anew for every frame, so that one clip holds several speeds:
    Zhu and Newsam, "Random Temporal Skipping for Multirate Video Analysis", ACCV 2018.
    It takes the place of ``SampleFrames`` in training. A clip that is longer than its
    video goes on from the start of the video, as with ``SampleFrames``.

    Required keys: ``total_frames``, ``start_index``. Added: ``frame_inds``,
    (num_clips * clip_len,) int32, ``clip_len``, ``num_clips``, ``frame_interval``
    (None, because it varies).

    Args:
        clip_len: Number of frames of a clip, default 16.
        max_interval: Largest interval in frames, default 4; the smallest is 1.
        num_clips: Number of clips of a video, each drawn by itself, default 1.

    Raises:
        ValueError: A value is not an integer of at least 1.
    """

    def __init__(
        self, clip_len: int = 16, max_interval: int = 4, num_clips: int = 1
    ) -> None:
        for name, value in (
            ('clip_len', clip_len),
            ('max_interval', max_interval),
            ('num_clips', num_clips),
        ):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f'{name}={value} must be an integer from 1 on.')
        self.clip_len = clip_len
        self.max_interval = max_interval
        self.num_clips = num_clips

    def transform(self, results: dict) -> dict:
        """Draw the frames of every clip."""
        total = results['total_frames']
        clips = [self._draw(total) for _ in range(self.num_clips)]
        results['frame_inds'] = (
            np.concatenate(clips) % total + results['start_index']
        ).astype(np.int32)
        results['clip_len'] = self.clip_len
        results['num_clips'] = self.num_clips
        results['frame_interval'] = None
        return results

    def _draw(self, total: int) -> np.ndarray:
        intervals = np.random.randint(1, self.max_interval + 1, self.clip_len - 1)
        offsets = np.concatenate(([0], np.cumsum(intervals)))
        return offsets + np.random.randint(max(total - offsets[-1], 1))

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(clip_len={self.clip_len}, '
            f'max_interval={self.max_interval}, num_clips={self.num_clips})'
        )
