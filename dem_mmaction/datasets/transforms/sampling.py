"""Random Temporal Skipping, the training-side rival of DEM."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from .sample_around import check_integers, draw_moment


@TRANSFORMS.register_module()
class RandomTemporalSkipping(BaseTransform):
    """Sample a clip whose frames are a random number of frames apart.

    The interval is drawn anew for every frame, so that one clip holds several speeds:
    Zhu and Newsam, "Random Temporal Skipping for Multirate Video Analysis", ACCV 2018.
    It takes the place of ``SampleFrames`` in training. A clip that is longer than its
    video goes on from the start of the video, as with ``SampleFrames``. With a
    ``centre`` it takes that of ``SampleAround``: the middle of the clip's span lies
    there, and the first or the last frame repeats beyond the ends of the video.

    Required keys: ``total_frames``, ``start_index``, and the field of the centre, if
    one is named. Added: ``frame_inds``, (num_clips * clip_len,) int32, ``clip_len``,
    ``num_clips``, ``frame_interval`` (None, because it varies).

    Args:
        clip_len: Number of frames of a clip, default 16.
        max_interval: Largest interval in frames, default 4; the smallest is 1.
        num_clips: Number of clips of a video, each drawn by itself, default 1.
        centre: Name of the field with the moment that the clips lie around, see
            :class:`SampleAround`. None, the default: they lie anywhere in the video.
        jitter: Largest number of frames by which the centre moves, default 0.

    Raises:
        ValueError: A value is no integer or too small; in a sample, the centre is no
            moment of the video.
        KeyError: A sample has no such field.
    """

    def __init__(
        self,
        clip_len: int = 16,
        max_interval: int = 4,
        num_clips: int = 1,
        centre: str | None = None,
        jitter: int = 0,
    ) -> None:
        check_integers(
            1, clip_len=clip_len, max_interval=max_interval, num_clips=num_clips
        )
        check_integers(0, jitter=jitter)
        self.clip_len = clip_len
        self.max_interval = max_interval
        self.num_clips = num_clips
        self.centre = centre
        self.jitter = jitter

    def transform(self, results: dict) -> dict:
        """Draw the frames of every clip."""
        frames = np.concatenate([self._draw(results) for _ in range(self.num_clips)])
        results['frame_inds'] = (frames + results['start_index']).astype(np.int32)
        results['clip_len'] = self.clip_len
        results['num_clips'] = self.num_clips
        results['frame_interval'] = None
        return results

    def _draw(self, results: dict) -> np.ndarray:
        total = results['total_frames']
        intervals = np.random.randint(1, self.max_interval + 1, self.clip_len - 1)
        offsets = np.concatenate(([0], np.cumsum(intervals)))
        if self.centre is None:
            return (offsets + np.random.randint(max(total - offsets[-1], 1))) % total
        moment = draw_moment(results, self.centre, self.jitter)
        return np.clip(np.floor(moment + offsets - offsets[-1] / 2), 0, total - 1)

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(clip_len={self.clip_len}, '
            f'max_interval={self.max_interval}, num_clips={self.num_clips}, '
            f'centre={self.centre!r}, jitter={self.jitter})'
        )
