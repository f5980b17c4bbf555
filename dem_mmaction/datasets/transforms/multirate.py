"""Clips of one moment at several sub-sampling rates, to train one network for all."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from dem_mmaction.utils import check_rates

from .sample_around import check_integers, draw_moment, frames_around


@TRANSFORMS.register_module()
class SampleMultiRate(BaseTransform):
    """Sample the same moment of a video at several sub-sampling rates.

    For :class:`FrameFlexibleRecognizer3D`; it takes the place of ``SampleFrames`` in
    training. The clip at the lowest rate lies anywhere in the video, as with
    ``SampleFrames``. Those at other rates have the same middle, or lie as near to it as
    the video reaches. A clip that is longer than its video starts with it and goes on
    from its start, as with ``SampleFrames``. With a ``centre`` it takes the place of
    ``SampleAround``: the clips of all rates have that middle, and the first or the last
    frame repeats beyond the ends of the video.

    The clips of all rates stand one behind the other as one long clip, so that steps
    that draw once a clip, such as :class:`ClipWarp`, treat all rates alike.

    Required keys: ``total_frames``, ``start_index``, and the field of the centre, if
    one is named. Added: ``frame_inds``, (num_clips * rates * clip_len,) int32,
    ``clip_len`` (that of the long clip, rates * clip_len), ``num_clips``,
    ``frame_interval`` (the rates).

    Args:
        rates: Sub-sampling rates: distances between the frames of a clip, in frames.
        clip_len: Number of frames at each rate, default 16.
        num_clips: Number of moments of a video, each drawn by itself, default 1.
        centre: Name of the field with the moment that the clips lie around, see
            :class:`SampleAround`. None, the default: they lie anywhere in the video.
        jitter: Largest number of frames by which the centre moves, default 0.

    Raises:
        ValueError: A value is no integer or too small, or a rate is given twice; in a
            sample, the centre is no moment of the video.
        KeyError: A sample has no such field.
    """

    def __init__(
        self,
        rates: Sequence[int],
        clip_len: int = 16,
        num_clips: int = 1,
        centre: str | None = None,
        jitter: int = 0,
    ) -> None:
        check_integers(1, clip_len=clip_len, num_clips=num_clips)
        check_integers(0, jitter=jitter)
        self.rates = check_rates(rates)
        self.clip_len = clip_len
        self.num_clips = num_clips
        self.centre = centre
        self.jitter = jitter

    def transform(self, results: dict) -> dict:
        """Draw the moments, and the frames of each at every rate."""
        clips = [clip for _ in range(self.num_clips) for clip in self._draw(results)]
        frames = np.concatenate(clips) + results['start_index']
        results['frame_inds'] = frames.astype(np.int32)
        results['clip_len'] = len(self.rates) * self.clip_len
        results['num_clips'] = self.num_clips
        results['frame_interval'] = self.rates
        return results

    def _draw(self, results: dict) -> list[np.ndarray]:
        """Frames of one moment, a clip a rate."""
        total = results['total_frames']
        if self.centre is not None:
            moment = draw_moment(results, self.centre, self.jitter)
            return [
                frames_around(moment, rate, self.clip_len, total) for rate in self.rates
            ]
        spans = [(self.clip_len - 1) * rate + 1 for rate in self.rates]
        shortest = min(spans)
        start = np.random.randint(max(total - shortest, 0) + 1)
        clips = []
        for rate, span in zip(self.rates, spans, strict=True):
            centred = start - (span - shortest) // 2
            own = min(max(centred, 0), max(total - span, 0))
            clips.append((own + rate * np.arange(self.clip_len)) % total)
        return clips

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(rates={self.rates}, clip_len={self.clip_len}, '
            f'num_clips={self.num_clips}, centre={self.centre!r}, '
            f'jitter={self.jitter})'
        )
