"""Clips at several sub-sampling rates from one reading of a video."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform, Compose

from .video_io import at_places


@TRANSFORMS.register_module()
class SampleRates(BaseTransform):
    """Sample and decode a video for several rates at once, and finish each by itself.

    Takes the place of the sampling, the decoding and all further steps of a test
    pipeline. A frame that clips of several rates need is decoded once.

    Required keys: those of the sampling step. Returns a dict with what the pipeline
    would have returned for each rate, by its string, and ``'too_short'``: by rate,
    whether the video is shorter than one clip, whose frames then start over.

    Args:
        rates: Frame intervals: every rate-th frame.
        sample: The sampling step, whose ``frame_interval`` the rates replace.
        decode: The decoding step.
        finish: The steps after it.
    """

    def __init__(
        self, rates: list[int], sample: dict, decode: dict, finish: list[dict]
    ) -> None:
        self.samplers = {
            str(rate): TRANSFORMS.build(dict(sample, frame_interval=rate))
            for rate in rates
        }
        self.decode = TRANSFORMS.build(decode)
        self.finish = Compose(finish)

    def transform(self, results: dict) -> dict:
        """Read once, return the packed clips of every rate."""
        sampled = {
            rate: sampler.transform(dict(results))
            for rate, sampler in self.samplers.items()
        }
        needed, places = np.unique(
            np.concatenate([np.ravel(s['frame_inds']) for s in sampled.values()]),
            return_inverse=True,
        )
        decoded = self.decode.transform(
            dict(next(iter(sampled.values())), frame_inds=needed)
        )
        frames = at_places(decoded['imgs'], places)

        packed, too_short = {}, {}
        for rate, clips in sampled.items():
            own = {
                key: clips[key]
                for key in ('frame_inds', 'clip_len', 'num_clips', 'frame_interval')
            }
            count = np.size(clips['frame_inds'])
            imgs, frames = frames[:count], frames[count:]
            packed[rate] = self.finish(dict(decoded, imgs=imgs, **own))
            span = (clips['clip_len'] - 1) * int(rate) + 1
            too_short[rate] = results['total_frames'] < span
        return dict(packed, too_short=too_short)
