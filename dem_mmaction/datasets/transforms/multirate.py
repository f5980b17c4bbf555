"""Clips of one moment at several sub-sampling rates, to train one network for all."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from dem_mmaction.utils import check_rates


@TRANSFORMS.register_module()
class SampleMultiRate(BaseTransform):
    """Sample the same moment of a video at several sub-sampling rates.

    For :class:`FrameFlexibleRecognizer3D`; it takes the place of ``SampleFrames`` in
    training. The clip at the lowest rate lies anywhere in the video, as with
    ``SampleFrames``. Those at other rates have the same middle, or lie as near to it as
    the video reaches. A clip that is longer than its video starts with it and goes on
    from its start, as with ``SampleFrames``.

    The clips of all rates stand one behind the other as one long clip, so that steps
    that draw once a clip, such as :class:`ClipWarp`, treat all rates alike.

    Required keys: ``total_frames``, ``start_index``. Added: ``frame_inds``,
    (num_clips * rates * clip_len,) int32, ``clip_len`` (that of the long clip, rates *
    clip_len), ``num_clips``, ``frame_interval`` (the rates).

    Args:
        rates: Sub-sampling rates: distances between the frames of a clip, in frames.
        clip_len: Number of frames at each rate, default 16.
        num_clips: Number of moments of a video, each drawn by itself, default 1.

    Raises:
        ValueError: A value is not an integer of at least 1, or a rate is given twice.
    """

    def __init__(
        self, rates: Sequence[int], clip_len: int = 16, num_clips: int = 1
    ) -> None:
        for name, value in (('clip_len', clip_len), ('num_clips', num_clips)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f'{name}={value} must be an integer from 1 on.')
        self.rates = check_rates(rates)
        self.clip_len = clip_len
        self.num_clips = num_clips

    def transform(self, results: dict) -> dict:
        """Draw the moments, and the frames of each at every rate."""
        total = results['total_frames']
        clips = [clip for _ in range(self.num_clips) for clip in self._draw(total)]
        results['frame_inds'] = (
            np.concatenate(clips) % total + results['start_index']
        ).astype(np.int32)
        results['clip_len'] = len(self.rates) * self.clip_len
        results['num_clips'] = self.num_clips
        results['frame_interval'] = self.rates
        return results

    def _draw(self, total: int) -> list[np.ndarray]:
        """Frames of one moment, a clip a rate; some beyond the end of a short video."""
        spans = [(self.clip_len - 1) * rate + 1 for rate in self.rates]
        shortest = min(spans)
        start = np.random.randint(max(total - shortest, 0) + 1)
        clips = []
        for rate, span in zip(self.rates, spans, strict=True):
            centred = start - (span - shortest) // 2
            own = min(max(centred, 0), max(total - span, 0))
            clips.append(own + rate * np.arange(self.clip_len))
        return clips

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(rates={self.rates}, clip_len={self.clip_len}, '
            f'num_clips={self.num_clips})'
        )
